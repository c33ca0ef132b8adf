//! Whole numbers in decimal digits and nothing else.
//!
//! `parse` of each type and `to_string`, which brings `core::fmt` along, were rejected: they were 6 KB of the .wasm.

use alloc::string::String;

/// The number, or the largest where it is larger; nothing where a sign or anything else stands there.
pub(crate) fn read(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    }
    (!text.is_empty()).then_some(number)
}

/// The digits of a number.
pub(crate) fn write(mut number: u64) -> String {
    let mut text = String::new();
    let mut magnitude = 1;
    while number / magnitude >= 10 {
        magnitude *= 10;
    }
    while magnitude > 0 {
        #[expect(clippy::cast_possible_truncation, reason = "it is one digit")]
        text.push(char::from(b'0' + (number / magnitude) as u8));
        number %= magnitude;
        magnitude /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_alone_are_read() {
        for (text, number) in
            [("0", 0), ("007", 7), ("18446744073709551615", u64::MAX), ("18446744073709551616", u64::MAX)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for text in ["", "-1", "+1", " 1", "1.0", "1e3", "\u{661}"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_what_display_writes() {
        for number in [0, 7, 9, 10, 99, 100, 4_320_000_000, u64::MAX - 1, u64::MAX] {
            assert_eq!(write(number), number.to_string());
        }
    }
}
