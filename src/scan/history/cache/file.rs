//! The form of a cache file: a head, lists of numbers or bytes, and where these lie.
//!
//! Head: eight bytes that name the form, the key of what it was made under, and a checksum of both. Then the lists, in little
//! endian, one behind the other. At the end for each list its length in bytes and its checksum, how many there are, and a
//! checksum of that. A file that was cut off, or of which a bit was turned, is noticed; nothing in it is believed before.

use crate::git::odb::read_exact_at;
use std::fs::File;
use std::io::{self, Write};

/// Names the form, and its number: a change of anything that is written changes it.
const MAGIC: &[u8; 8] = b"PSAUDIT2";
/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of the head.
const HEAD: usize = 8 + KEY + 4;
/// Bytes that are read or written at a time.
const BLOCK: usize = 256 * 1024;
/// More lists than this are none.
const MOST_LISTS: u32 = 100_000;

/// Why a file is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Useless {
    /// It was made by another version, or under other rules.
    Foreign,
    /// Its bytes are not those that were written.
    Damaged,
}

/// Writes a file.
pub struct Writer<W> {
    out: W,
    lists: Vec<(u64, u32)>,
    buffer: Vec<u8>,
    sum: crc32fast::Hasher,
    length: u64,
}

impl<W: Write> Writer<W> {
    /// Begins with the head.
    pub fn new(mut out: W, key: &[u8; KEY]) -> io::Result<Self> {
        let head = [&MAGIC[..], key].concat();
        out.write_all(&head)?;
        out.write_all(&crc32fast::hash(&head).to_le_bytes())?;
        Ok(Self {
            out,
            lists: Vec::new(),
            buffer: Vec::with_capacity(BLOCK + 16),
            sum: crc32fast::Hasher::new(),
            length: 0,
        })
    }

    /// Adds to the list.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    /// Adds a number to the list.
    pub fn number(&mut self, number: u32) -> io::Result<()> {
        self.put(&number.to_le_bytes())
    }

    /// Adds a large number to the list.
    pub fn large(&mut self, number: u64) -> io::Result<()> {
        self.put(&number.to_le_bytes())
    }

    /// A whole list of numbers.
    pub fn numbers(&mut self, numbers: impl IntoIterator<Item = u32>) -> io::Result<()> {
        numbers.into_iter().try_for_each(|number| self.number(number))?;
        self.end()
    }

    /// A whole list of large numbers.
    pub fn larges(&mut self, numbers: impl IntoIterator<Item = u64>) -> io::Result<()> {
        numbers.into_iter().try_for_each(|number| self.large(number))?;
        self.end()
    }

    /// A whole list of pairs.
    pub fn pairs(&mut self, pairs: impl IntoIterator<Item = (u32, u32)>) -> io::Result<()> {
        self.numbers(pairs.into_iter().flat_map(|pair| [pair.0, pair.1]))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sum.update(&self.buffer);
        self.length += self.buffer.len() as u64;
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the list.
    pub fn end(&mut self) -> io::Result<()> {
        self.flush()?;
        let sum = std::mem::take(&mut self.sum).finalize();
        self.lists.push((std::mem::take(&mut self.length), sum));
        Ok(())
    }

    /// Ends the file.
    pub fn finish(mut self) -> io::Result<W> {
        let mut tail = Vec::new();
        for (length, sum) in &self.lists {
            tail.extend_from_slice(&length.to_le_bytes());
            tail.extend_from_slice(&sum.to_le_bytes());
        }
        tail.extend_from_slice(&(self.lists.len() as u32).to_le_bytes());
        self.out.write_all(&tail)?;
        self.out.write_all(&crc32fast::hash(&tail).to_le_bytes())?;
        Ok(self.out)
    }
}

/// The head of a file of this form, and how large it is.
fn head(file: &File) -> Result<([u8; HEAD], u64), Useless> {
    let mut head = [0; HEAD];
    let size = file.metadata().map_err(|_| Useless::Damaged)?.len();
    read_exact_at(file, &mut head, 0).map_err(|_| Useless::Damaged)?;
    if crc32fast::hash(&head[..HEAD - 4]).to_le_bytes() != head[HEAD - 4..] {
        return Err(Useless::Damaged);
    }
    if head[..8] == MAGIC[..] { Ok((head, size)) } else { Err(Useless::Foreign) }
}

/// Reads a file.
pub struct Reader {
    file: File,
    /// Where each list begins, its length and its checksum.
    lists: Vec<(u64, u64, u32)>,
}

impl Reader {
    /// Looks at head and end.
    pub fn open(file: File, key: &[u8; KEY]) -> Result<Self, Useless> {
        // One under another key is none of this run, whatever is wrong with it besides.
        let (head, size) = head(&file)?;
        if head[8..8 + KEY] == key[..] { Self::behind(file, size) } else { Err(Useless::Foreign) }
    }

    /// The same, whatever it was made under.
    pub fn open_any(file: File) -> Result<Self, Useless> {
        let (_, size) = head(&file)?;
        Self::behind(file, size)
    }

