//! The half of a connection from which frames come.

use std::{pin::Pin, sync::Arc};

use protocol::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{config::Direction, gateway::goodbye, outbox::Taken, session::Shared};

/// Gives the frames to write, in order; hello comes first. Dropping it ends the connection.
pub struct Outbox {
    shared: Arc<Shared>,
    alarm: Pin<Box<Sleep>>,
    /// Follows the resync event.
    then: Option<Bytes>,
}

impl Outbox {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let alarm = Box::pin(sleep_until(shared.deadline()));
        Self {
            shared,
            alarm,
            then: None,
        }
    }

    /// The next frame; waits until there is one. None when the connection has ended and everything is given out.
    ///
    /// Also watches the time: a signed-in client that was silent for twice the heartbeat, or a guest that asked for
    /// nothing for too long, gets `goodbye` and the end. Nothing is lost when the future is dropped before it is ready.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.take() {
                Taken::Frame(frame) | Taken::Resync(frame) => return Some(frame),
                Taken::End => return None,
                Taken::Nothing => {}
            }
            // Signing in brings it nearer.
            let deadline = self.shared.deadline();
            if deadline < self.alarm.deadline() {
                self.alarm.as_mut().reset(deadline);
            }
            tokio::select! {
                biased;
                () = self.shared.queue.changed.notified() => {}
                () = &mut self.alarm => self.check_silence(),
            }
        }
    }

    /// The next frame if one waits: for writing several at once.
    pub fn try_next(&mut self) -> Option<Bytes> {
        match self.take() {
            Taken::Frame(frame) | Taken::Resync(frame) => Some(frame),
            Taken::Nothing | Taken::End => None,
        }
    }

    fn take(&mut self) -> Taken {
        if let Some(frame) = self.then.take() {
            self.shared.tap(Direction::Out, &frame);
            return Taken::Frame(frame);
        }
        let taken = self.shared.queue.take();
        if let Taken::Frame(frame) | Taken::Resync(frame) = &taken {
            self.shared.tap(Direction::Out, frame);
        }
        if matches!(taken, Taken::Resync(_)) {
            self.shared.gateway.counters.resyncs.add(1);
            // State events may be among those dropped.
            self.then = Some(self.shared.gateway.state_frame());
        }
        taken
    }

    fn check_silence(&mut self) {
        let now = Instant::now();
        let mut deadline = self.shared.deadline();
        if deadline <= now {
            if self.shared.queue.busy() {
                deadline = now + self.shared.gateway.heartbeat();
            } else {
                self.shared.gateway.counters.silent.add(1);
                let reason = "Nothing was heard from you for too long.";
                self.shared.queue.end(Some(goodbye(reason, 0)));
                deadline = now + self.shared.gateway.heartbeat();
            }
        }
        self.alarm.as_mut().reset(deadline);
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.shared.queue.end_at_once();
        self.shared.gateway.fan_out.leave(self.shared.number);
    }
}
