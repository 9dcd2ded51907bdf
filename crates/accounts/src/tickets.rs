//! What allows a registration: the set-up code or an invitation. Only hashes of them are compared and stored.

use e2ee::invitation::secret_hash;
use protocol::{
    Hash32,
    methods::{
        Done,
        account::{
            CheckInvitation, CreateInvitation, InvitationCreated, InvitationInfo, OrganisationRole,
            RevokeInvitation, Ticket,
        },
    },
};
use storage::{Reader, StorageError, UnitOfWork, accounts::Invitation, instance::key, unique};
use subtle::ConstantTimeEq;

use crate::{Error, Origin, Service, SetUpCode, reset::reset_hash, throttle::network};

/// A ticket as the database knows it.
#[derive(Clone, Copy)]
pub(crate) enum TicketHash {
    SetUp(Hash32),
    Invitation(Hash32),
    /// Of a member that there is already.
    Reset(Hash32),
}

/// Reads a ticket.
pub(crate) fn read(ticket: &Ticket) -> Result<TicketHash, Error> {
    match ticket {
        Ticket::SetUp { code } => SetUpCode::read(code)
            .map(|code| TicketHash::SetUp(code.hash()))
            .ok_or(Error::SetUpCodeWrong),
        Ticket::Invitation { secret } => invitation_hash(secret).map(TicketHash::Invitation),
        Ticket::Reset { secret } => reset_hash(secret).map(TicketHash::Reset),
    }
}

fn invitation_hash(secret: &[u8]) -> Result<Hash32, Error> {
    let secret = secret.try_into().map_err(|_| Error::InvitationInvalid)?;
    Ok(secret_hash(secret))
}

impl TicketHash {
    /// Whether it allows a registration at `now`.
    pub(crate) fn check<R: Reader + ?Sized>(self, reader: &R, now: u64) -> Result<(), Error> {
        match self {
            Self::SetUp(hash) => {
                let stored = reader.value(key::SET_UP_CODE)?.unwrap_or_default();
                let right: bool = stored.ct_eq(hash.as_bytes()).into();
                if right && reader.account_count()? == 0 {
                    Ok(())
                } else {
                    Err(Error::SetUpCodeWrong)
                }
            }
            Self::Invitation(hash) => valid_invitation(reader, hash, now).map(drop),
            Self::Reset(_) => Err(Error::MemberExists), // registers nobody
        }
    }

    /// Takes one use of it; after [`TicketHash::check`] in the same unit.
    pub(crate) fn use_up(self, unit: &mut dyn UnitOfWork) -> Result<(), Error> {
        match self {
            Self::SetUp(_) => Ok(unit.set_value(key::SET_UP_CODE, None)?),
            Self::Invitation(hash) => {
                if unit.use_invitation(hash)? {
                    Ok(())
                } else {
                    Err(Error::InvitationInvalid)
                }
            }
            Self::Reset(_) => Err(Error::MemberExists),
        }
    }
}

fn valid_invitation<R: Reader + ?Sized>(
    reader: &R,
    hash: Hash32,
    now: u64,
) -> Result<Invitation, Error> {
    let invitation = reader
        .invitation(hash)?
        .filter(|invitation| invitation.uses_left > 0 && invitation.expires > now)
        .ok_or(Error::InvitationInvalid)?;
    // whoever may not sign in invites nobody either
    if reader.is_suspended(invitation.inviter)? {
        return Err(Error::InvitationInvalid);
    }
    Ok(invitation)
}

impl Service {
    /// Looks at a ticket, unless its address has guessed too much. It counts as one more guess until it turns out to be
    /// none; few are looked at at the same time, so that right ones do not use the guesses of their address up.
    pub(crate) async fn show_ticket<T>(
        &self,
        from: &Origin,
        look: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        let _place = self.limits.tickets_at_once.acquire().await;
        self.limits.tickets.take(network(from), self.now())?;
        let result = look.await;
        if let Err(Error::InvitationInvalid | Error::SetUpCodeWrong | Error::ResetInvalid) = &result
        {
            tracing::info!("a wrong invitation, set-up code or reset link");
        } else {
            self.limits.tickets.give_back(&network(from));
        }
        result
    }

    pub(crate) async fn do_check_invitation(
        &self,
        from: &Origin,
        params: CheckInvitation,
    ) -> Result<InvitationInfo, Error> {
        self.show_ticket(from, self.look_at_invitation(&params))
            .await
    }

    async fn look_at_invitation(&self, params: &CheckInvitation) -> Result<InvitationInfo, Error> {
        let hash = invitation_hash(&params.secret)?;
        let now = self.now();
        let (expires, inviter) = storage::read(self.storage(), move |reader| {
            let invitation = valid_invitation(reader, hash, now)?;
            let inviter = reader
                .account(invitation.inviter)?
                .ok_or(Error::InvitationInvalid)?;
            Ok::<_, Error>((invitation.expires, inviter.certificate))
        })
        .await?;
        Ok(InvitationInfo {
            organisation: self.organisation().await?,
            inviter,
            expires,
        })
    }

    pub(crate) async fn do_create_invitation(
        &self,
        member: protocol::MemberId,
        params: CreateInvitation,
    ) -> Result<InvitationCreated, Error> {
        let policy = self.config.invitations;
        let new = Invitation {
            invitation: params.invitation,
            secret_hash: params.secret_hash,
            inviter: member,
            expires: self.now().saturating_add(policy.lifetime_ms),
            uses_left: policy.uses,
        };
        let expires = storage::write(self.storage(), move |unit| {
            let account = unit.account(member)?.ok_or(Error::Forbidden)?;
            if policy.admins_only && account.role != OrganisationRole::Admin {
                return Err(Error::Forbidden);
            }
            if let Some(known) = unit.invitation_by_id(new.invitation)? {
                return if known.secret_hash == new.secret_hash && known.inviter == member {
                    Ok(known.expires)
                } else {
                    Err(Error::InvitationInvalid)
                };
            }
            match unit.insert_invitation(&new) {
                Ok(()) => Ok(new.expires),
                Err(StorageError::Conflict {
                    what: unique::INVITATION | unique::INVITATION_SECRET,
                }) => Err(Error::InvitationInvalid),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        Ok(InvitationCreated {
            expires,
            addresses: self.config.addresses.clone(),
            ca: self.config.ca,
        })
    }

    pub(crate) async fn do_revoke_invitation(
        &self,
        member: protocol::MemberId,
        params: RevokeInvitation,
    ) -> Result<Done, Error> {
        storage::write(self.storage(), move |unit| {
            let account = unit.account(member)?.ok_or(Error::Forbidden)?;
            let invitation = unit
                .invitation_by_id(params.invitation)?
                .ok_or(Error::NotFound)?;
            if invitation.inviter != member && account.role != OrganisationRole::Admin {
                return Err(Error::Forbidden);
            }
            unit.delete_invitation(params.invitation)?;
            Ok(Done {})
        })
        .await
    }
}
