//! `plainsight hook` and `plainsight scan --staged`.
//!
//! A hook fails closed: whatever cannot be read, a fault of the program, and a setting that is wrong stop what git was about
//! to do, with a line that says so. The settings are those of `plainsight.toml` at the top of the work tree. A server has none:
//! there the file of the default branch holds, so that no push can allow itself.

use super::args::{Common, Hook, HookArgs, HookCommand};
use super::failure::Failure;
use super::settings::{self, Resolved};
use super::{output, progress, setup, surroundings};
use crate::config::{self, Layer};
use crate::finding::{Results, Verdict};
use crate::git::{GitError, HookRepository, Id};
use crate::hook::{self, Event, Update};
use crate::policy::{Allowances, Rotations, gate};
use crate::report::Format;
use crate::scan::{self, Context, Options, Progress, Range};
use crate::source;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// The exit code where nothing is proven.
const INCOMPLETE: u8 = 3;
/// Greatest size of what git tells a hook; a million refs have room in it.
const MAX_INPUT: u64 = 256 << 20;
/// Skips one run, with a reason.
const SKIP: &str = "PLAINSIGHT_SKIP";
/// Columns on a server: git puts `remote: ` before each line.
const REMOTE_WIDTH: usize = 72;

/// Runs it; every exit code but 0 stops git.
pub fn run(args: &HookArgs, common: &Common) -> Result<u8, Failure> {
    let args = match &args.command {
        HookCommand::Install(args) => return setup::install(args, common),
        HookCommand::Uninstall(args) => return setup::uninstall(args, common),
        HookCommand::Status(args) => return setup::status(args, common),
        HookCommand::Run(args) => args,
    };
    let event = event(&args.hook);
    if skips(event)? {
        return Ok(0);
    }
    // What a panic says may hold bytes of a file.
    std::panic::set_hook(Box::new(|_| {}));
    let work = || catch_unwind(AssertUnwindSafe(|| judge(&args.hook, event, common)));
    match progress::within(limit(&args.hook), INCOMPLETE, too_late, work) {
        Ok(Ok(code)) => Ok(code),
        Ok(Err(failure)) => {
            output::remark(&format!("plainsight: {} blocked: nothing was searched\n", event.noun()));
            Err(failure)
        }
        Err(_) => {
            let noun = event.noun();
            output::remark(&format!(
                "plainsight: {noun} blocked: plainsight broke off, which is a fault of its own; please report it\n"
            ));
            Ok(INCOMPLETE)
        }
    }
}

const fn event(hook: &Hook) -> Event {
    match hook {
        Hook::PreCommit | Hook::PreMergeCommit => Event::Commit,
        Hook::CommitMsg { .. } => Event::Message,
        Hook::PrePush { .. } => Event::Push,
        Hook::PreReceive { .. } | Hook::Update { .. } => Event::Receive,
    }
}

const fn limit(hook: &Hook) -> Option<Duration> {
    match hook {
        Hook::PreReceive { limit } | Hook::Update { limit, .. } => Some(Duration::from_secs(limit.time_limit)),
        _ => None,
    }
}

fn too_late(limit: Duration) {
    output::remark(&format!(
        "plainsight: push blocked: not everything was searched within {} s.\nPush fewer commits at a time, or ask who \
         runs this server for a longer --time-limit.\n",
        limit.as_secs()
    ));
}

/// Whether this run is skipped; said aloud, and never without a reason. On a server it is not the pusher's to say.
fn skips(event: Event) -> Result<bool, Failure> {
    let Some(reason) = std::env::var_os(SKIP).filter(|_| event != Event::Receive) else { return Ok(false) };
    let reason = crate::text::printable(reason.to_string_lossy().trim());
    if reason.is_empty() {
        return Err(Failure::new(format!("{SKIP} has no reason, so nothing is skipped"))
            .help(format!("{SKIP}='why this once' git {}", event.noun())));
    }
    output::remark(&format!(
        "plainsight: SKIPPED, nothing was searched; the reason given: {}\n",
        super::failure::veiled(&reason)
    ));
    Ok(true)
}

