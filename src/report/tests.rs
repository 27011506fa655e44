//! What holds for every format.

use super::fixture::{commit, finding, place, results, rule, secret, skip};
use super::{Format, Options, write};
use crate::finding::{CommitInfo, Excerpt, Exposure, Finding, Results, SkipKind, SuppressedBy, Suppression, Verdict};
use crate::rule::{Rotate, Rule};
use proptest::prelude::*;
use std::io::{self, Write};

fn written(results: &Results<'_>, format: Format, options: &Options) -> io::Result<String> {
    let mut out = Vec::new();
    write(results, format, options, &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

/// Findings in which every text that a repository can choose is `text`.
fn filled_with<'r>(rule: &'r Rule, text: &str) -> Results<'r> {
    let mut all = place(text, 3, &secret(1));
    all.commit = Some(CommitInfo { author: format!("{text} <{text}>"), subject: text.to_owned(), ..commit() });
    let suppression = Suppression { by: SuppressedBy::Config, origin: text.to_owned(), reason: Some(text.to_owned()) };
    let full = |verdict| Finding {
        verdict,
        exposure: Exposure::Pushed,
        exposed_refs: vec![text.to_owned()],
        key: Some(text.to_owned()),
        places: vec![all.clone()],
        suppressed: (verdict == Verdict::Suppressed).then(|| suppression.clone()),
        ..finding(rule, &secret(1))
    };
    let mut results = results([Verdict::Block, Verdict::Warn, Verdict::Suppressed].map(full).into());
    results.skips.push(skip(text, SkipKind::Unreadable, text, true));
    results.notes.push(text.to_owned());
    results
}

fn every_way() -> impl Iterator<Item = (Format, Options)> {
    Format::ALL.iter().flat_map(|format| {
        [(false, false), (true, false), (false, true)]
            .map(|(verbose, quiet)| (*format, Options { verbose, quiet, ..Options::default() }))
    })
}

#[test]
fn a_secret_used_as_a_name_leaves_in_no_format() -> io::Result<()> {
    let rule = rule("a");
    let results = filled_with(&rule, &format!("keys/{}.txt", secret(1)));
    for (format, options) in every_way() {
        let out = written(&results, format, &options)?;
        assert!(!out.contains(&secret(1)[4..24]), "{format}: {out}");
    }
    Ok(())
}

#[test]
fn hostile_names_move_no_cursor_and_forge_no_line() -> io::Result<()> {
    const NAME: &str = "a\x1b[2J\x1b]0;x\x07\r\nclean: nothing\u{202e}\u{9b}1m";
    // A folder of rules may be as hostile as any other.
    let rotate = Rotate { revoke_url: NAME, revoke_command: NAME, steps: &[NAME], docs: NAME };
    let rule = Rule { id: NAME, title: NAME, why: NAME, rotate, ..rule("a") };
    let results = filled_with(&rule, NAME);
    for (format, options) in every_way() {
        let out = written(&results, format, &options)?;
        assert!(!out.chars().any(|c| c != '\n' && c.is_control() || c == '\u{202e}'), "{format}: {out:?}");
        assert!(!out.lines().any(|line| line.starts_with("clean")), "{format}: {out}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_a_report_fail(text in any::<String>(), start in 0usize..60, length in 0usize..60, line: u64, width: usize) {
        let rule = rule("a");
        let mut results = filled_with(&rule, &text);
        for place in results.findings.iter_mut().flat_map(|finding| &mut finding.places) {
            place.start.line = line;
            place.excerpt = Some(Excerpt { text: text.clone(), secret: start..start + length });
        }
        for (format, options) in every_way() {
            let out = written(&results, format, &Options { width, ..options.clone() })?;
            prop_assert!(!out.chars().any(|c| c != '\n' && c.is_control()), "{out:?}");
            let colored = written(&results, format, &Options { width, color: true, ..options })?;
            prop_assert_eq!(anstream::adapter::strip_str(&colored).to_string(), anstream::adapter::strip_str(&out).to_string());
        }
    }
}

/// Takes so many bytes, then is closed.
struct Pipe(usize);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_passed_on_wherever_it_closes() -> io::Result<()> {
    let rule = rule("a");
    let results = filled_with(&rule, "b");
    for (format, options) in every_way() {
        let length = written(&results, format, &options)?.len();
        for at in (0..length).step_by(97).chain(length.checked_sub(1)) {
            let error =
                write(&results, format, &options, &mut Pipe(at)).expect_err("the pipe is shorter than the report");
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format} at {at}");
        }
        write(&results, format, &options, &mut Pipe(length))?;
    }
    Ok(())
}

#[test]
fn formats_are_known_by_their_names() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(*format));
    }
    let error = "xml".parse::<Format>().expect_err("there is no such format");
    assert!(error.to_string().starts_with("there is no format `xml`; there is human, json, jsonl"), "{error}");
}
