//! Promises, timers and signals as futures.
//!
//! `JsFuture` was rejected: it makes two closures each time, and keeps its memory until the promise settles, which one of
//! the user's may never do.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::foreign::{self, Cell, Touched};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(super) fn performance_now() -> f64;
}

/// The task of a call, as what JavaScript wakes it by: one closure for all that the call waits for.
#[derive(Clone)]
pub(crate) struct Task(Rc<Inner>);

struct Inner {
    wake: Closure<dyn FnMut()>,
    /// What is run, if it is run here.
    future: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    /// Who runs it, if it is run by another executor.
    waker: RefCell<Option<Waker>>,
}

/// Runs a future that waits by the task it is given.
pub(crate) fn spawn<F: Future<Output = ()> + 'static>(future: impl FnOnce(Task) -> F) {
    let task = Task::new();
    let future = Box::pin(future(task.clone()));
    task.0.future.replace(Some(future));
    task.0.run();
}

impl Inner {
    fn run(&self) {
        let future = self.future.take();
        if let Some(mut future) = future {
            if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                self.future.replace(Some(future));
            }
        } else if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Task {
    pub(crate) fn new() -> Self {
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            let wake = Closure::new(move || {
                if let Some(inner) = inner.upgrade() {
                    inner.run();
                }
            });
            Inner { wake, future: RefCell::default(), waker: RefCell::default() }
        }))
    }

    /// What JavaScript calls when something has come.
    pub(super) fn wake(&self) -> &JsValue {
        self.0.wake.as_ref()
    }

    /// What the value that a function returned settles to, be it a promise or not.
    pub(super) async fn settle(&self, returned: Touched) -> Result<JsValue, JsValue> {
        self.wait(foreign::settle(&returned?.unwrap_or_default(), self.wake())).await
    }

    pub(super) fn wait(&self, cell: Cell) -> Wait {
        Wait { cell, task: self.clone() }
    }

    /// Nothing where the host has no timer to give: the call then goes on without it.
    pub(super) fn timer(&self, milliseconds: f64) -> Option<Wait> {
        let cell = foreign::timer(milliseconds, self.wake()).ok()??;
        Some(self.wait(cell))
    }

    /// Lets a timer run off. Even one of 0 ms gives other timers and the signal their turn.
    pub(super) async fn rest(&self, milliseconds: f64) {
        if let Some(timer) = self.timer(milliseconds) {
            // A timer throws nothing.
            let _ = timer.await;
        }
    }

    /// The one listener of a call on the user's signal. A signal that takes none cannot abort.
    pub(super) fn aborted(&self, signal: &AbortSignal) -> Option<Wait> {
        let cell = foreign::aborted(signal, self.wake()).ok()??;
        Some(self.wait(cell))
    }
}

/// What a call waits for. Dropping it stops the timer, and takes the listener off.
pub(super) struct Wait {
    cell: Cell,
    task: Task,
}

impl Future for Wait {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.cell.state() {
            0 => {
                self.task.0.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
            1 => Poll::Ready(Ok(self.cell.put())),
            _ => Poll::Ready(Err(self.cell.put())),
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.cell.stop();
    }
}
