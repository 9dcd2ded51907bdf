//! A last step whose answer got lost: what the vault holds afterwards tells whether it was taken.

use e2ee::vault::{RecordKind, RecordName, WrapKey, Wraps};
use protocol::{Bytes, decode, encode};
use serde::{Deserialize, Serialize};

use crate::{Doing, Engine, Failure, Space, Store};

const ASKED: &[u8] = b"asked with the passphrase";

/// A last step that the server may or may not have taken: told by what the vault holds then.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Asked {
    /// The new root record, and its version.
    Passphrase(u64, Bytes),
    /// The new root record and its version, and the wraps' recipient of the new code, if there is to be one.
    Recovery(u64, Bytes, Option<Bytes>),
    /// The new certificate.
    Name(Bytes),
}

/// The public key that a vault key is sealed to for the recovery code.
pub(super) fn code_recipient(wraps: &Wraps) -> Option<Bytes> {
    let code = wraps.recipient(WrapKey::RECOVERY_CODE)?;
    Some(code.public_key.into())
}

impl<S: Store> Engine<S> {
    pub(super) fn asked(&mut self, asked: Option<Asked>) {
        match &asked {
            Some(asked) => {
                let kept = encode(asked).to_vec();
                self.batch.put(Space::Own, ASKED.to_vec(), kept);
            }
            None => self.batch.delete(Space::Own, ASKED.to_vec()),
        }
        self.batch.durable = true;
        self.asked_with_passphrase = asked;
    }

    pub(super) fn forget_asked(&mut self) {
        if self.asked_with_passphrase.is_some() {
            self.asked(None);
        }
    }

    /// Whether the root record of this version is what this device had asked for itself.
    pub(crate) fn asked_for_root(&self, standing: u64) -> bool {
        let Some(Asked::Passphrase(version, record) | Asked::Recovery(version, record, _)) =
            &self.asked_with_passphrase
        else {
            return false;
        };
        let name = RecordName::only(RecordKind::Root);
        let same = self.vault.manifest.check(&name, *version, record).is_ok();
        *version == standing && same
    }

    /// After a lost answer: what the vault holds says whether the last step was taken.
    pub(crate) fn settle_asked(&mut self) {
        if self.proof.is_some() || !self.knows_vault() || self.own.is_none() {
            return;
        }
        let Some(asked) = self.asked_with_passphrase.clone() else {
            return;
        };
        let (doing, taken) = match &asked {
            Asked::Passphrase(version, record) => {
                let name = RecordName::only(RecordKind::Root);
                let taken = self.vault.manifest.check(&name, *version, record);
                (Doing::ChangingPassphrase, taken.is_ok())
            }
            Asked::Recovery(_, _, code) => {
                let wraps = self.vault.wraps.as_ref();
                let taken = wraps.is_some_and(|(_, wraps)| code_recipient(wraps) == *code);
                (Doing::ChangingRecovery, taken)
            }
            Asked::Name(certificate) => {
                let own = self.own.as_ref();
                let taken = own.is_some_and(|own| own.certificate.bytes() == &certificate[..]);
                (Doing::Renaming, taken)
            }
        };
        self.forget_asked();
        if taken {
            if doing == Doing::ChangingPassphrase {
                self.want_passphrase(false);
            }
            self.done(doing);
        } else {
            self.fail(doing, Failure::Offline); // nothing has changed
        }
    }

    pub(crate) fn load_asked(&mut self) -> Result<(), Failure> {
        let kept = self.store.get(Space::Own, ASKED)?;
        self.asked_with_passphrase = kept.map(|kept| decode(&kept)).transpose()?;
        Ok(())
    }
}
