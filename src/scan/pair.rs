//! Puts the halves of a credential together: an access key id with its secret key, a session token with both.
//!
//! Rules name the rules they belong with (`pairs`). Of two findings of such rules that stand near each other in one file, the one
//! that blocks names the other. A half that does not block on its own, an id say, is no finding any more where its other half
//! stands beside it: it is reported with it. Two halves that both block stay two findings, for each has its own way out.
//! This looks at findings only, after everything is read, and so depends on nothing but them.

use crate::finding::{Finding, Other, Place, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// How many lines may lie between two halves.
const LINES: u64 = 8;

/// One text in which a place of a finding lies, and on which line. Two of them are near each other in the same text only.
pub struct Stand<T> {
    /// The text: a file, or a version of one.
    pub text: T,
    /// The line.
    pub line: u64,
    /// The number of the finding …
    pub finding: usize,
    /// … and that of its place.
    pub place: usize,
}

/// Which places of one finding stand beside which finding.
type Beside = BTreeMap<(usize, usize), BTreeSet<usize>>;

/// Joins what belongs together; the findings stay in their order.
pub fn join(findings: &mut Vec<Finding<'_>>) {
    let stands = findings.iter().enumerate().flat_map(|(finding, found)| {
        let places = found.places.iter().enumerate();
        places.map(move |(place, at)| {
            let text = (at.path.as_str(), at.blob.as_deref());
            Stand { text, line: at.start.line, finding, place }
        })
    });
    let beside = beside(findings, stands);
    put_together(findings, &beside);
}

/// The same where a place lies in several texts: the versions of a file.
pub fn join_at<T: Ord>(findings: &mut Vec<Finding<'_>>, stands: impl Iterator<Item = Stand<T>>) {
    let beside = beside(findings, stands);
    put_together(findings, &beside);
}

fn put_together(findings: &mut Vec<Finding<'_>>, beside: &Beside) {
    let mut taken: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (&(main, other), places) in beside {
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
fn beside<T: Ord>(findings: &[Finding<'_>], stands: impl Iterator<Item = Stand<T>>) -> Beside {
    let mut by_text: BTreeMap<T, Vec<(u64, usize, usize)>> = BTreeMap::new();
    let paired: BTreeSet<&str> =
        findings.iter().flat_map(|finding| finding.rule.pairs.iter().chain([&finding.rule.id])).copied().collect();
    let is_half = |finding: &Finding<'_>| {
        finding.secret.is_some() && finding.verdict != Verdict::Suppressed && paired.contains(finding.rule.id)
    };
    let halves: Vec<bool> = findings.iter().map(is_half).collect();
    let counts =
        |stand: &Stand<T>| halves[stand.finding] && findings[stand.finding].places[stand.place].suppressed.is_none();
    for Stand { text, line, finding, place } in stands.filter(counts) {
        by_text.entry(text).or_default().push((line, finding, place));
    }
    let mut out = Beside::new();
    for mut places in by_text.into_values() {
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
