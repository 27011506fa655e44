//! Common annotated security keys: 84 characters with the maker, the month and a short sum in fixed places.

use super::marvin::marvin32;
use crate::engine::check::{Check, Outcome, codec};

/// 52 random characters, `JQQJ9` and one of `9DH`, date, platform, provider, signature, sum; 84 or 88 in all.
pub(in crate::engine::check) static ANNOTATED_KEY: Check = Check {
    name: "azure-annotated-key",
    source: "https://github.com/microsoft/security-utilities (LegacyCommonAnnotatedSecurityKey.cs)",
    verify,
    repair: Some(repair),
};

/// What the sum covers, as text.
const COVERED: usize = 80;

fn verify(key: &[u8]) -> Outcome {
    if !has_layout(key) {
        return Outcome::Failed;
    }
    match sums(key) {
        Some(sums) if sums.iter().any(|sum| key[COVERED..].starts_with(sum)) => Outcome::Passed,
        _ => Outcome::Failed,
    }
}

fn has_layout(key: &[u8]) -> bool {
    let body = match key.len() {
        84 => key,
        88 if key.ends_with(b"==") => &key[..86],
        _ => return false,
    };
    body.iter().all(u8::is_ascii_alphanumeric)
        && key[52..].starts_with(b"JQQJ9")
        && matches!(key[57], b'9' | b'D' | b'H')
        && (b'A'..=b'L').contains(&key[59])
}

/// The sum as today's keys write it, and as the first ones did.
fn sums(key: &[u8]) -> Option<[Vec<u8>; 2]> {
    let sum = marvin32(*b"Default0", &codec::base64(key.get(..COVERED)?)?).to_le_bytes();
    let mut today = codec::digits(u64::from(u32::from_be_bytes(sum)), codec::BASE62, 1);
    today.resize(6, b'0');
    today.truncate(4);
    let mut first = codec::base64_like(&sum, b"");
    first.truncate(4);
    Some([today, first])
}

fn repair(key: &[u8]) -> Option<Vec<u8>> {
    if !has_layout(key) {
        return None;
    }
    let [today, _] = sums(key)?;
    Some([key.get(..COVERED)?, &today, key.get(COVERED + 4..)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn round_trips() {
        let mut random = Random::new(5);
        for service in ["AZDO", "AZEG", "ACOG"] {
            for tail in ["", "ab=="] {
                let head = random.text(ALNUM, 52);
                let platform = random.text(ALNUM, 16);
                let parts = [&head[..], b"JQQJ99", b"BC", &platform[..12], b"AAAA", service.as_bytes(), b"0000"];
                let sample = [&parts.concat()[..], tail.as_bytes()].concat();
                let good = passes_when_repaired(&ANNOTATED_KEY, &sample);
                fails_when_changed(&ANNOTATED_KEY, &good, 0..84);
            }
        }
    }

    #[test]
    fn other_shapes_fail() {
        assert_eq!(verify(&[b'a'; 84]), Outcome::Failed);
        assert_eq!(verify(&[b'a'; 83]), Outcome::Failed);
    }
}
