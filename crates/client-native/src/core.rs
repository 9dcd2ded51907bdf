//! What a driver needs of an engine.

use ambient::Millis;
use client::{Command, Output};

/// What a driver drives: the engine, or a scripted one in tests. The methods are those of [`Engine`].
pub trait Core: Send {
    /// The transport is open.
    fn connected(&mut self, now: Millis);
    /// The transport closed or could not be opened.
    fn disconnected(&mut self, now: Millis);
    /// The network is there again.
    fn network_returned(&mut self, now: Millis);
    /// A frame came.
    fn frame(&mut self, now: Millis, bytes: &[u8]);
    /// A person asks.
    fn command(&mut self, now: Millis, command: Command);
    /// The deadline is reached.
    fn tick(&mut self, now: Millis);
    /// When to call [`Core::tick`].
    fn next_deadline(&self) -> Option<Millis>;
    /// What to do.
    fn poll_output(&mut self) -> Option<Output>;
}
