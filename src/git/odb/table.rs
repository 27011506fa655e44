//! From an object id to its number: an open hash table of eight bytes an entry.
//!
//! Object ids are hashes already, so their first bytes serve as one.

use super::{NONE, Number};

/// The table; made for a number of objects that is known beforehand.
#[derive(Debug, Default)]
pub struct Table {
    /// Four bytes of the id that do not choose the slot, and the number.
    slots: Vec<(u32, Number)>,
}

fn word(id: &gix::oid, at: usize) -> u32 {
    let bytes = id.as_bytes();
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Table {
    /// An empty table with room for `count` objects.
    pub fn new(count: usize) -> Self {
        Self { slots: vec![(0, NONE); (count * 2).next_power_of_two().max(16)] }
    }

    /// The slot of an id: where it is, or where it belongs.
    fn slot<'s>(&self, id: &gix::oid, id_of: impl Fn(Number) -> &'s gix::oid) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = word(id, 0) as usize & mask;
        loop {
            let (tag, number) = self.slots[slot];
            if number == NONE || (tag == word(id, 4) && id_of(number) == id) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The number of an id.
    pub fn find<'s>(&self, id: &gix::oid, id_of: impl Fn(Number) -> &'s gix::oid) -> Option<Number> {
        if self.slots.is_empty() {
            return None;
        }
        Some(self.slots[self.slot(id, id_of)].1).filter(|&number| number != NONE)
    }

    /// The numbers of many ids, [`NONE`] for those that are not there. What each step reads is asked for ahead of its use, so that
    /// the memory answers several at once.
    pub fn find_all<'s, 'i>(
        &self,
        ids: &[&'i gix::oid],
        id_of: impl Fn(Number) -> &'s gix::oid,
        out: &mut Vec<Number>,
    ) {
        let mask = self.slots.len().max(1) - 1;
        let guesses: Vec<(u32, Number)> =
            ids.iter().map(|id| self.slots.get(word(id, 0) as usize & mask).copied().unwrap_or((0, NONE))).collect();
        let found: Vec<Option<&gix::oid>> = ids
            .iter()
            .zip(&guesses)
            .map(|(id, guess)| (guess.1 != NONE && guess.0 == word(id, 4)).then(|| id_of(guess.1)))
            .collect();
        for ((id, guess), found) in ids.iter().zip(guesses).zip(found) {
            let is_it = found.is_some_and(|found| found == *id);
            out.push(if is_it { guess.1 } else { self.find(id, &id_of).unwrap_or(NONE) });
        }
    }

    /// Enters an id, unless it is there: then gives the number that it has.
    pub fn insert<'s>(
        &mut self,
        id: &gix::oid,
        number: Number,
        id_of: impl Fn(Number) -> &'s gix::oid,
    ) -> Option<Number> {
        let slot = self.slot(id, id_of);
        let known = self.slots[slot].1;
        if known == NONE {
            self.slots[slot] = (word(id, 4), number);
            return None;
        }
        Some(known)
    }

    /// Gives an id another number.
    pub fn replace(&mut self, id: &gix::oid, known: Number, number: Number) {
        let mask = self.slots.len() - 1;
        let mut slot = word(id, 0) as usize & mask;
        while self.slots[slot].1 != known {
            slot = (slot + 1) & mask;
        }
        self.slots[slot].1 = number;
    }
}
