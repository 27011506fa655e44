//! What is typed in `plainsight.toml`, turned into what it means.
//!
//! Every mistake is told with its place. Whether the ids of rules exist is asked later, when the rules of added
//! folders are known too.

use super::error::{ConfigError, Fault};
use super::excerpt::Source;
use super::file::{AllowForm, ConfigFile, Words};
use super::find::MAX_FILE_BYTES;
use super::nearest::nearest;
use super::settings::{FailOn, Layer, Origin, Sourced, severity};
use super::size::parse_size;
use crate::policy::allow::Entry;
use crate::policy::{GlobError, Globs, safe_reason};
use jiff::civil::Date;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use toml::Spanned;

/// Greatest number of `[[allow]]` entries: each is asked about each finding. More belongs into a baseline.
pub const MAX_ALLOWANCES: usize = 2_000;
/// Greatest number of items of any other list.
const MAX_ITEMS: usize = 2_000;

/// A fault has one place and is large.
type Read<T> = Result<T, Box<Fault>>;

/// Reads the bytes of a configuration file; `path` says what it is called in messages and whose folder its
/// relative paths begin at. Touches no disk.
///
/// # Errors
/// The first mistake in it.
pub fn parse(bytes: &[u8], path: &Path) -> super::Result<Layer> {
    let not_a_file = |message: String| ConfigError::NotAFile { path: path.to_owned(), message };
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let message = format!(
            "larger than {} MiB; known findings belong into a baseline, see `plainsight baseline`",
            MAX_FILE_BYTES >> 20
        );
        return Err(not_a_file(message));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count();
        not_a_file(format!("line {line} is not UTF-8; save the file as UTF-8"))
    })?;
    layer(&Source { path, text: text.strip_prefix('\u{feff}').unwrap_or(text) }).map_err(ConfigError::Invalid)
}

fn layer(source: &Source<'_>) -> Read<Layer> {
    let file: ConfigFile = toml::from_str(source.text).map_err(|error| Box::new(form_fault(source, &error)))?;
    let at_most = |count: usize, limit: usize, what: &str| {
        let message = format!("{count} {what}, and at most {limit} are read");
        if count > limit { Err(Box::new(source.fault(0..0, message, None))) } else { Ok(()) }
    };
    at_most(file.rules.disable.len(), MAX_ITEMS, "disabled rules")?;
    at_most(file.rules.folders.len(), MAX_ITEMS, "rule folders")?;
    at_most(
        file.allow.len(),
        MAX_ALLOWANCES,
        "[[allow]] entries; take over known findings with `plainsight baseline create`",
    )?;
    globs(source, &file.files.exclude, 0..0)?;
    let severity = |word: &String| severity(word);
    let max_size = |value: &toml::Value| match value {
        toml::Value::String(text) => parse_size(text),
        toml::Value::Integer(bytes) => parse_size(&bytes.to_string()),
        _ => parse_size(""),
    };
    Ok(Layer {
        file: Some(source.path.to_owned()),
        rule_folders: file.rules.folders.iter().map(|folder| rule_folder(source, folder)).collect::<Read<_>>()?,
        disable: file.rules.disable.into_iter().map(|id| sourced(source, id)).collect(),
        only: Vec::new(),
        fail_on: optional(source, file.gate.fail_on.as_ref(), |word| word.parse::<FailOn>())?,
        min_severity: optional(source, file.gate.min_severity.as_ref(), severity)?,
        exclude: file.files.exclude.into_iter().map(|glob| sourced(source, glob)).collect(),
        max_size: optional(source, file.files.max_size.as_ref(), max_size)?,
        allow: file.allow.iter().map(|form| allowance(source, form)).collect::<Read<_>>()?,
    })
}

fn origin(source: &Source<'_>, span: &Range<usize>) -> Origin {
    Origin::File { path: source.path.to_owned(), line: source.line(span.start) }
}

fn sourced<T>(source: &Source<'_>, value: Spanned<T>) -> Sourced<T> {
    Sourced { origin: origin(source, &value.span()), value: value.into_inner() }
}

fn optional<T, U>(
    source: &Source<'_>,
    value: Option<&Spanned<T>>,
    read: impl Fn(&T) -> Result<U, String>,
) -> Read<Option<Sourced<U>>> {
    let Some(spanned) = value else { return Ok(None) };
    let value = read(spanned.get_ref()).map_err(|message| Box::new(source.fault(spanned.span(), message, None)))?;
    Ok(Some(Sourced { value, origin: origin(source, &spanned.span()) }))
}

/// A repository must not choose rule files from all over the disk: a message about one would show its lines.
fn rule_folder(source: &Source<'_>, folder: &Spanned<String>) -> Read<Sourced<PathBuf>> {
    let path = Path::new(folder.get_ref());
    let below = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !below || folder.get_ref().trim().is_empty() {
        let message = "a rule folder lies in this file's folder or below it: no `..`, no absolute path".to_owned();
        let help = Some("name a folder elsewhere on the command line, with `--rules DIR`".to_owned());
        return Err(Box::new(source.fault(folder.span(), message, help)));
    }
    let value = source.path.parent().unwrap_or(Path::new("")).join(path);
    Ok(Sourced { value, origin: origin(source, &folder.span()) })
}

