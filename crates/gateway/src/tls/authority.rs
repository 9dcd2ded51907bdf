//! The instance's own certificate authority (ADR 0007). Clients pin its fingerprint; it signs short-lived server
//! certificates and, by its name constraints, could not sign for anybody else.

use std::{net::IpAddr, path::Path, sync::Arc};

use ambient::Millis;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime, pem::PemObject,
    },
};
use time::{Duration, OffsetDateTime};

use super::{
    Identity, TlsError,
    files::{content_error, file_error, make_private_folder, read, write_private},
};

/// Name of the authority's certificate in its folder.
const CERTIFICATE_FILE: &str = "authority.pem";
/// Name of the authority's key in its folder.
const KEY_FILE: &str = "authority.key";
const AUTHORITY_DAYS: i64 = 10 * 365;
/// As long as browsers accept.
const SERVER_DAYS: i64 = 397;
/// Clocks of clients may be slow.
const BACKDATED: Duration = Duration::days(1);

/// Networks that never belong to strangers on the internet: private, shared, link-local, loopback.
const PRIVATE_NETWORKS: [&str; 8] = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
];

/// Names and addresses under which a server can be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Host names.
    pub hosts: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// The instance's certificate authority.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Loads the authority from `folder`, or makes it there at the first start; `names` are then what it may sign for
    /// besides private networks, `localhost` and `.local`.
    ///
    /// # Errors
    /// When files can't be read or written, or do not hold an authority; when one of the two files is missing.
    pub fn load_or_make(folder: &Path, names: &Names, now: Millis) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        if !certificate.exists() && !key.exists() {
            make_private_folder(folder).map_err(|error| file_error(folder, error))?;
            let (certificate_pem, key_pem) = make(names, now)?;
            // The key first: a certificate without key would be a dead end.
            write_private(&key, key_pem.as_bytes()).map_err(|error| file_error(&key, error))?;
            write_private(&certificate, certificate_pem.as_bytes())
                .map_err(|error| file_error(&certificate, error))?;
        }
        let certificate_pem = read(&certificate)?;
        let pair = KeyPair::from_pem(&read(&key)?).map_err(|error| content_error(&key, error))?;
        let der = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
            .map_err(|error| content_error(&certificate, error))?;
        let issuer = Issuer::from_ca_cert_der(&der, pair)
            .map_err(|error| content_error(&certificate, error))?;
        Ok(Self {
            certificate: der,
            issuer,
        })
    }

    /// The authority's certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A new server certificate with a new key, for those of `names` that the authority may sign for; the others are
    /// given back. It is good for about a year.
    ///
    /// # Errors
    /// When a certificate can't be made, or the authority may sign for none of the names.
    pub fn issue(&self, names: &Names, now: Millis) -> Result<(Identity, Vec<String>), TlsError> {
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        let hosts = names.hosts.iter().map(String::as_str).map(str::to_owned);
        for name in hosts.chain(names.addresses.iter().map(IpAddr::to_string)) {
            if self.may_sign(&name, now) {
                good.push(name);
            } else {
                refused.push(name);
            }
        }
        Ok((self.sign(&good, now)?, refused))
    }

    /// Tries a certificate for one name on the same check that clients make.
    fn may_sign(&self, name: &str, now: Millis) -> bool {
        let check = || -> Option<()> {
            let identity = self
                .sign(std::slice::from_ref(&name.to_owned()), now)
                .ok()?;
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone()).ok()?;
            let provider = Arc::new(super::provider());
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .ok()?;
            let at = UnixTime::since_unix_epoch(std::time::Duration::from_millis(now));
            let server = ServerName::try_from(name.to_owned()).ok()?;
            verifier
                .verify_server_cert(identity.chain.first()?, &[], &server, &[], at)
                .ok()?;
            Some(())
        };
        check().is_some()
    }

    fn sign(&self, names: &[String], now: Millis) -> Result<Identity, TlsError> {
        let mut params = CertificateParams::new(names.to_vec())?;
        validity(&mut params, SERVER_DAYS, now);
        params.distinguished_name = common_name("ChaTalk server");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        debug_assert!(
            params
                .subject_alt_names
                .iter()
                .all(|san| { matches!(san, SanType::DnsName(_) | SanType::IpAddress(_)) })
        );
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Identity {
            chain: vec![certificate.der().clone(), self.certificate.clone()],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        })
    }
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn validity(params: &mut CertificateParams, days: i64, now: Millis) {
    let seconds = i64::try_from(now / 1000).unwrap_or(i64::MAX);
    let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    params.not_before = now.saturating_sub(BACKDATED);
    params.not_after = now
        .saturating_add(Duration::days(days))
        .saturating_sub(BACKDATED);
}

/// A new authority: (certificate, key), both PEM.
fn make(names: &Names, now: Millis) -> Result<(String, String), TlsError> {
    let mut params = CertificateParams::new(Vec::new())?;
    validity(&mut params, AUTHORITY_DAYS, now);
    params.distinguished_name = common_name("ChaTalk instance authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted(names),
        excluded_subtrees: Vec::new(),
    });
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

fn permitted(names: &Names) -> Vec<GeneralSubtree> {
    let networks = PRIVATE_NETWORKS
        .iter()
        .filter_map(|network| network.parse::<CidrSubnet>().ok());
    let own = names.addresses.iter().map(|address| {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        CidrSubnet::from_addr_prefix(*address, bits)
    });
    let loopback = CidrSubnet::from_addr_prefix(IpAddr::from(std::net::Ipv6Addr::LOCALHOST), 128);
    let addresses = networks
        .chain(own)
        .chain([loopback])
        .map(GeneralSubtree::IpAddress);
    let hosts = names
        .hosts
        .iter()
        .map(String::as_str)
        .chain(["localhost", "local"]);
    let hosts = hosts.map(|host| GeneralSubtree::DnsName(host.to_owned()));
    hosts.chain(addresses).collect()
}
