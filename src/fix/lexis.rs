//! Just enough of a language's lexis to tell which bytes are one whole string literal: remarks and strings, from the beginning
//! of the file. Where the file is not understood, no literal is found, and a person does it.

use std::ops::Range;

/// One way to write a string.
#[derive(Debug, Clone, Copy)]
pub struct Quote {
    pub open: &'static str,
    pub close: &'static str,
    pub escapes: bool,
    /// Whether it may go over lines.
    pub multi_line: bool,
}

/// What a language needs to be read that far.
#[derive(Debug, Clone, Copy)]
pub struct Lexis {
    pub line_remarks: &'static [&'static str],
    pub block_remark: Option<(&'static str, &'static str)>,
    /// Longer ones first.
    pub quotes: &'static [Quote],
    /// Texts that hold a quote and begin no string.
    pub skips: &'static [&'static str],
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// With its quotes.
    pub whole: Range<usize>,
    pub open: &'static str,
}

pub const fn quote(mark: &'static str, multi_line: bool) -> Quote {
    Quote { open: mark, close: mark, escapes: true, multi_line }
}

/// The literal whose whole content is `secret`.
pub fn literal(text: &[u8], secret: &Range<usize>, lexis: &Lexis) -> Option<Literal> {
    let mut at = 0;
    while at < secret.start {
        let rest = &text[at..];
        let starts = |mark: &&&str| rest.starts_with(mark.as_bytes());
        if let Some(skip) = lexis.skips.iter().find(starts) {
            at += skip.len();
        } else if lexis
            .line_remarks
            .iter()
            .any(|mark| rest.starts_with(mark.as_bytes()) && begins_remark(text, at, mark))
        {
            at += memchr::memchr(b'\n', rest)?;
        } else if let Some((_, close)) = lexis.block_remark.filter(|(open, _)| rest.starts_with(open.as_bytes())) {
            at += 2 + memchr::memmem::find(&rest[2..], close.as_bytes())? + close.len();
        } else if let Some(quote) = lexis.quotes.iter().find(|quote| rest.starts_with(quote.open.as_bytes())) {
            let begin = at + quote.open.len();
            let Some(end) = end(text, begin, quote) else {
                // A mark without its partner, an apostrophe say: read on behind it.
                at = begin;
                continue;
            };
            let whole = at..end + quote.close.len();
            if begin == secret.start && end == secret.end {
                return Some(Literal { whole, open: quote.open });
            }
            at = whole.end;
        } else {
            at += 1;
        }
    }
    None
}

/// A `#` in the middle of a word of a shell, or in an address, begins no remark.
fn begins_remark(text: &[u8], at: usize, mark: &str) -> bool {
    mark != "#"
        || at == 0
        || text[at - 1].is_ascii_whitespace()
        || matches!(text[at - 1], b';' | b')' | b'}' | b',' | b'{' | b'(' | b'[')
}

fn end(text: &[u8], begin: usize, quote: &Quote) -> Option<usize> {
    let mut at = begin;
    loop {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with(quote.close.as_bytes()) {
            return Some(at);
        }
        match rest[0] {
            b'\\' if quote.escapes => at += 2,
            b'\n' if !quote.multi_line => return None,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const C_LIKE: Lexis = Lexis {
        line_remarks: &["//"],
        block_remark: Some(("/*", "*/")),
        quotes: &[quote("\"", false), quote("'", false), quote("`", true)],
        skips: &[],
    };

    fn found(text: &str) -> Option<String> {
        let at = text.find("VALUE").expect("each case has one");
        literal(text.as_bytes(), &(at..at + 5), &C_LIKE).map(|literal| text[literal.whole].to_owned())
    }

    #[test]
    fn only_a_whole_literal_in_code_is_one() {
        for (text, expected) in [
            ("x = \"VALUE\";", Some("\"VALUE\"")),
            ("x = 'a\\'b' + 'VALUE'", Some("'VALUE'")),
            ("// it's\nx = `VALUE`", Some("`VALUE`")),
            ("/* \" */ f(\"VALUE\")", Some("\"VALUE\"")),
            ("x = \"VALUE and more\"", None),
            ("x = \"Bearer VALUE\"", None),
            ("// x = \"VALUE\"", None),
            ("/* x = \"VALUE\" */", None),
            ("x = 'say \"VALUE\"'", None),
            ("x = VALUE", None),
            ("\"a\nb = \"VALUE\"", Some("\"VALUE\"")),
        ] {
            assert_eq!(found(text).as_deref(), expected, "{text}");
        }
    }
}
