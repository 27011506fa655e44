//! A variable of the environment in place of a value, where that is a mechanical step: the whole literal is the secret, and the
//! statement stays valid.

use super::import::{Import, import};
use super::language::{Around, Language};
use super::lexis::literal;
use super::{ByHand, Context, Edit, Names, Plan, file_name, read, shown};
use crate::finding::{Finding, Place};
use crate::text::offset;
use std::collections::BTreeMap;
use std::ops::Range;

/// One replacement in a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Replacement {
    start: usize,
    end: usize,
    with: String,
    says: String,
}

/// Plans replacements for values, and leaves the others to a person.
pub fn plan(values: &[(&Finding<'_>, &Place, Vec<u8>)], context: &Context<'_>, plan: &mut Plan) {
    let mut files: BTreeMap<&[u8], Vec<(&Finding<'_>, &Place)>> = BTreeMap::new();
    for (finding, place, path) in values {
        files.entry(path).or_default().push((finding, place));
    }
    let mut names = Names::new();
    for (path, places) in files {
        match read(context.tree, path) {
            Ok(Some(text)) => file(path, text, &places, &mut names, plan),
            Ok(None) => {}
            Err(why) => plan.by_hand.push(ByHand { place: shown(path), why }),
        }
    }
}

fn file(path: &[u8], text: Vec<u8>, places: &[(&Finding<'_>, &Place)], names: &mut Names, plan: &mut Plan) {
    let language = Language::of(&String::from_utf8_lossy(file_name(path)));
    let mut replacements = Vec::new();
    for (finding, place) in places {
        let at = format!("{}:{}:{}", shown(path), place.start.line, place.start.column);
        let result = std::str::from_utf8(&text)
            .map_err(|_| "the file is not UTF-8")
            .and_then(|text| Ok((text, language.ok_or("no such step is known for this kind of file")?)))
            .and_then(|(text, language)| replacement(text, language, finding, place, names));
        match result {
            Ok(replacement) => replacements.push(replacement),
            Err(why) => {
                let why =
                    format!("{why}: take the value out by hand, and read it from the environment or a secret manager");
                plan.by_hand.push(ByHand { place: at, why });
            }
        }
    }
    replacements.sort();
    replacements.dedup_by(|a, b| a.start == b.start);
    if let (Some(language), false) = (language, replacements.is_empty()) {
        plan.code.push(edit(path, text, language, &replacements));
    }
}

fn replacement(
    text: &str,
    language: Language,
    finding: &Finding<'_>,
    place: &Place,
    names: &mut Names,
) -> Result<Replacement, &'static str> {
    let bytes = text.as_bytes();
    let secret = finding.secret.as_ref().ok_or("the file as a whole is the finding")?;
    if !finding.decoded.is_empty() {
        return Err("it stands encoded");
    }
    let span = offset(bytes, place.start).zip(offset(bytes, place.end)).ok_or("the file has changed")?;
    let span = span.0..span.1;
    if bytes.get(span.clone()) != Some(secret.expose()) {
        return Err("the file has changed, or spells it with escapes");
    }
    let (whole, prefix) = target(text, &span, language)?;
    let line_start = text[..whole.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[whole.end..].find(['\n', '\r']).map_or(text.len(), |at| whole.end + at);
    let around = Around {
        all_before: &text[..whole.start],
        before: &text[line_start..whole.start],
        after: &text[whole.end..line_end],
    };
    if let Some(why) = language.refuses(around) {
        return Err(why);
    }
    let variable = variable(finding, around.before, names);
    let read = language.read(&variable);
    let (whole, with) = if language == Language::Rust { rust(text, whole, around, &read)? } else { (whole, read) };
    let says = format!("{}:{}  {}{with}", place.start.line, place.start.column, prefix);
    Ok(Replacement { start: whole.start, end: whole.end, with, says })
}

/// What is replaced: the literal with its quotes or, where variables stand in plain text, the value alone.
fn target(text: &str, span: &Range<usize>, language: Language) -> Result<(Range<usize>, &'static str), &'static str> {
    let bytes = text.as_bytes();
    let before = span.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(span.end).copied();
    let ends = after.is_none_or(|byte| byte.is_ascii_whitespace());
    let Some(lexis) = language.lexis() else {
        let is_quoted = before.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'='))
            && after.is_some_and(|byte| matches!(byte, b'"' | b'\''));
        let is_plain =
            ends && (before == Some(b'=') || text[..span.start].ends_with(": ") || text[..span.start].ends_with("- "));
        return if is_quoted || is_plain { Ok((span.clone(), "")) } else { Err("it is one part of a longer text") };
    };
    if language == Language::Shell && memchr::memmem::find(bytes, b"<<").is_some() {
        return Err("a here-document may quote it");
    }
    if let Some(found) = literal(bytes, span, &lexis) {
        let touches =
            |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_\"'`@$%\\#".contains(&byte));
        let before = found.whole.start.checked_sub(1).map(|at| bytes[at]);
        if touches(before) || touches(bytes.get(found.whole.end).copied()) {
            return Err("it is one part of a longer string, or one with a prefix");
        }
        return if found.open == "`" && language == Language::Go {
            Err("it may be the tag of a field")
        } else {
            Ok((found.whole, ""))
        };
    }
    let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let assigned = text[line..span.start].trim_start().trim_start_matches("export ").strip_suffix('=');
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if language == Language::Shell && assigned.is_some_and(is_name) && (ends || after == Some(b';')) {
        return Ok((span.clone(), ""));
    }
    Err("it is no whole string literal in code")
}

/// A variable is an owned text in Rust, and a literal is a borrowed one that lives for ever: only where the difference
/// cannot matter is one put for the other.
fn rust(
    text: &str,
    whole: Range<usize>,
    around: Around<'_>,
    read: &str,
) -> Result<(Range<usize>, String), &'static str> {
    let after = &text[whole.end..];
    for call in [".to_string()", ".to_owned()", ".into()"] {
        if after.starts_with(call) {
            return Ok((whole.start..whole.end + call.len(), read.to_owned()));
        }
    }
    if around.before.ends_with("String::from(") && after.starts_with(')') {
        return Ok((whole, read.to_owned()));
    }
    let is_let = around.before.trim_start().starts_with("let ")
        && around.before.ends_with("= ")
        && !around.before.contains(['(', '{', '['])
        && after.starts_with(';');
    if is_let && !around.before.contains(':') {
        let equals = whole.start - 2;
        let name_end = text[..equals].trim_end().len();
        return Ok((name_end..whole.end, format!(": &str = &{read}")));
    }
    if is_let && around.before.replace(' ', "").ends_with(":&str=") {
        return Ok((whole, format!("&{read}")));
    }
    Err("a literal is borrowed for ever there, and a variable is not")
}

/// The name for a secret: of the key it is assigned to, of what stands before it, or of its rule; one name, one secret.
fn variable(finding: &Finding<'_>, before: &str, names: &mut Names) -> String {
    let secret = finding.secret.as_ref().map_or(&[][..], crate::text::Secret::expose);
    if let Some((name, _)) = names.iter().find(|(_, known)| known.as_slice() == secret) {
        return name.clone();
    }
    let word = assigned_word(before);
    let has_sign = before.trim_end().ends_with(['=', ':', '>']) && word.len() > 1;
    let base = finding.key.as_deref().or(Some(word).filter(|_| has_sign)).unwrap_or(finding.rule.id);
    let base = upper_snake(base);
    let mut name = base.clone();
    for number in 2.. {
        if !names.contains_key(&name) {
            break;
        }
        name = format!("{base}_{number}");
    }
    names.insert(name.clone(), secret.to_vec());
    name
}

/// The name that a value is given to: of `x: string =` it is `x`.
fn assigned_word(before: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let last = |text: &str| {
        text.rfind(|c| !is_name(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8))
    };
    let left = before.trim_end().trim_end_matches(['=', ':', '>', ' ', '"', '\'', '(']).trim_end();
    let start = last(left);
    let typed = left[..start].trim_end().strip_suffix(':').filter(|_| before.trim_end().ends_with('='));
    match typed {
        Some(name) => &name[last(name)..],
        None => &left[start..],
    }
}

fn upper_snake(name: &str) -> String {
    let mut out = String::new();
    let mut was_lower = false;
    for c in name.chars().take(64) {
        let begins_word = c.is_ascii_uppercase() && was_lower;
        if (begins_word || !c.is_ascii_alphanumeric()) && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_uppercase());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    let out = out.trim_end_matches('_');
    if out.starts_with(|c: char| c.is_ascii_alphabetic()) { out.to_owned() } else { format!("SECRET_{out}") }
}

fn edit(path: &[u8], before: Vec<u8>, language: Language, replacements: &[Replacement]) -> Edit {
    let mut after = before.clone();
    for one in replacements.iter().rev() {
        after.splice(one.start..one.end, one.with.bytes());
    }
    let mut says: Vec<String> = replacements.iter().map(|one| one.says.clone()).collect();
    match import(&after, language) {
        Import::Here => {}
        Import::Added(at, line) => {
            says.push(format!("adds `{}`", line.trim()));
            after.splice(at..at, line.bytes());
        }
        Import::Missing => says.push("add the import of `os` yourself".to_owned()),
    }
    Edit { path: path.to_vec(), before: Some(before), after, says }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_variables() {
        for (name, expected) in [
            ("dbPassword", "DB_PASSWORD"),
            ("stripe-live-secret-key", "STRIPE_LIVE_SECRET_KEY"),
            ("AWS_KEY", "AWS_KEY"),
            ("2fa.code", "SECRET_2FA_CODE"),
            ("é", "SECRET_"),
        ] {
            assert_eq!(upper_snake(name), expected);
        }
    }

    #[test]
    fn a_value_is_named_for_what_it_is_given_to() {
        for (before, name) in [
            ("const a: string = ", "a"),
            ("String token = ", "token"),
            ("  { key: ", "key"),
            ("a[\"pass\"] = ", ""),
            ("f(token=", "token"),
            ("é = ", ""),
        ] {
            assert_eq!(assigned_word(before), name, "{before}");
        }
    }
}
