//! One pack: its index, and the entries of its data file.

use super::file::read_exact_at;
use super::grouped::lent;
use super::known::{KnownPack, Mark};
use super::offsets::Offsets;
use super::{Kind, Number};
use gix::odb::pack::data::Entry;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::index;
use rayon::slice::ParallelSliceMut as _;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Read at a time when the whole pack is checked.
const BLOCK: u64 = 1 << 20;
/// The longest header of an entry: ten bytes of size, and an object id or ten bytes of distance.
const HEADER: usize = 48;

/// A pack that could be opened.
pub struct Pack {
    file: File,
    /// The data file, for messages.
    pub path: Arc<Path>,
    index: index::File,
    /// The number of its first entry; entries are numbered in the order of their offsets.
    pub first: Number,
    /// Where each entry begins, and behind them where the last one ends.
    offsets: Offsets,
    /// The position in the index of each entry.
    order: Vec<u32>,
    hash: gix::hash::Kind,
    /// How its files are known again.
    mark: Option<Mark>,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pack").field("path", &self.path).field("first", &self.first).finish_non_exhaustive()
    }
}

/// What an entry is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It is whole.
    Whole(Kind),
    /// From the entry of that number.
    From(Number),
    /// From an object that may lie elsewhere.
    FromId(gix::ObjectId),
    /// It cannot be read, and why.
    Broken(&'static str),
}

/// Where the entries of an index begin, sorted, with the end behind them; and the position in the index of each. Of a pack below
/// 4 GiB the offsets are sorted in half the space; what lies behind its end anyway may be put elsewhere there.
fn by_offset<T: Copy + Into<u64> + Ord + Send>(
    index: &index::File,
    shorten: impl Fn(u64) -> T,
    end: u64,
) -> (Offsets, Vec<u32>) {
    let mut entries: Vec<(T, u32)> = lent(index.num_objects() as usize);
    entries.extend((0..index.num_objects()).map(|at| (shorten(index.pack_offset_at_index(at)), at)));
    entries.par_sort_unstable();
    let mut offsets = Offsets::with_capacity(entries.len() + 1);
    offsets.extend(entries.iter().map(|entry| entry.0.into()).chain([end]));
    (offsets, entries.iter().map(|entry| entry.1).collect())
}

impl Pack {
    /// Opens a pack by the path of its index.
    ///
    /// # Errors
    /// What is wrong with index or data file, for a person.
    pub fn open(index_path: &Path, first: Number, hash: gix::hash::Kind) -> Result<Self, String> {
        // Asked first: files that are replaced while they are read are not taken for known ones.
        let mark = Mark::of(index_path);
        let index = index::File::at(index_path, hash).map_err(|error| format!("its index cannot be read: {error}"))?;
        let path = index_path.with_extension("pack");
        let file = File::open(&path).map_err(|error| format!("cannot be opened: {error}"))?;
        let length = file.metadata().map_err(|error| format!("cannot be read: {error}"))?.len();
        let trailer = hash.len_in_bytes() as u64;
        let count = index.num_objects();
        let mut header = [0; 12];
        read_exact_at(&file, &mut header, 0).map_err(|error| format!("cannot be read: {error}"))?;
        if &header[..4] != b"PACK" || header[8..] != count.to_be_bytes() {
            return Err("is no pack, or does not belong to its index".to_owned());
        }
        let (offsets, order) = match u32::try_from(length) {
            Ok(_) => {
                by_offset(&index, |offset| u32::try_from(offset).unwrap_or(u32::MAX), length.saturating_sub(trailer))
            }
            Err(_) => by_offset(&index, |offset| offset, length.saturating_sub(trailer)),
        };
        Ok(Self { file, path: path.into(), index, first, offsets, order, hash, mark })
    }

    /// Opens a pack of which all is known, and whose mark was compared.
    pub fn open_known(index_path: &Path, first: Number, hash: gix::hash::Kind, known: KnownPack) -> Option<Self> {
        let index = index::File::at(index_path, hash).ok()?;
        let path = index_path.with_extension("pack");
        let file = File::open(&path).ok()?;
        let KnownPack { mark, offsets, order } = known;
        let fits = index.num_objects() as usize == order.len();
        fits.then_some(Self { file, path: path.into(), index, first, offsets, order, hash, mark: Some(mark) })
    }

    /// How its files are known again.
    #[must_use]
    pub const fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// Where each entry begins, and behind them where the last one ends.
    #[must_use]
    pub const fn offsets(&self) -> &Offsets {
        &self.offsets
    }

