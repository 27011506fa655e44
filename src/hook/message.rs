//! Which part of a message's file git records.

/// What git draws above what it cuts off.
const SCISSORS: &[u8] = b"------------------------ >8 ------------------------";

/// The part of the file that may be recorded: all of it, comments too, since with `-m` git keeps them; but nothing behind
/// the line with scissors that `git commit --verbose` puts above the diff, since a diff also holds what is taken out.
///
/// The scissors count as git's where the line behind them is a comment as well, as git writes it. In a message that
/// somebody typed they are text like any other.
#[must_use]
pub fn recorded(message: &[u8]) -> &[u8] {
    let mut start = 0;
    while let Some(at) = memchr::memmem::find(&message[start..], SCISSORS).map(|at| start + at) {
        let behind = &message[at + SCISSORS.len()..];
        let line = message[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let sign = message[line..at].strip_suffix(b" ").unwrap_or_default();
        let next = behind.strip_prefix(b"\r").unwrap_or(behind).strip_prefix(b"\n");
        let is_comment = |next: &[u8]| next.strip_prefix(sign).is_some_and(|rest| rest.starts_with(b" "));
        if !sign.is_empty() && sign.len() < 8 && next.is_some_and(is_comment) {
            return &message[..line];
        }
        start = at + SCISSORS.len();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diff_of_verbose_is_not_recorded() {
        for sign in ["#", ";", "//"] {
            let message = format!(
                "subject\n\n{sign} comment\n{sign} ------------------------ >8 ------------------------\n{sign} Do not modify or remove the line above.\ndiff --git a/x b/x\n-old\n"
            );
            assert_eq!(recorded(message.as_bytes()), format!("subject\n\n{sign} comment\n").as_bytes());
        }
    }

    #[test]
    fn typed_scissors_hide_nothing() {
        for message in [
            "subject\n# ------------------------ >8 ------------------------\ntext\n",
            "------------------------ >8 ------------------------\n text\n",
            "subject # ------------------------ >8 ------------------------",
            "subject\n# comment\n",
            "",
        ] {
            assert_eq!(recorded(message.as_bytes()), message.as_bytes());
        }
    }
}
