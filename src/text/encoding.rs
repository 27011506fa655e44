//! How the bytes of a file are written, and their text in a form that can be searched.
//!
//! The search works on bytes and expects ASCII to look like ASCII, which UTF-8, Latin-1 and their relatives do and
//! UTF-16 does not. [`detect`] tells these cases and binary files apart from the first bytes of a file, [`decode`]
//! gives the bytes to search, and [`Decoded::original`] leads from a place in them back to the place in the file.
//! What to do with binary files, and how lines and columns are counted, is left to the caller.

use std::borrow::Cow;

/// How many bytes at the start of a file [`detect`] looks at.
pub const HEAD: usize = 8 * 1024;

/// Decoded bytes between two checkpoints of an [`OffsetMap`]: 16 bytes of map for each 1,024 of text.
const STEP: usize = 1024;

/// With fewer code units than this, UTF-16 without a byte order mark must be ASCII throughout.
const FEW_UNITS: usize = 8;

/// With fewer code units than this, UTF-16 without a byte order mark must be Latin: random bytes look like some
/// script in half of the places.
const SCRIPT_UNITS: usize = 16;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, Latin-1 or anything else in which ASCII characters are their own bytes.
    Utf8OrBytes,
    /// UTF-8 behind the mark `EF BB BF`.
    Utf8Bom,
    /// UTF-16, low byte first.
    Utf16Le {
        /// Whether it starts with the mark `FF FE`.
        bom: bool,
    },
    /// UTF-16, high byte first.
    Utf16Be {
        /// Whether it starts with the mark `FE FF`.
        bom: bool,
    },
    /// Not text.
    Binary,
}

/// Tells from its first bytes how a file is written.
///
/// `head` is the beginning of the file; more than [`HEAD`] bytes of it are not looked at. A byte order mark decides,
/// unless what follows is no text. UTF-16 without a mark is known by plausible code units of which some are ASCII.
/// Otherwise a NUL byte makes a file binary, as it does for git, and so do control bytes beyond 30 in 100. UTF-32 is
/// binary. An empty file is text.
#[must_use]
pub fn detect(head: &[u8]) -> Encoding {
    let head = head.get(..HEAD).unwrap_or(head);
    if head.starts_with(&[0xFF, 0xFE, 0, 0]) || head.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Encoding::Binary;
    }
    if let Some(rest) = head.strip_prefix(&[0xFF, 0xFE]) {
        let text = Units::count(rest, u16::from_le_bytes).are_text();
        return if text { Encoding::Utf16Le { bom: true } } else { Encoding::Binary };
    }
    if let Some(rest) = head.strip_prefix(&[0xFE, 0xFF]) {
        let text = Units::count(rest, u16::from_be_bytes).are_text();
        return if text { Encoding::Utf16Be { bom: true } } else { Encoding::Binary };
    }
    if memchr::memchr(0, head).is_some() {
        let (le, be) = (Units::count(head, u16::from_le_bytes), Units::count(head, u16::from_be_bytes));
        return match (le.are_utf16(), be.are_utf16()) {
            (true, false) => Encoding::Utf16Le { bom: false },
            (false, true) => Encoding::Utf16Be { bom: false },
            _ => Encoding::Binary,
        };
    }
    // What is no control byte as it is meant here, tabs and line ends, is seldom so much that it has to be told apart.
    let too_many = |count: usize| count * 10 > head.len() * 3;
    if too_many(below_blank(head)) && too_many(head.iter().filter(|&&byte| is_control(byte)).count()) {
        Encoding::Binary
    } else if head.starts_with(&[0xEF, 0xBB, 0xBF]) {
        Encoding::Utf8Bom
    } else {
        Encoding::Utf8OrBytes
    }
}

/// How many bytes are below the blank, or are the one behind the last of ASCII.
fn below_blank(bytes: &[u8]) -> usize {
    // So few at a time that a sum fits a byte: then many are added at once.
    let sum = |bytes: &[u8]| bytes.iter().fold(0u8, |sum, &byte| sum + u8::from(byte < b' ') + u8::from(byte == 0x7F));
    bytes.chunks(128).map(|bytes| usize::from(sum(bytes))).sum()
}

