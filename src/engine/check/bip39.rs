//! Recovery phrases: BIP-39 in English, and the two kinds that share its word list.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256, Sha512_256};

use super::{Check, Outcome};

/// 12, 15, 18, 21 or 24 words of the English list; the last carries the checksum.
pub(super) static BIP39: Check = Check {
    name: "bip39",
    source: "https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki (list: bip-0039/english.txt)",
    verify,
    repair: Some(repair),
};

/// 25 words of the English list; the last is the checksum of the 24 others.
pub(super) static ALGORAND: Check = Check {
    name: "algorand-mnemonic",
    source: "https://developer.algorand.org/docs/get-details/accounts/ (transformation: private key to 25-word mnemonic)",
    verify: verify_algorand,
    repair: Some(repair_algorand),
};

/// The list of the specification, 2048 sorted words.
static LIST: &str = include_str!("bip39-english.txt");

/// 25 words of eight letters with room to spare: longer texts are no phrase.
const LONGEST: usize = 1024;

static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| LIST.lines().collect());

/// The words of the list in its order.
pub(super) fn words() -> &'static [&'static str] {
    &WORDS
}

/// Words are separated by whatever is no letter: blanks, line ends, commas, quotes.
fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

/// The numbers of the words; `None` when one is not in the list.
fn numbers(text: &[u8]) -> Option<Vec<u16>> {
    if text.len() > LONGEST {
        return None;
    }
    let list = words();
    split(text)
        .map(|word| {
            let word = String::from_utf8(word.to_ascii_lowercase()).ok()?;
            list.binary_search(&word.as_str()).ok().and_then(|at| u16::try_from(at).ok())
        })
        .collect()
}

/// The words in lower case; `None` when one is not in the list.
pub(super) fn known_words(text: &[u8]) -> Option<Vec<&'static str>> {
    numbers(text)?.iter().map(|number| words().get(usize::from(*number)).copied()).collect()
}

/// Eleven bits a word, the high bit first.
fn bits(numbers: &[u16]) -> Vec<bool> {
    numbers.iter().flat_map(|number| (0..11).rev().map(move |bit| number >> bit & 1 == 1)).collect()
}

fn pack(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
}

/// Whether the bits past the entropy are the first ones of its digest.
fn holds(numbers: &[u16]) -> bool {
    let bits = bits(numbers);
    let (entropy, stored) = bits.split_at(bits.len() * 32 / 33);
    let digest = Sha256::digest(pack(entropy));
    stored.iter().enumerate().all(|(place, bit)| (digest[0] >> (7 - place) & 1 == 1) == *bit)
}

fn verify(text: &[u8]) -> Outcome {
    let Some(numbers) = numbers(text) else { return Outcome::NotASecret("words of no phrase") };
    match Some(numbers).filter(|numbers| matches!(numbers.len(), 12 | 15 | 18 | 21 | 24) && holds(numbers)) {
        Some(numbers) if is_exercise(numbers.clone()) => Outcome::NotASecret("placeholder"),
        Some(_) => Outcome::Passed,
        None => Outcome::Failed,
    }
}

/// Whether half of the words are repetitions, as in the phrases of specifications and development networks.
fn is_exercise(mut numbers: Vec<u16>) -> bool {
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len() * 2 <= count
}

/// The words for 16, 20, 24, 28 or 32 bytes of entropy.
pub(super) fn phrase(entropy: &[u8]) -> String {
    let bytes = [entropy, &Sha256::digest(entropy)].concat();
    let count = entropy.len() * 3 / 4;
    let chosen = (0..count).map(|word| {
        let number =
            (word * 11..word * 11 + 11).fold(0, |sum, bit| sum << 1 | usize::from(bytes[bit / 8] >> (7 - bit % 8) & 1));
        words()[number]
    });
    chosen.collect::<Vec<_>>().join(" ")
}

/// Changes the last word to another of its length.
fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let mut numbers = numbers(text).filter(|numbers| matches!(numbers.len(), 12 | 15 | 18 | 21 | 24))?;
    let end = text.iter().rposition(u8::is_ascii_alphabetic)? + 1;
    let begin = text[..end].iter().rposition(|byte| !byte.is_ascii_alphabetic())? + 1;
    for (at, word) in words().iter().enumerate().filter(|(_, word)| word.len() == end - begin) {
        *numbers.last_mut()? = u16::try_from(at).ok()?;
        if holds(&numbers) {
            return Some([&text[..begin], word.as_bytes(), &text[end..]].concat());
        }
    }
    None
}

