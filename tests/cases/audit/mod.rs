//! The search of everything that a repository holds: where secrets may lie, whom they are laid to, what narrows the
//! question, what cannot be read, and that the deltas change nothing of the answer.

/// Whose commit, which paths, who may have seen it: against git's own answer.
mod attribution;

/// What is kept of an audit for the next one changes nothing of the answer, and holds no secret.
mod cache;

/// What a repository or a user configures against the search has no effect, and no program of theirs is started.
mod config;

/// What the configuration leaves out.
mod excluded;

/// Whether a secret is gone, and what keeps it.
mod gone;

/// Damaged and hostile repositories: exit 3 with a name, and never a panic.
mod hostile;

/// Parts of a history, against git's own lists.
mod narrowing;

/// The search along deltas finds what the search of every object finds, however the repository is packed.
mod oracle;

/// Halves of one credential.
mod pairs;

/// Every place where a secret may lie, in every packing.
mod places;

/// Repositories in the repository.
mod submodules;

/// Clones of all kinds: shallow, partial, shared, bare, mirrored, with other hashes.
mod kinds;

use super::support::{Ran, Scratch, finish, token};
use serde_json::Value;
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// A repository in the tree of a scratch folder, with a clock that goes a minute with every command.
pub struct History {
    scratch: Scratch,
    clock: Cell<i64>,
}

impl History {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(options: &[&str]) -> Self {
        let this = Self { scratch: Scratch::new(), clock: Cell::new(1_767_225_600) };
        this.git(&[&["init", "-q", "-b", "main"], options].concat());
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path(name)
    }

    /// A folder beside the tree.
    fn beside(&self, name: &str) -> PathBuf {
        self.scratch.outside().join(name)
    }

    #[track_caller]
    fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.path(""), args)
    }

    #[track_caller]
    fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        self.fed(folder, args, b"")
    }

    /// Git with something on its standard input.
    #[track_caller]
    fn fed(&self, folder: &Path, args: &[&str], stdin: &[u8]) -> String {
        self.clock.set(self.clock.get() + 60);
        let mut command = self.scratch.program("git", folder);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada Example").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
            command.env(format!("GIT_{who}_DATE"), format!("{} +0000", self.clock.get()));
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").args(["-c", "gc.auto=0", "-c", "protocol.file.allow=always"]);
        let ran = finish(command.args(args), stdin);
        assert_eq!(ran.status, 0, "git {args:?}: {}", ran.stderr);
        ran.stdout
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        self.scratch.write(name, bytes);
    }

    /// Records everything; the id of the commit.
    #[track_caller]
    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    #[track_caller]
    fn id(&self, name: &str) -> String {
        self.git(&["rev-parse", name]).trim().to_owned()
    }

    /// Puts a text into the objects, and nowhere else.
    #[track_caller]
    fn blob(&self, bytes: &[u8]) -> String {
        self.fed(&self.path(""), &["hash-object", "-w", "--stdin"], bytes).trim().to_owned()
    }

    fn audit(&self, args: &[&str]) -> Ran {
        self.audit_in(&self.path(""), args)
    }

    fn audit_in(&self, folder: &Path, args: &[&str]) -> Ran {
        let all: Vec<&str> = ["audit", "--format", "jsonl", "--show-secrets"].iter().chain(args).copied().collect();
        let ran = self.scratch.run_in(folder, &all);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }

    /// A bare repository beside the tree, and what is pushed to it.
    #[track_caller]
    fn push(&self, refs: &[&str]) {
        let remote = self.beside("remote");
        if !remote.exists() {
            self.git_in(self.scratch.outside(), &["init", "-q", "--bare", "-b", "main", "remote"]);
            self.git(&["remote", "add", "origin", "../remote"]);
        }
        self.git(&[&["push", "-q", "origin"], refs].concat());
    }
}

/// The finding of a secret.
#[track_caller]
fn finding(ran: &Ran, secret: &str) -> Value {
    let mut all = ran.findings();
    all.retain(|finding| finding["secret"] == secret);
    assert_eq!(all.len(), 1, "one secret, one finding\n{}\n{}", ran.stdout, ran.stderr);
    all.remove(0)
}

/// Paths of a finding, in its order.
fn paths(finding: &Value) -> Vec<&str> {
    let places = finding["places"].as_array().map_or(&[][..], Vec::as_slice);
    places.iter().filter_map(|place| place["path"].as_str()).collect()
}

/// The seeds below `count` whose secrets were found.
fn seeds(ran: &Ran, count: u64) -> Vec<u64> {
    let found = ran.each("secret");
    (0..count).filter(|&seed| found.contains(&token(seed))).collect()
}

/// Why something was not read: path, kind and reason of every skip in one text.
fn skipped(ran: &Ran) -> String {
    let text = |skip: &Value| format!("{} {} {}\n", skip["path"], skip["kind"], skip["reason"]);
    ran.objects("skip").iter().map(text).collect()
}

/// A text of many lines that differs a little with every version, so that git makes deltas of it.
fn filler(version: usize) -> String {
    (0..150)
        .map(|line| match line % 50 {
            17 => format!("value of the line {line} as of version {version}\n"),
            _ => format!("the line {line} says nothing of interest\n"),
        })
        .collect()
}

/// The same with a token in the line of that number, which is 1 for the first.
fn holding(version: usize, line: usize, seed: u64) -> String {
    let text = filler(version);
    let mut lines: Vec<&str> = text.lines().collect();
    let secret = format!("token = {}", token(seed));
    lines.insert(line - 1, &secret);
    lines.join("\n") + "\n"
}
