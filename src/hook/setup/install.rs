//! Putting a hook in, and taking it out so that nothing of it is left.

use super::files::{self, Found};
use super::shim::{self, Kind, Scope};
use super::{Hook, HookError, Manager, Place, husky, manager, place, shown};
use crate::git::HookFolders;
use std::fs;
use std::path::{Path, PathBuf};

/// What became of a hook that was to be put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installed {
    /// It is there now; a hook that was there before is kept, and called after it.
    Written {
        /// Its file.
        file: PathBuf,
        /// The hook that was there.
        kept: Option<PathBuf>,
        /// Whose that is, if a manager's.
        of: Option<Manager>,
    },
    /// It was there, written by another version or for another path of the program.
    Renewed(PathBuf),
    /// It was there; nothing was written.
    Unchanged(PathBuf),
    /// A block stands in the file of husky's hook; whether it was written now.
    InHusky(PathBuf, bool),
    /// A manager calls plainsight; nothing was written.
    Through(Manager, PathBuf),
    /// The folder for all repositories serves this one; nothing was written.
    Covered(PathBuf),
    /// A manager would undo what is written here: it wants these lines in this file. Nothing was written.
    Wanted {
        /// Whose.
        manager: Manager,
        /// Its configuration.
        file: PathBuf,
        /// What to add there.
        lines: String,
    },
}

/// What became of a hook that was to be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// It is gone; nothing was there before it.
    Gone(PathBuf),
    /// What was there before is in its place again.
    PutBack(PathBuf),
    /// The block is gone from the file of husky's hook.
    FromHusky(PathBuf),
    /// A manager's configuration calls plainsight: that line is the user's to take out.
    Through(Manager, PathBuf),
    /// There was none.
    NotThere,
}

/// Where the files of all repositories are.
#[derive(Debug, Clone)]
pub struct Everywhere {
    /// The folder of plainsight's own shims.
    pub folder: PathBuf,
    /// The user's git configuration.
    pub config: PathBuf,
}

/// Puts a hook into a repository. `recorded` is the path of the program.
///
/// # Errors
/// Something is in the way; then nothing was changed.
pub fn install(
    folders: &HookFolders,
    hook: Hook,
    recorded: &[u8],
    everywhere: &Everywhere,
) -> Result<Installed, HookError> {
    let top = folders.work_tree.as_deref();
    match place(folders, hook) {
        Place::Nowhere { why } => Err(HookError::new(why, "git config --unset core.hooksPath brings git's hooks back")),
        Place::Husky { file } => Ok(Installed::InHusky(file.clone(), husky::put(&file, hook)?)),
        Place::Folder { folder, is_shared } => install_in(&folder, hook, if is_shared { &[] } else { recorded }, top),
        Place::Everywhere { folder, .. } if same_folder(&folder, &everywhere.folder) => {
            let file = folder.join(hook.as_str());
            if is_gate(&file)? {
                return Ok(Installed::Covered(file));
            }
            install_in(&folders.own(), hook, recorded, top)
        }
        Place::Everywhere { folder, setting } => Err(HookError::new(
            format_args!("git looks for hooks in {}, for every repository{}", shown(&folder), place::named(&setting)),
            "`plainsight hook install --global` puts them there, for all of them; or give this repository its own \
             folder: git config core.hooksPath .git/hooks",
        )),
    }
}

/// Whether the file is the shim that runs plainsight in every repository, and not one that only hands on.
pub(super) fn is_gate(file: &Path) -> Result<bool, HookError> {
    let found = files::look(file).map_err(|error| HookError::io(file, &error))?;
    let is_ours = |found: &Found| found.is_executable && matches!(found.kind, Kind::Ours { .. });
    Ok(found.is_some_and(|found| is_ours(&found) && memchr::memmem::find(&found.bytes, b"hook run").is_some()))
}

