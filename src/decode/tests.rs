use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::*;
use crate::model::{TestUsage, UnitsByTests};

const FIELDS: &[Field] = TestUsage::MODEL.fields;

/// How many fields of a row are strings.
const STRINGS: usize = 5;

/// A row with all fields of the model.
const ROW: &str = r#"{"aid":"2067","accountGroupName":"Site 7","testId":"281474976710706","testName":"home",
    "testType":"http-server","cloudUnitsUsed":5,"cloudUnitsProjected":10}"#;

/// Parses JSON, which may be nested deeper than `serde_json` allows.
fn parse(json: &str) -> Value {
    let json = replace_lone_surrogates(json);
    let mut deserializer = serde_json::Deserializer::from_str(&json);
    deserializer.disable_recursion_limit();
    Value::deserialize(&mut deserializer).unwrap()
}

/// The integer that a cell of the columns holds as a double.
fn integer(cell: f64) -> i64 {
    cell.to_string().parse().unwrap()
}

/// The object that rows.js makes of the parts. Half a surrogate pair becomes U+FFFD here.
fn object(parts: &Parts) -> Value {
    let Rows { short_strings, long_strings, lengths, cells, row_type } = &parts.rows;
    let long_strings = if long_strings.is_empty() { Value::Array(vec![]) } else { parse(long_strings) };
    let (mut long, mut short) = (long_strings.as_array().unwrap().iter(), short_strings.as_str());
    let string = |length: &u8| {
        let (string, rest) = short.split_at(usize::from(*length));
        short = rest;
        if *length > 0 { Value::from(string) } else { long.next().unwrap().clone() }
    };
    let strings: Vec<Value> = lengths.iter().map(string).collect();
    let mut cells = cells.iter();
    let mut object = parse(&parts.json);
    let list = if *row_type == RowType::TestUsage { "/usage/tests" } else { "/breakdowns" };
    let rows = object.pointer_mut(list).and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten().filter(|row| row.is_number()) {
        let mut fields = Map::new();
        for (field, cell) in row_type.model().fields.iter().zip(cells.by_ref()) {
            if cell.is_nan() {
                assert_eq!(*row, 1, "a full row lacks {}", field.name());
                continue;
            }
            let number = integer(*cell);
            let value = match field.value_type {
                Type::String => strings[usize::try_from(number).unwrap()].clone(),
                Type::Boolean => (number == 1).into(),
                _ => number.into(),
            };
            fields.insert(field.name().to_owned(), value);
        }
        *row = fields.into();
    }
    object
}

/// What a Rust app gets by serde: the oracle of the parts.
fn derived(body: &[u8]) -> Result<Value, DecodeError> {
    Usage::from_json(body).map(|usage| serde_json::to_value(usage).unwrap())
}

/// Asserts that the parts of a body are the usage that serde derives from it, and returns them.
#[track_caller]
fn assert_decoded(body: &str) -> Parts {
    let parts = Parts::of_usage(body.as_bytes()).unwrap();
    assert_eq!(derived(body.as_bytes()), Ok(object(&parts)), "{body}");
    parts
}

/// Asserts the JSON that a body becomes.
#[track_caller]
fn assert_json(body: &str, json: &str) {
    assert_eq!(assert_decoded(body).json, json, "{body}");
}

