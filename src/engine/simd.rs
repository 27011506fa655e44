//! The only module with `unsafe`: 64 bytes of text at a time, turned into masks and lists of places.
//!
//! Why: every byte of everything passes here, and the two questions asked of it (does a long run of token
//! characters begin here? may a literal begin here?) are table look-ups on nibbles, which AVX2 answers for 32 bytes
//! in one instruction and safe scalar code for one. Measured on C source the vector form reads eight times as fast.
//!
//! What makes it sound: the vector functions are called only after the processor was asked for AVX2, and every
//! load lies inside an array of known length that is passed in by reference. There is no other pointer arithmetic.
//! The portable form gives the same masks; a property test compares the two.

use super::masks::{Masks, Places, Step, Windows};

/// Bytes of one step.
pub const STEP: usize = 64;
/// Bytes beyond the step that must be there: the look-ahead of [`RUN`] and of the literals' windows.
pub const BEYOND: usize = 64;
/// A run of at least this many token characters is worth a look.
pub const RUN: usize = 16;

/// Bytes of a literal's window.
pub const WINDOW: usize = 4;

/// Class bits: [`PUNCTUATION`], [`DIGIT`], [`UPPER`] (two), [`LOWER`] (two), [`UNDERSCORE`]. A byte has the bits that
/// the entry of its low nibble and that of its high nibble share.
const CLASS_LOW: [u8; 16] = class_low();
const CLASS_HIGH: [u8; 16] = [0, 0, 1, 2, 4, 8 | 64, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0];
const PUNCTUATION: u8 = 1;
const DIGIT: u8 = 2;
const UPPER: u8 = 4 | 8;
const LOWER: u8 = 16 | 32;
const UNDERSCORE: u8 = 64;

const fn class_low() -> [u8; 16] {
    let mut table = [0; 16];
    let mut low = 0;
    while low < 16 {
        let mut bits = 0;
        if low == 0xB || low >= 0xD {
            bits |= PUNCTUATION;
        }
        if low <= 9 {
            bits |= DIGIT;
        }
        if low >= 1 {
            bits |= 4 | 16;
        }
        if low <= 0xA {
            bits |= 8 | 32;
        }
        if low == 0xF {
            bits |= UNDERSCORE;
        }
        table[low] = bits;
        low += 1;
    }
    table
}

const fn class_of(byte: u8) -> u8 {
    CLASS_LOW[(byte & 15) as usize] & CLASS_HIGH[(byte >> 4) as usize]
}

/// Whether a byte may stand in a token: `[A-Za-z0-9_+/.-]`.
#[must_use]
pub const fn is_token(byte: u8) -> bool {
    class_of(byte) != 0
}

/// Whether a byte is a word character: `[A-Za-z0-9_]`.
#[must_use]
pub const fn is_word(byte: u8) -> bool {
    class_of(byte) & !PUNCTUATION != 0
}

/// Positions from which 16 bits are set, of 128 given as two halves.
const fn runs_of_sixteen(current: u64, next: u64) -> u64 {
    let mut bits = (current as u128) | ((next as u128) << 64);
    bits &= bits >> 1;
    bits &= bits >> 2;
    bits &= bits >> 4;
    bits &= bits >> 8;
    bits as u64
}

/// The search in one of its two forms, chosen once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Plain Rust.
    Portable,
    /// 32 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Backend {
    /// The fastest form that this processor can run.
    #[must_use]
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("bmi1")
            && std::is_x86_feature_detected!("popcnt")
        {
            return Self::Avx2;
        }
        Self::Portable
    }

    /// Goes over `text` in steps. It must be a whole number of steps and [`BEYOND`] more bytes; what is left over is
    /// not looked at. `before` is the byte in front of the text.
    pub fn scan<const SETS: usize>(self, text: &[u8], before: u8, windows: &[Windows; SETS], masks: &mut Masks) {
        masks.clear(text.len());
        if text.len() < STEP + BEYOND {
            return;
        }
        match self {
            Self::Portable => portable(text, before, windows, masks),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made by `detect` alone, after the processor was asked.
            Self::Avx2 => unsafe { avx2::scan(text, before, windows, masks) },
        }
    }

    /// As [`scan`](Self::scan), for the places of literals alone.
    pub fn literals(self, text: &[u8], windows: &[Windows; 2], places: &mut Places) {
        places.clear(text.len());
        match self {
            Self::Portable => {
                for (offset, block) in blocks(text) {
                    places.add(offset, portable_literals(block, windows));
                }
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made by `detect` alone, after the processor was asked.
            Self::Avx2 => unsafe { avx2::literals(text, windows, places) },
        }
    }
}

