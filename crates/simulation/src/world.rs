//! Devices, links and time.

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
};

use ambient::{Clock, ManualClock, Random, SeededRandom};
use bytes::Bytes;
use client::{
    Command, Config, Engine, Failure, Output, Space, Store, Update, view::IdentityChange,
};
use e2ee::{mls::MlsSuite, transcript::body_hash};
use protocol::{
    ConversationId, Hash32, MemberId, Method, Request, ServerFrame,
    methods::{
        conversations::CommitConversation,
        vault::{GetRecords, Records},
    },
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{
    disk::Disk,
    server::{Server, settle},
};

/// When the world begins (ms since 1970).
const START: u64 = 1_800_000_000_000;

/// Frames that come so close (ms) may be given to an engine together.
const TOGETHER_MS: u64 = 20;

/// How bad the network and the machines are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Longest delay of a frame (ms).
    pub delay_ms: u64,
    /// Of a thousand frames so many are lost without a trace.
    pub lost: u32,
    /// Of a thousand frames so many arrive twice.
    pub repeated: u32,
    /// Of a thousand frames so many take the connection with them.
    pub cut: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// A connection is made, or is not.
    Connect(usize, u64),
    /// A frame reaches the server.
    Up(usize, u64, Bytes),
    /// A frame reaches the device.
    Down(usize, u64, Bytes),
    /// The device notices that its connection is gone.
    Closed(usize, u64),
    /// The device's clock rings.
    Tick(usize),
    /// The device's network goes on.
    Wake,
}

/// A device of a member.
pub struct Device {
    /// Whose.
    pub member: usize,
    /// The engine; none while crashed.
    pub engine: Option<Engine<Disk>>,
    store: Option<Disk>,
    /// Set to make its disk refuse every write.
    pub full: Arc<AtomicBool>,
    /// Everything it was told.
    pub updates: Vec<Update>,
    link: Option<(gateway::Connection, gateway::Outbox)>,
    /// Which connection of the device is the current one; frames of earlier ones are lost.
    life: u64,
    up_free: u64,
    down_free: u64,
    /// The highest suite that its app knows.
    pub suite: MlsSuite,
    /// By how much its clock is wrong (ms).
    pub clock_off: i64,
    /// Its network stands still until then, without breaking.
    stalled_until: u64,
    /// Names of the requests that the server has not answered.
    asked: BTreeMap<u64, String>,
}

/// Changes what the server says to a device: (device, name of the request answered or of the event, frame) → frame.
pub type Lie = Box<dyn FnMut(usize, &str, ServerFrame) -> Option<ServerFrame>>;

/// The world.
pub struct World {
    seed: u64,
    /// What the server says falsely.
    pub lie: Option<Lie>,
    /// Devices that get no records of these kinds from the vault.
    pub losing: BTreeMap<usize, &'static [u8]>,
    /// The next request of this device by this name gets this answer, and nobody else ever sees it.
    pub swallow: Option<(usize, String, ServerFrame)>,
    /// The next commit of this device to this conversation can be followed by nobody: its membership tag is broken.
    pub spoil: Option<(usize, ConversationId)>,
    /// SHA-256 of the commits that were broken so.
    pub spoilt: BTreeSet<Hash32>,
    /// What devices ask for, (device, request), if somebody writes it down.
    pub overheard: Option<Vec<(usize, Request)>>,
    /// Virtual time.
    pub clock: ManualClock,
    /// Chance.
    pub chance: ChaCha20Rng,
    random: Arc<SeededRandom>,
    /// The server.
    pub server: Server,
    /// All devices that ever were.
    pub devices: Vec<Device>,
    /// How bad things are now.
    pub faults: Faults,
    agenda: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    counter: u64,
    ticks: BTreeMap<usize, u64>,
    /// The highest suite that the apps of new devices know.
    pub suite: MlsSuite,
    /// What happened, in order: the same seed gives the same story.
    story: Rc<RefCell<Vec<String>>>,
    /// What devices found wrong with what they were shown: (device, update).
    pub alarms: Vec<(usize, Update)>,
    /// The server has lied: alarms are in order.
    pub lied: bool,
    /// Who may have another identity by now: that contacts are told of it, and why, is in order.
    pub renewed: BTreeSet<MemberId>,
    /// How often a device was told that events were dropped.
    pub resyncs: usize,
    _disk: tempfile::TempDir,
}

