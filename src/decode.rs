//! Decodes the body of a 200 to a checked object of the model, or to an error that names the field.
//!
//! One pass over the text checks it against the model, and writes it as JSON again. The nulls of known fields are left out, and
//! unknown fields are kept. The npm package parses that JSON by `JSON.parse`. Only the rows of one list, which are nearly all of a
//! large response, take a faster way: [`rows`]. A Rust app gets its objects by serde.

pub(crate) mod rows;

use serde::de::DeserializeOwned;

use crate::error::DecodeError;
use crate::json::{ARRAY, BOOLEAN, INTEGER, OBJECT, Reader, STRING, unescape};
use crate::model::{EnterpriseAgentsUsage, Field, Model, Object, Quotas, TestsUsage, Type, Usage};
use rows::{Collector, RowType, Rows};

/// The usual length of a body's JSON without its rows.
const USUAL_JSON: usize = 4 << 10;

/// A checked object, in parts. rows.js makes one object of them.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The object as JSON, with a number in place of each row.
    pub(crate) json: String,
    pub(crate) rows: Rows,
}

impl Parts {
    /// Decodes the body of a usage.
    pub(crate) fn of_usage(body: &[u8]) -> Result<Self, DecodeError> {
        Self::from_body(body, Usage::MODEL, Some(RowType::TestUsage))
    }

    /// Decodes a page of the units of tests.
    pub(crate) fn of_test_units(body: &[u8]) -> Result<Self, DecodeError> {
        Self::from_body(body, TestsUsage::MODEL, Some(RowType::UnitsByTests))
    }

    /// Decodes a page of the units of enterprise agents.
    pub(crate) fn of_enterprise_agent_units(body: &[u8]) -> Result<Self, DecodeError> {
        Self::from_body(body, EnterpriseAgentsUsage::MODEL, Some(RowType::EnterpriseAgentUnits))
    }

    /// Decodes the body of quotas.
    pub(crate) fn of_quotas(body: &[u8]) -> Result<Self, DecodeError> {
        Self::from_body(body, Quotas::MODEL, None)
    }

    fn from_body(body: &[u8], model: &'static Model, row_type: Option<RowType>) -> Result<Self, DecodeError> {
        let (json, rows) = check(body, model, row_type)?;
        Ok(Self { json, rows })
    }
}

impl Usage {
    /// Decodes the body of a response, such as one kept from an earlier call.
    ///
    /// An escaped lone surrogate becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// If the body is not valid UTF-8, not JSON, nested deeper than 128 levels, of more than 4,000,000 values, or not a
    /// usage. An integer outside ±(2^53 − 1) is an error, so that JavaScript never gets a rounded one.
    pub fn from_json(body: &[u8]) -> Result<Self, DecodeError> {
        from_json(body)
    }
}

/// The object of a body, by serde.
pub(crate) fn from_json<T: Object + DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let (json, _) = check(body, T::MODEL, None)?;
    let json = replace_lone_surrogates(&json);
    let mut deserializer = serde_json::Deserializer::from_str(&json);
    // serde_json's own limit is 127 levels. Ours of 128 is checked already.
    deserializer.disable_recursion_limit();
    T::deserialize(&mut deserializer).map_err(|_| DecodeError::mismatch("an object of the model", "another object"))
}

/// Checks a body against a model, and returns it as JSON. The rows are returned separately.
fn check(body: &[u8], model: &'static Model, row_type: Option<RowType>) -> Result<(String, Rows), DecodeError> {
    let text = text(body)?;
    let rows = row_type.map(|row_type| Collector::new(row_type, text.len()));
    let mut checker = Checker { json: String::with_capacity(text.len().min(USUAL_JSON)), rows, last_wins: false };
    if checker.document(text, model).is_err() {
        // The body has an error, or a name that occurs twice. A syntax error anywhere in the body is reported before an error
        // of the model. If a name occurs twice, only its last value counts, as with JSON.parse.
        let mut reader = Reader::new(text);
        reader.skip()?;
        reader.end()?;
        checker = Checker { json: String::new(), rows: None, last_wins: true };
        checker.document(text, model)?;
    }
    Ok((checker.json, checker.rows.map(Collector::finish).unwrap_or_default()))
}

/// The text of a body.
fn text(body: &[u8]) -> Result<&str, DecodeError> {
    // `Response.json()` drops a byte order mark as well.
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(body)
        .map_err(|error| DecodeError::syntax("UTF-8 text", format!("invalid sequence at byte {}", error.valid_up_to())))
}

