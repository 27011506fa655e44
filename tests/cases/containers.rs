//! Files that hold keys: known by name and content, and told from those that hold ciphertext.

use super::support::{ENGINE, sample};
use plainsight::finding::Confidence;
use plainsight::scan::search_bytes;

/// The rules that find something in a file, at least at a level.
fn found(path: &str, bytes: &[u8], least: Confidence) -> Vec<&'static str> {
    let found = search_bytes(&ENGINE, bytes, path).into_iter().filter(|found| found.confidence >= least);
    found.map(|found| ENGINE.rule(found.rule).id).collect()
}

#[test]
fn containers_are_known_by_name_and_first_bytes() {
    for (rule, path, head) in [
        ("java-keystore-file", "conf/server.jks", &b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01"[..]),
        ("keepass-database-file", "team.kdbx", b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\0\x04\0"),
        ("kerberos-keytab-file", "http.keytab", b"\x05\x02\0\0\0\x4a\0\x02\0\x0bEXAMPLE.ORG"),
        ("tor-onion-service-file", "hs_ed25519_secret_key", b"== ed25519v1-secret: type0 ==\0\0\0"),
        (
            "pkcs12-file",
            "client.p12",
            b"\x30\x82\x06\x7f\x02\x01\x03\x30\x82\x06\x35\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01",
        ),
    ] {
        let bytes = [head, &[7; 400]].concat();
        assert_eq!(found(path, &bytes, Confidence::Likely), [rule], "{path}");
        // Some have their name to themselves; the other endings are used for much else.
        if ["java-keystore-file", "keepass-database-file", "pkcs12-file"].contains(&rule) {
            assert_eq!(found(path, b"a text of the same name\n", Confidence::Likely), [""; 0], "{path}");
        }
    }
}

#[test]
fn a_key_at_the_beginning_of_a_file_that_is_one_by_name_is_one_finding() {
    let key = sample("openssh-private-key", "{@pem:OPENSSH PRIVATE KEY}\n", 1);
    for name in ["id_ed25519", "ssh_host_ed25519_key"] {
        let found = found(name, key.as_bytes(), Confidence::Possible);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&"openssh-private-key"), "{found:?}");
    }
}

#[test]
fn ciphertext_is_no_leak() {
    let fill = |template: &str| sample("jwt", template, 3);
    for (path, template) in [
        ("group_vars/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n{:digit:80}\n{:digit:80}\n{:digit:80}\n"),
        (
            "secrets.yaml",
            "db_password: ENC[AES256_GCM,data:{:base64:20},iv:{:base64:43}=,tag:{:base64:22}==,type:str]\n",
        ),
        ("notes.asc", "-----BEGIN PGP MESSAGE-----\n\n{:base64:64}\n{:base64:64}\n-----END PGP MESSAGE-----\n"),
        (
            "backup.age",
            "-----BEGIN AGE ENCRYPTED FILE-----\n{:base64:64}\n{:base64:64}\n-----END AGE ENCRYPTED FILE-----\n",
        ),
        ("application.yml", "spring:\n  datasource:\n    password: \"{{cipher}}{:hex:128}\"\n"),
        ("config/credentials.yml.enc", "{:base64:300}--{:base64:16}--{:base64:22}=="),
        ("app.properties", "spring.datasource.password=ENC({:base64:43}=)\n"),
        ("hiera.yaml", "password: ENC[PKCS7,{:base64:300}==]\n"),
        ("token.txt", "token: gAAAAA{:base64url:94}==\n"),
    ] {
        assert_eq!(found(path, fill(template).as_bytes(), Confidence::Likely), [""; 0], "{path}");
    }
    let locked = [&b"\0GITCRYPT\0"[..], &[7; 200]].concat();
    assert_eq!(found(".env", &locked, Confidence::Likely), [""; 0]);
}

#[test]
fn an_encrypted_token_blocks_only_where_it_lets_its_holder_in() {
    // `{"alg":"dir","enc":"A256GCM"}`, the same to a password, and to the machine itself.
    let [direct, by_password, by_machine] = [
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..{:base64url:16}.{:base64url:160}.{:base64url:22}",
        "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMTI4R0NNIiwicDJzIjoiYWJjIn0.{:base64url:32}.{:base64url:16}.{:base64url:160}.{:base64url:22}",
        "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImNsZXZpcyI6eyJwaW4iOiJ0YW5nIn19..{:base64url:16}.{:base64url:160}.{:base64url:22}",
    ]
    .map(|template| sample("jwt", template, 5));
    for (text, least) in [
        (format!("Cookie: theme=dark; __Host-session={direct}\n"), Some(Confidence::Likely)),
        (format!("curl -H 'Authorization: Bearer {direct}' https://api.acme.io\n"), Some(Confidence::Likely)),
        (format!("{{\"access_token\": \"{direct}\"}}\n"), Some(Confidence::Likely)),
        (format!("SESSION_TOKEN={direct}\n"), Some(Confidence::Likely)),
        (format!("db:\n  password: {direct}\n"), Some(Confidence::Possible)),
        (format!("message = {direct}\n"), Some(Confidence::Possible)),
        (format!("{direct}\n"), Some(Confidence::Possible)),
        (format!("{{\"jwe\": \"{direct}\"}}\n"), None),
        (format!("ciphertext = \"{direct}\"\n"), None),
        (format!("encryptedPassword: {direct}\n"), None),
        (format!("spec:\n  encryptedData:\n    session-token: >-\n      {direct}\n"), None),
        (format!("{{\n  \"sealed\": {{\n    \"token\": \"{direct}\"\n  }}\n}}\n"), None),
        (format!("token: {by_password}\n"), None),
        (format!("token: {by_machine}\n"), None),
    ] {
        for path in ["notes.txt", "values.yaml", ".env"] {
            let all = search_bytes(&ENGINE, text.as_bytes(), path);
            let all = all.iter().filter(|found| !found.span.is_empty());
            assert_eq!(all.map(|found| found.confidence).max(), least, "{path}: {text}");
        }
    }
}
