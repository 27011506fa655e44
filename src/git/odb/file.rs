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

/// Size, time of change in nanoseconds and inode of a file: what tells whether it is still the same one.
pub fn stamp(path: &std::path::Path) -> Option<[u64; 3]> {
    let metadata = path.metadata().ok()?;
    let time = |time: std::time::SystemTime| {
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_nanos()).ok()
    };
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = metadata.created().ok().and_then(time).unwrap_or(0);
    Some([metadata.len(), time(metadata.modified().ok()?)?, inode])
}
