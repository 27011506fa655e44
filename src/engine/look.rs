//! What an event of the prefilter points to, looked at by those who asked for it.

use super::matcher::{Guard, Matcher};
use super::prefilter::Hit;
use super::{Engine, Raw, Text, assign, envfile, filter, gap, judge, manifest};
use crate::finding::Confidence;
use crate::rule::Form;
use std::collections::HashMap;
use std::ops::Range;

/// What expressions with long matches have cost in one text, so that a text made of their anchors cannot stop the run.
///
/// Such an expression looks at up to 32 KiB for each of its anchors. Tried in vain [`Work::IN_VAIN`] times within its own
/// length, it is not tried again before that length is passed, and the text counts as not wholly read.
#[derive(Debug, Default)]
pub(super) struct Work {
    tried: HashMap<usize, (usize, u32)>,
    pub(super) gave_up: bool,
}

impl Work {
    pub(super) const IN_VAIN: u32 = 32;
    /// Expressions with shorter matches cost too little to count.
    const LONG: usize = 1024;

    pub(super) fn allows(&mut self, rule: usize, offset: usize, longest: usize) -> bool {
        if longest < Self::LONG {
            return true;
        }
        let (start, count) = self.tried.entry(rule).or_insert((offset, 0));
        if offset >= *start + longest {
            (*start, *count) = (offset, 0);
        }
        *count += 1;
        self.gave_up |= *count > Self::IN_VAIN;
        *count <= Self::IN_VAIN
    }

    pub(super) fn found(&mut self, rule: usize, end: usize) {
        self.tried.insert(rule, (end, 0));
    }
}

