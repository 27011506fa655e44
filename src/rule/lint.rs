//! The laws of rule files that need no search: what `rules check` refuses before it tries the examples.

use super::{Form, Rule, place};
use aho_corasick::automaton::Automaton as _;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_syntax::hir::{Hir, HirKind, Repetition};
use std::collections::{HashMap, VecDeque};

/// A law that a rule breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The rule's id.
    pub rule: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

/// Shortest and longest anchor.
const ANCHOR_LENGTHS: std::ops::RangeInclusive<usize> = 3..=64;
/// States of the product of expression and anchors beyond which the proof is given up; no rule comes near it.
const MAX_STATES: usize = 4_000_000;
/// Ids of the engine's own rules of form `[assignment]`, which have no example of their own.
const SELF_EVIDENT: &[&str] = &["environment-file", "environment-file-secret", "kubernetes-secret-value"];

/// Everything that is wrong with a rule's text.
#[must_use]
pub fn faults(rule: &Rule, known: &dyn Fn(&str) -> bool, is_check: &dyn Fn(&str) -> bool) -> Vec<Fault> {
    let mut messages = Vec::new();
    names(rule, &mut messages);
    words(rule, &mut messages);
    for pair in rule.pairs.iter().filter(|pair| !known(pair)) {
        messages.push(format!("pairs names `{pair}`, and there is no such rule"));
    }
    for check in rule.check.iter().chain(&rule.files.content).filter(|name| !is_check(name)) {
        messages.push(format!("there is no check `{check}`"));
    }
    for globs in [&rule.files.names, &rule.files.not_names] {
        for glob in *globs {
            if let Err(error) = globset::Glob::new(glob) {
                messages.push(format!("the glob `{glob}`: {error}"));
            }
        }
    }
    if let Form::Pattern { pattern, anchors, keywords, .. } = &rule.form {
        anchored(pattern, anchors, keywords, &mut messages);
    }
    if let Form::Value { keywords, value, .. } = &rule.form {
        if keywords.is_empty() {
            messages.push("a value needs keywords that stand before it".into());
        }
        if rule.confidence > crate::finding::Confidence::Likely {
            messages.push("the format of a value proves nothing: its confidence is likely at most".into());
        }
        if let Ok(hir) = place::parse(value)
            && hir.properties().minimum_len().unwrap_or(0) < place::START_RUN
        {
            messages.push(format!(
                "a value has at least {} bytes: a shorter one is a pattern with its key before it",
                place::START_RUN
            ));
        }
    }
    messages.into_iter().map(|message| Fault { rule: rule.id.to_owned(), message }).collect()
}

