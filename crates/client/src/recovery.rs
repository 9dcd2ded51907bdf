//! The recovery code: whether there is one, and what is told of it. Signing in by it is `sign_in.rs`; making it is
//! `passphrase.rs`, since it needs the passphrase.

use ambient::Millis;
use e2ee::{recovery::Connection, vault::WrapKey};
use protocol::{DeviceId, events::Hello};

use crate::{Engine, Store, Update, view::RecoveryView};

/// Who has no recovery code is reminded, once, when they have been there for so long.
const REMIND_AFTER_MS: Millis = 3 * 24 * 3_600_000;

/// The connection that a proof of the code is for.
pub(crate) fn connection_of(hello: &Hello, device: DeviceId) -> Connection {
    Connection {
        instance: hello.instance,
        incarnation: hello.incarnation,
        device,
        challenge: hello.challenge.0,
    }
}

impl<S: Store> Engine<S> {
    /// Whether there is a recovery code, and what is to be said of it.
    #[must_use]
    pub fn recovery(&self) -> RecoveryView {
        let Some((_, wraps)) = self.vault.wraps.as_ref().filter(|_| self.own.is_some()) else {
            return RecoveryView::default();
        };
        let code = wraps.made(WrapKey::RECOVERY_CODE);
        let first = self.devices.first_sign_in;
        let old = first.is_some_and(|first| first + REMIND_AFTER_MS <= self.server_now());
        let unasked = self.knows_settings() && !self.settings().recovery_reminded;
        RecoveryView {
            there: code.is_some(),
            made: code.flatten(),
            remind: code.is_none() && old && unasked,
            passphrase_wanted: self.devices.passphrase_wanted,
        }
    }

    /// Tells it when it is another than was told.
    pub(crate) fn tell_recovery(&mut self) {
        let now = self.recovery();
        if self.recovery_told != now {
            self.recovery_told = now;
            self.tell(Update::Recovery(now));
        }
    }

    /// When another device changed the recovery code (ms since 1970), until the person acknowledges it.
    #[must_use]
    pub fn recovery_changed(&self) -> Option<Millis> {
        self.devices.recovery_changed
    }

    /// The server says that another device changed the recovery code: the vault shows whether that is so.
    pub(crate) fn recovery_event(&mut self, time: Millis) {
        self.devices.recovery_event = Some(time);
        self.vault_is_stale(true);
    }

    /// The vault's wraps, which its signed head covers, have another recipient for the code than before. `signed`: when the
    /// newest head was (ms since 1970).
    pub(crate) fn recovery_is_new(&mut self, signed: Millis) {
        let time = self.devices.recovery_event.unwrap_or(signed);
        self.devices.recovery_changed = Some(time);
        self.save_devices();
        self.tell(Update::RecoveryChanged { time });
        let notices = self.notices();
        self.tell(Update::Notices(notices));
    }

    /// Whoever came by the recovery code needs a new passphrase; kept until there is one.
    pub(crate) fn want_passphrase(&mut self, wanted: bool) {
        if self.devices.passphrase_wanted != wanted {
            self.devices.passphrase_wanted = wanted;
            self.save_devices();
        }
    }
}
