//! Whose an AWS access key id is: the number of its account is written into it, in the clear for everybody who has the id.
//!
//! It tells in which account a key is to be revoked, and needs no question to anybody.

/// The first bit after the kind: set since the account number is part of the id.
pub(crate) const NEW_GENERATION: u64 = 1 << 47;
/// Where the account number ends, counted from the low end of the first six bytes.
pub(crate) const ACCOUNT_SHIFT: u32 = 7;
/// Account numbers have twelve decimal digits.
pub(crate) const ACCOUNT_LIMIT: u64 = 1_000_000_000_000;

/// The kind, and what follows it.
const KIND: usize = 4;
const LENGTH: usize = 20;
/// Digits of base 32 that hold the first six bytes, and how many bits are left over.
const DIGITS: usize = 10;
const LEFT_OVER: u32 = 2;

/// The account that issued an access key id, as twelve digits; `None` for ids of the old generation.
#[must_use]
pub fn aws_account_id(key_id: &[u8]) -> Option<String> {
    let digits = key_id.get(KIND..KIND + DIGITS).filter(|_| key_id.len() == LENGTH)?;
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    };
    let number = digits.iter().try_fold(0, |number, &byte| Some(number << 5 | u64::from(value(byte)?)))?;
    let head: u64 = number >> LEFT_OVER;
    let account = (head & (NEW_GENERATION - 1)) >> ACCOUNT_SHIFT;
    (head & NEW_GENERATION != 0 && account < ACCOUNT_LIMIT).then(|| format!("{account:012}"))
}
