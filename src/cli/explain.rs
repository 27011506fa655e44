//! `plainsight explain RULE`.

use super::args::{Common, ExplainArgs};
use super::failure::Failure;
use super::{output, rules, settings};
use std::fmt::Write as _;
use std::path::Path;

/// Runs it.
pub fn run(args: &ExplainArgs, common: &Common) -> Result<u8, Failure> {
    let resolved = settings::resolve(common, Path::new("."))?;
    let rule = rules::find(&resolved.rules, &args.rule)?;
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
