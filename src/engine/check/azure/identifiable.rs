//! Keys that carry four fixed characters near their end and a Marvin32 sum in their last four bytes.

use super::marvin::marvin32;
use crate::engine::check::{Check, Outcome, codec};

/// Base64 of 32, 39, 40 or 64 bytes; the four characters of the service stand at a place that the length gives.
pub(in crate::engine::check) static IDENTIFIABLE_KEY: Check = Check {
    name: "azure-identifiable-key",
    source: "https://github.com/microsoft/security-utilities (docs: identifiable secrets; IdentifiableMetadata.cs)",
    verify,
    repair: Some(repair),
};

/// The length of a key as text and the place of its signature.
const PLACES: [(usize, usize); 4] = [(88, 76), (44, 33), (52, 42), (56, 44)];

type Seeds = &'static [&'static [u8; 8]];

const MESSAGING: Seeds = &[b"System00", b"Unknown0", b"Send0000", b"Manage00", b"Listen00"];

/// Signature, length of the text and seeds. The sum must hold for one of the seeds.
const SERVICES: [(&[u8; 4], usize, Seeds); 14] = [
    (b"+ASt", 88, &[b"Default0"]),
    (b"ACDb", 88, &[b"SysAll00", b"Resour00", b"MastRO00", b"SystRO00", b"Encryp00", b"MastRW00", b"SystRW00"]),
    (b"+ABa", 88, &[b"AbAcct00"]),
    (b"+AMC", 88, &[b"Classic0"]),
    (b"APIM", 88, &[b"Tenant00", b"IoTHub00", b"Gatewy00", b"GitKey00"]),
    (b"AzCa", 44, &[b"Access00"]),
    (b"AIoT", 44, &[b"IoTHub00", b"DpsKey00", b"Device00"]),
    (b"AZEG", 44, &[b"Default0"]),
    (b"+ASb", 44, MESSAGING),
    (b"+AEh", 44, MESSAGING),
    (b"+ARm", 44, MESSAGING),
    (b"AzSe", 52, &[b"Query000", b"PAdmin00"]),
    (b"+ACR", 52, &[b"ACRDflt0"]),
    (b"AzFu", 56, &[b"Master00", b"System00", b"Functi00"]),
];

fn seeds(key: &[u8]) -> Option<Seeds> {
    let (_, at) = PLACES.iter().find(|(length, _)| *length == key.len())?;
    let signature = key.get(*at..at + 4)?;
    let service = SERVICES.iter().find(|(text, length, _)| *text == signature && *length == key.len())?;
    Some(service.2)
}

fn verify(key: &[u8]) -> Outcome {
    // Keys made before 2021 have the same length and no signature.
    let Some(seeds) = seeds(key) else { return Outcome::Unknown };
    let Some(bytes) = codec::base64(key) else { return Outcome::Failed };
    let Some((covered, stored)) = bytes.split_last_chunk::<4>() else { return Outcome::Failed };
    let stored = u32::from_le_bytes(*stored);
    if seeds.iter().any(|seed| marvin32(**seed, covered) == stored) { Outcome::Passed } else { Outcome::Failed }
}

fn repair(key: &[u8]) -> Option<Vec<u8>> {
    let seed = seeds(key)?.first()?;
    let mut bytes = codec::base64(key)?;
    let (covered, stored) = bytes.split_last_chunk_mut::<4>()?;
    *stored = marvin32(**seed, covered).to_le_bytes();
    let mut fixed = codec::base64_like(&bytes, key);
    // Keys of Functions are URL-safe, even where none of their characters shows it.
    if key.len() == 56 {
        for byte in &mut fixed {
            *byte = match *byte {
                b'+' => b'-',
                b'/' => b'_',
                other => other,
            };
        }
    }
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::check::testing::{BASE64, Random, fails_when_changed, passes_when_repaired};

    #[test]
    fn round_trips_of_every_service() {
        let mut random = Random::new(4);
        for (signature, length, _) in SERVICES {
            let at = PLACES.iter().find(|place| place.0 == length).expect("every length has a place").1;
            let padding: &[u8] = match length {
                88 | 56 => b"==",
                44 => b"=",
                _ => b"",
            };
            let tail = length - at - 4 - padding.len();
            for _ in 0..10 {
                let mut sample = [&random.text(&BASE64[..62], at)[..], signature, b"A", padding].concat();
                sample.splice(at + 5..at + 5, random.text(&BASE64[..62], tail - 1));
                let good = passes_when_repaired(&IDENTIFIABLE_KEY, &sample);
                assert_eq!(&good[at..at + 4], signature);
                fails_when_changed(&IDENTIFIABLE_KEY, &good, 0..at);
            }
        }
    }

    #[test]
    fn keys_of_before_are_left_open() {
        assert_eq!(verify(&[b'a'; 88]), Outcome::Unknown);
        assert_eq!(verify(b""), Outcome::Unknown);
    }
}
