//! Lines for `.gitignore`: into the nearest one that exists, at its end, where the last word is.
//!
//! A line further up loses against a `!…` below it or in a folder below it; so the line goes to the file nearest to what is
//! ignored, behind everything. That it holds is asked of git's own rules after it was written.

use super::{Edit, folder, joined, line_end, read, shown};
use crate::git::WorkTree;
use crate::policy::Globs;
use crate::policy::protocol::gitignore_line;
use std::collections::BTreeMap;

const NAME: &[u8] = b".gitignore";

/// The changes, by file.
#[derive(Debug, Default)]
pub struct Ignores {
    edits: BTreeMap<Vec<u8>, Edit>,
}

impl Ignores {
    /// Makes git ignore a path, if it does not yet.
    pub fn add(&mut self, tree: &WorkTree, path: &[u8]) -> Result<(), String> {
        if tree.is_ignored(path.into()) {
            return Ok(());
        }
        let text = std::str::from_utf8(path).ok().filter(|text| crate::text::printable(text) == *text);
        let text = text.ok_or("no line of a .gitignore can name it: rename it, or ignore its folder")?;
        let file = nearest(tree, path)?;
        let depth = folder(&file).len();
        let below = if depth == 0 { text } else { &text[depth + 1..] };
        let line = gitignore_line(below);
        let before = match self.edits.get(&file) {
            Some(edit) => edit.before.clone(),
            None => read(tree, &file)?,
        };
        let edit = self.edits.entry(file.clone()).or_insert_with(|| Edit {
            after: before.clone().unwrap_or_default(),
            path: file,
            before,
            says: Vec::new(),
        });
        let end = line_end(&edit.after);
        if edit.after.last().is_some_and(|&byte| byte != b'\n') {
            edit.after.extend_from_slice(end.as_bytes());
        }
        let against = negation(&edit.after, below);
        edit.after.extend_from_slice(format!("{line}{end}").as_bytes());
        let above = against.map(|number| format!(" (below line {number}, which takes it back)")).unwrap_or_default();
        edit.says.push(format!("{line}{above}"));
        Ok(())
    }

    /// The changes, sorted by file.
    pub fn edits(self) -> Vec<Edit> {
        self.edits.into_values().collect()
    }
}

/// The closest `.gitignore` on the way up, or the one to be made at the top.
fn nearest(tree: &WorkTree, path: &[u8]) -> Result<Vec<u8>, String> {
    let mut at = folder(path);
    loop {
        let file = joined(at, NAME);
        // Git does not follow a link here, so one would be an error, not an answer.
        if read(tree, &file)?.is_some() || at.is_empty() {
            return Ok(file);
        }
        at = folder(at);
    }
}

/// The line that ignores the path no more, if there is one.
fn negation(text: &[u8], path: &str) -> Option<usize> {
    let text = String::from_utf8_lossy(text);
    let takes_back = |line: &str| {
        let glob = line.trim_end().strip_prefix('!')?;
        Globs::new(&[glob]).ok().filter(|globs| globs.matches(path)).map(|_| ())
    };
    let last = text.lines().enumerate().filter(|(_, line)| takes_back(line).is_some()).last();
    last.map(|(number, _)| number + 1)
}

/// Those of the paths that git does not ignore, by what the files say now.
pub fn missing(tree: &WorkTree, paths: &[Vec<u8>]) -> Vec<String> {
    tree.read_ignores_anew();
    paths.iter().filter(|path| !tree.is_ignored(path.as_slice().into())).map(|path| shown(path)).collect()
}
