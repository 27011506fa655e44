//! `plainsight hook install|uninstall|status`: the environment that hooks need, and what was done in words.

use super::args::{Common, HookSetArgs};
use super::failure::Failure;
use super::output;
use crate::git::{self, HookFolders};
use crate::hook::setup::{
    self as hook, Everywhere, Finder, Hook, HookError, Installed, Manager, Removed, State, Status,
};
use crate::report::Format;
use serde_json::{Value, json};
use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Something that was asked for needs the user's hand: not proven to be in force.
const INCOMPLETE: u8 = 3;

/// What of this run's environment matters for hooks.
#[derive(Debug)]
pub struct Surroundings {
    pub everywhere: Everywhere,
    pub finder: Finder,
    /// How a shim is to find this program: the bytes of a path, or none.
    pub recorded: Vec<u8>,
}

impl Surroundings {
    pub fn new() -> Result<Self, Failure> {
        let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = set("HOME").or_else(env::home_dir);
        let settings = set("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
        let (Some(home), Some(settings)) = (home, settings) else {
            return Err(Failure::new("there is no home folder to look into").help("set HOME to an absolute path"));
        };
        // As `git config --global` chooses.
        let (plain, other) = (home.join(".gitconfig"), settings.join("git").join("config"));
        let config = match set("GIT_CONFIG_GLOBAL") {
            Some(file) => file,
            None if !plain.exists() && other.is_file() => other,
            None => plain,
        };
        let path: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
        let recorded = this_program(&path).and_then(|program| git::bytes_of(&program)).unwrap_or_default();
        let everywhere = Everywhere { folder: settings.join("plainsight").join("hooks"), config };
        Ok(Self { everywhere, finder: Finder { path, home: Some(home) }, recorded })
    }
}

/// This program, by the name that stays when it is replaced: a link on PATH goes before the file that it leads to.
fn this_program(path: &[PathBuf]) -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let real = program.canonicalize().ok()?;
    let name = program.file_name()?;
    let linked = path.iter().map(|folder| folder.join(name));
    let known =
        linked.filter(|path| path.is_absolute()).find(|path| path.canonicalize().is_ok_and(|path| path == real));
    known.or(Some(program)).filter(|program| program.is_absolute())
}

/// The repository around the current folder.
fn repository() -> Result<HookFolders, Failure> {
    HookFolders::discover(Path::new("."))
        .map_err(|error| Failure::new(error).help("mend what git cannot read, and try again"))?
        .ok_or_else(|| {
            Failure::new("there is no git repository here")
                .help("go into one, or say --global for all repositories of yours")
        })
}

fn chosen(args: &HookSetArgs, folders: Option<&HookFolders>) -> Vec<Hook> {
    if !args.hooks.is_empty() {
        return args.hooks.clone();
    }
    let is_bare = folders.is_some_and(|folders| folders.work_tree.is_none());
    if is_bare { Hook::SERVER.to_vec() } else { Hook::CLIENT.to_vec() }
}

impl From<HookError> for Failure {
    fn from(error: HookError) -> Self {
        Self::new(error.message).help(error.help)
    }
}

/// `plainsight hook install`.
pub fn install(args: &HookSetArgs, common: &Common) -> Result<u8, Failure> {
    let here = Surroundings::new()?;
    let mut report = Report::default();
    let ended = if args.global {
        hook::install_everywhere(&chosen(args, None), &here.recorded, &here.everywhere)
            .map(|done| done.iter().for_each(|(hook, installed)| report.installed(*hook, installed)))
    } else {
        let folders = repository()?;
        chosen(args, Some(&folders)).into_iter().try_for_each(|hook| {
            let installed = hook::install(&folders, hook, &here.recorded, &here.everywhere)?;
            report.installed(hook, &installed);
            Ok(())
        })
    };
    if args.global && ended.is_ok() {
        report.text(&format!(
            "These hold for every repository of yours but those with a core.hooksPath of their own (husky sets one);\n\
             there, `plainsight hook install` adds it. A repository's own hooks still run, after these. `pre-commit install`\n\
             refuses while core.hooksPath is set: GIT_CONFIG_GLOBAL=/dev/null pre-commit install goes past that.\n\
             Set in {}",
            shown(&here.everywhere.config)
        ));
    }
    if report.code == 0 && ended.is_ok() {
        report.text("`plainsight doctor` proves that they stop a secret.");
    }
    report.print(common)?;
    ended?;
    Ok(report.code)
}

