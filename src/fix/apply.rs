//! Carries a plan out: the index first, which may refuse, then files, each replaced whole or not at all.

use super::{Edit, Plan, ignore, shown};
use crate::git::{UntrackError, WorkTree, untrack};
use crate::replace::{Mode, replace};
use std::io;

/// Why a plan was not carried out to its end.
#[derive(Debug, thiserror::Error)]
pub enum FixError {
    /// The index was left as it was, and so was everything else.
    #[error(transparent)]
    Index(#[from] UntrackError),
    /// Somebody wrote to the file meanwhile.
    #[error("{0} has changed since it was looked at, and was left alone: run this again")]
    Changed(String),
    /// The system refused.
    #[error("{path} could not be written: {source}")]
    Write {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// What was written has no effect: another rule of git is stronger.
    #[error("git still does not ignore {0}: a rule elsewhere takes it back (`git check-ignore -v --no-index FILE`)")]
    NotIgnored(String),
}

/// Does it; replacements in code only where asked for.
///
/// # Errors
/// Something could not be done. What was done before stays, and a second run goes on from there.
pub fn apply(plan: &Plan, tree: &WorkTree, with_code: bool) -> Result<(), FixError> {
    untrack(tree, &plan.untrack)?;
    let code = plan.code.iter().filter(|_| with_code);
    for edit in plan.ignore.iter().chain(&plan.templates).chain(code) {
        write(tree, edit)?;
    }
    let missing = ignore::missing(tree, &plan.ignored);
    if missing.is_empty() { Ok(()) } else { Err(FixError::NotIgnored(missing.join(", "))) }
}

fn write(tree: &WorkTree, edit: &Edit) -> Result<(), FixError> {
    let changed = || FixError::Changed(shown(&edit.path));
    if super::read(tree, &edit.path).map_err(|_| changed())? != edit.before {
        return Err(changed());
    }
    let path = tree.on_disk(&edit.path).ok_or_else(changed)?;
    let mode = path.metadata().map_or(Mode::Usual, |metadata| Mode::Like(metadata.permissions()));
    replace(&path, &edit.after, &mode).map_err(|source| FixError::Write { path: shown(&edit.path), source })
}
