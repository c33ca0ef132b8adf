//! The transport of a JavaScript engine: `fetch`, timers and the caller's signal. Only this module and `exports` use `JsValue`.

mod bindings;
mod cause;
mod units;

use gloo_net::http;
use js_sys::{Array, Date, Function, Math, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStream, ReadableStreamDefaultReader, RequestInit, RequestRedirect};

pub use self::bindings::Call;
use self::bindings::{cancel, new_url, notify, performance_now};
pub(crate) use self::bindings::{is_signal, property, text};
pub use self::units::{Page, Units};
use crate::client::{self, Attempt, BodyError, Client, Request, Success};
use crate::decode;
use crate::endpoint::Endpoint;
use crate::error::{ArgumentError, CallError, DecodeError, ErrorCode, RateLimit, ResponseInfo};
use crate::model::{Quotas, Usage};
use crate::options::{self, UrlParts};
use crate::query::{self, Query};

/// Error of a call. Its cause and headers are those of the JavaScript engine.
pub type Error = CallError<JsValue>;

/// The media types of the API's responses, successful and failed.
const ACCEPT: &str = "application/hal+json, application/problem+json";

/// A result with the response that it came in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UsageResponse {
    /// What [`Client::usage`] returns.
    pub usage: Usage,
    /// The HTTP status: 200.
    pub status: u16,
    /// The response's headers: a `Headers` of the JavaScript engine.
    pub headers: JsValue,
    /// The response's `x-request-id`, to quote to support.
    pub request_id: Option<String>,
    /// `None` unless all three of its headers are visible.
    pub rate_limit: Option<RateLimit>,
    /// The number of HTTP requests that were sent.
    pub attempts: u32,
}

impl Client {
    /// Requests the usage of an organisation. Dropping the future aborts the call.
    ///
    /// It needs a JavaScript engine: compiled to anything but WebAssembly, it panics.
    ///
    /// # Errors
    ///
    /// With the [`ErrorCode`](crate::ErrorCode) of what failed.
    pub async fn usage(&self, query: &Query) -> Result<Usage, Error> {
        self.usage_with_response(query).await.map(|response| response.usage)
    }

    /// The same, with status, headers and rate limit.
    ///
    /// # Errors
    ///
    /// With the [`ErrorCode`](crate::ErrorCode) of what failed.
    pub async fn usage_with_response(&self, query: &Query) -> Result<UsageResponse, Error> {
        let success = self.request(&Endpoint::USAGE, &query.path_and_query(), Usage::from_json).await?;
        let ResponseInfo { status, headers, request_id, rate_limit } = success.response;
        Ok(UsageResponse { usage: success.data, status, headers, request_id, rate_limit, attempts: success.attempts })
    }

    /// Requests the quotas of the organisations and their account groups. It never changes one.
    ///
    /// # Errors
    ///
    /// With the [`ErrorCode`](crate::ErrorCode) of what failed.
    pub async fn quotas(&self) -> Result<Quotas, Error> {
        Ok(self.request(&Endpoint::QUOTAS, &query::quotas(), decode::from_json).await?.data)
    }

    /// Makes one call.
    pub(super) async fn request<T>(
        &self,
        endpoint: &'static Endpoint,
        path_and_query: &str,
        decode: fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<Success<T, JsValue>, Error> {
        let headers = Headers::new().map_err(|_| invalid_header())?;
        for (name, value) in &self.headers {
            headers.append(name, value).map_err(|_| invalid_header())?;
        }
        let has_token = self.token.is_some() || has_authorization(Some(&headers));
        let url = resolve_base_url(&self.base_url, has_token)? + path_and_query;
        let timeout = self.timeout.map_or(JsValue::UNDEFINED, JsValue::from);
        let call = Call::new(&timeout, &JsValue::UNDEFINED)
            .map_err(|_| ArgumentError::new("There is no setTimeout here, which a call needs for its deadline"))?;
        let transport = Transport {
            call,
            fetch: global_fetch()?,
            token: self.token.as_deref().map(JsValue::from),
            headers: Some(headers),
            on_attempt: None,
        };
        Request { transport, limits: self.limits.clone(), endpoint, url, decode }.send().await
    }
}

/// The transport of one call, which ends with it.
pub(crate) struct Transport {
    pub(crate) call: Call,
    pub(crate) fetch: Function,
    /// The token, or a function that returns it.
    pub(crate) token: Option<JsValue>,
    /// The caller's own headers, which win over those set here.
    pub(crate) headers: Option<Headers>,
    pub(crate) on_attempt: Option<Function>,
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.call.end();
    }
}

