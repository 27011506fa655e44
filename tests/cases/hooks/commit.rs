//! The hook judges exactly what is recorded, however the commit is made.

use super::{PROGRAM, Repo, environment, script};
use crate::cases::support::token;
use std::fs;

const COMMIT: &[&str] = &["commit", "-q", "-m", "x"];

fn hooked() -> Repo {
    Repo::new().hooked(&["pre-commit"])
}

#[test]
fn staged_and_taken_out_of_the_work_tree_is_blocked() {
    for way in [COMMIT, &["commit", "-q", "--amend", "-m", "x"]] {
        let repo = hooked();
        repo.secret("a.conf", 1);
        repo.git(&["add", "a.conf"]);
        repo.write("a.conf", "nothing\n");
        repo.blocked(way);
        repo.git(&["add", "a.conf"]);
        repo.passes(way);
    }
}

#[test]
fn the_first_commit_is_judged_too() {
    let repo = Repo::unborn().hooked(&["pre-commit"]);
    repo.secret("sub/a.conf", 1);
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
    repo.write("sub/a.conf", "nothing\n");
    repo.git(&["add", "."]);
    repo.passes(COMMIT);
}

#[test]
fn what_is_not_staged_does_not_count() {
    let repo = hooked();
    repo.secret("README", 1);
    repo.secret("untracked", 2);
    repo.write("b", "nothing\n");
    repo.git(&["add", "b"]);
    repo.passes(COMMIT);
    // Of a file with both, only what was staged.
    repo.write("b", "nothing else\n");
    repo.git(&["add", "b"]);
    repo.secret("b", 3);
    repo.passes(COMMIT);
}

#[test]
fn commit_all_and_commit_path_use_an_index_of_their_own() {
    let repo = hooked();
    repo.secret("README", 1);
    repo.blocked(&["commit", "-q", "-a", "-m", "x"]);
    repo.blocked(&["commit", "-q", "-m", "x", "--", "README"]);
    repo.blocked(&["commit", "-q", "-m", "x", "--include", "README"]);
    repo.blocked(&["commit", "-q", "--amend", "-a", "-m", "x"]);
    // Another path is recorded without what lies in the index beside it.
    repo.git(&["add", "README"]);
    repo.write("b", "nothing\n");
    repo.git(&["add", "b"]);
    repo.passes(&["commit", "-q", "-m", "x", "--only", "b"]);
    repo.blocked(COMMIT);
}

#[test]
fn announced_files_count_where_they_are_recorded() {
    let repo = hooked();
    repo.secret("sub/a.conf", 1);
    repo.git(&["add", "--intent-to-add", "sub/a.conf"]);
    repo.write("sub/b", "nothing\n");
    repo.git(&["add", "sub/b"]);
    repo.passes(COMMIT);
    repo.blocked(&["commit", "-q", "-a", "-m", "x"]);
    repo.blocked(&["commit", "-q", "-m", "x", "--", "sub/a.conf"]);
}

#[test]
fn another_index_is_honoured() {
    let repo = hooked();
    repo.secret("a.conf", 1);
    let here = repo.scratch.path("");
    let other = repo.scratch.outside().join("other-index");
    let env = [("GIT_INDEX_FILE", other.to_str().expect("a temporary path is UTF-8"))];
    repo.try_git_in(&here, &["read-tree", "HEAD"], &env).expect_status(0);
    repo.try_git_in(&here, &["add", "a.conf"], &env).expect_status(0);
    repo.run(&["pre-commit"], "").expect_status(0);
    let ran = repo.try_git_in(&here, COMMIT, &env);
    assert!(ran.status != 0 && ran.stderr.starts_with("SECURITY BREACH — commit blocked"), "{}", ran.stderr);
}