impl World {
    /// A world with a running server and nobody in it.
    pub async fn new(seed: u64) -> Self {
        let disk = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(START);
        let random = Arc::new(SeededRandom::new(seed));
        let mut server = Server::new(disk.path().join("data"), clock.clone(), Arc::clone(&random));
        server.start().await;
        Self {
            seed,
            lie: None,
            losing: BTreeMap::new(),
            swallow: None,
            spoil: None,
            spoilt: BTreeSet::new(),
            overheard: None,
            clock,
            chance: ChaCha20Rng::seed_from_u64(seed ^ 0x5eed),
            random,
            server,
            devices: Vec::new(),
            faults: Faults::default(),
            agenda: BinaryHeap::new(),
            counter: 0,
            ticks: BTreeMap::new(),
            suite: MlsSuite::default(),
            story: Rc::default(),
            alarms: Vec::new(),
            lied: false,
            renewed: BTreeSet::new(),
            resyncs: 0,
            _disk: disk,
        }
    }

    /// From here on the story is told here, where it is found also when a check fails.
    pub fn tell_to(&mut self, listener: Rc<RefCell<Vec<String>>>) {
        listener.borrow_mut().append(&mut self.story.borrow_mut());
        self.story = listener;
    }

    /// The story so far.
    #[must_use]
    pub fn story(&self) -> Vec<String> {
        self.story.borrow().clone()
    }

