//! Bytes of a 200 to a checked [`Usage`], or an error that names the place.
//!
//! First the whole JSON, then the model over it: the slow and obvious way. A derived `Deserialize` was rejected: it
//! refuses duplicate keys, which `JSON.parse` does not, and its errors echo values of the body.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::error;
use core::fmt;

use serde_json::Value;

use crate::digits;
use crate::json::{self, Fault, MAX_DEPTH, MAX_SAFE_INTEGER, MAX_VALUES, Number};
use crate::model::Usage;

/// Where a body is not what the model says. It never holds a value of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    expected: &'static str,
    found: String,
}

impl DecodeError {
    pub(crate) fn new(expected: &'static str, found: impl Into<String>) -> Self {
        Self { path: String::new(), expected, found: found.into() }
    }

    /// A value of the wrong type.
    pub(crate) fn mismatch(expected: &'static str, found: &Value) -> Self {
        Self::new(
            expected,
            match found {
                Value::Null => "null",
                Value::Bool(_) => "a boolean",
                Value::Number(_) => "a number",
                Value::String(_) => "a string",
                Value::Array(_) => "an array",
                Value::Object(_) => "an object",
            },
        )
    }

    /// What keeps a text from being read as JSON, at a place.
    pub(crate) fn fault(fault: Fault, text: &str, at: usize) -> Self {
        match fault {
            Fault::Depth => Self::new("JSON nested at most 128 deep", "more"),
            Fault::Values => Self::new("JSON of at most 4,000,000 values", "more"),
            Fault::Syntax if at >= text.len() => Self::new("JSON", "an end that comes too early"),
            Fault::Syntax => {
                let before = text.as_bytes().get(..at).unwrap_or_default();
                let mut lines = before.rsplit(|byte| *byte == b'\n');
                let column = 1 + lines.next().unwrap_or_default().len();
                let line = 1 + lines.count();
                Self::new(
                    "JSON",
                    [
                        "something else at line ",
                        &digits::write(line as u64),
                        ", column ",
                        &digits::write(column as u64),
                    ]
                    .concat(),
                )
            }
        }
    }

    /// The same error, seen from the object that holds the field.
    pub(crate) fn within(self, field: &str) -> Self {
        self.prefixed(field)
    }

    /// The same error, seen from the array that holds the element.
    pub(crate) fn at(self, index: usize) -> Self {
        self.prefixed(&["[", &digits::write(index as u64), "]"].concat())
    }

    fn prefixed(mut self, step: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = [step, separator, &self.path].concat();
        self
    }

    pub(crate) fn message(&self) -> String {
        [
            "The answer is not a usage: ",
            if self.path.is_empty() { "the body" } else { &self.path },
            " should be ",
            self.expected,
            ", not ",
            &self.found,
            "; check that `baseUrl` is the ThousandEyes API, or look for a newer version of this package",
        ]
        .concat()
    }

    /// The element, such as `usage.tests[17].cloudUnitsUsed`. Empty for the whole body.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the model has there.
    #[must_use]
    pub fn expected(&self) -> &str {
        self.expected
    }

    /// The kind of what the body has there; never the value itself.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl error::Error for DecodeError {}

/// A type of the model, read from the JSON value that stands for it.
pub(crate) trait Shape: Sized {
    /// What an error says was expected.
    const EXPECTED: &'static str;

    fn read(value: Value) -> Result<Self, DecodeError>;
}

/// A field of the model, whose value may be missing.
pub(crate) trait Field: Sized {
    fn read(value: Option<Value>) -> Result<Self, DecodeError>;

    /// Whether it is written at all: what was absent stays absent.
    fn is_present(&self) -> bool;
}

impl<T: Shape> Field for Option<T> {
    /// `null` counts as absent.
    fn read(value: Option<Value>) -> Result<Self, DecodeError> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::read(value).map(Some),
        }
    }

    fn is_present(&self) -> bool {
        self.is_some()
    }
}

impl Field for String {
    fn read(value: Option<Value>) -> Result<Self, DecodeError> {
        <Option<Self> as Field>::read(value)?.ok_or_else(|| DecodeError::new(Self::EXPECTED, "nothing"))
    }

    fn is_present(&self) -> bool {
        true
    }
}

impl Shape for String {
    const EXPECTED: &'static str = "a string";

    fn read(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(DecodeError::mismatch(Self::EXPECTED, &other)),
        }
    }
}

impl Shape for bool {
    const EXPECTED: &'static str = "a boolean";

    fn read(value: Value) -> Result<Self, DecodeError> {
        value.as_bool().ok_or_else(|| DecodeError::mismatch(Self::EXPECTED, &value))
    }
}

