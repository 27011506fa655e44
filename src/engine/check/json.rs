//! JSON of an exact length, for repairs of tokens that hold an object.

use serde_json::Value;

use super::codec;

/// An object of exactly `length` bytes with these members, and one more named `last` that takes up the rest.
pub(super) fn padded(members: &[(&str, &str)], last: &str, length: usize, seed: &[u8]) -> Option<Vec<u8>> {
    let members: Vec<String> = members.iter().map(member).collect();
    let closed = format!("{{{}}}", members.join(","));
    if closed.len() == length {
        return Some(closed.into_bytes());
    }
    let comma = if members.is_empty() { "" } else { "," };
    let text = format!("{{{}{comma}\"{last}\":\"", members.join(","));
    let room = length.checked_sub(text.len() + 2);
    match room {
        Some(room) => Some([text.as_bytes(), &codec::filler(seed, room), b"\"}"].concat()),
        // Blanks are allowed wherever the member does not fit.
        None => length.checked_sub(closed.len()).map(|blanks| [closed.as_bytes(), &vec![b' '; blanks]].concat()),
    }
}

/// A number stays one.
fn member((name, value): &(&str, &str)) -> String {
    let quote = if value.bytes().all(|byte| byte.is_ascii_digit()) { "" } else { "\"" };
    format!("\"{name}\":{quote}{value}{quote}")
}

/// How many bytes back from its end a text may have to be given up.
const MOST_CUTS: usize = 1024;

/// An object of the same length that keeps as much of the beginning as can be kept, and has `needed` as a member.
pub(super) fn completed(text: &[u8], needed: Option<(&str, &str)>) -> Option<Vec<u8>> {
    let needed_text = needed.map(|needed| member(&needed) + ",").unwrap_or_default();
    let opens =
        ["", "\"", "{\"", "\":\"", ":\"", "{NEEDED\"a\":\"", "NEEDED\"a\":\"", ",NEEDED\"a\":\"", "\",NEEDED\"a\":\""]
            .map(|open| open.replace("NEEDED", &needed_text));
    let has_needed = |candidate: &[u8]| match serde_json::from_slice(candidate) {
        Ok(Value::Object(object)) => needed.is_none_or(|(name, _)| object.get(name).is_some_and(Value::is_string)),
        _ => false,
    };
    let readable = text.iter().take_while(|byte| (b' '..=b'~').contains(byte)).count();
    for keep in (0..=readable).rev().take(MOST_CUTS) {
        for open in &opens {
            for close in ["\"}", "}", "\":0}", "\"]}", "\"}}"] {
                let room = text.len().checked_sub(keep + open.len() + close.len());
                let Some(room) = room else { continue };
                let filler = codec::filler(text, room);
                let candidate = [&text[..keep], open.as_bytes(), &filler, close.as_bytes()].concat();
                if has_needed(&candidate) {
                    return Some(candidate);
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_objects_have_the_length_asked_for() {
        for length in 17..200 {
            let text = padded(&[("alg", "HS256"), ("n", "12")], "kid", length, b"seed");
            let Some(text) = text else {
                assert!(length < 22);
                continue;
            };
            assert_eq!(text.len(), length);
            let value: Value = serde_json::from_slice(&text).expect("it is JSON");
            assert_eq!(value["alg"], "HS256");
            assert_eq!(value["n"], 12);
        }
    }

    #[test]
    fn a_beginning_is_kept() {
        for begin in ["{\"iss\":\"user\",\"jti\":\"at-", "{\"a\":", "{", "{\"a\":{\"b\":\"", "{\"a\"", "{\"a\":[\"x"] {
            let sample = [begin.as_bytes(), &[0xf3; 40]].concat();
            let whole = completed(&sample, None).expect("there is room");
            assert_eq!(whole.len(), sample.len());
            assert!(whole.starts_with(begin.as_bytes()), "{begin}: {}", String::from_utf8_lossy(&whole));
        }
        assert_eq!(completed(b"", None), None);
        let sample = [&b"{\"ver\":\"2\",\"typ\":\"JWT"[..], &[0xf3; 40]].concat();
        let whole = completed(&sample, Some(("alg", "RS256"))).expect("there is room");
        assert!(whole.starts_with(b"{\"ver\":\"2\",\"typ\":\"JWT\",\"alg\":\"RS256\",\"a\":\""));
    }
}
