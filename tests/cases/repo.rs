//! A repository with a remote beside it, for cases that change one.

use super::support::{Ran, Scratch, finish};
use std::path::Path;

/// Runs git with nobody's configuration but the repository's.
#[track_caller]
pub fn git_in(scratch: &Scratch, folder: &Path, args: &[&str]) -> String {
    let mut command = scratch.program("git", folder);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    let ran = finish(command.args(args), b"");
    assert_eq!(ran.status, 0, "git {args:?}: {}", ran.stderr);
    ran.stdout
}

/// The same in the tree.
#[track_caller]
pub fn git(scratch: &Scratch, args: &[&str]) -> String {
    git_in(scratch, &scratch.path(""), args)
}

/// A repository in the tree, with a bare remote beside it and one pushed commit.
pub fn repository() -> Scratch {
    let scratch = without_remote();
    git_in(&scratch, scratch.outside(), &["init", "-q", "--bare", "-b", "main", "remote"]);
    scratch.write("README", "nothing\n");
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-q", "-m", "first"]);
    git(&scratch, &["remote", "add", "origin", "../remote"]);
    git(&scratch, &["push", "-q", "-u", "origin", "main"]);
    scratch
}

/// A repository in the tree, without a commit.
pub fn without_remote() -> Scratch {
    let scratch = Scratch::new();
    git(&scratch, &["init", "-q", "-b", "main"]);
    git(&scratch, &["config", "user.name", "Ada Example"]);
    git(&scratch, &["config", "user.email", "ada@example.org"]);
    scratch
}

/// Commits everything.
#[track_caller]
pub fn commit(scratch: &Scratch, message: &str) {
    git(scratch, &["add", "-A"]);
    git(scratch, &["commit", "-q", "-m", message]);
}

/// Runs a text of commands as somebody would who pastes it, with these folders before all others on the path.
pub fn shell(scratch: &Scratch, commands: &str, folders: &[&Path], stdin: &[u8]) -> Ran {
    let mut command = scratch.program("sh", &scratch.path(""));
    let own = Path::new(env!("CARGO_BIN_EXE_plainsight")).parent().expect("it lies in a folder");
    let known = std::env::var_os("PATH").unwrap_or_default();
    let all =
        folders.iter().map(|folder| folder.to_path_buf()).chain([own.to_owned()]).chain(std::env::split_paths(&known));
    command.env("PATH", std::env::join_paths(all).expect("no folder holds the separator"));
    command.env("GIT_CONFIG_NOSYSTEM", "1").args(["-ec", commands]);
    finish(&mut command, stdin)
}

/// Every object of a repository in one text, without what is no ASCII.
pub fn objects(scratch: &Scratch, folder: &Path) -> String {
    let mut command = scratch.program("sh", folder);
    let text = "git cat-file --batch-all-objects --batch | LC_ALL=C tr -cd '\\n -~'";
    let ran = finish(command.args(["-c", text]), b"");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stdout.is_empty());
    ran.stdout
}
