//! Tokens that end in a CRC-32 of what stands before it (the zlib polynomial, IEEE 802.3).

use super::codec::{self, BASE62};
use super::{Check, Outcome};

/// Where the checksum of a token stands and what it should read.
enum Layout {
    /// The checksum begins at this byte and runs to the end.
    Sum(usize, Vec<u8>),
    /// A form of the same token that carries no published checksum.
    Plain,
    /// Not a form of this token.
    Wrong,
}

fn judge(token: &[u8], layout: fn(&[u8]) -> Layout) -> Outcome {
    match layout(token) {
        Layout::Sum(at, sum) if token[at..] == sum => Outcome::Passed,
        Layout::Sum(..) | Layout::Wrong => Outcome::Failed,
        Layout::Plain => Outcome::Unknown,
    }
}

fn mend(token: &[u8], layout: fn(&[u8]) -> Layout) -> Option<Vec<u8>> {
    match layout(token) {
        Layout::Sum(at, sum) => Some([&token[..at], &sum].concat()),
        Layout::Plain | Layout::Wrong => None,
    }
}

/// GitHub's classic tokens and npm's: `ghp_`, 30 characters, 6 of checksum.
pub(super) static BASE62_LAST6: Check = Check {
    name: "crc32-base62-last6",
    source: "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/",
    verify: |token| judge(token, github),
    repair: Some(|token| mend(token, github)),
};

fn github(token: &[u8]) -> Layout {
    let body = after_last(token, b'_');
    if body.len() != 36 {
        return Layout::Plain;
    }
    let at = token.len() - 6;
    let sum = base62(&body[..30]);
    // No rule is published for refresh tokens: a sum that does not fit says nothing.
    if token.starts_with(b"ghr_") && token[at..] != sum { Layout::Plain } else { Layout::Sum(at, sum) }
}

/// Vercel: `vcp_` and its kin, 50 characters, 6 of checksum.
pub(super) static VERCEL: Check = Check {
    name: "vercel-crc32",
    source: "https://vercel.com/docs/accounts/access-tokens; sums checked on published samples",
    verify: |token| judge(token, vercel),
    repair: Some(|token| mend(token, vercel)),
};

fn vercel(token: &[u8]) -> Layout {
    let body = after_last(token, b'_');
    if body.len() == 56 { Layout::Sum(token.len() - 6, base62(&body[..50])) } else { Layout::Wrong }
}

/// Polar: a prefix that names the kind, 37 characters, 6 of checksum.
pub(super) static POLAR: Check = Check {
    name: "polar-crc32",
    source: "https://github.com/polarsource/polar (server/polar/kit/crypto.py)",
    verify: |token| judge(token, polar),
    repair: Some(|token| mend(token, polar)),
};

fn polar(token: &[u8]) -> Layout {
    let body = after_last(token, b'_');
    if body.len() == 43 { Layout::Sum(token.len() - 6, base62(&body[..37])) } else { Layout::Plain }
}

/// Matrix (Synapse): `syt_`, the local part, 20 letters, `_`, 6 of checksum over all in front of that `_`.
pub(super) static MATRIX: Check = Check {
    name: "matrix-crc32",
    source: "https://github.com/matrix-org/synapse (synapse/handlers/auth.py)",
    verify: |token| judge(token, matrix),
    repair: Some(|token| mend(token, matrix)),
};

fn matrix(token: &[u8]) -> Layout {
    let at = token.len().saturating_sub(6);
    if !token.starts_with(b"syt_") || at < 5 || token[at - 1] != b'_' {
        return Layout::Wrong;
    }
    Layout::Sum(at, base62(&token[..at - 1]))
}

/// Grafana service accounts: `glsa_`, 32 characters, `_`, 8 hexadecimal digits with the low byte first.
pub(super) static GRAFANA: Check = Check {
    name: "grafana-crc32",
    source: "https://github.com/grafana/grafana (pkg/components/satokengen); sums checked on published samples",
    verify: |token| judge(token, grafana),
    repair: Some(|token| mend(token, grafana)),
};

fn grafana(token: &[u8]) -> Layout {
    if token.len() != 46 || !token.starts_with(b"glsa_") || token[37] != b'_' {
        return Layout::Wrong;
    }
    let sum = crc32fast::hash(&token[..37]).swap_bytes();
    Layout::Sum(38, format!("{sum:08x}").into_bytes())
}

/// Atlassian and Bitbucket: 8 upper-case hexadecimal digits over all in front, prefix and `=` included.
pub(super) static ATLASSIAN: Check = Check {
    name: "atlassian-crc32",
    source: "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/; \
             sums checked on published samples",
    verify: |token| judge(token, atlassian),
    repair: Some(|token| mend(token, atlassian)),
};

fn atlassian(token: &[u8]) -> Layout {
    if token.len() < 20 {
        return Layout::Wrong;
    }
    let at = token.len() - 8;
    Layout::Sum(at, format!("{:08X}", crc32fast::hash(&token[..at])).into_bytes())
}

/// Cloudflare: `cfut_`, `cfat_` or `cfk_`, 40 characters, 8 lower-case hexadecimal digits over those 40.
pub(super) static CLOUDFLARE: Check = Check {
    name: "cloudflare-crc32",
    source: "https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/",
    verify: |token| judge(token, cloudflare),
    repair: Some(|token| mend(token, cloudflare)),
};

