//! Commits and annotated tags, read leniently: history holds ones that no git of today would write, and a search
//! must not stop at them.

use super::{GitError, Id, Kind, Objects};

/// What a report says of a commit or tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// `Name <mail>`, of the author or tagger.
    pub author: String,
    /// RFC 3339, UTC; empty where it is not told.
    pub date: String,
    /// The message.
    pub message: Vec<u8>,
}

/// What a walk over commits needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Links {
    pub tree: Id,
    pub parents: Vec<Id>,
    /// Of the committer, in seconds.
    pub time: i64,
}

/// What a tag points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tagged {
    pub target: Id,
    pub name: String,
}

impl Objects {
    /// The message of a commit or tag, and who wrote it when.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn text(&self, id: Id) -> Result<Text, GitError> {
        let mut buffer = Vec::new();
        let (_, bytes) = self.read(id, &mut buffer)?;
        let (headers, message) = split(bytes);
        let signature = header(headers, b"author").or_else(|| header(headers, b"tagger")).unwrap_or_default();
        let (author, time) = signed(signature);
        let author = String::from_utf8_lossy(author).into_owned();
        let date = time.and_then(|time| jiff::Timestamp::from_second(time).ok()).map(|time| time.to_string());
        Ok(Text { author, date: date.unwrap_or_default(), message: message.to_vec() })
    }

    pub(super) fn links(&self, id: Id, buffer: &mut Vec<u8>) -> Result<Links, GitError> {
        let bytes = self.of_kind(id, Kind::Commit, buffer)?;
        let (headers, _) = split(bytes);
        let broken = || GitError::of(id, "the commit is broken");
        let tree = header(headers, b"tree").and_then(Id::parse).ok_or_else(broken)?;
        let parents = lines(headers).filter_map(|line| line.strip_prefix(b"parent "));
        let parents = parents.map(|hex| Id::parse(hex).ok_or_else(broken)).collect::<Result<_, _>>()?;
        let time = header(headers, b"committer").and_then(|line| signed(line).1).unwrap_or_default();
        Ok(Links { tree, parents, time })
    }

    pub(super) fn tagged(&self, id: Id, buffer: &mut Vec<u8>) -> Result<Tagged, GitError> {
        let bytes = self.of_kind(id, Kind::Tag, buffer)?;
        let (headers, _) = split(bytes);
        let target = header(headers, b"object").and_then(Id::parse);
        let target = target.ok_or_else(|| GitError::of(id, "the tag is broken"))?;
        let name = String::from_utf8_lossy(header(headers, b"tag").unwrap_or_default()).into_owned();
        Ok(Tagged { target, name })
    }
}

/// The headers, and what stands behind the first empty line.
pub(super) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr_iter(b'\n', bytes).find(|at| bytes.get(at + 1) == Some(&b'\n')) {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &[]),
    }
}

/// The value of the first header of a name.
pub(super) fn header<'b>(headers: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
    lines(headers).find_map(|line| line.strip_prefix(name)?.strip_prefix(b" "))
}

/// What stands before, between and behind the ends of lines.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut ends = memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    std::iter::from_fn(move || {
        let end = ends.next()?;
        Some(&bytes[std::mem::replace(&mut start, end + 1)..end])
    })
}

/// `Name <mail> 1700000000 +0100`: who, and when.
pub(super) fn signed(line: &[u8]) -> (&[u8], Option<i64>) {
    let end = line.iter().rposition(|&byte| byte == b'>').map_or(line.len(), |at| at + 1);
    let (who, rest) = line.split_at(end);
    let time = rest.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
    (who.trim_ascii(), time.and_then(|time| std::str::from_utf8(time).ok()?.parse().ok()))
}
