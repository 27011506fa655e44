//! Does a value look like chance or like somebody's choice?
//!
//! Names, words and identifiers follow the letter pairs of their language; issued secrets do not. A table of
//! pairs, counted over the vocabulary of public source code and documentation (each word once, weighted by the
//! logarithm of its count), says how surprising the letters of a value are.

/// What a value's characters say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Randomness {
    /// Mean surprise of neighbouring letters, in bits: words 3 to 4.5, random letters 5 to 8.
    pub surprise: f32,
    /// How many pairs of letters there were to judge by.
    pub pairs: usize,
    /// How many times the class (digit, lower, upper) changes between neighbours, by the number of neighbours.
    pub changes: f32,
    /// How many of the classes digit, lower, upper and other occur.
    pub classes: usize,
    /// How many digits there are.
    pub digits: usize,
}

impl Randomness {
    /// Measures a value.
    #[must_use]
    pub fn of(value: &[u8]) -> Self {
        let (mut sum, mut pairs, mut changes) = (0u32, 0usize, 0usize);
        for pair in value.windows(2) {
            let (a, b) = (class(pair[0]), class(pair[1]));
            changes += usize::from(a != b);
            if pair[0].is_ascii_alphabetic() && pair[1].is_ascii_alphabetic() && !(a == LOWER && b == UPPER) {
                let row = SURPRISE[usize::from(pair[0].to_ascii_lowercase() - b'a')];
                sum += u32::from(row[usize::from(pair[1].to_ascii_lowercase() - b'a')]);
                pairs += 1;
            }
        }
        let seen = value.iter().fold(0u32, |seen, &byte| seen | 1 << class(byte));
        Self {
            surprise: if pairs == 0 { 0.0 } else { sum as f32 / STEPS_A_BIT / pairs as f32 },
            pairs,
            changes: changes as f32 / value.len().saturating_sub(1).max(1) as f32,
            classes: seen.count_ones() as usize,
            digits: value.iter().filter(|byte| byte.is_ascii_digit()).count(),
        }
    }
}

/// Whether a value of at least eight characters looks like chance.
#[must_use]
pub fn looks_random(value: &[u8]) -> bool {
    if value.len() < 8 {
        return false;
    }
    let measured = Randomness::of(value);
    if measured.digits > 0 && measured.changes >= 0.3 && measured.pairs * 3 < value.len() * 2 {
        return true;
    }
    measured.pairs >= 4 && measured.surprise >= 4.9 || (measured.digits * 4 >= value.len() && measured.changes >= 0.25)
}

/// Whether a value of letters alone is none of the words and names that people choose; the shorter, the more it takes.
#[must_use]
pub fn is_no_word(value: &[u8]) -> bool {
    let surprise = Randomness::of(value).surprise;
    match value.len() {
        0..4 => false,
        4..8 => surprise >= 5.0,
        8..10 => surprise >= 4.6,
        _ => surprise >= 4.4,
    }
}

/// An estimate of how many bits it would take to guess a value, never more than its alphabet allows: for a
/// random-looking one its length times its alphabet's bits, for others the surprise of its letters.
#[must_use]
pub fn bits(value: &[u8]) -> f64 {
    let seen = value.iter().fold(0u32, |seen, &byte| seen | 1 << class(byte));
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    let alphabet: u32 = if hex {
        16
    } else {
        [(DIGIT, 10), (LOWER, 26), (UPPER, 26), (OTHER, 2)]
            .iter()
            .filter(|(c, _)| seen >> c & 1 == 1)
            .map(|(_, n)| n)
            .sum()
    };
    let nominal = f64::from(alphabet.max(2)).log2() * value.len() as f64;
    let spread = f64::from(super::shannon(value)) * value.len() as f64;
    if looks_random(value) { nominal.min(spread * 1.2) } else { nominal.min(spread).min(value.len() as f64 * 2.0) }
}

const DIGIT: u8 = 0;
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const OTHER: u8 = 3;

const fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'z' => LOWER,
        b'A'..=b'Z' => UPPER,
        _ => OTHER,
    }
}

/// The table's unit: two thirds of a bit.
const STEPS_A_BIT: f32 = 1.5;

