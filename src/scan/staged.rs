//! The index, as `git commit` would record it.

use super::changes::{self, Item, Origin, Worker};
use super::file::FileScan;
use super::standing::{Exposures, Stands};
use super::{Collected, Context, Options, finish};
use crate::engine::Engine;
use crate::finding::{Exposure, Place, Results, Skip, SkipKind};
use crate::git::{GitError, Gone, HookRepository, Staged};
use crate::text::PathText;
use std::time::Instant;

/// Searches what the next commit would bring. What cannot be read leaves the answer open.
#[must_use]
pub fn staged<'c>(repository: &HookRepository, context: &Context<'c>, options: &Options) -> Results<'c> {
    let began = Instant::now();
    let mut collected = Collected::default();
    match Staged::of(repository) {
        Ok(staged) => search(repository, staged, context, options, &mut collected),
        Err(error) => collected.skips.push(unreadable(&error)),
    }
    finish(collected, context, options, &InIndex, began)
}

fn search(
    repository: &HookRepository,
    mut staged: Staged<'_>,
    context: &Context<'_>,
    options: &Options,
    collected: &mut Collected,
) {
    for path in &staged.unmerged {
        let reason = "a conflict: git records nothing before it is resolved and staged".to_owned();
        let (path, kind) = (PathText::from_bytes(path), SkipKind::Unreadable);
        collected.skips.push(Skip { path, kind, reason, incomplete: true });
    }
    let changes = std::mem::take(&mut staged.changes);
    if changes.is_empty() {
        return;
    }
    let items: Vec<Item> = changes.into_iter().map(|change| Item { change, from: 0 }).collect();
    let engine = Engine::new(context.rules);
    let worker = || Worker::new(context, options, &engine, repository.objects());
    let mut searched = changes::search(&items, worker());
    changes::only_new(&items, &mut searched, &staged, worker());
    for one in searched {
        collected.merge(one.collected);
    }
}

impl Origin for Staged<'_> {
    fn gone(&self, _from: usize) -> Result<Vec<Gone>, GitError> {
        Staged::gone(self)
    }
}

/// Searches a message that is about to be recorded.
#[must_use]
pub fn message<'c>(text: &[u8], name: &str, context: &Context<'c>, options: &Options) -> Results<'c> {
    let began = Instant::now();
    let engine = Engine::new(context.rules);
    let mut collected = Collected::default();
    let encoding = crate::text::encoding::detect(text);
    let mut file = FileScan::new();
    for part in crate::source::slices(text) {
        file.part(context, &engine, name.as_bytes(), &part, encoding, &mut collected);
    }
    collected.coverage.bytes = text.len() as u64;
    // The file in which git keeps it for a while is no finding by itself.
    collected.located.retain(|located| !located.matched.span.is_empty());
    finish(collected, context, options, &InIndex, began)
}

/// A repository that could not be read.
pub(super) fn unreadable(error: &GitError) -> Skip {
    Skip {
        path: PathText::from_bytes(error.what.as_bytes()),
        kind: SkipKind::Unreadable,
        reason: format!("could not be read: {}", error.message),
        incomplete: true,
    }
}

/// What is new in the index was never committed.
struct InIndex;

impl Exposures for InIndex {
    fn ask(&self, _places: &mut [Place], _secret: Option<&[u8]>) -> Stands {
        Stands { exposure: Exposure::Staged, refs: Vec::new(), present: Some(false) }
    }
}
