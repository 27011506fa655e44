//! The record of rotations, `plainsight-rotations.jsonl` at the top of the repository: reading and writing it.
//!
//! One object a line, sorted, so that merges rarely conflict. There is no secret in it: a finding is named by its
//! id, and what held it by the names of git's objects. A line that cannot be understood ends the run, because what it was meant
//! to say is not known; the message names the line.

use super::Result;
use super::error::ConfigError;
use crate::policy::rotation::{Rotation, RotationState, Rotations};
use crate::replace::{Mode, Replacing};
use crate::text::printable;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What the file is called.
pub const ROTATIONS_NAME: &str = "plainsight-rotations.jsonl";
/// Greatest size of the file.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// One line, as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    rule: String,
    state: String,
    on: String,
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blobs: Vec<String>,
}

/// Reads the record of the repository at `top`; without a file there is none.
///
/// # Errors
/// It cannot be read, or a line of it is broken.
pub fn load_rotations(top: &Path) -> Result<Vec<(String, Rotation)>> {
    let path = top.join(ROTATIONS_NAME);
    let failed = |source| ConfigError::Read { path: path.clone(), source };
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => {
            let message = "this is a link or no regular file; the record of rotations is a text file".to_owned();
            return Err(ConfigError::NotAFile { path, message });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    }
    let mut bytes = Vec::new();
    File::open(&path).map_err(failed)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("larger than {} MiB; delete lines of findings that are gone", MAX_BYTES >> 20);
        return Err(ConfigError::NotAFile { path, message });
    }
    parse_rotations(&bytes, &path)
}

/// The record as something that can be asked.
///
/// # Errors
/// As [`load_rotations`].
pub fn rotations(top: &Path) -> Result<Rotations> {
    load_rotations(top).map(Rotations::new)
}

/// Reads the bytes of a record; touches no disk.
///
/// # Errors
/// The first broken line.
pub fn parse_rotations(bytes: &[u8], path: &Path) -> Result<Vec<(String, Rotation)>> {
    let name = path.file_name().map_or_else(|| ROTATIONS_NAME.to_owned(), |name| name.to_string_lossy().into_owned());
    let mut found = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let rotation = read(line).map_err(|why| ConfigError::NotAFile {
            path: path.to_owned(),
            message: format!("line {number}: {why}; mend the line, or delete it and record the rotation again"),
        })?;
        found.push((format!("{name}:{number}"), rotation));
    }
    Ok(found)
}

fn read(line: &[u8]) -> std::result::Result<Rotation, String> {
    if [&b"<<<<<<<"[..], b"=======", b">>>>>>>", b"|||||||"].iter().any(|mark| line.starts_with(mark)) {
        return Err("the mark of a merge conflict; both sides can stay".to_owned());
    }
    let line: Line = serde_json::from_slice(line).map_err(|error| {
        // What serde says may repeat bytes of the file; its name of the fault and the column are enough.
        let what = error.to_string();
        let known = ["unknown field", "missing field", "duplicate field"].iter().find(|known| what.starts_with(*known));
        let field = known.map(|known| {
            let name = what.split('`').nth(1).filter(|name| name.len() <= 32).unwrap_or("?");
            format!("{known} `{}`", printable(name))
        });
        field.unwrap_or_else(|| format!("no object of this form (column {})", error.column()))
    })?;
    let state = [RotationState::Started, RotationState::Done].into_iter().find(|state| state.as_str() == line.state);
    let hex = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if !line.id.strip_prefix("ps1-").is_some_and(|id| hex(id, &[24])) {
        return Err("`id` is no id of a finding (ps1- and 24 hexadecimal digits)".to_owned());
    }
    if line.on.len() != 10 || line.on.parse::<jiff::civil::Date>().is_err() {
        return Err("`on` is no date such as 2026-01-31".to_owned());
    }
    if line.by.trim().is_empty() {
        return Err("`by` names nobody".to_owned());
    }
    if !line.blobs.iter().chain(&line.commit).all(|id| hex(id, &[40, 64])) {
        return Err("`commit` and `blobs` hold names of git objects, in full".to_owned());
    }
    Ok(Rotation {
        id: line.id,
        on: line.on,
        state: state.ok_or("`state` is neither `started` nor `done`")?,
        rule: line.rule,
        by: line.by,
        note: line.note,
        commit: line.commit,
        blobs: line.blobs.into_iter().collect(),
    })
}

