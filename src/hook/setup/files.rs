//! Hook files: what is there, written whole or not at all, set aside and put back.

use super::shim::{self, Kind};
use crate::replace::{Mode, replace};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Hooks, and what configures them, are small; of a larger one nobody asks what it is.
pub const MAX_HOOK: u64 = 1024 * 1024;

/// What lies at the path of a hook.
#[derive(Debug)]
pub struct Found {
    /// Its bytes, through a link, as far as they were read.
    pub bytes: Vec<u8>,
    /// A link stands there.
    pub is_link: bool,
    /// Git would run it.
    pub is_executable: bool,
    /// What the bytes are.
    pub kind: Kind,
}

/// Looks at a hook file; `None` where there is nothing.
pub fn look(path: &Path) -> io::Result<Option<Found>> {
    let meta = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let is_link = meta.is_symlink();
    if !is_link && !meta.is_file() {
        return Err(io::Error::other("neither a file nor a link lies there"));
    }
    let target = fs::metadata(path).ok().filter(fs::Metadata::is_file);
    let bytes = if target.is_some() { read(path)? } else { Vec::new() };
    let is_executable = target.as_ref().is_some_and(|meta| executable(meta, &bytes));
    let kind = shim::kind(&bytes);
    Ok(Some(Found { bytes, is_link, is_executable, kind }))
}

/// The beginning of a file.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_HOOK).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A text of the work tree: nothing where that is no file, as a device or a pipe would never end.
pub fn text(path: &Path) -> String {
    let bytes = if path.is_file() { read(path).unwrap_or_default() } else { Vec::new() };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether the system would start the file.
#[cfg(unix)]
fn executable(meta: &fs::Metadata, _: &[u8]) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o111 != 0
}

/// Whether git for Windows would start the file: there a first line makes a program.
#[cfg(not(unix))]
fn executable(_: &fs::Metadata, bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!") || bytes.starts_with(b"MZ")
}

/// Whether a program can be started from a path.
pub fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && (cfg!(not(unix)) || executable(&meta, b"#!")))
}

/// Writes a file whole. Its mode is that of `like`, or that of a program.
pub fn write(path: &Path, bytes: &[u8], like: Option<&Path>) -> io::Result<()> {
    let mode = match like {
        Some(like) => Mode::Like(fs::metadata(like)?.permissions()),
        None => Mode::Executable,
    };
    replace(path, bytes, &mode)
}

/// Where the hook that was there before is kept.
pub fn kept(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".before-plainsight");
    path.with_file_name(name)
}

/// Keeps a hook beside itself, as it is: bytes, mode, or the link. It stays in its place too where the file system can do
/// that, so that there is no moment without a hook.
pub fn set_aside(path: &Path, is_link: bool) -> io::Result<()> {
    let kept = kept(path);
    if is_link {
        return copy_link(path, &kept);
    }
    match fs::hard_link(path, &kept) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(path, &kept),
        other => other,
    }
}

#[cfg(unix)]
fn copy_link(path: &Path, kept: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(path)?, kept)
}

#[cfg(not(unix))]
fn copy_link(path: &Path, kept: &Path) -> io::Result<()> {
    fs::rename(path, kept)
}

/// Whether the kept hook and the one in place are the same: an install was cut short between its two steps.
pub fn same(path: &Path, kept: &Path) -> bool {
    let link = |path: &Path| fs::read_link(path).ok();
    match (link(path), link(kept)) {
        (None, None) => matches!((fs::read(path), fs::read(kept)), (Ok(one), Ok(other)) if one == other),
        (one, other) => one == other,
    }
}
