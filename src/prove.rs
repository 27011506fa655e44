//! `rules check`: what a rule says of itself, tried out.
//!
//! The laws that need no search are [`lint`](crate::rule::lint)'s. Here the examples are filled from seeds and searched
//! with all rules active, as a user's files are.

use crate::engine::{Engine, Match, check, matcher::Matcher};
use crate::finding::Confidence;
use crate::rule::lint::{self, Fault};
use crate::rule::sample::{Chance, Sample, fill};
use crate::rule::{Form, Rule, RuleSet};
use crate::scan::search_bytes;

/// Seeds that each example is filled from.
const SEEDS: u64 = 8;

/// Everything that is wrong with the rules of a set, sorted.
#[must_use]
pub fn faults(rules: &RuleSet) -> Vec<Fault> {
    let engine = Engine::new(rules);
    let mut faults = Vec::new();
    for (number, rule) in rules.rules().iter().enumerate() {
        faults.extend(lint::faults(rule, &|id| rules.get(id).is_some(), &|name| check::by_name(name).is_some()));
        let mut say = |message: String| faults.push(Fault { rule: rule.id.to_owned(), message });
        if let Err(error) = Matcher::new(rule) {
            say(error.to_string());
            continue;
        }
        examples(&engine, rules, number, rule, &mut say);
    }
    faults.sort();
    faults.dedup();
    faults
}

fn examples(engine: &Engine<'_>, rules: &RuleSet, number: usize, rule: &Rule, say: &mut dyn FnMut(String)) {
    for template in rule.examples {
        for seed in 0..SEEDS {
            match sample(engine, rule, template, seed) {
                Err(message) => {
                    say(message);
                    break;
                }
                Ok(sample) => {
                    let found = find(engine, rule, &sample);
                    if let Some(message) = missed(rules, number, rule, &found) {
                        say(format!("the example `{template}` (seed {seed}) {message}"));
                        break;
                    }
                }
            }
        }
    }
    for template in rule.counter_examples {
        match sample(engine, rule, template, 0) {
            Err(message) => say(message),
            Ok(sample) => {
                let hit = find(engine, rule, &sample)
                    .into_iter()
                    .any(|found| found.rule == number && found.confidence >= Confidence::Likely);
                if hit {
                    say(format!("the counter-example `{template}` hits"));
                }
            }
        }
    }
}

/// A path that the rule's conditions on files allow.
fn path_for(rule: &Rule) -> String {
    let Some(glob) = rule.files.names.first() else { return "sample.conf".to_owned() };
    glob.trim_start_matches("**/").replace('*', "sample")
}

fn find(engine: &Engine<'_>, rule: &Rule, sample: &Sample) -> Vec<Match> {
    if matches!(rule.form, Form::File) {
        return search_bytes(engine, b"content", &sample.text);
    }
    search_bytes(engine, sample.text.as_bytes(), &path_for(rule))
}

fn missed(rules: &RuleSet, number: usize, rule: &Rule, found: &[Match]) -> Option<String> {
    // What a file's content must be is not known from its path; its name alone is tried then.
    if matches!(rule.form, Form::File) && rule.files.content.is_some() {
        return None;
    }
    let own: Vec<&Match> = found.iter().filter(|found| found.rule == number).collect();
    let best = own.iter().map(|found| found.confidence).max();
    match best {
        Some(confidence) if confidence >= rule.confidence => None,
        Some(confidence) => Some(format!("is only {confidence}, and the rule says {}", rule.confidence)),
        None => {
            let others: Vec<&str> = found.iter().map(|found| rules.rules()[found.rule].id).collect();
            Some(if others.is_empty() { "is missed".to_owned() } else { format!("is found as {}", others.join(", ")) })
        }
    }
}

/// Fills a template; where the rule has a check, the checksum is made to hold.
pub fn sample(engine: &Engine<'_>, rule: &Rule, template: &str, seed: u64) -> Result<Sample, String> {
    let mut hash = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for byte in rule.id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    let mut chance = Chance::new(hash);
    let mut sample = fill(template, &mut chance, &structure).map_err(|error| error.to_string())?;
    let repair = rule.check.and_then(check::by_name).and_then(|check| check.repair);
    let (Some(repair), Ok(Some(matcher))) = (repair, Matcher::new(rule)) else { return Ok(sample) };
    if let Some(secret) = engine.first_secret(rule, &matcher, sample.text.as_bytes())
        && let Some(repaired) =
            repair(&sample.text.as_bytes()[secret.clone()]).and_then(|bytes| String::from_utf8(bytes).ok())
    {
        sample.text.replace_range(secret, &repaired);
    }
    Ok(sample)
}

/// The structures that templates name with `@`.
fn structure(name: &str, chance: &mut Chance) -> Option<String> {
    let mut byte = || (chance.next() >> 56) as u8;
    match name.split_once(':') {
        None if name == "jwt" => Some(check::make::make_jwt(&mut byte)),
        Some(("pem", label)) => Some(check::make::make_pem(label, &mut byte)),
        _ => None,
    }
}
