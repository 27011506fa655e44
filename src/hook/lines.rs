//! The lines that git writes to the standard input of `pre-push` and `pre-receive`, one for each ref.

use crate::git::Id;

/// A ref that is about to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The ref on the other side, as in `refs/heads/main`.
    pub name: String,
    /// Where it points until now; nothing where it is created.
    pub old: Option<Id>,
    /// Where it will point; nothing where it is deleted.
    pub new: Option<Id>,
}

/// A line that git does not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the input names no ref and its objects")]
pub struct LineError {
    /// 1-based.
    pub line: usize,
}

/// `<local ref> <local object> <remote ref> <remote object>`, as `pre-push` reads it. A local ref may hold blanks (`HEAD~1`
/// does not, `main@{2 days ago}` does), so that the line is read from its end.
///
/// # Errors
/// Which line is none of these.
pub fn pushed(input: &[u8]) -> Result<Vec<Update>, LineError> {
    each(input, |words| match words {
        [.., new, name, old] if words.len() >= 4 => update(name, old, new),
        _ => None,
    })
}

/// `<old object> <new object> <ref>`, as `pre-receive` reads it.
///
/// # Errors
/// Which line is none of these.
pub fn received(input: &[u8]) -> Result<Vec<Update>, LineError> {
    each(input, |words| match words {
        [old, new, name] => update(name, old, new),
        _ => None,
    })
}

fn each(input: &[u8], read: impl Fn(&[&[u8]]) -> Option<Update>) -> Result<Vec<Update>, LineError> {
    let lines = input.split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    lines
        .map(|(at, line)| {
            let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
            read(&words).ok_or(LineError { line: at + 1 })
        })
        .collect()
}

fn update(name: &[u8], old: &[u8], new: &[u8]) -> Option<Update> {
    let some = |id: Id| (!id.is_null()).then_some(id);
    let (old, new) = (some(Id::parse(old)?), some(Id::parse(new)?));
    Some(Update { name: String::from_utf8_lossy(name).into_owned(), old, new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_moved_and_deleted_refs() {
        let (a, b, none) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let input = format!(
            "refs/heads/x {a} refs/heads/y {none}\nrefs/heads/m {a} refs/heads/m {b}\n(delete) {none} refs/tags/t {b}\nm@{{1 day ago}} {a} refs/heads/z {none}\n"
        );
        let updates = pushed(input.as_bytes()).expect("git writes such lines");
        let shown: Vec<_> =
            updates.iter().map(|update| (update.name.as_str(), update.old.is_some(), update.new.is_some())).collect();
        assert_eq!(
            shown,
            [
                ("refs/heads/y", false, true),
                ("refs/heads/m", true, true),
                ("refs/tags/t", true, false),
                ("refs/heads/z", false, true)
            ]
        );
        let received = received(format!("{a} {b} refs/heads/m\n").as_bytes()).expect("git writes such lines");
        assert_eq!(
            received,
            [Update { name: "refs/heads/m".into(), ..updates[1].clone() }].map(|update| Update {
                old: Id::parse(a.as_bytes()),
                new: Id::parse(b.as_bytes()),
                ..update
            })
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let a = "a".repeat(40);
        for input in
            ["nonsense\n".to_owned(), format!("{a} {a}\n"), format!("\n{a} {a} x y z\n"), "x y z w\n".to_owned()]
        {
            assert!(received(input.as_bytes()).is_err(), "{input}");
        }
        assert_eq!(pushed(b"\nx y z w\n"), Err(LineError { line: 2 }));
    }
}
