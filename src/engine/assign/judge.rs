//! Decides whether an assigned value is a secret, and how sure that is.

use super::key::{Key, KeyClass};
use super::other::is_something_else;
use super::read::{Assignment, LOOK_BEFORE, Operator, Quote};
use crate::engine::decode::unescaped;
use crate::engine::file_kind::FileKind;
use crate::engine::filter::{Randomness, is_harmless, is_no_word, is_placeholder, is_reference, looks_random, shannon};
use crate::finding::Confidence;

/// A value that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// What the name of its key says.
    pub class: KeyClass,
    /// How sure it is: at most likely.
    pub confidence: Confidence,
}

/// Judges an assignment in a text.
#[must_use]
pub fn judge(text: &[u8], assignment: &Assignment, file: FileKind) -> Option<Judged> {
    let name = &text[assignment.key.clone()];
    let value = &text[assignment.value.clone()];
    // Most of what is assigned in code is a bare name: told before the key is read, which costs more.
    let is_bare = assignment.operator != Operator::Scheme && assignment.quote == Quote::Bare;
    if is_bare && (value.len() < 4 || !may_be_bare(text, assignment, value, file)) {
        return None;
    }
    let mut key = Key::read(name)?;
    if key.class == KeyClass::Key {
        key = Key::read(&text[with_parent(text, assignment.key.start)..assignment.key.end])?;
    }
    if assignment.operator == Operator::Scheme {
        return scheme(name, value).map(|confidence| Judged { class: key.class, confidence });
    }
    // "Pass `value` to it", "pass: a test's name": a verb.
    let is_verb = key.words == ["pass"] && is_prose(text, assignment, file);
    if key.words == ["basic"]
        || is_verb
        || (key.class == KeyClass::Key && is_behind(text, assignment, b"public "))
        || is_behind(text, assignment, b"encrypted.")
        || is_behind(text, assignment, b"encrypted ")
        || is_in_list(text, assignment, value)
        || is_badge(text, assignment)
        || is_test(text, assignment, value)
        || value.len() < 4
        || !is_plausible(value)
        || is_reference(value)
        || is_placeholder(value)
        || repeats_key(value, &key)
    {
        return None;
    }
    // `postgres://user:<db-password>@host`: the name stands for the value.
    let is_stand_in = assignment.operator == Operator::Element && value.starts_with(b"@");
    if is_stand_in || is_something_else(value) || is_encoded_other(value) || is_in_arn(text, assignment) {
        return None;
    }
    let confidence = match key.class {
        KeyClass::Password => password(value, assignment, file),
        KeyClass::Secret | KeyClass::Token | KeyClass::ApiKey | KeyClass::Auth => issued(value, key.class, assignment),
        KeyClass::Key => plain_key(value, &key, assignment),
        KeyClass::Weak => weak(value),
    }?;
    Some(Judged { class: key.class, confidence })
}

/// Where a dotted name's last component but one begins: `api.key` says more than `key`.
fn with_parent(text: &[u8], start: usize) -> usize {
    if !text[..start].ends_with(b".") {
        return start;
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'-');
    let parent = text[..start - 1].iter().rev().take(MAX_PARENT).take_while(is_name).count();
    start - 1 - parent
}

/// How long that component may be, in bytes.
const MAX_PARENT: usize = 24;

/// Printable, and not a text of several words.
fn is_plausible(value: &[u8]) -> bool {
    // A blank at either end, or a bracket that closes what was opened before: the text between two quoted ones.
    if value.starts_with(b" ") || value.ends_with(b" ") || value.starts_with(b")") || value.starts_with(b"+") {
        return false;
    }
    let control = value.iter().any(|&byte| byte < 0x20 && byte != b'\t');
    let words = value.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count();
    !control && words <= 8
}

/// Whether the word before the value is a part of a sentence.
fn is_prose(text: &[u8], assignment: &Assignment, file: FileKind) -> bool {
    let is_flag = text[..assignment.key.start].ends_with(b"-");
    let goes_on = matches!(&text[assignment.value.end..], [b' ', next, ..] if next.is_ascii_alphanumeric());
    match assignment.operator {
        Operator::Blank => !is_flag,
        // `echo "PASS: vxlan"` closes the quote that was opened before the word.
        Operator::Colon => {
            let is_quoted = matches!(text.get(assignment.value.end), Some(b'"' | b'\''))
                && text[..assignment.key.start].last() == text.get(assignment.value.end);
            assignment.quote == Quote::Bare && file != FileKind::Config && (goes_on || is_quoted)
        }
        _ => false,
    }
}

/// `public key: …`, `encrypted.password=`: a word before the name that makes it the name of something else.
fn is_behind(text: &[u8], assignment: &Assignment, word: &[u8]) -> bool {
    text[assignment.key.start.saturating_sub(word.len())..assignment.key.start].eq_ignore_ascii_case(word)
}

