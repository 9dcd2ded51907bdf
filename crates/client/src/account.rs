//! Registration and invitations. (Sign-in: `sign_in.rs`.)

use e2ee::{
    device::DeviceKeys,
    identity::{AccountKey, RootIdentity},
    invitation::Invitation,
    mls::KeyPackage,
    opaque::{ExportKey, Registration},
    passphrase::Passphrase,
    reset::ResetLink,
    vault::{Head, IdentityRecord, RecordKind, RecordName, RootRecord, VaultKeys, WrapKey, Wraps},
};
use protocol::{
    Bytes, ErrorCode, MemberId,
    methods::account::{
        CheckInvitation, CheckReset, NewDevice, RegisterFinish, RegisterStart, RegisterStarted,
        SignedIn, Stretching, Ticket,
    },
    methods::people::NewKeyPackage,
    names,
};
use rand::RngCore;

use crate::{
    Command, Doing, Engine, Failure, NewAccount, Store, Update,
    own::Own,
    pending::Pending,
    resets::Before,
    sign_in::{By, SigningIn},
    vault::{VaultMirror, Write, package_write},
};

/// What is under way before somebody is signed in. It begins again on a new connection.
pub(crate) enum Flow {
    Registering(Box<Registering>),
    SigningIn(Box<SigningIn>),
}

pub(crate) struct Registering {
    ticket: Ticket,
    pub(crate) invitation: Option<Invitation>,
    organisation: Option<String>,
    member: MemberId,
    pub(crate) login_name: String,
    display_name: String,
    pub(crate) passphrase: Passphrase,
    pub(crate) device_name: String,
    opaque: Option<Registration>,
    /// What becomes of this device once the server has agreed.
    own: Option<(Own, VaultMirror)>,
    /// The last step was sent and the connection went away before the answer came: the account may exist.
    finish_unanswered: bool,
    /// What of before goes on, for who begins anew by a reset link.
    before: Option<Before>,
}

impl Registering {
    fn doing(&self) -> Doing {
        match self.ticket {
            Ticket::SetUp { .. } => Doing::SettingUp,
            Ticket::Invitation { .. } => Doing::Registering,
            Ticket::Reset { .. } => Doing::BeginningAnew,
        }
    }

    /// The member that there is already: names and id stay, everything else is new.
    pub(crate) fn goes_on_from(&mut self, before: Before) {
        self.member = before.certificate.member;
        self.login_name.clone_from(&before.certificate.login_name);
        self.display_name
            .clone_from(&before.certificate.display_name);
        self.before = Some(before);
    }

    fn generation(&self) -> Result<u32, Failure> {
        let before = self.before.as_ref();
        let last = before.map_or(0, |before| before.certificate.generation);
        let next = last.checked_add(1);
        Ok(next.ok_or(e2ee::Error::TooLong("key generation"))?)
    }
}

pub(crate) fn stretching(wire: Stretching) -> e2ee::opaque::Stretching {
    e2ee::opaque::Stretching {
        memory_kib: wire.memory_kib,
        passes: wire.passes,
        lanes: wire.lanes,
    }
}

/// The dearer of two costs, part by part.
pub(crate) fn dearer(a: Stretching, b: Stretching) -> Stretching {
    Stretching {
        memory_kib: a.memory_kib.max(b.memory_kib),
        passes: a.passes.max(b.passes),
        lanes: a.lanes.max(b.lanes),
    }
}

pub(crate) fn name_failure(error: impl std::fmt::Display) -> Failure {
    Failure::Name(error.to_string())
}

