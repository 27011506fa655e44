//! Who may have seen what lies in a work tree: asks git, for files with findings only.

use crate::finding::{Exposure, Place, Skip, SkipKind};
use crate::git::WorkTree;
use crate::text::PathText;
use std::path::{Path, PathBuf};

/// The repositories that the scanned paths lie in.
#[derive(Debug, Default)]
pub struct Standings {
    /// Each argument with its repository, longest argument first.
    trees: Vec<(PathBuf, WorkTree)>,
}

/// The path as the system takes it.
#[cfg(unix)]
#[must_use]
pub fn path_of(path: &PathText) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(std::ffi::OsString::from_vec(path.to_bytes()))
}

/// The path as the system takes it.
#[cfg(not(unix))]
#[must_use]
pub fn path_of(path: &PathText) -> PathBuf {
    PathBuf::from(path.as_str())
}

/// What git says of a finding.
#[derive(Debug)]
pub struct Stands {
    pub exposure: Exposure,
    pub refs: Vec<String>,
    pub present: Option<bool>,
}

/// Says who may have seen a secret; each source has its own way of knowing.
pub trait Exposures {
    /// The worst exposure over the places that are not allowed; may mark places that git ignores.
    fn ask(&self, places: &mut [Place], secret: Option<&[u8]>) -> Stands;

    /// The names that git has, or would have, for the text at a place: the object it was read from. Asked of findings
    /// only that a record of rotations names.
    fn blobs(&self, place: &Place) -> Vec<String> {
        place.blob.iter().cloned().collect()
    }
}

impl Standings {
    /// Opens the repositories of the arguments. One that cannot be read is a skip: exposure would be a guess.
    pub fn of(roots: &[PathBuf], skips: &mut Vec<Skip>) -> Self {
        let mut trees = Vec::new();
        for root in roots.iter().filter(|root| root.exists()) {
            match WorkTree::discover(root) {
                Ok(tree) => trees.extend(tree.map(|tree| (root.clone(), tree))),
                Err(error) => skips.push(Skip {
                    path: PathText::from_bytes(root.to_string_lossy().as_bytes()),
                    kind: SkipKind::Unreadable,
                    reason: format!(
                        "its git repository could not be read, so who may have seen it is not known: {error}"
                    ),
                    incomplete: true,
                }),
            }
        }
        trees.sort_by_key(|(root, _)| std::cmp::Reverse(root.as_os_str().len()));
        Self { trees }
    }

    /// The repository of a path, and the path in it.
    fn tree_of(&self, path: &Path) -> Option<(&WorkTree, Vec<u8>)> {
        let (_, tree) = self.trees.iter().find(|(root, _)| {
            let root = root.strip_prefix("./").unwrap_or(root);
            matches!(root.to_str(), Some("." | "./" | "")) || path.starts_with(root) || root == path
        })?;
        Some((tree, tree.relative(path)?))
    }
}

impl Exposures for Standings {
    fn ask(&self, places: &mut [Place], secret: Option<&[u8]>) -> Stands {
        let mut stands = Stands { exposure: Exposure::Worktree, refs: Vec::new(), present: None };
        for place in places {
            let path = path_of(&place.path);
            let path = path.as_path();
            // What is allowed does not speak for what is not.
            if place.suppressed.is_some() {
                continue;
            }
            let Some((tree, relative)) = self.tree_of(path) else { continue };
            let standing = tree.look_up(&relative, secret);
            place.ignored = standing.ignored;
            let exposure = match (standing.pushed.is_empty(), standing.committed, standing.staged) {
                (false, ..) => Exposure::Pushed,
                (_, true, _) => Exposure::Local,
                (_, _, true) => Exposure::Staged,
                _ => Exposure::Worktree,
            };
            stands.exposure = stands.exposure.max(exposure);
            stands.present = Some(stands.present.unwrap_or(false) || standing.committed);
            stands.refs.extend(standing.pushed);
        }
        stands.refs.sort();
        stands.refs.dedup();
        stands
    }

    fn blobs(&self, place: &Place) -> Vec<String> {
        match (&place.blob, self.tree_of(&path_of(&place.path))) {
            (Some(blob), _) => vec![blob.clone()],
            (None, Some((tree, relative))) => tree.names_of_file(&relative),
            (None, None) => Vec::new(),
        }
    }
}
