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
mod loose;
mod pack;
mod table;
mod walk;

pub use known::{Known, KnownPack, Mark, MarkedPack};
pub use pack::Inflating;
pub use walk::{Visit, walk, walk_some};

pub use file::read_exact_at;
use known::PART;
use loose::Loose;
use pack::{Made, Pack};
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

/// What the packs hold.
struct Verified {
    /// The number of the first of some entries, and what these are made from.
    entries: Vec<(usize, Vec<Made>)>,
    /// Packs whose own checksums do not hold.
    damaged: Vec<Unreadable>,
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
    copies: Vec<bool>,
    /// How many objects were known before; these come first, and are not in the table.
    known: Number,
    known_packs: usize,
    was_touched: bool,
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
        let (mut kinds, mut copies) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for &code in &known.codes {
            let (kind, is_copy) = known::decode(code);
            kinds.push(Some(kind));
            copies.push(is_copy);
        }
        let mut bases = known.bases;
        let known = kinds.len();
        kinds.resize(count, None);
        copies.resize(count, false);
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
            table: Table::default(),
            hash,
            unreadable,
        };
        this.look(threads.max(1));
        this
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
        !self.copies[number as usize]
    }

    /// The number that stands for an object, if it is there.
    #[must_use]
    pub fn find(&self, id: &gix::oid) -> Option<Number> {
        self.find_known(id).or_else(|| self.table.find(id, |number| self.id(number)))
    }

    /// The same among the objects that were known: few are asked for then, so that the index is searched.
    fn find_known(&self, id: &gix::oid) -> Option<Number> {
        self.packs[..self.known_packs].iter().find_map(|pack| pack.find(id).find(|&number| self.counts(number)))
    }

    /// The numbers of many objects at once, which is faster; [`NONE`] for those that are not there.
    pub fn find_all(&self, ids: &[&gix::oid], out: &mut Vec<Number>) {
        if self.known == 0 {
            self.table.find_all(ids, |number| self.id(number), out);
        } else {
            out.extend(ids.iter().map(|id| self.find(id).unwrap_or(NONE)));
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

    /// Which objects of a kind are made from which: base and object, sorted.
    #[must_use]
    pub fn made_from(&self, kind: Kind) -> Vec<(Number, Number)> {
        let mut made: Vec<(Number, Number)> = (0..self.len())
            .filter(|&number| self.kinds[number] == Some(kind) && self.bases[number] != NONE)
            .map(|number| (self.bases[number], number as Number))
            .collect();
        made.sort_unstable();
        made
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

    /// Looks at every entry: verifies it, and finds out what it is made from.
    fn look(&mut self, threads: usize) {
        // The ids do not depend on what is found in the packs.
        let (looked, (table, copies)) = rayon::join(|| self.look_at_packs(threads), || self.entered());
        let by_id = self.take(looked);
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
        self.settle(table, copies);
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

    /// Verifies the entries of all packs.
    fn look_at_packs(&self, threads: usize) -> Verified {
        let mut parts = Vec::new();
        for (pack_number, pack) in self.packs.iter().enumerate().skip(self.known_packs) {
            parts.extend(
                (0..pack.len()).step_by(PART).map(|start| (pack_number, start..(start + PART).min(pack.len()))),
            );
        }
        let next = std::sync::atomic::AtomicUsize::new(0);
        let all = std::sync::Mutex::new(Vec::new());
        let damaged = std::sync::Mutex::new(Vec::new());
        let packs = &self.packs;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let part = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if let Some((pack, range)) = parts.get(part) {
                            let mut found = Vec::with_capacity(range.len());
                            packs[*pack].headers(range.clone(), |_, made| found.push(made));
                            let first = packs[*pack].first as usize + range.start;
                            all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((first, found));
                        } else if let Some(pack) = packs.get(self.known_packs + part - parts.len()) {
                            let what = || pack.path.display().to_string();
                            let wrong = pack.verify().map(|reason| Unreadable { what: what(), reason });
                            damaged.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(wrong);
                        } else {
                            break;
                        }
                    }
                });
            }
        });
        Verified {
            entries: all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner),
            damaged: damaged.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Takes what packs were found to hold; gives the entries whose base is named by its id.
    fn take(&mut self, verified: Verified) -> Vec<(Number, gix::ObjectId)> {
        let mut by_id = Vec::new();
        self.unreadable.extend(verified.damaged);
        for (first, found) in verified.entries {
            for (at, made) in (first..).zip(found) {
                match made {
                    Made::Whole(kind) => self.kinds[at] = Some(kind),
                    Made::From(base) => self.bases[at] = base,
                    Made::FromId(id) => by_id.push((at as Number, id)),
                    Made::Broken(reason) => self
                        .unreadable
                        .push(Unreadable { what: self.id(at as Number).to_string(), reason: reason.to_owned() }),
                }
            }
        }
        by_id
    }

    /// The table of all ids, and the numbers of objects that are in it already, or are known.
    fn entered(&self) -> (Table, Vec<Number>) {
        let mut table = Table::new(self.len() - self.known as usize);
        let mut copies = Vec::new();
        let packed = self.packs[self.known_packs..].iter().flat_map(Pack::by_id);
        for number in packed.chain(self.packed().max(self.known)..self.len() as Number) {
            let id = self.id(number);
            if self.find_known(id).is_some() || table.insert(id, number, |number| self.id(number)).is_some() {
                copies.push(number);
            }
        }
        (table, copies)
    }

    /// Takes the table. Of two copies, one that can be read stands for the object.
    fn settle(&mut self, mut table: Table, copies: Vec<Number>) {
        let is_broken = |number: Number| self.kinds[number as usize].is_none() && self.bases[number as usize] == NONE;
        for number in copies {
            let id = self.id(number);
            let known = table.find(id, |number| self.id(number)).filter(|_| self.find_known(id).is_none());
            match known.filter(|&known| is_broken(known) && !is_broken(number)) {
                Some(known) => {
                    table.replace(id, known, number);
                    self.copies[known as usize] = true;
                }
                None => self.copies[number as usize] = true,
            }
        }
        self.table = table;
    }

    /// A delta is of the kind of its base. What no whole object leads to is broken: its base is, or there is a loop.
    fn spread_kinds(&mut self) {
        let mut chain = Vec::new();
        let mut on_chain = vec![false; self.len()];
        for number in self.known as usize..self.len() {
            let mut at = number;
            while self.kinds[at].is_none() && self.bases[at] != NONE && !on_chain[at] {
                chain.push(at);
                on_chain[at] = true;
                at = self.bases[at] as usize;
            }
            let kind = self.kinds[at];
            for link in chain.drain(..) {
                on_chain[link] = false;
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
        for number in self.known as usize..self.len() {
            if !self.copies[number] || self.kinds[number].is_none() {
                continue;
            }
            let id = self.id(number as Number).to_owned();
            if let Some(known) = self.find(&id).filter(|&known| self.kinds[known as usize].is_none()) {
                self.table.replace(&id, known, number as Number);
                self.copies[number] = false;
                self.copies[known as usize] = true;
                rescued.push(id.to_string());
            }
        }
        if !rescued.is_empty() {
            rescued.sort();
            self.unreadable.retain(|one| rescued.binary_search(&one.what).is_err());
        }
    }
}

enum Place<'s> {
    Packed(&'s Pack, usize),
    Loose(&'s Loose, usize),
}

/// Where objects may lie.
struct Listing {
    /// Object folders.
    folders: Vec<PathBuf>,
    /// Indexes of packs.
    indexes: Vec<PathBuf>,
    unreadable: Vec<Unreadable>,
}

impl Listing {
    fn of(objects: &Path) -> Self {
        let mut unreadable = Vec::new();
        let folders = folders(objects, &mut unreadable);
        let mut refuse = |what: PathBuf, reason: String| {
            unreadable.push(Unreadable { what: what.display().to_string(), reason });
        };
        let indexes = folders.iter().flat_map(|folder| indexes(&folder.join("pack"), &mut refuse)).collect();
        Self { folders, indexes, unreadable }
    }
}

/// The object folder and all its alternates.
fn folders(objects: &Path, unreadable: &mut Vec<Unreadable>) -> Vec<PathBuf> {
    let mut folders = vec![objects.to_owned()];
    // An absolute path is resolved without regard to where the program stands.
    let objects = &objects.canonicalize().unwrap_or_else(|_| objects.to_owned());
    match gix::odb::alternate::resolve(objects.clone(), objects) {
        Ok(others) => folders.extend(others),
        Err(error) => unreadable.push(Unreadable {
            what: objects.join("info/alternates").display().to_string(),
            reason: format!("its alternates could not be followed: {error}"),
        }),
    }
    for folder in folders.iter().filter(|folder| !folder.is_dir()) {
        unreadable.push(Unreadable {
            what: folder.display().to_string(),
            reason: "an object folder that the repository names is not there".to_owned(),
        });
    }
    folders
}

/// The indexes of a pack folder, and a complaint for each pack without one.
fn indexes(folder: &Path, refuse: &mut impl FnMut(PathBuf, String)) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            refuse(folder.to_owned(), format!("could not be listed: {error}"));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => refuse(folder.to_owned(), format!("could not be listed: {error}")),
        }
    }
    paths.sort();
    let is = |path: &Path, extension: &str| path.extension().is_some_and(|found| found == extension);
    for pack in paths.iter().filter(|path| {
        is(path, "pack") && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pack-"))
    }) {
        if paths.binary_search(&pack.with_extension("idx")).is_err() {
            refuse(pack.clone(), "a pack without an index: run `git index-pack` on it".to_owned());
        }
    }
    paths.retain(|path| is(path, "idx"));
    paths
}
