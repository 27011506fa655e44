//! `audit` of a real repository beside what else reads all of one: git itself, and kingfisher where it is installed.
//!
//! `PLAINSIGHT_BENCH_REPO=…/repository cargo bench --bench audit [-- RUNS]`; a mirror of <https://github.com/git/git> is the reference.
//! Each is run in turn; the fastest run counts, because everything else on the machine only adds to it. Peak memory comes
//! from `/usr/bin/time`, where that is installed. `cargo bench --bench inflate` tells how much of it is inflating.
//!
//! `-- growth [RUNS]` instead asks what more history costs: of an eighth, a quarter, a half and all of the repository's first
//! parents, in packs of their own, and of a made-up history with a hundred times as many commits to the same files.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program with its arguments, under the name it has in the table.
struct Candidate {
    name: &'static str,
    program: &'static str,
    args: Vec<String>,
    best: Option<(Duration, String)>,
}

impl Candidate {
    fn new(name: &'static str, program: &'static str, args: &[&str]) -> Self {
        Self { name, program, args: args.iter().map(|&arg| arg.to_owned()).collect(), best: None }
    }

    /// Runs it once; `None` where it is not installed.
    fn run(&self) -> Option<(Duration, String)> {
        let timed = Path::new("/usr/bin/time").exists();
        let mut command = if timed { Command::new("/usr/bin/time") } else { Command::new(self.program) };
        if timed {
            command.args(["-f", "peak %M KB", self.program]);
        }
        let start = Instant::now();
        let output = command.args(&self.args).stdout(Stdio::null()).output().ok()?;
        let elapsed = start.elapsed();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let missing = output.status.code() == Some(127);
        let peak = stderr.lines().rev().find(|line| line.starts_with("peak ")).unwrap_or("").to_owned();
        (!missing).then_some((elapsed, peak))
    }

    /// Runs it, and keeps the time if it is the best.
    fn try_again(&mut self) {
        if let Some(run) = self.run()
            && self.best.as_ref().is_none_or(|best| run.0 < best.0)
        {
            self.best = Some(run);
        }
    }
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn main() {
    let Ok(repo) = std::env::var("PLAINSIGHT_BENCH_REPO") else {
        println!("set PLAINSIGHT_BENCH_REPO to a repository");
        return;
    };
    let runs = std::env::args().skip(1).find_map(|arg| arg.parse::<usize>().ok()).unwrap_or(3);
    if std::env::args().any(|arg| arg == "growth") {
        growth(&repo, runs);
        return;
    }
    let own = env!("CARGO_BIN_EXE_plainsight");
    let cache = std::env::temp_dir().join("plainsight-bench").to_string_lossy().into_owned();
    let cat = ["-C", &repo, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"];
    let history = ["scan", &repo, "--git-history", "full", "--no-validate", "--no-update-check"];
    let mut candidates = [
        Candidate::new("plainsight audit", own, &["audit", &repo, "--format", "json", "--no-cache"]),
        // From its second run on it knows the packs.
        Candidate::new("plainsight audit, again", own, &["audit", &repo, "--format", "json", "--cache", &cache]),
        Candidate::new("git cat-file, all objects", "git", &cat),
        Candidate::new("kingfisher, full history", "kingfisher", &history),
    ];
    for _ in 0..runs {
        candidates.iter_mut().for_each(Candidate::try_again);
    }
    for candidate in &candidates {
        match &candidate.best {
            Some((elapsed, peak)) => println!("{:28} {:8.2} s  {peak}", candidate.name, elapsed.as_secs_f64()),
            None => println!("{:28} not installed", candidate.name),
        }
    }
}

/// Git, in a repository; what it says.
fn git(repo: &Path, args: &[&str], stdin: &[u8]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(repo).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("git is installed");
    let mut input = child.stdin.take().expect("it is piped");
    let stdin = stdin.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&stdin));
    let output = child.wait_with_output().expect("git ends");
    assert!(output.status.success(), "git {args:?} failed");
    writer.join().expect("writing does not panic").expect("git reads to the end");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A history to be read, and what there is of it.
struct Part {
    name: String,
    commits: String,
    packed: u64,
    candidate: Candidate,
}

impl Part {
    fn new(name: &str, folder: &Path) -> Self {
        let packs = std::fs::read_dir(folder.join("objects/pack")).expect("git made it");
        let of_pack = |path: &Path| path.extension().is_some_and(|ending| ending == "pack");
        let sizes = packs.filter_map(Result::ok).filter(|entry| of_pack(&entry.path()));
        Self {
            name: name.to_owned(),
            commits: git(folder, &["rev-list", "--count", "main"], b""),
            packed: sizes.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum(),
            candidate: Candidate::new(
                "",
                env!("CARGO_BIN_EXE_plainsight"),
                &["audit", &folder.to_string_lossy(), "--format", "json", "--no-cache"],
            ),
        }
    }
}

/// What more history costs.
#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn growth(repo: &str, runs: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut parts = Vec::new();
    for (name, eighths) in
        [("1/8 of the history", 1), ("1/4 of the history", 2), ("1/2 of the history", 4), ("all of it", 8)]
    {
        let part = folder.path().join(eighths.to_string());
        of_history(Path::new(repo), eighths, &part);
        parts.push(Part::new(name, &part));
    }
    for (name, commits) in [("2,000 commits", 2_000), ("200,000 commits", 200_000)] {
        let part = folder.path().join(commits.to_string());
        made_up(commits, &part);
        parts.push(Part::new(name, &part));
    }
    for _ in 0..runs {
        for part in &mut parts {
            part.candidate.try_again();
        }
    }
    println!("{:20} {:>9} {:>10} {:>9} {:>15}", "", "commits", "packed", "time", "a packed GB");
    for Part { name, commits, packed, candidate } in &parts {
        let Some((elapsed, peak)) = &candidate.best else { continue };
        let (mega, seconds) = (*packed as f64 / 1e6, elapsed.as_secs_f64());
        let each = seconds / mega * 1e3;
        println!("{name:20} {commits:>9} {mega:>7.1} MB {seconds:>7.2} s {each:>13.2} s  {peak}");
    }
}

