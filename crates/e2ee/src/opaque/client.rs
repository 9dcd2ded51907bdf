//! The client's side of OPAQUE.

use std::fmt;

use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, RegistrationResponse,
};
use protocol::InstanceId;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    CONTEXT, ExportKey, KE2_LEN, OpaqueError, REGISTRATION_RESPONSE_LEN, Stretching, Suite,
    exactly, identifiers,
};
use crate::passphrase::Passphrase;

/// A registration (or change of passphrase) between its first and last message.
pub struct Registration {
    state: ClientRegistration<Suite>,
    passphrase: Passphrase,
}

/// What a registration gives.
#[derive(Debug)]
pub struct RegistrationOutcome {
    /// For the server: what it keeps as the account's record.
    pub upload: Vec<u8>,
    /// For the client: opens the vault, now and at every sign-in.
    pub export_key: ExportKey,
}

impl Registration {
    /// Begins; the bytes go to the server.
    ///
    /// # Errors
    /// [`OpaqueError::Library`].
    pub fn start(
        rng: &mut (impl CryptoRng + RngCore),
        passphrase: &Passphrase,
    ) -> Result<(Self, Vec<u8>), OpaqueError> {
        let started = ClientRegistration::<Suite>::start(rng, passphrase.as_bytes())
            .map_err(|e| OpaqueError::from_protocol(&e, "passphrase"))?;
        let request = started.message.serialize().to_vec();
        let this = Self {
            state: started.state,
            passphrase: passphrase.clone(),
        };
        Ok((this, request))
    }

    /// Ends with the server's response. The caller has checked `stretching` against its own minimum
    /// ([`Stretching::validate_for_registration`]).
    ///
    /// # Errors
    /// [`OpaqueError::Malformed`], [`OpaqueError::TooCostly`], [`OpaqueError::Library`].
    pub fn finish(
        self,
        rng: &mut (impl CryptoRng + RngCore),
        response: &[u8],
        instance: InstanceId,
        stretching: &Stretching,
    ) -> Result<RegistrationOutcome, OpaqueError> {
        const WHAT: &str = "registration response";
        exactly(response, REGISTRATION_RESPONSE_LEN, WHAT)?;
        let response = RegistrationResponse::deserialize(response)
            .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
        let ksf = stretching.argon2()?;
        let done = self
            .state
            .finish(
                rng,
                self.passphrase.as_bytes(),
                response,
                ClientRegistrationFinishParameters::new(identifiers(&instance), Some(&ksf)),
            )
            .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
        let export = Zeroizing::new(<[u8; 64]>::from(done.export_key));
        Ok(RegistrationOutcome {
            upload: done.message.serialize().to_vec(),
            export_key: ExportKey::from_slice(export.as_slice())?,
        })
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registration(..)")
    }
}

/// A sign-in between its first and last message.
pub struct SignIn {
    state: ClientLogin<Suite>,
    passphrase: Passphrase,
}

/// What a sign-in gives.
pub struct SignInOutcome {
    /// The last message, for the server.
    pub ke3: Vec<u8>,
    /// Opens the vault.
    pub export_key: ExportKey,
    /// Shared with the server (64 bytes); not used beyond the proof itself.
    pub session_key: Zeroizing<Vec<u8>>,
}

impl SignIn {
    /// Begins; the bytes (KE1) go to the server with the login name.
    ///
    /// # Errors
    /// [`OpaqueError::Library`].
    pub fn start(
        rng: &mut (impl CryptoRng + RngCore),
        passphrase: &Passphrase,
    ) -> Result<(Self, Vec<u8>), OpaqueError> {
        let started = ClientLogin::<Suite>::start(rng, passphrase.as_bytes())
            .map_err(|e| OpaqueError::from_protocol(&e, "passphrase"))?;
        let ke1 = started.message.serialize().to_vec();
        let this = Self {
            state: started.state,
            passphrase: passphrase.clone(),
        };
        Ok((this, ke1))
    }

    /// Ends with the server's KE2. Nothing must be sent when this fails.
    ///
    /// # Errors
    /// [`OpaqueError::WrongNameOrPassphrase`] (also for a server that is not this instance),
    /// [`OpaqueError::Malformed`], [`OpaqueError::TooCostly`], [`OpaqueError::Library`].
    pub fn finish(
        self,
        rng: &mut (impl CryptoRng + RngCore),
        ke2: &[u8],
        instance: InstanceId,
        stretching: &Stretching,
    ) -> Result<SignInOutcome, OpaqueError> {
        const WHAT: &str = "sign-in response";
        exactly(ke2, KE2_LEN, WHAT)?;
        let response = CredentialResponse::deserialize(ke2)
            .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
        let ksf = stretching.argon2()?;
        let done = self
            .state
            .finish(
                rng,
                self.passphrase.as_bytes(),
                response,
                ClientLoginFinishParameters::new(Some(CONTEXT), identifiers(&instance), Some(&ksf)),
            )
            .map_err(|e| OpaqueError::from_protocol(&e, WHAT))?;
        let export = Zeroizing::new(<[u8; 64]>::from(done.export_key));
        Ok(SignInOutcome {
            ke3: done.message.serialize().to_vec(),
            export_key: ExportKey::from_slice(export.as_slice())?,
            session_key: Zeroizing::new(done.session_key.to_vec()),
        })
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn(..)")
    }
}

impl fmt::Debug for SignInOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInOutcome(..)")
    }
}
