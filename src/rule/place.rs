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
    /// Close before such a run or in its first bytes, wherever.
    Near,
    /// Everywhere.
    Free,
}

/// How far from a run's beginning an anchor of kind [`Kind::Near`] may begin, in bytes, to either side.
pub const NEAR: usize = 96;

/// Token characters that a match must begin with for its anchor to be of kind [`Kind::Start`].
pub const START_RUN: usize = 16;

/// The kind of the anchors of a `pattern`: [`Kind::Start`] if every match begins with one of the (case-sensitive)
/// anchors, at the beginning of a word, and goes on with token characters; [`Kind::Free`] else, and for an
/// expression that does not parse.
#[must_use]
pub fn of_pattern(pattern: &str, anchors: &[&str], keywords: &[&str], boundary: bool) -> Kind {
    let Ok(hir) = parse(pattern) else { return Kind::Free };
    let prefixes = Extractor::new().extract(&hir);
    let literals = prefixes.literals().filter(|literals| !literals.is_empty());
    let begins = literals.is_some_and(|literals| {
        literals.iter().all(|literal| anchors.iter().any(|anchor| literal.as_bytes().starts_with(anchor.as_bytes())))
    });
    let at_word = literals.is_some_and(|literals| {
        literals
            .iter()
            .all(|literal| literal.as_bytes().first().is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    });
    if begins && at_word && boundary && keywords.is_empty() && leading_token_bytes(&hir).0 >= START_RUN {
        return Kind::Start;
    }
    let is_anchor = |text: &[u8]| {
        let lower = text.to_ascii_lowercase();
        anchors
            .iter()
            .any(|anchor| memmem(text, anchor.as_bytes()) || memmem(&lower, anchor.to_ascii_lowercase().as_bytes()))
            || keywords.iter().any(|word| memmem(&lower, word.as_bytes()))
    };
    let longest_anchor = anchors.iter().map(|anchor| anchor.len()).max().unwrap_or(0);
    let is_near = is_near(&hir, longest_anchor, &is_anchor) || (boundary && has_run_near(&hir, &is_anchor));
    if is_near { Kind::Near } else { Kind::Free }
}

/// Whether every match has a run close to its anchor somewhere else than at the secret's beginning: behind the anchor in the
/// secret (`[0-9]{8,10}:AA[A-Za-z0-9_-]{33}`), say. The run may begin earlier in a match than it must, but no earlier than at the
/// match's own beginning, which is that of a word.
fn has_run_near(hir: &Hir, is_anchor: &dyn Fn(&[u8]) -> bool) -> bool {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    let opened = parts.iter().flat_map(|part| {
        let mut inside = Vec::new();
        match part.kind() {
            HirKind::Capture(secret) => flatten(&secret.sub, &mut inside),
            _ => inside.push(part),
        }
        inside
    });
    let parts: Vec<&Hir> = opened.collect();
    let holds = |part: &Hir| {
        let literals = Extractor::new().extract(&folded(part));
        literals
            .literals()
            .is_some_and(|list| !list.is_empty() && list.iter().all(|literal| is_anchor(literal.as_bytes())))
    };
    let length = |parts: &[&Hir]| -> Option<usize> { parts.iter().map(|part| part.properties().maximum_len()).sum() };
    let Some(anchor) = parts.iter().position(|part| holds(part)) else { return false };
    (0..parts.len()).any(|at| {
        let Some((run, mixed)) = run_from(&parts[at..]) else { return false };
        let ends_before = (0..=at).rev().find(|&from| from == 0 || ends_runs(parts[from - 1])).unwrap_or(0);
        let (first, last) = (anchor.min(at).min(ends_before), anchor.max(at));
        run >= START_RUN && mixed && length(&parts[first..last]).is_some_and(|far| far + MAX_LITERAL < NEAR)
    })
}

/// What a literal may add to how far an anchor is from a run's beginning, if both are in it.
const MAX_LITERAL: usize = 24;

/// How many token characters of classes there are at least from the beginning of these parts on, and whether they can be
/// told from a name. What is spelled out (`spring.datasource.password`) reads as a name and begins no run.
fn run_from(parts: &[&Hir]) -> Option<(usize, bool)> {
    let mut classes = Vec::new();
    let mut run = 0usize;
    for (number, part) in parts.iter().enumerate() {
        let (more, whole) = leading_token_bytes(part);
        let is_class = match part.kind() {
            HirKind::Class(_) => true,
            HirKind::Repetition(repetition) => matches!(repetition.sub.kind(), HirKind::Class(_)),
            _ => false,
        };
        if is_class {
            run = run.saturating_add(more);
            classes.push((*part).clone());
        }
        // Of the first part its end counts: `:AA`.
        if !whole && (is_class || number > 0) {
            break;
        }
    }
    (!classes.is_empty()).then(|| (run, is_mixed(&Hir::concat(classes))))
}

/// Whether no run goes on over the end of this part.
fn ends_runs(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Literal(literal) if literal.0.last().is_some_and(|&byte| !is_token(byte)))
}

