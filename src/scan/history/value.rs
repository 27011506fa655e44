//! A value that somebody names, looked for in everything that a repository is made of: the bytes of every object, the names in
//! its trees, the names of refs, and what git writes into files of its own (logs, the index, the configuration).
//!
//! This is for proving that it is gone, so rules, names of files and limits of size have no part in it. Of what lies in trees
//! each name is looked at by itself.

use super::below::Below;
use super::forms::{Forms, Hit};
use super::read::{Read, seen_order};
use super::seen::{Seen, Within};
use super::views::Views;
use super::{Options, lost};
use crate::candidate::Candidate;
use crate::engine::{Engine, Match, Scratch, filter};
use crate::finding::fingerprint::{self, UNGUESSABLE_BITS};
use crate::finding::{Confidence, Coverage, Excerpt, Exposure, Finding, Place, Skip};
use crate::git::graph::commits::Messages;
use crate::git::graph::submodules::{Looked, Named};
use crate::git::graph::{AllHeld, Commits, Folders, Message, Repository, Tips};
use crate::git::odb::{self, Kind, Number, Store, Unreadable, Visit};
use crate::scan::{Context, Progress};
use crate::text::{Copied, Locator, PathText, Position};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

const START: Position = Position { line: 1, column: 1 };

/// The rule whose finding a value is taken for that no rule knows.
pub const UNKNOWN: &str = "generic-secret";

/// Folders in a git folder that are read otherwise, or are repositories of their own.
const OTHERS: [&str; 2] = ["objects", "modules"];

/// A file of git's own that holds the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnFile {
    /// From the top of the work tree; of a bare repository, from its folder.
    pub path: String,
    position: Position,
}

/// Looks into every object.
pub fn read(
    repository: &Repository,
    engine: &Engine<'_>,
    context: &Context<'_>,
    options: &Options,
    forms: &Forms,
) -> Read {
    let threads = options.threads.max(1);
    let progress = context.progress;
    let mut store = Store::open(&repository.objects(), repository.hash(), threads);
    progress.total.fetch_add(store.packed_bytes(), Ordering::Relaxed);
    let count = |objects: u64, packed: u64| progress.add(objects, packed);
    let folders = Folders::read(&store, None, threads, &count);
    let (commits, _) = Commits::read(&store, None, vec![Unasked; threads], &|_, _| !progress.stopped());
    let views = Views::of_all(&store, &folders, Below::of(&store, &folders, engine, None), engine);
    let matched = taken_for(engine, context, forms);
    let mut coverage = Coverage { commits: commits.list.len() as u64, ..Coverage::default() };
    let mut seen = Vec::new();
    let mut unreadable = Vec::new();
    for kind in [Kind::Tag, Kind::Commit, Kind::Blob] {
        let worker = || Search {
            store: &store,
            views: &views,
            forms,
            matched: &matched,
            progress,
            kind,
            seen: Vec::new(),
            unreadable: Vec::new(),
            count: 0,
            bytes: 0,
        };
        for worker in odb::walk(&store, kind, (0..threads).map(|_| worker()).collect()) {
            seen.extend(worker.seen);
            if kind == Kind::Blob {
                coverage.blobs += worker.count;
                coverage.bytes += worker.bytes;
                // Commits and tags that cannot be read were named when they were read for what they name.
                unreadable.extend(worker.unreadable);
            }
        }
    }
    seen.extend(in_names(&store, &folders, &views, forms, &matched));
    seen.sort_by_key(seen_order);
    let fits = views.fitting(&seen);
    unreadable.append(&mut store.unreadable);
    let tips = Tips::of(repository);
    coverage.refs = tips.tips.len() as u64;
    let within = PathText::from_bytes(b"");
    let skips = Vec::new();
    let read = Read {
        store,
        folders,
        commits,
        tips,
        seen,
        fits,
        skips,
        unreadable,
        coverage,
        within,
        lasting: None,
        ends: Vec::new(),
        held: AllHeld::default(),
        named: Named::default(),
        looked: Looked::default(),
        uphill: OnceLock::new(),
    };
    read.complete(None, None)
}

/// What the value is by itself: the finding of the rule that knows it, so that its steps are told and it has the id that it has
/// everywhere.
fn taken_for(engine: &Engine<'_>, context: &Context<'_>, forms: &Forms) -> Match {
    let value = forms.value();
    let found = engine.search(&Candidate::whole(value.expose(), b""), &mut Scratch::default()).matches;
    let known = found.into_iter().filter(|found| found.secret.as_ref() == Some(value) && found.decoded.is_empty());
    let best = known.max_by_key(|found| {
        let rule = engine.rule(found.rule);
        (rule.precedence, found.confidence, std::cmp::Reverse(rule.id))
    });
    best.unwrap_or_else(|| Match {
        rule: context.rules.rules().iter().position(|rule| rule.id == UNKNOWN).unwrap_or(0),
        span: 0..value.len(),
        secret: Some(value.clone()),
        confidence: Confidence::Strong,
        decoded: Vec::new(),
        key: None,
        documented: None,
        unguessable: filter::bits(value.expose()) >= UNGUESSABLE_BITS && filter::looks_random(value.expose()),
    })
}

