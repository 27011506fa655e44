//! `PuTTY`'s private key files, versions 2 and 3.

use sha2::{Digest as _, Sha256};

use super::openssh::{Wire, write_string};
use super::{Check, Outcome, codec};

/// A whole `.ppk` text.
pub(super) static PPK: Check = Check {
    name: "putty-private-key",
    source: "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html",
    verify: |text| parse(text).unwrap_or(Outcome::Failed),
    repair: Some(repair),
};

/// A 16384-bit RSA key has 130 lines.
const MOST_LINES: usize = 1000;

/// The lines with their ends and written-out line ends gone.
struct Lines {
    lines: Vec<String>,
    at: usize,
}

impl Lines {
    fn new(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= codec::MAX_TEXT)?;
        let text = text.replace("\\r\\n", "\n").replace("\\n", "\n");
        let lines = text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
        Some(Self { lines: lines.collect(), at: 0 })
    }

    /// The value of the next line, which must have this key.
    fn value(&mut self, key: &str) -> Option<String> {
        let value = self.lines.get(self.at)?.strip_prefix(key)?.strip_prefix(':')?.trim().to_owned();
        self.at += 1;
        Some(value)
    }

    /// As many lines of base64 as the next line says.
    fn block(&mut self, key: &str) -> Option<Vec<u8>> {
        let count = self.value(key)?.parse::<usize>().ok().filter(|count| *count <= MOST_LINES)?;
        let text = self.lines.get(self.at..self.at + count)?.concat();
        self.at += count;
        codec::base64(text.as_bytes())
    }
}

/// Whatever is in the file: what it would have to be authenticated with, and what it is.
struct File {
    version: u8,
    is_plain: bool,
    covered: Vec<u8>,
    mac: Vec<u8>,
}

fn parse(text: &[u8]) -> Option<Outcome> {
    let file = read(text)?;
    if !file.is_plain {
        return Some(Outcome::NotASecret("encrypted"));
    }
    // Version 2 uses SHA-1, and this program has no need of it elsewhere: there the structure has to do.
    (file.version == 2 || hmac_without_key(&file.covered) == file.mac).then_some(Outcome::Passed)
}

/// Gives a plain file of version 3 its authentication code; those of version 2 need none.
fn repair(text: &[u8]) -> Option<Vec<u8>> {
    let file = read(text).filter(|file| file.is_plain)?;
    if file.version == 2 {
        return Some(text.to_vec());
    }
    let digits = codec::to_hex(&hmac_without_key(&file.covered));
    let at = super::pem::find(text, b"Private-MAC: ")? + b"Private-MAC: ".len();
    Some([text.get(..at)?, &digits, text.get(at + digits.len()..)?].concat())
}

fn read(text: &[u8]) -> Option<File> {
    let mut lines = Lines::new(text)?;
    let (version, algorithm) = match lines.value("PuTTY-User-Key-File-3") {
        Some(algorithm) => (3, algorithm),
        None => (2, lines.value("PuTTY-User-Key-File-2")?),
    };
    let encryption = lines.value("Encryption")?;
    let comment = lines.value("Comment")?;
    let public = lines.block("Public-Lines")?;
    let is_plain = encryption == "none";
    if version == 3 && !is_plain {
        for key in ["Key-Derivation", "Argon2-Memory", "Argon2-Passes", "Argon2-Parallelism", "Argon2-Salt"] {
            lines.value(key)?;
        }
    }
    let private = lines.block("Private-Lines")?;
    let mac = codec::hex(lines.value("Private-MAC")?.as_bytes())?;
    // The public blob begins with the name of the algorithm (RFC 4253 section 6.6).
    let fits = Wire(&public).string()? == algorithm.as_bytes() && !private.is_empty();
    if !fits || mac.len() != if version == 3 { 32 } else { 20 } {
        return None;
    }
    let parts = [algorithm.as_bytes(), encryption.as_bytes(), comment.as_bytes(), &public, &private];
    Some(File { version, is_plain, covered: parts.map(write_string).concat(), mac })
}

/// HMAC-SHA256 (RFC 2104) with the empty key that an unencrypted file of version 3 has.
fn hmac_without_key(message: &[u8]) -> Vec<u8> {
    let inner = Sha256::new().chain_update([0x36; 64]).chain_update(message).finalize();
    Sha256::new().chain_update([0x5c; 64]).chain_update(inner).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{Random, hex};

    fn file(version: u8, encryption: &str) -> String {
        let mut random = Random::new(28);
        let public = [write_string(b"ssh-ed25519"), write_string(&random.bytes(32))].concat();
        let private = write_string(&random.bytes(32));
        let parts = [&b"ssh-ed25519"[..], encryption.as_bytes(), b"me@example.org", &public, &private];
        let mac = if version == 3 { hmac_without_key(&parts.map(write_string).concat()) } else { random.bytes(20) };
        let [public, private] = [&public, &private].map(|bytes| {
            let text = String::from_utf8_lossy(&codec::base64_padded(bytes)).into_owned();
            let lines: Vec<String> =
                text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
            format!("{}\n{}", lines.len(), lines.join("\n"))
        });
        let derivation = if version == 3 && encryption != "none" {
            "Key-Derivation: Argon2id\nArgon2-Memory: 8192\nArgon2-Passes: 13\nArgon2-Parallelism: 1\nArgon2-Salt: 00\n"
        } else {
            ""
        };
        format!(
            "PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: {encryption}\nComment: me@example.org\n\
             Public-Lines: {public}\n{derivation}Private-Lines: {private}\nPrivate-MAC: {}\n",
            hex(&mac)
        )
    }

    #[test]
    fn the_mac_of_rfc_2104_over_nothing() {
        // The well-known HMAC-SHA256 of an empty message under an empty key.
        assert_eq!(hex(&hmac_without_key(b"")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    }

    #[test]
    fn plain_and_encrypted_files() {
        for version in [2, 3] {
            let plain = file(version, "none");
            for text in
                [plain.clone(), plain.replace('\n', "\r\n"), plain.replace('\n', "\\n"), plain.replace('\n', "\n  ")]
            {
                assert_eq!((PPK.verify)(text.as_bytes()), Outcome::Passed, "{text}");
            }
            assert_eq!((PPK.verify)(file(version, "aes256-cbc").as_bytes()), Outcome::NotASecret("encrypted"));
        }
    }

    #[test]
    fn a_file_with_another_code_is_repaired() {
        let good = file(3, "none");
        let at = good.len() - 65;
        let mut bad = good.clone().into_bytes();
        bad[at..at + 64].fill(b'0');
        assert_eq!((PPK.verify)(&bad), Outcome::Failed);
        assert_eq!(repair(&bad).as_deref(), Some(good.as_bytes()));
        assert_eq!(repair(file(3, "aes256-cbc").as_bytes()), None);
    }

    #[test]
    fn a_changed_or_cut_file_fails() {
        let good = file(3, "none");
        assert_eq!((PPK.verify)(good.replace("me@", "you@").as_bytes()), Outcome::Failed);
        for line in 0..good.lines().count() {
            let rest: Vec<&str> =
                good.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| line).collect();
            assert_eq!((PPK.verify)(rest.join("\n").as_bytes()), Outcome::Failed, "without line {line}");
        }
    }
}
