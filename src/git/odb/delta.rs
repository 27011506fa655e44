//! Deltas: how one object is made from another, and which of its bytes are old.
//!
//! Format: <https://git-scm.com/docs/gitformat-pack>, "Deltified representation". Two sizes, then instructions: copy a
//! range of the base, or insert the bytes that follow.

use crate::text::Copied;

/// Objects larger than this are not built from deltas: no memory of ours is a file's to take. 2 GiB.
pub const LARGEST: usize = 2 << 30;

/// What is wrong with a delta. The repository is damaged, or hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// It ends in the middle of a number or an instruction.
    #[error("its delta is cut off")]
    Truncated,
    /// It was made for a base of another size.
    #[error("its delta belongs to another base")]
    WrongBase,
    /// It makes more or fewer bytes than it says.
    #[error("its delta does not make the size that it says")]
    WrongSize,
    /// It copies bytes that the base does not have, or uses the reserved instruction.
    #[error("its delta has an instruction that cannot be followed")]
    BadInstruction,
    /// It says that it makes more than [`LARGEST`].
    #[error("it is larger than 2 GiB")]
    TooLarge,
}

/// The size of the object that a delta makes, in bytes.
///
/// # Errors
/// The delta is cut off, or makes too much.
pub fn result_size(delta: &[u8]) -> Result<usize, DeltaError> {
    let mut at = 0;
    number(delta, &mut at)?;
    number(delta, &mut at)
}

/// Applies a delta: fills `out` with the object and `copied` with those of its bytes that come from the base, in order. Copies that
/// go on where the one before ended are one range; what lies between two ranges was inserted.
///
/// # Errors
/// What is wrong with it; `out` and `copied` are then of no use.
pub fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>, copied: &mut Vec<Copied>) -> Result<(), DeltaError> {
    copied.clear();
    let mut at = 0;
    if number(delta, &mut at)? != base.len() {
        return Err(DeltaError::WrongBase);
    }
    let size = number(delta, &mut at)?;
    // What is there of another object is overwritten; all of it, as the size is compared at the end.
    out.resize(size, 0);
    let mut end = 0;
    while at < delta.len() {
        let code = delta[at];
        at += 1;
        let (from, first, length) = if code & 0x80 != 0 {
            let (first, length) = copy_of(delta, &mut at, code)?;
            if length > size - end {
                return Err(DeltaError::WrongSize);
            }
            push(copied, end, length, first);
            (base, first, length)
        } else if code != 0 {
            at += usize::from(code);
            (delta, at - usize::from(code), usize::from(code))
        } else {
            return Err(DeltaError::BadInstruction);
        };
        let error = if code & 0x80 != 0 { DeltaError::BadInstruction } else { DeltaError::Truncated };
        let last = first.checked_add(length).filter(|&last| last <= from.len()).ok_or(error)?;
        if length > size - end {
            return Err(DeltaError::WrongSize);
        }
        match (out.get_mut(end..end + SHORT), from.get(first..first + SHORT)) {
            // Most are short: a copy of fixed length is far cheaper, and the bytes too many are overwritten by what follows.
            (Some(out), Some(from)) if length <= SHORT => out.copy_from_slice(from),
            _ => out[end..end + length].copy_from_slice(&from[first..last]),
        }
        end += length;
    }
    if end == size { Ok(()) } else { Err(DeltaError::WrongSize) }
}

/// Bytes that are copied at once.
const SHORT: usize = 32;

/// All of it lies below [`LARGEST`], or is refused by the one who calls.
fn push(copied: &mut Vec<Copied>, start: usize, length: usize, base: usize) {
    let (start, length, base) = (start as u32, length as u32, base as u32);
    match copied.last_mut() {
        Some(last) if last.end() == start && last.base_end() == base => last.length += length,
        _ => copied.push(Copied { start, length, base }),
    }
}

