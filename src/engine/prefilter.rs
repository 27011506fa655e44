//! The first look at every byte: where may a rule match at all?
//!
//! Every match of a rule contains one of its anchors, so the search for a thousand rules is one search for
//! their anchors. An automaton over all of them reads 0.3–0.6 GB/s, and its cost grows with every rule. Three
//! observations make that far cheaper, and nearly independent of the number of rules:
//!
//! 1. Most secrets begin with their anchor, at the beginning of a word, and go on for 16 or more token characters
//!    (`ghp_…`). Such runs are rare in text; only where one begins the prefixes are looked up ([`Kind::Start`]).
//! 2. A secret without a prefix is such a run too, with a keyword close before it. Only before a run that is no
//!    plain identifier the keywords are looked up ([`Kind::Keyword`]).
//!    The same holds for an anchor that stands inside of the run, or before it with something between ([`Kind::Near`]).
//! 3. What remains is looked for everywhere ([`Kind::Free`]): by a few stems that most of it shares (`pass`, `key`, `://`,
//!    `----`), which a vector search of sixteen buckets finds. Anchors without such a stem belong to formats of files
//!    (`machine ` of a netrc, say); they are looked for by the bytes of them that text has least often, in everything but source code ([`Scope`]).
//!
//! The vector pass over every byte is in [`simd`](super::simd). Which anchor is of which kind is derived from the rule's
//! expression by [`place`](crate::rule::place), and proven again by `rules check`.

use super::buckets::{buckets, windows_of};
use super::masks::{Masks, Places, Windows};
use super::simd::{BEYOND, Backend, RUN, STEP, is_word};
use super::stem::{in_buckets, rarest, stem};
use super::table::{PrefixTable, WindowTable};
use super::word::{LOOK, begins_part, behind_escape, is_plain_identifier, opens_escape};
use std::ops::Range;
use std::sync::OnceLock;

pub use crate::rule::place::Kind;

/// The least length of an anchor in bytes.
pub const MIN_ANCHOR: usize = 3;
/// The greatest length of an anchor in bytes: longer ones only make comparing slower.
pub const MAX_ANCHOR: usize = 64;
/// How far before a run its keyword may begin.
pub const KEYWORD_REACH: usize = 96;
/// How far before a range bytes are looked at to tell the events that begin in it.
pub const LOOKS_BEFORE: usize = GLUED + BEFORE_WORD;
/// The same of an event that does not depend on a run close by: to tell that a word begins there, behind an escape maybe.
pub const BEFORE_WORD: usize = 8;
/// How far behind a range bytes are looked at to tell the events that begin in it: a run that a keyword at its end
/// may belong to, and what such a run is told from.
pub const LOOKS_BEHIND: usize = KEYWORD_REACH + GLUED + BEYOND;
/// How far into a run a keyword may begin that is glued to its value, and an anchor that stands in it.
const GLUED: usize = crate::rule::place::NEAR;
/// How far behind its beginning an event depends on the text: to the end of what tells a value from a name, in a run
/// that begins as far behind a keyword as one may.
pub const DEPENDS_BEHIND: usize = KEYWORD_REACH + LOOK + RUN + 8;
/// The same of one that does not depend on a run close by.
pub const DEPENDS_CLOSE: usize = if LOOK + RUN > MAX_ANCHOR { LOOK + RUN } else { MAX_ANCHOR };
/// Where no run begins this close to a stretch of text, no keyword that touches the stretch is one for a run.
pub const NEAR_RUN: usize = MAX_ANCHOR + KEYWORD_REACH + GLUED;
/// Text handled between two looks at the results, so that both stay in the first cache.
const SLICE: usize = 16 * 1024;

/// A literal to look for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor {
    /// Three to 64 bytes; lower case where `any_case` is set.
    pub bytes: Box<[u8]>,
    /// Whether ASCII letters match in either case.
    pub any_case: bool,
    /// Where it is looked for.
    pub kind: Kind,
}

