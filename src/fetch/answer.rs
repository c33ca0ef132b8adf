//! The answer of a `fetch`, real or the user's, and its body.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::TypeError;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::foreign::{Key, Touched, bytes, discard, get, ignore, method, text};
use super::wait::{Task, performance_now};
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

/// What `fetch` returned: dropping it cancels the body that comes all the same of a `fetch` that ignores its signal.
pub(super) struct Sent {
    returned: Option<JsValue>,
}

impl Sent {
    pub(super) fn new(returned: Option<JsValue>) -> Self {
        Self { returned }
    }

    pub(super) async fn answer(mut self, task: &Task) -> Result<JsValue, JsValue> {
        let answer = task.settle(Ok(self.returned.clone())).await;
        self.returned = None;
        answer
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        if let Some(returned) = &self.returned {
            discard(returned);
        }
    }
}

/// An answer whose body is not read yet: dropping it cancels the body.
pub(crate) struct Response {
    status: u16,
    headers: JsValue,
    /// The answer itself, for the libraries whose body is no web stream.
    answer: JsValue,
    /// Undefined where the answer has none, or shows none.
    body: JsValue,
    is_read: bool,
    request: Request,
    task: Task,
}

impl Response {
    /// Takes a `Response` of any realm or library: `instanceof` would refuse those of a test's sandbox.
    pub(super) fn new(answer: JsValue, request: Request, task: &Task) -> Result<Self, &'static str> {
        let (headers, body) = (get(&answer, Key::Headers), get(&answer, Key::Body));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is compared")]
        let status = get(&answer, Key::Status).as_f64().map(|status| (status, status as u16));
        #[expect(clippy::float_cmp, reason = "a status is the same number or none")]
        let status = status.filter(|&(given, status)| f64::from(status) == given && status < 1_000);
        let is_response =
            get(&headers, Key::Get).is_function() && get(&answer, Key::ArrayBuffer).is_function();
        let Some((_, status)) = status.filter(|_| is_response) else {
            return Err(
                "`fetch` resolved to something that is not a Response; return one, such as `Response.json(data)`",
            );
        };
        if get(&body, Key::Locked).is_truthy() {
            return Err("`fetch` resolved to a Response whose body was read already; return a new one");
        }
        Ok(Self { status, headers, answer, body, is_read: false, request, task: task.clone() })
    }

    async fn read(&self, limit: usize) -> Result<Vec<u8>, BodyError<JsValue>> {
        let mut body = Vec::new();
        if !get(&self.body, Key::GetReader).is_function() {
            let buffer = self
                .task
                .settle(call_method(&self.answer, Key::ArrayBuffer))
                .await
                .map_err(BodyError::Broken)?;
            append(&mut body, &buffer, limit)?;
            return Ok(body);
        }
        let reader = call_method(&self.body, Key::GetReader).map_err(BodyError::Broken)?;
        let mut reader = Reader { reader: reader.unwrap_or_default(), is_done: false };
        let mut rested = performance_now();
        loop {
            let step = call_method(&reader.reader, Key::Read);
            let step = self.task.settle(step).await.map_err(BodyError::Broken)?;
            if get(&step, Key::Done).is_truthy() {
                reader.is_done = true;
                return Ok(body);
            }
            append(&mut body, &get(&step, Key::Value), limit)?;
            // A stream that always has a piece ready would otherwise keep the deadline's timer from running.
            if performance_now() - rested > LONGEST_RUSH {
                self.task.rest(0.0).await;
                rested = performance_now();
            }
        }
    }
}

fn append(body: &mut Vec<u8>, piece: &JsValue, limit: usize) -> Result<(), BodyError<JsValue>> {
    let Ok(Some(piece)) = bytes(piece) else {
        return Err(BodyError::Broken(TypeError::new("a piece of the body is no bytes").into()));
    };
    if piece.length() as usize > limit - body.len() {
        return Err(BodyError::TooLong);
    }
    // Of an answer from a cache or a test there is but one piece; to make room for it first would fill that with zeros.
    if body.is_empty() {
        *body = piece.to_vec();
    } else {
        body.extend_from_slice(&piece.to_vec());
    }
    Ok(())
}

impl client::Response for Response {
    type Value = JsValue;

    fn status(&self) -> u16 {
        self.status
    }

    fn header(&self, name: &str) -> Option<String> {
        text(&method(&self.headers, Key::Get, &name.into()).ok()??)
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
        if !self.is_read
            && let Ok(returned) = call_method(&self.body, Key::Cancel)
        {
            self.request.disarm();
            ignore(Ok(returned));
        }
    }
}

fn call_method(it: &JsValue, key: Key) -> Touched {
    method(it, key, &JsValue::UNDEFINED)
}

/// The reader of a body: dropping it cancels what is not read yet.
struct Reader {
    reader: JsValue,
    is_done: bool,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.is_done {
            ignore(call_method(&self.reader, Key::Cancel));
        }
    }
}
