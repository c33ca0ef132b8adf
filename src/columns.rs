//! The decoder of the npm package: a checked body in parts that JavaScript makes the result of.
//!
//! One pass over the borrowed text checks everything and builds nothing. What it hands over is JSON again, for the engine's
//! own `JSON.parse`, but without the rows of `tests`, which are nearly all of a large answer. These go as columns: each
//! text by its number in an array of texts that differ, each integer as a double. JavaScript makes the rows by one object
//! literal.
//!
//! For 20,000 tests in Node, whose ids have six digits, it takes 0.8 of the time of `await response.json()`. Rejected:
//!
//! - `serde_json` into structs, checked, and as JSON to `JSON.parse`: 6.2, and 27 KB more by brotli. It stays for Rust apps,
//!   as the slow way.
//! - The columns with all texts by one `JSON.parse`: 1.4. It looks each text of up to ten characters up in a table of all the
//!   engine's strings; the slices of one string, of which V8 copies those of up to twelve, take an eighth of that.
//! - Slices for the longer ones too: each would keep the whole string in memory, and so one kept row all names.
//! - A text for each row, also where account group and type are the same: 0.9, and more memory.
//! - Two columns that grow by a row each time, one of indices and one of integers: 0.9.
//! - This very code with `==` of slices and `Option`s, at opt-level z: 1.0. What LLVM leaves out of line there is written out.
#![expect(
    clippy::inline_always,
    reason = "optimized for size, LLVM would call even what is smaller than a call"
)]

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::decode::{self, DecodeError, Shape};
use crate::digits;
use crate::json::{Cursor, Fault, Number, is_same, kind_of, last_word, unescape};
use crate::model::{TestUsage, Usage};

/// An object of the model, as data: one walk reads them all, where code for each would be many times its size.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) fields: &'static [Field],
}

#[derive(Debug)]
pub(crate) struct Field {
    /// The JSON name with its quotes and the colon.
    pub(crate) member: &'static str,
    pub(crate) kind: Kind,
    /// Of an object's fields, one at most.
    pub(crate) is_required: bool,
}

impl Field {
    fn bare_name(&self) -> &'static str {
        self.member.trim_matches(['"', ':'])
    }

    /// Whether a name, with its quotes and escapes, is the field's.
    fn is_named(&self, name: &str) -> bool {
        name.len() + 1 == self.member.len() && self.member.starts_with(name)
            || (name.contains('\\') && unescape(name) == self.bare_name())
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Flag,
    Integer,
    Object(&'static Model),
    Array(&'static Model),
}

impl Kind {
    /// What an error says was expected.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Text => <String as Shape>::EXPECTED,
            Self::Flag => <bool as Shape>::EXPECTED,
            Self::Integer => <i64 as Shape>::EXPECTED,
            Self::Object(_) => <Usage as Shape>::EXPECTED,
            Self::Array(_) => <Vec<Usage> as Shape>::EXPECTED,
        }
    }
}

/// A type of a field, which tells its kind.
pub(crate) trait Typed {
    const KIND: Kind;
    const IS_REQUIRED: bool = true;
}

/// A type that is an object of the model.
pub(crate) trait Modelled {
    const MODEL: &'static Model;
}

impl Typed for String {
    const KIND: Kind = Kind::Text;
}

impl Typed for bool {
    const KIND: Kind = Kind::Flag;
}

impl Typed for i64 {
    const KIND: Kind = Kind::Integer;
}

impl<T: Modelled> Typed for Vec<T> {
    const KIND: Kind = Kind::Array(T::MODEL);
}

impl<T: Typed> Typed for Option<T> {
    const KIND: Kind = T::KIND;
    const IS_REQUIRED: bool = false;
}

/// The field whose rows go as columns.
const ROWS: &str = "\"tests\":";

/// The fields of such a row: texts and integers.
const FIELDS: &[Field] = TestUsage::MODEL.fields;

/// What stands in place of a row that the columns hold: of one with all fields of the model, and of one that lacks some.
const FULL: char = '0';
const PARTIAL: char = '1';

