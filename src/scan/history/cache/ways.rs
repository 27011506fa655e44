//! Who holds what was seen, and what tips name as submodules, as it is written down.

use super::file::{Reader, Useless, Writer};
use super::load::list;
use super::save::Kept;
use crate::git::graph::down::leading;
use crate::git::graph::submodules::Looked;
use crate::git::graph::{Held, KnownHeld, Names, Runs};
use crate::git::odb::{Marks, Number};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;

/// More submodules of tips than this, counted for each tip, are not kept.
const MOST_ROOTS: usize = 1 << 20;

/// Writes both, or that there is neither.
pub fn write(writer: &mut Writer<File>, kept: &Kept<'_>, is_closed: bool) -> io::Result<()> {
    let packed = kept.graph.store.packed();
    // Trees in packs that name something loose: who holds what may be otherwise tomorrow.
    if !is_closed {
        return (list::WIDEST..list::PLACE).try_for_each(|_| writer.end());
    }
    let known = kept.held.lasting(kept.graph);
    writer.larges([known.widest as u64])?;
    held(writer, &known)?;
    writer.numbers(known.leading.words(packed))?;
    let Looked { roots, sets, leading: looked } = kept.looked;
    let roots = roots.iter().copied().filter(|root| root.0 < packed);
    writer.pairs(roots.take(MOST_ROOTS))?;
    texts(writer, sets.iter().map(Vec::as_slice))?;
    let submodules = kept.graph.folders.submodules.iter().copied();
    if submodules.len() == 0 {
        return writer.end();
    }
    // Where nothing was known, all of it was just found out.
    if kept.graph.store.known() == 0 {
        return writer.numbers(looked.words(packed));
    }
    writer.numbers(leading(kept.graph, submodules).words(packed))
}

fn held(writer: &mut Writer<File>, known: &KnownHeld) -> io::Result<()> {
    let mut paths: Vec<&[u8]> = Vec::new();
    let mut numbers: HashMap<&[u8], u32> = HashMap::new();
    let mut ends = [0; 3];
    let all = || known.held.values().flatten();
    writer.pairs(known.held.iter().map(|(object, held)| {
        ends[0] += held.len() as u32;
        (*object, ends[0])
    }))?;
    for held in all() {
        let path = *numbers.entry(&held.path).or_insert_with(|| {
            paths.push(&held.path);
            paths.len() as u32 - 1
        });
        ends[1] += held.commits.parts().len() as u32;
        ends[2] += held.trees.len() as u32;
        [path, ends[1], ends[2]].into_iter().try_for_each(|number| writer.number(number))?;
    }
    writer.end()?;
    writer.pairs(all().flat_map(|held| held.commits.parts().iter().copied()))?;
    writer.numbers(all().flat_map(|held| held.trees.iter().copied()))?;
    texts(writer, paths.into_iter())
}

/// Texts, and where each ends.
fn texts<'t>(writer: &mut Writer<File>, texts: impl Iterator<Item = &'t [u8]>) -> io::Result<()> {
    let (mut ends, mut end) = (Vec::new(), 0);
    for text in texts {
        writer.put(text)?;
        end += text.len() as u64;
        ends.push(end);
    }
    writer.end()?;
    writer.larges(ends)
}

fn read_texts(reader: &Reader, at: usize) -> Result<Vec<Vec<u8>>, Useless> {
    let texts = Names::known(reader.bytes(at)?, reader.larges(at + 1)?).ok_or(Useless::Damaged)?;
    Ok((0..texts.len() as u32).map(|text| texts.name(text).to_vec()).collect())
}

/// Reads who holds what, if that was kept. It is believed if it fits a number of commits and one of objects.
pub fn read_held(reader: &Reader, commits: usize, objects: usize) -> Result<Option<KnownHeld>, Useless> {
    let widest = reader.larges(list::WIDEST)?;
    let Some(&widest) = widest.first() else { return Ok(None) };
    let lists = Lists {
        paths: read_texts(reader, list::HELD_PATHS)?,
        ends: reader.pairs(list::HELD, |object, end| (object, end))?,
        steps: reader.numbers(list::HELD_STEPS)?,
        runs: reader.pairs(list::HELD_RUNS, |first, last| (first, last))?,
        trees: reader.numbers(list::HELD_TREES)?,
    };
    let held = lists.held(commits, objects).ok_or(Useless::Damaged)?;
    let leading = Marks::of(reader.numbers(list::HELD_LEADING)?);
    Ok(Some(KnownHeld { held, leading, widest: usize::try_from(widest).unwrap_or(usize::MAX) }))
}

/// Who holds what, as it was written.
struct Lists {
    paths: Vec<Vec<u8>>,
    /// Objects, and where the steps of each end.
    ends: Vec<(Number, u32)>,
    /// Three numbers each: the path, and where runs and trees end.
    steps: Vec<u32>,
    runs: Vec<(u32, u32)>,
    trees: Vec<Number>,
}

impl Lists {
    /// `None` where something does not fit.
    fn held(&self, commits: usize, objects: usize) -> Option<BTreeMap<Number, Vec<Held>>> {
        let is_object = |&number: &Number| (number as usize) < objects;
        let (mut all, mut at, mut begin) = (BTreeMap::new(), 0, (0, 0));
        for &(object, end) in &self.ends {
            let mut held = Vec::new();
            for &[path, run, tree] in self.steps.as_chunks::<3>().0.get(at..end as usize)? {
                let (run, tree) = (run as usize, tree as usize);
                let runs = Runs::of_parts(self.runs.get(begin.0..run)?.to_vec())?;
                let trees = self.trees.get(begin.1..tree)?.to_vec();
                begin = (run, tree);
                if runs.parts().last().is_some_and(|last| last.1 as usize > commits) || !trees.iter().all(is_object) {
                    return None;
                }
                held.push(Held { path: self.paths.get(path as usize)?.clone(), commits: runs, trees });
            }
            at = end as usize;
            all.insert(Some(object).filter(is_object)?, held);
        }
        Some(all)
    }
}

/// Reads what tips name, if that was kept.
pub fn read_looked(reader: &Reader, objects: usize) -> Result<Option<Looked>, Useless> {
    if reader.larges(list::WIDEST)?.is_empty() {
        return Ok(None);
    }
    let roots = reader.pairs(list::ROOTS, |root, set| (root, set))?;
    let sets = read_texts(reader, list::SETS)?;
    let leading = Marks::of(reader.numbers(list::SETS_LEADING)?);
    let looked = Looked { roots, sets, leading };
    if looked.is_sound(objects) { Ok(Some(looked)) } else { Err(Useless::Damaged) }
}
