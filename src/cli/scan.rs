//! `plainsight scan`.

use super::args::{Common, ScanArgs};
use super::failure::Failure;
use super::settings::{self, Resolved};
use super::{output, progress, survey};
use crate::policy::{Allowances, gate};
use crate::scan::{self, Context, Options, Progress};
use crate::source;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs it; the exit code is the verdict.
pub fn run(args: &ScanArgs, common: &Common) -> Result<u8, Failure> {
    if args.staged {
        return super::hook::scan_staged(common);
    }
    let from_stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    if from_stdin && args.paths.len() > 1 {
        return Err(Failure::new("`-` (standard input) stands alone")
            .help("scan it in a run of its own: plainsight scan - <FILE"));
    }
    if !from_stdin
        && let Some(missing) = args
            .paths
            .iter()
            .find(|path| path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound))
    {
        return Err(Failure::new(format!(
            "{}: no such file or folder",
            crate::text::printable(&missing.to_string_lossy())
        ))
        .help("`plainsight scan` without a path scans the current folder"));
    }
    let start = if from_stdin { Path::new(".") } else { args.paths.first().map_or(Path::new("."), PathBuf::as_path) };
    let Resolved { settings, rules, notes } = settings::resolve(common, start)?;
    let gate = settings.gate();
    let allowances = Allowances::new(settings.allow.clone(), settings::today(&settings));
    let rotations = survey::rotations(start)?;
    let exclude = settings.exclude_globs()?;
    let rebase = settings::rebase(&settings, start);
    let progress = Arc::new(Progress::default());
    progress::listen(&progress);
    let context = Context {
        rules: &rules,
        gate,
        allowances: &allowances,
        rotations: &rotations,
        exclude: &exclude,
        rebase: &|path| settings::rebased(rebase.as_ref(), path),
        inline_allow: !common.no_inline_allow,
        progress: &progress,
    };
    let partial = !matches!(&args.paths[..], [path] if path.as_os_str() == ".");
    let options = Options {
        source: source::Options {
            max_size: settings.max_size.value,
            threads: common.threads(),
            respect_ignore: args.respect_gitignore,
        },
        partial,
    };
    let mut results = progress::with_progress(common.quiet, &progress, || {
        if from_stdin {
            scan::stream(std::io::stdin().lock(), &args.stdin_name, &context, &options)
        } else {
            scan::paths(&args.paths, &context, &options)
        }
    });
    results.notes.extend(notes);
    output::report(&results, common)?;
    Ok(gate::outcome(&results, &gate).exit_code())
}
