//! Whether a secret is gone: everything that keeps it is named, and after a real cleaning nothing is.

use super::super::support::{Ran, finish, token};
use super::{History, filler, finding, holding, paths};
use base64::Engine as _;

/// The id of the finding of a secret, as the report gives it.
#[track_caller]
fn id_of(history: &History, secret: &str) -> String {
    finding(&history.audit(&[]), secret)["id"].as_str().expect("it has one").to_owned()
}

fn notes(ran: &Ran) -> String {
    let summary = ran.summary();
    let notes = summary["notes"].as_array().expect("a list").iter();
    notes.filter_map(|note| note.as_str()).map(|note| format!("{note}\n")).collect()
}

/// Asks, and checks that exactly these kinds of keepers are named, each with this name.
#[track_caller]
fn kept_by(history: &History, secret: &str, expected: &[(&str, &str)]) {
    let ran = history.audit(&["--gone", &id_of(history, secret)]).expect_status(1);
    let notes = notes(&ran);
    for (kind, name) in expected {
        let line = notes.lines().find(|line| line.starts_with(&format!("still kept by {kind}: ")));
        assert!(line.is_some_and(|line| line.contains(name)), "{kind}, {name}:\n{notes}");
    }
    // And the objects themselves.
    assert_eq!(notes.lines().count(), expected.len() + 1, "{notes}");
    assert!(notes.contains("still kept by objects: "), "{notes}");
}

const LOGS: &str = "logs (git reflog)";

#[test]
fn every_keeper_is_named() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    let mut expected: Vec<(u64, Vec<(&str, String)>)> = Vec::new();
    let head = |history: &History| history.id("HEAD");

    history.git(&["checkout", "-q", "-b", "topic"]);
    history.write("t.c", holding(1, 3, 1));
    history.commit("on a branch");
    expected.push((1, vec![("branches", "topic".to_owned()), (LOGS, "topic@{0}".to_owned())]));

    history.git(&["checkout", "-q", "--detach", "main"]);
    history.write("r.c", holding(2, 3, 2));
    history.commit("fetched");
    history.git(&["update-ref", "--no-deref", "refs/remotes/origin/main", "HEAD"]);
    history.git(&["update-ref", "refs/pull/7/head", &head(&history)]);
    history.git(&["config", "remote.origin.url", "../remote"]);
    history.git(&["config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"]);
    history.git(&["config", "--add", "remote.origin.fetch", "+refs/pull/*:refs/pull/*"]);
    let fetched = "what was fetched from a remote";
    expected.push((2, vec![(fetched, "origin/main, refs/pull/7/head".to_owned()), (LOGS, "HEAD@{".to_owned())]));

    history.git(&["checkout", "-q", "--detach", "main"]);
    history.write("g.c", holding(3, 3, 3));
    history.commit("tagged");
    history.git(&["tag", "-a", "-m", "x", "v1"]);
    history.git(&["tag", "-a", "-m", "of a tag", "v2", "v1"]);
    let others = "tags, notes and other refs";
    expected.push((3, vec![(others, "v1, v2".to_owned()), (LOGS, "HEAD@{".to_owned())]));

    history.git(&["checkout", "-q", "main"]);
    history.git(&["notes", "add", "-m", &token(4)]);
    expected.push((4, vec![(others, "notes/commits".to_owned()), (LOGS, "notes/commits@{0}".to_owned())]));
    history.write("a.c", holding(5, 3, 5));
    history.git(&["stash", "-q"]);
    expected.push((5, vec![("the stash", "stash".to_owned()), (LOGS, "stash@{0}".to_owned())]));

    history.write("l.c", holding(6, 3, 6));
    history.commit("in a log only");
    history.git(&["reset", "-q", "--hard", "HEAD~1"]);
    expected.push((6, vec![(LOGS, "main@{1}".to_owned())]));

    history.write("s.c", holding(7, 3, 7));
    history.git(&["add", "s.c"]);
    expected.push((7, vec![("an index", "s.c".to_owned())]));
    history.git(&["tag", "-a", "-m", &token(8), "v3"]);
    expected.push((8, vec![(others, "v3".to_owned())]));
    history.blob(holding(9, 3, 9).as_bytes());
    expected.push((9, vec![]));

    history.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let linked = history.beside("linked");
    std::fs::write(linked.join("w.c"), holding(10, 3, 10)).expect("it is a folder");
    history.git_in(&linked, &["add", "-A"]);
    expected.push((10, vec![("an index", "w.c".to_owned())]));
    std::fs::write(linked.join("v.c"), holding(11, 3, 11)).expect("it is a folder");
    history.git_in(&linked, &["add", "-A"]);
    history.git_in(&linked, &["commit", "-q", "-m", "detached"]);
    expected[9].1 =
        vec![("branches", "HEAD".to_owned()), (LOGS, "HEAD@{0}".to_owned()), ("an index", "w.c".to_owned())];
    expected
        .push((11, vec![("branches", "HEAD".to_owned()), (LOGS, "HEAD@{".to_owned()), ("an index", "v.c".to_owned())]));
    for (seed, expected) in &expected {
        let expected: Vec<(&str, &str)> = expected.iter().map(|(kind, name)| (*kind, &name[..])).collect();
        // The index of the commit that is checked out holds what the commit holds.
        kept_by(&history, &token(*seed), &expected);
    }
}

