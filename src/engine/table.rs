//! From three bytes to the anchors that may stand there: the exact step behind the prefilter's masks.

use super::simd::Windows;

/// 2^15 bits, 4 KiB: small enough to stay in the first cache beside the text.
const BITS: u32 = 15;
const WORDS: usize = 1 << (BITS - 6);

/// Numbers grouped by a key of three bytes.
#[derive(Debug)]
struct Keyed<T> {
    bitmap: Box<[u64; WORDS]>,
    /// Open addressing; an empty slot has an empty range of `values`.
    slots: Vec<Slot>,
    values: Vec<T>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u32,
    start: u32,
    end: u32,
}

impl<T: Copy> Keyed<T> {
    fn new(mut pairs: Vec<(u32, T)>) -> Self {
        pairs.sort_by_key(|&(key, _)| key);
        let mut bitmap: Box<[u64; WORDS]> =
            vec![0u64; WORDS].into_boxed_slice().try_into().expect("the vector has WORDS words");
        let distinct = pairs.chunk_by(|a, b| a.0 == b.0).count();
        let mut slots = vec![Slot::default(); (distinct * 2).next_power_of_two().max(2)];
        let mut start = 0;
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let key = group[0].0;
            let end = start + u32::try_from(group.len()).expect("there are fewer than 2^32 anchors");
            let bit = hash(key);
            bitmap[bit >> 6] |= 1 << (bit & 63);
            let mut at = slot_of(key) & (slots.len() - 1);
            while slots[at].start != slots[at].end {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = Slot { key, start, end };
            start = end;
        }
        Self { bitmap, slots, values: pairs.into_iter().map(|(_, value)| value).collect() }
    }

    #[inline]
    fn get(&self, key: u32) -> &[T] {
        let bit = hash(key);
        if (self.bitmap[bit >> 6] >> (bit & 63)) & 1 == 0 {
            return &[];
        }
        let mask = self.slots.len() - 1;
        let mut at = slot_of(key) & mask;
        loop {
            let slot = self.slots[at];
            if slot.key == key || slot.start == slot.end {
                return &self.values[slot.start as usize..slot.end as usize];
            }
            at = (at + 1) & mask;
        }
    }
}

#[inline]
const fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

const fn slot_of(key: u32) -> usize {
    (key.wrapping_mul(0x85EB_CA6B) >> 8) as usize
}

#[inline]
fn key(bytes: [u8; 3], fold: bool) -> u32 {
    let key = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    if fold { key | 0x0020_2020 } else { key }
}

/// Anchors by their first three bytes.
#[derive(Debug)]
pub struct PrefixTable {
    keyed: Keyed<u32>,
    fold: bool,
}

impl PrefixTable {
    /// From numbered anchors of at least three bytes; `fold` finds them in either case.
    pub fn new<'a>(anchors: impl Iterator<Item = (u32, &'a [u8])>, fold: bool) -> Self {
        let pairs = anchors.filter_map(|(number, bytes)| Some((key(*bytes.first_chunk()?, fold), number))).collect();
        Self { keyed: Keyed::new(pairs), fold }
    }

    /// Hands out the numbers of the anchors whose first three bytes stand at an offset.
    #[inline]
    pub fn look_up(&self, text: &[u8], offset: usize, mut candidate: impl FnMut(u32)) {
        let Some(&bytes) = text.get(offset..).and_then(|rest| rest.first_chunk::<3>()) else { return };
        for &number in self.keyed.get(key(bytes, self.fold)) {
            candidate(number);
        }
    }
}

/// Anchors that may stand anywhere, by a window of four bytes that is rare in text.
#[derive(Debug)]
pub struct WindowTable {
    /// The anchor's number, and how far behind its beginning the window lies.
    keyed: Keyed<(u32, u8)>,
}

