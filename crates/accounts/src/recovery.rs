//! The recovery code: made, replaced and removed by who proves the passphrase; signing in by it without one. The server
//! knows the public half of one of its keys, and never the code.

use bus::{Notice, Topic};
use e2ee::{
    recovery::{self, Connection},
    signing::PublicKey,
};
use protocol::{
    DeviceId, Hash32, MemberId,
    events::{DeviceSignedIn, RecoveryChanged, VaultChanged},
    methods::{
        account::{Recover, SignedIn},
        own_account::SetRecovery,
        vault::{VaultWritten, kind},
    },
    names::prepare_login_name,
};
use storage::{Reader, accounts::Account};

use crate::{
    Error, Origin, Proof, Service,
    devices::{add_device, check_session, read_device},
    forgotten::{Change, drop_request},
    passphrase::must_put,
    sign_in::check_standing,
    throttle::network,
};

/// A proof of the recovery code as it came, with the connection that it has to be of.
pub(crate) struct CodeProof {
    pub(crate) on: Connection,
    pub(crate) proof: [u8; 64],
}

impl CodeProof {
    pub(crate) fn read(proof: &[u8], on: Connection) -> Result<Self, Error> {
        let proof = <[u8; 64]>::try_from(proof)
            .map_err(|_| Error::BadRequest("a proof of a recovery code has 64 bytes"))?;
        Ok(Self { on, proof })
    }

    /// Whether it allows to set this passphrase (an OPAQUE upload). To be asked in the unit of work that does it: the code
    /// may have been replaced meanwhile.
    pub(crate) fn allows<R: Reader + ?Sized>(
        &self,
        reader: &R,
        member: MemberId,
        upload: &[u8],
    ) -> Result<(), Error> {
        let key = reader.recovery_key(member)?.ok_or(Error::WrongNameOrCode)?;
        recovery::verify_passphrase(&PublicKey(key), &self.on, upload, &self.proof)
            .map_err(|_| Error::WrongNameOrCode)
    }
}

impl Service {
    /// The connection that a proof of the recovery code is for.
    pub(crate) fn connection_of(&self, device: DeviceId, challenge: Hash32) -> Connection {
        Connection {
            instance: self.instance,
            incarnation: self.incarnation,
            device,
            challenge: challenge.0,
        }
    }

    pub(crate) async fn do_set_recovery(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: SetRecovery,
    ) -> Result<VaultWritten, Error> {
        let proved = self.proved(proof, member, device, &params.ke3)?;
        let key = params.key.as_deref().map(<[u8; 32]>::try_from).transpose();
        let key = key.map_err(|_| Error::BadRequest("a recovery key has 32 bytes"))?;
        must_put(
            &params.vault,
            &[kind::WRAPS, kind::ROOT],
            "the wraps and the root record for the recovery code are missing",
        )?;
        let bus = self.ports.bus.clone();
        let changed = RecoveryChanged { time: self.now() };
        let mut event = VaultChanged::by(&params.vault, 0);
        let head = storage::write_then(
            self.storage(),
            move |unit| {
                check_session(unit, device)?;
                let account = unit.account(member)?.ok_or(Error::NotFound)?;
                proved.check_current(&account)?;
                unit.set_recovery_key(member, key)?;
                Ok::<_, Error>(storage::vault::apply(unit, member, &params.vault)?)
            },
            move |head| {
                event.head = *head;
                bus.publish(Notice::event(Topic::Member(member), &event));
                bus.publish(Notice::event(Topic::Member(member), &changed));
            },
        )
        .await?;
        tracing::info!(%member, there = key.is_some(), "recovery code changed");
        Ok(VaultWritten { head })
    }

    /// The same work whether there is such a name, and whether it has a code, or not.
    pub(crate) async fn do_recover(
        &self,
        from: &Origin,
        params: Recover,
        challenge: Hash32,
    ) -> Result<SignedIn, Error> {
        let name = prepare_login_name(&params.login_name)
            .unwrap_or_else(|_| params.login_name.chars().take(64).collect());
        let on = self.connection_of(params.device.device, challenge);
        let proof = CodeProof::read(&params.proof, on)?;
        let now = self.now();
        self.limits.addresses.take(network(from), now)?;
        self.limits.names.take(name.clone(), now)?;
        let wanted = name.clone();
        let found = storage::read(self.storage(), move |reader| {
            let account = reader.account_by_login_name(&wanted)?;
            let member = account.map_or_else(MemberId::default, |account| account.member);
            Ok::<_, Error>((member, reader.recovery_key(member)?))
        });
        let (member, key) = found.await?;
        let device = read_device(&params.device, member, now)?;
        let tried = key.map_or(self.fake_recovery_key, PublicKey);
        let proved = recovery::verify_sign_in(&tried, &on, &proof.proof);
        let (Ok(()), Some(key)) = (proved, key) else {
            tracing::info!("a sign-in by recovery code failed");
            return Err(Error::WrongNameOrCode);
        };
        self.limits.names.give_back(&name);
        self.limits.addresses.give_back(&network(from));
        let event = DeviceSignedIn {
            device: device.device,
            name: device.name.clone(),
            time: now,
        };
        let bus = self.ports.bus.clone();
        let (account, _) = storage::write_then(
            self.storage(),
            move |unit| {
                let account = unit.account(member)?.ok_or(Error::WrongNameOrCode)?;
                if unit.recovery_key(member)? != Some(key) {
                    return Err(Error::WrongNameOrCode); // replaced since
                }
                check_standing(unit, member)?;
                add_device(unit, &device)?;
                Ok::<_, Error>((account, drop_request(unit, member)?))
            },
            move |(_, change): &(Account, Option<Change>)| {
                bus.publish(Notice::event(Topic::Member(member), &event));
                if let Some(change) = change {
                    change.publish(bus.as_ref());
                }
            },
        )
        .await?;
        tracing::info!(%member, "signed in by recovery code");
        self.signed_in(&account).await
    }
}
