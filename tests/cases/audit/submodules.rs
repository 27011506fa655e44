//! Submodules: each a repository of its own, found by what names it or by where git keeps it, and never taken for searched where
//! it is not here.

use super::super::support::{Ran, finish, token};
use super::{History, filler, finding, holding, paths, seeds, skipped};
use std::path::Path;

/// A repository beside the tree with a token in it.
#[track_caller]
fn beside(history: &History, name: &str, seed: u64) {
    let folder = history.beside(name);
    std::fs::create_dir(&folder).expect("it is new");
    history.git_in(&folder, &["init", "-q", "-b", "main"]);
    in_folder(history, &folder, &format!("{name}.c"), &holding(seed as usize, 4, seed));
}

#[track_caller]
fn in_folder(history: &History, folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("it is a folder");
    history.git_in(folder, &["add", "-A"]);
    history.git_in(folder, &["commit", "-q", "-m", name]);
}

/// A tree with a submodule at `lib/inner` that has one at `deep`.
fn nested() -> History {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    beside(&history, "inmost", 1);
    beside(&history, "inner", 2);
    history.git_in(&history.beside("inner"), &["submodule", "add", "-q", "../inmost", "deep"]);
    history.git_in(&history.beside("inner"), &["commit", "-q", "-m", "a submodule"]);
    history.git(&["submodule", "add", "-q", "../inner", "lib/inner"]);
    history.git(&["submodule", "update", "-q", "--init", "--recursive"]);
    history.commit("a submodule");
    history
}

fn notes(ran: &Ran) -> String {
    ran.summary()["notes"].to_string()
}

#[test]
fn they_are_searched_where_that_is_asked_for() {
    let history = nested();
    let ran = history.audit(&[]).expect_status(0);
    assert!(
        notes(&ran).contains("1 submodule (lib/inner) is a repository of its own and was not looked into"),
        "{}",
        notes(&ran)
    );
    let ran = history.audit(&["--submodules"]).expect_status(1);
    assert_eq!(seeds(&ran, 9), [1, 2]);
    assert_eq!(paths(&finding(&ran, &token(1))), ["lib/inner/deep/inmost.c"]);
    assert_eq!(paths(&finding(&ran, &token(2))), ["lib/inner/inner.c"]);
    assert_eq!((ran.summary()["status"].as_str(), notes(&ran).as_str()), (Some("complete"), "[]"));
    let alone = history.audit_in(&history.path("lib/inner"), &[]);
    assert_eq!(finding(&alone, &token(2))["id"], finding(&ran, &token(2))["id"]);
    for args in [&["--exhaustive"][..], &["--threads", "1"]] {
        assert_eq!(history.audit(&[args, &["--submodules"]].concat()).findings(), ran.findings());
    }
    history.audit(&["--submodules", "--range", "HEAD"]).expect_status(2);
}

#[test]
fn what_is_known_of_all_of_them_is_counted() {
    let history = nested();
    for folder in ["", "lib/inner", "lib/inner/deep"] {
        history.git_in(&history.path(folder), &["repack", "-q", "-ad"]);
    }
    history.audit(&["--submodules"]);
    let ran = history.audit(&["--submodules"]);
    let coverage = &ran.summary()["coverage"];
    assert_eq!(coverage["known"]["blobs"], coverage["blobs"]);
    assert_eq!(coverage["known"]["commits"], coverage["commits"]);
}

#[test]
fn one_secret_in_several_is_one_finding() {
    let history = nested();
    history.write("own.c", holding(3, 4, 2));
    history.commit("the same");
    let ran = history.audit(&["--submodules"]).expect_status(1);
    assert_eq!(paths(&finding(&ran, &token(2))), ["own.c", "lib/inner/inner.c"]);
    // The remote of the submodule has it.
    assert_eq!(finding(&ran, &token(2))["exposure"], "pushed");
}

