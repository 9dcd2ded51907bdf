//! What an app holds of a running driver.

use client::Command;
use tokio::sync::{mpsc, oneshot, watch};

use crate::link::LinkError;

/// The driver has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client has stopped")]
pub struct Stopped;

pub(crate) enum Message<C> {
    Command(Command),
    Query(Box<dyn FnOnce(&C) + Send>),
    NetworkReturned,
    Stop(oneshot::Sender<()>),
}

/// Commands and queries a running driver; clones command the same one. The driver stops when all are dropped.
pub struct Handle<C> {
    pub(crate) messages: mpsc::Sender<Message<C>>,
    pub(crate) problem: watch::Receiver<Option<LinkError>>,
}

impl<C> Clone for Handle<C> {
    fn clone(&self) -> Self {
        Self {
            messages: self.messages.clone(),
            problem: self.problem.clone(),
        }
    }
}

impl<C> Handle<C> {
    async fn tell(&self, message: Message<C>) -> Result<(), Stopped> {
        self.messages.send(message).await.map_err(|_| Stopped)
    }

    /// Commands the engine; answers come as updates.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn command(&self, command: Command) -> Result<(), Stopped> {
        self.tell(Message::Command(command)).await
    }

    /// Reads from the engine, between two of its steps. Never waits for updates to be read.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn query<R: Send + 'static>(
        &self,
        read: impl FnOnce(&C) -> R + Send + 'static,
    ) -> Result<R, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.tell(Message::Query(Box::new(move |core| {
            // nobody may wait for it any more
            let _ = answer.send(read(core));
        })))
        .await?;
        answered.await.map_err(|_| Stopped)
    }

    /// The operating system says that the network is there again: tries at once.
    ///
    /// # Errors
    /// When the driver has stopped.
    pub async fn network_returned(&self) -> Result<(), Stopped> {
        self.tell(Message::NetworkReturned).await
    }

    /// Why the last attempt to connect failed; none while connected.
    #[must_use]
    pub fn problem(&self) -> watch::Receiver<Option<LinkError>> {
        self.problem.clone()
    }

    /// Sends what is queued, closes connection and store, and waits for that.
    pub async fn stop(self) {
        let (stopped, done) = oneshot::channel();
        if self.tell(Message::Stop(stopped)).await.is_ok() {
            // an error means that it stopped by itself
            let _ = done.await;
        }
    }
}
