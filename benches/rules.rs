//! Which rules cost most on text without secrets: the time of each rule over all hits of its anchors, as the engine tries it, the
//! beginning of an expression before the whole of it.
//!
//! `PLAINSIGHT_BENCH_DIR=folder/of/source cargo bench --bench rules [-- HOW_MANY]`
//!
//! A rule at the top has an anchor that ordinary text is full of, or an expression that goes on for long before
//! it gives up: a longer anchor is the remedy for the one, a stricter beginning for the other.

mod text;

use plainsight::engine::Engine;
use plainsight::engine::matcher::{Guard, Matcher};
use plainsight::engine::prefilter::{Event, Hit, Kind, Scope, Scratch};
use plainsight::rule::{Form, Rule, RuleSet};
use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Each expression is timed so often; the fastest counts.
const TIMES: usize = 3;
const SHOWN: usize = 30;

struct Cost<'r> {
    rule: &'r Rule,
    hits: usize,
    /// Hits at which the whole expression was tried.
    tried: usize,
    matches: usize,
    time: Duration,
}

fn main() -> io::Result<()> {
    let mut shown = SHOWN;
    for argument in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        shown = argument.parse().expect("the only argument is how many rules are shown");
    }
    let text = text::text();
    let rules = RuleSet::builtin();
    let engine = Engine::new(&rules);
    let prefilter = engine.prefilter();
    let mut hits = Vec::new();
    prefilter.search(text, 0..text.len(), Scope::Code, &mut Scratch::default(), |event| {
        if let Event::Anchor(hit) = event {
            hits.push(hit);
        }
    });
    hits.sort_unstable();
    hits.dedup();
    let mut by_anchor: Vec<Vec<Hit>> = vec![Vec::new(); prefilter.anchors().len()];
    for hit in hits {
        by_anchor[hit.anchor as usize].push(hit);
    }
    let numbers: HashMap<(&[u8], bool, Kind), usize> = (0..)
        .zip(prefilter.anchors())
        .map(|(number, anchor)| ((&*anchor.bytes, anchor.any_case, anchor.kind), number))
        .collect();
    let mut costs: Vec<Cost<'_>> =
        rules.rules().iter().filter_map(|rule| cost(rule, &numbers, &by_anchor, text)).collect();
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.time));
    print(&costs, shown, text.len(), &mut io::stdout().lock())
}

/// The rule's own anchors among those of all; `None` for a rule without an expression.
fn own_anchors(rule: &Rule) -> Option<Vec<(&'static [u8], bool, Kind)>> {
    let kind = match &rule.form {
        Form::Pattern { place, .. } => *place,
        Form::Value { .. } => Kind::Keyword,
        Form::Assignment { .. } | Form::File => return None,
    };
    let exact = rule.anchors().iter().map(|anchor| (anchor.as_bytes(), false, kind));
    let words = rule.keywords().iter().chain(rule.providers());
    Some(exact.chain(words.map(|word| (word.as_bytes(), true, kind))).collect())
}

fn cost<'r>(
    rule: &'r Rule,
    numbers: &HashMap<(&[u8], bool, Kind), usize>,
    by_anchor: &[Vec<Hit>],
    text: &[u8],
) -> Option<Cost<'r>> {
    let anchors = own_anchors(rule)?;
    let matcher = Matcher::new(rule).expect("`rules check` refuses an expression that does not compile")?;
    let hits: Vec<(Hit, usize)> = anchors
        .iter()
        .filter_map(|anchor| numbers.get(anchor).map(|&number| (number, anchor.0.len())))
        .flat_map(|(number, length)| by_anchor[number].iter().map(move |&hit| (hit, length)))
        .collect();
    let guard = Guard::new(rule);
    let mut best = Cost { rule, hits: hits.len(), tried: 0, matches: 0, time: Duration::MAX };
    for _ in 0..TIMES {
        let (mut tried, mut matches) = (0, 0);
        let began = Instant::now();
        for &(hit, length) in &hits {
            if guard.as_ref().is_none_or(|guard| guard.lets_pass(text, hit.offset)) {
                tried += 1;
                matcher.find(text, hit, length, &mut |_| matches += 1);
            }
        }
        best = Cost { tried, matches, time: best.time.min(began.elapsed()), ..best };
    }
    Some(best)
}

fn print(costs: &[Cost<'_>], shown: usize, bytes: usize, out: &mut impl Write) -> io::Result<()> {
    let a_gib = |time: Duration| time.as_secs_f64() * 1e3 * f64::from(1 << 30) / bytes as f64;
    writeln!(out, "{:40} {:>9} {:>8} {:>8} {:>9} {:>10}", "rule", "hits", "tried", "matches", "ns a hit", "ms a GiB")?;
    for cost in costs.iter().take(shown).filter(|cost| cost.hits > 0) {
        let each = cost.time.as_nanos() as f64 / cost.hits as f64;
        let mark = if cost.rule.files.names.is_empty() { "" } else { " *" };
        let name = format!("{}{mark}", cost.rule.id);
        let (hits, tried, matches) = (cost.hits, cost.tried, cost.matches);
        writeln!(out, "{name:40} {hits:>9} {tried:>8} {matches:>8} {each:>9.0} {:>10.1}", a_gib(cost.time))?;
    }
    let all: Duration = costs.iter().map(|cost| cost.time).sum();
    let silent = costs.iter().filter(|cost| cost.hits == 0).count();
    writeln!(out, "\n{} rules with an expression, {silent} of them without a hit", costs.len())?;
    writeln!(out, "all together {:.1} ms a GiB", a_gib(all))?;
    writeln!(out, "* tried only in files of certain names; here counted as if in every file")
}
