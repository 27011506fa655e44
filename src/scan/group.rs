//! From located matches to findings: one secret, one finding, with every place where it stands.

use super::standing::Exposures;
use super::{Context, pair};
use crate::engine::Match;
use crate::finding::{Exposure, Finding, Place, SuppressedBy, Suppression};
use crate::rule::Rule;
use crate::text::Position;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A match with its place and identity.
#[derive(Debug)]
pub struct Located {
    pub id: String,
    pub rule: usize,
    pub matched: Match,
    pub place: Place,
}

/// What makes two matches the same finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Same {
    /// The same secret, which is random enough that it cannot be a coincidence.
    Secret(Vec<u8>),
    /// The same identity.
    Id(String),
}

/// Puts matches together, asks where they stand, and gives each its verdict. Sorted by first place, then rule.
pub fn findings<'c>(located: Vec<Located>, context: &Context<'c>, standings: &dyn Exposures) -> Vec<Finding<'c>> {
    let rules: &'c [Rule] = context.rules.rules();
    let mut groups: BTreeMap<Same, Vec<Located>> = BTreeMap::new();
    for one in located {
        let secret = one.matched.secret.as_ref().filter(|_| one.matched.unguessable);
        let same = secret.map_or_else(|| Same::Id(one.id.clone()), |secret| Same::Secret(secret.expose().to_vec()));
        groups.entry(same).or_default().push(one);
    }
    let mut findings: Vec<Finding<'c>> =
        groups.into_values().map(|group| finding(group, rules, context, standings)).collect();
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    pair::join(&mut findings);
    findings
}

/// The order of findings: by their first places, wherever these stand in the list.
pub fn order<'f>(finding: &'f Finding<'_>) -> (Option<(&'f str, Position)>, &'f str, &'f str) {
    (finding.places.iter().map(|place| (place.path.as_str(), place.start)).min(), finding.rule.id, &finding.id)
}

/// Why a finding does not count: its value is published in documentation, or none of its places counts.
pub fn suppression(documented: Option<&'static str>, places: &[Place]) -> Option<Suppression> {
    let published = |source: &str| Suppression {
        by: SuppressedBy::DocumentedExample,
        origin: source.to_owned(),
        reason: Some(format!("a value that documentation publishes: {source}")),
    };
    let by_places = || {
        let all = places.iter().all(|place| place.suppressed.is_some());
        places.iter().find_map(|place| place.suppressed.clone()).filter(|_| all)
    };
    documented.map(published).or_else(by_places)
}

fn finding<'c>(
    mut group: Vec<Located>,
    rules: &'c [Rule],
    context: &Context<'c>,
    standings: &dyn Exposures,
) -> Finding<'c> {
    // The most specific rule names it, whichever file was read first.
    group.sort_by(|a, b| {
        let key =
            |one: &Located| (Reverse(rules[one.rule].precedence), Reverse(one.matched.confidence), rules[one.rule].id);
        key(a)
            .cmp(&key(b))
            .then_with(|| (a.place.path.as_str(), a.place.start).cmp(&(b.place.path.as_str(), b.place.start)))
    });
    let rule = &rules[group[0].rule];
    let rotated: Vec<String> =
        group.iter().map(|one| &one.id).filter(|id| context.rotations.knows(id)).cloned().collect();
    let best = group[0].matched.clone();
    let id = std::mem::take(&mut group[0].id);
    let confidence = group.iter().map(|one| one.matched.confidence).max().unwrap_or(best.confidence);
    let mut places: Vec<Place> = group.into_iter().map(|one| one.place).collect();
    places.sort_by(|a, b| (a.path.as_str(), a.start, a.end).cmp(&(b.path.as_str(), b.start, b.end)));
    places.dedup_by(|a, b| a.path == b.path && a.start == b.start && a.end == b.end);
    let secret = best.secret.as_ref().map(crate::text::Secret::expose);
    judge_rotated(&mut places, &rotated, context, standings);
    let stands = standings.ask(&mut places, secret.filter(|_| best.decoded.is_empty()));
    let suppressed = suppression(best.documented, &places);
    let counted: Vec<&Place> = places.iter().filter(|place| place.suppressed.is_none()).collect();
    let ignored = !counted.is_empty() && counted.iter().all(|place| place.ignored);
    let verdict = context.gate.verdict(
        confidence,
        rule.severity,
        ignored && stands.exposure == Exposure::Worktree,
        suppressed.is_some(),
    );
    Finding {
        id,
        rule,
        severity: rule.severity,
        confidence,
        verdict,
        exposure: stands.exposure,
        exposed_refs: stands.refs,
        exposed_more: 0,
        present: stands.present,
        secret: best.secret,
        decoded: best.decoded,
        key: best.key,
        commits: None,
        places,
        suppressed,
        others: Vec::new(),
    }
}

/// Places that held the secret when it was revoked no longer count; all others do.
fn judge_rotated(places: &mut [Place], ids: &[String], context: &Context<'_>, standings: &dyn Exposures) {
    if ids.is_empty() {
        return;
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for place in places.iter_mut().filter(|place| place.suppressed.is_none()) {
        place.suppressed = context.rotations.judge(&ids, &standings.blobs(place));
    }
}
