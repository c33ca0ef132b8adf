//! The error of a call: one type, with a code and the data of the failure.

use std::borrow::Cow;
use std::error;
use std::fmt;

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::string_enum::string_enum;

string_enum! {
    /// The kind of an error. Stable: programs may branch on it.
    pub enum ErrorCode {
        /// An argument or option is invalid. Nothing was sent.
        Argument = "argument",
        /// The token is invalid, or its provider failed. Nothing was sent.
        Token = "token",
        /// The connection failed before or in the response: DNS, refused, TLS, CORS, a reset.
        Connection = "connection",
        /// The deadline of the whole call passed.
        Timeout = "timeout",
        /// The caller aborted the call.
        Aborted = "aborted",
        /// Status 400.
        BadRequest = "bad-request",
        /// Status 401.
        Unauthorized = "unauthorized",
        /// Status 403.
        Forbidden = "forbidden",
        /// Status 404.
        NotFound = "not-found",
        /// Status 429.
        RateLimit = "rate-limit",
        /// Status 5xx.
        Server = "server",
        /// Any other status, a redirect, a 200 that is not JSON, or a body over the limit.
        UnexpectedResponse = "unexpected-response",
        /// The body is not valid UTF-8, not JSON, or not what the API documents.
        Decode = "decode",
    }
}

impl ErrorCode {
    /// The code of a status other than 200. It does not depend on the body.
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

/// Whether a status reports a temporary condition, so that the same request may succeed later.
pub(crate) const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Error returned when an argument or option is invalid, before anything is sent.
///
/// Its message never contains a value: a token may have been passed in the wrong place.
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

/// Error returned when a body is not what the API documents. It never contains a value of the body.
// In a box, so that the parser, which returns a `Result` at each step, returns one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Mismatch>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mismatch {
    path: String,
    expected: &'static str,
    found: Cow<'static, str>,
    is_syntax: bool,
}

impl DecodeError {
    /// The error of a value whose type is not the model's.
    pub(crate) fn mismatch(expected: &'static str, found: &'static str) -> Self {
        Self(Box::new(Mismatch { path: String::new(), expected, found: found.into(), is_syntax: false }))
    }

    /// The error of a body that cannot be parsed at all.
    pub(crate) fn syntax(expected: &'static str, found: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Mismatch { path: String::new(), expected, found: found.into(), is_syntax: true }))
    }

    /// The same error, with the name of the object or array that has the value before its path.
    pub(crate) fn in_field(mut self, name: &str) -> Self {
        let path = &mut self.0.path;
        if !self.0.is_syntax {
            let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            *path = [name, separator, path].concat();
        }
        self
    }

    /// The same error, with the index of the element before its path.
    pub(crate) fn in_element(self, index: usize) -> Self {
        self.in_field(&format!("[{index}]"))
    }

    /// The path of the value, such as `usage.tests[17].cloudUnitsUsed`. Empty for the whole body.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What the model expects there.
    #[must_use]
    pub fn expected(&self) -> &str {
        self.0.expected
    }

    /// The kind of value that the body has there, or where parsing failed. Never the value itself.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.0.found
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The response is not ")?;
        if !self.0.is_syntax {
            f.write_str("as documented: ")?;
            f.write_str(if self.0.path.is_empty() { "the body" } else { &self.0.path })?;
            f.write_str(" should be ")?;
        }
        f.write_str(self.0.expected)?;
        f.write_str(if self.0.is_syntax { ": " } else { ", but is " })?;
        f.write_str(&self.0.found)?;
        f.write_str("; check that `baseUrl` is the ThousandEyes API, or look for a newer version of this package")
    }
}

impl error::Error for DecodeError {}

/// The organisation's rate limit, from the response's `X-Organization-Rate-Limit-…` headers.
///
/// A browser shows these headers only if the API exposes them by CORS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests that the organisation may send in a minute.
    pub limit: u64,
    /// Requests that are left in this minute.
    pub remaining: u64,
    /// When the next minute begins, in seconds of the Unix epoch by the server's clock.
    pub reset: u64,
}

/// The longest part of a response's own text that an error message quotes, in characters.
const LONGEST_QUOTE: usize = 200;

