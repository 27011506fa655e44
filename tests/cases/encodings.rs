//! Fifty kinds of secrets in every encoding: found, mapped to where they stand, masked in both forms.

use super::support::{ENGINE, RULES, Scratch};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plainsight::finding::Confidence;
use plainsight::prove;
use plainsight::rule::Form;
use plainsight::scan::search_bytes;

/// How many kinds are tried.
const KINDS: usize = 50;

/// A kind whose value is found wherever it stands.
struct Kind {
    rule: &'static str,
    value: String,
}

/// Evenly from all rules whose values are plain, not long, and found on their own.
fn kinds() -> Vec<Kind> {
    let all: Vec<Kind> = RULES
        .rules()
        .iter()
        .enumerate()
        .filter(|(_, rule)| {
            matches!(rule.form, Form::Pattern { .. })
                && rule.confidence >= Confidence::Strong
                && rule.files.names.is_empty()
        })
        .filter_map(|(number, rule)| {
            let text = prove::sample(&ENGINE, rule, rule.examples.first()?, 5).ok()?.text;
            let found = search_bytes(&ENGINE, text.as_bytes(), "a.conf");
            let own = found.iter().find(|found| found.rule == number && found.decoded.is_empty())?;
            let value = text[own.span.clone()].to_owned();
            let alone = search_bytes(&ENGINE, format!("a {value} b\n").as_bytes(), "a.conf");
            let stands = alone.iter().any(|found| found.rule == number && found.confidence >= Confidence::Likely);
            // Text below the least that is decoded, and a value that is an encoding itself, prove nothing here.
            let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
            (stands && is_plain && (24..400).contains(&value.len()) && !value.starts_with("eyJ"))
                .then_some(Kind { rule: rule.id, value })
        })
        .collect();
    let step = all.len() / KINDS;
    all.into_iter().step_by(step.max(1)).take(KINDS).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Every way to write the value down, by name.
fn forms(value: &str) -> Vec<(&'static str, String)> {
    let line = format!("token: {value}\n");
    let percent: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let unicode: String = value.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let escaped: String = value.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let once = STANDARD.encode(&line);
    vec![
        ("base64", format!("data = \"{}\"\n", STANDARD.encode(value))),
        (
            "base64, one byte on",
            format!("data = \"{}\"\n", STANDARD.encode(format!("x{line}").replace("token: ", " "))),
        ),
        (
            "base64, two bytes on",
            format!("data = \"{}\"\n", STANDARD.encode(format!("xy {line}").replace("token: ", ""))),
        ),
        ("base64 in lines", format!("data: |\n  {}\n", wrapped(&STANDARD.encode(format!("{line}{line}")), "\n  "))),
        ("base64 twice", format!("data = \"{}\"\n", STANDARD.encode(&once))),
        ("hexadecimal", format!("data = \"{}\"\n", hex(line.as_bytes()))),
        ("hexadecimal, capitals", format!("data = \"{}\"\n", hex(line.as_bytes()).to_ascii_uppercase())),
        ("percent", format!("q=x&data={percent}&b=1\n")),
        ("JSON in JSON", format!("{{\"a\": \"{{\\\"token\\\": \\\"{value}\\\"}}\"}}\n")),
        ("unicode escapes", format!("a = \"{unicode}\"\n")),
        ("hexadecimal escapes", format!("a = \"{escaped}\"\n")),
        ("Kubernetes data", format!("apiVersion: v1\nkind: Secret\ndata:\n  token: {}\n", STANDARD.encode(value))),
        ("Kubernetes stringData", format!("apiVersion: v1\nkind: Secret\nstringData:\n  token: {value}\n")),
    ]
}

fn wrapped(text: &str, between: &str) -> String {
    text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join(between)
}

#[test]
fn encoded_secrets_are_found_where_they_stand() {
    let mut wrong = Vec::new();
    let kinds = kinds();
    assert_eq!(kinds.len(), KINDS);
    for kind in &kinds {
        for (form, text) in forms(&kind.value) {
            let found = search_bytes(&ENGINE, text.as_bytes(), "a.yaml");
            let best = found.iter().filter(|found| found.confidence >= Confidence::Likely).find(|found| {
                found.secret.as_ref().is_some_and(|secret| {
                    let secret = String::from_utf8_lossy(secret.expose()).into_owned();
                    secret.contains(&kind.value) || kind.value.contains(&secret)
                })
            });
            let Some(best) = best else {
                wrong.push(format!("{}: {form}: missed", kind.rule));
                continue;
            };
            let encoded = &text[best.span.clone()];
            let prefix = text.find(encoded).unwrap_or(0);
            if prefix == 0 || encoded.contains(['"', '&']) || encoded.len() < kind.value.len() / 2 {
                wrong.push(format!("{}: {form}: stands at {:?}", kind.rule, best.span));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn neither_form_is_shown() {
    let scratch = Scratch::new();
    let kinds = kinds();
    for (number, kind) in kinds.iter().enumerate() {
        for (at, (_, text)) in forms(&kind.value).into_iter().enumerate() {
            scratch.write(format!("{number}/{at}.yaml"), text);
        }
    }
    let outputs = [scratch.run(&["scan", "--format", "jsonl"]), scratch.run(&["scan", "--verbose"])];
    for ran in outputs {
        let ran = ran.expect_status(1);
        for kind in &kinds {
            // Not even the middle of it, in any of its forms.
            let middle = &kind.value[6..kind.value.len() - 6];
            assert!(!ran.stdout.contains(middle), "{}", kind.rule);
            for (form, _) in
                forms(&kind.value).iter().filter(|(form, _)| form.starts_with("base64") && !form.contains("lines"))
            {
                let encoded = STANDARD.encode(&kind.value);
                assert!(!ran.stdout.contains(&encoded[8..encoded.len() - 8]), "{}: {form}", kind.rule);
            }
            assert!(!ran.stdout.contains(&hex(middle.as_bytes())), "{}", kind.rule);
        }
    }
}

#[test]
fn wide_text_is_read_with_and_without_a_mark() {
    let kinds = kinds();
    for (big, mark) in [(false, false), (false, true), (true, false), (true, true)] {
        let scratch = Scratch::new();
        for (number, kind) in kinds.iter().enumerate() {
            scratch.write(
                format!("{number}.txt"),
                utf16(&format!("[main]\r\nname=x\r\nvalue={}\r\n", kind.value), big, mark),
            );
        }
        let ran = scratch.scan().expect_status(1);
        let mut missed = Vec::new();
        for (number, kind) in kinds.iter().enumerate() {
            let path = format!("{number}.txt");
            let found = ran.findings();
            let own = found.iter().find(|found| {
                found["verdict"] == "block"
                    && found["places"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|place| place["path"] == path.as_str()))
            });
            match own {
                Some(own)
                    if own["places"].as_array().is_some_and(|all| {
                        all.iter().any(|place| place["path"] == path.as_str() && place["start_line"] == 3)
                    }) => {}
                _ => missed.push(kind.rule),
            }
        }
        assert!(missed.is_empty(), "big {big}, mark {mark}: {missed:?}");
    }
}
