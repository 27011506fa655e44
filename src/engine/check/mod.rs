//! Checksums and structures, by name: what turns a look-alike into a proof.
//!
//! A check sees the bytes of the secret alone and knows nothing of rules, files or places. Each lives in the
//! file of its family, with the source of the algorithm; the table below is the only list.
//!
//! A check passes on what chance hardly ever makes. Where a form has too little in it for that, its check can only
//! refute: `Failed` where the parts do not fit, `Unknown` where they do. What `repair` gives never fails.

mod aws;
mod azure;
mod base58;
mod base58check;
mod bech32;
mod bip39;
mod codec;
mod container;
mod crates_io;
mod crc;
mod der;
mod electrum;
mod enclosed;
mod encoded;
mod fit;
mod gitlab;
mod json;
mod json_tokens;
mod juniper;
mod jwt;
mod key_json;
mod macaroon;
pub mod make;
mod obfuscated;
mod openpgp;
mod openssh;
mod pem;
mod private_key;
mod putty;
mod shape;
mod signing_key;
#[cfg(test)]
mod testing;
mod tokens;
mod uuid;
mod xmodem;

/// What a check says about the bytes of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The checksum or the structure holds: the value was issued, not made up.
    Passed,
    /// It has the form that carries a checksum or a structure, and that is wrong.
    Failed,
    /// It is not laid out inside as those that were seen, but nothing in it is a checksum: another make of it, or a copy
    /// with changed letters.
    Unusual,
    /// This form carries nothing to check, or too little to prove anything.
    Unknown,
    /// It is well-formed and no secret; the text says why (`encrypted`, `public key`, …).
    NotASecret(&'static str),
}

/// Judges the bytes of a secret.
pub type Verify = fn(&[u8]) -> Outcome;

/// Makes a check hold; `None` where the sample has not the shape for it.
pub type Repair = fn(&[u8]) -> Option<Vec<u8>>;

/// A named check.
pub struct Check {
    /// The name that rule files use.
    pub name: &'static str,
    /// Where the algorithm is published, or how it was established.
    pub source: &'static str,
    /// Judges the bytes of the secret, as matched by the rule's `secret` group.
    pub verify: Verify,
    /// Makes the check hold for a random sample of the right shape, keeping its length; `None` where the
    /// shape leaves nothing to repair. For examples and tests only.
    pub repair: Option<Repair>,
}

/// Every check there is, sorted by name.
pub static CHECKS: &[&Check] = &[
    &bip39::ALGORAND,
    &crc::ATLASSIAN,
    &tokens::ATLASSIAN_DATA_CENTER,
    &aws::ACCESS_KEY_ID,
    &enclosed::BEDROCK,
    &enclosed::SES_PASSWORD,
    &azure::ANNOTATED_KEY,
    &azure::DEVOPS_PAT,
    &azure::IDENTIFIABLE_KEY,
    &encoded::TOTP,
    &base58check::BASE58CHECK,
    &tokens::BASE64_UUID,
    &encoded::BASIC_AUTH,
    &bech32::BECH32,
    &bip39::BIP39,
    &container::BITCOIN_WALLET,
    &obfuscated::CISCO_TYPE_7,
    &crc::CLOUDFLARE,
    &json_tokens::CLOUDFLARE_TUNNEL,
    &crc::CONFLUENT,
    &crates_io::XOR,
    &crc::BASE62_LAST6,
    &private_key::DER_BASE64,
    &tokens::DISCORD_BOT,
    &encoded::DOCKER_AUTH,
    &tokens::ELASTICSEARCH,
    &electrum::SEED,
    &azure::CLIENT_SECRET,
    &key_json::GCP_SERVICE_ACCOUNT,
    &container::GIT_CRYPT,
    &gitlab::FRIENDLY,
    &gitlab::ROUTABLE,
    &json_tokens::GRAFANA_API_KEY,
    &json_tokens::GRAFANA_CLOUD,
    &crc::GRAFANA,
    &enclosed::INTERCOM,
    &obfuscated::JETBRAINS,
    &tokens::JFROG_API_KEY,
    &tokens::JFROG_REFERENCE,
    &container::JKS,
    &juniper::TYPE_9,
    &jwt::ENCRYPTED,
    &key_json::JWK,
    &jwt::JWT,
    &container::KDBX,
    &container::KEYTAB,
    &macaroon::ANY,
    &json_tokens::MAPBOX,
    &crc::MATRIX,
    &signing_key::MINISIGN,
    &signing_key::MONERO,
    &xmodem::NKEY,
    &enclosed::NTLM,
    &enclosed::NVIDIA_LEGACY,
    &json_tokens::ONEPASSWORD,
    &openpgp::ARMOR,
    &openpgp::LOCKED,
    &private_key::OPENSSH,
    &private_key::PEM_BASE64,
    &private_key::PEM,
    &container::PKCS12,
    &crc::POLAR,
    &putty::PPK,
    &macaroon::PYPI,
    &signing_key::SECP256K1,
    &shape::SENDGRID,
    &tokens::SENTRY_ORG,
    &signing_key::SIGNIFY,
    &shape::SLACK,
    &shape::SQUARE,
    &xmodem::STELLAR,
    &shape::STRIPE,
    &jwt::SUPABASE,
    &shape::TELEGRAM,
    &container::TOR_SERVICE,
    &shape::TWILIO,
    &uuid::ANY,
    &uuid::VERSION_4,
    &crc::VERCEL,
    &obfuscated::WEBSPHERE,
    &container::PVK,
    &obfuscated::UNATTEND,
    &encoded::WIREGUARD,
    &enclosed::WORKOS,
    &base58check::XRP_SEED,
    &crc::ZUPLO,
];

