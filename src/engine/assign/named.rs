//! A name and its value as two entries of one record: `name="password" value="…"`, `- name: TOKEN` with `value: …` on the
//! line below, `<key>secret</key><string>…</string>`, `variable "password" { default = "…" }`.

use super::read::{Operator, skip_blanks};
use super::value::quote_at;
use std::ops::Range;

/// How far behind the name the value's own word may stand, in bytes.
pub(super) const REACH: usize = 240;
/// On how many lines below the name.
pub(super) const LINES: usize = 4;
/// How far before the word the name's own word may stand.
const BEFORE: usize = 80;

/// What a name is called.
const NAMES: [&[u8]; 6] = [b"name", b"key", b"variable", b"id", b"property", b"parameter"];
/// What its value is called.
const VALUES: [&[u8]; 4] = [b"value", b"default", b"string", b"content"];

/// Where the value of the record begins whose name is around `key`, and what assigns it.
pub(super) fn value_of(text: &[u8], key: &Range<usize>) -> Option<(Operator, usize)> {
    let Some(opening) = opening(text, key.start) else { return parameter(text, key.end) };
    let mut at = closing(text, key.end, opening)?;
    // `<string name="password">value</string>`: the element's own text is the value.
    if opening == Opening::Quoted && text.get(at) == Some(&b'>') {
        return Some((Operator::Element, at + 1));
    }
    let limit = text.len().min(at + REACH);
    let mut lines = 0;
    while at < limit {
        match text[at] {
            b'\n' => lines += 1,
            // The record ends, or the line's text is something else.
            b'}' | b')' | b']' => return None,
            byte if byte.is_ascii_alphabetic() => {
                let end = at + text[at..limit].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                let word = text[at..end].to_ascii_lowercase();
                let found = assigns(text, end);
                if found.is_some() && VALUES.contains(&&word[..]) && text[at - 1] != b'/' {
                    return found;
                }
                if found.is_some() && NAMES[..2].contains(&&word[..]) {
                    return None;
                }
                at = end;
                continue;
            }
            _ => {}
        }
        if lines > LINES {
            return None;
        }
        at += 1;
    }
    None
}

/// `DbPassword:` over `Type: String` and `Default: …`: a parameter of a template, its default on a line of its own.
fn parameter(text: &[u8], end: usize) -> Option<(Operator, usize)> {
    const WORDS: [&[u8]; 5] = [b"Type:", b"Description:", b"NoEcho:", b"MinLength:", b"MaxLength:"];
    let rest = text[end..text.len().min(end + REACH)].strip_prefix(b":")?;
    let mut at = end + 1;
    for (number, line) in rest.split_inclusive(|&byte| byte == b'\n').take(LINES + 1).enumerate() {
        let word = line.trim_ascii_start();
        if number == 0 {
            if !word.is_empty() {
                return None;
            }
        } else if word.starts_with(b"Default:") {
            return Some((Operator::Colon, at + line.len() - word.len() + 8));
        } else if !WORDS.iter().any(|known| word.starts_with(known)) {
            return None;
        }
        at += line.len();
    }
    None
}

/// How the name is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Quoted,
    Element,
    Bare,
}

/// Whether the name around `start` is what some `name` says: `name="`, `"key": "`, `- name: `, `<key>`, `variable "`.
fn opening(text: &[u8], start: usize) -> Option<Opening> {
    let first = start.saturating_sub(BEFORE);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-:/".contains(byte);
    // A bare name ends at the blank behind `name:`.
    let begin = first + text[first..start].iter().rposition(|byte| !is_name(byte))? + 1;
    let before = &text[first..begin];
    let (before, opening) = match before.last()? {
        b'"' | b'\'' => (before[..before.len() - 1].trim_ascii_end(), Opening::Quoted),
        b'>' => (&before[..before.len() - 1], Opening::Element),
        b' ' => (before.trim_ascii_end(), Opening::Bare),
        _ => return None,
    };
    let before = before.strip_suffix(b"\\").unwrap_or(before).trim_ascii_end();
    let before = match (opening, before.split_last()?) {
        (Opening::Element, _) => before,
        (_, (b'=' | b':', rest)) => rest.trim_ascii_end(),
        (Opening::Quoted, _) if before.ends_with(b"variable") => before,
        _ => return None,
    };
    let before = match before.split_last() {
        Some((b'"' | b'\'', rest)) => rest.strip_suffix(b"\\").unwrap_or(rest),
        _ => before,
    };
    let word = before.len() - before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_known = NAMES.iter().any(|name| before[word..].eq_ignore_ascii_case(name));
    let is_element = opening != Opening::Element || before[..word].last() == Some(&b'<');
    (is_known && is_element).then_some(opening)
}

/// Behind the name: its quote, the end of its element, or its line's.
fn closing(text: &[u8], end: usize, opening: Opening) -> Option<usize> {
    match opening {
        Opening::Quoted => quote_at(text, end).map(|(_, length)| end + length),
        Opening::Element => text[end..].starts_with(b"</").then_some(()).and_then(|()| {
            let close = text[end..text.len().min(end + 40)].iter().position(|&byte| byte == b'>')?;
            Some(end + close + 1)
        }),
        Opening::Bare => matches!(text.get(end), Some(b'\n' | b'\r')).then_some(end),
    }
}

/// What assigns behind a word, and where the value begins.
fn assigns(text: &[u8], end: usize) -> Option<(Operator, usize)> {
    let closed = quote_at(text, end).map_or(end, |(_, length)| end + length);
    if text.get(closed) == Some(&b'>') {
        return Some((Operator::Element, closed + 1));
    }
    let at = skip_blanks(text, closed);
    match (text.get(at)?, text.get(at + 1)) {
        (b'=', Some(b'=')) | (b':', Some(b':' | b'/')) => None,
        (b'=', Some(b'>')) => Some((Operator::Equals, at + 2)),
        (b'=', _) => Some((Operator::Equals, at + 1)),
        (b':', _) => Some((Operator::Colon, at + 1)),
        _ => None,
    }
}
