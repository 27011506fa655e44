//! From what was typed and what `plainsight.toml` says to the settings of a run.

use super::args::{Common, ConfigArgs, ConfigCommand};
use super::failure::Failure;
use super::output;
use crate::config::{self, FailOn, Layer, Rebase, Settings, Sourced};
use crate::engine::Engine;
use crate::git::WorkTree;
use crate::rule::{RuleSet, load};
use std::path::{Path, PathBuf};

/// Settings and rules of a run.
#[derive(Debug)]
pub struct Resolved {
    pub settings: Settings,
    pub rules: RuleSet,
    pub notes: Vec<String>,
}

/// Reads the configuration that holds for `start`, puts the flags over it, and loads the rules.
pub fn resolve(common: &Common, start: &Path) -> Result<Resolved, Failure> {
    let file = match &common.config {
        Some(path) => config::load(path)?,
        None => match find(start)? {
            Some(path) => config::load(&path)?,
            None => Layer::default(),
        },
    };
    with_file(common, file)
}

/// The same with a configuration that was read already: git's hooks know where it lies.
pub fn with_file(common: &Common, file: Layer) -> Result<Resolved, Failure> {
    let settings = Settings::merge([file, flags(common)?]);
    let mut rules = RuleSet::builtin();
    for folder in &settings.rule_folders {
        let added = load::load(&folder.value)?;
        for (number, rule) in added.iter().enumerate() {
            if rules.get(rule.id).is_some() || added[..number].iter().any(|other| other.id == rule.id) {
                return Err(Failure::new(format!("{}: the id `{}` is taken", folder.value.display(), rule.id))
                    .help("an id names one rule for ever: give yours another"));
            }
        }
        rules = rules.with(added);
        compile(&rules)?;
    }
    let ids: Vec<&str> = rules.rules().iter().map(|rule| rule.id).collect();
    let notes = settings.check_rule_ids(&ids)?;
    let rules = rules.retain(|rule| settings.keeps(rule.id));
    if rules.rules().is_empty() {
        return Err(Failure::new("no rule is active, so nothing would be found")
            .help("take --only, --skip or [rules] disable back"));
    }
    Ok(Resolved { settings, rules, notes })
}

/// The date, asked for only where something expires: finding the time zone reads a thousand files.
pub fn today(settings: &Settings) -> jiff::civil::Date {
    let expires = settings.allow.iter().any(|entry| entry.expires.is_some());
    if expires { jiff::Zoned::now().date() } else { jiff::civil::Date::default() }
}

/// Loaded rules are compiled before the run, so that a broken one is said and not found out.
fn compile(rules: &RuleSet) -> Result<(), Failure> {
    let builtin = RuleSet::builtin();
    Engine::new(rules).compile_all(|rule| builtin.get(rule.id).is_none()).map_err(|error| {
        Failure::new(error).help("`plainsight rules check --rules DIR` says everything that is wrong with rules")
    })
}

/// The closest `plainsight.toml`, up to the top of the repository.
fn find(start: &Path) -> Result<Option<PathBuf>, Failure> {
    let folder = if start.is_dir() {
        start
    } else {
        start.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
    };
    let Ok(folder) = folder.canonicalize() else { return Ok(None) };
    let top = WorkTree::discover(&folder).ok().flatten().map(|tree| tree.top().to_owned());
    Ok(config::find(&folder, top.as_deref())?)
}

fn flags(common: &Common) -> Result<Layer, Failure> {
    let fail_on = common.fail_on.as_deref().map(|word| {
        word.parse::<FailOn>()
            .map(|value| Sourced::flag(value, "--fail-on"))
            .map_err(|error| Failure::new(format!("--fail-on: {error}")))
    });
    let min_severity = common.min_severity.as_deref().map(|word| {
        config::severity(word)
            .map(|value| Sourced::flag(value, "--min-severity"))
            .map_err(|error| Failure::new(format!("--min-severity: {error}")))
    });
    let max_size = common.max_file_size.as_deref().map(|text| {
        config::parse_size(text)
            .map(|value| Sourced::flag(value, "--max-file-size"))
            .map_err(|error| Failure::new(format!("--max-file-size: {error}")))
    });
    Ok(Layer {
        rule_folders: common.rules.iter().map(|folder| Sourced::flag(folder.clone(), "--rules")).collect(),
        disable: common.skip.iter().map(|id| Sourced::flag(id.clone(), "--skip")).collect(),
        only: common.only.iter().map(|id| Sourced::flag(id.clone(), "--only")).collect(),
        fail_on: fail_on.transpose()?,
        min_severity: min_severity.transpose()?,
        max_size: max_size.transpose()?,
        ..Layer::default()
    })
}

/// Turns paths of the run into paths relative to the configuration's folder, or to the top of the repository.
pub fn rebase(settings: &Settings, start: &Path) -> Option<Rebase> {
    let here = std::env::current_dir().ok()?;
    let top = match settings.folder() {
        Some(folder) => folder.to_owned(),
        None => WorkTree::discover(start).ok().flatten()?.top().to_owned(),
    };
    Some(Rebase::new(&here, &top))
}

/// The same for git's paths, which begin at the top; a configuration that lies elsewhere is about them all the same.
pub fn rebase_from_top(settings: &Settings, top: Option<&Path>) -> Option<Rebase> {
    top.zip(settings.folder()).map(|(top, folder)| Rebase::new(top, folder))
}

/// A path as the configuration has it; `None` for one that does not lie below its folder.
pub fn rebased(rebase: Option<&Rebase>, path: &str) -> Option<String> {
    rebase.map_or_else(|| Some(path.to_owned()), |rebase| rebase.apply(path).map(std::borrow::Cow::into_owned))
}

/// `plainsight config show`.
pub fn run(args: &ConfigArgs, common: &Common) -> Result<u8, Failure> {
    match args.command {
        ConfigCommand::Show => {
            let resolved = resolve(common, Path::new("."))?;
            output::print(config::show(&resolved.settings).as_bytes())
        }
    }
}
