//! What a range of history brings in: what a push would hand on, and what a server is given.
//!
//! Every commit of the range is judged by itself, so that a secret that a later one takes back is found: the remote keeps both.
//! Messages of commits and of annotated tags are searched too.

use super::changes::{self, Item, Origin, Searched, Worker};
use super::standing::{Exposures, Stands};
use super::{Collected, Context, Options, finish, staged};
use crate::engine::Engine;
use crate::finding::{COMMIT_MESSAGE, CommitInfo, Exposure, Place, Results, TAG_MESSAGE, Verdict};
use crate::git::bring::Brought;
use crate::git::{Change, GitError, Gone, HookRepository, Id, Kind, Objects};
use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

/// A range of history.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// What it reaches from, with the name of the ref.
    pub included: Vec<(String, Id)>,
    /// What is known already, and all that it reaches.
    pub excluded: Vec<Id>,
}

/// What a range brings in.
#[derive(Debug)]
pub struct Ranged<'c> {
    /// What was found.
    pub results: Results<'c>,
    /// The refs of the range that reach a finding that blocks, with how many.
    pub blocked: Vec<(String, usize)>,
}

/// Searches what a range brings in. What cannot be read leaves the answer open.
#[must_use]
pub fn range<'c>(repository: &HookRepository, range: &Range, context: &Context<'c>, options: &Options) -> Ranged<'c> {
    let began = Instant::now();
    let included: Vec<Id> = range.included.iter().map(|(_, id)| *id).collect();
    let brought = match Brought::of(repository, &included, &range.excluded) {
        Ok(brought) => brought,
        Err(error) => {
            let collected = Collected { skips: vec![staged::unreadable(&error)], ..Collected::default() };
            let results = finish(collected, context, options, &NotPushed::default(), began);
            return Ranged { results, blocked: Vec::new() };
        }
    };
    let mut collected = Collected::default();
    collected.coverage.refs = range.included.len() as u64;
    collected.coverage.commits = brought.commits.len() as u64;
    search(&brought, context, options, &mut collected);
    let standing = NotPushed { objects: Some(brought.objects()), tips: tips(&brought, &included) };
    let results = finish(collected, context, options, &standing, began);
    let blocked = blocked(&results, &brought, range);
    Ranged { results, blocked }
}

fn search(brought: &Brought, context: &Context<'_>, options: &Options, collected: &mut Collected) {
    let objects = brought.objects();
    let mut items = Vec::new();
    for (from, commit) in brought.commits.iter().enumerate() {
        match brought.changes(commit) {
            Ok(changes) => items.extend(changes.into_iter().map(|change| Item { change, from })),
            Err(error) => collected.skips.push(staged::unreadable(&error)),
        }
        if context.progress.stopped() {
            return;
        }
    }
    match bare(brought) {
        Ok(changes) => items.extend(changes.into_iter().map(|change| Item { change, from: usize::MAX })),
        Err(error) => collected.skips.push(staged::unreadable(&error)),
    }
    changes::distinct(&mut items);
    if items.is_empty() && brought.commits.is_empty() && brought.tags.is_empty() {
        return;
    }
    let engine = Engine::new(context.rules);
    let worker = || Worker::new(context, options, &engine, objects);
    messages(brought, objects, worker(), context, collected);
    let mut searched = changes::search(&items, worker());
    changes::only_new(&items, &mut searched, &InRange(brought), worker());
    drop_held(&items, &mut searched, brought, collected);
    for mut one in searched {
        let commit = brought.commits.get(items[one.item].from);
        if let Some(commit) = commit.filter(|_| !one.collected.located.is_empty()) {
            let info = info(objects, commit.id);
            for located in &mut one.collected.located {
                located.place.commit = Some(info.clone());
            }
        }
        collected.merge(one.collected);
    }
}

/// What the other side holds at its tips is no news to it, however it came into the range.
fn drop_held(items: &[Item], searched: &mut [Searched], brought: &Brought, collected: &mut Collected) {
    let with_findings = |one: &&mut Searched| !one.collected.located.is_empty();
    let blobs: HashSet<Id> = searched.iter_mut().filter(with_findings).map(|one| items[one.item].change.blob).collect();
    if blobs.is_empty() {
        return;
    }
    match brought.held(&blobs) {
        Ok(held) => {
            for one in searched.iter_mut().filter(|one| held.contains(&items[one.item].change.blob)) {
                one.collected.located.clear();
            }
        }
        Err(error) => collected.skips.push(staged::unreadable(&error)),
    }
}

/// Blobs and trees that a ref points to without a commit.
fn bare(brought: &Brought) -> Result<Vec<Change>, GitError> {
    let mut changes = Vec::new();
    for &(id, kind) in &brought.bare {
        if kind == Kind::Tree {
            changes.extend(brought.files(id)?);
        } else {
            let path = format!("<object {id}>").into_bytes();
            changes.push(Change { path, blob: id, is_link: false, before: Vec::new() });
        }
    }
    Ok(changes)
}

