//! The host of a call in a JavaScript engine: `fetch`, timers, signals. Here and in `js` alone stands a `JsValue`.
//!
//! Whatever the user hands in (a `fetch`, its answers, a signal) may throw at any touch. An exception that leaves an
//! import without `catch` would leave the call unsettled for ever, so such values are touched by the bindings below
//! alone. gloo-net's `send` and `Response` and web-sys' `Response` were rejected for that reason.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use js_sys::{Array, ArrayBuffer, Date, Function, JsString, Math, Promise, Reflect, TypeError, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit, RequestRedirect, Url};

use crate::client::{self, Attempt, BodyError, Host, Interruption, NoToken, RateLimit};
use crate::error::{ArgumentError, CallError};
use crate::model::Usage;
use crate::options::{self, Limits, UrlParts};
use crate::problem::strike_out;
use crate::query::{self, Query};

/// Error of a call. Its cause and headers are those of the JavaScript engine.
pub type Error = CallError<JsValue>;

/// The media types that the API answers with, of a success and of a failure.
const ACCEPT: &str = "application/hal+json, application/problem+json";

/// The longest text that is taken from the user, in UTF-16 units. None that is meant comes near it, and one of
/// hundreds of megabytes would exhaust the WebAssembly's memory.
const LONGEST_TEXT: u32 = 1 << 16;

/// How long a body may arrive without a pause, in milliseconds, before timers and the signal get their turn.
const LONGEST_RUSH: f64 = 50.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout, catch)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    // What may throw returns an Option: where it throws, wasm-bindgen leaks the table slot of a bare value.
    #[wasm_bindgen(js_namespace = Reflect, js_name = apply, catch)]
    fn apply(function: &Function, this: &JsValue, arguments: &Array) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = construct, catch)]
    fn construct(class: &Function, arguments: &Array) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn get_property(object: &JsValue, key: &JsValue) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = ownKeys, catch)]
    fn own_keys(object: &JsValue) -> Result<Option<Array>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = getPrototypeOf, catch)]
    fn prototype_of(object: &JsValue) -> Result<Option<JsValue>, JsValue>;

    /// Anything with the methods of a `Response`, a stream or a reader.
    type Foreign;

    #[wasm_bindgen(method, catch)]
    fn get(this: &Foreign, name: &str) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    fn array_buffer(this: &Foreign) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Foreign) -> Result<Option<Foreign>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Foreign) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Foreign) -> Result<Option<JsValue>, JsValue>;
}

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
    /// With the [`Code`](crate::Code) of what failed.
    pub async fn usage(&self, query: &Query) -> Result<Usage, Error> {
        self.usage_with_response(query).await.map(|response| response.usage)
    }

    /// The same, with what else the answer told.
    ///
    /// # Errors
    ///
    /// With the [`Code`](crate::Code) of what failed.
    pub async fn usage_with_response(&self, query: &Query) -> Result<UsageResponse, Error> {
        let url = query.url(&base_url(&self.base_url)?);
        let headers = Headers::new().map_err(|_| invalid_header())?;
        for (name, value) in &self.headers {
            headers.append(name, value).map_err(|_| invalid_header())?;
        }
        let host = Fetch {
            function: global_fetch()?,
            token: self.token.clone().map_or(Token::None, Token::Text),
            headers,
            signal: None,
            on_attempt: None,
        };
        let answer = client::call(&host, &self.limits, &url).await?;
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
    pub(crate) headers: Headers,
    pub(crate) signal: Option<AbortSignal>,
    pub(crate) on_attempt: Option<Function>,
}

/// The global `fetch` of now: it may be patched at any time.
pub(crate) fn global_fetch() -> Result<Function, ArgumentError> {
    property(&js_sys::global(), "fetch")
        .dyn_into()
        .map_err(|_| ArgumentError::new("There is no global fetch here; pass one in the option `fetch`"))
}

/// A property, or undefined where there is none, it is null, or its getter throws.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    get_property(object, &name.into()).ok().flatten().unwrap_or_default()
}

/// A new object of a global class, or nothing where its constructor throws.
pub(crate) fn new<T: JsCast>(class: &str, arguments: &Array) -> Option<T> {
    let class = property(&js_sys::global(), class).dyn_into().ok()?;
    construct(&class, arguments).ok()?.map(JsCast::unchecked_into)
}

