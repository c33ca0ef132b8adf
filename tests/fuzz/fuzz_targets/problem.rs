//! No piece of a secret is in a problem.
//!
//! An input is the secret, a line break, and the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thousandeyes_usage::fuzzing;

/// In characters: a shorter piece shows nothing of a secret.
const SHORTEST_PIECE: usize = 6;

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (secret, body) = (&input[..end], &input[end + 1..]);
    // As the option `token` has it. A piece with a bracket may come about by the "[token]" that replaces another.
    let is_token = |byte: &u8| byte.is_ascii_graphic() && !b"[]".contains(byte);
    if !secret.iter().all(is_token) {
        return;
    }
    let secret = String::from_utf8_lossy(secret).into_owned();
    let Some((problem, summary)) = fuzzing::problem(body, std::slice::from_ref(&secret)) else { return };

    let mut texts = vec![summary, problem.kind, problem.title, problem.detail, problem.instance];
    texts.extend(problem.errors.into_iter().flat_map(|error| [error.code, error.field, error.message]));
    for text in texts.into_iter().flatten() {
        for piece in secret.as_bytes().windows(SHORTEST_PIECE) {
            let piece = String::from_utf8_lossy(piece);
            assert!(!text.contains(&*piece), "{piece:?} of the secret {secret:?} is in {text:?}");
        }
    }
});
