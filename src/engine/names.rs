//! Rules on the names of files: those that are a finding by name, and those whose rule holds in some files only.
//!
//! Every file's name is asked about, so the globs are not compiled: most are a whole name or an ending and are looked up, and the
//! few others are compared as they are written.

use super::{Raw, check};
use crate::rule::{Form, Rule};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashMap;
use std::sync::OnceLock;

/// How much of a file a content check sees.
const HEAD: usize = 64 * 1024;

/// Every rule's conditions on names.
#[derive(Debug)]
pub struct FileRules<'r> {
    rules: &'r [Rule],
    /// Numbers of the rules of form [`Form::File`], by a whole file name …
    by_name: HashMap<&'r str, Vec<(usize, &'r str)>>,
    /// … by a name's ending …
    by_ending: HashMap<&'r str, Vec<(usize, &'r str)>>,
    /// … and the rest.
    others: Vec<(usize, &'r str)>,
    /// Globs that only the library understands, by how they are written.
    rich: HashMap<&'r str, OnceLock<Option<GlobMatcher>>>,
    /// Names of folders that globs ask for, once that was asked.
    folders: OnceLock<Vec<String>>,
    /// Rules with an expression that do not hold in every file, once that was asked.
    conditional: OnceLock<Vec<usize>>,
}

impl<'r> FileRules<'r> {
    /// Sorts the rules by what they ask for.
    #[must_use]
    pub fn of(rules: &'r [Rule]) -> Self {
        let mut this = Self {
            rules,
            by_name: HashMap::new(),
            by_ending: HashMap::new(),
            others: Vec::new(),
            rich: HashMap::new(),
            folders: OnceLock::new(),
            conditional: OnceLock::new(),
        };
        for (number, rule) in rules.iter().enumerate() {
            let all = rule.files.names.iter().chain(rule.files.not_names).copied();
            this.rich.extend(all.filter(|glob| is_rich(glob)).map(|glob| (glob, OnceLock::new())));
            if !matches!(rule.form, Form::File) {
                continue;
            }
            for glob in rule.files.names.iter().copied() {
                let is_plain = |text: &str| !text.contains(['*', '?', '[', ']']);
                let name = glob.rsplit('/').next().unwrap_or(glob);
                match name.strip_prefix("*.") {
                    _ if is_rich(glob) => this.others.push((number, glob)),
                    Some(ending) if is_plain(ending) && !ending.contains('.') => {
                        this.by_ending.entry(ending).or_default().push((number, glob));
                    }
                    _ if is_plain(name) => this.by_name.entry(name).or_default().push((number, glob)),
                    _ => this.others.push((number, glob)),
                }
            }
        }
        this
    }

