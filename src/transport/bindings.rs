//! The functions of call.js. An import that may throw returns an `Option`, because for a bare value wasm-bindgen would leak a
//! slot of its table with each exception.

use js_sys::{Array, Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStreamDefaultReader, RequestInit, Url};

/// The longest string that is accepted from the caller, in UTF-16 units. A longer one is a mistake, and hundreds of megabytes
/// would exhaust the WebAssembly's memory.
const LONGEST_STRING: u32 = 1 << 16;

#[wasm_bindgen(module = "/src/transport/call.js")]
extern "C" {
    /// The deadline and the abort signal of one call.
    #[doc(hidden)]
    #[derive(Clone)]
    pub type Call;

    /// Begins a call, with the options `timeout` and `signal`. It ignores invalid ones, which `getUsage` rejects.
    ///
    /// # Errors
    ///
    /// If the signal throws, or there is no `setTimeout`.
    #[wasm_bindgen(constructor, catch)]
    pub fn new(timeout: &JsValue, signal: &JsValue) -> Result<Call, JsValue>;

    #[wasm_bindgen(method, getter)]
    pub(super) fn deadline(this: &Call) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn interruption(this: &Call) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn reason(this: &Call) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Call);
    #[wasm_bindgen(method)]
    pub(super) fn run(this: &Call, callback: &Function) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn fetch(this: &Call, fetch: &Function, url: &str, init: &RequestInit) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn read(this: &Call, reader: &ReadableStreamDefaultReader, limit: usize) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn sleep(this: &Call, milliseconds: f64) -> Promise;
    pub(super) fn cancel(stream: &JsValue);
    pub(super) fn notify(hook: &Function, report: &JsValue);
    #[wasm_bindgen(js_name = isSignal)]
    pub(crate) fn is_signal(value: &JsValue) -> bool;
    #[wasm_bindgen(js_name = newUrl)]
    pub(super) fn new_url(text: &str) -> Option<Url>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(super) fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    pub(super) fn get_property(object: &JsValue, key: &JsValue) -> Result<Option<JsValue>, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = ownKeys, catch)]
    pub(super) fn own_keys(object: &JsValue) -> Result<Option<Array>, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = getPrototypeOf, catch)]
    pub(super) fn prototype_of(object: &JsValue) -> Result<Option<JsValue>, JsValue>;
}

/// A property, or undefined if it is absent or its getter throws.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    get_property(object, &name.into()).ok().flatten().unwrap_or_default()
}

/// The text of a string. `None` if it is not a string, or is over the length limit.
pub(crate) fn text(value: &JsValue) -> Option<String> {
    value.dyn_ref::<JsString>().filter(|text| text.length() <= LONGEST_STRING)?.as_string()
}
