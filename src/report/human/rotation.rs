//! What to do now, as the protocol says it; and saying it once.
//!
//! Forty findings of one rule ask for the same steps forty times. They are written out for the first of them;
//! the others name that one, and add the commands that are different for them.

use super::INDENT;
use super::page::{Look, Page};
use crate::finding::{Exposure, Finding};
use crate::policy::protocol::{self, Step, Surroundings};
use std::collections::BTreeMap;
use std::io;
use textwrap::core::display_width;

/// Under the text of a numbered step.
const UNDER_STEP: usize = INDENT + 3;
/// Characters of a text that is written out again all the same.
const SHORT: usize = 60;

/// What was written out so far, by rule.
#[derive(Default)]
pub(super) struct Rotation {
    told: BTreeMap<&'static str, Vec<Told>>,
    /// Every step that was written out, by its words: the finding, and the command.
    steps: BTreeMap<(String, String), (usize, Option<String>)>,
}

/// A finding whose steps stand on the page.
struct Told {
    number: usize,
    exposure: Exposure,
    steps: Vec<Step>,
}

impl Rotation {
    /// Writes the steps for one finding.
    pub(super) fn write(
        &mut self,
        page: &mut Page<'_>,
        number: usize,
        finding: &Finding<'_>,
        around: &Surroundings,
    ) -> io::Result<()> {
        let steps = protocol::steps_in(finding, around);
        let told = self.told.entry(finding.rule.id).or_default();
        if let Some(alike) = told.iter().find(|told| alike(&told.steps, &steps)) {
            return as_for(page, alike, &steps);
        }
        // An environment file and a value in it are two findings, and one repair.
        let same = self.told.values().flatten().find(|told| told.steps == steps && told.exposure == finding.exposure);
        if let Some(same) = same {
            return as_for(page, same, &steps);
        }
        let told = self.told.entry(finding.rule.id).or_default();
        page.blank()?;
        page.sentence(INDENT, Look::Strong, &protocol::headline(finding))?;
        for (at, step) in steps.iter().enumerate() {
            let words = (step.heading.clone(), step.text.clone());
            match self.steps.get(&words) {
                // A step that needs no words does not get shorter by naming another one.
                Some((other, command)) if *other != number && step.text.len() > SHORT => {
                    same_step(page, at + 1, step, *other, command.as_ref())?;
                }
                _ => self::step(page, at + 1, step)?,
            }
            self.steps.entry(words).or_insert_with(|| (number, step.command.clone()));
        }
        links(page, finding, &steps)?;
        told.push(Told { number, exposure: finding.exposure, steps });
        Ok(())
    }
}

/// Whether the same is to be done: what differs then is the names of files and commits.
fn alike(steps: &[Step], others: &[Step]) -> bool {
    steps.iter().map(|step| &step.heading).eq(others.iter().map(|step| &step.heading))
}

/// The text of a step is understood from the finding it was written for; a command is not, since it is pasted.
fn as_for(page: &mut Page<'_>, told: &Told, steps: &[Step]) -> io::Result<()> {
    let lead = format!("{:INDENT$}What to do now: ", "");
    let pairs = steps.iter().zip(&told.steps).enumerate();
    let own: Vec<_> = pairs
        .filter(|(_, (step, other))| step.command != other.command)
        .filter_map(|(at, (step, _))| step.command.as_deref().map(|command| (at + 1, &step.heading, command)))
        .collect();
    let end = if own.is_empty() { "." } else { ", with these commands:" };
    page.paragraph((&lead, Look::Strong), INDENT, (&format!("as for {}{end}", told.number), Look::Plain))?;
    for (number, heading, text) in own {
        page.sentence(INDENT, Look::Strong, &format!("{number}. {heading}"))?;
        command(page, text)?;
    }
    Ok(())
}

/// A step that another finding asks for in the same words; only its command may be another.
fn same_step(page: &mut Page<'_>, number: usize, step: &Step, other: usize, told: Option<&String>) -> io::Result<()> {
    let lead = format!("{:INDENT$}{number}. {}: ", "", step.heading);
    let text =
        if step.command.as_ref() == told { format!("as for {other}.") } else { format!("as for {other}, with:") };
    page.paragraph((&lead, Look::Strong), UNDER_STEP, (&text, Look::Plain))?;
    match &step.command {
        Some(own) if Some(own) != told => command(page, own),
        _ => Ok(()),
    }
}

fn step(page: &mut Page<'_>, number: usize, step: &Step) -> io::Result<()> {
    let lead = format!("{:INDENT$}{number}. {}: ", "", step.heading.trim_end_matches([':', '.']));
    page.paragraph((&lead, Look::Strong), UNDER_STEP, (&step.text, Look::Plain))?;
    step.command.as_deref().map_or(Ok(()), |text| command(page, text))
}

fn command(page: &mut Page<'_>, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| page.whole(UNDER_STEP + 2, Look::Copy, line.trim_end()))
}

/// The addresses, unless a step has named them: of what only this machine has, no step asks for a revocation,
/// but its owner may know better.
fn links(page: &mut Page<'_>, finding: &Finding<'_>, steps: &[Step]) -> io::Result<()> {
    let rotate = &finding.rule.rotate;
    for (label, url) in [("if it was seen, revoke it at:", rotate.revoke_url), ("read more:", rotate.docs)] {
        let said = |text: &str| text.contains(url);
        if url.is_empty() || steps.iter().any(|step| said(&step.text) || step.command.as_deref().is_some_and(said)) {
            continue;
        }
        if INDENT + label.len() + 1 + display_width(url) <= page.width() {
            page.paragraph((&format!("{:INDENT$}{label} ", ""), Look::Faint), UNDER_STEP, (url, Look::Copy))?;
        } else {
            page.sentence(INDENT, Look::Faint, label)?;
            page.whole(UNDER_STEP, Look::Copy, url)?;
        }
    }
    Ok(())
}
