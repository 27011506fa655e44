//! Whose commit, which paths, how many commits, who may have seen it: against git's own answer, on every shape of history.

use super::super::support::token;
use super::{History, filler, finding, holding, paths};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A commit of a random history: its parents among those before it, how its clock goes, which secrets it writes where.
#[derive(Debug, Clone)]
struct Made {
    parents: Vec<usize>,
    time: u32,
    writes: Vec<(usize, u64)>,
    removes: Option<usize>,
}

const FILES: [&str; 4] = ["a.c", "b.c", "d/a.c", "d/e/a.c"];
/// No secret; the seeds are below.
const NOTHING: u64 = 4;

/// Parents anywhere before, up to three: merges, criss-cross, octopus, several roots; and clocks that go backwards.
fn commits() -> impl Strategy<Value = Vec<Made>> {
    let made = (
        prop::collection::vec(0..100_usize, 0..4),
        1_000_000..1_000_040_u32,
        prop::collection::vec((0..FILES.len(), 0..=NOTHING), 0..3),
        prop::option::weighted(0.2, 0..FILES.len()),
    );
    let made = made.prop_map(|(parents, time, writes, removes)| Made { parents, time, writes, removes });
    prop::collection::vec(made, 4..22)
}

/// In the words of `git fast-import`. Some commits get a branch, some a remote-tracking one.
fn stream(made: &[Made]) -> String {
    let mut out = String::new();
    for (at, commit) in made.iter().enumerate() {
        let _ = write!(
            out,
            "reset refs/heads/made\n\ncommit refs/heads/made\nmark :{}\ncommitter A <a@b> {} +0000\ndata 1\nx\n",
            at + 1,
            commit.time
        );
        let mut parents: Vec<usize> = Vec::new();
        for parent in commit.parents.iter().filter(|_| at > 0).map(|parent| at - 1 - (parent / 16).min(at - 1)) {
            parents.extend((!parents.contains(&parent)).then_some(parent));
        }
        for (number, parent) in parents.iter().enumerate() {
            let _ = writeln!(out, "{} :{}", if number == 0 { "from" } else { "merge" }, parent + 1);
        }
        if let Some(removed) = commit.removes {
            let _ = writeln!(out, "D {}", FILES[removed]);
        }
        for &(file, seed) in &commit.writes {
            let text =
                if seed == NOTHING { format!("nothing {at}\n") } else { format!("{at}\ntoken = {}\n", token(seed)) };
            let _ = write!(out, "M 100644 inline {}\ndata {}\n{text}\n", FILES[file], text.len());
        }
        out.push('\n');
        if at % 4 == 3 {
            let _ = write!(out, "reset refs/heads/b{at}\nfrom :{}\n\n", at + 1);
        }
        if at % 5 == 2 {
            let _ = write!(out, "reset refs/remotes/origin/r{at}\nfrom :{}\n\n", at + 1);
        }
    }
    let _ = write!(out, "reset refs/heads/main\nfrom :{}\n\n", made.len());
    out
}

/// Git's own answer to a question of lines.
fn lines(history: &History, args: &[&str]) -> BTreeSet<String> {
    history.git(args).lines().map(str::to_owned).collect()
}

