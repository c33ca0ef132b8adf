//! The answer of a `fetch`, real or the user's, and its body.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::foreign::{Exchange, LONGEST_TEXT};
use super::wait::{Task, performance_now};
use crate::client::{self, BodyError};

/// How long a body may arrive without a pause, in milliseconds, before timers and the signal get their turn.
const LONGEST_RUSH: f64 = 50.0;

/// A request, and then an answer whose body is not read yet: dropping it ends what is under way.
pub(crate) struct Response {
    exchange: Exchange,
    status: u16,
    task: Task,
}

impl Response {
    pub(super) fn new(exchange: Exchange, task: &Task) -> Self {
        Self { exchange, status: 0, task: task.clone() }
    }

    /// Waits for the answer.
    pub(super) async fn come(&mut self) -> Result<(), JsValue> {
        self.task.wait(self.exchange.sent()).await.map(drop)
    }

    /// What of the answer is not as it should be.
    pub(super) fn check(&mut self) -> Result<(), &'static str> {
        match self.exchange.head() {
            -1 => Err(
                "`fetch` resolved to something that is not a Response; return one, such as `Response.json(data)`",
            ),
            -2 => Err("`fetch` resolved to a Response whose body was read already; return a new one"),
            status => {
                self.status = u16::try_from(status).unwrap_or_default();
                Ok(())
            }
        }
    }
}

impl client::Response for Response {
    type Value = JsValue;

    fn status(&self) -> u16 {
        self.status
    }

    fn header(&self, name: &str) -> Option<String> {
        self.exchange.header(name, LONGEST_TEXT)
    }

    fn headers(&self) -> JsValue {
        self.exchange.headers()
    }

    async fn body(self, limit: usize) -> Result<Vec<u8>, BodyError<JsValue>> {
        let mut body = Vec::new();
        let mut rested = performance_now();
        loop {
            let piece =
                self.task.wait(self.exchange.read(self.task.wake())).await.map_err(BodyError::Broken)?;
            if piece.is_null() {
                return Ok(body);
            }
            let piece: Uint8Array = piece.unchecked_into();
            if piece.length() as usize > limit - body.len() {
                return Err(BodyError::TooLong);
            }
            // Of an answer from memory there is but one piece; to make room for it first would fill that with zeros.
            if body.is_empty() {
                body = piece.to_vec();
            } else {
                body.extend_from_slice(&piece.to_vec());
            }
            // A stream that always has a piece ready would otherwise keep the deadline's timer from running.
            if performance_now() - rested > LONGEST_RUSH {
                self.task.rest(0.0).await;
                rested = performance_now();
            }
        }
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        self.exchange.end();
    }
}
