//! The host of a call in a JavaScript engine: `fetch`, timers, signals. Here and in `js` alone stands a `JsValue`.
//!
//! gloo-net's `send` and `Response` and web-sys' `Response` were rejected: they panic or trap on what a `fetch` of the user's
//! may hand in.

mod answer;
mod cause;
mod foreign;
mod wait;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use js_sys::{Array, Date, Function, Math};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers};

use self::answer::Response;
use self::foreign::{Exchange, call, ignore, location, new_url};
pub(crate) use self::foreign::{Key, get, new_headers, set_all, text};
use self::wait::performance_now;
pub(crate) use self::wait::{Task, spawn};
use crate::client::{self, Attempt, Host, Interruption, NoToken};
use crate::error::{ArgumentError, CallError, RateLimit};
use crate::model::Usage;
use crate::options::{self, Limits, UrlParts};
use crate::query::{self, Query};

/// Error of a call. Its cause and headers are those of the JavaScript engine.
pub type Error = CallError<JsValue>;

/// The media types that the API answers with, of a success and of a failure.
const ACCEPT: &str = "application/hal+json, application/problem+json";

/// Calls the API through the global `fetch`. Clones and calls share nothing.
#[derive(Clone)]
pub struct Client {
    base_url: String,
    token: Option<String>,
    limits: Limits,
    headers: Vec<(String, String)>,
}

impl Client {
    /// A client of `https://api.thousandeyes.com`, without a token.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base_url: options::DEFAULT_BASE_URL.to_owned(),
            token: None,
            limits: Limits::default(),
            headers: Vec::new(),
        }
    }

    /// Sends this bearer token.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Calls the API at this address, which `/v7/usage` is appended to.
    ///
    /// It must be https, but for loopback hosts, and have no user name, password, query or fragment. Where there is
    /// a `location` it may be relative to that.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Gives up when a whole call takes longer. The default is 30 seconds; [`Duration::MAX`] is for ever.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        // No duration at all is as good as the shortest: a builder has no error to tell it by.
        self.limits.timeout = options::timeout(timeout.as_secs_f64() * 1_000.0).unwrap_or(f64::MIN_POSITIVE);
        self
    }

    /// Tries a failed request again so many times at most. The default is 2.
    #[must_use]
    pub fn max_retries(mut self, count: u32) -> Self {
        self.limits.max_retries = count;
        self
    }

    /// Refuses a longer answer. The default is 32 MiB, the most 256 MiB.
    #[must_use]
    pub fn max_body_bytes(mut self, count: usize) -> Self {
        self.limits.max_body_bytes = count.min(options::LONGEST_BODY);
        self
    }

    /// Adds a header to each request. It wins over the client's own.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Asks for the usage of an organisation. Dropping the future aborts the call.
    ///
    /// It needs a JavaScript engine: compiled to anything but WebAssembly, it panics.
    ///
    /// # Errors
    ///
    /// With the [`ErrorCode`](crate::ErrorCode) of what failed.
    pub async fn usage(&self, query: &Query) -> Result<Usage, Error> {
        self.usage_with_response(query).await.map(|response| response.usage)
    }

    /// The same, with what else the answer told.
    ///
    /// # Errors
    ///
    /// With the [`ErrorCode`](crate::ErrorCode) of what failed.
    pub async fn usage_with_response(&self, query: &Query) -> Result<UsageResponse, Error> {
        let url = query.url(&base_url(&self.base_url)?);
        let headers = Headers::new().map_err(|_| invalid_header())?;
        for (name, value) in &self.headers {
            headers.append(name, value).map_err(|_| invalid_header())?;
        }
        let host = Fetch {
            function: global_fetch()?,
            token: self.token.clone().map_or(Token::None, Token::Text),
            headers: Some(headers),
            signal: None,
            on_attempt: None,
            task: Task::new(),
        };
        let answer = client::call(&host, &self.limits, &url, Usage::from_json).await?;
        Ok(UsageResponse {
            usage: answer.usage,
            status: answer.head.status,
            headers: answer.head.headers,
            request_id: answer.head.request_id,
            rate_limit: answer.head.rate_limit,
            attempts: answer.attempts,
        })
    }
}

/// A result with what else the answer told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UsageResponse {
    /// What [`Client::usage`] returns.
    pub usage: Usage,
    /// The HTTP status: 200.
    pub status: u16,
    /// The answer's headers: a `Headers` of the JavaScript engine.
    pub headers: JsValue,
    /// The answer's `x-request-id`, to quote to support.
    pub request_id: Option<String>,
    /// Absent unless all three of its headers are there to see.
    pub rate_limit: Option<RateLimit>,
    /// How many HTTP requests it took.
    pub attempts: u32,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    /// Leaves out the token, the headers and the base URL, each of which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Where the token comes from.
pub(crate) enum Token {
    None,
    Text(String),
    #[cfg_attr(not(feature = "exports"), expect(dead_code, reason = "a Rust app has its own futures"))]
    Provider(Function),
}

/// The surroundings of one call.
pub(crate) struct Fetch {
    /// The `fetch` to call.
    pub(crate) function: Function,
    pub(crate) token: Token,
    /// The user's headers, which win.
    pub(crate) headers: Option<Headers>,
    pub(crate) signal: Option<AbortSignal>,
    pub(crate) on_attempt: Option<Function>,
    pub(crate) task: Task,
}

