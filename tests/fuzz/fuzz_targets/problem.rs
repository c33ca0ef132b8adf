//! No part of a secret is in a problem.
//!
//! An input is the secret, a line break, and the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thousandeyes_usage::fuzzing;

/// The shortest part of a secret that is redacted, in characters.
const SHORTEST_PART: usize = 6;

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (secret, body) = (&input[..end], &input[end + 1..]);
    // The characters of a valid `token`. A bracket is excluded, because "[token]" replaces a part.
    let is_token = |byte: &u8| byte.is_ascii_graphic() && !b"[]".contains(byte);
    if !secret.iter().all(is_token) {
        return;
    }
    let secret = String::from_utf8_lossy(secret).into_owned();
    let Some((problem, summary)) = fuzzing::problem(body, std::slice::from_ref(&secret)) else { return };

    let mut texts = vec![summary, problem.kind, problem.title, problem.detail, problem.instance];
    texts.extend(problem.errors.into_iter().flat_map(|error| [error.code, error.field, error.message]));
    for text in texts.into_iter().flatten() {
        for part in secret.as_bytes().windows(SHORTEST_PART) {
            let part = String::from_utf8_lossy(part);
            assert!(!text.contains(&*part), "{part:?} of the secret {secret:?} is in {text:?}");
        }
    }
});
