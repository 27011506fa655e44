//! What an assigned value may be instead of a secret: an address, a path, a number, code.

use crate::engine::filter::{is_harmless, looks_random};

/// Forms that are known and are no secret: addresses, paths, dates, numbers, versions, colours, code.
pub(super) fn is_something_else(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let lower = text.to_ascii_lowercase();
    let address = lower.contains("://") || lower.starts_with("www.") || lower.starts_with("mailto:");
    let glob = text.contains('*') && text.contains('/');
    let path = glob
        || text.starts_with(['/', '~', '.']) && text.contains('/') && !looks_random(&value[1..])
        // curl's: send the content of that file.
        || ["@~/", "@/", "@./", "@../"].iter().any(|begin| text.starts_with(begin))
        || text.contains(":\\")
        || FILE_ENDS.iter().any(|end| lower.ends_with(end));
    let number = value.iter().all(|&byte| byte.is_ascii_digit() || b".,:-+/ _%".contains(&byte)) && value.len() < 16;
    // The padding of base64 is no comparison.
    let unpadded = text.trim_end_matches('=');
    let code = [
        "()", "=>", "->", "::", "&&", "||", "==", "</", "/>", "{{", "function", "return ", "${", "#{", "\\\\s",
        "\\\\w", "[a-z", "[A-Z", "[0-9", "[^", "%s", "%d", "{}", "{0}", ").", "\\n", "\"+", "+\"", "'+", "+'",
    ]
    .iter()
    .any(|sign| unpadded.contains(sign));
    let mail = lower.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
            && HOST_ENDS.iter().any(|end| host.ends_with(end))
    });
    let tag = ["urn:", "data:", "image/", "application/", "text/"].iter().any(|begin| lower.starts_with(begin));
    // The signature of one request, sent instead of a secret.
    let signed =
        ["aws4-hmac-", "digest username=", "hawk id=", "signature keyid="].iter().any(|kind| lower.starts_with(kind));
    address || signed || path || number || is_version(value) || code || mail || tag || is_harmless(value)
}

/// `^1.0.0`, `>=7.4 <9`, `^7.4|^8.0`: what a package asks for.
fn is_version(value: &[u8]) -> bool {
    value.first().is_some_and(|byte| b"^~<>=".contains(byte))
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().all(|byte| byte.is_ascii_digit() || b".^~<>=|&,*x- ".contains(byte))
}

const FILE_ENDS: &[&str] = &[
    ".txt",
    ".json",
    ".yml",
    ".yaml",
    ".xml",
    ".pem",
    ".key",
    ".crt",
    ".cer",
    ".jks",
    ".p12",
    ".pfx",
    ".js",
    ".ts",
    ".py",
    ".java",
    ".html",
    ".png",
    ".svg",
    ".jpg",
    ".gif",
    ".css",
    ".conf",
    ".cfg",
    ".ini",
    ".env",
    ".md",
    ".php",
    ".go",
    ".rb",
    ".sh",
    ".properties",
    ".gpg",
    ".pub",
    ".keytab",
    ".kdbx",
    ".dat",
    ".bin",
    ".log",
    ".lock",
    ".toml",
    ".csv",
    ".sql",
    ".local",
    ".com",
    ".org",
    ".net",
    ".io",
];
const HOST_ENDS: &[&str] = &[
    ".com", ".org", ".net", ".io", ".dev", ".de", ".uk", ".local", ".edu", ".gov", ".test", ".invalid", ".example",
    ".fr", ".jp", ".cn", ".ru",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_versions_are_no_passwords() {
        for text in ["^1.0.0", "^7.4|^8.0", ">=2 <4", "~1.2.x"] {
            assert!(is_something_else(text.as_bytes()), "{text}");
        }
        for text in ["@~/.netrc", "@./token", "AWS4-HMAC-SHA256 Credential=abc/20130524/eu-west-1/s3/aws4_request"] {
            assert!(is_something_else(text.as_bytes()), "{text}");
        }
        for text in ["@dmin/2020", "^1.0.0a", "~Tr0ub4dor", "=hunter2"] {
            assert!(!is_something_else(text.as_bytes()), "{text}");
        }
    }
}
