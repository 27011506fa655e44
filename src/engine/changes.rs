//! Where a text differs from its earlier version, and what must be searched again there.

use super::assign;
use super::prefilter::{BEFORE_WORD, DEPENDS_BEHIND, DEPENDS_CLOSE, Hit, KEYWORD_REACH, LOOKS_BEFORE, NEAR_RUN};
use super::reach::Reach;
use super::versions::LONGEST_STRING;
use std::ops::Range;

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

/// Stretches that are new, and empty ones where bytes are gone.
pub(super) struct Changes {
    ranges: Vec<Range<usize>>,
    /// For each, where in the earlier version what stands before it ended, and what stands behind it began.
    seams: Vec<(usize, usize)>,
    /// For each, the beginning of the line from which an assignment may reach into it, once that was asked.
    lines: Vec<Option<usize>>,
    /// The first that ends behind the event that was asked for last: events come in ascending order.
    next: usize,
}

/// A stretch around changes that is searched again.
pub(super) struct Zone {
    /// Where it lies.
    pub range: Range<usize>,
    /// The earlier version has a run close by: there may be keywords for it.
    pub has_run_near: bool,
}

impl Changes {
    /// The changes of a text of one length from one of another, `copied` from it.
    pub(super) fn of(length: usize, base_length: usize, copied: &[Copied]) -> Self {
        let mut ranges = Vec::with_capacity(copied.len() + 1);
        let mut seams = Vec::with_capacity(copied.len() + 1);
        let (mut end, mut base_end) = (0, 0);
        for copy in copied {
            let goes_on = copy.start == end && copy.base == base_end;
            if !goes_on {
                ranges.push(end..copy.start);
                seams.push((base_end, copy.base));
            }
            (end, base_end) = (copy.start + copy.length, copy.base + copy.length);
        }
        if end != length || base_end != base_length {
            ranges.push(end..length);
            seams.push((base_end, base_length));
        }
        let lines = vec![None; ranges.len()];
        Self { ranges, seams, lines, next: 0 }
    }

    /// Where events are looked for again, in ascending order and without overlaps. Changes close to each other are told of
    /// together; `has_run_near` says whether the earlier version has a run close to an offset.
    pub(super) fn zones(&self, length: usize, has_run_near: impl Fn(usize) -> bool) -> Vec<Zone> {
        let mut zones: Vec<Zone> = Vec::with_capacity(self.ranges.len());
        let mut first = 0;
        while first < self.ranges.len() {
            let gap = |at: usize| self.ranges[at + 1].start - self.ranges[at].end;
            let last = (first..self.ranges.len() - 1).find(|&at| gap(at) > NEAR_RUN).unwrap_or(self.ranges.len() - 1);
            let is_near =
                |&(before, behind): &(usize, usize)| has_run_near(before) || (before != behind && has_run_near(behind));
            let has_run_near = self.seams[first..=last].iter().any(is_near);
            for range in &self.ranges[first..=last] {
                let range = if has_run_near { widened(range, length) } else { widened_little(range, length) };
                // Two with little between them cost more than one with it.
                match zones.last_mut() {
                    Some(last)
                        if last.has_run_near == has_run_near && range.start <= last.range.end + KEYWORD_REACH =>
                    {
                        last.range.end = last.range.end.max(range.end);
                    }
                    _ => zones.push(Zone { range, has_run_near }),
                }
            }
            first = last + 1;
        }
        zones
    }

    /// Whether a change lies within the reach of an event, none of which lies before the one that was asked for last.
    pub(super) fn touch(&mut self, text: &[u8], event: Hit, reach: Reach) -> bool {
        if reach.is_escape && self.touch_line(text, event.offset) {
            return true;
        }
        let first = event.offset.saturating_sub(reach.before);
        let passed = self.ranges[self.next..].iter().take_while(|range| range.end < event.offset).count();
        self.next += passed;
        let is_before = self.next.checked_sub(1).is_some_and(|at| self.ranges[at].end >= first);
        if !is_before && self.ranges.get(self.next).is_none_or(|range| range.start > event.offset + reach.after) {
            return false;
        }
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

/// Where events may come or go with a change.
fn widened(range: &Range<usize>, length: usize) -> Range<usize> {
    range.start.saturating_sub(DEPENDS_BEHIND)..length.min(range.end + LOOKS_BEFORE)
}

/// The same where no run is close.
fn widened_little(range: &Range<usize>, length: usize) -> Range<usize> {
    range.start.saturating_sub(DEPENDS_CLOSE)..length.min(range.end + BEFORE_WORD)
}

/// Where keywords may come with a run in a range.
pub(super) fn around_run(range: Range<usize>, length: usize) -> Range<usize> {
    range.start.saturating_sub(LOOKS_BEFORE)..length.min(range.end + LOOKS_BEFORE)
}

/// Adds a range to some that end in ascending order, which stay so and without overlaps.
pub(super) fn join(ranges: &mut Vec<Range<usize>>, mut range: Range<usize>) {
    while let Some(last) = ranges.last().filter(|last| last.end >= range.start) {
        range = last.start.min(range.start)..last.end.max(range.end);
        ranges.pop();
    }
    ranges.push(range);
}
