//! What the history names and the repository does not hold, and what could not be read.

use super::lost;
use super::read::Read;
use crate::finding::{Skip, SkipKind};
use crate::git::graph::{Folders, Repository, TipKind};
use crate::git::odb::{Number, Unreadable};
use crate::text::PathText;
use std::collections::HashSet;

/// Missing objects of which it is asked whether anything that can be reached names them; with more, it is taken for granted.
const ASKED: usize = 256;

/// Adds them to the skips.
pub fn add(repository: &Repository, read: &mut Read) {
    let mut all: Vec<Unreadable> = std::mem::take(&mut read.unreadable);
    all.append(&mut read.folders.unreadable);
    all.append(&mut read.commits.unreadable);
    all.append(&mut read.tips.unreadable);
    read.skips.extend(all.into_iter().map(lost));
    let shallow = repository.shallow().unwrap_or_else(|error| {
        read.skips.push(lost(Unreadable { what: error.what, reason: error.message }));
        Vec::new()
    });
    if !shallow.is_empty() {
        let before = match shallow.len() {
            1 => "one commit".to_owned(),
            count => format!("{count} commits"),
        };
        read.skips.push(Skip {
            path: PathText::from_bytes(b".git/shallow"),
            kind: SkipKind::Missing,
            reason: format!(
                "a shallow clone: the history before {before} is not here; `git fetch --unshallow` brings it"
            ),
            incomplete: true,
        });
    }
    missing(read, &shallow);
}

/// The trees of which it is asked who holds them: those that name something missing, unless there are many.
pub fn asked(folders: &Folders) -> impl Iterator<Item = Number> {
    let missing = if folders.missing.len() > ASKED { &[] } else { &folders.missing[..] };
    missing.iter().map(|missing| missing.1)
}

/// Those that trees name, if anything that can be reached holds the tree.
fn in_trees(read: &Read, reached: &[bool]) -> Vec<gix::ObjectId> {
    let missing = &read.folders.missing;
    if missing.is_empty() || missing.len() > ASKED {
        return missing.iter().map(|missing| missing.0).collect();
    }
    let counts = |tree: Number| {
        let held = read.held.held.get(&tree).map_or(&[][..], Vec::as_slice);
        read.commits.list.iter().enumerate().any(|(index, commit)| commit.tree == tree && reached[index])
            || held.iter().any(|held| held.commits.iter().any(|commit| reached[commit as usize]))
    };
    missing.iter().filter(|missing| counts(missing.1)).map(|missing| missing.0).collect()
}

/// Those that are missing, but for the parents of commits at which a shallow clone ends.
fn missing(read: &mut Read, shallow: &[gix::ObjectId]) {
    let mut missing: Vec<gix::ObjectId> = Vec::new();
    let mut tips = Vec::new();
    for (tip, end) in read.tips.tips.iter().zip(&read.ends) {
        tips.extend(end.commit.filter(|_| tip.kind != TipKind::Stash));
        missing.extend(end.missing);
    }
    let reached = read.commits.reached(tips);
    let is_reached = |number| read.commits.index(number).is_some_and(|index| reached[index]);
    let cut: HashSet<Number> = shallow.iter().filter_map(|id| read.store.find(id)).collect();
    let lacking = read.commits.missing.iter().filter(|missing| is_reached(missing.1) && !cut.contains(&missing.1));
    missing.extend(lacking.map(|missing| missing.0));
    missing.extend(in_trees(read, &reached));
    let empty = gix::ObjectId::empty_blob(read.store.hash());
    missing.extend(
        read.tips.staged.iter().map(|staged| staged.id).filter(|id| *id != empty && read.store.find(id).is_none()),
    );
    missing.sort_unstable();
    missing.dedup();
    if let Some(first) = missing.first() {
        let (count, what) = match missing.len() {
            1 => (String::new(), "object that the history names is"),
            count => (format!("{count} "), "objects that the history names are"),
        };
        read.skips.push(Skip {
            path: PathText::from_bytes(first.to_string().as_bytes()),
            kind: SkipKind::Missing,
            reason: format!("{count}{what} not in this repository (a partial or damaged clone); nothing is fetched"),
            incomplete: true,
        });
    }
}
