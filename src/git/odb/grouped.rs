//! Lists of values by the numbers of objects that they belong to.

use super::Number;

/// Where the values of each number begin in a list that is sorted by them; one more at the end.
pub fn starts_of(count: usize, numbers: impl Iterator<Item = Number>) -> Vec<u32> {
    let mut first = vec![0u32; count + 1];
    numbers.for_each(|number| first[number as usize + 1] += 1);
    for at in 0..count {
        first[at + 1] += first[at];
    }
    first
}

/// Values by the numbers that they belong to, in the order in which they come: where those of each number begin, and they.
/// Cheaper than to sort, by far.
pub fn grouped<T: Copy + Default>(count: usize, list: impl Iterator<Item = (Number, T)> + Clone) -> (Vec<u32>, Vec<T>) {
    let first = starts_of(count, list.clone().map(|pair| pair.0));
    let mut next = first.clone();
    let mut values = vec![T::default(); first[count] as usize];
    for (number, value) in list {
        values[next[number as usize] as usize] = value;
        next[number as usize] += 1;
    }
    (first, values)
}

/// The same with the values of each number sorted, and each once.
pub fn grouped_once<T: Copy + Default + Ord>(
    count: usize,
    list: impl Iterator<Item = (Number, T)> + Clone,
) -> (Vec<u32>, Vec<T>) {
    let (mut first, mut values) = grouped(count, list);
    sort_and_dedup_each(&mut first, &mut values);
    (first, values)
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
}