fn names(rule: &Rule, messages: &mut Vec<String>) {
    let named = |text: &str| {
        !text.is_empty()
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !named(rule.id) {
        messages.push("the id has other characters than a-z, 0-9 and -".into());
    }
    for anchor in rule.anchors().iter().chain(rule.keywords()).chain(rule.providers()) {
        if !ANCHOR_LENGTHS.contains(&anchor.len()) {
            messages.push(format!("the anchor `{anchor}` has not 3 to 64 bytes"));
        }
    }
    for keyword in rule.keywords().iter().chain(rule.providers()) {
        if keyword.bytes().any(|byte| byte.is_ascii_uppercase()) {
            messages.push(format!("the keyword `{keyword}` is matched in any case: write it in lower case"));
        }
    }
}

fn words(rule: &Rule, messages: &mut Vec<String>) {
    if rule.title.is_empty() || rule.why.is_empty() {
        messages.push("title and why say what it is and what it opens: neither may be empty".into());
    }
    let rotate = &rule.rotate;
    if rotate.steps.is_empty() || rotate.steps.iter().any(|step| step.trim().is_empty()) {
        messages.push("[rotate] steps are missing: a finding without a way out is noise".into());
    }
    for url in [&rotate.revoke_url, &rotate.docs] {
        if !url.is_empty() && !url.starts_with("https://") {
            messages.push(format!("`{url}` is no https:// address"));
        }
    }
    let evident = SELF_EVIDENT.contains(&rule.id);
    if !evident && (rule.examples.is_empty() || rule.counter_examples.is_empty()) {
        messages.push("an example and a counter-example are the least a rule shows of itself".into());
    }
}

/// Proves that every match of the expression contains an anchor: in the product of the two automata no state is
/// reached that matches without an anchor having been seen.
fn anchored(pattern: &str, anchors: &[super::Text], keywords: &[super::Text], messages: &mut Vec<String>) {
    if anchors.is_empty() && keywords.is_empty() {
        messages.push("a pattern needs anchors: literals of which every match contains one".into());
        return;
    }
    match counterexample(pattern, anchors, keywords) {
        Err(message) => messages.push(message),
        Ok(Some(text)) => {
            messages.push(format!("matches {:?} without an anchor in it", String::from_utf8_lossy(&text)));
        }
        Ok(None) => {}
    }
}

/// A shortest text that matches and holds no anchor.
fn counterexample(pattern: &str, anchors: &[super::Text], keywords: &[super::Text]) -> Result<Option<Vec<u8>>, String> {
    let hir = unbounded(&place::parse(pattern).map_err(|error| format!("the expression: {error}"))?);
    let nfa = thompson::Compiler::new()
        .configure(thompson::Config::new().utf8(false))
        .build_from_hir(&hir)
        .map_err(|error| format!("the expression: {error}"))?;
    let dfa = dense::Builder::new()
        .configure(
            dense::Config::new()
                .start_kind(regex_automata::dfa::StartKind::Anchored)
                .dfa_size_limit(Some(256 << 20))
                .determinize_size_limit(Some(256 << 20)),
        )
        .build_from_nfa(&nfa)
        .map_err(|error| format!("the expression: {error}"))?;
    let search = |list: &[super::Text], any_case: bool| {
        aho_corasick::dfa::Builder::new()
            .ascii_case_insensitive(any_case)
            .build(list.iter().map(|text| text.as_bytes()))
            .ok()
    };
    let (exact, folded) = (search(anchors, false), search(keywords, true));
    let (Some(exact), Some(folded)) = (exact, folded) else {
        return Err("the anchors are too many to be checked".into());
    };
    let begin =
        |ac: &aho_corasick::dfa::DFA| ac.start_state(aho_corasick::Anchored::No).map_err(|error| error.to_string());
    let config = start::Config::new().anchored(regex_automata::Anchored::Yes);
    let first = (dfa.start_state(&config).map_err(|error| error.to_string())?, begin(&exact)?, begin(&folded)?);
    let mut from = HashMap::from([(first, None)]);
    let mut queue = VecDeque::from([first]);
    while let Some(state) = queue.pop_front() {
        if dfa.is_match_state(dfa.next_eoi_state(state.0)) {
            return Ok(Some(path(&from, state)));
        }
        for byte in 0..=u8::MAX {
            let next = (
                dfa.next_state(state.0, byte),
                exact.next_state(aho_corasick::Anchored::No, state.1, byte),
                folded.next_state(aho_corasick::Anchored::No, state.2, byte),
            );
            let seen = exact.is_match(next.1) || folded.is_match(next.2);
            if seen || dfa.is_dead_state(next.0) || from.contains_key(&next) {
                continue;
            }
            from.insert(next, Some((state, byte)));
            if from.len() > MAX_STATES {
                return Err("the expression is too large to be checked: give it fewer alternatives".into());
            }
            queue.push_back(next);
        }
    }
    Ok(None)
}

/// The expression with long repetitions made endless: it matches all that the original does and more, so a proof for it
/// is one for the original, and its automaton is small.
fn unbounded(hir: &Hir) -> Hir {
    const LONG: u32 = 6;
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Capture(capture) => unbounded(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(unbounded).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(unbounded).collect()),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(unbounded(&repetition.sub));
            let is_long = repetition.max.is_none_or(|max| max > LONG);
            let (min, max) =
                if is_long { (repetition.min.min(LONG / 2), None) } else { (repetition.min, repetition.max) };
            Hir::repetition(Repetition { min, max, greedy: repetition.greedy, sub })
        }
    }
}

type Product =
    (regex_automata::util::primitives::StateID, aho_corasick::automaton::StateID, aho_corasick::automaton::StateID);

fn path(from: &HashMap<Product, Option<(Product, u8)>>, mut state: Product) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some(Some((before, byte))) = from.get(&state) {
        text.push(*byte);
        state = *before;
    }
    text.reverse();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(pattern: &str, anchors: &[&'static str], keywords: &[&'static str]) -> Option<String> {
        let list = |items: &[&'static str]| items.to_vec();
        let found = counterexample(pattern, &list(anchors), &list(keywords)).expect("the expression is right");
        found.map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn a_match_without_an_anchor_is_shown() {
        assert_eq!(missing("gh[po]_[a-z]{4}", &["ghp_", "gho_"], &[]), None);
        assert!(missing("gh[pos]_[a-z]{4}", &["ghp_", "gho_"], &[]).is_some_and(|text| text.starts_with("ghs_")));
        assert_eq!(missing("(?i:token)=[a-z]{4}", &[], &["token"]), None);
        assert!(missing("(?i:token)=[a-z]{4}", &["token"], &[]).is_some());
        assert_eq!(missing("[a-z]{0,3}ab(c|d)", &["abc", "abd"], &[]), None);
    }
}
