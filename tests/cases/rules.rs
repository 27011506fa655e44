//! The built-in rules keep their word, and broken ones are refused with a reason.

use super::support::{RULES, Scratch};
use plainsight::prove;
use plainsight::rule::{Form, RuleSet, load};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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

/// The kinds that leak most. Each says what breaks, how it is replaced, where the new one is kept, where abuse shows.
const COMMON: &str = "
    aws-access-key-id aws-secret-access-key aws-session-token aws-bedrock-long-term-api-key
    aws-ses-smtp-password gcp-api-key gcp-service-account-json gcp-application-default-credentials
    google-oauth-client-secret google-oauth-refresh-token azure-ad-client-secret azure-storage-account-key
    azure-storage-connection-string azure-devops-pat azure-sas-token azure-cosmosdb-key azure-servicebus-key
    azure-openai-key azure-sql-connection-string azure-container-registry-key github-pat-classic
    github-fine-grained-pat github-oauth-token github-app-installation-token github-app-user-token
    github-oauth-client-secret gitlab-pat gitlab-pat-routable gitlab-deploy-token
    gitlab-runner-authentication-token gitlab-pipeline-trigger-token bitbucket-app-password
    bitbucket-access-token npm-access-token npmrc-auth-token pypi-api-token rubygems-api-key crates-io-api-token
    nuget-api-key maven-central-user-token dockerhub-pat dockerhub-oat docker-config-auth slack-bot-token
    slack-user-token slack-webhook-url discord-bot-token discord-webhook-url telegram-bot-token
    stripe-secret-key-live stripe-restricted-key-live stripe-webhook-secret paypal-client-secret
    square-access-token twilio-auth-token twilio-api-key-secret sendgrid-api-key mailgun-api-key
    openai-project-api-key openai-service-account-key openai-admin-key anthropic-api-key anthropic-admin-key
    huggingface-user-token datadog-api-key datadog-application-key new-relic-user-key new-relic-license-key
    sentry-user-auth-token sentry-org-auth-token pagerduty-api-key grafana-service-account-token
    cloudflare-user-api-token cloudflare-account-api-token cloudflare-global-api-key digitalocean-pat
    heroku-api-key vercel-pat netlify-pat fly-api-token supabase-secret-key supabase-service-role-key
    mongodb-url postgres-url mysql-url redis-url amqp-url mongodb-atlas-api-key firebase-fcm-server-key
    terraform-cloud-token vault-service-token okta-api-token auth0-client-secret auth0-management-token
    atlassian-api-token linear-api-key notion-integration-token airtable-pat shopify-access-token
    shopify-shared-secret openssh-private-key pem-rsa-private-key pem-ec-private-key pem-pkcs8-private-key
    pgp-private-key-block jwt jwt-hmac-secret kubernetes-service-account-token kubeconfig-client-key-data
    kubeconfig-user-token circleci-personal-token generic-password generic-api-key generic-token generic-secret
    environment-file environment-file-secret http-basic-auth-url
";

/// Those of them whose issuer is not known from the value: neither a page nor a command can be named.
const ISSUED_ANYWHERE: &[&str] = &[
    "environment-file",
    "environment-file-secret",
    "generic-api-key",
    "generic-password",
    "generic-secret",
    "generic-token",
    "http-basic-auth-url",
    "jwt",
    "jwt-hmac-secret",
];

#[test]
fn common_kinds_are_rotated_without_an_outage() {
    // Words that a text about these four things has; whether it is right, a person has to read.
    let topics: [(&str, &[&str]); 4] = [
        (
            "what breaks",
            &[
                "fail",
                "stop",
                "break",
                "lose",
                "lost",
                "down",
                "at once",
                "invalid",
                "401",
                "refus",
                "dead",
                "reject",
                "no longer",
                "end",
                "until",
                "cut",
                "signed out",
                "drop",
            ],
        ),
        ("how it is replaced", &["new", "make", "create", "second", "replace", "generate", "rotate", "roll"]),
        (
            "where it is kept",
            &["secret manager", "secret store", "secret", "keychain", "vault", "key store", "keep", "store "],
        ),
        (
            "where abuse shows",
            &["audit", "log", "look", "usage", "activity", "history", "events", "check", "review", "last used"],
        ),
    ];
    let mut wrong = Vec::new();
    for id in COMMON.split_whitespace() {
        let rule = RULES.get(id).unwrap_or_else(|| panic!("there is no rule {id}"));
        let rotate = &rule.rotate;
        let steps = rotate.steps.join(" ").to_lowercase();
        let has_way =
            !rotate.revoke_url.is_empty() || !rotate.revoke_command.is_empty() || ISSUED_ANYWHERE.contains(&id);
        let mut missing = Vec::new();
        missing.extend((rotate.steps.len() < 4).then_some("a fourth step"));
        missing.extend(rotate.docs.is_empty().then_some("an official page"));
        missing.extend((!has_way).then_some("a page or a command that revokes"));
        missing.extend(
            topics.iter().filter(|(_, words)| !words.iter().any(|word| steps.contains(word))).map(|(topic, _)| *topic),
        );
        if !missing.is_empty() {
            wrong.push(format!("{id}: {}", missing.join(", ")));
        }
    }
    assert!(COMMON.split_whitespace().count() >= 100);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_names_an_official_page_and_no_command_holds_a_secret() {
    for rule in RULES.rules() {
        assert!(!rule.rotate.docs.is_empty(), "{} has no docs", rule.id);
        assert!(rule.rotate.steps.len() >= 3, "{} has {} steps", rule.id, rule.rotate.steps.len());
        for word in ["<SECRET>", "<TOKEN>", "<PASSWORD>"] {
            assert!(!rule.rotate.revoke_command.contains(word), "{}: {word} on a command line is a new leak", rule.id);
        }
    }
}

#[test]
fn the_pages_in_docs_are_those_of_the_rules() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let pages = plainsight::rule::pages::pages(RULES.rules());
    for (name, text) in &pages {
        let written = fs::read_to_string(docs.join(name)).unwrap_or_default();
        assert!(written == *text, "docs/{name} is not up to date: cargo run -- rules docs docs");
    }
    let lying = fs::read_dir(docs.join("rules")).expect("the folder of pages can be listed");
    let lying: Vec<String> = lying
        .map(|entry| format!("rules/{}", entry.expect("it can be read").file_name().to_string_lossy()))
        .filter(|name| !pages.iter().any(|(page, _)| page == name))
        .collect();
    assert!(lying.is_empty(), "of no folder in patterns/: {lying:?}");
}

#[test]
fn the_page_of_other_kinds_names_rules_that_are_there() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kinds.md");
    let page = fs::read_to_string(page).expect("the page can be read");
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        for id in line.split('`').skip(1).step_by(2) {
            assert!(RULES.get(id).is_some(), "docs/kinds.md names `{id}`, and there is no such rule");
            named += 1;
        }
        let kinds = line.trim_start_matches("| ").split(" |").next().unwrap_or_default();
        for kind in kinds.split(", ") {
            assert!(RULES.get(kind).is_none(), "docs/kinds.md says that `{kind}` has no rule, and it has");
        }
    }
    assert!(named >= 100, "{named}");
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
