//! A cursor over JSON text, [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259): it tells where values are, and builds none.
//!
//! What ends in `_inlined` is for the rows of a large answer, whose cursor then stays in registers; elsewhere one copy of the
//! code will do.
#![expect(
    clippy::inline_always,
    reason = "optimized for size, LLVM would call even what is smaller than a call"
)]

use alloc::string::String;

use crate::digits;

/// The largest integer that a JavaScript number holds with all smaller ones: 2^53 − 1.
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// How deep arrays and objects may be nested.
pub(crate) const MAX_DEPTH: usize = 128;

/// How many values a text may hold: those of half a million tests. What is made of more could exhaust the memory.
pub(crate) const MAX_VALUES: usize = 4_000_000;

/// Why the cursor cannot go on from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What stands here is not JSON.
    Syntax,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// More values than [`MAX_VALUES`].
    Values,
}

/// A number, as far as anybody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// A whole number within ±(2^53 − 1), however it is written: `1e3` is one.
    Integer(i64),
    /// A whole number beyond.
    Large,
    /// No whole number.
    Fraction,
}

#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    values: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, values: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Back to the start of the text.
    pub(crate) fn rewind(&mut self) {
        *self = Self::new(self.text);
    }

    #[inline(always)]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The bytes between two places.
    #[inline(always)]
    pub(crate) fn bytes(&self, start: usize, end: usize) -> &'a [u8] {
        match self.text.as_bytes().get(start..end) {
            Some(bytes) => bytes,
            None => &[],
        }
    }

    /// Goes on by a function that is rarely called, with a copy: the cursor whose address a call takes leaves the registers.
    #[inline(always)]
    pub(crate) fn aside<T>(&mut self, go_on: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut copy = self.clone();
        let gone = go_on(&mut copy);
        *self = copy;
        gone
    }

    /// The text from a place up to here.
    #[inline(always)]
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The first byte of what follows the white space here, or 0 at the end.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                // First, as it is nearly always the one.
                Some(byte) if byte > b' ' => return byte,
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                // A text may hold a 0, which no value begins with either.
                byte => return byte.unwrap_or_default(),
            }
        }
    }

    #[inline(always)]
    fn take(&mut self, byte: u8) -> Result<(), Fault> {
        let is_there = self.peek() == byte;
        self.at += usize::from(is_there);
        if is_there { Ok(()) } else { Err(Fault::Syntax) }
    }

    /// Whether nothing follows but white space.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        self.peek();
        if self.at == self.text.len() { Ok(()) } else { Err(Fault::Syntax) }
    }

    /// Counts the value that begins here.
    #[inline(always)]
    fn count(&mut self) -> Result<(), Fault> {
        self.values += 1;
        if self.values > MAX_VALUES { Err(Fault::Values) } else { Ok(()) }
    }

    /// Enters the array or object that begins here, and tells whether it holds anything.
    #[inline(never)]
    pub(crate) fn open(&mut self, close: u8) -> Result<bool, Fault> {
        self.open_inlined(close)
    }

    #[inline(always)]
    pub(crate) fn open_inlined(&mut self, close: u8) -> Result<bool, Fault> {
        self.count()?;
        // The bracket, which was seen.
        self.at += 1;
        if self.depth == MAX_DEPTH {
            return Err(Fault::Depth);
        }
        self.depth += 1;
        Ok(self.take(close).map_or(true, |()| {
            self.depth -= 1;
            false
        }))
    }

    /// Passes the comma to the next element, or leaves the array or object.
    #[inline(never)]
    pub(crate) fn more(&mut self, close: u8) -> Result<bool, Fault> {
        self.more_inlined(close)
    }

    #[inline(always)]
    pub(crate) fn more_inlined(&mut self, close: u8) -> Result<bool, Fault> {
        if self.take(b',').is_ok() {
            return Ok(true);
        }
        self.take(close)?;
        self.depth -= 1;
        Ok(false)
    }

    /// Passes a member's name and its colon. The name has its quotes and escapes.
    #[inline(never)]
    pub(crate) fn name(&mut self) -> Result<&'a str, Fault> {
        if self.peek() != b'"' {
            return Err(Fault::Syntax);
        }
        let name = self.quoted()?;
        self.take(b':')?;
        Ok(name)
    }

    /// Passes a member's name and its colon if it is this one, as it is mostly written: without an escape or a space.
    #[inline(always)]
    pub(crate) fn is_member(&mut self, name_and_colon: &str) -> bool {
        self.peek();
        let end = self.at + name_and_colon.len();
        match self.text.as_bytes().get(self.at..end) {
            Some(found) if is_same(found, name_and_colon.as_bytes()) => {
                self.at = end;
                true
            }
            _ => false,
        }
    }

    /// Passes any value.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        match self.peek() {
            b'"' => self.string().map(drop),
            b'[' => {
                let mut more = self.open(b']')?;
                while more {
                    self.skip()?;
                    more = self.more(b']')?;
                }
                Ok(())
            }
            b'{' => {
                let mut more = self.open(b'}')?;
                while more {
                    self.name()?;
                    self.skip()?;
                    more = self.more(b'}')?;
                }
                Ok(())
            }
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.number().map(drop),
        }
    }

    #[inline(never)]
    pub(crate) fn literal(&mut self, literal: &str) -> Result<(), Fault> {
        self.count()?;
        for byte in literal.bytes() {
            if self.byte() != Some(byte) {
                return Err(Fault::Syntax);
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Passes the string that begins here, and returns it with its quotes and escapes.
    #[inline(never)]
    pub(crate) fn string(&mut self) -> Result<&'a str, Fault> {
        self.count()?;
        self.quoted()
    }

    /// The same, and tells whether it has escapes.
    #[inline(always)]
    pub(crate) fn string_inlined(&mut self) -> Result<bool, Fault> {
        self.count()?;
        self.quoted_inlined()
    }

    #[inline(never)]
    fn quoted(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.quoted_inlined()?;
        Ok(self.since(start))
    }

    #[inline(always)]
    fn quoted_inlined(&mut self) -> Result<bool, Fault> {
        let mut has_escapes = false;
        self.at += 1;
        loop {
            self.plain();
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(has_escapes);
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.aside(Self::escape)?;
                }
                Some(0x20..) => self.at += 1,
                _ => return Err(Fault::Syntax),
            }
        }
    }

    /// Passes what needs no look, eight bytes at a time: all but quotes, backslashes and controls.
    #[inline(always)]
    fn plain(&mut self) {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        const TOPS: u64 = ONES << 7;
        // The lowest bit that is set stands in the first byte below `limit`; those above it may be wrong.
        let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & TOPS;
        while let Some(word) = word_at(self.text.as_bytes(), self.at) {
            let found = below(word, 0x20)
                | below(word ^ (ONES * u64::from(b'"')), 1)
                | below(word ^ (ONES * u64::from(b'\\')), 1);
            if found != 0 {
                self.at += found.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        self.at += 1;
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.byte().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(Fault::Syntax);
                    }
                    self.at += 1;
                }
            }
            _ => return Err(Fault::Syntax),
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Fault::Syntax) }
    }

    /// Passes the number that begins here. One too large for any JavaScript number is refused, since nothing could be
    /// written of it again.
    #[inline(never)]
    pub(crate) fn number(&mut self) -> Result<Number, Fault> {
        self.number_inlined()
    }

    #[inline(always)]
    pub(crate) fn number_inlined(&mut self) -> Result<Number, Fault> {
        self.count()?;
        let start = self.at;
        let is_negative = self.byte() == Some(b'-');
        self.at += usize::from(is_negative);
        let first = self.at;
        let mut value = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let length = self.at - first;
        let has_leading_zero = length > 1 && self.text.as_bytes().get(first) == Some(&b'0');
        if length == 0 || has_leading_zero {
            // Where the digit should be, or the one too many is.
            self.at = first + usize::from(has_leading_zero);
            return Err(Fault::Syntax);
        }
        if length > 15 || matches!(self.byte(), Some(b'.' | b'e' | b'E')) {
            return self.aside(|cursor| cursor.long_number(start));
        }
        Ok(Number::Integer(if is_negative { -value } else { value }))
    }

    fn long_number(&mut self, start: usize) -> Result<Number, Fault> {
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        number(self.since(start)).ok_or_else(|| {
            self.at = start;
            Fault::Syntax
        })
    }
}

