//! A value that stands before the name it belongs to: what a comment behind it says, the address that it is sent to, a record
//! that has its value first.

use super::words::{BESIDE, DIGESTS, SECRETS};
use super::{is_any, is_name, name_around, words_of};
use crate::engine::filter::looks_random;
use crate::finding::Confidence;
use std::ops::Range;

/// How far before a name its value may end, in bytes.
const REACH: usize = 64;
/// How much before its end may say that it is a digest.
const SAID: usize = 160;

/// Where the value may end that the keyword is said of, and how sure that is.
pub(in crate::engine) fn ends_before(text: &[u8], keyword: &Range<usize>) -> Option<(usize, Confidence)> {
    let name = name_around(text, keyword);
    let line = line_before(text, name.start);
    let before = &text[line..name.start];
    if before.len() < 8 {
        return None;
    }
    let (joint, confidence) = comment(text, line, &name)
        .or_else(|| record(before).map(|at| (at, Confidence::Likely)))
        .or_else(|| address(before).map(|at| (at, Confidence::Likely)))
        .or_else(|| compared(before, &text[name]).map(|at| (at, Confidence::Likely)))?;
    let lower = before[joint.saturating_sub(SAID)..].to_ascii_lowercase();
    let is_digest = DIGESTS.iter().any(|word| *word != b"://" && memchr::memmem::find(&lower, word).is_some());
    (!is_digest).then_some((line + joint, confidence))
}

/// Where the value begins that ends at `end`: behind a quote, a blank or an operator.
pub(in crate::engine) fn begins(text: &[u8], end: usize, longest: usize) -> usize {
    let first = end.saturating_sub(longest + 1);
    let bytes = &text[first..end];
    let padding = bytes.iter().rev().take_while(|&&byte| byte == b'=').count();
    let opens = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`=(<>[{,;@".contains(byte);
    let begin = bytes[..bytes.len() - padding].iter().rposition(opens).map_or(0, |at| at + 1);
    // `//key@host`.
    let slashes = bytes[begin..].windows(3).position(|sign| sign == b"://").map_or(0, |at| at + 3);
    first + begin + slashes
}

fn line_before(text: &[u8], at: usize) -> usize {
    let first = at.saturating_sub(2 * REACH + 256);
    first + text[first..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1)
}

/// `X = "…"  # Datadog API key`, `"…", // the token of Datadog`, `… (datadog key)`.
fn comment(text: &[u8], line: usize, name: &Range<usize>) -> Option<(usize, Confidence)> {
    const SIGNS: [&[u8]; 6] = [b" #", b"//", b" --", b"/*", b" (", b"<!--"];
    let before = &text[line..name.start];
    let words = before.iter().rev().take(32).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b' ').count();
    let signs = &before[..before.len() - words];
    let sign = SIGNS.iter().find(|sign| signs.ends_with(sign.trim_ascii()) && before[..signs.len()].ends_with(sign))?;
    let opening = &signs[..signs.len() - sign.len()];
    let end = opening.iter().rposition(|byte| !byte.is_ascii_whitespace() && !b",;)".contains(byte))? + 1;
    let end = end - usize::from(b"\"'`".contains(&opening[end - 1]));
    let rest = text[name.end..].iter().take(REACH).position(|byte| b"\n\r)*".contains(byte));
    let rest = &text[name.start..rest.map_or(text.len().min(name.end + REACH), |at| name.end + at)];
    let lower = rest.to_ascii_lowercase();
    let said = SECRETS.iter().any(|word| memchr::memmem::find(&lower, word).is_some());
    let behind = &text[name.end..name.start + rest.len()];
    let plain = words_of(behind).all(|word| is_any(word, &[SECRETS, BESIDE]));
    plain.then_some((end, if said { Confidence::Likely } else { Confidence::Possible }))
}

/// `{"value": "…", "name": "DATADOG_KEY"}`, `<param value="…" name="datadog.key"/>`: where the value ends.
pub(in crate::engine) fn record(before: &[u8]) -> Option<usize> {
    let prefix = before.iter().rev().take_while(|byte| is_name(**byte) || **byte == b'.').count();
    let rest = before[..before.len() - prefix].strip_suffix(b"\"")?;
    let rest = rest.trim_ascii_end();
    let rest = rest.strip_suffix(b"=").or_else(|| rest.strip_suffix(b":"))?.trim_ascii_end();
    let rest = rest.strip_suffix(b"\"").unwrap_or(rest);
    let rest = [&b"name"[..], b"key", b"id"].iter().find_map(|word| rest.strip_suffix(*word))?;
    let rest = rest.strip_suffix(b"\"").unwrap_or(rest).trim_ascii_end();
    let rest = rest.strip_suffix(b",").unwrap_or(rest).trim_ascii_end();
    let rest = rest.strip_suffix(b"\"")?;
    let value = rest.iter().rposition(|&byte| byte == b'"')?;
    let said = rest[..value].trim_ascii_end();
    let said = said.strip_suffix(b"=").or_else(|| said.strip_suffix(b":"))?.trim_ascii_end();
    let said = said.strip_suffix(b"\"").unwrap_or(said);
    said.ends_with(b"value").then_some(rest.len())
}

/// `https://…@api.stripe.com`, `curl -u …: https://api.stripe.com`.
fn address(before: &[u8]) -> Option<usize> {
    let host = before.iter().rev().take_while(|byte| is_name(**byte) || **byte == b'.').count();
    let rest = &before[..before.len() - host];
    if let Some(user) = rest.strip_suffix(b"@") {
        let begin = memchr::memmem::rfind(user, b"://")? + 3;
        let is_alone = !user[begin..].iter().any(|byte| b"/:@ \"'".contains(byte));
        return (is_alone && looks_random(&user[begin..])).then_some(user.len());
    }
    let rest = rest.strip_suffix(b"://")?;
    let rest = &rest[..rest.len() - rest.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count()];
    let rest = rest.strip_suffix(b"\"").or_else(|| rest.strip_suffix(b"'")).unwrap_or(rest).trim_ascii_end();
    let rest = rest.strip_suffix(b"\"").or_else(|| rest.strip_suffix(b"'")).unwrap_or(rest);
    let user = rest.strip_suffix(b":")?;
    let begin = user.iter().rposition(|byte| b" \"'".contains(byte))? + 1;
    let flag = user[..begin].trim_ascii_end();
    let flag = flag.strip_suffix(b"\"").or_else(|| flag.strip_suffix(b"'")).unwrap_or(flag).trim_ascii_end();
    let is_user = flag.ends_with(b"-u") || flag.ends_with(b"--user");
    (is_user && looks_random(&user[begin..])).then_some(user.len())
}

/// `assertEquals("…", config.getDatadogKey())`.
fn compared(before: &[u8], name: &[u8]) -> Option<usize> {
    let lower = name.to_ascii_lowercase();
    let said = SECRETS.iter().any(|word| memchr::memmem::find(&lower, word).is_some());
    let path = before.iter().rev().take_while(|byte| is_name(**byte) || b".$@".contains(byte)).count();
    let rest = before[..before.len() - path].trim_ascii_end();
    let rest = rest.strip_suffix(b",")?.strip_suffix(b"\"")?;
    let begin = rest.iter().rposition(|&byte| byte == b'"')?;
    let call = rest[..begin].to_ascii_lowercase();
    (said && call.ends_with(b"(") && memchr::memmem::find(&call, b"assert").is_some()).then_some(rest.len())
}