fn memmem(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len().max(1)).any(|window| window == needle)
}

/// Whether every match has a run of token characters close to its anchor: the secret is one, and from the part that
/// holds the anchor it is not far to it.
fn is_near(hir: &Hir, longest_anchor: usize, is_anchor: &dyn Fn(&[u8]) -> bool) -> bool {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    let Some(at) = parts.iter().position(|part| is_secret(part)) else { return false };
    if leading_token_bytes(parts[at]).0 < START_RUN || !is_mixed(parts[at]) {
        return false;
    }
    let holds = |part: &Hir| {
        let literals = Extractor::new().extract(&folded(part));
        literals
            .literals()
            .is_some_and(|list| !list.is_empty() && list.iter().all(|literal| is_anchor(literal.as_bytes())))
    };
    let length = |part: &&Hir| part.properties().maximum_len();
    // Wherever the anchor is in a short match, it is near.
    if hir.properties().maximum_len().is_some_and(|longest| longest < NEAR) {
        return true;
    }
    // In front of the secret, nearest first; then at the secret's own beginning.
    for from in (0..at).rev() {
        if holds(parts[from]) {
            let distance: Option<usize> = parts[from..at].iter().map(length).sum();
            return distance.is_some_and(|distance| distance < NEAR);
        }
    }
    // At its beginning; behind the anchor, which may be a name, there must be enough of a run.
    holds(parts[at]) && leading_token_bytes(parts[at]).0 >= START_RUN + longest_anchor
}

/// The parts of an expression in order, with the groups around the secret opened.
fn flatten<'h>(hir: &'h Hir, out: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, out)),
        HirKind::Capture(capture) if !is_secret(hir) => flatten(&capture.sub, out),
        _ => out.push(hir),
    }
}

/// Parts that an anchor may be made of.
#[allow(dead_code, reason = "the build script tries nothing")]
const LONGEST_ANCHOR: usize = 4;

/// What every match must have from its anchor on, where that is a part of the expression of its own: up to the secret's first
/// byte, or, for an anchor in the secret, up to the next byte that must be there. It is tried before the whole expression, which
/// may look far for what is not there.
#[allow(dead_code, reason = "the build script tries nothing")]
#[must_use]
pub fn guard(hir: &Hir, anchors: &[&str], keywords: &[&str]) -> Option<Hir> {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    let at = parts.iter().position(|part| is_secret(part))?;
    let anchored = |part: &Hir| anchored_part(part, anchors, keywords);
    // An anchor may be made of several parts: a name in any case, a blank or none, and a sign behind it.
    let first_of = |from: usize| {
        let joined = |last: usize| Hir::concat(parts[from..=last].iter().map(|&part| part.clone()).collect());
        (from..at.min(from + LONGEST_ANCHOR)).find_map(|last| Some((last, anchored(&joined(last))?)))
    };
    if let Some((last, first)) = (0..at).rev().find_map(first_of) {
        let between = parts[last + 1..at].iter().map(|&part| part.clone());
        return Some(Hir::concat([first].into_iter().chain(between).chain([head(parts[at])]).collect()));
    }
    let HirKind::Capture(secret) = parts[at].kind() else { return None };
    let mut inside = Vec::new();
    flatten(&secret.sub, &mut inside);
    let (from, first) = (0..inside.len()).find_map(|from| Some((from, anchored(inside[from])?)))?;
    let mut guard = vec![first];
    for part in &inside[from + 1..] {
        if part.properties().minimum_len().is_none_or(|least| least > 0) {
            guard.push(head(part));
            break;
        }
        guard.push((*part).clone());
    }
    Some(Hir::concat(guard))
}

/// The part itself if it is nothing but anchors, or the anchor that it ends with.
fn anchored_part(part: &Hir, anchors: &[&str], keywords: &[&str]) -> Option<Hir> {
    if let HirKind::Literal(literal) = part.kind() {
        let ends = anchors.iter().find(|anchor| literal.0.ends_with(anchor.as_bytes()));
        return ends.map(|anchor| Hir::literal(anchor.as_bytes().to_vec()));
    }
    let is_anchor = |text: &[u8]| {
        anchors.iter().any(|anchor| anchor.as_bytes() == text)
            || keywords.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(text))
    };
    let literals = Extractor::new().extract(&folded(part));
    let literals = literals.literals().unwrap_or_default();
    let whole =
        !literals.is_empty() && literals.iter().all(|literal| literal.is_exact() && is_anchor(literal.as_bytes()));
    whole.then(|| part.clone())
}

