//! `plainsight doctor`: would a secret be stopped here, today?

use super::args::Common;
use super::failure::Failure;
use super::setup::{Surroundings, shown};
use super::{output, settings};
use crate::engine::Engine;
use crate::git::HookFolders;
use crate::hook::setup::doctor::{self, Shown, Trial};
use crate::hook::setup::{self as hook, Hook, Manager, State, Status};
use crate::report::Format;
use crate::rule::RuleSet;
use serde_json::json;
use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

/// What a check came to; the worst decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Good,
    /// Worth knowing, and no gap.
    Note,
    /// Could not be found out.
    Unknown,
    /// A secret would pass, or every commit be stopped.
    Bad,
}

struct Check {
    name: &'static str,
    verdict: Verdict,
    text: String,
    next: Option<String>,
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, name: &'static str, verdict: Verdict, text: impl Into<String>, next: Option<&str>) {
        self.0.push(Check { name, verdict, text: text.into(), next: next.map(str::to_owned) });
    }

    fn print(&self, common: &Common) -> Result<u8, Failure> {
        let code = match self.0.iter().map(|check| check.verdict).max() {
            Some(Verdict::Bad) => 1,
            Some(Verdict::Unknown) => 3,
            _ => 0,
        };
        let mut out = String::new();
        for Check { name, verdict, text, next } in &self.0 {
            let word = match verdict {
                Verdict::Good => "ok",
                Verdict::Note => "note",
                Verdict::Unknown => "unknown",
                Verdict::Bad => "FAILS",
            };
            if common.format == Format::Human {
                let _ = writeln!(out, "{word:9}{name:18}{text}");
                if let Some(next) = next {
                    let _ = writeln!(out, "{:27}{next}", "");
                }
            } else {
                let word = word.to_lowercase();
                let _ = writeln!(out, "{}", json!({ "check": name, "verdict": word, "text": text, "next": next }));
            }
        }
        output::print(out.as_bytes())?;
        Ok(code)
    }
}

/// Runs it.
pub fn run(common: &Common) -> Result<u8, Failure> {
    let here = Surroundings::new()?;
    let mut checks = Checks::default();
    let folders = HookFolders::discover(Path::new(".")).map_err(Failure::new)?;
    where_git_looks(folders.as_ref(), &mut checks);
    let is_bare = folders.as_ref().is_some_and(|folders| folders.work_tree.is_none());
    let (first, second) = if is_bare { (Hook::PreReceive, Hook::Update) } else { (Hook::PreCommit, Hook::PrePush) };
    let look = |hook| match &folders {
        Some(folders) => hook::status(folders, hook, &here.everywhere, &here.finder),
        None => hook::status_everywhere(hook, &here.everywhere, &here.finder),
    };
    let main = look(first)?;
    judge(&main, true, &mut checks);
    judge(&look(second)?, false, &mut checks);
    program(&main, &mut checks);
    gate(common, &mut checks);
    switches(&main, &mut checks);
    trial(&main, &here, folders.as_ref(), &mut checks);
    checks.print(common)
}

fn where_git_looks(folders: Option<&HookFolders>, checks: &mut Checks) {
    let Some(folders) = folders else {
        checks.add("git", Verdict::Note, "no repository here: looked at is what holds for all of them", None);
        return;
    };
    let folder = shown(&folders.effective(false));
    match &folders.setting {
        None => checks.add("git", Verdict::Good, format!("looks for hooks in {folder}"), None),
        Some(setting) => {
            let file = setting.file.as_deref().map_or_else(String::new, |file| format!(", {}", shown(file)));
            let text = format!("looks for hooks in {folder}: core.hooksPath, {}{file}", setting.origin.as_str());
            checks.add("git", Verdict::Good, text, None);
        }
    }
}

/// One hook's state. Without the main one there is no gate; the other is a second line.
fn judge(status: &Status, is_main: bool, checks: &mut Checks) {
    let (file, hook) = (shown(&status.file), status.hook);
    let gap = if is_main { Verdict::Bad } else { Verdict::Note };
    let by = status.manager.map_or_else(String::new, |manager| format!(", by {}", manager.as_str()));
    let install = format!("plainsight hook install {hook}");
    let (verdict, text, next) = match status.state {
        State::Installed | State::Managed => (Verdict::Good, format!("runs plainsight: {file}{by}"), None),
        State::Outdated => {
            (Verdict::Unknown, format!("is a shim of another version: {file}"), Some("plainsight hook install".into()))
        }
        State::Changed => (
            Verdict::Unknown,
            format!("was changed by hand: {file}"),
            Some(format!("move what you need of it away, and: {install}")),
        ),
        State::Shadowed => {
            (gap, format!("{file} is not run: {}", status.note.clone().unwrap_or_default()), Some(install))
        }
        State::Ignored => (gap, format!("{file} is not run: it cannot be executed"), Some(install)),
        State::Off => (
            gap,
            status.note.clone().unwrap_or_default(),
            Some("git config --unset core.hooksPath, where it is set".into()),
        ),
        State::Missing => (gap, format!("is not there: {file}"), Some(install)),
        State::Foreign => (gap, format!("does not run plainsight: {file}{by}"), Some(install)),
    };
    checks.add(hook.as_str(), verdict, text, next.as_deref());
}

