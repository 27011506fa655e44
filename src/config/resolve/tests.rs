//! Tests of the module above.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<Layer, String> {
    parse(text.as_bytes(), Path::new("r/plainsight.toml")).map_err(|error| error.to_string())
}

#[test]
fn everything_is_read_with_its_line() -> Result<(), String> {
    let layer = read(
        "\u{feff}[rules]\ndisable = [\n  \"a\",\n  \"b\",\n]\nfolders = [\"my/rules\"]\n[gate]\nfail_on = \"strong\"\nmin_severity = \"high\"\n\
         [files]\nexclude = [\"*.bin\"]\nmax_size = 5000\n\n[[allow]]\nreason = \"x\"\nid = \"ps1-0123456789abcdef01234567\"\n",
    )?;
    let line = |line| Origin::File { path: "r/plainsight.toml".into(), line };
    assert_eq!(layer.disable[1], Sourced { value: "b".into(), origin: line(4) });
    assert_eq!(layer.rule_folders[0], Sourced { value: "r/my/rules".into(), origin: line(6) });
    assert_eq!(layer.fail_on, Some(Sourced { value: FailOn::At(crate::finding::Confidence::Strong), origin: line(8) }));
    assert_eq!(layer.max_size, Some(Sourced { value: 5000, origin: line(12) }));
    assert_eq!(layer.allow[0].origin, "plainsight.toml:14");
    assert_eq!(read("")?, Layer { file: Some("r/plainsight.toml".into()), ..Layer::default() });
    Ok(())
}

/// The first line of the message and its help.
fn told(text: &str) -> (String, String) {
    let message = read(text).expect_err("the test's text has a mistake");
    let first = message.lines().next().unwrap_or_default().to_owned();
    let help = message.lines().find_map(|line| line.trim().strip_prefix("= help: ")).unwrap_or_default();
    (first, help.to_owned())
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (text, first, help) in [
        ("[rules]\ndisabel = []", "2:1: unknown key `disabel`", "did you mean `disable`?"),
        ("[rule]\n", "1:2: unknown key `rule`", "did you mean `rules`?"),
        ("allowlist = 1", "1:1: unknown key `allowlist`", "known here: rules, gate, files, allow"),
        ("[gate]\nfail_on = \"high\"", "2:11: one of possible, likely, strong, proven, never is meant here", ""),
        ("[gate]\nmin_severity = \"strong\"", "2:16: one of low, medium, high, critical is meant here", ""),
        ("[gate]\nfail_on = 3", "2:11: a number stands here, where a text in quotes is meant", ""),
        ("[rules]\ndisable = \"x\"", "2:11: a text stands here, where a list, as in [\"…\"] is meant", ""),
        (
            "[allow]\nreason = \"x\"",
            "1:1: a table stands here, where a list: in TOML, `[[allow]]` with two brackets is meant",
            "",
        ),
        ("rules = 1", "1:9: a number stands here, where a table is meant", ""),
        (
            "[files]\nmax_size = \"big\"",
            "2:12: this is no size: write a whole number of bytes, KiB, MiB, GiB, KB, MB or GB, as in \"64 MiB\"",
            "",
        ),
        (
            "[files]\nmax_size = 1.5",
            "2:12: this is no size: write a whole number of bytes, KiB, MiB, GiB, KB, MB or GB, as in \"64 MiB\"",
            "",
        ),
        ("[files]\nexclude = [\"a\",\n  \"b[\"]", "3:3: this is no glob: ", ""),
        (
            "[rules]\nfolders = [\"../x\"]",
            "2:12: a rule folder lies in this file's folder or below it: no `..`, no absolute path",
            "name a folder elsewhere on the command line, with `--rules DIR`",
        ),
        (
            "[rules]\nfolders = [\"/etc\"]",
            "2:12: a rule folder lies in this file's folder or below it: no `..`, no absolute path",
            "name a folder elsewhere on the command line, with `--rules DIR`",
        ),
        ("[rules\n", "1:7: this is no TOML: ", ""),
        ("a = 1\na = 2", "2:1: this is no TOML: ", ""),
    ] {
        let (line, told_help) = told(text);
        assert!(line.starts_with(&format!("r/plainsight.toml:{first}")), "{text:?}: {line}");
        assert_eq!(told_help, help, "{text:?}");
    }
}

