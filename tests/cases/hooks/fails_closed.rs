//! Whatever goes wrong stops what git was about to do, and says why.

use super::{PROGRAM, Repo, script};
use crate::cases::support::{Ran, token};
use std::fs;
use std::path::PathBuf;

const COMMIT: &[&str] = &["commit", "-q", "-m", "x"];

/// A repository with a harmless file staged.
fn staged() -> Repo {
    let repo = Repo::new();
    repo.write("sub/b", "nothing\n");
    repo.git(&["add", "."]);
    repo
}

fn object(repo: &Repo, id: &str) -> PathBuf {
    repo.scratch.path(".git/objects").join(&id[..2]).join(&id[2..])
}

#[track_caller]
fn not_proven(ran: &Ran) {
    assert!(matches!(ran.status, 2 | 3), "{}: {}", ran.status, ran.stderr);
    assert!(ran.stderr.contains("commit blocked: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

fn run(repo: &Repo) -> Ran {
    repo.scratch.run(&["hook", "run", "pre-commit"])
}

#[test]
fn an_object_that_is_missing_or_broken() {
    for harm in ["gone", "nonsense", "cut off"] {
        for what in [":sub/b", "HEAD", "HEAD^{tree}"] {
            let repo = staged();
            let id = repo.git(&["rev-parse", what]);
            let path = object(&repo, &id);
            let bytes = fs::read(&path).expect("it is there");
            fs::remove_file(&path).expect("it is ours");
            match harm {
                "nonsense" => fs::write(&path, "nonsense").expect("it is ours"),
                "cut off" => fs::write(&path, &bytes[..bytes.len() / 2]).expect("it is ours"),
                _ => {}
            }
            let ran = run(&repo);
            not_proven(&ran);
            assert!(
                ran.stderr.contains("NOT PROVEN CLEAN — commit blocked: 1 item could not be read"),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn a_broken_repository() {
    for (name, content) in [
        ("index", &b"nonsense"[..]),
        ("index", b""),
        ("index", b"DIRC\0\0\0\x02\0\0\0\x05"),
        ("HEAD", b"nonsense"),
        ("HEAD", b""),
        ("config", b"[core\n"),
        ("MERGE_HEAD", b"nonsense\n"),
        ("refs/heads/main", b"nonsense\n"),
        ("refs/heads/main", b"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\n"),
    ] {
        let repo = staged();
        fs::write(repo.scratch.path(".git").join(name), content).expect("the file is ours");
        let ran = run(&repo);
        assert!(ran.status != 0, "{name} {content:?} passes: {}", ran.stderr);
        not_proven(&ran);
    }
    let repo = staged();
    repo.write("plainsight.toml", "nonsense = 1\n");
    not_proven(&run(&repo));
    fs::remove_dir_all(repo.scratch.path(".git")).expect("it is ours");
    not_proven(&run(&repo));
}

#[test]
fn a_split_index_without_its_base() {
    let repo = staged();
    repo.git(&["update-index", "--split-index"]);
    let entries = fs::read_dir(repo.scratch.path(".git")).expect("it is there").flatten();
    for shared in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("sharedindex")) {
        fs::remove_file(shared.path()).expect("it is ours");
    }
    not_proven(&run(&repo));
}

#[test]
fn killed_in_the_middle() {
    for signal in ["KILL", "TERM", "INT", "PIPE"] {
        let repo = staged();
        let text = format!("'{PROGRAM}' hook run pre-commit & kill -{signal} $!; wait $!");
        script(&repo.scratch.path(".git/hooks/pre-commit"), &text);
        let head = repo.head();
        // Whether it was done before the signal came is chance; what must not be is a killed run that passes.
        let ran = repo.try_git(COMMIT);
        assert!(ran.status != 0 || ran.stderr.contains("nothing that blocks"), "{signal}: {}", ran.stderr);
        assert!(ran.status == 0 || repo.head() == head);
    }
}

#[test]
fn closed_pipes_change_no_verdict() {
    let repo = staged();
    for redirect in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full 2>/dev/full"] {
        script(&repo.scratch.path(".git/hooks/pre-commit"), &format!("'{PROGRAM}' hook run pre-commit {redirect}"));
        repo.secret("a.conf", 1);
        repo.git(&["add", "."]);
        let head = repo.head();
        assert_ne!(repo.try_git(COMMIT).status, 0, "{redirect}");
        assert_eq!(repo.head(), head, "{redirect}");
    }
    repo.run(&["pre-push", "origin", "url"], "nonsense\n").expect_status(2);
    repo.run(&["pre-receive"], "nonsense\n").expect_status(2);
    repo.run(&["update", "refs/heads/x", "nonsense", "nonsense"], "").expect_status(2);
    repo.run(&["commit-msg", "nowhere"], "").expect_status(2);
}

#[test]
fn a_push_with_a_missing_object() {
    let repo = Repo::new();
    repo.write("b", "nothing\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "second"]);
    let (old, new) = (repo.git(&["rev-parse", "HEAD~1"]), repo.git(&["rev-parse", "HEAD"]));
    let line = format!("refs/heads/main {new} refs/heads/main {old}\n");
    repo.run(&["pre-push", "origin", "url"], &line).expect_status(0);
    for what in ["HEAD:b", "HEAD^{tree}", "HEAD"] {
        let path = object(&repo, &repo.git(&["rev-parse", what]));
        let bytes = fs::read(&path).expect("it is there");
        fs::remove_file(&path).expect("it is ours");
        let ran = repo.run(&["pre-push", "origin", "url"], &line).expect_status(3);
        assert!(ran.stderr.contains("NOT PROVEN CLEAN — push blocked"), "{}", ran.stderr);
        fs::write(&path, bytes).expect("it is ours");
    }
}

#[test]
fn a_read_only_repository_without_a_trace() {
    let repo = staged();
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    repo.git(&["config", "core.splitIndex", "true"]);
    let folders: Vec<PathBuf> = repo.trace().into_keys().filter(|path| path.is_dir()).collect();
    let set = |read_only: bool| {
        for folder in &folders {
            let mut permissions = fs::metadata(folder).expect("it is there").permissions();
            permissions.set_readonly(read_only);
            fs::set_permissions(folder, permissions).expect("it is ours");
        }
    };
    let before = repo.trace();
    set(true);
    let ran = repo.run(&["pre-commit"], "");
    let line = format!("x {} y {}\n", repo.git(&["rev-parse", "HEAD"]), "0".repeat(40));
    let push = repo.run(&["pre-push", "origin", "url"], &line);
    set(false);
    assert_eq!((ran.expect_status(1).findings().len(), push.status), (1, 0));
    assert!(repo.trace() == before, "a trace was left");
}

#[test]
fn replaced_objects_deceive_nobody() {
    let repo = Repo::new();
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    let blob = repo.git(&["rev-parse", ":a.conf"]);
    repo.write("clean", "nothing\n");
    let clean = repo.git(&["hash-object", "-w", "clean"]);
    repo.git(&["replace", &blob, &clean]);
    assert_eq!(run(&repo).status, 1);
    assert!(!run(&repo).stderr.contains(&token(1)[8..36]));
}
