//! Finds secrets in bytes.
//!
//! One text goes through: prefilter ([`prefilter`]) → the rules whose anchors were hit, on their windows
//! only ([`matcher`]) → filters and checks ([`filter`], [`check`]) → judged assignments ([`assign`]), environment files
//! ([`envfile`]) and manifests ([`manifest`]) → decoded layers, searched the same way ([`decode`]) → one match for each secret
//! ([`resolve`]). The engine never learns where bytes came from, and what it says of a text depends on nothing
//! that it searched before.

pub mod assign;
mod buckets;
mod changes;
pub mod check;
mod classes;
pub mod decode;
pub mod envfile;
mod file_kind;
pub mod filter;
mod gap;
mod judge;
mod layers;
mod look;
pub mod manifest;
mod masks;
pub mod matcher;
mod names;
mod owners;
pub mod prefilter;
mod reach;
mod remembered;
mod resolve;
#[expect(unsafe_code, reason = "vector instructions; the module says why and what makes it sound")]
pub mod simd;
mod stem;
mod table;
mod under;
mod versions;
mod word;

pub use file_kind::FileKind;
pub use versions::{NameClass, Trace};

use crate::candidate::Candidate;
use crate::finding::Confidence;
use crate::rule::{Form, Rule, RuleSet};
use crate::text::Secret;
use look::Work;
use matcher::{Guard, Matcher, PatternError};
use names::FileRules;
use owners::{Owner, Owners};
use prefilter::{Event, Hit, Prefilter, Scope};
use remembered::{Remembered, Way};
use std::ops::Range;
use std::sync::OnceLock;

/// Matches of one text beyond which the rest is not reported; the caller says so.
pub const MAX_MATCHES: usize = 20_000;
/// How many times encoded text is decoded again.
pub const MAX_DEPTH: usize = 2;

/// One secret found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The rule's number in the set.
    pub rule: usize,
    /// Where it stands in the candidate's bytes; of an encoded secret, the encoded text. Empty for a file.
    pub span: Range<usize>,
    /// The secret, decoded; `None` where the file itself is the finding.
    pub secret: Option<Secret>,
    /// How sure it is.
    pub confidence: Confidence,
    /// How it was encoded, outermost first.
    pub decoded: Vec<&'static str>,
    /// The name of the key it was assigned to, for judged ones.
    pub key: Option<String>,
    /// Who publishes the value, where it is a documented example.
    pub documented: Option<&'static str>,
    /// Whether it is random enough to stand for itself.
    pub unguessable: bool,
}

/// What was found in one text.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by place, then rule.
    pub matches: Vec<Match>,
    /// What was given up in it, for a person.
    pub bounded: Option<&'static str>,
}

/// Memory of one worker.
#[derive(Debug, Default)]
pub struct Scratch {
    prefilter: prefilter::Scratch,
    hits: Vec<Hit>,
    runs: Vec<usize>,
    /// Set where an expression was not tried everywhere.
    gave_up: bool,
    remembered: Remembered,
}

/// The search for the secrets of a rule set.
#[derive(Debug)]
pub struct Engine<'r> {
    rules: &'r [Rule],
    prefilter: Prefilter,
    owners: Owners,
    guards: Vec<OnceLock<Option<Guard>>>,
    matchers: Vec<OnceLock<Option<Matcher>>>,
    files: FileRules<'r>,
    generic: owners::Generic,
    /// How far from each anchor anything is looked at, once that was asked.
    reaches: Vec<OnceLock<(reach::Reach, bool)>>,
}

/// A text on its way through the engine.
struct Text<'t> {
    bytes: &'t [u8],
    kind: FileKind,
    path: &'t [u8],
    /// Only rules with a format of their own apply.
    formats_only: bool,
    depth: usize,
}

/// A match in a text that may be a layer of another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Raw {
    rule: usize,
    span: Range<usize>,
    value: Vec<u8>,
    confidence: Confidence,
    decoded: Vec<&'static str>,
    key: Option<String>,
    documented: Option<&'static str>,
}

/// Which anchors a text is searched for.
fn scope_of(text: &Text<'_>) -> Scope {
    if text.kind == FileKind::Code { Scope::Code } else { Scope::All }
}

impl<'r> Engine<'r> {
    /// Prepares the search; no expression is compiled yet.
    #[must_use]
    pub fn new(rules: &'r RuleSet) -> Self {
        let rules = rules.rules();
        let (owners, anchors) = Owners::of(rules);
        Self {
            rules,
            reaches: anchors.iter().map(|_| OnceLock::new()).collect(),
            prefilter: Prefilter::new(anchors),
            owners,
            guards: rules.iter().map(|_| OnceLock::new()).collect(),
            matchers: rules.iter().map(|_| OnceLock::new()).collect(),
            files: FileRules::of(rules),
            generic: owners::Generic::of(rules),
        }
    }

