//! Git's hooks: putting plainsight into them, taking it out again, and proving that it stops something.
//!
//! What a hook judges is none of this module's business: the shims call `plainsight hook run`. Here they are written,
//! recognised and removed, beside whatever else wants to be a hook. Where git looks for hooks is asked of `git`.

pub mod doctor;
mod everywhere;
mod files;
mod husky;
mod install;
mod manager;
mod place;
pub mod shim;
mod status;
mod user_config;

pub use everywhere::{install_everywhere, uninstall_everywhere};
pub use install::{Everywhere, Installed, Removed, install, uninstall};
pub use manager::Manager;
pub use place::{Finder, Place, place};
pub use status::{State, Status, status, status_everywhere};

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A hook that plainsight serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// Before a commit is recorded.
    PreCommit,
    /// Before a merge without conflicts is recorded.
    PreMergeCommit,
    /// When the message of a commit is there.
    CommitMsg,
    /// Before commits leave this machine.
    PrePush,
    /// On a server, before any ref moves.
    PreReceive,
    /// On a server, before one ref moves.
    Update,
}

impl Hook {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush, Self::PreReceive, Self::Update];
    /// Those that are installed where none is named, in a repository with a work tree.
    pub const CLIENT: &'static [Self] = &[Self::PreCommit, Self::PrePush];
    /// Those that are installed where none is named, in a bare repository.
    pub const SERVER: &'static [Self] = &[Self::PreReceive];

    /// Git's name for it, which is its file's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// Whether it runs where a push arrives.
    #[must_use]
    pub const fn on_server(self) -> bool {
        matches!(self, Self::PreReceive | Self::Update)
    }

    /// Whether git gives it refs on standard input.
    #[must_use]
    pub const fn reads_refs(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Hook {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names: Vec<&str> = Self::ALL.iter().map(|hook| hook.as_str()).collect();
        let found = Self::ALL.iter().find(|hook| hook.as_str() == name);
        found.copied().ok_or_else(|| format!("plainsight serves {}", names.join(", ")))
    }
}

/// Git's other hooks. A folder for all repositories hides theirs, so that each of these has to be handed on. Left out are
/// those that change what git does by being there: `push-to-checkout`, `proc-receive`, `fsmonitor-watchman`.
const HANDED_ON: &[&str] = &[
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "prepare-commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "post-receive",
    "post-update",
    "reference-transaction",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
    "p4-changelist",
    "p4-prepare-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "post-index-change",
];

/// Why a hook was not put in or taken out. Nothing was changed then, unless the message says so.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct HookError {
    /// What is in the way, and where.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl HookError {
    fn new(message: impl fmt::Display, help: impl fmt::Display) -> Self {
        Self { message: message.to_string(), help: help.to_string() }
    }

    /// The system refused something at a path.
    fn io(path: &Path, error: &std::io::Error) -> Self {
        let help = match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                "somebody who may write there has to install it; nothing was changed"
            }
            _ => "nothing was changed",
        };
        Self::new(format_args!("{}: {error}", shown(path)), help)
    }
}

impl From<crate::git::GitError> for HookError {
    fn from(error: crate::git::GitError) -> Self {
        Self::new(error, "mend what git cannot read, and try again")
    }
}

/// A path as it may be printed.
fn shown(path: &Path) -> String {
    crate::text::printable(&path.to_string_lossy())
}

/// The script that a trial runs: what stands in the hook that git would run, as this version writes it. None where that was
/// changed, is of another version or is not in force.
#[must_use]
pub fn trial_script(status: &Status) -> Option<Vec<u8>> {
    match (status.state, status.manager) {
        (State::Installed, Some(Manager::Husky)) => Some(husky::block(Hook::PreCommit)),
        // A manager calls the program by its name, and so does a shim that records no path.
        (State::Managed, _) => Some(shim::text(Hook::PreCommit, b"", shim::Scope::Repository)),
        (State::Installed, _) if status.hook == Hook::PreCommit => std::fs::read(&status.file).ok(),
        (State::Installed, _) => {
            let recorded = status.recorded.as_deref().and_then(crate::git::bytes_of).unwrap_or_default();
            Some(shim::text(Hook::PreCommit, &recorded, shim::Scope::Repository))
        }
        _ => None,
    }
}