/// The global `fetch` at this time. A program may replace it later.
pub(crate) fn global_fetch() -> Result<Function, ArgumentError> {
    property(&js_sys::global(), "fetch")
        .dyn_into()
        .map_err(|_| ArgumentError::new("There is no global fetch here; pass one in the option `fetch`"))
}

pub(crate) fn has_authorization(headers: Option<&Headers>) -> bool {
    headers.is_some_and(|headers| headers.has("authorization").unwrap_or_default())
}

/// Checks and resolves a base URL.
pub(crate) fn resolve_base_url(text: &str, has_token: bool) -> Result<String, ArgumentError> {
    // The default needs no parser.
    if text == options::DEFAULT_BASE_URL {
        return Ok(text.to_owned());
    }
    if text.is_empty() {
        return Err(ArgumentError::new("`baseUrl` is empty; leave it out to call https://api.thousandeyes.com"));
    }
    let url = new_url(text).ok_or_else(|| {
        let what = if text.contains(':') { "not a URL" } else { "relative, which needs a page" };
        ArgumentError::new(["`baseUrl` is ", what, "; pass one such as https://api.thousandeyes.com"].concat())
    })?;
    let page_origin = property(&property(&js_sys::global(), "location"), "origin");
    let parts = UrlParts {
        href: url.href(),
        protocol: url.protocol(),
        hostname: url.hostname(),
        username: url.username(),
        password: url.password(),
        allows_http: !has_token && page_origin == url.origin(),
    };
    options::base_url(&parts).map(str::to_owned)
}

/// The browser's message contains the header's value, so this one replaces it.
pub(crate) fn invalid_header() -> ArgumentError {
    ArgumentError::new("`headers` has a name or value that HTTP does not allow; look for line breaks in it")
}

fn token_text(token: &JsValue, message: &str) -> Result<Option<String>, Error> {
    let message = if token.is_string() { "The token is too long; pass only the bearer token" } else { message };
    text(token).map(Some).ok_or_else(|| Error::new(ErrorCode::Token, message, None))
}

/// A plain object. What is absent has no field.
pub(crate) fn to_object(value: &(impl Serialize + ?Sized)) -> JsValue {
    // JavaScript holds each number that is passed here: none is outside ±(2^53 − 1).
    value.serialize(&Serializer::json_compatible()).unwrap_or_default()
}

impl client::Transport for Transport {
    type Value = JsValue;
    type Response = Response;

    /// The parts of the credentials in the caller's own `Authorization`. A server may echo any of them.
    fn secrets(&self) -> Vec<String> {
        let own = self.headers.as_ref().and_then(|headers| headers.get("authorization").ok().flatten());
        let Some(value) = own else { return Vec::new() };
        let credentials = value.split_once(' ').map_or(value.as_str(), |(_scheme, credentials)| credentials);
        let mut secrets = Vec::new();
        for part in credentials.split([' ', ',', '=', '"']) {
            if !part.is_empty() {
                secrets.push(part.to_owned());
            }
        }
        secrets
    }

    fn check(&self) -> Result<(), Error> {
        match self.call.interruption().as_deref() {
            None => Ok(()),
            Some("timeout") => Err(Error::timeout()),
            Some(_) => {
                Err(Error::new(ErrorCode::Aborted, "The call was aborted by its signal", Some(self.call.reason())))
            }
        }
    }

    async fn token(&self) -> Result<Option<String>, Error> {
        let Some(token) = &self.token else { return Ok(None) };
        let Some(provider) = token.dyn_ref::<Function>() else {
            return token_text(token, "The token must be a string or a function that returns one");
        };
        let token = JsFuture::from(self.call.run(provider)).await.map_err(|cause| {
            Error::new(ErrorCode::Token, "The token provider failed; its own error is the cause", Some(cause))
        })?;
        token_text(&token, "The token provider must return a string")
    }

