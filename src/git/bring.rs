//! What a range of history brings in: a difference of sets of objects, never the text of a diff.
//!
//! A range is given by the objects that it reaches from (`included`) and those whose history is known already (`excluded`), as
//! in `git rev-list included --not excluded`. [`Brought::of`] gives its commits, oldest first; [`Brought::changes`] what each of
//! them brought: the blobs that stand in its tree at a path at which **no** parent has the same blob. So a file that a later
//! commit of the range takes back is seen, a merge brings only what it resolved in a new way, and renames and copies are new
//! files whose content is read as a whole.
//!
//! Commits are walked by date until all that is left is known. Where clocks were wrong, a commit that is known may be listed as new:
//! more is read then than need be, and never less. A blob that returns to a content it had long ago counts as brought;
//! [`Brought::held`] tells those that the tips of the known side hold today.
//!
//! ```no_run
//! use plainsight::git::{Id, HookRepository, Surroundings, bring::Brought};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let repository = HookRepository::open(&Surroundings::default(), std::path::Path::new("."))?;
//! let (old, new) = (Id::parse(b"HEX DIGITS").ok_or("no id")?, Id::parse(b"HEX DIGITS").ok_or("no id")?);
//! let brought = Brought::of(&repository, &[new], &[old])?;
//! for commit in &brought.commits {
//!     for change in brought.changes(commit)? {
//!         println!("{} brought {}", commit.id, String::from_utf8_lossy(&change.path));
//!     }
//! }
//! # Ok(())
//! # }
//! ```

use super::change::{Change, Compare, Gone};
use super::commit::Links;
use super::{GitError, HookRepository, Id, Kind, Objects};
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

/// So many known commits are followed beyond the one at which the dates say that all is found.
const SLOP: usize = 64;

/// A commit of the range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// Its id.
    pub id: Id,
    /// Its tree.
    pub tree: Id,
    /// Its parents, in the range or not; none for one whose parents were not fetched (a shallow clone).
    pub parents: Vec<Id>,
}

/// An annotated tag that the range reaches from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTag {
    /// Its id.
    pub id: Id,
    /// The name that it gives itself.
    pub name: String,
}

/// What a range brings in.
#[derive(Debug)]
pub struct Brought {
    objects: Objects,
    /// The new commits: each behind its parents.
    pub commits: Vec<NewCommit>,
    /// The annotated tags among the included objects, and the tags that they point to.
    pub tags: Vec<NewTag>,
    /// Trees and blobs that are included by themselves: a tag or another ref may point to one.
    pub bare: Vec<(Id, Kind)>,
    /// Commits at which the known side begins: excluded ones, and parents of new ones.
    known: Vec<Id>,
    /// Where each included object that leads to a commit leads.
    tips: HashMap<Id, Id>,
    at: HashMap<Id, usize>,
}

impl Brought {
    /// Walks the range. An excluded object that is not here excludes nothing.
    ///
    /// # Errors
    /// An object that the range needs cannot be read.
    pub fn of(repository: &HookRepository, included: &[Id], excluded: &[Id]) -> Result<Self, GitError> {
        let objects = repository.objects().with_memory();
        let mut walk = Walk {
            objects: &objects,
            shallow: repository.shallow()?,
            seen: HashMap::new(),
            queue: BinaryHeap::new(),
            waiting: 0,
            buffer: Vec::new(),
        };
        let mut known = Vec::new();
        for &id in excluded {
            if let Ok(Pointed::Commit(commit)) = point(&objects, id, &mut Vec::new()) {
                known.push(commit);
                // One that cannot be read excludes nothing either.
                let _ = walk.enter(commit, true);
            }
        }
        let (mut tags, mut bare, mut tips) = (Vec::new(), Vec::new(), HashMap::new());
        for &id in included {
            match point(&objects, id, &mut tags)? {
                Pointed::Commit(commit) => {
                    tips.insert(id, commit);
                    walk.enter(commit, false)?;
                }
                Pointed::Bare(id, kind) => bare.push((id, kind)),
            }
        }
        let old_tags: HashSet<Id> = excluded.iter().copied().collect();
        tags.retain(|tag| !old_tags.contains(&tag.id));
        tags.sort_by_key(|tag| tag.id);
        tags.dedup();
        bare.sort_by_key(|bare| bare.0);
        bare.dedup();
        walk.run()?;
        let commits = oldest_first(&walk.seen, included.iter().filter_map(|id| tips.get(id).copied()));
        let at = commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect::<HashMap<_, _>>();
        known.extend(commits.iter().flat_map(|commit| &commit.parents).filter(|parent| !at.contains_key(parent)));
        known.sort();
        known.dedup();
        Ok(Self { objects, commits, tags, bare, known, tips, at })
    }

