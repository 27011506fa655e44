//! The command line: cases as data in `tests/cmd`, and what needs more than data.

use super::support::{Scratch, sample, token, wait};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// A file of `tests/cmd`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    case: Vec<Case>,
}

/// Arguments and input, with the output and the status that are expected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    args: Vec<String>,
    /// Name and template of each file in the folder where the program runs.
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    status: i32,
    /// What standard output holds …
    #[serde(default)]
    stdout: Vec<String>,
    /// … what standard error holds …
    #[serde(default)]
    stderr: Vec<String>,
    /// … and what neither holds.
    #[serde(default)]
    absent: Vec<String>,
}

/// Runs every case of a file, and shows all that fail.
fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd").join(file);
    let text = fs::read_to_string(&path).expect("the cases can be read");
    let cases: CaseFile = toml::from_str(&text).expect("the cases are written as they must be");
    let failed: Vec<String> = cases.case.iter().filter_map(fault).collect();
    assert!(failed.is_empty(), "{} of {} cases fail\n\n{}", failed.len(), cases.case.len(), failed.join("\n\n"));
}

/// What is wrong with the program's answer to a case.
fn fault(case: &Case) -> Option<String> {
    let scratch = Scratch::new();
    let filled = |template: &str, seed: usize| sample("github-pat-classic", template, seed as u64);
    for (number, (name, template)) in case.files.iter().enumerate() {
        scratch.write(name, filled(template, number));
    }
    let mut command = scratch.command(&case.args);
    command.envs(&case.env);
    let ran = super::support::finish(&mut command, filled(&case.stdin, 9).as_bytes());
    let mut wrong = Vec::new();
    if ran.status != case.status {
        wrong.push(format!("the status is {}, not {}", ran.status, case.status));
    }
    let lacks = |output: &str, expected: &[String]| {
        expected.iter().filter(|text| !output.contains(*text)).cloned().collect::<Vec<_>>()
    };
    wrong.extend(lacks(&ran.stdout, &case.stdout).iter().map(|text| format!("standard output lacks {text:?}")));
    wrong.extend(lacks(&ran.stderr, &case.stderr).iter().map(|text| format!("standard error lacks {text:?}")));
    let holds = |text: &&String| ran.stdout.contains(*text) || ran.stderr.contains(*text);
    wrong.extend(case.absent.iter().filter(holds).map(|text| format!("the output holds {text:?}")));
    let out: String = ran.stdout.chars().take(1500).collect();
    (!wrong.is_empty()).then(|| format!("{}: {}\n{out}{}", case.name, wrong.join("; "), ran.stderr))
}

#[test]
fn exit_codes() {
    check("exit.toml");
}

#[test]
fn formats_and_colour() {
    check("formats.toml");
}

#[test]
fn settings_and_rules() {
    check("settings.toml");
}

#[test]
fn every_field_of_schema_1_is_there() {
    let scratch = Scratch::new();
    scratch.write("a.conf", format!("\n  token = {}\n", token(1)));
    scratch.write("b.bin", b"\0\x01\x02\0");
    let ran = scratch.scan().expect_status(1);
    let has = |object: &serde_json::Value, keys: &str| {
        let missing: Vec<&str> = keys.split(' ').filter(|key| object.get(key).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?} missing in {object}");
    };
    let finding = &ran.findings()[0];
    has(finding, "type schema id rule title severity confidence verdict exposure exposed_refs present masked secret");
    has(finding, "length decoded places rotate suppressed_by");
    has(&finding["places"][0], "path start_line start_column end_line end_column blob commit author date removed_in");
    has(&finding["rotate"], "revoke_url revoke_command steps docs");
    has(&ran.objects("skip")[0], "type path reason");
    let summary = ran.summary();
    has(&summary, "type schema status findings coverage rules elapsed_ms");
    has(&summary["findings"], "block warn suppressed");
    has(&summary["coverage"], "files blobs commits refs bytes skipped");
    let place = &finding["places"][0];
    let at = |key: &str| place[key].as_u64().unwrap_or_default();
    assert_eq!((at("start_line"), at("start_column"), at("end_line"), at("end_column")), (2, 11, 2, 51));
    assert!(finding["id"].as_str().is_some_and(|id| id.starts_with("ps1-") && id.len() == 28));
}

