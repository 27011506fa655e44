//! Submodules: each is a repository of its own, searched like the one around it, and told with its path before all others.
//!
//! The configuration that holds is that of the repository asked for, with paths from its top; what a submodule brings along has
//! no say. A secret that lies in several of them is one finding.

use super::{Options, audit_one};
use crate::finding::{Finding, Known, Results, Skip, SkipKind, Verdict};
use crate::git::GitError;
use crate::git::graph::submodules::Named;
use crate::git::graph::{Repository, Submodule};
use crate::scan::Context;
use crate::scan::group::order;
use crate::text::PathText;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// Submodules in submodules, at most.
const DEEPEST: usize = 16;
/// Repositories that are searched, at most.
const MOST: usize = 4096;
/// Paths that are written out in a note.
const NAMED: usize = 5;

/// A repository whose submodules come next.
struct Level {
    repository: Box<Repository>,
    named: Named,
    path: Vec<u8>,
    depth: usize,
}

/// Adds what the submodules of a repository hold or, where that is not asked for, how many were not looked into.
pub fn add<'c>(
    results: &mut Results<'c>,
    repository: Repository,
    named: &Named,
    context: &Context<'c>,
    options: &Options,
) {
    if !options.submodules {
        let all: Vec<Vec<u8>> = repository.submodules(named).into_keys().collect();
        results.notes.extend(left_out(&all));
        return;
    }
    let mut known: BTreeSet<PathBuf> = BTreeSet::from([repository.real_folder()]);
    let mut levels = vec![Level { repository: Box::new(repository), named: named.clone(), path: Vec::new(), depth: 0 }];
    while let Some(level) = levels.pop() {
        if level.named.is_cut {
            results.skips.push(open(&level.path, "has more folders than submodules are looked for in"));
        }
        for (path, submodule) in level.repository.submodules(&level.named) {
            let path = below(&level.path, &path);
            if context.progress.stopped() {
                return;
            }
            match submodule {
                Submodule::Missing => results.skips.push(missing(&path)),
                Submodule::Unreadable(error) => results.skips.push(unreadable(&path, &error)),
                Submodule::Here(repository) if known.contains(&repository.real_folder()) => {}
                Submodule::Here(_) if level.depth == DEEPEST || known.len() >= MOST => {
                    results.skips.push(open(&path, "lies too deep in other submodules, or there are too many of them"));
                }
                Submodule::Here(repository) => {
                    known.insert(repository.real_folder());
                    match one(&repository, &path, context, options) {
                        Ok((found, named)) => {
                            merge(results, found);
                            levels.push(Level { repository, named, path, depth: level.depth + 1 });
                        }
                        Err(error) => results.skips.push(unreadable(&path, &error)),
                    }
                }
            }
        }
    }
    results.findings.sort_by(|a, b| order(a).cmp(&order(b)));
}

/// Searches one, and puts its path before everything that it tells.
fn one<'c>(
    repository: &Repository,
    path: &[u8],
    context: &Context<'c>,
    options: &Options,
) -> Result<(Results<'c>, Named), GitError> {
    let shown = PathText::from_bytes(path);
    let (mut results, named) = audit_one(repository, &shown, context, options)?;
    let longer = |inner: &mut PathText| *inner = PathText::from_bytes(&below(path, &inner.to_bytes()));
    for finding in &mut results.findings {
        let others = finding.others.iter_mut().flat_map(|other| &mut other.places);
        finding.places.iter_mut().chain(others).for_each(|place| longer(&mut place.path));
    }
    for skip in &mut results.skips {
        // A pack is named by where it lies on disk.
        if !std::path::Path::new(skip.path.as_str()).is_absolute() {
            longer(&mut skip.path);
        }
    }
    let named_by = shown.for_terminal();
    results.notes.iter_mut().for_each(|note| *note = format!("in {named_by}: {note}"));
    Ok((results, named))
}

/// Puts the results of another repository to these.
fn merge<'c>(all: &mut Results<'c>, other: Results<'c>) {
    all.skips.extend(other.skips);
    all.notes.extend(other.notes);
    all.coverage.files += other.coverage.files;
    all.coverage.blobs += other.coverage.blobs;
    all.coverage.commits += other.coverage.commits;
    all.coverage.refs += other.coverage.refs;
    all.coverage.bytes += other.coverage.bytes;
    all.coverage.known = both(all.coverage.known.take(), other.coverage.known);
    for (kind, count) in other.coverage.skipped {
        *all.coverage.skipped.entry(kind).or_default() += count;
    }
    let known: HashMap<String, usize> =
        all.findings.iter().enumerate().map(|(at, finding)| (finding.id.clone(), at)).collect();
    for finding in other.findings {
        match known.get(&finding.id).copied().filter(|&at| all.findings[at].secret == finding.secret) {
            Some(at) => join(&mut all.findings[at], finding),
            None => all.findings.push(finding),
        }
    }
}

/// What was known of two repositories: of one of them perhaps nothing.
fn both(one: Option<Known>, other: Option<Known>) -> Option<Known> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Known {
            blobs: one.blobs + other.blobs,
            commits: one.commits + other.commits,
            since: one.since.min(other.since),
        }),
        (one, other) => one.or(other),
    }
}

/// One secret in two repositories.
fn join<'c>(one: &mut Finding<'c>, other: Finding<'c>) {
    one.confidence = one.confidence.max(other.confidence);
    one.verdict = one.verdict.max(other.verdict);
    one.exposure = one.exposure.max(other.exposure);
    one.exposed_refs.extend(other.exposed_refs);
    one.exposed_refs.sort();
    one.exposed_refs.dedup();
    one.exposed_more += other.exposed_more;
    one.present = one.present.max(other.present);
    one.commits = one.commits.zip(other.commits).map(|(a, b)| a + b).or(one.commits).or(other.commits);
    one.places.extend(other.places);
    one.others.extend(other.others);
    if one.verdict != Verdict::Suppressed {
        one.suppressed = None;
    }
}

fn below(path: &[u8], inner: &[u8]) -> Vec<u8> {
    if path.is_empty() { inner.to_vec() } else { [path, b"/", inner].concat() }
}

/// What is not asked for is not silently left out.
fn left_out(paths: &[Vec<u8>]) -> Option<String> {
    let names: Vec<String> = paths.iter().take(NAMED).map(|path| PathText::from_bytes(path).for_terminal()).collect();
    let more = if paths.len() > NAMED { ", …" } else { "" };
    let (what, are) = match paths.len() {
        0 => return None,
        1 => ("1 submodule".to_owned(), "is a repository of its own and was"),
        count => (format!("{count} submodules"), "are repositories of their own and were"),
    };
    Some(format!("{what} ({}{more}) {are} not looked into: `plainsight audit --submodules` does", names.join(", ")))
}

fn skip(path: &[u8], kind: SkipKind, reason: String) -> Skip {
    Skip { path: PathText::from_bytes(path), kind, reason, incomplete: true }
}

fn missing(path: &[u8]) -> Skip {
    let reason = "a submodule that is not here; `git submodule update --init --recursive` brings it";
    skip(path, SkipKind::Missing, reason.to_owned())
}

fn unreadable(path: &[u8], error: &GitError) -> Skip {
    skip(path, SkipKind::Unreadable, format!("a submodule whose repository could not be read: {}", error.message))
}

fn open(path: &[u8], reason: &str) -> Skip {
    let path = if path.is_empty() { b"." } else { path };
    skip(path, SkipKind::Bounded, reason.to_owned())
}
