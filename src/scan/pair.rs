//! Puts the halves of a credential together: an access key id with its secret key, a session token with both.
//!
//! Rules name the rules they belong with (`pairs`). Of two findings of such rules that stand near each other in one file, the one
//! that blocks names the other. A half that does not block on its own, an id say, is no finding any more where its other half
//! stands beside it: it is reported with it. Two halves that both block stay two findings, for each has its own way out.
//! This looks at findings only, after all files are read, and so depends on nothing but them.

use crate::finding::{Finding, Other, Place, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// How many lines may lie between two halves.
const LINES: u64 = 8;

/// Where a place lies: the file, in which version.
type Spot<'f> = (&'f str, Option<&'f str>);

fn spot(place: &Place) -> Spot<'_> {
    (place.path.as_str(), place.blob.as_deref())
}

/// Which places of one finding stand beside which finding.
type Beside = BTreeMap<(usize, usize), BTreeSet<usize>>;

/// Joins what belongs together; the findings stay in their order.
pub fn join(findings: &mut Vec<Finding<'_>>) {
    let beside = beside(findings);
    let mut taken: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (&(main, other), places) in &beside {
        let (half, all) = (&findings[other], findings[other].places.len());
        let places: Vec<Place> = places.iter().map(|&at| half.places[at].clone()).collect();
        let named = Other { id: half.id.clone(), rule: half.rule, secret: half.secret.clone(), places };
        if findings[other].verdict == Verdict::Warn {
            taken.entry(other).or_default().extend(beside[&(main, other)].iter().filter(|&&at| at < all));
        }
        findings[main].others.push(named);
    }
    for (finding, places) in &taken {
        let mut at = 0;
        findings[*finding].places.retain(|_| {
            at += 1;
            !places.contains(&(at - 1))
        });
    }
    findings.retain(|finding| !finding.places.is_empty());
}

/// For each blocking finding and each of its other halves, the other's places that are near.
fn beside(findings: &[Finding<'_>]) -> Beside {
    let mut by_file: BTreeMap<Spot<'_>, Vec<(u64, usize, usize)>> = BTreeMap::new();
    let paired: BTreeSet<&str> =
        findings.iter().flat_map(|finding| finding.rule.pairs.iter().chain([&finding.rule.id])).copied().collect();
    let is_half = |finding: &Finding<'_>| {
        finding.secret.is_some() && finding.verdict != Verdict::Suppressed && paired.contains(finding.rule.id)
    };
    for (number, finding) in findings.iter().enumerate().filter(|(_, finding)| is_half(finding)) {
        for (at, place) in finding.places.iter().enumerate().filter(|(_, place)| place.suppressed.is_none()) {
            by_file.entry(spot(place)).or_default().push((place.start.line, number, at));
        }
    }
    let mut out = Beside::new();
    for mut places in by_file.into_values() {
        places.sort_unstable();
        for &(line, main, _) in places.iter().filter(|place| findings[place.1].verdict == Verdict::Block) {
            let first = places.partition_point(|place| place.0 + LINES < line);
            for &(_, other, at) in places[first..].iter().take_while(|place| place.0 <= line + LINES) {
                if other != main && belong(&findings[main], &findings[other]) {
                    out.entry((main, other)).or_default().insert(at);
                }
            }
        }
    }
    out
}

/// Whether either rule names the other.
fn belong(one: &Finding<'_>, other: &Finding<'_>) -> bool {
    one.rule.pairs.contains(&other.rule.id) || other.rule.pairs.contains(&one.rule.id)
}
