//! What can go wrong: one error type, told apart by its code.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use core::error;
use core::fmt;

use crate::client::RateLimit;
use crate::decode::DecodeError;
use crate::digits;
use crate::problem::Problem;
use crate::query;

/// What kind of failure an error is. Stable: programs may branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The caller's mistake, found before anything was sent.
    Argument,
    /// The token is not fit for a header, or its provider failed. Nothing was sent.
    Token,
    /// The request or its answer broke off: DNS, refused, TLS, CORS, a reset before or in the body.
    Connection,
    /// The deadline of the whole call passed.
    Timeout,
    /// The caller aborted the call.
    Aborted,
    /// Status 400.
    BadRequest,
    /// Status 401.
    Unauthorized,
    /// Status 403.
    Forbidden,
    /// Status 404.
    NotFound,
    /// Status 429.
    RateLimit,
    /// Status 5xx.
    Server,
    /// Any other status, a redirect, a 200 that is not JSON, or a body over the limit.
    UnexpectedResponse,
    /// The body is not valid UTF-8, not JSON, or not a `Usage`.
    Decode,
}

impl Code {
    /// Every code.
    pub const ALL: &[Self] = &[
        Self::Argument,
        Self::Token,
        Self::Connection,
        Self::Timeout,
        Self::Aborted,
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::RateLimit,
        Self::Server,
        Self::UnexpectedResponse,
        Self::Decode,
    ];

    /// The code as JavaScript sees it, in `error.code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Token => "token",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Aborted => "aborted",
            Self::BadRequest => "bad-request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::RateLimit => "rate-limit",
            Self::Server => "server",
            Self::UnexpectedResponse => "unexpected-response",
            Self::Decode => "decode",
        }
    }

    /// The code of an answer that is not a 200: the status alone decides, whatever the body says.
    const fn of_status(status: u16) -> Self {
        match status {
            400 => Self::BadRequest,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::RateLimit,
            500..=599 => Self::Server,
            _ => Self::UnexpectedResponse,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Error returned when an argument or option cannot be meant, before anything is sent.
///
/// It never echoes a value: a token or password may have gone into the wrong place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError(String);

impl ArgumentError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for ArgumentError {}

/// What an answer said beside its body. `V` is a value of the host that the pure modules only pass on.
#[derive(Clone, Debug)]
pub(crate) struct Head<V> {
    pub(crate) status: u16,
    pub(crate) headers: V,
    pub(crate) request_id: Option<String>,
    pub(crate) rate_limit: Option<RateLimit>,
}

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) url: &'a str,
    pub(crate) with_token: bool,
}

/// Error of a call. Its [`Code`] says what failed, its message what to do about it.
///
/// `V` is a value of the host: in a JavaScript engine a `JsValue`, as in [`Error`](crate::Error).
#[derive(Debug)]
pub struct CallError<V>(Box<Inner<V>>);

// Boxed: a Result of a call stays as small as its success.
#[derive(Debug)]
struct Inner<V> {
    code: Code,
    message: String,
    attempts: u32,
    is_lasting: bool,
    cause: Option<V>,
    head: Option<Head<V>>,
    problem: Option<Problem>,
    retry_at: Option<f64>,
    mismatch: Option<DecodeError>,
}

