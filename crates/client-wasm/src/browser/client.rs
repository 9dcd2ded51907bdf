//! What the worker's script holds: one client, which is opened, commanded and asked.

use std::{cell::RefCell, rc::Rc};

use ambient::SystemRandom;
use client::StoreError;
use e2ee::{
    invitation::Invitation,
    local::{KeptKey, StoreKey},
    passphrase::{self, Language, six_words},
};
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::{
    disk::{self, Pool},
    driver::{Core, Driver},
    idb::{self, Idb},
    js::{error, from_js, scope, to_js},
    kept::Kept,
    keys, panic,
};
use crate::{
    convert,
    once::CommandId,
    types::{Command, InvitationInfo, OpenOptions, Opened, StorageState, Update, Why},
};

/// The engine in a browser. Its methods are those of `Engine` in `web/src/engine/contract.ts`.
#[wasm_bindgen]
pub struct Client {
    tell: Function,
    host: Rc<RefCell<Host>>,
    _online: Closure<dyn FnMut()>,
}

/// What is open.
#[derive(Default)]
struct Host {
    driver: Option<Rc<RefCell<Driver>>>,
    kept: Option<Kept>,
    pool: Option<Pool>,
    idb: Option<Idb>,
    storage: Storage,
}

/// Where things are to be kept.
#[derive(Default, Clone, Copy)]
struct Storage {
    on_disk: bool,
    why: Option<Why>,
    persistent: bool,
    app_lock: bool,
}

impl Storage {
    fn shown(self) -> StorageState {
        StorageState {
            kept: if self.on_disk { "disk" } else { "memory" },
            why: self.why,
            persistent: self.persistent,
            app_lock: self.app_lock,
        }
    }
}

#[wasm_bindgen]
impl Client {
    /// A client that is not open yet. `tell` is called with every update.
    #[wasm_bindgen(constructor)]
    pub fn new(tell: Function) -> Self {
        panic::install();
        let host = Rc::new(RefCell::new(Host::default()));
        let seen = Rc::clone(&host);
        let online = Closure::<dyn FnMut()>::new(move || {
            let driver = seen.borrow().driver.clone();
            if let Some(driver) = driver {
                driver.borrow_mut().network_returned();
            }
        });
        scope().set_ononline(Some(online.as_ref().unchecked_ref()));
        Self {
            tell,
            host,
            _online: online,
        }
    }

    /// Opens store and engine; what is open stays as it is.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn open(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let options: OpenOptions = from_js(options)?;
        if self.host.borrow().driver.is_none() {
            match self.prepare(&options).await? {
                Ok(kept) => self.start(kept)?,
                Err(refused) => return to_js(&refused),
            }
        }
        to_js(&Opened::Ready {
            state: self.current().await?,
        })
    }

    /// Runs a command; one of that name that ran already is left out. Answers come as updates.
    ///
    /// # Errors
    /// When the command can't be read or nothing is open.
    pub async fn command(&self, id: &[u8], command: JsValue) -> Result<(), JsValue> {
        let id: CommandId = id
            .try_into()
            .map_err(|_| error("a command id has 16 bytes"))?;
        let command: Command = from_js(command)?;
        let doing = convert::of(&command);
        if matches!(
            command,
            Command::SetUp { .. } | Command::Register { .. } | Command::SignIn { .. }
        ) {
            self.keep_from_now_on().await?;
        }
        match convert::command(command) {
            Ok(command) => self.driver()?.borrow_mut().command(id, command),
            Err(failure) => tell(&self.tell, &Update::Failed { doing, failure }),
        }
        Ok(())
    }

    /// Everything that a screen needs when it begins.
    ///
    /// # Errors
    /// When nothing is open.
    pub async fn state(&self) -> Result<JsValue, JsValue> {
        to_js(&self.current().await?)
    }

    /// A page of a timeline.
    ///
    /// # Errors
    /// When nothing is open or there is no such conversation.
    pub fn timeline(
        &self,
        conversation: &str,
        before: Option<f64>,
        limit: usize,
    ) -> Result<JsValue, JsValue> {
        let conversation = conversation
            .parse()
            .map_err(|_| error("there is no such conversation"))?;
        let driver = self.driver()?;
        let page = driver
            .borrow()
            .core()
            .timeline(conversation, before.map(|seq| seq as u64), limit)
            .map_err(|failure| error(&failure.to_string()))?;
        to_js(&convert::page(page))
    }

    /// The 60 digits that two people compare.
    ///
    /// # Errors
    /// When nothing is open.
    #[wasm_bindgen(js_name = safetyNumber)]
    pub fn safety_number(&self, member: &str) -> Result<Option<String>, JsValue> {
        let driver = self.driver()?;
        let driver = driver.borrow();
        Ok(member
            .parse()
            .ok()
            .and_then(|member| driver.core().safety_number(member)))
    }

    /// Five words.
    #[wasm_bindgen(js_name = generatePassphrase)]
    #[must_use]
    pub fn generate_passphrase(&self, language: &str) -> String {
        let language = match language {
            "fr" => Language::French,
            _ => Language::English,
        };
        let mut rng = ambient::generator(&SystemRandom);
        passphrase::generate(&mut rng, language).reveal().to_owned()
    }

    /// 0 to 4.
    #[wasm_bindgen(js_name = passphraseStrength)]
    #[must_use]
    pub fn passphrase_strength(&self, typed: &str, hints: Vec<String>) -> u8 {
        let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        passphrase::prepare(typed)
            .map(|typed| passphrase::strength(typed.reveal(), &hints))
            .unwrap_or_default()
    }

    /// What an invitation says of itself; null when it is none.
    ///
    /// # Errors
    /// When the browser fails.
    #[wasm_bindgen(js_name = readInvitation)]
    pub fn read_invitation(&self, link: &str) -> Result<JsValue, JsValue> {
        let info = Invitation::decode(link)
            .ok()
            .map(|invitation| InvitationInfo {
                words: six_words(invitation.ca.as_bytes())
                    .map(str::to_owned)
                    .to_vec(),
                addresses: invitation.addresses,
            });
        to_js(&info)
    }

    /// Forgets everything that is kept in this browser. Afterwards the worker must be ended: another begins anew.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn wipe(&self) -> Result<(), JsValue> {
        let pool = {
            let mut host = self.host.borrow_mut();
            host.driver = None;
            if let Some(kept) = host.kept.take() {
                kept.close();
            }
            host.idb = None;
            host.pool.take()
        };
        if let Some(pool) = pool {
            pool.release().map_err(store_error)?;
        }
        idb::delete().await?;
        if disk::is_supported().await {
            disk::remove().await?;
        }
        Ok(())
    }
}

