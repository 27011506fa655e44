//! What the repository around shows that the steps of the protocol depend on: which secret manager is in use, and what
//! was not pushed yet.
//!
//! A glance and no search: the folders where such things lie, a bounded number of files in them, and the beginning of each.

use crate::git::WorkTree;
use crate::policy::protocol::{Store, Surroundings, Unpushed};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Folders that are looked into, from the top; the first is the top itself.
const FOLDERS: &[&str] = &[
    "",
    ".github/workflows",
    "deploy",
    "deployment",
    "helm",
    "infra",
    "infrastructure",
    "k8s",
    "kubernetes",
    "manifests",
    "terraform",
];
/// Endings of files in which it shows.
const ENDINGS: &[&str] = &["yaml", "yml", "tf", "hcl", "toml", "json", "env", "sh"];
/// Files that are opened at most, in each folder.
const MAX_FILES: usize = 32;
/// How much of each is read.
const MAX_BYTES: u64 = 64 * 1024;

/// Looks around the current folder.
pub fn look() -> Surroundings {
    let Ok(Some(tree)) = WorkTree::discover(Path::new(".")) else { return Surroundings::default() };
    let unpushed = tree.unpushed().map(|unpushed| Unpushed { head: unpushed.head, base: unpushed.base });
    Surroundings { store: store(tree.top()), unpushed }
}

fn store(top: &Path) -> Option<Store> {
    let files = FOLDERS.iter().flat_map(|folder| files(top, folder));
    let stores = files.filter_map(|name| Store::of_file(&name, &beginning(&top.join(&name))));
    stores.min_by(|a, b| (a.kind, &a.seen_in).cmp(&(b.kind, &b.seen_in)))
}

/// The files of a folder that may show it, sorted, so that the answer does not depend on the disk.
fn files(top: &Path, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(top.join(folder)) else { return Vec::new() };
    let regular = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = regular
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            name == ".gcloudignore" || name.rsplit('.').next().is_some_and(|ending| ENDINGS.contains(&ending))
        })
        .collect();
    names.sort();
    names.truncate(MAX_FILES);
    names.into_iter().map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") }).collect()
}

fn beginning(path: &PathBuf) -> String {
    let mut bytes = Vec::new();
    match File::open(path).map(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
        Ok(Ok(_)) => String::from_utf8_lossy(&bytes).into_owned(),
        // It is a hint for a sentence: what cannot be read shows nothing.
        Ok(Err(_)) | Err(_) => String::new(),
    }
}
