//! What can be wrong with a configuration, said so that it can be mended.

use crate::policy::GlobError;
use std::fmt;
use std::path::PathBuf;

/// Why there is no configuration to go by. Nothing is scanned then.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and could not be read: the system's doing, or a matter of permissions.
    #[error("{path}: {source}", path = crate::text::printable(&path.to_string_lossy()))]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something of the right name is no configuration file: whoever put it there must replace it.
    #[error("{path}: {message}", path = crate::text::printable(&path.to_string_lossy()))]
    NotAFile {
        /// What was found.
        path: PathBuf,
        /// What it is, and what to do.
        message: String,
    },
    /// The file's writer made a mistake at one place.
    #[error("{0}")]
    Invalid(Box<Fault>),
    /// A rule is disabled or asked for by an id that no rule has: a mistake of whoever wrote it.
    #[error("{origin}: there is no rule `{id}`{help}")]
    UnknownRule {
        /// The line or the flag.
        origin: String,
        /// What was written.
        id: String,
        /// The nearest id, or where to look.
        help: String,
    },
    /// The globs of all layers together cannot be used: a mistake of their writers.
    #[error("the globs under [files] exclude: {0}")]
    Exclude(#[from] GlobError),
}

/// A mistake at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// 1-based.
    pub line: u64,
    /// 1-based, in Unicode scalar values.
    pub column: u64,
    /// What is wrong.
    pub message: String,
    /// The line and a line of carets, safe to print; values that could be secrets are dotted out.
    pub excerpt: [String; 2],
    /// The next step, where one can be told.
    pub help: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = crate::text::printable(&self.path.to_string_lossy());
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let [line, carets] = &self.excerpt;
        write!(
            f,
            "{path}:{number}:{}: {}\n{gutter} |\n{number} | {line}\n{gutter} | {carets}",
            self.column, self.message
        )?;
        match &self.help {
            Some(help) => write!(f, "\n{gutter} = help: {help}"),
            None => Ok(()),
        }
    }
}
