//! What JavaScript calls: arguments in, objects and errors out.

use js_sys::{Array, Function};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers};

use crate::client::{self, Answer};
use crate::decode::Parts;
use crate::error::{ArgumentError, DecodeError, Problem, RateLimit, ResponseInfo};
use crate::fetch::{self, Error, Fetch, Key, Task, Token, get, new_headers, set_all};
use crate::options::{self, Limits};
use crate::query::{Expand, Query};
use crate::summary;

/// Starts a call: the usage of an organisation, `with_response` with what else the answer told.
///
/// `options` win over `defaults`, and `spent` milliseconds of the deadline went before. `reject` gets a plain object,
/// which the package's JavaScript makes an error of: a class that extends `Error` is what only JavaScript can define.
///
/// An async function was rejected: the executor of wasm-bindgen-futures was 6 KB of the .wasm.
#[expect(clippy::too_many_arguments, reason = "an object of them would be read key by key")]
#[wasm_bindgen(js_name = getUsage, skip_typescript)]
pub fn start(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
    with_response: bool,
    resolve: Function,
    reject: Function,
) {
    fetch::spawn(|task| async move {
        let settled = usage(&aid, &expand, options, defaults, spent, with_response, task).await;
        let (settle, value) = settled.map_or_else(|failure| (reject, failure), |result| (resolve, result));
        // The functions of a promise throw nothing.
        let _ = settle.call1(&JsValue::UNDEFINED, &value);
    });
}

/// The same as a future, for who has an executor.
///
/// # Errors
///
/// Every failure of the call.
pub async fn get_usage(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
) -> Result<JsValue, JsValue> {
    usage(&aid, &expand, options, defaults, spent, false, Task::new()).await
}

/// The same, with what else the answer told.
///
/// # Errors
///
/// Every failure of the call.
pub async fn get_usage_with_response(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
) -> Result<JsValue, JsValue> {
    usage(&aid, &expand, options, defaults, spent, true, Task::new()).await
}

/// Summarizes a usage, which is JSON, as of a moment in milliseconds of the Unix epoch.
#[wasm_bindgen(js_name = summarize, skip_typescript)]
pub fn summarize(usage: &str, at: f64, resolve: &Function, reject: &Function) {
    let summary = if at.is_finite() {
        summary::summarize(usage, at).map(|summary| to_object(&summary)).map_err(|error| no_usage(&error))
    } else {
        Err(ArgumentError::new("`at` must be a valid Date"))
    };
    settle(summary, resolve, reject);
}

/// The account groups of a usage, which is JSON.
#[wasm_bindgen(js_name = byAccountGroup, skip_typescript)]
pub fn by_account_group(usage: &str, resolve: &Function, reject: &Function) {
    let groups = summary::by_account_group(usage).map(|groups| to_object(&groups));
    settle(groups.map_err(|error| no_usage(&error)), resolve, reject);
}

/// The indices of the `count` tests of a usage, which is JSON, that use the most.
#[wasm_bindgen(js_name = topTests, skip_typescript)]
pub fn top_tests(usage: &str, count: f64, resolve: &Function, reject: &Function) {
    let top = options::count(count)
        .ok_or_else(|| ArgumentError::new("`n` must be a whole number, 0 or more"))
        .and_then(|count| summary::top_tests(usage, count as usize).map_err(|error| no_usage(&error)));
    settle(top.map(|top| to_object(&top)), resolve, reject);
}

fn settle(result: Result<JsValue, ArgumentError>, resolve: &Function, reject: &Function) {
    let (settle, value) = match result {
        Ok(value) => (resolve, value),
        Err(error) => (reject, failure_object(&error.into())),
    };
    // The functions of a promise throw nothing.
    let _ = settle.call1(&JsValue::UNDEFINED, &value);
}

/// The error of an argument that is not what `getUsage` resolves to.
fn no_usage(mismatch: &DecodeError) -> ArgumentError {
    let place = if mismatch.path().is_empty() { "it" } else { mismatch.path() };
    let (expected, found) = (mismatch.expected(), mismatch.found());
    ArgumentError::new(
        ["`usage` must be what getUsage gave: ", place, " should be ", expected, ", not ", found].concat(),
    )
}

