//! Finds key, operator and value around a word, in any of the languages in which people assign.

use std::ops::Range;

/// The longest key that is read, in bytes.
const MAX_KEY: usize = 80;
/// The longest value that is read, in bytes.
pub const MAX_VALUE: usize = 2048;
/// How many blanks may stand at one place.
const MAX_BLANKS: usize = 64;

/// What stands between key and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `+=`, `?=`, `||=`.
    Equals,
    /// `:`.
    Colon,
    /// `==`, `!=`, `===`: a comparison with a constant.
    Compare,
    /// `(` or `,`: an argument.
    Argument,
    /// `<key>value</key>`.
    Element,
    /// `--key value`, `password value`, `IDENTIFIED BY 'value'`.
    Blank,
    /// `Bearer value`, `Basic value`: the scheme of an HTTP header (RFC 7617, RFC 6750) is the key.
    Scheme,
}

/// Schemes whose credentials follow behind a blank.
const SCHEMES: [&[u8]; 2] = [b"bearer", b"basic"];

/// How the value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Between `"`, `'` or `` ` ``, escaped ones included.
    Quoted,
    /// As a bare word.
    Bare,
}

/// An assignment in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The key's name.
    pub key: Range<usize>,
    /// What assigns.
    pub operator: Operator,
    /// The value, without quotes.
    pub value: Range<usize>,
    /// How it is written.
    pub quote: Quote,
}

/// Reads the assignment whose key holds the word at `word`.
#[must_use]
pub fn read(text: &[u8], word: Range<usize>) -> Option<Assignment> {
    let key = key_around(text, &word)?;
    let is_flag = text[..key.start].ends_with(b"--")
        || (text[..key.start].ends_with(b"-") && !text[..key.start].ends_with(b"--"));
    let is_scheme = SCHEMES.iter().any(|scheme| text[key.clone()].eq_ignore_ascii_case(scheme));
    let (operator, at) = if is_scheme && text.get(key.end) == Some(&b' ') {
        (Operator::Scheme, key.end)
    } else {
        operator(text, &key, is_flag)?
    };
    let (value, quote) = value(&text[..lines_end(text, at)], at, operator)?;
    Some(Assignment { key, operator, value, quote })
}

/// How many line ends there may be between an operator and the end of its value.
pub const LINES: usize = 6;
/// How far before a trigger anything is looked at, in bytes.
pub const REACH_BEFORE: usize = MAX_KEY + 16;
/// How far behind the beginning of a trigger anything is looked at, in bytes; and never more than [`LINES`] lines on from
/// the operator.
pub const REACH_AFTER: usize = 2 * MAX_KEY + 4 * MAX_BLANKS + 256 + MAX_VALUE;

/// Where the lines end that a value may take up. What an assignment is must not depend on what stands far behind it:
/// the search in history looks again only at what lies near a change.
fn lines_end(text: &[u8], at: usize) -> usize {
    let limit = text.len().min(at + MAX_VALUE + 2 * MAX_BLANKS + 256);
    memchr::memchr_iter(b'\n', &text[at..limit]).nth(LINES - 1).map_or(limit, |end| at + end)
}

const fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The last component of the dotted name around a word.
fn key_around(text: &[u8], word: &Range<usize>) -> Option<Range<usize>> {
    let first = word.start.saturating_sub(MAX_KEY);
    let mut start = first + text[first..word.start].iter().rposition(|&byte| !is_key_byte(byte)).map_or(0, |at| at + 1);
    let last = text.len().min(word.end + MAX_KEY);
    let end = word.end + text[word.end..last].iter().position(|&byte| !is_key_byte(byte)).unwrap_or(last - word.end);
    while start < word.start && text[start] == b'-' {
        start += 1;
    }
    // `\nPASSWORD=`: the letter belongs to the escape, not to the name.
    if start > 0 && text[start - 1] == b'\\' && start < word.start && matches!(text[start], b'n' | b't' | b'r') {
        start += 1;
    }
    (end - start <= MAX_KEY).then_some(start..end)
}

fn skip_blanks(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take(MAX_BLANKS).take_while(|&&byte| byte == b' ' || byte == b'\t').count()
}

