//! Sign-in with name and passphrase alone: OPAQUE, then the vault opens from the passphrase's wrap. With the recovery code
//! in its place (`recovery.rs`) the rest is the same.

use e2ee::{
    device::DeviceKeys,
    identity::{AccountCertificate, Pin},
    opaque::{ExportKey, OpaqueError, SignIn},
    passphrase::Passphrase,
    recovery::RecoveryCode,
    vault::{
        Head, IdentityRecord, Manifest, RecordKind, RecordName, RootRecord, VaultKeys, WrapKey,
        Wraps, open_record,
    },
};
use protocol::{
    Bytes, ErrorCode, MemberId,
    methods::{
        account::{Recover, SignInFinish, SignInStart, SignInStarted, SignedIn},
        vault::{self as wire, GetRecords, Records},
    },
    names,
};
use rand::RngCore;
use rand_chacha::ChaCha20Rng;

use crate::{
    Doing, Engine, Failure, Store, Update,
    account::{Flow, name_failure, new_device, stretching},
    approval::waiting::Waiting,
    own::Own,
    pending::Pending,
    recovery::connection_of,
    vault::{After, RETRY_MS, VaultMirror, own_name, wire_name},
};

/// How often the vault is read again when list and records do not fit.
const ROUNDS: u32 = 4;

/// What somebody signs in with, besides the name.
pub(crate) enum By {
    Passphrase(Passphrase),
    Code(RecoveryCode),
}

/// What opens the vault then.
enum Opener {
    Passphrase(ExportKey),
    Code(WrapKey),
}

impl Opener {
    fn wrap(&self, member: MemberId) -> Result<WrapKey, Failure> {
        match self {
            Self::Passphrase(export_key) => Ok(WrapKey::from_export_key(export_key, member)?),
            Self::Code(wrap) => Ok(wrap.clone()),
        }
    }
}

pub(crate) struct SigningIn {
    login_name: String,
    by: By,
    device_name: String,
    opaque: Option<SignIn>,
    /// Kept through lost connections: a repeated attempt is the same device.
    pub(crate) device: Option<DeviceKeys>,
    /// The refusal of a registration that had perhaps been made before.
    instead_of: Option<Failure>,
    opener: Option<Opener>,
    pub(crate) signed_in: Option<SignedIn>,
    manifest: Option<wire::Manifest>,
    /// How often the vault was read: another device may write between list and records.
    pub(crate) rounds: u32,
    /// Another device has to let this one in.
    pub(crate) waiting: Option<Box<Waiting>>,
}

impl SigningIn {
    pub(crate) fn new(login_name: String, by: By, device_name: String) -> Self {
        Self {
            login_name,
            by,
            device_name,
            opaque: None,
            device: None,
            instead_of: None,
            opener: None,
            signed_in: None,
            manifest: None,
            rounds: 0,
            waiting: None,
        }
    }

    /// To an account that was perhaps registered from here, by this device: `refusal` is what there is to say if not.
    pub(crate) fn instead_of(self, refusal: Failure, device: Option<DeviceKeys>) -> Self {
        Self {
            instead_of: Some(refusal),
            device,
            ..self
        }
    }

    /// The device that signs in: its keys are made once.
    fn device(&mut self, rng: &mut ChaCha20Rng) -> Result<DeviceKeys, Failure> {
        if let Some(device) = &self.device {
            return Ok(device.clone());
        }
        let mut id = protocol::DeviceId::default();
        rng.fill_bytes(&mut id.0);
        let device = DeviceKeys::generate(rng, id)?;
        self.device = Some(device.clone());
        Ok(device)
    }