/// How surprising a letter is after another: rows are the first letter, columns the second.
#[rustfmt::skip]
const SURPRISE: [[u8; 26]; 26] = [
    [14, 7, 6, 7, 13, 11, 8, 13, 7, 15, 10, 5, 6, 5, 15, 6, 15, 5, 6, 4, 8, 9, 10, 10, 9, 13],
    [5, 9, 8, 9, 5, 11, 11, 12, 5, 9, 13, 4, 9, 10, 5, 8, 15, 6, 6, 9, 5, 13, 15, 13, 9, 15],
    [5, 12, 8, 10, 5, 11, 13, 5, 7, 15, 6, 6, 9, 12, 4, 9, 14, 7, 8, 5, 7, 12, 14, 14, 10, 15],
    [5, 9, 8, 7, 3, 10, 9, 12, 4, 11, 14, 8, 8, 10, 6, 8, 14, 7, 6, 9, 7, 9, 12, 12, 10, 15],
    [7, 11, 6, 5, 8, 8, 9, 13, 10, 15, 12, 6, 7, 5, 11, 8, 10, 4, 4, 6, 11, 8, 10, 7, 11, 15],
    [6, 9, 9, 8, 5, 5, 10, 14, 3, 15, 15, 6, 11, 10, 5, 9, 13, 6, 7, 8, 6, 14, 12, 13, 9, 15],
    [6, 10, 10, 11, 3, 11, 8, 6, 5, 15, 15, 7, 8, 6, 7, 8, 15, 5, 6, 9, 6, 11, 12, 13, 11, 13],
    [4, 10, 9, 9, 3, 11, 13, 13, 4, 15, 12, 9, 8, 10, 4, 9, 15, 7, 7, 6, 8, 11, 10, 15, 8, 13],
    [7, 9, 6, 7, 7, 8, 7, 15, 12, 15, 12, 7, 7, 3, 5, 8, 13, 8, 6, 5, 13, 8, 15, 10, 15, 8],
    [4, 12, 11, 9, 4, 11, 12, 15, 6, 15, 8, 9, 9, 10, 4, 9, 15, 10, 6, 9, 4, 11, 10, 15, 11, 15],
    [6, 9, 9, 8, 2, 10, 9, 11, 5, 15, 12, 7, 9, 8, 7, 9, 12, 9, 4, 8, 8, 10, 8, 13, 10, 11],
    [4, 11, 10, 8, 3, 10, 12, 14, 4, 15, 9, 5, 11, 11, 5, 9, 15, 12, 7, 7, 8, 11, 14, 14, 6, 15],
    [4, 7, 8, 9, 3, 11, 12, 14, 5, 15, 12, 9, 7, 12, 5, 5, 15, 11, 7, 9, 7, 13, 14, 14, 10, 15],
    [6, 11, 6, 5, 5, 8, 4, 13, 6, 13, 9, 9, 11, 8, 6, 10, 14, 12, 5, 4, 9, 9, 13, 13, 11, 15],
    [9, 8, 6, 7, 11, 9, 9, 12, 9, 14, 10, 6, 6, 3, 8, 7, 15, 4, 7, 7, 6, 8, 7, 11, 13, 15],
    [4, 11, 8, 9, 4, 10, 11, 7, 6, 15, 11, 5, 9, 11, 5, 7, 15, 4, 7, 6, 7, 12, 11, 13, 8, 15],
    [9, 11, 8, 7, 9, 10, 15, 14, 9, 14, 15, 8, 8, 9, 8, 10, 15, 8, 5, 15, 1, 13, 14, 13, 15, 15],
    [4, 11, 8, 8, 3, 10, 8, 14, 5, 15, 9, 9, 7, 9, 5, 9, 12, 8, 6, 6, 8, 9, 12, 12, 8, 15],
    [7, 11, 6, 10, 4, 10, 10, 7, 5, 14, 9, 8, 9, 10, 6, 6, 13, 10, 5, 4, 6, 12, 10, 15, 8, 15],
    [5, 12, 8, 10, 3, 11, 13, 6, 4, 15, 15, 8, 10, 11, 6, 9, 15, 5, 6, 7, 8, 13, 11, 11, 8, 13],
    [7, 6, 7, 8, 6, 9, 8, 14, 7, 15, 15, 5, 6, 4, 10, 6, 15, 5, 5, 5, 15, 12, 15, 10, 15, 15],
    [4, 10, 9, 8, 2, 10, 10, 13, 4, 15, 14, 9, 8, 11, 6, 8, 15, 9, 8, 10, 13, 14, 13, 13, 13, 15],
    [4, 12, 9, 8, 4, 10, 12, 6, 4, 15, 12, 7, 8, 6, 5, 9, 12, 5, 6, 9, 13, 13, 9, 14, 15, 15],
    [6, 9, 5, 8, 5, 7, 8, 10, 5, 15, 13, 8, 8, 11, 8, 4, 12, 9, 8, 4, 9, 11, 12, 8, 9, 14],
    [8, 8, 7, 8, 6, 9, 10, 12, 6, 15, 13, 7, 6, 5, 8, 4, 15, 8, 4, 6, 11, 10, 9, 14, 9, 10],
    [5, 11, 12, 11, 1, 10, 15, 10, 5, 15, 15, 10, 8, 10, 6, 11, 15, 13, 9, 10, 12, 11, 15, 13, 8, 8],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_random() {
        for word in [
            "password",
            "administrator",
            "netif_carrier_off",
            "getElementById",
            "MAX_BUFFER_SIZE",
            "my-service-name",
            "correcthorsebatterystaple",
        ] {
            assert!(!looks_random(word.as_bytes()), "{word} {:?}", Randomness::of(word.as_bytes()));
        }
    }

    #[test]
    fn chance_is() {
        for value in ["qzvhtkbwjx", "9f86d081884c7d65", "Zk3vQ9xL2mPa", "a8f5f167f44f4964e6c998dee827110c"] {
            assert!(looks_random(value.as_bytes()), "{value} {:?}", Randomness::of(value.as_bytes()));
        }
    }

    #[test]
    fn a_random_token_has_its_bits_and_words_few() {
        assert!(bits(b"k3VhZ9tQ7rB2mXc5LpW8nJd4") > 80.0);
        assert!(bits(b"correcthorsebatterystaple") < 80.0);
        assert!(bits(b"9f86d081884c7d659a2feaa0c55ad015") > 80.0);
    }
}
