//! AWS access key ids: what the sixteen characters after the four-letter kind hold.

use super::codec;
use super::{Check, Outcome};
use crate::finding::account::{ACCOUNT_LIMIT, ACCOUNT_SHIFT, NEW_GENERATION};

const SOURCE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html; layout: \
    https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489, generation bit: \
    https://labs.withsecure.com/publications/a-bitwise-analysis-of-aws-access-key-identifiers.html";

/// `AKIA` or `ASIA` and 16 base32 characters. They carry an account number, but no checksum: a good number
/// proves nothing, one of 13 digits refutes.
pub(super) static ACCESS_KEY_ID: Check =
    Check { name: "aws-access-key-id", source: SOURCE, verify, repair: Some(repair) };

/// The first six bytes after the kind, as a number.
fn head(key_id: &[u8]) -> Option<u64> {
    if key_id.len() != 20 || !key_id.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) {
        return None;
    }
    let bytes = codec::base32(key_id.get(4..)?)?;
    Some(bytes.get(..6)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn account(head: u64) -> Option<u64> {
    (head & NEW_GENERATION != 0).then_some((head & (NEW_GENERATION - 1)) >> ACCOUNT_SHIFT)
}

fn verify(key_id: &[u8]) -> Outcome {
    match head(key_id).map(account) {
        None => Outcome::Failed,
        Some(Some(account)) if account >= ACCOUNT_LIMIT => Outcome::Failed,
        Some(_) => Outcome::Unknown,
    }
}

fn repair(key_id: &[u8]) -> Option<Vec<u8>> {
    let number = head(key_id)? & (NEW_GENERATION - 1);
    let spare = number & ((1 << ACCOUNT_SHIFT) - 1);
    let fixed = NEW_GENERATION | ((number >> ACCOUNT_SHIFT) % ACCOUNT_LIMIT) << ACCOUNT_SHIFT | spare;
    let mut bytes = codec::base32(key_id.get(4..)?)?;
    bytes.get_mut(..6)?.copy_from_slice(&fixed.to_be_bytes()[2..]);
    Some([key_id.get(..4)?, &codec::to_base32(&bytes)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing;
    use crate::finding::account::aws_account_id;

    #[test]
    fn the_account_of_a_published_key_id() {
        let key_id = ["ASIAY34F", "ZKBOKMUTVV7A"].concat();
        assert_eq!(aws_account_id(key_id.as_bytes()).as_deref(), Some("609629065308"));
        assert_eq!(verify(key_id.as_bytes()), Outcome::Unknown);
    }

    #[test]
    fn leading_zeros_are_kept_and_old_ids_have_no_account() {
        let mut bytes = [0_u8; 10];
        bytes[..6].copy_from_slice(&(NEW_GENERATION | 42 << ACCOUNT_SHIFT).to_be_bytes()[2..]);
        let key_id = [&b"AKIA"[..], &codec::to_base32(&bytes)].concat();
        assert_eq!(aws_account_id(&key_id).as_deref(), Some("000000000042"));
        let old = ["AKIAJ", "AAAAAAAAAAAAAAA"].concat();
        assert_eq!(aws_account_id(old.as_bytes()), None);
        assert_eq!(verify(old.as_bytes()), Outcome::Unknown);
    }

    #[test]
    fn thirteen_digits_and_foreign_characters_fail() {
        assert_eq!(verify(b"AKIA7777777777777777"), Outcome::Failed);
        assert_eq!(verify(b"AKIA0AAAAAAAAAAAAAAA"), Outcome::Failed);
        assert_eq!(verify(b"AKIAQ"), Outcome::Failed);
    }

    #[test]
    fn a_repaired_sample_has_an_account() {
        let mut random = testing::Random::new(1);
        for _ in 0..200 {
            let sample = [&b"AKIA"[..], &random.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)].concat();
            let fixed = repair(&sample).expect("the sample has the shape of a key id");
            assert_eq!(fixed.len(), sample.len());
            assert!(aws_account_id(&fixed).is_some());
            assert_eq!(verify(&fixed), Outcome::Unknown);
        }
    }
}
