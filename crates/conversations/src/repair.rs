//! Members whose own state of a conversation is lost ask the others for a new leaf.

use std::sync::Arc;

use bus::{Bus, Notice, Topic};
use e2ee::{
    identity::AccountCertificate,
    mls::KeyPackage,
    repair::{REPAIR_REQUEST_LEN, RepairRequest},
};
use protocol::{
    Bytes, ConversationId, DeviceId, Hash32, MemberId,
    events::{RepairAsked, VaultChanged},
    limits::{KEY_PACKAGE_BYTES_MAX, REPAIRS_MAX},
    methods::{
        Done,
        conversations::{AskRepair, Repair},
    },
};
use storage::{Reader, StorageError, UnitOfWork, conversations, unique};

use crate::{Error, Service, append::check_session, entries::place, events};

/// One member asks in one conversation at most so often (ms): twenty times an hour.
const PAUSE: u64 = 3 * 60 * 1000;
/// Nobody answers a request that is older (ms).
const OF_USE: u64 = 24 * 3600 * 1000;

/// A request that was looked into.
struct Asked {
    time: u64,
    restart: u32,
    /// The key package's leaf certificate: its name and bytes.
    certificate: (Hash32, Bytes),
    key_package: Hash32,
}

impl Service {
    pub(crate) async fn do_ask_repair(
        &self,
        member: MemberId,
        device: DeviceId,
        params: AskRepair,
    ) -> Result<Done, Error> {
        if params.request.len() > REPAIR_REQUEST_LEN {
            return Err(Error::TooLarge("the request"));
        }
        if params.package.len() > KEY_PACKAGE_BYTES_MAX {
            return Err(Error::TooLarge("the key package"));
        }
        let params = Arc::new(params);
        let (service, asked) = (self.clone(), Arc::clone(&params));
        let asked = storage::read(self.storage.as_ref(), move |reader| {
            service.check_repair(reader, member, &asked)
        })
        .await?;
        let bus = Arc::clone(&self.bus);
        let event = RepairAsked {
            conversation: params.conversation,
            member,
            request: params.request.clone(),
            package: params.package.clone(),
        };
        storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                write(unit, member, &params, &asked)
            },
            move |written| {
                if let Some(vault) = written {
                    tell(bus.as_ref(), &event, vault);
                }
            },
        )
        .await?;
        Ok(Done {})
    }

    /// Looks into a request without writing.
    fn check_repair(
        &self,
        reader: &dyn Reader,
        member: MemberId,
        params: &AskRepair,
    ) -> Result<Asked, Error> {
        let (row, _) = place(reader, params.conversation, member)?;
        let account = reader.account(member)?.ok_or(Error::NotAMember)?;
        let certificate = AccountCertificate::decode(&account.certificate)
            .map_err(|error| Error::Internal(format!("a stored certificate: {error}")))?;
        let now = self.clock.now();
        let request = RepairRequest::verify(&params.request, &certificate)
            .map_err(|_| Error::BadRequest("the repair request does not verify"))?;
        let at = (request.instance, request.conversation, request.restart);
        if at != (self.instance, params.conversation, row.restart) || !request.is_fresh(now) {
            return Err(Error::BadRequest(
                "the repair request is for elsewhere, or of another time",
            ));
        }
        let package = KeyPackage::inspect(&params.package, &certificate, now)
            .map_err(|_| Error::KeyPackageInvalid)?;
        if package.id != request.key_package || package.last_resort {
            return Err(Error::KeyPackageInvalid);
        }
        let leaf = package.certificate;
        Ok(Asked {
            time: now,
            restart: row.restart,
            certificate: (leaf.name(), Bytes::copy_from_slice(leaf.bytes())),
            key_package: package.id,
        })
    }

    /// Requests that may still be answered, for a summary.
    pub(crate) fn open_repairs<R: Reader + ?Sized>(
        reader: &R,
        id: ConversationId,
        now: u64,
    ) -> Result<Vec<Repair>, Error> {
        let limit = u32::try_from(REPAIRS_MAX).unwrap_or(u32::MAX);
        let found = reader.repairs(id, now.saturating_sub(OF_USE), limit)?;
        let wire = found.into_iter().map(|repair| Repair {
            member: repair.member,
            request: repair.request,
            package: repair.package,
        });
        Ok(wire.collect())
    }
}

/// What the vault write changed; none when this very request is there already.
fn write(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    params: &AskRepair,
    asked: &Asked,
) -> Result<Option<VaultChanged>, Error> {
    let id = params.conversation;
    unit.membership(id, member)?.ok_or(Error::NotAMember)?;
    let row = unit.conversation(id)?.ok_or(Error::NotAMember)?;
    if row.restart != asked.restart {
        return Err(Error::BadRequest(
            "the conversation has begun anew meanwhile",
        ));
    }
    if let Some(before) = unit.repair(id, member)? {
        if before.request == params.request {
            return Ok(None);
        }
        let wait = (before.time + PAUSE).saturating_sub(asked.time);
        if wait > 0 {
            return Err(Error::TooSoon {
                retry_after_ms: u32::try_from(wait).unwrap_or(u32::MAX),
            });
        }
    }
    unit.put_leaf_certificate(asked.certificate.0, &asked.certificate.1)?;
    match unit.note_key_package(member, asked.key_package) {
        Err(StorageError::Conflict {
            what: unique::KEY_PACKAGE,
        }) => return Err(Error::KeyPackageInvalid),
        other => other?,
    }
    let repair = conversations::Repair {
        member,
        time: asked.time,
        request: params.request.clone(),
        package: params.package.clone(),
    };
    unit.put_repair(id, &repair)?;
    let head = storage::vault::apply(unit, member, &params.vault)?;
    Ok(Some(events::vault(member, &params.vault, head).1))
}

/// The others hear of it, and the member's other devices that the vault has changed.
fn tell(bus: &dyn Bus, event: &RepairAsked, vault: &VaultChanged) {
    bus.publish(Notice::event(Topic::Member(event.member), vault));
    bus.publish(Notice::event(
        Topic::Conversation(event.conversation),
        event,
    ));
}
