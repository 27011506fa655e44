//! From trees down to what is asked for in them. Of the folders only those are gone into that may lead there, and each once.
//!
//! This is the way for few trees: those of tips, and those that are new. What a whole history holds is found upwards ([`paths`]).
//!
//! [`paths`]: super::paths

use super::super::odb::{self, Kind, Marks, NONE, Number, Store, Unreadable, Visit};
use super::entries::{Mode, all_entries};
use super::held::Graph;
use crate::text::Copied;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Folders above each other, at most.
const DEEPEST: usize = 4096;
/// What lies below one tree, at most.
const MOST: usize = 10_000;
/// What is remembered of all trees, at most.
const REMEMBERED: usize = 2_000_000;

/// What may lead to some objects, these among them: whatever names them has it from the tree that it is made from, or had it added.
#[must_use]
pub fn leading(graph: Graph<'_>, objects: impl IntoIterator<Item = Number>) -> Marks {
    let Graph { store, folders, .. } = graph;
    let uphill = graph.uphill();
    let mut leading = Marks::none(store.len());
    let mut stack: Vec<Number> = objects.into_iter().collect();
    while let Some(object) = stack.pop() {
        if !leading.mark(object) {
            continue;
        }
        // What names a tree, names it by the copy that counts.
        stack.extend((!store.counts(object)).then(|| store.find(store.id(object))).flatten());
        stack.extend(folders.naming(object).iter().map(|entry| entry.tree));
        stack.extend_from_slice(uphill.made(object));
    }
    leading
}

/// What lies below a tree: paths, and the objects there. `None` where it is too much, or too deep.
pub type Below = Option<Arc<[(Vec<u8>, Number)]>>;

/// The search, with what it found so far.
pub struct Down<'d> {
    store: &'d Store,
    /// Which objects are asked for; [`NONE`] stands for a commit of a submodule.
    is_wanted: &'d (dyn Fn(Number) -> bool + Sync),
    /// Which trees are gone into.
    is_leading: &'d (dyn Fn(Number) -> bool + Sync),
    /// Files are not asked for, so that they need not be looked up.
    no_files: bool,
    below: HashMap<Number, Below>,
    remembered: usize,
    /// What stands in the trees that were read.
    read: HashMap<Number, Entries>,
    /// A tree has a name that is none, or a path: what lies in it may have the path of something else.
    pub is_odd: bool,
}

/// What stands in a tree and matters.
#[derive(Debug, Default)]
struct Entries {
    folders: Vec<(Vec<u8>, Number)>,
    wanted: Vec<(Vec<u8>, Number)>,
}

/// A tree that is gone through.
struct Step {
    tree: Number,
    folders: Vec<(Vec<u8>, Number)>,
    at: usize,
    found: Option<Vec<(Vec<u8>, Number)>>,
}

impl<'d> Down<'d> {
    /// Nothing was looked at yet.
    pub fn new(
        store: &'d Store,
        is_wanted: &'d (dyn Fn(Number) -> bool + Sync),
        is_leading: &'d (dyn Fn(Number) -> bool + Sync),
    ) -> Self {
        let (below, read) = (HashMap::new(), HashMap::new());
        Self { store, is_wanted, is_leading, no_files: false, below, remembered: 0, read, is_odd: false }
    }

    /// The same for submodules. As git does, it goes into what is written down as a folder only.
    pub fn to_submodules(store: &'d Store, is_leading: &'d (dyn Fn(Number) -> bool + Sync)) -> Self {
        Self { no_files: true, ..Self::new(store, &|child| child == NONE, is_leading) }
    }

