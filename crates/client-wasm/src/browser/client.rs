//! What the worker's script holds: one client, which is opened, commanded and asked.

use std::{cell::RefCell, rc::Rc};

use ambient::SystemRandom;
use e2ee::{
    invitation::Invitation,
    passphrase::{self, Language, six_words},
    recovery::RecoveryCode,
};
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{
    driver::Driver,
    host::{Host, Opened as Outcome},
    js::{error, from_js, object, scope, to_js},
    panic,
};
use crate::{
    convert,
    once::CommandId,
    types::{Command, InvitationInfo, Opened, State, Update},
};

/// The engine in a browser. Its methods are those of `Engine` in `web/src/engine/contract.ts`.
#[wasm_bindgen]
pub struct Client {
    host: Host,
    _online: Closure<dyn FnMut()>,
}

#[wasm_bindgen]
impl Client {
    /// A client that is not open yet. `tell` is called with every update.
    #[wasm_bindgen(constructor)]
    pub fn new(tell: Function) -> Self {
        panic::install();
        let host = Host::new(move |update: Update| {
            // a function that fails can't be told so
            let _ = to_js(&update).and_then(|update| tell.call1(&JsValue::NULL, &update));
        });
        let seen = host.clone();
        let online = Closure::<dyn FnMut()>::new(move || {
            if let Some(driver) = seen.driver() {
                driver.borrow_mut().network_returned();
            }
        });
        scope().set_ononline(Some(online.as_ref().unchecked_ref()));
        Self {
            host,
            _online: online,
        }
    }

