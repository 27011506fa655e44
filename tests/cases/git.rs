//! Work trees of git: exposure, ignored files, linked work trees, and that git's own folder is left alone.

use super::support::{Ran, Scratch, finish, sample, token};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Runs git with nobody's configuration but the repository's.
#[track_caller]
fn git(scratch: &Scratch, folder: &Path, args: &[&str]) -> String {
    let mut command = scratch.program("git", folder);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", scratch.outside().join("home/none"));
    let ran = finish(command.args(args), b"");
    assert_eq!(ran.status, 0, "git {args:?}: {}", ran.stderr);
    ran.stdout
}

/// A repository in the tree, with a bare remote beside it and one pushed commit.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    let here = scratch.path("");
    git(&scratch, scratch.outside(), &["init", "-q", "--bare", "-b", "main", "remote"]);
    git(&scratch, &here, &["init", "-q", "-b", "main"]);
    scratch.write("README", "nothing\n");
    git(&scratch, &here, &["add", "."]);
    git(&scratch, &here, &["commit", "-q", "-m", "first"]);
    git(&scratch, &here, &["remote", "add", "origin", "../remote"]);
    git(&scratch, &here, &["push", "-q", "-u", "origin", "main"]);
    scratch
}

fn here(scratch: &Scratch, args: &[&str]) -> String {
    git(scratch, &scratch.path(""), args)
}

/// The only finding's text of that name.
#[track_caller]
fn only(ran: &Ran) -> Value {
    let mut findings = ran.findings();
    assert_eq!(findings.len(), 1, "{}", ran.stdout);
    findings.remove(0)
}

#[test]
fn exposure_from_the_work_tree_to_the_remote() {
    let scratch = repository();
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    let exposure = || {
        let finding = only(&scratch.scan().expect_status(1));
        (finding["exposure"].clone(), finding["exposed_refs"].clone(), finding["present"].clone())
    };
    let is = |exposure: &str, refs: &[&str], present: bool| (exposure.into(), refs.into(), present.into());
    assert_eq!(exposure(), is("worktree", &[], false));
    here(&scratch, &["add", "a.conf"]);
    assert_eq!(exposure(), is("staged", &[], false));
    here(&scratch, &["commit", "-q", "-m", "second"]);
    assert_eq!(exposure(), is("local", &[], true));
    here(&scratch, &["push", "-q"]);
    assert_eq!(exposure(), is("pushed", &["origin/main"], true));
    // Packed refs and objects say the same.
    here(&scratch, &["gc", "-q"]);
    assert_eq!(exposure(), is("pushed", &["origin/main"], true));
    // A pushed secret in a branch that went on.
    here(&scratch, &["checkout", "-q", "-b", "other"]);
    scratch.write("a.conf", format!("# moved\n\ntoken = {}\n", token(1)));
    assert_eq!(exposure(), is("pushed", &["origin/main"], true));
}

#[test]
fn exposure_follows_the_secret_and_not_the_file() {
    let scratch = repository();
    scratch.write("a.conf", "token = none\n");
    here(&scratch, &["add", "."]);
    here(&scratch, &["commit", "-q", "-m", "second"]);
    here(&scratch, &["push", "-q"]);
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    assert_eq!(only(&scratch.scan())["exposure"], "worktree");
}

#[test]
fn outside_of_git_presence_is_unknown() {
    let scratch = Scratch::new();
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    let finding = only(&scratch.scan());
    assert_eq!((&finding["exposure"], &finding["present"]), (&"worktree".into(), &Value::Null));
}

#[test]
fn an_ignored_environment_file_is_no_leak_yet() {
    let scratch = repository();
    scratch.write(".gitignore", ".env\n");
    scratch.write(".env", sample("generic-password", "DB_PASSWORD={:alnum:14}\n", 1));
    let ran = scratch.scan().expect_status(0);
    assert!(!ran.findings().is_empty());
    assert!(ran.each("verdict").iter().all(|verdict| verdict == "warn"), "{}", ran.stdout);
    assert!(ran.findings().iter().all(|finding| finding["places"][0]["ignored"] == true));
    // Tracked all the same, it is one.
    here(&scratch, &["add", "-f", ".env"]);
    let ran = scratch.scan().expect_status(1);
    assert!(ran.each("exposure").iter().all(|exposure| exposure == "staged"), "{}", ran.stdout);
}

