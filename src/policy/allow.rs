//! Allowances: the `[[allow]]` entries of a configuration, asked about findings.
//!
//! An entry holds only where all its conditions do, and not after its last day. Every use is counted, because
//! an entry that fits nothing any more is a hole kept open for the next secret; the notes say so. Reading
//! entries from a file is the configuration's affair.

use super::globs::Globs;
use super::reason::safe_reason;
use crate::finding::{SuppressedBy, Suppression};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// One entry, every value of it understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is written, as a person would look for it: `plainsight.toml:12`.
    pub origin: String,
    /// Why it is right to allow this.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The finding of this id.
    pub id: Option<String>,
    /// Findings of this rule.
    pub rule: Option<String>,
    /// Findings in files whose path, from the configuration's folder, fits; `None` is anywhere.
    pub paths: Option<Globs>,
    /// The secret with this SHA-256.
    pub value_sha256: Option<[u8; 32]>,
    /// Said by an entry that is tied to no value, and so will allow secrets nobody has seen yet.
    pub whole_file: bool,
}

/// The entries of one run, with the count of their uses.
#[derive(Debug, Default)]
pub struct Allowances {
    entries: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    entry: Entry,
    expired: bool,
    uses: AtomicU64,
}

/// What is asked about.
struct Subject<'a> {
    rule_id: &'a str,
    finding_id: &'a str,
    path: &'a str,
    secret: Option<&'a [u8]>,
    /// Filled on the first entry that asks for it.
    digests: Option<Vec<[u8; 32]>>,
}

impl Allowances {
    /// `today` decides which entries have expired; an entry still holds on the day that it names.
    #[must_use]
    pub fn new(entries: Vec<Entry>, today: Date) -> Self {
        let counted = |entry: Entry| Counted {
            expired: entry.expires.is_some_and(|last_day| last_day < today),
            entry,
            uses: AtomicU64::new(0),
        };
        Self { entries: entries.into_iter().map(counted).collect() }
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first entry that holds for a secret at a place. `path` is relative to the configuration's folder; a
    /// finding on a whole file has no secret, and no `value_sha256` holds for it.
    #[must_use]
    pub fn judge(&self, rule_id: &str, finding_id: &str, path: &str, secret: Option<&[u8]>) -> Option<Suppression> {
        let mut subject = Subject { rule_id, finding_id, path, secret, digests: None };
        let mut first = None;
        for counted in &self.entries {
            if !counted.entry.fits(&mut subject) {
                continue;
            }
            // Every entry that fits is counted, so that "unused" means that deleting it changes nothing.
            counted.uses.fetch_add(1, Ordering::Relaxed);
            if !counted.expired && first.is_none() {
                first = Some(counted.entry.suppression());
            }
        }
        first
    }

    /// What should be said of entries after a run over everything: the unused and the expired ones, in the
    /// order of the file. After a run over a part, an unused entry means nothing: see [`Self::expired_notes`].
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.entries.iter().filter_map(|counted| counted.expired_note().or_else(|| counted.unused_note())).collect()
    }

    /// The notes that are true after a run over a part, too: expired entries that were needed.
    #[must_use]
    pub fn expired_notes(&self) -> Vec<String> {
        self.entries.iter().filter(|counted| counted.uses() > 0).filter_map(Counted::expired_note).collect()
    }
}

impl Counted {
    fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    fn expired_note(&self) -> Option<String> {
        let last_day = self.entry.expires.filter(|_| self.expired)?;
        let (origin, owner) = (&self.entry.origin, self.entry.owner_suffix());
        let what = match self.uses() {
            0 => "and fits nothing: delete it".to_owned(),
            uses => format!(
                "and would still hold {uses} {}: rotate the secret and delete the entry, or decide anew and set a \
                 later `expires`",
                if uses == 1 { "time" } else { "times" }
            ),
        };
        Some(format!("{origin}: this [[allow]]{owner} expired on {last_day} {what}"))
    }

    fn unused_note(&self) -> Option<String> {
        (self.uses() == 0).then(|| {
            let (origin, owner) = (&self.entry.origin, self.entry.owner_suffix());
            format!("{origin}: this [[allow]]{owner} fits nothing that was scanned: delete it, or mend its conditions")
        })
    }
}

impl Entry {
    fn fits(&self, subject: &mut Subject<'_>) -> bool {
        let tied = self.id.is_some() || self.value_sha256.is_some() || self.whole_file;
        tied && self.id.as_ref().is_none_or(|id| id == subject.finding_id)
            && self.rule.as_ref().is_none_or(|rule| rule == subject.rule_id)
            && self.value_sha256.is_none_or(|digest| subject.has_digest(&digest))
            && self.paths.as_ref().is_none_or(|paths| paths.matches(subject.path))
    }

    fn suppression(&self) -> Suppression {
        Suppression { by: SuppressedBy::Config, origin: self.origin.clone(), reason: Some(safe_reason(&self.reason)) }
    }

