//! The form of `plainsight.toml`, as it is written. What it means is resolved beside it.

use serde::Deserialize;
use toml::Spanned;

/// Words and names, each with its place.
pub(super) type Words = Vec<Spanned<String>>;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    /// Which rules there are.
    pub rules: RulesForm,
    /// What blocks.
    pub gate: GateForm,
    /// Which files are read.
    pub files: FilesForm,
    /// What is allowed.
    pub allow: Vec<Spanned<AllowForm>>,
}

/// `[rules]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RulesForm {
    /// Ids of rules to leave out.
    pub disable: Words,
    /// Folders with rule files to add, relative to this file.
    pub folders: Words,
}

/// `[gate]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GateForm {
    /// `possible`, `likely`, `strong`, `proven` or `never`.
    pub fail_on: Option<Spanned<String>>,
    /// `low`, `medium`, `high` or `critical`.
    pub min_severity: Option<Spanned<String>>,
}

/// `[files]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FilesForm {
    /// Globs, as in `.gitignore`, of files to leave out.
    pub exclude: Words,
    /// The greatest size of a file, as `"64 MiB"` or in bytes.
    pub max_size: Option<Spanned<toml::Value>>,
}

/// `[[allow]]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AllowForm {
    /// Why; never empty.
    pub reason: Option<Spanned<String>>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub expires: Option<Spanned<toml::Value>>,
    /// Who answers for it.
    pub owner: Option<Spanned<String>>,
    /// A finding.
    pub id: Option<Spanned<String>>,
    /// A rule.
    pub rule: Option<Spanned<String>>,
    /// Globs on the path, as in `.gitignore`, from this file's folder.
    pub paths: Option<Spanned<Words>>,
    /// The SHA-256 of the secret in hexadecimal.
    pub value_sha256: Option<Spanned<String>>,
    /// Must be true where neither a finding nor a value is named.
    pub whole_file: Option<Spanned<bool>>,
}
