//! OPAQUE between its two steps, and proofs of the passphrase by who is signed in already.

use ambient::generator;
use e2ee::opaque::{OpaqueError, server};
use protocol::{DeviceId, MemberId, methods::own_account::StartProof};
use storage::accounts::Account;
use zeroize::Zeroizing;

use crate::{Error, ProofOpened, Service};

/// A sign-in or proof that waits for KE3; wiped when dropped.
pub(crate) struct HalfWay {
    state: Zeroizing<Vec<u8>>,
    /// The record that it was begun with.
    record: Vec<u8>,
}

/// A proof of the passphrase between its two steps. Kept by the connection, for a minute at most; wiped when dropped.
pub struct Proof {
    half_way: HalfWay,
    member: MemberId,
    device: DeviceId,
}

/// What a client's OPAQUE message was answered with, when it was not a message.
pub(crate) fn opaque_error(error: OpaqueError) -> Error {
    match error {
        OpaqueError::WrongNameOrPassphrase => Error::WrongNameOrPassphrase,
        OpaqueError::Malformed(what) => Error::BadRequest(what),
        OpaqueError::TooCostly => Error::BadRequest("the key-stretching cost is unreasonable"),
        OpaqueError::TooCheap => Error::BadRequest("the key-stretching cost is too low"),
        OpaqueError::Library(what) => Error::Internal(format!("OPAQUE: {what}")),
    }
}

impl HalfWay {
    /// Whether KE3 shows that the client knew the passphrase.
    pub(crate) fn verify(&self, ke3: &[u8]) -> Result<(), Error> {
        server::sign_in_finish(&self.state, ke3).map_err(opaque_error)
    }

    /// Refuses when the passphrase was changed since: what was proved is not in force any more. To be asked in the unit
    /// of work that acts on it.
    pub(crate) fn check_current(&self, account: &Account) -> Result<(), Error> {
        if self.record == account.opaque_record {
            Ok(())
        } else {
            Err(Error::WrongNameOrPassphrase)
        }
    }
}

impl Service {
    /// Answers KE1 with KE2.
    pub(crate) fn answer_ke1(
        &self,
        record: &[u8],
        credential: MemberId,
        ke1: &[u8],
    ) -> Result<(HalfWay, Vec<u8>), Error> {
        let (state, ke2) = server::sign_in_start(
            &mut generator(self.ports.random.as_ref()),
            &self.oprf_seed,
            Some(record),
            ke1,
            credential,
            self.instance,
        )
        .map_err(opaque_error)?;
        let record = record.to_vec();
        Ok((HalfWay { state, record }, ke2))
    }

    pub(crate) async fn do_prove_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartProof,
    ) -> Result<ProofOpened, Error> {
        self.limits.proofs.take(device, self.now())?;
        let account = storage::read(self.storage(), move |reader| {
            reader.account(member)?.ok_or(Error::NotFound)
        })
        .await?;
        let (half_way, ke2) = self.answer_ke1(&account.opaque_record, member, &params.ke1)?;
        Ok(ProofOpened {
            proof: Proof {
                half_way,
                member,
                device,
            },
            ke2: ke2.into(),
            stretching: account.stretching,
        })
    }

    /// Ends a proof: its session's own, and KE3 is right. Whether the passphrase is still the one in force is asked of
    /// what this gives, later, in the unit of work.
    pub(crate) fn proved(
        &self,
        proof: Proof,
        member: MemberId,
        device: DeviceId,
        ke3: &[u8],
    ) -> Result<HalfWay, Error> {
        if (proof.member, proof.device) != (member, device) {
            return Err(Error::WrongNameOrPassphrase);
        }
        if let Err(error) = proof.half_way.verify(ke3) {
            tracing::info!(%member, "a proof of the passphrase failed");
            return Err(error);
        }
        self.limits.proofs.give_back(&device);
        Ok(proof.half_way)
    }
}
