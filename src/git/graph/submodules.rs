//! Repositories in a repository: what indexes and the trees of tips name as commits of others (submodules), and where those
//! repositories lie.
//!
//! Their names come from whoever wrote the history. A path is followed only where it is one that git would check out and no
//! link leads out of the work tree; where git keeps them in its own folder, no name is needed to find them.

use super::super::GitError;
use super::super::odb::{self, Kind, Number, Segment, Store, Unreadable, Visit};
use super::super::{bytes_of, path_of};
use super::entries::{Mode, all_entries};
use super::{Commits, Folders, Repository, Tips};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Component, Path, PathBuf};

/// Folders of tips that are looked at; a tree can be made to have billions.
const MOST_FOLDERS: usize = 100_000;
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

/// The submodules that indexes and the trees of tips name, read by so many workers.
#[must_use]
pub fn named(store: &Store, folders: &Folders, commits: &Commits, tips: &Tips, threads: usize) -> Named {
    let mut named = Named { paths: tips.submodules.iter().cloned().collect(), is_cut: false };
    if folders.submodules.is_empty() {
        return named;
    }
    let leading = leading(store, folders);
    let roots = tips.tips.iter().filter_map(|tip| Tips::commit(store, commits, tip.id).ok().flatten());
    let mut level: Paths = roots.map(|commit| (commits.list[commit].tree, BTreeSet::from([Vec::new()]))).collect();
    let mut looked_at = Paths::new();
    let mut count = 0;
    // A level of folders at a time, so that versions of one folder are read along their deltas.
    while !named.is_cut {
        level.retain(|tree, paths| {
            let known = looked_at.entry(*tree).or_default();
            paths.retain(|path| known.insert(path.clone()));
            leading.contains(tree) && !paths.is_empty()
        });
        count += level.values().map(BTreeSet::len).sum::<usize>();
        named.is_cut = count > MOST_FOLDERS;
        if level.is_empty() || named.is_cut {
            break;
        }
        level = below(store, &level, &leading, &mut named, threads);
    }
    named
}

/// Trees, each with the paths that it has.
type Paths = BTreeMap<Number, BTreeSet<Vec<u8>>>;

/// Notes the submodules in some trees; gives the folders in them that may lead to others.
fn below(store: &Store, level: &Paths, leading: &HashSet<Number>, named: &mut Named, threads: usize) -> Paths {
    let wanted: Vec<Number> = level.keys().copied().collect();
    let reader = || Reader { store, level, leading, submodules: Vec::new(), folders: Vec::new(), is_cut: false };
    let readers = (0..threads.max(1)).map(|_| reader()).collect();
    let mut next = Paths::new();
    for reader in odb::walk_some(store, Kind::Tree, &wanted, readers) {
        named.is_cut |= reader.is_cut;
        named.paths.extend(reader.submodules);
        for (tree, path) in reader.folders {
            next.entry(tree).or_default().insert(path);
        }
    }
    next
}

/// One worker that reads folders.
struct Reader<'r> {
    store: &'r Store,
    level: &'r Paths,
    leading: &'r HashSet<Number>,
    submodules: Vec<Vec<u8>>,
    folders: Vec<(Number, Vec<u8>)>,
    is_cut: bool,
}

impl Visit for Reader<'_> {
    type State = ();

    fn whole(&mut self, number: Number, content: &[u8]) {
        // Others are only what these are made from.
        let Some(paths) = self.level.get(&number) else { return };
        for (name, id, mode) in all_entries(content, self.store.hash().len_in_bytes()) {
            if mode == Mode::Other {
                continue;
            }
            let all =
                paths.iter().map(|path| if path.is_empty() { name.to_vec() } else { [path, &b"/"[..], name].concat() });
            // One folder may stand in another a thousand times, and that so often in the next.
            self.is_cut |= self.submodules.len().max(self.folders.len()) + paths.len() > MOST_FOLDERS;
            if self.is_cut {
                return;
            }
            if mode == Mode::Submodule {
                self.submodules.extend(all);
            } else if let Some(child) = self.store.find(id).filter(|child| self.leading.contains(child)) {
                self.folders.extend(all.map(|path| (child, path)));
            }
        }
    }

    fn delta(&mut self, number: Number, content: &[u8], _: &[u8], (): &(), _: &[Segment]) {
        self.whole(number, content);
    }

    fn unreadable(&mut self, _: Unreadable) {
        // One that cannot be read was named when all trees were.
    }
}

/// Trees that may have a submodule in or below them. Whoever has one in a folder has it from the tree it is made from, or had
/// it added.
fn leading(store: &Store, folders: &Folders) -> HashSet<Number> {
    let made = store.made_from(Kind::Tree);
    let mut leading: HashSet<Number> = HashSet::new();
    let mut stack = folders.submodules.clone();
    while let Some(tree) = stack.pop() {
        if !leading.insert(tree) {
            continue;
        }
        // What names a tree, names it by the copy that counts.
        stack.extend((!store.counts(tree)).then(|| store.find(store.id(tree))).flatten());
        stack.extend(folders.naming(tree).iter().map(|entry| entry.tree));
        let first = made.partition_point(|&(base, _)| base < tree);
        stack.extend(made[first..].iter().take_while(|&&(base, _)| base == tree).map(|&(_, made)| made));
    }
    leading
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
