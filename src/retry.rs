//! Decides whether a failed attempt is retried, and after which wait. The caller passes the time and the random number.

mod date;

use crate::error::is_transient;

/// The first wait if the response names none, in milliseconds. It doubles with each attempt.
const FIRST_BACKOFF: f64 = 500.0;

/// The longest wait if the response names none, in milliseconds.
const LONGEST_BACKOFF: f64 = 8_000.0;

/// The headers of a response that say how long to wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct RetryHeaders {
    pub(crate) retry_after: Option<String>,
    pub(crate) rate_limit_reset: Option<String>,
    pub(crate) date: Option<String>,
}

/// How an attempt failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The connection failed before or in the response.
    Connection,
    /// The response's status is not a success.
    Status(u16, RetryHeaders),
    /// Another attempt would fail as well.
    Final,
}

/// The state of a call after a failed attempt. Times are in milliseconds, `now` since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryState {
    /// The number of attempts that were made: 1 after the first.
    pub(crate) attempts: u32,
    pub(crate) max_retries: u32,
    pub(crate) now: f64,
    /// The time until the deadline; infinite without one.
    pub(crate) time_left: f64,
    /// A random number of at least 0 and below 1.
    pub(crate) random: f64,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Retry after so many milliseconds.
    Retry(f64),
    /// Give up. `retry_at` is the time from which a later call may succeed, in milliseconds of the Unix epoch.
    GiveUp { retry_at: Option<f64> },
}

/// Decides what follows a failed attempt.
pub(crate) fn decide(failure: &Failure, state: &RetryState) -> Decision {
    let (status, server_wait) = match failure {
        Failure::Connection => (None, None),
        Failure::Status(status, headers) if is_transient(*status) => {
            (Some(*status), read_wait(*status, headers, state.now))
        }
        Failure::Status(..) | Failure::Final => return Decision::GiveUp { retry_at: None },
    };
    let wait = server_wait.unwrap_or_else(|| backoff(state.attempts, state.random));
    let is_due = state.attempts <= state.max_retries;
    if is_due && wait < state.time_left {
        return Decision::Retry(wait);
    }
    // After the last attempt, a time that the server did not name is useful only for a rate limit.
    let has_retry_at = server_wait.is_some() || is_due || status == Some(429);
    Decision::GiveUp { retry_at: has_retry_at.then_some(state.now + wait) }
}

/// The wait that the response names, in milliseconds. An invalid value falls through to the next.
fn read_wait(status: u16, headers: &RetryHeaders, now: f64) -> Option<f64> {
    // The times of a response are by the server's clock, so they are compared with its own `Date`.
    let server_now = headers.date.as_deref().and_then(|date| date_ms(date, now)).unwrap_or(now);
    let retry_after = headers
        .retry_after
        .as_deref()
        .and_then(|value| seconds_ms(value).or_else(|| not_negative(date_ms(value, server_now)? - server_now)));
    // Every response has the reset, but only for a 429 was the limit reached.
    let reset = || (status == 429).then_some(headers.rate_limit_reset.as_deref())?;
    retry_after.or_else(|| not_negative(seconds_ms(reset()?)? - server_now))
}

fn not_negative(wait: f64) -> Option<f64> {
    (wait >= 0.0).then_some(wait)
}

/// The `delay-seconds` of RFC 9110, section 10.2.3, in milliseconds: digits only.
#[expect(clippy::cast_precision_loss, reason = "a number that large never fits a deadline anyway")]
fn seconds_ms(text: &str) -> Option<f64> {
    let digits = text.trim_ascii();
    let is_valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_valid.then(|| digits.parse::<u64>().map_or(f64::INFINITY, |seconds| seconds as f64 * 1_000.0))
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "dates are far below 2^53 ms")]
fn date_ms(text: &str, now: f64) -> Option<f64> {
    date::parse(text.trim_ascii(), (now / 1_000.0) as i64).map(|seconds| seconds as f64 * 1_000.0)
}