/// The classes of 64 bytes, a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Classes {
    token: u64,
    digit: u64,
    upper: u64,
    lower: u64,
    word: u64,
}

impl Classes {
    /// Where the class changes; `before` are the classes of the 64 bytes in front, of which the last counts.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the two callers is compiled with more instructions than the rest")]
    const fn changes(&self, before: &Self) -> u64 {
        let digit_before = self.digit << 1 | before.digit >> 63;
        let upper_before = self.upper << 1 | before.upper >> 63;
        let lower_before = self.lower << 1 | before.lower >> 63;
        let both = (self.digit | self.upper | self.lower) & (digit_before | upper_before | lower_before);
        both & !(self.digit & digit_before | self.upper & upper_before | self.lower & lower_before)
    }

    /// What is kept of them.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the two callers is compiled with more instructions than the rest")]
    const fn step(&self, before: &Self) -> Step {
        let letters_before = (self.upper | self.lower) << 1 | (before.upper | before.lower) >> 63;
        let lower_before = self.lower << 1 | before.lower >> 63;
        let parts = self.word & (!letters_before | self.digit | self.upper & lower_before);
        Step { token: self.token, changes: self.changes(before), parts }
    }

    /// Where a word begins that goes on for [`RUN`] token characters.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one of the two callers is compiled with more instructions than the rest")]
    const fn starts(&self, before: &Self, next: &Self) -> u64 {
        let word_before = self.word << 1 | before.word >> 63;
        runs_of_sixteen(self.token, next.token) & self.word & !word_before
    }

    /// The classes of one byte, as the last of 64.
    const fn of_byte_before(byte: u8) -> Self {
        let class = class_of(byte);
        Self {
            token: ((class != 0) as u64) << 63,
            digit: ((class & DIGIT != 0) as u64) << 63,
            upper: ((class & UPPER != 0) as u64) << 63,
            lower: ((class & LOWER != 0) as u64) << 63,
            word: ((class & !PUNCTUATION != 0) as u64) << 63,
        }
    }
}

/// The steps of a text, each with its look-ahead.
fn blocks(text: &[u8]) -> impl Iterator<Item = (u32, &[u8; STEP + BEYOND])> {
    (0u32..).step_by(STEP).zip(text.windows(STEP + BEYOND).step_by(STEP).filter_map(<[u8]>::first_chunk))
}

fn portable_literals<const SETS: usize>(block: &[u8; STEP + BEYOND], windows: &[Windows; SETS]) -> u64 {
    let fits = |at: usize| windows.iter().any(|set| set.fits(&block[at..at + WINDOW]));
    (0..STEP).fold(0, |bits, at| bits | u64::from(fits(at)) << at)
}

