//! What a run costs before the first byte is read, and what the first small file costs: a hook pays both at every commit.

use divan::{Bencher, black_box};
use plainsight::candidate::Candidate;
use plainsight::engine::{Engine, Scratch};
use plainsight::prove;
use plainsight::rule::{Form, RuleSet};

fn main() {
    divan::main();
}

/// All anchors sorted into the prefilter's tables.
#[divan::bench]
fn engine_new(bencher: Bencher<'_, '_>) {
    let rules = RuleSet::builtin();
    bencher.bench_local(|| black_box(Engine::new(&rules)));
}

/// A file with nothing in it that has an anchor.
#[divan::bench]
fn first_search_of_prose(bencher: Bencher<'_, '_>) {
    first_search(bencher, "Nothing is in here but a few lines of prose.\n".repeat(200).as_bytes());
}

/// A file with secrets of three kinds: their expressions are compiled.
#[divan::bench]
fn first_search_of_three_secrets(bencher: Bencher<'_, '_>) {
    first_search(bencher, &with_secrets(3));
}

/// The same file again, as the second one of a run.
#[divan::bench]
fn second_search_of_three_secrets(bencher: Bencher<'_, '_>) {
    let rules = RuleSet::builtin();
    let engine = Engine::new(&rules);
    let (text, mut scratch) = (with_secrets(3), Scratch::default());
    let found = engine.search(&Candidate::whole(&text, b"sample.conf"), &mut scratch).matches.len();
    assert!(found >= 3, "{found} of three samples were found");
    bencher.bench_local(|| black_box(engine.search(&Candidate::whole(&text, b"sample.conf"), &mut scratch)));
}

fn first_search(bencher: Bencher<'_, '_>, text: &[u8]) {
    let rules = RuleSet::builtin();
    bencher.with_inputs(|| (Engine::new(&rules), Scratch::default())).bench_local_refs(|(engine, scratch)| {
        black_box(engine.search(&Candidate::whole(text, b"sample.conf"), scratch))
    });
}

/// A text with the first examples of rules that lie far apart in the set.
fn with_secrets(count: usize) -> Vec<u8> {
    let rules = RuleSet::builtin();
    let engine = Engine::new(&rules);
    let is_apt = |rule: &&plainsight::rule::Rule| {
        matches!(rule.form, Form::Pattern { .. }) && rule.files.names.is_empty() && !rule.examples.is_empty()
    };
    let apt: Vec<_> = rules.rules().iter().filter(is_apt).collect();
    let mut text = String::new();
    for rule in apt.iter().step_by(apt.len() / count).take(count) {
        let sample =
            prove::sample(&engine, rule, rule.examples[0], 1).expect("the examples of built-in rules can be filled");
        text.push_str(&sample.text);
        text.push_str("\n\n# and some prose between them\n\n");
    }
    text.into_bytes()
}
