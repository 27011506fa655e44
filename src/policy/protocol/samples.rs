//! Findings for tests of the policy.

use crate::finding::{CommitInfo, Confidence, Exposure, Finding, Place, Severity, Verdict};
use crate::rule::{Files, Filters, Form, Rotate, Rule};
use crate::text::{PathText, Position, Secret};
use std::sync::LazyLock;

static RULE: LazyLock<Rule> = LazyLock::new(|| Rule {
    id: "example-token",
    family: "example-token",
    kind: "examples",
    title: "Example token",
    severity: Severity::High,
    confidence: Confidence::Strong,
    form: Form::File,
    check: None,
    filters: Filters {
        entropy: None,
        placeholders: true,
        boundary: true,
        stop_words: &[],
        not_near: &[],
        under: &[],
        not_under: &[],
    },
    files: Files { names: &[], not_names: &[], content: None },
    pairs: &[],
    precedence: 100,
    why: "Reads everything.",
    examples: &[],
    counter_examples: &[],
    rotate: Rotate {
        revoke_url: "https://example.com/tokens",
        revoke_command: "example revoke <TOKEN_ID>",
        steps: &["Make a new token.", "Look for abuse in the log."],
        docs: "https://example.com/docs",
    },
});

/// A secret in one file of the work tree.
pub fn finding() -> Finding<'static> {
    Finding {
        id: "ps1-0123456789abcdef01234567".to_owned(),
        rule: &RULE,
        severity: Severity::High,
        confidence: Confidence::Strong,
        verdict: Verdict::Block,
        exposure: Exposure::Worktree,
        exposed_refs: Vec::new(),
        exposed_more: 0,
        present: None,
        secret: Some(Secret::new(b"correct horse battery staple")),
        decoded: Vec::new(),
        key: None,
        commits: None,
        places: vec![place("config/app.js")],
        suppressed: None,
        others: Vec::new(),
    }
}

/// The same in other files.
pub fn at(paths: &[&str]) -> Finding<'static> {
    Finding { places: paths.iter().map(|path| place(path)).collect(), ..finding() }
}

fn place(path: &str) -> Place {
    Place {
        path: PathText::from_bytes(path.as_bytes()),
        start: Position { line: 3, column: 19 },
        end: Position { line: 3, column: 47 },
        blob: None,
        commit: None,
        removed_in: None,
        now: None,
        excerpt: None,
        ignored: false,
        suppressed: None,
    }
}

/// A commit of that id and day of January.
pub fn commit(digit: char, day: u8) -> CommitInfo {
    CommitInfo {
        id: digit.to_string().repeat(40),
        author: "A <a@example.com>".to_owned(),
        date: format!("2026-01-{day:02}T00:00:00Z"),
        subject: "Subject".to_owned(),
    }
}
