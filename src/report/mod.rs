//! What was found, made readable: one file for each format.
//!
//! A report decides nothing: verdicts come from the policy, exposure from the source, rotation from the rule.
//! It never learns how a match was made, and it knows no terminal: whether there are colours and how wide the
//! page is comes with the [`Options`]. No format shows a secret, unless the options say so: the values
//! themselves are masked by the type that holds them, and a [`veil`] lies over every other text.

mod human;
mod json;
mod veil;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use crate::finding::Results;
use crate::policy::protocol::Surroundings;
use std::io::{self, BufWriter, Write};
use veil::Veil;

/// How a report is written. What a format does not know of, it leaves aside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line, and independent of the others"
)]
pub struct Options {
    /// Whether the secrets themselves are shown.
    pub show_secrets: bool,
    /// Whether everything is listed that is only counted otherwise.
    pub verbose: bool,
    /// Whether a person wants one line for a finding, and none where there is nothing to say.
    pub quiet: bool,
    /// Columns of the page; the human format stays between 40 and 100.
    pub width: usize,
    /// Whether styles are written.
    pub color: bool,
    /// Whether a person is told how to rotate what was found.
    pub protocol: bool,
    /// What is known of the repository around, for the steps of the protocol.
    pub surroundings: Surroundings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            show_secrets: false,
            verbose: false,
            quiet: false,
            width: 80,
            color: false,
            protocol: true,
            surroundings: Surroundings::default(),
        }
    }
}

/// What every format is given.
#[derive(Clone, Copy)]
struct Report<'a, 'r> {
    results: &'a Results<'r>,
    options: &'a Options,
    /// Every text that stems from a file, a repository or a configuration goes through it.
    veil: &'a Veil<'a>,
}

type Writer = fn(Report<'_, '_>, &mut dyn Write) -> io::Result<()>;

/// No format has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no format `{name}`; there is {}", names())]
pub struct UnknownFormat {
    /// What was asked for.
    pub name: String,
}

/// One line a format: everything that is to be known of it outside its file.
macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $write:path;)*) => {
        /// The forms a report can have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format {
            $($(#[$doc])* $variant,)*
        }

        impl Format {
            /// Every format, in the order of the help text.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            const fn writer(self) -> Writer {
                match self {
                    $(Self::$variant => $write,)*
                }
            }
        }
    };
}

formats! {
    /// For a person at a terminal.
    Human = "human": human::write;
    /// One JSON document.
    Json = "json": json::write_document;
    /// One JSON object a line.
    Jsonl = "jsonl": json::write_lines;
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|format| format.as_str() == name);
        found.ok_or_else(|| UnknownFormat { name: name.to_owned() })
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

fn names() -> String {
    Format::ALL.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
}

/// Writes the results in one format, and flushes.
///
/// # Errors
/// What the writer says; a closed pipe is passed on like any other error, so that the caller can keep the verdict.
pub fn write(results: &Results<'_>, format: Format, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let veil = if options.show_secrets { Veil::default() } else { Veil::over(&results.findings) };
    let mut out = BufWriter::new(out);
    (format.writer())(Report { results, options, veil: &veil }, &mut out)?;
    out.flush()
}
