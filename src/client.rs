//! A client, and the life of one call over what a [`Transport`] provides: the token, requests, waits, clocks.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::error::{CallError, DecodeError, ErrorCode, Problem, RateLimit, ResponseInfo};
use crate::options::{self, Limits};
use crate::paging::Pages;
use crate::query;
use crate::redact::redact;
use crate::retry::{self, Decision, Failure, RetryHeaders, RetryState};

/// How much of a failed response's body is read.
const LONGEST_PROBLEM: usize = 64 << 10;

/// Calls the API. Clones and calls share nothing.
#[derive(Clone)]
pub struct Client {
    pub(crate) base_url: String,
    pub(crate) token: Option<String>,
    /// Milliseconds. `None` for the default, which the transport has.
    pub(crate) timeout: Option<f64>,
    pub(crate) limits: Limits,
    pub(crate) headers: Vec<(String, String)>,
}

impl Client {
    /// A client of `https://api.thousandeyes.com`, without a token.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base_url: options::DEFAULT_BASE_URL.to_owned(),
            token: None,
            timeout: None,
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

    /// Calls the API at this address. `/v7/usage` is appended, unless the address ends in `/v7` or `/v7/usage`.
    ///
    /// It must be https, except for loopback hosts, and have no user name, password, query or fragment. On a page it may be
    /// relative. Without a token, the page's own origin may be http.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Sets the deadline of a whole call. The default is 30 seconds; [`Duration::MAX`] is for none.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        // A builder has no error, so a duration of 0 becomes the shortest one.
        let milliseconds = options::timeout(timeout.as_secs_f64() * 1_000.0);
        self.timeout = Some(milliseconds.unwrap_or(f64::MIN_POSITIVE));
        self
    }

    /// Retries a failed request at most this often. The default is 2.
    #[must_use]
    pub fn max_retries(mut self, count: u32) -> Self {
        self.limits.retries = count;
        self
    }

    /// Rejects a longer response. The default is 32 MiB, the most 256 MiB.
    #[must_use]
    pub fn max_body_bytes(mut self, count: usize) -> Self {
        self.limits.body_bytes = count.min(options::LONGEST_BODY);
        self
    }

    /// Reads at most this many pages of a list. The default is 1,000; 0 counts as 1. More pages are an error.
    #[must_use]
    pub fn max_pages(mut self, count: u32) -> Self {
        self.limits.pages = count;
        self
    }

    /// Adds a header to each request. It wins over the client's own.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    /// Leaves out the token, the headers and the base URL, each of which may have a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeout", &self.timeout).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The report of an HTTP attempt, which `onAttempt` gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt<'a> {
    #[serde(rename = "attempt")]
    pub(crate) number: u32,
    pub(crate) url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<ErrorCode>,
    pub(crate) duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wait_ms: Option<f64>,
}

/// Why a body is not complete.
#[derive(Debug)]
pub(crate) enum BodyError<V> {
    TooLong,
    Broken(V),
}

/// A response whose body is not read yet. Dropping it cancels the body.
pub(crate) trait Response {
    /// A value of the host, such as a caught exception.
    type Value;

    fn status(&self) -> u16;
    fn header(&self, name: &str) -> Option<String>;
    fn headers(&self) -> Self::Value;
    async fn body(self, limit: usize) -> Result<Vec<u8>, BodyError<Self::Value>>;
}

/// What a call needs of its host. Each future is ready as soon as the call is interrupted.
pub(crate) trait Transport {
    type Value;
    type Response: Response<Value = Self::Value>;

