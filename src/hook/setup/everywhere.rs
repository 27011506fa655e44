//! One folder of hooks for all repositories of a user.
//!
//! `core.hooksPath` in the user's configuration holds at once, for repositories that are there and for new ones; a template
//! (`init.templateDir`) would reach the new ones only, as a copy that nobody renews. Its price: git then leaves the hooks of a
//! repository itself aside. So every hook that git knows gets a file here that calls the repository's own.

use super::install::{
    Everywhere, Installed, Removed, install_in, is_gate, renew, same_folder, unchanged_by_others, uninstall_in,
};
use super::shim::{self, Scope};
use super::{HANDED_ON, Hook, HookError, files, place, shown, user_config};
use crate::git;
use std::fs;
use std::path::Path;

/// Puts hooks in for all repositories of the user: into the folder that the configuration names already, or into
/// plainsight's own, which is then named there.
///
/// # Errors
/// Something is in the way. Shims that were written by then do nothing, as the folder is named last.
pub fn install_everywhere(
    hooks: &[Hook],
    recorded: &[u8],
    everywhere: &Everywhere,
) -> Result<Vec<(Hook, Installed)>, HookError> {
    let setting = git::user_hooks_path()?;
    if let Some(setting) = setting.as_ref().filter(|setting| !same_folder(&setting.folder, &everywhere.folder)) {
        let folder = usable(setting)?;
        return hooks.iter().map(|&hook| Ok((hook, install_in(folder, hook, recorded, None)?))).collect();
    }
    let folder = &everywhere.folder;
    fs::create_dir_all(folder).map_err(|error| HookError::io(folder, &error))?;
    let mut done = Vec::new();
    for &hook in hooks {
        let file = folder.join(hook.as_str());
        done.push((hook, write_own(&file, &shim::text(hook, recorded, Scope::EveryRepository))?));
    }
    let served = Hook::ALL.iter().map(|hook| hook.as_str());
    for name in served.chain(HANDED_ON.iter().copied()) {
        let file = folder.join(name);
        if !is_gate(&file)? {
            write_own(&file, &shim::passing_on(name))?;
        }
    }
    if setting.is_none() {
        if let Some(parent) = everywhere.config.parent() {
            fs::create_dir_all(parent).map_err(|error| HookError::io(parent, &error))?;
        }
        user_config::put(&everywhere.config, folder)?;
        if !git::user_hooks_path()?.is_some_and(|setting| same_folder(&setting.folder, folder)) {
            user_config::take(&everywhere.config)?;
            return Err(HookError::new(
                format_args!("git does not read {}, so that it was left as it was", shown(&everywhere.config)),
                "GIT_CONFIG_GLOBAL may name another file: unset it, and try again",
            ));
        }
    }
    Ok(done)
}

/// A folder for all repositories that somebody else chose.
fn usable(setting: &git::HooksPath) -> Result<&Path, HookError> {
    if setting.folder.is_absolute() && (setting.folder.is_dir() || !setting.folder.exists()) {
        return Ok(&setting.folder);
    }
    let help = if setting.folder.is_absolute() {
        "git config --global --unset core.hooksPath takes the setting out; then try again"
    } else {
        "it is another one in each repository: `plainsight hook install` in a repository puts the hooks there"
    };
    Err(HookError::new(
        format_args!("{} is no folder for all repositories{}", shown(&setting.folder), place::named(setting)),
        help,
    ))
}

fn write_own(file: &Path, text: &[u8]) -> Result<Installed, HookError> {
    let io = |error: std::io::Error| HookError::io(file, &error);
    if files::look(file).map_err(io)?.is_some() {
        return renew(file, text);
    }
    files::write(file, text, None).map_err(io)?;
    Ok(Installed::Written { file: file.to_owned(), kept: None, of: None })
}

/// Takes hooks out for all repositories; without names everything, the setting too.
///
/// # Errors
/// Something was changed since; then all is as it was.
pub fn uninstall_everywhere(hooks: &[Hook], everywhere: &Everywhere) -> Result<Vec<(Hook, Removed)>, HookError> {
    let all = if hooks.is_empty() { Hook::ALL } else { hooks };
    let setting = git::user_hooks_path()?;
    if let Some(setting) = setting.as_ref().filter(|setting| !same_folder(&setting.folder, &everywhere.folder)) {
        let folder = usable(setting)?;
        return all.iter().map(|&hook| Ok((hook, uninstall_in(folder, hook, None)?))).collect();
    }
    let folder = &everywhere.folder;
    let names = Hook::ALL.iter().map(|hook| hook.as_str()).chain(HANDED_ON.iter().copied());
    let mut ours = Vec::new();
    for file in names.map(|name| folder.join(name)) {
        if let Some(found) = files::look(&file).map_err(|error| HookError::io(&file, &error))? {
            unchanged_by_others(&file, &found)?;
            ours.push(file);
        }
    }
    let mut done = Vec::new();
    for &hook in all {
        let file = folder.join(hook.as_str());
        let was = is_gate(&file)?;
        if was && !hooks.is_empty() {
            write_own(&file, &shim::passing_on(hook.as_str()))?;
        }
        done.push((hook, if was { Removed::Gone(file) } else { Removed::NotThere }));
    }
    if hooks.is_empty() {
        if setting.is_some() && !user_config::take(&everywhere.config)? {
            return Err(HookError::new(
                format_args!("core.hooksPath names {}, and not by a line of plainsight's", shown(folder)),
                "take it out: git config --global --unset core.hooksPath; then try again",
            ));
        }
        for file in ours {
            fs::remove_file(&file).map_err(|error| HookError::io(&file, &error))?;
        }
        // Files of others keep the folder, and that is right.
        let _ = fs::remove_dir(folder).and_then(|()| folder.parent().map_or(Ok(()), fs::remove_dir));
    }
    Ok(done)
}
