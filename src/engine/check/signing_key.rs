//! Secret keys of signing tools, and numbers that are keys only below a bound.

use sha2::{Digest as _, Sha512};

use super::{Check, Outcome, codec};

/// OpenBSD's signify: base64 of 104 bytes.
pub(super) static SIGNIFY: Check = Check {
    name: "signify-secret-key",
    source: "https://man.openbsd.org/signify; https://github.com/aperezdc/signify (signify.c, struct enckey)",
    verify: |text| last_word(text).map_or(Outcome::Failed, |bytes| signify(&bytes)),
    repair: Some(repair_signify),
};

/// Minisign: base64 of 158 bytes. The layout can refute, but not prove.
pub(super) static MINISIGN: Check = Check {
    name: "minisign-secret-key",
    source: "https://jedisct1.github.io/minisign/ (secret key format)",
    verify: |text| last_word(text).map_or(Outcome::Failed, |bytes| minisign(&bytes)),
    repair: None,
};

/// 64 hexadecimal digits below the order of secp256k1, and not a number that a person chose. Nearly every digest
/// is such a number, so this can refute, but not prove.
pub(super) static SECP256K1: Check = Check {
    name: "secp256k1-private-key",
    source: "https://www.secg.org/sec2-v2.pdf (section 2.4.1)",
    verify: |text| below(text.strip_prefix(b"0x").unwrap_or(text), &SECP256K1_ORDER, false),
    repair: Some(repair_secp256k1),
};

/// 64 hexadecimal digits, the low byte first, below the order of Ed25519's group: one digest of sixteen.
pub(super) static MONERO: Check = Check {
    name: "monero-spend-key",
    source: "RFC 8032 section 5.1; https://docs.getmonero.org/public-address/standard-address/",
    verify: |text| below(text, &ED25519_ORDER, true),
    repair: Some(repair_monero),
};

/// Both tools put a comment line in front, which may or may not be part of the text.
fn last_word(text: &[u8]) -> Option<Vec<u8>> {
    codec::base64(text.split(u8::is_ascii_whitespace).rfind(|word| !word.is_empty())?)
}

fn signify(bytes: &[u8]) -> Outcome {
    // Algorithm, key derivation, rounds, salt (16), checksum (8), key number (8), key (64).
    let (Some(b"EdBK"), Some(rounds), Some(sum), Some(key)) =
        (bytes.get(..4), bytes.get(4..8), bytes.get(24..32), bytes.get(40..104))
    else {
        return Outcome::Failed;
    };
    match (bytes.len(), rounds) {
        (104, [0, 0, 0, 0]) if Sha512::digest(key)[..8] == *sum => Outcome::Passed,
        (104, [0, 0, 0, 0]) => Outcome::Failed,
        // Under a passphrase, which may be a weak one or stand nearby.
        (104, _) => Outcome::Unknown,
        _ => Outcome::Failed,
    }
}

fn repair_signify(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
    let mut bytes = codec::base64(text.get(at..)?).filter(|bytes| bytes.len() == 104)?;
    let sum = Sha512::digest(bytes.get(40..)?);
    bytes[24..32].copy_from_slice(&sum[..8]);
    let fixed = [&text[..at], &codec::base64_like(&bytes, &text[at..])].concat();
    (fixed.len() == text.len() && (SIGNIFY.verify)(&fixed) != Outcome::Failed).then_some(fixed)
}

fn minisign(bytes: &[u8]) -> Outcome {
    match bytes {
        _ if bytes.len() != 158 => Outcome::Failed,
        // Its sum is one of BLAKE2b, which this program has no need of elsewhere. `Sc` is under a passphrase, which
        // in build pipelines is often the empty one.
        [b'E', b'd', b'S', b'c', b'B', b'2', ..] | [b'E', b'd', 0, 0, b'B', b'2', ..] => Outcome::Unknown,
        _ => Outcome::Failed,
    }
}

/// High byte first.
const SECP256K1_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, //
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// High byte first.
const ED25519_ORDER: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

fn below(text: &[u8], order: &[u8; 32], is_low_first: bool) -> Outcome {
    let Some(mut number) = codec::hex(text).filter(|number| number.len() == 32) else { return Outcome::Failed };
    if is_low_first {
        number.reverse();
    }
    // Eight zero bytes in a row never come from a generator: 1, 2, 0x1000… are exercises.
    let is_chosen = number.windows(8).any(|run| run.iter().all(|byte| *byte == run[0]));
    if is_chosen || number.as_slice() >= &order[..] { Outcome::Failed } else { Outcome::Unknown }
}

fn repair_secp256k1(text: &[u8]) -> Option<Vec<u8>> {
    let mut fixed = text.to_vec();
    let at = if text.starts_with(b"0x") { 2 } else { 0 };
    *fixed.get_mut(at)? = b'7';
    ((SECP256K1.verify)(&fixed) == Outcome::Unknown).then_some(fixed)
}

fn repair_monero(text: &[u8]) -> Option<Vec<u8>> {
    let mut fixed = text.to_vec();
    // The last byte is the highest one.
    *fixed.get_mut(62)? = b'0';
    ((MONERO.verify)(&fixed) == Outcome::Unknown).then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::Random;

    fn file(bytes: &[u8]) -> Vec<u8> {
        [b"untrusted comment: secret key\n", &codec::base64_padded(bytes)[..], b"\n"].concat()
    }

    #[test]
    fn keys_of_signify() {
        let key = Random::new(38).bytes(64);
        let sum = &Sha512::digest(&key)[..8];
        let plain = [&b"EdBK\0\0\0\0"[..], &[1; 16], sum, &[2; 8], &key].concat();
        assert_eq!((SIGNIFY.verify)(&file(&plain)), Outcome::Passed);
        let mut locked = plain.clone();
        locked[7] = 42;
        assert_eq!((SIGNIFY.verify)(&file(&locked)), Outcome::Unknown);
        let mut wrong = plain;
        wrong[103] ^= 1;
        assert_eq!((SIGNIFY.verify)(&file(&wrong)), Outcome::Failed);
        let text = codec::base64_padded(&wrong);
        let fixed = repair_signify(&text).expect("it has the length");
        assert_eq!(fixed.len(), text.len());
        assert_eq!((SIGNIFY.verify)(&fixed), Outcome::Passed);
        assert_eq!((SIGNIFY.verify)(b""), Outcome::Failed);
    }

    #[test]
    fn keys_of_minisign() {
        let rest = Random::new(39).bytes(152);
        assert_eq!((MINISIGN.verify)(&file(&[b"Ed\0\0B2", &rest[..]].concat())), Outcome::Unknown);
        assert_eq!((MINISIGN.verify)(&file(&[b"EdScB2", &rest[..]].concat())), Outcome::Unknown);
        assert_eq!((MINISIGN.verify)(&file(&[b"EdScB2", &rest[1..]].concat())), Outcome::Failed);
    }

    #[test]
    fn numbers_below_the_order() {
        let mut random = Random::new(40);
        for _ in 0..50 {
            let sample = random.text(b"0123456789abcdef", 64);
            for check in [&SECP256K1, &MONERO] {
                let fixed = check.repair.and_then(|repair| repair(&sample)).expect("64 digits");
                assert_eq!((check.verify)(&fixed), Outcome::Unknown);
            }
        }
        let too_large = [b'f'; 64];
        assert_eq!((SECP256K1.verify)(&too_large), Outcome::Failed);
        assert_eq!((MONERO.verify)(&too_large), Outcome::Failed);
        let one = [&[b'0'; 63][..], b"1"].concat();
        assert_eq!((SECP256K1.verify)(&one), Outcome::Failed);
    }
}
