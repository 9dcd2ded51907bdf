//! TLS 1.3 with post-quantum key exchange first, and the instance's own certificate authority.

mod authority;
mod files;

use std::sync::{Arc, PoisonError, RwLock};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};

pub use authority::{Authority, Names};
pub use files::{make_private_folder, write_private};

/// What can go wrong with certificates.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {what}")]
    Content {
        /// Which.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// A certificate could not be made.
    #[error("making a certificate: {0}")]
    Making(#[from] rcgen::Error),
    /// The TLS library refuses it.
    #[error("certificate: {0}")]
    Refused(#[from] rustls::Error),
}

/// Our cryptography: the key exchanges in order of preference, X25519MLKEM768 first.
#[must_use]
pub fn provider() -> CryptoProvider {
    CryptoProvider {
        kx_groups: vec![
            aws_lc_rs::kx_group::X25519MLKEM768,
            aws_lc_rs::kx_group::X25519,
            aws_lc_rs::kx_group::SECP256R1,
        ],
        ..aws_lc_rs::default_provider()
    }
}

/// SHA-256 of a certificate's DER: its fingerprint.
#[must_use]
pub fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// A certificate chain with its private key.
pub struct Identity {
    /// The server's certificate first, its authority last.
    pub chain: Vec<CertificateDer<'static>>,
    /// Private key of the first.
    pub key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a chain and a key from PEM files.
    ///
    /// # Errors
    /// [`TlsError`] naming the file.
    pub fn from_files(chain: &std::path::Path, key: &std::path::Path) -> Result<Self, TlsError> {
        files::identity(chain, key)
    }

    /// The last certificate of the chain.
    #[must_use]
    pub fn authority(&self) -> Option<&CertificateDer<'static>> {
        self.chain.last()
    }

    fn certified(self) -> Result<CertifiedKey, TlsError> {
        Ok(CertifiedKey::from_der(self.chain, self.key, &provider())?)
    }
}

/// The certificate in use; can be replaced while the server runs.
pub struct Current(RwLock<Arc<CertifiedKey>>);

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Current(..)")
    }
}

impl Current {
    /// Begins with `identity`.
    ///
    /// # Errors
    /// When the key does not belong to the certificate or is of an unknown kind.
    pub fn new(identity: Identity) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self(RwLock::new(Arc::new(identity.certified()?)))))
    }

    /// New connections get `identity` from now on.
    ///
    /// # Errors
    /// As [`Current::new`]; then the one before stays.
    pub fn replace(&self, identity: Identity) -> Result<(), TlsError> {
        let new = Arc::new(identity.certified()?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(
            &self.0.read().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

/// How the server speaks TLS: 1.3 only, HTTP/1.1, stateless resumption.
///
/// # Errors
/// When the library refuses the combination or has no randomness.
pub fn server_config(current: Arc<Current>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(current);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}
