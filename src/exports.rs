//! The functions that JavaScript calls: arguments in, objects and errors out.

use js_sys::{Array, Date, Function};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::prelude::*;

use crate::client::{Request, Success};
use crate::decode::Parts;
use crate::endpoint::Endpoint;
use crate::error::{ArgumentError, DecodeError, Problem, RateLimit, ResponseInfo};
use crate::options::{self, Limits};
use crate::paging::Pages;
use crate::query::{self, DateRange, Expand, Query, UnitsQuery};
use crate::summary;
use crate::transport::{self, Call, Error, Transport, property, text, to_object};

/// The usage of an organisation.
///
/// The package's JavaScript read the `options` when the call began. `call` has the deadline and the abort signal, which count from
/// then on.
///
/// # Errors
///
/// Rejects with a plain object. The package's JavaScript makes an error of it, because only JavaScript can define a class that
/// extends `Error`.
#[wasm_bindgen(js_name = getUsage, skip_typescript)]
pub async fn get_usage(aid: JsValue, expand: JsValue, options: JsValue, call: Call) -> Result<JsValue, JsValue> {
    let request = request(&Endpoint::USAGE, usage_query(aid, expand), options, call, Parts::of_usage)?;
    object(&send(&request).await?.data)
}

/// The same, with the status, headers and rate limit of the response.
///
/// # Errors
///
/// As [`get_usage`].
#[wasm_bindgen(js_name = getUsageWithResponse, skip_typescript)]
pub async fn get_usage_with_response(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    call: Call,
) -> Result<JsValue, JsValue> {
    let request = request(&Endpoint::USAGE, usage_query(aid, expand), options, call, Parts::of_usage)?;
    let success = send(&request).await?;
    let data = object(&success.data)?;
    Ok(response_object(success, data, None, JsValue::UNDEFINED))
}

/// A page of the units of each test. `cursors` are those of the pages before and of this page, joined by `&`.
///
/// # Errors
///
/// As [`get_usage`].
#[wasm_bindgen(js_name = getTestUnits, skip_typescript)]
pub async fn get_test_units(
    aid: JsValue,
    start_date: JsValue,
    end_date: JsValue,
    cursors: String,
    options: JsValue,
    call: Call,
) -> Result<JsValue, JsValue> {
    let (endpoint, pages) = (&Endpoint::TEST_UNITS, Pages(cursors));
    let query = units_query(endpoint, aid, start_date, end_date, &pages);
    send_page(&request(endpoint, query, options, call, Parts::of_test_units)?, &pages).await
}

/// A page of the units of each enterprise agent, as [`get_test_units`].
///
/// # Errors
///
/// As [`get_usage`].
#[wasm_bindgen(js_name = getEnterpriseAgentUnits, skip_typescript)]
pub async fn get_enterprise_agent_units(
    start_date: JsValue,
    end_date: JsValue,
    cursors: String,
    options: JsValue,
    call: Call,
) -> Result<JsValue, JsValue> {
    let (endpoint, pages) = (&Endpoint::ENTERPRISE_AGENT_UNITS, Pages(cursors));
    let query = units_query(endpoint, JsValue::UNDEFINED, start_date, end_date, &pages);
    send_page(&request(endpoint, query, options, call, Parts::of_enterprise_agent_units)?, &pages).await
}

/// The quotas of the organisations and their account groups.
///
/// # Errors
///
/// As [`get_usage`].
#[wasm_bindgen(js_name = getQuotas, skip_typescript)]
pub async fn get_quotas(options: JsValue, call: Call) -> Result<JsValue, JsValue> {
    let request = request(&Endpoint::QUOTAS, Ok(query::quotas()), options, call, Parts::of_quotas)?;
    object(&send(&request).await?.data)
}

/// Summarizes a usage, which is JSON, as of a time in milliseconds of the Unix epoch.
///
/// # Errors
///
/// If the JSON is not a usage, or the time is not finite.
#[wasm_bindgen(js_name = summarize, skip_typescript)]
pub fn summarize(usage: &[u8], at: f64) -> Result<JsValue, JsValue> {
    if !at.is_finite() {
        return Err(error_object(&ArgumentError::new("`at` must be a valid Date").into()));
    }
    summary::summarize(text_of(usage), at).map(|summary| to_object(&summary)).map_err(|error| not_a_usage(&error))
}