/// Messages are searched with the rest of what they stand in.
#[derive(Clone)]
struct Unasked;

impl Messages for Unasked {
    fn message(&mut self, _: Message<'_>) {}
}

/// One worker.
struct Search<'q> {
    store: &'q Store,
    views: &'q Views<'q>,
    forms: &'q Forms,
    matched: &'q Match,
    progress: &'q Progress,
    kind: Kind,
    seen: Vec<Seen>,
    unreadable: Vec<Unreadable>,
    count: u64,
    bytes: u64,
}

impl Search<'_> {
    fn search(&mut self, number: Number, content: &[u8]) {
        if !self.store.counts(number) {
            return;
        }
        self.count += 1;
        self.bytes += content.len() as u64;
        let Some(hit) = self.forms.find(content) else { return };
        // Of a commit, lines are those of its message; what stands above it has none.
        let text = match self.kind {
            Kind::Blob => 0,
            _ => memchr::memmem::find(content, b"\n\n").map_or(content.len(), |end| end + 2),
        };
        let mut locator = Locator::new(&content[text..], START);
        let mut position = |at: usize| at.checked_sub(text).map_or(START, |at| locator.position(at, START));
        let (start, end) = (position(hit.span.start), position(hit.span.end));
        let within = match self.kind {
            Kind::Blob => Within::Blob,
            Kind::Tag => Within::TagMessage,
            Kind::Commit | Kind::Tree => Within::CommitMessage,
        };
        let nameless = [self.views.nameless()];
        let names = match (within, self.views.of(number)) {
            (Within::Blob, names) if !names.is_empty() => names,
            _ => &nameless[..],
        };
        self.seen.extend(names.iter().map(|&name| one(self.matched, &hit, number, within, name, (start, end))));
    }
}

impl Visit for Search<'_> {
    type State = ();

    fn whole(&mut self, number: Number, content: &[u8]) {
        self.search(number, content);
    }

    fn delta(&mut self, number: Number, content: &[u8], _: &[u8], (): &(), _: &[Copied]) {
        self.search(number, content);
    }

    fn unreadable(&mut self, unreadable: Unreadable) {
        self.unreadable.push(unreadable);
    }

    fn progress(&mut self, objects: u64, packed: u64) -> bool {
        self.progress.add(objects, packed)
    }
}

fn one(matched: &Match, hit: &Hit, object: Number, within: Within, name: u32, at: (Position, Position)) -> Seen {
    let decoded: Vec<&'static str> = hit.form.into_iter().collect();
    let matched = Match { span: hit.span.clone(), decoded, ..matched.clone() };
    // Other secrets may stand on its line, and nobody looks for them here: only the value itself is shown, masked.
    let masked = matched.secret.as_ref().map(crate::text::Secret::masked).unwrap_or_default();
    let excerpt = Some(Excerpt { secret: 0..masked.len(), text: masked });
    Seen { object, within, name, matched, start: at.0, end: at.1, excerpt, inline: None }
}

/// What trees call by a name with the value in it.
fn in_names(store: &Store, folders: &Folders, views: &Views<'_>, forms: &Forms, matched: &Match) -> Vec<Seen> {
    let names = 0..folders.names.len() as u32;
    let named: BTreeSet<u32> = names.filter(|&name| forms.find(folders.names.name(name)).is_some()).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let children = folders.named().filter(|(_, name)| named.contains(name)).map(|(child, _)| child);
    let children: BTreeSet<Number> = children.collect();
    let nameless = [views.nameless()];
    let mut seen = Vec::new();
    for child in children {
        let all = if store.kind(child) == Some(Kind::Blob) { views.of(child) } else { &nameless[..] };
        for &view in all {
            let hit =
                forms.find(views.path(view)).or_else(|| (all == nameless).then_some(Hit { span: 0..1, form: None }));
            seen.extend(hit.map(|hit| one(matched, &hit, child, Within::Blob, view, (START, START))));
        }
    }
    seen
}

