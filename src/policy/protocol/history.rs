//! The steps that change or judge history: of what was not pushed, and of what was.
//!
//! plainsight rewrites nothing itself. The commands are such that nobody has to edit a list of commits at night, and
//! that nothing in the work tree is lost.

use super::{Paths, Step, Unpushed, is_object_id, named, step};
use crate::finding::{CommitInfo, Finding, is_message};

/// The list for filter-repo, beside the repository.
const LIST: &str = "../replacements.txt";

/// The commits that no remote has can be rewritten without asking anybody.
pub(super) fn rewrite(finding: &Finding<'_>, paths: &Paths, unpushed: Option<&Unpushed>) -> Step {
    let commits = commits(finding);
    let came = if commits.is_empty() {
        String::new()
    } else {
        format!("It came in with {}. ", named(commits.iter().map(|commit| short(&commit.id)), 0))
    };
    let back = match (unpushed, commits.first()) {
        (Some(Unpushed { base: Some(base), .. }), _) if is_object_id(base) => Back::To(short(base).to_owned()),
        (Some(Unpushed { base: None, .. }), _) => Back::ToNothing,
        (_, Some(oldest)) => Back::To(format!("{}^", short(&oldest.id))),
        (_, None) => Back::To("'@{upstream}'".to_owned()),
    };
    let (reset, keep) = match &back {
        Back::To(base) => (
            format!("git reset --soft {base}"),
            format!(" To keep the commits apart, change each with `git rebase --interactive {base}` instead."),
        ),
        Back::ToNothing => ("git update-ref -d HEAD".to_owned(), String::new()),
    };
    let out = if paths.is_whole_file(finding) { paths.untrack() } else { paths.command("git add --") };
    let head = unpushed.map(|unpushed| unpushed.head.as_str()).filter(|head| is_object_id(head));
    let message = head.map_or("ORIG_HEAD", short);
    let text = format!(
        "{came}This makes one commit of all that were not pushed, without it; your files stay as they are.{keep}"
    );
    let command = out.map(|out| format!("{reset}\n{out}\ngit commit --reuse-message={message}"));
    // Of a first commit that is taken back, `git reset` has left no name.
    let command = command.filter(|_| head.is_some() || matches!(back, Back::To(_)));
    step("Rewrite the commits", &text, command)
}

/// What stands in a message is no file: the message is written anew.
pub(super) fn reword(finding: &Finding<'_>) -> Step {
    let text = "Write the message without the value: `git commit --amend` for the last commit, the command below, with `reword` \
                in the list, for an earlier one, `git tag --force --annotate` for a tag.";
    let oldest = commits(finding).first().map(|commit| format!("git rebase --interactive {}^", short(&commit.id)));
    step("Write the message anew", text, oldest)
}

enum Back {
    To(String),
    ToNothing,
}

/// The commits that brought it in, oldest first.
fn commits<'f>(finding: &'f Finding<'_>) -> Vec<&'f CommitInfo> {
    let mut commits: Vec<&CommitInfo> = finding.places.iter().filter_map(|place| place.commit.as_ref()).collect();
    commits.retain(|commit| is_object_id(&commit.id));
    commits.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    commits.dedup_by(|a, b| a.id == b.id);
    commits
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// This spares the stash, which `git reflog expire --all` empties.
pub(super) fn drop_unreachable() -> Step {
    step(
        "Drop what is left",
        "This deletes for good all commits that no branch, tag or stash entry reaches: look through `git reflog` \
         first. A stash entry that holds it is dropped before, with `git stash drop`.",
        Some("git -c gc.reflogExpireUnreachable=now gc --prune=now".to_owned()),
    )
}

/// Once it is revoked, nobody must be stopped by it where it already lies.
pub(super) fn record(finding: &Finding<'_>) -> Step {
    step(
        "Record the revocation",
        "Only after it is revoked. Commits, pushes and pipelines then pass with what lies there already; wherever it \
         turns up anew, it blocks.",
        with_the_finding(finding, "rotate done", ""),
    )
}

/// What the purge needs to know, written where git does not see it.
pub(super) fn prepare(finding: &Finding<'_>) -> Option<Step> {
    if Paths::ever(finding).is_whole_file(finding) {
        return None;
    }
    let text = "Writes the value into a list for git-filter-repo, for your eyes only and outside of the repository; no \
                command line holds it.";
    Some(step("Prepare the purge", text, with_the_finding(finding, "explain", &format!(" --replacements {LIST}"))))
}

/// A command that looks for the finding: in the tree while it is there, else in the version of a file that held it.
fn with_the_finding(finding: &Finding<'_>, command: &str, options: &str) -> Option<String> {
    let id = &finding.id;
    let in_files = finding.places.iter().any(|place| !is_message(place.path.as_str()));
    if finding.present != Some(false) && in_files {
        return Some(format!("plainsight {command} {id}{options}"));
    }
    let place = finding.places.iter().find(|place| place.commit.as_ref().is_some_and(|one| is_object_id(&one.id)))?;
    let commit = short(&place.commit.as_ref()?.id);
    if is_message(place.path.as_str()) {
        let name = format!("--stdin-name '{}'", place.path.as_str());
        return Some(format!("git show --no-patch --format=%B {commit} | plainsight {command} {id} - {name}{options}"));
    }
    let path = Paths::one(place)?;
    let (object, name) = (path.quoted_after(&format!("{commit}:"))?, path.quoted_after("")?);
    Some(format!("git show {object} | plainsight {command} {id} - --stdin-name {name}{options}"))
}

/// The history without it, for everybody.
pub(super) fn purge(finding: &Finding<'_>) -> Step {
    let paths = Paths::ever(finding);
    let filter = if paths.is_whole_file(finding) {
        paths.command_with_each("git -C ../purged filter-repo --invert-paths", "--path=")
    } else {
        let messages = if paths.has_message() { format!(" --replace-message \"$PWD/{LIST}\"") } else { String::new() };
        Some(format!("git -C ../purged filter-repo --replace-text \"$PWD/{LIST}\"{messages}\nrm {LIST}"))
    };
    let text = "With everybody told, since all later commits get new names: git-filter-repo (a program of its own) \
                rewrites a fresh clone, and the forced push replaces every branch and tag. This does not replace the \
                revocation.";
    let around = |filter: String| {
        format!(
            "url=$(git remote get-url origin)\ngit clone --no-local \"$url\" ../purged\n{filter}\n\
             git -C ../purged push --force \"$url\" --all\ngit -C ../purged push --force \"$url\" --tags"
        )
    };
    step("Purge the history", text, filter.map(around))
}

/// What no forced push reaches.
pub(super) fn remains() -> Step {
    step(
        "Reach what remains",
        "Clones: have each made anew, because a pull from an old one brings it back. Forks keep their own copy: ask \
         their owners. The host keeps pull requests and cached views: ask its support to drop them. Caches, artifacts, \
         images, packages and backups made meanwhile hold it too.",
        None,
    )
}
