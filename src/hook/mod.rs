//! What is special to git's hooks: how git tells them what is about to happen, and the first line that a block begins with.
//!
//! Which hook was called, reading its input and printing are the command line's; what is searched is the scan's.

mod lines;
mod message;
pub mod setup;

pub use lines::{LineError, Update, pushed, received};
pub use message::recorded;

use crate::finding::{Exposure, Results, Verdict};

/// What git was about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Record the index.
    Commit,
    /// Record a message.
    Message,
    /// Hand commits on.
    Push,
    /// Take commits in, on a server.
    Receive,
}

impl Event {
    /// What stops: `commit`, `push`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Commit | Self::Message => "commit",
            Self::Push | Self::Receive => "push",
        }
    }

    /// What would have happened to what was found.
    const fn fate(self) -> &'static str {
        match self {
            Self::Commit => " would be recorded",
            Self::Message => " would be recorded in the message",
            Self::Push => " would leave this machine",
            // Short, since git puts `remote: ` before it.
            Self::Receive => "",
        }
    }
}

/// What the first line of a block says: its alarm, and what stands behind it.
#[must_use]
pub fn first_line(event: Event, results: &Results<'_>) -> (String, String) {
    let blocking: Vec<_> = results.findings.iter().filter(|finding| finding.verdict == Verdict::Block).collect();
    let noun = event.noun();
    if blocking.is_empty() {
        let unread = results.skips.iter().filter(|skip| skip.incomplete).count();
        let what = if unread == 1 { "1 item".to_owned() } else { format!("{unread} items") };
        let text = format!("{what} could not be read, so that nothing is proven");
        return (format!("NOT PROVEN CLEAN — {noun} blocked: "), text);
    }
    let secrets = blocking.iter().filter(|finding| finding.secret.is_some()).count();
    let counted = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        count => Some(format!("{count} {noun}s")),
    };
    let kinds = [counted(secrets, "secret"), counted(blocking.len() - secrets, "unsafe file")];
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    (format!("SECURITY BREACH — {noun} blocked: "), format!("{} in plain text{}", kinds.join(" and "), event.fate()))
}

/// What a block ends with, where the steps of the findings do not say it: what became of the user's work.
#[must_use]
pub fn last_line(event: Event, results: &Results<'_>) -> String {
    match event {
        Event::Commit => "Nothing was recorded; your files and the index are as they were.".to_owned(),
        Event::Message => {
            "Nothing was recorded. Write the message without it, and commit again: it was never committed, so it needs \
             no revocation."
                .to_owned()
        }
        Event::Push => "Nothing was pushed.".to_owned(),
        Event::Receive if results.findings.iter().any(|finding| finding.exposure == Exposure::Local) => {
            "Nothing was taken in: rewrite these commits where you made them, and push again.".to_owned()
        }
        Event::Receive => "Nothing was taken in.".to_owned(),
    }
}