/// The global `fetch` of now: it may be patched at any time.
pub(crate) fn global_fetch() -> Result<Function, ArgumentError> {
    foreign::global_fetch()
        .dyn_into()
        .map_err(|_| ArgumentError::new("There is no global fetch here; pass one in the option `fetch`"))
}

/// Checks and resolves a base URL.
pub(crate) fn base_url(text: &str) -> Result<String, ArgumentError> {
    if text.is_empty() {
        return Err(ArgumentError::new(
            "`baseUrl` is empty; leave it out to call https://api.thousandeyes.com",
        ));
    }
    let url = |base: &JsValue| new_url(text, base).ok().flatten();
    let url = url(&JsValue::UNDEFINED).or_else(|| url(&location())).ok_or_else(|| {
        ArgumentError::new("`baseUrl` is not a URL; pass one such as https://api.thousandeyes.com")
    })?;
    let parts = UrlParts {
        href: url.href(),
        protocol: url.protocol(),
        hostname: url.hostname(),
        username: url.username(),
        password: url.password(),
    };
    options::base_url(&parts).map(str::to_owned)
}

/// The browser's own words would echo the value.
pub(crate) fn invalid_header() -> ArgumentError {
    ArgumentError::new("`headers` holds a name or value that HTTP does not allow; look for line breaks in it")
}

impl Host for Fetch {
    type Value = JsValue;
    type Response = Response;

    /// What follows the scheme in an `Authorization` of the user's own, in parts: a server may echo one of them.
    fn own_secrets(&self) -> Vec<String> {
        let value = self.headers.as_ref().and_then(|headers| headers.get("authorization").ok()?);
        let Some(value) = value else { return Vec::new() };
        let secrets = value.split_once(' ').map_or(value.as_str(), |(_scheme, secrets)| secrets);
        let mut parts = Vec::new();
        for part in secrets.split([' ', ',', '=', '"']) {
            if !part.is_empty() {
                parts.push(part.to_owned());
            }
        }
        parts
    }

    async fn token(&self) -> Result<Option<String>, NoToken<JsValue>> {
        let provider = match &self.token {
            Token::None => return Ok(None),
            Token::Text(text) => return Ok(Some(text.clone())),
            Token::Provider(provider) => provider,
        };
        let token = self.task.settle(call(provider, &Array::new())).await.map_err(|cause| NoToken {
            message: "The token provider failed; its own error is the cause",
            cause: Some(cause),
        })?;
        let no_string = NoToken { message: "The token provider must return a string", cause: None };
        text(&token).map(Some).ok_or(no_string)
    }

    async fn send(&self, url: &str, authorization: Option<&str>) -> Result<Response, Error> {
        let failed = |cause| {
            let place = query::place(url);
            let message = [
                "No answer came from ",
                place,
                " (see `cause`); check the network, `baseUrl`, and in a browser that the API allows the page's origin (CORS)",
            ]
            .concat();
            Error::connection(&message, Some(cause))
        };
        let exchange = Exchange::new(
            &self.function,
            url,
            self.headers.as_ref(),
            ACCEPT,
            authorization,
            self.task.wake(),
        );
        let mut response = Response::new(exchange, &self.task);
        response.come().await.map_err(failed)?;
        response.check().map_err(Error::not_a_response)?;
        Ok(response)
    }

    async fn interrupted(&self, timeout: f64) -> Interruption<JsValue> {
        let mut aborted = self.signal.as_ref().and_then(|signal| self.task.aborted(signal));
        let mut timer = if timeout.is_finite() { self.task.timer(timeout) } else { None };
        poll_fn(|context| {
            if let Some(Poll::Ready(Ok(reason))) = aborted.as_mut().map(|wait| Pin::new(wait).poll(context)) {
                return Poll::Ready(Interruption::Aborted(reason));
            }
            match timer.as_mut().map(|wait| Pin::new(wait).poll(context)) {
                Some(Poll::Ready(_)) => Poll::Ready(Interruption::Deadline),
                _ => Poll::Pending,
            }
        })
        .await
    }

    async fn sleep(&self, mut milliseconds: f64) {
        loop {
            // A longer timer would fire at once.
            self.task.rest(milliseconds.min(options::LONGEST_TIMER)).await;
            milliseconds -= options::LONGEST_TIMER;
            if milliseconds <= 0.0 {
                return;
            }
        }
    }

    fn now(&self) -> f64 {
        Date::now()
    }

    fn ticks(&self) -> f64 {
        performance_now()
    }

    fn random(&self) -> f64 {
        Math::random()
    }

    fn report(&self, attempt: &Attempt<'_>) {
        let Some(hook) = &self.on_attempt else { return };
        let Attempt { number, url, status, code, duration_ms, wait_ms } = *attempt;
        let attempt = foreign::attempt(number, url, status, code, duration_ms, wait_ms);
        // Whatever the hook does, the call goes on.
        ignore(call(hook, &Array::of1(&attempt)));
    }

    fn redact(&self, cause: JsValue, secrets: &[String]) -> JsValue {
        cause::redact(cause, secrets)
    }
}