/// The body of a failed response, in the terms of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
///
/// The API's other formats are read into the same fields. The texts are the server's: show them, but do not branch on
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// URI of the kind of problem.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Short summary of the kind of problem; for an OAuth error, its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The status in the body. It may differ from the response's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where it went wrong: a URI or a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The single errors, such as one for each invalid parameter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One error of a [`Problem`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProblemError {
    /// Code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The invalid field or parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Problem {
    /// One line for an error message: the detail and the first single error, else the title.
    pub(crate) fn summary(&self) -> Option<String> {
        let first_error = self.errors.iter().find_map(|error| error.message.as_deref());
        let title = self.title.as_deref().filter(|_| self.detail.is_none() && first_error.is_none());
        let mut summary = String::new();
        for text in [self.detail.as_deref(), first_error, title].into_iter().flatten() {
            let line = one_line(text);
            if !line.is_empty() && !summary.is_empty() {
                summary.push_str(": ");
            }
            summary.push_str(&line);
        }
        (!summary.is_empty()).then_some(summary)
    }
}

fn one_line(text: &str) -> String {
    let quoted = text.chars().take(LONGEST_QUOTE);
    let line: String = quoted.map(|char| if char.is_control() { ' ' } else { char }).collect();
    line.trim_ascii().trim_end_matches('.').to_owned()
}

/// A response without its body. `V` is a value of the host, which this module does not look into.
#[derive(Clone, Debug)]
pub(crate) struct ResponseInfo<V> {
    pub(crate) status: u16,
    pub(crate) headers: V,
    pub(crate) request_id: Option<String>,
    pub(crate) rate_limit: Option<RateLimit>,
}

/// Error of a call. `V` is a value of the host: a `JsValue` in a JavaScript engine.
#[derive(Clone, Debug)]
pub struct CallError<V>(pub(crate) Box<ErrorDetails<V>>);

#[derive(Clone, Debug)]
pub(crate) struct ErrorDetails<V> {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) retryable: bool,
    pub(crate) attempts: u32,
    pub(crate) cause: Option<V>,
    pub(crate) response: Option<ResponseInfo<V>>,
    pub(crate) problem: Option<Problem>,
    pub(crate) retry_at: Option<f64>,
    pub(crate) decode_error: Option<DecodeError>,
}

impl<V> CallError<V> {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>, cause: Option<V>) -> Self {
        Self(Box::new(ErrorDetails {
            code,
            message: message.into(),
            retryable: matches!(code, ErrorCode::Connection | ErrorCode::Timeout),
            attempts: 0,
            cause,
            response: None,
            problem: None,
            retry_at: None,
            decode_error: None,
        }))
    }

    /// The error of a `fetch` that does not return a usable `Response`. Another attempt would fail as well.
    pub(crate) fn not_a_response(message: &str) -> Self {
        let mut error = Self::new(ErrorCode::Connection, message, None);
        error.0.retryable = false;
        error
    }

    pub(crate) fn timeout() -> Self {
        let message = "The call did not finish in time; raise `timeout`, or check that the API is reachable";
        Self::new(ErrorCode::Timeout, message, None)
    }

    /// The error of a status other than 200. `url` is the request's, without its query.
    pub(crate) fn status(
        response: ResponseInfo<V>,
        problem: Option<Problem>,
        endpoint: &Endpoint,
        url: &str,
        has_token: bool,
    ) -> Self {
        let code = ErrorCode::of_status(response.status);
        let mut message = status_message(code, response.status, endpoint, url, has_token);
        if let Some(summary) = problem.as_ref().and_then(Problem::summary) {
            message = [&message, " (the API says: ", &summary, ")"].concat();
        }
        let mut error = Self::new(code, message, None);
        error.0.retryable = is_transient(response.status);
        error.0.problem = problem;
        error.with_response(response)
    }

    /// The error of a 200 whose body is not as documented.
    pub(crate) fn decode(response: ResponseInfo<V>, decode_error: DecodeError) -> Self {
        let mut error = Self::new(ErrorCode::Decode, decode_error.to_string(), None);
        error.0.decode_error = Some(decode_error);
        error.with_response(response)
    }

    pub(crate) fn with_response(mut self, response: ResponseInfo<V>) -> Self {
        self.0.response = Some(response);
        self
    }

    /// The kind of error.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Whether the same call may succeed later.
    ///
    /// True after a failed connection, a passed deadline, and the statuses 408, 429, 500, 502, 503 and 504.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// The number of HTTP requests that were sent. 0 if the call failed before the first.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The value that the host gave as the reason. `None` if it gave none.
    #[must_use]
    pub fn cause(&self) -> Option<&V> {
        self.0.cause.as_ref()
    }

    /// The HTTP status. `None` unless a response was received that cannot be used.
    #[must_use]
    pub fn status_code(&self) -> Option<u16> {
        self.0.response.as_ref().map(|response| response.status)
    }

    /// The response's headers, as the host holds them. `None` if no response was received.
    #[must_use]
    pub fn headers(&self) -> Option<&V> {
        self.0.response.as_ref().map(|response| &response.headers)
    }

    /// The response's `x-request-id`, to quote to support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.response.as_ref()?.request_id.as_deref()
    }

    /// The organisation's rate limit. `None` if the response does not have it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.0.response.as_ref()?.rate_limit.as_ref()
    }

    /// The body of the failed response. `None` if it is in no known format.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// When to try again, in milliseconds of the Unix epoch by this machine's clock.
    ///
    /// Present for each 429, if the response named a time, and if the next attempt did not fit the deadline.
    #[must_use]
    pub fn retry_at(&self) -> Option<f64> {
        self.0.retry_at
    }

    /// Where the body is not as documented. Present with [`ErrorCode::Decode`] only.
    #[must_use]
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.0.decode_error.as_ref()
    }
}