impl<S: Store> Engine<S> {
    pub(crate) fn start_registration(&mut self, command: Command) -> Result<(), Failure> {
        if self.own.is_some() {
            return Err(Failure::AlreadySignedIn);
        }
        let (ticket, invitation, organisation, account) = match command {
            Command::SetUp {
                code,
                organisation,
                account,
            } => {
                let name = names::prepare_organisation_name(&organisation).map_err(name_failure)?;
                (Ticket::SetUp { code }, None, Some(name), account)
            }
            Command::Register {
                invitation,
                account,
            } => {
                let invitation =
                    Invitation::decode(invitation.trim()).map_err(|_| Failure::Invitation)?;
                let secret = Bytes::copy_from_slice(invitation.secret());
                (
                    Ticket::Invitation { secret },
                    Some(invitation),
                    None,
                    account,
                )
            }
            Command::BeginAnew {
                link,
                passphrase,
                device_name,
            } => return self.start_anew(&link, passphrase, &device_name),
            _ => return Ok(()),
        };
        self.flow = Some(Flow::Registering(Box::new(self.registering(
            ticket,
            invitation,
            organisation,
            account,
        )?)));
        if let Some(Flow::Registering(flow)) = &self.flow {
            self.tell(Update::Progress(flow.doing()));
        }
        if self.connection.greeted() {
            self.restart_flow();
        }
        Ok(())
    }

    fn start_anew(
        &mut self,
        link: &str,
        passphrase: Passphrase,
        device_name: &str,
    ) -> Result<(), Failure> {
        let link = ResetLink::decode(link).map_err(|_| Failure::ResetLink)?;
        let device_name = names::prepare_device_name(device_name).map_err(name_failure)?;
        self.flow = Some(Flow::Registering(Box::new(Registering {
            ticket: Ticket::Reset {
                secret: Bytes::copy_from_slice(link.secret()),
            },
            invitation: None,
            organisation: None,
            // the server tells whose link it is
            member: MemberId::default(),
            login_name: String::new(),
            display_name: String::new(),
            passphrase,
            device_name,
            opaque: None,
            own: None,
            finish_unanswered: false,
            before: None,
        })));
        self.tell(Update::Progress(Doing::BeginningAnew));
        if self.connection.greeted() {
            self.restart_flow();
        }
        Ok(())
    }

    fn registering(
        &mut self,
        ticket: Ticket,
        invitation: Option<Invitation>,
        organisation: Option<String>,
        account: NewAccount,
    ) -> Result<Registering, Failure> {
        let login_name = names::prepare_login_name(&account.login_name).map_err(name_failure)?;
        let display = if account.display_name.trim().is_empty() {
            account.login_name.as_str()
        } else {
            account.display_name.as_str()
        };
        let display_name = names::prepare_display_name(display).map_err(name_failure)?;
        let device_name = names::prepare_device_name(&account.device_name).map_err(name_failure)?;
        let mut member = MemberId::default();
        self.rng.fill_bytes(&mut member.0);
        Ok(Registering {
            ticket,
            invitation,
            organisation,
            member,
            login_name,
            display_name,
            passphrase: account.passphrase,
            device_name,
            opaque: None,
            own: None,
            finish_unanswered: false,
            before: None,
        })
    }

    /// Begins what is under way on a fresh connection.
    pub(crate) fn restart_flow(&mut self) {
        match &mut self.flow {
            Some(Flow::Registering(registering)) => {
                if let Some(invitation) = &registering.invitation {
                    let secret = Bytes::copy_from_slice(invitation.secret());
                    self.request(&CheckInvitation { secret }, Pending::CheckInvitation);
                } else if let Ticket::Reset { secret } = &registering.ticket {
                    let secret = secret.clone();
                    self.request(&CheckReset { secret }, Pending::CheckReset);
                } else {
                    self.send_register_start();
                }
            }
            Some(Flow::SigningIn(_)) => self.send_sign_in_start(),
            None => {}
        }
    }

    pub(crate) fn send_register_start(&mut self) {
        let Some(Flow::Registering(registering)) = &mut self.flow else {
            return;
        };
        match Registration::start(&mut self.rng, &registering.passphrase) {
            Ok((opaque, request)) => {
                registering.opaque = Some(opaque);
                let params = RegisterStart {
                    ticket: registering.ticket.clone(),
                    member: registering.member,
                    request: request.into(),
                };
                self.request(&params, Pending::RegisterStart);
            }
            Err(error) => self.registration_failed(Failure::Unverified(error.to_string())),
        }
    }

    pub(crate) fn registration_started(&mut self, result: Result<RegisterStarted, Failure>) {
        let finish = result.and_then(|started| self.prepare_registration(&started));
        match finish {
            Ok(finish) => self.request(&finish, Pending::RegisterFinish),
            Err(failure) => self.registration_failed(failure),
        }
    }

