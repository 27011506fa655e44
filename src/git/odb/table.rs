//! From an object id to its number: an open hash table of eight bytes an entry.
//!
//! Object ids are hashes already, so their first bytes serve as one. The order of the slots is that of the ids, so that ids which
//! come sorted, as those of a pack do, fill the table from front to back. Nobody has to choose ids at random, though: what finds
//! no slot close to its own goes into a table that hashes again.

use super::{NONE, Number};
use std::collections::HashMap;

/// The table; made for a number of objects that is known beforehand.
#[derive(Debug, Default)]
pub struct Table {
    /// Four bytes of the id that do not choose the slot, and the number.
    slots: Vec<(u32, Number)>,
    /// Those that found no slot.
    others: HashMap<gix::ObjectId, Number>,
}

/// Where an id is, or where it belongs.
enum Slot {
    Known(usize),
    Free(usize),
    Elsewhere,
}

/// Slots that an id may have.
const WINDOW: usize = 64;

fn word(id: &gix::oid, at: usize) -> u32 {
    let bytes = id.as_bytes();
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Table {
    /// An empty table with room for `count` objects.
    pub fn new(count: usize) -> Self {
        Self { slots: vec![(0, NONE); count * 2 + WINDOW], others: HashMap::new() }
    }

    /// The first slot that an id may have.
    fn first(&self, id: &gix::oid) -> usize {
        let count = self.slots.len().saturating_sub(WINDOW) as u64;
        ((u64::from(word(id, 0)) * count) >> 32) as usize
    }

    fn slot<'s>(&self, id: &gix::oid, id_of: impl Fn(Number) -> &'s gix::oid) -> Slot {
        let first = self.first(id);
        let tag = word(id, 4);
        for (slot, &(known, number)) in (first..).zip(self.slots.iter().skip(first).take(WINDOW)) {
            if number == NONE {
                return Slot::Free(slot);
            }
            if known == tag && id_of(number) == id {
                return Slot::Known(slot);
            }
        }
        Slot::Elsewhere
    }

    /// The number of an id.
    pub fn find<'s>(&self, id: &gix::oid, id_of: impl Fn(Number) -> &'s gix::oid) -> Option<Number> {
        match self.slot(id, id_of) {
            Slot::Known(slot) => Some(self.slots[slot].1),
            Slot::Free(_) => None,
            Slot::Elsewhere => self.others.get(id).copied(),
        }
    }

    /// The numbers of many ids, [`NONE`] for those that are not there. What each step reads is asked for ahead of its use, so that
    /// the memory answers several at once.
    pub fn find_all<'s, 'i>(
        &self,
        ids: &[&'i gix::oid],
        id_of: impl Fn(Number) -> &'s gix::oid,
        out: &mut Vec<Number>,
    ) {
        let guesses: Vec<(u32, Number)> =
            ids.iter().map(|id| self.slots.get(self.first(id)).copied().unwrap_or((0, NONE))).collect();
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
        match self.slot(id, id_of) {
            Slot::Known(slot) => return Some(self.slots[slot].1),
            Slot::Free(slot) => self.slots[slot] = (word(id, 4), number),
            Slot::Elsewhere => match self.others.entry(id.to_owned()) {
                std::collections::hash_map::Entry::Occupied(known) => return Some(*known.get()),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(number);
                }
            },
        }
        None
    }

    /// Gives an id that has one number another.
    pub fn replace(&mut self, id: &gix::oid, known: Number, number: Number) {
        let first = self.first(id);
        match self.slots.iter_mut().skip(first).take(WINDOW).find(|slot| slot.1 == known) {
            Some(slot) => slot.1 = number,
            None => drop(self.others.insert(id.to_owned(), number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids of 20 bytes that begin with four chosen ones.
    fn ids(count: u32, begin: impl Fn(u32) -> u32) -> Vec<gix::ObjectId> {
        let id = |at: u32| [begin(at).to_be_bytes(), at.to_be_bytes(), [7; 4], at.to_le_bytes(), [0; 4]].concat();
        (0..count).map(|at| gix::ObjectId::try_from(&id(at)[..]).expect("it has 20 bytes")).collect()
    }

    #[test]
    fn every_id_has_its_number_however_they_begin() {
        // Spread, all in one place, and all at the end.
        for begin in [|at: u32| at.wrapping_mul(0x9E37_79B9), |_: u32| 5, |_: u32| u32::MAX] {
            let ids = ids(1000, begin);
            let id_of = |number: Number| &*ids[number as usize];
            let mut table = Table::new(ids.len() / 2);
            for (number, id) in (0..).zip(&ids[..500]) {
                assert_eq!(table.insert(id, number, id_of), None);
                assert_eq!(table.insert(id, number + 1, id_of), Some(number), "it is there");
            }
            let all: Vec<&gix::oid> = ids.iter().map(|id| &**id).collect();
            let mut found = Vec::new();
            table.find_all(&all, id_of, &mut found);
            for (number, id) in (0..).zip(&ids) {
                let expected = (number < 500).then_some(number);
                assert_eq!(table.find(id, id_of), expected);
                assert_eq!(found[number as usize], expected.unwrap_or(NONE));
            }
        }
    }

    #[test]
    fn a_number_is_replaced_wherever_it_is() {
        let mut ids = ids(200, |_| 5);
        // A second copy of each.
        ids.extend(ids.clone());
        let id_of = |number: Number| &*ids[number as usize];
        let mut table = Table::new(200);
        (0..).zip(&ids[..200]).for_each(|(number, id)| assert_eq!(table.insert(id, number, id_of), None));
        for number in [0, 63, 64, 199] {
            table.replace(&ids[number as usize], number, number + 200);
            assert_eq!(table.find(&ids[number as usize], id_of), Some(number + 200));
        }
    }
}
