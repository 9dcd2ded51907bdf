//! Resets by an admin, for who has lost every way in: a link by which the member begins a new identity under the same names.
//! What their vault held is gone, and contacts have to accept the new identity.

use bus::{Hint, Notice, Topic};
use e2ee::{identity::AccountCertificate, opaque::server, reset::secret_hash};
use protocol::{
    Bytes, ConversationId, DeviceId, Hash32, MemberId,
    events::{DevicesChanged, PersonChanged},
    methods::{
        account::{CheckReset, OrganisationRole, RegisterFinish, ResetInfo, SignedIn},
        own_account::{ResetCreated, ResetMember},
        vault::{VaultWrite, kind},
    },
};
use storage::{
    Reader, StorageError, UnitOfWork,
    accounts::{Account, Device, ResetLink},
    unique,
};

use crate::{
    Error, Origin, Service, approval,
    config::HOUR,
    devices::{add_device, check_session, read_device},
    forgotten::{Change, drop_request},
    key_packages::{self, Inspected},
    passphrase::{check_stretching, must_put},
    proof::opaque_error,
    register::first_key_packages,
    rename::{WHAT, conversations_of, current_certificate, read_certificate},
};

/// How long a link can be used.
const LIFETIME: u64 = 24 * HOUR;

pub(crate) fn reset_hash(secret: &[u8]) -> Result<Hash32, Error> {
    let secret = secret.try_into().map_err(|_| Error::ResetInvalid)?;
    Ok(secret_hash(secret))
}

pub(crate) fn valid_link<R: Reader + ?Sized>(
    reader: &R,
    hash: Hash32,
    now: u64,
) -> Result<ResetLink, Error> {
    let link = reader.reset_link(hash)?;
    let link = link
        .filter(|link| link.expires > now)
        .ok_or(Error::ResetInvalid)?;
    // neither who is suspended begins anew, nor does anybody by the word of who is
    if reader.is_suspended(link.member)? || reader.is_suspended(link.by)? {
        return Err(Error::ResetInvalid);
    }
    Ok(link)
}

/// Who set the organisation up; when they have closed their account, the admin who came first.
pub(crate) fn owner<R: Reader + ?Sized>(reader: &R) -> Result<Option<MemberId>, Error> {
    Ok(reader.admins()?.first().copied())
}