#[test]
fn every_way_to_ignore_counts() {
    for (name, line) in [("sub/.gitignore", "*.conf\n"), (".git/info/exclude", "sub/\n"), (".gitignore", "/sub/*\n")] {
        let scratch = repository();
        fs::create_dir_all(scratch.path(".git/info")).expect("the folder can be made");
        scratch.write(name, line);
        scratch.write("sub/a.conf", format!("token = {}\n", token(1)));
        assert_eq!(only(&scratch.scan())["verdict"], "warn", "{name}");
        let ran = scratch.run(&["scan", "--format", "jsonl", "--respect-gitignore"]).expect_status(0);
        assert!(ran.findings().is_empty(), "{name}: {}", ran.stdout);
    }
}

#[test]
fn the_spelling_of_the_argument_changes_nothing() {
    let scratch = repository();
    scratch.write(".gitignore", "ignored.conf\n");
    scratch.write("plainsight.toml", "[files]\nexclude = [\"sub/out/\"]\n");
    scratch.write("sub/a.conf", format!("token = {}\n", token(1)));
    scratch.write("sub/b.conf", sample("generic-password", "db_password = \"{:lower:5}{:digit:3}!{:upper:3}\"\n", 2));
    here(&scratch, &["add", "."]);
    here(&scratch, &["commit", "-q", "-m", "second"]);
    here(&scratch, &["push", "-q"]);
    scratch.write("sub/ignored.conf", format!("token = {}\n", token(3)));
    scratch.write("sub/out/c.conf", format!("token = {}\n", token(4)));
    let seen = |ran: Ran| {
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let one = |finding: &Value| ["id", "rule", "exposure", "verdict"].map(|key| text(finding, key)).join(" ");
        let mut all: Vec<String> = ran.findings().iter().map(one).collect();
        all.sort();
        all
    };
    let expected = seen(scratch.run(&["scan", "--format", "jsonl", "."]).expect_status(1));
    assert_eq!(expected.len(), 3, "{expected:#?}");
    let absolute = scratch.path("").canonicalize().expect("it is there");
    let absolute = absolute.to_str().expect("a temporary path is UTF-8");
    let mut wrong = Vec::new();
    for argument in ["./", "sub", "./sub", "sub/", "sub/../sub", ".//sub", absolute, &format!("{absolute}/sub")] {
        let got = seen(scratch.run(&["scan", "--format", "jsonl", argument]));
        if got != expected {
            wrong.push(format!("scan {argument}: {got:#?}"));
        }
    }
    for argument in [".", "./", "..", "../sub"] {
        let got = seen(scratch.run_in(&scratch.path("sub"), &["scan", "--format", "jsonl", argument]));
        if got != expected {
            wrong.push(format!("in sub: scan {argument}: {got:#?}"));
        }
    }
    let got = seen(scratch.run_in(scratch.outside(), &["scan", "--format", "jsonl", "tree"]));
    if got != expected {
        wrong.push(format!("from above: scan tree: {got:#?}"));
    }
    assert!(wrong.is_empty(), "expected {expected:#?}\n{}", wrong.join("\n"));
}

#[test]
fn an_id_is_tied_to_the_path_from_the_top() {
    let scratch = repository();
    // A guessable value, so that its place is part of its identity; and no configuration to count paths from.
    scratch.write("sub/b.conf", sample("generic-password", "db_password = \"{:lower:5}{:digit:3}!{:upper:3}\"\n", 2));
    let expected = scratch.scan().each("id");
    assert_eq!(expected.len(), 1);
    let absolute = scratch.path("").canonicalize().expect("it is there");
    let absolute = absolute.to_str().expect("a temporary path is UTF-8");
    let mut wrong = Vec::new();
    for (folder, argument) in [("", "./"), ("", "sub"), ("", "./sub"), ("", absolute), ("sub", "."), ("sub", "..")] {
        let ran = scratch.run_in(&scratch.path(folder), &["scan", "--format", "jsonl", argument]);
        if ran.each("id") != expected {
            wrong.push(format!("in `{folder}`: scan {argument}"));
        }
    }
    assert!(wrong.is_empty(), "the same secret has another id\n{}", wrong.join("\n"));
}

