//! Summaries of a usage: how far an organisation is through its quota, which account groups use it, and for which tests.
//!
//! The functions take the JSON of a usage, and read the few fields that they need. The npm package has it from
//! `JSON.stringify`, a Rust app from its [`Usage`].

mod date;
mod figures;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Serialize, Serializer};

use crate::error::DecodeError;
use crate::json::MAX_SAFE_INTEGER;
use crate::model::{FieldType, TestUsage, Type, Usage, describe};
#[cfg(not(target_arch = "wasm32"))]
use crate::model::{Model, Object};
use crate::string_enum::string_enum;
use figures::{Figures, Row, UsageFigures};

string_enum! {
    /// What an organisation uses, and may have a quota of. Its string begins the names of its fields in
    /// [`UsageDetails`](crate::UsageDetails).
    pub enum Meter {
        /// Units of tests on cloud agents, and of those on enterprise agents that are not metered by themselves.
        CloudUnits = "cloudUnits",
        /// Units of enterprise agents. Non-zero only with metered billing.
        EnterpriseUnits = "enterpriseUnits",
        /// Units of Connected Devices.
        ConnectedDevicesUnits = "connectedDevicesUnits",
        /// Endpoint agents.
        EndpointAgents = "endpointAgents",
        /// Endpoint agents with an Essentials licence.
        EndpointAgentsEssentials = "endpointAgentsEssentials",
        /// Endpoint agents with an Embedded licence.
        EndpointAgentsEmbedded = "endpointAgentsEmbedded",
        /// Enterprise agents.
        EnterpriseAgents = "enterpriseAgents",
    }
}

/// The number of meters.
const METERS: usize = Meter::ALL.len();

impl Meter {
    /// Whether its units add up over the period. Agents do not: they are counted in their peak hour.
    const fn adds_up(self) -> bool {
        matches!(self, Self::CloudUnits | Self::EnterpriseUnits | Self::ConnectedDevicesUnits)
    }
}

/// A time, in milliseconds of the Unix epoch. In JavaScript it is an ISO 8601 date-time, or a `Date`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Timestamp(pub f64);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&date::format(self.0))
    }
}

impl FieldType for f64 {
    const TYPE: Type = Type::Output("number");
}

impl FieldType for Meter {
    const TYPE: Type = Type::Output("Meter");
}

impl FieldType for Timestamp {
    const TYPE: Type = Type::Output("string");
}

macro_rules! output {
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $($(#[doc = $field_doc:literal])+ $field:ident, $json:literal: $type:ty;)+
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Serialize)]
            #[non_exhaustive]
            pub struct $name {
                $(
                    $(#[doc = $field_doc])+
                    #[serde(rename = $json, skip_serializing_if = "FieldType::is_absent")]
                    pub $field: $type,
                )+
            }

            describe! { $name [$($doc),+] $([$($field_doc),+] $json: $type;)+ }
        )+

        /// Every object of the summaries, in the order of the declarations.
        #[cfg(not(target_arch = "wasm32"))]
        pub(crate) const MODELS: &[&Model] = &[$(<$name as Object>::MODEL),+];
    };
}

