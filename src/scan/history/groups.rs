//! Occurrences of the same secret, put together.

use super::seen::Seen;
use super::sets::Set;
use crate::git::graph::Runs;
use crate::git::odb::Number;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Something seen, at one path.
#[derive(Debug, Clone)]
pub struct Occurrence<'s> {
    /// What it is.
    pub seen: &'s Seen,
    /// Where the object stands.
    pub path: Vec<u8>,
    /// Commits that hold it there.
    pub commits: Arc<Runs>,
    /// Where no commit does: trees of which this is the path.
    pub trees: Arc<[Number]>,
}

/// One finding on its way.
pub struct Group<'s> {
    /// Where it was seen.
    pub occurrences: Vec<Occurrence<'s>>,
    /// All commits that hold it.
    pub commits: Runs,
}

impl<'s> Group<'s> {
    /// Of occurrences of one secret.
    pub fn of(occurrences: Vec<Occurrence<'s>>, set: &mut Set) -> Self {
        let commits = set.union(occurrences.iter().map(|one| &*one.commits));
        Self { occurrences, commits }
    }
}

/// Splits occurrences of a guessable value by the file that they are in; a file that was renamed or copied, as shown by a
/// version of it that stood at both paths, is one.
pub fn by_file(list: Vec<Occurrence<'_>>) -> Vec<Vec<Occurrence<'_>>> {
    // Each path and each object leads to the first occurrence of its file, step by step.
    let mut leads: Vec<usize> = (0..list.len()).collect();
    fn first(leads: &mut [usize], mut at: usize) -> usize {
        while leads[at] != at {
            leads[at] = leads[leads[at]];
            at = leads[at];
        }
        at
    }
    let (mut by_path, mut by_object) = (HashMap::new(), HashMap::new());
    for (at, one) in list.iter().enumerate() {
        let known = [*by_path.entry(&one.path).or_insert(at), *by_object.entry(one.seen.object).or_insert(at)];
        for other in known {
            let (a, b) = (first(&mut leads, at), first(&mut leads, other));
            leads[a.max(b)] = a.min(b);
        }
    }
    let mut split: BTreeMap<usize, Vec<Occurrence<'_>>> = BTreeMap::new();
    for (at, one) in list.into_iter().enumerate() {
        split.entry(first(&mut leads, at)).or_default().push(one);
    }
    split.into_values().collect()
}
