//! A secret in every place where git keeps something, as loose objects and in packs of several depths.

use super::super::support::token;
use super::{History, filler, finding, holding, paths};

/// What is to be found, and how it is to be described.
struct Planted {
    what: &'static str,
    seed: u64,
    path: String,
    line: u64,
    commit: Option<String>,
    removed_in: Option<String>,
    exposure: &'static str,
    present: bool,
}

impl Planted {
    fn new(what: &'static str, seed: u64, path: &str, line: u64, commit: Option<&str>, exposure: &'static str) -> Self {
        let (path, commit) = (path.to_owned(), commit.map(str::to_owned));
        Self { what, seed, path, line, commit, removed_in: None, exposure, present: false }
    }

    fn removed(mut self, commit: &str) -> Self {
        self.removed_in = Some(commit.to_owned());
        self
    }

    const fn present(mut self) -> Self {
        self.present = true;
        self
    }
}

/// A file of which there are so many versions that a pack can make a chain of hundreds of them.
fn in_a_long_chain(history: &History, all: &mut Vec<Planted>) {
    let mut stream = String::new();
    let mut lines: Vec<String> = (0..60).map(|line| format!("the line {line} as it was written first\n")).collect();
    for version in 0..260 {
        // Each version is nearer to its neighbours than to any other.
        lines[version * 7 % 60] = format!("the line {} as of version {version}\n", version * 7 % 60);
        lines.push(format!("a line that came with version {version}\n"));
        let mut text = lines.concat();
        if version == 130 {
            text.insert_str(0, &format!("\n\n\n\ntoken = {}\n", token(18)));
        }
        let head = format!("commit refs/heads/main\ncommitter A <a@b> {} +0000\ndata 1\nx\n", 1_700_000_000 + version);
        stream += &format!("{head}M 100644 inline deep.c\ndata {}\n{text}\n", text.len());
    }
    history.fed(&history.path(""), &["fast-import", "--quiet"], stream.as_bytes());
    history.git(&["reset", "-q", "--hard"]);
    let (added, removed) = (history.id("main~129"), history.id("main~128"));
    all.push(Planted::new("one version of hundreds", 18, "deep.c", 5, Some(&added), "pushed").removed(&removed));
}

/// What lies in commits that branches reach.
fn in_branches(history: &History, all: &mut Vec<Planted>) {
    in_a_long_chain(history, all);
    for version in 0..12 {
        history.write("a.c", filler(version));
        history.write("b.c", filler(version / 3));
        history.commit("a version");
    }
    history.write("app/app.conf", holding(3, 120, 1));
    let added = history.commit("with it");
    history.git(&["rm", "-q", "app/app.conf"]);
    let removed = history.commit("without it");
    all.push(Planted::new("a commit, later deleted", 1, "app/app.conf", 120, Some(&added), "pushed").removed(&removed));

    history.git(&["checkout", "-q", "-b", "side", "HEAD~5"]);
    history.write("side.c", filler(40));
    history.commit("aside");
    history.git(&["checkout", "-q", "main"]);
    history.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    history.write("merged.c", holding(5, 7, 2));
    let merge = history.commit("merge, with more");
    history.git(&["rm", "-q", "merged.c"]);
    let removed = history.commit("not any more");
    all.push(Planted::new("only a merge commit", 2, "merged.c", 7, Some(&merge), "pushed").removed(&removed));

    history.git(&["mv", "b.c", "renamed.c"]);
    history.write("renamed.c", holding(3, 33, 3));
    let renamed = history.commit("renamed and edited");
    all.push(Planted::new("renamed and edited in one", 3, "renamed.c", 33, Some(&renamed), "pushed").present());
    history.push(&["main"]);

    let message = history.commit(&format!("nothing\n\nthe token is {}", token(4)));
    all.push(Planted::new("a message", 4, "<commit message>", 3, Some(&message), "local"));

    history.write("original.c", holding(6, 50, 15));
    let original = history.commit("an object that is replaced");
    let (held, harmless) = (history.id("HEAD:original.c"), history.blob(filler(6).as_bytes()));
    history.git(&["replace", &held, &harmless]);
    all.push(Planted::new("a replaced object", 15, "original.c", 50, Some(&original), "local").present());

    history.git(&["checkout", "-q", "--orphan", "orphan"]);
    history.write("orphan.c", holding(8, 149, 14));
    let orphan = history.commit("no parents");
    all.push(Planted::new("an orphan branch", 14, "orphan.c", 149, Some(&orphan), "local").present());
    history.git(&["checkout", "-q", "-f", "main"]);
}