/// Eight bytes from a place on, as one word.
#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    let rest = bytes.get(at..)?;
    Some(u64::from_le_bytes(*rest.first_chunk()?))
}

/// Whether two pieces of text are the same, eight bytes at a time: for the few there mostly are, `==` calls a loop of bytes.
#[inline(always)]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while let (Some(a), Some(b)) = (word_at(one, at), word_at(other, at)) {
        if a != b {
            return false;
        }
        at += 8;
    }
    last_word(one) == last_word(other)
}

/// The last eight bytes of a text as one word, or of a shorter one all.
#[inline(always)]
pub(crate) fn last_word(text: &[u8]) -> u64 {
    if text.len() >= 8
        && let Some(word) = word_at(text, text.len() - 8)
    {
        return word;
    }
    let mut word = 0;
    for byte in text {
        word = word << 8 | u64::from(*byte);
    }
    word
}

/// What kind of value begins with a byte, in words.
pub(crate) fn kind_of(first: u8) -> &'static str {
    match first {
        b'n' => "null",
        b't' | b'f' => "a boolean",
        b'"' => "a string",
        b'[' => "an array",
        b'{' => "an object",
        _ => "a number",
    }
}

/// Whether a float has no fraction. `fract`, which core lacks, would say the same.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "it is compared, below 2^53"
)]
pub(crate) fn is_whole(number: f64) -> bool {
    number.is_finite() && (number.abs() > MAX_SAFE_INTEGER as f64 || number as i64 as f64 == number)
}

