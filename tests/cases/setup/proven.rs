//! With the program itself: real commits and pushes, and the doctor.

use super::{git, log, put, repository, run_git, snapshot, stand_in};
use crate::cases::support::{Scratch, finish, token};
use plainsight::hook::setup::Hook;
use std::fs;
use std::path::Path;

/// Whether git does it, and what it said otherwise; the token never shows.
fn refused(scratch: &Scratch, folder: &Path, args: &[&str], token: &str) -> Option<String> {
    let ran = run_git(scratch, folder, args);
    let said = ran.stdout + &ran.stderr;
    assert!(!said.contains(&token[8..32]), "the secret shows");
    (ran.status != 0).then_some(said)
}

#[test]
fn the_program_itself_stops_commits_and_pushes() {
    let scratch = repository();
    let top = scratch.path("");
    git(&scratch, &top, &["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&scratch, &top, &["worktree", "add", "-q", "-b", "other", "../a linked 'tree'"]);
    git(&scratch, scratch.outside(), &["init", "-q", "--bare", "-b", "main", "bare"]);
    let old = stand_in(&scratch, "old", 0);
    fs::create_dir_all(scratch.path(".git/hooks")).expect("the folder can be made");
    for hook in ["pre-commit", "pre-push"] {
        fs::copy(&old, scratch.path(".git/hooks").join(hook)).expect("it can be copied");
    }
    scratch.run(&["hook", "install", "pre-commit", "pre-push", "commit-msg"]).expect_status(0);
    for (seed, folder) in [(1, top.clone()), (2, scratch.outside().join("a linked 'tree'"))] {
        let _ = fs::remove_file(scratch.outside().join("log"));
        let token = token(seed);
        let commit = ["commit", "-q", "-m", "x"];
        fs::write(folder.join("a.conf"), format!("token = {token}\n")).expect("it can be written");
        git(&scratch, &folder, &["add", "a.conf"]);
        let said = refused(&scratch, &folder, &commit, &token).expect("the commit is stopped");
        assert!(said.contains("github-pat-classic"), "{said}");
        assert_eq!(log(&scratch), "", "what comes after it is not called");
        fs::write(folder.join("a.conf"), "token = none\n").expect("it can be written");
        git(&scratch, &folder, &["add", "a.conf"]);
        assert_eq!(refused(&scratch, &folder, &commit, &token), None);
        assert_eq!(log(&scratch), "old \n");
        // In the message.
        let message = format!("uses {token}");
        assert!(refused(&scratch, &folder, &["commit", "-q", "--allow-empty", "-m", &message], &token).is_some());
        // Past the first hook, the second stops it; past that one, the server's.
        git(&scratch, &folder, &["push", "-q", "../bare", "HEAD"]);
        assert!(log(&scratch).contains("old ../bare ../bare\nHEAD "), "{}", log(&scratch));
        fs::write(folder.join("a.conf"), format!("token = {token}\n")).expect("it can be written");
        git(&scratch, &folder, &["commit", "-q", "--no-verify", "-a", "-m", "x"]);
        let said = refused(&scratch, &folder, &["push", "-q", "../bare", "HEAD"], &token).expect("the push is stopped");
        assert!(said.contains("github-pat-classic"), "{said}");
        let bare = scratch.outside().join("bare");
        scratch.run_in(&bare, &["hook", "install"]).expect_status(0);
        let push = ["push", "-q", "--no-verify", "../bare", "HEAD"];
        let said = refused(&scratch, &folder, &push, &token).expect("the server refuses it");
        assert!(said.contains("github-pat-classic"), "{said}");
        assert_eq!(scratch.run_in(&bare, &["doctor"]).status, 0);
        scratch.run_in(&bare, &["hook", "uninstall"]).expect_status(0);
        git(&scratch, &folder, &["reset", "-q", "--hard", "HEAD~1"]);
    }
}

/// What the doctor says of the trial, and the exit code.
fn trial(scratch: &Scratch) -> (String, i32) {
    let temporary = scratch.outside().join("tmp");
    fs::create_dir_all(&temporary).expect("the folder can be made");
    let before = snapshot(&scratch.path(""));
    let ran = finish(scratch.command(&["doctor"]).env("TMPDIR", &temporary), b"");
    assert_eq!(fs::read_dir(&temporary).expect("it is there").count(), 0, "something is left");
    assert!(before == snapshot(&scratch.path("")), "the repository was written");
    assert!(!ran.stdout.contains(&["gh", "p_"].concat()), "{}", ran.stdout);
    let line = ran.stdout.lines().find(|line| line.contains("  trial  ")).expect("there is a trial").to_owned();
    (line, ran.status)
}

#[test]
fn the_doctor_proves_it() {
    let scratch = repository();
    scratch.run(&["hook", "install"]).expect_status(0);
    let (line, code) = trial(&scratch);
    assert!(line.starts_with("ok ") && code == 0, "{line}");
    // The user's own hook is not what is tried.
    for (code, word) in [(0, "passed"), (1, "a clean file is stopped (1)")] {
        put(&scratch, &scratch.path(""), Hook::PreCommit, &stand_in(&scratch, "plainsight", code)).expect("it is ours");
        let (line, status) = trial(&scratch);
        assert!(line.starts_with("FAILS") && line.contains(word) && status == 1, "{line}");
    }
    let file = scratch.path(".git/hooks/pre-commit");
    let changed = [fs::read(&file).expect("it is there"), b"touch ../touched\n".to_vec()].concat();
    fs::write(&file, changed).expect("it can be written");
    let (line, status) = trial(&scratch);
    assert!(line.starts_with("unknown") && status == 3, "{line}");
    assert!(!scratch.outside().join("touched").exists(), "what was changed is not started");
}

#[test]
fn the_doctor_sees_what_switches_a_hook_off() {
    let scratch = repository();
    assert!(scratch.run(&["doctor"]).expect_status(1).stdout.contains("plainsight hook install pre-commit"));
    scratch.run(&["hook", "install"]).expect_status(0);
    let ran = finish(scratch.command(&["doctor", "--format", "jsonl"]).env("PLAINSIGHT_SKIP", "x"), b"");
    assert!(ran.status == 1 && ran.stdout.contains("unset PLAINSIGHT_SKIP"), "{}", ran.stdout);
    scratch.write("plainsight.toml", "[gate]\nfail_on = \"never\"\n");
    assert!(scratch.run(&["doctor"]).expect_status(1).stdout.contains("nothing blocks"));
    fs::remove_file(scratch.path("plainsight.toml")).expect("it is there");
    // For all repositories, from outside of any.
    let home = scratch.outside().join("home");
    assert_eq!(scratch.run_in(&home, &["doctor"]).status, 1);
    scratch.run_in(&home, &["hook", "install", "--global"]).expect_status(0);
    let ran = scratch.run_in(&home, &["doctor"]).expect_status(0);
    assert!(ran.stdout.contains("a planted secret was stopped"), "{}", ran.stdout);
}
