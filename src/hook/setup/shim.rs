//! The text of a shim: written, and recognised again.
//!
//! Its second line holds a checksum of the rest. A shim of any version proves by it that nobody changed it since, so that it
//! may be replaced or removed; it is no signature, and nothing is trusted because of it.

use super::Hook;
use crate::text::hex;
use sha2::{Digest as _, Sha256};

const SHIM: &str = include_str!("../../../hooks/shim.sh");
const PASS: &str = include_str!("../../../hooks/pass.sh");
/// How the second line begins.
const MARK: &[u8] = b"# plainsight-shim ";

/// Which repositories a shim is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The one that it lies in: what comes after it lies beside it.
    Repository,
    /// All of a user: what comes after it is the repository's own hook.
    EveryRepository,
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::EveryRepository => "every-repository",
        }
    }
}

/// What a file is, seen from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// As some version of plainsight wrote it, with the program that it names.
    Ours {
        /// The bytes of the recorded path, empty where none is recorded.
        recorded: Vec<u8>,
    },
    /// Written by plainsight, and changed since.
    Changed,
    /// Somebody else's.
    Foreign,
}

/// The shim of a hook. `recorded` is the path of the program, empty to find it on PATH alone.
///
/// # Panics
/// The template was built in without its places to fill, which a test would have seen.
#[must_use]
pub fn text(hook: Hook, recorded: &[u8], scope: Scope) -> Vec<u8> {
    let text = SHIM.replace("@HOOK@", hook.as_str()).replace("@SCOPE@", scope.as_str());
    let (before, after) = text.split_once("@PROGRAM@").expect("the shim records the program once");
    let recorded: Vec<u8> = recorded.iter().flat_map(quoted).copied().collect();
    sealed(&[before.as_bytes(), &recorded, after.as_bytes()].concat())
}

/// The shim that does nothing but call the repository's own hook.
///
/// # Panics
/// As [`text`].
#[must_use]
pub fn passing_on(hook: &str) -> Vec<u8> {
    sealed(PASS.replace("@HOOK@", hook).as_bytes())
}

/// What a file is.
#[must_use]
pub fn kind(bytes: &[u8]) -> Kind {
    let mut lines = bytes.splitn(3, |&byte| byte == b'\n');
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return Kind::Foreign };
    let Some(rest) = second.strip_prefix(MARK) else { return Kind::Foreign };
    let check = rest.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
    let mark = &second[..second.len() - check.len()];
    let body = lines.next().unwrap_or_default();
    if check != checksum(first, mark, body).as_bytes() {
        return Kind::Changed;
    }
    Kind::Ours { recorded: recorded(body) }
}

/// A byte as it stands between single quotes.
fn quoted(byte: &u8) -> &[u8] {
    if *byte == b'\'' { b"'\\''" } else { std::slice::from_ref(byte) }
}

fn sealed(text: &[u8]) -> Vec<u8> {
    let mut parts = text.splitn(3, |&byte| byte == b'\n');
    let first = parts.next().unwrap_or_default();
    let second = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let mark = second.strip_suffix(b"@CHECK@").expect("the second line ends with the checksum");
    [first, b"\n", mark, checksum(first, mark, body).as_bytes(), b"\n", body].concat()
}

fn checksum(first: &[u8], mark: &[u8], body: &[u8]) -> String {
    let parts = [first, b"\n", mark, b"\n", body];
    let digest = parts.iter().fold(Sha256::new(), Sha256::chain_update).finalize();
    hex(&digest[..8])
}

/// The path between the quotes of `recorded='…'`, which may hold line ends.
fn recorded(body: &[u8]) -> Vec<u8> {
    let begin = b"\nrecorded='";
    let Some(at) = memchr::memmem::find(body, begin) else { return Vec::new() };
    let mut rest = &body[at + begin.len()..];
    let mut path = Vec::new();
    loop {
        let Some(end) = memchr::memchr(b'\'', rest) else { return path };
        path.extend_from_slice(&rest[..end]);
        rest = &rest[end..];
        let Some(more) = rest.strip_prefix(b"'\\''") else { return path };
        path.push(b'\'');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shim_is_known_again_with_its_program() {
        for path in [&b""[..], b"/a b/plain'sight", b"/x\ny/''", b"/\xff/p", b"/@HOOK@/@CHECK@"] {
            for scope in [Scope::Repository, Scope::EveryRepository] {
                for hook in Hook::ALL {
                    assert_eq!(kind(&text(*hook, path, scope)), Kind::Ours { recorded: path.to_vec() });
                }
            }
        }
        assert_eq!(kind(&passing_on("post-commit")), Kind::Ours { recorded: Vec::new() });
    }

    #[test]
    fn any_change_is_seen() {
        let shim = text(Hook::PrePush, b"/usr/bin/plainsight", Scope::Repository);
        let second = shim.iter().position(|&byte| byte == b'\n').expect("it has lines") + 1;
        for at in (0..shim.len()).filter(|at| !(second..second + MARK.len()).contains(at)) {
            let mut changed = shim.clone();
            changed[at] ^= 1;
            assert!(!matches!(kind(&changed), Kind::Ours { .. }), "at {at}");
        }
        assert_eq!(kind(&[&shim[..], b"echo more\n"].concat()), Kind::Changed);
        assert_eq!(
            kind(&shim.iter().flat_map(|&b| if b == b'\n' { vec![13, 10] } else { vec![b] }).collect::<Vec<_>>()),
            Kind::Changed
        );
        assert_eq!(kind(b"#!/bin/sh\nplainsight hook run pre-commit\n"), Kind::Foreign);
        assert_eq!(kind(b""), Kind::Foreign);
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        let shim = text(Hook::Update, b"/p", Scope::Repository);
        assert!(!shim.contains(&b'@') || !String::from_utf8_lossy(&shim).contains("@H"));
        for name in ["@HOOK@", "@PROGRAM@", "@SCOPE@", "@CHECK@"] {
            assert!(!String::from_utf8_lossy(&shim).contains(name), "{name}");
        }
    }
}
