//! Escaped text: the strings of JSON, JavaScript, C, Python, shells and Markdown, also one inside another.

use super::blocks::{HEX, NONE};
use super::map::{Map, Pieces};
use super::{Budget, Kind, Layer, REACH};
use std::ops::Range;

/// The fewest escapes of a layer.
const FEWEST: usize = 2;

/// Decodes the string around the escape at `offset`.
///
/// `offset` is where in `text` a backslash stands that begins an escape: `\xXX`, `\uXXXX` (in pairs for one character
/// too), `\u{X…}`, `\UXXXXXXXX`, three octal digits, `\n` and its like, or one before a sign such as `\/`, `\"`, `\_`.
/// The string goes from delimiter to delimiter (a quote without a backslash, a line end or other control byte), but at
/// most [`REACH`] bytes to either side; what is no escape in it stays as it is.
///
/// There is no layer if no escape begins at `offset`, if it is the only one in the string, or if `budget` is used up
/// (then nothing is looked at either). The whole string is decoded; the caller must not ask again for places in
/// [`Layer::span`], or the time taken is no longer linear.
#[must_use]
pub fn escape_at(text: &[u8], offset: usize, budget: &mut Budget) -> Option<Layer> {
    let layer = around(text, offset, budget, |seen| seen.all >= FEWEST)?;
    budget.spend(&layer);
    Some(layer)
}

/// Decodes all escaped strings that touch `within` and have an escape in it, and adds them to `out`.
///
/// Strings with only one or two escapes for white space, as `printf` has them, hide nothing and are left out.
pub(super) fn within(text: &[u8], within: Range<usize>, budget: &mut Budget, out: &mut Vec<Layer>) {
    // A pair of escapes may begin up to eleven bytes before `within` and reach into it.
    let start = within.start.saturating_sub(11);
    let Some(looked) = text.get(start..within.end) else { return };
    let mut known = start;
    for place in memchr::memchr_iter(b'\\', looked) {
        let offset = start + place;
        if offset < known || escape(text, offset).is_none() {
            continue;
        }
        if budget.allowance().is_none() {
            return;
        }
        // Also if there is no layer, so that no string is looked at twice.
        known = string(text, offset).end;
        let layer = around(text, offset, budget, |seen| seen.all > FEWEST || (seen.all == FEWEST && seen.hiding > 0));
        if let Some(layer) = layer.filter(|layer| layer.touches(&within)) {
            known = known.max(layer.span.end);
            budget.spend(&layer);
            out.push(layer);
        }
    }
}

/// How many escapes were seen.
#[derive(Default)]
struct Seen {
    all: usize,
    /// Those that stand for something else than a control character.
    hiding: usize,
}

/// Decodes the string around the escape at `offset`, if what is seen in it is `enough`.
fn around(text: &[u8], offset: usize, budget: &mut Budget, enough: fn(&Seen) -> bool) -> Option<Layer> {
    escape(text, offset)?;
    let allowed = budget.allowance()?;
    let Range { start, end } = string(text, offset);
    let string = text.get(..end)?;
    let mut seen = Seen::default();
    let mut at = start;
    while at < end && !enough(&seen) {
        match escape(string, at) {
            Some(escape) => {
                seen.all += 1;
                seen.hiding += usize::from(escape.hides());
                at += escape.long;
            }
            None => at += 1,
        }
    }
    if !enough(&seen) {
        return None;
    }
    let mut bytes = Vec::with_capacity((end - start).min(allowed));
    let mut pieces = Pieces::new(start);
    at = start;
    while let Some(&plain) = string.get(at) {
        let escape = escape(string, at).unwrap_or(Escape { bytes: [plain, 0, 0, 0], wide: 1, long: 1 });
        if bytes.len() + escape.wide > allowed {
            budget.cut(allowed);
            break;
        }
        pieces.push(bytes.len(), escape.wide, at, escape.long);
        bytes.extend(escape.bytes.iter().take(escape.wide));
        at += escape.long;
    }
    Some(Layer { bytes, kind: Kind::Unicode, span: start..at, map: Map::Pieces(pieces) })
}

