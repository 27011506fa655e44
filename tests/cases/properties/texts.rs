//! Texts for the properties: samples of rules, noise, their encodings, and what is found in them.

use crate::cases::support::{ENGINE, RULES};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use plainsight::policy::{Allowances, Gate, Globs};
use plainsight::prove;
use plainsight::scan::{self, Context, Options, Progress};
use plainsight::source;
use proptest::prelude::*;
use proptest::sample::Index;

/// Names of files of several kinds.
pub const NAMES: &[&str] = &["a.txt", "a.conf", "src/a.py", "a.js", "a.yaml", ".env", "a.sh"];

/// A piece of a text.
#[derive(Debug, Clone)]
pub enum Piece {
    /// An example of a rule, filled.
    Sample { rule: usize, example: usize, seed: u64 },
    /// The same, encoded in base64.
    Encoded { rule: usize, example: usize, seed: u64 },
    /// Anything.
    Noise(Vec<u8>),
}

impl Piece {
    pub fn bytes(&self) -> Vec<u8> {
        let fill = |rule: usize, example: usize, seed| {
            let rule = &RULES.rules()[rule];
            let Some(template) = rule.examples.get(example % rule.examples.len().max(1)) else { return String::new() };
            // A template that cannot be filled is told by `rules check`.
            prove::sample(&ENGINE, rule, template, seed).map_or_else(|_| String::new(), |sample| sample.text)
        };
        match self {
            Self::Sample { rule, example, seed } => fill(*rule, *example, *seed).into_bytes(),
            Self::Encoded { rule, example, seed } => {
                base64::engine::general_purpose::STANDARD.encode(fill(*rule, *example, *seed)).into_bytes()
            }
            Self::Noise(bytes) => bytes.clone(),
        }
    }

    /// A file's name that the rule's conditions allow.
    pub fn name(&self) -> String {
        let Self::Sample { rule, .. } = self else { return "a.txt".to_owned() };
        let glob = RULES.rules()[*rule].files.names.first().copied().unwrap_or("sample.conf");
        glob.trim_start_matches("**/").replace('*', "sample")
    }
}

pub fn sample_piece() -> impl Strategy<Value = Piece> {
    (any::<Index>(), 0usize..4, 0u64..1000).prop_map(|(rule, example, seed)| Piece::Sample {
        rule: rule.index(RULES.rules().len()),
        example,
        seed,
    })
}

fn noise() -> impl Strategy<Value = Piece> {
    let words = "(password|token|secret|key|api_key|AKIA|ghp_|sk-|://|\\\\n|%2F|\\\\u0041|-----BEGIN| |=|:|\"|'|\\{|[A-Za-z0-9+/]{1,20}){1,12}";
    let text = prop_oneof!["[ -~]{0,80}", "[A-Za-z0-9+/=_-]{0,120}", words, "[a-z é]{0,60}"];
    text.prop_map(|text| Piece::Noise(text.into_bytes()))
}

/// A piece of valid text.
pub fn plain_piece() -> impl Strategy<Value = Piece> {
    prop_oneof![3 => sample_piece(), 2 => noise()]
}

/// Any piece.
pub fn any_piece() -> impl Strategy<Value = Piece> {
    let encoded = sample_piece().prop_map(|piece| match piece {
        Piece::Sample { rule, example, seed } => Piece::Encoded { rule, example, seed },
        other => other,
    });
    let bytes = prop::collection::vec(any::<u8>(), 0..60).prop_map(Piece::Noise);
    prop_oneof![6 => sample_piece(), 3 => noise(), 1 => encoded, 1 => bytes]
}

/// Pieces in one text.
pub struct Joined {
    pub bytes: Vec<u8>,
    /// Where each piece begins.
    pub starts: Vec<usize>,
}

pub fn join(pieces: &[Piece], between: &[u8]) -> Joined {
    let mut joined = Joined { bytes: Vec::new(), starts: Vec::new() };
    for piece in pieces {
        joined.starts.push(joined.bytes.len());
        joined.bytes.extend(piece.bytes());
        joined.bytes.extend(between);
    }
    joined
}