/// How many texts of a column are remembered, to find the same again. Account groups and types of tests are few.
const REMEMBERED: usize = 256;

/// The longest text that goes as a short one: V8 copies a slice of 12 characters, and a longer one keeps the whole string.
const LONGEST_SHORT: u8 = 12;

/// A checked answer in parts.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// The answer as JSON, without the nulls of known fields, and with a number in place of each row in the columns.
    pub(crate) json: String,
    /// The short texts of the rows, one after the other.
    pub(crate) short_texts: String,
    /// The other texts of the rows, as a JSON array.
    pub(crate) long_texts: String,
    /// Of each text, short and long in one count, its length where it is short, else 0.
    pub(crate) lengths: Vec<u8>,
    /// Row by row a number for each field, in the model's order: an integer, a text by that count, or NaN for none.
    pub(crate) cells: Vec<f64>,
}

impl Columns {
    /// Reads the body of an answer.
    ///
    /// # Errors
    ///
    /// Those of [`Usage::from_json`], which is the oracle of the tests.
    pub(crate) fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let text = decode::text(body)?;
        let mut walk = Walk::new(text, false);
        if walk.document().is_ok() {
            return Ok(walk.columns);
        }
        // An error, or a name that stands twice: of its values the last one counts, so that a wrong one before it is none.
        let mut walk = Walk::new(text, true);
        match walk.document() {
            Ok(()) => Ok(walk.columns),
            Err(Stop::Fault(fault)) => Err(DecodeError::fault(fault, text, walk.cursor.at())),
            Err(Stop::Mismatch(error)) => Err(*error),
            Err(Stop::Twice) => Err(DecodeError::new("JSON", "a name twice")),
        }
    }
}

/// Why a walk ends before its time.
enum Stop {
    Fault(Fault),
    Mismatch(Box<DecodeError>),
    /// A known name stands twice, and the walk does not look ahead.
    Twice,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Mismatch(Box::new(error))
    }
}

impl Stop {
    fn mismatch(expected: &'static str, found: &'static str) -> Self {
        DecodeError::new(expected, found).into()
    }

    /// The same, seen from the array or object around it.
    fn seen_from(self, around: impl FnOnce(DecodeError) -> DecodeError) -> Self {
        match self {
            Self::Mismatch(error) => Self::Mismatch(Box::new(around(*error))),
            other => other,
        }
    }
}

