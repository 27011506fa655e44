//! Whether a secret is gone: everything that keeps it is named, and after a real cleaning nothing is.

use super::super::support::{Ran, token};
use super::{History, filler, finding, holding};

/// The id of the finding of a secret, as the report gives it.
#[track_caller]
fn id_of(history: &History, secret: &str) -> String {
    finding(&history.audit(&[]), secret)["id"].as_str().expect("it has one").to_owned()
}

fn notes(ran: &Ran) -> String {
    let summary = ran.summary();
    let notes = summary["notes"].as_array().expect("a list").iter();
    notes.filter_map(|note| note.as_str()).map(|note| format!("{note}\n")).collect()
}

/// Asks, and checks that exactly these kinds of keepers are named, each with this name.
#[track_caller]
fn kept_by(history: &History, secret: &str, expected: &[(&str, &str)]) {
    let ran = history.audit(&["--gone", &id_of(history, secret)]).expect_status(1);
    let notes = notes(&ran);
    for (kind, name) in expected {
        let line = notes.lines().find(|line| line.starts_with(&format!("still kept by {kind}: ")));
        assert!(line.is_some_and(|line| line.contains(name)), "{kind}, {name}:\n{notes}");
    }
    // And the objects themselves.
    assert_eq!(notes.lines().count(), expected.len() + 1, "{notes}");
    assert!(notes.contains("still kept by objects: "), "{notes}");
}

const LOGS: &str = "logs (git reflog)";

#[test]
fn every_keeper_is_named() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    let mut expected: Vec<(u64, Vec<(&str, String)>)> = Vec::new();
    let head = |history: &History| history.id("HEAD");

    history.git(&["checkout", "-q", "-b", "topic"]);
    history.write("t.c", holding(1, 3, 1));
    history.commit("on a branch");
    expected.push((1, vec![("branches", "topic".to_owned()), (LOGS, "topic@{0}".to_owned())]));

    history.git(&["checkout", "-q", "--detach", "main"]);
    history.write("r.c", holding(2, 3, 2));
    history.commit("fetched");
    history.git(&["update-ref", "--no-deref", "refs/remotes/origin/main", "HEAD"]);
    history.git(&["update-ref", "refs/pull/7/head", &head(&history)]);
    history.git(&["config", "remote.origin.url", "../remote"]);
    history.git(&["config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"]);
    history.git(&["config", "--add", "remote.origin.fetch", "+refs/pull/*:refs/pull/*"]);
    let fetched = "what was fetched from a remote";
    expected.push((2, vec![(fetched, "origin/main, refs/pull/7/head".to_owned()), (LOGS, "HEAD@{".to_owned())]));

    history.git(&["checkout", "-q", "--detach", "main"]);
    history.write("g.c", holding(3, 3, 3));
    history.commit("tagged");
    history.git(&["tag", "-a", "-m", "x", "v1"]);
    history.git(&["tag", "-a", "-m", "of a tag", "v2", "v1"]);
    let others = "tags, notes and other refs";
    expected.push((3, vec![(others, "v1, v2".to_owned()), (LOGS, "HEAD@{".to_owned())]));

    history.git(&["checkout", "-q", "main"]);
    history.git(&["notes", "add", "-m", &token(4)]);
    expected.push((4, vec![(others, "notes/commits".to_owned()), (LOGS, "notes/commits@{0}".to_owned())]));
    history.write("a.c", holding(5, 3, 5));
    history.git(&["stash", "-q"]);
    expected.push((5, vec![("the stash", "stash".to_owned()), (LOGS, "stash@{0}".to_owned())]));

    history.write("l.c", holding(6, 3, 6));
    history.commit("in a log only");
    history.git(&["reset", "-q", "--hard", "HEAD~1"]);
    expected.push((6, vec![(LOGS, "main@{1}".to_owned())]));

    history.write("s.c", holding(7, 3, 7));
    history.git(&["add", "s.c"]);
    expected.push((7, vec![("an index", "s.c".to_owned())]));
    history.git(&["tag", "-a", "-m", &token(8), "v3"]);
    expected.push((8, vec![(others, "v3".to_owned())]));
    history.blob(holding(9, 3, 9).as_bytes());
    expected.push((9, vec![]));

    history.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let linked = history.beside("linked");
    std::fs::write(linked.join("w.c"), holding(10, 3, 10)).expect("it is a folder");
    history.git_in(&linked, &["add", "-A"]);
    expected.push((10, vec![("an index", "w.c".to_owned())]));
    std::fs::write(linked.join("v.c"), holding(11, 3, 11)).expect("it is a folder");
    history.git_in(&linked, &["add", "-A"]);
    history.git_in(&linked, &["commit", "-q", "-m", "detached"]);
    expected[9].1 =
        vec![("branches", "HEAD".to_owned()), (LOGS, "HEAD@{0}".to_owned()), ("an index", "w.c".to_owned())];
    expected
        .push((11, vec![("branches", "HEAD".to_owned()), (LOGS, "HEAD@{".to_owned()), ("an index", "v.c".to_owned())]));
    for (seed, expected) in &expected {
        let expected: Vec<(&str, &str)> = expected.iter().map(|(kind, name)| (*kind, &name[..])).collect();
        // The index of the commit that is checked out holds what the commit holds.
        kept_by(&history, &token(*seed), &expected);
    }
}

