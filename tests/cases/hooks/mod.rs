//! Git's hooks: what is about to be recorded, handed on or taken in, with real commits and pushes.

mod commit;
mod fails_closed;
mod push;
mod server;
mod shapes;

use super::support::{Ran, Scratch, finish, sample, token};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The program as it was built for the tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_plainsight");

/// A repository in the tree of a scratch folder, with one commit.
pub struct Repo {
    pub scratch: Scratch,
}

impl Repo {
    /// With one commit.
    pub fn new() -> Self {
        let repo = Self::unborn();
        repo.write("README", "nothing\n");
        repo.git(&["add", "."]);
        repo.git(&["commit", "-q", "-m", "first"]);
        repo
    }

    /// Without a commit.
    pub fn unborn() -> Self {
        let repo = Self { scratch: Scratch::new() };
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.scratch.write(name, bytes)
    }

    /// A line with a secret that is proven.
    pub fn secret(&self, name: &str, seed: u64) {
        self.write(name, format!("first line\ntoken = {}\n", token(seed)));
    }

    /// Runs git; answers however it ends.
    pub fn try_git_in(&self, folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = self.scratch.program("git", folder);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
            command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", self.scratch.outside().join("home/none"));
        command.env("GIT_EDITOR", "true").envs(env.iter().copied());
        finish(command.args(["-c", "protocol.file.allow=always"]).args(args), b"")
    }

    pub fn try_git(&self, args: &[&str]) -> Ran {
        self.try_git_in(&self.scratch.path(""), args, &[])
    }

    /// Runs git, which must succeed.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        self.try_git(args).expect_status(0).stdout.trim().to_owned()
    }

    pub fn hooked(self, names: &[&str]) -> Self {
        for name in names {
            hook(&self.scratch.path(".git"), name);
        }
        self
    }

    pub fn head(&self) -> String {
        self.try_git(&["rev-parse", "-q", "--verify", "HEAD"]).stdout
    }

    /// A commit that the hook must stop: nothing is recorded, no secret is shown, and the first line says so.
    #[track_caller]
    pub fn blocked(&self, args: &[&str]) -> Ran {
        let (head, before) = (self.head(), self.git(&["ls-files", "--stage"]));
        let ran = self.try_git(args);
        assert_ne!(ran.status, 0, "git {args:?} went through: {}", ran.stderr);
        assert_eq!(self.head(), head, "git {args:?} recorded something");
        let said = ran.stderr.lines().next().unwrap_or_default();
        assert!(said.starts_with("SECURITY BREACH — commit blocked: "), "git {args:?}: {}", ran.stderr);
        assert!((1..9).all(|seed| !ran.stderr.contains(&token(seed)[8..36])), "a secret is shown: {}", ran.stderr);
        assert_eq!(self.git(&["ls-files", "--stage"]), before, "the index was changed");
        ran
    }

    /// A commit that the hook must let pass.
    #[track_caller]
    pub fn passes(&self, args: &[&str]) -> Ran {
        let head = self.head();
        let ran = self.try_git(args).expect_status(0);
        assert_ne!(self.head(), head, "git {args:?} recorded nothing");
        assert!(ran.stderr.contains("plainsight: nothing that blocks"), "the hook did not run: {}", ran.stderr);
        ran
    }

    /// The hook by itself, with its findings as JSON Lines.
    pub fn run(&self, args: &[&str], stdin: &str) -> Ran {
        let mut all = vec!["hook", "run"];
        all.extend(args);
        all.extend(["--format", "jsonl"]);
        finish(&mut self.scratch.command(&all), stdin.as_bytes())
    }

    /// Every file of git's folder with its content.
    pub fn trace(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut files, mut open) = (BTreeMap::new(), vec![self.scratch.path("")]);
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).expect("the folder can be listed").flatten() {
                let path = entry.path();
                if path.is_dir() && !path.is_symlink() {
                    files.insert(path.clone(), Vec::new());
                    open.push(path);
                } else {
                    files.insert(path.clone(), fs::read(&path).unwrap_or_default());
                }
            }
        }
        files
    }
}

/// Makes git call the program.
pub fn hook(git_folder: &Path, name: &str) {
    script(&git_folder.join("hooks").join(name), &format!("exec '{PROGRAM}' hook run {name} \"$@\""));
}

/// Writes a shell script.
pub fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("the folder can be made");
    fs::write(path, format!("#!/bin/sh\n{text}\n")).expect("the script can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the script is ours");
    }
}

/// An environment file with a password.
pub fn environment(seed: u64) -> String {
    sample("generic-password", "DB_PASSWORD={:alnum:14}\n", seed)
}
