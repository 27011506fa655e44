//! Finds key and operator around a word, in any of the languages in which people assign; the value is [`value`]'s.

use super::super::gap;
use super::named;
use super::value::{MAX_VALUE, quote_at, value};
use std::ops::Range;

/// The longest key that is read, in bytes.
const MAX_KEY: usize = 80;
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
    /// The next cell of a table: `| key | value |`, or a line of comma- or tab-separated values.
    Cell,
    /// `Bearer value`, `Basic value`: the scheme of an HTTP header (RFC 7617, RFC 6750) is the key.
    Scheme,
}

/// Schemes whose credentials follow behind a blank.
const SCHEMES: [&[u8]; 2] = [b"bearer", b"basic"];
/// Schemes that are words of other uses: only behind `Authorization:`.
const HEADER_SCHEMES: [&[u8]; 4] = [b"token", b"apikey", b"api-key", b"key"];

/// Commands that set a variable without a sign: of a Dockerfile, of Apache and csh, of fish.
const SETTERS: [&[u8]; 6] = [b"ENV ", b"SetEnv ", b"setenv ", b"set -gx ", b"set -x ", b"set -Ux "];
/// Commands that set an option: `npm config set name value`, `git config --global a.name value`.
const CONFIGURES: [&[u8]; 3] = [b"config ", b"config set ", b"config --global "];

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
    let is_flag = text[..key.start].ends_with(b"-")
        || SETTERS.iter().any(|word| text[..key.start].ends_with(word))
        || is_option(text, key.start);
    let is_scheme = SCHEMES.iter().any(|scheme| text[key.clone()].eq_ignore_ascii_case(scheme))
        || (HEADER_SCHEMES.iter().any(|scheme| text[key.clone()].eq_ignore_ascii_case(scheme))
            && is_in_header(text, key.start));
    let (operator, at) = if is_scheme && text.get(key.end) == Some(&b' ') {
        (Operator::Scheme, key.end)
    } else if let Some(found) = named::value_of(text, &key) {
        found
    } else if let Some(value) = recorded_before(text, key.start) {
        return Some(Assignment { key, operator: Operator::Equals, value, quote: Quote::Quoted });
    } else if let Some(value) = compared_with(text, key.start) {
        return Some(Assignment { key, operator: Operator::Compare, value, quote: Quote::Quoted });
    } else {
        operator(text, &key, is_flag)?
    };
    let (value, quote) = value(&text[..lines_end(text, at)], at, operator)?;
    Some(Assignment { key, operator, value, quote })
}

/// Whether a dotted name that ends with the key is what a command of a tool sets.
fn is_option(text: &[u8], key: usize) -> bool {
    let before = &text[key.saturating_sub(LOOK_BEFORE)..key];
    let path = before.iter().rev().take_while(|&&byte| is_key_byte(byte) || b".:".contains(&byte)).count();
    CONFIGURES.iter().any(|command| before[..before.len() - path].ends_with(command))
}

/// `Authorization: `, `"Authorization": "`: what stands before a scheme.
fn is_in_header(text: &[u8], at: usize) -> bool {
    const NAME: &[u8] = b"authorization";
    let before = &text[at.saturating_sub(24)..at];
    let signs = before.iter().rev().take_while(|byte| b" :=>,\"'\\".contains(byte)).count();
    let name = &before[..before.len() - signs];
    signs > 0 && name.len() >= NAME.len() && name[name.len() - NAME.len()..].eq_ignore_ascii_case(NAME)
}

/// `value="…" name="key"`: a record that has its value first.
fn recorded_before(text: &[u8], key: usize) -> Option<Range<usize>> {
    let first = key.saturating_sub(LOOK_BEFORE);
    let end = gap::record(&text[first..key])?;
    let begin = text[first..first + end].iter().rposition(|&byte| byte == b'"')? + 1;
    Some(first + begin..first + end)
}

