//! Makes well-formed keys and tokens from random bytes, for examples and tests: no live-looking value has to lie
//! in the repository. Their numbers are no real keys.

use super::{bip39, codec, der, openpgp, openssh, pem};

/// A source of random bytes.
pub type Rng<'a> = dyn FnMut() -> u8 + 'a;

/// The object identifiers that the made keys name (RFC 8017, RFC 5480, RFC 8018), without tag and length.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];

/// The curve of `EdDSALegacy` (RFC 9580 section 9.2), with its length in front.
const ED25519_LEGACY: &[u8] = &[9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// A block of the kind that `label` names (RFC 7468 and others), with random numbers in it: every parser takes
/// it apart, no mathematics holds. A label that is not known gives a PKCS#8 key under that label.
#[must_use]
pub fn make_pem(label: &str, rng: &mut Rng<'_>) -> String {
    match label {
        "RSA PRIVATE KEY" => pem::write(label, &rsa(rng), 64),
        "EC PRIVATE KEY" => pem::write(label, &elliptic(rng), 64),
        "DSA PRIVATE KEY" => pem::write(label, &dsa(rng), 64),
        "OPENSSH PRIVATE KEY" => pem::write(label, &ed25519(rng), 70),
        "ENCRYPTED PRIVATE KEY" => pem::write(label, &encrypted(rng), 64),
        "PUBLIC KEY" => pem::write(label, &public(rng), 64),
        "PGP PRIVATE KEY BLOCK" => armor(label, &pgp(rng)),
        _ => pem::write(label, &pkcs8_of(&rsa(rng)), 64),
    }
}

/// A signed token (RFC 7519) with random claims and an HMAC-SHA256 signature's length of random bytes.
#[must_use]
pub fn make_jwt(rng: &mut Rng<'_>) -> String {
    let subject = u32::from_be_bytes([rng(), rng(), rng(), rng()]);
    let id = String::from_utf8_lossy(&codec::filler(&bytes(16, rng), 22)).into_owned();
    let claims = format!(r#"{{"iss":"auth","sub":"{subject}","iat":1700000000,"jti":"{id}"}}"#);
    let parts = [&br#"{"alg":"HS256","typ":"JWT"}"#[..], claims.as_bytes(), &bytes(32, rng)];
    let parts = parts.map(|part| String::from_utf8_lossy(&codec::base64url(part)).into_owned());
    parts.join(".")
}

/// Twelve words of a recovery phrase whose checksum holds (BIP-39).
#[must_use]
pub fn make_mnemonic(rng: &mut Rng<'_>) -> String {
    bip39::phrase(&bytes(16, rng))
}

/// ASCII armour with its checksum (RFC 9580 section 6).
pub(super) fn armor(label: &str, packets: &[u8]) -> String {
    let sum = codec::base64_padded(&openpgp::crc24(packets).to_be_bytes()[1..]);
    let sum = format!("\n={}\n-----END", String::from_utf8_lossy(&sum));
    pem::write(label, packets, 64).replacen('\n', "\n\n", 1).replacen("\n-----END", &sum, 1)
}

fn bytes(length: usize, rng: &mut Rng<'_>) -> Vec<u8> {
    (0..length).map(|_| rng()).collect()
}

/// A number of exactly this many bytes, odd, as moduli and primes are.
fn number(length: usize, rng: &mut Rng<'_>) -> Vec<u8> {
    let mut number = bytes(length, rng);
    if let [first, .., last] = number.as_mut_slice() {
        *first |= 0x80;
        *last |= 1;
    }
    der::write_number(&number)
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der::write(der::SEQUENCE, &parts.concat())
}

fn rsa(rng: &mut Rng<'_>) -> Vec<u8> {
    rsa_of(256, 128, rng)
}

/// PKCS#1 with a modulus of `size` bytes and a coefficient of `last` bytes.
pub(super) fn rsa_of(size: usize, last: usize, rng: &mut Rng<'_>) -> Vec<u8> {
    let mut parts = vec![der::write_number(&[]), number(size, rng), der::write_number(&[1, 0, 1]), number(size, rng)];
    parts.extend([size / 2, size / 2, size / 2, size / 2, last].map(|length| number(length, rng)));
    sequence(&parts)
}

/// PKCS#8 around a key of PKCS#1.
pub(super) fn pkcs8_of(key: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[der::write(der::OBJECT_ID, RSA_ENCRYPTION), vec![5, 0]]);
    sequence(&[der::write_number(&[]), algorithm, der::write(der::OCTET_STRING, key)])
}

/// SEC 1 on the curve P-256.
pub(super) fn elliptic(rng: &mut Rng<'_>) -> Vec<u8> {
    let point = [vec![0, 4], bytes(64, rng)].concat();
    sequence(&[
        der::write_number(&[1]),
        der::write(der::OCTET_STRING, &bytes(32, rng)),
        der::write(der::CONTEXT_0, &der::write(der::OBJECT_ID, PRIME256V1)),
        der::write(der::CONTEXT_1[0], &der::write(der::BIT_STRING, &point)),
    ])
}

fn dsa(rng: &mut Rng<'_>) -> Vec<u8> {
    let parts = [128, 20, 128, 128, 20].map(|length| number(length, rng));
    sequence(&[&[der::write_number(&[])], &parts[..]].concat())
}

fn encrypted(rng: &mut Rng<'_>) -> Vec<u8> {
    let parameters = sequence(&[der::write(der::OCTET_STRING, &bytes(8, rng))]);
    let algorithm = sequence(&[der::write(der::OBJECT_ID, PBES2), parameters]);
    sequence(&[algorithm, der::write(der::OCTET_STRING, &bytes(160, rng))])
}

fn public(rng: &mut Rng<'_>) -> Vec<u8> {
    let curve = der::write(der::OBJECT_ID, PRIME256V1);
    let algorithm = sequence(&[der::write(der::OBJECT_ID, EC_PUBLIC_KEY), curve]);
    let point = [vec![0, 4], bytes(64, rng)].concat();
    sequence(&[algorithm, der::write(der::BIT_STRING, &point)])
}

/// PROTOCOL.key of OpenSSH, without a passphrase.
fn ed25519(rng: &mut Rng<'_>) -> Vec<u8> {
    let kind = openssh::write_string(b"ssh-ed25519");
    let public = openssh::write_string(&bytes(32, rng));
    let check = bytes(4, rng);
    let secret = openssh::write_string(&bytes(64, rng));
    let comment = openssh::write_string(b"nobody@example.org");
    let mut private = [&check[..], &check, &kind, &public, &secret, &comment].concat();
    for pad in 1..8 {
        if private.len().is_multiple_of(8) {
            break;
        }
        private.push(pad);
    }
    let none = openssh::write_string(b"none");
    let public = openssh::write_string(&[kind, public].concat());
    let head = [&b"openssh-key-v1\0"[..], &none, &none, &[0, 0, 0, 0, 0, 0, 0, 1], &public].concat();
    [head, openssh::write_string(&private)].concat()
}

/// A version 4 key for `EdDSALegacy` without a passphrase, and a user id.
fn pgp(rng: &mut Rng<'_>) -> Vec<u8> {
    let public = [&[0x01, 0x07, 0x40][..], &bytes(32, rng)].concat();
    let mut secret = [&[0x01, 0x00][..], &bytes(32, rng)].concat();
    secret[2] |= 0x80;
    let sum = secret.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte))).to_be_bytes();
    let key = [&[4][..], &bytes(4, rng), &[22], ED25519_LEGACY, &public, &[0], &secret, &sum].concat();
    let user = b"Nobody <nobody@example.org>";
    [packet(5, &key), packet(13, user)].concat()
}