/// A finding's place, as a report would say it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub line: u64,
    pub column: u64,
    pub id: String,
    pub rule: &'static str,
    /// Whether it stands somewhere in the file; else it is the file.
    pub has_place: bool,
}

/// Scans bytes as a file of that name, and gives every place in order.
pub fn results(bytes: &[u8], name: &str) -> Vec<Seen> {
    let exclude = Globs::new::<&str>(&[]).expect("no glob is wrong");
    let (allowances, progress) = (Allowances::default(), Progress::default());
    let context = Context {
        rules: &RULES,
        gate: Gate::default(),
        allowances: &allowances,
        rotations: &plainsight::policy::Rotations::default(),
        exclude: &exclude,
        rebase: &|path| Some(path.to_owned()),
        inline_allow: false,
        progress: &progress,
    };
    let source = source::Options { max_size: 1 << 30, threads: 1, respect_ignore: false };
    let results = scan::stream(bytes, name, &context, &Options { source, partial: false });
    let mut all: Vec<Seen> = Vec::new();
    for finding in &results.findings {
        all.extend(finding.places.iter().map(|place| Seen {
            line: place.start.line,
            column: place.start.column,
            id: finding.id.clone(),
            rule: finding.rule.id,
            has_place: place.excerpt.is_some(),
        }));
    }
    all.sort();
    all
}

/// The identities, sorted.
pub fn ids(seen: &[Seen]) -> Vec<String> {
    let mut ids: Vec<String> = seen.iter().map(|seen| seen.id.clone()).collect();
    ids.sort();
    ids
}

/// The text in every encoding that is told from a mark or from its look.
pub fn encoded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    vec![
        ("UTF-8 with a mark", [&[0xEF, 0xBB, 0xBF][..], text.as_bytes()].concat()),
        ("UTF-16, low byte first, with a mark", [&[0xFF, 0xFE][..], &le].concat()),
        ("UTF-16, high byte first, with a mark", [&[0xFE, 0xFF][..], &be].concat()),
        ("UTF-16, low byte first", le),
        ("UTF-16, high byte first", be),
    ]
}

/// Whether the bytes of a span are the secret, or decode to something that begins or ends with no more than a part of
/// a group beside it.
pub fn decodes_to(span: &[u8], decoded: &[&str], secret: &[u8]) -> bool {
    let Some((outermost, inner)) = decoded.split_first() else { return span == secret };
    if !inner.is_empty() {
        // Of two layers only the outer one's form is looked at.
        return span.len() >= secret.len();
    }
    match *outermost {
        "base64" | "base64url" => (0..4).any(|by| holds(&from_base64(span, by), secret)),
        "hex" => holds(&from_hex(span), secret),
        "percent" => holds(&from_percent(span), secret),
        _ => span.len() >= secret.len(),
    }
}

fn holds(decoded: &[u8], secret: &[u8]) -> bool {
    decoded.len() <= secret.len() + 4 && decoded.windows(secret.len()).any(|window| window == secret)
}

/// Decodes characters of which the first is the `by`th of its group.
fn from_base64(span: &[u8], by: usize) -> Vec<u8> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let mut text = vec![b'A'; by];
    text.extend(span.iter().filter(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte)));
    // A single character behind the last group says nothing.
    text.truncate(text.len() - usize::from(text.len() % 4 == 1));
    let alphabet = if span.iter().any(|byte| b"-_".contains(byte)) { URL_SAFE } else { STANDARD };
    let decoded = GeneralPurpose::new(&alphabet, config).decode(&text).unwrap_or_default();
    decoded.get(by * 3 / 4..).unwrap_or_default().to_vec()
}

fn from_hex(span: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> =
        span.iter().filter_map(|&byte| char::from(byte).to_digit(16)).map(|digit| digit as u8).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}

fn from_percent(span: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = span;
    while let Some((&first, behind)) = rest.split_first() {
        match (first, behind) {
            (b'%', [high, low, behind @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.extend(from_hex(&[*high, *low]));
                rest = behind;
            }
            _ => {
                out.push(first);
                rest = behind;
            }
        }
    }
    out
}
