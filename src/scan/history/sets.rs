//! Memory for putting sorted lists of commits together.

/// A bit for each commit; empty between two uses.
pub struct Set {
    bits: Vec<u64>,
}

impl Set {
    /// For so many commits.
    pub fn of(count: usize) -> Self {
        Self { bits: vec![0; count.div_ceil(64)] }
    }

    /// Puts some in.
    pub fn put(&mut self, commits: &[u32]) {
        for &commit in commits {
            self.bits[commit as usize / 64] |= 1 << (commit % 64);
        }
    }

    /// Takes them out again.
    pub fn take(&mut self, commits: &[u32]) {
        for &commit in commits {
            self.bits[commit as usize / 64] = 0;
        }
    }

    /// Whether one is in it.
    pub fn has(&self, commit: u32) -> bool {
        self.bits[commit as usize / 64] & (1 << (commit % 64)) != 0
    }

    /// Everything that is in one of the lists, sorted.
    pub fn union<'l>(&mut self, lists: impl Iterator<Item = &'l [u32]>) -> Vec<u32> {
        let (mut least, mut most) = (usize::MAX, 0);
        for &commit in lists.flatten() {
            let word = commit as usize / 64;
            self.bits[word] |= 1 << (commit % 64);
            (least, most) = (least.min(word), most.max(word));
        }
        let mut all = Vec::new();
        for word in least..=most {
            let mut bits = std::mem::take(&mut self.bits[word]);
            while bits != 0 {
                all.push(word as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        all
    }
}
