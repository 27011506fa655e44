//! The end of the report: what was not read, remarks, and what follows from all of it.
//!
//! The word "clean" is printed here or nowhere, and only where everything that was asked for was read.

use super::page::{Look, Page};
use super::{INDENT, LISTED, heading, more, words};
use crate::finding::{Coverage, Exposure, Finding, Results, Skip, Verdict};
use std::io;

/// Skips, remarks, verdict, coverage.
pub(super) fn write(page: &mut Page<'_>, results: &Results<'_>, verbose: bool) -> io::Result<()> {
    let (open, harmless): (Vec<_>, Vec<_>) = results.skips.iter().partition(|skip| skip.incomplete);
    list(page, Look::Caution, "Asked for, and not read", &open, verbose)?;
    if verbose {
        list(page, Look::Faint, "Left out", &harmless, true)?;
    }
    notes(page, &results.notes, verbose)?;
    verdict(page, results)?;
    page.sentence(0, Look::Faint, &coverage(results))
}

/// Nothing where all is well; else remarks, what was not read, and the verdict.
pub(super) fn write_quiet(page: &mut Page<'_>, results: &Results<'_>) -> io::Result<()> {
    for skip in results.skips.iter().filter(|skip| skip.incomplete) {
        page.whole(0, Look::Plain, &format!("{}: not read: {}", skip.path.for_terminal(), skip.reason))?;
    }
    for note in &results.notes {
        page.whole(0, Look::Plain, &format!("note: {note}"))?;
    }
    if results.is_complete() && results.count(Verdict::Block) == 0 { Ok(()) } else { verdict(page, results) }
}

fn list(page: &mut Page<'_>, look: Look, title: &str, skips: &[&Skip], all: bool) -> io::Result<()> {
    if skips.is_empty() {
        return Ok(());
    }
    heading(page, look, &format!("{title}: {}", words::count(skips.len(), "item")))?;
    let listed = if all { skips.len() } else { LISTED };
    for skip in skips.iter().take(listed) {
        page.whole(INDENT, Look::Plain, &format!("{}: {}", skip.path.for_terminal(), skip.reason))?;
    }
    more(page, skips.len(), listed)?;
    page.blank()
}

fn notes(page: &mut Page<'_>, notes: &[String], all: bool) -> io::Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    heading(page, Look::Strong, "Notes")?;
    let listed = if all { notes.len() } else { LISTED };
    for note in notes.iter().take(listed) {
        page.paragraph((" - ", Look::Plain), INDENT, (note, Look::Plain))?;
    }
    more(page, notes.len(), listed)?;
    page.blank()
}

fn verdict(page: &mut Page<'_>, results: &Results<'_>) -> io::Result<()> {
    let blocking: Vec<_> = results.findings.iter().filter(|finding| finding.verdict == Verdict::Block).collect();
    let missing = missing(results);
    if !blocking.is_empty() {
        page.paragraph(("SECURITY BREACH: ", Look::Danger), 0, (&breach(&blocking), Look::Strong))?;
        return match missing {
            Some(missing) => {
                let text = format!("{missing}; there may be more.");
                page.paragraph(("NOT COMPLETE: ", Look::Caution), 0, (&text, Look::Plain))
            }
            None => Ok(()),
        };
    }
    if let Some(missing) = missing {
        let text = format!("{missing}{}", beside(results));
        return page.paragraph(("NOT PROVEN CLEAN: ", Look::Caution), 0, (&text, Look::Strong));
    }
    match results.count(Verdict::Warn) {
        0 if is_nothing(&results.coverage) => {
            page.paragraph(("clean: ", Look::Good), 0, ("there was nothing to read in what was asked for", Look::Plain))
        }
        0 => {
            let text = format!("nothing found in all that was asked for{}", beside(results));
            page.paragraph(("clean: ", Look::Good), 0, (&text, Look::Plain))
        }
        _ => page.paragraph(("nothing that blocks", Look::Good), 0, (&beside(results), Look::Plain)),
    }
}

/// `2 secrets and 1 unsafe file in plain text: 1 pushed, 2 on disk`.
fn breach(findings: &[&Finding<'_>]) -> String {
    let secrets = findings.iter().filter(|finding| finding.secret.is_some()).count();
    let kinds = [(secrets, "secret"), (findings.len() - secrets, "unsafe file")];
    let kinds: Vec<String> = kinds.iter().filter(|kind| kind.0 > 0).map(|(n, noun)| words::count(*n, noun)).collect();
    let exposures = [
        (Exposure::Pushed, "pushed"),
        (Exposure::Unreachable, "in unreachable objects"),
        (Exposure::Local, "committed but not pushed"),
        (Exposure::Staged, "staged"),
        (Exposure::Worktree, "on disk"),
    ];
    let count = |exposure| findings.iter().filter(|finding| finding.exposure == exposure).count();
    let exposed: Vec<String> = exposures
        .iter()
        .map(|(exposure, word)| (count(*exposure), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", words::thousands(number as u64)))
        .collect();
    format!("{} in plain text ({})", words::and(&kinds), exposed.join(", "))
}

/// What keeps the answer open.
fn missing(results: &Results<'_>) -> Option<String> {
    let unread = results.skips.iter().filter(|skip| skip.incomplete).count();
    let unread = (unread > 0).then(|| format!("{} could not be read", words::count(unread, "item")));
    let stopped = results.interrupted.map(|signal| format!("stopped by {signal} before everything was read"));
    let all: Vec<String> = stopped.into_iter().chain(unread).collect();
    (!all.is_empty()).then(|| words::and(&all))
}

/// What else was found, and does not block.
fn beside(results: &Results<'_>) -> String {
    let others = [(results.count(Verdict::Warn), "worth a look"), (results.count(Verdict::Suppressed), "suppressed")];
    let others = others.iter().filter(|(number, _)| *number > 0);
    let others: Vec<_> =
        others.map(|(number, what)| format!("; {} {what}", words::count(*number, "finding"))).collect();
    others.concat()
}

fn is_nothing(coverage: &Coverage) -> bool {
    coverage.files == 0 && coverage.blobs == 0 && coverage.commits == 0 && coverage.skipped.is_empty()
}

/// `read 1,234 files, 45.6 MB, in 0.3 s with 512 rules; skipped: 3 binary, 1 symlink`.
fn coverage(results: &Results<'_>) -> String {
    let coverage = &results.coverage;
    let read =
        [(coverage.files, "file"), (coverage.blobs, "blob"), (coverage.commits, "commit"), (coverage.refs, "ref")];
    let mut parts: Vec<String> =
        read.iter().filter(|part| part.0 > 0).map(|(n, noun)| words::count(*n, noun)).collect();
    if parts.is_empty() {
        parts.push(words::count(0_u64, "file"));
    }
    parts.push(words::size(coverage.bytes));
    let skipped: Vec<String> = coverage
        .skipped
        .iter()
        .filter(|(_, number)| **number > 0)
        .map(|(kind, number)| format!("{} {}", words::thousands(*number), kind.replace('_', " ")))
        .collect();
    let skipped = if skipped.is_empty() { String::new() } else { format!("; skipped: {}", skipped.join(", ")) };
    let (time, rules) = (words::seconds(results.elapsed_ms), words::count(results.rules, "rule"));
    let known = coverage.known.as_ref().map_or_else(String::new, |known| {
        let what = [words::count(known.blobs, "blob"), words::count(known.commits, "commit")];
        let date = known.since.split('T').next().unwrap_or_default();
        format!("; known of these from audits since {date}: {}", words::and(&what))
    });
    format!("read {}, in {time} with {rules}{skipped}{known}", parts.join(", "))
}