/// What git says of a secret: for each path, the commits that hold it there.
fn held(history: &History, seed: u64, commits: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let secret = token(seed);
    let all: Vec<&str> = commits.iter().map(String::as_str).collect();
    let script = format!("git grep -F -l {secret} {} || true", all.join(" "));
    let mut command = history.scratch.program("sh", &history.path(""));
    let ran = super::finish(command.args(["-c", &script]), b"");
    let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (commit, path) in ran.stdout.lines().filter_map(|line| line.split_once(':')) {
        held.entry(path.to_owned()).or_default().insert(commit.to_owned());
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn as_git_has_it_on_any_history(made in commits()) {
        let history = History::new();
        history.fed(&history.path(""), &["fast-import", "--quiet", "--force"], stream(&made).as_bytes());
        let commits = lines(&history, &["rev-list", "--all"]);
        let remote = lines(&history, &["rev-list", "--remotes"]);
        let ends = lines(&history, &["for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes"]);
        let ran = history.audit(&["--no-unreachable"]);
        for seed in 0..NOTHING {
            let held = held(&history, seed, &commits);
            let all: BTreeSet<&String> = held.values().flatten().collect();
            if all.is_empty() {
                prop_assert!(!ran.each("secret").contains(&token(seed)));
                continue;
            }
            let found = finding(&ran, &token(seed));
            prop_assert_eq!(found["commits"].as_u64(), Some(all.len() as u64), "how many commits hold it");
            prop_assert_eq!(found["present"].as_bool(), Some(all.iter().any(|commit| ends.contains(*commit))));
            let is_pushed = all.iter().any(|commit| remote.contains(*commit));
            prop_assert_eq!(found["exposure"].as_str(), Some(if is_pushed { "pushed" } else { "local" }));
            let carriers: BTreeSet<String> = lines(&history, &["for-each-ref", "--format=%(refname:short)", "refs/remotes"])
                .into_iter()
                .filter(|name| lines(&history, &["rev-list", name]).iter().any(|commit| all.contains(commit)))
                .collect();
            let refs = found["exposed_refs"].as_array().expect("a list").iter();
            let refs: BTreeSet<String> = refs.filter_map(Value::as_str).map(str::to_owned).collect();
            prop_assert_eq!(refs, carriers);
            let places = found["places"].as_array().expect("a list");
            prop_assert_eq!(paths(&found).into_iter().collect::<BTreeSet<_>>(), held.keys().map(String::as_str).collect());
            prop_assert_eq!(places.len(), held.len(), "a path is one place");
            for place in places {
                let commits = &held[place["path"].as_str().expect("a path")];
                let first = place["commit"].as_str().expect("a commit holds it");
                let before = lines(&history, &["rev-list", &format!("{first}^@"), "--"]);
                prop_assert!(commits.contains(first) && before.is_disjoint(commits), "an earlier commit holds it");
                let is_here = commits.iter().any(|commit| ends.contains(commit));
                prop_assert_eq!(place["now_line"].is_null(), !is_here);
                match place["removed_in"].as_str() {
                    Some(removed) => {
                        prop_assert!(!is_here && !commits.contains(removed));
                        let parents = history.git(&["rev-parse", &format!("{removed}^@")]);
                        prop_assert!(parents.lines().any(|parent| commits.contains(parent)), "it was not there before");
                    }
                    None => prop_assert!(is_here, "each end of the history is without it, and nobody removed it"),
                }
            }
        }
    }
}

/// The merge that git finds no one base for, with the secret taken out on one side and brought back by the other.
#[test]
fn criss_cross() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.git(&["branch", "other"]);
    history.write("x.c", holding(1, 5, 1));
    let added = history.commit("here");
    history.git(&["checkout", "-q", "other"]);
    history.write("y.c", filler(2));
    history.commit("there");
    let (here, there) = (history.id("main"), history.id("other"));
    history.git(&["merge", "-q", "--no-edit", &here]);
    history.git(&["rm", "-q", "x.c"]);
    let removed = history.commit("taken out there");
    history.git(&["checkout", "-q", "main"]);
    history.git(&["merge", "-q", "--no-edit", "--no-ff", &there]);
    history.git(&["merge", "-q", "--no-edit", "-s", "ours", "other"]);
    let found = finding(&history.audit(&[]), &token(1));
    assert_eq!(found["places"][0]["commit"], added.as_str());
    assert_eq!((found["commits"].as_u64(), found["present"].as_bool()), (Some(4), Some(true)));
    assert_eq!(found["places"][0]["removed_in"], Value::Null);
    history.git(&["rm", "-q", "x.c"]);
    let last = history.commit("taken out here too");
    let found = finding(&history.audit(&[]), &token(1));
    assert_ne!(removed, last);
    assert_eq!((&found["places"][0]["removed_in"], &found["present"]), (&last.as_str().into(), &false.into()));
}

#[test]
fn an_octopus_lays_each_to_its_own_branch() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    let mut added = Vec::new();
    for seed in 1..=3 {
        history.git(&["checkout", "-q", "-b", &format!("arm{seed}"), "main"]);
        history.write(&format!("{seed}.c"), holding(0, 10, seed));
        added.push(history.commit("an arm"));
    }
    history.git(&["checkout", "-q", "main"]);
    history.git(&["merge", "-q", "--no-edit", "arm1", "arm2", "arm3"]);
    assert_eq!(history.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 4, "it has three parents");
    let ran = history.audit(&[]);
    for (seed, added) in (1..).zip(&added) {
        let found = finding(&ran, &token(seed));
        assert_eq!(found["places"][0]["commit"], added.as_str());
        assert_eq!((found["commits"].as_u64(), found["places"].as_array().map(Vec::len)), (Some(2), Some(1)));
    }
}

#[test]
fn brought_back_and_picked_from_another_branch() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.git(&["checkout", "-q", "-b", "other"]);
    history.write("t.c", holding(1, 3, 1));
    let added = history.commit("added");
    history.git(&["checkout", "-q", "main"]);
    history.git(&["cherry-pick", "other"]);
    history.git(&["rm", "-q", "t.c"]);
    history.commit("removed");
    history.git(&["revert", "--no-edit", "HEAD"]);
    history.git(&["rm", "-q", "t.c"]);
    let removed = history.commit("removed again");
    let found = finding(&history.audit(&[]), &token(1));
    // On the other branch it still is.
    assert_eq!((&found["places"][0]["commit"], &found["present"]), (&added.as_str().into(), &true.into()));
    assert_eq!(found["commits"], 3);
    history.git(&["checkout", "-q", "--detach"]);
    history.git(&["tag", "kept", "other"]);
    history.git(&["branch", "-q", "-D", "other"]);
    let found = finding(&history.audit(&[]), &token(1));
    assert_eq!((&found["places"][0]["removed_in"], &found["present"]), (&removed.as_str().into(), &false.into()));
}

