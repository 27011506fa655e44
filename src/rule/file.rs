//! The form of a rule file, as it is written in TOML.
//!
//! What is typed is here; what it means is [`Rule`](super::Rule). The build script reads `patterns/` with
//! these same types, so this file uses nothing of the crate but the scales beside it.

use super::level::{Confidence, Severity};
use serde::Deserialize;

/// One file under `patterns/`, or under a folder named with `--rules`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Equal to the file name without `.toml`; named for what it finds; never reused.
    pub id: String,
    /// Rules of one family give one secret one identity. Default: the id.
    pub family: Option<String>,
    /// What the finding is called in a report, as a noun phrase.
    pub title: String,
    /// What the secret opens.
    pub severity: Severity,
    /// What the pattern alone proves; a passing check makes it proven, a failing one possible.
    pub confidence: Confidence,
    /// Case-sensitive literals of which every match contains one.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// Case-insensitive literals: of a `pattern` like anchors, of a `value` the words that stand before it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Case-insensitive names of the provider alone, of a `value`: they count where they are the whole name that the value
    /// is assigned to, and nothing else says what it is (`discord = "…"`).
    #[serde(default)]
    pub providers: Vec<String>,
    /// A regular expression with a group named `secret`.
    pub pattern: Option<String>,
    /// A regular expression of the secret alone, for kinds without a prefix: it counts after a keyword.
    pub value: Option<String>,
    /// Names of assigned keys, for the judged assignments.
    pub assignment: Option<AssignmentForm>,
    /// The name of a checksum or structure check.
    pub check: Option<String>,
    /// Which of the engine's filters apply.
    #[serde(default)]
    pub filters: FilterForm,
    /// Conditions on the file; without `pattern` and `value`, the file by its name is the finding.
    #[serde(default)]
    pub files: FileForm,
    /// Ids of rules whose finding near this one belongs to the same credential.
    #[serde(default)]
    pub pairs: Vec<String>,
    /// Which rule wins where two match the same bytes: the higher. Default by form: pattern 100, value 60, assignment 20.
    pub precedence: Option<u8>,
    /// What it opens, for whom.
    pub why: String,
    /// Templates that must hit; see [`sample`](super::sample).
    #[serde(default)]
    pub examples: Vec<String>,
    /// Templates that must not.
    #[serde(default)]
    pub counter_examples: Vec<String>,
    /// How the secret is made worthless.
    pub rotate: RotateForm,
}

impl RuleFile {
    /// Least entropy and precedence where the file names none.
    #[must_use]
    pub fn defaults(&self) -> (Option<f32>, u8) {
        match (&self.pattern, &self.value, &self.assignment) {
            (Some(_), ..) => (None, 100),
            (_, Some(_), _) => (Some(3.0), 60),
            (_, _, Some(_)) => (None, 20),
            (None, None, None) => (None, 40),
        }
    }
}

/// Names of keys whose assigned value is judged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignmentForm {
    /// Words, lower case with `_` between parts, that the key must contain.
    pub keys: Vec<String>,
}

/// Which filters a rule wants. What is left out has the default given here.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterForm {
    /// The least Shannon entropy of the secret in bits a byte. Default: none for `pattern`, 3.0 for `value`.
    pub entropy: Option<f32>,
    /// Whether references, placeholders and documentation values are dropped. Default: true.
    pub placeholders: Option<bool>,
    /// Whether the bytes beside the match must not continue a word. Default: true.
    pub boundary: Option<bool>,
    /// Words which, in the secret and case-insensitive, make it no secret.
    #[serde(default)]
    pub stop_words: Vec<String>,
    /// Words which, on the same line and case-insensitive, make it no secret.
    #[serde(default)]
    pub not_near: Vec<String>,
    /// Words of which, case-insensitive, one must be in the name that the secret is assigned to: without one it is possible only.
    #[serde(default)]
    pub under: Vec<String>,
    /// Words which, case-insensitive and in that name or in that of a block around it, make it no secret.
    #[serde(default)]
    pub not_under: Vec<String>,
}

/// Conditions on the file that a match stands in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileForm {
    /// Globs on the path, as in `.gitignore` (without a slash: the file name in any folder); one must fit.
    #[serde(default)]
    pub names: Vec<String>,
    /// Globs, none of which may fit.
    #[serde(default)]
    pub not_names: Vec<String>,
    /// For a finding by name alone: the name of a content check that must agree.
    pub content: Option<String>,
}

/// What a person does to make the secret worthless.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateForm {
    /// The page where it is revoked.
    #[serde(default)]
    pub revoke_url: String,
    /// A command that revokes it, with `<PLACEHOLDER>`s, never with the secret.
    #[serde(default)]
    pub revoke_command: String,
    /// In order: what breaks, how to replace, where to keep, how to look for abuse.
    pub steps: Vec<String>,
    /// The official page.
    #[serde(default)]
    pub docs: String,
}
