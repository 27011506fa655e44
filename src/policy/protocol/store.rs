//! Secret managers: by which files one shows that it is in use, and how a value gets into it without standing in a command line,
//! where the history of the shell and the list of processes would keep it.

/// A secret manager, and what showed that it is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Which one.
    pub kind: StoreKind,
    /// The file that showed it.
    pub seen_in: String,
}

/// The ones that are known. Those that hold the values themselves come before the clouds, which many repositories
/// use for something else: the least one that is seen is the one that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named by its title")]
pub enum StoreKind {
    Sops,
    ExternalSecrets,
    Doppler,
    OnePassword,
    Vault,
    Aws,
    Gcp,
    Azure,
}

/// Names of files that only this manager has.
const NAMES: &[(&str, StoreKind)] = &[
    (".sops.yaml", StoreKind::Sops),
    (".sops.yml", StoreKind::Sops),
    ("doppler.yaml", StoreKind::Doppler),
    (".doppler.yaml", StoreKind::Doppler),
    ("vault-agent.hcl", StoreKind::Vault),
    ("samconfig.toml", StoreKind::Aws),
    ("cdk.json", StoreKind::Aws),
    ("buildspec.yml", StoreKind::Aws),
    ("appspec.yml", StoreKind::Aws),
    (".gcloudignore", StoreKind::Gcp),
    ("cloudbuild.yaml", StoreKind::Gcp),
    ("azure.yaml", StoreKind::Azure),
    ("azure-pipelines.yml", StoreKind::Azure),
];

/// What stands in files of projects that use it.
const WORDS: &[(&str, StoreKind)] = &[
    ("kind: ExternalSecret", StoreKind::ExternalSecrets),
    ("external-secrets.io/", StoreKind::ExternalSecrets),
    ("doppler run", StoreKind::Doppler),
    ("dopplerhq/", StoreKind::Doppler),
    ("op://", StoreKind::OnePassword),
    ("1password/load-secrets-action", StoreKind::OnePassword),
    ("op run --", StoreKind::OnePassword),
    ("hashicorp/vault-action", StoreKind::Vault),
    ("vault.hashicorp.com/", StoreKind::Vault),
    ("provider \"vault\"", StoreKind::Vault),
    ("vault kv get", StoreKind::Vault),
    ("secretsmanager", StoreKind::Aws),
    ("provider \"aws\"", StoreKind::Aws),
    ("aws-actions/", StoreKind::Aws),
    ("secretmanager.googleapis.com", StoreKind::Gcp),
    ("google_secret_manager", StoreKind::Gcp),
    ("gcloud secrets", StoreKind::Gcp),
    ("provider \"google\"", StoreKind::Gcp),
    ("google-github-actions/", StoreKind::Gcp),
    ("vault.azure.net", StoreKind::Azure),
    ("az keyvault", StoreKind::Azure),
    ("provider \"azurerm\"", StoreKind::Azure),
    ("azure/login", StoreKind::Azure),
];

impl Store {
    /// What a file shows, by its name (from the top, with `/`) and its text.
    #[must_use]
    pub fn of_file(path: &str, text: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let by_name = NAMES.iter().filter(|(known, _)| *known == name).map(|(_, kind)| *kind);
        let by_word = WORDS.iter().filter(|(word, _)| text.contains(word)).map(|(_, kind)| *kind);
        by_name.chain(by_word).min().map(|kind| Self { kind, seen_in: path.to_owned() })
    }
}

