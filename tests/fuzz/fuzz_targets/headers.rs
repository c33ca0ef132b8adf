//! What the headers of a failed answer make of the wait: dates against `httpdate`, and what no header may bring about.
//!
//! An input is up to four lines: the status, attempts, retries, now, time left and random number; `Retry-After`;
//! `X-Organization-Rate-Limit-Reset`; `Date`.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use thousandeyes_usage::fuzzing;

/// The last moment that a JavaScript `Date` can hold, in milliseconds.
const LAST_DATE: f64 = 8.64e15;

/// The first second that `httpdate` cannot write.
const YEAR_10000: u64 = 253_402_300_800;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.split('\n');
    let Some((status, counts, times)) = lines.next().and_then(moment) else { return };
    let told = [lines.next(), lines.next(), lines.next()];
    for header in told.into_iter().flatten() {
        reads_dates_as_httpdate_does(header.trim(), times[0]);
        takes_json_types_alone(header);
    }
    decides_soundly(status, told, counts, times);
});

/// What has no type and subtype before its parameters, or names no JSON, is none.
fn takes_json_types_alone(content_type: &str) {
    if fuzzing::is_json(content_type) {
        let (essence, _) = content_type.split_once(';').unwrap_or((content_type, ""));
        let essence = essence.to_ascii_lowercase();
        assert!(essence.contains('/') && essence.trim_end().ends_with("json"), "{content_type:?}");
    }
}

/// The first line of an input, where it holds what a call can be at.
fn moment(line: &str) -> Option<(u16, [u32; 2], [f64; 3])> {
    let mut words = line.split(' ');
    let status = words.next()?.parse().ok()?;
    let counts = [words.next()?.parse().ok()?, words.next()?.parse().ok()?];
    let mut time = || words.next()?.parse::<f64>().ok();
    let [now, left, random] = [time()?, time()?, time()?];
    let is_possible = now.abs() <= LAST_DATE && !left.is_nan() && (0.0..1.0).contains(&random);
    is_possible.then_some((status, counts, [now, left, random]))
}

fn decides_soundly(status: u16, told: [Option<&str>; 3], counts: [u32; 2], times: [f64; 3]) {
    let [attempts, max_retries] = counts;
    let [now, left, _] = times;
    let is_transient = [408, 429, 500, 502, 503, 504].contains(&status);
    let is_due = is_transient && attempts <= max_retries;
    let asked = asked_wait(told[0], told[2], now);
    match fuzzing::decide(status, told, counts, times) {
        Ok(wait) => {
            assert!(is_due && wait >= 0.0 && wait < left, "{wait}");
            assert!(asked.is_none_or(|asked| wait >= asked), "{wait} where {asked:?} was asked");
        }
        Err(Some(retry_at)) => {
            assert!(is_transient && retry_at >= now, "{retry_at}");
            assert!(
                asked.is_none_or(|asked| retry_at >= now + asked),
                "{retry_at} where {asked:?} was asked"
            );
        }
        Err(None) => assert!(!is_due && (asked.is_none() || !is_transient)),
    }
}

/// The wait of a `Retry-After` that is beyond doubt, in milliseconds: it may not be cut short.
fn asked_wait(retry_after: Option<&str>, date: Option<&str>, now: f64) -> Option<f64> {
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

/// A date with all digits of its year, by the reference, which also trims what no header can hold, such as a vertical tab.
fn httpdate_ms(text: &str) -> Option<f64> {
    let date = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    (!text.contains('-') && !text.contains(char::is_control)).then_some(date.as_secs_f64() * 1_000.0)
}

/// `httpdate` refuses what the RFC has a recipient take or leave: a weekday of another date, a leap second, a year
/// before 1970, more spaces. A year of two digits it takes to be one from 1970 on, whatever the time is.
#[expect(clippy::cast_possible_truncation, reason = "a Date in seconds is far below 2^53")]
fn reads_dates_as_httpdate_does(text: &str, now: f64) {
    let ours = fuzzing::http_date(text, (now / 1_000.0) as i64);
    let ours_ms =
        ours.map(|seconds| Duration::from_secs(seconds.max(0).cast_unsigned()).as_secs_f64() * 1_000.0);
    if let Some(theirs) = httpdate_ms(text) {
        assert_eq!(ours_ms, Some(theirs), "{text:?}");
    }
    let seconds = ours.and_then(|seconds| u64::try_from(seconds).ok()).filter(|it| *it < YEAR_10000);
    let (Some(seconds), false) = (seconds, text.contains(":60")) else { return };
    let written = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let words: Vec<&str> = text.split([' ', '-']).collect();
    let [_, day, month, year, time, _] = *written.split(' ').collect::<Vec<_>>() else { unreachable!() };
    assert!(words.contains(&month) && words.contains(&time), "{text:?} is read as {written}");
    assert!(words.contains(&year) || words.contains(&&year[2..]), "{text:?} is read as {written}");
    assert!(words.iter().any(|word| word.parse::<u8>() == day.parse()), "{text:?} is read as {written}");
}