#[test]
fn an_allowance_says_why_and_what() {
    for (entry, first) in [
        ("rule = \"a\"\nwhole_file = true", "1:1: this [[allow]] has no reason"),
        ("reason = \" \"\nrule = \"a\"", "2:10: the reason is empty"),
        ("reason = \"x\"", "1:1: this [[allow]] has no condition and would allow everything"),
        ("reason = \"x\"\nwhole_file = true", "1:1: this [[allow]] has no condition and would allow everything"),
        ("reason = \"x\"\nrule = \"a\"", "1:1: this [[allow]] is tied to no finding and no value"),
        (
            "reason = \"x\"\npaths = [\"a\"]\nwhole_file = false",
            "4:14: this [[allow]] is tied to no finding and no value",
        ),
        ("reason = \"x\"\npaths = []\nwhole_file = true", "3:9: an empty list of paths fits nothing"),
        ("reason = \"x\"\npaths = [\"a\", \"\"]\nwhole_file = true", "3:15: an empty glob fits nothing: take it out"),
        ("reason = \"x\"\nid = \"abc\"", "3:6: this is no id of a finding"),
        ("reason = \"x\"\nid = \"ps1-0123456789ABCDEF01234567\"", "3:6: this is no id of a finding"),
        (
            "reason = \"x\"\nrule = \"a\"\nwhole_file = true\nexpires = \"31.12.2026\"",
            "5:11: this is no date: write the last day",
        ),
        ("reason = \"x\"\nrule = \"a\"\nwhole_file = true\nexpires = 2026-02-30", "5:11: this is no TOML"),
        (
            "reason = \"x\"\nrule = \"a\"\nwhole_file = true\nexpires = \"2026-02-30\"",
            "5:11: this is no date: write the last day",
        ),
        (
            "reason = \"x\"\nrule = \"a\"\nwhole_file = true\nexpires = 2026-01-01T00:00:00Z",
            "5:11: this is no date: write the last day",
        ),
        ("reason = \"x\"\nrules = \"a\"", "3:1: unknown key `rules`"),
    ] {
        let (line, _) = told(&format!("[[allow]]\n{entry}"));
        assert!(line.starts_with(&format!("r/plainsight.toml:{first}")), "{entry:?}: {line}");
    }
}

#[test]
fn dates_are_read_with_and_without_quotes() -> Result<(), String> {
    for date in ["2026-12-31", "\"2026-12-31\""] {
        let layer = read(&format!("[[allow]]\nreason = \"x\"\nrule = \"a\"\nwhole_file = true\nexpires = {date}"))?;
        assert_eq!(layer.allow[0].expires, Some(jiff::civil::date(2026, 12, 31)), "{date}");
    }
    Ok(())
}

#[test]
fn a_message_looks_like_this() {
    let message = read("[gate]\n\n  fail-on = \"strong\"\n").expect_err("the key is wrong");
    assert_eq!(
        message,
        "r/plainsight.toml:3:3: unknown key `fail-on`\n  |\n3 |   fail-on = \"······\"\n  |   ^^^^^^^\n  = help: did you mean `fail_on`?"
    );
}

#[test]
fn no_value_that_could_be_a_secret_is_repeated() {
    let value = "q1w2e3r4t5y6u7i8o9p0";
    for text in [
        format!("[[allow]]\nreason = \"x\"\nvalue_sha256 = \"{value}\""),
        format!("[[allow]]\nreason = \"x\"\nvalue = \"{value}\""),
        format!("[[allow]]\nreason = \"x\"\nid = \"{value}\""),
        format!("[[allow]]\nreason = \"x\"\nwhole_file = \"{value}\""),
        format!("[[allow]]\nreason = \"x\"\nvalue_sha256 = [\"{value}\"]"),
        format!("[[allow]]\nreason = \"x\"\n{value} = 1"),
        format!("[[allow]]\nvalue_sha256 = \"{value}"),
        value.to_owned(),
        format!("\"{value}\""),
        format!("allow = [{{ reason = \"x\", value = \"{value}\" }}]"),
        format!("gate = \"{value}\""),
    ] {
        let message = read(&text).expect_err("the text has a mistake");
        assert!(!message.contains(value), "{text:?}: {message}");
    }
}

#[test]
fn bounds_hold() {
    for text in [
        "[[allow]]\nreason = \"x\"\nrule = \"a\"\nwhole_file = true\n".repeat(MAX_ALLOWANCES + 1),
        format!("[rules]\ndisable = [{}]", "\"a\",".repeat(MAX_ITEMS + 1)),
        format!("[files]\nexclude = [{}]", "\"a\",".repeat(MAX_ITEMS + 1)),
        "a".repeat(2 << 20),
        format!("[files]\nmax_size{} = 1", ".a".repeat(100_000)),
        format!("[files.max_size{}]\nb = 1", ".a".repeat(100_000)),
        format!("[files]\nmax_size = {}1{}", "{ a = ".repeat(50_000), "}".repeat(50_000)),
        format!("[files]\nmax_size = {}", "[".repeat(50_000)),
        format!("a = {}", "[".repeat(100_000)),
        "a.".repeat(100_000),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("[gate]\nfail_on = \"{}\"", "x".repeat(500_000)),
    ] {
        let message = read(&text).expect_err("past a bound");
        assert!(message.len() < 1_000, "{}", message.len());
    }
    assert!(parse(b"a = \"\xff\"", Path::new("x")).is_err());
}

proptest! {
    #[test]
    fn never_panics(text in "[\\[\\]a-z0-9=\"' .,#\n{}é-]{0,120}") {
        let _ = read(&text);
    }

    #[test]
    fn known_keys_with_any_value_never_panic(
        key in prop::sample::select(vec!["reason", "expires", "owner", "id", "rule", "paths", "value_sha256", "whole_file"]),
        value in prop_oneof!["\"[ -~]{0,40}\"", "[0-9:.TZ-]{1,20}", "\\[\"[ -~]{0,20}\"\\]", "true", "\"\\PC{0,70}\""],
    ) {
        let _ = read(&format!("[[allow]]\nreason = \"x\"\nrule = \"x\"\n{key} = {value}\n"));
    }
}
