//! Names of keys: which words are in them, and what they say of the value.

/// Literals, found anywhere in either case, one of which every judged key contains.
pub const TRIGGERS: &[&str] = &[
    "passw",
    "passp",
    "passc",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "auth",
    "bearer",
    "salt",
    "kennwort",
    "contrase",
    "sessionid",
    "session_id",
    "nonce",
    "cookie",
    "ticket",
    "psw",
    "basic",
];

/// What the name of a key says that its value is, from the most to the least telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyClass {
    /// `password`, `passphrase`, `pwd`: any value that is not something else.
    Password,
    /// `secret`, `client_secret`, `api_secret`.
    Secret,
    /// `access_token`, `auth_token`, `bearer`.
    Token,
    /// `api_key`, `access_key`, `private_key`, `encryption_key`.
    ApiKey,
    /// `credential`, `authorization`, `auth`.
    Auth,
    /// `key` and anything that ends with it: says little.
    Key,
    /// `salt`, `nonce`, `cookie`, `session_id`: may be secret.
    Weak,
}

impl KeyClass {
    /// The rule that a finding of this class is reported under.
    #[must_use]
    pub const fn rule_id(self) -> &'static str {
        match self {
            Self::Password => "generic-password",
            Self::Secret => "generic-secret",
            Self::Token => "generic-token",
            Self::ApiKey => "generic-api-key",
            Self::Auth => "generic-credential",
            Self::Key => "generic-key",
            Self::Weak => "generic-session-secret",
        }
    }
}

/// The name of a key, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its words, lower case, in order.
    pub words: Vec<String>,
    /// What it says of the value.
    pub class: KeyClass,
}

impl Key {
    /// Reads a name; `None` where it is that of no secret (`password_file`, `public_key`, `monkey`).
    #[must_use]
    pub fn read(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        let words = words(name);
        let class = class(&words)?;
        if is_about_something_else(&words, class) {
            return None;
        }
        Some(Self { words, class })
    }
}

/// Cuts a name at separators, at humps (`apiKey`, `APIKey`) and between letters and digits.
fn words(name: &str) -> Vec<String> {
    let bytes = name.as_bytes();
    let mut words: Vec<String> = Vec::new();
    let mut begin = 0;
    for at in 0..=bytes.len() {
        let cut = at == bytes.len() || !bytes[at].is_ascii_alphanumeric() || (at > begin && is_hump(bytes, at));
        if cut {
            if at > begin {
                words.push(name[begin..at].to_ascii_lowercase());
            }
            begin = if at < bytes.len() && !bytes[at].is_ascii_alphanumeric() { at + 1 } else { at };
        }
    }
    words
}

fn is_hump(bytes: &[u8], at: usize) -> bool {
    let (before, here) = (bytes[at - 1], bytes[at]);
    let next_is_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    (before.is_ascii_lowercase() && here.is_ascii_uppercase())
        || (before.is_ascii_uppercase() && here.is_ascii_uppercase() && next_is_lower)
        || (before.is_ascii_alphabetic() && here.is_ascii_digit())
}

fn class(words: &[String]) -> Option<KeyClass> {
    let any = |test: &dyn Fn(&str) -> bool| words.iter().any(|word| test(word));
    let has = |list: &[&str]| any(&|word| list.contains(&word));
    if any(&|word| {
        PASSWORDS.contains(&word)
            || PASSWORD_PARTS.iter().any(|part| word.contains(part))
            || GLUED_PASSES.contains(&word)
    }) {
        return Some(KeyClass::Password);
    }
    if any(&|word| word.contains("secret")) {
        return Some(KeyClass::Secret);
    }
    let key_word = |word: &str| word == "key" || word == "keys" || GLUED_KEYS.contains(&word);
    if any(&key_word) {
        let telling = has(&KEY_QUALIFIERS) || any(&|word| GLUED_KEYS.contains(&word));
        return Some(if telling { KeyClass::ApiKey } else { KeyClass::Key });
    }
    if any(&|word| {
        word == "token"
            || word == "tokens"
            || (word.ends_with("token") && word != "bytoken")
            || word == "bearer"
            || word == "ticket"
    }) {
        return Some(KeyClass::Token);
    }
    if let [scheme] = words
        && scheme == "basic"
    {
        return Some(KeyClass::Auth);
    }
    if any(&|word| {
        word.starts_with("credential")
            || word == "cred"
            || word == "creds"
            || word == "auth"
            || word == "authorization"
            || word == "oauth"
    }) {
        return Some(KeyClass::Auth);
    }
    if has(&["salt", "nonce", "cookie", "sessionid", "authsalt"])
        || any(&|word| word.ends_with("salt"))
        || (has(&["session"]) && has(&["id"]))
    {
        return Some(KeyClass::Weak);
    }
    None
}

