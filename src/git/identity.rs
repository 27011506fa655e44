//! Who works in a repository, as git's configuration says, and where a repository begins.
//!
//! The one place that reads the user's configuration of git: two values of it, for a record that names who did
//! something. Nothing that is found depends on them.

use std::path::{Path, PathBuf};

/// The top of the work tree that a path lies in; asks for folders only, and opens nothing.
#[must_use]
pub fn top_of(path: &Path) -> Option<PathBuf> {
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    };
    let (found, _) = gix::discover::upwards(folder).ok()?;
    let top = found.into_repository_and_work_tree_directories().1?;
    Some(top.canonicalize().unwrap_or(top))
}

/// Whether a file belongs to the user who runs the program.
#[must_use]
pub fn is_ours(path: &Path) -> bool {
    matches!(gix::sec::Trust::from_path_ownership(path), Ok(gix::sec::Trust::Full))
}

/// `Name <mail>` of `user.name` and `user.email`, as far as they are set.
#[must_use]
pub fn identity(path: &Path) -> Option<String> {
    let (found, _) = gix::discover::upwards(path).ok()?;
    let (folder, _) = found.into_repository_and_work_tree_directories();
    let mut permissions = gix::open::Permissions::isolated();
    (permissions.config.system, permissions.config.git, permissions.config.user) = (true, true, true);
    permissions.config.includes = true;
    permissions.env.home = gix::sec::Permission::Allow;
    permissions.env.xdg_config_home = gix::sec::Permission::Allow;
    let repo = gix::open_opts(folder, gix::open::Options::isolated().permissions(permissions)).ok()?;
    let config = repo.config_snapshot();
    let value = |key: &str| {
        let text = config.string(key)?.to_string();
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    match (value("user.name"), value("user.email")) {
        (Some(name), Some(mail)) => Some(format!("{name} <{mail}>")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}
