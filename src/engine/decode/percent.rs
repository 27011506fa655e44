//! Percent-encoded text: whole tokens of URIs and forms.

use super::blocks::{HEX, NONE};
use super::map::{Map, Pieces};
use super::{Budget, Kind, Layer, REACH};
use std::ops::Range;

/// The fewest escapes of a layer.
const FEWEST: usize = 2;

/// Decodes the percent-encoded token around the escape at `offset`.
///
/// `offset` is where in `text` a `%` stands with two hexadecimal digits behind it. The token goes from delimiter to
/// delimiter (anything that a URI cannot hold, and the apostrophe), but at most [`REACH`] bytes to either side. There
/// is no layer if there is no such escape at `offset` or only one in the token, or if `budget` is used up (then nothing
/// is looked at either). The whole token is decoded; the caller must not ask again for places in [`Layer::span`], or
/// the time taken is no longer linear.
#[must_use]
pub fn percent_at(text: &[u8], offset: usize, budget: &mut Budget) -> Option<Layer> {
    escaped(text, offset)?;
    let allowed = budget.allowance()?;
    let (before, after) = text.split_at_checked(offset)?;
    let start = offset - before.iter().rev().take(REACH).take_while(|&&byte| in_token(byte)).count();
    let end = offset + after.iter().take(REACH).take_while(|&&byte| in_token(byte)).count();
    let token = text.get(..end)?;
    let mut seen = 0;
    let mut at = start;
    while at < end && seen < FEWEST {
        let size = if escaped(token, at).is_some() { 3 } else { 1 };
        seen += size / 3;
        at += size;
    }
    if seen < FEWEST {
        return None;
    }
    let layer = decoded(token, start, allowed, budget);
    budget.spend(&layer);
    Some(layer)
}

/// Decodes all percent-encoded tokens that touch `within` and have an escape in it, and adds them to `out`.
pub(super) fn within(text: &[u8], within: Range<usize>, budget: &mut Budget, out: &mut Vec<Layer>) {
    // An escape may begin up to two bytes before `within` and reach into it.
    let start = within.start.saturating_sub(2);
    let Some(looked) = text.get(start..within.end) else { return };
    let mut known = start;
    for place in memchr::memchr_iter(b'%', looked) {
        let offset = start + place;
        if budget.exhausted() {
            return;
        }
        if offset >= known
            && let Some(layer) = percent_at(text, offset, budget)
        {
            known = layer.span.end;
            if layer.touches(&within) {
                out.push(layer);
            }
        }
    }
}

/// The token that begins at `start` and ends with `token`, in at most `allowed` bytes.
fn decoded(token: &[u8], start: usize, allowed: usize, budget: &mut Budget) -> Layer {
    let mut bytes = Vec::with_capacity((token.len() - start).min(allowed));
    let mut pieces = Pieces::new(start);
    let mut at = start;
    while let Some(&plain) = token.get(at) {
        if bytes.len() >= allowed {
            budget.cut(allowed);
            break;
        }
        let (byte, size) = escaped(token, at).map_or((plain, 1), |byte| (byte, 3));
        pieces.push(bytes.len(), 1, at, size);
        bytes.push(byte);
        at += size;
    }
    Layer { bytes, kind: Kind::Percent, span: start..at, map: Map::Pieces(pieces) }
}

/// A value with the byte of each escape in its place, and all else as it is.
#[must_use]
pub fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(&plain) = value.get(at) {
        let (byte, size) = escaped(value, at).map_or((plain, 1), |byte| (byte, 3));
        bytes.push(byte);
        at += size;
    }
    bytes
}

/// The byte that the escape at `at` stands for, if there is one.
fn escaped(text: &[u8], at: usize) -> Option<u8> {
    let Some([b'%', high, low]) = text.get(at..)?.first_chunk::<3>() else { return None };
    let (high, low) = (HEX[usize::from(*high)], HEX[usize::from(*low)]);
    (high != NONE && low != NONE).then_some((high << 4) | low)
}

/// Whether a byte may be part of a token: what a URI is made of (RFC 3986, section 2) without the apostrophe, which
/// more often is a quote.
const fn in_token(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: usize) -> Option<(String, &str)> {
        let layer = percent_at(text.as_bytes(), offset, &mut Budget::default())?;
        assert_eq!(layer.kind, Kind::Percent);
        Some((String::from_utf8_lossy(&layer.bytes).into_owned(), text.get(layer.span())?))
    }

    #[test]
    fn a_token_is_decoded_from_end_to_end() {
        let expected = Some(("u?a=x/y&b=\"z%\"%4".to_owned(), "u?a=x%2Fy&b=%22z%%22%4"));
        assert_eq!(at("go 'u?a=x%2Fy&b=%22z%%22%4' now", 9), expected);
        assert_eq!(at("go 'u?a=x%2Fy&b=%22z%%22%4' now", 16), expected);
    }

    #[test]
    fn one_escape_is_not_enough() {
        assert_eq!(at("a%20b c%20d", 1), None);
        assert_eq!(at("a%20b%20c", 2), None);
        assert_eq!(at("100% of %d%s", 3), None);
        assert_eq!(at("%", 0), None);
        assert_eq!(at("", 5), None);
    }

    #[test]
    fn bytes_lead_back_to_their_escapes() {
        let text = b"x a%2F%2Fb";
        let layer = percent_at(text, 3, &mut Budget::default()).expect("two escapes");
        assert_eq!(layer.bytes, b"a//b");
        let spans = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 4), (0, 4)].map(|(from, to)| layer.encoded_span(from, to));
        assert_eq!(spans, [2..3, 3..6, 6..9, 9..10, 3..10, 2..10]);
        assert_eq!(
            (layer.encoded_span(2, 2), layer.encoded_span(4, 9), layer.encoded_span(9, 4)),
            (6..6, 10..10, 10..10)
        );
    }

    #[test]
    fn a_long_token_is_cut() {
        let text = "%41".repeat(REACH);
        let layer = percent_at(text.as_bytes(), 3 * REACH / 2, &mut Budget::default()).expect("many escapes");
        assert!(layer.span().len() <= 2 * REACH);
        let mut budget = Budget::new(10, 3);
        assert_eq!(percent_at(text.as_bytes(), 0, &mut budget).map(|layer| layer.bytes.len()), Some(10));
        assert!(budget.exhausted());
        assert!(percent_at(text.as_bytes(), 0, &mut budget).is_none());
    }
}