    pub(crate) fn reset(&mut self) {
        self.opaque = None;
        self.manifest = None;
        self.rounds = 0;
        if self.waiting.is_none() {
            self.opener = None;
            self.signed_in = None;
        }
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn start_sign_in(
        &mut self,
        login_name: &str,
        by: By,
        device_name: String,
    ) -> Result<(), Failure> {
        if self.own.is_some() && !self.signed_out {
            return Err(Failure::AlreadySignedIn);
        }
        let login_name = names::prepare_login_name(login_name).map_err(name_failure)?;
        let device_name = names::prepare_device_name(&device_name).map_err(name_failure)?;
        let flow = SigningIn::new(login_name, by, device_name);
        self.flow = Some(Flow::SigningIn(Box::new(flow)));
        self.tell(Update::Progress(Doing::SigningIn));
        if self.connection.greeted() {
            self.restart_flow();
        }
        Ok(())
    }

    pub(crate) fn send_sign_in_start(&mut self) {
        let Some(Flow::SigningIn(flow)) = &mut self.flow else {
            return;
        };
        let passphrase = match &flow.by {
            By::Passphrase(passphrase) => passphrase,
            By::Code(code) => {
                let code = code.clone();
                return self.send_recover(&code);
            }
        };
        match SignIn::start(&mut self.rng, passphrase) {
            Ok((opaque, ke1)) => {
                flow.opaque = Some(opaque);
                let params = SignInStart {
                    login_name: flow.login_name.clone(),
                    ke1: ke1.into(),
                };
                self.request(&params, Pending::SignInStart);
            }
            Err(error) => self.sign_in_failed(Failure::Unverified(error.to_string())),
        }
    }

    pub(crate) fn sign_in_started(&mut self, result: Result<SignInStarted, Failure>) {
        match result.and_then(|started| self.prepare_sign_in(&started)) {
            Ok(finish) => self.request(&finish, Pending::SignInFinish),
            Err(failure) => self.sign_in_failed(failure),
        }
    }

    fn prepare_sign_in(&mut self, started: &SignInStarted) -> Result<SignInFinish, Failure> {
        let instance = self.connection.hello.as_ref().map(|hello| hello.instance);
        let (Some(instance), Some(Flow::SigningIn(flow))) = (instance, &mut self.flow) else {
            return Err(Failure::Offline);
        };
        let opaque = flow.opaque.take().ok_or(Failure::Offline)?;
        let cost = stretching(started.stretching);
        let outcome = opaque
            .finish(&mut self.rng, &started.ke2, instance, &cost)
            .map_err(opaque_failure)?;
        let device = flow.device(&mut self.rng)?;
        let finish = SignInFinish {
            attempt: started.attempt,
            ke3: outcome.ke3.clone().into(),
            device: new_device(&device, &flow.device_name),
        };
        flow.opener = Some(Opener::Passphrase(outcome.export_key));
        Ok(finish)
    }

    fn send_recover(&mut self, code: &RecoveryCode) {
        match self.prepare_recover(code) {
            Ok(recover) => self.request(&recover, Pending::SignInFinish),
            Err(failure) => self.sign_in_failed(failure),
        }
    }

    fn prepare_recover(&mut self, code: &RecoveryCode) -> Result<Recover, Failure> {
        let (Some(hello), Some(Flow::SigningIn(flow))) = (&self.connection.hello, &mut self.flow)
        else {
            return Err(Failure::Offline);
        };
        let keys = code.keys(hello.instance)?;
        let device = flow.device(&mut self.rng)?;
        let proof = keys.sign_in_proof(&connection_of(hello, device.id()));
        flow.opener = Some(Opener::Code(keys.wrap().clone()));
        Ok(Recover {
            login_name: flow.login_name.clone(),
            device: new_device(&device, &flow.device_name),
            proof: Bytes::copy_from_slice(&proof),
        })
    }

    pub(crate) fn sign_in_finished(&mut self, result: Result<SignedIn, Failure>) {
        match result {
            Ok(signed_in) => {
                let waits = signed_in.waiting;
                if let Some(Flow::SigningIn(flow)) = &mut self.flow {
                    flow.signed_in = Some(signed_in);
                    if waits {
                        self.ask_approval();
                    } else {
                        self.ask_manifest(Pending::UnlockManifest);
                    }
                }
            }
            Err(failure) => self.sign_in_failed(failure),
        }
    }

    pub(crate) fn unlock_manifest(&mut self, result: Result<wire::Manifest, Failure>) {
        match result {
            Ok(manifest) => {
                let Some(Flow::SigningIn(flow)) = &mut self.flow else {
                    return;
                };
                flow.manifest = Some(manifest);
                let kinds = [
                    RecordKind::Wraps,
                    RecordKind::Root,
                    RecordKind::Identity,
                    RecordKind::Approval,
                ];
                let names = kinds
                    .map(|kind| wire_name(&RecordName::only(kind)))
                    .to_vec();
                self.request(&GetRecords { names }, Pending::UnlockRecords);
            }
            // the server had not said so at once
            Err(failure) if failure.is(ErrorCode::ApprovalNeeded) => self.ask_approval(),
            Err(failure) => self.sign_in_failed(failure),
        }
    }

    pub(crate) fn unlock_records(&mut self, result: Result<Records, Failure>) {
        let Err(failure) = result.and_then(|records| self.unlock(&records)) else {
            return;
        };
        match &mut self.flow {
            Some(Flow::SigningIn(flow)) if flow.rounds < ROUNDS && flow.device.is_some() => {
                flow.rounds += 1;
                self.ask_manifest(Pending::UnlockManifest);
            }
            _ => self.sign_in_failed(failure),
        }
    }

    /// Opens the vault: root by passphrase, then certificate, head, manifest, and everything under it.
    fn unlock(&mut self, records: &Records) -> Result<(), Failure> {
        let Some(hello) = &self.connection.hello else {
            return Err(Failure::Offline);
        };
        let (instance, incarnation) = (hello.instance, hello.incarnation);
        let Some(Flow::SigningIn(flow)) = &mut self.flow else {
            return Ok(());
        };
        let signed_in = flow.signed_in.as_ref().ok_or(Failure::Offline)?;
        let member = signed_in.member;
        let opener = flow.opener.as_ref().ok_or(Failure::Offline)?;
        let listed = flow.manifest.as_ref().ok_or(Failure::Offline)?;
        let by_code = matches!(opener, Opener::Code(_));
        let record = |kind| find(records, kind);
        let root = RootRecord::decode(&record(RecordKind::Root)?.bytes)?;
        if root.needs_approval() && !by_code && flow.lacks_approval() {
            self.ask_approval(); // the server had let this device in by itself
            return Ok(());
        }
        let handover = flow.waiting.as_ref().and_then(|w| w.handover());
        let secret = handover.map(|handover| handover.secret().clone());
        let wrap = opener.wrap(member)?.approved(secret);
        let root = root.open(member, &wrap)?;
        let wraps_record = record(RecordKind::Wraps)?;
        let wraps = Wraps::decode(&wraps_record.bytes)?;
        let vault_keys = wraps.open_with(&wrap, member)?;
        let identity = open_identity(&vault_keys, member, instance, records, &root.public())?;
        let (manifest, head) = check_list(listed, &identity.certificate)?;
        for record in &records.records {
            if let Some(name) = own_name(&record.name) {
                manifest.check(&name, record.version, &record.bytes)?;
            }
        }
        let approval = handover
            .map(|handover| handover.checked(&vault_keys, (&manifest, &head), records, member))
            .transpose()?;
        let mut own = Own {
            instance,
            incarnation,
            member,
            device: flow.device.clone().ok_or(Failure::Offline)?,
            vault_keys,
            account: identity.account,
            certificate: identity.certificate,
            former: identity.former,
            role: signed_in.role,
            organisation: signed_in.organisation.clone(),
            backup_mark: 0,
            wrapped: false,
            packages_renewed: 0,
            packages_of: 0,
            wraps_version: wraps_record.version,
            identity_version: find(records, RecordKind::Identity)?.version,
        };
        if let Some(before) = &self.own {
            // the passphrase has opened what says that the root known here came before
            let root = before.certificate.root;
            let same_root = root == own.certificate.root || own.former.contains(&root);
            let same = (before.instance, before.member) == (own.instance, own.member);
            if !same || !same_root {
                return Err(Failure::AlreadySignedIn);
            }
            own.incarnation = before.incarnation; // the cursors kept here belong to it
            own.backup_mark = before.backup_mark;
            if !self.continues(&head, After::SignIn)? {
                return Ok(()); // the heads between come first, then all of this again
            }
        }
        let wraps = (wraps_record.version, wraps);
        self.flow = None;
        let mut mirror = VaultMirror::of(manifest, head);
        mirror.wraps = Some(wraps);
        self.vault.unlocked_by = Some(wrap);
        self.tell_no_approval();
        self.become_member(own, mirror);
        if let Some((version, secret)) = approval {
            self.approval_is(version, Some(secret));
        }
        if by_code {
            self.want_passphrase(true);
        }
        self.want_change();
        self.want_approval();
        Ok(())
    }

    pub(crate) fn unlock_pins(&mut self, result: Result<Records, Failure>) {
        let records = match result {
            Ok(records) => records,
            Err(_) if self.connection.synced() => return self.pins_later(),
            Err(_) => return self.hang_up(), // and again on the next connection
        };
        let Some(own) = &self.own else { return };
        let mut pins = Vec::new();
        for record in &records.records {
            let Some(name) = own_name(&record.name) else {
                continue;
            };
            let Ok(member) = MemberId::from_slice(&name.id) else {
                continue;
            };
            let (version, bytes) = (record.version, &record.bytes);
            if self.vault.manifest.check(&name, version, bytes).is_err() {
                continue; // it has changed meanwhile, or the server lies
            }
            let opened = open_record(&own.vault_keys, own.member, &name, version, bytes);
            match opened.and_then(|plain| Pin::decode(&plain)) {
                Ok(pin) => pins.push((member, version, pin)),
                Err(e2ee::Error::NoKey(_)) => {} // another device has changed the vault key
                // of a newer version, or damaged: nothing is written over it, and nobody is pinned in its place
                Err(_) => self.people.pin_unreadable(member, version),
            }
        }
        for (member, version, pin) in pins {
            self.people.pin_is_at(member, version);
            self.take_pin(member, pin);
        }
        if self.connection.synced() {
            self.pins_later();
        } else if !self.is_asking(&Pending::UnlockPins) {
            self.start_sync();
        }
        self.tell(Update::Conversations);
    }

    /// Pins that did not come, or did not fit the list, are asked for again with the list, after a while.
    fn pins_later(&mut self) {
        if !self.missing_pins().is_empty() && !self.is_asking(&Pending::UnlockPins) {
            self.vault.pins_again = Some(self.now + RETRY_MS);
        }
    }

    /// Pins in the vault whose contents this device has not read.
    pub(crate) fn missing_pins(&self) -> Vec<wire::RecordName> {
        self.vault
            .manifest
            .entries()
            .filter(|(name, _, _)| name.kind == RecordKind::Pin)
            .filter(|(name, version, _)| {
                MemberId::from_slice(&name.id)
                    .is_ok_and(|member| self.people.pin_version(member) != *version)
            })
            .map(|(name, _, _)| wire_name(name))
            .collect()
    }

    pub(crate) fn sign_in_failed(&mut self, failure: Failure) {
        if failure.is(ErrorCode::AlreadySignedIn) && self.flow.is_some() {
            // the last step was carried out, and its answer got lost: as if the connection had been
            return self.hang_up();
        }
        if matches!(&self.flow, Some(Flow::SigningIn(flow)) if flow.waiting.is_some()) {
            return self.end_sign_in(Some(failure)); // one that was let in would stay signed in otherwise
        }
        let (half, instead_of) = match self.flow.take() {
            Some(Flow::SigningIn(flow)) => (flow.signed_in.is_some(), flow.instead_of),
            _ => (false, None),
        };
        self.tell_no_approval();
        match instead_of {
            // there is no such account of this person: the registration was refused
            Some(refusal) if failure.is(ErrorCode::WrongNameOrPassphrase) => {
                self.fail(Doing::Registering, refusal);
            }
            _ => self.fail(Doing::SigningIn, failure),
        }
        if half {
            self.hang_up(); // the server holds this connection for signed in: start afresh
        }
    }
}

fn opaque_failure(error: OpaqueError) -> Failure {
    match error {
        OpaqueError::WrongNameOrPassphrase => {
            protocol::WireError::new(ErrorCode::WrongNameOrPassphrase).into()
        }
        other => Failure::Unverified(other.to_string()),
    }
}

pub(crate) fn find(records: &Records, kind: RecordKind) -> Result<&wire::Record, Failure> {
    records
        .records
        .iter()
        .find(|record| record.name.kind == kind as u8)
        .ok_or_else(|| Failure::Unverified("a record of the vault is missing".into()))
}

fn open_identity(
    keys: &VaultKeys,
    member: MemberId,
    instance: protocol::InstanceId,
    records: &Records,
    root: &e2ee::signing::PublicKey,
) -> Result<IdentityRecord, Failure> {
    let record = find(records, RecordKind::Identity)?;
    let name = RecordName::only(RecordKind::Identity);
    let plain = open_record(keys, member, &name, record.version, &record.bytes)?;
    Ok(IdentityRecord::decode(&plain, instance, member, root)?)
}

/// Checks the server's list of the vault against the head signed by the account.
pub(crate) fn check_list(
    listed: &wire::Manifest,
    certificate: &AccountCertificate,
) -> Result<(Manifest, Head), Failure> {
    let bytes = listed
        .head
        .as_ref()
        .ok_or_else(|| Failure::Unverified("the vault has no head".into()))?;
    let head = Head::decode(bytes)?;
    head.verify(certificate)?;
    let mut manifest = Manifest::new();
    for line in &listed.records {
        match own_name(&line.name) {
            Some(name) => manifest.insert(name, line.version, line.hash),
            None => {
                manifest.insert_unknown(line.name.kind, &line.name.id, line.version, line.hash);
            }
        }
    }
    if manifest.hash() != head.manifest {
        return Err(Failure::Unverified(
            "the vault's list does not fit its head".into(),
        ));
    }
    Ok((manifest, head))
}