/// The same under a passphrase: the octet behind the public half says how the rest is protected.
pub(super) fn pgp_locked(rng: &mut Rng<'_>) -> String {
    // Tag, length, version, time, algorithm, curve with its length, number with its bits.
    const USAGE: usize = 2 + 1 + 4 + 1 + 10 + 2 + 33;
    let mut packets = pgp(rng);
    packets[USAGE] = 254;
    armor("PGP PRIVATE KEY BLOCK", &packets)
}

fn packet(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("made packets are short");
    [&[0xc0 | tag, length][..], content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::Random;
    use crate::engine::check::{Outcome, by_name};

    fn outcome(name: &str, text: &str) -> Outcome {
        (by_name(name).expect("the check is in the table").verify)(text.as_bytes())
    }

    #[test]
    fn what_is_made_passes_its_check() {
        let mut random = Random::new(20);
        for _ in 0..20 {
            assert_eq!(outcome("jwt", &make_jwt(&mut || random.byte())), Outcome::Passed);
            assert_eq!(outcome("bip39", &make_mnemonic(&mut || random.byte())), Outcome::Passed);
            let key = make_pem("PGP PRIVATE KEY BLOCK", &mut || random.byte());
            assert_eq!(outcome("openpgp-armor", &key), Outcome::Passed);
            let key = make_pem("ANY PRIVATE KEY", &mut || random.byte());
            assert_eq!(outcome("pem-private-key", &key), Outcome::Passed);
        }
    }

    #[test]
    fn the_same_bytes_make_the_same_key() {
        let make = |seed| {
            let mut random = Random::new(seed);
            make_pem("RSA PRIVATE KEY", &mut || random.byte())
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn any_source_of_bytes_will_do() {
        for byte in [0, 0xff] {
            for label in ["RSA PRIVATE KEY", "DSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY"]
            {
                assert_eq!(outcome("pem-private-key", &make_pem(label, &mut || byte)), Outcome::Passed, "{label}");
            }
        }
    }
}
