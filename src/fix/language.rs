//! Languages: how each reads a variable of the environment, and where a string literal cannot become that.
//!
//! A language refuses whatever is not surely a valid statement afterwards: constants, types, annotations, keys. The next
//! step is a person's then.

use super::lexis::{Lexis, quote};

/// A language that values are replaced in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Python,
    JavaScript,
    TypeScript,
    Ruby,
    Go,
    Rust,
    Php,
    Java,
    CSharp,
    Shell,
    Compose,
}

/// The line around a literal, without it.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The text from the beginning of the file.
    pub all_before: &'a str,
    /// From the beginning of the line.
    pub before: &'a str,
    /// To the end of the line.
    pub after: &'a str,
}

impl Language {
    /// By the file's name.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_compose = name.starts_with("docker-compose") || name.starts_with("compose");
        Some(match ending {
            "py" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "ts" | "mts" | "cts" | "tsx" => Self::TypeScript,
            "rb" | "rake" => Self::Ruby,
            "go" => Self::Go,
            "rs" => Self::Rust,
            "php" => Self::Php,
            "java" => Self::Java,
            "cs" => Self::CSharp,
            "sh" | "bash" | "zsh" | "ksh" => Self::Shell,
            "yml" | "yaml" if is_compose => Self::Compose,
            _ => return None,
        })
    }

    /// How its remarks and strings are written; none for those that are not read that way.
    pub const fn lexis(self) -> Option<Lexis> {
        let c_like = Lexis {
            line_remarks: &["//"],
            block_remark: Some(("/*", "*/")),
            quotes: const { &[quote("\"", false), quote("'", false)] },
            skips: &[],
        };
        Some(match self {
            Self::Python => Lexis {
                line_remarks: &["#"],
                block_remark: None,
                quotes: const { &[quote("\"\"\"", true), quote("'''", true), quote("\"", false), quote("'", false)] },
                skips: &[],
            },
            Self::JavaScript | Self::TypeScript => {
                Lexis { quotes: const { &[quote("\"", false), quote("'", false), quote("`", true)] }, ..c_like }
            }
            Self::Ruby | Self::Shell => Lexis {
                line_remarks: &["#"],
                block_remark: None,
                quotes: const { &[quote("\"", true), quote("'", true)] },
                skips: &["\\\"", "\\'"],
            },
            Self::Go => {
                Lexis { quotes: const { &[quote("`", true), quote("\"", false), quote("'", false)] }, ..c_like }
            }
            // Of a lifetime's mark no string begins.
            Self::Rust => Lexis { quotes: const { &[quote("\"", true)] }, skips: &["'\"'", "'\\\"'"], ..c_like },
            Self::Php => {
                Lexis { line_remarks: &["//", "#"], quotes: const { &[quote("\"", true), quote("'", true)] }, ..c_like }
            }
            Self::Java | Self::CSharp => c_like,
            Self::Compose => return None,
        })
    }

    /// What stands in place of the literal.
    pub fn read(self, variable: &str) -> String {
        match self {
            Self::Python => format!("os.environ[\"{variable}\"]"),
            Self::JavaScript => format!("process.env.{variable}"),
            // The type of a variable that may be missing would not fit a string.
            Self::TypeScript => format!("process.env.{variable}!"),
            Self::Ruby => format!("ENV.fetch(\"{variable}\")"),
            Self::Go => format!("os.Getenv(\"{variable}\")"),
            Self::Rust => format!("std::env::var(\"{variable}\").expect(\"{variable} is set\")"),
            Self::Php => format!("getenv('{variable}')"),
            Self::Java => format!("System.getenv(\"{variable}\")"),
            Self::CSharp => format!("System.Environment.GetEnvironmentVariable(\"{variable}\")"),
            Self::Shell => format!("\"${{{variable}}}\""),
            Self::Compose => format!("${{{variable}}}"),
        }
    }

    /// Why the literal there cannot be an expression, if it cannot.
    pub fn refuses(self, around: Around<'_>) -> Option<&'static str> {
        let Around { all_before, before, after } = around;
        let (start, end) = (before.trim_start(), after.trim_start());
        let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
        let is_alone = start.is_empty() && end.trim_end_matches([';', ' ', '\r']).is_empty();
        match self {
            Self::Python if is_alone => Some("it stands alone, as a docstring does"),
            Self::Python if touches_quote(all_before, after) => Some("it is one part of a longer string"),
            Self::Python if begins(&["case "]) => Some("a pattern must be a constant"),
            Self::JavaScript | Self::TypeScript => script(start, end, is_alone),
            Self::Ruby if end.starts_with(':') => Some("it is a key"),
            Self::Ruby if is_alone || touches_quote(all_before, after) => Some("it is one part of a longer string"),
            Self::Go => go(all_before, start, end),
            Self::Php if begins(&["const ", "#["]) || before.contains(" const ") => {
                Some("a constant must be known before")
            }
            Self::Php if begins(&["public ", "private ", "protected ", "var ", "static "]) => {
                Some("the default of a property must be a constant")
            }
            Self::Php if all_before.rfind("<?") < all_before.rfind("?>") || !all_before.contains("<?") => {
                Some("it stands outside of the code")
            }
            Self::Java | Self::CSharp if begins(&["case ", "@", "["]) || before.contains(" @") => {
                Some("it must be a constant there")
            }
            Self::CSharp if before.contains("const ") => Some("a constant must be known before"),
            Self::CSharp if in_parameters(before) => Some("the default of a parameter must be a constant"),
            _ => None,
        }
    }
}

