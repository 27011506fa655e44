//! Clones of all kinds. What is there is read; what is missing is counted, and nothing is fetched.

use super::super::support::{Ran, token};
use super::{History, filler, finding, holding, seeds, skipped};
use std::path::{Path, PathBuf};

/// A repository whose history is longer than its tip: token 1 in an old commit only, token 2 now.
fn origin() -> History {
    let history = History::new();
    for version in 0..6 {
        history.write("a.c", filler(version));
        history.write("t.c", if version == 2 { holding(0, 7, 1) } else { filler(version) });
        history.commit("a version");
    }
    history.write("t.c", holding(1, 8, 2));
    history.commit("the last version");
    for key in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        history.git(&["config", key, "true"]);
    }
    history
}

/// Clones it to a folder beside it.
#[track_caller]
fn clone(history: &History, options: &[&str]) -> PathBuf {
    let url = format!("file://{}", history.path("").display());
    history.git_in(history.scratch.outside(), &[&["clone", "-q"], options, &[&url, "clone"]].concat());
    history.beside("clone")
}

/// Names and sizes of everything below a folder.
fn listing(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("it is a folder").filter_map(Result::ok) {
            let metadata = entry.metadata().expect("it is there");
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                all.push((entry.path(), metadata.len()));
            }
        }
    }
    all.sort();
    all
}

/// Audits without the tip's secret in the way of the exit code.
#[track_caller]
fn incomplete(history: &History, folder: &Path, what: &str) -> Ran {
    let before = listing(&folder.join(".git"));
    let found = history.audit_in(folder, &[]).expect_status(1);
    assert_eq!(seeds(&found, 3), [2], "what is there is read");
    assert_eq!(found.summary()["status"], "incomplete");
    let ran = history.audit_in(folder, &["--fail-on", "never"]).expect_status(3);
    assert!(skipped(&ran).contains(what), "{}", skipped(&ran));
    assert_eq!(listing(&folder.join(".git")), before, "nothing is fetched");
    ran
}

#[test]
fn a_shallow_clone() {
    let history = origin();
    let folder = clone(&history, &["--depth", "2"]);
    let ran = incomplete(&history, &folder, "a shallow clone: the history before one commit is not here");
    assert_eq!(ran.summary()["coverage"]["skipped"]["missing"], 1, "{}", skipped(&ran));
    history.git_in(&folder, &["fetch", "-q", "--unshallow"]);
    let whole = history.audit_in(&folder, &[]).expect_status(1);
    assert_eq!((seeds(&whole, 3), whole.summary()["status"].as_str()), (vec![1, 2], Some("complete")));
}

#[test]
fn partial_clones() {
    let history = origin();
    // Blobs or trees that the clone does not have: all versions but the last. Git counts them itself.
    for filter in ["blob:none", "tree:0"] {
        let folder = clone(&history, &["--no-local", &format!("--filter={filter}")]);
        let lacking = history.git_in(&folder, &["rev-list", "--objects", "--all", "--missing=print"]);
        let lacking = lacking.lines().filter(|line| line.starts_with('?')).count();
        assert!(lacking > 4, "{filter}");
        let ran = incomplete(&history, &folder, &format!("{lacking} objects that the history names"));
        assert!(skipped(&ran).contains("nothing is fetched"), "{}", skipped(&ran));
        std::fs::remove_dir_all(&folder).expect("it is there");
    }
}

