//! From what was seen in objects to findings: one secret, one finding, with every path that held it, who brought it in,
//! who took it out, and who may have seen it.

use super::exposure::Reaches;
use super::read::Read;
use super::seen::{Seen, Within};
use super::selection::Chosen;
use crate::finding::{CommitInfo, Exposure, Finding, Place, Skip, SkipKind, SuppressedBy, Suppression, fingerprint};
use crate::git::graph::{Held, Holders, Uphill};
use crate::git::odb::{Inflating, Number};
use crate::rule::Rule;
use crate::scan::Context;
use crate::text::{PathText, Position, Secret};
use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// How a blob is called that no tree and no index names.
const NAMELESS: &[u8] = b"<blob ";

/// Something seen, at one path.
#[derive(Debug, Clone)]
struct Occurrence<'s> {
    seen: &'s Seen,
    path: Vec<u8>,
    /// Commits that hold it there, sorted.
    commits: Rc<[u32]>,
    /// Where no commit does: trees of which this is the path.
    trees: Rc<[Number]>,
}

/// A path of an object, with the commits that hold it there, or else the trees.
type Path = (Vec<u8>, Rc<[u32]>, Rc<[Number]>);

/// A path, and the name for which the object was searched there.
type Viewed = (Path, Option<u32>);

/// One finding on its way.
struct Group<'s> {
    occurrences: Vec<Occurrence<'s>>,
    /// All commits that hold it, sorted.
    commits: Vec<u32>,
}

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
    let reaches = Reaches::of(&read.store, &read.commits, &read.tips);
    let mut assembly = Assembly {
        read,
        context,
        reaches: &reaches,
        staged: staged(read),
        memory: std::cell::RefCell::default(),
        infos: std::cell::RefCell::default(),
        set: std::cell::RefCell::new(Set::of(read.commits.list.len())),
        excluded: HashMap::new(),
    };
    let (mut occurrences, cut) = assembly.occurrences(&seen, chosen);
    // By id: numbers depend on how the objects are packed.
    occurrences.sort_by(|a, b| read.store.id(a.seen.object).cmp(read.store.id(b.seen.object)));
    let groups = assembly.groups(occurrences);
    let sets: Vec<&[u32]> = groups.iter().map(|group| &group.commits[..]).collect();
    let refs = reaches.remote_refs(&sets);
    let mut paths: HashMap<&[u8], u32> = HashMap::new();
    let mut findings: Vec<(Finding<'c>, Vec<Stood>)> = groups
        .iter()
        .zip(refs)
        .map(|(group, refs)| {
            let finding = assembly.finding(group, refs);
            let stood = stood(group, &finding, &mut paths);
            (finding, stood)
        })
        .collect();
    findings.sort_by(|a, b| order(&a.0).cmp(&order(&b.0)));
    let untold = cut.into_iter().map(|number| Skip {
        path: PathText::from_bytes(read.store.id(number).to_string().as_bytes()),
        kind: SkipKind::Bounded,
        reason: "it stands at more paths than can be told apart: one is shown for each tree".to_owned(),
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

/// The order of findings: by their first places.
pub fn order<'f>(finding: &'f Finding<'_>) -> (Option<(&'f str, Position)>, &'f str, &'f str) {
    (finding.places.iter().map(|place| (place.path.as_str(), place.start)).min(), finding.rule.id, &finding.id)
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

struct Assembly<'a, 'c> {
    read: &'a Read,
    context: &'a Context<'c>,
    reaches: &'a Reaches<'a>,
    staged: HashMap<Number, Vec<Vec<u8>>>,
    memory: std::cell::RefCell<Inflating>,
    infos: std::cell::RefCell<HashMap<u32, Option<CommitInfo>>>,
    set: std::cell::RefCell<Set>,
    /// Paths of what was found, and whether the configuration leaves them out.
    excluded: HashMap<Vec<u8>, bool>,
}

impl<'c> Assembly<'_, 'c> {
    fn rule(&self, number: usize) -> &'c Rule {
        let rules: &'c [Rule] = self.context.rules.rules();
        &rules[number]
    }

    /// Every path of everything seen, as far as it is asked for.
    /// Beside them objects of which not all paths are told.
    fn occurrences<'s>(
        &mut self,
        seen: &'s [Seen],
        chosen: Option<&Chosen>,
    ) -> (Vec<Occurrence<'s>>, BTreeSet<Number>) {
        let (mut paths, cut) = self.paths(seen);
        let mut known: HashMap<(Number, Within), Rc<Vec<Viewed>>> = HashMap::new();
        let mut out = Vec::new();
        for seen in seen {
            let held = Rc::clone(known.entry((seen.object, seen.within)).or_insert_with(|| {
                let held = self.held(&mut paths, seen).into_iter();
                let with_view = |path: Path| {
                    let view = self.read.fits.view(seen.object, &path.0);
                    (path, view)
                };
                Rc::new(held.map(with_view).collect())
            }));
            let is_known =
                |commits: &[u32]| chosen.is_some_and(|chosen| commits.iter().any(|&at| chosen.known[at as usize]));
            if held.iter().any(|((_, commits, _), _)| is_known(commits)) {
                continue;
            }
            for ((path, commits, trees), view) in held.iter() {
                if seen.within == Within::Blob && view.is_some_and(|view| view != seen.name) {
                    continue;
                }
                let commits = match chosen {
                    None => Rc::clone(commits),
                    Some(chosen) => {
                        let some: Rc<[u32]> =
                            commits.iter().copied().filter(|&at| chosen.commits[at as usize]).collect();
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
                out.push(Occurrence { seen, path: path.clone(), commits, trees: Rc::clone(trees) });
            }
        }
        (out, cut)
    }

    /// The paths of all blobs in which something was seen, found by all processors.
    /// Beside them the blobs of which not all paths are told.
    fn paths(&self, seen: &[Seen]) -> (HashMap<Number, Vec<Held>>, BTreeSet<Number>) {
        let blobs: BTreeSet<Number> =
            seen.iter().filter(|seen| seen.within == Within::Blob).map(|seen| seen.object).collect();
        let blobs: Vec<Number> = blobs.into_iter().collect();
        let read = self.read;
        let uphill = Uphill::of(&read.store, &read.commits);
        // Versions of one file lie side by side and have most of the way up in common; some have far more than others.
        let part = blobs.len().div_ceil(8 * rayon::current_num_threads().max(1)).max(1);
        let found = blobs.par_chunks(part).map_init(
            || Holders::new(&read.store, &read.folders, &uphill),
            |holders, blobs| {
                let paths = |&blob: &Number| {
                    let held = holders.of(blob);
                    (blob, held, std::mem::take(&mut holders.cut))
                };
                blobs.iter().map(paths).collect::<Vec<_>>()
            },
        );
        let found = found.flatten_iter();
        let found: Vec<(Number, Vec<Held>, bool)> = found.collect();
        let cut = found.iter().filter(|found| found.2).map(|found| found.0).collect();
        (found.into_iter().map(|(blob, held, _)| (blob, held)).collect(), cut)
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
    fn held(&self, paths: &mut HashMap<Number, Vec<Held>>, seen: &Seen) -> Vec<Path> {
        let own: Rc<[u32]> = self.read.commits.index(seen.object).map(|index| index as u32).into_iter().collect();
        match seen.within {
            Within::CommitMessage => return vec![(b"<commit message>".to_vec(), own, Rc::default())],
            Within::MergedTag => return vec![(b"<merged tag message>".to_vec(), own, Rc::default())],
            Within::TagMessage => return vec![(b"<tag message>".to_vec(), own, Rc::default())],
            Within::Blob => {}
        }
        let mut held: Vec<Path> = paths
            .remove(&seen.object)
            .unwrap_or_default()
            .into_iter()
            .map(|Held { path, commits, trees }| (path, commits.into(), trees.into()))
            .collect();
        if held.iter().all(|(_, commits, _)| commits.is_empty())
            && let Some(paths) = self.staged.get(&seen.object)
        {
            held = paths.iter().map(|path| (path.clone(), Rc::default(), Rc::default())).collect();
        }
        if held.is_empty() {
            let id = self.read.store.id(seen.object);
            let name = [NAMELESS, id.to_hex_with_len(12).to_string().as_bytes(), b">"].concat();
            held.push((name, Rc::default(), Rc::default()));
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

    fn finding(&self, group: &Group<'_>, refs: Vec<usize>) -> Finding<'c> {
        let best = group.occurrences.iter().map(|one| one.seen).max_by_key(|seen| {
            let rule = self.rule(seen.matched.rule);
            let object = self.read.store.id(seen.object);
            (rule.precedence, seen.matched.confidence, Reverse(rule.id), Reverse((object, seen.start)))
        });
        let best = best.expect("a group is made of at least one occurrence");
        let rule = self.rule(best.matched.rule);
        let confidence = group.occurrences.iter().map(|one| one.seen.matched.confidence).max();
        let confidence = confidence.unwrap_or(best.matched.confidence);
        let mut by_path: BTreeMap<&[u8], Vec<&Occurrence<'_>>> = BTreeMap::new();
        for one in &group.occurrences {
            by_path.entry(&one.path).or_default().push(one);
        }
        let mut places: Vec<(Option<u32>, Place)> = by_path.iter().map(|(path, list)| self.place(path, list)).collect();
        // In order of time; what no commit holds comes last.
        places.sort_by(|a, b| {
            let key = |place: &(Option<u32>, Place)| place.0.unwrap_or(u32::MAX);
            (key(a), a.1.path.as_str(), a.1.start).cmp(&(key(b), b.1.path.as_str(), b.1.start))
        });
        let mut places: Vec<Place> = places.into_iter().map(|place| place.1).collect();
        let id = fingerprint::id(&fingerprint::Subject {
            family: rule.family,
            secret: best.matched.secret.as_ref().map_or(&[][..], Secret::expose),
            path: places.first().map_or("", |place| place.path.as_str()),
            key: best.matched.key.as_deref().unwrap_or(""),
            unguessable: best.matched.unguessable,
        });
        self.suppress(&mut places, rule, &id, best);
        for place in places.iter_mut().filter(|place| place.suppressed.is_none()) {
            let list = by_path.get(&place.path.to_bytes()[..]).map_or(&[][..], Vec::as_slice);
            place.suppressed = self.rotated(&id, list);
        }
        let (exposure, present, refs) = self.exposure(group, refs);
        let (exposed_refs, exposed_more) = self.reaches.told(&refs);
        let documented = best.matched.documented.map(|source| Suppression {
            by: SuppressedBy::DocumentedExample,
            origin: source.to_owned(),
            reason: Some(format!("a value that documentation publishes: {source}")),
        });
        let allowed = places.iter().all(|place| place.suppressed.is_some());
        let is_suppressed = documented.is_some() || allowed;
        let verdict = self.context.gate.verdict(confidence, rule.severity, false, is_suppressed);
        let suppressed =
            documented.or_else(|| places.iter().find_map(|place| place.suppressed.clone()).filter(|_| is_suppressed));
        Finding {
            id,
            rule,
            severity: rule.severity,
            confidence,
            verdict,
            exposure,
            exposed_refs,
            exposed_more,
            present: Some(present),
            secret: best.matched.secret.clone(),
            decoded: best.matched.decoded.clone(),
            key: best.matched.key.clone(),
            commits: Some(group.commits.len() as u64),
            places,
            suppressed,
            others: Vec::new(),
        }
    }

    /// Who may have seen it.
    fn exposure(&self, group: &Group<'_>, mut refs: Vec<usize>) -> (Exposure, bool, Vec<usize>) {
        let standing = self.reaches.standing(&group.commits);
        let mut exposure = (!group.commits.is_empty()).then_some(standing.exposure);
        for one in &group.occurrences {
            let trees = one.trees.iter().filter_map(|&tree| self.reaches.named(tree));
            let named = self.reaches.named(one.seen.object).into_iter().chain(trees).max();
            let is_staged = self.staged.contains_key(&one.seen.object);
            let other = match named {
                Some((exposure, remote)) => {
                    refs.extend(remote);
                    exposure
                }
                None if !one.commits.is_empty() => continue,
                None if is_staged => Exposure::Staged,
                None => Exposure::Unreachable,
            };
            // "Unreachable" says that nothing else reaches it, so that it is no worse than what does.
            exposure = Some(match (exposure, other) {
                (Some(known), Exposure::Unreachable | Exposure::Staged) => known,
                (Some(Exposure::Unreachable) | None, other) => other,
                (Some(known), other) => known.max(other),
            });
        }
        (exposure.unwrap_or(Exposure::Unreachable), standing.present, refs)
    }

    /// One path of a finding: the commit that brought it there first, and the one that took it away.
    fn place(&self, path: &[u8], list: &[&Occurrence<'_>]) -> (Option<u32>, Place) {
        let all = self.set.borrow_mut().union(list.iter().map(|one| &one.commits[..]));
        let first = all.iter().copied().min_by_key(|&commit| self.reaches.rank[commit as usize]);
        let holding = |commit: u32| list.iter().copied().filter(move |one| one.commits.binary_search(&commit).is_ok());
        let earliest = |seen: &&Occurrence<'_>| (seen.seen.start, seen.seen.end);
        let one = first.and_then(|commit| holding(commit).min_by_key(earliest)).unwrap_or(list[0]);
        let end = all.iter().copied().find(|&commit| self.reaches.is_branch_end(commit));
        let now = end.and_then(|commit| holding(commit).min_by_key(earliest)).map(|one| one.seen.start);
        let place = Place {
            path: PathText::from_bytes(path),
            start: one.seen.start,
            end: one.seen.end,
            blob: Some(self.read.store.id(one.seen.object).to_string()),
            commit: first.and_then(|commit| self.info(commit)),
            // The next commit has another message, and takes nothing away.
            removed_in: if end.is_none() && one.seen.within == Within::Blob { self.removal(&all) } else { None },
            now,
            excerpt: one.seen.excerpt.clone(),
            ignored: false,
            suppressed: one.seen.inline.clone(),
        };
        (first.map(|commit| self.reaches.rank[commit as usize]), place)
    }

    /// The commit that took it away: the first child, without it, of a commit that has it, after which it did not come back.
    fn removal(&self, all: &[u32]) -> Option<String> {
        let mut set = self.set.borrow_mut();
        set.put(all);
        let found = self.removal_of(all, &set);
        set.take(all);
        found
    }

    fn removal_of(&self, all: &[u32], set: &Set) -> Option<String> {
        let rank = |commit: u32| self.reaches.rank[commit as usize];
        let has = |commit: u32| set.has(commit);
        let parents = |commit: u32| self.read.commits.parents(commit as usize).iter().copied();
        let mut without: Vec<u32> = all
            .iter()
            .flat_map(|&commit| self.reaches.children(commit).iter().copied())
            .filter(|&child| !has(child))
            .collect();
        without.sort_unstable_by_key(|&commit| rank(commit));
        let earliest = without.first().map(|&commit| rank(commit))?;
        // It came back after whatever lies before a commit that has it beside a parent that has not.
        let mut undone: BTreeSet<u32> = BTreeSet::new();
        let mut stack: Vec<u32> = all.iter().flat_map(|&commit| parents(commit)).collect();
        stack.retain(|&parent| !has(parent));
        while let Some(commit) = stack.pop() {
            if rank(commit) >= earliest && undone.insert(commit) {
                stack.extend(parents(commit));
            }
        }
        let found = without.iter().find(|commit| !undone.contains(commit)).or_else(|| without.last())?;
        let number = self.read.commits.list[*found as usize].number;
        Some(self.read.store.id(number).to_string())
    }

    fn info(&self, commit: u32) -> Option<CommitInfo> {
        self.infos
            .borrow_mut()
            .entry(commit)
            .or_insert_with(|| {
                let number = self.read.commits.list[commit as usize].number;
                let details =
                    crate::git::graph::commits::details(&self.read.store, number, &mut self.memory.borrow_mut())?;
                let date =
                    jiff::Timestamp::from_second(details.time).map_or_else(|_| String::new(), |date| date.to_string());
                Some(CommitInfo {
                    id: self.read.store.id(number).to_string(),
                    author: details.author,
                    date,
                    subject: details.subject,
                })
            })
            .clone()
    }

    /// What the record of rotations says of a path: it counts as revoked where every object there was known when it was.
    fn rotated(&self, id: &str, list: &[&Occurrence<'_>]) -> Option<Suppression> {
        let rotations = self.context.rotations;
        if !rotations.knows(id) {
            return None;
        }
        let judge = |one: &&Occurrence<'_>| rotations.judge(&[id], &[self.read.store.id(one.seen.object).to_string()]);
        let judged: Option<Vec<Suppression>> = list.iter().map(judge).collect();
        judged?.into_iter().next()
    }

    /// Applies the allowances of the configuration, a path at a time.
    fn suppress(&self, places: &mut [Place], rule: &Rule, id: &str, best: &Seen) {
        for place in places.iter_mut().filter(|place| place.suppressed.is_none()) {
            let secret = best.matched.secret.as_ref().map(Secret::expose);
            let path = self.read.path_for(self.context, place.path.as_str());
            let path = path.as_deref().unwrap_or(place.path.as_str());
            place.suppressed = self.context.allowances.judge(rule.id, id, path, secret);
        }
    }
}

impl<'s> Group<'s> {
    fn of(occurrences: Vec<Occurrence<'s>>, set: &mut Set) -> Self {
        let commits = set.union(occurrences.iter().map(|one| &one.commits[..]));
        Self { occurrences, commits }
    }
}

/// Memory for putting sorted lists of commits together.
struct Set {
    bits: Vec<u64>,
}

impl Set {
    fn of(count: usize) -> Self {
        Self { bits: vec![0; count.div_ceil(64)] }
    }

    fn put(&mut self, commits: &[u32]) {
        for &commit in commits {
            self.bits[commit as usize / 64] |= 1 << (commit % 64);
        }
    }

    fn take(&mut self, commits: &[u32]) {
        for &commit in commits {
            self.bits[commit as usize / 64] = 0;
        }
    }

    fn has(&self, commit: u32) -> bool {
        self.bits[commit as usize / 64] & (1 << (commit % 64)) != 0
    }

    /// Everything that is in one of the lists, sorted.
    fn union<'l>(&mut self, lists: impl Iterator<Item = &'l [u32]>) -> Vec<u32> {
        let (mut least, mut most) = (usize::MAX, 0);
        for &commit in lists.flatten() {
            let word = commit as usize / 64;
            self.bits[word] |= 1 << (commit % 64);
            (least, most) = (least.min(word), most.max(word));
        }
        let mut all = Vec::new();
        for word in least..=most {
            let mut bits = std::mem::take(&mut self.bits[word]);
            while bits != 0 {
                all.push(word as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        all
    }
}

/// Splits occurrences of a guessable value by the file that they are in; a file that was renamed or copied, as shown by a
/// version of it that stood at both paths, is one.
fn by_file(list: Vec<Occurrence<'_>>) -> Vec<Vec<Occurrence<'_>>> {
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
