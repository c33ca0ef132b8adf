//! The body of a 200 to a checked usage, or an error that names the place.
//!
//! One pass over the text checks it against the model and writes it as JSON again: without the nulls of known fields, with
//! unknown fields as they came. The npm package gives that JSON to the engine's own `JSON.parse`; only the rows of
//! `tests`, which are nearly all of a large response, take a faster way: [`rows`]. A Rust app gets a [`Usage`] by serde.

pub(crate) mod rows;

use serde::Deserialize;

use crate::error::DecodeError;
use crate::json::{ARRAY, BOOLEAN, INTEGER, OBJECT, Reader, STRING, unescape};
use crate::model::{Field, Model, Object, Type, Usage};
use rows::{Collector, Rows};

/// The field whose elements go into [`Rows`].
const TESTS: &str = "\"tests\":";

/// How long the JSON of a usage without its rows mostly is.
const USUAL_JSON: usize = 4 << 10;

/// A checked usage, in the parts that rows.js makes one object of.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The usage as JSON, with a number in place of each row.
    pub(crate) json: String,
    pub(crate) rows: Rows,
}

impl Parts {
    /// Decodes a body.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, DecodeError> {
        let (json, rows) = check(body, true)?;
        Ok(Self { json, rows })
    }
}

impl Usage {
    /// Decodes the body of a response, such as one kept from an earlier call.
    ///
    /// An escape of half a surrogate pair becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// If the body is not valid UTF-8, not JSON, nested deeper than 128 levels, of more than 4,000,000 values, or not a
    /// usage. An integer outside ±(2^53 − 1) is an error, so that JavaScript never gets a rounded one.
    pub fn from_json(body: &[u8]) -> Result<Self, DecodeError> {
        let (json, _) = check(body, false)?;
        let json = replace_lone_surrogates(&json);
        let mut deserializer = serde_json::Deserializer::from_str(&json);
        // Its own limit of 127 levels is lower than the one that is checked already.
        deserializer.disable_recursion_limit();
        Self::deserialize(&mut deserializer).map_err(|_| DecodeError::mismatch("a usage", "another object"))
    }
}

/// Checks a body against the model, and returns it as JSON, with the rows of `tests` apart if `has_rows`.
fn check(body: &[u8], has_rows: bool) -> Result<(String, Rows), DecodeError> {
    let text = text(body)?;
    let rows = has_rows.then(|| Collector::new(text.len()));
    let mut checker = Checker { json: String::with_capacity(text.len().min(USUAL_JSON)), rows, last_wins: false };
    if checker.document(text).is_err() {
        // An error, or a name that occurs twice. A syntax error anywhere comes before an error of the model; and of the values
        // of a name the last one counts, as with JSON.parse, so an invalid one before it is no error.
        let mut reader = Reader::new(text);
        reader.skip()?;
        reader.end()?;
        checker = Checker { json: String::new(), rows: None, last_wins: true };
        checker.document(text)?;
    }
    Ok((checker.json, checker.rows.map(Collector::finish).unwrap_or_default()))
}

/// The text of a body.
fn text(body: &[u8]) -> Result<&str, DecodeError> {
    // `Response.json()` too drops a byte order mark.
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(body)
        .map_err(|error| DecodeError::syntax("UTF-8 text", format!("invalid sequence at byte {}", error.valid_up_to())))
}

struct Checker {
    /// What is checked so far.
    json: String,
    /// The rows, unless they stay in the JSON.
    rows: Option<Collector>,
    /// Whether of a name that occurs twice the last value counts. Otherwise it is an error.
    last_wins: bool,
}

impl Checker {
    fn document(&mut self, text: &str) -> Result<(), DecodeError> {
        let mut reader = Reader::new(text);
        self.value(&mut reader, Type::Object(Usage::MODEL), false)?;
        reader.end()
    }

    /// Checks the value here, and writes it.
    fn value(&mut self, reader: &mut Reader<'_>, value_type: Type, is_tests: bool) -> Result<(), DecodeError> {
        match (value_type, reader.peek()) {
            (Type::Object(model), _) => self.object(reader, model),
            (Type::Array(model), _) => self.array(reader, model, is_tests),
            (Type::Integer, _) => {
                let integer = reader.integer()?;
                self.json.push_str(&integer.to_string());
                Ok(())
            }
            (Type::String, b'"') | (Type::Boolean, b't' | b'f') => self.any(reader),
            _ => Err(reader.mismatch(expected(value_type))),
        }
    }

