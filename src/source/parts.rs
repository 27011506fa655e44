//! A stream in parts: small ones whole, large ones in overlapping pieces, so that memory stays bounded.

use crate::candidate::MARGIN;
use std::io::{self, Read};
use std::ops::Range;

/// Bytes of a part that are its own; a text that is not larger is one part.
pub const PART: usize = 16 * 1024 * 1024;

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
    buffer: Vec<u8>,
}

impl Parts {
    /// Reads everything, and hands out each part. `expected` is the size in bytes, where it is known.
    ///
    /// # Errors
    /// The stream broke; the parts read before were handed out.
    pub fn each(
        &mut self,
        mut stream: impl Read,
        expected: u64,
        mut visit: impl FnMut(Part<'_>) -> bool,
    ) -> Result<u64, ReadError> {
        let room = usize::try_from(expected).unwrap_or(PART).min(PART + MARGIN) + 1;
        self.buffer.clear();
        let mut total = 0u64;
        let mut own_start = 0;
        let mut is_first = true;
        loop {
            let wanted = own_start + PART + MARGIN;
            let more = fill(&mut stream, &mut self.buffer, wanted, room)?;
            total += more as u64;
            let is_last = self.buffer.len() < wanted;
            let own_end = if is_last { self.buffer.len() } else { own_start + PART };
            let goes_on = visit(Part { bytes: &self.buffer, own: own_start..own_end, is_first });
            if is_last || !goes_on {
                self.give_back();
                return Ok(total);
            }
            // The next part begins with the end of this one, and with what was read ahead.
            let keep = own_end - MARGIN.min(own_end);
            self.buffer.copy_within(keep.., 0);
            self.buffer.truncate(self.buffer.len() - keep);
            own_start = own_end - keep;
            is_first = false;
        }
    }

    /// A buffer that one large file has grown is not kept for the small ones.
    fn give_back(&mut self) {
        if self.buffer.capacity() > 4 * 1024 * 1024 {
            self.buffer = Vec::new();
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

/// Reads until the buffer holds `wanted` bytes or the stream ends; `room` is a first guess of how much there is.
fn fill(stream: &mut impl Read, buffer: &mut Vec<u8>, wanted: usize, room: usize) -> Result<usize, ReadError> {
    let missing = wanted.saturating_sub(buffer.len());
    buffer.reserve(room.min(missing));
    Ok(stream.take(missing as u64).read_to_end(buffer)?)
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