/// What a match of the expression begins with: one byte, or nothing where that is not simple.
fn head(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(_) => hir.clone(),
        HirKind::Literal(literal) => Hir::literal(literal.0.get(..1).unwrap_or_default().to_vec()),
        HirKind::Capture(capture) => head(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => head(&repetition.sub),
        HirKind::Concat(parts) => parts.first().map_or_else(Hir::empty, head),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(head).collect()),
        HirKind::Repetition(_) | HirKind::Empty | HirKind::Look(_) => Hir::empty(),
    }
}

/// The expression with `[Aa]` as `a`, so that the literals of a part in any case can be told.
fn folded(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            let bytes: Vec<u8> = class.iter().flat_map(|range| range.start()..=range.end()).take(3).collect();
            match bytes[..] {
                [upper, lower] if upper.is_ascii_uppercase() && upper.to_ascii_lowercase() == lower => {
                    Hir::literal([lower])
                }
                _ => hir.clone(),
            }
        }
        HirKind::Capture(capture) => folded(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(folded).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(folded).collect()),
        _ => hir.clone(),
    }
}

/// Whether a value of the expression can be told from a name: its bytes are of at least two classes of digit, lower and
/// upper case. Letters alone, or digits alone, look like names.
fn is_mixed(hir: &Hir) -> bool {
    let mut seen = [false; 3];
    classes(hir, &mut seen);
    seen.iter().filter(|&&class| class).count() >= 2
}

fn classes(hir: &Hir, seen: &mut [bool; 3]) {
    let mut see = |byte: u8| {
        seen[0] |= byte.is_ascii_digit();
        seen[1] |= byte.is_ascii_lowercase();
        seen[2] |= byte.is_ascii_uppercase();
    };
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => class.iter().flat_map(|range| range.start()..=range.end()).for_each(see),
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().flat_map(|range| range.start()..=range.end().min('\u{7f}')).for_each(|c| see(c as u8));
        }
        HirKind::Literal(literal) => literal.0.iter().copied().for_each(&mut see),
        HirKind::Capture(capture) => classes(&capture.sub, seen),
        HirKind::Repetition(repetition) => classes(&repetition.sub, seen),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| classes(part, seen)),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

fn is_secret(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Capture(capture) if capture.name.as_deref() == Some("secret"))
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
        HirKind::Alternation(parts) => {
            parts.iter().map(leading_token_bytes).reduce(|a, b| (a.0.min(b.0), a.1 && b.1)).unwrap_or((0, true))
        }
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
    fn a_guard_goes_from_the_anchor_to_the_secret_or_the_next_byte() {
        let guard = |pattern: &str, anchors: &[&str], keywords: &[&str]| {
            guard(&parse(pattern).expect("it parses"), anchors, keywords)
        };
        let same = |pattern: &str| Some(parse(pattern).expect("it parses"));
        assert_eq!(guard("x{0,9}key =(?P<secret>[a-z]{9}!)", &["key"], &[]), None, "`key =` is no anchor");
        assert_eq!(guard("x{0,9}(?:key) {2}=(?P<secret>[a-z]{9}!)", &["key"], &[]), same("key {2}=[a-z]"));
        assert_eq!(guard("x?(?i:key|pass)[:=](?P<secret>a{9})", &[], &["key", "pass"]), same("(?i:key|pass)[:=]a"));
        assert_eq!(guard("(?i:key|word)=(?P<secret>a{9})", &[], &["key"]), None);
        let several = ["key=", "key =", "the word=", "the word ="];
        assert_eq!(
            guard("x?(?i:key|the word) ?=[^;]{1,9};(?P<secret>a{9})", &[], &several),
            same("(?i:key|the word) ?=[^;]{1,9};a")
        );
        assert_eq!(guard("(?P<secret>BEGIN[ac]-----\\s*z?[0-9]{40}-----)", &["-----"], &[]), same("-----\\s*z?[0-9]"));
    }

    #[test]
    fn prefixes_of_words_are_starts() {
        let kind = |pattern: &str, anchors: &[&str]| of_pattern(pattern, anchors, &[], true);
        assert_eq!(kind("(?P<secret>ghp_[0-9A-Za-z]{36})", &["ghp_"]), Kind::Start);
        assert_eq!(
            kind("(?P<secret>gh[pousr]_[0-9A-Za-z]{36})", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]),
            Kind::Start
        );
        assert_eq!(kind("(?P<secret>gh[po]_[0-9A-Za-z]{36})", &["ghp_"]), Kind::Near);
        assert_eq!(kind("(?P<secret>[a-z]{4}ghp_[0-9A-Za-z]{36})", &["ghp_"]), Kind::Near);
        assert_eq!(kind("ghp_ {4}(?P<secret>[0-9A-Za-z]{36})", &["ghp_"]), Kind::Near);
        assert_eq!(kind("(?P<secret>SG\\.[0-9A-Za-z_-]{22}\\.[0-9A-Za-z_-]{43})", &["SG."]), Kind::Start);
        assert_eq!(kind("://(?P<secret>[0-9A-Za-z]{36})", &["://"]), Kind::Near);
    }
}
