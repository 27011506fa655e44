//! The line a message is about, made safe to show.
//!
//! People paste secrets into configuration files, and a message ends up in a log. So a value is shown only
//! where its key is known to hold none; otherwise each of its characters becomes a dot, which keeps the columns.

use super::error::Fault;
use crate::policy::safe_reason;
use crate::text::{Locator, Position, printable};
use std::ops::Range;
use std::path::Path;

/// Greatest number of characters of a line that are shown.
const WIDTH: usize = 100;
/// How many of them stand before the place that is meant.
const BEFORE: usize = 60;

/// Keys whose values are shown: words, names, globs, dates and sizes.
const PLAIN_KEYS: [&str; 11] = [
    "disable",
    "folders",
    "fail_on",
    "min_severity",
    "exclude",
    "max_size",
    "reason",
    "expires",
    "owner",
    "rule",
    "paths",
];

/// A configuration file that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Source<'_> {
    /// The 1-based line of an offset.
    pub fn line(&self, offset: usize) -> u64 {
        self.position(offset).line
    }

    /// A mistake at a place of the file.
    pub fn fault(&self, span: Range<usize>, message: String, help: Option<String>) -> Fault {
        let Position { line, column } = self.position(span.start);
        Fault { path: self.path.to_owned(), line, column, message, excerpt: self.excerpt(&span), help }
    }

    fn position(&self, offset: usize) -> Position {
        let start = Position { line: 1, column: 1 };
        Locator::new(self.text.as_bytes(), start).position(offset, start)
    }

    fn excerpt(&self, span: &Range<usize>) -> [String; 2] {
        let at = floor(self.text, span.start);
        let start = self.text[..at].rfind('\n').map_or(0, |before| before + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |length| at + length);
        let line = self.text[start..end].trim_end_matches('\r');
        let shown = if is_plain(line, self.key_of_list(start)) { line.to_owned() } else { dotted(line) };
        // Dots take the place of characters one for one, so that character numbers hold for both.
        let column = self.text[start..at].chars().count();
        let marked_end = floor(self.text, span.end.clamp(at, end));
        let marked = self.text[at..marked_end].trim_end().chars().count().max(1);
        let skipped = column.saturating_sub(BEFORE);
        let part: String = shown.chars().skip(skipped).take(WIDTH).collect();
        let before: String = part.chars().take(column - skipped).collect();
        let before = printable(&before).chars().count();
        [printable(&part), " ".repeat(before) + &"^".repeat(marked.min(WIDTH.saturating_sub(before).max(1)))]
    }

    /// The key of the list that a line of its own continues: the last key above it, within reach.
    fn key_of_list(&self, line_start: usize) -> Option<&str> {
        let above = self.text[..line_start].lines().rev().take(64);
        above.map(str::trim).find(|line| line.contains('=') || line.starts_with('[')).and_then(key)
    }
}

/// The byte offset of the character that holds `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The key of a line, where it has one.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    Some(key.trim().rsplit('.').next().unwrap_or_default().trim_matches(['"', '\'', ' ']))
}

fn is_plain(line: &str, above: Option<&str>) -> bool {
    let trimmed = line.trim();
    if let Some(key) = key(trimmed) {
        let id = key == "id" && trimmed.contains("\"ps1-");
        // One key a line: an inline table may hold a value behind a plain key.
        return (id || PLAIN_KEYS.contains(&key)) && trimmed.matches('=').count() == 1;
    }
    let list_item = trimmed.starts_with(['"', '\'', ']']) && above.is_some_and(|key| PLAIN_KEYS.contains(&key));
    trimmed.is_empty() || trimmed.starts_with('[') || list_item
}

/// The line with its key, unless that looks like a value itself, and a dot for each other letter and digit.
fn dotted(line: &str) -> String {
    let key = line.find('=').map_or("", |at| &line[..=at]);
    let value = if safe_reason(key.trim()) == key.trim() { key.len() } else { 0 };
    let dots = line[value..].chars().map(|c| if c.is_whitespace() || "\"'[]{},=".contains(c) { c } else { '·' });
    line[..value].chars().chain(dots).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn excerpt(text: &str, span: Range<usize>) -> [String; 2] {
        Source { path: Path::new("x"), text }.excerpt(&span)
    }

    #[test]
    fn shows_the_line_and_marks_the_place() {
        let text = "[gate]\nfail_on = \"sometimes\"\n";
        assert_eq!(excerpt(text, 17..28), ["fail_on = \"sometimes\"", "          ^^^^^^^^^^^"]);
        let text = "paths = [\n  \"é\u{1b}a\", \"b\",\n]";
        assert_eq!(excerpt(text, 20..23), ["  \"é\\x1ba\", \"b\",", "            ^^^"]);
    }

    #[test]
    fn values_that_could_be_secrets_are_dotted_out() {
        for line in [
            "value_sha256 = \"hunter2\"",
            "value = 'hunter2'",
            "hunter2",
            "\"hunter2\",",
            "id = \"hunter2\"",
            "a = { rule = \"a\", b = \"hunter2\" }",
        ] {
            let [shown, _] = excerpt(line, 0..1);
            assert!(!shown.contains("hunter"), "{shown}");
            assert_eq!(shown.chars().count(), line.chars().count());
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_short(text in "[ -~\n\r\té\u{202e}]{0,200}", start in 0usize..300, length in 0usize..300) {
            let [line, carets] = excerpt(&text, start..start + length);
            prop_assert!(line.chars().count() <= WIDTH * 8 && carets.contains('^'));
        }
    }
}
