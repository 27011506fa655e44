//! The decoders together, on made-up texts.

mod bounds;

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::fmt::Write as _;

/// The same numbers on every run.
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % limit
    }

    /// One of `choices`, which are some.
    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Readable text of so many bytes.
    fn text(&mut self, size: usize) -> Vec<u8> {
        (0..size)
            .map(|_| if self.below(40) == 0 { b'\n' } else { 0x20 + u8::try_from(self.below(95)).unwrap_or(0) })
            .collect()
    }
}

fn hex(bytes: &[u8], upper: bool) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = if upper { write!(out, "{byte:02X}") } else { write!(out, "{byte:02x}") };
        out
    })
}

fn all(text: &[u8]) -> Vec<Layer> {
    let mut out = Vec::new();
    let mut budget = Budget::default();
    runs(text, 0..text.len(), &mut budget, &mut out);
    assert!(!budget.exhausted());
    out
}

/// The layer that holds `wanted`, and where in it.
fn holding<'a>(layers: &'a [Layer], wanted: &[u8]) -> Option<(&'a Layer, usize)> {
    layers.iter().find_map(|layer| {
        let at = layer.bytes.windows(wanted.len()).position(|window| window == wanted)?;
        Some((layer, at))
    })
}

#[test]
fn base64_is_found_in_every_alignment_and_glue() {
    let mut numbers = Numbers::new(1);
    for round in 0..3000 {
        let size = 18 + numbers.below(400);
        let clear = numbers.text(size);
        let (kind, encoded) = match round % 3 {
            0 => (Kind::Base64, STANDARD.encode(&clear)),
            1 => (Kind::Base64, STANDARD_NO_PAD.encode(&clear)),
            _ => (Kind::Base64Url, URL_SAFE_NO_PAD.encode(&clear)),
        };
        let before = numbers.of(&["", "x", "a/", "abc", "key=", "user:", "path/to/", "\"", "\\n", "= ", "--opt="]);
        let after = numbers.of(&["", " ", "\"", "\n", "\\n", ":x", "\n\n", "==", "}"]);
        let text = format!("{before}{encoded}{after}");
        let layers = all(text.as_bytes());
        let found = holding(&layers, &clear);
        assert!(found.is_some(), "{before:?} {after:?} {size}");
        let Some((layer, at)) = found else { continue };
        if encoded.contains(['+', '/', '-', '_']) && before.is_empty() {
            assert_eq!(layer.kind, kind);
        }
        // Each byte leads to the digits that hold its bits.
        let digits = |from: usize, to: usize| {
            let first = before.len() + 8 * from / 6;
            first..before.len() + (8 * to).div_ceil(6)
        };
        for (from, to) in [(0, size), (0, 1), (size - 1, size), (size / 3, size / 2 + 1)] {
            assert_eq!(layer.encoded_span(at + from, at + to), digits(from, to), "{before:?}");
        }
    }
}

#[test]
fn base64_on_many_lines_is_one_layer() {
    let mut numbers = Numbers::new(2);
    for _ in 0..800 {
        let size = 60 + numbers.below(1500);
        let clear = numbers.text(size);
        let encoded = STANDARD.encode(&clear);
        let width = 60 + numbers.below(17);
        let end = numbers.of(&[
            "\n",
            "\r\n",
            "\n    ",
            "\r\n\t",
            "\\n",
            "\\r\\n",
            "\\\\n",
            "\\\n",
            "\n # ",
            "\r\n//\t",
            "\" +\n  \"",
        ]);
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(width).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        let head = numbers.of(&["-----BEGIN THING-----", "key: |", "\"", "data:"]);
        let first = if head.ends_with('"') { "" } else { end };
        let text = format!("{head}{first}{}{end}-----END THING-----\"", lines.join(end));
        let layers = all(text.as_bytes());
        assert_eq!(layers.iter().filter(|layer| layer.kind != Kind::Unicode).count(), 1, "{end:?}");
        let found = holding(&layers, &clear);
        assert!(found.is_some(), "{end:?} {width}");
        let Some((layer, at)) = found else { continue };
        for _ in 0..20 {
            let from = numbers.below(size);
            let to = from + 1 + numbers.below(size - from);
            let place = |digit: usize| head.len() + first.len() + digit + digit / width * end.len();
            let expected = place(8 * from / 6)..place((8 * to).div_ceil(6) - 1) + 1;
            assert_eq!(layer.encoded_span(at + from, at + to), expected);
        }
    }
}

