//! Which objects hold a secret, or held an unsafe file: what is written down when it was revoked.
//!
//! A secret is looked for in every object of the store, reachable or not. A file, and a value that stands encoded, are
//! followed by their paths through the commits of all refs.

use super::work_tree::{MAX_BLOB, holds};
use super::{GitError, WorkTree};
use gix::bstr::ByteSlice as _;
use gix::prelude::FindExt as _;
use std::collections::{BTreeSet, HashSet};

/// What held something when it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// The commit at `HEAD`.
    pub head: Option<String>,
    /// The objects, in hexadecimal.
    pub blobs: BTreeSet<String>,
    /// Objects that are too large to be searched, and so are in doubt.
    pub too_large: u64,
}

impl WorkTree {
    /// The objects that hold the secret or, without one, that are or were the files at these paths (from the top). What
    /// lies on disk at the paths counts too.
    ///
    /// # Errors
    /// Objects cannot be read.
    pub fn holders(&self, paths: &[Vec<u8>], secret: Option<&[u8]>) -> Result<Holders, GitError> {
        let head = self.repo.head_id().ok().map(|id| id.to_string());
        let mut holders = Holders { head, ..Holders::default() };
        match secret {
            Some(secret) => self.search(secret, &mut holders)?,
            None => self.follow(paths, &mut holders)?,
        }
        for path in paths {
            holders.blobs.extend(self.names_of_file(path));
        }
        Ok(holders)
    }

    fn search(&self, secret: &[u8], holders: &mut Holders) -> Result<(), GitError> {
        let what = self.repo.git_dir().display().to_string();
        let all = self.repo.objects.iter().map_err(|error| GitError::new(&what, &error))?;
        let mut buffer = Vec::new();
        for id in all {
            let id = id.map_err(|error| GitError::new(&what, &error))?;
            let header = self.repo.find_header(id).map_err(|error| GitError::new(id, &error))?;
            if header.kind() != gix::objs::Kind::Blob || header.size() < secret.len() as u64 {
                continue;
            }
            if header.size() > MAX_BLOB {
                holders.too_large += 1;
                continue;
            }
            let blob = self.repo.objects.find_blob(&id, &mut buffer).map_err(|error| GitError::new(id, &error))?;
            if holds(blob.data, secret) {
                holders.blobs.insert(id.to_string());
            }
        }
        Ok(())
    }

    fn follow(&self, paths: &[Vec<u8>], holders: &mut Holders) -> Result<(), GitError> {
        let what = self.repo.git_dir().display().to_string();
        let mut tips: BTreeSet<gix::ObjectId> = self.repo.head_id().ok().map(gix::Id::detach).into_iter().collect();
        let refs = self.repo.references().map_err(|error| GitError::new(&what, &error))?;
        for reference in refs.all().map_err(|error| GitError::new(&what, &error))? {
            let mut reference = reference.map_err(|error| GitError::new(&what, &error))?;
            let Ok(id) = reference.peel_to_id().map(gix::Id::detach) else { continue };
            if self.repo.find_header(id).is_ok_and(|header| header.kind() == gix::objs::Kind::Commit) {
                tips.insert(id);
            }
        }
        let mut seen = HashSet::new();
        let walk = self.repo.rev_walk(tips).all().map_err(|error| GitError::new(&what, &error))?;
        for commit in walk {
            let commit = commit.map_err(|error| GitError::new(&what, &error))?;
            let commit = self.repo.find_commit(commit.id).map_err(|error| GitError::new(commit.id, &error))?;
            let tree = commit.tree().map_err(|error| GitError::new(commit.id, &error))?;
            if !seen.insert(tree.id) {
                continue;
            }
            for path in paths {
                let found = tree.lookup_entry(path.split(|&byte| byte == b'/').map(<[u8]>::to_vec));
                let found = found.map_err(|error| GitError::new(tree.id, &error))?;
                holders.blobs.extend(found.filter(|one| one.mode().is_blob()).map(|one| one.object_id().to_string()));
            }
        }
        if let Some(index) = self.index() {
            let entries = paths.iter().filter_map(|path| index.entry_by_path(path.as_bstr()));
            holders.blobs.extend(entries.map(|entry| entry.id.to_string()));
        }
        Ok(())
    }
}
