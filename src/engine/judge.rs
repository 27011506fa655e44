//! From a match of an expression to a secret, or to nothing: filters, then the check.

use super::check::{self, Outcome};
use super::filter::{
    documented, is_dummy_token, is_harmless, is_no_word, is_placeholder, is_reference, looks_random, shannon,
};
use super::gap;
use super::matcher::Matched;
use super::under::{self, Said};
use crate::finding::Confidence;
use crate::rule::{Form, Rule};
use std::ops::Range;

/// A match that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// How sure it is.
    pub confidence: Confidence,
    /// Who publishes the value, where it is a documented example.
    pub documented: Option<&'static str>,
}

/// How much of the line around a match is looked at for words that speak against it.
pub const NEAR: usize = 160;

/// Judges what a rule's expression matched around or behind its anchor.
pub fn judge(rule: &Rule, text: &[u8], anchor: Range<usize>, matched: &Matched) -> Option<Judged> {
    let mut judged = judge_alone(rule, text, matched)?;
    let is_open = judged.documented.is_none() && judged.confidence < Confidence::Proven;
    if is_open && matches!(rule.form, Form::Value { .. }) {
        judged.confidence = judged.confidence.min(behind_name(rule, text, anchor, matched.secret.start)?);
    }
    Some(judged)
}

/// The same without what stands between a keyword and its value.
pub fn judge_alone(rule: &Rule, text: &[u8], matched: &Matched) -> Option<Judged> {
    let secret = &text[matched.secret.clone()];
    if let Some(source) = documented(secret) {
        return Some(Judged { confidence: Confidence::Possible, documented: Some(source) });
    }
    let filters = &rule.filters;
    if filters.entropy.is_some_and(|least| shannon(secret) < least) || has_word(secret, filters.stop_words) {
        return None;
    }
    if !filters.not_near.is_empty() && has_word(around(text, matched), filters.not_near) {
        return None;
    }
    let said = under::said(text, matched.secret.start, filters);
    if said == Said::Other {
        return None;
    }
    let mut confidence = rule.confidence;
    match rule.check.and_then(check::by_name).map(|check| (check.verify)(secret)) {
        Some(Outcome::NotASecret(_)) => return None,
        Some(Outcome::Passed) => return Some(Judged { confidence: Confidence::Proven, documented: None }),
        // A key block is no checksum: one that does not parse may be cut, re-wrapped or of a kind that is not known.
        Some(Outcome::Failed) if secret.starts_with(b"-----BEGIN") && secret.len() >= 120 && shannon(secret) >= 4.8 => {
            confidence = confidence.min(Confidence::Likely);
        }
        Some(Outcome::Failed) => confidence = Confidence::Possible,
        Some(Outcome::Unusual) => confidence = confidence.min(Confidence::Likely),
        Some(Outcome::Unknown) | None => {}
    }
    if filters.placeholders && is_no_secret(rule, secret) || is_in_base64(text, &matched.secret) {
        return None;
    }
    let of_words = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80 || b"_- ".contains(byte);
    // A seed is words too, but more of them.
    let few = secret.iter().filter(|&&byte| byte == b' ').count() <= 2;
    let is_word = few && secret.iter().all(of_words) && !is_no_word(secret);
    if confidence == Confidence::Likely && is_word {
        confidence = Confidence::Possible;
    }
    if said == Said::Nothing {
        confidence = Confidence::Possible;
    }
    Some(Judged { confidence, documented: None })
}

fn is_no_secret(rule: &Rule, secret: &[u8]) -> bool {
    // A secret without a format of its own (a password in an address) is judged like an assigned value.
    let has_format = rule.confidence >= Confidence::Strong && secret.len() >= 16;
    let made_up = if has_format { is_dummy_token(secret) } else { is_placeholder(secret) };
    let is_own = rule.anchors().iter().any(|anchor| secret.starts_with(anchor.as_bytes()));
    made_up || is_named(rule, secret, has_format) || is_reference(secret) || (!is_own && is_harmless(secret))
}

/// Whether a value lies between the signs of a longer base64 text, where any beginning comes up by chance.
fn is_in_base64(text: &[u8], secret: &Range<usize>) -> bool {
    const AROUND: usize = 16;
    let sign = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|byte| b"+/".contains(byte));
    if !(sign(secret.start.checked_sub(1)) && sign(Some(secret.end))) {
        return false;
    }
    let before = &text[secret.start.saturating_sub(AROUND)..secret.start];
    let behind = &text[secret.end..text.len().min(secret.end + AROUND)];
    let of_base64 = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte));
    of_base64(before) && of_base64(behind) && looks_random(before)
}

/// Whether what follows the anchor is a name in letters: `v2.someFunctionOrOther`. A password of letters behind an anchor is none.
fn is_named(rule: &Rule, secret: &[u8], has_format: bool) -> bool {
    let anchor =
        rule.anchors().iter().filter(|anchor| secret.starts_with(anchor.as_bytes())).map(|anchor| anchor.len()).max();
    let rest = &secret[anchor.unwrap_or(0)..];
    (has_format || anchor.is_some())
        && rest.len() < 64
        && !rest.iter().any(u8::is_ascii_digit)
        && (!is_no_word(rest) || has_humps(rest))
}

/// Letters in humps of three or more, at least two of them: `ucSpreadSpectrumMode`. Chance hardly ever writes so.
fn has_humps(rest: &[u8]) -> bool {
    let mut humps = rest.chunk_by(|_, next| next.is_ascii_lowercase());
    let first = humps.next().unwrap_or_default();
    let (count, short) = humps.fold((0, 0), |(count, short), hump| (count + 1, short + usize::from(hump.len() < 3)));
    rest.iter().all(u8::is_ascii_alphabetic)
        && first.first().is_some_and(u8::is_ascii_lowercase)
        && count >= 2
        && short == 0
}

/// How sure a value without a format is by what stands before it; `None` where that refuses it.
fn behind_name(rule: &Rule, text: &[u8], anchor: Range<usize>, value: usize) -> Option<Confidence> {
    let word = text[anchor.clone()].to_ascii_lowercase();
    let is_provider = rule.providers().iter().any(|provider| provider.as_bytes() == word);
    if is_provider && !rule.keywords().iter().any(|keyword| keyword.as_bytes() == word) {
        return gap::is_whole_name(text, &anchor, value).then_some(Confidence::Likely);
    }
    gap::judge(text, &anchor, value)
}

fn around<'t>(text: &'t [u8], matched: &Matched) -> &'t [u8] {
    let first = matched.whole.start.saturating_sub(NEAR);
    let start = first + text[first..matched.whole.start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let last = text.len().min(matched.whole.end + NEAR);
    let end = matched.whole.end
        + text[matched.whole.end..last].iter().position(|&byte| byte == b'\n').unwrap_or(last - matched.whole.end);
    &text[start..end]
}

fn has_word(bytes: &[u8], words: &[crate::rule::Text]) -> bool {
    !words.is_empty() && {
        let lower = bytes.to_ascii_lowercase();
        words.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
    }
}