fn script(start: &str, end: &str, is_alone: bool) -> Option<&'static str> {
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if is_alone {
        Some("it stands alone, as a directive does")
    } else if begins(&["import ", "export * from", "type ", "export type ", "interface ", "declare "])
        || start.ends_with("from ")
        || start.ends_with("import(")
    {
        Some("it is no expression there")
    } else if end.starts_with(':')
        && (start.is_empty() || start.ends_with(['{', ',', '{']) || start.ends_with(", ") || start.ends_with("{ "))
    {
        Some("it is a key")
    } else if start.ends_with('=') && start.contains('<') {
        Some("it is an attribute of a tag: write {process.env.…} there")
    } else if end.starts_with("as const")
        || start.ends_with('|')
        || start.ends_with("| ")
        || end.starts_with('|') && !end.starts_with("||")
    {
        Some("it is a type")
    } else {
        None
    }
}

fn go(all_before: &str, start: &str, end: &str) -> Option<&'static str> {
    let in_block = |word: &str| {
        let opened = all_before.rfind(&format!("\n{word} (")).map(|at| at + 1);
        opened.is_some_and(|at| !all_before[at..].contains("\n)"))
    };
    if start.starts_with("const ") || in_block("const") {
        Some("a constant must be known before: make it a variable")
    } else if start.starts_with("import ")
        || in_block("import")
        || (end.is_empty() && start.ends_with(' ') && !start.ends_with("= "))
    {
        Some("it is no expression there")
    } else {
        None
    }
}

/// Two literals beside each other are one.
fn touches_quote(before: &str, after: &str) -> bool {
    before.trim_end().ends_with(['"', '\'']) || after.trim_start().starts_with(['"', '\''])
}

/// `(string key = ` of a declaration; in a call, `=` stands in no argument.
fn in_parameters(before: &str) -> bool {
    let opened = before.matches('(').count() > before.matches(')').count();
    opened && before.trim_end().ends_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_expression_is_refused() {
        use Language::{CSharp, Compose, Go, Java, JavaScript, Php, Python, Ruby, Rust, Shell, TypeScript};
        for (language, text, fine) in [
            (Python, "a = @", true),
            (Python, "f(key=@)", true),
            (Python, "@", false),
            (Python, "a = 'x' @", false),
            (JavaScript, "const a = @;", true),
            (JavaScript, "f({ key: @ })", true),
            (JavaScript, "f({ @: 1 })", false),
            (JavaScript, "a ? @ : b", true),
            (JavaScript, "return <Pay key=@ />", false),
            (JavaScript, "import x from @", false),
            (TypeScript, "type A = @", false),
            (TypeScript, "const a = @ as const", false),
            (Ruby, "a = @", true),
            (Ruby, "{ @: 1 }", false),
            (Go, "package a\n\nvar a = @", true),
            (Go, "package a\n\nconst a = @", false),
            (Go, "package a\n\nconst (\n\ta = @", false),
            (Go, "package a\n\nvar (\n\ta = @", true),
            (Php, "<?php\n$a = @;", true),
            (Php, "<?php\nconst A = @;", false),
            (Php, "<?php\nclass A {\n  private $a = @;", false),
            (Php, "<p class=@>", false),
            (Java, "String a = @;", true),
            (Java, "@Value(@)", false),
            (CSharp, "var a = @;", true),
            (CSharp, "public const string A = @;", false),
            (CSharp, "void F(string a = @)", false),
            (Rust, "let a = @;", true),
            (Shell, "A=@", true),
            (Compose, "  A: @", true),
        ] {
            // The last `@` is the literal.
            let (all_before, after) = text.rsplit_once('@').expect("each case has one");
            let before = all_before.rsplit('\n').next().unwrap_or_default();
            let refused = language.refuses(Around { all_before, before, after });
            assert_eq!(refused.is_none(), fine, "{language:?} {text}: {refused:?}");
        }
    }
}
