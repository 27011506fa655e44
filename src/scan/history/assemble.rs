//! From what was seen in objects to findings: one secret, one finding, with every path that held it, who brought it in,
//! who took it out, and who may have seen it.

use super::exposure::Reaches;
use super::groups::{Group, Occurrence, by_file};
use super::read::Read;
use super::seen::{Seen, Within};
use super::selection::Chosen;
use super::sets::Set;
use super::told::Telling;
use crate::finding::{COMMIT_MESSAGE, Finding, MERGED_TAG_MESSAGE, Skip, SkipKind, TAG_MESSAGE};
use crate::git::graph::{Held, Runs};
use crate::git::odb::Number;
use crate::rule::Rule;
use crate::scan::Context;
use crate::scan::group::order;
use crate::text::{PathText, Secret};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How a blob is called that no tree and no index names.
const NAMELESS: &[u8] = b"<blob ";

/// A path of an object, with the commits that hold it there, or else the trees.
type Path = (Vec<u8>, Arc<Runs>, Arc<[Number]>);

/// A path, and the name for which the object was searched there.
type Viewed = (Path, Option<u32>);

/// Where a finding stands in one object.
#[derive(Debug, Clone, Copy)]
pub struct Stood {
    /// The object.
    pub object: Number,
    /// The line in it.
    pub line: u64,
    /// The number of the path; the same path has the same in all findings.
    pub path: u32,
    /// Which place of the finding tells of that path.
    pub place: u32,
}

/// Puts everything together. Sorted by path, line, column and rule of the first place.
/// With each finding comes every object that holds it.
pub fn findings<'c>(read: &mut Read, context: &Context<'c>, chosen: Option<&Chosen>) -> Vec<(Finding<'c>, Vec<Stood>)> {
    let seen = std::mem::take(&mut read.seen);
    if seen.is_empty() {
        return Vec::new();
    }
    let reaches = Reaches::of(&read.commits, &read.tips, &read.ends);
    let mut assembly = Assembly { read, context, reaches: &reaches, staged: staged(read), excluded: HashMap::new() };
    let mut occurrences = assembly.occurrences(&seen, chosen);
    // By id: numbers depend on how the objects are packed.
    occurrences.sort_by(|a, b| read.store.id(a.seen.object).cmp(read.store.id(b.seen.object)));
    let groups = assembly.groups(occurrences);
    let sets: Vec<&Runs> = groups.iter().map(|group| &group.commits).collect();
    let refs = reaches.remote_refs(&sets);
    let told = (&groups, refs).into_par_iter().with_min_len(8);
    let told = told.map_init(
        || Telling::of(read.commits.list.len()),
        |telling, (group, refs)| assembly.finding(telling, group, refs),
    );
    let told: Vec<Finding<'c>> = told.collect();
    let mut paths: HashMap<&[u8], u32> = HashMap::new();
    let stood = |(group, finding): (_, Finding<'c>)| {
        let stood = stood(group, &finding, &mut paths);
        (finding, stood)
    };
    let mut findings: Vec<(Finding<'c>, Vec<Stood>)> = groups.iter().zip(told).map(stood).collect();
    findings.sort_by(|a, b| order(&a.0).cmp(&order(&b.0)));
    let cut = seen.iter().map(|seen| seen.object).filter(|object| read.held.cut.contains(object));
    let cut: BTreeSet<Number> = cut.collect();
    let untold = cut.into_iter().map(|number| Skip {
        path: PathText::from_bytes(read.store.id(number).to_string().as_bytes()),
        kind: SkipKind::Bounded,
        reason: "it stands at more paths, or at longer ones, than can be told apart: one is shown for each tree"
            .to_owned(),
        incomplete: true,
    });
    let excluded = assembly.excluded.iter().filter(|(_, is_excluded)| **is_excluded).map(|(path, _)| Skip {
        path: PathText::from_bytes(path),
        kind: SkipKind::Excluded,
        reason: "what was found there is left out by [files] exclude of plainsight.toml".to_owned(),
        incomplete: false,
    });
    let skips: Vec<Skip> = untold.chain(excluded).collect();
    read.skips.extend(skips);
    findings
}

/// Every object that holds a finding.
fn stood<'g>(group: &'g Group<'_>, finding: &Finding<'_>, paths: &mut HashMap<&'g [u8], u32>) -> Vec<Stood> {
    let places = (0u32..).zip(&finding.places).map(|(number, place)| (place.path.to_bytes(), number));
    let places: HashMap<Vec<u8>, u32> = places.collect();
    let of = |one: &'g Occurrence<'_>| {
        let next = paths.len() as u32;
        let path = *paths.entry(&one.path).or_insert(next);
        let place = places.get(&one.path).copied()?;
        Some(Stood { object: one.seen.object, line: one.seen.start.line, path, place })
    };
    group.occurrences.iter().filter_map(of).collect()
}

/// Blobs that an index holds, with their paths.
fn staged(read: &Read) -> HashMap<Number, Vec<Vec<u8>>> {
    let mut staged: HashMap<Number, Vec<Vec<u8>>> = HashMap::new();
    for entry in &read.tips.staged {
        if let Some(number) = read.store.find(&entry.id) {
            staged.entry(number).or_default().push(entry.path.clone());
        }
    }
    staged
}

