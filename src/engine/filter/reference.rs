//! Values that only point to where the secret is: variables, templates, calls, look-ups.

/// Whether a value is a reference to something else and holds nothing itself.
#[must_use]
pub fn is_reference(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let text = text.trim_matches(['"', '\'', '`', ' ']);
    is_variable(text) || is_template(text) || is_look_up(text)
}

/// `$X`, `${X}`, `%X%`, `%s`, `@X@`, `:x`, `$1`, `!Ref x`, `&x`, `*x`, `env.X`.
fn is_variable(text: &str) -> bool {
    let name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-:".contains(&b));
    if let Some(rest) = text.strip_prefix('$') {
        // `$2y$…` and `$argon2…` are hashes, not variables.
        return !rest.contains('$') && (name(rest) || rest.starts_with(['{', '(', '[']));
    }
    let percent = text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(name);
    let at = text.strip_prefix('@').and_then(|rest| rest.strip_suffix('@')).is_some_and(name);
    let format = matches!(
        text,
        "%s" | "%d" | "%v" | "%r" | "%q" | "%@" | "%x" | "{}" | "{0}" | "?" | "%S" | "%1$s" | "%2$s" | "%3$s"
    );
    let tagged = text.starts_with("!Ref ")
        || text.starts_with("!Sub ")
        || text.starts_with("!GetAtt ")
        || text.starts_with("!vault")
        || text.starts_with("!secret ")
        || text.starts_with("!env");
    // Symfony's `%env(resolve:X)%`.
    let env = text.starts_with("%env(") && text.ends_with(")%");
    percent || at || format || tagged || env
}

/// `{{ x }}`, `{x}`, `<%= x %>`, `#{x}`, `<x>`, `[[x]]`, `__X__`, `%(x)s`, and text around one of them.
fn is_template(text: &str) -> bool {
    let between = |open: &str, close: &str| text.find(open).is_some_and(|at| text[at + open.len()..].contains(close));
    between("${", "}")
        || between("$(", ")")
        || between("{{", "}}")
        || between("#{", "}")
        || between("<%", "%>")
        || between("%(", ")s")
        || between("[[", "]]")
        || between("$[", "]")
        || is_sample(text)
        || (text.starts_with('{') && text.ends_with('}'))
        || (text.starts_with('<') && text.ends_with('>'))
        || (text.starts_with('[') && text.ends_with(']'))
        || (text.len() > 4 && text.starts_with("__") && text.ends_with("__"))
}

/// `{literal:alphabet:length}` of a rule's example.
fn is_sample(text: &str) -> bool {
    const ALPHABETS: &[&str] =
        &["alnum", "lower", "upper", "digit", "hex", "HEX", "base32", "base58", "base64", "custom["];
    ALPHABETS.iter().any(|name| text.contains(&format!(":{name}")) && (text.contains('{') || text.contains('}')))
        || text.starts_with("alnum:")
        || text.starts_with("base64url:")
        || text.contains("{@")
}

/// `process.env.X`, `os.environ[…]`, `getenv(…)`, `System.getProperty(…)`, `vault:…`, `ref+…`, `op://…`, an ARN, a path.
fn is_look_up(text: &str) -> bool {
    const BEGINS: &[&str] = &[
        "process.env",
        "os.environ",
        "os.getenv",
        "ENV[",
        "env(",
        "env.",
        "env:",
        "getenv",
        "System.",
        "secrets.",
        "secretKeyRef",
        "vault:",
        "ref+",
        "op://",
        "arn:aws",
        "awssm:",
        "awsssm:",
        "aws-secretsmanager:",
        "gcp-secret-manager:",
        "berglas:",
        "sm://",
        "azurekv:",
        "akv:",
        "bws:",
        "doppler:",
        "infisical:",
        "chamber:",
        "conjur:",
        "sops:",
        "secret://",
        "secrets://",
        "k8s:",
        "kubernetes:",
        "kms://",
        "ssm:",
        "projects/",
        "aws-sm:",
        "gcp-sm:",
        "azure-kv:",
        "@Microsoft.KeyVault",
        "keyvault:",
        "ENC[",
        "ENC(",
        "{cipher}",
        "import.meta",
        "file:",
        "classpath:",
        "prompt:",
        "lookup(",
        "input.",
        "inputs.",
        "random_password.",
    ];
    BEGINS.iter().any(|begin| text.starts_with(begin)) || is_member(text)
}

/// `config.db.password`, `this.token`: names joined by dots, of which the first is an object that holds settings.
fn is_member(text: &str) -> bool {
    const OBJECTS: &[&str] = &[
        "local",
        "module",
        "self",
        "this",
        "config",
        "cfg",
        "settings",
        "options",
        "opts",
        "props",
        "params",
        "args",
        "request",
        "req",
        "Settings",
        "Config",
        "configuration",
        "context",
        "ctx",
        "app",
        "data",
        "var",
        "input",
        "inputs",
        "steps",
        "github",
        "parameters",
        "variables",
        "secrets",
        "env",
    ];
    let Some((object, rest)) = text.split_once('.') else { return false };
    let name = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.[]'\"()".contains(&byte));
    OBJECTS.contains(&object) && name && !super::looks_random(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_known() {
        for text in [
            "$X",
            "${X}",
            "${X:-y}",
            "$(cat f)",
            "%X%",
            "{{ x }}",
            "{x}",
            "<%= x %>",
            "<your key>",
            "%(x)s",
            "__X__",
            "process.env.X",
            "os.environ['X']",
            "vault:secret/x",
            "op://a/b",
            "prefix-${X}",
            "%env(resolve:X)%",
            "arn:aws:kms:eu-west-1:123456789012:key/x",
            "awssm://prod/db",
            "@X@",
            "%s",
            "!Ref Secret",
            "[secret]",
        ] {
            assert!(is_reference(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn values_are_not() {
        for text in ["hunter2", "$2y$10$abc", "pa$$word", "a{b", "x<y>z", "p%ss", "correct horse", "$ecr$t"] {
            assert!(!is_reference(text.as_bytes()), "{text}");
        }
    }
}
