//! JSON Web Tokens: three parts of base64url, of which the first two are JSON; five, of which the first is, if encrypted.

use serde_json::{Map, Value};

use super::{Check, Outcome, codec, json};

/// A signed token, with or without an issuer's prefix such as `ghs_123_`.
pub(super) static JWT: Check =
    Check { name: "jwt", source: "RFC 7515, RFC 7516, RFC 7518, RFC 7519", verify: signed, repair: Some(repair) };

/// Behind a prefix that only its issuer makes, a token that does not parse is another make of it.
fn signed(text: &[u8]) -> Outcome {
    match verify(text) {
        Outcome::Failed if begins_behind_prefix(text) => Outcome::Unusual,
        outcome => outcome,
    }
}

/// Whether the header begins behind something else, and enough follows.
fn begins_behind_prefix(text: &[u8]) -> bool {
    const SHORTEST: usize = 40;
    let header = text.split(|&byte| byte == b'.').next().unwrap_or_default();
    text.len() > SHORTEST && memchr::memmem::find(header, b"eyJ").is_some_and(|at| at > 0)
}

/// A token of a Supabase project: the anonymous role is meant to be public.
pub(super) static SUPABASE: Check = Check {
    name: "supabase-jwt",
    source: "https://supabase.com/docs/guides/api/api-keys",
    verify: supabase,
    repair: None,
};

/// An encrypted token in compact form. Nothing in it is a checksum, so that it only refutes.
pub(super) static ENCRYPTED: Check =
    Check { name: "jwe", source: "RFC 7516, RFC 7518", verify: encrypted, repair: None };

/// Longer than any header that a server takes.
const LONGEST: usize = 1 << 16;

/// A token taken apart.
struct Token<'a> {
    parts: Vec<&'a [u8]>,
    header: Map<String, Value>,
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&codec::base64(part)?) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn parse(text: &[u8]) -> Option<Token<'_>> {
    if text.len() > LONGEST || !text.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let first_end = text.iter().position(|&byte| byte == b'.')?;
    // The brace and the quote that every header begins with; a prefix ends in front of them.
    let starts = (0..first_end).filter(|&at| {
        text[at..].starts_with(b"ey") && (at == 0 || matches!(text[at - 1], b'_' | b'-' | b'+' | b'/' | b'.'))
    });
    for at in starts.take(8) {
        if let Some(header) = object(&text[at..first_end]) {
            let parts = text[at..].split(|byte| *byte == b'.').collect();
            return Some(Token { parts, header });
        }
    }
    None
}

fn verify(text: &[u8]) -> Outcome {
    let Some(token) = parse(text) else { return Outcome::Failed };
    let Some(algorithm) = token.header.get("alg").and_then(Value::as_str) else { return Outcome::Failed };
    match token.parts[..] {
        [_, _, _, _, _] if token.header.contains_key("enc") => Outcome::NotASecret("encrypted"),
        [_, payload, _] if object(payload).is_none() => Outcome::Failed,
        [_, _, b""] | [_, _] if algorithm == "none" => Outcome::Unknown,
        [_, _, signature] if signature_fits(algorithm, signature) => Outcome::Passed,
        _ => Outcome::Failed,
    }
}

/// The lengths of RFC 7518 section 3; an algorithm from elsewhere only has to have a signature.
fn signature_fits(algorithm: &str, signature: &[u8]) -> bool {
    let Some(length) = codec::base64(signature).map(|bytes| bytes.len()) else { return false };
    match algorithm {
        "HS256" => length == 32,
        "HS384" => length == 48,
        "HS512" | "ES256" => length == 64,
        "ES384" => length == 96,
        "ES512" => length == 132,
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => (64..=2048).contains(&length),
        _ => length > 0,
    }
}

