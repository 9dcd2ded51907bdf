//! The web app: files that were made when the program was built, and how they are answered.
//!
//! Files are found by their exact name in a table; no part of a request ever reaches a file system. A build never mixes with
//! another: all that is below `assets/` has the hash of its content in its name and may be kept for ever, `index.html` names the
//! files of its own build and is asked for anew each time, and what this build does not have is not found.

mod encoding;
pub(crate) mod headers;

use std::{borrow::Cow, collections::HashMap, io::Read};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use encoding::{accepts_brotli, accepts_html, matches_etag};

/// The page that every route of the app begins with.
const INDEX: &str = "index.html";
/// Below this, names change with the content.
const HASHED: &str = "assets/";
/// First parts of a path that are never routes of the app.
const RESERVED: [&str; 2] = ["assets", "v1"];

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const KEEP_NOTHING: HeaderValue = HeaderValue::from_static("no-store");
/// Whether there is a page at the address of a route depends on whether a person goes there.
const VARY_PAGE: HeaderValue = HeaderValue::from_static("accept, accept-encoding");
/// A file is the same whoever asks: a browser's cache finds the one that it fetched ahead.
const VARY_FILE: HeaderValue = HeaderValue::from_static("accept-encoding");

const NOT_BUILT: &str = "ChaTalk server. It works.\n\n\
    This program was built without the web app. From its sources, `cargo xtask run` builds both.\n\
    In a terminal: chatalk chat --server https://HOST:PORT\n";

/// A file of the web app, as it is kept in the program.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Where it is found, without a slash in front: `index.html`, `assets/index-Dk3x.js`.
    pub path: &'static str,
    /// Its bytes, compressed or not.
    pub bytes: &'static [u8],
    /// They are compressed with Brotli.
    pub brotli: bool,
}

struct File {
    bytes: &'static [u8],
    brotli: bool,
    content_type: HeaderValue,
    /// Of the bytes as they are kept.
    etag: HeaderValue,
    /// Of the bytes when they have to be sent without compression.
    plain_etag: HeaderValue,
}

/// The files of one build of the web app.
#[derive(Default)]
pub struct WebApp {
    files: HashMap<&'static str, File>,
}

impl std::fmt::Debug for WebApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebApp({} files)", self.files.len())
    }
}

impl WebApp {
    /// The app made of these files. Without `index.html` there is no app, and a page says how to get it.
    #[must_use]
    pub fn new(assets: &[Asset]) -> Self {
        let files = assets.iter().map(|asset| (asset.path, file(asset)));
        Self {
            files: files.collect(),
        }
    }

    /// Answers a request for `path`, which begins with a slash.
    pub(crate) fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if method != Method::GET && method != Method::HEAD {
            let allow = [(header::ALLOW, "GET, HEAD")];
            return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
        }
        let name = path.strip_prefix('/').unwrap_or(path);
        let found = match self.files.get_key_value(name) {
            None if is_route(name) && (name.is_empty() || accepts_html(headers)) => {
                self.files.get_key_value(INDEX)
            }
            found => found,
        };
        match found {
            Some((name, file)) => file.answer(name, method, headers),
            None if name.is_empty() => not_built(),
            None => not_found(),
        }
    }
}

fn file(asset: &Asset) -> File {
    let hash = Sha256::digest(asset.bytes);
    let hash: String = hash[..16].iter().map(|b| format!("{b:02x}")).collect();
    let tag = |form: &str| {
        let tag = format!("\"{hash}{form}\"");
        HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
    };
    File {
        bytes: asset.bytes,
        brotli: asset.brotli,
        content_type: HeaderValue::from_static(content_type(asset.path)),
        etag: tag(""),
        plain_etag: tag("-plain"),
    }
}

/// Whether the app may have a page of that name: it looks like no file, and stands nowhere where only files are.
fn is_route(name: &str) -> bool {
    let mut parts = name.split('/');
    let first = parts.next().unwrap_or_default();
    let last = parts.next_back().unwrap_or(first);
    !RESERVED.contains(&first) && !last.contains('.')
}

impl File {
    fn answer(&self, name: &str, method: &Method, headers: &HeaderMap) -> Response {
        let compressed = self.brotli && accepts_brotli(headers);
        let etag = if self.brotli && !compressed {
            &self.plain_etag
        } else {
            &self.etag
        };
        let mut answer = if matches_etag(headers, etag.as_bytes()) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            match self.body(compressed) {
                Ok(bytes) => self.whole(bytes, compressed, method),
                Err(error) => {
                    tracing::error!(%error, name, "a file of the web app is damaged");
                    return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                }
            }
        };
        let more = answer.headers_mut();
        more.insert(header::ETAG, etag.clone());
        let vary = if name == INDEX { VARY_PAGE } else { VARY_FILE };
        more.insert(header::VARY, vary);
        let cache = if name.starts_with(HASHED) {
            IMMUTABLE
        } else {
            ASK_AGAIN
        };
        more.insert(header::CACHE_CONTROL, cache);
        answer
    }

    fn whole(&self, bytes: Bytes, compressed: bool, method: &Method) -> Response {
        let length = bytes.len();
        let body = if method == Method::HEAD {
            Body::empty()
        } else {
            Body::from(bytes)
        };
        let mut answer = Response::new(body);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::CONTENT_LENGTH, length.into());
        if compressed {
            let brotli = HeaderValue::from_static("br");
            headers.insert(header::CONTENT_ENCODING, brotli);
        }
        answer
    }

    /// All browsers take Brotli; for what does not, the file is opened each time.
    fn body(&self, compressed: bool) -> std::io::Result<Bytes> {
        if compressed || !self.brotli {
            return Ok(Bytes::from_static(self.bytes));
        }
        let mut plain = Vec::new();
        brotli_decompressor::Decompressor::new(self.bytes, 16 * 1024).read_to_end(&mut plain)?;
        Ok(plain.into())
    }
}

fn text(status: StatusCode, words: impl Into<Cow<'static, str>>) -> Response {
    let cache = [(header::CACHE_CONTROL, KEEP_NOTHING)];
    (status, cache, words.into()).into_response()
}

fn not_built() -> Response {
    text(StatusCode::OK, NOT_BUILT)
}

fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "There is nothing here.\n")
}

/// By the end of the name. What is not listed is sent as bytes, which browsers neither show nor run.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