/// The account groups of a usage, or of rows of `getTestUnits`, which is JSON.
///
/// # Errors
///
/// If the JSON is neither, or a sum is too large.
#[wasm_bindgen(js_name = byAccountGroup, skip_typescript)]
pub fn by_account_group(usage: &[u8]) -> Result<JsValue, JsValue> {
    let usage = text_of(usage);
    let error = if usage.starts_with('[') { not_rows } else { not_a_usage };
    summary::by_account_group(usage).map(|groups| to_object(&groups)).map_err(|mismatch| error(&mismatch))
}

/// The indices of the `count` tests of a usage, which is JSON, that use the most.
///
/// # Errors
///
/// If the JSON is not a usage, or the count is not a whole number.
#[wasm_bindgen(js_name = topTests, skip_typescript)]
pub fn top_tests(usage: &[u8], count: f64) -> Result<JsValue, JsValue> {
    summary::top_tests(text_of(usage), read_count(count)?)
        .map(|top| to_object(&top))
        .map_err(|error| not_a_usage(&error))
}

/// The growth from the rows of one period to those of another, which are JSON, with the `count` tests that grew most.
///
/// # Errors
///
/// If the JSON is not rows, a sum is too large, or the count is not a whole number.
#[wasm_bindgen(js_name = compareUnits, skip_typescript)]
pub fn compare_units(before: &[u8], after: &[u8], count: f64) -> Result<JsValue, JsValue> {
    let comparison = summary::compare_units(text_of(before), text_of(after), read_count(count)?);
    comparison.map(|comparison| to_object(&comparison)).map_err(|error| not_rows(&error))
}

fn read_count(count: f64) -> Result<usize, JsValue> {
    options::count(count)
        .map(|count| count as usize)
        .ok_or_else(|| error_object(&ArgumentError::new("`n` must be a whole number, 0 or more").into()))
}

/// The text of UTF-8, which a `TextEncoder` made. wasm-bindgen would copy a string character by character.
fn text_of(utf8: &[u8]) -> &str {
    std::str::from_utf8(utf8).unwrap_or_default()
}

/// The error of an argument that is not what `getUsage` resolves to.
fn not_a_usage(error: &DecodeError) -> JsValue {
    mismatch("`usage` must be what getUsage resolves to: ", error)
}

/// The error of an argument that is not the rows of `getTestUnits`.
fn not_rows(error: &DecodeError) -> JsValue {
    mismatch("The arguments must be rows of getTestUnits: ", error)
}

fn mismatch(rule: &str, error: &DecodeError) -> JsValue {
    let path = if error.path().is_empty() { "the value" } else { error.path() };
    let message = [rule, path, " should be ", error.expected(), ", not ", error.found()].concat();
    error_object(&ArgumentError::new(message).into())
}

/// A request of valid arguments and options.
#[expect(clippy::needless_pass_by_value, reason = "as in `usage_query`")]
fn request(
    endpoint: &'static Endpoint,
    path_and_query: Result<String, ArgumentError>,
    options: JsValue,
    call: Call,
    decode: Decode,
) -> Result<Request<Transport, Parts>, JsValue> {
    let read = || {
        let path_and_query = path_and_query?;
        let (transport, limits, base_url) = read_options(&options, call)?;
        Ok(Request { transport, limits, endpoint, url: base_url + &path_and_query, decode })
    };
    read().map_err(|error: ArgumentError| error_object(&error.into()))
}

type Decode = fn(&[u8]) -> Result<Parts, DecodeError>;

async fn send(request: &Request<Transport, Parts>) -> Result<Success<Parts, JsValue>, JsValue> {
    request.send().await.map_err(|error| error_object(&error))
}

/// Sends the request of the last of these pages.
async fn send_page(request: &Request<Transport, Parts>, pages: &Pages) -> Result<JsValue, JsValue> {
    let success = send(request).await?;
    let body = object(&success.data)?;
    let mut href = body.clone();
    for name in ["_links", "next", "href"] {
        href = property(&href, name);
    }
    let href = href.as_string().unwrap_or_default();
    // The page itself is good: the error is that of the page that follows.
    let (next, error) = match success.next_cursor(pages, &href, request.limits.pages) {
        Ok(next) => (next, JsValue::UNDEFINED),
        Err(error) => (None, error_object(&error)),
    };
    let rows = property(&body, "breakdowns");
    let rows = if rows.is_undefined() { Array::new().into() } else { rows };
    Ok(response_object(success, rows, next, error))
}

