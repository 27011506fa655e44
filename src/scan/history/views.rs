//! Under which names each blob is to be searched: rules may ask for a file's name, and how an assignment is read depends on it.
//!
//! The last part of a path says it all for nearly every rule, and comes with the tree that names the blob. A few rules ask
//! for a folder too (`.aws/credentials`); what lies below such a folder is searched under the path from there on.

use super::below::Below;
use super::seen::{Seen, Within};
use crate::engine::{Engine, NameClass};
use crate::git::graph::Folders;
use crate::git::odb::grouped::Lists;
use crate::git::odb::{Kind, Number, Store};
use std::collections::HashMap;
use std::sync::Arc;

/// The names of all blobs.
#[derive(Debug)]
pub struct Views<'v> {
    folders: &'v Folders,
    below: Below,
    /// Numbers of names, by blob.
    names: Lists<u32>,
    /// What each name says to the search; names of one class share it. Paths from a telling folder on follow the names.
    classes: Vec<Arc<NameClass>>,
}

impl<'v> Views<'v> {
    /// Collects the names of all blobs.
    #[must_use]
    pub fn of_all(store: &Store, folders: &'v Folders, below: Below, engine: &Engine<'_>) -> Self {
        let mut last = None;
        // Sorted by child and name already.
        let is_new = move |view: &(Number, u32)| last.replace(*view) != Some(*view);
        let named = folders.named().filter(|view| store.kind(view.0) == Some(Kind::Blob)).filter(is_new);
        let paths = below.pairs.iter().map(|&(blob, path)| (blob, folders.names.len() as u32 + path));
        let names = Lists::of(store.len(), named.chain(paths));
        let mut this = Self { folders, below, names, classes: Vec::new() };
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
        let names = Lists::of(store.len(), list.iter().copied());
        let mut this = Self { folders, below, names, classes: Vec::new() };
        let mut used: Vec<u32> = list.iter().map(|view| view.1).chain([this.nameless()]).collect();
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
        self.names.get(blob)
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