/// What a person does after a leak, here with what every git has: the history is rewritten, the logs expire, the rest is pruned.
#[test]
fn after_a_cleaning_it_is_gone() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.write("t.c", holding(1, 3, 1));
    history.commit(&format!("with {}", token(1)));
    history.write("t.c", filler(2));
    history.commit("without");
    history.git(&["tag", "v1"]);
    let id = id_of(&history, &token(1));
    let gone = |expected: i32| notes(&history.audit(&["--gone", &id]).expect_status(expected));
    assert!(gone(1).contains("branches: main"));
    let rewrite = format!("git fast-export --all | sed s/{}/REMOVED/ | git fast-import --force --quiet", token(1));
    let mut command = history.scratch.program("sh", &history.path(""));
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    // Of the same length, so that the counts of the stream still hold.
    let rewrite = rewrite.replace("REMOVED", &"X".repeat(token(1).len()));
    assert_eq!(finish(command.args(["-ec", &rewrite]), b"").status, 0);
    let left = gone(1);
    assert!(!left.contains("branches") && left.contains(LOGS), "{left}");
    history.git(&["reflog", "expire", "--expire=now", "--all"]);
    let left = gone(1);
    assert!(!left.contains(LOGS) && left.contains("objects"), "{left}");
    history.git(&["reset", "-q", "--hard"]);
    history.git(&["gc", "-q", "--prune=now"]);
    let left = gone(0);
    assert!(left.contains("it is gone from this repository"), "{left}");
    assert!(history.audit(&["--gone", &id]).findings().is_empty());
}

#[test]
fn an_amended_commit_is_gone_with_its_log() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.write("t.c", holding(1, 3, 1));
    history.commit("with it");
    let id = id_of(&history, &token(1));
    history.git(&["rm", "-q", "-f", "t.c"]);
    history.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "without"]);
    let ran = history.audit(&["--gone", &id]).expect_status(1);
    assert!(notes(&ran).contains(LOGS), "{}", notes(&ran));
    history.git(&["reflog", "expire", "--expire=now", "--all"]);
    history.git(&["gc", "-q", "--prune=now"]);
    let ran = history.audit(&["--gone", &id]).expect_status(0);
    assert!(notes(&ran).contains("it is gone from this repository"));
}

/// Nobody says "gone" of what could not be read.
#[test]
fn what_cannot_be_read_is_not_gone() {
    let history = History::new();
    history.write("t.c", holding(1, 3, 1));
    history.commit("with it");
    let id = id_of(&history, &token(1));
    let blob = history.id("HEAD:t.c");
    std::fs::remove_file(history.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).expect("it is loose");
    let ran = history.audit(&["--gone", &id]).expect_status(3);
    assert!(notes(&ran).contains("not everything could be read"), "{}", notes(&ran));
    assert!(!notes(&ran).contains("it is gone"), "{}", notes(&ran));
}

