//! Tokens that are base64 of a text with a fixed layout.

use super::{Check, Outcome, codec, uuid};

/// `ABSK` and base64 of `BedrockAPIKey-…:…`.
pub(super) static BEDROCK: Check = Check {
    name: "aws-bedrock-api-key",
    source: "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html; layout by decoding",
    verify: |token| verdict(token.strip_prefix(b"ABSK"), is_bedrock),
    repair: Some(repair_bedrock),
};

/// Base64 of 33 bytes, of which the first is the version: it can refute, but not prove.
pub(super) static SES_PASSWORD: Check = Check {
    name: "aws-ses-smtp-password",
    source: "https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html",
    verify: |text| match codec::base64(text) {
        Some(bytes) if bytes.len() == 33 && bytes[0] == 4 => Outcome::Unknown,
        _ => Outcome::Failed,
    },
    repair: Some(repair_ses),
};

/// Base64 of `<26 characters>:<UUID>`.
pub(super) static NVIDIA_LEGACY: Check = Check {
    name: "nvidia-ngc-legacy-key",
    source: "https://docs.nvidia.com/ngc/; layout by decoding",
    verify: |token| verdict(Some(token), is_nvidia),
    repair: Some(repair_nvidia),
};

/// Base64 of `tok:`, a UUID with underscores, and a suffix.
pub(super) static INTERCOM: Check = Check {
    name: "intercom-access-token",
    source: "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication; layout by decoding",
    verify: |token| verdict(Some(token), is_intercom),
    repair: Some(repair_intercom),
};

/// `sk_live_` or `sk_test_` and base64 of `key_<ULID>,<secret>`: `WorkOS`, Highnote.
pub(super) static WORKOS: Check = Check {
    name: "workos-api-key",
    source: "https://workos.com/docs; https://github.com/ulid/spec; layout by decoding",
    verify: |token| verdict(workos_body(token), is_workos),
    repair: Some(repair_workos),
};

/// Base64 of an NTLM message; only the third of the three carries what comes from a password.
pub(super) static NTLM: Check = Check {
    name: "ntlm-message",
    source: "https://learn.microsoft.com/openspecs/windows_protocols/ms-nlmp/ (section 2.2.1)",
    verify: ntlm,
    repair: None,
};

fn verdict(body: Option<&[u8]>, is_layout: fn(&[u8]) -> bool) -> Outcome {
    let holds = body.and_then(codec::base64).is_some_and(|plain| is_layout(&plain));
    if holds { Outcome::Passed } else { Outcome::Unusual }
}

/// Encodes a text in place of a sample's body, if that keeps the length.
fn enclosed(head: &[u8], plain: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let text = codec::base64_like(plain, body);
    (text.len() == body.len()).then(|| [head, &text].concat())
}

const BEDROCK_HEAD: &[u8] = b"BedrockAPIKey-";

fn is_bedrock(plain: &[u8]) -> bool {
    plain.len() > 40 && plain.starts_with(BEDROCK_HEAD) && plain.contains(&b':') && codec::is_printable(plain)
}

fn repair_bedrock(token: &[u8]) -> Option<Vec<u8>> {
    let body = token.strip_prefix(b"ABSK")?;
    let room = codec::base64(body)?.len().checked_sub(BEDROCK_HEAD.len()).filter(|room| *room > 26)?;
    let mut rest = codec::filler(token, room);
    rest[8] = b':';
    enclosed(b"ABSK", &[BEDROCK_HEAD, &rest].concat(), body)
}

fn repair_ses(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = codec::base64(text).filter(|bytes| bytes.len() == 33)?;
    bytes[0] = 4;
    enclosed(b"", &bytes, text)
}

fn is_nvidia(plain: &[u8]) -> bool {
    plain.len() == 63
        && plain[..26].iter().all(u8::is_ascii_alphanumeric)
        && plain[26] == b':'
        && uuid::has_shape(&plain[27..])
}

fn repair_nvidia(token: &[u8]) -> Option<Vec<u8>> {
    enclosed(b"", &[&codec::filler(token, 26)[..], b":", &uuid::made(token)].concat(), token)
}

