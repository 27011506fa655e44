//! Which tree has which entries, from the deltas of the trees.
//!
//! A tree is mostly made by changing one entry of another. So each tree is kept as what it has that its base has not
//! ([`Folders::added`]) and what its base has that it has not ([`Folders::removed`]); the entries of a whole history take a few
//! dozen megabytes that way, and none is read twice.

use super::super::odb::grouped::Lists;
use super::super::odb::{self, Kind, NONE, Number, Store, Unreadable, Visit};
use super::entries::{Mode, Raw, entry_at};
use super::noted::Noted;
use super::recent::{Child, Recent};
use super::{Later, Names};
use crate::text::Copied;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Where something stands: a tree, and the name that it has there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// A number in [`Names`].
    pub name: u32,
    /// The tree.
    pub tree: Number,
}

/// What one worker read.
#[derive(Debug, Default)]
struct Share {
    added: Noted,
    removed: Noted,
    names: Names,
    missing: Vec<(gix::ObjectId, Number)>,
    submodules: Vec<Number>,
    again: Vec<Number>,
    unreadable: Vec<Unreadable>,
    count: u64,
}

/// What an earlier run read of the trees of packs that are known ([`Store::known`]).
#[derive(Debug, Default)]
pub struct KnownFolders {
    /// The names.
    pub names: Names,
    /// See [`Folders::naming`].
    pub added: Later<Lists<Entry>>,
    /// See [`Folders::lost`].
    pub removed: Later<Lists<(Number, u32)>>,
    /// The names of objects that are asked for every time; sorted.
    pub asked: BTreeMap<Number, Vec<u32>>,
    /// Trees that named something which was not known; sorted. They are read again, since it may be there now.
    pub again: Vec<Number>,
    /// See [`Folders::submodules`].
    pub submodules: Vec<Number>,
    /// Trees read.
    pub count: u64,
}

impl KnownFolders {
    /// Whether its lists fit each other and a number of objects. What lies in a file is believed only then.
    #[must_use]
    pub fn is_sound(&self, count: usize) -> bool {
        let (names, objects) = (self.names.len() as u32, count as u32);
        let is_name = |&name: &u32| name < names;
        self.asked.iter().all(|asked| *asked.0 < objects && asked.1.is_sorted() && asked.1.iter().all(is_name))
            && [&self.again, &self.submodules]
                .iter()
                .all(|list| list.is_sorted() && list.last().is_none_or(|&last| last < objects))
    }
}

/// The entries of all trees.
#[derive(Debug, Default)]
pub struct Folders {
    /// What each tree has that the tree it is made from has not, by what is named.
    added: Later<Lists<Entry>>,
    /// What each tree has not that the tree it is made from has: child and name, by tree …
    removed: Later<Lists<(Number, u32)>>,
    /// … and that of trees that were not known.
    removed_anew: Lists<(Number, u32)>,
    /// How many objects were known.
    known: Number,
    /// The names of some of them; sorted.
    asked: BTreeMap<Number, Vec<u32>>,
    /// Whether trees that were known name something that was not there then.
    pub is_known_changed: bool,
    /// The names.
    pub names: Names,
    /// Objects that trees name and the repository does not hold, with a tree that names each.
    pub missing: Vec<(gix::ObjectId, Number)>,
    /// Trees that have a commit of a submodule that the tree they are made from has not.
    pub submodules: Vec<Number>,
    /// Trees that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Trees read.
    pub count: u64,
    /// Trees that name something which is not there; sorted.
    pub again: Vec<Number>,
    /// How many objects there are.
    objects: usize,
    /// Of objects that were named anew since the trees were known: everything that names them.
    fresh: Fresh,
    /// What trees that were read again lost beside what was known of them: tree, child and name; sorted.
    late: Vec<(Number, Number, u32)>,
}

/// What names some objects.
#[derive(Debug, Default)]
struct Fresh {
    entries: Vec<Entry>,
    /// Where the entries of each object lie.
    ranges: HashMap<Number, (u32, u32)>,
    /// The objects, sorted.
    children: Vec<Number>,
}

