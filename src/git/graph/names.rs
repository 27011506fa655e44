//! Names of entries of trees, each once.

use std::collections::HashMap;

/// Names by number.
#[derive(Debug, Default)]
pub struct Names {
    /// All names, one behind the other …
    bytes: Vec<u8>,
    /// … and where each ends.
    ends: Vec<u64>,
    /// Filled once a number is asked for.
    numbers: HashMap<Box<[u8]>, u32, foldhash::quality::RandomState>,
    /// What was asked for last: a changed entry is taken away and added under one name.
    last: u32,
}

impl Names {
    /// Names that were numbered before: the bytes of all, and where each ends. `None` where these do not fit.
    #[must_use]
    pub fn known(bytes: Vec<u8>, ends: Vec<u64>) -> Option<Self> {
        let last = ends.last().map_or(0, |&end| end as usize);
        (ends.is_sorted() && last == bytes.len()).then(|| Self { bytes, ends, ..Self::default() })
    }

    /// The number of a name, which is new or known.
    pub fn number(&mut self, name: &[u8]) -> u32 {
        if self.numbers.len() < self.ends.len() {
            self.numbers = (0..self.ends.len() as u32).map(|number| (self.name(number).into(), number)).collect();
        }
        if (self.last as usize) < self.len() && self.name(self.last) == name {
            return self.last;
        }
        if let Some(&number) = self.numbers.get(name) {
            self.last = number;
            return number;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len() as u64);
        self.numbers.insert(name.into(), number);
        self.last = number;
        number
    }

    /// A name by its number.
    #[must_use]
    pub fn name(&self, number: u32) -> &[u8] {
        let first = if number == 0 { 0 } else { self.ends[number as usize - 1] };
        &self.bytes[first as usize..self.ends[number as usize] as usize]
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of all names, and where each ends.
    #[must_use]
    pub fn parts(&self) -> (&[u8], &[u64]) {
        (&self.bytes, &self.ends)
    }
}