/// What lies behind other refs.
fn behind_refs(history: &History, all: &mut Vec<Planted>) {
    history.git(&["tag", "-a", "v1", "-m", &format!("a version\n\n{}", token(5))]);
    all.push(Planted::new("the text of a tag", 5, "<tag message>", 3, None, "local"));
    let head = history.id("HEAD");
    history.git(&["notes", "add", "-m", &format!("noted: {}", token(6))]);
    let note = history.id("refs/notes/commits");
    all.push(Planted::new("a note", 6, &head, 1, Some(&note), "local"));

    history.write("a.c", holding(20, 61, 8));
    history.git(&["stash", "-q"]);
    history.write("a.c", holding(21, 62, 7));
    history.git(&["stash", "-q"]);
    let (newest, older) = (history.id("stash@{0}"), history.id("stash@{1}"));
    all.push(Planted::new("the newest stash", 7, "a.c", 62, Some(&newest), "unreachable"));
    all.push(Planted::new("an older stash", 8, "a.c", 61, Some(&older), "unreachable"));

    let blob = history.blob(holding(9, 5, 13).as_bytes());
    history.git(&["tag", "-a", "inner", "-m", "of a blob", &blob]);
    history.git(&["tag", "-a", "outer", "-m", "of a tag", "inner"]);
    history.git(&["tag", "-d", "inner"]);
    all.push(Planted::new("a blob behind a tag of a tag", 13, &format!("<blob {}>", &blob[..12]), 5, None, "local"));
}

/// What no ref names.
fn behind_nothing(history: &History, all: &mut Vec<Planted>) {
    history.write("lost.c", holding(10, 10, 9));
    let lost = history.commit("reset away");
    history.git(&["reset", "-q", "--hard", "HEAD~1"]);
    all.push(Planted::new("in a reflog only", 9, "lost.c", 10, Some(&lost), "unreachable"));

    history.write("amended.c", holding(11, 11, 10));
    let amended = history.commit("amended away");
    history.write("amended.c", filler(11));
    history.git(&["add", "-A"]);
    history.git(&["commit", "-q", "--amend", "-m", "amended"]);
    all.push(Planted::new("amended away", 10, "amended.c", 11, Some(&amended), "unreachable"));

    let blob = history.blob(holding(12, 12, 11).as_bytes());
    let named = format!("<blob {}>", &blob[..12]);
    all.push(Planted::new("a dangling blob", 11, &named, 12, None, "unreachable"));

    history.write("staged.c", holding(13, 13, 12));
    history.git(&["add", "staged.c"]);
    all.push(Planted::new("staged only", 12, "staged.c", 13, None, "staged"));

    let linked = history.beside("linked");
    history.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    std::fs::write(linked.join("linked.c"), holding(14, 14, 16)).expect("it is a folder");
    history.git_in(&linked, &["add", "-A"]);
    history.git_in(&linked, &["commit", "-q", "-m", "on no branch"]);
    let head = history.git_in(&linked, &["rev-parse", "HEAD"]).trim().to_owned();
    all.push(Planted::new("the head of a linked work tree", 16, "linked.c", 14, Some(&head), "local").present());
    std::fs::write(linked.join("index.c"), holding(15, 15, 17)).expect("it is a folder");
    history.git_in(&linked, &["add", "-A"]);
    all.push(Planted::new("the index of a linked work tree", 17, "index.c", 15, None, "staged"));
}

