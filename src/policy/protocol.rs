//! The protocol for one finding: what its finder does, in order.
//!
//! What is asked for follows who may have seen the secret. One that was pushed is burnt, so it is revoked
//! before anybody touches the history; one that was only staged is taken out, and that is all. A command never
//! holds a secret, and one is given only where it can be pasted as it is. How steps are laid out on a page is
//! the reports' affair, and how a kind of secret is rotated is said by its rule.

mod history;
mod paths;
mod replacements;
#[cfg(test)]
pub(crate) mod samples;
mod store;

use crate::finding::{Exposure, Finding};
use crate::text::printable;
use paths::Paths;
pub use paths::gitignore_line;
pub use replacements::{REPLACEMENT, replacements};
use std::collections::BTreeSet;
pub use store::{Store, StoreKind};

/// Greatest number of paths, refs or commits that one step names.
const MAX_NAMED: usize = 10;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Two to four words, imperative.
    pub heading: String,
    /// What it is about, in one or two sentences.
    pub text: String,
    /// What to type at the top of the repository (or where the scan was started), for a POSIX shell; a line each.
    pub command: Option<String>,
}

/// What is known of the repository around, beyond the finding; everything may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The secret manager in use.
    pub store: Option<Store>,
    /// What of the current branch was not pushed.
    pub unpushed: Option<Unpushed>,
}

/// What of the current branch no remote has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpushed {
    /// The commit at `HEAD`, in full.
    pub head: String,
    /// The youngest commit below it that was pushed, in full; `None` where nothing was.
    pub base: Option<String>,
}

/// What happened, in one sentence: the block that comes before the steps.
#[must_use]
pub fn headline(finding: &Finding<'_>) -> String {
    let title = &finding.rule.title;
    match finding.exposure {
        Exposure::Worktree => format!("{title}: git does not hold it. Keep it so."),
        Exposure::Staged => format!("Security breach: {title} is about to be committed. Stop the commit."),
        Exposure::Local => {
            format!("Security breach: {title} is committed, and the next push hands it out. Stop the push.")
        }
        Exposure::Unreachable => format!(
            "Security breach, unless it was never pushed: {title} lies in objects that no branch or tag reaches any \
             more."
        ),
        Exposure::Pushed => {
            let refs = named(finding.exposed_refs.iter().map(String::as_str), finding.exposed_more);
            let to = if refs.is_empty() { String::new() } else { format!(" to {refs}") };
            format!("Security breach: {title} was pushed{to}. It is burnt, whatever is done to the history.")
        }
    }
}

/// The steps, in the order in which they are to be done, where nothing is known of the repository.
#[must_use]
pub fn steps(finding: &Finding<'_>) -> Vec<Step> {
    steps_in(finding, &Surroundings::default())
}

/// The steps, in the order in which they are to be done.
#[must_use]
pub fn steps_in(finding: &Finding<'_>, around: &Surroundings) -> Vec<Step> {
    let paths = Paths::now(finding);
    match finding.exposure {
        Exposure::Worktree => worktree(finding, &paths, around),
        Exposure::Staged => staged(finding, &paths, around),
        Exposure::Local => local(finding, &paths, around),
        Exposure::Unreachable => unreachable(finding, around),
        Exposure::Pushed => pushed(finding, &paths, around),
    }
}

fn worktree(finding: &Finding<'_>, paths: &Paths, around: &Surroundings) -> Vec<Step> {
    let mut steps = Vec::new();
    if paths.is_whole_file(finding) {
        if finding.places.iter().any(|place| !place.ignored) {
            steps.push(ignore(paths, false));
        }
        steps.push(step(
            "Move it out",
            "Better still, keep it outside the repository, or its values in a secret manager. It needs no revocation \
             as long as it was never committed or shared; `plainsight audit` says whether it was committed.",
            None,
        ));
        return steps;
    }
    steps.push(take_out(paths, around, None));
    steps.push(step(
        "Leave it valid, if unseen",
        "It needs no revocation as long as it was never committed or shared; `plainsight audit` says whether it was \
         committed.",
        None,
    ));
    steps
}

fn staged(finding: &Finding<'_>, paths: &Paths, around: &Surroundings) -> Vec<Step> {
    let mut steps = Vec::new();
    if paths.is_message() {
        return vec![step(
            "Write the message without it",
            "Git keeps the message that was refused: take the value out of it and commit again. It was never recorded, so it \
             needs no revocation.",
            Some("git commit --edit --file=\"$(git rev-parse --git-path COMMIT_EDITMSG)\"".to_owned()),
        )];
    }
    if paths.is_whole_file(finding) {
        steps.push(untrack(paths, "Take it out of the index; the file stays where it is.", paths.untrack()));
        steps.push(ignore(paths, true));
    } else {
        steps.push(take_out(paths, around, None));
        steps.push(step(
            "Stage the repair",
            "Stage the file again, so that the index holds it without the secret.",
            paths.command("git add --"),
        ));
    }
    steps.push(step("Commit again", "It was never committed, so it needs no revocation.", None));
    steps
}

fn local(finding: &Finding<'_>, paths: &Paths, around: &Surroundings) -> Vec<Step> {
    let mut steps = vec![step(
        "Do not push",
        "No remote has it yet, so it needs no revocation, unless others can read this clone or a backup of it.",
        None,
    )];
    if paths.is_message() {
        steps.push(history::reword(finding));
    } else {
        if paths.is_whole_file(finding) {
            steps.push(ignore(paths, true));
        } else {
            steps.push(take_out(paths, around, None));
        }
        steps.push(history::rewrite(finding, paths, around.unpushed.as_ref()));
    }
    steps.push(history::drop_unreachable());
    steps.push(prove(finding, "Reads every object again and looks for this finding."));
    steps
}

