//! What is found where, and through which door.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state, map_response_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use protocol::limits::SOCKET_PATH;

use crate::{
    server::{Entrance, Site},
    socket::upgrade,
    web::headers,
};

/// What the routes need to know.
pub(crate) struct Doors {
    pub(crate) site: Site,
    pub(crate) entrance: Entrance,
}

/// The routes of the server, as they are found through one entrance.
pub(crate) fn router(site: Site, entrance: Entrance) -> Router {
    let strict_transport = entrance.strict_transport();
    let doors = Arc::new(Doors { site, entrance });
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route(SOCKET_PATH, any(upgrade))
        .fallback(web)
        .layer(from_fn_with_state(Arc::clone(&doors), own_host_only))
        .layer(map_response_with_state(strict_transport, headers::add))
        .with_state(doors)
}

async fn web(
    State(doors): State<Arc<Doors>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    doors.site.web.answer(&method, uri.path(), &headers)
}

/// On the plain entrance, only what was addressed to this machine by one of its own names goes on. A page from elsewhere whose name was
/// made to point here (DNS rebinding) shows its own name.
async fn own_host_only(State(doors): State<Arc<Doors>>, request: Request, next: Next) -> Response {
    if let Entrance::Local { port } = doors.entrance
        && !is_own_host(request.headers(), request.uri(), port)
    {
        let words = format!("This entrance is http://localhost:{port} only.\n");
        return (StatusCode::MISDIRECTED_REQUEST, words).into_response();
    }
    next.run(request).await
}

fn is_own_host(headers: &HeaderMap, uri: &Uri, port: u16) -> bool {
    let own = |host: &str| {
        let (name, given) = match host.rsplit_once(':') {
            Some((name, given)) if !given.ends_with(']') => (name, given.parse().ok()),
            _ => (host, Some(80)),
        };
        let name_is_own = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own));
        name_is_own && given == Some(port)
    };
    let mut hosts = headers.get_all(header::HOST).into_iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    host.to_str().is_ok_and(own)
        && uri
            .authority()
            .is_none_or(|authority| own(authority.as_str()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn is_own(hosts: &[&'static str], uri: &'static str, port: u16) -> bool {
        let lines = hosts
            .iter()
            .map(|&host| (header::HOST, HeaderValue::from_static(host)));
        is_own_host(&lines.collect(), &Uri::from_static(uri), port)
    }

    #[test]
    fn only_this_machines_own_names_with_the_port_are_its_own() {
        for host in [
            "localhost:7480",
            "LOCALHOST:7480",
            "127.0.0.1:7480",
            "[::1]:7480",
        ] {
            assert!(is_own(&[host], "/", 7480), "{host}");
        }
        assert!(is_own(&["localhost"], "/", 80) && is_own(&["[::1]"], "/", 80));
        for host in [
            "evil.example:7480",
            "localhost",
            "localhost:7481",
            "localhost:7480.evil.example",
            "localhost.evil.example:7480",
            "evil.localhost:7480",
            "user@localhost:7480",
            "127.0.0.2:7480",
            "192.168.1.5:7480",
            "[::1",
            "::1:7480",
            "localhost:",
            "",
        ] {
            assert!(!is_own(&[host], "/", 7480), "{host}");
        }
    }

    #[test]
    fn two_hosts_none_or_another_in_the_address_are_refused() {
        let own = "localhost:7480";
        assert!(!is_own(&[own, "evil.example:7480"], "/", 7480));
        assert!(!is_own(&[own, own], "/", 7480) && !is_own(&[], "/", 7480));
        assert!(is_own(&[own], "http://localhost:7480/", 7480));
        assert!(!is_own(&[own], "http://evil.example:7480/", 7480));
    }
}