impl<V> CallError<V> {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            attempts: 0,
            is_lasting: false,
            cause: None,
            head: None,
            problem: None,
            retry_at: None,
            mismatch: None,
        }))
    }

    pub(crate) fn token(message: &str, cause: Option<V>) -> Self {
        Self::new(Code::Token, message).caused_by(cause)
    }

    pub(crate) fn connection(message: &str, cause: Option<V>) -> Self {
        Self::new(Code::Connection, message).caused_by(cause)
    }

    /// The error of a `fetch` that broke its promise: no other attempt would mend it.
    pub(crate) fn not_a_response(message: &str) -> Self {
        let mut error = Self::new(Code::Connection, message);
        error.0.is_lasting = true;
        error
    }

    pub(crate) fn timeout() -> Self {
        let message = "The call did not finish in time; raise `timeout` or check that the API is reachable";
        Self::new(Code::Timeout, message)
    }

    pub(crate) fn aborted(reason: V) -> Self {
        Self::new(Code::Aborted, "The call was aborted by its signal").caused_by(Some(reason))
    }

    /// The error of an answer that is not a 200.
    pub(crate) fn status(head: Head<V>, problem: Option<Problem>, asked: &Asked<'_>) -> Self {
        let code = Code::of_status(head.status);
        let mut message = status_sentence(code, head.status, asked);
        if let Some(said) = problem.as_ref().and_then(Problem::summary) {
            message.push_str(" (the API says: ");
            message.push_str(&said);
            message.push(')');
        }
        let mut error = Self::new(code, message);
        error.0.head = Some(head);
        error.0.problem = problem;
        error
    }

    /// The error of a 200 that cannot be used.
    pub(crate) fn unexpected(head: Head<V>, message: impl Into<String>) -> Self {
        let mut error = Self::new(Code::UnexpectedResponse, message);
        error.0.head = Some(head);
        error
    }

    fn caused_by(mut self, cause: Option<V>) -> Self {
        self.0.cause = cause;
        self
    }

    pub(crate) fn map_cause(mut self, map: impl FnOnce(V) -> V) -> Self {
        self.0.cause = self.0.cause.map(map);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_retry_at(mut self, retry_at: Option<f64>) -> Self {
        self.0.retry_at = retry_at;
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    #[cfg(feature = "exports")]
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same call may succeed later, with nothing changed.
    ///
    /// True after a failed connection, a passed deadline, and the statuses 408, 429, 500, 502, 503 and 504.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self.status_code() {
            Some(status) => crate::retry::is_transient(status),
            None => matches!(self.0.code, Code::Connection | Code::Timeout) && !self.0.is_lasting,
        }
    }

    /// How many HTTP requests were sent. 0 when the call failed before the first.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The value that the host gave as the reason, where there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&V> {
        self.0.cause.as_ref()
    }

    /// The HTTP status, where an answer with an unusable status or body came.
    #[must_use]
    pub fn status_code(&self) -> Option<u16> {
        self.0.head.as_ref().map(|head| head.status)
    }

    /// The answer's headers as the host holds them, where an answer came.
    #[must_use]
    pub fn headers(&self) -> Option<&V> {
        self.0.head.as_ref().map(|head| &head.headers)
    }

    /// The answer's `x-request-id`, to quote to support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.head.as_ref()?.request_id.as_deref()
    }

    /// The organisation's rate limit, where the answer told it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.0.head.as_ref()?.rate_limit.as_ref()
    }

    /// What the answer's body said about the failure, where it could be read.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// When to try again, in milliseconds of the Unix epoch by this machine's clock.
    ///
    /// Present on each 429, and where the answer named a time or the next attempt did not fit the deadline.
    #[must_use]
    pub fn retry_at(&self) -> Option<f64> {
        self.0.retry_at
    }

    /// Where the body was not what it should be. Present with [`Code::Decode`] alone.
    #[must_use]
    pub fn mismatch(&self) -> Option<&DecodeError> {
        self.0.mismatch.as_ref()
    }
}

fn status_sentence(code: Code, status: u16, asked: &Asked<'_>) -> String {
    match code {
        Code::BadRequest => "The API refused the request (400); check `aid` and `expand`".to_owned(),
        Code::Unauthorized if !asked.with_token => {
            "The API asks for a token (401) and none was sent; pass it in `token`, or have the server behind `baseUrl` \
             add it".to_owned()
        }
        Code::Unauthorized => {
            "The API did not accept the token (401); check that it is set, valid and not expired".to_owned()
        }
        Code::Forbidden => {
            "The token may not read this usage (403); its user needs the permission to view usage, in the \
             organisation of `aid`"
                .to_owned()
        }
        Code::NotFound => {
            let place = query::place(asked.url);
            ["Nothing was found at ", place, " (404); check `aid` and `baseUrl`"].concat()
        }
        Code::RateLimit => {
            "The organisation's rate limit is used up (429); wait until `retryAt` and ask less often"
                .to_owned()
        }
        // A browser hides the status of a redirect behind a 0.
        _ if matches!(status, 0 | 301 | 302 | 303 | 307 | 308) => {
            "The API answered with a redirect, which is not followed; check `baseUrl`".to_owned()
        }
        _ if code == Code::Server || crate::retry::is_transient(status) => {
            ["The API failed to answer (", &digits::write(status.into()), "); try again later"].concat()
        }
        _ => ["The API answered with the unexpected status ", &digits::write(status.into()), "; check `baseUrl`"].concat(),
    }
}