/// `"value".equals(key)`, `"value" === key`: the constant that stands before what it is compared with.
fn compared_with(text: &[u8], key: usize) -> Option<Range<usize>> {
    let line = &text[key.saturating_sub(LOOK_BEFORE)..key];
    let name = line.iter().rev().take_while(|&&byte| is_key_byte(byte) || b".$@".contains(&byte)).count();
    let before = line[..line.len() - name].trim_ascii_end();
    let before = [&b".equals("[..], b".equalsIgnoreCase(", b"===", b"!==", b"==", b"!="]
        .iter()
        .find_map(|sign| before.strip_suffix(*sign))?
        .trim_ascii_end();
    let (&quote, inside) = before.split_last().filter(|(quote, _)| b"\"'`".contains(quote))?;
    let begin = inside.iter().rposition(|&byte| byte == quote || byte == b'\n').filter(|&at| inside[at] == quote)? + 1;
    let start = key - line.len() + begin;
    // `"Basic …" == headers["Authorization"]` has a scheme in it, which is a key of its own.
    (begin < inside.len() && !inside[begin..].contains(&b' ')).then_some(start..start + inside.len() - begin)
}

/// How many line ends there may be between an operator and the end of its value.
const VALUE_LINES: usize = 6;
/// How many there may be between a trigger and that end: a record's name and value stand on lines of their own.
pub const LINES: usize = VALUE_LINES + named::LINES + 2;
/// How far before a trigger anything is looked at, in bytes.
pub const REACH_BEFORE: usize = 2 * MAX_KEY + LOOK_BEFORE;
/// How far behind the beginning of a trigger anything is looked at, in bytes; and never more than [`LINES`] lines on from
/// the operator.
pub const REACH_AFTER: usize = 2 * MAX_KEY + 4 * MAX_BLANKS + 256 + named::REACH + 64 + MAX_VALUE;
/// How far before a key anything is looked at that tells what it is part of, in bytes.
pub(super) const LOOK_BEFORE: usize = 128;

