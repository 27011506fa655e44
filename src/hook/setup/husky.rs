//! The block in a hook of husky.
//!
//! Husky's own folder (`.husky/_`) is written anew by every `npm install`; what a project wants lies in `.husky/<hook>`, which is
//! committed. So a block goes there, with no path of this machine in it, at the top: what comes first is what blocks first.

use super::{Hook, HookError, files, shown};
use std::fs;
use std::path::Path;

const BLOCK: &str = include_str!("../../../hooks/husky.sh");
const BEGIN: &[u8] = b"# plainsight: begin.";
const END: &[u8] = b"# plainsight: end\n";

/// The lines that call the program. Refs on standard input are read twice: by it, and by what comes after it.
fn run(hook: Hook) -> String {
    if hook.reads_refs() {
        format!(
            "    plainsight_refs=$(mktemp \"${{TMPDIR:-/tmp}}/plainsight.XXXXXX\") && cat >\"$plainsight_refs\" || exit 1\n    \
             exec 3<\"$plainsight_refs\" <\"$plainsight_refs\"\n    rm -f \"$plainsight_refs\"\n    \
             plainsight hook run {hook} \"$@\" <&3 3<&- || exit $?\n    exec 3<&-"
        )
    } else {
        format!("    plainsight hook run {hook} \"$@\" || exit $?")
    }
}

/// The block of a hook.
pub fn block(hook: Hook) -> Vec<u8> {
    BLOCK.replace("@RUN@", &run(hook)).replace("@HOOK@", hook.as_str()).into_bytes()
}

/// What stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// None.
    None,
    /// As this version writes it, at these bytes.
    Current(std::ops::Range<usize>),
    /// Another one: of another version, or changed.
    Other(std::ops::Range<usize>),
    /// A beginning without an end.
    Broken,
}

/// Finds the block.
pub fn find(bytes: &[u8], hook: Hook) -> Block {
    let Some(start) = memchr::memmem::find(bytes, BEGIN) else { return Block::None };
    let Some(length) = memchr::memmem::find(&bytes[start..], END) else { return Block::Broken };
    let range = start..start + length + END.len();
    if bytes[range.clone()] == block(hook)[..] { Block::Current(range) } else { Block::Other(range) }
}

/// Puts the block in. True if anything was written.
pub fn put(path: &Path, hook: Hook) -> Result<bool, HookError> {
    let io = |error: std::io::Error| HookError::io(path, &error);
    let text = block(hook);
    let Some(found) = files::look(path).map_err(io)? else {
        files::write(path, &text, None).map_err(io)?;
        return Ok(true);
    };
    check(path, &found)?;
    let bytes = &found.bytes;
    let first = if bytes.starts_with(b"#!") {
        bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |at| at + 1)
    } else {
        0
    };
    if !runs_in_sh(&bytes[..first]) || bytes[..first].last().is_some_and(|&last| last != b'\n') {
        return Err(HookError::new(
            format_args!("{} is no shell script, so that no block fits into it", shown(path)),
            format_args!("let it run `plainsight hook run {hook}` first, with its arguments and standard input"),
        ));
    }
    let new = match find(bytes, hook) {
        Block::Current(_) => return Ok(false),
        Block::Other(range) => [&bytes[..range.start], &text, &bytes[range.end..]].concat(),
        Block::Broken => return Err(broken(path)),
        Block::None => [&bytes[..first], &text, &bytes[first..]].concat(),
    };
    files::write(path, &new, Some(path)).map_err(io)?;
    Ok(true)
}

/// Takes the block out. True if anything was written.
pub fn take(path: &Path, hook: Hook) -> Result<bool, HookError> {
    let io = |error: std::io::Error| HookError::io(path, &error);
    let Some(found) = files::look(path).map_err(io)? else { return Ok(false) };
    let range = match find(&found.bytes, hook) {
        Block::None => return Ok(false),
        Block::Broken => return Err(broken(path)),
        Block::Current(range) => range,
        Block::Other(_) => {
            return Err(HookError::new(
                format_args!("the block of plainsight in {} was changed, or is of another version", shown(path)),
                "take it out by hand, from `# plainsight: begin` to `# plainsight: end`",
            ));
        }
    };
    check(path, &found)?;
    let rest = [&found.bytes[..range.start], &found.bytes[range.end..]].concat();
    if rest.is_empty() {
        fs::remove_file(path).map_err(io)?;
    } else {
        files::write(path, &rest, Some(path)).map_err(io)?;
    }
    Ok(true)
}

/// A link in the work tree would choose what is written, and of a large file only the beginning was read.
fn check(path: &Path, found: &files::Found) -> Result<(), HookError> {
    if found.bytes.len() as u64 >= files::MAX_HOOK {
        return Err(HookError::new(format_args!("{} is too large for a hook", shown(path)), "look at what it is"));
    }
    if found.is_link {
        return Err(HookError::new(
            format_args!("{} is a link, which is not followed", shown(path)),
            "put the lines into the file that it names, or make it a file",
        ));
    }
    Ok(())
}

fn broken(path: &Path) -> HookError {
    HookError::new(
        format_args!("{} has `# plainsight: begin`, and no `# plainsight: end` after it", shown(path)),
        "take what is left of the block out by hand, and try again",
    )
}

fn runs_in_sh(first: &[u8]) -> bool {
    let line = String::from_utf8_lossy(first);
    let mut words = line.trim_start_matches("#!").split_whitespace();
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let program = words.next().map(name);
    let program = if program.as_deref() == Some("env") { words.next().map(name) } else { program };
    program.is_none_or(|name| ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn put_and_taken_out_the_bytes_are_the_same() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("pre-push");
        for before in [&b"npm test"[..], b"npm test\n", b"#!/bin/sh\n", b"#!/usr/bin/env sh\nnpm test\r\n", b"\xff\0"] {
            fs::write(&path, before).expect("it can be written");
            assert!(put(&path, Hook::PrePush).expect("it can be put in"));
            let once = fs::read(&path).expect("it is there");
            assert!(!put(&path, Hook::PrePush).expect("it is there"));
            assert_eq!(fs::read(&path).expect("it is there"), once);
            assert!(take(&path, Hook::PrePush).expect("it can be taken out"));
            let after = fs::read(&path).ok();
            assert_eq!(after.as_deref(), Some(before));
        }
        fs::remove_file(&path).expect("it is there");
        assert!(put(&path, Hook::PrePush).expect("it can be put in"));
        assert!(take(&path, Hook::PrePush).expect("it can be taken out"));
        assert!(!path.exists());
    }

    #[test]
    fn what_is_no_shell_script_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("pre-commit");
        fs::write(&path, "#!/usr/bin/env node\n").expect("it can be written");
        assert!(put(&path, Hook::PreCommit).is_err());
        assert_eq!(fs::read(&path).expect("it is there"), b"#!/usr/bin/env node\n");
    }
}
