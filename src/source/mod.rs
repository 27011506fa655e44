//! Where candidates come from: files and folders, standard input. One file each.
//!
//! A source hands out parts of texts and what it could not read; it knows nothing of rules or findings.

mod parts;
mod stdin;
mod worktree;

pub use parts::{PART, Part, Parts, ReadError, slices};
pub use stdin::read_stdin;
pub use worktree::{Options, Visit, Walked, walk};
