//! The paths of a finding as words, as arguments of a command, and as lines of a `.gitignore`.
//!
//! A path is hostile text: it may hold quotes, dashes in front and line ends. One that cannot be pasted without
//! doubt is given in words only.

use super::{MAX_NAMED, named};
use crate::finding::{Finding, Place, is_message};
use crate::text::printable;
use std::collections::BTreeSet;

/// The different paths of one finding, sorted.
pub(super) struct Paths {
    all: Vec<String>,
    /// Whether every one can stand in a command as it is.
    pasteable: bool,
}

impl Paths {
    /// Where something is to be done today: not where it is allowed, and not where it was taken out already.
    pub fn now(finding: &Finding<'_>) -> Self {
        let now = Self::of(finding, |place| place.suppressed.is_none() && place.removed_in.is_none());
        if now.all.is_empty() { Self::ever(finding) } else { now }
    }

    /// Where it stands or stood.
    pub fn ever(finding: &Finding<'_>) -> Self {
        Self::of(finding, |_| true)
    }

    fn of(finding: &Finding<'_>, counts: impl Fn(&Place) -> bool) -> Self {
        let paths: BTreeSet<_> = finding.places.iter().filter(|place| counts(place)).map(|place| &place.path).collect();
        let pasteable = (1..=MAX_NAMED).contains(&paths.len())
            && paths.iter().all(|path| !path.is_escaped() && is_pasteable(path.as_str()));
        Self { all: paths.into_iter().map(|path| path.as_str().to_owned()).collect(), pasteable }
    }

    /// The one path of a place.
    pub fn one(place: &Place) -> Option<Self> {
        let text = place.path.as_str();
        (is_pasteable(text) && !place.path.is_escaped()).then(|| Self { all: vec![text.to_owned()], pasteable: true })
    }

    /// The first path as a word of a shell, grown together with what stands before it.
    pub fn quoted_after(&self, before: &str) -> Option<String> {
        self.all.first().filter(|_| self.pasteable).map(|path| quoted(&format!("{before}{path}")))
    }

    /// Takes them out of the index and leaves the files, changed or not.
    pub fn untrack(&self) -> Option<String> {
        self.command("git rm --cached --force --")
    }

    /// Whether the whole file goes, and not a value in it: the finding is a file, or stands in environment files only,
    /// where every line is of that kind.
    pub fn is_whole_file(&self, finding: &Finding<'_>) -> bool {
        finding.secret.is_none() || (!self.all.is_empty() && self.all.iter().all(|path| is_environment_file(path)))
    }

    /// Whether all that holds it are messages of commits or tags, which are no files.
    pub fn is_message(&self) -> bool {
        !self.all.is_empty() && self.all.iter().all(|path| is_message(path))
    }

    /// The same of some of it.
    pub fn has_message(&self) -> bool {
        self.all.iter().any(|path| is_message(path))
    }

    /// `a.env, b.env and 3 more`.
    pub fn named(&self) -> String {
        match self.all.as_slice() {
            [] => "its file".to_owned(),
            [input] if input == "-" => "the input".to_owned(),
            all => named(all.iter().map(String::as_str), 0),
        }
    }

    /// The command with every path behind it.
    pub fn command(&self, command: &str) -> Option<String> {
        self.command_with_each(command, "")
    }

    /// The command with every path behind it, each grown together with the option.
    pub fn command_with_each(&self, command: &str, option: &str) -> Option<String> {
        let words = self.all.iter().map(|path| quoted(&format!("{option}{path}")));
        let words = std::iter::once(command.to_owned()).chain(words);
        self.pasteable.then(|| words.collect::<Vec<String>>().join(" "))
    }

    /// The lines that make git ignore exactly these files, for the `.gitignore` of the folder that the paths
    /// begin at; none where that folder is not known or a line cannot say it.
    pub fn gitignore_lines(&self) -> Vec<String> {
        let relative = |path: &String| {
            let absolute = path.starts_with('/') || path.contains('\\') || path.get(1..2) == Some(":");
            !absolute && path.split('/').all(|part| part != "..")
        };
        if !self.pasteable || !self.all.iter().all(relative) {
            return Vec::new();
        }
        self.all.iter().map(|path| gitignore_line(path)).collect()
    }

