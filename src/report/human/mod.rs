//! The report for a person, who is tired and wants to know three things: what is it, how bad, what now.
//!
//! What blocks comes first, the most dangerous on top, and the verdict comes last, where the terminal stops
//! scrolling. Words, places, rotation and the ending have a file each; all of them write on a [`Page`].

mod blocking;
mod brief;
mod ending;
mod excerpt;
mod page;
mod rotation;
mod words;

use super::Report;
use crate::finding::{Exposure, Finding, Verdict};
use page::{Look, Page};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// So many warnings, and so many skipped files, are listed unless everything is asked for.
const LISTED: usize = 20;
/// What belongs to a headline stands this far in: behind `1. `.
const INDENT: usize = 3;

/// Findings, what was not read, remarks, and the verdict.
pub(super) fn write(report: Report<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let Report { results, options, veil } = report;
    let page = &mut Page::new(out, veil, options.width, options.color);
    let blocking = sorted(&results.findings, Verdict::Block);
    if options.quiet {
        for finding in &blocking {
            brief::line(page, finding, options)?;
        }
        return ending::write_quiet(page, results);
    }
    let mut told = BTreeSet::new();
    let mut rotation = rotation::Rotation::default();
    for (number, finding) in blocking.iter().enumerate() {
        blocking::write(page, number + 1, finding, !told.insert(finding.rule.id), options)?;
        if options.protocol {
            rotation.write(page, number + 1, finding, &options.surroundings)?;
        }
        page.blank()?;
    }
    if options.protocol {
        brief::hint(page, &blocking)?;
    }
    brief::warnings(page, &sorted(&results.findings, Verdict::Warn), options)?;
    brief::suppressed(page, &results.findings, options.verbose)?;
    ending::write(page, results, options.verbose)
}

/// The findings with this verdict, the most dangerous first.
fn sorted<'f, 'r>(findings: &'f [Finding<'r>], verdict: Verdict) -> Vec<&'f Finding<'r>> {
    let mut findings: Vec<_> = findings.iter().filter(|finding| finding.verdict == verdict).collect();
    // Sorting is stable: what is equally dangerous stays in the order of paths.
    findings.sort_by_key(|finding| Reverse((danger(finding), finding.severity, finding.confidence)));
    findings
}

/// How pressing it is: what others have is burnt, and what still lies in a branch goes on being fetched; what is about to be
/// pushed comes before what nothing reaches.
const fn danger(finding: &Finding<'_>) -> u8 {
    match (finding.exposure, finding.present) {
        (Exposure::Pushed, Some(true)) => 5,
        (Exposure::Pushed, _) => 4,
        (Exposure::Local, _) => 3,
        (Exposure::Unreachable, _) => 2,
        (Exposure::Staged, _) => 1,
        (Exposure::Worktree, _) => 0,
    }
}

/// A heading of a section.
fn heading(page: &mut Page<'_>, look: Look, text: &str) -> io::Result<()> {
    page.sentence(0, look, text)
}

/// What a list of so many left out.
fn more(page: &mut Page<'_>, all: usize, listed: usize) -> io::Result<()> {
    match all.saturating_sub(listed) {
        0 => Ok(()),
        more => {
            let text = format!("and {} more (all with --verbose)", words::thousands(more as u64));
            page.sentence(INDENT, Look::Faint, &text)
        }
    }
}

#[cfg(test)]
mod tests;
