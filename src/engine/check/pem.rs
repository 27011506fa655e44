//! PEM armour (RFC 7468) as it is found in the wild: indented, quoted, in one line, with written-out `\n`.

use super::codec;

/// A block between its two lines.
pub(super) struct Block {
    /// The words after `BEGIN`.
    pub(super) label: String,
    /// Whether a header says `Proc-Type: 4,ENCRYPTED` (RFC 1421).
    pub(super) is_encrypted: bool,
    /// The text between, with escapes undone and quotes gone, header lines left out.
    pub(super) body: Vec<u8>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Longer than any label.
const LONGEST_LABEL: usize = 64;

/// A line end, an operator and a generous indentation.
const LONGEST_GLUE: usize = 200;

/// More blocks than a file of keys and certificates has.
const MOST_BLOCKS: usize = 64;

/// All whole blocks of a text, in order; a block without its end is left out.
pub(super) fn blocks(text: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    if text.len() > codec::MAX_TEXT {
        return blocks;
    }
    let text = unescape(text);
    let mut rest = &text[..];
    // Counts every beginning, as each costs a search for its end.
    for _ in 0..MOST_BLOCKS {
        let Some((block, after)) = next_block(rest) else { break };
        blocks.extend(block);
        rest = after;
    }
    blocks
}

/// The block of the next `BEGIN`, if it is whole, and what follows that line.
fn next_block(text: &[u8]) -> Option<(Option<Block>, &[u8])> {
    let after = &text[find(text, BEGIN)? + BEGIN.len()..];
    Some((block(after), after))
}

fn block(after: &[u8]) -> Option<Block> {
    let label_end = find(&after[..after.len().min(LONGEST_LABEL)], DASHES)?;
    let label = std::str::from_utf8(&after[..label_end]).ok()?;
    let content = &after[label_end + DASHES.len()..];
    let end = [END, label.as_bytes(), DASHES].concat();
    let content = &content[..find(content, &end)?];
    let mut block = Block { label: label.to_owned(), is_encrypted: false, body: Vec::with_capacity(content.len()) };
    for line in without_diff_marks(content.split(|byte| matches!(byte, b'\n' | b'\r')).collect()) {
        let line = unwrap_line(line);
        match line.iter().position(|&byte| byte == b':') {
            Some(_) if line.starts_with(b"Proc-Type:") => block.is_encrypted |= find(line, b"ENCRYPTED").is_some(),
            Some(_) => {}
            None => {
                block.body.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
                block.body.push(b'\n');
            }
        }
    }
    Some(block)
}

impl Block {
    /// The body as base64, without line ends.
    pub(super) fn decode(&self) -> Option<Vec<u8>> {
        let text: Vec<u8> = self.body.iter().copied().filter(|byte| *byte != b'\n').collect();
        codec::base64(&text)
    }
}

/// Takes off the `+` or `-` that every line of a diff begins with; base64 never does that three times over.
fn without_diff_marks(lines: Vec<&[u8]>) -> Vec<&[u8]> {
    let is_marked = |mark: u8| {
        let mut full = lines.iter().filter(|line| !line.is_empty());
        full.clone().count() >= 3 && full.all(|line| line[0] == mark)
    };
    if !is_marked(b'+') && !is_marked(b'-') {
        return lines;
    }
    lines.into_iter().map(|line| line.get(1..).unwrap_or_default()).collect()
}

/// Takes off what a programming language or a comment puts around a line.
fn unwrap_line(line: &[u8]) -> &[u8] {
    // Between the quotes or next to the only one; the rest is operators and indentation.
    let pieces = line.split(|byte| is_quote(*byte)).map(<[u8]>::trim_ascii);
    let longest = pieces.max_by_key(|piece| piece.len()).unwrap_or_default();
    let is_operator = longest.len() < line.trim_ascii().len() && matches!(longest, b"+" | b"." | b"&");
    let line = if is_operator { b"" } else { longest };
    let is_around =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'#' | b'*' | b'>' | b'|' | b'\\' | b',' | b';');
    let begin = line.iter().position(|byte| !is_around(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !is_around(byte)).map_or(begin, |at| at + 1);
    &line[begin..end]
}

/// Turns written-out escapes into what they mean: `\n`, `\r`, `\t`, `\/`, `\u002b`, also doubly escaped.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        while let Some(after) = rest.strip_prefix(b"\\") {
            rest = after;
        }
        match rest {
            [b'n' | b'r', after @ ..] => {
                plain.push(b'\n');
                rest = &after[glue(after)..];
            }
            [b't', after @ ..] => {
                plain.push(b' ');
                rest = after;
            }
            [b'u', b'0', b'0', high, low, after @ ..] if codec::hex(&[*high, *low]).is_some() => {
                plain.extend(codec::hex(&[*high, *low]).unwrap_or_default());
                rest = after;
            }
            // A slash, a quote, or the end of a line that is continued.
            _ => {}
        }
    }
    plain
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The length of what joins two string literals: the end of one, an operator or nothing, the start of the next.
fn glue(text: &[u8]) -> usize {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'+' | b'.' | b'&' | b',' | b'\\' | b'_');
    if !text.first().is_some_and(|byte| is_quote(*byte)) {
        return 0;
    }
    let inner = text.iter().skip(1).take(LONGEST_GLUE).take_while(|byte| is_between(byte)).count();
    if text.get(inner + 1).is_some_and(|byte| is_quote(*byte)) { inner + 2 } else { 0 }
}

