//! Redaction: removes each part of a secret from a text. A server may echo the request or a part of it.

/// The shortest part of a secret that is redacted, in characters. A shorter one reveals nothing, and redacting it would garble
/// ordinary words.
const SHORTEST_PART: usize = 6;

const REPLACEMENT: &str = "[token]";

/// The text with each part of a secret replaced.
pub(crate) fn redact(text: &str, secrets: &[String]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let longest = secrets.iter().map(|secret| longest_part(rest, secret)).max().unwrap_or_default();
        let end = if longest > 0 {
            redacted.push_str(REPLACEMENT);
            longest
        } else {
            redacted.push(first);
            first.len_utf8()
        };
        rest = rest.get(end..).unwrap_or_default();
    }
    redacted
}

/// The length in bytes of the longest part of the secret that the text begins with, or 0.
fn longest_part(text: &str, secret: &str) -> usize {
    let ends = text.char_indices().map(|(start, char)| start + char.len_utf8());
    ends.skip(SHORTEST_PART - 1)
        .take_while(|end| text.get(..*end).is_some_and(|part| contains(secret, part)))
        .last()
        .unwrap_or_default()
}

/// `str::contains` would add 1 KB to what a page loads: it prepares for long texts.
fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn the_longer_of_two_secrets_is_redacted_whole_and_a_short_one_not_at_all() {
        let secrets = ["abc-123", "abc-123-456", "a"].map(str::to_owned);
        assert_eq!(redact("abc-123-456 and abc-123", &secrets), "[token] and [token]");
    }

    #[test]
    fn a_part_of_a_secret_is_redacted_from_six_characters_on() {
        let secrets = ["0123456789abcdef".to_owned()];
        let redacted = |text: &str| redact(text, &secrets);
        assert_eq!(redacted("token 01234… is no token"), "token 01234… is no token");
        assert_eq!(redacted("token 012345… and …abcdef, é456789é"), "token [token]… and …[token], é[token]é");
        assert_eq!(redacted("0123456789abcdef0123456789"), "[token][token]");
    }

    #[test]
    fn without_a_secret_the_text_stays() {
        assert_eq!(redact("é 012345", &[]), "é 012345");
    }
}
