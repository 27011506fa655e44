//! Reading of everything: objects, trees, commits with their messages, blobs under their names; or of what is new beside that
//! which a cache knows.

use super::Options;
use super::below::Below;
use super::blobs::{BlobSearch, Blobs, Tally};
use super::cache::{self, Earlier, Kept, Numbering};
use super::gaps;
use super::seen::{Seen, Sight, Within};
use super::views::{Fits, Views};
use crate::engine::Engine;
use crate::finding::{Coverage, Known, Skip, SkipKind};
use crate::git::graph::commits::Messages;
use crate::git::graph::submodules::{self, Looked, Named};
use crate::git::graph::{AllHeld, Commits, End, Folders, Graph, KnownHeld, Message, Repository, Tips, Uphill};
use crate::git::odb::{self, Kind, Number, Store, Unreadable};
use crate::scan::Context;
use crate::text::PathText;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

/// Everything that was read of a repository.
pub struct Read {
    pub store: Store,
    pub folders: Folders,
    pub commits: Commits,
    pub tips: Tips,
    pub seen: Vec<Seen>,
    /// Which paths the names stand for under which something was seen.
    pub fits: Fits,
    pub skips: Vec<Skip>,
    pub unreadable: Vec<Unreadable>,
    pub coverage: Coverage,
    /// Where the repository lies in the one asked for, which is where the configuration lies; empty for that one itself.
    pub within: PathText,
    /// What beside all that may be kept for the next time; nothing where it was not searched for what rules say.
    pub lasting: Option<Lasting>,
    /// Where the tips lead.
    pub ends: Vec<End>,
    /// Who holds what was seen, and trees that name what is missing.
    pub held: AllHeld,
    /// What tips and indexes name as submodules.
    pub named: Named,
    pub(super) looked: Looked,
    pub(super) uphill: OnceLock<Uphill>,
}

/// What a cache needs to know of a search, and nobody else.
pub struct Lasting {
    /// Where blobs lie below telling folders.
    below: Below,
    /// Objects that were not wholly searched.
    bounded: Vec<Number>,
    /// How much of packs was read, now or earlier.
    tally: Tally,
    /// When the oldest part of that was.
    since: i64,
}

/// What is read of, and how.
#[derive(Clone, Copy)]
struct Run<'r, 'e> {
    repository: &'r Repository,
    engine: &'r Engine<'e>,
    context: &'r Context<'r>,
    options: &'r Options,
}

/// What the workers saw.
#[derive(Default)]
struct Sights {
    seen: Vec<Seen>,
    skips: Vec<Skip>,
    bounded: Vec<Number>,
    unreadable: Vec<Unreadable>,
    packed: Tally,
    loose: Tally,
}

impl Read {
    /// Reads everything.
    pub fn all(repository: &Repository, engine: &Engine<'_>, context: &Context<'_>, options: &Options) -> Self {
        let run = Run { repository, engine, context, options };
        let mut store = Store::open(&repository.objects(), repository.hash(), run.threads());
        run.expect(&store);
        let folders = Folders::read(&store, None, run.threads(), &run.count());
        let (takers, count) = (run.takers(&store), run.count());
        // The names are put together by one processor, beside the others that read commits.
        let (views, (commits, takers)) = rayon::join(
            || Views::of_all(&store, &folders, Below::of(&store, &folders, engine, None), engine),
            || Commits::read(&store, None, takers, &count),
        );
        let mut sights = Sights::default();
        for texts in takers {
            sights.add(texts.sight);
        }
        // From here on few ids are asked for.
        store.release();
        run.search(&store, &views, None, &mut sights);
        // What follows must not depend on who found it first.
        sights.seen.sort_by_key(seen_order);
        let fits = views.fitting(&sights.seen);
        let (tally, below) = (sights.packed, views.into_below());
        run.finish(store, folders, commits, below, fits, sights, tally, None).complete(None, None)
    }

