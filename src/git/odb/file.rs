//! Reads parts of a file by position, from several threads, without mapping it: a pack of gigabytes does not count as
//! memory of the program, and a file that shrinks while it is read is an error instead of a signal.

use std::fs::File;
use std::io;

/// Fills `out` from `offset` on.
///
/// # Errors
/// The file ends before, or cannot be read.
#[cfg(unix)]
pub fn read_exact_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

/// Fills `out` from `offset` on.
///
/// # Errors
/// The file ends before, or cannot be read.
#[cfg(windows)]
pub fn read_exact_at(file: &File, mut out: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt as _;
    while !out.is_empty() {
        match file.seek_read(out, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                out = &mut out[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
