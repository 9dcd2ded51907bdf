//! Registering a member.

use std::collections::BTreeMap;

use e2ee::{
    device::DeviceKeys,
    identity::{AccountKey, RootIdentity},
    mls::{KeyPackage, MlsSuite},
    opaque::{Registration, Stretching},
    passphrase,
    recovery::RecoveryKeys,
    vault::{IdentityRecord, RecordKind, RecordName, RootRecord, VaultKeys, WrapKey, Wraps},
};
use protocol::{
    Bytes, DeviceId, InstanceId, MemberId,
    methods::{
        account::{
            NewDevice, RegisterFinish, RegisterStart, RegisterStarted,
            Stretching as WireStretching, Ticket,
        },
        people::NewKeyPackage,
    },
};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{Member, Vault, vault::Draft};

/// Key packages that a new member publishes, besides the last-resort one.
const KEY_PACKAGES: usize = 3;

/// Somebody who is about to register.
pub struct Newcomer {
    /// Their seeded randomness.
    pub rng: ChaCha20Rng,
    /// Which instance they register at.
    pub instance: InstanceId,
    /// Their member id.
    pub member: MemberId,
    /// Login name, prepared.
    pub login_name: String,
    /// Display name, prepared.
    pub display_name: String,
    /// Their passphrase.
    pub passphrase: passphrase::Passphrase,
    /// Cost of key stretching that they use.
    pub stretching: Stretching,
}

impl Newcomer {
    /// Somebody with a name and a generated passphrase. The least key stretching.
    #[must_use]
    pub fn new(seed: u64, instance: InstanceId, login_name: &str, display_name: &str) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut member = MemberId::default();
        rng.fill_bytes(&mut member.0);
        Self {
            passphrase: passphrase::generate(&mut rng, passphrase::Language::English),
            member,
            rng,
            instance,
            login_name: login_name.to_owned(),
            display_name: display_name.to_owned(),
            stretching: Stretching::MINIMUM,
        }
    }

    /// The first request; keep what it gives for [`Newcomer::finish`].
    pub fn start(&mut self, ticket: &Ticket) -> (RegisterStart, Registration) {
        let (registration, request) = Registration::start(&mut self.rng, &self.passphrase).unwrap();
        let params = RegisterStart {
            ticket: ticket.clone(),
            member: self.member,
            request: request.into(),
        };
        (params, registration)
    }

    /// The last request, and the member that it makes. `organisation` goes with the set-up code.
    #[must_use]
    pub fn finish(
        mut self,
        ticket: &Ticket,
        registration: Registration,
        started: &RegisterStarted,
        organisation: Option<&str>,
        now: u64,
    ) -> (RegisterFinish, Member) {
        let outcome = registration
            .finish(
                &mut self.rng,
                &started.response,
                self.instance,
                &self.stretching,
            )
            .unwrap();
        let wrap = WrapKey::from_export_key(&outcome.export_key, self.member).unwrap();
        let mut member = self.into_member();
        let mut draft = member.first_records(&wrap);
        let key_packages = member.new_key_packages(&mut draft, KEY_PACKAGES, true, now);
        let params = RegisterFinish {
            ticket: ticket.clone(),
            member: member.member,
            upload: outcome.upload.into(),
            stretching: wire(&member.stretching),
            certificate: Bytes::copy_from_slice(member.certificate.bytes()),
            device: new_device(&member.device),
            vault: member.vault.write(&member.account, draft, now),
            key_packages,
            organisation: organisation.map(str::to_owned),
        };
        (params, member)
    }

    /// The member with all keys, without a server: for tests that put members into a database by hand.
    #[must_use]
    pub fn into_member(mut self) -> Member {
        let root = RootIdentity::generate(&mut self.rng);
        let account = AccountKey::generate(&mut self.rng, 1);
        let certificate = root
            .certify(
                self.instance,
                self.member,
                &self.login_name,
                &self.display_name,
                &account.public(),
                1,
            )
            .unwrap();
        let mut device = DeviceId::default();
        self.rng.fill_bytes(&mut device.0);
        let device = DeviceKeys::generate(&mut self.rng, device).unwrap();
        let keys = VaultKeys::generate(&mut self.rng);
        Member {
            vault: Vault::new(self.instance, self.member, keys),
            recovery: None,
            known: BTreeMap::from([((self.member, 1), certificate.clone())]),
            key_packages: BTreeMap::new(),
            conversations: BTreeMap::new(),
            suite: MlsSuite::default(),
            rng: self.rng,
            instance: self.instance,
            member: self.member,
            passphrase: self.passphrase,
            stretching: self.stretching,
            root,
            account,
            certificate,
            device,
        }
    }
}

