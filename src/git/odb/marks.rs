//! A bit for each object.

use super::Number;

/// Marked objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(Vec<u32>);

impl Marks {
    /// None of so many objects.
    #[must_use]
    pub fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(32)])
    }

    /// As they were kept.
    #[must_use]
    pub const fn of(words: Vec<u32>) -> Self {
        Self(words)
    }

    /// Those of the first objects, to be kept.
    pub fn words(&self, count: Number) -> impl Iterator<Item = u32> {
        let last = count / 32;
        (0..count.div_ceil(32)).map(move |at| {
            let word = self.0.get(at as usize).copied().unwrap_or(0);
            if at == last { word & ((1 << (count % 32)) - 1) } else { word }
        })
    }

    /// Whether an object is marked.
    #[must_use]
    pub fn has(&self, number: Number) -> bool {
        self.0.get(number as usize / 32).is_some_and(|word| word & (1 << (number % 32)) != 0)
    }

    /// Marks one; whether it was not.
    pub fn mark(&mut self, number: Number) -> bool {
        let word = &mut self.0[number as usize / 32];
        let is_new = *word & (1 << (number % 32)) == 0;
        *word |= 1 << (number % 32);
        is_new
    }

    /// Takes a mark away.
    pub fn unmark(&mut self, number: Number) {
        self.0[number as usize / 32] &= !(1 << (number % 32));
    }
}
