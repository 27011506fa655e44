//! What the vector search gives, and what it searches for: lists of places, masks of 64 bytes, and windows of literals.

use super::simd::{RUN, STEP, WINDOW};
use super::word::{FEW_CHANGES, LOOK};

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
    /// It is a digit.
    pub(super) digit: u64,
    /// It is a token character, but neither letter nor digit.
    pub(super) sign: u64,
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

    /// Keeps the starts for which it holds, and those of what may be a value, without a branch for each.
    pub fn retain_starts(&mut self, mut holds: impl FnMut(u32) -> bool) {
        let Self { starts, steps, .. } = self;
        starts.retain(|start| holds(start) | may_be_value(steps, start));
    }

    /// Whether the run that begins at `start` is no name, as [`is_plain_identifier`] tells from the text; `None` where the masks
    /// do not reach far enough, or dashes have to be looked at.
    #[must_use]
    pub fn is_name(&self, start: u32) -> Option<bool> {
        let run = Run::at(&self.steps, start)?;
        // A bit for each change of class. The part of the run in which it lies begins behind the last sign before it.
        let (mut changes, mut all) = (run.changes, 0);
        let (mut part, mut count) = (0, 0);
        while changes != 0 {
            let at = changes.trailing_zeros();
            changes &= changes - 1;
            let begin = u64::BITS - (run.sign & ((1 << at) - 1)).leading_zeros();
            count = if begin == part { count + 1 } else { 1 };
            part = begin;
            all += 1;
            let length = at - begin + 1;
            let has_digit = (run.digit >> begin) << (u64::BITS - length) != 0;
            if count >= FEW_CHANGES && (has_digit || count * 4 >= length.max(RUN as u32)) {
                return Some(false);
            }
        }
        if all < FEW_CHANGES || run.sign & DASHES != DASHES { Some(true) } else { None }
    }
}

/// The beginning of a run of token characters, a bit for each of up to [`LOOK`] bytes.
struct Run {
    changes: u64,
    digit: u64,
    /// Behind the end of the run as well.
    sign: u64,
}

/// Where a UUID has its dashes.
const DASHES: u64 = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23;

impl Run {
    /// The one that begins at `start`, if so much is known.
    #[inline]
    fn at(steps: &[Step], start: u32) -> Option<Self> {
        let (step, bit) = (start as usize / STEP, start % STEP as u32);
        let [here, next] = steps.get(step..).and_then(<[Step]>::first_chunk::<2>)?;
        let both = |first: u64, second: u64| ((u128::from(first) | u128::from(second) << 64) >> bit) as u64;
        let length = both(here.token, next.token).trailing_ones().clamp(1, LOOK as u32);
        let inside = u64::MAX >> (u64::BITS - length);
        Some(Self {
            // Of the first byte's own change nothing is known to follow: it is no part of the run's inside.
            changes: both(here.changes, next.changes) & inside & !1,
            digit: both(here.digit, next.digit) & inside,
            sign: both(here.sign, next.sign),
        })
    }
}

/// Whether the run at `start` has as many changes of class as a value has, so that it is worth a look.
#[inline]
fn may_be_value(steps: &[Step], start: u32) -> bool {
    let Some(run) = Run::at(steps, start) else { return true };
    // Three are more than is left when the lowest bit was taken away twice; counting needs an instruction of its own.
    let less = |bits: u64| bits & bits.wrapping_sub(1);
    less(less(run.changes)) != 0
}

/// Which literals' windows a byte at each place fits: one bit for each of eight buckets. Aligned, because it is read 64 bytes at
/// a time.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub struct Windows {
    pub(super) low: [[u8; 16]; WINDOW],
    pub(super) high: [[u8; 16]; WINDOW],
    /// The same for whole bytes, without their top bit.
    pub(super) exact: [[u8; 128]; WINDOW],
}

impl Windows {
    /// No window fits anything.
    #[must_use]
    pub const fn new() -> Self {
        Self { low: [[0; 16]; WINDOW], high: [[0; 16]; WINDOW], exact: [[0; 128]; WINDOW] }
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
                        self.exact[place][usize::from(byte & 0x7F)] |= bit;
                    }
                }
                None => {
                    self.low[place].iter_mut().for_each(|buckets| *buckets |= bit);
                    self.high[place].iter_mut().for_each(|buckets| *buckets |= bit);
                    self.exact[place].iter_mut().for_each(|buckets| *buckets |= bit);
                }
            }
        }
    }

    /// Whether a window fits, looking at no byte's top bit.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        let buckets = |(table, byte): (&[u8; 128], &u8)| table[usize::from(byte & 0x7F)];
        self.exact.iter().zip(bytes).map(buckets).fold(0xFF, |all, buckets| all & buckets) != 0
    }
}

impl Default for Windows {
    fn default() -> Self {
        Self::new()
    }
}
