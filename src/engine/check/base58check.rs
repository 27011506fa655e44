//! Base58check: wallet keys with four bytes of a double SHA-256 at their end.

use sha2::{Digest as _, Sha256};

use super::base58::{self, BITCOIN, RIPPLE};
use super::{Check, Outcome, codec};

/// WIF, extended keys (BIP-32), encrypted keys (BIP-38) and Tezos keys.
pub(super) static BASE58CHECK: Check = Check {
    name: "base58check",
    source: "https://en.bitcoin.it/wiki/Base58Check_encoding; BIP-32, BIP-38, SLIP-132; \
             https://gitlab.com/tezos/tezos (src/lib_crypto/base58.ml)",
    verify,
    repair: Some(repair),
};

/// The family seed of the XRP Ledger: `s` and 28 characters, or `sEd` and 28.
pub(super) static XRP_SEED: Check = Check {
    name: "xrp-seed",
    source: "https://xrpl.org/docs/references/protocol/data-types/base58-encodings",
    verify: verify_xrp,
    repair: Some(repair_xrp),
};

const SUM_LENGTH: usize = 4;

fn sum(payload: &[u8]) -> [u8; SUM_LENGTH] {
    let twice = Sha256::digest(Sha256::digest(payload));
    [twice[0], twice[1], twice[2], twice[3]]
}

/// The payload of a text whose checksum holds.
fn payload(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes = base58::decode(text, alphabet)?;
    let (covered, stored) = bytes.split_last_chunk::<SUM_LENGTH>()?;
    if covered.is_empty() || sum(covered) != *stored {
        return None;
    }
    bytes.truncate(covered.len());
    Some(bytes)
}

fn encode(payload: &[u8], alphabet: &[u8; 58]) -> Vec<u8> {
    base58::encode(&[payload, &sum(payload)].concat(), alphabet)
}

fn verify(text: &[u8]) -> Outcome {
    match payload(text, BITCOIN) {
        None => Outcome::Failed,
        Some(payload) => kind(&payload, text),
    }
}

fn kind(payload: &[u8], text: &[u8]) -> Outcome {
    let is_any = |heads: &[&[u8]]| heads.iter().any(|head| text.starts_with(head));
    match payload.len() {
        // BIP-32: the key of a private one is 32 bytes with a zero in front, of a public one a curve point.
        78 if payload[45] == 0 => Outcome::Passed,
        78 => Outcome::NotASecret("public key"),
        _ if is_any(&[b"edesk", b"spesk", b"p2esk"]) => Outcome::NotASecret("encrypted"),
        _ if is_any(&[b"edpk", b"sppk", b"p2pk", b"tz1", b"tz2", b"tz3"]) => Outcome::NotASecret("public key"),
        21 => Outcome::NotASecret("address"),
        _ => Outcome::Passed,
    }
}

/// A kind of key: how its text begins, how long it is, and what its payload begins and ends with.
struct Form {
    head: &'static [u8],
    length: usize,
    version: &'static [u8],
    payload: usize,
    end: &'static [u8],
}

const fn form(head: &'static [u8], length: usize, version: &'static [u8], payload: usize, end: &'static [u8]) -> Form {
    Form { head, length, version, payload, end }
}

/// Only repairs need these: the checksum proves a key of any other kind as well.
const FORMS: [Form; 17] = [
    form(b"5", 51, &[0x80], 33, &[]),
    form(b"K", 52, &[0x80], 34, &[1]),
    form(b"L", 52, &[0x80], 34, &[1]),
    form(b"9", 51, &[0xef], 33, &[]),
    form(b"c", 52, &[0xef], 34, &[1]),
    form(b"xprv", 111, &[0x04, 0x88, 0xad, 0xe4], 78, &[]),
    form(b"yprv", 111, &[0x04, 0x9d, 0x78, 0x78], 78, &[]),
    form(b"zprv", 111, &[0x04, 0xb2, 0x43, 0x0c], 78, &[]),
    form(b"Yprv", 111, &[0x02, 0x95, 0xb0, 0x05], 78, &[]),
    form(b"Zprv", 111, &[0x02, 0xaa, 0x7a, 0x99], 78, &[]),
    form(b"tprv", 111, &[0x04, 0x35, 0x83, 0x94], 78, &[]),
    form(b"uprv", 111, &[0x04, 0x4a, 0x4e, 0x28], 78, &[]),
    form(b"vprv", 111, &[0x04, 0x5f, 0x18, 0xbc], 78, &[]),
    form(b"6P", 58, &[0x01, 0x42, 0xc0], 39, &[]),
    form(b"edsk", 54, &[0x0d, 0x0f, 0x3a, 0x07], 36, &[]),
    form(b"spsk", 54, &[0x11, 0xa2, 0xe0, 0xc9], 36, &[]),
    form(b"p2sk", 54, &[0x10, 0x51, 0xee, 0xbd], 36, &[]),
];

fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let form = FORMS.iter().find(|form| form.length == text.len() && text.starts_with(form.head));
    let payload = match form {
        Some(form) => {
            let mut payload = form.version.to_vec();
            payload.extend(Sha256::digest(text).iter().cycle().take(form.payload - form.version.len()));
            let end = payload.len() - form.end.len();
            payload[end..].copy_from_slice(form.end);
            if form.payload == 78 {
                payload[45] = 0;
            }
            payload
        }
        None => base58::decode(text, BITCOIN)?.split_last_chunk::<SUM_LENGTH>()?.0.to_vec(),
    };
    let fixed = encode(&payload, BITCOIN);
    (fixed.len() == text.len() && verify(&fixed) != Outcome::Failed).then_some(fixed)
}

/// The type byte of a seed for secp256k1, and the three bytes of one for Ed25519.
const XRP_VERSIONS: [&[u8]; 2] = [&[0x21], &[0x01, 0xe1, 0x4b]];

fn verify_xrp(text: &[u8]) -> Outcome {
    let is_seed = payload(text, RIPPLE).is_some_and(|payload| {
        XRP_VERSIONS.iter().any(|version| payload.starts_with(version) && payload.len() == version.len() + 16)
    });
    if is_seed { Outcome::Passed } else { Outcome::Failed }
}

fn repair_xrp(text: &[u8]) -> Option<Vec<u8>> {
    let version = match text.len() {
        29 if text.starts_with(b"s") => XRP_VERSIONS[0],
        31 if text.starts_with(b"sEd") => XRP_VERSIONS[1],
        _ => return None,
    };
    let seed: Vec<u8> = Sha256::digest(codec::filler(text, 16)).iter().copied().take(16).collect();
    let fixed = encode(&[version, &seed].concat(), RIPPLE);
    (fixed.len() == text.len()).then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn the_key_of_the_bitcoin_wiki() {
        let key = ["5HueCGU8rMjxEXxiPuD5BDku4M", "kFqeZyd4dZ1jvhTVqvbTLvyTJ"].concat();
        assert_eq!(verify(key.as_bytes()), Outcome::Passed);
        fails_when_changed(&BASE58CHECK, key.as_bytes(), 0..key.len());
    }

    #[test]
    fn the_keys_of_bip_32_vector_1() {
        let private = [
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6",
            "cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        ]
        .concat();
        assert_eq!(verify(private.as_bytes()), Outcome::Passed);
        let public = [
            "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8Nqt",
            "wybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
        ]
        .concat();
        assert_eq!(verify(public.as_bytes()), Outcome::NotASecret("public key"));
    }

    #[test]
    fn encrypted_keys_pass_and_addresses_are_no_secrets() {
        let encrypted = ["6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6", "bNk8J7Nzm5H7kxEbn2Nh2ZoGg"].concat();
        // As strong as its passphrase, and a kind of its own.
        assert_eq!(verify(encrypted.as_bytes()), Outcome::Passed);
        assert_eq!(verify(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), Outcome::NotASecret("address"));
    }

    #[test]
    fn round_trips_of_every_form() {
        let mut random = Random::new(14);
        for form in FORMS.iter().filter(|form| form.head != b"6P") {
            for _ in 0..10 {
                let sample = [form.head, &random.text(BITCOIN, form.length - form.head.len())].concat();
                let good = passes_when_repaired(&BASE58CHECK, &sample);
                // A compressed WIF key begins with K or L as its number is small or large.
                assert!(good.starts_with(form.head) || matches!(form.head, b"K" | b"L"));
                fails_when_changed(&BASE58CHECK, &good, 0..good.len());
            }
        }
        let sample = [&b"6P"[..], &random.text(BITCOIN, 56)].concat();
        let fixed = repair(&sample).expect("a sample of the form");
        assert!(fixed.starts_with(b"6P"));
        assert_eq!(verify(&fixed), Outcome::Passed);
    }

    #[test]
    fn the_seeds_of_the_xrp_ledger() {
        // The genesis account of every private ledger: the passphrase is "masterpassphrase".
        let genesis = ["snoPBrXtMeMyMHUV", "TgbuqAfg1SUTb"].concat();
        assert_eq!(verify_xrp(genesis.as_bytes()), Outcome::Passed);
        let mut random = Random::new(15);
        for (head, length) in [("s", 28), ("sEd", 28)] {
            for _ in 0..20 {
                let sample = [head.as_bytes(), &random.text(RIPPLE, length)].concat();
                let good = passes_when_repaired(&XRP_SEED, &sample);
                assert!(good.starts_with(head.as_bytes()));
                fails_when_changed(&XRP_SEED, &good, 0..good.len());
            }
        }
    }
}