pub(super) fn same_folder(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// Puts a shim into a folder, before whatever stands there.
pub(super) fn install_in(
    folder: &Path,
    hook: Hook,
    recorded: &[u8],
    top: Option<&Path>,
) -> Result<Installed, HookError> {
    let file = folder.join(hook.as_str());
    let io = |error: std::io::Error| HookError::io(&file, &error);
    let text = shim::text(hook, recorded, Scope::Repository);
    let found = files::look(&file).map_err(io)?;
    let managed = manager::at(found.as_ref(), top, hook);
    if let Some((manager, calls)) = managed.clone() {
        if let Some(config) = calls {
            return Ok(Installed::Through(manager, config));
        }
        if manager.insists() {
            let (file, lines) = manager.lines(top.unwrap_or(folder), hook);
            return Ok(Installed::Wanted { manager, file, lines });
        }
        let legacy = legacy(&file);
        if let Some(kind) = files::look(&legacy).map_err(io)?.map(|found| found.kind)
            && kind != Kind::Foreign
        {
            // The framework was installed over ours, and calls it.
            return renew(&legacy, &text);
        }
    }
    match found {
        None => {
            fs::create_dir_all(folder).map_err(|error| HookError::io(folder, &error))?;
            files::write(&file, &text, None).map_err(io)?;
            Ok(Installed::Written { file, kept: None, of: None })
        }
        Some(found) if found.kind != Kind::Foreign => renew(&file, &text),
        Some(found) => {
            let kept = files::kept(&file);
            if fs::symlink_metadata(&kept).is_ok() {
                if !files::same(&file, &kept) {
                    return Err(HookError::new(
                        format_args!("{} is not plainsight's, and {} is kept from before", shown(&file), shown(&kept)),
                        "something replaced the shim: put the two together into the first, remove the second, and try again",
                    ));
                }
            } else {
                files::set_aside(&file, found.is_link).map_err(io)?;
            }
            if let Err(error) = files::write(&file, &text, None) {
                // Where the hook still stands in its place, the second name of it goes; else it goes back.
                let _ = if file.exists() { fs::remove_file(&kept) } else { fs::rename(&kept, &file) };
                return Err(io(error));
            }
            Ok(Installed::Written { file, kept: Some(kept), of: managed.map(|(manager, _)| manager) })
        }
    }
}

/// The name under which the pre-commit framework calls the hook that it found.
pub(super) fn legacy(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".legacy");
    file.with_file_name(name)
}

/// Brings a shim up to date.
pub(super) fn renew(file: &Path, text: &[u8]) -> Result<Installed, HookError> {
    let io = |error: std::io::Error| HookError::io(file, &error);
    let Some(found) = files::look(file).map_err(io)? else { return Ok(Installed::Unchanged(file.to_owned())) };
    if found.bytes == text && found.is_executable {
        return Ok(Installed::Unchanged(file.to_owned()));
    }
    unchanged_by_others(file, &found)?;
    files::write(file, text, None).map_err(io)?;
    Ok(Installed::Renewed(file.to_owned()))
}

/// What plainsight may replace or remove: a file of its own that nobody changed.
pub(super) fn unchanged_by_others(file: &Path, found: &Found) -> Result<(), HookError> {
    let what = match (&found.kind, found.is_link) {
        (_, true) => "is a link to a shim of plainsight",
        (Kind::Changed, _) => "was written by plainsight and changed since",
        (Kind::Foreign, _) => "is not plainsight's",
        (Kind::Ours { .. }, false) => return Ok(()),
    };
    Err(HookError::new(
        format_args!("{} {what}, so that it stays as it is", shown(file)),
        "move it away, and try again; what you need of it goes into a file of your own",
    ))
}

/// Takes a hook out of a repository.
///
/// # Errors
/// What is there was changed, or cannot be written; then it is as it was.
pub fn uninstall(folders: &HookFolders, hook: Hook) -> Result<Removed, HookError> {
    let top = folders.work_tree.as_deref();
    let mut places = vec![folders.own()];
    match place(folders, hook) {
        Place::Husky { file } => {
            if husky::take(&file, hook)? {
                return Ok(Removed::FromHusky(file));
            }
        }
        Place::Folder { folder, .. } => places.insert(0, folder),
        Place::Everywhere { .. } | Place::Nowhere { .. } => {}
    }
    for folder in &places {
        let removed = uninstall_in(folder, hook, top)?;
        if removed != Removed::NotThere {
            return Ok(removed);
        }
    }
    Ok(Removed::NotThere)
}

pub(super) fn uninstall_in(folder: &Path, hook: Hook, top: Option<&Path>) -> Result<Removed, HookError> {
    let file = folder.join(hook.as_str());
    let io = |error: std::io::Error| HookError::io(&file, &error);
    let Some(found) = files::look(&file).map_err(io)? else { return Ok(Removed::NotThere) };
    if found.kind != Kind::Foreign {
        return take_out(&file, &files::kept(&file), &found);
    }
    if let Some((manager, calls)) = manager::at(Some(&found), top, hook) {
        let legacy = legacy(&file);
        if let Some(ours) = files::look(&legacy).map_err(io)?.filter(|found| found.kind != Kind::Foreign) {
            let kept = files::kept(&file);
            if files::same(&file, &kept) {
                fs::remove_file(&kept).map_err(io)?;
            }
            return take_out(&legacy, &kept, &ours);
        }
        if let Some(config) = calls {
            return Ok(Removed::Through(manager, config));
        }
    }
    Ok(Removed::NotThere)
}

fn take_out(file: &Path, kept: &Path, found: &Found) -> Result<Removed, HookError> {
    let io = |error: std::io::Error| HookError::io(file, &error);
    unchanged_by_others(file, found)?;
    if fs::symlink_metadata(kept).is_ok() {
        fs::rename(kept, file).map_err(io)?;
        return Ok(Removed::PutBack(file.to_owned()));
    }
    fs::remove_file(file).map_err(io)?;
    Ok(Removed::Gone(file.to_owned()))
}
