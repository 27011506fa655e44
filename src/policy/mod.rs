//! What follows from a finding: whether somebody allowed it, whether it blocks, and what its finder must do.
//!
//! Everything here is a function of findings and of settings that were handed in. Where those settings come
//! from is the configuration's affair, in what order the questions are asked is the scan's, and how the answers
//! are shown is the reports'.

pub mod allow;
pub mod gate;
mod globs;
pub mod inline;
pub mod protocol;
mod reason;
pub mod rotation;

pub use allow::Allowances;
pub use gate::{Gate, Outcome};
pub use globs::{GlobError, Globs};
pub use inline::InlineJudgement;
pub use reason::safe_reason;
pub use rotation::Rotations;
