//! What a repository or a user configures against the search: the same findings, and no program of theirs is started.
//! And nothing of a repository is changed.

use super::super::support::token;
use super::{History, filler, holding, seeds, skipped};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

fn history() -> History {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.write("t.c", holding(1, 4, 1));
    history.write("b.bin", format!("\0\n{}\n", token(2)));
    history.commit("added");
    history.git(&["rm", "-q", "t.c"]);
    history.commit("removed");
    history.write("s.c", holding(2, 4, 3));
    history.git(&["add", "s.c"]);
    history.git(&["stash", "-q"]);
    history
}

#[test]
fn configuration_changes_nothing_and_starts_nothing() {
    let history = history();
    let plain = history.audit(&[]).expect_status(1);
    assert_eq!(seeds(&plain, 4), [1, 2, 3]);
    let marker = history.beside("started");
    let canary = format!("touch {}; cat", marker.display());
    let settings = [
        ("core.fsmonitor", &canary[..]),
        ("core.pager", &canary),
        ("core.editor", &canary),
        ("core.sshCommand", &canary),
        ("core.hooksPath", "hooks"),
        ("core.alternateRefsCommand", &canary),
        ("core.attributesFile", "../home/attributes"),
        ("diff.external", &canary),
        ("diff.x.textconv", &canary),
        ("diff.x.command", &canary),
        ("diff.x.cachetextconv", "true"),
        ("filter.x.clean", &canary),
        ("filter.x.smudge", &canary),
        ("filter.x.process", &canary),
        ("merge.x.driver", &canary),
        ("alias.log", &format!("!{canary}")),
        ("alias.rev-list", &format!("!{canary}")),
        ("gpg.program", &canary),
        ("credential.helper", &format!("!{canary}")),
        ("log.showSignature", "true"),
        ("core.commitGraph", "true"),
        ("core.bigFileThreshold", "1"),
        ("core.ignoreCase", "true"),
        ("core.deltaBaseCacheLimit", "1"),
        ("core.packedGitLimit", "1"),
        ("transfer.hideRefs", "refs/heads"),
        ("log.excludeDecoration", "*"),
        // The last one: git itself does not work with it.
        ("core.worktree", "../elsewhere"),
    ];
    let attributes = "* -diff binary filter=x diff=x export-ignore merge=x working-tree-encoding=UTF-16\n";
    for place in ["repository", "user"] {
        let file = if place == "user" { history.beside("home/.gitconfig") } else { history.path(".git/config") };
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        for (key, value) in settings {
            history.git(&["config", "--file", &file.to_string_lossy(), key, value]);
        }
        std::fs::write(history.beside("home/attributes"), attributes).expect("it can be written");
        history.write(".gitattributes", attributes);
        history.write(".git/info/attributes", attributes);
        let hooks = history.path("hooks/post-checkout");
        history.write("hooks/post-checkout", format!("#!/bin/sh\n{canary}\n"));
        executable(&hooks);
        let ran = history.audit(&[]).expect_status(1);
        assert_eq!(ran.findings(), plain.findings(), "{place}");
        assert_eq!(ran.summary()["status"], "complete", "{}", skipped(&ran));
        assert!(!marker.exists(), "a program that the {place} names was started");
        std::fs::write(&file, known).expect("it can be written");
    }
    // The canary does run where somebody asks git.
    history.git(&["config", "core.fsmonitor", &canary]);
    history.git(&["status"]);
    assert!(marker.exists());
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("the file is ours");
}

#[cfg(not(unix))]
fn executable(_: &Path) {}

/// Everything below a folder: path, bytes, and when it was written.
fn state(folder: &Path) -> Vec<(PathBuf, Option<Vec<u8>>, SystemTime)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let time = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).expect("it is there");
        all.push((folder.clone(), None, time(&folder)));
        for path in std::fs::read_dir(&folder).expect("it is a folder").filter_map(Result::ok).map(|entry| entry.path())
        {
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push((path.clone(), std::fs::read(&path).ok(), time(&path)));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn nothing_in_the_repository_is_changed() {
    let history = history();
    history.git(&["repack", "-q", "-ad"]);
    history.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let before = (state(&history.path("")), state(&history.beside("linked")));
    for args in [&[][..], &["--exhaustive"], &["--gone", "ps1-0123456789abcdef01234567"], &["--range", "HEAD~1"]] {
        history.audit(args);
        history.audit_in(&history.beside("linked"), args);
    }
    assert_eq!(before, (state(&history.path("")), state(&history.beside("linked"))));
}

#[cfg(unix)]
#[test]
fn a_repository_that_nobody_may_write_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let history = history();
    let whole = history.audit(&[]).findings();
    let all: Vec<PathBuf> = state(&history.path("")).into_iter().map(|one| one.0).collect();
    let change = |bits: u32| {
        for path in &all {
            let mode = path.metadata().expect("it is there").permissions().mode();
            let mode = if bits == 0 { mode & !0o222 } else { mode | bits };
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
        }
    };
    change(0);
    let ran = history.audit(&[]);
    change(0o200);
    assert_eq!((ran.findings(), ran.status), (whole, 1));
    assert_eq!(ran.summary()["status"], "complete", "{}", skipped(&ran));
}
