//! From a blob up to the commits that hold it, and the paths under which they do.
//!
//! One level at a time: the trees that hold the blob under a name; the trees that hold those; and so on, until there are
//! commits. Whether a tree holds something follows from its delta: it was added there, or its base holds it and it was not
//! removed.

use super::super::odb::{NONE, Number, Store};
use super::trees::starts_of;
use super::{Commits, Folders};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Folders above each other of which every path is told: as many as git goes down by itself.
const DEEPEST: usize = 4096;
/// Paths of one blob that are told apart; a tree can be made to have billions.
const MOST_PATHS: usize = 10_000;
/// Entries of the memory for what holds a tree.
const REMEMBERED: usize = 1 << 20;

/// One path of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The path from the top; of a blob that no commit holds, from the topmost tree that does.
    pub path: Vec<u8>,
    /// Indexes of the commits that hold it there, sorted; none where no commit does.
    pub commits: Vec<u32>,
    /// Where no commit does: the trees of which this is the path.
    pub trees: Vec<Number>,
}

/// Trees that hold something, by the name under which they do.
type ByName = Rc<Vec<(u32, Vec<Number>)>>;

/// Who holds whom, as far as it can be looked up; shared by all that search.
#[derive(Debug)]
pub struct Uphill {
    /// Indexes of commits, by the number of their tree …
    roots: Vec<u32>,
    /// … which begin here.
    first_root: Vec<u32>,
    /// Trees that are made from others, by the number of their base …
    made: Vec<Number>,
    /// … which begin here.
    first_made: Vec<u32>,
}

impl Uphill {
    /// Prepares it.
    #[must_use]
    pub fn of(store: &Store, commits: &Commits) -> Self {
        let mut roots: Vec<(Number, u32)> = (0u32..)
            .zip(&commits.list)
            .filter(|(_, commit)| commit.tree != NONE)
            .map(|(index, commit)| (commit.tree, index))
            .collect();
        roots.sort_unstable();
        let made = store.made_from(super::super::odb::Kind::Tree);
        Self {
            first_root: starts_of(store.len(), roots.iter().map(|root| root.0)),
            roots: roots.into_iter().map(|root| root.1).collect(),
            first_made: starts_of(store.len(), made.iter().map(|made| made.0)),
            made: made.into_iter().map(|made| made.1).collect(),
        }
    }
}

/// Finds holders, and remembers what it found.
pub struct Holders<'g> {
    store: &'g Store,
    folders: &'g Folders,
    uphill: &'g Uphill,
    known: HashMap<Number, ByName>,
    remembered: usize,
    /// When each number was last seen.
    seen: Vec<u32>,
    round: u32,
    /// Blobs of which not all paths are told.
    pub cut: bool,
}

impl std::fmt::Debug for Holders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holders").field("remembered", &self.remembered).finish_non_exhaustive()
    }
}

impl<'g> Holders<'g> {
    /// Prepares the search.
    #[must_use]
    pub fn new(store: &'g Store, folders: &'g Folders, uphill: &'g Uphill) -> Self {
        Self {
            store,
            folders,
            uphill,
            known: HashMap::new(),
            remembered: 0,
            seen: vec![0; store.len()],
            round: 0,
            cut: false,
        }
    }

    /// Every path of a blob, with the commits that hold it there. A blob without a name has none.
    pub fn of(&mut self, blob: Number) -> Vec<Held> {
        let mut done: BTreeMap<Vec<u8>, (Vec<u32>, Vec<Number>)> = BTreeMap::new();
        let mut level: BTreeMap<Vec<u8>, Vec<Number>> = BTreeMap::new();
        for (name, trees) in self.holding(blob).iter() {
            level.insert(self.folders.names.name(*name).to_vec(), trees.clone());
        }
        for depth in 0.. {
            let mut next: BTreeMap<Vec<u8>, Vec<Number>> = BTreeMap::new();
            for (path, trees) in std::mem::take(&mut level) {
                let mut above = false;
                for &tree in &trees {
                    for (name, parents) in self.holding(tree).iter() {
                        above = true;
                        let mut longer = self.folders.names.name(*name).to_vec();
                        longer.push(b'/');
                        longer.extend_from_slice(&path);
                        next.entry(longer).or_default().extend_from_slice(parents);
                    }
                }
                let commits = self.commits_of(&trees);
                if !commits.is_empty() || !above {
                    let one = done.entry(path).or_default();
                    one.1.extend_from_slice(if commits.is_empty() { &trees } else { &[] });
                    one.0.extend(commits);
                }
            }
            if done.len() + next.len() > MOST_PATHS || depth == DEEPEST {
                self.cut = true;
                self.one_path_each(blob, &mut done);
                break;
            }
            level = next;
            for trees in level.values_mut() {
                trees.sort_unstable();
                trees.dedup();
            }
            if level.is_empty() {
                break;
            }
        }
        let orphaned_only = done.values().all(|one| one.0.is_empty());
        done.into_iter()
            .filter(|(_, one)| orphaned_only || !one.0.is_empty())
            .map(|(path, (mut commits, trees))| {
                commits.sort_unstable();
                commits.dedup();
                Held { path, commits, trees }
            })
            .collect()
    }

