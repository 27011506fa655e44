//! Encoded text inside a text: base64, hexadecimal, percent-encoding and escapes, decoded for a second look.
//!
//! [`runs`] finds what is encoded in a part of a text and gives it as [`Layer`]s, which know for each of their bytes
//! where it lies in the text. Its parts are there for the hot path: [`encoded`] (base64 and hexadecimal) looks at every
//! byte, [`percent_at`] and [`escape_at`] decode around a place that another search has found. A [`Budget`] bounds what one text may cost. Looking into the layers, with these functions again where
//! layers may lie in layers, and bounding that depth, is left to the caller.

mod blocks;
mod escape;
mod gap;
mod grow;
mod map;
mod percent;
#[cfg(test)]
mod tests;
mod windows;

pub use escape::escape_at;
pub use percent::{percent_at, unescaped};

use map::Map;
use std::ops::Range;

/// How far out of the asked part of a text, or from the asked place, anything is followed to either side, in bytes.
pub const REACH: usize = 64 * 1024;

/// The most bytes of one layer, whatever the budget allows.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// How far out of the asked part of a text base64 and hexadecimal are looked for that reach into it.
const MARGIN: usize = 64;

/// How something is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RFC 4648, section 4, with or without padding, on one line or many.
    Base64,
    /// RFC 4648, section 5: with `-` and `_`.
    Base64Url,
    /// Two hexadecimal digits a byte.
    Hex,
    /// RFC 3986, section 2.1.
    Percent,
    /// The escapes of strings in JSON, JavaScript, C, Python and the like.
    Unicode,
}

impl Kind {
    /// The lower-case word used in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Unicode => "escape",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What decoding may still cost in one text and all its layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Decoded bytes still allowed.
    pub bytes: usize,
    /// Layers still allowed.
    pub layers: usize,
    exhausted: bool,
}

impl Budget {
    /// Allows so many decoded bytes and layers.
    #[must_use]
    pub const fn new(bytes: usize, layers: usize) -> Self {
        Self { bytes, layers, exhausted: false }
    }

    /// What a text of so many bytes is allowed: what it may cost grows with it, so that a large file is read like the small
    /// ones that it might have been, and bounded by it.
    #[must_use]
    pub fn of_text(bytes: usize) -> Self {
        let least = Self::default();
        Self::new(least.bytes + bytes / 4, least.layers + bytes / 1024)
    }

    /// Whether something was not decoded, or not to its end, because the budget did not allow it.
    #[must_use]
    pub const fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// The most bytes of the next layer; `None` if there may be no other.
    fn allowance(&mut self) -> Option<usize> {
        if self.layers == 0 || self.bytes == 0 {
            self.exhausted = true;
            return None;
        }
        Some(self.bytes.min(LARGEST))
    }

    /// Notes that a layer of `allowed` bytes had no room for more.
    fn cut(&mut self, allowed: usize) {
        // What [`LARGEST`] cuts off becomes the next layer.
        self.exhausted |= allowed >= self.bytes;
    }

    /// Takes a layer from what is allowed.
    fn spend(&mut self, layer: &Layer) {
        self.layers = self.layers.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(layer.bytes.len());
    }
}

impl Default for Budget {
    /// 1 MiB in 1,000 layers.
    fn default() -> Self {
        Self::new(1024 * 1024, 1000)
    }
}

/// A decoded stretch of a text.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The decoded bytes; where these were UTF-16, the same as UTF-8.
    pub bytes: Vec<u8>,
    /// How they were encoded.
    pub kind: Kind,
    /// Where in the text, from the first encoded byte to behind the last; padding is not included.
    span: Range<usize>,
    map: Map,
}

impl Layer {
    /// Where the whole layer lies in the text it was found in, from its first encoded byte to behind its last.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        self.span.start..self.span.end
    }

    /// The smallest range of the text that holds the decoded bytes `start..end`, in offsets of that text.
    ///
    /// It begins and ends with encoded characters; line ends between them are inside. Of an empty range, or one behind
    /// the end, the result is empty, and begins where the byte at `start` does.
    #[must_use]
    pub fn encoded_span(&self, start: usize, end: usize) -> Range<usize> {
        let size = self.bytes.len();
        let end = end.min(size);
        if start < end {
            return self.map.encoded(&self.bytes, start, end);
        }
        let at = if start < size { self.map.encoded(&self.bytes, start, start + 1).start } else { self.span.end };
        at..at
    }

    /// Whether any encoded byte lies in `within`.
    const fn touches(&self, within: &Range<usize>) -> bool {
        self.span.start < within.end && self.span.end > within.start
    }
}

/// Decodes everything that is encoded in `text` and touches `within`, and adds it to `out`.
///
/// `within` is a range of offsets in `text`, cut to its size; a layer may reach [`REACH`] bytes out of it to either
/// side. The new layers are in ascending order of their first byte; layers of different kinds may overlap. Decoding
/// ends when `budget` does. The time taken is linear in the size of `within` and twice [`REACH`]. The way back needs 8
/// to 24 bytes of memory for each line of digits and each change between escaped and plain characters, so at most 24
/// for each decoded byte.
pub fn runs(text: &[u8], within: Range<usize>, budget: &mut Budget, out: &mut Vec<Layer>) {
    let within = within.start.min(text.len())..within.end.min(text.len());
    let first = out.len();
    encoded(text, within.clone(), budget, out);
    percent::within(text, within.clone(), budget, out);
    escape::within(text, within, budget, out);
    if let Some(new) = out.get_mut(first..) {
        new.sort_by_key(|layer| layer.span.start);
    }
}

/// Whether base64 or hexadecimal text that [`encoded`] would decode may begin in `within`.
#[must_use]
pub fn may_be_encoded(text: &[u8], within: Range<usize>) -> bool {
    let mut found = false;
    windows::windows(text, within.start.min(text.len())..within.end.min(text.len()), |_, known| {
        found = true;
        known
    });
    found
}

/// Decodes the base64 and hexadecimal text in `text` that touches `within`, and adds it to `out`.
///
/// The fast part of [`runs`], made to be executed on everything. What counts is what the digits stand for: there must
/// be 20 base64 digits in a row for 15 readable bytes of ASCII (or the same as UTF-16), or 24 hexadecimal digits for 12
/// such bytes and 32 in all. Around these the layer goes on in both directions as long as the bytes look like text:
/// over line ends, indentation and comment marks, escaped line ends and the quotes of joined strings. Digits that stand
/// for anything else (hashes, keys, images) give no layer, and mixed content gives one for each part that is text. A
/// word or path that is glued to the front is decoded with the rest, or left out. Bounds are those of [`runs`].
pub fn encoded(text: &[u8], within: Range<usize>, budget: &mut Budget, out: &mut Vec<Layer>) {
    let within = within.start.min(text.len())..within.end.min(text.len());
    if within.is_empty() {
        return;
    }
    let looked = within.start.saturating_sub(MARGIN)..(within.end + MARGIN).min(text.len());
    let reach = within.start.saturating_sub(REACH)..(within.end + REACH).min(text.len());
    windows::windows(text, looked.clone(), |window, known| {
        let reach = if known > looked.start { known } else { reach.start }..reach.end;
        let (layer, known) = grow::grow(text, window, reach, budget);
        if let Some(layer) = layer.filter(|layer| layer.touches(&within)) {
            budget.spend(&layer);
            out.push(layer);
        }
        known
    });
}
