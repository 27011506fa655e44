//! Every kind of secret in every form of writing: what share of it blocks, and what share of look-alikes does.

mod classes;
mod negatives;
mod writing;

use super::support::{ENGINE, RULES};
use plainsight::finding::Confidence;
use plainsight::prove;
use plainsight::rule::{Form, Rule};
use plainsight::scan::search_bytes;
use std::collections::BTreeMap;
use writing::{BARE, FORMS};

/// A value of a rule, as its examples make it, with the words of a fitting name.
struct Kind {
    rule: &'static str,
    group: &'static str,
    value: String,
    words: Vec<String>,
    /// What it must reach: less than a block where the rule itself says less.
    wanted: Confidence,
}

/// What a name adds to a provider's; none for a value that stands after the bare provider.
const SUFFIXES: &[&[&str]] = &[&["api", "key"], &["token"], &["secret"], &[], &["key"]];

/// Values without a provider: what they look like, and what they are called.
const GENERIC: &[(&str, &str, &str)] = &[
    ("{:alnum:14}", "db_password", "password"),
    ("{:lower:5}{:digit:3}!{:upper:3}", "smtp_pass", "password with a sign"),
    ("{:lower:10}", "admin_password", "password of letters"),
    ("{:alnum:32}", "client_secret", "secret"),
    ("{:hex:64}", "session_secret", "hexadecimal secret"),
    ("{:base64:44}", "encryption_key", "base64 key"),
    ("{:hex:32}", "api_key", "hexadecimal key"),
    ("{:alnum:40}", "access_token", "token"),
    ("{@uuid}", "api_token", "uuid token"),
    ("{:base64url:43}", "auth_token", "base64url token"),
];

fn kinds() -> Vec<Kind> {
    let generic = GENERIC.iter().flat_map(|(template, name, what)| {
        (0..8).map(move |seed| Kind {
            rule: what,
            group: "generic",
            value: super::support::sample("generic-password", template, seed),
            words: name.split('_').map(str::to_owned).collect(),
            wanted: Confidence::Likely,
        })
    });
    RULES.rules().iter().enumerate().filter_map(|(number, rule)| kind(number, rule)).chain(generic).collect()
}

fn kind(number: usize, rule: &'static Rule) -> Option<Kind> {
    let (group, provider) = match &rule.form {
        Form::Pattern { pattern, .. } if is_self_contained(pattern) => ("format", "acme"),
        Form::Value { keywords, .. } => ("keyword", keywords[0]),
        _ => return None,
    };
    if !rule.files.names.is_empty() {
        return None;
    }
    let template = rule.examples.first()?;
    let text = prove::sample(&ENGINE, rule, template, 1).ok()?.text;
    let found = search_bytes(&ENGINE, text.as_bytes(), "sample.conf");
    let own = found.iter().find(|found| found.rule == number && found.decoded.is_empty())?;
    let value = text[own.span.clone()].to_owned();
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+/.=~:-".contains(&byte));
    let words = provider.split(['_', '-', '.', ' ', ':']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let wanted = rule.confidence.min(Confidence::Likely);
    is_plain.then_some(Kind { rule: rule.id, group, value, words, wanted })
}

/// Whether the expression is nothing but the secret.
fn is_self_contained(pattern: &str) -> bool {
    let Some(inner) = pattern.strip_prefix("(?P<secret>") else { return false };
    let (mut depth, mut in_class, mut escaped) = (1, false, false);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b']' if in_class => in_class = false,
            _ if in_class => {}
            b'[' => in_class = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == inner.len();
        }
    }
    false
}