    /// One of the paths below each tree that a commit names, where there are too many to be told.
    fn one_path_each(&mut self, blob: Number, done: &mut BTreeMap<Vec<u8>, (Vec<u32>, Vec<Number>)>) {
        // From each tree that leads to the blob the step down, by name. A hostile pack may make a loop of trees.
        let mut down: HashMap<Number, (u32, Number)> = HashMap::new();
        let mut queue = std::collections::VecDeque::from([blob]);
        while let Some(child) = queue.pop_front() {
            for (name, trees) in self.holding(child).iter() {
                for &tree in trees {
                    if let std::collections::hash_map::Entry::Vacant(step) = down.entry(tree) {
                        step.insert((*name, child));
                        queue.push_back(tree);
                    }
                }
            }
        }
        let mut trees: Vec<Number> = down.keys().copied().collect();
        trees.sort_unstable();
        for tree in trees {
            let commits = self.commits_of(&[tree]);
            if commits.is_empty() {
                continue;
            }
            let (mut path, mut at) = (Vec::new(), tree);
            while let Some(&(name, child)) = down.get(&at).filter(|_| at != blob) {
                path.extend_from_slice(if path.is_empty() { b"" } else { b"/" });
                path.extend_from_slice(self.folders.names.name(name));
                at = child;
            }
            done.entry(path).or_default().0.extend(commits);
        }
    }

    fn commits_of(&self, trees: &[Number]) -> Vec<u32> {
        let mut commits = Vec::new();
        for &tree in trees {
            let tree = tree as usize;
            let Uphill { roots, first_root, .. } = self.uphill;
            commits.extend_from_slice(&roots[first_root[tree] as usize..first_root[tree + 1] as usize]);
        }
        commits
    }

    /// The trees that hold a blob or tree, by name.
    fn holding(&mut self, child: Number) -> ByName {
        if let Some(known) = self.known.get(&child) {
            return Rc::clone(known);
        }
        let entries = self.folders.naming(child);
        let mut out = Vec::new();
        for group in entries.chunk_by(|a, b| a.name == b.name) {
            out.push((
                group[0].name,
                self.spread(child, group[0].name, group.iter().map(|entry| entry.tree).collect()),
            ));
        }
        let out = Rc::new(out);
        let size: usize = out.iter().map(|(_, trees)| trees.len() + 8).sum();
        if self.remembered + size > REMEMBERED {
            self.known.clear();
            self.remembered = 0;
        }
        self.remembered += size;
        self.known.insert(child, Rc::clone(&out));
        out
    }

    /// The trees in which an entry was added, and those made from them that kept it.
    fn spread(&mut self, child: Number, name: u32, mut stack: Vec<Number>) -> Vec<Number> {
        self.round += 1;
        let mut trees = Vec::new();
        while let Some(tree) = stack.pop() {
            if std::mem::replace(&mut self.seen[tree as usize], self.round) == self.round {
                continue;
            }
            trees.push(if self.store.counts(tree) {
                tree
            } else {
                self.store.find(self.store.id(tree)).unwrap_or(tree)
            });
            let (first, last) = (self.uphill.first_made[tree as usize], self.uphill.first_made[tree as usize + 1]);
            for &other in &self.uphill.made[first as usize..last as usize] {
                if self.seen[other as usize] != self.round && !self.folders.is_removed(other, child, name) {
                    stack.push(other);
                }
            }
        }
        trees.sort_unstable();
        trees.dedup();
        trees
    }
}
