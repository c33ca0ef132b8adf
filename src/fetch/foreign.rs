//! Values of the user's, of which any touch may throw: a `fetch`, its answers, a hook, a provider.
//!
//! An exception that leaves an import without `catch` is a trap, so such values are touched by these bindings alone. They
//! return an Option: where an import throws, wasm-bindgen leaks the table slot of a bare value.

use js_sys::{Array, Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The longest text that is taken from the user, in UTF-16 units. None that is meant comes near it, and one of
/// hundreds of megabytes would exhaust the WebAssembly's memory.
const LONGEST_TEXT: u32 = 1 << 16;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = apply, catch)]
    fn apply(function: &Function, this: &JsValue, arguments: &Array) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = construct, catch)]
    fn construct(class: &Function, arguments: &Array) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    pub(super) fn get_property(object: &JsValue, key: &JsValue) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = ownKeys, catch)]
    pub(super) fn own_keys(object: &JsValue) -> Result<Option<Array>, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = getPrototypeOf, catch)]
    pub(super) fn prototype_of(object: &JsValue) -> Result<Option<JsValue>, JsValue>;

    /// Anything with the methods of a `Response`, a stream or a reader.
    pub(super) type Foreign;

    #[wasm_bindgen(method, catch)]
    pub(super) fn get(this: &Foreign, name: &str) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    pub(super) fn array_buffer(this: &Foreign) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    pub(super) fn get_reader(this: &Foreign) -> Result<Option<Foreign>, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn read(this: &Foreign) -> Result<Option<JsValue>, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn cancel(this: &Foreign) -> Result<Option<JsValue>, JsValue>;
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

/// A text of the user's, or nothing where it is no string or one that cannot be meant.
pub(crate) fn text(value: &JsValue) -> Option<String> {
    value.dyn_ref::<JsString>().filter(|text| text.length() <= LONGEST_TEXT)?.as_string()
}

/// What a function of the user's returns.
pub(super) fn call(function: &Function, arguments: &Array) -> Result<Option<JsValue>, JsValue> {
    apply(function, &JsValue::UNDEFINED, arguments)
}

/// A promise of what a function returned. By `race`, whose promise is one of the engine's own, whatever `then` it is given:
/// `resolve` would hand back a promise of the user's as it is.
pub(super) fn promised(returned: Result<Option<JsValue>, JsValue>) -> Result<Promise, JsValue> {
    Ok(Promise::race(&Array::of1(&returned?.unwrap_or_default())))
}

/// What the value that a function returned settles to, be it a promise or not.
pub(super) async fn settle(returned: Result<Option<JsValue>, JsValue>) -> Result<JsValue, JsValue> {
    settled(&promised(returned)?).await
}

/// What a promise settles to. A bare `JsFuture` was rejected: it keeps its memory until the promise settles, which one
/// of the user's may never do.
pub(super) async fn settled(promise: &Promise) -> Result<JsValue, JsValue> {
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
pub(super) fn ignore(returned: Result<Option<JsValue>, JsValue>) {
    if let Ok(promise) = promised(returned) {
        // Not a future, which would last as long as the promise.
        let _ = IGNORE.with(|ignore| promise.then_with_reject(ignore, ignore));
    }
}

thread_local! {
    /// Shared by all calls: a closure of each would last as long as the promise.
    pub(super) static IGNORE: Closure<dyn FnMut(JsValue) -> Result<(), JsError>> = Closure::new(|_| Ok(()));
}
