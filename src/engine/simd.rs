//! The only module with `unsafe`: 64 bytes of text at a time, turned into masks and lists of places.
//!
//! Why: every byte of everything passes here, and the two questions asked of it (does a long run of token
//! characters begin here? may a literal begin here?) are table look-ups, which AVX2 answers for the nibbles of 32 bytes in one
//! instruction, AVX-512 for 64 whole bytes, and safe scalar code for one. C source is searched ten times as fast with AVX2 as with
//! the latter, and with AVX-512 seventeen times: a table of bytes lets far less through than two of nibbles.
//!
//! What makes it sound: the vector functions are called only after the processor was asked for their instructions, and every
//! load lies inside an array of known length that is passed in by reference. There is no other pointer arithmetic.
//! All forms give the same masks, and places of literals that hold every place of one; a property test compares them.

use super::classes::{Classes, DIGIT, Edge, LOWER, PUNCTUATION, UPPER, class_of};
use super::masks::{Masks, Places, Windows};

pub use super::classes::{is_token, is_word};

/// Bytes of one step.
pub const STEP: usize = 64;
/// Bytes beyond the step that must be there: the look-ahead of [`RUN`] and of the literals' windows.
pub const BEYOND: usize = 64;
/// A run of at least this many token characters is worth a look.
pub const RUN: usize = 16;

/// Bytes of a literal's window.
pub const WINDOW: usize = 4;

