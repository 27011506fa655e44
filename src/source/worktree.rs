//! Files and folders as they lie on disk.
//!
//! Hidden and git-ignored files are read like all others, links are not followed, and only regular files are
//! opened: a FIFO would wait for ever. Whatever is not read is handed out with a reason.

use super::{Part, Parts};
use crate::finding::{Skip, SkipKind};
use crate::text::PathText;
use crate::text::encoding::{Encoding, detect};
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What is read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Binary files larger than this are not read; text files are, in parts.
    pub max_size: u64,
    /// How many workers; 0 where the source is to find out.
    pub threads: usize,
    /// Leave out what `.gitignore` leaves out.
    pub respect_ignore: bool,
}

/// One thing that the walk came by.
#[derive(Debug)]
pub enum Walked<'p> {
    /// A part of a file; the first one comes with its encoding.
    Part {
        /// As reached from the argument.
        path: &'p Path,
        /// The path's bytes with `/`.
        name: &'p [u8],
        /// The bytes.
        part: Part<'p>,
        /// How the file is written, told from its beginning.
        encoding: Encoding,
    },
    /// A file was read to its end: so many bytes.
    Done {
        /// How many bytes it had.
        bytes: u64,
    },
    /// Something was not read.
    Skipped(Skip),
}

/// Takes what a worker comes by; one for each worker. Answers whether to go on.
pub trait Visit: Send {
    /// Takes one thing.
    fn take(&mut self, walked: Walked<'_>) -> bool;
    /// Whether a path is left out, and by what.
    fn excludes(&self, path: &Path, is_folder: bool) -> Option<String>;
}

/// Walks files and folders with several workers, in no fixed order.
pub fn walk<'v>(roots: &[PathBuf], options: &Options, mut worker: impl FnMut() -> Box<dyn Visit + 'v>) {
    let Some((first, rest)) = roots.split_first() else { return };
    let mut builder = WalkBuilder::new(first);
    for root in rest {
        builder.add(root);
    }
    builder.standard_filters(false).hidden(false).follow_links(false).threads(options.threads.max(1));
    if options.respect_ignore {
        builder.git_ignore(true).git_exclude(true).parents(true).require_git(true);
    }
    builder.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    builder.build_parallel().run(|| {
        let mut visit = worker();
        let mut parts = Parts::default();
        Box::new(move |entry| {
            let outcome = match entry {
                Ok(entry) => visit_entry(&entry, options, &mut parts, visit.as_mut()),
                Err(error) => Outcome::of(visit.take(Walked::Skipped(unreadable(&error)))),
            };
            match outcome {
                Outcome::GoOn => WalkState::Continue,
                Outcome::Prune => WalkState::Skip,
                Outcome::Stop => WalkState::Quit,
            }
        })
    });
}

enum Outcome {
    GoOn,
    Prune,
    Stop,
}

impl Outcome {
    const fn of(goes_on: bool) -> Self {
        if goes_on { Self::GoOn } else { Self::Stop }
    }
}

fn visit_entry(entry: &DirEntry, options: &Options, parts: &mut Parts, visit: &mut dyn Visit) -> Outcome {
    let path = shown(entry.path());
    let Some(kind) = entry.file_type() else { return Outcome::GoOn };
    let mut skip = |kind, reason: &str, incomplete| {
        let path = PathText::from_bytes(&name_of(path));
        Outcome::of(visit.take(Walked::Skipped(Skip { path, kind, reason: reason.to_owned(), incomplete })))
    };
    if kind.is_symlink() {
        // An argument that is a link was resolved by the walk; one that still is a link points nowhere.
        return skip(SkipKind::Symlink, "a symbolic link: links are not followed", entry.depth() == 0);
    }
    if kind.is_dir() {
        if entry.depth() > 0
            && let Some(by) = visit.excludes(path, true)
        {
            let skip = Skip {
                path: PathText::from_bytes(&name_of(path)),
                kind: SkipKind::Excluded,
                reason: by,
                incomplete: false,
            };
            return if visit.take(Walked::Skipped(skip)) { Outcome::Prune } else { Outcome::Stop };
        }
        return Outcome::GoOn;
    }
    if !kind.is_file() {
        return skip(SkipKind::Special, "a FIFO, socket or device: only regular files are read", entry.depth() == 0);
    }
    if let Some(by) = visit.excludes(path, false) {
        let skip = Skip {
            path: PathText::from_bytes(&name_of(path)),
            kind: SkipKind::Excluded,
            reason: by,
            incomplete: false,
        };
        return Outcome::of(visit.take(Walked::Skipped(skip)));
    }
    read_file(entry.path(), path, options, parts, visit)
}

/// Reads one regular file, part by part.
fn read_file(real: &Path, path: &Path, options: &Options, parts: &mut Parts, visit: &mut dyn Visit) -> Outcome {
    let name = name_of(path);
    let failed = |error: &dyn std::fmt::Display| {
        let reason = format!("could not be read: {error}");
        Walked::Skipped(Skip {
            path: PathText::from_bytes(&name),
            kind: SkipKind::Unreadable,
            reason,
            incomplete: true,
        })
    };
    let opened = File::open(real).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
    let (file, metadata) = match opened {
        Ok(opened) => opened,
        Err(error) => return Outcome::of(visit.take(failed(&error))),
    };
    if !metadata.is_file() {
        return Outcome::of(visit.take(failed(&"it is no regular file any more")));
    }
    let mut encoding = Encoding::Utf8OrBytes;
    let mut too_large = false;
    let mut goes_on = true;
    let read = parts.each(file, metadata.len(), |part| {
        if part.is_first {
            encoding = detect(part.bytes);
            too_large = encoding == Encoding::Binary && metadata.len() > options.max_size;
        }
        goes_on = !too_large && visit.take(Walked::Part { path, name: &name, part, encoding });
        goes_on
    });
    match read {
        _ if too_large => {
            let reason = format!("larger than {}", crate::text::size(options.max_size));
            Outcome::of(visit.take(Walked::Skipped(Skip {
                path: PathText::from_bytes(&name),
                kind: SkipKind::TooLarge,
                reason,
                incomplete: true,
            })))
        }
        Err(error) => Outcome::of(visit.take(failed(&error))),
        Ok(bytes) => Outcome::of(goes_on && visit.take(Walked::Done { bytes })),
    }
}

/// Without the `./` that comes from scanning the current folder.
fn shown(path: &Path) -> &Path {
    path.strip_prefix("./").ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(path)
}

/// The bytes of a path, with `/`.
#[cfg(unix)]
fn name_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

/// The bytes of a path, with `/`.
#[cfg(not(unix))]
fn name_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

fn unreadable(error: &ignore::Error) -> Skip {
    let (path, reason) = described(error);
    let path = path.map_or_else(|| PathText::from_bytes(b"?"), |path| PathText::from_bytes(&name_of(shown(&path))));
    Skip { path, kind: SkipKind::Unreadable, reason: format!("could not be read: {reason}"), incomplete: true }
}

fn described(error: &ignore::Error) -> (Option<PathBuf>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path.clone()), described(err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => described(err),
        ignore::Error::Partial(errors) => errors.first().map_or((None, "unknown".into()), described),
        other => (None, other.io_error().map_or_else(|| other.to_string(), ToString::to_string)),
    }
}
