//! Environment files: which names are those of real ones, and which of their keys hold real values.
//!
//! A committed environment file is a finding by itself, whatever is in it: it is where the next secret will be
//! put. Templates (`.env.example` in any of its spellings) are not; a real value in one still is.

use super::assign::{Key, KeyClass};
use super::filter::{is_harmless, is_placeholder, is_reference, looks_random};
use crate::finding::Confidence;
use std::ops::Range;

/// The rule for the file itself.
pub const FILE_RULE_ID: &str = "environment-file";
/// The rule for a value in it.
pub const VALUE_RULE_ID: &str = "environment-file-secret";

/// What the name of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvName {
    /// `.env`, `.env.local`, `prod.env`, `.envrc`.
    Real,
    /// `.env.example`, `.env.local.sample`, `example.env`, `env.dist`.
    Template,
}

/// Words that make an environment file a template, as a dotted part of its name.
const TEMPLATE_WORDS: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "template",
    "templates",
    "tmpl",
    "tpl",
    "dist",
    "default",
    "defaults",
    "skeleton",
    "skel",
    "stub",
    "schema",
    "spec",
    "blank",
    "empty",
    "dummy",
    "placeholder",
    "reference",
    "ref",
    "j2",
    "erb",
    "mustache",
    "hbs",
    "in",
    "md",
    "txt",
    "keys",
    "vault",
    "encrypted",
    "enc",
    "gpg",
    "sops",
    "age",
    "d",
    "ts",
    "js",
    "py",
    "rb",
    "go",
    "rs",
    "java",
    "c",
    "h",
    "html",
    "json",
    "yml",
    "yaml",
    "toml",
    "sh",
    "php",
    "css",
    "tsx",
    "jsx",
    "mjs",
    "cjs",
    "map",
];

impl EnvName {
    /// Reads a lower-case file name; `None` for a file that is no environment file.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        if name == ".envrc" || name == ".flaskenv" {
            return Some(Self::Real);
        }
        let mut parts: Vec<&str> = name.split(['.', '-', '_']).filter(|part| !part.is_empty()).collect();
        let is_dotted =
            name.starts_with(".env.") || name.starts_with(".env-") || name.starts_with(".env_") || name == ".env";
        let is_ending = name.ends_with(".env");
        let is_bare = name.starts_with("env.") && parts.iter().any(|part| TEMPLATE_WORDS.contains(part));
        if !(is_dotted || is_ending || is_bare || name.starts_with(".envrc.")) {
            return None;
        }
        parts.retain(|&part| part != "env" && part != "envrc");
        let code = parts.last().is_some_and(|last| CODE_ENDS.contains(last)) && !is_ending;
        if code {
            return None;
        }
        Some(if parts.iter().any(|part| TEMPLATE_WORDS.contains(part)) { Self::Template } else { Self::Real })
    }
}

/// Endings of files that are about environments and are none: `.env.d.ts`, `.env.md`.
const CODE_ENDS: &[&str] = &[
    "ts", "js", "py", "rb", "go", "rs", "java", "c", "h", "html", "json", "yml", "yaml", "toml", "sh", "php", "css",
    "tsx", "jsx", "mjs", "cjs", "map", "md",
];

/// One `KEY=value` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's name.
    pub key: Range<usize>,
    /// The value without quotes and remark; may be empty.
    pub value: Range<usize>,
}

/// Greatest number of entries that are read of one file.
pub const MAX_ENTRIES: usize = 10_000;

/// The entries of an environment file: `KEY=value`, `export KEY="value"`, `KEY: value`; comments and all else is left out.
#[must_use]
pub fn entries(text: &[u8]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() && found.len() < MAX_ENTRIES {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        let (entry, next) = entry(text, at, end);
        found.extend(entry);
        at = next.max(end + 1);
    }
    found
}

