//! The engine: its state, its inputs, its outputs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use ambient::{Millis, Random};
use e2ee::{invitation::Invitation, mls::MlsSuite, reset::ResetLink};
use protocol::{Bytes, ConversationId, methods::account::Stretching};
use rand_chacha::ChaCha20Rng;

use crate::{
    Batch, Command, Doing, Failure, Output, Store, StoreError, Update,
    account::Flow,
    approval::Approvals,
    connection::Connection,
    conversation::{Conversation, opening::Opening, timed::TimedSecrets},
    devices::Devices,
    forgotten::Requests,
    loose::Loose,
    outbox::Outbox,
    own::Own,
    passphrase::{Asked, Proof},
    people::People,
    server_time::ServerTime,
    vault::VaultMirror,
    view::{ConnectionView, RecoveryView},
};

/// What differs between production and tests.
#[derive(Debug, Clone)]
pub struct Config {
    /// Cost of key stretching at registration; less than the server's floor is raised to it.
    pub stretching: Stretching,
    /// Key packages kept in store on the server.
    pub key_packages: usize,
    /// Makes every start of a batch of key packages smaller than this many.
    pub key_package_batch: usize,
    /// The suite of new conversations and key packages, and the highest that this app takes part in: conversations of a lower one
    /// go over to it, those of a higher one wait for a newer app.
    pub suite: MlsSuite,
}

impl Config {
    /// What people use.
    #[must_use]
    pub fn production() -> Self {
        Self {
            stretching: Stretching {
                memory_kib: 65_536,
                passes: 3,
                lanes: 1,
            },
            key_packages: protocol::limits::KEY_PACKAGES_KEPT,
            key_package_batch: 30,
            suite: MlsSuite::default(),
        }
    }

    /// The least cost, for tests and simulations only.
    #[must_use]
    pub fn cheapest() -> Self {
        Self {
            stretching: Stretching {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
            key_packages: 4,
            ..Self::production()
        }
    }
}

/// A client of one member on one device. See the crate's documentation for how it is driven.
pub struct Engine<S> {
    pub(crate) store: S,
    pub(crate) config: Config,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) now: Millis,
    pub(crate) out: VecDeque<Output>,
    pub(crate) batch: Batch,
    pub(crate) connection: Connection,
    pub(crate) own: Option<Own>,
    /// The server has refused this device: the same member may sign in again over what is kept here.
    pub(crate) signed_out: bool,
    pub(crate) flow: Option<Flow>,
    /// What was asked while the connection is still on its way.
    pub(crate) held: Vec<Command>,
    pub(crate) vault: VaultMirror,
    pub(crate) people: People,
    pub(crate) conversations: BTreeMap<ConversationId, Conversation>,
    pub(crate) openings: Vec<Opening>,
    /// Groups in which something is to be changed or said.
    pub(crate) groups_at_work: BTreeSet<ConversationId>,
    /// Conversations with links that are to be said anew.
    pub(crate) unlinked: BTreeSet<ConversationId>,
    /// Conversations in which this device can't follow a commit.
    pub(crate) stuck: BTreeSet<ConversationId>,
    /// Conversations that this device is to take over to a higher suite.
    pub(crate) over: BTreeSet<ConversationId>,
    /// Groups founded anew that could not take everybody along.
    pub(crate) left_out: BTreeSet<ConversationId>,
    pub(crate) outbox: Outbox,
    pub(crate) loose: Loose,
    pub(crate) server_time: ServerTime,
    pub(crate) timed: TimedSecrets,
    /// When the next row disappears (server's time).
    pub(crate) next_expiry: Option<u64>,
    pub(crate) devices: Devices,
    /// What was told of the recovery code last.
    pub(crate) recovery_told: RecoveryView,
    /// Requests for new passphrases in the place of forgotten ones.
    pub(crate) requests: Requests,
    /// Sign-ins of this member that wait for approval.
    pub(crate) approvals: Approvals,
    /// It was told that the sign-in on this device waits for approval.
    pub(crate) sign_in_told: bool,
    pub(crate) requests_changed: bool,
    pub(crate) proof: Option<Box<Proof>>,
    pub(crate) asked_with_passphrase: Option<Asked>,
    /// Messages of the input that is being worked on, not yet in the store.
    pub(crate) recent_messages:
        std::collections::HashMap<(ConversationId, protocol::MemberId, protocol::MessageId), u64>,
    /// Conversations whose kept MLS state counts no more although the store still has it in this input.
    pub(crate) forgotten_states: BTreeSet<ConversationId>,
    /// Conversations whose MLS state may still be loaded in this input: each takes a millisecond or more.
    pub(crate) loads_left: usize,
    /// There is more to do than one input may take: the next one is due at once.
    pub(crate) more_to_do: bool,
    /// The list of conversations has changed in this input.
    list_changed: bool,
    /// Timelines that have changed in this input.
    timelines_changed: BTreeSet<ConversationId>,
    /// The conversation on the screen: it is made ready before all others.
    pub(crate) looked_at: Option<ConversationId>,
    /// An invitation that somebody looks at before they use it.
    pub(crate) looking_at: Option<Invitation>,
    /// A reset link that somebody looks at before they use it.
    pub(crate) looking_at_reset: Option<ResetLink>,
    /// A reset link that is being made, and for whom.
    pub(crate) resetting: Option<(protocol::MemberId, ResetLink)>,
    /// Why the store takes nothing any more.
    stopped: Option<Failure>,
}

