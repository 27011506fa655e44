//! Blocks of 64 bytes as bit masks, and the byte tables of this folder.
//!
//! The two finders here look at every byte that is scanned. They classify a block by arithmetic compares, which the
//! compiler turns into vector code on every machine, and collect the flags into one integer without a bit-gathering
//! instruction: [`packed`] takes one bit of each word, so that the result is the transposed mask (bit `8 * j + k`
//! stands for byte `8 * k + j`), and [`linear`] turns that into reading order where it matters.

/// The bytes of a block.
pub(super) const BLOCK: usize = 64;

/// A bit in each byte.
pub(super) const ONES: u64 = 0x0101_0101_0101_0101;

/// A byte that is no digit of the encoding.
pub(super) const NONE: u8 = 0xFF;

/// The value of each base64 digit, in either alphabet (RFC 4648, sections 4 and 5).
pub(super) static BASE64: [u8; 256] = {
    let mut table = [NONE; 256];
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while value < 64 {
        table[digits[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// The value of each hexadecimal digit.
pub(super) static HEX: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        table[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

/// Whether a byte is one of readable ASCII text.
pub(super) const fn readable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7E | b'\t' | b'\n' | b'\r')
}

/// 0xFF for each byte of `bytes` that is in the class, else 0.
#[inline]
fn flags(bytes: &[u8; BLOCK], class: impl Fn(u8) -> bool) -> [u8; BLOCK] {
    // The copy saves the compiler a check whether the arrays overlap.
    let mut flags = *bytes;
    for flag in &mut flags {
        *flag = 0_u8.wrapping_sub(u8::from(class(*flag)));
    }
    flags
}

/// The bytes of a block that are in the class, as a transposed mask: bit `8 * j + k` stands for byte `8 * k + j`.
#[inline]
pub(super) fn packed(block: &[u8; BLOCK], class: impl Fn(u8) -> bool) -> u64 {
    let [even, odd] = lanes(block, class);
    even | odd
}

/// The two halves of what [`packed`] gives: the words with an even `k`, and the others.
#[inline]
pub(super) fn lanes(block: &[u8; BLOCK], class: impl Fn(u8) -> bool) -> [u64; 2] {
    let mut lanes = [0; 2];
    for (k, pair) in flags(block, class).as_chunks::<16>().0.iter().enumerate() {
        for (lane, word) in pair.as_chunks::<8>().0.iter().enumerate() {
            lanes[lane] |= u64::from_le_bytes(*word) & (ONES << (2 * k + lane));
        }
    }
    lanes
}

/// A transposed mask in reading order: bit `n` stands for byte `n` of the block.
///
/// The transposition of 8 x 8 bits of Hacker's Delight (Warren, section 7-3).
#[inline]
pub(super) const fn linear(packed: u64) -> u64 {
    let swap = (packed ^ (packed >> 7)) & 0x00AA_00AA_00AA_00AA;
    let packed = packed ^ swap ^ (swap << 7);
    let swap = (packed ^ (packed >> 14)) & 0x0000_CCCC_0000_CCCC;
    let packed = packed ^ swap ^ (swap << 14);
    let swap = (packed ^ (packed >> 28)) & 0x0000_0000_F0F0_F0F0;
    packed ^ swap ^ (swap << 28)
}

/// Up to 64 bytes, filled up with NUL.
pub(super) fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (to, from) in block.iter_mut().zip(rest) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_in_reading_order() {
        for n in 0..64_usize {
            let mut block = [b' '; 64];
            block[n] = b'x';
            let mask = packed(&block, |byte| byte == b'x');
            assert_eq!(mask, 1 << (8 * (n % 8) + n / 8));
            assert_eq!(linear(mask), 1 << n);
        }
    }
}