impl<V> From<ArgumentError> for CallError<V> {
    fn from(error: ArgumentError) -> Self {
        Self::new(Code::Argument, error.0)
    }
}

impl<V> From<DecodeError> for CallError<V> {
    fn from(mismatch: DecodeError) -> Self {
        let mut error = Self::new(Code::Decode, mismatch.message());
        error.0.mismatch = Some(mismatch);
        error
    }
}

impl<V> fmt::Display for CallError<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl<V: fmt::Debug> error::Error for CallError<V> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.mismatch.as_ref().map(|mismatch| mismatch as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked<'_> = Asked { url: "https://api.example/v7/usage?aid=1", with_token: true };

    fn answered(status: u16) -> CallError<()> {
        CallError::status(Head { status, headers: (), request_id: None, rate_limit: None }, None, &ASKED)
    }

    #[track_caller]
    fn becomes(status: u16, code: Code, retryable: bool, message: &str) {
        let error = answered(status);
        assert_eq!((error.code(), error.retryable(), error.to_string().as_str()), (code, retryable, message));
    }

    #[test]
    fn status_400_is_bad_request() {
        let message = "The API refused the request (400); check `aid` and `expand`";
        becomes(400, Code::BadRequest, false, message);
    }

    #[test]
    fn status_401_is_unauthorized() {
        let message = "The API did not accept the token (401); check that it is set, valid and not expired";
        becomes(401, Code::Unauthorized, false, message);
    }

    #[test]
    fn status_401_without_a_token_says_so() {
        let head = Head { status: 401, headers: (), request_id: None, rate_limit: None };
        assert_eq!(
            CallError::status(head, None, &Asked { with_token: false, ..ASKED }).to_string(),
            "The API asks for a token (401) and none was sent; pass it in `token`, or have the server behind `baseUrl` \
             add it"
        );
    }

    #[test]
    fn status_403_is_forbidden() {
        let message = "The token may not read this usage (403); its user needs the permission to view usage, in \
                       the organisation of `aid`";
        becomes(403, Code::Forbidden, false, message);
    }

    #[test]
    fn status_404_is_not_found() {
        let message = "Nothing was found at https://api.example/v7/usage (404); check `aid` and `baseUrl`";
        becomes(404, Code::NotFound, false, message);
    }

    #[test]
    fn status_429_is_rate_limit() {
        let message =
            "The organisation's rate limit is used up (429); wait until `retryAt` and ask less often";
        becomes(429, Code::RateLimit, true, message);
    }

    #[test]
    fn status_5xx_is_server_and_retryable_where_it_can_pass() {
        for (status, retryable) in
            [(500, true), (501, false), (502, true), (503, true), (504, true), (505, false), (599, false)]
        {
            let message = format!("The API failed to answer ({status}); try again later");
            becomes(status, Code::Server, retryable, &message);
        }
    }

    #[test]
    fn a_redirect_is_an_unexpected_response_whether_its_status_shows_or_not() {
        let message = "The API answered with a redirect, which is not followed; check `baseUrl`";
        for status in [0, 301, 302, 303, 307, 308] {
            becomes(status, Code::UnexpectedResponse, false, message);
        }
    }

    #[test]
    fn any_other_status_is_an_unexpected_response() {
        for status in [204, 206, 304, 402, 405, 600] {
            let message = format!("The API answered with the unexpected status {status}; check `baseUrl`");
            becomes(status, Code::UnexpectedResponse, false, &message);
        }
    }

    #[test]
    fn status_408_is_an_unexpected_response_that_may_pass() {
        becomes(408, Code::UnexpectedResponse, true, "The API failed to answer (408); try again later");
    }

    #[test]
    fn what_the_api_says_follows_the_sentence() {
        let problem = Problem { detail: Some("expand is unknown".to_owned()), ..Problem::default() };
        let head = Head { status: 400, headers: (), request_id: None, rate_limit: None };
        assert_eq!(
            CallError::status(head, Some(problem), &ASKED).to_string(),
            "The API refused the request (400); check `aid` and `expand` (the API says: expand is unknown)"
        );
    }

    #[test]
    fn every_code_has_its_own_text() {
        let mut texts = Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
