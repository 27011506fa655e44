//! Reasons, made safe to repeat.
//!
//! A reason is written by a person beside a secret, and ends up in reports and baselines. People paste the
//! value into it, and a minified line goes on with the next secret.

use crate::text::printable;

/// Greatest length of a reason that is repeated, in characters.
pub const MAX_REASON: usize = 200;
/// From this length on, a word of letters and digits is taken for a value.
const VALUE_LENGTH: usize = 16;

/// The reason in one printable line, cut to a length, each word that could be a value replaced by `…`.
#[must_use]
pub fn safe_reason(reason: &str) -> String {
    let mut out = String::new();
    let mut left = MAX_REASON;
    for word in reason.split_whitespace() {
        if left == 0 {
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        if could_be_value(word) {
            out.push('…');
            left = left.saturating_sub(2);
        } else {
            let kept: String = word.chars().take(left).collect();
            left = left.saturating_sub(kept.chars().count() + 1);
            out.push_str(&printable(&kept));
        }
    }
    out
}

/// Long, with letters and digits, and no link to a page that explains: a link with a user, a query or a
/// fragment may carry a token, and counts as a value.
fn could_be_value(word: &str) -> bool {
    if let Some(link) = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")) {
        return link.contains(['@', '?', '#']) || link.split('/').any(|part| !is_page_name(part));
    }
    word.split(|c: char| !is_value_character(c)).any(|run| {
        let known = run.strip_prefix("ps1-").is_some_and(|id| id.len() == 24);
        run.len() >= VALUE_LENGTH
            && !known
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_alphabetic())
    })
}

/// A part of an address that a person could have named: words, or a number.
fn is_page_name(part: &str) -> bool {
    part.split(['-', '_', '.']).all(|word| {
        word.len() < VALUE_LENGTH
            || word.bytes().all(|b| b.is_ascii_alphabetic())
            || word.bytes().all(|b| b.is_ascii_digit())
    })
}

const fn is_value_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_values_go() {
        for (reason, safe) in [
            ("key of the test account, see https://example.com/wiki/test-keys/42", None),
            ("TICKET-1234: revoked on 2026-01-31", None),
            ("was q1w2e3r4t5y6u7i8o9p0 once", Some("was … once")),
            ("x=q1w2e3r4t5y6u7i8o9p0;", Some("…")),
            ("https://u:p@example.com/", Some("…")),
            ("https://example.com/q1w2e3r4t5y6u7i8o9p0", Some("…")),
            ("  two\tblanks \x1b[31m", Some("two blanks \\x1b[31m")),
        ] {
            assert_eq!(safe_reason(reason), safe.unwrap_or(reason));
        }
    }

    #[test]
    fn is_cut() {
        assert!(safe_reason(&"word ".repeat(1_000)).chars().count() <= MAX_REASON + 2);
        assert!(safe_reason(&"é".repeat(1_000)).chars().count() <= MAX_REASON + 2);
    }
}
