//! Where words begin, and which runs of token characters are names that somebody chose.

use super::simd::{RUN, is_token, is_word};

/// Whether a part of a name begins between two bytes: after anything but a letter, and at a hump (`aB`).
#[inline]
pub fn begins_part(previous: u8, byte: u8) -> bool {
    !previous.is_ascii_alphabetic()
        || (previous.is_ascii_lowercase() && byte.is_ascii_uppercase())
        || byte.is_ascii_digit()
}

/// Where the text goes on if the word that begins at `start` is the rest of an escape: `\n`, `\x0a`, `\u000a`, `%3D`.
#[inline]
pub fn behind_escape(text: &[u8], start: usize) -> Option<usize> {
    let length = match (text.get(start.checked_sub(1)?)?, text.get(start)?) {
        (b'\\', b'u') => 5,
        (b'\\', b'x') => 3,
        (b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'0') => 1,
        (b'%', _) => 2,
        _ => return None,
    };
    Some(start + length).filter(|&behind| behind < text.len())
}

/// Whether a byte in front of a word may make it the rest of an escape, as [`behind_escape`] tells.
#[inline]
pub const fn opens_escape(before: u8) -> bool {
    matches!(before, b'\\' | b'%')
}

/// How much of a run is looked at to tell a name from a value.
pub const LOOK: usize = 56;
/// With fewer changes of class a run is a name.
pub const FEW_CHANGES: u32 = 3;

/// Whether the first [`LOOK`] bytes of a run look like a name that somebody chose, or a path of such names.
///
/// The run is cut into parts at everything but letters and digits. A name's part is letters with few changes of
/// case, and digits at one place at most. A random value of 16 or more letters and digits is one long part with a
/// change of class at every second character; one with separators in it (base64) still has such parts. A UUID is
/// known by its dashes, because its parts are short.
#[expect(clippy::comparison_chain, reason = "three kinds of classes, not an order")]
pub fn is_plain_identifier(text: &[u8], start: usize) -> bool {
    let window = &text[start..text.len().min(start + LOOK)];
    let (mut part, mut changes, mut digits, mut all_changes) = (0u32, 0u32, 0u32, 0u32);
    let mut previous = 0;
    for &byte in window {
        let class = CLASSES[usize::from(byte)];
        if class < 3 {
            let change = u32::from(part > 0 && class != previous);
            (changes, all_changes) = (changes + change, all_changes + change);
            digits += u32::from(class == 0);
            part += 1;
            if changes >= FEW_CHANGES && (digits > 0 || changes * 4 >= part.max(RUN as u32)) {
                return false;
            }
        } else if class == 3 {
            (part, changes, digits) = (0, 0, 0);
        } else {
            break;
        }
        previous = class;
    }
    !(all_changes >= FEW_CHANGES && is_uuid_shaped(window))
}

/// 0 digit, 1 lower case, 2 upper case, 3 any other token character, 4 the rest.
const CLASSES: [u8; 256] = {
    let mut table = [4; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => 0,
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            other if is_token(other) => 3,
            _ => 4,
        };
        byte += 1;
    }
    table
};

/// Whether dashes stand where those of a UUID do.
fn is_uuid_shaped(window: &[u8]) -> bool {
    window.len() >= 36 && [8, 13, 18, 23].iter().all(|&at| window[at] == b'-')
}

/// Whether the byte before `offset` ends a word, so that one may begin there; an escape counts as no word.
#[must_use]
pub fn is_word_start(text: &[u8], offset: usize) -> bool {
    let Some(before) = offset.checked_sub(1) else { return true };
    if !is_word(text[before]) {
        return true;
    }
    [2, 3, 4, 6]
        .into_iter()
        .any(|back| offset.checked_sub(back).is_some_and(|escape| behind_escape(text, escape + 1) == Some(offset)))
}
