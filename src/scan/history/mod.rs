//! The search of everything that a repository holds, and who brought in what was found.
//!
//! In this order: all objects are listed and verified; trees and commits are read, messages searched; then the blobs, each
//! under its names, along their deltas ([`blobs`]). What was seen ([`seen`]) is put together to findings, with the paths and
//! commits that hold it ([`assemble`]), and what could not be read is counted ([`gaps`]). Submodules are repositories of their
//! own, and come after it ([`nested`]).

mod assemble;
mod blobs;
mod exposure;
mod forms;
mod gaps;
mod nested;
mod remains;
mod seen;
mod selection;
mod value;
mod views;

pub use forms::{Forms, LONGEST, SHORTEST, Unfit};
pub use selection::Selection;
pub use value::UNKNOWN;

use super::pair::{self, Stand};
use super::{Context, Progress};
use crate::candidate::Candidate;
use crate::engine::Engine;
use crate::finding::{Coverage, Results, Skip, SkipKind};
use crate::git::GitError;
use crate::git::graph::commits::Messages;
use crate::git::graph::submodules::{self, Named};
use crate::git::graph::{Commits, Folders, Message, Repository, Tips};
use crate::git::odb::{self, Kind, Store, Unreadable};
use crate::text::PathText;
use blobs::{BlobSearch, Blobs, Nothing};
use seen::{Seen, Sight, Within};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Instant;
use views::{Fits, Views};

/// What may be switched.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many workers.
    pub threads: usize,
    /// Binary blobs that are larger are not searched, in bytes.
    pub max_size: u64,
    /// Every object is searched whole: slow, and the measure of the search along deltas.
    pub exhaustive: bool,
    /// Which part of the history is asked for.
    pub selection: Selection,
    /// Only what still holds this.
    pub gone: Option<Gone>,
    /// Submodules are searched too, each as a repository of its own.
    pub submodules: bool,
}

/// What is to be gone.
#[derive(Debug, Clone)]
pub enum Gone {
    /// The finding of that id.
    Id(String),
    /// A value, whether or not a rule knows it.
    Value(Forms),
}

/// Everything that was read of a repository.
struct Read {
    store: Store,
    folders: Folders,
    commits: Commits,
    tips: Tips,
    seen: Vec<Seen>,
    /// Which paths the names stand for under which something was seen.
    fits: Fits,
    skips: Vec<Skip>,
    unreadable: Vec<Unreadable>,
    coverage: Coverage,
    /// Where the repository lies in the one asked for, which is where the configuration lies; empty for that one itself.
    within: PathText,
}

/// Searches the repository at or above a path, and with it those of its submodules where they are asked for.
///
/// # Errors
/// There is none, or a commit that the selection names is not in it.
pub fn audit<'c>(path: &Path, context: &Context<'c>, options: &Options) -> Result<Results<'c>, GitError> {
    let began = Instant::now();
    let repository = Repository::open(path)?;
    let (mut results, named) = audit_one(&repository, &PathText::from_bytes(b""), context, options)?;
    if options.gone.is_none() {
        results.notes.extend(context.allowances.expired_notes());
    }
    nested::add(&mut results, repository, &named, context, options);
    results.skips.sort();
    results.skips.dedup();
    for skip in results.skips.iter().filter(|skip| skip.kind != SkipKind::Binary) {
        *results.coverage.skipped.entry(skip.kind.as_str()).or_default() += 1;
    }
    results.notes.sort();
    results.notes.dedup();
    results.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    results.interrupted = context.progress.interrupted();
    Ok(results)
}

/// Searches one repository, which lies in the one asked for at that path.
fn audit_one<'c>(
    repository: &Repository,
    within: &PathText,
    context: &Context<'c>,
    options: &Options,
) -> Result<(Results<'c>, Named), GitError> {
    let engine = Engine::new(context.rules);
    let mut read = match &options.gone {
        Some(Gone::Value(forms)) => value::read(repository, &engine, context, options, forms),
        _ => Read::all(repository, &engine, context, options),
    };
    read.within = within.clone();
    let chosen = options.selection.choose(repository, &read.store, &read.commits, &read.tips)?;
    let mut findings = assemble::findings(&mut read, context, chosen.as_ref());
    gaps::add(repository, &mut read);
    let mut notes = Vec::new();
    let mut files = Vec::new();
    if let Some(gone) = &options.gone {
        let what = match gone {
            Gone::Id(id) => {
                findings.retain(|(finding, _)| finding.id == *id);
                id
            }
            Gone::Value(forms) => {
                files = value::own_files(repository, &mut read, forms, context.progress);
                "the value"
            }
        };
        notes = remains::notes(repository, &mut read, what, &findings, &files);
    }
    let (mut findings, stood): (Vec<_>, Vec<_>) = findings.into_iter().unzip();
    if options.gone.is_none() {
        let each = stood.iter().enumerate().flat_map(|(finding, all)| all.iter().map(move |one| (finding, one)));
        let stands = each.map(|(finding, one)| Stand {
            text: (one.object, one.path),
            line: one.line,
            finding,
            place: one.place as usize,
        });
        pair::join_at(&mut findings, stands);
        findings.sort_by(|a, b| assemble::order(a).cmp(&assemble::order(b)));
    }
    if let Some(Gone::Value(forms)) = &options.gone {
        value::add_files(&mut findings, &files, &engine, context, forms);
        notes.extend(value::remark(&findings));
        value::hide(forms, &mut findings, &mut read.skips, &mut notes);
    }
    let named = submodules::named(&read.store, &read.folders, &read.commits, &read.tips);
    let results = Results {
        findings,
        skips: read.skips,
        coverage: read.coverage,
        rules: context.rules.rules().len(),
        elapsed_ms: 0,
        interrupted: None,
        notes,
    };
    Ok((results, named))
}

