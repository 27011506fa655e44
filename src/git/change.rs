//! What differs between a folder and the folders that it stems from: blobs by their ids, never lines of a diff.
//!
//! A folder whose id is that of one of its forerunners is not opened, so that the cost is that of the change. A file counts as
//! changed where it differs from **every** forerunner: what a merge takes over from one of its parents is not new.

use super::{GitError, Id, Kind as ObjectKind, Objects};
use std::cell::Cell;
use std::ops::Range;

/// Folders within folders beyond which a tree is not followed; no file system holds such a path.
const MAX_DEPTH: usize = 2_000;
/// Changes beyond which a tree is taken for one that was made to fill the memory.
const MAX_CHANGES: usize = 8_000_000;

/// A file that is new, or whose content changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From the top of the repository, with `/`.
    pub path: Vec<u8>,
    /// Its content.
    pub blob: Id,
    /// Whether it is a symbolic link; its content is the path that it leads to.
    pub is_link: bool,
    /// Its content in the forerunners, where it was there.
    pub before: Vec<Id>,
}

/// A file that a forerunner held at a path at which there is none any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// From the top of the repository, with `/`.
    pub path: Vec<u8>,
    /// Its content.
    pub blob: Id,
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
    Link,
    Submodule,
}

/// One folder, read.
#[derive(Debug, Default)]
pub(super) struct Folder {
    bytes: Vec<u8>,
    entries: Vec<(Range<usize>, Kind, Id)>,
    /// Behind the entry that was found last: whoever asks goes through a folder that is much like this one.
    next: Cell<usize>,
}

impl Folder {
    pub(super) fn read(objects: &Objects, id: Id) -> Result<Self, GitError> {
        let mut bytes = Vec::new();
        objects.of_kind(id, ObjectKind::Tree, &mut bytes)?;
        let mut entries = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let (entry, next) =
                entry(&bytes, at, objects.id_bytes).ok_or_else(|| GitError::of(id, "the tree is broken"))?;
            entries.push(entry);
            at = next;
        }
        Ok(Self { bytes, entries, next: Cell::default() })
    }

    fn name(&self, range: &Range<usize>) -> &[u8] {
        &self.bytes[range.clone()]
    }

    /// The entry of that name. Entries are sorted as if the names of folders ended with `/`; one in the wrong order is not
    /// found, which makes a file new: the careful side.
    pub(super) fn get(&self, name: &[u8], is_folder: bool) -> Option<(Kind, Id)> {
        let next = self.next.get();
        if let Some((range, kind, id)) = self.entries.get(next)
            && (*kind == Kind::Folder) == is_folder
            && self.name(range) == name
        {
            self.next.set(next + 1);
            return Some((*kind, *id));
        }
        let key = |name: &[u8], is_folder: bool, at: usize| match name.get(at) {
            Some(&byte) => u16::from(byte) + 1,
            None if is_folder && at == name.len() => u16::from(b'/') + 1,
            None => 0,
        };
        let found = self.entries.binary_search_by(|(range, kind, _)| {
            let (own, own_is_folder) = (self.name(range), *kind == Kind::Folder);
            let shared = own.iter().zip(name).take_while(|(a, b)| a == b).count();
            (shared..=shared + 1)
                .map(|at| key(own, own_is_folder, at).cmp(&key(name, is_folder, at)))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let at = found.unwrap_or_else(|at| at);
        self.next.set(at + usize::from(found.is_ok()));
        found.ok().map(|at| (self.entries[at].1, self.entries[at].2))
    }
}

type Parsed = ((Range<usize>, Kind, Id), usize);

fn entry(bytes: &[u8], at: usize, id_bytes: usize) -> Option<Parsed> {
    let space = at + bytes[at..].iter().position(|&byte| byte == b' ')?;
    let end = space + bytes[space..].iter().position(|&byte| byte == 0)?;
    let next = end + 1 + id_bytes;
    let id = gix::ObjectId::try_from(bytes.get(end + 1..next)?).ok()?;
    let kind = match &bytes[at..space] {
        b"40000" | b"040000" => Kind::Folder,
        b"160000" => Kind::Submodule,
        b"120000" => Kind::Link,
        _ => Kind::File,
    };
    Some(((space + 1..end, kind, Id(id)), next))
}

/// Walks folders and keeps what differs.
pub(super) struct Compare<'o> {
    pub objects: &'o Objects,
    pub changes: Vec<Change>,
    /// Files that are gone; kept only where somebody asks.
    pub gone: Option<Vec<Gone>>,
    depth: usize,
}

impl<'o> Compare<'o> {
    pub(super) fn new(objects: &'o Objects, with_gone: bool) -> Self {
        Self { objects, changes: Vec::new(), gone: with_gone.then(Vec::new), depth: 0 }
    }