/// Whether text seldom holds this byte; tab, line ends, form feed, backspace and escape (terminal colours) it may.
const fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x1F | 0x7F) && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B | 0x08)
}

/// Whether a code unit above U+00FF is of a block in which text is written today: half of all of them.
const fn is_of_a_script(unit: u16) -> bool {
    matches!(unit, 0x0100..=0x06FF | 0x0900..=0x0EFF | 0x10A0..=0x11FF | 0x1E00..=0x206F | 0x20A0..=0x20BF)
        || matches!(unit, 0x2100..=0x22FF | 0x2500..=0x27BF | 0x3000..=0x31FF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3)
        || matches!(unit, 0xFB00..=0xFDFF | 0xFE70..=0xFFEF | 0xFFFD)
}

/// What kinds of UTF-16 code units some bytes hold.
#[derive(Default)]
struct Units {
    /// All of them; an odd byte at the end is none.
    all: usize,
    /// Characters and white space of ASCII.
    ascii: usize,
    /// Other characters below U+0100.
    latin: usize,
    /// Characters of blocks in which text is written, surrogates in pairs included.
    other: usize,
    /// Units above U+00FF with NUL as their low byte: frequent where ASCII strings are read with the wrong parity.
    round: usize,
    /// Units of an ASCII letter and an ASCII letter or digit: frequent where ASCII is read as UTF-16.
    double: usize,
}

impl Units {
    /// Counts the units of `bytes`, each read by `unit`.
    fn count(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let mut units = Self::default();
        let mut high = false;
        for &pair in bytes.as_chunks::<2>().0 {
            let value = unit(pair);
            units.all += 1;
            let [upper, lower] = value.to_be_bytes();
            match value {
                0x20..=0x7E | 0x09 | 0x0A | 0x0C | 0x0D | 0x1B => units.ascii += 1,
                0xA0..=0xFF => units.latin += 1,
                // A pair counts with its second half for two; a half alone for none.
                0xDC00..=0xDFFF if high => units.other += 2,
                other if is_of_a_script(other) => units.other += 1,
                _ => {}
            }
            high = matches!(value, 0xD800..=0xDBFF);
            units.round += usize::from(upper != 0 && lower == 0);
            units.double += usize::from(upper.is_ascii_alphabetic() && lower.is_ascii_alphanumeric());
        }
        units
    }

    /// Whether at least 9 of 10 units are characters of text; so are none at all.
    fn are_text(&self) -> bool {
        (self.ascii + self.latin + self.other) * 10 >= self.all * 9
    }

    /// Whether this is UTF-16 with nothing but its look to say so.
    fn are_utf16(&self) -> bool {
        let narrow = self.ascii + self.latin;
        if self.all < FEW_UNITS {
            return self.all >= 2 && self.ascii == self.all;
        }
        // Latin text; or another script, in which blanks, digits and line ends still are ASCII, and which the
        // two signs of ASCII strings between NUL bytes do not contradict.
        let latin = narrow * 10 >= self.all * 9 && self.ascii * 2 >= self.all;
        let script = self.all >= SCRIPT_UNITS
            && self.are_text()
            && self.ascii * 400 >= self.all
            && self.round * 20 <= self.all
            && self.double * 2 <= self.other;
        latin || script
    }
}

/// The bytes to search, and the way back from them into the file.
#[derive(Debug, Clone)]
pub struct Decoded<'a> {
    /// The text in a form in which ASCII is ASCII: the bytes of the file, or UTF-8 made from its UTF-16.
    pub bytes: Cow<'a, [u8]>,
    map: OffsetMap,
}

impl Decoded<'_> {
    /// The offset in the file of the character at `offset` of [`Self::bytes`].
    ///
    /// An offset inside a character gives the start of that character, one behind the end the end of the text.
    #[must_use]
    pub fn original(&self, offset: usize) -> usize {
        self.map.original(&self.bytes, offset)
    }

    /// The bytes and the map apart, for those who keep them so.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, OffsetMap) {
        (self.bytes.into_owned(), self.map)
    }
}