output! {
    /// What `summarize` makes of a usage. What the usage lacks is absent, not 0.
    pub struct Summary {
        /// The billing period.
        period, "period": Period;
        /// Each meter of which the usage tells anything.
        meters, "meters": Vec<MeterSummary>;
    }

    /// A billing period, and how much of it has passed.
    pub struct Period {
        /// Its start, as the API writes it: `quota.monthStart`.
        start, "start": Option<String>;
        /// Its end: `quota.monthEnd`.
        end, "end": Option<String>;
        /// The share that has passed, `(at − start) / (end − start)`: 0 before it, and 1 after it, when the usage tells
        /// nothing of the next one. Absent unless both are date-times of RFC 3339, the end after the start.
        elapsed, "elapsed": Option<f64>;
    }

    /// One meter, its quota, and where it is heading.
    pub struct MeterSummary {
        /// What is counted.
        meter, "meter": Meter;
        /// Used so far in the period. Agents: their peak hour. Absent where the API does not tell.
        used, "used": Option<i64>;
        /// What the API estimates the period to end with. Of units alone: absent for agents.
        projected, "projected": Option<i64>;
        /// What the plan includes. Absent for enterprise units and Connected Devices, whose units no quota counts, and
        /// for enterprise agents but with legacy billing.
        included, "included": Option<i64>;
        /// What the API estimates the next period to use. Of units alone: absent for agents.
        next_period, "nextPeriod": Option<i64>;
        /// `used / included`: 1 is all of it. Absent where one of them is, or nothing is included.
        utilisation, "utilisation": Option<f64>;
        /// `projected / included`. Absent where one of them is, or nothing is included.
        projected_utilisation, "projectedUtilisation": Option<f64>;
        /// What is used over what is included: `used − included`, or 0. Absent where one of them is.
        overage, "overage": Option<i64>;
        /// What the period is estimated to end with over what is included: `projected − included`, or 0. Absent where one
        /// of them is.
        projected_overage, "projectedOverage": Option<i64>;
        /// `used` by the days of the period that have passed. Of units alone: agents do not add up. Absent too before the
        /// period, and where its dates are not known.
        run_rate_per_day, "runRatePerDay": Option<f64>;
        /// When `included` is used up at that rate, `start + included / runRatePerDay`: an ISO 8601 date-time, in the past
        /// where all is used up already. Absent where the units last to the end of the period, but also where
        /// `runRatePerDay` or `included` is absent.
        exhausts_at, "exhaustsAt": Option<Timestamp>;
    }

    /// What the breakdowns tell of one account group: sums over its rows. Absent where no row tells a number. Agents are
    /// counted in the peak hour of the group: summed over the groups they are more than the organisation's.
    pub struct AccountGroupUsage {
        /// ID of the account group. Absent for the rows that have none.
        aid, "aid": Option<String>;
        /// Its name. Of several it is always the same one, whatever the order of the rows.
        account_group_name, "accountGroupName": Option<String>;
        /// How many tests it has.
        tests, "tests": Option<i64>;
        /// How many of these have no projection, as they are new: `cloudUnitsProjected` is without them.
        tests_without_projection, "testsWithoutProjection": Option<i64>;
        /// Cloud units that its tests have used so far in the period.
        cloud_units_used, "cloudUnitsUsed": Option<i64>;
        /// Cloud units that its tests are estimated to end the period with. New tests are left out, so that it may be less
        /// than `cloudUnitsUsed`.
        cloud_units_projected, "cloudUnitsProjected": Option<i64>;
        /// Enterprise units that its agents have used so far in the period.
        enterprise_units_used, "enterpriseUnitsUsed": Option<i64>;
        /// Enterprise units that its agents are estimated to end the period with.
        enterprise_units_projected, "enterpriseUnitsProjected": Option<i64>;
        /// Endpoint agents: the peak hour of the group.
        endpoint_agents_used, "endpointAgentsUsed": Option<i64>;
        /// Endpoint agents with an Essentials licence: the peak hour of the group.
        endpoint_agents_essentials_used, "endpointAgentsEssentialsUsed": Option<i64>;
        /// Endpoint agents with an Embedded licence: the peak hour of the group.
        endpoint_agents_embedded_used, "endpointAgentsEmbeddedUsed": Option<i64>;
        /// Enterprise agents: the peak hour of the group.
        enterprise_agents_used, "enterpriseAgentsUsed": Option<i64>;
    }
}

impl Usage {
    /// How far the organisation is through its quota at a moment, and where it is heading.
    ///
    /// # Errors
    ///
    /// When an integer is outside ±(2^53 − 1), which no answer has; and of unknown fields alone, which are no answer.
    pub fn summarize(&self, at: Timestamp) -> Result<Summary, DecodeError> {
        summarize(&self.json(), at.0)
    }