impl Member {
    /// Wraps, root and identity.
    fn first_records(&mut self, passphrase: &WrapKey) -> Draft {
        let mut draft = Draft::default();
        self.wraps_and_root(&mut draft, passphrase);
        let identity = IdentityRecord {
            account: self.account.clone(),
            certificate: self.certificate.clone(),
            former: vec![],
        };
        let name = RecordName::only(RecordKind::Identity);
        draft.put(&self.vault, &mut self.rng, name, &identity.encode());
        draft
    }

    /// Wraps for passphrase, device and recovery code, and the root under passphrase and code.
    pub(crate) fn wraps_and_root(&mut self, draft: &mut Draft, passphrase: &WrapKey) {
        let code = self.recovery.as_ref().map(RecoveryKeys::wrap);
        let device = WrapKey::from_device(&self.device);
        let recipients = [passphrase, &device].into_iter().chain(code);
        let recipients: Vec<_> = recipients.map(WrapKey::as_recipient).collect();
        let wraps =
            Wraps::build(&self.vault.keys, self.member, &recipients, &mut self.rng).unwrap();
        let mut root =
            RootRecord::seal(&self.root, self.member, passphrase, &mut self.rng).unwrap();
        if let Some(code) = code {
            root = root
                .with(&self.root, self.member, code, &mut self.rng)
                .unwrap();
        }
        let only = RecordName::only;
        draft.put_sealed(&self.vault, only(RecordKind::Wraps), wraps.encode());
        draft.put_sealed(&self.vault, only(RecordKind::Root), root.encode());
    }

    /// Makes key packages; their private parts go into the draft.
    pub(crate) fn new_key_packages(
        &mut self,
        draft: &mut Draft,
        count: usize,
        last_resort: bool,
        now: u64,
    ) -> Vec<NewKeyPackage> {
        let mut kinds = vec![false; count];
        kinds.extend(last_resort.then_some(true));
        let mut packages = Vec::new();
        for last_resort in kinds {
            let whose = (&self.account, self.instance, self.member);
            let rng = &mut self.rng;
            let new = KeyPackage::generate_in(self.suite, rng, whose, now, last_resort).unwrap();
            let name = RecordName::new(RecordKind::KeyPackage, new.id.as_bytes());
            let version = u64::from(self.suite.number());
            draft.put_at(&self.vault, &mut self.rng, name, version, &new.record);
            self.key_packages.insert(new.id, new.record);
            packages.push(NewKeyPackage {
                id: new.id,
                package: new.public.into(),
                last_resort,
            });
        }
        packages
    }
}

/// A device as it introduces itself.
#[must_use]
pub(crate) fn new_device(keys: &DeviceKeys) -> NewDevice {
    NewDevice {
        device: keys.id(),
        name: "test".to_owned(),
        signing_key: Bytes::copy_from_slice(keys.signing_public().as_bytes()),
        wrap_key: Bytes::copy_from_slice(keys.wrap_public()),
    }
}

pub(crate) fn wire(stretching: &Stretching) -> WireStretching {
    WireStretching {
        memory_kib: stretching.memory_kib,
        passes: stretching.passes,
        lanes: stretching.lanes,
    }
}
