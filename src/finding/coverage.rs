//! What was asked for against what was read: the proof behind the word "clean".

use crate::text::PathText;
use std::collections::BTreeMap;

/// Why something was not read, or not wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipKind {
    /// A binary file: searched for key formats only, not for assignments.
    Binary,
    /// Larger than the limit.
    TooLarge,
    /// A symbolic link: never followed.
    Symlink,
    /// A FIFO, socket or device.
    Special,
    /// Left out by the configuration.
    Excluded,
    /// It was there and could not be opened or read.
    Unreadable,
    /// An object that the history names and the repository does not hold.
    Missing,
    /// Something in it went past a bound (decoding, findings in one file).
    Bounded,
}

impl SkipKind {
    /// The word under which it is counted in the summary.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::TooLarge => "too_large",
            Self::Symlink => "symlink",
            Self::Special => "special",
            Self::Excluded => "excluded",
            Self::Unreadable => "unreadable",
            Self::Missing => "missing",
            Self::Bounded => "bounded",
        }
    }
}

/// One thing that was not read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// What it is.
    pub path: PathText,
    /// The kind it is counted under.
    pub kind: SkipKind,
    /// Why, for a person: `larger than 64 MiB`.
    pub reason: String,
    /// Whether it leaves the answer open: it was asked for, has content, and was not read.
    pub incomplete: bool,
}

/// How much was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files read.
    pub files: u64,
    /// Git blobs read.
    pub blobs: u64,
    /// Commits read.
    pub commits: u64,
    /// Refs followed.
    pub refs: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How many were skipped, by kind.
    pub skipped: BTreeMap<&'static str, u64>,
    /// What of it was read by earlier runs.
    pub known: Option<Known>,
}

/// What was read by earlier runs, and is known to be the same still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Git blobs.
    pub blobs: u64,
    /// Commits.
    pub commits: u64,
    /// When the oldest part of it was read: `2026-01-01T00:00:00Z`.
    pub since: String,
}

/// Everything that a run found out; what a report shows.
#[derive(Debug, Clone)]
pub struct Results<'r> {
    /// Sorted: path, line, column, rule of the first place.
    pub findings: Vec<super::Finding<'r>>,
    /// Sorted by path.
    pub skips: Vec<Skip>,
    /// What was read.
    pub coverage: Coverage,
    /// How many rules were active.
    pub rules: usize,
    /// Wall time in milliseconds.
    pub elapsed_ms: u64,
    /// Set where the run was stopped before its end: the signal's name.
    pub interrupted: Option<&'static str>,
    /// Remarks for a person: unused and expired allowances, markers without a reason.
    pub notes: Vec<String>,
}

impl Results<'_> {
    /// Whether everything that was asked for was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.interrupted.is_none() && !self.skips.iter().any(|skip| skip.incomplete)
    }

    /// How many findings have this verdict.
    #[must_use]
    pub fn count(&self, verdict: super::Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }
}
