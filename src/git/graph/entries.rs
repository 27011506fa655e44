//! The entries of a tree as they are written.

/// An entry as it stands in a tree: name, id, what it is, and where the next one begins.
pub(super) struct Raw<'t> {
    pub(super) name: &'t [u8],
    pub(super) id: &'t gix::oid,
    pub(super) mode: Mode,
    pub(super) end: usize,
}

/// Format: mode in octal digits, a blank, the name, NUL, and the id in binary.
pub(super) fn entry_at(content: &[u8], at: usize, hash: usize) -> Option<Raw<'_>> {
    let rest = content.get(at..)?;
    let blank = memchr::memchr(b' ', &rest[..rest.len().min(8)])?;
    let nul = blank + memchr::memchr(0, &rest[blank..])?;
    let id = rest.get(nul + 1..nul + 1 + hash)?;
    Some(Raw {
        name: &rest[blank + 1..nul],
        id: gix::oid::try_from_bytes(id).ok()?,
        mode: match &rest[..blank] {
            b"40000" | b"040000" => Mode::Folder,
            b"160000" => Mode::Submodule,
            _ => Mode::Other,
        },
        end: at + nul + 1 + hash,
    })
}

/// The entries of a tree that name something of this repository: name and id. Ends where it is broken.
pub fn entries(content: &[u8], hash: usize) -> impl Iterator<Item = (&[u8], &gix::oid)> {
    all_entries(content, hash).filter(|entry| entry.2 != Mode::Submodule).map(|(name, id, _)| (name, id))
}

/// What an entry of a tree says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A folder.
    Folder,
    /// A commit of a submodule.
    Submodule,
    /// A file or a link.
    Other,
}

/// All entries of a tree: name, id, and what it is. Ends where it is broken.
pub(super) fn all_entries(content: &[u8], hash: usize) -> impl Iterator<Item = (&[u8], &gix::oid, Mode)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let entry = entry_at(content, at, hash)?;
        at = entry.end;
        Some((entry.name, entry.id, entry.mode))
    })
}
