//! Changing the passphrase, by the old one or by the recovery code: the new OPAQUE record and the vault's new wraps in one unit of work; where the old one may be
//! known, the next generation of keys with them.

use bus::{Notice, Topic};
use e2ee::{
    identity::AccountCertificate,
    opaque::{self, server},
};
use protocol::{
    ConversationId, DeviceId, MemberId,
    events::{PassphraseChanged, PersonChanged, VaultChanged},
    methods::{
        account::{RegisterStarted, Stretching},
        own_account::{FinishPassphrase, StartPassphrase},
        vault::{VaultWrite, VaultWritten, kind},
    },
};
use storage::{UnitOfWork, accounts::Account, vault::VaultRefusal};

use crate::{
    Authority, Error, Service, approval,
    devices::check_session,
    forgotten::{Change, drop_request},
    proof::{HalfWay, opaque_error},
    recovery::CodeProof,
    rename::{WHAT, conversations_of, current_certificate, read_certificate},
};

/// Refuses key stretching below the floor, or beyond reason.
pub(crate) fn check_stretching(used: &Stretching, floor: &Stretching) -> Result<(), Error> {
    let of = |wire: &Stretching| opaque::Stretching {
        memory_kib: wire.memory_kib,
        passes: wire.passes,
        lanes: wire.lanes,
    };
    of(used)
        .validate_for_registration(&of(floor))
        .map_err(|_| Error::StretchingTooWeak(*floor))
}

/// Refuses a write that leaves one of these records out, of which a member has one each: the change would lock them out.
pub(crate) fn must_put(
    write: &VaultWrite,
    kinds: &[u8],
    refusal: &'static str,
) -> Result<(), Error> {
    let put = |kind: u8| {
        let mut names = write.puts.iter().map(|put| &put.name);
        names.any(|name| name.kind == kind && name.id.is_empty())
    };
    if kinds.iter().all(|kind| put(*kind)) {
        Ok(())
    } else {
        Err(VaultRefusal::Invalid(refusal).into())
    }
}

impl Service {
    pub(crate) async fn do_passphrase_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartPassphrase,
    ) -> Result<RegisterStarted, Error> {
        // For who holds a KE2 of this member, every evaluation of the OPRF is a guess.
        self.limits.proofs.take(device, self.now())?;
        let response = server::registration_response(&self.oprf_seed, &params.request, member)
            .map_err(opaque_error)?;
        Ok(RegisterStarted {
            response: response.into(),
            stretching_floor: self.config.stretching_floor,
        })
    }

    pub(crate) async fn do_passphrase_finish(
        &self,
        member: MemberId,
        device: DeviceId,
        by: Authority,
        params: FinishPassphrase,
    ) -> Result<VaultWritten, Error> {
        let proved = self.proved_by(by, member, device, &params)?;
        check_stretching(&params.stretching, &self.config.stretching_floor)?;
        let record = server::registration_record(&params.upload).map_err(opaque_error)?;
        must_put(
            &params.vault,
            &[kind::WRAPS, kind::ROOT],
            "the wraps and the root record for the new passphrase are missing",
        )?;
        let certificate = params.certificate.as_ref();
        let certificate = certificate.map(|bytes| read_certificate(bytes, self.instance, member));
        let certificate = certificate.transpose()?;
        if certificate.is_some() {
            must_put(
                &params.vault,
                &[kind::IDENTITY],
                "the identity record with the new certificate is missing",
            )?;
        }
        let new_keys = certificate.is_some();
        let bus = self.ports.bus.clone();
        let changed = PassphraseChanged { time: self.now() };
        let mut event = VaultChanged::by(&params.vault, 0);
        let changing = Changing {
            member,
            device,
            proved,
            record,
            certificate,
            params,
        };
        let by_code = matches!(changing.proved, Proved::RecoveryCode(_));
        let told = storage::write_then(
            self.storage(),
            move |unit| write(unit, &changing),
            move |told| {
                event.head = told.head;
                bus.publish(Notice::event(Topic::Member(member), &event));
                bus.publish(Notice::event(Topic::Member(member), &changed));
                if let Some(change) = &told.change {
                    change.publish(bus.as_ref());
                }
                approval::tell_ended(bus.as_ref(), member, &told.waited);
                if new_keys {
                    let conversations = told.conversations.iter().copied();
                    let topics = conversations.map(Topic::Conversation);
                    for topic in topics.chain([Topic::Member(member)]) {
                        bus.publish(Notice::event(topic, &PersonChanged { member }));
                    }
                }
            },
        )
        .await?;
        if by_code {
            self.limits.proofs.give_back(&device); // that of the start
        }
        tracing::info!(%member, new_keys, by_code, "passphrase changed");
        Ok(VaultWritten { head: told.head })
    }

    /// The old passphrase is proved at once, the recovery code in the unit of work.
    fn proved_by(
        &self,
        by: Authority,
        member: MemberId,
        device: DeviceId,
        params: &FinishPassphrase,
    ) -> Result<Proved, Error> {
        match by {
            Authority::Passphrase(proof) => {
                let ke3 = params.ke3.as_ref().ok_or(NO_PROOF)?;
                let proved = self.proved(proof, member, device, ke3)?;
                self.limits.proofs.give_back(&device); // that of the start
                Ok(Proved::Passphrase(proved))
            }
            Authority::RecoveryCode { challenge } => {
                let proof = params.recovery.as_ref().ok_or(NO_PROOF)?;
                let on = self.connection_of(device, challenge);
                CodeProof::read(proof, on).map(Proved::RecoveryCode)
            }
        }
    }
}

