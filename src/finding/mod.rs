//! A finding: one secret (or one unsafe file), what is known of it, and every place where it stands.

pub mod account;
mod coverage;
pub mod fingerprint;
pub mod level;

pub use coverage::{Coverage, Known, Results, Skip, SkipKind};
pub use level::{Confidence, Severity};

use crate::rule::Rule;
use crate::text::{PathText, Position, Secret};
use serde::Serialize;

/// Who may have seen the secret, from least to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    /// In a file that git does not hold.
    Worktree,
    /// In the index only.
    Staged,
    /// In a commit that no remote-tracking ref reaches.
    Local,
    /// Only in objects that no ref reaches.
    Unreachable,
    /// In a commit that a remote-tracking ref reaches.
    Pushed,
}

impl Exposure {
    /// The lower-case word used in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worktree => "worktree",
            Self::Staged => "staged",
            Self::Local => "local",
            Self::Unreachable => "unreachable",
            Self::Pushed => "pushed",
        }
    }
}

/// What follows from a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Allowed, in the baseline, or known not to be a secret; the reason is kept.
    Suppressed,
    /// Worth a look; never changes the exit code.
    Warn,
    /// Stops the commit, push or merge.
    Block,
}

impl Verdict {
    /// The lower-case word used in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suppressed => "suppressed",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// Why a place or a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Suppression {
    /// What did it.
    pub by: SuppressedBy,
    /// The marker, entry or name that did it, as a person would look for it (`plainsight.toml:12`).
    pub origin: String,
    /// The reason that was given, if any.
    pub reason: Option<String>,
}

/// The kinds of suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressedBy {
    /// An `[[allow]]` entry of the configuration.
    Config,
    /// A `plainsight: allow` comment.
    Inline,
    /// A comment in the words of another scanner.
    ForeignInline,
    /// An entry of the baseline.
    Baseline,
    /// A value that documentation publishes.
    DocumentedExample,
    /// A rotation that is recorded as done.
    Rotated,
}

/// What stands instead of a path for the message of a commit, …
pub const COMMIT_MESSAGE: &str = "<commit message>";
/// … of an annotated tag, …
pub const TAG_MESSAGE: &str = "<tag message>";
/// … and of a tag that was merged, which the merge commit keeps.
pub const MERGED_TAG_MESSAGE: &str = "<merged tag message>";

/// Whether a place is no file but a message.
#[must_use]
pub fn is_message(path: &str) -> bool {
    [COMMIT_MESSAGE, TAG_MESSAGE, MERGED_TAG_MESSAGE].contains(&path)
}

/// Where in a file something stands. The end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The path, as the source gives it.
    pub path: PathText,
    /// The first character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
    /// The object, where the text came from git.
    pub blob: Option<String>,
    /// The commit that brought it in, where that is known.
    pub commit: Option<CommitInfo>,
    /// The commit that took it out, where that is known.
    pub removed_in: Option<String>,
    /// Where it stands in a tip of a branch now, which may be another line than the one it came in at.
    pub now: Option<Position>,
    /// The line, every secret on it masked; absent for findings on a whole file.
    pub excerpt: Option<Excerpt>,
    /// Set where git ignores the file.
    pub ignored: bool,
    /// Set where this place does not count.
    pub suppressed: Option<Suppression>,
}

/// A commit, as far as a report needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitInfo {
    /// The full object id in hexadecimal.
    pub id: String,
    /// `Name <mail>`.
    pub author: String,
    /// RFC 3339, UTC.
    pub date: String,
    /// The first line of the message.
    pub subject: String,
}

/// A line made safe to show: secrets masked, control characters escaped, cut to a length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Excerpt {
    /// The text.
    pub text: String,
    /// Byte range in `text` of the masked secret.
    pub secret: std::ops::Range<usize>,
}

/// One secret with every place where it stands.
#[derive(Debug, Clone)]
pub struct Finding<'r> {
    /// The stable identity; see [`fingerprint`].
    pub id: String,
    /// The rule that found it.
    pub rule: &'r Rule,
    /// What it opens.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What follows.
    pub verdict: Verdict,
    /// Who may have seen it.
    pub exposure: Exposure,
    /// The remote-tracking refs that carry it, as many as are told.
    pub exposed_refs: Vec<String>,
    /// How many more there are.
    pub exposed_more: u64,
    /// Whether it is in a tip of a branch now; unknown outside git.
    pub present: Option<bool>,
    /// The secret; `None` where the finding is a file.
    pub secret: Option<Secret>,
    /// How it was encoded, outermost first.
    pub decoded: Vec<&'static str>,
    /// The name of the key it was assigned to, where that made it a finding.
    pub key: Option<String>,
    /// How many commits hold it; unknown outside of history.
    pub commits: Option<u64>,
    /// Every place, sorted.
    pub places: Vec<Place>,
    /// Set where the finding as a whole does not count.
    pub suppressed: Option<Suppression>,
    /// The other halves of the credential, where they stand beside it.
    pub others: Vec<Other<'r>>,
}

impl Finding<'_> {
    /// The AWS account that it opens, where an access key id is it or stands beside it.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        let halves = self.others.iter().map(|other| (other.rule, other.secret.as_ref()));
        let key_ids = std::iter::once((self.rule, self.secret.as_ref())).chain(halves);
        key_ids
            .filter(|(rule, _)| rule.check == Some("aws-access-key-id"))
            .find_map(|(_, secret)| account::aws_account_id(secret?.expose()))
    }
}

/// The other half of a credential: the id that belongs to a secret key.
#[derive(Debug, Clone)]
pub struct Other<'r> {
    /// Its own identity.
    pub id: String,
    /// The rule that found it.
    pub rule: &'r Rule,
    /// The value.
    pub secret: Option<Secret>,
    /// Where it stands near the finding.
    pub places: Vec<Place>,
}
