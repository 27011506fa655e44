//! The blobs that a change brings: searched whole, and rid of what was there before.
//!
//! A secret is new where neither the forerunners of its file held it nor a file that the same change removes or renames. That
//! is asked by searching these forerunners in the same way, and only for files in which something was found: most changes
//! bring nothing, and cost one search of each new blob. Little work is done at once, without threads.

use super::file::FileScan;
use super::group::Located;
use super::{Collected, Context, Options};
use crate::engine::Engine;
use crate::finding::{Skip, SkipKind};
use crate::git::{Change, GitError, Gone, Id, Objects};
use crate::source;
use crate::text::PathText;
use crate::text::encoding::{Encoding, detect};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many bytes are searched before a second thread is worth its start.
const WORTH_THREADS: u64 = 2 << 20;

/// A change, and which of the caller's commits brought it.
#[derive(Debug)]
pub struct Item {
    pub change: Change,
    pub from: usize,
}

/// What was found in one item.
#[derive(Debug, Default)]
pub struct Searched {
    pub item: usize,
    pub collected: Collected,
}

/// Where changes come from.
pub trait Origin {
    /// The files that the change of that number removes or renames.
    fn gone(&self, from: usize) -> Result<Vec<Gone>, GitError>;
}

/// One worker.
pub struct Worker<'w, 'c> {
    context: &'w Context<'c>,
    options: &'w Options,
    engine: &'w Engine<'c>,
    objects: Objects,
    file: FileScan,
    buffer: Vec<u8>,
}

impl<'w, 'c> Worker<'w, 'c> {
    pub fn new(context: &'w Context<'c>, options: &'w Options, engine: &'w Engine<'c>, objects: &Objects) -> Self {
        Self { context, options, engine, objects: objects.clone(), file: FileScan::new(), buffer: Vec::new() }
    }

    /// Searches a blob; whatever is wrong with it is a skip that leaves the answer open.
    fn blob(&mut self, change: &Change) -> Collected {
        let searched = catch_unwind(AssertUnwindSafe(|| {
            let mut out = Collected::default();
            if let Err(skip) = self.try_blob(change, &mut out) {
                out.skips.push(skip);
            }
            out
        }));
        searched.unwrap_or_else(|_| {
            // What it left behind may be in any state.
            (self.file, self.buffer) = (FileScan::new(), Vec::new());
            let reason = "the search broke off: a fault of plainsight, please report it";
            Collected { skips: vec![skip(&change.path, SkipKind::Unreadable, reason, true)], ..Collected::default() }
        })
    }

    fn try_blob(&mut self, change: &Change, out: &mut Collected) -> Result<(), Skip> {
        let path = &change.path;
        if self.is_excluded(path) {
            return Err(skip(path, SkipKind::Excluded, "left out by [files] exclude of plainsight.toml", false));
        }
        let unreadable =
            |error: GitError| skip(path, SkipKind::Unreadable, &format!("its object could not be read: {error}"), true);
        let mut buffer = std::mem::take(&mut self.buffer);
        let (_, bytes) = self.objects.read(change.blob, &mut buffer).map_err(unreadable)?;
        let (encoding, size) = (detect(bytes), bytes.len() as u64);
        if encoding == Encoding::Binary && size > self.options.source.max_size {
            let reason = format!("larger than {}", crate::text::size(self.options.source.max_size));
            return Err(skip(path, SkipKind::TooLarge, &reason, true));
        }
        self.bytes(path, bytes, encoding, out);
        self.buffer = buffer;
        out.coverage.blobs += 1;
        out.coverage.bytes += size;
        if change.is_link {
            // The path that a link leads to is no file of that name.
            out.located.retain(|located| !located.matched.span.is_empty());
        }
        let id = change.blob.to_string();
        for located in &mut out.located {
            located.place.blob = Some(id.clone());
        }
        Ok(())
    }

    fn bytes(&mut self, path: &[u8], bytes: &[u8], encoding: Encoding, out: &mut Collected) {
        for part in source::slices(bytes) {
            if self.context.progress.stopped() {
                break;
            }
            self.file.part(self.context, self.engine, path, &part, encoding, out);
        }
    }

