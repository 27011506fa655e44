//! Base58 text as a number in base 58, with Bitcoin's alphabet or another.

/// Bitcoin's alphabet.
pub(super) const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The XRP Ledger's alphabet.
pub(super) const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// Longer than any key; the cost of decoding grows with the square.
const LONGEST: usize = 256;

/// Decodes; each leading zero digit is a leading zero byte.
pub(super) fn decode(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    // Low byte first while it grows.
    let mut number: Vec<u8> = Vec::with_capacity(text.len());
    for &byte in text {
        let mut carry = u32::from(super::codec::position(alphabet, byte)?);
        for digit in &mut number {
            carry += u32::from(*digit) * 58;
            *digit = super::codec::low_byte(carry);
            carry >>= 8;
        }
        if carry > 0 {
            number.push(super::codec::low_byte(carry));
        }
    }
    let zeros = text.iter().take_while(|byte| **byte == alphabet[0]).count();
    number.extend(std::iter::repeat_n(0, zeros));
    number.reverse();
    Some(number)
}

/// Encodes; each leading zero byte is a leading zero digit.
pub(super) fn encode(bytes: &[u8], alphabet: &[u8; 58]) -> Vec<u8> {
    let mut digits: Vec<u8> = Vec::with_capacity(bytes.len() * 7 / 5 + 1);
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = super::codec::low_byte(carry % 58);
            carry /= 58;
        }
        while carry > 0 {
            digits.push(super::codec::low_byte(carry % 58));
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    digits.extend(std::iter::repeat_n(0, zeros));
    digits.iter().rev().map(|digit| alphabet[usize::from(*digit)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_internet_draft() {
        // draft-msporny-base58, section 5.
        for (plain, coded) in [
            (&b"Hello World!"[..], "2NEpo7TZRRrLZSi2U"),
            (
                b"The quick brown fox jumps over the lazy dog.",
                "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
            ),
            (&[0, 0, 0x28, 0x7f, 0xb4, 0xcd], "11233QC4"),
        ] {
            assert_eq!(encode(plain, BITCOIN), coded.as_bytes());
            assert_eq!(decode(coded.as_bytes(), BITCOIN).as_deref(), Some(plain));
        }
        assert_eq!(decode(b"0", BITCOIN), None);
        assert_eq!(decode(&[b'1'; LONGEST + 1], BITCOIN), None);
    }
}
