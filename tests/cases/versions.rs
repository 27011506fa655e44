//! The search of a text of which an earlier version was searched finds what a whole search finds.

use super::support::{ENGINE, sample, token};
use plainsight::candidate::Candidate;
use plainsight::engine::{Match, Scratch};
use plainsight::text::Copied;
use proptest::prelude::*;
use std::sync::Arc;

/// Stretches that texts are made of: with and without secrets, with anchors alone, encoded, and much that is nothing.
fn pieces() -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let mut pieces: Vec<String> = vec![
        format!("let token = \"{}\";\n", token(1)),
        token(2),
        format!("password = \"{}\"\n", sample("generic-password", "{:alnum:20}", 3)),
        "password: \"Tr0ub4dor&3x\"\n".to_owned(),
        "    private_key:\n\n\n".to_owned(),
        "secret_key = \n    \"".to_owned(),
        "\"\n".to_owned(),
        "'''".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\n".to_owned(),
        "-----END RSA PRIVATE KEY-----\n".to_owned(),
        "kind: Secret\napiVersion: v1\ndata:\n  password: czNjcjN0LXBhNTU=\n".to_owned(),
        "---\n".to_owned(),
        format!("{}\n", base64::engine::general_purpose::STANDARD.encode(format!("api_token={}", token(4)))),
        "https://user:".to_owned(),
        "hunter2Hunter@example.org/\n".to_owned(),
        "\\u0067\\u0068p_".to_owned(),
        "%67%68p_".to_owned(),
        "int main(void) { return netif_carrier_off(dev); }\n".to_owned(),
        "/* nothing to see here, and rather a lot of it */\n".repeat(4),
        "\n\n\n\n\n\n\n".to_owned(),
        "x".repeat(300),
        " ".to_owned(),
        "0123456789abcdef0123456789abcdef".to_owned(),
        "QwErTyUiOpAsDfGhJkLzXc1234567890".to_owned(),
        "datadog_api_key: ".to_owned(),
        "AKIA".to_owned(),
        "key".to_owned(),
        "\"key\": ".to_owned(),
        "<password>".to_owned(),
        "</password>\n".to_owned(),
    ];
    pieces.push(token(5)[..20].to_owned());
    pieces.push(token(5)[20..].to_owned());
    pieces.into_iter().map(String::into_bytes).collect()
}

/// A step from one version to the next: a range of pieces is replaced by others.
#[derive(Debug, Clone)]
struct Edit {
    /// In thousandths of the text.
    at: usize,
    remove: usize,
    insert: Vec<usize>,
    /// Bytes that the change is moved by, so that it cuts through pieces.
    shift: usize,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0usize..1000, 0usize..600, prop::collection::vec(0usize..32, 0..3), 0usize..40)
        .prop_map(|(at, remove, insert, shift)| Edit { at, remove, insert, shift });
    prop::collection::vec(edit, 1..8)
}

/// The next version, and which of its ranges are copied.
fn apply(text: &[u8], edit: &Edit, pieces: &[Vec<u8>]) -> (Vec<u8>, Vec<Copied>) {
    let at = (edit.at * text.len() / 1000 + edit.shift).min(text.len());
    let end = (at + edit.remove).min(text.len());
    let inserted: Vec<u8> = edit.insert.iter().flat_map(|&piece| pieces[piece].iter().copied()).collect();
    let next = [&text[..at], &inserted, &text[end..]].concat();
    let mut copied = Vec::new();
    if at > 0 {
        copied.push(Copied { start: 0, length: at as u32, base: 0 });
    }
    if end < text.len() {
        let (start, length) = ((at + inserted.len()) as u32, (text.len() - end) as u32);
        copied.push(Copied { start, length, base: end as u32 });
    }
    (next, copied)
}

fn whole(text: &[u8], path: &str) -> Vec<Match> {
    ENGINE.search(&Candidate::whole(text, path.as_bytes()), &mut Scratch::default()).matches
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn each_version_is_searched_as_if_it_were_the_first(
        start in prop::collection::vec(0usize..32, 0..40),
        edits in edits(),
        path in prop::sample::select(vec!["a.c", "a.py", "a.yml", "notes.txt", "run.sh", ".env", "a.json", ""]),
    ) {
        let pieces = pieces();
        let class = Arc::new(ENGINE.class_of(path.as_bytes()));
        let mut scratch = Scratch::default();
        let mut text: Vec<u8> = start.iter().flat_map(|&piece| pieces[piece].iter().copied()).collect();
        let (mut trace, found) = ENGINE.trace(&Candidate::whole(&text, path.as_bytes()), &class, &mut scratch);
        prop_assert_eq!(found.matches, whole(&text, path));
        for edit in &edits {
            let (next, copied) = apply(&text, edit, &pieces);
            let candidate = Candidate::whole(&next, path.as_bytes());
            let (next_trace, found) = ENGINE.trace_again(&candidate, &class, &trace, &copied, &mut scratch);
            prop_assert_eq!(found.matches, whole(&next, path), "{}", String::from_utf8_lossy(&next));
            (trace, text) = (next_trace, next);
        }
    }
}