    /// The files that a commit brought, sorted by path.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn changes(&self, commit: &NewCommit) -> Result<Vec<Change>, GitError> {
        Ok(self.compare(commit, false)?.changes)
    }

    /// The files of its parents that a commit has no longer, or elsewhere.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn gone(&self, commit: &NewCommit) -> Result<Vec<Gone>, GitError> {
        Ok(self.compare(commit, true)?.gone.unwrap_or_default())
    }

    /// The files below a tree that is included by itself.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn files(&self, tree: Id) -> Result<Vec<Change>, GitError> {
        let mut compare = Compare::new(&self.objects, false);
        compare.tree(&mut Vec::new(), Some(tree), &[])?;
        Ok(compare.changes)
    }

    /// Reads the objects of the range, with memory for what versions have in common.
    #[must_use]
    pub const fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The commit that an included object leads to: itself, or what a tag points to.
    #[must_use]
    pub fn tip(&self, included: Id) -> Option<Id> {
        self.tips.get(&included).copied()
    }

    /// The new commits that an included object reaches, as positions in [`Brought::commits`].
    #[must_use]
    pub fn reached(&self, included: Id) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<Id> = self.tips.get(&included).copied().into_iter().collect();
        while let Some(id) = open.pop() {
            let Some(&at) = self.at.get(&id) else { continue };
            if reached.insert(at) {
                open.extend(&self.commits[at].parents);
            }
        }
        reached
    }

    /// Those of the blobs that the known side holds in the commits at which it begins.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn held(&self, blobs: &HashSet<Id>) -> Result<HashSet<Id>, GitError> {
        let (mut held, mut seen, mut buffer) = (HashSet::new(), HashSet::new(), Vec::new());
        let mut open = Vec::new();
        for &commit in &self.known {
            // A commit beyond the border of a shallow clone is known by its id only.
            open.extend(self.objects.links(commit, &mut buffer).map(|links| links.tree));
        }
        while let Some(tree) = open.pop() {
            if held.len() == blobs.len() {
                break;
            }
            if seen.insert(tree) {
                let (folders, files) = super::change::children(&self.objects, tree)?;
                held.extend(files.into_iter().filter(|id| blobs.contains(id)));
                open.extend(folders);
            }
        }
        Ok(held)
    }

    fn compare(&self, commit: &NewCommit, with_gone: bool) -> Result<Compare<'_>, GitError> {
        let mut buffer = Vec::new();
        let mut parents = Vec::new();
        for &parent in &commit.parents {
            parents.push(match self.at.get(&parent) {
                Some(&at) => self.commits[at].tree,
                None => self.objects.links(parent, &mut buffer)?.tree,
            });
        }
        let mut compare = Compare::new(&self.objects, with_gone);
        compare.tree(&mut Vec::new(), Some(commit.tree), &parents)?;
        Ok(compare)
    }
}

/// Where an object leads.
enum Pointed {
    Commit(Id),
    Bare(Id, Kind),
}

/// Follows tags, and keeps them.
fn point(objects: &Objects, id: Id, tags: &mut Vec<NewTag>) -> Result<Pointed, GitError> {
    let mut id = id;
    let mut buffer = Vec::new();
    loop {
        match objects.header(id)?.0 {
            Kind::Commit => return Ok(Pointed::Commit(id)),
            Kind::Tag => {
                let tagged = objects.tagged(id, &mut buffer)?;
                tags.push(NewTag { id, name: tagged.name });
                id = tagged.target;
            }
            kind => return Ok(Pointed::Bare(id, kind)),
        }
    }
}

/// A commit that the walk came by.
struct Seen {
    links: Links,
    is_known: bool,
    is_done: bool,
}

/// A walk over commits, the newest first.
struct Walk<'o> {
    objects: &'o Objects,
    shallow: HashSet<Id>,
    seen: HashMap<Id, Seen>,
    queue: BinaryHeap<(i64, Id)>,
    /// How many of the queue are not known.
    waiting: usize,
    buffer: Vec<u8>,
}

impl Walk<'_> {
    fn enter(&mut self, id: Id, is_known: bool) -> Result<(), GitError> {
        if let Some(seen) = self.seen.get(&id) {
            if is_known && !seen.is_known {
                self.mark_known(id);
            }
            return Ok(());
        }
        let mut links = self.objects.links(id, &mut self.buffer)?;
        if self.shallow.contains(&id) {
            links.parents.clear();
        }
        self.queue.push((links.time, id));
        self.waiting += usize::from(!is_known);
        self.seen.insert(id, Seen { links, is_known, is_done: false });
        Ok(())
    }

    /// What was taken for new is known after all, and with it all that it reaches.
    fn mark_known(&mut self, id: Id) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if let Some(seen) = self.seen.get_mut(&id).filter(|seen| !seen.is_known) {
                seen.is_known = true;
                self.waiting -= usize::from(!seen.is_done);
                if seen.is_done {
                    open.extend(&seen.links.parents);
                }
            }
        }
    }

    fn run(&mut self) -> Result<(), GitError> {
        let (mut oldest_new, mut more) = (i64::MAX, SLOP);
        while let Some(&(time, _)) = self.queue.peek() {
            // Known commits that are newer than a new one may still lead to it; by wrong clocks, so may older ones.
            if self.waiting == 0 && time < oldest_new {
                if more == 0 {
                    break;
                }
                more -= 1;
            }
            let Some((_, id)) = self.queue.pop() else { break };
            let Some(seen) = self.seen.get_mut(&id) else { continue };
            seen.is_done = true;
            let (is_known, parents) = (seen.is_known, seen.links.parents.clone());
            if !is_known {
                self.waiting -= 1;
                oldest_new = oldest_new.min(time);
            }
            for parent in parents {
                match self.enter(parent, is_known) {
                    // What lies behind the known side is nobody's question.
                    Err(_) if is_known => {}
                    other => other?,
                }
            }
        }
        Ok(())
    }
}

/// The new commits, each behind its parents; the order depends on the tips alone.
fn oldest_first(seen: &HashMap<Id, Seen>, tips: impl Iterator<Item = Id>) -> Vec<NewCommit> {
    let (mut out, mut placed) = (Vec::new(), HashSet::new());
    let mut open: Vec<(Id, bool)> = tips.map(|id| (id, false)).collect();
    open.reverse();
    while let Some((id, parents_are_placed)) = open.pop() {
        let Some(commit) = seen.get(&id).filter(|commit| !commit.is_known) else { continue };
        if parents_are_placed {
            let (tree, parents) = (commit.links.tree, commit.links.parents.clone());
            out.push(NewCommit { id, tree, parents });
        } else if placed.insert(id) {
            open.push((id, true));
            open.extend(commit.links.parents.iter().rev().map(|&parent| (parent, false)));
        }
    }
    out
}
