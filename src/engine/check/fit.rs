//! Repairs of armoured and encoded keys: a key of the kind is made anew, in just the room that the sample has.

use super::{codec, make, pem};

/// A key of 16384 bits has less.
const LONGEST: usize = 1 << 14;

/// Bytes that follow from a sample alone.
struct Stream {
    text: Vec<u8>,
    at: usize,
}

impl Stream {
    fn new(seed: &[u8]) -> Self {
        Self { text: codec::filler(seed, 997), at: 0 }
    }

    fn byte(&mut self) -> u8 {
        self.at += 1;
        // Letters and digits leave out half of the values: two together give all.
        let [one, two] = [self.at * 2, self.at * 3 + 1].map(|at| self.text[at % self.text.len()]);
        one.rotate_left(4) ^ two
    }
}

/// A PEM text of exactly `length` bytes, filled up with line ends in front of its last line.
fn pem_of(label: &str, length: usize, stream: &mut Stream) -> Option<Vec<u8>> {
    let mut rng = || stream.byte();
    let text = match label {
        "RSA PRIVATE KEY" | "PRIVATE KEY" => (64..=512)
            .rev()
            .step_by(4)
            .map(|size| make::rsa_of(size, size / 2, &mut rng))
            .chain([make::elliptic(&mut || 0x5a)])
            .map(|key| pem::write(label, &key, 64))
            .find(|text| text.len() <= length)?,
        _ => make::make_pem(label, &mut rng),
    };
    padded(&text, length)
}

fn padded(text: &str, length: usize) -> Option<Vec<u8>> {
    let room = length.checked_sub(text.len())?;
    let end = text.find("\n-----END ")?;
    Some([&text[..end], &"\n".repeat(room), &text[end..]].concat().into_bytes())
}

/// For base64 of PEM: the label is read from the sample's beginning.
pub(super) fn pem_base64(text: &[u8]) -> Option<Vec<u8>> {
    let plain = codec::base64(text)?;
    let after = plain.strip_prefix(b"-----BEGIN ")?;
    let label = std::str::from_utf8(&after[..pem::find(after, b"-----")?]).ok()?;
    let fixed = codec::base64_like(&pem_of(label, plain.len(), &mut Stream::new(text))?, text);
    (fixed.len() == text.len()).then_some(fixed)
}

/// For base64 of DER: RSA in PKCS#1 or PKCS#8, of the size that the sample has.
pub(super) fn der_base64(text: &[u8]) -> Option<Vec<u8>> {
    let length = codec::base64(text).map(|bytes| bytes.len()).filter(|length| *length <= LONGEST)?;
    let is_pkcs8 = text.windows(12).any(|window| window == b"BgkqhkiG9w0B");
    let mut stream = Stream::new(text);
    let mut rng = || stream.byte();
    if let Some(small) = small_der(text, length, &mut rng) {
        return Some(codec::base64_like(&small, text)).filter(|fixed| fixed.len() == text.len());
    }
    let mut make = |size: usize, last: usize| {
        let key = make::rsa_of(size, last, &mut rng);
        if is_pkcs8 { make::pkcs8_of(&key) } else { key }
    };
    // Nine halves of the modulus and some heads: the last number takes up what is left.
    for size in (64..=length * 2 / 9).rev().take(64) {
        let missing = length.checked_sub(make(size, size / 2).len());
        let Some(missing) = missing else { continue };
        let key = make(size, size / 2 + missing);
        if key.len() == length {
            let fixed = codec::base64_like(&key, text);
            return (fixed.len() == text.len()).then_some(fixed);
        }
    }
    None
}

/// The kinds of one size only, by the beginning of their base64: SEC 1 on P-256, and Ed25519 (RFC 8410).
fn small_der(text: &[u8], length: usize, rng: &mut make::Rng<'_>) -> Option<Vec<u8>> {
    match length {
        121 if text.starts_with(b"MHcC") => Some(make::elliptic(rng)),
        48 if text.starts_with(b"MC4C") => {
            let head = codec::hex(b"302e020100300506032b657004220420")?;
            Some(head.into_iter().chain((0..32).map(|_| rng())).collect())
        }
        _ => None,
    }
}

/// For an armoured PGP key.
pub(super) fn pgp(text: &[u8]) -> Option<Vec<u8>> {
    pgp_of(text, |rng| make::make_pem("PGP PRIVATE KEY BLOCK", rng))
}

/// For one with a passphrase.
pub(super) fn pgp_locked(text: &[u8]) -> Option<Vec<u8>> {
    pgp_of(text, make::pgp_locked)
}

fn pgp_of(text: &[u8], make: fn(&mut make::Rng<'_>) -> String) -> Option<Vec<u8>> {
    let begin = pem::find(text, b"-----BEGIN PGP PRIVATE KEY BLOCK-----")?;
    let mut stream = Stream::new(text);
    let fixed = padded(&make(&mut || stream.byte()), text.len() - begin)?;
    Some([&text[..begin], &fixed].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{BASE64, Random, passes_when_repaired};
    use crate::engine::check::{Outcome, by_name};

    #[test]
    fn base64_of_pem_keeps_its_length_and_beginning() {
        let mut random = Random::new(45);
        let check = by_name("pem-base64-private-key").expect("it is in the table");
        for (label, length) in
            [("RSA PRIVATE KEY", 800), ("PRIVATE KEY", 600), ("EC PRIVATE KEY", 270), ("RSA PRIVATE KEY", 2000)]
        {
            let head = codec::base64_like(format!("-----BEGIN {label}-----").as_bytes(), b"");
            let mut sample = [&head[..], &random.text(BASE64, length)].concat();
            sample.truncate(sample.len() / 4 * 4);
            assert_eq!((check.verify)(&sample), Outcome::Failed);
            assert!(passes_when_repaired(check, &sample).starts_with(&head), "{label}");
        }
    }

    #[test]
    fn base64_of_der_takes_any_length() {
        let mut random = Random::new(46);
        let check = by_name("der-base64-private-key").expect("it is in the table");
        for length in [1590, 1592, 1000, 2300] {
            for head in ["MIIEvgIBADANBgkqhkiG9w0BAQEFAASC", "MIIEogIBAAKC"] {
                let mut sample = [head.as_bytes(), &random.text(BASE64, length)].concat();
                sample.truncate(sample.len() / 4 * 4);
                let good = passes_when_repaired(check, &sample);
                assert!(good.starts_with(b"MII") && good[6..8] == head.as_bytes()[6..8]);
            }
        }
    }

    #[test]
    fn base64_of_der_of_one_size() {
        let mut random = Random::new(48);
        let check = by_name("der-base64-private-key").expect("it is in the table");
        for (head, length, tail) in [("MHcCAQEEI", 153, ""), ("MHcCAQEEI", 153, "=="), ("MC4CAQAwBQYDK2V", 49, "")] {
            let sample = [head.as_bytes(), &random.text(BASE64, length), tail.as_bytes()].concat();
            assert!(passes_when_repaired(check, &sample).starts_with(head.as_bytes()), "{head}");
        }
    }

    #[test]
    fn armoured_keys_keep_their_length() {
        let mut random = Random::new(47);
        let check = by_name("openpgp-armor").expect("it is in the table");
        let body = random.text(BASE64, 300);
        let label = "PGP PRIVATE KEY BLOCK";
        let text =
            [format!("-----BEGIN {label}-----\n\n").as_bytes(), &body, format!("\n-----END {label}-----").as_bytes()]
                .concat();
        passes_when_repaired(check, &text);
    }
}