/// `plainsight hook uninstall`.
pub fn uninstall(args: &HookSetArgs, common: &Common) -> Result<u8, Failure> {
    let here = Surroundings::new()?;
    let mut report = Report::default();
    let ended = if args.global {
        hook::uninstall_everywhere(&args.hooks, &here.everywhere)
            .map(|done| done.iter().for_each(|(hook, removed)| report.removed(*hook, removed)))
    } else {
        let folders = repository()?;
        let hooks = if args.hooks.is_empty() { Hook::ALL } else { &args.hooks };
        hooks.iter().try_for_each(|&hook| {
            let removed = hook::uninstall(&folders, hook)?;
            report.removed(hook, &removed);
            Ok(())
        })
    };
    if report.rows.is_empty() && ended.is_ok() {
        report.text("No hook of plainsight was there.");
    }
    report.print(common)?;
    ended?;
    Ok(report.code)
}

/// `plainsight hook status`.
pub fn status(args: &HookSetArgs, common: &Common) -> Result<u8, Failure> {
    let here = Surroundings::new()?;
    let folders = if args.global { None } else { Some(repository()?) };
    let mut report = Report::default();
    let is_bare = folders.as_ref().is_some_and(|folders| folders.work_tree.is_none());
    let hooks = if args.hooks.is_empty() { Hook::ALL } else { &args.hooks };
    for &hook in hooks {
        let status = match &folders {
            Some(folders) => hook::status(folders, hook, &here.everywhere, &here.finder)?,
            None => hook::status_everywhere(hook, &here.everywhere, &here.finder)?,
        };
        // Of hooks that nobody asked for, those that are not there say nothing.
        let usual = if is_bare { Hook::SERVER } else { Hook::CLIENT };
        if !args.hooks.is_empty() || usual.contains(&hook) || !matches!(status.state, State::Missing | State::Foreign) {
            report.status(&status);
        }
    }
    report.print(common)?;
    Ok(0)
}

/// Lines for a person, objects for a program.
#[derive(Debug, Default)]
struct Report {
    rows: Vec<Value>,
    lines: String,
    code: u8,
}