/// What holds the value beside the objects: names of refs, and files of git's own.
pub fn own_files(repository: &Repository, read: &mut Read, forms: &Forms, progress: &Progress) -> Vec<OwnFile> {
    let objects = repository.objects();
    let git = objects.parent().unwrap_or(&objects).to_owned();
    let top = git.parent().filter(|_| git.file_name().is_some_and(|name| name == ".git")).unwrap_or(&git).to_owned();
    let shown = |path: &Path| path.strip_prefix(&top).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let mut found: Vec<OwnFile> = Vec::new();
    let mut refuse = |path: &Path, error: &dyn std::fmt::Display| {
        let reason = format!("could not be read: {error}");
        read.skips.push(lost(Unreadable { what: path.display().to_string(), reason }));
    };
    let mut folders: Vec<PathBuf> = vec![git.clone()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                refuse(&folder, &error);
                continue;
            }
        };
        for entry in entries {
            let (path, kind) = match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                Ok(entry) => entry,
                Err(error) => {
                    refuse(&folder, &error);
                    continue;
                }
            };
            let is_other = folder == git && OTHERS.iter().any(|name| path.ends_with(name));
            if kind.is_dir() && !is_other {
                folders.push(path);
            } else if kind.is_file() {
                match in_file(&path, forms, progress) {
                    Ok(position) => {
                        // A ref lies in a file of its name, unless many are packed into one.
                        let position = position.or_else(|| forms.find(shown(&path).as_bytes()).map(|_| START));
                        found.extend(position.map(|position| OwnFile { path: shown(&path), position }));
                    }
                    Err(error) => refuse(&path, &error),
                }
            }
        }
    }
    // Newer indexes keep of a path only what differs from the one before.
    if read.tips.staged.iter().any(|entry| forms.find(&entry.path).is_some()) {
        let index = shown(&git.join("index"));
        if !found.iter().any(|file| file.path == index) {
            found.push(OwnFile { path: index, position: START });
        }
    }
    found.sort();
    found
}

/// Where in a file the value stands first.
fn in_file(path: &Path, forms: &Forms, progress: &Progress) -> std::io::Result<Option<Position>> {
    let file = match File::open(path) {
        Ok(file) => file,
        // Git is at work beside.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let (mut position, mut found) = (START, None);
    crate::source::read_stdin(file, |part| {
        found = forms.find(part.bytes).map(|hit| Locator::new(part.bytes, START).position(hit.span.start, START));
        if let Some(at) = &mut found {
            *at = if part.is_first { *at } else { position };
        }
        position.line += part.bytes[part.own.clone()].iter().filter(|&&byte| byte == b'\n').count() as u64;
        found.is_none() && !progress.stopped()
    })
    .map_err(|error| error.0)?;
    Ok(found)
}

/// Adds what is no object to the findings: to the one of the same secret, or as one more.
pub fn add_files<'c>(
    findings: &mut Vec<Finding<'c>>,
    files: &[OwnFile],
    engine: &Engine<'_>,
    context: &Context<'c>,
    forms: &Forms,
) {
    let Some(beside) = beside(files, engine, context, forms) else { return };
    match findings.iter_mut().find(|finding| finding.id == beside.id) {
        Some(finding) => finding.places.extend(beside.places),
        None => findings.push(beside),
    }
}

/// The finding of what is no object.
fn beside<'c>(files: &[OwnFile], engine: &Engine<'_>, context: &Context<'c>, forms: &Forms) -> Option<Finding<'c>> {
    let matched = taken_for(engine, context, forms);
    let rule = &context.rules.rules()[matched.rule];
    let place = |file: &OwnFile| Place {
        path: PathText::from_bytes(file.path.as_bytes()),
        start: file.position,
        end: file.position,
        blob: None,
        commit: None,
        removed_in: None,
        now: None,
        excerpt: None,
        ignored: false,
        suppressed: None,
    };
    let id = fingerprint::id(&fingerprint::Subject {
        family: rule.family,
        secret: forms.value().expose(),
        path: &files.first()?.path,
        key: "",
        unguessable: matched.unguessable,
    });
    Some(Finding {
        id,
        rule,
        severity: rule.severity,
        confidence: matched.confidence,
        verdict: context.gate.verdict(matched.confidence, rule.severity, false, false),
        exposure: Exposure::Worktree,
        exposed_refs: Vec::new(),
        exposed_more: 0,
        present: None,
        secret: matched.secret,
        decoded: Vec::new(),
        key: None,
        commits: None,
        places: files.iter().map(place).collect(),
        suppressed: None,
        others: Vec::new(),
    })
}

/// What must be known of a value that no rule knows: nobody else gives it the id that it has here.
pub fn remark(findings: &[Finding<'_>]) -> Option<String> {
    findings.iter().any(|finding| finding.rule.id == UNKNOWN).then(|| {
        "no rule knows this value, so that its id proves nothing: ask for the value again with `plainsight audit --gone -`"
            .to_owned()
    })
}

/// Takes the value out of every text that goes along with the findings: a path, a subject, the name of a ref.
pub fn hide(forms: &Forms, findings: &mut [Finding<'_>], skips: &mut [Skip], notes: &mut [String]) {
    let text = |text: &mut String| {
        if let Some(hidden) = forms.hidden(text) {
            *text = hidden;
        }
    };
    let path = |path: &mut PathText| {
        if let Some(hidden) = forms.hidden(path.as_str()) {
            *path = PathText::from_bytes(hidden.as_bytes());
        }
    };
    for finding in findings {
        finding.exposed_refs.iter_mut().for_each(text);
        for place in &mut finding.places {
            path(&mut place.path);
            if let Some(commit) = &mut place.commit {
                text(&mut commit.author);
                text(&mut commit.subject);
            }
        }
    }
    for skip in skips {
        path(&mut skip.path);
        text(&mut skip.reason);
    }
    notes.iter_mut().for_each(text);
}
