//! A push is judged by what the remote lacks.

use super::Repo;
use crate::cases::support::{Ran, token};
use serde_json::Value;

const NONE: &str = "0000000000000000000000000000000000000000";

/// A repository with a bare remote that has its first commit, and the hook.
fn pushed() -> Repo {
    let repo = Repo::new();
    repo.try_git_in(repo.scratch.outside(), &["init", "-q", "--bare", "-b", "main", "remote"], &[]).expect_status(0);
    repo.git(&["remote", "add", "origin", "../remote"]);
    repo.git(&["push", "-q", "-u", "origin", "main"]);
    repo.hooked(&["pre-push"])
}

fn commit(repo: &Repo, message: &str) -> String {
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", message]);
    repo.git(&["rev-parse", "HEAD"])
}

#[track_caller]
fn blocked(repo: &Repo, args: &[&str]) -> Ran {
    let remote = || repo.try_git(&["ls-remote", "origin"]).stdout;
    let before = remote();
    let ran = repo.try_git(args);
    assert_ne!(ran.status, 0, "git {args:?} went through: {}", ran.stderr);
    assert!(ran.stderr.starts_with("SECURITY BREACH — push blocked: "), "{}", ran.stderr);
    assert_eq!(remote(), before);
    ran
}

#[track_caller]
fn passes(repo: &Repo, args: &[&str]) {
    let ran = repo.try_git(args).expect_status(0);
    assert!(ran.stderr.contains("plainsight: nothing that blocks"), "{}", ran.stderr);
}

/// The hook by itself, for `main` at `HEAD`.
fn run(repo: &Repo, old: &str) -> Ran {
    let head = repo.git(&["rev-parse", "HEAD"]);
    let line = format!("refs/heads/main {head} refs/heads/main {old}\n");
    repo.run(&["pre-push", "origin", "../remote"], &line)
}

fn only(ran: &Ran) -> Value {
    let mut findings = ran.findings();
    assert_eq!(findings.len(), 1, "{}", ran.stdout);
    findings.remove(0)
}

#[test]
fn added_and_taken_back_within_the_push() {
    let repo = pushed();
    let base = repo.git(&["rev-parse", "HEAD"]);
    repo.secret("sub/a.conf", 1);
    let guilty = commit(&repo, "add");
    repo.write("sub/a.conf", "token = from the environment\n");
    commit(&repo, "take back");
    blocked(&repo, &["push", "-q"]);
    let ran = run(&repo, &base).expect_status(1);
    let finding = only(&ran);
    let place = &finding["places"][0];
    assert_eq!((&finding["exposure"], &finding["present"]), (&"local".into(), &false.into()));
    assert_eq!((&place["path"], &place["commit"]), (&"sub/a.conf".into(), &guilty.into()));
    assert_eq!((&place["author"], &place["date"]), (&"A <a@example.org>".into(), &"2026-01-01T00:00:00Z".into()));
    assert_eq!(ran.summary()["coverage"]["commits"], 2);
    // Without these commits the same tree may leave.
    repo.git(&["reset", "-q", "--soft", &base]);
    commit(&repo, "clean");
    passes(&repo, &["push", "-q"]);
}

#[test]
fn the_tip_says_whether_it_is_still_there() {
    let repo = pushed();
    repo.secret("a.conf", 1);
    commit(&repo, "add");
    repo.write("a.conf", format!("# moved\n\ntoken = {}\n", token(1)));
    commit(&repo, "move");
    assert_eq!(only(&run(&repo, NONE).expect_status(1))["present"], true);
}

