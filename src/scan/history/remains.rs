//! Whether a secret is gone, and if not, everything that keeps it: branches, tags, the stash, logs, indexes, loose ends.

use super::assemble::Stood;
use super::read::Read;
use super::value::OwnFile;
use crate::finding::Finding;
use crate::git::graph::{Ascent, Repository, TipKind, Tips};
use crate::git::odb::Number;
use std::collections::BTreeSet;

/// Names of a kind that are written out; of the rest there is a number.
const NAMED: usize = 20;

/// What keeps the findings, one remark for each kind; one that says that `what` is gone if nothing does.
pub fn notes(
    repository: &Repository,
    read: &mut Read,
    what: &str,
    findings: &[(Finding<'_>, Vec<Stood>)],
    files: &[OwnFile],
) -> Vec<String> {
    let mut lost = Vec::new();
    let logged = Tips::logged(repository, &mut lost);
    read.skips.extend(lost.into_iter().map(super::lost));
    if findings.is_empty() && files.is_empty() {
        let whole = !read.skips.iter().any(|skip| skip.incomplete);
        let and = if whole { "it is gone from this repository" } else { "but not everything could be read" };
        return vec![format!(
            "{what} is in none of {} blobs, {} commits and their messages, {} refs, {} log entries and {} index entries: {and}. Clones, forks and caches of others are not seen from here.",
            read.coverage.blobs,
            read.coverage.commits,
            read.coverage.refs,
            logged.len(),
            read.tips.staged.len()
        )];
    }
    let objects: BTreeSet<Number> = findings.iter().flat_map(|(_, stood)| stood.iter().map(|one| one.object)).collect();
    let mut holders = Ascent::new(&read.store, &read.folders, read.graph().uphill());
    // A commit keeps everything that its parents hold.
    let mut keeping = vec![false; read.commits.list.len()];
    for &object in &objects {
        let commits = holders.of(object);
        let commits = commits.iter().flat_map(|held| held.commits.iter()).map(|commit| commit as usize);
        commits.chain(read.commits.index(object)).for_each(|commit| keeping[commit] = true);
    }
    for commit in read.commits.in_order(&read.commits.children()) {
        let above = read.commits.parents(commit as usize).iter().any(|&parent| keeping[parent as usize]);
        keeping[commit as usize] |= above;
    }
    let keeps = |id: gix::ObjectId| {
        let named = Tips::chain(&read.store, &read.commits, id);
        let commit = Tips::commit(&read.store, &read.commits, id).ok().flatten();
        named.iter().any(|number| objects.contains(number)) || commit.is_some_and(|commit| keeping[commit])
    };
    let mut notes = Vec::new();
    let mut note = |what: &str, names: Vec<String>| {
        let more = names.len().saturating_sub(NAMED);
        let listed = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.extend((!names.is_empty()).then(|| format!("still kept by {what}: {listed}{more}")));
    };
    let refs = |kinds: &[TipKind]| {
        let tips = read.tips.tips.iter().filter(|tip| kinds.contains(&tip.kind) && keeps(tip.id));
        tips.map(|tip| tip.name.clone()).collect::<Vec<_>>()
    };
    note("branches", refs(&[TipKind::Branch]));
    note("what was fetched from a remote", refs(&[TipKind::Remote]));
    note("tags, notes and other refs", refs(&[TipKind::Other]));
    note("the stash", refs(&[TipKind::Stash]));
    note("logs (git reflog)", logged.iter().filter(|log| keeps(log.id)).map(|log| log.name.clone()).collect());
    let staged = read.tips.staged.iter();
    let staged = staged.filter(|entry| read.store.find(&entry.id).is_some_and(|number| objects.contains(&number)));
    note("an index", staged.map(|entry| String::from_utf8_lossy(&entry.path).into_owned()).collect());
    note("files of git's own", files.iter().map(|file| file.path.clone()).collect());
    note("objects", objects.iter().map(|&object| read.store.id(object).to_string()).collect());
    notes
}
