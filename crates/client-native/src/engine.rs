//! Drives the real engine.

use std::sync::Arc;

use ambient::{Clock, Millis, Random, SystemClock, SystemRandom};
use client::{Command, Config, Engine, Output, Store, Update};
use tokio::sync::mpsc;

use crate::{Core, Folder, Handle, Peer, SqliteStore, driver::Driver, folder::FolderError};

impl<S: Store + Send> Core for Engine<S> {
    fn connected(&mut self, now: Millis) {
        Engine::connected(self, now);
    }
    fn disconnected(&mut self, now: Millis) {
        Engine::disconnected(self, now);
    }
    fn network_returned(&mut self, now: Millis) {
        Engine::network_returned(self, now);
    }
    fn frame(&mut self, now: Millis, bytes: &[u8]) {
        Engine::frame(self, now, bytes);
    }
    fn command(&mut self, now: Millis, command: Command) {
        Engine::command(self, now, command);
    }
    fn tick(&mut self, now: Millis) {
        Engine::tick(self, now);
    }
    fn next_deadline(&self) -> Option<Millis> {
        Engine::next_deadline(self)
    }
    fn poll_output(&mut self) -> Option<Output> {
        Engine::poll_output(self)
    }
}

/// A running client: its handle and its updates.
pub type Running = (Handle<Engine<SqliteStore>>, mpsc::Receiver<Update>);

impl Folder {
    /// Opens the store, and starts the engine on a thread of its own.
    ///
    /// # Errors
    /// [`FolderError`]; above all when another process has the folder open.
    pub fn start(&self, peer: Peer, config: Config) -> Result<Running, FolderError> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let store = SqliteStore::open(self.path(), random.as_ref())?;
        let engine = Engine::open(store, config, random, SystemClock.now())?;
        let (driver, handle, updates) = Driver::new(engine, peer, Arc::new(SystemClock))?;
        driver.spawn().map_err(|error| self.failed(error))?;
        Ok((handle, updates))
    }
}
