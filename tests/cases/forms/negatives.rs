//! What looks like a secret and is none: references, placeholders, digests, ciphertext, public keys, broken checksums.

use super::super::support::sample;
use super::write;
use super::writing::FORMS;

/// Names of secrets, by their words.
const SECRETS: &[&str] =
    &["db_password", "client_secret", "access_token", "stripe_secret_key", "datadog_api_key", "auth"];
/// Names of what is no secret.
const OTHERS: &[&str] =
    &["commit", "sha256", "integrity", "request_id", "etag", "checksum", "image_digest", "build_id"];
/// Forms that a value with quotes, braces and blanks in it can be written in.
const QUOTED: &[&str] = &[
    "python",
    "javascript",
    "java",
    "go raw",
    "yaml quoted",
    "json",
    "toml literal",
    "php",
    "ruby hash",
    "c#",
    "terraform",
];

/// Under a secret's name, any of these.
const REFERENCES: &[&str] = &[
    "${DB_PASSWORD}",
    "${DB_PASSWORD:-}",
    "$DB_PASSWORD",
    "$(cat /run/secrets/db)",
    "{{ vault.db.password }}",
    "{{secrets.TOKEN}}",
    "${{ secrets.TOKEN }}",
    "%(db_password)s",
    "%DB_PASSWORD%",
    "#{ENV['TOKEN']}",
    "process.env.TOKEN",
    "os.environ['TOKEN']",
    "vault:secret/data/app#token",
    "op://vault/item/field",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf",
    "projects/p/secrets/token/versions/latest",
    "<your-token>",
    "<YOUR_API_KEY>",
    "your-api-key-here",
    "changeme",
    "CHANGE_ME",
    "replace-with-your-token",
    "xxxxxxxxxxxxxxxxxxxx",
    "********",
    "...",
    "TODO",
    "example",
    "null",
    "REDACTED",
    "[REDACTED]",
    "ENC[AES256_GCM,data:Tr7o1Kd3,iv:1a,tag:9b,type:str]",
    "{cipher}AQA3f9dC2b7e1a5d8c4f6e0b9a7d3c1f",
    "/run/secrets/db_password",
    "./keys/token.pem",
    "https://example.com/token",
    "1234567890",
    "abcdefghijklmnop",
    "00000000000000000000000000000000",
];

/// Values that are made: a name's words, and the template of what is no secret under that name.
const MADE: &[(&[&str], &str)] = &[
    (SECRETS, "{ghp_:alnum:30}000000"),
    (SECRETS, "{AKIA:base32:9}EXAMPLE"),
    (SECRETS, "{sk_live_:alnum:17}EXAMPLE"),
    (SECRETS, "$2b$12${:alnum:53}"),
    (SECRETS, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{:base64:43}"),
    (SECRETS, "gAAAAAB{:base64url:93}"),
    (OTHERS, "{:hex:40}"),
    (OTHERS, "{:hex:64}"),
    (OTHERS, "{@uuid}"),
    (OTHERS, "sha512-{:base64:86}=="),
    (OTHERS, "sha256:{:hex:64}"),
];

/// Lines as they stand.
const LINES: &[(&str, &str)] = &[
    ("package-lock.json", "      \"integrity\": \"sha512-{:base64:86}==\",\n"),
    ("yarn.lock", "  integrity sha512-{:base64:86}==\n"),
    ("Cargo.lock", "checksum = \"{:hex:64}\"\n"),
    ("go.sum", "github.com/a/b v1.2.3 h1:{:base64:43}=\n"),
    ("a.py", "password = getSecret(\"{:lower:8}-{:lower:6}\")\n"),
    ("a.py", "token = client.get_secret_value(SecretId=\"prod/{:lower:8}\")\n"),
    ("A.java", "String apiKey = System.getenv(\"{:upper:8}_API_KEY\");\n"),
    ("a.go", "token := os.Getenv(\"{:upper:8}_TOKEN\")\n"),
    ("a.js", "const secret = await vault.read('secret/{:lower:9}');\n"),
    ("a.txt", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A{:base64:64}\n-----END PUBLIC KEY-----\n"),
    ("a.txt", "-----BEGIN CERTIFICATE-----\nMIID{:base64:60}\n{:base64:64}\n-----END CERTIFICATE-----\n"),
    ("a.md", "fixed in {:hex:40} and released\n"),
    ("a.yml", "uses: actions/checkout@{:hex:40}\n"),
    ("Dockerfile", "FROM alpine@sha256:{:hex:64}\n"),
    ("a.html", "<script integrity=\"sha384-{:base64:64}\" src=\"a.js\"></script>\n"),
    ("a.css", "background: url(data:image/png;base64,iVBORw0KGgo{:base64:80})\n"),
    ("a.json", "{{\"id\": \"{@uuid}\", \"parent\": \"{@uuid}\"}}\n"),
    ("a.log", "request {@uuid} took 12 ms, trace {:hex:32}\n"),
    ("a.tf", "password = var.{:lower:8}_password\n"),
    ("a.tf", "token = data.vault_generic_secret.{:lower:8}.data[\"token\"]\n"),
    ("README.md", "![a](https://codecov.io/gh/a/b/graph/badge.svg?token={:alnum:10})\n"),
];

/// Every look-alike, with the path it is written under.
pub fn each(mut tried: impl FnMut(&str, &str)) {
    let words = |name: &str| name.split('_').map(str::to_owned).collect::<Vec<_>>();
    for (number, value) in REFERENCES.iter().enumerate() {
        for (at, name) in SECRETS.iter().enumerate() {
            for (_, path, form) in FORMS.iter().filter(|form| QUOTED.contains(&form.0)) {
                tried(path, &write(form, &words(name), value));
            }
            // Bare, as a shell or a configuration has it.
            let bare = ["shell", "yaml", "ini", "dotenv", "properties", "dockerfile env"][(number + at) % 6];
            for (_, path, form) in FORMS.iter().filter(|form| form.0 == bare && !value.contains([' ', '"', '\''])) {
                tried(path, &write(form, &words(name), value));
            }
        }
    }
    for (number, (names, template)) in (0..).zip(MADE) {
        for (at, name) in (0..).zip(*names) {
            for (_, path, form) in FORMS.iter().filter(|form| QUOTED.contains(&form.0)) {
                let value = sample("generic-password", template, number * 100 + at);
                tried(path, &write(form, &words(name), &value));
            }
        }
    }
    for (path, template) in LINES {
        for seed in 0..20 {
            tried(path, &sample("generic-password", template, seed));
        }
    }
}
