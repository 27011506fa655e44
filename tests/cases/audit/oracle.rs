//! The search along deltas finds what the search of every object finds, byte for byte, on repositories made at random and
//! packed in every way.

use super::super::support::{sample, token};
use super::History;
use base64::Engine as _;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One step of a history.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A commit that changes files: file, where, how many pieces go, which come.
    Commit(Vec<(usize, usize, usize, Vec<usize>)>),
    /// A file gets what another has.
    Copy(usize, usize),
    Remove(usize),
    Tag(u64),
    Note(u64),
    Stash(usize),
    /// A branch begins here.
    Branch,
    /// The history goes on from one of the branches.
    Back(usize),
    Merge(usize),
    Amend,
    Repack(usize, usize),
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let edit = (0..FILES.len(), 0..1000_usize, 0..3_usize, prop::collection::vec(0..100_usize, 0..4));
    let step = prop_oneof![
        10 => prop::collection::vec(edit, 1..3).prop_map(Step::Commit),
        2 => (0..FILES.len(), 0..FILES.len()).prop_map(|(from, to)| Step::Copy(from, to)),
        1 => (0..FILES.len()).prop_map(Step::Remove),
        1 => (50..60_u64).prop_map(Step::Tag),
        1 => (50..60_u64).prop_map(Step::Note),
        1 => (0..100_usize).prop_map(Step::Stash),
        2 => Just(Step::Branch),
        2 => (0..9_usize).prop_map(Step::Back),
        2 => (0..9_usize).prop_map(Step::Merge),
        1 => Just(Step::Amend),
        1 => (0..4_usize, 0..4_usize).prop_map(|(depth, window)| Step::Repack(depth, window)),
    ];
    prop::collection::vec(step, 3..16)
}

/// Names that say something to rules, and others.
const FILES: [&str; 12] = [
    "a.c",
    "b/a.py",
    "b/c/x.yml",
    "n.txt",
    ".env",
    "b/.env.local",
    "run.sh",
    "config/master.key",
    "id_rsa",
    "d.json",
    ".aws/credentials",
    "k8s/.docker/config.json",
];
const DEPTHS: [&str; 4] = ["0", "1", "50", "250"];

/// Stretches that texts are made of.
pub(super) fn pieces() -> Vec<String> {
    let mut pieces: Vec<String> = vec![
        "password: \"Tr0ub4dor&3x\"\n".to_owned(),
        "secret_key =\n    \"".to_owned(),
        "\"\n".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\n".to_owned(),
        "kind: Secret\napiVersion: v1\ndata:\n  password: czNjcjN0LXBhNTU=\n".to_owned(),
        "int main(void) { return 0; }\n".to_owned(),
        "https://user:hunter2Hunter@example.org/\n".to_owned(),
        "\n".repeat(7),
        format!("{}\n", "x".repeat(300)),
        "key\n".to_owned(),
        "[default]\naws_secret_access_key = ".to_owned(),
    ];
    for seed in 0..2 {
        // Two halves of a credential, which come and go each by itself.
        pieces.push(format!("aws_key_id = {}\n", sample("aws-access-key-id", "{AKIA:base32:16}", seed)));
        pieces.push(format!("aws_secret_access_key = {}\n", sample("aws-secret-access-key", "{:base64:40}", seed)));
    }
    for seed in 0..6 {
        let (token, password) = (token(seed), sample("generic-password", "{:alnum:20}", seed));
        pieces.push(format!("let token = \"{token}\";\n"));
        pieces.push(format!("password = \"{password}\"\n"));
        pieces.push(format!("{}\n", base64::engine::general_purpose::STANDARD.encode(format!("tok={token}"))));
        pieces.push(format!("%67%68p_{}\n", &token[4..]));
        pieces.push(format!("\\u0067\\u0068p_{}\n", &token[4..]));
        pieces.push("/* nothing to see here, and rather a lot of it */\n".repeat(seed as usize * 3 + 1));
    }
    pieces
}

/// A repository on its way.
pub(super) struct Making {
    pub(super) history: History,
    pieces: Vec<String>,
    files: BTreeMap<usize, Vec<usize>>,
    branches: usize,
}

impl Making {
    pub(super) fn of(history: History) -> Self {
        Self { history, pieces: pieces(), files: BTreeMap::new(), branches: 0 }
    }

    fn write(&self, file: usize) {
        let text: String = self.files[&file].iter().map(|&piece| &self.pieces[piece % self.pieces.len()][..]).collect();
        // One of the files is written as Windows does.
        if file == 3 {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            self.history.write(FILES[file], [&b"\xFF\xFE"[..], &units].concat());
        } else {
            self.history.write(FILES[file], text);
        }
    }

    /// Git, where it does not matter whether it could: a merge may end in a conflict.
    pub(super) fn try_git(&self, commands: &str) {
        let mut command = self.history.scratch.program("sh", &self.history.path(""));
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        super::finish(command.args(["-c", commands]), b"");
    }

