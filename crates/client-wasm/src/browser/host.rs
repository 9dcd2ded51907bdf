//! What is open: the engine and where its store is.

use std::{cell::RefCell, rc::Rc};

use ambient::SystemRandom;
use client::StoreError;
use e2ee::{
    Error,
    local::{KeptKey, LockedKey, StoreKey},
    opaque::Stretching,
    passphrase,
};
use wasm_bindgen::prelude::*;

use super::{
    disk::{self, Pool},
    driver::{Core, Driver},
    idb::{self, Idb},
    js::error,
    kept::Kept,
    keys,
};
use crate::types::{OpenOptions, Secret, StorageState, Update, Why};

/// Where things are to be kept.
#[derive(Default, Clone, Copy)]
struct Storage {
    on_disk: bool,
    why: Option<Why>,
    persistent: bool,
    app_lock: bool,
}

/// What is open. Every field is there from the moment that it is opened until everything is wiped.
#[derive(Default)]
struct Parts {
    driver: Option<Rc<RefCell<Driver>>>,
    kept: Option<Kept>,
    pool: Option<Pool>,
    idb: Option<Idb>,
    key: Option<StoreKey>,
    storage: Storage,
    /// It was told that what is kept was removed.
    cleared: bool,
}

/// The engine and its store. Clones are the same.
#[derive(Clone)]
pub(crate) struct Host {
    parts: Rc<RefCell<Parts>>,
    tell: Rc<dyn Fn(Update)>,
}

/// How it was opened.
pub(crate) enum Opened {
    Ready,
    /// Not without the word, or not with this one.
    Locked {
        wrong: bool,
    },
    /// Another worker must begin, as this one can't change what it has open; first what is here is wiped, or not.
    Anew {
        wipe: bool,
    },
}

impl Host {
    pub(crate) fn new(tell: impl Fn(Update) + 'static) -> Self {
        Self {
            parts: Rc::default(),
            tell: Rc::new(tell),
        }
    }

    /// The engine.
    pub(crate) fn driver(&self) -> Option<Rc<RefCell<Driver>>> {
        self.parts.borrow().driver.clone()
    }

    /// Where things are kept.
    pub(crate) async fn storage(&self) -> StorageState {
        let persistent = disk::persisted().await;
        let mut parts = self.parts.borrow_mut();
        parts.storage.persistent = persistent;
        let storage = parts.storage;
        StorageState {
            kept: if storage.on_disk { "disk" } else { "memory" },
            why: storage.why,
            persistent,
            app_lock: storage.app_lock,
        }
    }

    /// Whether nothing is kept on the disk.
    pub(crate) fn in_memory(&self) -> bool {
        !self.parts.borrow().storage.on_disk
    }

    /// Opens store and engine. What is open stays, unless nobody is signed in and it is wanted elsewhere.
    pub(crate) async fn open(&self, options: OpenOptions) -> Result<Opened, StoreError> {
        if let Some(driver) = self.driver() {
            // whoever was signed out from elsewhere signs in anew, and says anew whether this is a public computer
            let signed_in = {
                let driver = driver.borrow();
                driver.core().me().is_some() && !driver.core().is_signed_out()
            };
            let elsewhere = !signed_in && options.in_memory != self.is_public();
            return Ok(if elsewhere {
                Opened::Anew {
                    wipe: options.in_memory,
                }
            } else {
                Opened::Ready
            });
        }
        let (why, on_disk) = match options.in_memory {
            true => (Some(Why::Public), false),
            false if disk::is_supported().await => (None, true),
            false => (Some(Why::Unsupported), false),
        };
        let kept = if on_disk {
            match self.find(options.unlock.as_ref()).await? {
                Found::Store(kept) => kept,
                Found::Locked { wrong } => return Ok(Opened::Locked { wrong }),
            }
        } else {
            Kept::in_memory()
        };
        {
            let mut parts = self.parts.borrow_mut();
            parts.storage.why = why;
            parts.storage.on_disk = on_disk;
        }
        self.start(kept)?;
        Ok(Opened::Ready)
    }

    fn is_public(&self) -> bool {
        self.parts.borrow().storage.why == Some(Why::Public)
    }

    fn start(&self, kept: Kept) -> Result<(), StoreError> {
        let host = self.clone();
        let driver = Driver::start(kept.clone(), move |core: &Core, update| {
            if let Some(update) = crate::convert::update(core, host.in_memory(), update) {
                (host.tell)(update);
            }
        })?;
        let mut parts = self.parts.borrow_mut();
        parts.driver = Some(driver);
        parts.kept = Some(kept);
        Ok(())
    }

    /// The store on the disk, or memory until somebody signs in.
    async fn find(&self, unlock: Option<&Secret>) -> Result<Found, StoreError> {
        if !disk::exists().await.map_err(disk::thrown)? {
            return Ok(Found::Store(Kept::in_memory()));
        }
        let idb = Idb::open().await.map_err(disk::thrown)?;
        let Some(kept) = keys::load(&idb).await.map_err(disk::thrown)? else {
            // without its key a store is of no use
            disk::remove().await.map_err(disk::thrown)?;
            return Ok(Found::Store(Kept::in_memory()));
        };
        let (key, app_lock) = match kept {
            KeptKey::Open(key) => (key, false),
            KeptKey::Locked(locked) => {
                let Some(word) = unlock else {
                    return Ok(Found::Locked { wrong: false });
                };
                match unlocked(&locked, word)? {
                    Some(key) => (key, true),
                    None => return Ok(Found::Locked { wrong: true }),
                }
            }
        };
        let pool = Pool::open().await?;
        let database = pool.database(&key);
        // also where the database can't be opened: it can be removed only by who lets go of its files
        self.hold(pool, idb, key);
        self.parts.borrow_mut().storage.app_lock = app_lock;
        Ok(Found::Store(Kept::on_disk(database?)))
    }

