//! Base32 keys with a CRC-16/XMODEM at their end: NATS nkeys and Stellar's strkeys.

use super::{Check, Outcome, codec};

/// A seed of NATS: `S` and the letter of its kind, 58 characters, 36 bytes.
pub(super) static NKEY: Check = Check {
    name: "nats-nkey",
    source: "https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth; \
             https://github.com/nats-io/nkeys (strkey.go)",
    verify: nkey,
    repair: Some(repair_nkey),
};

/// A secret seed of Stellar: `S`, 56 characters, 35 bytes.
pub(super) static STELLAR: Check = Check {
    name: "stellar-secret",
    source: "https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md",
    verify: stellar,
    repair: Some(repair_stellar),
};

/// Decodes and checks the sum; gives the bytes in front of it.
fn decode(key: &[u8]) -> Option<Vec<u8>> {
    // Both write upper case only, and a lower-case look-alike is no key.
    let mut bytes = key.iter().all(|byte| !byte.is_ascii_lowercase()).then(|| codec::base32(key))??;
    let (covered, stored) = bytes.split_last_chunk::<2>()?;
    if crc16(covered) != u16::from_le_bytes(*stored) {
        return None;
    }
    bytes.truncate(covered.len());
    Some(bytes)
}

fn crc16(bytes: &[u8]) -> u16 {
    let mut sum = 0_u16;
    for byte in bytes {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carry = sum & 0x8000 != 0;
            sum <<= 1;
            if carry {
                sum ^= 0x1021;
            }
        }
    }
    sum
}

fn nkey(key: &[u8]) -> Outcome {
    match (key.len(), decode(key)) {
        // Five bits of `S`, then the eight of the kind: the rest of the second byte is zero.
        (58, Some(bytes)) if bytes[0] & 0xf8 == 0x90 && bytes[1].trailing_zeros() >= 3 => Outcome::Passed,
        (56, Some(bytes)) if bytes[0] != 0x90 => Outcome::NotASecret("public key"),
        _ => Outcome::Failed,
    }
}

fn stellar(key: &[u8]) -> Outcome {
    match (key.len(), decode(key)) {
        (56, Some(bytes)) if bytes[0] == 0x90 => Outcome::Passed,
        (56, Some(bytes)) if bytes[0] == 0x30 => Outcome::NotASecret("public key"),
        _ => Outcome::Failed,
    }
}

fn with_sum(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (covered, stored) = bytes.split_last_chunk_mut::<2>()?;
    *stored = crc16(covered).to_le_bytes();
    Some(codec::to_base32(&bytes))
}

fn repair_nkey(key: &[u8]) -> Option<Vec<u8>> {
    if key.len() != 58 || key.first() != Some(&b'S') {
        return None;
    }
    let mut bytes = codec::base32(key)?;
    bytes[1] &= 0xf8;
    with_sum(bytes)
}

fn repair_stellar(key: &[u8]) -> Option<Vec<u8>> {
    if key.len() != 56 || key.first() != Some(&b'S') {
        return None;
    }
    let mut bytes = codec::base32(key)?;
    bytes[0] = 0x90;
    with_sum(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{Random, fails_when_changed, passes_when_repaired};

    const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    #[test]
    fn the_check_value_of_the_polynomial() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn the_public_key_of_the_specification() {
        // SEP-23, the first valid case.
        let key = ["GA7QYNF7SOWQ3GLR2BGM", "ZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"].concat();
        assert_eq!(stellar(key.as_bytes()), Outcome::NotASecret("public key"));
    }

    #[test]
    fn the_seed_of_the_nats_documentation() {
        let seed = ["SUACSSL3UAHUDXKFSNVUZRF5UHPMW", "Z6BFDTJ7M6USDXIEDNPPQYYYCU3VY"].concat();
        assert_eq!(nkey(seed.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn round_trips() {
        let mut random = Random::new(11);
        for _ in 0..50 {
            let good = passes_when_repaired(&NKEY, &[&b"SU"[..], &random.text(BASE32, 56)].concat());
            assert!(good.starts_with(b"SU"));
            fails_when_changed(&NKEY, &good, 0..57);
            let good = passes_when_repaired(&STELLAR, &[&b"SB"[..], &random.text(BASE32, 54)].concat());
            fails_when_changed(&STELLAR, &good, 0..56);
        }
    }

    #[test]
    fn public_nkeys_are_no_secrets() {
        let mut bytes = vec![20 << 3];
        bytes.extend(Random::new(12).bytes(32));
        bytes.extend(crc16(&bytes).to_le_bytes());
        assert_eq!(nkey(&codec::to_base32(&bytes)), Outcome::NotASecret("public key"));
        assert_eq!(nkey(b""), Outcome::Failed);
    }
}
