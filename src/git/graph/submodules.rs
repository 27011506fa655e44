//! Repositories in a repository: what indexes and the trees of tips name as commits of others (submodules), and where those
//! repositories lie.
//!
//! Their names come from whoever wrote the history. A path is followed only where it is one that git would check out and no
//! link leads out of the work tree; where git keeps them in its own folder, no name is needed to find them.

use super::super::GitError;
use super::super::odb::{Marks, NONE, Number};
use super::super::{bytes_of, path_of};
use super::down::{self, Down};
use super::{End, Graph, Repository, Tips};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

/// Folders above each other in which git keeps submodules: one for each part of a name.
const DEEPEST: usize = 32;

/// What is named as a submodule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Their paths from the top.
    pub paths: BTreeSet<Vec<u8>>,
    /// There are more folders in the trees of tips than were looked at.
    pub is_cut: bool,
}

/// A submodule, or a repository that git keeps for one.
#[derive(Debug)]
pub enum Submodule {
    /// It is here.
    Here(Box<Repository>),
    /// It is named, and not here.
    Missing,
    /// It is here and cannot be opened.
    Unreadable(GitError),
}

/// A repository in git's own folder.
struct Kept {
    /// From the top of the work tree, or the folder of a bare repository.
    folder: Vec<u8>,
    /// The submodule's name, which is its first path.
    name: Vec<u8>,
    repository: Repository,
}

/// What the trees of tips name, each by itself: it holds as long as the packs do.
#[derive(Debug, Default)]
pub struct Looked {
    /// The trees, and which of `sets` are the paths below each; sorted.
    pub roots: Vec<(Number, u32)>,
    /// Paths, with a zero behind each; [`CUT`] where there are too many.
    pub sets: Vec<Vec<u8>>,
    /// What may lead to a submodule.
    pub leading: Marks,
}

/// Stands for more submodules than are looked for below one tree.
const CUT: &[u8] = b"*";

impl Looked {
    /// Whether its lists fit each other and a number of objects. What lies in a file is believed only then.
    #[must_use]
    pub fn is_sound(&self, count: usize) -> bool {
        self.roots.is_sorted_by(|a, b| a.0 < b.0)
            && self.roots.iter().all(|root| (root.0 as usize) < count && (root.1 as usize) < self.sets.len())
            && self.sets.iter().all(|set| set.last().is_none_or(|&last| last == 0) || set == CUT)
    }
}

/// The submodules that indexes and the trees of tips name. What is `known` must have come of trees that hold the same still.
#[must_use]
pub fn named(graph: Graph<'_>, (tips, ends): (&Tips, &[End]), known: Option<Looked>) -> (Named, Looked) {
    let Graph { store, folders, commits, .. } = graph;
    let mut named = Named { paths: tips.submodules.iter().cloned().collect(), is_cut: false };
    if folders.submodules.is_empty() {
        return (named, Looked::default());
    }
    let is_known = known.is_some();
    let Looked { roots: known, mut sets, leading } = known.unwrap_or_default();
    let submodules = || folders.submodules.iter().copied();
    let leading = if is_known { leading } else { down::leading(graph, submodules()) };
    let is_leading = |tree: Number| leading.has(tree) || (is_known && tree >= store.known());
    let mut down = Down::to_submodules(store, &is_leading);
    let mut numbers: HashMap<Vec<u8>, u32> = sets.iter().cloned().zip(0..).collect();
    let roots: BTreeSet<Number> = ends
        .iter()
        .filter_map(|end| end.commit)
        .map(|commit| commits.list[commit].tree)
        .filter(|&tree| tree != NONE)
        .collect();
    let is_unknown = |root: &Number| known.binary_search_by_key(root, |known| known.0).is_err() && is_leading(*root);
    down.read(roots.iter().copied().filter(is_unknown));
    let mut looked = Vec::with_capacity(roots.len());
    let mut used: BTreeSet<u32> = BTreeSet::new();
    for root in roots {
        let set = if let Ok(at) = known.binary_search_by_key(&root, |known| known.0) {
            known[at].1
        } else {
            let below = if is_leading(root) { down.of(root) } else { Some([].into()) };
            let of =
                |below: &[(Vec<u8>, Number)]| below.iter().flat_map(|(path, _)| [&path[..], b"\0"].concat()).collect();
            let set: Vec<u8> = below.as_deref().map_or_else(|| CUT.to_vec(), of);
            *numbers.entry(set).or_insert_with_key(|set| {
                sets.push(set.clone());
                sets.len() as u32 - 1
            })
        };
        used.insert(set);
        looked.push((root, set));
    }
    for set in used {
        let set = &sets[set as usize];
        named.is_cut |= set == CUT;
        named.paths.extend(
            set.split_inclusive(|&byte| byte == 0).filter_map(|path| path.strip_suffix(b"\0")).map(<[u8]>::to_vec),
        );
    }
    drop(down);
    (named, Looked { roots: looked, sets, leading })
}

