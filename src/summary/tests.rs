#![expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "the numbers are small")]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use super::*;
use crate::json::INTEGER;
use crate::model::{Field, Model, Object, UsageDetails, UsageQuota};

const START: &str = "2026-11-01T00:00:00Z";
const END: &str = "2026-12-01T00:00:00Z";
const START_MS: f64 = 1_793_491_200_000.0;

/// A summary as JSON, with its times in milliseconds and its whole numbers as integers.
fn as_json(summary: &impl Serialize) -> Json {
    fn plain(name: &str, value: Json) -> Json {
        match value {
            Json::Object(members) => {
                members.into_iter().map(|(name, value)| (name.clone(), plain(&name, value))).collect()
            }
            Json::Array(elements) => elements.into_iter().map(|element| plain("", element)).collect(),
            Json::String(text) if name == "exhaustsAt" => json!(date_time::parse(&text).unwrap()),
            Json::Number(number) => match number.as_f64().unwrap() {
                float if number.is_f64() && float.fract() == 0.0 => json!(float as i64),
                _ => Json::Number(number),
            },
            other => other,
        }
    }
    plain("", serde_json::to_value(summary).unwrap())
}

/// A usage of November 2026 with these fields, after so many of its days.
#[track_caller]
fn summary_after(days: f64, mut usage: Json, quota: Json) -> Json {
    usage["quota"] = quota;
    usage["quota"]["monthStart"] = json!(START);
    usage["quota"]["monthEnd"] = json!(END);
    as_json(&summarize(&json!({ "usage": usage }).to_string(), START_MS + days * DAY).unwrap())
}

/// The one meter of such a usage.
#[track_caller]
fn meter_after(days: f64, usage: Json, quota: Json) -> Json {
    let summary = summary_after(days, usage, quota);
    let [meter] = summary["meters"].as_array().unwrap().as_slice() else { panic!("{summary}") };
    meter.clone()
}

#[track_caller]
fn groups(usage: &Json) -> Json {
    as_json(&by_account_group(&json!({ "usage": usage }).to_string()).unwrap())
}

#[track_caller]
fn top(tests: &Json, count: usize) -> Vec<usize> {
    top_tests(&json!({ "usage": { "tests": tests } }).to_string(), count).unwrap()
}

#[test]
fn a_meter_has_its_shares_its_overage_its_run_rate_and_the_day_on_which_it_is_used_up() {
    let usage = json!({ "cloudUnitsUsed": 1_000, "cloudUnitsProjected": 3_000, "cloudUnitsNextBillingPeriod": 2_900 });
    assert_eq!(
        summary_after(10.0, usage, json!({ "cloudUnitsIncluded": 2_000 })),
        json!({
            "period": { "start": START, "end": END, "elapsed": 1.0 / 3.0 },
            "meters": [{
                "meter": "cloudUnits",
                "used": 1_000,
                "projected": 3_000,
                "included": 2_000,
                "nextPeriod": 2_900,
                "utilisation": 0.5,
                "projectedUtilisation": 1.5,
                "overage": 0,
                "projectedOverage": 1_000,
                "runRatePerDay": 100,
                "exhaustsAt": (START_MS + 20.0 * DAY) as i64,
            }],
        })
    );
}

#[test]
fn what_the_usage_lacks_is_absent() {
    assert_eq!(as_json(&summarize("{}", 0.0).unwrap()), json!({ "period": {}, "meters": [] }));
    for (usage, quota, meter) in [
        (json!({ "cloudUnitsProjected": 5 }), json!({}), json!({ "meter": "cloudUnits", "projected": 5 })),
        (json!({}), json!({ "cloudUnitsIncluded": 5 }), json!({ "meter": "cloudUnits", "included": 5 })),
        (
            json!({ "cloudUnitsUsed": null, "endpointAgentsUsed": 0 }),
            json!({}),
            json!({ "meter": "endpointAgents", "used": 0 }),
        ),
    ] {
        assert_eq!(meter_after(10.0, usage, quota), meter);
    }
}

