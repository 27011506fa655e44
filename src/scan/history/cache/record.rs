//! What was seen, written down without what it was: where each match stands, and which other one says the same.
//!
//! Of each secret one match is found again in its object, and lends secret, excerpt and all that was judged to those that are like
//! it. So a cache holds neither a secret nor anything made of one: only that there are so many, and where.

use super::super::seen::{Seen, Within};
use crate::git::odb::Number;
use crate::text::{Position, Secret};
use std::collections::{HashMap, HashSet};

/// Numbers of a record.
pub const WIDTH: usize = 9;
/// A view that is the path of that number, and no name.
const PATH: u32 = 1 << 31;
/// The view of a blob that no tree names.
const NAMELESS: u32 = u32::MAX;

/// Where a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Spot {
    object: Number,
    within: u32,
    view: u32,
    rule: u32,
    /// Line and column of its beginning and its end.
    at: [u32; 4],
}

/// A match, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    spot: Spot,
    /// The first record that says the same.
    like: u32,
}

/// How the views of a run are numbered: names, then paths, then the one that is none.
#[derive(Debug, Clone, Copy)]
pub struct Numbering {
    /// How many names there are.
    pub names: u32,
    /// The view of a blob without a name.
    pub nameless: u32,
}

impl Numbering {
    const fn kept(self, view: u32) -> u32 {
        match view {
            _ if view == self.nameless => NAMELESS,
            _ if view >= self.names => PATH | (view - self.names),
            _ => view,
        }
    }

    const fn of(self, kept: u32) -> u32 {
        match kept {
            NAMELESS => self.nameless,
            _ if kept & PATH != 0 => self.names + (kept & !PATH),
            _ => kept,
        }
    }
}

impl Spot {
    /// `None` where a number is too large to be kept.
    fn of(seen: &Seen, numbering: Numbering) -> Option<Self> {
        let numbers = [seen.start.line, seen.start.column, seen.end.line, seen.end.column];
        let mut at = [0; 4];
        for (at, number) in at.iter_mut().zip(numbers) {
            *at = u32::try_from(number).ok()?;
        }
        Some(Self {
            object: seen.object,
            within: seen.within as u32,
            view: if seen.within == Within::Blob { numbering.kept(seen.name) } else { 0 },
            rule: u32::try_from(seen.matched.rule).ok()?,
            at,
        })
    }
}

/// Whether two say the same, but for where they stand.
fn is_like(a: &Seen, b: &Seen) -> bool {
    let (one, other) = (&a.matched, &b.matched);
    a.within == b.within
        && one.rule == other.rule
        && one.secret == other.secret
        && one.confidence == other.confidence
        && one.decoded == other.decoded
        && one.key == other.key
        && one.documented == other.documented
        && one.unguessable == other.unguessable
        && a.excerpt == b.excerpt
        && a.inline == b.inline
}

/// Writes down what was seen in objects that are not in `again`; adds there those that cannot be.
pub fn kept(seen: &[Seen], numbering: Numbering, again: &mut HashSet<Number>) -> Vec<Record> {
    let mut spots = HashSet::new();
    for seen in seen {
        match Spot::of(seen, numbering) {
            Some(spot) if spots.insert(spot) => {}
            _ => {
                again.insert(seen.object);
            }
        }
    }
    type Same<'s> = (usize, Option<&'s Secret>);
    let mut known: HashMap<Same<'_>, Vec<(u32, &Seen)>> = HashMap::new();
    let mut records = Vec::new();
    for seen in seen.iter().filter(|seen| !again.contains(&seen.object)) {
        let Some(spot) = Spot::of(seen, numbering) else { continue };
        let own = records.len() as u32;
        let others = known.entry((seen.matched.rule, seen.matched.secret.as_ref())).or_default();
        let like = others.iter().find(|other| is_like(other.1, seen)).map_or(own, |other| other.0);
        if like == own {
            others.push((own, seen));
        }
        records.push(Record { spot, like });
    }
    records
}

/// Whether the records of a file may be believed.
pub fn are_sound(records: &[Record], objects: usize) -> bool {
    let fits = |(at, record): (usize, &Record)| {
        let like = record.like as usize;
        let leads = records.get(like).is_some_and(|other| other.like == record.like);
        (record.spot.object as usize) < objects && like <= at && leads
    };
    records.iter().enumerate().all(fits)
}

/// The objects of all, and of those that must be found again.
pub fn objects(records: &[Record]) -> (Vec<Number>, Vec<Number>) {
    let first = records.iter().zip(0..).filter(|(record, at)| record.like == *at).map(|(record, _)| record);
    let list = |records: &mut dyn Iterator<Item = &Record>| {
        let mut list: Vec<Number> = records.map(|record| record.spot.object).collect();
        list.sort_unstable();
        list.dedup();
        list
    };
    (list(&mut records.iter()), list(&mut first.into_iter()))
}

/// What was seen in objects that were not searched again, from what was found in those that were. `None` where something is not
/// found again that must be.
pub fn restored(
    records: &[Record],
    found: &[Seen],
    numbering: Numbering,
    is_searched: impl Fn(Number) -> bool,
) -> Option<Vec<Seen>> {
    let found: HashMap<Spot, &Seen> =
        found.iter().filter_map(|seen| Some((Spot::of(seen, numbering)?, seen))).collect();
    let mut out = Vec::new();
    for Record { spot, like } in records.iter().filter(|record| !is_searched(record.spot.object)) {
        let [line, column, end_line, end_column] = spot.at.map(u64::from);
        out.push(Seen {
            object: spot.object,
            name: numbering.of(spot.view),
            start: Position { line, column },
            end: Position { line: end_line, column: end_column },
            ..(*found.get(&records[*like as usize].spot)?).clone()
        });
    }
    Some(out)
}

impl Record {
    /// As it is written.
    pub const fn numbers(&self) -> [u32; WIDTH] {
        let Spot { object, within, view, rule, at } = self.spot;
        [object, within, view, rule, at[0], at[1], at[2], at[3], self.like]
    }

    /// As it was written.
    pub const fn of(numbers: [u32; WIDTH]) -> Self {
        let [object, within, view, rule, a, b, c, d, like] = numbers;
        Self { spot: Spot { object, within, view, rule, at: [a, b, c, d] }, like }
    }
}