#[test]
fn what_is_not_here_is_named() {
    let history = nested();
    history.git_in(history.scratch.outside(), &["clone", "-q", "tree", "plain"]);
    history.git_in(history.scratch.outside(), &["clone", "-q", "--mirror", "tree", "mirror"]);
    for folder in ["plain", "mirror"] {
        let folder = history.beside(folder);
        assert!(notes(&history.audit_in(&folder, &[]).expect_status(0)).contains("1 submodule (lib/inner)"));
        let ran = history.audit_in(&folder, &["--submodules"]).expect_status(3);
        assert_eq!(ran.skips(), [("lib/inner".to_owned(), "missing".to_owned())]);
        assert!(skipped(&ran).contains("git submodule update --init"), "{}", skipped(&ran));
    }
    let plain = history.beside("plain");
    history.git_in(&plain, &["submodule", "update", "-q", "--init"]);
    let ran = history.audit_in(&plain, &["--submodules", "--fail-on", "never"]).expect_status(3);
    assert_eq!(ran.skips(), [("lib/inner/deep".to_owned(), "missing".to_owned())]);
    assert_eq!(seeds(&ran, 9), [2]);
}

#[test]
fn those_of_other_branches_and_removed_ones_are_found_where_git_keeps_them() {
    let history = nested();
    history.git(&["checkout", "-q", "-b", "without", "HEAD~1"]);
    let _ = std::fs::remove_dir_all(history.path("lib"));
    assert_eq!(
        paths(&finding(&history.audit(&["--submodules"]).expect_status(1), &token(1))),
        ["lib/inner/deep/inmost.c"]
    );
    // No tip names it any more.
    history.git(&["branch", "-q", "-D", "main"]);
    let ran = history.audit(&["--submodules"]).expect_status(1);
    assert_eq!(paths(&finding(&ran, &token(2))), ["lib/inner/inner.c"]);
    // And nothing says where it was.
    history.git(&["config", "--file", ".git/modules/lib/inner/config", "--unset", "core.worktree"]);
    let ran = history.audit(&["--submodules"]).expect_status(1);
    assert_eq!(paths(&finding(&ran, &token(2))), [".git/modules/lib/inner/inner.c"]);
    assert!(notes(&history.audit(&[])).contains("1 submodule (.git/modules/lib/inner)"));
}

#[test]
fn embedded_repositories_are_submodules_once_they_are_recorded() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    beside(&history, "inner", 1);
    std::fs::rename(history.beside("inner"), history.path("own")).expect("both are folders");
    history.git(&["-c", "advice.addEmbeddedRepo=false", "add", "own"]);
    for _ in 0..2 {
        let ran = history.audit(&["--submodules"]).expect_status(1);
        assert_eq!(paths(&finding(&ran, &token(1))), ["own/inner.c"]);
        history.git(&["commit", "-q", "--allow-empty", "-m", "recorded"]);
    }
}

#[test]
fn damage_in_one_is_named_with_its_path() {
    let history = nested();
    let blob = history.git_in(&history.path("lib/inner"), &["rev-parse", "HEAD:inner.c"]).trim().to_owned();
    history.git_in(&history.path("lib/inner"), &["repack", "-q", "-ad"]);
    let packs = history.path(".git/modules/lib/inner/objects");
    let _ = std::fs::remove_dir_all(&packs);
    std::fs::create_dir_all(packs).expect("the folder is ours");
    let ran = history.audit(&["--submodules", "--fail-on", "never"]).expect_status(3);
    assert!(skipped(&ran).contains("\"lib/inner/") && !skipped(&ran).contains(&blob[..12]), "{}", skipped(&ran));
    std::fs::write(history.path(".git/modules/lib/inner/config"), "[core\n").expect("the folder is ours");
    let ran = history.audit(&["--submodules", "--fail-on", "never"]).expect_status(3);
    assert!(skipped(&ran).contains("a submodule whose repository could not be read"), "{}", skipped(&ran));
}

#[test]
fn gone_is_asked_of_each() {
    let history = nested();
    let id = finding(&history.audit(&["--submodules"]), &token(1))["id"].as_str().expect("a text").to_owned();
    let ran = history.audit(&["--submodules", "--gone", &id]).expect_status(1);
    assert!(notes(&ran).contains("in lib/inner/deep: still kept by branches: HEAD, main"), "{}", notes(&ran));
    assert_eq!(seeds(&ran, 9), [1]);
    let ran = history.audit(&["--gone", &id]).expect_status(0);
    assert!(notes(&ran).contains("was not looked into"), "{}", notes(&ran));
    let mut asked = history.scratch.command(&["audit", "--submodules", "--gone", "-", "--format", "jsonl"]);
    let ran = finish(&mut asked, token(1).as_bytes()).expect_status(1);
    assert_eq!(paths(&ran.findings()[0]), ["lib/inner/deep/inmost.c"]);
}

