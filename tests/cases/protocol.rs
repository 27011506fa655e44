//! Every command that a report asks somebody to type is typed here, in a repository made for it, and has the effect claimed.
//!
//! Commands of providers are not run; commands of secret managers run against stand-ins that note what they were given.
//! git-filter-repo is taken where it is on the path, else a stand-in does what it does.

use super::repo::{commit, git, git_in, objects, repository, shell, without_remote};
use super::support::{Scratch, sample, token};
use std::fs;
use std::path::{Path, PathBuf};

/// A step of a report, with the lines to type.
#[derive(Debug)]
struct Step {
    heading: String,
    commands: String,
}

/// The steps for the only finding of a report.
#[track_caller]
fn steps(report: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in report.lines() {
        let number = line.strip_prefix("   ").and_then(|rest| rest.split_once(". "));
        match number {
            Some((number, rest)) if number.parse::<u32>().is_ok() => {
                let heading = rest.split(':').next().unwrap_or_default().to_owned();
                steps.push(Step { heading, commands: String::new() });
            }
            _ => {
                let command = line.strip_prefix("        ").filter(|command| !command.starts_with(' '));
                if let (Some(step), Some(command)) = (steps.last_mut(), command) {
                    step.commands.push_str(&format!("{command}\n"));
                }
            }
        }
    }
    assert!(!steps.is_empty(), "{report}");
    steps
}

#[track_caller]
fn type_it(scratch: &Scratch, steps: &[Step], heading: &str) -> String {
    type_with(scratch, steps, heading, &[])
}

#[track_caller]
fn type_with(scratch: &Scratch, steps: &[Step], heading: &str, folders: &[&Path]) -> String {
    let step = steps.iter().find(|step| step.heading == heading);
    let step = step.unwrap_or_else(|| panic!("there is no step `{heading}`: {steps:#?}"));
    assert!(!step.commands.is_empty(), "{heading} has nothing to type");
    let ran = shell(scratch, &step.commands, folders, b"");
    assert_eq!(ran.status, 0, "{heading}: {}\n{}", step.commands, ran.stderr);
    ran.stdout
}

/// The proof, where this version has it.
fn proves(scratch: &Scratch, steps: &[Step]) {
    if scratch.run(&["audit", "--help"]).status == 0 {
        type_it(scratch, steps, "Prove that it is gone");
    }
}

const ENV: &str = "NAME=shop\nDB_PASSWORD=";

fn env_text(seed: u64) -> String {
    format!("{ENV}{}\n", sample("generic-password", "{:alnum:14}", seed))
}

/// A report on one file finding only.
fn on_the_file(scratch: &Scratch, args: &[&str]) -> Vec<Step> {
    steps(&scratch.run(&[args, &["--only", "environment-file"]].concat()).expect_status(1).stdout)
}

#[test]
fn a_staged_file_is_taken_out_of_the_index() {
    for edited in [false, true] {
        let scratch = repository();
        scratch.write(".env", env_text(1));
        scratch.write("other.txt", "staged\n");
        git(&scratch, &["add", "-A"]);
        if edited {
            scratch.write(".env", env_text(2));
        }
        let before = fs::read(scratch.path(".env")).expect("it was written");
        let steps = on_the_file(&scratch, &["scan", "--staged"]);
        type_it(&scratch, &steps, "Untrack the file");
        type_it(&scratch, &steps, "Ignore the file");
        assert_eq!(git(&scratch, &["diff", "--cached", "--name-only"]), ".gitignore\nother.txt\n");
        assert_eq!(git(&scratch, &["check-ignore", ".env"]), ".env\n");
        assert_eq!(fs::read(scratch.path(".env")).expect("it stays"), before);
        scratch.run(&["scan", "--staged"]).expect_status(0);
        git(&scratch, &["commit", "-q", "-m", "second"]);
    }
}

#[test]
fn a_staged_secret_is_staged_again_without_it() {
    let scratch = repository();
    scratch.write("a file.py", format!("token = '{}'\n", token(1)));
    git(&scratch, &["add", "-A"]);
    let steps = steps(&scratch.run(&["scan", "--staged"]).expect_status(1).stdout);
    scratch.write("a file.py", "import os\ntoken = os.environ['TOKEN']\n");
    type_it(&scratch, &steps, "Stage the repair");
    scratch.run(&["scan", "--staged"]).expect_status(0);
}