/// What the header says is stored, not sent: to a password, to a Tang server or a TPM, or with content that is no token.
fn encrypted(text: &[u8]) -> Outcome {
    let Some(Token { parts, header }) = parse(text) else { return Outcome::Failed };
    let named = |name: &str| header.get(name).and_then(Value::as_str);
    let (Some(algorithm), Some(encryption)) = (named("alg"), named("enc")) else { return Outcome::Failed };
    let [_, key, vector, _, tag] = parts[..] else { return Outcome::Failed };
    let is_token = named("cty").is_none_or(|kind| kind.eq_ignore_ascii_case("jwt"));
    if !is_token || header.contains_key("clevis") || header.contains_key("p2s") {
        return Outcome::NotASecret("encrypted");
    }
    // Section 5 of RFC 7518; RFC 7516, section 5.1: a key that is agreed on or known has no encrypted form.
    let lengths = match encryption {
        "A128GCM" | "A192GCM" | "A256GCM" => Some((12, 16)),
        "A128CBC-HS256" => Some((16, 16)),
        "A192CBC-HS384" => Some((16, 24)),
        "A256CBC-HS512" => Some((16, 32)),
        _ => None,
    };
    let has = |part: &[u8], length: usize| codec::base64(part).is_some_and(|bytes| bytes.len() == length);
    let fits = lengths.is_none_or(|(of_vector, of_tag)| has(vector, of_vector) && has(tag, of_tag));
    let is_direct = matches!(algorithm, "dir" | "ECDH-ES");
    if fits && key.is_empty() == is_direct { Outcome::Unknown } else { Outcome::Failed }
}

fn supabase(text: &[u8]) -> Outcome {
    let claims = parse(text).and_then(|token| token.parts.get(1).and_then(|part| object(part)));
    let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name)).and_then(Value::as_str);
    match (verify(text), claim("role")) {
        (Outcome::Passed, Some("anon")) => Outcome::NotASecret("public by design"),
        (Outcome::Passed, Some("service_role")) => Outcome::Passed,
        (Outcome::Passed, _) => Outcome::Unknown,
        (other, _) => other,
    }
}

fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let [prefix, header, payload, signature] = cut(text)?;
    let algorithm = match codec::base64(signature)?.len() {
        32 => "HS256",
        48 => "HS384",
        64 => "ES256",
        96 => "ES384",
        65.. => "RS256",
        _ => "EdDSA",
    };
    let old = codec::base64(header)?;
    let has_algorithm = |object: &Map<String, Value>| object.get("alg").is_some_and(Value::is_string);
    let new_header = || {
        let needed = ("alg", algorithm);
        json::completed(&old, Some(needed)).or_else(|| json::padded(&[needed], "kid", old.len(), header))
    };
    let header = match object(header).filter(has_algorithm) {
        Some(_) => header.to_vec(),
        None => codec::base64url(&new_header()?),
    };
    let payload = codec::base64url(&json::completed(&codec::base64(payload)?, None)?);
    let fixed = [prefix, &header, b".", &payload, b".", signature].concat();
    (fixed.len() == text.len() && verify(&fixed) == Outcome::Passed).then_some(fixed)
}

