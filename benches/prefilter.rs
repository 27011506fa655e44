//! How fast the first look at every byte is, with the anchors of all built-in rules, on one core.
//!
//! Beside it: the automaton that would do the same work (and is the prefilter's oracle in `rules check`), and a search
//! for one byte that is nowhere, which is as fast as this text can be read at all.
//!
//! `PLAINSIGHT_BENCH_DIR=folder/of/c/source cargo bench --bench prefilter`

mod text;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use plainsight::candidate::Candidate;
use plainsight::engine::prefilter::{Anchor, Event, Prefilter, Scope, Scratch};
use plainsight::engine::simd::Backend;
use plainsight::engine::{self, Engine};
use plainsight::rule::RuleSet;

fn main() {
    divan::main();
}

fn anchors() -> Vec<Anchor> {
    Engine::new(&RuleSet::builtin()).prefilter().anchors().to_vec()
}

fn search(bencher: Bencher<'_, '_>, prefilter: &Prefilter) {
    let text = text::text();
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        let mut anchors = 0u64;
        prefilter.search(text, 0..text.len(), Scope::Code, &mut scratch, |event| {
            anchors += u64::from(matches!(event, Event::Anchor(_)));
        });
        black_box(anchors)
    });
}

/// As the engine uses it.
#[divan::bench(sample_count = 20)]
fn prefilter(bencher: Bencher<'_, '_>) {
    search(bencher, &Prefilter::new(anchors()));
}

/// In each form that this processor can run: the last one is that without vector instructions.
#[divan::bench(sample_count = 5, args = Backend::all().collect::<Vec<_>>())]
fn prefilter_in_form(bencher: Bencher<'_, '_>, form: Backend) {
    search(bencher, &Prefilter::new(anchors()).in_form(form));
}

/// One automaton over the same anchors. It folds case for all of them, because one automaton cannot for some.
#[divan::bench(sample_count = 5)]
fn aho_corasick_dfa(bencher: Bencher<'_, '_>) {
    let anchors = anchors();
    let automaton = AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .ascii_case_insensitive(true)
        .build(anchors.iter().map(|anchor| &anchor.bytes))
        .expect("the automaton has fewer than 2^31 states");
    let text = text::text();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| black_box(automaton.find_overlapping_iter(text).count()));
}

/// The upper bound.
#[divan::bench(sample_count = 20)]
fn memchr_of_a_missing_byte(bencher: Bencher<'_, '_>) {
    let text = text::text();
    assert!(!text.contains(&0), "C source holds no NUL");
    bencher.counter(BytesCount::new(text.len())).bench_local(|| memchr::memchr(0, black_box(text)));
}

/// The whole engine: the prefilter, and all that follows from its hits. Every expression is compiled before.
#[divan::bench(sample_count = 10)]
fn engine_search(bencher: Bencher<'_, '_>) {
    let rules = RuleSet::builtin();
    let engine = Engine::new(&rules);
    let text = text::text();
    let mut scratch = engine::Scratch::default();
    let mut all = || {
        let files = text.chunks(64 * 1024);
        files.map(|file| engine.search(&Candidate::whole(file, b"source.c"), &mut scratch).matches.len()).sum::<usize>()
    };
    all();
    bencher.counter(BytesCount::new(text.len())).bench_local(|| black_box(all()));
}
