//! What is looked at, how much is decoded, and that no input does harm.

use super::super::*;
use super::Numbers;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

#[test]
fn only_what_touches_the_part_is_given() {
    let clear = b"some readable text of a good length, twice";
    let encoded = STANDARD_NO_PAD.encode(clear);
    let text = format!("{} {} {encoded} {} x", ".".repeat(200), "a".repeat(9), ".".repeat(300));
    let (start, end) = (211, 211 + encoded.len());
    let count = |within: Range<usize>| {
        let mut out = Vec::new();
        runs(text.as_bytes(), within, &mut Budget::default(), &mut out);
        assert!(out.iter().all(|layer| layer.bytes == clear && layer.span() == (start..end)));
        out.len()
    };
    for place in 0..text.len() {
        assert_eq!(count(place..place + 1), usize::from((start..end).contains(&place)), "{place}");
        assert_eq!(count(place..place), 0);
    }
    assert_eq!(
        (count(0..start), count(0..start + 1), count(end..text.len()), count(end - 1..usize::MAX)),
        (0, 1, 0, 1)
    );
}

#[test]
fn the_budget_ends_decoding() {
    let clear = "a line of readable text\n".repeat(200_000);
    let text = STANDARD.encode(&clear);
    let mut budget = Budget::default();
    let mut out = Vec::new();
    runs(text.as_bytes(), 0..text.len(), &mut budget, &mut out);
    let total: usize = out.iter().map(|layer| layer.bytes.len()).sum();
    assert!(budget.exhausted() && total <= 1024 * 1024, "{total}");
    let many = format!("{} ", STANDARD.encode("thirty bytes of readable text.")).repeat(2000);
    let (mut budget, mut out) = (Budget::new(usize::MAX, 10), Vec::new());
    runs(many.as_bytes(), 0..many.len(), &mut budget, &mut out);
    assert!(budget.exhausted() && out.len() == 10 && budget.layers == 0);
    for form in ["%41%42%43 ", "\"\\x41\\x42\" ", "41424344454647484950515253545556 "] {
        let text = form.repeat(3000);
        let (mut budget, mut out) = (Budget::new(100, 1000), Vec::new());
        runs(text.as_bytes(), 0..text.len(), &mut budget, &mut out);
        let total: usize = out.iter().map(|layer| layer.bytes.len()).sum();
        assert!(budget.exhausted() && total <= 100, "{form}");
    }
}

#[test]
fn any_bytes_are_safe() {
    let mut numbers = Numbers::new(9);
    let pieces: [&[u8]; 24] = [
        b"\\",
        b"\\n",
        b"\n",
        b"\r\n",
        b"\"",
        b" + ",
        b"%41",
        b"%",
        b"\\x41",
        b"\\u0041",
        b"\\ud83d",
        b"\\u{",
        b"=",
        b"--",
        b"QUJDREVGR0hJSktMTU5PUFFS",
        b"QQBCAEMARABFAEYARwBIAEkASgBL",
        b"4142434445464748494a4b4c4d4e4f50",
        b"    ",
        b"\0",
        b"\xFF",
        b"A",
        b"e",
        b"5",
        b"\\/",
    ];
    for round in 0..20_000_usize {
        let mut text = Vec::new();
        while text.len() < round % 300 {
            if numbers.below(3) == 0 {
                text.push(u8::try_from(numbers.below(256)).unwrap_or(0));
            } else {
                text.extend_from_slice(pieces[numbers.below(pieces.len())]);
            }
        }
        let from = numbers.below(text.len() + 1);
        let within = if round % 2 == 0 { 0..text.len() } else { from..from + numbers.below(400) };
        let mut budget = Budget::new(numbers.below(2000), numbers.below(50));
        let (bytes, mut out) = (budget.bytes, Vec::new());
        runs(&text, within.clone(), &mut budget, &mut out);
        assert!(out.iter().map(|layer| layer.bytes.len()).sum::<usize>() + budget.bytes <= bytes);
        for layer in &out {
            let size = layer.bytes.len();
            let (from, to) = (numbers.below(size + 2), numbers.below(size + 2));
            let span = layer.encoded_span(from, to);
            assert!(span.start <= span.end && span.end <= text.len());
            let (whole, own) = (layer.encoded_span(0, size), layer.span());
            assert!(own.start <= whole.start && whole.end <= own.end, "{whole:?} {own:?}");
            assert!(layer.touches(&within));
        }
        for place in [0, from, text.len()] {
            let _ = (percent_at(&text, place, &mut budget), escape_at(&text, place, &mut budget));
        }
    }
}
