//! What stands between a keyword and its value, for secrets without a format of their own.
//!
//! The expression of such a rule lets nearly anything stand there; what it means is decided here, for all of them alike.

mod before;
mod words;

pub(super) use before::{begins, ends_before, record};

use super::filter::looks_random;
use super::simd::is_word;
use crate::finding::Confidence;
use std::ops::Range;
use words::{ABOUT, BESIDE, CALLS, COMMANDS, DIGESTS, PREFIXES, SECRETS, SETTERS, SYNTAX, WORDS};

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
    let assigns = assigns || (is_headed(text, keyword, value) && !has_version(gap));
    let is_sure =
        assigns || is_set(text, keyword, value) || is_beside(text, keyword, value) || is_given(text, keyword, value);
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

/// `# Datadog API key` over `X = "…"`, `[sentry]` over `token = …`, a provider's name alone over a value alone.
fn is_headed(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let gap = &text[keyword.end..value];
    let Some(end) = memchr::memchr(b'\n', gap) else { return false };
    let (line, below) = (gap[..end].trim_ascii_end(), &gap[end + 1..]);
    let first = keyword.start.saturating_sub(LONGEST_NAME);
    let before = &text[first..keyword.start];
    let before = &before[before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)..];
    let says = |bytes: &[u8]| {
        let lower = bytes.to_ascii_lowercase();
        SECRETS.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
    };
    let plain = |bytes: &[u8]| words_of(bytes).all(|word| is_any(word, &[SECRETS, BESIDE]));
    if line.is_empty() && before.is_empty() && below.is_empty() {
        let end = text[value..].iter().take(LONGEST_NAME).position(u8::is_ascii_whitespace);
        let alone = &text[value..end.map_or(text.len().min(value + LONGEST_NAME), |end| value + end)];
        let has = |test: fn(&u8) -> bool| alone.iter().any(test);
        return has(u8::is_ascii_lowercase)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_digit)
            && looks_random(alone);
    }
    let is_assigned = below.contains(&b'=') || below.contains(&b':');
    if before.trim_ascii_start() == b"[" && line.ends_with(b"]") {
        return is_assigned && plain(line) && plain(below) && (says(below) || !words_of(below).eq([b"id"]));
    }
    let is_comment = [&b"#"[..], b"//", b"--", b"*", b";", b"/*"].iter().any(|sign| before.trim_ascii() == *sign);
    is_comment && is_assigned && plain(line) && (says(line) || says(&text[keyword.clone()]))
}

/// Whether a word is one of some lists', in either case.
fn is_any(word: &[u8], lists: &[&[&[u8]]]) -> bool {
    lists.iter().any(|list| list.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// `sanity login …`, `shodan config set token …`, `put-parameter --name /app/datadog-key --value …`: a command that is given it.
fn is_given(text: &[u8], keyword: &Range<usize>, value: usize) -> bool {
    let gap = &text[keyword.end..value];
    let gap = gap.strip_suffix(b"\"").or_else(|| gap.strip_suffix(b"'")).unwrap_or(gap);
    let of_gap = |byte: &u8| byte.is_ascii_alphanumeric() || b" -_.:=".contains(byte);
    if !gap.ends_with(b" ") || !gap.iter().all(of_gap) || !looks_random(&text[value..text.len().min(value + 24)]) {
        return false;
    }
    let is_named = [&b" --value "[..], b" --body ", b" -k ", b" -t ", b" login "].iter().any(|end| gap.ends_with(end));
    let is_set =
        || memchr::memmem::find(gap, b"config set ").is_some() || memchr::memmem::find(gap, b" set ").is_some();
    (is_named || is_set()) && words_of(gap).all(|word| word == b"value" || is_any(word, &[SECRETS, BESIDE, COMMANDS]))
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
        is_syntax(word, &lower)
            || is_any(word, &[SECRETS, BESIDE])
            || words_of(word).all(|part| is_any(part, &[SECRETS, BESIDE, CALLS]))
    })
}

/// Whether a word of the gap belongs to the language, or repeats the name as the end of its element.
fn is_syntax(word: &[u8], name: &[u8]) -> bool {
    word.eq_ignore_ascii_case(name) || SYNTAX.iter().any(|known| word.eq_ignore_ascii_case(known))
}
