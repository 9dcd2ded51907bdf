//! Invitations: made by members, checked by newcomers before they use them.

use e2ee::{
    identity::{AccountCertificate, root_fingerprint},
    invitation::Invitation,
};
use protocol::{
    InvitationId,
    methods::account::{CreateInvitation, InvitationCreated, InvitationInfo},
};
use rand::RngCore;

use crate::{Doing, Engine, Failure, Store, Update, account::Flow, pending::Pending};

impl<S: Store> Engine<S> {
    pub(crate) fn invitation_checked(&mut self, result: Result<InvitationInfo, Failure>) {
        let Some(Flow::Registering(registering)) = &self.flow else {
            return;
        };
        let Some(invitation) = &registering.invitation else {
            return;
        };
        let checked = result.and_then(|info| {
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
        });
        match checked {
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
            secret_hash: e2ee::invitation::secret_hash(invitation.secret()),
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
