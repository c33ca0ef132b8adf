//! What the exports do with real JavaScript values, timers, signals and streams. One suite, two hosts.
//!
//! The names follow the rows of the contract; what needs a real connection is tested on the built package.

use js_sys::{Array, Function, JSON, Reflect, eval};
use thousandeyes_usage::{Call, Client, ErrorCode, Query, get_usage, get_usage_with_response};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

mod json;

const EVERY_FIELD: &str = include_str!("../fixtures/usage.json");

/// What the cases use: a `fetch` that answers from memory and keeps what it was asked.
const HELPERS: &str = r#"
globalThis.te = {
  calls: [],
  answer(body, { status = 200, headers = {} } = {}) {
    return new Response(body, { status, headers: { "content-type": "application/hal+json", ...headers } });
  },
  fetch(...answers) {
    te.calls = [];
    return async (url, init) => {
      te.calls.push({ url, init, headers: Object.fromEntries(init.headers) });
      const next = answers.length > 1 ? answers.shift() : answers[0];
      return typeof next === "function" ? next(url, init) : next.clone();
    };
  },
  stream(...chunks) {
    te.isCancelled = false;
    const encoder = new TextEncoder();
    return new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk instanceof Error) controller.error(chunk);
        else if (chunk === "stall") return new Promise(() => {});
        else if (chunk === undefined) controller.close();
        else controller.enqueue(encoder.encode(chunk));
      },
      cancel() { te.isCancelled = true; },
    }, { highWaterMark: 0 });
  },
  /** The options as the package's JavaScript hands them over. */
  options(options = {}) {
    if (Object(options) !== options) return options;
    const copy = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null));
    if (copy.baseUrl?.href) copy.baseUrl = copy.baseUrl.href;
    try {
      copy.headers = new Headers(copy.headers);
    } catch {}
    return copy;
  },
  deepEqual(a, b) {
    if (typeof a !== "object" || a === null || b === null) return Object.is(a, b);
    const keys = Object.keys(a);
    return Array.isArray(a) === Array.isArray(b) && Object.getPrototypeOf(a) === Object.getPrototypeOf(b)
      && keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && te.deepEqual(a[key], b[key]));
  },
};
"#;

/// Evaluates JavaScript with the helpers in reach.
fn js(expression: &str) -> JsValue {
    if eval("globalThis.te").unwrap().is_undefined() {
        eval(HELPERS).unwrap();
    }
    eval(&format!("({expression})")).unwrap()
}

fn holds(expression: &str) -> bool {
    js(expression).is_truthy()
}

/// A property, by a path such as `problem.detail`.
fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap_or_default())
}

fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_else(|| format!("{:?}", get(value, path)))
}

async fn call(arguments: &str) -> Result<JsValue, JsValue> {
    let arguments: Array = js(&format!("[{arguments}]")).unchecked_into();
    let (options, call) = begin(&arguments.get(2));
    get_usage(arguments.get(0), arguments.get(1), options, call).await
}

/// The options of a call that begins now, with its deadline and its signal.
fn begin(options: &JsValue) -> (JsValue, Call) {
    let options = js("te.options").unchecked_into::<Function>().call1(&JsValue::UNDEFINED, options).unwrap();
    let call = Call::new(&get(&options, "timeout"), &get(&options, "signal")).unwrap();
    (options, call)
}

async fn fails(arguments: &str) -> JsValue {
    call(arguments).await.expect_err(arguments)
}

async fn fails_with(arguments: &str, code: &str) -> JsValue {
    let error = fails(arguments).await;
    assert_eq!(text(&error, "code"), code, "{arguments}: {}", text(&error, "message"));
    error
}

/// Fails as an argument or token does: nothing is sent.
async fn is_refused(arguments: &str, code: &str, message: &str) {
    js("te.calls = []");
    let error = fails_with(arguments, code).await;
    assert_eq!(text(&error, "message"), message, "{arguments}");
    assert_eq!(get(&error, "attempts"), 0, "{arguments}");
    assert!(holds("te.calls.length === 0"), "{arguments}");
}

/// The URL that a call with these arguments asks.
async fn asked(aid: &str, expand: &str, options: &str) -> String {
    call(&format!("{aid}, {expand}, {{ fetch: te.fetch(te.answer('{{}}')), {options} }}")).await.unwrap();
    text(&js("te.calls[0]"), "url")
}

async fn result(body: &str) -> Result<JsValue, JsValue> {
    js("te.body = null");
    Reflect::set(&js("te"), &"body".into(), &body.into()).unwrap();
    call("null, null, { fetch: te.fetch(te.answer(te.body)) }").await
}

// Section 2: on the wire

#[wasm_bindgen_test]
async fn aid_and_expand_are_sent_in_this_order_with_literal_commas() {
    let url = asked("'2067'", "['test', 'endpoint-agent']", "").await;
    assert_eq!(url, "https://api.thousandeyes.com/v7/usage?aid=2067&expand=test,endpoint-agent");
}

#[wasm_bindgen_test]
async fn aid_and_expand_null_undefined_or_empty_are_left_out() {
    for arguments in [("null", "null"), ("undefined", "undefined"), ("null", "[]")] {
        let url = asked(arguments.0, arguments.1, "").await;
        assert_eq!(url, "https://api.thousandeyes.com/v7/usage");
    }
}

