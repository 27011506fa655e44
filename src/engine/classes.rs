//! The classes of bytes that tell words, runs and changes of case, and what 64 of them say.

use super::masks::Step;

/// Class bits: [`PUNCTUATION`], [`DIGIT`], [`UPPER`] (two), [`LOWER`] (two), [`UNDERSCORE`]. A byte has the bits that
/// the entry of its low nibble and that of its high nibble share.
pub(super) const CLASS_LOW: [u8; 16] = class_low();
pub(super) const CLASS_HIGH: [u8; 16] = [0, 0, 1, 2, 4, 8 | 64, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0];
pub(super) const PUNCTUATION: u8 = 1;
pub(super) const DIGIT: u8 = 2;
pub(super) const UPPER: u8 = 4 | 8;
pub(super) const LOWER: u8 = 16 | 32;
const UNDERSCORE: u8 = 64;

const fn class_low() -> [u8; 16] {
    let mut table = [0; 16];
    let mut low = 0;
    while low < 16 {
        let mut bits = 0;
        if low == 0xB || low >= 0xD {
            bits |= PUNCTUATION;
        }
        if low <= 9 {
            bits |= DIGIT;
        }
        if low >= 1 {
            bits |= 4 | 16;
        }
        if low <= 0xA {
            bits |= 8 | 32;
        }
        if low == 0xF {
            bits |= UNDERSCORE;
        }
        table[low] = bits;
        low += 1;
    }
    table
}

/// The class bits of a byte.
pub(super) const fn class_of(byte: u8) -> u8 {
    CLASS_LOW[(byte & 15) as usize] & CLASS_HIGH[(byte >> 4) as usize]
}

/// Whether a byte may stand in a token: `[A-Za-z0-9_+/.-]`.
#[inline]
#[must_use]
pub const fn is_token(byte: u8) -> bool {
    class_of(byte) != 0
}

/// Whether a byte is a word character: `[A-Za-z0-9_]`.
#[inline]
#[must_use]
pub const fn is_word(byte: u8) -> bool {
    class_of(byte) & !PUNCTUATION != 0
}

/// The classes of 64 bytes, a bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Classes {
    pub(super) token: u64,
    pub(super) digit: u64,
    pub(super) upper: u64,
    pub(super) lower: u64,
    pub(super) word: u64,
}

/// The classes of the byte in front of 64, each 0 or 1.
///
/// Kept as numbers of their own: a shift of one mask into another is an instruction that takes some processors several cycles,
/// and half a dozen of them were a third of the whole scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    digit: u64,
    upper: u64,
    lower: u64,
    word: u64,
}

impl Edge {
    /// Of a byte.
    pub(super) const fn of(byte: u8) -> Self {
        let class = class_of(byte);
        Self {
            digit: (class & DIGIT != 0) as u64,
            upper: (class & UPPER != 0) as u64,
            lower: (class & LOWER != 0) as u64,
            word: (class & !PUNCTUATION != 0) as u64,
        }
    }
}

impl Classes {
    /// What the bytes behind these need to know.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the callers is compiled with more instructions than the rest")]
    pub(super) const fn edge(&self) -> Edge {
        Edge { digit: self.digit >> 63, upper: self.upper >> 63, lower: self.lower >> 63, word: self.word >> 63 }
    }

    /// What is kept of them.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the callers is compiled with more instructions than the rest")]
    pub(super) const fn step(&self, before: Edge) -> Step {
        let digit_before = self.digit << 1 | before.digit;
        let upper_before = self.upper << 1 | before.upper;
        let lower_before = self.lower << 1 | before.lower;
        let named = self.digit | self.upper | self.lower;
        let both = named & (digit_before | upper_before | lower_before);
        let same = self.digit & digit_before | self.upper & upper_before | self.lower & lower_before;
        Step { token: self.token, changes: both & !same, digit: self.digit, sign: self.token & !named }
    }

    /// Where a word begins that goes on for [`RUN`](super::simd::RUN) token characters; `next` are those of the 64 bytes behind.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the callers is compiled with more instructions than the rest")]
    pub(super) const fn starts(&self, before: Edge, next: u64) -> u64 {
        let word_before = self.word << 1 | before.word;
        runs_of_sixteen(self.token, next) & self.word & !word_before
    }
}

/// Positions from which 16 bits are set, of 128 given as two halves.
#[inline(always)]
#[expect(clippy::inline_always, reason = "one of the callers is compiled with more instructions than the rest")]
const fn runs_of_sixteen(current: u64, next: u64) -> u64 {
    #[inline(always)]
    const fn in_one(mut bits: u64) -> u64 {
        bits &= bits >> 1;
        bits &= bits >> 2;
        bits &= bits >> 4;
        bits & bits >> 8
    }
    // Those that begin in the upper half of the first are within 64 of its middle.
    in_one(current) | in_one(current >> 32 | next << 32) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_the_documented_ones() {
        for byte in 0..=u8::MAX {
            let word = byte.is_ascii_alphanumeric() || byte == b'_';
            assert_eq!(is_word(byte), word, "{byte:#x}");
            assert_eq!(is_token(byte), word || b"+/.-".contains(&byte), "{byte:#x}");
            assert_eq!(is_token(byte), crate::rule::place::is_token(byte), "{byte:#x}");
        }
    }
}
