//! A forgotten passphrase, where a device is still signed in: it asks, another device or an admin approves (or a day
//! passes), and then it sets a new passphrase together with a new root identity, for which the account key in force vouches.

use bus::{Notice, Topic};
use e2ee::{
    identity::{AccountCertificate, Succession},
    opaque::server,
};
use protocol::{
    ConversationId, DeviceId, MemberId,
    events::{ForgottenChanged, PassphraseChanged, PersonChanged, VaultChanged},
    methods::{
        Done,
        account::OrganisationRole,
        own_account::{ApproveForgotten, ForgottenRequest, ReplaceRoot},
        vault::{VaultWritten, kind},
    },
};
use storage::{
    Reader, UnitOfWork,
    accounts::{Account, Device, Forgotten},
};

use crate::{
    Error, Service, approval,
    config::HOUR,
    devices::check_session,
    passphrase::{NO_APPROVAL_RECORD, check_stretching, must_put},
    proof::opaque_error,
    rename::{WHAT, conversations_of, current_certificate, read_certificate},
};

/// Without approval it takes so long, so that everybody has seen it.
const WAIT: u64 = 24 * HOUR;
/// Then nobody wants it any more.
const LIFETIME: u64 = 7 * 24 * HOUR;

/// The member's request, if it is one that counts at `now`.
fn standing<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    now: u64,
) -> Result<Option<Forgotten>, Error> {
    let request = reader.forgotten(member)?;
    Ok(request.filter(|request| request.asked.saturating_add(LIFETIME) > now))
}

fn as_told(request: &Forgotten, device: Device) -> ForgottenRequest {
    ForgottenRequest {
        device: request.device,
        name: device.name,
        asked: request.asked,
        ready: request.asked.saturating_add(WAIT),
        approved: request.approved,
    }
}

/// The member's request as it is told.
pub(crate) fn told<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    now: u64,
) -> Result<Option<ForgottenRequest>, Error> {
    let Some(request) = standing(reader, member, now)? else {
        return Ok(None);
    };
    let device = reader.device(request.device)?;
    Ok(device.map(|device| as_told(&request, device)))
}

/// What a request's change tells: to whom, besides the member.
pub(crate) struct Change {
    member: MemberId,
    admins: Vec<MemberId>,
}

impl Change {
    pub(crate) fn of<R: Reader + ?Sized>(reader: &R, member: MemberId) -> Result<Self, Error> {
        let admins = reader.admins()?;
        Ok(Self { member, admins })
    }

    pub(crate) fn publish(&self, bus: &dyn bus::Bus) {
        let event = ForgottenChanged {
            member: self.member,
        };
        let others = self.admins.iter().filter(|admin| **admin != self.member);
        for told in others.chain([&self.member]) {
            bus.publish(Notice::event(Topic::Member(*told), &event));
        }
    }
}

/// Drops a request that has become needless, and says whom to tell. To be asked wherever another way in was found.
pub(crate) fn drop_request(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
) -> Result<Option<Change>, Error> {
    if unit.forgotten(member)?.is_none() {
        return Ok(None);
    }
    unit.drop_forgotten(member)?;
    Change::of(unit, member).map(Some)
}

