//! The places where base64 or hexadecimal digits stand for readable text.
//!
//! This pass looks at every byte that is scanned, and at several bytes a cycle tells such text from identifiers, paths
//! and hashes. It rests on one fact: the bytes of ASCII text (UTF-16 of it included) are below 0x80. So in its base64
//! every fourth digit is one of the lower half of the alphabet, `A` to `f`, and in its hexadecimal every second digit
//! is `2` to `7`, white space apart. Long identifiers, which a search by length finds mostly, hold few such places.
//! What lies around a place, and how far it goes, is left to `grow`.

use super::blocks::{BASE64, BLOCK, HEX, NONE, ONES, lanes, linear, packed, padded, readable};
use std::ops::Range;

/// The digits of a base64 window: five groups of four.
pub(super) const BASE64_WINDOW: usize = 20;

/// The digits of a hexadecimal window: so many that one of each two words of a text lies inside.
pub(super) const HEX_WINDOW: usize = 24;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    /// [`BASE64_WINDOW`] digits, one after the other, of which each group of four stands for readable bytes.
    Base64(usize),
    /// The same where every other byte is NUL, as in UTF-16.
    Wide(usize),
    /// [`HEX_WINDOW`] digits, one after the other, of which each pair stands for a readable byte.
    Hex(usize),
}

/// Calls `f` with the windows that begin in `within` of `text`, at least one for each stretch of digits that holds one.
///
/// `f` gets the window and up to where `text` is known already, and gives back up to where it is known now: no window
/// of the same encoding that begins before is reported any more. For each encoding the order is ascending.
/// `within` must lie in `text`, or nothing is found.
pub(super) fn windows(text: &[u8], within: Range<usize>, mut f: impl FnMut(Window, usize) -> usize) {
    let from = within.start;
    let (blocks, rest) = text.get(within).unwrap_or_default().as_chunks::<BLOCK>();
    let (last, nothing) = (padded(rest), [0; BLOCK]);
    let (mut base64_known, mut hex_known) = (from, from);
    let (mut before, mut mask) = (&nothing, 0);
    // Base64 is judged one block late, when the digits that follow are known; hence a block behind the end.
    for (n, block) in blocks.iter().chain([&last, &nothing]).enumerate() {
        let at = from + n * BLOCK;
        let current = packed(block, lower_half);
        let starts = every_fourth(mask, current);
        if starts != 0 {
            let starts = ascii_starts(before, starts);
            if starts != 0 {
                // Not in the first block, before which nothing is.
                base64_known = base64_windows(text, at.saturating_sub(BLOCK), starts, base64_known, &mut f);
            }
        }
        (before, mask) = (block, current);
        let words = printable_words(block);
        if words != 0 {
            hex_known = hex_windows(text, at, words, hex_known, &mut f);
        }
    }
}

/// Whether a byte is a base64 digit below 32.
#[inline]
const fn lower_half(byte: u8) -> bool {
    byte.wrapping_sub(b'A') < 26 || byte.wrapping_sub(b'a') < 6
}

/// The places of the block `before` from which every fourth byte, five times, is in the mask; both transposed.
#[inline]
const fn every_fourth(before: u64, current: u64) -> u64 {
    // In the transposed mask, the byte 8 places on is the next bit of the same byte of the mask.
    let eight = ((before >> 1) & (ONES * 0x7F)) | ((current << 7) & (ONES * 0x80));
    let sixteen = ((before >> 2) & (ONES * 0x3F)) | ((current << 6) & (ONES * 0xC0));
    // 4 places on is 4 bytes of the mask on, or 4 back and 8 places on.
    let four = (before >> 32) | (eight << 32);
    let twelve = (eight >> 32) | (sixteen << 32);
    before & four & eight & twelve & sixteen
}

/// Those of the places in `starts`, a transposed mask, from which the second and third digit of five groups may leave
/// the high bits of their bytes clear; in reading order. Digits behind the block are not looked at.
#[inline(never)]
fn ascii_starts(block: &[u8; BLOCK], starts: u64) -> u64 {
    let second = !packed(block, |byte| guess(byte) & 0x08 == 0);
    let third = !packed(block, |byte| guess(byte) & 0x02 == 0);
    // One place on is the next byte of a transposed mask; behind the last, it is the next bit of the first.
    let second = (second >> 8) | ((second & 0xFE) << 55);
    let third = (third >> 16) | ((third & 0xFEFE) << 47);
    let other = linear(second | third);
    linear(starts) & !(other | (other >> 4) | (other >> 8) | (other >> 12) | (other >> 16))
}

