//! Where a text differs from its earlier version, and what must be searched again there.

use super::assign;
use super::prefilter::{BEFORE_WORD, DEPENDS_BEHIND, DEPENDS_CLOSE, Hit, KEYWORD_REACH, LOOKS_BEFORE, NEAR_RUN};
use super::reach::Reach;
use super::versions::LONGEST_STRING;
use crate::text::Copied;
use std::ops::Range;

/// A stretch that is new, or an empty one where bytes are gone.
#[derive(Debug, Clone, Copy)]
struct Change {
    start: u32,
    end: u32,
    /// Where in the earlier version what stands before it ended …
    before: u32,
    /// … and what stands behind it began.
    behind: u32,
}

/// All changes of a text, in ascending order.
pub(super) struct Changes {
    list: Vec<Change>,
    /// The beginning of the line from which an assignment may reach into the change that was asked for last, and that change.
    line: Option<(usize, usize)>,
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
    /// The changes of a text of one length from one of another, `copied` from it. Both have at most four gigabytes.
    pub(super) fn of(length: usize, base_length: usize, copied: &[Copied]) -> Self {
        let (length, base_length) = (length as u32, base_length as u32);
        let mut list = Vec::with_capacity(copied.len() + 1);
        let (mut end, mut base_end) = (0, 0);
        for copy in copied {
            let goes_on = copy.start == end && copy.base == base_end;
            if !goes_on {
                list.push(Change { start: end, end: copy.start, before: base_end, behind: copy.base });
            }
            (end, base_end) = (copy.end(), copy.base_end());
        }
        if end != length || base_end != base_length {
            list.push(Change { start: end, end: length, before: base_end, behind: base_length });
        }
        Self { list, line: None, next: 0 }
    }

    /// Where events are looked for again, in ascending order and without overlaps. Changes close to each other are told of
    /// together; `has_run` says whether a run begins in a range of the earlier version.
    pub(super) fn zones(&self, length: usize, has_run: impl Fn(Range<usize>) -> bool) -> Vec<Zone> {
        let near = |first: u32, last: u32| (first as usize).saturating_sub(NEAR_RUN)..last as usize + NEAR_RUN + 1;
        let is_near = |change: &Change| {
            let Change { before, behind, .. } = *change;
            has_run(near(before, before)) || (before != behind && has_run(near(behind, behind)))
        };
        let mut zones: Vec<Zone> = Vec::new();
        let mut rest = &self.list[..];
        while let Some(&first) = rest.first() {
            // They mostly stand in the earlier version as they do here: then one question is enough for all.
            let (mut lowest, mut highest, mut end) =
                (first.before.min(first.behind), first.before.max(first.behind), first.end);
            let mut count = 1;
            for change in &rest[1..] {
                if (change.start - end) as usize > NEAR_RUN {
                    break;
                }
                lowest = lowest.min(change.before).min(change.behind);
                highest = highest.max(change.before).max(change.behind);
                end = change.end;
                count += 1;
            }
            let (close, others) = rest.split_at(count);
            rest = others;
            let has_run_near = has_run(near(lowest, highest)) && close.iter().any(is_near);
            for change in close {
                let range = if has_run_near { widened(change, length) } else { widened_little(change, length) };
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
        }
        zones
    }

    /// Whether a change lies within the reach of an event, none of which lies before the one that was asked for last.
    pub(super) fn touch(&mut self, text: &[u8], event: Hit, reach: Reach) -> bool {
        if reach.is_escape && self.touch_line(text, event.offset) {
            return true;
        }
        let first = event.offset.saturating_sub(reach.before);
        let passed = self.list[self.next..].iter().take_while(|change| (change.end as usize) < event.offset).count();
        self.next += passed;
        let is_before = self.next.checked_sub(1).is_some_and(|at| self.list[at].end as usize >= first);
        let is_out = |change: &Change| change.start as usize > event.offset + reach.after;
        if !is_before && self.list.get(self.next).is_none_or(is_out) {
            return false;
        }
        let at = self.list.partition_point(|change| (change.end as usize) < first);
        let Some(change) = self.list.get(at).filter(|change| !is_out(change)) else { return false };
        let start = change.start as usize;
        if !reach.by_lines || start <= event.offset {
            return true;
        }
        let floor = match self.line {
            Some((floor, of)) if of == at => floor,
            _ => {
                let first = start.saturating_sub(assign::REACH_AFTER);
                let mut lines = memchr::memrchr_iter(b'\n', &text[first..start]);
                let floor = lines.nth(assign::LINES).map_or(first, |line| first + line);
                self.line = Some((floor, at));
                floor
            }
        };
        event.offset >= floor
    }

    /// Whether a change lies on the line of an offset, or so far from it that strings are not followed there.
    fn touch_line(&self, text: &[u8], offset: usize) -> bool {
        let first = offset.saturating_sub(2 * LONGEST_STRING);
        let mut at = self.list.partition_point(|change| (change.end as usize) < first);
        while let Some(change) = self.list.get(at).filter(|change| change.start as usize <= offset + 2 * LONGEST_STRING)
        {
            let (start, end) = (change.start as usize, change.end as usize);
            let between = if end < offset { end..offset } else { offset..start.max(offset) };
            if memchr::memchr(b'\n', &text[between]).is_none() {
                return true;
            }
            at += 1;
        }
        false
    }
}

/// Where events may come or go with a change.
fn widened(change: &Change, length: usize) -> Range<usize> {
    (change.start as usize).saturating_sub(DEPENDS_BEHIND)..length.min(change.end as usize + LOOKS_BEFORE)
}

/// The same where no run is close.
fn widened_little(change: &Change, length: usize) -> Range<usize> {
    (change.start as usize).saturating_sub(DEPENDS_CLOSE)..length.min(change.end as usize + BEFORE_WORD)
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
