//! `OpenPGP` blocks: the armour with its CRC-24, and enough of the packets to tell a bare key from a locked one.

use super::pem::{self, Block};
use super::{Check, Outcome, codec, fit};

/// An armoured block of a private key.
pub(super) static ARMOR: Check = Check {
    name: "openpgp-armor",
    source: "RFC 9580 sections 4.2, 5.5, 6 and 3.7 (armour checksum: section 6.1)",
    verify,
    repair: Some(fit::pgp),
};

/// An armoured block of a private key that a passphrase locks, and no other.
pub(super) static LOCKED: Check = Check {
    name: "openpgp-locked",
    source: "RFC 9580 sections 5.5.3 and 3.7.2",
    verify: |text| match verify(text) {
        Outcome::NotASecret("encrypted") => Outcome::Unknown,
        Outcome::NotASecret(what) => Outcome::NotASecret(what),
        _ => Outcome::NotASecret("not locked"),
    },
    repair: Some(fit::pgp_locked),
};

const SECRET_KEY: u8 = 5;
const SECRET_SUBKEY: u8 = 7;

/// More than any key ring has.
const MOST_PACKETS: usize = 1000;

/// Whether a label is one of ciphertext.
pub(super) fn is_message(label: &str) -> bool {
    label.starts_with("PGP MESSAGE")
}

/// Judges the first PGP block of a text.
pub(super) fn verify(text: &[u8]) -> Outcome {
    let blocks = pem::blocks(text);
    blocks.iter().find(|block| block.label.starts_with("PGP ")).map_or(Outcome::Failed, judge)
}

/// Judges one block.
pub(super) fn judge(block: &Block) -> Outcome {
    let Some((bytes, is_summed)) = dearmor(block) else { return Outcome::Failed };
    match block.label.as_str() {
        label if is_message(label) => Outcome::NotASecret("encrypted"),
        "PGP SIGNATURE" => Outcome::NotASecret("signature"),
        // The checksum holds, so these are the bytes that were written: a version or an algorithm that is not known here.
        _ => keys(&bytes).unwrap_or(if is_summed { Outcome::Unknown } else { Outcome::Failed }),
    }
}

/// The bytes of a block whose checksum holds or is not there (RFC 9580 makes it optional), and whether it is there.
fn dearmor(block: &Block) -> Option<(Vec<u8>, bool)> {
    let lines: Vec<&[u8]> = block.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let joined = lines.concat();
    // In a text without line ends the checksum stands directly behind the data.
    let (data, sum) = match joined.len().checked_sub(5).map(|at| joined.split_at(at)) {
        Some((data, [b'=', sum @ ..])) if !sum.contains(&b'=') => (data, Some(sum)),
        _ => (&joined[..], None),
    };
    let bytes = codec::base64(data).filter(|bytes| !bytes.is_empty())?;
    match sum {
        Some(sum) if codec::base64(sum)? != crc24(&bytes).to_be_bytes()[1..] => None,
        _ => Some((bytes, sum.is_some())),
    }
}

/// RFC 9580 section 6.1.1.
pub(super) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 16, |sum, _| {
            let shifted = sum << 1;
            if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4cfb }
        })
    })
}

/// Walks over all packets; the first secret key that is not locked decides.
fn keys(bytes: &[u8]) -> Option<Outcome> {
    let mut rest = bytes;
    let mut found = Outcome::NotASecret("public key");
    for _ in 0..MOST_PACKETS {
        if rest.is_empty() {
            return Some(found);
        }
        let (tag, content, after) = packet(rest)?;
        rest = after;
        if matches!(tag, SECRET_KEY | SECRET_SUBKEY) && found != Outcome::Passed {
            found = secret_key(content)?;
        }
    }
    None
}

/// Tag and content of the first packet. Partial lengths are for data, not for keys.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first().filter(|(first, _)| **first & 0x80 != 0)?;
    let (tag, (length, rest)) = if first & 0x40 == 0 {
        (first >> 2 & 15, old_length(first & 3, rest)?)
    } else {
        (first & 63, new_length(rest)?)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn old_length(kind: u8, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let size = match kind {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return Some((bytes.len(), bytes)),
    };
    let (digits, rest) = bytes.split_at_checked(size)?;
    Some((digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest))
}

fn new_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [one @ 0..192, rest @ ..] => Some((usize::from(*one), rest)),
        [one @ 192..224, two, rest @ ..] => Some(((usize::from(*one) - 192) * 256 + usize::from(*two) + 192, rest)),
        [255, rest @ ..] => old_length(2, rest),
        _ => None,
    }
}

/// Reads past the public half to the octet that tells how the secret half is protected.
fn secret_key(content: &[u8]) -> Option<Outcome> {
    let mut reader = Octets(content);
    let version = reader.byte()?;
    reader.skip(4)?;
    match version {
        3 => reader.skip(2)?,
        4..=6 => {}
        _ => return None,
    }
    let algorithm = reader.byte()?;
    if version >= 5 {
        let length = reader.number(4)?;
        reader.skip(length)?;
    } else {
        public_half(algorithm, &mut reader)?;
    }
    let usage = reader.byte()?;
    if usage == 0 {
        return (version >= 5 || sum_holds(reader.0)?).then_some(Outcome::Passed);
    }
    let is_stub = matches!(reader.0, [_, 101, _, b'G', b'N', b'U', ..]);
    Some(Outcome::NotASecret(if is_stub { "key without its secret half" } else { "encrypted" }))
}

