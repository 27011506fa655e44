//! Binary files that hold keys, by their first bytes. `verify` gets the beginning of the file, 24 bytes or more.

use super::{Check, Outcome};

const fn container(name: &'static str, source: &'static str, verify: fn(&[u8]) -> Outcome) -> Check {
    Check { name, source, verify, repair: None }
}

fn verdict(holds: bool) -> Outcome {
    if holds { Outcome::Passed } else { Outcome::Failed }
}

/// PKCS#12: a DER sequence that begins with version 3 and the content information.
pub(super) static PKCS12: Check = container("pkcs12-container", "RFC 7292 section 4", |head| verdict(pkcs12(head)));

/// Java's key stores: JKS and JCEKS.
pub(super) static JKS: Check = container(
    "jks-container",
    "https://github.com/openjdk/jdk (sun/security/provider/JavaKeyStore.java, com/sun/crypto/provider/JceKeyStore.java)",
    |head| verdict(jks(head)),
);

/// `KeePass` databases, versions 1 and 2.
pub(super) static KDBX: Check = container("kdbx-container", "https://keepass.info/help/kb/kdbx.html", |head| {
    verdict(
        head.starts_with(b"\x03\xd9\xa2\x9a")
            && matches!(head.get(4..8), Some(b"\x67\xfb\x4b\xb5" | b"\x65\xfb\x4b\xb5" | b"\x66\xfb\x4b\xb5")),
    )
});

/// Kerberos key tables: version 5.2, then the size of the first entry.
pub(super) static KEYTAB: Check = container(
    "kerberos-keytab",
    "https://web.mit.edu/kerberos/krb5-latest/doc/formats/keytab_file_format.html",
    |head| verdict(keytab(head)),
);

/// Microsoft's PVK files; the fifth number says whether the key is encrypted.
pub(super) static PVK: Check =
    container("windows-pvk-key", "https://github.com/openssl/openssl (crypto/pem/pvkfmt.c)", pvk);

/// The symmetric key of git-crypt.
pub(super) static GIT_CRYPT: Check =
    container("git-crypt-key", "https://github.com/AGWA/git-crypt (key.cpp)", |head| {
        verdict(head.starts_with(b"\0GITCRYPTKEY\0\0\0"))
    });

/// Bitcoin Core's wallet: Berkeley DB's B-tree magic, or `SQLite`.
pub(super) static BITCOIN_WALLET: Check =
    container("bitcoin-wallet", "https://github.com/bitcoin/bitcoin (src/wallet/db.cpp)", wallet);

/// Tor's secret identity of an onion service.
pub(super) static TOR_SERVICE: Check =
    container("tor-hidden-service-key", "https://spec.torproject.org/rend-spec-v3 (appendix F)", |head| {
        verdict(head.starts_with(b"== ed25519v1-secret: type0 =="))
    });

fn pkcs12(head: &[u8]) -> bool {
    // Sequence of any length form, INTEGER 3, and the sequence of the content with its object identifier.
    let content = match head {
        [0x30, 0x80..=0x84, ..] => head.get(2 + usize::from(head[1] & 0x0f)..),
        [0x30, 0..=0x7f, ..] => head.get(2..),
        _ => None,
    };
    let Some([0x02, 0x01, 0x03, 0x30, rest @ ..]) = content else { return false };
    let rest = match rest {
        [form @ 0x80..=0x84, ..] => rest.get(1 + usize::from(form & 0x0f)..),
        _ => rest.get(1..),
    };
    // pkcs7-data or pkcs7-signedData: 1.2.840.113549.1.7.1 or 2.
    rest.is_some_and(|rest| rest.starts_with(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"))
}

fn wallet(head: &[u8]) -> Outcome {
    if !head.starts_with(b"SQLite format 3\0") {
        return verdict(head.get(12..16) == Some(b"\x62\x31\x05\x00"));
    }
    // The application id of the main network; a beginning that is too short leaves it open.
    head.get(68..72).map_or(Outcome::Unknown, |id| verdict(id == b"\xf9\xbe\xb4\xd9"))
}

fn jks(head: &[u8]) -> bool {
    let version_holds = matches!(head.get(4..8), Some([0, 0, 0, 1 | 2]));
    version_holds && (head.starts_with(b"\xfe\xed\xfe\xed") || head.starts_with(b"\xce\xce\xce\xce"))
}

fn keytab(head: &[u8]) -> bool {
    // The size is below 64 KiB and has its high byte first; an entry begins with the count of name parts.
    matches!(head, [5, 2, 0, 0, high, low, 0, 1..=8, ..] if *high > 0 || *low > 8)
}

fn pvk(head: &[u8]) -> Outcome {
    // Magic, reserved, key type, encrypted, salt length, key length: 32 bits each, the low byte first.
    let (numbers, _) = head.as_chunks::<4>();
    match numbers {
        [[0x1e, 0xf1, 0xb5, 0xb0], _, [1 | 2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], _, ..] => Outcome::Passed,
        [[0x1e, 0xf1, 0xb5, 0xb0], _, [1 | 2, 0, 0, 0], [1, 0, 0, 0], _, _, ..] => Outcome::NotASecret("encrypted"),
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::Random;

    const HEADS: [(&Check, &[u8]); 11] = [
        (&PKCS12, b"\x30\x82\x06\x7f\x02\x01\x03\x30\x82\x06\x35\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
        (&PKCS12, b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
        (&JKS, b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01"),
        (&JKS, b"\xce\xce\xce\xce\x00\x00\x00\x02\x00\x00\x00\x01"),
        (&KDBX, b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\x00\x04\x00"),
        (&KDBX, b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5\x01\x00\x04\x00"),
        (&KEYTAB, b"\x05\x02\x00\x00\x00\x4a\x00\x02\x00\x0bEXAMPLE.ORG"),
        (&PVK, b"\x1e\xf1\xb5\xb0\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x54\x02\x00\x00"),
        (&GIT_CRYPT, b"\x00GITCRYPTKEY\x00\x00\x00\x02"),
        (&BITCOIN_WALLET, b"\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x62\x31\x05\x00"),
        (&TOR_SERVICE, b"== ed25519v1-secret: type0 ==\x00\x00\x00"),
    ];

    #[test]
    fn each_knows_its_own_head_only() {
        for (check, head) in HEADS {
            for (other, _) in HEADS {
                let expected = if other.name == check.name { Outcome::Passed } else { Outcome::Failed };
                assert_eq!((other.verify)(head), expected, "{} against {}", other.name, check.name);
            }
            assert_eq!((check.verify)(&head[..4]), Outcome::Failed);
        }
    }

    #[test]
    fn wallets_in_sqlite_have_their_own_application_id() {
        let mut head = [&b"SQLite format 3\0"[..], &[0; 84]].concat();
        assert_eq!(wallet(&head), Outcome::Failed);
        head[68..72].copy_from_slice(b"\xf9\xbe\xb4\xd9");
        assert_eq!(wallet(&head), Outcome::Passed);
        assert_eq!(wallet(&head[..24]), Outcome::Unknown);
    }

    #[test]
    fn random_heads_fail() {
        let mut random = Random::new(30);
        for _ in 0..2000 {
            let head = random.bytes(24);
            for (check, _) in HEADS {
                assert_eq!((check.verify)(&head), Outcome::Failed);
            }
        }
    }

    #[test]
    fn an_encrypted_pvk_is_no_secret() {
        let head = b"\x1e\xf1\xb5\xb0\x00\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00\x54\x02\x00\x00";
        assert_eq!(pvk(head), Outcome::NotASecret("encrypted"));
    }
}
