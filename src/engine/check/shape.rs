//! Tokens without a checksum, whose parts can still refute a look-alike. None of these checks ever passes:
//! where the parts fit, the rule's own pattern has said all there is to say.

use super::{Check, Outcome};

const fn shape(name: &'static str, source: &'static str, verify: fn(&[u8]) -> Outcome) -> Check {
    Check { name, source, verify, repair: None }
}

fn verdict(holds: bool) -> Outcome {
    if holds { Outcome::Unknown } else { Outcome::Failed }
}

/// A bot's number, `:`, 35 characters.
pub(super) static TELEGRAM: Check =
    shape("telegram-bot-token", "https://core.telegram.org/bots/api#authorizing-your-bot", |token| {
        verdict(telegram(token))
    });

/// `xox` and a kind, then fields of digits and a secret with dashes in between.
pub(super) static SLACK: Check =
    shape("slack-token", "https://docs.slack.dev/authentication/tokens", |token| verdict(slack(token)));

/// `sk_live_` and its kin; other services with the same prefix fail.
pub(super) static STRIPE: Check = shape("stripe-key", "https://docs.stripe.com/keys", |token| verdict(stripe(token)));

/// `SG.`, 22 characters, `.`, 43 characters.
pub(super) static SENDGRID: Check =
    shape("sendgrid-key", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys", |token| {
        verdict(sendgrid(token))
    });

/// Two letters and 32 hexadecimal digits in lower case.
pub(super) static TWILIO: Check =
    shape("twilio-key", "https://www.twilio.com/docs/glossary/what-is-a-sid", |token| verdict(twilio(token)));

/// `EAAA` and 60 characters, or `sq0` with a kind and 22 or 43.
pub(super) static SQUARE: Check =
    shape("square", "https://developer.squareup.com/docs/build-basics/access-tokens", |token| verdict(square(token)));

