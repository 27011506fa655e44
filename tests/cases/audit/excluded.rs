//! `[files] exclude`: what is found at such a path is left out and counted; what lies elsewhere too is told from there.

use super::super::support::token;
use super::{History, finding, holding, paths, seeds};

fn history() -> History {
    let history = History::new();
    history.write("plainsight.toml", "[files]\nexclude = [\"third_party/\", \"*.sample\"]\n");
    history.write("third_party/a.c", holding(0, 4, 1));
    history.write("src/third_party/b.c", holding(1, 4, 1));
    history.commit("of others");
    history
}

#[test]
fn what_is_found_at_excluded_paths_is_counted() {
    let history = history();
    let ran = history.audit(&[]).expect_status(0);
    assert_eq!((ran.findings().len(), ran.summary()["status"].as_str()), (0, Some("complete")));
    assert_eq!(ran.summary()["coverage"]["skipped"]["excluded"], 2);
    let excluded = ["src/third_party/b.c", "third_party/a.c"].map(|path| (path.to_owned(), "excluded".to_owned()));
    assert_eq!(ran.skips(), excluded);
    // They are read all the same.
    assert_eq!(ran.summary()["coverage"]["blobs"], 3);
}

#[test]
fn what_lies_elsewhere_too_is_told_from_there() {
    let history = history();
    history.write("own.c", holding(2, 7, 1));
    history.write("x.sample", holding(3, 7, 2));
    history.commit("copied");
    history.git(&["mv", "x.sample", "x.c"]);
    history.commit("renamed");
    history.write("y.c", holding(4, 7, 3));
    history.commit("own");
    let ran = history.audit(&[]).expect_status(1);
    assert_eq!(seeds(&ran, 9), [1, 2, 3]);
    assert_eq!(paths(&finding(&ran, &token(1))), ["own.c"]);
    // The same object stood at the excluded path before.
    assert_eq!(paths(&finding(&ran, &token(2))), ["x.c"]);
    assert_eq!(ran.summary()["coverage"]["skipped"]["excluded"], 3);
    for args in [&["--exhaustive"][..], &["--threads", "1"]] {
        assert_eq!(history.audit(args).findings(), ran.findings());
    }
}

#[test]
fn only_files_are_excluded() {
    let history = History::new();
    history.write("plainsight.toml", "[files]\nexclude = [\"*\"]\n");
    history.write("a.c", holding(0, 4, 1));
    history.commit(&format!("says {}", token(2)));
    history.git(&["tag", "-a", "-m", &token(3), "t"]);
    history.blob(holding(1, 4, 4).as_bytes());
    assert_eq!(seeds(&history.audit(&[]).expect_status(1), 9), [2, 3, 4]);
}

#[test]
fn nothing_is_gone_because_it_is_excluded() {
    let history = history();
    let config = std::fs::read(history.path("plainsight.toml")).expect("it is there");
    std::fs::remove_file(history.path("plainsight.toml")).expect("it is there");
    let id = finding(&history.audit(&[]), &token(1))["id"].as_str().expect("a text").to_owned();
    history.write("plainsight.toml", config);
    let ran = history.audit(&["--gone", &id]).expect_status(1);
    assert_eq!(paths(&finding(&ran, &token(1))), ["src/third_party/b.c", "third_party/a.c"]);
}

#[test]
fn a_configuration_that_lies_below_is_about_what_lies_below() {
    let history = history();
    history.git(&["rm", "-q", "plainsight.toml"]);
    history.write("src/plainsight.toml", "[files]\nexclude = [\"/third_party/\"]\n");
    let ran = history.audit_in(&history.path("src"), &[]).expect_status(1);
    assert_eq!(paths(&finding(&ran, &token(1))), ["third_party/a.c"]);
}
