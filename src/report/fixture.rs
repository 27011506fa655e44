//! Findings made by hand, for the tests of every format.

use crate::finding::{
    CommitInfo, Confidence, Coverage, Excerpt, Exposure, Finding, Place, Results, Severity, Skip, SkipKind, Verdict,
};
use crate::rule::Rule;
use crate::rule::file::{FileForm, FilterForm, RotateForm, RuleFile};
use crate::text::{PathText, Position, Secret, mask_bytes};

/// A random-looking value; made here, so that none lies in the source.
pub(in crate::report) fn secret(seed: u64) -> String {
    let alphabet = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(alphabet[usize::from(state.to_le_bytes()[3]) % alphabet.len()])
    };
    let value: String = (0..28).map(|_| next()).collect();
    format!("xk7_{value}")
}

/// A rule with everything that a report shows.
pub(in crate::report) fn rule(id: &str) -> Rule {
    crate::rule::load::rule(rule_file(id), "test".into()).expect("the form below is that of a rule")
}

/// A rule that finds files by their name.
pub(in crate::report) fn file_rule(id: &str) -> Rule {
    let file = RuleFile {
        title: "Environment file".into(),
        pattern: None,
        anchors: Vec::new(),
        files: FileForm { names: vec![".env".into()], ..FileForm::default() },
        why: "It holds the passwords of the service, for whoever clones the repository.".into(),
        ..rule_file(id)
    };
    crate::rule::load::rule(file, "test".into()).expect("the form above is that of a rule")
}

fn rule_file(id: &str) -> RuleFile {
    RuleFile {
        id: id.into(),
        family: None,
        title: "Example Pay live secret key".into(),
        severity: Severity::Critical,
        confidence: Confidence::Strong,
        anchors: vec!["xk7_".into()],
        providers: Vec::new(),
        keywords: Vec::new(),
        pattern: Some("(?P<secret>xk7_[0-9A-Za-z]{28})".into()),
        value: None,
        assignment: None,
        check: None,
        filters: FilterForm::default(),
        files: FileForm::default(),
        pairs: Vec::new(),
        precedence: None,
        why: "It moves money and reads every customer of the account: whoever has it can pay out balances, \
              refund to their own card and export names and addresses."
            .into(),
        examples: Vec::new(),
        counter_examples: Vec::new(),
        rotate: RotateForm {
            revoke_url: "https://pay.example.com/keys".into(),
            revoke_command: "pay keys revoke <KEY_ID>".into(),
            steps: vec![
                "Make a new key and put it into your secret manager; the services that use the old one stop \
                 working when it is revoked."
                    .into(),
                "Look through the request log of the account for calls that were not yours.".into(),
            ],
            docs: "https://pay.example.com/docs/rolling-keys".into(),
        },
    }
}

/// Where `value` stands in `key = "value"` on this line.
pub(in crate::report) fn place(path: &str, line: u64, value: &str) -> Place {
    let (before, masked) = ("const pay = connect(\"", mask_bytes(value.as_bytes()));
    let column = 1 + before.chars().count() as u64;
    let secret = before.len()..before.len() + masked.len();
    Place {
        path: PathText::from_bytes(path.as_bytes()),
        start: Position { line, column },
        end: Position { line, column: column + value.chars().count() as u64 },
        blob: None,
        commit: None,
        removed_in: None,
        now: None,
        excerpt: Some(Excerpt { text: format!("{before}{masked}\", {{ retries: 3 }});"), secret }),
        ignored: false,
        suppressed: None,
    }
}

/// A commit that brought something in.
pub(in crate::report) fn commit() -> CommitInfo {
    CommitInfo {
        id: "4f2a91c03d5e6f708192a3b4c5d6e7f8091a2b3c".into(),
        author: "Ada Example <ada@example.com>".into(),
        date: "2026-01-02T03:04:05Z".into(),
        subject: "add payments".into(),
    }
}

/// A blocking finding on disk, in one place.
pub(in crate::report) fn finding<'r>(rule: &'r Rule, value: &str) -> Finding<'r> {
    Finding {
        id: "ps1-0123456789abcdef01234567".into(),
        rule,
        severity: rule.severity,
        confidence: rule.confidence,
        verdict: Verdict::Block,
        exposure: Exposure::Worktree,
        exposed_refs: Vec::new(),
        exposed_more: 0,
        present: None,
        secret: Some(Secret::new(value.as_bytes())),
        decoded: Vec::new(),
        key: None,
        commits: None,
        places: vec![place("config/app.js", 3, value)],
        suppressed: None,
        others: Vec::new(),
    }
}

/// A blocking finding on a file as a whole.
pub(in crate::report) fn file_finding(rule: &Rule) -> Finding<'_> {
    let start = Position { line: 1, column: 1 };
    let place = Place { path: PathText::from_bytes(b".env"), start, end: start, excerpt: None, ..place("", 1, "") };
    Finding { secret: None, places: vec![place], ..finding(rule, "") }
}

/// The results of a run that read everything.
pub(in crate::report) fn results(findings: Vec<Finding<'_>>) -> Results<'_> {
    let skipped = [("binary", 3), ("symlink", 1)].into_iter().collect();
    Results {
        findings,
        skips: vec![skip("logo.png", SkipKind::Binary, "searched for key formats only", false)],
        coverage: Coverage { files: 1234, bytes: 45_600_000, skipped, ..Coverage::default() },
        rules: 512,
        elapsed_ms: 312,
        interrupted: None,
        notes: Vec::new(),
    }
}

/// Something that was not read.
pub(in crate::report) fn skip(path: &str, kind: SkipKind, reason: &str, incomplete: bool) -> Skip {
    Skip { path: PathText::from_bytes(path.as_bytes()), kind, reason: reason.into(), incomplete }
}
