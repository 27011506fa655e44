//! Wherever git looks for hooks.

use super::{everywhere, folders, git, log, put, repository, run_git, snapshot, stand_in, write_program};
use crate::cases::support::{Scratch, finish};
use plainsight::hook::setup::shim::{self, Scope};
use plainsight::hook::setup::{self as hook, Hook};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn git_runs_it_wherever_the_repository_lies() {
    for name in ["a b", "it's", "\"q\"", "new\nline", "$HOME `x`", "-n"] {
        let scratch = Scratch::new();
        let top = scratch.outside().join("place").join(name);
        fs::create_dir_all(&top).expect("the folder can be made");
        git(&scratch, &top, &["init", "-q", "-b", "main"]);
        fs::create_dir_all(top.join(".git/hooks")).expect("the folder can be made");
        fs::rename(stand_in(&scratch, "old", 0), top.join(".git/hooks/pre-commit")).expect("it is there");
        let program = scratch.outside().join(format!("bin {name}/plainsight"));
        write_program(&program, &format!("#!/bin/sh\necho ours >>'{}'\n", scratch.outside().join("log").display()));
        put(&scratch, &top, Hook::PreCommit, &program).expect("nothing is in the way");
        fs::create_dir_all(top.join("sub")).expect("the folder can be made");
        git(&scratch, &top.join("sub"), &["commit", "-q", "--allow-empty", "-m", "x"]);
        assert_eq!(log(&scratch), "ours\nold \n", "{name:?}");
    }
}

/// Whether a commit in a folder calls the stand-in, which stops it.
fn stops(scratch: &Scratch, folder: &Path) -> bool {
    let ran = run_git(scratch, folder, &["commit", "-q", "--allow-empty", "-m", "x"]);
    let called = log(scratch).contains("plainsight hook run pre-commit");
    let _ = fs::remove_file(scratch.outside().join("log"));
    assert_eq!(ran.status != 0, called, "{}", ran.stderr);
    called
}

#[test]
fn wherever_git_looks() {
    for value in [".githooks", "../beside", "/absolute", ".git/hooks"] {
        let scratch = repository();
        let absolute = scratch.outside().join("absolute");
        let value = if value == "/absolute" { absolute.to_str().expect("it is text") } else { value };
        git(&scratch, &scratch.path(""), &["config", "core.hooksPath", value]);
        let program = stand_in(&scratch, "plainsight", 1);
        put(&scratch, &scratch.path(""), Hook::PreCommit, &program).expect("nothing is in the way");
        let is_shared = value == ".githooks";
        let text = fs::read(scratch.path(value).join("pre-commit")).expect("it lies where git looks");
        // What may be committed names no path of this machine.
        let expected = if is_shared { Vec::new() } else { program.as_os_str().as_bytes().to_vec() };
        assert_eq!(shim::kind(&text), shim::Kind::Ours { recorded: expected }, "{value}");
        if !is_shared {
            assert!(stops(&scratch, &scratch.path("")), "{value}");
        }
        hook::uninstall(&folders(&scratch.path("")), Hook::PreCommit).expect("nothing was changed");
        assert!(!scratch.path(value).join("pre-commit").exists(), "{value}");
    }
}

