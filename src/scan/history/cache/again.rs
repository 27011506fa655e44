//! Which of the blobs that are known must be searched again.

use super::super::below::Below;
use crate::engine::{Engine, NameClass};
use crate::git::graph::Folders;
use crate::git::odb::{Kind, Number, Store};
use std::collections::HashMap;

/// What new trees say about the names of known blobs.
pub struct Names<'n, 'e> {
    /// The objects.
    pub store: &'n Store,
    /// Their names.
    pub folders: &'n Folders,
    /// Their paths below telling folders.
    pub below: &'n Below,
    /// The search.
    pub engine: &'n Engine<'e>,
}

impl Names<'_, '_> {
    /// Known blobs that have a new name under which something else may be found in them: any, where something was `seen` in them
    /// under others; one of another class, where nothing was. Sorted.
    pub fn renamed(&self, seen: &[Number]) -> Vec<Number> {
        let first_path = self.folders.names.len() as u32;
        let is_known_blob = |blob: Number| blob < self.store.known() && self.store.kind(blob) == Some(Kind::Blob);
        let paths = self.below.anew.iter().map(|&(blob, path)| (blob, first_path + path));
        let mut anew: Vec<(Number, u32)> =
            self.folders.named_anew().chain(paths).filter(|view| is_known_blob(view.0)).collect();
        anew.sort_unstable();
        let mut classes: HashMap<Option<u32>, NameClass> = HashMap::new();
        let mut renamed = Vec::new();
        for views in anew.chunk_by(|a, b| a.0 == b.0) {
            let blob = views[0].0;
            if seen.binary_search(&blob).is_ok() || !self.are_known_alike(blob, views, &mut classes) {
                renamed.push(blob);
            }
        }
        renamed
    }

    /// Whether each new view of a blob is searched as one that it had.
    fn are_known_alike(
        &self,
        blob: Number,
        views: &[(Number, u32)],
        classes: &mut HashMap<Option<u32>, NameClass>,
    ) -> bool {
        let first_path = self.folders.names.len() as u32;
        let names = self.folders.naming(blob).iter().map(|entry| entry.name);
        let paths = self.below.of_blob(blob).map(|path| first_path + path);
        let is_old = |view: &u32| views.binary_search(&(blob, *view)).is_err();
        let mut old: Vec<Option<u32>> = names.chain(paths).filter(is_old).map(Some).collect();
        old.dedup();
        if old.is_empty() {
            old.push(None);
        }
        let mut class = |view: Option<u32>| classes.entry(view).or_insert_with(|| self.class(view)).clone();
        let known: Vec<NameClass> = old.into_iter().map(&mut class).collect();
        views.iter().all(|&(_, view)| {
            let class = class(Some(view));
            !class.is_by_name() && known.contains(&class)
        })
    }

    fn class(&self, view: Option<u32>) -> NameClass {
        let names = self.folders.names.len();
        self.engine.class_of(match view {
            None => b"",
            Some(view) if (view as usize) < names => self.folders.names.name(view),
            Some(view) => &self.below.paths[view as usize - names],
        })
    }
}