fn cloudflare(token: &[u8]) -> Layout {
    let body = after_last(token, b'_');
    if body.len() != 48 {
        return Layout::Wrong;
    }
    // The Access service token has eight characters of checksum too, but its rule is not published.
    if token.starts_with(b"cfast_") {
        return Layout::Plain;
    }
    Layout::Sum(token.len() - 8, format!("{:08x}", crc32fast::hash(&body[..40])).into_bytes())
}

/// Zuplo: `zpka_`, 32 characters, `_`, 8 hexadecimal digits over those 32.
pub(super) static ZUPLO: Check = Check {
    name: "zuplo-crc32",
    source: "https://zuplo.com/docs/concepts/api-keys; sums checked on published samples",
    verify: |token| judge(token, zuplo),
    repair: Some(|token| mend(token, zuplo)),
};

fn zuplo(token: &[u8]) -> Layout {
    if token.len() != 46 || !token.starts_with(b"zpka_") || token[37] != b'_' {
        return Layout::Wrong;
    }
    Layout::Sum(38, format!("{:08x}", crc32fast::hash(&token[5..37])).into_bytes())
}

/// Confluent Cloud: `cflt`, 54 characters, then 6 of the base64 of the sum with its low byte first.
pub(super) static CONFLUENT: Check = Check {
    name: "confluent-crc32",
    source: "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/\
             api-keys/overview.html; sums checked on published samples",
    verify: |token| judge(token, confluent),
    repair: Some(|token| mend(token, confluent)),
};

fn confluent(token: &[u8]) -> Layout {
    if token.len() != 64 || !token.starts_with(b"cflt") {
        return Layout::Wrong;
    }
    let sum = crc32fast::hash(&token[4..58]).to_le_bytes();
    Layout::Sum(58, codec::base64_like(&sum, b"+"))
}

fn base62(covered: &[u8]) -> Vec<u8> {
    codec::digits(u64::from(crc32fast::hash(covered)), BASE62, 6)
}

/// What follows the last `mark`, or everything.
fn after_last(token: &[u8], mark: u8) -> &[u8] {
    let at = token.iter().rposition(|&byte| byte == mark).map_or(0, |at| at + 1);
    &token[at..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{ALNUM, BASE64, Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn the_check_value_of_the_polynomial() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(base62(b"123456789"), b"3jZRME");
    }

    #[test]
    fn the_sample_of_the_documentation_has_a_wrong_sum() {
        let sample = ["ghp_", "16C7e42F292c6912E7", "710c838347Ae178B4a"].concat();
        assert_eq!((BASE62_LAST6.verify)(sample.as_bytes()), Outcome::Failed);
    }

    #[test]
    fn the_sample_of_grafanas_documentation() {
        let token = ["glsa_HOruNAb7SOiCdshU9alg", "krq7FDsNSLAa_54e2f8be"].concat();
        assert_eq!((GRAFANA.verify)(token.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn round_trips() {
        let mut random = Random::new(2);
        for (check, head, length, from) in [
            (&BASE62_LAST6, "ghp_", 36, 4),
            (&BASE62_LAST6, "npm_", 36, 4),
            (&VERCEL, "vcp_", 56, 4),
            (&POLAR, "polar_oat_", 43, 10),
            (&CLOUDFLARE, "cfut_", 48, 5),
            (&ATLASSIAN, "ATBB", 32, 4),
            (&CONFLUENT, "cflt", 60, 4),
        ] {
            for _ in 0..20 {
                let sample = [head.as_bytes(), &random.text(ALNUM, length)].concat();
                let good = passes_when_repaired(check, &sample);
                fails_when_changed(check, &good, from..good.len());
            }
        }
        let sample = [&b"cflt"[..], &random.text(BASE64, 60)].concat();
        passes_when_repaired(&CONFLUENT, &sample);
    }

    #[test]
    fn round_trips_of_tokens_in_parts() {
        let mut random = Random::new(3);
        for _ in 0..20 {
            let (body, tail) = (random.text(ALNUM, 32), random.text(b"0123456789abcdef", 8));
            for (check, head) in [(&GRAFANA, "glsa_"), (&ZUPLO, "zpka_")] {
                let good = passes_when_repaired(check, &[head.as_bytes(), &body, b"_", &tail].concat());
                fails_when_changed(check, &good, 5..good.len());
            }
            let sample = [b"syt_", &body[..12], b"_", &body[12..], b"_", &tail[..6]].concat();
            let good = passes_when_repaired(&MATRIX, &sample);
            fails_when_changed(&MATRIX, &good, 4..good.len());
        }
    }

    #[test]
    fn forms_without_a_published_sum_are_left_open() {
        let long = [&b"ghr_"[..], &[b'a'; 76]].concat();
        assert_eq!((BASE62_LAST6.verify)(&long), Outcome::Unknown);
        let short = [&b"ghr_"[..], &[b'a'; 36]].concat();
        assert_eq!((BASE62_LAST6.verify)(&short), Outcome::Unknown);
        let access = [&b"cfast_"[..], &[b'a'; 48]].concat();
        assert_eq!((CLOUDFLARE.verify)(&access), Outcome::Unknown);
    }
}
