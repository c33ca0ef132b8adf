//! Typed, checked usage data of Cisco `ThousandEyes`: the usage of the current billing period, the units of each test and
//! enterprise agent between any dates, and the quotas.
//!
//! The crate is compiled to WebAssembly and published on npm as `thousandeyes-usage`; a Rust app that is itself
//! compiled to WebAssembly can use it as a library, with `default-features = false`, so that the app does not export
//! what the npm package does. It uses the host's [`fetch`], so it runs in each JavaScript engine: browsers, Workers, Node,
//! Deno, Bun. It is unofficial: not made or endorsed by Cisco.
//!
//! ```no_run
//! use thousandeyes_usage::{Client, Error, Expand, Query};
//!
//! # async fn example(token: String) -> Result<(), Error> {
//! let client = Client::new().token(token);
//! let response = client.usage(&Query::new().aid("2067")?.expand([Expand::Test])).await?;
//!
//! if let Some(details) = &response.usage
//!     && let (Some(quota), Some(projected)) = (&details.quota, details.cloud_units_projected)
//!     && quota.cloud_units_included.is_some_and(|included| projected > included)
//! {
//!     println!("on the way to an overage");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call makes a URL of a [`Query`], requests it, and decodes the response to a checked [`Usage`]. Each failure is an
//! [`Error`] with an [`ErrorCode`]. Dropping the future aborts the call. Lists that come in pages are [`Units`]: a stream of rows.
//! Nothing is ever written: quotas can be read, and not be changed.
//!
//! Only the modules `transport` and `exports` use JavaScript values. All the others are pure and run natively in tests.
//!
//! [`fetch`]: https://fetch.spec.whatwg.org/
#![cfg_attr(not(feature = "exports"), allow(dead_code, unused_imports, reason = "the npm package uses them"))]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod calendar;
mod client;
mod date_time;
mod decode;
mod endpoint;
mod error;
#[cfg(feature = "exports")]
mod exports;
#[cfg(fuzzing)]
#[doc(hidden)]
#[path = "../tests/fuzz/fuzzing.rs"]
pub mod fuzzing;
mod json;
mod model;
mod options;
mod paging;
mod problem;
mod query;
mod redact;
mod retry;
mod string_enum;
mod summary;
mod transport;
#[cfg(not(target_arch = "wasm32"))]
mod typescript;

pub use client::Client;
pub use error::{ArgumentError, CallError, DecodeError, ErrorCode, Problem, ProblemError, RateLimit};
#[cfg(feature = "exports")]
#[doc(hidden)]
pub use exports::{
    by_account_group, compare_units, get_enterprise_agent_units, get_quotas, get_test_units, get_usage,
    get_usage_with_response, summarize, top_tests,
};
pub use model::{
    AccountGroupQuota, EndpointAgentsEmbedded, EndpointAgentsEssentials, EndpointAgentsUsage, EnterpriseAgentUnits,
    EnterpriseAgents, EnterpriseAgentsUsage, Link, OrganizationQuota, PaginationLinks, ProductAllocation, Quota,
    Quotas, SelfLinks, TestUsage, TestsUsage, UnitAllocationSummary, UnitsByTests, Usage, UsageDetails, UsageQuota,
};
pub use query::{DateRange, Expand, Query, UnitsQuery};
pub use summary::{
    AccountGroupUsage, Meter, MeterSummary, Period, Summary, Timestamp, UnitTotals, UnitsChange, UnitsComparison,
    UnitsGrowth,
};
pub use transport::{Call, Error, Page, Units, UsageResponse};
#[cfg(not(target_arch = "wasm32"))]
#[doc(hidden)]
pub use typescript::typescript;
/// The type of an [`Error`]'s cause and headers.
pub use wasm_bindgen::JsValue;