fn verify_algorand(text: &[u8]) -> Outcome {
    let Some(numbers) = numbers(text) else { return Outcome::NotASecret("words of no phrase") };
    if numbers.len() != 25 {
        return Outcome::Failed;
    }
    if last_of_algorand(&numbers[..24]) == Some(numbers[24]) { Outcome::Passed } else { Outcome::Failed }
}

/// Puts the word at the end that belongs there, where the others hold a key and it is as long as what stands there.
fn repair_algorand(text: &[u8]) -> Option<Vec<u8>> {
    let numbers = numbers(text).filter(|numbers| numbers.len() == 25)?;
    let last = words()[usize::from(last_of_algorand(&numbers[..24])?)];
    let end = text.iter().rposition(u8::is_ascii_alphabetic)? + 1;
    let begin = text[..end].iter().rposition(|byte| !byte.is_ascii_alphabetic())? + 1;
    (last.len() == end - begin).then(|| [&text[..begin], last.as_bytes(), &text[end..]].concat())
}

/// The word that 24 others ask for; none where they hold more than a key.
fn last_of_algorand(numbers: &[u16]) -> Option<u16> {
    // They are read with the low bit first, as one number of 264 bits; the last eight are zero.
    let bits: Vec<bool> = numbers.iter().flat_map(|number| (0..11).map(move |bit| number >> bit & 1 == 1)).collect();
    let bytes: Vec<u8> =
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    let (&spare, key) = bytes.split_last()?;
    let digest = Sha512_256::digest(key);
    (spare == 0).then(|| u16::from_le_bytes([digest[0], digest[1]]) & 0x07ff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{self, Random};

    #[test]
    fn the_list_is_the_one_of_the_specification() {
        let list = words();
        assert_eq!(list.len(), 2048);
        assert!(list.is_sorted());
        let digest = testing::hex(&Sha256::digest(LIST));
        assert_eq!(digest, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
    }

    #[test]
    fn vectors_of_the_reference() {
        for (begin, end) in [
            ("legal winner thank year wave sausage", "worth useful legal winner thank yellow"),
            ("letter advice cage absurd amount doctor", "acoustic avoid letter advice cage above"),
        ] {
            let phrase = [begin, end].join(" ");
            assert_eq!(verify(phrase.as_bytes()), Outcome::Passed, "{phrase}");
            let quoted = phrase.replace(' ', "\",\n  \"").to_uppercase();
            assert_eq!(verify(quoted.as_bytes()), Outcome::Passed);
        }
        for (word, count, last) in
            [("abandon ", 11, "about"), ("abandon ", 23, "art"), ("zoo ", 11, "wrong"), ("test ", 11, "junk")]
        {
            let phrase = word.repeat(count) + last;
            assert_eq!(verify(phrase.as_bytes()), Outcome::NotASecret("placeholder"), "{phrase}");
        }
    }

    #[test]
    fn other_words_and_counts_fail() {
        let wrong = ["abandon "; 12].concat();
        assert_eq!(verify(wrong.as_bytes()), Outcome::Failed);
        assert_eq!(verify(["abandon "; 11].concat().as_bytes()), Outcome::Failed);
        assert_eq!(verify(b"secret"), Outcome::Failed);
        assert_eq!(verify(b""), Outcome::Failed);
        for words in ["orbit velvet of no phrase at all", &"a".repeat(1 << 16)] {
            assert!(matches!(verify(words.as_bytes()), Outcome::NotASecret(_)));
        }
    }

    #[test]
    fn a_repaired_phrase_passes() {
        let (list, mut random) = (words(), Random::new(16));
        for count in [12, 15, 18, 21, 24] {
            let mut repaired = 0;
            for _ in 0..20 {
                let phrase: Vec<&str> = (0..count).map(|_| list[random.below(2048)]).collect();
                let text = phrase.join(" ");
                // A last word of eight letters may have no substitute of its length.
                if let Some(fixed) = repair(text.as_bytes()) {
                    assert_eq!(fixed.len(), text.len());
                    assert_eq!(verify(&fixed), Outcome::Passed);
                    repaired += 1;
                }
            }
            assert!(repaired > 10, "{count} words: {repaired}");
        }
    }

    #[test]
    fn the_phrase_of_the_zero_key_of_algorand() {
        let text = [["abandon "; 24].concat(), "invest".to_owned()].concat();
        assert_eq!(verify_algorand(text.as_bytes()), Outcome::Passed);
        let wrong = [["abandon "; 24].concat(), "able".to_owned()].concat();
        assert_eq!(verify_algorand(wrong.as_bytes()), Outcome::Failed);
    }
}
