//! Macaroons: bearer tokens with caveats, in the first and the second binary format.

use super::{Check, Outcome, codec};

/// `pypi-` and base64url of a macaroon for pypi.org or test.pypi.org.
pub(super) static PYPI: Check = Check {
    name: "pypi-macaroon",
    source: "https://docs.pypi.org/api/secrets/; https://github.com/rescrv/libmacaroons (doc/format.txt)",
    verify: pypi,
    repair: Some(repair_pypi),
};

/// Base64 or hexadecimal of any macaroon: LND's, Ubuntu's, and others.
pub(super) static ANY: Check = Check {
    name: "macaroon",
    source: "https://github.com/rescrv/libmacaroons (doc/format.txt)",
    verify: |text| if any(text).is_some() { Outcome::Passed } else { Outcome::Failed },
    repair: Some(repair_any),
};

const END: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION: u8 = 4;
const SIGNATURE: u8 = 6;

/// HMAC-SHA256.
const SIGNATURE_LENGTH: usize = 32;

fn any(text: &[u8]) -> Option<()> {
    // Hexadecimal digits are base64 too, so they are tried first.
    let decoded = [codec::hex(text), codec::base64(text)];
    decoded.into_iter().flatten().find_map(|bytes| second(&bytes).map(|_| ()).or_else(|| first(&bytes)))
}

/// The second format; gives the location.
fn second(bytes: &[u8]) -> Option<&[u8]> {
    let mut fields = Fields(bytes.strip_prefix(&[2])?);
    let location = fields.optional(LOCATION)?;
    fields.required(IDENTIFIER)?;
    fields.end()?;
    // Each round takes bytes away, so the loop ends.
    while !fields.is_end() {
        fields.optional(LOCATION)?;
        fields.required(IDENTIFIER)?;
        fields.optional(VERIFICATION)?;
        fields.end()?;
    }
    fields.end()?;
    let signature = fields.required(SIGNATURE)?;
    (signature.len() == SIGNATURE_LENGTH && fields.0.is_empty()).then_some(location)
}

/// A series of kind, length as a variable number, content.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn is_end(&self) -> bool {
        self.0.first() == Some(&END)
    }

    fn end(&mut self) -> Option<()> {
        self.0 = self.0.strip_prefix(&[END])?;
        Some(())
    }

    fn required(&mut self, kind: u8) -> Option<&'a [u8]> {
        let (length, rest) = variable(self.0.strip_prefix(&[kind])?)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// Empty where the next field is of another kind; `None` for a broken one.
    fn optional(&mut self, kind: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&kind) { self.required(kind) } else { Some(&[]) }
    }
}

/// Seven bits a byte, the low ones first; at most three bytes.
fn variable(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(3) {
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[place + 1..]));
        }
    }
    None
}

/// The first format: lines with their length in four hexadecimal digits, `location` to `signature`.
fn first(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes;
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (digits, _) = rest.split_first_chunk::<4>()?;
        let length = codec::hex(digits)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (packet, after) = rest.split_at_checked(length).filter(|(packet, _)| packet.len() > 5)?;
        let (name, value) = packet[4..].split_at(packet[4..].iter().position(|&byte| byte == b' ')?);
        names.push((name, value.len()));
        rest = after;
    }
    // A blank, the bytes, a line end.
    let is_signed = names.last() == Some(&(&b"signature"[..], SIGNATURE_LENGTH + 2));
    (is_signed && names.iter().any(|(name, _)| *name == b"identifier")).then_some(())
}

fn pypi(token: &[u8]) -> Outcome {
    let bytes = token.strip_prefix(b"pypi-").and_then(codec::base64);
    let location = bytes.as_deref().and_then(second);
    if matches!(location, Some(b"pypi.org" | b"test.pypi.org")) { Outcome::Passed } else { Outcome::Unusual }
}

fn repair_pypi(token: &[u8]) -> Option<Vec<u8>> {
    let old = codec::base64(token.strip_prefix(b"pypi-")?)?;
    let location: &[u8] = if old.starts_with(b"\x02\x01\x0dtest") { b"test.pypi.org" } else { b"pypi.org" };
    let fixed = [&b"pypi-"[..], &codec::base64url(&made(location, &old)?)].concat();
    (fixed.len() == token.len() && pypi(&fixed) == Outcome::Passed).then_some(fixed)
}

