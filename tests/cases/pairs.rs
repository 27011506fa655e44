//! Halves of one credential: joined where they stand near each other in one file, apart elsewhere.

use super::support::{Ran, Scratch, sample};

fn id() -> String {
    sample("aws-access-key-id", "{AKIA:base32:16}", 3)
}

fn key() -> String {
    sample("aws-secret-access-key", "{:base64:40}", 3)
}

fn rules(ran: &Ran) -> Vec<String> {
    ran.each("rule")
}

#[test]
fn an_id_beside_its_key_is_reported_with_it() {
    let scratch = Scratch::new();
    let (id, key) = (id(), key());
    scratch.write("a.ini", format!("[x]\naws_key_id = {id}\nregion = eu\naws_secret_access_key = {key}\n"));
    let ran = scratch.scan().expect_status(1);
    let found = ran.findings();
    assert_eq!(found.len(), 1, "{}", ran.stdout);
    let paired = &found[0]["paired"][0];
    assert_eq!(paired["rule"], "aws-access-key-id");
    assert_eq!((&paired["places"][0]["start_line"], &paired["length"]), (&2.into(), &20.into()));
    assert!(!ran.stdout.contains(&id) && !ran.stdout.contains(&key));
    assert_eq!((found[0]["places"].as_array().map(Vec::len), &paired["secret"]), (Some(1), &serde_json::Value::Null));
    // The id says whose it is.
    let account =
        plainsight::finding::account::aws_account_id(id.as_bytes()).expect("a repaired sample has an account");
    assert_eq!(found[0]["account"], account.as_str());
    let said = scratch.run(&["scan"]).expect_status(1).stdout;
    assert!(said.contains(&format!("AWS account {account}")), "{said}");
    assert!(said.contains("with") && said.contains("[aws-access-key-id]") && said.contains("a.ini:2:"), "{said}");
    let open = scratch.run(&["scan", "--format", "jsonl", "--show-secrets"]).expect_status(1);
    assert_eq!(open.findings()[0]["paired"][0]["secret"], id.as_str());
}

#[test]
fn halves_apart_are_findings_of_their_own() {
    let (id, key) = (id(), key());
    let far = format!("aws_key_id = {id}\n{}aws_secret_access_key = {key}\n", "#\n".repeat(20));
    for files in [
        vec![("a.ini", far)],
        vec![("a.ini", format!("id = {id}\n")), ("b.ini", format!("aws_secret_access_key = {key}\n"))],
    ] {
        let scratch = Scratch::new();
        for (name, text) in &files {
            scratch.write(name, text);
        }
        let ran = scratch.scan().expect_status(1);
        assert_eq!(rules(&ran).len(), 2, "{}", ran.stdout);
        assert!(ran.findings().iter().all(|found| found["paired"].as_array().is_some_and(Vec::is_empty)));
    }
}

#[test]
fn an_id_that_also_stands_elsewhere_stays_a_finding_there() {
    let scratch = Scratch::new();
    let (id, key) = (id(), key());
    scratch.write("a.ini", format!("aws_key_id = {id}\naws_secret_access_key = {key}\n"));
    scratch.write("b.ini", format!("aws_key_id = {id}\n"));
    let ran = scratch.scan().expect_status(1);
    let alone: Vec<_> = ran.findings().into_iter().filter(|found| found["rule"] == "aws-access-key-id").collect();
    assert_eq!(alone.len(), 1);
    assert_eq!(alone[0]["places"].as_array().map(Vec::len), Some(1));
    assert_eq!(alone[0]["places"][0]["path"], "b.ini");
}

#[test]
fn two_halves_that_block_name_each_other() {
    let scratch = Scratch::new();
    let access = sample(
        "slack-config-access-token",
        super::support::RULES.get("slack-config-access-token").expect("built in").examples[0],
        1,
    );
    let refresh = sample(
        "slack-config-refresh-token",
        super::support::RULES.get("slack-config-refresh-token").expect("built in").examples[0],
        1,
    );
    scratch.write("a.txt", format!("{access}\n{refresh}\n"));
    let ran = scratch.scan().expect_status(1);
    assert_eq!(rules(&ran), ["slack-config-access-token", "slack-config-refresh-token"], "{}", ran.stdout);
    let named: Vec<String> =
        ran.findings().iter().map(|found| found["paired"][0]["rule"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(named.len(), 2);
    assert!(
        named.contains(&"slack-config-access-token".to_owned())
            && named.contains(&"slack-config-refresh-token".to_owned())
    );
}

#[test]
fn the_key_alone_keeps_its_own_confidence() {
    let scratch = Scratch::new();
    scratch.write("a.ini", format!("aws_secret_access_key = {}\n", key()));
    assert_eq!(scratch.scan().expect_status(1).each("confidence").len(), 1);
    let scratch = Scratch::new();
    scratch.write("a.ini", format!("aws_key_id = {}\n", id()));
    assert_eq!(scratch.scan().expect_status(0).each("verdict"), ["warn"]);
}
