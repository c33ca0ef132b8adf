//! A reader of JSON text, [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259). It finds and checks values, and does not build them.
//!
//! The decoder, the problems and the summaries all read with it.

#![expect(clippy::inline_always, reason = "a call of these functions would take as long as their work")]

use crate::error::DecodeError;

/// JavaScript's `Number.MAX_SAFE_INTEGER`: 2^53 − 1.
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The greatest depth of nested arrays and objects.
pub(crate) const MAX_DEPTH: usize = 128;

/// The most values that a text may have: about those of half a million tests. More could exhaust the memory.
pub(crate) const MAX_VALUES: usize = 4_000_000;

/// The names of types in an error.
pub(crate) const STRING: &str = "a string";
pub(crate) const BOOLEAN: &str = "a boolean";
pub(crate) const INTEGER: &str = "an integer within ±(2^53 − 1)";
pub(crate) const ARRAY: &str = "an array";
pub(crate) const OBJECT: &str = "an object";

/// Why the reader cannot go on from its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// The text is not JSON here.
    Syntax,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// More values than [`MAX_VALUES`].
    Values,
}

/// A number, classified by its decimal digits: a float would round some to an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// An integer within ±(2^53 − 1), in any notation: `1e3` is one.
    Integer(i64),
    /// An integer outside that range.
    Large,
    /// A number with a fraction.
    Fraction,
}

/// A position in JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    values: usize,
}

/// Reads the value of a member, whose name has its quotes and escapes, or leaves it unread.
type ReadMember<'f, 'a> = dyn FnMut(&mut Reader<'a>, &'a str) -> Result<(), DecodeError> + 'f;

/// Reads the element of an index, or leaves it unread.
type ReadElement<'f, 'a> = dyn FnMut(&mut Reader<'a>, usize) -> Result<(), DecodeError> + 'f;

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, position: 0, depth: 0, values: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The text from a position up to here.
    pub(crate) fn text_since(&self, start: usize) -> &'a str {
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// The bytes between two positions.
    pub(crate) fn bytes(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    /// Skips white space, and returns the byte that follows, or 0 at the end.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.byte() {
            Some(byte) if byte > b' ' => byte,
            _ => self.skip_white_space(),
        }
    }

    fn skip_white_space(&mut self) -> u8 {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.position += 1;
        }
        // A 0 byte in the text cannot begin a value, so it may stand for the end.
        self.byte().unwrap_or_default()
    }

    /// Checks that only white space follows.
    pub(crate) fn end(&mut self) -> Result<(), DecodeError> {
        self.peek();
        if self.position == self.text.len() { Ok(()) } else { Err(self.error(JsonError::Syntax)) }
    }

    /// Reads the object here. A member that `read` leaves unread is skipped.
    pub(crate) fn object(&mut self, read: &mut ReadMember<'_, 'a>) -> Result<(), DecodeError> {
        if self.peek() != b'{' {
            return Err(self.mismatch(OBJECT));
        }
        let mut has_next = self.located(|reader| reader.open(b'}'))?;
        while has_next {
            let name = self.located(Self::name)?;
            self.peek();
            let start = self.position;
            read(self, name)?;
            has_next = self.after_value(start, b'}')?;
        }
        Ok(())
    }

    /// Reads the array here. An element that `read` leaves unread is skipped.
    pub(crate) fn array(&mut self, read: &mut ReadElement<'_, 'a>) -> Result<(), DecodeError> {
        if self.peek() != b'[' {
            return Err(self.mismatch(ARRAY));
        }
        let mut index = 0;
        let mut has_next = self.located(|reader| reader.open(b']'))?;
        while has_next {
            self.peek();
            let start = self.position;
            read(self, index).map_err(|error| error.in_element(index))?;
            has_next = self.after_value(start, b']')?;
            index += 1;
        }
        Ok(())
    }

    /// Skips the value that began at `start` if it was left unread, and moves to the next one, if there is one.
    fn after_value(&mut self, start: usize, close: u8) -> Result<bool, DecodeError> {
        if self.position == start {
            self.skip()?;
        }
        self.located(|reader| reader.next(close))
    }

    /// Reads the string here, and returns it with its quotes and escapes.
    pub(crate) fn string(&mut self) -> Result<&'a str, DecodeError> {
        if self.peek() != b'"' {
            return Err(self.mismatch(STRING));
        }
        let start = self.position;
        self.located(Self::skip_string)?;
        Ok(self.text_since(start))
    }

    /// Reads the integer here.
    pub(crate) fn integer(&mut self) -> Result<i64, DecodeError> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.mismatch(INTEGER));
        }
        match self.located(Self::number)? {
            Number::Integer(integer) => Ok(integer),
            Number::Large => Err(DecodeError::mismatch(INTEGER, "an integer out of range")),
            Number::Fraction => Err(DecodeError::mismatch(INTEGER, "a fraction")),
        }
    }

    /// Skips any value.
    pub(crate) fn skip(&mut self) -> Result<(), DecodeError> {
        match self.peek() {
            b'{' => self.object(&mut |_, _| Ok(())),
            b'[' => self.array(&mut |_, _| Ok(())),
            b'"' => self.string().map(drop),
            b't' => self.located(|reader| reader.literal("true")),
            b'f' => self.located(|reader| reader.literal("false")),
            b'n' => self.located(Self::null),
            _ => self.located(Self::number).map(drop),
        }
    }

    /// The error of a value that is not what it should be.
    pub(crate) fn mismatch(&mut self, expected: &'static str) -> DecodeError {
        let found = match self.peek() {
            b'n' => "null",
            b't' | b'f' => BOOLEAN,
            b'"' => STRING,
            b'[' => ARRAY,
            b'{' => OBJECT,
            _ => "a number",
        };
        DecodeError::mismatch(expected, found)
    }

    fn located<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, JsonError>) -> Result<T, DecodeError> {
        read(self).map_err(|error| self.error(error))
    }

    fn error(&self, error: JsonError) -> DecodeError {
        match error {
            JsonError::Depth => DecodeError::syntax("JSON nested at most 128 levels deep", "deeper nesting"),
            JsonError::Values => DecodeError::syntax("JSON with at most 4,000,000 values", "more values"),
            JsonError::Syntax if self.position >= self.text.len() => {
                DecodeError::syntax("JSON", "unexpected end of input")
            }
            JsonError::Syntax => {
                let mut lines = self.bytes(0, self.position).rsplit(|byte| *byte == b'\n');
                let column = 1 + lines.next().unwrap_or_default().len();
                let line = 1 + lines.count();
                DecodeError::syntax("JSON", format!("unexpected character at line {line}, column {column}"))
            }
        }
    }
}

