//! From a blob up to the commits that hold it, and the paths under which they do.
//!
//! One level at a time: the trees that hold the blob under a name; the trees that hold those; and so on, until there are
//! commits. Whether a tree holds something follows from its delta: it was added there, or its base holds it and it was not
//! removed.

use super::super::odb::grouped::Lists;
use super::super::odb::{Kind, Marks, NONE, Number, Store};
use super::{Commits, Folders, Runs};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Folders above each other of which every path is told: as many as git goes down by itself.
const DEEPEST: usize = 4096;
/// Paths of one blob that are told apart, each counted by its [`weight`]; a tree can be made to have billions.
pub(super) const MOST_PATHS: usize = 10_000;
/// Bytes of a path that count as one path: trees in each other, made to be deep, have few paths that are long.
const LONG: usize = 256;
/// No number of a name.
const NO_NAME: u32 = u32::MAX;
/// Trees in the memory for what holds an object.
const REMEMBERED: usize = 1 << 21;

/// One path of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The path from the top; of a blob that no commit holds, from the topmost tree that does.
    pub path: Vec<u8>,
    /// The commits that hold it there; none where no commit does.
    pub commits: Runs,
    /// Where no commit does: the trees of which this is the path.
    pub trees: Vec<Number>,
}

/// Who holds whom, as far as it can be looked up; shared by all that search.
#[derive(Debug)]
pub struct Uphill {
    /// Indexes of commits, by the number of their tree.
    roots: Lists<u32>,
    /// Trees that are made from others, by the number of their base.
    made: Lists<Number>,
}

impl Uphill {
    /// Prepares it.
    #[must_use]
    pub fn of(store: &Store, commits: &Commits) -> Self {
        let roots = (0u32..).zip(&commits.list).filter(|(_, commit)| commit.tree != NONE);
        let roots = roots.map(|(index, commit)| (commit.tree, index));
        Self { roots: Lists::of(store.len(), roots), made: Lists::of(store.len(), store.made_from(Kind::Tree)) }
    }

    /// The trees that are made from one.
    #[must_use]
    pub fn made(&self, tree: Number) -> &[Number] {
        self.made.get(tree)
    }
}

/// As how many a path counts.
pub(super) const fn weight(path: &[u8]) -> usize {
    1 + path.len() / LONG
}

/// Finds holders, and remembers what it found.
pub struct Ascent<'g> {
    store: &'g Store,
    folders: &'g Folders,
    uphill: &'g Uphill,
    /// Where in `groups` those of each object begin, and one more, once that was asked.
    known: Vec<u32>,
    /// A name under which an object stands, and where the trees in which it does begin in `trees`. Behind the last of each object
    /// is one that has no name, and says where these end.
    groups: Vec<(u32, u32)>,
    /// Memory for the trees of all groups.
    trees: Vec<Number>,
    /// What was seen in this round; nothing between two.
    seen: Marks,
    /// Memory for what must be unmarked.
    passed: Vec<Number>,
    /// Blobs of which not all paths are told.
    pub cut: bool,
    /// How many paths there were on one step up, at most, counted by their weight.
    pub widest: usize,
}

impl std::fmt::Debug for Ascent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ascent").field("remembered", &self.trees.len()).finish_non_exhaustive()
    }
}

impl<'g> Ascent<'g> {
    /// Prepares the search.
    #[must_use]
    pub fn new(store: &'g Store, folders: &'g Folders, uphill: &'g Uphill) -> Self {
        Self {
            store,
            folders,
            uphill,
            known: vec![0; store.len()],
            groups: Vec::new(),
            trees: Vec::new(),
            seen: Marks::none(store.len()),
            passed: Vec::new(),
            cut: false,
            widest: 0,
        }
    }

    /// Every path of a blob, with the commits that hold it there. A blob without a name has none.
    pub fn of(&mut self, blob: Number) -> Vec<Held> {
        let mut done: BTreeMap<Vec<u8>, (Vec<u32>, Vec<Number>)> = BTreeMap::new();
        let mut level: BTreeMap<Vec<u8>, Vec<Number>> = BTreeMap::new();
        for group in self.holding(blob) {
            let (name, trees) = self.group(group);
            level.insert(self.folders.names.name(name).to_vec(), self.trees[trees].to_vec());
        }
        for depth in 0.. {
            let mut next: BTreeMap<Vec<u8>, Vec<Number>> = BTreeMap::new();
            for (path, trees) in std::mem::take(&mut level) {
                let above = self.above(&trees);
                let commits = self.commits_of(&trees);
                if !commits.is_empty() || above.is_empty() {
                    let one = done.entry(path.clone()).or_default();
                    one.1.extend_from_slice(if commits.is_empty() { &trees } else { &[] });
                    one.0.extend(commits);
                }
                for (name, parents) in above {
                    let longer = [self.folders.names.name(name), b"/", &path].concat();
                    next.entry(longer).or_default().extend(parents);
                }
            }
            let width = done.keys().chain(next.keys()).map(|path| weight(path)).sum();
            self.widest = self.widest.max(width);
            if width > MOST_PATHS || depth == DEEPEST {
                self.cut = true;
                self.one_path_each(blob, &mut done);
                break;
            }
            level = next;
            for trees in level.values_mut() {
                self.keep_first(trees);
            }
            if level.is_empty() {
                break;
            }
        }
        let orphaned_only = done.values().all(|one| one.0.is_empty());
        done.into_iter()
            .filter(|(_, one)| orphaned_only || !one.0.is_empty())
            .map(|(path, (mut commits, mut trees))| {
                commits.sort_unstable();
                trees.sort_unstable();
                Held { path, commits: Runs::of_sorted(commits), trees }
            })
            .collect()
    }

