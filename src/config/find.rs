//! Where the configuration lies, and reading it.
//!
//! A repository is hostile input: its `plainsight.toml` may be a link out of it, a pipe that never ends, or a
//! gigabyte long. A file that the user names on the command line may be a link, since the user chose it.

use super::error::ConfigError;
use super::resolve::parse;
use super::{Layer, Result};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

/// What the file is called.
pub const FILE_NAME: &str = "plainsight.toml";
/// Greatest size of the file.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Greatest number of folders looked into on the way up.
const MAX_PARENTS: usize = 256;

/// Looks for `plainsight.toml` in a folder and its parents, up to and including `stop_at`, which is the top of
/// the repository. Without one, or where `start` does not lie below it, only the folder itself counts: what lies
/// further up belongs to somebody else. Both paths are absolute, or relative to the same folder.
///
/// # Errors
/// Where something of that name is no regular file, or cannot be looked at.
pub fn find(start: &Path, stop_at: Option<&Path>) -> Result<Option<PathBuf>> {
    let top = stop_at.filter(|top| start.starts_with(top)).unwrap_or(start);
    for folder in start.ancestors().take(MAX_PARENTS) {
        let path = folder.join(FILE_NAME);
        match path.symlink_metadata() {
            Ok(metadata) => return regular(&path, &metadata).map(|()| Some(path)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(source) => return Err(ConfigError::Read { path, source }),
        }
        if folder == top {
            break;
        }
    }
    Ok(None)
}

/// Reads the file: one layer.
///
/// # Errors
/// Where it cannot be read, is no text or says something that a configuration cannot say.
pub fn load(path: &Path) -> Result<Layer> {
    let failed = |source| ConfigError::Read { path: path.to_owned(), source };
    // Asked before it is opened, because opening a pipe waits for its other end.
    regular(path, &path.metadata().map_err(failed)?)?;
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    let layer = parse(&bytes, path)?;
    for folder in &layer.rule_folders {
        no_link_below(path.parent().unwrap_or(Path::new("")), &folder.value)?;
    }
    Ok(layer)
}

/// Refuses all that is no file with an end.
fn regular(path: &Path, metadata: &Metadata) -> Result<()> {
    let message = if metadata.is_file() {
        return Ok(());
    } else if metadata.is_symlink() {
        format!("this is a link; put the file itself here, or name another one with `--config {FILE_NAME}`")
    } else {
        "this is no regular file; put a text file here".to_owned()
    };
    Err(ConfigError::NotAFile { path: path.to_owned(), message })
}

/// A link in the path of a rule folder would let a repository choose files outside of it, whose lines then
/// stand in a message.
fn no_link_below(base: &Path, folder: &Path) -> Result<()> {
    let mut path = base.to_owned();
    for part in folder.strip_prefix(base).unwrap_or(folder).components() {
        if let Component::Normal(name) = part {
            path.push(name);
        }
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        if metadata.is_symlink() {
            let message =
                "this is a link; a rule folder that a configuration adds lies beside it, and is a folder itself"
                    .to_owned();
            return Err(ConfigError::NotAFile { path, message });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    type Test = std::result::Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn the_closest_file_up_to_the_top_counts() -> Test {
        let folder = tempfile::tempdir()?;
        let (above, top) = (folder.path(), folder.path().join("top"));
        let deep = top.join("a/b");
        fs::create_dir_all(&deep)?;
        fs::write(above.join(FILE_NAME), "")?;
        assert_eq!(find(&deep, Some(&top))?, None);
        assert_eq!(find(&deep, Some(above))?, Some(above.join(FILE_NAME)));
        fs::write(top.join(FILE_NAME), "")?;
        assert_eq!(find(&deep, Some(&top))?, Some(top.join(FILE_NAME)));
        assert_eq!(find(&deep, None)?, None);
        assert_eq!(find(&top, None)?, Some(top.join(FILE_NAME)));
        assert_eq!(find(&deep, Some(Path::new("/elsewhere")))?, None);
        Ok(())
    }

    #[test]
    fn only_a_regular_file_of_bounded_size_is_read() -> Test {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(FILE_NAME);
        fs::create_dir(&path)?;
        assert!(matches!(find(folder.path(), None), Err(ConfigError::NotAFile { .. })));
        assert!(matches!(load(&path), Err(ConfigError::NotAFile { .. })));
        fs::remove_dir(&path)?;
        let message = load(&path).map_err(|error| error.to_string()).err().unwrap_or_default();
        assert!(message.starts_with(&path.display().to_string()), "{message}");
        fs::write(&path, "# long\n".repeat(200_000))?;
        assert!(matches!(load(&path), Err(ConfigError::NotAFile { .. })));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_of_a_repository_are_not_followed() -> Test {
        let folder = tempfile::tempdir()?;
        let (path, target) = (folder.path().join(FILE_NAME), folder.path().join("elsewhere.toml"));
        fs::write(&target, "[gate]\nfail_on = \"proven\"")?;
        std::os::unix::fs::symlink(&target, &path)?;
        assert!(matches!(find(folder.path(), None), Err(ConfigError::NotAFile { .. })));
        assert!(load(&path).is_ok(), "the user named it");
        fs::create_dir(folder.path().join("rules"))?;
        std::os::unix::fs::symlink("/etc", folder.path().join("rules/more"))?;
        fs::write(&target, "[rules]\nfolders = [\"rules\"]")?;
        assert_eq!(load(&target)?.rule_folders[0].value, folder.path().join("rules"));
        fs::write(&target, "[rules]\nfolders = [\"rules/more\"]")?;
        assert!(matches!(load(&target), Err(ConfigError::NotAFile { .. })));
        Ok(())
    }
}
