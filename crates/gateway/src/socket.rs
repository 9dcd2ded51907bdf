//! The WebSocket: carries the frames of a connection.

use std::sync::Arc;

use accounts::Origin;
use axum::{
    extract::{
        Extension, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use protocol::limits::SUBPROTOCOL;
use tokio::time::timeout;

use crate::{
    connection::{Closed, Connection},
    gateway::Gateway,
    meter::Meter,
    outgoing::Outbox,
    routes::Doors,
    server::Peer,
};

/// Small, because there are thousands of sessions: larger frames get a larger buffer while they last.
const READ_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
/// Frames that wait are written together up to so many bytes, then flushed.
const FLUSH_AFTER: usize = 64 * 1024;
/// A frame a little too large is read and answered; beyond this the rest of it is not even read.
const SLACK: usize = 4 * 1024;

/// Makes a session of a request.
pub(crate) async fn upgrade(
    State(doors): State<Arc<Doors>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([SUBPROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    if upgrade.selected_protocol().is_none() {
        let text = format!("This server speaks the WebSocket subprotocol {SUBPROTOCOL}.\n");
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    if !same_origin(&headers, doors.entrance.scheme()) {
        return (
            StatusCode::FORBIDDEN,
            "Pages of other origins may not connect.\n",
        )
            .into_response();
    }
    let gateway = Arc::clone(&doors.site.gateway);
    let frame_bytes = gateway.config.limits.frame_bytes as usize + SLACK;
    let origin = Origin {
        address: peer.address,
    };
    let (connection, outbox) = match gateway.connect(origin) {
        Ok(halves) => halves,
        Err(error) => {
            let seconds = error
                .retry_after_ms
                .unwrap_or(2000)
                .div_ceil(1000)
                .to_string();
            let text = format!("{}\n", error.message);
            let retry = [(header::RETRY_AFTER, seconds)];
            return (StatusCode::SERVICE_UNAVAILABLE, retry, text).into_response();
        }
    };
    peer.meter.follow(connection.session());
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(frame_bytes)
        .max_frame_size(frame_bytes)
        .on_upgrade(move |socket| carry(socket, connection, outbox, gateway, peer))
}

/// Browsers tell which page a connection comes from; only our own may. Other programs send no origin.
fn same_origin(headers: &HeaderMap, scheme: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let (Ok(origin), Some(Ok(host))) = (
        origin.to_str(),
        headers.get(header::HOST).map(|host| host.to_str()),
    ) else {
        return false;
    };
    origin
        .strip_prefix(scheme)
        .is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

/// One task for each session: reading and writing take turns in it. Ends with whichever ends first.
async fn carry(
    socket: WebSocket,
    connection: Connection,
    outbox: Outbox,
    gateway: Arc<Gateway>,
    peer: Peer,
) {
    let (sink, stream) = socket.split();
    tokio::select! {
        () = read(stream, connection, &peer.meter) => {}
        () = write(sink, outbox, &gateway) => {}
    }
    drop(peer);
}

/// Ends when the client is gone. When our side ends the connection, writing what is left decides when it is over.
async fn read(mut stream: SplitStream<WebSocket>, mut connection: Connection, meter: &Meter) {
    loop {
        let next = stream.next().await;
        if matches!(next, Some(Ok(_))) {
            meter.whole();
        }
        let verdict = match next {
            Some(Ok(Message::Binary(frame))) => connection.receive(frame).await,
            Some(Ok(Message::Text(text))) => connection.receive(text.into()).await,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                connection.alive();
                Ok(())
            }
            Some(Ok(Message::Close(_))) | None => return,
            Some(Err(error)) if is_too_large(&error) => {
                connection.too_large();
                Err(Closed)
            }
            Some(Err(_)) => match meter.stopped() {
                Some(stopped) => {
                    connection.stop(stopped);
                    Err(Closed)
                }
                None => return,
            },
        };
        if verdict == Err(Closed) {
            std::future::pending::<()>().await;
        }
    }
}

/// axum hides the type of the error, not its words.
fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut outbox: Outbox, gateway: &Gateway) {
    let patience = gateway.config.write_timeout;
    while let Some(first) = outbox.next().await {
        let batch = async {
            let mut written = first.len();
            sink.feed(Message::Binary(first)).await?;
            while written < FLUSH_AFTER
                && let Some(frame) = outbox.try_next()
            {
                written += frame.len();
                sink.feed(Message::Binary(frame)).await?;
            }
            sink.flush().await
        };
        if !matches!(timeout(patience, batch).await, Ok(Ok(()))) {
            return;
        }
    }
    let close = Message::Close(Some(CloseFrame {
        code: close_code::NORMAL,
        reason: "".into(),
    }));
    let _ = timeout(patience, sink.send(close)).await;
}
