//! What was revoked no longer blocks where it lies, and blocks wherever it turns up anew.

use super::repo::{commit, git, repository};
use super::support::{Scratch, finish, sample, token};
use std::fs;

const RECORD: &str = "plainsight-rotations.jsonl";

fn planted() -> (Scratch, String) {
    let scratch = repository();
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    commit(&scratch, "second");
    git(&scratch, &["push", "-q"]);
    let id = scratch.scan().expect_status(1).findings()[0]["id"].as_str().expect("each has one").to_owned();
    (scratch, id)
}

#[test]
fn a_revoked_secret_passes_where_it_lies_and_nowhere_else() {
    let (scratch, id) = planted();
    scratch.run(&["rotate", "start", &id]).expect_status(0);
    scratch.scan().expect_status(1);
    let done = scratch.run(&["rotate", "done", &id, "--note", "see ticket 42"]).expect_status(0);
    assert!(
        done.stdout.contains("revoked on 2") && done.stdout.contains("by Ada Example <ada@example.org>"),
        "{}",
        done.stdout
    );
    let ran = scratch.scan().expect_status(0);
    let finding = &ran.findings()[0];
    assert_eq!(finding["verdict"], "suppressed");
    assert_eq!(finding["suppressed_by"]["by"], "rotated");
    let reason = finding["suppressed_by"]["reason"].as_str().unwrap_or_default();
    assert!(
        reason.starts_with("revoked on ") && reason.contains("by Ada Example") && reason.contains("ticket 42"),
        "{reason}"
    );
    let record = fs::read_to_string(scratch.path(RECORD)).expect("written");
    assert_eq!(record.lines().count(), 2);
    assert!(!record.contains(&token(1)[4..12]), "no secret lies in it");
    assert!(record.contains(git(&scratch, &["rev-parse", "HEAD"]).trim()));

    // The same file moved: the same object.
    git(&scratch, &["mv", "a.conf", "b.conf"]);
    scratch.scan().expect_status(0);
    scratch.run(&["scan", "--staged"]).expect_status(0);
    commit(&scratch, "third");
    // The same secret in a file that changed, on disk, staged, and committed.
    scratch.write("b.conf", format!("# new\ntoken = {}\n", token(1)));
    scratch.scan().expect_status(1);
    scratch.write("b.conf", format!("token = {}\n", token(1)));
    scratch.write("c.conf", format!("copied = {}\n", token(1)));
    let ran = scratch.scan().expect_status(1);
    let places = ran.findings()[0]["places"].as_array().cloned().unwrap_or_default();
    let counting: Vec<_> = places.iter().filter(|place| place["suppressed_by"].is_null()).collect();
    assert_eq!((places.len(), counting.len()), (2, 1), "{places:#?}");
    git(&scratch, &["add", "c.conf"]);
    scratch.run(&["scan", "--staged"]).expect_status(1);
    git(&scratch, &["commit", "-q", "-m", "it comes back"]);
    scratch.scan().expect_status(1);
    // Recorded once more, with what is new only.
    scratch.run(&["rotate", "done", &id]).expect_status(0);
    scratch.scan().expect_status(0);
    let again = scratch.run(&["rotate", "done", &id]).expect_status(0);
    assert!(again.stdout.starts_with("recorded already"), "{}", again.stdout);
    let list = scratch.run(&["rotate", "list", &id]).expect_status(0);
    assert_eq!(list.stdout.lines().filter(|line| line.contains(" done ")).count(), 2, "{}", list.stdout);
    scratch.run(&["explain", &id]).expect_status(0);
}

#[test]
fn other_secrets_beside_it_still_block() {
    let (scratch, id) = planted();
    scratch.write("a.conf", format!("token = {}\nother = {}\n", token(1), token(2)));
    scratch.run(&["rotate", "done", &id]).expect_status(0);
    let ran = scratch.scan().expect_status(1);
    assert_eq!(ran.each("verdict"), ["block", "suppressed"]);
}