#[test]
fn only_what_the_change_brings_is_reported() {
    let repo = Repo::new();
    repo.write("a.conf", format!("# one\ntoken = {}\n", token(1)));
    repo.write("old.conf", format!("# one\ntoken = {}\n# more lines\n# and more\n", token(2)));
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "with secrets"]);
    let repo = repo.hooked(&["pre-commit"]);
    // Edited beside the secret, moved within its file, with other line ends, renamed, renamed and edited, split.
    repo.write("a.conf", format!("# another\n\n\nother = \"{}\"\r\n", token(1)));
    repo.git(&["mv", "old.conf", "sub.conf"]);
    repo.git(&["add", "."]);
    repo.passes(COMMIT);
    repo.git(&["mv", "sub.conf", "deep.conf"]);
    repo.write("deep.conf", format!("# edited\ntoken = {}\n# more lines\n", token(2)));
    repo.git(&["add", "."]);
    repo.passes(COMMIT);
    // One more beside the old one is new, and only that one is named.
    repo.write("a.conf", format!("token = {}\ntoken = {}\n", token(1), token(3)));
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
    let ran = repo.run(&["pre-commit"], "").expect_status(1);
    let finding = &ran.findings()[0];
    assert_eq!((ran.findings().len(), &finding["places"][0]["start_line"]), (1, &2.into()));
    assert_eq!((&finding["exposure"], &finding["present"]), (&"staged".into(), &false.into()));
    assert_eq!(finding["places"][0]["blob"], repo.git(&["rev-parse", ":a.conf"]).as_str());
    // A copy is a new place; the old file stays.
    repo.write("a.conf", format!("token = {}\n", token(1)));
    repo.write("copy.conf", format!("token = {}\n", token(1)));
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
}

#[test]
fn renamed_and_edited_brings_what_is_new() {
    let repo = hooked();
    repo.write("a.conf", "line\n".repeat(50));
    repo.git(&["add", "."]);
    repo.passes(COMMIT);
    repo.git(&["mv", "a.conf", "b.conf"]);
    repo.write("b.conf", format!("{}token = {}\n", "line\n".repeat(50), token(1)));
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
}

#[test]
fn removal_passes() {
    let repo = Repo::new();
    repo.secret("a.conf", 1);
    repo.secret("b.conf", 2);
    repo.write(".env", environment(1));
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "with secrets"]);
    let repo = repo.hooked(&["pre-commit"]);
    repo.write("a.conf", "token = from the environment\n");
    repo.git(&["rm", "-q", "b.conf"]);
    repo.git(&["rm", "-q", "--cached", ".env"]);
    repo.passes(&["commit", "-q", "-a", "-m", "clean"]);
}

#[test]
fn files_by_name_count_when_new_or_changed() {
    let repo = hooked();
    repo.write("sub/.env", environment(1));
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
    repo.git(&["commit", "-q", "--no-verify", "-m", "by force"]);
    repo.write("b", "nothing\n");
    repo.git(&["add", "b"]);
    repo.passes(COMMIT);
    repo.git(&["update-index", "--chmod=+x", "sub/.env"]);
    repo.passes(COMMIT);
    repo.write("sub/.env", environment(2));
    repo.blocked(&["commit", "-q", "-a", "-m", "x"]);
}

