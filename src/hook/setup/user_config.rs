//! The block in the user's git configuration that makes one folder hold for all repositories.
//!
//! It is put behind everything that is there, and taken out again, so that every other byte stays. Before anything is
//! written, the result is read as git would read it: it has one value more, and that is the folder. The file is locked as
//! git locks it (`<file>.lock`), and replaced whole.

use super::{HookError, shown};
use crate::git;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const BEGIN: &str = "# plainsight: begin. `plainsight hook uninstall --global` takes it out.\n";
/// The same, where the line end before it is part of the block.
const BEGIN_JOINED: &str =
    "\n# plainsight: begin, line end before it. `plainsight hook uninstall --global` takes it out.\n";
const END: &str = "# plainsight: end\n";

/// Sets `core.hooksPath`. The file may not exist yet.
pub fn put(file: &Path, folder: &Path) -> Result<(), HookError> {
    let io = |error: io::Error| HookError::io(file, &error);
    let file = &real(file);
    if !is_plain(file) {
        return Err(by_hand(file, "it is no file", folder));
    }
    let before = read(file).map_err(io)?;
    let (values, set) = git::hooks_path_in(&before, file)?;
    if set.is_some() {
        return Err(by_hand(file, "it names a core.hooksPath already", folder));
    }
    let value = quoted(folder).ok_or_else(|| by_hand(file, "the folder's path does not fit into it", folder))?;
    let joined = before.last().is_some_and(|&last| last != b'\n');
    let begin = if joined { BEGIN_JOINED } else { BEGIN };
    let block = format!("{begin}[core]\n\thooksPath = {value}\n{END}");
    let after = [&before, block.as_bytes()].concat();
    if git::hooks_path_in(&after, file)? != (values + 1, Some(folder.to_owned())) {
        return Err(by_hand(file, "its last line would run on into what is added", folder));
    }
    replace(file, &after).map_err(io)
}

/// Takes the block out. False if there is none.
pub fn take(file: &Path) -> Result<bool, HookError> {
    let io = |error: io::Error| HookError::io(file, &error);
    let file = &real(file);
    if !is_plain(file) {
        return Ok(false);
    }
    let before = read(file).map_err(io)?;
    let find = |text: &str| memchr::memmem::find(&before, text.as_bytes());
    let Some(start) = find(BEGIN_JOINED).or_else(|| find(BEGIN)) else { return Ok(false) };
    let Some(length) = memchr::memmem::find(&before[start..], END.as_bytes()) else {
        return Err(HookError::new(
            format_args!("{}: `# plainsight: begin` without its end", shown(file)),
            "take the lines out by hand: git config --global --unset core.hooksPath",
        ));
    };
    let after = [&before[..start], &before[start + length + END.len()..]].concat();
    let (values, _) = git::hooks_path_in(&before, file)?;
    if git::hooks_path_in(&after, file)?.0 + 1 != values {
        return Err(HookError::new(
            format_args!("{}: more than core.hooksPath stands between the lines of plainsight", shown(file)),
            "move what is yours out of there, and try again",
        ));
    }
    replace(file, &after).map_err(io)?;
    Ok(true)
}

fn by_hand(file: &Path, why: &str, folder: &Path) -> HookError {
    HookError::new(
        format_args!("{} was not changed: {why}", shown(file)),
        format_args!("set it yourself: git config --global core.hooksPath '{}'", shown(folder)),
    )
}

/// The file itself, where its path is a link into somebody's collection.
fn real(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

/// A file, or nothing yet. `GIT_CONFIG_GLOBAL=/dev/null` is usual, and no device is to be replaced.
fn is_plain(file: &Path) -> bool {
    fs::symlink_metadata(file).map_or(true, |meta| meta.is_file())
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// A path as a value of git's configuration.
fn quoted(folder: &Path) -> Option<String> {
    let text = String::from_utf8(git::bytes_of(folder)?).ok()?;
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    Some(format!("\"{escaped}\""))
}

fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".lock");
    let lock = file.with_file_name(name);
    let mut out = OpenOptions::new().write(true).create_new(true).open(&lock).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::other(format!("{} is there: another program writes it, or was stopped", lock.display()))
        }
        _ => error,
    })?;
    let result = (|| {
        out.write_all(bytes)?;
        if let Ok(meta) = fs::metadata(file) {
            out.set_permissions(meta.permissions())?;
        }
        out.sync_all()?;
        drop(out);
        fs::rename(&lock, file)
    })();
    if result.is_err() {
        let _ = fs::remove_file(&lock);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_byte_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("config");
        let hooks = Path::new("/home/a b/it's \"x\\y\"/hooks");
        for before in
            [&b""[..], b"[user]\n\tname = A\n", b"[user]\r\n\tname = A\r\n", b"[user]\n\tname = A", b"# only\n\n\n"]
        {
            fs::write(&file, before).expect("it can be written");
            put(&file, hooks).expect("it fits");
            assert!(put(&file, hooks).is_err(), "one is enough");
            let set = git::hooks_path_in(&fs::read(&file).expect("it is there"), &file).expect("it can be read").1;
            assert_eq!(set.as_deref(), Some(hooks));
            assert!(take(&file).expect("it can be taken out"));
            assert_eq!(fs::read(&file).expect("it is there"), before);
            assert!(!take(&file).expect("there is none"));
        }
        fs::remove_file(&file).expect("it is there");
        put(&file, hooks).expect("the file may be new");
    }

    #[cfg(unix)]
    #[test]
    fn no_device_is_replaced() {
        assert!(!is_plain(Path::new("/dev/null")) && !is_plain(Path::new("/")));
    }

    #[test]
    fn what_would_change_its_meaning_is_not_written() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("config");
        for before in ["[user]\n\tname = \"A", "[core]\n\thooksPath = x\n", "[broken\n"] {
            fs::write(&file, before).expect("it can be written");
            assert!(put(&file, Path::new("/hooks")).is_err(), "{before:?}");
            assert_eq!(fs::read_to_string(&file).expect("it is there"), before);
        }
        fs::write(&file, "").expect("it can be written");
        fs::write(folder.path().join("config.lock"), "").expect("it can be written");
        assert!(put(&file, Path::new("/hooks")).is_err(), "git holds the lock");
    }
}
