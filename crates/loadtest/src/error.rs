//! What can go wrong in a load test.

use client_native::LinkError;
use protocol::{DecodeError, WireError};

/// Why a load test could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The server, or somebody in between, ended the connection.
    #[error("the connection ended: {0}")]
    Closed(String),
    /// The server refused a request.
    #[error("{method}: {} ({})", error.message, error.code.code())]
    Refused {
        /// Which request.
        method: &'static str,
        /// Its answer.
        error: WireError,
    },
    /// What came is no frame.
    #[error(transparent)]
    Frame(#[from] DecodeError),
    /// The server does not allow what the scenario needs.
    #[error("{0}")]
    Limit(String),
    /// There are fewer members than the scenario needs.
    #[error(
        "this needs {needed} members, and there are invitations for {there}: give a set-up code, or more invitations"
    )]
    TooFew {
        /// Members needed.
        needed: usize,
        /// Members there can be.
        there: usize,
    },
    /// A real client core reported a failure.
    #[error("a client core failed: {0}")]
    Core(String),
    /// It took too long.
    #[error("gave up after {seconds} s waiting for {what}")]
    Slow {
        /// For what.
        what: &'static str,
        /// How long.
        seconds: u64,
    },
    /// A file could not be read or written.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: String,
        /// Why not.
        error: std::io::Error,
    },
    /// A task of the load test panicked or was cancelled.
    #[error("a task ended: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl Error {
    /// An [`Error::Io`] about `what`.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::Io { what, error }
    }
}
