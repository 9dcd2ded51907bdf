//! Invitations: made by members, checked by newcomers before they use them.

use e2ee::{
    identity::{AccountCertificate, root_fingerprint},
    invitation::{Invitation, secret_hash},
};
use protocol::{
    Bytes, Hash32, InvitationId,
    methods::account::{CheckInvitation, CreateInvitation, InvitationCreated, InvitationInfo},
};
use rand::RngCore;

use crate::{
    Doing, Engine, Failure, Store, Update, account::Flow, pending::Pending, people::shown_name,
    view::InviterView,
};

impl<S: Store> Engine<S> {
    /// Looks at an invitation before it is used: now, or when there is a connection. The one asked for last counts.
    pub(crate) fn check_invitation(&mut self, link: &str) -> Result<(), Failure> {
        self.looking_at = None;
        if self.own.is_some() {
            return Err(Failure::AlreadySignedIn);
        }
        let invitation = Invitation::decode(link.trim()).map_err(|_| Failure::Invitation)?;
        self.looking_at = Some(invitation);
        self.look_at_invitation();
        Ok(())
    }

    /// Asks the server about the invitation that is looked at, if there is one and somebody can still use it.
    pub(crate) fn look_at_invitation(&mut self) {
        if self.own.is_some() || !self.connection.greeted() {
            return;
        }
        if let Some(invitation) = &self.looking_at {
            let secret = Bytes::copy_from_slice(invitation.secret());
            let question = Pending::LookAtInvitation(secret_hash(invitation.secret()));
            if !self.is_asking(&question) {
                self.request(&CheckInvitation { secret }, question);
            }
        }
    }

    /// What the server says of an invitation that was looked at. One that was put in its place since is still asked for.
    pub(crate) fn invitation_looked_at(
        &mut self,
        asked: Hash32,
        result: Result<InvitationInfo, Failure>,
    ) {
        let same = |i: &mut Invitation| secret_hash(i.secret()) == asked;
        let Some(invitation) = self.looking_at.take_if(same) else {
            return;
        };
        let checked = result.and_then(|info| {
            let inviter = self.inviter_of(&invitation, &info)?;
            Ok(InviterView {
                display_name: shown_name(&inviter),
                login_name: inviter.login_name,
                organisation: info.organisation,
                expires: info.expires,
            })
        });
        match checked {
            Ok(inviter) => self.tell(Update::InvitedBy(inviter)),
            Err(failure) => self.fail(Doing::CheckingInvitation, failure),
        }
    }

    /// Who invites, by the certificate that the server shows: the root identity must be the one that the link names.
    fn inviter_of(
        &self,
        invitation: &Invitation,
        info: &InvitationInfo,
    ) -> Result<AccountCertificate, Failure> {
        let inviter = AccountCertificate::decode(&info.inviter)?;
        let instance = self.connection.hello.as_ref().map(|hello| hello.instance);
        let fits = instance == Some(inviter.instance)
            && inviter.member == invitation.inviter
            && root_fingerprint(&inviter.root) == invitation.root;
        if fits {
            Ok(inviter)
        } else {
            Err(Failure::Unverified(
                "the inviter is not who the invitation says".into(),
            ))
        }
    }

    /// The first step of a registration by invitation.
    pub(crate) fn invitation_checked(&mut self, result: Result<InvitationInfo, Failure>) {
        let Some(Flow::Registering(registering)) = &self.flow else {
            return;
        };
        let Some(invitation) = &registering.invitation else {
            return;
        };
        match result.and_then(|info| self.inviter_of(invitation, &info)) {
            Ok(inviter) => {
                self.people.pin_inviter(&inviter, self.now);
                self.send_register_start();
            }
            Err(failure) => self.registration_failed(failure),
        }
    }

    pub(crate) fn invite(&mut self) -> Result<(), Failure> {
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        let mut id = InvitationId::default();
        self.rng.fill_bytes(&mut id.0);
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let invitation = Invitation::generate(
            &mut self.rng,
            own.member,
            root_fingerprint(&own.certificate.root),
            protocol::Hash32::default(),
            vec!["localhost:1".to_owned()], // the server says the real ones
        )?;
        let params = CreateInvitation {
            invitation: id,
            secret_hash: secret_hash(invitation.secret()),
        };
        self.people.inviting = Some((id, invitation));
        self.request(&params, Pending::Invite(id));
        Ok(())
    }

    pub(crate) fn invited(&mut self, id: InvitationId, result: Result<InvitationCreated, Failure>) {
        let Some((_, mut invitation)) = self.people.inviting.take_if(|(i, _)| *i == id) else {
            return;
        };
        let made = result.and_then(|created| {
            invitation.ca = created.ca;
            invitation.addresses = created.addresses;
            let link = invitation.link();
            Invitation::decode(&link)?;
            Ok((link.to_string(), created.expires))
        });
        match made {
            Ok((link, expires)) => self.tell(Update::Invitation { link, expires }),
            Err(failure) => self.fail(Doing::Inviting, failure),
        }
    }
}