    fn behind(file: File, size: u64) -> Result<Self, Useless> {
        let read = |out: &mut [u8], at: u64| read_exact_at(&file, out, at).map_err(|_| Useless::Damaged);
        let mut end = [0; 8];
        let tail_end = size.checked_sub(8).filter(|&at| at >= HEAD as u64).ok_or(Useless::Damaged)?;
        read(&mut end, tail_end)?;
        let [count, sum] = [0, 4].map(|at| u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]));
        let length = u64::from(count) * 12;
        let begin = tail_end.checked_sub(length).filter(|&at| at >= HEAD as u64 && count <= MOST_LISTS);
        let begin = begin.ok_or(Useless::Damaged)?;
        let mut tail = vec![0; length as usize + 4];
        read(&mut tail, begin)?;
        if crc32fast::hash(&tail) != sum {
            return Err(Useless::Damaged);
        }
        let mut at = HEAD as u64;
        let mut lists = Vec::with_capacity(count as usize);
        for entry in tail.as_chunks::<12>().0 {
            let (length, sum) = entry.split_at(8);
            let length = length.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
            let sum = sum.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte));
            lists.push((at, length, sum));
            at = at.checked_add(length).filter(|&at| at <= begin).ok_or(Useless::Damaged)?;
        }
        if at == begin { Ok(Self { file, lists }) } else { Err(Useless::Damaged) }
    }

    /// How many lists there are.
    pub const fn len(&self) -> usize {
        self.lists.len()
    }

    /// A list of items of `N` bytes.
    fn items<const N: usize, T>(&self, list: usize, item: impl Fn([u8; N]) -> T) -> Result<Vec<T>, Useless> {
        let &(mut at, mut length, expected) = self.lists.get(list).ok_or(Useless::Damaged)?;
        if !length.is_multiple_of(N as u64) {
            return Err(Useless::Damaged);
        }
        let mut out = Vec::with_capacity((length / N as u64) as usize);
        let mut sum = crc32fast::Hasher::new();
        // A block holds whole items.
        let mut buffer = vec![0; length.min((BLOCK / N * N) as u64) as usize];
        while length > 0 {
            let part = &mut buffer[..length.min((BLOCK / N * N) as u64) as usize];
            read_exact_at(&self.file, part, at).map_err(|_| Useless::Damaged)?;
            sum.update(part);
            out.extend(part.as_chunks::<N>().0.iter().map(|bytes| item(*bytes)));
            at += part.len() as u64;
            length -= part.len() as u64;
        }
        if sum.finalize() == expected { Ok(out) } else { Err(Useless::Damaged) }
    }

    /// A list of bytes.
    pub fn bytes(&self, list: usize) -> Result<Vec<u8>, Useless> {
        self.items(list, |[byte]: [u8; 1]| byte)
    }

    /// A list of numbers.
    pub fn numbers(&self, list: usize) -> Result<Vec<u32>, Useless> {
        self.items(list, u32::from_le_bytes)
    }

    /// A list of large numbers.
    pub fn larges(&self, list: usize) -> Result<Vec<u64>, Useless> {
        self.items(list, u64::from_le_bytes)
    }

    /// A list of pairs.
    pub fn pairs<T>(&self, list: usize, pair: impl Fn(u32, u32) -> T) -> Result<Vec<T>, Useless> {
        self.items(list, |[a, b, c, d, e, f, g, h]: [u8; 8]| {
            pair(u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [usize; 4] = [0, 1, 7, 200_000];

    fn written(key: &[u8; KEY]) -> io::Result<Vec<u8>> {
        let mut writer = Writer::new(Vec::new(), key)?;
        for length in LISTS {
            writer.numbers((0..length).map(|number| number as u32 * 3))?;
        }
        writer.pairs([(1, 2), (3, 4)])?;
        writer.larges([u64::MAX, 0])?;
        writer.put(b"bytes")?;
        writer.end()?;
        writer.finish()
    }

    fn file(bytes: &[u8]) -> io::Result<File> {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        Ok(file)
    }

    #[test]
    fn what_was_written_is_read() -> io::Result<()> {
        let key = [7; KEY];
        let file = file(&written(&key)?)?;
        let reader = Reader::open(file, &key).expect("nothing is wrong with it");
        assert_eq!(reader.len(), 7);
        for (at, length) in LISTS.into_iter().enumerate() {
            assert_eq!(reader.numbers(at), Ok((0..length).map(|number| number as u32 * 3).collect()));
        }
        assert_eq!(reader.pairs(4, |a, b| (b, a)), Ok(vec![(2, 1), (4, 3)]));
        assert_eq!(reader.larges(5), Ok(vec![u64::MAX, 0]));
        assert_eq!(reader.bytes(6), Ok(b"bytes".to_vec()));
        assert_eq!(reader.numbers(7), Err(Useless::Damaged), "there are seven");
        assert_eq!(reader.numbers(6), Err(Useless::Damaged), "five bytes are no numbers");
        Ok(())
    }

    #[test]
    fn another_key_is_told_from_damage() -> io::Result<()> {
        let bytes = written(&[7; KEY])?;
        assert_eq!(Reader::open(file(&bytes)?, &[8; KEY]).err(), Some(Useless::Foreign));
        let all = |bytes: &[u8]| -> Result<(), Useless> {
            let file = file(bytes).map_err(|_| Useless::Foreign)?;
            let reader = Reader::open(file, &[7; KEY])?;
            (0..7).try_for_each(|list| reader.bytes(list).map(drop))
        };
        assert_eq!(all(&bytes), Ok(()));
        for at in (0..200).chain((200..bytes.len()).step_by(9973)).chain(bytes.len() - 200..bytes.len()) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            assert_eq!(all(&bytes), Err(Useless::Damaged), "the byte at {at} was changed");
            assert_eq!(all(&bytes[..at]), Err(Useless::Damaged), "cut off at {at}");
        }
        Ok(())
    }
}
