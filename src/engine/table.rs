//! From three bytes to the anchors that may stand there: the exact step behind the prefilter's masks.

use super::buckets::Window;

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
    fn may_have(&self, key: u32) -> bool {
        let bit = hash(key);
        (self.bitmap[bit >> 6] >> (bit & 63)) & 1 != 0
    }

    #[inline]
    fn get(&self, key: u32) -> &[T] {
        if !self.may_have(key) {
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

/// The first eight bytes of an anchor, and which bits of these count: it may be shorter, or found in either case.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    bytes: u64,
    mask: u64,
    number: u32,
}

impl Beginning {
    fn new(number: u32, anchor: &[u8], fold: bool) -> Self {
        let mut first = [0; 8];
        let length = anchor.len().clamp(1, 8);
        first[..length.min(anchor.len())].copy_from_slice(&anchor[..length.min(anchor.len())]);
        // Letters differ in this bit by case, and of other bytes the whole comparison tells.
        let case = if fold { 0x2020_2020_2020_2020 } else { 0 };
        let mask = (u64::MAX >> (64 - 8 * length)) & !case;
        Self { bytes: u64::from_le_bytes(first) & mask, mask, number }
    }

    /// Whether it may stand at an offset.
    #[inline]
    fn fits(&self, text: &[u8], offset: usize) -> bool {
        let first = text.get(offset..).and_then(|rest| rest.first_chunk::<8>());
        first.is_none_or(|first| u64::from_le_bytes(*first) & self.mask == self.bytes)
    }
}

/// Anchors by their first three bytes.
#[derive(Debug)]
pub struct PrefixTable {
    keyed: Keyed<Beginning>,
    fold: bool,
}

impl PrefixTable {
    /// From numbered anchors of at least three bytes; `fold` finds them in either case.
    pub fn new<'a>(anchors: impl Iterator<Item = (u32, &'a [u8])>, fold: bool) -> Self {
        let keyed = |(number, bytes): (u32, &[u8])| {
            Some((key(*bytes.first_chunk()?, fold), Beginning::new(number, bytes, fold)))
        };
        Self { keyed: Keyed::new(anchors.filter_map(keyed).collect()), fold }
    }

    /// Whether an anchor may begin with three bytes.
    #[inline]
    #[must_use]
    pub fn may_have(&self, three: u32) -> bool {
        self.keyed.may_have(if self.fold { three | 0x0020_2020 } else { three })
    }

    /// Hands out the numbers of the anchors that may stand at an offset.
    #[inline]
    pub fn look_up(&self, text: &[u8], offset: usize, mut candidate: impl FnMut(u32)) {
        let Some(&bytes) = text.get(offset..).and_then(|rest| rest.first_chunk::<3>()) else { return };
        for beginning in self.keyed.get(key(bytes, self.fold)) {
            if beginning.fits(text, offset) {
                candidate(beginning.number);
            }
        }
    }
}

/// Anchors that may stand anywhere, by a stem that they share with others.
#[derive(Debug)]
pub struct WindowTable {
    /// By the stem's first three bytes where the anchor begins with it; else by these and the byte before, because most
    /// anchors that share a stem differ there.
    keyed: Keyed<Stemmed>,
    deepest: usize,
}

/// An anchor with a stem.
#[derive(Debug, Clone, Copy)]
struct Stemmed {
    beginning: Beginning,
    /// How far behind its beginning the stem lies.
    at: usize,
}

impl WindowTable {
    /// From numbered anchors of at least three bytes, all found in either case, of which `part` says by what part of them
    /// they are looked for ([`stem`], [`rarest`]); with the windows of these parts, each once.
    pub fn new<'a>(
        anchors: impl Iterator<Item = (u32, &'a [u8])>,
        part: impl Fn(&'a [u8]) -> Option<(usize, &'a [u8])>,
    ) -> (Vec<Window>, Self) {
        let mut windows: Vec<Window> = Vec::new();
        let mut pairs = Vec::new();
        for (number, bytes) in anchors {
            let Some((at, stem)) = part(bytes) else { continue };
            windows.push(std::array::from_fn(|place| stem.get(place).map(u8::to_ascii_lowercase)));
            if let Some(&first) = stem.first_chunk::<3>() {
                let before = at.checked_sub(1).map(|at| bytes[at]);
                let key = before.map_or(key(first, true), |before| key_behind(before, first));
                pairs.push((key, Stemmed { beginning: Beginning::new(number, bytes, true), at }));
            }
        }
        windows.sort_unstable();
        windows.dedup();
        let deepest = pairs.iter().map(|(_, stemmed)| stemmed.at).max().unwrap_or(0);
        (windows, Self { keyed: Keyed::new(pairs), deepest })
    }

    /// How far behind its beginning the stem of an anchor lies at most.
    #[must_use]
    pub const fn deepest(&self) -> usize {
        self.deepest
    }

    /// Whether a stem may stand behind the first of four bytes, which is in the lowest bits.
    #[inline]
    #[must_use]
    pub fn may_have(&self, bytes: u32) -> bool {
        let folded = bytes | 0x2020_2020;
        self.keyed.may_have(folded >> 8) | self.keyed.may_have(folded.rotate_right(8))
    }

    /// Hands out the anchors whose window begins at an offset, and where they would begin.
    #[inline]
    pub fn look_up(&self, text: &[u8], offset: usize, mut candidate: impl FnMut(u32, usize)) {
        let Some(&bytes) = text.get(offset..).and_then(|rest| rest.first_chunk::<3>()) else { return };
        let behind = offset.checked_sub(1).map_or(&[][..], |at| self.keyed.get(key_behind(text[at], bytes)));
        for stemmed in self.keyed.get(key(bytes, true)).iter().chain(behind) {
            let Some(begin) = offset.checked_sub(stemmed.at) else { continue };
            if stemmed.beginning.fits(text, begin) {
                candidate(stemmed.beginning.number, begin);
            }
        }
    }
}

/// The key of three bytes and the one before them, all folded; none of three bytes is the same.
#[inline]
fn key_behind(before: u8, bytes: [u8; 3]) -> u32 {
    key(bytes, true) | u32::from(before | 0x20) << 24
}