impl Anchor {
    /// Whether the anchor stands in the text at an offset.
    #[must_use]
    pub fn is_at(&self, text: &[u8], offset: usize) -> bool {
        text.get(offset..offset + self.bytes.len()).is_some_and(|bytes| {
            if self.any_case {
                bytes.iter().zip(&self.bytes).all(|(byte, own)| byte.to_ascii_lowercase() == *own)
            } else {
                bytes == &self.bytes[..]
            }
        })
    }
}

/// An anchor found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// Where it begins.
    pub offset: usize,
    /// Its number in the list that the prefilter was made from.
    pub anchor: u32,
}

/// The search for all anchors at once.
#[derive(Debug)]
pub struct Prefilter {
    backend: Backend,
    anchors: Vec<Anchor>,
    starts: PrefixTable,
    /// Keywords: they stand close to a run, where a part of a name begins.
    keywords: PrefixTable,
    /// Anchors that stand anywhere close to a run, and keywords that begin like no name.
    near: PrefixTable,
    /// Of `near`, and then of `keywords`.
    close: [Windows; 4],
    windows: [Windows; 2],
    free: WindowTable,
    /// Free anchors without a stem, built when the first text asks for them.
    others: OnceLock<Others>,
}

/// Free anchors without a stem.
#[derive(Debug)]
struct Others {
    table: WindowTable,
    /// Theirs behind those of the anchors with a stem.
    windows: [Windows; 4],
}

/// What is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every anchor.
    All,
    /// Not those that belong to formats of files: what source code is searched for.
    Code,
}

/// Memory that a search uses and gives back; one for each worker.
#[derive(Debug, Default)]
pub struct Scratch {
    masks: Masks,
    close: Places,
}

/// Something that deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An anchor.
    Anchor(Hit),
    /// A run of at least [`RUN`] token characters that is no plain identifier begins here: it may be encoded.
    Run(usize),
}

impl Prefilter {
    /// Builds the tables. Anchors outside of [`MIN_ANCHOR`] and [`MAX_ANCHOR`] are never found: the rule loader
    /// refuses them.
    #[must_use]
    pub fn new(anchors: Vec<Anchor>) -> Self {
        let numbered = |kind: Kind| {
            (0u32..).zip(&anchors).filter(move |(_, anchor)| {
                anchor.kind == kind && (MIN_ANCHOR..=MAX_ANCHOR).contains(&anchor.bytes.len())
            })
        };
        let starts = PrefixTable::new(numbered(Kind::Start).map(|(number, anchor)| (number, &*anchor.bytes)), false);
        let is_name = |anchor: &Anchor| anchor.bytes.first().is_some_and(|&byte| is_word(byte));
        let keywords = numbered(Kind::Keyword).filter(|(_, anchor)| is_name(anchor));
        let keywords: Vec<(u32, &[u8])> = keywords.map(|(number, anchor)| (number, &*anchor.bytes)).collect();
        let near = numbered(Kind::Near).chain(numbered(Kind::Keyword).filter(|(_, anchor)| !is_name(anchor)));
        let near: Vec<(u32, &[u8])> = near.map(|(number, anchor)| (number, &*anchor.bytes)).collect();
        let [first, second] = windows_of(near.iter().map(|&(_, bytes)| bytes));
        let [third, fourth] = windows_of(keywords.iter().map(|&(_, bytes)| bytes));
        let close = [first, second, third, fourth];
        let [near, keywords] = [near, keywords].map(|anchors| PrefixTable::new(anchors.into_iter(), true));
        let (windows, free) =
            WindowTable::new(numbered(Kind::Free).map(|(number, anchor)| (number, &*anchor.bytes)), stem);
        let windows = in_buckets(&windows);
        let (backend, others) = (Backend::detect(), OnceLock::new());
        Self { backend, anchors, starts, keywords, near, close, windows, free, others }
    }

    /// The same search in a given form.
    #[must_use]
    pub fn in_form(self, backend: Backend) -> Self {
        Self { backend, ..self }
    }

