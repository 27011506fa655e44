//! Where reports go: standard output or a file. A closed pipe ends the writing, never the verdict.

use super::args::{Common, When};
use super::failure::Failure;
use crate::finding::{Results, Verdict};
use crate::policy::protocol::Surroundings;
use crate::report::{self, Format};
use std::io::{self, IsTerminal as _, Write};

/// Writes a report as the options say.
pub fn report(results: &Results<'_>, common: &Common) -> Result<(), Failure> {
    report_of(results, common, around(results, common))
}

/// The same for what lies in other repositories than the one around, or not in it alone.
pub fn report_elsewhere(results: &Results<'_>, common: &Common) -> Result<(), Failure> {
    report_of(results, common, Surroundings::default())
}

fn report_of(results: &Results<'_>, common: &Common, surroundings: Surroundings) -> Result<(), Failure> {
    let to_terminal = common.output.is_none() && io::stdout().is_terminal();
    let options = report::Options {
        show_secrets: common.show_secrets,
        verbose: common.verbose,
        quiet: common.quiet,
        width: width(to_terminal),
        color: common.format == Format::Human && color(common, to_terminal),
        protocol: true,
        surroundings,
    };
    match &common.output {
        Some(path) => {
            let failed = |error: io::Error| {
                Failure::new(format!("{}: {error}", path.display()))
                    .help("--output names a file in a folder that exists")
            };
            let mut file = std::fs::File::create(path).map_err(failed)?;
            report::write(results, common.format, &options, &mut file).map_err(failed)
        }
        None => keep_verdict(report::write(results, common.format, &options, &mut io::stdout().lock())),
    }
}

/// Writes the human report to standard error, where a hook's words belong. Nobody may be left to read it; the verdict stands.
pub fn to_stderr(results: &Results<'_>, common: &Common, color: bool, columns: Option<usize>) {
    let to_terminal = io::stderr().is_terminal();
    let options = report::Options {
        show_secrets: common.show_secrets,
        verbose: common.verbose,
        quiet: common.quiet,
        width: columns.unwrap_or_else(|| width(to_terminal)),
        color,
        protocol: true,
        // A server has no work tree to look around in.
        surroundings: if columns.is_none() { around(results, common) } else { Surroundings::default() },
    };
    let _ = report::write(results, Format::Human, &options, &mut io::stderr().lock());
}

/// What is known of the repository around, looked at only where somebody reads it.
fn around(results: &Results<'_>, common: &Common) -> Surroundings {
    let is_told = common.format == Format::Human && !common.quiet && results.count(Verdict::Block) > 0;
    // What lies elsewhere is of another repository than the one around.
    let is_here = |path: &str| !path.starts_with("..") && !std::path::Path::new(path).is_absolute();
    let all_here =
        results.findings.iter().flat_map(|finding| &finding.places).all(|place| is_here(place.path.as_str()));
    if is_told && all_here { super::around::look() } else { Surroundings::default() }
}

/// A remark to standard error. Nobody may be left to read it; the verdict stands.
pub fn remark(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints bytes to standard output; for commands without a verdict.
pub fn print(bytes: &[u8]) -> Result<u8, Failure> {
    keep_verdict(io::stdout().lock().write_all(bytes))?;
    Ok(0)
}

/// Whoever closes the pipe has read enough; every other error is one.
fn keep_verdict(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(&error)),
        _ => Ok(()),
    }
}

fn width(to_terminal: bool) -> usize {
    let columns = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    if to_terminal { columns().unwrap_or(80) } else { 80 }
}

/// `--color`, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether it is a terminal.
pub fn color(common: &Common, to_terminal: bool) -> bool {
    match common.color {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
            !set("NO_COLOR")
                && (set("CLICOLOR_FORCE")
                    || (to_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb")))
        }
    }
}