#[wasm_bindgen_test]
async fn the_headers_are_accept_and_authorization_alone() {
    asked("null", "null", "").await;
    let accept = "application/hal+json, application/problem+json";
    assert!(holds(&format!("te.deepEqual(te.calls[0].headers, {{ accept: '{accept}' }})")));
    asked("null", "null", "token: 'abc'").await;
    let both = format!("{{ accept: '{accept}', authorization: 'Bearer abc' }}");
    assert!(holds(&format!("te.deepEqual(te.calls[0].headers, {both})")));
}

#[wasm_bindgen_test]
async fn the_request_is_a_get_that_follows_no_redirect() {
    asked("null", "null", "").await;
    assert!(holds("te.calls[0].init.method === 'GET' && te.calls[0].init.redirect === 'manual'"));
}

#[wasm_bindgen_test]
async fn an_aid_that_is_empty_or_has_control_characters_is_refused() {
    let message = "`aid` is empty; leave it out to ask without one";
    is_refused("'', null, { fetch: te.fetch() }", "argument", message).await;
    let message = "`aid` holds a control character; pass the account group's ID alone";
    is_refused("'20\\n67', null, { fetch: te.fetch() }", "argument", message).await;
}

#[wasm_bindgen_test]
async fn an_aid_that_is_not_a_string_is_refused() {
    for aid in ["2067", "2067n", "true", "{}", "['2067']", "Symbol('2067')"] {
        let why = if aid == "2067" {
            "a number would lose digits"
        } else {
            "the arguments are (aid, expand, options)"
        };
        let message = &format!("`aid` must be a string, such as \"2067\": {why}");
        is_refused(&format!("{aid}, null, {{ fetch: te.fetch() }}"), "argument", message).await;
    }
}

#[wasm_bindgen_test]
async fn a_text_that_cannot_be_meant_is_refused_before_it_is_copied() {
    let message = "`aid` is too long; pass only the account group's ID";
    is_refused("'1'.repeat(2 ** 28), null, { fetch: te.fetch() }", "argument", message).await;
    for (option, code) in [("token", "token"), ("baseUrl", "argument")] {
        let arguments = format!("null, null, {{ fetch: te.fetch(), {option}: 'a'.repeat(2 ** 28) }}");
        let error = fails_with(&arguments, code).await;
        assert!(text(&error, "message").len() < 200);
    }
}

#[wasm_bindgen_test]
async fn an_aid_is_encoded_and_leaves_the_path_untouched() {
    for (aid, encoded) in [("1&expand=x", "1%26expand%3Dx"), ("../", "..%2F"), ("é", "%C3%A9")] {
        let url = asked(&format!("'{aid}'"), "null", "").await;
        assert_eq!(url, format!("https://api.thousandeyes.com/v7/usage?aid={encoded}"));
    }
}

#[wasm_bindgen_test]
async fn duplicates_in_expand_are_sent_once_in_order() {
    let url = asked("null", "['endpoint-agent', 'test', 'endpoint-agent']", "").await;
    assert_eq!(url, "https://api.thousandeyes.com/v7/usage?expand=endpoint-agent,test");
}

#[wasm_bindgen_test]
async fn an_unknown_expand_value_or_a_bare_string_is_refused_with_the_six_values() {
    let values = "the values of `expand` are \"test\", \"enterprise-agent\", \"enterprise-agent-unit\", \
                  \"endpoint-agent\", \"endpoint-agent-essential\", \"endpoint-agent-embedded\"";
    for (expand, what) in [
        ("['test', 'tests']", "`expand[1]` is unknown"),
        ("['Test']", "`expand[0]` is unknown"),
        ("[7]", "`expand[0]` is unknown"),
        ("[null]", "`expand[0]` is unknown"),
        ("[,'test']", "`expand[0]` is unknown"),
        ("'test'", "`expand` must be an array"),
        ("{}", "`expand` must be an array"),
    ] {
        let arguments = format!("null, {expand}, {{ fetch: te.fetch() }}");
        is_refused(&arguments, "argument", &format!("{what}; {values}")).await;
    }
}

#[wasm_bindgen_test]
async fn the_base_url_is_a_string_or_a_url_and_gets_the_path_appended() {
    for base in ["'https://example.com/te/'", "new URL('https://example.com/te')", "'HTTPS://EXAMPLE.com/te'"]
    {
        assert_eq!(
            asked("null", "null", &format!("baseUrl: {base}")).await,
            "https://example.com/te/v7/usage"
        );
    }
    let url = asked("null", "null", "baseUrl: 'http://127.0.0.1:8787'").await;
    assert_eq!(url, "http://127.0.0.1:8787/v7/usage");
}

#[wasm_bindgen_test]
async fn a_relative_base_url_is_resolved_where_there_is_a_location() {
    if holds("typeof location === 'undefined'") {
        let message = "`baseUrl` is not a URL; pass one such as https://api.thousandeyes.com";
        is_refused("null, null, { fetch: te.fetch(), baseUrl: '/api' }", "argument", message).await;
    } else {
        let origin = js("location.origin").as_string().unwrap();
        assert_eq!(asked("null", "null", "baseUrl: '/api'").await, format!("{origin}/api/v7/usage"));
    }
}

