//! Tests of the module above.

use super::*;
use crate::finding::{SuppressedBy, Suppression};
use crate::policy::protocol::samples;

fn exposed(exposure: Exposure, is_file: bool) -> Finding<'static> {
    let mut finding = samples::finding();
    finding.exposure = exposure;
    if is_file {
        finding.secret = None;
    }
    finding
}

fn headings(finding: &Finding<'_>) -> Vec<String> {
    steps(finding).into_iter().map(|step| step.heading).collect()
}

const ALL: [Exposure; 5] =
    [Exposure::Worktree, Exposure::Staged, Exposure::Local, Exposure::Unreachable, Exposure::Pushed];

#[test]
fn what_is_asked_for_follows_the_exposure() {
    for (exposure, is_file, expected) in [
        (Exposure::Worktree, false, &["Take it out", "Leave it valid, if unseen"][..]),
        (Exposure::Worktree, true, &["Ignore the file", "Move it out"]),
        (Exposure::Staged, false, &["Take it out", "Stage the repair", "Commit again"]),
        (Exposure::Staged, true, &["Untrack the file", "Ignore the file", "Commit again"]),
        (Exposure::Local, false, &["Do not push", "Rewrite the commits", "Drop what is left", "Prove that it is gone"]),
        (
            Exposure::Pushed,
            false,
            &[
                "Revoke it now",
                "Replace it",
                "Replace it",
                "Keep it elsewhere",
                "Take it out",
                "Purge the history",
                "Prove that it is gone",
            ],
        ),
        (
            Exposure::Unreachable,
            true,
            &[
                "Revoke it, if ever pushed",
                "Replace it",
                "Replace it",
                "Keep it elsewhere",
                "Drop what is left",
                "Prove that it is gone",
            ],
        ),
    ] {
        assert_eq!(headings(&exposed(exposure, is_file)), expected, "{exposure:?} {is_file}");
    }
}

#[test]
fn only_what_may_have_been_seen_is_revoked() {
    for exposure in ALL {
        for is_file in [false, true] {
            let finding = exposed(exposure, is_file);
            let commands: Vec<String> = steps(&finding).into_iter().filter_map(|step| step.command).collect();
            let revokes = commands.first().is_some_and(|command| command == "example revoke <TOKEN_ID>");
            assert_eq!(revokes, exposure >= Exposure::Unreachable, "{exposure:?}");
            assert_eq!(headline(&finding).contains("Security breach"), exposure != Exposure::Worktree);
        }
    }
}

#[test]
fn no_step_holds_the_secret() {
    for exposure in ALL {
        let text = format!("{:?} {}", steps(&exposed(exposure, false)), headline(&exposed(exposure, false)));
        assert!(!text.contains("horse"), "{text}");
    }
}

#[test]
fn a_secret_that_is_in_no_tip_need_not_be_taken_out_of_the_tree() {
    let mut finding = exposed(Exposure::Pushed, false);
    finding.present = Some(false);
    assert!(!headings(&finding).contains(&"Take it out".to_owned()));
}

#[test]
fn an_ignored_file_need_not_be_ignored_again() {
    let mut finding = exposed(Exposure::Worktree, true);
    finding.places[0].ignored = true;
    assert_eq!(headings(&finding), ["Move it out"]);
}

#[test]
fn the_rebase_begins_before_the_oldest_commit() {
    let mut finding = samples::at(&["a", "b", "c"]);
    finding.exposure = Exposure::Local;
    for (place, (digit, day)) in finding.places.iter_mut().zip([('b', 9), ('a', 2), ('b', 9)]) {
        place.commit = Some(samples::commit(digit, day));
    }
    let rewrite = &steps(&finding)[1];
    assert_eq!(rewrite.command.as_deref(), Some(format!("git rebase --interactive {}^", "a".repeat(40)).as_str()));
    assert!(rewrite.text.starts_with("It came in with aaaaaaaaaaaa and bbbbbbbbbbbb."), "{}", rewrite.text);
    finding.places.iter_mut().for_each(|place| place.commit.as_mut().expect("set above").id = "--exec=x".into());
    assert_eq!(steps(&finding)[1].command.as_deref(), Some("git rebase --interactive '@{upstream}'"));
}

#[test]
fn refs_are_named_and_cannot_move_the_cursor() {
    let mut finding = exposed(Exposure::Pushed, false);
    finding.exposed_refs = vec!["origin/main".into(), "origin/\u{1b}[2J".into()];
    assert_eq!(
        headline(&finding),
        "Security breach: Example token was pushed to origin/\\x1b[2J and origin/main. It is burnt, whatever is done to the history."
    );
}

#[test]
fn only_places_that_count_are_named_and_all_are_purged() {
    let mut finding = samples::at(&["allowed.env", "gone.env", "here.env"]);
    (finding.exposure, finding.secret) = (Exposure::Pushed, None);
    finding.places[0].suppressed = Some(Suppression { by: SuppressedBy::Inline, origin: String::new(), reason: None });
    finding.places[1].removed_in = Some("b".repeat(40));
    let commands: Vec<String> = steps(&finding).into_iter().filter_map(|step| step.command).collect();
    assert_eq!(
        commands[1..4],
        [
            "git rm --cached -- here.env",
            "printf '%s\\n' '' /here.env >> .gitignore",
            "git filter-repo --invert-paths --path=allowed.env --path=gone.env --path=here.env",
        ]
    );
}
