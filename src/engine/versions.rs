//! Searching a text of which an earlier (or later) version was searched already: only what lies near a change.
//!
//! Most objects of a history are another version of one that was just read, made by copying ranges of it. What the
//! prefilter said of a version is kept in a [`Trace`]: where each event lies. For the next version those in copied ranges
//! are carried over, new ones are looked for around the changes, and an event is looked at again only if a change lies
//! within its [`Reach`]: how far from an anchor its owners look. Everything else holds as it did.
//!
//! Texts with something whose reach has no small bound are searched whole, every version of them: encoded text, long key
//! blocks, manifests, environment files. They are few.
//!
//! That the answer is the same as that of a whole search is held by a property test here, and by another over whole
//! repositories.

use super::changes::{self, Changes, Zone};
use super::layers::{RUN_END, RUN_PART};
use super::owners::Owner;
use super::prefilter::{BEFORE_WORD, DEPENDS_CLOSE, Hit, LOOKS_BEFORE, LOOKS_BEHIND};
use super::reach::Reach;
use super::remembered::Way;
use super::{Engine, FileKind, Found, MAX_MATCHES, Raw, Scratch, Text, Work, decode};
use crate::candidate::Candidate;
use crate::text::Copied;
use std::ops::Range;
use std::sync::Arc;

/// What a file's name says to the search. Two files of one class are searched alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameClass {
    kind: FileKind,
    /// The name alone may make a finding, or the file is judged as a whole.
    by_name: bool,
    /// Rules with conditions on names that hold here.
    pub(super) allowed: Vec<usize>,
}

/// What is remembered of a searched text.
#[derive(Debug)]
pub struct Trace {
    class: Option<Arc<NameClass>>,
    is_binary: bool,
    /// The next version is searched whole as well.
    whole: bool,
    length: usize,
    events: Vec<Hit>,
    /// Where runs begin: the events that are no anchors.
    runs: Vec<usize>,
    raws: Vec<Traced>,
}

/// A raw match, and the event that led to it.
#[derive(Debug, Clone)]
struct Traced {
    event: Hit,
    raw: Raw,
}

/// What came of the events that were looked at.
#[derive(Debug, Default)]
struct Looked {
    raws: Vec<Traced>,
    /// Up to where strings of percent-encoded bytes …
    percent: usize,
    /// … and of escapes were searched.
    escape: usize,
    /// Something asks for a search of the whole text.
    asks_for_all: bool,
}

/// The number of an event that is no anchor: a run begins.
pub(super) const RUN: u32 = u32::MAX;
/// Texts with more escapes, or with longer strings of them, are searched whole: what may be decoded in a text is bounded.
const MOST_ESCAPES: u32 = 256;
pub(super) const LONGEST_STRING: usize = 2048;
/// The same of the text.
const LARGEST_ESCAPED: usize = 1 << 20;
/// With more than this part of a text to be searched again, it is searched whole: 2 of 3.
const MOST: (usize, usize) = (9, 10);
/// What a stretch to be searched costs beside its bytes, in bytes.
const ZONE_COST: usize = 32;

impl Trace {
    /// One that says nothing: the next version is searched whole.
    #[must_use]
    pub const fn unknown() -> Self {
        Self {
            class: None,
            is_binary: false,
            whole: true,
            length: 0,
            events: Vec::new(),
            runs: Vec::new(),
            raws: Vec::new(),
        }
    }

    /// Whether it is known that no rule saw anything, whatever the file is named.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        !self.whole && self.raws.is_empty()
    }

    /// Whether a run begins in a range.
    fn has_run(&self, within: &Range<usize>) -> bool {
        let first = self.runs.partition_point(|&run| run < within.start);
        self.runs.get(first).is_some_and(|&run| run < within.end)
    }
}

impl NameClass {
    /// Whether no other name is of this class for certain: the name itself may be the finding.
    #[must_use]
    pub const fn is_by_name(&self) -> bool {
        self.by_name
    }
}