fn messages(
    brought: &Brought,
    objects: &Objects,
    mut worker: Worker<'_, '_>,
    context: &Context<'_>,
    collected: &mut Collected,
) {
    for commit in &brought.commits {
        if context.progress.stopped() {
            return;
        }
        match objects.text(commit.id) {
            Ok(text) => {
                let mut found = worker.text(COMMIT_MESSAGE, &text.message);
                if !found.located.is_empty() {
                    let info = info(objects, commit.id);
                    found.located.iter_mut().for_each(|located| located.place.commit = Some(info.clone()));
                }
                collected.merge(found);
            }
            Err(error) => collected.skips.push(staged::unreadable(&error)),
        }
    }
    for tag in &brought.tags {
        match objects.text(tag.id) {
            Ok(text) => {
                let mut found = worker.text(TAG_MESSAGE, &text.message);
                let id = tag.id.to_string();
                found.located.iter_mut().for_each(|located| located.place.blob = Some(id.clone()));
                collected.merge(found);
            }
            Err(error) => collected.skips.push(staged::unreadable(&error)),
        }
    }
}

/// What a report says of a commit.
fn info(objects: &Objects, id: Id) -> CommitInfo {
    let text = objects.text(id).unwrap_or_default();
    let subject = text.message.split(|&byte| byte == b'\n').next().unwrap_or_default();
    CommitInfo {
        id: id.to_string(),
        author: text.author,
        date: text.date,
        subject: String::from_utf8_lossy(subject).into_owned(),
    }
}

/// The commits that the included objects lead to.
fn tips(brought: &Brought, included: &[Id]) -> Vec<(Id, Option<Id>)> {
    let tip = |&id: &Id| {
        let commit = brought.tip(id)?;
        let tree = brought.commits.iter().find(|new| new.id == commit).map(|new| new.tree);
        Some((commit, tree))
    };
    included.iter().filter_map(tip).collect()
}

fn blocked(results: &Results<'_>, brought: &Brought, range: &Range) -> Vec<(String, usize)> {
    let blocking: Vec<_> = results.findings.iter().filter(|finding| finding.verdict == Verdict::Block).collect();
    if blocking.is_empty() {
        return Vec::new();
    }
    let count = |id: Id| {
        let commits: BTreeSet<String> =
            brought.reached(id).into_iter().map(|at| brought.commits[at].id.to_string()).collect();
        let (own, names) = (id.to_string(), brought.commits.len());
        let is_here = |place: &Place| match &place.commit {
            Some(commit) => commits.contains(&commit.id),
            // A message of a tag, or an object that a ref points to by itself.
            None => place.blob.as_ref() == Some(&own) || names == 0,
        };
        blocking.iter().filter(|finding| finding.places.iter().any(is_here)).count()
    };
    let counted = range.included.iter().map(|(name, id)| (name.clone(), count(*id)));
    counted.filter(|(_, count)| *count > 0).collect()
}

struct InRange<'b>(&'b Brought);

impl Origin for InRange<'_> {
    fn gone(&self, from: usize) -> Result<Vec<Gone>, GitError> {
        self.0.commits.get(from).map_or_else(|| Ok(Vec::new()), |commit| self.0.gone(commit))
    }
}

/// What the other side has not got.
#[derive(Default)]
struct NotPushed<'o> {
    objects: Option<&'o Objects>,
    /// Commits, and their trees where they are new.
    tips: Vec<(Id, Option<Id>)>,
}

impl Exposures for NotPushed<'_> {
    fn ask(&self, places: &mut [Place], secret: Option<&[u8]>) -> Stands {
        let counted = places.iter().filter(|place| place.suppressed.is_none());
        let present = counted.into_iter().any(|place| self.is_present(place, secret));
        Stands { exposure: Exposure::Local, refs: Vec::new(), present: Some(present) }
    }
}

impl NotPushed<'_> {
    /// Whether a tip still holds it at that path.
    fn is_present(&self, place: &Place, secret: Option<&[u8]>) -> bool {
        let Some(objects) = self.objects else { return false };
        let Some(blob) = &place.blob else {
            return self.tips.iter().any(|(tip, _)| place.commit.as_ref().is_some_and(|own| own.id == tip.to_string()));
        };
        self.tips.iter().filter_map(|(_, tree)| *tree).any(|tree| {
            let Ok(Some(now)) = objects.at_path(tree, &place.path.to_bytes()) else { return false };
            let mut buffer = Vec::new();
            now.to_string() == *blob
                || secret.is_some_and(|secret| {
                    objects.read(now, &mut buffer).is_ok_and(|(_, bytes)| memchr::memmem::find(bytes, secret).is_some())
                })
        })
    }
}
