//! The prefilter finds what its definition says, at every border.

use super::super::simd::is_token;
use super::*;
use proptest::prelude::*;

fn anchor(text: &str, kind: Kind) -> Anchor {
    Anchor { bytes: text.as_bytes().into(), any_case: kind != Kind::Start && text != "://", kind }
}

fn anchors() -> Vec<Anchor> {
    vec![
        anchor("re_", Kind::Start),
        anchor("AKIA", Kind::Start),
        anchor("ghp_", Kind::Start),
        anchor("password", Kind::Free),
        anchor("://", Kind::Free),
        anchor("-----begin", Kind::Free),
        anchor("machine ", Kind::Free),
        anchor("acme", Kind::Keyword),
        anchor("dd-api", Kind::Keyword),
        Anchor { bytes: b"x%2"[..].into(), any_case: false, kind: Kind::Near },
        Anchor { bytes: b"Qw3"[..].into(), any_case: false, kind: Kind::Near },
    ]
}

fn token_run(text: &[u8], at: usize) -> usize {
    text[at..].iter().take_while(|&&byte| is_token(byte)).count()
}

/// The definition, spelled out.
fn naive(text: &[u8], anchors: &[Anchor], within: &Range<usize>) -> Vec<Hit> {
    let starts: Vec<usize> = (0..text.len())
        .filter(|&at| is_word(text[at]) && (at == 0 || !is_word(text[at - 1])) && token_run(text, at) >= RUN)
        .collect();
    let runs: Vec<usize> = starts.iter().copied().filter(|&at| !is_plain_identifier(text, at)).collect();
    let mut hits = Vec::new();
    for (number, anchor) in (0u32..).zip(anchors) {
        for offset in (0..text.len()).filter(|&offset| within.contains(&offset) && anchor.is_at(text, offset)) {
            let holds = match anchor.kind {
                Kind::Free => true,
                Kind::Start => starts.iter().any(|&at| at == offset || behind_escape(text, at) == Some(offset)),
                Kind::Near => runs.iter().any(|&run| offset + KEYWORD_REACH >= run && offset < run + GLUED),
                Kind::Keyword => {
                    let previous = offset.checked_sub(1).map_or(0, |at| text[at]);
                    begins_part(previous, text[offset])
                        && runs.iter().any(|&run| offset + KEYWORD_REACH >= run && offset < run + GLUED)
                }
            };
            if holds {
                hits.push(Hit { offset, anchor: number });
            }
        }
    }
    hits.sort_unstable();
    hits
}

fn hits(prefilter: &Prefilter, text: &[u8], within: Range<usize>) -> Vec<Hit> {
    let mut hits = Vec::new();
    prefilter.search(text, within, Scope::All, &mut Scratch::default(), |event| {
        if let Event::Anchor(hit) = event {
            hits.push(hit);
        }
    });
    hits.sort_unstable();
    hits.dedup();
    hits
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "re_",
            "AKIA",
            "ghp_",
            "Password",
            "https://",
            "-----BEGIN",
            "Machine ",
            "acme",
            "ACME_KEY",
            "dd-api",
            "\\n",
            "%3D",
            "\\u000a",
            "\"",
            " = ",
            "\n",
            "netif_carrier_off",
            "0123456789abcdef",
            "QwErTyUiOpAsDfGhJkLzXc",
            "x%2",
            "Qw3",
        ])
        .prop_map(str::to_owned),
        "[ -~\n]{0,7}",
        "[a-zA-Z0-9]{14,40}",
        "\\PC{0,2}",
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn finds_what_the_definition_says(text in pieces(), start in 0usize..200, length in 0usize..200) {
        let within = start.min(text.len())..(start + length).min(text.len());
        let prefilter = Prefilter::new(anchors());
        for range in [0..text.len(), within.clone()] {
            let expected = naive(&text, prefilter.anchors(), &range);
            prop_assert_eq!(hits(&prefilter, &text, range.clone()), expected);
        }
        // Nothing farther away counts: a text cut there, with other bytes instead, gives the same.
        let cut = within.start.saturating_sub(LOOKS_BEFORE)..text.len().min(within.end + LOOKS_BEHIND);
        let mut other = [b"x1".repeat(cut.start / 2), b"x".repeat(cut.start % 2), text[cut.clone()].to_vec()].concat();
        other.resize(text.len(), b'A');
        prop_assert_eq!(hits(&prefilter, &other, within.clone()), hits(&prefilter, &text, within.clone()));
        let whole = hits(&prefilter, &text, 0..text.len());
        for form in Backend::all() {
            prop_assert_eq!(&hits(&Prefilter::new(anchors()).in_form(form), &text, 0..text.len()), &whole, "{:?}", form);
        }
    }
}

#[test]
fn an_anchor_is_found_at_every_offset_and_end() {
    let prefilter = Prefilter::new(anchors());
    for (needle, number) in
        [(&b"ghp_0a1b2c3d4e5f6a7b8c"[..], 2), (b"PassWord", 3), (b"://", 4), (b"re_0123456789abcdefgh", 0)]
    {
        for before in 0..200 {
            for after in [0, 1, 2, 3, 62, 63, 64, 65, 130] {
                let text = [vec![b' '; before], needle.to_vec(), vec![b' '; after]].concat();
                assert_eq!(hits(&prefilter, &text, 0..text.len()), [Hit { offset: before, anchor: number }]);
            }
        }
    }
}

#[test]
fn slices_have_no_border() {
    let prefilter = Prefilter::new(anchors());
    let needle = b"acme = ghp_0a1b2c3d4e5f6a7b8c";
    for before in (SLICE - 80..SLICE + 80).chain(2 * SLICE - 80..2 * SLICE + 80) {
        let text = [vec![b' '; before], needle.to_vec(), vec![b' '; 300]].concat();
        assert_eq!(
            hits(&prefilter, &text, 0..text.len()),
            [Hit { offset: before, anchor: 7 }, Hit { offset: before + 7, anchor: 2 }]
        );
    }
}
