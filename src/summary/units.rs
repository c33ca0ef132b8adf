//! The units of tests in two periods.

use super::figures::{Row, UsageFigures, read_test_units, unquoted};
use super::{Order, UnitTotals, UnitsChange, UnitsComparison, UnitsGrowth, add, float, keep_name};
use crate::error::DecodeError;

/// Compares the rows of two periods, which are JSON, with the `count` tests that grew most.
pub(crate) fn compare_units(before: &str, after: &str, count: usize) -> Result<UnitsComparison, DecodeError> {
    let mut figures = UsageFigures::default();
    read_test_units(&mut figures, before).map_err(|error| error.in_field("before"))?;
    let first_after = figures.rows.len();
    read_test_units(&mut figures, after).map_err(|error| error.in_field("after"))?;
    let mut by_test = Order::default();
    for (index, row) in figures.rows.iter().enumerate() {
        by_test.push(None, row.aid, row.test_id, index);
    }
    let periods = Periods { rows: figures.rows, first_after, sorted: by_test.indices() };
    Ok(UnitsComparison {
        total: periods.changes(Level::Total, 1)?.pop().unwrap_or_default(),
        account_groups: periods.changes(Level::AccountGroup, usize::MAX)?,
        tests: periods.changes(Level::Test, count)?,
    })
}

/// What rows are added up by.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Total,
    AccountGroup,
    Test,
}

/// Rows that are added up, with the names of the second period if it has any row.
#[derive(Default)]
struct Change<'a> {
    aid: &'a str,
    test_id: &'a str,
    name: &'a str,
    test_name: &'a str,
    test_type: &'a str,
    before: Option<UnitTotals>,
    after: Option<UnitTotals>,
}

/// The rows of both periods.
struct Periods<'a> {
    rows: Vec<Row<'a>>,
    /// The index of the first row of the second period.
    first_after: usize,
    /// The indices of the rows, sorted by test and then by period.
    sorted: Vec<usize>,
}

impl Periods<'_> {
    /// Adds up the rows. The changes are sorted by the growth of their cloud units.
    fn changes(&self, level: Level, count: usize) -> Result<Vec<UnitsChange>, DecodeError> {
        let mut changes: Vec<Change<'_>> = Vec::new();
        let mut previous = ("", "", false);
        for &index in &self.sorted {
            let Some(row) = self.rows.get(index) else { continue };
            let test = (row.aid, row.test_id, index >= self.first_after);
            let is_counted = !row.test_id.is_empty() && previous != test;
            previous = test;
            let aid = if level == Level::Total { "" } else { row.aid };
            let test_id = if level == Level::Test { row.test_id } else { "" };
            if changes.last().is_none_or(|change| (change.aid, change.test_id) != (aid, test_id)) {
                changes.push(Change { aid, test_id, ..Change::default() });
            }
            if let Some(change) = changes.last_mut() {
                change.add(row, index >= self.first_after, is_counted, level)?;
            }
        }
        let mut by_growth = Order::default();
        for (index, change) in changes.iter().enumerate() {
            let growth = change.growth()?.cloud_units;
            // Without an ID a row cannot be matched with one of the other period.
            if level != Level::Test || (!change.test_id.is_empty() && growth > Some(0)) {
                by_growth.push(growth, change.aid, change.test_id, index);
            }
        }
        let mut sorted = Vec::new();
        for index in by_growth.indices() {
            match changes.get(index) {
                Some(change) if sorted.len() < count => sorted.push(change.finish()?),
                _ => {}
            }
        }
        Ok(sorted)
    }
}

impl<'a> Change<'a> {
    fn add(&mut self, row: &Row<'a>, is_after: bool, is_counted: bool, level: Level) -> Result<(), DecodeError> {
        if is_after && self.after.is_none() {
            (self.name, self.test_name, self.test_type) = ("", "", "");
        }
        if level > Level::Total && (is_after || self.after.is_none()) {
            keep_name(&mut self.name, row.name);
            if level == Level::Test {
                keep_name(&mut self.test_name, row.test_name);
                keep_name(&mut self.test_type, row.test_type);
            }
        }
        let totals = if is_after { &mut self.after } else { &mut self.before }.get_or_insert_default();
        totals.tests += i64::from(is_counted);
        add(&mut totals.cloud_units_used, row.figures.used)?;
        add(&mut totals.enterprise_units_used, row.enterprise_units.used)
    }

    fn finish(&self) -> Result<UnitsChange, DecodeError> {
        Ok(UnitsChange {
            aid: unquoted(self.aid),
            account_group_name: unquoted(self.name),
            test_id: unquoted(self.test_id),
            test_name: unquoted(self.test_name),
            test_type: unquoted(self.test_type),
            before: self.before.clone(),
            after: self.after.clone(),
            growth: self.growth()?,
        })
    }

    fn growth(&self) -> Result<UnitsGrowth, DecodeError> {
        let of = |units: fn(&UnitTotals) -> Option<i64>| {
            growth(self.before.as_ref().and_then(units), self.after.as_ref().and_then(units))
        };
        let (cloud_units, cloud_units_ratio) = of(|totals| totals.cloud_units_used)?;
        let (enterprise_units, enterprise_units_ratio) = of(|totals| totals.enterprise_units_used)?;
        Ok(UnitsGrowth { cloud_units, cloud_units_ratio, enterprise_units, enterprise_units_ratio })
    }
}

/// The growth of a number, and its ratio.
fn growth(before: Option<i64>, after: Option<i64>) -> Result<(Option<i64>, Option<f64>), DecodeError> {
    let mut growth = after;
    add(&mut growth, before.map(|before| -before))?;
    let before = before.filter(|before| *before > 0);
    Ok((growth, growth.zip(before).map(|(growth, before)| float(growth) / float(before))))
}
