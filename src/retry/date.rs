//! The three date forms of [RFC 9110, section 5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7).
//!
//! The `httpdate` crate is the oracle of the tests. docs/decisions.md has why it is not used here.

use crate::calendar::{self, number};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Seconds of the Unix epoch, or `None` if `text` is not an HTTP date.
///
/// `now`, in the same unit, decides the century of the obsolete form with a two-digit year: by the RFC, a date that would be
/// more than 50 years in the future is in the past.
pub(crate) fn parse(text: &str, now: i64) -> Option<i64> {
    let (day_name, rest) = text.split_once(' ')?;
    let fields: Vec<&str> = rest.split(' ').filter(|field| !field.is_empty()).collect();
    if let Some(day_name) = day_name.strip_suffix(',') {
        match fields.as_slice() {
            // Sun, 06 Nov 1994 08:49:37 GMT
            [day, month, year, time, "GMT"] if is_short_day(day_name) => {
                seconds(number(year, 4)?, month, number(day, 2)?, time)
            }
            // Sunday, 06-Nov-94 08:49:37 GMT
            [date, time, "GMT"] if DAYS.contains(&day_name) => {
                let mut parts = date.split('-');
                let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
                if parts.next().is_some() {
                    return None;
                }
                let (day, year) = (number(day, 2)?, number(year, 2)?);
                let this_year = 1970 + now.div_euclid(31_556_952);
                let century = this_year - this_year.rem_euclid(100);
                let year = century + year;
                let year = if year > this_year + 50 { year - 100 } else { year };
                seconds(year, month, day, time)
            }
            _ => None,
        }
    } else {
        // Sun Nov  6 08:49:37 1994
        match fields.as_slice() {
            [month, day, time, year] if is_short_day(day_name) => {
                seconds(number(year, 4)?, month, number(day, day.len())?, time)
            }
            _ => None,
        }
    }
}

fn is_short_day(name: &str) -> bool {
    name.len() == 3 && DAYS.iter().any(|day| day.starts_with(name))
}

fn seconds(year: i64, month: &str, day: i64, time: &str) -> Option<i64> {
    let month = 1 + i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()?;
    calendar::seconds(year, month, day, time)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const NOW: i64 = 1_795_000_000; // November 2026

    #[test]
    fn each_of_the_three_forms_is_read() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(parse(text, NOW), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn a_two_digit_year_is_at_most_50_years_ahead() {
        assert_eq!(parse("Friday, 01-Jan-76 00:00:00 GMT", NOW), parse("Wed, 01 Jan 2076 00:00:00 GMT", NOW));
        assert_eq!(parse("Friday, 01-Jan-77 00:00:00 GMT", NOW), parse("Sat, 01 Jan 1977 00:00:00 GMT", NOW));
    }

    #[test]
    fn every_day_of_a_century_and_a_half_is_what_httpdate_says() {
        for day in 0..(150 * 366) {
            let seconds = day * 86_399;
            let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(parse(&text, NOW), i64::try_from(seconds).ok(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            " ",
            "soon",
            "120",
            "2026-11-22T00:00:00Z",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 29 Feb 2023 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Xyz, 06 Nov 1994 08:49:37 GMT",
            ", 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06-Nov-94-1 08:49:37 GMT",
            "Sun Nov 6 08:49:37 94",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text, NOW), None, "{text:?}");
        }
    }
}
