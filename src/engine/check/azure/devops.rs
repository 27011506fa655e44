//! Personal access tokens of Azure DevOps in their older form.

use crate::engine::check::{Check, Outcome, codec};

/// 52 base32 characters in lower case: 28 bytes of token with a masked CRC-32 laid in between.
pub(in crate::engine::check) static DEVOPS_PAT: Check = Check {
    name: "azure-devops-pat",
    source: "https://github.com/microsoft/security-utilities (SEC101_102_AdoPat.cs)",
    verify,
    repair: Some(repair),
};

/// What the stored sum differs from the CRC-32 by: tokens of users, tokens of applications.
const MASKS: [u32; 2] = [0xe0b9_692d, 0x1019_f92e];

/// The places of the sum, its low byte first.
const SUM_AT: [usize; 4] = [22, 8, 7, 2];

fn decode(token: &[u8]) -> Option<[u8; 32]> {
    if token.len() != 52 || !token.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')) {
        return None;
    }
    codec::base32(token)?.try_into().ok()
}

fn crc(bytes: &[u8; 32]) -> u32 {
    let kept: Vec<u8> = (0..32).filter(|at| !SUM_AT.contains(at)).map(|at| bytes[at]).collect();
    crc32fast::hash(&kept)
}

fn verify(token: &[u8]) -> Outcome {
    let Some(bytes) = decode(token) else { return Outcome::Failed };
    let stored = u32::from_le_bytes(SUM_AT.map(|at| bytes[at]));
    if MASKS.contains(&(stored ^ crc(&bytes))) { Outcome::Passed } else { Outcome::Failed }
}

fn repair(token: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = decode(token)?;
    let sum = (crc(&bytes) ^ MASKS[0]).to_le_bytes();
    for (at, byte) in SUM_AT.into_iter().zip(sum) {
        bytes[at] = byte;
    }
    Some(codec::to_base32(&bytes).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn round_trips() {
        let mut random = Random::new(7);
        for _ in 0..50 {
            let sample = random.text(b"abcdefghijklmnopqrstuvwxyz234567", 52);
            let good = passes_when_repaired(&DEVOPS_PAT, &sample);
            // The last character holds one bit of the token and four that nothing uses.
            fails_when_changed(&DEVOPS_PAT, &good, 0..51);
        }
        assert_eq!(verify(&[b'a'; 51]), Outcome::Failed);
    }
}