    /// The secrets in the caller's own headers.
    fn secrets(&self) -> Vec<String>;
    /// Fails if the deadline has passed or the caller has aborted the call.
    fn check(&self) -> Result<(), CallError<Self::Value>>;
    /// Milliseconds until the deadline; infinite without one.
    fn time_left(&self) -> f64;
    /// The token. It is requested once per call.
    async fn token(&self) -> Result<Option<String>, CallError<Self::Value>>;
    async fn send(&self, url: &str, authorization: Option<&str>) -> Result<Self::Response, CallError<Self::Value>>;
    async fn sleep(&self, milliseconds: f64);
    /// Milliseconds of the Unix epoch.
    fn now(&self) -> f64;
    /// Milliseconds of a monotonic clock.
    fn ticks(&self) -> f64;
    /// A random number of at least 0 and below 1.
    fn random(&self) -> f64;
    fn report(&self, attempt: &Attempt<'_>);
    /// The cause of an error without any part of a secret.
    fn redact(&self, cause: Self::Value, secrets: &[String]) -> Self::Value;
}

/// The result of a successful call.
#[derive(Debug)]
pub(crate) struct Success<T, V> {
    pub(crate) data: T,
    pub(crate) response: ResponseInfo<V>,
    pub(crate) attempts: u32,
}

impl<T, V: Clone> Success<T, V> {
    /// The cursor of the page that follows, which the `href` of this page's next link has.
    pub(crate) fn next_cursor<'a>(
        &self,
        pages: &Pages,
        href: &'a str,
        max_pages: u32,
    ) -> Result<Option<&'a str>, CallError<V>> {
        pages.next(href, max_pages).map_err(|message| {
            let error = CallError::new(ErrorCode::UnexpectedResponse, message, None);
            let mut error = error.with_response(self.response.clone());
            error.0.attempts = self.attempts;
            error
        })
    }
}

/// A request of a call.
pub(crate) struct Request<H, T> {
    pub(crate) transport: H,
    pub(crate) limits: Limits,
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) url: String,
    /// Decodes the body of a successful response.
    pub(crate) decode: fn(&[u8]) -> Result<T, DecodeError>,
}

/// The failure of an attempt.
struct Failed<V> {
    error: CallError<V>,
    failure: Failure,
}

impl<V> From<CallError<V>> for Failed<V> {
    fn from(error: CallError<V>) -> Self {
        let is_broken = error.code() == ErrorCode::Connection && error.retryable();
        let failure = if is_broken { Failure::Connection } else { Failure::Final };
        Self { error, failure }
    }
}

impl<H: Transport, T> Request<H, T> {
    /// Sends the request, again if an attempt fails and may be retried.
    pub(crate) async fn send(&self) -> Result<Success<T, H::Value>, CallError<H::Value>> {
        let mut attempts = 0;
        self.send_counting(&mut attempts).await.map_err(|mut error| {
            error.0.attempts = attempts;
            error
        })
    }

    async fn send_counting(&self, attempts: &mut u32) -> Result<Success<T, H::Value>, CallError<H::Value>> {
        self.transport.check()?;
        let token = self.transport.token().await;
        self.transport.check()?;
        let token = token?;
        let authorization = token.as_deref().map(options::authorization).transpose();
        let authorization = authorization.map_err(|message| CallError::new(ErrorCode::Token, message, None))?;
        let mut secrets = self.transport.secrets();
        secrets.extend(token);
        loop {
            *attempts = attempts.saturating_add(1);
            let number = *attempts;
            let began = self.transport.ticks();
            let mut status = None;
            // In a box, so that the call's own state stays small.
            let result = Box::pin(self.attempt(authorization.as_deref(), &secrets, &mut status)).await;
            let report = |code, wait_ms| {
                let duration_ms = self.transport.ticks() - began;
                self.transport.report(&Attempt { number, url: &self.url, status, code, duration_ms, wait_ms });
            };
            let Failed { mut error, failure } = match result {
                Ok((data, response)) => {
                    report(None, None);
                    return Ok(Success { data, response, attempts: number });
                }
                Err(failed) => failed,
            };
            // An interruption is the reason of whatever else failed.
            if let Err(interruption) = self.transport.check() {
                report(Some(interruption.code()), None);
                return Err(interruption);
            }
            match self.decide(&failure, number) {
                Decision::Retry(wait) => {
                    report(Some(error.code()), Some(wait));
                    self.transport.sleep(wait).await;
                    self.transport.check()?;
                }
                Decision::GiveUp { retry_at } => {
                    report(Some(error.code()), None);
                    error.0.cause = error.0.cause.map(|cause| self.transport.redact(cause, &secrets));
                    error.0.retry_at = retry_at;
                    return Err(error);
                }
            }
        }
    }