#[test]
fn linked_work_trees_share_it() {
    let scratch = repository();
    git(&scratch, &scratch.path(""), &["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&scratch, &scratch.path(""), &["worktree", "add", "-q", "-b", "other", "../linked"]);
    let linked = scratch.outside().join("linked");
    put(&scratch, &linked, Hook::PreCommit, &stand_in(&scratch, "plainsight", 1)).expect("nothing is in the way");
    assert!(scratch.path(".git/hooks/pre-commit").is_file());
    assert!(stops(&scratch, &linked) && stops(&scratch, &scratch.path("")));
    // A setting of one work tree moves the hooks of that one.
    git(&scratch, &scratch.path(""), &["config", "extensions.worktreeConfig", "true"]);
    git(&scratch, &linked, &["config", "--worktree", "core.hooksPath", "../only"]);
    put(&scratch, &linked, Hook::PreCommit, &stand_in(&scratch, "plainsight", 1)).expect("nothing is in the way");
    assert!(scratch.outside().join("only/pre-commit").is_file());
    assert!(stops(&scratch, &linked));
}

#[test]
fn a_submodule_has_its_own() {
    let scratch = repository();
    let inner = scratch.outside().join("inner");
    git(&scratch, scratch.outside(), &["init", "-q", "inner"]);
    git(&scratch, &inner, &["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&scratch, &scratch.path(""), &["submodule", "add", "-q", "../inner", "sub"]);
    let sub = scratch.path("sub");
    put(&scratch, &sub, Hook::PreCommit, &stand_in(&scratch, "plainsight", 1)).expect("nothing is in the way");
    assert!(scratch.path(".git/modules/sub/hooks/pre-commit").is_file());
    assert!(stops(&scratch, &sub) && !stops(&scratch, &scratch.path("")));
}

#[test]
fn a_bare_repository_gets_the_hook_of_a_server() {
    let scratch = repository();
    let bare = scratch.outside().join("bare");
    git(&scratch, scratch.outside(), &["init", "-q", "--bare", "-b", "main", "bare"]);
    let ran = scratch.run_in(&bare, &["hook", "install", "--format", "json"]).expect_status(0);
    assert!(ran.stdout.contains("pre-receive"), "{}", ran.stdout);
    let program = stand_in(&scratch, "plainsight", 1);
    for value in [None, Some("own"), Some("../outer")] {
        if let Some(value) = value {
            git(&scratch, &bare, &["config", "core.hooksPath", value]);
        }
        put(&scratch, &bare, Hook::PreReceive, &program).expect("nothing is in the way");
        git(&scratch, &scratch.path(""), &["commit", "-q", "--allow-empty", "-m", "x"]);
        let ran = run_git(&scratch, &scratch.path(""), &["push", "-q", "../bare", "main"]);
        assert!(ran.status != 0 && log(&scratch).contains("refs/heads/main"), "{value:?}: {}", ran.stderr);
        fs::remove_file(scratch.outside().join("log")).expect("it was called");
    }
}

#[test]
fn hooks_that_are_switched_off_are_said_to_be() {
    let scratch = repository();
    git(&scratch, &scratch.path(""), &["config", "core.hooksPath", "/dev/null"]);
    let ran = scratch.run(&["hook", "install"]).expect_status(2);
    assert!(ran.stderr.contains("core.hooksPath") && ran.stderr.contains(".git/config"), "{}", ran.stderr);
    assert!(scratch.run(&["hook", "status"]).expect_status(0).stdout.contains("off"));
    assert!(scratch.run(&["doctor"]).expect_status(1).stdout.contains("no folder"));
}

#[test]
fn no_link_of_the_work_tree_chooses_where_hooks_are_written() {
    let scratch = repository();
    let outer = scratch.outside().join("outer");
    fs::create_dir(&outer).expect("the folder is new");
    symlink("../outer", scratch.path(".githooks")).expect("the link is new");
    git(&scratch, &scratch.path(""), &["config", "core.hooksPath", ".githooks"]);
    let ran = scratch.run(&["hook", "install"]).expect_status(2);
    assert!(ran.stderr.contains("a link out of the work tree"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(&outer).expect("it is there").count(), 0);
    // A folder for hooks that the user linked himself is his.
    git(&scratch, &scratch.path(""), &["config", "--unset", "core.hooksPath"]);
    fs::remove_dir_all(scratch.path(".git/hooks")).expect("git made it");
    symlink("../../outer", scratch.path(".git/hooks")).expect("the link is new");
    scratch.run(&["hook", "install"]).expect_status(0);
    assert!(outer.join("pre-commit").is_file());
}

#[test]
fn shadowed_hooks_are_seen() {
    let scratch = repository();
    scratch.run(&["hook", "install"]).expect_status(0);
    git(&scratch, &scratch.path(""), &["config", "core.hooksPath", "elsewhere"]);
    let ran = scratch.run(&["hook", "status", "--format", "jsonl"]).expect_status(0);
    assert!(ran.stdout.lines().count() == 2 && ran.stdout.matches("\"shadowed\"").count() == 2, "{}", ran.stdout);
    assert!(scratch.run(&["doctor"]).expect_status(1).stdout.contains("is not run"));
    // Uninstalling finds them where they are.
    scratch.run(&["hook", "uninstall"]).expect_status(0);
    assert!(!scratch.path(".git/hooks/pre-commit").exists());
}

#[test]
fn one_folder_for_all_repositories() {
    let scratch = repository();
    let config = scratch.outside().join("home/.gitconfig");
    fs::write(&config, "[user]\n\tname = A ; no line end").expect("it can be written");
    let home = snapshot(&scratch.outside().join("home"));
    scratch.run(&["hook", "install", "--global"]).expect_status(0);
    let once = snapshot(&scratch.outside().join("home"));
    scratch.run(&["hook", "install", "--global"]).expect_status(0);
    assert!(once == snapshot(&scratch.outside().join("home")), "the second time changed something");
    assert_eq!(git(&scratch, &scratch.path(""), &["config", "user.name"]), "A\n");
    // The stand-in in place of the program; the folder is ours all the same.
    let place = everywhere(&scratch);
    let text =
        shim::text(Hook::PreCommit, stand_in(&scratch, "plainsight", 0).as_os_str().as_bytes(), Scope::EveryRepository);
    write_program(&place.folder.join("pre-commit"), &String::from_utf8(text).expect("it is text"));
    // The repository's own hooks run, those that plainsight has nothing to do with too, in linked work trees too.
    for (name, code) in [("pre-commit", 0), ("post-commit", 0), ("prepare-commit-msg", 0), ("commit-msg", 5)] {
        fs::rename(stand_in(&scratch, "old", code), scratch.path(".git/hooks").join(name)).expect("it is there");
    }
    let ran = run_git(&scratch, &scratch.path(""), &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_ne!(ran.status, 0, "the commit-msg hook of the repository stops it");
    fs::remove_file(scratch.path(".git/hooks/commit-msg")).expect("it is there");
    fs::remove_file(scratch.outside().join("log")).expect("it was called");
    git(&scratch, &scratch.path(""), &["commit", "-q", "--allow-empty", "-m", "x"]);
    let expected = "plainsight hook run pre-commit\nold \nold .git/COMMIT_EDITMSG message\nold \n";
    assert_eq!(log(&scratch), expected);
    git(&scratch, &scratch.path(""), &["worktree", "add", "-q", "-b", "other", "../linked"]);
    fs::remove_file(scratch.outside().join("log")).expect("it was called");
    git(&scratch, &scratch.outside().join("linked"), &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(log(&scratch).lines().count(), 4, "{}", log(&scratch));
    // Here the repository needs nothing more; what is not served everywhere goes into its own folder.
    let ran = scratch.run(&["hook", "install", "pre-commit", "commit-msg"]).expect_status(0);
    assert!(ran.stdout.contains("all repositories serves this one"), "{}", ran.stdout);
    assert!(scratch.path(".git/hooks/commit-msg").is_file());
    let ran = scratch.run(&["hook", "status"]).expect_status(0);
    assert_eq!(ran.stdout.matches("  installed  ").count(), 3, "{}", ran.stdout);
    scratch.run(&["hook", "uninstall", "--global"]).expect_status(0);
    assert!(home == snapshot(&scratch.outside().join("home")));
}

#[test]
fn a_folder_of_the_users_own_for_all_repositories() {
    let scratch = repository();
    let folder = scratch.outside().join("home/githooks");
    fs::create_dir(&folder).expect("the folder is new");
    fs::rename(stand_in(&scratch, "old", 0), folder.join("pre-commit")).expect("it is there");
    git(&scratch, &scratch.path(""), &["config", "--global", "core.hooksPath", "~/githooks"]);
    let before = snapshot(&scratch.outside().join("home"));
    let ran = scratch.run(&["hook", "install"]).expect_status(2);
    assert!(ran.stderr.contains("--global") && ran.stderr.contains(".gitconfig"), "{}", ran.stderr);
    assert!(before == snapshot(&scratch.outside().join("home")));
    scratch.run(&["hook", "install", "--global"]).expect_status(0);
    assert!(folder.join("pre-commit.before-plainsight").is_file());
    assert!(scratch.run(&["hook", "status"]).stdout.contains("installed"));
    scratch.run(&["hook", "uninstall", "--global"]).expect_status(0);
    assert!(before == snapshot(&scratch.outside().join("home")));
}

#[test]
fn a_configuration_that_git_does_not_read_is_left_alone() {
    let scratch = repository();
    let before = snapshot(&scratch.outside().join("home"));
    for value in ["", "/dev/null", "nowhere"] {
        let ran = finish(scratch.command(&["hook", "install", "--global"]).env("GIT_CONFIG_GLOBAL", value), b"");
        assert_eq!(ran.status, 2, "{value}: {}", ran.stdout);
        let left: Vec<_> = snapshot(&scratch.outside().join("home")).into_keys().collect();
        let own = |path: &Path| path.starts_with(everywhere(&scratch).folder) || path.ends_with(".gitconfig");
        assert!(left.iter().all(|path| before.contains_key(path) || own(path)), "{value}: {left:?}");
        let config = fs::read(everywhere(&scratch).config).unwrap_or_default();
        assert_eq!(config, b"", "{value}");
    }
    assert!(!Path::new("/dev/null").is_file());
}

#[test]
fn a_relative_folder_of_the_users_is_the_repositorys() {
    let scratch = repository();
    git(&scratch, &scratch.path(""), &["config", "--global", "core.hooksPath", ".githooks"]);
    let ran = scratch.run(&["hook", "install", "--global"]).expect_status(2);
    assert!(ran.stderr.contains("`plainsight hook install` in a repository"), "{}", ran.stderr);
    scratch.run(&["hook", "install"]).expect_status(0);
    assert!(scratch.path(".githooks/pre-commit").is_file());
}
