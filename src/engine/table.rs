//! From three bytes to the anchors that may stand there: the exact step behind the prefilter's masks.

use super::simd::{WINDOW, Windows};

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

/// Stems that are looked for everywhere: each is in many anchors, or in one that must not be missed anywhere.
///
/// What is on this list costs every byte that is read a little, so it is short: an anchor without a stem in it is
/// looked for outside of source code only.
const STEMS: &[&str] = &[
    "pass", "psw", "pwd", "secr", "toke", "key", "cred", "auth", "bear", "salt", "nonc", "cook", "tick", "basi",
    "kenn", "ntra", "://", "----", "mnem", "phra", "jdbc:", "sig=", r"\u00", r"\u{", r"\x2", r"\x3", r"\x4", r"\x5",
    r"\x6", r"\x7", r":\/", "kind", "_url", "_uri", "dsn=", "@tcp", "webh", "hook", "8q~", "7q~", "$2a$", "$2b$",
    "$2y$", "$6$",
];

/// Anchors that may stand anywhere, by a stem that they share with others.
#[derive(Debug)]
pub struct WindowTable {
    keyed: Keyed<Stemmed>,
}

/// An anchor with a stem.
#[derive(Debug, Clone, Copy)]
struct Stemmed {
    number: u32,
    /// How far behind its beginning the stem lies.
    at: u8,
    /// Its first and last byte, folded: most of the anchors that share a stem differ there.
    first: u8,
    last: u8,
    length: u8,
}

/// Up to four bytes, folded; those behind the end of a shorter one may be any.
type Window = [Option<u8>; WINDOW];

/// Where an anchor holds a stem, and the stem's beginning.
#[must_use]
pub fn stem(anchor: &[u8]) -> Option<(usize, &[u8])> {
    let is_escape = anchor.len() == 4 && anchor[0] == b'%' && anchor[3] == b'%';
    if is_escape {
        return Some((0, anchor));
    }
    let fold = |byte: &u8| byte | 0x20;
    STEMS.iter().find_map(|stem| {
        let at = anchor
            .windows(stem.len())
            .position(|window| window.iter().map(fold).eq(stem.bytes().map(|byte| byte | 0x20)))?;
        Some((at, &anchor[at..at + stem.len()]))
    })
}

impl WindowTable {
    /// From numbered anchors of at least three bytes, all found in either case, that have a [`stem`]; with the buckets for
    /// the vector search.
    pub fn new<'a>(anchors: impl Iterator<Item = (u32, &'a [u8])>) -> ([Windows; 2], Self) {
        let mut windows: Vec<Window> = Vec::new();
        let mut pairs = Vec::new();
        for (number, bytes) in anchors {
            let Some((at, stem)) = stem(bytes) else { continue };
            windows.push(std::array::from_fn(|place| stem.get(place).map(|byte| byte | 0x20)));
            if let Some(&first) = stem.first_chunk::<3>() {
                let small = |value: usize| u8::try_from(value).unwrap_or(u8::MAX);
                let fold = |byte: Option<&u8>| byte.map_or(0, |byte| byte | 0x20);
                let (first_byte, last) = (fold(bytes.first()), fold(bytes.last()));
                let stemmed = Stemmed { number, at: small(at), first: first_byte, last, length: small(bytes.len()) };
                pairs.push((key(first, true), stemmed));
            }
        }
        windows.sort_unstable();
        windows.dedup();
        (buckets(&windows), Self { keyed: Keyed::new(pairs) })
    }

    /// Hands out the anchors whose window begins at an offset, and where they would begin.
    #[inline]
    pub fn look_up(&self, text: &[u8], offset: usize, mut candidate: impl FnMut(u32, usize)) {
        let Some(&bytes) = text.get(offset..).and_then(|rest| rest.first_chunk::<3>()) else { return };
        for stemmed in self.keyed.get(key(bytes, true)) {
            let Some(begin) = offset.checked_sub(usize::from(stemmed.at)) else { continue };
            let Some(&last) = text.get(begin + usize::from(stemmed.length) - 1) else { continue };
            if text[begin] | 0x20 == stemmed.first && last | 0x20 == stemmed.last {
                candidate(stemmed.number, begin);
            }
        }
    }
}

/// Distributes windows over sixteen buckets so that they let little text through: each goes where it widens least.
fn buckets(windows: &[Window]) -> [Windows; 2] {
    let mut sets = [Windows::new(), Windows::new()];
    let mut buckets = vec![Bucket::default(); 16];
    for window in windows {
        let growth = |bucket: &usize| buckets[*bucket].growth(*window);
        let cheapest = (0..16).min_by(|a, b| growth(a).total_cmp(&growth(b))).unwrap_or(0);
        buckets[cheapest].add(*window);
        sets[cheapest / 8].add(*window, u32::try_from(cheapest % 8).unwrap_or(0));
    }
    sets
}

/// The nibbles that one bucket of the vector search lets through at its places.
#[derive(Debug, Clone, Default)]
struct Bucket {
    low: [u16; WINDOW],
    high: [u16; WINDOW],
}

impl Bucket {
    fn add(&mut self, window: Window) {
        for (place, byte) in window.iter().enumerate() {
            self.low[place] |= byte.map_or(u16::MAX, |byte| 1 << (byte & 15));
            self.high[place] |= byte.map_or(u16::MAX, |byte| 1 << (byte >> 4));
        }
    }

    /// By how much more text the bucket would let through, as a share of all.
    fn growth(&self, window: Window) -> f32 {
        let mut with = self.clone();
        with.add(window);
        with.passes() - self.passes()
    }

    fn passes(&self) -> f32 {
        (0..WINDOW).map(|place| share(self.low[place], &LOW_SHARE) * share(self.high[place], &HIGH_SHARE)).product()
    }
}

/// How much of ordinary text (folded) has each low nibble, of 128.
const LOW_SHARE: [u8; 16] = [14, 8, 6, 9, 11, 14, 6, 4, 7, 10, 8, 3, 8, 5, 10, 10];
/// How much of ordinary text (folded) has each high nibble, of 128.
const HIGH_SHARE: [u8; 16] = [0, 0, 30, 12, 0, 0, 48, 34, 0, 0, 1, 1, 0, 0, 1, 1];

/// How much of text has one of some nibbles.
fn share(nibbles: u16, shares: &[u8; 16]) -> f32 {
    let sum: u16 = shares
        .iter()
        .enumerate()
        .filter(|(nibble, _)| nibbles >> nibble & 1 == 1)
        .map(|(_, &share)| u16::from(share))
        .sum();
    f32::from(sum) / 128.0
}