/// A quote at `at`, plain or escaped, and its length.
fn quote_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    match (text.get(at)?, text.get(at + 1), text.get(at + 2)) {
        (&quote @ (b'"' | b'\'' | b'`'), ..) => Some((quote, 1)),
        (b'\\', Some(&quote @ (b'"' | b'\'')), _) => Some((quote, 2)),
        (b'\\', Some(b'\\'), Some(&quote @ b'"')) => Some((quote, 3)),
        // Typographic quotes, as word processors make them.
        (0xE2, Some(0x80), Some(0x98 | 0x99 | 0x9C | 0x9D)) => Some((0xE2, 3)),
        _ => None,
    }
}

/// What closes the name: `"]`, `')`, `` ` ``.
fn skip_closing(text: &[u8], mut at: usize) -> usize {
    let mut quoted = false;
    for _ in 0..4 {
        match (quote_at(text, at), text.get(at)) {
            (Some((_, length)), _) if !quoted => {
                at += length;
                quoted = true;
            }
            (None, Some(b']' | b'}' | b'?' | b'*' | b')')) => at += 1,
            _ => break,
        }
    }
    at
}

fn operator(text: &[u8], key: &Range<usize>, is_flag: bool) -> Option<(Operator, usize)> {
    let key_end = key.end;
    let closed = skip_closing(text, key_end);
    // `"Change password" => …`: a text for people, of which the word is the end.
    if closed > key_end && key.start > 1 && text[key.start - 1] == b' ' && text[key.start - 2].is_ascii_alphabetic() {
        return None;
    }
    let at = skip_blanks(text, closed);
    let rest = &text[at..text.len().min(at + 48)];
    let (operator, length) = match rest {
        [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'=', b'=', ..] | [b'!', b'=', ..] => (Operator::Compare, 2),
        [b'=', b'>', ..] | [b':', b'=', ..] | [b'+', b'=', ..] | [b'?', b'=', ..] | [b'-', b'>', ..] => {
            (Operator::Equals, 2)
        }
        [b'|', b'|', b'=', ..] => (Operator::Equals, 3),
        [b'=', ..] => (Operator::Equals, 1),
        [b':', ..] => return Some(behind_type(text, at + 1)),
        [b',', ..] if closed > key_end => (Operator::Argument, 1),
        [b'(', ..] => (Operator::Argument, 1),
        [b'>', ..] => (Operator::Element, 1),
        _ => return blank_operator(text, at, key_end, is_flag),
    };
    Some((operator, at + length))
}

/// Behind `name:` a type may come before the `=`: `name: str = "x"`, `name: &'static str = "x"`.
fn behind_type(text: &[u8], at: usize) -> (Operator, usize) {
    let limit = text.len().min(at + 40);
    let line = &text[at..limit];
    let stop = line
        .iter()
        .position(|&byte| matches!(byte, b'\n' | b'"' | b',' | b';' | b'{' | b'(' | b'`'))
        .unwrap_or(line.len());
    if let Some(equals) = line[..stop].iter().position(|&byte| byte == b'=') {
        let between = line[..equals].trim_ascii();
        let is_type = !between.is_empty()
            && between.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"_&'<>[]?.| *".contains(&byte));
        let quoted = between.first() == Some(&b'\'');
        let begins_type =
            between.first().is_some_and(|&byte| byte == b'&' || byte == b'*' || byte.is_ascii_alphabetic());
        if is_type
            && !quoted
            && begins_type
            && line.get(equals + 1) != Some(&b'=')
            && between.len() < 28
            && line[..equals].starts_with(b" ")
            && line[..equals].ends_with(b" ")
        {
            return (Operator::Equals, at + equals + 1);
        }
    }
    (Operator::Colon, at)
}

/// `--password value`, `PASSWORD 'value'`, `IDENTIFIED BY 'value'`.
fn blank_operator(text: &[u8], at: usize, key_end: usize, is_flag: bool) -> Option<(Operator, usize)> {
    if at == key_end {
        return None;
    }
    let rest = &text[at..];
    let is_keyword = rest
        .get(..3)
        .is_some_and(|word| [b"is ", b"by ", b"to "].iter().any(|known| word.eq_ignore_ascii_case(*known)));
    let at = if is_keyword { at + 3 } else { at };
    (is_flag || quote_at(text, at).is_some() || is_keyword).then_some((Operator::Blank, at))
}

