//! Both decoders of each operation accept the same bodies, a usage is decoded to itself again, and no error contains a value.
//! tests/cases/js/json.js compares the decoded values with `JSON.parse`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use thousandeyes_usage::{DecodeError, Timestamp, Usage, fuzzing};

/// They have each field of the model.
const FIXTURES: [&str; 4] = [
    include_str!("../../fixtures/usage.json"),
    include_str!("../../fixtures/test-units.json"),
    include_str!("../../fixtures/enterprise-agent-units.json"),
    include_str!("../../fixtures/quotas.json"),
];

fuzz_target!(|body: &[u8]| {
    let decoded = Usage::from_json(body);
    assert_eq!(fuzzing::parts(body), decoded.is_ok(), "the parts and {decoded:?}");
    match decoded {
        Ok(usage) => {
            assert_adds_up(&usage);
            let written = serde_json::to_vec(&usage).expect("a usage is JSON");
            assert_eq!(Usage::from_json(&written), Ok(usage));
        }
        Err(error) => assert_no_value(&error),
    }
    for (accepted, error) in fuzzing::other_operations(body) {
        assert_eq!(accepted, error.is_none(), "the parts and {error:?}");
        error.iter().for_each(assert_no_value);
    }
});

/// Asserts that the summary of a usage is in numbers, and that its account groups and tests are complete.
fn assert_adds_up(usage: &Usage) {
    // An object with other fields and no usage is rejected.
    if usage.usage.is_none() && !usage.other.is_empty() {
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
    // A sum may be too large for a JavaScript number.
    let Ok(groups) = usage.by_account_group() else { return };
    let total = |numbers: &mut dyn Iterator<Item = Option<i64>>| numbers.flatten().map(i128::from).sum::<i128>();
    assert_eq!(total(&mut groups.iter().map(|group| group.tests)), tests.len() as i128);
    assert_eq!(
        total(&mut groups.iter().map(|group| group.cloud_units_used)),
        total(&mut tests.iter().map(|test| test.cloud_units_used)),
    );
}

/// Asserts that an error has only names of the model, numbers and fixed words.
fn assert_no_value(error: &DecodeError) {
    const FOUND: &str = "null|absent|more values|deeper nesting|a boolean|a number|a fraction|an integer out of range|\
                         a string|an array|an object|unexpected end of input|invalid sequence at byte |\
                         unexpected character at line , column ";
    for step in error.path().split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        let is_index = step.bytes().all(|byte| byte.is_ascii_digit());
        let name = format!("\"{step}\":");
        assert!(is_index || FIXTURES.iter().any(|fixture| fixture.contains(&name)), "{error:?}");
    }
    let found: String = error.found().chars().filter(|char| !char.is_ascii_digit()).collect();
    assert!(FOUND.split('|').any(|known| known == found), "{error:?}");
}