/// What a person does after a leak, here with what every git has: the history is rewritten, the logs expire, the rest is pruned.
#[test]
fn after_a_cleaning_it_is_gone() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.write("t.c", holding(1, 3, 1));
    history.commit(&format!("with {}", token(1)));
    history.write("t.c", filler(2));
    history.commit("without");
    history.git(&["tag", "v1"]);
    let id = id_of(&history, &token(1));
    let gone = |expected: i32| notes(&history.audit(&["--gone", &id]).expect_status(expected));
    assert!(gone(1).contains("branches: main"));
    let rewrite = format!("git fast-export --all | sed s/{}/REMOVED/ | git fast-import --force --quiet", token(1));
    let mut command = history.scratch.program("sh", &history.path(""));
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    // Of the same length, so that the counts of the stream still hold.
    let rewrite = rewrite.replace("REMOVED", &"X".repeat(token(1).len()));
    assert_eq!(super::finish(command.args(["-ec", &rewrite]), b"").status, 0);
    let left = gone(1);
    assert!(!left.contains("branches") && left.contains(LOGS), "{left}");
    history.git(&["reflog", "expire", "--expire=now", "--all"]);
    let left = gone(1);
    assert!(!left.contains(LOGS) && left.contains("objects"), "{left}");
    history.git(&["reset", "-q", "--hard"]);
    history.git(&["gc", "-q", "--prune=now"]);
    let left = gone(0);
    assert!(left.contains("it is gone from this repository"), "{left}");
    assert!(history.audit(&["--gone", &id]).findings().is_empty());
}

#[test]
fn an_amended_commit_is_gone_with_its_log() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.write("t.c", holding(1, 3, 1));
    history.commit("with it");
    let id = id_of(&history, &token(1));
    history.git(&["rm", "-q", "-f", "t.c"]);
    history.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "without"]);
    let ran = history.audit(&["--gone", &id]).expect_status(1);
    assert!(notes(&ran).contains(LOGS), "{}", notes(&ran));
    history.git(&["reflog", "expire", "--expire=now", "--all"]);
    history.git(&["gc", "-q", "--prune=now"]);
    let ran = history.audit(&["--gone", &id]).expect_status(0);
    assert!(notes(&ran).contains("it is gone from this repository"));
}

/// Nobody says "gone" of what could not be read.
#[test]
fn what_cannot_be_read_is_not_gone() {
    let history = History::new();
    history.write("t.c", holding(1, 3, 1));
    history.commit("with it");
    let id = id_of(&history, &token(1));
    let blob = history.id("HEAD:t.c");
    std::fs::remove_file(history.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).expect("it is loose");
    let ran = history.audit(&["--gone", &id]).expect_status(3);
    assert!(notes(&ran).contains("not everything could be read"), "{}", notes(&ran));
    assert!(!notes(&ran).contains("it is gone"), "{}", notes(&ran));
}

#[test]
fn an_id_that_is_none_is_refused() {
    let history = History::new();
    history.commit("root");
    let ran = history.audit(&["--gone", "ps1-xyz"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("is no finding's id"), "{}", ran.stderr);
}
