//! What a client has sent of a frame that is not whole yet: it waits here, whether or not the rest ever comes. There is
//! room for it beside the requests at work, of the same account or address and of all (see [`crate::room`]); a guest,
//! of whom nothing is known, may let less of one frame wait.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    lock,
    room::{Room, room},
    session::Shared,
};

/// What every connection may let wait, uncounted; and from there on the step in which it is counted.
const STEP: u32 = 16 * 1024;
/// A frame a little too large is read and answered as such.
const SLACK: u32 = 4 * 1024;

/// Why no more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("the frame is larger than a guest's may be")]
    TooLarge,
    #[error("there is no room for more of the frame")]
    Busy,
}

/// Counts for one connection.
#[derive(Default)]
pub(crate) struct Meter {
    /// The session, once there is one. What comes before it is HTTP, which bounds its requests itself.
    session: OnceLock<Weak<Shared>>,
    /// Bytes since the last whole frame.
    unfinished: AtomicU32,
    held: Mutex<Vec<Room>>,
    stopped: OnceLock<Stopped>,
}

impl Meter {
    /// From now on the connection carries this session.
    pub(crate) fn follow(&self, session: Weak<Shared>) {
        // One connection becomes one session.
        let _ = self.session.set(session);
    }

    /// A frame is whole: what waited of it is at work now, and counted there.
    pub(crate) fn whole(&self) {
        if self.unfinished.swap(0, Ordering::Relaxed) >= STEP {
            lock(&self.held).clear();
        }
    }

    /// Why reading has stopped, if it has.
    pub(crate) fn stopped(&self) -> Option<Stopped> {
        self.stopped.get().copied()
    }

    fn count(&self, bytes: usize) -> Result<(), Stopped> {
        let Some(session) = self.session.get().and_then(Weak::upgrade) else {
            return Ok(());
        };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let before = self.unfinished.load(Ordering::Relaxed);
        let now = before.saturating_add(bytes);
        self.unfinished.store(now, Ordering::Relaxed);
        let steps = now / STEP - before / STEP;
        if steps == 0 {
            return Ok(());
        }
        let who = session.who();
        let most = session.gateway.config.guest_frame_bytes;
        if who.is_none() && now > most.saturating_add(SLACK) {
            return Err(Stopped::TooLarge);
        }
        let more = room(&session, who, steps.saturating_mul(STEP)).ok_or(Stopped::Busy)?;
        lock(&self.held).push(more);
        Ok(())
    }
}

/// A stream whose reading is counted.
pub(crate) struct Metered<S> {
    stream: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    pub(crate) fn new(stream: S, meter: Arc<Meter>) -> Self {
        Self { stream, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(stopped) = this.meter.stopped() {
            return Poll::Ready(Err(io::Error::other(stopped)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let bytes = buffer.filled().len() - before;
        Poll::Ready(this.meter.count(bytes).map_err(|stopped| {
            let _ = this.meter.stopped.set(stopped);
            io::Error::other(stopped)
        }))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, parts)
    }
}
