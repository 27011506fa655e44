//! Private keys in PEM armour: the label says what to expect, the bytes inside must be just that.

use super::der::{self, Reader, Shape};
use super::pem::{self, Block};
use super::{Check, Outcome, codec, fit, openpgp, openssh};

/// A PEM block of a private key of any kind, also with written-out line ends, indented or quoted.
pub(super) static PEM: Check = Check {
    name: "pem-private-key",
    source: "RFC 7468, RFC 8017 (PKCS#1), RFC 5958 (PKCS#8), RFC 5915 (SEC 1), RFC 1421 (Proc-Type)",
    verify,
    repair: None,
};

/// Base64 of a PEM block, as Kubernetes and CI variables hold it (`LS0tLS1CRUdJTi…`).
pub(super) static PEM_BASE64: Check = Check {
    name: "pem-base64-private-key",
    source: "RFC 4648 over RFC 7468",
    verify: |text| codec::base64(&without_blanks(text)).map_or(Outcome::Failed, |plain| verify(&plain)),
    repair: Some(fit::pem_base64),
};

/// Base64 of a key in DER without armour.
pub(super) static DER_BASE64: Check = Check {
    name: "der-base64-private-key",
    source: "RFC 4648 over RFC 8017, RFC 5958 or RFC 5915",
    verify: |text| codec::base64(&without_blanks(text)).map_or(Outcome::Failed, |bytes| bare_der(&bytes)),
    repair: Some(fit::der_base64),
};

/// A key in OpenSSH's container: in armour, or the base64 of it alone.
pub(super) static OPENSSH: Check = Check {
    name: "openssh-private-key",
    source: "https://github.com/openssh/openssh-portable (PROTOCOL.key)",
    verify: openssh_key,
    repair: None,
};

fn openssh_key(text: &[u8]) -> Outcome {
    let block = pem::blocks(text).into_iter().find(|block| block.label == "OPENSSH PRIVATE KEY");
    let bytes = match block {
        Some(block) => block.decode(),
        None => codec::base64(&without_blanks(text)),
    };
    bytes.map_or(Outcome::Failed, |bytes| openssh::judge(&bytes))
}

