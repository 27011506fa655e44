//! Bytes to be searched, with as much of their origin as the search may use: a path, and which part it is.

use std::ops::Range;

/// A text, or a part of one that is too large to hold.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The bytes to be searched: those on disk or in the object, or what [`encoding`](crate::text::encoding) made of them.
    pub bytes: &'a [u8],
    /// Whether they are no text, so that only rules with a format of their own apply.
    pub is_binary: bool,
    /// The path with `/`, as bytes: rules may ask for file names. Empty for standard input.
    pub path: &'a [u8],
    /// Which bytes are this candidate's to report: what begins outside is reported by a neighbouring part. The
    /// bytes around are there so that no match is cut.
    pub own: Range<usize>,
    /// Whether the file's first byte is the first here, so that rules on whole files apply.
    pub is_first: bool,
}

impl<'a> Candidate<'a> {
    /// A whole text.
    #[must_use]
    pub const fn whole(bytes: &'a [u8], path: &'a [u8]) -> Self {
        Self { bytes, is_binary: false, path, own: 0..bytes.len(), is_first: true }
    }
}

/// How far around its own bytes a part of a text must reach, so that nothing is lost at the border of two parts: the longest
/// match (32 KiB), and as much again for what is looked at around one.
pub const MARGIN: usize = 64 * 1024;