fn portable<const SETS: usize>(text: &[u8], before: u8, windows: &[Windows; SETS], masks: &mut Masks) {
    let classes = |bytes: &[u8]| {
        let mut classes = Classes::default();
        for (at, &byte) in bytes.iter().enumerate() {
            let class = class_of(byte);
            classes.token |= u64::from(class != 0) << at;
            classes.digit |= u64::from(class & DIGIT != 0) << at;
            classes.upper |= u64::from(class & UPPER != 0) << at;
            classes.lower |= u64::from(class & LOWER != 0) << at;
            classes.word |= u64::from(class & !PUNCTUATION != 0) << at;
        }
        classes
    };
    let (mut previous, mut last) = (Classes::of_byte_before(before), Classes::default());
    for (offset, block) in blocks(text) {
        let current = classes(&block[..STEP]);
        let next = classes(&block[STEP..]);
        let starts = current.starts(&previous, &next);
        masks.push(offset, current.step(&previous), starts, portable_literals(block, windows));
        (previous, last) = (current, next);
    }
    masks.steps.push(last.step(&previous));
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{
        BEYOND, CLASS_HIGH, CLASS_LOW, Classes, DIGIT, LOWER, Masks, PUNCTUATION, Places, STEP, UPPER, WINDOW, Windows,
        blocks,
    };
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
        _mm256_srli_epi16,
    };

    struct Tables {
        class_low: __m256i,
        class_high: __m256i,
    }

    struct Fitting<const SETS: usize> {
        low: [[__m256i; WINDOW]; SETS],
        high: [[__m256i; WINDOW]; SETS],
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn fitting<const SETS: usize>(windows: &[Windows; SETS]) -> Fitting<SETS> {
        let none = [_mm256_setzero_si256(); WINDOW];
        let mut tables = Fitting { low: [none; SETS], high: [none; SETS] };
        for (set, windows) in windows.iter().enumerate() {
            tables.low[set] = each(&windows.low);
            tables.high[set] = each(&windows.high);
        }
        tables
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn both(table: &[u8; 16]) -> __m256i {
        // SAFETY: the array has the 16 bytes that are loaded.
        let half = unsafe { _mm_loadu_si128(table.as_ptr().cast::<__m128i>()) };
        _mm256_broadcastsi128_si256(half)
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn each(tables: &[[u8; 16]; WINDOW]) -> [__m256i; WINDOW] {
        let mut out = [_mm256_setzero_si256(); WINDOW];
        for (out, table) in out.iter_mut().zip(tables) {
            *out = both(table);
        }
        out
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn load(block: &[u8; STEP + BEYOND], at: usize) -> __m256i {
        let bytes: &[u8; 32] = block[at..at + 32].first_chunk().expect("a slice of 32 bytes");
        // SAFETY: the array has the 32 bytes that are loaded.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) }
    }

    /// The top bits of 32 bytes.
    ///
    /// As an instruction and not as the intrinsic, because the compiler sees through the latter, and turns the shifts and
    /// ands of masks that follow into a hundred moves of single bytes (seen with rustc 1.95; five times as slow).
    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn mask_of(bytes: __m256i) -> u32 {
        let mask: u32;
        // SAFETY: reads one register, writes another, and touches neither memory, stack nor flags.
        unsafe {
            std::arch::asm!("vpmovmskb {mask:e}, {bytes}", mask = lateout(reg) mask, bytes = in(ymm_reg) bytes,
                options(pure, nomem, nostack, preserves_flags));
        }
        mask
    }

    /// Class bits of 32 bytes.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn class(bytes: __m256i, tables: &Tables) -> __m256i {
        let high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
        // A byte of 0x80 or more selects nothing: its top bit makes the shuffle give zero.
        _mm256_and_si256(_mm256_shuffle_epi8(tables.class_low, bytes), _mm256_shuffle_epi8(tables.class_high, high))
    }

    /// Which of 64 bytes have one of the class bits.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn having(halves: [__m256i; 2], bits: u8) -> u64 {
        let (zero, bits) = (_mm256_setzero_si256(), _mm256_set1_epi8(bits.cast_signed()));
        let without = |half| mask_of(_mm256_cmpeq_epi8(_mm256_and_si256(half, bits), zero));
        !(u64::from(without(halves[0])) | u64::from(without(halves[1])) << 32)
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn classes_of_step(block: &[u8; STEP + BEYOND], at: usize, tables: &Tables) -> Classes {
        let halves = [class(load(block, at), tables), class(load(block, at + 32), tables)];
        Classes {
            token: having(halves, u8::MAX),
            digit: having(halves, DIGIT),
            upper: having(halves, UPPER),
            lower: having(halves, LOWER),
            word: having(halves, !PUNCTUATION),
        }
    }

    /// Mask of the positions among 32 where the windows fit.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn windows<const SETS: usize>(block: &[u8; STEP + BEYOND], at: usize, tables: &Fitting<SETS>) -> u32 {
        let nibble = _mm256_set1_epi8(15);
        let mut buckets = [_mm256_set1_epi8(-1); SETS];
        for place in 0..WINDOW {
            let bytes = load(block, at + place);
            // The shuffle looks at the low nibble alone, and gives zero where the top bit is set: that is as it should be
            // everywhere but at the last place, where any byte may fit.
            let low = if place + 1 < WINDOW { bytes } else { _mm256_and_si256(bytes, nibble) };
            let high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
            for (set, bucket) in buckets.iter_mut().enumerate() {
                let fits = _mm256_and_si256(
                    _mm256_shuffle_epi8(tables.low[set][place], low),
                    _mm256_shuffle_epi8(tables.high[set][place], high),
                );
                *bucket = _mm256_and_si256(*bucket, fits);
            }
        }
        let mut any = _mm256_setzero_si256();
        for set in buckets {
            any = _mm256_or_si256(any, set);
        }
        !mask_of(_mm256_cmpeq_epi8(any, _mm256_setzero_si256()))
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn literals_of_step<const SETS: usize>(block: &[u8; STEP + BEYOND], tables: &Fitting<SETS>) -> u64 {
        u64::from(windows(block, 0, tables)) | u64::from(windows(block, 32, tables)) << 32
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub fn literals(text: &[u8], fit: &[Windows; 2], places: &mut Places) {
        let tables = fitting(fit);
        for (offset, block) in blocks(text) {
            places.add(offset, literals_of_step(block, &tables));
        }
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub fn scan<const SETS: usize>(text: &[u8], before: u8, fit: &[Windows; SETS], masks: &mut Masks) {
        let tables = Tables { class_low: both(&CLASS_LOW), class_high: both(&CLASS_HIGH) };
        let fitting = fitting(fit);
        let Some(first) = text.first_chunk::<{ STEP + BEYOND }>() else { return };
        let mut previous = Classes::of_byte_before(before);
        let mut current = classes_of_step(first, 0, &tables);
        let mut step = current.step(&previous);
        let mut offset = 0u32;
        let mut rest = text;
        while let Some(block) = rest.first_chunk::<{ STEP + BEYOND }>() {
            let next = classes_of_step(block, STEP, &tables);
            masks.push(offset, step, current.starts(&previous, &next), literals_of_step(block, &fitting));
            step = next.step(&current);
            (previous, current) = (current, next);
            offset += STEP as u32;
            rest = &rest[STEP..];
        }
        masks.steps.push(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classes_are_the_documented_ones() {
        for byte in 0..=u8::MAX {
            let word = byte.is_ascii_alphanumeric() || byte == b'_';
            assert_eq!(is_word(byte), word, "{byte:#x}");
            assert_eq!(is_token(byte), word || b"+/.-".contains(&byte), "{byte:#x}");
            assert_eq!(is_token(byte), crate::rule::place::is_token(byte), "{byte:#x}");
        }
    }

    proptest! {
        #[test]
        fn both_forms_give_the_same_masks(text in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(b"abkeyKEYtoken0129_-./+ =\n".to_vec()), 1 => any::<u8>()], 0..500), before: u8) {
            let mut windows = Windows::new();
            let window = |text: &[u8]| std::array::from_fn(|at| text.get(at).copied().filter(|&byte| byte != b'?'));
            windows.add(window(b"toke"), 0);
            windows.add(window(b"key"), 1);
            windows.add(window(b"?-/0"), 9);
            let (mut plain, mut fast) = (Masks::default(), Masks::default());
            let mut more = Windows::new();
            more.add(window(b"9??_"), 3);
            let windows = [windows, more];
            Backend::Portable.scan(&text, before, &windows, &mut plain);
            Backend::detect().scan(&text, before, &windows, &mut fast);
            prop_assert_eq!(plain.starts.list(), fast.starts.list());
            prop_assert_eq!(plain.literals.list(), fast.literals.list());
            prop_assert_eq!(&plain.steps, &fast.steps);
            let mut parts = Vec::new();
            fast.each_part(0..text.len().min(fast.known()), |at| parts.push(at));
            let begins = |&at: &usize| {
                let previous = at.checked_sub(1).map_or(before, |at| text[at]);
                is_word(text[at]) && crate::engine::word::begins_part(previous, text[at])
            };
            prop_assert_eq!(parts, (0..text.len().min(fast.known())).filter(begins).collect::<Vec<_>>());
            let (mut plain, mut fast) = (Places::default(), Places::default());
            Backend::Portable.literals(&text, &windows, &mut plain);
            Backend::detect().literals(&text, &windows, &mut fast);
            prop_assert_eq!(plain.list(), fast.list());
        }
    }
}
