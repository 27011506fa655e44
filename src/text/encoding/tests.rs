//! Made-up texts in every encoding, and bytes that only look like them.

use super::*;

const LE: Encoding = Encoding::Utf16Le { bom: false };
const BE: Encoding = Encoding::Utf16Be { bom: false };

/// The same numbers on every run.
fn numbers(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) % below
    }
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn marks_decide() {
    assert_eq!(detect(b"\xEF\xBB\xBFkey=1"), Encoding::Utf8Bom);
    assert_eq!(detect(b"\xFF\xFEk\0"), Encoding::Utf16Le { bom: true });
    assert_eq!(detect(b"\xFE\xFF\0k\0e"), Encoding::Utf16Be { bom: true });
    assert_eq!(detect(b"\xFF\xFE"), Encoding::Utf16Le { bom: true });
    assert_eq!(detect(b"\xFF\xFE\0\0k\0\0\0"), Encoding::Binary);
    assert_eq!(detect(b"\0\0\xFE\xFF\0\0\0k"), Encoding::Binary);
    assert_eq!(detect(b"\xFF\xFE\x01\0\x02\0\x03\0\0\0\0\0"), Encoding::Binary);
    assert_eq!(detect(b"\xEF\xBB\xBFkey\0"), Encoding::Binary);
}

#[test]
fn utf16_is_known_without_a_mark() {
    let texts = ["key = value\r\nnext = line\r\n", "hi", "пароль: секрет и ещё\n", "パスワードは秘密です。\n次の行\n"];
    for text in texts {
        assert_eq!(detect(&utf16(text, u16::to_le_bytes)), LE, "{text}");
        assert_eq!(detect(&utf16(text, u16::to_be_bytes)), BE, "{text}");
    }
    let mut odd = utf16("odd length at the end", u16::to_le_bytes);
    odd.push(b'x');
    assert_eq!(detect(&odd), LE);
}

#[test]
fn other_bytes_are_text_or_binary() {
    assert_eq!(detect(b""), Encoding::Utf8OrBytes);
    assert_eq!(detect(b"\x1b[1mbold\x1b[0m\t\r\n\x0c"), Encoding::Utf8OrBytes);
    assert_eq!(detect("größer, Größe".as_bytes()), Encoding::Utf8OrBytes);
    assert_eq!(detect(b"gr\xF6\xDFer"), Encoding::Utf8OrBytes);
    assert_eq!(detect(b"\x01\x02\x03abcd"), Encoding::Binary);
    assert_eq!(detect(b"A\0"), Encoding::Binary);
    assert_eq!(detect(b"ABC\0"), Encoding::Binary);
    assert_eq!(detect(b"plain text, then a NUL\0"), Encoding::Binary);
    let names: Vec<u8> = (0..400).flat_map(|n| format!("symbol_{n}\0").into_bytes()).collect();
    assert_eq!(detect(&names), Encoding::Binary);
    let small: Vec<u8> = (0..900_u16).flat_map(|n| (n % 40).to_le_bytes()).collect();
    assert_eq!(detect(&small), Encoding::Binary);
    let mut next = numbers(7);
    for _ in 0..2000 {
        let most = if next(2) == 0 { 60 } else { 400 };
        let size = 2 + next(most);
        let mut noise: Vec<u8> = (0..size).map(|_| u8::try_from(next(256)).unwrap_or(0)).collect();
        noise.push(0);
        assert_eq!(detect(&noise), Encoding::Binary, "{noise:?}");
    }
}

#[test]
fn every_offset_leads_back() {
    let mut next = numbers(99);
    let alphabets = ["abc xyz=\n", "aé世😀\n ", "😀", "é"];
    for round in 0..60 {
        let alphabet: Vec<char> = alphabets[round % alphabets.len()].chars().collect();
        let count = next(3000);
        let text: String =
            (0..count).filter_map(|_| alphabet.get(usize::try_from(next(alphabet.len() as u64)).ok()?)).collect();
        for (bom, big) in [(false, false), (true, false), (false, true), (true, true)] {
            let bytes = if big { u16::to_be_bytes } else { u16::to_le_bytes };
            let marked = if bom { format!("\u{FEFF}{text}") } else { text.clone() };
            let mut file = utf16(&marked, bytes);
            file.extend((round % 2 == 0).then_some(0x41));
            let encoding = if big { Encoding::Utf16Be { bom } } else { Encoding::Utf16Le { bom } };
            let decoded = decode(&file, encoding);
            assert_eq!(&*decoded.bytes, text.as_bytes());
            let mut at = if bom { 2 } else { 0 };
            for (offset, character) in text.char_indices() {
                for inner in offset..offset + character.len_utf8() {
                    assert_eq!(decoded.original(inner), at);
                }
                at += 2 * character.len_utf16();
            }
            assert_eq!(decoded.original(text.len()), at);
            assert_eq!(decoded.original(usize::MAX), at);
        }
    }
}

#[test]
fn the_rest_is_borrowed() {
    let decoded = decode(b"\xEF\xBB\xBFkey", Encoding::Utf8Bom);
    assert!(matches!(decoded.bytes, Cow::Borrowed(b"key")));
    assert_eq!((decoded.original(0), decoded.original(3), decoded.original(9)), (3, 6, 6));
    assert_eq!(decode(b"", LE).original(0), 0);
    assert_eq!(decode(b"x", BE).bytes.len(), 0);
    assert_eq!(decode(b"a\xFFb", Encoding::Utf8OrBytes).original(2), 2);
}

#[test]
fn lone_surrogates_become_replacement_characters() {
    let file: Vec<u8> = [0x61, 0xD800, 0x62, 0xDC00, 0xD800].into_iter().flat_map(u16::to_le_bytes).collect();
    let decoded = decode(&file, LE);
    assert_eq!(&*decoded.bytes, "a\u{FFFD}b\u{FFFD}\u{FFFD}".as_bytes());
    let places = [0, 1, 4, 5, 8, 11].map(|offset| decoded.original(offset));
    assert_eq!(places, [0, 2, 4, 6, 8, 10]);
}