    fn prepare_registration(
        &mut self,
        started: &RegisterStarted,
    ) -> Result<RegisterFinish, Failure> {
        let instance = match &self.connection.hello {
            Some(hello) => (hello.instance, hello.incarnation),
            None => return Err(Failure::Offline),
        };
        let cost = dearer(self.config.stretching, started.stretching_floor);
        let Some(Flow::Registering(flow)) = &mut self.flow else {
            return Err(Failure::Offline);
        };
        let opaque = flow.opaque.take().ok_or(Failure::Offline)?;
        let outcome = opaque
            .finish(
                &mut self.rng,
                &started.response,
                instance.0,
                &stretching(cost),
            )
            .map_err(|e| Failure::Unverified(e.to_string()))?;
        let keys = self.make_account(instance, &outcome.export_key)?;
        let Some(Flow::Registering(flow)) = &mut self.flow else {
            return Err(Failure::Offline);
        };
        let (own, mirror, vault, key_packages) = keys;
        let finish = RegisterFinish {
            ticket: flow.ticket.clone(),
            member: flow.member,
            upload: outcome.upload.into(),
            stretching: cost,
            certificate: Bytes::copy_from_slice(own.certificate.bytes()),
            device: new_device(&own.device, &flow.device_name),
            vault,
            key_packages,
            organisation: flow.organisation.clone(),
        };
        flow.own = Some((own, mirror));
        Ok(finish)
    }

    /// Makes root, account, device and vault keys, the first vault records and key packages.
    #[allow(clippy::type_complexity)]
    fn make_account(
        &mut self,
        (instance, incarnation): (protocol::InstanceId, protocol::IncarnationId),
        export_key: &ExportKey,
    ) -> Result<
        (
            Own,
            VaultMirror,
            protocol::methods::vault::VaultWrite,
            Vec<NewKeyPackage>,
        ),
        Failure,
    > {
        let Some(Flow::Registering(flow)) = &self.flow else {
            return Err(Failure::Offline);
        };
        let member = flow.member;
        // the server and whoever adds this member look at the dates: a wrong clock here must not reach into these
        let now = self.server_now();
        let rng = &mut self.rng;
        let root = RootIdentity::generate(rng);
        let generation = flow.generation()?;
        let account = AccountKey::generate(rng, generation);
        let certificate = root.certify(
            instance,
            member,
            &flow.login_name,
            &flow.display_name,
            &account.public(),
            generation,
        )?;
        let mut device_id = protocol::DeviceId::default();
        rng.fill_bytes(&mut device_id.0);
        let device = DeviceKeys::generate(rng, device_id)?;
        let vault_keys = VaultKeys::generate(rng);
        let wrap = WrapKey::from_export_key(export_key, member)?;
        let recipients = Self::first_recipients(&wrap, &device);
        let wraps = Wraps::build(&vault_keys, member, &recipients, rng)?;
        let root_record = RootRecord::seal(&root, member, &wrap, rng)?;
        let identity = IdentityRecord {
            account: account.clone(),
            former: Vec::new(),
            certificate: certificate.clone(),
        };
        let mut writes = vec![
            Write::Raw(RecordName::only(RecordKind::Wraps), 0, 1, wraps.encode()),
            Write::Raw(
                RecordName::only(RecordKind::Root),
                0,
                1,
                root_record.encode(),
            ),
            Write::Put(
                RecordName::only(RecordKind::Identity),
                0,
                1,
                identity.encode(),
            ),
        ];
        let mut key_packages = Vec::new();
        let suite = self.config.suite;
        for n in 0..=self.config.key_packages {
            let last_resort = n == 0;
            let whose = (&account, instance, member);
            let new = KeyPackage::generate_in(suite, rng, whose, now, last_resort)
                .map_err(|e| Failure::Unverified(e.to_string()))?;
            writes.push(package_write(&new, suite));
            key_packages.push(NewKeyPackage {
                id: new.id,
                package: new.public.into(),
                last_resort,
            });
        }
        let own = Own {
            instance,
            incarnation,
            member,
            device,
            vault_keys,
            account,
            certificate,
            former: Vec::new(),
            role: protocol::methods::account::OrganisationRole::Member,
            organisation: String::new(),
            backup_mark: 0,
            wrapped: true,
            packages_renewed: now,
            packages_of: suite.number(),
            wraps_version: 1,
            identity_version: 1,
        };
        // the write is sealed as it will be by any later one, with this identity for the moment
        self.vault.head = flow.before.as_ref().map(|before| before.head.clone());
        self.own = Some(own);
        let vault = self.seal_write(writes, vec![]);
        self.vault.head = None;
        let candidate = self.vault.take_candidate();
        let own = self.own.take().ok_or(Failure::SignInFirst)?;
        let (manifest, head): (e2ee::vault::Manifest, Head) =
            candidate.ok_or(Failure::SignInFirst)?;
        let mut mirror = VaultMirror::of(manifest, head);
        mirror.wraps = Some((1, wraps));
        Ok((own, mirror, vault?, key_packages))
    }

