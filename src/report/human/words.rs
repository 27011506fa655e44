//! What the scales of a finding mean, said so that nobody has to look a word up.

use crate::finding::{Confidence, Exposure, Finding, Place, Severity, SuppressedBy, Suppression};
use crate::rule::Form;

/// So many refs are named; the others are counted.
const REFS: usize = 3;

/// `1 file`, `1,234 files`.
pub(super) fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", thousands(number))
}

/// `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `a, b and c`.
pub(super) fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The severity as it is shouted in a headline.
pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

/// Who may have seen it, and whether it is still there.
pub(super) fn exposure(finding: &Finding<'_>) -> String {
    let seen = match finding.exposure {
        Exposure::Worktree if all_ignored(&finding.places) => "on disk only; git ignores the file".to_owned(),
        Exposure::Worktree => "on disk only, not in git".to_owned(),
        Exposure::Staged => "staged: the next commit would record it".to_owned(),
        Exposure::Local => "committed, not pushed yet".to_owned(),
        Exposure::Unreachable => {
            "only in objects that no branch reaches (reflog, stash or dangling); who saw them is not known".to_owned()
        }
        Exposure::Pushed => format!(
            "pushed: {} can have been read by anyone with access",
            refs(&finding.exposed_refs, finding.exposed_more)
        ),
    };
    match (finding.exposure, finding.present) {
        (Exposure::Local | Exposure::Pushed, Some(true)) => format!("{seen}; still at the tip of a branch"),
        (Exposure::Local | Exposure::Pushed, Some(false)) => {
            format!("{seen}; gone from the branch tips, still in the history")
        }
        _ => seen,
    }
}

fn all_ignored(places: &[Place]) -> bool {
    !places.is_empty() && places.iter().all(|place| place.ignored)
}

fn refs(names: &[String], more: u64) -> String {
    if names.is_empty() {
        return "a remote branch".to_owned();
    }
    let mut shown: Vec<String> = names.iter().take(REFS).cloned().collect();
    let more = names.len().saturating_sub(REFS) as u64 + more;
    if more > 0 {
        shown.push(format!("{} more", thousands(more)));
    }
    and(&shown)
}

/// Why it is taken for a secret.
pub(super) fn confidence(finding: &Finding<'_>) -> String {
    let rule = finding.rule;
    let check = rule.check.map(checked);
    let reason = match (finding.confidence, &rule.form, finding.key.as_deref(), check) {
        (_, Form::File, ..) if rule.files.content.is_some() => "known by its name and its content".to_owned(),
        (_, Form::File, ..) => "known by its name".to_owned(),
        (Confidence::Proven, _, _, Some(check)) => format!("its {check} holds"),
        (Confidence::Proven, ..) => "nothing else has this form".to_owned(),
        (Confidence::Strong, ..) => "a distinctive format".to_owned(),
        (Confidence::Likely, _, Some(key), _) => format!("assigned to a key named `{key}`"),
        (Confidence::Likely, Form::Value { .. }, ..) => "the right form, next to the name of its service".to_owned(),
        (Confidence::Likely, ..) => "the right form, in the right surroundings".to_owned(),
        (Confidence::Possible, ..) if !rule.filters.under.is_empty() => {
            "it has the form, but no name beside it says that it opens something".to_owned()
        }
        // Of a rule that never says more, the check need not have failed.
        (Confidence::Possible, _, _, Some(check)) if rule.confidence > Confidence::Possible => {
            format!("it has the form, but its {check} fails")
        }
        (Confidence::Possible, _, Some(key), _) => {
            format!("assigned to a key named `{key}`, but the value may be harmless")
        }
        (Confidence::Possible, ..) => "the form alone, which other things have too".to_owned(),
    };
    format!("{}: {reason}", finding.confidence)
}

/// What a check looks at, as far as its name says.
fn checked(check: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| check.contains(word));
    if says(&["crc", "check", "bech32", "bip39", "mnemonic", "nkey"]) {
        "checksum"
    } else if says(&["pem", "der", "jwt", "openpgp", "openssh", "json"]) {
        "structure"
    } else {
        "checksum or structure"
    }
}

/// Who did it, where, and why.
pub(super) fn suppression(suppression: &Suppression) -> String {
    let Suppression { by, origin, reason } = suppression;
    format!("{}, {origin}: {}", suppressed_by(Some(*by)), reason.as_deref().unwrap_or("no reason given"))
}

/// What did it, as it stands behind "suppressed".
pub(super) const fn suppressed_by(by: Option<SuppressedBy>) -> &'static str {
    match by {
        Some(SuppressedBy::Config) => "by the configuration",
        Some(SuppressedBy::Inline) => "by a comment beside it",
        Some(SuppressedBy::ForeignInline) => "by a comment for another scanner",
        Some(SuppressedBy::Baseline) => "by the baseline",
        Some(SuppressedBy::DocumentedExample) => "as an example that documentation publishes",
        Some(SuppressedBy::Rotated) => "as rotated",
        None => "for no recorded reason",
    }
}