/// Keeps the location, which a sample begins with.
fn repair_any(text: &[u8]) -> Option<Vec<u8>> {
    let digits = codec::hex(text);
    let old = digits.clone().or_else(|| codec::base64(text))?;
    let length = usize::from(*old.strip_prefix(&[2, LOCATION])?.first()?);
    let new = made(old.get(3..3 + length)?, &old)?;
    let fixed = if digits.is_some() { codec::to_hex(&new) } else { codec::base64_like(&new, text) };
    (fixed.len() == text.len() && (ANY.verify)(&fixed) == Outcome::Passed).then_some(fixed)
}

/// A macaroon of the second format without caveats, as long as `old` and with its last bytes as signature.
fn made(location: &[u8], old: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = vec![2, LOCATION, u8::try_from(location.len()).ok()?];
    bytes.extend(location);
    bytes.push(IDENTIFIER);
    let tail = [END, END, SIGNATURE, u8::try_from(SIGNATURE_LENGTH).ok()?];
    let room = old.len().checked_sub(bytes.len() + tail.len() + SIGNATURE_LENGTH)?;
    let length = match room {
        1..=128 => room - 1,
        130..=0x3fff => room - 2,
        _ => return None,
    };
    let low = u8::try_from(length & 0x7f).ok()?;
    if length < 0x80 {
        bytes.push(low);
    } else {
        bytes.extend([low | 0x80, u8::try_from(length >> 7).ok()?]);
    }
    bytes.extend(codec::filler(old, length));
    bytes.extend(tail);
    bytes.extend(old.last_chunk::<SIGNATURE_LENGTH>()?);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{BASE64URL, Random, hex, passes_when_repaired};

    #[test]
    fn any_macaroon_keeps_its_location() {
        let mut random = Random::new(28);
        for sample in [
            [&b"0201036c6e64"[..], &random.text(b"0123456789abcdef", 300)].concat(),
            [&b"AgEDbG5k"[..], &random.text(BASE64URL, 200)].concat(),
        ] {
            let good = passes_when_repaired(&ANY, &sample);
            assert_eq!(good[..8], sample[..8]);
            assert_eq!((ANY.verify)(&good[..good.len() - 4]), Outcome::Failed);
        }
    }

    #[test]
    fn pypi_tokens_round_trip() {
        let mut random = Random::new(27);
        for head in ["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"] {
            for length in [85, 110, 150, 158, 200, 217] {
                let sample = [head.as_bytes(), &random.text(BASE64URL, length)].concat();
                assert_eq!(pypi(&sample), Outcome::Unusual);
                let Some(repair) = PYPI.repair.and_then(|repair| repair(&sample)) else {
                    // A length that base64 cannot have, or an identifier of 128 bytes in one byte of length.
                    assert!((sample.len() - 5) % 4 == 1, "{}", sample.len());
                    continue;
                };
                assert!(repair.starts_with(&head.as_bytes()[..head.len() - 1]));
                let good = passes_when_repaired(&PYPI, &sample);
                assert_eq!(pypi(&good[..good.len() - 3]), Outcome::Unusual);
            }
        }
    }

    #[test]
    fn the_example_of_the_library_in_both_formats() {
        let signature = [7; 32];
        let text = b"http://mybank/";
        let second = [&[2, 1, 14][..], text, &[2, 2], b"id", &[0, 2, 3], b"a=b", &[0, 0, 6, 32], &signature].concat();
        assert_eq!((ANY.verify)(&codec::base64url(&second)), Outcome::Passed);
        let hex = hex(&second);
        assert_eq!((ANY.verify)(hex.as_bytes()), Outcome::Passed);
        for end in 0..second.len() {
            assert_eq!((ANY.verify)(&codec::base64url(&second[..end])), Outcome::Failed, "cut at {end}");
        }
        let lines =
            [&b"001clocation http://mybank/\n0012identifier id\n002fsignature "[..], &signature, b"\n"].concat();
        assert_eq!((ANY.verify)(&codec::base64url(&lines)), Outcome::Passed);
        assert_eq!((ANY.verify)(&codec::base64url(&lines[..60])), Outcome::Failed);
    }
}
