//! What ends the server.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Ready when the operator or the system asks the server to end.
pub fn end() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
