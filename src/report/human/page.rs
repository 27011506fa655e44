//! The page that the human report is written on: width, indentation and styles.
//!
//! Every text goes through here, is veiled and has its control characters escaped, before a style is added. So
//! whoever writes on a page cannot forget either, and no escape reaches a terminal that was not put there here.

use crate::report::veil::Veil;
use crate::text::printable;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use textwrap::core::display_width;
use textwrap::{WordSeparator, WordSplitter};

/// Below this a sentence is harder to read than a long line.
const NARROWEST: usize = 40;
/// Beyond this the eye loses the line.
const WIDEST: usize = 100;

/// A blank at which no line ends.
const GLUE: &str = "\u{a0}";

/// What a text is, from which follows how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    /// What is read first.
    Strong,
    /// What is read last.
    Faint,
    /// What must be acted on.
    Danger,
    /// What is worth a look.
    Caution,
    /// What is in order.
    Good,
    /// What is copied: commands and addresses.
    Copy,
}

impl Look {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Danger => AnsiColor::Red.on_default().bold(),
            Self::Caution => AnsiColor::Yellow.on_default().bold(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Copy => AnsiColor::Cyan.on_default(),
        }
    }
}

/// Where lines are written.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    veil: &'a Veil<'a>,
    width: usize,
    color: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write, veil: &'a Veil<'a>, width: usize, color: bool) -> Self {
        Self { out, veil, width: width.clamp(NARROWEST, WIDEST), color }
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    pub(super) const fn color(&self) -> bool {
        self.color
    }

    /// The text as it may be shown.
    pub(super) fn shown(&self, text: &str) -> String {
        printable(&self.veil.text(text))
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// A sentence, wrapped.
    pub(super) fn sentence(&mut self, indent: usize, look: Look, text: &str) -> io::Result<()> {
        self.paragraph((&" ".repeat(indent), Look::Plain), indent, (text, look))
    }

    /// A lead (`why   `), and behind it a text that hangs at `hang` where it is wrapped.
    pub(super) fn paragraph(&mut self, lead: (&str, Look), hang: usize, text: (&str, Look)) -> io::Result<()> {
        // The text may be one of a rule file, broken where its author liked.
        let body = self.shown(&text.0.split_whitespace().collect::<Vec<_>>().join(" "));
        let body = glued(&body, self.width.saturating_sub(hang));
        let indent = " ".repeat(hang);
        let wrapping = textwrap::Options::new(self.width)
            .initial_indent(lead.0)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        for (number, line) in textwrap::wrap(&body, wrapping).iter().enumerate() {
            let (before, style) = if number == 0 { lead } else { (indent.as_str(), Look::Plain) };
            self.styled(before, style)?;
            self.styled(&line.get(before.len()..).unwrap_or_default().replace(GLUE, " "), text.1)?;
            self.blank()?;
        }
        Ok(())
    }

    /// What is copied as a whole, and therefore never wrapped: a place, a command, an address.
    pub(super) fn whole(&mut self, indent: usize, look: Look, text: &str) -> io::Result<()> {
        let text = self.shown(text);
        write!(self.out, "{:indent$}", "")?;
        self.styled(&text, look)?;
        self.blank()
    }

    /// Lines that were drawn from shown text and carry their styles already.
    pub(super) fn drawn(&mut self, indent: usize, lines: &str) -> io::Result<()> {
        for line in lines.lines() {
            writeln!(self.out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    /// Bytes that the user asked to see; still nothing in them moves a cursor.
    pub(super) fn exposed(&mut self, indent: usize, bytes: &[u8]) -> io::Result<()> {
        for line in String::from_utf8_lossy(bytes).lines() {
            writeln!(self.out, "{:indent$}{}", "", printable(line))?;
        }
        Ok(())
    }

    fn styled(&mut self, text: &str, look: Look) -> io::Result<()> {
        let style = if self.color { look.style() } else { Style::new() };
        let inner = text.trim_start_matches(' ');
        let (indent, inner) = (&text[..text.len() - inner.len()], inner);
        write!(self.out, "{indent}")?;
        if inner.is_empty() { Ok(()) } else { write!(self.out, "{style}{inner}{style:#}") }
    }
}

/// Makes one word of what stands between backticks and fits on a line: it is copied.
fn glued(text: &str, room: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('`').enumerate().peekable();
    while let Some((number, part)) = parts.next() {
        if number > 0 {
            out.push('`');
        }
        let is_code = number % 2 == 1 && parts.peek().is_some() && display_width(part) + 2 < room;
        if is_code { out.push_str(&part.replace(' ', GLUE)) } else { out.push_str(part) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, color: bool, write: impl FnOnce(&mut Page<'_>) -> io::Result<()>) -> io::Result<String> {
        let mut out = Vec::new();
        write(&mut Page::new(&mut out, &Veil::default(), width, color))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn hangs_under_its_lead() -> io::Result<()> {
        let text = "one two three four five six seven eight nine";
        let out = page(40, false, |page| page.paragraph(("  why  ", Look::Faint), 7, (text, Look::Plain)))?;
        assert_eq!(out, "  why  one two three four five six seven\n       eight nine\n");
        Ok(())
    }

    #[test]
    fn every_style_is_closed_on_its_line() -> io::Result<()> {
        let text = "word ".repeat(30);
        let out = page(40, true, |page| page.sentence(2, Look::Danger, &text))?;
        assert!(out.lines().count() > 2);
        assert!(out.lines().all(|line| line.starts_with("  \x1b[") && line.ends_with("\x1b[0m")), "{out:?}");
        Ok(())
    }

    #[test]
    fn what_is_written_moves_no_cursor() -> io::Result<()> {
        let nasty = "a\x1b[2Jb\r\nc\u{202e}d\u{9b}31m";
        let out = page(80, false, |page| {
            page.sentence(0, Look::Plain, nasty)?;
            page.whole(0, Look::Copy, nasty)?;
            page.exposed(0, nasty.as_bytes())
        })?;
        assert!(!out.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{out:?}");
        Ok(())
    }

    #[test]
    fn what_is_copied_stays_on_one_line() -> io::Result<()> {
        let text = "a sentence that is long enough, `git commit --amend`, and a stray ` at its end";
        let out = page(40, false, |page| page.sentence(0, Look::Plain, text))?;
        assert_eq!(out, "a sentence that is long enough,\n`git commit --amend`, and a stray ` at\nits end\n");
        Ok(())
    }

    #[test]
    fn an_empty_text_still_has_its_lead() -> io::Result<()> {
        assert_eq!(page(80, false, |page| page.paragraph(("x: ", Look::Plain), 3, ("", Look::Plain)))?, "x: \n");
        Ok(())
    }
}
