//! Tests of the module above.

use super::*;
use proptest::prelude::*;

/// Where in the text `SECRET` stands.
fn span(text: &str) -> Range<usize> {
    let start = text.find("SECRET").expect("the test's text holds the word");
    start..start + "SECRET".len()
}

fn ask(text: &str) -> Option<InlineJudgement> {
    judge(text.as_bytes(), span(text), "rule-a", "ps1-0123456789abcdef01234567")
}

/// What holds, as `kind marker reason`.
fn held(text: &str) -> Option<String> {
    match ask(text)? {
        InlineJudgement::Holds(s) => Some(format!("{:?} {} {}", s.by, s.origin, s.reason.unwrap_or_default())),
        InlineJudgement::Fails { .. } => None,
    }
}

#[test]
fn ours_hold_with_rule_and_reason() {
    for text in [
        "k = SECRET # plainsight: allow rule-a -- why not",
        "k = SECRET # PlainSight: ALLOW rule-a -- why not",
        "k = SECRET //plainsight:allow rule-b, rule-a -- why not",
        "k = SECRET # plainsight: allow ps1-0123456789abcdef01234567 -- why not\r\nnext",
        "k = SECRET /* plainsight: allow rule-a -- why not */ + more",
        "k = SECRET <!-- plainsight: allow rule-a -- why not -->",
        "/* plainsight: allow rule-a -- why not */ k = SECRET",
        "# plainsight: allow rule-a -- why not\nk = SECRET",
        "x\n   // plainsight: allow rule-a -- why not\r\n  k = SECRET",
        "<!-- plainsight: allow rule-a -- why not -->\nk = SECRET",
        "-- plainsight: allow rule-a -- why not\nk = SECRET",
        "--plainsight: allow rule-a -- why not\nk = SECRET",
        "rem plainsight: allow rule-a -- why not\nk = SECRET",
        "@REM plainsight: allow rule-a -- why not\nk = SECRET",
        "\"\"\"plainsight: allow rule-a -- why not\"\"\"\nk = SECRET",
        "' plainsight: allow rule-a -- why not\nk = SECRET",
        "; plainsight: allow rule-a -- why not\nk = SECRET",
        "% plainsight: allow rule-a -- why not\nk = SECRET",
        "\u{feff}# plainsight: allow rule-a -- why not\nk = SECRET",
        "plainsight: allow rule-a -- why not\nk = SECRET",
    ] {
        assert_eq!(held(text).as_deref(), Some("Inline plainsight: allow why not"), "{text:?}");
    }
}

#[test]
fn ours_do_not_hold_and_say_why() {
    for (text, why) in [
        ("k = SECRET # plainsight: allow rule-a", "gives no reason"),
        ("k = SECRET # plainsight: allow rule-a -- ", "gives no reason"),
        ("k = SECRET # plainsight: allow rule-a -- ...", "gives no reason"),
        ("k = SECRET <!-- plainsight: allow rule-a -->", "gives no reason"),
        ("k = SECRET /* plainsight: allow rule-a */ -- x", "gives no reason"),
        ("# plainsight: allow rule-a\nk = SECRET", "gives no reason"),
        ("k = SECRET # plainsight: allow rule-b -- why", "names other rules"),
        ("k = SECRET # plainsight: allow rule-ab -- why", "names other rules"),
        ("k = SECRET # plainsight: allow", "names no rule"),
        ("k = SECRET # plainsight: allow -- why", "names no rule"),
        ("f(\"plainsight: allow rule-a -- why\", SECRET", "stands before the secret"),
    ] {
        let Some(InlineJudgement::Fails { note, offset }) = ask(text) else { panic!("{text:?}: {:?}", ask(text)) };
        assert!(note.contains(why), "{text:?}: {note}");
        assert!(text[offset..].starts_with("plainsight"), "{text:?}");
    }
}

#[test]
fn nothing_is_said_where_nothing_speaks_of_the_secret() {
    for text in [
        "k = SECRET",
        "",
        "k = 1 # plainsight: allow rule-a -- why\nk = SECRET",
        "# plainsight: allow rule-a -- why\n\nk = SECRET",
        "k = SECRET\n# plainsight: allow rule-a -- why",
        "k = SECRET # notplainsight: allow rule-a -- why",
        "k = SECRET # plainsight: allows rule-a -- why",
        "x = 1 # gitleaks:allow\nk = SECRET",
        "k = SECRET # gitleaks:allowed",
        "k = SECRET # my-gitleaks:allow",
        "k = SECRET # biggignore",
        "k = SECRET # pragma: allowlist nextline secret",
        "k = SECRET // secretlint-disable-next-line",
        "// secretlint-disable-line\nk = SECRET",
    ] {
        let text = if text.is_empty() { "SECRET" } else { text };
        assert_eq!(ask(text), None, "{text:?}");
    }
}

