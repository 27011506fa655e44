//! The way from decoded bytes back to the text they were decoded from.

use crate::text::encoding::OffsetMap;
use std::ops::Range;

/// How the bytes of a layer lie in the encoded text.
#[derive(Debug, Clone)]
pub(super) enum Map {
    /// A stream of digits.
    Digits(Digits),
    /// A stream of digits for UTF-16, which the layer holds as UTF-8.
    Wide(Digits, Wide),
    /// Characters of which some are escaped.
    Pieces(Pieces),
}

impl Map {
    /// The smallest range of the text that holds the bytes `from..to` of the layer's `bytes`; `from < to` lie in them.
    pub(super) fn encoded(&self, bytes: &[u8], from: usize, to: usize) -> Range<usize> {
        match self {
            Self::Digits(digits) => digits.encoded(from, to),
            Self::Wide(digits, wide) => {
                let from = wide.map.original(bytes, from);
                let to = wide.map.original(bytes, to).max(from + 2);
                digits.encoded(wide.skipped + from, wide.skipped + to)
            }
            Self::Pieces(pieces) => pieces.encoded(from, to),
        }
    }
}

/// The step from UTF-8 to the bytes that the digits stand for.
#[derive(Debug, Clone)]
pub(super) struct Wide {
    /// Bytes before the first character.
    pub(super) skipped: usize,
    /// The way from the UTF-8 to the bytes behind these.
    pub(super) map: OffsetMap,
}

/// Where the digits of a stream lie: 8 bytes for each line.
#[derive(Debug, Clone)]
pub(super) struct Digits {
    /// Bits of a digit: 6 or 4.
    bits: usize,
    /// The offset of the first digit in the text.
    start: usize,
    /// For each unbroken stretch of digits, how many there are before it and how far from `start` it begins.
    lines: Vec<(u32, u32)>,
    /// How many digits there are.
    count: usize,
    /// Behind the last digit.
    end: usize,
}

impl Digits {
    /// No digits yet; the first will be at `start`, and each has so many bits.
    pub(super) const fn new(start: usize, bits: usize) -> Self {
        Self { bits, start, lines: Vec::new(), count: 0, end: usize::MAX }
    }

    /// Adds the digit at this offset of the text, which is behind all others.
    #[inline]
    pub(super) fn push(&mut self, at: usize) {
        if at != self.end {
            // The limits on the size of a layer and on gaps keep both below 2^32.
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            self.lines.push((number(self.count), number(at - self.start)));
        }
        self.count += 1;
        self.end = at + 1;
    }

    /// Where the digits lie that hold the bytes `from..to`.
    fn encoded(&self, from: usize, to: usize) -> Range<usize> {
        let last = (8 * to).div_ceil(self.bits).clamp(1, self.count.max(1)) - 1;
        let first = (8 * from / self.bits).min(last);
        self.offset(first)..self.offset(last) + 1
    }

    /// Where a digit lies in the text.
    fn offset(&self, digit: usize) -> usize {
        let line = self.lines.partition_point(|&(before, _)| before as usize <= digit);
        let (before, at) = line.checked_sub(1).and_then(|line| self.lines.get(line)).copied().unwrap_or_default();
        self.start + at as usize + digit - before as usize
    }
}

/// A stretch of characters that are all written in the same number of bytes.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it begins among the decoded bytes.
    decoded: u32,
    /// Where it begins, from the beginning of the layer's text.
    encoded: u32,
    /// Decoded bytes of each character.
    wide: u8,
    /// Encoded bytes of each character.
    long: u8,
}

/// Where escaped and plain characters lie: at most 12 bytes for each decoded byte, far less for most texts.
#[derive(Debug, Clone)]
pub(super) struct Pieces {
    /// The offset of the first character in the text.
    start: usize,
    pieces: Vec<Piece>,
}

impl Pieces {
    /// No characters yet; the first will be at `start` of the text.
    pub(super) const fn new(start: usize) -> Self {
        Self { start, pieces: Vec::new() }
    }

    /// Adds a character of `wide` decoded bytes, of which the first is the byte `decoded`, that is written in the
    /// `long` bytes of the text from `at` on. Characters come in order and without gaps; both sizes are 1 to 255.
    #[inline]
    pub(super) fn push(&mut self, decoded: usize, wide: usize, at: usize, long: usize) {
        let size = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        // A layer of this form is at most 2 * REACH bytes of text.
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (wide, long) = (size(wide), size(long));
        if self.pieces.last().is_none_or(|last| (last.wide, last.long) != (wide, long)) {
            self.pieces.push(Piece { decoded: number(decoded), encoded: number(at - self.start), wide, long });
        }
    }

    /// Where the characters lie that hold the bytes `from..to`.
    fn encoded(&self, from: usize, to: usize) -> Range<usize> {
        self.character(from).start..self.character(to.saturating_sub(1)).end
    }

    /// Where the character lies that holds a decoded byte.
    fn character(&self, byte: usize) -> Range<usize> {
        let piece = self.pieces.partition_point(|piece| piece.decoded as usize <= byte);
        let Some(piece) = piece.checked_sub(1).and_then(|piece| self.pieces.get(piece)) else {
            return self.start..self.start;
        };
        let long = usize::from(piece.long);
        let number = (byte - piece.decoded as usize) / usize::from(piece.wide.max(1));
        let at = self.start + piece.encoded as usize + number * long;
        at..at + long
    }
}