    /// Opens store and engine; what is open stays as it is. `{is: 'anew', wipe}`: another worker must be started to
    /// open it so, after this one was wiped or not.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn open(&self, options: JsValue) -> Result<JsValue, JsValue> {
        match self.host.open(from_js(options)?).await {
            Ok(Outcome::Ready) => to_js(&Opened::Ready {
                state: self.current().await?,
            }),
            Ok(Outcome::Locked { wrong }) => to_js(&Opened::Locked { wrong }),
            Ok(Outcome::Anew { wipe }) => {
                Ok(object(&[("is", "anew".into()), ("wipe", wipe.into())])?.into())
            }
            Err(refused) => to_js(&Opened::Failed {
                failure: convert::store_failure(refused),
            }),
        }
    }

    /// Runs a command; one of that name that ran already is left out. Answers come as updates.
    ///
    /// # Errors
    /// When the command can't be read or nothing is open.
    pub async fn command(&self, id: &[u8], command: JsValue) -> Result<JsValue, JsValue> {
        let id: CommandId = id
            .try_into()
            .map_err(|_| error("a command id has 16 bytes"))?;
        let command: Command = from_js(command)?;
        let doing = convert::of(&command);
        let signs_in = matches!(
            command,
            Command::SetUp { .. } | Command::Register { .. } | Command::SignIn { .. }
        );
        let kept = match signs_in {
            true => self.host.keep_from_now_on().await,
            false => Ok(()),
        };
        let command = kept
            .map_err(convert::store_failure)
            .and_then(|()| convert::command(command));
        match command {
            Ok(command) => {
                self.driver()?.borrow_mut().command(id, command);
                Ok(JsValue::NULL)
            }
            Err(failure) => to_js(&Update::Failed { doing, failure }),
        }
    }

    /// Looks whether what is kept is still there, and tells where it is not.
    pub async fn look(&self) {
        self.host.look().await;
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
    pub fn timeline(&self, at: JsValue) -> Result<JsValue, JsValue> {
        let at: convert::At = from_js(at)?;
        let driver = self.driver()?;
        let page = convert::timeline(driver.borrow().core(), &at);
        to_js(&page.map_err(|failure| error(&failure))?)
    }

    /// The picture of a group, a JPEG; null where it has none of that name.
    ///
    /// # Errors
    /// When nothing is open, there is no such conversation, or the store fails.
    pub fn picture(&self, conversation: &str, name: &str) -> Result<JsValue, JsValue> {
        let driver = self.driver()?;
        let driver = driver.borrow();
        let picture = convert::picture(driver.core(), conversation, name);
        let picture = picture.map_err(|failure| error(&failure))?;
        Ok(picture.map_or(JsValue::NULL, |jpeg| Uint8Array::from(&jpeg[..]).into()))
    }

    /// The 60 digits that two people compare; null for nobody.
    ///
    /// # Errors
    /// When nothing is open.
    #[wasm_bindgen(js_name = safetyNumber)]
    pub fn safety_number(&self, member: &str) -> Result<JsValue, JsValue> {
        let driver = self.driver()?;
        let driver = driver.borrow();
        let member = member.parse().ok();
        to_js(&member.and_then(|member| driver.core().safety_number(member)))
    }

    /// What the QR code of the safety number holds; null for nobody.
    ///
    /// # Errors
    /// When nothing is open.
    #[wasm_bindgen(js_name = safetyCode)]
    pub fn safety_code(&self, member: &str) -> Result<JsValue, JsValue> {
        let driver = self.driver()?;
        let driver = driver.borrow();
        let member = member.parse().ok();
        let code = member.and_then(|member| driver.core().safety_code(member));
        Ok(code.map_or(JsValue::NULL, |code| Uint8Array::from(&code[..]).into()))
    }

    /// Compares a scanned code.
    ///
    /// # Errors
    /// When nothing is open.
    #[wasm_bindgen(js_name = checkSafetyCode)]
    pub fn check_safety_code(&self, member: &str, code: &[u8]) -> Result<JsValue, JsValue> {
        let driver = self.driver()?;
        let driver = driver.borrow();
        let member = member.parse().map_err(|_| error("no such person"))?;
        let check = driver.core().check_safety_code(member, code);
        to_js(&convert::safety_check(check))
    }

    /// A new recovery code: six groups of five letters and digits. It counts once `setRecovery` was done with it.
    #[wasm_bindgen(js_name = generateRecoveryCode)]
    #[must_use]
    pub fn generate_recovery_code(&self) -> String {
        let mut rng = ambient::generator(&SystemRandom);
        RecoveryCode::generate(&mut rng).reveal().to_string()
    }

    /// What was typed, as it is shown, where it is a recovery code without typing error; null otherwise.
    #[wasm_bindgen(js_name = readRecoveryCode)]
    #[must_use]
    pub fn read_recovery_code(&self, typed: &str) -> Option<String> {
        let code = RecoveryCode::read(typed).ok()?;
        Some(code.reveal().to_string())
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

    /// What was typed, as it becomes a passphrase; null when it can't be one. How strong it is tells another module.
    #[wasm_bindgen(js_name = preparePassphrase)]
    #[must_use]
    pub fn prepare_passphrase(&self, typed: &str) -> Option<String> {
        let prepared = passphrase::prepare(typed).ok()?;
        Some(prepared.reveal().to_owned())
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

    /// Sets or (null) removes the app lock.
    ///
    /// # Errors
    /// When nothing is kept here, or the browser fails.
    #[wasm_bindgen(js_name = setAppLock)]
    pub async fn set_app_lock(&self, unlock: Option<String>) -> Result<(), JsValue> {
        self.host.set_app_lock(unlock.map(Into::into)).await
    }

    /// Forgets everything that is kept in this browser. Afterwards the worker must be ended: another begins anew.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn wipe(&self) -> Result<(), JsValue> {
        self.host.wipe().await
    }
}

impl Client {
    fn driver(&self) -> Result<Rc<RefCell<Driver>>, JsValue> {
        let driver = self.host.driver();
        driver.ok_or_else(|| error("open the engine first"))
    }

    async fn current(&self) -> Result<State, JsValue> {
        let storage = self.host.storage().await;
        let driver = self.driver()?;
        let driver = driver.borrow();
        Ok(convert::state(driver.core(), storage))
    }
}
