//! Hooks put in and taken out: every byte and mode is back, whoever else was there still runs, and nothing fails open.
//!
//! Where only the shims matter, a script stands in for the program: it writes down how it was called, and exits as told.

use super::support::{Ran, Scratch, finish, token};
use plainsight::git::HookFolders;
use plainsight::hook::setup::shim::{self, Scope};
use plainsight::hook::setup::{self as hook, Everywhere, Finder, Hook, HookError, Installed, Removed, State};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Git with the configuration of the scratch home, and nobody else's.
fn git_command(scratch: &Scratch, folder: &Path, args: &[&str]) -> Command {
    let mut command = scratch.program("git", folder);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").args(["-c", "protocol.file.allow=always"]).args(args);
    command
}

fn run_git(scratch: &Scratch, folder: &Path, args: &[&str]) -> Ran {
    finish(&mut git_command(scratch, folder, args), b"")
}

#[track_caller]
fn git(scratch: &Scratch, folder: &Path, args: &[&str]) -> String {
    let ran = run_git(scratch, folder, args);
    assert_eq!(ran.status, 0, "git {args:?}: {}", ran.stderr);
    ran.stdout
}

/// A repository in the tree.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    git(&scratch, &scratch.path(""), &["init", "-q", "-b", "main"]);
    scratch
}

fn folders(path: &Path) -> HookFolders {
    HookFolders::discover(path).expect("it can be read").expect("it is a repository")
}

fn everywhere(scratch: &Scratch) -> Everywhere {
    let home = scratch.outside().join("home");
    Everywhere { folder: home.join(".config/plainsight/hooks"), config: home.join(".gitconfig") }
}

fn write_program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder can be made");
    fs::write(path, text).expect("it can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// A program that notes its arguments and input in `log`, and exits with `code`.
fn stand_in(scratch: &Scratch, name: &str, code: i32) -> PathBuf {
    let path = scratch.outside().join(name);
    let log = scratch.outside().join("log");
    let text = format!("#!/bin/sh\n{{ echo \"{name} $*\"; cat; }} >>'{}'\nexit {code}\n", log.display());
    write_program(&path, &text);
    path
}

fn log(scratch: &Scratch) -> String {
    fs::read_to_string(scratch.outside().join("log")).unwrap_or_default()
}

fn put(scratch: &Scratch, folder: &Path, hook: Hook, program: &Path) -> Result<Installed, HookError> {
    hook::install(&folders(folder), hook, program.as_os_str().as_bytes(), &everywhere(scratch))
}

/// Every file below a folder: bytes or the link's target, and mode.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("it can be listed").path();
        let meta = fs::symlink_metadata(&path).expect("it is there");
        if meta.is_dir() {
            all.extend(snapshot(&path));
        } else if meta.is_symlink() {
            let target = fs::read_link(&path).expect("it is a link");
            all.insert(path, (target.as_os_str().as_bytes().to_vec(), 0o120_000));
        } else {
            all.insert(path.clone(), (fs::read(&path).expect("it can be read"), meta.permissions().mode()));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_and_out_again_leaves_every_byte_and_mode(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..400),
            Just(b"#!/bin/sh\r\necho a\r\n".to_vec()),
            Just(b"#!/bin/sh\nexit 0".to_vec()),
            Just(b"\x7fELF\0\0".to_vec()),
        ],
        mode in prop_oneof![Just(0o644_u32), Just(0o755), Just(0o700), Just(0o555), Just(0o600)],
        link in any::<bool>(),
        hook in prop_oneof![Just(Hook::PreCommit), Just(Hook::PrePush), Just(Hook::CommitMsg), Just(Hook::PreReceive)],
    ) {
        let scratch = repository();
        let place = scratch.path(".git/hooks").join(hook.as_str());
        let file = if link { scratch.path("a hook") } else { place.clone() };
        fs::create_dir_all(scratch.path(".git/hooks")).expect("the folder can be made");
        fs::write(&file, &bytes).expect("it can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("it is ours");
        if link {
            symlink("../../a hook", &place).expect("the link is new");
        }
        let before = snapshot(&scratch.path(""));
        let program = stand_in(&scratch, "plainsight", 0);
        let first = put(&scratch, &scratch.path(""), hook, &program).expect("nothing is in the way");
        let kept = matches!(&first, Installed::Written { kept: Some(_), .. });
        prop_assert!(kept, "{first:?}");
        let once = snapshot(&scratch.path(""));
        let again = put(&scratch, &scratch.path(""), hook, &program).expect("nothing is in the way");
        prop_assert_eq!(again, Installed::Unchanged(folders(&scratch.path("")).own().join(hook.as_str())));
        prop_assert!(once == snapshot(&scratch.path("")), "the second time changed something");
        let removed = hook::uninstall(&folders(&scratch.path("")), hook).expect("nothing was changed");
        prop_assert!(matches!(removed, Removed::PutBack(_)));
        prop_assert!(before == snapshot(&scratch.path("")), "something is left");
    }
}