/// Calls that only wrap a constant.
const WRAPPERS: &[&str] = &[
    "[]byte(",
    "bytes(",
    "Bytes(",
    "Buffer.from(",
    "new String(",
    "String(",
    "String.valueOf(",
    "str(",
    "Some(",
    "Ok(",
    "SecretString::new(",
    "String::from(",
    "to_string(",
    "std::string(",
    "new SecureString(",
    "ConvertTo-SecureString ",
    "-String ",
    "base64.b64decode(",
    "atob(",
    "b64decode(",
    "encodeURIComponent(",
    "SecretStr(",
    "Secret(",
    "quote(",
    "text(",
    "String.raw",
    "_(",
    "{ value: ",
    "{value: ",
    "{ default: ",
    "{default: ",
    "[",
    "&",
    "*",
    "new StringCredentialValue(",
    "StringCredentialValue(",
    "pulumi.secret(",
    "cdk.SecretValue.unsafePlainText(",
    "aws.String(",
    "to.StringPtr(",
    "String.format(",
];

fn value(text: &[u8], mut at: usize, operator: Operator) -> Option<(Range<usize>, Quote)> {
    at = skip_blanks(text, at);
    if operator != Operator::Element && matches!(text.get(at), Some(b'\n' | b'\r' | b'\\')) {
        let next = behind_line_end(text, at);
        if next != at {
            at = next;
            quote_at(text, at)?;
        }
    } else if operator == Operator::Element {
        at += text[at..].iter().take(MAX_BLANKS).take_while(|byte| byte.is_ascii_whitespace()).count();
    }
    for _ in 0..3 {
        let rest = &text[at..text.len().min(at + 40)];
        // The first byte is asked for by itself because it nearly always decides, and comparing slices is a call.
        let begins =
            |wrapper: &&&str| wrapper.as_bytes().first() == rest.first() && rest.starts_with(wrapper.as_bytes());
        let Some(wrapper) = WRAPPERS.iter().find(begins) else { break };
        at = skip_blanks(text, at + wrapper.len());
    }
    let prefix = literal_prefix(text, at);
    match quote_at(text, at + prefix) {
        Some((quote, length)) => quoted(text, at + prefix + length, quote, length).map(|range| (range, Quote::Quoted)),
        None => bare(text, at, operator).map(|range| (range, Quote::Bare)),
    }
}

