//! What kind of file a path names, as far as it changes how an assignment is read.

/// How bare words on the right of an assignment are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// An environment file: every line is an assignment, and a bare word is a value.
    Env,
    /// Configuration and data: a bare word is a value.
    Config,
    /// Scripts of a shell: a bare word is a value, `$X` a reference.
    Shell,
    /// Source code: a bare word is an expression, never a value.
    Code,
    /// Text for people: a bare word may be anything.
    Prose,
}

impl FileKind {
    /// By the file's name; what is unknown is prose.
    #[must_use]
    pub fn of(path: &[u8]) -> Self {
        if path.is_empty() {
            return Self::Prose;
        }
        let name = path.rsplit(|&byte| byte == b'/' || byte == b'\\').next().unwrap_or(path).to_ascii_lowercase();
        let Ok(name) = std::str::from_utf8(&name) else { return Self::Prose };
        if super::envfile::EnvName::of(name).is_some() {
            return Self::Env;
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        // `config.yml.example` is configuration all the same.
        let extension = match extension {
            "example" | "sample" | "template" | "dist" | "tpl" | "tmpl" | "j2" | "erb" | "bak" | "orig" | "old"
            | "in" | "default" => stem.rsplit_once('.').map_or("conf", |(_, inner)| inner),
            extension => extension,
        };
        if CONFIG_NAMES.contains(&name) || CONFIG.contains(&extension) {
            Self::Config
        } else if SHELL_NAMES.iter().any(|known| name.starts_with(known)) || SHELL.contains(&extension) {
            Self::Shell
        } else if CODE.contains(&extension) {
            Self::Code
        } else {
            Self::Prose
        }
    }

    /// Whether a value may stand without quotes.
    #[must_use]
    pub const fn takes_bare_values(self) -> bool {
        !matches!(self, Self::Code)
    }
}

const CONFIG_NAMES: &[&str] = &[
    "credentials",
    "config",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".s3cfg",
    ".boto",
    ".npmrc",
    ".yarnrc",
    ".pypirc",
    ".dockercfg",
    "kubeconfig",
    ".gitconfig",
    ".htpasswd",
    "my.cnf",
];

const CONFIG: &[&str] = &[
    "yml",
    "yaml",
    "json",
    "json5",
    "jsonc",
    "ini",
    "conf",
    "cfg",
    "cnf",
    "config",
    "properties",
    "props",
    "toml",
    "xml",
    "plist",
    "tf",
    "tfvars",
    "tfstate",
    "hcl",
    "env",
    "rc",
    "prefs",
    "settings",
    "inf",
    "reg",
    "desktop",
    "service",
    "xcconfig",
    "csv",
    "tsv",
    "har",
    "postman_collection",
    "ovpn",
    "nomad",
    "pp",
    "bicep",
    "gradle.properties",
    "editorconfig",
    "resx",
    "strings",
    "log",
    "example",
    "sample",
    "template",
    "dist",
];

const SHELL_NAMES: &[&str] = &[
    "dockerfile",
    "containerfile",
    "makefile",
    "gnumakefile",
    "jenkinsfile",
    "vagrantfile",
    ".bash",
    ".zsh",
    ".profile",
    "procfile",
];

const SHELL: &[&str] =
    &["sh", "bash", "zsh", "fish", "ksh", "csh", "bat", "cmd", "ps1", "psm1", "mk", "mak", "dockerfile"];

const CODE: &[&str] = &[
    "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "hxx", "ino", "m", "mm", "java", "kt", "kts", "scala", "sc", "groovy",
    "gradle", "clj", "cljs", "cljc", "cs", "vb", "fs", "fsx", "go", "rs", "py", "pyi", "pyx", "ipynb", "rb", "rake",
    "gemspec", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "coffee", "php", "phtml",
    "swift", "dart", "lua", "pl", "pm", "t", "r", "jl", "ex", "exs", "erl", "hrl", "hs", "elm", "ml", "mli", "nim",
    "zig", "d", "pas", "asm", "s", "v", "sv", "vhd", "cu", "sol", "proto", "thrift", "graphql", "ftl", "twig", "jsp",
    "asp", "aspx", "cshtml", "razor", "ejs", "hbs", "haml", "slim", "css", "scss", "less", "cr", "tcl", "st", "ps",
    "xsl", "xslt", "wsdl", // Translations: the strings of programs, in quotes.
    "po", "pot",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        for (path, kind) in [
            ("a/.env", FileKind::Env),
            ("a/prod.env", FileKind::Env),
            ("a/config.yml", FileKind::Config),
            ("a/config.yml.example", FileKind::Config),
            ("src/Main.java", FileKind::Code),
            ("Dockerfile.prod", FileKind::Shell),
            ("deploy.sh", FileKind::Shell),
            ("README.md", FileKind::Prose),
            ("", FileKind::Prose),
        ] {
            assert_eq!(FileKind::of(path.as_bytes()), kind, "{path}");
        }
    }
}