    /// Compares a folder with its forerunners; `path` ends with `/` or is empty. Without a folder, all is gone.
    pub(super) fn tree(&mut self, path: &mut Vec<u8>, new: Option<Id>, old: &[Id]) -> Result<(), GitError> {
        if new.is_some_and(|new| old.contains(&new)) {
            return Ok(());
        }
        self.enter(path)?;
        let old = self.folders(old)?;
        let new = new.map(|new| Folder::read(self.objects, new)).transpose()?.unwrap_or_default();
        for (range, kind, id) in &new.entries {
            let name = new.name(range);
            match kind {
                Kind::Submodule => {}
                Kind::Folder => {
                    let forerunners = folders_named(&old, name);
                    let length = path.len();
                    path.extend_from_slice(name);
                    path.push(b'/');
                    self.tree(path, Some(*id), &forerunners)?;
                    path.truncate(length);
                }
                Kind::File | Kind::Link => self.file(path, name, *id, *kind == Kind::Link, &old)?,
            }
        }
        if self.gone.is_some() {
            self.gone_from(path, &old, &mut |name, is_folder| new.get(name, is_folder).is_some())?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Guards a step down; whoever calls it counts `depth` back.
    pub(super) fn enter(&mut self, path: &[u8]) -> Result<(), GitError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let shown = String::from_utf8_lossy(&path[..path.len().min(60)]).into_owned();
            return Err(GitError::of(shown, "folders within folders without an end"));
        }
        Ok(())
    }

    pub(super) const fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn folders(&self, ids: &[Id]) -> Result<Vec<Folder>, GitError> {
        ids.iter().map(|&id| Folder::read(self.objects, id)).collect()
    }

    /// Keeps a file that differs from every forerunner.
    pub(super) fn file(
        &mut self,
        path: &[u8],
        name: &[u8],
        blob: Id,
        is_link: bool,
        old: &[Folder],
    ) -> Result<(), GitError> {
        let mut before = Vec::new();
        for (kind, id) in old.iter().filter_map(|folder| folder.get(name, false)) {
            if id == blob {
                return Ok(());
            }
            if kind != Kind::Submodule && !before.contains(&id) {
                before.push(id);
            }
        }
        if self.changes.len() >= MAX_CHANGES {
            return Err(GitError::of("the change", format!("more than {MAX_CHANGES} files differ")));
        }
        self.changes.push(Change { path: [path, name].concat(), blob, is_link, before });
        Ok(())
    }

    /// Keeps the files of the forerunners that `is_there` does not know.
    pub(super) fn gone_from(
        &mut self,
        path: &mut Vec<u8>,
        old: &[Folder],
        is_there: &mut dyn FnMut(&[u8], bool) -> bool,
    ) -> Result<(), GitError> {
        for folder in old {
            for (range, kind, id) in &folder.entries {
                let name = folder.name(range);
                if *kind == Kind::Submodule || is_there(name, *kind == Kind::Folder) {
                    continue;
                }
                if *kind == Kind::Folder {
                    let length = path.len();
                    path.extend_from_slice(name);
                    path.push(b'/');
                    self.tree(path, None, &[*id])?;
                    path.truncate(length);
                } else if let Some(gone) = &mut self.gone {
                    gone.push(Gone { path: [path.as_slice(), name].concat(), blob: *id });
                }
            }
        }
        Ok(())
    }
}

/// The folders of that name in each forerunner.
pub(super) fn folders_named(old: &[Folder], name: &[u8]) -> Vec<Id> {
    let mut ids: Vec<Id> = old.iter().filter_map(|folder| folder.get(name, true)).map(|(_, id)| id).collect();
    ids.dedup();
    ids
}

impl Objects {
    /// The file at a path of a tree.
    ///
    /// # Errors
    /// A tree on the way cannot be read.
    pub fn at_path(&self, tree: Id, path: &[u8]) -> Result<Option<Id>, GitError> {
        let mut tree = tree;
        let mut names = path.split(|&byte| byte == b'/').peekable();
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            let Some((kind, id)) = Folder::read(self, tree)?.get(name, !is_last) else { return Ok(None) };
            if is_last {
                return Ok((kind != Kind::Submodule).then_some(id));
            }
            tree = id;
        }
        Ok(None)
    }
}

/// The folders and the files directly below a tree.
pub(super) fn children(objects: &Objects, tree: Id) -> Result<(Vec<Id>, Vec<Id>), GitError> {
    let folder = Folder::read(objects, tree)?;
    let of = |wanted: fn(Kind) -> bool| {
        folder.entries.iter().filter(|entry| wanted(entry.1)).map(|entry| entry.2).collect::<Vec<_>>()
    };
    Ok((of(|kind| kind == Kind::Folder), of(|kind| matches!(kind, Kind::File | Kind::Link))))
}