/// Where `needle` first stands.
pub(super) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

/// Writes a block with lines of `width`.
pub(super) fn write(label: &str, bytes: &[u8], width: usize) -> String {
    let body = codec::base64_padded(bytes);
    let lines = body.chunks(width).map(String::from_utf8_lossy);
    let body: Vec<_> = lines.collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", body.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_block(text: &str) -> Block {
        let mut blocks = blocks(text.as_bytes());
        assert_eq!(blocks.len(), 1, "{text}");
        blocks.remove(0)
    }

    #[test]
    fn every_way_of_writing_gives_the_same_bytes() {
        let bytes: Vec<u8> = (0..=255).collect();
        let plain = write("X", &bytes, 64);
        let quoted: Vec<String> = plain.lines().map(|line| format!("    \"{line}\\n\" +")).collect();
        for text in [
            plain.clone(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\n      "),
            plain.replace('\n', "\\n"),
            plain.replace('\n', "\\\\n"),
            plain.replace('\n', "\\r\\n"),
            plain.replace('\n', " "),
            plain.replace('\n', "\n# "),
            plain.replace('/', "\\/").replace('\n', "\\n"),
            plain.replace('+', "\\u002b").replace('\n', "\\n"),
            quoted.join("\n"),
            plain.replace('\n', "\\n\" +\n    \""),
            plain.replace('\n', "\" + \"\\n\" + \""),
            plain.replace('\n', "',\n'"),
            format!("+{}", plain.replace('\n', "\n+")),
            format!("-{}", plain.replace('\n', "\r\n-")),
        ] {
            assert_eq!(only_block(&text).decode().as_deref(), Some(&bytes[..]), "{text}");
        }
    }

    #[test]
    fn headers_are_read_and_left_out() {
        let text = "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END X-----";
        let block = only_block(text);
        assert!(block.is_encrypted);
        assert_eq!(block.decode().as_deref(), Some(&[0, 0, 0][..]));
    }

    #[test]
    fn a_block_without_its_end_is_left_out() {
        assert!(blocks(b"-----BEGIN X-----\nAAAA\n").is_empty());
        assert!(blocks(b"-----BEGIN ").is_empty());
        let nested = blocks(b"-----BEGIN X-----\n-----BEGIN Y-----\nAAAA\n-----END Y-----");
        assert_eq!(nested.iter().map(|block| &block.label[..]).collect::<Vec<_>>(), ["Y"]);
    }
}
