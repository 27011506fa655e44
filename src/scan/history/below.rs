//! Blobs below folders whose name means something to a rule (`.aws/credentials`), with their paths from there on.

use crate::engine::Engine;
use crate::git::graph::{Folders, entries};
use crate::git::odb::{Inflating, Kind, Number, Store};
use std::collections::{HashMap, HashSet};

/// Folders below a telling one that are gone into.
const DEPTH: usize = 4;

/// The paths of blobs below telling folders.
#[derive(Debug, Default)]
pub struct Below {
    /// From the telling folder on.
    pub paths: Vec<Vec<u8>>,
    /// Blobs with the numbers of their paths; sorted.
    pub pairs: Vec<(Number, u32)>,
    /// Those of them that follow from packs alone; sorted.
    pub lasting: Vec<(Number, u32)>,
    /// Telling folders in packs, by tree and name, that hold something which is in no pack; sorted.
    pub again: Vec<(Number, u32)>,
    /// Those of `pairs` that were not known; sorted.
    pub anew: Vec<(Number, u32)>,
}

/// What is known of them, of the objects that are known.
#[derive(Debug, Default)]
pub struct KnownBelow {
    /// See [`Below::paths`].
    pub paths: Vec<Vec<u8>>,
    /// See [`Below::lasting`].
    pub pairs: Vec<(Number, u32)>,
    /// See [`Below::again`].
    pub again: Vec<(Number, u32)>,
}

impl KnownBelow {
    /// Whether its lists fit each other, a number of objects and one of names.
    pub fn is_sound(&self, count: usize, names: usize) -> bool {
        let fits = |list: &[(Number, u32)], limit: usize| {
            list.is_sorted() && list.iter().all(|one| (one.0 as usize) < count && (one.1 as usize) < limit)
        };
        fits(&self.pairs, self.paths.len()) && fits(&self.again, names)
    }
}

/// A folder on the way down.
struct Step {
    tree: Number,
    path: Vec<u8>,
    depth: usize,
    /// All folders on the way lie in packs.
    is_lasting: bool,
}

/// The search for them.
struct Descent<'d, 'e> {
    store: &'d Store,
    engine: &'d Engine<'e>,
    out: Below,
    /// Versions of a folder have most of their files and folders in common.
    known: HashMap<Vec<u8>, Option<u32>>,
    visited: HashSet<(Number, Vec<u8>, bool)>,
    memory: Inflating,
}

impl Below {
    /// Goes down from all telling folders; where some are known, from those that are new.
    pub fn of(store: &Store, folders: &Folders, engine: &Engine<'_>, known: Option<KnownBelow>) -> Self {
        let is_tree = |child: Number| store.kind(child) == Some(Kind::Tree);
        let mut tops: Vec<(Number, u32)> = match &known {
            None => {
                let names = 0..folders.names.len() as u32;
                let telling: Vec<bool> = names.map(|name| engine.is_telling_folder(folders.names.name(name))).collect();
                folders.named().filter(|&(child, name)| telling[name as usize] && is_tree(child)).collect()
            }
            Some(known) => {
                let telling = |name: u32| engine.is_telling_folder(folders.names.name(name));
                let new = folders.named_anew().filter(|&(child, name)| is_tree(child) && telling(name));
                new.chain(known.again.iter().copied()).collect()
            }
        };
        tops.sort_unstable();
        tops.dedup();
        let known = known.unwrap_or_default();
        let mut descent = Descent {
            store,
            engine,
            known: known.paths.iter().zip(0..).map(|(path, number)| (path.clone(), Some(number))).collect(),
            out: Self { paths: known.paths, lasting: known.pairs.clone(), ..Self::default() },
            visited: HashSet::new(),
            memory: Inflating::default(),
        };
        for (tree, name) in tops {
            let mut entries = folders.naming(tree).iter();
            let is_lasting =
                tree < store.packed() && entries.any(|entry| entry.name == name && entry.tree < store.packed());
            let step = Step { tree, path: folders.names.name(name).to_vec(), depth: 0, is_lasting };
            if descent.go(step) {
                descent.out.again.push((tree, name));
            }
        }
        let mut out = descent.out;
        out.lasting.sort_unstable();
        out.lasting.dedup();
        out.anew = std::mem::take(&mut out.pairs);
        out.anew.sort_unstable();
        out.anew.dedup();
        out.anew.retain(|pair| known.pairs.binary_search(pair).is_err());
        out.pairs = [&out.anew[..], &known.pairs].concat();
        out.pairs.sort_unstable();
        out
    }

    /// The numbers of a blob's paths.
    pub fn of_blob(&self, blob: Number) -> impl Iterator<Item = u32> {
        let first = self.pairs.partition_point(|pair| pair.0 < blob);
        self.pairs[first..].iter().take_while(move |pair| pair.0 == blob).map(|pair| pair.1)
    }
}

impl Descent<'_, '_> {
    /// Goes down from a folder; whether it lies in packs, and something in it does not.
    fn go(&mut self, top: Step) -> bool {
        let mut is_open = false;
        let mut stack = vec![top];
        while let Some(step) = stack.pop() {
            // One that cannot be read was named when all trees were.
            let Ok(content) = self.store.read(step.tree, &mut self.memory) else { continue };
            for (name, child) in entries::entries(&content, self.store.id(step.tree).as_bytes().len()) {
                let child = self.store.find(child);
                is_open |= step.is_lasting && child.is_none_or(|child| child >= self.store.packed());
                let Some(child) = child else { continue };
                let is_lasting = step.is_lasting && child < self.store.packed();
                let path = [&step.path[..], b"/", name].concat();
                match self.store.kind(child) {
                    Some(Kind::Tree)
                        if step.depth < DEPTH && self.visited.insert((child, path.clone(), is_lasting)) =>
                    {
                        stack.push(Step { tree: child, path, depth: step.depth + 1, is_lasting });
                    }
                    Some(Kind::Blob) => self.note(child, path, is_lasting),
                    _ => {}
                }
            }
        }
        is_open
    }

    fn note(&mut self, blob: Number, path: Vec<u8>, is_lasting: bool) {
        let (engine, paths) = (self.engine, &mut self.out.paths);
        let number = *self.known.entry(path).or_insert_with_key(|path| {
            engine.is_asked_for(path).then(|| {
                paths.push(path.clone());
                paths.len() as u32 - 1
            })
        });
        if let Some(number) = number {
            self.out.pairs.push((blob, number));
            self.out.lasting.extend(is_lasting.then_some((blob, number)));
        }
    }
}