/// Admins reset members; the owner, who set the organisation up, resets admins too; nobody resets the owner or themselves.
fn may_reset<R: Reader + ?Sized>(reader: &R, by: MemberId, member: MemberId) -> Result<(), Error> {
    let role = |of| Ok::<_, Error>(reader.account(of)?.ok_or(Error::NotFound)?.role);
    if role(by)? != OrganisationRole::Admin || by == member {
        return Err(Error::Forbidden);
    }
    let owner = owner(reader)?;
    let below = role(member)? != OrganisationRole::Admin || owner == Some(by);
    if below && owner != Some(member) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

impl Service {
    pub(crate) async fn do_reset_member(
        &self,
        by: MemberId,
        device: DeviceId,
        params: ResetMember,
    ) -> Result<ResetCreated, Error> {
        let now = self.now();
        self.limits.resets.take(by, now)?;
        let link = ResetLink {
            member: params.member,
            secret_hash: params.secret_hash,
            by,
            expires: now.saturating_add(LIFETIME),
        };
        storage::write(self.storage(), move |unit| {
            check_session(unit, device)?;
            may_reset(unit, by, link.member)?;
            match unit.put_reset_link(&link) {
                Err(StorageError::Conflict {
                    what: unique::RESET_SECRET,
                }) => Err(Error::ResetInvalid),
                other => Ok(other?),
            }
        })
        .await?;
        tracing::info!(member = %link.member, %by, "a reset link was made");
        Ok(ResetCreated {
            expires: link.expires,
            addresses: self.config.addresses.clone(),
        })
    }

    pub(crate) async fn do_check_reset(
        &self,
        from: &Origin,
        params: CheckReset,
    ) -> Result<ResetInfo, Error> {
        let now = self.now();
        let look = async {
            let hash = reset_hash(&params.secret)?;
            storage::read(self.storage(), move |reader| {
                let link = valid_link(reader, hash, now)?;
                let account = reader.account(link.member)?.ok_or(Error::ResetInvalid)?;
                let head = reader.vault_head(link.member)?;
                let head = head.ok_or(Error::ResetInvalid)?;
                Ok::<_, Error>((account.certificate, head.bytes, link.expires))
            })
            .await
        };
        let (certificate, head, expires) = self.show_ticket(from, look).await?;
        Ok(ResetInfo {
            organisation: self.organisation().await?,
            certificate,
            head,
            expires,
        })
    }

    /// The last step of a registration, for a member that there is already.
    pub(crate) async fn finish_reset(
        &self,
        hash: Hash32,
        params: RegisterFinish,
    ) -> Result<SignedIn, Error> {
        let now = self.now();
        let member = params.member;
        let resetting = self.read_reset(hash, params)?;
        let bus = self.ports.bus.clone();
        let told = storage::write_then(
            self.storage(),
            move |unit| write(unit, &resetting, now),
            move |told: &Told| {
                let own = Topic::Member(member);
                for device in &told.ended {
                    bus.publish(Notice {
                        topic: own,
                        frame: Bytes::new(),
                        hint: Hint::SignedOut(*device),
                    });
                }
                bus.publish(Notice::event(own, &DevicesChanged {}));
                let conversations = told.conversations.iter().copied();
                for topic in conversations.map(Topic::Conversation) {
                    bus.publish(Notice::event(topic, &PersonChanged { member }));
                }
                if let Some(change) = &told.change {
                    change.publish(bus.as_ref());
                }
            },
        )
        .await?;
        tracing::info!(%member, "begun anew by a reset link");
        self.signed_in(&told.account).await
    }

    fn read_reset(&self, hash: Hash32, params: RegisterFinish) -> Result<Resetting, Error> {
        let now = self.now();
        if params.organisation.is_some() {
            return Err(Error::BadRequest("the organisation has its name already"));
        }
        check_stretching(&params.stretching, &self.config.stretching_floor)?;
        must_put(
            &params.vault,
            &[kind::WRAPS, kind::ROOT, kind::IDENTITY],
            "the first records of the new vault are missing",
        )?;
        let certificate = read_certificate(&params.certificate, self.instance, params.member)?;
        let key_packages = first_key_packages(&params.key_packages, &certificate, now)?;
        Ok(Resetting {
            hash,
            record: server::registration_record(&params.upload).map_err(opaque_error)?,
            device: read_device(&params.device, params.member, now)?,
            key_packages,
            certificate,
            stretching: params.stretching,
            vault: params.vault,
        })
    }
}

/// A new beginning whose parts were checked one by one.
struct Resetting {
    hash: Hash32,
    record: Vec<u8>,
    stretching: protocol::methods::account::Stretching,
    certificate: AccountCertificate,
    device: Device,
    key_packages: Vec<Inspected>,
    vault: VaultWrite,
}

struct Told {
    account: Account,
    ended: Vec<DeviceId>,
    conversations: Vec<ConversationId>,
    change: Option<Change>,
}

fn write(unit: &mut dyn UnitOfWork, new: &Resetting, now: u64) -> Result<Told, Error> {
    let member = new.certificate.member;
    let link = valid_link(unit, new.hash, now)?;
    if link.member != member {
        return Err(Error::ResetInvalid);
    }
    // the one who made it may have lost the right since
    may_reset(unit, link.by, member).map_err(|_| Error::ResetInvalid)?;
    unit.drop_reset_link(member)?;
    let account = begin_anew(unit, new, member)?;
    let mut ended = Vec::new();
    for device in unit.devices(member)?.iter().filter(|d| !d.revoked) {
        unit.revoke_device(device.device, now)?;
        ended.push(device.device);
    }
    ended.extend(approval::end_all(unit, member)?);
    unit.set_approval_required(member, false)?;
    add_device(unit, &new.device)?;
    unit.clear_vault(member)?;
    unit.withdraw_key_packages(member)?;
    key_packages::offer(unit, member, &new.key_packages, now)?;
    unit.set_recovery_key(member, None)?;
    unit.note_reset(member, link.by, now)?;
    storage::vault::apply(unit, member, &new.vault)?;
    Ok(Told {
        account,
        ended,
        conversations: conversations_of(unit, member)?,
        change: drop_request(unit, member)?,
    })
}

/// Another root under the same names, with the next key generation, and another passphrase.
fn begin_anew(
    unit: &mut dyn UnitOfWork,
    new: &Resetting,
    member: MemberId,
) -> Result<Account, Error> {
    let account = unit.account(member)?.ok_or(Error::ResetInvalid)?;
    let (before, after) = (current_certificate(&account)?, &new.certificate);
    let same_names =
        before.login_name == after.login_name && before.display_name == after.display_name;
    let other_keys = before.root != after.root && before.account != after.account;
    let next = before.generation.checked_add(1) == Some(after.generation);
    if !same_names || !other_keys || !next {
        return Err(WHAT);
    }
    unit.update_passphrase(member, &new.record, &new.stretching)?;
    let account = Account {
        certificate: Bytes::copy_from_slice(after.bytes()),
        generation: after.generation,
        ..account
    };
    unit.update_certificate(&account)?;
    Ok(account)
}