#[test]
fn a_commit_that_was_not_pushed_is_rewritten() {
    for (pushed, is_file) in [(true, true), (true, false), (false, true), (false, false)] {
        let scratch = if pushed { repository() } else { without_remote() };
        let secret = if is_file { env_text(3) } else { token(1) };
        let name = if is_file { ".env" } else { "config/a.py" };
        scratch.write("kept.txt", "first text\n");
        commit(&scratch, "before");
        scratch.write(name, if is_file { secret.clone() } else { format!("a = '{secret}'\n") });
        commit(&scratch, "it comes in");
        scratch.write("kept.txt", "second text\n");
        scratch.write("new.txt", "third text\n");
        commit(&scratch, "the last words");
        scratch.write("unstaged.txt", "work in progress\n");
        let steps = if is_file {
            on_the_file(&scratch, &["scan", "."])
        } else {
            steps(&scratch.run(&["scan", "."]).expect_status(1).stdout)
        };
        if is_file {
            type_it(&scratch, &steps, "Ignore the file");
        } else {
            scratch.write(name, "import os\na = os.environ['A']\n");
        }
        type_it(&scratch, &steps, "Rewrite the commits");
        type_it(&scratch, &steps, "Drop what is left");
        proves(&scratch, &steps);
        let value = secret.trim_end().rsplit('=').next().expect("there is always a last part");
        let left = objects(&scratch, &scratch.path(".git"));
        assert!(!left.contains(value), "{pushed} {is_file}: an object holds it still");
        assert!(left.contains("second text") && left.contains("third text"));
        assert_eq!(git(&scratch, &["log", "-1", "--format=%s"]), "the last words\n");
        assert_eq!(git(&scratch, &["rev-list", "--count", "HEAD"]), if pushed { "2\n" } else { "1\n" });
        assert_eq!(git(&scratch, &["show", "HEAD:kept.txt"]), "second text\n");
        assert_eq!(fs::read_to_string(scratch.path("unstaged.txt")).expect("it stays"), "work in progress\n");
        if is_file {
            assert_eq!(fs::read_to_string(scratch.path(".env")).expect("it stays"), secret);
        }
    }
}

/// A folder with a git-filter-repo of our own, where there is none; it does what is asked of it here, slowly.
fn filter_repo(scratch: &Scratch) -> Vec<PathBuf> {
    let known = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&known).any(|folder| folder.join("git-filter-repo").is_file()) {
        return Vec::new();
    }
    let script = r#"#!/bin/sh
set -e
for ref in $(git for-each-ref --format='%(refname:strip=3)' refs/remotes/origin); do
    case $ref in HEAD) ;; *) git branch -q -f "$ref" "origin/$ref" 2>/dev/null || true ;; esac
done
case $1 in
--replace-text)
    export LIST="$2"
    git filter-branch -f --tree-filter '
        while IFS= read -r line; do
            value=${line#literal:}; value=${value%==>*}
            grep -rlF -- "$value" . | while read -r file; do sed -i "s|$value|REMOVED-SECRET|g" "$file"; done
        done <"$LIST"' -- --all ;;
--invert-paths)
    shift
    export FILE="${1#--path=}"
    git filter-branch -f --index-filter 'git rm -q --cached --ignore-unmatch -- "$FILE"' -- --all ;;
esac
"#;
    let folder = scratch.outside().join("bin");
    executable(&folder, "git-filter-repo", script);
    vec![folder]
}

