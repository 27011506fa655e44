//! What git knows of a file in a work tree: is it ignored, is it in the index, in a commit, on a remote?
//!
//! Asked for files with findings only, so that a scan of a large tree pays nothing for it. The question is put
//! for the secret, not for the file: a file may have changed since it was pushed, and the secret in it not. Looked at are
//! the index, `HEAD`, and the tips of the remote-tracking branches and their merge bases with `HEAD`; a secret that was pushed
//! and taken back before that is the audit's to find.

use super::GitError;
use gix::bstr::{BStr, ByteSlice as _};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Remote-tracking branches that are looked at; a mirror may have thousands.
const MAX_REMOTES: usize = 64;
/// Largest blob that is searched for the secret, in bytes.
pub(super) const MAX_BLOB: u64 = 64 * 1024 * 1024;

/// Where a secret in a file of the work tree stands in git.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Git ignores the file, and does not hold it.
    pub ignored: bool,
    /// The index holds the file with the secret.
    pub staged: bool,
    /// The commit at `HEAD` holds it.
    pub committed: bool,
    /// Remote-tracking branches whose history was seen to hold it, such as `origin/main`.
    pub pushed: Vec<String>,
}

/// What of the branch at `HEAD` no remote has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpushed {
    /// The commit at `HEAD`.
    pub head: String,
    /// The youngest commit below it that a remote-tracking branch has; `None` where nothing was pushed at all.
    pub base: Option<String>,
}

/// A repository with a work tree, opened once.
pub struct WorkTree {
    pub(super) repo: gix::Repository,
    top: PathBuf,
    index: Option<gix::worktree::IndexPersistedOrInMemory>,
    head_tree: Option<gix::ObjectId>,
    /// Name of the branch, and a tree that it is known to have held.
    remote_trees: Vec<(String, gix::ObjectId)>,
    blobs: RefCell<HashMap<gix::ObjectId, bool>>,
    /// What git ignores: the files that say so, read once for each folder.
    ignores: RefCell<Option<gix::worktree::Stack>>,
}

impl std::fmt::Debug for WorkTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkTree").field("top", &self.top).finish_non_exhaustive()
    }
}

impl WorkTree {
    /// The repository whose work tree holds `path`, if there is one.
    ///
    /// # Errors
    /// There is a repository, and it cannot be read.
    pub fn discover(path: &Path) -> Result<Option<Self>, GitError> {
        let folder = if path.is_dir() {
            path
        } else {
            path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
        };
        let Ok((found, _)) = gix::discover::upwards(folder) else { return Ok(None) };
        let (git_folder, work_tree) = found.into_repository_and_work_tree_directories();
        if work_tree.is_none() {
            return Ok(None);
        }
        let what = git_folder.display().to_string();
        let repo =
            gix::open_opts(git_folder, gix::open::Options::isolated()).map_err(|error| GitError::new(&what, &error))?;
        let Some(top) = repo.workdir().map(Path::to_owned) else { return Ok(None) };
        let top = top.canonicalize().unwrap_or(top);
        let index = repo.index_or_empty().map_err(|error| GitError::new(format_args!("{what}/index"), &error))?;
        let index = Some(gix::worktree::IndexPersistedOrInMemory::Persisted(index));
        let head = repo.head_id().ok().map(gix::Id::detach);
        let head_tree = repo.head_tree_id().ok().map(gix::Id::detach);
        let remote_trees =
            remote_trees(&repo, head).map_err(|error| GitError { what: format!("{what}: refs"), message: error })?;
        Ok(Some(Self {
            repo,
            top,
            index,
            head_tree,
            remote_trees,
            blobs: RefCell::default(),
            ignores: RefCell::default(),
        }))
    }

    pub(super) fn index(&self) -> Option<&gix::worktree::IndexPersistedOrInMemory> {
        self.index.as_ref()
    }

    /// The folder at the top of the work tree, absolute and without links.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// A path relative to the top, with `/`; `None` for what lies outside.
    #[must_use]
    pub fn relative(&self, path: &Path) -> Option<Vec<u8>> {
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let absolute = parent.canonicalize().ok()?.join(path.file_name()?);
        let inside = absolute.strip_prefix(&self.top).ok()?;
        Some(gix::path::to_unix_separators_on_windows(gix::path::into_bstr(inside).ok()?).into_owned().into())
    }

    /// Looks up a file (relative to the top) and the secret in it; without a secret, the file itself.
    #[must_use]
    pub fn look_up(&self, path: &[u8], secret: Option<&[u8]>) -> Standing {
        let path = path.as_bstr();
        let entry = self.index.as_ref().and_then(|index| index.entry_by_path(path).map(|entry| entry.id));
        let mut standing = Standing { ignored: entry.is_none() && self.is_ignored(path), ..Standing::default() };
        standing.staged = entry.is_some_and(|blob| self.blob_holds(blob, secret));
        standing.committed = self.head_tree.is_some_and(|tree| self.tree_holds(tree, path, secret));
        for (name, tree) in &self.remote_trees {
            if !standing.pushed.contains(name) && self.tree_holds(*tree, path, secret) {
                standing.pushed.push(name.clone());
            }
        }
        standing
    }

    /// Whether git ignores a path that the index does not hold.
    #[must_use]
    pub fn is_ignored(&self, path: &BStr) -> bool {
        let Some(index) = &self.index else { return false };
        let source = gix::worktree::stack::state::ignore::Source::WorktreeThenIdMappingIfNotSkipped;
        let mut ignores = self.ignores.borrow_mut();
        if ignores.is_none() {
            *ignores = self.repo.excludes(index, None, source).ok().map(gix::AttributeStack::detach);
        }
        let Some(stack) = ignores.as_mut() else { return false };
        let entry = stack.at_entry(path, Some(gix::index::entry::Mode::FILE), &self.repo.objects);
        entry.is_ok_and(|platform| platform.is_excluded())
    }

