//! The type that holds a secret, and the only way it is shown.
//!
//! A secret leaves the engine inside [`Secret`], whose `Debug` and `Display` print the masked form; the bytes
//! themselves are reached only through [`Secret::expose`], which is easy to search the code for.

use std::fmt;

/// The bytes that give access. Printing it prints the masked form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves: for hashing, comparing and `--show-secrets`, never for a message.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The masked form; see [`mask_bytes`].
    #[must_use]
    pub fn masked(&self) -> String {
        mask_bytes(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.masked())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Masks a secret: never more than four characters of either end, and fewer the shorter it is, so that what
/// is shown does not shorten a guess. The header line of an armoured key is public and is kept.
#[must_use]
pub fn mask_bytes(secret: &[u8]) -> String {
    if let Some(header) = armour_header(secret) {
        return format!("{header}…");
    }
    let text = String::from_utf8_lossy(secret);
    let characters: Vec<char> = text.chars().map(|c| if c.is_control() || c == '\u{fffd}' { '·' } else { c }).collect();
    let (head, tail) = match characters.len() {
        0..8 => (0, 0),
        8..16 => (1, 0),
        16..24 => (2, 2),
        _ => (4, 4),
    };
    let first: String = characters[..head].iter().collect();
    let last: String = characters[characters.len() - tail..].iter().collect();
    format!("{first}…{last}")
}

/// `-----BEGIN RSA PRIVATE KEY-----` of a block that begins with it.
fn armour_header(secret: &[u8]) -> Option<&str> {
    let rest = secret.strip_prefix(b"-----BEGIN ")?;
    let label = rest.iter().take(64).position(|&b| b == b'-')?;
    if !rest[..label].iter().all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ') {
        return None;
    }
    let end = b"-----BEGIN ".len() + label + b"-----".len();
    std::str::from_utf8(secret.get(..end)?).ok().filter(|header| header.ends_with("-----"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_at_most_four_characters_of_either_end() {
        let secret: String = ('a'..='z').chain('A'..='Z').collect();
        for length in 0..secret.len() {
            let masked = mask_bytes(&secret.as_bytes()[..length]);
            let shown = masked.chars().filter(|&c| c != '…').count();
            assert!(shown <= 8 && shown * 3 <= length.max(1), "{length}: {masked}");
            let middle = &secret[..length];
            assert!(!(0..length.saturating_sub(5)).any(|at| masked.contains(&middle[at..at + 5])));
        }
    }

    #[test]
    fn debug_and_display_are_masked() {
        let secret = Secret::new(b"correct horse battery staple");
        assert!(!format!("{secret:?} {secret}").contains("horse"));
    }

    #[test]
    fn keeps_the_header_of_a_key_only() {
        let header = "-----BEGIN RSA PRIVATE KEY-----";
        assert_eq!(mask_bytes(format!("{header}\nMIIabcdef").as_bytes()), format!("{header}…"));
        assert!(!mask_bytes(b"-----BEGIN lower case secret here-----").contains("case"));
    }

    #[test]
    fn control_bytes_do_not_reach_a_terminal() {
        assert!(!mask_bytes(b"\x1b[31mabcdefghijklmnopqrstuvwxyz").contains('\x1b'));
    }
}