impl Folders {
    /// Reads all trees, with so many workers; `progress` is told of objects and compressed bytes, and may stop it. Those that are
    /// `known` are not read again; it must be sound.
    #[must_use]
    pub fn read(
        store: &Store,
        known: Option<KnownFolders>,
        threads: usize,
        progress: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Self {
        let again = known.as_ref().map_or(&[][..], |known| &known.again);
        let workers = (0..threads.max(1)).map(|_| Reader {
            store,
            again,
            progress,
            out: Share { added: Noted::of(store.len()), removed: Noted::of(store.len()), ..Share::default() },
            starts: Vec::new(),
            recent: Recent::default(),
            pending: Vec::new(),
            found: HashMap::new(),
        });
        let workers: Vec<Reader<'_>> = workers.collect();
        let workers = if known.is_some() {
            let wanted: Vec<Number> = again.iter().copied().chain(store.known()..store.len() as Number).collect();
            odb::walk_some(store, Kind::Tree, &wanted, workers)
        } else {
            odb::walk(store, Kind::Tree, workers)
        };
        let mut all = Share::default();
        let mut parts: Vec<(Share, Vec<u32>)> = Vec::new();
        for mut reader in workers {
            reader.resolve();
            let numbers = all.merge(&mut reader.out);
            parts.push((reader.out, numbers));
        }
        all.missing.sort_unstable();
        all.missing.dedup_by_key(|missing| missing.0);
        all.submodules.sort_unstable();
        all.submodules.dedup();
        all.again.sort_unstable();
        all.again.dedup();
        match known {
            Some(known) => Self::beside(store, known, all, &parts),
            None => Self::of(store, all, &parts),
        }
    }

    /// All trees.
    fn of(store: &Store, all: Share, parts: &[(Share, Vec<u32>)]) -> Self {
        let added = parts.iter().flat_map(|(part, numbers)| {
            part.added.iter().map(|(tree, child, name)| (child, Entry { name: numbers[name as usize], tree }))
        });
        let removed = parts.iter().flat_map(|(part, numbers)| {
            part.removed.iter().map(|(tree, child, name)| (tree, (child, numbers[name as usize])))
        });
        let (added, removed) =
            rayon::join(|| Lists::of_sets(store.len(), added), || Lists::of_sets(store.len(), removed));
        Self {
            added: Later::here(added),
            removed: Later::here(removed),
            removed_anew: Lists::default(),
            known: store.len() as Number,
            asked: BTreeMap::new(),
            is_known_changed: false,
            names: all.names,
            missing: all.missing,
            submodules: all.submodules,
            unreadable: all.unreadable,
            count: all.count,
            again: all.again,
            objects: store.len(),
            fresh: Fresh::default(),
            late: Vec::new(),
        }
    }

    /// New trees beside those that are known.
    fn beside(store: &Store, known: KnownFolders, new: Share, parts: &[(Share, Vec<u32>)]) -> Self {
        let mut this = Self {
            known: store.known(),
            asked: known.asked,
            is_known_changed: false,
            removed_anew: Lists::default(),
            added: known.added,
            removed: known.removed,
            names: known.names,
            missing: new.missing,
            submodules: known.submodules,
            unreadable: new.unreadable,
            count: known.count + new.count,
            again: new.again,
            objects: store.len(),
            fresh: Fresh::default(),
            late: Vec::new(),
        };
        this.submodules.extend(new.submodules);
        this.submodules.sort_unstable();
        this.submodules.dedup();
        let new_names = new.names;
        let is_new = parts.iter().any(|(part, _)| !part.added.is_empty() || !part.removed.is_empty());
        // Trees that were read again name nothing new, mostly.
        let new = 0..if is_new { new_names.len() as u32 } else { 0 };
        let numbers: Vec<u32> = new.map(|name| this.names.number(new_names.name(name))).collect();
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for (part, of_all) in parts {
            let number = |name: u32| numbers[of_all[name as usize] as usize];
            added.extend(part.added.iter().map(|(tree, child, name)| (child, Entry { name: number(name), tree })));
            removed.extend(part.removed.iter().map(|(tree, child, name)| (tree, child, number(name))));
        }
        added.sort_unstable();
        removed.sort_unstable();
        removed.dedup();
        this.is_known_changed = added.iter().any(|added| added.1.tree < store.known());
        this.name_anew(&added);
        let late = removed.partition_point(|removed| removed.0 < store.known());
        let anew = removed[late..].iter().map(|&(tree, child, name)| (tree - store.known(), (child, name)));
        this.removed_anew = Lists::of_sets(store.len() - store.known() as usize, anew);
        removed.truncate(late);
        this.late = removed;
        this
    }

    /// Puts new entries, which are sorted, beside those that are known of the same objects.
    fn name_anew(&mut self, added: &[(Number, Entry)]) {
        let mut fresh = Fresh::default();
        for added in added.chunk_by(|a, b| a.0 == b.0) {
            let child = added[0].0;
            let mut entries = self.known_naming(child).to_vec();
            entries.extend(added.iter().map(|added| added.1));
            entries.sort_unstable();
            entries.dedup();
            let first = fresh.entries.len() as u32;
            fresh.entries.append(&mut entries);
            fresh.ranges.insert(child, (first, fresh.entries.len() as u32));
            fresh.children.push(child);
        }
        self.fresh = fresh;
    }

    /// What is known to name an object, without what is new.
    fn known_naming(&self, child: Number) -> &[Entry] {
        if child < self.known { self.added.get().get(child) } else { &[] }
    }

    /// The entries that name an object and are no copies of the base's.
    #[must_use]
    pub fn naming(&self, child: Number) -> &[Entry] {
        match self.fresh.ranges.get(&child) {
            Some(&(first, last)) => &self.fresh.entries[first as usize..last as usize],
            None => self.known_naming(child),
        }
    }

    /// Every object that a tree names, with the name; a pair comes once for each tree that is not made from one with it. Sorted.
    pub fn named(&self) -> impl Iterator<Item = (Number, u32)> + Clone {
        let children = 0..self.objects as Number;
        children.flat_map(|child| self.naming(child).iter().map(move |entry| (child, entry.name)))
    }

    /// Objects with names that they did not have when the trees were known; sorted.
    pub fn named_anew(&self) -> impl Iterator<Item = (Number, u32)> {
        self.fresh.children.iter().flat_map(|&child| {
            let mut names = self.names_of(child);
            let known = self.known_naming(child);
            names.retain(|&name| known.binary_search_by_key(&name, |entry| entry.name).is_err());
            names.into_iter().map(move |name| (child, name))
        })
    }

    /// The names of an object, each once; sorted.
    #[must_use]
    pub fn names_of(&self, child: Number) -> Vec<u32> {
        let asked = self.asked.get(&child).filter(|_| !self.fresh.ranges.contains_key(&child));
        if let Some(names) = asked {
            return names.clone();
        }
        let mut names: Vec<u32> = self.naming(child).iter().map(|entry| entry.name).collect();
        names.dedup();
        names
    }

    /// Whether something that is known could not be read when it was asked for: then nothing is to be believed.
    #[must_use]
    pub fn are_damaged(&self) -> bool {
        self.added.is_damaged() || self.removed.is_damaged()
    }

    fn known_lost(&self, tree: Number) -> &[(Number, u32)] {
        match tree.checked_sub(self.known) {
            None => self.removed.get().get(tree),
            Some(anew) => self.removed_anew.get(anew),
        }
    }

    /// What a tree lost of the entries that its base has: child and name; sorted.
    #[must_use]
    pub fn lost(&self, tree: Number) -> Cow<'_, [(Number, u32)]> {
        let lost = self.known_lost(tree);
        let first = self.late.partition_point(|late| late.0 < tree);
        let late = self.late[first..].iter().take_while(|late| late.0 == tree).map(|late| (late.1, late.2));
        if self.late.get(first).is_none_or(|late| late.0 != tree) {
            return Cow::Borrowed(lost);
        }
        let mut all: Vec<(Number, u32)> = lost.iter().copied().chain(late).collect();
        all.sort_unstable();
        all.dedup();
        Cow::Owned(all)
    }

