//! The decoder takes just what `serde_json` and the model take, and makes of it what they make.
//!
//! The model is walked beside the fixture, which holds each of its fields with a value of the right type.

#![no_main]

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use thousandeyes_usage::{DecodeError, Timestamp, Usage, fuzzing};

const MAX_DEPTH: usize = 128;
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

static FIXTURE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fixtures/usage.json")).expect("the fixture is JSON")
});

static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    collect_names(&FIXTURE, &mut names);
    names
});

fuzz_target!(|body: &[u8]| {
    let read = Usage::from_json(body);
    assert_eq!(fuzzing::parts(body), read.is_ok(), "the parts and {read:?}");
    match (read, oracle(body)) {
        (Ok(usage), Some(expected)) => {
            let written = serde_json::to_value(&usage).expect("a usage is JSON");
            assert_eq!(written, expected);
            adds_up(&usage);
            assert_eq!(Usage::from_json(written.to_string().as_bytes()), Ok(usage));
        }
        (Err(error), None) => tells_no_value(&error),
        // The oracle's float rounds some fractions to an integer.
        (Err(error), Some(_)) if error.found() == "a fraction" && has_long_number(body) => {}
        (result, expected) => panic!("{result:?}, where the oracle has {expected:?}"),
    }
});

/// Whatever the usage is, its summary is in numbers, and its account groups and its tests are all there.
fn adds_up(usage: &Usage) {
    // Unknown fields alone are rather another object than an answer, and are refused.
    if usage.usage.is_none() && usage.links.is_none() && !usage.other.is_empty() {
        assert!(usage.summarize(Timestamp(0.0)).is_err());
        return;
    }
    let summary = usage.summarize(Timestamp(1.8e12)).expect("a usage can be summarized");
    for meter in &summary.meters {
        let ratios = [meter.utilisation, meter.projected_utilisation, meter.run_rate_per_day];
        assert!(ratios.into_iter().flatten().all(f64::is_finite), "{meter:?}");
    }
    let tests = usage.usage.as_ref().and_then(|usage| usage.tests.as_deref()).unwrap_or_default();
    assert_eq!(usage.top_tests(usize::MAX).expect("a usage has top tests").len(), tests.len());
    // A sum may be larger than a JavaScript number holds.
    let Ok(groups) = usage.by_account_group() else { return };
    let total =
        |numbers: &mut dyn Iterator<Item = Option<i64>>| numbers.flatten().map(i128::from).sum::<i128>();
    assert_eq!(total(&mut groups.iter().map(|group| group.tests)), tests.len() as i128);
    assert_eq!(
        total(&mut groups.iter().map(|group| group.cloud_units_used)),
        total(&mut tests.iter().map(|test| test.cloud_units_used)),
    );
}

/// Whether a number may be more exact than a float is.
fn has_long_number(body: &[u8]) -> bool {
    let numbers = body.split(|byte| !byte.is_ascii_digit() && !b".eE+-".contains(byte));
    numbers
        .filter(|number| number.iter().any(u8::is_ascii_digit))
        .any(|number| number.len() > 15 || number.iter().any(|byte| b"eE".contains(byte)))
}

/// What the result should be, or nothing where the body should be refused.
fn oracle(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let json = mend(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    let mut deserializer = serde_json::Deserializer::from_str(&json);
    deserializer.disable_recursion_limit();
    Levels(MAX_DEPTH).deserialize(&mut deserializer).and_then(|()| deserializer.end()).ok()?;

    let mut deserializer = serde_json::Deserializer::from_str(&json);
    deserializer.disable_recursion_limit();
    let mut value = serde::Deserialize::deserialize(&mut deserializer).ok()?;
    fits(&mut value, &FIXTURE).then_some(value)
}

/// JSON whose `\u` escapes are decoded as the UTF-16 that they are, half a pair to U+FFFD, and written anew.
fn mend(text: &str) -> String {
    let mut mended = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut units = Vec::new();
        while let Some(unit) = escaped_unit(rest) {
            units.push(unit);
            rest = &rest[6..];
        }
        if units.is_empty() {
            let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
            mended.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        mended.extend(String::from_utf16_lossy(&units).encode_utf16().map(|unit| format!("\\u{unit:04x}")));
    }
    mended + rest
}

fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Reads JSON, and fails where it is nested deeper: also in what a later key of the same name hides.
struct Levels(usize);

impl Levels {
    fn below<E: Error>(&self) -> Result<usize, E> {
        self.0.checked_sub(1).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while elements.next_element_seed(Self(below))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while fields.next_key::<IgnoredAny>()?.is_some() {
            fields.next_value_seed(Self(below))?;
        }
        Ok(())
    }
}

/// Whether a value is one of the model, as its sample is. It becomes what the result has: without the null of a known
/// field, and with integers that are written as such.
fn fits(value: &mut Value, sample: &Value) -> bool {
    match (value, sample) {
        (Value::Object(fields), Value::Object(samples)) => samples.iter().all(|(name, sample)| {
            if fields.get(name).is_some_and(Value::is_null) {
                fields.remove(name);
            }
            fields.get_mut(name).map_or(name != "href", |field| fits(field, sample))
        }),
        (Value::Array(elements), Value::Array(samples)) => {
            elements.iter_mut().all(|element| fits(element, &samples[0]))
        }
        (Value::Number(number), Value::Number(_)) => {
            let Some(integer) = number.as_f64().and_then(safe_integer) else { return false };
            *number = Number::from(integer);
            true
        }
        (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => true,
        _ => false,
    }
}

/// `Number.isSafeInteger` of JavaScript.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and within 2^53")]
fn safe_integer(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER).then_some(number as i64)
}

/// An error is made of the model's words and of numbers alone.
fn tells_no_value(error: &DecodeError) {
    const FOUND: [&str; 14] = [
        "null",
        "nothing",
        "more values",
        "deeper nesting",
        "a boolean",
        "a number",
        "a fraction",
        "an integer out of range",
        "a string",
        "an array",
        "an object",
        "an unexpected end of input",
        "an invalid sequence at byte ",
        "an unexpected character at line , column ",
    ];
    for step in error.path().split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let is_index = step.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_index || NAMES.contains(step), "{error:?}");
    }
    let found: String = error.found().chars().filter(|char| !char.is_ascii_digit()).collect();
    assert!(FOUND.contains(&found.as_str()), "{error:?}");
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                names.insert(name.clone());
                collect_names(field, names);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_names(element, names)),
        _ => {}
    }
}
