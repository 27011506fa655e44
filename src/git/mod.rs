//! All contact with git: its types end here. Read through gix, never through the git program, and without the
//! user's configuration, so that neither it nor the repository can change the answer or start anything. Only `hooks`
//! reads that configuration, since it is asked where git looks.

pub mod bring;
mod cache;
mod change;
mod commit;
pub mod graph;
mod holders;
mod hook_repository;
mod hooks;
mod id;
mod identity;
mod index;
mod objects;
pub mod odb;
mod scratch;
mod untrack;
mod work_tree;

pub use change::{Change, Gone};
pub use commit::Text;
pub use holders::Holders;
pub use hook_repository::{HookRepository, Surroundings};
pub use hooks::{HookFolders, HooksPath, Origin, bytes_of, hooks_path_in, path_of, user_hooks_path};
pub use id::Id;
pub use identity::{identity, is_ours, top_of};
pub use index::Staged;
pub use objects::Objects;
pub use odb::Kind;
pub use scratch::stage;
pub use untrack::{UntrackError, untrack};
pub use work_tree::{Standing, Unpushed, WorkTree};

/// What git could not tell. The repository's state is at fault, or access to it; the message names what.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}: {message}")]
pub struct GitError {
    /// The repository or object.
    pub what: String,
    /// What gix said.
    pub message: String,
}

impl GitError {
    /// With a message of our own.
    fn of(what: impl std::fmt::Display, message: impl std::fmt::Display) -> Self {
        Self { what: what.to_string(), message: message.to_string() }
    }

    fn new(what: impl std::fmt::Display, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            let inner_text = inner.to_string();
            if !message.contains(&inner_text) {
                message = format!("{message}: {inner_text}");
            }
            source = inner.source();
        }
        Self { what: what.to_string(), message }
    }
}

/// Indexes of packs that are looked into where nobody could count them.
const UNCOUNTED: u16 = 4096;

/// Opens a repository whose objects are asked for one by one. Where they cannot be counted (alternates that lead in a circle or
/// cannot be read, no folder of packs), it is opened nevertheless: what is missing is then said where it is missed.
fn open(folder: &std::path::Path, options: gix::open::Options) -> Result<gix::Repository, GitError> {
    gix::open_opts(folder, options.clone()).or_else(|error| {
        let uncounted = options.object_store_slots(gix::odb::store::init::Slots::Given(UNCOUNTED));
        gix::open_opts(folder, uncounted).map_err(|_| GitError::new(folder.display(), &error))
    })
}
