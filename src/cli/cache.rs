//! Where what an audit read is kept for the next one.

use super::args::AuditArgs;
use super::failure::Failure;
use crate::scan::history;
use std::ffi::OsString;
use std::path::PathBuf;

/// The folder that was asked for, or the user's; `None` where there is none, or none is wanted.
pub fn folder(args: &AuditArgs) -> Result<Option<PathBuf>, Failure> {
    if args.no_cache || args.exhaustive {
        return Ok(None);
    }
    let Some(folder) = &args.cache else { return Ok(of_user(std::env::var_os)) };
    if history::lies_within(&args.repository, folder) {
        let name = crate::text::printable(&folder.to_string_lossy());
        return Err(Failure::new(format!("--cache: {name} lies in the repository, which is never written to"))
            .help("name a folder outside of it, or leave --cache out for the one in your home"));
    }
    Ok(Some(folder.clone()))
}

/// The user's folder for what can be made again. A path that depends on the current folder is none.
fn of_user(variable: impl Fn(&'static str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        let home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|path| path.join(home)))
    };
    caches.map(|caches| caches.join("plainsight"))
}

#[cfg(test)]
#[cfg(all(unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_users() {
        let of = |variables: &'static [(&str, &str)]| {
            of_user(|name| variables.iter().find(|one| one.0 == name).map(|one| one.1.into()))
        };
        assert_eq!(of(&[("HOME", "/home/a")]), Some("/home/a/.cache/plainsight".into()));
        assert_eq!(of(&[("HOME", "/home/a"), ("XDG_CACHE_HOME", "/c")]), Some("/c/plainsight".into()));
        assert_eq!(of(&[("HOME", "/home/a"), ("XDG_CACHE_HOME", "here")]), Some("/home/a/.cache/plainsight".into()));
        assert_eq!(of(&[("HOME", "")]), None);
        assert_eq!(of(&[]), None);
    }
}
