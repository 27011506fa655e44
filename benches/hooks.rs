//! What a commit waits for: `hook run pre-commit` as a whole process, beside `git diff --cached --quiet` and, where it is installed,
//! kingfisher.
//!
//! `cargo bench --bench hooks [-- RUNS]`
//!
//! Two repositories are made in a temporary folder. **small**: ten C files of 80 KB, a line of each changed and staged. **large**:
//! 100,000 files in 1,000 folders and 300 commits, packed, ten of the files changed and staged. The fastest and the middle of
//! all runs are printed; the runs of the programs alternate, so that a busy machine is unjust to all of them alike.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_plainsight");
const RUNS: usize = 41;

fn main() -> io::Result<()> {
    let argument = std::env::args().skip(1).find(|argument| argument != "--bench");
    let runs = argument.map_or(RUNS, |argument| argument.parse().expect("the only argument is how often to run"));
    let folder = tempfile::tempdir()?;
    let out = &mut io::stdout().lock();
    writeln!(out, "{:8} {:44} {:>10} {:>10}", "", "", "fastest", "middle")?;
    for name in ["small", "large"] {
        let repository = folder.path().join(name);
        fs::create_dir(&repository)?;
        git(&repository, &["init", "-q", "-b", "main"]);
        if name == "small" {
            small(&repository)?;
        } else {
            large(&repository)?;
        }
        measure(name, &repository, runs, out)?;
    }
    Ok(())
}

fn measure(name: &str, repository: &Path, runs: usize, out: &mut impl Write) -> io::Result<()> {
    let commands: [&[&str]; 3] = [
        &["git", "diff", "--cached", "--quiet"],
        &[PROGRAM, "hook", "run", "pre-commit"],
        &[PROGRAM, "scan", "--staged"],
    ];
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..runs {
        for (command, times) in commands.iter().zip(&mut times) {
            times.extend(time(command, repository));
        }
    }
    for (command, times) in commands.iter().zip(times) {
        let shown = command.join(" ").replace(PROGRAM, "plainsight");
        print(name, &shown, times, out)?;
    }
    // It writes a commit into the repository that it reads, so it comes last, and runs seldom.
    let other = ["kingfisher", "scan", ".", "--staged", "--no-validate", "--no-update-check"];
    let times: Vec<Duration> = (0..runs.min(5)).filter_map(|_| time(&other, repository)).collect();
    print(name, &other[..4].join(" "), times, out)
}

fn time(command: &[&str], repository: &Path) -> Option<Duration> {
    let mut child = Command::new(command[0]);
    child.args(&command[1..]).current_dir(repository);
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    child.status().ok().map(|_| began.elapsed())
}

fn print(name: &str, command: &str, mut times: Vec<Duration>, out: &mut impl Write) -> io::Result<()> {
    times.sort();
    let Some(fastest) = times.first() else { return writeln!(out, "{name:8} {command:44} not here") };
    let milliseconds = |time: &Duration| time.as_secs_f64() * 1e3;
    let middle = &times[times.len() / 2];
    writeln!(out, "{name:8} {command:44} {:>7.1} ms {:>7.1} ms", milliseconds(fastest), milliseconds(middle))
}

fn small(repository: &Path) -> io::Result<()> {
    let text = |changed: bool| {
        let line = |number: u32| match number {
            1_500 if changed => "\tint changed = 1;\n".to_owned(),
            _ => format!("\tbuffer[{number}] = next_entry(list, {});\n", number.wrapping_mul(2_654_435_761)),
        };
        (0..2_000).map(line).collect::<Vec<_>>().concat()
    };
    for is_changed in [false, true] {
        for number in 0..10 {
            fs::write(repository.join(format!("f{number}.c")), format!("/* {number} */\n{}", text(is_changed)))?;
        }
        git(repository, &["add", "."]);
        if !is_changed {
            git(repository, &["commit", "-q", "-m", "first"]);
        }
    }
    Ok(())
}

fn large(repository: &Path) -> io::Result<()> {
    for folder in 0..1_000 {
        let path = repository.join(format!("d{}/e{}", folder / 100, folder % 100));
        fs::create_dir_all(&path)?;
        for file in 0..100 {
            fs::write(path.join(format!("file_{file}.c")), format!("int x{folder}_{file} = {};\n", folder * file))?;
        }
    }
    git(repository, &["add", "."]);
    git(repository, &["commit", "-q", "-m", "first"]);
    for number in 0..300 {
        fs::write(repository.join("d0/e0/counter"), format!("{number}\n"))?;
        git(repository, &["add", "d0/e0/counter"]);
        git(repository, &["commit", "-q", "-m", "next"]);
    }
    git(repository, &["gc", "-q"]);
    for folder in 0..10 {
        let path = format!("d{folder}/e7/file_3.c");
        fs::write(repository.join(&path), "int changed = 1;\n")?;
        git(repository, &["add", &path]);
    }
    Ok(())
}

fn git(repository: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.org");
    }
    let status = command.args(args).current_dir(repository).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "git {args:?}");
}
