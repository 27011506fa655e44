//! From a match of an expression to a secret, or to nothing: filters, then the check.

use super::check::{self, Outcome};
use super::filter::{documented, is_dummy_token, is_no_word, is_placeholder, is_reference, shannon};
use super::matcher::Matched;
use crate::finding::Confidence;
use crate::rule::{Form, Rule};

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

/// Judges what a rule's expression matched. `gap` is where the keyword of a `value` ends.
pub fn judge(rule: &Rule, text: &[u8], gap: usize, matched: &Matched) -> Option<Judged> {
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
    let mut confidence = rule.confidence;
    match rule.check.and_then(check::by_name).map(|check| (check.verify)(secret)) {
        Some(Outcome::NotASecret(_)) => return None,
        Some(Outcome::Passed) => return Some(Judged { confidence: Confidence::Proven, documented: None }),
        // A key block is no checksum: one that does not parse may be cut, re-wrapped or of a kind that is not known.
        Some(Outcome::Failed) if secret.starts_with(b"-----BEGIN") && secret.len() >= 120 && shannon(secret) >= 4.8 => {
            confidence = confidence.min(Confidence::Likely);
        }
        Some(Outcome::Failed) => confidence = Confidence::Possible,
        Some(Outcome::Unknown) | None => {}
    }
    if filters.placeholders && is_no_secret(rule, secret) {
        return None;
    }
    let is_word = secret.iter().all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(byte)) && !is_no_word(secret);
    if confidence == Confidence::Likely && is_word {
        confidence = Confidence::Possible;
    }
    if matches!(rule.form, Form::Value { .. }) {
        confidence = confidence.min(between(&text[gap..matched.secret.start])?);
    }
    Some(Judged { confidence, documented: None })
}

fn is_no_secret(rule: &Rule, secret: &[u8]) -> bool {
    // A secret without a format of its own (a password in an address) is judged like an assigned value.
    let has_format = rule.confidence >= Confidence::Strong && secret.len() >= 16;
    let made_up = if has_format { is_dummy_token(secret) || is_named(rule, secret) } else { is_placeholder(secret) };
    made_up || is_reference(secret)
}

/// Whether what follows the anchor is a name in letters: `v2.someFunctionOrOther`.
fn is_named(rule: &Rule, secret: &[u8]) -> bool {
    let anchor =
        rule.anchors().iter().filter(|anchor| secret.starts_with(anchor.as_bytes())).map(|anchor| anchor.len()).max();
    let rest = &secret[anchor.unwrap_or(0)..];
    rest.len() < 64 && !rest.iter().any(u8::is_ascii_digit) && !is_no_word(rest)
}

/// What stands between a keyword and its value: words that name a digest refuse it, a missing operator makes it weaker.
fn between(gap: &[u8]) -> Option<Confidence> {
    const DIGESTS: &[&[u8]] = &[
        b"sha1",
        b"sha2",
        b"sha5",
        b"md5",
        b"checksum",
        b"digest",
        b"integrity",
        b"commit",
        b"revision",
        b"etag",
        b"://",
        b"hash",
        b"fingerprint",
        b"version",
        b"image",
        b"rev=",
    ];
    let lower = gap.to_ascii_lowercase();
    if DIGESTS.iter().any(|word| memchr::memmem::find(&lower, word).is_some()) {
        return None;
    }
    let assigns = gap.iter().any(|byte| b"=:(,>\"'`".contains(byte));
    Some(if assigns { Confidence::Likely } else { Confidence::Possible })
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
