//! Reads the source files: which layer uses which, and what is written nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with those that it may use. `rule` and `finding` name each other's types: a finding carries its rule.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("replace", &[]),
    ("candidate", &["text"]),
    ("finding", &["rule", "text"]),
    ("rule", &["finding", "text"]),
    ("git", &["text"]),
    ("source", &["candidate", "finding", "git", "text"]),
    ("engine", &["candidate", "finding", "rule", "text"]),
    ("policy", &["finding", "text"]),
    ("config", &["finding", "policy", "replace", "text"]),
    ("fix", &["engine", "finding", "git", "policy", "replace", "text"]),
    ("report", &["finding", "policy", "rule", "text"]),
    ("scan", &["candidate", "engine", "finding", "git", "policy", "replace", "rule", "source", "text"]),
    ("hook", &["finding", "git", "replace", "text"]),
    ("prove", &["engine", "finding", "rule", "scan"]),
    (
        "cli",
        &[
            "candidate",
            "config",
            "engine",
            "finding",
            "fix",
            "git",
            "hook",
            "policy",
            "prove",
            "report",
            "rule",
            "scan",
            "source",
            "text",
        ],
    ),
];

/// A source file without its tests.
struct Source {
    /// From `src`, with `/`.
    path: String,
    /// Without comments and `#[cfg(test)]` items.
    code: String,
    text: String,
}

impl Source {
    fn layer(&self) -> &str {
        self.path.split('/').next().map_or("", |first| first.trim_end_matches(".rs"))
    }

    /// How many modules lie between the file and the top of the crate.
    fn depth(&self) -> usize {
        self.path.split('/').count() - usize::from(self.path.ends_with("/mod.rs"))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let mut sources: Vec<Source> = paths.iter().map(|path| read(&root, path)).collect();
    let tests: Vec<String> = sources.iter().flat_map(test_modules).collect();
    let is_test =
        |path: &str| tests.iter().any(|test| path == format!("{test}.rs") || path.starts_with(&format!("{test}/")));
    sources.iter_mut().filter(|source| is_test(&source.path)).for_each(|source| source.code.clear());
    assert!(sources.len() > 50, "the sources are where they were");
    sources
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources can be listed") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a source file is UTF-8");
    let path = path.strip_prefix(root).expect("it lies in the root").to_string_lossy().replace('\\', "/");
    Source { path, code: code_of(&text), text }
}

/// Without comments and the items behind `#[cfg(test)]`, which rustfmt ends at a `}` or `;` at their own indent.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("#[cfg(test)]") {
            let indent = &line[..line.len() - trimmed.len()];
            for inner in lines.by_ref() {
                let Some(own) = inner.strip_prefix(indent).filter(|own| !own.starts_with(' ')) else { continue };
                if own.starts_with('}') || own.ends_with(';') || own.ends_with('}') {
                    break;
                }
            }
        } else if !trimmed.starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// The modules of a file that are there for tests only, as paths from `src` without an ending.
fn test_modules(source: &Source) -> Vec<String> {
    let folder = match source.path.strip_suffix("/mod.rs") {
        Some(folder) => folder,
        None => source.path.trim_end_matches(".rs"),
    };
    let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
    let behind = |pair: &[&str]| {
        let name = pair[1].strip_suffix(';').and_then(|item| item.split_once("mod ")).map(|(_, name)| name.to_owned());
        name.filter(|_| pair[0] == "#[cfg(test)]")
    };
    lines.windows(2).filter_map(behind).map(|name| format!("{folder}/{name}")).collect()
}

/// The layers that a file names: `crate::x`, `crate::{x, y::z}`, and `super::x` from the top of a layer.
fn used(source: &Source) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let to_top = "super::".repeat(source.depth());
    for prefix in ["crate::", &to_top] {
        for (at, _) in source.code.match_indices(prefix) {
            let before = source.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$' || c == ':') {
                continue;
            }
            let rest = &source.code[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(list) => found.extend(top_names(list)),
                None => found.extend(name(rest)),
            }
        }
    }
    found
}

fn name(text: &str) -> Option<String> {
    let name: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The first names of a braced list, up to its end.
fn top_names(list: &str) -> Vec<String> {
    let (mut names, mut depth, mut begins) = (Vec::new(), 0_u32, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if begins && !c.is_whitespace() => {
                names.extend(name(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn every_edge_is_in_the_table() {
    let layers: BTreeSet<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !["lib.rs", "main.rs"].contains(&source.path.as_str())) {
        let layer = source.layer();
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!("src/{}: the layer `{layer}` is not in the table", source.path));
            continue;
        };
        for other in used(source).iter().filter(|other| *other != layer && layers.contains(other.as_str())) {
            if !allowed.contains(&other.as_str()) {
                wrong.push(format!("src/{}: `{layer}` may not use `{other}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_take_only_types_from_findings() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| source.layer() == "rule")
        .flat_map(|source| {
            let uses = source.code.lines().filter(|line| line.contains("crate::finding"));
            uses.filter(|line| !["Confidence", "Severity", "level"].iter().any(|name| line.contains(name)))
                .map(|line| format!("src/{}: {line}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What may stand in some files only.
const RESTRICTED: &[(&str, &[&str])] = &[
    ("unsafe {", &["engine/simd.rs"]),
    ("unsafe fn", &["engine/simd.rs"]),
    ("unsafe impl", &[]),
    ("unsafe extern", &[]),
    (".unwrap()", &[]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("dbg!", &[]),
    ("process::exit", &["cli/progress.rs"]),
    // The repair writes it into the code of others.
    ("std::env", &["cli/", "fix/language.rs"]),
];

#[test]
fn what_is_restricted_stays_where_it_may_be() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, allowed) in RESTRICTED {
            let is_allowed = allowed
                .iter()
                .any(|path| source.path == *path || (path.ends_with('/') && source.path.starts_with(path)));
            let lines = source.code.lines().filter(|line| line.contains(word));
            wrong.extend(lines.filter(|_| !is_allowed).map(|line| format!("src/{}: {}", source.path, line.trim())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > 700 {
            wrong.push(format!("src/{}: {lines} lines, and 700 is a reason to split", source.path));
        }
        if !source.text.starts_with("//!") {
            wrong.push(format!("src/{}: does not open with what belongs there", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_sees_what_it_must() {
    let source = |text: &str| Source { path: "scan/mod.rs".into(), code: code_of(text), text: text.into() };
    let names = |text: &str| used(&source(text)).into_iter().collect::<Vec<_>>();
    assert_eq!(names("use crate::{a, b::{c, d}, e};\n// crate::f\nfn x() { crate::g::h() }"), ["a", "b", "e", "g"]);
    assert_eq!(names("use super::a;\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}\nuse crate::c;"), ["a", "c"]);
    assert_eq!(names("#[cfg(test)]\nmod tests;\nuse crate::c;"), ["c"]);
    assert_eq!(test_modules(&source("#[cfg(test)]\npub(crate) mod x;")), ["scan/x"]);
}
