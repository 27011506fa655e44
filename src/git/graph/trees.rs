//! Which tree has which entries, from the deltas of the trees.
//!
//! A tree is mostly made by changing one entry of another. So each tree is kept as what it has that its base has not
//! ([`Folders::added`]) and what its base has that it has not ([`Folders::removed`]); the entries of a whole history take a few
//! dozen megabytes that way, and none is read twice.

use super::super::odb::{self, Kind, NONE, Number, Segment, Store, Unreadable, Visit};
use std::collections::HashMap;

/// Where something stands: a tree, and the name that it has there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// A number in [`Names`].
    pub name: u32,
    /// The tree.
    pub tree: Number,
}

/// Names of entries, each once.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, u32>,
}

impl Names {
    /// The number of a name, which is new or known.
    pub fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// A name by its number.
    #[must_use]
    pub fn name(&self, number: u32) -> &[u8] {
        &self.names[number as usize]
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What one worker read.
#[derive(Debug, Default)]
struct Share {
    /// Child, name and tree.
    added: Vec<(Number, u32, Number)>,
    /// Tree, child and name.
    removed: Vec<(Number, Number, u32)>,
    names: Names,
    missing: Vec<(gix::ObjectId, Number)>,
    submodules: Vec<Number>,
    unreadable: Vec<Unreadable>,
    count: u64,
}

/// The entries of all trees.
#[derive(Debug, Default)]
pub struct Folders {
    /// What each tree has that the tree it is made from has not, by what is named.
    added: Vec<Entry>,
    /// What each tree has not that the tree it is made from has: child and name, by tree.
    removed: Vec<(Number, u32)>,
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
    /// Where what names each object begins in `added`.
    naming: Vec<u32>,
    /// Where what each tree lost begins in `removed`.
    lost: Vec<u32>,
}

/// Where the values of each number begin in a list that is sorted by them; one more at the end.
pub(super) fn starts_of(count: usize, numbers: impl Iterator<Item = Number>) -> Vec<u32> {
    let mut first = vec![0u32; count + 1];
    numbers.for_each(|number| first[number as usize + 1] += 1);
    for at in 0..count {
        first[at + 1] += first[at];
    }
    first
}

/// Values by the numbers that they belong to, in the order in which they come: where those of each number begin, and they.
/// Cheaper than to sort, by far.
fn grouped<T: Copy + Default>(count: usize, list: impl Iterator<Item = (Number, T)> + Clone) -> (Vec<u32>, Vec<T>) {
    let first = starts_of(count, list.clone().map(|pair| pair.0));
    let mut next = first.clone();
    let mut values = vec![T::default(); first[count] as usize];
    for (number, value) in list {
        values[next[number as usize] as usize] = value;
        next[number as usize] += 1;
    }
    (first, values)
}

/// Sorts the values of each number, and leaves each once.
fn sort_and_dedup_each<T: Copy + Ord>(first: &mut [u32], values: &mut Vec<T>) {
    let mut kept = 0;
    let mut begin = 0;
    for end in &mut first[1..] {
        let range = begin..*end as usize;
        begin = range.end;
        values[range.clone()].sort_unstable();
        let group = kept;
        for at in range {
            if kept == group || values[at] != values[kept - 1] {
                values[kept] = values[at];
                kept += 1;
            }
        }
        *end = kept as u32;
    }
    values.truncate(kept);
}

impl Folders {
    /// Reads all trees, with so many workers; `progress` is told of objects and compressed bytes, and may stop it.
    #[must_use]
    pub fn read(store: &Store, threads: usize, progress: &(dyn Fn(u64, u64) -> bool + Sync)) -> Self {
        let worker = || Reader { store, progress, out: Share::default(), starts: Vec::new(), pending: Vec::new() };
        let mut all = Share::default();
        let mut parts: Vec<(Share, Vec<u32>)> = Vec::new();
        for mut reader in odb::walk::<Reader<'_>>(store, Kind::Tree, (0..threads.max(1)).map(|_| worker()).collect()) {
            reader.resolve();
            let numbers = all.merge(&mut reader.out);
            parts.push((reader.out, numbers));
        }
        let added = parts.iter().flat_map(|(part, numbers)| {
            part.added.iter().map(|&(child, name, tree)| (child, Entry { name: numbers[name as usize], tree }))
        });
        let (mut naming, mut added) = grouped(store.len(), added);
        sort_and_dedup_each(&mut naming, &mut added);
        let removed = parts.iter().flat_map(|(part, numbers)| {
            part.removed.iter().map(|&(tree, child, name)| (tree, (child, numbers[name as usize])))
        });
        let (lost, removed) = grouped(store.len(), removed);
        all.missing.sort_unstable();
        all.missing.dedup_by_key(|missing| missing.0);
        all.submodules.sort_unstable();
        all.submodules.dedup();
        Self {
            added,
            removed,
            names: all.names,
            missing: all.missing,
            submodules: all.submodules,
            unreadable: all.unreadable,
            count: all.count,
            naming,
            lost,
        }
    }

    /// The entries that name an object and are no copies of the base's.
    #[must_use]
    pub fn naming(&self, child: Number) -> &[Entry] {
        &self.added[self.naming[child as usize] as usize..self.naming[child as usize + 1] as usize]
    }

    /// Every object that a tree names, with the name; a pair comes once for each tree that is not made from one with it. Sorted.
    pub fn named(&self) -> impl Iterator<Item = (Number, u32)> {
        let children = 0..self.naming.len().saturating_sub(1) as Number;
        children.flat_map(|child| self.naming(child).iter().map(move |entry| (child, entry.name)))
    }

    /// Whether a tree lost an entry that its base has.
    #[must_use]
    pub fn is_removed(&self, tree: Number, child: Number, name: u32) -> bool {
        let lost = &self.removed[self.lost[tree as usize] as usize..self.lost[tree as usize + 1] as usize];
        lost.contains(&(child, name))
    }
}

impl Share {
    /// Takes everything from another but the entries; gives the numbers that its names have here.
    fn merge(&mut self, other: &mut Self) -> Vec<u32> {
        self.missing.append(&mut other.missing);
        self.submodules.append(&mut other.submodules);
        self.unreadable.append(&mut other.unreadable);
        self.count += other.count;
        let names = std::mem::take(&mut other.names);
        if self.names.is_empty() {
            self.names = names;
            return (0..self.names.len() as u32).collect();
        }
        names.names.iter().map(|name| self.names.number(name)).collect()
    }
}

/// One worker.
struct Reader<'s> {
    store: &'s Store,
    progress: &'s (dyn Fn(u64, u64) -> bool + Sync),
    out: Share,
    /// Memory for the starts of entries.
    starts: Vec<u32>,
    /// Entries whose objects are still to be looked up.
    pending: Vec<Pending>,
}

