//! Sets of commits, as stretches of their indexes: those that hold one version of a file lie mostly side by side.

/// Stretches, sorted, none of which touches the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs(Vec<(u32, u32)>);

impl Runs {
    /// Of commits that are sorted, each once or more often.
    #[must_use]
    pub fn of_sorted(commits: impl IntoIterator<Item = u32>) -> Self {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for commit in commits {
            match runs.last_mut() {
                Some(last) if commit < last.1 => {}
                Some(last) if commit == last.1 => last.1 += 1,
                _ => runs.push((commit, commit + 1)),
            }
        }
        Self(runs)
    }

    /// Of stretches: the first of each, and the one behind its last. `None` where they are not sorted, empty or touch.
    #[must_use]
    pub fn of_parts(parts: Vec<(u32, u32)>) -> Option<Self> {
        let is_sound = parts.iter().all(|part| part.0 < part.1) && parts.windows(2).all(|two| two[0].1 < two[1].0);
        is_sound.then_some(Self(parts))
    }

    /// The stretches: the first of each, and the one behind its last.
    #[must_use]
    pub fn parts(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many commits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|run| (run.1 - run.0) as usize).sum()
    }

    /// All of them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|run| run.0..run.1)
    }

    /// Adds others.
    pub fn extend(&mut self, others: &Self) {
        let mut parts = [&self.0[..], &others.0].concat();
        parts.sort_unstable();
        let mut runs: Vec<(u32, u32)> = Vec::with_capacity(parts.len());
        for part in parts {
            match runs.last_mut() {
                Some(last) if part.0 <= last.1 => last.1 = last.1.max(part.1),
                _ => runs.push(part),
            }
        }
        self.0 = runs;
    }

    /// Whether one is among them.
    #[must_use]
    pub fn has(&self, commit: u32) -> bool {
        let behind = self.0.partition_point(|run| run.0 <= commit);
        behind.checked_sub(1).is_some_and(|at| commit < self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_in_it() {
        let list = [0, 1, 2, 2, 5, 7, 8, 63, 64, 65];
        let runs = Runs::of_sorted(list);
        assert_eq!(runs.parts(), [(0, 3), (5, 6), (7, 9), (63, 66)]);
        assert_eq!((runs.len(), runs.iter().last(), runs.is_empty()), (9, Some(65), false));
        for commit in 0..70 {
            assert_eq!(runs.has(commit), list.contains(&commit), "{commit}");
        }
        let mut both = runs.clone();
        both.extend(&Runs::of_sorted([3, 4, 6, 9, 62, 64, 70]));
        assert_eq!(both.parts(), [(0, 10), (62, 66), (70, 71)]);
        assert_eq!(Runs::of_parts(runs.parts().to_vec()), Some(runs));
        for wrong in [vec![(1, 1)], vec![(0, 2), (2, 3)], vec![(4, 5), (0, 1)]] {
            assert_eq!(Runs::of_parts(wrong), None);
        }
    }
}
