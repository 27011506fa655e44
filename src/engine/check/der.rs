//! A small reader of DER (ITU-T X.690), for the few shapes that private keys have.
//!
//! It never copies, never recurses and never reads past the slice that it was given.

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OBJECT_ID: u8 = 0x06;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// The constructed context tag `[0]`.
pub(super) const CONTEXT_0: u8 = 0xa0;
/// The constructed context tag `[1]`, and its primitive form.
pub(super) const CONTEXT_1: [u8; 2] = [0xa1, 0x81];

/// What is left of a series of values.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads the values in `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all was read.
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next value.
    pub(super) fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The content of the next value, if it has this tag and is whole.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let rest = self.0.strip_prefix(&[tag])?;
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// The values inside the next one, if it has this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.take(tag).map(Reader)
    }

    /// The next value as a number, without its leading zeros. Some writers leave out the zero that keeps a number
    /// from being negative, or write too many: neither makes a key less of one.
    pub(super) fn number(&mut self) -> Option<&'a [u8]> {
        let digits = self.take(INTEGER).filter(|digits| !digits.is_empty())?;
        Some(&digits[digits.iter().take_while(|digit| **digit == 0).count()..])
    }

    /// The next value as a number below 256.
    pub(super) fn small_number(&mut self) -> Option<u8> {
        match self.number()? {
            [] => Some(0),
            [number] => Some(*number),
            _ => None,
        }
    }
}

/// What bytes look like from outside.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One sequence that fills them, with values of these tags, each whole.
    Whole(Vec<u8>),
    /// The beginning of a sequence that says it is longer.
    Cut,
    /// Something else, or a sequence whose values do not fill it.
    Other,
}

/// No key is larger; random bytes hardly ever announce so little.
const LONGEST: usize = 1 << 14;

/// Looks at the outer sequence and the values in it, not into them.
pub(super) fn shape(bytes: &[u8]) -> Shape {
    let Some((length, content)) = bytes.strip_prefix(&[SEQUENCE]).and_then(length) else { return Shape::Other };
    if length > content.len() {
        return if length <= LONGEST { Shape::Cut } else { Shape::Other };
    }
    let mut values = Reader(content);
    let mut tags = Vec::new();
    while let Some(tag) = values.tag() {
        tags.push(tag);
        if length < content.len() || values.take(tag).is_none() {
            return Shape::Other;
        }
    }
    Shape::Whole(tags)
}

/// A length of at most four bytes; the indefinite form is not DER.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..=0x7f => Some((usize::from(first), rest)),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length =
                digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()));
            Some((length?, rest))
        }
        _ => None,
    }
}

/// Writes one value.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let digits = length.to_be_bytes();
    let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.extend(if digits.is_empty() { &[0] } else { digits });
    } else {
        bytes.push(0x80 | u8::try_from(digits.len()).expect("a length has at most eight bytes"));
        bytes.extend(digits);
    }
    bytes.extend(content);
    bytes
}

/// Writes a number that is not negative.
pub(super) fn write_number(number: &[u8]) -> Vec<u8> {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    match number.first() {
        Some(0..=0x7f) => write(INTEGER, number),
        _ => write(INTEGER, &[&[0], number].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_every_form() {
        for size in [0, 1, 127, 128, 255, 256, 70_000] {
            let bytes = write(OCTET_STRING, &vec![7; size]);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.take(OCTET_STRING).map(<[u8]>::len), Some(size));
            assert!(reader.is_done());
        }
    }

    #[test]
    fn numbers_lose_their_leading_zeros() {
        for number in [&[][..], &[1], &[0x7f], &[0x80], &[0xff, 1]] {
            assert_eq!(Reader::new(&write_number(number)).number(), Some(number));
        }
        assert_eq!(Reader::new(&[2, 0]).number(), None);
        assert_eq!(Reader::new(&[2, 3, 0, 0, 1]).number(), Some(&[1][..]));
        assert_eq!(Reader::new(&[2, 1, 9]).small_number(), Some(9));
    }

    #[test]
    fn shapes_from_outside() {
        let good = write(SEQUENCE, &[write(INTEGER, &[1]), write(OCTET_STRING, &[7; 200])].concat());
        assert_eq!(shape(&good), Shape::Whole(vec![INTEGER, OCTET_STRING]));
        assert_eq!(shape(&good[..good.len() - 1]), Shape::Cut);
        let mut wrong = good.clone();
        wrong[7] = 9;
        for other in [&[&good[..], &[0]].concat()[..], &wrong, &good[1..], &[0x30, 0x84, 0xff, 0, 0, 0], &[]] {
            assert_eq!(shape(other), Shape::Other, "{other:?}");
        }
    }

    #[test]
    fn what_is_cut_or_endless_is_refused() {
        for bad in
            [&[][..], &[0x30], &[0x30, 0x80, 0, 0], &[0x30, 0x85, 0, 0, 0, 0, 1, 9], &[0x30, 2, 0], &[0x30, 0x82, 1]]
        {
            assert!(Reader::new(bad).take(SEQUENCE).is_none(), "{bad:?}");
        }
        assert!(Reader::new(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).take(SEQUENCE).is_none());
    }
}
