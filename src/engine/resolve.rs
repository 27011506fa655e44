//! One secret, one match: of several that lie on the same bytes, the most specific stays.

use super::Raw;
use crate::rule::{Form, Rule};

/// A value without a format that was found without an operator before it says less than a judged assignment.
fn precedence(raw: &Raw, rule: &Rule) -> u8 {
    let is_weak = matches!(rule.form, Form::Value { .. }) && raw.confidence < rule.confidence;
    if is_weak { 10 } else { rule.precedence }
}

/// Drops matches that another one covers better, and sorts the rest by place and rule.
///
/// Better is, in this order: a documented example (so that it is named as one), a proof, higher precedence, higher confidence, fewer layers
/// of decoding, more bytes, the rule's id.
pub fn resolve(mut matches: Vec<Raw>, rules: &[Rule]) -> Vec<Raw> {
    let rank = |raw: &Raw| {
        let proven = raw.confidence == crate::finding::Confidence::Proven;
        (
            raw.documented.is_some(),
            proven,
            precedence(raw, &rules[raw.rule]),
            raw.confidence,
            std::cmp::Reverse(raw.decoded.len()),
            raw.span.len(),
            std::cmp::Reverse(&rules[raw.rule].id),
        )
    };
    matches.sort_by(|a, b| a.span.start.cmp(&b.span.start).then_with(|| rank(b).cmp(&rank(a))));
    let mut kept: Vec<Raw> = Vec::with_capacity(matches.len());
    // Findings of the file itself have no bytes, and stand between no two others.
    let (mut files, matches): (Vec<Raw>, Vec<Raw>) = matches.into_iter().partition(|raw| raw.span.is_empty());
    files.sort_by_key(|raw| raw.rule);
    files.dedup_by_key(|raw| raw.rule);
    for raw in matches {
        // Kept matches do not overlap, so only the last ones can reach into this one.
        let mut beaten = false;
        while let Some(last) = kept.last() {
            if last.span.end <= raw.span.start {
                break;
            }
            if rank(last) >= rank(&raw) {
                beaten = true;
                break;
            }
            kept.pop();
        }
        if !beaten {
            kept.push(raw);
        }
    }
    kept.append(&mut files);
    kept.sort_by(|a, b| (a.span.start, &rules[a.rule].id).cmp(&(b.span.start, &rules[b.rule].id)));
    kept
}