/// What stands between key and value; nothing where the value comes first.
fn between<'t>(text: &'t [u8], assignment: &Assignment) -> &'t [u8] {
    text.get(assignment.key.end..assignment.value.start).unwrap_or_default()
}

/// `["PasswordCredential", "Path2D"]`: two names of a list, of which the first assigns nothing.
fn is_in_list(text: &[u8], assignment: &Assignment, value: &[u8]) -> bool {
    if assignment.operator != Operator::Argument {
        return false;
    }
    let between = between(text, assignment);
    // `"done(pass)", "done(error)"`.
    if between.starts_with(b")") {
        return true;
    }
    if looks_random(value) && !is_name(value) && !is_plain_name(value) {
        return false;
    }
    let before = text[assignment.key.start.saturating_sub(LOOK_BEFORE)..assignment.key.start].trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let is_first = matches!(before.trim_ascii_end().last(), Some(b'(' | b'{')) || !between.contains(&b',');
    !is_first || between.contains(&b'\n')
}

/// `ssh2_auth_pubkey_file`, `ftp_weird_227_format`: three words or more of one case, numbers and versions among them.
fn is_plain_name(value: &[u8]) -> bool {
    let is_plain = |part: &[u8]| {
        let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
        part.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && (digits == 0
                || (digits == part.len() && digits <= 3)
                || (digits == 1 && part.last().is_some_and(u8::is_ascii_digit)))
    };
    value.split(|&byte| byte == b'_').count() >= 3 && value.split(|&byte| byte == b'_').all(is_plain)
}

/// `arn:aws:secretsmanager:eu-west-1:123:secret:name`: parts of an address, joined by colons as assignments are.
fn is_in_arn(text: &[u8], assignment: &Assignment) -> bool {
    let before = &text[assignment.key.start.saturating_sub(LOOK_BEFORE)..assignment.key.start];
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b":-_/".contains(byte);
    let name = before.iter().rev().take_while(|byte| of_name(byte)).count();
    before.ends_with(b":") && before[before.len() - name..].windows(4).any(|sign| sign == b"arn:")
}

/// A percent-encoded value that refers to something or opens nothing.
fn is_encoded_other(value: &[u8]) -> bool {
    if !value.contains(&b'%') {
        return false;
    }
    let plain = unescaped(value);
    plain != value && (is_harmless(&plain) || is_reference(&plain) || is_placeholder(&plain))
}

/// `test "$pass" = "prog"`: what a variable is compared with, in a shell's words.
fn is_test(text: &[u8], assignment: &Assignment, value: &[u8]) -> bool {
    let is_variable = text[..assignment.key.start].last() == Some(&b'$');
    let behind = between(text, assignment);
    is_variable && matches!(behind, [b'"', b' ', b'=' | b'!', ..]) && !looks_random(value)
}

/// `badge.svg?token=…`: what a badge shows is public, and its token reads nothing else.
fn is_badge(text: &[u8], assignment: &Assignment) -> bool {
    let before = &text[assignment.key.start.saturating_sub(48)..assignment.key.start];
    before.ends_with(b"?") && memchr::memmem::find(before, b"badge").is_some()
}

/// `password = "password"`, `apiKey: "api-key"`, `TOKEN = "TOKEN_NAME"`.
fn repeats_key(value: &[u8], key: &Key) -> bool {
    let plain: String = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let name: String = key.words.concat().chars().filter(char::is_ascii_alphabetic).collect();
    plain.len() >= 3 && plain.len() * 2 > value.len() && name == plain
        || plain.len() >= 3
            && (name.contains(&plain) || (plain.len() < name.len() + 8 && name.len() >= 5 && plain.contains(&name)))
}

/// Whether a bare word can be a value here.
fn may_be_bare(text: &[u8], assignment: &Assignment, value: &[u8], file: FileKind) -> bool {
    let in_query = assignment.operator == Operator::Equals
        && assignment.key.start > 0
        && matches!(text[assignment.key.start - 1], b'?' | b'&' | b';');
    let glued = assignment.value.start == assignment.key.end + 1;
    let looks_like_code = value.iter().any(|&byte| matches!(byte, b'(' | b'[' | b'{' | b'\\'))
        || value.ends_with(b":")
        || value.windows(2).any(|pair| pair == b"->" || pair == b"::");
    if looks_like_code {
        return false;
    }
    match assignment.operator {
        Operator::Element => true,
        Operator::Argument | Operator::Compare | Operator::Scheme => false,
        // `--no-token --format=2`: another flag.
        Operator::Blank => !value.starts_with(b"-") && (looks_random(value) || has_digit_and_letter(value)),
        // Tables of documentation say `| token | string |`.
        Operator::Cell => file != FileKind::Code && has_digit_and_letter(value) && looks_random(value),
        Operator::Equals | Operator::Colon => {
            (file.takes_bare_values() && !is_dotted_name(value))
                || in_query
                || (glued && looks_random(value) && value.len() >= 12 && !is_dotted_name(value))
                || (has_digit_and_letter(value) && looks_random(value) && in_comment(text, assignment.key.start))
        }
    }
}

