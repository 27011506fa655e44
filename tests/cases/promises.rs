//! No output holds a secret, no format changes the answer, and nothing is written where something is read.

use super::support::{ENGINE, RULES, Ran, Scratch, sample, token};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plainsight::prove;
use plainsight::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every way to ask for a report.
const REPORTS: &[&[&str]] = &[
    &[],
    &["--verbose"],
    &["--quiet"],
    &["--color", "always"],
    &["--fail-on", "never", "--verbose"],
    &["--format", "json"],
    &["--format", "json", "--verbose"],
    &["--format", "jsonl"],
];

/// Secrets that a case plants, as the runs of characters that no output may hold.
#[derive(Default)]
struct Planted(BTreeSet<String>);

impl Planted {
    /// A secret made from a template, with nothing around it.
    fn secret(&mut self, template: &str, seed: u64) -> String {
        let made = |seed| sample("github-pat-classic", template, seed);
        let (secret, other) = (made(seed), made(seed + 1));
        // What another seed gives too is the template's own.
        self.0.extend(runs(&secret, 5).filter(|run| !other.contains(run.as_str())));
        secret
    }

    fn token(&mut self, seed: u64) -> String {
        self.secret("{ghp_:alnum:36}", seed)
    }
}

fn runs(text: &str, length: usize) -> impl Iterator<Item = String> {
    let bytes: Vec<u8> = text.bytes().filter(u8::is_ascii).collect();
    let all: Vec<_> = bytes.windows(length).map(|run| String::from_utf8_lossy(run).into_owned()).collect();
    all.into_iter().filter(|run| !run.contains(['\n', '\r']))
}

/// Fails where a report of the tree, in any form, holds one of the runs.
#[track_caller]
fn expect_veiled(scratch: &Scratch, planted: &Planted) {
    assert!(!planted.0.is_empty());
    for options in REPORTS {
        let args: Vec<&str> = ["scan"].iter().chain(*options).copied().collect();
        let ran = scratch.run(&args);
        assert!([0, 1].contains(&ran.status), "{args:?}: {}", ran.stderr);
        for output in [&ran.stdout, &ran.stderr] {
            let leaks = |line: &&str| planted.0.iter().any(|run| line.contains(run.as_str()));
            let leaked: Vec<&str> = output.lines().filter(leaks).collect();
            assert!(leaked.is_empty(), "{args:?} leaks:\n{}", leaked.join("\n"));
        }
    }
}

#[test]
fn one_secret_on_a_line() {
    let scratch = Scratch::new();
    let mut planted = Planted::default();
    for (number, (before, template, behind)) in [
        ("token = ", "{ghp_:alnum:36}", ""),
        ("https://x:", "{ghp_:alnum:36}", "@github.com/a/b"),
        ("db_password = \"", "{:alnum:20}", "\""),
        ("DB_PASSWORD: '", "{:alnum:14}", "'"),
        ("<password>", "{:alnum:12}", "</password>"),
        ("", "{@pem:RSA PRIVATE KEY}", ""),
        ("Authorization: Bearer ", "{@jwt}", ""),
        ("DATABASE_URL=postgres://app:", "{:alnum:18}", "@db.internal:5432/app"),
    ]
    .into_iter()
    .enumerate()
    {
        let secret = planted.secret(template, number as u64 * 10);
        scratch.write(format!("{number}.conf"), format!("{before}{secret}{behind}\n"));
    }
    let found = scratch.scan().expect_status(1).summary()["findings"]["block"].as_u64();
    assert!(found >= Some(7), "what is planted must be found, or nothing is shown: {found:?}");
    expect_veiled(&scratch, &planted);
}

#[test]
fn several_secrets_on_a_line() {
    let scratch = Scratch::new();
    let mut planted = Planted::default();
    let mut text = String::new();
    for (number, separator) in ["; ", " ", ",", "\t", "\",\"", " -- "].into_iter().enumerate() {
        let seed = 100 + number as u64 * 10;
        let (first, second) = (planted.token(seed), planted.secret("{:alnum:16}", seed));
        text.push_str(&format!("key={first}{separator}db_password='{second}'{separator}{first}\n"));
    }
    scratch.write("a.conf", text);
    expect_veiled(&scratch, &planted);
}

#[test]
fn an_environment_file() {
    let scratch = Scratch::new();
    let mut planted = Planted::default();
    let password = planted.secret("{:alnum:12}", 3);
    let (secret, hex, token) = (planted.secret("{:alnum:20}", 4), planted.secret("{:hex:32}", 5), planted.token(6));
    scratch.write(
        ".env",
        format!("A_PASSWORD={password}\nB_SECRET=\"{secret}\" # x\nexport C_TOKEN='{hex}'\nD_KEY={token}\n"),
    );
    expect_veiled(&scratch, &planted);
}