fn without_blanks(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

/// The worst of the private blocks decides: parameters, certificates or a dummy may stand in front of it.
pub(super) fn verify(text: &[u8]) -> Outcome {
    let blocks = pem::blocks(text);
    let Some(first) = blocks.first() else { return Outcome::Failed };
    let private = blocks.iter().filter(|block| block.label.contains("PRIVATE KEY") || is_static_key(block));
    let outcomes: Vec<Outcome> = private.map(judge).collect();
    match outcomes.first() {
        Some(_) if outcomes.contains(&Outcome::Passed) => Outcome::Passed,
        Some(_) => outcomes.into_iter().find(|outcome| *outcome != Outcome::Failed).unwrap_or(Outcome::Failed),
        None if openpgp::is_message(&first.label) => Outcome::NotASecret("encrypted"),
        None => Outcome::NotASecret("public key"),
    }
}

fn judge(block: &Block) -> Outcome {
    match block.label.as_str() {
        _ if is_static_key(block) => verdict(static_key(block)),
        label if label.starts_with("PGP ") => openpgp::judge(block),
        label => block.decode().map_or(Outcome::Failed, |bytes| judge_bytes(label, block.is_encrypted, &bytes)),
    }
}

fn judge_bytes(label: &str, is_encrypted: bool, bytes: &[u8]) -> Outcome {
    match label {
        "OPENSSH PRIVATE KEY" => openssh::judge(bytes),
        _ if bytes.is_empty() => Outcome::Failed,
        // Whatever label and header say: a key that can be read is one.
        _ if bare_der(bytes) == Outcome::Passed => Outcome::Passed,
        _ if is_encrypted => Outcome::NotASecret("encrypted"),
        "ENCRYPTED PRIVATE KEY" if whole(bytes, encrypted).is_none() => Outcome::Failed,
        // Sigstore's and Cosign's ciphertexts are JSON, Tendermint's are bare, all under a passphrase.
        "TENDERMINT PRIVATE KEY" => Outcome::NotASecret("encrypted"),
        _ if label.starts_with("ENCRYPTED ") => Outcome::NotASecret("encrypted"),
        // Tools mix up the labels of RSA, EC, DSA and PKCS#8, and a key under a wrong name is one all the same.
        _ => bare_der(bytes),
    }
}

fn verdict(parsed: Option<()>) -> Outcome {
    parsed.map_or(Outcome::Failed, |()| Outcome::Passed)
}

fn bare_der(bytes: &[u8]) -> Outcome {
    let kinds = [rsa, elliptic, dsa, pkcs8];
    if kinds.iter().any(|kind| whole(bytes, *kind).is_some()) {
        return Outcome::Passed;
    }
    if whole(bytes, encrypted).is_some() {
        return Outcome::NotASecret("encrypted");
    }
    match der::shape(bytes) {
        Shape::Whole(tags) if PUBLIC.contains(&&tags[..]) => Outcome::NotASecret("public key"),
        // A kind that is not known, or a key without its end: neither proven nor refuted.
        Shape::Whole(_) | Shape::Cut => Outcome::Unknown,
        Shape::Other => Outcome::Failed,
    }
}

/// `SubjectPublicKeyInfo`, a certificate, PKCS#1's public half: what lies under a wrong label now and then.
const PUBLIC: [&[u8]; 3] = [
    &[der::SEQUENCE, der::BIT_STRING],
    &[der::SEQUENCE, der::SEQUENCE, der::BIT_STRING],
    &[der::INTEGER, der::INTEGER],
];

/// The one sequence that fills `bytes`, read by `kind` to its end.
fn whole(bytes: &[u8], kind: fn(&mut Reader<'_>) -> Option<()>) -> Option<()> {
    let mut outer = Reader::new(bytes);
    let mut inner = outer.enter(der::SEQUENCE)?;
    kind(&mut inner)?;
    (outer.is_done() && inner.is_done()).then_some(())
}

/// PKCS#1: version, modulus, exponents, primes and their helpers; version 1 adds further primes.
fn rsa(fields: &mut Reader<'_>) -> Option<()> {
    let version = fields.small_number().filter(|version| *version <= 1)?;
    let modulus = fields.number()?;
    for _ in 0..7 {
        fields.number()?;
    }
    if version == 1 {
        fields.take(der::SEQUENCE)?;
    }
    // Anything below 512 bits is an exercise, not a key.
    (modulus.len() >= 64).then_some(())
}

/// SEC 1: version 1, the number, then the curve and the public key if they are not known from outside.
fn elliptic(fields: &mut Reader<'_>) -> Option<()> {
    fields.small_number().filter(|version| *version == 1)?;
    let number = fields.take(der::OCTET_STRING)?;
    if fields.tag() == Some(der::CONTEXT_0) {
        fields.take(der::CONTEXT_0)?;
    }
    if fields.tag() == Some(der::CONTEXT_1[0]) {
        fields.enter(der::CONTEXT_1[0])?.take(der::BIT_STRING)?;
    }
    (16..=66).contains(&number.len()).then_some(())
}

/// OpenSSL's form: version 0, p, q, g, y, x.
fn dsa(fields: &mut Reader<'_>) -> Option<()> {
    fields.small_number().filter(|version| *version == 0)?;
    let prime = fields.number()?;
    for _ in 0..4 {
        fields.number()?;
    }
    (prime.len() >= 64).then_some(())
}

/// PKCS#8: version, algorithm, the key in an octet string, attributes and public key.
fn pkcs8(fields: &mut Reader<'_>) -> Option<()> {
    fields.small_number().filter(|version| *version <= 1)?;
    fields.enter(der::SEQUENCE)?.take(der::OBJECT_ID)?;
    let key = fields.take(der::OCTET_STRING)?;
    if fields.tag() == Some(der::CONTEXT_0) {
        fields.take(der::CONTEXT_0)?;
    }
    for tag in der::CONTEXT_1 {
        if fields.tag() == Some(tag) {
            fields.take(tag)?;
        }
    }
    (key.len() >= 16).then_some(())
}

/// PKCS#8 encrypted: the scheme and the ciphertext.
fn encrypted(fields: &mut Reader<'_>) -> Option<()> {
    fields.enter(der::SEQUENCE)?.take(der::OBJECT_ID)?;
    fields.take(der::OCTET_STRING).filter(|text| text.len() >= 16).map(|_| ())
}

fn is_static_key(block: &Block) -> bool {
    block.label == "OpenVPN Static key V1"
}

/// `OpenVPN`: 256 bytes in hexadecimal.
fn static_key(block: &Block) -> Option<()> {
    let text: Vec<u8> = block.body.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    codec::hex(&text).filter(|bytes| bytes.len() == 256).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::make;
    use crate::engine::check::testing::Random;

    fn made(label: &str) -> String {
        let mut random = Random::new(17);
        make::make_pem(label, &mut || random.byte())
    }

    fn around(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----")
    }

    #[test]
    fn keys_of_every_kind_pass() {
        for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            let text = made(label);
            assert_eq!(verify(text.as_bytes()), Outcome::Passed, "{text}");
            assert_eq!(verify(text.replace('\n', "\\n").as_bytes()), Outcome::Passed, "{label}");
            let coded = codec::base64_padded(text.as_bytes());
            assert_eq!((PEM_BASE64.verify)(&coded), Outcome::Passed, "{label}");
        }
        let pgp = made("PGP PRIVATE KEY BLOCK");
        assert_eq!(verify(pgp.as_bytes()), Outcome::Passed, "{pgp}");
    }

    #[test]
    fn encrypted_and_public_ones_are_no_secrets() {
        assert_eq!(verify(made("ENCRYPTED PRIVATE KEY").as_bytes()), Outcome::NotASecret("encrypted"));
        assert_eq!(verify(made("PUBLIC KEY").as_bytes()), Outcome::NotASecret("public key"));
        let headed = |text: &str| text.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1);
        let ciphertext = pem::write("RSA PRIVATE KEY", &Random::new(44).bytes(608), 64);
        assert_eq!(verify(headed(&ciphertext).as_bytes()), Outcome::NotASecret("encrypted"));
        assert_eq!(verify(headed(&made("RSA PRIVATE KEY")).as_bytes()), Outcome::Passed);
        let renamed = made("EC PRIVATE KEY").replace(" EC ", " ENCRYPTED ");
        assert_eq!(verify(renamed.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn a_certificate_in_front_does_not_hide_the_key() {
        let text = format!("{}\n{}", made("PUBLIC KEY"), made("EC PRIVATE KEY"));
        assert_eq!(verify(text.as_bytes()), Outcome::Passed);
        let dummy = around("RSA PRIVATE KEY", "MIIE...");
        assert_eq!(verify(format!("{dummy}\n{}", made("EC PRIVATE KEY")).as_bytes()), Outcome::Passed);
        let mixed_up = made("PRIVATE KEY").replace(" PRIVATE", " RSA PRIVATE");
        assert_eq!(verify(mixed_up.as_bytes()), Outcome::Passed);
    }

    #[test]
    fn random_bytes_fail_and_cut_keys_are_left_open() {
        let mut random = Random::new(18);
        for label in [
            "RSA PRIVATE KEY",
            "PRIVATE KEY",
            "EC PRIVATE KEY",
            "DSA PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "ANY PRIVATE KEY",
        ] {
            let noise = pem::write(label, &random.bytes(400), 64);
            assert_eq!(verify(noise.as_bytes()), Outcome::Failed, "{label}");
            let good = made(label);
            for line in 1..good.lines().count() - 1 {
                let lines: Vec<&str> =
                    good.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| line).collect();
                let judged = verify(lines.join("\n").as_bytes());
                let is_open = label != "OPENSSH PRIVATE KEY" && line > 1;
                assert!(
                    judged == Outcome::Unknown || (!is_open && judged == Outcome::Failed),
                    "{label} without {line}"
                );
            }
            assert_eq!(verify(&good.as_bytes()[..good.len() - 10]), Outcome::Failed, "{label} without its end");
        }
        assert_eq!(verify(around("PRIVATE KEY", "...").as_bytes()), Outcome::Failed);
    }

    #[test]
    fn other_structures_under_the_label_of_a_key() {
        let relabelled = |label: &str| made(label).replace(label, "PRIVATE KEY");
        assert_eq!(verify(relabelled("PUBLIC KEY").as_bytes()), Outcome::NotASecret("public key"));
        assert_eq!(verify(relabelled("ENCRYPTED PRIVATE KEY").as_bytes()), Outcome::NotASecret("encrypted"));
        let unknown = [der::write(der::OBJECT_ID, &[0x67, 0x81]), der::write(der::OCTET_STRING, &[7; 40])].concat();
        let unknown = pem::write("TSS2 PRIVATE KEY", &der::write(der::SEQUENCE, &unknown), 64);
        assert_eq!(verify(unknown.as_bytes()), Outcome::Unknown);
        let mut altered =
            pem::blocks(made("RSA PRIVATE KEY").as_bytes()).remove(0).decode().expect("a made key decodes");
        let noise = Random::new(50).bytes(altered.len() - 48);
        altered[48..].copy_from_slice(&noise);
        assert_eq!(verify(pem::write("RSA PRIVATE KEY", &altered, 64).as_bytes()), Outcome::Failed);
    }

    #[test]
    fn the_container_of_openssh_with_and_without_armour() {
        let text = made("OPENSSH PRIVATE KEY");
        assert_eq!(openssh_key(text.as_bytes()), Outcome::Passed);
        let bare: Vec<&str> = text.lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(openssh_key(bare.join("\n").as_bytes()), Outcome::Passed);
        assert_eq!(openssh_key(bare[1..].join("\n").as_bytes()), Outcome::Failed);
        assert_eq!(openssh_key(made("EC PRIVATE KEY").as_bytes()), Outcome::Failed);
    }

    #[test]
    fn bare_der_in_base64() {
        let block = pem::blocks(made("EC PRIVATE KEY").as_bytes()).remove(0);
        let text = codec::base64_padded(&block.decode().expect("a made key decodes"));
        assert_eq!((DER_BASE64.verify)(&text), Outcome::Passed);
        assert_eq!((DER_BASE64.verify)(&text[..text.len() - 8]), Outcome::Unknown);
        assert_eq!((DER_BASE64.verify)(&text[8..]), Outcome::Failed);
    }

    #[test]
    fn the_static_key_of_openvpn() {
        let text = around("OpenVPN Static key V1", &["0123456789abcdef0123456789abcdef"; 16].join("\n"));
        assert_eq!(verify(text.as_bytes()), Outcome::Passed);
        assert_eq!(verify(text.replacen('0', "", 1).as_bytes()), Outcome::Failed);
    }
}