#[test]
fn a_new_hook_goes_without_a_trace() {
    let scratch = repository();
    let before = snapshot(&scratch.path(""));
    scratch.run(&["hook", "install", "pre-commit", "pre-push", "commit-msg", "update"]).expect_status(0);
    let once = snapshot(&scratch.path(""));
    assert_eq!(once.len(), before.len() + 4);
    let ran = scratch.run(&["hook", "install", "pre-commit", "pre-push", "commit-msg", "update"]).expect_status(0);
    assert!(ran.stdout.contains("unchanged") && !ran.stdout.contains("installed "), "{}", ran.stdout);
    assert!(once == snapshot(&scratch.path("")));
    scratch.run(&["hook", "uninstall"]).expect_status(0);
    assert!(before == snapshot(&scratch.path("")));
}

/// The shells that hooks meet; those that are there.
fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["sh"], vec!["dash"], vec!["bash", "--posix"], vec!["bash"], vec!["busybox", "sh"], vec!["ksh"]];
    let is_there = |shell: &Vec<&str>| Command::new(shell[0]).args(&shell[1..]).args(["-c", ":"]).output().is_ok();
    all.into_iter().filter(is_there).collect()
}

#[test]
fn both_hooks_get_arguments_and_input_and_the_code_is_the_first_that_fails() {
    for shell in shells() {
        for (ours, theirs, expected) in [(0, 0, 0), (0, 7, 7), (3, 7, 3), (1, 0, 1)] {
            for hook in [Hook::PrePush, Hook::PreReceive, Hook::CommitMsg] {
                let scratch = repository();
                let file = scratch.path(".git/hooks").join(hook.as_str());
                fs::create_dir_all(scratch.path(".git/hooks")).expect("the folder can be made");
                fs::rename(stand_in(&scratch, "old", theirs), &file).expect("it is there");
                let program = stand_in(&scratch, "plainsight", ours);
                put(&scratch, &scratch.path(""), hook, &program).expect("nothing is in the way");
                let mut command = scratch.program(shell[0], &scratch.path(""));
                command.args(&shell[1..]).arg(&file).args(["a b", "'\"$x"]);
                let input = [&b"refs\0 no line end ".repeat(20_000)[..], b"end"].concat();
                let ran = finish(&mut command, &input);
                assert_eq!(ran.status, expected, "{shell:?} {hook} {ours} {theirs}: {}", ran.stderr);
                let log = fs::read(scratch.outside().join("log")).expect("one was called");
                let both = [
                    format!("plainsight hook run {hook} a b '\"$x\n").into_bytes(),
                    input.clone(),
                    b"old a b '\"$x\n".to_vec(),
                    input.clone(),
                ];
                // Without refs there is one input for two, and the first may take it.
                let wanted = match (ours == 0, hook.reads_refs()) {
                    (true, true) => both.concat(),
                    (true, false) => both[..3].concat(),
                    (false, _) => both[..2].concat(),
                };
                assert!(log == wanted, "{shell:?} {hook} {ours} {theirs}: {} bytes", log.len());
            }
        }
    }
}