/// What a valid number is, by its decimal digits: a float was rejected, which rounds. Nothing where it is too large.
fn number(text: &str) -> Option<Number> {
    /// The first 19 digits of what rounds to infinity: 2^1024 − 2^970, whose next are 937. What is between the two is refused
    /// too, though a float holds it.
    const INFINITE: u64 = 1_797_693_134_862_315_807;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    // Of one with very many digits only the sign matters.
    let size = digits::read(exponent.trim_start_matches(['+', '-'])).unwrap_or_default();
    let size = i64::try_from(size).unwrap_or(i64::MAX).min(1_000_000_000);
    let exponent = if exponent.starts_with('-') { -size } else { size };

    // The value is 0.digits · 10^point; the first 19 digits fit into 64 bits, and of the rest just the zeros at the end differ.
    let (mut first_digits, mut count, mut whole) = (0_u64, 0_i64, 0_i64);
    let mut point = exponent;
    let mut is_behind_point = false;
    for byte in mantissa.bytes() {
        match byte {
            b'.' => is_behind_point = true,
            b'0' if first_digits == 0 => point -= i64::from(is_behind_point),
            b'0'..=b'9' => {
                count += 1;
                point += i64::from(!is_behind_point);
                if byte != b'0' {
                    whole = count;
                }
                if count <= 19 {
                    first_digits = first_digits * 10 + u64::from(byte - b'0');
                }
            }
            _ => {}
        }
    }
    if first_digits == 0 {
        return Some(Number::Integer(0));
    }
    let first_19 = first_digits * 10_u64.pow(u32::try_from(19 - count).unwrap_or(0));
    if point > 309 || (point == 309 && first_19 >= INFINITE) {
        return None;
    }
    if point < whole {
        return Some(Number::Fraction);
    }
    // All its digits are before the point: at most 19 there are exact.
    let value = (point <= 16).then(|| first_19 / 10_u64.pow(u32::try_from(19 - point).unwrap_or(0)));
    match value.filter(|value| *value <= MAX_SAFE_INTEGER).and_then(|value| i64::try_from(value).ok()) {
        Some(value) => Some(Number::Integer(if text.starts_with('-') { -value } else { value })),
        None => Some(Number::Large),
    }
}

/// The text of a string that the cursor passed. Half a surrogate pair, which a Rust string cannot hold, becomes U+FFFD.
pub(crate) fn unescape(quoted: &str) -> String {
    let mut rest = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::with_capacity(rest.len());
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut after = escape.chars();
        match after.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let unit = |escape: &str| u32::from_str_radix(escape.get(1..5)?, 16).ok();
                let first = unit(escape).unwrap_or_default();
                let pair = escape
                    .get(5..)
                    .and_then(|next| next.strip_prefix('\\'))
                    .filter(|next| next.starts_with('u'));
                let low = pair
                    .and_then(unit)
                    .filter(|low| (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(low));
                let code = low.map_or(first, |low| 0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00));
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = escape.get(if low.is_some() { 11 } else { 5 }..).unwrap_or_default();
                continue;
            }
            Some(char) => text.push(char),
            None => {}
        }
        rest = after.as_str();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests;
