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

use super::layers::{RUN_END, RUN_PART};
use super::matcher::{LONG, Matcher};
use super::owners::Owner;
use super::prefilter::{DEPENDS_BEHIND, Hit, LOOKS_BEFORE, MAX_ANCHOR};
use super::{Engine, FileKind, Found, MAX_MATCHES, Raw, Scratch, Text, Work, assign, decode, judge};
use crate::candidate::Candidate;
use std::ops::Range;
use std::sync::Arc;

/// A range of a text that is the same as one of its earlier version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Where it begins in the text.
    pub start: usize,
    /// How many bytes it has.
    pub length: usize,
    /// Where it begins in the earlier version.
    pub base: usize,
}

/// What a file's name says to the search. Two files of one class are searched alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameClass {
    kind: FileKind,
    /// The name alone may make a finding, or the file is judged as a whole.
    by_name: bool,
    /// Rules with conditions on names that hold here.
    allowed: Vec<usize>,
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

/// How far from the beginning of an anchor its owners look.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way of its own in which an owner looks around")]
pub(super) struct Reach {
    before: usize,
    after: usize,
    /// Beyond all bounds: the text is searched whole.
    whole: bool,
    /// Some owner's expression is so long that it is not tried everywhere in a text that is full of its anchors.
    is_long: bool,
    /// Assignments end after some lines, mostly long before their reach does.
    by_lines: bool,
    /// Escapes: the string that they stand in, which no line's end is part of.
    is_escape: bool,
}

/// The number of an event that is no anchor: a run begins.
const RUN: u32 = u32::MAX;
/// What a run is looked at for: encoded text in it, and an escaped slash at its end.
const RUN_REACH: Reach =
    Reach { before: 2 * RUN_PART, after: RUN_END + 8, whole: false, is_long: false, by_lines: false, is_escape: false };
/// How far before and behind a change events may come or go.
const BEFORE_CHANGE: usize = DEPENDS_BEHIND;
const BEHIND_CHANGE: usize = LOOKS_BEFORE;
/// Texts with more escapes, or with longer strings of them, are searched whole: what may be decoded in a text is bounded.
const MOST_ESCAPES: u32 = 256;
const LONGEST_STRING: usize = 2048;
/// The same of the text.
const LARGEST_ESCAPED: usize = 1 << 20;
/// With more than this part of a text to be searched again, it is searched whole: 2 of 3.
const MOST: (usize, usize) = (2, 3);

impl Trace {
    /// One that says nothing: the next version is searched whole.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { class: None, is_binary: false, whole: true, length: 0, events: Vec::new(), raws: Vec::new() }
    }
}

