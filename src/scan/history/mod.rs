//! The search of everything that a repository holds, and who brought in what was found.
//!
//! In this order: all objects are listed and verified; trees and commits are read, messages searched; then the blobs, each
//! under its names, along their deltas ([`blobs`]). What was seen ([`seen`]) is put together to findings, with the paths and
//! commits that hold it ([`assemble`]), and what could not be read is counted ([`gaps`]). Submodules are repositories of their
//! own, and come after it ([`nested`]).

mod assemble;
mod below;
mod blobs;
mod cache;
mod exposure;
mod forms;
mod gaps;
mod groups;
mod nested;
mod read;
mod remains;
mod seen;
mod selection;
mod sets;
mod told;
mod value;
mod views;

pub use forms::{Forms, LONGEST, SHORTEST, Unfit};
pub use selection::Selection;
pub use value::UNKNOWN;

use super::Context;
use super::group::order;
use super::pair::{self, Stand};
use crate::engine::Engine;
use crate::finding::{Results, Skip, SkipKind};
use crate::git::GitError;
use crate::git::graph::Repository;
use crate::git::graph::submodules::Named;
use crate::git::odb::Unreadable;
use crate::text::PathText;
use cache::{Cache, Looked};
use read::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

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
    /// The folder in which it is kept what was read, for the next time. An exhaustive audit neither reads nor writes it, nor
    /// does the search for a value.
    pub cache: Option<PathBuf>,
}

/// What is to be gone.
#[derive(Debug, Clone)]
pub enum Gone {
    /// The finding of that id.
    Id(String),
    /// A value, whether or not a rule knows it.
    Value(Forms),
}

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no repository, or it cannot be opened.
    #[error(transparent)]
    Repository(GitError),
    /// The selection names something that is not in it.
    #[error(transparent)]
    Selection(GitError),
}

/// Searches the repository at or above a path, and with it those of its submodules where they are asked for.
///
/// # Errors
/// There is none, or a commit that the selection names is not in it.
pub fn audit<'c>(path: &Path, context: &Context<'c>, options: &Options) -> Result<Results<'c>, AuditError> {
    let began = Instant::now();
    let repository = Repository::open(path).map_err(AuditError::Repository)?;
    options.selection.check(&repository).map_err(AuditError::Selection)?;
    let (mut results, named) =
        audit_one(&repository, &PathText::from_bytes(b""), context, options).map_err(AuditError::Selection)?;
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
    if let Some(done) = audit_with(repository, within, context, options, true)? {
        return Ok(done);
    }
    let done = audit_with(repository, within, context, options, false)?;
    Ok(done.expect("only what was kept can be damaged, and it was not asked for"))
}

/// The same with what was kept, if there is something, or without. `None` where it was found damaged on the way.
fn audit_with<'c>(
    repository: &Repository,
    within: &PathText,
    context: &Context<'c>,
    options: &Options,
    is_kept_trusted: bool,
) -> Result<Option<(Results<'c>, Named)>, GitError> {
    let engine = Engine::new(context.rules);
    let mut remarks = Vec::new();
    let mut read = match &options.gone {
        Some(Gone::Value(forms)) => value::read(repository, &engine, context, options, forms),
        _ => all(repository, &engine, context, options, is_kept_trusted, &mut remarks),
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
    notes.append(&mut remarks);
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
        findings.sort_by(|a, b| order(a).cmp(&order(b)));
    }
    if let Some(Gone::Value(forms)) = &options.gone {
        value::add_files(&mut findings, &files, &engine, context, forms);
        notes.extend(value::remark(&findings));
        value::hide(forms, &mut findings, &mut read.skips, &mut notes);
    }
    if read.folders.are_damaged() {
        return Ok(None);
    }
    let named = std::mem::take(&mut read.named);
    let results = Results {
        findings,
        skips: read.skips,
        coverage: read.coverage,
        rules: context.rules.rules().len(),
        elapsed_ms: 0,
        interrupted: None,
        notes,
    };
    Ok(Some((results, named)))
}

/// Reads everything, as far as a cache does not know it, and keeps it there. `remarks` gets what there is to say of the cache.
fn all(
    repository: &Repository,
    engine: &Engine<'_>,
    context: &Context<'_>,
    options: &Options,
    is_kept_trusted: bool,
    remarks: &mut Vec<String>,
) -> Read {
    let folder = options.cache.as_ref().filter(|_| !options.exhaustive);
    let cache = folder.and_then(|folder| {
        let cache = Cache::of(folder, repository, context, options);
        cache.map_err(|remark| remarks.push(remark)).ok()
    });
    let look = |cache: &Cache| if is_kept_trusted { cache.load() } else { cache.damaged() };
    let earlier = match cache.as_ref().map(look) {
        Some(Looked::Found(earlier)) => Some(*earlier),
        Some(Looked::Useless(remark)) => {
            remarks.push(remark);
            None
        }
        Some(Looked::Nothing) | None => None,
    };
    let read = earlier
        .and_then(|earlier| Read::beside(repository, engine, context, options, earlier))
        .unwrap_or_else(|| Read::all(repository, engine, context, options));
    if let Some(cache) = cache
        && !context.progress.stopped()
        && !read.folders.are_damaged()
        && let Some(kept) = read.kept()
    {
        remarks.extend(cache.save(&kept).err());
    }
    read
}

/// Whether a folder lies in the repository at or above a path, so that no cache may lie there.
#[must_use]
pub fn lies_within(path: &Path, folder: &Path) -> bool {
    Repository::open(path).is_ok_and(|repository| cache::lies_within(&repository, folder))
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
