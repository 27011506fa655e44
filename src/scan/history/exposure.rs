//! Who may have seen what a set of commits holds: which refs reach them, and whether a branch still has it.

use super::sets::Set;
use crate::finding::Exposure;
use crate::git::graph::{Children, Commits, End, Runs, Tip, TipKind, Tips};
use crate::git::odb::Number;
use std::collections::HashMap;

/// Refs that are told of one finding.
const MOST_TOLD: usize = 100;

/// What refs reach.
#[derive(Debug)]
pub struct Reaches<'g> {
    commits: &'g Commits,
    tips: &'g [Tip],
    /// By commit: whether a remote-tracking ref reaches it.
    remote: Vec<bool>,
    /// By commit: whether any other ref does, the stash aside.
    local: Vec<bool>,
    /// Where branches end, here or remote: the newest first.
    branch_ends: Vec<u32>,
    /// Remote tips by the commit that they end at.
    remote_tips: Vec<(usize, usize)>,
    /// Tips by the objects on the way to what they name: tags, and blobs and trees that are named themselves.
    named: HashMap<Number, Vec<usize>>,
    /// All tips in the order in which they are told.
    told_first: Vec<u32>,
    /// Every commit behind its parents.
    pub order: Vec<u32>,
    /// The place of each commit in that order.
    pub rank: Vec<u32>,
    children: Children,
}

/// What is known of a set of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The worst.
    pub exposure: Exposure,
    /// In a tip of a branch.
    pub present: bool,
}

impl<'g> Reaches<'g> {
    /// Follows all refs.
    #[must_use]
    pub fn of(commits: &'g Commits, tips: &'g Tips, all_ends: &[End]) -> Self {
        let (mut remote, mut local, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut remote_tips = Vec::new();
        let mut named: HashMap<Number, Vec<usize>> = HashMap::new();
        for (at, tip) in tips.tips.iter().enumerate() {
            let End { chain, commit, .. } = &all_ends[at];
            for &number in chain {
                if commits.index(number).is_none() {
                    named.entry(number).or_default().push(at);
                }
            }
            let Some(commit) = *commit else { continue };
            match tip.kind {
                TipKind::Remote => {
                    remote.push(commit);
                    remote_tips.push((commit, at));
                }
                TipKind::Branch | TipKind::Other => local.push(commit),
                TipKind::Stash => {}
            }
            let is_branch = tip.kind == TipKind::Branch
                || tip.full.starts_with("refs/heads/")
                || tip.full.starts_with("refs/remotes/");
            ends.extend(is_branch.then_some(commit));
        }
        let count = commits.list.len();
        let reached = || rayon::join(|| commits.reached(remote), || commits.reached(local));
        let in_order = || {
            let children = commits.children();
            let order = commits.in_order(&children);
            (children, order)
        };
        let ((children, order), (remote, local)) = rayon::join(in_order, reached);
        let mut rank = vec![0; count];
        (0u32..).zip(&order).for_each(|(at, &commit)| rank[commit as usize] = at);
        let mut branch_ends: Vec<u32> = ends.into_iter().map(|commit| commit as u32).collect();
        branch_ends.sort_unstable_by_key(|&commit| std::cmp::Reverse(rank[commit as usize]));
        branch_ends.dedup();
        let tips = &tips.tips[..];
        let mut told_first: Vec<u32> = (0..tips.len() as u32).collect();
        told_first.sort_by_key(|&tip| (self::rank(&tips[tip as usize]), &tips[tip as usize].name));
        Self { commits, tips, remote, local, branch_ends, remote_tips, named, told_first, order, rank, children }
    }

    /// The children of a commit.
    #[must_use]
    pub fn children(&self, commit: u32) -> &[u32] {
        self.children.of(commit)
    }

    /// The newest of some commits at which a branch ends.
    #[must_use]
    pub fn branch_end(&self, commits: &Runs) -> Option<u32> {
        self.branch_ends.iter().copied().find(|&commit| commits.has(commit))
    }

    /// What is known of what some commits hold.
    #[must_use]
    pub fn standing(&self, commits: &Runs) -> Standing {
        let any = |list: &[bool]| commits.iter().any(|commit| list[commit as usize]);
        let exposure = match (any(&self.remote), any(&self.local)) {
            (true, _) => Exposure::Pushed,
            (_, true) => Exposure::Local,
            _ => Exposure::Unreachable,
        };
        Standing { exposure, present: self.branch_end(commits).is_some() }
    }

    /// What refs say of an object that they name without a commit: exposure, and the remote ones as indexes of tips.
    #[must_use]
    pub fn named(&self, object: Number) -> Option<(Exposure, Vec<usize>)> {
        let tips = self.named.get(&object)?;
        let of = |kind: TipKind| tips.iter().copied().filter(move |&tip| self.tips[tip].kind == kind);
        let remote: Vec<usize> = of(TipKind::Remote).collect();
        let exposure = if !remote.is_empty() {
            Exposure::Pushed
        } else if of(TipKind::Branch).chain(of(TipKind::Other)).next().is_some() {
            Exposure::Local
        } else {
            Exposure::Unreachable
        };
        Some((exposure, remote))
    }

    /// For each set of commits, the remote refs that reach one of them, as a set of indexes of tips: a mirror may have tens of
    /// thousands, and each finding all of them. Sixty-four sets are followed at once.
    #[must_use]
    pub fn remote_refs(&self, sets: &[&Runs]) -> Vec<Set> {
        let mut out = Vec::with_capacity(sets.len());
        let mut marks = vec![0u64; self.commits.list.len()];
        for sets in sets.chunks(64) {
            marks.fill(0);
            for (bit, set) in sets.iter().enumerate() {
                set.iter().for_each(|commit| marks[commit as usize] |= 1 << bit);
            }
            for &commit in &self.order {
                let above =
                    self.commits.parents(commit as usize).iter().fold(0, |sum, &parent| sum | marks[parent as usize]);
                marks[commit as usize] |= above;
            }
            for bit in 0..sets.len() {
                let mut refs = Set::of(self.tips.len());
                for (_, tip) in self.remote_tips.iter().filter(|(commit, _)| marks[*commit] & (1 << bit) != 0) {
                    refs.add(*tip as u32);
                }
                out.push(refs);
            }
        }
        out
    }

    /// The names of refs, each once and sorted, and how many more there are than are told: a mirror has one for each pull
    /// request, and a secret that is old enough is in all of them. Branches are told before tags, and these before others.
    #[must_use]
    pub fn told(&self, tips: &Set) -> (Vec<String>, u64) {
        let of_one_name = |a: &u32, b: &u32| self.telling(*a) == self.telling(*b);
        let all =
            self.told_first.chunk_by(of_one_name).filter(|tips_of_it| tips_of_it.iter().any(|&tip| tips.has(tip)));
        let (mut names, mut more) = (Vec::new(), 0);
        for same in all {
            if names.len() < MOST_TOLD {
                names.push(self.telling(same[0]).1.to_owned());
            } else {
                more += 1;
            }
        }
        names.sort();
        names.dedup();
        (names, more)
    }

    fn telling(&self, tip: u32) -> (u8, &str) {
        let tip = &self.tips[tip as usize];
        (rank(tip), &tip.name)
    }
}

/// Which refs are told first.
fn rank(tip: &Tip) -> u8 {
    match &tip.full {
        full if full.starts_with("refs/heads/") || full.starts_with("refs/remotes/") => 0,
        full if full.starts_with("refs/tags/") => 1,
        _ => 2,
    }
}
