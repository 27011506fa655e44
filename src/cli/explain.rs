//! `plainsight explain RULE|FINDING`: what it is, why it matters, how it is rotated. A finding is looked for in what lies here,
//! and on request the list is written that takes it out of the history.

use super::args::{Common, ExplainArgs};
use super::failure::Failure;
use super::survey::{self, Where};
use super::{output, rules, settings};
use crate::finding::{Finding, Results, Verdict};
use crate::git;
use crate::policy::protocol;
use crate::scan;
use crate::text::{offset, printable};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Runs it.
pub fn run(args: &ExplainArgs, common: &Common) -> Result<u8, Failure> {
    if args.subject.starts_with("ps1-") {
        return finding(args, common);
    }
    if args.path.is_some() || args.replacements.is_some() {
        return Err(Failure::new("a rule is explained without a PATH and without --replacements")
            .help("both are for a finding: plainsight explain ps1-… [PATH]"));
    }
    rule(args, common)
}

fn rule(args: &ExplainArgs, common: &Common) -> Result<u8, Failure> {
    let resolved = settings::resolve(common, Path::new("."))?;
    let rule = rules::find(&resolved.rules, &args.subject)?;
    let mut out = format!("{} ({})\n\n", rule.title, rule.id);
    let wrap = |text: &str, first: &str, next: &str| {
        textwrap::fill(
            text,
            textwrap::Options::new(80).initial_indent(first).subsequent_indent(next).break_words(false),
        )
    };
    let _ = writeln!(out, "{}\n", wrap(rule.why, "", ""));
    let _ = writeln!(out, "Severity {}; confidence {}.\n", rule.severity, rule.confidence);
    let _ = writeln!(out, "Rotate:");
    for (number, step) in (1..).zip(rule.rotate.steps) {
        let _ = writeln!(out, "{}", wrap(step, &format!("  {number}. "), "     "));
    }
    if !rule.rotate.revoke_url.is_empty() {
        let _ = writeln!(out, "\nRevoke at    {}", rule.rotate.revoke_url);
    }
    if !rule.rotate.revoke_command.is_empty() {
        let _ = writeln!(out, "Revoke with  {}", rule.rotate.revoke_command);
    }
    if !rule.rotate.docs.is_empty() {
        let _ = writeln!(out, "Read         {}", rule.rotate.docs);
    }
    output::print(out.as_bytes())
}

fn finding(args: &ExplainArgs, common: &Common) -> Result<u8, Failure> {
    let place = Where::of(args.path.as_deref(), &args.stdin_name);
    survey::survey(common, place, |results, _| {
        let finding = survey::find(results, &args.subject)?;
        match &args.replacements {
            Some(path) => write_replacements(finding, path),
            None => explain(finding, results, place, common),
        }
    })
}

fn explain(finding: &Finding<'_>, results: &Results<'_>, place: Where<'_>, common: &Common) -> Result<u8, Failure> {
    let mut notes = Vec::new();
    if let Some(suppression) = &finding.suppressed {
        let reason = suppression.reason.as_deref().unwrap_or("no reason given");
        notes.push(format!("scans do not count it: {}: {reason}", suppression.origin));
    }
    if let Where::Stdin(_) = place {
        notes.push("read from standard input: who may have seen it is not known".to_owned());
    }
    if let Some(state) = recorded(&finding.id)? {
        notes.push(state);
    }
    let finding = Finding { verdict: Verdict::Block, ..finding.clone() };
    let one = Results {
        findings: vec![finding],
        skips: results.skips.iter().filter(|skip| skip.incomplete).cloned().collect(),
        coverage: results.coverage.clone(),
        rules: results.rules,
        elapsed_ms: results.elapsed_ms,
        interrupted: results.interrupted,
        notes,
    };
    output::report(&one, common)?;
    Ok(0)
}

/// What the record of rotations says of it.
fn recorded(id: &str) -> Result<Option<String>, Failure> {
    let Some(top) = git::top_of(Path::new(".")) else { return Ok(None) };
    let all = crate::config::load_rotations(&top)?;
    let last = all.iter().filter(|(_, rotation)| rotation.id == id).max_by_key(|(_, one)| (one.state, &one.on));
    Ok(last.map(|(origin, rotation)| match rotation.state {
        crate::policy::rotation::RotationState::Done => format!("{origin}: {}", rotation.reason()),
        crate::policy::rotation::RotationState::Started => format!(
            "{origin}: its rotation was started on {} by {}, and is not recorded as done",
            rotation.on,
            crate::policy::safe_reason(&rotation.by)
        ),
    }))
}

/// The values as they stand in files, which is what has to be replaced there.
fn values(finding: &Finding<'_>) -> Result<Vec<Vec<u8>>, Failure> {
    let Some(secret) = &finding.secret else {
        return Err(Failure::new("this finding is a file as a whole, so there is no value to replace")
            .help("take the file out of the history: git filter-repo --invert-paths --path=FILE"));
    };
    if finding.decoded.is_empty() {
        return Ok(vec![secret.expose().to_vec()]);
    }
    let mut found: Vec<Vec<u8>> = Vec::new();
    for place in &finding.places {
        let bytes = std::fs::read(scan::path_of(&place.path)).unwrap_or_default();
        let span = offset(&bytes, place.start).zip(offset(&bytes, place.end));
        found.extend(span.and_then(|(start, end)| bytes.get(start..end)).map(<[u8]>::to_vec));
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Err(Failure::new(format!(
            "it stands encoded ({}), and its file is not here",
            finding.decoded.join(", ")
        ))
        .help("run this where its file lies; standard input is not kept"));
    }
    Ok(found)
}

/// A new file that only its owner can read, outside of every repository: nobody commits it by mistake.
fn write_replacements(finding: &Finding<'_>, path: &Path) -> Result<u8, Failure> {
    let values = values(finding)?;
    let shown = printable(&path.to_string_lossy());
    let absolute = survey::absolute(path).ok_or_else(|| {
        Failure::new(format!("{shown}: there is no such folder")).help("name a file in a folder that exists")
    })?;
    if let Some(top) = git::top_of(absolute.parent().unwrap_or(Path::new("/"))) {
        let top = printable(&top.to_string_lossy());
        return Err(Failure::new(format!("{shown} lies in the repository {top}, and the list holds the secret"))
            .help("name a file outside of every repository, such as \"$HOME/replacements.txt\""));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error: &std::io::Error| {
        Failure::new(format!("{shown}: {error}"))
            .help("the list is written into a new file: delete an old one, or name another")
    };
    let mut file = options.open(&absolute).map_err(|error| failed(&error))?;
    let slices: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    file.write_all(&protocol::replacements(&slices)).and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
    output::print(
        format!("{shown}: written for its owner only. It holds the secret: delete it after use.\n").as_bytes(),
    )
}
