//! Writing a cache: what holds as long as the packs are there.

use super::super::below::Below;
use super::super::blobs::Tally;
use super::super::seen::{Seen, Within};
use super::Cache;
use super::file::Writer;
use super::place::replacing;
use super::record::{self, Numbering, Record};
use super::{tidy, ways};
use crate::git::bytes_of;
use crate::git::graph::submodules::Looked;
use crate::git::graph::{AllHeld, Graph};
use crate::git::odb::{Kind, NONE, Number};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;

/// What is written down.
#[derive(Debug)]
pub struct Kept<'k> {
    pub graph: Graph<'k>,
    pub below: &'k Below,
    /// Sorted.
    pub seen: &'k [Seen],
    /// Objects that were not wholly searched.
    pub bounded: &'k [Number],
    /// How much was read of packs.
    pub tally: Tally,
    /// When the oldest part of it was read.
    pub since: i64,
    pub numbering: Numbering,
    pub held: &'k AllHeld,
    pub looked: &'k Looked,
}

/// Of so many objects that are known at least one must be new, for all to be written anew.
const WORTH: u32 = 64;

impl Kept<'_> {
    /// Whether there is enough that is not written down yet.
    fn is_worth_it(&self) -> bool {
        let (known, packed) = (self.graph.store.known(), self.graph.store.packed());
        self.graph.store.was_touched() || (packed > known && packed - known > known / WORTH)
    }

    /// Trees in packs that name, or lost, something loose.
    fn open_trees(&self) -> Vec<Number> {
        let Graph { store, folders, .. } = self.graph;
        let (packed, count) = (store.packed(), store.len() as Number);
        let mut open = Vec::new();
        for child in packed..count {
            open.extend(folders.naming(child).iter().map(|entry| entry.tree).filter(|&tree| tree < packed));
        }
        if count > packed {
            open.extend((0..packed).filter(|&tree| folders.lost(tree).iter().any(|lost| lost.0 >= packed)));
        }
        open
    }
}

impl Cache {
    /// Writes it all, if there is something new and it can be known again.
    ///
    /// # Errors
    /// Why it could not be written, for a person.
    pub fn save(&self, kept: &Kept<'_>) -> Result<(), String> {
        if !kept.is_worth_it() {
            return Ok(());
        }
        // A pack without times of change, or one whose deltas lean on a loose object.
        let (Some(packs), Some(bases)) = (kept.graph.store.marked_packs(), kept.graph.store.packed_bases()) else {
            return Ok(());
        };
        // One that cannot be read, and of which a loose copy can.
        let codes: Option<Vec<u8>> =
            (0..kept.graph.store.packed()).map(|number| kept.graph.store.code(number)).collect();
        let Some(codes) = codes else { return Ok(()) };
        let written = replacing(&self.path).and_then(|(replacing, file)| {
            let mut writer = Writer::new(file, &self.key)?;
            objects(&mut writer, kept, &codes, bases)?;
            let open = kept.open_trees();
            trees(&mut writer, kept, &open)?;
            commits(&mut writer, kept)?;
            paths(&mut writer, kept.below)?;
            sights(&mut writer, kept)?;
            ways::write(&mut writer, kept, open.is_empty())?;
            writer.put(&bytes_of(&self.objects).unwrap_or_default())?;
            writer.end()?;
            for (mark, offsets, order) in packs {
                writer.larges(mark.0)?;
                writer.larges(offsets.iter())?;
                writer.numbers(order.iter().copied())?;
            }
            writer.finish()?;
            // What was made of lists that could not be read is nothing to keep.
            if kept.graph.folders.are_damaged() { Ok(()) } else { replacing.done() }
        });
        tidy::remove_abandoned(self.path.parent().unwrap_or(Path::new(".")));
        written.map_err(|error| {
            format!(
                "the cache {} could not be written ({error}), so that the next audit reads everything again; \
                 `--no-cache` does without, `--cache DIR` names another folder",
                self.path.display()
            )
        })
    }
}

type Written = io::Result<()>;

fn objects(writer: &mut Writer<File>, kept: &Kept<'_>, codes: &[u8], bases: &[Number]) -> Written {
    let Tally { blobs, bytes, binary } = kept.tally;
    writer.larges([kept.since.cast_unsigned(), blobs, bytes, binary, kept.graph.folders.count])?;
    writer.put(codes)?;
    writer.end()?;
    writer.numbers(bases.iter().copied())
}

fn trees(writer: &mut Writer<File>, kept: &Kept<'_>, open: &[Number]) -> Written {
    let (folders, packed) = (kept.graph.folders, kept.graph.store.packed());
    let (names, ends) = folders.names.parts();
    writer.put(names)?;
    writer.end()?;
    writer.larges(ends.iter().copied())?;
    let naming = |child| folders.naming(child).iter().filter(|entry| entry.tree < packed);
    starts(writer, packed, |child| naming(child).count())?;
    writer.pairs((0..packed).flat_map(naming).map(|entry| (entry.name, entry.tree)))?;
    let is_kept = |lost: &&(Number, u32)| lost.0 < packed;
    starts(writer, packed, |tree| folders.lost(tree).iter().filter(is_kept).count())?;
    for tree in 0..packed {
        for &(child, name) in folders.lost(tree).iter().filter(is_kept) {
            writer.number(child)?;
            writer.number(name)?;
        }
    }
    writer.end()?;
    // Trees that name something which is in no pack.
    let missing = folders.again.iter().copied().filter(|&tree| tree < packed);
    let mut again: Vec<Number> = missing.chain(open.iter().copied()).collect();
    again.sort_unstable();
    again.dedup();
    writer.numbers(again)?;
    writer.numbers(folders.submodules.iter().copied().filter(|&tree| tree < packed))
}

