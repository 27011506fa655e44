//! Passwords under a fixed, published scheme: reading them back is the proof, and as good as plain text.

use super::{Check, Outcome, codec};

/// `{xor}` and base64 of the password, each byte combined with an underscore.
pub(super) static WEBSPHERE: Check = Check {
    name: "websphere-xor",
    source: "https://www.ibm.com/docs/en/was-liberty/base?topic=applications-password-encryption-limitations",
    verify: |text| verdict(websphere(text)),
    repair: Some(repair_websphere),
};

/// Base64 of UTF-16 text: the password, and the name of its element behind it.
pub(super) static UNATTEND: Check = Check {
    name: "windows-unattend-password",
    source: "https://learn.microsoft.com/windows-hardware/customize/desktop/unattend/ (hide sensitive data)",
    verify: |text| verdict(unattend(text)),
    repair: Some(repair_unattend),
};

/// Four hexadecimal digits a character, combined with `dfaa`, as older `JetBrains` programs store passwords.
pub(super) static JETBRAINS: Check = Check {
    name: "jetbrains-password",
    source: "https://github.com/JetBrains/intellij-community (PasswordUtil.java)",
    verify: |text| verdict(jetbrains(text)),
    repair: Some(repair_jetbrains),
};

/// Two decimal digits of offset, then hexadecimal digits combined with a fixed text.
pub(super) static CISCO_TYPE_7: Check = Check {
    name: "cisco-type7-password",
    source: "https://www.cisco.com/c/en/us/support/docs/security-vpn/remote-authentication-dial-user-service-radius/\
             107614-64.html (type 7 is reversible)",
    verify: |text| verdict(cisco(text)),
    repair: Some(repair_cisco),
};

/// Shorter texts come out readable by chance.
const SHORTEST: usize = 4;

/// Longer than any password.
const LONGEST: usize = 512;

fn verdict(plain: Option<Vec<u8>>) -> Outcome {
    match plain {
        Some(plain) if plain.len() > LONGEST => Outcome::Failed,
        Some(plain) if plain.len() >= SHORTEST && codec::is_printable(&plain) => Outcome::Passed,
        Some(plain) if codec::is_printable(&plain) => Outcome::Unknown,
        _ => Outcome::Failed,
    }
}

/// The padding alone: these schemes know the standard alphabet only.
fn padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b'=').map_or(0, |at| at + 1);
    &text[end..]
}

fn websphere(text: &[u8]) -> Option<Vec<u8>> {
    let bytes = codec::base64(text.strip_prefix(b"{xor}").unwrap_or(text))?;
    Some(bytes.iter().map(|byte| byte ^ b'_').collect())
}

fn repair_websphere(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_prefix(b"{xor}").unwrap_or(text);
    let head = &text[..text.len() - body.len()];
    let plain = codec::filler(text, codec::base64(body)?.len());
    let mixed: Vec<u8> = plain.iter().map(|byte| byte ^ b'_').collect();
    // The alphabet and the padding are fixed here, unlike in a token.
    let fixed = [head, &codec::base64_like(&mixed, padding(body))].concat();
    (fixed.len() == text.len()).then_some(fixed)
}

const ELEMENTS: [&str; 2] = ["AdministratorPassword", "Password"];

fn unattend(text: &[u8]) -> Option<Vec<u8>> {
    let bytes = codec::base64(text)?;
    let (units, rest) = bytes.as_chunks::<2>();
    let plain = String::from_utf16(&units.iter().map(|unit| u16::from_le_bytes(*unit)).collect::<Vec<_>>()).ok()?;
    let password = ELEMENTS.iter().find_map(|element| plain.strip_suffix(element))?;
    // The suffix is eight characters at least, so that even an empty password is no accident.
    (rest.is_empty() && !password.is_empty()).then(|| plain.clone().into_bytes())
}

fn repair_unattend(text: &[u8]) -> Option<Vec<u8>> {
    let room = (codec::base64(text)?.len() / 2).checked_sub(ELEMENTS[1].len()).filter(|room| *room > 0)?;
    let plain = [&codec::filler(text, room)[..], ELEMENTS[1].as_bytes()].concat();
    let units: Vec<u8> = plain.iter().flat_map(|byte| [*byte, 0]).collect();
    let fixed = codec::base64_like(&units, padding(text));
    (fixed.len() == text.len()).then_some(fixed)
}

