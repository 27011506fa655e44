//! Reading a cache.

use super::super::below::KnownBelow;
use super::super::blobs::Tally;
use super::file::{Reader, Useless};
use super::record::{self, Record, WIDTH};
use super::{Cache, Earlier, Looked, place, ways};
use crate::git::graph::{Commit, Entry, KnownCommits, KnownFolders, Later, Names};
use crate::git::odb::grouped::Lists;
use crate::git::odb::{Known, KnownPack, Mark};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Lists before those of the packs, of which each has three.
pub const LISTS: usize = 39;

/// Numbers of the lists.
pub mod list {
    pub const FACTS: usize = 0;
    pub const CODES: usize = 1;
    pub const BASES: usize = 2;
    pub const NAMES: usize = 3;
    pub const NAME_ENDS: usize = 4;
    pub const NAMING: usize = 5;
    pub const ADDED: usize = 6;
    pub const LOST: usize = 7;
    pub const REMOVED: usize = 8;
    pub const TREES_AGAIN: usize = 9;
    pub const SUBMODULES: usize = 10;
    pub const COMMITS: usize = 11;
    pub const TIMES: usize = 12;
    pub const TIES: usize = 13;
    pub const FIRST_PARENTS: usize = 14;
    pub const PARENTS: usize = 15;
    pub const TAGS: usize = 16;
    pub const COMMITS_AGAIN: usize = 17;
    pub const PATHS: usize = 18;
    pub const PATH_ENDS: usize = 19;
    pub const BELOW: usize = 20;
    pub const TOPS_AGAIN: usize = 21;
    pub const RECORDS: usize = 22;
    pub const AGAIN: usize = 23;
    pub const ASKED: usize = 24;
    pub const ASKED_NAMES: usize = 25;
    // What is empty where it may not last, from here on.
    pub const WIDEST: usize = 26;
    pub const HELD: usize = 27;
    pub const HELD_STEPS: usize = 28;
    pub const HELD_RUNS: usize = 29;
    pub const HELD_TREES: usize = 30;
    /// And behind it where each ends.
    pub const HELD_PATHS: usize = 31;
    pub const HELD_LEADING: usize = 33;
    pub const ROOTS: usize = 34;
    /// And behind it where each ends.
    pub const SETS: usize = 35;
    pub const SETS_LEADING: usize = 37;
    pub const PLACE: usize = 38;
}

impl Cache {
    /// Reads what an earlier audit wrote.
    pub fn load(&self) -> Looked {
        let useless = |why: &str| self.useless(why);
        let file = match place::open(&self.path) {
            Ok(Some(file)) => file,
            Ok(None) => return Looked::Nothing,
            Err(why) => return useless(&why),
        };
        let read = Reader::open(file, &self.key).and_then(|reader| earlier(&Arc::new(reader)));
        match read {
            Ok(earlier) if earlier.is_sound() => Looked::Found(Box::new(earlier)),
            Err(Useless::Foreign) => Looked::Nothing,
            Ok(_) | Err(Useless::Damaged) => self.damaged(),
        }
    }

    /// What is said of it where a part that was read later is not what was written.
    pub fn damaged(&self) -> Looked {
        self.useless("is damaged")
    }

    fn useless(&self, why: &str) -> Looked {
        let name = self.path.display();
        Looked::Useless(format!("the cache {name} {why}: it was not used, and everything was read again"))
    }
}

/// All lists that are always asked for, on two processors. The entries of trees are most of all, and are read when they are asked for.
fn earlier(reader: &Arc<Reader>) -> Result<Earlier, Useless> {
    let facts = reader.larges(list::FACTS)?;
    let [since, blobs, bytes, binary, trees] = facts[..] else { return Err(Useless::Damaged) };
    let (packs, rest) = rayon::join(|| packs(reader), || rest(reader));
    let (packs, (commits, below, records, again)) = (packs?, rest?);
    let count = packs.len();
    Ok(Earlier {
        folders: folders(reader, trees, count)?,
        held: ways::read_held(reader, commits.list.len(), count)?,
        looked: ways::read_looked(reader, count)?,
        packs,
        commits,
        below,
        records,
        again,
        tally: Tally { blobs, bytes, binary },
        since: since.cast_signed(),
    })
}

fn packs(reader: &Reader) -> Result<Known, Useless> {
    let count = reader.len().checked_sub(LISTS).filter(|lists| lists.is_multiple_of(3)).ok_or(Useless::Damaged)? / 3;
    let mut packs = Vec::new();
    for first in (0..count).map(|pack| LISTS + 3 * pack) {
        let mark = reader.larges(first)?.try_into().map_err(|_| Useless::Damaged)?;
        packs.push(KnownPack {
            mark: Mark(mark),
            offsets: reader.larges(first + 1)?.into_iter().collect(),
            order: reader.numbers(first + 2)?,
        });
    }
    Ok(Known { packs, codes: reader.bytes(list::CODES)?, bases: reader.numbers(list::BASES)? })
}

