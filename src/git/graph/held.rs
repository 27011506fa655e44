//! Who holds some objects: found out upwards for all that is not known, by all processors, or known from an earlier run and
//! brought up to date with what came after it.
//!
//! What a commit in a pack holds does not change. So of objects that were asked for before only new trees are looked at, from each
//! down to them. Where that says too little, an object is asked for anew.

use super::super::odb::{Kind, Marks, NONE, Number, Store};
use super::down::{Below, Down, leading};
use super::paths::weight;
use super::{Ascent, Commits, Folders, Held, Runs, Uphill};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

/// Paths of one object that are told apart.
const MOST_PATHS: usize = super::paths::MOST_PATHS;

/// What an earlier run found out of packs.
#[derive(Debug, Default)]
pub struct KnownHeld {
    /// Objects, with all that holds each.
    pub held: BTreeMap<Number, Vec<Held>>,
    /// What may lead to one of them.
    pub leading: Marks,
    /// How many paths there were on one step up from one of them, at most, counted by their weight.
    pub widest: usize,
}

/// Who holds what was asked for.
#[derive(Debug, Default)]
pub struct AllHeld {
    /// By object.
    pub held: HashMap<Number, Vec<Held>>,
    /// Objects of which not all paths are told.
    pub cut: BTreeSet<Number>,
    /// See [`KnownHeld::widest`].
    widest: usize,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'g> {
    /// The objects.
    pub store: &'g Store,
    /// The trees.
    pub folders: &'g Folders,
    /// The commits.
    pub commits: &'g Commits,
    /// See [`Graph::uphill`].
    pub uphill: &'g OnceLock<Uphill>,
}

impl<'g> Graph<'g> {
    /// Who holds whom, found out when it is first asked.
    #[must_use]
    pub fn uphill(self) -> &'g Uphill {
        self.uphill.get_or_init(|| Uphill::of(self.store, self.commits))
    }
}

/// What trees and commits that were not known hold.
struct New {
    /// By object: paths with the commits that hold it there.
    held: HashMap<Number, BTreeMap<Vec<u8>, Vec<u32>>>,
    /// Objects below new trees, with or without a commit.
    below: BTreeSet<Number>,
    /// How many paths there are of one object in all of them, at most, counted by their weight.
    width: usize,
}

impl AllHeld {
    /// Finds out who holds some objects, which are sorted.
    #[must_use]
    pub fn of(graph: Graph<'_>, objects: &[Number], known: Option<KnownHeld>) -> Self {
        let mut this = Self::default();
        let mut unknown = objects.to_vec();
        if let Some(mut known) = known.filter(|_| !graph.folders.is_known_changed)
            && let Some(mut new) = graph.later(objects, &known.leading)
            && known.widest + new.width <= MOST_PATHS
        {
            unknown.retain(|&object| {
                let held = new.beside(object, graph.store.known(), &mut known.held);
                let is_unknown = held.is_none();
                this.held.extend(held.map(|held| (object, held)));
                is_unknown
            });
            this.widest = known.widest + new.width;
        }
        this.find(graph, &unknown);
        this
    }

    /// Finds out upwards who holds some objects.
    fn find(&mut self, graph: Graph<'_>, objects: &[Number]) {
        if objects.is_empty() {
            return;
        }
        let uphill = graph.uphill();
        // Versions of one file lie side by side and have most of the way up in common; some have far more than others.
        let part = objects.len().div_ceil(8 * rayon::current_num_threads().max(1)).max(1);
        let found = objects.par_chunks(part).map_init(
            || Ascent::new(graph.store, graph.folders, uphill),
            |holders, objects| {
                let of = |&object: &Number| {
                    let held = holders.of(object);
                    (object, held, std::mem::take(&mut holders.cut), holders.widest)
                };
                objects.iter().map(of).collect::<Vec<_>>()
            },
        );
        for (object, held, is_cut, widest) in found.flatten_iter().collect::<Vec<_>>() {
            self.held.insert(object, held);
            self.cut.extend(is_cut.then_some(object));
            self.widest = self.widest.max(widest);
        }
    }