fn judge(hook: &Hook, event: Event, common: &Common) -> Result<u8, Failure> {
    let repository = open(matches!(hook, Hook::PreMergeCommit))?;
    let is_server = event == Event::Receive;
    let range = match hook {
        Hook::PreCommit | Hook::PreMergeCommit | Hook::CommitMsg { .. } => None,
        Hook::PrePush { remote, url } => Some(outgoing(&repository, remote, url)?),
        Hook::PreReceive { .. } => Some(incoming(&repository, &hook::received(&input()?).map_err(Failure::new)?)?),
        Hook::Update { name, old, new, .. } => {
            let line = format!("{old} {new} {name}");
            Some(incoming(&repository, &hook::received(line.as_bytes()).map_err(Failure::new)?)?)
        }
    };
    let message = match hook {
        Hook::CommitMsg { file } => Some(std::fs::read(file).map_err(|error| {
            Failure::new(format!("{}: {error}", file.display())).help("git names the file of the message")
        })?),
        _ => None,
    };
    let progress = Progress::default();
    with_context(common, &repository, is_server, &progress, |context, options, notes| {
        let (mut results, blocked) = match (&range, &message) {
            (Some(range), _) => {
                let ranged = scan::range(&repository, range, context, options);
                (ranged.results, ranged.blocked)
            }
            (None, Some(bytes)) => {
                (scan::message(hook::recorded(bytes), crate::finding::COMMIT_MESSAGE, context, options), Vec::new())
            }
            (None, None) => (scan::staged(&repository, context, options), Vec::new()),
        };
        results.notes.extend(notes);
        tell(&results, &blocked, event, context.gate, common)
    })
}

/// `plainsight scan --staged`.
pub fn scan_staged(common: &Common) -> Result<u8, Failure> {
    let repository = open(false)?;
    let progress = std::sync::Arc::new(Progress::default());
    progress::listen(&progress);
    with_context(common, &repository, false, &progress, |context, options, notes| {
        let mut results =
            progress::with_progress(common.quiet, &progress, || scan::staged(&repository, context, options));
        results.notes.extend(notes);
        output::report(&results, common)?;
        Ok(gate::outcome(&results, &context.gate).exit_code())
    })
}

fn open(merging: bool) -> Result<HookRepository, Failure> {
    HookRepository::open(&surroundings::read(merging), Path::new(".")).map_err(|error| {
        Failure::new(error).help("this needs a git repository: it is run in one, or by one of its hooks")
    })
}

/// What git writes to a hook.
fn input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(format!("standard input: {error}")))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(Failure::new("standard input: more refs than are read").help("push fewer refs at a time"));
    }
    Ok(bytes)
}

/// What the remote has not got: it has its old tips, and what was last seen of its refs.
fn outgoing(repository: &HookRepository, remote: &str, url: &str) -> Result<Range, Failure> {
    let updates = hook::pushed(&input()?).map_err(|error| {
        Failure::new(error).help("git writes `<local ref> <local object> <remote ref> <remote object>` for each ref")
    })?;
    let mut excluded: Vec<Id> = updates.iter().filter_map(|update| update.old).collect();
    // A remote without a name is pushed to by its address, and nothing was seen of it.
    if !remote.is_empty() && remote != url {
        let seen = repository.refs(Some(&format!("refs/remotes/{remote}/"))).map_err(Failure::new)?;
        excluded.extend(seen.into_iter().map(|(_, id)| id));
    }
    Ok(range(&updates, excluded))
}

/// What a server has not got: it has all that its refs reach.
fn incoming(repository: &HookRepository, updates: &[Update]) -> Result<Range, Failure> {
    let mut excluded: Vec<Id> = updates.iter().filter_map(|update| update.old).collect();
    excluded.extend(repository.refs(None).map_err(Failure::new)?.into_iter().map(|(_, id)| id));
    Ok(range(updates, excluded))
}

fn range(updates: &[Update], excluded: Vec<Id>) -> Range {
    let included = updates.iter().filter_map(|update| Some((update.name.clone(), update.new?))).collect();
    Range { included, excluded }
}

