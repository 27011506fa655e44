//! What an earlier run found out about packs, so that their entries need not be looked at again.
//!
//! A pack is known again by sizes and inodes of its two files and by when its index was written ([`Mark`]). It is then not verified
//! anew, as git itself does not, unless the time of its data file changed: git sets that anew where it is asked to write an object
//! that a pack holds already. Its name is left out on purpose: it is a hash of what lies in it, and what is made of
//! [`Known`] may be kept in a file.

use super::file::stamp;
use super::offsets::Offsets;
use super::pack::{Made, Pack};
use super::{Kind, NONE, Number, Store};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How the files of a pack are known again: size, time of change and inode of its index, size and inode of its data file; and behind
/// them the time of change of that, which alone says little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub [u64; 6]);

impl Mark {
    /// Looks at the files; `None` where the system does not say.
    #[must_use]
    pub fn of(index: &Path) -> Option<Self> {
        let (index, data) = (stamp(index)?, stamp(&index.with_extension("pack"))?);
        Some(Self([index[0], index[1], index[2], data[0], data[2], data[1]]))
    }

    /// Whether both are of the same files, touched or not.
    #[must_use]
    pub fn is_same_files(&self, other: &Self) -> bool {
        self.0[..5] == other.0[..5]
    }
}

/// A pack that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPack {
    /// Its files.
    pub mark: Mark,
    /// Where each entry begins, and behind them where the last one ends.
    pub offsets: Offsets,
    /// The position in the index of each entry.
    pub order: Vec<u32>,
}

/// The same of a pack that is open.
pub type MarkedPack<'p> = (Mark, &'p Offsets, &'p [u32]);

/// All packs that are known; their objects have the first numbers, in this order.
#[derive(Debug, Default)]
pub struct Known {
    /// The packs.
    pub packs: Vec<KnownPack>,
    /// By number: kind, and whether another copy stands for it; see [`Store::code`].
    pub codes: Vec<u8>,
    /// By number: what it is made from.
    pub bases: Vec<Number>,
}

/// Set in a code where another copy of the object stands for it.
const COPY: u8 = 4;

impl Known {
    /// How many objects there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Whether its lists fit each other. What lies in a file is believed only then.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let count = self.len();
        let fits = |pack: &KnownPack| pack.offsets.len() == pack.order.len() + 1;
        self.bases.len() == count
            && self.packs.iter().map(|pack| pack.order.len()).sum::<usize>() == count
            && self.packs.iter().all(fits)
            && self.codes.iter().all(|&code| code < 2 * COPY)
            && self.bases.iter().all(|&base| base == NONE || (base as usize) < count)
    }
}

/// The kind and the copy in a code.
pub(super) const fn decode(code: u8) -> (Kind, bool) {
    let kind = match code % COPY {
        0 => Kind::Commit,
        1 => Kind::Tree,
        2 => Kind::Blob,
        _ => Kind::Tag,
    };
    (kind, code & COPY != 0)
}

/// Entries looked at in one go.
pub(super) const PART: usize = 16 * 1024;

/// Whether the checksums of all entries of some packs hold, and those of the packs.
pub(super) fn are_sound(packs: &[&Pack], threads: usize) -> bool {
    let parts: Vec<(&Pack, usize)> =
        packs.iter().flat_map(|&pack| (0..pack.len()).step_by(PART).map(move |start| (pack, start))).collect();
    let (next, is_broken) = (AtomicUsize::new(0), AtomicBool::new(false));
    let look = || {
        while let Some((pack, start)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            pack.headers(*start..(start + PART).min(pack.len()), |_, made| {
                if matches!(made, Made::Broken(_)) {
                    is_broken.store(true, Ordering::Relaxed);
                }
            });
            if is_broken.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    if packs.iter().any(|pack| pack.verify().is_some()) {
        return false;
    }
    std::thread::scope(|scope| (0..threads.max(1)).for_each(|_| drop(scope.spawn(look))));
    !is_broken.into_inner()
}

impl Store {
    /// Whether packs that are known were touched since, and verified again.
    #[must_use]
    pub const fn was_touched(&self) -> bool {
        self.was_touched
    }

    /// Kind and copy of an object in one byte; `None` for one that cannot be read.
    #[must_use]
    pub fn code(&self, number: Number) -> Option<u8> {
        let kind = match self.kind(number)? {
            Kind::Commit => 0,
            Kind::Tree => 1,
            Kind::Blob => 2,
            Kind::Tag => 3,
        };
        Some(if self.counts(number) { kind } else { kind | COPY })
    }

    /// How many objects were known before; theirs are the first numbers.
    #[must_use]
    pub const fn known(&self) -> Number {
        self.known
    }

    /// How many objects lie in packs; theirs are the numbers before those of the loose ones.
    #[must_use]
    pub fn packed(&self) -> Number {
        self.loose_first.first().copied().unwrap_or(self.len() as Number)
    }

    /// Each pack with its mark, where its entries begin, and their places in the index; `None` where one cannot be known again.
    #[must_use]
    pub fn marked_packs(&self) -> Option<Vec<MarkedPack<'_>>> {
        self.packs.iter().map(|pack| pack.mark().map(|mark| (mark, pack.offsets(), pack.order()))).collect()
    }

    /// What each object in a pack is made from; `None` where that may not be there tomorrow.
    #[must_use]
    pub fn packed_bases(&self) -> Option<&[Number]> {
        let packed = self.packed();
        let bases = &self.bases[..packed as usize];
        bases.iter().all(|&base| base == NONE || base < packed).then_some(bases)
    }
}