#[track_caller]
fn check(history: &History, all: &[Planted], packed: &str, args: &[&str]) {
    let ran = history.audit(args);
    let mut wrong = Vec::new();
    for planted in all {
        let finding = finding(&ran, &token(planted.seed));
        let place = &finding["places"][0];
        let got = (
            paths(&finding).join(" "),
            place["start_line"].as_u64(),
            place["commit"].as_str(),
            place["removed_in"].as_str(),
            finding["exposure"].as_str(),
            finding["present"].as_bool(),
        );
        let expected = (
            planted.path.clone(),
            Some(planted.line),
            planted.commit.as_deref(),
            planted.removed_in.as_deref(),
            Some(planted.exposure),
            Some(planted.present),
        );
        if got != expected {
            wrong.push(format!("{} ({packed}):\n  is       {got:?}\n  expected {expected:?}", planted.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((ran.findings().len(), ran.status), (all.len(), 1), "{}", skipped_or(&ran));
    assert_eq!(ran.summary()["status"], "complete", "{packed}: {}", super::skipped(&ran));
}

fn skipped_or(ran: &super::Ran) -> String {
    format!("{}{}", ran.each("rule").join(" "), super::skipped(ran))
}

#[test]
fn every_place_in_every_packing() {
    let history = History::new();
    let mut all = Vec::new();
    in_branches(&history, &mut all);
    behind_refs(&history, &mut all);
    behind_nothing(&history, &mut all);
    check(&history, &all, "loose", &[]);
    for depth in ["0", "50", "250"] {
        // A window of one makes the longest chains: each version from its neighbour.
        for window in [depth, "2"] {
            let (deep, wide) = (format!("--depth={depth}"), format!("--window={window}"));
            // With one thread the chains are the same each time.
            history.git(&["-c", "pack.threads=1", "repack", "-q", "-adkf", &deep, &wide]);
            check(&history, &all, depth, &[]);
        }
        let deltas = history.git(&["verify-pack", "-v", &pack(&history)]);
        let deepest =
            deltas.lines().filter_map(|line| line.strip_prefix("chain length = ")?.split(':').next()).next_back();
        let deepest: u64 = deepest.map_or(0, |deepest| deepest.parse().expect("a number"));
        assert!(deepest <= depth.parse().expect("a number") && (deepest > 30 || depth == "0"), "{depth}: {deepest}");
        check(&history, &all, depth, &[]);
        check(&history, &all, depth, &["--exhaustive"]);
    }
    history.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adkf"]);
    history.git(&["multi-pack-index", "write"]);
    check(&history, &all, "bases named by their ids, with a multi-pack index", &[]);
}

fn pack(history: &History) -> String {
    let folder = std::fs::read_dir(history.path(".git/objects/pack")).expect("git made it");
    let mut paths = folder.filter_map(Result::ok).map(|entry| entry.path());
    let index = paths.find(|path| path.extension().is_some_and(|is| is == "idx")).expect("there is a pack");
    index.to_string_lossy().into_owned()
}

/// Renamed and copied without a change: one finding, one place for each path, each with its own commit.
#[test]
fn renames_and_copies_are_places_in_order_of_time() {
    let history = History::new();
    history.write("one.c", holding(0, 9, 1));
    let first = history.commit("one");
    history.git(&["mv", "one.c", "two.c"]);
    let second = history.commit("renamed");
    history.write("copies/three.c", holding(0, 9, 1));
    let third = history.commit("copied");
    history.write("copies/three.c", holding(1, 19, 1));
    history.commit("moved in it");
    let ran = history.audit(&[]).expect_status(1);
    let found = finding(&ran, &token(1));
    assert_eq!(paths(&found), ["one.c", "two.c", "copies/three.c"]);
    let of = |key: &str| found["places"].as_array().expect("a list").iter().map(|p| p[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("commit"), [first, second.clone(), third]);
    assert_eq!(of("removed_in"), [second.into(), serde_json::Value::Null, serde_json::Value::Null]);
    assert_eq!(of("start_line"), [9, 9, 9]);
    assert_eq!(of("now_line"), [serde_json::Value::Null, 9.into(), 19.into()]);
    assert_eq!((found["commits"].as_u64(), found["present"].as_bool()), (Some(4), Some(true)));
}

#[test]
fn more_than_64_mib_is_read_where_it_is_text_or_asked_for() {
    let history = History::new();
    let large = (66 << 20) / 64;
    let mut text = format!("{:<63}\n", "a line without anything of interest").repeat(large).into_bytes();
    text.extend_from_slice(format!("token = {}\n", token(1)).as_bytes());
    history.write("large.txt", &text);
    let mut binary = vec![0u8; 66 << 20];
    binary.extend_from_slice(format!("\n{}\n", token(2)).as_bytes());
    history.write("large.bin", &binary);
    history.commit("large ones");
    let ran = history.audit(&[]).expect_status(1);
    assert_eq!(finding(&ran, &token(1))["places"][0]["start_line"], large as u64 + 1);
    assert_eq!(ran.findings().len(), 1);
    assert_eq!(ran.summary()["status"], "incomplete");
    assert!(super::skipped(&ran).contains("too_large"), "{}", super::skipped(&ran));
    let ran = history.audit(&["--max-file-size", "80MiB"]).expect_status(1);
    assert_eq!(super::seeds(&ran, 3), [1, 2]);
    assert_eq!(ran.summary()["status"], "complete", "{}", super::skipped(&ran));
}