impl Engine<'_> {
    /// The expression of a rule, compiled when it is first asked for.
    pub(super) fn matcher(&self, number: usize) -> Option<&Matcher> {
        // An expression that does not compile was refused before: by `rules check` if built in, by the loader else.
        self.matchers[number].get_or_init(|| Matcher::new(&self.rules[number]).ok().flatten()).as_ref()
    }

    /// Tries a rule's expression around an anchor.
    pub(super) fn try_rule(&self, text: &Text<'_>, number: usize, hit: Hit, work: &mut Work, out: &mut Vec<Raw>) {
        let rule = &self.rules[number];
        let is_value = matches!(rule.form, Form::Value { .. });
        if text.formats_only && (is_value || rule.confidence < Confidence::Strong) {
            return;
        }
        let guard = self.guards[number].get_or_init(|| Guard::new(rule));
        if guard.as_ref().is_some_and(|guard| !guard.lets_pass(text.bytes, hit.offset)) {
            return;
        }
        let Some(matcher) = self.matcher(number) else { return };
        let length = self.prefilter.anchors()[hit.anchor as usize].bytes.len();
        if !work.allows(number, hit.offset, matcher.longest()) {
            return;
        }
        let anchor = hit.offset..hit.offset + length;
        matcher.find(text.bytes, hit, length, &mut |matched| {
            work.found(number, matched.whole.end);
            let judged = judge::judge(rule, text.bytes, anchor.clone(), &matched);
            out.extend(judged.map(|judged| Self::matched(number, text.bytes, matched.secret, judged)));
        });
        if let Form::Value { value, .. } = &rule.form
            && let Some((end, confidence)) = gap::ends_before(text.bytes, &anchor)
            && let Some(matched) = matcher.find_before(value, text.bytes, end)
            && let Some(mut judged) = judge::judge_alone(rule, text.bytes, &matched)
        {
            judged.confidence = judged.confidence.min(confidence);
            out.push(Self::matched(number, text.bytes, matched.secret, judged));
        }
    }

    fn matched(rule: usize, text: &[u8], secret: Range<usize>, judged: judge::Judged) -> Raw {
        Raw {
            rule,
            value: text[secret.clone()].to_vec(),
            span: secret,
            confidence: judged.confidence,
            decoded: Vec::new(),
            key: None,
            documented: judged.documented,
        }
    }

    /// Reads and judges the assignment around an anchor; one whose key is `last_key` was judged already.
    pub(super) fn try_assignment(&self, text: &Text<'_>, hit: Hit, last_key: &mut usize, out: &mut Vec<Raw>) {
        if text.formats_only {
            return;
        }
        let length = self.prefilter.anchors()[hit.anchor as usize].bytes.len();
        let Some(assignment) = assign::read(text.bytes, hit.offset..hit.offset + length) else { return };
        if std::mem::replace(last_key, assignment.key.start) == assignment.key.start {
            return;
        }
        let Some(judged) = assign::judge(text.bytes, &assignment, text.kind) else { return };
        let Some(rule) = self.generic.rule(judged.class.rule_id()) else { return };
        out.push(Self::assigned(rule, text.bytes, assignment.key, assignment.value, judged.confidence));
    }

    /// A value that was assigned to a key.
    pub(super) fn assigned(
        rule: usize,
        text: &[u8],
        key: Range<usize>,
        value: Range<usize>,
        confidence: Confidence,
    ) -> Raw {
        let bytes = &text[value.clone()];
        Raw {
            rule,
            value: bytes.to_vec(),
            span: value,
            confidence,
            decoded: Vec::new(),
            key: Some(String::from_utf8_lossy(&text[key]).into_owned()),
            documented: filter::documented(bytes),
        }
    }

    /// An entry of a Kubernetes Secret manifest.
    pub(super) fn manifest_secret(&self, text: &Text<'_>, secret: manifest::Entry, out: &mut Vec<Raw>) {
        let Some(rule) = self.generic.rule(manifest::RULE_ID) else { return };
        if text.formats_only {
            return;
        }
        let mut raw = Self::assigned(rule, text.bytes, secret.key, secret.value, Confidence::Likely);
        if let Some(decoded) = secret.decoded {
            raw.value = decoded;
            raw.decoded.push("base64");
        }
        out.push(raw);
    }

    /// The entries of an environment file that hold real values, and the file itself.
    pub(super) fn environment(&self, text: &Text<'_>, out: &mut Vec<Raw>) {
        let name = text.path.rsplit(|&byte| byte == b'/').next().unwrap_or(text.path).to_ascii_lowercase();
        let Some(name) = std::str::from_utf8(&name).ok().and_then(envfile::EnvName::of) else { return };
        if text.formats_only {
            return;
        }
        let entries = envfile::entries(text.bytes);
        // Values whose form a rule knows, and of which it says that they open nothing as they stand: a wrong checksum, a locked key.
        let has_format = |raw: &&Raw| matches!(self.rules[raw.rule].form, Form::Pattern { .. });
        // What is no more than possible by its form alone, says nothing against a value.
        let is_lowered =
            |raw: &&Raw| raw.confidence == Confidence::Possible && self.rules[raw.rule].confidence > raw.confidence;
        let weak = out.iter().filter(has_format).filter(is_lowered);
        let weak: Vec<Range<usize>> = weak.map(|raw| raw.span.clone()).collect();
        let is_weak = |value: &Range<usize>| weak.contains(value);
        // What the rules found in it is real too: a password in an address, say.
        let is_real = |raw: &&Raw| {
            let is_sure = raw.confidence >= Confidence::Likely && !raw.span.is_empty();
            is_sure && (has_format(raw) || !is_weak(&raw.span))
        };
        let mut real = out.iter().filter(is_real).count();
        for entry in entries {
            let Some(confidence) = envfile::judge(text.bytes, &entry, name) else { continue };
            if is_weak(&entry.value) {
                continue;
            }
            real += 1;
            if let Some(rule) = self.generic.rule(envfile::VALUE_RULE_ID) {
                out.push(Self::assigned(rule, text.bytes, entry.key, entry.value, confidence));
            }
        }
        if name == envfile::EnvName::Real
            && let Some(rule) = self.generic.rule(envfile::FILE_RULE_ID)
        {
            let confidence = if real > 0 { Confidence::Strong } else { Confidence::Possible };
            out.push(Raw {
                rule,
                span: 0..0,
                value: Vec::new(),
                confidence,
                decoded: Vec::new(),
                key: None,
                documented: None,
            });
        }
    }
}