/// Whether the name's other words turn it into the name of something beside the secret.
fn is_about_something_else(words: &[String], class: KeyClass) -> bool {
    let Some(last) = words.last() else { return true };
    let last = last.as_str();
    let digits = last.bytes().all(|byte| byte.is_ascii_digit());
    let last = if digits && words.len() > 1 { words[words.len() - 2].as_str() } else { last };
    if ABOUT.contains(&last) {
        return true;
    }
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // `DUMMY_FUNCTION_PASS("stack-protector")`: a pass over something.
    let is_turn = class == KeyClass::Password && has(&["pass"]) && has(TURNS);
    let public = has(&["public", "pub", "pubkey", "publickey", "publishable", "sitekey"]) && class >= KeyClass::ApiKey;
    let key = class == KeyClass::Key && has(KEY_ABOUT);
    let is_locked = has(&["encrypted", "ciphertext"]);
    let asks = words.first().is_some_and(|first| ASKS.contains(&first.as_str()));
    public || key || asks || is_turn || is_locked
}

const PASSWORDS: &[&str] = &[
    "pass",
    "pwd",
    "psw",
    "pw",
    "passwd",
    "pswd",
    "passcode",
    "passphrase",
    "kennwort",
    "contrasena",
    "contraseña",
    "mdp",
    "passwort",
];
const PASSWORD_PARTS: &[&str] =
    &["password", "passwd", "passphrase", "passwort", "passcode", "userpwd", "dbpwd", "kennwort", "contrase"];
