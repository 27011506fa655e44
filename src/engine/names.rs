//! Rules on the names of files: those that are a finding by name, and those whose rule holds in some files only.

use super::{Raw, check};
use crate::rule::{Form, Rule, Text};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::collections::HashMap;
use std::sync::OnceLock;

/// How much of a file a content check sees.
const HEAD: usize = 64 * 1024;

/// Every rule's conditions on names.
#[derive(Debug)]
pub struct FileRules<'r> {
    rules: &'r [Rule],
    /// Numbers of the rules of form [`Form::File`], by a whole file name …
    by_name: HashMap<&'r str, Vec<usize>>,
    /// … by a name's ending …
    by_ending: HashMap<&'r str, Vec<usize>>,
    /// … and the rest, whose globs are compiled when the first file is seen.
    others: Vec<usize>,
    globs: Vec<OnceLock<(GlobSet, GlobSet)>>,
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
            globs: rules.iter().map(|_| OnceLock::new()).collect(),
            folders: OnceLock::new(),
            conditional: OnceLock::new(),
        };
        for (number, rule) in rules.iter().enumerate().filter(|(_, rule)| matches!(rule.form, Form::File)) {
            for name in rule.files.names.iter().copied() {
                let is_plain = |text: &str| !text.contains(['*', '?', '[', ']', '{', '}', '/', '!', '\\']);
                match name.strip_prefix("*.") {
                    Some(ending) if is_plain(ending) && !ending.contains('.') => {
                        this.by_ending.entry(ending).or_default().push(number);
                    }
                    _ if is_plain(name) => this.by_name.entry(name).or_default().push(number),
                    _ => this.others.push(number),
                }
            }
        }
        this.others.dedup();
        this
    }

    /// Adds the findings that a file is by its name.
    pub(super) fn find(&self, path: &[u8], bytes: &[u8], out: &mut Vec<Raw>) {
        let Ok(path_text) = std::str::from_utf8(path) else { return };
        let name = path_text.rsplit('/').next().unwrap_or(path_text);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let named = self.by_name.get(name).into_iter().flatten();
        let ended = self.by_ending.get(ending).into_iter().flatten();
        let mut candidates: Vec<usize> = named.chain(ended).copied().collect();
        candidates.extend(self.others.iter().copied().filter(|&number| self.globs(number).0.is_match(path_text)));
        candidates.sort_unstable();
        candidates.dedup();
        for number in candidates {
            let rule = &self.rules[number];
            if bytes.is_empty() || self.globs(number).1.is_match(path_text) || !content_agrees(rule, bytes) {
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
        let Ok(path) = std::str::from_utf8(path) else { return false };
        let name = path.rsplit('/').next().unwrap_or(path);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.by_name.contains_key(name)
            || self.by_ending.contains_key(ending)
            || self.others.iter().any(|&number| self.globs(number).0.is_match(path))
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
        if files.names.is_empty() && files.not_names.is_empty() {
            return true;
        }
        let path = String::from_utf8_lossy(path);
        let (names, not_names) = self.globs(number);
        (files.names.is_empty() || names.is_match(path.as_ref())) && !not_names.is_match(path.as_ref())
    }

    fn globs(&self, number: usize) -> &(GlobSet, GlobSet) {
        self.globs[number].get_or_init(|| {
            let files = &self.rules[number].files;
            // A glob that does not parse was refused when the rule was checked; here it would fit nothing.
            (set(files.names).unwrap_or_default(), set(files.not_names).unwrap_or_default())
        })
    }
}

fn content_agrees(rule: &Rule, bytes: &[u8]) -> bool {
    let Some(check) = rule.files.content.and_then(check::by_name) else { return true };
    (check.verify)(&bytes[..bytes.len().min(HEAD)]) == check::Outcome::Passed
}

/// Globs as in `.gitignore`: without a slash, the name in any folder.
///
/// # Errors
/// What is wrong with the first glob that is none.
pub fn set(globs: &[Text]) -> Result<GlobSet, globset::Error> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        let anywhere = if glob.contains('/') && !glob.starts_with("**/") {
            format!("**/{}", glob.trim_start_matches('/'))
        } else if glob.contains('/') {
            (*glob).to_owned()
        } else {
            format!("**/{glob}")
        };
        builder.add(GlobBuilder::new(&anywhere).literal_separator(true).build()?);
    }
    builder.build()
}
