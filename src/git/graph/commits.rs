//! All commits and annotated tags: what each names, and its message.

use super::super::commit;
use super::super::odb::grouped::{Lists, lent};
use super::super::odb::{self, Kind, NONE, Number, Store, Unreadable, Visit};
use crate::text::Copied;
use rayon::slice::ParallelSliceMut as _;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A commit, as far as the graph needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// Its number in the store.
    pub number: Number,
    /// Its tree, or [`NONE`] where that is not in the repository.
    pub tree: Number,
    /// The beginning of its id: an order of those of one second that does not depend on how they are packed.
    pub tie: u32,
    /// The halves of its time: there are many commits, and as one number it would need room before it.
    time: [u32; 2],
}

impl Commit {
    /// One that was committed so many seconds after 1970.
    #[must_use]
    pub const fn new(number: Number, tree: Number, time: i64, tie: u32) -> Self {
        let time = time.cast_unsigned();
        Self { number, tree, tie, time: [time as u32, (time >> 32) as u32] }
    }

    /// Seconds since 1970 at which it was committed.
    #[must_use]
    pub const fn time(&self) -> i64 {
        ((self.time[1] as u64) << 32 | self.time[0] as u64).cast_signed()
    }
}

/// A text that somebody wrote into a commit or tag.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// The commit or tag.
    pub number: Number,
    /// Which of the two it is.
    pub kind: Kind,
    /// The text.
    pub text: &'m [u8],
    /// It is the text of a tag that was merged, which the commit keeps.
    pub is_merged_tag: bool,
}

/// All commits, by index.
#[derive(Debug, Default)]
pub struct Commits {
    /// Sorted by number.
    pub list: Vec<Commit>,
    /// Indexes of the parents of each.
    parents: Lists<u32>,
    /// Annotated tags: the number of each, and what it names.
    pub tags: Vec<(Number, gix::ObjectId)>,
    /// Commits and trees that commits name and the repository does not hold, with the one that names each.
    pub missing: Vec<(gix::ObjectId, Number)>,
    /// Commits and tags that name something which is not there; sorted.
    pub again: Vec<Number>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// How many objects were known …
    known: Number,
    /// … and which of the commits among them had a tree that was not there; sorted.
    treeless: Vec<Number>,
}

/// What an earlier run read of the commits of packs that are known ([`Store::known`]).
#[derive(Debug, Default)]
pub struct KnownCommits {
    /// Sorted by number.
    pub list: Vec<Commit>,
    /// Where the parents of each begin in `parents`; one more at the end.
    pub first: Vec<u32>,
    /// Indexes of parents.
    pub parents: Vec<u32>,
    /// Annotated tags: the number of each, and that of what it names.
    pub tags: Vec<(Number, Number)>,
    /// Commits and tags that named something which was not known; sorted. They are read again, since it may be there now.
    pub again: Vec<Number>,
    /// Those whose messages are searched again; sorted.
    pub messages: Vec<Number>,
}

impl KnownCommits {
    /// Whether its lists fit each other and a number of objects. What lies in a file is believed only then.
    #[must_use]
    pub fn is_sound(&self, count: usize) -> bool {
        let count = count as Number;
        self.first.len() == self.list.len() + 1
            && self.first.is_sorted()
            && self.first.last().is_some_and(|&last| last as usize == self.parents.len())
            && self.list.is_sorted_by(|a, b| a.number < b.number)
            && self.list.iter().all(|commit| commit.number < count && (commit.tree < count || commit.tree == NONE))
            && self.parents.iter().all(|&parent| (parent as usize) < self.list.len())
            && self.tags.iter().all(|tag| tag.0 < count && tag.1 < count)
            && [&self.again, &self.messages].iter().all(|list| list.is_sorted() && list.iter().all(|&one| one < count))
    }
}

/// Which commits name each as a parent, by index.
#[derive(Debug, Default)]
pub struct Children(Lists<u32>);

impl Children {
    /// Those of one commit.
    #[must_use]
    pub fn of(&self, commit: u32) -> &[u32] {
        self.0.get(commit)
    }
}

/// One worker's share.
#[derive(Debug, Default)]
struct Share {
    list: Vec<Commit>,
    parents: Vec<(Number, Number)>,
    tags: Vec<(Number, gix::ObjectId)>,
    missing: Vec<(gix::ObjectId, Number)>,
    again: Vec<Number>,
    unreadable: Vec<Unreadable>,
}

