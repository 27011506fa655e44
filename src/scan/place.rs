//! Excerpts: the line of a secret, with every secret on it masked.

use crate::finding::Excerpt;
use crate::text::{mask_bytes, printable};
use std::ops::Range;

/// Bytes shown to either side of the secret.
const AROUND: usize = 90;

/// The line on which `span` begins, cut to a length, with all of `spans` masked.
pub fn excerpt(text: &[u8], span: &Range<usize>, spans: &[Range<usize>]) -> Excerpt {
    let first = span.start.saturating_sub(AROUND);
    let line_start = text[first..span.start].iter().rposition(|&byte| byte == b'\n');
    let start = char_start(text, line_start.map_or(first, |at| first + at + 1));
    let cut_before = line_start.is_none() && first > 0;
    let last = text.len().min(span.end.saturating_add(AROUND));
    let is_multi_line = text[span.clone()].contains(&b'\n');
    let end = if is_multi_line {
        span.end
    } else {
        let line_end = text[span.end..last].iter().position(|&byte| byte == b'\n' || byte == b'\r');
        char_start(text, line_end.map_or(last, |at| span.end + at))
    };
    let mut out = String::new();
    if cut_before {
        out.push('…');
    }
    let mut at = start;
    let mut own = 0..0;
    let mut others: Vec<&Range<usize>> =
        spans.iter().filter(|other| other.start < end && other.end > start && !other.is_empty()).collect();
    others.sort_by_key(|other| (other.start, other.end));
    for other in others {
        if other.end <= at {
            continue;
        }
        let begin = other.start.max(at);
        push(&mut out, &text[at..begin]);
        let from = out.len();
        // Cut by the excerpt's border, the middle of a secret would show: its whole is masked.
        out.push_str(&printable(&mask_bytes(&text[other.clone()])));
        if other == span {
            own = from..out.len();
        }
        at = other.end.min(end).max(at);
    }
    push(&mut out, &text[at.min(end)..end]);
    if !is_multi_line && end == last && last < text.len() {
        out.push('…');
    }
    let trimmed = out.trim_start();
    let indent = out.len() - trimmed.len();
    let text = trimmed.trim_end().to_owned();
    let secret = own.start.saturating_sub(indent).min(text.len())..own.end.saturating_sub(indent).min(text.len());
    Excerpt { text, secret }
}

/// Appends what may be printed; a tab becomes a blank.
fn push(out: &mut String, bytes: &[u8]) {
    out.push_str(&printable(&String::from_utf8_lossy(bytes)));
}

/// Moves forward to where a character begins.
fn char_start(text: &[u8], mut at: usize) -> usize {
    let limit = at + 3;
    while at < limit && text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
        at += 1;
    }
    at
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one secret")]
mod tests {
    use super::*;

    #[test]
    fn every_secret_on_the_line_is_masked() {
        let secret = "abcdefghijklmnopqrstuvwxyz";
        let text = format!("first\n  a = {secret}; b = {secret};\nlast");
        let at =
            |n: usize| text.match_indices(secret).nth(n).map(|(at, _)| at..at + secret.len()).expect("there are two");
        let excerpt = excerpt(text.as_bytes(), &at(1), &[at(0), at(1)]);
        assert_eq!(excerpt.text, "a = abcd…wxyz; b = abcd…wxyz;");
        assert_eq!(&excerpt.text[excerpt.secret], "abcd…wxyz");
    }

    #[test]
    fn a_long_line_is_cut_around_the_secret() {
        let text = format!("{}SECRETVALUE{}", "x".repeat(1000), "y".repeat(1000));
        let excerpt = excerpt(text.as_bytes(), &(1000..1011), &[1000..1011]);
        assert!(
            excerpt.text.len() < 220 && excerpt.text.starts_with('…') && excerpt.text.ends_with('…'),
            "{}",
            excerpt.text
        );
        assert_eq!(&excerpt.text[excerpt.secret], "S…");
    }

    #[test]
    fn a_key_of_many_lines_shows_its_first() {
        let text = "k = -----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n";
        let excerpt = excerpt(text.as_bytes(), &(4..text.len() - 1), &[4..text.len() - 1]);
        assert_eq!(excerpt.text, "k = -----BEGIN PRIVATE KEY-----…");
    }
}
