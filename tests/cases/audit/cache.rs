//! What is kept of an audit for the next one: the answer is the same with it and without, whatever happened in between; it holds
//! no secret; and what is wrong with it is noticed.

use super::super::support::{Ran, token};
use super::oracle::{Making, Step, report, steps};
use super::{History, filler, finding, holding, paths, seeds};
use base64::Engine as _;
use plainsight::policy::{Allowances, Gate, Globs, Rotations};
use plainsight::rule::RuleSet;
use plainsight::scan::{Context, Progress, history};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// What happens to the objects between two audits.
const BETWEEN: [&str; 13] = [
    "true",
    "git repack -q -d",
    "git repack -q -ad",
    "git gc -q --prune=now",
    "git reflog expire --expire=now --all; git prune --expire=now",
    "git checkout -q --detach; git branch -D b0 main; git checkout -q -B main",
    // A pack of its own, as a fetch brings it.
    "git rev-list --objects --all --not --branches=b0 | cut -d' ' -f1 | git pack-objects -q .git/objects/pack/pack",
    // Only what is new is packed, and the rest stays loose.
    "git rev-list --objects HEAD^! | cut -d' ' -f1 | git pack-objects -q .git/objects/pack/pack; git prune-packed",
    // Back to loose objects.
    "mkdir -p ../packs; mv .git/objects/pack/* ../packs/; for p in ../packs/*.pack; do git unpack-objects -q <$p; done; rm -rf ../packs",
    "git repack -q -d --write-midx; git stash drop -q",
    // A commit of another repository.
    "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),b/sub && git commit -q -m sub",
    // Back to an older commit, and what was there lies in logs only.
    "git branch -f b9; git reset -q --hard HEAD~2; git branch -D b9",
    // A tree that no commit has.
    "git ls-tree -r HEAD | head -1 | sed 's/\t.*/\t.env/' | git mktree | git pack-objects -q .git/objects/pack/pack",
];

fn between() -> impl Strategy<Value = Vec<(Step, Option<usize>)>> {
    let something = prop::option::weighted(0.5, 0..BETWEEN.len());
    (steps(), prop::collection::vec(something, 16))
        .prop_map(|(steps, between)| steps.into_iter().zip(between).collect())
}

/// Where the caches of a history lie.
fn folder(history: &History) -> PathBuf {
    history.beside("home/.cache/plainsight")
}

