//! What is told of one secret: who may have seen it, who brought it in at each path, and who took it out.

use super::assemble::Assembly;
use super::groups::{Group, Occurrence};
use super::seen::{Seen, Within};
use super::sets::Set;
use crate::finding::{CommitInfo, Exposure, Finding, Place, Suppression, fingerprint};
use crate::git::graph::Runs;
use crate::git::odb::Inflating;
use crate::rule::Rule;
use crate::scan::group::suppression;
use crate::text::{PathText, Secret};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// A worker's memory.
pub(super) struct Telling {
    inflating: Inflating,
    infos: HashMap<u32, Option<CommitInfo>>,
    set: Set,
    undone: Set,
}

impl Telling {
    /// For so many commits.
    pub(super) fn of(count: usize) -> Self {
        Self { inflating: Inflating::default(), infos: HashMap::new(), set: Set::of(count), undone: Set::of(count) }
    }
}

impl<'c> Assembly<'_, 'c> {
    /// The finding of a group, with the refs that carry it.
    pub(super) fn finding(&self, telling: &mut Telling, group: &Group<'_>, refs: Set) -> Finding<'c> {
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
        let mut places: Vec<(Option<u32>, Place)> =
            by_path.iter().map(|(path, list)| self.place(telling, path, list)).collect();
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
        let suppressed = suppression(best.matched.documented, &places);
        let verdict = self.context.gate.verdict(confidence, rule.severity, false, suppressed.is_some());
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
    fn exposure(&self, group: &Group<'_>, mut refs: Set) -> (Exposure, bool, Set) {
        let standing = self.reaches.standing(&group.commits);
        let mut exposure = (!group.commits.is_empty()).then_some(standing.exposure);
        for one in &group.occurrences {
            let trees = one.trees.iter().filter_map(|&tree| self.reaches.named(tree));
            let named = self.reaches.named(one.seen.object).into_iter().chain(trees).max();
            let is_staged = self.staged.contains_key(&one.seen.object);
            let other = match named {
                Some((exposure, remote)) => {
                    for tip in remote {
                        refs.add(tip as u32);
                    }
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
    fn place(&self, telling: &mut Telling, path: &[u8], list: &[&Occurrence<'_>]) -> (Option<u32>, Place) {
        let all = telling.set.union(list.iter().map(|one| &*one.commits));
        let first = all.iter().min_by_key(|&commit| self.reaches.rank[commit as usize]);
        let holding = |commit: u32| list.iter().copied().filter(move |one| one.commits.has(commit));
        let earliest = |seen: &&Occurrence<'_>| (seen.seen.start, seen.seen.end);
        let one = first.and_then(|commit| holding(commit).min_by_key(earliest)).unwrap_or(list[0]);
        let end = self.reaches.branch_end(&all);
        let now = end.and_then(|commit| holding(commit).min_by_key(earliest)).map(|one| one.seen.start);
        let place = Place {
            path: PathText::from_bytes(path),
            start: one.seen.start,
            end: one.seen.end,
            blob: Some(self.read.store.id(one.seen.object).to_string()),
            commit: first.and_then(|commit| self.info(telling, commit)),
            // The next commit has another message, and takes nothing away.
            removed_in: if end.is_none() && one.seen.within == Within::Blob {
                self.removal(telling, &all)
            } else {
                None
            },
            now,
            excerpt: one.seen.excerpt.clone(),
            ignored: false,
            suppressed: one.seen.inline.clone(),
        };
        (first.map(|commit| self.reaches.rank[commit as usize]), place)
    }

    /// The commit that took it away: the first child, without it, of a commit that has it, after which it did not come back.
    fn removal(&self, telling: &mut Telling, all: &Runs) -> Option<String> {
        let Telling { set, undone, .. } = telling;
        set.put(all);
        let found = self.removal_of(all, set, undone);
        set.take(all);
        found
    }

    fn removal_of(&self, all: &Runs, set: &Set, undone: &mut Set) -> Option<String> {
        let rank = |commit: u32| self.reaches.rank[commit as usize];
        let has = |commit: u32| set.has(commit);
        let parents = |commit: u32| self.read.commits.parents(commit as usize).iter().copied();
        let mut without: Vec<u32> = all
            .iter()
            .flat_map(|commit| self.reaches.children(commit).iter().copied())
            .filter(|&child| !has(child))
            .collect();
        without.sort_unstable_by_key(|&commit| rank(commit));
        let earliest = without.first().map(|&commit| rank(commit))?;
        // It came back after whatever lies before a commit that has it beside a parent that has not.
        let mut stack: Vec<u32> = all.iter().flat_map(parents).filter(|&parent| !has(parent)).collect();
        let mut passed = Vec::new();
        while let Some(commit) = stack.pop() {
            if rank(commit) >= earliest && undone.add(commit) {
                passed.push(commit);
                stack.extend(parents(commit));
            }
        }
        let found = without.iter().find(|&&commit| !undone.has(commit)).or_else(|| without.last());
        undone.clear(&passed);
        let found = found?;
        let number = self.read.commits.list[*found as usize].number;
        Some(self.read.store.id(number).to_string())
    }

    fn info(&self, telling: &mut Telling, commit: u32) -> Option<CommitInfo> {
        let Telling { infos, inflating, .. } = telling;
        infos
            .entry(commit)
            .or_insert_with(|| {
                let number = self.read.commits.list[commit as usize].number;
                let details = crate::git::graph::commits::details(&self.read.store, number, inflating)?;
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
