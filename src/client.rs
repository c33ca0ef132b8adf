//! The life of one call, over what a host hands in: how to get the token, send, sleep, tell the time.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::error::{CallError, DecodeError, ErrorCode, Problem, RateLimit, RequestInfo, ResponseInfo};
use crate::options::{self, Limits};
use crate::query;
use crate::redact::redact;
use crate::retry::{self, Decision, Failure, Hints, Moment};

/// How much of a failed answer's body is read to learn what it says.
const LONGEST_PROBLEM: usize = 64 << 10;

/// What `onAttempt` is told of an HTTP attempt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt<'a> {
    pub(crate) number: u32,
    pub(crate) url: &'a str,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<&'static str>,
    pub(crate) duration_ms: f64,
    pub(crate) wait_ms: Option<f64>,
}

/// Why a call ended before its time.
#[derive(Debug)]
pub(crate) enum Interruption<V> {
    Deadline,
    Aborted(V),
}

/// Why no token came.
#[derive(Debug)]
pub(crate) struct NoToken<V> {
    pub(crate) message: &'static str,
    pub(crate) cause: Option<V>,
}

/// Why a body did not come whole.
#[derive(Debug)]
pub(crate) enum BodyError<V> {
    TooLong,
    Broken(V),
}

/// An answer whose body is not read yet. Dropping it gives up the body.
pub(crate) trait Response {
    /// A value of the host, such as a caught exception.
    type Value;

    fn status(&self) -> u16;
    fn header(&self, name: &str) -> Option<String>;
    fn headers(&self) -> Self::Value;
    async fn body(self, limit: usize) -> Result<Vec<u8>, BodyError<Self::Value>>;
}

/// What a call needs of its surroundings. Dropping a future of it stops what it stands for.
pub(crate) trait Host {
    type Value;
    type Response: Response<Value = Self::Value>;

    /// The secrets in the user's own headers.
    fn own_secrets(&self) -> Vec<String>;
    /// The token, asked for once a call.
    async fn token(&self) -> Result<Option<String>, NoToken<Self::Value>>;
    async fn send(
        &self,
        url: &str,
        authorization: Option<&str>,
    ) -> Result<Self::Response, CallError<Self::Value>>;
    /// Ends when the call has to end. `timeout` is in milliseconds and may be infinite.
    async fn interrupted(&self, timeout: f64) -> Interruption<Self::Value>;
    async fn sleep(&self, milliseconds: f64);
    /// Milliseconds of the Unix epoch.
    fn now(&self) -> f64;
    /// Milliseconds of a clock that nobody sets.
    fn ticks(&self) -> f64;
    /// A random number of at least 0 and below 1.
    fn random(&self) -> f64;
    fn report(&self, attempt: &Attempt<'_>);
    /// The cause of a failure, or what can be told of it where a piece of a secret stands in it.
    fn redact(&self, cause: Self::Value, secrets: &[String]) -> Self::Value;
}

/// A call that went well.
#[derive(Debug)]
pub(crate) struct Answer<T, V> {
    pub(crate) usage: T,
    pub(crate) head: ResponseInfo<V>,
    pub(crate) attempts: u32,
}

/// Makes one call, whose answer `decode` checks and reads.
pub(crate) async fn call<H: Host, T>(
    host: &H,
    limits: &Limits,
    url: &str,
    decode: fn(&[u8]) -> Result<T, DecodeError>,
) -> Result<Answer<T, H::Value>, CallError<H::Value>> {
    let call = Call {
        host,
        limits,
        url,
        decode,
        deadline: host.ticks() + limits.timeout,
        progress: Cell::default(),
    };
    // One race covers the token, headers, body and waits, so none of them knows of the deadline or the signal.
    let error = match race(host.interrupted(limits.timeout), call.run()).await {
        Either::Second(Ok(answer)) => return Ok(answer),
        Either::Second(Err(error)) => error,
        Either::First(interruption) => {
            let error = match interruption {
                Interruption::Deadline => CallError::timeout(),
                Interruption::Aborted(reason) => CallError::aborted(reason),
            };
            call.finish_attempt(Some(error.code()), None);
            error
        }
    };
    Err(error.with_attempts(call.progress.get().attempts))
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// How many attempts were begun.
    attempts: u32,
    /// When the last one was, if it has not ended yet.
    since: Option<f64>,
    /// The status of its answer, once it is there.
    status: Option<u16>,
}

struct Call<'a, H: Host, T> {
    host: &'a H,
    limits: &'a Limits,
    url: &'a str,
    decode: fn(&[u8]) -> Result<T, DecodeError>,
    deadline: f64,
    progress: Cell<Progress>,
}

/// An attempt that failed.
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