#[test]
fn the_day_on_which_the_units_are_used_up_may_be_in_the_past_and_is_within_the_period() {
    for (used, included, days) in [
        (400, 100, Some(2.5)),
        (101, 300, Some(10.0 * 300.0 / 101.0)),
        (1, 300, None),
        (100, 300, None),
        (0, 0, None),
        (5, -5, None),
        (5, 0, Some(0.0)),
    ] {
        let meter = meter_after(10.0, json!({ "cloudUnitsUsed": used }), json!({ "cloudUnitsIncluded": included }));
        let exhausts_at = days.map(|days| (START_MS + days * DAY) as i64);
        assert_eq!(meter.get("exhaustsAt").and_then(Json::as_i64), exhausts_at, "{used} of {included}");
    }
}

#[test]
fn of_nothing_included_there_is_no_share() {
    for included in [0, -5] {
        let usage = json!({ "cloudUnitsUsed": 5, "cloudUnitsProjected": 9 });
        let meter = meter_after(10.0, usage, json!({ "cloudUnitsIncluded": included }));
        assert_eq!((meter.get("utilisation"), meter.get("projectedUtilisation")), (None, None));
        assert_eq!((&meter["overage"], &meter["projectedOverage"]), (&json!(5 - included), &json!(9 - included)));
    }
}

#[test]
fn an_overage_that_javascript_does_not_hold_is_absent() {
    let most = MAX_SAFE_INTEGER as i64;
    let meter = meter_after(10.0, json!({ "cloudUnitsUsed": most }), json!({ "cloudUnitsIncluded": -1 }));
    assert_eq!((&meter["used"], meter.get("overage")), (&json!(most), None));
}

#[test]
fn agents_do_not_add_up_to_a_rate() {
    let usage = json!({ "endpointAgentsUsed": 40, "enterpriseAgentsUsed": 7 });
    let quota = json!({ "endpointAgentsIncluded": 30, "enterpriseAgentsIncluded": 10 });
    assert_eq!(
        summary_after(10.0, usage, quota)["meters"],
        json!([
            { "meter": "endpointAgents", "used": 40, "included": 30, "utilisation": 4.0 / 3.0, "overage": 10 },
            { "meter": "enterpriseAgents", "used": 7, "included": 10, "utilisation": 0.7, "overage": 0 },
        ])
    );
}

#[test]
fn before_the_period_none_of_it_has_passed_and_after_it_all_of_it() {
    for (days, elapsed) in [(-1.0, 0), (0.0, 0), (30.0, 1), (45.0, 1)] {
        let summary = summary_after(days, json!({ "cloudUnitsUsed": 60 }), json!({}));
        assert_eq!(summary["period"]["elapsed"], json!(elapsed));
        let rate = summary["meters"][0].get("runRatePerDay").cloned();
        assert_eq!(rate, (elapsed == 1).then(|| json!(2)), "{days}");
    }
}

#[test]
fn dates_that_make_no_period_are_kept_and_have_no_rate() {
    for (start, end) in [(END, START), (START, START), ("today", END), (START, "")] {
        let quota = json!({ "monthStart": start, "monthEnd": end, "cloudUnitsIncluded": 1 });
        let usage = json!({ "usage": { "cloudUnitsUsed": 60, "quota": quota } });
        let summary = as_json(&summarize(&usage.to_string(), START_MS + DAY).unwrap());
        assert_eq!(summary["period"], json!({ "start": start, "end": end }));
        assert_eq!(summary["meters"][0].get("runRatePerDay"), None);
        assert_eq!(summary["meters"][0].get("exhaustsAt"), None);
    }
}

