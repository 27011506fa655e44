//! Private keys as the tools of others write them, made anew in every run.

use super::support::{ENGINE, Scratch};
use plainsight::finding::Confidence;
use plainsight::scan::search_bytes;
use std::fs;

/// Runs a tool; `None` where it is not installed or does not know what it is asked for.
fn made(scratch: &Scratch, program: &str, args: &[&str], file: &str) -> Option<String> {
    let output = scratch.program(program, &scratch.path("")).args(args).output().ok()?;
    output.status.success().then(|| fs::read_to_string(scratch.path(file)).ok()).flatten()
}

/// The rules that find something in a text, and how sure they are.
fn found(text: &str) -> Vec<(&'static str, Confidence)> {
    let found = search_bytes(&ENGINE, text.as_bytes(), "notes.txt");
    found.into_iter().map(|found| (ENGINE.rule(found.rule).id, found.confidence)).collect()
}

/// A way of making a key: the program, its arguments (the file is `key`), and the rule that finds it, with its confidence.
type Way = (&'static str, &'static [&'static str], Option<(&'static str, Confidence)>);

const PROVEN: Confidence = Confidence::Proven;
const POSSIBLE: Confidence = Confidence::Possible;

const WAYS: &[Way] = &[
    ("openssl", &["genrsa", "-traditional", "-out", "key", "2048"], Some(("pem-rsa-private-key", PROVEN))),
    ("openssl", &["genpkey", "-algorithm", "RSA", "-out", "key"], Some(("pem-pkcs8-private-key", PROVEN))),
    ("openssl", &["genpkey", "-algorithm", "ED25519", "-out", "key"], Some(("pem-pkcs8-private-key", PROVEN))),
    ("openssl", &["genpkey", "-algorithm", "X448", "-out", "key"], Some(("pem-pkcs8-private-key", PROVEN))),
    ("openssl", &["ecparam", "-name", "prime256v1", "-genkey", "-out", "key"], Some(("pem-ec-private-key", PROVEN))),
    (
        "openssl",
        &["ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", "key"],
        Some(("pem-ec-private-key", PROVEN)),
    ),
    (
        "openssl",
        &["genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "pass:abcd", "-out", "key"],
        Some(("pem-encrypted-pkcs8-private-key", POSSIBLE)),
    ),
    (
        "openssl",
        &["genrsa", "-traditional", "-aes128", "-passout", "pass:abcd", "-out", "key", "2048"],
        Some(("pem-legacy-encrypted-private-key", POSSIBLE)),
    ),
    ("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "key"], Some(("openssh-private-key", PROVEN))),
    ("ssh-keygen", &["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", "key"], Some(("openssh-private-key", PROVEN))),
    ("ssh-keygen", &["-q", "-t", "ecdsa", "-N", "", "-f", "key"], Some(("openssh-private-key", PROVEN))),
    (
        "ssh-keygen",
        &["-q", "-t", "ed25519", "-N", "abcdef", "-f", "key"],
        Some(("openssh-encrypted-private-key", POSSIBLE)),
    ),
];

#[test]
fn keys_of_openssl_and_ssh_are_proven_and_locked_ones_are_told_apart() {
    for (program, args, expected) in WAYS {
        let scratch = Scratch::new();
        let Some(key) = made(&scratch, program, args, "key") else { continue };
        for text in [
            key.clone(),
            key.replace('\n', "\r\n"),
            format!("key: |\n  {}", key.replace('\n', "\n  ")),
            format!("{{\"key\": \"{}\"}}", key.replace('\n', "\\n")),
        ] {
            assert_eq!(found(&text), expected.as_slice(), "{program} {args:?}");
        }
    }
}

#[test]
fn public_keys_and_certificates_are_no_secrets() {
    let scratch = Scratch::new();
    let request =
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.example", "-keyout", "k", "-out", "c"];
    if let Some(certificate) = made(&scratch, "openssl", &request, "c") {
        assert_eq!(found(&certificate), []);
        // The same bytes under the label of a private key are none; that a key may have begun there is worth a look.
        let relabelled = found(&certificate.replace("CERTIFICATE", "PRIVATE KEY"));
        assert!(relabelled.iter().all(|found| found.1 == POSSIBLE), "{relabelled:?}");
        if let Some(public) = made(&scratch, "openssl", &["pkey", "-in", "k", "-pubout", "-out", "p"], "p") {
            assert_eq!(found(&public), []);
            let relabelled = found(&public.replace("PUBLIC", "PRIVATE"));
            assert!(relabelled.iter().all(|found| found.1 == POSSIBLE), "{relabelled:?}");
        }
    }
    if let Some(public) = made(&scratch, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "key"], "key.pub") {
        assert_eq!(found(&public), []);
    }
}

#[test]
fn a_key_that_lost_a_line_is_neither_proven_nor_dropped() {
    let scratch = Scratch::new();
    let args = ["genrsa", "-traditional", "-out", "key", "2048"];
    let Some(key) = made(&scratch, "openssl", &args, "key") else { return };
    let cut: Vec<&str> = key.lines().enumerate().filter(|(at, _)| *at != 9).map(|(_, line)| line).collect();
    assert_eq!(found(&cut.join("\n")), [("pem-rsa-private-key", Confidence::Strong)]);
}
