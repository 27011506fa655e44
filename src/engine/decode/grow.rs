//! From a window of digits to the layer around it: how far the encoded text goes, over line ends too.
//!
//! Both directions go on while the decoded bytes look like text, and end where they have not for a while, or where no
//! digit follows. So the text needs no fixed length of line, no padding and no clean beginning: a word or a path that
//! is glued to it, the binary part of a mixed file and the lines around a block fall off or do no harm.

use super::blocks::{BASE64, HEX, NONE, readable};
use super::map::{Digits, Map, Wide};
use super::windows::{BASE64_WINDOW, HEX_WINDOW, Window, triple};
use super::{Budget, Kind, Layer, gap};
use crate::text::encoding::{Encoding, decode};
use std::ops::Range;

/// How much worse than at its best the text may look before it is over. A readable byte adds 1, a byte beyond ASCII
/// takes 1 and a control byte 3, so that random bytes last for about twice as many.
const DROP: i32 = 64;

/// How much worse than at its best the text may look where the digits end, and still be kept to there.
const TAIL: i32 = 16;

/// The fewest digits of a hexadecimal layer.
const HEX_DIGITS: usize = 32;

/// Builds the layer around a window.
///
/// `reach` is the part of `text` that may be looked at. Gives the layer, and up to where `text` is known now. There is
/// no layer if it would be too short, or if the budget is used up.
pub(super) fn grow(text: &[u8], window: Window, reach: Range<usize>, budget: &mut Budget) -> (Option<Layer>, usize) {
    let (place, length, group) = match window {
        Window::Base64(place) | Window::Wide(place) => (place, BASE64_WINDOW, 4),
        Window::Hex(place) => (place, HEX_WINDOW, 2),
    };
    let behind = place + length;
    let text = text.get(..reach.end).unwrap_or(text);
    let run = Run { text, floor: reach.start.min(place), group, wide: matches!(window, Window::Wide(_)) };
    let Some(allowed) = budget.allowance() else { return (None, behind) };
    let start = run.start(place);
    // As UTF-8, two bytes become three at most.
    let read = run.read(start, behind, if run.wide { allowed / 3 * 2 } else { allowed });
    if read.stopped {
        budget.cut(allowed);
    }
    let known = read.end.max(behind);
    if read.bytes.is_empty() || (group == 2 && read.bytes.len() * 2 < HEX_DIGITS) {
        return (None, known);
    }
    let kind = match (group, read.url) {
        (2, _) => Kind::Hex,
        (_, false) => Kind::Base64,
        (_, true) => Kind::Base64Url,
    };
    let (bytes, map) = if run.wide { narrowed(&read.bytes, read.map) } else { (read.bytes, Map::Digits(read.map)) };
    (Some(Layer { bytes, kind, span: start..read.end, map }), known)
}

/// UTF-16 as UTF-8.
fn narrowed(bytes: &[u8], digits: Digits) -> (Vec<u8>, Map) {
    let nul = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let low_first = nul(1) >= nul(0);
    // With the NUL first, this is the order, or the layer begins in the middle of a character.
    let big = !low_first && (bytes.starts_with(&[0]) || bytes.starts_with(&[0xFE, 0xFF]));
    let skipped = usize::from(!low_first && !big);
    let rest = bytes.get(skipped..).unwrap_or_default();
    let mark: &[u8] = if big { &[0xFE, 0xFF] } else { &[0xFF, 0xFE] };
    let skipped = skipped + if rest.starts_with(mark) { mark.len() } else { 0 };
    let rest = bytes.get(skipped..).unwrap_or_default();
    let encoding = if big { Encoding::Utf16Be { bom: false } } else { Encoding::Utf16Le { bom: false } };
    let (text, map) = decode(rest, encoding).into_parts();
    (text, Map::Wide(digits, Wide { skipped, map }))
}

/// What [`Run::read`] found.
struct Read {
    bytes: Vec<u8>,
    map: Digits,
    /// Behind the last digit.
    end: usize,
    /// Whether it has digits that only the URL-safe alphabet has, and none that only the other has.
    url: bool,
    /// Whether there was no room for more.
    stopped: bool,
}

/// A text that is read as digits.
struct Run<'a> {
    /// Up to where it may be looked at.
    text: &'a [u8],
    /// From where it may be looked at.
    floor: usize,
    /// Digits in a group: 4 for base64, 2 for hexadecimal.
    group: usize,
    /// Whether NUL bytes look like text.
    wide: bool,
}

