//! Sixteen buckets for the vector search: which windows share one, so that little text passes.

use super::masks::Windows;
use super::simd::WINDOW;

/// Up to four bytes in either case; those behind the end of a shorter one may be any.
pub type Window = [Option<u8>; WINDOW];

/// Distributes windows over sixteen buckets so that they let little text through: each goes where it widens least, those that
/// let most through by themselves first.
pub fn buckets(windows: &mut [Window]) -> [Windows; 2] {
    windows.sort_by_cached_key(|window| std::cmp::Reverse(Bucket::default().growth(*window).to_bits()));
    let mut sets = [Windows::new(), Windows::new()];
    let mut buckets = vec![Bucket::default(); 16];
    for window in &*windows {
        let growth = |bucket: &usize| buckets[*bucket].growth(*window);
        let cheapest = (0..16).min_by(|a, b| growth(a).total_cmp(&growth(b))).unwrap_or(0);
        buckets[cheapest].add(*window);
        sets[cheapest / 8].add(*window, u32::try_from(cheapest % 8).unwrap_or(0));
    }
    sets
}

/// Distributes the beginnings of anchors over sixteen buckets by their first byte: cheaper than [`buckets`] where there are
/// many, and good enough where little text is asked.
#[must_use]
pub fn windows_of<'a>(anchors: impl Iterator<Item = &'a [u8]>) -> [Windows; 2] {
    let mut sets = [Windows::new(), Windows::new()];
    for anchor in anchors {
        let window = std::array::from_fn(|place| anchor.get(place).map(u8::to_ascii_lowercase));
        let bucket = anchor.first().map_or(0, |byte| u32::from(byte & 15));
        sets[usize::from(bucket >= 8)].add(window, bucket % 8);
    }
    sets
}

/// The nibbles that one bucket of the vector search lets through at its places, and how much of text has one of them.
#[derive(Debug, Clone, Default)]
struct Bucket {
    low: [Nibbles; WINDOW],
    high: [Nibbles; WINDOW],
}

#[derive(Debug, Clone, Copy, Default)]
struct Nibbles {
    set: u16,
    share: u16,
}

impl Nibbles {
    fn add(&mut self, nibbles: u16, shares: &[u16; 16]) {
        let mut new = nibbles & !self.set;
        self.set |= nibbles;
        while new != 0 {
            self.share += shares[new.trailing_zeros() as usize];
            new &= new - 1;
        }
    }
}

impl Bucket {
    fn add(&mut self, window: Window) {
        for (place, byte) in window.iter().enumerate() {
            let high = |byte: u8| 1 << (byte.to_ascii_lowercase() >> 4) | 1 << (byte.to_ascii_uppercase() >> 4);
            self.low[place].add(byte.map_or(u16::MAX, |byte| 1 << (byte & 15)), &LOW_SHARE);
            self.high[place].add(byte.map_or(u16::MAX, high), &HIGH_SHARE);
        }
    }

    /// By how much more text the bucket would let through, as a share of all.
    fn growth(&self, window: Window) -> f32 {
        let mut with = self.clone();
        with.add(window);
        with.passes() - self.passes()
    }

    fn passes(&self) -> f32 {
        let share = |nibbles: &Nibbles| f32::from(nibbles.share) / 1024.0;
        self.low.iter().chain(&self.high).map(share).product()
    }
}

/// How much of C source has each low nibble, of 1,024.
const LOW_SHARE: [u16; 16] = [182, 49, 66, 72, 82, 77, 37, 23, 54, 102, 48, 30, 50, 42, 36, 75];
/// How much of C source has each high nibble, of 1,024.
const HIGH_SHARE: [u16; 16] = [84, 0, 162, 163, 86, 107, 241, 180, 0, 0, 0, 0, 0, 0, 0, 0];