/// Finds a check by the name that a rule file gives.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Check> {
    CHECKS.iter().copied().find(|check| check.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_are_unique() {
        for pair in CHECKS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
    }

    #[test]
    fn every_check_is_found_by_its_name_and_has_a_source() {
        for check in CHECKS {
            assert!(by_name(check.name).is_some_and(|found| std::ptr::eq(found, *check)));
            assert!(check.source.contains("https://") || check.source.contains("RFC "), "{}", check.name);
        }
        assert!(by_name("no-such-check").is_none());
    }

    /// A good example of every kind of text, from which small changes reach the depths of a parser.
    fn good_texts() -> Vec<Vec<u8>> {
        let mut random = testing::Random::new(42);
        let labels = [
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "DSA PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "PUBLIC KEY",
            "PGP PRIVATE KEY BLOCK",
        ];
        let mut texts: Vec<Vec<u8>> =
            labels.iter().map(|label| make::make_pem(label, &mut || random.byte()).into_bytes()).collect();
        texts.push(make::make_jwt(&mut || random.byte()).into_bytes());
        texts.push(make::make_mnemonic(&mut || random.byte()).into_bytes());
        for (head, length) in
            [("", 44), ("", 52), ("", 88), ("pypi-AgEI", 160), ("$9$", 30), ("xprv", 107), ("nsec1", 58)]
        {
            let sample = [head.as_bytes(), &random.text(testing::ALNUM, length)].concat();
            texts.extend(CHECKS.iter().filter_map(|check| check.repair.and_then(|repair| repair(&sample))));
        }
        texts
    }

    #[test]
    fn no_change_of_a_good_text_makes_a_check_panic() {
        let texts = good_texts();
        let mut random = testing::Random::new(43);
        for _ in 0..5000 {
            let mut text = texts[random.below(texts.len())].clone();
            for _ in 0..=random.below(3) {
                let at = random.below(text.len().max(1));
                match random.below(4) {
                    0 => text.truncate(at),
                    1 => text.insert(at.min(text.len()), random.byte()),
                    2 => text = [&text[..at.min(text.len())], &text[at / 2..]].concat(),
                    _ => text.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
                }
            }
            for check in CHECKS {
                let _outcome = (check.verify)(&text);
            }
        }
    }

    #[test]
    fn large_and_repetitive_inputs_are_judged_quickly() {
        let began = std::time::Instant::now();
        for piece in
            ["-----BEGIN X-----\n", "\\n\"  ", "{\"a\":", "[", "eyJ.", "A", "a ", "\\", "1", "_ey", "-----BEGIN "]
        {
            let text = piece.repeat((1 << 20) / piece.len());
            for check in CHECKS {
                assert_ne!((check.verify)(text.as_bytes()), Outcome::Passed, "{}: {piece}", check.name);
            }
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }

    #[test]
    fn no_input_makes_a_check_panic() {
        let mut random = testing::Random::new(0);
        for round in 0..10_000 {
            let length = random.below(300);
            let input = match round % 3 {
                0 => random.bytes(length),
                1 => random.text(testing::BASE64URL, length),
                _ => random.text(b"-_. =\n\\n{}\":,AaZz059+/[]", length),
            };
            for check in CHECKS {
                let _outcome = (check.verify)(&input);
                if let Some(fixed) = check.repair.and_then(|repair| repair(&input)) {
                    assert_ne!((check.verify)(&fixed), Outcome::Failed, "{}: {input:?}", check.name);
                }
            }
        }
    }
}
