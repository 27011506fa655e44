//! `plainsight rotate start|done|list`: the record of who revoked what and when.

use super::args::{Common, RotateArgs, RotateCommand, RotateId};
use super::failure::Failure;
use super::output;
use super::survey::{self, Where};
use crate::config;
use crate::git::{self, Holders, WorkTree};
use crate::policy::rotation::{Rotation, RotationState};
use crate::text::printable;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// Runs it.
pub fn run(args: &RotateArgs, common: &Common) -> Result<u8, Failure> {
    match &args.command {
        RotateCommand::Start(of) => record(of, RotationState::Started, common),
        RotateCommand::Done(of) => record(of, RotationState::Done, common),
        RotateCommand::List { id } => list(id.as_deref()),
    }
}

fn record(of: &RotateId, state: RotationState, common: &Common) -> Result<u8, Failure> {
    if !survey::is_id(&of.id) {
        return Err(Failure::new("this is no id of a finding")
            .help("an id is ps1- and 24 hexadecimal digits, as a report shows it"));
    }
    let tree = survey::work_tree()?;
    let by = who(of)?;
    let (rule, holders) = look_up(of, state, &tree, common)?;
    let known = config::load_rotations(tree.top())?;
    let before: Vec<&Rotation> = known
        .iter()
        .map(|(_, rotation)| rotation)
        .filter(|rotation| rotation.id == of.id && rotation.state == state)
        .collect();
    let known: BTreeSet<&String> = before.iter().flat_map(|rotation| &rotation.blobs).collect();
    if !before.is_empty() && holders.blobs.iter().all(|blob| known.contains(blob)) {
        return output::print(format!("recorded already: nothing new holds {}\n", of.id).as_bytes());
    }
    let blobs: BTreeSet<String> = holders.blobs.into_iter().filter(|blob| !known.contains(blob)).collect();
    let rotation = Rotation {
        id: of.id.clone(),
        on: jiff::Zoned::now().date().to_string(),
        state,
        rule,
        by: printable(&by),
        note: of.note.as_deref().map(printable),
        commit: holders.head.filter(|_| state == RotationState::Done),
        blobs,
    };
    let mut out = said(&rotation);
    if holders.too_large > 0 {
        let _ =
            writeln!(out, "{} objects are too large to be searched, and count as not holding it.", holders.too_large);
    }
    config::record_rotation(tree.top(), rotation)?;
    output::print(out.as_bytes())
}

/// Who did it, as typed or as git knows them.
fn who(of: &RotateId) -> Result<String, Failure> {
    let by = of.by.clone().or_else(|| git::identity(Path::new("."))).filter(|by| !by.trim().is_empty());
    by.ok_or_else(|| {
        Failure::new("git knows neither user.name nor user.email, so the record would name nobody")
            .help("say who did it with --by 'NAME <MAIL>'")
    })
}

/// The rule that finds it, and what holds it where that is to be recorded.
fn look_up(
    of: &RotateId,
    state: RotationState,
    tree: &WorkTree,
    common: &Common,
) -> Result<(String, Holders), Failure> {
    let place = Where::of(of.path.as_deref(), &of.stdin_name);
    survey::survey(common, place, |results, _| {
        let finding = survey::find(results, &of.id)?;
        let rule = finding.rule.id.to_owned();
        if state == RotationState::Started {
            return Ok((rule, Holders::default()));
        }
        let paths = match place {
            Where::Stdin(name) => vec![name.as_bytes().to_vec()],
            Where::Path(_) => survey::paths_from_top(finding, tree),
        };
        // What stands encoded is followed by its path: the objects do not hold the secret as it is known here.
        let secret = finding.secret.as_ref().filter(|_| finding.decoded.is_empty());
        let holders = tree.holders(&paths, secret.map(crate::text::Secret::expose)).map_err(Failure::new)?;
        Ok((rule, holders))
    })
}

fn said(rotation: &Rotation) -> String {
    let (name, id) = (config::ROTATIONS_NAME, &rotation.id);
    match rotation.state {
        RotationState::Started => format!(
            "{name}: rotation of {id} started.\nIt blocks until it is revoked and recorded: plainsight rotate done {id}\n"
        ),
        RotationState::Done => format!(
            "{name}: {id}, {}.\nIt no longer blocks in the {} files and versions of files that hold it. Wherever it \
             turns up anew, it blocks.\nNext: git add {name}, and commit it.\n",
            rotation.reason(),
            rotation.blobs.len()
        ),
    }
}

fn list(id: Option<&str>) -> Result<u8, Failure> {
    let tree = survey::work_tree()?;
    let mut out = String::new();
    for (_, rotation) in config::load_rotations(tree.top())? {
        if id.is_some_and(|id| id != rotation.id) {
            continue;
        }
        let note = rotation.note.as_deref().map(|note| format!("  {}", crate::policy::safe_reason(note)));
        let _ = writeln!(
            out,
            "{}  {:7}  {}  {}  {}{}",
            rotation.on,
            rotation.state.as_str(),
            rotation.id,
            printable(&rotation.rule),
            crate::policy::safe_reason(&rotation.by),
            note.unwrap_or_default()
        );
    }
    if out.is_empty() {
        let _ = writeln!(out, "nothing is recorded in {}", config::ROTATIONS_NAME);
    }
    output::print(out.as_bytes())
}
