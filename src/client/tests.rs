use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::*;
use crate::model::Usage;

const URL: &str = "https://api.example/v7/usage";
const NOW: f64 = 1_795_348_800_000.0;
const USAGE: &str = r#"{"usage":{"cloudUnitsUsed":4320000000}}"#;

/// Where a call may stall.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Token,
    Headers,
    Body,
    Wait,
}

/// What a request comes back with.
#[derive(Clone, Debug)]
struct Canned {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Result<&'static str, &'static str>,
}

fn response(status: u16) -> Canned {
    Canned { status, headers: vec![("content-type", "application/hal+json")], body: Ok("") }
}

fn ok() -> Canned {
    Canned { body: Ok(USAGE), ..response(200) }
}

/// A transport without time: sleeping moves its clock.
struct Fake {
    limits: Limits,
    own_secret: Option<&'static str>,
    token: Result<Option<&'static str>, &'static str>,
    /// What comes next; an `Err` is a connection that fails.
    script: RefCell<VecDeque<Result<Canned, &'static str>>>,
    stalls_at: Option<Stage>,
    is_aborted: bool,
    is_interrupted: Cell<bool>,
    clock: Cell<f64>,
    log: RefCell<Vec<String>>,
}

impl Fake {
    fn new(script: impl IntoIterator<Item = Result<Canned, &'static str>>) -> Self {
        Self {
            limits: Limits::default(),
            own_secret: Some("own-s3cret"),
            token: Ok(None),
            script: RefCell::new(script.into_iter().collect()),
            stalls_at: None,
            is_aborted: false,
            is_interrupted: Cell::new(false),
            clock: Cell::default(),
            log: RefCell::default(),
        }
    }

    fn call(&self) -> Result<Success<Usage, &'static str>, CallError<&'static str>> {
        let (limits, url) = (self.limits.clone(), URL.to_owned());
        let request = Request { transport: self, limits, endpoint: &Endpoint::USAGE, url, decode: Usage::from_json };
        pollster::block_on(request.send())
    }

    #[track_caller]
    fn error(&self) -> CallError<&'static str> {
        self.call().unwrap_err()
    }

    #[track_caller]
    fn assert_log(&self, log: &[&str]) {
        assert_eq!(*self.log.borrow(), log);
    }

    fn note(&self, line: impl Into<String>) {
        self.log.borrow_mut().push(line.into());
    }

    /// Interrupts the call at this stage, which then fails.
    fn pass(&self, stage: Stage) -> Result<(), &'static str> {
        if self.stalls_at == Some(stage) {
            self.is_interrupted.set(true);
            return Err("interrupted");
        }
        Ok(())
    }
}

struct CannedResponse<'a>(&'a Fake, Canned);

impl Response for CannedResponse<'_> {
    type Value = &'static str;

    fn status(&self) -> u16 {
        self.1.status
    }

    fn header(&self, name: &str) -> Option<String> {
        self.1.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn headers(&self) -> &'static str {
        "headers"
    }

    async fn body(self, limit: usize) -> Result<Vec<u8>, BodyError<&'static str>> {
        self.0.pass(Stage::Body).map_err(BodyError::Broken)?;
        let body = self.1.body.map_err(BodyError::Broken)?;
        if body.len() > limit { Err(BodyError::TooLong) } else { Ok(body.into()) }
    }
}

impl<'a> Transport for &'a Fake {
    type Value = &'static str;
    type Response = CannedResponse<'a>;

    fn secrets(&self) -> Vec<String> {
        self.own_secret.map(str::to_owned).into_iter().collect()
    }

