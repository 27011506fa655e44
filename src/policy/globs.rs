//! Conditions on paths, written as in `.gitignore`.
//!
//! One meaning for every list of globs a user writes: `/` between parts on every platform, a glob without a
//! slash fits a name in any folder, a fitting folder covers all below it, `!` takes back. Which paths are asked
//! about, and relative to what, is the caller's affair.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;

/// Greatest number of globs in one list.
pub const MAX_GLOBS: usize = 2_000;
/// Greatest length of a glob in bytes.
pub const MAX_GLOB_BYTES: usize = 1_024;
/// Greatest length of a path that can fit; no system opens a longer one, but a git tree may hold it.
const MAX_PATH_BYTES: usize = 4_096;

/// Why a list of globs is none. Always for whoever wrote the list to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// The glob of that index is none, by its writer's mistake.
    #[error("{message}")]
    Glob {
        /// Which of the list.
        index: usize,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// The list as a whole is too much, by its writer's mistake.
    #[error("{message}")]
    List {
        /// What is wrong.
        message: String,
    },
}

/// A list of globs, ready to be asked.
#[derive(Debug, Clone)]
pub struct Globs {
    patterns: Vec<String>,
    matcher: Gitignore,
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Eq for Globs {}

impl Default for Globs {
    fn default() -> Self {
        Self { patterns: Vec::new(), matcher: Gitignore::empty() }
    }
}

impl Globs {
    /// Compiles a list. The order counts where `!` is used: the last glob that fits a path decides.
    ///
    /// # Errors
    /// The first entry that is no glob, or that would be silently without effect in a `.gitignore`.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, GlobError> {
        if patterns.len() > MAX_GLOBS {
            return Err(GlobError::List { message: format!("more than {MAX_GLOBS} globs: name folders instead") });
        }
        let mut builder = GitignoreBuilder::new("");
        // Git reads `a[` as a glob that fits nothing; here the mistake is told.
        builder.allow_unclosed_class(false);
        for (index, pattern) in patterns.iter().enumerate() {
            let pattern = pattern.as_ref();
            let wrong = |message: String| GlobError::Glob { index, message };
            check(pattern).map_err(|message| wrong(message.to_owned()))?;
            builder.add_line(None, pattern).map_err(|error| wrong(format!("this is no glob: {error}")))?;
        }
        let matcher = builder
            .build()
            .map_err(|error| GlobError::List { message: format!("these globs cannot be used: {error}") })?;
        Ok(Self { patterns: patterns.iter().map(|pattern| pattern.as_ref().to_owned()).collect(), matcher })
    }

    /// The globs as they were written.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether there is no glob at all, so that nothing fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether the file of that path fits, itself or by a folder above it. Separated by `/`, relative.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.fits(path, false)
    }

    /// Whether a walk may leave this folder out with all below it: it fits, and nothing is taken back by `!`.
    #[must_use]
    pub fn prunes(&self, folder: &str) -> bool {
        self.matcher.num_whitelists() == 0 && self.fits(folder, true)
    }

    fn fits(&self, path: &str, is_folder: bool) -> bool {
        let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
        if path.is_empty() || path.len() > MAX_PATH_BYTES || Path::new(path).has_root() {
            return false;
        }
        // A path out of the folder that the globs are relative to fits none of them.
        if path.split('/').any(|part| part == "..") {
            return false;
        }
        self.matcher.matched_path_or_any_parents(path, is_folder).is_ignore()
    }
}

/// Refuses what a `.gitignore` would read as something else than a glob.
fn check(pattern: &str) -> Result<(), &'static str> {
    if pattern.trim().is_empty() {
        return Err("an empty glob fits nothing: take it out");
    }
    if pattern.len() > MAX_GLOB_BYTES {
        return Err("longer than 1,024 bytes: name a folder instead");
    }
    if pattern.chars().any(char::is_control) {
        return Err("a control character in a glob: no line break, tab or escape may stand here");
    }
    if pattern.starts_with('#') {
        return Err("a glob that begins with `#` is a comment: write `\\#`");
    }
    if pattern.split('/').any(|part| part == "." || part == "..") {
        return Err("`.` and `..` fit nothing here: write the path from this file's folder, without `./`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(patterns: &[&str]) -> Globs {
        Globs::new(patterns).expect("the test's globs are globs")
    }

    #[test]
    fn fit_as_in_a_gitignore() {
        for (patterns, path, fits) in [
            (&["*.env"][..], "a/b/x.env", true),
            (&["/x.env"], "a/x.env", false),
            (&["/x.env"], "x.env", true),
            (&["tests/"], "a/tests/b/c.txt", true),
            (&["tests/"], "a/tests", false),
            (&["a/*"], "a/b", true),
            (&["docs/**/*.md"], "docs/a/b/c.md", true),
            (&["*.env", "!real.env"], "a/real.env", false),
            (&["*.env", "!real.env"], "a/other.env", true),
            (&["*"], "/etc/passwd", false),
            (&["*"], "../up.env", false),
            (&["*"], "", false),
            (&[], "a", false),
            (&["x.env"], "./x.env", true),
        ] {
            assert_eq!(globs(patterns).matches(path), fits, "{patterns:?} on {path}");
        }
    }

    #[test]
    fn a_folder_is_left_out_only_when_nothing_is_taken_back() {
        assert!(globs(&["vendor/"]).prunes("a/vendor"));
        assert!(!globs(&["vendor/", "!vendor/keep.env"]).prunes("vendor"));
    }

    #[test]
    fn refuses_what_would_have_no_effect() {
        for pattern in ["", "  ", "# x", "a\nb", "../x", "./x", "a[", &"x".repeat(1_025)] {
            assert!(matches!(Globs::new(&["ok", pattern]), Err(GlobError::Glob { index: 1, .. })), "{pattern:?}");
        }
    }

    #[test]
    fn hostile_globs_and_paths_end() {
        let _ = Globs::new(&["{".repeat(1_000)]);
        let _ = Globs::new(&[format!("{}a{}", "{".repeat(400), "}".repeat(400))]);
        assert!(!globs(&["*a*a*a*a*a*a*b"]).matches(&"a/".repeat(2_000)));
        assert!(!globs(&["*"]).matches(&"a/".repeat(100_000)));
    }
}
