//! Where a hook has to go so that git runs it, and who else lives there.

use super::{Hook, shown};
use crate::git::{HookFolders, HooksPath, Origin};
use std::path::{Component, Path, PathBuf};

/// Where a hook of a repository goes.
#[derive(Debug, Clone)]
pub enum Place {
    /// A folder that git looks into for this repository alone.
    Folder {
        /// It.
        folder: PathBuf,
        /// It lies in the work tree: what is written there may be committed, so that no path of this machine goes in.
        is_shared: bool,
    },
    /// The file of the husky hook.
    Husky {
        /// It.
        file: PathBuf,
    },
    /// A folder that holds for other repositories too.
    Everywhere {
        /// It.
        folder: PathBuf,
        /// What says so.
        setting: HooksPath,
    },
    /// Nowhere: the setting names something that holds no hooks.
    Nowhere {
        /// What is wrong with it.
        why: String,
    },
}

/// Where a hook of this repository goes.
#[must_use]
pub fn place(folders: &HookFolders, hook: Hook) -> Place {
    let folder = folders.effective(hook.on_server());
    if folder.exists() && !folder.is_dir() {
        let setting = folders.setting.as_ref().map_or_else(String::new, named);
        return Place::Nowhere { why: format!("{} is no folder, so git runs no hook here{setting}", shown(&folder)) };
    }
    let Some(setting) = &folders.setting else { return in_folder(folders, folder) };
    // A relative folder of the user's is one in each repository.
    if setting.origin != Origin::Repository && setting.folder.is_absolute() {
        return Place::Everywhere { folder, setting: setting.clone() };
    }
    match husky(folders, &folder) {
        Some(husky) => Place::Husky { file: husky.join(hook.as_str()) },
        None => in_folder(folders, folder),
    }
}

/// A setting, as the end of a sentence.
pub fn named(setting: &HooksPath) -> String {
    let file = setting.file.as_ref().map_or_else(String::new, |file| format!(" in {}", shown(file)));
    format!(" (core.hooksPath of the {}{file})", setting.origin.as_str())
}

fn in_folder(folders: &HookFolders, folder: PathBuf) -> Place {
    // What does not exist yet lies where its parent does.
    let real = folder.ancestors().find_map(|up| {
        let rest = folder.strip_prefix(up).ok()?;
        Some(up.canonicalize().ok()?.join(rest))
    });
    let real = real.unwrap_or_else(|| folder.clone());
    let written_in = |path: &Path| folders.work_tree.as_ref().is_some_and(|top| path.starts_with(top));
    let in_git = |path: &Path| path.starts_with(&folders.common_dir) || path.starts_with(&folders.git_dir);
    let is_shared = written_in(&real) && !in_git(&real);
    let spelled = without_parents(&folder);
    if written_in(&spelled) && !in_git(&spelled) && !is_shared {
        // A link that came with a clone would choose where this program writes.
        let why = format!("{} is a link out of the work tree, to {}", shown(&folder), shown(&real));
        return Place::Nowhere { why };
    }
    Place::Folder { folder, is_shared }
}

/// The path as it is spelled, with `..` taken at its word.
fn without_parents(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// The `.husky` folder, where the folder for hooks is its, or the one that husky fills (`.husky/_`).
fn husky(folders: &HookFolders, folder: &Path) -> Option<PathBuf> {
    let top = folders.work_tree.as_ref()?;
    let outer = if folder.ends_with("_") { folder.parent()? } else { folder };
    let is_husky = outer.ends_with(".husky")
        || outer.join("_").join("husky.sh").is_file()
        || (folder.ends_with("_") && folder.join("h").is_file());
    (is_husky && outer.starts_with(top) && outer != top).then(|| outer.to_owned())
}

/// How a shim finds the program, here for reports: the environment comes from the caller.
#[derive(Debug, Clone, Default)]
pub struct Finder {
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
}

impl Finder {
    /// The program that a shim would start.
    #[must_use]
    pub fn program(&self, recorded: &[u8]) -> Option<PathBuf> {
        let name = if cfg!(windows) { "plainsight.exe" } else { "plainsight" };
        let recorded = crate::git::path_of(recorded);
        let on_path = self.path.iter().map(|folder| folder.join(name));
        let in_home =
            self.home.iter().flat_map(|home| [".cargo/bin", ".local/bin"].map(|bin| home.join(bin).join(name)));
        let usual = ["/usr/local/bin", "/opt/homebrew/bin"].map(|bin| Path::new(bin).join(name));
        let mut all = recorded.into_iter().chain(on_path).chain(in_home).chain(usual);
        all.find(|path| path.is_absolute() && super::files::is_program(path))
    }
}
