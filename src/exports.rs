//! The functions that JavaScript calls: arguments in, objects and errors out.

use js_sys::{Array, Date, Function};
use serde::{Serialize, Serializer};
use serde_wasm_bindgen::preserve;
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Url};

use crate::client::{self, Success};
use crate::decode::Parts;
use crate::error::{ArgumentError, DecodeError, Problem, RateLimit, ResponseInfo};
use crate::options::{self, Limits};
use crate::query::{Expand, Query};
use crate::summary;
use crate::transport::{self, Call, Error, Token, Transport, new_headers, text, to_object};

/// The usage of an organisation.
///
/// `options` are those of the package, which are read when the call begins. `call` has the deadline and the abort signal of
/// a call that began before, while the WebAssembly loaded; without one they are those of the options.
///
/// # Errors
///
/// Rejects with a plain object, of which the package's JavaScript makes an error: only JavaScript can define a class that
/// extends `Error`.
#[wasm_bindgen(js_name = getUsage, skip_typescript)]
pub async fn get_usage(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    call: Option<Call>,
) -> Result<JsValue, JsValue> {
    let success = usage(&aid, &expand, &options, call).await.map_err(|error| error_object(&error))?;
    usage_object(&success.usage)
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
    call: Option<Call>,
) -> Result<JsValue, JsValue> {
    let Success { usage, response, attempts } =
        usage(&aid, &expand, &options, call).await.map_err(|error| error_object(&error))?;
    let ResponseInfo { status, headers, request_id, rate_limit } = response;
    Ok(to_object(&ResponseObject {
        data: usage_object(&usage)?,
        status,
        headers,
        request_id: request_id.as_deref(),
        rate_limit: rate_limit.as_ref().map(RateLimitObject::new),
        attempts,
    }))
}

/// Summarizes a usage, which is JSON, as of a time in milliseconds of the Unix epoch.
///
/// # Errors
///
/// If the JSON is not a usage, or the time is not finite.
#[wasm_bindgen(js_name = summarize, skip_typescript)]
pub async fn summarize(usage: String, at: f64) -> Result<JsValue, JsValue> {
    if !at.is_finite() {
        return Err(error_object(&ArgumentError::new("`at` must be a valid Date").into()));
    }
    summary::summarize(&usage, at).map(|summary| to_object(&summary)).map_err(|error| not_a_usage(&error))
}

/// The account groups of a usage, which is JSON.
///
/// # Errors
///
/// If the JSON is not a usage, or a sum is too large.
#[wasm_bindgen(js_name = byAccountGroup, skip_typescript)]
pub async fn by_account_group(usage: String) -> Result<JsValue, JsValue> {
    summary::by_account_group(&usage).map(|groups| to_object(&groups)).map_err(|error| not_a_usage(&error))
}

/// The indices of the `count` tests of a usage, which is JSON, that use the most.
///
/// # Errors
///
/// If the JSON is not a usage, or the count is not a whole number.
#[wasm_bindgen(js_name = topTests, skip_typescript)]
pub async fn top_tests(usage: String, count: f64) -> Result<JsValue, JsValue> {
    let count = options::count(count)
        .ok_or_else(|| error_object(&ArgumentError::new("`n` must be a whole number, 0 or more").into()))?;
    summary::top_tests(&usage, count as usize).map(|top| to_object(&top)).map_err(|error| not_a_usage(&error))
}

/// The error of an argument that is not what `getUsage` resolves to.
fn not_a_usage(error: &DecodeError) -> JsValue {
    let path = if error.path().is_empty() { "it" } else { error.path() };
    let (expected, found) = (error.expected(), error.found());
    let message =
        ["`usage` must be what getUsage resolves to: ", path, " should be ", expected, ", not ", found]
            .concat();
    error_object(&ArgumentError::new(message).into())
}

async fn usage(
    aid: &JsValue,
    expand: &JsValue,
    options: &JsValue,
    call: Option<Call>,
) -> Result<Success<Parts, JsValue>, Error> {
    let query = query(aid, expand)?;
    let (transport, limits, base_url) = read_options(options, call)?;
    client::call(&&transport, &limits, &query.url(&base_url), Parts::from_body).await
}

fn query(aid: &JsValue, expand: &JsValue) -> Result<Query, ArgumentError> {
    let mut query = Query::new();
    if is_given(aid) {
        if !aid.is_string() {
            let why = if aid.as_f64().is_some() {
                "a number would lose digits"
            } else {
                "the arguments are (aid, expand, options)"
            };
            return Err(ArgumentError::new(["`aid` must be a string, such as \"2067\": ", why].concat()));
        }
        let aid = text(aid)
            .ok_or_else(|| ArgumentError::new("`aid` is too long; pass only the account group's ID"))?;
        query = query.aid(aid)?;
    }
    if is_given(expand) {
        let values = expand.dyn_ref::<Array>().ok_or_else(|| Expand::error("`expand` must be an array"))?;
        for (index, value) in values.iter().enumerate() {
            let value = text(&value).and_then(|value| value.parse().ok());
            let value = value.ok_or_else(|| Expand::error(&format!("`expand[{index}]` is unknown")))?;
            query = query.expand([value]);
        }
    }
    Ok(query)
}

fn is_given(value: &JsValue) -> bool {
    !value.is_undefined() && !value.is_null()
}

#[wasm_bindgen]
extern "C" {
    /// The options of a call, of which any getter may throw. null is as good as absent.
    type Options;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn token(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch, js_name = baseUrl)]
    fn base_url(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn fetch(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn timeout(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch, js_name = maxRetries)]
    fn max_retries(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn headers(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch, js_name = maxBodyBytes)]
    fn max_body_bytes(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch, js_name = onAttempt)]
    fn on_attempt(this: &Options) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn signal(this: &Options) -> Result<Option<JsValue>, JsValue>;
}