/// The value of a base64 digit, by arithmetic alone; for the signs, one that lacks no bit of theirs that is asked for
/// above or lets them pass.
#[inline]
const fn guess(byte: u8) -> u8 {
    let upper = byte.wrapping_sub(b'A');
    let lower = if byte >= b'a' { 6 } else { 0 };
    let digit = if byte < b'@' { 69 } else { 0 };
    upper.wrapping_sub(lower).wrapping_add(digit)
}

/// Tells which of the places in `starts` (of the block at `at`) begin a window.
#[inline(never)]
fn base64_windows(
    text: &[u8],
    at: usize,
    starts: u64,
    known: usize,
    f: &mut impl FnMut(Window, usize) -> usize,
) -> usize {
    let mut known = known;
    let mut starts = starts;
    while starts != 0 {
        let place = at + starts.trailing_zeros() as usize;
        starts &= starts - 1;
        if place < known {
            continue;
        }
        let Some(digits) = text.get(place..).and_then(<[u8]>::first_chunk::<BASE64_WINDOW>) else { return known };
        if let Some(window) = judge(digits, place) {
            known = known.max(f(window, known));
        }
    }
    known
}

/// The window that these digits are, if the bytes they stand for are text.
fn judge(digits: &[u8; BASE64_WINDOW], place: usize) -> Option<Window> {
    // Long stretches of `A` are frequent in what is no text, and end here.
    if digits.starts_with(b"AAA") {
        return None;
    }
    let mut bytes = [0; BASE64_WINDOW / 4 * 3];
    for (to, from) in bytes.as_chunks_mut::<3>().0.iter_mut().zip(digits.as_chunks::<4>().0) {
        let values = from.map(|digit| BASE64[usize::from(digit)]);
        if values.contains(&NONE) {
            return None;
        }
        *to = triple(values);
    }
    let nul = |from: usize| bytes.iter().skip(from).step_by(2).all(|&byte| byte == 0);
    let text = |from: usize, step: usize| bytes.iter().skip(from).step_by(step).all(|&byte| readable(byte));
    if text(0, 1) {
        Some(Window::Base64(place))
    } else if (nul(0) && text(1, 2)) || (nul(1) && text(0, 2)) {
        Some(Window::Wide(place))
    } else {
        None
    }
}

/// The three bytes that four base64 values stand for.
#[inline]
pub(super) const fn triple([a, b, c, d]: [u8; 4]) -> [u8; 3] {
    [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d]
}

/// The words of 8 bytes, beginning at every second such place of a block, in which every second byte is `2` to `7`.
///
/// Bit `k` is for the bytes 0, 2, 4 and 6 of the word at `8 * k`, bit `8 + k` for the bytes 1, 3, 5 and 7. Every window
/// of 23 digits holds such a word with an even `k`, so that the others are left out.
#[inline]
fn printable_words(block: &[u8; BLOCK]) -> u64 {
    let [mask, _] = lanes(block, |byte| byte.wrapping_sub(b'2') < 6);
    let mask = mask & (mask >> 32);
    mask & (mask >> 16) & 0x5555
}

/// Tells which of the words found by [`printable_words`] in the block at `at` lie in a window.
#[inline(never)]
fn hex_windows(text: &[u8], at: usize, words: u64, known: usize, f: &mut impl FnMut(Window, usize) -> usize) -> usize {
    let mut known = known;
    for word in [0, 2, 4, 6] {
        for parity in [0, 1] {
            if words & (1 << (8 * parity + word)) == 0 {
                continue;
            }
            let place = at + 8 * word + parity;
            if place >= known
                && let Some(start) = hex_window(text, place, known)
            {
                known = known.max(f(Window::Hex(start), known));
            }
        }
    }
    known
}

/// The first digit of a window around the pair at `place`, not before `known`.
fn hex_window(text: &[u8], place: usize, known: usize) -> Option<usize> {
    let clean = |pair: &[u8; 2]| {
        let [high, low] = pair.map(|digit| HEX[usize::from(digit)]);
        high != NONE && low != NONE && readable((high << 4) | low)
    };
    let pairs = HEX_WINDOW / 2;
    let after = text.get(place..)?.as_chunks::<2>().0.iter().take(pairs).take_while(|pair| clean(pair)).count();
    let before = text.get(known..place)?.as_rchunks::<2>().1.iter().rev().take(pairs).take_while(|pair| clean(pair));
    let before = before.count();
    (after > 0 && before + after >= pairs).then(|| place - 2 * before)
}