fn executable(folder: &Path, name: &str, script: &str) {
    fs::create_dir_all(folder).expect("the folder can be made");
    fs::write(folder.join(name), script).expect("the file can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }
}

#[cfg(unix)]
#[test]
fn what_was_pushed_is_recorded_and_purged() {
    for is_file in [false, true] {
        let scratch = repository();
        let bin = filter_repo(&scratch);
        let bin: Vec<&Path> = bin.iter().map(PathBuf::as_path).collect();
        let secret = if is_file { env_text(5) } else { token(2) };
        let name = if is_file { ".env" } else { "config/a.py" };
        scratch.write(name, if is_file { secret.clone() } else { format!("a = '{secret}'\n") });
        commit(&scratch, "it comes in");
        git(&scratch, &["tag", "v1"]);
        git(&scratch, &["push", "-q", "origin", "main", "v1"]);
        let rules: &[&str] = if is_file { &["--only", "environment-file"] } else { &[] };
        let steps = steps(&scratch.run(&[&["scan", "."], rules].concat()).expect_status(1).stdout);
        let headings: Vec<&str> = steps.iter().map(|step| step.heading.as_str()).collect();
        assert_eq!(headings[0], "Revoke it now");
        type_it(&scratch, &steps, "Record the revocation");
        scratch.run(&[&["scan", "."], rules].concat()).expect_status(0);
        if is_file {
            type_it(&scratch, &steps, "Ignore the file");
            type_it(&scratch, &steps, "Untrack the file");
        } else {
            type_it(&scratch, &steps, "Prepare the purge");
            scratch.write(name, "import os\na = os.environ['A']\n");
        }
        commit(&scratch, "taken out");
        git(&scratch, &["push", "-q", "origin", "main"]);
        type_with(&scratch, &steps, "Purge the history", &bin);
        git_in(&scratch, scratch.outside(), &["clone", "-q", "--no-local", "--mirror", "remote", "fresh"]);
        let left = objects(&scratch, &scratch.outside().join("fresh"));
        let value = secret.trim_end().rsplit('=').next().expect("there is always a last part");
        assert!(!left.contains(value), "{is_file}: the remote hands it out still");
        assert!(left.contains("taken out"));
        // Of the file's own commit nothing may be left, and then git-filter-repo drops it.
        assert!(is_file || left.contains("it comes in"));
        let refs = git_in(&scratch, &scratch.outside().join("fresh"), &["for-each-ref", "--format=%(refname)"]);
        assert_eq!(refs, "refs/heads/main\nrefs/tags/v1\n");
        assert!(!scratch.outside().join("replacements.txt").exists(), "the list is deleted");
    }
}

#[cfg(unix)]
#[test]
fn what_only_the_history_holds_is_recorded_from_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = repository();
    let secret = token(3);
    scratch.write("a b.py", format!("a = '{secret}'\n"));
    commit(&scratch, "it comes in");
    let id = scratch.scan().findings()[0]["id"].as_str().expect("each has one").to_owned();
    let held = git(&scratch, &["rev-parse", "HEAD"]);
    scratch.write("a b.py", "");
    commit(&scratch, "taken out");
    let held = &held[..12];
    for command in [
        format!("git show '{held}:a b.py' | plainsight rotate done {id} - --stdin-name 'a b.py'"),
        format!("git show '{held}:a b.py' | plainsight explain {id} - --stdin-name 'a b.py' --replacements ../list"),
    ] {
        let ran = shell(&scratch, &command, &[], b"");
        assert_eq!(ran.status, 0, "{command}: {}", ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(&secret[6..]));
    }
    let list = scratch.outside().join("list");
    assert_eq!(fs::read_to_string(&list).expect("written"), format!("literal:{secret}==>REMOVED-SECRET\n"));
    assert_eq!(list.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    let again = scratch.run(&["explain", &id, "--replacements", "list"]).expect_status(2);
    assert!(again.stderr.contains("no finding"), "{}", again.stderr);
    git(&scratch, &["checkout", "-q", "HEAD^"]);
    scratch.run(&["scan", "a b.py"]).expect_status(0);
    let inside = scratch.run(&["explain", &id, "--replacements", "list"]).expect_status(2);
    assert!(inside.stderr.contains("lies in the repository"), "{}", inside.stderr);
    let twice = scratch.run(&["explain", &id, "--replacements", "../list"]).expect_status(2);
    assert!(twice.stderr.contains("new file"), "{}", twice.stderr);
}

#[cfg(unix)]
#[test]
fn a_secret_manager_gets_the_value_and_no_command_line_does() {
    let value = "the-new-value-of-the-secret";
    for (file, text, program, arrives) in [
        ("main.tf", "provider \"aws\" {}", "aws", true),
        ("cloudbuild.yaml", "steps: []", "gcloud", true),
        ("azure-pipelines.yml", "steps: []", "az", true),
        ("vault-agent.hcl", "x", "vault", true),
        ("doppler.yaml", "setup:", "doppler", true),
        ("k8s/a.yaml", "kind: ExternalSecret", "kubectl", false),
        ("app.sh", "op run -- ./app", "op", false),
        (".sops.yaml", "creation_rules: []", "sops", false),
    ] {
        let scratch = repository();
        scratch.write(file, format!("{text}\n"));
        scratch.write("a.py", format!("a = '{}'\n", token(4)));
        commit(&scratch, "second");
        git(&scratch, &["push", "-q"]);
        let report = scratch.run(&["scan", "a.py"]).expect_status(1).stdout;
        assert!(report.replace("\n      ", " ").contains(&format!("Seen in use in {file}")), "{report}");
        let steps = steps(&report);
        let bin = scratch.outside().join("bin");
        // Notes its arguments; reads the file that an option names, or standard input.
        let stand_in = r#"#!/bin/sh
printf '%s\n' "$0" "$@" >>"$HOME/arguments"
for word; do case $word in file://*) cat "${word#file://}" >>"$HOME/value"; exit ;; /dev/stdin) cat /dev/stdin >>"$HOME/value"; exit ;; esac; done
cat >>"$HOME/value"
"#;
        executable(&bin, program, stand_in);
        let step = steps.iter().find(|step| step.heading == "Keep it elsewhere").expect("it is a step");
        assert!(step.commands.starts_with(program), "{}", step.commands);
        let ran = shell(&scratch, &format!("KEY_VAULT=shop\n{}", step.commands), &[&bin], value.as_bytes());
        assert_eq!(ran.status, 0, "{}: {}", step.commands, ran.stderr);
        let home = |name: &str| fs::read_to_string(scratch.outside().join("home").join(name)).unwrap_or_default();
        assert!(!home("arguments").contains(value) && !home("arguments").is_empty());
        assert!(!arrives || home("value").contains(value), "{program}");
    }
}

#[test]
fn no_report_asks_for_more_columns_than_there_are() {
    let scratch = repository();
    scratch.write("a.py", format!("a = '{}'\n", token(6)));
    scratch.write(".env", env_text(7));
    commit(&scratch, "second");
    let local = scratch.run(&["scan"]).expect_status(1).stdout;
    git(&scratch, &["push", "-q"]);
    let pushed = scratch.run(&["scan"]).expect_status(1).stdout;
    for line in local.lines().chain(pushed.lines()) {
        let is_command = line.starts_with("        ") || line.trim_start().starts_with("https://");
        assert!(line.chars().count() <= 80 || is_command, "{line}");
    }
}