    async fn token(&self) -> Result<Option<String>, CallError<&'static str>> {
        self.note("token");
        match self.pass(Stage::Token).and(self.token) {
            Ok(token) => Ok(token.map(str::to_owned)),
            Err(cause) => Err(CallError::new(ErrorCode::Token, "no token", Some(cause))),
        }
    }

    async fn send(
        &self,
        url: &str,
        authorization: Option<&str>,
    ) -> Result<CannedResponse<'a>, CallError<&'static str>> {
        assert_eq!(url, URL);
        self.note(format!("send {}", authorization.unwrap_or("bare")));
        self.pass(Stage::Headers).map_err(|cause| CallError::new(ErrorCode::Connection, "interrupted", Some(cause)))?;
        self.clock.set(self.clock.get() + 5.0);
        let next = self.script.borrow_mut().pop_front().unwrap();
        next.map(|canned| CannedResponse(self, canned))
            .map_err(|cause| CallError::new(ErrorCode::Connection, "broken", Some(cause)))
    }

    fn check(&self) -> Result<(), CallError<&'static str>> {
        if !self.is_interrupted.get() {
            return Ok(());
        }
        Err(if self.is_aborted {
            CallError::new(ErrorCode::Aborted, "aborted", Some("reason"))
        } else {
            CallError::timeout()
        })
    }

    fn time_left(&self) -> f64 {
        30_000.0 - self.clock.get()
    }

    async fn sleep(&self, milliseconds: f64) {
        self.note(format!("sleep {milliseconds}"));
        if self.pass(Stage::Wait).is_ok() {
            self.clock.set(self.clock.get() + milliseconds);
        }
    }

    fn now(&self) -> f64 {
        NOW + self.clock.get()
    }

    fn ticks(&self) -> f64 {
        self.clock.get()
    }

    fn random(&self) -> f64 {
        0.0
    }

    fn redact(&self, cause: &'static str, secrets: &[String]) -> &'static str {
        if secrets.iter().any(|secret| cause.contains(secret.as_str())) { "redacted" } else { cause }
    }

    fn report(&self, attempt: &Attempt<'_>) {
        assert_eq!(attempt.url, URL);
        let Attempt { number, status, code, duration_ms, wait_ms, .. } = attempt;
        self.note(format!("report {number} {status:?} {code:?} {duration_ms} {wait_ms:?}"));
    }
}

#[test]
fn a_200_becomes_a_usage() {
    let fake = Fake::new([Ok(ok())]);
    let success = fake.call().unwrap();
    assert_eq!(success.data.usage.unwrap().cloud_units_used, Some(4_320_000_000));
    assert_eq!((success.attempts, success.response.status, success.response.headers), (1, 200, "headers"));
    fake.assert_log(&["token", "send bare", "report 1 Some(200) None 5 None"]);
}

#[test]
fn a_transient_failure_is_retried_with_the_same_token() {
    let script = [Err("reset"), Ok(Canned { body: Err("reset"), ..ok() }), Ok(ok())];
    let fake = Fake { token: Ok(Some("abc")), ..Fake::new(script) };
    assert_eq!(fake.call().unwrap().attempts, 3);
    fake.assert_log(&[
        "token",
        "send Bearer abc",
        "report 1 None Some(Connection) 5 Some(375.0)",
        "sleep 375",
        "send Bearer abc",
        "report 2 Some(200) Some(Connection) 5 Some(750.0)",
        "sleep 750",
        "send Bearer abc",
        "report 3 Some(200) None 5 None",
    ]);
}

#[test]
fn the_last_failure_is_the_error() {
    let fake = Fake::new([Ok(response(503)), Ok(response(500)), Ok(response(504))]);
    let error = fake.error();
    assert_eq!((error.code(), error.status_code(), error.attempts()), (ErrorCode::Server, Some(504), 3));
    assert_eq!((error.retryable(), error.retry_at()), (true, None));
}

#[test]
fn a_lasting_failure_is_not_retried() {
    for status in [400, 401, 403, 404, 501] {
        let error = Fake::new([Ok(response(status))]).error();
        assert_eq!((error.status_code(), error.attempts(), error.retryable()), (Some(status), 1, false));
    }
}

