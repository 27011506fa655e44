//! Under which names each blob is to be searched: rules may ask for a file's name, and how an assignment is read depends on it.
//!
//! The last part of a path says it all for nearly every rule, and comes with the tree that names the blob. A few rules ask
//! for a folder too (`.aws/credentials`); what lies below such a folder is searched under the path from there on.

use super::below::Below;
use super::seen::{Seen, Within};
use crate::engine::{Engine, NameClass};
use crate::git::graph::Folders;
use crate::git::odb::grouped::grouped;
use crate::git::odb::{Kind, Number, Store};
use std::collections::HashMap;
use std::sync::Arc;

/// The names of all blobs.
#[derive(Debug)]
pub struct Views<'v> {
    folders: &'v Folders,
    below: Below,
    /// Numbers of names, by blob …
    names: Vec<u32>,
    /// … which begin here.
    first: Vec<u32>,
    /// What each name says to the search; names of one class share it. Paths from a telling folder on follow the names.
    classes: Vec<Arc<NameClass>>,
}

impl<'v> Views<'v> {
    /// Collects the names of all blobs.
    #[must_use]
    pub fn of_all(store: &Store, folders: &'v Folders, below: Below, engine: &Engine<'_>) -> Self {
        let mut list: Vec<(Number, u32)> = Vec::new();
        for view in folders.named() {
            if store.kind(view.0) == Some(Kind::Blob) {
                // Sorted by child and name already.
                if list.last() != Some(&view) {
                    list.push(view);
                }
            }
        }
        if !below.pairs.is_empty() {
            list.extend(below.pairs.iter().map(|&(blob, path)| (blob, folders.names.len() as u32 + path)));
            list.sort_unstable();
            list.dedup();
        }
        let mut this = Self::listed(store, folders, below, &list);
        this.classes = this.classes_of(0..=this.nameless(), engine);
        this
    }

    /// The names of some blobs, which are sorted.
    #[must_use]
    pub fn of_some(store: &Store, folders: &'v Folders, below: Below, engine: &Engine<'_>, blobs: &[Number]) -> Self {
        let mut list: Vec<(Number, u32)> = Vec::new();
        for &blob in blobs {
            let names = folders.names_of(blob).into_iter().map(|name| (blob, name));
            list.extend(names.chain(below.of_blob(blob).map(|path| (blob, folders.names.len() as u32 + path))));
        }
        list.dedup();
        let mut this = Self::listed(store, folders, below, &list);
        let mut used: Vec<u32> = this.names.iter().copied().chain([this.nameless()]).collect();
        used.sort_unstable();
        used.dedup();
        let classes = this.classes_of(used.iter().copied(), engine);
        // The others are not asked for.
        this.classes = vec![Arc::clone(&classes[classes.len() - 1]); this.nameless() as usize + 1];
        for (view, class) in used.into_iter().zip(classes) {
            this.classes[view as usize] = class;
        }
        this
    }

    fn listed(store: &Store, folders: &'v Folders, below: Below, list: &[(Number, u32)]) -> Self {
        let (first, names) = grouped(store.len(), list.iter().copied());
        Self { folders, below, names, first, classes: Vec::new() }
    }

    fn classes_of(&self, views: impl Iterator<Item = u32>, engine: &Engine<'_>) -> Vec<Arc<NameClass>> {
        let mut known: Vec<Arc<NameClass>> = Vec::new();
        let class_of = |view| {
            let class = engine.class_of(self.path(view));
            let shared = known.iter().find(|known| ***known == class && !class.is_by_name()).cloned();
            shared.unwrap_or_else(|| {
                let class = Arc::new(class);
                known.push(Arc::clone(&class));
                class
            })
        };
        views.map(class_of).collect()
    }

    /// What lies below telling folders, once the names are of no more use.
    #[must_use]
    pub fn into_below(self) -> Below {
        self.below
    }

    /// The views of a blob.
    #[must_use]
    pub fn of(&self, blob: Number) -> &[u32] {
        &self.names[self.first[blob as usize] as usize..self.first[blob as usize + 1] as usize]
    }

    /// The view of a blob that no tree names.
    #[must_use]
    pub fn nameless(&self) -> u32 {
        (self.folders.names.len() + self.below.paths.len()) as u32
    }

    /// The name, or the path from a telling folder on.
    #[must_use]
    pub fn path(&self, view: u32) -> &[u8] {
        let names = self.folders.names.len();
        match view as usize {
            at if at < names => self.folders.names.name(view),
            at => self.below.paths.get(at - names).map_or(&[], Vec::as_slice),
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
