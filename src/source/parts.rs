//! A stream in parts: small ones whole, large ones in overlapping pieces, so that memory stays bounded.

use crate::candidate::MARGIN;
use std::io::{self, Read};
use std::ops::Range;

/// Bytes of a part that are its own; a text that is not larger is one part. So few that a worker can keep its buffer.
pub const PART: usize = 4 * 1024 * 1024;

/// A piece of a text, with the bytes around it that belong to its neighbours.
#[derive(Debug)]
pub struct Part<'b> {
    /// The bytes.
    pub bytes: &'b [u8],
    /// Which of them are this part's own.
    pub own: Range<usize>,
    /// Whether it is the beginning of the text.
    pub is_first: bool,
}

/// A read that failed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ReadError(#[from] pub io::Error);

/// Reads a stream part by part into a buffer that is kept for the next one.
#[derive(Debug, Default)]
pub struct Parts {
    /// As large as anything that was read so far; what lies behind the bytes of the text is of no meaning.
    buffer: Vec<u8>,
}

/// Room for a text whose size is not known.
const ROOM: usize = 64 * 1024;

impl Parts {
    /// Reads everything, and hands out each part. `expected` is the size in bytes, where it is known (else 0): what is
    /// there when so many were read belongs to a later state of the file, and is not asked for.
    ///
    /// # Errors
    /// The stream broke; the parts read before were handed out.
    pub fn each(
        &mut self,
        mut stream: impl Read,
        expected: u64,
        mut visit: impl FnMut(Part<'_>) -> bool,
    ) -> Result<u64, ReadError> {
        let mut total = 0u64;
        let (mut filled, mut own_start) = (0, 0);
        let mut is_first = true;
        loop {
            let wanted = own_start + PART + MARGIN;
            let mut is_last = false;
            while filled < wanted && !is_last {
                if filled == self.buffer.len() {
                    let missing = usize::try_from(expected - total.min(expected)).unwrap_or(PART);
                    let more = if missing > 0 { missing } else { ROOM.max(filled) };
                    self.buffer.resize(wanted.min(filled.saturating_add(more)), 0);
                }
                let limit = wanted.min(self.buffer.len());
                let read = match stream.read(&mut self.buffer[filled..limit]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read?,
                };
                filled += read;
                total += read as u64;
                is_last = read == 0 || total == expected;
            }
            let own_end = if is_last { filled } else { own_start + PART };
            let goes_on = visit(Part { bytes: &self.buffer[..filled], own: own_start..own_end, is_first });
            if is_last || !goes_on {
                return Ok(total);
            }
            // The next part begins with the end of this one, and with what was read ahead.
            let keep = own_end - MARGIN.min(own_end);
            self.buffer.copy_within(keep..filled, 0);
            filled -= keep;
            own_start = own_end - keep;
            is_first = false;
        }
    }
}

/// The parts of a text that is in memory already.
pub fn slices(bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let starts = (0..bytes.len().max(1)).step_by(PART);
    starts.map(|start| {
        let end = bytes.len().min(start + PART);
        let (first, last) = (start.saturating_sub(MARGIN), bytes.len().min(end + MARGIN));
        Part { bytes: &bytes[first..last], own: start - first..end - first, is_first: start == 0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_text_is_one_part() {
        let mut seen = Vec::new();
        let total = Parts::default()
            .each(&b"abc"[..], 3, |part| {
                seen.push((part.bytes.to_vec(), part.own, part.is_first));
                true
            })
            .expect("memory can be read");
        assert_eq!((total, seen), (3, vec![(b"abc".to_vec(), 0..3, true)]));
    }

    #[test]
    fn a_text_of_unknown_or_wrong_size_is_read_to_its_end() {
        let text: Vec<u8> = (0..PART + 2 * MARGIN).map(|at| (at % 249) as u8).collect();
        for (size, expected) in [(ROOM, 0), (ROOM + 1, 0), (text.len(), 0), (0, 0), (100, 200), (PART + MARGIN, 0)] {
            let mut owned = Vec::new();
            let mut parts = Parts::default();
            // The buffer of a larger text must not show.
            parts.each(&text[..1000], 1000, |_| true).expect("memory can be read");
            let total = parts.each(&text[..size], expected, |part| {
                owned.extend_from_slice(&part.bytes[part.own]);
                true
            });
            assert_eq!(total.expect("memory can be read"), size as u64);
            assert!(owned == text[..size]);
        }
    }

    #[test]
    fn own_bytes_cover_a_large_text_once() {
        let text: Vec<u8> = (0..PART * 2 + PART / 2).map(|at| (at % 251) as u8).collect();
        let mut owned = Vec::new();
        Parts::default()
            .each(&text[..], text.len() as u64, |part| {
                owned.extend_from_slice(&part.bytes[part.own.clone()]);
                let behind = part.bytes.len() - part.own.end;
                assert!(behind == MARGIN || owned.len() + behind == text.len());
                assert!(part.is_first || part.own.start == MARGIN);
                true
            })
            .expect("memory can be read");
        assert!(owned == text);
        let mut sliced = Vec::new();
        for part in slices(&text) {
            sliced.extend_from_slice(&part.bytes[part.own.clone()]);
            assert!(part.is_first || part.own.start == MARGIN);
        }
        assert!(sliced == text);
        assert_eq!(slices(b"").count(), 1);
    }
}
