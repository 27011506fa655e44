//! Input that is huge, broken, endless or malicious: every run ends, and says what it did not read.
//!
//! Nothing here measures time: a run that does not end is stopped by the runner, and fails.

use super::support::{Scratch, token};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

const MIB: usize = 1024 * 1024;

/// Line and column where each finding begins.
fn starts(ran: &super::support::Ran) -> Vec<(u64, u64)> {
    let number = |place: &serde_json::Value, key: &str| place[key].as_u64().unwrap_or_default();
    let findings = ran.findings();
    let places = findings.iter().flat_map(|finding| finding["places"].as_array().into_iter().flatten());
    places.map(|place| (number(place, "start_line"), number(place, "start_column"))).collect()
}

#[test]
fn a_line_of_100_mb() {
    let scratch = Scratch::new();
    let half = "var a=b(c);".repeat(50_000_000 / 11);
    scratch.write("a.js", format!("{half}k=\"{}\";{half}", token(1)));
    let ran = scratch.scan().expect_status(1);
    assert_eq!(starts(&ran), [(1, half.len() as u64 + 4)]);
    assert_eq!(ran.summary()["coverage"]["bytes"].as_u64(), Some(half.len() as u64 * 2 + 45));
}

#[test]
fn columns_count_characters_beyond_a_part() {
    for first in ["", "x"] {
        let scratch = Scratch::new();
        // Two bytes each: with one byte before them, a border at an even offset lies inside of a character.
        let line = "é".repeat(9 * MIB);
        scratch.write("a.txt", format!("{first}{line} key={}\n", token(1)));
        let ran = scratch.scan().expect_status(1);
        assert_eq!(starts(&ran), [(1, (9 * MIB + first.len()) as u64 + 6)], "{first:?} before it");
    }
}

#[test]
fn a_million_lines() {
    let scratch = Scratch::new();
    let mut text = "a = 1\n".repeat(999_999);
    text.push_str(&format!("k = {}\n", token(1)));
    scratch.write("a.conf", text);
    let ran = scratch.scan().expect_status(1);
    assert_eq!(starts(&ran), [(1_000_000, 5)]);
}

#[test]
fn ten_thousand_files() {
    let scratch = Scratch::new();
    for number in 0..10_000 {
        scratch.write(format!("{}/{number}.txt", number % 100), "nothing\n");
    }
    scratch.write("50/secret.conf", format!("k = {}\n", token(1)));
    let ran = scratch.scan().expect_status(1);
    assert_eq!(ran.summary()["coverage"]["files"].as_u64(), Some(10_001));
    assert_eq!(ran.findings().len(), 1);
}

