//! Put in, put in again, renewed, taken out: what was there is there again.

use super::{everywhere, folders, put, repository, snapshot, stand_in};
use plainsight::hook::setup::{self as hook, Finder, Hook, Installed, Removed, State};
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

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
