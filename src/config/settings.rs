//! Settings with where each came from, and how layers of them merge.

use super::error::ConfigError;
use super::nearest::nearest;
use super::size::DEFAULT_MAX_SIZE;
use crate::finding::{Confidence, Severity};
use crate::policy::allow::Entry;
use crate::policy::{Gate, Globs};
use crate::text::printable;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody.
    Default,
    /// A line of a configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// 1-based.
        line: u64,
    },
    /// A flag, as it is typed: `--fail-on`.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    /// As a person would look for it, and safe to print: `default`, `plainsight.toml:3`, `--fail-on`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                write!(f, "{}:{line}", printable(&name))
            }
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value with who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// What was said.
    pub value: T,
    /// By whom.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value that a flag gives.
    pub const fn flag(value: T, flag: &'static str) -> Self {
        Self { value, origin: Origin::Flag(flag) }
    }
}

/// From which confidence on a finding blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailOn {
    /// From this one.
    At(Confidence),
    /// The exit code follows no finding.
    Never,
}

impl FailOn {
    /// Every value there is, in the order in which help shows them.
    pub const ALL: [Self; 5] = [
        Self::At(Confidence::Possible),
        Self::At(Confidence::Likely),
        Self::At(Confidence::Strong),
        Self::At(Confidence::Proven),
        Self::Never,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::At(confidence) => confidence.as_str(),
            Self::Never => "never",
        }
    }

    /// The confidence; none for `never`.
    #[must_use]
    pub const fn threshold(self) -> Option<Confidence> {
        match self {
            Self::At(confidence) => Some(confidence),
            Self::Never => None,
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|value| value.as_str() == word);
        found.ok_or_else(|| "one of possible, likely, strong, proven, never is meant here".to_owned())
    }
}

/// Reads the word of a severity.
///
/// # Errors
/// What is meant, as a sentence.
pub fn severity(word: &str) -> Result<Severity, String> {
    let all = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let found = all.into_iter().find(|value| value.as_str() == word);
    found.ok_or_else(|| "one of low, medium, high, critical is meant here".to_owned())
}

/// One source's say on everything. `None` and an empty list say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    /// Folders with rules to add, in order.
    pub rule_folders: Vec<Sourced<PathBuf>>,
    /// Ids of rules to leave out.
    pub disable: Vec<Sourced<String>>,
    /// Ids of the only rules to keep; a flag's to say, never a file's.
    pub only: Vec<Sourced<String>>,
    /// From which confidence on a finding blocks.
    pub fail_on: Option<Sourced<FailOn>>,
    /// Below which severity a finding only warns.
    pub min_severity: Option<Sourced<Severity>>,
    /// Globs of files to leave out, from the folder of the configuration file.
    pub exclude: Vec<Sourced<String>>,
    /// The size above which a file is skipped, in bytes.
    pub max_size: Option<Sourced<u64>>,
    /// What is allowed.
    pub allow: Vec<Entry>,
}

impl Layer {
    /// This layer with another one laid over it. Of single values the upper one wins; lists follow each other.
    /// A layer that says nothing changes nothing, over or under another, and it does not matter which two of
    /// three are merged first.
    #[must_use]
    pub fn under(mut self, upper: Self) -> Self {
        self.rule_folders.extend(upper.rule_folders);
        self.disable.extend(upper.disable);
        self.only.extend(upper.only);
        self.exclude.extend(upper.exclude);
        self.allow.extend(upper.allow);
        Self {
            file: upper.file.or(self.file),
            fail_on: upper.fail_on.or(self.fail_on),
            min_severity: upper.min_severity.or(self.min_severity),
            max_size: upper.max_size.or(self.max_size),
            ..self
        }
    }
}

