//! From an object id to its number in the largest pack: its index is sorted, so nothing but the numbers must be kept beside it.
//!
//! Ids are hashes, so their first bits say nearly where in the index one is. Nobody has to choose them at random, though: where
//! many begin alike, the search halves.

use super::pack::Pack;
use super::{NONE, Number};

/// Where the ids with the same first bits begin, and the numbers of all.
#[derive(Debug)]
pub struct Sorted {
    /// Where the pack is in the list of all.
    pub pack: usize,
    /// Bits that do not choose the stretch.
    shift: u32,
    /// Where each stretch begins; one more at the end.
    starts: Vec<u32>,
    /// The numbers by position in the index.
    numbers: Vec<Number>,
}

/// Ids in a stretch, at most, that are compared one after the other: a line or two of memory.
const FEW: u32 = 32;
/// Ids looked up at once.
const AT_ONCE: usize = 64;

fn word(id: &gix::oid) -> u32 {
    let bytes = id.as_bytes();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

impl Sorted {
    /// Looks through the index of a pack. `None` where that is not sorted, which git never writes.
    pub fn of(at: usize, pack: &Pack) -> Option<Self> {
        let count = pack.len() as u32;
        // A dozen in each stretch.
        let bits = count.checked_ilog2()?.saturating_sub(3).clamp(1, 24);
        let shift = 32 - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        let mut last: Option<&gix::oid> = None;
        for position in 0..count {
            let id = pack.id_in_index(position);
            if last.is_some_and(|last| last > id) {
                return None;
            }
            last = Some(id);
            starts[(word(id) >> shift) as usize + 1] = position + 1;
        }
        for stretch in 1..starts.len() {
            starts[stretch] = starts[stretch].max(starts[stretch - 1]);
        }
        Some(Self { pack: at, shift, starts, numbers: pack.by_id() })
    }

    /// The first position at which an id may be: none before it is as large.
    fn position(&self, pack: &Pack, id: &gix::oid) -> u32 {
        let stretch = (word(id) >> self.shift) as usize;
        let (mut first, mut end) = (self.starts[stretch], self.starts[stretch + 1]);
        while end - first > FEW {
            let middle = u32::midpoint(first, end);
            if pack.id_in_index(middle) < id {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        // As far into the stretch as its next bits are into their range; from there up or down.
        let into = (u64::from(word(id) & ((1 << self.shift) - 1)) * u64::from(end - first)) >> self.shift;
        let mut at = first + into as u32;
        while at > first && pack.id_in_index(at - 1) >= id {
            at -= 1;
        }
        while at < end && pack.id_in_index(at) < id {
            at += 1;
        }
        at
    }

    /// The number of an id; of several entries that have it, that of the first which is accepted.
    pub fn find(&self, pack: &Pack, id: &gix::oid, is_accepted: impl Fn(Number) -> bool) -> Option<Number> {
        let from = self.position(pack, id);
        let same = (from..pack.len() as u32).take_while(|&position| pack.id_in_index(position) == id);
        same.map(|position| self.numbers[position as usize]).find(|&number| is_accepted(number))
    }

    /// The numbers of many ids, [`NONE`] for those that are not there. What each step reads does not depend on the others, so
    /// that the memory answers several at once.
    pub fn find_all(
        &self,
        pack: &Pack,
        ids: &[&gix::oid],
        is_accepted: impl Fn(Number) -> bool,
        out: &mut Vec<Number>,
    ) {
        let count = pack.len() as u32;
        let mut positions = [0; AT_ONCE];
        for ids in ids.chunks(AT_ONCE) {
            for (position, id) in positions.iter_mut().zip(ids) {
                let at = self.position(pack, id);
                *position = if at < count && pack.id_in_index(at) == *id { at } else { NONE };
            }
            for (position, id) in positions.iter().zip(ids) {
                out.push(match self.numbers.get(*position as usize) {
                    Some(&number) if is_accepted(number) => number,
                    Some(_) => self.find(pack, id, &is_accepted).unwrap_or(NONE),
                    None => NONE,
                });
            }
        }
    }

    /// The numbers of entries that have the id of the one before them.
    pub fn doubles(&self, pack: &Pack) -> Vec<Number> {
        let positions = 1..pack.len() as u32;
        let is_double = |&position: &u32| pack.id_in_index(position - 1) == pack.id_in_index(position);
        positions.filter(is_double).map(|position| self.numbers[position as usize]).collect()
    }
}
