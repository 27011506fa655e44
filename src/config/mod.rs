//! The configuration: what `plainsight.toml` says, what the flags say, and what holds in the end.
//!
//! What is typed is in `file`, what it means in [`Settings`]; between them stands a [`Layer`], one source's say
//! on everything, and layers merge by laws. A project's file can add, disable by id, set thresholds and allow:
//! the built-in rules stay on. Reading rule folders, asking about paths and judging findings is left to the
//! rules, the sources and the policy, which are handed their part and never ask for more.

mod error;
mod excerpt;
mod file;
mod find;
mod nearest;
mod rebase;
mod resolve;
mod rotations;
mod settings;
mod show;
mod size;

pub use error::{ConfigError, Fault};
pub use find::{FILE_NAME, MAX_FILE_BYTES, find, load};
pub use nearest::nearest;
pub use rebase::Rebase;
pub use resolve::{MAX_ALLOWANCES, parse};
pub use rotations::{ROTATIONS_NAME, load_rotations, parse_rotations, record_rotation, render_rotations, rotations};
pub use settings::{FailOn, Layer, Origin, Settings, Sourced, severity};
pub use show::show;
pub use size::{DEFAULT_MAX_SIZE, GREATEST_MAX_SIZE, parse_size, size_text};

/// What the configuration's functions give.
pub type Result<T> = std::result::Result<T, ConfigError>;