#[test]
fn what_the_remote_has_is_no_news() {
    let repo = pushed();
    repo.secret("a.conf", 1);
    commit(&repo, "add");
    repo.git(&["push", "-q", "--no-verify"]);
    repo.write("a.conf", format!("# edited\ntoken = {}\n", token(1)));
    commit(&repo, "edit beside it");
    passes(&repo, &["push", "-q"]);
    // The same file comes back from another branch of the remote.
    repo.git(&["rm", "-q", "a.conf"]);
    commit(&repo, "remove");
    passes(&repo, &["push", "-q"]);
    repo.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
    passes(&repo, &["push", "-q", "origin", "other"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["checkout", "-q", "other", "--", "a.conf"]);
    commit(&repo, "take it from there");
    passes(&repo, &["push", "-q"]);
}

#[test]
fn new_forced_and_deleted_refs() {
    let repo = pushed();
    repo.git(&["checkout", "-q", "-b", "new"]);
    repo.secret("a.conf", 1);
    commit(&repo, "add");
    let ran = blocked(&repo, &["push", "-q", "origin", "new"]);
    assert!(ran.stderr.contains("refs/heads/new brings 1"), "{}", ran.stderr);
    repo.git(&["push", "-q", "--no-verify", "origin", "new"]);
    repo.git(&["commit", "-q", "--amend", "-m", "another"]);
    passes(&repo, &["push", "-q", "--force", "origin", "new"]);
    repo.secret("a.conf", 2);
    repo.git(&["commit", "-q", "-a", "--amend", "-m", "a third"]);
    blocked(&repo, &["push", "-q", "--force", "origin", "new"]);
    passes(&repo, &["push", "-q", "--delete", "origin", "new"]);
    // An old tip that was never fetched excludes nothing, and stops nothing.
    repo.git(&["checkout", "-q", "main"]);
    commit(&repo, "empty");
    run(&repo, &"e".repeat(40)).expect_status(0);
    // Several refs at once: every line is read.
    repo.git(&["branch", "clean"]);
    repo.git(&["checkout", "-q", "new"]);
    let ran = blocked(&repo, &["push", "-q", "origin", "clean", "main", "new"]);
    assert!(ran.stderr.contains("refs/heads/new brings 1") && !ran.stderr.contains("heads/clean brings"));
}

#[test]
fn messages_and_tags() {
    let repo = pushed();
    let guilty = commit(&repo, &format!("subject\n\nwith {}\n", token(1)));
    let finding = only(&run(&repo, NONE).expect_status(1));
    assert_eq!(
        (&finding["places"][0]["path"], &finding["places"][0]["start_line"]),
        (&"<commit message>".into(), &3.into())
    );
    assert_eq!(finding["places"][0]["commit"], guilty.as_str());
    blocked(&repo, &["push", "-q"]);
    repo.git(&["reset", "-q", "--hard", "origin/main"]);
    repo.git(&["tag", "-a", "v1", "-m", &format!("release\n\nwith {}\n", token(2))]);
    let ran = blocked(&repo, &["push", "-q", "origin", "v1"]);
    assert!(ran.stderr.contains("refs/tags/v1 brings 1"), "{}", ran.stderr);
    repo.git(&["tag", "-a", "v2", "-m", "clean"]);
    passes(&repo, &["push", "-q", "origin", "v2"]);
    // A tag may point to a file, and a light one to a commit that no branch reaches.
    repo.secret("a.conf", 3);
    let blob = repo.git(&["hash-object", "-w", "a.conf"]);
    repo.git(&["tag", "blob", &blob]);
    blocked(&repo, &["push", "-q", "origin", "blob"]);
    repo.git(&["checkout", "-q", "--detach"]);
    commit(&repo, "aside");
    repo.git(&["tag", "light"]);
    repo.git(&["checkout", "-q", "main"]);
    blocked(&repo, &["push", "-q", "origin", "light"]);
}

#[test]
fn merges_and_side_branches() {
    let repo = pushed();
    let base = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.secret("side.conf", 1);
    let guilty = commit(&repo, "side");
    repo.git(&["rm", "-q", "side.conf"]);
    commit(&repo, "side, clean");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b", "nothing\n");
    commit(&repo, "ours");
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    assert_eq!(only(&run(&repo, &base).expect_status(1))["places"][0]["commit"], guilty.as_str());
    // Only in the merge itself.
    repo.git(&["reset", "-q", "--hard", &base]);
    repo.git(&["checkout", "-q", "-B", "side"]);
    repo.write("c", "nothing\n");
    commit(&repo, "side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b", "nothing\n");
    commit(&repo, "ours");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.secret("b", 2);
    let guilty = commit(&repo, "merge");
    assert_eq!(only(&run(&repo, &base).expect_status(1))["places"][0]["commit"], guilty.as_str());
}

#[test]
fn clocks_that_were_wrong_hide_nothing() {
    let repo = pushed();
    let base = repo.git(&["rev-parse", "HEAD"]);
    let here = repo.scratch.path("");
    for (seed, date) in (1..).zip(["2031-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]) {
        repo.secret(&format!("{seed}.conf"), seed);
        repo.git(&["add", "."]);
        let env = [("GIT_COMMITTER_DATE", date)];
        repo.try_git_in(&here, &["commit", "-q", "-m", "x"], &env).expect_status(0);
    }
    let ran = run(&repo, &base).expect_status(1);
    assert_eq!((ran.findings().len(), ran.summary()["coverage"]["commits"].clone()), (3, 3.into()));
    repo.git(&["push", "-q", "--no-verify"]);
    let old = repo.git(&["rev-parse", "HEAD"]);
    commit(&repo, "empty");
    let ran = run(&repo, &old).expect_status(0);
    assert_eq!(ran.summary()["coverage"]["commits"], 1);
}

#[test]
fn packed_or_loose_shallow_or_whole() {
    let repo = pushed();
    let base = repo.git(&["rev-parse", "HEAD"]);
    for number in 1..6 {
        repo.secret(&format!("{number}.conf"), number);
        commit(&repo, "add");
    }
    let loose = run(&repo, &base).expect_status(1);
    repo.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    repo.git(&["commit-graph", "write", "--reachable"]);
    assert_eq!(run(&repo, &base).findings(), loose.findings());
    // A clone that ends where the remote does.
    repo.try_git_in(repo.scratch.outside(), &["clone", "-q", "--depth", "1", "file://.", "shallow"], &[]);
    let url = format!("file://{}", repo.scratch.outside().join("remote").display());
    repo.try_git_in(repo.scratch.outside(), &["clone", "-q", "--depth", "1", &url, "shallow"], &[]).expect_status(0);
    let shallow = repo.scratch.outside().join("shallow");
    super::hook(&shallow.join(".git"), "pre-push");
    std::fs::write(shallow.join("a.conf"), format!("token = {}\n", token(9))).expect("the file is new");
    repo.try_git_in(&shallow, &["add", "."], &[]).expect_status(0);
    repo.try_git_in(&shallow, &["commit", "-q", "-m", "x"], &[]).expect_status(0);
    let ran = repo.try_git_in(&shallow, &["push", "-q"], &[]);
    assert!(ran.status != 0 && ran.stderr.starts_with("SECURITY BREACH"), "{}", ran.stderr);
    assert!(ran.stderr.contains("of 1 commit") || ran.stderr.contains("1 commit,"), "{}", ran.stderr);
}
