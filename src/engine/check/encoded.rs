//! Short secrets in base64 or base32: `user:password`, `WireGuard` keys, one-time password seeds.

use super::{Check, Outcome, codec};

/// The credentials of `Authorization: Basic`.
pub(super) static BASIC_AUTH: Check =
    Check { name: "basic-auth-base64", source: "RFC 7617", verify: user_password, repair: Some(repair_user_password) };

/// The `auth` member of Docker's and npm's configuration, which has the same form.
pub(super) static DOCKER_AUTH: Check = Check {
    name: "docker-auth-base64",
    source: "https://docs.docker.com/reference/cli/docker/login/",
    verify: user_password,
    repair: Some(repair_user_password),
};

/// 32 bytes with the bits that Curve25519 fixes.
pub(super) static WIREGUARD: Check = Check {
    name: "wireguard-key",
    source: "https://www.wireguard.com/papers/wireguard.pdf; RFC 7748 section 5 (clamping, done by `wg genkey`)",
    verify: wireguard,
    repair: Some(repair_wireguard),
};

/// The seed of a one-time password: 80 bits or more of base32. It can be refuted, but not proven.
pub(super) static TOTP: Check =
    Check { name: "base32-totp", source: "RFC 4226 section 4, RFC 4648 section 6", verify: totp, repair: None };

/// User and password that documentation and tests use.
const PLACEHOLDERS: [&str; 8] = [
    "user:pass",
    "user:password",
    "user:passwd",
    "username:password",
    "username:pass",
    "foo:bar",
    "login:password",
    "test:test",
];

/// User, colon and password.
const SHORTEST: usize = 6;

fn user_password(text: &[u8]) -> Outcome {
    let plain = codec::base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
    // Google's registry takes a key file as the password, with its line ends.
    let is_binary = |char: char| char.is_control() && !matches!(char, '\n' | '\r' | '\t');
    let Some(plain) = plain.filter(|plain| !plain.contains(is_binary)) else { return Outcome::Failed };
    let plain = plain.trim_end();
    let Some((_, password)) = plain.split_once(':') else { return Outcome::Failed };
    if password.is_empty() {
        return Outcome::NotASecret("empty password");
    }
    let is_reference = [("${", "}"), ("{{", "}}"), ("<", ">"), ("$(", ")"), ("%", "%")]
        .iter()
        .any(|(begin, end)| password.starts_with(begin) && password.ends_with(end));
    let is_masked = password.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'));
    if is_reference || is_masked || PLACEHOLDERS.contains(&plain.to_lowercase().as_str()) {
        return Outcome::NotASecret("placeholder");
    }
    // A few bytes come out readable by chance.
    if plain.len() < SHORTEST { Outcome::Unknown } else { Outcome::Passed }
}

fn repair_user_password(text: &[u8]) -> Option<Vec<u8>> {
    let length = codec::base64(text)?.len();
    let user: &[u8] = if length < 16 { b"a:" } else { b"deploy:" };
    let password = codec::filler(text, length.checked_sub(user.len()).filter(|room| *room > 0)?);
    let fixed = codec::base64_like(&[user, &password].concat(), text);
    (fixed.len() == text.len() && user_password(&fixed) == Outcome::Passed).then_some(fixed)
}

fn wireguard(text: &[u8]) -> Outcome {
    let key = codec::base64(text).filter(|_| text.len() == 44 && text.ends_with(b"="));
    match key.as_deref() {
        Some([first, .., last]) if first.trailing_zeros() >= 3 && last & 0xc0 == 0x40 => Outcome::Passed,
        // Any 32 bytes do: whoever uses them clears those bits then.
        Some(key) if key.len() == 32 => Outcome::Unusual,
        _ => Outcome::Failed,
    }
}

fn repair_wireguard(text: &[u8]) -> Option<Vec<u8>> {
    let mut key = codec::base64(text)?;
    *key.first_mut()? &= 0xf8;
    *key.last_mut()? = key.last()? & 0x7f | 0x40;
    // Standard base64 only: the URL alphabet is not WireGuard's.
    let fixed = codec::base64_padded(&key);
    (fixed.len() == text.len() && wireguard(&fixed) == Outcome::Passed).then_some(fixed)
}

