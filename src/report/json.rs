//! The machine formats `json` and `jsonl`, schema 1.
//!
//! Other programs rely on every field: within the schema fields are added at the end of an object, and none is
//! renamed or dropped. Both formats write the same objects, one a line, so that a document can be read by a
//! person and compared by `diff`; they differ only in what stands around the objects.

use super::Report;
use crate::finding::{Finding, Other, Place, Skip, Suppression, Verdict};
use crate::rule::Rotate;
use crate::text::{Secret, printable};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The number that readers check first.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct FindingObject<'a> {
    r#type: &'static str,
    schema: u32,
    id: &'a str,
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    confidence: &'static str,
    verdict: &'static str,
    exposure: &'static str,
    exposed_refs: Vec<Cow<'a, str>>,
    present: Option<bool>,
    masked: Option<String>,
    secret: Option<Cow<'a, str>>,
    length: Option<usize>,
    decoded: &'a [&'static str],
    places: Vec<PlaceObject<'a>>,
    rotate: RotateObject<'a>,
    suppressed_by: Option<SuppressionObject<'a>>,
    key: Option<Cow<'a, str>>,
    paired: Vec<OtherObject<'a>>,
    commits: Option<u64>,
    exposed_more: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
}

#[derive(Serialize)]
struct OtherObject<'a> {
    id: &'a str,
    rule: &'a str,
    title: &'a str,
    masked: Option<String>,
    secret: Option<Cow<'a, str>>,
    length: Option<usize>,
    places: Vec<PlaceObject<'a>>,
}

#[derive(Serialize)]
struct PlaceObject<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    path_escaped: bool,
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
    blob: Option<&'a str>,
    commit: Option<&'a str>,
    author: Option<Cow<'a, str>>,
    date: Option<&'a str>,
    removed_in: Option<&'a str>,
    ignored: bool,
    subject: Option<Cow<'a, str>>,
    now_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_by: Option<SuppressionObject<'a>>,
}

#[derive(Serialize)]
struct RotateObject<'a> {
    revoke_url: Option<&'a str>,
    revoke_command: Option<&'a str>,
    steps: &'a [&'static str],
    docs: Option<&'a str>,
}

#[derive(Serialize)]
struct SuppressionObject<'a> {
    by: crate::finding::SuppressedBy,
    origin: Cow<'a, str>,
    reason: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct SkipObject<'a> {
    r#type: &'static str,
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    path_escaped: bool,
    reason: Cow<'a, str>,
    kind: &'static str,
    incomplete: bool,
}

#[derive(Serialize)]
struct SummaryObject<'a> {
    r#type: &'static str,
    schema: u32,
    status: &'static str,
    findings: CountsObject,
    coverage: CoverageObject<'a>,
    rules: usize,
    elapsed_ms: u64,
    notes: Vec<Cow<'a, str>>,
}

#[derive(Serialize)]
struct CountsObject {
    block: usize,
    warn: usize,
    suppressed: usize,
}

#[derive(Serialize)]
struct CoverageObject<'a> {
    files: u64,
    blobs: u64,
    commits: u64,
    refs: u64,
    bytes: u64,
    skipped: &'a BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<KnownObject<'a>>,
}

#[derive(Serialize)]
struct KnownObject<'a> {
    blobs: u64,
    commits: u64,
    since: &'a str,
}

/// `{"schema":1,"findings":[…],"skips":[…],"summary":{…}}`, with a line for each object.
pub(super) fn write_document(report: Report<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\":{SCHEMA},\"findings\":[")?;
    elements(report.findings(), out)?;
    write!(out, "],\"skips\":[")?;
    elements(report.skips(), out)?;
    write!(out, "],\"summary\":")?;
    object(&report.summary(), out)?;
    out.write_all(b"}\n")
}

/// Findings, then skips, then the summary: a report without its last line was cut off.
pub(super) fn write_lines(report: Report<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings() {
        object(&finding, out)?;
        out.write_all(b"\n")?;
    }
    for skip in report.skips() {
        object(&skip, out)?;
        out.write_all(b"\n")?;
    }
    object(&report.summary(), out)?;
    out.write_all(b"\n")
}

fn elements<T: Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut written = false;
    for item in items {
        out.write_all(if written { b",\n" } else { b"\n" })?;
        object(&item, out)?;
        written = true;
    }
    if written { out.write_all(b"\n") } else { Ok(()) }
}

/// In one piece, so that a reader at the other end of a pipe sees whole objects.
fn object<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(harmless(serde_json::to_string(value)?).as_bytes())
}