fn entry(text: &[u8], line: usize, line_end: usize) -> (Option<Entry>, usize) {
    let blanks =
        |from: usize| from + text[from..line_end].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    let mut begin = blanks(line);
    for word in [&b"export "[..], b"set ", b"setx ", b"SET "] {
        if text[begin..line_end].starts_with(word) {
            begin = blanks(begin + word.len());
        }
    }
    let length = text[begin..line_end]
        .iter()
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        .count();
    let sign = blanks(begin + length);
    if length == 0 || !matches!(text.get(sign), Some(b'=' | b':')) || sign >= line_end {
        return (None, line_end + 1);
    }
    let key = begin..begin + length;
    let start = blanks(sign + 1);
    match text.get(start) {
        Some(&quote @ (b'"' | b'\'' | b'`')) if start < line_end => {
            // A quoted value may go over lines, a key in PEM form say; 16 KiB are the bound.
            let limit = text.len().min(start + 1 + 16 * 1024);
            let close = text[start + 1..limit].iter().position(|&byte| byte == quote).map(|at| start + 1 + at);
            let end = close.unwrap_or(line_end);
            (Some(Entry { key, value: start + 1..end }), end + 1)
        }
        _ => {
            let rest = &text[start..line_end];
            let remark = rest.windows(2).position(|pair| pair == b" #" || pair == b"\t#").unwrap_or(rest.len());
            let value = start..start + rest[..remark].trim_ascii_end().len();
            (Some(Entry { key, value }), line_end + 1)
        }
    }
}

/// How sure it is that an entry holds a real secret; `None` for empty, referring and placeholder values and for
/// settings that are no secret. In a real file a value of a secret's name counts whatever it looks like; in a template only
/// an issued-looking one does.
#[must_use]
pub fn judge(text: &[u8], entry: &Entry, name: EnvName) -> Option<Confidence> {
    let value = &text[entry.value.clone()];
    if value.len() < 4 || is_reference(value) || is_placeholder(value) || is_harmless(value) || value.contains(&b'\n') {
        return None;
    }
    let key = Key::read(&text[entry.key.clone()])?;
    let number_or_switch =
        value.iter().all(|&byte| byte.is_ascii_digit() || b".,:".contains(&byte)) && key.class != KeyClass::Password;
    let address = memchr::memmem::find(value, b"://").is_some() || value.starts_with(b"/") || value.starts_with(b"./");
    if number_or_switch || address {
        return None;
    }
    let random = looks_random(value);
    match (name, key.class) {
        (EnvName::Template, KeyClass::Password) => random.then_some(Confidence::Possible),
        (EnvName::Template, _) => (random && value.len() >= 16).then_some(Confidence::Possible),
        (EnvName::Real, KeyClass::Password | KeyClass::Secret) => Some(Confidence::Likely),
        (EnvName::Real, KeyClass::Key | KeyClass::Weak) => {
            Some(if random { Confidence::Likely } else { Confidence::Possible })
        }
        (EnvName::Real, _) => Some(if random || value.len() >= 12 { Confidence::Likely } else { Confidence::Possible }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_files_are_told_from_templates() {
        use EnvName::{Real, Template};
        for (name, expected) in [
            (".env", Some(Real)),
            (".env.local", Some(Real)),
            (".env.production.local", Some(Real)),
            (".env-production", Some(Real)),
            ("prod.env", Some(Real)),
            (".envrc", Some(Real)),
            (".env.example", Some(Template)),
            (".env.local.example", Some(Template)),
            (".env.example.local", Some(Template)),
            (".env-sample", Some(Template)),
            ("example.env", Some(Template)),
            ("env.template", Some(Template)),
            (".env.dist", Some(Template)),
            (".env.d.ts", None),
            ("environment.ts", None),
            ("env.js", None),
            (".envoy", None),
            ("virtualenv", None),
        ] {
            assert_eq!(EnvName::of(name), expected, "{name}");
        }
    }

    #[test]
    fn entries_are_read() {
        let text =
            b"# A=1\nA=1\nexport B='two words' # remark\nC=\"x\ny\"\nD = d # remark\nE=\nnot an entry\n  F: f\r\n";
        let read: Vec<(String, String)> = entries(text)
            .into_iter()
            .map(|entry| {
                (
                    String::from_utf8_lossy(&text[entry.key]).into_owned(),
                    String::from_utf8_lossy(&text[entry.value]).into_owned(),
                )
            })
            .collect();
        let expected = [("A", "1"), ("B", "two words"), ("C", "x\ny"), ("D", "d"), ("E", ""), ("F", "f")];
        assert_eq!(read, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