fn folders(reader: &Arc<Reader>, count: u64, objects: usize) -> Result<KnownFolders, Useless> {
    let names = Names::known(reader.bytes(list::NAMES)?, reader.larges(list::NAME_ENDS)?).ok_or(Useless::Damaged)?;
    let (limit, many) = (names.len() as u32, objects as u32);
    let later = Arc::clone(reader);
    let added = Later::from(move || {
        let (starts, values) =
            beside(|| later.numbers(list::NAMING), || later.pairs(list::ADDED, |name, tree| Entry { name, tree }));
        let is_sound = |entry: &Entry| entry.name < limit && entry.tree < many;
        known(starts, values, objects, is_sound)
    });
    let later = Arc::clone(reader);
    let removed = Later::from(move || {
        let (starts, values) =
            beside(|| later.numbers(list::LOST), || later.pairs(list::REMOVED, |child, name| (child, name)));
        known(starts, values, objects, |removed: &(u32, u32)| removed.0 < many && removed.1 < limit)
    });
    let (again, submodules) = (reader.numbers(list::TREES_AGAIN)?, reader.numbers(list::SUBMODULES)?);
    let all = reader.numbers(list::ASKED_NAMES)?;
    let (mut asked, mut at) = (BTreeMap::new(), 0);
    for (object, end) in reader.pairs(list::ASKED, |object, end| (object, end as usize))? {
        asked.insert(object, all.get(at..end).ok_or(Useless::Damaged)?.to_vec());
        at = end;
    }
    Ok(KnownFolders { names, added, removed, asked, again, submodules, count })
}

/// Does two things at once. Not on the workers that all share: one that waits there takes up other work, and that may wait for
/// what is being read here.
fn beside<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

/// Lists by the numbers of objects, if they fit those and all of it is sound.
fn known<T: Copy + Ord + Sync>(
    starts: Result<Vec<u32>, Useless>,
    values: Result<Vec<T>, Useless>,
    objects: usize,
    is_sound: impl Fn(&T) -> bool + Sync,
) -> Option<Lists<T>> {
    let values = values.ok().filter(|values| values.iter().all(is_sound))?;
    Lists::known(&starts.ok()?, values, objects)
}

type Rest = (KnownCommits, KnownBelow, Vec<Record>, Vec<u32>);

fn rest(reader: &Reader) -> Result<Rest, Useless> {
    let times = reader.larges(list::TIMES)?;
    let numbers = reader.pairs(list::COMMITS, |number, tree| (number, tree))?;
    let ties = reader.numbers(list::TIES)?;
    if times.len() != numbers.len() || ties.len() != numbers.len() {
        return Err(Useless::Damaged);
    }
    let commit =
        |(((number, tree), time), tie): (((u32, u32), u64), u32)| Commit::new(number, tree, time.cast_signed(), tie);
    let pair = |a, b| (a, b);
    let paths = Names::known(reader.bytes(list::PATHS)?, reader.larges(list::PATH_ENDS)?).ok_or(Useless::Damaged)?;
    let below = KnownBelow {
        paths: (0..paths.len() as u32).map(|path| paths.name(path).to_vec()).collect(),
        pairs: reader.pairs(list::BELOW, pair)?,
        again: reader.pairs(list::TOPS_AGAIN, pair)?,
    };
    let records = reader.numbers(list::RECORDS)?;
    let (records, rest) = records.as_chunks::<WIDTH>();
    if !rest.is_empty() {
        return Err(Useless::Damaged);
    }
    let records: Vec<Record> = records.iter().copied().map(Record::of).collect();
    let again = reader.numbers(list::AGAIN)?;
    let commits = KnownCommits {
        list: numbers.into_iter().zip(times).zip(ties).map(commit).collect(),
        first: reader.numbers(list::FIRST_PARENTS)?,
        parents: reader.numbers(list::PARENTS)?,
        tags: reader.pairs(list::TAGS, pair)?,
        again: reader.numbers(list::COMMITS_AGAIN)?,
        messages: Vec::new(),
    };
    Ok((commits, below, records, again))
}

impl Earlier {
    /// Whether all lists fit each other.
    fn is_sound(&self) -> bool {
        let count = self.packs.len();
        let is_list = |list: &[u32]| list.is_sorted() && list.last().is_none_or(|&last| (last as usize) < count);
        let (all, others) = rayon::join(
            || self.folders.is_sound(count),
            || {
                self.packs.is_sound()
                    && self.commits.is_sound(count)
                    && self.below.is_sound(count, self.folders.names.len())
            },
        );
        all && others && record::are_sound(&self.records, count) && is_list(&self.again)
    }
}