    /// Searches a text that is no file: a message.
    pub fn text(&mut self, name: &str, bytes: &[u8]) -> Collected {
        let mut out = Collected::default();
        self.bytes(name.as_bytes(), bytes, detect(bytes), &mut out);
        out.coverage.bytes += bytes.len() as u64;
        out.located.retain(|located| !located.matched.span.is_empty());
        out
    }

    fn is_excluded(&self, path: &[u8]) -> bool {
        !self.context.exclude.is_empty()
            && (self.context.rebase)(PathText::from_bytes(path).as_str())
                .is_some_and(|path| self.context.exclude.matches(&path))
    }
}

fn skip(path: &[u8], kind: SkipKind, reason: &str, incomplete: bool) -> Skip {
    Skip { path: PathText::from_bytes(path), kind, reason: reason.to_owned(), incomplete }
}

/// Searches every item; sorted as the items are.
pub fn search(items: &[Item], mut worker: Worker<'_, '_>) -> Vec<Searched> {
    let mut done = Vec::with_capacity(items.len());
    let mut bytes = 0;
    let asked = worker.options.source.threads;
    while done.len() < items.len() && (bytes < WORTH_THREADS || asked == 1) && !worker.context.progress.stopped() {
        let item = done.len();
        let collected = worker.blob(&items[item].change);
        bytes += collected.coverage.bytes;
        done.push(Searched { item, collected });
    }
    let next = AtomicUsize::new(done.len());
    let rest = items.len() - done.len();
    if rest > 0 && !worker.context.progress.stopped() {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if asked == 0 { processors() } else { asked };
        let all = Mutex::new(&mut done);
        let work = |mut worker: Worker<'_, '_>| {
            let mut own = Vec::new();
            while !worker.context.progress.stopped() {
                let item = next.fetch_add(1, Ordering::Relaxed);
                let Some(one) = items.get(item) else { break };
                own.push(Searched { item, collected: worker.blob(&one.change) });
            }
            all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).append(&mut own);
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.min(rest) {
                let other = Worker::new(worker.context, worker.options, worker.engine, &worker.objects);
                scope.spawn(|| work(other));
            }
            work(worker);
        });
        done.sort_by_key(|searched| searched.item);
    }
    done
}

/// What a forerunner held.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Known {
    /// A secret, without carriage returns: a file whose line ends change brings none.
    Secret(Vec<u8>),
    /// A file that is a finding by itself, under another name.
    File(usize, Id),
}

/// Takes out what was there before the change.
pub fn only_new(items: &[Item], searched: &mut [Searched], origin: &dyn Origin, mut worker: Worker<'_, '_>) {
    let mut gone: HashMap<usize, HashSet<Known>> = HashMap::new();
    for one in searched {
        let Item { change, from } = &items[one.item];
        let located = &mut one.collected.located;
        if !located.is_empty() && !change.before.is_empty() {
            let mut known = HashSet::new();
            for &blob in &change.before {
                worker.known(&change.path, blob, &mut known);
            }
            located.retain(|located| !is_known(&known, located, change.blob));
        }
        if !located.is_empty() {
            let known = gone.entry(*from).or_insert_with(|| {
                let mut known = HashSet::new();
                // What cannot be read takes nothing out: the secret counts as new.
                for file in origin.gone(*from).unwrap_or_default() {
                    worker.known(&file.path, file.blob, &mut known);
                }
                known
            });
            located.retain(|located| !is_known(known, located, change.blob));
        }
        one.collected.notes = if located.is_empty() { Vec::new() } else { std::mem::take(&mut one.collected.notes) };
    }
}

impl Worker<'_, '_> {
    fn known(&mut self, path: &[u8], blob: Id, known: &mut HashSet<Known>) {
        let change = Change { path: path.to_vec(), blob, is_link: false, before: Vec::new() };
        for located in self.blob(&change).located {
            known.insert(key(&located, blob));
        }
    }
}

fn key(located: &Located, blob: Id) -> Known {
    match &located.matched.secret {
        Some(secret) => Known::Secret(secret.expose().iter().copied().filter(|&byte| byte != b'\r').collect()),
        None => Known::File(located.rule, blob),
    }
}

fn is_known(known: &HashSet<Known>, located: &Located, blob: Id) -> bool {
    known.contains(&key(located, blob))
}

/// Each blob under each name once: the first commit that brought it is the one to be named.
pub fn distinct(items: &mut Vec<Item>) {
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert((item.change.blob, item.change.path.clone())));
}
