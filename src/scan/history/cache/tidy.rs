//! Takes away the caches of repositories that are gone: nothing else would.

use super::file::Reader;
use super::load::list;
use super::{name_of, place};
use crate::git::path_of;
use std::path::{Path, PathBuf};

/// Files that are looked at each time, at most.
const LOOKED_AT: usize = 64;

/// Removes from a folder what was kept of repositories that are not there any more. A file is touched only if it is a whole cache,
/// written by this user, under the name that the place of its repository gives it. What fails is left for the next time.
pub fn remove_abandoned(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let is_cache = |path: &PathBuf| path.extension().is_some_and(|end| end == "audit");
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_cache).collect();
    if paths.is_empty() {
        return;
    }
    // Not always the same, where there are many.
    paths.sort();
    let first = std::process::id() as usize % paths.len();
    paths.rotate_left(first);
    for path in paths.iter().take(LOOKED_AT).filter(|path| is_abandoned(path)) {
        let _ = std::fs::remove_file(path);
    }
}

/// Whether a file is the cache of a repository that is gone.
fn is_abandoned(path: &Path) -> bool {
    let Ok(Some(file)) = place::open(path) else { return false };
    let Ok(reader) = Reader::open_any(file) else { return false };
    let objects = reader.bytes(list::PLACE).ok().and_then(|place| path_of(&place));
    let Some(objects) = objects.filter(|objects| objects.is_absolute()) else { return false };
    let is_its_own = path.file_name().is_some_and(|name| name == name_of(&objects).as_str());
    is_its_own && objects.try_exists().is_ok_and(|exists| !exists)
}
