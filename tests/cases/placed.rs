//! Every rule's example, filled from many seeds and put into many surroundings: found, as what it is, to the byte.
//!
//! A few seeds in every run; `PLAINSIGHT_FULL=1` tries two hundred.

use super::support::{ENGINE, RULES};
use plainsight::engine::filter::{is_placeholder, shannon};
use plainsight::engine::matcher::Matcher;
use plainsight::engine::{Match, check};
use plainsight::finding::Confidence;
use plainsight::prove;
use plainsight::rule::sample::Sample;
use plainsight::rule::{Form, Rule};
use plainsight::scan::search_bytes;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn is_full() -> bool {
    std::env::var_os("PLAINSIGHT_FULL").is_some_and(|value| value == "1")
}

fn seeds() -> Range<u64> {
    // Not the seeds that `rules check` tries.
    if is_full() { 1000..1200 } else { 1000..1002 }
}

/// A rule with its expression.
struct Tried {
    number: usize,
    rule: &'static Rule,
    matcher: Matcher,
    path: String,
}

impl Tried {
    fn search(&self, text: &str) -> Vec<Match> {
        search_bytes(&ENGINE, text.as_bytes(), &self.path)
    }

    /// Where the expression alone finds a secret.
    fn secret(&self, text: &str) -> Option<Range<usize>> {
        ENGINE.first_secret(self.rule, &self.matcher, text.as_bytes())
    }

    /// The examples filled, without those that the rule leaves alone on purpose.
    fn samples(&self, seed: u64) -> impl Iterator<Item = String> {
        let fill =
            move |template: &&str| prove::sample(&ENGINE, self.rule, template, seed).expect("the template is right");
        let counts = |sample: &Sample| {
            let value = &sample.text[sample.filled.clone()];
            let is_left_alone = || is_name(value) || self.is_below_entropy(sample) || is_placeholder(value.as_bytes());
            self.has_format() || !is_left_alone()
        };
        self.rule.examples.iter().map(fill).filter(counts).map(|sample| sample.text)
    }

    /// Whether its values are told from others by more than what stands beside them.
    fn has_format(&self) -> bool {
        self.rule.confidence >= Confidence::Strong && self.rule.filters.entropy.is_none()
    }

    /// By chance, one of some hundred short values repeats itself so much that it reads as no random one.
    fn is_below_entropy(&self, sample: &Sample) -> bool {
        let secret = self.secret(&sample.text).map(|range| &sample.text.as_bytes()[range]);
        let least = self.rule.filters.entropy.unwrap_or(0.0);
        secret.is_some_and(|secret| shannon(secret) < least)
    }
}

/// Whether a random value came out as names do: letters alone, or with fewer than three changes between upper case,
/// lower case and digits in each of its parts. The anchor search passes these by, and the judge trusts them less.
fn is_name(value: &str) -> bool {
    let class = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let is_plain = |part: &str| {
        let changes = part.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
        changes < 3 || !part.bytes().any(|byte| byte.is_ascii_digit())
    };
    value.split(|c: char| !c.is_ascii_alphanumeric()).all(is_plain)
}

/// All rules with an expression.
fn tried() -> Vec<Tried> {
    let each = RULES.rules().iter().enumerate().filter_map(|(number, rule)| {
        let matcher = Matcher::new(rule).expect("built-in expressions compile")?;
        let glob = rule.files.names.first().copied().unwrap_or("sample.conf");
        Some(Tried { number, rule, matcher, path: glob.trim_start_matches("**/").replace('*', "sample") })
    });
    each.collect()
}

/// Runs a law over all rules on two threads, and fails with what it says, at most three of each rule.
fn every_rule(law: impl Fn(&Tried, &mut dyn FnMut(String)) + Sync) {
    let rules = tried();
    let next = AtomicUsize::new(0);
    let said: Mutex<BTreeMap<&str, Vec<String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(rule) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
                    law(rule, &mut |message| {
                        said.lock().expect("nothing panics inside").entry(rule.rule.id).or_default().push(message);
                    });
                }
            });
        }
    });
    let said = said.into_inner().expect("nothing panics inside");
    let lines = said.iter().flat_map(|(id, all)| {
        let count = all.len();
        all.iter().take(3).map(move |message| format!("{id} ({count}): {message}"))
    });
    let lines: Vec<String> = lines.collect();
    assert!(lines.is_empty(), "{} of {} rules\n{}", said.len(), rules.len(), lines.join("\n"));
}

/// Neighbours that look like secrets and are none.
const BEFORE: &str = "id: 3f2b8c1e-9a4d-4e57-8b60-1c2d3e4f5a6b\nrevision 9d3b1f0c2e4a5b6c7d8e9f00112233445566778a\n";
const AFTER: &str =
    "\nsha512-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrSt==\n";

