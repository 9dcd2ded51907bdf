//! What a request says about the answer it takes.

use axum::http::{HeaderMap, HeaderName, header};

/// The items of a header that is a list, over all its lines.
fn items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// Whether an item of a list names `wanted` and does not refuse it by `q=0` (RFC 9110, 12.4.2).
fn takes(item: &str, wanted: &str) -> bool {
    let mut parts = item.split(';').map(str::trim);
    let named = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
    let refused = parts.any(|part| {
        let quality = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
        quality.is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
    });
    named && !refused
}

/// Whether the answer may be compressed with Brotli.
pub(super) fn accepts_brotli(headers: &HeaderMap) -> bool {
    items(headers, header::ACCEPT_ENCODING).any(|item| takes(item, "br"))
}

/// Whether a page is asked for: browsers say so when a person goes to an address, not when a page fetches its parts.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    items(headers, header::ACCEPT).any(|item| takes(item, "text/html"))
}

/// Whether the client has the file with this tag already (RFC 9110, 13.1.2: compared weakly).
pub(super) fn matches_etag(headers: &HeaderMap, etag: &[u8]) -> bool {
    items(headers, header::IF_NONE_MATCH).any(|item| {
        let tag = item.strip_prefix("W/").unwrap_or(item);
        tag == "*" || tag.as_bytes() == etag
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: HeaderName, lines: &[&'static str]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|line| (name.clone(), HeaderValue::from_static(line)));
        lines.collect()
    }

    #[test]
    fn brotli_is_taken_where_it_is_named_and_not_refused() {
        let takes = |lines: &[&'static str]| accepts_brotli(&with(header::ACCEPT_ENCODING, lines));
        assert!(takes(&["gzip, deflate, br, zstd"]));
        assert!(takes(&["gzip", "BR;q=0.5"]));
        assert!(!takes(&["gzip, br;q=0"]) && !takes(&["gzip, br; q=0.000"]));
        assert!(!takes(&["brotli, xbr"]) && !takes(&[]));
    }

    #[test]
    fn tags_are_compared_weakly_and_whole() {
        let matches =
            |lines: &[&'static str]| matches_etag(&with(header::IF_NONE_MATCH, lines), b"\"ab\"");
        assert!(matches(&["\"ab\""]) && matches(&["W/\"ab\""]) && matches(&["\"x\", \"ab\""]));
        assert!(matches(&["*"]));
        assert!(!matches(&["\"a\""]) && !matches(&["ab"]) && !matches(&[]));
    }
}
