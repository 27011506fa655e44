//! Values that stand where a secret would: `changeme`, `xxxx`, `<your key>`, `1234567890`.
//!
//! Two judges. A value that was found by its format is dropped only for what no issued value has: one character
//! repeated, a sequence, an `EXAMPLE` at its end. Words inside prove nothing there, because random
//! characters spell words now and then. A value that was found by the name of its key is also judged by its words.

use super::entropy::shannon;

/// Whether a value with a format of its own was made up by hand.
#[must_use]
pub fn is_dummy_token(value: &[u8]) -> bool {
    let body = body(value);
    ends_with_example(value) || is_repetitive(body) || is_sequence(body) || is_masked(value)
}

/// Whether the value of an assignment is a placeholder.
#[must_use]
pub fn is_placeholder(value: &[u8]) -> bool {
    if value.is_empty() || is_masked(value) || ends_with_example(value) {
        return true;
    }
    let plain: Vec<u8> = value.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let Ok(plain) = std::str::from_utf8(&plain) else { return false };
    if plain.is_empty() {
        return true;
    }
    WHOLE.contains(&plain)
        || is_word_and_number(plain)
        || BEGINNINGS.iter().any(|word| plain.starts_with(word))
        || PARTS.iter().any(|word| plain.contains(word))
        || (value.len() >= 4 && is_repetitive(value))
        || is_sequence(plain.as_bytes())
}

/// `test123`, `admin1`, `Foobar_1234`: a placeholder's word and digits that count.
fn is_word_and_number(plain: &str) -> bool {
    let word = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &plain[word.len()..];
    !number.is_empty()
        && WHOLE.contains(&word)
        && (number.len() <= 2
            || "12345678901234567890".starts_with(number)
            || "0123456789".starts_with(number)
            || is_repetitive(number.as_bytes()))
}

/// The part behind the last separator of a prefix such as `sk_live_`, at least half of the value.
fn body(value: &[u8]) -> &[u8] {
    let cut = value.iter().take(value.len() / 2).rposition(|&byte| byte == b'_' || byte == b'-' || byte == b'.');
    cut.map_or(value, |at| &value[at + 1..])
}

fn ends_with_example(value: &[u8]) -> bool {
    [&b"EXAMPLE"[..], b"EXAMPLEKEY", b"EXAMPLETOKEN", b"example", b"-example", b"_example"]
        .iter()
        .any(|end| value.ends_with(end))
}