    /// The position in the index of each entry.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// The numbers of the entries that have an id: one, unless the pack was made by hand.
    pub fn find(&self, id: &gix::oid) -> impl Iterator<Item = Number> {
        let found = self.index.lookup(id);
        let same = move |at: &u32| self.index.oid_at_index(*at) == id;
        let before = (0..found.unwrap_or(0)).rev().take_while(same);
        let behind = found.into_iter().flat_map(|at| at..self.index.num_objects()).take_while(same);
        behind.chain(before).filter_map(|at| {
            let offset = self.index.pack_offset_at_index(at);
            let here = self.offsets.first_from(offset, self.len())..self.len();
            let position = here.take_while(|&position| self.offsets.at(position) == offset);
            position.into_iter().find(|&position| self.order[position] == at).map(|at| self.first + at as Number)
        })
    }

    /// Whether index and data file are what their checksums say, as far as that is cheap to know: the entries have
    /// checksums of their own. Gives what is wrong, for a person.
    #[must_use]
    pub fn verify(&self) -> Option<String> {
        let never = std::sync::atomic::AtomicBool::new(false);
        if self.index.verify_checksum(&mut gix::progress::Discard, &never).is_err() {
            return Some("the checksum of its index does not hold".to_owned());
        }
        let end = self.bytes();
        let mut trailer = vec![0; self.hash.len_in_bytes()];
        match read_exact_at(&self.file, &mut trailer, end) {
            Ok(()) if trailer == self.index.pack_checksum().as_slice() => None,
            Ok(()) => Some("it is cut off, or is not the pack that its index was made for".to_owned()),
            Err(error) => Some(format!("its end cannot be read: {error}")),
        }
    }

    /// Gives back the memory into which the index was read: the system counts what was looked at of it. It is mapped again, where
    /// it is the same still.
    pub fn release(&mut self) {
        if let Ok(index) = index::File::at(self.index.path(), self.hash)
            && index.index_checksum() == self.index.index_checksum()
        {
            self.index = index;
        }
    }

