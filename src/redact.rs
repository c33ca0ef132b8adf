//! Redaction: removes each part of a secret from a text. A server may echo the request or a part of it.

/// The shortest part of a secret that is redacted, in characters. A shorter one reveals nothing, and redacting it would garble
/// ordinary words.
const SHORTEST_PART: usize = 6;

const REPLACEMENT: &str = "[token]";

/// The text with each part of a secret replaced.
pub(crate) fn redact(text: &str, secrets: &[String]) -> String {
    let candidates = candidates(secrets);
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let similar = place(rest, candidates.len()).and_then(|place| candidates.get(place));
        let parts = similar.into_iter().flatten().map(|candidate| common_part(rest, candidate));
        let end = if let Some(longest @ 1..) = parts.max() {
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

/// What follows each character of the secrets, itself included, by its place. Without this table each place of a long text would be
/// compared with all of a long secret, and no timer would fire meanwhile.
fn candidates(secrets: &[String]) -> Vec<Vec<&str>> {
    let mut candidates = vec![Vec::new(); secrets.iter().map(String::len).sum()];
    for secret in secrets {
        for (start, _) in secret.char_indices() {
            let candidate = secret.get(start..).unwrap_or_default();
            let place = place(candidate, candidates.len());
            if let Some(similar) = place.and_then(|place| candidates.get_mut(place)) {
                similar.push(candidate);
            }
        }
    }
    candidates
}

/// The place of a text among so many: the hash of its first bytes. `None` if it is shorter than a part.
fn place(text: &str, places: usize) -> Option<usize> {
    let start = text.as_bytes().get(..SHORTEST_PART)?;
    let hash = start.iter().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    hash.checked_rem(places)
}

/// The length in bytes of what both texts begin with, or 0 if it is shorter than a part.
fn common_part(text: &str, candidate: &str) -> usize {
    let common = text.chars().zip(candidate.chars()).take_while(|(one, other)| one == other);
    let (count, length) = common.fold((0, 0), |(count, length), (char, _)| (count + 1, length + char.len_utf8()));
    if count < SHORTEST_PART { 0 } else { length }
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
    fn a_part_ends_between_characters() {
        // The first byte of é is that of è too.
        assert_eq!(redact("abcdefè ééééé éééééé", &["abcdefé".to_owned(), "é".repeat(7)]), "[token]è ééééé [token]");
    }

    #[test]
    fn without_a_secret_the_text_stays() {
        assert_eq!(redact("é 012345", &[]), "é 012345");
    }
}
