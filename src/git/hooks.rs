//! Where git looks for hooks, by git's own rules.
//!
//! Unlike everything else here this reads the user's and the system's configuration, because git does: a
//! `core.hooksPath` in any of them moves the folder. Values are read, includes are followed as files, and nothing that a
//! configuration names is started. On Windows the system's file is left out: finding it would take a run of git.

use super::GitError;
use gix::bstr::BStr;
use gix::config::{File, Source, file::Metadata};
use gix::sec::{Permission, Trust};
use std::path::{Path, PathBuf};

/// Whose configuration holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The machine's.
    System,
    /// The user's.
    User,
    /// The repository's, or that of a linked work tree.
    Repository,
    /// The environment of this run.
    Environment,
}

impl Origin {
    /// A word for a report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Repository => "repository",
            Self::Environment => "environment",
        }
    }
}

/// A `core.hooksPath`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksPath {
    /// The folder; a relative one is relative to where a hook runs.
    pub folder: PathBuf,
    /// Whose configuration says so.
    pub origin: Origin,
    /// The file that says so.
    pub file: Option<PathBuf>,
}

/// The folders of a repository that matter for hooks, absolute.
#[derive(Debug, Clone)]
pub struct HookFolders {
    /// The top of the work tree; none in a bare repository.
    pub work_tree: Option<PathBuf>,
    /// The folder of this work tree in git.
    pub git_dir: PathBuf,
    /// The folder that all work trees share.
    pub common_dir: PathBuf,
    /// What moves the hooks, if anything does.
    pub setting: Option<HooksPath>,
}

impl HookFolders {
    /// The repository that `path` lies in, if there is one.
    ///
    /// # Errors
    /// There is a repository, and its configuration or one of the user's cannot be read.
    pub fn discover(path: &Path) -> Result<Option<Self>, GitError> {
        let Ok((found, _)) = gix::discover::upwards(path) else { return Ok(None) };
        let (git_folder, _) = found.into_repository_and_work_tree_directories();
        let what = git_folder.display().to_string();
        let repo = gix::open_opts(&git_folder, options()).map_err(|error| GitError::new(&what, &error))?;
        let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Ok(Some(Self {
            work_tree: repo.workdir().map(absolute),
            git_dir: absolute(repo.git_dir()),
            common_dir: absolute(repo.common_dir()),
            setting: hooks_path(repo.config_snapshot().plumbing())?,
        }))
    }

    /// The folder that every repository has for its hooks.
    #[must_use]
    pub fn own(&self) -> PathBuf {
        self.common_dir.join("hooks")
    }

    /// The folder in which git looks for a hook; those of a server run in the repository's own folder.
    #[must_use]
    pub fn effective(&self, on_server: bool) -> PathBuf {
        let base = self.work_tree.as_ref().filter(|_| !on_server).unwrap_or(&self.git_dir);
        self.setting.as_ref().map_or_else(|| self.own(), |setting| base.join(&setting.folder))
    }
}

/// The `core.hooksPath` that holds where no repository says otherwise.
///
/// # Errors
/// The user's or the system's configuration cannot be read.
pub fn user_hooks_path() -> Result<Option<HooksPath>, GitError> {
    let sources = [Source::System, Source::Git, Source::User];
    let files = sources.into_iter().filter(|source| !(cfg!(windows) && *source == Source::System)).map(|source| {
        let path = source.storage_location(&mut gix::path::env::var).filter(|path| path.is_file());
        Metadata { path, source, level: 0, trust: Trust::Full }
    });
    let home = gix::path::env::home_dir();
    let options = gix::config::file::init::Options {
        includes: gix::config::file::includes::Options::follow_without_conditional(home.as_deref()),
        ..Default::default()
    };
    let file = File::from_paths_metadata(files, options).map_err(|error| failed("the user's configuration", &error))?;
    file.map_or(Ok(None), |file| hooks_path(&file))
}

/// Whether the bytes are a configuration, and which `core.hooksPath` they end up with.
///
/// # Errors
/// They are none.
pub fn hooks_path_in(bytes: &[u8], path: &Path) -> Result<(usize, Option<PathBuf>), GitError> {
    let meta = Metadata { path: None, source: Source::User, level: 0, trust: Trust::Full };
    let file = File::from_bytes_no_includes(bytes, meta, gix::config::file::init::Options::default())
        .map_err(|error| failed(path.display(), &error))?;
    Ok((file.num_values(), hooks_path(&file)?.map(|setting| setting.folder)))
}

fn hooks_path(file: &File) -> Result<Option<HooksPath>, GitError> {
    let Ok((value, section)) = file.raw_value_with_section("core.hooksPath") else { return Ok(None) };
    let meta = section.meta();
    let origin = match meta.source {
        Source::GitInstallation | Source::System => Origin::System,
        Source::Git | Source::User => Origin::User,
        Source::Local | Source::Worktree => Origin::Repository,
        Source::Env | Source::Cli | Source::Api | Source::EnvOverride => Origin::Environment,
    };
    let home = gix::path::env::home_dir();
    let context = gix::config::path::interpolate::Context {
        home_dir: home.as_deref(),
        ..gix::config::path::interpolate::Context::default()
    };
    // An empty value makes git look into the root of the file system, where there are no hooks.
    let folder = if value.is_empty() {
        PathBuf::from("/")
    } else {
        let path = gix::config::Path::from(AsRef::<BStr>::as_ref(&value));
        path.interpolate(context).map_err(|error| failed("core.hooksPath", &error))?
    };
    Ok(Some(HooksPath { folder, origin, file: meta.path.clone() }))
}

fn failed(what: impl std::fmt::Display, error: &gix::Error) -> GitError {
    GitError::new(what, error)
}

/// Everything that decides where hooks are, and nothing that starts a program.
fn options() -> gix::open::Options {
    let mut permissions = gix::open::Permissions::isolated();
    permissions.config = gix::open::permissions::Config::all();
    permissions.config.system = !cfg!(windows);
    permissions.env.home = Permission::Allow;
    permissions.env.xdg_config_home = Permission::Allow;
    permissions.env.git_prefix = Permission::Allow;
    gix::open::Options::default().permissions(permissions)
}

/// A path from its bytes, as git writes them.
#[must_use]
pub fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    if bytes.is_empty() { None } else { gix::path::from_byte_slice(bytes).ok().map(Path::to_owned) }
}

/// The bytes of a path, as git and its shell write them; `None` for what has none.
#[must_use]
pub fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    let bytes = gix::path::into_bstr(path).ok()?;
    Some(gix::path::to_unix_separators_on_windows(bytes).into_owned().into())
}
