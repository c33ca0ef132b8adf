//! The fast way for the rows of a long list, such as `tests`: the text is read into columns, and rows.js makes objects of them.
//!
//! A string is passed as its index in a list of distinct strings, an integer as a double. docs/decisions.md says what this gains,
//! and what was tried before.

use crate::json::{Number, Reader, is_same, last_word};
use crate::model::{EnterpriseAgentUnits, Field, Model, Object, TestUsage, Type, UnitsByTests};

/// The objects that may be rows: their fields are strings, integers and booleans. rows.js has a function for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RowType {
    #[default]
    TestUsage,
    UnitsByTests,
    EnterpriseAgentUnits,
}

impl RowType {
    pub(super) const fn model(self) -> &'static Model {
        match self {
            Self::TestUsage => TestUsage::MODEL,
            Self::UnitsByTests => UnitsByTests::MODEL,
            Self::EnterpriseAgentUnits => EnterpriseAgentUnits::MODEL,
        }
    }
}

/// The most fields of a row.
const MAX_FIELDS: usize = UnitsByTests::MODEL.fields.len();

/// The characters that replace a row in the JSON: one for a row with all fields of the model, one for any other.
const FULL: char = '0';
const PARTIAL: char = '1';

/// How many strings of a column are remembered, to find equal ones. There are few account groups and types of tests.
const REMEMBERED: usize = 256;

/// The length of the longest short string. V8 copies a slice of up to 12 characters; a longer slice keeps its whole string alive.
const LONGEST_SHORT: u8 = 12;

/// The rows, in columns.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// The short strings, one after the other.
    pub(crate) short_strings: String,
    /// The other strings, as a JSON array.
    pub(crate) long_strings: String,
    /// For each string, its length if it is short, else 0. Short and long strings are counted together.
    pub(crate) lengths: Vec<u8>,
    /// For each row, a number for each field in the model's order: an integer, the index of a string, 1 or 0 for a boolean, or
    /// NaN if it is absent.
    pub(crate) cells: Vec<f64>,
    pub(crate) row_type: RowType,
}

/// Collects the rows of a text.
pub(super) struct Collector {
    rows: Rows,
    fields: &'static [Field],
    /// The field that is expected after each field, and the first one, as in the row before.
    next_fields: [usize; MAX_FIELDS + 1],
    /// For each field, by the hash of a string: its start, its end and its index. Three zeros mean that there is none.
    remembered: Vec<[u32; 3]>,
}

impl Collector {
    /// `length` is that of the text.
    pub(super) fn new(row_type: RowType, length: usize) -> Self {
        let fields = row_type.model().fields;
        let mut next_fields = [0; MAX_FIELDS + 1];
        for (field, next) in next_fields.iter_mut().enumerate().take(fields.len()) {
            *next = field + 1;
        }
        // Large enough for most texts of this length, so that the columns seldom grow.
        let room = length.min(1 << 20);
        let rows = Rows {
            short_strings: String::with_capacity(room / 16),
            long_strings: String::with_capacity(room / 3),
            lengths: Vec::with_capacity(room / 64),
            cells: Vec::with_capacity(room / 24),
            row_type,
        };
        Self { rows, fields, next_fields, remembered: vec![[0; 3]; fields.len() * REMEMBERED] }
    }

    /// Whether a field is the list of the rows.
    pub(super) fn are_in(&self, field: &Field) -> bool {
        field.member == if self.rows.row_type == RowType::TestUsage { "\"tests\":" } else { "\"breakdowns\":" }
    }

    pub(super) fn finish(mut self) -> Rows {
        self.rows.long_strings.push_str(if self.rows.long_strings.is_empty() { "[]" } else { "]" });
        self.rows
    }

    /// Reads a row that has only known fields, each of its type or null and at most once, and returns the character that
    /// replaces it. Any other row is left unread.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Option<char> {
        // A copy. It is dropped if the row cannot be read here.
        let mut row = reader.clone();
        let fields = self.fields;
        let mut cells = [f64::NAN; MAX_FIELDS];
        let (mut seen, mut present) = (0_u32, 0);
        let mut current = fields.len();
        if row.peek() != b'{' {
            return None;
        }
        let mut has_next = row.open(b'}').ok()?;
        while has_next {
            // The fields are most likely in the same order as in the row before, so one comparison finds the next one.
            let expected = *self.next_fields.get(current)?;
            current = match fields.get(expected) {
                Some(field) if row.skip_name(field.member) => expected,
                _ => {
                    let found = fields.iter().position(|field| row.skip_name(field.member))?;
                    *self.next_fields.get_mut(current)? = found;
                    found
                }
            };
            if seen >> current & 1 == 1 {
                return None;
            }
            seen |= 1 << current;
            let (field, cell) = (fields.get(current)?, cells.get_mut(current)?);
            present += 1;
            match (field.value_type, row.peek()) {
                (_, b'n') => {
                    row.null().ok()?;
                    present -= 1;
                }
                (Type::String, b'"') => {
                    let start = row.position();
                    let has_escapes = row.skip_string().ok()?;
                    *cell = f64::from(self.string_index(current, &row, start, has_escapes));
                }
                (Type::Integer, b'-' | b'0'..=b'9') => {
                    let Number::Integer(integer) = row.number().ok()? else { return None };
                    #[expect(clippy::cast_precision_loss, reason = "it is within ±(2^53 − 1)")]
                    let integer = integer as f64;
                    *cell = integer;
                }
                (Type::Boolean, first @ (b't' | b'f')) => {
                    let is_true = first == b't';
                    row.literal(if is_true { "true" } else { "false" }).ok()?;
                    *cell = f64::from(u8::from(is_true));
                }
                _ => return None,
            }
            has_next = row.next(b'}').ok()?;
        }
        *reader = row;
        self.rows.cells.extend_from_slice(cells.get(..fields.len())?);
        Some(if present == fields.len() { FULL } else { PARTIAL })
    }

    /// The index of the string that the reader has just read, among those of the rows.
    fn string_index(&mut self, field: usize, reader: &Reader<'_>, start: usize, has_escapes: bool) -> u32 {
        let string = reader.bytes(start, reader.position());
        let slot = self.remembered.get_mut(field * REMEMBERED + hash(string) % REMEMBERED);
        if let Some([start, end, index]) = &slot
            && is_same(reader.bytes(*start as usize, *end as usize), string)
        {
            return *index;
        }
        let index = to_u32(self.rows.lengths.len());
        if let Some(slot) = slot {
            *slot = [to_u32(start), to_u32(reader.position()), index];
        }
        self.rows.add(reader.text_since(start), has_escapes);
        index
    }
}

impl Rows {
    /// Adds a string, with its quotes.
    fn add(&mut self, quoted: &str, has_escapes: bool) {
        let string = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        match u8::try_from(string.len()) {
            Ok(length @ 1..=LONGEST_SHORT) if string.is_ascii() && !has_escapes => {
                self.short_strings.push_str(string);
                self.lengths.push(length);
            }
            _ => {
                self.long_strings.push_str(if self.long_strings.is_empty() { "[" } else { "," });
                self.long_strings.push_str(quoted);
                self.lengths.push(0);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a body is far below 2^32 bytes")]
fn to_u32(position: usize) -> u32 {
    position as u32
}

/// A hash of the length and the last bytes only, because the strings of a list mostly differ there.
fn hash(text: &[u8]) -> usize {
    let mixed = (last_word(text) ^ text.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as usize
}
