//! Lists of values by the numbers of objects that they belong to.

use super::Number;
use super::starts::Starts;

/// Below this many bytes, memory that is given back stays with the program: allocators keep it for the next that asks, and
/// take what was given back once as a sign that more of the kind will come.
const KEPT: usize = 33 << 20;

/// Below this many bytes it does not matter.
const SMALL: usize = 64 << 10;

/// An empty list with room for so many, or more, which goes back to the system as a whole once it is dropped. For what is needed for
/// a moment: the room alone, before something lies in it, is no memory in use.
#[must_use]
pub fn lent<T>(count: usize) -> Vec<T> {
    let size = size_of::<T>().max(1);
    Vec::with_capacity(if count <= SMALL / size { count } else { count.max(KEPT / size) })
}

/// Values by the numbers that they belong to, in the order in which they come: where those of each number begin in the second
/// list, with one more at the end, and they. Cheaper than to sort, by far.
pub fn grouped<T: Copy + Default>(count: usize, list: impl Iterator<Item = (Number, T)> + Clone) -> (Vec<u32>, Vec<T>) {
    group(vec![0; count + 2], count, list)
}

/// The same in a list that has room for two more than there are numbers, and is all zeros.
fn group<T: Copy + Default>(
    mut first: Vec<u32>,
    count: usize,
    list: impl Iterator<Item = (Number, T)> + Clone,
) -> (Vec<u32>, Vec<T>) {
    list.clone().for_each(|(number, _)| first[number as usize + 2] += 1);
    for at in 0..count {
        first[at + 2] += first[at + 1];
    }
    let mut values = vec![T::default(); first[count + 1] as usize];
    // Each is put where those of its number go on; in the end that is where the next ones begin.
    for (number, value) in list {
        let next = &mut first[number as usize + 1];
        values[*next as usize] = value;
        *next += 1;
    }
    first.truncate(count + 1);
    (first, values)
}

/// Lists by the numbers of objects.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Lists<T> {
    starts: Starts,
    values: Vec<T>,
}

impl<T> Lists<T> {
    /// Of values with the number that each belongs to, in the order in which they come.
    #[must_use]
    pub fn of(count: usize, list: impl Iterator<Item = (Number, T)> + Clone) -> Self
    where
        T: Copy + Default,
    {
        let (first, values) = group(zeros(count + 2), count, list);
        Self { starts: Starts::of(&first), values }
    }

    /// The same; each is sorted, and has each value once.
    #[must_use]
    pub fn of_sets(count: usize, list: impl Iterator<Item = (Number, T)> + Clone) -> Self
    where
        T: Copy + Default + Ord,
    {
        let (mut first, mut values) = group(zeros(count + 2), count, list);
        sort_and_dedup_each(&mut first, &mut values);
        Self { starts: Starts::of(&first), values }
    }

    /// Of what was kept: where the list of each object begins, with one more at the end, and all values. `None` where it does not
    /// fit a number of objects.
    #[must_use]
    pub fn known(starts: &[u32], values: Vec<T>, count: usize) -> Option<Self> {
        let fits = starts.len() == count + 1
            && starts.is_sorted()
            && starts.last().is_some_and(|&last| last as usize == values.len());
        fits.then(|| Self { starts: Starts::of(starts), values })
    }

    /// That of one object.
    #[must_use]
    pub fn get(&self, number: Number) -> &[T] {
        match self.starts.range(number) {
            Some(range) => &self.values[range],
            None => &[],
        }
    }
}

/// So many zeros, in a list that is [`lent`].
pub(super) fn zeros(count: usize) -> Vec<u32> {
    let mut zeros = lent(count);
    zeros.resize(count, 0);
    zeros
}

/// Sorts the values of each number, and leaves each once.
fn sort_and_dedup_each<T: Copy + Ord>(first: &mut [u32], values: &mut Vec<T>) {
    let mut kept = 0;
    let mut begin = 0;
    for end in &mut first[1..] {
        let range = begin..*end as usize;
        begin = range.end;
        values[range.clone()].sort_unstable();
        let group = kept;
        for at in range {
            if kept == group || values[at] != values[kept - 1] {
                values[kept] = values[at];
                kept += 1;
            }
        }
        *end = kept as u32;
    }
    values.truncate(kept);
    values.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_its_values() {
        let list = [(3, 'c'), (0, 'a'), (3, 'b'), (3, 'c'), (5, 'z')];
        assert_eq!(grouped(6, list.into_iter()), (vec![0, 1, 1, 1, 4, 4, 5], vec!['a', 'c', 'b', 'c', 'z']));
        let lists = Lists::of(6, list.into_iter());
        assert_eq!((lists.get(3), lists.get(4), lists.get(5)), (&['c', 'b', 'c'][..], &[][..], &['z'][..]));
        let sets = Lists::of_sets(6, list.into_iter());
        assert_eq!((sets.get(0), sets.get(3), sets.get(5)), (&['a'][..], &['b', 'c'][..], &['z'][..]));
        assert_eq!((sets.get(6), sets.get(Number::MAX)), (&[][..], &[][..]), "there is no such number");
        assert_eq!(Lists::known(&[0, 1, 1, 1, 3, 3, 4], vec!['a', 'b', 'c', 'z'], 6), Some(sets));
        for wrong in [&[0, 1, 1][..], &[0, 1, 1, 1, 3, 3, 5], &[0, 1, 1, 3, 1, 3, 4]] {
            assert_eq!(Lists::known(wrong, vec!['a', 'b', 'c', 'z'], 6), None);
        }
        assert!(Lists::<u8>::default().get(0).is_empty());
    }
}
