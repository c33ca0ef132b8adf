//! The numbers of a usage, read from its JSON.

use super::{METERS, Meter};
use crate::error::DecodeError;
use crate::json::{Reader, unescape};

/// The arrays of a usage, and what each breaks down. In a row of it, as in the usage, a number's name begins with the meter.
const BREAKDOWNS: [(&str, Meter); 6] = [
    (TESTS, Meter::CloudUnits),
    ("enterpriseAgentUnits", Meter::EnterpriseUnits),
    ("endpointAgents", Meter::EndpointAgents),
    ("endpointAgentsEssentials", Meter::EndpointAgentsEssentials),
    ("endpointAgentsEmbedded", Meter::EndpointAgentsEmbedded),
    ("enterpriseAgents", Meter::EnterpriseAgents),
];

const TESTS: &str = "tests";

/// What a usage tells of a meter.
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

    /// What it is compared by: what the period is estimated to end with, else what is used so far.
    pub(super) fn rank(&self) -> Option<i64> {
        self.projected.or(self.used)
    }

    /// Reads a number of the meter, if the name is one of the model's: only these have a type to rely on.
    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        meter: Meter,
        name: &str,
        place: Place,
    ) -> Result<(), DecodeError> {
        let rest = name.strip_prefix(meter.as_str());
        if let Some(figure) = rest.and_then(|rest| self.named(place, meter, rest)) {
            *figure = optional(reader, |reader| reader.integer().map(Some))?;
        }
        Ok(())
    }

    /// Where a number goes whose name is that of the meter, followed by `rest`.
    fn named(&mut self, place: Place, meter: Meter, rest: &str) -> Option<&mut Option<i64>> {
        let adds_up = meter.adds_up();
        match (rest, place) {
            ("Used", Place::Usage | Place::Row) => Some(&mut self.used),
            ("Projected", Place::Usage | Place::Row) if adds_up => Some(&mut self.projected),
            ("NextBillingPeriod", Place::Usage) if adds_up => Some(&mut self.next_period),
            ("Included", Place::Quota) if !adds_up || meter == Meter::CloudUnits => Some(&mut self.included),
            _ => None,
        }
    }
}

/// An object that has numbers of meters.
#[derive(Clone, Copy)]
enum Place {
    Usage,
    Quota,
    Row,
}

/// What a usage tells.
#[derive(Debug, Default)]
pub(super) struct UsageFigures<'a> {
    pub(super) month_start: Option<String>,
    pub(super) month_end: Option<String>,
    /// In the order of [`Meter::ALL`].
    pub(super) meters: [Figures; METERS],
    pub(super) rows: Vec<Row<'a>>,
}

/// A row of a breakdown. Its texts have their quotes and escapes, and are empty where they are absent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) meter: Meter,
    /// Its place in its array.
    pub(super) index: usize,
    pub(super) aid: &'a str,
    pub(super) name: &'a str,
    pub(super) test_id: &'a str,
    pub(super) figures: Figures,
}

impl Row<'_> {
    pub(super) fn is_test(&self) -> bool {
        self.meter == Meter::CloudUnits
    }
}

/// Reads what the formulas need, and passes all else.
///
/// # Errors
///
/// Where one of these fields has another type than in the model, with the place; and of an object that is no answer, such as
/// its `usage` alone: no figures would look like good news.
pub(super) fn read(json: &str) -> Result<UsageFigures<'_>, DecodeError> {
    let mut figures = UsageFigures::default();
    let (mut is_empty, mut is_response) = (true, false);
    Reader::new(json).object(&mut |reader, name| {
        is_empty = false;
        is_response |= [r#""usage""#, r#""_links""#].contains(&name);
        match name {
            r#""usage""# => optional(reader, |reader| figures.read_details(reader))
                .map_err(|error| error.in_field("usage")),
            _ => Ok(()),
        }
    })?;
    if is_empty || is_response {
        Ok(figures)
    } else {
        Err(DecodeError::mismatch("an object with `usage`", "one without"))
    }
}

/// A name without its quotes.
fn bare(name: &str) -> &str {
    name.get(1..name.len() - 1).unwrap_or_default()
}

/// The text of a string with its quotes and escapes. `None` if it is absent.
pub(super) fn unquoted(quoted: &str) -> Option<String> {
    (!quoted.is_empty()).then(|| unescape(quoted))
}

impl<'a> UsageFigures<'a> {
    fn read_details(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        reader.object(&mut |reader, name| {
            let name = bare(name);
            let breakdown = BREAKDOWNS.iter().find(|(field, _)| *field == name);
            match (name, breakdown) {
                ("quota", _) => optional(reader, |reader| self.read_quota(reader)),
                (_, Some((_, meter))) => optional(reader, |reader| self.read_rows(reader, *meter)),
                _ => self.read_figure(reader, name, Place::Usage),
            }
            .map_err(|error| error.in_field(name))
        })
    }

    fn read_quota(&mut self, reader: &mut Reader<'a>) -> Result<(), DecodeError> {
        reader.object(&mut |reader, name| {
            let name = bare(name);
            match name {
                "monthStart" => string(reader).map(|text| self.month_start = unquoted(text)),
                "monthEnd" => string(reader).map(|text| self.month_end = unquoted(text)),
                _ => self.read_figure(reader, name, Place::Quota),
            }
            .map_err(|error| error.in_field(name))
        })
    }

    /// Reads the number of a meter.
    fn read_figure(&mut self, reader: &mut Reader<'a>, name: &str, place: Place) -> Result<(), DecodeError> {
        for (meter, figures) in Meter::ALL.iter().zip(&mut self.meters) {
            figures.read(reader, *meter, name, place)?;
        }
        Ok(())
    }

    fn read_rows(&mut self, reader: &mut Reader<'a>, meter: Meter) -> Result<(), DecodeError> {
        reader.array(&mut |reader, index| {
            let mut row = Row { meter, index, aid: "", name: "", test_id: "", figures: Figures::default() };
            reader.object(&mut |reader, name| {
                let name = bare(name);
                match name {
                    "aid" => string(reader).map(|text| row.aid = text),
                    "accountGroupName" => string(reader).map(|text| row.name = text),
                    "testId" => string(reader).map(|text| row.test_id = text),
                    _ => row.figures.read(reader, meter, name, Place::Row),
                }
                .map_err(|error| error.in_field(name))
            })?;
            self.rows.push(row);
            Ok(())
        })
    }
}

/// Reads a value that may be null, which counts as absent.
fn optional<'a, T: Default>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    if reader.peek() == b'n' { reader.skip().map(|()| T::default()) } else { read(reader) }
}

/// A string with its quotes and escapes, or nothing for null.
fn string<'a>(reader: &mut Reader<'a>) -> Result<&'a str, DecodeError> {
    optional(reader, Reader::string)
}
