//! What a rule means.
//!
//! A rule is typed as TOML ([`file`]), and becomes a [`Rule`]: at build time for the built-in ones, so that
//! nothing is parsed at start, and at run time for those of `--rules`. How a rule is searched for is the
//! engine's affair; what its finding is called and how it is rotated is read by the reports.

pub mod file;
pub(crate) use crate::finding::level;

mod builtin;
pub mod lint;
pub mod load;
pub mod pages;
pub mod place;
pub mod sample;
mod set;

pub use set::RuleSet;

use crate::finding::{Confidence, Severity};

/// Text of a rule: part of the program for built-in ones; loaded ones are kept for the life of the program too,
/// because they are loaded once and then used as if they had been built in.
pub type Text = &'static str;
/// A list likewise.
pub type List = &'static [Text];

/// One rule, ready to be compiled on its first anchor hit.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Names the rule for ever.
    pub id: Text,
    /// Rules of one family give one secret one identity.
    pub family: Text,
    /// The folder under `patterns/` that it lies in.
    pub kind: Text,
    /// What the finding is called.
    pub title: Text,
    /// What the secret opens.
    pub severity: Severity,
    /// What the pattern alone proves.
    pub confidence: Confidence,
    /// How it is found.
    pub form: Form,
    /// The name of a checksum or structure check.
    pub check: Option<Text>,
    /// Which filters apply.
    pub filters: Filters,
    /// Conditions on the file.
    pub files: Files,
    /// Rules whose findings nearby belong to the same credential.
    pub pairs: List,
    /// Which rule wins where two match the same bytes.
    pub precedence: u8,
    /// What it opens, for whom.
    pub why: Text,
    /// Templates that must hit.
    pub examples: List,
    /// Templates that must not.
    pub counter_examples: List,
    /// How the secret is made worthless.
    pub rotate: Rotate,
}

/// How a rule finds.
#[derive(Debug, Clone)]
pub enum Form {
    /// A secret with a format of its own.
    Pattern {
        /// The expression, with a group `secret`.
        pattern: Text,
        /// Every match contains one of these exactly …
        anchors: List,
        /// … or one of these in any case.
        keywords: List,
        /// Where the prefilter looks for them.
        place: place::Kind,
    },
    /// A secret without a format, after a keyword.
    Value {
        /// The expression of the secret alone.
        value: Text,
        /// The words before it, in any case.
        keywords: List,
        /// Words that count where they are the whole name that it is assigned to.
        providers: List,
    },
    /// The value of a key whose name says that it is a secret; judged by the engine.
    Assignment {
        /// Words of which the key's name contains one.
        keys: List,
    },
    /// The file itself, by its name.
    File,
}

/// Which filters a rule wants.
#[derive(Debug, Clone)]
pub struct Filters {
    /// The least entropy in bits a byte.
    pub entropy: Option<f32>,
    /// Whether placeholders, references and documentation values are dropped.
    pub placeholders: bool,
    /// Whether a match may not continue a word on either side.
    pub boundary: bool,
    /// Lower-case words that make it no secret when in it.
    pub stop_words: List,
    /// Lower-case words that make it no secret when on its line.
    pub not_near: List,
    /// Lower-case words of which one is in the name that it stands under, or it is possible only.
    pub under: List,
    /// Lower-case words that make it no secret when in that name, or in that of a block around it.
    pub not_under: List,
}

/// Conditions on the file.
#[derive(Debug, Clone)]
pub struct Files {
    /// One must fit, unless there is none.
    pub names: List,
    /// None may fit.
    pub not_names: List,
    /// A content check that must agree, for a finding by name alone.
    pub content: Option<Text>,
}

/// What a person does to make the secret worthless.
#[derive(Debug, Clone)]
pub struct Rotate {
    /// The page where it is revoked; empty where there is none.
    pub revoke_url: Text,
    /// A command that revokes it; empty where there is none.
    pub revoke_command: Text,
    /// In order.
    pub steps: List,
    /// The official page; empty where there is none.
    pub docs: Text,
}

impl Rule {
    /// The case-sensitive literals the prefilter looks for.
    #[must_use]
    pub const fn anchors(&self) -> List {
        match &self.form {
            Form::Pattern { anchors, .. } => anchors,
            Form::Value { .. } | Form::Assignment { .. } | Form::File => &[],
        }
    }

    /// The names that count only as the whole of a name.
    #[must_use]
    pub const fn providers(&self) -> List {
        match &self.form {
            Form::Value { providers, .. } => providers,
            Form::Pattern { .. } | Form::Assignment { .. } | Form::File => &[],
        }
    }

    /// The case-insensitive literals the prefilter looks for.
    #[must_use]
    pub const fn keywords(&self) -> List {
        match &self.form {
            Form::Pattern { keywords, .. } | Form::Value { keywords, .. } => keywords,
            Form::Assignment { .. } | Form::File => &[],
        }
    }
}