    /// What of it holds as long as the packs are there; all trees in them must name nothing that is in none.
    #[must_use]
    pub fn lasting(&self, graph: Graph<'_>) -> KnownHeld {
        let (store, packed) = (graph.store, graph.store.packed());
        let is_packed = |commit: &u32| {
            let commit = graph.commits.list[*commit as usize];
            commit.number < packed && commit.tree < packed
        };
        let mut held = BTreeMap::new();
        let all: BTreeMap<Number, &Vec<Held>> = self.held.iter().map(|(object, held)| (*object, held)).collect();
        for (object, all) in all {
            let is_clear = |held: &Held| held.commits.is_empty() || held.trees.is_empty();
            if object >= packed || self.cut.contains(&object) || !all.iter().all(is_clear) {
                continue;
            }
            let mut lasting: Vec<Held> = all.clone();
            if all.iter().any(|held| !held.commits.is_empty()) {
                for held in &mut lasting {
                    held.commits = Runs::of_sorted(held.commits.iter().filter(is_packed));
                }
                lasting.retain(|held| !held.commits.is_empty());
            } else if (packed as usize) < store.len() {
                // No commit holds it, and loose trees may: that is asked anew.
                lasting.clear();
            }
            if !lasting.is_empty() || all.is_empty() {
                held.insert(object, lasting);
            }
        }
        let leading = leading(graph, held.keys().copied());
        KnownHeld { held, leading, widest: self.widest }
    }
}

impl Graph<'_> {
    /// What is new; `None` where it is too much, or too odd, to be told apart this way.
    fn later(self, objects: &[Number], leading: &Marks) -> Option<New> {
        let Self { store, commits, .. } = self;
        let mut new = New { held: HashMap::new(), below: BTreeSet::new(), width: 0 };
        let trees: Vec<Number> = (store.known()..store.len() as Number)
            .filter(|&tree| store.kind(tree) == Some(Kind::Tree) && store.counts(tree))
            .collect();
        let later = commits.later();
        if trees.is_empty() && later.is_empty() {
            return Some(new);
        }
        let is_wanted = |object: Number| objects.binary_search(&object).is_ok();
        let is_leading = |tree: Number| tree >= store.known() || leading.has(tree);
        let mut down = Down::new(store, &is_wanted, &is_leading);
        let mut paths: BTreeSet<(Number, Vec<u8>)> = BTreeSet::new();
        let roots = later.iter().map(|&commit| commits.list[commit as usize].tree).filter(|&tree| is_leading(tree));
        down.read(trees.iter().copied().chain(roots));
        for &tree in &trees {
            for (path, object) in down.of(tree)?.iter() {
                new.below.insert(*object);
                paths.insert((*object, path.clone()));
            }
        }
        let mut widths: HashMap<Number, usize> = HashMap::new();
        for path in &paths {
            *widths.entry(path.0).or_default() += weight(&path.1);
        }
        new.width = widths.into_values().max().unwrap_or(0);
        for commit in later {
            let tree = commits.list[commit as usize].tree;
            if tree == NONE {
                continue;
            }
            // A known tree that leads nowhere was not gone into.
            let below: Below = if is_leading(tree) { down.of(tree) } else { Some([].into()) };
            for (path, object) in below?.iter() {
                new.held.entry(*object).or_default().entry(path.clone()).or_default().push(commit);
            }
        }
        (!down.is_odd).then_some(new)
    }
}

impl New {
    /// All that holds an object; `None` where that is not known.
    fn beside(
        &mut self,
        object: Number,
        first_new: Number,
        known: &mut BTreeMap<Number, Vec<Held>>,
    ) -> Option<Vec<Held>> {
        // What is new itself is in no tree that is known.
        let mut held = if object < first_new { known.remove(&object)? } else { Vec::new() };
        let Some(new) = self.held.remove(&object) else {
            let is_held = held.iter().any(|held| !held.commits.is_empty());
            return (is_held || !self.below.contains(&object)).then_some(held);
        };
        held.retain(|held| !held.commits.is_empty());
        for (path, commits) in new {
            let commits = Runs::of_sorted(commits);
            match held.iter_mut().find(|held| held.path == path) {
                Some(held) => held.commits.extend(&commits),
                None => held.push(Held { path, commits, trees: Vec::new() }),
            }
        }
        held.sort_by(|a, b| a.path.cmp(&b.path));
        Some(held)
    }
}
