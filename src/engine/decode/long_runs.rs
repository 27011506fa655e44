//! The long runs of encoded-looking bytes in a text.
//!
//! One pass over everything that is scanned, at several bytes a cycle, that knows nothing of what the runs mean.

use super::REACH;
use super::blocks::{BLOCK, in_class, linear, packed, padded};
use std::ops::Range;

/// The length for which the search is made fast: it gives each run at least so long without looking at shorter ones.
const LONG: usize = 24;

/// Calls `f` with each maximal run of the bytes `A-Z a-z 0-9 + / _ = -` that has at least `min` bytes and touches
/// `within`, in ascending order.
///
/// `within` and the ranges given to `f` are offsets in `text`; a `within` that reaches behind the end is cut. A run is
/// followed at most [`REACH`] bytes out of `within` to either side, so that a run longer than that is given in part.
/// Ask for large parts, because each call may look at twice [`REACH`] more. With a `min` below 24 the result is right
/// and the search slow. A `min` of 0 is taken as 1.
pub fn long_runs(text: &[u8], within: Range<usize>, min: usize, f: &mut dyn FnMut(Range<usize>)) {
    let within = within.start.min(text.len())..within.end.min(text.len());
    if within.is_empty() {
        return;
    }
    let whole = outward(text, within);
    if min < LONG {
        search::<1>(text, whole, min.max(1), f);
    } else {
        search::<LONG>(text, whole, min, f);
    }
}

/// `within`, and the rest of the runs that its ends lie in.
fn outward(text: &[u8], within: Range<usize>) -> Range<usize> {
    let (before, rest) = text.split_at(within.start);
    let (inside, after) = rest.split_at(within.len());
    let (mut start, mut end) = (within.start, within.end);
    if inside.first().is_some_and(|&byte| in_class(byte)) {
        start -= before.iter().rev().take(REACH).take_while(|&&byte| in_class(byte)).count();
    }
    if inside.last().is_some_and(|&byte| in_class(byte)) {
        end += after.iter().take(REACH).take_while(|&&byte| in_class(byte)).count();
    }
    start..end
}

/// Gives the runs in `within` itself, of which none is continued outside. `FILTER` is at most `min`.
fn search<const FILTER: usize>(text: &[u8], within: Range<usize>, min: usize, f: &mut dyn FnMut(Range<usize>)) {
    let mut at = within.start;
    let (blocks, rest) = text.get(within).unwrap_or_default().as_chunks::<BLOCK>();
    // The bytes of the class directly before the block.
    let mut carry = 0;
    // The last block has padding, which ends every run.
    for block in blocks.iter().chain([&padded(rest)]) {
        let mask = linear(packed(block, in_class));
        if mask == u64::MAX {
            carry += BLOCK;
        } else {
            let lead = mask.trailing_ones() as usize;
            let starts = starts::<FILTER>(mask);
            if carry + lead >= min || starts != 0 {
                give(mask, starts, at, carry, min, f);
            }
            carry = mask.leading_ones() as usize;
        }
        at += BLOCK;
    }
}

/// The bits at which at least `N` (1 or 24) set bits begin.
#[inline]
const fn starts<const N: usize>(mask: u64) -> u64 {
    if N == 1 {
        return mask;
    }
    let mask = mask & (mask >> 1);
    let mask = mask & (mask >> 2);
    let mask = mask & (mask >> 4);
    let mask = mask & (mask >> 8);
    mask & (mask >> 8)
}

/// Gives the runs that end in the block at `at`, with `carry` bytes of the first before it.
#[inline(never)]
fn give(mask: u64, mut starts: u64, at: usize, carry: usize, min: usize, f: &mut dyn FnMut(Range<usize>)) {
    let lead = mask.trailing_ones();
    if carry + lead as usize >= min {
        f(at - carry..at + lead as usize);
    }
    // Not a full block, so that the shift is smaller than the width.
    starts &= u64::MAX << lead;
    while starts != 0 {
        let start = starts.trailing_zeros();
        let end = start + (mask >> start).trailing_ones();
        if end >= u64::BITS {
            return;
        }
        if (end - start) as usize >= min {
            f(at + start as usize..at + end as usize);
        }
        starts &= u64::MAX << end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::decode::tests::Numbers;

    fn naive(text: &[u8], within: &Range<usize>, min: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for at in 0..=text.len() {
            if !text.get(at).copied().is_some_and(in_class) {
                if at - start >= min && start < within.end && at > within.start {
                    found.push(start..at);
                }
                start = at + 1;
            }
        }
        found
    }

    fn found(text: &[u8], within: Range<usize>, min: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        long_runs(text, within, min, &mut |run| found.push(run));
        found
    }

    #[test]
    fn equals_the_naive_search() {
        let mut numbers = Numbers::new(5);
        for round in 0..3000 {
            let size = numbers.below(400);
            // One breaking byte in 8 to 64, so that runs around the least length are frequent.
            let gap = 8 + numbers.below(57);
            let text: Vec<u8> =
                (0..size).map(|_| if numbers.below(gap) == 0 { b' ' } else { b"aZ9+/_=-"[numbers.below(8)] }).collect();
            let start = numbers.below(size + 2);
            let end = start + numbers.below(size + 2);
            for (within, min) in [(0..size, 24), (start..end, 24), (start..end, 40), (0..size, 90), (start..end, 5)] {
                let clipped = within.start.min(size)..within.end.min(size);
                let expected = if clipped.is_empty() { Vec::new() } else { naive(&text, &clipped, min) };
                assert_eq!(found(&text, within, min), expected, "round {round}");
            }
        }
    }

    #[test]
    fn holds_at_every_place_of_a_block() {
        for length in 22..140 {
            for start in 0..70 {
                let mut text = vec![b'.'; start];
                text.resize(start + length, b'k');
                for tail in [0, 1, 63] {
                    text.resize(start + length + tail, b'.');
                    let expected = (length >= 24).then_some(start..start + length);
                    assert_eq!(found(&text, 0..text.len(), 24), Vec::from_iter(expected));
                }
            }
        }
    }

    #[test]
    fn a_run_is_followed_so_far_and_no_further() {
        let text = vec![b'k'; 3 * REACH];
        let only =
            |found: Vec<Range<usize>>| <[Range<usize>; 1]>::try_from(found).ok().map(|[run]| (run.start, run.end));
        assert_eq!(only(found(&text, REACH + 10..REACH + 20, 24)), Some((10, 2 * REACH + 20)));
        assert_eq!(only(found(b"abc", 0..usize::MAX, 0)), Some((0, 3)));
        assert!(found(&text, 7..7, 1).is_empty());
    }
}
