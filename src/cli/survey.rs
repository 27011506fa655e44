//! A look at the repository around, for commands that speak of findings that somebody has seen in a report.

use super::args::Common;
use super::failure::Failure;
use super::progress;
use super::settings::{self, Resolved};
use crate::finding::{Finding, Results};
use crate::git::{self, WorkTree};
use crate::policy::{Allowances, Rotations};
use crate::scan::{self, Context, Options, Progress};
use crate::{config, source};
use std::path::{Path, PathBuf};

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub enum Where<'a> {
    /// Files and folders.
    Path(&'a Path),
    /// Standard input, under that name.
    Stdin(&'a str),
}

impl<'a> Where<'a> {
    /// As it was typed.
    pub fn of(path: Option<&'a Path>, stdin_name: &'a str) -> Self {
        match path {
            Some(path) if path.as_os_str() == "-" => Self::Stdin(stdin_name),
            Some(path) => Self::Path(path),
            None => Self::Path(Path::new(".")),
        }
    }
}

/// Looks, and hands the results to `then`. Nothing is excused as rotated: who asks for a finding gets it.
pub fn survey<T>(
    common: &Common,
    place: Where<'_>,
    then: impl FnOnce(&Results<'_>, &Context<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let start = match place {
        Where::Path(path) => path,
        Where::Stdin(_) => Path::new("."),
    };
    if start.symlink_metadata().is_err() {
        let name = crate::text::printable(&start.to_string_lossy());
        return Err(Failure::new(format!("{name}: no such file or folder")));
    }
    let Resolved { settings, rules, .. } = settings::resolve(common, start)?;
    let allowances = Allowances::new(settings.allow.clone(), settings::today(&settings));
    let exclude = settings.exclude_globs()?;
    let rebase = settings::rebase(&settings, start);
    let progress = Progress::default();
    let context = Context {
        rules: &rules,
        gate: settings.gate(),
        allowances: &allowances,
        rotations: &Rotations::default(),
        exclude: &exclude,
        rebase: &|path| settings::rebased(rebase.as_ref(), path),
        inline_allow: !common.no_inline_allow,
        progress: &progress,
    };
    let source =
        source::Options { max_size: settings.max_size.value, threads: common.threads(), respect_ignore: false };
    let options = Options { source, partial: true };
    let results = progress::with_progress(common.quiet, &progress, || match place {
        Where::Path(path) => scan::paths(&[path.to_owned()], &context, &options),
        Where::Stdin(name) => scan::stream(std::io::stdin().lock(), name, &context, &options),
    });
    then(&results, &context)
}

/// The finding of that id, or the next step.
pub fn find<'f, 'r>(results: &'f Results<'r>, id: &str) -> Result<&'f Finding<'r>, Failure> {
    results.findings.iter().find(|finding| finding.id == id).ok_or_else(|| {
        let what = if results.is_complete() { "" } else { ", not all of which could be read" };
        Failure::new(format!("no finding {} in what lies here{what}", crate::text::printable(id))).help(
            "a finding is looked for below the current folder, or the path given. One that only the history holds is \
             shown what held it: git show COMMIT:PATH | plainsight explain ID - --stdin-name PATH",
        )
    })
}

/// Whether a text has the form of a finding's id.
pub fn is_id(text: &str) -> bool {
    text.strip_prefix("ps1-")
        .is_some_and(|digits| digits.len() == 24 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The work tree around the current folder.
pub fn work_tree() -> Result<WorkTree, Failure> {
    WorkTree::discover(Path::new(".")).map_err(Failure::new)?.ok_or_else(|| {
        Failure::new("there is no work tree of git here").help("change into a repository, and run it again")
    })
}

/// The record of rotations that holds for a path.
pub fn rotations(start: &Path) -> Result<Rotations, Failure> {
    match git::top_of(start) {
        Some(top) => Ok(config::rotations(&top)?),
        None => Ok(Rotations::default()),
    }
}

/// The paths of a finding from the top of the work tree, as git has them.
pub fn paths_from_top(finding: &Finding<'_>, tree: &WorkTree) -> Vec<Vec<u8>> {
    let mut paths: Vec<Vec<u8>> =
        finding.places.iter().filter_map(|place| tree.relative(&scan::path_of(&place.path))).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Where a path typed on the command line lies, made absolute.
pub fn absolute(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(parent.canonicalize().ok()?.join(path.file_name()?))
}
