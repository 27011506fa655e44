//! Laws that hold for any text: prefilter, parts, threads, line ends, encodings, spans, identities.
//!
//! Texts are samples of all rules between noise. Of a failing case proptest prints rules, seeds and noise, no secret.

mod texts;

use super::support::{ENGINE, RULES, Scratch};
use plainsight::candidate::{Candidate, MARGIN};
use plainsight::engine::prefilter::{self, Anchor, Event, Prefilter, Scope};
use plainsight::engine::simd::Backend;
use plainsight::engine::{Engine, Match, Scratch as Memory};
use plainsight::rule::{Form, Rule, RuleSet, place};
use plainsight::scan::search_bytes;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use texts::{NAMES, Piece, Seen, any_piece, ids, join, plain_piece, results, sample_piece};

/// One commit gives one answer: the seed is fixed. No file of regressions: what fails becomes a test of its own.
fn cases(cases: u32) -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(7);
    ProptestConfig { cases, rng_seed, failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() }
}

/// The same rules, every anchor looked for at every byte. In source code the engine leaves out formats of files on purpose.
static ANYWHERE: LazyLock<RuleSet> = LazyLock::new(|| {
    let freed = |rule: &Rule| {
        let mut rule = rule.clone();
        if let Form::Pattern { place, .. } = &mut rule.form {
            *place = place::Kind::Free;
        }
        rule
    };
    RuleSet::of(RULES.rules().iter().map(freed).collect())
});
static UNFILTERED: LazyLock<Engine<'static>> = LazyLock::new(|| Engine::new(&ANYWHERE));

/// What a match is, for comparing: rule, span, confidence.
fn told(matches: &[Match]) -> Vec<String> {
    let one = |found: &Match| {
        let rule = RULES.rules()[found.rule].id;
        format!("{rule} {:?} {} {:?} {}", found.span, found.confidence, found.decoded, found.unguessable)
    };
    matches.iter().map(one).collect()
}

fn search(bytes: &[u8], name: &str) -> Vec<String> {
    told(&search_bytes(&ENGINE, bytes, name))
}

fn events(prefilter: &Prefilter, text: &[u8], scope: Scope) -> BTreeSet<(usize, u32)> {
    let mut found = BTreeSet::new();
    prefilter.search(text, 0..text.len(), scope, &mut prefilter::Scratch::default(), |event| {
        found.insert(match event {
            Event::Anchor(hit) => (hit.offset, hit.anchor),
            Event::Run(offset) => (offset, u32::MAX),
        });
    });
    found
}

/// The search in each form that this processor can run.
static FORMS: LazyLock<Vec<(Backend, Prefilter)>> = LazyLock::new(|| {
    let anchors: Vec<Anchor> = ENGINE.prefilter().anchors().to_vec();
    Backend::all().map(|form| (form, Prefilter::new(anchors.clone()).in_form(form))).collect()
});

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_prefilter_loses_nothing(pieces in prop::collection::vec(any_piece(), 1..8), name in prop::sample::select(&["a.txt", "a.yaml", ".env"][..])) {
        let text = join(&pieces, b"\n").bytes;
        let expected = told(&search_bytes(&UNFILTERED, &text, name));
        prop_assert_eq!(search(&text, name), expected);
    }

    #[test]
    fn it_loses_nothing_within_a_line_either(pieces in prop::collection::vec(any_piece(), 1..6), glue in prop::sample::select(&[" ", "", ",", "\\n", "\"", "%20", "\t", "-", "_", "/"][..])) {
        let text = join(&pieces, glue.as_bytes()).bytes;
        let expected = told(&search_bytes(&UNFILTERED, &text, "a.txt"));
        prop_assert_eq!(search(&text, "a.txt"), expected);
    }

    #[test]
    fn portable_and_vector_search_agree(pieces in prop::collection::vec(any_piece(), 1..12)) {
        let text = join(&pieces, b"\n").bytes;
        for scope in [Scope::All, Scope::Code] {
            let expected = events(ENGINE.prefilter(), &text, scope);
            for (form, prefilter) in &*FORMS {
                prop_assert_eq!(&events(prefilter, &text, scope), &expected, "{:?}", form);
            }
        }
    }

    #[test]
    fn a_sample_is_found_among_noise(sample in sample_piece(), before in prop::collection::vec(plain_piece(), 1..4), after in prop::collection::vec(plain_piece(), 1..4)) {
        let name = sample.name();
        let alone = search_bytes(&ENGINE, &sample.bytes(), &name);
        let mut pieces = before;
        let number = pieces.len();
        pieces.push(sample);
        pieces.extend(after);
        let joined = join(&pieces, b"\n\n\n");
        let found = search_bytes(&ENGINE, &joined.bytes, &name);
        for one in alone.iter().filter(|one| !one.span.is_empty()) {
            let span = one.span.start + joined.starts[number]..one.span.end + joined.starts[number];
            let is_kept = found.iter().any(|other| other.span.start < span.end && other.span.end > span.start);
            prop_assert!(is_kept, "{} at {span:?} is lost among {:?}", RULES.rules()[one.rule].id, told(&found));
        }
    }

    #[test]
    fn spans_lie_on_the_secret(pieces in prop::collection::vec(any_piece(), 1..6), name in prop::sample::select(NAMES)) {
        let text = join(&pieces, b"\n").bytes;
        for found in search_bytes(&ENGINE, &text, name) {
            let Some(secret) = &found.secret else { continue };
            let what = format!("{} {:?} {:?}", RULES.rules()[found.rule].id, found.span, found.decoded);
            prop_assert!(found.span.end <= text.len() && !found.span.is_empty(), "{what}");
            let bytes = &text[found.span.clone()];
            prop_assert!(texts::decodes_to(bytes, &found.decoded, secret.expose()), "{what}");
        }
    }

    #[test]
    fn line_ends_only_move_columns(pieces in prop::collection::vec(plain_piece(), 1..6), name in prop::sample::select(NAMES)) {
        let text = join(&pieces, b"\n").bytes;
        let other = String::from_utf8_lossy(&text).replace('\r', "").replace('\n', "\r\n");
        let text = other.replace("\r\n", "\n");
        let start = |seen: &Seen| (seen.id.clone(), seen.rule, seen.line, seen.column);
        let places = |bytes: &str| results(bytes.as_bytes(), name).iter().map(start).collect::<Vec<_>>();
        prop_assert_eq!(places(&text), places(&other));
    }

    #[test]
    fn an_encoding_changes_nothing(pieces in prop::collection::vec(plain_piece(), 1..5), name in prop::sample::select(NAMES)) {
        let body = String::from_utf8_lossy(&join(&pieces, b"\n").bytes).into_owned();
        let text = format!("# a first line of plain words, é\n{body}\n");
        let expected = results(text.as_bytes(), name);
        for (how, bytes) in texts::encoded(&text) {
            prop_assert_eq!(&results(&bytes, name), &expected, "{}", how);
        }
    }

    #[test]
    fn lines_above_leave_ids_alone(pieces in prop::collection::vec(any_piece(), 1..6), lines in 1usize..40, name in prop::sample::select(NAMES)) {
        let text = join(&pieces, b"\n").bytes;
        let above = "# one more line of plain words\n".repeat(lines);
        let moved = [format!("\n{above}\n").as_bytes(), &text].concat();
        let (before, after) = (results(&text, name), results(&moved, name));
        prop_assert_eq!(ids(&before), ids(&after));
        let lines_of = |seen: &[Seen], by: u64| seen.iter().filter(|seen| seen.has_place).map(|seen| seen.line + by).collect::<Vec<_>>();
        prop_assert_eq!(lines_of(&before, lines as u64 + 2), lines_of(&after, 0));
    }
}

