//! Names and excerpts made safe to print: no control character of a file reaches a terminal or a log.

use std::fmt::Write as _;

/// A path as it is shown and stored: with `/`, and percent-escaped where the bytes are no UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathText {
    text: String,
    escaped: bool,
}

impl PathText {
    /// From the bytes of a path. Bytes that are no UTF-8 become `%XX`, and so does `%` in such a path.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { text: text.to_owned(), escaped: false };
        }
        let mut text = String::with_capacity(bytes.len() + 8);
        for chunk in bytes.utf8_chunks() {
            text.push_str(&chunk.valid().replace('%', "%25"));
            for byte in chunk.invalid() {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        Self { text, escaped: true }
    }

    /// The text; may hold any character but no invalid byte.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes that it was made from.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        if !self.escaped {
            return self.text.clone().into_bytes();
        }
        let (bytes, mut out, mut at) = (self.text.as_bytes(), Vec::new(), 0);
        while let Some(&byte) = bytes.get(at) {
            let code = self.text.get(at + 1..at + 3).filter(|_| byte == b'%');
            let escaped = code.and_then(|code| u8::from_str_radix(code, 16).ok());
            out.push(escaped.unwrap_or(byte));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        out
    }

    /// Whether bytes were percent-escaped.
    #[must_use]
    pub const fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// The text as it may be printed on a terminal.
    #[must_use]
    pub fn for_terminal(&self) -> String {
        printable(&self.text)
    }
}

/// Replaces what could move a cursor, hide text or forge a line by visible escapes: control characters and
/// the characters that turn the writing direction.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_bytes_are_percent_escaped_and_said_to_be() {
        let path = PathText::from_bytes(b"a%\xff/b");
        assert_eq!((path.as_str(), path.is_escaped()), ("a%25%FF/b", true));
        assert_eq!(path.to_bytes(), b"a%\xff/b");
        assert_eq!(PathText::from_bytes(b"100%.env").as_str(), "100%.env");
    }

    #[test]
    fn nothing_that_moves_a_cursor_is_printed() {
        assert_eq!(printable("a\x1b[2Jb\n\u{202e}c"), "a\\x1b[2Jb\\x0a\\u{202e}c");
    }
}
