//! Rules read at run time: `--rules DIR` and folders that the configuration adds.

use super::file::RuleFile;
use super::place;
use super::{Files, Filters, Form, List, Rotate, Rule, Text};
use std::path::{Path, PathBuf};

/// Greatest size of a rule file in bytes.
pub const MAX_RULE_FILE: u64 = 256 * 1024;
/// Greatest number of files and folders looked at below one `--rules` folder.
pub const MAX_ENTRIES: usize = 20_000;
/// Greatest depth of folders.
const MAX_DEPTH: usize = 8;

/// What is wrong with rules that were to be loaded. Always the rule author's to mend, but for `Read`.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no rule: wrong TOML, an unknown key, a missing key.
    #[error("{path}:{line}: {message}")]
    Parse {
        /// The rule file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// The file says something that a rule cannot be.
    #[error("{path}: {message}")]
    Shape {
        /// The rule file.
        path: PathBuf,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// There is nothing to load, or far too much.
    #[error("{path}: {message}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Loads every `*.toml` below a folder (or one file), in the order of their paths. Links are not followed.
///
/// # Errors
/// The first file that cannot be read or is no rule.
pub fn load(path: &Path) -> Result<Vec<Rule>, LoadError> {
    let mut files = Vec::new();
    let mut seen = 0;
    if path.is_file() {
        files.push(path.to_owned());
    } else {
        collect(path, 0, &mut seen, &mut files)?;
    }
    if files.is_empty() {
        let message = "holds no rule file (*.toml)".to_owned();
        return Err(LoadError::Folder { path: path.to_owned(), message });
    }
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn collect(folder: &Path, depth: usize, seen: &mut usize, out: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |source| LoadError::Read { path: folder.to_owned(), source };
    if depth > MAX_DEPTH {
        let message = format!("more than {MAX_DEPTH} folders deep");
        return Err(LoadError::Folder { path: folder.to_owned(), message });
    }
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        *seen += 1;
        if *seen > MAX_ENTRIES {
            let message = format!("more than {MAX_ENTRIES} files and folders; is this the right folder?");
            return Err(LoadError::Folder { path: folder.to_owned(), message });
        }
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, depth + 1, seen, out)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            out.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Rule, LoadError> {
    let failed = |source| LoadError::Read { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_RULE_FILE {
        let message = format!("larger than {} KiB: no rule is that long", MAX_RULE_FILE / 1024);
        return Err(LoadError::Shape { path: path.to_owned(), message });
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let file: RuleFile = toml::from_str(&text).map_err(|error| {
        // The parser's own text would repeat the line, and a file that is no rule may hold anything.
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        LoadError::Parse { path: path.to_owned(), line, message: error.message().to_owned() }
    })?;
    let shape = |message: String| LoadError::Shape { path: path.to_owned(), message };
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if stem != file.id {
        return Err(shape(format!("the id is `{}` but the file is `{stem}.toml`: make them equal", file.id)));
    }
    let kind = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    rule(file, kind.unwrap_or_default()).map_err(shape)
}

/// Gives a typed rule its meaning; the build script's tables say the same of built-in ones.
///
/// # Errors
/// What is wrong with its shape, as a sentence.
pub fn rule(file: RuleFile, kind: String) -> Result<Rule, String> {
    let (entropy, precedence) = file.defaults();
    let form = match (file.pattern, file.value, file.assignment) {
        (Some(pattern), None, None) => {
            let anchors: Vec<&str> = file.anchors.iter().map(String::as_str).collect();
            let keywords: Vec<&str> = file.keywords.iter().map(String::as_str).collect();
            let place = place::of_pattern(&pattern, &anchors, &keywords, file.filters.boundary.unwrap_or(true));
            Form::Pattern { pattern: text(pattern), anchors: list(file.anchors), keywords: list(file.keywords), place }
        }
        (None, Some(value), None) => {
            let (keywords, providers) = (list(file.keywords), list(file.providers));
            Form::Value { value: text(value), keywords, providers }
        }
        (None, None, Some(assignment)) => Form::Assignment { keys: list(assignment.keys) },
        (None, None, None) if !file.files.names.is_empty() => Form::File,
        (None, None, None) => return Err("finds nothing: give it a pattern, a value or [files] names".into()),
        _ => return Err("has more than one of pattern, value and [assignment]: a rule has one".into()),
    };
    Ok(Rule {
        family: text(file.family.clone().unwrap_or_else(|| file.id.clone())),
        id: text(file.id),
        kind: text(kind),
        title: text(file.title),
        severity: file.severity,
        confidence: file.confidence,
        form,
        check: file.check.map(text),
        filters: Filters {
            entropy: file.filters.entropy.or(entropy),
            placeholders: file.filters.placeholders.unwrap_or(true),
            boundary: file.filters.boundary.unwrap_or(true),
            stop_words: list(file.filters.stop_words),
            not_near: list(file.filters.not_near),
            under: list(file.filters.under),
            not_under: list(file.filters.not_under),
        },
        files: Files {
            names: list(file.files.names),
            not_names: list(file.files.not_names),
            content: file.files.content.map(text),
        },
        pairs: list(file.pairs),
        precedence: file.precedence.unwrap_or(precedence),
        why: text(file.why),
        examples: list(file.examples),
        counter_examples: list(file.counter_examples),
        rotate: Rotate {
            revoke_url: text(file.rotate.revoke_url),
            revoke_command: text(file.rotate.revoke_command),
            steps: list(file.rotate.steps),
            docs: text(file.rotate.docs),
        },
    })
}

/// Keeps a text for the life of the program, as built-in rules are kept. Bounded by [`MAX_RULE_FILE`] and [`MAX_ENTRIES`].
fn text(text: String) -> Text {
    Box::leak(text.into_boxed_str())
}

fn list(items: Vec<String>) -> List {
    Box::leak(items.into_iter().map(text).collect::<Vec<_>>().into_boxed_slice())
}