/// The settings that hold for the repository, made into what a scan must be told.
fn with_context(
    common: &Common,
    repository: &HookRepository,
    is_server: bool,
    progress: &Progress,
    search: impl FnOnce(&Context<'_>, &Options, Vec<String>) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let top = repository.top().filter(|_| !is_server);
    let top = top.map(|top| top.canonicalize().unwrap_or_else(|_| top.to_owned()));
    let file = match (&common.config, &top) {
        (Some(path), _) => config::load(path)?,
        (None, Some(top)) => match config::find(top, Some(top))? {
            Some(path) => config::load(&path)?,
            None => Layer::default(),
        },
        (None, None) => committed(repository)?,
    };
    let Resolved { settings, rules, notes } = settings::with_file(common, file)?;
    let allowances = Allowances::new(settings.allow.clone(), settings::today(&settings));
    let rotations = match &top {
        Some(top) => config::rotations(top)?,
        None => committed_rotations(repository)?,
    };
    let exclude = settings.exclude_globs()?;
    let rebase = settings::rebase_from_top(&settings, top.as_deref());
    let context = Context {
        rules: &rules,
        gate: settings.gate(),
        allowances: &allowances,
        rotations: &rotations,
        exclude: &exclude,
        rebase: &|path| settings::rebased(rebase.as_ref(), path),
        inline_allow: !common.no_inline_allow,
        progress,
    };
    let options = Options {
        source: source::Options {
            max_size: settings.max_size.value,
            // Asking how many processors there are costs more than most changes do: the scan asks where it wants to know.
            threads: common.threads.map_or(0, usize::from),
            respect_ignore: false,
        },
        partial: true,
    };
    search(&context, &options, notes)
}

/// The configuration of a repository without a work tree: that of the commit at `HEAD`.
fn committed(repository: &HookRepository) -> Result<Layer, Failure> {
    let read = || -> Result<Option<Vec<u8>>, GitError> {
        let Some(head) = repository.head()? else { return Ok(None) };
        repository.file_at(head, config::FILE_NAME.as_bytes())
    };
    let Some(bytes) = read().map_err(Failure::new)? else { return Ok(Layer::default()) };
    let layer = config::parse(&bytes, Path::new(config::FILE_NAME))?;
    if !layer.rule_folders.is_empty() {
        return Err(Failure::new(
            "the committed plainsight.toml adds folders of rules, which a bare repository has not",
        )
        .help("name a configuration that lies on the server's disk: --config FILE"));
    }
    Ok(layer)
}

/// The record of rotations of a repository without a work tree, likewise.
fn committed_rotations(repository: &HookRepository) -> Result<Rotations, Failure> {
    let read = || -> Result<Option<Vec<u8>>, GitError> {
        let Some(head) = repository.head()? else { return Ok(None) };
        repository.file_at(head, config::ROTATIONS_NAME.as_bytes())
    };
    let Some(bytes) = read().map_err(Failure::new)? else { return Ok(Rotations::default()) };
    Ok(Rotations::new(config::parse_rotations(&bytes, Path::new(config::ROTATIONS_NAME))?))
}

/// Prints what was found where git shows it to the user, and gives the exit code.
fn tell(
    results: &Results<'_>,
    blocked: &[(String, usize)],
    event: Event,
    gate: gate::Gate,
    common: &Common,
) -> Result<u8, Failure> {
    let code = gate::outcome(results, &gate).exit_code();
    let to_stderr = common.format == Format::Human && common.output.is_none();
    if code == 0 {
        match results.count(Verdict::Block) {
            _ if !to_stderr => output::report(results, common)?,
            0 if common.quiet => {}
            0 => output::remark(&passed(results)),
            // `--fail-on never` takes it out of the exit code, not out of sight.
            _ => output::to_stderr(results, common, false, None),
        }
        return Ok(code);
    }
    let is_server = event == Event::Receive;
    let color = !is_server && output::color(common, std::io::stderr().is_terminal());
    let (alarm, text) = hook::first_line(event, results);
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let mut head = if color { format!("{red}{alarm}{red:#}{text}\n") } else { format!("{alarm}{text}\n") };
    for (name, count) in blocked {
        let _ = writeln!(head, "  {} brings {count}", crate::text::printable(name));
    }
    output::remark(&format!("{head}\n"));
    if to_stderr {
        output::to_stderr(results, common, color, is_server.then_some(REMOTE_WIDTH));
    } else {
        output::report(results, common)?;
    }
    output::remark(&format!("{}\n", textwrap::fill(&hook::last_line(event, results), REMOTE_WIDTH)));
    Ok(code)
}

/// One line for what passes, so that a hook that reads nothing is noticed.
fn passed(results: &Results<'_>) -> String {
    let coverage = &results.coverage;
    let warned = results.count(Verdict::Warn);
    let beside = match warned {
        0 => String::new(),
        1 => "; 1 finding worth a look".to_owned(),
        count => format!("; {count} findings worth a look"),
    };
    let read = match (coverage.blobs, coverage.commits) {
        (0, 0) if coverage.bytes == 0 => "nothing new to read".to_owned(),
        (0, 0) => "the message was read".to_owned(),
        (blobs, 0) => format!("{blobs} new blobs read"),
        (blobs, commits) => format!("{blobs} new blobs of {commits} commits read"),
    };
    format!("plainsight: nothing that blocks; {read}{beside}\n")
}