    /// Writes any value as it came.
    fn any(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let start = reader.position();
        reader.skip()?;
        self.json.push_str(reader.text_since(start));
        Ok(())
    }

    fn object(&mut self, reader: &mut Reader<'_>, model: &'static Model) -> Result<(), DecodeError> {
        // For each field the number of the member that counts, from 1 on, or 0 if it is not known yet.
        let mut counting = vec![0; model.fields.len()];
        if self.last_wins {
            count_members(&mut reader.clone(), model, &mut counting)?;
        }
        let mut missing = model.fields.iter().find(|field| field.is_required);
        let mut member = 0;
        let mut separator = '{';
        reader.object(&mut |reader, name| {
            member += 1;
            let field = find(model, name);
            if let Some((index, field)) = field {
                let counting = counting
                    .get_mut(index)
                    .map_or(0, |counting| if self.last_wins { *counting } else { std::mem::replace(counting, member) });
                if !self.last_wins && counting > 0 {
                    return Err(DecodeError::mismatch("each name once", "a name twice"));
                }
                if reader.peek() == b'n' || (self.last_wins && counting != member) {
                    return reader.skip();
                }
                missing = missing.filter(|_| !field.is_required);
            }
            self.json.push(separator);
            separator = ',';
            self.json.push_str(name);
            self.json.push(':');
            match field {
                Some((_, field)) => self
                    .value(reader, field.value_type, field.member == TESTS)
                    .map_err(|error| error.in_field(field.name())),
                None => self.any(reader),
            }
        })?;
        if let Some(field) = missing {
            return Err(DecodeError::mismatch(expected(field.value_type), "absent").in_field(field.name()));
        }
        self.json.push_str(if separator == '{' { "{}" } else { "}" });
        Ok(())
    }

    fn array(&mut self, reader: &mut Reader<'_>, model: &'static Model, is_tests: bool) -> Result<(), DecodeError> {
        let mut separator = '[';
        reader.array(&mut |reader, _| {
            self.json.push(separator);
            separator = ',';
            let rows = self.rows.as_mut().filter(|_| is_tests);
            match rows.and_then(|rows| rows.read(reader)) {
                Some(mark) => {
                    self.json.push(mark);
                    Ok(())
                }
                None => self.object(reader, model),
            }
        })?;
        self.json.push_str(if separator == '[' { "[]" } else { "]" });
        Ok(())
    }
}

/// What an error says was expected of a type.
const fn expected(value_type: Type) -> &'static str {
    match value_type {
        Type::String => STRING,
        Type::Boolean => BOOLEAN,
        Type::Integer => INTEGER,
        Type::Array(_) => ARRAY,
        _ => OBJECT,
    }
}

/// The field of a name, with its quotes and escapes.
fn find(model: &'static Model, name: &str) -> Option<(usize, &'static Field)> {
    let unescaped = name.contains('\\').then(|| unescape(name));
    let is_named = |field: &Field| match &unescaped {
        Some(name) => name == field.name(),
        None => name.len() + 1 == field.member.len() && field.member.starts_with(name),
    };
    model.fields.iter().enumerate().find(|(_, field)| is_named(field))
}

/// Finds for each field the last member of its name, counted from 1 on.
fn count_members(reader: &mut Reader<'_>, model: &'static Model, last: &mut [usize]) -> Result<(), DecodeError> {
    let mut member = 0;
    reader.object(&mut |_, name| {
        member += 1;
        if let Some(last) = find(model, name).and_then(|(index, _)| last.get_mut(index)) {
            *last = member;
        }
        Ok(())
    })
}

/// JSON with U+FFFD for each escape of half a surrogate pair, which a Rust string cannot hold. `JSON.parse` accepts it, so
/// one name that was cut inside an emoji is no reason to reject the whole response.
fn replace_lone_surrogates(json: &str) -> String {
    let mut replaced = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.split_once('\\') {
        replaced.push_str(before);
        let length = match (surrogate(escape), escape.get(5..).and_then(|next| surrogate(next.strip_prefix('\\')?))) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 11,
            (Some(_), _) => 5,
            (None, _) => escape.chars().next().map_or(0, char::len_utf8),
        };
        replaced.push('\\');
        replaced.push_str(if length == 5 { "ufffd" } else { escape.get(..length).unwrap_or_default() });
        rest = escape.get(length..).unwrap_or_default();
    }
    replaced.push_str(rest);
    replaced
}

/// The half of a surrogate pair that an escape, without its backslash, stands for.
fn surrogate(escape: &str) -> Option<u16> {
    let code = u16::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()?;
    (0xD800..=0xDFFF).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests;