#[test]
fn an_id_that_is_none_is_refused() {
    let history = History::new();
    history.commit("root");
    let ran = history.audit(&["--gone", "ps1-xyz"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("is no finding's id"), "{}", ran.stderr);
}

/// A value that no rule knows.
const VALUE: &str = "quokka&plum+forty\"nights";

/// Asks for the value on standard input, and checks that nothing of it is said.
#[track_caller]
fn asked(history: &History, value: &str, args: &[&str]) -> Ran {
    let all: Vec<&str> = ["audit", "--gone", "-", "--format", "jsonl"].iter().chain(args).copied().collect();
    let ran = finish(&mut history.scratch.command(&all), value.as_bytes());
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let escaped = value.replace('"', "\\\"");
    let start: String = value.chars().take(8).collect();
    for part in [value, &escaped, &start] {
        assert!(!said.contains(part), "{said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    ran
}

/// The paths of all findings.
fn all_paths(ran: &Ran) -> Vec<String> {
    let mut all: Vec<String> = ran
        .findings()
        .iter()
        .flat_map(|finding| paths(finding).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    all.sort();
    all
}

#[test]
fn a_value_that_no_rule_knows_is_found_in_every_form_and_place() {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    assert!(
        notes(&asked(&history, VALUE, &[]).expect_status(0)).contains("the value is in none of 1 blobs, 1 commits")
    );
    let base64 =
        base64::engine::general_purpose::STANDARD.encode(format!("{}{VALUE}{}", "x".repeat(50), "y".repeat(100)));
    let wide: Vec<u8> = format!("\u{feff}x = {VALUE}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex: String = VALUE.bytes().map(|byte| format!("{byte:02X}")).collect();
    let texts: Vec<(&str, Vec<u8>)> = vec![
        ("plain.txt", format!("one\ntwo {VALUE}").into_bytes()),
        ("packed.b64", format!("{}\n{}\n", &base64[..76], &base64[76..]).into_bytes()),
        ("wide.txt", wide),
        ("dump.hex", hex.into_bytes()),
        ("call.url", [&b"?key"[..], b"=quokka%26plum%2Bforty%22nights"].concat()),
        ("a.json", serde_json::to_vec(&[VALUE]).expect("a text")),
        ("image.bin", [&b"\0\x01\x02"[..], VALUE.as_bytes(), b"\xFF"].concat()),
        ("dir/quokka&plum+forty\"nights", b"a name".to_vec()),
        ("quokka&plum+forty\"nights/in.txt", b"below a name".to_vec()),
    ];
    for (path, text) in &texts {
        let tree = history.id("HEAD");
        history.write(path, text);
        history.commit("with it");
        history.git(&["tag", "keeps"]);
        let ran = asked(&history, VALUE, &[]).expect_status(1);
        let expected = path.replace(VALUE, "…").replace("/in.txt", "");
        // An index has the names of files in it.
        let index = if path.contains(VALUE) { &[".git/index"][..] } else { &[] };
        assert_eq!(all_paths(&ran), [index, &[&expected[..]]].concat(), "{path}: {}", ran.stdout);
        assert!(notes(&ran).contains("still kept by branches: main"), "{}", notes(&ran));
        // The same with other rules, and where nothing blocks.
        for args in [&["--only", "github-pat-classic"][..], &["--fail-on", "never"], &["--threads", "1"]] {
            assert_eq!(all_paths(&asked(&history, VALUE, args).expect_status(1)), all_paths(&ran));
        }
        history.git(&["tag", "-d", "keeps"]);
        history.git(&["reset", "-q", "--hard", &tree]);
        let ran = asked(&history, VALUE, &[]).expect_status(1);
        assert!(notes(&ran).contains(LOGS) && !notes(&ran).contains("branches"), "{}", notes(&ran));
        history.git(&["reflog", "expire", "--expire=now", "--all"]);
        history.git(&["gc", "-q", "--prune=now"]);
        asked(&history, VALUE, &[]).expect_status(0);
    }
}

#[test]
fn a_value_is_found_beside_the_files() {
    let value = "quokka&plum+fortynights";
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    let shown = |what: &str, expected: &[&str]| {
        let ran = asked(&history, value, &[]).expect_status(1);
        assert_eq!(all_paths(&ran), expected, "{what}: {}", ran.stdout);
        notes(&ran)
    };
    history.git(&["config", "remote.origin.url", &format!("https://me:{value}@example.org/")]);
    assert!(shown("configuration", &[".git/config"]).contains("still kept by files of git's own: .git/config"));
    history.git(&["config", "--unset", "remote.origin.url"]);
    history.git(&["update-ref", &format!("refs/heads/x-{value}"), "HEAD"]);
    shown("ref", &[".git/logs/refs/heads/x-…", ".git/refs/heads/x-…"]);
    history.git(&["pack-refs", "--all"]);
    shown("packed ref", &[".git/logs/refs/heads/x-…", ".git/packed-refs"]);
    history.git(&["update-ref", "-d", &format!("refs/heads/x-{value}")]);
    history.git(&["update-ref", "-m", &format!("for {value}"), "--create-reflog", "refs/x/y", "HEAD"]);
    shown("reason in a log", &[".git/logs/refs/x/y"]);
    history.git(&["update-ref", "-d", "refs/x/y"]);
    asked(&history, value, &[]).expect_status(0);

    history.git(&["tag", "-a", "-m", &format!("for\n\n {value}"), "t"]);
    assert!(shown("tag", &["<tag message>"]).contains("tags, notes and other refs: t"));
    history.git(&["tag", "-d", "t"]);
    history.git(&["gc", "-q", "--prune=now"]);
    history.git(&["-c", &format!("user.name={value}"), "stash", "list"]);
    history.blob(format!("loose {value}").as_bytes());
    let blob = asked(&history, value, &[]).expect_status(1);
    assert!(all_paths(&blob)[0].starts_with("<blob "), "{:?}", all_paths(&blob));
    assert_eq!(blob.each("exposure"), ["unreachable"]);
    history.git(&["gc", "-q", "--prune=now"]);
    history.write("s.txt", value);
    history.git(&["add", "s.txt"]);
    assert!(shown("staged", &["s.txt"]).contains("still kept by an index: s.txt"));
    history.git(&["commit", "-q", "--author", &format!("A {value} <a@example.org>"), "-m", "x"]);
    history.git(&["rm", "-q", "s.txt"]);
    history.git(&["commit", "-q", "-m", "taken out"]);
    let told = shown("commit", &["<commit message>", "s.txt"]);
    assert!(told.contains("branches: main"), "{told}");
    let human = finish(&mut history.scratch.command(&["audit", "--gone", "-"]), value.as_bytes()).expect_status(1);
    assert!(human.stdout.contains("s.txt") && human.stdout.contains("no rule knows this value"), "{}", human.stdout);
    assert!(!human.stdout.contains("quokka&"), "{}", human.stdout);
}

/// What a rule knows is told as that rule tells it, with its id.
#[test]
fn a_value_that_a_rule_knows_has_its_finding() {
    let history = History::new();
    history.write("t.c", holding(0, 3, 1));
    history.commit("with it");
    let ran = asked(&history, &format!("{}\r\n", token(1)), &[]);
    let known = finding(&history.audit(&[]), &token(1));
    let found = ran.expect_status(1).findings();
    assert_eq!((found[0]["id"].clone(), found[0]["rule"].clone()), (known["id"].clone(), known["rule"].clone()));
    assert_eq!(found[0]["places"], known["places"]);
}

#[test]
fn a_value_in_what_cannot_be_read_is_not_gone() {
    let history = History::new();
    history.write("t.c", VALUE);
    history.commit("with it");
    let blob = history.id("HEAD:t.c");
    std::fs::remove_file(history.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).expect("it is loose");
    let ran = asked(&history, VALUE, &[]).expect_status(3);
    assert!(!notes(&ran).contains("it is gone"), "{}", notes(&ran));
}

#[test]
fn values_of_the_wrong_length_are_refused() {
    let history = History::new();
    history.commit("root");
    for (value, said) in [("1234567\n", "less than 8 bytes"), ("", "less than"), (&"x".repeat(9000), "more than 8 KiB")]
    {
        let ran = finish(&mut history.scratch.command(&["audit", "--gone", "-"]), value.as_bytes()).expect_status(2);
        assert!(ran.stderr.contains(said) && ran.stderr.contains("help"), "{}", ran.stderr);
    }
    let ran = history.audit(&["--gone", "hunter2hunter2"]).expect_status(2);
    assert!(!ran.stderr.contains("hunter"), "what may be a secret is not repeated: {}", ran.stderr);
}
