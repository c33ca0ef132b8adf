//! The numbers of a usage, read from its JSON. The model says which fields are numbers, and to which meter each belongs.

use super::{METERS, Meter};
use crate::error::DecodeError;
use crate::json::{Reader, is_same, unescape};
use crate::model::{Field, Model, Object, Type, UnitsByTests, UsageDetails};

/// The numbers of a meter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    pub(super) used: Option<i64>,
    pub(super) projected: Option<i64>,
    pub(super) included: Option<i64>,
    pub(super) next_period: Option<i64>,
}

impl Figures {
    pub(super) fn has_any(&self) -> bool {
        self.used.or(self.projected).or(self.included).or(self.next_period).is_some()
    }

    /// The number by which tests are sorted: the projected units, else the used units.
    pub(super) fn rank(&self) -> Option<i64> {
        self.projected.or(self.used)
    }

    /// The number of a field, such as `cloudUnitsUsed` of cloud units.
    fn of_field(&mut self, meter: Meter, name: &str) -> Option<&mut Option<i64>> {
        match name.strip_prefix(meter.as_str())? {
            "Used" => Some(&mut self.used),
            "Projected" => Some(&mut self.projected),
            "Included" => Some(&mut self.included),
            "NextBillingPeriod" => Some(&mut self.next_period),
            _ => None,
        }
    }
}

/// The numbers and dates of a usage. Strings have their quotes and escapes, and are empty if they are absent.
#[derive(Debug, Default)]
pub(super) struct UsageFigures<'a> {
    pub(super) month_start: &'a str,
    pub(super) month_end: &'a str,
    /// In the order of [`Meter::ALL`].
    pub(super) meters: [Figures; METERS],
    pub(super) rows: Vec<Row<'a>>,
}

/// A row of a breakdown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) meter: Meter,
    /// Its index in its array.
    pub(super) index: usize,
    pub(super) aid: &'a str,
    pub(super) name: &'a str,
    pub(super) test_id: &'a str,
    pub(super) test_name: &'a str,
    pub(super) test_type: &'a str,
    pub(super) figures: Figures,
    /// The enterprise units of a row of `getTestUnits`, whose meter is cloud units.
    pub(super) enterprise_units: Figures,
}

impl Row<'_> {
    pub(super) fn is_test(&self) -> bool {
        self.meter == Meter::CloudUnits
    }
}

/// Reads the fields that the formulas need.
///
/// # Errors
///
/// If one of these fields does not have the model's type, or if the object is not a whole response, such as only its `usage`:
/// a summary without numbers would look like good news.
pub(super) fn read(json: &str) -> Result<UsageFigures<'_>, DecodeError> {
    let mut figures = UsageFigures::default();
    let (mut has_usage, mut has_others) = (false, false);
    Reader::new(json).object(&mut |reader, name| {
        let is_usage = name == r#""usage""#;
        has_usage |= is_usage;
        has_others |= !is_usage && name != r#""_links""#;
        if !is_usage || reader.peek() == b'n' {
            return Ok(());
        }
        figures.read_object(reader, UsageDetails::MODEL).map_err(|error| error.in_field("usage"))
    })?;
    if has_usage || !has_others {
        Ok(figures)
    } else {
        Err(DecodeError::mismatch("an object with `usage`", "one without"))
    }
}

/// Adds the rows of `getTestUnits`.
pub(super) fn read_test_units<'a>(figures: &mut UsageFigures<'a>, json: &'a str) -> Result<(), DecodeError> {
    figures.read_rows(&mut Reader::new(json), UnitsByTests::MODEL, Meter::CloudUnits)
}

/// The text of a string with its quotes and escapes. `None` if it is absent.
pub(super) fn unquoted(quoted: &str) -> Option<String> {
    (!quoted.is_empty()).then(|| unescape(quoted))
}

impl<'a> UsageFigures<'a> {
    /// Reads the details of a usage, or its quota.
    fn read_object(&mut self, reader: &mut Reader<'a>, model: &'static Model) -> Result<(), DecodeError> {
        read_fields(reader, model, &mut |reader, field| match (field.name(), field.value_type) {
            ("quota", Type::Object(quota)) => self.read_object(reader, quota),
            ("monthStart", _) => reader.string().map(|text| self.month_start = text),
            ("monthEnd", _) => reader.string().map(|text| self.month_end = text),
            (name, Type::Integer) => Meter::ALL
                .iter()
                .zip(&mut self.meters)
                .try_for_each(|(meter, figures)| read_figure(reader, figures.of_field(*meter, name))),
            (_, Type::Array(row)) => match meter_of(row) {
                Some(meter) => self.read_rows(reader, row, meter),
                None => Ok(()),
            },
            _ => Ok(()),
        })
    }

    fn read_rows(&mut self, reader: &mut Reader<'a>, model: &'static Model, meter: Meter) -> Result<(), DecodeError> {
        reader.array(&mut |reader, index| {
            let mut row = Row {
                meter,
                index,
                aid: "",
                name: "",
                test_id: "",
                test_name: "",
                test_type: "",
                figures: Figures::default(),
                enterprise_units: Figures::default(),
            };
            read_fields(reader, model, &mut |reader, field| {
                let text = match field.name() {
                    "aid" => &mut row.aid,
                    "accountGroupName" => &mut row.name,
                    "testId" => &mut row.test_id,
                    // No formula needs these two, so they may have any type.
                    "testName" if reader.peek() == b'"' => &mut row.test_name,
                    "testType" if reader.peek() == b'"' => &mut row.test_type,
                    name => {
                        let figure = row.figures.of_field(meter, name);
                        return read_figure(
                            reader,
                            figure.or_else(|| row.enterprise_units.of_field(Meter::EnterpriseUnits, name)),
                        );
                    }
                };
                reader.string().map(|string| *text = string)
            })?;
            self.rows.push(row);
            Ok(())
        })
    }
}

/// Reads the fields of an object that the model has. null counts as absent.
fn read_fields<'a>(
    reader: &mut Reader<'a>,
    model: &'static Model,
    read: &mut dyn FnMut(&mut Reader<'a>, &'static Field) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    reader.object(&mut |reader, name| {
        let is_named = |field: &&Field| is_same(field.quoted_name().as_bytes(), name.as_bytes());
        match model.fields.iter().find(is_named) {
            Some(field) if reader.peek() != b'n' => read(reader, field).map_err(|error| error.in_field(field.name())),
            _ => Ok(()),
        }
    })
}

fn read_figure(reader: &mut Reader<'_>, figure: Option<&mut Option<i64>>) -> Result<(), DecodeError> {
    if let Some(figure) = figure {
        *figure = Some(reader.integer()?);
    }
    Ok(())
}

/// The meter that the rows of a breakdown count.
fn meter_of(row: &Model) -> Option<Meter> {
    let counts =
        |meter: &Meter| row.fields.iter().any(|field| field.name().strip_suffix("Used") == Some(meter.as_str()));
    Meter::ALL.iter().copied().find(counts)
}
