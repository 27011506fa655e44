//! How markers are written: finds them in a piece of a line, and takes them apart.
//!
//! Words are compared in any ASCII case. Which marker holds for which secret is decided by the module above.

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Greatest number of markers looked at in one piece of a line. Whatever goes past a bound here does not hold.
const MAX_MARKERS: usize = 8;
/// Greatest number of bytes read behind the first word of a marker: its names and its reason.
const MAX_TAIL: usize = 1_024;
/// Greatest number of rules and findings that one marker may name.
const MAX_NAMES: usize = 32;

/// One marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker<'t> {
    /// Where it begins in the piece.
    pub start: usize,
    /// What it is called in a report.
    pub name: &'static str,
    /// Which lines it speaks of.
    pub reach: Reach,
    /// Whose it is, and what it names.
    pub named: Named<'t>,
    /// What follows ` -- `, if there is a letter or digit in it.
    pub reason: Option<&'t [u8]>,
    /// Whether an end of a comment follows.
    pub closed: bool,
    /// Whether nothing but comment signs, blanks and its reason is beside it.
    pub alone: bool,
}

/// Which lines a marker speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its own and, if it stands alone, the next.
    SameOrAbove,
    /// Its own only.
    Same,
    /// The next only, whatever else stands beside it.
    Next,
}

/// Whose a marker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named<'t> {
    /// Ours, with the rules and findings that it names.
    Ours(Vec<&'t [u8]>),
    /// Another scanner's: speaks of every rule.
    Foreign,
}

/// Words that markers begin with, beside `plainsight` and `pragma`, and the whole of each marker.
const FOREIGN: &[(&str, Reach)] = &[
    ("gitleaks:allow", Reach::SameOrAbove),
    ("betterleaks:allow", Reach::SameOrAbove),
    ("trufflehog:ignore", Reach::SameOrAbove),
    ("kingfisher:ignore", Reach::SameOrAbove),
    ("secretlint-disable-next-line", Reach::Next),
    ("secretlint-disable-line", Reach::Same),
    ("ggignore", Reach::SameOrAbove),
];
const PRAGMA_SAME: &str = "pragma: allowlist secret";
const PRAGMA_NEXT: &str = "pragma: allowlist nextline secret";
const OURS: &str = "plainsight: allow";

/// Finds where a marker may begin: one pass for all of them.
static BEGINNINGS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = FOREIGN.iter().map(|(word, _)| *word).chain(["plainsight", "pragma"]);
    let searcher = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
    searcher.expect("nine short words are far below the automaton's limits")
});

/// Every marker in a piece of a line, in order.
pub(super) fn all(piece: &[u8]) -> impl Iterator<Item = Marker<'_>> {
    BEGINNINGS.find_iter(piece).take(MAX_MARKERS).filter_map(|found| at(piece, found.start()))
}

fn at(piece: &[u8], start: usize) -> Option<Marker<'_>> {
    if ends_in_a_word(&piece[..start]) {
        return None;
    }
    let rest = &piece[start..piece.len().min(start + MAX_TAIL)];
    if let Some(tail) = ours(rest) {
        return Some(our_marker(piece, start, tail));
    }
    let (name, reach, tail) = foreign(rest)?;
    if begins_in_a_word(tail) {
        return None;
    }
    let (signs, reason) = split_reason(tail);
    let reason = reason.map(|reason| cut_at_end_of_comment(reason).0);
    Some(Marker {
        start,
        name,
        reach,
        named: Named::Foreign,
        reason: reason.and_then(meaningful),
        closed: cut_at_end_of_comment(tail).1,
        alone: only_comment_signs(&piece[..start]) && only_comment_signs(signs),
    })
}

/// What follows `plainsight: allow`.
fn ours(rest: &[u8]) -> Option<&[u8]> {
    let rest = trim_start(strip(rest, "plainsight")?);
    let rest = strip(trim_start(strip(rest, ":")?), "allow")?;
    (!begins_in_a_word(rest)).then_some(rest)
}

