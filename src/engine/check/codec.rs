//! The text codings that checks share: base64, base32, hexadecimal and numbers in a base.
//!
//! All of them take bytes that nobody vouches for and give `None` for what is not in the coding.

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use sha2::{Digest as _, Sha256};

/// No credential is larger; longer texts are not decoded.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// Digits of base 62 with `0` as value 0, as GitHub writes its checksums.
pub(super) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// RFC 4648 section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Padding may be there or not, and unused low bits are ignored: issuers differ in both.
const fn lenient(alphabet: &Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

const STANDARD_LENIENT: GeneralPurpose = lenient(&STANDARD);
const URL_LENIENT: GeneralPurpose = lenient(&URL_SAFE);

/// Decodes RFC 4648 base64 of either alphabet, but not a mixture of both.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let engine = if is_url_safe(text) { &URL_LENIENT } else { &STANDARD_LENIENT };
    engine.decode(without_padding(text)).ok()
}

/// Encodes in the alphabet and with as much padding as `like`, so that a repaired sample keeps its form.
pub(super) fn base64_like(bytes: &[u8], like: &[u8]) -> Vec<u8> {
    let engine = if is_url_safe(like) { general_purpose::URL_SAFE_NO_PAD } else { general_purpose::STANDARD_NO_PAD };
    let mut text = engine.encode(bytes).into_bytes();
    text.extend(&like[without_padding(like).len()..]);
    text
}

/// Encodes with the standard alphabet and its padding.
pub(super) fn base64_padded(bytes: &[u8]) -> Vec<u8> {
    general_purpose::STANDARD.encode(bytes).into_bytes()
}

fn without_padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    &text[..end.max(text.len().saturating_sub(2))]
}

/// Encodes with the URL-safe alphabet and without padding, as tokens do.
pub(super) fn base64url(bytes: &[u8]) -> Vec<u8> {
    general_purpose::URL_SAFE_NO_PAD.encode(bytes).into_bytes()
}

fn is_url_safe(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'-' | b'_'))
}

/// Decodes RFC 4648 base32 of either case without padding; unused low bits are ignored.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for &byte in text {
        let digit = position(BASE32, byte.to_ascii_uppercase())?;
        held = (held << 5) | u32::from(digit);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(low_byte(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// Encodes as upper-case RFC 4648 base32 without padding.
pub(super) fn to_base32(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for &byte in bytes {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(BASE32[(held >> bits) as usize & 31]);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(BASE32[(held << (5 - bits)) as usize & 31]);
    }
    text
}

/// Decodes an even number of hexadecimal digits of either case.
pub(super) fn hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > MAX_TEXT {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)).collect()
}

/// Hexadecimal digits in lower case.
pub(super) fn to_hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| b"0123456789abcdef"[usize::from(digit)]).collect()
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The value of a digit: its place in the alphabet.
pub(super) fn position(alphabet: &[u8], byte: u8) -> Option<u8> {
    alphabet.iter().position(|&digit| digit == byte).and_then(|at| u8::try_from(at).ok())
}

/// Writes a number in the base that the alphabet has digits for, padded on the left with its zero to `width`.
pub(super) fn digits(mut number: u64, alphabet: &[u8], width: usize) -> Vec<u8> {
    let base = alphabet.len() as u64;
    let mut text = Vec::with_capacity(width);
    while number > 0 {
        let digit = usize::try_from(number % base).expect("a remainder by a table length fits");
        text.push(alphabet[digit]);
        number /= base;
    }
    while text.len() < width {
        text.push(alphabet[0]);
    }
    text.reverse();
    text
}

/// The lowest eight bits.
pub(super) fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// Text that looks random but follows from `seed` alone: what a repair fills free room with.
pub(super) fn filler(seed: &[u8], length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length);
    let mut round = 0_u32;
    while text.len() < length {
        let block = Sha256::new().chain_update(seed).chain_update(round.to_le_bytes()).finalize();
        text.extend(block.iter().map(|byte| BASE62[usize::from(*byte) % BASE62.len()]).take(length - text.len()));
        round += 1;
    }
    text
}

/// Whether every byte is a visible ASCII character or a blank.
pub(super) fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_vectors_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(to_base32(plain.as_bytes()), coded.as_bytes());
            assert_eq!(base32(coded.as_bytes()).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(base32(b"MZXW1"), None);
    }

    #[test]
    fn base64_of_both_alphabets_with_and_without_padding() {
        assert_eq!(base64(b"Zm9vYg==").as_deref(), Some(&b"foob"[..]));
        assert_eq!(base64(b"Zm9vYg").as_deref(), Some(&b"foob"[..]));
        assert_eq!(base64(b"-_8").as_deref(), Some(&[0xfb, 0xff][..]));
        assert_eq!(base64(b"-/8"), None);
        assert_eq!(base64(b"Zm9v="), base64(b"Zm9v"));
        assert_eq!(base64(b"Zm9v==="), None);
        assert_eq!(base64_like(&[0xfb, 0xff], b"a_=="), b"-_8==");
        assert_eq!(base64_padded(&[0xfb, 0xff]), b"+/8=");
    }

    #[test]
    fn numbers_are_padded_with_the_zero_of_the_alphabet() {
        assert_eq!(digits(0, BASE62, 6), b"000000");
        assert_eq!(digits(61, BASE62, 2), b"0z");
        assert_eq!(digits(62 * 62, BASE62, 1), b"100");
    }

    #[test]
    fn hexadecimal_of_either_case() {
        assert_eq!(hex(b"00fFa1").as_deref(), Some(&[0, 0xff, 0xa1][..]));
        assert_eq!(hex(b"0"), None);
        assert_eq!(hex(b"0g"), None);
    }
}
