//! One connection to the server that the page came from.

use protocol::limits::{SOCKET_PATH, SUBPROTOCOL};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use super::js::scope;

/// The largest frame taken from a server: trees of a thousand members have 2.7 MB.
const FRAME_MAX: u32 = 16 * 1024 * 1024;

/// What happens on a connection.
pub(crate) enum Event {
    /// It is there.
    Opened,
    /// A frame came.
    Frame(Vec<u8>),
    /// It is gone, or could not be made.
    Closed,
}

/// A connection that is being made or there. It ends, and says nothing more, when this is dropped.
pub(crate) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut()>,
}

impl Socket {
    /// Begins to connect.
    pub(crate) fn new(tell: impl Fn(Event) + Clone + 'static) -> Result<Self, JsValue> {
        let socket = WebSocket::new_with_str(&address(), SUBPROTOCOL)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let told = tell.clone();
        let opened = Closure::<dyn FnMut()>::new(move || told(Event::Opened));
        let told = tell.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            told(frame(&event).map_or(Event::Closed, Event::Frame));
        });
        let closed = Closure::<dyn FnMut()>::new(move || tell(Event::Closed));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self {
            socket,
            _opened: opened,
            _message: message,
            _closed: closed,
        })
    }

    /// Sends a frame. One that can't be sent is lost with the connection, which says so.
    pub(crate) fn send(&self, frame: &[u8]) {
        if self.socket.send_with_u8_array(frame).is_err() {
            // it is closing: `onclose` follows
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // fails only for codes and reasons, of which there are none
        let _ = self.socket.close();
    }
}

/// The frame of a message; none for text and for what is too large.
fn frame(event: &MessageEvent) -> Option<Vec<u8>> {
    let buffer = event.data().dyn_into::<js_sys::ArrayBuffer>().ok()?;
    (buffer.byte_length() <= FRAME_MAX).then(|| js_sys::Uint8Array::new(&buffer).to_vec())
}

/// The server that the page came from.
fn address() -> String {
    let location = scope().location();
    let scheme = if location.protocol() == "http:" {
        "ws"
    } else {
        "wss"
    };
    format!("{scheme}://{}{SOCKET_PATH}", location.host())
}
