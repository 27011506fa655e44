//! Where histories end: refs, detached heads, and what indexes hold.

use super::super::odb::{Number, Store, Unreadable};
use super::{Commits, Repository};
use gix::bstr::ByteSlice as _;
use rayon::prelude::*;

/// What a tip says about who may have seen its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TipKind {
    /// A remote holds it: a remote-tracking ref, or any ref of a repository that others fetch from.
    Remote,
    /// A branch here, or a head without one.
    Branch,
    /// Any other ref: a tag, notes.
    Other,
    /// The stash: git keeps it behind a ref, and only this repository has it.
    Stash,
}

/// A ref, or something like one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tip {
    /// As git shortens it: `main`, `origin/main`, `v1.0`.
    pub name: String,
    /// The whole name: `refs/heads/main`.
    pub full: String,
    /// What it is.
    pub kind: TipKind,
    /// What it names, tags not followed.
    pub id: gix::ObjectId,
}

/// An entry of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Staged {
    /// The path from the top.
    pub path: Vec<u8>,
    /// What is staged.
    pub id: gix::ObjectId,
}

/// What a log remembers of a ref: a commit that it named once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Logged {
    /// As git writes it: `HEAD@{3}`, `stash@{0}`.
    pub name: String,
    /// The object.
    pub id: gix::ObjectId,
}

/// Where a tip leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The tags on the way to what it names in the end, and that.
    pub chain: Vec<Number>,
    /// The index of the commit that this is.
    pub commit: Option<usize>,
    /// What is not there on the way.
    pub missing: Option<gix::ObjectId>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Tips {
    /// Sorted by kind and name.
    pub tips: Vec<Tip>,
    /// Entries of all indexes.
    pub staged: Vec<Staged>,
    /// Paths at which indexes name a commit of another repository.
    pub submodules: Vec<Vec<u8>>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl Tips {
    /// Asks a repository.
    #[must_use]
    pub fn of(repository: &Repository) -> Self {
        let mut this = Self::default();
        this.refs(repository);
        this.heads(repository);
        this.indexes(repository);
        this.tips.sort();
        this.tips.dedup();
        this.staged.sort();
        this.staged.dedup();
        this
    }

    fn lost(&mut self, what: impl std::fmt::Display, reason: impl std::fmt::Display) {
        self.unreadable.push(Unreadable { what: what.to_string(), reason: reason.to_string() });
    }

    fn refs(&mut self, repository: &Repository) {
        let fetched = repository.fetched();
        let repo = repository.gix();
        let platform = match repo.references() {
            Ok(platform) => platform,
            Err(error) => return self.lost("refs", format_args!("could not be read: {error}")),
        };
        let all = match platform.all() {
            Ok(all) => all,
            Err(error) => return self.lost("refs", format_args!("could not be listed: {error}")),
        };
        for reference in all {
            let reference = match reference {
                Ok(reference) => reference,
                Err(error) => {
                    self.lost("refs", format_args!("one of them could not be read: {error}"));
                    continue;
                }
            };
            let full = reference.name().as_bstr().to_string();
            let Some(id) = reference.try_id().map(gix::Id::detach) else {
                self.symbolic(repository, &full);
                continue;
            };
            let kind = if repository.is_bare()
                || full.starts_with("refs/remotes/")
                || fetched.iter().any(|prefix| full.starts_with(prefix))
            {
                TipKind::Remote
            } else if full.starts_with("refs/heads/") {
                TipKind::Branch
            } else if full == "refs/stash" {
                TipKind::Stash
            } else {
                TipKind::Other
            };
            self.tips.push(Tip { name: reference.name().shorten().to_string(), full, kind, id });
        }
    }

    /// A ref that names a ref: what it names is listed itself, so only loops and names of nothing are of interest.
    fn symbolic(&mut self, repository: &Repository, full: &str) {
        let mut seen = vec![full.to_owned()];
        let mut name = full.to_owned();
        loop {
            let Ok(Some(found)) = repository.gix().try_find_reference(name.as_str()) else {
                // A branch that has no commit yet, or was deleted on the remote: nothing to read.
                return;
            };
            let gix::refs::TargetRef::Symbolic(target) = found.target() else { return };
            name = target.as_bstr().to_string();
            if seen.contains(&name) || seen.len() > 8 {
                self.lost(full, "is a ref that leads in a circle: delete it with `git symbolic-ref -d`");
                return;
            }
            seen.push(name.clone());
        }
    }

    /// Heads that name a commit themselves, of all work trees.
    fn heads(&mut self, repository: &Repository) {
        for folder in repository.git_folders() {
            let path = folder.join("HEAD");
            let Ok(text) = std::fs::read(&path) else { continue };
            let text = text.trim();
            if let Some(name) = text.strip_prefix(b"ref:") {
                if name.trim() == b"HEAD" {
                    self.lost(path.display(), "is a ref that leads in a circle: check out a branch");
                }
                continue;
            }
            match gix::ObjectId::from_hex(text) {
                Ok(id) => {
                    self.tips.push(Tip { name: "HEAD".to_owned(), full: "HEAD".to_owned(), kind: TipKind::Branch, id });
                }
                Err(_) => self.lost(path.display(), "is neither a commit nor the name of a branch"),
            }
        }
    }

    fn indexes(&mut self, repository: &Repository) {
        for folder in repository.git_folders() {
            let path = folder.join("index");
            if !path.is_file() {
                continue;
            }
            let options = gix::index::decode::Options::default();
            match gix::index::File::at(&path, repository.gix().object_hash(), false, options) {
                Ok(index) => {
                    for entry in index.entries() {
                        if entry.mode == gix::index::entry::Mode::COMMIT {
                            self.submodules.push(entry.path(&index).to_vec());
                            continue;
                        }
                        if entry.mode == gix::index::entry::Mode::DIR {
                            continue;
                        }
                        self.staged.push(Staged { path: entry.path(&index).to_vec(), id: entry.id });
                    }
                }
                Err(error) => self.lost(path.display(), format_args!("could not be read: {error}")),
            }
        }
    }

    /// What the logs of a repository remember; unreadable ones are named in `lost`.
    #[must_use]
    pub fn logged(repository: &Repository, lost: &mut Vec<Unreadable>) -> Vec<Logged> {
        let mut logged = Vec::new();
        for folder in repository.git_folders() {
            let top = folder.join("logs");
            let mut folders = vec![top.clone()];
            while let Some(folder) = folders.pop() {
                let Ok(entries) = std::fs::read_dir(&folder) else { continue };
                for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
                    if path.is_dir() && !path.is_symlink() {
                        folders.push(path);
                        continue;
                    }
                    match std::fs::read(&path) {
                        Ok(text) => log_entries(&top, &path, &text, &mut logged),
                        Err(error) => {
                            lost.push(Unreadable { what: path.display().to_string(), reason: error.to_string() });
                        }
                    }
                }
            }
        }
        logged.sort();
        // Each entry names the object before it too.
        logged.dedup();
        logged
    }

    /// The commit that an object is or, through tags of tags, names; none where it leads to something else.
    ///
    /// # Errors
    /// The id of the object that is not there.
    pub fn commit(store: &Store, commits: &Commits, id: gix::ObjectId) -> Result<Option<usize>, gix::ObjectId> {
        match follow(store, commits, id) {
            (_, Some(missing)) => Err(missing),
            (chain, None) => Ok(chain.last().and_then(|&number| commits.index(number))),
        }
    }

    /// Where each tip leads, by all processors.
    #[must_use]
    pub fn ends(&self, store: &Store, commits: &Commits) -> Vec<End> {
        let end = |tip: &Tip| {
            let (chain, missing) = follow(store, commits, tip.id);
            let commit = chain.last().and_then(|&number| commits.index(number)).filter(|_| missing.is_none());
            End { chain, commit, missing }
        };
        self.tips.par_iter().with_min_len(64).map(end).collect()
    }

    /// The tags on the way from an object to what it names in the end, and that.
    #[must_use]
    pub fn chain(store: &Store, commits: &Commits, id: gix::ObjectId) -> Vec<Number> {
        follow(store, commits, id).0
    }
}