#[test]
fn attributes_and_configuration_have_no_say() {
    let repo = hooked();
    let marker = repo.scratch.outside().join("started");
    let program = repo.scratch.outside().join("canary");
    script(&program, &format!("echo \"$0 $*\" >> '{}'\ncat", marker.display()));
    let program = program.to_str().expect("a temporary path is UTF-8");
    let attributes = "*.x -diff\n*.y binary\n*.z diff=canary filter=canary merge=canary\n* text=auto eol=crlf\n";
    repo.write(".gitattributes", attributes);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "attributes"]);
    for (seed, name) in (1..).zip(["a.x", "b.y", "c.z", "d.conf"]) {
        repo.secret(name, seed);
    }
    let utf16: Vec<u8> = environment(5).encode_utf16().flat_map(u16::to_le_bytes).collect();
    repo.write(".env", [vec![0xFF, 0xFE], utf16].concat());
    repo.git(&["add", "."]);
    for key in ["diff.external", "diff.canary.textconv", "diff.canary.command", "core.fsmonitor", "core.pager"] {
        repo.git(&["config", key, program]);
    }
    for key in ["filter.canary.clean", "filter.canary.smudge", "filter.canary.process", "core.hooksPath"] {
        repo.git(&["config", key, program]);
    }
    for (key, value) in [("diff.noprefix", "true"), ("color.ui", "always"), ("core.autocrlf", "true")] {
        repo.git(&["config", key, value]);
    }
    let _ = fs::remove_file(&marker);
    let before = repo.trace();
    let ran = repo.run(&["pre-commit"], "").expect_status(1);
    let mut paths: Vec<_> = ran.findings().iter().map(|one| one["places"][0]["path"].to_string()).collect();
    paths.dedup();
    for name in ["a.x", "b.y", "c.z", "d.conf", ".env"] {
        assert!(paths.contains(&format!("\"{name}\"")), "{name} was not searched: {paths:?}");
    }
    assert!(!marker.exists(), "a program was started: {}", fs::read_to_string(&marker).unwrap_or_default());
    assert!(repo.trace() == before, "a trace was left");
}

#[test]
fn skipping_is_said_and_has_a_reason() {
    let repo = hooked();
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    let here = repo.scratch.path("");
    let ran = repo.try_git_in(&here, COMMIT, &[("PLAINSIGHT_SKIP", " ")]);
    assert!(ran.status != 0 && ran.stderr.contains("PLAINSIGHT_SKIP has no reason"), "{}", ran.stderr);
    let ran = repo.try_git_in(&here, COMMIT, &[("PLAINSIGHT_SKIP", "a fixture")]).expect_status(0);
    assert!(ran.stderr.contains("SKIPPED") && ran.stderr.contains("a fixture"), "{}", ran.stderr);
}

#[test]
fn messages_are_judged() {
    let repo = Repo::new().hooked(&["commit-msg"]);
    let with = |text: &str| format!("subject\n\n{text}\n");
    let secret = with(&format!("the token is {}", token(1)));
    repo.blocked(&["commit", "-q", "--allow-empty", "-m", &secret]);
    repo.passes(&["commit", "-q", "--allow-empty", "-m", &with("nothing")]);
    // With -m, git keeps what looks like a comment.
    repo.blocked(&["commit", "-q", "--allow-empty", "-m", &with(&format!("# {}", token(2)))]);
    // What a verbose commit shows of a removal is not recorded.
    let repo = Repo::new();
    repo.secret("a.conf", 3);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "with a secret"]);
    let repo = repo.hooked(&["commit-msg"]);
    repo.git(&["rm", "-q", "a.conf"]);
    let editor = repo.scratch.outside().join("editor");
    script(&editor, "sed -i '1s/^/subject/' \"$1\"");
    let env = [("GIT_EDITOR", editor.to_str().expect("a temporary path is UTF-8"))];
    repo.try_git_in(&repo.scratch.path(""), &["commit", "-q", "--verbose"], &env).expect_status(0);
}

#[test]
fn scan_staged_reports_like_every_scan() {
    let repo = Repo::new();
    let scan = || repo.scratch.run(&["scan", "--staged", "--format", "jsonl"]);
    scan().expect_status(0);
    repo.secret("sub/a.conf", 1);
    repo.git(&["add", "."]);
    let ran = scan().expect_status(1);
    assert_eq!((ran.each("exposure"), ran.summary()["coverage"]["blobs"].clone()), (vec!["staged".into()], 1.into()));
    let inside = repo.scratch.run_in(&repo.scratch.path("sub"), &["scan", "--staged", "--format", "jsonl"]);
    assert_eq!(inside.expect_status(1).each("id"), ran.each("id"));
    let refused = repo.scratch.run(&["scan", "--staged", "sub"]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    repo.write("plainsight.toml", "[files]\nexclude = [\"/sub/\"]\n");
    scan().expect_status(0);
    assert!(fs::metadata(PROGRAM).is_ok());
}