fn status_message(code: ErrorCode, status: u16, endpoint: &Endpoint, url: &str, has_token: bool) -> String {
    match code {
        ErrorCode::BadRequest => ["The API rejected the request (400); check ", endpoint.arguments].concat(),
        ErrorCode::Unauthorized if !has_token => {
            "The API requires a token (401) and none was sent; set `token`, or let the server behind `baseUrl` add it"
                .to_owned()
        }
        ErrorCode::Unauthorized => {
            "The API did not accept the token (401); check that it is complete and has not expired".to_owned()
        }
        ErrorCode::Forbidden => ["The token may not read this (403); its user needs ", endpoint.permission].concat(),
        ErrorCode::NotFound => ["Nothing was found at ", url, " (404); check ", endpoint.location].concat(),
        ErrorCode::RateLimit => {
            "The organisation's rate limit is used up (429); wait until `retryAt`, and send fewer requests".to_owned()
        }
        // A browser hides the status of a redirect: it is 0.
        _ if matches!(status, 0 | 301 | 302 | 303 | 307 | 308) => {
            "The API responded with a redirect, which is not followed; check `baseUrl`".to_owned()
        }
        _ if code == ErrorCode::Server => format!("The API failed ({status}); try again later"),
        _ if status == 408 => "The API did not receive the request in time (408); try again later".to_owned(),
        _ => format!("The API responded with the unexpected status {status}; check `baseUrl`"),
    }
}

impl<V> From<ArgumentError> for CallError<V> {
    fn from(error: ArgumentError) -> Self {
        Self::new(ErrorCode::Argument, error.0, None)
    }
}

