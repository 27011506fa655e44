//! What `git filter-repo --replace-text` reads: one expression a line, the secret before `==>`.
//!
//! The file holds the secret, which is why the program writes it only when asked to. A value that fits on a line
//! stands there as it is; one of several lines, which no line can hold, is spelled as an expression that matches
//! exactly its bytes, with either line end.

/// What stands in the history afterwards.
pub const REPLACEMENT: &str = "REMOVED-SECRET";

/// The text of the file for these values.
#[must_use]
pub fn replacements(values: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for value in values.iter().filter(|value| !value.is_empty()) {
        if value.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            out.extend_from_slice(b"regex:");
            spell(value, &mut out);
        } else {
            out.extend_from_slice(b"literal:");
            out.extend_from_slice(value);
        }
        out.extend_from_slice(format!("==>{REPLACEMENT}\n").as_bytes());
    }
    out
}

fn spell(value: &[u8], out: &mut Vec<u8>) {
    for &byte in value {
        match byte {
            b'\r' => {}
            b'\n' => out.extend_from_slice(br"\r?\n"),
            byte if byte.is_ascii_alphanumeric() => out.push(byte),
            byte => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_value() {
        let text = replacements(&[b"a==>b", b"k\r\ne.y", b""]);
        assert_eq!(
            String::from_utf8_lossy(&text),
            "literal:a==>b==>REMOVED-SECRET\nregex:k\\r?\\ne\\x2ey==>REMOVED-SECRET\n"
        );
    }
}