impl Repository {
    /// The submodules of these paths, and all other repositories that git keeps for submodules, each with its path from the
    /// top or, where no path is known, that in the git folder.
    #[must_use]
    pub fn submodules(&self, named: &Named) -> BTreeMap<Vec<u8>, Submodule> {
        let mut kept = self.kept();
        let mut all = BTreeMap::new();
        for path in &named.paths {
            let submodule = match self.checked_out(path) {
                Some(found) => found.map_or_else(Submodule::Unreadable, |found| Submodule::Here(Box::new(found))),
                None => Submodule::Missing,
            };
            if let Submodule::Here(repository) = &submodule {
                kept.retain(|kept| kept.repository.real_folder() != repository.real_folder());
            }
            all.insert(path.clone(), submodule);
        }
        for Kept { folder, name, repository } in kept {
            let is_taken = |path: &[u8]| matches!(all.get(path), Some(Submodule::Here(_) | Submodule::Unreadable(_)));
            let told = self.path_of_kept(&repository).filter(|path| !is_taken(path));
            let named = || matches!(all.get(&name), Some(Submodule::Missing)).then_some(name);
            all.insert(told.or_else(named).unwrap_or(folder), Submodule::Here(Box::new(repository)));
        }
        all
    }

    /// The repository in the work tree at a path, if there is one.
    fn checked_out(&self, path: &[u8]) -> Option<Result<Self, GitError>> {
        let top = self.top()?;
        let below = plain(path)?;
        let folder = top.join(below);
        folder.join(".git").symlink_metadata().ok()?;
        // A link on the way may lead anywhere.
        let real = folder.canonicalize().ok()?;
        real.starts_with(top.canonicalize().ok()?).then(|| Self::exactly(&folder))
    }

    /// The repositories that git keeps in its own folder for submodules. What is no repository is passed over, as git does.
    fn kept(&self) -> Vec<Kept> {
        let mut kept = Vec::new();
        let own = if self.is_bare() { "" } else { ".git/" };
        let common = self.git_folders().first().cloned().unwrap_or_default();
        for top in self.git_folders().iter().map(|git| git.join("modules")) {
            let mut folders = vec![(top.clone(), 0)];
            while let Some((folder, depth)) = folders.pop() {
                let is_repository = folder.join("HEAD").is_file() && folder.join("objects").is_dir();
                let below =
                    |top: &Path| folder.strip_prefix(top).ok().and_then(bytes_of).filter(|name| !name.is_empty());
                if let (true, Some(name), Some(path)) = (is_repository, below(&top), below(&common)) {
                    let folder_name = [own.as_bytes(), &path].concat();
                    let found = Self::exactly(&folder).ok();
                    kept.extend(found.map(|repository| Kept { folder: folder_name, name, repository }));
                    continue;
                }
                let Ok(entries) = std::fs::read_dir(&folder) else { continue };
                let is_folder = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
                let below = entries.filter_map(Result::ok).filter(is_folder).map(|entry| (entry.path(), depth + 1));
                folders.extend(below.filter(|below| below.1 < DEEPEST));
            }
        }
        kept.sort_by(|a, b| a.folder.cmp(&b.folder));
        kept
    }

    /// Where a kept repository says that it is checked out, from the top.
    fn path_of_kept(&self, kept: &Self) -> Option<Vec<u8>> {
        let work_tree = kept.configured_work_tree()?;
        let folder = kept.folder().canonicalize().ok()?;
        let mut path = PathBuf::new();
        // The folder itself may be gone, so that nothing can be asked of the disk.
        for part in folder.join(work_tree).components() {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        let below = path.strip_prefix(self.top()?.canonicalize().ok()?).ok()?;
        bytes_of(below).filter(|path| plain(path).is_some())
    }
}

/// A path from the top, if git would check something out there: no part of it leads elsewhere.
fn plain(path: &[u8]) -> Option<PathBuf> {
    let parts = || path.split(|&byte| byte == b'/' || (cfg!(windows) && byte == b'\\'));
    let is_plain =
        |part: &[u8]| !matches!(part, b"" | b"." | b"..") && !part.eq_ignore_ascii_case(b".git") && !part.contains(&0);
    if path.is_empty() || !parts().all(is_plain) {
        return None;
    }
    path_of(path).filter(|path| path.components().all(|part| matches!(part, Component::Normal(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_elsewhere_are_none() {
        for path in ["", "/", "/etc", "..", "a/../b", "a//b", "a/", ".git", "a/.GIT/b", ".", "a/./b", "a\0b"] {
            assert_eq!(plain(path.as_bytes()), None, "{path:?}");
        }
        assert_eq!(plain(b"a/b c/.github"), Some(PathBuf::from("a/b c/.github")));
    }
}
