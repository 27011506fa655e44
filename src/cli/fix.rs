//! `plainsight fix`: shows the plan, then carries it out.

use super::args::{Common, FixArgs};
use super::failure::{Failure, veiled};
use super::output;
use super::survey::{self, Where};
use crate::engine::Engine;
use crate::fix::{self, Edit, Plan, shown};
use crate::scan;
use std::fmt::Write as _;

/// Runs it; 1 where something blocks still.
pub fn run(args: &FixArgs, common: &Common) -> Result<u8, Failure> {
    let tree = survey::work_tree()?;
    survey::survey(common, Where::Path(&args.path), |results, context| {
        let engine = Engine::new(context.rules);
        let is_suspect =
            |text: &[u8], name: &[u8]| !scan::search_bytes(&engine, text, &String::from_utf8_lossy(name)).is_empty();
        let plan = fix::plan(
            &results.findings,
            &fix::Context { tree: &tree, path_of: &scan::path_of, is_suspect: &is_suspect },
        );
        let unread = results.skips.iter().filter(|skip| skip.incomplete).count();
        let mut out = render(&plan, args.write);
        if unread > 0 {
            let _ = writeln!(out, "Not complete: {unread} could not be read; `plainsight scan` names them.");
        }
        let code_waits = !plan.code.is_empty() && !args.write;
        let remains = !plan.by_hand.is_empty() || code_waits || (args.dry_run && !plan.is_empty());
        if args.dry_run {
            let _ = writeln!(out, "Nothing was changed (--dry-run).");
        }
        // A token can be the name of a file, too.
        output::print(veiled(&out).as_bytes())?;
        if !args.dry_run && !plan.is_empty() {
            fix::apply(&plan, &tree, args.write).map_err(|error| {
                Failure::new(error).help("what was done before stays; `plainsight fix` goes on from there")
            })?;
            output::print(veiled(&next(&plan, args.write)).as_bytes())?;
        }
        Ok(match (remains, unread) {
            (true, _) => 1,
            (false, 0) => 0,
            (false, _) => 3,
        })
    })
}

/// The plan, for a person.
fn render(plan: &Plan, with_code: bool) -> String {
    let mut out = String::new();
    if plan.is_empty() {
        return "nothing to repair: no environment or key file is tracked, and no value that blocks was found\n"
            .to_owned();
    }
    if !plan.untrack.is_empty() {
        let _ = writeln!(out, "Take out of the index; the files stay where they are:");
        for path in &plan.untrack {
            let _ = writeln!(out, "   {}", shown(path));
        }
    }
    for edit in &plan.ignore {
        edit_lines(&mut out, "Ignore, in", edit);
    }
    for edit in &plan.templates {
        edit_lines(&mut out, if edit.before.is_some() { "Complete" } else { "Write" }, edit);
    }
    for edit in &plan.code {
        edit_lines(&mut out, if with_code { "Replace, in" } else { "Would replace with --write, in" }, edit);
    }
    if !plan.code.is_empty() {
        let _ = writeln!(
            out,
            "A replaced value is then written nowhere: keep it in a secret manager, or in the environment, first."
        );
    }
    if !plan.by_hand.is_empty() {
        let _ = writeln!(out, "By hand:");
        for one in &plan.by_hand {
            let options =
                textwrap::Options::new(80).initial_indent("      ").subsequent_indent("      ").break_words(false);
            let _ = writeln!(out, "   {}\n{}", one.place, textwrap::fill(&one.why, options));
        }
    }
    out
}

fn edit_lines(out: &mut String, what: &str, edit: &Edit) {
    let _ = writeln!(out, "{what} {}:", shown(&edit.path));
    for line in &edit.says {
        let _ = writeln!(out, "   {}", crate::text::printable(line));
    }
}

/// What is left to type.
fn next(plan: &Plan, with_code: bool) -> String {
    let mut out = String::from("Done. The history was not touched: `plainsight scan` says what of it needs more.\n");
    let code = plan.code.iter().filter(|_| with_code);
    let changed: Vec<String> =
        plan.ignore.iter().chain(&plan.templates).chain(code).map(|edit| shown(&edit.path)).collect();
    if !changed.is_empty() {
        let _ = writeln!(out, "Next, look at and stage: {}", changed.join(" "));
    }
    out
}