#[test]
fn a_hook_that_git_would_not_run_stays_ignored() {
    let scratch = repository();
    let file = scratch.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 9\n");
    let program = stand_in(&scratch, "plainsight", 0);
    put(&scratch, &scratch.path(""), Hook::PreCommit, &program).expect("nothing is in the way");
    assert_eq!(finish(&mut scratch.program(&file, &scratch.path("")), b"").status, 0);
}

#[test]
fn without_the_program_nothing_passes() {
    let scratch = repository();
    let missing = scratch.outside().join("gone/plainsight");
    for hook in Hook::ALL {
        put(&scratch, &scratch.path(""), *hook, &missing).expect("nothing is in the way");
        let file = scratch.path(".git/hooks").join(hook.as_str());
        // Without HOME too, as for a server or a program with windows.
        for without in ["NOTHING", "HOME"] {
            let mut command = scratch.program(&file, &scratch.path(""));
            let ran = finish(command.env("PATH", "/usr/bin:/bin").env_remove(without), b"");
            assert_eq!(ran.status, 1, "{hook}: {}", ran.stderr);
            for text in [missing.to_str().expect("it is text"), "cargo install", "plainsight hook install"] {
                assert!(ran.stderr.contains(text), "{hook}: {}", ran.stderr);
            }
            assert_eq!(ran.stderr.contains("--no-verify"), !hook.on_server(), "{hook}: {}", ran.stderr);
        }
        let mut command = scratch.program(&file, &scratch.path(""));
        let ran = finish(command.env("PATH", "/usr/bin:/bin").env("PLAINSIGHT_SKIP", "it burns"), b"");
        assert_eq!(
            (ran.status == 0, ran.stderr.contains("it burns")),
            (!hook.on_server(), !hook.on_server()),
            "{hook}"
        );
    }
}

#[test]
fn no_program_of_the_repository_is_taken() {
    let scratch = repository();
    let program = stand_in(&scratch, "x/plainsight", 0);
    fs::copy(&program, scratch.path("plainsight")).expect("it can be copied");
    put(&scratch, &scratch.path(""), Hook::PreCommit, Path::new("plainsight")).expect("nothing is in the way");
    let mut command = scratch.program(scratch.path(".git/hooks/pre-commit"), &scratch.path(""));
    assert_eq!(finish(command.env("PATH", ".::/usr/bin:/bin"), b"").status, 1);
    assert_eq!(log(&scratch), "");
}

#[test]
fn the_hook_that_was_there_runs_when_the_program_is_gone_and_skipped() {
    let scratch = repository();
    fs::create_dir_all(scratch.path(".git/hooks")).expect("the folder can be made");
    fs::rename(stand_in(&scratch, "old", 4), scratch.path(".git/hooks/pre-push")).expect("it is there");
    put(&scratch, &scratch.path(""), Hook::PrePush, Path::new("/gone/plainsight")).expect("nothing is in the way");
    let mut command = scratch.program(scratch.path(".git/hooks/pre-push"), &scratch.path(""));
    let ran = finish(command.env("PATH", "/usr/bin:/bin").env("PLAINSIGHT_SKIP", "why"), b"refs\n");
    assert_eq!((ran.status, log(&scratch).as_str()), (4, "old \nrefs\n"), "{}", ran.stderr);
}

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
fn two_versions_take_turns() {
    let scratch = repository();
    let old = scratch.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let before = snapshot(&scratch.path(".git/hooks"));
    let (one, two) = (stand_in(&scratch, "one/plainsight", 0), stand_in(&scratch, "two/plainsight", 0));
    put(&scratch, &scratch.path(""), Hook::PrePush, &one).expect("nothing is in the way");
    let kept = fs::read(scratch.path(".git/hooks/pre-push.before-plainsight")).expect("it is kept");
    for program in [&two, &one, &two] {
        let renewed = put(&scratch, &scratch.path(""), Hook::PrePush, program).expect("nothing is in the way");
        assert!(matches!(renewed, Installed::Renewed(_)), "{renewed:?}");
    }
    assert_eq!(fs::read(scratch.path(".git/hooks/pre-push.before-plainsight")).expect("it is kept"), kept);
    // A shim of a version to come is replaced as well, and one whose program is gone falls back to PATH.
    let finder = Finder { path: vec![scratch.outside().join("one")], home: None };
    fs::remove_file(&two).expect("it is there");
    let status = hook::status(&folders(&scratch.path("")), Hook::PrePush, &everywhere(&scratch), &finder);
    let status = status.expect("it can be read");
    assert_eq!((status.state, status.program, status.recorded), (State::Installed, Some(one), Some(two)));
    hook::uninstall(&folders(&scratch.path("")), Hook::PrePush).expect("nothing was changed");
    assert!(before == snapshot(&scratch.path(".git/hooks")));
}

