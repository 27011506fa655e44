//! Examples of rules: templates filled from a seed, so that no live-looking value lies in the repository.
//!
//! `{LITERAL:ALPHABET:LENGTH}` is the literal and that many random characters; `LENGTH` may be a range (`20-40`).
//! `{@uuid}`, `{@UUID}`, `{@jwt}` and `{@pem:LABEL}` make structures. `{{` and `}}` are braces.

use std::ops::Range;

/// What is wrong with a template, as a sentence; its author's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template `{template}`: {message}")]
pub struct TemplateError {
    template: String,
    message: String,
}

/// A generator of reproducible chance (`SplitMix64` by Sebastiano Vigna, public domain): equal seeds give equal samples.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Starts from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is at least 1; the bias is below 2^-32 for all that is asked here.
    pub const fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) as usize) % end
    }
}

/// Makes the structures that templates name with `@`; passed in, because they are made by the checks of the engine.
pub type Structure<'a> = &'a dyn Fn(&str, &mut Chance) -> Option<String>;

/// A template filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The text.
    pub text: String,
    /// From the first to the last character that a placeholder made; empty without one.
    pub filled: Range<usize>,
}

/// Fills a template.
///
/// # Errors
/// What is wrong with it.
pub fn fill(template: &str, chance: &mut Chance, structure: Structure<'_>) -> Result<Sample, TemplateError> {
    let failed = |message: &str| TemplateError { template: template.to_owned(), message: message.to_owned() };
    let mut text = String::with_capacity(template.len() + 64);
    let mut filled: Option<Range<usize>> = None;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = behind;
            continue;
        }
        if brace == "}" {
            return Err(failed("a single `}`: write `}}` for a brace"));
        }
        let end = rest.find('}').ok_or_else(|| failed("a `{` without `}`: write `{{` for a brace"))?;
        let start = text.len();
        text.push_str(&placeholder(&rest[..end], chance, structure).map_err(|message| failed(&message))?);
        filled = Some(filled.map_or(start, |filled| filled.start)..text.len());
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    Ok(Sample { filled: filled.unwrap_or(text.len()..text.len()), text })
}

fn placeholder(body: &str, chance: &mut Chance, structure: Structure<'_>) -> Result<String, String> {
    if let Some(name) = body.strip_prefix('@') {
        return match name {
            "uuid" => Ok(uuid(chance)),
            "UUID" => Ok(uuid(chance).to_ascii_uppercase()),
            _ => structure(name, chance).ok_or_else(|| format!("there is no structure `@{name}`")),
        };
    }
    let mut parts = body.rsplitn(3, ':');
    let (Some(length), Some(alphabet), Some(literal)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("`{{{body}}}` is not LITERAL:ALPHABET:LENGTH"));
    };
    let number = |text: &str| text.parse::<usize>().ok().filter(|&n| n <= 16 * 1024);
    let (least, most) = match length.split_once('-') {
        Some((least, most)) => (number(least), number(most)),
        None => (number(length), number(length)),
    };
    let (Some(least), Some(most)) = (least, most) else { return Err(format!("`{length}` is no length up to 16384")) };
    let letters = letters(alphabet)?;
    let length = least + chance.below(most.saturating_sub(least) + 1);
    let mut out = literal.to_owned();
    out.extend((0..length).map(|_| letters[chance.below(letters.len())]));
    Ok(out)
}

fn uuid(chance: &mut Chance) -> String {
    let (high, low) = (chance.next(), chance.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFF,
        0x8000 | (low >> 48 & 0x3FFF),
        low & 0xFFFF_FFFF_FFFF
    )
}

fn letters(alphabet: &str) -> Result<Vec<char>, String> {
    let set = match alphabet {
        "alnum" => "0-9A-Za-z",
        "lower" => "a-z",
        "upper" => "A-Z",
        "digit" => "0-9",
        "hex" => "0-9a-f",
        "HEX" => "0-9A-F",
        "lower-alnum" => "0-9a-z",
        "upper-alnum" => "0-9A-Z",
        "base32" => "A-Z2-7",
        "base58" => "1-9A-HJ-NP-Za-km-z",
        "base64" => "A-Za-z0-9+/",
        "base64url" => "A-Za-z0-9_-",
        custom => custom
            .strip_prefix("custom[")
            .and_then(|set| set.strip_suffix(']'))
            .ok_or_else(|| format!("there is no alphabet `{custom}`"))?,
    };
    let characters: Vec<char> = set.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        if at + 2 < characters.len() && characters[at + 1] == '-' {
            out.extend(characters[at]..=characters[at + 2]);
            at += 3;
        } else {
            out.push(characters[at]);
            at += 1;
        }
    }
    if out.is_empty() { Err("an alphabet without letters".into()) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<Sample, TemplateError> {
        fill(template, &mut Chance::new(7), &|_, _| None)
    }

    #[test]
    fn the_same_seed_gives_the_same_sample() {
        let sample = filled("a = {{{x_:alnum:12}}}").expect("the template is right");
        assert_eq!(sample, filled("a = {{{x_:alnum:12}}}").expect("the template is right"));
        assert_eq!(&sample.text[..5], "a = {");
        assert_eq!(sample.filled.len(), 14);
        assert!(sample.text[sample.filled].starts_with("x_"));
    }

    #[test]
    fn alphabets_and_lengths_are_kept() {
        for (template, length) in [("{:hex:32}", 32..33), ("{:custom[A-C9]:4-8}", 4..9), ("{@uuid}", 36..37)] {
            let sample = filled(template).expect("the template is right");
            assert!(length.contains(&sample.text.len()), "{}", sample.text);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for template in ["{", "}", "{x}", "{:nope:3}", "{:hex:x}", "{@nope}"] {
            assert!(filled(template).is_err(), "{template}");
        }
    }
}
