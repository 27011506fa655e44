//! Tests of the module above.

use crate::finding::{Confidence, Exposure, Finding, SkipKind, SuppressedBy, Suppression, Verdict};
use crate::report::fixture::{commit, file_finding, file_rule, finding, place, results, rule, secret, skip};
use crate::report::{Format, Options, write};
use std::io;

fn human(results: &crate::finding::Results<'_>, options: &Options) -> io::Result<String> {
    let mut out = Vec::new();
    write(results, Format::Human, options, &mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

/// What no report may do, whatever is in it.
fn assert_sound(out: &str, width: usize, secrets: &[String]) {
    for line in out.lines() {
        // A command is pasted, and therefore not wrapped.
        let is_command = line.starts_with("        ") && !line.starts_with("         ");
        assert!(line.chars().count() <= width || is_command, "{} columns: {line}", line.chars().count());
        assert!(!line.ends_with(' '), "{line:?}");
    }
    assert!(!out.chars().any(|c| c != '\n' && c.is_control()), "{out:?}");
    for secret in secrets {
        let middle = &secret[4..secret.len() - 4];
        assert!(!middle.as_bytes().windows(5).any(|run| out.as_bytes().windows(5).any(|shown| shown == run)), "{out}");
    }
}

fn suppression(by: SuppressedBy) -> Suppression {
    Suppression { by, origin: "plainsight.toml:12".into(), reason: Some("a key of the sandbox".into()) }
}

#[test]
fn one_of_everything() -> io::Result<()> {
    let (rule, files) = (rule("example-pay-live-secret-key"), file_rule("dotenv-file"));
    let secrets: Vec<String> = (1..=6).map(secret).collect();
    let on_disk = finding(&rule, &secrets[0]);
    let elsewhere = Finding { places: vec![place("lib/b.js", 12345, &secrets[1])], ..finding(&rule, &secrets[1]) };
    let mut pushed = finding(&rule, &secrets[2]);
    (pushed.exposure, pushed.present) = (Exposure::Pushed, Some(false));
    pushed.exposed_refs = ["main", "dev", "v1", "v2", "v3"].map(|name| format!("origin/{name}")).into();
    pushed.places.extend((0..49).map(|n| place(&format!("src/m{n}.js"), n + 10, &secrets[2])));
    (pushed.places[0].commit, pushed.places[0].removed_in) = (Some(commit()), Some("b7".repeat(20)));
    let mut likely =
        Finding { key: Some("DB_PASSWORD".into()), confidence: Confidence::Likely, ..finding(&rule, &secrets[3]) };
    (likely.exposure, likely.present, likely.decoded) = (Exposure::Local, Some(true), vec!["base64"]);
    likely
        .places
        .push(crate::finding::Place { suppressed: Some(suppression(SuppressedBy::Inline)), ..place("b", 1, "") });
    let warning = Finding { verdict: Verdict::Warn, confidence: Confidence::Possible, ..finding(&rule, &secrets[4]) };
    let suppressed = Some(suppression(SuppressedBy::Config));
    let allowed = Finding { verdict: Verdict::Suppressed, suppressed, ..finding(&rule, &secrets[5]) };
    let all = vec![on_disk, elsewhere, file_finding(&files), pushed, likely, warning, allowed];
    let mut results = results(all);
    results.skips.push(skip("big.iso", SkipKind::TooLarge, "larger than 64 MiB", true));
    results.notes.push("plainsight.toml:12: this allowance matched nothing".into());

    let options = Options::default();
    let out = human(&results, &options)?;
    assert_sound(&out, 80, &secrets);
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("human", out);
    });
    let verbose = human(&results, &Options { verbose: true, ..options.clone() })?;
    assert_sound(&verbose, 80, &secrets);
    assert!(verbose.contains("src/m48.js:58:22") && verbose.contains("plainsight.toml:12: a key of the sandbox"));
    assert!(verbose.contains("by a comment beside it, plainsight.toml:12"));
    assert!(verbose.contains("logo.png: searched for key formats only"));
    for width in [60, 100] {
        assert_sound(&human(&results, &Options { width, ..options.clone() })?, width, &secrets);
    }
    let colored = human(&results, &Options { color: true, ..options })?;
    assert!(colored.contains('\x1b'));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), out, "colour changes nothing but colour");
    Ok(())
}

#[test]
fn clean_is_said_only_where_everything_was_read() -> io::Result<()> {
    let options = Options::default();
    let mut clean = results(Vec::new());
    let out = human(&clean, &options)?;
    assert_eq!(
        out,
        "clean: nothing found in all that was asked for\n\
         read 1,234 files, 45.6 MB, in 0.3 s with 512 rules; skipped: 3 binary, 1 symlink\n"
    );
    assert_eq!(human(&clean, &Options { quiet: true, ..options.clone() })?, "");

    clean.interrupted = Some("SIGINT");
    let out = human(&clean, &options)?;
    assert!(out.starts_with("NOT PROVEN CLEAN: stopped by SIGINT before everything was read\n"), "{out}");
    assert!(!out.contains("clean") && !out.contains("nothing found"));

    clean.interrupted = None;
    clean.notes.push("plainsight.toml:12: this allowance matched nothing".into());
    let out = human(&clean, &Options { quiet: true, ..options.clone() })?;
    assert_eq!(out, "note: plainsight.toml:12: this allowance matched nothing\n");
    clean.notes.clear();

    clean.skips.push(skip("a.env", SkipKind::Unreadable, "permission denied", true));
    for quiet in [false, true] {
        let out = human(&clean, &Options { quiet, ..options.clone() })?;
        assert!(
            out.contains("NOT PROVEN CLEAN: 1 item could not be read") && out.contains("permission denied"),
            "{out}"
        );
        assert!(!out.contains("clean") && !out.contains("nothing"), "{out}");
    }
    Ok(())
}

