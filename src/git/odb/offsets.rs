//! Where the entries of a pack begin: four bytes for each, however large the pack is.

/// Offsets that are sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offsets {
    /// The lower half of each …
    low: Vec<u32>,
    /// … and the upper one from a position on, where it is another than before. None for packs below 4 GiB.
    high: Vec<(u32, u32)>,
}

impl Offsets {
    /// None yet, with room for so many.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self { low: Vec::with_capacity(count), high: Vec::new() }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.low.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.low.is_empty()
    }

    /// One of them.
    #[must_use]
    pub fn at(&self, position: usize) -> u64 {
        let low = u64::from(self.low[position]);
        if self.high.is_empty() {
            return low;
        }
        let steps = self.high.partition_point(|step| step.0 as usize <= position);
        steps.checked_sub(1).map_or(low, |last| low | u64::from(self.high[last].1) << 32)
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u64> {
        (0..self.len()).map(|position| self.at(position))
    }

    /// The first of the positions up to `end` at which an offset is not smaller than this one.
    #[must_use]
    pub fn first_from(&self, offset: u64, end: usize) -> usize {
        let (mut first, mut end) = (0, end);
        while first < end {
            let middle = usize::midpoint(first, end);
            if self.at(middle) < offset {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        first
    }
}

impl Extend<u64> for Offsets {
    fn extend<T: IntoIterator<Item = u64>>(&mut self, offsets: T) {
        for offset in offsets {
            let high = (offset >> 32) as u32;
            if self.high.last().map_or(0, |last| last.1) != high {
                self.high.push((self.low.len() as u32, high));
            }
            self.low.push(offset as u32);
        }
    }
}

impl FromIterator<u64> for Offsets {
    fn from_iter<T: IntoIterator<Item = u64>>(offsets: T) -> Self {
        let offsets = offsets.into_iter();
        let mut this = Self::with_capacity(offsets.size_hint().0);
        this.extend(offsets);
        this
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_what_was_put_in() {
        let small = vec![12, 40, 41, 9000];
        let large = vec![12, u64::from(u32::MAX), 1 << 32, (1 << 32) + 5, 7 << 40, (7 << 40) + 1, u64::MAX];
        // The end of a pack may lie before the offsets that a wrong index has.
        let wrong = vec![12, 9 << 32, 400];
        for list in [vec![], small, large, wrong] {
            let offsets: Offsets = list.iter().copied().collect();
            assert_eq!(offsets.len(), list.len());
            assert_eq!(offsets.iter().collect::<Vec<_>>(), list);
            let sorted = if list.is_sorted() { list.len() } else { list.len() - 1 };
            for offset in list.iter().flat_map(|&one| [one.saturating_sub(1), one, one.saturating_add(1)]) {
                let expected = list[..sorted].partition_point(|&one| one < offset);
                assert_eq!(offsets.first_from(offset, sorted), expected, "{offset} in {list:?}");
            }
        }
    }
}