fn our_marker<'t>(piece: &'t [u8], start: usize, tail: &'t [u8]) -> Marker<'t> {
    let (list, reason) = split_reason(tail);
    let (list, list_closed) = cut_at_end_of_comment(list);
    let (reason, reason_closed) = reason.map_or((None, false), |reason| {
        let (reason, closed) = cut_at_end_of_comment(reason);
        (Some(reason), closed)
    });
    let names = list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty());
    Marker {
        start,
        name: OURS,
        reach: Reach::SameOrAbove,
        named: Named::Ours(names.take(MAX_NAMES).collect()),
        // A comment that ended before the ` -- ` took no reason along.
        reason: if list_closed { None } else { reason.and_then(meaningful) },
        closed: list_closed || reason_closed,
        alone: only_comment_signs(&piece[..start]),
    }
}

fn foreign(rest: &[u8]) -> Option<(&'static str, Reach, &[u8])> {
    if let Some(tail) = strip(rest, "pragma:") {
        return pragma(tail);
    }
    FOREIGN.iter().find_map(|&(word, reach)| strip(rest, word).map(|tail| (word, reach, tail)))
}

/// As detect-secrets reads it: `allowlist` or `whitelist`, joined by a blank, `-` or `_`.
fn pragma(rest: &[u8]) -> Option<(&'static str, Reach, &[u8])> {
    let rest = trim_start(rest);
    let rest = strip(rest, "allowlist").or_else(|| strip(rest, "whitelist"))?;
    let rest = strip_joint(rest)?;
    if let Some(tail) = strip(rest, "secret") {
        return Some((PRAGMA_SAME, Reach::SameOrAbove, tail));
    }
    let tail = strip(strip_joint(strip(rest, "nextline")?)?, "secret")?;
    Some((PRAGMA_NEXT, Reach::Next, tail))
}

fn strip_joint(rest: &[u8]) -> Option<&[u8]> {
    rest.split_first().filter(|(first, _)| matches!(first, b' ' | b'-' | b'_')).map(|(_, rest)| rest)
}

/// Parts at the first `--` that stands alone; `-->` is the end of a comment and not the beginning of a reason.
fn split_reason(tail: &[u8]) -> (&[u8], Option<&[u8]>) {
    let blank = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
    for at in 1..tail.len().saturating_sub(1) {
        if &tail[at..at + 2] == b"--" && blank(tail.get(at - 1)) && blank(tail.get(at + 2)) {
            return (&tail[..at], Some(&tail[at + 2..]));
        }
    }
    (tail, None)
}

/// What stands before the first end of a comment, and whether there is one.
fn cut_at_end_of_comment(bytes: &[u8]) -> (&[u8], bool) {
    const ENDS: [&[u8]; 9] = [b"*/", b"-->", b"\"\"\"", b"'''", b"#}", b"%>", b"?>", b"*)", b"-}"];
    for at in 0..bytes.len() {
        if ENDS.iter().any(|end| bytes[at..].starts_with(end)) {
            return (&bytes[..at], true);
        }
    }
    (bytes, false)
}

/// A reason says something only with a letter or digit in it.
fn meaningful(reason: &[u8]) -> Option<&[u8]> {
    let reason = reason.trim_ascii();
    reason.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).then_some(reason)
}

/// Whether there is no code: blanks, the characters that comment signs of common languages are made of, `REM`
/// of batch files and `dnl` of m4, and a byte order mark.
fn only_comment_signs(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    let bytes = bytes.strip_prefix(b"@").unwrap_or(bytes);
    let bytes = strip(bytes, "rem").or_else(|| strip(bytes, "dnl")).unwrap_or(bytes);
    bytes.iter().all(|byte| b" \t\r#/*-;<!>%\"'{}():".contains(byte))
}

/// A `-` belongs to the word only with a letter before it; in `<!--` and `-->` it is a comment sign.
fn ends_in_a_word(before: &[u8]) -> bool {
    match before {
        [.., word, b'-'] | [.., word] => is_word(*word),
        [] => false,
    }
}

fn begins_in_a_word(after: &[u8]) -> bool {
    match after {
        [b'-', word, ..] | [word, ..] => is_word(*word),
        [] => false,
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    &bytes[blanks..]
}

fn strip<'t>(bytes: &'t [u8], word: &str) -> Option<&'t [u8]> {
    let (head, rest) = bytes.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word.as_bytes()).then_some(rest)
}
