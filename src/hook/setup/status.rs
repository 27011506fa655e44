//! How things stand with a hook: is plainsight in it, and would git run it?

use super::files::{self, Found};
use super::install::{Everywhere, is_gate, legacy, same_folder};
use super::shim::{self, Kind, Scope};
use super::{Finder, Hook, HookError, Manager, Place, husky, manager, place, shown};
use crate::git::{self, HookFolders};
use std::path::{Path, PathBuf};

/// One word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Git runs plainsight.
    Installed,
    /// Git runs plainsight, by a shim of another version.
    Outdated,
    /// The shim was changed by hand.
    Changed,
    /// A manager of hooks calls plainsight.
    Managed,
    /// A hook is there, and not ours.
    Foreign,
    /// No hook is there.
    Missing,
    /// Ours is there, where git does not look.
    Shadowed,
    /// Ours is there, and git ignores it as it cannot be executed.
    Ignored,
    /// Git runs no hook at all here.
    Off,
}

impl State {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Outdated => "outdated",
            Self::Changed => "changed",
            Self::Managed => "managed",
            Self::Foreign => "foreign",
            Self::Missing => "missing",
            Self::Shadowed => "shadowed",
            Self::Ignored => "ignored",
            Self::Off => "off",
        }
    }

    /// Whether git runs plainsight. What a changed shim does is not known.
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Installed | Self::Outdated | Self::Managed)
    }
}

/// How things stand with a hook.
#[derive(Debug, Clone)]
pub struct Status {
    /// Which.
    pub hook: Hook,
    /// In one word.
    pub state: State,
    /// The file that says so.
    pub file: PathBuf,
    /// The path that the shim records.
    pub recorded: Option<PathBuf>,
    /// The program that the shim starts, if there is one; asked only of a shim.
    pub program: Option<PathBuf>,
    /// The hook that is called after it.
    pub kept: Option<PathBuf>,
    /// Who manages the file.
    pub manager: Option<Manager>,
    /// What a person is to know besides.
    pub note: Option<String>,
}

impl Status {
    fn new(hook: Hook, state: State, file: PathBuf) -> Self {
        Self { hook, state, file, recorded: None, program: None, kept: None, manager: None, note: None }
    }

    fn note(self, note: String) -> Self {
        Self { note: Some(note), ..self }
    }
}

/// How things stand with a hook of a repository.
///
/// # Errors
/// A hook file cannot be read.
pub fn status(
    folders: &HookFolders,
    hook: Hook,
    everywhere: &Everywhere,
    finder: &Finder,
) -> Result<Status, HookError> {
    let own = folders.own();
    let top = folders.work_tree.as_deref();
    let found = match place(folders, hook) {
        Place::Nowhere { why } => {
            Status::new(hook, State::Off, folders.effective(hook.on_server()).join(hook.as_str())).note(why)
        }
        Place::Husky { file } => in_husky(hook, file, finder)?,
        Place::Folder { folder, .. } => in_folder(&folder, hook, top, Scope::Repository, finder)?,
        Place::Everywhere { folder, .. } if same_folder(&folder, &everywhere.folder) => {
            if is_gate(&folder.join(hook.as_str()))? {
                in_folder(&folder, hook, None, Scope::EveryRepository, finder)?
            } else {
                in_folder(&own, hook, top, Scope::Repository, finder)?
            }
        }
        Place::Everywhere { folder, .. } => in_folder(&folder, hook, None, Scope::Repository, finder)?,
    };
    if found.state.is_in_force() || folders.setting.is_none() || found.file.parent() == Some(&own) {
        return Ok(found);
    }
    // Ours may lie where git looked before core.hooksPath was set.
    let inner = in_folder(&own, hook, top, Scope::Repository, finder)?;
    if !inner.state.is_in_force() {
        return Ok(found);
    }
    let by = folders.setting.as_ref().map_or_else(String::new, place::named);
    let note = format!("git looks into {} instead{by}", shown(&folders.effective(hook.on_server())));
    Ok(Status { state: State::Shadowed, ..inner }.note(note))
}

