//! Account certificates: what they must be, and the change of names, which is a new one.

use bus::{Notice, Topic};
use e2ee::identity::AccountCertificate;
use protocol::{
    ConversationId, DeviceId, InstanceId, MemberId,
    events::{PersonChanged, VaultChanged},
    methods::{
        own_account::{Rename, Renamed},
        vault::kind,
    },
    names::{NameError, prepare_display_name, prepare_login_name, skeleton},
};
use storage::{StorageError, UnitOfWork, accounts::Account, unique};

use crate::{
    Error, Service,
    devices::check_session,
    passphrase::must_put,
    proof::{HalfWay, Proof},
};

pub(crate) const WHAT: Error = Error::CertificateInvalid("the account certificate");

pub(crate) fn name_error(error: NameError) -> Error {
    Error::NameInvalid(error.to_string())
}

/// Reads a certificate: it is the member's own, and its names are prepared.
pub(crate) fn read_certificate(
    bytes: &[u8],
    instance: InstanceId,
    member: MemberId,
) -> Result<AccountCertificate, Error> {
    let certificate = AccountCertificate::decode(bytes).map_err(|_| WHAT)?;
    certificate.verify_for(instance, member).map_err(|_| WHAT)?;
    let login_name = prepare_login_name(&certificate.login_name).map_err(name_error)?;
    let display_name = prepare_display_name(&certificate.display_name).map_err(name_error)?;
    if login_name != certificate.login_name || display_name != certificate.display_name {
        return Err(Error::NameInvalid(
            "The names in the certificate are not prepared as names are.".to_owned(),
        ));
    }
    Ok(certificate)
}

/// A change of names whose parts were checked one by one.
struct Renaming {
    member: MemberId,
    device: DeviceId,
    proved: HalfWay,
    certificate: AccountCertificate,
    params: Rename,
}

/// What a change of names tells.
struct Told {
    head: u64,
    conversations: Vec<ConversationId>,
}

impl Service {
    pub(crate) async fn do_rename(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: Rename,
    ) -> Result<Renamed, Error> {
        let proved = self.proved(proof, member, device, &params.ke3)?;
        let certificate = read_certificate(&params.certificate, self.instance, member)?;
        must_put(
            &params.vault,
            &[kind::IDENTITY],
            "the identity record with the new certificate is missing",
        )?;
        self.limits.renames.take(member, self.now())?;
        let bus = self.ports.bus.clone();
        let mut event = VaultChanged::by(&params.vault, 0);
        let renamed = params.certificate.clone();
        let renaming = Renaming {
            member,
            device,
            proved,
            certificate,
            params,
        };
        let told = storage::write_then(
            self.storage(),
            move |unit| write(unit, &renaming),
            move |told| {
                event.head = told.head;
                bus.publish(Notice::event(Topic::Member(member), &event));
                let changed = PersonChanged { member };
                let conversations = told.conversations.iter().copied();
                let topics = conversations.map(Topic::Conversation);
                for topic in topics.chain([Topic::Member(member)]) {
                    bus.publish(Notice::event(topic, &changed));
                }
            },
        )
        .await?;
        tracing::info!(%member, "renamed");
        Ok(Renamed {
            certificate: renamed,
            head: told.head,
        })
    }
}

fn write(unit: &mut dyn UnitOfWork, new: &Renaming) -> Result<Told, Error> {
    let member = new.member;
    check_session(unit, new.device)?;
    let account = unit.account(member)?.ok_or(Error::NotFound)?;
    new.proved.check_current(&account)?;
    let before = current_certificate(&account)?;
    let keys = |of: &AccountCertificate| (of.root, of.generation, of.account);
    if keys(&before) != keys(&new.certificate) {
        return Err(WHAT);
    }
    let renamed = unit.update_certificate(&Account {
        skeleton: skeleton(&new.certificate.login_name),
        login_name: new.certificate.login_name.clone(),
        display_name: new.certificate.display_name.clone(),
        certificate: new.params.certificate.clone(),
        ..account
    });
    match renamed {
        Err(StorageError::Conflict {
            what: unique::LOGIN_NAME | unique::SKELETON,
        }) => return Err(Error::NameTaken),
        other => other?,
    }
    let head = storage::vault::apply(unit, member, &new.params.vault)?;
    Ok(Told {
        head,
        conversations: conversations_of(unit, member)?,
    })
}

/// The certificate in force.
pub(crate) fn current_certificate(account: &Account) -> Result<AccountCertificate, Error> {
    AccountCertificate::decode(&account.certificate)
        .map_err(|error| Error::Internal(format!("a stored certificate: {error}")))
}

/// Where others see a member's certificate.
pub(crate) fn conversations_of(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
) -> Result<Vec<ConversationId>, Error> {
    let memberships = unit.conversations_of(member)?.into_iter();
    Ok(memberships.map(|m| m.conversation).collect())
}
