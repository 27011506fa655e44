//! Offsets to lines and columns.
//!
//! One code path for every source. Lines end at `\n`; a `\r` before it is the last column of its line. Columns
//! count Unicode scalar values; a byte that is no UTF-8 counts as one.

use memchr::memchr_iter;

/// A 1-based place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based line.
    pub line: u64,
    /// 1-based column in Unicode scalar values.
    pub column: u64,
}

/// Finds the position of offsets in one text; offsets that come in ascending order cost one pass in all.
#[derive(Debug)]
pub struct Locator<'a> {
    text: &'a [u8],
    offset: usize,
    position: Position,
}

impl<'a> Locator<'a> {
    /// `start` is the position of the text's first byte: (1, 1), unless it is a later part of a file.
    #[must_use]
    pub const fn new(text: &'a [u8], start: Position) -> Self {
        Self { text, offset: 0, position: start }
    }

    /// The position of `offset`, which is cut to the length of the text.
    pub fn position(&mut self, offset: usize, start: Position) -> Position {
        let offset = offset.min(self.text.len());
        if offset < self.offset {
            (self.offset, self.position) = (0, start);
        }
        let passed = &self.text[self.offset..offset];
        let mut last_line_end = None;
        let mut lines = 0;
        for at in memchr_iter(b'\n', passed) {
            last_line_end = Some(at);
            lines += 1;
        }
        match last_line_end {
            None => self.position.column += scalars(passed),
            Some(at) => {
                self.position.line += lines;
                self.position.column = 1 + scalars(&passed[at + 1..]);
            }
        }
        self.offset = offset;
        self.position
    }
}

/// How many Unicode scalar values the bytes hold, a byte that is no UTF-8 counting as one.
fn scalars(bytes: &[u8]) -> u64 {
    let count: usize = bytes
        .utf8_chunks()
        .map(|chunk| {
            // Counting the bytes that begin a character vectorises; counting `char`s does not.
            let valid = chunk.valid().as_bytes().iter().filter(|&&b| b & 0xC0 != 0x80).count();
            valid + chunk.invalid().len()
        })
        .sum();
    count as u64
}

/// The offset of a position in a whole text; `None` where the text has no such place.
#[must_use]
pub fn offset(text: &[u8], position: Position) -> Option<usize> {
    let mut start = 0;
    for _ in 1..position.line {
        start += memchr::memchr(b'\n', text.get(start..)?)? + 1;
    }
    let mut left = usize::try_from(position.column).ok()?.checked_sub(1)?;
    let line = &text[start..];
    let mut at = 0;
    for chunk in line.utf8_chunks() {
        for c in chunk.valid().chars() {
            if left == 0 {
                return Some(start + at);
            }
            (left, at) = (left - 1, at + c.len_utf8());
        }
        let bad = chunk.invalid().len();
        if left < bad {
            return Some(start + at + left);
        }
        (left, at) = (left - bad, at + bad);
    }
    (left == 0).then_some(start + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Position = Position { line: 1, column: 1 };

    fn naive(text: &[u8], offset: usize) -> Position {
        let before = &text[..offset];
        let line = before.split(|&b| b == b'\n').count() as u64;
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let column = before[line_start..]
            .utf8_chunks()
            .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
            .sum::<usize>() as u64;
        Position { line, column: column + 1 }
    }

    proptest! {
        #[test]
        fn equals_a_naive_counter(text in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
                                  mut offsets in prop::collection::vec(0usize..200, 1..10), sorted: bool) {
            for offset in &mut offsets {
                *offset = (*offset).min(text.len());
            }
            // A cut inside a character is counted byte by byte by both, but not alike when the pass is split there.
            offsets.retain(|&offset| offset == text.len() || text[offset] & 0xC0 != 0x80);
            if sorted { offsets.sort_unstable(); }
            let text: Vec<u8> = String::from_utf8_lossy(&text).replace('\u{fffd}', "?").into_bytes();
            let mut locator = Locator::new(&text, START);
            for offset in offsets.into_iter().filter(|&offset| offset <= text.len()).filter(|&o| o == text.len() || text[o] & 0xC0 != 0x80) {
                prop_assert_eq!(locator.position(offset, START), naive(&text, offset));
            }
        }
    }

    #[test]
    fn a_position_leads_back_to_its_offset() {
        let text = "é\u{1F511}x\n".as_bytes().iter().copied().chain([0xFF, b'y']).collect::<Vec<u8>>();
        for at in [0, 2, 6, 7, 8, 9, 10] {
            assert_eq!(offset(&text, naive(&text, at)), Some(at), "{at}");
        }
        assert_eq!(offset(&text, Position { line: 3, column: 1 }), None);
        assert_eq!(offset(&text, Position { line: 2, column: 9 }), None);
    }

    #[test]
    fn counts_scalars_and_bad_bytes() {
        let text = "é\u{1F511}x\n".as_bytes().iter().copied().chain([0xFF, b'y']).collect::<Vec<u8>>();
        let mut locator = Locator::new(&text, START);
        assert_eq!(locator.position(6, START), Position { line: 1, column: 3 });
        assert_eq!(locator.position(9, START), Position { line: 2, column: 2 });
    }
}
