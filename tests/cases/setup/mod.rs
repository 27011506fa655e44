//! Hooks put in and taken out: every byte and mode is back, whoever else was there still runs, and nothing fails open.
//!
//! Where only the shims matter, a script stands in for the program: it writes down how it was called, and exits as told.

mod beside;
mod in_and_out;
mod places;
mod proven;
mod shims;

use super::support::{Ran, Scratch, finish};
use plainsight::git::HookFolders;
use plainsight::hook::setup::{self as hook, Everywhere, Hook, HookError, Installed};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
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