    /// Keeps hold of what belongs to the store on the disk.
    fn hold(&self, pool: Pool, mut idb: Idb, key: StoreKey) {
        let (parts, tell) = (Rc::downgrade(&self.parts), Rc::clone(&self.tell));
        // everything of this origin was cleared at once: what is open is gone as well
        idb.on_cleared(move || {
            if let Some(parts) = parts.upgrade() {
                let tell = Rc::clone(&tell);
                Self { parts, tell }.tell_cleared();
            }
        });
        let mut parts = self.parts.borrow_mut();
        parts.pool = Some(pool);
        parts.idb = Some(idb);
        parts.key = Some(key);
    }

    /// Looks whether what is kept is still there: browsers let go of files that are open without a word.
    pub(crate) async fn look(&self) {
        let holds = self.parts.borrow().pool.is_some();
        // an answer that does not come says nothing
        if holds && matches!(disk::exists().await, Ok(false)) && self.parts.borrow().pool.is_some()
        {
            self.tell_cleared();
        }
    }

    /// Tells it once, with what is lost by it as far as it is in memory.
    fn tell_cleared(&self) {
        if std::mem::replace(&mut self.parts.borrow_mut().cleared, true) {
            return;
        }
        let driver = self.driver();
        let driver = driver.as_ref().and_then(|driver| driver.try_borrow().ok());
        let unsent = driver.map_or_else(Vec::new, |driver| crate::convert::unsent(driver.core()));
        (self.tell)(Update::Wiped {
            cleared: Some(unsent),
        });
    }

    /// Somebody is about to sign in: what is kept from now on goes to the disk, if that is wanted.
    pub(crate) async fn keep_from_now_on(&self) -> Result<(), StoreError> {
        let (wanted, kept) = {
            let parts = self.parts.borrow();
            let wanted = parts.storage.on_disk && parts.pool.is_none();
            (wanted, parts.kept.clone())
        };
        let Some(kept) = kept.filter(|_| wanted) else {
            return Ok(());
        };
        let idb = Idb::open().await.map_err(disk::thrown)?;
        let key = StoreKey::generate(&mut ambient::generator(&SystemRandom));
        keys::save(&idb, &KeptKey::Open(key.clone()))
            .await
            .map_err(disk::thrown)?;
        let pool = Pool::open().await?;
        kept.move_to(pool.database(&key)?)?;
        self.hold(pool, idb, key);
        Ok(())
    }

    /// Sets or removes the app lock.
    pub(crate) async fn set_app_lock(&self, unlock: Option<Secret>) -> Result<(), JsValue> {
        let (key, idb) = {
            let mut parts = self.parts.borrow_mut();
            (parts.key.clone(), parts.idb.take())
        };
        let (Some(key), Some(idb)) = (key, idb) else {
            return Err(error("nothing is kept here that could be locked"));
        };
        let app_lock = unlock.is_some();
        let saved = match locked(key, unlock) {
            Ok(kept) => keys::save(&idb, &kept).await,
            Err(refused) => Err(error(&refused)),
        };
        let mut parts = self.parts.borrow_mut();
        parts.idb = Some(idb);
        if saved.is_ok() {
            parts.storage.app_lock = app_lock;
        }
        saved
    }

    /// Forgets everything that is kept in this browser: first the key, without which the rest is of no use to anybody. Afterwards the
    /// worker must be ended.
    pub(crate) async fn wipe(&self) -> Result<(), JsValue> {
        let parts = std::mem::take(&mut *self.parts.borrow_mut());
        drop(parts.driver);
        if let Some(kept) = parts.kept {
            kept.close();
        }
        drop(parts.idb);
        let forgotten = idb::delete().await;
        let released = parts.pool.map_or(Ok(()), |pool| pool.release());
        if disk::is_supported().await {
            disk::remove().await?;
        }
        released.map_err(|failure| error(&failure.to_string()))?;
        forgotten
    }
}

enum Found {
    Store(Kept),
    Locked { wrong: bool },
}

fn unlocked(locked: &LockedKey, word: &Secret) -> Result<Option<StoreKey>, StoreError> {
    let Ok(word) = passphrase::prepare(word.reveal()) else {
        return Ok(None);
    };
    match locked.open(&word) {
        Ok(key) => Ok(Some(key)),
        Err(Error::CannotOpen(_)) => Ok(None),
        Err(failure) => Err(StoreError::Failed(failure.to_string())),
    }
}

fn locked(key: StoreKey, word: Option<Secret>) -> Result<KeptKey, String> {
    let Some(word) = word else {
        return Ok(KeptKey::Open(key));
    };
    let word = passphrase::prepare(word.reveal()).map_err(|refused| refused.to_string())?;
    let mut rng = ambient::generator(&SystemRandom);
    LockedKey::lock(&mut rng, &key, &word, Stretching::PRODUCTION)
        .map(KeptKey::Locked)
        .map_err(|refused| refused.to_string())
}
