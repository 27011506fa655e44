//! Electrum's own recovery phrases: the words' keyed digest begins with a version.

use sha2::{Digest as _, Sha512};

use super::{Check, Outcome, bip39};

/// 12 or 13 words (24 or 25 of the older two-factor kind); one random phrase of two hundred passes.
pub(super) static SEED: Check = Check {
    name: "electrum-seed",
    source: "https://electrum.readthedocs.io/en/latest/seedphrase.html (version number)",
    verify,
    repair: Some(repair),
};

fn verify(text: &[u8]) -> Outcome {
    let Some(words) = bip39::known_words(text).filter(|words| matches!(words.len(), 12 | 13 | 24 | 25)) else {
        return Outcome::Failed;
    };
    let digest = hmac(b"Seed version", words.join(" ").as_bytes());
    // In hexadecimal: 01 standard, 100 segwit, 101 and 102 with a second factor.
    let is_version = digest[0] == 1 || (digest[0] == 0x10 && digest[1] >> 4 <= 2);
    if is_version { Outcome::Passed } else { Outcome::Failed }
}

/// Changes the last two words to others of their lengths until the version is one.
fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let words = bip39::known_words(text).filter(|words| words.join(" ").as_bytes() == text)?;
    let (head, [one, two]) = words.split_last_chunk::<2>()?;
    let like = |word: &str| {
        let length = word.len();
        bip39::words().iter().filter(move |other| other.len() == length)
    };
    let mut pairs = like(one).flat_map(|one| like(two).map(move |two| [*one, *two]));
    pairs.find_map(|pair| {
        let fixed = [head, &pair].concat().join(" ").into_bytes();
        (verify(&fixed) == Outcome::Passed).then_some(fixed)
    })
}

/// HMAC-SHA512 (RFC 2104) under a key that is shorter than a block.
fn hmac(key: &[u8; 12], message: &[u8]) -> Vec<u8> {
    let pad = |mask: u8| {
        let mut block = [mask; 128];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha512::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha512::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_of_the_reference_tests() {
        for (begin, end) in [
            ("cram swing cover prefer miss modify ritual", "silly deliver chunk behind inform able"),
            ("wild father tree among universe such", "mobile favorite target dynamic credit identify"),
        ] {
            let phrase = [begin, end].join(" ");
            assert_eq!(verify(phrase.as_bytes()), Outcome::Passed, "{phrase}");
            assert_eq!(verify(phrase.replace(' ', "  \n").to_uppercase().as_bytes()), Outcome::Passed);
            assert_eq!(verify(format!("able {end}").as_bytes()), Outcome::Failed);
        }
        assert_eq!(verify(["abandon "; 12].concat().as_bytes()), Outcome::Failed);
        assert_eq!(verify(b"not words"), Outcome::Failed);
    }

    #[test]
    fn a_phrase_is_repaired_in_its_length() {
        let text = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        assert_eq!(verify(text.as_bytes()), Outcome::Failed);
        let fixed = repair(text.as_bytes()).expect("one of two hundred phrases passes");
        assert_eq!((fixed.len(), verify(&fixed)), (text.len(), Outcome::Passed));
        assert_eq!(repair(b"no words of the list"), None);
    }
}
