//! One small database of the browser (IndexedDB), for what only it can keep: a key that can be used and not read.

use js_sys::{Function, Promise, futures::JsFuture};
use wasm_bindgen::prelude::*;
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode};

use super::js::{error, scope};

const NAME: &str = "chatalk";
const STORE: &str = "keys";

/// The open database.
pub(crate) struct Idb {
    database: IdbDatabase,
    _closed: Option<Closure<dyn FnMut()>>,
}

impl Idb {
    /// Opens it, and makes it when it is not there.
    pub(crate) async fn open() -> Result<Self, JsValue> {
        let factory = scope().indexed_db()?;
        let factory = factory.ok_or_else(|| error("this browser has no IndexedDB"))?;
        let request = factory.open_with_u32(NAME, 1)?;
        let opening = request.clone();
        let upgrade = Closure::once_into_js(move || {
            let database = opening.result().map(IdbDatabase::from);
            // a failure shows when the store is used
            let _ = database.and_then(|database| database.create_object_store(STORE));
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        Ok(Self {
            database: done(&request).await?.into(),
            _closed: None,
        })
    }

    /// Calls when the browser closes it by itself: somebody cleared the storage.
    pub(crate) fn on_cleared(&mut self, call: impl FnMut() + 'static) {
        let closure = Closure::<dyn FnMut()>::new(call);
        let function = closure.as_ref().unchecked_ref();
        self.database.set_onclose(Some(function));
        self._closed = Some(closure);
    }

    fn store(&self, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
        self.database
            .transaction_with_str_and_mode(STORE, mode)?
            .object_store(STORE)
    }

    /// One value; undefined when there is none.
    pub(crate) async fn get(&self, key: &str) -> Result<JsValue, JsValue> {
        let store = self.store(IdbTransactionMode::Readonly)?;
        done(&store.get(&key.into())?).await
    }

    /// Writes a value.
    pub(crate) async fn put(&self, key: &str, value: &JsValue) -> Result<(), JsValue> {
        let store = self.store(IdbTransactionMode::Readwrite)?;
        let transaction = store.transaction();
        store.put_with_key(value, &key.into())?;
        let complete = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        JsFuture::from(complete).await?;
        Ok(())
    }
}

impl Drop for Idb {
    fn drop(&mut self) {
        self.database.set_onclose(None);
        self.database.close();
    }
}

/// Deletes the whole database. Whoever has it open must have dropped it.
pub(crate) async fn delete() -> Result<(), JsValue> {
    if let Some(factory) = scope().indexed_db()? {
        let request: IdbOpenDbRequest = factory.delete_database(NAME)?;
        done(&request).await?;
    }
    Ok(())
}

async fn done(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let settled = Promise::new(&mut |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(settled).await {
        Ok(_) => request.result(),
        Err(event) => Err(request.error().ok().flatten().map_or(event, JsValue::from)),
    }
}