/// What every character is combined with.
const JETBRAINS_MASK: u16 = 0xdfaa;

fn jetbrains(text: &[u8]) -> Option<Vec<u8>> {
    let bytes = codec::hex(text)?;
    let (units, rest) = bytes.as_chunks::<2>();
    let plain = units.iter().map(|unit| u8::try_from(u16::from_be_bytes(*unit) ^ JETBRAINS_MASK).ok());
    rest.is_empty().then(|| plain.collect()).flatten()
}

fn repair_jetbrains(text: &[u8]) -> Option<Vec<u8>> {
    let plain = text.len().is_multiple_of(4).then(|| codec::filler(text, text.len() / 4))?;
    let digits: Vec<String> = plain.iter().map(|byte| format!("{:04x}", u16::from(*byte) ^ JETBRAINS_MASK)).collect();
    Some(digits.concat().into_bytes())
}

/// The text of the scheme.
const CISCO_KEY: &[u8; 53] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

/// Offsets are 0 to 15.
const CISCO_OFFSETS: usize = 16;

fn cisco(text: &[u8]) -> Option<Vec<u8>> {
    let (offset, digits) = text.split_first_chunk::<2>()?;
    let offset = offset
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| usize::from(offset[0] - b'0') * 10 + usize::from(offset[1] - b'0'))?;
    let bytes = codec::hex(digits).filter(|bytes| offset < CISCO_OFFSETS && !bytes.is_empty())?;
    Some(cisco_mixed(&bytes, offset))
}

fn cisco_mixed(bytes: &[u8], offset: usize) -> Vec<u8> {
    bytes.iter().enumerate().map(|(at, byte)| byte ^ CISCO_KEY[(offset + at) % CISCO_KEY.len()]).collect()
}

fn repair_cisco(text: &[u8]) -> Option<Vec<u8>> {
    let length = text.len().checked_sub(2).filter(|length| *length >= 2 && length.is_multiple_of(2))? / 2;
    let mixed = cisco_mixed(&codec::filler(text, length), 7);
    let digits: Vec<String> = mixed.iter().map(|byte| format!("{byte:02X}")).collect();
    Some(format!("07{}", digits.concat()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{BASE64, Random, passes_when_repaired};

    #[test]
    fn known_pairs() {
        assert_eq!(websphere(b"{xor}KjIu").as_deref(), Some(&b"umq"[..]));
        assert_eq!(cisco(b"02050D480809").as_deref(), Some(&b"cisco"[..]));
        assert_eq!(cisco(b"070C285F4D06").as_deref(), Some(&b"cisco"[..]));
        assert_eq!(jetbrains(b"dfcbdfc8dfc9").as_deref(), Some(&b"abc"[..]));
    }

    #[test]
    fn round_trips_and_random_text_fails() {
        let mut random = Random::new(33);
        let mut readable = [0; 4];
        for _ in 0..100 {
            let base64 = random.text(BASE64, 48);
            let hex = random.text(b"0123456789ABCDEF", 40);
            let samples = [
                (&WEBSPHERE, [&b"{xor}"[..], &base64].concat()),
                (&UNATTEND, base64.clone()),
                (&JETBRAINS, hex.clone()),
                (&CISCO_TYPE_7, [&b"09"[..], &hex].concat()),
            ];
            for ((check, sample), readable) in samples.iter().zip(&mut readable) {
                *readable += u32::from((check.verify)(sample) != Outcome::Failed);
                passes_when_repaired(check, sample);
            }
        }
        assert_eq!(readable, [0; 4]);
    }

    #[test]
    fn what_is_not_in_the_scheme_fails() {
        assert_eq!((CISCO_TYPE_7.verify)(b"160C285F4D06"), Outcome::Failed);
        assert_eq!((CISCO_TYPE_7.verify)(b"0"), Outcome::Failed);
        assert_eq!((JETBRAINS.verify)(b"dfcbdf"), Outcome::Failed);
        assert_eq!((UNATTEND.verify)(b"UABhAHMAcwB3AG8AcgBkAA=="), Outcome::Failed);
    }
}