/// The only one.
#[track_caller]
fn file(history: &History) -> PathBuf {
    let entries = fs::read_dir(folder(history)).expect("a cache was written");
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// How many blobs and commits were known.
fn known(ran: &Ran) -> Option<(u64, u64)> {
    let known = &ran.summary()["coverage"]["known"];
    known["blobs"].as_u64().zip(known["commits"].as_u64())
}

fn notes(ran: &Ran) -> String {
    ran.summary()["notes"].to_string()
}

/// Audits with the cache and without: both say the same.
#[track_caller]
fn same(history: &History, args: &[&str]) -> Ran {
    let plain = report(history, &history.path(""), &[&["--no-cache"], args].concat());
    let ran = history.audit(args);
    let difference = difference(&plain, &report(history, &history.path(""), args));
    assert!(difference.is_empty(), "{args:?}: {difference}");
    ran
}

/// Where two reports part.
fn difference(plain: &(i32, String), cached: &(i32, String)) -> String {
    if plain == cached {
        return String::new();
    }
    let lines = plain.1.lines().zip(cached.1.lines()).find(|(a, b)| a != b).unwrap_or(("", "one is longer"));
    let at = lines.0.bytes().zip(lines.1.bytes()).take_while(|(a, b)| a == b).count();
    let part = |line: &str| line.chars().skip(at.saturating_sub(300)).take(2600).collect::<String>();
    format!("without, {}: …{}…\nwith, {}: …{}…", plain.0, part(lines.0), cached.0, part(lines.1))
}

fn history() -> History {
    let history = History::new();
    history.write("a.c", filler(0));
    history.commit("root");
    history.write("t.c", holding(1, 4, 1));
    history.write("notes.txt", "PASSWORD=Tr0ub4dor3x\n");
    history.commit(&format!("added\n\n{}", token(2)));
    history.write("t.c", holding(2, 9, 1));
    history.write("b.bin", format!("\0\n{}\n", token(3)));
    history.git(&["tag", "-a", "v1", "-m", &format!("tag {}", token(4))]);
    history.commit("changed");
    history.git(&["repack", "-q", "-ad"]);
    history
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_cache_changes_nothing(steps in between(), sha256 in prop::bool::weighted(0.1), shared in prop::bool::weighted(0.2)) {
        let mut making = Making::of(History::with(if sha256 { &["--object-format=sha256"] } else { &[] }));
        let mut reached = 0;
        let mut at_folder = making.history.path("");
        for (at, (step, between)) in steps.iter().enumerate() {
            making.step(at, step);
            let Some(between) = between else { continue };
            making.try_git(BETWEEN[*between]);
            if shared && at > 2 && reached == 0 {
                making.try_git("git clone -q --shared . ../shared");
                at_folder = making.history.beside("shared");
                reached = at;
            }
            let plain = report(&making.history, &at_folder, &["--no-cache"]);
            prop_assert!(plain.0 < 4, "{}", plain.1);
            for run in 0..2 {
                let cached = report(&making.history, &at_folder, &[]);
                let difference = difference(&plain, &cached);
                prop_assert!(difference.is_empty(), "step {}, {}, run {}:\n{}", at, BETWEEN[*between], run, difference);
            }
        }
    }
}

#[test]
fn what_was_read_is_known_the_next_time() {
    let history = history();
    let first = same(&history, &[]);
    assert_eq!((known(&first), seeds(&first, 6)), (None, vec![1, 2, 3, 4]));
    assert_eq!(known(&same(&history, &[])), Some((5, 3)));
    history.write("new.c", holding(7, 2, 5));
    history.commit("loose");
    let ran = same(&history, &[]);
    assert_eq!((known(&ran), seeds(&ran, 6)), (Some((5, 3)), vec![1, 2, 3, 4, 5]));
    history.git(&["repack", "-q", "-d"]);
    same(&history, &[]);
    assert_eq!(known(&same(&history, &[])), Some((6, 4)), "the new pack is known as well");
    history.git(&["repack", "-q", "-adf"]);
    assert_eq!(known(&history.audit(&[])), None, "all packs are others");
    assert_eq!(known(&same(&history, &[])), Some((6, 4)));
    for args in [&["--range", "HEAD~1"][..], &["--no-unreachable"], &["--gone", "ps1-0123456789abcdef01234567"]] {
        assert_eq!(known(&same(&history, args)), Some((6, 4)));
    }
}

/// How many objects an audit reads.
fn objects_read(history: &History) -> u64 {
    let (rules, allowances, rotations) = (RuleSet::builtin(), Allowances::default(), Rotations::default());
    let (exclude, progress) = (Globs::default(), Progress::default());
    let context = Context {
        rules: &rules,
        gate: Gate::default(),
        allowances: &allowances,
        rotations: &rotations,
        exclude: &exclude,
        rebase: &|path| Some(path.to_owned()),
        inline_allow: true,
        progress: &progress,
    };
    let options = history::Options {
        threads: 2,
        max_size: 1 << 20,
        exhaustive: false,
        selection: history::Selection::default(),
        gone: None,
        submodules: false,
        cache: Some(history.beside("cache")),
    };
    history::audit(&history.path(""), &context, &options).expect("it is a repository");
    progress.files.load(Ordering::Relaxed)
}

#[test]
fn only_what_is_new_is_read() {
    let history = History::new();
    for version in 0..30 {
        history.write("a.c", filler(version));
        history.write(&format!("{version}/b.txt"), format!("text {version}\n"));
        // One secret, in ten versions of a file.
        if version > 19 {
            history.write("t.c", holding(version, 4, 1));
        }
        history.commit("one more");
    }
    // Without deltas each object is read alone.
    history.git(&["repack", "-q", "-adf", "--depth=0", "--window=0"]);
    // Thirty commits, as many trees of the top and of a folder each, and 70 blobs.
    assert_eq!(objects_read(&history), 30 + 30 + 30 + 30 + 30 + 10);
    assert_eq!(objects_read(&history), 1, "a blob with the secret");
    history.write("new.c", "int main(void);\n");
    history.commit("new");
    assert_eq!(objects_read(&history), 1 + 3, "and commit, tree and blob");
    history.git(&["mv", "t.c", "u.c"]);
    history.commit("renamed");
    // Two more: the newest of the ten versions, which has another name now, is the one that is read anyway.
    assert_eq!(objects_read(&history), 1 + 3 + 2);
}

#[test]
fn an_old_blob_with_a_new_name_is_searched_again() {
    let history = history();
    assert!(history.audit(&[]).each("rule").iter().all(|rule| !rule.starts_with("env")), "not under its old name");
    history.git(&["mv", "notes.txt", ".env"]);
    history.commit("renamed");
    let ran = same(&history, &[]);
    assert_eq!(known(&ran), Some((5, 3)));
    assert!(ran.each("rule").iter().any(|rule| rule.contains("env")), "{:?}", ran.each("rule"));
    history.git(&["mv", "t.c", "u.c"]);
    history.write(".aws/credentials", "[default]\n");
    history.commit("moved");
    same(&history, &[]);
    history.git(&["repack", "-q", "-d"]);
    // A folder that was there before gets a name that means something.
    let auth = base64::engine::general_purpose::STANDARD.encode("user:Tr0ub4dor1z");
    history.write("k/config.json", serde_json::json!({"auths": {"example.org": {"auth": auth}}}).to_string());
    history.commit("a folder");
    history.git(&["repack", "-q", "-d"]);
    same(&history, &[]);
    history.git(&["mv", "k", ".docker"]);
    history.commit("its name");
    same(&history, &[]);
}

#[test]
fn other_rules_and_settings_are_other_caches() {
    let history = history();
    history.write("other.txt", "the line a says nothing\nthe line b neither\n");
    history.commit("text");
    history.git(&["repack", "-q", "-ad"]);
    let all = history.audit(&[]);
    let rules = history.beside("rules");
    fs::create_dir(&rules).expect("it is new");
    let rule = |pattern: &str| {
        let text = format!(
            "id = \"own-token\"\ntitle = \"Own token\"\nseverity = \"high\"\nconfidence = \"strong\"\nanchors = [\"{pattern}\"]\n\
             pattern = '''(?P<secret>{pattern}[a-z ]{{10}})'''\nfilters = {{ placeholders = false, boundary = false }}\nwhy = \"w\"\n\
             examples = []\ncounter_examples = []\n[rotate]\nsteps = [\"s\"]\n"
        );
        fs::write(rules.join("own-token.toml"), text).expect("it can be written");
    };
    let own = rules.to_string_lossy().into_owned();
    rule("the line a");
    let ran = same(&history, &["--rules", &own]);
    assert!(ran.findings().len() > all.findings().len(), "{}", ran.stderr);
    assert_eq!(known(&same(&history, &["--rules", &own])), Some((6, 4)));
    rule("the line b");
    assert_eq!(known(&history.audit(&["--rules", &own])), None, "the same rule with another pattern");
    for args in [&["--no-inline-allow"][..], &["--max-file-size", "1"], &["--skip", "github-pat-classic"]] {
        assert_eq!(known(&history.audit(args)), None, "{args:?}");
        assert_eq!(known(&same(&history, args)), Some((6, 4)), "{args:?}");
    }
    // What is allowed, and what blocks, is judged anew.
    assert_eq!(known(&history.audit(&[])), None);
    history.write(
        "plainsight.toml",
        "[[allow]]\nreason = \"r\"\nrule = \"github-pat-classic\"\nwhole_file = true\npaths = [\"*\"]\n",
    );
    let ran = same(&history, &[]);
    assert_eq!(known(&ran), Some((6, 4)));
    assert_ne!(ran.summary()["findings"], all.summary()["findings"]);
    same(&history, &["--fail-on", "never"]);
}

#[test]
fn damage_is_noticed_and_mended() {
    let history = history();
    let plain = report(&history, &history.path(""), &["--no-cache"]);
    history.audit(&[]);
    let whole = fs::read(file(&history)).expect("it is there");
    let mut broken: Vec<Vec<u8>> = Vec::new();
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        broken.push(whole.clone());
        broken.last_mut().expect("it was pushed")[at] ^= 1;
    }
    broken.push(whole[..whole.len() - 1].to_vec());
    broken.push(whole[..whole.len() / 2].to_vec());
    broken.push(Vec::new());
    broken.push(b"something else".to_vec());
    broken.push([&whole[..], b"more"].concat());
    let is_noticed = |plain: &(i32, String), bytes: &[u8]| {
        fs::write(file(&history), bytes).expect("it is ours");
        let ran = history.audit(&[]);
        let is_noticed = notes(&ran).contains("is damaged");
        if is_noticed {
            assert_ne!(fs::read(file(&history)).expect("it is there"), bytes, "it was replaced");
        } else {
            fs::write(file(&history), bytes).expect("it is ours");
        }
        assert_eq!(&report(&history, &history.path(""), &[]), plain);
        is_noticed
    };
    // What is not asked for is not looked at either.
    let mut unnoticed: Vec<&Vec<u8>> = broken.iter().filter(|bytes| !is_noticed(&plain, bytes)).collect();
    assert!(unnoticed.len() < broken.len() / 2, "{} of {}", unnoticed.len(), broken.len());
    // A new tree asks what else names its entries.
    history.write("new.c", "int main(void);\n");
    history.commit("loose");
    let plain = report(&history, &history.path(""), &["--no-cache"]);
    unnoticed.retain(|bytes| !is_noticed(&plain, bytes));
    assert!(unnoticed.len() < broken.len() / 5, "{} of {}", unnoticed.len(), broken.len());
}

