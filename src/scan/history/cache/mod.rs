//! What an audit found out about packs, kept in the user's cache folder for the next one.
//!
//! A pack does not change: what was read of it once holds as long as its files are the same ones and the same rules are
//! asked. So all that does not depend on refs is written down: which objects there are, what they are made from, which tree
//! names what, commits with their parents, and where something was seen ([`record`]). No secret is among it, nor the id of an object:
//! that of a short password could be guessed. What is loose is read every time, as is what names something that is no known
//! object ([`Earlier`]). A file that is damaged ([`file`]), or was made under other rules or for other packs, is ignored and replaced.

mod again;
mod file;
mod load;
mod place;
mod record;
mod save;
mod tidy;
mod ways;

pub use again::Names;
pub use place::lies_within;
pub use record::{Numbering, objects, restored};
pub use save::Kept;

use super::Options;
use super::below::KnownBelow;
use super::blobs::Tally;
use crate::git::graph::{KnownCommits, KnownFolders, KnownHeld, Repository, submodules};
use crate::git::odb::{Known, Number};
use crate::scan::Context;
use crate::text::hex;
use file::KEY;
use record::Record;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// The cache of one repository under one set of rules.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    key: [u8; KEY],
    /// The folder of the objects.
    objects: PathBuf,
}

/// What an earlier audit found out.
#[derive(Debug)]
pub struct Earlier {
    /// Packs and their objects.
    pub packs: Known,
    /// Their trees.
    pub folders: KnownFolders,
    /// Their commits and tags.
    pub commits: KnownCommits,
    /// Their blobs below telling folders.
    pub below: KnownBelow,
    /// What was seen in them.
    pub records: Vec<Record>,
    /// Objects in which something must be looked for again; sorted.
    pub again: Vec<Number>,
    /// Who holds what was seen, if that lasts.
    pub held: Option<KnownHeld>,
    /// What tips name as submodules.
    pub looked: Option<submodules::Looked>,
    /// How much it was.
    pub tally: Tally,
    /// When the oldest part of it was read, in seconds since 1970.
    pub since: i64,
}

/// What came of looking for it.
#[derive(Debug)]
pub enum Looked {
    /// It is there, and may be used.
    Found(Box<Earlier>),
    /// There is none, or one for other rules.
    Nothing,
    /// It is there and of no use, for a person.
    Useless(String),
}

impl Cache {
    /// The cache of a repository in a folder.
    ///
    /// # Errors
    /// The folder is no place for it, for a person.
    pub fn of(
        folder: &Path,
        repository: &Repository,
        context: &Context<'_>,
        options: &Options,
    ) -> Result<Self, String> {
        if lies_within(repository, folder) {
            return Err(format!(
                "no cache is kept: {} lies in the repository, which is never written to; `--cache DIR` names another folder",
                folder.display()
            ));
        }
        let objects = repository.objects();
        let objects = objects.canonicalize().unwrap_or(objects);
        Ok(Self { path: folder.join(name_of(&objects)), key: key(repository, context, options), objects })
    }
}

/// How the cache of a folder of objects is called.
fn name_of(objects: &Path) -> String {
    format!("{}.audit", hex(&Sha256::digest(objects.as_os_str().as_encoded_bytes())[..16]))
}

/// A fingerprint of everything that the answer depends on and that does not lie in the packs.
fn key(repository: &Repository, context: &Context<'_>, options: &Options) -> [u8; KEY] {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    // Two programs of one version may still search differently.
    add(env!("PLAINSIGHT_SOURCES").as_bytes());
    add(&[u8::from(context.inline_allow), repository.hash().len_in_bytes() as u8]);
    add(&options.max_size.to_le_bytes());
    // The built-in rules are part of the sources.
    if !context.rules.is_builtin() {
        for rule in context.rules.rules() {
            let searched = (&rule.form, &rule.check, &rule.filters, &rule.files);
            add(format!("{} {} {:?} {:?} {searched:?}", rule.id, rule.family, rule.confidence, rule.precedence)
                .as_bytes());
        }
    }
    hash.finalize().into()
}
