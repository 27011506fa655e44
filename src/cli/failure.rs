//! What ends a run before it began: usage, configuration, rules. Exit code 2.

use std::fmt::Display;
use std::io::Write as _;

/// What happened, and what to type next.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    /// The exit code of every failure.
    pub const EXIT_CODE: u8 = 2;

    /// With a message alone.
    pub fn new(message: impl Display) -> Self {
        Self { message: veiled(&message.to_string()), help: None }
    }

    /// With the next step.
    #[must_use]
    pub fn help(self, help: impl Display) -> Self {
        Self { help: Some(help.to_string()), ..self }
    }

    /// The report could not be written.
    pub fn output(error: &std::io::Error) -> Self {
        Self::new(format!("the output could not be written: {error}"))
    }

    /// To standard error, in the colours that it can show.
    pub fn print(&self) {
        let bold = anstyle::Style::new().bold();
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let mut out = anstream::stderr().lock();
        // Nobody is left to be told that standard error is closed.
        let _ = writeln!(out, "{red}error{red:#}{bold}:{bold:#} {}", self.message);
        if let Some(help) = &self.help {
            let _ = writeln!(out, "{bold}help:{bold:#} {help}");
        }
    }
}

/// The text without anything that looks like a value somebody issued: a file that is no configuration may hold one.
pub fn veiled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_+=-".contains(c))).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        if word.len() >= 12 && crate::engine::filter::looks_random(word.as_bytes()) {
            out.push_str(&crate::text::mask_bytes(word.as_bytes()));
        } else {
            out.push_str(word);
        }
        let next = behind.chars().next().map_or(0, char::len_utf8);
        out.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    out
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::new(error)
    }
}

impl From<crate::rule::load::LoadError> for Failure {
    fn from(error: crate::rule::load::LoadError) -> Self {
        Self::new(error).help(
            "docs/rule-files.md says what a rule file holds; `plainsight rules show github-pat-classic` is an example",
        )
    }
}
