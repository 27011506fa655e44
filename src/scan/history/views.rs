//! Under which names each blob is to be searched: rules may ask for a file's name, and how an assignment is read depends on it.
//!
//! The last part of a path says it all for nearly every rule, and comes with the tree that names the blob. A few rules ask
//! for a folder too (`.aws/credentials`); what lies below such a folder is searched under the path from there on.

use super::seen::{Seen, Within};
use crate::engine::{Engine, NameClass};
use crate::git::graph::Folders;
use crate::git::odb::{Inflating, Kind, Number, Store};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Folders below a telling one that are gone into.
const DEPTH: usize = 4;

/// The names of all blobs.
#[derive(Debug)]
pub struct Views<'v> {
    folders: &'v Folders,
    /// Numbers of names, by blob …
    names: Vec<u32>,
    /// … which begin here.
    first: Vec<u32>,
    /// Paths from a telling folder on; their numbers follow those of the names.
    paths: Vec<Vec<u8>>,
    /// What each name says to the search; names of one class share it.
    classes: Vec<Arc<NameClass>>,
}

impl<'v> Views<'v> {
    /// Collects the names of all blobs.
    #[must_use]
    pub fn of_all(store: &Store, folders: &'v Folders, engine: &Engine<'_>) -> Self {
        let mut list: Vec<(Number, u32)> = Vec::new();
        for view in folders.named() {
            if store.kind(view.0) == Some(Kind::Blob) {
                // Sorted by child and name already.
                if list.last() != Some(&view) {
                    list.push(view);
                }
            }
        }
        let (paths, below) = below_telling_folders(store, folders, engine);
        if !below.is_empty() {
            list.extend(below.iter().map(|&(blob, path)| (blob, folders.names.len() as u32 + path)));
            list.sort_unstable();
            list.dedup();
        }
        let mut first = vec![0u32; store.len() + 1];
        for &(blob, _) in &list {
            first[blob as usize + 1] += 1;
        }
        for at in 0..store.len() {
            first[at + 1] += first[at];
        }
        let names = list.iter().map(|view| view.1).collect();
        let mut this = Self { folders, names, first, paths, classes: Vec::new() };
        let mut known: Vec<Arc<NameClass>> = Vec::new();
        for view in 0..=this.nameless() {
            let class = engine.class_of(this.path(view));
            let shared = known.iter().find(|known| ***known == class && !class.is_by_name()).cloned();
            this.classes.push(shared.unwrap_or_else(|| {
                let class = Arc::new(class);
                known.push(Arc::clone(&class));
                class
            }));
        }
        this
    }

    /// The views of a blob.
    #[must_use]
    pub fn of(&self, blob: Number) -> &[u32] {
        &self.names[self.first[blob as usize] as usize..self.first[blob as usize + 1] as usize]
    }

    /// The view of a blob that no tree names.
    #[must_use]
    pub fn nameless(&self) -> u32 {
        (self.folders.names.len() + self.paths.len()) as u32
    }

    /// The name, or the path from a telling folder on.
    #[must_use]
    pub fn path(&self, view: u32) -> &[u8] {
        let names = self.folders.names.len();
        match view as usize {
            at if at < names => self.folders.names.name(view),
            at => self.paths.get(at - names).map_or(&[], Vec::as_slice),
        }
    }

    /// What it says to the search.
    #[must_use]
    pub fn class(&self, view: u32) -> &Arc<NameClass> {
        &self.classes[view as usize]
    }

    /// What remains of the names once all is searched: those of blobs in which something was seen.
    #[must_use]
    pub fn fitting(&self, seen: &[Seen]) -> Fits {
        let mut names = HashMap::new();
        for seen in seen.iter().filter(|seen| seen.within == Within::Blob) {
            let all = || self.of(seen.object).iter().map(|&view| (self.path(view).to_vec(), view)).collect();
            names.entry(seen.object).or_insert_with(all);
        }
        Fits { names }
    }
}

/// The names of the blobs in which something was seen.
#[derive(Debug)]
pub struct Fits {
    names: HashMap<Number, HashMap<Vec<u8>, u32>>,
}

impl Fits {
    /// The view of a blob that stands for a path of it: the longest that it ends in. Below a telling folder that is the
    /// longer view alone. `None` for a blob that an index names and no tree: it was searched without a name.
    #[must_use]
    pub fn view(&self, blob: Number, path: &[u8]) -> Option<u32> {
        let names = self.names.get(&blob)?;
        let starts = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1);
        std::iter::once(0).chain(starts).find_map(|start| names.get(&path[start..]).copied())
    }
}

/// Blobs below folders that rules name, with their paths from there on.
fn below_telling_folders(store: &Store, folders: &Folders, engine: &Engine<'_>) -> (Vec<Vec<u8>>, Vec<(Number, u32)>) {
    let telling: BTreeSet<u32> =
        (0..folders.names.len() as u32).filter(|&name| engine.is_telling_folder(folders.names.name(name))).collect();
    let mut tops: Vec<(Number, u32)> = folders
        .named()
        .filter(|(child, name)| telling.contains(name) && store.kind(*child) == Some(Kind::Tree))
        .collect();
    tops.sort_unstable();
    tops.dedup();
    let mut paths: Vec<Vec<u8>> = Vec::new();
    let mut below = Vec::new();
    // Versions of a folder have most of their files and folders in common.
    let mut known: HashMap<Vec<u8>, Option<u32>> = HashMap::new();
    let mut visited: HashSet<(Number, Vec<u8>)> = HashSet::new();
    let mut memory = Inflating::default();
    for (tree, name) in tops {
        let mut stack = vec![(tree, folders.names.name(name).to_vec(), 0)];
        while let Some((tree, path, depth)) = stack.pop() {
            // One that cannot be read was named when all trees were.
            let Ok(content) = store.read(tree, &mut memory) else { continue };
            for (name, child) in crate::git::graph::trees::entries(&content, store.id(tree).as_bytes().len()) {
                let Some(child) = store.find(child) else { continue };
                let path = [&path[..], b"/", name].concat();
                match store.kind(child) {
                    Some(Kind::Tree) if depth < DEPTH && visited.insert((child, path.clone())) => {
                        stack.push((child, path, depth + 1));
                    }
                    Some(Kind::Blob) => {
                        let number = *known.entry(path).or_insert_with_key(|path| {
                            engine.is_asked_for(path).then(|| {
                                paths.push(path.clone());
                                paths.len() as u32 - 1
                            })
                        });
                        below.extend(number.map(|number| (child, number)));
                    }
                    _ => {}
                }
            }
        }
    }
    (paths, below)
}