fn read_options(options: &JsValue, call: Option<Call>) -> Result<(Transport, Limits, String), Error> {
    if is_given(options) && !options.is_object() {
        return Err(ArgumentError::new("`options` must be an object").into());
    }
    let none = js_sys::Object::new().into();
    let options: &Options = if is_given(options) { options } else { &none }.unchecked_ref();

    let default = Limits::default();
    let timeout = option(options.timeout())?;
    timeout.as_ref().map(|value| options::timeout(number(value))).transpose()?;
    let max_retries = option(options.max_retries())?;
    let max_body_bytes = option(options.max_body_bytes())?;
    let limits = Limits {
        max_retries: max_retries
            .map_or(Ok(default.max_retries), |value| options::max_retries(number(&value)))?,
        max_body_bytes: max_body_bytes
            .map_or(Ok(default.max_body_bytes), |value| options::max_body_bytes(number(&value)))?,
    };
    let fetch = function(option(options.fetch())?, "`fetch` must be a function")?;
    let fetch = fetch.map_or_else(transport::global_fetch, Ok)?;
    let token = option(options.token())?.map(read_token).transpose()?;
    let headers = option(options.headers())?;
    let headers = match headers {
        Some(init) => new_headers(&init).ok_or_else(transport::invalid_header)?,
        None => Headers::new().map_err(unreadable)?,
    };
    let signal = option(options.signal())?.unwrap_or_default();
    if !signal.is_undefined() && !transport::is_signal(&signal) {
        return Err(ArgumentError::new("`signal` must be an AbortSignal").into());
    }
    let on_attempt = function(option(options.on_attempt())?, "`onAttempt` must be a function")?;
    let base_url = match option(options.base_url())? {
        None => options::DEFAULT_BASE_URL.to_owned(),
        Some(value) => {
            let text = text(&value).or_else(|| value.dyn_ref::<Url>().map(Url::href));
            let text = text.ok_or_else(|| ArgumentError::new("`baseUrl` must be a string or a URL"))?;
            transport::resolve_base_url(&text)?
        }
    };
    let call = match call {
        Some(call) => call,
        None => Call::new(&timeout.unwrap_or_default(), &signal).map_err(unreadable)?,
    };
    Ok((Transport { call, fetch, token, headers, on_attempt }, limits, base_url))
}

/// An option, whose getter may have thrown.
#[inline(never)]
fn option(value: Result<Option<JsValue>, JsValue>) -> Result<Option<JsValue>, Error> {
    value.map_err(unreadable)
}

fn unreadable(cause: JsValue) -> Error {
    Error::unreadable(Some(cause))
}

/// A number; any other value is NaN, which each option rejects.
fn number(value: &JsValue) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn function(value: Option<JsValue>, message: &str) -> Result<Option<Function>, ArgumentError> {
    value.map(|value| value.dyn_into().map_err(|_| ArgumentError::new(message))).transpose()
}

fn read_token(value: JsValue) -> Result<Token, Error> {
    if let Some(text) = text(&value) {
        return Ok(Token::Text(text));
    }
    let provider = value.dyn_into();
    let message = "The token must be a string or a function that returns one";
    provider.map(Token::Provider).map_err(|_| Error::token(message, None))
}

#[wasm_bindgen(module = "/src/decode/rows.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn result(
        json: &str,
        short_strings: &str,
        long_strings: &str,
        lengths: &[u8],
        cells: &[f64],
    ) -> Result<JsValue, JsValue>;
}

fn usage_object(usage: &Parts) -> Result<JsValue, JsValue> {
    let rows = &usage.rows;
    result(&usage.json, &rows.short_strings, &rows.long_strings, &rows.lengths, &rows.cells)
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

/// What the package's JavaScript makes an error of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorObject<'a> {
    code: &'static str,
    message: &'a str,
    retryable: bool,
    attempts: u32,
    #[serde(serialize_with = "preserve_some", skip_serializing_if = "Option::is_none")]
    cause: Option<JsValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(serialize_with = "preserve_some", skip_serializing_if = "Option::is_none")]
    headers: Option<JsValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<RateLimitObject>,
    #[serde(serialize_with = "preserve_some", skip_serializing_if = "Option::is_none")]
    retry_at: Option<JsValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn preserve_some<S: Serializer>(value: &Option<JsValue>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => preserve::serialize(value, serializer),
        None => serializer.serialize_none(),
    }
}

fn error_object(error: &Error) -> JsValue {
    let decode_error = error.decode_error();
    to_object(&ErrorObject {
        code: error.code().as_str(),
        message: error.message(),
        retryable: error.retryable(),
        attempts: error.attempts(),
        cause: error.cause().filter(|cause| !cause.is_undefined()).cloned(),
        status: error.status_code(),
        headers: error.headers().cloned(),
        request_id: error.request_id(),
        problem: error.problem(),
        rate_limit: error.rate_limit().map(RateLimitObject::new),
        retry_at: error.retry_at().map(|milliseconds| date(milliseconds).into()),
        path: decode_error.map(DecodeError::path),
        expected: decode_error.map(DecodeError::expected),
        found: decode_error.map(DecodeError::found),
    })
}

/// A date of milliseconds of the Unix epoch, no later than the last one that a `Date` holds.
fn date(milliseconds: f64) -> Date {
    Date::new(&milliseconds.min(8.64e15).into())
}
