//! The part of an anchor by which it is looked for: a stem that it shares with others, or its rarest bytes.

use super::simd::WINDOW;

/// Stems that are looked for everywhere: each is in many anchors, or in one that must not be missed anywhere.
///
/// What is on this list costs every byte that is read a little, so it is short: an anchor without a stem in it is
/// looked for outside of source code only.
const STEMS: &[&str] = &[
    "pass", "psw", "pwd", "secr", "toke", "key", "cred", "auth", "bear", "salt", "nonc", "cook", "tick", "basi",
    "kenn", "ntra", "://", "----", "mnem", "phra", "jdbc:", "sig=", r"\u00", r"\u{", r"\x2", r"\x3", r"\x4", r"\x5",
    r"\x6", r"\x7", r":\/", "kind", "_url", "_uri", "dsn=", "@tcp", "webh", "hook", "8q~", "7q~", "$2a$", "$2b$",
    "$2y$", "$6$", "xoxd", "flyv", "fo1_", "\"d\"", "\"d\\", "oct\"", "psk", "@uni", "fern", "vapi", "ipin", "vtex",
    "krb5", "sudo", "qli(", "li_c", "pdo(", "ql_c", "seed", "xor}",
];

/// Where an anchor holds a stem, and the stem's beginning.
#[must_use]
pub fn stem(anchor: &[u8]) -> Option<(usize, &[u8])> {
    let is_escape = anchor.len() == 4 && anchor[0] == b'%' && anchor[3] == b'%';
    if is_escape {
        return Some((0, anchor));
    }
    let mut folded = [0; super::prefilter::MAX_ANCHOR];
    let folded = folded.get_mut(..anchor.len())?;
    folded.iter_mut().zip(anchor).for_each(|(to, from)| *to = from | 0x20);
    // The first stem of the list that the anchor holds, where it holds it first.
    let mut best: Option<(usize, usize)> = None;
    for at in 0..folded.len() {
        let mut stems = STEMS_BY_BYTE[usize::from(folded[at])];
        while stems != 0 {
            let number = stems.trailing_zeros() as usize;
            stems &= stems - 1;
            if best.is_some_and(|(known, _)| known <= number) {
                break;
            }
            let stem = STEMS[number].as_bytes();
            let fits = |window: &[u8]| window.iter().zip(stem).all(|(own, byte)| *own == byte | 0x20);
            if folded.get(at..at + stem.len()).is_some_and(fits) {
                best = Some((number, at));
            }
        }
    }
    let (number, at) = best?;
    Some((at, &anchor[at..at + STEMS[number].len()]))
}

/// Which stems begin with a byte: a bit for each.
const STEMS_BY_BYTE: [u64; 256] = {
    assert!(STEMS.len() <= 64, "a bit for each stem");
    let mut table = [0; 256];
    let mut number = 0;
    while number < STEMS.len() {
        table[(STEMS[number].as_bytes()[0] | 0x20) as usize] |= 1 << number;
        number += 1;
    }
    table
};

/// The part of an anchor that text has least often: up to four bytes, and where they begin.
///
/// Texts are asked for the byte before it as well, if the anchor has one.
#[must_use]
pub fn rarest(anchor: &[u8]) -> Option<(usize, &[u8])> {
    let rarity = |at: &usize| -> u32 {
        let end = anchor.len().min(at + WINDOW);
        anchor[at.saturating_sub(1)..end].iter().map(|byte| rarity_of(*byte)).sum()
    };
    let at = (0..=anchor.len().checked_sub(3)?).max_by_key(rarity)?;
    Some((at, &anchor[at..anchor.len().min(at + WINDOW)]))
}

/// How rare a byte is in text, in either case: about the logarithm of how many bytes of text have one.
const fn rarity_of(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
        b'l' | b'd' | b'c' | b'h' | b'u' | b'm' | b'p' => 10,
        b'f' | b'g' | b'b' | b'y' | b'w' | b'v' | b'k' | b'.' | b'_' | b'-' | b'0'..=b'9' | b'"' => 12,
        b'/' | b':' | b'=' | b'(' | b')' | b'\'' | b',' | b'x' => 14,
        _ => 18,
    }
}
