//! A repository as git hands it to a hook: where it lies, which index, which stores of objects.
//!
//! What the environment says is handed in; nothing here reads it. The user's configuration is not read, and nothing is written.

use super::{GitError, Id, Kind, Objects};
use std::path::{Path, PathBuf};

/// Largest object that is read, in bytes: it must fit into memory as a whole. Said to gix on every way, since it takes a
/// repository of another owner with a limit of its own, and one of its configuration.
const MAX_OBJECT: usize = 2 << 30;

/// What git puts into the environment of its hooks. Relative paths begin at the current folder, as they do for git.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `GIT_DIR`.
    pub git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: not the usual index in `commit -a` and `commit PATH`.
    pub index_file: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY`: the quarantine, on a server.
    pub object_directory: Option<PathBuf>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`.
    pub alternates: Vec<PathBuf>,
    /// The commits of `GITHEAD_…`: what `git merge` is merging, before it has written `MERGE_HEAD`.
    pub merging: Vec<Id>,
}

/// An open repository, with or without a work tree.
pub struct HookRepository {
    pub(super) repo: gix::Repository,
    pub(super) objects: Objects,
    pub(super) index_path: PathBuf,
    merging: Vec<Id>,
    top: Option<PathBuf>,
}

impl std::fmt::Debug for HookRepository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HookRepository").field("git_dir", &self.repo.git_dir()).finish_non_exhaustive()
    }
}

impl HookRepository {
    /// The repository that the surroundings name, or the one that `start` lies in.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(surroundings: &Surroundings, start: &Path) -> Result<Self, GitError> {
        let folder = if let Some(folder) = &surroundings.git_dir {
            folder.clone()
        } else {
            let found = gix::discover::upwards(start).map_err(|error| GitError::new(start.display(), &error))?;
            found.0.into_repository_and_work_tree_directories().0
        };
        let options =
            gix::open::Options::isolated().config_overrides([format!("gitoxide.objects.allocLimit={MAX_OBJECT}")]);
        let repo = super::open(&folder, options)?;
        let mut stores = Vec::new();
        let hash = repo.object_hash();
        let store = |folder: &PathBuf| {
            let options = gix::odb::store::init::Options { alloc_limit_bytes: Some(MAX_OBJECT), ..Default::default() };
            gix::odb::at_opts(folder, hash, None, options)
        };
        if let Some(folder) = &surroundings.object_directory {
            let mut store = store(folder).map_err(|error| GitError::new(folder.display(), &error))?;
            // Nothing is added while git waits; an object that is not here is asked for in the next store.
            store.refresh_never();
            stores.push(store);
        }
        stores.push(repo.objects.clone().into_inner());
        // A store that is gone is passed over, as git does: what is missed then is said where it is missed.
        stores.extend(surroundings.alternates.iter().filter_map(|folder| store(folder).ok()));
        let top = surroundings.work_tree.clone().or_else(|| repo.workdir().map(Path::to_owned));
        Ok(Self {
            objects: Objects::new(stores, hash),
            index_path: surroundings.index_file.clone().unwrap_or_else(|| repo.index_path()),
            merging: surroundings.merging.clone(),
            top,
            repo,
        })
    }

    /// The folder at the top of the work tree; none in a bare repository.
    #[must_use]
    pub fn top(&self) -> Option<&Path> {
        self.top.as_deref()
    }

    /// Reads its objects.
    #[must_use]
    pub const fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The commit at `HEAD`; none before the first one.
    ///
    /// # Errors
    /// `HEAD` is broken, or stored in a way that is not known.
    pub fn head(&self) -> Result<Option<Id>, GitError> {
        let what = || format!("{}/HEAD", self.repo.git_dir().display());
        let mut head = self.repo.head().map_err(|error| GitError::new(what(), &error))?;
        if let gix::head::Kind::Unborn(name) = &head.kind
            && name.as_bstr() == "refs/heads/.invalid"
        {
            return Err(GitError::of(what(), "refs are stored in tables (reftable), which are not read"));
        }
        let id = head.try_peel_to_id().map_err(|error| GitError::new(what(), &error))?;
        Ok(id.map(|id| Id(id.detach())))
    }

    /// The content of a file in a commit; none where there is no such file.
    ///
    /// # Errors
    /// An object on the way cannot be read.
    pub fn file_at(&self, commit: Id, path: &[u8]) -> Result<Option<Vec<u8>>, GitError> {
        let mut buffer = Vec::new();
        let tree = self.objects.links(commit, &mut buffer)?.tree;
        let Some(blob) = self.objects.at_path(tree, path)? else { return Ok(None) };
        self.objects.of_kind(blob, Kind::Blob, &mut buffer)?;
        Ok(Some(buffer))
    }

    /// The commits that a commit made now would have as parents: `HEAD`, and those of a merge in progress.
    ///
    /// # Errors
    /// `HEAD` or `MERGE_HEAD` is broken.
    pub fn parents_of_next(&self) -> Result<Vec<Id>, GitError> {
        let mut parents: Vec<Id> = self.head()?.into_iter().collect();
        let path = self.repo.git_dir().join("MERGE_HEAD");
        match std::fs::read(&path) {
            Ok(text) => {
                for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
                    let id = Id::parse(line).ok_or_else(|| GitError::of(path.display(), "it holds no object ids"))?;
                    parents.push(id);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // They may be those of a merge elsewhere, from which this git was started.
                parents.extend(self.merging.iter().filter(|&&id| self.objects.has(id)));
            }
            Err(error) => return Err(GitError::new(path.display(), &error)),
        }
        parents.dedup();
        Ok(parents)
    }

    /// The objects that refs point to: all, or those whose full name begins so (`refs/remotes/origin/`).
    ///
    /// # Errors
    /// The refs cannot be listed. One that is broken is left out: it reaches nothing.
    pub fn refs(&self, prefix: Option<&str>) -> Result<Vec<(String, Id)>, GitError> {
        let what = || format!("{}: refs", self.repo.git_dir().display());
        let platform = self.repo.references().map_err(|error| GitError::new(what(), &error))?;
        let all = match prefix {
            Some(prefix) => platform.prefixed(prefix),
            None => platform.all(),
        };
        let mut out = Vec::new();
        for reference in all.map_err(|error| GitError::new(what(), &error))?.flatten() {
            let name = reference.name().as_bstr().to_string();
            if let Some(id) = reference.try_id() {
                out.push((name, Id(id.detach())));
            }
        }
        Ok(out)
    }

    /// Commits whose parents were not fetched.
    ///
    /// # Errors
    /// The list is broken.
    pub(super) fn shallow(&self) -> Result<std::collections::HashSet<Id>, GitError> {
        let commits = self
            .repo
            .shallow_commits()
            .map_err(|error| GitError::new(format_args!("{}/shallow", self.repo.git_dir().display()), &error))?;
        Ok(commits.iter().flat_map(|commits| commits.iter().copied().map(Id)).collect())
    }
}
