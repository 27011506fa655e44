//! What stands between a keyword and its value, for secrets without a format of their own.
//!
//! The expression of such a rule lets nearly anything stand there; what it means is decided here, for all of them alike.

use super::filter::looks_random;
use super::simd::is_word;
use crate::finding::Confidence;
use std::ops::Range;

/// Words that name a digest, an address or a version.
const DIGESTS: &[&[u8]] = &[
    b"sha1",
    b"sha2",
    b"sha5",
    b"md5",
    b"checksum",
    b"digest",
    b"integrity",
    b"commit",
    b"revision",
    b"etag",
    b"://",
    b"hash",
    b"fingerprint",
    b"version",
    b"image",
    b"rev=",
];
/// Words that say of a name that its value is a secret.
const SECRETS: &[&[u8]] = &[b"key", b"token", b"secret", b"pass", b"pwd", b"auth", b"credential"];
/// Words that belong to a language and not to the name.
const SYNTAX: &[&[u8]] = &[
    b"string",
    b"str",
    b"value",
    b"default",
    b"key",
    b"name",
    b"static",
    b"content",
    b"type",
    b"const",
    b"r",
    b"b",
    b"u",
    b"f",
    b"n",
    b"t",
    b"to",
    b"is",
    b"as",
    b"get",
    b"set",
    b"cdata",
    b"field",
    b"env",
    b"amp",
    b"quot",
    b"json",
    b"stringify",
    b"l",
    b"x",
    b"q",
    b"or",
    b"final",
    b"var",
    b"let",
    b"val",
    b"export",
    b"define",
    b"getenv",
    b"new",
    b"byte",
];
/// What may stand before a provider's name as a part of the same word.
const PREFIXES: &[&[u8]] = &[b"set", b"with", b"add", b"use", b"k", b"x-", b"-D", b"-P", b"-X"];
/// Providers whose names are words: beside a value they say nothing.
const WORDS: &[&[u8]] = &[
    b"here",
    b"line",
    b"box",
    b"float",
    b"loops",
    b"drone",
    b"wise",
    b"meta",
    b"particle",
    b"copper",
    b"hunter",
    b"segment",
    b"sauce",
    b"zoom",
    b"coda",
    b"cypress",
    b"percy",
    b"railway",
    b"posit",
    b"ses",
    b"vast",
    b"consul",
    b"fixer",
    b"exa",
    b"travis",
    b"amazon",
    b"aws",
    b"azure",
    b"npm",
    b"gcp",
    b"sumo",
    b"entra",
    b"canny",
    b"scw",
    b"expo",
    b"daily",
    b"apollo",
    b"amo",
    b"oci",
    b"mux",
    b"wiz",
    b"reddit",
    b"amplitude",
];
/// Words at the end of a name that make it that of an identifier or an address.
const ABOUT: &[&[u8]] = &[
    b"id",
    b"ids",
    b"url",
    b"uri",
    b"host",
    b"hostname",
    b"domain",
    b"endpoint",
    b"region",
    b"zone",
    b"project",
    b"org",
    b"organization",
    b"organisation",
    b"tenant",
    b"account",
    b"workspace",
    b"site",
    b"username",
    b"email",
    b"name",
    b"environment",
    b"branch",
    b"commit",
    b"sha",
    b"path",
    b"file",
    b"dir",
    b"channel",
    b"dashboard",
    b"monitor",
    b"cluster",
    b"pubkey",
    b"etag",
    b"trace",
    b"span",
    b"guid",
];
/// Words that stand between a provider's name and its secret and say nothing else.
const BESIDE: &[&[u8]] = &[
    b"api",
    b"apikey",
    b"access",
    b"client",
    b"app",
    b"auth",
    b"private",
    b"admin",
    b"account",
    b"service",
    b"personal",
    b"user",
    b"id",
    b"is",
    b"my",
    b"the",
    b"io",
    b"com",
    b"prod",
    b"test",
    b"live",
    b"dev",
    b"passwd",
    b"password",
    b"passcode",
    b"keys",
    b"tokens",
    b"secrets",
    b"value",
    b"string",
    b"for",
    b"bearer",
    b"authtoken",
    b"accesskey",
    b"secretkey",
    b"accesstoken",
    b"apitoken",
    b"apisecret",
    b"authkey",
    b"clientsecret",
];
/// Commands that set a variable without a sign.
const SETTERS: &[&[u8]] = &[b"-", b"ENV ", b"SetEnv ", b"setenv ", b"set -gx ", b"set -x ", b"set -Ux "];
/// The longest name around a keyword, in bytes.
const LONGEST_NAME: usize = 80;

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The name around a keyword.
fn name_around(text: &[u8], keyword: &Range<usize>) -> Range<usize> {
    let before = text[..keyword.start].iter().rev().take(LONGEST_NAME).take_while(|&&byte| is_name(byte)).count();
    let behind = text[keyword.end..].iter().take(LONGEST_NAME).take_while(|&&byte| is_name(byte)).count();
    keyword.start - before..keyword.end + behind
}

