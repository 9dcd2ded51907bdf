//! Real client cores: the engine that people run, under the driver that people run, with its store in memory.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ambient::{SystemClock, SystemRandom};
use client::{
    Batch, Command, Config, Engine, Failure, MemoryStore, NewAccount, Space, Store, StoreError,
    Update,
    store::Rows,
    view::{Item, ItemBody},
};
use client_native::{Driver, Handle, Peer};
use e2ee::{
    invitation::Invitation,
    passphrase::{Language, Passphrase, generate},
};
use protocol::{ConversationId, MemberId};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use crate::{crowd::now, error::Error};

/// How long a core is left alone at most until it is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A store that outlives the engine that uses it, as a folder does.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<MemoryStore>>);

impl Kept {
    fn with<T>(&self, work: impl FnOnce(&mut MemoryStore) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Kept {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|store| store.get(space, key))
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        self.with(|store| store.range(space, from, to, limit, reverse))
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.with(|store| store.commit(batch))
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.with(Store::wipe)
    }
}

/// A device that can be switched on and off.
pub(crate) struct Device {
    peer: Peer,
    store: Kept,
}

/// A device that is switched on.
pub(crate) struct Running {
    handle: Handle<Engine<Kept>>,
    updates: mpsc::Receiver<Update>,
    task: JoinHandle<()>,
}

impl Device {
    pub(crate) fn new(peer: Peer) -> Self {
        Self {
            peer,
            store: Kept::default(),
        }
    }

    /// Opens the store and begins to connect.
    pub(crate) fn switch_on(&self) -> Result<Running, Error> {
        // what the server asks for is what it costs
        let config = Config::cheapest();
        let engine = Engine::open(self.store.clone(), config, Arc::new(SystemRandom), now())
            .map_err(|failure| Error::Core(failure.to_string()))?;
        let (driver, handle, updates) =
            Driver::new(engine, self.peer.clone(), Arc::new(SystemClock))?;
        Ok(Running {
            handle,
            updates,
            task: tokio::spawn(driver.run()),
        })
    }
}

/// One that nobody else has.
pub(crate) fn new_passphrase() -> Passphrase {
    generate(&mut ambient::generator(&SystemRandom), Language::English)
}

impl Running {
    /// Registers with an invitation; gives the new member's id.
    pub(crate) async fn register(
        &mut self,
        invitation: &Invitation,
        name: String,
    ) -> Result<MemberId, Error> {
        self.register_with(invitation, name, new_passphrase()).await
    }

    /// The same, with a passphrase that is needed again.
    pub(crate) async fn register_with(
        &mut self,
        invitation: &Invitation,
        name: String,
        passphrase: Passphrase,
    ) -> Result<MemberId, Error> {
        let account = NewAccount {
            login_name: name.clone(),
            display_name: name,
            passphrase,
            device_name: "load test".to_owned(),
        };
        let invitation = invitation.link().to_string();
        let command = Command::Register {
            invitation,
            account,
        };
        self.command(command).await?;
        self.until("a registration", |engine| {
            engine.me().is_some() && engine.is_idle()
        })
        .await?;
        let me = self.query(|engine| engine.me()).await?;
        me.map(|me| me.member)
            .ok_or_else(|| Error::Core("nobody is signed in".to_owned()))
    }

    /// Tells the core to do something.
    pub(crate) async fn command(&self, command: Command) -> Result<(), Error> {
        let told = self.handle.command(command).await;
        told.map_err(|stopped| Error::Core(stopped.to_string()))
    }

    pub(crate) async fn query<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine<Kept>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let answer = self.handle.query(read).await;
        answer.map_err(|stopped| Error::Core(stopped.to_string()))
    }

    /// Waits until something is so; it is looked at whenever the core tells anything, and now and then.
    pub(crate) async fn until(
        &mut self,
        what: &'static str,
        so: impl Fn(&Engine<Kept>) -> bool + Clone + Send + 'static,
    ) -> Result<(), Error> {
        self.until_told(what, LOOK_AGAIN, so).await
    }

    /// The same, looking after each thing that the core tells and otherwise only so often: for many cores at once.
    pub(crate) async fn until_told(
        &mut self,
        what: &'static str,
        look_again: Duration,
        so: impl Fn(&Engine<Kept>) -> bool + Clone + Send + 'static,
    ) -> Result<(), Error> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let wait = async {
            loop {
                let so = so.clone();
                if self.query(move |engine| so(engine)).await? {
                    return Ok(());
                }
                // not every step of the engine is told
                match timeout(look_again, self.updates.recv()).await {
                    Ok(Some(Update::Failed { failure, .. })) => {
                        return Err(Error::Core(failure.to_string()));
                    }
                    Ok(Some(_)) | Err(_) => {}
                    Ok(None) => return Err(Error::Core("it stopped".to_owned())),
                }
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or(Err(Error::Slow {
            what,
            seconds: PATIENCE.as_secs(),
        }))
    }

    /// How many messages of a conversation were opened and have their text, out of the store.
    pub(crate) async fn texts(&self, id: ConversationId) -> Result<usize, Error> {
        let read = move |engine: &Engine<Kept>| {
            let page = engine.timeline(id, None, usize::MAX)?;
            let is_text = |item: &&Item| matches!(&item.body, ItemBody::Text(_));
            Ok(page.items.iter().filter(is_text).count())
        };
        let texts = self.query(read).await?;
        texts.map_err(|failure: Failure| Error::Core(failure.to_string()))
    }

    /// Switches it off, in order.
    pub(crate) async fn switch_off(self) -> Result<(), Error> {
        self.handle.stop().await;
        self.task.await?;
        Ok(())
    }
}
