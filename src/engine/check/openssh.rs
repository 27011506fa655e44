//! OpenSSH's own container of private keys.

use super::Outcome;

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// A key agent holds a handful; a file has one.
const MOST_KEYS: u32 = 16;

/// Reads what RFC 4251 section 5 calls `string` and `uint32`.
#[derive(Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    /// The next number of 32 bits.
    pub(super) fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    /// The next string of bytes.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (content, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }
}

/// Writes a `string`.
pub(super) fn write_string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("a made key is small");
    [&length.to_be_bytes(), bytes].concat()
}

/// Judges the bytes inside the armour (PROTOCOL.key of OpenSSH).
pub(super) fn judge(bytes: &[u8]) -> Outcome {
    parse(bytes).unwrap_or(if is_cut(bytes) { Outcome::Unknown } else { Outcome::Failed })
}

/// No key is larger; random bytes hardly ever announce so little.
const LONGEST: usize = 1 << 14;

/// Whether the next of the strings says that it is longer than what is left.
fn is_cut(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(MAGIC) else { return false };
    let mut outer = Wire(rest);
    // Cipher, derivation, its options, the count, the public half, the private half.
    for part in 0..6 {
        let whole = outer;
        let read = if part == 3 { outer.number().map(|_| ()) } else { outer.string().map(|_| ()) };
        if read.is_none() {
            let announced = Wire(whole.0).number().and_then(|length| usize::try_from(length).ok());
            return announced.is_none_or(|length| length <= LONGEST);
        }
    }
    false
}

fn parse(bytes: &[u8]) -> Option<Outcome> {
    let mut outer = Wire(bytes.strip_prefix(MAGIC)?);
    let cipher = outer.string()?;
    let _derivation = outer.string()?;
    let _options = outer.string()?;
    let keys = outer.number().filter(|keys| (1..=MOST_KEYS).contains(keys))?;
    let mut kind = Wire(outer.string()?).string()?;
    for _ in 1..keys {
        kind = Wire(outer.string()?).string()?;
    }
    let private = outer.string().filter(|private| private.len() >= 8)?;
    if !outer.0.is_empty() || kind.is_empty() {
        return None;
    }
    if cipher != b"none" {
        return Some(Outcome::NotASecret("encrypted"));
    }
    let mut inner = Wire(private);
    let checks_agree = inner.number()? == inner.number()?;
    let named = inner.string()?;
    if !checks_agree || (keys == 1 && named != kind) {
        return None;
    }
    // The private half of a FIDO key never leaves its token: the file has a handle to it.
    Some(if named.starts_with(b"sk-") { Outcome::NotASecret("handle to a hardware key") } else { Outcome::Passed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(cipher: &[u8], kind: &[u8], checks: [u32; 2]) -> Vec<u8> {
        let mut private = [checks[0].to_be_bytes(), checks[1].to_be_bytes()].concat();
        private.extend(write_string(kind));
        private.extend(write_string(&[7; 64]));
        let public = [write_string(kind), write_string(&[9; 32])].concat();
        let parts = [write_string(cipher), write_string(b"none"), write_string(b""), vec![0, 0, 0, 1]];
        [MAGIC, &parts.concat(), &write_string(&public), &write_string(&private)].concat()
    }

    #[test]
    fn plain_encrypted_and_hardware_keys() {
        assert_eq!(judge(&file(b"none", b"ssh-ed25519", [5, 5])), Outcome::Passed);
        assert_eq!(judge(&file(b"none", b"ssh-ed25519", [5, 6])), Outcome::Failed);
        assert_eq!(judge(&file(b"aes256-ctr", b"ssh-ed25519", [5, 6])), Outcome::NotASecret("encrypted"));
        let hardware = file(b"none", b"sk-ssh-ed25519@openssh.com", [5, 5]);
        assert_eq!(judge(&hardware), Outcome::NotASecret("handle to a hardware key"));
    }

    #[test]
    fn what_is_cut_is_left_open() {
        let good = file(b"none", b"ssh-ed25519", [5, 5]);
        for end in 0..good.len() {
            let expected = if end < MAGIC.len() { Outcome::Failed } else { Outcome::Unknown };
            assert_eq!(judge(&good[..end]), expected, "{end}");
        }
        assert_eq!(judge(&[&good[..], b"x"].concat()), Outcome::Failed);
    }
}