async fn usage(
    aid: &JsValue,
    expand: &JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
    with_response: bool,
    task: Task,
) -> Result<JsValue, JsValue> {
    let answer =
        run(aid, expand, options, defaults, spent, task).await.map_err(|error| failure_object(&error))?;
    let data = usage_object(&answer.usage)?;
    if !with_response {
        return Ok(data);
    }
    let ResponseInfo { status, headers, request_id, rate_limit } = answer.head;
    Ok(response(
        &data,
        status,
        &headers,
        request_id.as_deref(),
        &rate_limit_object(rate_limit.as_ref()),
        answer.attempts,
    ))
}

async fn run(
    aid: &JsValue,
    expand: &JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
    task: Task,
) -> Result<Answer<Parts, JsValue>, Error> {
    let query = query(aid, expand)?;
    let (host, mut limits, base_url) = Options::new(options, defaults)?.read(task)?;
    limits.timeout = (limits.timeout - spent).max(0.0);
    client::call(&host, &limits, &query.url(&base_url), Parts::from_body).await
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
        let aid = fetch::text(aid)
            .ok_or_else(|| ArgumentError::new("`aid` is too long; pass the account group's ID alone"))?;
        query = query.aid(aid)?;
    }
    if is_given(expand) {
        let values = expand.dyn_ref::<Array>().ok_or_else(|| Expand::error("`expand` must be an array"))?;
        for (index, value) in values.iter().enumerate() {
            let value = fetch::text(&value).and_then(|value| value.parse().ok());
            let value = value.ok_or_else(|| Expand::error(&format!("`expand[{index}]` is unknown")))?;
            query = query.expand([value]);
        }
    }
    Ok(query)
}

fn is_given(value: &JsValue) -> bool {
    !value.is_undefined() && !value.is_null()
}

/// The options of a call and those of its client, in this order, where they are given.
struct Options([JsValue; 2]);

impl Options {
    fn new(options: JsValue, defaults: JsValue) -> Result<Self, ArgumentError> {
        let options = [options, defaults];
        if options.iter().all(|options| !is_given(options) || options.is_object()) {
            Ok(Self(options))
        } else {
            Err(ArgumentError::new("`options` must be an object"))
        }
    }

    fn read(&self, task: Task) -> Result<(Fetch, Limits, String), Error> {
        let default = Limits::default();
        let limits = Limits {
            timeout: self.number(Key::Timeout, options::timeout)?.unwrap_or(default.timeout),
            max_retries: self.number(Key::MaxRetries, options::max_retries)?.unwrap_or(default.max_retries),
            max_body_bytes: self
                .number(Key::MaxBodyBytes, options::max_body_bytes)?
                .unwrap_or(default.max_body_bytes),
        };
        let fetch = self.function(Key::Fetch, "`fetch` must be a function")?;
        let host = Fetch {
            function: fetch.map_or_else(fetch::global_fetch, Ok)?,
            token: self.token()?,
            headers: self.headers()?,
            signal: self.signal()?,
            on_attempt: self.function(Key::OnAttempt, "`onAttempt` must be a function")?,
            task,
        };
        Ok((host, limits, self.base_url()?))
    }

    /// An option of the call, else of its client.
    fn get(&self, option: Key) -> Option<JsValue> {
        self.0.iter().map(|options| get(options, option)).find(is_given)
    }

    /// An option that is a number; what is none is refused as NaN is.
    fn number<T>(
        &self,
        option: Key,
        check: fn(f64) -> Result<T, ArgumentError>,
    ) -> Result<Option<T>, ArgumentError> {
        self.get(option).map(|value| check(value.as_f64().unwrap_or(f64::NAN))).transpose()
    }

    fn function(&self, option: Key, refusal: &str) -> Result<Option<Function>, ArgumentError> {
        let refuse = |_| ArgumentError::new(refusal);
        self.get(option).map(|value| value.dyn_into().map_err(refuse)).transpose()
    }

    fn token(&self) -> Result<Token, Error> {
        let Some(token) = self.get(Key::Token) else { return Ok(Token::None) };
        if let Some(text) = fetch::text(&token) {
            return Ok(Token::Text(text));
        }
        token
            .dyn_into()
            .map(Token::Provider)
            .map_err(|_| Error::token("The token must be a string or a function that returns one", None))
    }