/// Why a signal aborted. Unlike a property it may be null, which is then the very reason.
fn reason(signal: &AbortSignal) -> JsValue {
    Reflect::get(signal, &"reason".into()).unwrap_or_default()
}

/// A text of the user's, or nothing where it is no string or one that cannot be meant.
pub(crate) fn text(value: &JsValue) -> Option<String> {
    value.dyn_ref::<JsString>().filter(|text| text.length() <= LONGEST_TEXT)?.as_string()
}

/// Checks and resolves a base URL.
pub(crate) fn base_url(text: &str) -> Result<String, ArgumentError> {
    if text.is_empty() {
        return Err(ArgumentError::new(
            "`baseUrl` is empty; leave it out to call https://api.thousandeyes.com",
        ));
    }
    let location = || property(&property(&js_sys::global(), "location"), "href").as_string();
    let absolute = || new::<Url>("URL", &Array::of1(&text.into()));
    let relative = || new::<Url>("URL", &Array::of2(&text.into(), &location()?.into()));
    let url = absolute().or_else(relative).ok_or_else(|| {
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

impl Fetch {
    fn request(&self, authorization: Option<&str>, signal: &AbortSignal) -> Result<RequestInit, JsValue> {
        let headers = Headers::new_with_headers(&self.headers)?;
        if !headers.has("accept")? {
            headers.set("accept", ACCEPT)?;
        }
        if let Some(authorization) = authorization
            && !headers.has("authorization")?
        {
            headers.set("authorization", authorization)?;
        }
        let init = RequestInit::new();
        init.set_method("GET");
        init.set_headers_headers(&headers);
        init.set_signal(Some(signal));
        // "error" was rejected: it cannot be told from a failed connection, which is retried.
        init.set_redirect(RequestRedirect::Manual);
        Ok(init)
    }
}

impl Host for Fetch {
    type Value = JsValue;
    type Response = Response;

    /// What follows the scheme in an `Authorization` of the user's own, in parts: a server may echo one of them.
    fn own_secrets(&self) -> Vec<String> {
        let Ok(Some(value)) = self.headers.get("authorization") else { return Vec::new() };
        let secrets = value.split_once(' ').map_or(value.as_str(), |(_scheme, secrets)| secrets);
        secrets.split([' ', ',', '=', '"']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    async fn token(&self) -> Result<Option<String>, NoToken<JsValue>> {
        let provider = match &self.token {
            Token::None => return Ok(None),
            Token::Text(text) => return Ok(Some(text.clone())),
            Token::Provider(provider) => provider,
        };
        let token = settle(call(provider, &Array::new())).await.map_err(|cause| NoToken {
            message: "The token provider failed; its own error is the cause",
            cause: Some(cause),
        })?;
        let no_string = NoToken { message: "The token provider must return a string", cause: None };
        text(&token).map(Some).ok_or(no_string)
    }

    async fn send(&self, url: &str, authorization: Option<&str>) -> Result<Response, Error> {
        let failed = |cause| {
            let message = format!(
                "No answer came from {} (see `cause`); check the network, `baseUrl`, and in a browser that the API \
                 allows the page's origin (CORS)",
                query::place(url)
            );
            Error::connection(&message, Some(cause))
        };
        let controller = AbortController::new().map_err(failed)?;
        let init = self.request(authorization, &controller.signal()).map_err(failed)?;
        let request = Request(Some(controller));
        // Without a `this`: the global fetch takes no other, and a client of the user's has bound its own.
        let returned = call(&self.function, &Array::of2(&url.into(), &init));
        let sent = Sent { promise: promised(returned).map_err(failed)?, has_settled: false };
        let value = sent.answer().await.map_err(failed)?;
        Response::new(value, request).map_err(Error::not_a_response)
    }

    async fn interrupted(&self, timeout: f64) -> Interruption<JsValue> {
        let mailbox = Mailbox::default();
        let _listener = self.signal.as_ref().map(|signal| {
            if property(signal, "aborted").is_truthy() {
                mailbox.put(Interruption::Aborted(reason(signal)));
            }
            AbortListener::new(signal, mailbox.clone())
        });
        let _timer = timeout.is_finite().then(|| {
            let mailbox = mailbox.clone();
            Timer::start(timeout, move || mailbox.put(Interruption::Deadline))
        });
        mailbox.take().await
    }

    async fn sleep(&self, mut milliseconds: f64) {
        loop {
            // A longer timer would fire at once.
            rest(milliseconds.min(options::LONGEST_TIMER)).await;
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
        if let Ok(attempt) = serde_wasm_bindgen::to_value(attempt) {
            // Whatever the hook does, the call goes on.
            ignore(call(hook, &Array::of1(&attempt)));
        }
    }

    /// Node's own error of an answer that is no HTTP holds its bytes, which may echo the request; one of a user's `fetch`
    /// may hold the request.
    fn redact(&self, cause: JsValue, secrets: &[String]) -> JsValue {
        let mut budget = LARGEST_CAUSE;
        if secrets.is_empty() || is_clean(&cause, secrets, DEEPEST_CAUSE, &mut budget) {
            cause
        } else {
            redacted(&cause, secrets, DEEPEST_CAUSE)
        }
    }
}

/// How deep a cause is searched for a secret: the cause of its cause, and what these hold.
const DEEPEST_CAUSE: usize = 6;

/// How many properties of a cause are searched. The platform's own have about 20.
const LARGEST_CAUSE: usize = 1_000;

/// Whether a value was searched wholly, and no piece of a secret stands in it. Only errors, arrays and plain objects can be
/// searched: what a `Request`, a `Headers` or a `Map` holds is no property.
fn is_clean(value: &JsValue, secrets: &[String], depth: usize, budget: &mut usize) -> bool {
    if value.is_string() {
        return text(value).is_some_and(|text| strike_out(&text, secrets) == text);
    }
    if !value.is_object() {
        return !value.is_function() && !value.is_symbol();
    }
    let is_searchable = value.is_instance_of::<js_sys::Error>() || Array::is_array(value) || is_plain(value);
    let (true, true, Ok(Some(keys))) = (depth > 0, is_searchable, own_keys(value)) else { return false };
    keys.iter().all(|key| {
        *budget = budget.saturating_sub(1);
        // A symbol's own text is its maker's.
        let is_clean_key = key.is_symbol() || is_clean(&key, secrets, depth, budget);
        *budget > 0
            && is_clean_key
            && get_property(value, &key)
                .is_ok_and(|inner| is_clean(&inner.unwrap_or_default(), secrets, depth - 1, budget))
    })
}

/// Whether an object is one of `{}` or `Object.create(null)`, of any realm.
fn is_plain(value: &JsValue) -> bool {
    match prototype_of(value) {
        Ok(Some(prototype)) => matches!(prototype_of(&prototype), Ok(None)),
        Ok(None) => true,
        Err(_) => false,
    }
}

/// An error with the name, code and message of a cause, without the secrets, and so on along its own causes.
fn redacted(cause: &JsValue, secrets: &[String], depth: usize) -> JsValue {
    let clean = |value: &JsValue| text(value).map(|text| strike_out(&text, secrets));
    let of = |name: &str| clean(&property(cause, name));
    let error = js_sys::Error::new(&clean(cause).or_else(|| of("message")).unwrap_or_default());
    let inner = property(cause, "cause");
    let inner = (depth > 0 && !inner.is_undefined()).then(|| redacted(&inner, secrets, depth - 1));
    for (name, value) in
        [("name", of("name").map(JsValue::from)), ("code", of("code").map(JsValue::from)), ("cause", inner)]
    {
        if let Some(value) = value {
            // A new error takes any property.
            let _ = Reflect::set(&error, &name.into(), &value);
        }
    }
    error.into()
}

/// What a function of the user's returns.
fn call(function: &Function, arguments: &Array) -> Result<Option<JsValue>, JsValue> {
    apply(function, &JsValue::UNDEFINED, arguments)
}

/// A promise of what a function returned. By `race`, whose promise is one of the engine's own, whatever `then` it is given:
/// `resolve` would hand back a promise of the user's as it is.
fn promised(returned: Result<Option<JsValue>, JsValue>) -> Result<Promise, JsValue> {
    Ok(Promise::race(&Array::of1(&returned?.unwrap_or_default())))
}

/// What the value that a function returned settles to, be it a promise or not.
async fn settle(returned: Result<Option<JsValue>, JsValue>) -> Result<JsValue, JsValue> {
    settled(&promised(returned)?).await
}

/// What a promise settles to. A bare `JsFuture` was rejected: it keeps its memory until the promise settles, which one
/// of the user's may never do.
async fn settled(promise: &Promise) -> Result<JsValue, JsValue> {
    let mut release = None;
    let released = Promise::new(&mut |resolve, _| release = Some(Release(resolve)));
    let value = JsFuture::from(Promise::race(&Array::of2(promise, &released))).await;
    drop(release);
    value
}

/// What settles a promise when it is dropped.
struct Release(Function);

impl Drop for Release {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Lets what a function returned settle as it may: a rejection that nobody handles would end a Node process.
fn ignore(returned: Result<Option<JsValue>, JsValue>) {
    if let Ok(promise) = promised(returned) {
        // Not a future, which would last as long as the promise.
        let _ = IGNORE.with(|ignore| promise.then_with_reject(ignore, ignore));
    }
}

/// Lets a timer run off. Even one of 0 ms gives other timers and the signal their turn.
async fn rest(milliseconds: f64) {
    let mailbox = Mailbox::default();
    let put = mailbox.clone();
    if let Some(_timer) = Timer::start(milliseconds, move || put.put(())) {
        mailbox.take().await;
    }
}

/// A request whose answer did not come whole yet: dropping it aborts it.
struct Request(Option<AbortController>);

impl Request {
    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// What `fetch` promised: dropping it cancels the body that comes all the same of a `fetch` that ignores its signal.
struct Sent {
    promise: Promise,
    has_settled: bool,
}

impl Sent {
    async fn answer(mut self) -> Result<JsValue, JsValue> {
        let answer = settled(&self.promise).await;
        self.has_settled = true;
        answer
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if !self.has_settled {
            // Shared by all calls: a closure or a future of each would last as long as the promise.
            let _ = CANCEL.with(|cancel| IGNORE.with(|ignore| self.promise.then_with_reject(cancel, ignore)));
        }
    }
}

thread_local! {
    static CANCEL: Closure<dyn FnMut(JsValue) -> Result<(), JsError>> = Closure::new(|late| {
        drop(Response::new(late, Request(None)));
        Ok(())
    });
    static IGNORE: Closure<dyn FnMut(JsValue) -> Result<(), JsError>> = Closure::new(|_| Ok(()));
}

/// An answer whose body is not read yet: dropping it cancels the body.
pub(crate) struct Response {
    status: u16,
    headers: JsValue,
    /// The answer itself, for the libraries whose body is no web stream.
    answer: Foreign,
    /// Undefined where the answer has none, or shows none.
    body: JsValue,
    is_read: bool,
    request: Request,
}

impl Response {
    /// Takes a `Response` of any realm or library: `instanceof` would refuse those of a test's sandbox.
    fn new(value: JsValue, request: Request) -> Result<Self, &'static str> {
        let (headers, body) = (property(&value, "headers"), property(&value, "body"));
        let status = property(&value, "status").as_f64().filter(|status| status.fract() == 0.0);
        let status = status.filter(|status| (0.0..1_000.0).contains(status));
        let is_response =
            property(&headers, "get").is_function() && property(&value, "arrayBuffer").is_function();
        let Some(status) = status.filter(|_| is_response) else {
            return Err(
                "`fetch` resolved to something that is not a Response; return one, such as `Response.json(data)`",
            );
        };
        if property(&body, "locked").is_truthy() {
            return Err("`fetch` resolved to a Response whose body was read already; return a new one");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is below 1,000")]
        let status = status as u16;
        Ok(Self { status, headers, answer: value.unchecked_into(), body, is_read: false, request })
    }

    async fn read(&self, limit: usize) -> Result<Vec<u8>, BodyError<JsValue>> {
        if !property(&self.body, "getReader").is_function() {
            let buffer = settle(self.answer.array_buffer()).await.map_err(BodyError::Broken)?;
            let mut body = Vec::new();
            append(&mut body, &buffer, limit)?;
            return Ok(body);
        }
        let reader = self.body.unchecked_ref::<Foreign>().get_reader().map_err(BodyError::Broken)?;
        let reader = Reader(reader.unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into()));
        let mut body = Vec::new();
        let mut rested = performance_now();
        loop {
            let step = settle(reader.0.read()).await.map_err(BodyError::Broken)?;
            if property(&step, "done").is_truthy() {
                return Ok(body);
            }
            append(&mut body, &property(&step, "value"), limit)?;
            // A stream that always has a piece ready would otherwise keep the deadline's timer from running.
            if performance_now() - rested > LONGEST_RUSH {
                rest(0.0).await;
                rested = performance_now();
            }
        }
    }
}

fn append(body: &mut Vec<u8>, piece: &JsValue, limit: usize) -> Result<(), BodyError<JsValue>> {
    // Of any realm, as a test's sandbox has classes of its own; but no look-alike, whose length would be its own invention.
    let is_bytes = ArrayBuffer::is_view(piece) || new::<JsValue>("DataView", &Array::of1(piece)).is_some();
    let bytes = is_bytes.then(|| new::<Uint8Array>("Uint8Array", &Array::of1(piece))).flatten();
    let Some(piece) = bytes else {
        return Err(BodyError::Broken(TypeError::new("a piece of the body is no bytes").into()));
    };
    if piece.length() as usize > limit - body.len() {
        return Err(BodyError::TooLong);
    }
    body.extend(piece.to_vec());
    Ok(())
}

impl client::Response for Response {
    type Value = JsValue;

    fn status(&self) -> u16 {
        self.status
    }

    fn header(&self, name: &str) -> Option<String> {
        text(&self.headers.unchecked_ref::<Foreign>().get(name).ok()??)
    }

    fn headers(&self) -> JsValue {
        self.headers.clone()
    }

    async fn body(mut self, limit: usize) -> Result<Vec<u8>, BodyError<JsValue>> {
        self.is_read = true;
        let body = self.read(limit).await;
        if body.is_ok() {
            self.request.disarm();
        }
        body
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        // What cannot be cancelled is aborted with the request.
        if !self.is_read && property(&self.body, "cancel").is_function() {
            self.request.disarm();
            ignore(self.body.unchecked_ref::<Foreign>().cancel());
        }
    }
}

/// The reader of a body: dropping it cancels what is not read yet.
struct Reader(Foreign);

impl Drop for Reader {
    fn drop(&mut self) {
        ignore(self.0.cancel());
    }
}

/// Where a callback leaves a value for a future to take.
struct Mailbox<T>(Rc<RefCell<Slot<T>>>);

struct Slot<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl<T> Mailbox<T> {
    /// Leaves a value. The first one stays.
    fn put(&self, value: T) {
        let mut slot = self.0.borrow_mut();
        slot.value.get_or_insert(value);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }

    async fn take(&self) -> T {
        poll_fn(|context| {
            let mut slot = self.0.borrow_mut();
            if let Some(value) = slot.value.take() {
                return Poll::Ready(value);
            }
            slot.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Slot { value: None, waker: None })))
    }
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// A running timer: dropping it stops it.
struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Nothing where the host has no timer to give: the call then goes on without it.
    fn start(milliseconds: f64, callback: impl FnOnce() + 'static) -> Option<Self> {
        let callback = Closure::once(callback);
        let id = set_timeout(callback.as_ref().unchecked_ref(), milliseconds).ok()?;
        Some(Self { id, _callback: callback })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// The one listener of a call on the user's signal: dropping it takes it off.
struct AbortListener {
    signal: AbortSignal,
    callback: Closure<dyn FnMut()>,
}

impl AbortListener {
    fn new(signal: &AbortSignal, mailbox: Mailbox<Interruption<JsValue>>) -> Self {
        let callback = Closure::new({
            let signal = signal.clone();
            move || mailbox.put(Interruption::Aborted(reason(&signal)))
        });
        // A signal that takes no listener cannot abort; `js` has checked that it has the method.
        let _ = signal.add_event_listener_with_callback("abort", callback.as_ref().unchecked_ref());
        Self { signal: signal.clone(), callback }
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        let _ =
            self.signal.remove_event_listener_with_callback("abort", self.callback.as_ref().unchecked_ref());
    }
}