/// Who holds an old text is known, and brought up to date with what is new.
#[test]
fn who_holds_what_follows_what_happens() {
    let history = history();
    history.write("d/e/t.c", holding(1, 4, 1));
    history.commit("a copy");
    history.git(&["repack", "-q", "-ad"]);
    let commits = |ran: &Ran| finding(ran, &token(1))["commits"].as_u64();
    let removed = |ran: &Ran, place: usize| finding(ran, &token(1))["places"][place]["removed_in"].is_string();
    assert_eq!(commits(&same(&history, &[])), Some(3));
    let ran = same(&history, &[]);
    assert_eq!((commits(&ran), removed(&ran, 0), removed(&ran, 1)), (Some(3), false, false));
    history.git(&["rm", "-q", "t.c"]);
    history.commit("gone here");
    history.git(&["mv", "d/e/t.c", "d/u.c"]);
    history.commit("moved there");
    let ran = same(&history, &[]);
    assert_eq!(paths(&finding(&ran, &token(1))), ["t.c", "d/e/t.c", "d/u.c"]);
    assert_eq!((commits(&ran), removed(&ran, 0), removed(&ran, 1), removed(&ran, 2)), (Some(5), true, true, false));
    assert_eq!(known(&ran), Some((5, 4)));
    // Both commits go again, and another one comes.
    history.git(&["reset", "-q", "--hard", "HEAD~2"]);
    history.git(&["reflog", "expire", "--expire=now", "--all"]);
    history.git(&["prune", "--expire=now"]);
    history.write("other.c", filler(7));
    history.commit("another");
    let ran = same(&history, &[]);
    assert_eq!((commits(&ran), removed(&ran, 0), removed(&ran, 1)), (Some(4), false, false));
    for args in [&["--range", "HEAD~1"][..], &["--no-unreachable"], &["--since", "2020-01-01"], &["--submodules"]] {
        assert_eq!(known(&same(&history, args)), Some((5, 4)), "{args:?}");
    }
}

