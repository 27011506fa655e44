//! Reads a value: behind wrappers and prefixes, between any quotes, or as a bare word.

use super::read::{Operator, Quote, skip_blanks};
use std::ops::Range;

/// The longest value that is read, in bytes.
pub const MAX_VALUE: usize = 2048;
/// How many blanks may stand at one place.
const MAX_BLANKS: usize = 64;
/// Quotes escaped more often than three times over are not followed.
const MAX_ESCAPES: usize = 7;

/// A quote at `at`, plain or escaped, and its length.
pub(super) fn quote_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = text.get(at..)?;
    // Typographic quotes, as word processors make them.
    if let [0xE2, 0x80, 0x98 | 0x99 | 0x9C | 0x9D, ..] = rest {
        return Some((0xE2, 3));
    }
    let escapes = rest.iter().take(MAX_ESCAPES).take_while(|&&byte| byte == b'\\').count();
    match (escapes, rest.get(escapes)?) {
        (_, &quote @ (b'"' | b'\'')) => Some((quote, escapes + 1)),
        (0, b'`') => Some((b'`', 1)),
        _ => None,
    }
}

/// Calls that only wrap a constant.
const WRAPPERS: &[&str] = &[
    "[]byte(",
    "bytes(",
    "Bytes(",
    "Buffer.from(",
    "new String(",
    "String(",
    "String.valueOf(",
    "str(",
    "Some(",
    "Ok(",
    "SecretString::new(",
    "String::from(",
    "to_string(",
    "std::string(",
    "new SecureString(",
    "ConvertTo-SecureString ",
    "-String ",
    "base64.b64decode(",
    "atob(",
    "b64decode(",
    "encodeURIComponent(",
    "SecretStr(",
    "Secret(",
    "quote(",
    "text(",
    "String.raw",
    "_(",
    "{ value: ",
    "{value: ",
    "{ default: ",
    "{default: ",
    "[",
    "&",
    "*",
    "new StringCredentialValue(",
    "StringCredentialValue(",
    "pulumi.secret(",
    "cdk.SecretValue.unsafePlainText(",
    "aws.String(",
    "to.StringPtr(",
    "String.format(",
];

/// The value that begins at or behind `at`.
pub(super) fn value(text: &[u8], mut at: usize, operator: Operator) -> Option<(Range<usize>, Quote)> {
    at = skip_blanks(text, at);
    if operator == Operator::Colon
        && let Some(block) = block(text, at)
    {
        return bare(text, block, operator).map(|range| (range, Quote::Bare));
    }
    if operator != Operator::Element && matches!(text.get(at), Some(b'\n' | b'\r' | b'\\')) {
        let next = behind_line_end(text, at);
        if next != at {
            at = next;
            quote_at(text, at)?;
        }
    } else if operator == Operator::Element {
        at += text[at..].iter().take(MAX_BLANKS).take_while(|byte| byte.is_ascii_whitespace()).count();
    }
    const CDATA: &[u8] = b"<![CDATA[";
    if operator == Operator::Element && text[at..].starts_with(CDATA) {
        return until(text, at + CDATA.len(), b"]]>").map(|range| (range, Quote::Bare));
    }
    at = inside_brackets(text, at);
    if let Some(range) = long_bracket(text, at) {
        return Some((range, Quote::Quoted));
    }
    for _ in 0..3 {
        let rest = &text[at..text.len().min(at + 40)];
        // The first byte is asked for by itself because it nearly always decides, and comparing slices is a call.
        let begins =
            |wrapper: &&&str| wrapper.as_bytes().first() == rest.first() && rest.starts_with(wrapper.as_bytes());
        let Some(wrapper) = WRAPPERS.iter().find(begins) else { break };
        at = skip_blanks(text, at + wrapper.len());
    }
    let prefix = literal_prefix(text, at);
    let Some((quote, length)) = quote_at(text, at + prefix) else {
        return bare(text, at, operator).map(|range| (range, Quote::Bare));
    };
    let raw = text[at..at + prefix].ends_with(b"R") && text.get(at + prefix + length) == Some(&b'(');
    let inside = at + prefix + length;
    let range = match quote_at(text, inside) {
        _ if raw => until(text, inside + 1, b")\""),
        // A quoted text that is a quoted text itself: `"\"value\""`.
        Some((inner, inner_length)) if inner_length > length => {
            quoted(text, inside + inner_length, inner, inner_length)
        }
        _ => quoted(text, inside, quote, length),
    };
    range.map(|range| (inside_object(text, range), Quote::Quoted))
}

/// Behind a bracket that only holds a quoted text, which may stand on a line of its own: `(\n    "value"\n)`.
fn inside_brackets(text: &[u8], at: usize) -> usize {
    if text.get(at) != Some(&b'(') {
        return at;
    }
    let inside = skip_blanks(text, behind_line_end(text, at + 1));
    if quote_at(text, inside).is_some() { inside } else { at }
}

