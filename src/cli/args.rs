//! What may be typed.

use crate::report::Format;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Finds committed environment files and keys, and says how to rotate them.
#[derive(Debug, Parser)]
#[command(name = "plainsight", version, about, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 complete and nothing that blocks; 1 a finding that blocks; 2 usage, configuration or rules are\nwrong; 3 something that was asked for could not be read: not proven clean."
)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files and folders as they lie on disk; `-` reads standard input
    Scan(ScanArgs),
    /// Search everything that a git repository holds: every version, message, stash and dangling object
    Audit(AuditArgs),
    /// Put plainsight into git's hooks, and do their work
    Hook(HookArgs),
    /// List, show and check rules
    Rules(RulesArgs),
    /// Show the settings that are in force, and where each comes from
    Config(ConfigArgs),
    /// Say what a rule finds or a finding is, why it matters and how to rotate it
    Explain(ExplainArgs),
    /// Take environment and key files out of the index, ignore them, write templates; never touches history
    Fix(FixArgs),
    /// Keep a record of who revoked what and when; what is revoked no longer blocks where it lies
    Rotate(RotateArgs),
    /// Prove that the hooks here stop a secret, and say what to do where they would not
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and folders; `-` is standard input
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What `git commit` would record: the index against HEAD
    #[arg(long, conflicts_with_all = ["paths", "respect_gitignore", "stdin_name"])]
    pub staged: bool,
    /// Leave out what .gitignore leaves out
    #[arg(long)]
    pub respect_gitignore: bool,
    /// Name of standard input in the report; its ending tells how it is read
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub stdin_name: String,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct AuditArgs {
    /// The repository: its work tree, or a bare one
    #[arg(default_value = ".", value_name = "REPO")]
    pub repository: PathBuf,
    /// Only what the commits of a range bring in: what B reaches and A does not
    #[arg(long, value_name = "A..B")]
    pub range: Option<String>,
    /// Only what commits hold that are not older: 2026-01-31, or 90d, 12w, 6m, 1y
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Only what a branch reaches; may be repeated
    #[arg(long, value_name = "NAME")]
    pub branch: Vec<String>,
    /// Only what refs reach whose name fits; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub refs: Vec<String>,
    /// Leave out what no ref reaches: reflogs, the stash, dangling objects
    #[arg(long)]
    pub no_unreachable: bool,
    /// Prove that a finding, or with `-` the value on standard input, is gone: names everything that still holds it
    #[arg(long, value_name = "ID|-", conflicts_with_all = ["range", "since", "branch", "refs", "no_unreachable"])]
    pub gone: Option<String>,
    /// Search submodules too, each as a repository of its own
    #[arg(long, conflicts_with_all = ["range", "branch", "refs"])]
    pub submodules: bool,
    /// Search every version whole, without use of the deltas or of a cache: slow; finds the same
    #[arg(long)]
    pub exhaustive: bool,
    /// Keep what was read in this folder, not in the user's cache folder; the next audit reads only what is new
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Read everything, and keep nothing for the next time
    #[arg(long, conflicts_with = "cache")]
    pub no_cache: bool,
}

#[derive(Debug, Args)]
pub struct HookArgs {
    #[command(subcommand)]
    pub command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Put plainsight into git's hooks, before the hooks that are there
    Install(HookSetArgs),
    /// Take it out again, and put back what was there
    Uninstall(HookSetArgs),
    /// Say of each hook whether git runs plainsight in it
    Status(HookSetArgs),
    /// Do the work of a git hook; every exit code but 0 stops what git was about to do
    Run(HookRunArgs),
}

#[derive(Debug, Args)]
pub struct HookSetArgs {
    /// For all repositories of this user, by core.hooksPath in the user's git configuration
    #[arg(long)]
    pub global: bool,
    /// pre-commit, pre-merge-commit, commit-msg, pre-push, pre-receive or update; default: pre-commit and pre-push, in a bare
    /// repository pre-receive
    #[arg(value_name = "HOOK")]
    pub hooks: Vec<crate::hook::setup::Hook>,
}

#[derive(Debug, Args)]
pub struct HookRunArgs {
    #[command(subcommand)]
    pub hook: Hook,
}