/// A tree names a text that comes later: those who hold the tree hold it then.
#[test]
fn what_was_missing_may_come() {
    let history = history();
    let text = holding(3, 2, 6);
    let blob = history.fed(&history.path(""), &["hash-object", "-w", "--stdin"], text.as_bytes()).trim().to_owned();
    let entry = format!("100644 blob {blob}\tlate.c\n");
    let inner = history.fed(&history.path(""), &["mktree"], entry.as_bytes()).trim().to_owned();
    let entry = format!("040000 tree {inner}\tinner\n");
    let tree = history.fed(&history.path(""), &["mktree"], entry.as_bytes()).trim().to_owned();
    let commit = history.git(&["commit-tree", "-m", "late", &tree]).trim().to_owned();
    history.git(&["update-ref", "refs/heads/late", &commit]);
    history.git(&["repack", "-q", "-d"]);
    // Of the three only commit and tree stay in a pack.
    let packs = history.path(".git/objects/pack");
    let kept = history.beside("kept");
    fs::rename(&packs, &kept).expect("both are folders");
    fs::create_dir(&packs).expect("it was moved");
    for entry in fs::read_dir(&kept).expect("it is there") {
        let pack = entry.expect("it can be listed").path();
        if pack.extension().is_some_and(|end| end == "pack") {
            let bytes = fs::read(&pack).expect("it is there");
            history.fed(&history.path(""), &["unpack-objects", "-q"], &bytes);
        }
    }
    let loose = |id: &str| history.path(".git/objects").join(&id[..2]).join(&id[2..]);
    let lost = [&inner, &blob].map(|id| (loose(id), fs::read(loose(id)).expect("it is loose")));
    history.fed(
        &history.path(""),
        &["pack-objects", "-q", ".git/objects/pack/pack"],
        format!("{commit}\n{tree}\n").as_bytes(),
    );
    history.git(&["prune-packed"]);
    for lost in &lost {
        fs::remove_file(&lost.0).expect("it is ours");
    }
    for lost in &lost {
        assert_eq!(same(&history, &[]).status, 1);
        same(&history, &[]);
        fs::write(&lost.0, &lost.1).expect("its folder is there");
    }
    let ran = same(&history, &[]);
    assert!(known(&ran).is_some());
    assert_eq!(paths(&finding(&ran, &token(6))), ["inner/late.c"]);
    assert_eq!(finding(&ran, &token(6))["commits"].as_u64(), Some(1));
}