/// How things stand with a hook for all repositories.
///
/// # Errors
/// A hook file, or the user's configuration, cannot be read.
pub fn status_everywhere(hook: Hook, everywhere: &Everywhere, finder: &Finder) -> Result<Status, HookError> {
    let Some(setting) = git::user_hooks_path()? else {
        let ours = in_folder(&everywhere.folder, hook, None, Scope::EveryRepository, finder)?;
        let state = if ours.state.is_in_force() { State::Shadowed } else { State::Missing };
        return Ok(Status { state, ..ours }.note("no core.hooksPath of the user or the system".to_owned()));
    };
    let scope =
        if same_folder(&setting.folder, &everywhere.folder) { Scope::EveryRepository } else { Scope::Repository };
    let file = setting.folder.join(hook.as_str());
    if scope == Scope::EveryRepository && !is_gate(&file)? {
        return Ok(Status::new(hook, State::Missing, file));
    }
    in_folder(&setting.folder, hook, None, scope, finder)
}

fn in_husky(hook: Hook, file: PathBuf, finder: &Finder) -> Result<Status, HookError> {
    let found = files::look(&file).map_err(|error| HookError::io(&file, &error))?;
    let state = match found.as_ref().map(|found| husky::find(&found.bytes, hook)) {
        None => State::Missing,
        Some(husky::Block::None) => State::Foreign,
        Some(husky::Block::Current(_)) => State::Installed,
        Some(husky::Block::Other(_)) => State::Outdated,
        Some(husky::Block::Broken) => State::Changed,
    };
    let program = finder.program(&[]).filter(|_| state.is_in_force());
    Ok(Status { manager: Some(Manager::Husky), program, ..Status::new(hook, state, file) })
}

fn in_folder(
    folder: &Path,
    hook: Hook,
    top: Option<&Path>,
    scope: Scope,
    finder: &Finder,
) -> Result<Status, HookError> {
    let file = folder.join(hook.as_str());
    let look = |file: &Path| files::look(file).map_err(|error| HookError::io(file, &error));
    let Some(found) = look(&file)? else { return Ok(Status::new(hook, State::Missing, file)) };
    if found.kind != Kind::Foreign {
        return Ok(ours(hook, file, &found, scope, finder));
    }
    let Some((manager, calls)) = manager::at(Some(&found), top, hook) else {
        return Ok(Status::new(hook, State::Foreign, file));
    };
    let legacy = legacy(&file);
    if let Some(inner) = look(&legacy)?.filter(|found| manager == Manager::PreCommit && found.kind != Kind::Foreign) {
        return Ok(Status { manager: Some(manager), ..ours(hook, legacy, &inner, scope, finder) });
    }
    let state = if calls.is_some() { State::Managed } else { State::Foreign };
    let program = finder.program(&[]).filter(|_| calls.is_some());
    Ok(Status { manager: Some(manager), program, ..Status::new(hook, state, calls.unwrap_or(file)) })
}

fn ours(hook: Hook, file: PathBuf, found: &Found, scope: Scope, finder: &Finder) -> Status {
    let recorded = match &found.kind {
        Kind::Ours { recorded } => recorded.clone(),
        Kind::Changed | Kind::Foreign => Vec::new(),
    };
    let state = match found.kind {
        _ if !found.is_executable => State::Ignored,
        Kind::Ours { .. } if found.bytes == shim::text(hook, &recorded, scope) => State::Installed,
        Kind::Ours { .. } => State::Outdated,
        Kind::Changed | Kind::Foreign => State::Changed,
    };
    let kept = Some(files::kept(&file)).filter(|kept| scope == Scope::Repository && kept.exists());
    Status {
        recorded: git::path_of(&recorded),
        program: finder.program(&recorded),
        kept,
        ..Status::new(hook, state, file)
    }
}