/// The objects on the way from one through tags of tags, and the one at its end that is not there.
///
/// Ids make loops impossible, but a forged pack may hold an object under the id of another. No way is longer than there are
/// tags: what goes on is not what its id says, and so is not there.
fn follow(store: &Store, commits: &Commits, mut id: gix::ObjectId) -> (Vec<Number>, Option<gix::ObjectId>) {
    let mut chain = Vec::new();
    while chain.len() <= commits.tags.len() {
        let Some(number) = store.find(&id) else { return (chain, Some(id)) };
        chain.push(number);
        match tagged(commits, number) {
            Some(target) => id = target,
            None => return (chain, None),
        }
    }
    (chain, Some(id))
}

/// The entries of a log, the newest of which is number 0. Format: old id, new id, who, when, and what after a tab.
fn log_entries(top: &std::path::Path, path: &std::path::Path, text: &[u8], logged: &mut Vec<Logged>) {
    let name = path.strip_prefix(top).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let short = ["refs/heads/", "refs/remotes/", "refs/"].iter().find_map(|prefix| name.strip_prefix(prefix));
    let short = short.unwrap_or(&name);
    for (number, line) in text.lines().rev().enumerate() {
        let mut words = line.split(|&byte| byte == b' ');
        let ids = [words.next(), words.next()];
        for (step, id) in ids.into_iter().rev().enumerate() {
            let id = id.and_then(|id| gix::ObjectId::from_hex(id).ok()).filter(|id| !id.is_null());
            logged.extend(id.map(|id| Logged { name: format!("{short}@{{{}}}", number + step), id }));
        }
    }
}

fn tagged(commits: &Commits, number: Number) -> Option<gix::ObjectId> {
    commits.tags.binary_search_by_key(&number, |tag| tag.0).ok().map(|at| commits.tags[at].1)
}
