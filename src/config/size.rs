//! Sizes of files, as people write them.

/// Files larger than this are skipped and said to be, unless the configuration says otherwise.
pub const DEFAULT_MAX_SIZE: u64 = 64 * 1024 * 1024;
/// The greatest limit that can be set: a file is read whole.
pub const GREATEST_MAX_SIZE: u64 = 4 * 1024 * 1024 * 1024;

const UNITS: [(&str, u64); 9] = [
    ("", 1),
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("bytes", 1),
];

/// Reads `64 MiB`, `500 KB`, `4096`.
///
/// # Errors
/// What is wrong, as a sentence that says what to write.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_').len();
    let number = text[..digits].replace('_', "").parse::<u64>();
    let unit = text[digits..].trim_start().to_ascii_lowercase();
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let (Ok(number), Some(factor)) = (number, factor) else {
        return Err(
            "this is no size: write a whole number of bytes, KiB, MiB, GiB, KB, MB or GB, as in \"64 MiB\"".to_owned()
        );
    };
    number
        .checked_mul(factor)
        .filter(|bytes| (1..=GREATEST_MAX_SIZE).contains(bytes))
        .ok_or_else(|| format!("a size from 1 byte to {} is meant here", size_text(GREATEST_MAX_SIZE)))
}

pub use crate::text::size as size_text;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        for (text, bytes) in [
            ("64 MiB", Some(64 << 20)),
            ("64mib", Some(64 << 20)),
            (" 1 GB ", Some(1_000_000_000)),
            ("4096", Some(4_096)),
            ("1_000 kB", Some(1_000_000)),
            ("0", None),
            ("-1", None),
            ("1.5 MiB", None),
            ("5 GiB", None),
            ("MiB", None),
            ("", None),
            ("99999999999999999999", None),
            ("9999999999999999999 GiB", None),
            ("1 é", None),
        ] {
            assert_eq!(parse_size(text).ok(), bytes, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_read(bytes in 1..=GREATEST_MAX_SIZE) {
            prop_assert_eq!(parse_size(&size_text(bytes)), Ok(bytes));
        }
    }
}