    pub(super) fn step(&mut self, at: usize, step: &Step) {
        match step {
            Step::Commit(edits) => {
                for (file, place, remove, insert) in edits {
                    let pieces = self.files.entry(*file).or_default();
                    let place = place * pieces.len() / 1000;
                    let end = (place + remove).min(pieces.len());
                    pieces.splice(place..end, insert.iter().copied());
                    self.write(*file);
                }
                let mut message = format!("step {at}");
                if at % 7 == 3 {
                    let _ = write!(message, "\n\n{}", token(70 + at as u64));
                }
                self.history.commit(&message);
            }
            Step::Copy(from, to) => {
                if let Some(pieces) = self.files.get(from).cloned() {
                    self.files.insert(*to, pieces);
                    self.write(*to);
                    self.history.commit("copied");
                }
            }
            Step::Remove(file) => {
                if self.files.remove(file).is_some() {
                    let _ = std::fs::remove_file(self.history.path(FILES[*file]));
                    self.history.commit("removed");
                }
            }
            Step::Tag(seed) => self.try_git(&format!("git tag -a t{at} -m 'tag {}'", token(*seed))),
            Step::Note(seed) => self.try_git(&format!("git notes add -f -m 'note {}'", token(*seed))),
            Step::Stash(piece) => {
                self.try_git(&format!("printf '%s' '{}' >>a.c; git stash -q", token(*piece as u64)));
            }
            Step::Branch => {
                self.try_git(&format!("git branch b{}", self.branches));
                self.branches += 1;
            }
            Step::Back(branch) if self.branches > 0 => {
                self.try_git(&format!("git checkout -q -f b{}", branch % self.branches));
            }
            Step::Merge(branch) if self.branches > 0 => {
                let branch = branch % self.branches;
                self.try_git(&format!("git merge -q -m merge -X ours b{branch} || git merge --abort"));
            }
            Step::Back(_) | Step::Merge(_) => {}
            Step::Amend => self.try_git("git commit -q --amend --allow-empty -m amended"),
            Step::Repack(depth, window) => {
                self.try_git(&format!("git repack -q -d --depth={} --window={}", DEPTHS[*depth], DEPTHS[*window]));
            }
        }
    }
}

/// How the whole is packed in the end.
const PACKINGS: [&str; 8] = [
    "true",
    "git repack -q -adkf --depth=0 --window=0",
    "git repack -q -adkf --depth=1 --window=10",
    "git repack -q -adkf --depth=250 --window=250",
    "git repack -q -af --depth=50 --window=50",
    "git -c repack.useDeltaBaseOffset=false repack -q -adkf",
    "git repack -q -d; git multi-pack-index write",
    "git gc -q --prune=now",
];

/// A report without the time that it took.
pub(super) fn report(history: &History, folder: &std::path::Path, args: &[&str]) -> (i32, String) {
    let ran = history.audit_in(folder, args);
    let mut text: Vec<&str> = ran.stdout.lines().collect();
    let mut summary = ran.summary();
    text.pop();
    summary.as_object_mut().expect("it is one").remove("elapsed_ms");
    // How much of it was known may differ, not how much it is.
    summary["coverage"].as_object_mut().expect("it is one").remove("known");
    (ran.status, format!("{}\n{summary}", text.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn deltas_and_threads_change_nothing(steps in steps(), sha256 in prop::bool::weighted(0.15), packing in 0..PACKINGS.len(), shared in prop::bool::weighted(0.2)) {
        let history = History::with(if sha256 { &["--object-format=sha256"] } else { &[] });
        let mut making = Making::of(history);
        for (at, step) in steps.iter().enumerate() {
            making.step(at, step);
        }
        making.try_git(PACKINGS[packing]);
        let history = making.history;
        let mut folder = history.path("");
        if shared {
            folder = history.beside("shared");
            history.git_in(history.scratch.outside(), &["clone", "-q", "--shared", "tree", "shared"]);
        }
        let (status, along) = report(&history, &folder, &[]);
        prop_assert!(status < 3, "{along}");
        prop_assert_eq!(&(status, along.clone()), &report(&history, &folder, &["--exhaustive"]));
        prop_assert_eq!(&(status, along.clone()), &report(&history, &folder, &["--no-cache", "--threads", "1"]));
        prop_assert_eq!(&(status, along), &report(&history, &folder, &["--no-cache", "--threads", "7"]));
    }
}

/// The samples above are found at all.
#[test]
fn what_the_histories_are_made_of_is_found() {
    let history = History::new();
    history.write("a.c", pieces().concat());
    history.commit("everything");
    let ran = history.audit(&[]).expect_status(1);
    assert!(ran.findings().len() >= 12, "{:?}", ran.each("rule"));
    assert_eq!(super::seeds(&ran, 6), [0, 1, 2, 3, 4, 5]);
}
