//! Shannon entropy: how evenly the bytes of a value are spread.

/// Bits a byte, from 0 (one byte repeated) to 8. A short random value has less than its alphabet allows: 16
/// characters have at most 4 bits.
#[must_use]
pub fn shannon(value: &[u8]) -> f32 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f32;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| count as f32 / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_extremes() {
        assert!(shannon(b"") == 0.0 && shannon(b"aaaa") == 0.0);
        assert!((shannon(b"abcdefgh") - 3.0).abs() < 1e-6);
        let all: Vec<u8> = (0..=255).collect();
        assert!((shannon(&all) - 8.0).abs() < 1e-5);
    }
}
