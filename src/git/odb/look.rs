//! The first look at everything: each entry is verified, and it is found out what it is made from, of which kind it is, and
//! which of several copies stands for an object.

use super::known::PART;
use super::pack::{Made, Pack};
use super::sorted::Sorted;
use super::table::Table;
use super::{Kind, Marks, NONE, Number, Store, Unreadable};
use std::sync::{Mutex, PoisonError};

/// A stretch of a pack that one worker looks at, and where it writes down what it sees.
struct Part<'p> {
    pack: &'p Pack,
    start: usize,
    kinds: &'p mut [Option<Kind>],
    bases: &'p mut [Number],
}

/// What the workers saw beside that.
#[derive(Default)]
struct Seen {
    /// Entries whose base is named by its id.
    by_id: Vec<(Number, gix::ObjectId)>,
    broken: Vec<(Number, &'static str)>,
    /// Packs, and what is wrong with them.
    damaged: Vec<Unreadable>,
}

impl Store {
    /// Looks at every entry: verifies it, and finds out what it is made from.
    pub(super) fn look(&mut self, threads: usize) {
        let by_id = self.look_at_packs(threads);
        for (folder, loose) in self.loose.iter().enumerate() {
            for (at, id) in loose.ids.iter().enumerate() {
                let number = self.loose_first[folder] as usize + at;
                match loose.kind(id) {
                    Ok(kind) => self.kinds[number] = Some(kind),
                    Err(reason) => self.unreadable.push(Unreadable { what: id.to_string(), reason: reason.to_owned() }),
                }
            }
        }
        // Until their bases are known: they are not broken.
        for &(number, _) in &by_id {
            self.bases[number as usize] = number;
        }
        self.enter();
        for (number, base) in by_id {
            let found = self.find(&base).filter(|&base| base != number);
            self.bases[number as usize] = found.unwrap_or(NONE);
            if found.is_none() {
                self.unreadable.push(Unreadable {
                    what: self.id(number).to_string(),
                    reason: format!("the base of its delta, {base}, is not in the repository"),
                });
            }
        }
        self.spread_kinds();
    }

