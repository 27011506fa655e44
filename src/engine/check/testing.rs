//! What the tests of all checks share: random bytes without a dependency, and the laws of repair and verify.

use super::{Check, Outcome};

/// Xorshift64 (Marsaglia, "Xorshift RNGs", 2003): the same bytes on every machine and day.
pub(crate) struct Random(u64);

impl Random {
    /// A generator; the seed may be any number.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).expect("31 bits fit") % limit
    }

    /// Random bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }

    /// Random characters of an alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> Vec<u8> {
        (0..length).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

/// Letters and digits.
pub(crate) const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The URL-safe base64 alphabet.
pub(crate) const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The standard base64 alphabet.
pub(crate) const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Hexadecimal digits in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&super::codec::to_hex(bytes)).into_owned()
}

/// Repairs a sample, expects it to pass with its old length, and gives it back.
pub(crate) fn passes_when_repaired(check: &Check, sample: &[u8]) -> Vec<u8> {
    let repair = check.repair.expect("a check with a repair is tested here");
    let shown = String::from_utf8_lossy(sample).into_owned();
    let fixed = repair(sample).unwrap_or_else(|| panic!("{}: no repair for {shown}", check.name));
    let fixed_text = String::from_utf8_lossy(&fixed).into_owned();
    assert_eq!(fixed.len(), sample.len(), "{}: {shown} became {fixed_text}", check.name);
    assert_eq!((check.verify)(&fixed), Outcome::Passed, "{}: {shown} became {fixed_text}", check.name);
    fixed
}

/// Expects that a change of any single character in `range` to another of its alphabet fails.
pub(crate) fn fails_when_changed(check: &Check, good: &[u8], range: std::ops::Range<usize>) {
    for at in range {
        let mut bad = good.to_vec();
        bad[at] = match bad[at] {
            b'0'..=b'8' | b'a'..=b'e' | b'A'..=b'E' | b'g'..=b'y' | b'G'..=b'Y' => bad[at] + 1,
            b'9' => b'0',
            b'f' | b'z' => b'a',
            b'F' | b'Z' => b'A',
            other => other,
        };
        if bad != good {
            let shown = String::from_utf8_lossy(&bad).into_owned();
            assert_eq!((check.verify)(&bad), Outcome::Failed, "{}: {shown} (changed at {at})", check.name);
        }
    }
}