fn is_intercom(plain: &[u8]) -> bool {
    let body = plain.strip_prefix(b"tok:").unwrap_or_default();
    let dashes = body.iter().filter(|byte| matches!(byte, b'_' | b'-')).count();
    let is_text = body.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'-' | b':'));
    body.len() >= 36 && is_text && dashes >= 4
}

fn repair_intercom(token: &[u8]) -> Option<Vec<u8>> {
    let id: Vec<u8> = uuid::made(token).iter().map(|byte| if *byte == b'-' { b'_' } else { *byte }).collect();
    enclosed(b"", &[&b"tok:"[..], &id, b":1:0"].concat(), token)
}

fn workos_body(token: &[u8]) -> Option<&[u8]> {
    token.strip_prefix(b"sk_live_").or_else(|| token.strip_prefix(b"sk_test_"))
}

/// The length of a ULID.
const ULID: usize = 26;

fn is_workos(plain: &[u8]) -> bool {
    let Some((id, rest)) = plain.strip_prefix(b"key_").and_then(|rest| rest.split_at_checked(ULID)) else {
        return false;
    };
    let is_secret = |secret: &[u8]| secret.len() >= 8 && secret.iter().all(u8::is_ascii_alphanumeric);
    id.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && rest.strip_prefix(b",").is_some_and(is_secret)
}

fn repair_workos(token: &[u8]) -> Option<Vec<u8>> {
    let body = workos_body(token)?;
    let room = codec::base64(body)?.len().checked_sub(4 + ULID + 1).filter(|room| *room >= 8)?;
    // The time in front is small for centuries, so that the first characters are fixed.
    let id = codec::filler(body, ULID - 2).to_ascii_uppercase();
    let plain = [&b"key_01"[..], &id, b",", &codec::filler(token, room)].concat();
    enclosed(&token[..8], &plain, body)
}

fn ntlm(text: &[u8]) -> Outcome {
    let bytes = codec::base64(text);
    match bytes.as_deref().and_then(|bytes| bytes.strip_prefix(b"NTLMSSP\0")) {
        Some([3, 0, 0, 0, rest @ ..]) if rest.len() >= 40 => Outcome::Passed,
        Some([1 | 2, 0, 0, 0, ..]) => Outcome::NotASecret("negotiation"),
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, Random, passes_when_repaired};

    #[test]
    fn round_trips_and_random_text_fails() {
        let mut random = Random::new(36);
        for (check, head, length, tail) in [
            (&BEDROCK, "ABSK", 128, ""),
            (&BEDROCK, "ABSK", 110, "=="),
            (&NVIDIA_LEGACY, "", 84, ""),
            (&INTERCOM, "dG9rO", 54, "="),
            (&WORKOS, "sk_live_a2V5Xz", 68, ""),
            (&WORKOS, "sk_test_a2V5Xz", 69, "="),
        ] {
            for _ in 0..20 {
                let sample = [head.as_bytes(), &random.text(ALNUM, length), tail.as_bytes()].concat();
                assert_ne!((check.verify)(&sample), Outcome::Passed, "{}", check.name);
                let good = passes_when_repaired(check, &sample);
                assert!(good.starts_with(head.as_bytes()), "{}", check.name);
            }
        }
    }

    #[test]
    fn passwords_of_ses_have_a_version() {
        let mut random = Random::new(37);
        let sample = [&b"B"[..], &random.text(ALNUM, 43)].concat();
        let fixed = repair_ses(&sample).expect("44 characters are 33 bytes");
        assert!(fixed.starts_with(b"B"));
        assert_eq!((SES_PASSWORD.verify)(&fixed), Outcome::Unknown);
        assert_eq!((SES_PASSWORD.verify)(&[b'z'; 44]), Outcome::Failed);
    }

    #[test]
    fn messages_of_ntlm() {
        let message = |kind: u8| codec::base64_padded(&[&b"NTLMSSP\0"[..], &[kind, 0, 0, 0], &[0; 52]].concat());
        assert_eq!(ntlm(&message(3)), Outcome::Passed);
        assert_eq!(ntlm(&message(1)), Outcome::NotASecret("negotiation"));
        assert_eq!(ntlm(&message(4)), Outcome::Failed);
    }
}