    /// Adds the lines; the empty one in front is for a file whose last line has no end.
    pub fn gitignore_command(&self) -> Option<String> {
        let lines = self.gitignore_lines();
        if lines.is_empty() {
            return None;
        }
        let lines: Vec<String> = lines.iter().map(|line| quoted(line)).collect();
        Some(format!("printf '%s\\n' '' {} >> .gitignore", lines.join(" ")))
    }
}

/// By its name, and no template of one.
fn is_environment_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let mut parts = name.split(['.', '-', '_']);
    (name == ".env" || name.starts_with(".env.") || name.ends_with(".env") || name == ".envrc")
        && !parts
            .any(|part| ["example", "sample", "template", "dist", "tmpl", "tpl", "default", "defaults"].contains(&part))
}

fn is_pasteable(path: &str) -> bool {
    !path.is_empty() && path != "-" && path.len() <= 1_024 && printable(path) == path
}

/// The line that makes git ignore exactly one file: anchored at the folder, with the characters of globs escaped.
#[must_use]
pub fn gitignore_line(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut line = String::from("/");
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            line.push('\\');
        }
        line.push(c);
    }
    // Git drops blanks at the end of a line unless they are escaped.
    let kept = line.trim_end_matches(' ').len();
    let blanks = line.len() - kept;
    line.truncate(kept);
    line.push_str(&"\\ ".repeat(blanks));
    line
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,@%=".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Globs;
    use crate::policy::protocol::samples;
    use proptest::prelude::*;

    #[test]
    fn paths_are_quoted_or_not_given() {
        for (path, command) in [
            ("a/.env", Some("git rm --cached -- a/.env")),
            ("-rf", Some("git rm --cached -- -rf")),
            ("it's $(x).env", Some("git rm --cached -- 'it'\\''s $(x).env'")),
            ("a\nb", None),
            ("a\u{202e}b", None),
            ("-", None),
        ] {
            let paths = Paths::now(&samples::at(&[path]));
            assert_eq!(paths.command("git rm --cached --").as_deref(), command, "{path:?}");
        }
    }

    #[test]
    fn no_line_is_given_where_the_folder_is_unknown() {
        for path in ["/etc/x.env", "../x.env", "C:/x.env", "a\\b"] {
            assert_eq!(Paths::now(&samples::at(&[path])).gitignore_lines(), [""; 0], "{path}");
        }
        let many: Vec<String> = (0..=MAX_NAMED).map(|n| format!("{n}.env")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let paths = Paths::now(&samples::at(&many));
        assert_eq!((paths.gitignore_command(), paths.named().contains("and 1 more")), (None, true));
    }

    #[test]
    fn every_path_gets_a_line_of_its_own() {
        let paths = Paths::now(&samples::at(&["b.env", "./a.env", "b.env"]));
        assert_eq!(paths.gitignore_command().as_deref(), Some("printf '%s\\n' '' /a.env /b.env >> .gitignore"));
    }

    proptest! {
        #[test]
        fn the_line_makes_git_ignore_the_file(path in "[a-c *?!#\\[\\]'é]{0,6}[a-c*?]( {0,2})(/[a-c *?!#\\[\\]]{0,3}[a-c])?") {
            prop_assume!(!path.trim().is_empty());
            let line = Paths::now(&samples::at(&[&path])).gitignore_lines().concat();
            let globs = Globs::new(&[&line]).map_err(|error| TestCaseError::fail(format!("{line:?}: {error}")))?;
            prop_assert!(globs.matches(&path), "{line:?} on {path:?}");
            let deeper = format!("other/{path}");
            prop_assert!(!globs.matches(&deeper), "{line:?} on {deeper:?}");
        }
    }
}
