//! What two versions of a text have in common.

/// A range of a text that is the same as one of its earlier version. Texts with versions have at most 2 GiB: four bytes hold an
/// offset, and of these ranges there are tens of millions in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Where it begins in the text.
    pub start: u32,
    /// How many bytes it has.
    pub length: u32,
    /// Where it begins in the earlier version.
    pub base: u32,
}

impl Copied {
    /// Where it ends in the text.
    #[must_use]
    pub const fn end(&self) -> u32 {
        self.start + self.length
    }

    /// Where it ends in the earlier version.
    #[must_use]
    pub const fn base_end(&self) -> u32 {
        self.base + self.length
    }
}