    /// Whether a tree lost an entry that its base has.
    #[must_use]
    pub fn is_removed(&self, tree: Number, child: Number, name: u32) -> bool {
        self.known_lost(tree).binary_search(&(child, name)).is_ok()
            || self.late.binary_search(&(tree, child, name)).is_ok()
    }
}

impl Share {
    /// Takes everything from another but the entries; gives the numbers that its names have here.
    fn merge(&mut self, other: &mut Self) -> Vec<u32> {
        self.missing.append(&mut other.missing);
        self.submodules.append(&mut other.submodules);
        self.again.append(&mut other.again);
        self.unreadable.append(&mut other.unreadable);
        self.count += other.count;
        let names = std::mem::take(&mut other.names);
        if self.names.is_empty() {
            self.names = names;
            return (0..self.names.len() as u32).collect();
        }
        (0..names.len() as u32).map(|name| self.names.number(names.name(name))).collect()
    }
}

/// One worker.
struct Reader<'s> {
    store: &'s Store,
    /// Trees that are known and read again; sorted.
    again: &'s [Number],
    progress: &'s (dyn Fn(u64, u64) -> bool + Sync),
    out: Share,
    /// Memory for the starts of entries.
    starts: Vec<u32>,
    /// Objects that were named shortly before, and those to be looked up.
    recent: Recent,
    /// Entries of the latter.
    pending: Vec<Pending>,
    /// Objects that were looked up, where trees are known: those that are new are mostly versions of each other, and loose.
    found: HashMap<gix::ObjectId, Number>,
}

