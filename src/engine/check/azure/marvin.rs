//! Marvin32, the keyed sum of Microsoft's identifiable keys (US patent 20130262421; also in .NET's `string`).

/// The sum of `bytes` under a seed of eight ASCII characters, which are read with the high byte first.
pub(super) fn marvin32(seed: [u8; 8], bytes: &[u8]) -> u32 {
    sum(u64::from_be_bytes(seed), bytes)
}

fn sum(seed: u64, bytes: &[u8]) -> u32 {
    let [low, high] = halves(seed);
    let mut state = State(low, high);
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        state.0 = state.0.wrapping_add(u32::from_le_bytes(*word));
        state.mix();
    }
    let mut tail = [0_u8; 4];
    tail[..rest.len()].copy_from_slice(rest);
    tail[rest.len()] = 0x80;
    state.0 = state.0.wrapping_add(u32::from_le_bytes(tail));
    state.mix();
    state.mix();
    state.0 ^ state.1
}

/// The low and the high 32 bits.
fn halves(number: u64) -> [u32; 2] {
    [number & 0xffff_ffff, number >> 32].map(|half| u32::try_from(half).expect("both halves have 32 bits"))
}

struct State(u32, u32);

impl State {
    fn mix(&mut self) {
        self.1 ^= self.0;
        self.0 = self.0.rotate_left(20).wrapping_add(self.1);
        self.1 = self.1.rotate_left(9) ^ self.0;
        self.0 = self.0.rotate_left(27).wrapping_add(self.1);
        self.1 = self.1.rotate_left(19);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        let seed = 0x004f_b61a_001b_dbcc;
        for (bytes, sum_of_64_bits) in [
            (&[][..], 0x30ed_35c1_00cd_3c7d_u64),
            (&[0xaf], 0x48e7_3fc7_7d75_ddc1),
            (&[0xe7, 0x0f], 0xb5f6_e1fc_485d_bff8),
            (&[0x37, 0xf4, 0x95], 0xf0b0_7c78_9b8c_f7e8),
            (&[0x86, 0x42, 0xdc, 0x59], 0x7008_f2e8_7e9c_f556),
        ] {
            let [low, high] = halves(sum_of_64_bits);
            assert_eq!(sum(seed, bytes), low ^ high, "{bytes:?}");
        }
    }
}