/// Where the lines end that a value may take up. What an assignment is must not depend on what stands far behind it:
/// the search in history looks again only at what lies near a change.
fn lines_end(text: &[u8], at: usize) -> usize {
    let limit = text.len().min(at + MAX_VALUE + 2 * MAX_BLANKS + 256);
    memchr::memchr_iter(b'\n', &text[at..limit]).nth(VALUE_LINES - 1).map_or(limit, |end| at + end)
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

pub(super) fn skip_blanks(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take(MAX_BLANKS).take_while(|&&byte| byte == b' ' || byte == b'\t').count()
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
    let named = skip_dimension(text, key_end);
    let closed = skip_closing(text, named);
    // `"Change password" => …`: a text for people, of which the word is the end.
    if closed > named && key.start > 1 && text[key.start - 1] == b' ' && text[key.start - 2].is_ascii_alphabetic() {
        return None;
    }
    let at = skip_blanks(text, closed);
    let rest = &text[at..text.len().min(at + 48)];
    let (operator, length) = match rest {
        [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'=', b'=', ..] | [b'!', b'=', ..] => (Operator::Compare, 2),
        [b'=', b'>', ..]
        | [b':', b'=', ..]
        | [b'+', b'=', ..]
        | [b'.', b'=', ..]
        | [b'?', b'=', ..]
        | [b'-', b'>', ..]
        | [b'<', b'-', ..] => (Operator::Equals, 2),
        [b'|', b'|', b'=', ..] => (Operator::Equals, 3),
        [b'=', ..] => (Operator::Equals, 1),
        // A default: `process.env.TOKEN || 'value'`.
        [b'|', b'|', ..] | [b'?', b'?', ..] | [b'o', b'r', b' ', ..] => {
            quote_at(text, skip_blanks(text, at + 2))?;
            // `"user:password" or "domain"`: two texts, of which the first ends with the word.
            let is_text = closed > named && !text[named..closed].iter().any(|byte| b")]}".contains(byte));
            if is_text {
                return None;
            }
            (Operator::Equals, 2)
        }
        [b'|', ..] if in_table(text, key.start) || begins_line(text, key.start) => (Operator::Cell, 1),
        [b'.', ..] => (Operator::Compare, EXPECTS.iter().find(|call| rest.starts_with(call.as_bytes()))?.len()),
        [b'<', b'/', ..] => return cell(text, at),
        [b':', ..] => return Some(behind_type(text, at + 1)),
        [b',', ..] if closed > key_end => (Operator::Argument, 1),
        [b',', ..] if begins_line(text, key.start) => (Operator::Cell, 1),
        [b'(', ..] | [b'{', b'"', ..] => (Operator::Argument, 1),
        [b'>', ..] => (Operator::Element, 1),
        _ => return blank_operator(text, at, key_end, is_flag),
    };
    Some((operator, at + length))
}

/// What tests say of a value: `expect(key).toEqual("…")`.
const EXPECTS: [&str; 8] =
    [".toEqual(", ".toBe(", ".toStrictEqual(", ".isEqualTo(", ".equals(", ".equal(", ".to eq(", ".to.equal("];

/// Behind the end of a cell the next one: `</td><td>`, `</dt>\n<dd>`.
fn cell(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    let rest = &text[at..text.len().min(at + 128)];
    let closes = [&b"</td>"[..], b"</th>", b"</dt>"].iter().any(|end| rest.starts_with(end));
    let next = closes.then(|| 5 + rest[5..].iter().take_while(|byte| byte.is_ascii_whitespace()).count())?;
    let opens = rest[next..].starts_with(b"<td") || rest[next..].starts_with(b"<dd");
    let end = rest[next..].iter().position(|&byte| byte == b'>').filter(|_| opens)?;
    let value = at + next + end + 1;
    // `<td><code>…</code></td>`.
    let inner = [&b"<code>"[..], b"<tt>", b"<kbd>"].into_iter().find(|tag| text[value..].starts_with(tag));
    Some((Operator::Cell, value + inner.map_or(0, <[u8]>::len)))
}

/// `[]` or `[32]` behind the name of an array.
fn skip_dimension(text: &[u8], at: usize) -> usize {
    if text.get(at) != Some(&b'[') {
        return at;
    }
    let digits = text[at + 1..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    if text.get(at + 1 + digits) == Some(&b']') { at + digits + 2 } else { at }
}

fn begins_line(text: &[u8], at: usize) -> bool {
    at == 0 || text[at - 1] == b'\n'
}

/// Whether a cell of a Markdown table begins before `at`.
fn in_table(text: &[u8], at: usize) -> bool {
    let before = text[..at].strip_suffix(b"`").unwrap_or(&text[..at]);
    before.ends_with(b"| ") || before.ends_with(b"|")
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

/// Behind the `=` of `name string = "value"`: a type stands between.
fn behind_declared_type(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + 40)];
    let of_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.*&<>[]? ".contains(byte);
    let equals = rest.iter().position(|byte| !of_type(byte)).filter(|&at| rest[at] == b'=')?;
    let words = rest[..equals].split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count();
    let is_declared = rest[..equals].ends_with(b" ") && (1..=2).contains(&words) && rest.get(equals + 1) == Some(&b' ');
    quote_at(text, skip_blanks(text, at + equals + 1)).filter(|_| is_declared)?;
    Some(at + equals + 1)
}

/// `--password value`, `PASSWORD 'value'`, `IDENTIFIED BY 'value'`.
fn blank_operator(text: &[u8], at: usize, key_end: usize, is_flag: bool) -> Option<(Operator, usize)> {
    if at == key_end {
        return None;
    }
    if text[key_end] == b'\t' && at == key_end + 1 {
        return Some((Operator::Cell, at));
    }
    if let Some(equals) = behind_declared_type(text, at) {
        return Some((Operator::Equals, equals));
    }
    let rest = &text[at..];
    // `gh secret set NAME --body value`, `aws ssm put-parameter --name NAME --value value`.
    if let Some(flag) = [&b"--body "[..], b"--value ", b"-b "].iter().find(|flag| rest.starts_with(flag)) {
        return Some((Operator::Blank, at + flag.len()));
    }
    // `API key - 'value'`.
    if rest.starts_with(b"- ") && quote_at(text, at + 2).is_some() {
        return Some((Operator::Blank, at + 2));
    }
    let is_keyword = rest
        .get(..3)
        .is_some_and(|word| [b"is ", b"by ", b"to "].iter().any(|known| word.eq_ignore_ascii_case(*known)));
    let at = if is_keyword { at + 3 } else { at };
    (is_flag || quote_at(text, at).is_some() || is_keyword).then_some((Operator::Blank, at))
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
        use Operator::{Argument, Blank, Cell, Colon, Compare, Element, Equals, Scheme};
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
            ("- name: PASSWORD\n  value: x1\n", "PASSWORD", "PASSWORD", Colon, "x1", Bare),
            ("{\"name\": \"PASSWORD\", \"value\": \"x1\"}", "PASSWORD", "PASSWORD", Colon, "x1", Quoted),
            ("<key>password</key>\n<string>x1</string>", "password", "password", Element, "x1", Bare),
            ("<add key=\"password\" value=\"x1\"/>", "password", "password", Equals, "x1", Quoted),
            (
                "variable \"password\" {\n  type = string\n  default = \"x1\"\n}",
                "password",
                "password",
                Equals,
                "x1",
                Quoted,
            ),
            ("password: |\n  x1\nb: 1\n", "password", "password", Colon, "x1", Bare),
            ("passwords:\n  - x1\n", "passwords", "passwords", Colon, "x1", Bare),
            ("var password string = \"x1\"", "password", "password", Equals, "x1", Quoted),
            ("char password[] = \"x1\";", "password", "password", Equals, "x1", Quoted),
            ("std::string password{\"x1\"};", "password", "password", Argument, "x1", Quoted),
            ("env.PASSWORD || 'x1'", "PASSWORD", "PASSWORD", Equals, "x1", Quoted),
            ("password <- \"x1\"", "password", "password", Equals, "x1", Quoted),
            ("password = [[x1]]", "password", "password", Equals, "x1", Quoted),
            ("password = R\"(x1)\";", "password", "password", Equals, "x1", Quoted),
            ("f(\"PASSWORD\", \"\\\"x1\\\"\")", "PASSWORD", "PASSWORD", Argument, "x1", Quoted),
            ("{\\\\\\\"password\\\\\\\":\\\\\\\"x1\\\\\\\"}", "password", "password", Colon, "x1", Quoted),
            ("SetEnv PASSWORD x1\n", "PASSWORD", "PASSWORD", Blank, "x1", Bare),
            ("| password | x1 |\n", "password", "password", Cell, "x1", Bare),
            ("if (\"x1\".equals(password)) {", "password", "password", Compare, "x1", Quoted),
            ("if ('x1' === this.password) {", "password", "password", Compare, "x1", Quoted),
            ("<password><![CDATA[x1]]></password>", "password", "password", Element, "x1", Bare),
            ("$password .= \"x1\";", "password", "password", Equals, "x1", Quoted),
            ("password = (\n    'x1'\n)", "password", "password", Equals, "x1", Quoted),
            ("gh secret set PASSWORD --body \"x1\"", "PASSWORD", "PASSWORD", Blank, "x1", Quoted),
            ("password,x1\n", "password", "password", Cell, "x1", Bare),
            ("password | x1 | a\n", "password", "password", Cell, "x1", Bare),
            ("<td>Password</td><td>x1</td>", "Password", "Password", Cell, "x1", Bare),
            ("<dt>Password</dt>\n<dd><code>x1</code>", "Password", "Password", Cell, "x1", Bare),
            ("expect(password).toEqual('x1')", "password", "password", Compare, "x1", Quoted),
            ("put-parameter --name /a/password --value x1 -v", "password", "password", Blank, "x1", Bare),
            ("password - 'x1'", "password", "password", Blank, "x1", Quoted),
            ("git config --global a.password x1\n", "password", "password", Blank, "x1", Bare),
            ("npm config set a:password x1\n", "password", "password", Blank, "x1", Bare),
            ("Authorization: Token x1", "Token", "Token", Scheme, "x1", Bare),
            ("'Authorization': 'ApiKey x1'", "ApiKey", "ApiKey", Scheme, "x1", Bare),
            ("{\"value\": \"x1\", \"name\": \"PASSWORD\"}", "PASSWORD", "PASSWORD", Equals, "x1", Quoted),
            ("<a value=\"x1\" name=\"b.password\"/>", "password", "password", Equals, "x1", Quoted),
            ("  Password:\n    Type: String\n    Default: x1\n", "Password", "Password", Colon, "x1", Bare),
            (
                r#""token": "{\"a\":\"twenty-and-more-bytes\"}""#,
                "token",
                "token",
                Colon,
                "twenty-and-more-bytes",
                Quoted,
            ),
        ] {
            assert_eq!(read_first(text, word), Some((key.into(), operator, value.into(), quote)), "{text}");
        }
    }

    #[test]
    fn prose_is_no_assignment() {
        for (text, word) in [
            ("the password must be long", "password"),
            ("password\n", "password"),
            ("token.next()", "token"),
            ("\"user:password\" or \"domain\"", "password"),
            ("an Authorization of the token kind", "token"),
            ("<td>Password</td></tr>\n<tr><td>x1</td>", "Password"),
            ("Password:\n  Use: x\n  Default: y\n", "Password"),
            ("password - the one of 1999", "password"),
        ] {
            assert_eq!(read_first(text, word), None, "{text}");
        }
    }
}
