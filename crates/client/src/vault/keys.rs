//! The vault's keys, as another device of this member may have changed them: wraps and identity record are taken before
//! anything else of a vault whose wraps or identity are others than known (`docs/crypto.md`, section 4).

use e2ee::vault::{
    Head, IdentityRecord, Manifest, RecordKind, RecordName, VaultKeys, WrapKey, Wraps, open_record,
};
use protocol::{
    Bytes, decode, encode,
    methods::{
        people::{GetPeople, People},
        vault::{self as wire, GetRecords, Records},
    },
};

use super::{After, wire_name};
use crate::{
    Doing, Engine, Failure, Space, Store, Update,
    pending::Pending,
    sign_in::{check_list, find},
};

/// How often list and records are read again when they do not fit: another device may write in between.
const ROUNDS: u32 = 5;
/// Before they are read again.
const AGAIN_MS: ambient::Millis = 300;
const WRAPS: &[u8] = b"wraps";

/// A list of the vault that waits for its keys.
pub(super) struct Coming {
    listed: wire::Manifest,
    then: After,
}

/// What a write of this device changes of the keys, once the server has taken it.
#[derive(Default)]
pub(crate) struct NewKeys {
    /// A new vault key.
    pub(crate) vault_keys: Option<VaultKeys>,
    /// New wraps, at this version.
    pub(crate) wraps: Option<(u64, Wraps)>,
    /// A new identity record, at this version.
    pub(crate) identity: Option<(u64, IdentityRecord)>,
    /// What a change of keys has still to do, at this version; none = nothing any more.
    pub(crate) change: Option<(u64, Option<e2ee::vault::KeyChange>)>,
    /// The approval secret, at this version; none = there is none any more.
    pub(crate) approval: Option<(u64, Option<e2ee::approval::ApprovalSecret>)>,
}

/// Ways into the vault that are others than before: by their public keys, which the vault's signed head covers.
#[derive(Clone, Copy, Default)]
pub(super) struct Ways {
    passphrase: bool,
    code: bool,
}

impl Ways {
    fn between(before: &Wraps, after: &Wraps) -> Self {
        let other = |kind| {
            let key = |wraps: &Wraps| wraps.recipient(kind).map(|r| r.public_key);
            key(before) != key(after)
        };
        Self {
            passphrase: other(WrapKey::PASSPHRASE),
            code: other(WrapKey::RECOVERY_CODE),
        }
    }
}

/// What taking the keys came to.
enum Taken {
    /// They are taken, and this is what stands.
    Keys(Manifest, Head),
    /// The heads between the known one and the newest have been asked for first.
    Later,
    /// The vault key is sealed to this device no more.
    Dropped,
}

fn version_in(listed: &wire::Manifest, kind: RecordKind) -> u64 {
    let name = wire_name(&RecordName::only(kind));
    let line = listed.records.iter().find(|line| line.name == name);
    line.map_or(0, |line| line.version)
}

impl super::VaultMirror {
    pub(super) fn load_wraps(&mut self, store: &impl Store) -> Result<(), Failure> {
        if let Some(bytes) = store.get(Space::Own, WRAPS)? {
            let (version, record): (u64, Bytes) = decode(&bytes)?;
            self.wraps = Some((version, Wraps::decode(&record)?));
        }
        Ok(())
    }
}

impl<S: Store> Engine<S> {
    /// The server's list of the vault has come: judged at once, or when the keys that it needs are here.
    pub(crate) fn list_came(&mut self, then: After, result: Result<wire::Manifest, Failure>) {
        let listed = match result {
            Ok(listed) => listed,
            Err(failure) => return self.list_failed(then, failure),
        };
        let known = self
            .own
            .as_ref()
            .map(|own| (own.wraps_version, own.identity_version));
        let there = (
            version_in(&listed, RecordKind::Wraps),
            version_in(&listed, RecordKind::Identity),
        );
        if known == Some(there) && self.vault.wraps.is_some() {
            match self.check_manifest(&listed, then) {
                Ok(Some((manifest, head))) => self.list_is(then, manifest, head),
                Ok(None) => {} // the heads between come first
                Err(failure) => self.list_failed(then, failure),
            }
            return;
        }
        self.vault.coming = Some(Coming { listed, then });
        self.ask_keys();
    }