impl<V> fmt::Display for CallError<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl<V: fmt::Debug> error::Error for CallError<V> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.decode_error.as_ref().map(|error| error as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://api.example/v7/usage";

    fn response(status: u16) -> ResponseInfo<()> {
        ResponseInfo { status, headers: (), request_id: None, rate_limit: None }
    }

    #[track_caller]
    fn assert_status(status: u16, code: ErrorCode, retryable: bool, message: &str) {
        let error = CallError::status(response(status), None, &Endpoint::USAGE, URL, true);
        assert_eq!((error.code(), error.retryable(), error.to_string().as_str()), (code, retryable, message));
    }

    #[test]
    fn each_status_has_its_code_and_message() {
        for (status, code, message) in [
            (400, ErrorCode::BadRequest, "The API rejected the request (400); check `aid` and `expand`"),
            (
                401,
                ErrorCode::Unauthorized,
                "The API did not accept the token (401); check that it is complete and has not expired",
            ),
            (
                403,
                ErrorCode::Forbidden,
                "The token may not read this (403); its user needs the permission to view usage in the organisation of \
                 `aid`",
            ),
            (
                404,
                ErrorCode::NotFound,
                "Nothing was found at https://api.example/v7/usage (404); check `aid` and `baseUrl`",
            ),
        ] {
            assert_status(status, code, false, message);
        }
        let error = CallError::status(response(404), None, &Endpoint::QUOTAS, URL, true);
        assert_eq!(error.to_string(), "Nothing was found at https://api.example/v7/usage (404); check `baseUrl`");
        let message = "The organisation's rate limit is used up (429); wait until `retryAt`, and send fewer requests";
        assert_status(429, ErrorCode::RateLimit, true, message);
        for (status, retryable) in
            [(500, true), (501, false), (502, true), (503, true), (504, true), (505, false), (599, false)]
        {
            let message = format!("The API failed ({status}); try again later");
            assert_status(status, ErrorCode::Server, retryable, &message);
        }
        let message = "The API responded with a redirect, which is not followed; check `baseUrl`";
        // A browser hides the status of a redirect: it is 0.
        for status in [0, 301, 302, 303, 307, 308] {
            assert_status(status, ErrorCode::UnexpectedResponse, false, message);
        }
        for status in [204, 206, 304, 402, 405, 600] {
            let message = format!("The API responded with the unexpected status {status}; check `baseUrl`");
            assert_status(status, ErrorCode::UnexpectedResponse, false, &message);
        }
        let message = "The API did not receive the request in time (408); try again later";
        assert_status(408, ErrorCode::UnexpectedResponse, true, message);
        assert_eq!(
            CallError::status(response(401), None, &Endpoint::USAGE, URL, false).to_string(),
            "The API requires a token (401) and none was sent; set `token`, or let the server behind `baseUrl` add it"
        );
    }

    #[test]
    fn the_summary_of_the_problem_follows_the_message() {
        let problem = Problem { detail: Some("expand is unknown".to_owned()), ..Problem::default() };
        assert_eq!(
            CallError::status(response(400), Some(problem), &Endpoint::USAGE, URL, true).to_string(),
            "The API rejected the request (400); check `aid` and `expand` (the API says: expand is unknown)"
        );
    }

    #[test]
    fn the_summary_of_a_problem_is_one_short_line() {
        let problem =
            Problem { detail: Some("two\r\nlines.".to_owned()), title: Some("T".to_owned()), ..Problem::default() };
        assert_eq!(problem.summary().as_deref(), Some("two  lines"));
        let problem = Problem { title: Some("é".repeat(500)), ..Problem::default() };
        assert_eq!(problem.summary().map(|line| line.chars().count()), Some(LONGEST_QUOTE));
        assert_eq!(Problem { detail: Some(" \n".to_owned()), ..Problem::default() }.summary(), None);
    }

    #[test]
    fn the_summary_of_a_problem_has_its_first_single_error() {
        let message = |text: &str| ProblemError { message: Some(text.to_owned()), ..ProblemError::default() };
        let problem = Problem {
            title: Some("Bad".to_owned()),
            detail: Some("1 error.".to_owned()),
            errors: vec![ProblemError::default(), message("aid is unknown."), message("more")],
            ..Problem::default()
        };
        assert_eq!(problem.summary().as_deref(), Some("1 error: aid is unknown"));
    }

    #[test]
    fn a_decode_error_names_the_place_and_both_kinds() {
        let error = DecodeError::mismatch("a string", "an array").in_field("aid").in_element(3).in_field("tests");
        assert_eq!((error.path(), error.expected(), error.found()), ("tests[3].aid", "a string", "an array"));
        assert_eq!(
            error.to_string(),
            "The response is not as documented: tests[3].aid should be a string, but is an array; check that `baseUrl` is the \
             ThousandEyes API, or look for a newer version of this package"
        );
    }

    #[test]
    fn a_syntax_error_is_the_whole_bodys() {
        let error = DecodeError::syntax("JSON", "unexpected end of input").in_element(3).in_field("tests");
        assert_eq!(error.path(), "");
        assert_eq!(
            error.to_string(),
            "The response is not JSON: unexpected end of input; check that `baseUrl` is the ThousandEyes API, or look for \
             a newer version of this package"
        );
    }

    #[test]
    fn every_code_has_its_own_string() {
        let mut strings = ErrorCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>();
        strings.sort_unstable();
        strings.dedup();
        assert_eq!(strings.len(), ErrorCode::ALL.len());
    }
}