impl Client {
    fn driver(&self) -> Result<Rc<RefCell<Driver>>, JsValue> {
        let driver = self.host.borrow().driver.clone();
        driver.ok_or_else(|| error("open the engine first"))
    }

    fn start(&self, kept: Kept) -> Result<(), JsValue> {
        let tell_app = self.tell.clone();
        let on_disk = self.host.borrow().storage.on_disk;
        let driver = Driver::start(kept.clone(), move |core: &Core, update| {
            if let Some(update) = convert::update(core, !on_disk, update) {
                tell(&tell_app, &update);
            }
        })
        .map_err(|failure| error(&failure.to_string()))?;
        let mut host = self.host.borrow_mut();
        host.driver = Some(driver);
        host.kept = Some(kept);
        Ok(())
    }

    async fn current(&self) -> Result<crate::types::State, JsValue> {
        let persistent = disk::persisted().await;
        self.host.borrow_mut().storage.persistent = persistent;
        let driver = self.driver()?;
        let storage = self.host.borrow().storage.shown();
        let driver = driver.borrow();
        Ok(convert::state(driver.core(), storage))
    }

    /// The store that there is, or memory until somebody signs in.
    async fn prepare(&self, options: &OpenOptions) -> Result<Result<Kept, Opened>, JsValue> {
        if options.in_memory {
            self.host.borrow_mut().storage.why = Some(Why::Public);
            return Ok(Ok(Kept::in_memory()));
        }
        if !disk::is_supported().await {
            self.host.borrow_mut().storage.why = Some(Why::Unsupported);
            return Ok(Ok(Kept::in_memory()));
        }
        self.host.borrow_mut().storage.on_disk = true;
        if !disk::exists().await? {
            return Ok(Ok(Kept::in_memory()));
        }
        let idb = Idb::open().await?;
        match keys::load(&idb).await? {
            Some(KeptKey::Open(key)) => {
                self.host.borrow_mut().idb = Some(idb);
                self.open_disk(&key).await.map(Ok).map_err(store_error)
            }
            Some(KeptKey::Locked(_)) => Ok(Err(Opened::Locked { wrong: false })),
            // without its key a store is of no use
            None => {
                disk::remove().await?;
                Ok(Ok(Kept::in_memory()))
            }
        }
    }

    async fn open_disk(&self, key: &StoreKey) -> Result<Kept, StoreError> {
        let pool = Pool::open().await?;
        let database = pool.database(key)?;
        self.host.borrow_mut().pool = Some(pool);
        Ok(Kept::on_disk(database))
    }

    /// Somebody is about to sign in: what is kept from now on goes to the disk, if that was wanted.
    async fn keep_from_now_on(&self) -> Result<(), JsValue> {
        let (wanted, kept) = {
            let host = self.host.borrow();
            (
                host.storage.on_disk && host.pool.is_none(),
                host.kept.clone(),
            )
        };
        let Some(kept) = kept.filter(|_| wanted) else {
            return Ok(());
        };
        let idb = Idb::open().await?;
        let key = StoreKey::generate(&mut ambient::generator(&SystemRandom));
        keys::save(&idb, &KeptKey::Open(key.clone())).await?;
        let pool = Pool::open().await.map_err(store_error)?;
        let database = pool.database(&key).map_err(store_error)?;
        kept.move_to(database).map_err(store_error)?;
        let mut host = self.host.borrow_mut();
        host.pool = Some(pool);
        host.idb = Some(idb);
        Ok(())
    }
}

fn tell(to: &Function, update: &Update) {
    // a function that fails can't be told so
    let _ = to_js(update).and_then(|update| to.call1(&JsValue::NULL, &update));
}

fn store_error(failure: StoreError) -> JsValue {
    error(&failure.to_string())
}
