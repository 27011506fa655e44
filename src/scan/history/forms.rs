//! A value that somebody names, in every form in which it is usually written: as it is, encoded, escaped, in two bytes a character.
//!
//! No rule is asked: what is looked for are the bytes. An encoded text may be broken into lines, and a value of several lines
//! may be indented or end its lines otherwise; such forms are compared without regard to white space.

use crate::text::Secret;
use aho_corasick::{AhoCorasick, packed};
use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;
use std::fmt::Write as _;
use std::ops::Range;

/// Least length in bytes. A shorter value stands in many texts by chance, and of its base64 in the middle of another text
/// so little is certain that nearly every repository would seem to hold it.
pub const SHORTEST: usize = 8;
/// Greatest length in bytes: no key is longer, and every form of it fits twice into what two parts of a large file share.
pub const LONGEST: usize = 8 * 1024;

/// Bytes of a form by which it is looked for.
const ANCHOR: usize = 16;
/// Bytes between two of a form's, at most: a line end and an indent.
const GAP: usize = 256;

/// A value that cannot be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Less than [`SHORTEST`] bytes that are no white space.
    Short,
    /// More than [`LONGEST`] bytes.
    Long,
}

/// One way to write it.
#[derive(Clone)]
struct Form {
    name: Option<&'static str>,
    /// Without white space where that is not compared.
    bytes: Vec<u8>,
    /// White space is not compared.
    is_loose: bool,
    /// Where in `bytes` stretches lie that stand in a text unbroken, or at least one of which does.
    anchors: Vec<Range<usize>>,
}

/// Tells texts apart in which no form can stand.
#[derive(Clone)]
struct Anchors {
    /// Twenty times as fast; not every processor has what it takes.
    packed: Option<packed::Searcher>,
    plain: AhoCorasick,
}

impl Anchors {
    fn is_match(&self, text: &[u8]) -> bool {
        self.packed.as_ref().map_or_else(|| self.plain.is_match(text), |packed| packed.find(text).is_some())
    }
}

/// A value in all its forms.
#[derive(Clone)]
pub struct Forms {
    value: Secret,
    all: Vec<Form>,
    anchors: Anchors,
}

impl std::fmt::Debug for Forms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forms").field("forms", &self.all.len()).finish_non_exhaustive()
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which bytes.
    pub span: Range<usize>,
    /// How it is encoded there; `None` as it is.
    pub form: Option<&'static str>,
}

impl Forms {
    /// Writes a value in all forms.
    ///
    /// # Errors
    /// It is too short or too long.
    ///
    /// # Panics
    /// Never: a few dozen short words always make an automaton.
    pub fn of(value: &[u8]) -> Result<Self, Unfit> {
        if value.len() > LONGEST {
            return Err(Unfit::Long);
        }
        let dense: Vec<u8> = value.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if dense.len() < SHORTEST {
            return Err(Unfit::Short);
        }
        let mut forms = vec![Form::exact(None, value.to_vec())];
        if value.contains(&b'\n') {
            forms.push(Form::of_lines(value, dense));
        }
        for bytes in escaped(value) {
            forms.push(Form::exact(Some("escape"), bytes));
        }
        for bytes in percent(value) {
            forms.push(Form::exact(Some("percent"), bytes));
        }
        forms.push(Form::loose(Some("hex"), hex(value, false)));
        forms.push(Form::loose(Some("hex"), hex(value, true)));
        let wide = std::str::from_utf8(value).ok().map(|text| {
            let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
            [units(u16::to_le_bytes), units(u16::to_be_bytes)]
        });
        let wide = wide.map_or_else(Vec::new, Vec::from);
        // What is encoded for PowerShell has two bytes a character.
        for bytes in std::iter::once(value).chain(wide.iter().map(Vec::as_slice)) {
            forms.extend(base64(bytes).map(|text| Form::loose(Some("base64"), text)));
        }
        forms.extend(wide.into_iter().map(|bytes| Form::exact(None, bytes)));
        let mut at = 0;
        let known: Vec<Vec<u8>> = forms.iter().map(|form| form.bytes.clone()).collect();
        forms.retain(|form| {
            at += 1;
            !known[..at - 1].contains(&form.bytes)
        });
        let mut anchors: Vec<&[u8]> =
            forms.iter().flat_map(|form| form.anchors.iter().map(|anchor| &form.bytes[anchor.clone()])).collect();
        anchors.sort_unstable();
        anchors.dedup();
        let anchors = Anchors {
            packed: packed::Config::new().builder().extend(&anchors).build(),
            plain: AhoCorasick::new(&anchors).expect("a few dozen short words make an automaton"),
        };
        Ok(Self { value: Secret::new(value), all: forms, anchors })
    }

    /// The value itself.
    #[must_use]
    pub const fn value(&self) -> &Secret {
        &self.value
    }