    /// What holds some trees, by the name under which it does.
    fn above(&mut self, trees: &[Number]) -> BTreeMap<u32, Vec<Number>> {
        let mut above: BTreeMap<u32, Vec<Number>> = BTreeMap::new();
        // Versions of a folder mostly have one name.
        let mut last: (u32, Vec<Number>) = (u32::MAX, Vec::new());
        for &tree in trees {
            for group in self.holding(tree) {
                let (name, parents) = self.group(group);
                if last.0 != name {
                    let old = std::mem::replace(&mut last, (name, above.remove(&name).unwrap_or_default()));
                    above.insert(old.0, old.1);
                }
                last.1.extend_from_slice(&self.trees[parents]);
            }
        }
        above.insert(last.0, last.1);
        above.retain(|_, parents| !parents.is_empty());
        above
    }

    /// Leaves each number once.
    fn keep_first(&mut self, numbers: &mut Vec<Number>) {
        numbers.retain(|&number| self.seen.mark(number));
        for &number in &*numbers {
            self.seen.unmark(number);
        }
    }

    /// One of the paths below each tree that a commit names, where there are too many to be told.
    fn one_path_each(&mut self, blob: Number, done: &mut BTreeMap<Vec<u8>, (Vec<u32>, Vec<Number>)>) {
        // From each tree that leads to the blob the step down, by name. A hostile pack may make a loop of trees.
        let mut down: HashMap<Number, (u32, Number)> = HashMap::new();
        let mut queue = std::collections::VecDeque::from([blob]);
        while let Some(child) = queue.pop_front() {
            for group in self.holding(child) {
                let (name, trees) = self.group(group);
                for &tree in &self.trees[trees] {
                    if let std::collections::hash_map::Entry::Vacant(step) = down.entry(tree) {
                        step.insert((name, child));
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
            commits.extend_from_slice(self.uphill.roots.get(tree));
        }
        commits
    }

    /// The trees that hold a blob or tree, by name: which of the groups, until this is asked again.
    fn holding(&mut self, child: Number) -> Range<usize> {
        if let first @ 1.. = self.known[child as usize] {
            let first = first as usize - 1;
            let count = self.groups[first..].iter().position(|group| group.0 == NO_NAME);
            return first..first + count.unwrap_or(0);
        }
        if self.trees.len() > REMEMBERED {
            self.known.fill(0);
            self.groups.clear();
            self.trees.clear();
        }
        let folders = self.folders;
        let first = self.groups.len();
        for same in folders.naming(child).chunk_by(|a, b| a.name == b.name) {
            self.groups.push((same[0].name, self.trees.len() as u32));
            self.spread(child, same[0].name, same.iter().map(|entry| entry.tree).collect());
        }
        // Behind the last group: where it ends.
        let last = self.groups.len();
        self.groups.push((NO_NAME, self.trees.len() as u32));
        self.known[child as usize] = first as u32 + 1;
        first..last
    }

    /// The name of a group, and where its trees are.
    fn group(&self, group: usize) -> (u32, Range<usize>) {
        let (name, first) = self.groups[group];
        (name, first as usize..self.groups[group + 1].1 as usize)
    }

    /// The trees in which an entry was added, and those made from them that kept it.
    fn spread(&mut self, child: Number, name: u32, mut stack: Vec<Number>) {
        let begin = self.trees.len();
        let mut passed = std::mem::take(&mut self.passed);
        while let Some(tree) = stack.pop() {
            if !self.seen.mark(tree) {
                continue;
            }
            passed.push(tree);
            self.trees.push(if self.store.counts(tree) {
                tree
            } else {
                self.store.find(self.store.id(tree)).unwrap_or(tree)
            });
            for &other in self.uphill.made(tree) {
                if !self.seen.has(other) && !self.folders.is_removed(other, child, name) {
                    stack.push(other);
                }
            }
        }
        passed.drain(..).for_each(|tree| self.seen.unmark(tree));
        self.passed = passed;
        self.trees[begin..].sort_unstable();
        let mut kept = begin;
        for at in begin..self.trees.len() {
            if at == begin || self.trees[at] != self.trees[kept - 1] {
                self.trees[kept] = self.trees[at];
                kept += 1;
            }
        }
        self.trees.truncate(kept);
    }
}