struct Checker {
    /// The JSON of what is checked so far.
    json: String,
    /// The rows, unless they stay in the JSON.
    rows: Option<Collector>,
    /// Whether the last value counts if a name occurs twice. Otherwise such a name is an error.
    last_wins: bool,
}

impl Checker {
    fn document(&mut self, text: &str, model: &'static Model) -> Result<(), DecodeError> {
        let mut reader = Reader::new(text);
        self.value(&mut reader, Type::Object(model), false)?;
        reader.end()
    }

    /// Checks the value here, and writes it.
    fn value(&mut self, reader: &mut Reader<'_>, value_type: Type, is_rows: bool) -> Result<(), DecodeError> {
        match (value_type, reader.peek()) {
            (Type::Object(model), _) => self.object(reader, model),
            (Type::Array(model), _) => self.array(reader, model, is_rows),
            (Type::Integer, _) => {
                let integer = reader.integer()?;
                self.json.push_str(&integer.to_string());
                Ok(())
            }
            (Type::String, b'"') | (Type::Boolean, b't' | b'f') => self.any(reader),
            _ => Err(reader.mismatch(expected(value_type))),
        }
    }

    /// Writes any value unchanged.
    fn any(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let start = reader.position();
        reader.skip()?;
        self.json.push_str(reader.text_since(start));
        Ok(())
    }

    fn object(&mut self, reader: &mut Reader<'_>, model: &'static Model) -> Result<(), DecodeError> {
        // For each field, the number of its last member, as far as known. The first member is 1; 0 means none.
        let mut last = vec![0; model.fields.len()];
        if self.last_wins {
            find_last(&mut reader.clone(), model, &mut last)?;
        }
        let mut missing = model.fields.iter().find(|field| field.is_required);
        let mut member = 0;
        let mut separator = '{';
        reader.object(&mut |reader, name| {
            member += 1;
            let field = find(model, name);
            if let Some((index, field)) = field {
                let counts = last.get_mut(index).is_some_and(|last| self.counts(last, member));
                if !counts && !self.last_wins {
                    return Err(DecodeError::mismatch("each name once", "a name twice"));
                }
                if !counts || reader.peek() == b'n' {
                    return reader.skip();
                }
                missing = missing.filter(|_| !field.is_required);
            }
            self.json.push(separator);
            separator = ',';
            self.json.push_str(name);
            self.json.push(':');
            match field {
                Some((_, field)) => {
                    let is_rows = self.rows.as_ref().is_some_and(|rows| rows.are_in(field));
                    self.value(reader, field.value_type, is_rows).map_err(|error| error.in_field(field.name()))
                }
                None => self.any(reader),
            }
        })?;
        if let Some(field) = missing {
            return Err(DecodeError::mismatch(expected(field.value_type), "absent").in_field(field.name()));
        }
        self.json.push_str(if separator == '{' { "{}" } else { "}" });
        Ok(())
    }

    /// Whether a member of a field counts: the last one, or the only one.
    fn counts(&self, last: &mut u32, member: u32) -> bool {
        if self.last_wins { *last == member } else { std::mem::replace(last, member) == 0 }
    }

    fn array(&mut self, reader: &mut Reader<'_>, model: &'static Model, is_rows: bool) -> Result<(), DecodeError> {
        let mut separator = '[';
        reader.array(&mut |reader, _| {
            self.json.push(separator);
            separator = ',';
            let rows = self.rows.as_mut().filter(|_| is_rows);
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

/// The name of a type in an error.
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

/// Finds the number of the last member of each field. The first member is 1.
fn find_last(reader: &mut Reader<'_>, model: &'static Model, last: &mut [u32]) -> Result<(), DecodeError> {
    let mut member = 0;
    reader.object(&mut |_, name| {
        member += 1;
        if let Some(last) = find(model, name).and_then(|(index, _)| last.get_mut(index)) {
            *last = member;
        }
        Ok(())
    })
}

/// Replaces each escaped lone surrogate, which a Rust string cannot hold, by U+FFFD. `JSON.parse` accepts one, so a name that was
/// cut inside an emoji does not reject the whole response.
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

/// The surrogate that an escape, without its backslash, stands for.
fn surrogate(escape: &str) -> Option<u16> {
    let code = u16::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()?;
    (0xD800..=0xDFFF).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests;
