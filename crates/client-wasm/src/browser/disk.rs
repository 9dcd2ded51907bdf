//! The store on the disk: SQLite on the browser's private file system (OPFS), every page encrypted.

use client::StoreError;
use client_sqlite::{
    Database, Values, failed,
    rusqlite::{Connection, OpenFlags},
    sql_failed,
};
use e2ee::local::StoreKey;
use js_sys::futures::JsFuture;
use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};
use wasm_bindgen::prelude::*;
use web_sys::{FileSystemDirectoryHandle, FileSystemRemoveOptions};
use zeroize::Zeroizing;

use super::js::{error, is_error, message, storage};

/// The folder in the private file system. Everything of ours is in it.
const FOLDER: &str = "chatalk";
const FILE: &str = "store.sqlite";
const POOL: &str = "chatalk-opfs";
/// SQLite3 Multiple Ciphers makes a layer of this name over the pool by itself.
const ENCRYPTED: &std::ffi::CStr = c"multipleciphers-chatalk-opfs";
/// Files that the pool can hold: the database, its journals, what SQLite needs in passing. Each takes time to open.
const CAPACITY: usize = 6;

/// Whether this browser has a private file system that may be used here. Some refuse it in private windows.
pub(crate) async fn is_supported() -> bool {
    root().await.is_ok()
}

async fn root() -> Result<FileSystemDirectoryHandle, JsValue> {
    let storage = storage().ok_or_else(|| error("this browser has no storage"))?;
    if !js_sys::Reflect::has(&storage, &"getDirectory".into())? {
        return Err(error("this browser has no private file system"));
    }
    Ok(JsFuture::from(storage.get_directory()).await?.into())
}

/// Whether there is a store.
pub(crate) async fn exists() -> Result<bool, JsValue> {
    match JsFuture::from(root().await?.get_directory_handle(FOLDER)).await {
        Ok(_) => Ok(true),
        Err(thrown) if is_error(&thrown, "NotFoundError") => Ok(false),
        Err(thrown) => Err(thrown),
    }
}

/// Removes every file. The pool must have been released, or its worker ended.
pub(crate) async fn remove() -> Result<(), JsValue> {
    let recursive = FileSystemRemoveOptions::new();
    recursive.set_recursive(true);
    let removed = root().await?.remove_entry_with_options(FOLDER, &recursive);
    match JsFuture::from(removed).await {
        Err(thrown) if !is_error(&thrown, "NotFoundError") => Err(thrown),
        _ => Ok(()),
    }
}

/// The files, held by this worker alone.
pub(crate) struct Pool(OpfsSAHPoolUtil);

impl Pool {
    /// Takes them; makes them when they are not there.
    pub(crate) async fn open() -> Result<Self, StoreError> {
        let config = OpfsSAHPoolCfgBuilder::new()
            .vfs_name(POOL)
            .directory(FOLDER)
            .initial_capacity(CAPACITY)
            .build();
        install::<WasmOsCallback>(&config, false)
            .await
            .map(Self)
            .map_err(failed)
    }

    /// Opens the database in them.
    pub(crate) fn database(&self, key: &StoreKey) -> Result<Database, StoreError> {
        let connection = Connection::open_with_flags_and_vfs(
            FILE,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            ENCRYPTED,
        )
        .map_err(sql_failed)?;
        let mut digits = Zeroizing::new([0; 64]);
        hex::encode_to_slice(key.as_bytes(), digits.as_mut_slice()).map_err(failed)?;
        let mut open = Zeroizing::new(String::with_capacity(256));
        open.push_str("PRAGMA cipher = 'chacha20'; PRAGMA key = 'raw:");
        open.extend(digits.iter().map(|digit| char::from(*digit)));
        open.push_str("'; PRAGMA page_size = 8192;");
        connection.execute_batch(&open).map_err(sql_failed)?;
        Database::open(connection, Values::Plain)
    }

    /// Lets go of the files, so that they can be removed. The database must be closed.
    pub(crate) fn release(&self) -> Result<(), StoreError> {
        self.0.pause().map_err(failed)
    }
}

/// Whether the browser promised before.
pub(crate) async fn persisted() -> bool {
    let Some(storage) = storage() else {
        return false;
    };
    let Ok(promise) = storage.persisted() else {
        return false;
    };
    JsFuture::from(promise)
        .await
        .is_ok_and(|kept| kept.is_truthy())
}

/// An error of the browser, as the store port tells it.
pub(crate) fn thrown(thrown: JsValue) -> StoreError {
    if is_error(&thrown, "QuotaExceededError") {
        return StoreError::Full;
    }
    StoreError::Failed(message(&thrown))
}
