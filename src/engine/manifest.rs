//! Kubernetes Secret manifests: every value below `data` (base64) and `stringData` (plain) is a secret by definition.
//!
//! Source: <https://kubernetes.io/docs/concepts/configuration/secret/>. Read by lines, so that templates and
//! broken files are read as far as they go.

use super::filter::{is_harmless, is_placeholder, is_reference};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;

/// The rule that these are reported under.
pub const RULE_ID: &str = "kubernetes-secret-value";
/// What such a manifest says of itself.
pub const ANCHORS: &[&str] =
    &["kind: secret", "\"kind\": \"secret\"", "\"kind\":\"secret\"", "kind: \"secret\"", "kind: 'secret'"];
/// How far from `kind: Secret` the values are looked for, in bytes, to either side.
pub const REACH: usize = 24 * 1024;
const MAX_VALUE: usize = 8 * 1024;

/// One value of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's name.
    pub key: Range<usize>,
    /// The value as it is written.
    pub value: Range<usize>,
    /// The value decoded, where it stood below `data`.
    pub decoded: Option<Vec<u8>>,
}

/// Finds the values of the manifest around `kind: Secret` at `offset`.
pub fn find(text: &[u8], offset: usize, found: &mut dyn FnMut(Entry)) {
    let Some(kind_end) = text[offset..].iter().position(|&byte| byte == b'\n' || byte == b',') else { return };
    let word = text[offset..offset + kind_end].trim_ascii_end();
    let word = word.strip_suffix(b"\"").or_else(|| word.strip_suffix(b"'")).unwrap_or(word);
    // `kind: SecretProviderClass` is something else.
    if !word.to_ascii_lowercase().ends_with(b"secret") {
        return;
    }
    let document = document_around(text, offset);
    let mut section: Option<(usize, bool)> = None;
    let mut at = document.start;
    while at < document.end {
        let end = memchr::memchr(b'\n', &text[at..document.end]).map_or(document.end, |length| at + length);
        let line = &text[at..end];
        let indent = line.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        let body = line[indent..].trim_ascii_end();
        let name = body.split(|&byte| byte == b':').next().unwrap_or(body).trim_ascii();
        let name = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
        match section {
            _ if body.is_empty() || body.starts_with(b"#") => {}
            Some((outer, encoded)) if indent > outer => {
                entry(text, at + indent..at + indent + body.len(), encoded, found);
            }
            _ => {
                section = match name {
                    b"data" => Some((indent, true)),
                    b"stringData" => Some((indent, false)),
                    _ => None,
                }
            }
        }
        at = end + 1;
    }
}

/// From `---` to `---`, at most [`REACH`] to either side.
fn document_around(text: &[u8], offset: usize) -> Range<usize> {
    let first = offset.saturating_sub(REACH);
    let start = memchr::memmem::rfind(&text[first..offset], b"\n---").map_or(first, |at| first + at + 1);
    let last = text.len().min(offset + REACH);
    let end = memchr::memmem::find(&text[offset..last], b"\n---").map_or(last, |at| offset + at);
    start..end
}

fn entry(text: &[u8], body: Range<usize>, encoded: bool, found: &mut dyn FnMut(Entry)) {
    let line = &text[body.clone()];
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return };
    let key = trimmed(text, body.start..body.start + colon);
    let value = trimmed(text, body.start + colon + 1..body.end);
    let bytes = &text[value.clone()];
    if bytes.is_empty() || bytes.len() > MAX_VALUE || b"|>{[&*!".contains(&bytes[0]) || is_reference(bytes) {
        return;
    }
    if !encoded {
        if bytes.len() >= 4 && !is_placeholder(bytes) && !is_harmless(bytes) {
            found(Entry { key, value, decoded: None });
        }
        return;
    }
    const FORGIVING: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let Ok(decoded) = FORGIVING.decode(bytes) else { return };
    let readable = decoded.iter().all(|&byte| (b' '..0x7F).contains(&byte) || byte.is_ascii_whitespace());
    let plain = decoded.trim_ascii();
    let is_secret = !(is_placeholder(plain) || is_reference(plain) || is_harmless(plain));
    if readable && plain.len() >= 4 && is_secret {
        let plain = plain.to_vec();
        found(Entry { key, value, decoded: Some(plain) });
    }
}

/// Without blanks, quotes and a comma at the end.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let cut = |byte: u8| byte.is_ascii_whitespace() || byte == b'"' || byte == b'\'' || byte == b',';
    let mut range = range;
    while range.start < range.end && cut(text[range.start]) {
        range.start += 1;
    }
    while range.end > range.start && cut(text[range.end - 1]) {
        range.end -= 1;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let at = text.to_ascii_lowercase().find("kind").expect("a manifest has a kind");
        find(text.as_bytes(), at, &mut |entry| {
            let value = entry.decoded.unwrap_or_else(|| text.as_bytes()[entry.value].to_vec());
            out.push((text[entry.key].to_owned(), String::from_utf8_lossy(&value).into_owned()));
        });
        out
    }

    #[test]
    fn data_is_decoded_and_string_data_is_not() {
        let yaml = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  user: YWx2aW45\n  password: czNjcjN0LXBhNTU=\nstringData:\n  plain: aBc-9x\n  ref: ${X}\n---\nkind: Other\ndata:\n  a: YWx2aW45\n";
        let expected = [("user", "alvin9"), ("password", "s3cr3t-pa55"), ("plain", "aBc-9x")];
        assert_eq!(values(yaml), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let json = "{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"password\": \"czNjcjN0LXBhNTU=\"\n  }\n}";
        assert_eq!(values(json), [("password".to_owned(), "s3cr3t-pa55".to_owned())]);
        assert_eq!(values("kind: SecretProviderClass\ndata:\n  password: czNjcjN0LXBhNTU=\n"), []);
    }
}