impl Run<'_> {
    /// The first digit of the text of which a group begins at `place`.
    fn start(&self, place: usize) -> usize {
        let (mut score, mut best, mut start, mut at) = (0, 0, place, place);
        // One group more than the best may begin with other bytes and end with the first of the text.
        let mut edge = true;
        while let Some(group) = self.group_before(at) {
            let (bytes, size) = self.bytes(&group);
            score += bytes.iter().take(size).map(|&byte| self.score(byte)).sum::<i32>();
            at = group.at;
            if score > best {
                (best, start, edge) = (score, at, true);
            } else if edge {
                (start, edge) = (at, false);
            }
            if best - score > DROP {
                return start;
            }
        }
        // Nothing else is there, so that the bytes before the text may belong to it.
        at
    }

    /// Decodes from the digit at `start` on, at least up to `behind`, into at most `allowed` bytes.
    fn read(&self, start: usize, behind: usize, allowed: usize) -> Read {
        let mut map = Digits::new(start, if self.group == 4 { 6 } else { 4 });
        let mut bytes = Vec::new();
        let (mut score, mut best, mut at) = (0, 0, start);
        // One group more than the best may begin with the last bytes of the text.
        let (mut kept, mut edge) = ((0, start), true);
        let (mut signs, mut stopped) = (Signs::default(), false);
        while best - score <= DROP {
            let group = self.group_after(at, &mut map, &mut signs);
            let (decoded, size) = self.bytes(&group);
            if size == 0 {
                break;
            }
            if bytes.len() + size > allowed {
                stopped = true;
                break;
            }
            at = group.at;
            for &byte in decoded.iter().take(size) {
                bytes.push(byte);
                score += if at > behind { self.score(byte) } else { 0 };
            }
            if score >= best {
                (best, kept, edge) = (score, (bytes.len(), at), true);
            } else if edge {
                (kept, edge) = ((bytes.len(), at), false);
            }
        }
        if best - score > TAIL {
            bytes.truncate(kept.0);
            at = kept.1;
        }
        Read { bytes, map, end: at, url: signs.url && !signs.plain, stopped }
    }

    /// The group that ends before `at`.
    fn group_before(&self, mut at: usize) -> Option<Group> {
        let mut values = [0; 4];
        for value in values.iter_mut().take(self.group).rev() {
            at = self.before(at)?;
            *value = self.value(at);
        }
        Some(Group { values, count: self.group, at })
    }

    /// The group that begins at `at` or behind the gap there; it is not full at the end of the digits.
    fn group_after(&self, mut at: usize, map: &mut Digits, signs: &mut Signs) -> Group {
        let mut values = [0; 4];
        for (count, value) in values.iter_mut().take(self.group).enumerate() {
            let Some(digit) = self.after(at) else { return Group { values, count, at } };
            *value = self.value(digit);
            if *value >= 62 {
                signs.see(self.text.get(digit));
            }
            map.push(digit);
            at = digit + 1;
        }
        Group { values, count: self.group, at }
    }

    /// The digit at `at` or behind the gap there.
    fn after(&self, at: usize) -> Option<usize> {
        if self.value(at) != NONE {
            return Some(at);
        }
        let at = gap::after(self.text, at)?;
        // Two hyphens begin the last line of a PEM block.
        (self.value(at) != NONE && !self.text.get(at..)?.starts_with(b"--")).then_some(at)
    }

    /// The digit before `at`, over a gap if there is one.
    fn before(&self, at: usize) -> Option<usize> {
        let digit = at.checked_sub(1).filter(|&digit| digit >= self.floor)?;
        let escaped = matches!(self.text.get(digit), Some(b'n' | b'r'))
            && digit > self.floor
            && self.text.get(digit - 1) == Some(&b'\\');
        if self.value(digit) != NONE && !escaped {
            return Some(digit);
        }
        let digit = gap::before(self.text, self.floor, at)?.checked_sub(1).filter(|&digit| digit >= self.floor)?;
        // Two hyphens end the first line of a PEM block.
        (self.value(digit) != NONE && !self.text.get(..=digit)?.ends_with(b"--")).then_some(digit)
    }

    /// The value of the digit at `at`, or [`NONE`].
    #[inline]
    fn value(&self, at: usize) -> u8 {
        let table = if self.group == 4 { &BASE64 } else { &HEX };
        self.text.get(at).map_or(NONE, |&digit| table[usize::from(digit)])
    }

    /// The bytes that a group stands for, and how many they are: fewer than usual where the group is not full.
    fn bytes(&self, group: &Group) -> ([u8; 3], usize) {
        let [high, low, ..] = group.values;
        if self.group == 4 {
            (triple(group.values), group.count * 3 / 4)
        } else {
            ([(high << 4) | (low & 0x0F), 0, 0], group.count / 2)
        }
    }

    /// What a byte adds to the likeness of text.
    fn score(&self, byte: u8) -> i32 {
        match byte {
            0 if self.wide => 1,
            0x80.. => -1,
            byte if readable(byte) => 1,
            _ => -3,
        }
    }
}

/// Digits that stand for bytes together.
struct Group {
    values: [u8; 4],
    /// How many of the values there are.
    count: usize,
    /// Where the group begins, or where it ends: the far end in the direction of reading.
    at: usize,
}

/// Which of the digits were seen that tell the two base64 alphabets apart.
#[derive(Default)]
struct Signs {
    url: bool,
    plain: bool,
}

impl Signs {
    fn see(&mut self, digit: Option<&u8>) {
        self.url |= matches!(digit, Some(b'-' | b'_'));
        self.plain |= matches!(digit, Some(b'+' | b'/'));
    }
}