/// Behind one line's end (or an escaped one) and the blanks of the next line.
fn behind_line_end(text: &[u8], at: usize) -> usize {
    let line_end = match &text[at..text.len().min(at + 3)] {
        [b'\\', b'\r', b'\n'] => 3,
        [b'\r', b'\n', ..] | [b'\\', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return at,
    };
    skip_blanks(text, at + line_end)
}

/// The length of `b`, `r`, `u`, `f`, `rb`, `L`, `@`, `$@`, `N`, `r#` before a quote.
fn literal_prefix(text: &[u8], at: usize) -> usize {
    let rest = &text[at..text.len().min(at + 5)];
    let length = rest.iter().take(4).take_while(|&&byte| b"bBrRuUfFlLnN@$#".contains(&byte)).count();
    let quoted = rest.get(length).is_some_and(|&byte| matches!(byte, b'"' | b'\'' | b'`'));
    if quoted { length } else { 0 }
}

/// Up to the closing quote on the same line; of `"""` up to the next `"""`.
fn quoted(text: &[u8], mut at: usize, quote: u8, opening: usize) -> Option<Range<usize>> {
    let triple = opening == 1 && text.get(at..at + 2) == Some(&[quote, quote]);
    if triple {
        at += 2;
        at += text[at..].iter().take(2).take_while(|&&byte| byte == b'\n' || byte == b'\r').count();
    }
    let limit = text.len().min(at + MAX_VALUE);
    let mut end = at;
    while end < limit {
        let byte = text[end];
        if byte == b'\n' {
            return triple.then_some(at..end);
        }
        let closes = match opening {
            1 => byte == quote,
            3 if quote == 0xE2 => text[end..].starts_with(&[0xE2, 0x80]),
            _ => {
                byte == b'\\' && quote_at(text, end).is_some_and(|(found, length)| found == quote && length <= opening)
            }
        };
        if closes {
            return Some(at..end);
        }
        end += if opening == 1 && byte == b'\\' { 2 } else { 1 };
    }
    None
}

/// Up to a blank or a sign that ends a bare word.
fn bare(text: &[u8], at: usize, operator: Operator) -> Option<Range<usize>> {
    let limit = text.len().min(at + MAX_VALUE);
    let ends = |byte: u8| match operator {
        Operator::Element => byte == b'<',
        _ => byte.is_ascii_whitespace() || b"\"'`,;&<>|)}]".contains(&byte),
    };
    let mut end = at + text[at..limit].iter().position(|&byte| ends(byte)).unwrap_or(limit - at);
    while end > at && text[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    // `\n` or `\"` written out ends a bare word inside of a quoted text.
    if let Some(escape) =
        text[at..end].windows(2).position(|pair| pair[0] == b'\\' && matches!(pair[1], b'n' | b'r' | b't' | b'"'))
    {
        end = at + escape;
    }
    (end > at).then_some(at..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_first(text: &str, word: &str) -> Option<(String, Operator, String, Quote)> {
        let at = text.find(word).expect("the word is in the text");
        let found = read(text.as_bytes(), at..at + word.len())?;
        Some((text[found.key].to_owned(), found.operator, text[found.value].to_owned(), found.quote))
    }

    #[test]
    fn reads_the_forms_of_many_languages() {
        use Operator::{Argument, Blank, Colon, Compare, Element, Equals};
        use Quote::{Bare, Quoted};
        for (text, word, key, operator, value, quote) in [
            ("DB_PASSWORD=abc123\n", "PASSWORD", "DB_PASSWORD", Equals, "abc123", Bare),
            ("password: \"a b\"\n", "password", "password", Colon, "a b", Quoted),
            ("{\"password\": \"x1\"}", "password", "password", Colon, "x1", Quoted),
            ("cfg['password'] = 'x1'", "password", "password", Equals, "x1", Quoted),
            ("password := `x1`", "password", "password", Equals, "x1", Quoted),
            ("password => 'x1',", "password", "password", Equals, "x1", Quoted),
            ("if (password == \"x1\")", "password", "password", Compare, "x1", Quoted),
            ("setPassword(\"x1\")", "Password", "setPassword", Argument, "x1", Quoted),
            ("put(\"password\", \"x1\")", "password", "password", Argument, "x1", Quoted),
            ("<password>x1</password>", "password", "password", Element, "x1", Bare),
            ("<password>\n  x1\n</password>", "password", "password", Element, "x1", Bare),
            ("tool --password x1 -v", "password", "password", Blank, "x1", Bare),
            ("tool --password=x1 -v", "password", "password", Equals, "x1", Bare),
            ("WITH PASSWORD 'x1';", "PASSWORD", "PASSWORD", Blank, "x1", Quoted),
            ("password: str = \"x1\"", "password", "password", Equals, "x1", Quoted),
            ("const PASSWORD: &'static str = \"x1\";", "PASSWORD", "PASSWORD", Equals, "x1", Quoted),
            ("{\\\"password\\\":\\\"x1\\\"}", "password", "password", Colon, "x1", Quoted),
            ("password =\n    'x1'", "password", "password", Equals, "x1", Quoted),
            ("token = []byte(\"x1\")", "token", "token", Equals, "x1", Quoted),
            ("token = b'x1'", "token", "token", Equals, "x1", Quoted),
            ("?access_token=x1&b=2", "access_token", "access_token", Equals, "x1", Bare),
            ("\"A=1\\nPASSWORD=x1\\n\"", "PASSWORD", "PASSWORD", Equals, "x1", Bare),
        ] {
            assert_eq!(read_first(text, word), Some((key.into(), operator, value.into(), quote)), "{text}");
        }
    }

    #[test]
    fn prose_is_no_assignment() {
        for (text, word) in
            [("the password must be long", "password"), ("password\n", "password"), ("token.next()", "token")]
        {
            assert_eq!(read_first(text, word), None, "{text}");
        }
    }
}
