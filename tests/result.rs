//! The result: what of a body becomes a `Usage`, and where it is refused. Contract section 3.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use thousandeyes_usage::{DecodeError, Usage};

/// A body with every field that the model knows.
const EVERY_FIELD: &str = include_str!("fixtures/usage.json");

fn every_field() -> Value {
    serde_json::from_str(EVERY_FIELD).unwrap()
}

fn read(body: &str) -> Result<Usage, DecodeError> {
    Usage::from_json(body.as_bytes())
}

/// What JavaScript gets for a body.
#[track_caller]
fn result(body: &Value) -> Value {
    serde_json::to_value(read(&body.to_string()).unwrap()).unwrap()
}

#[track_caller]
fn comes_back_as_it_is(body: &Value) {
    assert_eq!(result(body), *body);
}

#[track_caller]
fn is_refused(body: &str, path: &str, expected: &str, found: &str) {
    let error = read(body).unwrap_err();
    assert_eq!((error.path(), error.expected(), error.found()), (path, expected, found));
}

/// A path such as `usage.tests[0].aid`, taken apart.
fn steps(path: &str) -> Vec<String> {
    path.replace('[', ".").replace(']', "").split('.').map(str::to_owned).collect()
}

fn child<'a>(value: &'a mut Value, step: &str) -> &'a mut Value {
    match value {
        Value::Array(elements) => &mut elements[step.parse::<usize>().unwrap()],
        other => &mut other[step],
    }
}

/// The object that holds the field at a path, and the field's name.
fn holder<'a>(body: &'a mut Value, path: &str) -> (&'a mut Map<String, Value>, String) {
    let mut steps = steps(path);
    let name = steps.pop().unwrap();
    let object = steps.iter().fold(body, |value, step| child(value, step));
    (object.as_object_mut().unwrap(), name)
}

/// The paths of all fields below a value.
fn paths(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                [vec![path.clone()], paths(value, &path)].concat()
            })
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .flat_map(|(index, value)| paths(value, &format!("{path}[{index}]")))
            .collect(),
        _ => Vec::new(),
    }
}

fn every_path() -> Vec<String> {
    let paths = paths(&every_field(), "");
    assert_eq!(paths.len(), 70, "the fixture holds each field of the contract");
    paths
}

#[track_caller]
fn has_fields(object: &Value, names: &[&str]) {
    let mut found: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let mut names = names.to_vec();
    found.sort_unstable();
    names.sort_unstable();
    assert_eq!(found, names);
}

#[test]
fn a_body_with_every_field_comes_back_as_it_is() {
    comes_back_as_it_is(&every_field());
}

#[test]
fn a_known_field_that_is_missing_stays_absent() {
    for path in every_path().into_iter().filter(|path| path != "_links.self.href") {
        let mut body = every_field();
        let (object, name) = holder(&mut body, &path);
        object.remove(&name);
        comes_back_as_it_is(&body);
    }
}

#[test]
fn null_for_a_known_field_counts_as_absent_and_is_dropped() {
    for path in every_path().into_iter().filter(|path| path != "_links.self.href") {
        let mut body = every_field();
        let (object, name) = holder(&mut body, &path);
        object.insert(name.clone(), Value::Null);
        let result = result(&body);
        let (object, name) = holder(&mut body, &path);
        object.remove(&name);
        assert_eq!(result, body, "{path}");
    }
}

#[test]
fn every_known_field_of_a_wrong_type_is_a_decode_error_with_its_path() {
    for path in every_path() {
        for wrong in [json!("text"), json!(7), json!(true), json!([7]), json!({ "7": 7 })] {
            let mut body = every_field();
            let (object, name) = holder(&mut body, &path);
            let right = object.insert(name, wrong.clone()).unwrap();
            if std::mem::discriminant(&right) == std::mem::discriminant(&wrong) {
                continue;
            }
            assert_eq!(read(&body.to_string()).unwrap_err().path(), path, "{wrong}");
        }
    }
}

