//! Every object that a repository holds, by number: those of all packs, then the loose ones, of its own object folder and of
//! all alternates.
//!
//! The object database of gix answers "what is in this object"; here the question is "what is there at all, and what
//! is made from what", so that each object is inflated once and in the order of the deltas ([`walk`](mod@walk)). An object that
//! lies in several packs has several numbers, of which one counts ([`Store::counts`]).
//!
//! Nothing is trusted: packs are verified by the checksums that their indexes hold, loose objects by their ids. Only packs
//! that were verified before, and are the same files still, are not looked at again ([`Store::open_known`]).

pub mod delta;
mod file;
pub mod grouped;
mod known;
mod listing;
mod look;
mod loose;
mod marks;
mod offsets;
mod pack;
mod sorted;
mod starts;
mod table;
mod walk;

pub use known::{Known, KnownPack, Mark, MarkedPack};
pub use marks::Marks;
pub use offsets::Offsets;
pub use pack::Inflating;
pub use walk::{Visit, walk, walk_some};

pub use file::read_exact_at;
use listing::Listing;
use loose::Loose;
use pack::Pack;
use sorted::Sorted;
use std::path::{Path, PathBuf};
use table::Table;

/// The number of an object in a [`Store`].
pub type Number = u32;
/// No object.
pub const NONE: Number = Number::MAX;

/// The four kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl From<gix::objs::Kind> for Kind {
    fn from(kind: gix::objs::Kind) -> Self {
        match kind {
            gix::objs::Kind::Commit => Self::Commit,
            gix::objs::Kind::Tree => Self::Tree,
            gix::objs::Kind::Blob => Self::Blob,
            gix::objs::Kind::Tag => Self::Tag,
        }
    }
}

impl Kind {
    /// The word git has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The object's id, or the path of a pack or folder.
    pub what: String,
    /// Why, for a person.
    pub reason: String,
}

/// All objects of a repository.
#[derive(Debug)]
pub struct Store {
    packs: Vec<Pack>,
    loose: Vec<Loose>,
    /// The number of the first loose object of each folder.
    loose_first: Vec<Number>,
    /// The kind of each object, that of its delta chain's root; `None` where it is broken or its root cannot be reached.
    kinds: Vec<Option<Kind>>,
    /// The object that each is made from, or [`NONE`].
    bases: Vec<Number>,
    /// Whether another copy of the same object stands for it.
    copies: Marks,
    /// How many objects were known before; these come first, and are not in the table.
    known: Number,
    known_packs: usize,
    was_touched: bool,
    /// The ids of the largest pack …
    sorted: Option<Sorted>,
    /// … and of everything else.
    table: Table,
    hash: gix::hash::Kind,
    /// What could not be read so far.
    pub unreadable: Vec<Unreadable>,
}

impl Store {
    /// Finds all objects in an object folder and its alternates, with `threads` workers.
    #[must_use]
    pub fn open(objects: &Path, hash: gix::hash::Kind, threads: usize) -> Self {
        Self::of(Listing::of(objects), Vec::new(), Known::default(), hash, threads)
    }

    /// The same where packs are known: their objects come first, in the order that they had. `None` where one of the packs is not
    /// there any more, or is another.
    #[must_use]
    pub fn open_known(objects: &Path, hash: gix::hash::Kind, threads: usize, mut known: Known) -> Option<Self> {
        if !known.is_sound() {
            return None;
        }
        let mut listing = Listing::of(objects);
        let marks: Vec<(Mark, usize)> =
            listing.indexes.iter().enumerate().filter_map(|(at, index)| Some((Mark::of(index)?, at))).collect();
        let mut packs = Vec::new();
        let mut taken = Vec::new();
        let mut count = 0;
        let mut touched = Vec::new();
        for mut pack in std::mem::take(&mut known.packs) {
            let mut same = marks.iter().filter(|mark| mark.0.is_same_files(&pack.mark));
            // Two that cannot be told apart are known no more than none.
            let (Some(&(mark, at)), None) = (same.next(), same.next()) else { return None };
            taken.push(at);
            let length = pack.order.len() as Number;
            if std::mem::replace(&mut pack.mark, mark) != mark {
                touched.push(packs.len());
            }
            packs.push(Pack::open_known(&listing.indexes[at], count, hash, pack)?);
            count += length;
        }
        let again: Vec<&Pack> = touched.iter().map(|&at| &packs[at]).collect();
        if !known::are_sound(&again, threads) {
            return None;
        }
        let mut at = 0;
        listing.indexes.retain(|_| {
            at += 1;
            !taken.contains(&(at - 1))
        });
        let mut this = Self::of(listing, packs, known, hash, threads);
        this.was_touched = !touched.is_empty();
        Some(this)
    }