fn globs(source: &Source<'_>, words: &Words, list: Range<usize>) -> Read<Globs> {
    let patterns: Vec<&String> = words.iter().map(Spanned::get_ref).collect();
    Globs::new(&patterns).map_err(|error| {
        let span = match &error {
            GlobError::Glob { index, .. } => words.get(*index).map_or(list, Spanned::span),
            GlobError::List { .. } => words.first().map_or(list, Spanned::span),
        };
        Box::new(source.fault(span, error.to_string(), None))
    })
}

fn allowance(source: &Source<'_>, form: &Spanned<AllowForm>) -> Read<Entry> {
    let AllowForm { reason, expires, owner, id, rule, paths, value_sha256, whole_file } = form.get_ref();
    let wrong = |span: Range<usize>, message: &str, help: Option<&str>| {
        Box::new(source.fault(span, message.to_owned(), help.map(str::to_owned)))
    };
    let Some(reason) = reason else {
        return Err(wrong(
            form.span(),
            "this [[allow]] has no reason",
            Some("add `reason = \"…\"`: why is this no leak?"),
        ));
    };
    if reason.get_ref().trim().is_empty() {
        return Err(wrong(reason.span(), "the reason is empty", Some("say why this is no leak")));
    }
    let none = id.is_none() && rule.is_none() && paths.is_none() && value_sha256.is_none();
    if none {
        let help = "add `id`, `value_sha256`, `rule` or `paths`; a report shows the id of a finding";
        return Err(wrong(form.span(), "this [[allow]] has no condition and would allow everything", Some(help)));
    }
    let whole = whole_file.as_ref().is_some_and(|whole| *whole.get_ref());
    if id.is_none() && value_sha256.is_none() && !whole {
        let span = whole_file.as_ref().map_or(form.span(), Spanned::span);
        let help =
            "name the finding with `id`, or, to allow also secrets that nobody has seen yet, add `whole_file = true`";
        return Err(wrong(span, "this [[allow]] is tied to no finding and no value", Some(help)));
    }
    let entry_origin = origin(source, &form.span()).to_string();
    Ok(Entry {
        origin: entry_origin,
        reason: reason.get_ref().trim().to_owned(),
        expires: optional(source, expires.as_ref(), date)?.map(|date| date.value),
        owner: owner.as_ref().map(|owner| owner.get_ref().clone()),
        id: optional(source, id.as_ref(), |id| finding_id(id))?.map(|id| id.value),
        rule: rule.as_ref().map(|rule| rule.get_ref().clone()),
        paths: match paths {
            Some(list) if list.get_ref().is_empty() => {
                return Err(wrong(
                    list.span(),
                    "an empty list of paths fits nothing",
                    Some("leave `paths` out, or name one"),
                ));
            }
            Some(list) => Some(globs(source, list.get_ref(), list.span())?),
            None => None,
        },
        value_sha256: optional(source, value_sha256.as_ref(), |text| digest(text))?.map(|digest| digest.value),
        whole_file: whole,
    })
}

/// Both `"2026-12-31"` and the bare date of TOML.
fn date(value: &toml::Value) -> Result<Date, String> {
    let text = match value {
        toml::Value::String(text) => text.trim().to_owned(),
        toml::Value::Datetime(date) => date.to_string(),
        _ => String::new(),
    };
    // Only the plain form: the library would also read a date with a time, and drop the time.
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = text.parse::<Date>().ok().filter(|_| plain);
    date.ok_or_else(|| "this is no date: write the last day on which it holds as \"YYYY-MM-DD\"".to_owned())
}

fn finding_id(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("ps1-").filter(|digits| digits.len() == 24);
    let known = digits.is_some_and(|digits| digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    known.then(|| text.to_owned()).ok_or_else(|| {
        "this is no id of a finding: it is `ps1-` and 24 hexadecimal digits, as a report shows it".to_owned()
    })
}

/// The message does not repeat the text: people put the value itself here.
fn digest(text: &str) -> Result<[u8; 32], String> {
    let wrong = || "this is no SHA-256: 64 hexadecimal digits are meant here, never the value itself".to_owned();
    let mut out = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    for (byte, at) in out.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(out)
}

/// Says in our words what the parser says in its own, and repeats no value.
fn form_fault(source: &Source<'_>, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    if let Some((key, expected)) =
        message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected "))
    {
        let known = expected.split('`').skip(1).step_by(2);
        let all = known.clone().collect::<Vec<_>>().join(", ");
        let help =
            nearest(key, known).map_or_else(|| format!("known here: {all}"), |near| format!("did you mean `{near}`?"));
        return source.fault(span, format!("unknown key `{}`", safe_reason(key)), Some(help));
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once(", expected "))
    {
        let kind = found.split(' ').next().unwrap_or_default();
        let expected = match expected {
            "a sequence" if kind == "map" => "a list: in TOML, `[[allow]]` with two brackets",
            "a sequence" => "a list, as in [\"…\"]",
            "a string" => "a text in quotes",
            "a boolean" => "true or false",
            other => other.strip_prefix("struct ").map_or(other, |_| "a table"),
        };
        let found = match kind {
            "sequence" => "a list",
            "map" => "a table",
            "string" => "a text",
            "boolean" => "true or false",
            "integer" | "floating" => "a number",
            _ => "something else",
        };
        return source.fault(span, format!("{found} stands here, where {expected} is meant"), None);
    }
    source.fault(span, format!("this is no TOML: {}", safe_reason(message)), None)
}

#[cfg(test)]
mod tests;