/// What the gap says: words that name a digest refuse the value, a missing operator makes it weaker.
pub(super) fn judge(text: &[u8], keyword: &Range<usize>, value: usize) -> Option<Confidence> {
    let gap = &text[keyword.end..value];
    let lower = gap.to_ascii_lowercase();
    if DIGESTS.iter().any(|word| memchr::memmem::find(&lower, word).is_some()) || is_path(text, keyword, value) {
        return None;
    }
    let assigns = gap.iter().any(|byte| b"=:(,>\"'`|\t".contains(byte)) && leads_on(gap) && !has_version(gap);
    if value > 0 && is_word(text[value - 1]) {
        // `algolia_key0123…`, glued: only chance looks like that.
        let is_part = text[..keyword.start].last().is_some_and(|&byte| is_name(byte) || byte == b'/');
        let head = &text[value..text.len().min(value + 24)];
        let is_glued = !is_part && looks_random(head) && head.iter().any(u8::is_ascii_digit);
        return is_glued.then_some(Confidence::Likely);
    }
    let is_sure = assigns || is_set(text, keyword, value) || is_beside(text, keyword, value);
    Some(if is_sure && !is_about(gap) { Confidence::Likely } else { Confidence::Possible })
}

/// `"https://deno.land/x/sentry/mod.ts": "…"`: the keyword is a part of a path, and the path is what the value belongs to.
fn is_path(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let of_path = |byte: &&u8| !byte.is_ascii_whitespace() && !b"\"'`<>()[]{},;=|".contains(byte);
    let before = text[..keyword.start].iter().rev().take(LONGEST_NAME).take_while(of_path).count();
    let behind = text[keyword.end..value].iter().take_while(of_path).count();
    let is_path = text[keyword.start - before..keyword.end].contains(&b'/');
    let rest = &text[keyword.end + behind..value];
    is_path && !rest.is_empty() && !rest.iter().any(u8::is_ascii_alphanumeric)
}

/// `HEROKU_APP_ID=`, `datadogOrg: `, `snyk public key: `: the rest of the name says that it is something else of the provider's.
fn is_about(gap: &[u8]) -> bool {
    let of_name = |byte: &&u8| is_name(**byte) || **byte == b' ' || **byte == b'.';
    let name = &gap[..gap.iter().take_while(of_name).count()];
    let name = name.trim_ascii_end();
    let is = |word: &[u8], list: &[&[u8]]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    words_of(name).next_back().is_some_and(|last| is(last, ABOUT))
        || words_of(name).any(|word| is(word, &[b"public", b"publishable"]))
}

/// The words of a text, cut at signs and at humps.
fn words_of(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let goes_on = |a: &u8, b: &u8| {
        a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric() && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
    };
    text.chunk_by(goes_on).filter(|word| word[0].is_ascii_alphanumeric())
}

/// Whether a gap that goes over a line's end is one: what stands before that end asks for more, or is the rest of a name.
fn leads_on(gap: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', gap) else { return true };
    let line = gap[..end].trim_ascii_end();
    // `<<EOT`, `|2`: the value is below.
    let is_below = memchr::memmem::find(line, b"<<").is_some() || line.ends_with(b"|2");
    is_below
        || line.last().is_none_or(|byte| b"=:(,>[{|\\-\"'`".contains(byte))
        || line.iter().all(|&byte| is_name(byte))
}

/// `8.0.0`: what follows a version is the digest of a package.
fn has_version(gap: &[u8]) -> bool {
    let of_version = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    gap.chunk_by(|a, b| of_version(a) == of_version(b)).any(|run| {
        let numbers: Vec<&[u8]> = run.split(|&byte| byte == b'.').collect();
        numbers.len() == 3 && numbers.iter().all(|number| !number.is_empty())
    })
}

