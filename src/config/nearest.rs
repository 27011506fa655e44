//! "Did you mean": the known word that is closest to what was typed.

/// Longest word that is compared, in characters.
const MAX_WORD: usize = 80;

/// The known word nearest to `word`: a few typing mistakes away, or else the shortest that holds it whole. Of
/// equals the first in order of the alphabet.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let typed: Vec<char> = word.chars().take(MAX_WORD + 1).collect();
    if typed.is_empty() || typed.len() > MAX_WORD {
        return None;
    }
    let allowed = (typed.len() / 3).max(1);
    let rank = |candidate: &'k str| {
        let distance = distance(&typed, &candidate.chars().take(MAX_WORD).collect::<Vec<char>>());
        if distance <= allowed {
            Some((0, distance, candidate))
        } else {
            (typed.len() >= 3 && candidate.contains(word)).then_some((1, candidate.len(), candidate))
        }
    };
    known.filter_map(rank).min().map(|(_, _, candidate)| candidate)
}

/// Letters added, left out, replaced, or two neighbours exchanged.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut fewest = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                fewest = fewest.min(before_last[j - 2] + 1);
            }
            row.push(fewest);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest() {
        let known = ["stripe-live-secret-key", "stripe-test-secret-key", "aws-access-key-id", "disable"];
        for (word, found) in [
            ("disabel", Some("disable")),
            ("stripe-live-secret-keys", Some("stripe-live-secret-key")),
            ("aws-access-key", Some("aws-access-key-id")),
            ("access-key", Some("aws-access-key-id")),
            ("github-token", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), found, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), known.into_iter()), None);
    }

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!([d("", "abc"), d("abc", "abc"), d("abc", "acb"), d("abc", "axc"), d("abc", "ab")], [3, 0, 1, 1, 1]);
    }
}