impl Service {
    pub(crate) async fn do_ask_forgotten(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<ForgottenRequest, Error> {
        let now = self.now();
        self.limits.forgotten.take(member, now)?;
        let bus = self.ports.bus.clone();
        let (request, _) = storage::write_then(
            self.storage(),
            move |unit| {
                check_session(unit, device)?;
                let asks = unit.device(device)?.ok_or(Error::NotFound)?;
                if let Some(before) = standing(unit, member, now)? {
                    return if before.device == device {
                        Ok((as_told(&before, asks), None))
                    } else {
                        Err(Error::RequestPending)
                    };
                }
                let request = Forgotten {
                    member,
                    device,
                    asked: now,
                    approved: None,
                };
                unit.put_forgotten(&request)?;
                let change = Change::of(unit, member)?;
                Ok((as_told(&request, asks), Some(change)))
            },
            move |(_, change): &(ForgottenRequest, Option<Change>)| {
                if let Some(change) = change {
                    change.publish(bus.as_ref());
                }
            },
        )
        .await?;
        tracing::info!(%member, "a new passphrase was asked for");
        Ok(request)
    }

    pub(crate) async fn do_approve_forgotten(
        &self,
        approver: MemberId,
        device: DeviceId,
        params: ApproveForgotten,
    ) -> Result<Done, Error> {
        let now = self.now();
        let member = params.member.unwrap_or(approver);
        let bus = self.ports.bus.clone();
        storage::write_then(
            self.storage(),
            move |unit| {
                check_session(unit, device)?;
                let request = standing(unit, member, now)?;
                let request = request.filter(|request| request.device == params.device);
                let request = request.ok_or(Error::NotFound)?;
                may_approve(unit, (approver, device), &request)?;
                if request.approved.is_some() {
                    return Ok(None);
                }
                unit.put_forgotten(&Forgotten {
                    approved: Some(now),
                    ..request
                })?;
                Change::of(unit, member).map(Some)
            },
            move |change: &Option<Change>| {
                if let Some(change) = change {
                    change.publish(bus.as_ref());
                }
            },
        )
        .await?;
        tracing::info!(%member, %approver, "a new passphrase was approved");
        Ok(Done {})
    }

    pub(crate) async fn do_cancel_forgotten(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<Done, Error> {
        let bus = self.ports.bus.clone();
        storage::write_then(
            self.storage(),
            move |unit| {
                check_session(unit, device)?;
                drop_request(unit, member)
            },
            move |change: &Option<Change>| {
                if let Some(change) = change {
                    change.publish(bus.as_ref());
                }
            },
        )
        .await?;
        tracing::info!(%member, "a request for a new passphrase was taken back");
        Ok(Done {})
    }

    pub(crate) async fn do_replace_root(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ReplaceRoot,
    ) -> Result<VaultWritten, Error> {
        check_stretching(&params.stretching, &self.config.stretching_floor)?;
        let record = server::registration_record(&params.upload).map_err(opaque_error)?;
        must_put(
            &params.vault,
            &[kind::WRAPS, kind::ROOT, kind::IDENTITY],
            "the wraps, the root record or the identity record of the new identity are missing",
        )?;
        let certificate = read_certificate(&params.certificate, self.instance, member)?;
        let succession = Succession::decode(&params.succession).map_err(|_| SUCCESSION)?;
        let now = self.now();
        let bus = self.ports.bus.clone();
        let mut event = VaultChanged::by(&params.vault, 0);
        let replacing = Replacing {
            member,
            device,
            record,
            certificate,
            succession,
            params,
        };
        let told = storage::write_then(
            self.storage(),
            move |unit| replace(unit, &replacing, now),
            move |told: &Told| {
                event.head = told.head;
                let own = Topic::Member(member);
                bus.publish(Notice::event(own, &event));
                bus.publish(Notice::event(own, &PassphraseChanged { time: now }));
                let conversations = told.conversations.iter().copied();
                for topic in conversations.map(Topic::Conversation).chain([own]) {
                    bus.publish(Notice::event(topic, &PersonChanged { member }));
                }
                told.change.publish(bus.as_ref());
                approval::tell_ended(bus.as_ref(), member, &told.waited);
            },
        )
        .await?;
        self.limits.proofs.give_back(&device); // that of the start
        tracing::info!(%member, "a new root identity follows");
        Ok(VaultWritten { head: told.head })
    }
}

const SUCCESSION: Error = Error::CertificateInvalid("the succession statement");

/// Another device of the member that was there before the request, or an admin of the organisation.
fn may_approve<R: Reader + ?Sized>(
    reader: &R,
    (approver, device): (MemberId, DeviceId),
    request: &Forgotten,
) -> Result<(), Error> {
    let allowed = if approver == request.member {
        let device = reader.device(device)?.ok_or(Error::NotFound)?;
        device.device != request.device && device.created < request.asked
    } else {
        let account = reader.account(approver)?.ok_or(Error::NotFound)?;
        account.role == OrganisationRole::Admin
    };
    if allowed {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

/// A new root identity whose parts were checked one by one.
struct Replacing {
    member: MemberId,
    device: DeviceId,
    /// The new OPAQUE record.
    record: Vec<u8>,
    certificate: AccountCertificate,
    succession: Succession,
    params: ReplaceRoot,
}

struct Told {
    head: u64,
    conversations: Vec<ConversationId>,
    change: Change,
    /// Devices that waited by the passphrase of before.
    waited: Vec<DeviceId>,
}

fn replace(unit: &mut dyn UnitOfWork, new: &Replacing, now: u64) -> Result<Told, Error> {
    let member = new.member;
    check_session(unit, new.device)?;
    let request = standing(unit, member, now)?;
    let request = request.filter(|request| request.device == new.device);
    let request = request.ok_or(Error::ApprovalNeeded)?;
    if request.approved.is_none() && request.asked.saturating_add(WAIT) > now {
        return Err(Error::ApprovalNeeded);
    }
    let account = unit.account(member)?.ok_or(Error::NotFound)?;
    let before = current_certificate(&account)?;
    if new.succession.certificate != new.certificate {
        return Err(WHAT);
    }
    // as a member would
    new.succession.verify(&before).map_err(|_| SUCCESSION)?;
    unit.update_passphrase(member, &new.record, &new.params.stretching)?;
    unit.update_certificate(&Account {
        certificate: new.params.certificate.clone(),
        generation: new.certificate.generation,
        ..account
    })?;
    unit.add_succession(member, &new.params.succession)?;
    unit.withdraw_key_packages(member)?;
    unit.set_recovery_key(member, None)?;
    unit.drop_forgotten(member)?;
    unit.drop_reset_link(member)?;
    // approval stays as it was, with a new secret
    if unit.approval_required(member)? {
        must_put(&new.params.vault, &[kind::APPROVAL], NO_APPROVAL_RECORD)?;
    }
    let head = storage::vault::apply(unit, member, &new.params.vault)?;
    Ok(Told {
        waited: approval::end_all(unit, member)?,
        head,
        conversations: conversations_of(unit, member)?,
        change: Change::of(unit, member)?,
    })
}