impl Engine<'_> {
    /// What a path says to the search.
    #[must_use]
    pub fn class_of(&self, path: &[u8]) -> NameClass {
        let kind = FileKind::of(path);
        NameClass {
            kind,
            by_name: kind == FileKind::Env || self.files.may_find(path),
            allowed: self.files.allowed(path),
        }
    }

    /// Finds the secrets of a whole text, whose path is of that class, and remembers what the next version's search needs.
    #[must_use]
    pub fn trace(&self, candidate: &Candidate<'_>, class: &Arc<NameClass>, scratch: &mut Scratch) -> (Trace, Found) {
        let text = text_of(candidate, class);
        scratch.hits.clear();
        scratch.runs.clear();
        self.collect(&text, 0..text.bytes.len(), scratch);
        scratch.hits.sort_unstable();
        scratch.hits.dedup();
        if self.asks_for_all(&text, class, scratch) {
            return (Trace::unknown(), self.whole(candidate, &text, scratch));
        }
        let mut events = std::mem::take(&mut scratch.hits);
        events.extend(scratch.runs.iter().map(|&offset| Hit { offset, anchor: RUN }));
        events.sort_unstable();
        events.dedup();
        let mut looked = Looked::default();
        for &event in &events {
            self.evaluate(&text, class, event, scratch, &mut looked);
        }
        scratch.hits.clear();
        if looked.asks_for_all {
            return (Trace::unknown(), self.search(candidate, scratch));
        }
        let raws = looked.raws;
        self.traced(candidate, &text, class, events, raws, scratch)
    }

    /// The same for a text that was made from one that was traced.
    ///
    /// `copied` are the ranges that are the same in both, in ascending order of `start` and without overlaps.
    #[must_use]
    pub fn trace_again(
        &self,
        candidate: &Candidate<'_>,
        class: &Arc<NameClass>,
        base: &Trace,
        copied: &[Copied],
        scratch: &mut Scratch,
    ) -> (Trace, Found) {
        let text = text_of(candidate, class);
        let same_class = base.class.as_ref().is_some_and(|known| Arc::ptr_eq(known, class) || known == class);
        let is_huge = text.bytes.len().max(base.length) > u32::MAX as usize;
        if base.whole || !same_class || base.is_binary != text.formats_only || is_huge {
            return self.trace(candidate, class, scratch);
        }
        let changes = Changes::of(text.bytes.len(), base.length, copied);
        let zones = changes.zones(text.bytes.len(), |within| base.has_run(&within));
        let cost: usize = zones.iter().map(|zone| zone.range.len() + ZONE_COST).sum();
        if cost * MOST.1 > text.bytes.len() * MOST.0 {
            return self.trace(candidate, class, scratch);
        }
        let fresh = self.collect_zones(&text, zones, scratch);
        if self.asks_for_all(&text, class, scratch) {
            return self.trace(candidate, class, scratch);
        }
        let mut new = std::mem::take(&mut scratch.hits);
        new.extend(scratch.runs.iter().map(|&offset| Hit { offset, anchor: RUN }));
        new.sort_unstable();
        new.dedup();
        let mut again = Again {
            engine: self,
            text: &text,
            class,
            changes,
            events: Vec::with_capacity(base.events.len() + new.len()),
            looked: Looked::default(),
            long: 0,
            escapes: 0,
        };
        again.merge(base, copied, &fresh, &new, scratch);
        let Again { events, looked: Looked { raws, asks_for_all, .. }, long, escapes, .. } = again;
        new.clear();
        scratch.hits = new;
        let too_many = long > Work::IN_VAIN || escapes > MOST_ESCAPES;
        if asks_for_all || too_many || (escapes > 0 && text.bytes.len() > LARGEST_ESCAPED) {
            return self.trace(candidate, class, scratch);
        }
        self.traced(candidate, &text, class, events, raws, scratch)
    }

    /// Adds the events around changes to the memory of the worker; gives the ranges in which they are all.
    fn collect_zones(&self, text: &Text<'_>, zones: Vec<Zone>, scratch: &mut Scratch) -> Vec<Range<usize>> {
        scratch.hits.clear();
        scratch.runs.clear();
        let is_code = text.kind == FileKind::Code;
        let mut fresh: Vec<Range<usize>> = Vec::with_capacity(zones.len());
        for zone in zones {
            let mut range = zone.range;
            if !zone.has_run_near {
                let runs = scratch.runs.len();
                self.collect_again(text, range.clone(), Way::WithoutKeywords { is_code }, scratch);
                if scratch.runs.len() == runs {
                    changes::join(&mut fresh, range);
                    continue;
                }
                range = changes::around_run(range, text.bytes.len());
            }
            self.collect_again(text, range.clone(), Way::All { is_code }, scratch);
            changes::join(&mut fresh, range);
        }
        fresh
    }

    /// Adds the events of a stretch to the memory of the worker, unless these are known of one with the same bytes in and around it.
    fn collect_again(&self, text: &Text<'_>, within: Range<usize>, way: Way, scratch: &mut Scratch) {
        let (before, behind) = match way {
            Way::WithoutKeywords { .. } => (BEFORE_WORD + 1, DEPENDS_CLOSE),
            Way::All { .. } | Way::Message => (LOOKS_BEFORE + 1, LOOKS_BEHIND),
        };
        let start = within.start.checked_sub(before);
        let stretch = start.and_then(|start| text.bytes.get(start..within.end + behind));
        let hash = stretch.map_or(0, |stretch| scratch.remembered.hash(stretch));
        if let Some(known) = stretch.and_then(|stretch| scratch.remembered.recall(hash, way, stretch)) {
            for Hit { offset, anchor } in known {
                let offset = within.start + offset;
                if anchor == RUN { scratch.runs.push(offset) } else { scratch.hits.push(Hit { offset, anchor }) }
            }
            return;
        }
        let (hits, runs) = (scratch.hits.len(), scratch.runs.len());
        if matches!(way, Way::WithoutKeywords { .. }) {
            self.collect_without_keywords(text, within.clone(), scratch);
        } else {
            self.collect(text, within.clone(), scratch);
        }
        let Some(stretch) = stretch else { return };
        let new_hits = scratch.hits[hits..].iter().copied();
        let new_runs = scratch.runs[runs..].iter().map(|&offset| Hit { offset, anchor: RUN });
        let events = new_hits.chain(new_runs);
        scratch.remembered.keep(hash, way, stretch, events.map(|hit| Hit { offset: hit.offset - within.start, ..hit }));
    }

    /// The rest of a traced search: what is found, unless there is so much that the text is not worth tracing.
    fn traced(
        &self,
        candidate: &Candidate<'_>,
        text: &Text<'_>,
        class: &Arc<NameClass>,
        events: Vec<Hit>,
        raws: Vec<Traced>,
        scratch: &mut Scratch,
    ) -> (Trace, Found) {
        if raws.len() > MAX_MATCHES {
            return (Trace::unknown(), self.search(candidate, scratch));
        }
        let list: Vec<Raw> = raws.iter().map(|traced| traced.raw.clone()).collect();
        let found = if list.is_empty() { Found::default() } else { self.found(candidate, text, list, false, false) };
        let runs = events.iter().filter(|event| event.anchor == RUN).map(|event| event.offset).collect();
        let trace = Trace {
            class: Some(Arc::clone(class)),
            is_binary: text.formats_only,
            whole: false,
            length: text.bytes.len(),
            events,
            runs,
            raws,
        };
        (trace, found)
    }

    /// A whole search of a text whose events are in the worker's memory.
    fn whole(&self, candidate: &Candidate<'_>, text: &Text<'_>, scratch: &mut Scratch) -> Found {
        let mut budget = decode::Budget::of_text(candidate.own.len());
        let mut raw = Vec::new();
        self.process(text, scratch, &mut budget, &mut raw);
        self.found(candidate, text, raw, budget.exhausted(), std::mem::take(&mut scratch.gave_up))
    }

    /// Whether the events in the worker's memory, or the file's name, ask for a search of the whole text.
    fn asks_for_all(&self, text: &Text<'_>, class: &NameClass, scratch: &Scratch) -> bool {
        if class.by_name {
            return true;
        }
        let (mut long, mut escapes) = (0, 0);
        for hit in &scratch.hits {
            let reach = self.reach(hit.anchor, class);
            long += u32::from(reach.is_long);
            escapes += u32::from(reach.is_escape && !text.formats_only);
            if reach.whole || long > Work::IN_VAIN || escapes > MOST_ESCAPES {
                return true;
            }
        }
        if escapes > 0 && text.bytes.len() > LARGEST_ESCAPED {
            return true;
        }
        scratch.runs.iter().any(|&start| run_asks_for_all(text.bytes, start))
    }

    /// Looks at what an event points to; events come in ascending order.
    fn evaluate(&self, text: &Text<'_>, class: &NameClass, event: Hit, scratch: &mut Scratch, looked: &mut Looked) {
        if event.anchor == RUN {
            return;
        }
        let mut out = Vec::new();
        let mut work = Work::default();
        for owner in self.owners.of_anchor(event.anchor) {
            match *owner {
                Owner::Rule(number) if !self.holds(number as usize, class) => {}
                Owner::Rule(number) => self.try_rule(text, number as usize, event, &mut work, &mut out),
                Owner::Assignment => self.try_assignment(text, event, &mut usize::MAX.clone(), &mut out),
                Owner::Percent | Owner::Escape => self.unescape(text, *owner, event.offset, scratch, looked, &mut out),
                // Texts with these are searched whole.
                Owner::Manifest => {}
            }
        }
        looked.raws.extend(out.into_iter().map(|raw| Traced { event, raw }));
    }

    /// Searches the string around an escape, unless an escape before it led there.
    fn unescape(
        &self,
        text: &Text<'_>,
        owner: Owner,
        offset: usize,
        scratch: &mut Scratch,
        looked: &mut Looked,
        out: &mut Vec<Raw>,
    ) {
        if text.formats_only {
            return;
        }
        let mut budget = decode::Budget::of_text(text.bytes.len());
        let before = budget.layers;
        let (known, layer) = if owner == Owner::Percent {
            let layer = (offset >= looked.percent).then(|| decode::percent_at(text.bytes, offset, &mut budget));
            (&mut looked.percent, layer.flatten())
        } else {
            let offset = offset + usize::from(text.bytes[offset] == b':');
            let layer = (offset >= looked.escape).then(|| decode::escape_at(text.bytes, offset, &mut budget));
            (&mut looked.escape, layer.flatten())
        };
        let Some(layer) = layer else { return };
        *known = layer.span().end;
        self.search_layer(text, &layer, scratch, &mut budget, out);
        // Layers in layers, and what is bounded, belong to the text as a whole.
        looked.asks_for_all |= layer.span().len() > LONGEST_STRING
            || before - budget.layers > 1
            || budget.exhausted()
            || std::mem::take(&mut scratch.gave_up);
    }

    /// Whether a rule holds in files of a class.
    pub(super) fn holds(&self, number: usize, class: &NameClass) -> bool {
        !self.files.is_conditional(number) || class.allowed.binary_search(&number).is_ok()
    }
}

