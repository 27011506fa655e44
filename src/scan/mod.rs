//! Joins source, engine and policy, and decides the order of things.
//!
//! Workers turn parts of files into located matches ([`file`]); when all is read, matches become findings ([`group`]), git is
//! asked where they stand ([`standing`]), policy says what follows, and halves of one credential are put together ([`pair`]).
//! Nothing depends on which worker came first: everything is sorted at the end.

mod changes;
mod file;
mod group;
pub mod history;
mod pair;
mod place;
mod range;
mod staged;
mod standing;

pub use range::{Range, Ranged, range};
pub use staged::{message, staged};
pub use standing::path_of;

use crate::candidate::Candidate;
use crate::engine::{self, Engine};
use crate::finding::{Coverage, Results, Skip, SkipKind};
use crate::policy::{Allowances, Gate, Globs, Rotations};
use crate::rule::RuleSet;
use crate::source::{self, Visit, Walked};
use crate::text::PathText;
use file::FileScan;
use group::Located;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

/// What a scan must be told.
pub struct Context<'c> {
    /// The active rules.
    pub rules: &'c RuleSet,
    /// What blocks.
    pub gate: Gate,
    /// What is allowed by the configuration.
    pub allowances: &'c Allowances,
    /// What was revoked, and where it lay then.
    pub rotations: &'c Rotations,
    /// Paths that are left out, relative to the configuration's folder, with the name of the entry's origin.
    pub exclude: &'c Globs,
    /// Turns a path of the scan into one relative to the configuration's folder.
    pub rebase: &'c (dyn Fn(&str) -> Option<String> + Sync),
    /// Whether comments in the text may allow.
    pub inline_allow: bool,
    /// Counters and the stop signal, shared with whoever shows progress.
    pub progress: &'c Progress,
}

/// What may be switched.
#[derive(Debug, Clone)]
pub struct Options {
    /// How files are read.
    pub source: source::Options,
    /// Only part of a tree is looked at, so that unused allowances mean nothing.
    pub partial: bool,
}

/// How far a run is, and whether it is to stop.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files read so far.
    pub files: AtomicU64,
    /// Bytes read so far.
    pub bytes: AtomicU64,
    /// Bytes that there are, where that is known.
    pub total: AtomicU64,
    /// Number of the signal that asks to stop, or 0.
    pub signal: AtomicUsize,
    /// Set when all is read.
    pub done: AtomicBool,
}

impl Progress {
    /// Counts what was read; whether to go on.
    fn add(&self, files: u64, bytes: u64) -> bool {
        self.files.fetch_add(files, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        !self.stopped()
    }

    fn stopped(&self) -> bool {
        self.signal.load(Ordering::Relaxed) != 0
    }

    fn interrupted(&self) -> Option<&'static str> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            15 => Some("SIGTERM"),
            _ => Some("SIGINT"),
        }
    }
}

/// What the workers found, before it is put together.
#[derive(Debug, Default)]
struct Collected {
    located: Vec<Located>,
    skips: Vec<Skip>,
    notes: Vec<String>,
    coverage: Coverage,
}

impl Collected {
    fn merge(&mut self, mut other: Self) {
        self.located.append(&mut other.located);
        self.skips.append(&mut other.skips);
        self.notes.append(&mut other.notes);
        self.coverage.files += other.coverage.files;
        self.coverage.blobs += other.coverage.blobs;
        self.coverage.commits += other.coverage.commits;
        self.coverage.refs += other.coverage.refs;
        self.coverage.bytes += other.coverage.bytes;
    }
}

/// Scans files and folders as they lie on disk.
#[must_use]
pub fn paths<'c>(roots: &[PathBuf], context: &Context<'c>, options: &Options) -> Results<'c> {
    let began = Instant::now();
    let engine = Engine::new(context.rules);
    let all = Mutex::new(Collected::default());
    source::walk(roots, &options.source, || {
        Box::new(Worker { context, engine: &engine, file: FileScan::new(), collected: Collected::default(), all: &all })
    });
    let mut collected = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    missing_roots(roots, &mut collected);
    let standing = standing::Standings::of(roots, &mut collected.skips);
    finish(collected, context, options, &standing, began)
}