/// What an engine holds in memory of what its store holds.
pub(crate) struct Held {
    own: Option<Own>,
    signed_out: bool,
    vault: VaultMirror,
    people: People,
    conversations: BTreeMap<ConversationId, Conversation>,
    outbox: Outbox,
    loose: Loose,
    devices: Devices,
    timed: TimedSecrets,
    next_expiry: Option<u64>,
    asked_with_passphrase: Option<Asked>,
}

/// Conversations whose MLS state is loaded in one input.
const LOADS: usize = 8;

impl<S: Store> Engine<S> {
    /// Takes what the store holds and asks for a connection.
    ///
    /// # Errors
    /// [`Failure::Store`] when the store can't be read or holds what this version can't read.
    pub fn open(
        store: S,
        config: Config,
        random: Arc<dyn Random>,
        now: Millis,
    ) -> Result<Self, Failure> {
        let mut engine = Self {
            store,
            config,
            rng: ambient::generator(random.as_ref()),
            now,
            out: VecDeque::new(),
            batch: Batch::default(),
            connection: Connection::new(now),
            own: None,
            signed_out: false,
            flow: None,
            held: Vec::new(),
            vault: VaultMirror::default(),
            people: People::default(),
            conversations: BTreeMap::new(),
            openings: Vec::new(),
            groups_at_work: BTreeSet::new(),
            unlinked: BTreeSet::new(),
            stuck: BTreeSet::new(),
            over: BTreeSet::new(),
            left_out: BTreeSet::new(),
            outbox: Outbox::default(),
            loose: Loose::default(),
            server_time: ServerTime::default(),
            timed: TimedSecrets::default(),
            next_expiry: None,
            devices: Devices::default(),
            recovery_told: RecoveryView::default(),
            requests: Requests::default(),
            approvals: Approvals::default(),
            sign_in_told: false,
            requests_changed: false,
            proof: None,
            asked_with_passphrase: None,
            recent_messages: std::collections::HashMap::new(),
            forgotten_states: BTreeSet::new(),
            loads_left: LOADS,
            more_to_do: false,
            list_changed: false,
            timelines_changed: BTreeSet::new(),
            looked_at: None,
            looking_at: None,
            looking_at_reset: None,
            resetting: None,
            stopped: None,
        };
        engine.load()?;
        engine.out.push_back(Output::Connect);
        Ok(engine)
    }

    fn load(&mut self) -> Result<(), Failure> {
        self.server_time.load(&self.store)?;
        self.own = Own::load(&self.store)?;
        if self.own.is_none() {
            return Ok(());
        }
        self.vault.load(&self.store)?;
        self.people.load(&self.store)?;
        self.load_own_certificate();
        self.load_conversations()?;
        self.timed.load(&self.store, &mut self.rng)?;
        self.load_expiries()?;
        self.loose.load(&self.store, self.now)?;
        self.devices.load(&self.store)?;
        self.load_asked()?;
        self.outbox.load(&self.store)
    }

    /// The transport is open.
    pub fn connected(&mut self, now: Millis) {
        self.set_now(now);
        if self.stopped.is_some() {
            self.hang_up();
            return;
        }
        self.connection.opened(now);
        self.tell(Update::Connection(ConnectionView::Connecting));
        self.flush();
    }

    /// The transport closed, or could not be opened.
    pub fn disconnected(&mut self, now: Millis) {
        self.set_now(now);
        self.lost_connection();
        self.flush();
    }

    /// The network is there again, as the operating system says: tries at once.
    pub fn network_returned(&mut self, now: Millis) {
        self.set_now(now);
        if self.stopped.is_some() {
            return;
        }
        self.retry_now();
        self.flush();
    }

