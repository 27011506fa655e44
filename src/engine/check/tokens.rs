//! Tokens whose base64 has an inner layout: macaroons apart, which have a file of their own.

use super::{Check, Outcome, base58, codec, json, uuid};

/// `sntrys_`, base64 of JSON with the organisation, `_`, base64 of 32 random bytes.
pub(super) static SENTRY_ORG: Check = Check {
    name: "sentry-org-token",
    source: "https://github.com/getsentry/sentry (src/sentry/utils/security/orgauthtoken_token.py)",
    verify: |token| verdict(sentry(token)),
    repair: Some(repair_sentry),
};

/// Base64 of `reftkn:01:<10 digits>:<random>`.
pub(super) static JFROG_REFERENCE: Check = Check {
    name: "jfrog-reference-token",
    source: "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
    verify: |token| verdict(jfrog_reference(token)),
    repair: Some(repair_jfrog_reference),
};

/// `AKCp` and 69 more characters: base58 of 54 bytes.
pub(super) static JFROG_API_KEY: Check = Check {
    name: "jfrog-api-key",
    source: "https://jfrog.com/help/r/jfrog-platform-administration-documentation/user-profile; layout by decoding",
    verify: |token| verdict(jfrog_api_key(token)),
    repair: Some(repair_jfrog_api_key),
};

/// Base64url of the decimal user id, 6 characters of time, 27 or 38 of HMAC.
pub(super) static DISCORD_BOT: Check = Check {
    name: "discord-bot-token",
    source: "https://discord.com/developers/docs/reference (authentication, snowflakes)",
    // Three parts with dots between are little without what they say.
    verify: |token| discord(token).map_or(Outcome::Failed, |()| Outcome::Passed),
    repair: Some(repair_discord),
};

/// Base64 of `<id in decimal>:<random>`, as Bitbucket, Jira, Confluence and Bamboo of the data centre make it.
pub(super) static ATLASSIAN_DATA_CENTER: Check = Check {
    name: "atlassian-datacenter-pat",
    source: "https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html; layout by decoding",
    verify: |token| verdict(atlassian(token)),
    repair: Some(repair_atlassian),
};

/// Base64 of `<20 characters of id>:<22 or more of key>`.
pub(super) static ELASTICSEARCH: Check = Check {
    name: "elasticsearch-api-key",
    source: "https://www.elastic.co/docs/deploy-manage/api-keys/elasticsearch-api-keys",
    verify: |token| verdict(elasticsearch(token)),
    repair: Some(repair_elasticsearch),
};

/// Base64 of a UUID as text: `OneSignal`'s older keys, `PubNub`'s secret keys behind `sec-c-`.
pub(super) static BASE64_UUID: Check = Check {
    name: "base64-uuid",
    source: "RFC 4648 over RFC 9562",
    verify: |token| verdict(base64_uuid(token)),
    repair: Some(repair_base64_uuid),
};

fn verdict(parsed: Option<()>) -> Outcome {
    parsed.map_or(Outcome::Unusual, |()| Outcome::Passed)
}

/// Only what was not there before the repair may be new: same length, and it holds.
fn repaired(fixed: Vec<u8>, old: &[u8], parse: fn(&[u8]) -> Option<()>) -> Option<Vec<u8>> {
    (fixed.len() == old.len() && parse(&fixed).is_some()).then_some(fixed)
}

const SENTRY_KEYS: [&str; 4] = ["iat", "url", "region_url", "org"];

fn sentry(token: &[u8]) -> Option<()> {
    let body = token.strip_prefix(b"sntrys_")?;
    let at = body.iter().position(|&byte| byte == b'_')?;
    let claims = json_object(&codec::base64(&body[..at])?)?;
    let tail = &body[at + 1..];
    let fits = SENTRY_KEYS.iter().all(|key| claims.contains_key(*key)) && !tail.contains(&b'_');
    (fits && codec::base64(tail)?.len() == 32).then_some(())
}

