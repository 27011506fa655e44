//! The ordered scales a finding is measured on: severity and confidence.
//!
//! This file uses nothing of the crate, because the build script reads rule files with the same types.

use serde::{Deserialize, Serialize};

/// What the secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An identifier, public by design, test mode, or encrypted.
    Low,
    /// Limited, expiring, or of use only with a second part.
    Medium,
    /// Broad reading or writing.
    High,
    /// Takes over an account, money, production data or code.
    Critical,
}

/// How sure it is that the bytes are a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Worth a look.
    Possible,
    /// An assignment with strong context and a random-looking or clearly real value.
    Likely,
    /// A distinctive format.
    Strong,
    /// A checksum, a parse or a key structure says so.
    Proven,
}

impl Severity {
    /// The lower-case word used in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Confidence {
    /// The lower-case word used in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Strong => "strong",
            Self::Proven => "proven",
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