/// An entry whose object is still to be looked up.
struct Pending {
    /// Its place among those that are.
    asked: u32,
    name: u32,
    tree: Number,
    /// The tree has it not, and its base has.
    is_removed: bool,
}

/// Objects looked up at a time.
const BATCH: usize = 1024;

/// The offsets at which the entries of a tree begin, and behind them its size.
pub struct Starts(Vec<u32>);

impl Reader<'_> {
    const fn hash(&self) -> usize {
        self.store.hash().len_in_bytes()
    }

    /// Looks up the objects of the entries that wait.
    fn resolve(&mut self) {
        let ids: Vec<&gix::oid> = self.recent.asked().iter().map(|id| &**id).collect();
        let mut numbers = Vec::with_capacity(ids.len());
        if self.store.known() == 0 {
            self.store.find_all(&ids, &mut numbers);
        } else {
            let find = |id: &gix::oid| self.store.find(id).unwrap_or(NONE);
            numbers.extend(ids.iter().map(|&id| *self.found.entry(id.to_owned()).or_insert_with(|| find(id))));
        }
        let mut pending = std::mem::take(&mut self.pending);
        for Pending { asked, name, tree, is_removed } in pending.drain(..) {
            match (numbers[asked as usize], is_removed) {
                (NONE, false) => {
                    self.out.again.push(tree);
                    self.out.missing.push((self.recent.asked()[asked as usize], tree));
                }
                (NONE, true) => self.out.again.push(tree),
                (child, _) => self.note(tree, child, name, is_removed),
            }
        }
        self.pending = pending;
        self.recent.answer(&numbers);
    }

    /// Notes an entry that the tree has and its base has not, or the other way round.
    fn note(&mut self, tree: Number, child: Number, name: u32, is_removed: bool) {
        if tree < self.store.known() && child < self.store.known() {
            // Of a tree that is read again, all that names what is known is known.
        } else if is_removed {
            self.out.removed.push((tree, child, name));
        } else {
            self.out.added.push((tree, child, name));
        }
    }

    /// Whether the entries of a tree are known; it is read for the sake of those that are made from it.
    fn is_known(&self, tree: Number) -> bool {
        tree < self.store.known() && self.again.binary_search(&tree).is_err()
    }

    fn wait(&mut self, tree: Number, entry: &Raw<'_>, is_removed: bool) {
        if entry.mode == Mode::Submodule {
            if !is_removed {
                self.out.submodules.push(tree);
            }
            return;
        }
        if self.is_known(tree) {
            return;
        }
        let names = &mut self.out.names;
        let name = |last: Option<u32>| {
            last.filter(|&last| names.name(last) == entry.name).unwrap_or_else(|| names.number(entry.name))
        };
        match self.recent.child(entry.id, name) {
            (Child::Known(child), name) => self.note(tree, child, name, is_removed),
            (Child::Asked(asked), name) => {
                self.pending.push(Pending { asked, name, tree, is_removed });
                if self.recent.asked().len() >= BATCH || self.pending.len() >= 8 * BATCH {
                    self.resolve();
                }
            }
        }
    }

    /// Reads an entry that is not known from the base; gives where the next begins.
    fn add(&mut self, tree: Number, content: &[u8], at: usize, hash: usize) -> Option<usize> {
        let entry = entry_at(content, at, hash)?;
        self.wait(tree, &entry, false);
        Some(entry.end)
    }

    fn broken(&mut self, tree: Number) {
        self.out.unreadable.push(Unreadable {
            what: self.store.id(tree).to_string(),
            reason: "it is a tree whose entries cannot be read".to_owned(),
        });
    }

    /// Reads all entries.
    fn read(&mut self, tree: Number, content: &[u8]) -> Starts {
        let hash = self.hash();
        let mut starts = Vec::new();
        let mut at = 0;
        while at < content.len() {
            starts.push(at as u32);
            let Some(end) = self.add(tree, content, at, hash) else {
                self.broken(tree);
                break;
            };
            at = end;
        }
        starts.push(content.len() as u32);
        Starts(starts)
    }

    /// Notes which entries of the base are not in the tree: those that no range of `copied` holds.
    fn remove(&mut self, tree: Number, base: &[u8], starts: &[u32], copied: &mut [(usize, usize)], hash: usize) {
        copied.sort_unstable();
        let count = starts.len() - 1;
        let mut at = 0;
        for &(first, last) in copied.iter().chain([&(count, count)]) {
            for &start in &starts[at..first.max(at)] {
                if let Some(entry) = entry_at(base, start as usize, hash) {
                    self.wait(tree, &entry, true);
                }
            }
            at = at.max(last);
        }
    }
}