/// Adds a list to another: where that is empty, it takes its place.
fn add<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        std::mem::swap(all, &mut more);
    } else {
        all.append(&mut more);
    }
}

/// Takes the messages; one for each worker.
pub trait Messages: Send {
    /// A message.
    fn message(&mut self, message: Message<'_>);
}

impl Commits {
    /// Reads all commits and tags; one worker for each of `takers`, which are given back. Those that are `known` are not read
    /// again; it must be sound.
    pub fn read<M: Messages>(
        store: &Store,
        known: Option<KnownCommits>,
        takers: Vec<M>,
        progress: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> (Self, Vec<M>) {
        let (again, texts) = known.as_ref().map_or((&[][..], &[][..]), |known| (&known.again[..], &known.messages[..]));
        let wanted: Vec<Number> =
            again.iter().chain(texts).copied().chain(store.known()..store.len() as Number).collect();
        let mut workers: Vec<Reader<'_, M>> = takers
            .into_iter()
            .map(|messages| Reader {
                store,
                again,
                texts,
                progress,
                messages,
                share: Share { list: lent(store.len() / 4), parents: lent(store.len() / 4), ..Share::default() },
                waiting: Vec::new(),
                ids: Vec::new(),
                kind: Kind::Tag,
            })
            .collect();
        for kind in [Kind::Tag, Kind::Commit] {
            for worker in &mut workers {
                worker.kind = kind;
            }
            workers = if known.is_some() {
                odb::walk_some(store, kind, &wanted, workers)
            } else {
                odb::walk(store, kind, workers)
            };
        }
        let mut all = Share::default();
        let mut takers = Vec::new();
        for mut worker in workers {
            worker.resolve();
            takers.push(worker.messages);
            add(&mut all.list, worker.share.list);
            add(&mut all.parents, worker.share.parents);
            all.tags.extend(worker.share.tags);
            all.missing.extend(worker.share.missing);
            all.again.extend(worker.share.again);
            all.unreadable.extend(worker.share.unreadable);
        }
        (Self::of(store, known.unwrap_or_default(), all), takers)
    }

    fn of(store: &Store, known: KnownCommits, mut share: Share) -> Self {
        let mut this = Self { known: store.known(), ..Self::default() };
        let treeless = known.list.iter().filter(|commit| commit.tree == NONE);
        this.treeless = treeless.map(|commit| commit.number).collect();
        let (mut first, mut all_parents) = (Vec::new(), Vec::new());
        if known.again.is_empty() {
            (this.list, first, all_parents) = (known.list, known.first, known.parents);
            // What follows begins where the last one ended.
            first.pop();
        } else {
            // What was read again has its place between the others.
            let is_old = |number: Number| known.again.binary_search(&number).is_err();
            for (at, commit) in known.list.iter().enumerate().filter(|(_, commit)| is_old(commit.number)) {
                let parents = &known.parents[known.first[at] as usize..known.first[at + 1] as usize];
                let parents = parents.iter().map(|&parent| known.list[parent as usize].number);
                share.parents.extend(parents.map(|parent| (commit.number, parent)));
                share.list.push(*commit);
            }
        }
        this.tags = known.tags.iter().map(|&(tag, target)| (tag, store.id(target).to_owned())).collect();
        this.tags.append(&mut share.tags);
        this.tags.sort_unstable();
        share.list.par_sort_unstable_by_key(|commit| commit.number);
        share.parents.par_sort_by_key(|parent| parent.0);
        share.missing.sort_unstable();
        share.missing.dedup_by_key(|missing| missing.0);
        share.again.sort_unstable();
        share.again.dedup();
        let first_new = this.list.len();
        add(&mut this.list, share.list);
        this.list.shrink_to_fit();
        all_parents.reserve_exact(share.parents.len());
        let mut parents = share.parents.into_iter().peekable();
        for at in first_new..this.list.len() {
            first.push(all_parents.len() as u32);
            while let Some((_, parent)) = parents.next_if(|parent| parent.0 == this.list[at].number) {
                all_parents.extend(this.index(parent).map(|index| index as u32));
            }
        }
        first.push(all_parents.len() as u32);
        this.parents = Lists::known(&first, all_parents, this.list.len()).unwrap_or_default();
        this.missing = share.missing;
        this.again = share.again;
        this.unreadable = share.unreadable;
        this
    }

    /// Indexes of commits whose tree was not known, sorted; all where nothing was.
    #[must_use]
    pub fn later(&self) -> Vec<u32> {
        let is_later = |commit: &Commit| {
            let was_treeless = self.treeless.binary_search(&commit.number).is_ok();
            commit.tree != NONE && (commit.number >= self.known || was_treeless)
        };
        (0u32..).zip(&self.list).filter(|(_, commit)| is_later(commit)).map(|(at, _)| at).collect()
    }

    /// The index of a commit by its number.
    #[must_use]
    pub fn index(&self, number: Number) -> Option<usize> {
        self.list.binary_search_by_key(&number, |commit| commit.number).ok()
    }

    /// The indexes of a commit's parents.
    #[must_use]
    pub fn parents(&self, index: usize) -> &[u32] {
        self.parents.get(index as u32)
    }

    /// The children of all commits.
    #[must_use]
    pub fn children(&self) -> Children {
        let edges = (0..self.list.len()).flat_map(|at| self.parents(at).iter().map(move |&parent| (parent, at as u32)));
        Children(Lists::of(self.list.len(), edges))
    }

    /// All indexes, every commit behind its parents; of those that could come next, the oldest comes first. Dates may lie, parents not.
    #[must_use]
    pub fn in_order(&self, children: &Children) -> Vec<u32> {
        let count = self.list.len();
        let mut waiting: Vec<u32> = (0..count).map(|at| self.parents(at).len() as u32).collect();
        let key = |at: u32| Reverse((self.list[at as usize].time(), self.list[at as usize].tie, at));
        let mut ready: BinaryHeap<Reverse<(i64, u32, u32)>> =
            (0..count as u32).filter(|&at| waiting[at as usize] == 0).map(key).collect();
        let mut order = Vec::with_capacity(count);
        while let Some(Reverse((.., at))) = ready.pop() {
            order.push(at);
            for &child in children.of(at) {
                waiting[child as usize] -= 1;
                if waiting[child as usize] == 0 {
                    ready.push(key(child));
                }
            }
        }
        order
    }

    /// Which commits the given ones reach, themselves included.
    #[must_use]
    pub fn reached(&self, from: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.list.len()];
        let mut stack: Vec<usize> = from.into_iter().collect();
        while let Some(at) = stack.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                stack.extend(self.parents(at).iter().map(|&parent| parent as usize));
            }
        }
        reached
    }
}

