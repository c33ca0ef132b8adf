//! The cases that need a JavaScript engine: any arguments, foreign responses, promises, timers, signals, causes.
//!
//! The cases are the exported functions of js/*.js, which get the exports of the crate. This module names the files, and
//! has the cases of the Rust client. The same suite runs in Node and in Chromium.

use std::future::{Future, poll_fn};
use std::pin::Pin;

use futures_core::Stream;
use js_sys::{Array, Promise, Reflect};
use thousandeyes_usage::{
    Call, Client, DateRange, Error, ErrorCode, Query, Units, UnitsQuery, get_enterprise_agent_units, get_quotas,
    get_test_units, get_usage, get_usage_with_response,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/tests/cases/js/assert.js")]
extern "C" {
    /// Replaces it. Its responses have these bodies. An empty one never comes: then the promise resolves.
    #[wasm_bindgen(js_name = useGlobalFetch)]
    fn use_global_fetch(bodies: Vec<String>) -> Promise;

    /// Restores it, and returns the requests.
    #[wasm_bindgen(js_name = restoreGlobalFetch)]
    fn restore_global_fetch() -> Vec<String>;
}

#[wasm_bindgen(module = "/tests/cases/js/run.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn run(file: &str, exports: &JsValue, fixtures: Vec<String>) -> Result<JsValue, JsValue>;
}

/// wasm-bindgen copies only files that are named.
macro_rules! cases {
    ($($name:ident: $path:literal)+) => {
        $(
            const _: () = {
                #[wasm_bindgen(module = $path)]
                extern "C" {
                    fn file();
                }
            };

            #[wasm_bindgen_test]
            async fn $name() {
                run(stringify!($name), &exports(), fixtures()).await.unwrap();
            }
        )+
    };
}

cases! {
    arguments: "/tests/cases/js/arguments.js"
    causes: "/tests/cases/js/causes.js"
    interruptions: "/tests/cases/js/interruptions.js"
    json: "/tests/cases/js/json.js"
    responses: "/tests/cases/js/responses.js"
    units: "/tests/cases/js/units.js"
}

fn fixtures() -> Vec<String> {
    [
        include_str!("../fixtures/usage.json"),
        include_str!("../fixtures/test-units.json"),
        include_str!("../fixtures/enterprise-agent-units.json"),
        include_str!("../fixtures/quotas.json"),
    ]
    .map(str::to_owned)
    .into()
}

/// The exports as JavaScript functions. A call begins when its function is called, as in the package.
fn exports() -> JsValue {
    fn begin(options: &JsValue) -> Call {
        let option = |name: &str| Reflect::get(options, &name.into()).unwrap_or_default();
        Call::new(&option("timeout"), &option("signal")).unwrap()
    }
    /// A JavaScript function. Its last argument is the options.
    macro_rules! export {
        ($function:ident($($argument:ident: $type:ty),*)) => {{
            let export: Box<dyn Fn($($type,)* JsValue) -> Promise> = Box::new(|$($argument,)* options| {
                let call = begin(&options);
                future_to_promise($function($($argument,)* options, call))
            });
            Closure::wrap(export).into_js_value()
        }};
    }
    [
        export!(get_usage(aid: JsValue, expand: JsValue)),
        export!(get_usage_with_response(aid: JsValue, expand: JsValue)),
        export!(get_test_units(aid: JsValue, start_date: JsValue, end_date: JsValue, cursors: String)),
        export!(get_enterprise_agent_units(start_date: JsValue, end_date: JsValue, cursors: String)),
        export!(get_quotas()),
    ]
    .into_iter()
    .collect::<Array>()
    .into()
}

