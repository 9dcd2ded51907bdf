//! Registration: ticket, names, certificate, passphrase record, device, vault and key packages in one unit of work.

use e2ee::{identity::AccountCertificate, opaque::server};
use protocol::{
    InstanceId,
    methods::{
        account::{
            OrganisationRole, RegisterFinish, RegisterStart, RegisterStarted, SignedIn, Ticket,
        },
        people::NewKeyPackage,
        vault::VaultWrite,
    },
    names::{prepare_organisation_name, skeleton},
};
use storage::{
    Reader, StorageError, UnitOfWork,
    accounts::{Account, Device},
    instance::key,
    unique,
};

use crate::{
    Error, Origin, Service,
    devices::{add_device, read_device},
    key_packages::{self, Inspected},
    passphrase::check_stretching,
    proof::opaque_error,
    rename::{name_error, read_certificate},
    reset::valid_link,
    tickets::{self, TicketHash},
};

/// A registration whose parts were checked one by one.
struct Registration {
    ticket: TicketHash,
    account: Account,
    device: Device,
    key_packages: Vec<Inspected>,
    vault: VaultWrite,
    organisation: Option<String>,
}

impl Service {
    pub(crate) async fn do_register_start(
        &self,
        from: &Origin,
        params: RegisterStart,
    ) -> Result<RegisterStarted, Error> {
        self.check_ticket(from, &params.ticket, params.member)
            .await?;
        // a new passphrase of a member that there is already has the same credential identifier
        let response =
            server::registration_response(&self.oprf_seed, &params.request, params.member)
                .map_err(opaque_error)?;
        Ok(RegisterStarted {
            response: response.into(),
            stretching_floor: self.config.stretching_floor,
        })
    }

    pub(crate) async fn do_register_finish(
        &self,
        from: &Origin,
        params: RegisterFinish,
    ) -> Result<SignedIn, Error> {
        // First the ticket: the costly checks are for who has one.
        let ticket = self
            .check_ticket(from, &params.ticket, params.member)
            .await?;
        if let TicketHash::Reset(hash) = ticket {
            return self.finish_reset(hash, params).await;
        }
        let registration = self.read_registration(ticket, params)?;
        let account = registration.account.clone();
        let now = self.now();
        // The ticket was good just now: who finds it used up here has lost a race, and guesses nothing.
        storage::write(self.storage(), move |unit| write(unit, &registration, now)).await?;
        tracing::info!(member = %account.member, "registered");
        self.signed_in(&account).await
    }

    /// Whether somebody may register with this ticket now. Writes nothing.
    async fn check_ticket(
        &self,
        from: &Origin,
        ticket: &Ticket,
        member: protocol::MemberId,
    ) -> Result<TicketHash, Error> {
        let now = self.now();
        let look = async {
            let ticket = tickets::read(ticket)?;
            storage::read(self.storage(), move |reader| {
                match ticket {
                    TicketHash::Reset(hash) => {
                        if valid_link(reader, hash, now)?.member != member {
                            return Err(Error::ResetInvalid);
                        }
                    }
                    _ => {
                        not_registered(reader, member)?;
                        ticket.check(reader, now)?;
                    }
                }
                Ok(ticket)
            })
            .await
        };
        self.show_ticket(from, look).await
    }

    fn read_registration(
        &self,
        ticket: TicketHash,
        params: RegisterFinish,
    ) -> Result<Registration, Error> {
        let now = self.now();
        check_stretching(&params.stretching, &self.config.stretching_floor)?;
        let (role, organisation) = match ticket {
            TicketHash::SetUp(_) => {
                let name = params
                    .organisation
                    .as_deref()
                    .ok_or(Error::BadRequest("the first member names the organisation"))?;
                let name = prepare_organisation_name(name).map_err(name_error)?;
                (OrganisationRole::Admin, Some(name))
            }
            TicketHash::Invitation(_) if params.organisation.is_some() => {
                return Err(Error::BadRequest("the organisation has its name already"));
            }
            TicketHash::Invitation(_) => (OrganisationRole::Member, None),
            TicketHash::Reset(_) => return Err(Error::MemberExists),
        };
        let certificate = first_certificate(&params, self.instance)?;
        let account = Account {
            member: params.member,
            skeleton: skeleton(&certificate.login_name),
            login_name: certificate.login_name.clone(),
            display_name: certificate.display_name.clone(),
            role,
            opaque_record: server::registration_record(&params.upload).map_err(opaque_error)?,
            stretching: params.stretching,
            certificate: params.certificate,
            generation: certificate.generation,
            created: now,
        };
        Ok(Registration {
            ticket,
            device: read_device(&params.device, params.member, now)?,
            key_packages: first_key_packages(&params.key_packages, &certificate, now)?,
            vault: params.vault,
            account,
            organisation,
        })
    }
}

/// The certificate is the member's own, of the first key generation, and its names are prepared.
fn first_certificate(
    params: &RegisterFinish,
    instance: InstanceId,
) -> Result<AccountCertificate, Error> {
    let certificate = read_certificate(&params.certificate, instance, params.member)?;
    if certificate.generation != 1 {
        return Err(Error::CertificateInvalid("the account certificate"));
    }
    Ok(certificate)
}

pub(crate) fn first_key_packages(
    packages: &[NewKeyPackage],
    certificate: &AccountCertificate,
    now: u64,
) -> Result<Vec<Inspected>, Error> {
    if packages
        .iter()
        .filter(|package| package.last_resort)
        .count()
        != 1
    {
        return Err(Error::KeyPackageInvalid("exactly one is the last resort"));
    }
    key_packages::inspect(packages, certificate, now)
}

fn not_registered<R: Reader + ?Sized>(reader: &R, member: protocol::MemberId) -> Result<(), Error> {
    match reader.account(member)? {
        Some(_) => Err(Error::MemberExists),
        None => Ok(()),
    }
}

fn write(unit: &mut dyn UnitOfWork, new: &Registration, now: u64) -> Result<(), Error> {
    let member = new.account.member;
    not_registered(unit, member)?;
    new.ticket.check(unit, now)?;
    new.ticket.use_up(unit)?;
    if let Some(name) = &new.organisation {
        unit.set_value(key::ORGANISATION, Some(name.as_bytes()))?;
    }
    match unit.insert_account(&new.account) {
        Err(StorageError::Conflict {
            what: unique::LOGIN_NAME | unique::SKELETON,
        }) => return Err(Error::NameTaken),
        Err(StorageError::Conflict {
            what: unique::ACCOUNT,
        }) => return Err(Error::MemberExists),
        other => other?,
    }
    add_device(unit, &new.device)?;
    key_packages::offer(unit, member, &new.key_packages, now)?;
    storage::vault::apply(unit, member, &new.vault)?;
    Ok(())
}
