//! The pages about rules in `docs/`: one for each folder of `patterns/`, and an index with a table of what is covered.
//!
//! They are made from the rules and from nothing else, so that they cannot say anything else; a test compares them with
//! what lies in the repository, byte for byte.

use super::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The folders of `patterns/`, as headings. A folder of somebody else's rules is called by its name.
const KINDS: &[(&str, &str)] = &[
    ("ai", "Models and their providers"),
    ("ci", "Build and deployment"),
    ("cloud", "Clouds and hosting"),
    ("code-host", "Code hosts"),
    ("communication", "Mail, chat and telephony"),
    ("config", "Configuration files"),
    ("connection", "Addresses with a password"),
    ("file", "Files by name"),
    ("generic", "Judged assignments"),
    ("key", "Keys, hashes and tokens of standards"),
    ("monitoring", "Monitoring"),
    ("payment", "Payment and money"),
    ("registry", "Package registries"),
    ("saas", "Other services"),
    ("wallet", "Wallets"),
];

/// The heading of a folder of rules.
fn heading(kind: &str) -> &str {
    KINDS.iter().find(|(name, _)| *name == kind).map_or(kind, |(_, heading)| heading)
}

/// All pages: the path below `docs/`, and the text.
#[must_use]
pub fn pages(rules: &[Rule]) -> Vec<(String, String)> {
    let mut kinds: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        kinds.entry(rule.kind).or_default().push(rule);
    }
    let paired = paired(rules);
    let mut pages = vec![("rules.md".to_owned(), index(&kinds, &paired))];
    pages.extend(kinds.iter().map(|(kind, rules)| (format!("rules/{kind}.md"), page(kind, rules))));
    pages
}

/// Ids of rules that belong to a pair, whichever of the two names the other.
fn paired(rules: &[Rule]) -> BTreeSet<&str> {
    let named = rules.iter().filter(|rule| !rule.pairs.is_empty());
    named.flat_map(|rule| rule.pairs.iter().copied().chain([rule.id])).collect()
}

/// The counts of one line of the table.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Rules.
    pub kinds: usize,
    /// With a checksum or a structure that is read.
    pub checked: usize,
    /// Whose second half (a key's id, a name) is looked for beside it.
    pub paired: usize,
    /// With a page where it is revoked.
    pub pages: usize,
    /// With a command that revokes it.
    pub commands: usize,
}

impl Coverage {
    fn add(&mut self, rule: &Rule, is_paired: bool) {
        self.kinds += 1;
        self.checked += usize::from(rule.check.or(rule.files.content).is_some());
        self.paired += usize::from(is_paired);
        self.pages += usize::from(!rule.rotate.revoke_url.is_empty());
        self.commands += usize::from(!rule.rotate.revoke_command.is_empty());
    }

    fn line(self, name: &str) -> String {
        let Self { kinds, checked, paired, pages, commands } = self;
        format!("| {name} | {kinds} | {checked} | {paired} | {pages} | {commands} |\n")
    }
}

/// What a set of rules covers.
#[must_use]
pub fn coverage(rules: &[Rule]) -> Coverage {
    let paired = paired(rules);
    rules.iter().fold(Coverage::default(), |mut sum, rule| {
        sum.add(rule, paired.contains(rule.id));
        sum
    })
}

fn index(kinds: &BTreeMap<&str, Vec<&Rule>>, paired: &BTreeSet<&str>) -> String {
    let mut out = String::from(
        "# The rules\n\n\
         Made from `patterns/` by `plainsight rules docs docs`; a test compares. What a rule file holds is said in\n\
         [Rule files](rule-files.md). `plainsight explain RULE` prints the same for one rule.\n\n\
         | kinds of | rules | with checksum or structure | in a pair | with a page to revoke at | with a command |\n\
         |---|---:|---:|---:|---:|---:|\n",
    );
    let mut all = Coverage::default();
    for (kind, rules) in kinds {
        let mut sum = Coverage::default();
        for rule in rules {
            sum.add(rule, paired.contains(rule.id));
            all.add(rule, paired.contains(rule.id));
        }
        out += &sum.line(&format!("[{}](rules/{kind}.md)", heading(kind)));
    }
    out += &all.line("**all**");
    out += "\nA checksum or structure that holds makes a finding `proven`; one that is wrong makes it `possible`; one that cannot be\n\
            read to its end leaves it as sure as the rule's format is. Every rule has steps.\n";
    out
}

fn page(kind: &str, rules: &[&Rule]) -> String {
    let mut out = format!("# {}\n\nMade from `patterns/{kind}/`; see [the rules](../rules.md).\n", heading(kind));
    for rule in rules {
        out += &section(rule);
    }
    out
}

fn section(rule: &Rule) -> String {
    let check = rule.check.or(rule.files.content).map_or_else(String::new, |check| format!(" · check `{check}`"));
    let mut out = format!(
        "\n## {}\n\n{}: {}\n\n`{}` · `{}`{check}\n\n",
        rule.id,
        text(rule.title),
        text(rule.why),
        rule.severity,
        rule.confidence
    );
    let rotate = &rule.rotate;
    for (what, url) in [("Revoke at", rotate.revoke_url), ("Official page:", rotate.docs)] {
        if !url.is_empty() {
            let _ =
                if url.contains('<') { writeln!(out, "- {what} `{url}`") } else { writeln!(out, "- {what} <{url}>") };
        }
    }
    if !rotate.revoke_command.is_empty() {
        // A command may hold backquotes of its own.
        let fence = if rotate.revoke_command.contains('`') { "``" } else { "`" };
        let _ = writeln!(out, "- Revoke with {fence}{}{fence}", rotate.revoke_command);
    }
    if !rule.pairs.is_empty() {
        let _ = writeln!(out, "- Belongs to `{}`", rule.pairs.join("`, `"));
    }
    out.push('\n');
    for (number, step) in (1..).zip(rotate.steps) {
        let _ = writeln!(out, "{number}. {}", text(step));
    }
    out
}

/// Text in which nothing is read as markup, but for what stands between backquotes.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut is_code = false;
    for c in text.chars() {
        match c {
            '`' => is_code = !is_code,
            '<' | '*' | '[' | ']' | '~' | '|' | '\\' if !is_code => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn markup_is_text_and_code_is_code() {
        assert_eq!(text("a <B> and `c <D>` *e*"), "a \\<B> and `c <D>` \\*e\\*");
    }

    #[test]
    fn every_rule_has_its_section_and_every_folder_its_heading() {
        let set = RuleSet::builtin();
        let pages = pages(set.rules());
        for rule in set.rules() {
            let page = pages.iter().find(|(path, _)| *path == format!("rules/{}.md", rule.kind));
            assert!(page.is_some_and(|(_, text)| text.contains(&format!("\n## {}\n", rule.id))), "{}", rule.id);
        }
        assert_eq!(pages.len(), 1 + KINDS.len());
    }

    #[test]
    fn the_set_covers_what_it_promises() {
        let Coverage { kinds, checked, pages, commands, .. } = coverage(RuleSet::builtin().rules());
        assert!(kinds >= 1000, "{kinds} kinds");
        assert!(checked >= 120, "{checked} with a checksum or structure");
        assert!(pages >= 850, "{pages} with a page to revoke at");
        assert!(commands >= 350, "{commands} with a command");
    }
}
