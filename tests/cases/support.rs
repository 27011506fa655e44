//! What every case needs: a scratch folder, the program in a clean environment, and samples made from seeds.

use plainsight::engine::Engine;
use plainsight::prove;
use plainsight::rule::RuleSet;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The built-in rules.
pub static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::builtin);
/// The engine over them.
pub static ENGINE: LazyLock<Engine<'static>> = LazyLock::new(|| Engine::new(&RULES));

/// A run that has not ended by then never will; no test measures time.
const FOR_EVER: Duration = Duration::from_secs(400);

/// A template of a rule, filled from a seed, its checksum made to hold.
pub fn sample(rule_id: &str, template: &str, seed: u64) -> String {
    let rule = RULES.get(rule_id).expect("the rule is built in");
    prove::sample(&ENGINE, rule, template, seed).expect("the template is right").text
}

/// A token that is proven by its checksum: 40 bytes.
pub fn token(seed: u64) -> String {
    sample("github-pat-classic", "{ghp_:alnum:36}", seed)
}

/// A folder to scan (`tree`), and a home beside it.
pub struct Scratch {
    folder: TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in ["tree", "home"] {
            fs::create_dir(folder.path().join(name)).expect("the folder is new");
        }
        Self { folder }
    }

    /// The folder that holds everything.
    pub fn outside(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the folder that is scanned; the current folder of every run.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("tree").join(name)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let parent = path.parent().expect("the file lies in the tree");
        fs::create_dir_all(parent).expect("the folder can be made");
        fs::write(&path, bytes).expect("the file can be written");
        path
    }

    /// A program with nothing in its environment but the path and a home of its own.
    pub fn program(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.folder.path().join("home")).current_dir(folder);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// plainsight, in the tree.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_plainsight"), &self.path(""));
        command.args(args);
        command
    }

    /// Runs plainsight in the tree.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        finish(&mut self.command(args), b"")
    }

    /// Runs plainsight in a folder below the tree, or beside it.
    pub fn run_in<S: AsRef<OsStr>>(&self, folder: &Path, args: &[S]) -> Ran {
        finish(self.command(args).current_dir(folder), b"")
    }

    /// `scan --format jsonl` of the tree.
    pub fn scan(&self) -> Ran {
        self.run(&["scan", "--format", "jsonl"])
    }
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The objects of one type in a JSON Lines report.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str::<Value>(line).expect("every line is an object");
        self.stdout.lines().map(parse).filter(|object| object["type"] == kind).collect()
    }

    pub fn findings(&self) -> Vec<Value> {
        self.objects("finding")
    }

    /// Path and kind of everything that was skipped.
    pub fn skips(&self) -> Vec<(String, String)> {
        let text = |object: &Value, key: &str| object[key].as_str().unwrap_or_default().to_owned();
        self.objects("skip").iter().map(|skip| (text(skip, "path"), text(skip, "kind"))).collect()
    }

    pub fn summary(&self) -> Value {
        let mut all = self.objects("summary");
        assert_eq!(all.len(), 1, "one summary ends the report: {}", self.stderr);
        all.remove(0)
    }

    /// One text of every finding, sorted.
    pub fn each(&self, key: &str) -> Vec<String> {
        let text = |object: &Value| object[key].as_str().unwrap_or_default().to_owned();
        let mut all: Vec<String> = self.findings().iter().map(text).collect();
        all.sort();
        all
    }

    #[track_caller]
    pub fn expect_status(self, status: i32) -> Self {
        let (out, err) = (shortened(&self.stdout), shortened(&self.stderr));
        assert_eq!(self.status, status, "\n--- standard output\n{out}\n--- standard error\n{err}");
        self
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(4000).collect()
}

/// Runs a command to its end.
pub fn finish(command: &mut Command, stdin: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = started(command);
    let mut input = child.stdin.take().expect("it is piped");
    let stdin = stdin.to_vec();
    // A program that does not read its input to the end closes the pipe, which is its right.
    let writer = thread::spawn(move || drop(input.write_all(&stdin)));
    let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let status = wait(&mut child);
    writer.join().expect("writing does not panic");
    let text = |thread: thread::JoinHandle<String>| thread.join().expect("reading does not panic");
    Ran { status, stdout: text(out), stderr: text(err) }
}

/// A script that a test has just written is busy as long as another test, which started a program in that moment, has not let
/// go of the file: every program begins with all that its parent had open.
fn started(command: &mut Command) -> Child {
    for _ in 0..500 {
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(10));
            }

            started => return started.expect("the program starts"),
        }
    }
    command.spawn().expect("the program starts")
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    let mut pipe = pipe.expect("it is piped");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8(bytes).expect("every output is UTF-8")
    })
}

/// The exit code of a program that ends.
pub fn wait(child: &mut Child) -> i32 {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the child is ours") {
            return status.code().expect("no signal ends it");
        }
        if began.elapsed() > FOR_EVER {
            let _ = child.kill();
            panic!("the program does not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}
