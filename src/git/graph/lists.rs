//! Lists by the numbers of the objects that they belong to.

use super::super::odb::Number;
use super::super::odb::grouped::grouped_once;

/// Lists by the numbers of objects.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Lists<T> {
    /// Where that of each object begins; one more at the end.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy + Ord> Lists<T> {
    /// Of values with the number that each belongs to; each is sorted, and has each value once.
    pub(super) fn grouped(count: usize, list: impl Iterator<Item = (Number, T)> + Clone) -> Self
    where
        T: Default,
    {
        let (starts, values) = grouped_once(count, list);
        Self { starts, values }
    }

    /// Of what was kept. `None` where it does not fit a number of objects.
    #[must_use]
    pub fn known(starts: Vec<u32>, values: Vec<T>, count: usize) -> Option<Self> {
        let fits = starts.len() == count + 1
            && starts.is_sorted()
            && starts.last().is_some_and(|&last| last as usize == values.len());
        fits.then_some(Self { starts, values })
    }

    /// That of one object.
    pub(super) fn get(&self, number: Number) -> &[T] {
        match self.starts.get(number as usize..number as usize + 2) {
            Some(range) => &self.values[range[0] as usize..range[1] as usize],
            None => &[],
        }
    }
}