    /// Reads what is new. `None` where what is known does not fit what is there.
    pub fn beside(
        repository: &Repository,
        engine: &Engine<'_>,
        context: &Context<'_>,
        options: &Options,
        earlier: Earlier,
    ) -> Option<Self> {
        let run = Run { repository, engine, context, options };
        let Earlier { packs, folders, mut commits, below, records, again, held, looked, mut tally, since } = earlier;
        let store = Store::open_known(&repository.objects(), repository.hash(), run.threads(), packs)?;
        run.expect(&store);
        let known = Known {
            blobs: tally.blobs,
            commits: commits.list.len() as u64,
            since: jiff::Timestamp::from_second(since).map_or_else(|_| String::new(), |date| date.to_string()),
        };
        let folders = Folders::read(&store, Some(folders), run.threads(), &run.count());
        // Known objects that are searched again: what was not wholly searched, what lends the others its secret, and what
        // has a new name.
        let (objects, first) = cache::objects(&records);
        let is_blob = |&number: &Number| store.kind(number) == Some(Kind::Blob);
        let (mut blobs, mut texts): (Vec<Number>, Vec<Number>) = again.into_iter().chain(first).partition(is_blob);
        texts.sort_unstable();
        commits.messages.clone_from(&texts);
        texts.extend_from_slice(&commits.again);
        texts.sort_unstable();
        let (commits, takers) = Commits::read(&store, Some(commits), run.takers(&store), &run.count());
        let mut sights = Sights::default();
        for texts in takers {
            sights.add(texts.sight);
        }
        let below = Below::of(&store, &folders, engine, Some(below));
        let names = cache::Names { store: &store, folders: &folders, below: &below, engine };
        blobs.extend(names.renamed(&objects));
        blobs.extend((store.known()..store.len() as Number).filter(|number| is_blob(number) && store.counts(*number)));
        blobs.sort_unstable();
        blobs.dedup();
        let mut named = [&blobs[..], &objects].concat();
        named.sort_unstable();
        named.dedup();
        let views = Views::of_some(&store, &folders, below, engine, &named);
        run.search(&store, &views, Some(&blobs), &mut sights);
        let is_searched = |object: Number| blobs.binary_search(&object).is_ok() || texts.binary_search(&object).is_ok();
        let numbering = Numbering { names: folders.names.len() as u32, nameless: views.nameless() };
        let mut others = match cache::restored(&records, &sights.seen, numbering, is_searched) {
            Some(others) => others,
            // The caller asks for that, and says it.
            None if folders.are_damaged() => Vec::new(),
            None => return None,
        };
        // Packs that were read before are damaged now: everything is read, and it is said of what.
        let broken = sights.unreadable.len() + folders.unreadable.len() + commits.unreadable.len();
        if broken > 0 && !context.progress.stopped() {
            return None;
        }
        sights.seen.append(&mut others);
        sights.seen.sort_by_key(seen_order);
        let fits = views.fitting(&sights.seen);
        tally += sights.packed;
        let below = views.into_below();
        let read = run.finish(store, folders, commits, below, fits, sights, tally, Some((known, since)));
        Some(read.complete(held, looked))
    }

    /// A path as the configuration has it; `None` for one that does not lie below its folder.
    pub fn path_for(&self, context: &Context<'_>, path: &str) -> Option<String> {
        let within = self.within.as_str();
        if within.is_empty() { (context.rebase)(path) } else { (context.rebase)(&format!("{within}/{path}")) }
    }

    /// What names what.
    pub const fn graph(&self) -> Graph<'_> {
        Graph { store: &self.store, folders: &self.folders, commits: &self.commits, uphill: &self.uphill }
    }

    /// Finds out who holds what was seen, and what tips name, beside what is known of both.
    pub fn complete(mut self, held: Option<KnownHeld>, looked: Option<Looked>) -> Self {
        self.ends = self.tips.ends(&self.store, &self.commits);
        let blobs = self.seen.iter().filter(|seen| seen.within == Within::Blob).map(|seen| seen.object);
        let mut objects: Vec<Number> = blobs.chain(gaps::asked(&self.folders)).collect();
        objects.sort_unstable();
        objects.dedup();
        let looked = looked.filter(|_| !self.folders.is_known_changed);
        let (held, (named, looked)) = rayon::join(
            || AllHeld::of(self.graph(), &objects, held),
            || submodules::named(self.graph(), (&self.tips, &self.ends), looked),
        );
        (self.held, self.named, self.looked) = (held, named, looked);
        self
    }

    /// What may be kept for the next time, unless something could not be read.
    pub fn kept(&self) -> Option<Kept<'_>> {
        let is_whole =
            self.unreadable.is_empty() && self.folders.unreadable.is_empty() && self.commits.unreadable.is_empty();
        let Lasting { below, bounded, tally, since } = self.lasting.as_ref().filter(|_| is_whole)?;
        let names = self.folders.names.len() as u32;
        Some(Kept {
            graph: self.graph(),
            held: &self.held,
            looked: &self.looked,
            below,
            seen: &self.seen,
            bounded,
            tally: *tally,
            since: *since,
            numbering: Numbering { names, nameless: names + below.paths.len() as u32 },
        })
    }
}