#[test]
fn encoded_secrets() {
    let scratch = Scratch::new();
    let mut planted = Planted::default();
    for seed in 0..6 {
        let secret = planted.token(seed);
        let text = format!("token = {secret}");
        let encoded = STANDARD.encode(&text);
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        scratch.write(format!("{seed}.txt"), format!("a: {encoded}\nb: {hex}\nc={percent}\n"));
        // Of the encoded form only its own ends may show; the first characters encode `token = ghp_`.
        planted.0.extend(runs(&encoded[16..encoded.len() - 4], 8));
        planted.0.extend(runs(&hex[24..hex.len() - 4], 12));
    }
    let rules = scratch.scan().expect_status(1).each("rule");
    assert_eq!(rules, ["github-pat-classic"; 6], "one secret in three forms is one finding");
    expect_veiled(&scratch, &planted);
}

#[test]
fn a_secret_in_a_name_or_in_a_remark() {
    let scratch = Scratch::new();
    let mut planted = Planted::default();
    let token = planted.token(40);
    scratch.write(format!("{token}.conf"), format!("token = {token}\n"));
    scratch.write(format!("{token}/a.conf"), format!("{token} # plainsight: allow -- {token}\n"));
    let allow = format!("[[allow]]\nreason = \"it is {token}\"\nrule = \"generic-token\"\nwhole_file = true\n");
    scratch.write("plainsight.toml", allow);
    expect_veiled(&scratch, &planted);
}

#[test]
fn a_secret_at_the_border_of_two_parts() {
    let border = plainsight::source::PART;
    let mut planted = Planted::default();
    let (first, second) = (planted.token(50), planted.token(60));
    for before in [10, 45, 60, 90] {
        let scratch = Scratch::new();
        let mut text = "lorem ipsum\n".repeat(border / 12 + 1);
        text.truncate(border - before);
        text.push_str(&format!("\na={first} b={second}\n"));
        scratch.write("a.txt", &text);
        let ran = scratch.scan().expect_status(1);
        assert_eq!(ran.findings().len(), 2, "{before} bytes before the border");
        expect_veiled(&scratch, &planted);
    }
}

#[test]
fn errors_repeat_no_secret() {
    let mut planted = Planted::default();
    let token = planted.token(70);
    let mut leaked = Vec::new();
    for (name, template, args) in [
        ("plainsight.toml", "token = \"<SECRET>\"\n", &["scan"][..]),
        ("plainsight.toml", "[gate]\nfail_on = \"<SECRET>\"\n", &["scan"]),
        ("plainsight.toml", "[gate]\nfail_on = \"<SECRET>\"\n", &["config", "show"]),
        ("plainsight.toml", "[gate]\n<SECRET> = 1\n", &["scan"]),
        ("plainsight.toml", "[<SECRET>]\n", &["scan"]),
        ("plainsight.toml", "[gate]\nfail_on = <SECRET>\n", &["scan"]),
        ("plainsight.toml", "[rules]\ndisable = [\"<SECRET>\"]\n", &["scan"]),
        ("plainsight.toml", "[rules]\nfolders = [\"<SECRET>\"]\n", &["scan"]),
        ("plainsight.toml", "[files]\nmax_size = \"<SECRET>\"\n", &["scan"]),
        ("plainsight.toml", "[files]\nexclude = [\"<SECRET>[\"]\n", &["scan"]),
        ("plainsight.toml", "[[allow]]\nvalue_sha256 = \"<SECRET>\"\nreason = \"x\"\n", &["scan"]),
        ("plainsight.toml", "[[allow]]\nid = \"<SECRET>\"\nreason = \"x\"\n", &["scan"]),
        ("plainsight.toml", "[[allow]]\nexpires = \"<SECRET>\"\nreason = \"x\"\n", &["scan"]),
        ("rules/a.toml", "id = \"a\"\ntitle = \"A\"\nseverity = \"<SECRET>\"\n", &["scan", "--rules", "rules"]),
        ("rules/a.toml", "<SECRET> = 1\n", &["scan", "--rules", "rules"]),
        ("rules/a.toml", "id = [<SECRET>]\n", &["scan", "--rules", "rules"]),
        ("rules/a.toml", "precedence = \"<SECRET>\"\n", &["scan", "--rules", "rules"]),
    ] {
        let scratch = Scratch::new();
        scratch.write(name, template.replace("<SECRET>", &token));
        let ran = scratch.run(args);
        let lines = [ran.stdout.as_str(), &ran.stderr].concat();
        if planted.0.iter().any(|run| lines.contains(run.as_str())) {
            leaked.push(format!("{name} {args:?}: {template:?}"));
        }
    }
    assert!(leaked.is_empty(), "an error repeats a secret from\n{}", leaked.join("\n"));
}

/// A name that the rule's conditions on files allow.
fn name_for(rule: &Rule) -> String {
    let glob = rule.files.names.first().copied().unwrap_or("sample.conf");
    glob.trim_start_matches("**/").replace('*', "sample")
}

