//! One rule's expression, compiled when one of its anchors is first met, and searched on the window around it only.

use super::gap;
use super::prefilter::Hit;
use super::simd::is_word;
use super::word::is_word_start;
use crate::rule::place::{self, Kind, parse};
use crate::rule::{Form, Rule};
use regex_automata::meta::{Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Capture, Class, Hir, HirKind};
use std::ops::Range;
use std::sync::OnceLock;

/// The greatest length of a match in bytes; a longer one could not be seen whole at the border of two parts.
pub const MAX_MATCH: usize = 32 * 1024;
/// Matches that can be so long are expensive to look for, in bytes.
pub const LONG: usize = 1024;
/// How far behind its keyword a value without a format may begin.
pub const VALUE_REACH: usize = 48;

/// A rule that cannot be searched for. Its author's to mend; `rules check` says the same.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum PatternError {
    /// The expression is none.
    #[error("the expression of `{rule}` does not parse: {message}")]
    Syntax {
        /// The rule's id.
        rule: String,
        /// What the parser said.
        message: String,
    },
    /// A repetition without an end, or a match longer than [`MAX_MATCH`].
    #[error("`{rule}` can match more than {MAX_MATCH} bytes: bound its repetitions, as in {{20,200}}")]
    Unbounded {
        /// The rule's id.
        rule: String,
    },
    /// No group that says what the secret is.
    #[error("`{rule}` has no group (?P<secret>…)")]
    NoSecret {
        /// The rule's id.
        rule: String,
    },
}

/// An expression ready to search.
#[derive(Debug)]
pub struct Matcher {
    regex: Regex,
    secret: usize,
    /// The match begins where the anchor does.
    anchored: bool,
    /// The expression is that of a value, behind a keyword.
    is_value: bool,
    longest: usize,
    boundary: bool,
    /// Literals of which every match ends with one, for long ones: looked for before the expression is tried.
    ends: Vec<Vec<u8>>,
    /// Of a value: what every one of them has, looked for before the expression is tried.
    run: Option<ValueRun>,
    /// Bytes that may stand at the secret's end: if one follows, the value goes on.
    tail: Box<[bool; 256]>,
    /// The value alone, for one that stands before its keyword; compiled when it is first asked for.
    alone: OnceLock<Option<Regex>>,
}

/// So many bytes in a row, each of which may stand in the value.
#[derive(Debug)]
struct ValueRun {
    bytes: Box<[bool; 256]>,
    least: usize,
}

impl ValueRun {
    fn of(value: &Hir) -> Self {
        let mut bytes = Box::new([false; 256]);
        all_bytes(value, &mut bytes);
        Self { bytes, least: value.properties().minimum_len().unwrap_or(0) }
    }

    /// Whether one begins within reach of a keyword that ends where the text begins.
    fn is_in(&self, text: &[u8]) -> bool {
        let mut run = 0;
        text.iter().take(FARTHEST_VALUE + self.least).any(|&byte| {
            run = if self.bytes[usize::from(byte)] { run + 1 } else { 0 };
            run >= self.least
        })
    }
}

/// How far behind its keyword a value may begin at most, over a line's end and an empty line.
const FARTHEST_VALUE: usize = VALUE_REACH + b"\n\r\n".len() + NEXT_LINE;
/// How far into the next line.
const NEXT_LINE: usize = 24;

/// The part of an expression from its anchor up to the secret, without what may stand before: small, quickly compiled, and
/// tried only where the anchor stands, it spares most anchors the whole expression.
#[derive(Debug)]
pub struct Guard {
    regex: Regex,
    /// The greatest length of what it matches.
    longest: usize,
}

/// The greatest size of such a machine for a guard, in bytes.
const LARGEST_GUARD: usize = 128 << 10;

impl Guard {
    /// Of a rule whose matches may begin before their anchor; `None` where it has no such part.
    #[must_use]
    pub fn new(rule: &Rule) -> Option<Self> {
        let Form::Pattern { pattern, anchors, keywords, place: Kind::Free | Kind::Near } = &rule.form else {
            return None;
        };
        let guard = place::guard(&parse(pattern).ok()?, anchors, keywords)?;
        let longest = guard.properties().maximum_len().map_or(MAX_MATCH, |length| length.min(MAX_MATCH));
        // On a short span the quicker of the machines is taken, which needs memory for each byte of it.
        // With a group, a machine with one way at every byte is built, where the expression has no more than that.
        let group = Capture { index: 1, name: None, sub: Box::new(guard) };
        let config = config().onepass_size_limit(Some(LARGEST_GUARD));
        let regex = Regex::builder().configure(config).build_from_hir(&Hir::capture(group)).ok()?;
        Some(Self { regex, longest })
    }