const NO_PROOF: Error = Error::BadRequest("a proof of passphrase or recovery code is missing");

/// What allows a change of the passphrase.
enum Proved {
    Passphrase(HalfWay),
    RecoveryCode(CodeProof),
}

/// A change of the passphrase whose parts were checked one by one.
struct Changing {
    member: MemberId,
    device: DeviceId,
    proved: Proved,
    /// The new OPAQUE record.
    record: Vec<u8>,
    /// Of the next key generation, where the old passphrase may be known.
    certificate: Option<AccountCertificate>,
    params: FinishPassphrase,
}

/// What a change of the passphrase tells.
struct Told {
    head: u64,
    /// Where the member has other keys from now on.
    conversations: Vec<ConversationId>,
    /// A request for what is done by this was dropped.
    change: Option<Change>,
    /// Devices that waited by the passphrase of before.
    waited: Vec<DeviceId>,
}

fn write(unit: &mut dyn UnitOfWork, new: &Changing) -> Result<Told, Error> {
    let member = new.member;
    check_session(unit, new.device)?;
    let account = unit.account(member)?.ok_or(Error::NotFound)?;
    match &new.proved {
        Proved::Passphrase(proved) => proved.check_current(&account)?,
        Proved::RecoveryCode(proof) => proof.allows(unit, member, &new.params.upload)?,
    }
    unit.update_passphrase(member, &new.record, &new.params.stretching)?;
    let mut conversations = Vec::new();
    if let Some(certificate) = &new.certificate {
        next_generation(unit, account, certificate)?;
        conversations = conversations_of(unit, member)?;
    }
    require_approval(unit, member, &new.params)?;
    let head = storage::vault::apply(unit, member, &new.params.vault)?;
    unit.drop_reset_link(member)?;
    Ok(Told {
        waited: approval::end_all(unit, member)?,
        head,
        conversations,
        change: drop_request(unit, member)?,
    })
}

/// Whether new sign-ins need approval from now on. The record with the approval secret is there exactly then, and is made
/// anew with each passphrase: a client that does not know of it would leave its member without a way in.
fn require_approval(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    params: &FinishPassphrase,
) -> Result<(), Error> {
    let before = unit.approval_required(member)?;
    let required = params.approval.unwrap_or(before);
    if required {
        must_put(&params.vault, &[kind::APPROVAL], NO_APPROVAL_RECORD)?;
    } else if before {
        let mut deleted = params.vault.deletes.iter();
        if !deleted.any(|delete| delete.name.kind == kind::APPROVAL) {
            return Err(VaultRefusal::Invalid("the approval record has to go").into());
        }
    }
    Ok(unit.set_approval_required(member, required)?)
}

pub(crate) const NO_APPROVAL_RECORD: &str = "a new approval record is missing";

/// The next generation of a member's keys: the same person in every way but for the account key. Key packages of the
/// generation before would be refused wherever they were used.
fn next_generation(
    unit: &mut dyn UnitOfWork,
    account: Account,
    certificate: &AccountCertificate,
) -> Result<(), Error> {
    let before = current_certificate(&account)?;
    let same = before.root == certificate.root
        && before.login_name == certificate.login_name
        && before.display_name == certificate.display_name;
    let next = before.generation.checked_add(1) == Some(certificate.generation);
    if !same || !next || before.account == certificate.account {
        return Err(WHAT);
    }
    let member = account.member;
    unit.update_certificate(&Account {
        certificate: protocol::Bytes::copy_from_slice(certificate.bytes()),
        generation: certificate.generation,
        ..account
    })?;
    Ok(unit.withdraw_key_packages(member)?)
}
