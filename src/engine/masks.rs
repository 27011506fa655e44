//! What the vector search gives, and what it searches for: lists of places, masks of 64 bytes, and windows of literals.

use super::simd::{STEP, WINDOW};
use std::ops::Range;

/// Places in a text, written without a branch for each: how many there are in 64 bytes cannot be foreseen.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Places {
    list: Vec<u32>,
    length: usize,
}

impl Places {
    /// Bits that are written at once, whether there are so many or not.
    const AT_ONCE: usize = 4;

    /// Makes it empty, with room for the places of `bytes` bytes.
    pub(super) fn clear(&mut self, bytes: usize) {
        self.length = 0;
        if self.list.len() < bytes + Self::AT_ONCE {
            self.list.resize(bytes + Self::AT_ONCE, 0);
        }
    }

    /// Adds the bits that are set, in ascending order.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the two callers is compiled with more instructions than the rest")]
    pub(super) fn add(&mut self, offset: u32, mut bits: u64) {
        let mut at = self.length;
        self.length += bits.count_ones() as usize;
        loop {
            let Some(four) = self.list.get_mut(at..).and_then(<[u32]>::first_chunk_mut::<{ Self::AT_ONCE }>) else {
                return;
            };
            for place in four {
                *place = offset + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
            at += Self::AT_ONCE;
            if bits == 0 {
                return;
            }
        }
    }

    /// Keeps those for which it holds, without a branch for each.
    #[inline]
    pub fn retain(&mut self, mut holds: impl FnMut(u32) -> bool) {
        let mut kept = 0;
        let list = &mut self.list[..self.length];
        for at in 0..list.len() {
            let place = list[at];
            list[kept] = place;
            kept += usize::from(holds(place));
        }
        self.length = kept;
    }

    /// Them, in ascending order.
    #[must_use]
    pub fn list(&self) -> &[u32] {
        &self.list[..self.length]
    }
}

/// What the scan of a text gives. Its memory is used again by the next one.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Masks {
    /// A word begins here (the byte before is no word character), and at least [`RUN`](super::simd::RUN) token characters follow.
    pub starts: Places,
    /// The bytes from here may be those of a literal.
    pub literals: Places,
    /// For each step and one more.
    pub(super) steps: Vec<Step>,
}

/// A bit for each of 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// It is a token character.
    pub(super) token: u64,
    /// It is a letter or digit of another class (digit, lower case, upper case) than the letter or digit before it.
    pub(super) changes: u64,
    /// A part of a name begins with it: a word character after anything but a letter, a hump (`aB`), or a digit.
    pub(super) parts: u64,
}

impl Masks {
    pub(super) fn clear(&mut self, bytes: usize) {
        self.starts.clear(bytes);
        self.literals.clear(bytes);
        self.steps.clear();
        self.steps.reserve(bytes / STEP + 2);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the two callers is compiled with more instructions than the rest")]
    pub(super) fn push(&mut self, offset: u32, step: Step, starts: u64, literals: u64) {
        self.steps.push(step);
        self.starts.add(offset, starts);
        self.literals.add(offset, literals);
    }

    /// Whether there are three or more changes of class behind `start`, in a run of token characters and among its first
    /// `look` (at most 64) bytes.
    #[inline]
    #[must_use]
    pub fn has_three_changes(&self, start: u32, look: u32) -> bool {
        let (step, bit) = (start as usize / STEP, start % STEP as u32);
        let Some([here, next]) = self.steps.get(step..).and_then(<[Step]>::first_chunk::<2>) else { return true };
        let both = |first: u64, second: u64, by: u32| ((u128::from(first) | u128::from(second) << 64) >> by) as u64;
        let length = both(here.token, next.token, bit).trailing_ones().clamp(1, look);
        // Of the first byte's own change nothing is known to follow: it is no part of the run's inside.
        let inside = both(here.changes, next.changes, bit) & (u64::MAX >> (64 - length)) & !1;
        // Three are more than is left when the lowest bit was taken away twice; counting needs an instruction of its own.
        let two_less = |bits: u64| {
            let bits = bits & bits.wrapping_sub(1);
            bits & bits.wrapping_sub(1)
        };
        two_less(inside) != 0
    }

    /// How many bytes from the beginning are known.
    #[must_use]
    pub fn known(&self) -> usize {
        self.steps.len() * STEP
    }

    /// Hands out where parts of names begin in a range of what is known.
    #[inline]
    pub fn each_part(&self, within: Range<usize>, mut visit: impl FnMut(usize)) {
        let mut at = within.start;
        while at < within.end {
            let (first, end) = (at / STEP * STEP, within.end.min(at / STEP * STEP + STEP));
            let Some(step) = self.steps.get(at / STEP) else { return };
            let mut bits = step.parts & (u64::MAX << (at - first)) & (u64::MAX >> (first + STEP - end));
            while bits != 0 {
                visit(first + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
            at = end;
        }
    }
}

/// Which literals' windows a nibble at each place fits: one bit for each of eight buckets.
#[derive(Debug, Clone)]
pub struct Windows {
    pub(super) low: [[u8; 16]; WINDOW],
    pub(super) high: [[u8; 16]; WINDOW],
}

impl Windows {
    /// No window fits anything.
    #[must_use]
    pub const fn new() -> Self {
        Self { low: [[0; 16]; WINDOW], high: [[0; 16]; WINDOW] }
    }

    /// Lets a window of ASCII fit, letters in either case, in a bucket of 0 to 7. `None` is any byte, at the last place
    /// only: at the others no byte of 0x80 or more fits.
    #[expect(clippy::single_match_else, reason = "the two arms are of equal weight")]
    pub fn add(&mut self, window: [Option<u8>; WINDOW], bucket: u32) {
        let bit = 1 << (bucket & 7);
        for (place, byte) in window.into_iter().enumerate() {
            match byte {
                Some(byte) => {
                    for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
                        self.low[place][usize::from(byte & 15)] |= bit;
                        self.high[place][usize::from(byte >> 4)] |= bit;
                    }
                }
                None => {
                    self.low[place].iter_mut().for_each(|buckets| *buckets |= bit);
                    self.high[place].iter_mut().for_each(|buckets| *buckets |= bit);
                }
            }
        }
    }

    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        let mut buckets = 0xFF;
        for (place, byte) in bytes.iter().enumerate() {
            let low = if place + 1 < WINDOW && !byte.is_ascii() { 0 } else { self.low[place][usize::from(byte & 15)] };
            buckets &= low & self.high[place][usize::from(byte >> 4)];
        }
        buckets != 0
    }
}

impl Default for Windows {
    fn default() -> Self {
        Self::new()
    }
}
