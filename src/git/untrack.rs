//! Takes files out of the index and leaves them on disk: the one thing that is ever written into a repository's `.git`.
//!
//! Done as git does it: the lock first, then the index is read, changed, written into the lock and moved into its
//! place. What others staged meanwhile is in what was read, and nobody can stage until it is in place. An index that
//! cannot be written back as it was is refused.

use super::{GitError, WorkTree};
use gix::bstr::ByteSlice as _;
use std::io::Write as _;

/// Why the index was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UntrackError {
    /// Another git is at work, or one has died there.
    #[error("{0} exists: another git is at work here, or one was stopped; if none runs, delete the file")]
    Locked(String),
    /// A merge is in progress.
    #[error("a merge with conflicts is in progress: resolve it (or `git merge --abort`), then run this again")]
    Conflicts,
    /// The index has a form that cannot be written back as it was.
    #[error("the index is {0}, which cannot be written back as it was: run `{1}`, then this again")]
    Form(&'static str, &'static str),
    /// It could not be read or written: the repository's state, or access to it.
    #[error("the index could not be changed, and is as it was: {0}")]
    Failed(String),
}

/// Takes the paths (from the top) out of the index, and gives those that were in it. All or nothing.
///
/// # Errors
/// The index was left as it was, for the reason given.
pub fn untrack(tree: &WorkTree, paths: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, UntrackError> {
    let path = tree.repo.index_path();
    let failed = |error: &dyn std::error::Error| UntrackError::Failed(GitError::new(path.display(), error).to_string());
    let lock_path = path.with_file_name("index.lock");
    if lock_path.symlink_metadata().is_ok() {
        return Err(UntrackError::Locked(lock_path.display().to_string()));
    }
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut lock = gix::lock::File::acquire_to_update_resource(&path, gix::lock::acquire::Fail::Immediately, None, 0)
        .map_err(|_| UntrackError::Locked(lock_path.display().to_string()))?;
    let raw = std::fs::read(&path).map_err(|error| failed(&error))?;
    let kind = tree.repo.object_hash();
    let skip_hash = raw.len() > kind.len_in_bytes() && raw[raw.len() - kind.len_in_bytes()..].iter().all(|&b| b == 0);
    let options = gix::index::decode::Options::default();
    // Read twice: this one verifies the checksum, the other one still shows whether the index is split.
    let whole = gix::index::File::at(&path, kind, skip_hash, options).map_err(|error| failed(&error))?;
    let stamp = whole.timestamp();
    let (state, _) = gix::index::State::from_bytes(&raw, stamp, kind, options).map_err(|error| failed(&error))?;
    if state.link().is_some() {
        return Err(UntrackError::Form("split", "git update-index --no-split-index"));
    }
    if state.is_sparse() || state.entries().iter().any(|entry| entry.mode.is_sparse()) {
        return Err(UntrackError::Form("sparse", "git sparse-checkout reapply --no-sparse-index"));
    }
    if state.entries().iter().any(|entry| entry.stage() != gix::index::entry::Stage::Unconflicted) {
        return Err(UntrackError::Conflicts);
    }
    let mut file = gix::index::File::from_state(state, path.clone());
    let mut removed = Vec::new();
    file.remove_entries(|_, entry_path, _| {
        let goes = paths.iter().any(|path| path.as_bstr() == entry_path);
        if goes {
            removed.push(entry_path.to_vec());
        }
        goes
    });
    if removed.is_empty() {
        return Ok(removed);
    }
    // It names trees of folders as they were staged before.
    file.remove_tree();
    forget_racy(&mut file, stamp.unix_seconds(), stamp.nanoseconds());
    let mut bytes = Vec::with_capacity(raw.len());
    let options = gix::index::write::Options { skip_hash, ..Default::default() };
    file.write_to(&mut bytes, options).map_err(|error| failed(&error))?;
    lock.write_all(&bytes).map_err(|error| failed(&error))?;
    lock.commit().map_err(|error| failed(&error))?;
    Ok(removed)
}

/// A file that changed at the very moment the index was written looks unchanged to git by its time, as long as the index
/// is no younger. This index is; so git is made to compare such a file by content, as git itself does it.
fn forget_racy(file: &mut gix::index::File, seconds: i64, nanoseconds: u32) {
    for entry in file.entries_mut() {
        let time = entry.stat.mtime;
        if (i64::from(time.secs), time.nsecs) >= (seconds, nanoseconds) {
            entry.stat.size = 0;
        }
    }
}
