//! The program: arguments, settings, printing, exit codes. Nothing below this layer prints or reads the environment.

mod args;
mod around;
mod audit;
mod cache;
mod doctor;
mod explain;
mod failure;
mod fix;
mod hook;
mod output;
mod progress;
mod rotate;
mod rules;
mod scan;
mod settings;
mod setup;
mod surroundings;
mod survey;

use args::{Cli, Command};
use clap::{CommandFactory as _, Parser as _};
use failure::Failure;
use std::process::ExitCode;

/// Runs the program with the process's arguments, and gives its exit code: 0 clean, 1 blocked, 2 usage, 3 incomplete.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.common.color {
        args::When::Auto => {}
        args::When::Always => anstream::ColorChoice::Always.write_global(),
        args::When::Never => anstream::ColorChoice::Never.write_global(),
    }
    match dispatch(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.print();
            ExitCode::from(Failure::EXIT_CODE)
        }
    }
}

/// Help and version are answers (0); everything else that clap refuses is usage (2).
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(Failure::EXIT_CODE) } else { ExitCode::SUCCESS }
}

fn dispatch(cli: &Cli) -> Result<u8, Failure> {
    match &cli.command {
        Command::Scan(args) => scan::run(args, &cli.common),
        Command::Audit(args) => audit::run(args, &cli.common),
        Command::Hook(args) => hook::run(args, &cli.common),
        Command::Rules(args) => rules::run(args, &cli.common),
        Command::Config(args) => settings::run(args, &cli.common),
        Command::Explain(args) => explain::run(args, &cli.common),
        Command::Fix(args) => fix::run(args, &cli.common),
        Command::Rotate(args) => rotate::run(args, &cli.common),
        Command::Doctor => doctor::run(&cli.common),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "plainsight", &mut script);
            output::print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|error| Failure::output(&error))?;
            output::print(&page)
        }
    }
}

/// The command line's definition, for tests that compare what is published.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}