const GLUED_PASSES: &[&str] = &[
    "dbpass",
    "userpass",
    "adminpass",
    "rootpass",
    "mysqlpass",
    "pgpass",
    "mypass",
    "sqlpass",
    "ftppass",
    "smtppass",
    "mailpass",
    "emailpass",
    "authpass",
    "keypass",
    "storepass",
    "sshpass",
    "loginpass",
    "testpass",
    "redispass",
    "ldappass",
    "sudopass",
    "clientpass",
    "proxypass",
    "wifipass",
    "httppass",
];
const GLUED_KEYS: [&str; 16] = [
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "accountkey",
    "consumerkey",
    "sharedkey",
    "apikeys",
    "appkey",
    "clientkey",
    "licensekey",
    "sasskey",
];
const KEY_QUALIFIERS: [&str; 38] = [
    "api",
    "access",
    "private",
    "priv",
    "auth",
    "authentication",
    "authorization",
    "encryption",
    "encrypt",
    "decryption",
    "decrypt",
    "crypto",
    "cipher",
    "signing",
    "sign",
    "signature",
    "master",
    "account",
    "consumer",
    "client",
    "app",
    "application",
    "shared",
    "service",
    "storage",
    "admin",
    "jwt",
    "hmac",
    "aes",
    "session",
    "cookie",
    "license",
    "subscription",
    "write",
    "server",
    "integration",
    "webhook",
    "nkey",
];
/// Words which, at the end of a name, make it the name of something about a secret.
const ABOUT: &[&str] = &[
    "file",
    "filename",
    "files",
    "path",
    "paths",
    "dir",
    "directory",
    "folder",
    "url",
    "urls",
    "uri",
    "endpoint",
    "host",
    "port",
    "name",
    "names",
    "id",
    "ids",
    "arn",
    "field",
    "fields",
    "label",
    "labels",
    "hint",
    "length",
    "len",
    "size",
    "type",
    "types",
    "typ",
    "policy",
    "regex",
    "regexp",
    "pattern",
    "prompt",
    "message",
    "msg",
    "error",
    "errors",
    "err",
    "title",
    "text",
    "placeholder",
    "input",
    "form",
    "reset",
    "count",
    "limit",
    "min",
    "max",
    "expiry",
    "expires",
    "expiration",
    "expire",
    "ttl",
    "timeout",
    "lifetime",
    "age",
    "validity",
    "duration",
    "enabled",
    "enable",
    "disabled",
    "required",
    "optional",
    "column",
    "table",
    "param",
    "params",
    "parameter",
    "header",
    "headers",
    "digest",
    "fingerprint",
    "format",
    "algorithm",
    "alg",
    "algo",
    "method",
    "provider",
    "class",
    "style",
    "icon",
    "page",
    "route",
    "link",
    "permission",
    "permissions",
    "scope",
    "scopes",
    "version",
    "index",
    "store",
    "storage",
    "manager",
    "service",
    "handler",
    "helper",
    "util",
    "utils",
    "factory",
    "generator",
    "validator",
    "strength",
    "changed",
    "change",
    "updated",
    "created",
    "date",
    "time",
    "at",
    "from",
    "by",
    "for",
    "map",
    "set",
    "list",
    "ref",
    "refs",
    "reference",
    "var",
    "variable",
    "env",
    "arg",
    "args",
    "option",
    "options",
    "flag",
    "prefix",
    "suffix",
    "separator",
    "delimiter",
    "mode",
    "status",
    "state",
    "kind",
    "usage",
    "source",
    "location",
    "description",
    "desc",
    "help",
    "example",
    "template",
    "view",
    "screen",
    "button",
    "dialog",
    "modal",
    "event",
    "action",
    "callback",
    "listener",
    "request",
    "response",
    "req",
    "res",
    "resp",
    "result",
    "exception",
    "test",
    "tests",
    "spec",
    "exists",
    "is",
    "has",
    "valid",
    "invalid",
    "required",
    "match",
    "mismatch",
    "bytes",
    "bits",
    "chars",
    "characters",
    "iterations",
    "rounds",
    "cost",
    "namespace",
    "group",
    "groups",
    "user",
    "users",
    "username",
    "email",
    "login",
    "role",
    "roles",
    "domain",
    "realm",
    "issuer",
    "audience",
    "subject",
    "claims",
    "claim",
    "rotation",
    "backend",
    "engine",
    "plugin",
    "module",
    "package",
    "command",
    "cmd",
    "ring",
    "alias",
    "size",
    "code",
    "codes",
    "press",
    "pressed",
    "down",
    "up",
    "board",
    "frame",
    "word",
    "words",
    "space",
    "bind",
    "binding",
    "bindings",
    "stroke",
    "point",
    "checksum",
    "pem",
    "crt",
    "cert",
    "certificate",
    "hash",
    "guid",
    "uuid",
    "scheme",
    "period",
    "mgr",
];
/// Words beside `key` that make it the name of no secret.
const KEY_ABOUT: &[&str] = &[
    "details",
    "primary",
    "foreign",
    "partition",
    "sort",
    "cache",
    "row",
    "index",
    "unique",
    "hash",
    "map",
    "lookup",
    "group",
    "search",
    "query",
    "translation",
    "i18n",
    "locale",
    "message",
    "config",
    "setting",
    "settings",
    "option",
    "hot",
    "shortcut",
    "keyboard",
    "arrow",
    "escape",
    "enter",
    "shift",
    "ctrl",
    "alt",
    "meta",
    "tab",
    "registry",
    "object",
    "dict",
    "json",
    "property",
    "prop",
    "attribute",
    "field",
    "column",
    "data",
    "event",
    "state",
    "route",
    "menu",
    "item",
    "list",
    "array",
    "parent",
    "child",
    "storage",
    "redis",
    "kms",
    "host",
    "public",
    "pub",
    "metadata",
    "encrypted",
    "wrapped",
    "protobuf",
    "sealed",
    // Public by design: of captchas, of pages and apps, of what is only sent to.
    "site",
    "sitekey",
    "browser",
    "instrumentation",
    "instrumentationkey",
    "tokenization",
    "subscribe",
    "measurement",
    "recipient",
];
/// Words beside `pass` that make it a turn: of a compiler, a renderer, a test.
const TURNS: &[&str] = &[
    "function",
    "module",
    "loop",
    "machine",
    "region",
    "render",
    "analysis",
    "cgscc",
    "optimization",
    "first",
    "second",
    "single",
    "shader",
    "depth",
    "pipeline",
];
/// Words which, at the beginning of a name, make it a question or an action.
const ASKS: &[&str] = &[
    "is",
    "has",
    "no",
    "show",
    "hide",
    "forgot",
    "reset",
    "change",
    "update",
    "validate",
    "verify",
    "check",
    "get",
    "require",
    "requires",
    "use",
    "uses",
    "with",
    "without",
    "needs",
    "need",
    "can",
    "should",
    "allow",
    "enable",
    "disable",
    "generate",
    "invalid",
    "missing",
    "incorrect",
    "confirm",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("DB_PASSWORD"), ["db", "password"]);
        assert_eq!(words("awsSecretAccessKey"), ["aws", "secret", "access", "key"]);
        assert_eq!(words("APIKey2"), ["api", "key", "2"]);
        assert_eq!(words("spring.datasource.password"), ["spring", "datasource", "password"]);
    }

    #[test]
    fn classes() {
        for (name, class) in [
            ("db_password", Some(KeyClass::Password)),
            ("userpass", Some(KeyClass::Password)),
            ("MYSQL_PWD", Some(KeyClass::Password)),
            ("clientSecret", Some(KeyClass::Secret)),
            ("aws_secret_access_key", Some(KeyClass::Secret)),
            ("X-Api-Key", Some(KeyClass::ApiKey)),
            ("apikey", Some(KeyClass::ApiKey)),
            ("authToken", Some(KeyClass::Token)),
            ("key", Some(KeyClass::Key)),
            ("password_file", None),
            ("public_key", None),
            ("monkey", None),
            ("primary_key", None),
            ("passwordResetUrl", None),
            ("bypass", None),
            ("compass", None),
            ("keyboard", None),
            ("forgotPassword", None),
            ("PASSWORD_GUID", None),
            ("author", None),
        ] {
            assert_eq!(Key::read(name.as_bytes()).map(|key| key.class), class, "{name}");
        }
    }
}
