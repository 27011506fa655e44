//! The name that a value stands under, for forms that are a secret in one place and none in another: an encrypted token lets its
//! holder in as a cookie, and is ciphertext like any other in a field for ciphertext.
//!
//! A rule names the words of either (`filters.under`, `filters.not_under`); most rules name none and are not asked.

use crate::rule::{Filters, List};

/// How far before a value its name and those of the blocks around it are looked for.
pub(super) const LOOK: usize = 2048;
/// The longest name, in bytes.
const LONGEST: usize = 64;

/// What the names say of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// A secret, or the rule does not ask.
    Secret,
    /// Neither.
    Nothing,
    /// Something else.
    Other,
}

/// Whether a rule asks for names.
pub(super) const fn asks(filters: &Filters) -> bool {
    !filters.under.is_empty() || !filters.not_under.is_empty()
}

/// What the names say that the value at an offset stands under.
pub(super) fn said(text: &[u8], at: usize, filters: &Filters) -> Said {
    if !asks(filters) {
        return Said::Secret;
    }
    let before = &text[at.saturating_sub(LOOK)..at];
    let name = name_before(before);
    if has(name, filters.not_under) || blocks(before).any(|name| has(name, filters.not_under)) {
        return Said::Other;
    }
    if filters.under.is_empty() || has(name, filters.under) { Said::Secret } else { Said::Nothing }
}

fn has(name: &[u8], words: List) -> bool {
    let name = name.to_ascii_lowercase();
    words.iter().any(|word| memchr::memmem::find(&name, word.as_bytes()).is_some())
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

/// The name that ends before a value: of a key, an element, a header, the word before a credential (`Bearer`).
fn name_before(before: &[u8]) -> &[u8] {
    let between = |byte: &&u8| byte.is_ascii_whitespace() || b"\"'`=:>(,[{|\\".contains(byte);
    let mut end = before.len() - before.iter().rev().take_while(between).count();
    // `key: >-`
    if before[..end].ends_with(b"-") && end < before.len() && matches!(before[end - 1..], [b'-', b'\n' | b'\r', ..]) {
        let folded = before[..end - 1].iter().rev().take_while(between).count();
        end -= 1 + folded;
    }
    let length = before[..end].iter().rev().take(LONGEST).take_while(|byte| is_name(**byte)).count();
    &before[end - length..end]
}

/// The names that the lines begin with which are less indented than all below them: of the blocks around the value, the
/// nearest first.
fn blocks(before: &[u8]) -> impl Iterator<Item = &[u8]> {
    let indent = |line: &[u8]| line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut lines = before.rsplit(|&byte| byte == b'\n');
    let mut least = lines.next().map_or(0, indent);
    lines.filter_map(move |line| {
        let own = indent(line);
        let is_around = own < least && !line.trim_ascii().is_empty();
        least = if is_around { own } else { least };
        is_around.then(|| {
            let line = line[own..].trim_ascii_start();
            let first = line.iter().position(|byte| is_name(*byte)).unwrap_or(line.len());
            let rest = &line[first..];
            &rest[..rest.iter().take(LONGEST).take_while(|byte| is_name(**byte)).count()]
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_stands_before_the_value() {
        for (text, name) in [
            ("session_token = \"", "session_token"),
            ("Authorization: Bearer ", "Bearer"),
            ("Cookie: a=b; __Host-sid=", "__Host-sid"),
            ("{\"jwe\": \"", "jwe"),
            ("  blob: >-\n    ", "blob"),
            ("<access_token>", "access_token"),
            ("setToken('", "setToken"),
            ("{\\\"token\\\": \\\"", "token"),
            ("", ""),
        ] {
            assert_eq!(name_before(text.as_bytes()), name.as_bytes(), "{text}");
        }
    }

    #[test]
    fn blocks_are_told_by_their_indentation() {
        let names = |text: &'static str| -> Vec<&[u8]> { blocks(text.as_bytes()).collect() };
        assert_eq!(names("a:\n  b:\n    c: d\n\n    token: "), [&b"b"[..], b"a"]);
        assert_eq!(names("{\n  \"sealed\": {\n    \"token\": \""), [&b"sealed"[..], b""]);
        assert_eq!(names("token: "), [&b""[..]; 0]);
    }
}