#[wasm_bindgen_test]
async fn a_base_url_that_is_not_https_or_has_more_than_a_path_is_refused_and_not_echoed() {
    let https = "`baseUrl` must be https, or http on localhost, so that the token cannot be read on the way";
    let userinfo = "`baseUrl` holds a user name or password; pass the token in `token` instead";
    let query = "`baseUrl` has a query or fragment; pass only scheme, host and path";
    for (base, message) in [
        ("'http://example.com'", https),
        ("'ftp://localhost'", https),
        ("'http://127.0.0.1.example.com'", https),
        ("'https://me:s3cret@example.com'", userinfo),
        ("'https://me@example.com'", userinfo),
        ("'https://example.com?x'", query),
        ("'https://example.com?'", query),
        ("'https://example.com#'", query),
        ("'https://'", "`baseUrl` is not a URL; pass one such as https://api.thousandeyes.com"),
        ("''", "`baseUrl` is empty; leave it out to call https://api.thousandeyes.com"),
        ("7", "`baseUrl` must be a string or a URL"),
    ] {
        let arguments = format!("null, null, {{ fetch: te.fetch(), baseUrl: {base} }}");
        is_refused(&arguments, "argument", message).await;
    }
}

#[wasm_bindgen_test]
async fn a_token_that_cannot_be_sent_is_refused() {
    let message = "The token is empty; pass a bearer token of ThousandEyes, or leave `token` out";
    is_refused("null, null, { fetch: te.fetch(), token: '' }", "token", message).await;
    for token in
        ["'s3cret\\r\\nX: 1'", "'s3cret\\n'", "'s3cret\\0'", "'s3crét'", "'s3cret\\ud800'", "'Bearer s3cret'"]
    {
        let message = "The token has a line break, a space or another character that no token has; pass the \
                       bare token, without `Bearer`";
        let arguments = format!("null, null, {{ fetch: te.fetch(), token: {token} }}");
        is_refused(&arguments, "token", message).await;
    }
    for token in ["7", "{}", "true"] {
        let message = "The token must be a string or a function that returns one";
        is_refused(&format!("null, null, {{ fetch: te.fetch(), token: {token} }}"), "token", message).await;
    }
}

#[wasm_bindgen_test]
async fn a_provider_is_asked_once_per_call() {
    for provider in ["() => (te.asked++, 'abc')", "async () => (te.asked++, 'abc')"] {
        js("te.asked = 0");
        let fetch =
            "te.fetch(te.answer('', { status: 503, headers: { 'retry-after': '0' } }), te.answer('{}'))";
        call(&format!("null, null, {{ fetch: {fetch}, token: {provider} }}")).await.unwrap();
        assert!(holds("te.asked === 1 && te.calls.length === 2"));
        assert!(holds("te.calls.every((call) => call.headers.authorization === 'Bearer abc')"));
    }
}

#[wasm_bindgen_test]
async fn a_provider_that_throws_or_returns_no_string_is_a_token_error_with_its_cause() {
    for provider in ["() => { throw te.reason }", "async () => { throw te.reason }"] {
        js("te.reason = new Error('vault is sealed')");
        let error =
            fails_with(&format!("null, null, {{ fetch: te.fetch(), token: {provider} }}"), "token").await;
        assert_eq!(get(&error, "cause"), js("te.reason"));
        assert!(holds("te.calls.length === 0"));
    }
    for provider in ["() => undefined", "async () => 7", "() => null"] {
        let message = "The token provider must return a string";
        is_refused(&format!("null, null, {{ fetch: te.fetch(), token: {provider} }}"), "token", message)
            .await;
    }
}

#[wasm_bindgen_test]
async fn a_timeout_or_a_count_of_retries_that_makes_no_sense_is_refused() {
    for timeout in ["0", "-1", "NaN", "'30'", "{}"] {
        let message = "`timeout` must be a number of milliseconds above 0, or Infinity for none";
        let arguments = format!("null, null, {{ fetch: te.fetch(), timeout: {timeout} }}");
        is_refused(&arguments, "argument", message).await;
    }
    for count in ["-1", "1.5", "NaN", "'2'"] {
        let message = "`maxRetries` must be a whole number, 0 or more";
        let arguments = format!("null, null, {{ fetch: te.fetch(), maxRetries: {count} }}");
        is_refused(&arguments, "argument", message).await;
    }
    let message = "`maxBodyBytes` must be a number of bytes, 1 or more";
    is_refused("null, null, { fetch: te.fetch(), maxBodyBytes: 0 }", "argument", message).await;
}

