//! Runs the engine: connection, timer, commands, updates. Everything happens on the worker's one thread.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
    sync::Arc,
};

use ambient::{Millis, SystemRandom};
use client::{Command, Config, Engine, Failure, Output, StoreError, Update};

use super::{
    kept::Kept,
    socket::{Event, Socket},
    time::{Timer, reading},
    updates::Updates,
};
use crate::{
    clock::Steady,
    once::{CommandId, Commands, Once},
};

/// A server that does not answer within this time (ms) is tried again later.
const PATIENCE: Millis = 10_000;

/// Frames that the engine takes together at most.
const TOGETHER: usize = 64;
/// And bytes, about.
const TOGETHER_BYTES: usize = 512 * 1024;

/// The engine, on a store that remembers which commands ran.
pub(crate) type Core = Engine<Once<Kept>>;

enum Connection {
    None,
    Opening(Socket, Millis),
    Open(Socket),
}

/// A running engine.
pub(crate) struct Driver {
    core: Core,
    commands: Commands,
    clock: Steady,
    connection: Connection,
    /// Came in, and not given to the engine yet.
    frames: Vec<Vec<u8>>,
    timer: Timer,
    updates: Updates,
    tell: Box<dyn Fn(&Core, Update)>,
    me: Weak<RefCell<Self>>,
}

impl Driver {
    /// Opens the engine and starts it. `tell` is called with its updates, never from within a call of this one.
    pub(crate) fn start(
        store: Kept,
        tell: impl Fn(&Core, Update) + 'static,
    ) -> Result<Rc<RefCell<Self>>, StoreError> {
        let clock = Steady::new(reading());
        let now = reading().wall;
        let (store, commands) = Once::new(store)?;
        let core = Engine::open(store, Config::production(), Arc::new(SystemRandom), now).map_err(
            |failure| match failure {
                Failure::StoreFull => StoreError::Full,
                Failure::StoreNewer => StoreError::Newer,
                other => StoreError::Failed(other.to_string()),
            },
        )?;
        let driver = Rc::new_cyclic(|me: &Weak<RefCell<Self>>| {
            let woken = me.clone();
            RefCell::new(Self {
                core,
                commands,
                clock,
                connection: Connection::None,
                frames: Vec::new(),
                timer: Timer::new(move || happened(&woken, |driver| driver.woke())),
                updates: Updates::default(),
                tell: Box::new(tell),
                me: me.clone(),
            })
        });
        driver.borrow_mut().settle();
        Ok(driver)
    }

    /// The engine, to read from.
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// A command of a tab; one that ran already is left out.
    pub(crate) fn command(&mut self, id: CommandId, command: Command) {
        if self.commands.begin(id) {
            let now = self.now();
            self.core.command(now, command);
            self.commands.end();
            self.settle();
        }
    }

    /// The browser says that the network is there again.
    pub(crate) fn network_returned(&mut self) {
        let now = self.now();
        self.core.network_returned(now);
        // an attempt from before would wait for answers that the old network lost
        if matches!(self.connection, Connection::Opening(..)) {
            self.connect();
        }
        self.settle();
    }

    fn now(&mut self) -> Millis {
        self.clock.now(reading()).0
    }

    fn woke(&mut self) {
        self.take_frames();
        let (now, leapt) = self.clock.now(reading());
        if leapt {
            self.core.network_returned(now);
        }
        if matches!(self.connection, Connection::Opening(_, until) if until <= now) {
            self.lost();
        }
        if self.core.next_deadline().is_some_and(|at| at <= now) {
            self.core.tick(now);
        }
        self.settle();
    }

    fn on_socket(&mut self, event: Event) {
        let now = self.now();
        match event {
            Event::Opened => {
                let connection = std::mem::replace(&mut self.connection, Connection::None);
                if let Connection::Opening(socket, _) = connection {
                    self.connection = Connection::Open(socket);
                    self.core.connected(now);
                }
            }
            Event::Frame(frame) => {
                self.frames.push(frame);
                let bytes: usize = self.frames.iter().map(Vec::len).sum();
                if self.frames.len() < TOGETHER && bytes < TOGETHER_BYTES {
                    // those that have come behind it are taken with it: writing to the disk is what takes the time
                    if self.frames.len() == 1 {
                        self.timer.set(0);
                    }
                    return;
                }
                self.take_frames();
            }
            Event::Closed => {
                self.take_frames();
                self.lost();
            }
        }
        self.settle();
    }

    fn take_frames(&mut self) {
        if self.frames.is_empty() {
            return;
        }
        let now = self.now();
        let frames = std::mem::take(&mut self.frames);
        self.core.frames(now, frames.iter().map(Vec::as_slice));
    }

    /// Does what the engine wants, until it wants nothing more; tells what is due; sets the timer.
    fn settle(&mut self) {
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Connect => self.connect(),
                Output::Send(frame) => {
                    if let Connection::Open(socket) = &self.connection {
                        socket.send(&frame);
                    }
                }
                Output::Disconnect => self.lost(),
                Output::Update(update) => self.updates.push(update),
            }
        }
        let now = self.now();
        for update in self.updates.take(now) {
            (self.tell)(&self.core, update);
        }
        let opening = match &self.connection {
            Connection::Opening(_, until) => Some(*until),
            _ => None,
        };
        let waiting = (!self.frames.is_empty()).then_some(0);
        let deadlines = [
            self.core.next_deadline(),
            self.updates.due(),
            opening,
            waiting,
        ];
        let next = deadlines.into_iter().flatten().min();
        self.timer.set(self.clock.until(reading(), next));
    }

    fn connect(&mut self) {
        let until = self.now().saturating_add(PATIENCE);
        let me = self.me.clone();
        let socket = Socket::new(move |event| happened(&me, |driver| driver.on_socket(event)));
        match socket {
            Ok(socket) => self.connection = Connection::Opening(socket, until),
            Err(_) => self.lost(),
        }
    }

    fn lost(&mut self) {
        self.connection = Connection::None;
        self.frames.clear();
        let now = self.now();
        self.core.disconnected(now);
    }
}

/// Something happened to a driver that may be gone.
fn happened(driver: &Weak<RefCell<Driver>>, what: impl FnOnce(&mut Driver)) {
    if let Some(driver) = driver.upgrade() {
        what(&mut driver.borrow_mut());
    }
}
