//! The gate: what a finding comes to, and what a run comes to.
//!
//! The thresholds are handed in. Who allowed a finding was settled before, and what is printed about it is the
//! reports' affair.

use crate::finding::{Confidence, Results, Severity, Verdict};

/// The thresholds of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Findings of this confidence or better block.
    pub block_at: Confidence,
    /// Findings below this severity only warn.
    pub min_severity: Severity,
    /// Whether a blocking finding changes the exit code; unset by `--fail-on never`.
    pub fails: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new(Some(Confidence::Likely), Severity::Low)
    }
}

impl Gate {
    /// With `fail_on` as it was set: `None` is `never`, which keeps the words of the report as they would be by
    /// default and takes them out of the exit code.
    #[must_use]
    pub fn new(fail_on: Option<Confidence>, min_severity: Severity) -> Self {
        Self { block_at: fail_on.unwrap_or(Confidence::Likely), min_severity, fails: fail_on.is_some() }
    }

    /// What follows from a finding, or from one place of it. `ignored_by_git`: every place of it is a file of
    /// the work tree that git ignores, which is where such a file belongs.
    #[must_use]
    pub fn verdict(
        &self,
        confidence: Confidence,
        severity: Severity,
        ignored_by_git: bool,
        suppressed: bool,
    ) -> Verdict {
        if suppressed {
            Verdict::Suppressed
        } else if ignored_by_git || confidence < self.block_at || severity < self.min_severity {
            Verdict::Warn
        } else {
            Verdict::Block
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Complete, and nothing that blocks.
    Clean,
    /// At least one finding that blocks, whatever else happened.
    Blocked,
    /// No blocking finding, but something that was asked for could not be read.
    Incomplete,
    /// Stopped before its end by the signal of that name.
    Interrupted(&'static str),
}

impl Outcome {
    /// The exit code; no format changes it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Blocked => 1,
            Self::Incomplete => 3,
            Self::Interrupted("SIGTERM") => 143,
            Self::Interrupted(_) => 130,
        }
    }
}

/// What a run came to. An interrupt goes before all, since what was found until then is not the answer; then a
/// finding that blocks goes before what was not read.
#[must_use]
pub fn outcome(results: &Results<'_>, gate: &Gate) -> Outcome {
    if let Some(signal) = results.interrupted {
        Outcome::Interrupted(signal)
    } else if gate.fails && results.findings.iter().any(|finding| finding.verdict == Verdict::Block) {
        Outcome::Blocked
    } else if results.is_complete() {
        Outcome::Clean
    } else {
        Outcome::Incomplete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Coverage, Skip, SkipKind};
    use crate::policy::protocol::samples;
    use crate::text::PathText;

    #[test]
    fn verdicts() {
        use {Confidence as C, Severity as S};
        let default = Gate::default();
        let strict = Gate::new(Some(C::Proven), S::High);
        for (gate, confidence, severity, ignored, suppressed, verdict) in [
            (default, C::Likely, S::Low, false, false, Verdict::Block),
            (default, C::Possible, S::Critical, false, false, Verdict::Warn),
            (default, C::Proven, S::Critical, true, false, Verdict::Warn),
            (default, C::Proven, S::Critical, false, true, Verdict::Suppressed),
            (default, C::Proven, S::Critical, true, true, Verdict::Suppressed),
            (strict, C::Strong, S::Critical, false, false, Verdict::Warn),
            (strict, C::Proven, S::Medium, false, false, Verdict::Warn),
            (strict, C::Proven, S::High, false, false, Verdict::Block),
            (Gate::new(None, S::Low), C::Likely, S::Low, false, false, Verdict::Block),
            (Gate::new(None, S::Low), C::Possible, S::Low, false, false, Verdict::Warn),
        ] {
            assert_eq!(
                gate.verdict(confidence, severity, ignored, suppressed),
                verdict,
                "{gate:?} {confidence} {severity}"
            );
        }
    }

    fn results(verdict: Option<Verdict>, incomplete: bool, interrupted: Option<&'static str>) -> Results<'static> {
        let skip =
            Skip { path: PathText::from_bytes(b"x"), kind: SkipKind::Unreadable, reason: String::new(), incomplete };
        let findings = verdict.map(|verdict| {
            let mut finding = samples::finding();
            finding.verdict = verdict;
            finding
        });
        Results {
            findings: findings.into_iter().collect(),
            skips: vec![skip],
            coverage: Coverage::default(),
            rules: 1,
            elapsed_ms: 0,
            interrupted,
            notes: Vec::new(),
        }
    }

    #[test]
    fn outcomes_and_their_codes() {
        let (on, off) = (Gate::default(), Gate::new(None, Severity::Low));
        for (gate, verdict, incomplete, interrupted, code) in [
            (on, None, false, None, 0),
            (on, Some(Verdict::Warn), false, None, 0),
            (on, Some(Verdict::Suppressed), true, None, 3),
            (on, Some(Verdict::Block), false, None, 1),
            (on, Some(Verdict::Block), true, None, 1),
            (off, Some(Verdict::Block), false, None, 0),
            (off, Some(Verdict::Block), true, None, 3),
            (on, Some(Verdict::Block), true, Some("SIGINT"), 130),
            (off, None, false, Some("SIGTERM"), 143),
        ] {
            let results = results(verdict, incomplete, interrupted);
            assert_eq!(outcome(&results, &gate).exit_code(), code, "{verdict:?} {incomplete} {interrupted:?}");
        }
    }
}
