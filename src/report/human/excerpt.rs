//! The line a secret stands on, drawn with the masked value underlined.
//!
//! The engine hands over one line with its secrets masked. Here it is cut to the page: the value stays, with
//! what is nearest to it, and so does the label behind the underline.

use super::page::Page;
use crate::finding::Excerpt;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;
use textwrap::core::display_width;

/// Stands for what was cut away.
const CUT: &str = "…";
/// What is left of the line before the value, however long the label is.
const CONTEXT: usize = 12;
/// In fewer columns no label says anything.
const LABEL: usize = 8;

/// The drawing, or nothing where the excerpt does not hold together.
pub(super) fn draw(page: &Page<'_>, excerpt: &Excerpt, line: u64, label: &str, indent: usize) -> Option<String> {
    let secret = page.shown(excerpt.text.get(excerpt.secret.clone())?);
    let before = page.shown(excerpt.text.get(..excerpt.secret.start)?);
    let after = page.shown(excerpt.text.get(excerpt.secret.end..)?);
    if display_width(&secret) == 0 {
        return None;
    }
    // The library counts on from this line, which must not overflow.
    let line = usize::try_from(line).unwrap_or(usize::MAX).min(usize::MAX / 2);
    // `12 | ` stands before the text.
    let room = page.width().saturating_sub(indent + line.to_string().len() + 3);
    let cut = cut(before.trim_start(), &secret, after.trim_end(), &page.shown(label), room);
    let annotation = AnnotationKind::Primary.span(cut.secret).label(cut.label.as_deref());
    let snippet = Snippet::source(cut.text.as_str()).line_start(line).annotation(annotation);
    let renderer = if page.color() { Renderer::styled() } else { Renderer::plain() };
    // All cutting is done here: told the true width, the library would cut once more, to keep a margin.
    Some(renderer.term_width(page.width() * 2).render(&[Group::with_level(Level::ERROR).element(snippet)]))
}

struct Line {
    text: String,
    secret: Range<usize>,
    label: Option<String>,
}

/// Cuts a line to `room` columns, and such that the label fits behind the underline.
fn cut(before: &str, secret: &str, after: &str, label: &str, room: usize) -> Line {
    let least = display_width(before).min(CONTEXT);
    let secret = head(secret, room.saturating_sub(least));
    let width = display_width(&secret);
    // A blank stands between underline and label.
    let for_label = room.saturating_sub(least + width + 1);
    let label = (for_label >= LABEL && !label.is_empty()).then(|| head(label, for_label));
    let behind = label.as_deref().map_or(0, |label| display_width(label) + 1).max(display_width(after).min(room / 4));
    let before = tail(before, room.saturating_sub(width + behind).max(least));
    let start = before.len();
    let after = head(after, room.saturating_sub(display_width(&before) + width));
    Line { secret: start..start + secret.len(), text: format!("{before}{secret}{after}"), label }
}

/// As much of the beginning as fits, with a mark where something is missing.
fn head(text: &str, room: usize) -> String {
    match fit(text.chars(), display_width(text), room) {
        None => text.to_owned(),
        Some(_) if room == 0 => String::new(),
        Some(kept) => kept + CUT,
    }
}

/// As much of the end as fits, likewise.
fn tail(text: &str, room: usize) -> String {
    match fit(text.chars().rev(), display_width(text), room) {
        None => text.to_owned(),
        Some(_) if room == 0 => String::new(),
        Some(kept) => CUT.chars().chain(kept.chars().rev()).collect(),
    }
}

/// The characters that fit beside the mark; `None` where all of them fit without it.
fn fit(characters: impl Iterator<Item = char>, width: usize, room: usize) -> Option<String> {
    if width <= room {
        return None;
    }
    let mut left = room.saturating_sub(1);
    let fitting = characters.take_while(|c| {
        let wide = display_width(c.encode_utf8(&mut [0; 4]));
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    });
    Some(fitting.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::veil::Veil;
    use proptest::prelude::*;

    fn drawn(text: &str, secret: Range<usize>, line: u64, label: &str, width: usize) -> Option<String> {
        let (mut sink, veil) = (std::io::sink(), Veil::default());
        draw(&Page::new(&mut sink, &veil, width, false), &Excerpt { text: text.to_owned(), secret }, line, label, 0)
    }

    #[test]
    fn a_short_line_is_drawn_whole_under_its_number() {
        let drawing = drawn("\tkey = \"a…b\";  ", 8..13, 12345, "Key", 80).expect("the range lies in the text");
        assert_eq!(
            drawing.lines().map(str::trim_end).collect::<Vec<_>>(),
            ["      |", "12345 | key = \"a…b\";", "      |        ^^^ Key"]
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_value() {
        let text = format!("{}password: a…b, {}", "x ".repeat(500), "y ".repeat(500));
        let at = 1000 + "password: ".len();
        let drawing = drawn(&text, at..at + 5, 1, "A password", 60).expect("the range lies in the text");
        assert!(drawing.contains("password: a…b, y") && drawing.contains("^^^ A password"), "{drawing}");
        assert!(drawing.lines().all(|line| line.chars().count() <= 60), "{drawing}");
    }

    #[test]
    fn a_range_that_lies_outside_or_in_a_character_draws_nothing() {
        assert_eq!([0..9, 1..2, 2..2].map(|range| drawn("aé", range, 1, "x", 80)), [None, None, None]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_the_page(before in "\\PC{0,150}", secret in "[!-~…]{1,90}", after in "\\PC{0,150}",
                                          label in "\\PC{0,90}", line: u64, width in 40usize..100) {
            let range = before.len()..before.len() + secret.len();
            let drawing = drawn(&format!("{before}{secret}{after}"), range, line, &label, width);
            for line in drawing.as_deref().unwrap_or_default().lines() {
                prop_assert!(display_width(line) <= width, "{} > {width}: {line}", display_width(line));
            }
        }
    }
}
