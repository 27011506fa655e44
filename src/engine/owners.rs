//! Who wants to know of an anchor: rules, the judged assignments, the decoders.

use super::assign::TRIGGERS;
use super::manifest;
use super::prefilter::{Anchor, Kind};
use crate::rule::{Form, Rule};
use std::collections::HashMap;

/// One that looks at a place where an anchor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The rule of that number.
    Rule(u32),
    /// The judged assignments.
    Assignment,
    /// Kubernetes Secret manifests.
    Manifest,
    /// The decoder of percent-encoded text.
    Percent,
    /// The decoder of escaped text.
    Escape,
}

/// An anchor, whether it is found in either case, where it is looked for, and by whom.
type Wanted<'r> = (&'r [u8], bool, Kind, Owner);

/// Sorts anchors. Most are told apart by their first eight bytes, which are compared as one number: every run begins with this.
fn sort(wanted: &mut Vec<Wanted<'_>>) {
    let first = |bytes: &[u8]| {
        let mut first = [0; 8];
        let length = bytes.len().min(8);
        first[..length].copy_from_slice(&bytes[..length]);
        u64::from_be_bytes(first)
    };
    let mut keyed: Vec<(u64, Wanted<'_>)> = wanted.drain(..).map(|one| (first(one.0), one)).collect();
    keyed.sort_unstable();
    wanted.extend(keyed.into_iter().map(|(_, one)| one));
}

/// Owners by the number of the anchor.
#[derive(Debug)]
pub struct Owners {
    ranges: Vec<(u32, u32)>,
    owners: Vec<Owner>,
}

impl Owners {
    /// Collects the anchors of all rules and of the engine's own parts, each once.
    #[must_use]
    pub fn of(rules: &[Rule]) -> (Self, Vec<Anchor>) {
        let mut wanted: Vec<Wanted<'_>> = Vec::with_capacity(rules.len() * 3);
        for (number, rule) in (0u32..).zip(rules) {
            let kind = match &rule.form {
                Form::Pattern { place, .. } => *place,
                Form::Value { .. } => Kind::Keyword,
                Form::Assignment { .. } | Form::File => continue,
            };
            wanted.extend(rule.anchors().iter().map(|anchor| (anchor.as_bytes(), false, kind, Owner::Rule(number))));
            let words = rule.keywords().iter().chain(rule.providers());
            wanted.extend(words.map(|word| (word.as_bytes(), true, kind, Owner::Rule(number))));
        }
        let generic = Generic::of(rules);
        if !generic.is_empty() {
            wanted.extend(TRIGGERS.iter().map(|word| (word.as_bytes(), true, Kind::Free, Owner::Assignment)));
        }
        if generic.rule(manifest::RULE_ID).is_some() {
            wanted.extend(manifest::ANCHORS.iter().map(|word| (word.as_bytes(), true, Kind::Free, Owner::Manifest)));
        }
        let (percent, escape) = (percent_anchors(), escape_anchors());
        wanted.extend(percent.iter().map(|anchor| (anchor.as_slice(), true, Kind::Free, Owner::Percent)));
        wanted.extend(escape.iter().map(|anchor| (*anchor, true, Kind::Free, Owner::Escape)));
        sort(&mut wanted);
        wanted.dedup();
        let mut this = Self { ranges: Vec::new(), owners: Vec::with_capacity(wanted.len()) };
        let mut anchors = Vec::new();
        for group in wanted.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
            let start = this.len();
            this.owners.extend(group.iter().map(|entry| entry.3));
            this.ranges.push((start, this.len()));
            let (bytes, any_case, kind, _) = group[0];
            let bytes: Box<[u8]> = if any_case { bytes.to_ascii_lowercase().into() } else { bytes.into() };
            anchors.push(Anchor { bytes, any_case, kind });
        }
        (this, anchors)
    }

    fn len(&self) -> u32 {
        u32::try_from(self.owners.len()).unwrap_or(u32::MAX)
    }

    /// Everyone who wants to know of an anchor.
    #[inline]
    #[must_use]
    pub fn of_anchor(&self, anchor: u32) -> &[Owner] {
        let (start, end) = self.ranges[anchor as usize];
        &self.owners[start as usize..end as usize]
    }
}

/// Two percent-encoded bytes in a row, of which the first is a letter, a digit or a sign of addresses: nobody encodes
/// those but to hide or by machine.
fn percent_anchors() -> Vec<[u8; 4]> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut anchors = vec![*b"%2f%", *b"%2b%", *b"%2d%", *b"%2e%"];
    for high in b'3'..=b'7' {
        anchors.extend(HEX.iter().map(|&low| [b'%', high, low, b'%']));
    }
    anchors
}

/// Escapes of printable characters, and escaped slashes of an address.
fn escape_anchors() -> Vec<&'static [u8]> {
    vec![br"\u00", br"\u{", br"\x2", br"\x3", br"\x4", br"\x5", br"\x6", br"\x7", br":\/\/"]
}

/// The rules that the engine's judges report under, by id.
#[derive(Debug)]
pub struct Generic {
    by_id: HashMap<String, usize>,
}

impl Generic {
    /// The rules of form `[assignment]`.
    #[must_use]
    pub fn of(rules: &[Rule]) -> Self {
        let generic = rules.iter().enumerate().filter(|(_, rule)| matches!(rule.form, Form::Assignment { .. }));
        Self { by_id: generic.map(|(number, rule)| (rule.id.to_owned(), number)).collect() }
    }

    /// The number of such a rule, if it is active.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}
