//! Where lists begin that lie one behind the other: a byte and a quarter for each, instead of four.

use super::Number;
use std::ops::Range;

/// Lists in a block.
const BLOCK: usize = 16;

/// Where the list of each number begins and ends.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Starts {
    /// Where the first list of each block begins; or which of `wide` holds where all of it do.
    blocks: Vec<u32>,
    /// How far behind that each begins, and the last ends; of a block that is wide, 1 for its first.
    within: Vec<u8>,
    /// Blocks with more than fits into a byte.
    wide: Vec<[u32; BLOCK]>,
}

impl Starts {
    /// Of where each begins, with one more at the end; sorted.
    #[must_use]
    pub fn of(starts: &[u32]) -> Self {
        let mut this = Self {
            blocks: Vec::with_capacity(starts.len().div_ceil(BLOCK)),
            within: Vec::with_capacity(starts.len()),
            wide: Vec::new(),
        };
        for block in starts.chunks(BLOCK) {
            let (first, last) = (block[0], block[block.len() - 1]);
            if u8::try_from(last - first).is_ok() {
                this.blocks.push(first);
                this.within.extend(block.iter().map(|start| (start - first) as u8));
            } else {
                this.blocks.push(this.wide.len() as u32);
                this.within.push(1);
                this.within.extend(block[1..].iter().map(|_| 0));
                let mut all = [last; BLOCK];
                all[..block.len()].copy_from_slice(block);
                this.wide.push(all);
            }
        }
        this
    }

    fn start(&self, at: usize) -> usize {
        let block = self.blocks[at / BLOCK];
        let start = if self.within[at / BLOCK * BLOCK] == 0 {
            block + u32::from(self.within[at])
        } else {
            self.wide[block as usize][at % BLOCK]
        };
        start as usize
    }

    /// Where a list lies; `None` where there is none of that number.
    #[must_use]
    pub fn range(&self, number: Number) -> Option<Range<usize>> {
        let at = number as usize;
        (at + 1 < self.within.len()).then(|| self.start(at)..self.start(at + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_what_was_put_in() {
        let steps = [0, 1, 0, 3, 255, 0, 17, 256, 2, 0, 70_000];
        for (count, step) in [(1, 1), (2, 3), (16, 1), (17, 10), (33, 11), (1000, 7), (1000, 11)] {
            let mut starts = vec![0];
            for at in 1..count {
                starts.push(starts[at - 1] + if step == 11 { steps[at % steps.len()] } else { step });
            }
            let packed = Starts::of(&starts);
            for number in 0..count - 1 {
                let expected = starts[number] as usize..starts[number + 1] as usize;
                assert_eq!(packed.range(number as Number), Some(expected), "{number} of {count}");
            }
            assert_eq!(packed.range(count as Number - 1), None);
            assert_eq!(packed.range(Number::MAX), None);
        }
        assert_eq!(Starts::default().range(0), None);
    }
}