    /// What each account group uses, by all the breakdowns that were expanded. The one whose tests are estimated to use the
    /// most cloud units comes first; of a test without an estimate, what it has used counts.
    ///
    /// # Errors
    ///
    /// When an integer or a sum is outside ±(2^53 − 1); and of unknown fields alone, which are no answer.
    pub fn by_account_group(&self) -> Result<Vec<AccountGroupUsage>, DecodeError> {
        by_account_group(&self.json())
    }

    /// The tests that use the most cloud units: by what is projected, or else used; those that tell neither last.
    ///
    /// # Errors
    ///
    /// When an integer is outside ±(2^53 − 1), which no answer has; and of unknown fields alone, which are no answer.
    pub fn top_tests(&self, count: usize) -> Result<Vec<&TestUsage>, DecodeError> {
        let tests = self.usage.as_ref().and_then(|usage| usage.tests.as_ref());
        let top = top_tests(&self.json(), count)?;
        Ok(top.into_iter().filter_map(|index| tests?.get(index)).collect())
    }

    fn json(&self) -> String {
        // Nothing in it is what JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How far an organisation is through its quota at a moment, in milliseconds of the Unix epoch.
pub(crate) fn summarize(json: &str, at: f64) -> Result<Summary, DecodeError> {
    let UsageFigures { month_start, month_end, meters: figures, .. } = figures::read(json)?;
    let time = Time::new(month_start.as_deref(), month_end.as_deref(), at);
    let mut meters = Vec::new();
    for (meter, figures) in Meter::ALL.iter().copied().zip(&figures) {
        if figures.has_any() {
            meters.push(meter_summary(meter, figures, time.as_ref()));
        }
    }
    let elapsed = time.map(|time| time.elapsed / time.length);
    Ok(Summary { period: Period { start: month_start, end: month_end, elapsed }, meters })
}

/// A period and how much of it has passed, in milliseconds.
struct Time {
    start: f64,
    length: f64,
    elapsed: f64,
}

impl Time {
    #[expect(clippy::cast_precision_loss, reason = "a date with four digits of its year is far below 2^53")]
    fn new(start: Option<&str>, end: Option<&str>, at: f64) -> Option<Self> {
        let moment = |text| date::parse(text).map(|milliseconds| milliseconds as f64);
        let start = moment(start?)?;
        let length = moment(end?)? - start;
        (length > 0.0).then(|| Self { start, length, elapsed: (at - start).max(0.0).min(length) })
    }
}

fn meter_summary(meter: Meter, figures: &Figures, time: Option<&Time>) -> MeterSummary {
    let Figures { used, projected, included, next_period } = *figures;
    let over = |count: Option<i64>| Some((count? - included?).max(0));
    let share = |count: Option<i64>| {
        let included = included.filter(|included| *included > 0)?;
        Some(float(count?) / float(included))
    };
    let time = time.filter(|time| meter.adds_up() && time.elapsed > 0.0);
    MeterSummary {
        meter,
        used,
        projected,
        included,
        next_period,
        utilisation: share(used),
        projected_utilisation: share(projected),
        overage: over(used),
        projected_overage: over(projected),
        run_rate_per_day: time.and_then(|time| Some(float(used?) / (time.elapsed / DAY))),
        exhausts_at: time.and_then(|time| exhausts_at(used?, included?, time)),
    }
}

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

fn exhausts_at(used: i64, included: i64, time: &Time) -> Option<Timestamp> {
    if used <= 0 || included < 0 {
        return None;
    }
    let after = time.elapsed * (float(included) / float(used));
    (after < time.length).then_some(Timestamp(time.start + after))
}

#[expect(clippy::cast_precision_loss, reason = "it is within ±(2^53 − 1)")]
fn float(integer: i64) -> f64 {
    integer as f64
}

/// What each account group uses.
pub(crate) fn by_account_group(json: &str) -> Result<Vec<AccountGroupUsage>, DecodeError> {
    let rows = figures::read(json)?.rows;
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in order(&mut rows.iter().map(|row| (None, row.aid))).filter_map(|index| rows.get(index)) {
        if groups.last().is_none_or(|group| group.aid != row.aid) {
            groups.push(Group { aid: row.aid, ..Group::default() });
        }
        if let Some(group) = groups.last_mut() {
            group.add(row)?;
        }
    }
    let order = order(&mut groups.iter().map(|group| (group.rank, group.aid)));
    Ok(order.filter_map(|index| groups.get(index)).map(Group::usage).collect())
}

/// The indices of the tests that use the most cloud units.
pub(crate) fn top_tests(json: &str, count: usize) -> Result<Vec<usize>, DecodeError> {
    let mut tests = figures::read(json)?.rows;
    tests.retain(Row::is_test);
    let order = order(&mut tests.iter().map(|test| (test.figures.rank(), test.test_id)));
    Ok(order.take(count).filter_map(|index| Some(tests.get(index)?.index)).collect())
}

/// The indices of items in order: the largest rank first, then by ID, then as they came.
fn order<'a>(keys: &mut dyn Iterator<Item = (Option<i64>, &'a str)>) -> std::vec::IntoIter<usize> {
    let keys = keys.enumerate().map(|(index, (rank, id))| (Reverse(rank), id, index));
    let sorted = keys.collect::<BinaryHeap<_>>().into_sorted_vec();
    sorted.into_iter().map(|(_, _, index)| index).collect::<Vec<_>>().into_iter()
}