    /// How many entries it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.order.len()
    }

    /// Size of the data file in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.offsets.at(self.len())
    }

    /// The numbers of its entries in the order of their ids.
    pub fn by_id(&self) -> Vec<Number> {
        let mut by_id = vec![0; self.len()];
        for (number, &at) in (self.first..).zip(&self.order) {
            by_id[at as usize] = number;
        }
        by_id
    }

    /// The id of an entry, by its position in the order of offsets.
    #[must_use]
    pub fn id(&self, at: usize) -> &gix::oid {
        self.index.oid_at_index(self.order[at])
    }

    /// The id at a position of the index.
    pub fn id_in_index(&self, position: u32) -> &gix::oid {
        self.index.oid_at_index(position)
    }

    /// The compressed size of an entry with its header, in bytes.
    #[must_use]
    pub fn packed_size(&self, at: usize) -> u64 {
        self.offsets.at(at + 1).saturating_sub(self.offsets.at(at))
    }

    /// Looks at the entries of a range: verifies the checksum that the index has of each, and says what each is made from.
    pub fn headers(&self, range: Range<usize>, mut found: impl FnMut(usize, Made)) {
        let mut buffer = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let start = self.offsets.at(at);
            let mut end = at + 1;
            while end < range.end && self.offsets.at(end + 1).saturating_sub(start) <= BLOCK {
                end += 1;
            }
            let length = self.offsets.at(end).saturating_sub(start);
            if length > BLOCK {
                found(at, self.large(at));
            } else {
                buffer.resize(length as usize, 0);
                let read = read_exact_at(&self.file, &mut buffer, start);
                // They lie all over the index: asked for together, the memory answers several at once.
                let sums: Vec<Option<u32>> = (at..end).map(|entry| self.sum(entry)).collect();
                for (entry, expected) in (at..end).zip(sums) {
                    let position = |at: usize| self.offsets.at(at).checked_sub(start).map(|position| position as usize);
                    // An index that lies, or a pack that is cut off, has entries which begin behind the end of the pack.
                    let part = position(entry).zip(position(entry + 1)).and_then(|(from, to)| buffer.get(from..to));
                    found(
                        entry,
                        match part.filter(|part| read.is_ok() && !part.is_empty()) {
                            Some(part) => {
                                self.made(entry, part, expected.is_none_or(|sum| sum == crc32fast::hash(part)))
                            }
                            // The block may be cut in its last entry only.
                            None => self.large(entry),
                        },
                    );
                }
            }
            at = end;
        }
    }

    /// The same for one entry, read in blocks.
    fn large(&self, at: usize) -> Made {
        let (mut from, end) = (self.offsets.at(at), self.offsets.at(at + 1));
        if from >= end {
            return Made::Broken("the pack ends before it does, or another begins in the same place");
        }
        let mut head = Vec::new();
        let mut sum = crc32fast::Hasher::new();
        let mut buffer = Vec::new();
        while from < end {
            buffer.resize((end - from).min(BLOCK) as usize, 0);
            if read_exact_at(&self.file, &mut buffer, from).is_err() {
                return Made::Broken("the pack ends before it does");
            }
            if head.is_empty() {
                head = buffer[..buffer.len().min(HEADER)].to_vec();
            }
            sum.update(&buffer);
            from += buffer.len() as u64;
        }
        self.made(at, &head, self.sum(at).is_none_or(|expected| expected == sum.finalize()))
    }

    /// The checksum that the index has of an entry; the first version of indexes has none.
    fn sum(&self, at: usize) -> Option<u32> {
        self.index.crc32_at_index(self.order[at])
    }

    fn made(&self, at: usize, head: &[u8], does_sum_hold: bool) -> Made {
        if !does_sum_hold {
            return Made::Broken("its checksum in the pack does not hold");
        }
        let Ok(entry) = Entry::from_bytes(head, self.offsets.at(at), self.hash) else {
            return Made::Broken("its header in the pack is none");
        };
        match entry.header {
            Header::Commit => Made::Whole(Kind::Commit),
            Header::Tree => Made::Whole(Kind::Tree),
            Header::Blob => Made::Whole(Kind::Blob),
            Header::Tag => Made::Whole(Kind::Tag),
            Header::RefDelta { base_id } => Made::FromId(base_id),
            Header::OfsDelta { base_distance } => {
                let base = self.offsets.at(at).checked_sub(base_distance);
                let found = base.map(|base| (base, self.offsets.first_from(base, at)));
                match found.filter(|&(base, position)| position < at && self.offsets.at(position) == base) {
                    Some((_, position)) => Made::From(self.first + position as Number),
                    None => Made::Broken("the base of its delta is no entry of the pack"),
                }
            }
        }
    }

    /// Inflates an entry into `out`: the object, or the delta that makes it.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    pub fn inflate(&self, at: usize, memory: &mut Inflating, out: &mut Vec<u8>) -> Result<(), &'static str> {
        let (start, end) = (self.offsets.at(at), self.offsets.at(at + 1));
        let Inflating { ahead, inflate } = memory;
        let packed = ahead.read(self, start..end).map_err(|_| "the pack ends before it does")?;
        let entry = Entry::from_bytes(packed, start, self.hash).map_err(|_| "its header in the pack is none")?;
        let packed = &packed[(entry.data_offset - start) as usize..];
        let size = usize::try_from(entry.decompressed_size).unwrap_or(usize::MAX);
        // Deflate makes at most 1,032 bytes of one: a size beyond that is a lie, and not worth the memory.
        if size > super::delta::LARGEST || size / 1100 > packed.len() {
            return Err("it is larger than 2 GiB, or its size is a lie");
        }
        // Inflated data is overwritten anyway: only what is new must be cleared.
        out.resize(size, 0);
        inflate.reset();
        match inflate.once(packed, out) {
            Ok((gix::zlib::Status::StreamEnd, _, written)) if written == size => Ok(()),
            _ => Err("it does not inflate to the size that it says"),
        }
    }
}

/// Memory of one worker for inflating.
#[derive(Default)]
pub struct Inflating {
    ahead: Ahead,
    inflate: gix::zlib::Inflate,
}

/// A stretch of a pack. What is made from one entry often lies behind it: with a page read instead of an entry, every second
/// entry is there already.
#[derive(Default)]
struct Ahead {
    pack: Option<Arc<Path>>,
    start: u64,
    bytes: Vec<u8>,
}

/// Bytes read at a time, at least.
const PAGE: u64 = 4096;

impl Ahead {
    fn read(&mut self, pack: &Pack, within: Range<u64>) -> std::io::Result<&[u8]> {
        let known = self.start..self.start + self.bytes.len() as u64;
        let is_same = self.pack.as_ref().is_some_and(|known| Arc::ptr_eq(known, &pack.path));
        if !is_same || within.start < known.start || within.end > known.end {
            let limit = pack.bytes();
            let end = within.end.max((within.start + PAGE).min(limit));
            self.bytes.resize(end.saturating_sub(within.start) as usize, 0);
            // Nothing is known until it is read.
            self.pack = None;
            read_exact_at(&pack.file, &mut self.bytes, within.start)?;
            self.start = within.start;
            self.pack = Some(Arc::clone(&pack.path));
        }
        let first = (within.start - self.start) as usize;
        Ok(&self.bytes[first..first + within.end.saturating_sub(within.start) as usize])
    }
}

impl std::fmt::Debug for Inflating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflating").finish_non_exhaustive()
    }
}
