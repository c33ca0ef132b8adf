//! Causes of errors without any part of a secret.
//!
//! Node's error for a response that is not HTTP has the bytes of the response, which may echo the request. An error of a
//! caller's `fetch` may have the request itself.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::bindings::{get_property, own_keys, property, prototype_of, text};
use crate::redact::redact as redact_text;

/// How deep a cause is searched for a secret: the cause of its cause, and what these hold.
const DEEPEST_CAUSE: usize = 6;

/// How many properties of a cause are searched. The platform's own have about 20.
const LARGEST_CAUSE: usize = 1_000;

/// The cause itself, or a copy without the secrets if it has a part of one.
pub(super) fn redact(cause: JsValue, secrets: &[String]) -> JsValue {
    let mut budget = LARGEST_CAUSE;
    if secrets.is_empty() || is_clean(&cause, secrets, DEEPEST_CAUSE, &mut budget) {
        cause
    } else {
        redacted(&cause, secrets, DEEPEST_CAUSE)
    }
}

/// Whether a value could be searched completely and has no part of a secret. Only errors, arrays and plain objects can be
/// searched: the content of a `Request`, a `Headers` or a `Map` is not in properties.
fn is_clean(value: &JsValue, secrets: &[String], depth: usize, budget: &mut usize) -> bool {
    if value.is_string() {
        return text(value).is_some_and(|text| redact_text(&text, secrets) == text);
    }
    if !value.is_object() {
        return !value.is_function() && !value.is_symbol();
    }
    let is_searchable = value.is_instance_of::<js_sys::Error>() || Array::is_array(value) || is_plain(value);
    let (true, true, Ok(Some(keys))) = (depth > 0, is_searchable, own_keys(value)) else { return false };
    keys.iter().all(|key| {
        *budget = budget.saturating_sub(1);
        // The text of a symbol comes from the code that made it.
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

/// An error with the name, code and message of a cause, without the secrets. Its own causes are copied in the same way.
fn redacted(cause: &JsValue, secrets: &[String], depth: usize) -> JsValue {
    let clean = |value: &JsValue| text(value).map(|text| redact_text(&text, secrets));
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