impl Visit for Reader<'_> {
    type State = Starts;

    fn whole(&mut self, number: Number, content: &[u8]) -> Starts {
        self.out.count += u64::from(self.store.counts(number) && number >= self.store.known());
        self.read(number, content)
    }

    fn delta(&mut self, number: Number, content: &[u8], base: &[u8], state: &Starts, copies: &[Copied]) -> Starts {
        self.out.count += u64::from(self.store.counts(number) && number >= self.store.known());
        let hash = self.hash();
        let old = &state.0;
        let mut starts = std::mem::take(&mut self.starts);
        starts.clear();
        let mut copied: Vec<(usize, usize)> = Vec::with_capacity(copies.len());
        let mut at = 0;
        let mut copies = copies.iter().peekable();
        while at < content.len() {
            // Entries that lie wholly in a copied range, from one that begins where an entry of the base does.
            while copies.next_if(|copy| copy.end() <= at as u32).is_some() {}
            if let Some(here) = copies.peek().filter(|copy| copy.start <= at as u32) {
                let in_base = here.base + at as u32 - here.start;
                let limit = here.base_end();
                if let Ok(first) = old.binary_search(&in_base) {
                    let last = old.partition_point(|&start| start <= limit) - 1;
                    if last > first {
                        starts.extend(old[first..last].iter().map(|&start| start - in_base + at as u32));
                        copied.push((first, last));
                        at += (old[last] - in_base) as usize;
                        continue;
                    }
                }
            }
            starts.push(at as u32);
            let Some(end) = self.add(number, content, at, hash) else {
                self.broken(number);
                break;
            };
            at = end;
        }
        starts.push(content.len() as u32);
        if !self.is_known(number) {
            self.remove(number, base, old, &mut copied, hash);
        }
        let kept = Starts(starts.as_slice().into());
        self.starts = starts;
        kept
    }

    fn unreadable(&mut self, unreadable: Unreadable) {
        self.out.unreadable.push(unreadable);
    }

    fn progress(&mut self, objects: u64, packed: u64) -> bool {
        (self.progress)(objects, packed)
    }
}
