//! The part of an anchor by which it is looked for: a stem that it shares with others, or its rarest bytes.

use super::buckets::Window;
use super::masks::Windows;
use super::simd::WINDOW;

/// Stems that are looked for everywhere: each is in many anchors, or in one that must not be missed anywhere. Those of a line share
/// a bucket of the vector search.
///
/// A bucket lets through every text whose first byte begins one of its stems, whose second byte is the second of one, and so on;
/// who shares one with whom decides how much of the text is looked up in vain. The distribution was found by simulated annealing over
/// what C, Python, Rust and JavaScript have most; the first form, which put each where it widened least, let through four
/// times as much. So a new stem costs little in a bucket with others like it, and much elsewhere: the bench `prefilter` shows it.
/// An anchor without a stem in it is looked for outside of source code only.
const BUCKETS: [&[&str]; 16] = [
    &["basi", "----", "fo1_", "aesc", "aes2", "a so"],
    &["ipin", "li_c", "mioi", "icon", "wp_a"],
    &["bear", "cook", "hook", "abas", "gems", "cfg[", ":543"],
    &["toke", "webh", "krb5", "adb ", "kube", "ltoo", "ytoo"],
    &["$2a$", "$2b$", "$2y$", "try."],
    &["kenn", "dsn=", "@uni", "begi", "goli", "akab", "bund", "muni", "gon2", "bnam"],
    &["://", r"\u{", r":\/", "_url", "_uri", "8q~", "7q~"],
    &["$6$", "\"d\"", "\"d\\", "'cry", ".cry", "$9$", ".fro"],
    &["pass", r"\u00", "@tcp", "vtex", "pdo(", "psex", "pe: "],
    &["secr", "salt", "qli(", "seed", "sear", "3des", "qlsh", "sale", "slip", "sess", "secu"],
    &["phra", "oct\"", "xor}", "ootp", "rdpr"],
    &["psw", "pwd", r"\x2", r"\x3", r"\x4", r"\x5", r"\x6", r"\x7", "psk", "sql ", "sqld", "sqlp", "sqll", "zxkt"],
    &["key", "xoxd", "flyv", "vapi", "ql_c"],
    &["auth", "fern", "curl", "aesg", "ws.n", "serv", "aes}", "ost=", "ver=", r"oct\"],
    &["cred", "tick", "mnem", "sig=", "kind", "sudo", "fied", "vydm", "trah"],
    &["nonc", "ntra", "jdbc:", "ndpw", "d_pw", "ndb.", "asks", "gora"],
];
/// The bucket of percent escapes (`%2F%`), which are their own stems.
const ESCAPES: usize = 4;

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
    // The longest stem that the anchor holds, where it holds it first.
    let mut best: Option<(usize, usize)> = None;
    for at in 0..folded.len() {
        let (first, last) = RANGES[usize::from(folded[at])];
        for stem in &STEMS[usize::from(first)..usize::from(last)] {
            let stem = stem.0.as_bytes();
            if best.is_some_and(|(_, known)| known >= stem.len()) {
                continue;
            }
            let fits = |window: &[u8]| window.iter().zip(stem).all(|(own, byte)| *own == byte | 0x20);
            if folded.get(at..at + stem.len()).is_some_and(fits) {
                best = Some((at, stem.len()));
            }
        }
    }
    let (at, length) = best?;
    Some((at, &anchor[at..at + length]))
}

/// The windows of stems, each in its bucket.
#[must_use]
pub fn in_buckets(windows: &[Window]) -> [Windows; 2] {
    let mut sets = [Windows::new(), Windows::new()];
    for &window in windows {
        let stem = STEMS.iter().find(|(stem, _)| window_of(stem.as_bytes()) == window);
        let bucket = stem.map_or(ESCAPES, |(_, bucket)| *bucket);
        let [low, high] = &mut sets;
        if bucket < 8 { low } else { high }.add(window, u32::try_from(bucket % 8).unwrap_or(0));
    }
    sets
}

/// The first bytes of a stem, as the vector search looks for them.
fn window_of(stem: &[u8]) -> Window {
    std::array::from_fn(|place| stem.get(place).map(u8::to_ascii_lowercase))
}

const COUNT: usize = {
    let (mut count, mut bucket) = (0, 0);
    while bucket < BUCKETS.len() {
        count += BUCKETS[bucket].len();
        bucket += 1;
    }
    count
};

/// All stems, each with its bucket.
type Stems = [(&'static str, usize); COUNT];
/// For each byte, the first of the stems that begin with it, and the first behind them.
type Ranges = [(u8, u8); 256];

/// The stems with their buckets by their first bytes, and which of them begin with a byte.
const TABLE: (Stems, Ranges) = {
    assert!(COUNT < 256, "a byte for the number of each stem");
    let (mut stems, mut ranges) = ([("", 0); COUNT], [(0, 0); 256]);
    let (mut filled, mut byte) = (0u8, 0);
    while byte < 256 {
        let start = filled;
        let mut bucket = 0;
        while bucket < BUCKETS.len() {
            let mut number = 0;
            while number < BUCKETS[bucket].len() {
                let stem = BUCKETS[bucket][number];
                if (stem.as_bytes()[0] | 0x20) as usize == byte {
                    stems[filled as usize] = (stem, bucket);
                    filled += 1;
                }
                number += 1;
            }
            bucket += 1;
        }
        ranges[byte] = (start, filled);
        byte += 1;
    }
    (stems, ranges)
};
static STEMS: Stems = TABLE.0;
static RANGES: Ranges = TABLE.1;

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