/// The same JSON, escaping also what serde leaves as it is and a terminal obeys: it may well be printed on one.
fn harmless(json: String) -> String {
    if printable(&json) == json {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        let shown = c.encode_utf8(&mut [0; 4]).to_owned();
        // Whatever is no plain character stands inside of a string.
        if printable(&shown) == shown {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

impl<'a> Report<'a, '_> {
    fn findings(self) -> impl Iterator<Item = FindingObject<'a>> {
        self.results.findings.iter().map(move |finding| self.finding(finding))
    }

    fn skips(self) -> impl Iterator<Item = SkipObject<'a>> {
        self.results.skips.iter().map(move |skip| self.skip(skip))
    }

    fn finding(self, finding: &'a Finding<'_>) -> FindingObject<'a> {
        let secret = finding.secret.as_ref();
        // Where every place is allowed on its own, the finding has no reason of its own: the first one speaks.
        let by_place = || finding.places.iter().find_map(|place| place.suppressed.as_ref());
        let suppressed = match finding.verdict {
            Verdict::Suppressed => finding.suppressed.as_ref().or_else(by_place),
            Verdict::Warn | Verdict::Block => finding.suppressed.as_ref(),
        };
        FindingObject {
            r#type: "finding",
            schema: SCHEMA,
            id: &finding.id,
            rule: finding.rule.id,
            title: finding.rule.title,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            verdict: finding.verdict.as_str(),
            exposure: finding.exposure.as_str(),
            exposed_refs: finding.exposed_refs.iter().map(|name| self.veil.text(name)).collect(),
            present: finding.present,
            masked: secret.map(Secret::masked),
            secret: secret.filter(|_| self.options.show_secrets).map(|secret| String::from_utf8_lossy(secret.expose())),
            length: secret.map(Secret::len),
            decoded: &finding.decoded,
            places: finding.places.iter().map(|place| self.place(place)).collect(),
            rotate: rotate(&finding.rule.rotate),
            suppressed_by: suppressed.map(|suppression| self.suppression(suppression)),
            key: finding.key.as_deref().map(|key| self.veil.text(key)),
            commits: finding.commits,
            exposed_more: finding.exposed_more,
            account: finding.account(),
            paired: finding.others.iter().map(|other| self.other(other)).collect(),
        }
    }

    fn other(self, other: &'a Other<'_>) -> OtherObject<'a> {
        let secret = other.secret.as_ref();
        OtherObject {
            id: &other.id,
            rule: other.rule.id,
            title: other.rule.title,
            masked: secret.map(Secret::masked),
            secret: secret.filter(|_| self.options.show_secrets).map(|secret| String::from_utf8_lossy(secret.expose())),
            length: secret.map(Secret::len),
            places: other.places.iter().map(|place| self.place(place)).collect(),
        }
    }

    fn place(self, place: &'a Place) -> PlaceObject<'a> {
        let commit = place.commit.as_ref();
        PlaceObject {
            path: self.veil.text(place.path.as_str()),
            path_escaped: place.path.is_escaped(),
            start_line: place.start.line,
            start_column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
            blob: place.blob.as_deref(),
            commit: commit.map(|commit| commit.id.as_str()),
            author: commit.map(|commit| self.veil.text(&commit.author)),
            date: commit.map(|commit| commit.date.as_str()),
            subject: commit.map(|commit| self.veil.text(&commit.subject)),
            removed_in: place.removed_in.as_deref(),
            now_line: place.now.map(|now| now.line),
            ignored: place.ignored,
            suppressed_by: place.suppressed.as_ref().map(|suppression| self.suppression(suppression)),
        }
    }

    fn suppression(self, suppression: &'a Suppression) -> SuppressionObject<'a> {
        SuppressionObject {
            by: suppression.by,
            origin: self.veil.text(&suppression.origin),
            reason: suppression.reason.as_deref().map(|reason| self.veil.text(reason)),
        }
    }

    fn skip(self, skip: &'a Skip) -> SkipObject<'a> {
        SkipObject {
            r#type: "skip",
            path: self.veil.text(skip.path.as_str()),
            path_escaped: skip.path.is_escaped(),
            reason: self.veil.text(&skip.reason),
            kind: skip.kind.as_str(),
            incomplete: skip.incomplete,
        }
    }

    fn summary(self) -> SummaryObject<'a> {
        let (results, coverage) = (self.results, &self.results.coverage);
        SummaryObject {
            r#type: "summary",
            schema: SCHEMA,
            status: match results.interrupted {
                Some(_) => "interrupted",
                None if results.is_complete() => "complete",
                None => "incomplete",
            },
            findings: CountsObject {
                block: results.count(Verdict::Block),
                warn: results.count(Verdict::Warn),
                suppressed: results.count(Verdict::Suppressed),
            },
            coverage: CoverageObject {
                files: coverage.files,
                blobs: coverage.blobs,
                commits: coverage.commits,
                refs: coverage.refs,
                bytes: coverage.bytes,
                skipped: &coverage.skipped,
                known: coverage.known.as_ref().map(|known| KnownObject {
                    blobs: known.blobs,
                    commits: known.commits,
                    since: &known.since,
                }),
            },
            rules: results.rules,
            elapsed_ms: results.elapsed_ms,
            notes: results.notes.iter().map(|note| self.veil.text(note)).collect(),
        }
    }
}

/// A rule leaves empty what its service does not have; a reader tests for null.
fn rotate(rotate: &Rotate) -> RotateObject<'_> {
    fn some(text: &str) -> Option<&str> {
        Some(text).filter(|text| !text.is_empty())
    }
    RotateObject {
        revoke_url: some(rotate.revoke_url),
        revoke_command: some(rotate.revoke_command),
        steps: rotate.steps,
        docs: some(rotate.docs),
    }
}

#[cfg(test)]
mod tests;