    /// All of a listing behind the packs that are known.
    fn of(listing: Listing, mut packs: Vec<Pack>, known: Known, hash: gix::hash::Kind, threads: usize) -> Self {
        let Listing { folders, indexes, mut unreadable } = listing;
        let mut loose = Vec::new();
        let known_packs = packs.len();
        let mut count = known.len() as u64;
        let mut refuse = |what: PathBuf, reason: String| {
            unreadable.push(Unreadable { what: what.display().to_string(), reason });
        };
        for index in indexes {
            match Pack::open(&index, count as Number, hash) {
                Ok(pack) if count + pack.len() as u64 >= u64::from(NONE) => {
                    refuse(index, "there are more than four billion objects".to_owned());
                    drop(pack);
                }
                Ok(pack) => {
                    count += pack.len() as u64;
                    packs.push(pack);
                }
                Err(reason) => refuse(index.with_extension("pack"), reason),
            }
        }
        let mut loose_first = Vec::new();
        for folder in &folders {
            let found = Loose::list(folder, hash, &mut refuse);
            loose_first.push(count as Number);
            count += found.ids.len() as u64;
            loose.push(found);
        }
        let count = count as usize;
        let (mut kinds, mut copies) = (Vec::with_capacity(count), Marks::none(count));
        for (number, &code) in (0..).zip(&known.codes) {
            let (kind, is_copy) = known::decode(code);
            kinds.push(Some(kind));
            if is_copy {
                copies.mark(number);
            }
        }
        let mut bases = known.bases;
        let known = kinds.len();
        kinds.resize(count, None);
        bases.reserve_exact(count - known);
        bases.resize(count, NONE);
        let mut this = Self {
            packs,
            loose,
            loose_first,
            kinds,
            bases,
            copies,
            known: known as Number,
            known_packs,
            was_touched: false,
            sorted: None,
            table: Table::default(),
            hash,
            unreadable,
        };
        this.look(threads.max(1));
        this.release();
        this
    }

    /// Gives back the memory into which indexes were read; what is asked for next is read again.
    pub fn release(&mut self) {
        self.packs.iter_mut().for_each(Pack::release);
    }

    /// How objects are hashed.
    #[must_use]
    pub const fn hash(&self) -> gix::hash::Kind {
        self.hash
    }

    /// How many numbers there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is no object at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The id of an object.
    #[must_use]
    pub fn id(&self, number: Number) -> &gix::oid {
        match self.place(number) {
            Place::Packed(pack, at) => pack.id(at),
            Place::Loose(loose, at) => &loose.ids[at],
        }
    }

    /// The kind of an object, `None` where it cannot be read.
    #[must_use]
    pub fn kind(&self, number: Number) -> Option<Kind> {
        self.kinds[number as usize]
    }

    /// Whether this number is the one that stands for its object.
    #[must_use]
    pub fn counts(&self, number: Number) -> bool {
        !self.copies.has(number)
    }

    /// The number that stands for an object, if it is there.
    #[must_use]
    pub fn find(&self, id: &gix::oid) -> Option<Number> {
        let new = || self.find_sorted(id).or_else(|| self.table.find(id, |number| self.id(number)));
        self.find_known(id).or_else(new)
    }

    /// The same in the largest pack.
    fn find_sorted(&self, id: &gix::oid) -> Option<Number> {
        let sorted = self.sorted.as_ref()?;
        sorted.find(&self.packs[sorted.pack], id, |number| self.counts(number))
    }

