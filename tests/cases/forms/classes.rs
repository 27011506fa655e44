//! What opens nothing, by class: ciphertext, public halves, addresses of secrets, digests, identifiers, names. Each stands under
//! the names of secrets in every form of writing, or in the file that it belongs to.

use super::super::support::sample;
use super::write;
use super::writing::FORMS;

/// A class: how it is called, the names that its values stand under, and their templates.
type Class = (&'static str, &'static [&'static str], &'static [&'static str]);

const SECRETS: &[&str] = &[
    "db_password",
    "client_secret",
    "access_token",
    "api_key",
    "datadog_api_key",
    "stripe_secret_key",
    "aws_secret_access_key",
    "github_token",
    "encryption_key",
    "snyk_token",
];
const CLASSES: &[Class] = &[
    (
        "arn",
        SECRETS,
        &[
            "arn:aws:secretsmanager:eu-west-1:{:digit:12}:secret:prod/db-{:alnum:6}",
            "arn:aws:kms:us-east-1:{:digit:12}:key/{@uuid}",
            "arn:aws-cn:ssm:cn-north-1:{:digit:12}:parameter/prod/token",
        ],
    ),
    ("sops", SECRETS, &["ENC[AES256_GCM,data:{:base64:20},iv:{:base64:43}=,tag:{:base64:22}==,type:str]"]),
    ("eyaml, jasypt", SECRETS, &["ENC[PKCS7,{:base64:280}]", "ENC({:base64:43}=)"]),
    ("spring cloud", SECRETS, &["{{cipher}}{:hex:64}", "{{cipher}}{:base64:342}=="]),
    ("kms", SECRETS, &["AQICAH{:base64:240}", "AQECAH{:base64:200}"]),
    ("vault transit", SECRETS, &["vault:v1:{:base64:59}="]),
    ("fernet, openssl", SECRETS, &["gAAAAAB{:base64url:93}", "U2FsdGVkX1{:base64:80}"]),
    (
        "dpapi",
        SECRETS,
        &["AQAAANCMnd8BFdERjHoAwE/Cl+s{:base64:260}", "01000000d08c9ddf0115d1118c7a00c04fc297eb{:hex:200}"],
    ),
    ("sealed, pgp", SECRETS, &["AgB{:base64:560}", "Ag{:base64:400}", "hQEMA{:base64:400}"]),
    ("dotenvx", SECRETS, &["encrypted:{:base64:160}"]),
    ("locked by its name", &["encrypted_password", "encrypted_api_key", "token_ciphertext"], &["{:base64:80}"]),
    ("cache key", &["key"], &["npm-cache-{:hex:40}"]),
    ("age", SECRETS, &["age1{:custom[ac-hj-np-z02-9]:58}", "YWdlLWVuY3J5cHRpb24ub3JnL3Yx{:base64:240}"]),
    (
        "ssh public key",
        SECRETS,
        &[
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{:base64:43} user@host",
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC{:base64:336}",
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB{:base64:87}=",
        ],
    ),
    (
        "public key, certificate",
        SECRETS,
        &[
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{:base64:340}",
            "MCowBQYDK2VwAyEA{:base64:43}=",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE{:base64:86}==",
            "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa{:base64:700}",
        ],
    ),
    (
        "password hash",
        SECRETS,
        &[
            "$2b$12${:alnum:53}",
            "$argon2id$v=19$m=65536,t=3,p=4${:base64:22}${:base64:43}",
            "$6${:alnum:16}${:alnum:86}",
            "pbkdf2_sha256$260000${:alnum:22}${:base64:43}=",
            "$P$B{:alnum:30}",
            "{{SSHA}}{:base64:32}",
        ],
    ),
    (
        "look-up",
        SECRETS,
        &[
            "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/db/{:hex:32})",
            "{{{{resolve:secretsmanager:Db:SecretString:password}}}}",
            "awssm://prod/{:lower:9}",
            "ref+vault://secret/{:lower:8}#/token",
            "doppler://{:lower:6}/config/KEY",
            "%env(resolve:DATABASE_{:upper:6})%",
            "projects/{:digit:12}/secrets/{:lower:8}/versions/3",
        ],
    ),
    (
        "masked",
        SECRETS,
        &[
            "{:alnum:4}************",
            "{:alnum:4}...{:alnum:4}",
            "ghp_{:alnum:4}********************************",
            "{:alnum:6}<snip>",
        ],
    ),
    ("example", SECRETS, &["{:alnum:30}EXAMPLEKEY", "xoxb-{:digit:12}-{:alnum:17}EXAMPLE", "{glpat-:alnum:13}EXAMPLE"]),
    ("wrong checksum", SECRETS, &["{ghp_:alnum:30}000000", "{npm_:alnum:30}000000"]),
    (
        "name",
        SECRETS,
        &[
            "secret_2fa_token",
            "com.acme.auth.TokenStore",
            "password-reset-form",
            "PBKDF2WithHmacSHA256",
            "aes-256-gcm",
            "HS256",
        ],
    ),
    (
        "words of people",
        &["password", "token", "login_password"],
        &["Lösenord", "Hasło", "Пароль", "Confirm password", "パスワード"],
    ),
    (
        "identifier",
        &[
            "heroku_app_id",
            "datadog_org_id",
            "snyk_project_id",
            "commit",
            "sha256",
            "etag",
            "trace_id",
            "tenant_id",
            "instrumentation_key",
            "hcaptcha_site_key",
        ],
        &["{@uuid}", "{:hex:32}", "{:hex:40}", "{:hex:64}"],
    ),
    (
        "for browsers",
        &["stripe_key", "posthog_key", "public_token", "mapbox_token"],
        &[
            "{pk_live_:alnum:24}",
            "{phc_:alnum:43}",
            "pk.eyJ1Ijoi{:alnum:40}.{:alnum:22}",
            "{sb_publishable_:alnum:22}_{:alnum:8}",
        ],
    ),
];

/// Whole files and their lines.
const FILES: &[(&str, &str, &str)] = &[
    (
        "sealed secret",
        "a.yaml",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgA{:base64:560}\n    api-token: AgC{:base64:560}\n",
    ),
    ("ansible vault", "a.yml", "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {:digit:80}\n  {:digit:80}\n"),
    (
        "travis",
        ".travis.yml",
        "deploy:\n  api_key:\n    secure: {:base64:171}=\n  password:\n    secure: \"{:base64:683}=\"\n",
    ),
    ("age recipient", "keys.txt", "# public key: age1{:custom[ac-hj-np-z02-9]:58}\n"),
    (
        "known hosts",
        "known_hosts",
        "a.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{:base64:43}\n|1|{:base64:27}=|{:base64:27}= ssh-rsa AAAAB3NzaC1yc2E{:base64:80}\n",
    ),
    (
        "public jwk",
        "jwks.json",
        "{{\"keys\":[{{\"kty\":\"RSA\",\"kid\":\"{:base64url:27}\",\"n\":\"{:base64url:342}\",\"e\":\"AQAB\"}}]}}",
    ),
    ("shadow", "shadow", "root:$6${:alnum:16}${:alnum:86}:19000:0:99999:7:::\n"),
    (
        "mix.lock",
        "mix.lock",
        "  \"sentry\": {{:hex, :sentry, \"8.0.0\", \"{:hex:64}\", [:mix], [], \"hexpm\", \"{:hex:64}\"}},\n",
    ),
    ("deno.lock", "deno.lock", "    \"https://deno.land/x/sentry/mod.ts\": \"{:hex:64}\",\n"),
    ("submodules", "a.txt", " {:hex:40} vendor/datadog (v1.0)\n+{:hex:40} vendor/snyk (heads/main)\n"),
    (
        "yarn berry",
        "yarn.lock",
        "\"algolia@npm:^1.0.0\":\n  resolution: \"algolia@npm:1.0.0\"\n  checksum: 10/{:hex:128}\n",
    ),
    (
        "go.mod",
        "go.mod",
        "\tgithub.com/snyk/cli v0.0.0-20230101000000-{:hex:12}\n\tgithub.com/linode/linodego v1.0.1 h1:{:base64:43}=\n",
    ),
    ("podfile", "Podfile.lock", "SPEC CHECKSUMS:\n  Algolia: {:hex:40}\n  Sentry: {:hex:40}\n"),
    (
        "terraform lock",
        ".terraform.lock.hcl",
        "provider \"registry.terraform.io/datadog/datadog\" {{\n  hashes = [\n    \"h1:{:base64:43}=\",\n    \"zh:{:hex:64}\",\n",
    ),
    (
        "actions",
        "ci.yml",
        "      - uses: snyk/actions/node@{:hex:40} # v1\n      - uses: actions/create-github-app-token@{:hex:40}\n",
    ),
    (
        "insights",
        "a.json",
        "\"connection\": \"InstrumentationKey={@uuid};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/\"\n",
    ),
    (
        "secret reference",
        "a.yaml",
        "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: app-{:lower:6}\n      key: password\n",
    ),
    ("base64 blob", "a.js", "var d=\"{:base64:120}/EAA{:custom[A-Za-y]:60}{:alnum:40}+{:base64:120}\"\n"),
    ("test output", "a.sh", "echo \"PASS: {:lower:9}\"\n"),
    ("compiler passes", "a.def", "DUMMY_FUNCTION_PASS(\"{:lower:5}-{:lower:4}\", XPass, ())\n"),
    ("windows features", "Cargo.toml", "Win32_Security_Credentials = [\"Win32_Security\"]\n"),
];

/// Every one of them with its class and path.
pub fn each(mut tried: impl FnMut(&'static str, &str, &str)) {
    for (number, (class, names, templates)) in (0u64..).zip(CLASSES) {
        for (at, template) in (0u64..).zip(*templates) {
            for (form_number, (_, path, form)) in (0u64..).zip(FORMS) {
                let name = names[((at * 7 + form_number) % names.len() as u64) as usize];
                let value = sample("generic-password", template, number * 1000 + at * 200 + form_number);
                if stands_in(&value, form) {
                    let words: Vec<String> = name.split('_').map(str::to_owned).collect();
                    tried(class, path, &write(form, &words, &value));
                }
            }
        }
    }
    for (class, path, template) in FILES {
        (0..10).for_each(|seed| tried(class, path, &sample("generic-password", template, seed)));
    }
}

/// Whether a value with signs in it can be written in that form.
fn stands_in(value: &str, form: &str) -> bool {
    let has_sign =
        value.contains([' ', '"', '\'', '`', '{', '}', '<', '>', '[', ']', '(', ')', '|', ';', ',', '%', '#']);
    !has_sign || ["\"{v}\"", "'{v}'", "`{v}`"].iter().any(|quoted| form.contains(quoted) && !form.contains("\\\""))
}
