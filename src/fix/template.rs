//! Templates of environment files: every key, no value.
//!
//! A remark is kept if nothing in it is a value or is taken for one. A template that exists is kept as it is, and gets the
//! keys that it lacks.

use super::{Context, Edit, file_name, folder, joined, line_end, read, shown};
use crate::engine::envfile::{Entry, entries};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Endings of templates, the first for a new one.
const ENDINGS: &[&str] = &["example", "sample", "template", "dist"];
/// A shorter value is a number or a switch, and stands in many remarks.
const SHORTEST_VALUE: usize = 4;

/// Whether a text holds anything that is taken for a secret.
type Suspect<'a> = &'a dyn Fn(&[u8]) -> bool;

/// The template of an environment file, as a change of the tree.
pub fn plan(context: &Context<'_>, path: &[u8]) -> Result<Option<Edit>, String> {
    let Some(text) = read(context.tree, path)? else { return Ok(None) };
    if text.contains(&0) {
        return Err("no template is written of it: save it as UTF-8".to_owned());
    }
    let name_with = |ending: &str| joined(folder(path), &[file_name(path), b".", ending.as_bytes()].concat());
    let mut target = (name_with(ENDINGS[0]), None);
    for ending in ENDINGS {
        let name = name_with(ending);
        if let Some(existing) = read(context.tree, &name)? {
            target = (name, Some(existing));
            break;
        }
    }
    let (name, before) = target;
    let suspect = |text: &[u8]| (context.is_suspect)(text, &name);
    let (after, keys) = match &before {
        Some(existing) => merged(existing, &text),
        None => fresh(&text, &suspect),
    };
    if keys.is_empty() {
        return Ok(None);
    }
    let mut says = vec![format!("{}: {}", if before.is_some() { "adds" } else { "keys" }, keys.join(", "))];
    if context.tree.is_ignored(name.as_slice().into()) && !context.tree.is_tracked(&name) {
        let file = shown(file_name(&name));
        says.push(format!("git ignores it: add `!{file}` to your .gitignore, so that it can be committed"));
    }
    Ok(Some(Edit { path: name, before, after, says }))
}

/// A template of a file, and its keys.
fn fresh(text: &[u8], suspect: Suspect<'_>) -> (Vec<u8>, Vec<String>) {
    let with_remarks = written(text, Some(suspect));
    // The whole is looked at once more: two harmless lines may make one secret.
    if suspect(&with_remarks.0) { written(text, None) } else { with_remarks }
}

fn written(text: &[u8], suspect: Option<Suspect<'_>>) -> (Vec<u8>, Vec<String>) {
    let all = entries(text);
    let values: Vec<&[u8]> =
        all.iter().map(|entry| &text[entry.value.clone()]).filter(|value| value.len() >= SHORTEST_VALUE).collect();
    let end = line_end(text);
    let (mut out, mut keys, mut seen, mut skip_to) = (String::new(), Vec::new(), BTreeSet::new(), 0);
    let mut at = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let range = at..at + line.len();
        at = range.end;
        if range.start < skip_to {
            continue;
        }
        if let Some(entry) = all.iter().find(|entry| range.contains(&entry.key.start)) {
            skip_to = entry.value.end;
            let key = key_of(text, entry);
            if seen.insert(key.clone()) {
                let export = if line.trim_ascii_start().starts_with(b"export ") { "export " } else { "" };
                let _ = write!(out, "{export}{key}={end}");
                keys.push(key);
            }
            continue;
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            if !out.is_empty() && !out.ends_with(&end.repeat(2)) {
                out.push_str(end);
            }
        } else if let Some(remark) = suspect.and_then(|suspect| remark(line, &values, suspect)) {
            let _ = write!(out, "{remark}{end}");
        }
    }
    let kept = out.trim_end().len();
    out.truncate(kept);
    out.push_str(end);
    (out.into_bytes(), keys)
}

/// A remark as it may be kept: whole, as the key of a line that was taken out of use, or not at all.
fn remark(line: &[u8], values: &[&[u8]], suspect: Suspect<'_>) -> Option<String> {
    let inner = line.strip_prefix(b"#")?;
    let words = std::str::from_utf8(line).ok()?;
    if let Some(entry) = entries(inner).first().filter(|_| !inner.trim_ascii().contains(&b' ')) {
        return Some(format!("# {}=", key_of(inner, entry)));
    }
    let holds_value = values.iter().any(|value| memchr::memmem::find(line, value).is_some());
    // An equals sign or a long word in a remark may be what somebody tried out.
    let is_doubtful =
        line.contains(&b'=') || words.split_whitespace().any(|word| word.len() > 40 && !word.contains("://"));
    (!holds_value && !is_doubtful && !suspect(line)).then(|| words.to_owned())
}

/// An existing template with the keys that it lacks.
fn merged(existing: &[u8], text: &[u8]) -> (Vec<u8>, Vec<String>) {
    let known: BTreeSet<String> = entries(existing).iter().map(|entry| key_of(existing, entry)).collect();
    let end = line_end(existing);
    let (mut out, mut keys, mut seen) = (existing.to_vec(), Vec::new(), BTreeSet::new());
    for entry in entries(text) {
        let key = key_of(text, &entry);
        if known.contains(&key) || !seen.insert(key.clone()) {
            continue;
        }
        if out.last().is_some_and(|&byte| byte != b'\n') {
            out.extend_from_slice(end.as_bytes());
        }
        out.extend_from_slice(format!("{key}={end}").as_bytes());
        keys.push(key);
    }
    (out, keys)
}

fn key_of(text: &[u8], entry: &Entry) -> String {
    String::from_utf8_lossy(&text[entry.key.clone()]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn keys_stay_and_values_go() {
        let source =
            b"# The database\nexport DB_URL='first second' # of prod\n\n\n#OLD_KEY=thing\nMULTI=\"one\ntwo\"\n\
                       # was thing first second once\nDB_URL=again\n# try A=b\nPORT=80";
        let (out, keys) = fresh(source, &|_| false);
        assert_eq!(text(&out), "# The database\nexport DB_URL=\n\n# OLD_KEY=\nMULTI=\nPORT=\n");
        assert_eq!(keys, ["DB_URL", "MULTI", "PORT"]);
    }

    #[test]
    fn a_suspect_remark_goes() {
        let source = b"# fine\n# token abc\nA=\n";
        let suspect = |line: &[u8]| memchr::memmem::find(line, b"token").is_some();
        assert_eq!(text(&fresh(source, &suspect).0), "# fine\nA=\n");
        assert_eq!(text(&fresh(source, &|text: &[u8]| text.len() > 12).0), "A=\n");
    }

    #[test]
    fn what_exists_is_kept_and_completed() {
        let (out, keys) = merged(b"# ours\r\nA=default\r\nC=", b"A=1\nB=2\nB=3\nC=4\n");
        assert_eq!((text(&out).as_str(), keys), ("# ours\r\nA=default\r\nC=\r\nB=\r\n", vec!["B".to_owned()]));
        assert!(merged(b"A=\n", b"A=1\n").1.is_empty());
    }
}