/// Asserts what replaces each of these rows in the JSON, and returns the columns.
#[track_caller]
fn assert_rows(rows: &[&str], replaced: &[&str]) -> Rows {
    let parts = assert_decoded(&format!(r#"{{"usage":{{"tests":[{}]}}}}"#, rows.join(",")));
    assert_eq!(parts.json, format!(r#"{{"usage":{{"tests":[{}]}}}}"#, replaced.join(",")));
    parts.rows
}

#[track_caller]
fn assert_rejected(body: impl AsRef<[u8]>, path: &str, expected: &str, found: &str) {
    let error = Parts::of_usage(body.as_ref()).unwrap_err();
    assert_eq!([error.path(), error.expected(), error.found()], [path, expected, found]);
    assert_eq!(Usage::from_json(body.as_ref()).unwrap_err(), error);
}

#[track_caller]
fn assert_not_json(body: impl AsRef<[u8]>, found: &str) {
    assert_rejected(body, "", "JSON", found);
}

#[test]
fn the_fixture_has_each_field_of_the_model() {
    fn assert_fields(model: &Model, object: &Value) {
        for field in model.fields {
            let value = &object[field.name()];
            match field.value_type {
                Type::Object(model) => assert_fields(model, value),
                Type::Array(model) => assert_fields(model, &value[0]),
                _ => assert!(!value.is_null(), "{}", field.name()),
            }
        }
    }
    assert_fields(Usage::MODEL, &parse(include_str!("../../tests/fixtures/usage.json")));
    assert_fields(TestsUsage::MODEL, &parse(include_str!("../../tests/fixtures/test-units.json")));
    assert_fields(
        EnterpriseAgentsUsage::MODEL,
        &parse(include_str!("../../tests/fixtures/enterprise-agent-units.json")),
    );
    assert_fields(Quotas::MODEL, &parse(include_str!("../../tests/fixtures/quotas.json")));
}

/// Asserts that the parts of a body are the object that serde derives from it, and returns its JSON and rows.
#[track_caller]
fn assert_same<T: Object + DeserializeOwned + serde::Serialize>(
    body: &str,
    decode: fn(&[u8]) -> Result<Parts, DecodeError>,
) -> Parts {
    let parts = decode(body.as_bytes()).unwrap();
    let derived = from_json::<T>(body.as_bytes()).map(|object| serde_json::to_value(object).unwrap());
    assert_eq!(derived, Ok(object(&parts)), "{body}");
    parts
}

#[test]
fn the_rows_of_a_page_are_read_into_columns() {
    let row = r#"{"testId":"5","isInstantTest":true,"enterpriseUnitsUsed":4320000000}"#;
    let off = r#"{"isInstantTest":false,"enterpriseUnitsProjected":7}"#;
    let new = r#"{"isInstantTest":true,"new":[1]}"#;
    let next = r#""_links":{"next":{"href":"?cursor=a"}}"#;
    let body = format!(r#"{{"breakdowns":[{row},{off},{new},{{"isInstantTest":null}}],{next}}}"#);
    let parts = assert_same::<TestsUsage>(&body, Parts::of_test_units);
    assert_eq!(parts.json, format!(r#"{{"breakdowns":[1,1,{new},1],{next}}}"#));
    assert_eq!(parts.rows.cells.len(), 3 * UnitsByTests::MODEL.fields.len());

    let fixture = include_str!("../../tests/fixtures/test-units.json");
    assert!(assert_same::<TestsUsage>(fixture, Parts::of_test_units).json.contains(r#""breakdowns":[0,0,1]"#));
    let fixture = include_str!("../../tests/fixtures/enterprise-agent-units.json");
    let parts = assert_same::<EnterpriseAgentsUsage>(fixture, Parts::of_enterprise_agent_units);
    assert!(parts.json.contains(r#""breakdowns":[0,1]"#), "{}", parts.json);
    let parts = assert_same::<Quotas>(include_str!("../../tests/fixtures/quotas.json"), Parts::of_quotas);
    assert!(parts.rows.cells.is_empty());
}

#[test]
fn a_mismatch_in_a_page_or_in_quotas_has_its_path() {
    for (decode, body, path, expected, found) in [
        (
            Parts::of_test_units as fn(&[u8]) -> _,
            r#"{"breakdowns":[{},{"isInstantTest":1}]}"#,
            "breakdowns[1].isInstantTest",
            BOOLEAN,
            "a number",
        ),
        (Parts::of_test_units, r#"{"breakdowns":{}}"#, "breakdowns", ARRAY, OBJECT),
        (
            Parts::of_enterprise_agent_units,
            r#"{"breakdowns":[{"agentId":7}]}"#,
            "breakdowns[0].agentId",
            STRING,
            "a number",
        ),
        (
            Parts::of_quotas,
            r#"{"quotas":[{"organizationQuota":{}}]}"#,
            "quotas[0].organizationQuota.value",
            INTEGER,
            "absent",
        ),
    ] {
        let error = decode(body.as_bytes()).unwrap_err();
        assert_eq!([error.path(), error.expected(), error.found()], [path, expected, found]);
    }
}

#[test]
fn a_full_row_becomes_0_and_a_partial_one_1() {
    let (without_projection, other_order) =
        (ROW.replace("10", "null"), r#"{"cloudUnitsUsed":4,"testId":"5","aid":"6"}"#);
    let rows = assert_rows(&[ROW, "{}", &without_projection, other_order, ROW], &["0", "1", "1", "1", "0"]);
    assert_eq!(rows.cells.len(), 5 * FIELDS.len());
    assert_eq!(rows.cells[..7], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0]);
}

#[test]
fn a_row_with_an_unknown_field_stays_json() {
    let unusual = r#"{"testId":"8","new":{"aid":1},"aid":null,"cloudUnitsUsed":1.0}"#;
    let json = r#"{"testId":"8","new":{"aid":1},"cloudUnitsUsed":1}"#;
    let rows = assert_rows(&[ROW, unusual, ROW, unusual, "{}"], &["0", json, "0", json, "1"]);
    assert_eq!(rows.cells.len(), 3 * FIELDS.len());
}

#[test]
fn a_row_in_unusual_notation_is_the_same_row() {
    for row in [
        r#"{ "aid" : "1" }"#,
        r#"{"\u0061id":"1"}"#,
        r#"{"aid":"1","aid":"2"}"#,
        r#"{"cloudUnitsUsed":10e-1}"#,
        r#"{"cloudUnitsUsed":-0}"#,
        r#"{"__proto__":1}"#,
        r#"{"aid":null,"aid":"2"}"#,
        r#"{"aid":"2","aid":null}"#,
        "\t{\n}\r",
    ] {
        assert_decoded(&format!(r#"{{"usage":{{"tests":[{ROW},{row},{ROW}]}}}}"#));
    }
}

#[test]
fn a_string_of_1_to_12_plain_ascii_characters_is_short() {
    for short in ["a", "0123456789ab", "\u{7f}", "/"] {
        let rows = assert_rows(&[&format!(r#"{{"testName":"{short}"}}"#)], &["1"]);
        assert_eq!((rows.short_strings, rows.lengths), (short.to_owned(), vec![u8::try_from(short.len()).unwrap()]));
    }
    for long in ["", "é", "0123456789abc", r"\n", r"\u0061", r"caf\ud83d", &"a".repeat(261)] {
        let rows = assert_rows(&[&format!(r#"{{"testName":"{long}"}}"#)], &["1"]);
        assert_eq!((rows.long_strings, rows.lengths), (format!(r#"["{long}"]"#), vec![0]));
    }
}

#[test]
fn a_string_that_repeats_in_its_column_is_stored_once() {
    let row =
        |number: u32| format!(r#"{{"accountGroupName":"an account group","testId":"{number}","testType":"dns"}}"#);
    let all: Vec<String> = (0..300).map(row).collect();
    let rows = assert_rows(&all.iter().map(String::as_str).collect::<Vec<_>>(), &["1"; 300]);
    assert_eq!(rows.long_strings, r#"["an account group"]"#);
    assert_eq!(rows.short_strings.matches("dns").count(), 1);
    assert_eq!(rows.lengths.len(), 1 + 1 + 300);
}

#[test]
fn strings_that_differ_only_at_their_start_are_stored_apart() {
    // They have the same hash, so each replaces the one before.
    let names = ["1-a test of a host", "2-a test of a host"].map(|name| format!(r#"{{"testName":"{name}"}}"#));
    let rows = assert_rows(&[&names[0], &names[1], &names[0], &names[1]], &["1"; 4]);
    assert_eq!(rows.lengths.len(), 4);
}

#[test]
fn white_space_and_nulls_of_known_fields_are_dropped() {
    let body = r#" { "usage" : { "quota" : null , "tests" : [ ] , "new" :[ null, 1.50 ] ,
        "cloudUnitsUsed" : 1e3 } , "_links" : { } } "#;
    assert_json(body, r#"{"usage":{"tests":[],"new":[ null, 1.50 ],"cloudUnitsUsed":1000},"_links":{}}"#);
    assert_json(r#"{"new":"\uDE00"}"#, r#"{"new":"\uDE00"}"#);
}

#[test]
fn of_a_name_that_occurs_twice_the_last_value_counts() {
    for (body, json) in [
        (r#"{"usage":7,"usage":{"cloudUnitsUsed":2}}"#, r#"{"usage":{"cloudUnitsUsed":2}}"#),
        (r#"{"usage":{"cloudUnitsUsed":"1","cloudUnitsUsed":2}}"#, r#"{"usage":{"cloudUnitsUsed":2}}"#),
        (r#"{"usage":{"tests":7,"tests":[{"aid":"1"}]}}"#, r#"{"usage":{"tests":[{"aid":"1"}]}}"#),
        (r#"{"usage":{"tests":[{}],"tests":null}}"#, r#"{"usage":{}}"#),
        (r#"{"usage":null,"us\u0061ge":{}}"#, r#"{"us\u0061ge":{}}"#),
        (r#"{"_links":{"self":{"href":null,"href":"a"}}}"#, r#"{"_links":{"self":{"href":"a"}}}"#),
        // Of an unknown name both stay: `JSON.parse` takes the last too.
        (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":2}"#),
    ] {
        assert_json(body, json);
    }
    assert_rejected(r#"{"usage":{},"usage":7}"#, "usage", "an object", "a number");
    assert_rejected(r#"{"_links":{"self":{"href":"a","href":null}}}"#, "_links.self.href", "a string", "absent");
    let rows = assert_rows(
        &[r#"{"aid":"1"}"#, r#"{"aid":"2","new":3,"aid":"4"}"#, "{}"],
        &[r#"{"aid":"1"}"#, r#"{"new":3,"aid":"4"}"#, "{}"],
    );
    assert!(rows.cells.is_empty());
}

#[test]
fn a_mismatch_has_the_path_and_both_types() {
    for (body, path, expected, found) in [
        ("null", "", OBJECT, "null"),
        ("[]", "", OBJECT, ARRAY),
        ("-7", "", OBJECT, "a number"),
        (r#"{"usage":"a"}"#, "usage", OBJECT, STRING),
        (r#"{"usage":{"quota":true}}"#, "usage.quota", OBJECT, BOOLEAN),
        (r#"{"usage":{"quota":{"monthStart":false}}}"#, "usage.quota.monthStart", STRING, BOOLEAN),
        (r#"{"usage":{"tests":{}}}"#, "usage.tests", ARRAY, OBJECT),
        (r#"{"usage":{"tests":[{},null]}}"#, "usage.tests[1]", OBJECT, "null"),
        (r#"{"usage":{"tests":[{},{},0]}}"#, "usage.tests[2]", OBJECT, "a number"),
        (r#"{"usage":{"tests":[{"testId":5}]}}"#, "usage.tests[0].testId", STRING, "a number"),
        (r#"{"usage":{"endpointAgents":[{"\u0061id":{}}]}}"#, "usage.endpointAgents[0].aid", STRING, OBJECT),
        (r#"{"_links":{"self":{}}}"#, "_links.self.href", STRING, "absent"),
        (r#"{"_links":{"self":{"href":null,"name":"a"}}}"#, "_links.self.href", STRING, "absent"),
        (r#"{"_links":{"self":{"href":"a","templated":"a"}}}"#, "_links.self.templated", BOOLEAN, STRING),
    ] {
        assert_rejected(body, path, expected, found);
    }
}

#[test]
fn an_integer_is_checked_by_its_digits() {
    for (value, found) in [
        ("\"5\"", STRING),
        ("[]", ARRAY),
        ("1.5", "a fraction"),
        // As a float it would be 9007199254740990.
        ("9007199254740990.5", "a fraction"),
        ("9007199254740992", "an integer out of range"),
        ("-9007199254740992.0", "an integer out of range"),
        ("1e16", "an integer out of range"),
        ("18446744073709551616", "an integer out of range"),
    ] {
        let body = format!(r#"{{"usage":{{"cloudUnitsUsed":1,"tests":[{ROW},{{"cloudUnitsProjected":{value}}}]}}}}"#);
        assert_rejected(body, "usage.tests[1].cloudUnitsProjected", INTEGER, found);
        let body = format!(r#"{{"usage":{{"allocations":{{"allocations":[{{"allocatedUnits":{value}}}]}}}}}}"#);
        assert_rejected(body, "usage.allocations.allocations[0].allocatedUnits", INTEGER, found);
    }
    let row = r#"{"cloudUnitsUsed":9007199254740991,"cloudUnitsProjected":-9007199254740991}"#;
    assert_eq!(assert_rows(&[row], &["1"]).cells[STRINGS..], [9_007_199_254_740_991.0, -9_007_199_254_740_991.0]);
    for (value, json) in
        [("1.0", "1"), ("4.32E9", "4320000000"), ("-0.0", "0"), ("-9007199254740991", "-9007199254740991")]
    {
        let body = |value| format!(r#"{{"usage":{{"cloudUnitsUsed":{value}}}}}"#);
        assert_json(&body(value), &body(json));
    }
}

#[test]
fn a_body_that_is_not_json_is_rejected_with_the_position() {
    for body in ["", r#"{"usage":{"#, r#"{"usage":{"tests":[{"aid":"1"},"#] {
        assert_not_json(body, "unexpected end of input");
    }
    assert_not_json("<!doctype html>", "unexpected character at line 1, column 1");
    assert_not_json("{} {}", "unexpected character at line 1, column 4");
    assert_not_json("{\"usage\":\n\n  <}", "unexpected character at line 3, column 3");
    assert_not_json(r#"{"usage":{"tests":[{"aid":"1",]}}"#, "unexpected character at line 1, column 31");
    assert_not_json(r#"{"new":1e400}"#, "unexpected character at line 1, column 8");
    for escaped in [r"\ud83", r"\u+d83", r"\ud8é", r"\x", "\\"] {
        assert_eq!(derived(format!(r#"{{"new":"{escaped}"}}"#).as_bytes()).unwrap_err().expected(), "JSON");
    }
}

#[test]
fn a_syntax_error_comes_before_a_mismatch() {
    assert_not_json(r#"{"usage":7,"new":[}"#, "unexpected character at line 1, column 19");
    assert_not_json(r#"{"usage":7"#, "unexpected end of input");
    assert_too_deep(&format!(r#"{{"usage":7,"new":{}}}"#, nested(128)));
}

#[test]
fn one_byte_order_mark_is_dropped() {
    assert_json("\u{FEFF}{}", "{}");
    assert_not_json("\u{FEFF}\u{FEFF}{}", "unexpected character at line 1, column 1");
}

#[test]
fn a_body_that_is_not_utf8_is_rejected_with_the_position() {
    assert_rejected(b"{\"usage\":\"\xFF\"}", "", "UTF-8 text", "invalid sequence at byte 10");
    assert_rejected(b"\xEF\xBB\xBF\xC3", "", "UTF-8 text", "invalid sequence at byte 0");
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[track_caller]
fn assert_too_deep(body: &str) {
    assert_rejected(body, "", "JSON nested at most 128 levels deep", "deeper nesting");
}

#[test]
fn a_body_may_be_nested_128_levels_deep_anywhere() {
    for (before, depth, after) in [
        (r#"{"new":"#, 1, "}"),
        (r#"{"usage":{"tests":[{},{"new":"#, 4, "}]}}"),
        // After a name that occurs twice.
        (r#"{"usage":1,"usage":{"allocations":{"allocations":[{"new":"#, 5, "}]}}}"),
        // In a value that does not count.
        (r#"{"usage":"#, 1, r#","usage":{}}"#),
    ] {
        assert_decoded(&format!("{before}{}{after}", nested(128 - depth)));
        assert_too_deep(&format!("{before}{}{after}", nested(129 - depth)));
    }
    assert_too_deep(&"[".repeat(200_000));
    // Rows do not add up.
    assert_rows(&["{}"; 300], &["1"; 300]);
}

#[test]
fn a_body_may_have_4_000_000_values_and_those_of_rows_count() {
    // The body, the list and its elements, the usage, the tests, four rows and six fields.
    let body = |values: usize| {
        format!(
            r#"{{"new":[{}0],"usage":{{"tests":[{{}},{{"aid":"1","cloudUnitsUsed":2}},{{"aid":null}},
            {{"testId":"3","cloudUnitsUsed":4.0,"new":[]}}]}}}}"#,
            "0,".repeat(values - 15)
        )
    };
    assert!(Parts::of_usage(body(4_000_000).as_bytes()).is_ok());
    assert_eq!(Parts::of_usage(body(4_000_001).as_bytes()).unwrap_err().found(), "more values");
}

#[test]
fn a_rust_string_has_u_fffd_for_half_a_surrogate_pair() {
    for (escaped, name) in [
        (r"caf\ud83d", "caf\u{FFFD}"),
        (r"\uDE00caf", "\u{FFFD}caf"),
        (r"\ud83d\ud83d\ude00\ud83d!", "\u{FFFD}\u{1F600}\u{FFFD}!"),
        (r"\ude00\ud83d", "\u{FFFD}\u{FFFD}"),
        (r"\ud83d\u00e9", "\u{FFFD}é"),
        (r#"\\ud83d \u00e9 \\\ud83d\""#, "\\ud83d é \\\u{FFFD}\""),
        (r"\ud83d\n", "\u{FFFD}\n"),
        (r"\ud83d\ude00", "\u{1F600}"),
    ] {
        let usage = derived(format!(r#"{{"usage":{{"tests":[{{"testName":"{escaped}"}}]}}}}"#).as_bytes()).unwrap();
        assert_eq!(usage["usage"]["tests"][0]["testName"], name, "{escaped}");
    }
}

/// The members of a row in any order, now and then with a value of another type, an unknown name, or a name twice.
fn row() -> impl Strategy<Value = String> {
    let strings = vec![
        "null",
        "\"\"",
        "\"7\"",
        "\"dns\"",
        "\"a host\"",
        "\"b host\"",
        "\"0123456789ab\"",
        "\"1-a longer name\"",
        "\"2-a longer name\"",
        "\"é\"",
        r#""\u0061""#,
        r#""\ud83d""#,
        r#""\ud83d\ude00""#,
        "5",
    ];
    let integers = vec![
        "null",
        "0",
        "-0",
        "7",
        "4320000000",
        "1e3",
        "10e-1",
        "1.5",
        "9007199254740991",
        "-9007199254740991",
        "\"5\"",
    ];
    let members = FIELDS.iter().enumerate().map(|(at, field)| {
        let values = if at < STRINGS { strings.clone() } else { integers.clone() };
        let usual = values.len() - 1;
        (0..usual * 16).prop_map(move |choice| {
            format!("{}{}", field.member, values[if choice == 0 { usual } else { choice % usual }])
        })
    });
    let other = prop_oneof![
        40 => Just(None),
        2 => select(vec![r#""new":[1, {"aid":2}]"#, r#""__proto__":{}"#, r#""\u0061id":"2""#, "\"cloudUnitsUsed\" : 1 "]).prop_map(Some),
    ];
    (members.collect::<Vec<_>>(), Just(FIELDS.len()), other)
        .prop_flat_map(|(members, length, other)| {
            let members: Vec<String> = other.into_iter().map(str::to_owned).chain(members).collect();
            (Just(members).prop_shuffle(), prop_oneof![Just(length), 0..length])
        })
        .prop_map(|(members, length)| format!("{{{}}}", members[..length].join(",")))
}

proptest! {
    #[test]
    fn the_parts_of_any_rows_are_the_usage_that_serde_derives(rows in vec(row(), 0..40), cut in 0..20_usize) {
        let mut body = format!(r#"{{"usage":{{"tests":[{}]}}}}"#, rows.join(","));
        if cut == 0 {
            body.pop();
        }
        let parts = Parts::of_usage(body.as_bytes()).map(|parts| object(&parts));
        prop_assert_eq!(parts, derived(body.as_bytes()), "{}", body);
    }
}
