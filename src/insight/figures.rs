//! The numbers of a usage, read from its JSON.

use alloc::string::String;
use alloc::vec::Vec;

use super::Meter;
use crate::decode::{self, DecodeError, Shape};
use crate::json::{Cursor, Fault, kind_of, unescape};
use crate::model::Usage;

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
    pub(super) fn tell_any(&self) -> bool {
        self.used.or(self.projected).or(self.included).or(self.next_period).is_some()
    }

    /// What it is compared by: what the period is estimated to end with, else what is used so far.
    pub(super) fn rank(&self) -> Option<i64> {
        self.projected.or(self.used)
    }

    /// Where a number goes whose name is the meter's and then this: only the fields of the model have a type to rely on.
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
    pub(super) meters: [Figures; Meter::ALL.len()],
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
    let mut reader = Reader { cursor: Cursor::new(json), json };
    if reader.cursor.peek() != b'{' {
        return Err(reader.mismatch(<Usage as Shape>::EXPECTED));
    }
    let (mut is_empty, mut is_answer) = (true, false);
    reader.object(&mut |reader, name| {
        is_empty = false;
        is_answer |= ["usage", "_links"].contains(&name);
        if name == "usage" { reader.details(&mut figures) } else { Ok(()) }
    })?;
    if is_empty || is_answer {
        Ok(figures)
    } else {
        Err(DecodeError::new("an object with `usage`", "one without"))
    }
}

/// The text of a string with its quotes and escapes, where there is one.
pub(super) fn unquoted(quoted: &str) -> Option<String> {
    (!quoted.is_empty()).then(|| unescape(quoted))
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    json: &'a str,
}

type Members<'f, 'a> = dyn FnMut(&mut Reader<'a>, &'a str) -> Result<(), DecodeError> + 'f;

impl<'a> Reader<'a> {
    fn details(&mut self, figures: &mut UsageFigures<'a>) -> Result<(), DecodeError> {
        self.object(&mut |reader, name| {
            if name == "quota" {
                return reader.quota(figures);
            }
            for (field, meter) in BREAKDOWNS {
                if name == field {
                    return reader.rows(meter, &mut figures.rows);
                }
            }
            reader.figure(name, Place::Usage, &mut figures.meters)
        })
    }

    fn quota(&mut self, figures: &mut UsageFigures<'a>) -> Result<(), DecodeError> {
        self.object(&mut |reader, name| {
            match name {
                "monthStart" => figures.month_start = unquoted(reader.text()?),
                "monthEnd" => figures.month_end = unquoted(reader.text()?),
                _ => return reader.figure(name, Place::Quota, &mut figures.meters),
            }
            Ok(())
        })
    }

    /// Reads a number of a meter's.
    fn figure(&mut self, name: &str, place: Place, meters: &mut [Figures]) -> Result<(), DecodeError> {
        for (meter, figures) in Meter::ALL.into_iter().zip(meters) {
            self.figure_of(meter, name, place, figures)?;
        }
        Ok(())
    }

    fn figure_of(
        &mut self,
        meter: Meter,
        name: &str,
        place: Place,
        figures: &mut Figures,
    ) -> Result<(), DecodeError> {
        let rest = name.strip_prefix(meter.as_str());
        if let Some(figure) = rest.and_then(|rest| figures.named(place, meter, rest)) {
            *figure = self.integer()?;
        }
        Ok(())
    }

    fn rows(&mut self, meter: Meter, rows: &mut Vec<Row<'a>>) -> Result<(), DecodeError> {
        self.array(&mut |reader, index| {
            if reader.cursor.peek() == b'n' {
                return Err(reader.mismatch(<Usage as Shape>::EXPECTED));
            }
            let mut row = Row { meter, index, aid: "", name: "", test_id: "", figures: Figures::default() };
            reader.object(&mut |reader, name| {
                match name {
                    "aid" => row.aid = reader.text()?,
                    "accountGroupName" => row.name = reader.text()?,
                    "testId" => row.test_id = reader.text()?,
                    _ => return reader.figure_of(meter, name, Place::Row, &mut row.figures),
                }
                Ok(())
            })?;
            rows.push(row);
            Ok(())
        })
    }

    /// Passes the object here, or null. `read` passes a member's value, or leaves it.
    fn object(&mut self, read: &mut Members<'_, 'a>) -> Result<(), DecodeError> {
        let mut more = self.open(b'{', b'}', <Usage as Shape>::EXPECTED)?;
        while more {
            let name = self.cursor.name();
            let name = self.passed(name)?.trim_matches('"');
            self.value(&mut |reader| read(reader, name)).map_err(|error| error.within(name))?;
            let next = self.cursor.more(b'}');
            more = self.passed(next)?;
        }
        Ok(())
    }

    /// Passes the array here, or null.
    fn array(
        &mut self,
        read: &mut dyn FnMut(&mut Self, usize) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut index = 0;
        let mut more = self.open(b'[', b']', <Vec<Usage> as Shape>::EXPECTED)?;
        while more {
            self.value(&mut |reader| read(reader, index)).map_err(|error| error.at(index))?;
            index += 1;
            let next = self.cursor.more(b']');
            more = self.passed(next)?;
        }
        Ok(())
    }

    /// Enters an array or object, and tells whether it holds anything; null holds nothing.
    fn open(&mut self, open: u8, close: u8, expected: &'static str) -> Result<bool, DecodeError> {
        match self.cursor.peek() {
            b'n' => self.skip().map(|()| false),
            first if first == open => {
                let opened = self.cursor.open(close);
                self.passed(opened)
            }
            _ => Err(self.mismatch(expected)),
        }
    }

    /// Has the value here passed.
    fn value(
        &mut self,
        read: &mut dyn FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.cursor.peek();
        let start = self.cursor.at();
        read(self)?;
        if self.cursor.at() == start { self.skip() } else { Ok(()) }
    }

    fn integer(&mut self) -> Result<Option<i64>, DecodeError> {
        match self.cursor.peek() {
            b'n' => self.skip().map(|()| None),
            b'-' | b'0'..=b'9' => {
                let number = self.cursor.number();
                self.passed(number).and_then(decode::integer).map(Some)
            }
            _ => Err(self.mismatch(<i64 as Shape>::EXPECTED)),
        }
    }

    fn text(&mut self) -> Result<&'a str, DecodeError> {
        match self.cursor.peek() {
            b'n' => self.skip().map(|()| ""),
            b'"' => {
                let quoted = self.cursor.string();
                self.passed(quoted)
            }
            _ => Err(self.mismatch(<String as Shape>::EXPECTED)),
        }
    }

    fn skip(&mut self) -> Result<(), DecodeError> {
        let skipped = self.cursor.skip();
        self.passed(skipped)
    }

    fn passed<T>(&self, passed: Result<T, Fault>) -> Result<T, DecodeError> {
        passed.map_err(|fault| DecodeError::fault(fault, self.json, self.cursor.at()))
    }

    fn mismatch(&mut self, expected: &'static str) -> DecodeError {
        DecodeError::new(expected, kind_of(self.cursor.peek()))
    }
}