/// What holds in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    /// Folders with rules to add, in order, each once.
    pub rule_folders: Vec<Sourced<PathBuf>>,
    /// Ids of rules to leave out, each once.
    pub disable: Vec<Sourced<String>>,
    /// Ids of the only rules to keep, each once; empty is all.
    pub only: Vec<Sourced<String>>,
    /// From which confidence on a finding blocks.
    pub fail_on: Sourced<FailOn>,
    /// Below which severity a finding only warns.
    pub min_severity: Sourced<Severity>,
    /// Globs of files to leave out; see [`Self::exclude_globs`].
    pub exclude: Vec<Sourced<String>>,
    /// The size above which a file is skipped, in bytes.
    pub max_size: Sourced<u64>,
    /// What is allowed.
    pub allow: Vec<Entry>,
}

impl Settings {
    /// Merges layers, the lowest first: the file's, then the flags'. What none says has its default.
    #[must_use]
    pub fn merge(layers: impl IntoIterator<Item = Layer>) -> Self {
        fn or<T>(said: Option<Sourced<T>>, value: T) -> Sourced<T> {
            said.unwrap_or(Sourced { value, origin: Origin::Default })
        }
        let all = layers.into_iter().fold(Layer::default(), Layer::under);
        Self {
            file: all.file,
            rule_folders: each_once(all.rule_folders),
            disable: each_once(all.disable),
            only: each_once(all.only),
            fail_on: or(all.fail_on, FailOn::At(Confidence::Likely)),
            min_severity: or(all.min_severity, Severity::Low),
            exclude: all.exclude,
            max_size: or(all.max_size, DEFAULT_MAX_SIZE),
            allow: all.allow,
        }
    }

    /// The thresholds, as the policy wants them.
    #[must_use]
    pub fn gate(&self) -> Gate {
        Gate::new(self.fail_on.value.threshold(), self.min_severity.value)
    }

    /// The folder that all globs are relative to; none without a file.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.file.as_deref().and_then(Path::parent)
    }

    /// The files to leave out, as a source wants them.
    ///
    /// # Errors
    /// Where all layers together are more than can be used.
    pub fn exclude_globs(&self) -> super::Result<Globs> {
        let globs: Vec<&str> = self.exclude.iter().map(|glob| glob.value.as_str()).collect();
        Ok(Globs::new(&globs)?)
    }

    /// Whether the rule is kept.
    #[must_use]
    pub fn keeps(&self, rule_id: &str) -> bool {
        let named = |ids: &[Sourced<String>]| ids.iter().any(|id| id.value == rule_id);
        (self.only.is_empty() || named(&self.only)) && !named(&self.disable)
    }

    /// Compares the ids that are disabled or asked for with all rules there are, those of added folders too. Gives
    /// notes on `[[allow]]` entries for rules that do not exist: these may be rules of a folder that only
    /// some runs add.
    ///
    /// # Errors
    /// The first id to disable or to keep that no rule has.
    pub fn check_rule_ids(&self, known: &[&str]) -> super::Result<Vec<String>> {
        for id in self.disable.iter().chain(&self.only) {
            if !known.contains(&id.value.as_str()) {
                let (origin, help) = (id.origin.to_string(), help(&id.value, known));
                return Err(ConfigError::UnknownRule { origin, id: printable(&id.value), help });
            }
        }
        let unknown = self.allow.iter().filter_map(|entry| {
            let id = entry.rule.as_ref().filter(|id| !known.contains(&id.as_str()))?;
            Some(format!(
                "{}: this [[allow]] is for a rule `{}` that does not exist{}",
                entry.origin,
                printable(id),
                help(id, known)
            ))
        });
        Ok(unknown.collect())
    }
}

fn help(id: &str, known: &[&str]) -> String {
    match nearest(id, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => "; `plainsight rules list` shows all".to_owned(),
    }
}

/// The first of each value, in order.
fn each_once<T: PartialEq>(values: Vec<Sourced<T>>) -> Vec<Sourced<T>> {
    let mut kept: Vec<Sourced<T>> = Vec::with_capacity(values.len());
    for value in values {
        if !kept.iter().any(|earlier| earlier.value == value.value) {
            kept.push(value);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