impl Trace {
    /// Whether it is known that no rule saw anything, whatever the file is named.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        !self.whole && self.raws.is_empty()
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
        if base.whole || !same_class || base.is_binary != text.formats_only {
            return self.trace(candidate, class, scratch);
        }
        let changes = Changes::of(text.bytes.len(), base.length, copied);
        let fresh = changes.widened(text.bytes.len());
        let sum: usize = fresh.iter().map(Range::len).sum();
        if sum * MOST.1 > text.bytes.len() * MOST.0 {
            return self.trace(candidate, class, scratch);
        }
        scratch.hits.clear();
        scratch.runs.clear();
        for range in &fresh {
            self.collect(&text, range.clone(), scratch);
        }
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
        let trace = Trace {
            class: Some(Arc::clone(class)),
            is_binary: text.formats_only,
            whole: false,
            length: text.bytes.len(),
            events,
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
    fn holds(&self, number: usize, class: &NameClass) -> bool {
        !self.files.is_conditional(number) || class.allowed.binary_search(&number).is_ok()
    }

    /// How far the owners of an anchor look.
    fn reach(&self, anchor: u32, class: &NameClass) -> Reach {
        if anchor == RUN {
            return RUN_REACH;
        }
        let (mut reach, conditional) = *self.reaches[anchor as usize].get_or_init(|| self.reach_of(anchor));
        if conditional && !class.allowed.is_empty() {
            for owner in self.owners.of_anchor(anchor) {
                if let Owner::Rule(number) = *owner
                    && self.files.is_conditional(number as usize)
                    && self.holds(number as usize, class)
                {
                    reach.widen_to(self.matcher(number as usize).map_or(0, Matcher::longest));
                }
            }
        }
        reach
    }

    /// The same without the rules that do not hold in every file, and whether there are such.
    fn reach_of(&self, anchor: u32) -> (Reach, bool) {
        let mut reach = Reach {
            before: MAX_ANCHOR,
            after: MAX_ANCHOR,
            whole: false,
            is_long: false,
            by_lines: true,
            is_escape: false,
        };
        let mut conditional = false;
        for owner in self.owners.of_anchor(anchor) {
            match *owner {
                Owner::Manifest => reach.whole = true,
                Owner::Percent | Owner::Escape => reach.is_escape = true,
                Owner::Assignment => {
                    reach.before = reach.before.max(assign::REACH_BEFORE);
                    reach.after = reach.after.max(assign::REACH_AFTER);
                }
                Owner::Rule(number) if self.files.is_conditional(number as usize) => conditional = true,
                Owner::Rule(number) => reach.widen_to(self.matcher(number as usize).map_or(0, Matcher::longest)),
            }
        }
        (reach, conditional)
    }
}

impl Reach {
    /// Lets it hold a match of that length wherever the anchor stands in it, and what is looked at around one.
    fn widen_to(&mut self, longest: usize) {
        let around = longest + judge::NEAR + MAX_ANCHOR + 16;
        self.is_long |= longest >= LONG;
        self.by_lines = false;
        self.before = self.before.max(around);
        self.after = self.after.max(around);
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

/// Where a text differs from its earlier version: stretches that are new, and empty ones where bytes are gone.
struct Changes {
    ranges: Vec<Range<usize>>,
    /// For each, the beginning of the line from which an assignment may reach into it, once that was asked.
    lines: Vec<Option<usize>>,
}

impl Changes {
    fn of(length: usize, base_length: usize, copied: &[Copied]) -> Self {
        let mut ranges = Vec::with_capacity(copied.len() + 1);
        let (mut end, mut base_end) = (0, 0);
        for copy in copied {
            let goes_on = copy.start == end && copy.base == base_end;
            if !goes_on {
                ranges.push(end..copy.start);
            }
            (end, base_end) = (copy.start + copy.length, copy.base + copy.length);
        }
        if end != length || base_end != base_length {
            ranges.push(end..length);
        }
        let lines = vec![None; ranges.len()];
        Self { ranges, lines }
    }

    /// Where events are looked for again, merged where that costs no more.
    fn widened(&self, length: usize) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::with_capacity(self.ranges.len());
        for range in &self.ranges {
            let wide = range.start.saturating_sub(BEFORE_CHANGE)..length.min(range.end + BEHIND_CHANGE);
            match out.last_mut() {
                Some(last) if wide.start <= last.end + BEFORE_CHANGE => last.end = last.end.max(wide.end),
                _ => out.push(wide),
            }
        }
        out
    }

    /// Whether a change lies within an event's reach.
    fn touch(&mut self, text: &[u8], event: Hit, reach: Reach) -> bool {
        if reach.is_escape && self.touch_line(text, event.offset) {
            return true;
        }
        let first = event.offset.saturating_sub(reach.before);
        let at = self.ranges.partition_point(|range| range.end < first);
        let Some(range) = self.ranges.get(at) else { return false };
        if range.start > event.offset + reach.after {
            return false;
        }
        if !reach.by_lines || range.start <= event.offset {
            return true;
        }
        let floor = *self.lines[at].get_or_insert_with(|| {
            let first = range.start.saturating_sub(assign::REACH_AFTER);
            memchr::memrchr_iter(b'\n', &text[first..range.start]).nth(assign::LINES).map_or(first, |line| first + line)
        });
        event.offset >= floor
    }
}

impl Changes {
    /// Whether a change lies on the line of an offset, or so far from it that strings are not followed there.
    fn touch_line(&self, text: &[u8], offset: usize) -> bool {
        let first = offset.saturating_sub(2 * LONGEST_STRING);
        let mut at = self.ranges.partition_point(|range| range.end < first);
        while let Some(range) = self.ranges.get(at).filter(|range| range.start <= offset + 2 * LONGEST_STRING) {
            let between = if range.end < offset { range.end..offset } else { offset..range.start.max(offset) };
            if memchr::memchr(b'\n', &text[between]).is_none() {
                return true;
            }
            at += 1;
        }
        false
    }
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
        for copy in copied {
            let first = base.events.partition_point(|event| event.offset < copy.base);
            for event in &base.events[first..] {
                if event.offset >= copy.base + copy.length {
                    break;
                }
                let offset = event.offset - copy.base + copy.start;
                let at = fresh.partition_point(|range| range.end <= offset);
                if fresh.get(at).is_some_and(|range| range.start <= offset) {
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
