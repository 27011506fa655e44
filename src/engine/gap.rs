//! What stands between a keyword and its value, for secrets without a format of their own.
//!
//! The expression of such a rule lets nearly anything stand there; what it means is decided here, for all of them alike.

use crate::finding::Confidence;
use std::ops::Range;

/// Words that name a digest, an address or a version.
const DIGESTS: &[&[u8]] = &[
    b"sha1",
    b"sha2",
    b"sha5",
    b"md5",
    b"checksum",
    b"digest",
    b"integrity",
    b"commit",
    b"revision",
    b"etag",
    b"://",
    b"hash",
    b"fingerprint",
    b"version",
    b"image",
    b"rev=",
];
/// Words that say of a name that its value is a secret.
const SECRETS: &[&[u8]] = &[b"key", b"token", b"secret", b"pass", b"pwd", b"auth", b"credential"];
/// Words that belong to a language and not to the name.
const SYNTAX: &[&[u8]] = &[
    b"string", b"str", b"value", b"default", b"key", b"name", b"static", b"content", b"type", b"const", b"r", b"b",
    b"u", b"f", b"n", b"t",
];
/// Commands that set a variable without a sign.
const SETTERS: &[&[u8]] = &[b"-", b"ENV ", b"SetEnv ", b"setenv ", b"set -gx ", b"set -x ", b"set -Ux "];
/// The longest name around a keyword, in bytes.
const LONGEST_NAME: usize = 80;

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The name around a keyword.
fn name_around(text: &[u8], keyword: &Range<usize>) -> Range<usize> {
    let before = text[..keyword.start].iter().rev().take(LONGEST_NAME).take_while(|&&byte| is_name(byte)).count();
    let behind = text[keyword.end..].iter().take(LONGEST_NAME).take_while(|&&byte| is_name(byte)).count();
    keyword.start - before..keyword.end + behind
}

/// What the gap says: words that name a digest refuse the value, a missing operator makes it weaker.
pub(super) fn judge(text: &[u8], keyword: &Range<usize>, value: usize) -> Option<Confidence> {
    let gap = &text[keyword.end..value];
    let lower = gap.to_ascii_lowercase();
    if DIGESTS.iter().any(|word| memchr::memmem::find(&lower, word).is_some()) {
        return None;
    }
    let assigns = gap.iter().any(|byte| b"=:(,>\"'`|\t".contains(byte)) || is_set(text, keyword, value);
    Some(if assigns { Confidence::Likely } else { Confidence::Possible })
}

/// `ENV DATADOG_API_KEY value`, `--datadog-token value`, `the datadog key is value`: a name that says what it holds.
fn is_set(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let name = name_around(text, keyword);
    if name.end >= value {
        return false;
    }
    let between = text[name.end..value].to_ascii_lowercase();
    let said = |bytes: &[u8]| SECRETS.iter().any(|word| memchr::memmem::find(bytes, word).is_some());
    let lower = text[name.clone()].to_ascii_lowercase();
    if between.iter().all(|&byte| byte == b' ') {
        let dashes = lower.starts_with(b"-");
        return said(&lower) || dashes || SETTERS.iter().any(|setter| text[..name.start].ends_with(setter));
    }
    (between.ends_with(b" is ") || between.ends_with(b" to ")) && (said(&lower) || said(&between))
}

/// Whether the keyword is all of the name, and the value is what is assigned to it.
pub(super) fn is_whole_name(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let name = name_around(text, keyword);
    let before = text[name.start..keyword.start].iter().all(|&byte| byte == b'-');
    let gap = &text[keyword.end..value];
    if !before || name.end > keyword.end {
        return false;
    }
    if name.start < keyword.start && gap == b" " {
        return true;
    }
    // `aws:policy/…` is the name of something; a colon that assigns is followed by a blank or a quote.
    let assigns = gap.iter().any(|byte| b"=>,(\t|".contains(byte))
        || gap.windows(2).any(|pair| pair[0] == b':' && b" \"'`\n".contains(&pair[1]));
    let mut words = gap.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').filter(|word| !word.is_empty());
    assigns && judge(text, keyword, value).is_some() && words.all(|word| is_syntax(word, &text[keyword.clone()]))
}

/// Whether a word of the gap belongs to the language, or repeats the name as the end of its element.
fn is_syntax(word: &[u8], name: &[u8]) -> bool {
    word.eq_ignore_ascii_case(name) || SYNTAX.iter().any(|known| word.eq_ignore_ascii_case(known))
}