    /// Forgets what the ignore files said: they have changed.
    pub fn read_ignores_anew(&self) {
        *self.ignores.borrow_mut() = None;
    }

    /// Whether the index holds a path.
    #[must_use]
    pub fn is_tracked(&self, path: &[u8]) -> bool {
        self.index.as_ref().is_some_and(|index| index.entry_by_path(path.as_bstr()).is_some())
    }

    /// Where a path from the top lies on disk; `None` where the system knows no such name.
    #[must_use]
    pub fn on_disk(&self, path: &[u8]) -> Option<PathBuf> {
        gix::path::from_bstr(path.as_bstr()).ok().map(|relative| self.top.join(relative))
    }

    /// The names that git would give to a file as it lies on disk: of its bytes, and of the same with the line ends that git may
    /// store. Nothing for what cannot be read or is too large to be searched.
    #[must_use]
    pub fn names_of_file(&self, path: &[u8]) -> Vec<String> {
        let Some(path) = self.on_disk(path) else { return Vec::new() };
        if !path.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_BLOB) {
            return Vec::new();
        }
        let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
        let unix = if bytes.contains(&b'\r') { Some(bytes.replace(b"\r\n", b"\n")) } else { None };
        let name = |bytes: &[u8]| {
            gix::objs::compute_hash(self.repo.object_hash(), gix::objs::Kind::Blob, bytes).map(|id| id.to_string())
        };
        std::iter::once(bytes.as_slice()).chain(unix.as_deref()).filter_map(|bytes| name(bytes).ok()).collect()
    }

    /// What of the current branch was not pushed; `None` without a commit.
    #[must_use]
    pub fn unpushed(&self) -> Option<Unpushed> {
        let head = self.repo.head_id().ok()?.detach();
        let mut base: Option<gix::ObjectId> = None;
        for reference in self.repo.references().ok()?.remote_branches().ok()?.take(MAX_REMOTES) {
            let Some(tip) = reference.ok().and_then(|mut one| one.peel_to_id().ok().map(gix::Id::detach)) else {
                continue;
            };
            let Some(found) = self.repo.merge_base(head, tip).ok().flatten().map(gix::Id::detach) else { continue };
            // Of two commits below `HEAD` the one that has the other below it is the younger.
            let is_younger = |base: gix::ObjectId| {
                self.repo.merge_base(base, found).ok().flatten().is_some_and(|below| below.detach() == base)
            };
            if base.is_none_or(is_younger) {
                base = Some(found);
            }
        }
        Some(Unpushed { head: head.to_string(), base: base.map(|base| base.to_string()) })
    }

    fn tree_holds(&self, tree: gix::ObjectId, path: &BStr, secret: Option<&[u8]>) -> bool {
        let Ok(tree) = self.repo.find_tree(tree) else { return false };
        let parts = path.split(|&byte| byte == b'/').map(<[u8]>::to_vec);
        let found = tree.lookup_entry(parts).ok().flatten();
        found.is_some_and(|entry| entry.mode().is_blob() && self.blob_holds(entry.object_id(), secret))
    }

    fn blob_holds(&self, blob: gix::ObjectId, secret: Option<&[u8]>) -> bool {
        let Some(secret) = secret else { return true };
        let too_large = || self.repo.find_header(blob).map_or(true, |header| header.size() > MAX_BLOB);
        if *self.blobs.borrow_mut().entry(blob).or_insert_with(too_large) {
            // Not searched: the file is there, and the worse answer is the safe one.
            return true;
        }
        self.repo.find_object(blob).is_ok_and(|object| holds(&object.data, secret))
    }
}

/// Whether the bytes hold the secret; a secret that was decoded is looked for where its file is.
pub(super) fn holds(bytes: &[u8], secret: &[u8]) -> bool {
    if memchr::memmem::find(bytes, secret).is_some() {
        return true;
    }
    // UTF-16 or another line end: compared without NUL and carriage return.
    let plain: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0 && byte != b'\r').collect();
    let secret: Vec<u8> = secret.iter().copied().filter(|&byte| byte != b'\r').collect();
    memchr::memmem::find(&plain, &secret).is_some()
}

fn remote_trees(repo: &gix::Repository, head: Option<gix::ObjectId>) -> Result<Vec<(String, gix::ObjectId)>, String> {
    let mut trees = Vec::new();
    let platform = repo.references().map_err(|error| error.to_string())?;
    let remotes = platform.remote_branches().map_err(|error| error.to_string())?;
    for reference in remotes.take(MAX_REMOTES) {
        let mut reference = reference.map_err(|error| error.to_string())?;
        let name = reference.name().shorten().to_string();
        if name.ends_with("/HEAD") {
            continue;
        }
        let Ok(tip) = reference.peel_to_id().map(gix::Id::detach) else { continue };
        let tree_of = |commit: gix::ObjectId| repo.find_commit(commit).ok()?.tree_id().ok().map(gix::Id::detach);
        trees.extend(tree_of(tip).map(|tree| (name.clone(), tree)));
        let base = head
            .filter(|&head| head != tip)
            .and_then(|head| repo.merge_base(head, tip).ok().flatten())
            .map(gix::Id::detach);
        trees.extend(base.and_then(tree_of).map(|tree| (name, tree)));
    }
    trees.sort();
    trees.dedup();
    Ok(trees)
}