    /// Sends one request, and reads its response. `status` is that of the response, once it is there.
    async fn attempt(
        &self,
        authorization: Option<&str>,
        secrets: &[String],
        status: &mut Option<u16>,
    ) -> Result<(T, ResponseInfo<H::Value>), Failed<H::Value>> {
        let response = self.transport.send(&self.url, authorization).await?;
        let info = ResponseInfo {
            status: response.status(),
            headers: response.headers(),
            request_id: response.header("x-request-id").map(|id| redact(&id, secrets)),
            rate_limit: rate_limit(&response),
        };
        *status = Some(info.status);

        if info.status != 200 {
            let headers = RetryHeaders {
                retry_after: response.header("retry-after"),
                rate_limit_reset: response.header("x-organization-rate-limit-reset"),
                date: response.header("date"),
            };
            let failure = Failure::Status(info.status, headers);
            // The status is known: without its body only the problem is missing.
            let body = response.body(LONGEST_PROBLEM.min(self.limits.body_bytes)).await;
            let problem = body.ok().and_then(|body| Problem::read(&body, secrets));
            let url = query::without_query(&self.url);
            let error = CallError::status(info, problem, self.endpoint, url, !secrets.is_empty());
            return Err(Failed { error, failure });
        }
        if !response.header("content-type").is_some_and(|value| is_json(&value)) {
            let message = "The Content-Type of the response is not JSON; check that `baseUrl` is the ThousandEyes API, and \
                           that no login page or proxy is in front of it";
            return Err(CallError::new(ErrorCode::UnexpectedResponse, message, None).with_response(info).into());
        }
        match response.body(self.limits.body_bytes).await {
            Ok(body) => match (self.decode)(&body) {
                Ok(data) => Ok((data, info)),
                Err(error) => Err(CallError::decode(info, error).into()),
            },
            Err(BodyError::TooLong) => {
                let limit = self.limits.body_bytes;
                let message =
                    format!("The response is longer than {limit} bytes; raise `maxBodyBytes`, or request less");
                Err(CallError::new(ErrorCode::UnexpectedResponse, message, None).with_response(info).into())
            }
            Err(BodyError::Broken(cause)) => {
                let message = "The connection failed before the end of the response; try again";
                Err(CallError::new(ErrorCode::Connection, message, Some(cause)).into())
            }
        }
    }

    fn decide(&self, failure: &Failure, attempts: u32) -> Decision {
        let state = RetryState {
            attempts,
            max_retries: self.limits.retries,
            now: self.transport.now(),
            time_left: self.transport.time_left(),
            random: self.transport.random(),
        };
        retry::decide(failure, &state)
    }
}

/// The rate limit. `None` unless all three of its headers are there and valid.
fn rate_limit(response: &impl Response) -> Option<RateLimit> {
    /// The last second that a JavaScript `Date` has. JavaScript holds each integer up to it.
    const LAST_SECOND: u64 = 8_640_000_000_000;
    let number = |name: &str| response.header(name)?.parse().ok().filter(|number| *number <= LAST_SECOND);
    Some(RateLimit {
        limit: number("x-organization-rate-limit-limit")?,
        remaining: number("x-organization-rate-limit-remaining")?,
        reset: number("x-organization-rate-limit-reset")?,
    })
}

/// Whether a `Content-Type` is a [JSON MIME type](https://mimesniff.spec.whatwg.org/#json-mime-type).
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    let Some((kind, subtype)) = essence.split_once('/') else { return false };
    !kind.is_empty() && (subtype.ends_with("+json") || (subtype == "json" && matches!(kind, "application" | "text")))
}

#[cfg(test)]
mod tests;
