//! The identity of a finding.
//!
//! It holds no line, offset or commit, so that it survives moved lines, squashes, line ends and platforms, and
//! it must not help somebody who reads a committed baseline. A random-looking secret (80 bits or more) is
//! identified by a truncated SHA-256 over the rule family and the secret: nobody searches 2^80. Of a guessable
//! one only 16 bits go in, beside rule family, path and key name: whoever tries passwords against the id finds
//! one in 65,536 of all wrong ones fitting too, and an accidental repeat is as rare.

use crate::text::hex;
use sha2::{Digest as _, Sha256};

/// Bits of estimated randomness from which a secret counts as one that cannot be guessed.
pub const UNGUESSABLE_BITS: f64 = 80.0;

/// What a finding is identified by.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The rule's family.
    pub family: &'a str,
    /// The secret, or nothing for a finding on a whole file. Carriage returns are left out.
    pub secret: &'a [u8],
    /// The path from the top of the repository (or from the scanned folder), with `/`.
    pub path: &'a str,
    /// The name of the key it is assigned to, or an empty text.
    pub key: &'a str,
    /// Whether the secret is random enough to stand for itself.
    pub unguessable: bool,
}

/// The id: `ps1-` and 24 hexadecimal digits (96 bits).
#[must_use]
pub fn id(subject: &Subject<'_>) -> String {
    let mut hasher = Sha256::new();
    if subject.unguessable {
        field(&mut hasher, b"plainsight 1 secret");
        field(&mut hasher, subject.family.as_bytes());
        field(&mut hasher, &without_carriage_returns(subject.secret));
    } else {
        field(&mut hasher, b"plainsight 1 place");
        field(&mut hasher, subject.family.as_bytes());
        field(&mut hasher, subject.path.as_bytes());
        field(&mut hasher, subject.key.as_bytes());
        let value = Sha256::digest(without_carriage_returns(subject.secret));
        field(&mut hasher, &value[..2]);
    }
    let digest = hasher.finalize();
    format!("ps1-{}", hex(&digest[..12]))
}

/// Length before content, so that no two lists of fields give the same bytes.
fn field(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|&b| b != b'\r').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject<'a>(secret: &'a [u8], path: &'a str, unguessable: bool) -> Subject<'a> {
        Subject { family: "generic-password", secret, path, key: "db_password", unguessable }
    }

    #[test]
    fn a_random_secret_is_the_same_everywhere() {
        assert_eq!(id(&subject(b"k\r\ney", "a", true)), id(&subject(b"k\ney", "b", true)));
        assert_ne!(id(&subject(b"key1", "a", true)), id(&subject(b"key2", "a", true)));
    }

    #[test]
    fn a_guessable_one_is_tied_to_its_place() {
        assert_ne!(id(&subject(b"hunter2", "a", false)), id(&subject(b"hunter2", "b", false)));
        assert_ne!(id(&subject(b"hunter2", "a", false)), id(&subject(b"hunter3", "a", false)));
    }

    #[test]
    fn an_id_of_a_guessable_secret_fits_many_guesses() {
        let real = id(&subject(b"hunter2", "a", false));
        let fitting = (0..200_000).filter(|n| id(&subject(format!("guess{n}").as_bytes(), "a", false)) == real).count();
        assert!((1..20).contains(&fitting), "{fitting} of 200,000 guesses fit; about 3 should");
    }
}