fn integers(model: &'static Model) -> impl Iterator<Item = &'static str> {
    model.fields.iter().filter(|field| matches!(field.value_type, Type::Integer)).map(Field::name)
}

#[test]
fn every_number_of_the_model_belongs_to_a_meter() {
    for name in integers(UsageDetails::MODEL) {
        let meter = meter_after(10.0, json!({ name: 7 }), json!({}));
        let prefix = meter["meter"].as_str().unwrap();
        let field = match name.strip_prefix(prefix) {
            Some("Used") => "used",
            Some("Projected") => "projected",
            Some("NextBillingPeriod") => "nextPeriod",
            _ => panic!("{name} is of the meter {prefix}"),
        };
        assert_eq!(meter[field], json!(7), "{name}");
    }
    for name in integers(UsageQuota::MODEL) {
        let summary = summary_after(10.0, json!({}), json!({ name: 7 }));
        // Nothing that is used is counted in device agents: Connected Devices are in units.
        let count = usize::from(name != "deviceAgentsIncluded");
        assert_eq!(summary["meters"].as_array().unwrap().len(), count, "{name}");
        assert!(count == 0 || summary["meters"][0]["included"] == json!(7), "{name}");
    }
}

#[test]
fn every_breakdown_of_the_model_goes_into_its_account_groups() {
    let numbers = [
        ("tests", &["cloudUnitsUsed", "cloudUnitsProjected"][..]),
        ("enterpriseAgentUnits", &["enterpriseUnitsUsed", "enterpriseUnitsProjected"]),
        ("endpointAgents", &["endpointAgentsUsed"]),
        ("endpointAgentsEssentials", &["endpointAgentsEssentialsUsed"]),
        ("endpointAgentsEmbedded", &["endpointAgentsEmbeddedUsed"]),
        ("enterpriseAgents", &["enterpriseAgentsUsed"]),
    ];
    let fields = UsageDetails::MODEL.fields.iter();
    let arrays = fields.filter(|field| matches!(field.value_type, Type::Array(_))).map(Field::name);
    assert!(arrays.eq(numbers.map(|(name, _)| name)));
    for (array, fields) in numbers {
        let mut row = json!({ "aid": "7", "accountGroupName": "Seven" });
        let mut group = row.clone();
        for field in fields {
            row[field] = json!(3);
            group[field] = json!(6);
        }
        if array == "tests" {
            group["tests"] = json!(2);
            group["testsWithoutProjection"] = json!(0);
        }
        assert_eq!(groups(&json!({ array: [row, row] })), json!([group]), "{array}");
    }
}

#[test]
fn rows_without_an_account_group_are_a_group_and_tests_without_a_projection_are_counted() {
    let usage = json!({ "tests": [
        { "cloudUnitsUsed": 1, "cloudUnitsProjected": 10 },
        { "aid": null, "cloudUnitsUsed": 2 },
        { "aid": "", "cloudUnitsUsed": 400 },
    ] });
    assert_eq!(
        groups(&usage),
        json!([
            { "aid": "", "tests": 1, "testsWithoutProjection": 1, "cloudUnitsUsed": 400 },
            { "tests": 2, "testsWithoutProjection": 1, "cloudUnitsUsed": 3, "cloudUnitsProjected": 10 },
        ])
    );
}

#[test]
fn of_several_names_of_a_group_the_first_by_order_counts_and_an_empty_one_does_not() {
    let named = |name: &str| json!({ "aid": "1", "accountGroupName": name });
    for names in [["B", "A"], ["A", "B"], ["", "A"], ["A", ""]] {
        let usage = json!({ "endpointAgents": names.map(named), "enterpriseAgents": [{ "aid": "1" }] });
        assert_eq!(groups(&usage), json!([{ "aid": "1", "accountGroupName": "A" }]));
    }
    let usage = json!({ "endpointAgents": [{ "aid": "a\"\\\n\u{1}ü", "accountGroupName": "\u{1F600}\t" }] });
    assert_eq!(groups(&usage), json!([{ "aid": "a\"\\\n\u{1}ü", "accountGroupName": "\u{1F600}\t" }]));
}

#[test]
fn account_groups_are_ranked_as_their_tests_are() {
    let test = |aid: &str, used: i64, projected: Option<i64>| json!({ "aid": aid, "cloudUnitsUsed": used, "cloudUnitsProjected": projected });
    let usage = json!({
        "endpointAgents": [{ "aid": "none", "endpointAgentsUsed": 1_000 }],
        "tests": [
            test("projected less", 500, Some(20)),
            test("new", 5, Some(5)),
            test("new", 100, None),
            test("b", 0, Some(30)),
            test("a", 0, Some(30)),
        ],
    });
    let groups = groups(&usage);
    let aids: Vec<_> = groups.as_array().unwrap().iter().map(|group| group["aid"].as_str().unwrap()).collect();
    assert_eq!(aids, ["new", "a", "b", "projected less", "none"]);
}

#[test]
fn a_sum_that_a_javascript_number_would_round_is_an_error() {
    let tests = |units: [i64; 2]| {
        let rows = units.map(|units| json!({ "aid": "1", "cloudUnitsUsed": units }));
        by_account_group(&json!({ "usage": { "tests": rows } }).to_string())
    };
    let most = 9_007_199_254_740_991;
    assert_eq!(tests([most - 1, 1]).unwrap()[0].cloud_units_used, Some(most));
    for units in [[most, 1], [-most, -1]] {
        let error = tests(units).unwrap_err();
        assert_eq!((error.path(), error.found()), ("a sum of its numbers", "larger"));
    }
}

#[test]
fn the_tests_that_use_the_most_come_first() {
    let tests = json!([
        { "testId": "used alone", "cloudUnitsUsed": 20 },
        { "testId": "neither" },
        { "testId": "projected", "cloudUnitsUsed": 1, "cloudUnitsProjected": 30 },
        { "testId": "b", "cloudUnitsProjected": 10 },
        { "testId": "a", "cloudUnitsProjected": 10 },
        { "testId": "nothing", "cloudUnitsUsed": 0 },
    ]);
    assert_eq!(top(&tests, 10), [2, 0, 4, 3, 5, 1]);
    assert_eq!(top(&tests, 2), [2, 0]);
    assert_eq!(top(&tests, 0), [] as [usize; 0]);
    assert_eq!(top(&Json::Null, 1), [] as [usize; 0]);
    let usage = json!({ "usage": { "enterpriseAgentUnits": [{ "enterpriseUnitsUsed": 1 }] } });
    assert_eq!(top_tests(&usage.to_string(), 1), Ok(vec![]));
}

#[test]
fn json_that_is_not_a_usage_is_an_error_with_its_path() {
    for (usage, path, expected, found) in [
        (json!(null), "", "an object", "null"),
        (json!({ "usage": 1 }), "usage", "an object", "a number"),
        (json!({ "usage": { "quota": "" } }), "usage.quota", "an object", "a string"),
        (json!({ "usage": { "quota": { "monthStart": 1 } } }), "usage.quota.monthStart", "a string", "a number"),
        (json!({ "usage": { "cloudUnitsUsed": 1.5 } }), "usage.cloudUnitsUsed", INTEGER, "a fraction"),
        (json!({ "usage": { "tests": {} } }), "usage.tests", "an array", "an object"),
        (json!({ "usage": { "tests": [{}, null] } }), "usage.tests[1]", "an object", "null"),
        (json!({ "usage": { "tests": [{ "aid": 1 }] } }), "usage.tests[0].aid", "a string", "a number"),
        (json!({ "cloudUnitsUsed": 1 }), "", "an object with `usage`", "one without"),
        (json!({ "data": { "usage": {} }, "status": 200 }), "", "an object with `usage`", "one without"),
        (json!({ "quotas": [], "_links": {} }), "", "an object with `usage`", "one without"),
    ] {
        let json = usage.to_string();
        let error = summarize(&json, 0.0).unwrap_err();
        assert_eq!((error.path(), error.expected(), error.found()), (path, expected, found), "{json}");
        assert_eq!(by_account_group(&json).unwrap_err(), error);
        assert_eq!(top_tests(&json, 1).unwrap_err(), error);
    }
}

#[test]
fn a_field_that_no_formula_uses_may_have_any_type() {
    let usage = json!({
        "usage": {
            "quota": { "deviceAgentsIncluded": "x", "cloudUnitsUsed": "x", "enterpriseUnitsIncluded": "x" },
            "cloudUnitsIncluded": "x",
            "endpointAgentsProjected": "x",
            "endpointAgentsNextBillingPeriod": "x",
            "allocations": 1,
            "tests": [{ "testName": [1], "cloudUnitsIncluded": "x", "cloudUnitsNextBillingPeriod": "x", "enterpriseUnitsUsed": "x" }],
            "enterpriseAgents": [{ "enterpriseAgentsProjected": "x" }],
            "new": { "a": [] },
        },
        "_links": 7,
    });
    assert!(summarize(&usage.to_string(), 0.0).is_ok());
}

#[test]
fn a_usage_has_the_same_functions_in_rust() {
    let body = json!({ "usage": { "cloudUnitsUsed": 5, "tests": [
        { "aid": "1", "testId": "a", "cloudUnitsUsed": 2 },
        { "aid": "1", "testId": "b", "cloudUnitsUsed": 3 },
    ] } });
    let usage = Usage::from_json(body.to_string().as_bytes()).unwrap();
    assert_eq!(usage.summarize(Timestamp(0.0)).unwrap().meters[0].used, Some(5));
    assert_eq!(usage.by_account_group().unwrap()[0].cloud_units_used, Some(5));
    let top = usage.top_tests(1).unwrap();
    assert_eq!(top.iter().map(|test| test.test_id.as_deref()).collect::<Vec<_>>(), [Some("b")]);
}

fn count() -> impl Strategy<Value = Option<i64>> {
    option::weighted(0.8, prop_oneof![0..100_i64, -5..5_i64, Just(4_320_000_000), 0..1_i64 << 40])
}

/// A row of any breakdown, of which fields may be absent.
fn row() -> impl Strategy<Value = Json> {
    let aid = option::weighted(0.9, 0..6_u8);
    (aid, option::of(select(vec!["a", "b", "c"])), 0..1_000_u16, count(), count()).prop_map(
        |(aid, name, id, used, projected)| {
            let mut row = json!({ "testId": id.to_string() });
            for meter in ["cloudUnits", "enterpriseUnits", "endpointAgents", "enterpriseAgents"] {
                row[[meter, "Used"].concat()] = json!(used);
                row[[meter, "Projected"].concat()] = json!(projected);
            }
            row["aid"] = json!(aid.map(|aid| aid.to_string()));
            row["accountGroupName"] = json!(name);
            row
        },
    )
}

fn rows() -> impl Strategy<Value = Vec<Json>> {
    vec(row(), 0..40)
}

fn total<'a>(rows: impl IntoIterator<Item = &'a Json>, field: &str) -> Option<i64> {
    rows.into_iter().filter_map(|row| row[field].as_i64()).fold(None, |sum, number| Some(sum.unwrap_or(0) + number))
}