#[test]
fn the_folder_of_git_is_not_read() {
    let scratch = repository();
    scratch.write(".git/description", format!("token = {}\n", token(1)));
    scratch.write("sub/.git", format!("gitdir: {}\n", token(2)));
    let ran = scratch.scan().expect_status(0);
    assert_eq!(ran.summary()["coverage"]["files"], 1);
}

#[test]
fn a_linked_work_tree() {
    let scratch = repository();
    scratch.write(".gitignore", "ignored.conf\n");
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    here(&scratch, &["add", "."]);
    here(&scratch, &["commit", "-q", "-m", "second"]);
    here(&scratch, &["worktree", "add", "-q", "-b", "other", "../linked"]);
    let linked = scratch.outside().join("linked");
    let scan = || only(&scratch.run_in(&linked, &["scan", "--format", "jsonl"]));
    assert_eq!(scan()["exposure"], "local");
    here(&scratch, &["push", "-q"]);
    assert_eq!(scan()["exposure"], "pushed");
    fs::remove_file(linked.join("a.conf")).expect("it was checked out");
    fs::write(linked.join("ignored.conf"), format!("token = {}\n", token(2))).expect("the file is new");
    assert_eq!((scan()["exposure"].clone(), scan()["verdict"].clone()), ("worktree".into(), "warn".into()));
}

#[test]
fn a_repository_with_long_object_ids() {
    let scratch = Scratch::new();
    let mut command = scratch.program("git", &scratch.path(""));
    if finish(command.args(["init", "-q", "-b", "main", "--object-format=sha256"]), b"").status != 0 {
        return;
    }
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    here(&scratch, &["add", "."]);
    assert_eq!(only(&scratch.scan().expect_status(1))["exposure"], "staged");
    here(&scratch, &["commit", "-q", "-m", "first"]);
    assert_eq!(only(&scratch.scan().expect_status(1))["exposure"], "local");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_looked_up_too() {
    use std::os::unix::ffi::OsStrExt as _;
    let scratch = repository();
    scratch.write(std::ffi::OsStr::from_bytes(b"bad\xff.conf"), format!("token = {}\n", token(1)));
    here(&scratch, &["add", "."]);
    here(&scratch, &["commit", "-q", "-m", "second"]);
    here(&scratch, &["push", "-q"]);
    assert_eq!(only(&scratch.scan())["exposure"], "pushed");
}

#[test]
fn nothing_that_a_repository_names_is_started() {
    let scratch = repository();
    let marker = scratch.outside().join("started");
    let program = format!("touch {}", marker.display());
    for key in ["core.fsmonitor", "diff.x.textconv", "diff.external", "filter.x.clean", "filter.x.smudge"] {
        here(&scratch, &["config", key, &program]);
    }
    scratch.write(".gitattributes", "* diff=x filter=x\n");
    scratch.write("a.conf", format!("token = {}\n", token(1)));
    let index = fs::read(scratch.path(".git/index")).expect("git wrote it");
    scratch.scan().expect_status(1);
    assert!(!marker.exists());
    assert!(fs::read(scratch.path(".git/index")).is_ok_and(|now| now == index), "the index was written");
}

#[test]
fn a_broken_repository_is_not_passed_over() {
    let mut silent = Vec::new();
    for (name, content) in [("config", "[core\n"), ("index", "nonsense"), ("packed-refs", "nonsense\n")] {
        let scratch = repository();
        scratch.write("a.txt", "nothing\n");
        scratch.write(format!(".git/{name}"), content);
        if scratch.scan().status != 3 {
            silent.push(name);
        }
    }
    assert!(silent.is_empty(), "who may have seen a secret is not known, and nobody says so: {silent:?}");
}
