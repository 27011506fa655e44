//! Where objects may lie: the object folder, its alternates, and the packs in each.

use super::Unreadable;
use std::path::{Path, PathBuf};

/// Where objects may lie.
pub(super) struct Listing {
    /// Object folders.
    pub(super) folders: Vec<PathBuf>,
    /// Indexes of packs.
    pub(super) indexes: Vec<PathBuf>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl Listing {
    pub(super) fn of(objects: &Path) -> Self {
        let mut unreadable = Vec::new();
        let folders = folders(objects, &mut unreadable);
        let mut refuse = |what: PathBuf, reason: String| {
            unreadable.push(Unreadable { what: what.display().to_string(), reason });
        };
        let indexes = folders.iter().flat_map(|folder| indexes(&folder.join("pack"), &mut refuse)).collect();
        Self { folders, indexes, unreadable }
    }
}

/// The object folder and all its alternates.
fn folders(objects: &Path, unreadable: &mut Vec<Unreadable>) -> Vec<PathBuf> {
    let mut folders = vec![objects.to_owned()];
    // An absolute path is resolved without regard to where the program stands.
    let objects = &objects.canonicalize().unwrap_or_else(|_| objects.to_owned());
    match gix::odb::alternate::resolve(objects.clone(), objects) {
        Ok(others) => folders.extend(others),
        Err(error) => unreadable.push(Unreadable {
            what: objects.join("info/alternates").display().to_string(),
            reason: format!("its alternates could not be followed: {error}"),
        }),
    }
    for folder in folders.iter().filter(|folder| !folder.is_dir()) {
        unreadable.push(Unreadable {
            what: folder.display().to_string(),
            reason: "an object folder that the repository names is not there".to_owned(),
        });
    }
    folders
}

/// The indexes of a pack folder, and a complaint for each pack without one.
fn indexes(folder: &Path, refuse: &mut impl FnMut(PathBuf, String)) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            refuse(folder.to_owned(), format!("could not be listed: {error}"));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => refuse(folder.to_owned(), format!("could not be listed: {error}")),
        }
    }
    paths.sort();
    let is = |path: &Path, extension: &str| path.extension().is_some_and(|found| found == extension);
    for pack in paths.iter().filter(|path| {
        is(path, "pack") && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pack-"))
    }) {
        if paths.binary_search(&pack.with_extension("idx")).is_err() {
            refuse(pack.clone(), "a pack without an index: run `git index-pack` on it".to_owned());
        }
    }
    paths.retain(|path| is(path, "idx"));
    paths
}