#[test]
fn utf16_in_base64_becomes_utf8() {
    let clear = "Get-Thing -Name 'größe' -Other value";
    for (mark, swap) in [("", false), ("", true), ("\u{FEFF}", false), ("\u{FEFF}", true)] {
        let units = format!("{mark}{clear}").encode_utf16().collect::<Vec<_>>();
        let bytes: Vec<u8> =
            units.iter().flat_map(|unit| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
        for before in ["", "x", "ab", "abc", "-enc "] {
            let text = format!("{before}{}", STANDARD.encode(&bytes));
            let layers = all(text.as_bytes());
            let found = holding(&layers, clear.as_bytes());
            assert!(found.is_some(), "{mark:?} {swap} {before:?}");
            let Some((layer, at)) = found else { continue };
            let start = at + clear.find('ö').unwrap_or(0);
            let unit = mark.chars().count() + clear.chars().take_while(|&c| c != 'ö').count();
            let expected = before.len() + 16 * unit / 6..before.len() + (16 * (unit + 1)).div_ceil(6);
            assert_eq!(layer.encoded_span(start, start + 2), expected);
            assert_eq!(layer.encoded_span(start + 1, start + 2), expected);
        }
    }
}

#[test]
fn hexadecimal_is_found_in_every_alignment_and_glue() {
    let mut numbers = Numbers::new(3);
    for round in 0..2000 {
        let size = 16 + numbers.below(300);
        // Without line ends, so that there is a window in the shortest.
        let clear: Vec<u8> = numbers.text(size).iter().map(|&byte| byte.max(b' ')).collect();
        let encoded = hex(&clear, round % 2 == 0);
        let before = numbers.of(&["", "0x", "key=", "x", "f", "ab0", "'", "\\n"]);
        let text = format!("{before}{encoded}'");
        let layers = all(text.as_bytes());
        let found = holding(&layers, &clear);
        assert!(found.is_some_and(|(layer, _)| layer.kind == Kind::Hex), "{before} {size}");
        let Some((layer, at)) = found else { continue };
        let from = numbers.below(size);
        let to = from + 1 + numbers.below(size - from);
        assert_eq!(layer.encoded_span(at + from, at + to), before.len() + 2 * from..before.len() + 2 * to);
    }
}

#[test]
fn other_long_runs_give_no_layer() {
    let runs = [
        "thisIsAVeryLongCamelCaseIdentifierOfSomeLibrary",
        "src/main/java/org/example/project/module/ClassName",
        "MLX5_IFC_QUERY_SPECIAL_CONTEXTS_OUT_BITS_LENGTH",
        "some_function_with_a_very_long_name_in_snake_case",
        "----------------------------------------------------------------",
        "================================================================",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
        "00000000000000000000000000000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for run in runs {
        assert!(all(run.as_bytes()).is_empty(), "{run}");
    }
    let mut numbers = Numbers::new(4);
    let mut found = 0;
    for _ in 0..500 {
        let noise: Vec<u8> = (0..256).map(|_| u8::try_from(numbers.below(256)).unwrap_or(0)).collect();
        found += all(STANDARD.encode(&noise).as_bytes()).len() + all(hex(&noise, false).as_bytes()).len();
    }
    assert!(found <= 2, "{found}");
}

#[test]
fn text_among_binary_is_found() {
    let mut numbers = Numbers::new(6);
    for _ in 0..300 {
        let mut bytes: Vec<u8> =
            (0..numbers.below(900)).map(|_| u8::try_from(numbers.below(256)).unwrap_or(0)).collect();
        let clear: Vec<u8> = numbers.text(40).iter().map(|&byte| byte.max(b' ')).collect();
        bytes.extend_from_slice(&clear);
        bytes.extend((0..numbers.below(900)).map(|_| 0x80));
        let text = STANDARD.encode(&bytes);
        assert!(holding(&all(text.as_bytes()), &clear).is_some());
    }
}

#[test]
fn layers_lie_in_layers() {
    let mut numbers = Numbers::new(8);
    for _ in 0..200 {
        let clear = numbers.text(60);
        let inner = STANDARD.encode(&clear);
        let forms = [
            STANDARD.encode(format!("key = {inner}\n")),
            hex(inner.as_bytes(), false),
            format!("https://host/?v={}", inner.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))),
            format!("\"{}\"", inner.bytes().fold(String::new(), |text, byte| format!("{text}\\x{byte:02x}"))),
            format!("\"{}\"", inner.bytes().fold(String::new(), |text, byte| format!("{text}\\u00{byte:02X}"))),
            format!("\"\\\"k\\\": \\\"{}\\\"\"", inner.replace('/', "\\/")),
        ];
        for text in &forms {
            let outer = all(text.as_bytes());
            let (layer, at) = holding(&outer, inner.as_bytes()).expect("the outer layer");
            assert!(holding(&all(&layer.bytes), &clear).is_some(), "{text}");
            let span = layer.encoded_span(at, at + inner.len());
            let again = all(text.get(span).unwrap_or_default().as_bytes());
            assert!(holding(&again, inner.as_bytes()).is_some() || layer.kind == Kind::Unicode);
        }
    }
}