/// Offset and length of a copy instruction: only the bytes that are not zero are written. Which these are, nobody can foresee, a
/// processor neither: so nothing branches on it.
fn copy_of(delta: &[u8], at: &mut usize, code: u8) -> Result<(usize, usize), DeltaError> {
    const AHEAD: usize = 8;
    let written = (code & 0x7F).count_ones() as usize;
    let mut bytes = if let Some(ahead) = delta.get(*at..*at + AHEAD) {
        u64::from_le_bytes(ahead.try_into().unwrap_or_default())
    } else {
        let rest = delta.get(*at..*at + written).ok_or(DeltaError::Truncated)?;
        rest.iter().rev().fold(0, |bytes, &byte| bytes << 8 | u64::from(byte))
    };
    *at += written;
    let mut value = 0u64;
    for bit in 0..7 {
        let is_written = u64::from(code >> bit & 1);
        value |= (bytes & (is_written * 0xFF)) << (8 * bit);
        bytes >>= 8 * is_written;
    }
    let (offset, length) = ((value & 0xFFFF_FFFF) as usize, (value >> 32) as usize);
    Ok((offset, if length == 0 { 0x1_0000 } else { length }))
}

/// A size: seven bits a byte, the lowest first.
fn number(delta: &[u8], at: &mut usize) -> Result<usize, DeltaError> {
    let (mut value, mut shift) = (0usize, 0u32);
    loop {
        let byte = *delta.get(*at).ok_or(DeltaError::Truncated)?;
        *at += 1;
        if shift > 35 {
            return Err(DeltaError::TooLarge);
        }
        value |= usize::from(byte & 0x7F) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    if value > LARGEST { Err(DeltaError::TooLarge) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn copies_and_inserts_make_the_object() {
        let base = b"0123456789";
        // Base 10, result 8: copy 2..6, insert "ab", copy 6..8.
        let delta = [10, 8, 0x91, 2, 4, 2, b'a', b'b', 0x91, 6, 2];
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        apply(base, &delta, &mut out, &mut copied).expect("it is sound");
        assert_eq!(out, b"2345ab67");
        assert_eq!(copied, [Copied { start: 0, length: 4, base: 2 }, Copied { start: 6, length: 2, base: 6 }]);
        assert_eq!(result_size(&delta), Ok(8));
    }

    #[test]
    fn a_broken_delta_is_refused() {
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        let mut refuse = |delta: &[u8], error| {
            assert_eq!(apply(b"0123456789", delta, &mut out, &mut copied), Err(error), "{delta:?}");
        };
        refuse(&[], DeltaError::Truncated);
        refuse(&[9, 1, 1, b'a'], DeltaError::WrongBase);
        refuse(&[10, 1, 0], DeltaError::BadInstruction);
        refuse(&[10, 4, 0x91, 8, 4], DeltaError::BadInstruction);
        refuse(&[10, 1, 2, b'a', b'b'], DeltaError::WrongSize);
        refuse(&[10, 5, 1, b'a'], DeltaError::WrongSize);
        refuse(&[10, 5, 3, b'a'], DeltaError::Truncated);
        refuse(&[10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], DeltaError::TooLarge);
    }

    proptest! {
        #[test]
        fn no_delta_makes_it_panic(delta in prop::collection::vec(any::<u8>(), 0..60), base in prop::collection::vec(any::<u8>(), 0..40)) {
            // Of whatever was made before, nothing is left.
            let (mut out, mut copied) = (vec![b'?'; 100], Vec::new());
            let mut delta = delta;
            if let Some(first) = delta.first_mut() {
                *first = base.len() as u8;
            }
            if apply(&base, &delta, &mut out, &mut copied).is_ok() {
                let mut end = 0;
                for range in &copied {
                    prop_assert!(range.start >= end && range.length > 0);
                    end = range.end();
                    let of_base = &base[range.base as usize..range.base_end() as usize];
                    prop_assert_eq!(&out[range.start as usize..end as usize], of_base);
                }
                prop_assert!(end as usize <= out.len());
            }
        }
    }
}