/// Where the items of each number begin, and behind them where the last ones end.
fn starts(writer: &mut Writer<File>, count: Number, length: impl Fn(Number) -> usize) -> Written {
    let mut at = 0;
    writer.number(at)?;
    for number in 0..count {
        at += length(number) as u32;
        writer.number(at)?;
    }
    writer.end()
}

fn commits(writer: &mut Writer<File>, kept: &Kept<'_>) -> Written {
    let (commits, packed) = (kept.graph.commits, kept.graph.store.packed());
    // Sorted by number: those of packs come first.
    let count = commits.list.partition_point(|commit| commit.number < packed);
    let list = &commits.list[..count];
    let mut again: Vec<Number> = commits.again.iter().copied().filter(|&number| number < packed).collect();
    writer.pairs(list.iter().map(|commit| (commit.number, if commit.tree < packed { commit.tree } else { NONE })))?;
    writer.larges(list.iter().map(|commit| commit.time().cast_unsigned()))?;
    writer.numbers(list.iter().map(|commit| commit.tie))?;
    let parents = |at: usize| commits.parents(at).iter().copied().filter(|&parent| (parent as usize) < count);
    starts(writer, count as Number, |at| parents(at as usize).count())?;
    writer.numbers((0..count).flat_map(parents))?;
    for (at, commit) in list.iter().enumerate() {
        let is_open = (commit.tree != NONE && commit.tree >= packed) || parents(at).count() < commits.parents(at).len();
        again.extend(is_open.then_some(commit.number));
    }
    let mut tags = Vec::new();
    for (number, id) in commits.tags.iter().filter(|tag| tag.0 < packed) {
        match kept.graph.store.find(id).filter(|&target| target < packed) {
            Some(target) => tags.push((*number, target)),
            None => again.push(*number),
        }
    }
    writer.pairs(tags)?;
    again.sort_unstable();
    again.dedup();
    writer.numbers(again)
}

fn paths(writer: &mut Writer<File>, below: &Below) -> Written {
    below.paths.iter().try_for_each(|path| writer.put(path))?;
    writer.end()?;
    let mut end = 0;
    writer.larges(below.paths.iter().map(|path| {
        end += path.len() as u64;
        end
    }))?;
    writer.pairs(below.lasting.iter().copied())?;
    writer.pairs(below.again.iter().copied())
}

fn sights(writer: &mut Writer<File>, kept: &Kept<'_>) -> Written {
    let (records, again) = records(kept);
    writer.numbers(records.iter().flat_map(Record::numbers))?;
    let mut asked: Vec<Number> = record::objects(&records).0;
    asked.extend_from_slice(&again);
    asked.sort_unstable();
    asked.dedup();
    writer.numbers(again)?;
    let (folders, packed) = (kept.graph.folders, kept.graph.store.packed());
    let (mut ends, mut names) = (Vec::new(), Vec::new());
    for object in asked {
        let own = folders.naming(object).chunk_by(|a, b| a.name == b.name);
        let lasting = own.filter(|same| same.iter().any(|entry| entry.tree < packed));
        names.extend(lasting.map(|same| same[0].name));
        ends.push((object, names.len() as u32));
    }
    writer.pairs(ends)?;
    writer.numbers(names)
}

/// What was seen in packs, and the objects in packs that are looked at again every time.
fn records(kept: &Kept<'_>) -> (Vec<Record>, Vec<Number>) {
    let (store, folders, packed) = (kept.graph.store, kept.graph.folders, kept.graph.store.packed());
    let seen = &kept.seen[..kept.seen.partition_point(|seen| seen.object < packed)];
    let mut again: HashSet<Number> = kept.bounded.iter().copied().filter(|&number| number < packed).collect();
    if (packed as usize) < store.len() {
        let is_lasting = |blob: Number, name: u32| {
            let mut entries = folders.naming(blob).iter();
            entries.any(|entry| entry.name == name && entry.tree < packed)
        };
        // Names that only a loose tree gives, which may be gone tomorrow.
        let has_all = |blob: Number| {
            folders.naming(blob).iter().all(|entry| entry.tree < packed || is_lasting(blob, entry.name))
                && kept.below.of_blob(blob).all(|path| kept.below.lasting.binary_search(&(blob, path)).is_ok())
        };
        let is_blob = |seen: &&Seen| seen.within == Within::Blob;
        again.extend(seen.iter().filter(is_blob).map(|seen| seen.object).filter(|&blob| !has_all(blob)));
        let is_nameless = |blob: &Number| {
            let names = folders.naming(*blob);
            !names.is_empty() && names.iter().all(|entry| entry.tree >= packed)
        };
        again.extend((0..packed).filter(|&blob| store.kind(blob) == Some(Kind::Blob)).filter(is_nameless));
    }
    let records = record::kept(seen, kept.numbering, &mut again);
    let mut again: Vec<Number> = again.into_iter().collect();
    again.sort_unstable();
    (records, again)
}
