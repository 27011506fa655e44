//! A file that takes the place of another once it is whole: nobody ever reads half of it, and whatever stops the writer leaves the old one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file on its way into a place. Dropped before it is done, it is gone, and the old one is as it was.
#[derive(Debug)]
pub struct Replacing {
    path: PathBuf,
    temporary: PathBuf,
    is_done: bool,
}

impl Replacing {
    /// Makes a file under another name in the same folder, by which other writers may be kept out.
    ///
    /// # Errors
    /// The system refused; or there is a file of that name, which stays: another writer's, or of one that was killed.
    pub fn under(temporary: PathBuf, path: &Path, mode: &Mode) -> io::Result<(Self, File)> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if !matches!(mode, Mode::Usual) {
            // It may hold secrets: nobody else opens it before it has the mode of the old one.
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = options.open(&temporary)?;
        Ok((Self { path: path.to_owned(), temporary, is_done: false }, file))
    }

    /// Puts it in place.
    ///
    /// # Errors
    /// The system refused.
    pub fn done(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.path)?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Replacing {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Who may do what with a new file.
#[derive(Debug, Clone)]
pub enum Mode {
    /// What they may with this one.
    Like(fs::Permissions),
    /// What they may with any that a program makes.
    Usual,
    /// Its owner may read and write it, nobody else.
    Private,
    /// Everybody may read and start it.
    Executable,
}

/// Writes a file whole, and makes sure that it is on the disk before it takes the place of the old one.
///
/// # Errors
/// The system refused; the old file is as it was.
pub fn replace(path: &Path, bytes: &[u8], mode: &Mode) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.plainsight-{}", std::process::id()));
    let (replacing, mut file) = Replacing::under(temporary, path, mode)?;
    file.write_all(bytes)?;
    match mode {
        Mode::Like(permissions) => file.set_permissions(permissions.clone())?,
        #[cfg(unix)]
        Mode::Executable => file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))?,
        _ => {}
    }
    file.sync_all()?;
    // Some systems do not move a file that is open.
    drop(file);
    replacing.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let (path, lock) = (folder.path().join("a"), folder.path().join("a.lock"));
        replace(&path, b"old", &Mode::Usual)?;
        {
            let (_replacing, mut file) = Replacing::under(lock.clone(), &path, &Mode::Private)?;
            file.write_all(b"ne")?;
            assert!(Replacing::under(lock.clone(), &path, &Mode::Usual).is_err(), "another writes");
            assert!(lock.exists(), "which takes nothing from the first");
        }
        assert_eq!((fs::read(&path)?, fs::read_dir(folder.path())?.count()), (b"old".to_vec(), 1));
        replace(&path, b"new", &Mode::Like(fs::metadata(&path)?.permissions()))?;
        assert_eq!((fs::read(&path)?, fs::read_dir(folder.path())?.count()), (b"new".to_vec(), 1));
        assert!(replace(folder.path(), b"x", &Mode::Usual).is_err(), "a folder is no file");
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn nobody_may_do_more_than_before() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a");
        let mode = || fs::metadata(&path).map(|metadata| metadata.permissions().mode() & 0o777);
        for (wanted, expected) in
            [(Mode::Private, 0o600), (Mode::Executable, 0o755), (Mode::Like(fs::Permissions::from_mode(0o640)), 0o640)]
        {
            replace(&path, b"x", &wanted)?;
            assert_eq!(mode()?, expected);
        }
        Ok(())
    }
}
