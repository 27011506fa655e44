//! Halves of one credential are joined in a history as they are in files: where some version has both near each other.

use super::super::support::{Ran, sample};
use super::History;

fn id() -> String {
    format!("aws_key_id = {}\n", sample("aws-access-key-id", "{AKIA:base32:16}", 3))
}

fn key() -> String {
    format!("aws_secret_access_key = {}\n", sample("aws-secret-access-key", "{:base64:40}", 3))
}

/// Rule, paths, and the paths of what is paired with it.
fn told(ran: &Ran) -> Vec<(String, Vec<String>, Vec<String>)> {
    let paths = |finding: &serde_json::Value| {
        let places = finding["places"].as_array().expect("a list").iter();
        places.map(|place| place["path"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let told = |finding: &serde_json::Value| {
        let paired = finding["paired"].as_array().expect("a list").iter().flat_map(paths).collect();
        (finding["rule"].as_str().expect("a text").to_owned(), paths(finding), paired)
    };
    ran.findings().iter().map(told).collect()
}

fn one(rule: &str, paths: &[&str], paired: &[&str]) -> (String, Vec<String>, Vec<String>) {
    let owned = |list: &[&str]| list.iter().map(|&path| path.to_owned()).collect();
    (rule.to_owned(), owned(paths), owned(paired))
}

const KEY: &str = "aws-credentials-file";
const ID: &str = "aws-access-key-id";

#[test]
fn an_id_beside_its_key_is_reported_with_it() {
    let history = History::new();
    history.write("a.ini", format!("[x]\n{}region = eu\n{}", id(), key()));
    history.commit("both");
    history.git(&["rm", "-q", "a.ini"]);
    history.commit("none");
    let ran = history.audit(&[]).expect_status(1);
    assert_eq!(told(&ran), [one(KEY, &["a.ini"], &["a.ini"])], "{}", ran.stdout);
    let half = &ran.findings()[0]["paired"][0];
    assert_eq!((&half["rule"], &half["places"][0]["start_line"]), (&ID.into(), &2.into()));
    // A half is not gone because it is told with the other.
    let id = half["id"].as_str().expect("a text");
    assert_eq!(told(&history.audit(&["--gone", id]).expect_status(1)), [one(ID, &["a.ini"], &[])]);
}

#[test]
fn halves_that_came_one_after_the_other_are_joined() {
    let history = History::new();
    history.write("a.ini", id());
    history.commit("one");
    history.write("a.ini", [id(), key()].concat());
    history.commit("the other");
    history.write("a.ini", key());
    history.commit("one goes");
    for args in [&[][..], &["--exhaustive"]] {
        let ran = history.audit(args).expect_status(1);
        assert_eq!(told(&ran), [one(KEY, &["a.ini"], &["a.ini"])], "{}", ran.stdout);
    }
}

#[test]
fn halves_apart_are_findings_of_their_own() {
    let far = "#\n".repeat(20);
    let versions: [&[(&str, String)]; 3] = [
        &[("a.ini", [id(), far, key()].concat())],
        &[("a.ini", id()), ("b.ini", key())],
        // Never both in one version.
        &[("a.ini", id()), ("a.ini", key())],
    ];
    for files in versions {
        let history = History::new();
        for (path, text) in files {
            history.write(path, text);
            history.commit("a file");
        }
        let ran = history.audit(&[]).expect_status(1);
        let mut rules = ran.each("rule");
        rules.sort();
        assert_eq!(rules, [ID, KEY], "{}", ran.stdout);
        assert!(told(&ran).iter().all(|told| told.2.is_empty()), "{}", ran.stdout);
    }
}

#[test]
fn an_id_that_also_stands_elsewhere_stays_a_finding_there() {
    let history = History::new();
    history.write("z.ini", [id(), key()].concat());
    history.write("b.ini", id());
    history.commit("both");
    let ran = history.audit(&[]).expect_status(1);
    assert_eq!(told(&ran), [one(ID, &["b.ini"], &[]), one(KEY, &["z.ini"], &["z.ini"])]);
}
