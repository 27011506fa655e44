//! Parts of a history, by sets of objects, against git's own lists.

use super::super::support::token;
use super::{History, filler, finding, holding, seeds};
use std::collections::BTreeSet;

/// A history with a token in every commit, on three branches that meet, and things that no ref names.
fn history() -> History {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    for seed in 0..4 {
        history.write(&format!("{seed}.c"), holding(seed as usize, 9, seed));
        history.commit("on the main branch");
    }
    history.git(&["checkout", "-q", "-b", "side", "main~2"]);
    for seed in 4..7 {
        history.write(&format!("{seed}.c"), holding(seed as usize, 9, seed));
        history.commit("on the other branch");
    }
    history.git(&["checkout", "-q", "main"]);
    history.git(&["merge", "-q", "--no-edit", "side~1"]);
    history.write("7.c", holding(7, 9, 7));
    history.commit("after the merge");
    history.git(&["branch", "release/1", "main~1"]);
    history.write("8.c", holding(8, 9, 8));
    history.commit("reset away");
    history.git(&["reset", "-q", "--hard", "HEAD~1"]);
    history.blob(holding(9, 9, 9).as_bytes());
    history.write("a.c", holding(10, 9, 10));
    history.git(&["stash", "-q"]);
    // The same content as in an old commit, anew: a range that begins after it does not bring it in.
    history.write("again/0.c", holding(0, 9, 0));
    history.commit("known content");
    history
}

const ALL: u64 = 12;

/// The tokens that lie in the objects that git lists.
fn listed(history: &History, args: &[&str]) -> BTreeSet<u64> {
    let objects = history.git(&[&["rev-list", "--objects", "--no-object-names"], args].concat());
    let mut found = BTreeSet::new();
    for id in objects.lines() {
        if history.git(&["cat-file", "-t", id]).trim() == "blob" {
            let text = history.git(&["cat-file", "blob", id]);
            found.extend((0..ALL).filter(|&seed| text.contains(&token(seed))));
        }
    }
    found
}

fn audited(history: &History, args: &[&str]) -> BTreeSet<u64> {
    seeds(&history.audit(args), ALL).into_iter().collect()
}

#[test]
fn ranges_and_refs_are_what_git_lists() {
    let history = history();
    let ranges: [(&str, &[&str]); 7] = [
        ("main~2..main", &["main", "^main~2"]),
        ("main..side", &["side", "^main"]),
        ("side..main", &["main", "^side"]),
        ("side~2..", &["HEAD", "^side~2"]),
        ("main~3", &["HEAD", "^main~3"]),
        ("main..main", &["main", "^main"]),
        ("release/1..side", &["side", "^release/1"]),
    ];
    for (range, git) in ranges {
        assert_eq!(audited(&history, &["--range", range]), listed(&history, git), "--range {range}");
    }
    assert_eq!(audited(&history, &["--branch", "side"]), listed(&history, &["side"]));
    assert_eq!(
        audited(&history, &["--branch", "side", "--branch", "release/1"]),
        listed(&history, &["side", "release/1"])
    );
    assert_eq!(audited(&history, &["--refs", "refs/heads/release/*"]), listed(&history, &["release/1"]));
    assert_eq!(audited(&history, &["--refs", "refs/heads/**"]), listed(&history, &["--branches"]));
    assert_eq!(audited(&history, &["--no-unreachable"]), listed(&history, &["--branches"]));
    let all: BTreeSet<u64> = (0..11).collect();
    assert_eq!(audited(&history, &[]), all);
    // The smallest of these is not empty because nothing is found at all.
    assert!(audited(&history, &["--range", "main..side"]).contains(&6));
    history.git(&["repack", "-q", "-adkf", "--depth=50"]);
    assert_eq!(audited(&history, &["--range", "main~2..main"]), listed(&history, &["main", "^main~2"]));
}

/// Nothing is read before.
#[test]
fn a_name_that_is_none_is_told_at_once() {
    let history = history();
    history.write("packed.c", filler(3));
    history.commit("packed");
    history.git(&["repack", "-q", "-ad"]);
    for (wrong, why) in [
        (&["--range", "nothing..HEAD"][..], "nothing: is no branch, tag or commit of this repository"),
        (&["--range", "HEAD..nothing"], "nothing: is no branch"),
        (&["--branch", "nothing"], "nothing: is no branch"),
        (&["--branch", "main~99"], "main~99: is no branch"),
        (&["--branch", "a b^{x}"], "a b^{x}: is no branch"),
        (&["--branch", "1234567"], "1234567: is no branch"),
        (&["--refs", "refs/nothing/*"], "--refs refs/nothing/*: no ref has such a name"),
        (&["--refs", "["], "--refs [: is no glob"),
    ] {
        let ran = history.audit(wrong).expect_status(2);
        assert!(ran.stderr.contains(why) && ran.stderr.contains("git branch --all"), "{wrong:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("parse") && !ran.stderr.contains("NotFound"), "{}", ran.stderr);
    }
    let empty = History::new();
    let ran = empty.audit(&["--branch", "HEAD"]).expect_status(2);
    assert!(ran.stderr.contains("has no commit yet"), "{}", ran.stderr);
    assert!(!history.beside("home/.cache/plainsight").exists(), "what is read is kept");
}

#[test]
fn a_date_narrows_to_what_commits_since_hold() {
    let history = History::new();
    for seed in 0..3 {
        history.write("t.c", holding(seed as usize, 9, seed));
        history.clock.set(1_767_225_600 + i64::try_from(seed).expect("it is small") * 86_400);
        history.commit("one a day");
    }
    assert_eq!(audited(&history, &["--since", "2026-01-02"]), BTreeSet::from([1, 2]));
    assert_eq!(audited(&history, &["--since", "2026-01-02T12:00:00Z"]), BTreeSet::from([2]));
    assert_eq!(audited(&history, &["--since", "2026-02-01"]), BTreeSet::new());
    assert_eq!(audited(&history, &["--since", "2026-01-02", "--range", "HEAD~1"]), BTreeSet::from([2]));
    for wrong in ["yesterday", "2026-13-01", "d", "", "-5x", "99999999999999999999d"] {
        let since = format!("--since={wrong}");
        let ran = history.audit(&[&since]);
        assert_eq!(ran.status, 2, "{wrong}: {}", ran.stderr);
    }
}

/// What a branch that is asked for does not reach says nothing of who has seen the rest.
#[test]
fn a_narrowed_finding_counts_the_commits_asked_for() {
    let history = history();
    let whole = finding(&history.audit(&[]), &token(7));
    let part = finding(&history.audit(&["--range", "release/1..main~1"]), &token(7));
    assert_eq!(part["places"][0]["commit"], whole["places"][0]["commit"]);
    assert_eq!((part["commits"].as_u64(), whole["commits"].as_u64()), (Some(1), Some(5)));
}

#[test]
fn names_that_stand_for_nothing_are_refused() {
    let history = history();
    let blob = history.id("HEAD:a.c");
    for args in [
        ["--range", "none..main"],
        ["--range", "main..none"],
        ["--branch", "none"],
        ["--refs", "refs/none/*"],
        ["--refs", "["],
        ["--range", &blob],
    ] {
        let ran = history.audit(&args);
        assert!(ran.status > 1, "{args:?}: {}", ran.stdout);
        assert!(!ran.stderr.is_empty());
    }
}