/// Author, date and subject are those of the commit itself, whatever replaces it and whatever its clock says.
#[test]
fn replaced_commits_grafts_and_wrong_clocks_change_nothing() {
    let history = History::new();
    history.write("a.c", filler(0));
    let root = history.commit("root");
    history.write("t.c", holding(1, 3, 1));
    let added = history.commit("the one that added it");
    history.write("a.c", filler(1));
    let last = history.commit("the last one");
    let plain = history.audit(&[]).findings();
    assert_eq!(plain[0]["places"][0]["commit"], added.as_str());
    assert_eq!(plain[0]["places"][0]["subject"], "the one that added it");
    assert!(plain[0]["places"][0]["author"].as_str().is_some_and(|author| author.contains("Ada Example")));
    assert!(plain[0]["places"][0]["date"].as_str().is_some_and(|date| date.starts_with("2026-01-01T00:")));
    history.git(&["replace", &added, &root]);
    history.git(&["replace", "--graft", &last]);
    history.write(".git/info/grafts", format!("{last}\n"));
    let mut replaced = history.audit(&[]).findings();
    // The grafted copy of the last commit is an object of its own, held by refs/replace.
    assert_eq!(replaced[0]["commits"], 3);
    replaced[0]["commits"] = 2.into();
    assert_eq!(replaced, plain);
    // A parent is before its child, whatever their clocks say.
    history.clock.set(1_000_000_000);
    history.write("a.c", filler(2));
    history.commit("dated long before");
    replaced[0]["commits"] = 4.into();
    assert_eq!(history.audit(&[]).findings(), replaced);
}

#[test]
fn refs_to_trees_and_blobs() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    let blob = history.blob(holding(1, 3, 1).as_bytes());
    let other = history.blob(holding(1, 4, 2).as_bytes());
    let listing = format!("100644 blob {other}\tin/t.c\n").replace("in/", "");
    let inner = history.fed(&history.path(""), &["mktree"], listing.as_bytes());
    let tree = history.fed(&history.path(""), &["mktree"], format!("040000 tree {}\tin\n", inner.trim()).as_bytes());
    let expose = |ran: &super::Ran| {
        let all = [1, 2].map(|seed| finding(ran, &token(seed)));
        all.map(|found| (paths(&found).join(" "), found["exposure"].clone(), found["exposed_refs"].clone()))
    };
    let loose = format!("<blob {}>", &blob[..12]);
    let is = |path: &str, exposure: &str, refs: &[&str]| (path.to_owned(), exposure.into(), refs.into());
    assert_eq!(expose(&history.audit(&[])), [is(&loose, "unreachable", &[]), is("in/t.c", "unreachable", &[])]);
    history.git(&["tag", "blob", &blob]);
    history.git(&["tag", "-a", "-m", "of a tree", "tree", tree.trim()]);
    assert_eq!(expose(&history.audit(&[])), [is(&loose, "local", &[]), is("in/t.c", "local", &[])]);
    history.git(&["update-ref", "refs/remotes/origin/blob", &blob]);
    history.git(&["update-ref", "refs/remotes/origin/tree", tree.trim()]);
    assert_eq!(
        expose(&history.audit(&[])),
        [is(&loose, "pushed", &["origin/blob"]), is("in/t.c", "pushed", &["origin/tree"])]
    );
}

#[test]
fn a_message_that_a_merged_tag_brought_is_read() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.git(&["checkout", "-q", "-b", "side"]);
    history.commit("aside");
    history.git(&["tag", "-a", "v1", "-m", "signed off"]);
    let tag = history.git(&["cat-file", "tag", "v1"]).replace("signed off", &token(1));
    let tree = history.id("HEAD^{tree}");
    let merged: String = tag.trim_end().lines().map(|line| format!(" {line}\n")).collect();
    let commit = format!(
        "tree {tree}\nparent {0}\nparent {1}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nmergetag{merged}\nmerged\n",
        history.id("main"),
        history.id("side")
    );
    let id = history.fed(&history.path(""), &["hash-object", "-t", "commit", "-w", "--stdin"], commit.as_bytes());
    history.git(&["update-ref", "refs/heads/main", id.trim()]);
    let found = finding(&history.audit(&[]), &token(1));
    assert_eq!((paths(&found), &found["places"][0]["commit"]), (vec!["<merged tag message>"], &id.trim().into()));
}

/// Branches have it in different lines: the newest says where it is now, however the objects are numbered.
#[test]
fn where_it_is_now_does_not_depend_on_the_packs() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    for branch in 1..9 {
        history.git(&["checkout", "-q", "-b", &format!("b{branch}"), "main"]);
        history.write("t.c", format!("{}token = {}\n", "\n".repeat(branch), token(1)));
        history.commit("a branch");
    }
    let now = || finding(&history.audit(&["--no-cache"]), &token(1))["places"][0]["now_line"].as_u64();
    assert_eq!(now(), Some(9));
    for depth in ["0", "50"] {
        history.git(&["repack", "-q", "-adf", &format!("--depth={depth}")]);
        assert_eq!(now(), Some(9));
    }
    history.git(&["branch", "-q", "-D", "b7"]);
    history.git(&["checkout", "-q", "b1"]);
    history.git(&["branch", "-q", "-D", "b8"]);
    assert_eq!(now(), Some(7));
}