/// The hooks, with the arguments that git gives them.
#[derive(Debug, Subcommand)]
pub enum Hook {
    /// What `git commit` is about to record
    PreCommit,
    /// What `git merge` is about to record
    PreMergeCommit,
    /// The message of the commit
    CommitMsg {
        /// The file that holds it
        file: PathBuf,
    },
    /// What `git push` is about to hand on; reads the refs from standard input
    PrePush {
        /// The remote's name
        #[arg(default_value = "")]
        remote: String,
        /// The remote's address
        #[arg(default_value = "")]
        url: String,
    },
    /// On a server: what was pushed, before any ref moves; reads the refs from standard input
    PreReceive {
        #[command(flatten)]
        limit: TimeLimit,
    },
    /// On a server: what was pushed, for one ref
    Update {
        /// The ref
        name: String,
        /// Its object until now; zeros for a new ref
        old: String,
        /// Its object from now on; zeros where it is deleted
        new: String,
        #[command(flatten)]
        limit: TimeLimit,
    },
}

/// How long a pusher waits for an answer.
#[derive(Debug, Clone, Copy, Args)]
pub struct TimeLimit {
    /// Refuse the push after so many seconds without an answer
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub time_limit: u64,
}

#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    pub command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the active rules, a line each
    List,
    /// Show a rule whole
    Show {
        /// Its id
        rule: String,
    },
    /// Check every rule: its anchors, its window, its examples, its rotation
    Check,
    /// Write the pages about the active rules into a folder
    Docs {
        /// The folder; `rules.md` and `rules/` come into it
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its origin, as a plainsight.toml
    Show,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule's id, or a finding's (ps1-…), which is looked for in PATH
    #[arg(value_name = "RULE|FINDING")]
    pub subject: String,
    /// Where a finding is looked for: a file, a folder, or `-` for standard input; default: here
    pub path: Option<PathBuf>,
    /// Name of standard input: where the text lay, from the top of the repository
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub stdin_name: String,
    /// Write what `git filter-repo --replace-text` reads into a new file, for its owner only and outside of any
    /// repository. It holds the secret: delete it after
    #[arg(long, value_name = "FILE")]
    pub replacements: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct FixArgs {
    /// What is looked at
    #[arg(default_value = ".", value_name = "PATH")]
    pub path: PathBuf,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write the replacements in code, too
    #[arg(long)]
    pub write: bool,
}

#[derive(Debug, Args)]
pub struct RotateArgs {
    #[command(subcommand)]
    pub command: RotateCommand,
}

#[derive(Debug, Subcommand)]
pub enum RotateCommand {
    /// Record that somebody is at it; the finding still blocks
    Start(RotateId),
    /// Record that it is revoked: it no longer blocks where it lies now, and blocks wherever it turns up anew
    Done(RotateId),
    /// List the record
    List {
        /// Only of this finding
        id: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct RotateId {
    /// The finding's id, as a report shows it
    pub id: String,
    /// Where it is looked for: a file, a folder, or `-` for standard input; default: here
    pub path: Option<PathBuf>,
    /// Name of standard input: where the text lay, from the top of the repository
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub stdin_name: String,
    /// Who did it; default: user.name and user.email of git
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
    /// What somebody should know about it
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Options of every command.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Common {
    /// Format of the report
    #[arg(long, global = true, value_parser = format_parser(), default_value = "human", value_name = "FORMAT")]
    pub format: Format,
    /// Write the report to a file
    #[arg(long, short, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Use this configuration instead of the plainsight.toml that is found
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Add the rules of a folder; may be repeated
    #[arg(long, global = true, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Only these rules; may be repeated or a comma list
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Not these rules; may be repeated or a comma list
    #[arg(long, global = true, value_name = "RULE", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// The least confidence that blocks: possible, likely, strong, proven or never
    #[arg(long, global = true, value_name = "CONFIDENCE")]
    pub fail_on: Option<String>,
    /// The least severity that blocks: low, medium, high or critical
    #[arg(long, global = true, value_name = "SEVERITY")]
    pub min_severity: Option<String>,
    /// Binary files larger than this are not read, as in 64MiB
    #[arg(long, global = true, value_name = "SIZE")]
    pub max_file_size: Option<String>,
    /// Print the secrets themselves
    #[arg(long, global = true)]
    pub show_secrets: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
    /// How many workers; default: one for each processor
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// One line for a finding, and none where there is nothing to say
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// List everything that is only counted otherwise
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Comments in the text allow nothing
    #[arg(long, global = true)]
    pub no_inline_allow: bool,
}

impl Common {
    /// How many workers there are to be.
    pub fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(processors, usize::from)
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::TypedValueParser as _;
    let names: Vec<&'static str> = Format::ALL.iter().map(|format| format.as_str()).collect();
    clap::builder::PossibleValuesParser::new(names).try_map(|name| name.parse::<Format>())
}
