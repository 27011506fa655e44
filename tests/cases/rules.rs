//! The built-in rules keep their word, and broken ones are refused with a reason.

use super::support::{RULES, Scratch};
use plainsight::prove;
use plainsight::rule::{Form, RuleSet, load};
use std::collections::BTreeSet;

#[test]
fn every_builtin_rule_keeps_its_word() {
    let faults = prove::faults(&RULES);
    let lines: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.rule, fault.message)).collect();
    assert!(lines.is_empty(), "{} faults\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn every_builtin_rule_shows_examples() {
    let own = ["environment-file", "environment-file-secret", "kubernetes-secret-value"];
    let bare = RULES.rules().iter().filter(|rule| !own.contains(&rule.id));
    let bare: Vec<&str> =
        bare.filter(|rule| rule.examples.is_empty() || rule.counter_examples.is_empty()).map(|rule| rule.id).collect();
    assert!(bare.is_empty(), "{bare:?}");
    assert!(RULES.rules().len() >= 150);
}

#[test]
fn ids_are_unique_and_every_rule_says_how_to_rotate() {
    let ids: BTreeSet<&str> = RULES.rules().iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.rules().len());
    let mute: Vec<&str> =
        RULES.rules().iter().filter(|rule| rule.rotate.steps.is_empty()).map(|rule| rule.id).collect();
    assert!(mute.is_empty(), "{mute:?}");
    let pairs = RULES.rules().iter().flat_map(|rule| rule.pairs.iter().map(move |pair| (rule.id, *pair)));
    let loose: Vec<_> = pairs.filter(|(_, pair)| !ids.contains(pair)).collect();
    assert!(loose.is_empty(), "{loose:?}");
}

#[test]
fn no_live_looking_value_lies_in_a_rule() {
    let engine = &super::support::ENGINE;
    let mut wrong = Vec::new();
    for rule in RULES.rules().iter().filter(|rule| !matches!(rule.form, Form::Assignment { .. })) {
        for text in rule.examples.iter().chain(rule.counter_examples).chain(rule.rotate.steps).chain([&rule.why]) {
            let found = plainsight::scan::search_bytes(engine, text.as_bytes(), "a.txt");
            let strong = found.iter().filter(|found| found.confidence >= plainsight::finding::Confidence::Strong);
            wrong.extend(strong.map(|found| format!("{}: found as {}", rule.id, engine.rule(found.rule).id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A rule that is right.
const RIGHT: &str = r#"id = "acme-token"
title = "Acme token"
severity = "high"
confidence = "strong"
anchors = ["acme_"]
pattern = '(?P<secret>acme_[0-9a-f]{32})'
why = "Opens Acme."
examples = ["key = {acme_:hex:32}"]
counter_examples = ["acme_none"]
[rotate]
steps = ["Revoke it."]
"#;

/// What is said of a rule: by the loader, or by the proof.
fn verdict(text: &str) -> Vec<String> {
    let scratch = Scratch::new();
    scratch.write("acme-token.toml", text);
    match load::load(&scratch.path("")) {
        Err(error) => vec![error.to_string()],
        Ok(rules) => prove::faults(&RuleSet::of(rules)).into_iter().map(|fault| fault.message).collect(),
    }
}

#[test]
fn a_rule_that_is_right_is_taken() {
    assert_eq!(verdict(RIGHT), Vec::<String>::new());
}

#[test]
fn broken_rules_are_refused_with_a_reason() {
    let mut wrong = Vec::new();
    for (from, to, reason) in [
        ("anchors = [\"acme_\"]\n", "", "a pattern needs anchors"),
        ("anchors = [\"acme_\"]", "anchors = [\"acme-\"]", "without an anchor in it"),
        ("anchors = [\"acme_\"]", "anchors = [\"ac\"]", "has not 3 to 64 bytes"),
        ("{32})'", "{32,})'", "bound its repetitions"),
        ("{32})'", "+)'", "bound its repetitions"),
        ("{32})'", "{40000})'", "can match more than 32768 bytes"),
        ("{32})'", "{32}'", "does not parse"),
        ("(?P<secret>", "(?P<key>", "has no group (?P<secret>…)"),
        ("examples = [\"key = {acme_:hex:32}\"]", "examples = [\"key = {acme_:hex:12}\"]", "is missed"),
        ("{acme_:hex:32}", "{acme_:hex}", "is not LITERAL:ALPHABET:LENGTH"),
        ("counter_examples = [\"acme_none\"]", "counter_examples = [\"{acme_:hex:32}\"]", "hits"),
        ("counter_examples = [\"acme_none\"]\n", "", "an example and a counter-example"),
        ("title =", "colour = \"red\"\ntitle =", "unknown field `colour`"),
        ("severity = \"high\"", "severity = \"huge\"", "high"),
        ("severity = \"high\"\n", "", "missing field `severity`"),
        ("id = \"acme-token\"", "id = \"acme\"", "the file is `acme-token.toml`"),
        ("why = \"Opens Acme.\"", "why = \"\"", "neither may be empty"),
        ("why = ", "check = \"nope\"\nwhy = ", "there is no check `nope`"),
        ("why = ", "pairs = [\"nope\"]\nwhy = ", "there is no such rule"),
        ("[rotate]\nsteps = [\"Revoke it.\"]\n", "", "missing field `rotate`"),
        ("steps = [\"Revoke it.\"]", "steps = []", "steps are missing"),
        ("steps = [\"Revoke it.\"]", "steps = [\"Revoke it.\"]\ndocs = \"http://a.example\"", "no https:// address"),
        ("pattern =", "value = 'a{20}'\npattern =", "more than one of pattern, value and [assignment]"),
    ] {
        assert!(RIGHT.contains(from), "{from}");
        let said = verdict(&RIGHT.replace(from, to));
        if !said.iter().any(|message| message.contains(reason)) {
            wrong.push(format!("{from:?} to {to:?}: expected {reason:?}, got {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_id_that_is_taken_is_refused_by_the_program() {
    let scratch = Scratch::new();
    scratch.write("one/acme-token.toml", RIGHT);
    scratch.write("two/acme-token.toml", RIGHT);
    let args = ["rules", "list", "--rules"];
    scratch.run(&[&args[..], &["one"]].concat()).expect_status(0);
    for folders in [&["one", "--rules", "two"][..], &["."]] {
        let ran = scratch.run(&[&args[..], folders].concat()).expect_status(2);
        assert!(ran.stderr.contains("`acme-token`"), "{}", ran.stderr);
    }
}

#[test]
fn a_broken_rule_stops_a_scan() {
    for (from, to) in [("{32})'", "{32,})'"), ("{32})'", "{32}'"), ("(?P<secret>", "(")] {
        let scratch = Scratch::new();
        scratch.write("acme-token.toml", RIGHT.replace(from, to));
        let ran = scratch.run(&["scan", "--rules", "."]).expect_status(2);
        assert!(ran.stderr.contains("acme-token"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    // What only the proof sees, `rules check` says.
    let scratch = Scratch::new();
    scratch.write("acme-token.toml", RIGHT.replace("\"acme_none\"", "\"{acme_:hex:32}\""));
    let ran = scratch.run(&["rules", "check", "--rules", ".", "--only", "acme-token"]).expect_status(2);
    assert!(ran.stdout.contains("acme-token: the counter-example"), "{}", ran.stdout);
}