/// The string that the byte at `offset` lies in.
fn string(text: &[u8], offset: usize) -> Range<usize> {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, &[]));
    let near = before.get(before.len().saturating_sub(REACH)..).unwrap_or_default();
    let delimiter = |&at: &usize| {
        let byte = near.get(at).copied().unwrap_or_default();
        let quoted = || near.iter().take(at).rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
        ends(byte) && !(is_quote(byte) && quoted())
    };
    let start = (0..near.len()).rev().find(delimiter).map_or(0, |at| at + 1);
    let mut size = 0;
    while let Some(&byte) = after.get(size).filter(|_| size < REACH) {
        if ends(byte) {
            break;
        }
        size += if byte == b'\\' { escape(after, size).map_or(1, |escape| escape.long) } else { 1 };
    }
    offset - (near.len() - start)..offset + size.min(after.len())
}

/// Whether a string ends before this byte, unless it is escaped.
const fn ends(byte: u8) -> bool {
    is_quote(byte) || (byte.is_ascii_control() && byte != b'\t')
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// An escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Escape {
    /// What it stands for, in the first `wide` bytes.
    bytes: [u8; 4],
    wide: usize,
    /// Its own bytes.
    long: usize,
}

impl Escape {
    const fn byte(byte: u8, long: usize) -> Self {
        Self { bytes: [byte, 0, 0, 0], wide: 1, long }
    }

    fn character(code: u32, long: usize) -> Self {
        let mut bytes = [0; 4];
        let wide = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut bytes).len();
        Self { bytes, wide, long }
    }

    /// Whether it stands for something that a search must see.
    const fn hides(&self) -> bool {
        !(self.wide == 1 && self.bytes[0].is_ascii_control())
    }
}

/// The escape that begins at `at`.
fn escape(text: &[u8], at: usize) -> Option<Escape> {
    let rest = text.get(at..)?;
    let (&b'\\', rest) = rest.split_first()? else { return None };
    let (&sign, rest) = rest.split_first()?;
    let byte = match sign {
        b'x' => return u8::try_from(digits(rest, 2, 16)?).ok().map(|byte| Escape::byte(byte, 4)),
        b'u' => return unicode(rest),
        b'U' => return digits(rest, 8, 16).map(|code| Escape::character(code, 10)),
        b'0'..=b'3' if digits(rest, 2, 8).is_some() => {
            let code = u32::from(sign - b'0') * 64 + digits(rest, 2, 8)?;
            return u8::try_from(code).ok().map(|byte| Escape::byte(byte, 4));
        }
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'f' => 0x0C,
        b'v' => 0x0B,
        b'a' => 0x07,
        b'e' => 0x1B,
        b'0' => 0,
        sign if sign.is_ascii_punctuation() => sign,
        _ => return None,
    };
    Some(Escape::byte(byte, 2))
}

/// The escape of which `rest` is what follows `\u`.
fn unicode(rest: &[u8]) -> Option<Escape> {
    if let Some(braced) = rest.strip_prefix(b"{") {
        let size = braced.iter().take(6).take_while(|&&digit| HEX[usize::from(digit)] != NONE).count();
        let closed = size > 0 && braced.get(size) == Some(&b'}');
        return closed.then(|| digits(braced, size, 16)).flatten().map(|code| Escape::character(code, size + 4));
    }
    let high = digits(rest, 4, 16)?;
    if let (0xD800..=0xDBFF, Some([b'\\', b'u', low @ ..])) = (high, rest.get(4..))
        && let Some(low @ 0xDC00..=0xDFFF) = digits(low, 4, 16)
    {
        return Some(Escape::character(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), 12));
    }
    Some(Escape::character(high, 6))
}

