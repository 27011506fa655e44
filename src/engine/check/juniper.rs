//! Junos passwords behind `$9$`: every character is a few steps along a fixed circle of 65.

use super::{Check, Outcome, codec};

/// `$9$`, a first character, some salt, then two to four characters for each of the password.
pub(super) static TYPE_9: Check = Check {
    name: "juniper-type9-secret",
    source: "https://metacpan.org/pod/Crypt::Juniper; \
             https://www.juniper.net/documentation/us/en/software/junos/cli-reference/ ($9$ is reversible)",
    verify,
    repair: Some(repair),
};

const HEAD: &[u8] = b"$9$";

/// The circle, and how many characters of salt follow one of each of its four parts.
const CIRCLE: &[u8; 65] = b"QzF3n6/9CAtpu0OB1IREhcSyrleKvMW8LXx7N-dVbwsY2g4oaJZGUDjiHkq.mPf5T";
const PARTS: [(usize, usize); 4] = [(15, 3), (35, 2), (55, 1), (65, 0)];

/// What a step counts, by the place of the password's character.
const WEIGHTS: [&[usize]; 7] =
    [&[1, 4, 32], &[1, 16, 32], &[1, 8, 32], &[1, 64], &[1, 32], &[1, 4, 16, 128], &[1, 32, 64]];

/// Shorter texts come out readable by chance.
const SHORTEST: usize = 4;

/// Longer than any password that Junos takes.
const LONGEST: usize = 1024;

fn place(byte: u8) -> Option<usize> {
    codec::position(CIRCLE, byte).map(usize::from)
}

fn salt(place: usize) -> usize {
    PARTS.iter().find(|(end, _)| place < *end).map_or(0, |(_, salt)| *salt)
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (first, rest) = text.strip_prefix(HEAD).filter(|body| body.len() <= LONGEST)?.split_first()?;
    let mut previous = place(*first)?;
    let mut rest = rest.get(salt(previous)..)?;
    let mut plain = Vec::new();
    while !rest.is_empty() {
        let weights = WEIGHTS[plain.len() % WEIGHTS.len()];
        let (group, after) = rest.split_at_checked(weights.len())?;
        let mut sum = 0;
        for (byte, weight) in group.iter().zip(weights) {
            let here = place(*byte)?;
            // From 0 to 64 steps, of which the first does not count.
            sum += ((here + CIRCLE.len() - previous + CIRCLE.len() - 1) % CIRCLE.len()) * weight;
            previous = here;
        }
        plain.push(u8::try_from(sum % 256).ok()?);
        rest = after;
    }
    Some(plain)
}

fn verify(text: &[u8]) -> Outcome {
    match decode(text) {
        Some(plain) if !plain.is_empty() && codec::is_printable(&plain) => {
            if plain.len() < SHORTEST {
                Outcome::Unknown
            } else {
                Outcome::Passed
            }
        }
        _ => Outcome::Failed,
    }
}

fn encode(first: u8, plain: &[u8]) -> Option<Vec<u8>> {
    let mut previous = place(first)?;
    let mut text = [HEAD, &[first]].concat();
    text.extend(std::iter::repeat_n(b'z', salt(previous)));
    for (at, byte) in plain.iter().enumerate() {
        let mut left = usize::from(*byte);
        let mut steps: Vec<usize> = Vec::new();
        for weight in WEIGHTS[at % WEIGHTS.len()].iter().rev() {
            steps.push(left / weight);
            left %= weight;
        }
        for step in steps.iter().rev() {
            previous = (previous + step + 1) % CIRCLE.len();
            text.push(CIRCLE[previous]);
        }
    }
    Some(text)
}

/// Tries passwords of every length behind a first character of every part until the length fits.
fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_prefix(HEAD).filter(|body| (9..=LONGEST).contains(&body.len()))?;
    let firsts = b"z1Ni";
    let lengths = SHORTEST.min(body.len() / 4)..=body.len() / 2;
    let mut fixed = lengths.flat_map(|length| firsts.iter().map(move |first| (length, *first)));
    fixed.find_map(|(length, first)| {
        encode(first, &codec::filler(text, length))
            .filter(|fixed| fixed.len() == text.len() && verify(fixed) != Outcome::Failed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{Random, passes_when_repaired};

    #[test]
    fn the_example_of_the_perl_module() {
        assert_eq!(decode(b"$9$LbHX-wg4Z").as_deref(), Some(&b"lc"[..]));
        assert_eq!(verify(b"$9$LbHX-wg4Z"), Outcome::Unknown);
        assert_eq!(verify(b"$9$LbHX-wg4"), Outcome::Failed);
        assert_eq!(verify(b"$9$"), Outcome::Failed);
        assert_eq!(verify(b"$9$LbHX!wg4Z"), Outcome::Failed);
    }

    #[test]
    fn round_trips() {
        for first in CIRCLE {
            let text = encode(*first, b"correct horse~").expect("the character is on the circle");
            assert_eq!(decode(&text).as_deref(), Some(&b"correct horse~"[..]));
            assert_eq!(verify(&text), Outcome::Passed);
        }
        let mut random = Random::new(41);
        for length in 20..60 {
            passes_when_repaired(&TYPE_9, &[HEAD, &random.text(CIRCLE, length)].concat());
        }
    }
}
