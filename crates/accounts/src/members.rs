//! What becomes of members: roles in the organisation, suspending, closing accounts.

use bus::{Hint, Notice, Topic};
use protocol::{
    Bytes, ConversationId, DeviceId, MemberId,
    events::PersonChanged,
    methods::{
        Done,
        account::OrganisationRole,
        own_account::CloseAccount,
        people::{CloseAccountOf, SetOrganisationRole, Suspend},
    },
};
use storage::{Reader, UnitOfWork, accounts::Account};

use crate::{
    Error, Proof, Service, approval, devices::check_session, rename::conversations_of, reset::owner,
};

/// Whom an act of an admin concerns, and who is told.
struct Told {
    member: MemberId,
    conversations: Vec<ConversationId>,
    /// Whether their sessions end.
    ends: bool,
}

/// The account that an admin acts on: somebody else's.
fn of_other(
    unit: &mut dyn UnitOfWork,
    (admin, device): (MemberId, DeviceId),
    member: MemberId,
) -> Result<Account, Error> {
    check_session(unit, device)?;
    let by = unit.account(admin)?.ok_or(Error::Forbidden)?;
    if by.role != OrganisationRole::Admin || admin == member {
        return Err(Error::Forbidden);
    }
    unit.account(member)?.ok_or(Error::NotFound)
}

/// The same of somebody who is no admin.
fn of_no_admin(
    unit: &mut dyn UnitOfWork,
    by: (MemberId, DeviceId),
    member: MemberId,
) -> Result<Account, Error> {
    let account = of_other(unit, by, member)?;
    match account.role {
        OrganisationRole::Admin => Err(Error::Forbidden),
        _ => Ok(account),
    }
}

/// Refuses to leave the organisation without an admin who can act.
fn check_admins<R: Reader + ?Sized>(reader: &R, leaving: &Account) -> Result<(), Error> {
    if leaving.role != OrganisationRole::Admin || reader.admins()?.len() > 1 {
        return Ok(());
    }
    Err(Error::LastAdmin)
}

impl Service {
    fn tell(&self) -> impl FnOnce(&Told) + Send + 'static {
        let bus = self.ports.bus.clone();
        move |told| {
            let topic = Topic::Member(told.member);
            if told.ends {
                bus.publish(Notice {
                    topic,
                    frame: Bytes::new(),
                    hint: Hint::Ended,
                });
            }
            let changed = PersonChanged {
                member: told.member,
            };
            let conversations = told.conversations.iter().copied();
            for topic in conversations.map(Topic::Conversation).chain([topic]) {
                bus.publish(Notice::event(topic, &changed));
            }
        }
    }

    pub(crate) async fn do_set_role(
        &self,
        by: (MemberId, DeviceId),
        params: SetOrganisationRole,
    ) -> Result<Done, Error> {
        let (member, role) = (params.member, params.role);
        if ![OrganisationRole::Admin, OrganisationRole::Member].contains(&role) {
            return Err(Error::BadRequest("a role is admin or member"));
        }
        let write = move |unit: &mut dyn UnitOfWork| {
            let account = of_other(unit, by, member)?;
            let owner = owner(unit)?;
            let demotes = account.role == OrganisationRole::Admin && role != account.role;
            // the owner of the organisation stays an admin, and alone makes others none any more
            if owner == Some(member) || demotes && owner != Some(by.0) {
                return Err(Error::Forbidden);
            }
            if role == OrganisationRole::Admin && unit.is_suspended(member)? {
                return Err(Error::Forbidden);
            }
            unit.set_role(member, role)?;
            Ok::<_, Error>(Told {
                member,
                conversations: conversations_of(unit, member)?,
                ends: false,
            })
        };
        storage::write_then(self.storage(), write, self.tell()).await?;
        tracing::info!(admin = %by.0, %member, ?role, "role changed");
        Ok(Done {})
    }

    pub(crate) async fn do_suspend(
        &self,
        by: (MemberId, DeviceId),
        params: Suspend,
    ) -> Result<Done, Error> {
        let Suspend { member, suspended } = params;
        let write = move |unit: &mut dyn UnitOfWork| {
            of_no_admin(unit, by, member)?;
            unit.set_suspended(member, suspended)?;
            if suspended {
                // nobody could cancel it meanwhile
                unit.drop_forgotten(member)?;
                unit.drop_reset_link(member)?;
                approval::end_all(unit, member)?;
            }
            Ok::<_, Error>(Told {
                member,
                conversations: conversations_of(unit, member)?,
                ends: suspended,
            })
        };
        storage::write_then(self.storage(), write, self.tell()).await?;
        tracing::info!(admin = %by.0, %member, suspended, "suspension changed");
        Ok(Done {})
    }

    pub(crate) async fn do_close(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: CloseAccount,
    ) -> Result<Done, Error> {
        let proved = self.proved(proof, member, device, &params.ke3)?;
        self.close(member, move |unit| {
            check_session(unit, device)?;
            let account = unit.account(member)?.ok_or(Error::NotFound)?;
            proved.check_current(&account)?;
            check_admins(unit, &account)
        })
        .await
    }

    pub(crate) async fn do_close_of(
        &self,
        by: (MemberId, DeviceId),
        params: CloseAccountOf,
    ) -> Result<Done, Error> {
        let member = params.member;
        let check = move |unit: &mut dyn UnitOfWork| of_no_admin(unit, by, member).map(drop);
        self.close(member, check).await
    }

    /// Everything personal goes at once. The entries that tell the conversations are theirs to write: the account is named
    /// as closed until they have.
    async fn close(
        &self,
        member: MemberId,
        check: impl FnOnce(&mut dyn UnitOfWork) -> Result<(), Error> + Send + 'static,
    ) -> Result<Done, Error> {
        let now = self.now();
        let write = move |unit: &mut dyn UnitOfWork| {
            check(unit)?;
            unit.close_account(member, now)?;
            Ok::<_, Error>(())
        };
        let bus = self.ports.bus.clone();
        storage::write_then(self.storage(), write, move |()| {
            bus.publish(Notice {
                topic: Topic::Member(member),
                frame: Bytes::new(),
                hint: Hint::Ended,
            });
        })
        .await?;
        tracing::info!(%member, "account closed");
        Ok(Done {})
    }
}
