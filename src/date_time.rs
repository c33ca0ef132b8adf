//! Date-times of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6), the form of ISO 8601 that the API writes.

use std::ops::RangeInclusive;

use crate::calendar::{DateTime, days_since_epoch};

/// Milliseconds of the Unix epoch, or `None` if `text` is not a date-time. One without a zone is UTC, as the API documents
/// its dates to be.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (milliseconds, zone) = read(text)?;
    Some(milliseconds - offset(zone)? * 1_000)
}

/// The same of a date-time that has a zone.
pub(crate) fn parse_with_zone(text: &str) -> Option<i64> {
    let (_, zone) = read(text)?;
    if zone.is_empty() { None } else { parse(text) }
}

/// The milliseconds of a date-time whose zone is not taken off yet, and the zone.
fn read(text: &str) -> Option<(i64, &str)> {
    let mut date = DateTime::default();
    let rest = date.read(text, "YYYY-MM-DD")?.strip_prefix(['T', 't', ' '])?;
    let rest = date.read(rest, "hh:mm:ss")?;
    let (milliseconds, zone) = match rest.strip_prefix('.') {
        Some(fraction) => fraction_of(fraction)?,
        None => (0, rest),
    };
    Some((date.seconds()? * 1_000 + milliseconds, zone))
}

/// The milliseconds of a fraction of a second, and what follows it.
fn fraction_of(text: &str) -> Option<(i64, &str)> {
    let zone = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let digits = text.get(..text.len() - zone.len()).filter(|digits| !digits.is_empty())?;
    // The three digits after the point, the missing ones as 0.
    let milliseconds = [digits, "00"].concat().get(..3)?.parse().ok()?;
    Some((milliseconds, zone))
}

/// How many seconds a zone, such as `+05:30`, is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let mut offset = DateTime::default();
    let rest = offset.read(zone.strip_prefix(['+', '-'])?, "hh:mm")?;
    let is_valid = rest.is_empty() && offset.hour < 24 && offset.minute < 60;
    is_valid.then_some(sign * (offset.hour * 3_600 + offset.minute * 60))
}

/// The times that [`format`] can write: those of the years 0000 to 9999.
pub(crate) const FORMATTED: RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// The date-time of a time in milliseconds of the Unix epoch, as JavaScript's `toISOString` writes it. The year must have
/// four digits, as it has between two dates that were parsed.
pub(crate) fn format(milliseconds: i64) -> String {
    let (days, time) = (milliseconds.div_euclid(86_400_000), milliseconds.rem_euclid(86_400_000));
    let (year, month, day) = date_of(days);
    let (hour, minute) = (time / 3_600_000, time / 60_000 % 60);
    let (second, fraction) = (time / 1_000 % 60, time % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

/// The date of a day, counted from the Unix epoch: the inverse of `days_since_epoch`.
fn date_of(days: i64) -> (i64, i64, i64) {
    // A guess that is never too early, then the last year and the last month that begin by then.
    let mut year = 1971 + days.div_euclid(365).max(days.div_euclid(366));
    while days_since_epoch(year, 1, 1) > days {
        year -= 1;
    }
    let mut month = 12;
    while days_since_epoch(year, month, 1) > days {
        month -= 1;
    }
    (year, month, 1 + days - days_since_epoch(year, month, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_apis_own_form_is_read() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2022-07-18T22:00:00Z"), Some(1_658_181_600_000));
    }

    #[test]
    fn fractions_count_to_the_millisecond() {
        for (fraction, milliseconds) in [("5", 500), ("05", 50), ("005", 5), ("123456789", 123), ("000", 0)] {
            assert_eq!(parse(&format!("1970-01-01T00:00:00.{fraction}Z")), Some(milliseconds), "{fraction}");
        }
    }

    #[test]
    fn a_zone_is_taken_off() {
        assert_eq!(parse("1970-01-01T05:30:00+05:30"), Some(0));
        assert_eq!(parse("1969-12-31T16:00:00.25-08:00"), Some(250));
        for text in ["1970-01-01 00:00:01z", "1970-01-01t00:00:01Z", "1970-01-01T00:00:01"] {
            assert_eq!(parse(text), Some(1_000), "{text}");
        }
    }

    #[test]
    fn without_a_zone_it_is_utc() {
        assert_eq!(parse("1970-01-02T00:00:00"), Some(86_400_000));
    }

    #[test]
    fn a_zone_can_be_required() {
        assert_eq!(parse_with_zone("1970-01-01T00:00:01Z"), Some(1_000));
        assert_eq!(parse_with_zone("1970-01-01T05:30:01+05:30"), Some(1_000));
        for text in ["1970-01-01T00:00:01", "1970-01-01T00:00:01.5", "1970-01-01"] {
            assert_eq!(parse_with_zone(text), None, "{text}");
        }
    }

    #[test]
    fn only_leap_years_have_a_leap_day() {
        assert_eq!(parse("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        assert_eq!(parse("2023-02-29T00:00:00Z"), None);
        assert_eq!(parse("2100-02-29T00:00:00Z"), None);
    }

    #[test]
    fn another_text_is_not_a_date_time() {
        let others = "2022-07-18|T00:00:00Z|22-07-18T22:00:00Z|2022-7-18T22:00:00Z|2022-13-01T00:00:00Z|\
                      2022-00-01T00:00:00Z|2022-07-32T00:00:00Z|2022-07-18-01T00:00:00Z|2022-07-18T24:00:00Z|\
                      2022-07-18T22:00Z|2022-07-18T22:00:00ZZ|2022-07-18T22:00:00+5:30|2022-07-18T22:00:00+24:00|\
                      2022-07-18T22:00:00+00:60|2022-07-18T22:00:00+0000|2022-07-18_22:00:00Z|2022/07-18T22:00:00Z|\
                      2022-07/18T22:00:00Z|2022-07-18T22:00:00.Z|2022-07-18T22:00:00.12xZ|2022-07-18T22:00:00.1234xZ|\
                      Mon, 18 Jul 2022 22:00:00 GMT|२०२२-07-18T22:00:00Z";
        for text in others.split('|').chain(["", " "]) {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_date_is_formatted_as_it_is_parsed() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.999Z",
            "0001-12-31T12:00:00.001Z",
            "9999-12-31T23:59:59.000Z",
        ] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
    }
}
