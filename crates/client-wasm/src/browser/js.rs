//! Small helpers around the browser's objects.

use js_sys::{Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, DomException, StorageManager};

/// The worker that this runs in.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// An error for the app: its message is in English and for developers.
pub(crate) fn error(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}

/// What a thrown value says.
pub(crate) fn message(thrown: &JsValue) -> String {
    let text = |name: &str| Reflect::get(thrown, &name.into()).ok()?.as_string();
    match (text("name"), text("message")) {
        (Some(name), Some(message)) => format!("{name}: {message}"),
        _ => "the browser failed".to_owned(),
    }
}

/// Whether it is the browser's error of that name.
pub(crate) fn is_error(thrown: &JsValue, name: &str) -> bool {
    thrown
        .dyn_ref::<DomException>()
        .is_some_and(|error| error.name() == name)
}

/// A value for the app: absent ones are null, numbers are numbers, bytes are `Uint8Array`s.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_maps_as_objects(true);
    Ok(value.serialize(&serializer)?)
}

/// A value from the app.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    Ok(serde_wasm_bindgen::from_value(value)?)
}

/// An object with these properties.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}

/// A property.
pub(crate) fn property<T: JsCast>(of: &JsValue, name: &str) -> Result<T, JsValue> {
    Reflect::get(of, &name.into())?
        .dyn_into()
        .map_err(|_| error(&format!("no {name}")))
}

/// The browser's storage, where it has any.
pub(crate) fn storage() -> Option<StorageManager> {
    let storage = scope().navigator().storage();
    (!storage.is_undefined()).then_some(storage)
}
