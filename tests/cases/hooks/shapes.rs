//! Every shape of index and repository gives the same answer.

use super::{Repo, environment};
use crate::cases::support::{finish, token};
use std::fs;

const COMMIT: &[&str] = &["commit", "-q", "-m", "x"];

/// A repository with many folders, one file changed in one of them and one secret in another.
fn wide(repo: &Repo) {
    for folder in 0..30 {
        for file in 0..10 {
            repo.write(&format!("d{folder:02}/e/f{file}"), format!("{folder} {file}\n"));
        }
    }
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "wide"]);
}

fn change(repo: &Repo) {
    repo.write("d07/e/f3", "changed\n");
    repo.secret("d21/e/f9", 1);
    repo.git(&["add", "d07", "d21"]);
}

#[test]
fn every_form_of_index() {
    for config in [
        &["index.version", "2"][..],
        &["index.version", "4"],
        &["core.splitIndex", "true"],
        &["index.threads", "4"],
        &["feature.manyFiles", "true"],
        &["index.skipHash", "true"],
    ] {
        let repo = Repo::new().hooked(&["pre-commit"]);
        repo.git(&["config", config[0], config[1]]);
        wide(&repo);
        change(&repo);
        let ran = repo.run(&["pre-commit"], "").expect_status(1);
        let seen = (ran.findings().len(), ran.summary()["coverage"]["blobs"].clone());
        assert_eq!(seen, (1, 2.into()), "{config:?}: {}", ran.stdout);
        repo.blocked(COMMIT);
        repo.git(&["reset", "-q"]);
        repo.git(&["checkout", "-q", "."]);
        repo.write("d07/e/f3", "changed\n");
        repo.git(&["add", "."]);
        repo.passes(COMMIT);
    }
}

#[test]
fn a_sparse_index() {
    let repo = Repo::new();
    wide(&repo);
    if repo.try_git(&["sparse-checkout", "set", "--cone", "--sparse-index", "d07", "d21"]).status != 0 {
        return;
    }
    change(&repo);
    let ran = repo.run(&["pre-commit"], "").expect_status(1);
    assert_eq!((ran.findings().len(), ran.summary()["coverage"]["blobs"].clone()), (1, 2.into()), "{}", ran.stdout);
    // A folder that is one entry of the index, and differs from HEAD.
    repo.git(&["commit", "-q", "-m", "by force"]);
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "d01"]);
    let ran = repo.run(&["pre-commit"], "").expect_status(1);
    assert_eq!((ran.findings().len(), ran.summary()["coverage"]["blobs"].clone()), (1, 2.into()), "{}", ran.stdout);
}

#[test]
fn links_and_submodules_are_no_files() {
    let repo = Repo::new().hooked(&["pre-commit"]);
    repo.git(&["init", "-q", "module"]);
    let module = repo.scratch.path("module");
    fs::write(module.join(".env"), environment(1)).expect("the file is new");
    repo.try_git_in(&module, &["add", "."], &[]).expect_status(0);
    repo.try_git_in(&module, &["commit", "-q", "-m", "inner"], &[]).expect_status(0);
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/secrets/app.env", repo.scratch.path(".env")).expect("a link can be made");
    repo.git(&["-c", "advice.addEmbeddedRepo=false", "add", "."]);
    repo.passes(COMMIT);
    assert!(repo.git(&["ls-files", "--stage", "module"]).starts_with("160000"));
}

#[test]
fn a_linked_work_tree_and_long_ids() {
    let repo = Repo::new().hooked(&["pre-commit"]);
    repo.git(&["worktree", "add", "-q", "-b", "other", "../linked"]);
    let linked = repo.scratch.outside().join("linked");
    fs::write(linked.join("a.conf"), format!("token = {}\n", token(1))).expect("the file is new");
    repo.try_git_in(&linked, &["add", "."], &[]).expect_status(0);
    let ran = repo.try_git_in(&linked, COMMIT, &[]);
    assert!(ran.status != 0 && ran.stderr.starts_with("SECURITY BREACH"), "{}", ran.stderr);
    repo.write("b", "nothing\n");
    repo.git(&["add", "b"]);
    repo.passes(COMMIT);

    let repo = Repo { scratch: crate::cases::support::Scratch::new() };
    if repo.try_git(&["init", "-q", "-b", "main", "--object-format=sha256"]).status != 0 {
        return;
    }
    let repo = repo.hooked(&["pre-commit"]);
    repo.write("sub/b", "nothing\n");
    repo.git(&["add", "."]);
    repo.passes(COMMIT);
    repo.secret("sub/a.conf", 1);
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
}

