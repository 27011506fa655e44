//! What names what: refs name commits, commits trees, trees their entries. The way from a blob back to the commits that hold it.
//!
//! Trees are deltas too, so only what each delta changed is read of them ([`trees`]); commits are read whole
//! ([`commits`]). From a blob one goes up, through the trees that hold it to the commits whose tree that is ([`paths`]), or from few
//! trees down ([`down`]); what is known already is brought up to date ([`held`]). What refs, logs and indexes name is asked of gix ([`tips`]). Repositories in a repository have graphs of their own ([`submodules`]).

pub mod commits;
pub mod down;
pub mod entries;
pub mod held;
mod later;
pub mod names;
mod noted;
pub mod paths;
mod recent;
pub mod repository;
pub mod runs;
pub mod submodules;
pub mod tips;
pub mod trees;

pub use commits::{Children, Commit, Commits, KnownCommits, Message};
pub use held::{AllHeld, Graph, KnownHeld};
pub use later::Later;
pub use names::Names;
pub use paths::{Ascent, Held, Uphill};
pub use repository::Repository;
pub use runs::Runs;
pub use submodules::Submodule;
pub use tips::{End, Logged, Staged, Tip, TipKind, Tips};
pub use trees::{Entry, Folders, KnownFolders};