/// Less than four different characters, one character as half of all, or a short piece over and over.
fn is_repetitive(value: &[u8]) -> bool {
    if value.len() < 4 {
        return false;
    }
    let mut counts = [0usize; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let different = counts.iter().filter(|&&count| count > 0).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    if different <= 1 || (value.len() >= 8 && different <= 3) || (value.len() >= 8 && most * 2 > value.len()) {
        return true;
    }
    let periodic = (1..=value.len() / 3).any(|period| value[period..] == value[..value.len() - period]);
    periodic || (value.len() >= 20 && shannon(value) < 2.2)
}

/// Neighbours in the alphabet or among the digits, up or down, for most of the value.
fn is_sequence(value: &[u8]) -> bool {
    if value.len() < 6 {
        return false;
    }
    let steps = value
        .windows(2)
        .filter(|pair| {
            let step = i16::from(pair[1]) - i16::from(pair[0]);
            step.abs() == 1
                || matches!(
                    pair,
                    [b'9', b'0' | b'a' | b'A'] | [b'z', b'0' | b'A' | b'a'] | [b'Z', b'0' | b'a'] | [b'f', b'0']
                )
        })
        .count();
    let keyboard = [&b"qwertyuiop"[..], b"asdfghjkl", b"zxcvbnm"]
        .iter()
        .any(|row| value.windows(6).any(|window| row.windows(6).any(|part| part.eq_ignore_ascii_case(window))));
    steps * 4 >= (value.len() - 1) * 3 || (keyboard && value.len() < 16)
}

/// `****`, `xxxx`, `....`, `….`, `####`, `----`.
fn is_masked(value: &[u8]) -> bool {
    let filler =
        |byte: u8| b"*xX.#-_?+~=0".contains(&byte) || byte == 0xE2 || byte == 0x80 || byte == 0xA6 || byte == 0xA2;
    let (mut run, mut longest) = (0usize, 0usize);
    let mut previous = 0;
    for &byte in value {
        run = if filler(byte) && (byte == previous || byte >= 0x80) { run + 1 } else { usize::from(filler(byte)) };
        longest = longest.max(run);
        previous = byte;
    }
    let stars = value.windows(3).any(|window| window == b"***" || window == b"...")
        || value.windows(3).any(|w| w == "…".as_bytes());
    let is_cut = [&b"<snip>"[..], b"[snip]", b"<redacted>", b"[redacted]", b"[masked"]
        .iter()
        .any(|sign| value.windows(sign.len()).any(|window| window.eq_ignore_ascii_case(sign)));
    longest >= 6 || stars || is_cut || (longest >= 3 && longest * 2 >= value.len())
}

/// The whole value, letters and digits only, lower case.
const WHOLE: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "apikey",
    "value",
    "string",
    "str",
    "text",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "test",
    "testing",
    "example",
    "sample",
    "dummy",
    "fake",
    "foo",
    "bar",
    "baz",
    "foobar",
    "todo",
    "fixme",
    "tbd",
    "na",
    "empty",
    "default",
    "unset",
    "unknown",
    "optional",
    "required",
    "username",
    "user",
    "admin",
    "root",
    "guest",
    "anonymous",
    "name",
    "email",
    "login",
    "credentials",
    "credential",
    "auth",
    "private",
    "public",
    "hidden",
    "redacted",
    "removed",
    "masked",
    "censored",
    "insert",
    "replace",
    "changeme",
    "changeit",
    "letmein",
    "qwerty",
    "abc123",
    "abc",
    "abcd",
    "asdf",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "minioadmin",
    "notasecret",
    "supersecret",
    "topsecret",
    "mysecret",
    "mysecretpassword",
    "secretkey",
    "accesskey",
    "privatekey",
    "accesstoken",
    "authtoken",
    "clientsecret",
    "mytoken",
    "mypassword",
    "somepassword",
    "sometoken",
    "somesecret",
    "thepassword",
    "userpassword",
    "testpassword",
    "testpass",
    "testtoken",
    "testsecret",
    "testkey",
    "invalid",
    "wrong",
    "wrongpassword",
    "badpassword",
    "newpassword",
    "oldpassword",
    "correctpassword",
    "postgres",
    "mysql",
    "mongodb",
    "redis",
    "rabbitmq",
    "bearer",
    "basic",
    "object",
    "number",
    "boolean",
    "int",
    "integer",
    "char",
    "varchar",
    "bytes",
    "array",
    "list",
    "dict",
    "map",
];

/// How a placeholder begins.
const BEGINNINGS: &[&str] = &[
    "your",
    "changeme",
    "changethis",
    "changeit",
    "replace",
    "insert",
    "enteryour",
    "enterthe",
    "putyour",
    "addyour",
    "fillin",
    "setme",
    "setyour",
    "placeholder",
    "example",
    "dummy",
    "sample",
    "xxx",
    "myapikey",
    "mysecret",
    "thisisa",
    "thisisnot",
    "somesecret",
    "somerandom",
    "pasteyour",
    "usethe",
    "notareal",
    "notreal",
    "fake",
    "todo",
    "redacted",
    "removed",
    "provideyour",
    "generatea",
    "generateda",
];

/// What only a placeholder holds.
const PARTS: &[&str] = &[
    "changeme",
    "placeholder",
    "yourpassword",
    "yoursecret",
    "yourtoken",
    "yourapi",
    "yourkey",
    "youraccess",
    "yourclient",
    "replacewith",
    "replaceme",
    "redacted",
    "insertyour",
    "goeshere",
    "tokenhere",
    "keyhere",
    "secrethere",
    "passwordhere",
    "donotuse",
    "exampleonly",
    "notasecret",
    "notarealsecret",
    "examplekey",
    "examplesecret",
    "exampletoken",
    "examplepassword",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_tokens_are_known() {
        for token in [
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk_live_0000000000000000",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "AKIAZZZZZZZZZZEXAMPLE",
            "ghp_************",
            "pk-123412341234123412341234",
        ] {
            assert!(is_dummy_token(token.as_bytes()), "{token}");
        }
    }

    #[test]
    fn words_in_random_tokens_prove_nothing() {
        let token = ["ghp_k3V", "hook9ZtestQ7rfakeB2mXc5LpW8nJd"].concat();
        assert!(!is_dummy_token(token.as_bytes()));
    }

    #[test]
    fn placeholders_are_known() {
        for value in [
            "changeme",
            "<your key>",
            "your-api-key",
            "xxxx",
            "********",
            "password",
            "123456",
            "INSERT_TOKEN_HERE",
            "REPLACE_ME",
            "",
            "...",
            "abcdefgh",
            "aaaa",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["tr0ub4dor", "hunter2", "Winter2024!", "qzvhtkbw", "s3cr3t-Pa55"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
