//! A finding that blocks, in full: where it stands, why it matters, who may have seen it.

use super::INDENT;
use super::brief;
use super::excerpt;
use super::page::{Look, Page};
use super::words;
use crate::finding::{CommitInfo, Finding, Other, Place};
use crate::report::Options;
use std::io;

/// So many places are written out.
const PLACES: usize = 3;
/// Characters of a commit's subject that are shown.
const SUBJECT: usize = 72;
/// The column at which what is said of a finding starts.
const COLUMN: usize = 15;
/// Digits of an object id: enough in the largest repositories.
const ABBREVIATED: usize = 12;

/// Writes everything but the rotation; why it matters is said once for a rule.
pub(super) fn write(
    page: &mut Page<'_>,
    number: usize,
    finding: &Finding<'_>,
    told: bool,
    options: &Options,
) -> io::Result<()> {
    headline(page, &format!("{number}. "), finding, Look::Danger)?;
    let (counting, allowed): (Vec<_>, Vec<_>) = finding.places.iter().partition(|place| place.suppressed.is_none());
    if let Some((first, others)) = counting.split_first() {
        self::first(page, finding, first)?;
        let listed = if options.verbose { others.len() } else { others.len().min(PLACES - 1) };
        also(page, finding, others, listed)?;
    }
    self::allowed(page, finding, &allowed, options.verbose)?;
    for other in &finding.others {
        with(page, finding, other)?;
    }
    brief::exposed(page, finding, options)?;
    if !told {
        said(page, "why", Look::Plain, finding.rule.why)?;
    }
    if let Some(account) = finding.account() {
        said(page, "account", Look::Plain, &format!("AWS account {account}"))?;
    }
    let seen = if finding.exposure >= crate::finding::Exposure::Local { Look::Caution } else { Look::Plain };
    said(page, "exposure", seen, &words::exposure(finding))?;
    said(page, "confidence", Look::Plain, &words::confidence(finding))?;
    said(page, "id", Look::Faint, &finding.id)
}

/// `1. CRITICAL  Stripe live secret key [stripe-live-secret-key]`.
pub(super) fn headline(page: &mut Page<'_>, lead: &str, finding: &Finding<'_>, look: Look) -> io::Result<()> {
    let lead = format!("{lead}{}  ", words::severity(finding.severity));
    let title = format!("{} [{}]", finding.rule.title, finding.rule.id);
    page.paragraph((&lead, look), INDENT, (&title, Look::Strong))
}

/// `path:line:column`, or the path alone of a finding on a whole file.
pub(super) fn position(finding: &Finding<'_>, place: &Place) -> String {
    let path = place.path.for_terminal();
    match finding.secret {
        Some(_) => format!("{path}:{}:{}", place.start.line, place.start.column),
        None => path,
    }
}

fn first(page: &mut Page<'_>, finding: &Finding<'_>, place: &Place) -> io::Result<()> {
    page.whole(INDENT, Look::Strong, &position(finding, place))?;
    history(page, place, finding.commits)?;
    let label = label(finding);
    let drawing = place.excerpt.as_ref().and_then(|text| excerpt::draw(page, text, place.start.line, &label, INDENT));
    match (drawing, &finding.secret) {
        (Some(drawing), _) => page.drawn(INDENT, &drawing),
        (None, Some(secret)) => page.whole(INDENT + 2, Look::Danger, &secret.masked()),
        (None, None) => Ok(()),
    }
}

/// What stands behind the underline: what it is, and how it was found there.
fn label(finding: &Finding<'_>) -> String {
    let title = finding.rule.title;
    if finding.decoded.is_empty() { title.to_owned() } else { format!("{title}, in {}", finding.decoded.join(" in ")) }
}

fn also(page: &mut Page<'_>, finding: &Finding<'_>, others: &[&Place], listed: usize) -> io::Result<()> {
    let (listed, counted) = others.split_at(listed);
    for (at, place) in listed.iter().enumerate() {
        let lead = if at == 0 { "also in " } else { "        " };
        page.whole(INDENT, Look::Plain, &format!("{lead}{}", position(finding, place)))?;
    }
    if counted.is_empty() {
        return Ok(());
    }
    let more = format!("and {} more (all in --format json)", words::thousands(counted.len() as u64));
    page.sentence(INDENT + 8, Look::Faint, &more)
}

/// Places that do not count are counted, and listed with the reason on demand.
fn allowed(page: &mut Page<'_>, finding: &Finding<'_>, places: &[&Place], verbose: bool) -> io::Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    let text = format!("and {} where it is allowed", words::count(places.len(), "place"));
    page.sentence(INDENT, Look::Faint, &text)?;
    for place in places.iter().filter(|_| verbose) {
        let reason = place.suppressed.as_ref().map(words::suppression).unwrap_or_default();
        page.whole(INDENT + 2, Look::Plain, &position(finding, place))?;
        page.sentence(INDENT + 4, Look::Faint, &reason)?;
    }
    Ok(())
}

/// The other half of the credential, and where it stands.
fn with(page: &mut Page<'_>, finding: &Finding<'_>, other: &Other<'_>) -> io::Result<()> {
    let masked = other.secret.as_ref().map(|secret| format!(" {}", secret.masked())).unwrap_or_default();
    let place = other.places.first().map(|place| position(finding, place)).unwrap_or_default();
    said(page, "with", Look::Plain, &format!("{}{masked} at {place} [{}]", other.rule.title, other.rule.id))
}

/// Since when it is in the history, in how much of it, and until when or where now.
fn history(page: &mut Page<'_>, place: &Place, commits: Option<u64>) -> io::Result<()> {
    if let Some(commit) = &place.commit {
        let count = commits.filter(|&count| count > 1).map(|count| format!("; in {} commits", words::thousands(count)));
        page.sentence(INDENT, Look::Faint, &format!("{}{}", since(commit), count.unwrap_or_default()))?;
        if !commit.subject.is_empty() {
            let subject: String = commit.subject.chars().take(SUBJECT).collect();
            page.whole(INDENT + 2, Look::Faint, &format!("\u{201c}{subject}\u{201d}"))?;
        }
    }
    if let Some(id) = &place.removed_in {
        return page.sentence(INDENT, Look::Faint, &format!("removed in commit {}", abbreviated(id)));
    }
    match place.now {
        Some(now) if now.line != place.start.line => {
            page.sentence(INDENT, Look::Faint, &format!("now on line {}", words::thousands(now.line)))
        }
        _ => Ok(()),
    }
}

fn since(commit: &CommitInfo) -> String {
    // The day and the name are enough to find whoever must be asked.
    let day = commit.date.split('T').next().unwrap_or_default();
    let name = commit.author.split(" <").next().unwrap_or_default();
    format!("since commit {} of {day} by {name}", abbreviated(&commit.id))
}

fn abbreviated(id: &str) -> &str {
    id.get(..ABBREVIATED).unwrap_or(id)
}

fn said(page: &mut Page<'_>, label: &str, look: Look, text: &str) -> io::Result<()> {
    let lead = format!("{:INDENT$}{label:width$}", "", width = COLUMN - INDENT);
    page.paragraph((&lead, Look::Faint), COLUMN, (text, look))
}
