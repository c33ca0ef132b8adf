//! The usage of a Rust app: each field of the fixture is present, absent, null, or of a wrong type.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use thousandeyes_usage::{DecodeError, Usage};

/// A body with every field that the model knows.
fn every_field() -> Value {
    serde_json::from_str(include_str!("fixtures/usage.json")).unwrap()
}

/// The object that is decoded from a body.
fn decode(body: &Value) -> Result<Value, DecodeError> {
    Usage::from_json(body.to_string().as_bytes()).map(|usage| serde_json::to_value(usage).unwrap())
}

#[track_caller]
fn assert_unchanged(body: &Value) {
    assert_eq!(decode(body).as_ref(), Ok(body));
}

/// The JSON pointers of all fields below a value.
fn pointers(value: &Value, pointer: &str) -> Vec<String> {
    let below = |key: String, value| [vec![format!("{pointer}/{key}")], pointers(value, &format!("{pointer}/{key}"))];
    match value {
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| below(name.clone(), value)).flatten().collect(),
        Value::Array(elements) => {
            let elements = elements.iter().enumerate();
            // The pointer of the element itself is not that of a field.
            elements.flat_map(|(index, value)| pointers(value, &format!("{pointer}/{index}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// The path of an error for a JSON pointer: `usage.tests[0].aid` for `/usage/tests/0/aid`.
fn path(pointer: &str) -> String {
    let steps = pointer.split('/').map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

/// The object that has the field of a pointer, and the field's name.
fn parent<'a, 'b>(body: &'a mut Value, pointer: &'b str) -> (&'a mut Map<String, Value>, &'b str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    (body.pointer_mut(parent).unwrap().as_object_mut().unwrap(), name)
}

/// The body with every field, with one of them changed.
fn with_field(pointer: &str, value: Option<Value>) -> Value {
    let mut body = every_field();
    let (object, name) = parent(&mut body, pointer);
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
    body
}

const REQUIRED: &str = "/_links/self/href";

#[test]
fn a_body_with_every_field_is_unchanged() {
    assert_unchanged(&every_field());
}

#[test]
fn a_known_field_may_be_absent_and_null_counts_as_absent() {
    for pointer in pointers(&every_field(), "").iter().filter(|pointer| *pointer != REQUIRED) {
        let without = with_field(pointer, None);
        assert_unchanged(&without);
        assert_eq!(decode(&with_field(pointer, Some(Value::Null))), Ok(without), "{pointer}");
    }
    for body in [json!({}), json!({ "usage": {} }), json!({ "_links": {} }), json!({ "usage": { "tests": [] } })] {
        assert_unchanged(&body);
    }
}

#[test]
fn href_of_a_link_is_required() {
    for body in [with_field(REQUIRED, None), with_field(REQUIRED, Some(Value::Null))] {
        let error = decode(&body).unwrap_err();
        assert_eq!((error.path(), error.found()), ("_links.self.href", "absent"));
    }
}

#[test]
fn a_known_field_of_a_wrong_type_is_an_error_with_its_path() {
    for pointer in pointers(&every_field(), "") {
        let right = every_field().pointer(&pointer).unwrap().clone();
        for wrong in [json!("text"), json!(7), json!(true), json!([7]), json!({ "7": 7 })] {
            if std::mem::discriminant(&right) != std::mem::discriminant(&wrong) {
                let error = decode(&with_field(&pointer, Some(wrong.clone()))).unwrap_err();
                assert_eq!(error.path(), path(&pointer), "{wrong}");
            }
        }
    }
}

#[test]
fn an_unknown_field_is_kept_with_each_digit_of_its_numbers() {
    let body = r#"{"usage":{"new":[0.0036637845002571437,123456789.123,1e-7,9007199254740993,null]}}"#;
    assert_eq!(serde_json::to_string(&Usage::from_json(body.as_bytes()).unwrap()).unwrap(), body);
}

fn string() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..8).prop_map(String::from_iter)
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        string().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(string(), inner, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn an_unknown_field_is_kept_in_every_object(value in any_json(), at in any::<prop::sample::Index>()) {
        let mut body = every_field();
        let pointers = pointers(&body, "");
        parent(&mut body, &pointers[at.index(pointers.len())]).0.insert("new".to_owned(), value);
        assert_unchanged(&body);
    }
}