/// An entry whose object is still to be looked up.
struct Pending {
    id: gix::ObjectId,
    name: u32,
    tree: Number,
    /// The tree has it not, and its base has.
    is_removed: bool,
}

/// Entries looked up at a time.
const BATCH: usize = 1024;

/// The offsets at which the entries of a tree begin, and behind them its size.
pub struct Starts(Vec<u32>);

/// An entry as it stands in a tree: name, id, whether it is a commit of a submodule, and where the next one begins.
struct Raw<'t> {
    name: &'t [u8],
    id: &'t gix::oid,
    is_submodule: bool,
    end: usize,
}

/// Format: mode in octal digits, a blank, the name, NUL, and the id in binary.
fn entry_at(content: &[u8], at: usize, hash: usize) -> Option<Raw<'_>> {
    let rest = content.get(at..)?;
    let blank = memchr::memchr(b' ', &rest[..rest.len().min(8)])?;
    let nul = blank + memchr::memchr(0, &rest[blank..])?;
    let id = rest.get(nul + 1..nul + 1 + hash)?;
    Some(Raw {
        name: &rest[blank + 1..nul],
        id: gix::oid::try_from_bytes(id).ok()?,
        is_submodule: &rest[..blank] == b"160000",
        end: at + nul + 1 + hash,
    })
}

/// The entries of a tree that name something of this repository: name and id. Ends where it is broken.
pub fn entries(content: &[u8], hash: usize) -> impl Iterator<Item = (&[u8], &gix::oid)> {
    all_entries(content, hash).filter(|entry| !entry.2).map(|(name, id, _)| (name, id))
}

/// All entries of a tree: name, id, and whether that is a commit of a submodule. Ends where it is broken.
pub(super) fn all_entries(content: &[u8], hash: usize) -> impl Iterator<Item = (&[u8], &gix::oid, bool)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let entry = entry_at(content, at, hash)?;
        at = entry.end;
        Some((entry.name, entry.id, entry.is_submodule))
    })
}

impl Reader<'_> {
    fn hash(&self, number: Number) -> usize {
        self.store.id(number).as_bytes().len()
    }

    /// Looks up the objects of the entries that wait.
    fn resolve(&mut self) {
        let ids: Vec<&gix::oid> = self.pending.iter().map(|pending| &*pending.id).collect();
        let mut numbers = Vec::with_capacity(ids.len());
        self.store.find_all(&ids, &mut numbers);
        for (pending, child) in self.pending.drain(..).zip(numbers) {
            let Pending { id, name, tree, is_removed } = pending;
            match (child, is_removed) {
                (NONE, false) => self.out.missing.push((id, tree)),
                (NONE, true) => {}
                (_, true) => self.out.removed.push((tree, child, name)),
                (_, false) => self.out.added.push((child, name, tree)),
            }
        }
    }

    fn wait(&mut self, tree: Number, entry: &Raw<'_>, is_removed: bool) {
        if entry.is_submodule {
            if !is_removed {
                self.out.submodules.push(tree);
            }
            return;
        }
        let name = self.out.names.number(entry.name);
        self.pending.push(Pending { id: entry.id.to_owned(), name, tree, is_removed });
        if self.pending.len() >= BATCH {
            self.resolve();
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
        let hash = self.hash(tree);
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
        self.out.count += u64::from(self.store.counts(number));
        self.read(number, content)
    }

    fn delta(&mut self, number: Number, content: &[u8], base: &[u8], state: &Starts, segments: &[Segment]) -> Starts {
        self.out.count += u64::from(self.store.counts(number));
        let hash = self.hash(number);
        let old = &state.0;
        let mut starts = std::mem::take(&mut self.starts);
        starts.clear();
        let mut copied: Vec<(usize, usize)> = Vec::with_capacity(segments.len());
        let (mut at, mut segment) = (0, 0);
        while at < content.len() {
            while segments[segment].end() <= at {
                segment += 1;
            }
            let here = &segments[segment];
            // Entries that lie wholly in a copied range, from one that begins where an entry of the base does.
            if let Some(from) = here.base {
                let in_base = (from + at - here.start) as u32;
                let limit = (from + here.length) as u32;
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
        self.remove(number, base, old, &mut copied, hash);
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