/// Git touches a pack that holds what it is asked to write.
#[test]
fn a_pack_that_was_touched_is_proven_again() {
    let history = history();
    history.audit(&[]);
    let packs = fs::read_dir(history.path(".git/objects/pack")).expect("it is there");
    let mut packs = packs.map(|entry| entry.expect("it can be listed").path());
    let pack = packs.find(|path| path.extension().is_some_and(|end| end == "pack")).expect("all is packed");
    #[expect(clippy::permissions_set_readonly_false, reason = "the file is in a scratch folder")]
    let open = || {
        let mut permissions = pack.metadata().expect("it is there").permissions();
        permissions.set_readonly(false);
        fs::set_permissions(&pack, permissions).expect("it is ours");
        fs::OpenOptions::new().write(true).open(&pack).expect("it is ours")
    };
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    open().set_modified(later).expect("it is ours");
    assert_eq!(known(&same(&history, &[])), Some((5, 3)));
    let mut bytes = fs::read(&pack).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::io::Write::write_all(&mut open(), &bytes).expect("it is ours");
    let ran = same(&history, &[]);
    assert_eq!((known(&ran), ran.summary()["status"].as_str()), (None, Some("incomplete")));
}

#[test]
fn the_cache_of_another_repository_is_ignored() {
    let (one, other) = (history(), History::new());
    other.write("x.c", holding(3, 3, 5));
    other.commit("other");
    other.git(&["repack", "-q", "-ad"]);
    one.audit(&[]);
    other.audit(&[]);
    fs::copy(file(&one), file(&other)).expect("both are ours");
    let ran = other.audit(&[]);
    assert_eq!((known(&ran), seeds(&ran, 6)), (None, vec![5]));
    assert_eq!(known(&same(&other, &[])), Some((1, 1)));
}

