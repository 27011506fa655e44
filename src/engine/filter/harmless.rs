//! Values whose form says that they open nothing: ciphertext, public keys and certificates, identifiers that providers give
//! to browsers, digests, hashes of passwords, names of algorithms.
//!
//! They stand under the names of secrets all the time. Ciphertext is worthless without a key that has rules of its own, and
//! hashes of passwords have rules of their own.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};

/// Whether a value is none of those that open something.
#[must_use]
pub fn is_harmless(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let begins = |list: &[&str]| list.iter().any(|begin| text.starts_with(begin));
    begins(CIPHERTEXT)
        || begins(HASHES)
        || begins(PUBLIC)
        || begins(DIGESTS)
        || is_crypt(text)
        || is_long_ciphertext(text)
        || is_encrypted_token(text)
        || is_public_block(text)
        || is_public_identifier(text)
        || is_algorithm(text)
        || is_public_der(value)
}

/// Ciphertext of the tools that put it into configuration files.
const CIPHERTEXT: &[&str] = &[
    "ENC[",
    "ENC(",
    "{cipher}",
    "{aes}",
    "{AES}",
    "{DESede}",
    "{xor}",
    "!vault",
    "$ANSIBLE_VAULT",
    "vault:v",
    "gAAAAA",
    "U2FsdGVkX1",
    // Of dotenvx.
    "encrypted:",
    // Blobs of AWS KMS: made by its keys, and data keys.
    "AQICAH",
    "AQECAH",
    "AQIDAH",
    // Of Windows' DPAPI, in base64 and hexadecimal.
    "AQAAANCMnd8",
    "01000000d08c9ddf",
    "01000000D08C9DDF",
    // `age-encryption.org/v1` in base64.
    "YWdlLWVuY3J5cHRpb24ub3Jn",
];

/// Hashes of passwords that do not begin as crypt's do.
const HASHES: &[&str] = &[
    "$P$",
    "$H$",
    "{CRYPT}",
    "{crypt}",
    "{SSHA",
    "{SHA",
    "{MD5}",
    "{bcrypt}",
    "pbkdf2",
    "scrypt:",
    "bcrypt_",
    "SCRAM-SHA",
    "scram-sha",
];

/// Public halves of keys, in the writing of their tools.
const PUBLIC: &[&str] = &[
    "ssh-rsa ",
    "ssh-dss ",
    "ssh-ed25519 ",
    "ecdsa-sha2-",
    "sk-ssh-",
    "sk-ecdsa-",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1",
    "AAAAE2VjZHNhLXNoYTI",
    "AAAAGnNrLXNzaC1",
    "AAAAInNrLWVjZHNh",
];

/// Digests of files and packages.
const DIGESTS: &[&str] =
    &["sha1-", "sha256-", "sha384-", "sha512-", "md5:", "sha1:", "sha256:", "sha512:", "SHA256:", "h1:"];

/// `$2b$12$…`, `$argon2id$v=19$…`: crypt's form has three signs or more, and a digest of 22 characters or more behind them.
fn is_crypt(text: &str) -> bool {
    const SHORTEST: usize = 24;
    text.len() >= SHORTEST && text.starts_with('$') && text.matches('$').count() >= 3
}

/// Messages of `OpenPGP` and sealed secrets of Kubernetes begin with few bytes that are always the same, and are long.
fn is_long_ciphertext(text: &str) -> bool {
    const LONG: usize = 180;
    let begins = ["hQEM", "hQIM", "hF4D", "wcBM", "wcFM", "jA0E", "Ag"];
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    text.len() >= LONG && begins.iter().any(|begin| text.starts_with(begin)) && text.bytes().all(is_base64)
}

/// An encrypted token (RFC 7516): where it lets its holder in, a rule of its own says so.
fn is_encrypted_token(text: &str) -> bool {
    let header = || URL_SAFE_NO_PAD.decode(text.split('.').next()?).ok();
    let names_encryption = |header: &serde_json::Value| header.get("enc").is_some_and(serde_json::Value::is_string);
    text.starts_with("eyJ")
        && text.matches('.').count() == 4
        && header().and_then(|header| serde_json::from_slice(&header).ok()).as_ref().is_some_and(names_encryption)
}

/// A block in PEM form that is neither a private key nor holds one.
fn is_public_block(text: &str) -> bool {
    let Some(label) = text.strip_prefix("-----BEGIN ").or_else(|| text.strip_prefix("---- BEGIN ")) else {
        return false;
    };
    let known =
        ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC", "PGP PUBLIC", "PGP MESSAGE", "PGP SIGNATURE", "AGE ENCRYPTED"];
    let others = ["SSH2 PUBLIC", "X509", "TRUSTED CERT", "PKCS7", "CMS", "DH PARAM", "EC PARAM"];
    known.iter().chain(&others).any(|known| label.starts_with(known)) && !label.contains("PRIVATE KEY")
}

/// Identifiers that providers make for pages and apps that anybody can read.
fn is_public_identifier(text: &str) -> bool {
    const BEGINS: &[(&str, usize)] = &[
        ("pk_live_", 24),
        ("pk_test_", 24),
        ("pk.eyJ", 40),
        ("phc_", 40),
        ("sb_publishable_", 28),
        ("FLWPUBK", 32),
        ("pubkey-", 32),
        ("sq0idp-", 22),
        ("sandbox-sq0idb-", 22),
        ("NRJS-", 19),
        ("age1", 58),
        ("sub-c-", 36),
    ];
    // Of Datadog's browser agent.
    let is_rum = text.len() == 35
        && text.strip_prefix("pub").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let begins =
        BEGINS.iter().any(|(begin, rest)| text.strip_prefix(begin).is_some_and(|tail| tail.len() + 6 >= *rest));
    begins || is_rum || text.ends_with(".apps.googleusercontent.com")
}

