//! Values of the user's, of which any touch may throw: a `fetch`, its answers, a hook, a provider.
//!
//! An exception that leaves an import without `catch` is a trap, so such values are touched by these bindings alone. They
//! return an Option: where an import throws, wasm-bindgen leaks the table slot of a bare value.

use js_sys::{Array, Function, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers, Url};

/// The longest text that is taken from the user, in UTF-16 units. None that is meant comes near it, and one of
/// hundreds of megabytes would exhaust the WebAssembly's memory.
pub(super) const LONGEST_TEXT: u32 = 1 << 16;

/// What a touch gives, or what it throws.
pub(super) type Touched = Result<Option<JsValue>, JsValue>;

/// The members that are touched. JavaScript has their names, in the same order: a name of Rust's would be decoded each time.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    Token,
    BaseUrl,
    Fetch,
    Timeout,
    MaxRetries,
    Headers,
    MaxBodyBytes,
    OnAttempt,
    Signal,
    Aborted,
    AddEventListener,
    RemoveEventListener,
    Href,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = apply, catch)]
    fn apply(function: &Function, this: &JsValue, arguments: &Array) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    pub(super) fn get_property(object: &JsValue, key: &JsValue) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = ownKeys, catch)]
    pub(super) fn own_keys(object: &JsValue) -> Result<Option<Array>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = getPrototypeOf, catch)]
    pub(super) fn prototype_of(object: &JsValue) -> Result<Option<JsValue>, JsValue>;
}

#[wasm_bindgen(module = "/src/fetch/host.js")]
extern "C" {
    pub(super) type Cell;

    #[wasm_bindgen(method, getter)]
    pub(super) fn state(this: &Cell) -> u32;

    #[wasm_bindgen(method, getter, js_name = value)]
    pub(super) fn put(this: &Cell) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn stop(this: &Cell);

    pub(super) fn settle(it: &JsValue, wake: &JsValue) -> Cell;

    #[wasm_bindgen(catch)]
    pub(super) fn timer(milliseconds: f64, wake: &JsValue) -> Result<Option<Cell>, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn aborted(signal: &AbortSignal, wake: &JsValue) -> Result<Option<Cell>, JsValue>;

    #[wasm_bindgen(js_name = ignore)]
    fn ignore_value(it: &JsValue);

    /// A request and its answer.
    pub(super) type Exchange;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(
        fetch: &Function,
        url: &str,
        given: Option<&Headers>,
        accept: &str,
        authorization: Option<&str>,
        wake: &JsValue,
    ) -> Exchange;

    #[wasm_bindgen(method, getter)]
    pub(super) fn sent(this: &Exchange) -> Cell;

    #[wasm_bindgen(method)]
    pub(super) fn head(this: &Exchange) -> i32;

    #[wasm_bindgen(method, getter)]
    pub(super) fn headers(this: &Exchange) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn header(this: &Exchange, name: &str, longest: u32) -> Option<String>;

    #[wasm_bindgen(method)]
    pub(super) fn read(this: &Exchange, wake: &JsValue) -> Cell;

    #[wasm_bindgen(method)]
    pub(super) fn end(this: &Exchange);

    #[wasm_bindgen(catch, js_name = newHeaders)]
    pub(crate) fn new_headers(init: &JsValue) -> Result<Option<Headers>, JsValue>;

    #[wasm_bindgen(catch, js_name = setAll)]
    pub(crate) fn set_all(headers: &Headers, more: &Headers) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = newUrl)]
    pub(super) fn new_url(text: &str, base: &JsValue) -> Result<Option<Url>, JsValue>;

    #[wasm_bindgen(js_name = globalFetch)]
    pub(super) fn global_fetch() -> JsValue;

    pub(super) fn location() -> JsValue;

    #[wasm_bindgen(js_name = get)]
    fn get_key(it: &JsValue, key: u32) -> JsValue;
}

#[wasm_bindgen(module = "/src/objects.js")]
extern "C" {
    pub(super) fn attempt(
        number: u32,
        url: &str,
        status: Option<u16>,
        code: Option<&str>,
        duration_ms: f64,
        wait_ms: Option<f64>,
    ) -> JsValue;
}

/// A member, or undefined where there is none, it is null, or its getter throws.
pub(crate) fn get(it: &JsValue, key: Key) -> JsValue {
    get_key(it, key as u32)
}

/// A property by its name, in the way of `get`.
pub(super) fn property(object: &JsValue, name: &str) -> JsValue {
    get_property(object, &name.into()).ok().flatten().unwrap_or_default()
}

/// A text of the user's, or nothing where it is no string or one that cannot be meant.
pub(crate) fn text(value: &JsValue) -> Option<String> {
    value.dyn_ref::<JsString>().filter(|text| text.length() <= LONGEST_TEXT)?.as_string()
}

/// What a function of the user's returns.
pub(super) fn call(function: &Function, arguments: &Array) -> Touched {
    apply(function, &JsValue::UNDEFINED, arguments)
}

/// Lets what a function returned settle as it may.
pub(super) fn ignore(returned: Touched) {
    if let Ok(Some(promise)) = returned {
        ignore_value(&promise);
    }
}
