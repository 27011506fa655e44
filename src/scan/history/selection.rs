//! Which part of a history is asked for, as a set of commits.

use crate::git::GitError;
use crate::git::graph::{Commits, Repository, Tip, TipKind, Tips};
use crate::git::odb::Store;

/// What narrows an audit. All that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// `A..B`: what B reaches and A does not; `A` alone is `A..HEAD`.
    pub range: Option<String>,
    /// Commits not older than this, in seconds since 1970.
    pub since: Option<i64>,
    /// What these branches reach.
    pub branches: Vec<String>,
    /// What refs reach whose name fits one of these globs.
    pub refs: Vec<String>,
    /// Nothing that no ref reaches.
    pub reachable_only: bool,
}

/// The commits that were chosen.
#[derive(Debug)]
pub struct Chosen {
    /// By index: whether what it holds is asked for.
    pub commits: Vec<bool>,
    /// By index: what it holds is known, and not asked for.
    pub known: Vec<bool>,
    /// Whether index entries are asked for, and tags and blobs that refs name.
    pub others: bool,
}

impl Selection {
    /// Whether everything is asked for.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what it names is there, as far as that can be told before anything is read.
    ///
    /// # Errors
    /// A name that is none.
    pub fn check(&self, repository: &Repository) -> Result<(), GitError> {
        let ends = self.range.as_deref().map(ends);
        let names = ends.into_iter().flat_map(|ends| [ends.0, ends.1]).chain(self.branches.iter().map(String::as_str));
        names.into_iter().try_for_each(|name| repository.resolve(name).map(drop))?;
        if self.refs.is_empty() {
            return Ok(());
        }
        let tips = Tips::of(repository);
        self.refs.iter().try_for_each(|glob| Self::named_by(glob, &tips).map(drop))
    }

    /// The commits that it stands for; `None` for everything.
    ///
    /// # Errors
    /// A name that is none.
    pub fn choose(
        &self,
        repository: &Repository,
        store: &Store,
        commits: &Commits,
        tips: &Tips,
    ) -> Result<Option<Chosen>, GitError> {
        if self.is_all() {
            return Ok(None);
        }
        let commit = |name: &str| {
            let id = repository.resolve(name)?;
            let found = Tips::commit(store, commits, id).ok().flatten();
            found.ok_or_else(|| GitError {
                what: name.to_owned(),
                message: "is no commit of this repository".to_owned(),
            })
        };
        let all_tips = || {
            let tips = tips.tips.iter().filter(|tip| tip.kind != TipKind::Stash);
            tips.filter_map(|tip| Tips::commit(store, commits, tip.id).ok().flatten()).collect::<Vec<_>>()
        };
        let mut known = vec![false; commits.list.len()];
        let mut chosen = if let Some(range) = &self.range {
            let (from, to) = ends(range);
            known = commits.reached([commit(from)?]);
            commits.reached([commit(to)?])
        } else if !self.branches.is_empty() || !self.refs.is_empty() {
            let mut from = Vec::new();
            for branch in &self.branches {
                from.push(commit(branch)?);
            }
            from.extend(self.globbed(store, commits, tips)?);
            commits.reached(from)
        } else if self.reachable_only {
            commits.reached(all_tips())
        } else {
            vec![true; commits.list.len()]
        };
        for (index, is_chosen) in chosen.iter_mut().enumerate() {
            *is_chosen &= !known[index] && self.since.is_none_or(|since| commits.list[index].time() >= since);
        }
        let others = self.range.is_none() && self.branches.is_empty() && self.refs.is_empty() && self.since.is_none();
        Ok(Some(Chosen { commits: chosen, known, others }))
    }

    fn globbed(&self, store: &Store, commits: &Commits, tips: &Tips) -> Result<Vec<usize>, GitError> {
        let mut from = Vec::new();
        for glob in &self.refs {
            let before = from.len();
            for tip in Self::named_by(glob, tips)? {
                from.extend(Tips::commit(store, commits, tip.id).ok().flatten());
            }
            if from.len() == before {
                let message = "no ref with such a name leads to a commit".to_owned();
                return Err(GitError { what: format!("--refs {glob}"), message });
            }
        }
        Ok(from)
    }

    /// The refs whose name fits a glob.
    fn named_by<'t>(glob: &str, tips: &'t Tips) -> Result<Vec<&'t Tip>, GitError> {
        let wrong = |message: String| GitError { what: format!("--refs {glob}"), message };
        let matcher =
            globset::GlobBuilder::new(glob).build().map_err(|error| wrong(format!("is no glob: {}", error.kind())))?;
        let matcher = matcher.compile_matcher();
        let fits = |tip: &&Tip| matcher.is_match(&tip.full) || matcher.is_match(&tip.name);
        let found: Vec<&Tip> = tips.tips.iter().filter(fits).collect();
        if found.is_empty() { Err(wrong("no ref has such a name".to_owned())) } else { Ok(found) }
    }
}

/// The two names of a range; what is left out is `HEAD`.
fn ends(range: &str) -> (&str, &str) {
    let (from, to) = range.split_once("..").unwrap_or((range, "HEAD"));
    let to = to.trim_start_matches('.');
    (if from.is_empty() { "HEAD" } else { from }, if to.is_empty() { "HEAD" } else { to })
}
