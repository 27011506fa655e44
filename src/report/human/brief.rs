//! Findings in few lines: warnings, what is suppressed, and every finding where quiet was asked for.

use super::blocking::{headline, position};
use super::page::{Look, Page};
use super::{INDENT, LISTED, heading, more, words};
use crate::finding::{Confidence, Finding, Place, SuppressedBy, Suppression, Verdict};
use crate::report::Options;
use std::collections::BTreeMap;
use std::io;

/// A finding on one line, as compilers write it.
pub(super) fn line(page: &mut Page<'_>, finding: &Finding<'_>, options: &Options) -> io::Result<()> {
    let counting = finding.places.iter().find(|place| place.suppressed.is_none());
    let place = counting.or(finding.places.first()).map(|place| position(finding, place)).unwrap_or_default();
    let masked = finding.secret.as_ref().map(|secret| format!(" {}", secret.masked())).unwrap_or_default();
    let rule = finding.rule;
    page.whole(0, Look::Plain, &format!("{place}: {}: {} [{}]{masked}", finding.severity, rule.title, rule.id))?;
    exposed(page, finding, options)
}

/// The value itself on lines of its own, where that was asked for.
pub(super) fn exposed(page: &mut Page<'_>, finding: &Finding<'_>, options: &Options) -> io::Result<()> {
    match &finding.secret {
        Some(secret) if options.show_secrets => page.exposed(INDENT + 2, secret.expose()),
        _ => Ok(()),
    }
}

/// How to say that it is none; only where it may well be none, since it is a way around the gate.
pub(super) fn hint(page: &mut Page<'_>, blocking: &[&Finding<'_>]) -> io::Result<()> {
    let doubtful = |finding: &&&Finding<'_>| finding.confidence <= Confidence::Likely && finding.secret.is_some();
    let Some(finding) = blocking.iter().find(doubtful) else { return Ok(()) };
    let text = format!("Write `plainsight: allow {} -- <REASON>` in a comment on its line.", finding.rule.id);
    page.paragraph(("Not a secret? ", Look::Faint), 0, (&text, Look::Faint))?;
    page.blank()
}

/// What is worth a look and stops nothing.
pub(super) fn warnings(page: &mut Page<'_>, findings: &[&Finding<'_>], options: &Options) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let listed = if options.verbose { findings.len() } else { LISTED };
    heading(
        page,
        Look::Caution,
        &format!("Worth a look, blocks nothing: {}", words::count(findings.len(), "finding")),
    )?;
    for finding in findings.iter().take(listed) {
        headline(page, " - ", finding, Look::Caution)?;
        let counting: Vec<&Place> = finding.places.iter().filter(|place| place.suppressed.is_none()).collect();
        if let Some(place) = counting.first() {
            page.whole(INDENT, Look::Plain, &position(finding, place))?;
        }
        let masked = finding.secret.as_ref().map(|secret| format!("{}; ", secret.masked())).unwrap_or_default();
        let more = match counting.len() {
            0 | 1 => String::new(),
            places => format!("; in {}", words::count(places, "place")),
        };
        let account = finding.account().map(|account| format!("; AWS account {account}")).unwrap_or_default();
        let text = format!("{masked}{}; {}{account}{more}", words::exposure(finding), words::confidence(finding));
        page.sentence(INDENT, Look::Faint, &text)?;
        exposed(page, finding, options)?;
    }
    more(page, findings.len(), listed)?;
    page.blank()
}

/// Suppressed is not lost: it is counted by what did it, and listed on demand.
pub(super) fn suppressed(page: &mut Page<'_>, findings: &[Finding<'_>], verbose: bool) -> io::Result<()> {
    let suppressed: Vec<_> = findings.iter().filter(|finding| finding.verdict == Verdict::Suppressed).collect();
    if suppressed.is_empty() {
        return Ok(());
    }
    let mut counts: BTreeMap<Option<SuppressedBy>, usize> = BTreeMap::new();
    for finding in &suppressed {
        *counts.entry(reason(finding).map(|suppression| suppression.by)).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().map(|(by, number)| format!("{number} {}", words::suppressed_by(*by))).collect();
    let hint = if verbose { "" } else { " (listed with --verbose)" };
    let total = words::count(suppressed.len(), "finding");
    heading(page, Look::Faint, &format!("Suppressed: {total}, {}{hint}", words::and(&counts)))?;
    for finding in suppressed.iter().filter(|_| verbose) {
        let place = finding.places.first().map(|place| position(finding, place)).unwrap_or_default();
        page.whole(INDENT, Look::Plain, &format!("{place}: {} [{}]", finding.rule.title, finding.rule.id))?;
        if let Some(reason) = reason(finding) {
            page.sentence(INDENT + 2, Look::Faint, &words::suppression(reason))?;
        }
    }
    page.blank()
}

/// The finding's own reason, or that of its first place where each is allowed on its own.
fn reason<'f>(finding: &'f Finding<'_>) -> Option<&'f Suppression> {
    finding.suppressed.as_ref().or_else(|| finding.places.iter().find_map(|place| place.suppressed.as_ref()))
}