/// Scans one stream, named as `name` in the report.
#[must_use]
pub fn stream<'c>(stream: impl Read, name: &str, context: &Context<'c>, options: &Options) -> Results<'c> {
    let began = Instant::now();
    let engine = Engine::new(context.rules);
    let mut collected = Collected::default();
    let mut file = FileScan::new();
    let mut encoding = None;
    let read = source::read_stdin(stream, |part| {
        let encoding = *encoding.get_or_insert_with(|| crate::text::encoding::detect(part.bytes));
        file.part(context, &engine, name.as_bytes(), &part, encoding, &mut collected);
        !context.progress.stopped()
    });
    match read {
        Ok(bytes) => {
            collected.coverage.files = 1;
            collected.coverage.bytes = bytes;
        }
        Err(error) => collected.skips.push(Skip {
            path: PathText::from_bytes(name.as_bytes()),
            kind: SkipKind::Unreadable,
            reason: format!("could not be read: {error}"),
            incomplete: true,
        }),
    }
    finish(collected, context, options, &standing::Standings::default(), began)
}

fn missing_roots(roots: &[PathBuf], collected: &mut Collected) {
    // The walk reports what it cannot open; an argument that is gone by then must not pass in silence.
    for root in roots.iter().filter(|root| !root.exists()) {
        let path = PathText::from_bytes(root.to_string_lossy().as_bytes());
        if !collected.skips.iter().any(|skip| skip.path == path) {
            let reason = "could not be read: it does not exist, or is a link to nothing".to_owned();
            collected.skips.push(Skip { path, kind: SkipKind::Unreadable, reason, incomplete: true });
        }
    }
}

fn finish<'c>(
    mut collected: Collected,
    context: &Context<'c>,
    options: &Options,
    standing: &dyn standing::Exposures,
    began: Instant,
) -> Results<'c> {
    let findings = group::findings(std::mem::take(&mut collected.located), context, standing);
    collected.skips.sort();
    collected.skips.dedup();
    let mut coverage = collected.coverage;
    for skip in &collected.skips {
        *coverage.skipped.entry(skip.kind.as_str()).or_default() += 1;
    }
    let mut notes = collected.notes;
    notes.extend(if options.partial { context.allowances.expired_notes() } else { context.allowances.notes() });
    notes.sort();
    notes.dedup();
    context.progress.done.store(true, Ordering::Relaxed);
    Results {
        findings,
        skips: collected.skips,
        coverage,
        rules: context.rules.rules().len(),
        elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        interrupted: context.progress.interrupted(),
        notes,
    }
}

/// One worker's share.
struct Worker<'w, 'c> {
    context: &'w Context<'c>,
    engine: &'w Engine<'c>,
    file: FileScan,
    collected: Collected,
    all: &'w Mutex<Collected>,
}

impl Visit for Worker<'_, '_> {
    fn take(&mut self, walked: Walked<'_>) -> bool {
        match walked {
            Walked::Part { name, part, encoding, .. } => {
                self.file.part(self.context, self.engine, name, &part, encoding, &mut self.collected);
            }
            Walked::Done { bytes } => {
                self.collected.coverage.files += 1;
                self.collected.coverage.bytes += bytes;
                self.context.progress.add(1, bytes);
            }
            Walked::Skipped(skip) => self.collected.skips.push(skip),
        }
        !self.context.progress.stopped()
    }

    fn excludes(&self, path: &Path, is_folder: bool) -> Option<String> {
        if self.context.exclude.is_empty() {
            return None;
        }
        let path = (self.context.rebase)(&path.to_string_lossy())?;
        let out = if is_folder { self.context.exclude.prunes(&path) } else { self.context.exclude.matches(&path) };
        out.then(|| "left out by [files] exclude of plainsight.toml".to_owned())
    }
}

impl Drop for Worker<'_, '_> {
    fn drop(&mut self) {
        let collected = std::mem::take(&mut self.collected);
        self.all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).merge(collected);
    }
}

/// Searches a text in memory: what tests and the oracle of other sources use.
#[must_use]
pub fn search_bytes(engine: &Engine<'_>, bytes: &[u8], path: &str) -> Vec<engine::Match> {
    engine.search(&Candidate::whole(bytes, path.as_bytes()), &mut engine::Scratch::default()).matches
}