#[test]
fn what_was_changed_by_hand_stays() {
    let scratch = repository();
    scratch.run(&["hook", "install", "pre-commit"]).expect_status(0);
    let file = scratch.path(".git/hooks/pre-commit");
    let changed = [fs::read(&file).expect("it is there"), b"echo mine\n".to_vec()].concat();
    fs::write(&file, &changed).expect("it can be written");
    for command in ["install", "uninstall"] {
        let ran = scratch.run(&["hook", command, "pre-commit"]).expect_status(2);
        assert!(ran.stderr.contains("changed since") && ran.stderr.contains("help:"), "{}", ran.stderr);
        assert_eq!(fs::read(&file).expect("it is there"), changed);
    }
    assert!(scratch.run(&["hook", "status"]).expect_status(0).stdout.contains("changed"));
}

#[test]
fn a_hook_that_replaced_ours_is_not_lost() {
    let scratch = repository();
    let file = scratch.write(".git/hooks/pre-commit", "#!/bin/sh\n# one\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    scratch.run(&["hook", "install", "pre-commit"]).expect_status(0);
    fs::remove_file(&file).expect("it is there");
    fs::write(&file, "#!/bin/sh\n# two\n").expect("it can be written");
    let before = snapshot(&scratch.path(".git/hooks"));
    scratch.run(&["hook", "install", "pre-commit"]).expect_status(2);
    scratch.run(&["hook", "uninstall", "pre-commit"]).expect_status(0);
    assert!(before == snapshot(&scratch.path(".git/hooks")));
}

#[test]
fn what_cannot_be_written_is_said() {
    let scratch = repository();
    let hooks = scratch.path(".git/hooks");
    fs::create_dir_all(&hooks).expect("the folder can be made");
    fs::set_permissions(&hooks, fs::Permissions::from_mode(0o555)).expect("it is ours");
    // Whoever may write everywhere proves nothing here.
    if fs::write(hooks.join("probe"), "").is_err() {
        let ran = scratch.run(&["hook", "install"]).expect_status(2);
        assert!(
            ran.stderr.contains("hooks/pre-commit") && ran.stderr.contains("nothing was changed"),
            "{}",
            ran.stderr
        );
    }
    fs::set_permissions(&hooks, fs::Permissions::from_mode(0o755)).expect("it is ours");
    fs::remove_dir_all(&hooks).expect("it is ours");
    fs::write(&hooks, "").expect("it can be written");
    let ran = scratch.run(&["hook", "install"]).expect_status(2);
    assert!(ran.stderr.contains("is no folder"), "{}", ran.stderr);
    fs::remove_file(&hooks).expect("it is there");
    fs::create_dir_all(hooks.join("pre-commit")).expect("the folder can be made");
    let ran = scratch.run(&["hook", "install"]).expect_status(2);
    assert!(ran.stderr.contains("neither a file nor a link"), "{}", ran.stderr);
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
fn managers_that_insist_are_told_what_to_add() {
    for (text, config, line, name) in [
        (
            "#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n",
            "lefthook.yml",
            "run: plainsight hook run pre-commit",
            "lefthook",
        ),
        (
            "#!/usr/bin/env ruby\nrequire 'overcommit'\n# Overcommit\n",
            ".overcommit.yml",
            "bin/plainsight-pre-commit",
            "overcommit",
        ),
    ] {
        let scratch = repository();
        write_program(&scratch.path(".git/hooks/pre-commit"), text);
        scratch.write(config, "# plainsight hook run pre-commit\n");
        let before = snapshot(&scratch.path(".git/hooks"));
        let ran = scratch.run(&["hook", "install", "pre-commit"]).expect_status(3);
        assert!(ran.stdout.contains(line) && ran.stdout.contains(config), "{}", ran.stdout);
        assert!(before == snapshot(&scratch.path(".git/hooks")));
        assert!(scratch.run(&["hook", "status"]).stdout.contains(&format!("managed by {name}")));
        scratch.write(config, format!("pre-commit:\n  {line}\n"));
        let ran = scratch.run(&["hook", "install", "pre-commit"]).expect_status(0);
        assert!(ran.stdout.contains("managed"), "{}", ran.stdout);
        assert!(before == snapshot(&scratch.path(".git/hooks")));
    }
}

#[test]
fn the_framework_is_called_after_and_may_come_back() {
    let scratch = repository();
    let hooks = scratch.path(".git/hooks");
    let framework = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\necho framework >>../log\n\
        here=$(dirname \"$0\")\n[ ! -x \"$here/pre-commit.legacy\" ] || \"$here/pre-commit.legacy\" \"$@\"\n";
    write_program(&hooks.join("pre-commit"), framework);
    let before = snapshot(&hooks);
    let program = stand_in(&scratch, "plainsight", 0);
    put(&scratch, &scratch.path(""), Hook::PreCommit, &program).expect("nothing is in the way");
    git(&scratch, &scratch.path(""), &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(log(&scratch), "plainsight hook run pre-commit\nframework\n");
    // `pre-commit install` again: it moves what it finds to *.legacy, and calls that.
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).expect("it is there");
    write_program(&hooks.join("pre-commit"), framework);
    fs::remove_file(scratch.outside().join("log")).expect("it was called");
    git(&scratch, &scratch.path(""), &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(log(&scratch), "framework\nplainsight hook run pre-commit\n");
    let once = snapshot(&hooks);
    let again = put(&scratch, &scratch.path(""), Hook::PreCommit, &program).expect("nothing is in the way");
    assert!(matches!(again, Installed::Unchanged(_)), "{again:?}");
    assert!(once == snapshot(&hooks));
    assert!(scratch.run(&["hook", "status"]).stdout.contains("installed"));
    hook::uninstall(&folders(&scratch.path("")), Hook::PreCommit).expect("nothing was changed");
    assert!(before == snapshot(&hooks));
    // Called by its configuration, it is there already.
    scratch.write(".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: plainsight-system\n");
    let ran = scratch.run(&["hook", "install", "pre-commit"]).expect_status(0);
    assert!(ran.stdout.contains("managed") && before == snapshot(&hooks), "{}", ran.stdout);
}

#[test]
fn a_block_in_the_hook_of_husky() {
    let scratch = repository();
    git(&scratch, &scratch.path(""), &["config", "core.hooksPath", ".husky/_"]);
    // As husky 9 does it: the files in `_` call the file of the same name above them.
    for name in ["pre-commit", "pre-push"] {
        write_program(
            &scratch.path(".husky/_").join(name),
            "#!/usr/bin/env sh\nsh -e \"$(dirname \"$0\")/../${0##*/}\" \"$@\"\n",
        );
    }
    scratch.write(".husky/_/h", "");
    scratch.write(".husky/pre-push", "echo theirs >>../log\ncat >>../log\n");
    let before = snapshot(&scratch.path(".husky"));
    scratch.run(&["hook", "install"]).expect_status(0);
    let once = snapshot(&scratch.path(".husky"));
    assert!(!once.contains_key(&scratch.path(".husky/_/pre-commit.before-plainsight")));
    scratch.run(&["hook", "install"]).expect_status(0);
    assert!(once == snapshot(&scratch.path(".husky")), "the second time changed something");
    let bin = stand_in(&scratch, "bin/plainsight", 0);
    let path = format!("{}:/usr/bin:/bin", bin.parent().expect("it has one").display());
    let mut command = scratch.program(scratch.path(".husky/_/pre-push"), &scratch.path(""));
    let input = "refs \n".repeat(20_000);
    assert_eq!(finish(command.env("PATH", path).args(["origin", "url"]), input.as_bytes()).status, 0);
    assert!(log(&scratch) == format!("bin/plainsight hook run pre-push origin url\n{input}theirs\n{input}"));
    let mut command = scratch.program(scratch.path(".husky/_/pre-commit"), &scratch.path(""));
    let ran = finish(command.env("PATH", "/usr/bin:/bin"), b"");
    assert!(ran.status == 1 && ran.stderr.contains("--no-verify"), "{}", ran.stderr);
    scratch.run(&["hook", "uninstall"]).expect_status(0);
    assert!(before == snapshot(&scratch.path(".husky")));
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

/// Whether git does it, and what it said otherwise; the token never shows.
fn refused(scratch: &Scratch, folder: &Path, args: &[&str], token: &str) -> Option<String> {
    let ran = run_git(scratch, folder, args);
    let said = ran.stdout + &ran.stderr;
    assert!(!said.contains(&token[8..32]), "the secret shows");
    (ran.status != 0).then_some(said)
}

#[test]
fn the_program_itself_stops_commits_and_pushes() {
    let scratch = repository();
    let top = scratch.path("");
    git(&scratch, &top, &["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&scratch, &top, &["worktree", "add", "-q", "-b", "other", "../a linked 'tree'"]);
    git(&scratch, scratch.outside(), &["init", "-q", "--bare", "-b", "main", "bare"]);
    let old = stand_in(&scratch, "old", 0);
    fs::create_dir_all(scratch.path(".git/hooks")).expect("the folder can be made");
    for hook in ["pre-commit", "pre-push"] {
        fs::copy(&old, scratch.path(".git/hooks").join(hook)).expect("it can be copied");
    }
    scratch.run(&["hook", "install", "pre-commit", "pre-push", "commit-msg"]).expect_status(0);
    for (seed, folder) in [(1, top.clone()), (2, scratch.outside().join("a linked 'tree'"))] {
        let _ = fs::remove_file(scratch.outside().join("log"));
        let token = token(seed);
        let commit = ["commit", "-q", "-m", "x"];
        fs::write(folder.join("a.conf"), format!("token = {token}\n")).expect("it can be written");
        git(&scratch, &folder, &["add", "a.conf"]);
        let said = refused(&scratch, &folder, &commit, &token).expect("the commit is stopped");
        assert!(said.contains("github-pat-classic"), "{said}");
        assert_eq!(log(&scratch), "", "what comes after it is not called");
        fs::write(folder.join("a.conf"), "token = none\n").expect("it can be written");
        git(&scratch, &folder, &["add", "a.conf"]);
        assert_eq!(refused(&scratch, &folder, &commit, &token), None);
        assert_eq!(log(&scratch), "old \n");
        // In the message.
        let message = format!("uses {token}");
        assert!(refused(&scratch, &folder, &["commit", "-q", "--allow-empty", "-m", &message], &token).is_some());
        // Past the first hook, the second stops it; past that one, the server's.
        git(&scratch, &folder, &["push", "-q", "../bare", "HEAD"]);
        assert!(log(&scratch).contains("old ../bare ../bare\nHEAD "), "{}", log(&scratch));
        fs::write(folder.join("a.conf"), format!("token = {token}\n")).expect("it can be written");
        git(&scratch, &folder, &["commit", "-q", "--no-verify", "-a", "-m", "x"]);
        let said = refused(&scratch, &folder, &["push", "-q", "../bare", "HEAD"], &token).expect("the push is stopped");
        assert!(said.contains("github-pat-classic"), "{said}");
        let bare = scratch.outside().join("bare");
        scratch.run_in(&bare, &["hook", "install"]).expect_status(0);
        let push = ["push", "-q", "--no-verify", "../bare", "HEAD"];
        let said = refused(&scratch, &folder, &push, &token).expect("the server refuses it");
        assert!(said.contains("github-pat-classic"), "{said}");
        assert_eq!(scratch.run_in(&bare, &["doctor"]).status, 0);
        scratch.run_in(&bare, &["hook", "uninstall"]).expect_status(0);
        git(&scratch, &folder, &["reset", "-q", "--hard", "HEAD~1"]);
    }
}

/// What the doctor says of the trial, and the exit code.
fn trial(scratch: &Scratch) -> (String, i32) {
    let temporary = scratch.outside().join("tmp");
    fs::create_dir_all(&temporary).expect("the folder can be made");
    let before = snapshot(&scratch.path(""));
    let ran = finish(scratch.command(&["doctor"]).env("TMPDIR", &temporary), b"");
    assert_eq!(fs::read_dir(&temporary).expect("it is there").count(), 0, "something is left");
    assert!(before == snapshot(&scratch.path("")), "the repository was written");
    assert!(!ran.stdout.contains(&["gh", "p_"].concat()), "{}", ran.stdout);
    let line = ran.stdout.lines().find(|line| line.contains(" trial ")).expect("there is a trial").to_owned();
    (line, ran.status)
}

#[test]
fn the_doctor_proves_it() {
    let scratch = repository();
    scratch.run(&["hook", "install"]).expect_status(0);
    let (line, code) = trial(&scratch);
    assert!(line.starts_with("ok ") && code == 0, "{line}");
    // The user's own hook is not what is tried.
    for (code, word) in [(0, "passed"), (1, "a clean file is stopped (1)")] {
        put(&scratch, &scratch.path(""), Hook::PreCommit, &stand_in(&scratch, "plainsight", code)).expect("it is ours");
        let (line, status) = trial(&scratch);
        assert!(line.starts_with("FAILS") && line.contains(word) && status == 1, "{line}");
    }
    let file = scratch.path(".git/hooks/pre-commit");
    let changed = [fs::read(&file).expect("it is there"), b"touch ../touched\n".to_vec()].concat();
    fs::write(&file, changed).expect("it can be written");
    let (line, status) = trial(&scratch);
    assert!(line.starts_with("unknown") && status == 3, "{line}");
    assert!(!scratch.outside().join("touched").exists(), "what was changed is not started");
}

#[test]
fn the_doctor_sees_what_switches_a_hook_off() {
    let scratch = repository();
    assert!(scratch.run(&["doctor"]).expect_status(1).stdout.contains("plainsight hook install pre-commit"));
    scratch.run(&["hook", "install"]).expect_status(0);
    let ran = finish(scratch.command(&["doctor", "--format", "jsonl"]).env("PLAINSIGHT_SKIP", "x"), b"");
    assert!(ran.status == 1 && ran.stdout.contains("unset PLAINSIGHT_SKIP"), "{}", ran.stdout);
    scratch.write("plainsight.toml", "[gate]\nfail_on = \"never\"\n");
    assert!(scratch.run(&["doctor"]).expect_status(1).stdout.contains("nothing blocks"));
    fs::remove_file(scratch.path("plainsight.toml")).expect("it is there");
    // For all repositories, from outside of any.
    let home = scratch.outside().join("home");
    assert_eq!(scratch.run_in(&home, &["doctor"]).status, 1);
    scratch.run_in(&home, &["hook", "install", "--global"]).expect_status(0);
    let ran = scratch.run_in(&home, &["doctor"]).expect_status(0);
    assert!(ran.stdout.contains("a planted secret was stopped"), "{}", ran.stdout);
}