#[cfg(unix)]
#[test]
fn names_that_no_terminal_should_see() {
    use std::os::unix::ffi::OsStrExt as _;
    let scratch = Scratch::new();
    let names: [&[u8]; 6] = [
        b"a\nb.conf",
        b"-rf.conf",
        b"\x1b[2J.conf",
        b"bad\xff\xfe%41.conf",
        "\u{202e}fnoc.conf".as_bytes(),
        b"\r\t.conf",
    ];
    for (seed, name) in (0..).zip(names) {
        scratch.write(std::ffi::OsStr::from_bytes(name), format!("k = {}\n", token(seed)));
    }
    let ran = scratch.scan().expect_status(1);
    let findings = ran.findings();
    assert_eq!(findings.len(), names.len());
    let escaped = findings.iter().filter(|finding| finding["places"][0]["path_escaped"] == true);
    let escaped: Vec<_> = escaped.map(|finding| finding["places"][0]["path"].clone()).collect();
    assert_eq!(escaped, ["bad%FF%FE%2541.conf"]);
    let human = scratch.run(&["scan", "--verbose"]).expect_status(1);
    for output in [&ran.stdout, &human.stdout] {
        let bad: Vec<char> = output.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
    // A newline in a name makes no line of its own.
    assert!(!human.stdout.lines().any(|line| line.starts_with("b.conf")));
    scratch.run(&["scan", "--", "-rf.conf"]).expect_status(1);
    scratch.run(&["scan", "./-rf.conf"]).expect_status(1);
}

#[test]
fn a_sparse_file() {
    let scratch = Scratch::new();
    let file = File::create(scratch.path("disk.img")).expect("the file is new");
    file.set_len(4 << 30).expect("the file system holds sparse files");
    let ran = scratch.scan().expect_status(3);
    assert_eq!(ran.skips(), [("disk.img".to_owned(), "too_large".to_owned())]);
    // What begins as text is read to its end.
    scratch.write("disk.img", format!("k = {}\n{}", token(1), "text\n".repeat(4000)));
    let file = File::options().write(true).open(scratch.path("disk.img")).expect("it was just written");
    file.set_len(256 << 20).expect("the file system holds sparse files");
    let ran = scratch.scan().expect_status(1);
    assert_eq!(ran.summary()["coverage"]["bytes"].as_u64(), Some(256 << 20));
}

#[test]
fn an_archive_called_text() {
    let scratch = Scratch::new();
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
    bytes.extend((0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()));
    scratch.write("a.txt", &bytes);
    let ran = scratch.scan().expect_status(0);
    assert_eq!(ran.skips(), [("a.txt".to_owned(), "binary".to_owned())]);
    // A key format is found in it all the same.
    bytes.extend(format!("\0{}\0", token(1)).bytes());
    scratch.write("a.txt", &bytes);
    assert_eq!(scratch.scan().expect_status(1).findings().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let scratch = Scratch::new();
    let made = Command::new("mkfifo").arg(scratch.path("pipe")).status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let ran = scratch.scan().expect_status(0);
    assert_eq!(ran.skips(), [("pipe".to_owned(), "special".to_owned())]);
    // Asked for by name, it is something that was asked for and not read.
    scratch.run(&["scan", "pipe"]).expect_status(3);
    // Nor is one that calls itself a configuration, or lies in a folder of rules.
    fs::rename(scratch.path("pipe"), scratch.path("plainsight.toml")).expect("it is there");
    let ran = scratch.scan().expect_status(2);
    assert!(ran.stderr.contains("no regular file"), "{}", ran.stderr);
    fs::create_dir(scratch.path("rules")).expect("it is new");
    fs::rename(scratch.path("plainsight.toml"), scratch.path("rules/a.toml")).expect("it is there");
    scratch.run(&["scan", "--rules", "rules"]).expect_status(2);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new();
    let link = |to: &str, name: &str| symlink(to, scratch.path(name)).expect("the name is free");
    scratch.write("real/a.conf", format!("k = {}\n", token(1)));
    link("loop", "loop");
    link("..", "real/up");
    link("nothing", "broken");
    link("/etc/passwd", "outside");
    let ran = scratch.scan().expect_status(1);
    let skips: Vec<String> = ran.skips().into_iter().map(|(path, kind)| format!("{kind} {path}")).collect();
    assert_eq!(skips, ["symlink broken", "symlink loop", "symlink outside", "symlink real/up"]);
    assert_eq!(ran.summary()["coverage"]["files"], 1);
    // A link that is an argument is what it points to; one to nothing was asked for, and not read.
    link("real", "folder");
    link("real/a.conf", "file");
    for (argument, status) in [("folder", 1), ("folder/", 1), ("file", 1), ("loop", 3), ("broken", 3)] {
        scratch.run(&["scan", argument]).expect_status(status);
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_opened_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    scratch.write("locked/a.txt", "nothing\n");
    scratch.write("b.txt", "nothing\n");
    let mode = |bits| fs::set_permissions(scratch.path("locked"), fs::Permissions::from_mode(bits));
    mode(0o000).expect("it is ours");
    let is_root = fs::read_dir(scratch.path("locked")).is_ok();
    if !is_root {
        let ran = scratch.scan().expect_status(3);
        assert_eq!(ran.skips(), [("locked".to_owned(), "unreadable".to_owned())]);
        assert_eq!(ran.summary()["status"], "incomplete");
    }
    mode(0o755).expect("it is ours");
    // Its first bytes are never mapped, so reading them fails even for the owner of everything.
    if Path::new("/proc/self/mem").exists() {
        let ran = scratch.run(&["scan", "--format", "jsonl", "b.txt", "/proc/self/mem"]).expect_status(3);
        assert_eq!(ran.skips(), [("/proc/self/mem".to_owned(), "unreadable".to_owned())]);
        let ran = scratch.run(&["scan", "/proc/self/mem"]).expect_status(3);
        assert!(ran.stdout.contains("NOT PROVEN CLEAN") && ran.stdout.contains("/proc/self/mem: could not be read"));
    }
}

#[test]
fn empty_files_and_deep_folders() {
    let scratch = Scratch::new();
    scratch.write("empty.txt", "");
    scratch.write(".env", "");
    scratch.write("id_rsa", "");
    let deep = vec!["d"; 200].join("/");
    scratch.write(format!("{deep}/a.conf"), format!("k = {}\n", token(1)));
    let ran = scratch.scan().expect_status(1);
    assert_eq!(ran.summary()["coverage"]["files"], 4);
    assert_eq!(ran.each("rule").iter().filter(|rule| *rule == "github-pat-classic").count(), 1);
}

/// Texts of which each piece makes the engine look again, so that what costs too much a piece shows.
const NOISE: &[&str] = &[
    "password=",
    "password = \"",
    "://",
    "https://a:",
    "%41",
    "%25",
    "\\u0041",
    "\\\\u0041",
    "\\x41",
    "-----BEGIN ",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "ghp_",
    "AKIA",
    "{\"",
    "a1B2c3D4",
    "QUJDREVG",
    "QUJDREVG\n",
    "QUJD==",
    "4142",
    "kind: Secret\ndata:\n  a: QUJD\n",
    "eyJhbGciOiJIUzI1NiJ9.",
    "datadog_api_key 0a1B2c3D4e5F6a7B8c9D0 ",
    "\"",
    "'",
    "=",
    "\n",
    "\r",
    "\u{e9}",
];

#[test]
fn repeated_pieces_end() {
    let scratch = Scratch::new();
    for (number, piece) in NOISE.iter().enumerate() {
        for name in [format!("{number}.txt"), format!("{number}.py"), format!("{number}/.env")] {
            scratch.write(name, piece.repeat(MIB / 32 / piece.len()));
        }
    }
    let ran = scratch.scan();
    assert!([0, 1, 3].contains(&ran.status), "{}", ran.stderr);
    assert_eq!(ran.summary()["coverage"]["files"].as_u64(), Some(NOISE.len() as u64 * 3));
}

#[test]
fn a_lock_file_is_read_to_its_end() {
    let scratch = Scratch::new();
    let mut chance = plainsight::rule::sample::Chance::new(7);
    let mut text = String::from("{\n");
    for number in 0..20_000 {
        let hash: String =
            (0..86).map(|_| char::from(b"0123456789ABCDEFabcdefghijklmnopqrstuvwxyz+/"[chance.below(44)])).collect();
        text.push_str(&format!("  \"p{number}\": {{ \"integrity\": \"sha512-{hash}==\" }},\n"));
    }
    scratch.write("package-lock.json", text + "}\n");
    scratch.scan().expect_status(0);
}

#[test]
fn a_configuration_without_end_is_refused() {
    let scratch = Scratch::new();
    scratch.write("plainsight.toml", "# long\n".repeat(400_000));
    scratch.scan().expect_status(2);
    scratch.write("plainsight.toml", format!("a = {}", "[".repeat(100_000)));
    scratch.scan().expect_status(2);
}