#[test]
fn reading_nothing_is_told_apart() -> io::Result<()> {
    let mut nothing = results(Vec::new());
    (nothing.coverage, nothing.skips) = (crate::finding::Coverage::default(), Vec::new());
    let out = human(&nothing, &Options::default())?;
    assert_eq!(
        out,
        "clean: there was nothing to read in what was asked for\nread 0 files, 0 bytes, in 0.3 s with 512 rules\n"
    );
    Ok(())
}

#[test]
fn what_does_not_block_is_no_breach_and_not_clean_either() -> io::Result<()> {
    let rule = rule("a");
    let warn = || Finding { verdict: Verdict::Warn, confidence: Confidence::Possible, ..finding(&rule, &secret(1)) };
    let out = human(&results(std::iter::repeat_with(warn).take(30).collect()), &Options::default())?;
    assert!(
        out.contains("Worth a look, blocks nothing: 30 findings") && out.contains("and 10 more (all with --verbose)")
    );
    assert!(out.contains("\nnothing that blocks; 30 findings worth a look\n"), "{out}");
    assert!(!out.contains("BREACH") && !out.contains("clean"));
    Ok(())
}

#[test]
fn suppressed_is_counted_by_what_did_it() -> io::Result<()> {
    let rule = rule("a");
    let by =
        |by| Finding { verdict: Verdict::Suppressed, suppressed: Some(suppression(by)), ..finding(&rule, &secret(1)) };
    let findings = vec![by(SuppressedBy::Config), by(SuppressedBy::ForeignInline), by(SuppressedBy::Config)];
    let out = human(&results(findings), &Options::default())?;
    assert!(
        out.starts_with("Suppressed: 3 findings, 2 by the configuration and 1 by a comment for another\n"),
        "{out}"
    );
    assert!(out.contains("clean: nothing found in all that was asked for; 3 findings suppressed"), "{out}");
    Ok(())
}

#[test]
fn forty_findings_of_one_rule_tell_the_steps_once() -> io::Result<()> {
    let rule = rule("a");
    let one = |n: u64| Finding {
        exposure: Exposure::Pushed,
        id: format!("ps1-{n:024}"),
        places: vec![place(&format!("src/{n}.js"), n, &secret(n))],
        ..finding(&rule, &secret(n))
    };
    let out = human(&results((1..=40).map(one).collect()), &Options::default())?;
    assert_eq!(out.matches("Look through the request log").count(), 1);
    assert_eq!(out.matches("It moves money").count(), 1);
    assert_eq!(out.matches("What to do now: as for 1").count(), 39);
    assert!((1..=40).all(|n| out.contains(&format!("\n   src/{n}.js:{n}:22\n"))));
    Ok(())
}

#[test]
fn a_breach_that_is_not_all_of_it_says_so() -> io::Result<()> {
    let (rule, files) = (rule("a"), file_rule("b"));
    let mut results = results(vec![finding(&rule, &secret(1)), file_finding(&files)]);
    (results.interrupted, results.skips) = (Some("SIGTERM"), vec![skip("x", SkipKind::Unreadable, "gone", true)]);
    let out = human(&results, &Options::default())?;
    assert!(out.contains("\nSECURITY BREACH: 1 secret and 1 unsafe file in plain text (2 on disk)\n"), "{out}");
    assert!(
        out.contains("NOT COMPLETE: stopped by SIGTERM before everything was read and 1 item could not\nbe"),
        "{out}"
    );
    Ok(())
}

#[test]
fn quiet_is_a_line_each_and_the_verdict() -> io::Result<()> {
    let rule = rule("a");
    let out = human(&results(vec![finding(&rule, &secret(1))]), &Options { quiet: true, ..Options::default() })?;
    let masked = crate::text::mask_bytes(secret(1).as_bytes());
    assert_eq!(
        out,
        format!(
            "config/app.js:3:22: critical: Example Pay live secret key [a] {masked}\n\
             SECURITY BREACH: 1 secret in plain text (1 on disk)\n"
        )
    );
    Ok(())
}

#[test]
fn secrets_are_shown_on_demand_and_line_by_line() -> io::Result<()> {
    let rule = rule("a");
    let value = format!("{}\n\x1b[2J{}", secret(1), secret(2));
    let shown = human(&results(vec![finding(&rule, &value)]), &Options { show_secrets: true, ..Options::default() })?;
    assert!(shown.contains(&format!("\n     {}\n     \\x1b[2J{}\n", secret(1), secret(2))), "{shown}");
    assert_sound(&human(&results(vec![finding(&rule, &value)]), &Options::default())?, 80, &[secret(1), secret(2)]);
    Ok(())
}

#[test]
fn the_protocol_can_be_left_out() -> io::Result<()> {
    let rule = rule("a");
    let options = Options { protocol: false, ..Options::default() };
    let out = human(&results(vec![finding(&rule, &secret(1))]), &options)?;
    assert!(
        out.contains("why         It moves money") && !out.contains("Take it out") && !out.contains("https://"),
        "{out}"
    );
    Ok(())
}
