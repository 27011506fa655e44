//! The search of all blobs, along their deltas.

use super::seen::{Sight, Within};
use super::views::Views;
use crate::candidate::Candidate;
use crate::engine::{Found, Trace};
use crate::finding::{Skip, SkipKind};
use crate::git::odb::{Number, Store, Unreadable, Visit};
use crate::scan::Progress;
use crate::text::encoding::{self, Encoding, decode};
use crate::text::{Copied, PathText};
use std::sync::Arc;

/// What the workers share.
#[derive(Debug)]
pub struct Blobs<'b> {
    /// The objects.
    pub store: &'b Store,
    /// The names of each.
    pub views: &'b Views<'b>,
    /// Binary ones that are larger are not searched.
    pub max_size: u64,
    /// Every blob is searched whole.
    pub exhaustive: bool,
    /// Where not all are asked for: those that are, sorted. What they are made from passes too.
    pub only: Option<&'b [Number]>,
    /// How far it is.
    pub progress: &'b Progress,
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Blobs.
    pub blobs: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Binary ones, which are searched for key formats only.
    pub binary: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.binary += other.binary;
    }
}

/// One worker.
#[derive(Debug)]
pub struct BlobSearch<'b, 'e, 'r> {
    /// What it shares with the others.
    pub shared: &'b Blobs<'b>,
    /// What it saw.
    pub sight: Sight<'e, 'r>,
    /// What it could not read.
    pub unreadable: Vec<Unreadable>,
    /// What was read of packs …
    pub packed: Tally,
    /// … and of loose objects. What was known is not counted again.
    pub loose: Tally,
}

/// What is kept of a blob for those made from it.
#[derive(Debug)]
pub struct Searched {
    trace: Trace,
    encoding: Option<Encoding>,
    length: usize,
}

impl<'b, 'e, 'r> BlobSearch<'b, 'e, 'r> {
    /// A worker that has done nothing yet.
    pub const fn new(shared: &'b Blobs<'b>, sight: Sight<'e, 'r>) -> Self {
        let none = Tally { blobs: 0, bytes: 0, binary: 0 };
        Self { shared, sight, unreadable: Vec::new(), packed: none, loose: none }
    }

    fn count(&mut self, number: Number, bytes: usize, is_binary: bool) {
        let store = self.shared.store;
        if number >= store.known() {
            let tally = if number < store.packed() { &mut self.packed } else { &mut self.loose };
            *tally += Tally { blobs: 1, bytes: bytes as u64, binary: u64::from(is_binary) };
        }
    }

    fn search(&mut self, number: Number, content: &[u8], base: Option<(&Searched, &[Copied])>) -> Searched {
        let is_asked = self.shared.only.is_none_or(|only| only.binary_search(&number).is_ok());
        if !self.shared.store.counts(number) || !is_asked {
            return Searched { trace: Trace::unknown(), encoding: None, length: content.len() };
        }
        let encoding = encoding_of(content, base);
        let is_binary = encoding == Encoding::Binary;
        self.count(number, content.len(), is_binary);
        if is_binary && content.len() as u64 > self.shared.max_size {
            self.sight.bounded.push(number);
            self.sight.skips.push(Skip {
                path: PathText::from_bytes(self.shared.label(number).as_bytes()),
                kind: SkipKind::TooLarge,
                reason: format!("larger than {}", crate::text::size(self.shared.max_size)),
                incomplete: true,
            });
            return Searched { trace: Trace::unknown(), encoding: None, length: content.len() };
        }
        let is_plain = matches!(encoding, Encoding::Utf8OrBytes | Encoding::Binary);
        let trace = if is_plain {
            self.search_plain(number, content, is_binary, base)
        } else {
            let text = decode(content, encoding).bytes;
            self.search_whole(number, &text, is_binary);
            Trace::unknown()
        };
        Searched { trace, encoding: Some(encoding), length: content.len() }
    }

    /// A text that is searched as it is: as its first name by what changed, as other names whole where that may matter.
    fn search_plain(
        &mut self,
        number: Number,
        content: &[u8],
        is_binary: bool,
        base: Option<(&Searched, &[Copied])>,
    ) -> Trace {
        let views = self.shared.views;
        let first = views.of(number).first().copied().unwrap_or(views.nameless());
        let path = views.path(first);
        let candidate = Candidate { is_binary, ..Candidate::whole(content, path) };
        let (trace, found) = match base {
            _ if self.shared.exhaustive => {
                (Trace::unknown(), self.sight.engine.search(&candidate, &mut self.sight.scratch))
            }
            Some((base, copied)) => {
                let class = views.class(first);
                self.sight.engine.trace_again(&candidate, class, &base.trace, copied, &mut self.sight.scratch)
            }
            None => self.sight.engine.trace(&candidate, views.class(first), &mut self.sight.scratch),
        };
        let others_matter = self.shared.exhaustive || !trace.is_silent();
        self.note(number, first, content, found);
        if views.of(number).len() > 1 {
            let first_class = views.class(first);
            let differs = |view: u32| others_matter || !Arc::ptr_eq(views.class(view), first_class);
            let others: Vec<u32> = views.of(number)[1..].iter().copied().filter(|&view| differs(view)).collect();
            for view in others {
                self.search_as(number, content, is_binary, view);
            }
        }
        trace
    }

    fn search_whole(&mut self, number: Number, text: &[u8], is_binary: bool) {
        let views = self.shared.views;
        let list = views.of(number);
        if list.is_empty() {
            self.search_as(number, text, is_binary, views.nameless());
        }
        for &view in list {
            self.search_as(number, text, is_binary, view);
        }
    }

    fn search_as(&mut self, number: Number, text: &[u8], is_binary: bool, view: u32) {
        let candidate = Candidate { is_binary, ..Candidate::whole(text, self.shared.views.path(view)) };
        let found = self.sight.engine.search(&candidate, &mut self.sight.scratch);
        self.note(number, view, text, found);
    }

    fn note(&mut self, number: Number, view: u32, text: &[u8], found: Found) {
        let label = || self.shared.label(number);
        self.sight.note(number, Within::Blob, view, text, found, label);
    }
}

impl Blobs<'_> {
    /// How an object is named where no path is known yet.
    fn label(&self, number: Number) -> String {
        let id = self.store.id(number);
        match self.views.of(number).iter().map(|&view| self.views.path(view)).min() {
            Some(path) => format!("{} (blob {id})", String::from_utf8_lossy(path)),
            None => format!("blob {id}"),
        }
    }
}

/// How a blob is written; known from its base where its beginning is the same.
fn encoding_of(content: &[u8], base: Option<(&Searched, &[Copied])>) -> Encoding {
    if let Some((base, copied)) = base
        && let Some(known) = base.encoding
        && let Some(first) = copied.first()
        && (first.start, first.base) == (0, 0)
        && first.length as usize >= encoding::HEAD.min(content.len().max(base.length))
    {
        return known;
    }
    encoding::detect(content)
}

impl Visit for BlobSearch<'_, '_, '_> {
    type State = Searched;

    fn whole(&mut self, number: Number, content: &[u8]) -> Searched {
        self.search(number, content, None)
    }

    fn delta(&mut self, number: Number, content: &[u8], _: &[u8], state: &Searched, copied: &[Copied]) -> Searched {
        self.search(number, content, Some((state, copied)))
    }

    fn unreadable(&mut self, unreadable: Unreadable) {
        self.unreadable.push(unreadable);
    }

    fn progress(&mut self, objects: u64, packed: u64) -> bool {
        self.shared.progress.add(objects, packed)
    }
}