#[test]
fn objects_of_others_are_read_through_alternates() {
    let history = origin();
    history.git_in(history.scratch.outside(), &["clone", "-q", "--shared", "tree", "clone"]);
    let folder = history.beside("clone");
    std::fs::write(folder.join("own.c"), holding(3, 3, 0)).expect("it is a folder");
    history.git_in(&folder, &["add", "-A"]);
    history.git_in(&folder, &["commit", "-q", "-m", "its own"]);
    let ran = history.audit_in(&folder, &[]).expect_status(1);
    assert_eq!((seeds(&ran, 3), ran.summary()["status"].as_str()), (vec![0, 1, 2], Some("complete")));
    let alternates = folder.join(".git/objects/info/alternates");
    let known = std::fs::read_to_string(&alternates).expect("git wrote it");
    // One behind another.
    history.git_in(history.scratch.outside(), &["clone", "-q", "--shared", "clone", "second"]);
    assert_eq!(seeds(&history.audit_in(&history.beside("second"), &[]), 3), [0, 1, 2]);
    std::fs::write(&alternates, known.replace("/tree/", "/elsewhere/")).expect("it can be written");
    let ran = history.audit_in(&folder, &["--fail-on", "never"]).expect_status(3);
    assert!(skipped(&ran).contains("elsewhere"), "{}", skipped(&ran));
    assert_eq!(seeds(&ran, 3), [0], "its own objects are read all the same");
    // One that names itself.
    std::fs::write(&alternates, format!("{}\n", folder.join(".git/objects").display())).expect("it can be written");
    let ran = history.audit_in(&folder, &["--fail-on", "never"]);
    assert!(
        matches!(ran.status, 2 | 3) && (ran.stderr.contains("cycle") || !skipped(&ran).is_empty()),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_bare_repository_is_what_others_fetched() {
    let history = origin();
    for (option, refs) in [("--bare", "main"), ("--mirror", "main")] {
        let folder = clone(&history, &[option]);
        let ran = history.audit_in(&folder, &[]).expect_status(1);
        assert_eq!(seeds(&ran, 3), [1, 2]);
        let found = finding(&ran, &token(1));
        assert_eq!((found["exposure"].as_str(), found["present"].as_bool()), (Some("pushed"), Some(false)));
        assert_eq!(found["exposed_refs"], serde_json::json!([refs]));
        assert_eq!(finding(&ran, &token(2))["present"], true);
        std::fs::remove_dir_all(&folder).expect("it is there");
    }
}

#[test]
fn other_hashes_and_several_packs() {
    let history = History::with(&["--object-format=sha256"]);
    for seed in 0..3 {
        history.write("t.c", holding(seed as usize, 7, seed));
        let id = history.commit("a version");
        assert_eq!(id.len(), 64);
        history.git(&["repack", "-q", "-d"]);
        assert_eq!(finding(&history.audit(&[]), &token(seed))["places"][0]["commit"], id.as_str());
    }
    history.git(&["multi-pack-index", "write"]);
    assert_eq!(seeds(&history.audit(&[]), 3), [0, 1, 2]);
    history.git(&["repack", "-q", "-adf"]);
    let ran = history.audit(&[]).expect_status(1);
    assert_eq!((seeds(&ran, 3), ran.summary()["status"].as_str()), (vec![0, 1, 2], Some("complete")));
}

/// From within a linked work tree, and from a folder far below: the whole repository.
#[test]
fn any_folder_of_a_work_tree_stands_for_its_repository() {
    let history = origin();
    history.git(&["worktree", "add", "-q", "-b", "linked", "../linked", "main~3"]);
    std::fs::create_dir_all(history.path("x/y")).expect("it can be made");
    let whole = history.audit(&[]).findings();
    assert_eq!(whole.len(), 2);
    assert_eq!(history.audit_in(&history.beside("linked"), &[]).findings(), whole);
    assert_eq!(history.audit_in(&history.path("x/y"), &[]).findings(), whole);
    assert_eq!(history.audit_in(&history.path(".git"), &[]).findings(), whole);
    let ran = history.audit_in(history.scratch.outside(), &[]);
    assert!(ran.status > 1 && ran.stderr.contains("plainsight scan"), "{}", ran.stderr);
}

#[test]
fn of_thousands_of_refs_the_branches_are_told() {
    let history = origin();
    let folder = clone(&history, &["--mirror"]);
    let head = history.git_in(&folder, &["rev-parse", "main"]).trim().to_owned();
    let refs: String = (0..150).map(|number| format!("{head} refs/pull/{number}/head\n")).collect();
    let packed = std::fs::read_to_string(folder.join("packed-refs")).unwrap_or_default();
    std::fs::write(folder.join("packed-refs"), format!("{packed}{refs}")).expect("it can be written");
    let ran = history.audit_in(&folder, &[]).expect_status(1);
    let found = finding(&ran, &token(1));
    let told: Vec<&str> =
        found["exposed_refs"].as_array().expect("a list").iter().filter_map(|name| name.as_str()).collect();
    assert_eq!((told.len(), found["exposed_more"].as_u64()), (100, Some(51)));
    assert!(told.contains(&"main"), "{told:?}");
}