    /// Reads some trees and what is gone into below them: a level of folders at a time, so that versions of one folder are read
    /// along their deltas.
    pub fn read(&mut self, trees: impl IntoIterator<Item = Number>) {
        let mut level: Vec<Number> = trees.into_iter().collect();
        loop {
            level.sort_unstable();
            level.dedup();
            level.retain(|tree| !self.read.contains_key(tree));
            if level.is_empty() {
                return;
            }
            let reader = || Reader { down: &*self, level: &level, read: Vec::new(), is_odd: false };
            let readers = (0..rayon::current_num_threads().max(1)).map(|_| reader()).collect();
            let readers = odb::walk_some(self.store, Kind::Tree, &level, readers);
            let found: Vec<(Vec<(Number, Entries)>, bool)> =
                readers.into_iter().map(|reader| (reader.read, reader.is_odd)).collect();
            // One that cannot be read was named when all trees were.
            self.read.extend(level.drain(..).map(|tree| (tree, Entries::default())));
            for (read, is_odd) in found {
                self.is_odd |= is_odd;
                level.extend(read.iter().flat_map(|(_, entries)| entries.folders.iter().map(|folder| folder.1)));
                self.read.extend(read);
            }
        }
    }

    /// What lies below a tree.
    pub fn of(&mut self, tree: Number) -> Below {
        self.read([tree]);
        if let Some(known) = self.below.get(&tree) {
            return known.clone();
        }
        // A forged pack may make a loop of trees.
        let mut open = HashSet::from([tree]);
        let mut stack = vec![self.step(tree)];
        while let Some(step) = stack.last_mut() {
            if let Some((name, child)) = step.folders.get(step.at) {
                match self.below.get(child) {
                    Some(below) => {
                        step.found = add(step.found.take(), name, below);
                        step.at += 1;
                    }
                    None if open.insert(*child) => {
                        let child = *child;
                        let next = self.step(child);
                        stack.push(next);
                    }
                    None => step.at += 1,
                }
                continue;
            }
            let Some(Step { tree, found, .. }) = stack.pop() else { break };
            open.remove(&tree);
            let found = found.filter(|found| found.len() <= MOST && self.remembered + found.len() <= REMEMBERED);
            self.remembered += found.as_ref().map_or(0, Vec::len);
            self.below.insert(tree, found.map(Arc::from));
        }
        self.below.get(&tree).cloned().flatten()
    }

    fn step(&mut self, tree: Number) -> Step {
        let Entries { folders, wanted } = self.read.get_mut(&tree).map(std::mem::take).unwrap_or_default();
        Step { tree, folders, at: 0, found: Some(wanted) }
    }
}

/// One worker that reads folders.
struct Reader<'r, 'd> {
    down: &'r Down<'d>,
    /// Sorted; others are only what these are made from.
    level: &'r [Number],
    read: Vec<(Number, Entries)>,
    is_odd: bool,
}

impl Visit for Reader<'_, '_> {
    type State = ();

    fn whole(&mut self, tree: Number, content: &[u8]) {
        if self.level.binary_search(&tree).is_err() {
            return;
        }
        let store = self.down.store;
        let mut entries = Entries::default();
        for (name, id, mode) in all_entries(content, store.hash().len_in_bytes()) {
            self.is_odd |= name.is_empty() || name.contains(&b'/');
            let found = match mode {
                Mode::Submodule => Some(NONE),
                Mode::Other if self.down.no_files => None,
                Mode::Folder | Mode::Other => store.find(id),
            };
            let Some(child) = found else { continue };
            if (self.down.is_wanted)(child) {
                entries.wanted.push((name.to_vec(), child));
            }
            if child != NONE && store.kind(child) == Some(Kind::Tree) && (self.down.is_leading)(child) {
                entries.folders.push((name.to_vec(), child));
            }
        }
        self.read.push((tree, entries));
    }

    fn delta(&mut self, tree: Number, content: &[u8], _: &[u8], (): &(), _: &[Copied]) {
        self.whole(tree, content);
    }

    fn unreadable(&mut self, _: Unreadable) {
        // It was named when all trees were.
    }
}

/// Adds what lies below a folder.
fn add(found: Option<Vec<(Vec<u8>, Number)>>, name: &[u8], below: &Below) -> Option<Vec<(Vec<u8>, Number)>> {
    let (mut found, below) = found.zip(below.as_ref())?;
    for (path, object) in below.iter() {
        let path = [name, b"/", path].concat();
        if path.iter().filter(|&&byte| byte == b'/').count() >= DEEPEST {
            return None;
        }
        found.push((path, *object));
    }
    (found.len() <= MOST).then_some(found)
}
