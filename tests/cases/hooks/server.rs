//! A server judges what is pushed before it takes it in.

use super::{PROGRAM, Repo, script};
use crate::cases::support::{Ran, wait};
use std::path::PathBuf;
use std::process::Stdio;

/// A repository with a bare remote that has its first commit, and a hook on the remote.
fn served(name: &str) -> (Repo, PathBuf) {
    let repo = Repo::new();
    repo.try_git_in(repo.scratch.outside(), &["init", "-q", "--bare", "-b", "main", "remote"], &[]).expect_status(0);
    repo.git(&["remote", "add", "origin", "../remote"]);
    repo.git(&["push", "-q", "-u", "origin", "main"]);
    let remote = repo.scratch.outside().join("remote");
    super::hook(&remote, name);
    (repo, remote)
}

fn three_branches(repo: &Repo) {
    for (name, seed) in [("one", 0), ("two", 2), ("three", 0)] {
        repo.git(&["checkout", "-q", "-b", name, "main"]);
        if seed > 0 {
            repo.secret("a.conf", seed);
        } else {
            repo.write("b", name);
        }
        repo.git(&["add", "."]);
        repo.git(&["commit", "-q", "-m", name]);
    }
}

fn refs(repo: &Repo) -> String {
    repo.git(&["ls-remote", "--heads", "origin"])
}

fn remote_lines(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("remote: ")).map(str::trim_end).collect()
}

#[test]
fn three_refs_and_one_with_a_secret() {
    let (repo, remote) = served("pre-receive");
    three_branches(&repo);
    let before = (refs(&repo), std::fs::read_dir(remote.join("objects")).expect("it is there").count());
    let ran = repo.try_git(&["push", "-q", "origin", "one", "two", "three"]);
    assert_ne!(ran.status, 0);
    let lines = remote_lines(&ran);
    assert!(lines[0].starts_with("SECURITY BREACH — push blocked: 1 secret in plain text"), "{}", ran.stderr);
    assert_eq!(lines[1], "  refs/heads/two brings 1", "{}", ran.stderr);
    assert!(lines.iter().any(|line| line.trim() == "a.conf:2:9"), "{}", ran.stderr);
    let long = |line: &&&str| line.chars().count() > 72 && !line.contains("://") && !line.contains("git ");
    assert_eq!(lines.iter().filter(long).count(), 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    let after = (refs(&repo), std::fs::read_dir(remote.join("objects")).expect("it is there").count());
    assert_eq!(after, before, "something was taken in");
    // The same where the quarantine holds a pack and no loose objects.
    repo.try_git_in(&remote, &["config", "receive.unpackLimit", "1"], &[]).expect_status(0);
    let packed = repo.try_git(&["push", "-q", "origin", "one", "two", "three"]);
    assert_eq!(remote_lines(&packed)[..12], lines[..12]);
    repo.git(&["push", "-q", "origin", "one", "three"]);
}

#[test]
fn update_refuses_one_ref() {
    let (repo, _) = served("update");
    three_branches(&repo);
    let ran = repo.try_git(&["push", "-q", "origin", "one", "two", "three"]);
    assert_ne!(ran.status, 0);
    assert!(remote_lines(&ran).iter().any(|line| line.starts_with("SECURITY BREACH — push blocked")), "{}", ran.stderr);
    let refs = refs(&repo);
    let has = |name: &str| refs.contains(&format!("refs/heads/{name}"));
    assert_eq!((has("one"), has("two"), has("three")), (true, false, true), "{refs}\n{}", ran.stderr);
}

#[test]
fn moved_forced_and_deleted_refs() {
    let (repo, _) = served("pre-receive");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    for name in ["x", "y"] {
        repo.write(name, "nothing\n");
        repo.git(&["add", "."]);
        repo.git(&["commit", "-q", "-m", name]);
        repo.git(&["push", "-q", "origin", "topic"]);
    }
    repo.git(&["commit", "-q", "--amend", "-m", "another"]);
    repo.git(&["push", "-q", "--force", "origin", "topic"]);
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "--amend", "-m", "with a secret"]);
    assert_ne!(repo.try_git(&["push", "-q", "--force", "origin", "topic"]).status, 0);
    repo.git(&["rm", "-q", "a.conf"]);
    repo.git(&["commit", "-q", "-m", "without"]);
    assert_ne!(repo.try_git(&["push", "-q", "--force", "origin", "topic"]).status, 0, "the history still holds it");
    repo.git(&["push", "-q", "--delete", "origin", "topic"]);
}

#[test]
fn the_pusher_decides_nothing() {
    let (repo, _) = served("pre-receive");
    repo.write("plainsight.toml", "[files]\nexclude = [\"*.conf\"]\n");
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "allows itself"]);
    assert_ne!(repo.try_git(&["push", "-q"]).status, 0);
    let here = repo.scratch.path("");
    let ran = repo.try_git_in(&here, &["push", "-q"], &[("PLAINSIGHT_SKIP", "because")]);
    assert_ne!(ran.status, 0, "{}", ran.stderr);
    // What the default branch says holds.
    repo.git(&["rm", "-q", "--cached", "a.conf"]);
    repo.git(&["commit", "-q", "--amend", "-m", "the configuration"]);
    repo.git(&["push", "-q"]);
    repo.git(&["add", "a.conf"]);
    repo.git(&["commit", "-q", "-m", "allowed now"]);
    repo.git(&["push", "-q"]);
}

#[test]
fn who_waits_too_long_is_refused() {
    let (repo, remote) = served("pre-receive");
    let mut command = repo.scratch.command(&["hook", "run", "pre-receive", "--time-limit", "1"]);
    command.current_dir(&remote).stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    // Its input never ends.
    let input = child.stdin.take();
    assert_eq!(wait(&mut child), 3);
    drop(input);
    let said = child.wait_with_output().expect("it has ended").stderr;
    assert!(String::from_utf8_lossy(&said).contains("push blocked: not everything was searched within 1 s"));
}

#[test]
fn a_quarantine_with_a_name_that_needs_quotes() {
    let repo = Repo::new();
    let outside = repo.scratch.outside();
    repo.try_git_in(outside, &["init", "-q", "--bare", "-b", "main", "re:mo\"te"], &[]).expect_status(0);
    let remote = outside.join("re:mo\"te");
    script(&remote.join("hooks/pre-receive"), &format!("exec '{PROGRAM}' hook run pre-receive"));
    let url = format!("file://{}", remote.display());
    repo.git(&["push", "-q", &url, "main"]);
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "x"]);
    let ran = repo.try_git(&["push", "-q", &url, "main"]);
    assert!(ran.status != 0 && ran.stderr.contains("SECURITY BREACH — push blocked"), "{}", ran.stderr);
}