#[test]
fn the_order_is_path_line_column_rule() {
    let scratch = Scratch::new();
    for (seed, name) in [(1, "b.conf"), (2, "a.conf"), (3, "a/z.conf"), (4, "B.conf")] {
        scratch.write(name, format!("\na = {}; b = {}\nc = {}\n", token(seed), token(seed + 10), token(seed + 20)));
    }
    let ran = scratch.scan().expect_status(1);
    let first = |finding: &serde_json::Value| {
        let place = &finding["places"][0];
        let number = |key: &str| place[key].as_u64().unwrap_or_default();
        (place["path"].as_str().unwrap_or_default().to_owned(), number("start_line"), number("start_column"))
    };
    let places: Vec<_> = ran.findings().iter().map(first).collect();
    assert_eq!(places.len(), 12);
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn what_cannot_be_read_is_not_clean() {
    let scratch = Scratch::new();
    scratch.write("large.bin", vec![0; 4096]);
    let args = ["scan", "--format", "jsonl", "--max-file-size", "1KiB"];
    let ran = scratch.run(&args).expect_status(3);
    assert_eq!(ran.skips(), [("large.bin".to_owned(), "too_large".to_owned())]);
    assert_eq!(ran.summary()["status"], "incomplete");
    let ran = scratch.run(&["scan", "--max-file-size", "1KiB"]).expect_status(3);
    assert!(ran.stdout.contains("NOT PROVEN CLEAN") && ran.stdout.contains("large.bin: larger than 1 KiB"));
    assert!(!ran.stdout.contains("clean:"), "{}", ran.stdout);
    // What blocks, blocks, whatever else could not be read.
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    scratch.run(&args).expect_status(1);
}

#[test]
fn a_report_goes_into_a_file() {
    let scratch = Scratch::new();
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    let report = scratch.outside().join("report.json");
    let path = report.to_str().expect("a temporary path is UTF-8");
    let ran = scratch.run(&["scan", "--format", "json", "--output", path]).expect_status(1);
    assert_eq!(ran.stdout, "");
    let report = fs::read_to_string(&report).expect("the report was written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is one document");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_closed_pipe_keeps_the_verdict() {
    let scratch = Scratch::new();
    for format in ["human", "json", "jsonl"] {
        // More than a pipe holds, so that the writer meets the closed end.
        let text: String = (0..400).map(|seed| format!("token = {}\n", token(seed))).collect();
        scratch.write("a.conf", text);
        let mut command = scratch.command(&["scan", "--format", format]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program starts");
        drop(child.stdout.take());
        assert_eq!(wait(&mut child), 1, "{format}");
    }
}

#[test]
fn a_closed_pipe_ends_lists_without_an_error() {
    let scratch = Scratch::new();
    for args in [&["rules", "list"][..], &["man"], &["completions", "zsh"], &["--help"]] {
        let mut command = scratch.command(args);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program starts");
        drop(child.stdout.take());
        assert_eq!(wait(&mut child), 0, "{args:?}");
    }
}

#[test]
fn a_loaded_rule_finds() {
    let scratch = Scratch::new();
    let rule = "id = \"acme-token\"\ntitle = \"Acme token\"\nseverity = \"high\"\nconfidence = \"strong\"\n\
                anchors = [\"acme_\"]\npattern = '(?P<secret>acme_[0-9a-f]{32})'\nwhy = \"Opens Acme.\"\n\
                examples = [\"{acme_:hex:32}\"]\ncounter_examples = [\"acme_none\"]\n\
                [rotate]\nsteps = [\"Revoke it.\"]\n";
    scratch.write("rules/acme-token.toml", rule);
    scratch.write("a.conf", sample("github-pat-classic", "key = {acme_:hex:32}\n", 5));
    let ran = scratch.run(&["scan", "a.conf", "--rules", "rules", "--format", "jsonl"]).expect_status(1);
    assert_eq!(ran.each("rule"), ["acme-token"]);
    // By a file of the repository, too.
    scratch.write("plainsight.toml", "[rules]\nfolders = [\"rules\"]\n");
    assert_eq!(scratch.scan().expect_status(1).each("rule"), ["acme-token"]);
    // An id that is taken is refused.
    scratch.write("rules/github-pat-classic.toml", rule.replace("acme-token", "github-pat-classic"));
    let ran = scratch.scan().expect_status(2);
    assert!(ran.stderr.contains("`github-pat-classic` is taken"), "{}", ran.stderr);
}
