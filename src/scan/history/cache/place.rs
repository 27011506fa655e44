//! Where a cache may lie, and how it is put there.

use crate::git::graph::Repository;
use crate::replace::{Mode, Replacing};
use std::fs::File;
use std::io;
use std::path::Path;

/// Whether a folder lies in a repository or its work tree, also one that is still to be made.
pub fn lies_within(repository: &Repository, folder: &Path) -> bool {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = absolute.ancestors().find_map(|above| above.canonicalize().ok());
    let Some(there) = there else { return false };
    let objects = repository.objects();
    let tops = [Some(repository.folder()), objects.parent(), repository.top()];
    tops.into_iter().flatten().filter_map(|top| top.canonicalize().ok()).any(|top| there.starts_with(top))
}

/// Opens a cache file. `None` where there is none.
///
/// # Errors
/// Somebody else may have written it, or it cannot be read; for a person.
pub fn open(path: &Path) -> Result<Option<File>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot be opened: {error}")),
    };
    let metadata = file.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is no file".to_owned());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if metadata.mode() & 0o022 != 0 {
            return Err("may be written by others".to_owned());
        }
    }
    if !crate::git::is_ours(path) {
        return Err("belongs to somebody else".to_owned());
    }
    Ok(Some(file))
}

/// Makes a file that takes the place of another once it is whole, for nobody else to read.
pub fn replacing(path: &Path) -> io::Result<(Replacing, File)> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path.parent().unwrap_or(Path::new(".")))?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    // Left over by a run of the same number that was killed.
    let _ = std::fs::remove_file(&temporary);
    Replacing::under(temporary, path, &Mode::Private)
}
