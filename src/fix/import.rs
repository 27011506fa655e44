//! The import that an expression needs, added where it surely may stand.

use super::language::Language;
use super::line_end;

/// What is to be done about an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// It is there, or none is needed.
    Here,
    /// This line at this offset.
    Added(usize, String),
    /// It is not clear where it may stand.
    Missing,
}

/// What the expression needs, put where it surely may stand.
pub fn import(text: &[u8], language: Language) -> Import {
    let end = line_end(text);
    let text = String::from_utf8_lossy(text);
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, line));
        at += line.len();
    }
    match language {
        Language::Python => python_import(&lines, end),
        Language::Go => go_import(&text, &lines, end),
        _ => Import::Here,
    }
}

fn python_import(lines: &[(usize, &str)], end: &str) -> Import {
    let is_here = |line: &str| {
        let names = line.trim_end().strip_prefix("import ");
        names.is_some_and(|names| names.split(',').any(|name| name.trim() == "os"))
    };
    if lines.iter().any(|(_, line)| is_here(line)) {
        return Import::Here;
    }
    let is_import =
        |line: &str| line.starts_with("import ") || (line.starts_with("from ") && !line.starts_with("from __future__"));
    if let Some((at, _)) = lines.iter().find(|(_, line)| is_import(line)) {
        return Import::Added(*at, format!("import os{end}"));
    }
    // Behind the remarks at the top, unless a docstring stands there, or what must come before all imports.
    let first = lines.iter().find(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    match first {
        Some((at, line)) if !line.starts_with(['"', '\'', 'r', 'R', 'u', 'U']) && !line.starts_with("from ") => {
            Import::Added(*at, format!("import os{end}{end}"))
        }
        _ => Import::Missing,
    }
}

fn go_import(text: &str, lines: &[(usize, &str)], end: &str) -> Import {
    if text.contains("\"os\"") {
        return Import::Here;
    }
    let begins = |word: &str| lines.iter().find(|(_, line)| line.starts_with(word) && line.ends_with('\n'));
    match (begins("import ("), begins("package ")) {
        (Some((at, line)), _) => Import::Added(at + line.len(), format!("\t\"os\"{end}")),
        (None, Some((at, line))) => Import::Added(at + line.len(), format!("{end}import \"os\"{end}")),
        (None, None) => Import::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_added_once_and_where_it_may_stand() {
        let added = |text: &str, language| match import(text.as_bytes(), language) {
            Import::Added(at, line) => format!("{}{line}{}", &text[..at], &text[at..]),
            Import::Here => "here".to_owned(),
            Import::Missing => "missing".to_owned(),
        };
        use Language::{Go, Python};
        for (language, text, expected) in [
            (Python, "import re, os\n", "here"),
            (
                Python,
                "#!/x\nfrom __future__ import a\nimport re\n",
                "#!/x\nfrom __future__ import a\nimport os\nimport re\n",
            ),
            (Python, "# a\nb = 1\r\n", "# a\nimport os\r\n\r\nb = 1\r\n"),
            (Python, "\"\"\"Doc.\"\"\"\nb = 1\n", "missing"),
            (Go, "package a\n\nimport (\n\t\"fmt\"\n)\n", "package a\n\nimport (\n\t\"os\"\n\t\"fmt\"\n)\n"),
            (Go, "package a\n\nimport \"fmt\"\n", "package a\n\nimport \"os\"\n\nimport \"fmt\"\n"),
            (Go, "package a\nimport \"os\"\n", "here"),
        ] {
            assert_eq!(added(text, language), expected);
        }
    }
}
