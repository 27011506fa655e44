//! `plainsight audit`.

use super::args::{AuditArgs, Common};
use super::failure::Failure;
use super::settings::{self, Resolved};
use super::{output, progress, survey};
use crate::policy::{Allowances, Globs, gate};
use crate::rule::RuleSet;
use crate::scan::history::{self, AuditError, Forms, Gone, Selection, Unfit};
use crate::scan::{Context, Progress};
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;
use std::sync::Arc;

/// Runs it; the exit code is the verdict.
pub fn run(args: &AuditArgs, common: &Common) -> Result<u8, Failure> {
    let start = args.repository.as_path();
    if !start.exists() {
        return Err(Failure::new(format!("{}: no such folder", crate::text::printable(&start.to_string_lossy())))
            .help("`plainsight audit` without a path audits the repository of the current folder"));
    }
    let gone = args.gone.as_deref().map(gone).transpose()?;
    let Resolved { settings, mut rules, notes } = settings::resolve(common, start)?;
    if matches!(gone, Some(Gone::Value(_))) && rules.get(history::UNKNOWN).is_none() {
        // Whichever rules are asked for, the value is looked for; they only say what it is.
        rules = RuleSet::builtin();
    }
    let gate = settings.gate();
    let allowances = Allowances::new(settings.allow.clone(), settings::today(&settings));
    // Nobody is told that a secret is gone because nobody looks where it is.
    let exclude = if gone.is_some() { Globs::default() } else { settings.exclude_globs()? };
    let rebase = settings::rebase_from_top(&settings, crate::git::top_of(start).as_deref());
    let rotations = survey::rotations(start)?;
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
    let options = history::Options {
        threads: common.threads(),
        max_size: settings.max_size.value,
        exhaustive: args.exhaustive,
        selection: selection(args)?,
        gone,
        submodules: args.submodules,
        cache: super::cache::folder(args)?,
    };
    let results = progress::with_progress(common.quiet, &progress, || history::audit(start, &context, &options));
    let mut results = results.map_err(|error| {
        let help = match error {
            AuditError::Repository(_) => {
                "`plainsight audit REPO` reads a git repository; `plainsight scan` reads any folder"
            }
            AuditError::Selection(_) => "`git branch --all`, `git tag` and `git log --oneline` list what can be named, `git for-each-ref` all refs",
        };
        Failure::new(error).help(help)
    })?;
    results.notes.extend(notes);
    if args.submodules || start != Path::new(".") {
        output::report_elsewhere(&results, common)?;
    } else {
        output::report(&results, common)?;
    }
    if options.gone.is_some() && !results.findings.is_empty() {
        return Ok(gate::Outcome::Blocked.exit_code());
    }
    Ok(gate::outcome(&results, &gate).exit_code())
}

/// What is to be gone: a finding, or the value on standard input. What is neither is not repeated, since it may be a secret.
fn gone(text: &str) -> Result<Gone, Failure> {
    match text {
        "-" => value().map(Gone::Value),
        id if survey::is_id(id) => Ok(Gone::Id(id.to_owned())),
        _ => Err(Failure::new("--gone: this is no finding's id").help(
            "an id looks like ps1-0123456789abcdef01234567, and stands in every report; a value is never typed there, where \
             others see it: `plainsight audit --gone - <FILE` reads it from standard input",
        )),
    }
}

/// Reads a value from standard input; the line end behind it is not its own.
fn value() -> Result<Forms, Failure> {
    let mut stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        output::remark("reading the value from standard input, which shows it; a line end and Ctrl-D end it\n");
    }
    let mut value = Vec::new();
    let most = history::LONGEST as u64 + 3;
    stdin
        .by_ref()
        .take(most)
        .read_to_end(&mut value)
        .map_err(|error| Failure::new(format!("--gone -: standard input could not be read: {error}")))?;
    let value = value.strip_suffix(b"\n").map_or(&value[..], |line| line.strip_suffix(b"\r").unwrap_or(line));
    Forms::of(value).map_err(|unfit| {
        let (shortest, longest) = (history::SHORTEST, crate::text::size(history::LONGEST as u64));
        match unfit {
            Unfit::Short => Failure::new(format!("--gone -: the value has less than {shortest} bytes"))
                .help("so short a value stands in many texts by chance; for a longer one that holds it: give that"),
            Unfit::Long => Failure::new(format!("--gone -: the value has more than {longest}"))
                .help("no key is longer; of a file give a line that only it has, the first of the key itself, say"),
        }
    })
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