struct Walk<'a> {
    cursor: Cursor<'a>,
    /// Whether each object's names are read before its values, so that the last of each is known.
    looks_ahead: bool,
    columns: Columns,
    /// Which field of a row is expected after each, and which first: as in the row before.
    next_fields: [usize; FIELDS.len() + 1],
    /// Texts of the rows, of each field by a hash: where they start and end, and their indices. All 0 is none, which costs
    /// nothing to fill in.
    remembered: Vec<[u32; 3]>,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str, looks_ahead: bool) -> Self {
        let mut next_fields = [0; FIELDS.len() + 1];
        for (field, next) in next_fields.iter_mut().enumerate().take(FIELDS.len()) {
            *next = field + 1;
        }
        Self {
            cursor: Cursor::new(text),
            looks_ahead,
            columns: Columns::default(),
            next_fields,
            remembered: vec![[0; 3]; FIELDS.len() * REMEMBERED],
        }
    }

    fn document(&mut self) -> Result<(), Stop> {
        if self.looks_ahead {
            // What is no JSON is that first, wherever the model would fail.
            self.cursor.skip()?;
            self.cursor.end()?;
            self.cursor.rewind();
        }
        self.value(Kind::Object(Usage::MODEL), false)?;
        self.cursor.end()?;
        self.columns.long_texts.push_str(if self.columns.long_texts.is_empty() { "[]" } else { "]" });
        Ok(())
    }

    /// Passes a value of the model, and writes it.
    fn value(&mut self, kind: Kind, is_rows: bool) -> Result<(), Stop> {
        let first = self.cursor.peek();
        match (kind, first) {
            (Kind::Object(model), b'{') => self.object(model),
            (Kind::Array(model), b'[') => self.array(model, is_rows),
            (Kind::Text, b'"') | (Kind::Flag, b't' | b'f') => self.any(),
            (Kind::Integer, b'-' | b'0'..=b'9') => {
                let integer = decode::integer(self.cursor.number()?)?;
                if integer < 0 {
                    self.columns.json.push('-');
                }
                self.columns.json.push_str(&digits::write(integer.unsigned_abs()));
                Ok(())
            }
            _ => Err(Stop::mismatch(kind.expected(), kind_of(first))),
        }
    }

    /// Passes any value, and writes it as it came.
    fn any(&mut self) -> Result<(), Stop> {
        let start = self.cursor.at();
        self.cursor.skip()?;
        self.columns.json.push_str(self.cursor.since(start));
        Ok(())
    }

    fn object(&mut self, model: &Model) -> Result<(), Stop> {
        // Of each field the member that counts, from 1 on.
        let mut counting =
            if self.looks_ahead { self.last_members(model)? } else { vec![0; model.fields.len()] };
        let mut missing = model.fields.iter().find(|field| field.is_required);
        let mut separator = '{';
        let mut member = 0_usize;
        let mut more = self.cursor.open(b'}')?;
        while more {
            let name = self.cursor.name()?;
            member += 1;
            if let Some((field, counting)) = known(model, &mut counting, name) {
                if !self.looks_ahead && core::mem::replace(counting, member) > 0 {
                    return Err(Stop::Twice);
                }
                if self.cursor.peek() == b'n' || *counting != member {
                    self.cursor.skip()?;
                } else {
                    self.member(&mut separator, name);
                    missing = missing.filter(|_| !field.is_required);
                    self.value(field.kind, field.member == ROWS)
                        .map_err(|stop| stop.seen_from(|error| error.within(field.bare_name())))?;
                }
            } else {
                self.member(&mut separator, name);
                self.any()?;
            }
            more = self.cursor.more(b'}')?;
        }
        if let Some(field) = missing {
            let stop = Stop::mismatch(field.kind.expected(), "nothing");
            return Err(stop.seen_from(|error| error.within(field.bare_name())));
        }
        self.columns.json.push_str(if separator == '{' { "{}" } else { "}" });
        Ok(())
    }

    fn member(&mut self, separator: &mut char, name: &str) {
        self.columns.json.push(*separator);
        *separator = ',';
        self.columns.json.push_str(name);
        self.columns.json.push(':');
    }

    /// Which member of the object here is the last of each field, counted from 1 on, or 0.
    fn last_members(&self, model: &Model) -> Result<Vec<usize>, Fault> {
        let mut ahead = self.cursor.clone();
        let mut last = vec![0; model.fields.len()];
        let mut member = 0;
        let mut more = ahead.open(b'}')?;
        while more {
            let name = ahead.name()?;
            member += 1;
            if let Some((_, last)) = known(model, &mut last, name) {
                *last = member;
            }
            ahead.skip()?;
            more = ahead.more(b'}')?;
        }
        Ok(last)
    }

    fn array(&mut self, model: &'static Model, is_rows: bool) -> Result<(), Stop> {
        let mut separator = '[';
        let mut index = 0_usize;
        let mut more = self.cursor.open(b']')?;
        while more {
            self.columns.json.push(separator);
            separator = ',';
            match if is_rows && !self.looks_ahead { self.row() } else { None } {
                Some(mark) => self.columns.json.push(mark),
                None => self
                    .value(Kind::Object(model), false)
                    .map_err(|stop| stop.seen_from(|error| error.at(index)))?,
            }
            index += 1;
            more = self.cursor.more(b']')?;
        }
        self.columns.json.push_str(if separator == '[' { "[]" } else { "]" });
        Ok(())
    }

    /// Passes a row that is nothing but known fields, each of its type or null and at most once, into the columns; of
    /// any other nothing happens.
    fn row(&mut self) -> Option<char> {
        // A copy, which stays in registers, and is forgotten where it leads nowhere.
        let mut cursor = self.cursor.clone();
        let mut cells = [f64::NAN; FIELDS.len()];
        let (mut seen, mut present) = (0_u32, 0);
        let mut at = FIELDS.len();
        if cursor.peek() != b'{' {
            return None;
        }
        let mut more = cursor.open_inlined(b'}').ok()?;
        while more {
            // A field most likely follows the last one as it did in the row before: one comparison.
            let expected = *self.next_fields.get(at)?;
            at = match FIELDS.get(expected) {
                Some(field) if cursor.is_member(field.member) => expected,
                _ => {
                    let found = FIELDS.iter().position(|field| cursor.is_member(field.member))?;
                    *self.next_fields.get_mut(at)? = found;
                    found
                }
            };
            if seen >> at & 1 == 1 {
                return None;
            }
            seen |= 1 << at;
            let (field, cell) = (FIELDS.get(at)?, cells.get_mut(at)?);
            present += 1;
            match (field.kind, cursor.peek()) {
                (_, b'n') => {
                    cursor.aside(|cursor| cursor.literal("null")).ok()?;
                    present -= 1;
                }
                (Kind::Text, b'"') => {
                    let start = cursor.at();
                    let has_escapes = cursor.string_inlined().ok()?;
                    *cell = f64::from(self.text_index(at, &cursor, start, has_escapes));
                }
                (Kind::Integer, b'-' | b'0'..=b'9') => {
                    let Number::Integer(integer) = cursor.number_inlined().ok()? else { return None };
                    #[expect(clippy::cast_precision_loss, reason = "it is within ±(2^53 − 1)")]
                    let integer = integer as f64;
                    *cell = integer;
                }
                _ => return None,
            }
            more = cursor.more_inlined(b'}').ok()?;
        }
        self.cursor = cursor;
        self.columns.cells.extend_from_slice(&cells);
        Some(if present == FIELDS.len() { FULL } else { PARTIAL })
    }

    /// The index of the text that the cursor has passed, among those of the rows.
    #[inline(always)]
    fn text_index(&mut self, field: usize, cursor: &Cursor<'a>, start: usize, has_escapes: bool) -> u32 {
        let text = cursor.bytes(start, cursor.at());
        let slot = self.remembered.get_mut(field * REMEMBERED + hash(text) % REMEMBERED);
        if let Some([start, end, index]) = &slot
            && is_same(cursor.bytes(*start as usize, *end as usize), text)
        {
            return *index;
        }
        let index = place(self.columns.lengths.len());
        if let Some(slot) = slot {
            *slot = [place(start), place(cursor.at()), index];
        }
        self.columns.add(cursor.since(start), has_escapes);
        index
    }
}

impl Columns {
    /// Adds a text, with its quotes.
    fn add(&mut self, text: &str, has_escapes: bool) {
        let bare = text.get(1..text.len() - 1).unwrap_or_default();
        match u8::try_from(bare.len()) {
            Ok(length @ 1..=LONGEST_SHORT) if bare.is_ascii() && !has_escapes => {
                self.short_texts.push_str(bare);
                self.lengths.push(length);
            }
            _ => {
                self.long_texts.push_str(if self.long_texts.is_empty() { "[" } else { "," });
                self.long_texts.push_str(text);
                self.lengths.push(0);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a body is far below 2^32 bytes")]
fn place(at: usize) -> u32 {
    at as u32
}

/// Of the length and the last bytes alone: what differs in a list mostly differs there.
#[inline(always)]
fn hash(text: &[u8]) -> usize {
    let last = last_word(text);
    let mixed = (last ^ text.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as usize
}

/// The field of a name, with its quotes and escapes, and what is kept of it in a list beside the fields.
fn known<'a>(model: &'a Model, kept: &'a mut [usize], name: &str) -> Option<(&'a Field, &'a mut usize)> {
    model.fields.iter().zip(kept).find(|(field, _)| field.is_named(name))
}

#[cfg(test)]
mod tests;