impl Report {
    fn row(&mut self, hook: Hook, word: &str, file: &Path, notes: &[String], more: Value) {
        let _ = writeln!(self.lines, "{:16}  {word:12}  {}", hook.as_str(), shown(file));
        for note in notes {
            for line in note.lines() {
                let _ = writeln!(self.lines, "{:32}{line}", "");
            }
        }
        let mut object = json!({ "hook": hook.as_str(), "state": word, "file": text(file), "notes": notes });
        if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
            object.extend(more);
        }
        self.rows.push(object);
    }

    fn text(&mut self, text: &str) {
        let _ = writeln!(self.lines, "{text}");
    }

    fn installed(&mut self, hook: Hook, installed: &Installed) {
        let none = || json!({});
        match installed {
            Installed::Written { file, kept, of } => {
                let after = kept.as_ref().map(|kept| {
                    let whose = of.map_or("the hook that was there", Manager::as_str);
                    format!("after it runs {whose}, kept as {}", shown(kept))
                });
                let kept = kept.as_deref().map(text);
                self.row(hook, "installed", file, &after.into_iter().collect::<Vec<_>>(), json!({ "kept": kept }));
            }
            Installed::Renewed(file) => self.row(hook, "renewed", file, &[], none()),
            Installed::Unchanged(file) => self.row(hook, "unchanged", file, &[], none()),
            Installed::InHusky(file, written) => {
                let note = "a block in husky's hook; commit the file, and everybody who works here has it".to_owned();
                let manager = json!({ "manager": Manager::Husky.as_str() });
                self.row(hook, if *written { "installed" } else { "unchanged" }, file, &[note], manager);
            }
            Installed::Through(manager, file) => {
                let note = format!("{} calls plainsight already", manager.as_str());
                self.row(hook, "managed", file, &[note], json!({ "manager": manager.as_str() }));
            }
            Installed::Covered(file) => {
                let note = "the folder for all repositories serves this one".to_owned();
                self.row(hook, "unchanged", file, &[note], none());
            }
            Installed::Wanted { manager, file, lines } => {
                self.code = INCOMPLETE;
                let name = manager.as_str();
                let note = format!(
                    "{name} would undo a change of its hook, so nothing was written. Add to this file:\n\n{lines}"
                );
                let more = json!({ "manager": name, "lines": lines });
                self.row(hook, "not yet", file, &[note], more);
            }
        }
    }

    fn removed(&mut self, hook: Hook, removed: &Removed) {
        let none = || json!({});
        match removed {
            Removed::Gone(file) => self.row(hook, "removed", file, &[], none()),
            Removed::PutBack(file) => {
                self.row(hook, "removed", file, &["the hook that was there before is back".to_owned()], none());
            }
            Removed::FromHusky(file) => {
                self.row(hook, "removed", file, &["the block is out of husky's hook".to_owned()], none());
            }
            Removed::Through(manager, file) => {
                self.code = INCOMPLETE;
                let note = format!("{} calls plainsight: take that line out of this file", manager.as_str());
                self.row(hook, "still there", file, &[note], json!({ "manager": manager.as_str() }));
            }
            Removed::NotThere => {}
        }
    }

    fn status(&mut self, status: &Status) {
        let more = json!({
            "in_force": status.state.is_in_force() && status.program.is_some(),
            "program": status.program.as_deref().map(text),
            "recorded": status.recorded.as_deref().map(text),
            "kept": status.kept.as_deref().map(text),
            "manager": status.manager.map(Manager::as_str),
        });
        self.row(status.hook, status.state.as_str(), &status.file, &notes(status), more);
    }

    fn print(&self, common: &Common) -> Result<(), Failure> {
        let text = if common.format == Format::Human {
            self.lines.clone()
        } else if common.format == Format::Json {
            format!("{}\n", json!({ "schema": 1, "hooks": self.rows }))
        } else {
            self.rows.iter().fold(String::new(), |lines, row| lines + &row.to_string() + "\n")
        };
        output::print(text.as_bytes()).map(|_| ())
    }
}

/// What a person is to know of a hook besides its state.
fn notes(status: &Status) -> Vec<String> {
    let mut notes = Vec::new();
    if status.state.is_in_force() {
        notes.push(match (&status.program, &status.recorded) {
            (Some(program), Some(recorded)) if program != recorded => {
                format!("program: {}; the recorded {} is not there", shown(program), shown(recorded))
            }
            (Some(program), _) => format!("program: {}", shown(program)),
            (None, _) => "program: not found, so that every commit and push is stopped".to_owned(),
        });
    }
    notes.extend(status.kept.as_ref().map(|kept| format!("after it: {}", shown(kept))));
    notes.extend(status.manager.map(|manager| format!("managed by {}", manager.as_str())));
    notes.extend(status.note.clone());
    let step = match status.state {
        State::Installed | State::Managed => None,
        State::Outdated => Some("`plainsight hook install` renews it"),
        State::Changed => Some("changed by hand: move what you need of it away, and run `plainsight hook install`"),
        State::Missing => Some("`plainsight hook install` puts it there"),
        State::Foreign => Some("`plainsight hook install` puts it before this one, which is kept"),
        State::Shadowed => Some("`plainsight hook install` puts it where git looks"),
        State::Ignored => Some("it cannot be executed: `plainsight hook install` mends that"),
        State::Off => Some("git config --unset core.hooksPath brings hooks back"),
    };
    notes.extend(step.map(str::to_owned));
    notes
}

/// A path for a person: from here, if it lies below.
pub fn shown(path: &Path) -> String {
    let here = env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    crate::text::printable(&path.to_string_lossy())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
