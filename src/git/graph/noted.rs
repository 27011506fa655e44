//! What one worker notes while it reads trees: which tree has, or lost, which object under which name. Half as many bytes as
//! three numbers; there are millions of them, all at once in the end.

use super::super::odb::grouped::lent;
use super::super::odb::{NONE, Number};

/// A tree, an object and a name.
pub(super) type Note = (Number, Number, u32);

/// Notes, in the order in which they came.
///
/// Each is the name with a bit that says whether the tree is another than before, that tree if it is, and the object: numbers of
/// seven bits a byte, the lowest first, the eighth set where another byte follows.
#[derive(Debug)]
pub(super) struct Noted {
    parts: Vec<Vec<u8>>,
    tree: Number,
    /// How many bytes a part has room for, at least.
    room: usize,
}

/// Bytes of a note, at most.
const LONGEST: usize = 15;

/// Bytes of a part, at least.
const PAGE: usize = 4096;

impl Default for Noted {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Noted {
    /// None yet, about so many objects.
    pub(super) const fn of(objects: usize) -> Self {
        Self { parts: Vec::new(), tree: NONE, room: if objects < PAGE { PAGE } else { objects } }
    }

    /// Adds one. [`NONE`] is no tree.
    pub(super) fn push(&mut self, (tree, object, name): Note) {
        let is_other = std::mem::replace(&mut self.tree, tree) != tree;
        if self.parts.last().is_none_or(|part| part.capacity() - part.len() < LONGEST) {
            self.parts.push(lent(self.room));
        }
        let Some(part) = self.parts.last_mut() else { return };
        put(part, u64::from(name) << 1 | u64::from(is_other));
        if is_other {
            put(part, u64::from(tree));
        }
        put(part, u64::from(object));
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// All of them.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter { parts: self.parts.iter(), left: &[], tree: NONE }
    }
}

fn put(part: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        part.push(number as u8 | 0x80);
        number >>= 7;
    }
    part.push(number as u8);
}

/// Goes through notes.
#[derive(Debug, Clone)]
pub(super) struct Iter<'n> {
    parts: std::slice::Iter<'n, Vec<u8>>,
    left: &'n [u8],
    tree: Number,
}

impl Iter<'_> {
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = self.left.split_first()?;
            self.left = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }
}

impl Iterator for Iter<'_> {
    type Item = Note;

    fn next(&mut self) -> Option<Note> {
        if self.left.is_empty() {
            self.left = self.parts.next()?;
        }
        let name = self.number()?;
        if name & 1 != 0 {
            self.tree = self.number()? as Number;
        }
        let object = self.number()? as Number;
        Some((self.tree, object, (name >> 1) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_read() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 1 << 28, NONE - 1];
        let mut all: Vec<Note> = Vec::new();
        for tree in numbers {
            for object in numbers {
                all.extend(numbers.map(|name| (tree, object, name)));
            }
        }
        let mut noted = Noted::of(5);
        assert!(noted.is_empty() && noted.iter().next().is_none());
        for &note in &all {
            noted.push(note);
        }
        assert_eq!(noted.iter().collect::<Vec<_>>(), all);
        assert_eq!(noted.iter().clone().count(), all.len());
        assert!(noted.parts.len() > 1, "it goes on where a part ends");
    }
}