    /// Whether an object lies in the largest pack.
    fn is_sorted(&self, number: Number) -> bool {
        let pack = self.sorted.as_ref().map(|sorted| &self.packs[sorted.pack]);
        pack.is_some_and(|pack| (pack.first..pack.first + pack.len() as Number).contains(&number))
    }

    /// The same among the objects that were known: few are asked for then, so that the index is searched.
    fn find_known(&self, id: &gix::oid) -> Option<Number> {
        self.packs[..self.known_packs].iter().find_map(|pack| pack.find(id).find(|&number| self.counts(number)))
    }

    /// The numbers of many objects at once, which is faster; [`NONE`] for those that are not there.
    pub fn find_all(&self, ids: &[&gix::oid], out: &mut Vec<Number>) {
        if self.known > 0 {
            out.extend(ids.iter().map(|id| self.find(id).unwrap_or(NONE)));
        } else if let Some(sorted) = &self.sorted {
            let first = out.len();
            sorted.find_all(&self.packs[sorted.pack], ids, |number| self.counts(number), out);
            let elsewhere = |id| self.table.find(id, |number| self.id(number)).unwrap_or(NONE);
            let missed = ids.iter().zip(&mut out[first..]).filter(|(_, found)| **found == NONE);
            missed.for_each(|(id, found)| *found = elsewhere(id));
        } else {
            self.table.find_all(ids, |number| self.id(number), out);
        }
    }

    /// Bytes of all packs that were not known.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.packs[self.known_packs..].iter().map(Pack::bytes).sum()
    }

    /// The compressed size of an object; 0 for a loose one, which is not asked for.
    #[must_use]
    pub fn packed_size(&self, number: Number) -> u64 {
        match self.place(number) {
            Place::Packed(pack, at) => pack.packed_size(at),
            Place::Loose(..) => 0,
        }
    }

    /// Which objects of a kind are made from which: base and object, sorted by object.
    pub fn made_from(&self, kind: Kind) -> impl Iterator<Item = (Number, Number)> + Clone {
        let is_made = move |&number: &usize| self.kinds[number] == Some(kind) && self.bases[number] != NONE;
        (0..self.len()).filter(is_made).map(|number| (self.bases[number], number as Number))
    }

    /// Reads one object whole, through its chain of deltas.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn read(&self, number: Number, memory: &mut Inflating) -> Result<Vec<u8>, &'static str> {
        let mut chain = vec![number];
        let mut at = number;
        while self.bases[at as usize] != NONE {
            at = self.bases[at as usize];
            if self.kinds[at as usize].is_none() {
                return Err("the base of its delta cannot be read");
            }
            chain.push(at);
        }
        let mut content = Vec::new();
        let (mut made, mut delta, mut copied) = (Vec::new(), Vec::new(), Vec::new());
        for (step, &number) in chain.iter().rev().enumerate() {
            if step == 0 {
                self.inflate(number, memory, &mut content)?;
                continue;
            }
            self.inflate(number, memory, &mut delta)?;
            delta::apply(&content, &delta, &mut made, &mut copied).map_err(|_| "its delta does not fit its base")?;
            std::mem::swap(&mut made, &mut content);
        }
        Ok(content)
    }

    /// Inflates an entry: an object, or a delta.
    fn inflate(&self, number: Number, memory: &mut Inflating, out: &mut Vec<u8>) -> Result<(), &'static str> {
        match self.place(number) {
            Place::Packed(pack, at) => pack.inflate(at, memory, out),
            Place::Loose(loose, at) => loose.read(&loose.ids[at], &mut Vec::new(), out).map(|_| ()),
        }
    }

    fn place(&self, number: Number) -> Place<'_> {
        let after = self.loose_first.partition_point(|&first| first <= number);
        if let Some(folder) = after.checked_sub(1)
            && number >= self.loose_first[0]
        {
            return Place::Loose(&self.loose[folder], (number - self.loose_first[folder]) as usize);
        }
        let after = self.packs.partition_point(|pack| pack.first <= number);
        let pack = &self.packs[after.saturating_sub(1)];
        Place::Packed(pack, (number - pack.first) as usize)
    }
}

enum Place<'s> {
    Packed(&'s Pack, usize),
    Loose(&'s Loose, usize),
}
