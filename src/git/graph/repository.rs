//! A repository, opened without the user's configuration and without its own having any power.

use super::super::{self as git, GitError};
use std::path::{Path, PathBuf};

/// A repository: a work tree's, a linked one, a bare one.
pub struct Repository {
    repo: gix::Repository,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("folder", &self.repo.git_dir()).finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens the repository at or above a folder.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        let repo = Self::at(path).or_else(|error| {
            // From within the git folder, `.` is taken for a work tree.
            let absolute = std::path::absolute(path).ok().filter(|absolute| absolute != path);
            absolute.and_then(|path| Self::at(&path).ok()).ok_or(error)
        })?;
        Ok(Self { repo })
    }

    fn at(path: &Path) -> Result<gix::Repository, GitError> {
        let what = path.display().to_string();
        let (found, _) = gix::discover::upwards(path).map_err(|error| GitError::new(&what, &error))?;
        let (folder, _) = found.into_repository_and_work_tree_directories();
        git::open(&folder, gix::open::Options::isolated()).map_err(|error| GitError { what, ..error })
    }

    /// Opens the repository whose work tree begins in a folder, or whose git folder it is.
    ///
    /// # Errors
    /// It is none, or cannot be read.
    pub fn exactly(folder: &Path) -> Result<Self, GitError> {
        git::open(folder, gix::open::Options::isolated()).map(|repo| Self { repo })
    }

    pub(super) const fn gix(&self) -> &gix::Repository {
        &self.repo
    }

    /// The folder of all objects.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.repo.common_dir().join("objects")
    }

    /// How objects are hashed.
    #[must_use]
    pub fn hash(&self) -> gix::hash::Kind {
        self.repo.object_hash()
    }

    /// Whether it has no work tree: others fetch from it and push to it.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.repo.is_bare()
    }

    /// The top of its work tree.
    #[must_use]
    pub fn top(&self) -> Option<&Path> {
        self.repo.workdir()
    }

    /// Its git folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.repo.git_dir()
    }

    /// The folder that it shares with its linked work trees, by which two of them are known for the same repository.
    #[must_use]
    pub fn real_folder(&self) -> PathBuf {
        let common = self.repo.common_dir();
        common.canonicalize().unwrap_or_else(|_| common.to_owned())
    }

    /// Where its work tree lies, from its git folder, as its configuration says.
    pub(super) fn configured_work_tree(&self) -> Option<PathBuf> {
        let told = self.repo.config_snapshot().string("core.worktree")?;
        gix::path::from_bstr(told).ok().map(std::borrow::Cow::into_owned)
    }

    /// The folders in which heads and indexes lie: that of the repository, and one for each linked work tree.
    #[must_use]
    pub fn git_folders(&self) -> Vec<PathBuf> {
        let common = self.repo.common_dir();
        let mut folders = vec![common.to_owned()];
        if let Ok(entries) = std::fs::read_dir(common.join("worktrees")) {
            folders.extend(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()));
        }
        folders.sort();
        folders
    }

    /// Beginnings of the names of refs that a fetch writes: what is there came from a remote.
    #[must_use]
    pub fn fetched(&self) -> Vec<String> {
        let config = self.repo.config_snapshot();
        let mut prefixes = Vec::new();
        for section in config.plumbing().sections_by_name("remote").into_iter().flatten() {
            for value in section.values("fetch") {
                let value = value.to_string();
                if let Some((_, target)) = value.trim_start_matches('+').split_once(':') {
                    // A remote-tracking branch is known by its name; a ref of one's own that a fetch overwrites is the remote's too.
                    prefixes.push(target.split('*').next().unwrap_or(target).to_owned());
                }
            }
        }
        prefixes.retain(|prefix| prefix.starts_with("refs/"));
        prefixes.sort();
        prefixes.dedup();
        prefixes
    }

    /// The object that a name stands for, as `git rev-parse` knows names.
    ///
    /// # Errors
    /// It stands for none, or for several.
    pub fn resolve(&self, name: &str) -> Result<gix::ObjectId, GitError> {
        // What the library says of it is about its own steps.
        self.repo.rev_parse_single(name).map(gix::Id::detach).map_err(|_| GitError::of(name, self.why_not(name)))
    }

    /// Why a name stands for nothing.
    fn why_not(&self, name: &str) -> &'static str {
        let is_head = name.strip_prefix("HEAD").or_else(|| name.strip_prefix('@'));
        let is_short_id = gix::hash::Prefix::from_hex(name).ok();
        if is_head.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            && self.repo.head().is_ok_and(|head| head.is_unborn())
        {
            "the branch that is checked out has no commit yet"
        } else if is_short_id.is_some_and(|id| matches!(self.repo.objects.lookup_prefix(id, None), Ok(Some(Err(()))))) {
            "is the beginning of several ids: write more of it"
        } else {
            "is no branch, tag or commit of this repository"
        }
    }

    /// Commits whose parents a shallow clone left out.
    ///
    /// # Errors
    /// The list of them cannot be read.
    pub fn shallow(&self) -> Result<Vec<gix::ObjectId>, GitError> {
        match self.repo.shallow_commits() {
            Ok(commits) => Ok(commits.map_or_else(Vec::new, |commits| commits.iter().copied().collect())),
            Err(error) => Err(GitError::new("shallow", &error)),
        }
    }
}
