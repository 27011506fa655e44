//! Loose objects: a file for each, found by listing the folders, so that nothing depends on a ref that names them.

use super::Kind;
use std::path::{Path, PathBuf};

/// The loose objects of an object folder, sorted by id.
pub struct Loose {
    store: gix::odb::loose::Store,
    /// The objects that there are.
    pub ids: Vec<gix::ObjectId>,
}

impl std::fmt::Debug for Loose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loose").field("folder", &self.store.path()).field("objects", &self.ids.len()).finish()
    }
}

impl Loose {
    /// Lists them. What lies there and is no object is left alone, as git does; a folder that cannot be listed is reported.
    pub fn list(folder: &Path, hash: gix::hash::Kind, mut unreadable: impl FnMut(PathBuf, String)) -> Self {
        let mut ids = Vec::new();
        for byte in 0..=255_u8 {
            let path = folder.join(format!("{byte:02x}"));
            let entries = match std::fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    unreadable(path, format!("could not be listed: {error}"));
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(entry) => {
                        let name = entry.file_name();
                        let hex = format!("{byte:02x}{}", name.to_string_lossy());
                        if hex.len() == hash.len_in_hex()
                            && let Ok(id) = gix::ObjectId::from_hex(hex.as_bytes())
                        {
                            ids.push(id);
                        }
                    }
                    Err(error) => unreadable(path.clone(), format!("could not be listed: {error}")),
                }
            }
        }
        ids.sort_unstable();
        Self { store: gix::odb::loose::Store::at(folder, hash), ids }
    }

    /// What kind of object it is.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn kind(&self, id: &gix::oid) -> Result<Kind, &'static str> {
        match self.store.try_header(id) {
            Ok(Some((_, kind))) => Ok(Kind::from(kind)),
            Ok(None) => Err("it is gone"),
            Err(_) => Err("it is no object: its beginning does not inflate"),
        }
    }

    /// Reads one, and verifies that it is what its name says.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn read(&self, id: &gix::oid, buffer: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<Kind, &'static str> {
        let object = match self.store.try_find(id, buffer) {
            Ok(Some(object)) => object,
            Ok(None) => return Err("it is gone"),
            Err(_) => return Err("it does not inflate to the size that it says"),
        };
        if object.verify_checksum(id).is_err() {
            return Err("its content is not what its id says");
        }
        out.clear();
        out.extend_from_slice(object.data);
        Ok(Kind::from(object.kind))
    }
}