#[test]
fn every_rule_masks_its_own() {
    let scratch = Scratch::new();
    let mut planted: BTreeSet<String> = BTreeSet::new();
    for rule in RULES.rules() {
        for (number, template) in rule.examples.iter().enumerate() {
            let filled = |seed| prove::sample(&ENGINE, rule, template, seed).ok().map(|sample| sample.text);
            // Templates of one rule share their chance where they share a seed.
            let seed = number as u64 * 10;
            let (Some(text), Some(other)) = (filled(seed), filled(seed + 1)) else { continue };
            let found = plainsight::scan::search_bytes(&ENGINE, text.as_bytes(), &name_for(rule));
            for secret in found.iter().filter_map(|found| found.secret.as_ref()) {
                let secret = String::from_utf8_lossy(secret.expose()).into_owned();
                planted.extend(runs(&secret, 9).filter(|run| {
                    run.bytes().any(|byte| byte.is_ascii_digit())
                        && !template.contains(&run[..8])
                        && text.contains(run.as_str())
                        && !other.contains(run.as_str())
                }));
            }
            scratch.write(format!("{}/{number}/{}", rule.id, name_for(rule)), text);
        }
    }
    assert!(planted.len() > 1000);
    for options in [&["--format", "jsonl"][..], &["--verbose"]] {
        let args: Vec<&str> = ["scan"].iter().chain(options).copied().collect();
        let ran = scratch.run(&args).expect_status(1);
        let leak = |line: &str| {
            let run = runs(line, 9).find(|run| planted.contains(run))?;
            let at = line.find(&run)?.saturating_sub(60);
            Some(format!("{run:?} in …{}", line.chars().skip(at).take(160).collect::<String>()))
        };
        let leaked: Vec<String> = ran.stdout.lines().filter_map(leak).collect();
        assert!(leaked.is_empty(), "{args:?} leaks in {} lines:\n{}", leaked.len(), leaked.join("\n"));
    }
}

/// A tree with findings that block, that only warn, that are allowed, and with things that are skipped.
fn mixed(scratch: &Scratch) {
    scratch.write("a.conf", format!("token = {}\nother = {}\n", token(1), token(2)));
    scratch.write("b.conf", format!("token = {} # plainsight: allow github-pat-classic -- of a test\n", token(3)));
    scratch.write("c/.env", sample("generic-password", "DB_PASSWORD={:alnum:14}\n", 4));
    scratch.write("d.py", sample("generic-password", "password = \"{:alnum:14}\"\n", 5));
    scratch.write("e.bin", b"\0\x01\x02\0");
}

#[test]
fn showing_secrets_changes_nothing_else() {
    let scratch = Scratch::new();
    mixed(&scratch);
    let hidden = scratch.scan().expect_status(1);
    let shown = scratch.run(&["scan", "--format", "jsonl", "--show-secrets"]).expect_status(1);
    assert!(shown.stdout.contains(&token(1)) && !hidden.stdout.contains(&token(1)));
    let without = |ran: &Ran| {
        let mut all = ran.findings();
        for finding in &mut all {
            finding["secret"] = serde_json::Value::Null;
        }
        all
    };
    assert_eq!(without(&hidden), without(&shown));
}

#[test]
fn no_format_changes_the_status() {
    for (fail_on, status) in [("likely", 1), ("never", 0)] {
        for report in REPORTS.iter().filter(|report| !report.contains(&"--fail-on")) {
            let scratch = Scratch::new();
            mixed(&scratch);
            let args: Vec<&str> = ["scan", "--fail-on", fail_on].iter().chain(*report).copied().collect();
            scratch.run(&args).expect_status(status);
            let large = [&args[..], &["--max-file-size", "1"]].concat();
            let ran = scratch.run(&large);
            assert_eq!(ran.status, if status == 0 { 3 } else { 1 }, "{large:?}");
        }
    }
}

/// Each file below a folder, with its content and the time of its last change.
fn state(folder: &Path, out: &mut BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        let changed = path.metadata().and_then(|metadata| metadata.modified()).expect("the file is there");
        if path.is_dir() {
            state(&path, out);
            out.insert(path, (Vec::new(), changed));
        } else {
            out.insert(path.clone(), (fs::read(&path).expect("the file can be read"), changed));
        }
    }
}

#[test]
fn nothing_is_written() {
    let scratch = Scratch::new();
    mixed(&scratch);
    let all = || {
        let mut found = BTreeMap::new();
        state(scratch.outside(), &mut found);
        found
    };
    let before = all();
    for report in REPORTS {
        let args: Vec<&str> = ["scan"].iter().chain(*report).copied().collect();
        scratch.run(&args);
    }
    scratch.run(&["rules", "list"]);
    scratch.run(&["config", "show"]);
    assert!(all() == before, "a run changed the tree or the home");
}
