//! All contact with git: its types end here. Read through gix, never through the git program, and without the
//! user's configuration, so that neither it nor the repository can change the answer or start anything.

pub mod graph;
pub mod odb;
mod work_tree;

pub use work_tree::{Standing, WorkTree};

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
