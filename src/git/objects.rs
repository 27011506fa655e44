//! Reading objects, from the repository's store and from those that git names in a hook's environment.
//!
//! A server keeps what is being pushed in a folder of its own (the quarantine) until its hooks agree, so that an object may lie in
//! either. Replacement refs are not followed: what is pushed and recorded is the object itself.

use super::odb::Kind;
use super::{GitError, Id};
use gix::objs::Find as _;
use gix::odb::Header as _;

/// The stores of a repository; a copy for each worker.
#[derive(Clone)]
pub struct Objects {
    stores: Vec<gix::odb::Handle>,
    /// Bytes of an id.
    pub(super) id_bytes: usize,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("stores", &self.stores.len()).finish_non_exhaustive()
    }
}

impl Objects {
    /// Stores in the order in which they are asked.
    pub(super) fn new(mut stores: Vec<gix::odb::Handle>, hash: gix::hash::Kind) -> Self {
        for store in &mut stores {
            store.ignore_replacements = true;
        }
        Self { stores, id_bytes: hash.len_in_bytes() }
    }

    /// The same stores with memory for the bases of deltas: for walks over many objects.
    #[must_use]
    pub(super) fn with_memory(&self) -> Self {
        let mut objects = self.clone();
        for store in &mut objects.stores {
            store.set_pack_cache(|| Box::new(super::cache::Bases::default()));
        }
        objects
    }

    /// Reads an object into a buffer.
    ///
    /// # Errors
    /// No store has it, or it is broken.
    pub fn read<'b>(&self, id: Id, buffer: &'b mut Vec<u8>) -> Result<(Kind, &'b [u8]), GitError> {
        let mut kind = None;
        for store in &self.stores {
            let found = store.try_find(&id.0, buffer).map_err(|error| GitError::new(id, &error))?;
            if let Some(data) = found {
                kind = Some(Kind::from(data.kind));
                break;
            }
        }
        let kind = kind.ok_or_else(|| missing(id))?;
        Ok((kind, buffer))
    }

    /// The kind and size of an object, without its content.
    ///
    /// # Errors
    /// No store has it, or it is broken.
    pub fn header(&self, id: Id) -> Result<(Kind, u64), GitError> {
        for store in &self.stores {
            let found = store.try_header(&id.0).map_err(|error| GitError::new(id, &error))?;
            if let Some(header) = found {
                return Ok((Kind::from(header.kind()), header.size()));
            }
        }
        Err(missing(id))
    }

    /// Whether a store has it.
    #[must_use]
    pub fn has(&self, id: Id) -> bool {
        self.header(id).is_ok()
    }

    /// Reads an object that must be of one kind.
    pub(super) fn of_kind<'b>(&self, id: Id, wanted: Kind, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], GitError> {
        match self.read(id, buffer)? {
            (kind, bytes) if kind == wanted => Ok(bytes),
            (kind, _) => Err(GitError::of(id, format!("it is a {kind:?}, and a {wanted:?} was expected"))),
        }
    }
}

fn missing(id: Id) -> GitError {
    GitError::of(id, "the object is missing")
}
