//! What admins of the organisation do with its members.

use protocol::{
    MemberId,
    methods::{
        Done,
        account::OrganisationRole,
        people::{CloseAccountOf, SetOrganisationRole, Suspend},
    },
};

use crate::{Doing, Engine, Failure, Store, pending::Pending};

impl<S: Store> Engine<S> {
    fn may_act_on(&self, member: MemberId) -> Result<(), Failure> {
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        if own.role != OrganisationRole::Admin || own.member == member {
            return Err(Failure::NotAllowed);
        }
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        Ok(())
    }

    pub(crate) fn suspend(&mut self, member: MemberId, suspended: bool) -> Result<(), Failure> {
        self.may_act_on(member)?;
        let pending = Pending::Member(Doing::Suspending, member);
        self.request(&Suspend { member, suspended }, pending);
        Ok(())
    }

    pub(crate) fn set_admin(&mut self, member: MemberId, admin: bool) -> Result<(), Failure> {
        self.may_act_on(member)?;
        let role = if admin {
            OrganisationRole::Admin
        } else {
            OrganisationRole::Member
        };
        let pending = Pending::Member(Doing::SettingAdmin, member);
        self.request(&SetOrganisationRole { member, role }, pending);
        Ok(())
    }

    pub(crate) fn close_account_of(&mut self, member: MemberId) -> Result<(), Failure> {
        self.may_act_on(member)?;
        let pending = Pending::Member(Doing::ClosingAccountOf, member);
        self.request(&CloseAccountOf { member }, pending);
        Ok(())
    }

    /// The server's answer. How the person stands now is asked for, where the server does not tell by itself.
    pub(crate) fn member_answered(
        &mut self,
        doing: Doing,
        member: MemberId,
        result: Result<Done, Failure>,
    ) {
        match result {
            Ok(_) => {
                self.person_changed(member);
                self.done(doing);
            }
            Err(failure) => self.fail(doing, failure),
        }
    }
}