#[test]
fn an_unknown_field_is_kept_as_it_came_in_every_object() {
    let unknown = json!({ "text": "é", "list": [1, -2.5, null, true], "large": 9_007_199_254_740_993_u64 });
    let mut body = every_field();
    for path in ["usage.tests[0].aid", "usage.quota.monthStart", "usage.quota", "_links.self.href", "_links"]
    {
        holder(&mut body, path).0.insert("somethingNew".to_owned(), unknown.clone());
    }
    comes_back_as_it_is(&body);
}

#[test]
fn a_number_of_an_unknown_field_keeps_each_digit() {
    let body = r#"{"usage":{"somethingNew":[0.0036637845002571437,123456789.123,1e-7]}}"#;
    assert_eq!(serde_json::to_string(&read(body).unwrap()).unwrap(), body);
}

#[test]
fn a_body_of_more_values_than_memory_may_hold_is_refused() {
    // The object, the array and its elements.
    let values = |count: usize| format!(r#"{{"new":[{}0]}}"#, "0,".repeat(count - 3));
    assert!(Usage::from_json(values(4_000_000).as_bytes()).is_ok());
    is_refused(&values(4_000_001), "", "JSON with at most 4,000,000 values", "more values");
}

#[test]
fn null_for_an_unknown_field_is_kept() {
    comes_back_as_it_is(&json!({ "usage": { "somethingNew": null } }));
}

#[test]
fn an_empty_usage_is_a_usage() {
    for body in
        [json!({}), json!({ "usage": {} }), json!({ "_links": {} }), json!({ "usage": { "tests": [] } })]
    {
        comes_back_as_it_is(&body);
    }
}

#[test]
fn zero_is_not_absent() {
    comes_back_as_it_is(&json!({ "usage": { "cloudUnitsUsed": 0 } }));
}

#[test]
fn href_of_a_link_is_required() {
    for body in [r#"{"_links":{"self":{}}}"#, r#"{"_links":{"self":{"href":null}}}"#] {
        is_refused(body, "_links.self.href", "a string", "nothing");
    }
}

#[test]
fn integers_beyond_32_bits_survive() {
    for integer in [4_320_000_000_i64, 9_007_199_254_740_991, -9_007_199_254_740_991] {
        comes_back_as_it_is(&json!({ "usage": { "cloudUnitsUsed": integer } }));
    }
}

#[test]
fn integers_beyond_2_pow_53_are_refused_and_never_rounded() {
    for integer in
        ["9007199254740992", "-9007199254740992", "9223372036854775807", "18446744073709551616", "1e300"]
    {
        let body = format!(r#"{{"usage":{{"cloudUnitsUsed":{integer}}}}}"#);
        is_refused(&body, "usage.cloudUnitsUsed", "an integer within ±(2^53 − 1)", "an integer out of range");
    }
}

#[test]
fn an_integer_may_be_written_as_a_fraction_or_with_an_exponent() {
    for (written, integer) in
        [("1.0", 1), ("1e3", 1000), ("4.32E9", 4_320_000_000_i64), ("-0", 0), ("-0.0", 0)]
    {
        let usage = read(&format!(r#"{{"usage":{{"cloudUnitsUsed":{written}}}}}"#)).unwrap();
        assert_eq!(usage.usage.unwrap().cloud_units_used, Some(integer), "{written}");
    }
}

#[test]
fn a_fraction_is_no_integer() {
    for fraction in ["1.5", "-0.1", "1e-3"] {
        let body = format!(r#"{{"usage":{{"cloudUnitsUsed":{fraction}}}}}"#);
        is_refused(&body, "usage.cloudUnitsUsed", "an integer within ±(2^53 − 1)", "a fraction");
    }
}

#[test]
fn a_string_is_no_integer_and_a_number_is_no_id() {
    let body = r#"{"usage":{"tests":[{},{"cloudUnitsUsed":"5"}]}}"#;
    is_refused(body, "usage.tests[1].cloudUnitsUsed", "an integer within ±(2^53 − 1)", "a string");
    is_refused(r#"{"usage":{"tests":[{"testId":5}]}}"#, "usage.tests[0].testId", "a string", "a number");
}

#[test]
fn null_as_an_element_of_an_array_is_refused() {
    is_refused(r#"{"usage":{"tests":[{},null]}}"#, "usage.tests[1]", "an object", "null");
}

#[test]
fn the_message_names_the_place_and_never_the_value() {
    let error = read(r#"{"usage":{"tests":[{"cloudUnitsUsed":"s3cret"}]}}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The response is not a usage: usage.tests[0].cloudUnitsUsed should be an integer within ±(2^53 − 1), but is a \
         string; check that `baseUrl` is the ThousandEyes API, or look for a newer version of this package"
    );
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for (body, found) in [
        ("null", "null"),
        ("[]", "an array"),
        ("7", "a number"),
        (r#""text""#, "a string"),
        ("true", "a boolean"),
    ] {
        is_refused(body, "", "an object", found);
    }
}

#[test]
fn a_body_that_is_not_json_is_refused_with_its_place() {
    is_refused("", "", "JSON", "an unexpected end of input");
    is_refused(r#"{"usage":{"#, "", "JSON", "an unexpected end of input");
    is_refused("{\"usage\":\n  nil}", "", "JSON", "an unexpected character at line 2, column 4");
    is_refused("{} {}", "", "JSON", "an unexpected character at line 1, column 4");
    is_refused("<!doctype html>", "", "JSON", "an unexpected character at line 1, column 1");
}

#[test]
fn a_body_that_is_not_utf8_is_refused_with_its_place() {
    let error = Usage::from_json(b"{\"usage\":\"\xFF\"}").unwrap_err();
    assert_eq!((error.expected(), error.found()), ("UTF-8 text", "an invalid sequence at byte 10"));
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    for (escaped, name) in [
        (r"caf\ud83d", "caf\u{FFFD}"),
        (r"\uDE00caf", "\u{FFFD}caf"),
        (r"\ud83d\ud83d\ude00\ud83d!", "\u{FFFD}\u{1F600}\u{FFFD}!"),
        (r"\ude00\ud83d", "\u{FFFD}\u{FFFD}"),
        (r#"\\ud83d \u00e9 \\\ud83d\""#, "\\ud83d é \\\u{FFFD}\""),
        (r"\ud83d\n", "\u{FFFD}\n"),
        (r"\ud83d\ude00", "\u{1F600}"),
    ] {
        let usage = read(&format!(r#"{{"usage":{{"tests":[{{"testName":"{escaped}"}}]}}}}"#)).unwrap();
        let tests = usage.usage.and_then(|details| details.tests).unwrap();
        assert_eq!(tests[0].test_name.as_deref(), Some(name), "{escaped}");
    }
}

#[test]
fn an_escape_that_is_none_is_refused_as_ever() {
    for escaped in [r"\ud83", r"\u+d83", r"\ud8é", r"\x", "\\"] {
        let error = read(&format!(r#"{{"usage":{{"new":"{escaped}"}}}}"#)).unwrap_err();
        assert_eq!(error.expected(), "JSON", "{escaped}");
    }
}

#[test]
fn a_byte_order_mark_is_dropped() {
    assert!(read("\u{FEFF}{}").is_ok());
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    let usage = read(r#"{"usage":{"cloudUnitsUsed":"1","cloudUnitsUsed":2}}"#).unwrap();
    assert_eq!(usage.usage.unwrap().cloud_units_used, Some(2));
}

#[test]
fn nesting_of_128_is_read_and_deeper_is_refused() {
    // The object of the body is one level.
    let body =
        |depth: usize| format!(r#"{{"somethingNew":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(read(&body(128)).is_ok());
    is_refused(&body(129), "", "JSON nested at most 128 levels deep", "deeper nesting");
    is_refused(&"[".repeat(200_000), "", "JSON nested at most 128 levels deep", "deeper nesting");
}

#[test]
fn usage_has_the_fields_of_the_contract() {
    has_fields(&every_field(), &["usage", "_links"]);
}

#[test]
fn usage_details_has_the_fields_of_the_contract() {
    let units = ["cloudUnits", "enterpriseUnits", "connectedDevicesUnits"];
    let units = units.iter().flat_map(|unit| {
        ["Used", "Projected", "NextBillingPeriod"].map(|meaning| format!("{unit}{meaning}"))
    });
    let others = [
        "quota",
        "endpointAgentsUsed",
        "endpointAgentsEssentialsUsed",
        "endpointAgentsEmbeddedUsed",
        "enterpriseAgentsUsed",
        "tests",
        "enterpriseAgentUnits",
        "endpointAgents",
        "endpointAgentsEssentials",
        "endpointAgentsEmbedded",
        "enterpriseAgents",
        "allocations",
    ];
    let all: Vec<String> = units.chain(others.map(str::to_owned)).collect();
    has_fields(&every_field()["usage"], &all.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn usage_quota_has_the_fields_of_the_contract() {
    has_fields(
        &every_field()["usage"]["quota"],
        &[
            "monthStart",
            "monthEnd",
            "cloudUnitsIncluded",
            "deviceAgentsIncluded",
            "endpointAgentsIncluded",
            "endpointAgentsEssentialsIncluded",
            "endpointAgentsEmbeddedIncluded",
            "enterpriseAgentsIncluded",
        ],
    );
}

/// The elements of an array have the account group's two fields and their own.
#[track_caller]
fn elements_have_fields(array: &str, own: &[&str]) {
    has_fields(&every_field()["usage"][array][0], &[&["aid", "accountGroupName"], own].concat());
}

#[test]
fn test_usage_has_the_fields_of_the_contract() {
    elements_have_fields(
        "tests",
        &["testId", "testName", "testType", "cloudUnitsUsed", "cloudUnitsProjected"],
    );
}

#[test]
fn enterprise_agent_units_has_the_fields_of_the_contract() {
    elements_have_fields(
        "enterpriseAgentUnits",
        &["agentId", "agentName", "enterpriseUnitsUsed", "enterpriseUnitsProjected"],
    );
}

#[test]
fn the_four_counts_of_agents_have_the_fields_of_the_contract() {
    elements_have_fields("endpointAgents", &["endpointAgentsUsed"]);
    elements_have_fields("endpointAgentsEssentials", &["endpointAgentsEssentialsUsed"]);
    elements_have_fields("endpointAgentsEmbedded", &["endpointAgentsEmbeddedUsed"]);
    elements_have_fields("enterpriseAgents", &["enterpriseAgentsUsed"]);
}

#[test]
fn unit_allocation_summary_has_the_fields_of_the_contract() {
    let allocations = &every_field()["usage"]["allocations"];
    has_fields(allocations, &["used", "projected", "allocations"]);
    has_fields(&allocations["allocations"][0], &["productName", "allocatedUnits"]);
}

#[test]
fn self_links_and_link_have_the_fields_of_the_contract() {
    let links = &every_field()["_links"];
    has_fields(links, &["self"]);
    has_fields(
        &links["self"],
        &["href", "templated", "type", "deprecation", "name", "profile", "title", "hreflang"],
    );
}

fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..8).prop_map(String::from_iter)
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(text(), inner, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_in_an_unknown_field_comes_back_as_it_is(value in any_json(), path_at in 0..70_usize) {
        let mut body = every_field();
        let path = every_path().swap_remove(path_at);
        holder(&mut body, &path).0.insert("somethingNew".to_owned(), value);
        comes_back_as_it_is(&body);
    }

    #[test]
    fn a_body_with_bytes_changed_is_read_or_refused(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
    ) {
        let mut body = EVERY_FIELD.as_bytes().to_vec();
        for (at, byte) in changes {
            *at.get_mut(&mut body) = byte;
        }
        if let Ok(usage) = Usage::from_json(&body) {
            let written = serde_json::to_vec(&usage).unwrap();
            prop_assert_eq!(Usage::from_json(&written), Ok(usage));
        }
    }
}