fn text_of<'t>(candidate: &Candidate<'t>, class: &NameClass) -> Text<'t> {
    Text { bytes: candidate.bytes, kind: class.kind, path: candidate.path, formats_only: candidate.is_binary, depth: 0 }
}

/// Whether a run may be encoded, or ends at an escaped slash.
fn run_asks_for_all(text: &[u8], start: usize) -> bool {
    let limit = text.len().min(start + RUN_END);
    let run = text[start..limit].iter().position(|&byte| !super::simd::is_token(byte)).unwrap_or(limit - start);
    text[start + run..].starts_with(br"\/")
        || decode::may_be_encoded(text, start.saturating_sub(RUN_PART + 24)..start + 2 * RUN_PART)
}

/// How many events come before an offset: mostly few.
fn passed(events: &[Hit], offset: usize) -> usize {
    const FEW: usize = 8;
    let few = events.iter().take(FEW).take_while(|event| event.offset < offset).count();
    if few < FEW { few } else { events.partition_point(|event| event.offset < offset) }
}

/// A text whose events are put together from old and new ones.
struct Again<'a, 'r, 't> {
    engine: &'a Engine<'r>,
    text: &'a Text<'t>,
    class: &'a NameClass,
    changes: Changes,
    events: Vec<Hit>,
    looked: Looked,
    /// Events of long expressions, and escapes.
    long: u32,
    escapes: u32,
}

