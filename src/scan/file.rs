//! One file through the engine: encoding, parts, positions.

use super::group::Located;
use super::place::excerpt;
use super::{Collected, Context};
use crate::candidate::Candidate;
use crate::engine::{Engine, Found, Scratch};
use crate::finding::{Place, Skip, SkipKind, fingerprint};
use crate::policy::{InlineJudgement, inline};
use crate::source::Part;
use crate::text::encoding::{Encoding, decode};
use crate::text::{Locator, PathText, Position};

const START: Position = Position { line: 1, column: 1 };

/// What is remembered between two parts of a file, and between two files.
#[derive(Debug)]
pub struct FileScan {
    scratch: Scratch,
    /// Where the own bytes of the next part begin.
    position: Position,
}

impl FileScan {
    pub fn new() -> Self {
        Self { scratch: Scratch::default(), position: START }
    }

    /// Searches a part of a file whose first part told the encoding.
    pub fn part(
        &mut self,
        context: &Context<'_>,
        engine: &Engine<'_>,
        name: &[u8],
        part: &Part<'_>,
        encoding: Encoding,
        out: &mut Collected,
    ) {
        let is_last = part.own.end == part.bytes.len();
        let is_binary = encoding == Encoding::Binary;
        if part.is_first {
            self.position = START;
            if is_binary {
                let reason = "binary: searched for key formats only".to_owned();
                out.skips.push(Skip {
                    path: PathText::from_bytes(name),
                    kind: SkipKind::Binary,
                    reason,
                    incomplete: false,
                });
            }
        }
        // Only the first part begins with a mark; a part begins at an even offset.
        let encoding = match encoding {
            Encoding::Utf16Le { .. } if !part.is_first => Encoding::Utf16Le { bom: false },
            Encoding::Utf16Be { .. } if !part.is_first => Encoding::Utf16Be { bom: false },
            other => other,
        };
        let decoded_to = |end: usize| decode(&part.bytes[..end], encoding).bytes.len();
        let (own_start, own_end) = (decoded_to(part.own.start), decoded_to(part.own.end));
        let text = decode(part.bytes, encoding).bytes;
        // Both parts at a border see the bytes around it, so both move it to the beginning of the same character.
        let own = char_floor(&text, own_start)..if is_last { text.len() } else { char_floor(&text, own_end) };
        let candidate = Candidate { bytes: &text, is_binary, path: name, own: own.clone(), is_first: part.is_first };
        let found = engine.search(&candidate, &mut self.scratch);
        if let Some(reason) = found.bounded {
            out.skips.push(Skip {
                path: PathText::from_bytes(name),
                kind: SkipKind::Bounded,
                reason: reason.to_owned(),
                incomplete: true,
            });
        }
        let mut locator = Locator::new(&text[own.start..], self.position);
        if !found.matches.is_empty() {
            locate(context, engine, name, &text, own.start, found, &mut locator, self.position, out);
        }
        if !is_last {
            self.position = locator.position(own.end - own.start, self.position);
        }
    }
}

/// The beginning of the character that holds a byte.
fn char_floor(text: &[u8], mut at: usize) -> usize {
    let first = at.saturating_sub(3);
    while at > first && text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
        at -= 1;
    }
    at
}

#[expect(clippy::too_many_arguments, reason = "the joint of all layers: each is something else's, and used once")]
fn locate(
    context: &Context<'_>,
    engine: &Engine<'_>,
    name: &[u8],
    text: &[u8],
    own: usize,
    found: Found,
    locator: &mut Locator<'_>,
    start: Position,
    out: &mut Collected,
) {
    let path = PathText::from_bytes(name);
    let relative = (context.rebase)(path.as_str()).unwrap_or_else(|| path.as_str().to_owned());
    let spans: Vec<_> = found.matches.iter().map(|found| found.span.clone()).collect();
    for matched in found.matches {
        let rule = engine.rule(matched.rule);
        let is_file = matched.span.is_empty();
        let secret = matched.secret.as_ref().map_or(&[][..], |secret| secret.expose());
        let id = fingerprint::id(&fingerprint::Subject {
            family: rule.family,
            secret,
            path: &relative,
            key: matched.key.as_deref().unwrap_or(""),
            unguessable: matched.unguessable,
        });
        let mut place = Place {
            path: path.clone(),
            start: if is_file { START } else { locator.position(matched.span.start - own, start) },
            end: if is_file { START } else { locator.position(matched.span.end - own, start) },
            blob: None,
            commit: None,
            removed_in: None,
            now: None,
            excerpt: (!is_file).then(|| excerpt(text, &matched.span, &spans)),
            ignored: false,
            suppressed: None,
        };
        if context.inline_allow && !is_file {
            match inline::judge(text, matched.span.clone(), rule.id, &id) {
                Some(InlineJudgement::Holds(suppression)) => place.suppressed = Some(suppression),
                Some(InlineJudgement::Fails { offset, note }) => {
                    let line =
                        if offset >= own { locator.position(offset - own, start).line } else { place.start.line };
                    out.notes.push(format!("{}:{line}: {note}", path.for_terminal()));
                }
                None => {}
            }
        }
        if place.suppressed.is_none() {
            place.suppressed = context.allowances.judge(
                rule.id,
                &id,
                &relative,
                matched.secret.as_ref().map(crate::text::Secret::expose),
            );
        }
        out.located.push(Located { id, rule: matched.rule, matched, place });
    }
}