    /// Verifies the entries of all packs; gives those whose base is named by its id.
    fn look_at_packs(&mut self, threads: usize) -> Vec<(Number, gix::ObjectId)> {
        let packs = &self.packs[self.known_packs..];
        let mut parts = Vec::new();
        let (mut kinds, mut bases) = (&mut self.kinds[self.known as usize..], &mut self.bases[self.known as usize..]);
        for pack in packs {
            for start in (0..pack.len()).step_by(PART) {
                let length = PART.min(pack.len() - start);
                let (own_kinds, own_bases);
                (own_kinds, kinds) = kinds.split_at_mut(length);
                (own_bases, bases) = bases.split_at_mut(length);
                parts.push(Part { pack, start, kinds: own_kinds, bases: own_bases });
            }
        }
        let parts = Mutex::new((parts.into_iter(), packs.iter()));
        let all = Mutex::new(Seen::default());
        let look = || {
            let mut seen = Seen::default();
            loop {
                let mut left = parts.lock().unwrap_or_else(PoisonError::into_inner);
                let (part, pack) = (left.0.next(), if left.0.len() == 0 { left.1.next() } else { None });
                drop(left);
                if part.is_none() && pack.is_none() {
                    break;
                }
                if let Some(part) = part {
                    part.look(&mut seen);
                }
                let damage = pack.and_then(|pack| Some((pack, pack.verify()?)));
                seen.damaged
                    .extend(damage.map(|(pack, reason)| Unreadable { what: pack.path.display().to_string(), reason }));
            }
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.by_id.append(&mut seen.by_id);
            all.broken.append(&mut seen.broken);
            all.damaged.append(&mut seen.damaged);
        };
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(look))));
        let Seen { mut by_id, broken, damaged } = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.unreadable.extend(damaged);
        for (number, reason) in broken {
            self.unreadable.push(Unreadable { what: self.id(number).to_string(), reason: reason.to_owned() });
        }
        by_id.sort_unstable();
        by_id
    }

    /// Enters the ids; of two copies, one that can be read stands for the object.
    fn enter(&mut self) {
        if self.known == 0
            && let Some(largest) = (0..self.packs.len()).max_by_key(|&at| self.packs[at].len())
        {
            self.sorted = Sorted::of(largest, &self.packs[largest]);
        }
        let sorted = self.sorted.as_ref().map(|sorted| (sorted, &self.packs[sorted.pack]));
        let in_index = sorted.map_or(0, |(_, pack)| pack.len());
        let doubles = sorted.map_or_else(Vec::new, |(sorted, pack)| sorted.doubles(pack));
        self.table = Table::new(self.len() - self.known as usize - in_index);
        for number in doubles {
            let standing = self.find_sorted(self.id(number)).filter(|&standing| standing != number);
            if let Some(standing) = standing {
                self.settle(standing, number);
            }
        }
        let in_index = self.sorted.as_ref().map(|sorted| sorted.pack);
        let new = self.packs.iter().enumerate().skip(self.known_packs).filter(|(at, _)| Some(*at) != in_index);
        let packed: Vec<Number> = new.flat_map(|(_, pack)| pack.by_id()).collect();
        for number in packed.into_iter().chain(self.packed().max(self.known)..self.len() as Number) {
            let mut table = std::mem::take(&mut self.table);
            let id = self.id(number);
            let is_known = self.find_known(id).is_some();
            let standing = if is_known { None } else { self.find_sorted(id) };
            let standing = match standing {
                None if !is_known => table.insert(id, number, |number| self.id(number)),
                standing => standing,
            };
            self.table = table;
            if is_known {
                self.copies.mark(number);
            }
            if let Some(standing) = standing {
                self.settle(standing, number);
            }
        }
    }

    fn is_broken(&self, number: Number) -> bool {
        self.kinds[number as usize].is_none() && self.bases[number as usize] == NONE
    }

    /// Which of two copies stands for the object: the first, unless it alone is broken.
    fn settle(&mut self, standing: Number, number: Number) {
        if self.is_broken(standing) && !self.is_broken(number) {
            self.stand_for(standing, number);
        } else {
            self.copies.mark(number);
        }
    }

    /// Lets one copy stand for an object instead of another.
    fn stand_for(&mut self, standing: Number, number: Number) {
        self.copies.mark(standing);
        self.copies.unmark(number);
        let id = self.id(number).to_owned();
        // In the sorted index the mark says it.
        if !self.is_sorted(number) {
            let mut table = std::mem::take(&mut self.table);
            if let Some(entered) = table.insert(&id, number, |number| self.id(number)) {
                table.replace(&id, entered, number);
            }
            self.table = table;
        }
    }

    /// A delta is of the kind of its base. What no whole object leads to is broken: its base is, or there is a loop.
    fn spread_kinds(&mut self) {
        let mut chain = Vec::new();
        let mut on_chain = Marks::none(self.len());
        for number in self.known as usize..self.len() {
            let mut at = number;
            while self.kinds[at].is_none() && self.bases[at] != NONE && on_chain.mark(at as Number) {
                chain.push(at);
                at = self.bases[at] as usize;
            }
            let kind = self.kinds[at];
            for link in chain.drain(..) {
                on_chain.unmark(link as Number);
                self.kinds[link] = kind;
                if kind.is_none() {
                    // Not walked again; the base itself is named with a reason of its own.
                    self.bases[link] = NONE;
                    self.unreadable.push(Unreadable {
                        what: self.id(link as Number).to_string(),
                        reason: "the base of its delta cannot be read".to_owned(),
                    });
                }
            }
        }
        self.prefer_readable_copies();
    }

    /// Where the copy that stands for an object cannot be read and another can, that one stands for it.
    fn prefer_readable_copies(&mut self) {
        let mut rescued = Vec::new();
        for number in self.known..self.len() as Number {
            if self.counts(number) || self.kind(number).is_none() {
                continue;
            }
            let id = self.id(number).to_owned();
            if let Some(known) = self.find(&id).filter(|&known| self.kind(known).is_none()) {
                self.stand_for(known, number);
                rescued.push(id.to_string());
            }
        }
        if !rescued.is_empty() {
            rescued.sort();
            self.unreadable.retain(|one| rescued.binary_search(&one.what).is_err());
        }
    }
}

impl Part<'_> {
    fn look(self, seen: &mut Seen) {
        let Self { pack, start, kinds, bases } = self;
        pack.headers(start..start + kinds.len(), |at, made| {
            let number = pack.first + at as Number;
            match made {
                Made::Whole(kind) => kinds[at - start] = Some(kind),
                Made::From(base) => bases[at - start] = base,
                Made::FromId(id) => seen.by_id.push((number, id)),
                Made::Broken(reason) => seen.broken.push((number, reason)),
            }
        });
    }
}
