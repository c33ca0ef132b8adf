//! The answer of a `fetch`, real or the user's, and its body.

use js_sys::{Array, ArrayBuffer, Promise, TypeError, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::events::{performance_now, rest};
use super::foreign::{Foreign, IGNORE, ignore, new, property, settle, settled, text};
use crate::client::{self, BodyError};

/// How long a body may arrive without a pause, in milliseconds, before timers and the signal get their turn.
const LONGEST_RUSH: f64 = 50.0;

/// A request whose answer did not come whole yet: dropping it aborts it.
pub(super) struct Request(pub(super) Option<AbortController>);

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
pub(super) struct Sent {
    promise: Promise,
    has_settled: bool,
}

impl Sent {
    pub(super) fn new(promise: Promise) -> Self {
        Self { promise, has_settled: false }
    }

    pub(super) async fn answer(mut self) -> Result<JsValue, JsValue> {
        let answer = settled(&self.promise).await;
        self.has_settled = true;
        answer
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if !self.has_settled {
            let _ = CANCEL.with(|cancel| IGNORE.with(|ignore| self.promise.then_with_reject(cancel, ignore)));
        }
    }
}

thread_local! {
    /// Shared by all calls, like the other: a closure or a future of each would last as long as the promise.
    static CANCEL: Closure<dyn FnMut(JsValue) -> Result<(), JsError>> = Closure::new(|late| {
        drop(Response::new(late, Request(None)));
        Ok(())
    });
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
    pub(super) fn new(value: JsValue, request: Request) -> Result<Self, &'static str> {
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
    let is_view = ArrayBuffer::is_view(piece);
    let buffer = if is_view { property(piece, "buffer") } else { piece.clone() };
    let bytes = if is_view {
        let (offset, length) = (property(piece, "byteOffset"), property(piece, "byteLength"));
        new::<Uint8Array>("Uint8Array", &Array::of3(&buffer, &offset, &length))
    } else {
        new::<JsValue>("DataView", &Array::of1(piece)).and_then(|_| new("Uint8Array", &Array::of1(piece)))
    };
    let Some(piece) = bytes else {
        return Err(BodyError::Broken(TypeError::new("a piece of the body is no bytes").into()));
    };
    let (start, length) = (body.len(), piece.length() as usize);
    if length > limit - start {
        return Err(BodyError::TooLong);
    }
    body.resize(start + length, 0);
    piece.copy_to(body.get_mut(start..).unwrap_or_default());
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