/// One worker.
struct Reader<'s, M> {
    store: &'s Store,
    /// Those that are known and read again; sorted.
    again: &'s [Number],
    /// Those that are known, and their messages searched again; sorted.
    texts: &'s [Number],
    progress: &'s (dyn Fn(u64, u64) -> bool + Sync),
    messages: M,
    share: Share,
    /// Commits whose tree and parents are still to be looked up …
    waiting: Vec<Waiting>,
    /// … and the ids of these, one commit's behind the other's.
    ids: Vec<gix::ObjectId>,
    kind: Kind,
}

/// A commit of which all is known but the numbers of its tree and its parents.
struct Waiting {
    commit: Commit,
    /// How many ids are its own, that of its tree first.
    count: usize,
}

/// Ids looked up at a time: the memory answers several at once.
const BATCH: usize = 512;

impl<M: Messages> Reader<'_, M> {
    fn read(&mut self, number: Number, content: &[u8]) {
        if !self.store.counts(number) {
            return;
        }
        let is_known = number < self.store.known() && self.again.binary_search(&number).is_err();
        if is_known && self.texts.binary_search(&number).is_err() {
            return;
        }
        let read = match self.kind {
            Kind::Tag => self.tag(number, content, is_known),
            _ => self.commit(number, content, is_known),
        };
        if read.is_none() && !is_known {
            self.share.unreadable.push(Unreadable {
                what: self.store.id(number).to_string(),
                reason: format!("it is a {} whose header cannot be read", self.kind.as_str()),
            });
        }
        let text = commit::split(content).1;
        self.messages.message(Message { number, kind: self.kind, text, is_merged_tag: false });
    }

    /// Of one that is known, only the texts are asked for.
    fn tag(&mut self, number: Number, content: &[u8], is_known: bool) -> Option<()> {
        let line = content.split(|&byte| byte == b'\n').next()?;
        let target = gix::ObjectId::from_hex(line.strip_prefix(b"object ")?).ok()?;
        self.share.tags.extend((!is_known).then_some((number, target)));
        Some(())
    }

    /// The same.
    fn commit(&mut self, number: Number, content: &[u8], is_known: bool) -> Option<()> {
        let mut lines = commit::lines(commit::split(content).0);
        let tree = gix::ObjectId::from_hex(lines.next()?.strip_prefix(b"tree ")?).ok()?;
        let mut parents = Vec::new();
        let mut time = None;
        let mut merged: Vec<u8> = Vec::new();
        let mut in_tag = false;
        for line in lines {
            if in_tag && line.first() == Some(&b' ') {
                merged.extend_from_slice(&line[1..]);
                merged.push(b'\n');
                continue;
            }
            in_tag = false;
            if let Some(parent) = line.strip_prefix(b"parent ") {
                parents.push(gix::ObjectId::from_hex(parent).ok()?);
            } else if line.starts_with(b"committer ") {
                time = commit::signed(line).1;
            } else if line.starts_with(b"mergetag ") {
                in_tag = true;
                self.merged_tag(number, &std::mem::take(&mut merged));
            }
        }
        self.merged_tag(number, &merged);
        if is_known {
            return Some(());
        }
        let id = self.store.id(number).as_bytes();
        let tie = u32::from_be_bytes([id[0], id[1], id[2], id[3]]);
        // Only now is it a commit: of one that cannot be read, nothing is kept.
        let commit = Commit::new(number, NONE, time.unwrap_or(0), tie);
        self.waiting.push(Waiting { commit, count: 1 + parents.len() });
        self.ids.push(tree);
        self.ids.append(&mut parents);
        if self.ids.len() >= BATCH {
            self.resolve();
        }
        Some(())
    }

    fn merged_tag(&mut self, number: Number, tag: &[u8]) {
        if let Some(end) = memchr::memmem::find(tag, b"\n\n") {
            let text = &tag[end + 2..];
            self.messages.message(Message { number, kind: Kind::Commit, text, is_merged_tag: true });
        }
    }

    /// Looks up trees and parents of the commits that wait.
    fn resolve(&mut self) {
        let ids: Vec<&gix::oid> = self.ids.iter().map(|id| &**id).collect();
        let mut found = Vec::with_capacity(ids.len());
        self.store.find_all(&ids, &mut found);
        let mut found = found.into_iter().zip(&self.ids);
        for Waiting { mut commit, count } in self.waiting.drain(..) {
            let number = commit.number;
            for (at, (other, id)) in found.by_ref().take(count).enumerate() {
                if other == NONE {
                    self.share.missing.push((*id, number));
                    self.share.again.push(number);
                } else if at == 0 {
                    commit.tree = other;
                } else {
                    self.share.parents.push((number, other));
                }
            }
            self.share.list.push(commit);
        }
        self.ids.clear();
    }
}

/// Who made a commit, when and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// `Name <mail>`.
    pub author: String,
    /// Seconds since 1970.
    pub time: i64,
    /// The first line of the message.
    pub subject: String,
}

/// Reads who made a commit. `None` where that cannot be read.
#[must_use]
pub fn details(store: &Store, number: Number, memory: &mut odb::Inflating) -> Option<Details> {
    let content = store.read(number, memory).ok()?;
    let (headers, message) = commit::split(&content);
    let (author, time) = commit::signed(commit::header(headers, b"author")?);
    let subject = message.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Some(Details { author: text(author), time: time.unwrap_or(0), subject: text(subject) })
}

impl<M: Messages> Visit for Reader<'_, M> {
    type State = ();

    fn whole(&mut self, number: Number, content: &[u8]) {
        self.read(number, content);
    }

    fn delta(&mut self, number: Number, content: &[u8], _: &[u8], (): &(), _: &[Copied]) {
        self.read(number, content);
    }

    fn unreadable(&mut self, unreadable: Unreadable) {
        self.share.unreadable.push(unreadable);
    }

    fn progress(&mut self, objects: u64, packed: u64) -> bool {
        (self.progress)(objects, packed)
    }
}
