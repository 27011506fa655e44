//! What a range brings in, against git's own answer, for histories made at random.

use super::support::{Scratch, finish};
use plainsight::git::bring::Brought;
use plainsight::git::{HookRepository, Id, Surroundings};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A commit of a random history: its parents among those before it, how its clock goes, and what it writes where.
#[derive(Debug, Clone)]
struct Made {
    parents: Vec<usize>,
    time: u32,
    writes: Vec<(u8, u8)>,
    removes: Option<u8>,
}

fn history() -> impl Strategy<Value = Vec<Made>> {
    let made = (
        prop::collection::vec(0..100_usize, 0..3),
        1_000_000..1_000_040_u32,
        prop::collection::vec((0..6_u8, 0..5_u8), 0..3),
        prop::option::of(0..6_u8),
    );
    let made = made.prop_map(|(parents, time, writes, removes)| Made { parents, time, writes, removes });
    prop::collection::vec(made, 2..14)
}

/// The history in the words of `git fast-import`; a branch for each commit.
fn stream(history: &[Made]) -> String {
    let mut out = String::new();
    for (at, made) in history.iter().enumerate() {
        let _ = write!(
            out,
            "commit refs/heads/c{at}\nmark :{}\ncommitter A <a@b> {} +0000\ndata 1\nx\n",
            at + 1,
            made.time
        );
        let mut parents: Vec<usize> = made.parents.iter().filter(|_| at > 0).map(|parent| parent % at.max(1)).collect();
        parents.dedup();
        for (number, parent) in parents.iter().enumerate() {
            let _ = writeln!(out, "{} :{}", if number == 0 { "from" } else { "merge" }, parent + 1);
        }
        if let Some(removed) = made.removes {
            let _ = writeln!(out, "D {}", path(removed));
        }
        for (file, content) in &made.writes {
            let _ = write!(out, "M 100644 inline {}\ndata 2\n{content}\n\n", path(*file));
        }
        out.push('\n');
    }
    out
}

fn path(file: u8) -> String {
    ["a", "a-b", "a.b", "d/a", "d/e/a", "d/e/b"][usize::from(file)].to_owned()
}

fn git(scratch: &Scratch, args: &[&str], stdin: &str) -> Vec<String> {
    let mut command = scratch.program("git", &scratch.path(""));
    let ran = finish(command.args(args), stdin.as_bytes());
    assert_eq!(ran.status, 0, "git {args:?}: {}", ran.stderr);
    ran.stdout.lines().map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn commits_and_blobs_are_those_that_git_lists(history in history(), included in 0..100_usize, excluded in 0..100_usize) {
        let scratch = Scratch::new();
        git(&scratch, &["init", "-q", "-b", "main"], "");
        git(&scratch, &["fast-import", "--quiet"], &stream(&history));
        let (included, excluded) = (format!("c{}", included % history.len()), format!("c{}", excluded % history.len()));
        let id = |name: &str| Id::parse(git(&scratch, &["rev-parse", name], "")[0].as_bytes()).expect("git prints ids");
        let repository =
            HookRepository::open(&Surroundings::default(), &scratch.path("")).expect("the repository can be read");
        let brought = Brought::of(&repository, &[id(&included)], &[id(&excluded)]).expect("the range can be read");

        let commits: BTreeSet<String> = brought.commits.iter().map(|commit| commit.id.to_string()).collect();
        let listed = git(&scratch, &["rev-list", &included, &format!("^{excluded}")], "");
        prop_assert_eq!(&commits, &listed.into_iter().collect::<BTreeSet<_>>());

        for (at, commit) in brought.commits.iter().enumerate() {
            let before: BTreeSet<String> = brought.commits[..at].iter().map(|commit| commit.id.to_string()).collect();
            let is_behind = |parent: &Id| !commits.contains(&parent.to_string()) || before.contains(&parent.to_string());
            prop_assert!(commit.parents.iter().all(is_behind), "a commit stands before its parent");
            // Git's own words for what differs from every parent. Without parents: everything.
            let args = ["diff-tree", "-r", "-m", "--root", "--no-commit-id", "--no-renames", &commit.id.to_string()];
            let parents = commit.parents.len().max(1);
            let mut seen = std::collections::BTreeMap::<String, usize>::new();
            for line in git(&scratch, &args, "") {
                let (words, path) = line.split_once('\t').expect("git writes a tab");
                let words: Vec<&str> = words.split(' ').collect();
                if words[4] != "D" {
                    *seen.entry(format!("{path} {}", words[3])).or_default() += 1;
                }
            }
            let expected: BTreeSet<String> =
                seen.into_iter().filter(|(_, count)| *count == parents).map(|(what, _)| what).collect();
            let changes = brought.changes(commit).expect("the trees can be read");
            let got: BTreeSet<String> = changes
                .iter()
                .map(|change| format!("{} {}", String::from_utf8_lossy(&change.path), change.blob))
                .collect();
            prop_assert_eq!(got, expected);
        }
    }
}