    /// Whether the expression may match around the anchor at an offset.
    #[must_use]
    pub fn lets_pass(&self, text: &[u8], offset: usize) -> bool {
        // One byte more: an expression may look at what follows.
        let last = text.len().min(offset + self.longest + 1);
        self.regex.search_half(&Input::new(text).span(offset..last).anchored(Anchored::Yes).earliest(true)).is_some()
    }
}

/// Expressions are tried on short windows mostly: what a faster machine costs to build is not earned there.
fn config() -> Config {
    Config::new().utf8_empty(false).hybrid(false).dfa(false).nfa_size_limit(Some(8 << 20))
}

/// From this length of a match on, an expression that may begin anywhere around its anchor is worth a machine that is built
/// while it runs: of 2 × 256 bytes and more it reads each once, where the others follow every way at once.
const WORTH_HYBRID: usize = 256;

/// A match, not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Everything the expression matched.
    pub whole: Range<usize>,
    /// The group `secret`.
    pub secret: Range<usize>,
}

impl Matcher {
    /// Compiles a rule of form `pattern` or `value`; none of the other forms has an expression.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn new(rule: &Rule) -> Result<Option<Self>, PatternError> {
        let id = || rule.id.to_owned();
        let (pattern, anchored) = match &rule.form {
            Form::Pattern { pattern, .. } => ((*pattern).to_owned(), begins_with_anchor(rule)),
            Form::Value { value, .. } => (value_pattern(value), true),
            Form::Assignment { .. } | Form::File => return Ok(None),
        };
        let hir = parse(&pattern).map_err(|message| PatternError::Syntax { rule: id(), message })?;
        let longest = hir.properties().maximum_len().filter(|&length| length <= MAX_MATCH);
        let longest = longest.ok_or_else(|| PatternError::Unbounded { rule: id() })?;
        let regex = Regex::builder()
            .configure(config().hybrid(!anchored && longest >= WORTH_HYBRID))
            .syntax(syntax::Config::new().utf8(false).unicode(false))
            .build(&pattern)
            .map_err(|error| PatternError::Syntax { rule: id(), message: error.to_string() })?;
        let secret = regex.group_info().to_index(regex_automata::PatternID::ZERO, "secret");
        let secret = secret.ok_or_else(|| PatternError::NoSecret { rule: id() })?;
        let ends = if longest >= LONG { ends_of(&hir) } else { Vec::new() };
        let mut tail = Box::new([false; 256]);
        last_bytes(secret_group(&hir).unwrap_or(&hir), &mut tail);
        let is_value = matches!(rule.form, Form::Value { .. });
        let run = secret_group(&hir).filter(|_| is_value).map(ValueRun::of);
        Ok(Some(Self {
            regex,
            secret,
            anchored,
            is_value,
            longest,
            boundary: rule.filters.boundary,
            ends,
            run,
            tail,
            alone: OnceLock::new(),
        }))
    }

    /// The greatest length of a match.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Finds the matches that contain the anchor which was hit, `anchor` bytes long.
    pub fn find(&self, text: &[u8], hit: Hit, anchor: usize, found: &mut dyn FnMut(Matched)) {
        let end = hit.offset + anchor;
        let last = end.saturating_add(self.longest).min(text.len());
        let window = &text[end.min(last)..last];
        if !self.ends.is_empty() && !self.ends.iter().any(|literal| memchr::memmem::find(window, literal).is_some()) {
            return;
        }
        if self.run.as_ref().is_some_and(|run| !run.is_in(window)) {
            return;
        }
        let mut captures = self.regex.create_captures();
        if self.anchored {
            let begin = if self.is_value { end } else { hit.offset };
            let input = Input::new(text).span(begin..last).anchored(Anchored::Yes);
            self.regex.search_captures(&input, &mut captures);
            self.take(text, &captures, found);
            return;
        }
        let mut from = end.saturating_sub(self.longest);
        while from <= hit.offset {
            self.regex.search_captures(&Input::new(text).span(from..last), &mut captures);
            let Some(whole) = captures.get_match() else { return };
            if whole.start() > hit.offset {
                return;
            }
            if whole.end() >= end {
                self.take(text, &captures, found);
                return;
            }
            from = whole.end().max(from + 1);
        }
    }

    /// The value that ends at an offset, before its keyword.
    pub fn find_before(&self, value: &str, text: &[u8], end: usize) -> Option<Matched> {
        let syntax = syntax::Config::new().utf8(false).unicode(false);
        let build = || Regex::builder().configure(config()).syntax(syntax).build(value).ok();
        let alone = self.alone.get_or_init(build).as_ref()?;
        let start = gap::begins(text, end, self.longest);
        let found = alone.search(&Input::new(text).span(start..end).anchored(Anchored::Yes))?;
        (found.end() == end).then(|| Matched { whole: found.range(), secret: found.range() })
    }

    fn take(&self, text: &[u8], captures: &Captures, found: &mut dyn FnMut(Matched)) {
        let (Some(whole), Some(secret)) = (captures.get_match(), captures.get_group(self.secret)) else { return };
        let matched = Matched { whole: whole.range(), secret: secret.range() };
        if !self.boundary || self.is_bounded(text, &matched) {
            found(matched);
        }
    }

    /// Whether the value neither continues a word nor is continued.
    fn is_bounded(&self, text: &[u8], matched: &Matched) -> bool {
        // What stands before a value was matched by the expression itself.
        let begins = self.is_value || !is_word(text[matched.whole.start]) || is_word_start(text, matched.whole.start);
        let ends = match (text[..matched.secret.end].last(), text.get(matched.secret.end)) {
            // Where the expression goes on behind the secret, it says itself what may follow.
            (Some(&last), Some(&next)) if matched.secret.end == matched.whole.end => {
                // A value ends before punctuation that could belong to it if no more of it follows: `token.` or `token-`.
                let more = |at: usize| text.get(at).is_some_and(|&byte| is_word(byte));
                let goes_on = self.tail[usize::from(next)]
                    && (is_word(next) || b"+/=".contains(&next) || more(matched.secret.end + 1));
                !(goes_on || (is_word(last) && is_word(next)))
            }
            _ => true,
        };
        begins && ends
    }
}

