//! The repair of a tree: files out of the index, lines into `.gitignore`, templates, and variables in place of values.
//!
//! First everything is looked at and becomes a [`Plan`], which can be shown; only then is it carried out ([`apply`]). The
//! history is never touched, no file is moved or deleted, and a value is written nowhere. What is not a mechanical
//! step is handed back to a person with its reason. Finding what is to be repaired is the scan's affair.

mod apply;
mod code;
mod ignore;
mod import;
mod language;
mod lexis;
mod template;

pub use apply::{FixError, apply};

use crate::engine::envfile::EnvName;
use crate::finding::{Finding, Verdict};
use crate::git::WorkTree;
use crate::text::PathText;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What changes in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, from the top of the work tree.
    pub path: Vec<u8>,
    /// What lies there now; `None` where there is no file. Nothing is written where it has changed since.
    pub before: Option<Vec<u8>>,
    /// What will lie there.
    pub after: Vec<u8>,
    /// What it comes to, a line each; safe to show.
    pub says: Vec<String>,
}

/// What a person must do, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByHand {
    /// Where.
    pub place: String,
    /// Why it is no mechanical step, and what to do instead.
    pub why: String,
}

/// Everything that would be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files that leave the index and stay on disk, from the top.
    pub untrack: Vec<Vec<u8>>,
    /// Files that must be ignored when all is done, from the top.
    pub ignored: Vec<Vec<u8>>,
    /// Changes of `.gitignore` files.
    pub ignore: Vec<Edit>,
    /// New templates, and keys added to those that exist.
    pub templates: Vec<Edit>,
    /// Replacements in code; carried out on request only.
    pub code: Vec<Edit>,
    /// What is left to a person.
    pub by_hand: Vec<ByHand>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.untrack.is_empty()
            && self.ignore.is_empty()
            && self.templates.is_empty()
            && self.code.is_empty()
            && self.by_hand.is_empty()
    }
}

/// What the plan must be told.
pub struct Context<'c> {
    /// The repository.
    pub tree: &'c WorkTree,
    /// The file of a finding's place, as the system takes it.
    pub path_of: &'c dyn Fn(&PathText) -> PathBuf,
    /// Whether a text under a name holds anything that is taken for a secret.
    pub is_suspect: &'c dyn Fn(&[u8], &[u8]) -> bool,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("tree", self.tree).finish_non_exhaustive()
    }
}

/// Looks at the findings that block, and says what would be done.
#[must_use]
pub fn plan(findings: &[Finding<'_>], context: &Context<'_>) -> Plan {
    let mut plan = Plan::default();
    let (mut whole, mut values) = (BTreeSet::new(), Vec::new());
    for finding in findings.iter().filter(|finding| finding.verdict == Verdict::Block) {
        for place in finding.places.iter().filter(|place| place.suppressed.is_none()) {
            let path = (context.path_of)(&place.path);
            let Some(relative) = context.tree.relative(&path) else {
                let why = "outside of the repository: take it out by hand".to_owned();
                plan.by_hand.push(ByHand { place: place.path.for_terminal(), why });
                continue;
            };
            if is_whole_file(finding, place, &relative, &path) {
                whole.insert(relative);
            } else {
                values.push((finding, place, relative));
            }
        }
    }
    values.retain(|(.., path)| !whole.contains(path));
    let mut ignores = ignore::Ignores::default();
    for path in &whole {
        if context.tree.is_tracked(path) {
            plan.untrack.push(path.clone());
        }
        match ignores.add(context.tree, path) {
            Ok(()) => plan.ignored.push(path.clone()),
            Err(why) => plan.by_hand.push(ByHand { place: shown(path), why }),
        }
        if env_name(path) == Some(EnvName::Real) {
            match template::plan(context, path) {
                Ok(edit) => plan.templates.extend(edit),
                Err(why) => plan.by_hand.push(ByHand { place: shown(path), why }),
            }
        }
    }
    plan.ignore = ignores.edits();
    code::plan(&values, context, &mut plan);
    plan.by_hand.sort();
    plan.by_hand.dedup();
    plan
}

/// Whether the file itself is what must not be committed: it was found as such, is an environment file, or is a key and
/// little else.
fn is_whole_file(
    finding: &Finding<'_>,
    place: &crate::finding::Place,
    relative: &[u8],
    path: &std::path::Path,
) -> bool {
    if finding.secret.is_none() || env_name(relative) == Some(EnvName::Real) {
        return true;
    }
    let is_block = place.start.line != place.end.line && finding.decoded.is_empty();
    let secret = finding.secret.as_ref().map_or(0, crate::text::Secret::len) as u64;
    is_block && path.metadata().is_ok_and(|metadata| secret * 5 >= metadata.len() * 3)
}

fn env_name(path: &[u8]) -> Option<EnvName> {
    EnvName::of(&String::from_utf8_lossy(file_name(path)).to_ascii_lowercase())
}

fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

fn folder(path: &[u8]) -> &[u8] {
    path.iter().rposition(|&byte| byte == b'/').map_or(b"", |at| &path[..at])
}

/// `folder/name`.
fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// A path as it may be printed.
#[must_use]
pub fn shown(path: &[u8]) -> String {
    PathText::from_bytes(path).for_terminal()
}

/// A file of the work tree as it is; `None` where there is none, an error where it is no regular file.
fn read(tree: &WorkTree, path: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let full = tree.on_disk(path).ok_or("its name cannot be used on this system")?;
    match full.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {
            std::fs::read(&full).map(Some).map_err(|error| format!("{} could not be read: {error}", shown(path)))
        }
        Ok(_) => Err(format!("{} is a link or no regular file, and is left alone", shown(path))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} could not be read: {error}", shown(path))),
    }
}

/// The line end that a text uses.
fn line_end(text: &[u8]) -> &'static str {
    if memchr::memmem::find(text, b"\r\n").is_some() { "\r\n" } else { "\n" }
}

/// Names of variables, each for one secret.
type Names = BTreeMap<String, Vec<u8>>;