/// Base64 of a certificate (RFC 5280), of a public key with its algorithm, or of an RSA public key alone (RFC 8017).
fn is_public_der(value: &[u8]) -> bool {
    const HEAD: usize = 64;
    const FORGIVING: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    // A sequence of that length always begins so, and the rest costs time.
    if value.len() < 56 || value[0] != b'M' {
        return false;
    }
    let Ok(bytes) = FORGIVING.decode(&value[..value.len().min(HEAD) & !3]) else { return false };
    let Some((0x30, outer)) = header(&bytes) else { return false };
    match header(outer) {
        // The modulus; of a private key a version of one byte comes first.
        Some((0x02, number)) => outer.len() - number.len() > 2 && !outer.starts_with(&[0x02, 0x01]),
        Some((0x30, inner)) => match header(inner) {
            Some((0xa0, version)) => version.starts_with(&[0x02, 0x01]),
            Some((0x06, _)) => behind(outer).is_some_and(|rest| rest.first() == Some(&0x03)),
            _ => false,
        },
        _ => false,
    }
}

/// `sha256`, `PBKDF2WithHmacSHA256`, `aes-256-gcm`: how something is encrypted or signed.
fn is_algorithm(text: &str) -> bool {
    const BEGINS: &[&str] = &[
        "md5",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "sha3",
        "hs256",
        "hs384",
        "hs512",
        "rs256",
        "rs384",
        "rs512",
        "es256",
        "es384",
        "es512",
        "ps256",
        "eddsa",
        "ed25519",
        "x25519",
        "secp256",
        "prime256v1",
        "rsaoaep",
        "hmacsha",
        "hmacmd5",
        "pbkdf2",
        "aes128",
        "aes192",
        "aes256",
        "aesgcm",
        "aescbc",
        "chacha20",
        "xchacha20",
        "scramsha",
        "bcrypt",
        "scrypt",
        "argon2",
    ];
    // What may stand behind it: its modes and paddings.
    const WORDS: &[&str] = &[
        "with",
        "hmac",
        "sha",
        "gcm",
        "cbc",
        "ctr",
        "ecb",
        "cfb",
        "kw",
        "ccm",
        "poly1305",
        "pkcs",
        "padding",
        "pkcs5padding",
        "hash",
        "rsa",
        "ecdsa",
        "encryption",
        "id",
        "r1",
        "k1",
        "siv",
        "oaep",
        "mgf",
        "and",
    ];
    if text.len() > 40 {
        return false;
    }
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let Some(mut rest) = BEGINS.iter().filter_map(|begin| plain.strip_prefix(begin)).min_by_key(|rest| rest.len())
    else {
        return false;
    };
    rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    while let Some(shorter) = WORDS.iter().filter_map(|word| rest.strip_prefix(word)).min_by_key(|rest| rest.len()) {
        rest = shorter.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    rest.is_empty()
}

/// The tag of the first value and everything behind its length.
fn header(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let more = if length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    (more <= 3).then(|| rest.get(more..)).flatten().map(|rest| (tag, rest))
}

/// Behind the first value, if it is short.
fn behind(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::from(*bytes.get(1)?);
    (length < 0x80).then(|| bytes.get(2 + length..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(bytes: &[u8]) -> Vec<u8> {
        base64::engine::general_purpose::STANDARD.encode(bytes).into_bytes()
    }

    #[test]
    fn public_structures_are_told_from_private_ones() {
        let body = [0x5a; 64];
        let rsa = [&[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0][..]].concat();
        let public = [&[0x30, 0x82, 1, 0x22][..], &rsa, &[0x03, 0x82, 1, 0x0f, 0], &body].concat();
        let certificate = [&[0x30, 0x82, 3, 0x77, 0x30, 0x82, 2, 0x5f, 0xa0, 3, 2, 1, 2][..], &body].concat();
        let bare = [&[0x30, 0x82, 1, 0x0a, 0x02, 0x82, 1, 1, 0][..], &body].concat();
        for bytes in [public, certificate, bare] {
            assert!(is_harmless(&base64(&bytes)), "{bytes:?}");
        }
        let pkcs8 = [&[0x30, 0x82, 4, 0xbd, 0x02, 1, 0][..], &rsa, &[0x04, 0x82, 4, 0xa7], &body].concat();
        let pkcs1 = [&[0x30, 0x82, 4, 0xa4, 0x02, 1, 0, 0x02, 0x82, 1, 1, 0][..], &body].concat();
        for bytes in [pkcs8, pkcs1, body.to_vec()] {
            assert!(!is_harmless(&base64(&bytes)), "{bytes:?}");
        }
    }

    #[test]
    fn algorithms_are_told_from_passwords() {
        for text in ["sha256", "PBKDF2WithHmacSHA256", "aes-256-gcm", "HS256", "hmac-sha1"] {
            assert!(is_algorithm(text), "{text}");
        }
        for text in ["sha256x7Kq", "md5isnothash", "aes", "es256a", "bcrypt0r"] {
            assert!(!is_algorithm(text), "{text}");
        }
    }

    #[test]
    fn secrets_are_not_harmless() {
        for text in [
            "hunter2",
            "$ecr$t",
            "$uP3r$3cr$t",
            "age of reason",
            "sha",
            "pk_live",
            "AgA3",
            "MIIEpAIBAAKCAQEA",
            "Mk3vQ9xL2mPaZ7",
        ] {
            assert!(!is_harmless(text.as_bytes()), "{text}");
        }
    }
}
