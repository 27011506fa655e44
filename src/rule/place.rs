//! Where the prefilter has to look for a rule's anchors, derived from its expression.
//!
//! This file uses nothing of the crate: the build script derives the same for the built-in rules.

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Where an anchor is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(dead_code, reason = "the build script makes no keywords")]
pub enum Kind {
    /// Where a word begins that goes on for 16 or more token characters (`[A-Za-z0-9_+/.-]`).
    Start,
    /// Close before such a run, at the beginning of a part of a name.
    Keyword,
    /// Everywhere.
    Free,
}

/// Token characters that a match must begin with for its anchor to be of kind [`Kind::Start`].
pub const START_RUN: usize = 16;

/// The kind of the anchors of a `pattern`: [`Kind::Start`] if every match begins with one of the (case-sensitive)
/// anchors, at the beginning of a word, and goes on with token characters; [`Kind::Free`] else, and for an
/// expression that does not parse.
#[must_use]
pub fn of_pattern(pattern: &str, anchors: &[&str], has_keywords: bool, boundary: bool) -> Kind {
    let Ok(hir) = parse(pattern) else { return Kind::Free };
    if has_keywords || !boundary || leading_token_bytes(&hir).0 < START_RUN {
        return Kind::Free;
    }
    let prefixes = Extractor::new().extract(&hir);
    let Some(literals) = prefixes.literals() else { return Kind::Free };
    let anchored = |bytes: &[u8]| {
        bytes.first().is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && anchors.iter().any(|anchor| bytes.starts_with(anchor.as_bytes()))
    };
    if !literals.is_empty() && literals.iter().all(|literal| anchored(literal.as_bytes())) { Kind::Start } else { Kind::Free }
}

/// Parses an expression as the engine does: over bytes, `\w`, `\d`, `\s`, `\b` and case folding in ASCII.
///
/// # Errors
/// What the parser says.
pub fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .build()
        .parse(pattern)
        .map_err(|error| error.to_string())
}

/// How many token characters every match begins with at least, and whether it can consist of nothing else.
fn leading_token_bytes(hir: &Hir) -> (usize, bool) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, true),
        HirKind::Literal(literal) => {
            let leading = literal.0.iter().take_while(|&&byte| is_token(byte)).count();
            (leading, leading == literal.0.len())
        }
        HirKind::Class(class) => {
            let token = match class {
                Class::Bytes(class) => class.iter().all(|range| (range.start()..=range.end()).all(is_token)),
                Class::Unicode(class) => class
                    .iter()
                    .all(|range| range.end() < '\u{80}' && (range.start()..=range.end()).all(|c| is_token(c as u8))),
            };
            (usize::from(token), token)
        }
        HirKind::Capture(capture) => leading_token_bytes(&capture.sub),
        HirKind::Repetition(repetition) => {
            let (leading, whole) = leading_token_bytes(&repetition.sub);
            if whole {
                (leading.saturating_mul(repetition.min as usize), true)
            } else {
                (if repetition.min > 0 { leading } else { 0 }, false)
            }
        }
        HirKind::Alternation(parts) => parts
            .iter()
            .map(leading_token_bytes)
            .reduce(|a, b| (a.0.min(b.0), a.1 && b.1))
            .unwrap_or((0, true)),
        HirKind::Concat(parts) => {
            let mut leading = 0usize;
            for part in parts {
                let (more, whole) = leading_token_bytes(part);
                leading = leading.saturating_add(more);
                if !whole {
                    return (leading, false);
                }
            }
            (leading, true)
        }
    }
}

/// The same class as the engine's; a test compares the two.
#[must_use]
pub const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'/' | b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_words_are_starts() {
        let kind = |pattern: &str, anchors: &[&str]| of_pattern(pattern, anchors, false, true);
        assert_eq!(kind("(?P<secret>ghp_[0-9A-Za-z]{36})", &["ghp_"]), Kind::Start);
        assert_eq!(kind("(?P<secret>gh[pousr]_[0-9A-Za-z]{36})", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]), Kind::Start);
        assert_eq!(kind("(?P<secret>gh[po]_[0-9A-Za-z]{36})", &["ghp_"]), Kind::Free);
        assert_eq!(kind("(?P<secret>[a-z]{4}ghp_[0-9A-Za-z]{36})", &["ghp_"]), Kind::Free);
        assert_eq!(kind("ghp_ {4}(?P<secret>[0-9A-Za-z]{36})", &["ghp_"]), Kind::Free);
        assert_eq!(kind("(?P<secret>SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43})", &["SG."]), Kind::Start);
        assert_eq!(kind("://(?P<secret>[0-9A-Za-z]{36})", &["://"]), Kind::Free);
    }
}
