//! The private functions that the fuzz targets call. Only `cargo fuzz` compiles this module.

use crate::client;
use crate::decode::{Parts, from_json};
use crate::error::{DecodeError, Problem};
use crate::model::{EnterpriseAgentsUsage, Quotas, TestsUsage};
use crate::retry::{self, Decision, Failure, RetryHeaders, RetryState};

/// Whether a `Content-Type` is a JSON MIME type.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    client::is_json(content_type)
}

/// Whether the npm package's decoder accepts a body.
#[must_use]
pub fn parts(body: &[u8]) -> bool {
    Parts::of_usage(body).is_ok()
}

/// For each operation but that of the usage: whether the npm package's decoder accepts a body, and the error of the crate's.
#[must_use]
pub fn other_operations(body: &[u8]) -> [(bool, Option<DecodeError>); 3] {
    [
        (Parts::of_test_units(body).is_ok(), from_json::<TestsUsage>(body).err()),
        (Parts::of_enterprise_agent_units(body).is_ok(), from_json::<EnterpriseAgentsUsage>(body).err()),
        (Parts::of_quotas(body).is_ok(), from_json::<Quotas>(body).err()),
    ]
}

/// The wait before another attempt after a failed response. If none follows, the time when a later call may succeed.
///
/// `headers` are `Retry-After`, `X-Organization-Rate-Limit-Reset` and `Date`.
///
/// # Errors
///
/// When no other attempt follows.
pub fn decide(
    status: u16,
    headers: [Option<&str>; 3],
    [attempts, max_retries]: [u32; 2],
    [now, left, random]: [f64; 3],
) -> Result<f64, Option<f64>> {
    let [retry_after, rate_limit_reset, date] = headers.map(|text| text.map(str::to_owned));
    let headers = RetryHeaders { retry_after, rate_limit_reset, date };
    let state = RetryState { attempts, max_retries, now, time_left: left, random };
    match retry::decide(&Failure::Status(status, headers), &state) {
        Decision::Retry(wait) => Ok(wait),
        Decision::GiveUp { retry_at } => Err(retry_at),
    }
}

/// The problem in the body of a failed response, and its line for a message.
#[must_use]
pub fn problem(body: &[u8], secrets: &[String]) -> Option<(Problem, Option<String>)> {
    let problem = Problem::read(body, secrets)?;
    let summary = problem.summary();
    Some((problem, summary))
}
