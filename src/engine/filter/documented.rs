//! Values that documentation publishes: recognised, named as such, and never a leak.
//!
//! Only the first eight bytes of each value's SHA-256 are here, so that the values themselves do not lie in the
//! repository. A value of at least 2^64 others would have to be tried to collide with one by accident.

use sha2::{Digest as _, Sha256};

/// Who publishes the value, if it is a documented one.
#[must_use]
pub fn documented(value: &[u8]) -> Option<&'static str> {
    if value.starts_with(b"-----BEGIN ") {
        return known(&body(value));
    }
    known(value)
}

/// What lies between the first two lines of dashes, without all that lines, quotes and escapes put in.
fn body(block: &[u8]) -> Vec<u8> {
    let from = memchr::memmem::find(block, b"KEY-----").map_or(8, |at| at + 8);
    let end =
        memchr::memmem::find(block.get(from..).unwrap_or_default(), b"-----END").map_or(block.len(), |at| from + at);
    let mut body = Vec::with_capacity(end - from);
    let is_digit = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'/');
    let mut at = from;
    while at < end {
        let byte = block[at];
        // A plus between blanks or quotes joins two literals.
        if is_digit(Some(&byte)) || (byte == b'+' && (is_digit(block.get(at - 1)) || is_digit(block.get(at + 1)))) {
            body.push(byte);
        }
        // A written-out line end is a backslash and a letter.
        at += if byte == b'\\' { 2 } else { 1 };
    }
    body
}

fn known(value: &[u8]) -> Option<&'static str> {
    let digest = Sha256::digest(value);
    let prefix = u64::from_be_bytes(*digest.first_chunk()?);
    DOCUMENTED.binary_search_by_key(&prefix, |entry| entry.0).ok().map(|at| DOCUMENTED[at].1)
}