#[test]
fn a_wait_that_does_not_fit_what_is_left_of_the_deadline_ends_the_call() {
    let canned = Canned { headers: vec![("retry-after", "60")], ..response(429) };
    let fake = Fake::new([Ok(canned)]);
    let error = fake.error();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::RateLimit, 1));
    assert_eq!(error.retry_at(), Some(NOW + 5.0 + 60_000.0));
    fake.assert_log(&["token", "send bare", "report 1 Some(429) Some(RateLimit) 5 None"]);

    let canned = Canned { headers: vec![("retry-after", "20")], ..response(429) };
    let error = Fake::new([Ok(canned.clone()), Ok(canned)]).error();
    assert_eq!((error.attempts(), error.retry_at()), (2, Some(NOW + 40_010.0)));
}

#[test]
fn after_a_provider_that_fails_nothing_is_sent() {
    let fake = Fake { token: Err("its error"), ..Fake::new([]) };
    let error = fake.error();
    assert_eq!((error.code(), error.cause(), error.attempts()), (ErrorCode::Token, Some(&"its error"), 0));
    fake.assert_log(&["token"]);
}

#[test]
fn a_token_that_no_header_takes_sends_nothing() {
    let fake = Fake { token: Ok(Some("s3cret\n")), ..Fake::new([]) };
    let error = fake.error();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::Token, 0));
    assert!(!format!("{error:?}").contains("s3cret"));
    fake.assert_log(&["token"]);
}

#[test]
fn a_call_may_be_interrupted_at_any_stage() {
    for (stage, attempts) in [(Stage::Token, 0), (Stage::Headers, 1), (Stage::Body, 1), (Stage::Wait, 1)] {
        let script = || [if stage == Stage::Wait { Err("reset") } else { Ok(ok()) }];
        let error = Fake { stalls_at: Some(stage), ..Fake::new(script()) }.error();
        assert_eq!((error.code(), error.attempts(), error.retryable()), (ErrorCode::Timeout, attempts, true));
        let error = Fake { stalls_at: Some(stage), is_aborted: true, ..Fake::new(script()) }.error();
        assert_eq!((error.code(), error.attempts(), error.retryable()), (ErrorCode::Aborted, attempts, false));
        assert_eq!(error.cause(), Some(&"reason"), "{stage:?}");
    }
    let fake = Fake { is_aborted: true, ..Fake::new([]) };
    fake.is_interrupted.set(true);
    assert_eq!((fake.error().code(), fake.log.borrow().len()), (ErrorCode::Aborted, 0));
}

#[test]
fn an_attempt_that_is_interrupted_is_reported_once() {
    let fake = Fake { stalls_at: Some(Stage::Body), ..Fake::new([Ok(ok())]) };
    fake.error();
    fake.assert_log(&["token", "send bare", "report 1 Some(200) Some(Timeout) 5 None"]);
}

#[test]
fn a_200_has_a_json_media_type() {
    let code = |headers: Vec<(&'static str, &'static str)>| {
        Fake::new([Ok(Canned { headers, ..ok() })]).call().err().map(|error| (error.code(), error.status_code()))
    };
    for value in [
        "application/json",
        "APPLICATION/HAL+JSON",
        "application/json; charset=utf-8",
        " application/problem+json ;x=y",
        "text/json",
    ] {
        assert_eq!(code(vec![("content-type", value)]), None, "{value}");
    }
    let unexpected = Some((ErrorCode::UnexpectedResponse, Some(200)));
    for value in ["text/html", "application/jsonp", "json", "/json", "x/json", "text/plain; a=application/json", ""] {
        assert_eq!(code(vec![("content-type", value)]), unexpected, "{value}");
    }
    assert_eq!(code(vec![]), unexpected);
}