#[wasm_bindgen_test]
async fn the_rust_client_calls_the_global_fetch() {
    let _ = use_global_fetch(vec![r#"{"usage":{"cloudUnitsUsed":4320000000}}"#.to_owned()]);
    let client = Client::new().base_url("https://example.com").token("abc").header("x-own", "1");
    let query = Query::new().aid("2067").unwrap();
    let usage = client.usage(&query).await;
    let response = client.usage_with_response(&query).await.unwrap();
    let requests = restore_global_fetch();
    assert_eq!(usage.unwrap(), response.usage);
    assert_eq!((response.status, response.attempts, response.rate_limit), (200, 1, None));
    assert_eq!(response.usage.usage.unwrap().cloud_units_used, Some(4_320_000_000));
    assert_eq!(requests, ["https://example.com/v7/usage?aid=2067 Bearer abc 1"; 2]);
    assert_eq!(format!("{client:?}").find("abc"), None);
}

#[wasm_bindgen_test]
async fn the_rust_client_rejects_what_the_exports_reject() {
    for client in [Client::new().base_url("http://example.com"), Client::new().header("x", "a\nb")] {
        assert_eq!(client.usage(&Query::new()).await.unwrap_err().code(), ErrorCode::Argument);
    }
}

/// The pages of a list, with the rows of these IDs and a next link with this cursor.
fn pages(pages: &[(&[&str], &str)]) -> Vec<String> {
    let page = |(ids, cursor): &(&[&str], &str)| {
        let rows: Vec<_> = ids.iter().map(|id| format!(r#"{{"testId":"{id}","agentId":"{id}"}}"#)).collect();
        let href = format!("https://elsewhere.example/?aid=9&cursor={cursor}");
        format!(r#"{{"breakdowns":[{}],"_links":{{"next":{{"href":"{href}"}}}}}}"#, rows.join(","))
    };
    pages.iter().map(page).collect()
}

async fn next_row<R: 'static>(units: &mut Units<R>) -> Option<Result<R, Error>> {
    poll_fn(|context| Pin::new(&mut *units).poll_next(context)).await
}

const TESTS: &str = "https://example.com/v7/usage/units/tests";

#[wasm_bindgen_test]
async fn a_list_of_the_rust_client_is_a_stream_of_the_rows_of_all_pages() {
    let _ = use_global_fetch(pages(&[(&["1", "2"], "b"), (&[], "c"), (&["3"], "")]));
    let client = Client::new().base_url("https://example.com").token("abc");
    let dates = DateRange::new(Some("2026-10-01T00:00:00Z"), None).unwrap();
    let mut units = client.test_units(&UnitsQuery::new().aid("2067").unwrap().dates(dates));
    let mut ids = Vec::new();
    while let Some(row) = next_row(&mut units).await {
        ids.extend(row.unwrap().test_id);
    }
    assert_eq!(ids, ["1", "2", "3"]);
    let query = "?aid=2067&startDate=2026-10-01T00:00:00Z";
    let requests = ["", "&cursor=b", "&cursor=c"].map(|cursor| format!("{TESTS}{query}{cursor} Bearer abc "));
    assert_eq!(restore_global_fetch(), requests);
}

#[wasm_bindgen_test]
async fn next_page_of_the_rust_client_returns_a_page_with_its_response_until_the_last_one() {
    let _ = use_global_fetch(pages(&[(&["1", "2"], "b"), (&["3"], "")]));
    let client = Client::new().base_url("https://example.com");
    let mut units = client.enterprise_agent_units(&DateRange::default());
    // The rest of the rows of its page is dropped.
    assert_eq!(next_row(&mut units).await.unwrap().unwrap().agent_id.as_deref(), Some("1"));
    let page = units.next_page().await.unwrap().unwrap();
    assert_eq!((page.status, page.attempts, page.rows.len()), (200, 1, 1));
    assert_eq!(page.rows.first().unwrap().agent_id.as_deref(), Some("3"));
    assert!(units.next_page().await.unwrap().is_none());
    assert!(units.next_page().await.unwrap().is_none());
    let path = "https://example.com/v7/usage/units/enterprise-agents";
    assert_eq!(restore_global_fetch(), ["", "?cursor=b"].map(|cursor| format!("{path}{cursor}  ")));
}

#[wasm_bindgen_test]
async fn a_list_of_the_rust_client_ends_after_an_error() {
    let _ = use_global_fetch(pages(&[(&["1"], "b"), (&["2"], "b")]));
    let client = Client::new();
    let mut units = client.test_units(&UnitsQuery::new());
    for id in ["1", "2"] {
        assert_eq!(next_row(&mut units).await.unwrap().unwrap().test_id.as_deref(), Some(id));
    }
    assert_eq!(next_row(&mut units).await.unwrap().unwrap_err().code(), ErrorCode::UnexpectedResponse);
    assert!(next_row(&mut units).await.is_none());
    let mut units = client.max_pages(0).test_units(&UnitsQuery::new());
    assert!(units.next_page().await.is_ok());
    assert_eq!(units.next_page().await.unwrap_err().code(), ErrorCode::UnexpectedResponse);
    assert_eq!(restore_global_fetch().len(), 3);
}

#[wasm_bindgen_test]
async fn dropping_a_list_of_the_rust_client_aborts_the_request_under_way() {
    let mut bodies = pages(&[(&["1"], "b")]);
    bodies.push(String::new());
    let mut stalled = JsFuture::from(use_global_fetch(bodies));
    let mut units = Client::new().base_url("https://example.com").test_units(&UnitsQuery::new());
    next_row(&mut units).await.unwrap().unwrap();
    poll_fn(|context| {
        assert!(Pin::new(&mut units).poll_next(context).is_pending());
        Pin::new(&mut stalled).poll(context)
    })
    .await
    .unwrap();
    drop(units);
    assert_eq!(restore_global_fetch().last().unwrap(), &format!("{TESTS}?cursor=b   aborted"));
}

#[wasm_bindgen_test]
async fn a_list_of_the_rust_client_requests_nothing_before_it_is_polled() {
    let _ = use_global_fetch(pages(&[(&["1"], "")]));
    drop(Client::new().test_units(&UnitsQuery::new()));
    assert_eq!(Client::new().quotas().await.unwrap().quotas, None);
    assert_eq!(restore_global_fetch(), ["https://api.thousandeyes.com/v7/quotas  "]);
}

#[wasm_bindgen_test]
async fn the_rust_client_gets_the_quotas() {
    let _ = use_global_fetch(fixtures().split_off(3));
    let quotas = Client::new().quotas().await.unwrap().quotas.unwrap();
    restore_global_fetch();
    assert_eq!(quotas.first().unwrap().organization_quota.as_ref().unwrap().value, 4_320_000_000);
}
