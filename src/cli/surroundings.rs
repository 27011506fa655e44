//! What git puts into the environment of its hooks.

use crate::git::{Id, Surroundings};
use std::ffi::OsString;
use std::path::PathBuf;

/// Reads the environment. `merging`: git tells a hook of `git merge` what is merged.
pub fn read(merging: bool) -> Surroundings {
    let path = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let alternates = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    let heads = std::env::vars_os().filter(|_| merging);
    let head = |name: OsString| Id::parse(name.to_str()?.strip_prefix("GITHEAD_")?.as_bytes());
    let mut heads: Vec<Id> = heads.filter_map(|(name, _)| head(name)).collect();
    heads.sort();
    Surroundings {
        git_dir: path("GIT_DIR"),
        work_tree: path("GIT_WORK_TREE"),
        index_file: path("GIT_INDEX_FILE"),
        object_directory: path("GIT_OBJECT_DIRECTORY").or_else(|| path("GIT_QUARANTINE_PATH")),
        alternates: listed(&alternates),
        merging: heads,
    }
}

/// A list of paths as git writes it: one that holds the separator stands in quotes.
#[cfg(unix)]
fn listed(list: &OsString) -> Vec<PathBuf> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    let mut paths = Vec::new();
    let mut rest = list.as_bytes();
    while !rest.is_empty() {
        let (path, length) = if let Some(quoted) = rest.strip_prefix(b"\"") {
            unquoted(quoted).map_or((rest.to_vec(), rest.len()), |(path, length)| (path, length + 1))
        } else {
            let length = rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len());
            (rest[..length].to_vec(), length)
        };
        if !path.is_empty() {
            paths.push(PathBuf::from(OsString::from_vec(path)));
        }
        rest = rest[length..].strip_prefix(b":").unwrap_or(&rest[length..]);
    }
    paths
}

/// A list of paths as git writes it.
#[cfg(not(unix))]
fn listed(list: &OsString) -> Vec<PathBuf> {
    std::env::split_paths(list).collect()
}

/// The text up to the closing quote, as C would read it, and how long it was with the quote.
#[cfg(unix)]
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        match *text.get(at)? {
            b'"' => return Some((out, at + 1)),
            b'\\' => {
                let escaped = *text.get(at + 1)?;
                at += 2;
                out.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'0'..=b'3' => {
                        let digits = std::str::from_utf8(text.get(at - 1..at + 2)?).ok()?;
                        at += 2;
                        u8::from_str_radix(digits, 8).ok()?
                    }
                    other => other,
                });
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn lists_of_paths() {
        let cases: [(&str, &[&str]); 4] = [
            ("", &[]),
            ("/a/objects:b", &["/a/objects", "b"]),
            ("\"/a:b\\\"\\303\\251\\n\":/c", &["/a:b\"é\n", "/c"]),
            ("\"open", &["\"open"]),
        ];
        for (list, paths) in cases {
            assert_eq!(listed(&list.into()), paths.iter().map(PathBuf::from).collect::<Vec<_>>(), "{list}");
        }
    }
}
