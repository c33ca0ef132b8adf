//! The wait or the time to retry that follows from the headers of a failed response.
//!
//! An input is up to four lines: the status, attempts, retries, now, time left and random number; `Retry-After`;
//! `X-Organization-Rate-Limit-Reset`; `Date`.

#![no_main]

use std::time::UNIX_EPOCH;

use libfuzzer_sys::fuzz_target;
use thousandeyes_usage::fuzzing;

/// The last time of a JavaScript `Date`, in milliseconds.
const LAST_DATE: f64 = 8.64e15;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.split('\n');
    let Some((status, counts, times)) = lines.next().and_then(moment) else { return };
    let headers = [lines.next(), lines.next(), lines.next()];
    for header in headers.into_iter().flatten() {
        assert_json_type(header);
    }
    assert_sound_decision(status, headers, counts, times);
});

/// Asserts that an accepted `Content-Type` has a type and a subtype before its parameters, and names JSON.
fn assert_json_type(content_type: &str) {
    if fuzzing::is_json(content_type) {
        let (essence, _) = content_type.split_once(';').unwrap_or((content_type, ""));
        let essence = essence.to_ascii_lowercase();
        assert!(essence.contains('/') && essence.trim_end().ends_with("json"), "{content_type:?}");
    }
}

/// The first line of an input: the status, the counts and the times, if they are possible.
fn moment(line: &str) -> Option<(u16, [u32; 2], [f64; 3])> {
    let mut words = line.split(' ');
    let status = words.next()?.parse().ok()?;
    let counts = [words.next()?.parse().ok()?, words.next()?.parse().ok()?];
    let mut time = || words.next()?.parse::<f64>().ok();
    let [now, left, random] = [time()?, time()?, time()?];
    let is_possible = now.abs() <= LAST_DATE && !left.is_nan() && (0.0..1.0).contains(&random);
    is_possible.then_some((status, counts, [now, left, random]))
}

fn assert_sound_decision(status: u16, headers: [Option<&str>; 3], counts: [u32; 2], times: [f64; 3]) {
    let [attempts, max_retries] = counts;
    let [now, left, _] = times;
    let is_transient = [408, 429, 500, 502, 503, 504].contains(&status);
    let is_due = is_transient && attempts <= max_retries;
    let requested = requested_wait(headers[0], headers[2], now);
    match fuzzing::decide(status, headers, counts, times) {
        Ok(wait) => {
            assert!(is_due && wait >= 0.0 && wait < left, "{wait}");
            assert!(requested.is_none_or(|requested| wait >= requested), "{wait} where {requested:?} was requested");
        }
        Err(Some(retry_at)) => {
            assert!(is_transient && retry_at >= now, "{retry_at}");
            assert!(
                requested.is_none_or(|requested| retry_at >= now + requested),
                "{retry_at} where {requested:?} was requested"
            );
        }
        Err(None) => assert!(!is_due && (requested.is_none() || !is_transient)),
    }
}

/// The wait of a valid `Retry-After`, in milliseconds. The decision may not be shorter.
fn requested_wait(retry_after: Option<&str>, date: Option<&str>, now: f64) -> Option<f64> {
    let value = retry_after?;
    if let Ok(seconds) = value.parse::<u32>() {
        return (!value.starts_with('+')).then_some(f64::from(seconds) * 1_000.0);
    }
    let server_now = match date {
        Some(date) => httpdate_ms(date)?,
        None => now,
    };
    let wait = httpdate_ms(value)? - server_now;
    (wait >= 0.0).then_some(wait)
}

/// A date with all digits of its year, by httpdate. That crate also trims control characters, which no header has.
fn httpdate_ms(text: &str) -> Option<f64> {
    let date = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    (!text.contains('-') && !text.contains(char::is_control)).then_some(date.as_secs_f64() * 1_000.0)
}
