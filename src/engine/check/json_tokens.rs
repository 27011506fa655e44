//! Tokens that are base64 of a JSON object with known members.

use serde_json::Value;

use super::{Check, Outcome, codec, json};

/// `glc_` and an object with organisation, name and key.
pub(super) static GRAFANA_CLOUD: Check = Check {
    name: "grafana-cloud-token",
    source: "https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permissions/access-policies/",
    verify: |token| verdict(token, &GRAFANA_CLOUD_FORM),
    repair: Some(|token| mend(token, &GRAFANA_CLOUD_FORM)),
};

/// An object with key, name and id, as Grafana made API keys before service accounts.
pub(super) static GRAFANA_API_KEY: Check = Check {
    name: "grafana-api-key",
    source: "https://grafana.com/docs/grafana/latest/administration/service-accounts/migrate-api-keys/",
    verify: |token| verdict(token, &GRAFANA_API_KEY_FORM),
    repair: Some(|token| mend(token, &GRAFANA_API_KEY_FORM)),
};

/// An object with account, tunnel and secret.
pub(super) static CLOUDFLARE_TUNNEL: Check = Check {
    name: "cloudflare-tunnel-token",
    source: "https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/configure-tunnels/\
             remote-tunnel-permissions/",
    verify: |token| verdict(token, &CLOUDFLARE_TUNNEL_FORM),
    repair: Some(|token| mend(token, &CLOUDFLARE_TUNNEL_FORM)),
};

/// `ops_` and an object with address, account and keys.
pub(super) static ONEPASSWORD: Check = Check {
    name: "onepassword-service-account",
    source: "https://developer.1password.com/docs/service-accounts/",
    verify: |token| verdict(token, &ONEPASSWORD_FORM),
    repair: Some(|token| mend(token, &ONEPASSWORD_FORM)),
};

/// `sk.`, an object with user and token id, `.`, a signature of 16 bytes; `pk.` is meant to be public.
pub(super) static MAPBOX: Check = Check {
    name: "mapbox-token",
    source: "https://docs.mapbox.com/api/accounts/tokens/",
    verify: mapbox,
    repair: Some(repair_mapbox),
};

/// What stands in front, and the members in their order; the last one takes up the room of a sample.
struct Form {
    prefix: &'static [u8],
    members: &'static [&'static str],
}

const GRAFANA_CLOUD_FORM: Form = Form { prefix: b"glc_", members: &["o", "n", "k"] };
const GRAFANA_API_KEY_FORM: Form = Form { prefix: b"", members: &["k", "n", "id"] };
const CLOUDFLARE_TUNNEL_FORM: Form = Form { prefix: b"", members: &["a", "t", "s"] };
const ONEPASSWORD_FORM: Form =
    Form { prefix: b"ops_", members: &["signInAddress", "email", "deviceUuid", "secretKey", "muk"] };
const MAPBOX_FORM: Form = Form { prefix: b"", members: &["u", "a"] };

/// Longer than any of these tokens.
const LONGEST: usize = 1 << 14;

fn holds(text: &[u8], form: &Form) -> bool {
    let object = text.strip_prefix(form.prefix).filter(|body| body.len() <= LONGEST).and_then(codec::base64);
    let Some(Ok(Value::Object(object))) = object.map(|text| serde_json::from_slice(&text)) else { return false };
    form.members.iter().all(|member| object.contains_key(*member))
}

fn verdict(token: &[u8], form: &Form) -> Outcome {
    match holds(token, form) {
        true => Outcome::Passed,
        false if form.prefix.is_empty() => Outcome::Failed,
        false => Outcome::Unusual,
    }
}

fn mend(token: &[u8], form: &Form) -> Option<Vec<u8>> {
    let body = token.strip_prefix(form.prefix)?;
    let length = codec::base64(body)?.len();
    let value = codec::filler(body, 6);
    let value = std::str::from_utf8(&value).ok()?;
    let (last, others) = form.members.split_last()?;
    let members: Vec<(&str, &str)> = others.iter().map(|name| (*name, value)).collect();
    let text = json::padded(&members, last, length, token)?;
    let fixed = [form.prefix, &codec::base64_like(&text, body)].concat();
    (fixed.len() == token.len() && holds(&fixed, form)).then_some(fixed)
}

fn mapbox_parts(token: &[u8]) -> Option<[&[u8]; 3]> {
    let mut parts = token.splitn(3, |byte| *byte == b'.');
    Some([parts.next()?, parts.next()?, parts.next()?])
}

fn mapbox(token: &[u8]) -> Outcome {
    let Some([kind, payload, signature]) = mapbox_parts(token) else { return Outcome::Failed };
    let is_signed = codec::base64(signature).is_some_and(|bytes| bytes.len() == 16);
    match kind {
        _ if !is_signed || !holds(payload, &MAPBOX_FORM) => Outcome::Failed,
        b"pk" => Outcome::NotASecret("public by design"),
        b"sk" | b"tk" => Outcome::Passed,
        _ => Outcome::Failed,
    }
}

fn repair_mapbox(token: &[u8]) -> Option<Vec<u8>> {
    let [kind, payload, signature] = mapbox_parts(token)?;
    let fixed = [kind, &mend(payload, &MAPBOX_FORM)?, signature].join(&b'.');
    (mapbox(&fixed) != Outcome::Failed).then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, Random, passes_when_repaired};

    #[test]
    fn round_trips_and_random_text_fails() {
        let mut random = Random::new(34);
        for (check, head, length) in [
            (&GRAFANA_CLOUD, "glc_eyJ", 97),
            (&GRAFANA_CLOUD, "glc_eyJvIjoi", 120),
            (&GRAFANA_API_KEY, "eyJrIjoi", 80),
            (&CLOUDFLARE_TUNNEL, "eyJhIjoi", 176),
            (&ONEPASSWORD, "ops_eyJ", 501),
        ] {
            for _ in 0..20 {
                let sample = [head.as_bytes(), &random.text(ALNUM, length)].concat();
                assert_ne!((check.verify)(&sample), Outcome::Passed, "{}", check.name);
                let good = passes_when_repaired(check, &sample);
                assert!(good.starts_with(head.as_bytes()), "{}", check.name);
                assert_ne!((check.verify)(&good[..good.len() - 4]), Outcome::Passed, "{}", check.name);
            }
        }
    }

    #[test]
    fn mapbox_tokens_of_every_kind() {
        let mut random = Random::new(35);
        let body = [&b".eyJ"[..], &random.text(ALNUM, 61), b".", &random.text(ALNUM, 22)].concat();
        let good = passes_when_repaired(&MAPBOX, &[&b"sk"[..], &body].concat());
        let public = [&b"pk"[..], &good[2..]].concat();
        assert_eq!(mapbox(&public), Outcome::NotASecret("public by design"));
        assert_eq!(mapbox(&[&b"xx"[..], &good[2..]].concat()), Outcome::Failed);
        assert_eq!(mapbox(&good[..good.len() - 5]), Outcome::Failed);
    }
}