impl Again<'_, '_, '_> {
    fn merge(&mut self, base: &Trace, copied: &[Copied], fresh: &[Range<usize>], new: &[Hit], scratch: &mut Scratch) {
        let mut new = new.iter().copied().peekable();
        let mut fresh = fresh.iter().peekable();
        // Copies mostly go on in the base behind the one before: then so do the events.
        let (mut next, mut end) = (0, 0);
        for copy in copied {
            let (start, first) = (copy.start as usize, copy.base as usize);
            if first < end {
                next = base.events.partition_point(|event| event.offset < first);
            }
            end = copy.base_end() as usize;
            next += passed(&base.events[next..], first);
            while let Some(event) = base.events.get(next).filter(|event| event.offset < end) {
                next += 1;
                let offset = event.offset - first + start;
                while fresh.next_if(|range| range.end <= offset).is_some() {}
                if fresh.peek().is_some_and(|range| range.start <= offset) {
                    continue;
                }
                while let Some(event) = new.next_if(|event| event.offset < offset) {
                    self.fresh(event, scratch);
                }
                self.carried(base, *event, Hit { offset, anchor: event.anchor }, scratch);
            }
        }
        for event in new {
            self.fresh(event, scratch);
        }
    }

    /// How far an event reaches; counts it.
    fn count(&mut self, event: Hit) -> Reach {
        let reach = self.engine.reach(event.anchor, self.class);
        self.long += u32::from(reach.is_long);
        self.escapes += u32::from(reach.is_escape && !self.text.formats_only);
        self.events.push(event);
        reach
    }

    fn fresh(&mut self, event: Hit, scratch: &mut Scratch) {
        self.count(event);
        self.engine.evaluate(self.text, self.class, event, scratch, &mut self.looked);
    }

    fn carried(&mut self, base: &Trace, old: Hit, event: Hit, scratch: &mut Scratch) {
        let reach = self.count(event);
        if self.changes.touch(self.text.bytes, event, reach) {
            self.looked.asks_for_all |= event.anchor == RUN && run_asks_for_all(self.text.bytes, event.offset);
            self.engine.evaluate(self.text, self.class, event, scratch, &mut self.looked);
            return;
        }
        let first = base.raws.partition_point(|traced| traced.event < old);
        for traced in base.raws[first..].iter().take_while(|traced| traced.event == old) {
            let mut raw = traced.raw.clone();
            let moved = |at: usize| at + event.offset - old.offset;
            raw.span = moved(raw.span.start)..moved(raw.span.end);
            self.looked.raws.push(Traced { event, raw });
        }
    }
}