/// Whether a comment of source code begins before `at` on the same line.
fn in_comment(text: &[u8], at: usize) -> bool {
    let first = at.saturating_sub(MAX_COMMENT);
    let line = text[first..at].iter().rposition(|&byte| byte == b'\n').map_or(first, |end| first + end + 1);
    let before = text[line..at].trim_ascii_start();
    [&b"//"[..], b"# ", b"/*", b"* ", b"-- ", b"<!--", b"; "].iter().any(|sign| before.starts_with(sign))
        || memchr::memmem::find(before, b" // ").is_some()
}

/// How far before a key its comment may begin, in bytes.
const MAX_COMMENT: usize = 120;

fn has_digit_and_letter(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
}

/// `user.password`, `config.db.token`: a name in code.
fn is_dotted_name(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
    parts.len() > 1
        && parts.iter().all(|part| {
            part.first().is_some_and(u8::is_ascii_alphabetic)
                && part.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !looks_random(part)
        })
}

/// Words joined by separators or humps, each of them pronounceable: a name, not an issued value.
fn is_name(value: &[u8]) -> bool {
    let name_bytes = value.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"_-. /:+#@*!?".contains(&byte));
    if !name_bytes {
        return false;
    }
    let parts: Vec<&[u8]> = value.split(|byte| !byte.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let mut letters = 0usize;
    for part in &parts {
        let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
        let trailing = part.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        // `s3express`, `x509cert`: a digit inside of a short word.
        if digits == 1
            && trailing == 0
            && parts.len() > 1
            && part.len() <= 10
            && part.iter().all(|b| !b.is_ascii_uppercase())
        {
            letters += part.len() - 1;
            continue;
        }
        if digits > trailing || (trailing > 2 && trailing < part.len() && trailing != 4) {
            return false;
        }
        let word = &part[..part.len() - trailing];
        letters += word.len();
        let measured = Randomness::of(word);
        if word.len() >= 5 && (measured.surprise >= 4.9 || measured.changes > 0.35) {
            return false;
        }
    }
    letters > 0
}

/// A password is anything that somebody may have chosen.
fn password(value: &[u8], assignment: &Assignment, file: FileKind) -> Option<Confidence> {
    let spaces = value.iter().filter(|&&byte| byte == b' ').count();
    if spaces > 0 {
        // Passphrases have blanks, and so have labels and messages; only a digit tells them apart here.
        let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
        return (spaces < 6 && digits > 1 && value.is_ascii()).then_some(Confidence::Possible);
    }
    if assignment.quote == Quote::Bare
        && file == FileKind::Prose
        && !has_digit_and_letter(value)
        && !looks_random(value)
    {
        return None;
    }
    let letters_only = value.iter().all(u8::is_ascii_alphabetic);
    let measured = Randomness::of(value);
    // A word of another language: a label.
    let is_foreign = !value.is_ascii()
        && std::str::from_utf8(value).is_ok_and(|text| text.chars().all(|c| c.is_alphabetic() || ".:!?…".contains(c)));
    if is_foreign || is_name_of_secret(value) {
        return Some(Confidence::Possible);
    }
    if letters_only {
        return Some(if is_no_word(value) { Confidence::Likely } else { Confidence::Possible });
    }
    if is_name(value) && !value.iter().any(|byte| b"!#@*?+".contains(byte)) && measured.digits == 0 {
        return Some(Confidence::Possible);
    }
    Some(if value.len() >= 6 { Confidence::Likely } else { Confidence::Possible })
}

/// `secret_2fa_token`, `csrf-token`: words of one case with signs between, of which one is the name of a secret.
fn is_name_of_secret(value: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| value.iter().any(test);
    let one_case = !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase));
    let plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte));
    let parts = value.split(|byte| !byte.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    one_case && plain && parts >= 3 && digits <= 2 && is_name(value) && Key::read(value).is_some()
}

/// The credentials behind `Basic` or `Bearer`.
fn scheme(name: &[u8], value: &[u8]) -> Option<Confidence> {
    if is_reference(value) || is_placeholder(value) {
        return None;
    }
    if name.eq_ignore_ascii_case(b"basic") {
        let passed = crate::engine::check::by_name("basic-auth-base64")
            .is_some_and(|check| (check.verify)(value) == crate::engine::check::Outcome::Passed);
        return (passed && value.len() >= 8).then_some(Confidence::Likely);
    }
    let token = value.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    (token && value.len() >= 16 && looks_random(value) && !is_name(value)).then_some(Confidence::Likely)
}

