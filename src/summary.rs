//! Summaries of a usage: how far an organisation is through its quota, which account groups use it, and for which tests.
//! `units` compares two periods.
//!
//! The functions take the JSON of a usage, and read the few fields that they need. The npm package has it from
//! `JSON.stringify`, a Rust app from its [`Usage`].

mod figures;
mod units;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Serialize, Serializer};

use crate::date_time;
use crate::error::DecodeError;
use crate::json::MAX_SAFE_INTEGER;
use crate::model::{FieldType, TestUsage, Type, UnitsByTests, Usage, describe};
#[cfg(not(target_arch = "wasm32"))]
use crate::model::{Model, Object};
use crate::string_enum::string_enum;
use figures::{Figures, Row, UsageFigures};
pub(crate) use units::compare_units;

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
    #[expect(clippy::cast_possible_truncation, reason = "a date between two that were parsed is far below 2^53")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&date_time::format(self.0.floor() as i64))
    }
}

impl FieldType for f64 {
    const TYPE: Type = Type::WriteOnly("number");
}

impl FieldType for Meter {
    const TYPE: Type = Type::WriteOnly("Meter");
}

impl FieldType for Timestamp {
    const TYPE: Type = Type::WriteOnly("string");
}

macro_rules! summary_objects {
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident $(: $derive:ident)? {
            $($(#[doc = $field_doc:literal])+ $field:ident, $json:literal: $type:ty;)+
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Serialize $(, $derive)?)]
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

summary_objects! {
    /// The result of `summarize`. What the usage lacks is absent, not 0.
    pub struct Summary {
        /// The billing period.
        period, "period": Period;
        /// The meters for which the usage has a number.
        meters, "meters": Vec<MeterSummary>;
    }

    /// A billing period, and how much of it has passed.
    pub struct Period {
        /// Its start, as the API writes it: `quota.monthStart`.
        start, "start": Option<String>;
        /// Its end: `quota.monthEnd`.
        end, "end": Option<String>;
        /// The share of the period that has passed, `(at − start) / (end − start)`: 0 before the period, 1 after it. Absent
        /// unless both are date-times of RFC 3339, and the end is after the start.
        elapsed, "elapsed": Option<f64>;
    }

    /// One meter, compared with its quota.
    pub struct MeterSummary {
        /// The meter.
        meter, "meter": Meter;
        /// The use so far in the period; for agents, that of the peak hour. Absent if the API does not report it.
        used, "used": Option<i64>;
        /// The API's estimate for the whole period. Absent for agents.
        projected, "projected": Option<i64>;
        /// The quota of the plan. Absent for enterprise units and Connected Devices, which have no quota. For enterprise
        /// agents, present only with legacy billing.
        included, "included": Option<i64>;
        /// The API's estimate for the next period. Absent for agents.
        next_period, "nextPeriod": Option<i64>;
        /// `used / included`: 1 is all of the quota. Absent if either is absent, or `included` is 0.
        utilisation, "utilisation": Option<f64>;
        /// `projected / included`. Absent if either is absent, or `included` is 0.
        projected_utilisation, "projectedUtilisation": Option<f64>;
        /// The use over the quota: `used − included`, at least 0. Absent if either is absent.
        overage, "overage": Option<i64>;
        /// The estimated use over the quota: `projected − included`, at least 0. Absent if either is absent.
        projected_overage, "projectedOverage": Option<i64>;
        /// `used` divided by the days of the period that have passed. Absent for agents, which do not add up. Also absent
        /// before the period, and if its dates are unknown.
        run_rate_per_day, "runRatePerDay": Option<f64>;
        /// The time at which `included` is used up at that rate, `start + included / runRatePerDay`: an ISO 8601 date-time.
        /// It is in the past if all is used up. Absent if the units last to the end of the period, or if `runRatePerDay` or
        /// `included` is absent.
        exhausts_at, "exhaustsAt": Option<Timestamp>;
    }

    /// The usage of one account group: sums over its rows in the breakdowns. A sum is absent if no row has its number. Agents
    /// are those of the group's peak hour, so their sum over all groups is more than the organisation's number.
    pub struct AccountGroupUsage: Default {
        /// ID of the account group. Absent for the sum of the rows without one.
        aid, "aid": Option<String>;
        /// Its name. If the rows have several names, the choice does not depend on their order.
        account_group_name, "accountGroupName": Option<String>;
        /// The number of its rows of tests.
        tests, "tests": Option<i64>;
        /// The number of those rows that have no projection. New tests have none yet. In a period that is over, no row has one.
        /// `cloudUnitsProjected` does not contain these rows.
        tests_without_projection, "testsWithoutProjection": Option<i64>;
        /// Cloud units that its tests have used so far in the period.
        cloud_units_used, "cloudUnitsUsed": Option<i64>;
        /// The estimate of its tests' cloud units for the whole period. It does not contain new tests, so it may be less than
        /// `cloudUnitsUsed`.
        cloud_units_projected, "cloudUnitsProjected": Option<i64>;
        /// Enterprise units that its agents have used so far in the period.
        enterprise_units_used, "enterpriseUnitsUsed": Option<i64>;
        /// The estimate of its agents' enterprise units for the whole period.
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

    /// The result of `compareUnits`: the units of tests in two periods.
    pub struct UnitsComparison {
        /// The sums over all rows. It has no IDs and no names.
        total, "total": UnitsChange;
        /// The account groups, sorted by the growth of their cloud units, largest first.
        account_groups, "accountGroups": Vec<UnitsChange>;
        /// The tests whose cloud units grew most, largest growth first. A test that did not grow is left out, and so are
        /// rows without a `testId`.
        tests, "tests": Vec<UnitsChange>;
    }

    /// The units of an account group or of a test in two periods. Rows are of the same test if both `aid` and `testId` are equal.
    pub struct UnitsChange: Default {
        /// ID of the account group. Absent for the sum of the rows without one.
        aid, "aid": Option<String>;
        /// Name of the account group in the second period, or in the first if that has its only rows.
        account_group_name, "accountGroupName": Option<String>;
        /// ID of the test. Absent for an account group.
        test_id, "testId": Option<String>;
        /// Name of the test in the second period, or in the first if that has its only rows. Absent for an account group.
        test_name, "testName": Option<String>;
        /// Type of the test, such as `http-server`. Absent for an account group.
        test_type, "testType": Option<String>;
        /// The sums of the first period. Absent if it has no row there: the account group or test is new.
        before, "before": Option<UnitTotals>;
        /// The sums of the second period. Absent if it has no row there: the account group or test is gone.
        after, "after": Option<UnitTotals>;
        /// The growth from the first period to the second.
        growth, "growth": UnitsGrowth;
    }

    /// Sums over the rows of one period. A sum is absent if no row has its number.
    pub struct UnitTotals: Default {
        /// The number of tests. A test counts once, and a row without a `testId` does not count.
        tests, "tests": i64;
        /// Cloud units.
        cloud_units_used, "cloudUnitsUsed": Option<i64>;
        /// Enterprise units.
        enterprise_units_used, "enterpriseUnitsUsed": Option<i64>;
    }

    /// The growth between two periods. A number that only one period has counts as 0 in the other.
    pub struct UnitsGrowth: Default {
        /// Cloud units after, minus those before: negative if there are fewer. Absent if neither period has the number.
        cloud_units, "cloudUnits": Option<i64>;
        /// `cloudUnits` divided by the cloud units before: 0.5 is a growth of 50 %. Absent if those are absent, 0 or negative.
        cloud_units_ratio, "cloudUnitsRatio": Option<f64>;
        /// Enterprise units after, minus those before. Absent if neither period has the number.
        enterprise_units, "enterpriseUnits": Option<i64>;
        /// `enterpriseUnits` divided by the enterprise units before. Absent if those are absent, 0 or negative.
        enterprise_units_ratio, "enterpriseUnitsRatio": Option<f64>;
    }
}

impl Usage {
    /// Compares each meter with its quota, as of a time.
    ///
    /// # Errors
    ///
    /// If an integer is outside ±(2^53 − 1), which no response has, or if there are unknown fields and no `usage`.
    pub fn summarize(&self, at: Timestamp) -> Result<Summary, DecodeError> {
        summarize(&to_json(self), at.0)
    }

    /// Adds up the usage of each account group, over all breakdowns that the usage has. Sorted by projected cloud units,
    /// largest first; a test without a projection counts with its used cloud units.
    ///
    /// # Errors
    ///
    /// If an integer or a sum is outside ±(2^53 − 1), or if there are unknown fields and no `usage`.
    pub fn by_account_group(&self) -> Result<Vec<AccountGroupUsage>, DecodeError> {
        by_account_group(&to_json(self))
    }

    /// The tests that use the most cloud units. Sorted by projected units, else used units, largest first.
    ///
    /// # Errors
    ///
    /// If an integer is outside ±(2^53 − 1), which no response has, or if there are unknown fields and no `usage`.
    pub fn top_tests(&self, count: usize) -> Result<Vec<&TestUsage>, DecodeError> {
        let tests = self.usage.as_ref().and_then(|usage| usage.tests.as_ref());
        let top = top_tests(&to_json(self), count)?;
        Ok(top.into_iter().filter_map(|index| tests?.get(index)).collect())
    }
}

impl AccountGroupUsage {
    /// Adds up the units of each account group in one period, sorted as [`Usage::by_account_group`] does.
    ///
    /// # Errors
    ///
    /// If an integer or a sum is outside ±(2^53 − 1).
    pub fn of_test_units(rows: &[UnitsByTests]) -> Result<Vec<Self>, DecodeError> {
        by_account_group(&to_json(rows))
    }
}

impl UnitsComparison {
    /// Compares the units of two periods, by account group and for the `count` tests that grew most.
    ///
    /// # Errors
    ///
    /// If an integer, a sum or a growth is outside ±(2^53 − 1).
    pub fn new(before: &[UnitsByTests], after: &[UnitsByTests], count: usize) -> Result<Self, DecodeError> {
        compare_units(&to_json(before), &to_json(after), count)
    }
}

fn to_json(value: &(impl Serialize + ?Sized)) -> String {
    // Every value of the model can be written as JSON.
    serde_json::to_string(value).unwrap_or_default()
}

/// Compares each meter with its quota, as of a time in milliseconds of the Unix epoch.
pub(crate) fn summarize(json: &str, at: f64) -> Result<Summary, DecodeError> {
    let UsageFigures { month_start, month_end, meters: figures, .. } = figures::read(json)?;
    let (start, end) = (figures::unquoted(month_start), figures::unquoted(month_end));
    let time = Time::new(start.as_deref(), end.as_deref(), at);
    let mut meters = Vec::new();
    for (meter, figures) in Meter::ALL.iter().copied().zip(&figures) {
        if figures.has_any() {
            meters.push(meter_summary(meter, figures, time.as_ref()));
        }
    }
    let elapsed = time.map(|time| time.elapsed / time.length);
    Ok(Summary { period: Period { start, end, elapsed }, meters })
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
        let moment = |text| date_time::parse(text).map(|milliseconds| milliseconds as f64);
        let start = moment(start?)?;
        let length = moment(end?)? - start;
        (length > 0.0).then(|| Self { start, length, elapsed: (at - start).max(0.0).min(length) })
    }
}

fn meter_summary(meter: Meter, figures: &Figures, time: Option<&Time>) -> MeterSummary {
    let Figures { used, projected, included, next_period } = *figures;
    // A quota far below 0, which no plan has, could make a difference that JavaScript does not hold.
    let over =
        |count: Option<i64>| Some((count? - included?).max(0)).filter(|over| over.unsigned_abs() <= MAX_SAFE_INTEGER);
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

/// Adds up the usage of each account group, of a usage or of the rows of `getTestUnits`.
pub(crate) fn by_account_group(json: &str) -> Result<Vec<AccountGroupUsage>, DecodeError> {
    let mut figures = UsageFigures::default();
    if json.starts_with('[') {
        figures::read_test_units(&mut figures, json)?;
    } else {
        figures = figures::read(json)?;
    }
    let rows = figures.rows;
    let mut by_aid = Order::default();
    for (index, row) in rows.iter().enumerate() {
        by_aid.push(None, row.aid, "", index);
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for index in by_aid.indices() {
        let Some(row) = rows.get(index) else { continue };
        if groups.last().is_none_or(|group| group.aid != row.aid) {
            let usage = AccountGroupUsage { aid: figures::unquoted(row.aid), ..AccountGroupUsage::default() };
            groups.push(Group { aid: row.aid, name: "", rank: None, usage });
        }
        if let Some(group) = groups.last_mut() {
            group.add(row)?;
        }
    }
    let mut by_rank = Order::default();
    for (index, group) in groups.iter().enumerate() {
        by_rank.push(group.rank, group.aid, "", index);
    }
    let mut sorted = Vec::new();
    for index in by_rank.indices() {
        if let Some(group) = groups.get_mut(index) {
            group.usage.account_group_name = figures::unquoted(group.name);
            sorted.push(std::mem::take(&mut group.usage));
        }
    }
    Ok(sorted)
}

/// The indices of the tests that use the most cloud units.
pub(crate) fn top_tests(json: &str, count: usize) -> Result<Vec<usize>, DecodeError> {
    let mut by_rank = Order::default();
    for row in figures::read(json)?.rows {
        if row.is_test() {
            by_rank.push(row.figures.rank(), row.test_id, "", row.index);
        }
    }
    let mut indices = by_rank.indices();
    indices.truncate(count);
    Ok(indices)
}

/// Sorts items by rank, the largest first, then by two IDs, then by index.
///
/// `sort_unstable` of a vector would add 1,061 bytes to what a page loads.
#[derive(Default)]
struct Order<'a>(BinaryHeap<(Reverse<Option<i64>>, &'a str, &'a str, usize)>);

impl<'a> Order<'a> {
    #[inline(never)]
    fn push(&mut self, rank: Option<i64>, id: &'a str, second_id: &'a str, index: usize) {
        self.0.push((Reverse(rank), id, second_id, index));
    }

    #[inline(never)]
    fn indices(self) -> Vec<usize> {
        self.0.into_sorted_vec().into_iter().map(|(.., index)| index).collect()
    }
}

/// The rows of one account group, added up.
struct Group<'a> {
    aid: &'a str,
    name: &'a str,
    /// The sum of its tests' ranks.
    rank: Option<i64>,
    usage: AccountGroupUsage,
}

impl<'a> Group<'a> {
    fn add(&mut self, row: &Row<'a>) -> Result<(), DecodeError> {
        let Figures { used, projected, .. } = row.figures;
        let usage = &mut self.usage;
        keep_name(&mut self.name, row.name);
        let (used_sum, projected_sum) = match row.meter {
            Meter::CloudUnits => (&mut usage.cloud_units_used, &mut usage.cloud_units_projected),
            Meter::EnterpriseUnits => (&mut usage.enterprise_units_used, &mut usage.enterprise_units_projected),
            Meter::EndpointAgents => (&mut usage.endpoint_agents_used, &mut None),
            Meter::EndpointAgentsEssentials => (&mut usage.endpoint_agents_essentials_used, &mut None),
            Meter::EndpointAgentsEmbedded => (&mut usage.endpoint_agents_embedded_used, &mut None),
            Meter::EnterpriseAgents => (&mut usage.enterprise_agents_used, &mut None),
            Meter::ConnectedDevicesUnits => return Ok(()),
        };
        add(used_sum, used)?;
        add(projected_sum, projected)?;
        add(&mut usage.enterprise_units_used, row.enterprise_units.used)?;
        add(&mut usage.enterprise_units_projected, row.enterprise_units.projected)?;
        if row.is_test() {
            add(&mut usage.tests, Some(1))?;
            add(&mut usage.tests_without_projection, Some(i64::from(projected.is_none())))?;
            add(&mut self.rank, row.figures.rank())?;
        }
        Ok(())
    }
}

/// Keeps the first of several names by order. An empty one does not count. Names have their quotes and escapes.
fn keep_name<'a>(kept: &mut &'a str, name: &'a str) {
    if name.len() > 2 && (kept.is_empty() || name < *kept) {
        *kept = name;
    }
}

/// Adds a number, if it is known. A sum is never rounded.
fn add(sum: &mut Option<i64>, number: Option<i64>) -> Result<(), DecodeError> {
    let Some(number) = number else { return Ok(()) };
    let total = sum.unwrap_or_default() + number;
    if total.unsigned_abs() > MAX_SAFE_INTEGER {
        return Err(DecodeError::mismatch("within ±(2^53 − 1)", "larger").in_field("a sum of its numbers"));
    }
    *sum = Some(total);
    Ok(())
}

#[cfg(test)]
mod tests;
