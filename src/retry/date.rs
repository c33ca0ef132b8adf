//! The three date forms of [RFC 9110, section 5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7).
//!
//! The tests compare it with the `httpdate` crate. docs/decisions.md says why that is not used here.

use crate::calendar::DateTime;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Seconds of the Unix epoch, or `None` if `text` is not an HTTP date.
///
/// `now`, in the same unit, decides the century of the obsolete form with a two-digit year: by the RFC, a date that would be
/// more than 50 years in the future is in the past.
pub(crate) fn parse(text: &str, now: i64) -> Option<i64> {
    let short_day = text.get(..3)?;
    let day = DAYS.iter().find(|day| day.starts_with(short_day))?;
    // Sunday, 06-Nov-94 08:49:37 GMT
    if let Some(mut date) = read(text, [day, ", DD-", "-YY hh:mm:ss ", "GMT"]) {
        let this_year = 1970 + now.div_euclid(31_556_952);
        date.year += this_year - this_year.rem_euclid(100);
        if date.year > this_year + 50 {
            date.year -= 100;
        }
        return date.seconds();
    }
    // Sun, 06 Nov 1994 08:49:37 GMT
    read(text, [short_day, ", DD ", " YYYY hh:mm:ss ", "GMT"])
        // Sun Nov 16 08:49:37 1994
        .or_else(|| read(text, [short_day, " ", " DD hh:mm:ss YYYY", ""]))
        // Sun Nov  6 08:49:37 1994
        .or_else(|| read(text, [short_day, " ", "  D hh:mm:ss YYYY", ""]))?
        .seconds()
}

/// Reads a date: the name of the day, a pattern, the name of a month, a pattern, and the end.
fn read(text: &str, [day, before, after, end]: [&str; 4]) -> Option<DateTime> {
    let mut date = DateTime::default();
    let rest = date.read(text.strip_prefix(day)?, before)?;
    let (month, rest) = (1..).zip(MONTHS).find_map(|(month, name)| Some((month, rest.strip_prefix(name)?)))?;
    date.month = month;
    let rest = date.read(rest, after)?;
    (rest == end).then_some(date)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const NOW: i64 = 1_795_000_000; // November 2026

    #[test]
    fn each_of_the_three_forms_is_read() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
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
        let others = "soon|120|2026-11-22T00:00:00Z|Sun, 06 Nov 1994 08:49:37|Sun, 06 Nov 1994 08:49:37 UTC|\
                      Sun, 06 Nov 1994 24:00:00 GMT|Sun, 06 Nov 1994 08:60:37 GMT|Sun, 06 Nov 1994 08:49:61 GMT|\
                      Sun, 06 Nov 1994 08:49 GMT|Sun, 06 Nov 1994 08:49:37:00 GMT|Sun, 31 Nov 1994 08:49:37 GMT|\
                      Sun, 29 Feb 2023 08:49:37 GMT|Sun, 00 Nov 1994 08:49:37 GMT|Sun, 06 nov 1994 08:49:37 GMT|\
                      Xyz, 06 Nov 1994 08:49:37 GMT|, 06 Nov 1994 08:49:37 GMT|Sunday, 06-Nov-1994 08:49:37 GMT|\
                      Sunday, 06-Nov-94-1 08:49:37 GMT|Sun Nov 6 08:49:37 94|Sun, +6 Nov 1994 08:49:37 GMT|\
                      Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT";
        for text in others.split('|').chain(["", " "]) {
            assert_eq!(parse(text, NOW), None, "{text:?}");
        }
    }
}
