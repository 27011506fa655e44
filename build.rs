//! Turns `patterns/**/*.toml` into tables of the program, so that starting up parses nothing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/rule/file.rs"]
mod file;
#[path = "src/finding/level.rs"]
mod level;
#[path = "src/rule/place.rs"]
mod place;

use file::RuleFile;

fn main() {
    println!("cargo:rerun-if-changed=patterns");
    println!("cargo:rerun-if-changed=src");
    if Path::new("Cargo.lock").exists() {
        println!("cargo:rerun-if-changed=Cargo.lock");
    }
    println!("cargo:rustc-env=PLAINSIGHT_SOURCES={:016x}", sources());
    let mut paths = Vec::new();
    collect(Path::new("patterns"), &mut paths);
    let mut rules: Vec<(String, RuleFile)> = paths.iter().map(|path| read(path)).collect();
    rules.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    for pair in rules.windows(2) {
        assert!(pair[0].1.id != pair[1].1.id, "two rules have the id {}: rename one", pair[0].1.id);
    }
    let mut out = String::from("/// Every rule of `patterns/`, sorted by id.\npub static RULES: &[Rule] = &[\n");
    for (kind, rule) in &rules {
        emit(&mut out, kind, rule);
    }
    out.push_str("];\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("builtin.rs");
    fs::write(&target, out).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            out.push(path);
        }
    }
}

fn read(path: &Path) -> (String, RuleFile) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rule: RuleFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    assert!(
        stem.as_deref() == Some(rule.id.as_str()),
        "{}: the id is {}, not the file's name",
        path.display(),
        rule.id
    );
    let kind = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    (kind.unwrap_or_default(), rule)
}

/// A checksum (FNV-1a) of all that the program is made from, by which a cache knows whether it was written by the same.
fn sources() -> u64 {
    let mut folders: Vec<PathBuf> = ["src", "patterns"].map(PathBuf::from).into();
    let mut files = vec![PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for path in files {
        // A package may come without a lock file.
        let bytes = fs::read(&path).unwrap_or_default();
        for byte in path.to_string_lossy().bytes().chain(bytes).chain([0]) {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    sum
}

/// Writes one rule as a constant expression; the names used are those in scope in `src/rule/builtin.rs`.
fn emit(out: &mut String, kind: &str, rule: &RuleFile) {
    let form = form(rule);
    let filters = &rule.filters;
    let (default_entropy, default_precedence) = rule.defaults();
    let _ = writeln!(
        out,
        "    Rule {{ id: {:?}, family: {:?}, kind: {kind:?}, title: {:?}, severity: Severity::{:?}, \
         confidence: Confidence::{:?}, form: {form}, check: {}, filters: Filters {{ entropy: {}, placeholders: {}, \
         boundary: {}, stop_words: {}, not_near: {}, under: {}, not_under: {} }}, files: Files {{ names: {}, not_names: {}, content: {} }}, \
         pairs: {}, precedence: {}, why: {:?}, examples: {}, counter_examples: {}, rotate: Rotate {{ \
         revoke_url: {:?}, revoke_command: {:?}, steps: {}, docs: {:?} }} }},",
        rule.id,
        rule.family.as_ref().unwrap_or(&rule.id),
        rule.title,
        rule.severity,
        rule.confidence,
        option(rule.check.as_deref()),
        filters.entropy.or(default_entropy).map_or_else(|| "None".into(), |bits| format!("Some({bits:?}_f32)")),
        filters.placeholders.unwrap_or(true),
        filters.boundary.unwrap_or(true),
        list(&filters.stop_words),
        list(&filters.not_near),
        list(&filters.under),
        list(&filters.not_under),
        list(&rule.files.names),
        list(&rule.files.not_names),
        option(rule.files.content.as_deref()),
        list(&rule.pairs),
        rule.precedence.unwrap_or(default_precedence),
        rule.why,
        list(&rule.examples),
        list(&rule.counter_examples),
        rule.rotate.revoke_url,
        rule.rotate.revoke_command,
        list(&rule.rotate.steps),
        rule.rotate.docs,
    );
}

fn form(rule: &RuleFile) -> String {
    let (anchors, keywords, providers) = (list(&rule.anchors), list(&rule.keywords), list(&rule.providers));
    match (&rule.pattern, &rule.value, &rule.assignment) {
        (Some(pattern), None, None) => {
            let names: Vec<&str> = rule.anchors.iter().map(String::as_str).collect();
            let boundary = rule.filters.boundary.unwrap_or(true);
            let words: Vec<&str> = rule.keywords.iter().map(String::as_str).collect();
            let place = place::of_pattern(pattern, &names, &words, boundary);
            format!(
                "Form::Pattern {{ pattern: {pattern:?}, anchors: {anchors}, keywords: {keywords}, \
                 place: Kind::{place:?} }}"
            )
        }
        (None, Some(value), None) => {
            format!("Form::Value {{ value: {value:?}, keywords: {keywords}, providers: {providers} }}")
        }
        (None, None, Some(assignment)) => format!("Form::Assignment {{ keys: {} }}", list(&assignment.keys)),
        (None, None, None) => "Form::File".into(),
        _ => panic!("{}: a rule has one of pattern, value and [assignment]", rule.id),
    }
}

fn list(items: &[String]) -> String {
    let mut out = String::from("&[");
    for item in items {
        let _ = write!(out, "{item:?},");
    }
    out.push(']');
    out
}

fn option(item: Option<&str>) -> String {
    item.map_or_else(|| "None".into(), |item| format!("Some({item:?})"))
}