#[test]
fn the_prefilter_loses_no_example() {
    let mut lost = Vec::new();
    for (number, rule) in RULES.rules().iter().enumerate() {
        for example in 0..rule.examples.len() {
            let loses = |seed: &u64| {
                let piece = Piece::Sample { rule: number, example, seed: *seed };
                let (text, name) = (piece.bytes(), piece.name());
                search(&text, &name) != told(&search_bytes(&UNFILTERED, &text, &name))
            };
            let count = (0..60).filter(loses).count();
            if count > 0 {
                lost.push(format!("{}: example {example} in {count} of 60 seeds", rule.id));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Samples with so much plain text between them that a border's surroundings are only a part of the whole.
fn spread(pieces: &[Piece], gap: usize) -> texts::Joined {
    let filler = "the quick brown fox jumps over the lazy dog\n";
    let between = format!("\n{}", filler.repeat(gap / filler.len() + 1));
    join(pieces, between.as_bytes())
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_border_of_parts_may_be_anywhere(
        pieces in prop::collection::vec(any_piece(), 3..8),
        gap in 1000usize..60_000,
        borders in prop::collection::vec((any::<prop::sample::Index>(), 0usize..160), 1..5),
    ) {
        let whole = spread(&pieces, gap);
        let text = &whole.bytes;
        let mut cuts: Vec<usize> = borders.iter().map(|(piece, by)| (whole.starts[piece.index(pieces.len())] + by).min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut memory = Memory::default();
        let mut found: Vec<Match> = Vec::new();
        for own in cuts.windows(2) {
            let (from, to) = (own[0].saturating_sub(MARGIN), (own[1] + MARGIN).min(text.len()));
            let candidate = Candidate { bytes: &text[from..to], is_binary: false, path: b"a.txt", own: own[0] - from..own[1] - from, is_first: own[0] == 0 };
            found.extend(ENGINE.search(&candidate, &mut memory).matches.into_iter().map(|mut one| {
                one.span = one.span.start + from..one.span.end + from;
                one
            }));
        }
        prop_assert_eq!(told(&found), search(text, "a.txt"));
    }
}

/// The report without what differs between any two runs.
fn steady(report: &str) -> String {
    let at = report.find("\"elapsed_ms\":").expect("the summary says how long it took");
    let rest = report[at..].find(',').map_or("", |end| &report[at + end..]);
    format!("{}{rest}", &report[..at])
}

#[test]
fn one_thread_says_what_many_say() {
    let scratch = Scratch::new();
    for (number, rule) in RULES.rules().iter().enumerate().filter(|(_, rule)| !rule.examples.is_empty()) {
        let piece = Piece::Sample { rule: number, example: 0, seed: 1 };
        // Every secret stands in several files, whichever is read first.
        for copy in 0..3 {
            scratch.write(format!("{}/{}/{}", number % 37, number * 7 % 11 + copy, piece.name()), piece.bytes());
            scratch.write(format!("{copy}/{}.txt", rule.id), piece.bytes());
        }
    }
    let run = |threads: &str| {
        let ran = scratch.run(&["scan", "--format", "json", "--threads", threads]).expect_status(1);
        steady(&ran.stdout)
    };
    let expected = run("1");
    for threads in ["2", "3", "8", "8", "64"] {
        assert!(run(threads) == expected, "{threads} threads");
    }
}