    /// Its first place in a text.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<Hit> {
        if !self.anchors.is_match(text) {
            return None;
        }
        let hits = self.all.iter().filter_map(|form| Some(Hit { span: form.find(text)?, form: form.name }));
        hits.min_by_key(|hit| (hit.span.start, hit.form.is_some()))
    }

    /// A text that may be shown: without the value, however it is written there.
    #[must_use]
    pub fn hidden(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text.as_bytes();
        while let Some(hit) = self.find(rest) {
            out.push_str(&String::from_utf8_lossy(&rest[..hit.span.start]));
            out.push('…');
            rest = &rest[hit.span.end..];
        }
        (rest.len() < text.len()).then(|| out + &String::from_utf8_lossy(rest))
    }
}

impl Form {
    fn exact(name: Option<&'static str>, bytes: Vec<u8>) -> Self {
        let anchor = 0..bytes.len().min(ANCHOR);
        Self { name, bytes, is_loose: false, anchors: vec![anchor] }
    }

    /// An encoded text. Of two stretches at its beginning a line end breaks one, unless lines are shorter than both are.
    fn loose(name: Option<&'static str>, bytes: Vec<u8>) -> Self {
        let half = (bytes.len() / 2).min(ANCHOR);
        Self { name, bytes, is_loose: true, anchors: vec![0..half, half..2 * half] }
    }

    /// A value of several lines, of which the longest stretch without white space is looked for.
    fn of_lines(value: &[u8], dense: Vec<u8>) -> Self {
        let mut longest = 0..0;
        let mut at = 0;
        for word in value.split(u8::is_ascii_whitespace) {
            if word.len() > longest.len() {
                longest = at..at + word.len();
            }
            at += word.len();
        }
        longest.end = longest.end.min(longest.start + ANCHOR);
        Self { name: None, bytes: dense, is_loose: true, anchors: vec![longest] }
    }

    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        if !self.is_loose {
            return memmem::find(text, &self.bytes).map(|start| start..start + self.bytes.len());
        }
        self.anchors.iter().filter_map(|anchor| self.find_around(text, anchor)).min_by_key(|span| span.start)
    }

    /// Where it begins around one of its stretches. Each beginning is tried once.
    fn find_around(&self, text: &[u8], anchor: &Range<usize>) -> Option<Range<usize>> {
        // Lines of a key are longer than their indents.
        let before = if anchor.start == 0 { 0 } else { anchor.start * 2 + GAP };
        let mut tried = 0;
        for at in memmem::find_iter(text, &self.bytes[anchor.clone()]) {
            let from = at.saturating_sub(before).max(tried);
            let mut starts = (from..=at.saturating_sub(anchor.start)).filter(|&start| text[start] == self.bytes[0]);
            if let Some(span) = starts.find_map(|start| self.at(text, start)) {
                return Some(span);
            }
            tried = at.saturating_sub(anchor.start) + 1;
        }
        None
    }

    /// Whether it stands there, white space apart.
    fn at(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        let mut at = start;
        for (number, byte) in self.bytes.iter().enumerate() {
            let gap = at;
            while text.get(at) != Some(byte) {
                let rest = text.get(at..).filter(|_| number > 0 && at - gap < GAP)?;
                at += match rest {
                    [byte, ..] if byte.is_ascii_whitespace() => 1,
                    [b'\\', b'n' | b'r' | b't', ..] => 2,
                    [b'\\', b'\n' | b'\r', ..] => 1,
                    _ => return None,
                };
            }
            at += 1;
        }
        Some(start..at)
    }
}

/// As texts in JSON, in most programming languages and in XML are written.
fn escaped(value: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(value) else { return Vec::new() };
    let json = |slash: bool, ascii: bool| {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '/' if slash => out.push_str("\\/"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if u32::from(c) < 0x20 || (ascii && !c.is_ascii()) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(out, "\\u{unit:04x}");
                    }
                }
                c => out.push(c),
            }
        }
        out
    };
    let single = text.replace('\\', "\\\\").replace('\'', "\\'");
    let xml = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;").replace('\'', "&apos;");
    let all = [json(false, false), json(true, false), json(false, true), json(true, true), single, xml, quoted];
    all.into_iter().map(String::into_bytes).collect()
}

/// As in addresses and forms: what must be escaped, a blank as `+`, everything; with digits of either case.
fn percent(value: &[u8]) -> Vec<Vec<u8>> {
    let write = |keep: &dyn Fn(u8) -> bool, plus: bool, lower: bool| {
        let mut out = Vec::new();
        for &byte in value {
            if keep(byte) {
                out.push(byte);
            } else if plus && byte == b' ' {
                out.push(b'+');
            } else {
                out.push(b'%');
                out.extend(hex(&[byte], !lower));
            }
        }
        out
    };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let by_scripts = |byte: u8| unreserved(byte) || b"!*'()".contains(&byte);
    let in_address = |byte: u8| by_scripts(byte) || b";,/?:@&=+$#".contains(&byte);
    let mut out = Vec::new();
    for lower in [false, true] {
        let kept: [&dyn Fn(u8) -> bool; 4] = [&unreserved, &by_scripts, &in_address, &|_| false];
        out.extend(kept.map(|keep| write(keep, false, lower)));
        out.push(write(&unreserved, true, lower));
    }
    out
}

