//! What the next commit would change: the index against the commits that it would have as parents.
//!
//! The index keeps the ids of the trees that git would write for unchanged folders (its cache of trees); git records these
//! without looking at the entries again, so they are believed here too, and such a folder is neither walked nor read from
//! the parents. Nothing on disk but the index is looked at: neither attributes, filters, line ends nor a monitor of files have a say.

use super::change::{Change, Compare, Folder, Gone, folders_named};
use super::{GitError, HookRepository, Id};
use gix::index::entry::{Flags, Mode};
use gix::index::extension::Tree;
use gix::index::{Entry, PathStorageRef};

/// The index against the parents of the next commit.
pub struct Staged<'r> {
    repository: &'r HookRepository,
    index: gix::index::File,
    trees: Vec<Id>,
    /// Files that the next commit would record anew or with another content, sorted by path.
    pub changes: Vec<Change>,
    /// Paths with a conflict: git records nothing before it is resolved.
    pub unmerged: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Staged<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Staged").field("changes", &self.changes.len()).finish_non_exhaustive()
    }
}

impl<'r> Staged<'r> {
    /// Compares.
    ///
    /// # Errors
    /// The index, `HEAD` or a tree that differs cannot be read.
    pub fn of(repository: &'r HookRepository) -> Result<Self, GitError> {
        let path = &repository.index_path;
        let options = gix::index::decode::Options { thread_limit: Some(1), ..Default::default() };
        // The checksum is not computed, as git does not: it would take longer than all the rest.
        let index = gix::index::File::at_or_default(path, repository.repo.object_hash(), true, options)
            .map_err(|error| GitError::new(path.display(), &error))?;
        let mut trees = Vec::new();
        for commit in repository.parents_of_next()? {
            trees.push(repository.objects.links(commit, &mut Vec::new())?.tree);
        }
        let mut staged = Self { repository, index, trees, changes: Vec::new(), unmerged: Vec::new() };
        let mut walk = staged.walk(false);
        walk.folder(&mut Vec::new(), staged.index.tree(), &staged.trees)?;
        let (changes, unmerged) = (walk.compare.changes, walk.unmerged);
        (staged.changes, staged.unmerged) = (changes, unmerged);
        Ok(staged)
    }

    /// Files that the next commit would no longer hold, or hold elsewhere.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn gone(&self) -> Result<Vec<Gone>, GitError> {
        let mut walk = self.walk(true);
        walk.folder(&mut Vec::new(), self.index.tree(), &self.trees)?;
        Ok(walk.compare.gone.unwrap_or_default())
    }

    fn walk(&self, with_gone: bool) -> Walk<'_> {
        Walk {
            entries: self.index.entries(),
            paths: self.index.path_backing(),
            at: 0,
            compare: Compare::new(&self.repository.objects, with_gone),
            unmerged: Vec::new(),
        }
    }
}

/// A walk over the index, folder by folder.
struct Walk<'i> {
    entries: &'i [Entry],
    paths: &'i PathStorageRef,
    at: usize,
    compare: Compare<'i>,
    unmerged: Vec<Vec<u8>>,
}

impl<'i> Walk<'i> {
    fn path(&self, at: usize) -> Option<&'i [u8]> {
        self.entries.get(at).map(|entry| &**entry.path_in(self.paths))
    }

    /// Walks the entries below `path`, which ends with `/` or is empty.
    fn folder(&mut self, path: &mut Vec<u8>, cached: Option<&Tree>, old: &[Id]) -> Result<(), GitError> {
        if self.skips(path, cached, old) {
            return Ok(());
        }
        self.compare.enter(path)?;
        let folders = self.compare.folders(old)?;
        let mut names: Vec<(Vec<u8>, bool)> = Vec::new();
        while let Some(whole) = self.path(self.at) {
            let Some(rest) = whole.strip_prefix(path.as_slice()) else { break };
            let (name, is_folder) = match rest.iter().position(|&byte| byte == b'/') {
                Some(slash) => (&rest[..slash], true),
                None => (rest, false),
            };
            let counts =
                if is_folder { self.below(path, name, cached, &folders)? } else { self.entry(path, name, &folders)? };
            if self.compare.gone.is_some() && counts {
                names.push((name.to_owned(), is_folder));
            }
        }
        if self.compare.gone.is_some() {
            names.sort();
            let mut is_there = |name: &[u8], is_folder: bool| {
                names.binary_search_by(|own| (&*own.0, own.1).cmp(&(name, is_folder))).is_ok()
            };
            self.compare.gone_from(path, &folders, &mut is_there)?;
        }
        self.compare.leave();
        Ok(())
    }

    /// Passes over a folder that is as it was in one of the parents.
    fn skips(&mut self, path: &[u8], cached: Option<&Tree>, old: &[Id]) -> bool {
        let Some(cached) = cached.filter(|cached| old.contains(&Id(cached.id))) else { return false };
        let Some(count) = cached.num_entries.and_then(|count| usize::try_from(count).ok()).filter(|&count| count > 0)
        else {
            return false;
        };
        // The number is only believed where the entries at its ends agree.
        let end = self.at.saturating_add(count);
        let is_below = |at: usize| self.path(at).is_some_and(|whole| whole.starts_with(path));
        let agrees = is_below(self.at) && is_below(end - 1) && !is_below(end);
        if agrees {
            self.at = end;
        }
        agrees
    }

    /// A folder below; also one that a sparse index holds as one entry. Answers whether it holds anything.
    fn below(
        &mut self,
        path: &mut Vec<u8>,
        name: &[u8],
        cached: Option<&Tree>,
        folders: &[Folder],
    ) -> Result<bool, GitError> {
        let forerunners = folders_named(folders, name);
        let child = cached.and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == name));
        let length = path.len();
        path.extend_from_slice(name);
        path.push(b'/');
        let entry = &self.entries[self.at];
        if entry.mode == Mode::DIR && self.path(self.at).is_some_and(|whole| whole == path.as_slice()) {
            self.at += 1;
            self.compare.tree(path, Some(Id(entry.id)), &forerunners)?;
        } else {
            self.folder(path, child, &forerunners)?;
        }
        path.truncate(length);
        Ok(true)
    }

    /// A file. Answers whether the commit would hold it.
    fn entry(&mut self, path: &[u8], name: &[u8], folders: &[Folder]) -> Result<bool, GitError> {
        let entry = &self.entries[self.at];
        self.at += 1;
        if entry.stage_raw() != 0 {
            let whole = [path, name].concat();
            if self.unmerged.last() != Some(&whole) {
                self.unmerged.push(whole);
            }
            return Ok(true);
        }
        // Announced with `git add --intent-to-add`, and not in the commit.
        if entry.flags.contains(Flags::INTENT_TO_ADD) {
            return Ok(false);
        }
        let is_link = entry.mode == Mode::SYMLINK;
        if is_link || entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE {
            self.compare.file(path, name, Id(entry.id), is_link, folders)?;
        }
        Ok(true)
    }
}