    /// The anchors it looks for, in the order of their numbers.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Finds every anchor that begins in `within`, in no fixed order; a keyword may come more than once, for
    /// several runs. Bytes outside of `within` are looked at where the answer depends on them, up to [`LOOKS_BEFORE`] and
    /// [`LOOKS_BEHIND`] bytes away: the hits of a text are the union of the hits of its parts.
    pub fn search(
        &self,
        text: &[u8],
        within: Range<usize>,
        scope: Scope,
        scratch: &mut Scratch,
        found: impl FnMut(Event),
    ) {
        let last = within.end.saturating_add(KEYWORD_REACH + GLUED).min(text.len());
        let at = within.start.saturating_sub(LOOKS_BEFORE).min(last);
        self.search_part(text, at..last, within, scope, Some(0), scratch, found);
    }

    /// As [`search`](Self::search), without keywords and whatever else asks for a run close by. Most stretches of text have no
    /// run, and where none is, and none begins within [`NEAR_RUN`] bytes of them, the answer is the same.
    pub fn search_without_keywords(
        &self,
        text: &[u8],
        within: Range<usize>,
        scope: Scope,
        scratch: &mut Scratch,
        found: impl FnMut(Event),
    ) {
        let deepest = if scope == Scope::All { self.others().table.deepest() } else { 0 };
        let last = within.end.saturating_add(self.free.deepest().max(deepest)).min(text.len());
        let at = within.start.saturating_sub(BEFORE_WORD).min(last);
        self.search_part(text, at..last, within, scope, None, scratch, found);
    }

    /// Reads a part of the text, and tells of what begins `within`. Up to `known` keywords were searched for already.
    #[expect(clippy::too_many_arguments, reason = "the state of one search, taken apart for the borrow checker")]
    fn search_part(
        &self,
        text: &[u8],
        part: Range<usize>,
        within: Range<usize>,
        scope: Scope,
        mut known: Option<usize>,
        scratch: &mut Scratch,
        mut found: impl FnMut(Event),
    ) {
        let (mut at, last) = (part.start, part.end);
        let mut report = |event: Event| {
            let offset = match event {
                Event::Anchor(hit) => hit.offset,
                Event::Run(offset) => offset,
            };
            if within.contains(&offset) {
                found(event);
            }
        };
        let others = (scope == Scope::All).then(|| self.others());
        while at + STEP + BEYOND <= text.len() && at < last {
            let room = (text.len() - at - BEYOND).min(SLICE).min((last - at).next_multiple_of(STEP));
            let length = room / STEP * STEP;
            self.scan(&text[at..at + length + BEYOND], at, text, others, &mut known, scratch, &mut report);
            at += length;
        }
        if at < last {
            // What is left is less than a step and its look-ahead; zeros behind it belong to no word and no anchor.
            let mut padded = [0; 2 * (STEP + BEYOND)];
            let rest = &text[at..text.len().min(at + STEP + BEYOND)];
            padded[..rest.len()].copy_from_slice(rest);
            self.scan(&padded, at, text, others, &mut known, scratch, &mut report);
        }
    }

    /// The free anchors that have no stem.
    fn others(&self) -> &Others {
        self.others.get_or_init(|| {
            let listed = (0u32..).zip(&self.anchors).filter(|(_, anchor)| is_other(anchor));
            let [first, second] = self.windows.clone();
            let listed = listed.map(|(number, anchor)| (number, &*anchor.bytes));
            let (mut rarest, table) = WindowTable::new(listed, rarest);
            let [third, fourth] = buckets(&mut rarest);
            Others { table, windows: [first, second, third, fourth] }
        })
    }