fn is_url_text(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether too few kinds of characters stand in a text to be random: `xxxx`, `0000`, `abababab`.
fn is_monotonous(text: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in text {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count() < (text.len() / 3).min(6)
}

fn telegram(token: &[u8]) -> bool {
    let Some(at) = token.iter().position(|&byte| byte == b':') else { return false };
    let (id, hash) = (&token[..at], &token[at + 1..]);
    // An id has at most 52 significant bits.
    let is_id = is_number(id) && (6..=16).contains(&id.len()) && id[0] != b'0';
    is_id && hash.len() == 35 && is_url_text(hash) && !is_monotonous(hash)
}

fn slack(token: &[u8]) -> bool {
    let fields: Vec<&[u8]> = token.split(|byte| *byte == b'-').collect();
    let Some((secret, fields)) = fields.split_last() else { return false };
    let is_secret = secret.len() >= 10 && !is_monotonous(secret);
    match fields {
        [b"xoxb" | b"xoxp" | b"xoxa" | b"xoxr" | b"xoxs" | b"xoxc" | b"xoxo", numbers @ ..] => {
            is_secret && secret.iter().all(u8::is_ascii_alphanumeric) && numbers.iter().all(|number| is_field(number))
        }
        [b"xapp", version, app, number] => {
            is_secret && is_number(version) && app.starts_with(b"A") && is_number(number) && secret.is_ascii()
        }
        // Cookies, workflow and rotating tokens: a dash may be part of the secret.
        [head, ..] => {
            let rest = &token[head.len()..];
            (head.starts_with(b"xox") || *head == b"xwfp") && rest.len() > 20 && !is_monotonous(rest)
        }
        [] => false,
    }
}

/// A team, user or app number; the newest kinds of `xoxa` and `xoxr` put a single digit first.
fn is_field(field: &[u8]) -> bool {
    is_number(field) && field.len() <= 15
}

fn stripe(token: &[u8]) -> bool {
    let Some(at) = token.iter().rposition(|&byte| byte == b'_') else { return false };
    let body = &token[at + 1..];
    // 40 hexadecimal digits are Paystack's, and `key_` in base64 is that of WorkOS and Highnote.
    let is_paystack = body.len() == 40 && body.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_own = !is_paystack && !body.starts_with(b"a2V5Xz");
    is_own && (10..=250).contains(&body.len()) && body.iter().all(u8::is_ascii_alphanumeric) && !is_monotonous(body)
}

fn sendgrid(token: &[u8]) -> bool {
    let mut parts = token.split(|byte| *byte == b'.');
    let parts = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(b"SG"), Some(id), Some(secret), None) = parts else { return false };
    let is_text = [id, secret].iter().all(|part| is_url_text(part) && !is_monotonous(part));
    id.len() == 22 && secret.len() == 43 && is_text
}

fn twilio(token: &[u8]) -> bool {
    let Some((kind, digits)) = token.split_first_chunk::<2>() else { return false };
    let is_hex = digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    matches!(kind, b"AC" | b"SK") && digits.len() == 32 && is_hex && !is_monotonous(digits)
}

fn square(token: &[u8]) -> bool {
    let body = match token {
        [b'E', b'A', b'A', b'A', body @ ..] if body.len() == 60 => body,
        _ => {
            let Some(at) = token.windows(3).position(|window| window == b"sq0") else { return false };
            match token.get(at + 3..) {
                Some([b'a'..=b'z', b'a'..=b'z', b'p' | b'b', b'-', body @ ..]) if body.len() >= 22 => body,
                _ => return false,
            }
        }
    };
    is_url_text(body) && !is_monotonous(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, BASE64URL, Random};

    fn assert_holds(check: &Check, parts: &[&[u8]]) {
        let token = parts.concat();
        let shown = String::from_utf8_lossy(&token).into_owned();
        assert_eq!((check.verify)(&token), Outcome::Unknown, "{}: {shown}", check.name);
        let masked: Vec<u8> = [parts[0], &vec![b'x'; token.len() - parts[0].len()]].concat();
        assert_eq!((check.verify)(&masked), Outcome::Failed, "{}: masked", check.name);
        assert_eq!((check.verify)(b""), Outcome::Failed, "{}", check.name);
    }

    #[test]
    fn random_samples_hold_and_masked_ones_do_not() {
        let mut random = Random::new(31);
        for _ in 0..50 {
            let (text, hex) = (random.text(BASE64URL, 60), random.text(b"0123456789abcdef", 64));
            let alnum = random.text(ALNUM, 99);
            assert_holds(&TELEGRAM, &[b"110201543:", b"AA", &text[..33]]);
            assert_holds(&SLACK, &[b"xoxb-", b"123456789012-1234567890123-", &alnum[..24]]);
            assert_holds(&SLACK, &[b"xoxp-", b"123456789012-123456789012-1234567890123-", &hex[..32]]);
            assert_holds(&SLACK, &[b"xapp-", b"1-A0123456789-1234567890123-", &hex]);
            assert_holds(&SLACK, &[b"xoxe.xoxp-", b"1-", &alnum]);
            assert_holds(&STRIPE, &[b"sk_live_", &alnum[..24]]);
            assert_holds(&STRIPE, &[b"rk_live_", b"51", &alnum[..97]]);
            assert_holds(&SENDGRID, &[b"SG.", &text[..22], b".", &text[..43]]);
            assert_holds(&TWILIO, &[b"SK", &hex[..32]]);
            assert_holds(&SQUARE, &[b"EAAA", &text]);
            assert_holds(&SQUARE, &[b"sq0csp-", &text[..43]]);
            assert_holds(&SQUARE, &[b"sandbox-sq0csb-", &text[..43]]);
        }
    }

    #[test]
    fn the_like_of_other_services_fails() {
        assert_eq!((STRIPE.verify)(&[&b"sk_live_"[..], &b"0123456789"[..].repeat(4)].concat()), Outcome::Failed);
        assert_eq!((STRIPE.verify)(&[&b"sk_live_a2V5Xz"[..], ALNUM].concat()), Outcome::Failed);
        assert_eq!((SENDGRID.verify)(b"SG.short.parts"), Outcome::Failed);
        assert_eq!((TELEGRAM.verify)(&[&b"012345678:AA"[..], &BASE64URL[..33]].concat()), Outcome::Failed);
    }
}