impl Read {
    /// A path as the configuration has it; `None` for one that does not lie below its folder.
    fn path_for(&self, context: &Context<'_>, path: &str) -> Option<String> {
        let within = self.within.as_str();
        if within.is_empty() { (context.rebase)(path) } else { (context.rebase)(&format!("{within}/{path}")) }
    }

    fn all(repository: &Repository, engine: &Engine<'_>, context: &Context<'_>, options: &Options) -> Self {
        let threads = options.threads.max(1);
        let progress = context.progress;
        let mut store = Store::open(&repository.objects(), repository.hash(), threads);
        progress.total.fetch_add(store.packed_bytes(), Ordering::Relaxed);
        let count = |objects: u64, packed: u64| step(progress, objects, packed);
        let folders = Folders::read(&store, threads, &count);
        let takers =
            (0..threads).map(|_| Texts { sight: Sight::new(engine, context.inline_allow), store: &store }).collect();
        // The names are put together by one processor, beside the others that read commits.
        let (views, (commits, takers)) =
            rayon::join(|| Views::of_all(&store, &folders, engine), || Commits::read(&store, takers, &count));
        let shared = Blobs {
            store: &store,
            views: &views,
            max_size: options.max_size,
            exhaustive: options.exhaustive,
            left_out: &Nothing,
            progress,
        };
        let workers =
            (0..threads).map(|_| BlobSearch::new(&shared, Sight::new(engine, context.inline_allow))).collect();
        let workers = odb::walk(&store, Kind::Blob, workers);
        let mut seen = Vec::new();
        let mut skips = Vec::new();
        let mut unreadable = Vec::new();
        let mut coverage = Coverage { commits: commits.list.len() as u64, ..Coverage::default() };
        let mut binary = 0;
        for sight in takers.into_iter().map(|texts| texts.sight) {
            seen.extend(sight.seen);
            skips.extend(sight.skips);
        }
        for worker in workers {
            coverage.blobs += worker.count;
            coverage.bytes += worker.bytes;
            binary += worker.binary;
            seen.extend(worker.sight.seen);
            skips.extend(worker.sight.skips);
            unreadable.extend(worker.unreadable);
        }
        // What follows must not depend on who found it first.
        seen.sort_by_key(seen_order);
        let fits = views.fitting(&seen);
        if binary > 0 {
            coverage.skipped.insert(SkipKind::Binary.as_str(), binary);
        }
        unreadable.append(&mut store.unreadable);
        let tips = Tips::of(repository);
        coverage.refs = tips.tips.len() as u64;
        let within = PathText::from_bytes(b"");
        Self { store, folders, commits, tips, seen, fits, skips, unreadable, coverage, within }
    }
}

type SeenOrder = (odb::Number, Within, u32, crate::text::Position, usize);

const fn seen_order(seen: &Seen) -> SeenOrder {
    (seen.object, seen.within, seen.name, seen.start, seen.matched.rule)
}

fn step(progress: &Progress, objects: u64, packed: u64) -> bool {
    progress.files.fetch_add(objects, Ordering::Relaxed);
    progress.bytes.fetch_add(packed, Ordering::Relaxed);
    !progress.stopped()
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
        let found = self.sight.engine.search(&Candidate::whole(&text, b""), &mut self.sight.scratch);
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

/// A skip for something that git could not give.
fn lost(unreadable: Unreadable) -> Skip {
    Skip {
        path: PathText::from_bytes(unreadable.what.as_bytes()),
        kind: SkipKind::Unreadable,
        reason: unreadable.reason,
        incomplete: true,
    }
}