#[expect(clippy::needless_pass_by_value, reason = "a future that does not keep the values is smaller")]
fn usage_query(aid: JsValue, expand: JsValue) -> Result<String, ArgumentError> {
    let mut query = Query::new();
    if let Some(aid) = account_group(&aid, "the arguments are (aid, expand, options)")? {
        query = query.aid(aid)?;
    }
    if !expand.is_null_or_undefined() {
        let values = expand
            .dyn_ref::<Array>()
            .ok_or_else(|| Expand::error("`expand` must be an array: the arguments are (aid, expand, options)"))?;
        for (index, value) in values.iter().enumerate() {
            let value = text(&value).and_then(|value| value.parse().ok());
            let value = value.ok_or_else(|| Expand::error(&format!("`expand[{index}]` is unknown")))?;
            query = query.expand([value]);
        }
    }
    Ok(query.path_and_query())
}

#[expect(clippy::needless_pass_by_value, reason = "as in `usage_query`")]
fn units_query(
    endpoint: &Endpoint,
    aid: JsValue,
    start: JsValue,
    end: JsValue,
    pages: &Pages,
) -> Result<String, ArgumentError> {
    let mut query = UnitsQuery::new();
    if let Some(aid) = account_group(&aid, "pass the ID of an account group")? {
        query = query.aid(aid)?;
    }
    // A value that is not a string becomes an empty text, which is not a date-time.
    let date = |value: &JsValue| (!value.is_null_or_undefined()).then(|| text(value).unwrap_or_default());
    let query = query.dates(DateRange::new(date(&start).as_deref(), date(&end).as_deref())?);
    Ok(query.path_and_query(endpoint, pages.cursor()))
}

/// The argument `aid`, unless it is absent. `hint` says what to pass instead of something that is not a string.
fn account_group(aid: &JsValue, hint: &str) -> Result<Option<String>, ArgumentError> {
    if aid.is_null_or_undefined() {
        return Ok(None);
    }
    if !aid.is_string() {
        let hint = if aid.as_f64().is_some() { "a number would lose digits" } else { hint };
        return Err(ArgumentError::new(["`aid` must be a string, such as \"2067\": ", hint].concat()));
    }
    let aid = text(aid).ok_or_else(|| ArgumentError::new("`aid` is too long; pass only the account group's ID"));
    aid.map(Some)
}

#[wasm_bindgen]
extern "C" {
    /// The options of a call, as the package's JavaScript read them: a plain object, whose getters cannot throw.
    type Options;
    #[wasm_bindgen(method, getter, structural)]
    fn token(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = baseUrl)]
    fn base_url(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural)]
    fn fetch(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural)]
    fn timeout(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = maxRetries)]
    fn max_retries(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural)]
    fn headers(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = maxBodyBytes)]
    fn max_body_bytes(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = maxPages)]
    fn max_pages(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = onAttempt)]
    fn on_attempt(this: &Options) -> Option<JsValue>;
    #[wasm_bindgen(method, getter, structural)]
    fn signal(this: &Options) -> Option<JsValue>;
    /// A name in the caller's options that is not an option's.
    #[wasm_bindgen(method, getter, structural, js_name = unknownOption)]
    fn unknown_option(this: &Options) -> Option<JsValue>;
}

fn read_options(options: &JsValue, call: Call) -> Result<(Transport, Limits, String), ArgumentError> {
    if !options.is_object() {
        return Err(ArgumentError::new("`options` must be an object of options, such as { timeout: 5000 }"));
    }
    let options: &Options = options.unchecked_ref();
    if let Some(name) = options.unknown_option() {
        return Err(options::unknown(&text(&name).unwrap_or_default()));
    }
    let mut limits = Limits::default();
    if let Some(timeout) = options.timeout() {
        options::timeout(number(&timeout))?;
    }
    if let Some(count) = options.max_retries() {
        limits.retries = options::max_retries(number(&count))?;
    }
    if let Some(count) = options.max_body_bytes() {
        limits.body_bytes = options::max_body_bytes(number(&count))?;
    }
    if let Some(count) = options.max_pages() {
        limits.pages = options::max_pages(number(&count))?;
    }
    let fetch = function(options.fetch(), "`fetch` must be a function")?;
    let fetch = fetch.map_or_else(transport::global_fetch, Ok)?;
    let headers = match options.headers() {
        Some(headers) if !headers.is_object() => {
            return Err(ArgumentError::new("`headers` must be an object, an array of pairs, or a Headers"));
        }
        headers => headers.map(JsValue::dyn_into).transpose().map_err(|_| transport::invalid_header())?,
    };
    if options.signal().is_some_and(|signal| !transport::is_signal(&signal)) {
        return Err(ArgumentError::new("`signal` must be an AbortSignal"));
    }
    let on_attempt = function(options.on_attempt(), "`onAttempt` must be a function")?;
    let base_url = match options.base_url() {
        Some(url) => {
            let message = if url.is_string() { "`baseUrl` is too long" } else { "`baseUrl` must be a string or a URL" };
            let url = text(&url).ok_or_else(|| ArgumentError::new(message))?;
            let has_token = options.token().is_some() || transport::has_authorization(headers.as_ref());
            transport::resolve_base_url(&url, has_token)?
        }
        None => options::DEFAULT_BASE_URL.to_owned(),
    };
    Ok((Transport { call, fetch, token: options.token(), headers, on_attempt }, limits, base_url))
}

