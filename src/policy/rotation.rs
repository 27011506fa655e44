//! Rotations: what was revoked, when and by whom, and what follows for a finding.
//!
//! A revoked secret is harmless where it already lies, and a warning sign wherever it turns up anew: somebody works with
//! an old copy. So a rotation that is done holds for the objects (blobs) that held the secret when it was recorded,
//! and for no other. A place in a file that was changed, staged or committed since then blocks again. Reading
//! and writing the record is the configuration's affair, finding the blobs is git's.

use super::reason::safe_reason;
use crate::finding::{SuppressedBy, Suppression};
use std::collections::{BTreeMap, BTreeSet};

/// How far a rotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RotationState {
    /// Somebody is at it; the secret still gives access.
    Started,
    /// The secret gives access to nothing any more.
    Done,
}

impl RotationState {
    /// The word in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
        }
    }
}

/// One line of the record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rotation {
    /// The finding.
    pub id: String,
    /// The day, `2026-01-31`.
    pub on: String,
    /// How far it is.
    pub state: RotationState,
    /// The rule that found it.
    pub rule: String,
    /// Who did it: a name, and an address where one is known.
    pub by: String,
    /// What somebody should know about it.
    pub note: Option<String>,
    /// The commit at `HEAD` when it was done.
    pub commit: Option<String>,
    /// The objects that held the secret when it was done, in hexadecimal.
    pub blobs: BTreeSet<String>,
}

/// The record, asked about findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotations {
    /// The rotations that are done, by finding, each with the line it is written on.
    done: BTreeMap<String, Vec<(String, Rotation)>>,
}

impl Rotations {
    /// Of the record's lines, each with where it is written (`plainsight-rotations.jsonl:3`).
    #[must_use]
    pub fn new(lines: Vec<(String, Rotation)>) -> Self {
        let mut done: BTreeMap<String, Vec<(String, Rotation)>> = BTreeMap::new();
        for (origin, rotation) in lines.into_iter().filter(|(_, rotation)| rotation.state == RotationState::Done) {
            done.entry(rotation.id.clone()).or_default().push((origin, rotation));
        }
        Self { done }
    }

    /// Whether a rotation of this finding is done; only then is it worth knowing the blobs of its places.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.done.contains_key(id)
    }

    /// Whether a place no longer counts: one of the ids that the finding goes by is recorded as done, and the text at
    /// the place was known then by one of these names.
    #[must_use]
    pub fn judge(&self, ids: &[&str], blobs: &[String]) -> Option<Suppression> {
        let mut lines = ids.iter().filter_map(|id| self.done.get(*id)).flatten();
        let (origin, rotation) = lines.find(|(_, rotation)| blobs.iter().any(|blob| rotation.blobs.contains(blob)))?;
        Some(Suppression { by: SuppressedBy::Rotated, origin: origin.clone(), reason: Some(rotation.reason()) })
    }
}

impl Rotation {
    /// `revoked on 2026-01-31 by Ada Example <ada@example.com>`.
    #[must_use]
    pub fn reason(&self) -> String {
        let note = self.note.as_deref().map(|note| format!(" ({})", safe_reason(note))).unwrap_or_default();
        format!("revoked on {} by {}{note}", self.on, safe_reason(&self.by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotation(id: &str, state: RotationState, blobs: &[&str]) -> (String, Rotation) {
        let rotation = Rotation {
            id: id.into(),
            on: "2026-01-31".into(),
            state,
            rule: "example-token".into(),
            by: "Ada Example <ada@example.com>".into(),
            note: Some("ticket 42".into()),
            commit: None,
            blobs: blobs.iter().map(|blob| (*blob).to_owned()).collect(),
        };
        ("plainsight-rotations.jsonl:1".into(), rotation)
    }

    fn judged(rotations: &Rotations, ids: &[&str], blobs: &[&str]) -> Option<String> {
        let blobs: Vec<String> = blobs.iter().map(|blob| (*blob).to_owned()).collect();
        rotations.judge(ids, &blobs).and_then(|suppression| suppression.reason)
    }

    #[test]
    fn what_was_known_when_it_was_done_no_longer_counts() {
        let rotations = Rotations::new(vec![
            rotation("a", RotationState::Done, &["1", "2"]),
            rotation("a", RotationState::Done, &["4"]),
            rotation("b", RotationState::Started, &["3"]),
        ]);
        let reason = "revoked on 2026-01-31 by Ada Example <ada@example.com> (ticket 42)";
        for (ids, blobs, holds) in [
            (&["a"][..], &["2"][..], true),
            (&["x", "a"], &["4"], true),
            (&["a"], &["3"], false),
            (&["a"], &[], false),
            (&["b"], &["3"], false),
            (&[], &["1"], false),
        ] {
            assert_eq!(judged(&rotations, ids, blobs).as_deref(), holds.then_some(reason), "{ids:?} {blobs:?}");
        }
        assert!(rotations.knows("a") && !rotations.knows("b"));
    }

    #[test]
    fn nothing_recorded_excuses_nothing() {
        assert_eq!(judged(&Rotations::default(), &["a"], &["1"]), None);
    }
}
