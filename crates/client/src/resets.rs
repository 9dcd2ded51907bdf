//! Resets by an admin: the link that is handed over, and what it leads to. Beginning anew by it is `account.rs`.

use e2ee::{
    identity::AccountCertificate,
    reset::{ResetLink, secret_hash},
    vault::Head,
};
use protocol::{
    Bytes, Hash32, MemberId,
    methods::{
        account::{CheckReset, ResetInfo},
        own_account::{ResetCreated, ResetMember},
    },
};

use crate::{
    Doing, Engine, Failure, Store, Update, account::Flow, pending::Pending, people::shown_name,
    view::ResetView,
};

/// What of before goes on when somebody begins anew: names and key generation, and the vault's chain of heads.
pub(crate) struct Before {
    pub(crate) certificate: AccountCertificate,
    pub(crate) head: Head,
}

impl<S: Store> Engine<S> {
    /// Makes a link by which this member begins anew.
    pub(crate) fn reset_member(&mut self, member: MemberId) -> Result<(), Failure> {
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        let link = ResetLink::generate(&mut self.rng);
        let params = ResetMember {
            member,
            secret_hash: secret_hash(link.secret()),
        };
        self.resetting = Some((member, link));
        self.request(&params, Pending::ResetMember(member));
        Ok(())
    }

    pub(crate) fn reset_made(&mut self, member: MemberId, result: Result<ResetCreated, Failure>) {
        let Some((_, link)) = self.resetting.take_if(|(of, _)| *of == member) else {
            return;
        };
        let made = result.and_then(|created| {
            let address = created.addresses.first();
            let address = address.ok_or_else(|| unverified("a server without address"))?;
            let text = link.link(address);
            ResetLink::decode(&text)?;
            Ok((text.to_string(), created.expires))
        });
        match made {
            Ok((link, expires)) => self.tell(Update::ResetLink {
                member,
                link,
                expires,
            }),
            Err(failure) => self.fail(Doing::ResettingMember, failure),
        }
    }

    /// Looks at a link before it is used: now, or when there is a connection. The one asked for last counts.
    pub(crate) fn check_reset(&mut self, link: &str) -> Result<(), Failure> {
        self.looking_at_reset = None;
        if self.own.is_some() {
            return Err(Failure::AlreadySignedIn);
        }
        let link = ResetLink::decode(link).map_err(|_| Failure::ResetLink)?;
        self.looking_at_reset = Some(link);
        self.look_at_reset();
        Ok(())
    }

    /// Asks the server about the link that is looked at, if there is one and somebody can still use it.
    pub(crate) fn look_at_reset(&mut self) {
        if self.own.is_some() || !self.connection.greeted() {
            return;
        }
        if let Some(link) = &self.looking_at_reset {
            let secret = Bytes::copy_from_slice(link.secret());
            let question = Pending::LookAtReset(secret_hash(link.secret()));
            if !self.is_asking(&question) {
                self.request(&CheckReset { secret }, question);
            }
        }
    }

    pub(crate) fn reset_looked_at(&mut self, asked: Hash32, result: Result<ResetInfo, Failure>) {
        let same = |link: &mut ResetLink| secret_hash(link.secret()) == asked;
        if self.looking_at_reset.take_if(same).is_none() {
            return;
        }
        let checked = result.and_then(|info| {
            let before = self.before(&info)?;
            Ok(ResetView {
                display_name: shown_name(&before.certificate),
                login_name: before.certificate.login_name,
                organisation: info.organisation,
                expires: info.expires,
            })
        });
        match checked {
            Ok(view) => self.tell(Update::ResetFor(view)),
            Err(failure) => self.fail(Doing::CheckingReset, failure),
        }
    }

    /// What a link leads to, as the server shows it: all of it is this instance's and one member's.
    fn before(&self, info: &ResetInfo) -> Result<Before, Failure> {
        let certificate = AccountCertificate::decode(&info.certificate)?;
        let head = Head::decode(&info.head)?;
        let instance = self.connection.hello.as_ref().map(|hello| hello.instance);
        let fits = instance == Some(certificate.instance)
            && (head.instance, head.member) == (certificate.instance, certificate.member)
            && head.generation <= certificate.generation;
        if fits {
            Ok(Before { certificate, head })
        } else {
            Err(unverified("what the reset link leads to does not fit"))
        }
    }

    /// The first step of beginning anew.
    pub(crate) fn reset_checked(&mut self, result: Result<ResetInfo, Failure>) {
        let before = result.and_then(|info| self.before(&info));
        let Some(Flow::Registering(registering)) = &mut self.flow else {
            return;
        };
        match before {
            Ok(before) => {
                registering.goes_on_from(before);
                self.send_register_start();
            }
            Err(failure) => self.registration_failed(failure),
        }
    }
}

fn unverified(why: &str) -> Failure {
    Failure::Unverified(why.into())
}