fn pushed(finding: &Finding<'_>, paths: &Paths, around: &Surroundings) -> Vec<Step> {
    let mut steps = vec![revoke(
        finding,
        "Revoke it now",
        "Whoever could read what was pushed may have it, and taking it out of the history does not take it back.",
    )];
    steps.extend(replace(finding, around));
    steps.push(history::record(finding));
    // The list is written while the value can still be found.
    steps.extend(history::prepare(finding));
    if finding.present != Some(false) && !paths.is_message() {
        steps.extend(out_of_the_tree(finding, paths, around));
    }
    steps.push(history::purge(finding));
    steps.push(history::remains());
    steps.push(prove(finding, "In a fresh clone: this one keeps the old objects. Reads every one, and looks for it."));
    steps
}

fn unreachable(finding: &Finding<'_>, around: &Surroundings) -> Vec<Step> {
    let why = "It lies in commits or files that were dropped. If they were ever pushed, somebody may have fetched \
               them: revoke it. Only if you know that they never left this machine, go on with the last two steps.";
    let mut steps = vec![revoke(finding, "Revoke it, if ever pushed", why)];
    steps.extend(replace(finding, around));
    steps.push(history::drop_unreachable());
    steps.push(prove(finding, "Reads every object again and looks for this finding."));
    steps
}

fn revoke(finding: &Finding<'_>, heading: &str, why: &str) -> Step {
    let rotate = &finding.rule.rotate;
    let at = match (rotate.revoke_url, rotate.revoke_command) {
        ("", "") => " Make it worthless where it was issued.".to_owned(),
        ("", _) => String::new(),
        (url, _) => format!(" Revoke it at {url}"),
    };
    let command = Some(rotate.revoke_command.to_string()).filter(|command| !command.is_empty());
    Step { heading: heading.to_owned(), text: format!("{why}{at}"), command }
}

/// The rule's own steps, and where the new one goes.
fn replace(finding: &Finding<'_>, around: &Surroundings) -> Vec<Step> {
    let rotate = &finding.rule.rotate;
    let mut steps: Vec<Step> = rotate.steps.iter().map(|text| step("Replace it", text, None)).collect();
    let docs = if rotate.docs.is_empty() { String::new() } else { format!(" More: {}", rotate.docs) };
    let nothing = "nothing that git tracks may hold it";
    let name = finding.key.as_deref().unwrap_or(finding.rule.id);
    let (text, command) = match &around.store {
        Some(store) => (
            format!(
                "Put the new one into {}, and hand it to the program when it runs; {nothing}. {} Seen in use in \
                 {}.{docs}",
                store.kind.title(),
                store.kind.how(),
                printable(&store.seen_in)
            ),
            store.kind.command(name),
        ),
        None => (
            format!("Put the new one into a secret manager, and hand it to the program when it runs; {nothing}.{docs}"),
            None,
        ),
    };
    steps.push(step("Keep it elsewhere", &text, command));
    steps
}

/// Out of what the next commit records.
fn out_of_the_tree(finding: &Finding<'_>, paths: &Paths, around: &Surroundings) -> Vec<Step> {
    if paths.is_whole_file(finding) {
        let text = "Take it out of the index, and commit and push that; the file stays where it is.";
        return vec![ignore(paths, true), untrack(paths, text, paths.untrack())];
    }
    vec![take_out(paths, around, Some("Commit and push that."))]
}

fn take_out(paths: &Paths, around: &Surroundings, after: Option<&str>) -> Step {
    let from = match &around.store {
        Some(store) => format!("the environment or {}", store.kind.title()),
        None => "the environment or a secret manager".to_owned(),
    };
    let after = after.map(|after| format!(" {after}")).unwrap_or_default();
    let text = format!(
        "Take the value out of {}, and read it from {from} when the program runs; `plainsight fix` shows how.{after}",
        paths.named()
    );
    step("Take it out", &text, None)
}

fn untrack(paths: &Paths, text: &str, command: Option<String>) -> Step {
    step(
        "Untrack the file",
        &format!("{text} This is about {}; `plainsight fix` does it and writes the .gitignore.", paths.named()),
        command,
    )
}

fn ignore(paths: &Paths, staged: bool) -> Step {
    let lines = paths.gitignore_lines();
    let text = if lines.is_empty() {
        format!("Make git ignore {}: add its name to the .gitignore beside it.", paths.named())
    } else {
        let quoted: Vec<String> = lines.iter().map(|line| format!("`{line}`")).collect();
        format!("Add to .gitignore: {}", quoted.join(", "))
    };
    let stage = if staged { "\ngit add .gitignore" } else { "" };
    step("Ignore the file", &text, paths.gitignore_command().map(|command| format!("{command}{stage}")))
}

fn prove(finding: &Finding<'_>, text: &str) -> Step {
    step("Prove that it is gone", text, Some(format!("plainsight audit --gone {}", finding.id)))
}

fn step(heading: &str, text: &str, command: Option<String>) -> Step {
    Step { heading: heading.to_owned(), text: text.to_owned(), command }
}

/// `a, b and 3 more`, safe to print.
fn named<'a>(names: impl Iterator<Item = &'a str>, more: u64) -> String {
    let all: BTreeSet<&str> = names.collect();
    let mut shown: Vec<String> = all.iter().take(MAX_NAMED).map(|name| printable(name)).collect();
    let more = all.len().saturating_sub(MAX_NAMED) as u64 + more;
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

fn is_object_id(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