impl Shape for i64 {
    const EXPECTED: &'static str = "an integer within ±(2^53 − 1)";

    fn read(value: Value) -> Result<Self, DecodeError> {
        let whole = match &value {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            _ => None,
        };
        match whole {
            Some(value) if value.unsigned_abs() <= MAX_SAFE_INTEGER => integer(Number::Integer(value)),
            Some(_) => integer(Number::Large),
            None if value.is_number() => integer(Number::Fraction),
            None => Err(DecodeError::mismatch(Self::EXPECTED, &value)),
        }
    }
}

/// The integer that a number is.
pub(crate) fn integer(number: Number) -> Result<i64, DecodeError> {
    match number {
        Number::Integer(integer) => Ok(integer),
        Number::Large => Err(DecodeError::new(<i64 as Shape>::EXPECTED, "an integer outside it")),
        Number::Fraction => Err(DecodeError::new(<i64 as Shape>::EXPECTED, "a fraction")),
    }
}

/// `1.0` and `1e3` are integers: JSON has one kind of number. One too large for i64 saturates, and is then refused.
#[expect(clippy::cast_possible_truncation, reason = "it saturates, which is meant")]
fn whole(number: f64) -> Option<i64> {
    json::is_whole(number).then_some(number as i64)
}

impl<T: Shape> Shape for Vec<T> {
    const EXPECTED: &'static str = "an array";

    fn read(value: Value) -> Result<Self, DecodeError> {
        let Value::Array(elements) = value else {
            return Err(DecodeError::mismatch(Self::EXPECTED, &value));
        };
        elements
            .into_iter()
            .enumerate()
            .map(|(index, element)| T::read(element).map_err(|error| error.at(index)))
            .collect()
    }
}

impl Usage {
    /// Reads the body of an answer, such as one kept from an earlier call.
    ///
    /// A text that holds an escape of half a surrogate pair gets U+FFFD in its place.
    ///
    /// # Errors
    ///
    /// When it is not valid UTF-8, not JSON, nested deeper than 128, of more than 4,000,000 values, or not a usage. An
    /// integer beyond ±(2^53 − 1) is refused, so that JavaScript never sees a rounded one.
    pub fn from_json(body: &[u8]) -> Result<Self, DecodeError> {
        Self::read(parse(text(body)?)?)
    }
}

/// The text of a body.
pub(crate) fn text(body: &[u8]) -> Result<&str, DecodeError> {
    // `Response.json()` too drops a byte order mark.
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    core::str::from_utf8(body).map_err(|error| {
        let place = ["an invalid sequence at byte ", &digits::write(error.valid_up_to() as u64)].concat();
        DecodeError::new("UTF-8 text", place)
    })
}

/// Parses JSON of any kind.
pub(crate) fn parse(text: &str) -> Result<Value, DecodeError> {
    let (depth, values) = extent(text);
    if depth > MAX_DEPTH {
        return Err(DecodeError::fault(Fault::Depth, text, 0));
    }
    if values > MAX_VALUES {
        return Err(DecodeError::fault(Fault::Values, text, 0));
    }
    let text = mend(text);
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    // Its own limit of 127 gives way to the one just checked.
    deserializer.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            let place = if error.is_eof() {
                "an end that comes too early".to_owned()
            } else {
                format!("something else at line {}, column {}", error.line(), error.column())
            };
            DecodeError::new("JSON", place)
        })
}

/// JSON with U+FFFD for each escape of half a surrogate pair, as of a name that was cut inside an emoji. A Rust string
/// cannot hold a half, and refusing the whole answer for one name was rejected: `JSON.parse` takes it.
fn mend(text: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        at = match (half(text, escape), half(text, escape + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => escape + 12,
            (Some(_), _) => {
                mended.push_str(text.get(copied..escape).unwrap_or_default());
                mended.push_str("\\ufffd");
                copied = escape + 6;
                copied
            }
            (None, _) => escape + 2,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(mended)
}

/// The half of a surrogate pair whose escape stands at a place, if one does.
fn half(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let code = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..=0xDFFF).contains(&code).then_some(code)
}

/// How deep the arrays and objects of JSON are nested, and how many values it holds at most; of anything else some
/// numbers.
fn extent(text: &str) -> (usize, usize) {
    let (mut depth, mut deepest, mut values) = (0_usize, 0, 1);
    let mut bytes = text.bytes();
    let mut in_string = false;
    let mut last = b' ';
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'\\' if in_string => {
                bytes.next();
            }
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                values += 1;
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                // What was counted at its opening is not there.
                values -= usize::from(matches!(last, b'[' | b'{'));
            }
            b',' => values += 1,
            _ => {}
        }
        last = byte;
    }
    (deepest, values)
}