/// What a secret may stand in. `free` is one that its own form betrays; else `text` has what betrays it beside it.
fn surroundings(text: &str, is_free: bool) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("bare", text.to_owned()),
        ("lines", format!("{BEFORE}{text}{AFTER}")),
        ("end of file", format!("{BEFORE}{text}")),
        ("line ends of Windows", format!("{BEFORE}{text}\n").replace("\r\n", "\n").replace('\n', "\r\n")),
    ];
    if text.contains('\n') {
        return all;
    }
    all.push(("tab", format!("\t{text}\n")));
    if !is_free {
        return all;
    }
    all.push(("environment", format!("export ITEM_1={text}\nB=2\n")));
    if !text.contains(['"', '\\']) {
        all.push(("quoted", format!("x = \"{text}\"{AFTER}")));
        all.push(("json", format!("{{\"a\":\"3f2b8c1e9a4d4e57\",\"b\":\"{text}\",\"c\":[\"{text}\"]}}")));
        all.push(("minified", format!("function(a,b){{var c=1,d=\"{text}\",e=[0,1];return a?b:c}}var f=\"abc0123\";")));
    }
    if !text.starts_with(['{', '[', '*', '&', '!', '%', '@', '`', '\'', '"']) {
        all.push(("yaml", format!("items:\n  - name: a\n    item: {text}\n    count: 3\n")));
    }
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte)) {
        all.push(("query", format!("GET https://h.example/p?a=1&v={text}&b=2 HTTP/1.1\n")));
    }
    all
}

#[test]
fn every_example_is_found_in_every_surrounding() {
    every_rule(|tried, say| {
        for seed in seeds() {
            for sample in tried.samples(seed) {
                let Some(secret) = tried.secret(&sample).map(|range| sample[range].to_owned()) else {
                    say(format!("seed {seed}: the expression does not match"));
                    continue;
                };
                // Of some the form says less than the name that they stand under.
                let is_free = tried.secret(&secret) == Some(0..secret.len())
                    && matches!(tried.rule.form, Form::Pattern { .. })
                    && tried.rule.filters.under.is_empty();
                let unit = if is_free { &secret } else { &sample };
                for (name, text) in surroundings(unit, is_free) {
                    let found = tried.search(&text);
                    if let Some(message) = amiss(tried, &found, &text, &secret) {
                        say(format!("seed {seed}, {name}: {message}"));
                    }
                }
            }
        }
    });
}

/// What is wrong with the findings of a text that holds a secret.
fn amiss(tried: &Tried, found: &[Match], text: &str, secret: &str) -> Option<String> {
    let plain = |text: &str| text.replace("\r\n", "\n");
    let is_whole = |found: &Match| !found.decoded.is_empty() || plain(&text[found.span.clone()]) == plain(secret);
    let own = found.iter().filter(|found| found.rule == tried.number);
    let Some(own) = own.max_by_key(|found| (is_whole(found), found.confidence)) else {
        let others: Vec<&str> = found.iter().map(|found| ENGINE.rule(found.rule).id).collect();
        return Some(format!("missed, found {others:?}"));
    };
    let passes = tried.rule.check.and_then(check::by_name).map(|check| (check.verify)(secret.as_bytes()));
    let least = if passes == Some(check::Outcome::Passed) { Confidence::Proven } else { tried.rule.confidence };
    if own.confidence < least {
        return Some(format!("only {}", own.confidence));
    }
    // The beginning of a block without its end goes on for as long as what follows looks like more of it.
    let has_no_end =
        tried.rule.id == "private-key-truncated" && plain(&text[own.span.clone()]).starts_with(secret.trim_end());
    (!is_whole(own) && !has_no_end).then(|| format!("{} bytes instead of {}", own.span.len(), secret.len()))
}

#[test]
fn one_value_is_one_finding_of_one_rule() {
    every_rule(|tried, say| {
        for seed in seeds() {
            for sample in tried.samples(seed) {
                let found = tried.search(&sample);
                let is_own = |found: &Match| found.rule == tried.number;
                let value = found.iter().find(|found| is_own(found)).and_then(|found| found.secret.clone());
                for other in found.iter().filter(|found| !is_own(found) && !found.span.is_empty()) {
                    let rule = ENGINE.rule(other.rule);
                    let is_kin = rule.family == tried.rule.family
                        || tried.rule.pairs.contains(&rule.id)
                        || rule.pairs.contains(&tried.rule.id);
                    // Another value in the same example, which the name of its key gives away, is a secret of its own.
                    let is_beside = matches!(rule.form, Form::Assignment { .. }) && other.secret != value;
                    if !is_kin && !is_beside && other.confidence > Confidence::Possible {
                        say(format!("seed {seed}: also {} ({})", rule.id, other.confidence));
                    }
                }
                if !found.iter().any(is_own) {
                    say(format!("seed {seed}: missed"));
                }
            }
        }
    });
}

