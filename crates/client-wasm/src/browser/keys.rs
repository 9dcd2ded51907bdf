//! The key of the local store: sealed by a key of the browser that can be used and not read.

use e2ee::local::KeptKey;
use js_sys::{Array, Object, Uint8Array, futures::JsFuture};
use wasm_bindgen::prelude::*;
use web_sys::{CryptoKey, SubtleCrypto};
use zeroize::Zeroizing;

use super::{
    idb::Idb,
    js::{error, object, property, scope},
};

const NAME: &str = "store";
const CIPHER: &str = "AES-GCM";
const NONCE: usize = 12;

/// Reads the kept key; none when there is none.
pub(crate) async fn load(idb: &Idb) -> Result<Option<KeptKey>, JsValue> {
    let record = idb.get(NAME).await?;
    if record.is_undefined() {
        return Ok(None);
    }
    let key: CryptoKey = property(&record, "key")?;
    let nonce: Uint8Array = property(&record, "nonce")?;
    let sealed: Uint8Array = property(&record, "sealed")?;
    let opened =
        subtle()?.decrypt_with_object_and_js_u8_array(&algorithm(&nonce)?, &key, &sealed)?;
    let opened = Uint8Array::new(&JsFuture::from(opened).await?);
    let bytes = Zeroizing::new(opened.to_vec());
    opened.fill(0, 0, opened.length());
    KeptKey::decode(&bytes)
        .map(Some)
        .map_err(|failure| error(&failure.to_string()))
}

/// Keeps the key, under a new key of the browser.
pub(crate) async fn save(idb: &Idb, kept: &KeptKey) -> Result<(), JsValue> {
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let kind = object(&[("name", CIPHER.into()), ("length", 256.into())])?;
    let key = subtle()?.generate_key_with_object(&kind, false, &usages)?;
    let key: CryptoKey = JsFuture::from(key).await?.into();
    let nonce = Uint8Array::new_with_length(NONCE as u32);
    scope()
        .crypto()?
        .get_random_values_with_js_u8_array(&nonce)?;
    let sealed =
        subtle()?.encrypt_with_object_and_u8_array(&algorithm(&nonce)?, &key, &kept.encode())?;
    let sealed = Uint8Array::new(&JsFuture::from(sealed).await?);
    let record = object(&[
        ("v", 1.into()),
        ("key", key.into()),
        ("nonce", nonce.into()),
        ("sealed", sealed.into()),
    ])?;
    idb.put(NAME, &record).await
}

fn algorithm(nonce: &Uint8Array) -> Result<Object, JsValue> {
    object(&[("name", CIPHER.into()), ("iv", nonce.into())])
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let subtle = scope().crypto()?.subtle();
    if subtle.is_undefined() {
        return Err(error("cryptography is only there over HTTPS"));
    }
    Ok(subtle)
}