/// Adds a line to the record, and sorts it. The file is replaced whole, so that whoever reads it meanwhile reads the old
/// one; a lock beside it keeps a second writer out.
///
/// # Errors
/// As [`load_rotations`], or it cannot be written.
pub fn record_rotation(top: &Path, rotation: Rotation) -> Result<PathBuf> {
    let path = top.join(ROTATIONS_NAME);
    let lock = top.join(format!("{ROTATIONS_NAME}.lock"));
    let failed = |source| ConfigError::Read { path: lock.clone(), source };
    // Another writer is kept out until this one is done, or has failed.
    let (replacing, mut file) = Replacing::under(lock.clone(), &path, &Mode::Usual).map_err(failed)?;
    let mut all: Vec<Rotation> = load_rotations(top)?.into_iter().map(|(_, rotation)| rotation).collect();
    all.push(rotation);
    file.write_all(render_rotations(all).as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    drop(file);
    replacing.done().map_err(failed)?;
    Ok(path)
}

/// The text of a record.
#[must_use]
pub fn render_rotations(mut all: Vec<Rotation>) -> String {
    all.sort();
    all.dedup();
    let mut out = String::new();
    for rotation in all {
        let line = Line {
            id: rotation.id,
            rule: rotation.rule,
            state: rotation.state.as_str().to_owned(),
            on: rotation.on,
            by: rotation.by,
            note: rotation.note,
            commit: rotation.commit,
            blobs: rotation.blobs.into_iter().collect(),
        };
        // Texts and lists of texts: there is nothing that JSON cannot hold.
        if let Ok(text) = serde_json::to_string(&line) {
            out.push_str(&text);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    fn line(change: &str, to: &str) -> String {
        let id = "0".repeat(24);
        let blob = "a".repeat(40);
        format!(r#"{{"id":"ps1-{id}","rule":"r","state":"done","on":"2026-01-31","by":"A","blobs":["{blob}"]}}"#)
            .replace(change, to)
    }

    fn fault(text: &str) -> String {
        let parsed = parse_rotations(text.as_bytes(), Path::new("x/plainsight-rotations.jsonl"));
        parsed.map_err(|error| error.to_string()).err().unwrap_or_default()
    }

    #[test]
    fn a_broken_line_is_named() {
        let good = line("", "");
        assert_eq!(fault(&good), "");
        for (text, said) in [
            (line(r#""by""#, r#""who""#), "line 2: unknown field `who`"),
            (line(r#","by":"A""#, ""), "line 2: missing field `by`"),
            (line("done", "gone"), "line 2: `state` is neither"),
            (line("ps1-0", "ps1-"), "line 2: `id` is no id"),
            (line("2026-01-31", "2026-02-31"), "line 2: `on` is no date"),
            (line("aaaa", "xyz"), "line 2: `commit` and `blobs`"),
            ("not an object at all".to_owned(), "line 2: no object of this form"),
            ("<<<<<<< HEAD".to_owned(), "line 2: the mark of a merge conflict"),
        ] {
            let fault = fault(&format!("{good}\n{text}\n"));
            assert!(fault.contains(said), "{text}: {fault}");
            assert!(!fault.contains("at all"), "{fault}");
        }
    }

    #[test]
    fn lines_are_added_in_order_and_once() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let one = |digit: &str| {
            let text = line("000000000000000000000000", &digit.repeat(24));
            parse_rotations(text.as_bytes(), Path::new("x")).map(|mut all| all.remove(0).1)
        };
        for digit in ["c", "a", "b", "a"] {
            record_rotation(folder.path(), one(digit)?)?;
        }
        let all = load_rotations(folder.path())?;
        assert_eq!(all.iter().map(|(_, one)| &one.id[4..5]).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(all[2].0, "plainsight-rotations.jsonl:3");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1, "no lock is left");
        fs::write(folder.path().join(format!("{ROTATIONS_NAME}.lock")), "")?;
        let refused = record_rotation(folder.path(), one("d")?).map_err(|error| error.to_string());
        assert!(refused.is_err_and(|text| text.contains(".lock")));
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(note in proptest::option::of("\\PC{0,20}"), by in "[a-z\"\\\\\n]{1,9}x", done: bool) {
            let state = if done { RotationState::Done } else { RotationState::Started };
            let blobs = std::iter::once("b".repeat(64)).collect();
            let one = Rotation {
                id: format!("ps1-{}", "1".repeat(24)), on: "2026-01-31".into(), state, rule: "r".into(), by, note,
                commit: Some("c".repeat(40)), blobs,
            };
            let text = render_rotations(vec![one.clone()]);
            prop_assert_eq!(text.lines().count(), 1);
            let read = parse_rotations(text.as_bytes(), Path::new("x"));
            prop_assert_eq!(read.ok().map(|all| all.into_iter().map(|(_, one)| one).collect()), Some(vec![one]));
        }
    }
}