/// A form filled in.
fn write(template: &str, words: &[String], value: &str) -> String {
    let capital = |word: &String| word[..1].to_ascii_uppercase() + &word[1..];
    let pascal: String = words.iter().map(capital).collect();
    let camel: String = words[..1].iter().cloned().chain(words[1..].iter().map(capital)).collect();
    let header: Vec<String> = words.iter().map(capital).collect();
    let encoded: String =
        value
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-._~".contains(c) {
                    c.to_string()
                } else {
                    format!("%{:02X}", c as u8)
                }
            })
            .collect();
    [
        ("{v%}", encoded.as_str()),
        ("{k}", &words.join("_")),
        ("{K}", &words.join("_").to_ascii_uppercase()),
        ("{c}", &camel),
        ("{P}", &pascal),
        ("{d}", &words.join("-")),
        ("{H}", &header.join("-")),
        ("{.}", &words.join(".")),
        ("{s}", &words.join(" ")),
        ("{v}", value),
    ]
    .iter()
    .fold(template.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The best confidence of what touches the value.
fn best(text: &str, path: &str, value: &str) -> Option<Confidence> {
    let at = text.find(value).map_or(0..text.len(), |at| at..at + value.len());
    let found = search_bytes(&ENGINE, text.as_bytes(), path);
    found
        .iter()
        .filter(|found| found.span.start < at.end && found.span.end > at.start)
        .map(|found| found.confidence)
        .max()
}

/// Tried and found, by some name.
#[derive(Default)]
struct Counts(BTreeMap<String, (usize, usize, usize)>);

impl Counts {
    fn add(&mut self, name: impl Into<String>, found: Option<Confidence>, wanted: Confidence) {
        let entry = self.0.entry(name.into()).or_default();
        entry.0 += 1;
        entry.1 += usize::from(found.is_some_and(|found| found >= wanted));
        entry.2 += usize::from(found.is_some());
    }

    #[expect(clippy::print_stdout, reason = "the table is what the ignored test is run for")]
    fn print(&self, title: &str, limit: usize) {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.sort_by(|a, b| (a.1.1 * b.1.0).cmp(&(b.1.1 * a.1.0)).then(a.0.cmp(b.0)));
        println!("--- {title}");
        for (name, (all, found, seen)) in rows.into_iter().take(limit) {
            println!("{:6.3} {:6.3} of {all:6} {name}", *found as f64 / *all as f64, *seen as f64 / *all as f64);
        }
    }
}

/// Each so-manieth kind in every form.
fn measure(step: usize, mut each: impl FnMut(&Kind, &str, &str, Option<Confidence>)) {
    for (number, kind) in kinds().iter().enumerate().step_by(step) {
        for (form_number, (form, path, template)) in FORMS.iter().enumerate() {
            let mut words = kind.words.clone();
            let named = ["key", "token", "secret", "password", "pass"]
                .iter()
                .any(|word| words.iter().any(|own| own.contains(word)));
            if !named {
                words.extend(SUFFIXES[(number + form_number) % SUFFIXES.len()].iter().map(|&word| word.to_owned()));
            }
            let text = write(template, &words, &kind.value);
            each(kind, form, &text, best(&text, path, &kind.value));
        }
        if kind.group == "format" {
            for (form, path, template) in BARE {
                let text = write(template, &kind.words, &kind.value);
                each(kind, &format!("bare: {form}"), &text, best(&text, path, &kind.value));
            }
        }
    }
}

#[test]
#[ignore = "prints tables: the worst forms and kinds"]
fn table() {
    let (mut groups, mut forms, mut rules) = (Counts::default(), Counts::default(), Counts::default());
    let mut lines = Vec::new();
    measure(1, |kind, form, text, found| {
        groups.add(kind.group, found, kind.wanted);
        forms.add(format!("{} {form}", kind.group), found, kind.wanted);
        rules.add(format!("{} {}", kind.group, kind.rule), found, kind.wanted);
        if found.is_none_or(|found| found < kind.wanted) {
            let found = found.map_or("-", |found| found.as_str());
            lines.push(format!("{}\t{form}\t{found}\t{text:?}", kind.rule));
        }
    });
    groups.print("groups", 10);
    forms.print("forms", 150);
    rules.print("rules", 150);
    if let Some(path) = std::env::var_os("FORMS_MISSED") {
        std::fs::write(path, lines.join("\n")).expect("the list can be written");
    }
}

#[test]
fn what_opens_nothing_does_not_block_in_any_class() {
    let mut classes: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    classes::each(|class, path, text| {
        let entry = classes.entry(class).or_default();
        entry.0 += 1;
        let found = search_bytes(&ENGINE, text.as_bytes(), path);
        if let Some(block) =
            found.iter().find(|found| found.confidence >= Confidence::Likely && found.documented.is_none())
        {
            entry.1.push(format!("{class}: {}: {path}: {text:?}", ENGINE.rule(block.rule).id));
        }
    });
    let all: usize = classes.values().map(|(all, _)| all).sum();
    let blocked: Vec<&String> = classes.values().flat_map(|(_, blocked)| blocked).collect();
    assert!(all >= 2000, "only {all} were tried");
    assert!(blocked.len() * 100 <= all * 2, "{} of {all}\n{blocked:#?}", blocked.len());
    for (class, (all, blocked)) in &classes {
        assert!(blocked.len() * 100 <= all * 5, "{class}: {} of {all}\n{blocked:#?}", blocked.len());
    }
}

#[test]
fn source_code_is_searched_for_every_format() {
    // Formats of whole configuration files are not looked for there.
    let mut missed = Vec::new();
    for (number, rule) in RULES.rules().iter().enumerate() {
        let is_format = matches!(&rule.form, Form::Pattern { pattern, .. } if is_self_contained(pattern));
        if !is_format || !rule.files.names.is_empty() || rule.confidence < Confidence::Strong {
            continue;
        }
        let kind = kind(number, rule);
        let Some(kind) = kind else { continue };
        for (path, text) in [("a.py", format!("x = '{}'\n", kind.value)), ("a.js", format!("f(\"{}\");\n", kind.value))]
        {
            if best(&text, path, &kind.value).is_none_or(|found| found < Confidence::Likely) {
                missed.push(rule.id);
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// What must be found of each group, in hundredths: what a name and an operator leave open is a little more.
const LEAST: &[(&str, usize)] = &[("format", 97), ("generic", 95), ("keyword", 96)];

#[test]
fn what_is_written_down_is_found_in_every_form() {
    let mut groups = Counts::default();
    measure(7, |kind, _, _, found| groups.add(kind.group, found, kind.wanted));
    for (group, least) in LEAST {
        let (all, found, _) = groups.0[*group];
        assert!(found * 100 >= all * least, "{group}: {found} of {all}");
    }
}

#[test]
fn a_bare_provider_name_counts_only_where_the_value_is_assigned_to_it() {
    let key = super::support::sample("snyk-api-token", "{@uuid}", 2);
    let blocks = |text: String| best(&text, "a.yml", &key).is_some_and(|found| found >= Confidence::Likely);
    for form in [
        "snyk: {v}",
        "SNYK={v}",
        "\"snyk\" => \"{v}\"",
        "--snyk {v}",
        "snyk := \"{v}\"",
        "<snyk>\n  {v}\n</snyk>",
        "Snyk {v}",
        "snyk - {v}",
        "snyk:{v}",
        "snyk api token {v}",
        "c.setSnyk(\"{v}\")",
        "X-Snyk: {v}",
        "#define SNYK \"{v}\"",
        "set -gx SNYK {v}",
        "snyk_token{v}",
    ] {
        assert!(blocks(form.replace("{v}", &key)), "{form}");
    }
    for form in [
        "snyk_org_id: {v}",
        "my_snyk: {v}",
        "snyk project {v}",
        "snyk/{v}",
        "https://snyk.example.com/a?b={v}",
        "github.com/snyk {v}",
        "\"https://deno.land/x/snyk\": \"{v}\"",
        "snyk public key: {v}",
        "\"snyk\", \"1.2.3\", \"{v}\"",
    ] {
        assert!(!blocks(form.replace("{v}", &key)), "{form}");
    }
}

#[test]
fn a_key_may_stand_before_its_name_or_below_it_or_in_a_command() {
    let key = super::support::sample("datadog-api-key", "{:hex:32}", 3);
    let blocks = |text: String| best(&text, "a.txt", &key).is_some_and(|found| found >= Confidence::Likely);
    for form in [
        "X = \"{v}\"  # Datadog API key",
        "f('{v}'); // the datadog token",
        "{\"value\": \"{v}\", \"name\": \"DATADOG_KEY\"}",
        "<param value=\"{v}\" name=\"datadog.key\"/>",
        "https://{v}@api.datadog.com/v1",
        "curl -u {v}: https://api.datadog.com/v1",
        "assertEquals(\"{v}\", config.getDatadogKey());",
        "datadog login {v}",
        "datadog config set api-key {v}",
        "datadog-cli -k {v} list",
        "aws ssm put-parameter --name /app/datadog-key --value {v}",
        "# Datadog API key\nX = \"{v}\"",
        "[datadog]\ntoken = {v}",
        "Your Datadog key is:\n\n{v}\n",
        "DATADOG_CLIENT_SECRET{v}",
    ] {
        assert!(blocks(form.replace("{v}", &key)), "{form}");
    }
    for form in [
        "X = \"{v}\"  # digest of the Datadog key",
        "sha256 = \"{v}\"  # Datadog key",
        "{v} // see datadog",
        "{v} (datadog)",
        "https://{v}.datadog.com/",
        "https://example.com/{v}/datadog-key",
        "{\"value\": \"{v}\"}, {\"name\": \"DATADOG_KEY\"}",
        "[datadog]\nrevision = {v}",
        "datadog run {v}",
        "datadog\n{v}",
    ] {
        assert!(!blocks(form.replace("{v}", &key)), "{form}");
    }
}

#[test]
fn look_alikes_are_let_through() {
    let (mut all, mut blocked) = (0, Vec::new());
    negatives::each(|path, text| {
        all += 1;
        let found = search_bytes(&ENGINE, text.as_bytes(), path);
        let rules: Vec<&str> = found
            .iter()
            .filter(|found| found.confidence >= Confidence::Likely && found.documented.is_none())
            .map(|found| ENGINE.rule(found.rule).id)
            .collect();
        if !rules.is_empty() {
            blocked.push(format!("{}: {text:?}", rules.join(", ")));
        }
    });
    assert!(blocked.len() * 100 <= all * 3, "{} of {all}\n{}", blocked.len(), blocked.join("\n"));
}
