//! The proof that a hook stops something: its shim is run on a planted secret, in a repository of its own.
//!
//! The trial happens in a temporary folder with an index that holds one file; nothing of the user's is read or written. What
//! is run is a shim as this version writes it, by the system's shell: never a hook that a repository brought along.

use super::files;
use crate::git;
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A commit that takes longer is not waited for by anybody.
const LIMIT: Duration = Duration::from_secs(20);
/// The file that is planted; its content is the caller's.
const NAME: &str = "deploy.conf";

/// What a trial is made with.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The shell.
    pub shell: &'a Path,
    /// The text of the hook.
    pub script: &'a [u8],
    /// The folder for temporary files.
    pub folder: &'a Path,
    /// Everything that the hook sees of the environment.
    pub environment: &'a [(OsString, OsString)],
    /// A text with a secret in it.
    pub planted: &'a str,
}

/// What a trial showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// It stopped the secret, and let the clean file pass.
    Stops,
    /// The secret passed.
    Passes,
    /// It stops, but the clean file as well; with its code and the beginning of what it said.
    StopsAll(i32, String),
    /// It did not end in time.
    Endless,
}

/// Makes the trial.
///
/// # Errors
/// The scratch repository cannot be made, or the shell not be started: nothing is shown then.
pub fn make(trial: &Trial<'_>) -> Result<Shown, String> {
    let scratch = Scratch::new(trial.folder).map_err(|error| format!("no temporary folder: {error}"))?;
    let hook = scratch.0.join("pre-commit");
    files::write(&hook, trial.script, None).map_err(|error| format!("{}: {error}", hook.display()))?;
    let tree = scratch.0.join("tree");
    std::fs::create_dir(&tree).map_err(|error| format!("{}: {error}", tree.display()))?;
    let run = |text: &str| {
        git::stage(&tree, NAME, text.as_bytes()).map_err(|error| error.to_string())?;
        start(trial, &hook, &tree).map_err(|error| format!("{}: {error}", trial.shell.display()))
    };
    let Some((code, said)) = run("colour = blue\n")? else { return Ok(Shown::Endless) };
    if code != 0 {
        let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        return Ok(Shown::StopsAll(code, crate::text::printable(said)));
    }
    Ok(match run(trial.planted)? {
        None => Shown::Endless,
        Some((0, _)) => Shown::Passes,
        Some(_) => Shown::Stops,
    })
}

/// The exit code, and what was said to standard error; `None` if it does not end.
fn start(trial: &Trial<'_>, hook: &Path, tree: &Path) -> io::Result<Option<(i32, String)>> {
    let mut child = Command::new(trial.shell)
        .arg(hook)
        .env_clear()
        .envs(trial.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(tree)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut pipe = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        // What cannot be read is not said; the exit code decides.
        let _ = pipe.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let said = reader.join().unwrap_or_default();
    Ok(Some((status.code().unwrap_or(-1), said)))
}

/// A temporary folder, gone with its value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(parent: &Path) -> io::Result<Self> {
        for number in 0..64_u32 {
            let time = std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.subsec_nanos());
            let folder = parent.join(format!("plainsight-trial-{}-{time}-{number}", std::process::id()));
            match create_private(&folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(Self(folder)),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder)
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left over is what the system cleans up; nothing of value is in it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
