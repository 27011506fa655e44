//! Bech32 (BIP-173, final constant 1): age, Nostr, Sui and Cardano keys.

use super::{Check, Outcome, codec};

/// A human part, `1`, data and six characters of checksum, all in one case.
pub(super) static BECH32: Check = Check {
    name: "bech32",
    source: "https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki; https://github.com/C2SP/C2SP/blob/main/age.md; \
             https://github.com/nostr-protocol/nips/blob/master/19.md; https://cips.cardano.org/cip/CIP-5",
    verify,
    repair: Some(repair),
};

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
const SUM_LENGTH: usize = 6;

/// Longer than any key; BIP-173 itself ends at 90, which Cardano's keys pass.
const LONGEST: usize = 1023;

/// Kinds of key by their human part, with the bytes that they hold.
const SECRET_LENGTHS: [(&[u8], usize); 4] =
    [(b"age-secret-key-", 32), (b"age-secret-key-pq-", 32), (b"nsec", 32), (b"suiprivkey", 33)];

struct Parts {
    human: Vec<u8>,
    /// Five bits each, with the checksum.
    data: Vec<u8>,
}

fn parse(text: &[u8]) -> Option<Parts> {
    let has_lower = text.iter().any(u8::is_ascii_lowercase);
    let has_upper = text.iter().any(u8::is_ascii_uppercase);
    if text.len() > LONGEST || (has_lower && has_upper) || !text.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let mark = lower.iter().rposition(|&byte| byte == b'1')?;
    let data: Option<Vec<u8>> = lower[mark + 1..].iter().map(|byte| codec::position(ALPHABET, *byte)).collect();
    let data = data.filter(|data| data.len() >= SUM_LENGTH && mark > 0)?;
    Some(Parts { human: lower[..mark].to_vec(), data })
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(shifted, |sum, (_, term)| sum ^ term)
    })
}

fn expanded(human: &[u8]) -> impl Iterator<Item = u8> {
    human.iter().map(|byte| byte >> 5).chain([0]).chain(human.iter().map(|byte| byte & 31))
}

/// Whole bytes of the data without its checksum; `None` where left-over bits are not zero.
fn bytes(data: &[u8]) -> Option<usize> {
    let values = &data[..data.len() - SUM_LENGTH];
    let spare = values.len() * 5 % 8;
    let last = values.last().copied().unwrap_or(0);
    (spare < 5 && last & ((1 << spare) - 1) == 0).then_some(values.len() * 5 / 8)
}

fn verify(text: &[u8]) -> Outcome {
    let Some(parts) = parse(text) else { return Outcome::Failed };
    if polymod(expanded(&parts.human).chain(parts.data.iter().copied())) != 1 {
        return Outcome::Failed;
    }
    let Some(length) = bytes(&parts.data) else { return Outcome::Failed };
    match SECRET_LENGTHS.iter().find(|(human, _)| *human == parts.human) {
        Some((_, expected)) if *expected == length => Outcome::Passed,
        Some(_) => Outcome::Failed,
        None => other_kind(&parts.human),
    }
}

fn other_kind(human: &[u8]) -> Outcome {
    match human {
        // A plugin identity may be a secret or a handle to hardware: only the plugin knows.
        _ if human.starts_with(b"age-plugin-") => Outcome::Unknown,
        b"ncryptsec" => Outcome::NotASecret("encrypted"),
        b"age" | b"npub" | b"note" | b"bc" | b"tb" | b"addr" | b"stake" => Outcome::NotASecret("public key"),
        _ if human.ends_with(b"_vk") || human.ends_with(b"_xvk") => Outcome::NotASecret("public key"),
        _ => Outcome::Passed,
    }
}

fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let Parts { human, mut data } = parse(text)?;
    let end = data.len() - SUM_LENGTH;
    let spare = end * 5 % 8;
    if let Some(last) = data[..end].last_mut().filter(|_| spare < 5) {
        *last &= !((1 << spare) - 1);
    }
    let sum = polymod(expanded(&human).chain(data[..end].iter().copied()).chain([0; SUM_LENGTH])) ^ 1;
    for (place, value) in data[end..].iter_mut().enumerate() {
        *value = codec::low_byte(sum >> (5 * (SUM_LENGTH - 1 - place)) & 31);
    }
    let mut fixed = human;
    fixed.push(b'1');
    fixed.extend(data.iter().map(|value| ALPHABET[usize::from(*value)]));
    if text.iter().any(u8::is_ascii_uppercase) {
        fixed.make_ascii_uppercase();
    }
    (verify(&fixed) != Outcome::Failed).then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{Random, fails_when_changed, passes_when_repaired};

    /// The checksum alone, as the vectors of the specification have data of any length.
    fn holds(text: &str) -> bool {
        let parts = parse(text.as_bytes());
        parts.is_some_and(|parts| polymod(expanded(&parts.human).chain(parts.data)) == 1)
    }

    #[test]
    fn vectors_of_bip_173() {
        for good in [
            "A12UEL5L",
            "a12uel5l",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            "?1ezyfcl",
        ] {
            assert!(holds(good), "{good}");
        }
        for bad in
            ["pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8", "1qzzfhee", "a12UEL5L"]
        {
            assert!(!holds(bad), "{bad}");
        }
    }

    #[test]
    fn the_sample_of_the_age_manual() {
        let key = ["AGE-SECRET-KEY-1", "N9JEPW6DWJ0ZQUDX63F5A03GX8QUW7PXDE39N8UYF82VZ9PC8UFS3M7XA9"].concat();
        assert_eq!(verify(key.as_bytes()), Outcome::Passed);
        assert_eq!(verify(key.to_ascii_lowercase().as_bytes()), Outcome::Passed);
        fails_when_changed(&BECH32, key.as_bytes(), 16..key.len());
    }

    #[test]
    fn the_key_pair_of_nip_19() {
        let public = ["npub10elfcs4fr0l0r8af", "98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"].concat();
        assert_eq!(verify(public.as_bytes()), Outcome::NotASecret("public key"));
        let secret = ["nsec1vl029mgpspedva04g", "90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"].concat();
        assert_eq!(verify(secret.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn the_key_of_suis_improvement_proposal_15() {
        let key = ["suiprivkey1qzwant3kaegmjy4qxex93s0", "jzvemekkjmyv3r2sjwgnv2y479pgsywhveae"].concat();
        assert_eq!(verify(key.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn round_trips() {
        let mut random = Random::new(13);
        for (head, length) in [
            ("AGE-SECRET-KEY-1", 58),
            ("AGE-SECRET-KEY-PQ-1", 58),
            ("nsec1", 58),
            ("suiprivkey1", 59),
            ("addr_sk1", 58),
        ] {
            for _ in 0..20 {
                let mut body = random.text(ALPHABET, length);
                if head.starts_with('A') {
                    body.make_ascii_uppercase();
                }
                let good = passes_when_repaired(&BECH32, &[head.as_bytes(), &body].concat());
                fails_when_changed(&BECH32, &good, head.len()..good.len());
            }
        }
    }

    #[test]
    fn a_key_of_another_length_fails() {
        let short = [&b"nsec1"[..], &[b'q'; 40]].concat();
        assert_eq!(repair(&short), None);
    }
}
