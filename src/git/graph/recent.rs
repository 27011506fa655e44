//! What trees named a moment ago.
//!
//! What one version of a folder lost, another had, and the next has again: four of five entries in which trees differ name what was
//! named shortly before. To look up an object among all of a repository costs several misses of the processor's caches, so the
//! last ones are kept close by. Ids are compared whole, so nobody gains by choosing some that fall into one place.

use super::super::odb::{NONE, Number};

/// Objects kept; a power of two.
const SLOTS: usize = 1 << 12;

/// An object, and the name under which it stood last.
#[derive(Debug, Clone, Copy)]
struct Slot {
    id: gix::ObjectId,
    name: u32,
    child: Child,
}

/// An object that a tree names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    /// Its number.
    Known(Number),
    /// It is looked up with others: its place among those.
    Asked(u32),
}

/// The last objects that one worker met.
#[derive(Debug, Default)]
pub(super) struct Recent {
    slots: Vec<Option<Slot>>,
    /// Those to be looked up.
    asked: Vec<gix::ObjectId>,
}

impl Recent {
    fn slot(&mut self, id: &gix::oid) -> &mut Option<Slot> {
        if self.slots.is_empty() {
            self.slots = vec![None; SLOTS];
        }
        let bytes = id.as_bytes();
        &mut self.slots[u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize % SLOTS]
    }

    /// An object; one that was not met lately is looked up with the next. `name` is told the name of last time, and gives that
    /// of this time.
    pub(super) fn child(&mut self, id: &gix::oid, name: impl FnOnce(Option<u32>) -> u32) -> (Child, u32) {
        let next = self.asked.len() as u32;
        let slot = self.slot(id);
        if let Some(known) = slot.as_mut().filter(|known| &*known.id == id) {
            known.name = name(Some(known.name));
            return (known.child, known.name);
        }
        let (child, name) = (Child::Asked(next), name(None));
        *slot = Some(Slot { id: id.to_owned(), name, child });
        self.asked.push(id.to_owned());
        (child, name)
    }

    /// What is to be looked up.
    pub(super) fn asked(&self) -> &[gix::ObjectId] {
        &self.asked
    }

    /// Takes the numbers of those, [`NONE`] for what is not there.
    pub(super) fn answer(&mut self, numbers: &[Number]) {
        for (at, (id, &number)) in (0..).zip(std::mem::take(&mut self.asked).iter().zip(numbers)) {
            let slot = self.slot(id);
            if let Some(known) = slot.as_mut().filter(|known| known.child == Child::Asked(at) && known.id == *id) {
                known.child = Child::Known(number);
                // What is missing is told of each time, with its id.
                if number == NONE {
                    *slot = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(begin: u32, end: u8) -> gix::ObjectId {
        let bytes = [&begin.to_le_bytes()[..], &[0; 15], &[end]].concat();
        gix::ObjectId::try_from(&bytes[..]).expect("it has 20 bytes")
    }

    #[test]
    fn what_was_met_is_not_looked_up_again() {
        let mut recent = Recent::default();
        let (one, other) = (id(7, 1), id(8, 1));
        assert_eq!(recent.child(&one, |_| 4), (Child::Asked(0), 4));
        assert_eq!(recent.child(&one, |last| last.expect("it was met") + 1), (Child::Asked(0), 5));
        assert_eq!(recent.child(&other, |_| 6), (Child::Asked(1), 6));
        assert_eq!(recent.asked(), [one, other]);
        recent.answer(&[31, NONE]);
        assert_eq!(recent.child(&one, |last| last.expect("it was met")), (Child::Known(31), 5));
        assert_eq!(recent.child(&other, |_| 6), (Child::Asked(0), 6), "what is missing is asked for again");
    }

    #[test]
    fn objects_that_share_a_place_are_told_apart() {
        let mut recent = Recent::default();
        for round in 0..3 {
            for end in 0..3 {
                let (child, _) = recent.child(&id(7, end), |last| last.unwrap_or(0));
                assert_eq!(child, Child::Asked(u32::from(end)), "{round}");
            }
            recent.answer(&[10, 11, 12]);
            assert_eq!(recent.child(&id(7, 2), |last| last.unwrap_or(1)), (Child::Known(12), 0));
        }
    }
}
