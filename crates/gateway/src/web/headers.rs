//! Headers that every answer carries: what a page of this server may do, and who may use it.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// A page loads from this server alone, runs no code written into it, and talks to nobody else. `'self'` covers the WebSocket of
/// the same origin. `'wasm-unsafe-eval'` lets the core be compiled, and nothing else. Addresses of scripts go through the one
/// policy `chatalk-worker`, in which the app allows its own workers. Pictures of groups come out of the engine, sealed as they are on
/// their way: the page gives them addresses of its own (`blob:`), which nobody else has.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
    script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; \
    img-src 'self' blob:; \
    font-src 'self'; \
    connect-src 'self'; \
    worker-src 'self'; \
    manifest-src 'self'; \
    base-uri 'none'; \
    form-action 'none'; \
    frame-ancestors 'none'; \
    require-trusted-types-for 'script'; \
    trusted-types chatalk-worker";

/// Camera and microphone are for scanning codes and for calls, the clipboard for copying invitations; sound and the whole screen do no
/// harm. All else that browsers could offer is off. Only names that browsers know: unknown ones fill their consoles.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(self), browsing-topics=(), camera=(self), \
    clipboard-read=(), clipboard-write=(self), compute-pressure=(), display-capture=(), encrypted-media=(), \
    fullscreen=(self), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
    keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(self), midi=(), otp-credentials=(), payment=(), \
    picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
    storage-access=(), sync-xhr=(), unload=(), usb=(), window-management=(), xr-spatial-tracking=()";

/// Two of them keep other origins from holding our windows and from embedding our files, and ours from embedding theirs.
const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Browsers remember it for the host with all its ports, so it is sent only where the whole host is ours: see
/// [`Entrance::Tls`](crate::server::Entrance::Tls).
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds them to an answer.
pub(crate) async fn add(State(strict_transport): State<bool>, mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in &ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if strict_transport {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    answer
}