#[test]
fn a_file_finding_and_a_value_that_can_be_guessed_are_recorded_by_their_path() {
    let scratch = repository();
    scratch.write("sub/.env", sample("generic-password", "DB_PASSWORD={:alnum:10}\n", 1));
    commit(&scratch, "second");
    for id in scratch.scan().expect_status(1).each("id") {
        scratch.run(&["rotate", "done", &id]).expect_status(0);
    }
    let ran = scratch.scan().expect_status(0);
    assert!(ran.each("verdict").iter().all(|verdict| verdict == "suppressed"), "{}", ran.stdout);
    scratch.write("sub/.env", sample("generic-password", "DB_PASSWORD={:alnum:10}\n", 2));
    scratch.scan().expect_status(1);
}

#[test]
fn line_ends_that_git_changes_make_no_new_place() {
    let (scratch, id) = planted();
    scratch.run(&["rotate", "done", &id]).expect_status(0);
    scratch.write("a.conf", format!("token = {}\r\n", token(1)));
    scratch.scan().expect_status(0);
}

#[test]
fn a_broken_record_ends_the_run() {
    let (scratch, id) = planted();
    scratch.run(&["rotate", "done", &id]).expect_status(0);
    let good = fs::read_to_string(scratch.path(RECORD)).expect("written");
    for (text, said) in [
        (format!("{good}nonsense\n"), "line 2"),
        (good.replace("\"by\"", "\"who\""), "line 1: unknown field `who`"),
        (format!("<<<<<<< HEAD\n{good}"), "line 1: the mark of a merge conflict"),
    ] {
        scratch.write(RECORD, text);
        for args in [&["scan"][..], &["scan", "--staged"], &["rotate", "list"], &["rotate", "done", &id]] {
            let ran = scratch.run(args).expect_status(2);
            assert!(ran.stderr.contains(RECORD) && ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn what_cannot_be_recorded_is_said() {
    let (scratch, id) = planted();
    let ran = scratch.run(&["rotate", "done", "ps1-000000000000000000000000"]).expect_status(2);
    assert!(ran.stderr.contains("no finding") && ran.stderr.contains("git show"), "{}", ran.stderr);
    let ran = scratch.run(&["rotate", "done", "github-pat-classic"]).expect_status(2);
    assert!(ran.stderr.contains("no id of a finding"), "{}", ran.stderr);
    git(&scratch, &["config", "--unset", "user.name"]);
    git(&scratch, &["config", "--unset", "user.email"]);
    let ran = scratch.run(&["rotate", "done", &id]).expect_status(2);
    assert!(ran.stderr.contains("--by"), "{}", ran.stderr);
    scratch.run(&["rotate", "done", &id, "--by", "Ops \u{1b}[2J"]).expect_status(0);
    assert!(!scratch.run(&["rotate", "list"]).stdout.contains('\u{1b}'));
}

#[test]
fn two_branches_record_without_a_conflict() {
    let scratch = repository();
    for seed in 1..=6 {
        scratch.write(format!("{seed}.conf"), format!("token = {}\n", token(seed)));
    }
    commit(&scratch, "second");
    let mut ids = scratch.scan().each("id");
    ids.sort();
    // The first of all sorted ids and the last but one stand between: neighbours are what git cannot merge.
    for id in [&ids[0], &ids[2], &ids[4]] {
        scratch.run(&["rotate", "done", id]).expect_status(0);
    }
    commit(&scratch, "third");
    git(&scratch, &["checkout", "-q", "-b", "other"]);
    scratch.run(&["rotate", "done", &ids[1]]).expect_status(0);
    commit(&scratch, "other");
    git(&scratch, &["checkout", "-q", "main"]);
    scratch.run(&["rotate", "done", &ids[3]]).expect_status(0);
    commit(&scratch, "main");
    let merged = finish(scratch.program("git", &scratch.path("")).args(["merge", "-q", "-m", "both", "other"]), b"");
    assert_eq!(merged.status, 0, "{}{}", merged.stdout, merged.stderr);
    assert_eq!(scratch.scan().each("verdict").iter().filter(|verdict| *verdict == "block").count(), 1);
}