    /// Whether somebody listens to the story.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        Rc::strong_count(&self.story) > 1
    }

    /// From here on chance depends on the seed and this number alone.
    pub fn begin_step(&mut self, step: u64) {
        self.chance = ChaCha20Rng::seed_from_u64(self.seed ^ 0x5eed);
        self.chance.set_stream(step + 1);
    }

    /// Virtual time now (ms since 1970).
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// What time it is on a device.
    fn clock_of(&self, number: usize) -> u64 {
        let off = self.devices[number].clock_off;
        self.now().saturating_add_signed(off)
    }

    /// Whether these bytes are anywhere in the store of a device that runs.
    pub fn stores(&self, number: usize, bytes: &[u8]) -> bool {
        let there = |value: &[u8]| value.windows(bytes.len()).any(|part| part == bytes);
        Space::ALL.iter().any(|space| {
            let store = self.engine(number).store();
            let all = store.range(*space, &[], &[0xff; 80], usize::MAX, false);
            let rows = all.unwrap();
            rows.iter().any(|(key, value)| there(key) || there(value))
        })
    }

    /// Writes a line of the story.
    pub fn tell(&mut self, line: String) {
        let at = self.now() - START;
        self.story.borrow_mut().push(format!("{at:>8} {line}"));
    }

    /// A new device of a member, with nothing on it.
    pub async fn add_device(&mut self, member: usize) -> usize {
        let number = self.devices.len();
        let disk = Disk::default();
        self.devices.push(Device {
            member,
            engine: None,
            full: disk.full(),
            store: Some(disk),
            updates: Vec::new(),
            link: None,
            life: 0,
            up_free: 0,
            down_free: 0,
            suite: self.suite,
            clock_off: 0,
            stalled_until: 0,
            asked: BTreeMap::new(),
        });
        self.start_device(number).await;
        number
    }

    /// Starts a device on what its store holds.
    pub async fn start_device(&mut self, number: usize) {
        let now = self.clock_of(number);
        let random = Arc::clone(&self.random) as Arc<dyn Random>;
        let device = &mut self.devices[number];
        let Some(store) = device.store.take() else {
            return;
        };
        let config = Config {
            suite: device.suite,
            ..Config::cheapest()
        };
        let engine = Engine::open(store, config, random, now);
        device.engine = Some(engine.unwrap_or_else(|e| panic!("device {number}: {e}")));
        self.drain(number).await;
    }

    /// A device gets an app that knows the second suite, and starts it (again); so do new devices from now on. None gets an older
    /// one.
    pub async fn update_app(&mut self, number: usize) {
        self.suite = MlsSuite::X25519;
        self.devices[number].suite = self.suite;
        self.crash_device(number);
        self.start_device(number).await;
    }

    /// The device's power goes; what its store had made durable stays, and some of the rest.
    pub fn crash_device(&mut self, number: usize) {
        let device = &mut self.devices[number];
        device.life += 1;
        device.link = None;
        device.stalled_until = 0;
        if let Some(engine) = device.engine.take() {
            let mut store = engine.into_store();
            let lost = self.chance.gen_range(0..=store.unsynced());
            store.power_cut(lost);
            device.store = Some(store);
        }
        self.ticks.remove(&number);
    }

    /// The network of a device stands still for a while, without breaking: what the server has for it waits there.
    pub fn stall(&mut self, number: usize, ms: u64) {
        self.devices[number].stalled_until = self.now() + ms;
        self.schedule(ms, Happening::Wake);
    }

    /// The server's process dies.
    pub async fn crash_server(&mut self) {
        for number in 0..self.devices.len() {
            self.cut(number);
        }
        self.server.crash().await;
    }

    /// The connection of a device breaks; it notices a little later.
    pub fn cut(&mut self, number: usize) {
        let device = &mut self.devices[number];
        if device.link.take().is_some() {
            let life = device.life;
            let wait = self.chance.gen_range(0..500);
            self.schedule(wait, Happening::Closed(number, life));
        }
    }

    fn schedule(&mut self, wait: u64, happening: Happening) {
        self.counter += 1;
        let at = self.now() + wait;
        self.agenda.push(Reverse((at, self.counter, happening)));
    }

    /// A person asks something of a device.
    pub async fn command(&mut self, number: usize, command: Command) {
        let now = self.clock_of(number);
        if let Some(engine) = &mut self.devices[number].engine {
            engine.command(now, command);
        }
        self.drain(number).await;
    }

    /// Carries out what a device wants, and hands over what the server has for anybody.
    async fn drain(&mut self, number: usize) {
        while let Some(output) = self.devices[number]
            .engine
            .as_mut()
            .and_then(Engine::poll_output)
        {
            match output {
                Output::Connect => {
                    let life = self.devices[number].life;
                    let wait = self.delay();
                    self.schedule(wait, Happening::Connect(number, life));
                }
                Output::Send(frame) => self.send_up(number, frame),
                Output::Disconnect => {
                    self.devices[number].link = None;
                    let life = self.devices[number].life;
                    self.schedule(0, Happening::Closed(number, life));
                }
                Output::Update(update) => self.take_update(number, update),
            }
        }
        self.set_tick(number);
        self.collect().await;
    }

    fn take_update(&mut self, number: usize, update: Update) {
        let alarm = match &update {
            Update::Failed { failure, .. } => matches!(failure, Failure::Unverified(_)),
            Update::IdentityChanged(member, change) => {
                let told = *change != IdentityChange::Unknown;
                !(told && self.renewed.contains(member))
            }
            _ => false,
        };
        if alarm {
            self.alarms.push((number, update.clone()));
        }
        self.devices[number].updates.push(update);
    }

    fn set_tick(&mut self, number: usize) {
        let Some(engine) = &self.devices[number].engine else {
            return;
        };
        let Some(at) = engine.next_deadline() else {
            return;
        };
        let off = self.devices[number].clock_off.saturating_neg();
        let at = at.saturating_add_signed(off).max(self.now());
        if self.ticks.get(&number) != Some(&at) {
            self.ticks.insert(number, at);
            let wait = at - self.now();
            self.schedule(wait, Happening::Tick(number));
        }
    }

    fn delay(&mut self) -> u64 {
        if self.faults.delay_ms == 0 {
            1
        } else {
            self.chance.gen_range(1..=self.faults.delay_ms)
        }
    }

    /// Breaks a commit that is to be broken.
    fn spoil(&mut self, number: usize, frame: Bytes) -> Bytes {
        let Some((_, conversation)) = self.spoil.filter(|(device, _)| *device == number) else {
            return frame;
        };
        let Ok(mut request) = protocol::decode::<Request>(&frame) else {
            return frame;
        };
        let commit = (request.method == CommitConversation::NAME)
            .then(|| protocol::decode::<CommitConversation>(&request.params).unwrap());
        let Some(mut commit) = commit.filter(|c| c.conversation == conversation) else {
            return frame;
        };
        let mut bytes = commit.commit.to_vec();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        self.spoilt.insert(body_hash(&bytes));
        self.spoil = None;
        commit.commit = bytes.into();
        request.params = protocol::encode(&commit);
        protocol::encode(&request)
    }

    fn send_up(&mut self, number: usize, frame: Bytes) {
        let frame = self.spoil(number, frame);
        let wait = self.delay();
        let now = self.now();
        let device = &mut self.devices[number];
        if device.link.is_none() {
            return;
        }
        if let Ok(request) = protocol::decode::<Request>(&frame) {
            if let Some(overheard) = &mut self.overheard {
                overheard.push((number, request.clone()));
            }
            let swallowed = (number, request.method.clone());
            if let Some((_, _, answer)) = self
                .swallow
                .take_if(|(d, m, _)| (*d, m.clone()) == swallowed)
            {
                self.lied = true;
                let answer = ServerFrame {
                    id: Some(request.id),
                    ..answer
                };
                let down = Happening::Down(number, device.life, protocol::encode(&answer));
                self.schedule(wait, down);
                return;
            }
            device.asked.insert(request.id, request.method);
        }
        let at = (now + wait).max(device.up_free);
        device.up_free = at;
        let life = device.life;
        self.carry(number, at - now, Happening::Up(number, life, frame));
    }

    /// Collects what the server has for all devices.
    async fn collect(&mut self) {
        settle().await;
        let now = self.now();
        for number in 0..self.devices.len() {
            if self.devices[number].stalled_until > now {
                continue;
            }
            while let Some(frame) = self.devices[number]
                .link
                .as_mut()
                .and_then(|(_, outbox)| outbox.try_next())
            {
                self.resyncs += usize::from(is_resync(&frame));
                let frame = self.lose_records(number, frame);
                let Some(frame) = self.lied(number, frame) else {
                    continue;
                };
                let wait = self.delay();
                let device = &mut self.devices[number];
                let at = (now + wait).max(device.down_free);
                device.down_free = at;
                let life = device.life;
                self.carry(number, at - now, Happening::Down(number, life, frame));
            }
        }
    }

    /// What is lost in a vault: no client can tell it from what was never there.
    fn lose_records(&self, number: usize, frame: Bytes) -> Bytes {
        let Some(lost) = self.losing.get(&number) else {
            return frame;
        };
        let mut said: ServerFrame = protocol::decode(&frame).unwrap();
        let asked = said.id.and_then(|id| self.devices[number].asked.get(&id));
        if asked.is_none_or(|name| name != GetRecords::NAME) {
            return frame;
        }
        let Some(mut found) = said
            .ok
            .as_ref()
            .and_then(|ok| protocol::decode::<Records>(ok).ok())
        else {
            return frame;
        };
        found
            .records
            .retain(|record| !lost.contains(&record.name.kind));
        said.ok = Some(protocol::encode(&found));
        protocol::encode(&said)
    }

    fn lied(&mut self, number: usize, frame: Bytes) -> Option<Bytes> {
        let Some(lie) = &mut self.lie else {
            return Some(frame);
        };
        self.lied = true;
        let said: ServerFrame = protocol::decode(&frame).unwrap();
        let asked = said
            .id
            .and_then(|id| self.devices[number].asked.remove(&id));
        let name = asked.or_else(|| said.event.clone()).unwrap_or_default();
        lie(number, &name, said).map(|said| protocol::encode(&said))
    }

    /// A frame on its way: it may be lost, repeated, or the last one of its connection.
    fn carry(&mut self, number: usize, wait: u64, frame: Happening) {
        let fate = self.chance.gen_range(0..1_000);
        let Faults {
            lost,
            repeated,
            cut,
            ..
        } = self.faults;
        if fate < lost {
            return;
        }
        if fate < lost + repeated {
            self.schedule(wait, frame.clone());
        }
        if fate >= 1_000 - cut {
            self.cut(number);
            return;
        }
        self.schedule(wait, frame);
    }

    /// Hands over what somebody who is no device of this world has caused.
    pub async fn listen(&mut self) {
        self.collect().await;
    }

    /// Lets time pass until `until` (ms since 1970) or until `done` says so.
    pub async fn run(&mut self, until: u64, mut done: impl FnMut(&Self) -> bool) -> bool {
        loop {
            if done(self) {
                return true;
            }
            let Some(Reverse((at, _, _))) = self.agenda.peek() else {
                self.clock.set(until);
                return done(self);
            };
            if *at > until {
                self.clock.set(until);
                return done(self);
            }
            let Some(Reverse((at, _, happening))) = self.agenda.pop() else {
                return false;
            };
            self.clock.set(at.max(self.now()));
            self.happen(happening).await;
        }
    }

    /// The next thing to happen, if it is that a frame reaches this device by then: drivers give several to the engine together.
    fn next_down(&mut self, number: usize, life: u64) -> Option<Bytes> {
        let now = self.now();
        let Reverse((at, _, Happening::Down(to, in_life, _))) = self.agenda.peek()? else {
            return None;
        };
        if *at > now + TOGETHER_MS || (*to, *in_life) != (number, life) {
            return None;
        }
        match self.agenda.pop()? {
            Reverse((_, _, Happening::Down(_, _, frame))) => Some(frame),
            _ => None,
        }
    }

    async fn happen(&mut self, happening: Happening) {
        let now = self.now();
        match happening {
            Happening::Connect(number, life) => self.try_connect(number, life).await,
            Happening::Up(number, life, frame) if self.devices[number].stalled_until > now => {
                let wait = self.devices[number].stalled_until - now;
                self.schedule(wait, Happening::Up(number, life, frame));
            }
            Happening::Up(number, life, frame) => {
                let device = &mut self.devices[number];
                if device.life != life {
                    return;
                }
                let Some((connection, _)) = &mut device.link else {
                    return;
                };
                if connection.receive(frame).await.is_err() {
                    self.collect().await;
                    self.cut(number);
                }
                self.collect().await;
            }
            Happening::Down(number, life, frame) => {
                let mut frames = vec![frame];
                while self.chance.gen_bool(0.5)
                    && let Some(frame) = self.next_down(number, life)
                {
                    frames.push(frame);
                }
                let device = &mut self.devices[number];
                if device.life == life
                    && device.link.is_some()
                    && let Some(engine) = &mut device.engine
                {
                    let now = now.saturating_add_signed(device.clock_off);
                    engine.frames(now, frames.iter().map(|frame| &frame[..]));
                    self.drain(number).await;
                }
            }
            Happening::Closed(number, life) => {
                let device = &mut self.devices[number];
                if device.life == life
                    && device.link.is_none()
                    && let Some(engine) = &mut device.engine
                {
                    device.life += 1;
                    engine.disconnected(now.saturating_add_signed(device.clock_off));
                    self.drain(number).await;
                }
            }
            Happening::Tick(number) => {
                if self.ticks.get(&number).is_some_and(|at| *at <= now) {
                    self.ticks.remove(&number);
                    let off = self.devices[number].clock_off;
                    if let Some(engine) = &mut self.devices[number].engine {
                        let now = now.saturating_add_signed(off);
                        engine.tick(now);
                        let next = engine.next_deadline();
                        assert!(
                            next.is_none_or(|at| at > now),
                            "device {number}: time stands still"
                        );
                    }
                    self.drain(number).await;
                }
            }
            Happening::Wake => self.collect().await,
        }
    }

    async fn try_connect(&mut self, number: usize, life: u64) {
        let now = self.now();
        if self.devices[number].life != life || self.devices[number].engine.is_none() {
            return;
        }
        let link = self.server.connect();
        let device = &mut self.devices[number];
        device.up_free = now;
        device.down_free = now;
        let there = link.is_some();
        device.link = link;
        let now = now.saturating_add_signed(device.clock_off);
        if let Some(engine) = &mut device.engine {
            if there {
                engine.connected(now);
            } else {
                device.life += 1;
                engine.disconnected(now);
            }
        }
        self.drain(number).await;
    }

    /// The engine of a device that runs.
    pub fn engine(&self, number: usize) -> &Engine<Disk> {
        self.devices[number].engine.as_ref().unwrap()
    }
}

fn is_resync(frame: &[u8]) -> bool {
    let name = b"\xa6resync";
    frame.windows(name.len()).any(|found| found == name)
}
