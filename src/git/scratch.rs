//! A repository made for a trial: no commit yet, and one file in its index.

use super::GitError;
use gix::bstr::ByteSlice as _;
use std::path::Path;

/// Makes a repository in an empty folder, with a file in its index and nowhere else.
///
/// # Errors
/// The folder cannot be written.
pub fn stage(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), GitError> {
    let what = folder.display();
    let git_dir = folder.join(".git");
    if !git_dir.exists() {
        gix::ThreadSafeRepository::init_opts(
            folder,
            gix::create::Kind::WithWorktree,
            gix::create::Options::default(),
            gix::open::Options::isolated(),
        )
        .map_err(|error| GitError::new(&what, &error))?;
    }
    let repo =
        gix::open_opts(&git_dir, gix::open::Options::isolated()).map_err(|error| GitError::new(&what, &error))?;
    let blob = repo.write_blob(bytes).map_err(|error| GitError::new(&what, &error))?.detach();
    let mut state = gix::index::State::new(repo.object_hash());
    state.dangerously_push_entry(
        gix::index::entry::Stat::default(),
        blob,
        gix::index::entry::Flags::empty(),
        gix::index::entry::Mode::FILE,
        name.as_bytes().as_bstr(),
    );
    let mut index = gix::index::File::from_state(state, git_dir.join("index"));
    index.write(gix::index::write::Options::default()).map_err(|error| GitError::new(&what, &error))
}
