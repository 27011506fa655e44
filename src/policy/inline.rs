//! Markers in the text itself: `plainsight: allow RULE -- reason`, and those of other scanners.
//!
//! A marker counts on the line of the secret, or on the line above if nothing else but comment signs stands
//! there. What lies within the secret never counts. How markers are written is in `marker`; whether inline
//! markers hold at all (`--no-inline-allow`) and where a note is shown is for the caller to decide.
//!
//! At most [`REACH`] bytes of a line are looked at on either side, so that a file of one long line costs no more
//! than any other.

mod marker;

use super::reason::safe_reason;
use crate::finding::{SuppressedBy, Suppression};
use marker::{Marker, Named, Reach};
use memchr::{memchr, memrchr};
use std::ops::Range;

/// How many bytes of the secret's line are looked at on either side of it, and how many of the line above.
pub const REACH: usize = 4_096;

/// What the markers near a secret say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InlineJudgement {
    /// One holds.
    Holds(Suppression),
    /// One was meant for it and does not hold.
    Fails {
        /// Where in the text the marker begins.
        offset: usize,
        /// Why it does not, and what to write instead. Repeats nothing of the text.
        note: String,
    },
}

/// Looks for markers that speak of the secret at `span`, which the rule found. `None` where there is none.
#[must_use]
pub fn judge(text: &[u8], span: Range<usize>, rule_id: &str, finding_id: &str) -> Option<InlineJudgement> {
    let near = Near::of(text, span.clone());
    let mut failed = None;
    for segment in [near.after, near.before, near.above] {
        let Some(segment) = segment else { continue };
        for marker in marker::all(segment.bytes(text)) {
            match judge_one(&marker, &segment, rule_id, finding_id) {
                Some(Ok(by)) => {
                    let secret = text.get(span).unwrap_or_default();
                    let reason = marker.reason_at(segment.side).map(|reason| safe_reason(&without(reason, secret)));
                    let origin = marker.name.to_owned();
                    return Some(InlineJudgement::Holds(Suppression { by, origin, reason }));
                }
                Some(Err(note)) if failed.is_none() => {
                    failed = Some(InlineJudgement::Fails { offset: segment.range.start + marker.start, note });
                }
                Some(Err(_)) | None => {}
            }
        }
    }
    failed
}

/// Where a piece of text stands as seen from the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
    /// `whole` is unset where the line begins out of reach, so that nobody can say that it holds nothing else.
    Above {
        whole: bool,
    },
}

#[derive(Debug, Clone)]
struct Segment {
    range: Range<usize>,
    side: Side,
}

impl Segment {
    fn bytes<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.range.clone()]
    }
}

/// The pieces of text in which a marker may stand. The secret is in none of them.
struct Near {
    before: Option<Segment>,
    after: Option<Segment>,
    above: Option<Segment>,
}

impl Near {
    fn of(text: &[u8], span: Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        let (line_start, known) = line_start(text, start);
        let before = Segment { range: line_start..start, side: Side::Before };
        // A secret that ends with a line end has nothing behind it on its last line.
        let after = (end == start || text[end - 1] != b'\n').then(|| {
            let window = &text[end..text.len().min(end + REACH)];
            let line_end = end + memchr(b'\n', window).unwrap_or(window.len());
            Segment { range: end..line_end, side: Side::After }
        });
        let above = (known && line_start > 0).then(|| {
            let above_end = line_start - 1;
            let (above_start, whole) = self::line_start(text, above_end);
            Segment { range: above_start..above_end, side: Side::Above { whole } }
        });
        Self { before: Some(before), after, above }
    }
}

/// The first byte within reach of the line that holds `offset`, and whether the line begins there.
fn line_start(text: &[u8], offset: usize) -> (usize, bool) {
    let floor = offset.saturating_sub(REACH);
    match memrchr(b'\n', &text[floor..offset]) {
        Some(at) => (floor + at + 1, true),
        // The byte before the floor tells whether a line begins exactly there.
        None => (floor, floor == 0 || text[floor - 1] == b'\n'),
    }
}

/// `None` where the marker does not speak of this place; an error where it was meant for it and does not hold.
fn judge_one(
    marker: &Marker<'_>,
    at: &Segment,
    rule_id: &str,
    finding_id: &str,
) -> Option<Result<SuppressedBy, String>> {
    let reaches = match (marker.reach, at.side) {
        (Reach::SameOrAbove | Reach::Same, Side::Before | Side::After) | (Reach::Next, Side::Above { .. }) => true,
        (Reach::SameOrAbove, Side::Above { whole }) => whole && marker.alone,
        (Reach::Same, Side::Above { .. }) | (Reach::Next, Side::Before | Side::After) => false,
    };
    reaches.then(|| match &marker.named {
        Named::Foreign => Ok(SuppressedBy::ForeignInline),
        Named::Ours(names) => ours_holds(marker, names, at.side, rule_id, finding_id).map(|()| SuppressedBy::Inline),
    })
}

fn ours_holds(marker: &Marker<'_>, names: &[&[u8]], side: Side, rule_id: &str, finding_id: &str) -> Result<(), String> {
    let write = format!("write `plainsight: allow {rule_id} -- <reason>`");
    if names.is_empty() {
        return Err(format!("this marker names no rule and does not hold: {write}"));
    }
    if !names.iter().any(|name| name == &rule_id.as_bytes() || name == &finding_id.as_bytes()) {
        return Err(format!(
            "this marker names other rules or findings and does not hold for {rule_id}: {write}, or add it after a \
             comma"
        ));
    }
    if side == Side::Before && !marker.closed {
        return Err(format!(
            "this marker stands before the secret, and no end of a comment ends its reason, so it does not hold: \
             {write} behind it, or on the line above"
        ));
    }
    if marker.reason.is_none() {
        return Err(format!("this marker gives no reason and does not hold: {write}"));
    }
    Ok(())
}

impl<'t> Marker<'t> {
    /// Foreign words ask for no reason, and what follows them before a secret is code.
    fn reason_at(&self, side: Side) -> Option<&'t [u8]> {
        self.reason.filter(|_| side != Side::Before || self.closed)
    }
}

/// The reason without the secret, should somebody have written it there again; a part of it that was cut off
/// at the end of what is read goes too. Of three bytes or fewer, every text would be full.
fn without(reason: &[u8], secret: &[u8]) -> String {
    const SHORTEST: usize = 4;
    let reason = String::from_utf8_lossy(reason);
    let Ok(secret) = std::str::from_utf8(secret) else { return reason.into_owned() };
    if secret.len() < SHORTEST {
        return reason.into_owned();
    }
    let mut reason = reason.replace(secret, "…");
    let lengths = (SHORTEST..secret.len().min(reason.len() + 1)).rev();
    let cut = lengths.filter_map(|length| secret.get(..length)).find(|part| reason.ends_with(part)).map(str::len);
    if let Some(cut) = cut {
        reason.truncate(reason.len() - cut);
        reason.push('…');
    }
    reason
}

#[cfg(test)]
mod tests;