/// The number that the first `count` bytes are, if they all are digits to the base `radix` (8 or 16).
fn digits(rest: &[u8], count: usize, radix: u32) -> Option<u32> {
    rest.get(..count)?.iter().try_fold(0_u32, |number, &digit| {
        let value = u32::from(HEX[usize::from(digit)]);
        (value < radix).then(|| number.wrapping_mul(radix) | value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: usize) -> Option<(String, &str)> {
        let layer = escape_at(text.as_bytes(), offset, &mut Budget::default())?;
        assert_eq!(layer.kind, Kind::Unicode);
        Some((String::from_utf8_lossy(&layer.bytes).into_owned(), text.get(layer.span())?))
    }

    #[test]
    fn every_escape_is_known() {
        let cases = [
            (r"\x41", "A"),
            (r"\u0041", "A"),
            (r"\u00e4", "ä"),
            (r"\u20AC", "€"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d", "\u{FFFD}"),
            (r"\u{41}", "A"),
            (r"\u{1F600}", "😀"),
            (r"\U0001F600", "😀"),
            (r"\UFFFFFFFF", "\u{FFFD}"),
            (r"\101", "A"),
            (r"\0", "\0"),
            (r"\n", "\n"),
            (r"\/", "/"),
            (r"\\", "\\"),
            (r"\_", "_"),
        ];
        for (written, meant) in cases {
            let found = escape(written.as_bytes(), 0).expect("an escape");
            assert_eq!(
                (found.bytes.get(..found.wide), found.long),
                (Some(meant.as_bytes()), written.len()),
                "{written}"
            );
        }
        for written in [r"\", r"\d", r"\x4", r"\xg1", r"\u004", r"\u{}", r"\u{1234567}", r"\U0041", "a", ""] {
            assert_eq!(escape(written.as_bytes(), 0), None, "{written}");
        }
    }

    #[test]
    fn a_string_is_decoded_from_quote_to_quote() {
        let text = r#"{"a": "{\"key\": \"one\\/two\"}", "b": 1}"#;
        let expected = Some((r#"{"key": "one\/two"}"#.to_owned(), r#"{\"key\": \"one\\/two\"}"#));
        assert_eq!(at(text, 8), expected);
        assert_eq!(at(text, 28), expected);
        assert_eq!(at(r"x = '\x41\x42\x43\d';", 5), Some(("ABC\\d".to_owned(), r"\x41\x42\x43\d")));
        assert_eq!(at("one\\_two\\_three\nnext\\_line", 3), Some(("one_two_three".to_owned(), "one\\_two\\_three")));
    }

    #[test]
    fn one_escape_is_not_enough() {
        assert_eq!(at(r"'\x41' '\x42'", 1), None);
        assert_eq!(at(r"\d\d\d", 0), None);
        assert_eq!(at(r"\\", 1), None);
        assert_eq!(at(r"\n\t", 7), None);
    }

    #[test]
    fn bytes_lead_back_to_their_escapes() {
        let text = r"'k\x41\u0042\ud83d\ude00€\/z'".as_bytes();
        let layer = escape_at(text, 2, &mut Budget::default()).expect("four escapes");
        assert_eq!(layer.bytes, "kAB😀€/z".as_bytes());
        let spans = [(0, 1), (1, 2), (2, 3), (3, 7), (4, 5), (7, 10), (10, 11), (11, 12), (1, 3)]
            .map(|(from, to)| layer.encoded_span(from, to));
        assert_eq!(spans, [1..2, 2..6, 6..12, 12..24, 12..24, 24..27, 27..29, 29..30, 2..12]);
    }

    #[test]
    fn white_space_alone_hides_nothing() {
        let found = |text: &str| {
            let mut out = Vec::new();
            within(text.as_bytes(), 0..text.len(), &mut Budget::default(), &mut out);
            out.len()
        };
        assert_eq!(found(r#"printf("one\ttwo\n");"#), 0);
        assert_eq!(found(r#"printf("one\ntwo\nthree\n");"#), 1);
        assert_eq!(found(r#""\"quoted\"" and "\"again\"""#), 2);
    }
}
