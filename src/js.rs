//! What JavaScript calls: arguments in, objects and errors out.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use js_sys::{Array, Date, Function};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers};

use crate::client::{self, Answer, RateLimit};
use crate::columns::Columns;
use crate::decode::DecodeError;
use crate::error::ArgumentError;
use crate::fetch::{self, Error, Fetch, Key, Task, Token, get, new_headers, object, set_all};
use crate::options::{self, Limits};
use crate::problem::Problem;
use crate::query::{Expand, Query};

/// The last instant of a JavaScript `Date`, in milliseconds.
const LAST_DATE: f64 = 8.64e15;

/// The usage of an organisation.
///
/// `options` win over `defaults`, and `spent` milliseconds of the deadline went before. A rejection is a plain object,
/// which the package's JavaScript makes an error of: a class that extends `Error` is what only JavaScript can define.
///
/// # Errors
///
/// Every failure of the call.
#[wasm_bindgen(js_name = getUsage, skip_typescript)]
pub async fn get_usage(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
) -> Result<JsValue, JsValue> {
    let answer = run(&aid, &expand, options, defaults, spent).await.map_err(|error| error_object(&error))?;
    usage_object(answer.usage)
}

/// The same, with what else the answer told.
///
/// # Errors
///
/// Every failure of the call.
#[wasm_bindgen(js_name = getUsageWithResponse, skip_typescript)]
pub async fn get_usage_with_response(
    aid: JsValue,
    expand: JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
) -> Result<JsValue, JsValue> {
    let answer = run(&aid, &expand, options, defaults, spent).await.map_err(|error| error_object(&error))?;
    Ok(object([
        ("data", usage_object(answer.usage)?),
        ("status", answer.head.status.into()),
        ("headers", answer.head.headers),
        ("requestId", answer.head.request_id.into()),
        ("rateLimit", rate_limit_object(answer.head.rate_limit.as_ref())),
        ("attempts", answer.attempts.into()),
    ]))
}

async fn run(
    aid: &JsValue,
    expand: &JsValue,
    options: JsValue,
    defaults: JsValue,
    spent: f64,
) -> Result<Answer<Columns, JsValue>, Error> {
    let query = query(aid, expand)?;
    let (host, mut limits, base_url) = Options::new(options, defaults)?.read()?;
    limits.timeout = (limits.timeout - spent).max(0.0);
    client::call(&host, &limits, &query.url(&base_url), Columns::read).await
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
            return Err(ArgumentError::new(format!("`aid` must be a string, such as \"2067\": {why}")));
        }
        let aid = fetch::text(aid)
            .ok_or_else(|| ArgumentError::new("`aid` is too long; pass the account group's ID alone"))?;
        query = query.aid(aid)?;
    }
    if is_given(expand) {
        let values = expand.dyn_ref::<Array>().ok_or_else(|| Expand::refuse("`expand` must be an array"))?;
        for (index, value) in values.iter().enumerate() {
            let value = fetch::text(&value).and_then(|value| value.parse().ok());
            let value = value.ok_or_else(|| Expand::refuse(&format!("`expand[{index}]` is unknown")))?;
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

    fn read(&self) -> Result<(Fetch, Limits, String), Error> {
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
            task: Task::new(),
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
        let inits = self.0.iter().rev().map(|options| get(options, Key::Headers)).filter(is_given);
        let mut headers: Option<Headers> = None;
        for init in inits {
            let more = new_headers(&init).map_err(|_| fetch::invalid_header())?;
            headers = Some(match headers {
                None => more,
                Some(headers) => set_all(headers, &more).map_err(|_| fetch::invalid_header())?,
            });
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

#[wasm_bindgen(module = "/src/rows.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn result(
        json: &str,
        short_texts: &str,
        long_texts: &str,
        lengths: &[u8],
        text_indices: &[u32],
        integers: &[f64],
    ) -> Result<JsValue, JsValue>;
}

fn usage_object(usage: Columns) -> Result<JsValue, JsValue> {
    result(
        &usage.json,
        &usage.short_texts,
        &usage.long_texts,
        &usage.lengths,
        &usage.text_indices,
        &usage.integers,
    )
}

fn problem_object(problem: &Problem) -> JsValue {
    let errors: Array = problem
        .errors
        .iter()
        .map(|error| {
            object([
                ("code", error.code.as_deref().into()),
                ("field", error.field.as_deref().into()),
                ("message", error.message.as_deref().into()),
            ])
        })
        .collect();
    object([
        ("type", problem.kind.as_deref().into()),
        ("title", problem.title.as_deref().into()),
        ("status", problem.status.into()),
        ("detail", problem.detail.as_deref().into()),
        ("instance", problem.instance.as_deref().into()),
        ("errors", if errors.length() > 0 { errors.into() } else { JsValue::UNDEFINED }),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds of now are far below 2^53")]
fn rate_limit_object(rate_limit: Option<&RateLimit>) -> JsValue {
    let Some(rate_limit) = rate_limit else { return JsValue::UNDEFINED };
    object([
        ("limit", (rate_limit.limit as f64).into()),
        ("remaining", (rate_limit.remaining as f64).into()),
        ("reset", date(rate_limit.reset as f64 * 1_000.0)),
    ])
}

fn date(milliseconds: f64) -> JsValue {
    Date::new(&milliseconds.min(LAST_DATE).into()).into()
}

/// What the package's JavaScript makes an error of.
fn error_object(error: &Error) -> JsValue {
    let mismatch = error.mismatch();
    object([
        ("code", error.code().as_str().into()),
        ("message", error.to_string().into()),
        ("retryable", error.retryable().into()),
        ("attempts", error.attempts().into()),
        ("cause", error.cause().cloned().unwrap_or_default()),
        ("status", error.status_code().into()),
        ("headers", error.headers().cloned().unwrap_or_default()),
        ("requestId", error.request_id().into()),
        ("problem", error.problem().map(problem_object).into()),
        ("rateLimit", rate_limit_object(error.rate_limit())),
        ("retryAt", error.retry_at().map(date).into()),
        ("path", mismatch.map(DecodeError::path).into()),
        ("expected", mismatch.map(DecodeError::expected).into()),
        ("found", mismatch.map(DecodeError::found).into()),
    ])
}
