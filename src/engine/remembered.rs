//! Stretches of text that a worker searched a while ago, and what was in them.
//!
//! A history brings the same lines again and again: a change is made on a branch, rebased, picked for another, and merged; each
//! time, other versions of the file have it. Of the stretches around changes every second one was searched before, mostly not
//! long ago. So the last of them are kept, as they are: a stretch is known by its bytes, all of them compared, and by no hash
//! alone. Nothing of it outlives the worker.

use super::prefilter::Hit;
use std::hash::BuildHasher;

/// How a stretch was searched: what was in it for one way says nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// For every anchor; in source code, without those of formats of files.
    All { is_code: bool },
    /// The same without anchors that need a run close by.
    WithoutKeywords { is_code: bool },
    /// A message, for all that may be found in it: nothing.
    Message,
}

/// What is known of a stretch.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u64,
    /// Where its bytes lie, counted from the first that was ever kept.
    at: u64,
    length: u32,
    way: Way,
    count: u8,
    /// Offsets in the stretch, and the numbers of events.
    events: [(u16, u32); MOST_EVENTS],
}

/// Stretches with more events are not kept: they are few.
const MOST_EVENTS: usize = 5;
/// Longer stretches are not kept, in bytes.
const LONGEST: usize = 8 << 10;
/// Stretches kept at most; a power of two.
const SLOTS: usize = 1 << 12;
/// Their bytes at most.
const ROOM: usize = 1 << 20;

/// The last stretches of a worker.
#[derive(Debug, Default)]
pub struct Remembered {
    slots: Vec<Option<Slot>>,
    /// Written round and round.
    bytes: Vec<u8>,
    /// How many bytes were ever kept, with those left out at the end of each round.
    written: u64,
    /// Seeded anew for each worker, so that nobody can write texts that all fall into one slot.
    hasher: foldhash::fast::RandomState,
}

impl Remembered {
    /// What a stretch is looked up by.
    pub fn hash(&self, stretch: &[u8]) -> u64 {
        self.hasher.hash_one(stretch)
    }

    /// The events of a stretch that has that hash, if it was searched in that way before.
    pub fn recall(&self, hash: u64, way: Way, stretch: &[u8]) -> Option<impl Iterator<Item = Hit> + '_> {
        let slot = self.slots.get(hash as usize % SLOTS)?.as_ref()?;
        let is_it = slot.hash == hash && slot.way == way && self.bytes_of(slot) == Some(stretch);
        let events = is_it.then(|| &slot.events[..usize::from(slot.count)])?;
        Some(events.iter().map(|&(offset, anchor)| Hit { offset: offset.into(), anchor }))
    }

    /// Keeps a stretch that has that hash, in place of an older one.
    pub fn keep(&mut self, hash: u64, way: Way, stretch: &[u8], events: impl Iterator<Item = Hit>) {
        if stretch.len() > LONGEST {
            return;
        }
        let mut slot = Slot { hash, at: 0, length: stretch.len() as u32, way, count: 0, events: [(0, 0); MOST_EVENTS] };
        for event in events {
            let Some(place) = slot.events.get_mut(usize::from(slot.count)) else { return };
            *place = (event.offset as u16, event.anchor);
            slot.count += 1;
        }
        if self.slots.is_empty() {
            self.slots = vec![None; SLOTS];
            self.bytes = vec![0; ROOM];
        }
        let mut start = self.written as usize % ROOM;
        if start + stretch.len() > ROOM {
            self.written += (ROOM - start) as u64;
            start = 0;
        }
        slot.at = self.written;
        self.bytes[start..start + stretch.len()].copy_from_slice(stretch);
        self.written += stretch.len() as u64;
        self.slots[hash as usize % SLOTS] = Some(slot);
    }

    /// The bytes of a stretch, unless others were written over them.
    fn bytes_of(&self, slot: &Slot) -> Option<&[u8]> {
        if self.written - slot.at > ROOM as u64 {
            return None;
        }
        let start = slot.at as usize % ROOM;
        self.bytes.get(start..start + slot.length as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WAY: Way = Way::All { is_code: true };

    fn recalled(remembered: &Remembered, way: Way, stretch: &[u8]) -> Option<Vec<Hit>> {
        remembered.recall(remembered.hash(stretch), way, stretch).map(Iterator::collect)
    }

    fn keep(remembered: &mut Remembered, way: Way, stretch: &[u8], events: &[Hit]) {
        let hash = remembered.hash(stretch);
        remembered.keep(hash, way, stretch, events.iter().copied());
    }

    #[test]
    fn a_stretch_is_known_in_the_way_it_was_searched() {
        let mut remembered = Remembered::default();
        let events = [Hit { offset: 3, anchor: 7 }, Hit { offset: 9, anchor: u32::MAX }];
        assert_eq!(recalled(&remembered, WAY, b"one stretch"), None);
        keep(&mut remembered, WAY, b"one stretch", &events);
        assert_eq!(recalled(&remembered, WAY, b"one stretch").as_deref(), Some(&events[..]));
        assert_eq!(recalled(&remembered, WAY, b"one stretc"), None);
        assert_eq!(recalled(&remembered, Way::Message, b"one stretch"), None);
        assert_eq!(recalled(&remembered, Way::WithoutKeywords { is_code: true }, b"one stretch"), None);
    }

    #[test]
    fn long_ones_and_those_with_many_events_are_not_kept() {
        let mut remembered = Remembered::default();
        keep(&mut remembered, WAY, &[b'x'; LONGEST + 1], &[]);
        keep(&mut remembered, WAY, b"many", &[Hit { offset: 1, anchor: 1 }; MOST_EVENTS + 1]);
        assert_eq!(recalled(&remembered, WAY, &[b'x'; LONGEST + 1]), None);
        assert_eq!(recalled(&remembered, WAY, b"many"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

        /// What is told of a stretch is what was kept of it last, however often its bytes' place was written over.
        #[test]
        fn nothing_is_told_of_another(
            stretches in prop::collection::vec((0u8..40, 1usize..LONGEST), 200..900),
        ) {
            let mut remembered = Remembered::default();
            let mut last = std::collections::HashMap::new();
            for (anchor, &(byte, length)) in (0u32..).zip(&stretches) {
                let stretch = vec![byte; length];
                if let Some(found) = recalled(&remembered, WAY, &stretch) {
                    prop_assert_eq!(Some(&found), last.get(&stretch));
                }
                let events = vec![Hit { offset: length - 1, anchor }];
                keep(&mut remembered, WAY, &stretch, &events);
                last.insert(stretch, events);
            }
        }
    }
}