fn json_object(bytes: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    match serde_json::from_slice(bytes) {
        Ok(serde_json::Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn repair_sentry(token: &[u8]) -> Option<Vec<u8>> {
    let at = token.iter().rposition(|&byte| byte == b'_').filter(|at| *at > 7)?;
    let old = token.get(7..at)?;
    let members = [("iat", "1700000000"), ("url", "https://sentry.io"), ("region_url", "https://us.sentry.io")];
    let claims = json::padded(&members, "org", codec::base64(old)?.len(), token)?;
    let fixed = [&token[..7], &codec::base64_like(&claims, old), &token[at..]].concat();
    repaired(fixed, token, sentry)
}

fn jfrog_reference(token: &[u8]) -> Option<()> {
    let plain = codec::base64(token)?;
    let (number, rest) = plain.strip_prefix(b"reftkn:")?.split_first_chunk::<2>()?;
    let (time, random) = rest.strip_prefix(b":")?.split_first_chunk::<10>()?;
    let random = random.strip_prefix(b":")?;
    let is_number = number.iter().chain(time).all(u8::is_ascii_digit);
    (is_number && random.len() == 27 && random.iter().all(u8::is_ascii_alphanumeric)).then_some(())
}

fn repair_jfrog_reference(token: &[u8]) -> Option<Vec<u8>> {
    let length = codec::base64(token)?.len();
    let head = b"reftkn:01:0000000000:";
    let plain = [&head[..], &codec::filler(token, length.checked_sub(head.len())?)].concat();
    repaired(codec::base64_like(&plain, token), token, jfrog_reference)
}

fn jfrog_api_key(token: &[u8]) -> Option<()> {
    let bytes = token.starts_with(b"AKCp").then(|| base58::decode(token, base58::BITCOIN))??;
    (token.len() == 73 && bytes.len() == 54).then_some(())
}

fn repair_jfrog_api_key(token: &[u8]) -> Option<Vec<u8>> {
    let fixed = token.iter().map(|byte| match byte {
        b'0' => b'o',
        b'O' => b'P',
        b'I' => b'J',
        b'l' => b'm',
        other => *other,
    });
    repaired(fixed.collect(), token, jfrog_api_key)
}

fn discord(token: &[u8]) -> Option<()> {
    let mut parts = token.split(|byte| *byte == b'.');
    let (id, time, mac) = (parts.next()?, parts.next()?, parts.next()?);
    let id = codec::base64(id)?;
    let is_id = (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit) && id[0] != b'0';
    let number: u64 = String::from_utf8(id).ok()?.parse().ok()?;
    let fits = parts.next().is_none() && is_id && i64::try_from(number).is_ok();
    (fits && time.len() == 6 && codec::base64(time)?.len() == 4 && codec::base64(mac)?.len() >= 20).then_some(())
}

fn repair_discord(token: &[u8]) -> Option<Vec<u8>> {
    let at = token.iter().position(|&byte| byte == b'.')?;
    let length = codec::base64(&token[..at])?.len();
    let mut id: Vec<u8> = codec::filler(token, length).iter().map(|byte| b'0' + byte % 10).collect();
    // The first digit decides whether the token begins with M, N or O, and keeps 19 digits below 2^63.
    *id.first_mut()? = match token[0] {
        b'N' if length < 19 => b'5',
        b'O' if length < 19 => b'9',
        _ => b'1',
    };
    repaired([&codec::base64url(&id), &token[at..]].concat(), token, discord)
}

fn after_dash(token: &[u8]) -> &[u8] {
    token.strip_prefix(b"BBDC-").unwrap_or(token)
}

fn atlassian(token: &[u8]) -> Option<()> {
    let plain = codec::base64(after_dash(token))?;
    let digits = plain.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let random = plain.len().checked_sub(digits + 1)?;
    ((6..=20).contains(&digits) && plain[digits] == b':' && (16..=64).contains(&random)).then_some(())
}

fn repair_atlassian(token: &[u8]) -> Option<Vec<u8>> {
    let body = after_dash(token);
    let mut plain = codec::base64(body)?;
    for (at, byte) in plain.get_mut(..12)?.iter_mut().enumerate() {
        *byte = b'0' + *byte % 10;
        // The first letter of the token is M, N or O as the first digit is small, middle or large.
        match (at, body[0]) {
            (0, b'N') => *byte = b'5',
            (0, b'O') => *byte = b'9',
            (0, _) => *byte = b'2',
            _ => {}
        }
    }
    *plain.get_mut(12)? = b':';
    let head = &token[..token.len() - body.len()];
    repaired([head, &codec::base64_like(&plain, body)].concat(), token, atlassian)
}

fn elasticsearch(token: &[u8]) -> Option<()> {
    let plain = codec::base64(token)?;
    let (id, key) = plain.split_first_chunk::<20>()?;
    let key = key.strip_prefix(b":")?;
    let is_text = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    ((22..=44).contains(&key.len()) && is_text(id) && is_text(key)).then_some(())
}

fn repair_elasticsearch(token: &[u8]) -> Option<Vec<u8>> {
    let mut plain = codec::filler(token, codec::base64(token)?.len());
    *plain.get_mut(20)? = b':';
    repaired(codec::base64_like(&plain, token), token, elasticsearch)
}

fn base64_uuid(token: &[u8]) -> Option<()> {
    let plain = codec::base64(token.strip_prefix(b"sec-c-").unwrap_or(token))?;
    (uuid::has_shape(&plain) && !uuid::is_placeholder(&plain)).then_some(())
}

fn repair_base64_uuid(token: &[u8]) -> Option<Vec<u8>> {
    let head: &[u8] = if token.starts_with(b"sec-c-") { b"sec-c-" } else { b"" };
    let plain = uuid::made(token);
    repaired([head, &codec::base64_like(&plain, &token[head.len()..])].concat(), token, base64_uuid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, BASE64, BASE64URL, Random, passes_when_repaired};

    #[test]
    fn round_trips_and_random_text_fails() {
        let mut random = Random::new(23);
        for (check, head, alphabet, length) in [
            (&JFROG_REFERENCE, "cmVmdGtu", ALNUM, 56),
            (&JFROG_API_KEY, "AKCp", ALNUM, 69),
            (&ATLASSIAN_DATA_CENTER, "M", BASE64, 43),
            (&ATLASSIAN_DATA_CENTER, "BBDC-N", BASE64, 43),
            (&ELASTICSEARCH, "", BASE64, 58),
            (&BASE64_UUID, "", ALNUM, 48),
            (&BASE64_UUID, "sec-c-", ALNUM, 48),
        ] {
            for _ in 0..50 {
                let mut sample = [head.as_bytes(), &random.text(alphabet, length)].concat();
                // One random text of a hundred has none of the four characters that base58 lacks.
                sample[20] = if check.name == JFROG_API_KEY.name { b'0' } else { sample[20] };
                assert_ne!((check.verify)(&sample), Outcome::Passed, "{}", check.name);
                let good = passes_when_repaired(check, &sample);
                assert!(good.starts_with(head.as_bytes()), "{}", check.name);
                assert_ne!((check.verify)(&good[..good.len() - 12]), Outcome::Passed, "{}", check.name);
            }
        }
    }

    #[test]
    fn discord_tokens_of_every_length() {
        let mut random = Random::new(24);
        for head in ["M", "N", "O"] {
            for (id, mac) in [(24, 27), (26, 38), (24, 38), (26, 27)] {
                let parts = [random.text(BASE64URL, id - 1), random.text(BASE64URL, 6), random.text(BASE64URL, mac)];
                let sample = [head.as_bytes(), &parts.join(&b'.')].concat();
                assert_eq!(discord(&sample), None);
                let good = passes_when_repaired(&DISCORD_BOT, &sample);
                assert!(id != 24 || good.starts_with(head.as_bytes()));
            }
        }
        let documented = ["MTk4NjIyNDgzNDcxOTI1MjQ4", ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"].concat();
        assert_eq!(discord(documented.as_bytes()), Some(()));
    }

    #[test]
    fn sentry_tokens() {
        let mut random = Random::new(25);
        for length in [119, 160, 201] {
            let parts = [random.text(ALNUM, length), random.text(ALNUM, 43)];
            let sample = [&b"sntrys_eyJ"[..], &parts.join(&b'_')].concat();
            assert_eq!(sentry(&sample), None);
            let good = passes_when_repaired(&SENTRY_ORG, &sample);
            assert!(good.starts_with(b"sntrys_eyJ"));
            assert_eq!(sentry(&[&good[..], b"_x"].concat()), None);
        }
    }
}