/// Of a value that is a JSON object as text, the longest string that may have been issued: `"{\"a\":\"…\"}"`.
fn inside_object(text: &[u8], value: Range<usize>) -> Range<usize> {
    const SHORTEST: usize = 20;
    let bytes = &text[value.clone()];
    if !(bytes.starts_with(b"{\\\"") || bytes.starts_with(b"{\"")) || !bytes.ends_with(b"}") {
        return value;
    }
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=.".contains(&byte);
    let (mut longest, mut at) = (0..0, value.start);
    for run in bytes.chunk_by(|a, b| of_token(*a) == of_token(*b)) {
        if of_token(run[0]) && run.len() >= SHORTEST && run.len() > longest.len() {
            longest = at..at + run.len();
        }
        at += run.len();
    }
    if longest.is_empty() { value } else { longest }
}

/// Behind one line's end (or an escaped one) and the blanks of the next line.
fn behind_line_end(text: &[u8], at: usize) -> usize {
    let line_end = match &text[at..text.len().min(at + 3)] {
        [b'\\', b'\r', b'\n'] => 3,
        [b'\r', b'\n', ..] | [b'\\', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return at,
    };
    skip_blanks(text, at + line_end)
}

/// The first line of a YAML block (`|`, `>-`) or the first item of a YAML list, on the line below the key.
fn block(text: &[u8], at: usize) -> Option<usize> {
    let sign = text[at..].iter().take(3).take_while(|byte| b"|>+-".contains(byte)).count();
    if sign > 0 && !matches!(text[at], b'|' | b'>') {
        return None;
    }
    let end = skip_blanks(text, at + sign);
    let next = behind_line_end(text, end);
    if next == end || text.get(end) == Some(&b'\\') {
        return None;
    }
    // What is not indented belongs to no value.
    let indented = matches!(text[next - 1], b' ' | b'\t');
    let item = text[next..].starts_with(b"- ") && sign == 0;
    if item {
        let first = skip_blanks(text, next + 2);
        return quote_at(text, first).is_none().then_some(first);
    }
    (indented && sign > 0).then_some(next)
}

/// `[[value]]` of Lua.
fn long_bracket(text: &[u8], at: usize) -> Option<Range<usize>> {
    if !text[at..].starts_with(b"[[") {
        return None;
    }
    let range = until(text, at + 2, b"]]")?;
    text[range.clone()].iter().all(u8::is_ascii_graphic).then_some(range)
}

/// Up to a sign on the same line.
fn until(text: &[u8], at: usize, end: &[u8]) -> Option<Range<usize>> {
    let limit = text.len().min(at + MAX_VALUE);
    let line = &text[at.min(limit)..limit];
    let length = memchr::memmem::find(line, end)?;
    (!line[..length].contains(&b'\n')).then_some(at..at + length)
}

/// The length of `b`, `r`, `u`, `f`, `rb`, `L`, `@`, `$@`, `N`, `r#` before a quote.
fn literal_prefix(text: &[u8], at: usize) -> usize {
    let rest = &text[at..text.len().min(at + 5)];
    let length = rest.iter().take(4).take_while(|&&byte| b"bBrRuUfFlLnN@$#".contains(&byte)).count();
    let quoted = rest.get(length).is_some_and(|&byte| matches!(byte, b'"' | b'\'' | b'`'));
    if quoted { length } else { 0 }
}

/// Up to the closing quote on the same line; of `"""` up to the next `"""`.
fn quoted(text: &[u8], mut at: usize, quote: u8, opening: usize) -> Option<Range<usize>> {
    let triple = opening == 1 && text.get(at..at + 2) == Some(&[quote, quote]);
    if triple {
        at += 2;
        at += text[at..].iter().take(2).take_while(|&&byte| byte == b'\n' || byte == b'\r').count();
    }
    let limit = text.len().min(at + MAX_VALUE);
    let mut end = at;
    while end < limit {
        let byte = text[end];
        if byte == b'\n' {
            return triple.then_some(at..end);
        }
        let closes = match opening {
            1 => byte == quote,
            3 if quote == 0xE2 => text[end..].starts_with(&[0xE2, 0x80]),
            _ => {
                byte == b'\\' && quote_at(text, end).is_some_and(|(found, length)| found == quote && length <= opening)
            }
        };
        if closes {
            return Some(at..end);
        }
        end += if opening == 1 && byte == b'\\' { 2 } else { 1 };
    }
    None
}

/// Up to a blank or a sign that ends a bare word.
fn bare(text: &[u8], at: usize, operator: Operator) -> Option<Range<usize>> {
    let limit = text.len().min(at + MAX_VALUE);
    let ends = |byte: u8| match operator {
        Operator::Element => byte == b'<',
        _ => byte.is_ascii_whitespace() || b"\"'`,;&<>|)}]".contains(&byte),
    };
    let mut end = at + text[at..limit].iter().position(|&byte| ends(byte)).unwrap_or(limit - at);
    while end > at && text[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    // `\n` or `\"` written out ends a bare word inside of a quoted text.
    if let Some(escape) =
        text[at..end].windows(2).position(|pair| pair[0] == b'\\' && matches!(pair[1], b'n' | b'r' | b't' | b'"'))
    {
        end = at + escape;
    }
    (end > at).then_some(at..end)
}
