//! The shim itself, in every shell that is there.

use super::{log, put, repository, stand_in};
use crate::cases::support::finish;
use plainsight::hook::setup::Hook;
use std::fs;
use std::path::Path;
use std::process::Command;

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