    /// Scans a part of the text that begins at `base`, and looks at what the masks point to. Up to `known` the text was
    /// searched for anchors close to a run; without it, it is not.
    #[expect(clippy::too_many_arguments, reason = "the state of one search, taken apart for the borrow checker")]
    fn scan(
        &self,
        part: &[u8],
        base: usize,
        text: &[u8],
        others: Option<&Others>,
        known: &mut Option<usize>,
        scratch: &mut Scratch,
        found: &mut impl FnMut(Event),
    ) {
        let before = base.checked_sub(1).map_or(0, |at| text[at]);
        let Scratch { masks, close } = scratch;
        match others {
            None => self.backend.scan(part, before, &self.windows, masks),
            Some(others) => self.backend.scan(part, before, &others.windows, masks),
        }
        // Most literals are none: told first, without a branch for each.
        masks.literals.retain(|offset| {
            let Some(four) = four_from_before(text, base + offset as usize) else { return true };
            self.free.may_have(four) | others.is_some_and(|others| others.table.may_have(four))
        });
        for &offset in masks.literals.list() {
            let at = base + offset as usize;
            self.free.look_up(text, at, |number, begin| self.verify(text, number, begin, found));
            if let Some(others) = others {
                others.table.look_up(text, at, |number, begin| self.verify(text, number, begin, found));
            }
        }
        // Of the words most are names that begin like no anchor.
        masks.retain_starts(|offset| {
            let Some(four) = four_from_before(text, base + offset as usize) else { return true };
            let [before, ..] = four.to_le_bytes();
            self.starts.may_have(four >> 8) | opens_escape(before)
        });
        for &offset in masks.starts.list() {
            // A word begins here and goes on for at least `RUN` token characters.
            let start = base + offset as usize;
            self.starts.look_up(text, start, |number| self.verify(text, number, start, found));
            if let Some(escaped) = behind_escape(text, start) {
                self.starts.look_up(text, escaped, |number| self.verify(text, number, escaped, found));
            }
            if !masks.is_name(offset).unwrap_or_else(|| is_plain_identifier(text, start)) {
                found(Event::Run(start));
                let Some(known) = known else { continue };
                let first = start.saturating_sub(KEYWORD_REACH).max(*known);
                *known = (start + GLUED).min(text.len()).max(first);
                self.search_close(text, first..*known, close, found);
            }
        }
    }

    /// Looks for keywords and for anchors that stand anywhere close to a run.
    fn search_close(&self, text: &[u8], within: Range<usize>, close: &mut Places, found: &mut impl FnMut(Event)) {
        let look_up = |at: usize| {
            let begins_part = begins_part(at.checked_sub(1).map_or(0, |at| text[at]), text[at]);
            if begins_part {
                self.keywords.look_up(text, at, |number| self.verify(text, number, at, found));
            }
            self.near.look_up(text, at, |number| {
                if begins_part || self.anchors[number as usize].kind == Kind::Near {
                    self.verify(text, number, at, found);
                }
            });
        };
        let length = within.len().next_multiple_of(STEP) + BEYOND;
        let Some(part) = text.get(within.start..within.start + length) else {
            within.for_each(look_up);
            return;
        };
        self.backend.literals(part, &self.close, close);
        close.retain(|offset| {
            let Some(four) = four_from_before(text, within.start + offset as usize) else { return true };
            self.keywords.may_have(four >> 8) | self.near.may_have(four >> 8)
        });
        close
            .list()
            .iter()
            .map(|&offset| within.start + offset as usize)
            .filter(|at| within.contains(at))
            .for_each(look_up);
    }

    #[inline]
    fn verify(&self, text: &[u8], number: u32, begin: usize, found: &mut impl FnMut(Event)) {
        if self.anchors[number as usize].is_at(text, begin) {
            found(Event::Anchor(Hit { offset: begin, anchor: number }));
        }
    }
}

/// The byte before an offset, in the lowest bits, and the three from there; `None` at the ends of the text.
#[inline]
fn four_from_before(text: &[u8], offset: usize) -> Option<u32> {
    let bytes = text.get(offset.wrapping_sub(1)..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// Whether an anchor is looked for in everything but source code.
fn is_other(anchor: &Anchor) -> bool {
    anchor.kind == Kind::Free
        && stem(&anchor.bytes).is_none()
        && (MIN_ANCHOR..=MAX_ANCHOR).contains(&anchor.bytes.len())
}

#[cfg(test)]
mod tests;