/// `31 ms` below a tenth of a second, else `0.3 s`.
pub(super) fn seconds(milliseconds: u64) -> String {
    if milliseconds < 100 {
        return format!("{milliseconds} ms");
    }
    let tenths = milliseconds.saturating_add(50) / 100;
    format!("{}.{} s", thousands(tenths / 10), tenths % 10)
}

/// `45.6 MB`, in powers of ten as disks are sold.
pub(super) fn size(bytes: u64) -> String {
    let mut unit = 1;
    for name in ["bytes", "kB", "MB", "GB", "TB"] {
        // Of 999,950 bytes a tenth of a kB would be rounded up to 1000.0.
        if bytes < unit * 1000 - unit / 20 || name == "TB" {
            let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
            let whole = thousands(u64::try_from(tenths / 10).unwrap_or(u64::MAX));
            return if unit == 1 { count(bytes, "byte") } else { format!("{whole}.{} {name}", tenths % 10) };
        }
        unit *= 1000;
    }
    count(bytes, "byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{finding, rule};

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(
            [count(0_u64, "file"), count(1_u64, "file"), count(1_234_567_u64, "file")],
            ["0 files", "1 file", "1,234,567 files"]
        );
    }

    #[test]
    fn sizes_and_times_are_rounded_once() {
        let sizes = [0, 1, 999, 1000, 45_649_999, 999_949, 999_950, 1_500_000_000_000_000, u64::MAX];
        assert_eq!(
            sizes.map(size),
            [
                "0 bytes",
                "1 byte",
                "999 bytes",
                "1.0 kB",
                "45.6 MB",
                "999.9 kB",
                "1.0 MB",
                "1,500.0 TB",
                "18,446,744.1 TB"
            ]
        );
        assert_eq!([0, 99, 100, 349, 350, 61_000].map(seconds), ["0 ms", "99 ms", "0.1 s", "0.3 s", "0.4 s", "61.0 s"]);
    }

    #[test]
    fn lists_are_read_aloud() {
        let items = ["a", "b", "c"].map(String::from);
        assert_eq!([and(&[]), and(&items[..1]), and(&items[..2]), and(&items)], ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn exposure_names_who_may_have_seen_it_and_whether_it_is_still_there() {
        let rule = rule("a");
        let said = |exposure, present, refs: &[&str]| {
            let exposed_refs = refs.iter().map(|name| (*name).to_owned()).collect();
            super::exposure(&Finding { exposure, exposed_refs, present, ..finding(&rule, "x") })
        };
        assert_eq!(said(Exposure::Worktree, None, &[]), "on disk only, not in git");
        assert_eq!(said(Exposure::Staged, Some(false), &[]), "staged: the next commit would record it");
        assert_eq!(said(Exposure::Local, Some(true), &[]), "committed, not pushed yet; still at the tip of a branch");
        assert_eq!(
            said(Exposure::Pushed, Some(false), &["origin/main"]),
            "pushed: origin/main can have been read by anyone with access; gone from the branch tips, still in the history"
        );
        assert_eq!(
            said(Exposure::Pushed, None, &["a", "b", "c", "d"]),
            "pushed: a, b, c and 1 more can have been read by anyone with access"
        );
        assert_eq!(
            said(Exposure::Pushed, None, &[]),
            "pushed: a remote branch can have been read by anyone with access"
        );
        let mut ignored = finding(&rule, "x");
        ignored.places[0].ignored = true;
        assert_eq!(exposure(&ignored), "on disk only; git ignores the file");
    }

    #[test]
    fn confidence_names_its_reason() {
        let said = |check: Option<&'static str>, confidence, key: Option<&str>| {
            let rule = crate::rule::Rule { check, ..rule("a") };
            super::confidence(&Finding { confidence, key: key.map(str::to_owned), ..finding(&rule, "x") })
        };
        assert_eq!(said(Some("crc32-base62-last6"), Confidence::Proven, None), "proven: its checksum holds");
        assert_eq!(said(Some("pem-private-key"), Confidence::Proven, None), "proven: its structure holds");
        assert_eq!(said(Some("xrp-seed"), Confidence::Proven, None), "proven: its checksum or structure holds");
        assert_eq!(said(None, Confidence::Proven, None), "proven: nothing else has this form");
        assert_eq!(said(None, Confidence::Strong, Some("token")), "strong: a distinctive format");
        assert_eq!(said(None, Confidence::Likely, Some("db_pw")), "likely: assigned to a key named `db_pw`");
        assert_eq!(said(Some("jwt"), Confidence::Possible, None), "possible: it has the form, but its structure fails");
        assert_eq!(said(None, Confidence::Possible, None), "possible: the form alone, which other things have too");
        let id = crate::rule::Rule { check: Some("aws-account"), confidence: Confidence::Possible, ..rule("a") };
        let told = confidence(&Finding { confidence: Confidence::Possible, ..finding(&id, "x") });
        assert_eq!(told, "possible: the form alone, which other things have too");
    }
}
