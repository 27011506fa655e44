//! Temporary tokens of crates.io's trusted publishing.

use super::{Check, Outcome, codec};

/// `cio_tp_`, 31 characters and one that the others give by exclusive or.
pub(super) static XOR: Check = Check {
    name: "crates-io-xor",
    source: "https://github.com/rust-lang/crates.io (crates/crates_io_trustpub/src/access_token.rs)",
    verify,
    repair: Some(repair),
};

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn sum(token: &[u8]) -> Option<u8> {
    let body = token.strip_prefix(b"cio_tp_")?;
    let (covered, _) = body.split_first_chunk::<31>()?;
    let fits = body.len() == 32 && body.iter().all(|byte| codec::position(ALPHABET, *byte).is_some());
    let folded = covered.iter().fold(0, |sum, byte| sum ^ byte);
    fits.then(|| ALPHABET[usize::from(folded) % ALPHABET.len()])
}

fn verify(token: &[u8]) -> Outcome {
    if sum(token).is_some_and(|sum| token.last() == Some(&sum)) { Outcome::Passed } else { Outcome::Failed }
}

fn repair(token: &[u8]) -> Option<Vec<u8>> {
    let mut fixed = token.to_vec();
    *fixed.last_mut()? = sum(token)?;
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn round_trips() {
        let mut random = Random::new(10);
        for _ in 0..50 {
            let sample = [&b"cio_tp_"[..], &random.text(ALNUM, 32)].concat();
            let good = passes_when_repaired(&XOR, &sample);
            fails_when_changed(&XOR, &good, 38..39);
        }
        assert_eq!(verify(b"cio_tp_"), Outcome::Failed);
    }
}
