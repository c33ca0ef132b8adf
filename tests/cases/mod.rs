//! The cases that need a JavaScript engine: any arguments, foreign responses, promises, timers, signals, causes.
//!
//! The cases are the functions of js/*.js, which get the exports of the crate. This module names them, and has the
//! cases of the Rust client. The same suite runs in Node and in Chromium.

use js_sys::{Array, Promise, Reflect};
use thousandeyes_usage::{Call, Client, ErrorCode, Query, get_usage, get_usage_with_response};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/tests/cases/js/run.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn run(file: &str, name: &str, exports: &JsValue, fixture: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = useGlobalFetch)]
    fn use_global_fetch(body: &str) -> JsValue;

    #[wasm_bindgen(js_name = restoreGlobalFetch)]
    fn restore_global_fetch() -> JsValue;
}

/// wasm-bindgen copies only files that are named.
macro_rules! copy_files {
    ($($path:literal)+) => {
        $(
            const _: () = {
                #[wasm_bindgen(module = $path)]
                extern "C" {
                    fn file();
                }
            };
        )+
    };
}

copy_files! {
    "/tests/cases/js/arguments.js"
    "/tests/cases/js/assert.js"
    "/tests/cases/js/causes.js"
    "/tests/cases/js/interruptions.js"
    "/tests/cases/js/json.js"
    "/tests/cases/js/responses.js"
}

macro_rules! cases {
    ($($file:ident: $($name:ident)+;)+) => {
        $(
            mod $file {
                use wasm_bindgen_test::wasm_bindgen_test;

                $(
                    #[wasm_bindgen_test]
                    async fn $name() {
                        let fixture = include_str!("../fixtures/usage.json");
                        let (file, name, exports) = (stringify!($file), stringify!($name), super::exports());
                        if let Err(error) = super::run(file, name, &exports, fixture).await {
                            panic!("{}", super::describe(&error));
                        }
                    }
                )+
            }
        )+
    };
}

cases! {
    arguments:
        an_invalid_argument_is_rejected_before_anything_is_sent
        a_string_that_is_too_long_is_rejected_before_it_is_copied
        a_relative_base_url_is_resolved_against_the_page
        the_request_has_the_arguments_and_the_headers
        the_token_provider_is_called_once_per_call
        the_global_fetch_is_looked_up_when_the_call_begins;
    responses:
        the_result_equals_the_json_of_the_body
        the_response_has_its_status_headers_rate_limit_and_attempts
        an_error_has_the_fields_of_its_code
        a_body_may_have_exactly_max_body_bytes
        a_value_that_is_not_a_response_is_a_lasting_connection_error
        a_response_that_throws_when_it_is_read_is_an_error
        a_response_of_another_library_is_read_by_array_buffer
        each_attempt_is_reported_and_the_hook_changes_nothing;
    interruptions:
        the_deadline_covers_the_provider_the_headers_and_the_body
        a_timeout_from_2_pow_31_ms_on_is_none
        the_signal_aborts_at_each_stage_with_its_reason_as_the_cause
        a_call_leaves_no_listener_on_the_signal
        a_body_that_always_has_a_chunk_ready_ends_at_the_deadline
        retries_without_a_wait_end_with_the_signal
        a_wait_that_is_longer_than_a_timer_takes_several;
    causes:
        a_cause_that_may_contain_the_token_is_replaced_by_its_names_codes_and_messages
        a_cause_without_the_token_is_the_thrown_value
        a_secret_of_the_callers_own_authorization_is_redacted;
    json:
        a_piece_of_json_is_decoded_anywhere_as_json_parse_and_the_model_have_it
        a_mutated_body_is_decoded_as_json_parse_and_the_model_have_it;
}

/// The message of an error, and where it was thrown.
fn describe(error: &JsValue) -> String {
    let stack = Reflect::get(error, &"stack".into()).ok().and_then(|stack| stack.as_string());
    stack.unwrap_or_else(|| format!("{error:?}"))
}

type Export = dyn Fn(JsValue, JsValue, JsValue) -> Promise;

/// The exports as JavaScript functions. A call begins when its function is called, as in the package.
fn exports() -> JsValue {
    fn begin(options: &JsValue) -> Call {
        let option = |name: &str| Reflect::get(options, &name.into()).unwrap_or_default();
        Call::new(&option("timeout"), &option("signal")).unwrap()
    }
    let usage: Box<Export> = Box::new(|aid, expand, options| {
        let call = begin(&options);
        future_to_promise(get_usage(aid, expand, options, call))
    });
    let with_response: Box<Export> = Box::new(|aid, expand, options| {
        let call = begin(&options);
        future_to_promise(get_usage_with_response(aid, expand, options, call))
    });
    [usage, with_response].map(|export| Closure::wrap(export).into_js_value()).into_iter().collect::<Array>().into()
}

#[wasm_bindgen_test]
async fn the_rust_client_calls_the_global_fetch() {
    use_global_fetch(r#"{"usage":{"cloudUnitsUsed":4320000000}}"#);
    let client = Client::new().base_url("https://example.com").token("abc").header("x-own", "1");
    let query = Query::new().aid("2067").unwrap();
    let usage = client.usage(&query).await;
    let response = client.usage_with_response(&query).await.unwrap();
    let request = restore_global_fetch().as_string();
    assert_eq!(usage.unwrap(), response.usage);
    assert_eq!((response.status, response.attempts, response.rate_limit), (200, 1, None));
    assert_eq!(response.usage.usage.unwrap().cloud_units_used, Some(4_320_000_000));
    assert_eq!(request.as_deref(), Some("https://example.com/v7/usage?aid=2067 Bearer abc 1"));
    assert_eq!(format!("{client:?}").find("abc"), None);
}

#[wasm_bindgen_test]
async fn the_rust_client_rejects_what_the_exports_reject() {
    for client in [Client::new().base_url("http://example.com"), Client::new().header("x", "a\nb")] {
        assert_eq!(client.usage(&Query::new()).await.unwrap_err().code(), ErrorCode::Argument);
    }
}