impl<'a> Reader<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    #[inline(always)]
    fn take(&mut self, byte: u8) -> Result<(), JsonError> {
        let is_there = self.peek() == byte;
        self.position += usize::from(is_there);
        if is_there { Ok(()) } else { Err(JsonError::Syntax) }
    }

    /// Counts the value that begins here.
    fn count(&mut self) -> Result<(), JsonError> {
        self.values += 1;
        if self.values > MAX_VALUES { Err(JsonError::Values) } else { Ok(()) }
    }

    /// Enters the array or object that begins here, and returns whether it has an element.
    pub(crate) fn open(&mut self, close: u8) -> Result<bool, JsonError> {
        self.count()?;
        // Skips the bracket, which the caller has checked.
        self.position += 1;
        if self.depth == MAX_DEPTH {
            return Err(JsonError::Depth);
        }
        self.depth += 1;
        Ok(self.take(close).map_or(true, |()| {
            self.depth -= 1;
            false
        }))
    }

    /// Moves past the comma to the next element and returns true, or leaves the array or object and returns false.
    #[inline(always)]
    pub(crate) fn next(&mut self, close: u8) -> Result<bool, JsonError> {
        if self.take(b',').is_ok() {
            return Ok(true);
        }
        self.take(close)?;
        self.depth -= 1;
        Ok(false)
    }

    /// Reads a member's name and its colon. The name has its quotes and escapes.
    fn name(&mut self) -> Result<&'a str, JsonError> {
        if self.peek() != b'"' {
            return Err(JsonError::Syntax);
        }
        let start = self.position;
        self.quoted()?;
        let name = self.text_since(start);
        self.take(b':')?;
        Ok(name)
    }

    /// Skips this name and its colon if they are next, without an escape or a space.
    #[inline(always)]
    pub(crate) fn skip_name(&mut self, name_and_colon: &str) -> bool {
        self.peek();
        let end = self.position + name_and_colon.len();
        match self.text.as_bytes().get(self.position..end) {
            Some(found) if is_same(found, name_and_colon.as_bytes()) => {
                self.position = end;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn null(&mut self) -> Result<(), JsonError> {
        self.literal("null")
    }

    pub(crate) fn literal(&mut self, literal: &str) -> Result<(), JsonError> {
        self.count()?;
        for byte in literal.bytes() {
            if self.byte() != Some(byte) {
                return Err(JsonError::Syntax);
            }
            self.position += 1;
        }
        Ok(())
    }

    /// Skips the string that begins here, and returns whether it has escapes.
    pub(crate) fn skip_string(&mut self) -> Result<bool, JsonError> {
        self.count()?;
        self.quoted()
    }

    /// Skips the string that begins here, without counting it, and returns whether it has escapes.
    fn quoted(&mut self) -> Result<bool, JsonError> {
        let mut has_escapes = false;
        self.position += 1;
        loop {
            self.skip_plain_characters();
            match self.byte() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(has_escapes);
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.escape()?;
                }
                Some(0x20..) => self.position += 1,
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    /// Skips all but quotes, backslashes and control characters, eight bytes at a time.
    fn skip_plain_characters(&mut self) {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        const TOPS: u64 = ONES << 7;
        // The lowest bit that is set is in the first byte below `limit`. Higher bits may be wrong.
        let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & TOPS;
        while let Some(word) = word_at(self.text.as_bytes(), self.position) {
            let found = below(word, 0x20)
                | below(word ^ (ONES * u64::from(b'"')), 1)
                | below(word ^ (ONES * u64::from(b'\\')), 1);
            if found != 0 {
                self.position += found.trailing_zeros() as usize / 8;
                return;
            }
            self.position += 8;
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.position += 1;
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.position += 1,
            Some(b'u') => {
                self.position += 1;
                for _ in 0..4 {
                    if !self.byte().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(JsonError::Syntax);
                    }
                    self.position += 1;
                }
            }
            _ => return Err(JsonError::Syntax),
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.position;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        if self.position > start { Ok(()) } else { Err(JsonError::Syntax) }
    }

    /// Reads the number that begins here. A number that a float holds as infinity is rejected: `JSON.stringify` would
    /// write null for it.
    pub(crate) fn number(&mut self) -> Result<Number, JsonError> {
        self.count()?;
        let start = self.position;
        let is_negative = self.byte() == Some(b'-');
        self.position += usize::from(is_negative);
        let first = self.position;
        let mut value = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.position += 1;
        }
        let length = self.position - first;
        let has_leading_zero = length > 1 && self.text.as_bytes().get(first) == Some(&b'0');
        if length == 0 || has_leading_zero {
            // The position of the missing digit, or of the extra one.
            self.position = first + usize::from(has_leading_zero);
            return Err(JsonError::Syntax);
        }
        if length > 15 || matches!(self.byte(), Some(b'.' | b'e' | b'E')) {
            return self.long_number(start);
        }
        Ok(Number::Integer(if is_negative { -value } else { value }))
    }

    fn long_number(&mut self, start: usize) -> Result<Number, JsonError> {
        if self.byte() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.position += 1;
            self.position += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        classify(self.text_since(start)).ok_or_else(|| {
            self.position = start;
            JsonError::Syntax
        })
    }
}

/// Eight bytes from a position on, as one word.
fn word_at(bytes: &[u8], position: usize) -> Option<u64> {
    let rest = bytes.get(position..)?;
    Some(u64::from_le_bytes(*rest.first_chunk()?))
}

/// Whether two short texts are equal, by eight bytes at a time. `==` would call a loop over single bytes.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut position = 0;
    while let (Some(a), Some(b)) = (word_at(one, position), word_at(other, position)) {
        if a != b {
            return false;
        }
        position += 8;
    }
    last_word(one) == last_word(other)
}

/// The last eight bytes of a text as one word, or all of a shorter one.
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

/// Classifies a valid number. `None` if a float holds it as infinity.
fn classify(text: &str) -> Option<Number> {
    /// The first 19 digits of 2^1024 − 2^970, the smallest number that rounds to infinity. Its next digits are 937. The few
    /// numbers between the two are rejected, although a float holds them.
    const INFINITE: u64 = 1_797_693_134_862_315_807;
    /// Beyond it, only the sign of an exponent matters.
    const LARGEST_EXPONENT: i64 = 1_000_000_000;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let size = exponent.trim_start_matches(['+', '-']).parse::<u64>().unwrap_or(u64::MAX);
    let size = i64::try_from(size).unwrap_or(LARGEST_EXPONENT).min(LARGEST_EXPONENT);

    // The value is 0.digits · 10^point. The first 19 digits fit into 64 bits; of the rest only the trailing zeros matter.
    let (mut first_digits, mut count, mut significant) = (0_u64, 0_i64, 0_i64);
    let mut point = if exponent.starts_with('-') { -size } else { size };
    let mut is_after_point = false;
    for byte in mantissa.bytes() {
        match byte {
            b'.' => is_after_point = true,
            b'0' if first_digits == 0 => point -= i64::from(is_after_point),
            b'0'..=b'9' => {
                count += 1;
                point += i64::from(!is_after_point);
                if byte != b'0' {
                    significant = count;
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
    if point < significant {
        return Some(Number::Fraction);
    }
    // All its digits are before the point: at most 19 of them are exact.
    let value = (point <= 16).then(|| first_19 / 10_u64.pow(u32::try_from(19 - point).unwrap_or(0)));
    match value.filter(|value| *value <= MAX_SAFE_INTEGER).and_then(|value| i64::try_from(value).ok()) {
        Some(value) => Some(Number::Integer(if text.starts_with('-') { -value } else { value })),
        None => Some(Number::Large),
    }
}

/// The text of a string that the reader returned. A lone surrogate, which a Rust string cannot hold, becomes U+FFFD.
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
                let next = escape.get(5..).and_then(|next| next.strip_prefix('\\'));
                let low = next
                    .filter(|next| next.starts_with('u'))
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