pub(super) struct Assembly<'a, 'c> {
    pub(super) read: &'a Read,
    pub(super) context: &'a Context<'c>,
    pub(super) reaches: &'a Reaches<'a>,
    pub(super) staged: HashMap<Number, Vec<Vec<u8>>>,
    /// Paths of what was found, and whether the configuration leaves them out.
    pub(super) excluded: HashMap<Vec<u8>, bool>,
}

impl<'c> Assembly<'_, 'c> {
    pub(super) fn rule(&self, number: usize) -> &'c Rule {
        let rules: &'c [Rule] = self.context.rules.rules();
        &rules[number]
    }

    /// Every path of everything seen, as far as it is asked for.
    fn occurrences<'s>(&mut self, seen: &'s [Seen], chosen: Option<&Chosen>) -> Vec<Occurrence<'s>> {
        let mut known: HashMap<(Number, Within), Arc<Vec<Viewed>>> = HashMap::new();
        let mut out = Vec::new();
        for seen in seen {
            let held = Arc::clone(known.entry((seen.object, seen.within)).or_insert_with(|| {
                let held = self.held(seen).into_iter();
                let with_view = |path: Path| {
                    let view = self.read.fits.view(seen.object, &path.0);
                    (path, view)
                };
                Arc::new(held.map(with_view).collect())
            }));
            let is_known =
                |commits: &Runs| chosen.is_some_and(|chosen| commits.iter().any(|at| chosen.known[at as usize]));
            if held.iter().any(|((_, commits, _), _)| is_known(commits)) {
                continue;
            }
            for ((path, commits, trees), view) in held.iter() {
                if seen.within == Within::Blob && view.is_some_and(|view| view != seen.name) {
                    continue;
                }
                let commits = match chosen {
                    None => Arc::clone(commits),
                    Some(chosen) => {
                        let some = commits.iter().filter(|&at| chosen.commits[at as usize]);
                        let some = Arc::new(Runs::of_sorted(some));
                        let outside = chosen.others
                            && commits.is_empty()
                            && (self.staged.contains_key(&seen.object) || self.reaches.named(seen.object).is_some());
                        if some.is_empty() && !outside {
                            continue;
                        }
                        some
                    }
                };
                let is_nameless = trees.is_empty() && path.starts_with(NAMELESS);
                if seen.within == Within::Blob && !is_nameless && self.is_excluded(path) {
                    continue;
                }
                out.push(Occurrence { seen, path: path.clone(), commits, trees: Arc::clone(trees) });
            }
        }
        out
    }

    /// Whether the configuration leaves a file out. What lies at its other paths is told nevertheless.
    fn is_excluded(&mut self, path: &[u8]) -> bool {
        if self.context.exclude.is_empty() {
            return false;
        }
        if let Some(&known) = self.excluded.get(path) {
            return known;
        }
        let shown = self.read.path_for(self.context, PathText::from_bytes(path).as_str());
        let is_excluded = shown.is_some_and(|shown| self.context.exclude.matches(&shown));
        self.excluded.insert(path.to_vec(), is_excluded);
        is_excluded
    }

    /// Paths and commits of an object.
    fn held(&self, seen: &Seen) -> Vec<Path> {
        let own = self.read.commits.index(seen.object).map(|index| index as u32);
        let message = match seen.within {
            Within::CommitMessage => Some(COMMIT_MESSAGE),
            Within::MergedTag => Some(MERGED_TAG_MESSAGE),
            Within::TagMessage => Some(TAG_MESSAGE),
            Within::Blob => None,
        };
        if let Some(message) = message {
            return vec![(message.as_bytes().to_vec(), Arc::new(Runs::of_sorted(own)), Arc::default())];
        }
        let path = |held: &Held| (held.path.clone(), Arc::new(held.commits.clone()), held.trees.as_slice().into());
        let mut held: Vec<Path> =
            self.read.held.held.get(&seen.object).map_or(&[][..], Vec::as_slice).iter().map(path).collect();
        if held.iter().all(|(_, commits, _)| commits.is_empty())
            && let Some(paths) = self.staged.get(&seen.object)
        {
            held = paths.iter().map(|path| (path.clone(), Arc::default(), Arc::default())).collect();
        }
        if held.is_empty() {
            let id = self.read.store.id(seen.object);
            let name = [NAMELESS, id.to_hex_with_len(12).to_string().as_bytes(), b">"].concat();
            held.push((name, Arc::default(), Arc::default()));
        }
        held
    }

    /// Puts occurrences of the same secret together.
    fn groups<'s>(&self, occurrences: Vec<Occurrence<'s>>) -> Vec<Group<'s>> {
        let mut random: BTreeMap<&[u8], Vec<Occurrence<'s>>> = BTreeMap::new();
        let mut guessable: BTreeMap<(&str, &str, &[u8]), Vec<Occurrence<'s>>> = BTreeMap::new();
        for one in occurrences {
            let matched = &one.seen.matched;
            let secret = matched.secret.as_ref().map_or(&[][..], Secret::expose);
            if matched.unguessable {
                random.entry(secret).or_default().push(one);
            } else {
                let key = (self.rule(matched.rule).family, matched.key.as_deref().unwrap_or(""), secret);
                guessable.entry(key).or_default().push(one);
            }
        }
        let mut groups: Vec<Vec<Occurrence<'s>>> = random.into_values().collect();
        groups.extend(guessable.into_values().flat_map(by_file));
        let mut set = Set::of(self.read.commits.list.len());
        groups.into_iter().map(|group| Group::of(group, &mut set)).collect()
    }
}