    /// A frame arrived.
    pub fn frame(&mut self, now: Millis, bytes: &[u8]) {
        self.frames(now, [bytes]);
    }

    /// Frames arrived, in this order: what they change is written together, before anything is said of any of them.
    pub fn frames<'f>(&mut self, now: Millis, frames: impl IntoIterator<Item = &'f [u8]>) {
        self.set_now(now);
        if self.stopped.is_some() {
            return;
        }
        self.sweep();
        for bytes in frames {
            if self.out.contains(&Output::Disconnect) {
                break; // given up: what else came on it counts for nothing
            }
            self.receive(bytes);
        }
        self.settle();
        self.flush();
    }

    /// A person asks for something.
    pub fn command(&mut self, now: Millis, command: Command) {
        self.set_now(now);
        let doing = command.doing();
        if let Some(failure) = self.stopped.clone() {
            let again = match command {
                Command::RetryNow => self.begin_again(),
                _ => Err(failure),
            };
            if let Err(failure) = again {
                return self.fail(doing, failure);
            }
        }
        self.sweep();
        if let Some(command) = self.hold_back(command)
            && let Err(failure) = self.carry_out(command)
        {
            self.fail(doing, failure);
        }
        self.settle();
        self.flush_after(Some(doing));
    }

    /// Time has passed: call it at [`Engine::next_deadline`].
    pub fn tick(&mut self, now: Millis) {
        self.set_now(now);
        if self.stopped.is_some() {
            return;
        }
        self.sweep();
        self.connection_tick();
        self.waiting_tick();
        self.approvals_tick();
        self.outbox.release(now);
        self.vault.release(now);
        self.receipts_tick();
        self.settle();
        self.flush();
    }

    /// When [`Engine::tick`] is due (ms since 1970).
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        if self.stopped.is_some() {
            return None;
        }
        // what waits for a synced connection is looked at when there is one
        let work = [
            self.receipts_deadline(),
            self.outbox.deadline(),
            self.vault.deadline(),
            self.held_until(),
            self.loose_deadline(),
            self.change_deadline(),
            self.groups_deadline(),
            self.timed_deadline(),
            self.repairs_deadline(),
            self.links_deadline(),
            self.forgotten_deadline(),
            self.restarts_deadline(),
            self.left_out_deadline(),
            self.over_deadline(),
        ];
        let soon = self.more_to_do.then_some(self.now + 1);
        let work = work.into_iter().chain([soon]);
        let work = work.filter(|_| self.connection.synced());
        let always = [
            self.connection.deadline(),
            self.expiry_deadline(),
            self.waiting_deadline(),
            self.approvals_deadline(),
        ];
        work.chain(always).flatten().min()
    }

    /// When something that was refused for the moment may be asked for again.
    fn held_until(&self) -> Option<Millis> {
        let conversations = self.conversations.values().filter_map(|c| c.held);
        let held = conversations.chain(self.people.held);
        held.filter(|at| *at > self.now).min()
    }

    /// The next thing for the driver to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// The store, for tests that look into it.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The store, for tests that crash a device.
    pub fn into_store(self) -> S {
        self.store
    }

    /// What has disappeared goes first, before anything is read or said.
    fn sweep(&mut self) {
        self.sweep_expired();
        self.sweep_timed();
    }

    /// Moves on everything that can move: vault writes, conversations that are being opened, the outbox.
    fn settle(&mut self) {
        self.more_to_do = false;
        if !self.connection.synced() {
            return;
        }
        self.work_vault();
        self.settle_asked();
        self.work_loose();
        self.want_timed();
        self.work_openings();
        self.work_conversations();
        self.work_groups();
        self.work_repairs();
        self.work_links();
        self.work_stuck();
        self.work_over();
        self.work_left_out();
        self.work_outbox();
        self.work_vault();
        self.tell_recovery();
        self.tell_forgotten();
        self.tell_approvals();
    }

    /// Writes what changed, before any output is given out.
    fn flush(&mut self) {
        self.flush_after(None);
    }

    /// The same; `doing`: the command that changed it.
    fn flush_after(&mut self, doing: Option<Doing>) {
        self.recent_messages.clear();
        self.forgotten_states.clear();
        self.loads_left = LOADS;
        let batch = std::mem::take(&mut self.batch);
        if batch.changes.is_empty() || self.stopped.is_some() {
            // nothing to write
        } else if let Err(error) = self.store.commit(batch) {
            return self.stop(error, doing);
        }
        // many entries of one input change the same views
        for id in std::mem::take(&mut self.timelines_changed) {
            self.out.push_back(Output::Update(Update::Timeline(id)));
        }
        if std::mem::take(&mut self.list_changed) {
            self.out.push_back(Output::Update(Update::Conversations));
        }
    }

    /// Without a store nothing may be sent: what it was about to do would be forgotten. Nothing goes on before a person
    /// tries again ([`Command::RetryNow`]), or the app is started again.
    fn stop(&mut self, error: StoreError, doing: Option<Doing>) {
        let failure = match error {
            StoreError::Failed(why) => Failure::Store(format!(
                "{why}; nothing is kept any more: try again, or start the app again"
            )),
            other => other.into(),
        };
        let held = std::mem::take(&mut self.held);
        self.lost_connection();
        self.forget_unkept();
        // what was not kept is not shown either; where that can't be read now, it is when somebody tries again
        let _ = self.read_again();
        self.stopped = Some(failure.clone());
        self.held = held; // what was told before this is forgotten
        self.fail_held();
        let offline = self.connection_view();
        self.tell(Update::Connection(offline));
        if let Some(doing) = doing.filter(|doing| *doing != Doing::Background) {
            self.fail(doing, failure.clone());
        }
        self.fail(Doing::Background, failure);
        self.out.push_back(Output::Update(Update::Conversations));
        self.out.push_back(Output::Disconnect);
    }

    /// Goes on from what the store holds, after it had taken nothing more.
    fn begin_again(&mut self) -> Result<(), Failure> {
        self.read_again()?;
        self.stopped = None;
        self.tell(Update::Conversations);
        let open: Vec<_> = self.conversations.keys().copied().collect();
        for id in open {
            self.tell(Update::Timeline(id));
        }
        Ok(())
    }

    /// Drops what this input changed and nobody has heard of.
    fn forget_unkept(&mut self) {
        self.batch = Batch::default();
        self.out.clear();
        self.recent_messages.clear();
        self.forgotten_states.clear();
        self.timelines_changed.clear();
        self.list_changed = false;
    }

    /// Takes what the store holds in place of what is in memory. When that fails, all stays as it was.
    fn read_again(&mut self) -> Result<(), Failure> {
        let before = self.take_held();
        let read = self.load();
        if read.is_err() {
            self.put_back(before);
        }
        self.forget_unkept();
        read
    }

    /// Everything that is in the store too, and what begins anew with an engine.
    pub(crate) fn take_held(&mut self) -> Held {
        self.flow = None;
        self.proof = None;
        self.requests = Requests::default();
        self.approvals = Approvals::default();
        self.openings.clear();
        self.groups_at_work.clear();
        self.unlinked.clear();
        self.stuck.clear();
        self.over.clear();
        self.left_out.clear();
        self.more_to_do = false;
        Held {
            own: self.own.take(),
            signed_out: std::mem::take(&mut self.signed_out),
            vault: std::mem::take(&mut self.vault),
            people: std::mem::take(&mut self.people),
            conversations: std::mem::take(&mut self.conversations),
            outbox: std::mem::take(&mut self.outbox),
            loose: std::mem::take(&mut self.loose),
            devices: std::mem::take(&mut self.devices),
            timed: std::mem::take(&mut self.timed),
            next_expiry: self.next_expiry.take(),
            asked_with_passphrase: self.asked_with_passphrase.take(),
        }
    }

    fn put_back(&mut self, held: Held) {
        self.own = held.own;
        self.signed_out = held.signed_out;
        self.vault = held.vault;
        self.people = held.people;
        self.conversations = held.conversations;
        self.outbox = held.outbox;
        self.loose = held.loose;
        self.devices = held.devices;
        self.timed = held.timed;
        self.next_expiry = held.next_expiry;
        self.asked_with_passphrase = held.asked_with_passphrase;
    }

    pub(crate) fn tell(&mut self, update: Update) {
        match update {
            Update::Conversations => {
                self.list_changed = true;
                return;
            }
            Update::Timeline(id) => {
                self.timelines_changed.insert(id);
                return;
            }
            _ => {}
        }
        let output = Output::Update(update);
        if self.out.back() != Some(&output) {
            self.out.push_back(output);
        }
    }

    pub(crate) fn fail(&mut self, doing: Doing, failure: Failure) {
        self.tell(Update::Failed { doing, failure });
    }

    pub(crate) fn send_frame(&mut self, frame: Bytes) {
        if self.stopped.is_none() {
            self.out.push_back(Output::Send(frame));
        }
    }
}
