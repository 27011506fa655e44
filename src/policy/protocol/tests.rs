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
        (
            Exposure::Local,
            false,
            &["Do not push", "Take it out", "Rewrite the commits", "Drop what is left", "Prove that it is gone"],
        ),
        (
            Exposure::Local,
            true,
            &["Do not push", "Ignore the file", "Rewrite the commits", "Drop what is left", "Prove that it is gone"],
        ),
        (
            Exposure::Pushed,
            false,
            &[
                "Revoke it now",
                "Replace it",
                "Replace it",
                "Keep it elsewhere",
                "Record the revocation",
                "Prepare the purge",
                "Take it out",
                "Purge the history",
                "Reach what remains",
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
fn the_branch_goes_back_to_what_was_pushed() {
    let mut finding = samples::at(&["a", "b", "c"]);
    finding.exposure = Exposure::Local;
    let head = "f".repeat(40);
    let rewrite = |finding: &Finding<'_>, base: Option<&str>, known: bool| {
        let base = base.map(|digit| digit.repeat(40));
        let unpushed = known.then(|| Unpushed { head: head.clone(), base });
        steps_in(finding, &Surroundings { unpushed, store: None })[2].clone()
    };
    let command = |back: &str, message: &str| format!("{back}\ngit add -- a b c\ngit commit --reuse-message={message}");
    let is = |step: Step, back: &str, message: &str| assert_eq!(step.command, Some(command(back, message)));
    is(rewrite(&finding, Some("b"), true), "git reset --soft bbbbbbbbbbbb", "ffffffffffff");
    is(rewrite(&finding, None, true), "git update-ref -d HEAD", "ffffffffffff");
    is(rewrite(&finding, None, false), "git reset --soft '@{upstream}'", "ORIG_HEAD");
    for (place, (digit, day)) in finding.places.iter_mut().zip([('b', 9), ('a', 2), ('b', 9)]) {
        place.commit = Some(samples::commit(digit, day));
    }
    let known = rewrite(&finding, None, false);
    assert!(known.text.starts_with("It came in with aaaaaaaaaaaa and bbbbbbbbbbbb."), "{}", known.text);
    is(known, "git reset --soft aaaaaaaaaaaa^", "ORIG_HEAD");
    finding.places.iter_mut().for_each(|place| place.commit.as_mut().expect("set above").id = "--exec=x".into());
    is(rewrite(&finding, None, false), "git reset --soft '@{upstream}'", "ORIG_HEAD");
}

#[test]
fn what_only_the_history_holds_is_shown_from_there() {
    let mut finding = samples::at(&["it's.js"]);
    (finding.exposure, finding.present) = (Exposure::Pushed, Some(false));
    let record = |finding: &Finding<'_>| {
        steps(finding).into_iter().find(|step| step.heading == "Record the revocation").and_then(|step| step.command)
    };
    assert_eq!(record(&finding), None);
    finding.places[0].commit = Some(samples::commit('a', 2));
    assert_eq!(
        record(&finding).as_deref(),
        Some(
            "git show 'aaaaaaaaaaaa:it'\\''s.js' | plainsight rotate done ps1-0123456789abcdef01234567 - --stdin-name 'it'\\''s.js'"
        )
    );
}

#[test]
fn the_store_in_use_is_named() {
    let store = Some(Store { kind: StoreKind::Vault, seen_in: "deploy/main.tf".into() });
    let around = Surroundings { store, unpushed: None };
    let all = steps_in(&exposed(Exposure::Pushed, false), &around);
    let keep = all.iter().find(|step| step.heading == "Keep it elsewhere").expect("a pushed secret is replaced");
    assert!(keep.text.contains("Vault") && keep.text.contains("deploy/main.tf"), "{}", keep.text);
    assert_eq!(keep.command.as_deref(), Some("vault kv put -mount=secret example-token value=-"));
}

#[test]
fn a_value_in_an_environment_file_goes_with_the_file() {
    let mut finding = samples::at(&["app/.env.production"]);
    finding.exposure = Exposure::Staged;
    assert_eq!(headings(&finding), ["Untrack the file", "Ignore the file", "Commit again"]);
    let mut template = samples::at(&["app/.env.example"]);
    template.exposure = Exposure::Staged;
    assert_eq!(headings(&template)[0], "Take it out");
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
    assert_eq!(commands[1], format!("plainsight rotate done {}", finding.id));
    assert_eq!(commands[2], "printf '%s\\n' '' /here.env >> .gitignore\ngit add .gitignore");
    assert_eq!(commands[3], "git rm --cached --force -- here.env");
    let purge = "git -C ../purged filter-repo --invert-paths --path=allowed.env --path=gone.env --path=here.env";
    assert!(commands[4].lines().any(|line| line == purge), "{}", commands[4]);
}

#[test]
fn a_message_is_no_file() {
    let all = |exposure| {
        let steps = steps(&Finding { exposure, present: Some(true), ..samples::at(&["<commit message>"]) });
        steps.into_iter().filter_map(|step| step.command).collect::<Vec<_>>().join("\n")
    };
    let staged = all(Exposure::Staged);
    assert!(staged.starts_with("git commit --edit") && !staged.contains("git add"), "{staged}");
    for exposure in [Exposure::Local, Exposure::Pushed] {
        let commands = all(exposure);
        assert!(!commands.contains("git add") && !commands.contains("reuse-message"), "{commands}");
    }
    assert!(all(Exposure::Pushed).contains("--replace-message"));
    assert!(
        !steps(&Finding { exposure: Exposure::Pushed, ..samples::finding() })
            .iter()
            .any(|step| { step.command.as_ref().is_some_and(|command| command.contains("--replace-message")) })
    );
}