/// An exponential wait with jitter, so that clients that failed together do not retry together.
fn backoff(attempts: u32, random: f64) -> f64 {
    // More doublings would only overflow: the wait is capped long before.
    let doublings = attempts.saturating_sub(1).min(30);
    (FIRST_BACKOFF * f64::from(1_u32 << doublings)).min(LONGEST_BACKOFF) * (0.75 + random * 0.25)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 22 Nov 2026 12:00:00 GMT
    const NOW: f64 = 1_795_348_800_000.0;
    const DATE: &str = "Sun, 22 Nov 2026 12:00:00 GMT";
    const HOUR: f64 = 3_600_000.0;
    const RESET_IN_20_S: &str = "1795348820";

    const FIRST: RetryState = RetryState { attempts: 1, max_retries: 2, now: NOW, time_left: 30_000.0, random: 0.0 };

    fn headers(retry_after: Option<&str>, rate_limit_reset: Option<&str>, date: Option<&str>) -> RetryHeaders {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        RetryHeaders { retry_after: owned(retry_after), rate_limit_reset: owned(rate_limit_reset), date: owned(date) }
    }

    #[track_caller]
    fn assert_waits(headers: RetryHeaders, milliseconds: f64) {
        assert_eq!(decide(&Failure::Status(429, headers), &FIRST), Decision::Retry(milliseconds));
    }

    #[track_caller]
    fn assert_backs_off(headers: RetryHeaders) {
        assert_waits(headers, 375.0);
    }

    #[test]
    fn only_the_transient_statuses_are_retried() {
        let retried: Vec<u16> = (0..=999)
            .filter(|status| {
                matches!(decide(&Failure::Status(*status, RetryHeaders::default()), &FIRST), Decision::Retry(_))
            })
            .collect();
        assert_eq!(retried, [408, 429, 500, 502, 503, 504]);
    }

    #[test]
    fn a_failed_connection_is_retried_and_a_final_failure_is_not() {
        assert_eq!(decide(&Failure::Connection, &FIRST), Decision::Retry(375.0));
        assert_eq!(decide(&Failure::Final, &FIRST), Decision::GiveUp { retry_at: None });
    }

    #[test]
    fn no_more_than_max_retries_follow_the_first_attempt() {
        let after =
            |attempts, max_retries| decide(&Failure::Connection, &RetryState { attempts, max_retries, ..FIRST });
        assert_eq!(after(1, 0), Decision::GiveUp { retry_at: None });
        assert!(matches!(after(2, 2), Decision::Retry(_)));
        assert_eq!(after(3, 2), Decision::GiveUp { retry_at: None });
        assert!(matches!(after(u32::MAX, u32::MAX), Decision::Retry(_)));
    }

    #[test]
    fn the_backoff_doubles_up_to_eight_seconds_and_is_shortened_at_random_by_up_to_a_quarter() {
        let wait =
            |attempts, random| decide(&Failure::Connection, &RetryState { attempts, max_retries: 9, random, ..FIRST });
        for (attempts, milliseconds) in (1..).zip([500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 8_000.0, 8_000.0]) {
            assert_eq!(wait(attempts, 1.0), Decision::Retry(milliseconds));
            assert_eq!(wait(attempts, 0.5), Decision::Retry(milliseconds * 0.875));
        }
    }

    #[test]
    fn retry_after_in_seconds_is_kept() {
        assert_waits(headers(Some("7"), None, None), 7_000.0);
        assert_waits(headers(Some(" 7 "), Some(RESET_IN_20_S), Some(DATE)), 7_000.0);
        assert_waits(headers(Some("0"), None, None), 0.0);
    }

    #[test]
    fn retry_after_is_kept_in_each_of_the_three_date_forms() {
        for date in ["Sun, 22 Nov 2026 12:00:10 GMT", "Sunday, 22-Nov-26 12:00:10 GMT", "Sun Nov 22 12:00:10 2026"] {
            assert_waits(headers(Some(date), None, None), 10_000.0);
            assert_waits(headers(Some(date), None, Some(DATE)), 10_000.0);
        }
    }

    #[test]
    fn a_date_is_measured_by_the_servers_own_clock() {
        for skew in [-HOUR, HOUR] {
            let state = RetryState { now: NOW + skew, ..FIRST };
            let decided = |headers: RetryHeaders| decide(&Failure::Status(429, headers), &state);
            let date = "Sun, 22 Nov 2026 12:00:10 GMT";
            assert_eq!(decided(headers(Some(date), None, Some(DATE))), Decision::Retry(10_000.0));
            assert_eq!(decided(headers(None, Some(RESET_IN_20_S), Some(DATE))), Decision::Retry(20_000.0));
        }
    }

    #[test]
    fn the_rate_limit_reset_counts_only_for_a_429() {
        assert_waits(headers(None, Some(RESET_IN_20_S), None), 20_000.0);
        for status in [408, 500, 502, 503, 504] {
            let headers = headers(None, Some(RESET_IN_20_S), None);
            assert_eq!(decide(&Failure::Status(status, headers), &FIRST), Decision::Retry(375.0), "{status}");
        }
    }

    #[test]
    fn an_invalid_past_or_negative_retry_after_falls_through_to_the_reset() {
        for value in ["", "-1", "1.5", "1e3", "soon", "7, 7", "0x10", "Sun, 22 Nov 2026 11:59:59 GMT", "\u{0661}"] {
            assert_waits(headers(Some(value), Some(RESET_IN_20_S), Some(DATE)), 20_000.0);
        }
    }

    #[test]
    fn an_invalid_or_past_reset_falls_through_to_the_backoff() {
        for value in ["", "-1795348820", "1795348820.5", "soon", "1795348799", "0"] {
            assert_backs_off(headers(None, Some(value), Some(DATE)));
        }
        assert_backs_off(RetryHeaders::default());
    }

    #[test]
    fn an_invalid_date_leaves_our_own_clock() {
        assert_waits(headers(None, Some(RESET_IN_20_S), Some("soon")), 20_000.0);
    }

    #[test]
    fn a_wait_that_does_not_fit_the_deadline_is_the_time_to_retry() {
        let decided = |wait: &str, time_left| {
            decide(&Failure::Status(429, headers(Some(wait), None, None)), &RetryState { time_left, ..FIRST })
        };
        assert_eq!(decided("29", 30_000.0), Decision::Retry(29_000.0));
        assert_eq!(decided("30", 30_000.0), Decision::GiveUp { retry_at: Some(NOW + 30_000.0) });
        assert_eq!(decided("86400", 30_000.0), Decision::GiveUp { retry_at: Some(NOW + 86_400_000.0) });
        assert_eq!(decided(&"9".repeat(400), 30_000.0), Decision::GiveUp { retry_at: Some(f64::INFINITY) });
        assert_eq!(decided("86400", f64::INFINITY), Decision::Retry(86_400_000.0));
        let state = RetryState { time_left: 100.0, ..FIRST };
        assert_eq!(decide(&Failure::Connection, &state), Decision::GiveUp { retry_at: Some(NOW + 375.0) });
        let state = RetryState { max_retries: 0, ..state };
        assert_eq!(decide(&Failure::Connection, &state), Decision::GiveUp { retry_at: None });
    }

    #[test]
    fn after_the_last_attempt_only_a_rate_limit_has_a_time_to_retry_of_our_own() {
        let last = RetryState { attempts: 3, ..FIRST };
        let seven_seconds = || headers(Some("7"), None, None);
        let retry_at = |status, headers| match decide(&Failure::Status(status, headers), &last) {
            Decision::GiveUp { retry_at } => retry_at,
            Decision::Retry(_) => None,
        };
        assert_eq!(retry_at(429, RetryHeaders::default()), Some(NOW + 1_500.0));
        assert_eq!(retry_at(429, seven_seconds()), Some(NOW + 7_000.0));
        assert_eq!(retry_at(503, seven_seconds()), Some(NOW + 7_000.0));
        assert_eq!(retry_at(503, RetryHeaders::default()), None);
    }
}
