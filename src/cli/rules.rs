//! `plainsight rules list|show|check|docs`.

use super::args::{Common, RulesArgs, RulesCommand};
use super::failure::Failure;
use super::{output, settings};
use crate::report::Format;
use crate::rule::{Form, Rule, RuleSet, pages};
use crate::{config, prove};
use std::fmt::Write as _;
use std::path::Path;

/// Runs it.
pub fn run(args: &RulesArgs, common: &Common) -> Result<u8, Failure> {
    let rules = settings::resolve(common, Path::new("."))?.rules;
    match &args.command {
        RulesCommand::List => list(&rules, common),
        RulesCommand::Show { rule } => output::print(show(find(&rules, rule)?).as_bytes()),
        RulesCommand::Check => check(&rules, common),
        RulesCommand::Docs { folder } => docs(&rules, folder),
    }
}

/// The rule of that id, or the nearest one's name.
pub fn find<'r>(rules: &'r RuleSet, id: &str) -> Result<&'r Rule, Failure> {
    rules.get(id).ok_or_else(|| {
        let failure = Failure::new(format!("there is no rule `{}`", crate::text::printable(id)));
        match config::nearest(id, rules.rules().iter().map(|rule| rule.id)) {
            Some(near) => failure.help(format!("did you mean `{near}`? `plainsight rules list` lists them all")),
            None => failure.help("`plainsight rules list` lists them all"),
        }
    })
}

fn list(rules: &RuleSet, common: &Common) -> Result<u8, Failure> {
    let mut out = String::new();
    let width = rules.rules().iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules.rules() {
        let line = match common.format {
            Format::Human => format!("{:width$}  {:8}  {:8}  {}", rule.id, rule.severity, rule.confidence, rule.title),
            _ => serde_json::json!({
                "id": rule.id, "title": rule.title, "kind": rule.kind, "family": rule.family, "severity": rule.severity,
                "confidence": rule.confidence, "check": rule.check.or(rule.files.content), "pairs": rule.pairs,
                "rotate": {"revoke_url": rule.rotate.revoke_url, "revoke_command": rule.rotate.revoke_command,
                    "steps": rule.rotate.steps.len(), "docs": rule.rotate.docs},
            })
            .to_string(),
        };
        let _ = writeln!(out, "{line}");
    }
    output::print(out.as_bytes())
}

/// A rule as text, in the order of its file.
fn show(rule: &Rule) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:15} {value}");
        }
    };
    line("id", rule.id);
    line("title", rule.title);
    line("kind", rule.kind);
    line("severity", rule.severity.as_str());
    line("confidence", rule.confidence.as_str());
    match &rule.form {
        Form::Pattern { pattern, .. } => line("pattern", pattern),
        Form::Value { value, .. } => line("value", value),
        Form::Assignment { keys } => line("assigned to", &keys.join(", ")),
        Form::File => line("file", &rule.files.names.join(", ")),
    }
    line("anchors", &rule.anchors().join(", "));
    line("keywords", &rule.keywords().join(", "));
    line("providers", &rule.providers().join(", "));
    line("check", rule.check.unwrap_or(""));
    line("pairs with", &rule.pairs.join(", "));
    line("why", rule.why);
    line("revoke at", rule.rotate.revoke_url);
    line("revoke with", rule.rotate.revoke_command);
    for (number, step) in (1..).zip(rule.rotate.steps) {
        line(&format!("step {number}"), step);
    }
    line("docs", rule.rotate.docs);
    out
}

fn docs(rules: &RuleSet, folder: &Path) -> Result<u8, Failure> {
    for (name, text) in pages::pages(rules.rules()) {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text)).map_err(|error| {
            Failure::new(format!("{}: {error}", path.display())).help("name a folder that can be written to")
        })?;
    }
    Ok(0)
}

fn check(rules: &RuleSet, common: &Common) -> Result<u8, Failure> {
    let faults = prove::faults(rules);
    let mut out = String::new();
    for fault in &faults {
        let line = match common.format {
            Format::Human => format!("{}: {}", fault.rule, crate::text::printable(&fault.message)),
            _ => serde_json::json!({"rule": fault.rule, "message": fault.message}).to_string(),
        };
        let _ = writeln!(out, "{line}");
    }
    if common.format == Format::Human {
        let _ = match faults.len() {
            0 => writeln!(out, "{} rules: every one anchored, bounded, and true to its examples", rules.rules().len()),
            n => writeln!(out, "{n} faults in {} rules", rules.rules().len()),
        };
    }
    output::print(out.as_bytes())?;
    Ok(if faults.is_empty() { 0 } else { Failure::EXIT_CODE })
}
