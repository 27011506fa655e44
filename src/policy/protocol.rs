//! The protocol for one finding: what its finder does, in order.
//!
//! What is asked for follows who may have seen the secret. One that was pushed is burnt, so it is revoked
//! before anybody touches the history; one that was only staged is taken out, and that is all. A command never
//! holds a secret, and one is given only where it can be pasted as it is. How steps are laid out on a page is
//! the reports' affair, and how a kind of secret is rotated is said by its rule.

mod paths;
#[cfg(test)]
pub(crate) mod samples;

use crate::finding::{CommitInfo, Exposure, Finding};
use crate::text::printable;
use paths::Paths;
use std::collections::BTreeSet;

/// Greatest number of paths, refs or commits that one step names.
const MAX_NAMED: usize = 10;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Two to four words, imperative.
    pub heading: String,
    /// What it is about, in one or two sentences.
    pub text: String,
    /// What to type at the top of the repository (or where the scan was started), for a POSIX shell.
    pub command: Option<String>,
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
            let refs = named(finding.exposed_refs.iter().map(String::as_str));
            let to = if refs.is_empty() { String::new() } else { format!(" to {refs}") };
            format!("Security breach: {title} was pushed{to}. It is burnt, whatever is done to the history.")
        }
    }
}

/// The steps, in the order in which they are to be done.
#[must_use]
pub fn steps(finding: &Finding<'_>) -> Vec<Step> {
    let paths = Paths::now(finding);
    match finding.exposure {
        Exposure::Worktree => worktree(finding, &paths),
        Exposure::Staged => staged(finding, &paths),
        Exposure::Local => local(finding, &paths),
        Exposure::Unreachable => unreachable(finding),
        Exposure::Pushed => pushed(finding, &paths),
    }
}

fn worktree(finding: &Finding<'_>, paths: &Paths) -> Vec<Step> {
    let mut steps = Vec::new();
    if finding.secret.is_none() {
        if finding.places.iter().any(|place| !place.ignored) {
            steps.push(ignore(paths));
        }
        steps.push(step(
            "Move it out",
            "Better still, keep it outside the repository, or its values in a secret manager. It needs no revocation \
             as long as it was never committed or shared; `plainsight audit` says whether it was committed.",
            None,
        ));
        return steps;
    }
    steps.push(take_out(paths));
    steps.push(step(
        "Leave it valid, if unseen",
        "It needs no revocation as long as it was never committed or shared; `plainsight audit` says whether it was \
         committed.",
        None,
    ));
    steps
}

fn staged(finding: &Finding<'_>, paths: &Paths) -> Vec<Step> {
    let mut steps = Vec::new();
    if finding.secret.is_none() {
        steps.push(untrack(paths, "Take it out of the index; the file stays where it is."));
        steps.push(ignore(paths));
    } else {
        steps.push(take_out(paths));
        steps.push(step(
            "Stage the repair",
            "Stage the file again, so that the index holds it without the secret.",
            paths.command("git add --"),
        ));
    }
    steps.push(step("Commit again", "It was never committed, so it needs no revocation.", None));
    steps
}

fn local(finding: &Finding<'_>, paths: &Paths) -> Vec<Step> {
    let mut steps = vec![step(
        "Do not push",
        "No remote has it yet, so it needs no revocation, unless others can read this clone or a backup of it.",
        None,
    )];
    // Not taken out of the tree before: `git rebase` refuses to begin with a changed tree.
    steps.push(rewrite(finding));
    if finding.secret.is_none() {
        steps.push(ignore(paths));
    }
    steps.push(drop_unreachable());
    steps.push(prove(finding));
    steps
}

fn pushed(finding: &Finding<'_>, paths: &Paths) -> Vec<Step> {
    let mut steps = vec![revoke(
        finding,
        "Revoke it now",
        "Whoever could read what was pushed may have it, and taking it out of the history does not take it back.",
    )];
    steps.extend(replace(finding));
    if finding.present != Some(false) {
        steps.extend(out_of_the_tree(finding, paths));
    }
    steps.push(purge(finding));
    steps.push(prove(finding));
    steps
}