#[wasm_bindgen_test]
async fn a_timeout_of_2_pow_31_ms_or_more_counts_as_none() {
    let late = "() => new Promise((resolve) => setTimeout(() => resolve(te.answer('{}')), 20))";
    for timeout in ["2 ** 31", "Number.MAX_VALUE", "Infinity"] {
        call(&format!("null, null, {{ fetch: {late}, timeout: {timeout} }}")).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn the_users_headers_win() {
    for headers in [
        "{ Accept: 'a/b', authorization: 'Basic x', 'x-own': '1' }",
        "new Headers([['accept', 'a/b'], ['Authorization', 'Basic x'], ['x-own', '1']])",
    ] {
        asked("null", "null", &format!("token: 'abc', headers: {headers}")).await;
        let expected = "{ accept: 'a/b', authorization: 'Basic x', 'x-own': '1' }";
        assert!(holds(&format!("te.deepEqual(te.calls[0].headers, {expected})")), "{headers}");
    }
}

#[wasm_bindgen_test]
async fn an_invalid_header_is_refused_and_not_echoed() {
    for headers in ["{ 'x-own': 's3cret\\n1' }", "{ 'x own': '1' }", "[['x-own', 's3cré\\u20ac']]", "7"] {
        let message = "`headers` has a name or value that HTTP does not allow; look for line breaks in it";
        let arguments = format!("null, null, {{ fetch: te.fetch(), headers: {headers} }}");
        is_refused(&arguments, "argument", message).await;
    }
}

#[wasm_bindgen_test]
async fn options_of_the_wrong_type_are_refused() {
    for (options, message) in [
        ("7", "`options` must be an object"),
        ("'token'", "`options` must be an object"),
        ("{ fetch: 7 }", "`fetch` must be a function"),
        ("{ onAttempt: {} }", "`onAttempt` must be a function"),
        ("{ signal: {} }", "`signal` must be an AbortSignal"),
        ("{ signal: 'abort' }", "`signal` must be an AbortSignal"),
    ] {
        is_refused(&format!("null, null, {options}"), "argument", message).await;
    }
}

#[wasm_bindgen_test]
async fn the_global_fetch_is_looked_up_at_call_time() {
    js("te.global = globalThis.fetch");
    js("globalThis.fetch = te.fetch(te.answer('{\"usage\":{}}'))");
    let result = call("").await;
    js("globalThis.fetch = te.global");
    assert!(get(&result.unwrap(), "usage").is_object());
}

// Section 3: the result

#[wasm_bindgen_test]
async fn the_result_is_equal_to_the_bodys_json() {
    let result = result(EVERY_FIELD).await.unwrap();
    let same: Function = js("te.deepEqual").unchecked_into();
    assert!(same.call2(&JsValue::NULL, &result, &JSON::parse(EVERY_FIELD).unwrap()).unwrap().is_truthy());
}

#[wasm_bindgen_test]
async fn the_result_survives_structured_clone_and_stringify() {
    let value = result(EVERY_FIELD).await.unwrap();
    Reflect::set(&js("te"), &"value".into(), &value).unwrap();
    assert!(holds("te.deepEqual(structuredClone(te.value), te.value)"));
    assert!(holds("te.deepEqual(JSON.parse(JSON.stringify(te.value)), te.value)"));
    assert_eq!(get(&value, "usage.quota.cloudUnitsIncluded"), 4_320_000_000_f64);
}

#[wasm_bindgen_test]
async fn an_unknown_field_is_kept_and_none_sets_a_prototype() {
    let body = r#"{"usage":{"__proto__":{"polluted":true},"new":{"a":[1e300,null]},"n":9007199254740993}}"#;
    let value = result(body).await.unwrap();
    let same: Function = js("te.deepEqual").unchecked_into();
    assert!(same.call2(&JsValue::NULL, &value, &JSON::parse(body).unwrap()).unwrap().is_truthy());
    assert!(get(&value, "usage.polluted").is_undefined());
}

#[wasm_bindgen_test]
async fn absent_and_null_fields_are_not_there() {
    let value = result(r#"{"usage":{"cloudUnitsUsed":null,"quota":{}},"_links":{}}"#).await.unwrap();
    assert_eq!(JSON::stringify(&value).unwrap(), r#"{"usage":{"quota":{}},"_links":{}}"#);
}

#[wasm_bindgen_test]
async fn a_wrong_type_is_a_decode_error_whose_path_names_the_element() {
    let tests = format!("{}{{\"cloudUnitsUsed\":\"5\"}}", "{},".repeat(17));
    let error = result(&format!(r#"{{"usage":{{"tests":[{tests}]}}}}"#)).await.unwrap_err();
    assert_eq!(text(&error, "code"), "decode");
    assert_eq!(text(&error, "path"), "usage.tests[17].cloudUnitsUsed");
    assert_eq!(text(&error, "expected"), "an integer within ±(2^53 − 1)");
    assert_eq!(text(&error, "found"), "a string");
    assert_eq!(get(&error, "attempts"), 1);
}

// Section 4: errors

#[wasm_bindgen_test]
async fn each_status_has_its_code() {
    for (status, code, retryable) in [
        (400, "bad-request", false),
        (401, "unauthorized", false),
        (403, "forbidden", false),
        (404, "not-found", false),
        (429, "rate-limit", true),
        (500, "server", true),
        (501, "server", false),
        (503, "server", true),
        (301, "unexpected-response", false),
        (405, "unexpected-response", false),
        (408, "unexpected-response", true),
    ] {
        let options = format!("{{ maxRetries: 0, fetch: te.fetch(te.answer('', {{ status: {status} }})) }}");
        let error = fails_with(&format!("null, null, {options}"), code).await;
        assert_eq!(get(&error, "status"), status);
        assert_eq!(get(&error, "retryable"), retryable, "{status}");
        assert_eq!(get(&error, "attempts"), 1);
        assert!(get(&error, "problem").is_undefined());
    }
}

#[wasm_bindgen_test]
async fn a_failed_answer_carries_its_headers_request_id_problem_and_rate_limit() {
    let body = "'{\"detail\":\"unknown aid\",\"errors\":[{\"field\":\"aid\"}]}'";
    let headers = "{ 'x-request-id': 'r-1', 'x-organization-rate-limit-limit': '240', \
                   'x-organization-rate-limit-remaining': '7', 'x-organization-rate-limit-reset': '1795348860' }";
    let fetch = format!("te.fetch(te.answer({body}, {{ status: 400, headers: {headers} }}))");
    let error = fails_with(&format!("null, null, {{ fetch: {fetch} }}"), "bad-request").await;
    assert_eq!(text(&error, "requestId"), "r-1");
    assert_eq!(text(&error, "problem.detail"), "unknown aid");
    assert_eq!(text(&error, "problem.errors.0.field"), "aid");
    assert_eq!(get(&error, "rateLimit.limit"), 240);
    assert_eq!(get(&error, "rateLimit.remaining"), 7);
    assert_eq!(JSON::stringify(&get(&error, "rateLimit.reset")).unwrap(), "\"2026-11-22T12:01:00.000Z\"");
    Reflect::set(&js("te"), &"headers".into(), &get(&error, "headers")).unwrap();
    assert!(holds("te.headers.get('x-request-id') === 'r-1'"));
    assert!(text(&error, "message").ends_with("(the API says: unknown aid)"));
}

#[wasm_bindgen_test]
async fn a_rate_limit_tells_when_to_retry() {
    let fetch = "te.fetch(te.answer('', { status: 429, headers: { 'retry-after': '60' } }))";
    let before = js_sys::Date::now();
    let error = fails_with(&format!("null, null, {{ fetch: {fetch} }}"), "rate-limit").await;
    let retry_at = get(&error, "retryAt").unchecked_into::<js_sys::Date>().get_time();
    assert!((before + 60_000.0..=js_sys::Date::now() + 60_000.0).contains(&retry_at));
    assert_eq!(get(&error, "attempts"), 1);
}

#[wasm_bindgen_test]
async fn a_200_that_is_no_json_is_an_unexpected_response() {
    let answer = "te.answer('<html>', { headers: { 'content-type': 'text/html' } })";
    let error =
        fails_with(&format!("null, null, {{ fetch: te.fetch({answer}) }}"), "unexpected-response").await;
    assert_eq!(get(&error, "status"), 200);
}

#[wasm_bindgen_test]
async fn a_body_over_max_body_bytes_is_an_unexpected_response_and_is_cancelled() {
    let answer = "() => te.answer(te.stream('{\"a\":', '\"0123456789\"', '}'))";
    let options = format!("{{ maxBodyBytes: 10, fetch: te.fetch({answer}) }}");
    fails_with(&format!("null, null, {options}"), "unexpected-response").await;
    assert!(holds("te.isCancelled"));
}

#[wasm_bindgen_test]
async fn a_fetch_that_fails_is_a_connection_error_with_its_cause() {
    for failure in
        ["() => { throw te.reason }", "async () => { throw te.reason }", "() => Promise.reject(te.reason)"]
    {
        for reason in ["new TypeError('failed')", "'text'", "7"] {
            js(&format!("te.reason = {reason}"));
            let options = format!("{{ maxRetries: 0, fetch: {failure} }}");
            let error = fails_with(&format!("null, null, {options}"), "connection").await;
            assert_eq!(get(&error, "cause"), js("te.reason"));
            assert_eq!(get(&error, "attempts"), 1);
            assert_eq!(get(&error, "retryable"), true);
        }
    }
}

#[wasm_bindgen_test]
async fn a_fetch_that_resolves_to_no_response_is_a_connection_error_that_lasts() {
    let values =
        ["undefined", "null", "'text'", "{}", "{ status: 200 }", "[]", "{ ...te.answer(''), status: 200.5 }"];
    for value in values {
        let error = fails_with(&format!("null, null, {{ fetch: () => ({value}) }}"), "connection").await;
        assert_eq!(get(&error, "retryable"), false);
        assert_eq!(get(&error, "attempts"), 1, "{value}");
    }
}

#[wasm_bindgen_test]
async fn an_answer_a_stream_or_a_promise_that_throws_at_a_touch_ends_in_an_error() {
    js(
        "te.thrower = (object, name) => Object.defineProperty(object, name, { get() { throw new Error(name) } })",
    );
    js("te.throws = () => { throw new Error('touched') }");
    for (value, code) in [
        ("te.thrower(te.answer('{}'), 'status')", "connection"),
        ("te.thrower(te.answer('{}'), 'headers')", "connection"),
        ("new Proxy(te.answer('{}'), { get: te.throws })", "connection"),
        ("{ status: 200, headers: { get: te.throws }, arrayBuffer() {} }", "unexpected-response"),
        ("{ status: 200, headers: { get: () => 7 }, arrayBuffer() {} }", "unexpected-response"),
        ("te.broken({ getReader: te.throws })", "connection"),
        ("te.broken({ getReader: () => undefined })", "connection"),
        ("te.broken({ getReader: () => ({ read: te.throws, cancel: te.throws }) })", "connection"),
        ("te.broken({ getReader: () => ({ read: () => 7, cancel: () => undefined }) })", "connection"),
        ("te.broken({ getReader: () => ({ read: async () => ({ value: {} }) }) })", "connection"),
        ("te.thrower(Promise.resolve(7), 'constructor')", "connection"),
        ("te.thrower({}, 'then')", "connection"),
    ] {
        js(
            "te.broken = (body) => ({ status: 200, headers: new Headers({ 'content-type': 'application/json' }), \
            body, arrayBuffer: te.throws })",
        );
        let options = format!("{{ timeout: 1000, maxRetries: 0, fetch: () => ({value}) }}");
        fails_with(&format!("null, null, {options}"), code).await;
    }
}

#[wasm_bindgen_test]
async fn a_signal_that_throws_at_a_touch_ends_in_an_error() {
    let signal = "te.thrower({ aborted: true, addEventListener() {}, removeEventListener() {} }, 'reason')";
    js(
        "te.thrower = (object, name) => Object.defineProperty(object, name, { get() { throw new Error(name) } })",
    );
    fails_with(&format!("null, null, {{ fetch: te.fetch(), signal: {signal} }}"), "aborted").await;
}

#[wasm_bindgen_test]
async fn a_stream_that_always_has_a_piece_ready_still_ends_at_the_deadline() {
    let endless = "new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(1)) } })";
    let options = format!("{{ timeout: 100, fetch: () => te.answer({endless}) }}");
    fails_with(&format!("null, null, {options}"), "timeout").await;
}

#[wasm_bindgen_test]
async fn retries_without_a_wait_still_hear_the_signal() {
    let busy = "te.fetch(te.answer('', { status: 503, headers: { 'retry-after': '0' } }))";
    let options =
        format!("{{ timeout: Infinity, maxRetries: 1e9, fetch: {busy}, signal: AbortSignal.timeout(50) }}");
    fails_with(&format!("null, null, {options}"), "aborted").await;
}

#[wasm_bindgen_test]
async fn a_reset_in_the_body_is_a_connection_error() {
    let answer = "() => te.answer(te.stream('{\"usage\":', new TypeError('terminated')))";
    let options = format!("{{ maxRetries: 0, fetch: te.fetch({answer}) }}");
    let error = fails_with(&format!("null, null, {options}"), "connection").await;
    assert_eq!(text(&error, "cause.message"), "terminated");
}

#[wasm_bindgen_test]
async fn a_body_that_was_read_already_is_a_connection_error() {
    js("te.used = te.answer('{}')");
    js("te.used.body.getReader()");
    let error = fails_with("null, null, { fetch: () => te.used }", "connection").await;
    assert_eq!(get(&error, "attempts"), 1);
    assert!(text(&error, "message").ends_with("whose body was read already; return a new one"));
}

#[wasm_bindgen_test]
async fn a_response_of_another_library_is_read_by_array_buffer() {
    for body in ["body: {},", ""] {
        let response = format!(
            "{{ status: 200, headers: new Headers({{ 'content-type': 'application/json' }}), {body} \
             arrayBuffer: async () => new TextEncoder().encode('{{\"usage\":{{\"cloudUnitsUsed\":7}}}}').buffer }}"
        );
        let value = call(&format!("null, null, {{ fetch: async () => ({response}) }}")).await.unwrap();
        assert_eq!(get(&value, "usage.cloudUnitsUsed"), 7);
    }
}

#[wasm_bindgen_test]
async fn the_deadline_covers_provider_headers_and_body() {
    for (options, attempts) in [
        ("token: () => new Promise(() => {}), fetch: te.fetch()", 0),
        ("fetch: te.fetch(() => new Promise(() => {}))", 1),
        ("fetch: te.fetch(() => te.answer(te.stream('{', 'stall')))", 1),
    ] {
        let error = fails_with(&format!("null, null, {{ timeout: 20, {options} }}"), "timeout").await;
        assert_eq!(get(&error, "attempts"), attempts, "{options}");
        assert_eq!(get(&error, "retryable"), true);
    }
}

#[wasm_bindgen_test]
async fn a_passed_deadline_aborts_the_request_and_cancels_the_body() {
    fails_with("null, null, { timeout: 20, fetch: te.fetch(() => new Promise(() => {})) }", "timeout").await;
    assert!(holds("te.calls[0].init.signal.aborted"));
    let answer = "() => te.answer(te.stream('{', 'stall'))";
    fails_with(&format!("null, null, {{ timeout: 20, fetch: te.fetch({answer}) }}"), "timeout").await;
    assert!(holds("te.isCancelled"));
}

#[wasm_bindgen_test]
async fn the_signal_aborts_before_the_call_with_nothing_sent() {
    let error = fails_with(
        "null, null, { fetch: te.fetch(), token: () => { te.calls.push('token') }, \
         signal: AbortSignal.abort('changed my mind') }",
        "aborted",
    )
    .await;
    assert_eq!(text(&error, "cause"), "changed my mind");
    assert_eq!(get(&error, "attempts"), 0);
    assert!(holds("te.calls.length === 0"));
}

#[wasm_bindgen_test]
async fn the_signal_aborts_in_the_provider_the_headers_the_body_and_the_wait() {
    let now = "setTimeout(() => te.controller.abort(te.reason))";
    for options in [
        format!("token: () => {{ {now}; return new Promise(() => {{}}) }}, fetch: te.fetch()"),
        format!("fetch: te.fetch(() => {{ {now}; return new Promise(() => {{}}) }})"),
        format!("fetch: te.fetch(() => {{ {now}; return te.answer(te.stream('{{', 'stall')) }})"),
        format!(
            "fetch: te.fetch(() => {{ {now}; return te.answer('', {{ status: 503, headers: {{ 'retry-after': '20' }} }}) }})"
        ),
    ] {
        js("(te.controller = new AbortController(), te.reason = { odd: 'reason' })");
        let arguments = format!("null, null, {{ signal: te.controller.signal, {options} }}");
        let error = fails_with(&arguments, "aborted").await;
        assert_eq!(get(&error, "cause"), js("te.reason"), "{options}");
        assert_eq!(get(&error, "retryable"), false);
    }
}

#[wasm_bindgen_test]
async fn a_call_leaves_no_listener_on_the_signal() {
    js("(te.controller = new AbortController(), te.count = 0, te.most = 0)");
    js("(() => {
        const signal = te.controller.signal;
        const { addEventListener, removeEventListener } = signal;
        signal.addEventListener = (...of) => (te.most = Math.max(te.most, ++te.count), addEventListener.apply(signal, of));
        signal.removeEventListener = (...of) => (te.count--, removeEventListener.apply(signal, of));
    })()");
    for fetch in [
        "te.fetch(te.answer('{}'))",
        "te.fetch(te.answer('', { status: 400 }))",
        "() => new Promise(() => {})",
        "() => { setTimeout(() => te.controller.abort()); return new Promise(() => {}) }",
    ] {
        js("te.most = 0");
        let options = format!("{{ signal: te.controller.signal, timeout: 50, fetch: {fetch} }}");
        let _ = call(&format!("null, null, {options}")).await;
        assert!(holds("te.most === 1 && te.count === 0"), "{fetch}");
    }
}

#[wasm_bindgen_test]
async fn a_users_own_authorization_that_the_server_echoes_does_not_show() {
    let fetch = "te.fetch(te.answer('{\"detail\":\"no s3cret-1\"}', { status: 401, headers: { 'x-request-id': 's3cret-1' } }))";
    let options = format!("{{ fetch: {fetch}, headers: {{ authorization: 'Bearer s3cret-1' }} }}");
    let error = fails_with(&format!("null, null, {options}"), "unauthorized").await;
    assert_eq!(text(&error, "problem.detail"), "no [token]");
    assert_eq!(text(&error, "requestId"), "[token]");
    for authorization in
        ["Digest username=\"s3cret-1\", realm=\"x\"", "Bearer s3cret-1, Basic eA==", "s3cret-1"]
    {
        let options = format!("{{ fetch: {fetch}, headers: {{ authorization: '{authorization}' }} }}");
        let error = fails_with(&format!("null, null, {options}"), "unauthorized").await;
        assert_eq!(text(&error, "requestId"), "[token]", "{authorization}");
    }
}

/// The cause of a call whose `fetch` throws this, with a token.
async fn cause_of(thrown: &str) -> JsValue {
    let options =
        format!("{{ token: 's3cret-1', maxRetries: 0, fetch(url, init) {{ throw te.thrown = {thrown} }} }}");
    get(&fails_with(&format!("null, null, {options}"), "connection").await, "cause")
}

#[wasm_bindgen_test]
async fn a_cause_in_which_the_token_stands_gives_way_to_its_names_codes_and_messages() {
    for thrown in [
        "new TypeError('refused s3cret-1')",
        "'refused s3cret-1'",
        "Object.assign(new Error('refused'), { answer: { bytes: [{ text: '…cret-1…' }] } })",
        "Object.assign(new Error('refused'), { 's3cret-1': 1 })",
        "Object.assign(new Error('refused'), { text: ' '.repeat(2 ** 17) })",
        "Object.assign(new Error('refused'), { request: new Request('https://example.com', init) })",
        "Object.assign(new Error('refused'), { init })",
        "Object.assign(new Error('refused'), { map: new Map([['s3cret-1', 1]]) })",
        "Object.assign(new Error('refused'), { act() {} })",
        "Object.defineProperty(new Error('refused'), 'sealed', { get() { throw 's3cret-1' } })",
        "Object.assign(new Error('refused'), Array.from({ length: 2000 }))",
    ] {
        let cause = cause_of(thrown).await;
        let message = if thrown.contains("refused s3cret") { "refused [token]" } else { "refused" };
        assert_eq!(text(&cause, "message"), message, "{thrown}");
        assert!(cause != js("te.thrown"), "{thrown}");
        let keys = js_sys::Object::keys(cause.unchecked_ref::<js_sys::Object>());
        assert!(keys.iter().all(|key| key == "name" || key == "code"), "{thrown}: {keys:?}");
    }
    let chain = "Object.assign(new TypeError('one', { cause: Object.assign(new Error('two', { cause: 's3cret-1' }), { code: 'TWO' }) }))";
    let cause = cause_of(chain).await;
    let told = ["name", "message", "cause.code", "cause.message", "cause.cause.message"]
        .map(|path| text(&cause, path));
    assert_eq!(told, ["TypeError", "one", "TWO", "two", "[token]"]);
}

#[wasm_bindgen_test]
async fn a_cause_without_the_token_is_what_was_thrown() {
    for thrown in [
        "new TypeError('refused')",
        "'refused'",
        "7",
        "new DOMException('refused')",
        "Object.assign(new Error('refused', { cause: new Error('reset') }), { code: 'E', at: { port: 1, list: [null] } })",
        "Object.create(null)",
    ] {
        assert_eq!(cause_of(thrown).await, js("te.thrown"), "{thrown}");
    }
}

#[wasm_bindgen_test]
async fn a_wait_that_is_longer_than_a_timer_takes_is_made_of_several() {
    js("te.setTimeout = globalThis.setTimeout");
    js(
        "(te.timers = [], globalThis.setTimeout = (act, ms) => (te.timers.push(ms), te.setTimeout.call(globalThis, act, 0)))",
    );
    let busy = "te.answer('', { status: 503, headers: { 'retry-after': '4294968' } })";
    let result =
        call(&format!("null, null, {{ timeout: Infinity, fetch: te.fetch({busy}, te.answer('{{}}')) }}"))
            .await;
    js("globalThis.setTimeout = te.setTimeout");
    assert!(result.is_ok());
    assert!(holds("te.deepEqual(te.timers, [2147483647, 2147483647, 706])"), "{:?}", js("te.timers"));
}

#[wasm_bindgen_test]
async fn a_body_of_just_max_body_bytes_is_read() {
    for (limit, code) in [(2, None), (1, Some("unexpected-response"))] {
        let options = format!("{{ maxBodyBytes: {limit}, fetch: te.fetch(te.answer('{{}}')) }}");
        let failed = call(&format!("null, null, {options}")).await.err();
        assert_eq!(failed.map(|error| text(&error, "code")).as_deref(), code);
    }
}

// What else the answer told

#[wasm_bindgen_test]
async fn get_usage_with_response_tells_status_headers_and_attempts() {
    let headers = "{ 'x-request-id': 'r-2', 'x-organization-rate-limit-limit': '240', \
                   'x-organization-rate-limit-remaining': '239', 'x-organization-rate-limit-reset': '1795348860' }";
    let options =
        js(&format!("{{ fetch: te.fetch(te.answer('{{\"usage\":{{}}}}', {{ headers: {headers} }})) }}"));
    let (options, call) = begin(&options);
    let response = get_usage_with_response(JsValue::NULL, JsValue::NULL, options, call).await.unwrap();
    assert!(get(&response, "data.usage").is_object());
    assert_eq!(get(&response, "status"), 200);
    assert_eq!(get(&response, "attempts"), 1);
    assert_eq!(text(&response, "requestId"), "r-2");
    assert_eq!(get(&response, "rateLimit.limit"), 240);
    assert!(get(&response, "rateLimit.reset").is_instance_of::<js_sys::Date>());
    assert!(get(&response, "headers").is_instance_of::<web_sys::Headers>());
}

#[wasm_bindgen_test]
async fn each_attempt_is_reported_and_a_hook_that_throws_changes_nothing() {
    js("te.reports = []");
    let fetch = "te.fetch(te.answer('', { status: 503, headers: { 'retry-after': '0' } }), te.answer('{}'))";
    let hook = "(report) => { te.reports.push(report); \
                if (te.reports.length === 1) throw new Error('hook'); \
                return Promise.reject(new Error('hook')); }";
    call(&format!("'1', null, {{ fetch: {fetch}, token: 'abc', onAttempt: {hook} }}")).await.unwrap();
    let url = "https://api.thousandeyes.com/v7/usage?aid=1";
    let first = format!("{{ attempt: 1, url: '{url}', status: 503, code: 'server', waitMs: 0 }}");
    let second = format!("{{ attempt: 2, url: '{url}', status: 200 }}");
    assert!(holds("te.reports.every(({ durationMs }) => durationMs >= 0)"));
    assert!(holds("(te.reports.forEach((report) => delete report.durationMs), true)"));
    assert!(holds(&format!("te.deepEqual(te.reports, [{first}, {second}])")));
}

// The crate as a library

#[wasm_bindgen_test]
async fn the_rust_client_calls_the_global_fetch() {
    js("te.global = globalThis.fetch");
    js("globalThis.fetch = te.fetch(te.answer('{\"usage\":{\"cloudUnitsUsed\":4320000000}}'))");
    let client = Client::new().base_url("https://example.com").token("abc").header("x-own", "1");
    let query = Query::new().aid("2067").unwrap();
    let usage = client.usage(&query).await;
    let response = client.usage_with_response(&query).await.unwrap();
    js("globalThis.fetch = te.global");
    assert_eq!(usage.unwrap(), response.usage);
    assert_eq!((response.status, response.attempts, response.rate_limit), (200, 1, None));
    assert_eq!(response.usage.usage.unwrap().cloud_units_used, Some(4_320_000_000));
    assert!(holds("te.calls[0].url === 'https://example.com/v7/usage?aid=2067'"));
    assert!(holds("te.calls[0].headers['x-own'] === '1'"));
    assert_eq!(format!("{client:?}").find("abc"), None);
}

#[wasm_bindgen_test]
async fn the_rust_client_refuses_what_the_exports_refuse() {
    let error = Client::new().base_url("http://example.com").usage(&Query::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Argument);
    let error = Client::new().header("x", "a\nb").usage(&Query::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Argument);
}