impl StoreKind {
    /// Its name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sops => "SOPS",
            Self::ExternalSecrets => "the store behind External Secrets",
            Self::Doppler => "Doppler",
            Self::OnePassword => "1Password",
            Self::Vault => "Vault",
            Self::Aws => "AWS Secrets Manager",
            Self::Gcp => "Google Secret Manager",
            Self::Azure => "Azure Key Vault",
        }
    }

    /// What the command does, where the value comes from.
    #[must_use]
    pub const fn how(self) -> &'static str {
        match self {
            Self::Sops => "The editor opens on the decrypted file; it is encrypted again when you close it.",
            Self::ExternalSecrets => {
                "Change it in the store that the ExternalSecret names; this makes the cluster fetch it at once."
            }
            Self::Doppler => "Paste the value when asked for it.",
            Self::OnePassword => "This makes an empty item; paste the value into it in the app.",
            Self::Vault | Self::Aws | Self::Gcp | Self::Azure => {
                "Paste the value into the running command, then end it with Enter and Ctrl-D."
            }
        }
    }

    /// What to type; `name` is that of the key or of the rule.
    #[must_use]
    pub fn command(self, name: &str) -> Option<String> {
        let dashed = name_of(name, '-');
        let command = match self {
            Self::Sops => "sops secrets.enc.yaml".to_owned(),
            Self::ExternalSecrets => {
                format!("kubectl annotate externalsecret {dashed} force-sync=\"$(date +%s)\" --overwrite")
            }
            Self::Doppler => format!("doppler secrets set {}", name_of(name, '_').to_ascii_uppercase()),
            Self::OnePassword => format!("op item create --category='API Credential' --title={dashed}"),
            Self::Vault => format!("vault kv put -mount=secret {dashed} value=-"),
            Self::Aws => format!("aws secretsmanager create-secret --name {dashed} --secret-string file:///dev/stdin"),
            Self::Gcp => format!("gcloud secrets create {dashed} --data-file=-"),
            Self::Azure => format!(
                "az keyvault secret set --vault-name \"$KEY_VAULT\" --name {dashed} --file /dev/stdin --output none"
            ),
        };
        Some(command)
    }
}

/// A name that every manager and every shell takes: letters, digits and one separator.
fn name_of(name: &str, separator: char) -> String {
    let mut out = String::new();
    for c in name.chars().take(64) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with(separator) {
            out.push(separator);
        }
    }
    let out = out.trim_end_matches(separator);
    let starts_well = out.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_well { out.to_owned() } else { format!("secret{separator}{out}").trim_end_matches(separator).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [StoreKind; 8] = [
        StoreKind::Sops,
        StoreKind::ExternalSecrets,
        StoreKind::Doppler,
        StoreKind::OnePassword,
        StoreKind::Vault,
        StoreKind::Aws,
        StoreKind::Gcp,
        StoreKind::Azure,
    ];

    #[test]
    fn each_is_known_by_a_file() {
        let kind = |path: &str, text: &str| Store::of_file(path, text).map(|store| store.kind);
        for (path, text, expected) in [
            (".sops.yaml", "", Some(StoreKind::Sops)),
            ("k8s/a.yaml", "kind: ExternalSecret\n", Some(StoreKind::ExternalSecrets)),
            (".doppler.yaml", "", Some(StoreKind::Doppler)),
            ("prod.env", "DB=op://vault/db/password", Some(StoreKind::OnePassword)),
            (".github/workflows/a.yml", "uses: hashicorp/vault-action@v3", Some(StoreKind::Vault)),
            ("main.tf", "provider \"aws\" {}", Some(StoreKind::Aws)),
            ("cloudbuild.yaml", "", Some(StoreKind::Gcp)),
            ("main.tf", "provider \"azurerm\" {}", Some(StoreKind::Azure)),
            ("main.tf", "provider \"aws\" {}\nprovider \"vault\" {}", Some(StoreKind::Vault)),
            ("main.tf", "provider \"random\" {}", None),
        ] {
            assert_eq!(kind(path, text), expected, "{path}");
        }
    }

    #[test]
    fn no_command_takes_the_value_as_an_argument_or_breaks_on_a_name() {
        for kind in ALL {
            let command = kind.command("1 $(x) DB_PASSWORD'").expect("each has one");
            assert!(!command.contains("$(x)") && !command.contains('<'), "{command}");
            assert!(!kind.how().is_empty() && !kind.title().is_empty());
        }
        assert_eq!(name_of("DB_PASSWORD", '-'), "db-password");
        assert_eq!(name_of("9x", '_'), "secret_9x");
        assert_eq!(name_of("é", '-'), "secret");
    }
}
