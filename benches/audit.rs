//! `audit` of a real repository beside what else reads all of one: git itself, and kingfisher where it is installed.
//!
//! `PLAINSIGHT_BENCH_REPO=…/repository cargo bench --bench audit [-- RUNS]`; a mirror of <https://github.com/git/git> is the reference.
//! Each is run in turn; the fastest run counts, because everything else on the machine only adds to it. Peak memory comes
//! from `/usr/bin/time`, where that is installed. `cargo bench --bench inflate` tells how much of it is inflating.

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
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
fn main() {
    let Ok(repo) = std::env::var("PLAINSIGHT_BENCH_REPO") else {
        println!("set PLAINSIGHT_BENCH_REPO to a repository");
        return;
    };
    let runs = std::env::args().skip(1).find_map(|arg| arg.parse::<usize>().ok()).unwrap_or(3);
    let own = env!("CARGO_BIN_EXE_plainsight");
    let cat = ["-C", &repo, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"];
    let history = ["scan", &repo, "--git-history", "full", "--no-validate", "--no-update-check"];
    let mut candidates = [
        Candidate::new("plainsight audit", own, &["audit", &repo, "--format", "json"]),
        Candidate::new("git cat-file, all objects", "git", &cat),
        Candidate::new("kingfisher, full history", "kingfisher", &history),
    ];
    for _ in 0..runs {
        for candidate in &mut candidates {
            if let Some(run) = candidate.run()
                && candidate.best.as_ref().is_none_or(|best| run.0 < best.0)
            {
                candidate.best = Some(run);
            }
        }
    }
    for candidate in &candidates {
        match &candidate.best {
            Some((elapsed, peak)) => println!("{:28} {:8.2} s  {peak}", candidate.name, elapsed.as_secs_f64()),
            None => println!("{:28} not installed", candidate.name),
        }
    }
}
