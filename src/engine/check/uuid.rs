//! UUIDs: their shape can refute a value, but never prove one, as most of them are no secrets.

use super::{Check, Outcome, codec};

/// 8-4-4-4-12 hexadecimal digits of any version.
pub(super) static ANY: Check = Check { name: "uuid", source: "RFC 9562 section 4", verify, repair: None };

/// The random kind: version 4, variant 8, 9, a or b.
pub(super) static VERSION_4: Check =
    Check { name: "uuid-v4", source: "RFC 9562 section 5.4", verify: verify_v4, repair: Some(repair_v4) };

/// Where the dashes stand.
const DASHES: [usize; 4] = [8, 13, 18, 23];

/// Whether a text has the shape of a UUID.
pub(super) fn has_shape(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match byte {
            b'-' => DASHES.contains(&at),
            byte => byte.is_ascii_hexdigit() && !DASHES.contains(&at),
        })
}

/// The nil UUID, one digit repeated, or digits that count up: written by a person, not by a generator.
pub(super) fn is_placeholder(text: &[u8]) -> bool {
    let digits: Vec<u8> = text.iter().filter(|byte| **byte != b'-').map(u8::to_ascii_lowercase).collect();
    let mut seen = [false; 256];
    for digit in &digits {
        seen[usize::from(*digit)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let counts_up = b"0123456789abcdef0123456789abcdef0".windows(16).any(|run| digits.starts_with(run));
    // 32 random digits have five kinds or fewer once in ten million million.
    different < 6 || counts_up || digits.starts_with(b"12345678123412341234123456789")
}

/// A UUID of version 4 that follows from `seed`.
pub(super) fn made(seed: &[u8]) -> Vec<u8> {
    let mut digits =
        codec::filler(seed, 36).iter().map(|byte| b"0123456789abcdef"[usize::from(byte % 16)]).collect::<Vec<_>>();
    digits[14] = b'4';
    digits[19] = b"89ab"[usize::from(digits[19] % 4)];
    for at in DASHES {
        digits[at] = b'-';
    }
    digits
}

fn verify(text: &[u8]) -> Outcome {
    match (has_shape(text), is_placeholder(text)) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::NotASecret("placeholder"),
        (true, false) => Outcome::Unknown,
    }
}

fn verify_v4(text: &[u8]) -> Outcome {
    let is_v4 = |text: &[u8]| text[14] == b'4' && matches!(text[19], b'8' | b'9' | b'a' | b'b' | b'A' | b'B');
    match verify(text) {
        Outcome::Unknown if !is_v4(text) => Outcome::Failed,
        other => other,
    }
}

fn repair_v4(text: &[u8]) -> Option<Vec<u8>> {
    let mut fixed = has_shape(text).then(|| text.to_vec())?;
    fixed[14] = b'4';
    if !matches!(fixed[19], b'8' | b'9' | b'a' | b'b' | b'A' | b'B') {
        fixed[19] = b'8' + fixed[19] % 2;
    }
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::Random;

    #[test]
    fn the_vectors_of_rfc_9562() {
        for (text, any, v4) in [
            ("919108f7-52d1-4320-9bac-f847db4148a8", Outcome::Unknown, Outcome::Unknown),
            ("C232AB00-9414-11EC-B3C8-9F6BDECED846", Outcome::Unknown, Outcome::Failed),
            (
                "00000000-0000-0000-0000-000000000000",
                Outcome::NotASecret("placeholder"),
                Outcome::NotASecret("placeholder"),
            ),
            (
                "01234567-89ab-cdef-0123-456789abcdef",
                Outcome::NotASecret("placeholder"),
                Outcome::NotASecret("placeholder"),
            ),
            ("919108f7-52d1-4320-9bac-f847db4148ag", Outcome::Failed, Outcome::Failed),
            ("919108f752d1-4320-9bac-f847db4148a8-", Outcome::Failed, Outcome::Failed),
        ] {
            assert_eq!(verify(text.as_bytes()), any, "{text}");
            assert_eq!(verify_v4(text.as_bytes()), v4, "{text}");
        }
    }

    #[test]
    fn made_and_repaired_ones_hold() {
        let mut random = Random::new(26);
        for _ in 0..200 {
            let text = made(&random.bytes(8));
            assert_eq!(verify_v4(&text), Outcome::Unknown);
            let mut other = text.clone();
            other[14] = b'1';
            other[19] = b'f';
            let fixed = repair_v4(&other).expect("it has the shape");
            assert_eq!(verify_v4(&fixed), Outcome::Unknown);
        }
    }
}