fn program(main: &Status, checks: &mut Checks) {
    if !main.state.is_in_force() {
        return;
    }
    let next = "install it where the hook looks, or: plainsight hook install";
    let Some(program) = &main.program else {
        checks.add("program", Verdict::Bad, "the hook finds no plainsight, and stops everything", Some(next));
        return;
    };
    let this = env::current_exe().and_then(|path| path.canonicalize()).ok();
    let moved = main.recorded.as_ref().filter(|recorded| *recorded != program);
    let text = format!("{} ", shown(program));
    if program.canonicalize().ok() != this {
        let text = format!("{text}is another file than this program ({})", env!("CARGO_PKG_VERSION"));
        checks.add("program", Verdict::Note, text, Some("the trial below is made with that one"));
    } else if let Some(moved) = moved {
        let text = format!("{text}is run, as the recorded {} is not there", shown(moved));
        checks.add("program", Verdict::Note, text, Some("plainsight hook install"));
    } else {
        checks.add("program", Verdict::Good, format!("{text}is this one, {}", env!("CARGO_PKG_VERSION")), None);
    }
}

/// What the configuration here lets through.
fn gate(common: &Common, checks: &mut Checks) {
    match settings::resolve(common, Path::new(".")) {
        Err(_) => checks.add(
            "settings",
            Verdict::Bad,
            "the configuration is wrong, so that the hooks stop everything",
            Some("plainsight config show"),
        ),
        Ok(resolved) => {
            let gate = resolved.settings.gate();
            if gate.fails {
                let text = format!("{} rules; blocks from `{}` up", resolved.rules.rules().len(), gate.block_at);
                checks.add("settings", Verdict::Good, text, None);
            } else {
                let next = "plainsight config show: take `fail_on = \"never\"` out";
                checks.add("settings", Verdict::Bad, "nothing blocks: fail_on is `never`", Some(next));
            }
        }
    }
}

/// What switches hooks off from the environment, and is set right now.
fn switches(main: &Status, checks: &mut Checks) {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let mut bad = |name: &str| {
        let text = format!("{name} is set in this environment, and switches the hook off");
        checks.add("skip", Verdict::Bad, text, Some(&format!("unset {name}")));
    };
    if set("PLAINSIGHT_SKIP").is_some() && !main.hook.on_server() {
        bad("PLAINSIGHT_SKIP");
    }
    for (manager, name) in [
        (Manager::Husky, "HUSKY"),
        (Manager::Lefthook, "LEFTHOOK"),
        (Manager::Overcommit, "OVERCOMMIT_DISABLE"),
        (Manager::PreCommit, "SKIP"),
    ] {
        let value = set(name).filter(|_| main.manager == Some(manager));
        let off = value.is_some_and(|value| match manager {
            Manager::Husky | Manager::Lefthook => value == "0" || value == "false",
            Manager::Overcommit => true,
            Manager::PreCommit => value.to_string_lossy().contains("plainsight"),
        });
        if off {
            bad(name);
        }
    }
}

/// A planted secret, and a clean file, before the hook that git would run.
fn trial(main: &Status, here: &Surroundings, folders: Option<&HookFolders>, checks: &mut Checks) {
    let top = folders.and_then(|folders| folders.work_tree.as_deref());
    if let (Some(program), Some(top)) = (&main.program, top)
        && program.starts_with(top)
    {
        let text = format!("not made: {} lies in the work tree, and nothing from there is started", shown(program));
        checks.add("trial", Verdict::Unknown, text, Some("install plainsight outside of the repository"));
        return;
    }
    let Some(script) = hook::trial_script(main) else {
        let text = "not made: no hook is in force that is as this version writes it";
        checks.add("trial", Verdict::Unknown, text, Some("plainsight hook install"));
        return;
    };
    let shell = ["/bin/sh", "/usr/bin/sh"].map(Path::new).into_iter().find(|path| path.is_file());
    let on_path = || here.finder.path.iter().map(|folder| folder.join("sh.exe")).find(|path| path.is_file());
    let Some(shell) = shell.map(Path::to_owned).or_else(on_path) else {
        checks.add(
            "trial",
            Verdict::Unknown,
            "not made: there is no sh",
            Some("run it in the shell of Git for Windows"),
        );
        return;
    };
    let kept = ["PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"];
    let environment: Vec<(OsString, OsString)> =
        kept.iter().filter_map(|name| Some(((*name).into(), env::var_os(name)?))).collect();
    let folder = env::temp_dir();
    let planted = planted();
    let made = planted.and_then(|planted| {
        let trial =
            Trial { shell: &shell, script: &script, folder: &folder, environment: &environment, planted: &planted };
        doctor::make(&trial)
    });
    let next = "run the hook's command by hand to see what it says: plainsight hook run pre-commit";
    match made {
        Ok(Shown::Stops) => {
            let text = "a planted secret was stopped, a clean file passed, in a scratch repository";
            checks.add("trial", Verdict::Good, text, None);
        }
        Ok(Shown::Passes) => checks.add("trial", Verdict::Bad, "a planted secret passed", Some(next)),
        Ok(Shown::StopsAll(code, said)) => {
            checks.add("trial", Verdict::Bad, format!("a clean file is stopped ({code}): {said}"), Some(next));
        }
        Ok(Shown::Endless) => checks.add("trial", Verdict::Bad, "the hook does not end", Some(next)),
        Err(why) => checks.add("trial", Verdict::Unknown, format!("not made: {}", crate::text::printable(&why)), None),
    }
}

/// A token with a checksum that holds, of nobody: another one each time.
fn planted() -> Result<String, String> {
    let rules = RuleSet::builtin();
    let rule = rules.get("github-pat-classic").ok_or("the rule of the planted secret is gone")?;
    let time = std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_nanos() as u64);
    crate::prove::sample(&Engine::new(&rules), rule, "token = {ghp_:alnum:36}\n", time).map(|sample| sample.text)
}
