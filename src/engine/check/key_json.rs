//! Keys that are JSON documents: JSON Web Keys and Google's service accounts.

use serde_json::{Map, Value};

use super::{Check, Outcome, codec, private_key};

/// An object with `kty` and a private member, or a set of such objects.
pub(super) static JWK: Check = Check {
    name: "jwk-private",
    source: "RFC 7517, RFC 7518 section 6, RFC 8037",
    verify: |text| parse(text).map_or(Outcome::Failed, |value| jwk(&value)),
    repair: None,
};

/// The key file of a Google Cloud service account.
pub(super) static GCP_SERVICE_ACCOUNT: Check = Check {
    name: "gcp-service-account-json",
    source: "https://cloud.google.com/iam/docs/keys-create-delete",
    verify: |text| parse(text).map_or(Outcome::Failed, |value| service_account(&value)),
    repair: None,
};

/// More keys than a set in use has.
const MOST_KEYS: usize = 64;

/// The document as it stands, or as it stands inside a string literal.
fn parse(text: &[u8]) -> Option<Value> {
    if text.len() > codec::MAX_TEXT {
        return None;
    }
    serde_json::from_slice(text).ok().or_else(|| {
        let text = std::str::from_utf8(text).ok()?;
        serde_json::from_str(&serde_json::from_str::<String>(&format!("\"{text}\"")).ok()?).ok()
    })
}

fn jwk(value: &Value) -> Outcome {
    let Some(keys) = value.get("keys").and_then(Value::as_array) else {
        return value.as_object().map_or(Outcome::Failed, one_key);
    };
    let outcomes: Vec<Outcome> = keys.iter().take(MOST_KEYS).filter_map(Value::as_object).map(one_key).collect();
    let best = [Outcome::Passed, Outcome::Unknown, Outcome::NotASecret("public key")];
    best.into_iter().find(|outcome| outcomes.contains(outcome)).unwrap_or(Outcome::Failed)
}

fn one_key(key: &Map<String, Value>) -> Outcome {
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let secret = match member("kty") {
        Some("oct") => member("k"),
        Some("RSA" | "EC" | "OKP") => member("d"),
        Some(_) => return Outcome::Unknown,
        None => return Outcome::Failed,
    };
    let Some(secret) = secret else { return Outcome::NotASecret("public key") };
    let length = codec::base64(secret.as_bytes()).map_or(0, |bytes| bytes.len());
    // Numbers of a curve have a fixed length, though some writers drop a leading zero.
    let is_number_of = |size: usize| (size - 2..=size).contains(&length);
    let fits = match (member("kty"), member("crv")) {
        (Some("OKP"), Some("Ed25519" | "X25519")) => length == 32,
        (Some("EC"), Some("P-256" | "secp256k1")) => is_number_of(32),
        (Some("EC"), Some("P-384")) => is_number_of(48),
        (Some("EC"), Some("P-521")) => is_number_of(66),
        (Some("OKP"), Some("X448")) => length == 56,
        (Some("OKP"), Some("Ed448")) => length == 57,
        (Some("RSA"), _) => length >= 64 && member("n").is_some(),
        _ => length >= 8,
    };
    if fits { Outcome::Passed } else { Outcome::Failed }
}

fn service_account(value: &Value) -> Outcome {
    let member = |name: &str| value.get(name).and_then(Value::as_str);
    match (member("type"), member("private_key")) {
        (Some("service_account"), Some(key)) => private_key::verify(key.as_bytes()),
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::make;
    use crate::engine::check::testing::Random;

    fn key(kind: &str, curve: &str, secret: &str, length: usize) -> String {
        let text = String::from_utf8_lossy(&codec::base64url(&vec![9; length])).into_owned();
        format!(r#"{{"kty":"{kind}","crv":"{curve}","n":"AQAB","{secret}":"{text}"}}"#)
    }

    #[test]
    fn keys_of_every_type() {
        for (text, expected) in [
            (key("EC", "P-256", "d", 32), Outcome::Passed),
            (key("EC", "P-521", "d", 66), Outcome::Passed),
            (key("EC", "P-256", "d", 16), Outcome::Failed),
            (key("OKP", "Ed25519", "d", 32), Outcome::Passed),
            (key("RSA", "", "d", 256), Outcome::Passed),
            (key("oct", "", "k", 32), Outcome::Passed),
            (key("EC", "P-256", "x", 32), Outcome::NotASecret("public key")),
            (key("new", "", "d", 32), Outcome::Unknown),
            ("{}".to_owned(), Outcome::Failed),
            ("not JSON".to_owned(), Outcome::Failed),
        ] {
            assert_eq!((JWK.verify)(text.as_bytes()), expected, "{text}");
            assert_eq!((JWK.verify)(text.replace('"', "\\\"").as_bytes()), expected, "{text} in a literal");
        }
    }

    #[test]
    fn a_set_is_as_secret_as_its_most_secret_key() {
        let set = format!(r#"{{"keys":[{},{}]}}"#, key("EC", "P-256", "x", 32), key("EC", "P-256", "d", 32));
        assert_eq!((JWK.verify)(set.as_bytes()), Outcome::Passed);
        let public = format!(r#"{{"keys":[{}]}}"#, key("EC", "P-256", "x", 32));
        assert_eq!((JWK.verify)(public.as_bytes()), Outcome::NotASecret("public key"));
        assert_eq!((JWK.verify)(br#"{"keys":[]}"#), Outcome::Failed);
    }

    #[test]
    fn service_accounts() {
        let mut random = Random::new(29);
        let pem = make::make_pem("PRIVATE KEY", &mut || random.byte()).replace('\n', "\\n");
        let text = format!("{{\n  \"type\": \"service_account\",\n  \"private_key\": \"{pem}\\n\"\n}}");
        assert_eq!((GCP_SERVICE_ACCOUNT.verify)(text.as_bytes()), Outcome::Passed);
        assert_eq!((GCP_SERVICE_ACCOUNT.verify)(text.replace("service_", "user_").as_bytes()), Outcome::Failed);
        let redacted = text.replace(&pem, "-----");
        assert_eq!((GCP_SERVICE_ACCOUNT.verify)(redacted.as_bytes()), Outcome::Failed);
    }
}
