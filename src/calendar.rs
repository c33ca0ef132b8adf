//! Dates and times of the Gregorian calendar, read by a pattern.

/// The numbers of a date and a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DateTime {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

impl DateTime {
    /// Reads the start of a text, and returns the rest. A letter of `YMDhms` in the pattern is a digit of the year, the month
    /// and so on. Any other character must be in the text.
    pub(crate) fn read<'a>(&mut self, text: &'a str, pattern: &str) -> Option<&'a str> {
        for (expected, found) in pattern.bytes().zip(text.bytes()) {
            let number = match expected {
                b'Y' => &mut self.year,
                b'M' => &mut self.month,
                b'D' => &mut self.day,
                b'h' => &mut self.hour,
                b'm' => &mut self.minute,
                b's' => &mut self.second,
                _ if expected == found => continue,
                _ => return None,
            };
            if !found.is_ascii_digit() {
                return None;
            }
            *number = *number * 10 + i64::from(found - b'0');
        }
        text.get(pattern.len()..)
    }

    /// Seconds of the Unix epoch. `None` if there is no such date or time.
    pub(crate) fn seconds(&self) -> Option<i64> {
        let Self { year, month, day, hour, minute, second } = *self;
        // A second of 60 is a leap second.
        let is_time = hour < 24 && minute < 60 && second <= 60;
        let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        (is_date && is_time).then(|| days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March, so that the leap day is the last.
pub(crate) fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 719_469
}