#[test]
fn the_configuration_is_that_of_the_repository_asked_for() {
    let history = nested();
    history.write("plainsight.toml", "[files]\nexclude = [\"lib/inner/deep/\"]\n");
    let inner = "[files]\nexclude = [\"*\"]\n";
    in_folder(&history, &history.path("lib/inner"), "plainsight.toml", inner);
    let ran = history.audit(&["--submodules"]).expect_status(1);
    assert_eq!(seeds(&ran, 9), [2]);
    assert_eq!(ran.skips(), [("lib/inner/deep/inmost.c".to_owned(), "excluded".to_owned())]);
    let id = finding(&ran, &token(2))["id"].clone();
    let allow = format!("[[allow]]\nreason = \"a sample\"\nid = {id}\npaths = [\"/lib/inner/inner.c\"]\n");
    history.write("plainsight.toml", [inner.replace('*', "deep"), allow].concat());
    assert_eq!(history.audit(&["--submodules"]).expect_status(0).each("verdict"), ["suppressed"]);
}

/// A commit whose tree names a commit under any name, as no git would write it.
fn forged(history: &History, name: &str, branch: &str) {
    let id = history.id("HEAD");
    let bytes: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("hexadecimal")).collect();
    let tree = [b"160000 ", name.as_bytes(), b"\0", &bytes].concat();
    let hash = ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"];
    let tree = history.fed(&history.path(""), &hash, &tree).trim().to_owned();
    let commit = history.git(&["commit-tree", "-m", "forged", &tree]).trim().to_owned();
    history.git(&["update-ref", &format!("refs/heads/{branch}"), &commit]);
}

#[test]
fn names_lead_nowhere_else() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    beside(&history, "other", 1);
    let absolute = history.beside("other").to_string_lossy().into_owned();
    let names = ["../other", "..", ".", "a/../../other", &absolute, ".git", "", "line\nbreak\u{1b}[2J", "link"];
    for (number, name) in names.iter().enumerate() {
        forged(&history, name, &format!("b{number}"));
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(history.beside("other"), history.path("link")).expect("the folder is ours");
    let ran = history.audit(&["--submodules"]).expect_status(3);
    assert!(ran.findings().is_empty(), "{}", ran.stdout);
    let missing = ran.skips().into_iter().filter(|skip| skip.1 == "missing").count();
    assert!(missing >= names.len() - 1, "{}", skipped(&ran));
    let human = history.scratch.run(&["audit", "--submodules"]).expect_status(3);
    assert!(!human.stdout.contains('\u{1b}') && human.stdout.contains("line\\x0abreak"), "{}", human.stdout);
}

#[test]
fn circles_and_depths_end() {
    let history = History::new();
    history.write("a.c", holding(0, 4, 1));
    history.commit("root");
    // A work tree that says to be of the repository around.
    history.write("own/.git", "gitdir: ../.git\n");
    let id = history.id("HEAD");
    history.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},own")]);
    let ran = history.audit(&["--submodules", "--fail-on", "never"]).expect_status(0);
    assert_eq!((seeds(&ran, 9), ran.findings().len()), (vec![1], 1));
    // Submodules in submodules, more than anybody has.
    let mut folder = history.path("");
    for _ in 0..20 {
        let inner = folder.join("in");
        std::fs::create_dir(&inner).expect("it is new");
        history.git_in(&inner, &["init", "-q", "-b", "main"]);
        history.git_in(&inner, &["commit", "-q", "--allow-empty", "-m", "x"]);
        history.git_in(&folder, &["update-index", "--add", "--cacheinfo", &format!("160000,{id},in")]);
        folder = inner;
    }
    let ran = history.audit(&["--submodules", "--fail-on", "never"]).expect_status(3);
    assert!(skipped(&ran).contains("too deep"), "{}", skipped(&ran));
}
