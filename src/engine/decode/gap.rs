//! What may stand between two digits of one encoded text: line ends, real or escaped, indentation and comment
//! marks behind them, and quotes of joined strings.
//!
//! Each gap is read in both directions, because a text is found in the middle. Whether the text goes on behind a gap is
//! left to `grow`, which sees from the decoded bytes whether it does.

/// The longest gap, in bytes: the end of a line and the indentation of the next.
pub(super) const GAP: usize = 80;

/// The most backslashes of an escaped line end; more than one where a string was escaped again.
const BACKSLASHES: usize = 4;

/// What a line of a comment or of a quoted mail begins with; a blank follows.
const MARKS: [&[u8]; 5] = [b"#", b"*", b">", b";", b"//"];

/// Where the text goes on behind the gap that begins at `at`, if one does.
pub(super) fn after(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let rest = rest.get(..GAP).unwrap_or(rest);
    let size = match rest {
        // JSON may escape the slash.
        [b'\\', b'/', ..] => return Some(at + 1),
        [b'\\', b'\r' | b'\n', ..] => 1 + line_end(rest.get(1..)?)?,
        [b'\\', ..] => escaped_line_ends(rest)?,
        [b'\r' | b'\n', ..] => line_end(rest)?,
        [quote @ (b'"' | b'\''), between @ ..] => {
            let size = between.iter().take_while(|&&byte| joins(byte)).count();
            return (size > 0 && between.get(size) == Some(quote)).then_some(at + 2 + size);
        }
        _ => return None,
    };
    let line = rest.get(size..)?;
    let line = line.get(line.iter().take_while(|&&byte| is_blank(byte)).count()..)?;
    let mark = MARKS
        .into_iter()
        .find_map(|mark| line.strip_prefix(mark).filter(|line| line.first().copied().is_some_and(is_blank)));
    let line = mark.unwrap_or(line);
    let blanks = line.iter().take_while(|&&byte| is_blank(byte)).count();
    Some(at + rest.len() - line.len() + blanks)
}

/// Where the gap begins that ends before the byte at `at`, if there is one; not before `floor`.
pub(super) fn before(text: &[u8], floor: usize, at: usize) -> Option<usize> {
    let from = floor.max(at.saturating_sub(GAP));
    let rest = text.get(from..at)?;
    match rest {
        [.., b'\\'] => return (text.get(at) == Some(&b'/')).then_some(at - 1),
        [between @ .., quote @ (b'"' | b'\'')] => {
            let size = between.iter().rev().take_while(|&&byte| joins(byte)).count();
            let start = between.len().checked_sub(size + 1)?;
            return (size > 0 && between.get(start) == Some(quote)).then_some(from + start);
        }
        _ => {}
    }
    let line = outdented(rest);
    let mark =
        MARKS.into_iter().find_map(|mark| line.strip_suffix(mark).map(outdented)).filter(|line| line.ends_with(b"\n"));
    let rest = mark.filter(|_| line.len() < rest.len()).unwrap_or(line);
    if let Some(line) = rest.strip_suffix(b"\n") {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        return Some(from + line.strip_suffix(b"\\").unwrap_or(line).len());
    }
    let mut line = rest;
    while let [front @ .., b'n' | b'r'] = line {
        let slashes = front.iter().rev().take(BACKSLASHES).take_while(|&&byte| byte == b'\\').count();
        if slashes == 0 {
            break;
        }
        line = front.get(..front.len() - slashes)?;
    }
    (line.len() < rest.len()).then_some(from + line.len())
}

/// The bytes of the line end that `rest` begins with.
fn line_end(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n', ..] => Some(1),
        _ => None,
    }
}

/// The bytes of the `\n` and `\r\n` that `rest` begins with.
fn escaped_line_ends(rest: &[u8]) -> Option<usize> {
    let mut size = 0;
    loop {
        let here = rest.get(size..)?;
        let slashes = here.iter().take(BACKSLASHES).take_while(|&&byte| byte == b'\\').count();
        if slashes == 0 || !matches!(here.get(slashes), Some(b'n' | b'r')) {
            return (size > 0).then_some(size);
        }
        size += slashes + 1;
    }
}

/// A line without the blanks at its end.
fn outdented(line: &[u8]) -> &[u8] {
    let blanks = line.iter().rev().take_while(|&&byte| is_blank(byte)).count();
    line.get(..line.len() - blanks).unwrap_or(line)
}

/// Whether a byte may stand between the quotes of two strings that a program joins.
const fn joins(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'+' | b'.' | b'\\')
}

/// Whether a byte indents a line.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_the_same_in_both_directions() {
        let gaps = [
            "\n",
            "\r\n",
            "\n    ",
            "\r\n\t",
            "\\n",
            "\\r\\n",
            "\\\\n",
            "\\\\r\\\\n  ",
            "\\\n",
            "\\\r\n  ",
            "\" +\n    \"",
            "' \\\n'",
            "\" \"",
            "\".\n\"",
            "\n# ",
            "\r\n   //  ",
            "\n * ",
            "\n> ",
        ];
        for gap in gaps {
            let text = format!("QUJD{gap}QUJD");
            assert_eq!(after(text.as_bytes(), 4), Some(4 + gap.len()), "{gap:?}");
            assert_eq!(before(text.as_bytes(), 0, 4 + gap.len()), Some(4), "{gap:?}");
            assert_eq!(before(text.as_bytes(), 4, 4 + gap.len()), Some(4), "{gap:?}");
        }
        assert_eq!(after(b"QU\\/JD", 2), Some(3));
        assert_eq!(before(b"QU\\/JD", 0, 3), Some(2));
    }

    #[test]
    fn other_bytes_are_no_gap() {
        for text in [
            "QUJD QUJD",
            "QUJD\n\nQUJD",
            "QUJD\",\"QUJD",
            "QUJD\"\"QUJD",
            "QUJD\\tQUJD",
            "QUJD\"\n'QUJD",
            "QUJD # QUJD",
            "QUJD\n#QUJD",
            "QUJD",
        ] {
            assert!(after(text.as_bytes(), 4).is_none_or(|at| !text[at..].starts_with('Q')), "{text:?}");
            let start = text.len() - 4;
            assert!(before(text.as_bytes(), 0, start).is_none_or(|at| !text[..at].ends_with('D')), "{text:?}");
        }
    }
}