impl<H: Host, T> Call<'_, H, T> {
    async fn run(&self) -> Result<Answer<T, H::Value>, CallError<H::Value>> {
        let token = self.host.token().await.map_err(|error| CallError::token(error.message, error.cause))?;
        let authorization = match &token {
            Some(token) => {
                Some(options::authorization(token).map_err(|bad| CallError::token(bad.as_str(), None))?)
            }
            None => None,
        };
        let mut secrets = self.host.own_secrets();
        if let Some(token) = token {
            secrets.push(token);
        }
        loop {
            let attempts = self.begin_attempt();
            let Failed { error, failure } = match self.attempt(authorization.as_deref(), &secrets).await {
                Ok((usage, head)) => {
                    self.finish_attempt(None, None);
                    return Ok(Answer { usage, head, attempts });
                }
                Err(failed) => failed,
            };
            match self.decide(&failure, attempts) {
                Decision::Retry(wait) => {
                    self.finish_attempt(Some(error.code()), Some(wait));
                    self.host.sleep(wait).await;
                }
                Decision::Stop { retry_at } => {
                    self.finish_attempt(Some(error.code()), None);
                    let error = error.map_cause(|cause| self.host.redact(cause, &secrets));
                    return Err(error.with_retry_at(retry_at));
                }
            }
        }
    }

    /// One request and its answer.
    async fn attempt(
        &self,
        authorization: Option<&str>,
        secrets: &[String],
    ) -> Result<(T, ResponseInfo<H::Value>), Failed<H::Value>> {
        let response = self.host.send(self.url, authorization).await?;
        let head = ResponseInfo {
            status: response.status(),
            headers: response.headers(),
            request_id: response.header("x-request-id").map(|id| redact(&id, secrets)),
            rate_limit: rate_limit(&response),
        };
        self.progress.set(Progress { status: Some(head.status), ..self.progress.get() });

        if head.status != 200 {
            let hints = Hints {
                retry_after: response.header("retry-after"),
                rate_limit_reset: response.header("x-organization-rate-limit-reset"),
                date: response.header("date"),
            };
            let failure = Failure::Status(head.status, hints);
            // The status is known: a body that breaks off takes away only what it would have said.
            let body = response.body(LONGEST_PROBLEM.min(self.limits.max_body_bytes)).await;
            let problem = body.ok().and_then(|body| Problem::read(&body, secrets));
            let request = RequestInfo { url: query::place(self.url), has_token: !secrets.is_empty() };
            let error = CallError::status(head, problem, request);
            return Err(Failed { error, failure });
        }
        if !response.header("content-type").is_some_and(|value| is_json(&value)) {
            let message = "The Content-Type of the response is not JSON; check that `baseUrl` is the ThousandEyes API, and \
                           that no login page or proxy is in front of it";
            return Err(CallError::unexpected(head, message).into());
        }
        match response.body(self.limits.max_body_bytes).await {
            Ok(body) => match (self.decode)(&body) {
                Ok(usage) => Ok((usage, head)),
                Err(error) => Err(CallError::decode(head, error).into()),
            },
            Err(BodyError::TooLong) => {
                let limit = self.limits.max_body_bytes;
                let message =
                    format!("The response is longer than {limit} bytes; raise `maxBodyBytes` or expand less");
                Err(CallError::unexpected(head, message).into())
            }
            Err(BodyError::Broken(cause)) => {
                let message = "The connection failed before the end of the response; try again";
                Err(CallError::connection(message, Some(cause)).into())
            }
        }
    }

    fn decide(&self, failure: &Failure, attempts: u32) -> Decision {
        let moment = Moment {
            attempts,
            max_retries: self.limits.max_retries,
            now: self.host.now(),
            left: self.deadline - self.host.ticks(),
            random: self.host.random(),
        };
        retry::decide(failure, &moment)
    }

    fn begin_attempt(&self) -> u32 {
        let attempts = self.progress.get().attempts.saturating_add(1);
        self.progress.set(Progress { attempts, since: Some(self.host.ticks()), status: None });
        attempts
    }

    /// Reports the attempt that is under way, if there is one.
    fn finish_attempt(&self, code: Option<ErrorCode>, wait_ms: Option<f64>) {
        let progress = self.progress.get();
        let Some(since) = progress.since else { return };
        self.progress.set(Progress { since: None, ..progress });
        self.host.report(&Attempt {
            number: progress.attempts,
            url: self.url,
            status: progress.status,
            code: code.map(ErrorCode::as_str),
            duration_ms: self.host.ticks() - since,
            wait_ms,
        });
    }
}

/// The rate limit, where all three of its headers are there and valid.
fn rate_limit(response: &impl Response) -> Option<RateLimit> {
    let number = |name: &str| response.header(name)?.parse::<u64>().ok();
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
    !kind.is_empty()
        && (subtype.ends_with("+json") || (subtype == "json" && matches!(kind, "application" | "text")))
}

enum Either<A, B> {
    First(A),
    Second(B),
}

/// The future that ends first; the other one is dropped.
async fn race<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> Either<A, B> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        if let Poll::Ready(value) = first.as_mut().poll(context) {
            return Poll::Ready(Either::First(value));
        }
        second.as_mut().poll(context).map(Either::Second)
    })
    .await
}

#[cfg(test)]
mod tests;
