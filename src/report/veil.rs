//! The last look before anything is written: a secret that stands in a path, a reason or a note is masked too.
//!
//! The engine masks what it cuts out of files. But a token can also be a file's name, an author's or a word in
//! the configuration, and those texts go from their source to the report as they are.

use crate::finding::Finding;
use crate::text::mask_bytes;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A shorter secret is as likely a common word, and hiding it would only make paths unreadable.
const SHORTEST: usize = 8;
/// From this length on a secret is no common word, even without a digit in it.
const NO_WORD: usize = 16;
/// A longer one is a key or a file, which is no part of a name.
const LONGEST: usize = 1024;

/// The first bytes of a secret, by which it is found.
type Start = [u8; SHORTEST];

/// Masks the secrets of a run wherever they stand.
#[derive(Default)]
pub(super) struct Veil<'a> {
    /// Of one start the longest comes first, so that no tail is left of a secret that begins with another one.
    secrets: BTreeMap<Start, Vec<&'a [u8]>>,
}

impl<'a> Veil<'a> {
    /// Hides the secrets of these findings.
    pub(super) fn over(findings: &'a [Finding<'_>]) -> Self {
        let mut secrets: BTreeMap<Start, Vec<&[u8]>> = BTreeMap::new();
        let all = findings
            .iter()
            // A value that may be harmless may be a word, and a word stands in many paths.
            .filter(|finding| finding.confidence > crate::finding::Confidence::Possible)
            .filter_map(|finding| finding.secret.as_ref())
            .map(crate::text::Secret::expose);
        for secret in all.filter(|secret| worth_hiding(secret)) {
            if let Some(start) = secret.first_chunk() {
                secrets.entry(*start).or_default().push(secret);
            }
        }
        for alike in secrets.values_mut() {
            alike.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
        Self { secrets }
    }

    /// The text without any secret.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let (mut copied, mut at) = (0, 0);
        while let Some(rest) =
            text.as_bytes().get(at..).filter(|rest| rest.len() >= SHORTEST && !self.secrets.is_empty())
        {
            match self.at_start_of(rest) {
                Some(secret) => {
                    // Both ends are ends of characters, because the secret and the text are whole characters.
                    out.push_str(text.get(copied..at).unwrap_or_default());
                    out.push_str(&mask_bytes(secret));
                    at += secret.len();
                    copied = at;
                }
                None => at += 1,
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn at_start_of(&self, text: &[u8]) -> Option<&'a [u8]> {
        let alike = self.secrets.get(text.first_chunk::<SHORTEST>()?)?;
        alike.iter().copied().find(|secret| text.starts_with(secret))
    }
}

/// Only valid UTF-8 is looked for, so that a match never splits a character of the text.
fn worth_hiding(secret: &[u8]) -> bool {
    let mixed = secret.iter().any(u8::is_ascii_digit) && secret.iter().any(u8::is_ascii_alphabetic);
    let least = if mixed { SHORTEST } else { NO_WORD };
    (least..=LONGEST).contains(&secret.len()) && std::str::from_utf8(secret).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{finding, rule, secret};
    use super::*;

    #[test]
    fn a_secret_in_a_name_is_masked_and_the_rest_is_kept() {
        let (rule, value) = (rule("a"), secret(1));
        let findings = [finding(&rule, &value)];
        let veil = Veil::over(&findings);
        let shown = veil.text(&format!("keys/{value}.txt and é{value}")).into_owned();
        let masked = mask_bytes(value.as_bytes());
        assert_eq!(shown, format!("keys/{masked}.txt and é{masked}"));
        assert!(matches!(veil.text("src/main.rs"), Cow::Borrowed("src/main.rs")));
    }

    #[test]
    fn no_tail_is_left_of_the_longer_of_two() {
        let (rule, short) = (rule("a"), secret(1));
        let long = format!("{short}{}", secret(2));
        let findings = [finding(&rule, &short), finding(&rule, &long)];
        let veil = Veil::over(&findings);
        assert_eq!(veil.text(&long), mask_bytes(long.as_bytes()));
    }

    #[test]
    fn common_words_stay_readable() {
        let rule = rule("a");
        let findings = [finding(&rule, "postgres"), finding(&rule, "production")];
        let veil = Veil::over(&findings);
        assert_eq!(veil.text("deploy/production/postgres.yml"), "deploy/production/postgres.yml");
    }
}