/// The rows of one account group, added up.
#[derive(Default)]
struct Group<'a> {
    aid: &'a str,
    name: &'a str,
    tests: Option<i64>,
    unprojected: i64,
    /// The sum of its tests' ranks.
    rank: Option<i64>,
    /// In the order of [`Meter::ALL`].
    meters: [Figures; METERS],
}

impl<'a> Group<'a> {
    fn add(&mut self, row: &Row<'a>) -> Result<(), DecodeError> {
        // Of an empty name there are the quotes alone.
        if row.name.len() > 2 && (self.name.is_empty() || row.name < self.name) {
            self.name = row.name;
        }
        if row.is_test() {
            self.tests = Some(self.tests.unwrap_or_default() + 1);
            self.unprojected += i64::from(row.figures.projected.is_none());
            self.rank = sum(self.rank, row.figures.rank())?;
        }
        if let Some(sums) = self.meters.get_mut(row.meter as usize) {
            sums.used = sum(sums.used, row.figures.used)?;
            sums.projected = sum(sums.projected, row.figures.projected)?;
        }
        Ok(())
    }

    fn of(&self, meter: Meter) -> Figures {
        self.meters.get(meter as usize).copied().unwrap_or_default()
    }

    fn usage(&self) -> AccountGroupUsage {
        let (cloud_units, enterprise_units) = (self.of(Meter::CloudUnits), self.of(Meter::EnterpriseUnits));
        AccountGroupUsage {
            aid: figures::unquoted(self.aid),
            account_group_name: figures::unquoted(self.name),
            tests: self.tests,
            tests_without_projection: self.tests.map(|_| self.unprojected),
            cloud_units_used: cloud_units.used,
            cloud_units_projected: cloud_units.projected,
            enterprise_units_used: enterprise_units.used,
            enterprise_units_projected: enterprise_units.projected,
            endpoint_agents_used: self.of(Meter::EndpointAgents).used,
            endpoint_agents_essentials_used: self.of(Meter::EndpointAgentsEssentials).used,
            endpoint_agents_embedded_used: self.of(Meter::EndpointAgentsEmbedded).used,
            enterprise_agents_used: self.of(Meter::EnterpriseAgents).used,
        }
    }
}

/// The sum of what is known, which is never rounded.
fn sum(sum: Option<i64>, number: Option<i64>) -> Result<Option<i64>, DecodeError> {
    let (Some(one), Some(other)) = (sum, number) else { return Ok(sum.or(number)) };
    let sum = one + other;
    if sum.unsigned_abs() > MAX_SAFE_INTEGER {
        return Err(
            DecodeError::mismatch("numbers whose sum is within ±(2^53 − 1)", "larger ones").in_field("usage")
        );
    }
    Ok(Some(sum))
}

#[cfg(test)]
mod tests;