    pub(crate) fn registration_finished(&mut self, result: Result<SignedIn, Failure>) {
        match result {
            Ok(signed_in) => {
                let Some(Flow::Registering(flow)) = self.flow.take() else {
                    return;
                };
                let Some((mut own, mirror)) = flow.own else {
                    return;
                };
                own.role = signed_in.role;
                own.organisation = signed_in.organisation;
                self.become_member(own, mirror);
            }
            Err(failure) => self.registration_failed(failure),
        }
    }

    /// From here on this device is somebody's.
    pub(crate) fn become_member(&mut self, own: Own, mirror: VaultMirror) {
        let member = own.member;
        self.own = Some(own);
        self.save_own();
        self.load_own_certificate();
        self.signed_out = false;
        self.looking_at = None;
        let known = std::mem::take(&mut self.vault);
        self.vault = known.without_head();
        let (manifest, head, wraps) = mirror.into_parts();
        if let Some(head) = head {
            self.adopt(manifest, head);
        }
        if let Some((version, wraps)) = wraps {
            self.keep_wraps(version, wraps);
        }
        self.people.save_inviter();
        let pinned: Vec<_> = self.people.unsaved_pins.iter().copied().collect();
        for member in pinned {
            self.save_person(member);
        }
        self.tell(Update::SignedIn { member });
        self.session_begins();
    }

    pub(crate) fn registration_failed(&mut self, failure: Failure) {
        if failure.is(ErrorCode::AlreadySignedIn) {
            // the last step was carried out, and its answer got lost: as if the connection had been
            self.registration_unanswered();
            return self.hang_up();
        }
        let again = matches!(
            failure,
            Failure::Server {
                code: ErrorCode::MemberExists
                    | ErrorCode::InvitationInvalid
                    | ErrorCode::SetUpCodeWrong
                    | ErrorCode::ResetInvalid
                    | ErrorCode::NameTaken,
                ..
            }
        );
        match self.flow.take() {
            Some(Flow::Registering(flow)) if flow.finish_unanswered && again => {
                // the account was made perhaps, and the answer got lost: sign in to it
                let device = flow.own.map(|(own, _)| own.device);
                let signing_in = SigningIn::new(
                    flow.login_name,
                    By::Passphrase(flow.passphrase),
                    flow.device_name,
                )
                .instead_of(failure, device);
                self.flow = Some(Flow::SigningIn(Box::new(signing_in)));
                self.restart_flow();
            }
            Some(Flow::Registering(flow)) => self.fail(flow.doing(), failure),
            _ => self.fail(Doing::Registering, failure),
        }
    }

    /// The connection went away under the last step.
    pub(crate) fn registration_unanswered(&mut self) {
        if let Some(Flow::Registering(flow)) = &mut self.flow {
            flow.finish_unanswered = true;
        }
    }

    pub(crate) fn connection_ended_flow(&mut self) {
        self.vault_reset_for_connection();
        match &mut self.flow {
            Some(Flow::Registering(flow)) => flow.opaque = None,
            Some(Flow::SigningIn(flow)) => flow.reset(),
            None => {}
        }
    }
}

pub(crate) fn new_device(device: &DeviceKeys, name: &str) -> NewDevice {
    NewDevice {
        device: device.id(),
        name: name.to_owned(),
        signing_key: Bytes::copy_from_slice(device.signing_public().as_bytes()),
        wrap_key: Bytes::copy_from_slice(device.wrap_public()),
    }
}
