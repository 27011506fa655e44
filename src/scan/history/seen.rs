//! What was seen in one object: matches with their positions, before anybody knows who holds the object.

use crate::engine::{Engine, Found, Match, Scratch};
use crate::finding::{Excerpt, Skip, SkipKind, Suppression, fingerprint};
use crate::git::odb::Number;
use crate::policy::{InlineJudgement, inline};
use crate::scan::place::excerpt;
use crate::text::{Locator, PathText, Position};

const START: Position = Position { line: 1, column: 1 };

/// What kind of text of git's it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Within {
    /// The content of a file.
    Blob,
    /// The message of a commit.
    CommitMessage,
    /// The message of an annotated tag.
    TagMessage,
    /// The message of a tag that was merged, which the merge commit keeps.
    MergedTag,
}

/// One match in one object.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The object.
    pub object: Number,
    /// What of it.
    pub within: Within,
    /// The name of the file that it was searched as: the last part of its paths, or from a telling folder on.
    pub name: u32,
    /// The match.
    pub matched: Match,
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
    /// The line, masked.
    pub excerpt: Option<Excerpt>,
    /// A comment that allows it.
    pub inline: Option<Suppression>,
}

/// A worker's memory: what it saw.
#[derive(Debug)]
pub struct Sight<'e, 'r> {
    /// The search.
    pub engine: &'e Engine<'r>,
    /// Whether comments may allow.
    pub inline_allow: bool,
    /// Memory of the search.
    pub scratch: Scratch,
    /// What was seen.
    pub seen: Vec<Seen>,
    /// What was not wholly searched …
    pub skips: Vec<Skip>,
    /// … and the objects that this was.
    pub bounded: Vec<Number>,
}

impl<'e, 'r> Sight<'e, 'r> {
    /// One that has seen nothing.
    pub fn new(engine: &'e Engine<'r>, inline_allow: bool) -> Self {
        Self {
            engine,
            inline_allow,
            scratch: Scratch::default(),
            seen: Vec::new(),
            skips: Vec::new(),
            bounded: Vec::new(),
        }
    }

    /// Notes what the search found in a text of an object.
    pub fn note(
        &mut self,
        object: Number,
        within: Within,
        name: u32,
        text: &[u8],
        found: Found,
        id: impl Fn() -> String,
    ) {
        if let Some(reason) = found.bounded {
            self.bounded.push(object);
            self.skips.push(Skip {
                path: PathText::from_bytes(id().as_bytes()),
                kind: SkipKind::Bounded,
                reason: reason.to_owned(),
                incomplete: true,
            });
        }
        if found.matches.is_empty() {
            return;
        }
        let spans: Vec<_> = found.matches.iter().map(|found| found.span.clone()).collect();
        let mut locator = Locator::new(text, START);
        for matched in found.matches {
            let is_file = matched.span.is_empty();
            let start = if is_file { START } else { locator.position(matched.span.start, START) };
            let end = if is_file { START } else { locator.position(matched.span.end, START) };
            let inline = if self.inline_allow && !is_file { self.inline(text, &matched) } else { None };
            let excerpt = (!is_file).then(|| excerpt(text, &matched.span, &spans));
            self.seen.push(Seen { object, within, name, matched, start, end, excerpt, inline });
        }
    }

    /// What a comment near a match says. It may name the rule, or the id of a finding that does not depend on a path.
    fn inline(&self, text: &[u8], matched: &Match) -> Option<Suppression> {
        let rule = self.engine.rule(matched.rule);
        let id = matched.unguessable.then(|| {
            fingerprint::id(&fingerprint::Subject {
                family: rule.family,
                secret: matched.secret.as_ref().map_or(&[][..], |secret| secret.expose()),
                path: "",
                key: "",
                unguessable: true,
            })
        });
        match inline::judge(text, matched.span.clone(), rule.id, id.as_deref().unwrap_or("")) {
            Some(InlineJudgement::Holds(suppression)) => Some(suppression),
            Some(InlineJudgement::Fails { .. }) | None => None,
        }
    }
}
