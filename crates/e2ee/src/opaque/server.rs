//! The server's side of OPAQUE: pure functions over the OPRF seed file.

use std::fmt;

use opaque_ke::{
    CredentialFinalization, CredentialRequest, RegistrationRequest, RegistrationUpload,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup,
};
use protocol::{InstanceId, MemberId};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    CONTEXT, KE1_LEN, KE3_LEN, OpaqueError, REGISTRATION_REQUEST_LEN, REGISTRATION_UPLOAD_LEN,
    Suite, exactly, identifiers,
};
use crate::{
    kdf::{hmac, kdf, label},
    suite::{Reader, Writer},
};

/// OPRF seed (64), the server's private key (32), a public key for fake records (32).
const SETUP_LEN: usize = 128;
const FILE: &str = "OPRF seed file";

/// The content of the OPRF seed file: kept apart from the database, part of every encrypted backup, the same on
/// all core processes. Losing it locks everybody out.
#[derive(Clone)]
pub struct OprfSeed {
    setup: ServerSetup<Suite>,
    name_key: Zeroizing<[u8; 32]>,
}

impl OprfSeed {
    /// A new seed, once in the life of an instance.
    ///
    /// # Errors
    /// [`OpaqueError::Library`].
    pub fn generate(rng: &mut (impl CryptoRng + RngCore)) -> Result<Self, OpaqueError> {
        let setup = ServerSetup::<Suite>::new(rng);
        let bytes = Writer::new()
            .header()
            .bytes(&Zeroizing::new(setup.serialize().to_vec()))
            .finish_secret();
        Self::from_bytes(&bytes)
    }

    /// The file's content.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Writer::new()
            .header()
            .bytes(&Zeroizing::new(self.setup.serialize().to_vec()))
            .finish_secret()
    }

    /// Reads the file's content.
    ///
    /// # Errors
    /// [`OpaqueError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpaqueError> {
        let malformed = |_| OpaqueError::Malformed(FILE);
        let mut r = Reader::new(bytes, FILE);
        r.header().map_err(malformed)?;
        let inner = r.take(SETUP_LEN).map_err(malformed)?;
        r.finish().map_err(malformed)?;
        let setup =
            ServerSetup::<Suite>::deserialize(inner).map_err(|_| OpaqueError::Malformed(FILE))?;
        Ok(Self {
            setup,
            name_key: kdf(bytes, "name key", &[]),
        })
    }
}

impl fmt::Debug for OprfSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OprfSeed(..)")
    }
}

/// Answers a registration request for this member.
///
/// # Errors
/// [`OpaqueError::Malformed`], [`OpaqueError::Library`].
pub fn registration_response(
    seed: &OprfSeed,
    request: &[u8],
    member: MemberId,
) -> Result<Vec<u8>, OpaqueError> {
    const WHAT: &str = "registration request";
    exactly(request, REGISTRATION_REQUEST_LEN, WHAT)?;
    let request = RegistrationRequest::deserialize(request)
        .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
    ServerRegistration::<Suite>::start(&seed.setup, request, member.as_bytes())
        .map(|answer| answer.message.serialize().to_vec())
        .map_err(|e| OpaqueError::from_protocol(&e, WHAT))
}

/// Checks a registration upload and gives the record to be stored with the account.
///
/// # Errors
/// [`OpaqueError::Malformed`].
pub fn registration_record(upload: &[u8]) -> Result<Vec<u8>, OpaqueError> {
    const WHAT: &str = "registration upload";
    exactly(upload, REGISTRATION_UPLOAD_LEN, WHAT)?;
    let upload = RegistrationUpload::<Suite>::deserialize(upload)
        .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
    Ok(ServerRegistration::finish(upload).serialize().to_vec())
}

/// Answers KE1 with KE2. Without a `record` (unknown name, `credential` from [`unknown_member_id`]) the answer is
/// fake, made with the same work, and looks alike. The state is kept in memory until KE3 comes, or forgotten.
///
/// # Errors
/// [`OpaqueError::Malformed`], [`OpaqueError::Library`].
pub fn sign_in_start(
    rng: &mut (impl CryptoRng + RngCore),
    seed: &OprfSeed,
    record: Option<&[u8]>,
    ke1: &[u8],
    credential: MemberId,
    instance: InstanceId,
) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), OpaqueError> {
    const WHAT: &str = "sign-in request";
    exactly(ke1, KE1_LEN, WHAT)?;
    let request =
        CredentialRequest::deserialize(ke1).map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
    let record = record
        .map(|bytes| {
            exactly(bytes, REGISTRATION_UPLOAD_LEN, "sign-in record")?;
            ServerRegistration::<Suite>::deserialize(bytes)
                .map_err(|e| OpaqueError::from_protocol(&e, "sign-in record"))
        })
        .transpose()?;
    let started = ServerLogin::start(
        rng,
        &seed.setup,
        record,
        request,
        credential.as_bytes(),
        parameters(&instance),
    )
    .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
    let state = Writer::new()
        .bytes(instance.as_bytes())
        .bytes(&Zeroizing::new(started.state.serialize().to_vec()))
        .finish_secret();
    Ok((state, started.message.serialize().to_vec()))
}

/// Checks KE3 against the state of [`sign_in_start`].
///
/// # Errors
/// [`OpaqueError::WrongNameOrPassphrase`] when the client did not know the passphrase;
/// [`OpaqueError::Malformed`].
pub fn sign_in_finish(state: &[u8], ke3: &[u8]) -> Result<(), OpaqueError> {
    const WHAT: &str = "sign-in finish";
    const STATE: &str = "sign-in state";
    exactly(ke3, KE3_LEN, WHAT)?;
    let mut r = Reader::new(state, STATE);
    let instance = InstanceId(r.array().map_err(|_| OpaqueError::Malformed(STATE))?);
    let login = ServerLogin::<Suite>::deserialize(r.rest())
        .map_err(|e| OpaqueError::from_protocol(&e, STATE))?;
    let ke3 = CredentialFinalization::deserialize(ke3)
        .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
    login
        .finish(ke3, parameters(&instance))
        .map(|_| ())
        .map_err(|e| OpaqueError::from_protocol(&e, WHAT))
}

/// The credential identifier for a name that nobody has: the same name always gives the same, so that answers look
/// alike at every attempt.
#[must_use]
pub fn unknown_member_id(seed: &OprfSeed, login_name: &str) -> MemberId {
    let mac = hmac(
        &seed.name_key,
        &[&label("unknown name"), login_name.as_bytes()],
    );
    let mut id = [0u8; 16];
    id.copy_from_slice(&mac[..16]);
    MemberId(id)
}

fn parameters(instance: &InstanceId) -> ServerLoginParameters<'_, '_> {
    ServerLoginParameters {
        context: Some(CONTEXT),
        identifiers: identifiers(instance),
    }
}