/// A bare repository with everything that one of the first parents reaches.
fn of_history(repo: &Path, eighths: usize, folder: &Path) {
    init(folder);
    let all: usize = git(repo, &["rev-list", "--first-parent", "--count", "HEAD"], b"").parse().expect("a number");
    let skip = format!("--skip={}", all - all * eighths / 8);
    let commit = git(repo, &["rev-list", "--first-parent", "-n1", &skip, "HEAD"], b"");
    let pack = folder.join("objects/pack/pack");
    git(repo, &["pack-objects", "-q", "--revs", &pack.to_string_lossy()], format!("{commit}\n").as_bytes());
    git(folder, &["update-ref", "refs/heads/main", &commit], b"");
}

/// A bare repository of that many commits to the same 200 files, one line of one file in each.
fn made_up(commits: usize, folder: &Path) {
    init(folder);
    let mut stream = String::new();
    for at in 0..commits {
        let time = 1_500_000_000 + at * 60;
        let _ = writeln!(stream, "commit refs/heads/main\ncommitter A <a@example.org> {time} +0000\ndata 4\nstep");
        let first = if at == 0 { 0 } else { at % 200 };
        for file in first..(if at == 0 { 200 } else { first + 1 }) {
            let text = (0..12).fold(String::new(), |mut text, line| {
                let version = if line == at / 200 % 12 { at } else { line };
                let _ = writeln!(text, "the line {line} of the file {file} says {version}");
                text
            });
            let _ = writeln!(stream, "M 644 inline folder{}/file{file}.c\ndata {}\n{text}", file / 20, text.len());
        }
    }
    git(folder, &["fast-import", "--quiet", "--force"], stream.as_bytes());
}

fn init(folder: &Path) {
    std::fs::create_dir(folder).expect("the folder is new");
    git(folder, &["init", "-q", "--bare", "-b", "main"], b"");
}