    async fn send(&self, url: &str, authorization: Option<&str>) -> Result<Response, Error> {
        let failed = |cause| {
            let message = [
                "No response came from ",
                query::without_query(url),
                " (see `cause`); check the network, `baseUrl`, and in a browser that the API allows the page's origin (CORS)",
            ]
            .concat();
            Error::new(ErrorCode::Connection, message, Some(cause))
        };
        // A copy for each attempt: a caller's fetch may change it.
        let headers = match &self.headers {
            Some(own) => Headers::new_with_headers(own),
            None => Headers::new(),
        };
        let headers = http::Headers::from_raw(headers.map_err(|_| invalid_header())?);
        let is_own = |name| self.headers.is_some() && headers.has(name);
        if !is_own("accept") {
            headers.set("accept", ACCEPT);
        }
        if let Some(authorization) = authorization
            && !is_own("authorization")
        {
            headers.set("authorization", authorization);
        }
        let mut request =
            AbortOnDrop { controller: AbortController::new().map_err(failed)?, stream: None, is_over: false };
        let init = RequestInit::new();
        init.set_method("GET");
        init.set_headers(&headers.into_raw());
        init.set_signal(Some(&request.controller.signal()));
        // With "error" a redirect would look like a failed connection, which is retried.
        init.set_redirect(RequestRedirect::Manual);

        let response = JsFuture::from(self.call.fetch(&self.fetch, url, &init)).await.map_err(failed)?;
        request.is_over = true;
        if response.is_undefined() {
            return Err(Error::not_a_response(
                "`fetch` resolved to something that is not a Response; return one, such as `Response.json(data)`",
            ));
        }
        let response = http::Response::from(response.unchecked_into::<web_sys::Response>());
        let body = response.body();
        if body.as_ref().is_some_and(ReadableStream::locked) {
            return Err(Error::not_a_response(
                "`fetch` resolved to a Response whose body was read already; return a new one",
            ));
        }
        request.is_over = body.is_none();
        request.stream = body.clone().map(JsValue::from);
        Ok(Response { call: self.call.clone(), headers: response.headers(), raw: response, body, request })
    }

    async fn sleep(&self, mut milliseconds: f64) {
        // A longer timer would fire at once.
        while JsFuture::from(self.call.sleep(milliseconds.min(options::LONGEST_TIMER))).await.is_ok() {
            milliseconds -= options::LONGEST_TIMER;
            if milliseconds <= 0.0 {
                break;
            }
        }
    }

    fn time_left(&self) -> f64 {
        self.call.deadline() - self.ticks()
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
        if let Some(hook) = &self.on_attempt {
            notify(hook, &to_object(attempt));
        }
    }

    fn redact(&self, cause: JsValue, secrets: &[String]) -> JsValue {
        cause::redact(cause, secrets)
    }
}

/// Aborts a request that is dropped before its end.
struct AbortOnDrop {
    controller: AbortController,
    /// The body or its reader.
    stream: Option<JsValue>,
    is_over: bool,
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        match &self.stream {
            // A body that nobody reads ends the request when it is cancelled.
            Some(stream) => cancel(stream),
            None => self.controller.abort(),
        }
    }
}

/// A response whose body is not read yet.
pub(crate) struct Response {
    call: Call,
    raw: http::Response,
    headers: http::Headers,
    body: Option<ReadableStream>,
    request: AbortOnDrop,
}

impl client::Response for Response {
    type Value = JsValue;

    fn status(&self) -> u16 {
        self.raw.status()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)
    }

    fn headers(&self) -> JsValue {
        self.raw.headers().into_raw().into()
    }

    async fn body(mut self, limit: usize) -> Result<Vec<u8>, BodyError<JsValue>> {
        let mut body = Vec::new();
        let Some(stream) = &self.body else { return Ok(body) };
        let reader = ReadableStreamDefaultReader::new(stream).map_err(BodyError::Broken)?;
        self.request.stream = Some(reader.clone().into());
        let chunks = JsFuture::from(self.call.read(&reader, limit)).await.map_err(BodyError::Broken)?;
        if chunks.is_undefined() {
            return Err(BodyError::TooLong);
        }
        self.request.is_over = true;
        for chunk in chunks.unchecked_into::<Array>().iter() {
            let chunk = chunk.unchecked_into::<Uint8Array>().to_vec();
            // A response from memory has one chunk.
            if body.is_empty() {
                body = chunk;
            } else {
                body.extend(chunk);
            }
        }
        Ok(body)
    }
}