/// A rule, and a wider one that holds where the first just does not: the same provider's, or the same prefix.
const KIN: &[(&str, &str)] = &[
    ("anthropic-api-key", "anthropic-api-key-generic"),
    ("gcp-application-default-credentials", "google-oauth-refresh-token"),
    ("google-chat-webhook", "gcp-api-key"),
    ("midtrans-sandbox-server-key", "midtrans-server-key"),
    ("paystack-secret-key", "stripe-secret-key-live"),
    ("paystack-test-secret-key", "stripe-secret-key-test"),
    ("pub-dev-credentials", "google-oauth-refresh-token"),
    ("workato-api-token", "jwt"),
];

#[test]
fn what_is_not_quite_an_example_is_not_strong() {
    every_rule(|tried, say| {
        for seed in seeds() {
            for sample in tried.samples(seed) {
                let Some(range) = tried.secret(&sample) else { continue };
                for (name, text) in spoilt(tried, &sample, &range) {
                    let found = tried.search(&text);
                    let is_there = |found: &Match| found.span.start < range.end && range.start < found.span.end;
                    let is_kin = |found: &Match| KIN.contains(&(tried.rule.id, ENGINE.rule(found.rule).id));
                    let strong = found
                        .iter()
                        .find(|found| found.confidence >= Confidence::Strong && is_there(found) && !is_kin(found));
                    if let Some(strong) = strong {
                        let (id, confidence) = (ENGINE.rule(strong.rule).id, strong.confidence);
                        say(format!("seed {seed}: {name}, and {confidence} as {id}"));
                    }
                }
            }
        }
    });
}

/// Samples with one thing wrong, of those that the expression or the check can tell.
fn spoilt(tried: &Tried, sample: &str, range: &Range<usize>) -> Vec<(&'static str, String)> {
    let secret = &sample[range.clone()];
    let with = |new: &str| format!("{}{new}{}", &sample[..range.start], &sample[range.end..]);
    let mut all = Vec::new();
    let Some(last) = secret.char_indices().next_back().map(|(at, _)| at) else { return all };
    let middle = (secret.len() / 2..secret.len()).find(|at| secret.is_char_boundary(*at)).unwrap_or(0);
    let wrong = format!("{}\u{7f}{}", &secret[..middle], &secret[middle..].chars().skip(1).collect::<String>());
    for (name, new) in [("one character short", secret[..last].to_owned()), ("another alphabet", wrong)] {
        let text = with(&new);
        // A variable length, or a form in which any character may stand: still an example.
        if tried.secret(&text).is_none_or(|found| found.start != range.start) {
            all.push((name, text));
        }
    }
    if let Some(check) = tried.rule.check.and_then(check::by_name) {
        let at = secret.len() * 3 / 4;
        let changed: String = secret
            .char_indices()
            .map(|(place, c)| match c {
                '0'..='8' | 'a'..='e' | 'A'..='E' if place >= at => char::from(c as u8 + 1),
                '9' if place >= at => '0',
                _ => c,
            })
            .collect();
        if (check.verify)(changed.as_bytes()) == check::Outcome::Failed {
            all.push(("a wrong checksum", with(&changed)));
        }
    }
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_joined = is_word(sample[..range.start].chars().next_back());
    if tried.rule.filters.boundary && is_word(secret.chars().next()) && !is_joined && tried.secret(secret).is_some() {
        all.push(("inside a longer word", with(&format!("zq{secret}"))));
    }
    all
}

/// Rules without a condition on the file that source code is not searched for: they begin with what code is full of, a line's
/// first word, or are hashes that warn only.
const NOT_IN_CODE: &[&str] = &[
    "cpan-pause-password",
    "htpasswd-line",
    "password-hash-django-pbkdf2",
    "password-hash-scrypt",
    "password-hash-yescrypt",
    "radius-shared-secret",
    "salesforce-consumer-secret-legacy",
    "unix-shadow-line",
    "windows-command-password",
    "zulip-rc-api-key",
];

#[test]
fn programs_that_write_a_file_of_configuration_hold_its_secrets_too() {
    every_rule(|tried, say| {
        if !tried.rule.files.names.is_empty() || NOT_IN_CODE.contains(&tried.rule.id) {
            return;
        }
        let wanted = tried.rule.confidence.min(Confidence::Likely);
        let found = |text: &str, path: &str| {
            let found = search_bytes(&ENGINE, text.as_bytes(), path);
            found.iter().any(|found| found.confidence >= wanted)
        };
        for sample in seeds().flat_map(|seed| tried.samples(seed)).filter(|sample| !sample.contains('`')) {
            for (path, text) in [
                ("setup.go", format!("package main\n\nvar file = `{sample}`\n")),
                ("setup.py", format!("open(path, 'w').write(\"\"\"{sample}\n\"\"\")\n")),
                ("setup.sh", format!("#!/bin/sh\ncat > \"$1\" <<EOF\n{sample}\nEOF\n")),
                ("manual.md", format!("# Set up\n\n```\n{sample}\n```\n")),
            ] {
                if found(&sample, &tried.path) && !found(&text, path) {
                    say(format!("missed in {path}"));
                }
            }
        }
    });
}