impl<'r, 'e> Run<'r, 'e> {
    fn threads(&self) -> usize {
        self.options.threads.max(1)
    }

    /// Says how much there is to read.
    fn expect(&self, store: &Store) {
        self.context.progress.total.fetch_add(store.packed_bytes(), Ordering::Relaxed);
    }

    fn count(&self) -> impl Fn(u64, u64) -> bool + Sync + 'r {
        let progress = self.context.progress;
        move |objects, packed| progress.add(objects, packed)
    }

    fn sight(&self) -> Sight<'r, 'e> {
        Sight::new(self.engine, self.context.inline_allow)
    }

    fn takers<'s>(&self, store: &'s Store) -> Vec<Texts<'s, 'r, 'e>> {
        (0..self.threads()).map(|_| Texts { sight: self.sight(), store }).collect()
    }

    /// Searches all blobs, or some, which are sorted.
    fn search(&self, store: &Store, views: &Views<'_>, only: Option<&[Number]>, out: &mut Sights) {
        let shared = Blobs {
            store,
            views,
            max_size: self.options.max_size,
            exhaustive: self.options.exhaustive,
            only,
            progress: self.context.progress,
        };
        let workers = (0..self.threads()).map(|_| BlobSearch::new(&shared, self.sight())).collect();
        let workers = match only {
            None => odb::walk(store, Kind::Blob, workers),
            Some(only) => odb::walk_some(store, Kind::Blob, only, workers),
        };
        for worker in workers {
            out.packed += worker.packed;
            out.loose += worker.loose;
            out.unreadable.extend(worker.unreadable);
            out.add(worker.sight);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of what is made of them, each once")]
    fn finish(
        &self,
        mut store: Store,
        folders: Folders,
        commits: Commits,
        below: Below,
        fits: Fits,
        mut sights: Sights,
        tally: Tally,
        earlier: Option<(Known, i64)>,
    ) -> Read {
        sights.unreadable.append(&mut store.unreadable);
        let tips = Tips::of(self.repository);
        let mut all = tally;
        all += sights.loose;
        let (known, since) = earlier.map_or_else(|| (None, now()), |(known, since)| (Some(known), since));
        let mut coverage = Coverage {
            commits: commits.list.len() as u64,
            blobs: all.blobs,
            bytes: all.bytes,
            refs: tips.tips.len() as u64,
            known,
            ..Coverage::default()
        };
        if all.binary > 0 {
            coverage.skipped.insert(SkipKind::Binary.as_str(), all.binary);
        }
        Read {
            store,
            folders,
            commits,
            tips,
            seen: sights.seen,
            fits,
            skips: sights.skips,
            unreadable: sights.unreadable,
            coverage,
            within: PathText::from_bytes(b""),
            lasting: Some(Lasting { below, bounded: sights.bounded, tally, since }),
            ends: Vec::new(),
            held: AllHeld::default(),
            named: Named::default(),
            looked: Looked::default(),
            uphill: OnceLock::new(),
        }
    }
}

impl Sights {
    fn add(&mut self, sight: Sight<'_, '_>) {
        self.seen.extend(sight.seen);
        self.skips.extend(sight.skips);
        self.bounded.extend(sight.bounded);
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

pub type SeenOrder = (Number, Within, u32, crate::text::Position, usize);

pub const fn seen_order(seen: &Seen) -> SeenOrder {
    (seen.object, seen.within, seen.name, seen.start, seen.matched.rule)
}

/// Searches messages.
struct Texts<'t, 'e, 'r> {
    sight: Sight<'e, 'r>,
    store: &'t Store,
}

impl Messages for Texts<'_, '_, '_> {
    fn message(&mut self, message: Message<'_>) {
        let encoding = crate::text::encoding::detect(message.text);
        let text = crate::text::encoding::decode(message.text, encoding).bytes;
        let found = self.sight.engine.search_message(&text, &mut self.sight.scratch);
        let within = match (message.kind, message.is_merged_tag) {
            (_, true) => Within::MergedTag,
            (Kind::Tag, _) => Within::TagMessage,
            _ => Within::CommitMessage,
        };
        let store = self.store;
        let label = || format!("{} {}", message.kind.as_str(), store.id(message.number));
        self.sight.note(message.number, within, 0, &text, found, label);
    }
}