#[test]
fn foreign_words_hold_on_the_same_terms() {
    for word in [
        "gitleaks:allow",
        "betterleaks:allow",
        "trufflehog:ignore",
        "kingfisher:ignore",
        "pragma: allowlist secret",
        "ggignore",
    ] {
        let shown = format!("ForeignInline {word} ");
        for text in [
            format!("k = SECRET # {word}"),
            format!("k = SECRET <!--{word}-->"),
            format!("/* {word} */ k = SECRET"),
            format!("# {word}\nk = SECRET"),
            format!("  /* {word} */\nk = SECRET"),
        ] {
            assert_eq!(held(&text).as_ref(), Some(&shown), "{text:?}");
        }
    }
    for (text, shown) in [
        ("k = SECRET # pragma: whitelist secret", "ForeignInline pragma: allowlist secret "),
        ("k = SECRET # pragma:allowlist-secret", "ForeignInline pragma: allowlist secret "),
        ("x = 1 # pragma: allowlist nextline secret\nk = SECRET", "ForeignInline pragma: allowlist nextline secret "),
        ("f() // secretlint-disable-next-line @a/b\nk = SECRET", "ForeignInline secretlint-disable-next-line "),
        ("k = SECRET // secretlint-disable-line @a/b -- of a test", "ForeignInline secretlint-disable-line of a test"),
        ("# gitleaks:allow -- of a test\nk = SECRET", "ForeignInline gitleaks:allow of a test"),
    ] {
        assert_eq!(held(text).as_deref(), Some(shown), "{text:?}");
    }
}

#[test]
fn a_secret_does_not_allow_itself() {
    let text = b"k = 'x gitleaks:allow y'\nz";
    assert_eq!(judge(text, 5..23, "rule-a", "ps1-1"), None);
    let key = b"-----BEGIN\nplainsight: allow rule-a -- x\nEND-----\n# gitleaks:allow";
    assert_eq!(judge(key, 0..49, "rule-a", "ps1-1"), None, "the last byte of the span is the line end");
    let key = b"x\nBEGIN\nfoo\nEND # gitleaks:allow\n";
    assert!(judge(key, 2..15, "rule-a", "ps1-1").is_some(), "the line of the end counts");
}

#[test]
fn one_that_holds_wins_over_one_that_does_not() {
    assert!(held("# plainsight: allow rule-a -- why\nk = SECRET # plainsight: allow rule-b -- why").is_some());
}

#[test]
fn no_value_is_repeated() {
    let text = "k = SECRET # plainsight: allow rule-a -- SECRET is not used; B=q1w2e3r4t5y6u7i8o9p0";
    assert_eq!(held(text).as_deref(), Some("Inline plainsight: allow … is not used; …"));
    assert_eq!(held("/* gitleaks:allow -- x */ k = SECRET").as_deref(), Some("ForeignInline gitleaks:allow x"));
    assert_eq!(held("a(\"gitleaks:allow -- x\", SECRET").as_deref(), Some("ForeignInline gitleaks:allow "));
}

#[test]
fn a_cut_leaves_no_part_of_the_secret() {
    for filler in 0..40 {
        let text =
            format!("k = SECRETSECRET # gitleaks:allow -- {}{} SECRETSECRET", "a ".repeat(480), "b".repeat(filler));
        let Some(InlineJudgement::Holds(held)) = judge(text.as_bytes(), 4..16, "rule-a", "ps1-1") else {
            panic!("{text}")
        };
        assert!(!held.reason.unwrap_or_default().contains("SECR"), "{filler}");
    }
    for length in 4..12 {
        assert_eq!(without(&b"x SECRETSECRET"[..2 + length], b"SECRETSECRET"), "x …");
    }
}

#[test]
fn nothing_is_looked_at_out_of_reach() {
    let far = "x".repeat(REACH);
    assert_eq!(ask(&format!("k = SECRET{far} # gitleaks:allow")), None);
    assert_eq!(ask(&format!("/* gitleaks:allow */{far}SECRET")), None);
    assert_eq!(ask(&format!("# gitleaks:allow\n{far}xSECRET")), None);
    assert!(ask(&format!("# gitleaks:allow\n{far}SECRET")).is_some());
    let blanks = " ".repeat(REACH);
    assert_eq!(ask(&format!("x{blanks}# gitleaks:allow\nSECRET")), None, "nobody can say that it stands alone");
}

proptest! {
    #[test]
    fn never_panics(text in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..300), start in 0usize..400, end in 0usize..400) {
        let _ = judge(&text, Range { start, end }, "rule-a", "ps1-1");
    }

    #[test]
    fn a_marker_within_the_secret_never_counts(before in "[a-z =]{0,20}", inner in "[a-z\n ]{0,30}", after in "[a-z =]{0,20}") {
        let text = format!("{before}{inner}# gitleaks:allow{inner}{after}");
        let span = before.len()..text.len() - after.len();
        prop_assert_eq!(judge(text.as_bytes(), span, "rule-a", "ps1-1"), None);
    }

    #[test]
    fn pieces_of_markers_never_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "plainsight", ":", " ", "allow", "--", "-->", "rule-a", ",", "\n", "pragma:", "allowlist", "secret", "nextline", "SECRET", "*/", "é", "gitleaks:allow",
    ]), 0..30)) {
        let text = parts.concat() + "SECRET";
        let _ = ask(&text);
    }
}