/// 80 bits, the least that authenticators make; RFC 4226 asks for 128.
const LEAST_SEED: usize = 10;

fn totp(text: &[u8]) -> Outcome {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b' ' | b'-' | b'=')).collect();
    // A last group of one, three or six characters encodes no whole number of bytes.
    let fits = !matches!(text.len() % 8, 1 | 3 | 6);
    match codec::base32(&text) {
        Some(seed) if fits && seed.len() >= LEAST_SEED && !is_monotonous(&text) => Outcome::Unknown,
        _ => Outcome::Failed,
    }
}

fn is_monotonous(text: &[u8]) -> bool {
    let mut kinds = text.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{BASE64, Random, passes_when_repaired};

    fn basic(plain: &str) -> Outcome {
        user_password(&codec::base64_padded(plain.as_bytes()))
    }

    #[test]
    fn users_with_passwords() {
        // The two examples of RFC 7617.
        for text in [["QWxhZGRpbjpvcG", "VuIHNlc2FtZQ=="], ["dGVzdDox", "MjPCow=="]] {
            assert_eq!(user_password(text.concat().as_bytes()), Outcome::Passed);
        }
        assert_eq!(basic("deploy:"), Outcome::NotASecret("empty password"));
        assert_eq!(basic("user:${PASSWORD}"), Outcome::NotASecret("placeholder"));
        assert_eq!(basic("Username:Password"), Outcome::NotASecret("placeholder"));
        assert_eq!(basic("me:xxxxxxxx"), Outcome::NotASecret("placeholder"));
        assert_eq!(basic("deploy:\n"), Outcome::NotASecret("empty password"));
        assert_eq!(basic("_json_key:{\n  \"type\": \"service_account\"\n}\n"), Outcome::Passed);
        assert_eq!(basic("a:b"), Outcome::Unknown);
        assert_eq!(basic("no colon"), Outcome::Failed);
        assert_eq!(basic("a:b\u{7}"), Outcome::Failed);
        assert_eq!(user_password(b"////"), Outcome::Failed);
    }

    #[test]
    fn round_trips() {
        let mut random = Random::new(32);
        for length in [8, 14, 24, 43, 60] {
            for check in [&BASIC_AUTH, &DOCKER_AUTH] {
                passes_when_repaired(check, &random.text(BASE64, length));
            }
        }
        for _ in 0..50 {
            let sample = [&random.text(BASE64, 42)[..], b"E="].concat();
            passes_when_repaired(&WIREGUARD, &sample);
        }
        let padded = [&random.text(BASE64, 22)[..], b"=="].concat();
        assert_eq!(passes_when_repaired(&BASIC_AUTH, &padded).last(), Some(&b'='));
    }

    #[test]
    fn keys_that_are_not_clamped_are_unusual() {
        let documented = ["yAnz5TF+lXXJte14tji3zl", "MNq+hd2rYUIgJBgB3fBmk="].concat();
        assert_eq!(wireguard(documented.as_bytes()), Outcome::Passed);
        let mut key = codec::base64(documented.as_bytes()).expect("base64");
        key[0] |= 1;
        assert_eq!(wireguard(&codec::base64_padded(&key)), Outcome::Unusual);
        key[0] &= 0xf8;
        key[31] |= 0x80;
        assert_eq!(wireguard(&codec::base64_padded(&key)), Outcome::Unusual);
        assert_eq!(wireguard(b"AAAA"), Outcome::Failed);
    }

    #[test]
    fn seeds_of_one_time_passwords() {
        // The seed of RFC 6238's vectors, and one too short.
        let seed = codec::to_base32(b"12345678901234567890");
        assert_eq!(totp(&seed), Outcome::Unknown);
        assert_eq!(totp(&seed.to_ascii_lowercase()), Outcome::Unknown);
        assert_eq!(totp(&seed[..15]), Outcome::Failed);
        assert_eq!(totp(&seed[..17]), Outcome::Failed);
        assert_eq!(totp(b"AAAAAAAAAAAAAAAA"), Outcome::Failed);
        assert_eq!(totp(b"ABCDEFGH0123ABCD"), Outcome::Failed);
    }
}