/// `Algolia 0123…`, `algolia api key [0123…]`, `algolia-0123…`: nothing stands between but the words that go with a secret.
fn is_beside(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    /// So many signs and blanks may stand between.
    const SIGNS: usize = 12;
    // `github.com/snyk/…`, `@sentry`, `my-algolia`: a part of an address or of another name. A flag's dashes are none.
    let before = &text[keyword.start.saturating_sub(LONGEST_NAME)..keyword.start];
    let dashes = before.iter().rev().take_while(|&&byte| byte == b'-').count();
    let is_part =
        before[..before.len() - dashes].last().is_some_and(|&byte| is_name(byte) || b"/.@\\%#$".contains(&byte));
    let gap = &text[keyword.end..value];
    let signs = gap.iter().filter(|byte| !byte.is_ascii_alphanumeric()).count();
    let of_gap = |byte: &u8| byte.is_ascii_alphanumeric() || b" \r\n-_.[]{}();".contains(byte);
    if is_part || signs > SIGNS || !gap.iter().all(of_gap) {
        return false;
    }
    let known = |word: &[u8]| SECRETS.iter().chain(BESIDE).any(|known| word.eq_ignore_ascii_case(known));
    let said = gap.to_ascii_lowercase();
    let said = SECRETS.iter().any(|word| memchr::memmem::find(&said, word).is_some())
        || SECRETS.iter().any(|word| memchr::memmem::find(&text[keyword.clone()].to_ascii_lowercase(), word).is_some());
    // On a line of its own a value needs a name that says what it is.
    words_of(gap).all(known) && (said || !gap.contains(&b'\n'))
}

/// `ENV DATADOG_API_KEY value`, `--datadog-token value`, `the datadog key is value`: a name that says what it holds.
fn is_set(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let name = name_around(text, keyword);
    if name.end >= value {
        return false;
    }
    let between = text[name.end..value].to_ascii_lowercase();
    let said = |bytes: &[u8]| SECRETS.iter().any(|word| memchr::memmem::find(bytes, word).is_some());
    let lower = text[name.clone()].to_ascii_lowercase();
    if between.iter().all(|&byte| byte == b' ') {
        let dashes = lower.starts_with(b"-");
        return said(&lower) || dashes || SETTERS.iter().any(|setter| text[..name.start].ends_with(setter));
    }
    (between.ends_with(b" is ") || between.ends_with(b" to ")) && (said(&lower) || said(&between))
}

/// Whether the keyword is all of the name, and the value is what is assigned to it.
pub(super) fn is_whole_name(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let name = name_around(text, keyword);
    let before = &text[name.start..keyword.start];
    let gap = &text[keyword.end..value];
    let is_flag = before.iter().all(|&byte| byte == b'-') && !before.is_empty();
    // `-Dsnyk=`, `setSnyk(`, `X-Snyk: `.
    let is_whole =
        before.iter().all(|&byte| byte == b'-') || PREFIXES.iter().any(|prefix| before.eq_ignore_ascii_case(prefix));
    let lower = text[keyword.clone()].to_ascii_lowercase();
    if !is_whole || (is_flag && gap == b" ") {
        return is_whole;
    }
    let is_set =
        gap.iter().all(|&byte| byte == b' ') && SETTERS[1..].iter().any(|setter| text[..name.start].ends_with(setter));
    // `aws:policy/…` is the name of something; a colon that assigns is followed by a blank, a quote or a value of chance.
    let assigns = gap.iter().any(|byte| b"=>,(\t|".contains(byte))
        || gap.windows(2).any(|pair| pair[0] == b':' && b" \"'`\n\\".contains(&pair[1]))
        || gap.ends_with(b"\"")
        || gap.ends_with(b"'")
        || gap.ends_with(b"`")
        || (gap == b":" && looks_random(&text[value..text.len().min(value + 24)]));
    let is_beside = !is_flag && !WORDS.contains(&&lower[..]) && is_beside(text, keyword, value);
    let is_sure = is_set || is_beside || (assigns && judge(text, keyword, value) == Some(Confidence::Likely));
    if !is_sure {
        return false;
    }
    let mut words = gap.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').filter(|word| !word.is_empty());
    words.all(|word| {
        is_syntax(word, &lower) || [SECRETS, BESIDE].concat().iter().any(|known| word.eq_ignore_ascii_case(known))
    })
}

/// Whether a word of the gap belongs to the language, or repeats the name as the end of its element.
fn is_syntax(word: &[u8], name: &[u8]) -> bool {
    word.eq_ignore_ascii_case(name) || SYNTAX.iter().any(|known| word.eq_ignore_ascii_case(known))
}
