//! Client secrets of Microsoft Entra ID (Azure AD) applications.

use super::marvin::marvin32;
use crate::engine::check::{Check, Outcome, codec};

/// 40 characters with a digit and `Q~` at offset 3; those with `8Q~` end in three characters of sum.
pub(in crate::engine::check) static CLIENT_SECRET: Check = Check {
    name: "entra-client-secret",
    source: "https://github.com/microsoft/security-utilities (IdentifiableSecrets, Azure AD client secret)",
    verify,
    repair: Some(repair),
};

const BASE66: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// What the sum covers.
const COVERED: usize = 37;

fn verify(secret: &[u8]) -> Outcome {
    if !has_form(secret) {
        return Outcome::Failed;
    }
    // Only the eighth generation has a sum.
    if secret[3] != b'8' {
        return Outcome::Unknown;
    }
    if secret.len() == 40 && secret[COVERED..] == sum(&secret[..COVERED]) { Outcome::Passed } else { Outcome::Failed }
}

fn has_form(secret: &[u8]) -> bool {
    secret.len() >= COVERED
        && secret.iter().all(|byte| BASE66.contains(byte))
        && secret[3].is_ascii_digit()
        && &secret[4..6] == b"Q~"
}

fn sum(covered: &[u8]) -> Vec<u8> {
    let mut text = codec::digits(u64::from(marvin32(*b"AadPwd00", covered)), BASE66, 6);
    text.truncate(3);
    text
}

fn repair(secret: &[u8]) -> Option<Vec<u8>> {
    let covered = secret.get(..COVERED)?;
    let fits = secret.len() == 40 && has_form(secret) && secret[3] == b'8';
    fits.then(|| [covered, &sum(covered)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn round_trips() {
        let mut random = Random::new(6);
        for _ in 0..50 {
            let sample = [&random.text(ALNUM, 3)[..], b"8Q~", &random.text(ALNUM, 34)].concat();
            let good = passes_when_repaired(&CLIENT_SECRET, &sample);
            fails_when_changed(&CLIENT_SECRET, &good, 38..40);
        }
    }

    #[test]
    fn the_generation_before_has_no_sum() {
        let secret = [&b"abc7Q~"[..], &[b'x'; 34]].concat();
        assert_eq!(verify(&secret), Outcome::Unknown);
        assert_eq!(verify(b"abc"), Outcome::Failed);
        assert_eq!(verify(&[b'a'; 40]), Outcome::Failed);
    }
}