    /// The search for anchors, for measuring it.
    #[must_use]
    pub const fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// The rule of a match.
    #[must_use]
    pub fn rule(&self, number: usize) -> &'r Rule {
        &self.rules[number]
    }

    /// Whether a file of that path may be a finding by its name alone, or some rule asks for files like it.
    #[must_use]
    pub fn is_asked_for(&self, path: &[u8]) -> bool {
        self.files.may_find(path) || self.files.is_asked_for(path)
    }

    /// Whether some rule asks for files below a folder of that name.
    #[must_use]
    pub fn is_telling_folder(&self, name: &[u8]) -> bool {
        self.files.is_telling_folder(name)
    }

    /// Compiles every expression; what `rules check` and loaded rules want to know before a run.
    ///
    /// # Errors
    /// The first expression that cannot be searched for.
    pub fn compile_all(&self, which: impl Fn(&Rule) -> bool) -> Result<(), PatternError> {
        for rule in self.rules.iter().filter(|rule| which(rule)) {
            Matcher::new(rule)?;
        }
        Ok(())
    }

    /// Where the first match of a rule lies, whatever the filters say of it; for making samples.
    #[must_use]
    pub fn first_secret(&self, rule: &Rule, matcher: &Matcher, text: &[u8]) -> Option<Range<usize>> {
        let mut first = None;
        self.prefilter.search(text, 0..text.len(), Scope::All, &mut prefilter::Scratch::default(), |event| {
            let Event::Anchor(hit) = event else { return };
            let anchor = &self.prefilter.anchors()[hit.anchor as usize];
            let is_own = self
                .owners
                .of_anchor(hit.anchor)
                .iter()
                .any(|owner| matches!(owner, Owner::Rule(number) if self.rules[*number as usize].id == rule.id));
            if is_own && first.is_none() {
                matcher.find(text, hit, anchor.bytes.len(), &mut |matched| first = Some(matched.secret));
            }
        });
        first
    }

    /// Finds the secrets of one candidate.
    #[must_use]
    pub fn search(&self, candidate: &Candidate<'_>, scratch: &mut Scratch) -> Found {
        let text = Text {
            bytes: candidate.bytes,
            kind: FileKind::of(candidate.path),
            path: candidate.path,
            formats_only: candidate.is_binary,
            depth: 0,
        };
        let mut budget = decode::Budget::of_text(candidate.own.len());
        let mut raw = Vec::new();
        self.search_text(&text, 0..text.bytes.len(), scratch, &mut budget, &mut raw);
        self.found(candidate, &text, raw, budget.exhausted(), std::mem::take(&mut scratch.gave_up))
    }

    /// The same for a text without a name, of which there are copies: commits that were rebased or picked keep their messages.
    #[must_use]
    pub fn search_message(&self, text: &[u8], scratch: &mut Scratch) -> Found {
        let hash = scratch.remembered.hash(text);
        if scratch.remembered.recall(hash, Way::Message, text).is_some() {
            return Found::default();
        }
        let found = self.search(&Candidate::whole(text, b""), scratch);
        if found.matches.is_empty() && found.bounded.is_none() {
            scratch.remembered.keep(hash, Way::Message, text, std::iter::empty());
        }
        found
    }

    /// What comes of a text's raw matches: findings on the file itself are added, and one is left for each secret.
    fn found(
        &self,
        candidate: &Candidate<'_>,
        text: &Text<'_>,
        mut raw: Vec<Raw>,
        exhausted: bool,
        gave_up: bool,
    ) -> Found {
        if candidate.is_first {
            self.files.find(candidate.path, candidate.bytes, &mut raw);
            self.environment(text, &mut raw);
        }
        let mut matches = resolve::resolve(raw, self.rules);
        let too_many = matches.len() > MAX_MATCHES;
        matches.truncate(MAX_MATCHES);
        let is_own = |raw: &Raw| candidate.own.contains(&raw.span.start) || (raw.span.is_empty() && candidate.is_first);
        let matches = matches.into_iter().filter(is_own).map(|raw| self.finish(raw)).collect();
        let bounded = match (too_many, exhausted) {
            (true, _) => Some("more than 20,000 secrets in one file: the rest is not listed"),
            (_, true) => Some("more encoded text than is decoded in one file"),
            _ if gave_up => Some("too many beginnings of keys without an end: not all were followed"),
            _ => None,
        };
        Found { matches, bounded }
    }

    /// Searches a part of a text; also called for decoded layers.
    fn search_text(
        &self,
        text: &Text<'_>,
        within: Range<usize>,
        scratch: &mut Scratch,
        budget: &mut decode::Budget,
        out: &mut Vec<Raw>,
    ) {
        scratch.hits.clear();
        scratch.runs.clear();
        self.collect(text, within, scratch);
        scratch.hits.sort_unstable();
        scratch.hits.dedup();
        self.process(text, scratch, budget, out);
    }

    /// Adds the events of a part of a text to the memory of the worker.
    fn collect(&self, text: &Text<'_>, within: Range<usize>, scratch: &mut Scratch) {
        let Scratch { prefilter, hits, runs, .. } = scratch;
        self.prefilter.search(text.bytes, within, scope_of(text), prefilter, |event| match event {
            Event::Anchor(hit) => hits.push(hit),
            Event::Run(start) => runs.push(start),
        });
    }

    /// The same for a part that has no run near it: without the anchors that are looked for close to one. A run that begins
    /// in it shows that it is no such part.
    fn collect_without_keywords(&self, text: &Text<'_>, within: Range<usize>, scratch: &mut Scratch) {
        let Scratch { prefilter, hits, runs, .. } = scratch;
        self.prefilter.search_without_keywords(text.bytes, within, scope_of(text), prefilter, |event| match event {
            Event::Anchor(hit) => hits.push(hit),
            Event::Run(start) => runs.push(start),
        });
    }

    /// Looks at what the events of a text point to.
    fn process(&self, text: &Text<'_>, scratch: &mut Scratch, budget: &mut decode::Budget, out: &mut Vec<Raw>) {
        let (hits, runs) = (std::mem::take(&mut scratch.hits), std::mem::take(&mut scratch.runs));
        let mut encoded = layers::Places::default();
        let mut last_key = usize::MAX;
        let mut work = Work::default();
        for &hit in &hits {
            for owner in self.owners.of_anchor(hit.anchor) {
                match *owner {
                    Owner::Rule(number) if !self.files.allows(number as usize, text.path) => {}
                    Owner::Rule(number) => self.try_rule(text, number as usize, hit, &mut work, out),
                    Owner::Assignment => self.try_assignment(text, hit, &mut last_key, out),
                    Owner::Manifest => {
                        manifest::find(text.bytes, hit.offset, &mut |secret| self.manifest_secret(text, secret, out));
                    }
                    // What is compiled holds escapes and tables of them by the thousand, none of which hides anything.
                    Owner::Percent | Owner::Escape if text.formats_only => {}
                    Owner::Percent => encoded.percent(hit.offset),
                    Owner::Escape => encoded.escape(hit.offset),
                }
            }
            if out.len() > 4 * MAX_MATCHES {
                break;
            }
        }
        scratch.gave_up |= work.gave_up;
        if text.depth < MAX_DEPTH {
            encoded.runs(text.bytes, &runs);
            let layers = encoded.decode(text.bytes, budget);
            (scratch.hits, scratch.runs) = (hits, runs);
            for layer in layers {
                self.search_layer(text, &layer, scratch, budget, out);
            }
        } else {
            (scratch.hits, scratch.runs) = (hits, runs);
        }
    }

    fn search_layer(
        &self,
        outer: &Text<'_>,
        layer: &decode::Layer,
        scratch: &mut Scratch,
        budget: &mut decode::Budget,
        out: &mut Vec<Raw>,
    ) {
        let text = Text {
            bytes: &layer.bytes,
            kind: outer.kind,
            path: outer.path,
            formats_only: outer.formats_only,
            depth: outer.depth + 1,
        };
        let first = out.len();
        self.search_text(&text, 0..text.bytes.len(), scratch, budget, out);
        for raw in &mut out[first..] {
            raw.span = layer.encoded_span(raw.span.start, raw.span.end);
            raw.decoded.insert(0, layer.kind.as_str());
        }
    }

    fn finish(&self, raw: Raw) -> Match {
        let rule = &self.rules[raw.rule];
        let has_format = matches!(rule.form, Form::Pattern { .. } | Form::Value { .. });
        let bits = filter::bits(&raw.value);
        Match {
            rule: raw.rule,
            span: raw.span,
            unguessable: bits >= crate::finding::fingerprint::UNGUESSABLE_BITS
                && (has_format || filter::looks_random(&raw.value)),
            secret: (!raw.value.is_empty()).then(|| Secret::new(&raw.value)),
            confidence: raw.confidence,
            decoded: raw.decoded,
            key: raw.key,
            documented: raw.documented,
        }
    }
}