/// Sorted.
const DOCUMENTED: &[(u64, &str)] = &[
    (0x0011_cc25_eb43_2071, "Azurite devstoreaccount1 key"),
    (0x0081_0cf8_b94d_6fcb, "Java keystore"),
    (0x00cf_4c78_1dc3_7003, "RFC 6749 refresh token"),
    (0x02f7_ce3c_263f_85c0, "Discord docs"),
    (0x03b9_70ed_8171_d73b, "reCAPTCHA test site key"),
    (0x051d_093c_4bde_dbf2, "signature of the classic jwt.io token"),
    (0x0b5d_d075_ccdd_03c4, "Telegram docs"),
    (0x0fff_9ee6_71b0_5ea2, "hCaptcha test secret"),
    (0x1201_d8b2_d2f6_beb0, "Sentry docs"),
    (0x12b9_377c_be7e_5c94, "nil UUID"),
    (0x13d3_1e96_1a1a_d8ec, "RFC 7515/7519 sample signature"),
    (0x1a5d_44a2_dca1_9669, "AWS docs key id"),
    (0x1bbb_9293_c38a_cc5e, "MinIO play id"),
    (0x1c3d_6188_abe6_00bc, "SQL Server image docs"),
    (0x1e3e_5865_6012_d861, "Turnstile test secret"),
    (0x2caf_c097_0149_a84f, "Stripe docs"),
    (0x2ddc_147f_3a3b_5a17, "Slack docs"),
    (0x2ef2_503d_964e_9668, "NIST AES key"),
    (0x2f32_27ec_cce1_0b91, "Slack docs webhook tail"),
    (0x3002_888f_967a_7086, "Kubernetes docs"),
    (0x3f2c_d8e5_7b09_6fe7, "MD5 of password"),
    (0x40ff_58e4_a9f8_a92d, "IBM Cloud public client"),
    (0x456a_51b1_f1b3_cf3e, "Google Cloud SDK's own client"),
    (0x4848_4e96_c0b0_625b, "Pushover sample"),
    (0x4b2a_c3f5_4c82_3e63, "bcrypt documentation hash"),
    (0x4ff9_6a60_9348_49a7, "RFC 8410 Ed25519 key"),
    (0x50bb_6166_5eec_e21c, "GCP P12 password"),
    (0x5785_9218_5588_730b, "Ganache deterministic account 0"),
    (0x5ccf_2edb_4f07_0f0b, "RFC 7517 EC d"),
    (0x687d_a00b_09c8_3361, "RFC 7617 Basic UTF-8"),
    (0x6c96_130f_130a_b0d6, "RFC 6749 access token"),
    (0x731f_a294_d036_e54f, "Telegram docs"),
    (0x7795_e968_ba9a_154e, "Mandrill docs"),
    (0x7831_4b11_be2e_5815, "its secret"),
    (0x7e49_8f91_828a_193c, "GitHub docs body for gho_/ghp_; CRC wrong"),
    (0x7e8d_e44e_a9ec_f6d5, "Stripe docs"),
    (0x8335_c553_3482_1eef, "account 1"),
    (0x841b_4f5b_0b34_e19a, "Turnstile test secret"),
    (0x8600_7eb3_6769_6d32, "GitHub docs, old 40-hex"),
    (0x8b1b_17a9_740c_068a, "RFC 7515 oct key"),
    (0x8be5_d113_c087_1ce1, "otpauth sample"),
    (0x9153_0d4a_7629_544c, "WordPress"),
    (0x94ae_fb8b_e78b_2b7c, "Postgres image docs"),
    (0x9705_102d_b0d5_f99e, "Supabase local"),
    (0x9766_3138_e666_9921, "Telegram docs"),
    (0x9b37_a190_cd2c_83f3, "NASA"),
    (0x9bd1_f158_ca1a_1b30, "Mailgun docs"),
    (0x9c5d_0a66_56e5_d3f3, "Ganache phrase"),
    (0x9c84_6fdf_0fa8_955c, "Mailgun docs"),
    (0x9d6a_2b9d_1f01_d457, "Bitcoin wiki WIF"),
    (0xa064_b502_e61d_27e9, "Supabase local JWT secret"),
    (0xa4b8_b245_ab28_bc4f, "kubeadm default"),
    (0xa577_515f_3989_a800, "Oracle"),
    (0xa672_f0c3_5d22_3009, "SendGrid docs"),
    (0xaa65_4743_9583_c3a2, "Cosmos DB emulator key"),
    (0xac92_65e5_6c79_b234, "Google docs"),
    (0xad98_5811_6e63_b0c5, "MinIO default"),
    (0xaf1e_fb26_bd63_a9a0, "Paddle docs"),
    (0xb147_1f54_4cee_ea31, "Stripe docs"),
    (0xb357_1d47_8999_b981, "age manual"),
    (0xb4ec_c419_c53a_5bbc, "Vagrant insecure key"),
    (0xb62a_d8b3_465e_33dc, "RFC 6238 seed, repeated"),
    (0xb8e1_4854_5b13_c78b, "RFC 6750 bearer"),
    (0xbc1a_5096_6c9e_6486, "Hardhat and Anvil account 0"),
    (0xc4da_422b_d9c9_e1b6, "Vagrant insecure key head"),
    (0xc557_eec8_78df_d852, "BIP-39 vector"),
    (0xc669_ef97_e355_5f48, "RabbitMQ"),
    (0xc6ea_27c5_34f9_93d3, "AWS docs second key id"),
    (0xc85d_ebb5_5f2f_204d, "Supabase local"),
    (0xcb20_d34a_7add_a2f5, "AWS docs temporary key id"),
    (0xcf4d_418e_d3de_92d7, "RFC 7617 Basic"),
    (0xdf45_2eef_23e8_cf2c, "MinIO play secret"),
    (0xe21b_597b_a6b9_cafa, "its secret"),
    (0xe640_2a36_c2c9_5b01, "GitHub sample token"),
    (0xe997_4c50_7d2a_8021, "RFC 6749 client secret"),
    (0xea1c_a3e2_5b35_a51e, "WireGuard docs"),
    (0xeaa5_581c_2e8d_2f44, "signature of the newer jwt.io token"),
    (0xf038_6f9b_e1fe_905f, "Google Cloud SDK's own client"),
    (0xf215_faf9_d88b_7f0a, "MD5 of nothing; SHA-1 da39a3ee..., SHA-256 e3b0c442..."),
    (0xf2d6_ca16_5150_33e5, "Stripe docs, old"),
    (0xf5e9_5c99_5463_5b65, "reCAPTCHA test secret"),
    (0xf79c_d64f_9cea_2378, "Hardhat phrase"),
    (0xfb8f_3512_9df8_7662, "Turnstile test secret; also first char 2 and 3"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(DOCUMENTED.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn known_values_are_named() {
        let joined = [concat!("AKIAIOSF", "ODNN7EXAM"), "PLE"].concat();
        assert_eq!(documented(joined.as_bytes()), Some("AWS docs key id"));
        assert_eq!(documented(b"something else"), None);
    }

    #[test]
    fn a_published_key_is_known_in_every_writing() {
        let parts = ["MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp", "+K06/nwoy/HU++CXqI9EdVhC"];
        let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} PRIVATE KEY-----"));
        for glue in ["", "\n  ", "\\n\" +\n  \"", "\r\n"] {
            let text = format!("{begin}{glue}{}{glue}{}{glue}{end}", parts[0], parts[1]);
            assert_eq!(documented(text.as_bytes()), Some("RFC 8410 Ed25519 key"), "{text}");
        }
        let other = format!("{begin}\n{}\n{}\n{end}", parts[1], parts[0]);
        assert_eq!(documented(other.as_bytes()), None);
    }
}