/// A number. Any other value becomes NaN, which each option rejects.
fn number(value: &JsValue) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn function(value: Option<JsValue>, message: &str) -> Result<Option<Function>, ArgumentError> {
    value.map(|value| value.dyn_into().map_err(|_| ArgumentError::new(message))).transpose()
}

#[wasm_bindgen(module = "/src/decode/rows.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn assemble(
        json: &str,
        short_strings: &str,
        long_strings: &str,
        lengths: &[u8],
        cells: &[f64],
        row_type: u8,
    ) -> Result<JsValue, JsValue>;
}

fn object(parts: &Parts) -> Result<JsValue, JsValue> {
    let rows = &parts.rows;
    assemble(&parts.json, &rows.short_strings, &rows.long_strings, &rows.lengths, &rows.cells, rows.row_type as u8)
}

/// The data of a response, with its status and headers. For a page: the cursor of the page that follows, or the error that is in
/// place of that page.
fn response_object<T>(success: Success<T, JsValue>, data: JsValue, next: Option<&str>, error: JsValue) -> JsValue {
    let ResponseInfo { status, headers, request_id, rate_limit } = success.response;
    to_object(&ResponseObject {
        data,
        status,
        headers,
        request_id: request_id.as_deref(),
        rate_limit: rate_limit.as_ref().map(RateLimitObject::new),
        attempts: success.attempts,
        next,
        error,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseObject<'a> {
    #[serde(with = "preserve")]
    data: JsValue,
    status: u16,
    #[serde(with = "preserve")]
    headers: JsValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<RateLimitObject>,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    error: JsValue,
}

#[derive(Serialize)]
struct RateLimitObject {
    limit: u64,
    remaining: u64,
    #[serde(with = "preserve")]
    reset: Date,
}

impl RateLimitObject {
    #[expect(clippy::cast_precision_loss, reason = "seconds of now are far below 2^53")]
    fn new(rate_limit: &RateLimit) -> Self {
        let RateLimit { limit, remaining, reset } = *rate_limit;
        Self { limit, remaining, reset: date(reset as f64 * 1_000.0) }
    }
}

/// The data of an error. The package's JavaScript makes an instance of its class.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorObject<'a> {
    code: &'static str,
    message: &'a str,
    retryable: bool,
    attempts: u32,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    cause: JsValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    headers: JsValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<RateLimitObject>,
    #[serde(with = "preserve", skip_serializing_if = "JsValue::is_undefined")]
    retry_at: JsValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
}

fn error_object(error: &Error) -> JsValue {
    let decode_error = error.decode_error();
    to_object(&ErrorObject {
        code: error.code().as_str(),
        message: &error.0.message,
        retryable: error.retryable(),
        attempts: error.attempts(),
        cause: error.cause().cloned().unwrap_or_default(),
        status: error.status_code(),
        headers: error.headers().cloned().unwrap_or_default(),
        request_id: error.request_id(),
        problem: error.problem(),
        rate_limit: error.rate_limit().map(RateLimitObject::new),
        retry_at: error.retry_at().map(date).map(JsValue::from).unwrap_or_default(),
        path: decode_error.map(DecodeError::path),
        expected: decode_error.map(DecodeError::expected),
        found: decode_error.map(DecodeError::found),
    })
}

/// The `Date` of milliseconds of the Unix epoch. A later time than a `Date` can hold becomes the last one.
fn date(milliseconds: f64) -> Date {
    Date::new(&milliseconds.min(8.64e15).into())
}
