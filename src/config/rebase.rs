//! Paths as a report shows them, turned into paths from the configuration's folder.
//!
//! Globs are relative to the folder of `plainsight.toml`; a scan gives paths as reached from its argument, and
//! git gives them from the top of the repository. Only names are compared: nothing here touches the disk.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// Turns paths that begin at one folder into paths that begin at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebase {
    from: PathBuf,
    to: PathBuf,
    same: bool,
}

impl Rebase {
    /// From paths that are relative to `from` to paths that are relative to `to`. Both are absolute, or relative
    /// to the same folder.
    #[must_use]
    pub fn new(from: &Path, to: &Path) -> Self {
        let (from, to) = (plain(from), plain(to));
        Self { same: from == to, from, to }
    }

    /// The path from the new folder, with `/`; `None` where it does not lie below it. An absolute path is taken
    /// as it is.
    #[must_use]
    pub fn apply<'p>(&self, path: &'p str) -> Option<Cow<'p, str>> {
        // The usual case: git's own paths, or a scan in the configuration's folder.
        if self.same && !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..")) {
            return Some(Cow::Borrowed(path));
        }
        let whole = plain(&self.from.join(path));
        let below = whole.strip_prefix(&self.to).ok()?;
        let parts: Vec<Cow<'_, str>> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        (!parts.is_empty() && parts.iter().all(|part| part != "..")).then(|| Cow::Owned(parts.join("/")))
    }
}

/// Without `.`, and each `..` with the name before it taken out.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir if out.has_root() => {}
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_turned() {
        for (from, to, path, turned) in [
            ("/r", "/r", "a/b", Some("a/b")),
            ("/r", "/r", "./a//b", Some("a/b")),
            ("/r", "/r", "", None),
            ("/r/sub", "/r", "a", Some("sub/a")),
            ("/r/sub", "/r", "../a", Some("a")),
            ("/r", "/r/sub", "sub/a", Some("a")),
            ("/r", "/r/sub", "other/a", None),
            ("/r", "/r", "../a", None),
            ("/r", "/r", "/r/a", Some("a")),
            ("/r", "/r", "/etc/a", None),
            ("/r/", "/r/.", "a", Some("a")),
            ("", "", "../../a", None),
            ("/", "/", "../a", Some("a")),
        ] {
            assert_eq!(
                Rebase::new(Path::new(from), Path::new(to)).apply(path).as_deref(),
                turned,
                "{from} {to} {path}"
            );
        }
    }
}
