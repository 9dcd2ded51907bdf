//! A registered member.

use std::collections::BTreeMap;

use e2ee::{
    device::DeviceKeys,
    identity::{AccountCertificate, AccountKey, RootIdentity},
    invitation::secret_hash,
    mls::MlsSuite,
    opaque::Stretching,
    passphrase::Passphrase,
    recovery::RecoveryKeys,
    vault::{RecordKind, RecordName},
};
use protocol::{
    Bytes, ConversationId, DeviceId, Hash32, InstanceId, InvitationId, MemberId,
    methods::{
        account::{CreateInvitation, Ticket},
        people::PublishKeyPackages,
        vault::VaultWrite,
    },
};
use rand::RngCore;
use rand_chacha::ChaCha20Rng;
use zeroize::Zeroizing;

use crate::{Vault, conversation::State, vault::Draft};

/// A member with all their keys, as one device of theirs holds them right after registration.
pub struct Member {
    /// Their seeded randomness.
    pub rng: ChaCha20Rng,
    /// Their instance.
    pub instance: InstanceId,
    /// Their id.
    pub member: MemberId,
    /// Their passphrase.
    pub passphrase: Passphrase,
    /// Cost of its key stretching.
    pub stretching: Stretching,
    /// Their root identity.
    pub root: RootIdentity,
    /// Their account key.
    pub account: AccountKey,
    /// Its certificate.
    pub certificate: AccountCertificate,
    /// The device's keys.
    pub device: DeviceKeys,
    /// The suite of the groups that they found and of their key packages.
    pub suite: MlsSuite,
    /// Their vault.
    pub vault: Vault,
    /// Keys of their recovery code, if they have one.
    pub recovery: Option<RecoveryKeys>,
    pub(crate) known: BTreeMap<(MemberId, u32), AccountCertificate>,
    pub(crate) key_packages: BTreeMap<Hash32, Zeroizing<Vec<u8>>>,
    pub(crate) conversations: BTreeMap<ConversationId, State>,
}

/// An invitation that a member made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The request.
    pub params: CreateInvitation,
    /// What the invited registers with.
    pub ticket: Ticket,
}

impl Member {
    /// Their device.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        self.device.id()
    }

    /// Remembers somebody's account certificate.
    pub fn learn(&mut self, certificate: &AccountCertificate) {
        let key = (certificate.member, certificate.generation);
        self.known.insert(key, certificate.clone());
    }

    /// Invites somebody.
    pub fn invite(&mut self) -> Invited {
        let mut secret = [0u8; 16];
        self.rng.fill_bytes(&mut secret);
        let mut invitation = InvitationId::default();
        self.rng.fill_bytes(&mut invitation.0);
        Invited {
            params: CreateInvitation {
                invitation,
                secret_hash: secret_hash(&secret),
            },
            ticket: Ticket::Invitation {
                secret: Bytes::copy_from_slice(&secret),
            },
        }
    }

    /// Publishes more key packages.
    pub fn publish(&mut self, count: usize, last_resort: bool, now: u64) -> PublishKeyPackages {
        let mut draft = Draft::default();
        let packages = self.new_key_packages(&mut draft, count, last_resort, now);
        PublishKeyPackages {
            withdraw_all: false,
            packages,
            vault: self.vault.write(&self.account, draft, now),
        }
    }

    /// The same in the place of all that are on offer.
    pub fn publish_all(&mut self, count: usize, now: u64) -> PublishKeyPackages {
        PublishKeyPackages {
            withdraw_all: true,
            ..self.publish(count, true, now)
        }
    }

    /// A vault write of one settings-like record that the head covers: a pin of this id.
    pub fn write_pin(&mut self, id: &[u8], plaintext: &[u8], now: u64) -> VaultWrite {
        let mut draft = Draft::default();
        let name = RecordName::new(RecordKind::Pin, id);
        draft.put(&self.vault, &mut self.rng, name, plaintext);
        self.vault.write(&self.account, draft, now)
    }

    /// A vault write of one record of any kind, sealed, at this version and with any content.
    pub fn write_record(
        &mut self,
        kind: RecordKind,
        id: &[u8],
        version: u64,
        plaintext: &[u8],
        now: u64,
    ) -> VaultWrite {
        let mut draft = Draft::default();
        let name = RecordName::new(kind, id);
        draft.put_at(&self.vault, &mut self.rng, name, version, plaintext);
        self.vault.write(&self.account, draft, now)
    }
}
