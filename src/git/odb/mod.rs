//! Every object that a repository holds, by number: those of all packs, then the loose ones, of its own object folder and of
//! all alternates.
//!
//! The object database of gix answers "what is in this object"; here the question is "what is there at all, and what
//! is made from what", so that each object is inflated once and in the order of the deltas ([`walk`](mod@walk)). An object that
//! lies in several packs has several numbers, of which one counts ([`Store::counts`]).
//!
//! Nothing is trusted: packs are verified by the checksums that their indexes hold, loose objects by their ids.

pub mod delta;
mod file;
mod loose;
mod pack;
mod table;
mod walk;

pub use delta::Segment;
pub use pack::Inflating;
pub use walk::{Visit, walk};

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
    table: Table,
    hash: gix::hash::Kind,
    /// What could not be read so far.
    pub unreadable: Vec<Unreadable>,
}

impl Store {
    /// Finds all objects in an object folder and its alternates, with `threads` workers.
    #[must_use]
    pub fn open(objects: &Path, hash: gix::hash::Kind, threads: usize) -> Self {
        let mut unreadable = Vec::new();
        let folders = folders(objects, &mut unreadable);
        let (mut packs, mut loose) = (Vec::new(), Vec::new());
        let mut count = 0u64;
        let mut refuse = |what: PathBuf, reason: String| {
            unreadable.push(Unreadable { what: what.display().to_string(), reason });
        };
        for folder in &folders {
            for index in indexes(&folder.join("pack"), &mut refuse) {
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
        }
        let mut loose_first = Vec::new();
        for folder in &folders {
            let found = Loose::list(folder, hash, &mut refuse);
            loose_first.push(count as Number);
            count += found.ids.len() as u64;
            loose.push(found);
        }
        let count = count as usize;
        let mut this = Self {
            packs,
            loose,
            loose_first,
            kinds: vec![None; count],
            bases: vec![NONE; count],
            copies: vec![false; count],
            table: Table::new(count),
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
        self.table.find(id, |number| self.id(number))
    }

    /// The numbers of many objects at once, which is faster; [`NONE`] for those that are not there.
    pub fn find_all(&self, ids: &[&gix::oid], out: &mut Vec<Number>) {
        self.table.find_all(ids, |number| self.id(number), out);
    }

    /// Bytes of all packs.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.packs.iter().map(Pack::bytes).sum()
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
        let (mut made, mut delta, mut segments) = (Vec::new(), Vec::new(), Vec::new());
        for (step, &number) in chain.iter().rev().enumerate() {
            if step == 0 {
                self.inflate(number, memory, &mut content)?;
                continue;
            }
            self.inflate(number, memory, &mut delta)?;
            delta::apply(&content, &delta, &mut made, &mut segments).map_err(|_| "its delta does not fit its base")?;
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
        self.fill_table();
        for (number, base) in by_id {
            match self.find(&base).filter(|&base| base != number) {
                Some(base) => self.bases[number as usize] = base,
                None => self.unreadable.push(Unreadable {
                    what: self.id(number).to_string(),
                    reason: format!("the base of its delta, {base}, is not in the repository"),
                }),
            }
        }
        self.spread_kinds();
    }

    /// Verifies the entries of all packs; gives those whose base is named by its id.
    fn look_at_packs(&mut self, threads: usize) -> Vec<(Number, gix::ObjectId)> {
        const PART: usize = 16 * 1024;
        let mut parts = Vec::new();
        for (pack_number, pack) in self.packs.iter().enumerate() {
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
                        } else if let Some(pack) = packs.get(part - parts.len()) {
                            let wrong = pack.verify().map(|reason| (pack.path.display().to_string(), reason));
                            damaged.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(wrong);
                        } else {
                            break;
                        }
                    }
                });
            }
        });
        let mut by_id = Vec::new();
        for (what, reason) in damaged.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            self.unreadable.push(Unreadable { what, reason });
        }
        for (first, found) in all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
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

    /// Enters the ids; of two copies, one that can be read stands for the object.
    fn fill_table(&mut self) {
        let mut table = std::mem::take(&mut self.table);
        for number in 0..self.len() as Number {
            let is_broken =
                |number: Number| self.kinds[number as usize].is_none() && self.bases[number as usize] == NONE;
            if let Some(known) = table.insert(self.id(number), number, |number| self.id(number)) {
                if is_broken(known) && !is_broken(number) {
                    table.replace(self.id(number), known, number);
                    self.copies[known as usize] = true;
                } else {
                    self.copies[number as usize] = true;
                }
            }
        }
        self.table = table;
    }

    /// A delta is of the kind of its base. What no whole object leads to is broken: its base is, or there is a loop.
    fn spread_kinds(&mut self) {
        let mut chain = Vec::new();
        let mut on_chain = vec![false; self.len()];
        for number in 0..self.len() {
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
        for number in 0..self.len() {
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