impl WindowTable {
    /// From numbered anchors of three to 64 bytes, all found in either case; with the buckets for the vector search.
    pub fn new<'a>(anchors: impl Iterator<Item = (u32, &'a [u8])>) -> (Windows, Self) {
        let mut windows: Vec<([Option<u8>; 4], u32, u8)> = anchors
            .map(|(number, bytes)| {
                let at = rarest(bytes);
                let byte = |place: usize| bytes.get(at + place).map(|byte| byte | 0x20);
                ([byte(0), byte(1), byte(2), byte(3)], number, u8::try_from(at).unwrap_or(u8::MAX))
            })
            .collect();
        windows.sort_unstable();
        let mut fit = Windows::new();
        let mut buckets = vec![Bucket::default(); 8];
        for (window, ..) in &windows {
            let cheapest = (0..8).min_by_key(|&bucket| buckets[bucket].growth(window)).unwrap_or(0);
            buckets[cheapest].add(window);
            fit.add(*window, u32::try_from(cheapest).unwrap_or(0));
        }
        let pairs = windows.into_iter().filter_map(|(window, number, at)| match window {
            [Some(a), Some(b), Some(c), _] => Some((key([a, b, c], true), (number, at))),
            _ => None,
        });
        (fit, Self { keyed: Keyed::new(pairs.collect()) })
    }

    /// Hands out the anchors whose window begins at an offset, and where they would begin.
    #[inline]
    pub fn look_up(&self, text: &[u8], offset: usize, mut candidate: impl FnMut(u32, usize)) {
        let Some(&bytes) = text.get(offset..).and_then(|rest| rest.first_chunk::<3>()) else { return };
        for &(number, at) in self.keyed.get(key(bytes, true)) {
            if let Some(begin) = offset.checked_sub(usize::from(at)) {
                candidate(number, begin);
            }
        }
    }
}

/// The nibbles that one bucket of the vector search lets through at its four places.
#[derive(Debug, Clone, Default)]
struct Bucket {
    low: [u16; 4],
    high: [u16; 4],
}

impl Bucket {
    fn add(&mut self, window: &[Option<u8>; 4]) {
        for (place, byte) in window.iter().enumerate() {
            self.low[place] |= byte.map_or(u16::MAX, |byte| 1 << (byte & 15));
            self.high[place] |= byte.map_or(u16::MAX, |byte| 1 << (byte >> 4));
        }
    }

    /// By how much more text the bucket would let through, in some unit.
    fn growth(&self, window: &[Option<u8>; 4]) -> u64 {
        let mut with = self.clone();
        with.add(window);
        with.passes() - self.passes()
    }

    fn passes(&self) -> u64 {
        (0..4).map(|place| u64::from(self.low[place].count_ones()) * share(self.high[place])).product()
    }
}

/// How much of ordinary text (folded) has one of these high nibbles.
fn share(high: u16) -> u64 {
    const SHARE: [u64; 16] = [0, 0, 22, 8, 0, 0, 44, 26, 0, 0, 1, 1, 0, 0, 1, 1];
    (0..16).filter(|nibble| high >> nibble & 1 == 1).map(|nibble| SHARE[nibble]).sum()
}

/// Where the window of four bytes begins that is least likely to stand in ordinary text.
fn rarest(bytes: &[u8]) -> usize {
    let weight = |window: &[u8]| window.iter().map(|&byte| commonness(byte)).sum::<u32>();
    (0..bytes.len().saturating_sub(3)).min_by_key(|&at| weight(&bytes[at..at + 4])).unwrap_or(0)
}

/// How common a byte is in code and prose, in coarse steps.
const fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' => 12,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 11,
        b'c' | b'd' | b'l' | b'u' | b'p' | b'm' => 9,
        b'f' | b'g' | b'h' | b'_' | b'b' => 8,
        b'y' | b'v' | b'w' | b'k' | b'.' | b'/' | b'-' | b'=' | b'0' => 6,
        b'x' | b':' | b'1'..=b'9' => 5,
        _ => 3,
    }
}
