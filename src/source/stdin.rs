//! Standard input, as one text.

use super::{Part, Parts, ReadError};
use std::io::Read;

/// Reads a stream to its end, part by part.
///
/// # Errors
/// The stream broke.
pub fn read_stdin(stream: impl Read, visit: impl FnMut(Part<'_>) -> bool) -> Result<u64, ReadError> {
    Parts::default().each(stream, 0, visit)
}