    /// The client's headers under those of the call, or nothing where neither has any.
    fn headers(&self) -> Result<Option<Headers>, ArgumentError> {
        let mut headers: Option<Headers> = None;
        for init in self.0.iter().rev().map(|options| get(options, Key::Headers)).filter(is_given) {
            let more = new_headers(&init).ok().flatten().ok_or_else(fetch::invalid_header)?;
            match &headers {
                None => headers = Some(more),
                Some(headers) => set_all(headers, &more).map_err(|_| fetch::invalid_header())?,
            }
        }
        Ok(headers)
    }

    fn signal(&self) -> Result<Option<AbortSignal>, ArgumentError> {
        let Some(signal) = self.get(Key::Signal) else { return Ok(None) };
        let is_signal = get(&signal, Key::Aborted).as_bool().is_some()
            && get(&signal, Key::AddEventListener).is_function()
            && get(&signal, Key::RemoveEventListener).is_function();
        if is_signal {
            Ok(Some(signal.unchecked_into()))
        } else {
            Err(ArgumentError::new("`signal` must be an AbortSignal"))
        }
    }

    fn base_url(&self) -> Result<String, ArgumentError> {
        let Some(value) = self.get(Key::BaseUrl) else { return Ok(options::DEFAULT_BASE_URL.to_owned()) };
        let text = fetch::text(&value).or_else(|| fetch::text(&get(&value, Key::Href)));
        fetch::base_url(&text.ok_or_else(|| ArgumentError::new("`baseUrl` must be a string or a URL"))?)
    }
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

#[wasm_bindgen(module = "/src/objects.js")]
extern "C" {
    fn response(
        data: &JsValue,
        status: u16,
        headers: &JsValue,
        request_id: Option<&str>,
        rate_limit: &JsValue,
        attempts: u32,
    ) -> JsValue;

    #[wasm_bindgen(js_name = rateLimit)]
    fn rate_limit(limit: f64, remaining: f64, reset: f64) -> JsValue;

    fn failure(
        code: &str,
        message: &str,
        retryable: bool,
        attempts: u32,
        cause: &JsValue,
        status: Option<u16>,
        headers: &JsValue,
        request_id: Option<&str>,
        problem: &JsValue,
        rate_limit: &JsValue,
        retry_at: Option<f64>,
        path: Option<&str>,
        expected: Option<&str>,
        found: Option<&str>,
    ) -> JsValue;
}

fn usage_object(usage: &Parts) -> Result<JsValue, JsValue> {
    let rows = &usage.rows;
    result(&usage.json, &rows.short_strings, &rows.long_strings, &rows.lengths, &rows.cells)
}

/// A plain object. What is absent has no field.
fn to_object(value: &(impl Serialize + ?Sized)) -> JsValue {
    // Nothing that is handed out is what JavaScript cannot hold.
    value.serialize(&Serializer::json_compatible()).unwrap_or_default()
}

fn problem_object(problem: Option<&Problem>) -> JsValue {
    problem.map_or(JsValue::UNDEFINED, to_object)
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds of now are far below 2^53")]
fn rate_limit_object(told: Option<&RateLimit>) -> JsValue {
    told.map_or(JsValue::UNDEFINED, |told| {
        rate_limit(told.limit as f64, told.remaining as f64, told.reset as f64 * 1_000.0)
    })
}

/// What the package's JavaScript makes an error of.
fn failure_object(error: &Error) -> JsValue {
    let mismatch = error.decode_error();
    failure(
        error.code().as_str(),
        error.message(),
        error.retryable(),
        error.attempts(),
        error.cause().unwrap_or(&JsValue::UNDEFINED),
        error.status_code(),
        error.headers().unwrap_or(&JsValue::UNDEFINED),
        error.request_id(),
        &problem_object(error.problem()),
        &rate_limit_object(error.rate_limit()),
        error.retry_at(),
        mismatch.map(DecodeError::path),
        mismatch.map(DecodeError::expected),
        mismatch.map(DecodeError::found),
    )
}