    fn owner_suffix(&self) -> String {
        self.owner.as_ref().map(|owner| format!(" (owner: {})", safe_reason(owner))).unwrap_or_default()
    }
}

impl Subject<'_> {
    /// A key with CRLF line ends is the same key, so both its digests count.
    fn has_digest(&mut self, digest: &[u8; 32]) -> bool {
        let secret = self.secret;
        let digests = self.digests.get_or_insert_with(|| {
            let Some(secret) = secret else { return Vec::new() };
            let mut digests = vec![Sha256::digest(secret).into()];
            if secret.contains(&b'\r') {
                let unix: Vec<u8> = secret.iter().copied().filter(|&byte| byte != b'\r').collect();
                digests.push(Sha256::digest(unix).into());
            }
            digests
        });
        digests.contains(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 6, 15);

    fn entry(change: impl FnOnce(&mut Entry)) -> Entry {
        let mut entry = Entry {
            origin: "plainsight.toml:7".into(),
            reason: "a test value".into(),
            expires: None,
            owner: None,
            id: None,
            rule: None,
            paths: None,
            value_sha256: None,
            whole_file: true,
        };
        change(&mut entry);
        entry
    }

    fn holds(entry: Entry) -> bool {
        let secret = Some(b"line one\r\nline two".as_slice());
        Allowances::new(vec![entry], TODAY).judge("rule-a", "ps1-1", "tests/a.env", secret).is_some()
    }

    #[test]
    fn all_conditions_must_hold() {
        let globs = |glob: &str| Some(Globs::new(&[glob]).expect("the test's glob is a glob"));
        for (held, entry) in [
            (true, entry(|e| e.rule = Some("rule-a".into()))),
            (false, entry(|e| e.rule = Some("rule-b".into()))),
            (true, entry(|e| (e.rule, e.id) = (Some("rule-a".into()), Some("ps1-1".into())))),
            (false, entry(|e| (e.rule, e.id) = (Some("rule-a".into()), Some("ps1-2".into())))),
            (true, entry(|e| e.paths = globs("tests/"))),
            (false, entry(|e| (e.paths, e.id) = (globs("src/"), Some("ps1-1".into())))),
            (true, entry(|e| e.value_sha256 = Some(Sha256::digest(b"line one\r\nline two").into()))),
            (true, entry(|e| e.value_sha256 = Some(Sha256::digest(b"line one\nline two").into()))),
            (false, entry(|e| e.value_sha256 = Some(Sha256::digest(b"line one").into()))),
            (false, entry(|e| (e.rule, e.whole_file) = (Some("rule-a".into()), false))),
        ] {
            assert_eq!(holds(entry.clone()), held, "{entry:?}");
        }
    }

    #[test]
    fn an_entry_holds_through_its_last_day() {
        assert!(holds(entry(|e| e.expires = Some(TODAY))));
        assert!(!holds(entry(|e| e.expires = TODAY.yesterday().ok())));
    }

    #[test]
    fn a_value_does_not_hold_for_a_finding_without_one() {
        let empty = entry(|e| e.value_sha256 = Some(Sha256::digest(b"").into()));
        assert!(Allowances::new(vec![empty], TODAY).judge("rule-a", "ps1-1", "a", None).is_none());
    }

    #[test]
    fn uses_are_counted_across_threads() {
        let allowances = Allowances::new(
            vec![entry(|e| (e.rule, e.expires) = (Some("rule-a".into()), TODAY.yesterday().ok()))],
            TODAY,
        );
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| drop(allowances.judge("rule-a", "ps1-1", "a", None))));
            }
        });
        assert!(allowances.notes().concat().contains("hold 400 times"), "{:?}", allowances.notes());
    }

    #[test]
    fn unused_and_expired_ones_are_told() {
        let expired = |e: &mut Entry| (e.expires, e.owner) = (TODAY.yesterday().ok(), Some("team-x".into()));
        let allowances = Allowances::new(
            vec![
                entry(|e| e.rule = Some("rule-a".into())),
                entry(|e| e.rule = Some("gone".into())),
                entry(expired),
                entry(|e| {
                    expired(e);
                    e.rule = Some("gone".into());
                }),
            ],
            TODAY,
        );
        let suppression = allowances.judge("rule-a", "ps1-1", "a", None);
        assert_eq!(suppression.and_then(|s| s.reason).as_deref(), Some("a test value"));
        assert_eq!(
            allowances.notes(),
            [
                "plainsight.toml:7: this [[allow]] fits nothing that was scanned: delete it, or mend its conditions",
                "plainsight.toml:7: this [[allow]] (owner: team-x) expired on 2026-06-14 and would still hold 1 \
                 time: rotate \
                 the secret and delete the entry, or decide anew and set a later `expires`",
                "plainsight.toml:7: this [[allow]] (owner: team-x) expired on 2026-06-14 and fits nothing: delete it",
            ]
        );
        assert_eq!(allowances.expired_notes().len(), 1);
    }
}
