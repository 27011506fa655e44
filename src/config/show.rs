//! The settings that hold in the end, as the file that would say them: `plainsight config show`.
//!
//! The text is a valid `plainsight.toml`, with the origin of each value behind it. What only a flag can say
//! stands in a comment.

use super::settings::{Settings, Sourced};
use super::size::size_text;
use crate::policy::allow::Entry;
use crate::policy::safe_reason;
use crate::text::{hex, printable};
use std::fmt::{Display, Write as _};
use std::path::{Component, Path};

/// Writes all settings down.
#[must_use]
pub fn show(settings: &Settings) -> String {
    let mut out = match &settings.file {
        Some(path) => format!("# Read from {}\n", printable(&path.to_string_lossy())),
        None => "# No plainsight.toml was found: these are the defaults, and what flags say.\n".to_owned(),
    };
    out.push_str("\n[rules]\n");
    rules(&mut out, settings);
    out.push_str("\n[gate]\n");
    value(&mut out, "fail_on", &quoted(settings.fail_on.value.as_str()), &settings.fail_on.origin);
    value(&mut out, "min_severity", &quoted(settings.min_severity.value.as_str()), &settings.min_severity.origin);
    out.push_str("\n[files]\n");
    list(&mut out, "exclude", settings.exclude.iter().map(|glob| (glob.value.as_str(), glob.origin.to_string())));
    value(&mut out, "max_size", &quoted(&size_text(settings.max_size.value)), &settings.max_size.origin);
    for entry in &settings.allow {
        allowance(&mut out, entry);
    }
    out
}

fn rules(out: &mut String, settings: &Settings) {
    list(out, "disable", settings.disable.iter().map(named));
    let base = settings.folder().unwrap_or(Path::new(""));
    let (mut below, mut elsewhere) = (Vec::new(), Vec::new());
    for folder in &settings.rule_folders {
        let path = folder.value.strip_prefix(base).unwrap_or(&folder.value);
        let inside = settings.file.is_some()
            && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside {
            let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            // The file's own folder has no name from there.
            let text = if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
            below.push((text, folder.origin.to_string()));
        } else {
            elsewhere.push((path.to_string_lossy(), &folder.origin));
        }
    }
    list(out, "folders", below.iter().map(|(path, origin)| (path.as_str(), origin.clone())));
    for (path, origin) in elsewhere {
        let _ = writeln!(out, "# {origin} {}", printable(&path));
    }
    for id in &settings.only {
        let _ = writeln!(out, "# {} {}", id.origin, printable(&id.value));
    }
}

fn named(word: &Sourced<String>) -> (&str, String) {
    (&word.value, word.origin.to_string())
}

fn value(out: &mut String, key: &str, text: &str, origin: &dyn Display) {
    let _ = writeln!(out, "{key} = {text} # {origin}");
}

fn list<'s>(out: &mut String, key: &str, items: impl Iterator<Item = (&'s str, String)>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        let _ = writeln!(out, "{key} = [] # default");
        return;
    }
    let _ = writeln!(out, "{key} = [");
    for (item, origin) in items {
        let _ = writeln!(out, "    {}, # {origin}", quoted(item));
    }
    out.push_str("]\n");
}

fn allowance(out: &mut String, entry: &Entry) {
    let Entry { origin, reason, expires, owner, id, rule, paths, value_sha256, whole_file } = entry;
    let _ = writeln!(out, "\n[[allow]] # {origin}");
    let _ = writeln!(out, "reason = {}", quoted(&safe_reason(reason)));
    let texts = [
        ("expires", expires.map(|date| date.to_string())),
        ("owner", owner.as_deref().map(safe_reason)),
        ("id", id.clone()),
        ("rule", rule.clone()),
        ("value_sha256", value_sha256.map(|digest| hex(&digest))),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            let _ = writeln!(out, "{key} = {}", quoted(&text));
        }
    }
    if let Some(paths) = paths {
        let globs: Vec<String> = paths.patterns().iter().map(|glob| quoted(glob)).collect();
        let _ = writeln!(out, "paths = [{}]", globs.join(", "));
    }
    if *whole_file {
        out.push_str("whole_file = true\n");
    }
}

/// A basic string of TOML in which nothing moves a cursor or turns the writing direction.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if printable(c.encode_utf8(&mut [0; 4])).chars().eq([c]) => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::{FailOn, Layer, parse};
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = r#"
[rules]
disable = ["a-rule"]
folders = ["rules", "."]
[gate]
fail_on = "never"
[files]
exclude = ["*.bin", "!x.bin"]
max_size = "1 GiB"
[[allow]]
reason = "of a test"
expires = 2026-12-31
paths = ["tests/"]
rule = "a-rule"
whole_file = true
[[allow]]
reason = "another"
value_sha256 = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
"#;

    #[test]
    fn what_is_shown_says_the_same_when_it_is_read() -> super::super::Result<()> {
        let settings = Settings::merge([parse(FILE.as_bytes(), Path::new("r/plainsight.toml"))?]);
        let again = Settings::merge([parse(show(&settings).as_bytes(), Path::new("r/plainsight.toml"))?]);
        let plain = |mut settings: Settings| {
            settings.allow.iter_mut().for_each(|entry| entry.origin.clear());
            let words = |list: Vec<Sourced<String>>| list.into_iter().map(|word| word.value).collect::<Vec<_>>();
            let folders: Vec<_> = settings.rule_folders.into_iter().map(|folder| folder.value).collect();
            let (disable, exclude) = (words(settings.disable), words(settings.exclude));
            (
                folders,
                disable,
                exclude,
                settings.fail_on.value,
                settings.min_severity.value,
                settings.max_size.value,
                settings.allow,
            )
        };
        assert_eq!(plain(again), plain(settings));
        Ok(())
    }

    #[test]
    fn every_value_is_shown_with_its_origin() -> super::super::Result<()> {
        let file = parse(b"[gate]\nmin_severity = \"high\"\n", Path::new("r/plainsight.toml"))?;
        let flags = Layer {
            fail_on: Some(Sourced::flag(FailOn::Never, "--fail-on")),
            only: vec![Sourced::flag("a-rule".into(), "--only")],
            rule_folders: vec![Sourced::flag("/elsewhere".into(), "--rules")],
            disable: vec![Sourced::flag("b-rule".into(), "--skip")],
            ..Layer::default()
        };
        let expected = "# Read from r/plainsight.toml\n\n[rules]\ndisable = [\n    \"b-rule\", # --skip\n]\nfolders \
                        = [] # default\n\
                        # --rules /elsewhere\n# --only a-rule\n\n[gate]\nfail_on = \"never\" # --fail-on\n\
                        min_severity = \"high\" # plainsight.toml:2\n\n[files]\nexclude = [] # default\nmax_size = \
                        \"64 MiB\" # default\n";
        assert_eq!(show(&Settings::merge([file, flags])), expected);
        Ok(())
    }

    proptest! {
        #[test]
        fn any_text_can_be_quoted(text in any::<String>()) {
            let table: toml::Table = toml::from_str(&format!("a = {}", quoted(&text))).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(table.get("a").and_then(toml::Value::as_str), Some(text.as_str()));
        }
    }
}
