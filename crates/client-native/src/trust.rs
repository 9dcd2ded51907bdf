//! Trust in a server: the fingerprint of its certificate authority, and nothing else.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use protocol::Hash32;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};

/// SHA-256 of the DER form of a certificate authority's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub Hash32);

impl Fingerprint {
    /// Of a certificate.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Hash32(Sha256::digest(certificate.as_ref()).into()))
    }

    /// Its six words (`docs/crypto.md`, section 7).
    #[must_use]
    pub fn words(&self) -> [&'static str; 6] {
        e2ee::passphrase::six_words(self.0.as_bytes())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a person gave to recognise a server by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// The whole fingerprint.
    Whole(Fingerprint),
    /// Its six words: 66 bits, good to recognise it once; then the whole one is kept.
    Words([String; 6]),
}

/// That is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits or six words")]
pub struct BadPin;

impl Pin {
    /// Whether a fingerprint is the one that is meant.
    #[must_use]
    pub fn matches(&self, fingerprint: &Fingerprint) -> bool {
        match self {
            Self::Whole(pinned) => pinned == fingerprint,
            Self::Words(words) => fingerprint.words().iter().eq(words.iter()),
        }
    }
}

impl FromStr for Pin {
    type Err = BadPin;

    /// Reads 64 hexadecimal digits (colons and spaces between them do not matter) or six words (separated by spaces,
    /// commas or dashes; case does not matter).
    fn from_str(text: &str) -> Result<Self, BadPin> {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != ':')
            .collect();
        if let Ok(hash) = digits.parse() {
            return Ok(Self::Whole(Fingerprint(hash)));
        }
        let words: Vec<String> = text
            .split(|c: char| c.is_whitespace() || c == '-' || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        words.try_into().map(Self::Words).map_err(|_| BadPin)
    }
}

/// A TLS configuration and what it saw.
pub(crate) struct Trust {
    pub(crate) tls: Arc<ClientConfig>,
    verifier: Arc<Verifier>,
}

impl Trust {
    /// Trusts chains that end in the authority of that pin; with none, any chain that ends in the authority it brings
    /// along (to ask a person about it).
    pub(crate) fn new(pin: Option<Pin>) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(Verifier {
            pin,
            provider: provider.clone(),
            seen: Mutex::new(None),
        });
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: Arc::new(tls),
            verifier,
        })
    }

    /// The authority in which the last accepted chain ended.
    pub(crate) fn seen(&self) -> Option<Fingerprint> {
        *lock(&self.verifier.seen)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Verifier {
    pin: Option<Pin>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<Fingerprint>>,
}

impl Verifier {
    /// The one trust anchor: the pinned certificate of the chain, or its last one when nothing is pinned. It may be the
    /// server's own certificate, where an operator gave one that signed itself.
    fn anchor<'a>(
        &self,
        end_entity: &'a CertificateDer<'a>,
        intermediates: &'a [CertificateDer<'a>],
    ) -> Result<(&'a CertificateDer<'a>, Fingerprint), TlsError> {
        intermediates
            .iter()
            .rev()
            .chain([end_entity])
            .map(|certificate| (certificate, Fingerprint::of(certificate)))
            .find(|(_, shown)| self.pin.as_ref().is_none_or(|pin| pin.matches(shown)))
            .ok_or(TlsError::InvalidCertificate(
                CertificateError::UnknownIssuer,
            ))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let (anchor, fingerprint) = self.anchor(end_entity, intermediates)?;
        let mut roots = RootCertStore::empty();
        roots.add(anchor.clone().into_owned())?;
        let chain =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
                .build()
                .map_err(|error| TlsError::General(error.to_string()))?;
        let verified =
            chain.verify_server_cert(end_entity, intermediates, server_name, ocsp, now)?;
        *lock(&self.seen) = Some(fingerprint);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_as_people_write_them() {
        let fingerprint = Fingerprint(Hash32([0xab; 32]));
        let hex = fingerprint.to_string();
        let spaced = hex
            .as_bytes()
            .chunks(2)
            .map(|b| std::str::from_utf8(b).unwrap());
        let colons = spaced.collect::<Vec<_>>().join(":").to_uppercase();
        let words = fingerprint.words();
        for text in [
            hex.clone(),
            colons,
            words.join(" "),
            words.join("-").to_uppercase(),
        ] {
            let pin: Pin = text.parse().unwrap();
            assert!(pin.matches(&fingerprint), "{text}");
            assert!(!pin.matches(&Fingerprint(Hash32([0xac; 32]))), "{text}");
        }
        for text in [
            "",
            "abcd",
            &hex[1..],
            "one two three four five",
            "a b c d e f g",
        ] {
            assert_eq!(text.parse::<Pin>(), Err(BadPin), "{text}");
        }
    }
}