/// Prefix, header, payload and signature of a sample whose parts need not decode.
fn cut(text: &[u8]) -> Option<[&[u8]; 4]> {
    let mut parts = text.split(|byte| *byte == b'.');
    let (first, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let at = first.windows(3).position(|window| window == b"eyJ")?;
    (parts.next().is_none() && text.len() <= LONGEST).then_some([&first[..at], &first[at..], payload, signature])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::make;
    use crate::engine::check::testing::{BASE64URL, Random, fails_when_changed, passes_when_repaired};

    fn token(header: &str, payload: &str, signature: usize) -> Vec<u8> {
        let parts = [header.as_bytes(), payload.as_bytes(), &vec![7; signature]].map(codec::base64url);
        parts.join(&b'.')
    }

    #[test]
    fn the_example_of_rfc_7519() {
        let text = [
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
            "dBjftJeZ4CVP-mB92K27uh",
            "bUJU1p1r_wW1gFWFOEjXk",
        ]
        .concat();
        assert_eq!(verify(text.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn unsigned_encrypted_and_broken_ones() {
        assert_eq!(verify(b"eyJhbGciOiJub25lIn0.e30."), Outcome::Unknown);
        let encrypted = [&codec::base64url(br#"{"alg":"dir","enc":"A256GCM"}"#)[..], b"..AAAA.AAAA.AAAA"].concat();
        assert_eq!(verify(&encrypted), Outcome::NotASecret("encrypted"));
        assert_eq!(verify(&token(r#"{"alg":"HS256"}"#, "{}", 32)), Outcome::Passed);
        assert_eq!(verify(&token(r#"{"alg":"HS256"}"#, "{}", 31)), Outcome::Failed);
        assert_eq!(verify(&token(r#"{"typ":"JWT"}"#, "{}", 32)), Outcome::Failed);
        assert_eq!(verify(&token(r#"{"alg":"HS256"}"#, "[]", 32)), Outcome::Failed);
        assert_eq!(verify(b"eyJhbGciOiJIUzI1NiJ9.eyJ"), Outcome::Failed);
        assert_eq!(verify(b"a.b.c"), Outcome::Failed);
    }

    #[test]
    fn encrypted_tokens_are_told_from_what_is_stored() {
        let text = |header: &str, lengths: [usize; 3]| {
            let [key, vector, tag] = lengths.map(|length| codec::base64url(&vec![7; length]));
            [&codec::base64url(header.as_bytes())[..], &key, &vector, b"AAAAAAAA", &tag].join(&b'.')
        };
        for (header, lengths, expected) in [
            (r#"{"alg":"dir","enc":"A256GCM","iss":"https://a.example/"}"#, [0, 12, 16], Outcome::Unknown),
            (r#"{"alg":"dir","enc":"A256CBC-HS512","kid":"x"}"#, [0, 16, 32], Outcome::Unknown),
            (r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"}"#, [256, 12, 16], Outcome::Unknown),
            (r#"{"alg":"dir","enc":"A256GCM"}"#, [32, 12, 16], Outcome::Failed),
            (r#"{"alg":"dir","enc":"A256GCM"}"#, [0, 16, 16], Outcome::Failed),
            (r#"{"alg":"A256KW","enc":"A256GCM"}"#, [0, 12, 16], Outcome::Failed),
            (
                r#"{"alg":"ECDH-ES","enc":"A256GCM","clevis":{"pin":"tang"}}"#,
                [0, 12, 16],
                Outcome::NotASecret("encrypted"),
            ),
            (
                r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2s":"x"}"#,
                [40, 12, 16],
                Outcome::NotASecret("encrypted"),
            ),
            (r#"{"alg":"dir","enc":"A256GCM","cty":"jwk-set+json"}"#, [0, 12, 16], Outcome::NotASecret("encrypted")),
            (r#"{"alg":"dir"}"#, [0, 12, 16], Outcome::Failed),
        ] {
            assert_eq!(encrypted(&text(header, lengths)), expected, "{header}");
        }
    }

    #[test]
    fn an_issuers_prefix_is_looked_over() {
        let mut random = Random::new(21);
        let text = make::make_jwt(&mut || random.byte());
        for prefix in ["ghs_12_", "bkaj_", "wrkaus-", "x"] {
            let expected = if prefix == "x" { Outcome::Failed } else { Outcome::Passed };
            assert_eq!(verify(format!("{prefix}{text}").as_bytes()), expected, "{prefix}");
        }
        let header_end = text.find('.').expect("a token has dots");
        fails_when_changed(&JWT, text.as_bytes(), 0..3);
        assert_eq!(verify(&text.as_bytes()[..header_end]), Outcome::Failed);
    }

    #[test]
    fn roles_of_supabase() {
        for (role, expected) in [
            ("anon", Outcome::NotASecret("public by design")),
            ("service_role", Outcome::Passed),
            ("authenticated", Outcome::Unknown),
        ] {
            let payload = format!(r#"{{"iss":"supabase","ref":"x","role":"{role}"}}"#);
            assert_eq!(supabase(&token(r#"{"alg":"HS256"}"#, &payload, 32)), expected, "{role}");
        }
    }

    #[test]
    fn random_samples_are_repaired() {
        let mut random = Random::new(22);
        for (header, payload, signature) in [(20, 40, 43), (30, 100, 86), (47, 203, 342), (36, 27, 64)] {
            for _ in 0..20 {
                let parts = [header, payload].map(|length| [&b"eyJ"[..], &random.text(BASE64URL, length - 3)].concat());
                let tail = random.text(&BASE64URL[..62], signature);
                passes_when_repaired(&JWT, &[&parts[0][..], &parts[1], &tail].join(&b'.'));
            }
        }
        let fixed_head = [
            &b"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ1c2VyIiwianRpIjoiYXQt"[..],
            b"0aB-_9zzzz12",
            b".",
            &[b'A'; 86],
        ]
        .concat();
        let good = passes_when_repaired(&JWT, &fixed_head);
        assert!(good.starts_with(b"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ1c2VyIiwianRpIjoiYXQt"));
    }
}
