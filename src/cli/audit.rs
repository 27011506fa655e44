//! `plainsight audit`.

use super::args::{AuditArgs, Common};
use super::failure::Failure;
use super::settings::{self, Resolved};
use super::{output, progress};
use crate::policy::{Allowances, gate};
use crate::scan::history::{self, Selection};
use crate::scan::{Context, Progress};
use std::sync::Arc;

/// Runs it; the exit code is the verdict.
pub fn run(args: &AuditArgs, common: &Common) -> Result<u8, Failure> {
    let start = args.repository.as_path();
    if !start.exists() {
        return Err(Failure::new(format!("{}: no such folder", crate::text::printable(&start.to_string_lossy())))
            .help("`plainsight audit` without a path audits the repository of the current folder"));
    }
    let Resolved { settings, rules, notes } = settings::resolve(common, start)?;
    let gate = settings.gate();
    let expires = settings.allow.iter().any(|entry| entry.expires.is_some());
    let today = if expires { jiff::Zoned::now().date() } else { jiff::civil::Date::default() };
    let allowances = Allowances::new(settings.allow.clone(), today);
    let exclude = settings.exclude_globs()?;
    let rotations = super::survey::rotations(start)?;
    let progress = Arc::new(Progress::default());
    progress::listen(&progress);
    let threads =
        common.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let context = Context {
        rules: &rules,
        gate,
        allowances: &allowances,
        rotations: &rotations,
        exclude: &exclude,
        // Paths of history are relative to the top of the repository, as those of its configuration are.
        rebase: &|path| Some(path.to_owned()),
        inline_allow: !common.no_inline_allow,
        progress: &progress,
    };
    let options = history::Options {
        threads,
        max_size: settings.max_size.value,
        exhaustive: args.exhaustive,
        selection: selection(args)?,
        gone: args.gone.clone(),
    };
    if let Some(id) = args.gone.as_deref().filter(|id| !is_id(id)) {
        return Err(Failure::new(format!("--gone: `{}` is no finding's id", crate::text::printable(id)))
            .help("an id looks like ps1-0123456789abcdef01234567, and stands in every report"));
    }
    let results = progress::with_progress(common.quiet, &progress, || history::audit(start, &context, &options));
    let mut results = results.map_err(|error| {
        Failure::new(error).help("`plainsight audit REPO` reads a git repository; `plainsight scan` reads any folder")
    })?;
    results.notes.extend(notes);
    output::report(&results, common)?;
    if args.gone.is_some() && !results.findings.is_empty() {
        return Ok(gate::Outcome::Blocked.exit_code());
    }
    Ok(gate::outcome(&results, &gate).exit_code())
}

fn is_id(id: &str) -> bool {
    id.strip_prefix("ps1-").is_some_and(|hex| hex.len() == 24 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn selection(args: &AuditArgs) -> Result<Selection, Failure> {
    Ok(Selection {
        range: args.range.clone(),
        since: args.since.as_deref().map(since).transpose()?,
        branches: args.branch.clone(),
        refs: args.refs.clone(),
        reachable_only: args.no_unreachable,
    })
}

/// A date, a time, or an age.
fn since(text: &str) -> Result<i64, Failure> {
    let wrong = || {
        Failure::new(format!("--since: `{}` is neither a date nor an age", crate::text::printable(text)))
            .help("write 2026-01-31, 2026-01-31T12:00:00Z, or an age: 90d, 12w, 6m, 1y")
    };
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.as_second());
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return date.to_zoned(jiff::tz::TimeZone::UTC).map(|time| time.timestamp().as_second()).map_err(|_| wrong());
    }
    let (count, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let count: i64 = count.parse().map_err(|_| wrong())?;
    let days = match unit {
        "d" => 1,
        "w" => 7,
        "m" => 30,
        "y" => 365,
        _ => return Err(wrong()),
    };
    let seconds = count.checked_mul(days * 86_400).ok_or_else(wrong)?;
    Ok(jiff::Timestamp::now().as_second() - seconds)
}