/// The last two octets are the sum of the others.
fn sum_holds(secret: &[u8]) -> Option<bool> {
    let (covered, stored) = secret.split_last_chunk::<2>()?;
    let sum = covered.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    Some(!covered.is_empty() && sum == u16::from_be_bytes(*stored))
}

fn public_half(algorithm: u8, reader: &mut Octets<'_>) -> Option<()> {
    let numbers = match algorithm {
        1..=3 => 2,
        16 => 3,
        17 => 4,
        18 | 19 | 22 => {
            let length = reader.number(1)?;
            reader.skip(length)?;
            1
        }
        25 | 27 => return reader.skip(32),
        26 => return reader.skip(56),
        28 => return reader.skip(57),
        _ => return None,
    };
    for _ in 0..numbers {
        let bits = reader.number(2)?;
        reader.skip(bits.div_ceil(8))?;
    }
    if algorithm == 18 {
        let length = reader.number(1)?;
        reader.skip(length)?;
    }
    Some(())
}

struct Octets<'a>(&'a [u8]);

impl Octets<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.0 = self.0.get(length..)?;
        Some(())
    }

    fn number(&mut self, size: usize) -> Option<usize> {
        let (digits, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::make;
    use crate::engine::check::testing::Random;

    fn made() -> String {
        let mut random = Random::new(19);
        make::make_pem("PGP PRIVATE KEY BLOCK", &mut || random.byte())
    }

    /// The same packets with one byte changed, in new armour.
    fn changed(at: usize, byte: u8) -> String {
        let block = pem::blocks(made().as_bytes()).remove(0);
        let (mut bytes, _) = dearmor(&block).expect("a made block has good armour");
        bytes[at] = byte;
        make::armor("PGP PRIVATE KEY BLOCK", &bytes)
    }

    #[test]
    fn the_check_value_of_the_polynomial() {
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
        assert_eq!(crc24(b""), 0x00b7_04ce);
    }

    #[test]
    fn a_made_key_passes_in_every_writing() {
        let text = made();
        for text in [text.clone(), text.replace('\n', "\\n"), text.replacen('\n', "\nVersion: X 1.0\n", 1)] {
            assert_eq!(verify(text.as_bytes()), Outcome::Passed, "{text}");
        }
        let without_sum: Vec<&str> = text.lines().filter(|line| !line.starts_with('=')).collect();
        assert_eq!(verify(without_sum.join("\n").as_bytes()), Outcome::Passed);
    }

    #[test]
    fn a_wrong_sum_or_a_missing_line_fails() {
        let text = made();
        let lines: Vec<&str> = text.lines().collect();
        for line in 2..lines.len() - 1 {
            let rest: Vec<&str> =
                lines.iter().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| *line).collect();
            let is_sum = lines[line].starts_with('=');
            assert_eq!(verify(rest.join("\n").as_bytes()) == Outcome::Failed, !is_sum, "line {line}");
        }
        let place = text.find("\n=").expect("a made block has a sum") + 2;
        let mut bad = text.clone().into_bytes();
        bad[place] = if bad[place] == b'A' { b'B' } else { b'A' };
        assert_eq!(verify(&bad), Outcome::Failed);
    }

    #[test]
    fn a_locked_key_is_no_secret() {
        // Tag, length, version, time, algorithm, curve with its length, number with its bits: then the usage.
        let usage = 2 + 1 + 4 + 1 + 10 + 2 + 33;
        assert_eq!(verify(changed(usage, 254).as_bytes()), Outcome::NotASecret("encrypted"));
        assert_eq!((LOCKED.verify)(changed(usage, 254).as_bytes()), Outcome::Unknown);
        assert_eq!((LOCKED.verify)(made().as_bytes()), Outcome::NotASecret("not locked"));
        assert_eq!(
            verify(changed(usage + 5, 0x55).as_bytes()),
            Outcome::Unknown,
            "the armour is right, the sum within wrong"
        );
        assert_eq!(verify(changed(7, 99).as_bytes()), Outcome::Unknown, "an algorithm that is not known");
        assert_eq!(verify(changed(0, 0xc6).as_bytes()), Outcome::NotASecret("public key"));
    }

    #[test]
    fn messages_and_signatures_are_no_secrets() {
        let message = make::armor("PGP MESSAGE", &[0xd2, 1, 0]);
        assert_eq!(verify(message.as_bytes()), Outcome::NotASecret("encrypted"));
        let signature = make::armor("PGP SIGNATURE", &[0xc2, 1, 0]);
        assert_eq!(verify(signature.as_bytes()), Outcome::NotASecret("signature"));
    }
}