/// The search in one of its forms, chosen once. Only those that the processor can run can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backend(Form);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Plain Rust.
    Portable,
    /// 32 bytes at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 64 bytes at a time, and tables of 128 entries.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Backend {
    /// The fastest form that this processor can run.
    #[must_use]
    pub fn detect() -> Self {
        Self::all().next().unwrap_or(Self(Form::Portable))
    }

    /// All forms that this processor can run, the fastest first.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let vectors = {
            let is_avx2 = std::is_x86_feature_detected!("avx2")
                && std::is_x86_feature_detected!("bmi1")
                && std::is_x86_feature_detected!("popcnt");
            let is_avx512 = is_avx2
                && std::is_x86_feature_detected!("avx512f")
                && std::is_x86_feature_detected!("avx512bw")
                && std::is_x86_feature_detected!("avx512vbmi");
            [is_avx512.then_some(Form::Avx512), is_avx2.then_some(Form::Avx2)]
        };
        #[cfg(not(target_arch = "x86_64"))]
        let vectors: [Option<Form>; 0] = [];
        vectors.into_iter().flatten().chain([Form::Portable]).map(Self)
    }

    /// Goes over `text` in steps. It must be a whole number of steps and [`BEYOND`] more bytes; what is left over is
    /// not looked at. `before` is the byte in front of the text.
    pub fn scan<const SETS: usize>(self, text: &[u8], before: u8, windows: &[Windows; SETS], masks: &mut Masks) {
        masks.clear(text.len());
        if text.len() < STEP + BEYOND {
            return;
        }
        match self.0 {
            Form::Portable => portable(text, before, windows, masks),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this form is made by `all` alone, after the processor was asked.
            Form::Avx2 => unsafe { avx2::scan(text, before, windows, masks) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Form::Avx512 => unsafe { avx512::scan(text, before, windows, masks) },
        }
    }

    /// As [`scan`](Self::scan), for the places of literals alone.
    pub fn literals<const SETS: usize>(self, text: &[u8], windows: &[Windows; SETS], places: &mut Places) {
        places.clear(text.len());
        match self.0 {
            Form::Portable => {
                for (offset, block) in blocks(text) {
                    places.add(offset, portable_literals(block, windows));
                }
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this form is made by `all` alone, after the processor was asked.
            Form::Avx2 => unsafe { avx2::literals(text, windows, places) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Form::Avx512 => unsafe { avx512::literals(text, windows, places) },
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
    let (mut edge, mut last) = (Edge::of(before), Classes::default());
    for (offset, block) in blocks(text) {
        let current = classes(&block[..STEP]);
        last = classes(&block[STEP..]);
        let starts = current.starts(edge, last.token);
        masks.push(offset, current.step(edge), starts, portable_literals(block, windows));
        edge = current.edge();
    }
    masks.steps.push(last.step(edge));
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::super::classes::{CLASS_HIGH, CLASS_LOW};
    use super::{
        BEYOND, Classes, DIGIT, Edge, LOWER, Masks, PUNCTUATION, Places, STEP, UPPER, WINDOW, Windows, blocks,
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
    pub fn literals<const SETS: usize>(text: &[u8], fit: &[Windows; SETS], places: &mut Places) {
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
        let (mut edge, mut current) = (Edge::of(before), classes_of_step(first, 0, &tables));
        let mut offset = 0u32;
        let mut rest = text;
        while let Some(block) = rest.first_chunk::<{ STEP + BEYOND }>() {
            let next = classes_of_step(block, STEP, &tables);
            let starts = current.starts(edge, next.token);
            masks.push(offset, current.step(edge), starts, literals_of_step(block, &fitting));
            (edge, current) = (current.edge(), next);
            offset += STEP as u32;
            rest = &rest[STEP..];
        }
        masks.steps.push(current.step(edge));
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{
        BEYOND, Classes, DIGIT, Edge, LOWER, Masks, PUNCTUATION, Places, STEP, UPPER, Windows, blocks, class_of,
    };
    use std::arch::x86_64::{
        __m512i, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask, _mm512_permutex2var_epi8,
        _mm512_set1_epi8, _mm512_ternarylogic_epi32, _mm512_test_epi8_mask,
    };

    /// The class of each byte of ASCII.
    const CLASSES: [u8; 128] = {
        let mut table = [0; 128];
        let mut byte = 0;
        while byte < 128 {
            table[byte] = class_of(byte as u8);
            byte += 1;
        }
        table
    };

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx2,bmi1,popcnt")]
    fn load(bytes: &[u8], at: usize) -> __m512i {
        let bytes: &[u8; 64] = bytes[at..at + 64].first_chunk().expect("a slice of 64 bytes");
        // SAFETY: the array has the 64 bytes that are loaded.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast::<__m512i>()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx2,bmi1,popcnt")]
    fn classes_of_step(block: &[u8; STEP + BEYOND], at: usize, classes: &[u8; 128]) -> Classes {
        let bytes = load(block, at);
        let ascii = !_mm512_movepi8_mask(bytes);
        let class = _mm512_maskz_permutex2var_epi8(ascii, load(classes, 0), bytes, load(classes, 64));
        let having = |bits: u8| _mm512_test_epi8_mask(class, _mm512_set1_epi8(bits.cast_signed()));
        Classes {
            token: having(u8::MAX),
            digit: having(DIGIT),
            upper: having(UPPER),
            lower: having(LOWER),
            word: having(!PUNCTUATION),
        }
    }

    /// Where the windows fit, looking at no byte's top bit.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx2,bmi1,popcnt")]
    fn literals_of_step<const SETS: usize>(block: &[u8; STEP + BEYOND], windows: &[Windows; SETS]) -> u64 {
        let bytes = [load(block, 0), load(block, 1), load(block, 2), load(block, 3)];
        let mut fits = 0;
        for set in windows {
            let table = |place: usize, at: usize| load(&set.exact[place], at);
            let at = |place: usize| _mm512_permutex2var_epi8(table(place, 0), bytes[place], table(place, 64));
            let three = _mm512_ternarylogic_epi32::<0x80>(at(0), at(1), at(2));
            fits |= _mm512_test_epi8_mask(three, at(3));
        }
        fits
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx2,bmi1,popcnt")]
    pub fn literals<const SETS: usize>(text: &[u8], fit: &[Windows; SETS], places: &mut Places) {
        for (offset, block) in blocks(text) {
            places.add(offset, literals_of_step(block, fit));
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx2,bmi1,popcnt")]
    pub fn scan<const SETS: usize>(text: &[u8], before: u8, fit: &[Windows; SETS], masks: &mut Masks) {
        let classes = &CLASSES;
        let Some(first) = text.first_chunk::<{ STEP + BEYOND }>() else { return };
        let (mut edge, mut current) = (Edge::of(before), classes_of_step(first, 0, classes));
        let mut offset = 0u32;
        let mut rest = text;
        while let Some(block) = rest.first_chunk::<{ STEP + BEYOND }>() {
            let next = classes_of_step(block, STEP, classes);
            let starts = current.starts(edge, next.token);
            masks.push(offset, current.step(edge), starts, literals_of_step(block, fit));
            (edge, current) = (current.edge(), next);
            offset += STEP as u32;
            rest = &rest[STEP..];
        }
        masks.steps.push(current.step(edge));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::word::is_plain_identifier;
    use proptest::prelude::*;

    fn window(text: &[u8]) -> [Option<u8>; WINDOW] {
        std::array::from_fn(|at| text.get(at).copied())
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => prop::sample::select(b"abkeyKEYtoken0129_-./+ =\n".to_vec()), 1 => any::<u8>()];
        let mixed = prop::collection::vec(byte, 0..500);
        let names =
            "([a-z]{1,9}|[A-Z][a-z]{0,6}|[0-9]{1,3}|[a-zA-Z0-9]{4}|[-_./ ]|[a-f0-9]{8}(-[a-f0-9]{4}){3}-){0,60}";
        prop_oneof![mixed, names.prop_map(String::into_bytes)]
    }

    proptest! {
        #[test]
        fn all_forms_give_the_same(text in text(), before: u8) {
            let list = [&b"toke"[..], b"key"].map(window);
            let (mut first, mut second) = (Windows::new(), Windows::new());
            first.add(list[0], 0);
            second.add(list[1], 3);
            let windows = [first, second];
            let fits = |at: usize| list.iter().any(|window| window.iter().enumerate().all(|(place, own)| {
                own.is_none_or(|own| text[at + place].eq_ignore_ascii_case(&own))
            }));
            let (mut plain, mut fast) = (Masks::default(), Masks::default());
            Backend(Form::Portable).scan(&text, before, &windows, &mut plain);
            let known = plain.steps.len().saturating_sub(1) * STEP;
            for form in Backend::all() {
                form.scan(&text, before, &windows, &mut fast);
                prop_assert_eq!(plain.starts.list(), fast.starts.list());
                prop_assert_eq!(&plain.steps, &fast.steps);
                let mut places = Places::default();
                form.literals(&text, &windows, &mut places);
                prop_assert_eq!(places.list(), fast.literals.list());
                let missing = (0..known).find(|&at| fits(at) && !places.list().contains(&(at as u32)));
                prop_assert_eq!(missing, None, "{:?}", form);
                for &start in fast.starts.list() {
                    let name = is_plain_identifier(&text, start as usize);
                    prop_assert!(fast.is_name(start).is_none_or(|told| told == name), "{start}");
                }
                fast.retain_starts(|_| false);
                let lost = plain.starts.list().iter().find(|start| !fast.starts.list().contains(start)
                    && !is_plain_identifier(&text, **start as usize));
                prop_assert_eq!(lost, None);
            }
        }
    }
}