#[test]
fn nothing_that_could_be_guessed_is_in_it() {
    use sha2::Digest as _;
    let history = history();
    history.write(".env", "PASSWORD=hunter22\nTOKEN=abcdefgh1234\n");
    history.commit("short");
    history.git(&["repack", "-q", "-ad"]);
    let ran = history.audit(&[]);
    let bytes = fs::read(file(&history)).expect("it is there");
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let mut secrets: Vec<Vec<u8>> =
        ran.each("secret").into_iter().filter(|secret| secret.len() > 5).map(String::into_bytes).collect();
    assert!(secrets.len() >= 6, "{}", ran.stdout);
    secrets.push(b"PASSWORD=hunter22\nTOKEN=abcdefgh1234\n".to_vec());
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD;
    for secret in &secrets {
        let reversed: Vec<u8> = secret.iter().rev().copied().collect();
        for form in [secret.clone(), reversed, base64.encode(secret).into_bytes(), hex(secret).into_bytes()] {
            assert!(!holds(&form[..form.len().min(6)]) && !holds(&form[form.len() - form.len().min(6)..]));
        }
        assert!(
            !holds(&sha2::Sha256::digest(secret)[..6]) && !holds(hex(&sha2::Sha256::digest(secret)[..6]).as_bytes())
        );
    }
    let objects = history.git(&["cat-file", "--batch-all-objects", "--batch-check"]);
    for line in objects.lines() {
        let (id, kind) = line.split_once(' ').expect("id and kind");
        let raw: Vec<u8> =
            (0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("digits")).collect();
        let reversed: Vec<u8> = raw.iter().rev().copied().collect();
        for form in [&raw[..5], &id.as_bytes()[..8], &reversed[..5]] {
            assert!(!holds(form), "the id of a {kind}");
        }
    }
    for finding in ran.findings() {
        let id = finding["id"].as_str().expect("it has one");
        assert!(!holds(&id.as_bytes()[4..12]), "nor that of a finding");
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn it_lies_where_it_may() {
    let history = history();
    history.audit(&["--no-cache"]);
    history.audit(&["--exhaustive"]);
    assert!(!folder(&history).exists(), "neither keeps anything");
    // In a folder that is named, which is made.
    let named = history.beside("c/d");
    let name = named.to_string_lossy().into_owned();
    history.audit(&["--cache", &name]);
    assert_eq!(known(&history.audit(&["--cache", &name])), Some((5, 3)));
    assert!(!folder(&history).exists());
    assert_eq!(known(&history.audit(&["--exhaustive"])), None);
    // Never in the repository, however it is written.
    for inside in [".git", ".git/cache/new", "cache", "../tree/cache", "."] {
        let ran = history.audit(&["--cache", inside]).expect_status(2);
        assert!(ran.stderr.contains("lies in the repository"), "{}", ran.stderr);
    }
    assert!(history.audit(&["--cache", &name, "--no-cache"]).status == 2);
    // No home at all.
    let mut command = history.scratch.command(&["audit", "--format", "jsonl"]);
    let ran = super::finish(command.env_remove("HOME"), b"");
    assert_eq!((ran.status, notes(&ran).as_str()), (1, "[]"));
    // A home that is the work tree.
    let ran = super::finish(command.env("HOME", history.path("")), b"");
    assert!(ran.status == 1 && notes(&ran).contains("lies in the repository"), "{}", ran.stdout);
    assert!(!history.path(".cache").exists());
}

#[test]
fn what_was_kept_of_a_repository_that_is_gone_goes_too() {
    let (history, other) = (history(), History::new());
    let caches = history.beside("caches");
    let name = caches.to_string_lossy().into_owned();
    let list = || {
        let entries = fs::read_dir(&caches).expect("it was made");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("it can be listed").file_name()).collect();
        names.sort();
        names
    };
    other.write("x.c", holding(3, 3, 5));
    other.commit("other");
    other.git(&["repack", "-q", "-ad"]);
    other.audit(&["--cache", &name]);
    let abandoned = list();
    assert_eq!(abandoned.len(), 1);
    // What is no cache, or is not called as one, is somebody else's.
    fs::copy(caches.join(&abandoned[0]), caches.join("copy.audit")).expect("it is ours");
    fs::write(caches.join("text.audit"), "a text").expect("it is ours");
    history.audit(&["--cache", &name]);
    assert_eq!(list().len(), 4, "both are there");
    drop(other);
    assert_eq!(known(&history.audit(&["--cache", &name])), Some((5, 3)));
    assert_eq!(list().len(), 4, "nothing was written");
    history.git(&["repack", "-q", "-adf"]);
    history.audit(&["--cache", &name]);
    assert_eq!(list().len(), 3);
    assert!(!list().contains(&abandoned[0]) && caches.join("copy.audit").exists());
    assert_eq!(known(&history.audit(&["--cache", &name])), Some((5, 3)));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_note() {
    let history = history();
    // No folder can be made below a file: this holds for an administrator, too.
    fs::write(history.beside("home/.cache"), "a file").expect("the home is ours");
    let plain = history.audit(&["--no-cache"]);
    let ran = history.audit(&[]);
    assert_eq!((ran.status, ran.findings(), ran.summary()["status"].clone()), (1, plain.findings(), "complete".into()));
    assert!(notes(&ran).contains("could not be written"), "{}", notes(&ran));
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_or_writes_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let history = history();
    history.audit(&[]);
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&folder(&history)), mode(&file(&history))), (0o700, 0o600));
    fs::set_permissions(file(&history), fs::Permissions::from_mode(0o666)).expect("it is ours");
    let ran = history.audit(&[]);
    assert!(known(&ran).is_none() && notes(&ran).contains("may be written by others"), "{}", notes(&ran));
    assert_eq!(mode(&file(&history)), 0o600, "it was replaced");
    assert!(known(&history.audit(&[])).is_some());
}