/// Literals of at least four bytes of which every match ends with one; none where there are others.
fn ends_of(hir: &Hir) -> Vec<Vec<u8>> {
    let suffixes =
        regex_syntax::hir::literal::Extractor::new().kind(regex_syntax::hir::literal::ExtractKind::Suffix).extract(hir);
    let list: Vec<Vec<u8>> =
        suffixes.literals().unwrap_or_default().iter().map(|literal| literal.as_bytes().to_vec()).collect();
    if list.iter().all(|literal| literal.len() >= 4) { list } else { Vec::new() }
}

/// What stands between a keyword and its value: the rest of a name, signs, at most one line's end; or nothing but the rest of
/// a name, to which the value is glued.
fn value_pattern(value: &str) -> String {
    let gap = format!("[^\\n]{{0,{VALUE_REACH}}}?|[^\\n]{{0,{VALUE_REACH}}}?\\n(?:\\r?\\n)?[^\\n]{{0,{NEXT_LINE}}}?");
    let glue = "(?:[_-]?(?i:api|access|auth|client|app|personal|secret|private)){0,2}[_-]?(?i:key|token|secret)?[_-]?";
    format!("(?:(?:{gap})\\b{{start-half}}|{glue})(?P<secret>{value})")
}

fn begins_with_anchor(rule: &Rule) -> bool {
    matches!(&rule.form, Form::Pattern { place: Kind::Start, .. })
}

fn secret_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => Some(&capture.sub),
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// The bytes that may stand anywhere in a match of the expression.
fn all_bytes(hir: &Hir, out: &mut [bool; 256]) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| out[usize::from(byte)] = true),
        HirKind::Class(_) => last_bytes(hir, out),
        HirKind::Capture(capture) => all_bytes(&capture.sub, out),
        HirKind::Repetition(repetition) => all_bytes(&repetition.sub, out),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| all_bytes(part, out)),
    }
}

/// The bytes that a match of the expression may end with.
fn last_bytes(hir: &Hir, out: &mut [bool; 256]) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.last().into_iter().for_each(|&byte| out[usize::from(byte)] = true),
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().flat_map(|range| range.start()..=range.end()).for_each(|byte| out[usize::from(byte)] = true);
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ascii = class.iter().flat_map(|range| range.start()..=range.end().min('\u{7f}'));
            ascii.filter(char::is_ascii).for_each(|c| out[c as usize] = true);
        }
        HirKind::Capture(capture) => last_bytes(&capture.sub, out),
        HirKind::Repetition(repetition) => last_bytes(&repetition.sub, out),
        HirKind::Alternation(parts) => parts.iter().for_each(|part| last_bytes(part, out)),
        HirKind::Concat(parts) => {
            for part in parts.iter().rev() {
                last_bytes(part, out);
                if part.properties().minimum_len().unwrap_or(0) > 0 {
                    return;
                }
            }
        }
    }
}
