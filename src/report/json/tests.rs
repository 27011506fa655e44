//! Tests of the module above.

use crate::finding::{CommitInfo, Exposure, Finding, Results, SkipKind, SuppressedBy, Suppression, Verdict};
use crate::report::fixture::{commit, file_finding, file_rule, finding, place, results, rule, secret, skip};
use crate::report::{Format, Options, write};
use serde_json::Value;
use std::io;

fn written(results: &Results<'_>, format: Format, show_secrets: bool) -> io::Result<String> {
    let mut out = Vec::new();
    write(results, format, &Options { show_secrets, ..Options::default() }, &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

fn lines(results: &Results<'_>) -> io::Result<Vec<Value>> {
    written(results, Format::Jsonl, false)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The names of an object's fields in the order in which they stand, for objects without nested ones.
fn fields(object: &str) -> Vec<&str> {
    object
        .split('"')
        .skip(1)
        .step_by(2)
        .zip(object.split('"').skip(2).step_by(2))
        .filter(|(_, next)| next.starts_with(':'))
        .map(|(name, _)| name)
        .collect()
}

fn full(rule: &crate::rule::Rule) -> Finding<'_> {
    let mut full = finding(rule, &secret(1));
    full.exposure = Exposure::Pushed;
    (full.exposed_refs, full.present, full.decoded) = (vec!["origin/main".into()], Some(false), vec!["base64"]);
    let place = &mut full.places[0];
    (place.blob, place.removed_in) = (Some("a1".repeat(20)), Some("b7".repeat(20)));
    place.commit = Some(CommitInfo { author: "A <a@b>".into(), ..commit() });
    full
}

#[test]
fn a_finding_has_the_fields_of_the_contract_in_its_order() -> io::Result<()> {
    let rule = rule("example-pay-live-secret-key");
    let out = written(&results(vec![full(&rule)]), Format::Jsonl, false)?;
    let expected = [
        "type",
        "schema",
        "id",
        "rule",
        "title",
        "severity",
        "confidence",
        "verdict",
        "exposure",
        "exposed_refs",
        "present",
        "masked",
        "secret",
        "length",
        "decoded",
        "places",
        "path",
        "start_line",
        "start_column",
        "end_line",
        "end_column",
        "blob",
        "commit",
        "author",
        "date",
        "removed_in",
        "ignored",
        "subject",
        "now_line",
        "rotate",
        "revoke_url",
        "revoke_command",
        "steps",
        "docs",
        "suppressed_by",
        "key",
        "paired",
        "commits",
        "exposed_more",
    ];
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(fields(lines[0]), expected);
    assert_eq!(fields(lines[1]), ["type", "path", "reason", "kind", "incomplete"]);
    let summary = [
        "type",
        "schema",
        "status",
        "findings",
        "block",
        "warn",
        "suppressed",
        "coverage",
        "files",
        "blobs",
        "commits",
        "refs",
        "bytes",
        "skipped",
        "binary",
        "symlink",
        "rules",
        "elapsed_ms",
        "notes",
    ];
    assert_eq!(fields(lines[2]), summary);
    assert!(!out.contains(&secret(1)[4..12]));
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("jsonl", out);
    });
    Ok(())
}

#[test]
fn the_document_holds_what_the_lines_hold() -> io::Result<()> {
    let (rule, files) = (rule("a"), file_rule("b"));
    let mut results = results(vec![full(&rule), file_finding(&files)]);
    results.skips.push(skip("x", SkipKind::Unreadable, "gone", true));
    let document: Value = serde_json::from_str(&written(&results, Format::Json, false)?)?;
    let parts = |name: &str| document[name].as_array().cloned().unwrap_or_default();
    let mut all: Vec<Value> = [parts("findings"), parts("skips")].concat();
    all.push(document["summary"].clone());
    assert_eq!((all, &document["schema"]), (lines(&results)?, &Value::from(1)));
    let empty = super::super::fixture::results(Vec::new());
    let document: Value = serde_json::from_str(&written(&empty, Format::Json, false)?)?;
    assert_eq!(document["findings"], Value::Array(Vec::new()));
    Ok(())
}

#[test]
fn what_is_not_known_is_null() -> io::Result<()> {
    let rule = file_rule("a");
    let object = &lines(&results(vec![file_finding(&rule)]))?[0];
    for name in ["masked", "secret", "length", "present", "key", "suppressed_by"] {
        assert!(object[name].is_null() && object.get(name).is_some(), "{name}");
    }
    for name in ["blob", "commit", "author", "date", "removed_in"] {
        assert!(object["places"][0][name].is_null() && object["places"][0].get(name).is_some(), "{name}");
    }
    Ok(())
}

#[test]
fn the_status_tells_three_ends_apart() -> io::Result<()> {
    let mut results = results(Vec::new());
    let status =
        |results: &Results<'_>| Ok::<_, io::Error>(lines(results)?.pop().map(|summary| summary["status"].clone()));
    assert_eq!(status(&results)?, Some("complete".into()));
    results.skips.push(skip("x", SkipKind::Unreadable, "gone", true));
    assert_eq!(status(&results)?, Some("incomplete".into()));
    results.interrupted = Some("SIGINT");
    assert_eq!(status(&results)?, Some("interrupted".into()));
    Ok(())
}

#[test]
fn the_secret_is_there_on_demand_only() -> io::Result<()> {
    let rule = rule("a");
    let results = results(vec![finding(&rule, &secret(1))]);
    let shown: Value = serde_json::from_str(&written(&results, Format::Json, true)?)?;
    assert_eq!(shown["findings"][0]["secret"], Value::from(secret(1)));
    assert!(!written(&results, Format::Json, false)?.contains(&secret(1)[4..12]));
    Ok(())
}

#[test]
fn paths_are_exact_and_escaped_bytes_are_said() -> io::Result<()> {
    let rule = rule("a");
    let mut odd = finding(&rule, &secret(1));
    let nasty = "a b\u{1b}\"\n\u{202e}.env";
    odd.places = vec![place(nasty, 1, &secret(1)), place("x", 1, &secret(1))];
    odd.places[1].path = crate::text::PathText::from_bytes(b"\xff.env");
    let places = lines(&results(vec![odd]))?[0]["places"].clone();
    assert_eq!((&places[0]["path"], places[0].get("path_escaped")), (&Value::from(nasty), None));
    assert_eq!((&places[1]["path"], &places[1]["path_escaped"]), (&Value::from("%FF.env"), &Value::from(true)));
    Ok(())
}

#[test]
fn a_suppression_keeps_its_reason_even_where_only_places_have_one() -> io::Result<()> {
    let rule = rule("a");
    let mut allowed = Finding { verdict: Verdict::Suppressed, ..finding(&rule, &secret(1)) };
    let reason = Some("a key of the sandbox".to_owned());
    allowed.places[0].suppressed =
        Some(Suppression { by: SuppressedBy::ForeignInline, origin: "gitleaks:allow".into(), reason });
    let object = &lines(&results(vec![allowed]))?[0];
    let expected =
        serde_json::json!({"by": "foreign-inline", "origin": "gitleaks:allow", "reason": "a key of the sandbox"});
    assert_eq!((&object["suppressed_by"], &object["places"][0]["suppressed_by"]), (&expected, &expected));
    Ok(())
}