#[test]
fn a_200_longer_than_the_limit_is_an_unexpected_response() {
    let limits = Limits { body_bytes: USAGE.len() - 1, ..Limits::default() };
    let error = Fake { limits, ..Fake::new([Ok(ok())]) }.error();
    assert_eq!((error.code(), error.attempts()), (ErrorCode::UnexpectedResponse, 1));
    let message =
        format!("The response is longer than {} bytes; raise `maxBodyBytes`, or request less", USAGE.len() - 1);
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_200_that_is_not_a_usage_is_a_decode_error_and_is_not_retried() {
    let error = Fake::new([Ok(Canned { body: Ok(r#"{"usage":7}"#), ..ok() })]).error();
    assert_eq!((error.code(), error.attempts(), error.retryable()), (ErrorCode::Decode, 1, false));
    assert_eq!(error.decode_error().map(DecodeError::path), Some("usage"));
}

#[test]
fn a_failed_response_has_its_problem_and_request_id_without_the_token() {
    let canned = Canned {
        headers: vec![("x-request-id", "r-1:s3cret")],
        body: Ok(r#"{"error":"invalid_token","error_description":"s3cret is expired, own-s3cret too"}"#),
        ..response(401)
    };
    let error = Fake { token: Ok(Some("s3cret")), ..Fake::new([Ok(canned)]) }.error();
    assert_eq!((error.request_id(), error.headers()), (Some("r-1:[token]"), Some(&"headers")));
    assert_eq!(error.problem().unwrap().detail.as_deref(), Some("[token] is expired, [token] too"));
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[test]
fn a_cause_with_the_token_is_redacted() {
    for max_retries in [0, 2] {
        let cause = |cause| {
            let script = [Err(cause), Err(cause), Err(cause)];
            let limits = Limits { retries: max_retries, ..Limits::default() };
            let fake = Fake { limits, token: Ok(Some("s3cret")), ..Fake::new(script) };
            fake.error().cause().copied()
        };
        assert_eq!(cause("reset s3cret"), Some("redacted"));
        assert_eq!(cause("reset"), Some("reset"));
    }
}

#[test]
fn the_message_of_a_401_depends_on_whether_a_token_was_sent() {
    let message = |token, own_secret| {
        let fake = Fake { token: Ok(token), own_secret, ..Fake::new([Ok(response(401))]) };
        fake.error().to_string()
    };
    assert!(message(None, None).contains("none was sent"));
    assert!(message(Some("s3cret"), None).contains("did not accept"));
    assert!(message(None, Some("own-s3cret")).contains("did not accept"));
}

#[test]
fn a_failed_response_whose_body_cannot_be_read_has_no_problem() {
    let limits = Limits { body_bytes: 12, ..Limits::default() };
    let canned = Canned { body: Ok(r#"{"title":"T"}"#), ..response(404) };
    let error = Fake { limits, ..Fake::new([Ok(canned)]) }.error();
    assert_eq!((error.code(), error.problem()), (ErrorCode::NotFound, None));
    let error = Fake::new([Ok(Canned { body: Err("reset"), ..response(403) })]).error();
    assert_eq!((error.code(), error.problem(), error.attempts()), (ErrorCode::Forbidden, None, 1));
}

#[test]
fn an_attempt_without_a_response_is_reported_without_a_status() {
    let limits = Limits { retries: 1, ..Limits::default() };
    let fake = Fake { limits, ..Fake::new([Ok(response(503)), Err("reset")]) };
    assert_eq!(fake.error().code(), ErrorCode::Connection);
    let log = fake.log.borrow();
    assert_eq!(log.last().map(String::as_str), Some("report 2 None Some(Connection) 5 None"));
}

#[test]
fn a_response_has_a_rate_limit_if_all_three_headers_are_valid() {
    let all = [
        ("x-organization-rate-limit-limit", "240"),
        ("x-organization-rate-limit-remaining", "239"),
        ("x-organization-rate-limit-reset", "1795348860"),
    ];
    let rate_limit = |headers: Vec<(&'static str, &'static str)>| {
        let headers = [ok().headers, headers].concat();
        Fake::new([Ok(Canned { headers, ..ok() })]).call().unwrap().response.rate_limit
    };
    assert_eq!(rate_limit(all.to_vec()), Some(RateLimit { limit: 240, remaining: 239, reset: 1_795_348_860 }));
    for index in 0..all.len() {
        let mut headers = all.to_vec();
        // The second one is later than the last date of JavaScript.
        for invalid in ["-1", "8640000000001"] {
            headers[index].1 = invalid;
            assert_eq!(rate_limit(headers.clone()), None);
        }
        headers.remove(index);
        assert_eq!(rate_limit(headers), None);
    }
}