fn unreachable(finding: &Finding<'_>) -> Vec<Step> {
    let why = "It lies in commits or files that were dropped. If they were ever pushed, somebody may have fetched \
               them: revoke it. Only if you know that they never left this machine, go on with the last two steps.";
    let mut steps = vec![revoke(finding, "Revoke it, if ever pushed", why)];
    steps.extend(replace(finding));
    steps.push(drop_unreachable());
    steps.push(prove(finding));
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
fn replace(finding: &Finding<'_>) -> Vec<Step> {
    let rotate = &finding.rule.rotate;
    let mut steps: Vec<Step> = rotate.steps.iter().map(|text| step("Replace it", text, None)).collect();
    let docs = if rotate.docs.is_empty() { String::new() } else { format!(" More: {}", rotate.docs) };
    let text = format!(
        "Put the new one into a secret manager, and hand it to the program when it runs; nothing that git tracks may \
         hold it.{docs}"
    );
    steps.push(step("Keep it elsewhere", &text, None));
    steps
}

/// Out of what the next commit records.
fn out_of_the_tree(finding: &Finding<'_>, paths: &Paths) -> Vec<Step> {
    if finding.secret.is_none() {
        return vec![
            untrack(paths, "Take it out of the index and commit that; the file stays where it is."),
            ignore(paths),
        ];
    }
    vec![take_out(paths)]
}

fn take_out(paths: &Paths) -> Step {
    let text = format!(
        "Take the value out of {}, and read it from the environment or a secret manager when the program runs.",
        paths.named()
    );
    step("Take it out", &text, None)
}

fn untrack(paths: &Paths, text: &str) -> Step {
    step(
        "Untrack the file",
        &format!("{text} This is about {}; `plainsight fix` does it and writes the .gitignore.", paths.named()),
        paths.command("git rm --cached --"),
    )
}

fn ignore(paths: &Paths) -> Step {
    let lines = paths.gitignore_lines();
    let text = if lines.is_empty() {
        format!("Make git ignore {}: add its name to the .gitignore beside it.", paths.named())
    } else {
        let quoted: Vec<String> = lines.iter().map(|line| format!("`{line}`")).collect();
        format!("Add to .gitignore: {}", quoted.join(", "))
    };
    step("Ignore the file", &text, paths.gitignore_command())
}

/// The commits that no remote has can be rewritten without asking anybody.
fn rewrite(finding: &Finding<'_>) -> Step {
    let mut commits: Vec<&CommitInfo> = finding.places.iter().filter_map(|place| place.commit.as_ref()).collect();
    commits.retain(|commit| is_object_id(&commit.id));
    commits.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    commits.dedup_by(|a, b| a.id == b.id);
    let out = if finding.secret.is_none() {
        "untrack the file at each stop with `git rm --cached`"
    } else {
        "take the value out of the file at each stop (the program reads it from the environment or a secret \
         manager), `git add` it"
    };
    let how = format!("Mark them `edit`, {out}, then `git commit --amend` and `git rebase --continue`.");
    let Some(oldest) = commits.first() else {
        let text = format!("Rewrite the commits that were not pushed and hold it. {how}");
        return step("Rewrite the commits", &text, Some("git rebase --interactive '@{upstream}'".to_owned()));
    };
    let names: Vec<&str> = commits.iter().map(|commit| commit.id.get(..12).unwrap_or(&commit.id)).collect();
    let text = format!(
        "It came in with {}. {how} If that is the last commit, `git commit --amend` alone does it; if it is the \
         first of all, write `--root` in place of its name.",
        named(names.into_iter())
    );
    step("Rewrite the commits", &text, Some(format!("git rebase --interactive {}^", oldest.id)))
}

/// This spares the stash, which `git reflog expire --all` empties.
fn drop_unreachable() -> Step {
    step(
        "Drop what is left",
        "This deletes for good all commits that no branch, tag or stash entry reaches: look through `git reflog` \
         first. A stash entry that holds it is dropped before, with `git stash drop`.",
        Some("git -c gc.reflogExpireUnreachable=now gc --prune=now".to_owned()),
    )
}

fn purge(finding: &Finding<'_>) -> Step {
    const AFTER: &str = "Then push with force, have every clone made anew, and ask the host to drop its caches and \
                         pull request refs. This does not replace the revocation.";
    if finding.secret.is_none() {
        let text = format!(
            "With everybody told, take the file out of every commit (git-filter-repo, in a fresh clone). {AFTER}"
        );
        return step(
            "Purge the history",
            &text,
            Paths::ever(finding).command_with_each("git filter-repo --invert-paths", "--path="),
        );
    }
    let text = format!(
        "With everybody told, replace the value in every commit (git-filter-repo, in a fresh clone); the list file \
         holds the value, so keep it outside the repository and delete it after. {AFTER}"
    );
    step("Purge the history", &text, Some("git filter-repo --replace-text ../<LIST_FILE>".to_owned()))
}

fn prove(finding: &Finding<'_>) -> Step {
    step(
        "Prove that it is gone",
        "Reads every object again and looks for this finding.",
        Some(format!("plainsight audit --gone {}", finding.id)),
    )
}

fn step(heading: &str, text: &str, command: Option<String>) -> Step {
    Step { heading: heading.to_owned(), text: text.to_owned(), command }
}

/// `a, b and 3 more`, safe to print.
fn named<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: BTreeSet<&str> = names.collect();
    let mut shown: Vec<String> = all.iter().take(MAX_NAMED).map(|name| printable(name)).collect();
    if all.len() > MAX_NAMED {
        let last = format!("{} more", all.len() - MAX_NAMED);
        shown.push(last);
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