/// A secret or token that a machine issued: random-looking, or it is not one.
fn issued(value: &[u8], class: KeyClass, assignment: &Assignment) -> Option<Confidence> {
    let spaces = value.iter().filter(|&&byte| byte == b' ').count();
    if value.iter().any(|byte| b",\"<>|;\\".contains(byte)) {
        return None;
    }
    if value.len() < 8 || spaces > 7 || (spaces > 0 && !looks_random(value)) || is_name(value) {
        return (class == KeyClass::Secret && value.len() >= 6 && spaces == 0).then_some(Confidence::Possible);
    }
    let random = looks_random(value);
    let long = value.len() >= 12;
    let even = shannon(value) >= if long { 3.0 } else { 2.5 };
    // A constant that something is compared with is often a mark of the protocol; a long one of chance is not.
    let is_mark = assignment.operator == Operator::Compare && !(value.len() >= 16 && is_mixed(value));
    Some(if random && even && (long || class == KeyClass::Secret || class == KeyClass::Token) && !is_mark {
        Confidence::Likely
    } else {
        Confidence::Possible
    })
}

/// `key = …` says so little that the value has to say the rest.
fn plain_key(value: &[u8], key: &Key, assignment: &Assignment) -> Option<Confidence> {
    if value.len() < 16
        || value.iter().any(|byte| b" ,\"<>|;:()\\".contains(byte))
        || !looks_random(value)
        || is_name(value)
    {
        return None;
    }
    // `key: npm-cache-…`: what is kept is found by it.
    if memchr::memmem::find(value, b"cache").is_some() {
        return None;
    }
    let direct = match assignment.operator {
        Operator::Equals | Operator::Colon | Operator::Element => true,
        Operator::Compare | Operator::Scheme => false,
        // `set -gx VAULT_UNSEAL_KEY …`, but neither `--recv-keys …` nor `#define NAME_KEY_STRING "…"`.
        Operator::Argument | Operator::Blank | Operator::Cell => {
            key.words.len() >= 3 && key.words.last().is_some_and(|last| last == "key")
        }
    };
    Some(if is_mixed(value) && direct && value.len() >= 20 { Confidence::Likely } else { Confidence::Possible })
}

/// Letters and digits, as chance makes them.
fn is_mixed(value: &[u8]) -> bool {
    let measured = Randomness::of(value);
    measured.digits > 0 && measured.classes >= 2 && shannon(value) >= 3.3
}

fn weak(value: &[u8]) -> Option<Confidence> {
    (value.len() >= 10 && looks_random(value) && !value.contains(&b' ')).then_some(Confidence::Possible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str, word: &str) -> Option<Judged> {
        let at = text.find(word).expect("the word is in the text");
        let found = super::super::read(text.as_bytes(), at..at + word.len())?;
        judge(text.as_bytes(), &found, FileKind::Shell)
    }

    #[test]
    fn a_constant_of_chance_is_no_mark_and_a_name_that_stands_in_no_value() {
        let likely =
            |text: &str, word: &str| judged(text, word).is_some_and(|found| found.confidence == Confidence::Likely);
        let chance = ["f3b9c1d27a60", "e84f5d1c9b3a"].concat();
        assert!(likely(&format!("if (apiToken !== \"{chance}\") {{"), "Token"));
        assert!(!likely("if (token === \"EOF_TOKEN\") {", "token"));
        assert!(likely(&format!("VAULT_UNSEAL_KEY,{chance}\n"), "KEY"));
        assert_eq!(
            judged("gpg --recv-keys 5BE8A3F6C8A5C01D106C0AD820B1A390B168D356", "keys").map(|found| found.confidence),
            Some(Confidence::Possible)
        );
        assert_eq!(judged("url: postgres://app:<db-password>@db.example.org/x", "password"), None);
        assert_eq!(judged("\"start\", \"done(pass)\", \"done(error)\" }", "pass"), None);
        assert_eq!(judged("  'ssh2_auth_password',\n  'ssh2_auth_pubkey_file',\n", "password"), None);
        assert_eq!(judged("\"keyDetails\": \"PKIX_ECDSA_P256_SHA_256\"", "key"), None);
    }

    #[test]
    fn flags_and_comparisons_in_a_shell_assign_nothing() {
        for (text, word) in [
            ("cc -Wlanguage-extension-token -Wformat=2 a.c", "token"),
            ("if test \"$linkmode,$pass\" = \"prog,link\"; then", "pass"),
            ("curl -F password=@~/.vimrc https://example.org/", "password"),
        ] {
            assert_eq!(judged(text, word), None, "{text}");
        }
        assert!(judged("tool --db-password Tr0ub4dor-3x", "password").is_some());
    }
}