#[test]
fn no_number_is_nan_or_infinite() {
    for days in [-50.0, 0.0, 1e-9, 30.0, f64::MAX, f64::MIN] {
        for (used, included) in [(0_i64, 0_i64), (7, 0), (0, 7), (-7, 7), (7, -7), (1 << 40, 1), (1, 1 << 40)] {
            let quota = json!({ "cloudUnitsIncluded": included });
            let meter = meter_after(days, json!({ "cloudUnitsUsed": used, "cloudUnitsProjected": used }), quota);
            // JSON has null for them.
            assert!(meter.as_object().unwrap().values().all(|value| !value.is_null()), "{meter}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_groups_add_up_to_the_rows(tests in rows(), agents in rows(), endpoints in rows()) {
        let usage = json!({ "tests": tests, "enterpriseAgentUnits": agents, "endpointAgents": endpoints });
        let groups = groups(&usage);
        let groups = groups.as_array().unwrap();
        for (rows, fields) in [
            (&tests, &["cloudUnitsUsed", "cloudUnitsProjected"][..]),
            (&agents, &["enterpriseUnitsUsed", "enterpriseUnitsProjected"]),
            (&endpoints, &["endpointAgentsUsed"]),
        ] {
            for field in fields {
                prop_assert_eq!(total(groups, field), total(rows, field), "{}", field);
                for group in groups {
                    let own = rows.iter().filter(|row| row["aid"] == group["aid"]);
                    prop_assert_eq!(total([group], field), total(own, field), "{}", field);
                }
            }
        }
        prop_assert_eq!(total(groups, "tests").unwrap_or(0), tests.len() as i64);
        let new = tests.iter().filter(|test| test["cloudUnitsProjected"].is_null()).count();
        prop_assert_eq!(total(groups, "testsWithoutProjection").unwrap_or(0), new as i64);
        let mut aids: Vec<_> = groups.iter().map(|group| group["aid"].as_str()).collect();
        aids.sort_unstable();
        aids.dedup();
        prop_assert_eq!(aids.len(), groups.len());
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(
        (tests, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        count in 0..50_usize,
    ) {
        prop_assert_eq!(groups(&json!({ "tests": tests })), groups(&json!({ "tests": shuffled })));
        let of = |tests: &Vec<Json>| {
            let rank = |test: &Json| (test["cloudUnitsProjected"].as_i64().or(test["cloudUnitsUsed"].as_i64()), test["testId"].clone());
            top(&json!(tests), count).into_iter().map(|index| rank(&tests[index])).collect::<Vec<_>>()
        };
        let ranks = of(&tests);
        prop_assert_eq!(&ranks, &of(&shuffled));
        prop_assert_eq!(ranks.len(), count.min(tests.len()));
        prop_assert!(ranks.is_sorted_by(|(one, _), (other, _)| one >= other));
    }
}

/// The rows of `getTestUnits`: a test is in one account group, and may lack any other field.
fn test_units() -> impl Strategy<Value = Vec<Json>> {
    let texts = option::of(select(vec!["a", "b", "c"]));
    let row = (option::weighted(0.9, 0..5_u8), option::weighted(0.9, 0..9_u8), texts, count(), count());
    vec(
        row.prop_map(|(aid, id, text, cloud_units, enterprise_units)| {
            json!({
                "aid": aid.map(|aid| aid.to_string()),
                "accountGroupName": text,
                "testId": id.map(|id| id.to_string()),
                "testName": text,
                "testType": text,
                "cloudUnitsUsed": cloud_units,
                "enterpriseUnitsUsed": enterprise_units,
            })
        }),
        0..40,
    )
}

#[track_caller]
fn compared(before: &Json, after: &Json, count: usize) -> Json {
    as_json(&compare_units(&before.to_string(), &after.to_string(), count).unwrap())
}

#[test]
fn the_rows_of_a_period_add_up_by_account_group() {
    let rows = json!([
        { "aid": "1", "accountGroupName": "One", "testId": "a", "cloudUnitsUsed": 3, "enterpriseUnitsUsed": 4 },
        { "aid": "2", "testId": "b", "cloudUnitsUsed": 9, "cloudUnitsProjected": 20, "enterpriseUnitsProjected": 1 },
        { "aid": "1", "testId": "c", "enterpriseUnitsUsed": 5 },
    ]);
    let groups = json!([
        {
            "aid": "2",
            "tests": 1,
            "testsWithoutProjection": 0,
            "cloudUnitsUsed": 9,
            "cloudUnitsProjected": 20,
            "enterpriseUnitsProjected": 1,
        },
        {
            "aid": "1",
            "accountGroupName": "One",
            "tests": 2,
            "testsWithoutProjection": 2,
            "cloudUnitsUsed": 3,
            "enterpriseUnitsUsed": 9,
        },
    ]);
    assert_eq!(as_json(&by_account_group(&rows.to_string()).unwrap()), groups);
    assert_eq!(by_account_group("[]"), Ok(vec![]));
}

#[test]
fn two_periods_are_compared_in_all_by_account_group_and_by_test() {
    let before = json!([
        { "aid": "1", "accountGroupName": "Old", "testId": "a", "testName": "Old a", "testType": "dns", "cloudUnitsUsed": 10 },
        { "aid": "2", "testId": "b", "cloudUnitsUsed": 7, "enterpriseUnitsUsed": 4 },
    ]);
    let after = json!([
        { "aid": "1", "accountGroupName": "One", "testId": "a", "testName": "A", "testType": "dns", "cloudUnitsUsed": 15 },
        { "aid": "1", "accountGroupName": "One", "testId": "c", "cloudUnitsUsed": 2 },
    ]);
    assert_eq!(
        compared(&before, &after, 1),
        json!({
            "total": {
                "before": { "tests": 2, "cloudUnitsUsed": 17, "enterpriseUnitsUsed": 4 },
                "after": { "tests": 2, "cloudUnitsUsed": 17 },
                "growth": { "cloudUnits": 0, "cloudUnitsRatio": 0, "enterpriseUnits": -4, "enterpriseUnitsRatio": -1 },
            },
            "accountGroups": [
                {
                    "aid": "1",
                    "accountGroupName": "One",
                    "before": { "tests": 1, "cloudUnitsUsed": 10 },
                    "after": { "tests": 2, "cloudUnitsUsed": 17 },
                    "growth": { "cloudUnits": 7, "cloudUnitsRatio": 0.7 },
                },
                {
                    "aid": "2",
                    "before": { "tests": 1, "cloudUnitsUsed": 7, "enterpriseUnitsUsed": 4 },
                    "growth": { "cloudUnits": -7, "cloudUnitsRatio": -1, "enterpriseUnits": -4, "enterpriseUnitsRatio": -1 },
                },
            ],
            "tests": [{
                "aid": "1",
                "accountGroupName": "One",
                "testId": "a",
                "testName": "A",
                "testType": "dns",
                "before": { "tests": 1, "cloudUnitsUsed": 10 },
                "after": { "tests": 1, "cloudUnitsUsed": 15 },
                "growth": { "cloudUnits": 5, "cloudUnitsRatio": 0.5 },
            }],
        })
    );
}

#[test]
fn a_new_test_grows_from_nothing_and_a_test_that_did_not_grow_is_left_out() {
    let before = json!([{ "testId": "same", "cloudUnitsUsed": 5 }, { "testId": "gone", "cloudUnitsUsed": 5 }, { "testId": "x" }]);
    let after = json!([
        { "testId": "same", "cloudUnitsUsed": 5 },
        { "testId": "new", "cloudUnitsUsed": 5 },
        { "testId": "x", "enterpriseUnitsUsed": 5 },
    ]);
    let comparison = compared(&before, &after, 10);
    assert_eq!(
        comparison["tests"],
        json!([{ "testId": "new", "after": { "tests": 1, "cloudUnitsUsed": 5 }, "growth": { "cloudUnits": 5 } }])
    );
    assert_eq!(compared(&after, &before, 10)["tests"][0]["testId"], json!("gone"));
    assert_eq!(compared(&before, &after, 0)["tests"], json!([]));
}

#[test]
fn rows_without_a_test_id_count_in_the_sums_and_not_as_tests() {
    let comparison =
        compared(&json!([]), &json!([{ "aid": "1", "cloudUnitsUsed": 5 }, { "aid": "1", "cloudUnitsUsed": 6 }]), 10);
    assert_eq!(comparison["total"]["after"], json!({ "tests": 0, "cloudUnitsUsed": 11 }));
    assert_eq!(comparison["accountGroups"][0]["after"], comparison["total"]["after"]);
    assert_eq!(comparison["tests"], json!([]));
}

#[test]
fn two_periods_without_rows_have_no_growth() {
    let nothing = json!({ "total": { "growth": {} }, "accountGroups": [], "tests": [] });
    assert_eq!(compared(&json!([]), &json!([]), 10), nothing);
}

#[test]
fn rows_that_are_none_and_a_growth_that_a_number_would_round_are_errors() {
    let most = 9_007_199_254_740_991_i64;
    let units = |units: i64| json!([{ "testId": "a", "cloudUnitsUsed": units }]);
    for (before, after, path) in [
        (json!({}), json!([]), "before"),
        (json!([]), json!([{}, 1]), "after[1]"),
        (json!([]), json!([{ "cloudUnitsUsed": "1" }]), "after[0].cloudUnitsUsed"),
        (json!([{ "testId": 1 }]), json!([]), "before[0].testId"),
        (units(-1), units(most), "a sum of its numbers"),
    ] {
        assert_eq!(compare_units(&before.to_string(), &after.to_string(), 10).unwrap_err().path(), path);
    }
}

#[test]
fn rows_have_the_same_functions_in_rust() {
    let row = |id: &str, units: i64| UnitsByTests {
        test_id: Some(id.to_owned()),
        cloud_units_used: Some(units),
        ..UnitsByTests::default()
    };
    let (before, after) = ([row("a", 1)], [row("a", 4), row("b", 1)]);
    assert_eq!(AccountGroupUsage::of_test_units(&after).unwrap()[0].cloud_units_used, Some(5));
    let comparison = UnitsComparison::new(&before, &after, 1).unwrap();
    assert_eq!(comparison.total.growth.cloud_units, Some(4));
    assert_eq!(comparison.tests[0].test_id.as_deref(), Some("a"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_account_groups_of_a_period_add_up_to_its_rows(rows in test_units()) {
        let groups = as_json(&by_account_group(&json!(rows).to_string()).unwrap());
        for field in ["cloudUnitsUsed", "enterpriseUnitsUsed"] {
            prop_assert_eq!(total(groups.as_array().unwrap(), field), total(&rows, field));
        }
    }

    #[test]
    fn the_account_groups_of_two_periods_and_their_growth_add_up(before in test_units(), after in test_units()) {
        let comparison = compared(&json!(before), &json!(after), 100);
        let groups = comparison["accountGroups"].as_array().unwrap();
        for (period, rows) in [("before", &before), ("after", &after)] {
            for field in ["cloudUnitsUsed", "enterpriseUnitsUsed"] {
                prop_assert_eq!(comparison["total"][period][field].as_i64(), total(rows, field));
                prop_assert_eq!(total(groups.iter().map(|group| &group[period]), field), total(rows, field));
            }
            let tests = comparison["total"][period]["tests"].as_i64();
            prop_assert_eq!(total(groups.iter().map(|group| &group[period]), "tests"), tests);
            let mut ids: Vec<_> = rows.iter().map(|row| (row["aid"].as_str(), row["testId"].as_str())).collect();
            ids.retain(|(_, id)| id.is_some());
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(tests.unwrap_or(0), ids.len() as i64);
        }
        for field in ["cloudUnits", "enterpriseUnits"] {
            let grown = total(groups.iter().map(|group| &group["growth"]), field);
            prop_assert_eq!(grown, comparison["total"]["growth"][field].as_i64());
            let used = [field, "Used"].concat();
            let by_hand = total(&after, &used).unwrap_or(0) - total(&before, &used).unwrap_or(0);
            prop_assert_eq!(grown.unwrap_or(0), by_hand);
        }
    }

    #[test]
    fn the_periods_swapped_negate_each_growth(before in test_units(), after in test_units()) {
        let growth = |comparison: &Json| {
            let groups = comparison["accountGroups"].as_array().unwrap().iter().chain([&comparison["total"]]);
            let growth = |group: &Json, field| group["growth"][field].as_i64();
            let mut growths: Vec<_> = groups
                .map(|group| (group["aid"].clone(), growth(group, "cloudUnits"), growth(group, "enterpriseUnits")))
                .collect();
            growths.sort_by_key(|(aid, ..)| aid.to_string());
            growths
        };
        let mut swapped = growth(&compared(&json!(after), &json!(before), 10));
        for (_, cloud_units, enterprise_units) in &mut swapped {
            *cloud_units = cloud_units.map(|units| -units);
            *enterprise_units = enterprise_units.map(|units| -units);
        }
        let mut straight = growth(&compared(&json!(before), &json!(after), 10));
        let key = |(aid, cloud_units, enterprise_units): &(Json, Option<i64>, Option<i64>)| {
            (aid.to_string(), *cloud_units, *enterprise_units)
        };
        straight.sort_by_key(key);
        swapped.sort_by_key(key);
        prop_assert_eq!(straight, swapped);
    }

    #[test]
    fn the_order_of_the_rows_changes_no_comparison(
        (before, shuffled) in test_units().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        after in test_units(),
    ) {
        prop_assert_eq!(compared(&json!(before), &json!(after), 10), compared(&json!(shuffled), &json!(after), 10));
        prop_assert_eq!(compared(&json!(after), &json!(before), 10), compared(&json!(after), &json!(shuffled), 10));
    }

    #[test]
    fn the_tests_that_grew_most_come_first(before in test_units(), after in test_units(), count in 0..20_usize) {
        let all = compared(&json!(before), &json!(after), usize::MAX)["tests"].as_array().unwrap().clone();
        let growth = |test: &Json| test["growth"]["cloudUnits"].as_i64().unwrap();
        prop_assert!(all.iter().all(|test| growth(test) > 0));
        prop_assert!(all.is_sorted_by(|one, other| growth(one) >= growth(other)));
        let first = &all[..count.min(all.len())];
        prop_assert_eq!(&compared(&json!(before), &json!(after), count)["tests"], &json!(first));
    }
}