fn hex(value: &[u8], upper: bool) -> Vec<u8> {
    let digits = crate::text::hex(value);
    if upper { digits.to_ascii_uppercase().into_bytes() } else { digits.into_bytes() }
}

/// What is certain of the base64 of any text that holds the value: its middle, in the three ways that it may fall on the
/// groups of three bytes. A digit that holds bits of what stands around is left out.
fn base64(value: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut out = Vec::new();
    let alphabets: [&Alphabet; 2] = [&STANDARD, &URL_SAFE];
    for alphabet in alphabets {
        let config = GeneralPurposeConfig::new().with_encode_padding(false);
        for before in 0..3 {
            let text = GeneralPurpose::new(alphabet, config).encode([&[0; 2][..before], value].concat());
            let certain = (before * 8).div_ceil(6)..(before + value.len()) * 8 / 6;
            out.push(text.as_bytes()[certain].to_vec());
        }
    }
    out.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD as PLAIN, URL_SAFE_NO_PAD};

    const VALUE: &str = "p&q/r\"s\\t'u v+wä?~>";

    /// How it stands in a text: `plain`, or the name of the form.
    fn found(forms: &Forms, text: impl AsRef<[u8]>) -> Option<&'static str> {
        forms.find(text.as_ref()).map(|hit| hit.form.unwrap_or("plain"))
    }

    #[test]
    fn every_form_is_found_in_any_surroundings() {
        let forms = Forms::of(VALUE.as_bytes()).expect("it is long enough");
        let json = serde_json::to_string(VALUE).expect("a text");
        let percent = VALUE.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"));
        for around in ["", "a", "ab", "abc", "abcd"] {
            let text = format!("{around}{VALUE}{around}");
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(found(&forms, &text), Some("plain"));
            assert_eq!(found(&forms, &wide), Some("plain"));
            assert_eq!(found(&forms, PLAIN.encode(&text)), Some("base64"), "after {around}");
            assert_eq!(found(&forms, URL_SAFE_NO_PAD.encode(&text)), Some("base64"));
            assert_eq!(found(&forms, PLAIN.encode(&wide)), Some("base64"));
            assert_eq!(found(&forms, hex(text.as_bytes(), true)), Some("hex"));
            assert_eq!(found(&forms, format!("{around}{json}")), Some("escape"));
            assert_eq!(found(&forms, format!("{around}{percent}")), Some("percent"));
        }
        let long = "p&q/r\"s\\t'u v+wä?~";
        assert_eq!(found(&forms, long), None, "a part of it is not it");
        assert_eq!(found(&forms, PLAIN.encode(long)), None);
    }

    #[test]
    fn encoded_texts_may_be_broken_into_lines() {
        let forms = Forms::of(VALUE.as_bytes()).expect("it is long enough");
        for before in 0..70 {
            let text = PLAIN.encode(format!("{}{VALUE}", "x".repeat(before)));
            for (width, end) in [(64, "\n"), (76, "\r\n"), (60, "\n    "), (32, "\\n")] {
                let lines: Vec<&str> =
                    (0..text.len()).step_by(width).map(|start| &text[start..text.len().min(start + width)]).collect();
                assert_eq!(found(&forms, lines.join(end)), Some("base64"), "{before} {width}");
            }
        }
    }

    #[test]
    fn lines_may_end_and_begin_otherwise() {
        let lines = ["-----BEGIN THING-----", "abcdefghijklmnopqrstuvwxyz", "nrt\\x", "-----END THING-----"];
        let forms = Forms::of(lines.join("\n").as_bytes()).expect("it is long enough");
        for between in ["\n", "\r\n", "\n        ", "\\n", "\\r\\n", "\n\t"] {
            let text = format!("x: {}", lines.join(between));
            let hit = forms.find(text.as_bytes()).expect("it is there");
            assert_eq!(hit.span, 3..text.len());
        }
        assert_eq!(forms.find(lines.join("x").as_bytes()), None);
    }

    #[test]
    fn bounds_of_the_length() {
        assert_eq!(Forms::of(b"1234567").err(), Some(Unfit::Short));
        assert_eq!(Forms::of(b"   1234567   \n").err(), Some(Unfit::Short));
        assert_eq!(Forms::of(&[b'x'; LONGEST + 1]).err(), Some(Unfit::Long));
        assert!(Forms::of(&[0xFF; SHORTEST]).is_ok() && Forms::of(&[b'x'; LONGEST]).is_ok());
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let forms = Forms::of(VALUE.as_bytes()).expect("it is long enough");
        let text = format!("a/{VALUE}/é/{}{VALUE}.txt", PLAIN.encode(VALUE));
        let hidden = forms.hidden(&text).expect("it is there");
        assert!(hidden.starts_with("a/…/é/…") && hidden.ends_with("….txt") && forms.find(hidden.as_bytes()).is_none());
        assert_eq!(forms.hidden("a/b.txt"), None);
        assert!(!format!("{forms:?}").contains("p&q"));
    }
}