#[test]
fn a_merge_brings_what_it_resolves() {
    let repo = Repo::new();
    repo.write("a.conf", "base\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "base"]);
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.write("a.conf", "theirs\n");
    repo.secret("theirs.conf", 1);
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "theirs"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b", "ours\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "ours"]);
    let repo = repo.hooked(&["pre-commit", "pre-merge-commit"]);
    // Taken over as it is from a parent.
    repo.git(&["branch", "before"]);
    repo.passes(&["merge", "-q", "--no-ff", "-m", "merged", "other"]);
    repo.git(&["reset", "-q", "--hard", "before"]);
    // With a conflict: nothing is proven while it stands, and what resolves it is judged.
    repo.write("a.conf", "ours\n");
    repo.passes(&["commit", "-q", "-a", "-m", "ours too"]);
    assert_ne!(repo.try_git(&["merge", "-q", "other"]).status, 0);
    let ran = repo.scratch.run(&["scan", "--staged", "--format", "jsonl"]).expect_status(3);
    assert_eq!(ran.skips(), [("a.conf".to_owned(), "unreadable".to_owned())]);
    repo.secret("a.conf", 2);
    repo.git(&["add", "."]);
    repo.blocked(COMMIT);
    repo.write("a.conf", "ours and theirs\n");
    repo.git(&["add", "."]);
    repo.passes(COMMIT);
    // A merge without a conflict that is changed before it is recorded.
    repo.git(&["reset", "-q", "--hard", "before"]);
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "other"]);
    repo.secret("b", 3);
    repo.git(&["add", "."]);
    let ran = repo.blocked(COMMIT);
    assert!(!ran.stderr.contains("theirs.conf"), "{}", ran.stderr);
}

#[test]
fn ten_thousand_staged_files() {
    let repo = Repo::new().hooked(&["pre-commit"]);
    for number in 0..10_000 {
        repo.write(&format!("d{}/f{number}", number % 97), format!("{number}\n").repeat(60));
    }
    repo.git(&["add", "."]);
    repo.run(&["pre-commit"], "").expect_status(0);
    repo.secret("d96/zz", 1);
    repo.git(&["add", "d96/zz"]);
    let one = repo.run(&["pre-commit", "--threads", "1"], "").expect_status(1);
    let many = repo.run(&["pre-commit", "--threads", "7"], "").expect_status(1);
    assert_eq!(one.findings(), many.findings());
    assert_eq!(one.summary()["coverage"], many.summary()["coverage"]);
    assert_eq!(one.summary()["coverage"]["blobs"], 10_001);
    repo.blocked(COMMIT);
}

#[test]
fn names_that_are_no_text() {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let repo = Repo::new();
        let name = std::ffi::OsStr::from_bytes(b"bad\xff\n\"name.conf");
        repo.scratch.write(name, format!("token = {}\n", token(1)));
        repo.git(&["add", "."]);
        assert_eq!(repo.run(&["pre-commit"], "").expect_status(1).findings()[0]["places"][0]["path_escaped"], true);
    }
}

#[test]
fn without_a_home() {
    let repo = Repo::new();
    repo.secret("a.conf", 1);
    repo.git(&["add", "."]);
    let mut command = repo.scratch.command(&["hook", "run", "pre-commit", "--format", "jsonl"]);
    command.env_remove("HOME").env_remove("PATH").env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/index");
    assert_eq!(finish(&mut command, b"").expect_status(1).findings().len(), 1);
}