    /// Numbers of the rules on files that a path fits, sorted.
    fn named(&self, path: &[u8]) -> Vec<usize> {
        // A message, say.
        if path.is_empty() {
            return Vec::new();
        }
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let text = std::str::from_utf8(name).unwrap_or("");
        let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
        let named = self.by_name.get(text).into_iter().flatten();
        let ended = self.by_ending.get(ending).into_iter().flatten();
        let fitting = named.chain(ended).chain(&self.others).filter(|(_, glob)| self.fits(glob, path));
        let mut numbers: Vec<usize> = fitting.map(|&(number, _)| number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Adds the findings that a file is by its name.
    pub(super) fn find(&self, path: &[u8], bytes: &[u8], out: &mut Vec<Raw>) {
        for number in self.named(path) {
            let rule = &self.rules[number];
            let not_here = rule.files.not_names.iter().any(|glob| self.fits(glob, path));
            if bytes.is_empty() || not_here || !content_agrees(rule, bytes) {
                continue;
            }
            out.push(Raw {
                rule: number,
                span: 0..0,
                value: Vec::new(),
                confidence: rule.confidence,
                decoded: Vec::new(),
                key: None,
                documented: None,
            });
        }
    }

    /// Whether a file may be a finding by its name alone.
    pub fn may_find(&self, path: &[u8]) -> bool {
        !self.named(path).is_empty()
    }

    /// Whether some glob names a folder like this one: `.aws` of `**/.aws/credentials`.
    pub fn is_telling_folder(&self, name: &[u8]) -> bool {
        let folders = self.folders.get_or_init(|| {
            let globs = self.rules.iter().flat_map(|rule| rule.files.names.iter().chain(rule.files.not_names));
            let mut folders = Vec::new();
            for glob in globs.filter(|glob| glob.contains('/')) {
                let first = glob.trim_start_matches("**/").trim_start_matches('/').split('/').next().unwrap_or(glob);
                folders.push(first.to_owned());
            }
            folders.sort();
            folders.dedup();
            folders
        });
        std::str::from_utf8(name).is_ok_and(|name| folders.iter().any(|folder| folder == name))
    }

    /// Whether some rule with an expression names this path and not every path.
    pub fn is_asked_for(&self, path: &[u8]) -> bool {
        self.allowed(path).iter().any(|&number| !self.rules[number].files.names.is_empty())
    }

    /// Whether a rule with an expression does not hold in every file.
    pub fn is_conditional(&self, number: usize) -> bool {
        let files = &self.rules[number].files;
        !(files.names.is_empty() && files.not_names.is_empty())
    }

    /// The rules with an expression and conditions that hold in a file of that path, sorted.
    pub fn allowed(&self, path: &[u8]) -> Vec<usize> {
        let conditional = self.conditional.get_or_init(|| {
            let has_expression = |number: &usize| !matches!(self.rules[*number].form, Form::File);
            (0..self.rules.len()).filter(|&number| self.is_conditional(number)).filter(has_expression).collect()
        });
        conditional.iter().copied().filter(|&number| self.allows(number, path)).collect()
    }

    /// Whether a rule with an expression holds in a file of that path.
    pub fn allows(&self, number: usize, path: &[u8]) -> bool {
        let files = &self.rules[number].files;
        let any = |globs: &[&str]| globs.iter().any(|glob| self.fits(glob, path));
        (files.names.is_empty() || any(files.names)) && !any(files.not_names)
    }

    /// Whether a path fits a glob as in `.gitignore`: one without a slash is a name in any folder.
    fn fits(&self, glob: &str, path: &[u8]) -> bool {
        let Some(rich) = self.rich.get(glob) else { return fits(glob, path) };
        // A glob that does not parse was refused when the rule was checked; here it would fit nothing.
        let compile = || {
            let anywhere = format!("**/{}", from_anywhere(glob));
            Some(GlobBuilder::new(&anywhere).literal_separator(true).build().ok()?.compile_matcher())
        };
        rich.get_or_init(compile).as_ref().is_some_and(|rich| rich.is_match(String::from_utf8_lossy(path).as_ref()))
    }
}

fn content_agrees(rule: &Rule, bytes: &[u8]) -> bool {
    let Some(check) = rule.files.content.and_then(check::by_name) else { return true };
    (check.verify)(&bytes[..bytes.len().min(HEAD)]) == check::Outcome::Passed
}

/// A glob without what says that it may begin at any folder: they all may.
fn from_anywhere(glob: &str) -> &str {
    glob.strip_prefix("**/").unwrap_or(glob).trim_start_matches('/')
}

/// Whether a glob holds more than [`fits`] understands.
fn is_rich(glob: &str) -> bool {
    from_anywhere(glob).contains("**") || glob.contains(['{', '}', '\\', '!', '^'])
}

/// Whether the last components of a path fit those of a glob.
fn fits(glob: &str, path: &[u8]) -> bool {
    // Nearly all end with a letter of their own, which tells most of the time.
    let last = glob.as_bytes().last().filter(|byte| !b"*?]".contains(byte));
    if last.is_some_and(|byte| path.last() != Some(byte)) {
        return false;
    }
    let mut folders = path.rsplit(|&byte| byte == b'/');
    from_anywhere(glob).rsplit('/').all(|part| folders.next().is_some_and(|name| part_fits(part.as_bytes(), name)))
}

/// Whether a name fits a glob of `*`, `?` and `[a-z]`.
fn part_fits(mut glob: &[u8], mut name: &[u8]) -> bool {
    // Where the last `*` stands, and what of the name it has not taken.
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        let step = match (glob.first(), name.split_first()) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                glob = &glob[1..];
                star = Some((glob, name));
                continue;
            }
            (Some(_), Some((&byte, rest))) => one_fits(glob, byte).map(|glob| (glob, rest)),
            _ => None,
        };
        (glob, name) = match (step, star) {
            (Some(step), _) => step,
            (None, Some((behind, [_, rest @ ..]))) => {
                star = Some((behind, rest));
                (behind, rest)
            }
            _ => return false,
        };
    }
}

/// What is left of a glob if its first sign fits a byte.
fn one_fits(glob: &[u8], byte: u8) -> Option<&[u8]> {
    match glob {
        [b'?', rest @ ..] => Some(rest),
        [b'[', rest @ ..] => {
            let end = rest.iter().position(|&byte| byte == b']')?;
            let mut class = &rest[..end];
            let mut fits = false;
            while let [first, behind @ ..] = class {
                let (last, behind) = match behind {
                    [b'-', last, behind @ ..] => (last, behind),
                    _ => (first, behind),
                };
                fits |= (first..=last).contains(&&byte);
                class = behind;
            }
            fits.then_some(&rest[end + 1..])
        }
        [first, rest @ ..] => (*first == byte).then_some(rest),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use globset::Glob;
    use proptest::prelude::*;

    #[test]
    fn names_and_folders_are_told_from_the_end() {
        for (glob, path, expected) in [
            ("id_rsa", "a/b/id_rsa", true),
            ("id_rsa", "id_rsa", true),
            ("id_rsa", "a/id_rsa/b", false),
            ("*.jks", "x/.jks", true),
            ("**/.aws/credentials", "/home/u/.aws/credentials", true),
            ("config/master.key", "x/config/master.key", true),
            ("config/master.key", "xconfig/master.key", false),
            ("**/gcloud/legacy_credentials/*/adc.json", "gcloud/legacy_credentials/a@b/adc.json", true),
            ("**/gcloud/legacy_credentials/*/adc.json", "gcloud/legacy_credentials/a/b/adc.json", false),
            ("*gcp*.json", "my-gcp-key.json", true),
            ("*gcp*.json", "my-gpc-key.json", false),
            ("wg[0-9].conf", "wg3.conf", true),
            ("wg[0-9].conf", "wgx.conf", false),
            ("UTC--*", "UTC--2020", true),
        ] {
            assert_eq!(fits(glob, path.as_bytes()), expected, "{glob} {path}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_library(glob in "([ab*?]|\\[a-b\\]){1,6}(/[ab*?]{1,3})?", path in "([abc]{1,4}/){0,2}[abc]{0,6}") {
            prop_assume!(!is_rich(&glob) && !glob.starts_with('/') && !path.is_empty() && !path.ends_with('/'));
            let anywhere = format!("**/{glob}");
            let library = GlobBuilder::new(&anywhere).literal_separator(true).build().map(|glob: Glob| glob.compile_matcher());
            prop_assume!(library.is_ok());
            prop_assert_eq!(fits(&glob, path.as_bytes()), library.is_ok_and(|library| library.is_match(&path)));
        }
    }
}