/// The way from offsets in decoded bytes back to offsets in the bytes they were made from.
#[derive(Debug, Clone)]
pub struct OffsetMap {
    /// Bytes of a mark at the beginning that was left out.
    skipped: usize,
    /// For transcoded text: entry `n` is the first character that begins at or behind decoded offset `n * STEP`, as
    /// its decoded offset and its code units from the start. Its size is a sixty-fourth of the text.
    checkpoints: Option<Vec<(usize, usize)>>,
}

impl OffsetMap {
    /// The original offset of the character at `offset` of `decoded`, which must be the bytes this map was made with.
    ///
    /// The result is the start of the character that holds `offset`, or the end of the text for an offset behind it.
    #[must_use]
    pub fn original(&self, decoded: &[u8], offset: usize) -> usize {
        let offset = offset.min(decoded.len());
        let Some(checkpoints) = &self.checkpoints else { return self.skipped + offset };
        // The checkpoint of the offset's own stretch may lie behind it; the one before never does.
        let own = offset / STEP;
        let before = [own, own.saturating_sub(1)].into_iter().filter_map(|n| checkpoints.get(n).copied());
        let (mut at, mut units) = before.into_iter().find(|&(at, _)| at <= offset).unwrap_or((0, 0));
        while let Some(&lead) = decoded.get(at) {
            let (width, count) = match lead {
                0..=0x7F => (1, 1),
                0xC0..=0xDF => (2, 1),
                0xE0..=0xEF => (3, 1),
                _ => (4, 2),
            };
            if at + width > offset {
                break;
            }
            at += width;
            units += count;
        }
        self.skipped + 2 * units
    }
}

/// Gives the text of `bytes`, which are written as `encoding` says.
///
/// UTF-16 becomes UTF-8, with U+FFFD for each lone surrogate and without an odd byte at the end; it takes at most 1.5
/// times the memory of `bytes`. All others are borrowed. A byte order mark is left out where the encoding names one
/// and it is there.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Encoding) -> Decoded<'_> {
    match encoding {
        Encoding::Utf8OrBytes | Encoding::Binary => borrowed(bytes, &[]),
        Encoding::Utf8Bom => borrowed(bytes, &[0xEF, 0xBB, 0xBF]),
        Encoding::Utf16Le { bom } => transcoded(bytes, if bom { &[0xFF, 0xFE] } else { &[] }, u16::from_le_bytes),
        Encoding::Utf16Be { bom } => transcoded(bytes, if bom { &[0xFE, 0xFF] } else { &[] }, u16::from_be_bytes),
    }
}

/// The bytes behind `mark` as they are.
fn borrowed<'a>(bytes: &'a [u8], mark: &[u8]) -> Decoded<'a> {
    let rest = bytes.strip_prefix(mark).unwrap_or(bytes);
    let map = OffsetMap { skipped: bytes.len() - rest.len(), checkpoints: None };
    Decoded { bytes: Cow::Borrowed(rest), map }
}

/// The UTF-16 behind `mark` as UTF-8.
fn transcoded(bytes: &[u8], mark: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'static> {
    let rest = bytes.strip_prefix(mark).unwrap_or(bytes);
    let pairs = rest.as_chunks::<2>().0;
    let mut out = Vec::with_capacity(pairs.len());
    let mut checkpoints = Vec::with_capacity(pairs.len() / STEP + 1);
    let mut units = 0;
    for result in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        if out.len() >= checkpoints.len() * STEP {
            checkpoints.push((out.len(), units));
        }
        let character = result.unwrap_or(char::REPLACEMENT_CHARACTER);
        units += character.len_utf16();
        if character.is_ascii() {
            out.push(character as u8);
        } else {
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    let map = OffsetMap { skipped: bytes.len() - rest.len(), checkpoints: Some(checkpoints) };
    Decoded { bytes: Cow::Owned(out), map }
}

#[cfg(test)]
mod tests;