    /// Checks the server's list against its signed head, and the head against what this device has seen. None: the heads
    /// between have been asked for first.
    fn check_manifest(
        &mut self,
        listed: &wire::Manifest,
        then: After,
    ) -> Result<Option<(Manifest, Head)>, Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let (manifest, head) = check_list(listed, &own.certificate)?;
        Ok(self.continues(&head, then)?.then_some((manifest, head)))
    }

    pub(crate) fn keys_came(&mut self, result: Result<Records, Failure>) {
        let Some(Coming { listed, then }) = self.vault.coming.take() else {
            return;
        };
        match result.and_then(|records| self.take_keys(&listed, then, &records)) {
            Ok(Taken::Keys(manifest, head)) => {
                (self.vault.key_rounds, self.vault.heir_rounds) = (0, 0);
                self.list_is(then, manifest, head);
            }
            Ok(Taken::Later) => {}
            Ok(Taken::Dropped) => self.refused_by_vault(),
            // by a generation that is not known here: another root perhaps, for which somebody has to vouch
            Err(_) if self.wants_heir(&listed) => {
                self.vault.heir_rounds += 1;
                self.vault.coming = Some(Coming { listed, then });
                let members = vec![self.my_id()];
                self.request(&GetPeople { members }, Pending::Heir);
            }
            // another device may have written between list and records
            Err(_) if self.vault.key_rounds < ROUNDS => {
                self.vault.key_rounds += 1;
                match then {
                    After::Pins => self.ask_manifest(Pending::ManifestForPins),
                    _ => {
                        self.vault.busy = false;
                        self.vault.retry_at = Some(self.now + AGAIN_MS);
                    }
                }
            }
            Err(failure) => self.list_failed(then, failure),
        }
    }

    /// Whether the list is signed under a generation whose certificate was not asked for yet.
    fn wants_heir(&self, listed: &wire::Manifest) -> bool {
        let head = listed.head.as_ref().map(|bytes| Head::decode(bytes));
        let (Some(own), Some(Ok(head))) = (&self.own, head) else {
            return false;
        };
        let heir = self.people.heir.as_ref();
        let known = heir.map_or(own.certificate.generation, |heir| heir.generation);
        head.generation > known && self.vault.heir_rounds < ROUNDS
    }

    /// What the directory shows of oneself: then the vault's keys are judged again.
    pub(crate) fn heir_came(&mut self, result: Result<People, Failure>) {
        let me = self.my_id();
        let found = result.map(|found| found.people.into_iter().find(|p| p.member == me));
        if let Ok(Some(person)) = found {
            self.meet(&person);
        }
        if self.vault.coming.is_some() {
            self.ask_keys();
        }
    }

    fn ask_keys(&mut self) {
        let names = [RecordKind::Wraps, RecordKind::Identity]
            .map(|kind| wire_name(&RecordName::only(kind)))
            .to_vec();
        self.request(&GetRecords { names }, Pending::Keys);
    }

    /// In the order of trust of a device in mid-life: own wrap, identity under the known root, head, manifest.
    fn take_keys(
        &mut self,
        listed: &wire::Manifest,
        then: After,
        records: &Records,
    ) -> Result<Taken, Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let member = own.member;
        let record = find(records, RecordKind::Wraps)?;
        let wraps = Wraps::decode(&record.bytes)?;
        let by_device = wraps.open_with(&WrapKey::from_device(&own.device), member);
        let wrapped = by_device.is_ok();
        let keys = match (by_device, &self.vault.unlocked_by) {
            (Ok(keys), _) => keys,
            // signed in just now: the own wrap was not there yet when another device changed the key
            (Err(e2ee::Error::NoKey(_)), Some(passphrase)) => {
                match wraps.open_with(passphrase, member) {
                    Err(e2ee::Error::NoKey(_)) => return self.dropped(listed, record),
                    opened => opened?,
                }
            }
            (Err(e2ee::Error::NoKey(_)), None) => return self.dropped(listed, record),
            (Err(error), _) => return Err(error.into()),
        };
        if keys.number() < own.vault_keys.number() {
            return Err(Failure::Unverified(
                "the vault went back to an older key".into(),
            ));
        }
        let (identity_version, identity) = self.opened_identity(&keys, records)?;
        let (manifest, head) = check_list(listed, &identity.certificate)?;
        for record in &records.records {
            if let Some(name) = super::own_name(&record.name) {
                manifest.check(&name, record.version, &record.bytes)?;
            }
        }
        let wraps_version = record.version;
        if !self.continues(&head, then)? {
            return Ok(Taken::Later);
        }
        if let Some((_, before)) = &self.vault.wraps {
            self.vault.ways = Ways::between(before, &wraps);
        }
        let new = NewKeys {
            vault_keys: Some(keys),
            wraps: Some((wraps_version, wraps)),
            identity: Some((identity_version, identity)),
            change: None,
            approval: None,
        };
        self.apply_keys(new);
        if let Some(own) = &mut self.own {
            own.wrapped = wrapped;
        }
        self.save_own();
        Ok(Taken::Keys(manifest, head))
    }

    /// The vault is sealed to this device no more. By keys of a later generation, which are inside, that can't be
    /// verified here; but who makes it up can refuse the device in other ways, and nothing is lost by it.
    fn dropped(&self, listed: &wire::Manifest, wraps: &wire::Record) -> Result<Taken, Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let head = listed.head.as_ref().map(|bytes| Head::decode(bytes));
        if let Some(Ok(head)) = head
            && head.generation > own.certificate.generation
        {
            return Ok(Taken::Dropped);
        }
        let (manifest, _) = check_list(listed, &own.certificate)?;
        let name = RecordName::only(RecordKind::Wraps);
        manifest.check(&name, wraps.version, &wraps.bytes)?;
        Ok(Taken::Dropped)
    }

    fn opened_identity(
        &self,
        keys: &VaultKeys,
        records: &Records,
    ) -> Result<(u64, IdentityRecord), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let record = find(records, RecordKind::Identity)?;
        let name = RecordName::only(RecordKind::Identity);
        let plain = open_record(keys, own.member, &name, record.version, &record.bytes)?;
        let decode = |root| IdentityRecord::decode(&plain, own.instance, own.member, root);
        let identity = match (decode(&own.certificate.root), &self.people.heir) {
            (Err(e2ee::Error::WrongOwner(_)), Some(heir)) => decode(&heir.root)?,
            (decoded, _) => decoded?,
        };
        if identity.certificate.generation < own.certificate.generation {
            let reason = "the vault went back to older keys of yours";
            return Err(Failure::Unverified(reason.into()));
        }
        Ok((record.version, identity))
    }

    /// The wraps as they stand at this version.
    pub(crate) fn keep_wraps(&mut self, version: u64, wraps: Wraps) {
        let kept = encode(&(version, Bytes::from(wraps.encode()))).to_vec();
        self.batch.put(Space::Own, WRAPS.to_vec(), kept);
        self.vault.wraps = Some((version, wraps));
    }

    /// From here on these are the keys.
    pub(crate) fn apply_keys(&mut self, new: NewKeys) {
        let Some(own) = &mut self.own else { return };
        if let Some(keys) = new.vault_keys {
            own.vault_keys = keys;
        }
        if let Some((version, wraps)) = new.wraps {
            own.wraps_version = version;
            self.keep_wraps(version, wraps);
        }
        let Some(own) = &mut self.own else { return };
        if let Some((version, identity)) = new.identity {
            own.identity_version = version;
            let renamed = own.certificate != identity.certificate;
            own.account = identity.account;
            own.certificate = identity.certificate;
            own.former = identity.former;
            self.people.heir = None;
            if renamed {
                let member = own.member;
                self.load_own_certificate();
                self.tell(Update::SignedIn { member });
                self.tell(Update::Conversations);
            }
        }
        self.save_own();
        if let Some((version, secret)) = new.approval {
            self.approval_is(version, secret);
        }
        if let Some((version, change)) = new.change {
            self.change_is(version, change, true);
        }
    }

    fn list_is(&mut self, then: After, manifest: Manifest, head: Head) {
        let root = RecordName::only(RecordKind::Root);
        let known = self.vault.manifest.version(&root);
        let (standing, signed) = (manifest.version(&root), head.time);
        self.packages_listed(&manifest);
        self.adopt(manifest, head);
        let ways = std::mem::take(&mut self.vault.ways);
        let new_root = known > 0 && standing > known;
        if !self.asked_for_root(standing) {
            if ways.code {
                self.recovery_is_new(signed);
            }
            // a new root record is told in any case: as of the passphrase, unless it is seen to be of the code alone
            if new_root && (ways.passphrase || !ways.code) {
                self.passphrase_is_new(signed);
            }
        }
        self.devices.forget_events();
        self.want_change();
        self.want_approval();
        self.join_change();
        self.fetch_pins(self.missing_pins());
        match then {
            After::Pins => {
                if !self.is_asking(&Pending::UnlockPins) {
                    self.start_sync();
                }
            }
            _ => {
                self.vault.busy = false;
                self.vault.stale = self.vault_is_behind();
            }
        }
    }

    fn list_failed(&mut self, then: After, failure: Failure) {
        match then {
            After::Pins => {
                self.fail(Doing::Background, failure);
                self.hang_up();
            }
            _ => {
                self.vault.busy = false;
                self.manifest_failed(failure);
            }
        }
    }

    /// Another device has taken the vault from this one: only the passphrase opens it now.
    fn refused_by_vault(&mut self) {
        self.vault.busy = false;
        self.signed_out = true;
        self.tell(Update::SignedOut);
        self.hang_up();
    }
}
