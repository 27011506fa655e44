//! Sets of commits or refs as bits: to put them together, and where there are many of them.

use crate::git::graph::Runs;

/// A bit for each. One of commits is empty between two uses.
#[derive(Debug, Clone)]
pub struct Set {
    bits: Vec<u64>,
}

impl Set {
    /// None of so many.
    pub fn of(count: usize) -> Self {
        Self { bits: vec![0; count.div_ceil(64)] }
    }

    /// Puts some in.
    pub fn put(&mut self, commits: &Runs) {
        commits.parts().iter().for_each(|&run| self.change(run, |word, mask| *word |= mask));
    }

    /// Takes them out again.
    pub fn take(&mut self, commits: &Runs) {
        commits.parts().iter().for_each(|&run| self.change(run, |word, mask| *word &= !mask));
    }

    /// Puts one in; whether it was not there.
    pub fn add(&mut self, commit: u32) -> bool {
        let is_new = !self.has(commit);
        self.bits[commit as usize / 64] |= 1 << (commit % 64);
        is_new
    }

    /// Takes out all of some that are everything in it.
    pub fn clear(&mut self, all: &[u32]) {
        for &commit in all {
            self.bits[commit as usize / 64] = 0;
        }
    }

    fn change(&mut self, (first, end): (u32, u32), with: impl Fn(&mut u64, u64)) {
        let (from, to) = (first as usize / 64, (end - 1) as usize / 64);
        let (head, tail) = (u64::MAX << (first % 64), u64::MAX >> (63 - (end - 1) % 64));
        if from == to {
            with(&mut self.bits[from], head & tail);
            return;
        }
        with(&mut self.bits[from], head);
        self.bits[from + 1..to].iter_mut().for_each(|word| with(word, u64::MAX));
        with(&mut self.bits[to], tail);
    }

    /// Whether one is in it.
    pub fn has(&self, commit: u32) -> bool {
        self.bits[commit as usize / 64] & (1 << (commit % 64)) != 0
    }

    /// Everything that is in one of them.
    pub fn union<'l>(&mut self, lists: impl Iterator<Item = &'l Runs>) -> Runs {
        let (mut least, mut most) = (usize::MAX, 0);
        for runs in lists {
            if let (Some(first), Some(last)) = (runs.parts().first(), runs.parts().last()) {
                self.put(runs);
                (least, most) = (least.min(first.0 as usize / 64), most.max((last.1 - 1) as usize / 64));
            }
        }
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for word in least..=most {
            let mut bits = std::mem::take(&mut self.bits[word]);
            let mut at = word as u32 * 64;
            while bits != 0 {
                let skip = bits.trailing_zeros();
                let first = at + skip;
                let length = (!(bits >> skip)).trailing_zeros();
                match runs.last_mut() {
                    Some(last) if last.1 == first => last.1 = first + length,
                    _ => runs.push((first, first + length)),
                }
                at = first + length;
                bits = bits.checked_shr(skip + length).unwrap_or(0);
            }
        }
        Runs::of_parts(runs).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_has_what_each_has() {
        let lists = [vec![], vec![3, 4, 5, 62, 63, 64, 65], vec![6, 127, 128, 129, 130], (190..260).collect(), vec![4]];
        let mut all: Vec<u32> = lists.iter().flatten().copied().collect();
        all.sort_unstable();
        let lists: Vec<Runs> = lists.into_iter().map(Runs::of_sorted).collect();
        let mut set = Set::of(300);
        let union = set.union(lists.iter());
        assert_eq!(union, Runs::of_sorted(all));
        assert!((0..300).all(|commit| !set.has(commit)), "it is empty again");
        assert_eq!(set.union([].into_iter()), Runs::default());
        set.put(&union);
        assert!((0..300).all(|commit| set.has(commit) == union.has(commit)));
        assert!(!set.add(3) && set.add(0) && set.has(0));
        set.clear(&[0]);
        assert!(!set.has(0) && !set.has(3) && set.has(64));
        set.take(&union);
        assert!((0..300).all(|commit| !set.has(commit)));
    }
}
