//! GitLab's tokens: the routable form with a CRC-32, and the alphabet of the older one.

use super::{Check, Outcome, codec};

/// Digits of base 36.
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// `glpat-<payload>.01.<2 of length><7 of CRC-32>`; the first tokens of this form lack the `01.`.
pub(super) static ROUTABLE: Check = Check {
    name: "gitlab-routable",
    source: "https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/",
    verify: routable,
    repair: Some(repair_routable),
};

/// Two digits of payload length and seven of sum.
const TAIL: usize = 9;

/// A token cut at its marks: payload with prefix, and the place of the nine last characters.
fn parts(token: &[u8]) -> Option<(&[u8], usize)> {
    let at = token.len().checked_sub(TAIL)?;
    let head = token.get(..at)?.strip_suffix(b".")?;
    let head = head.strip_suffix(b".01").unwrap_or(head);
    let is_tail = token[at..].iter().all(|byte| BASE36.contains(byte));
    (is_tail && !head.contains(&b'.')).then_some((head, at))
}

fn routable(token: &[u8]) -> Outcome {
    let Some((head, at)) = parts(token) else { return Outcome::Failed };
    let length = token[at..at + 2].iter().fold(0, |sum, byte| sum * 36 + digit(*byte));
    let begin = head.len().checked_sub(length);
    let begins_well = begin.is_some_and(|begin| begin == 0 || matches!(head[begin - 1], b'-' | b'_'));
    let sum = codec::digits(u64::from(crc32fast::hash(&token[..at + 2])), BASE36, 7);
    if begins_well && token[at + 2..] == sum { Outcome::Passed } else { Outcome::Failed }
}

fn digit(byte: u8) -> usize {
    codec::position(BASE36, byte).map_or(0, usize::from)
}

/// Where the payload begins: after the dash, and after the type of runner where there is one.
fn payload_at(head: &[u8]) -> Option<usize> {
    let dash = head.iter().position(|&byte| byte == b'-')? + 1;
    match head.get(dash..dash + 3) {
        Some([b't', b'1'..=b'3', b'_']) => Some(dash + 3),
        _ => Some(dash),
    }
}

fn repair_routable(token: &[u8]) -> Option<Vec<u8>> {
    let (head, at) = parts(token)?;
    let length = u64::try_from(head.len() - payload_at(head)?).ok()?;
    let mut fixed = token.get(..at)?.to_vec();
    fixed.extend(codec::digits(length, BASE36, 2));
    let sum = codec::digits(u64::from(crc32fast::hash(&fixed)), BASE36, 7);
    fixed.extend(sum);
    (fixed.len() == token.len()).then_some(fixed)
}

/// Any prefix and 20 characters from Devise's `friendly_token`, which never has `l`, `I`, `O` or `0`. That can
/// refute a token, but not prove it.
pub(super) static FRIENDLY: Check = Check {
    name: "gitlab-friendly",
    source: "https://rubydoc.info/gems/devise/Devise.friendly_token; https://docs.gitlab.com/security/tokens/",
    verify: friendly,
    repair: Some(repair_friendly),
};

const FRIENDLY_LENGTH: usize = 20;

fn friendly(token: &[u8]) -> Outcome {
    let Some(body) = token.last_chunk::<FRIENDLY_LENGTH>() else { return Outcome::Failed };
    let is_friendly = body.iter().all(|byte| {
        (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) && !matches!(byte, b'l' | b'I' | b'O' | b'0')
    });
    if is_friendly { Outcome::Unknown } else { Outcome::Unusual }
}

fn repair_friendly(token: &[u8]) -> Option<Vec<u8>> {
    let mut fixed = token.to_vec();
    for byte in fixed.last_chunk_mut::<FRIENDLY_LENGTH>()? {
        *byte = match *byte {
            b'l' => b's',
            b'I' => b'x',
            b'O' => b'y',
            b'0' => b'z',
            other => other,
        };
    }
    (friendly(&fixed) == Outcome::Unknown).then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{BASE64URL, Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn routable_tokens_round_trip() {
        let mut random = Random::new(8);
        for (head, mark) in [("glpat-", ".01."), ("glpat-", "."), ("glrt-t1_", ".01."), ("glrt-t3_", ".")] {
            for length in [27, 36, 64, 300] {
                let payload = random.text(&BASE64URL[..62], length);
                let sample = [head.as_bytes(), &payload, mark.as_bytes(), b"0x0000000"].concat();
                let good = passes_when_repaired(&ROUTABLE, &sample);
                fails_when_changed(&ROUTABLE, &good, head.len()..head.len() + length);
                fails_when_changed(&ROUTABLE, &good, good.len() - TAIL..good.len());
            }
        }
    }

    #[test]
    fn a_length_that_does_not_fit_fails() {
        let token = [&b"glpat-"[..], &[b'a'; 27], b".01."].concat();
        let with_length = [&token[..], b"zz"].concat();
        let sum = codec::digits(u64::from(crc32fast::hash(&with_length)), BASE36, 7);
        assert_eq!(routable(&[with_length, sum].concat()), Outcome::Failed);
        assert_eq!(routable(b".000000000"), Outcome::Failed);
    }

    #[test]
    fn the_older_alphabet() {
        let mut random = Random::new(9);
        for _ in 0..100 {
            let sample = [&b"glpat-"[..], &random.text(BASE64URL, 20)].concat();
            let fixed = repair_friendly(&sample).expect("a sample of the right alphabet");
            assert_eq!(friendly(&fixed), Outcome::Unknown);
        }
        assert_eq!(friendly(b"glpat-aaaaaaaaaaaaaaaaaaa0"), Outcome::Unusual);
        assert_eq!(friendly(b"glpat-a"), Outcome::Failed);
    }
}
