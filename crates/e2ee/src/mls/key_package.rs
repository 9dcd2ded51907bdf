//! Key packages: what a member leaves at the server so that others can add them.

use openmls::prelude::{KeyPackage as MlsKeyPackage, KeyPackageIn, ProtocolVersion};
use openmls_traits::OpenMlsProvider;
use protocol::{Hash32, InstanceId, MemberId};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    MlsError,
    profile::{self, MlsSuite, capabilities, credential, leaf_certificate},
    provider::{LeafSigner, Provider, crypto},
    record::{self, PrivateEntry},
    store::Values,
};
use crate::{
    error::Error,
    identity::{AccountCertificate, AccountKey, LeafCertificate, Purpose},
    signing::SigningKey,
    suite::{Reader, VERSION, to_msgpack},
};

/// The largest key package that is read, in bytes.
const MAX_KEY_PACKAGE: usize = 16 * 1024;

/// Makes and inspects key packages.
pub struct KeyPackage;

/// A key package that was just made.
pub struct NewKeyPackage {
    /// Its name: the MLS hash reference.
    pub id: Hash32,
    /// What the server hands out.
    pub public: Vec<u8>,
    /// The plaintext of the vault record (kind 4) with the private half: stored before `public` is sent.
    pub record: Zeroizing<Vec<u8>>,
    /// The certificate in it.
    pub certificate: LeafCertificate,
}

/// A key package that may be used to add its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedKeyPackage {
    /// Its name.
    pub id: Hash32,
    /// The certificate in it.
    pub certificate: LeafCertificate,
    /// Whether it may be used more than once.
    pub last_resort: bool,
    /// The suite of the groups that it is for.
    pub suite: MlsSuite,
}

#[derive(Serialize, Deserialize)]
struct Record {
    v: u8,
    suite: u16,
    private: Vec<PrivateEntry>,
    #[serde(with = "serde_bytes")]
    certificate: Vec<u8>,
}

impl KeyPackage {
    /// Makes a key package with a signature key of its own, certified by the account key. `now` in milliseconds.
    ///
    /// # Errors
    /// [`MlsError::Refused`] when the library cannot (no randomness).
    pub fn generate(
        rng: &mut (impl CryptoRng + RngCore),
        account: &AccountKey,
        instance: InstanceId,
        member: MemberId,
        now: u64,
        last_resort: bool,
    ) -> Result<NewKeyPackage, MlsError> {
        let whose = (account, instance, member);
        Self::generate_in(MlsSuite::default(), rng, whose, now, last_resort)
    }

    /// The same in this suite.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn generate_in(
        suite: MlsSuite,
        rng: &mut (impl CryptoRng + RngCore),
        (account, instance, member): (&AccountKey, InstanceId, MemberId),
        now: u64,
        last_resort: bool,
    ) -> Result<NewKeyPackage, MlsError> {
        let leaf = SigningKey::generate(rng);
        let purpose = if last_resort {
            Purpose::LastResort
        } else {
            Purpose::KeyPackage
        };
        let certificate =
            LeafCertificate::issue(account, instance, member, &leaf.public(), now, purpose);
        let provider = Provider::with_rng(Values::new(), rng)?;
        let bundle = MlsKeyPackage::builder()
            .key_package_lifetime(profile::lifetime())
            .leaf_node_capabilities(capabilities(suite))
            .build(
                suite.mls(),
                &provider,
                &LeafSigner(&leaf),
                credential(&certificate),
            )
            .map_err(MlsError::refused)?;
        let id = reference(bundle.key_package(), provider.crypto())?;
        let public = profile::write(bundle.key_package())?;
        let record = to_msgpack(&Record {
            v: VERSION,
            suite: suite.number(),
            private: record::export(&provider.into_values(), &leaf),
            certificate: certificate.bytes().to_vec(),
        });
        Ok(NewKeyPackage {
            id,
            public,
            record,
            certificate,
        })
    }

    /// The key generation that a key package says to be certified by; nothing of it is checked against an account yet.
    ///
    /// # Errors
    /// [`MlsError`].
    pub fn generation(public: &[u8]) -> Result<u32, MlsError> {
        Ok(leaf_certificate(read(public)?.leaf_node())?.generation)
    }

    /// The suite that a key package says to be of; nothing else of it is checked yet.
    ///
    /// # Errors
    /// [`MlsError::Malformed`]; [`MlsError::UnknownVersion`] for a suite that this program does not know.
    pub fn suite(public: &[u8]) -> Result<MlsSuite, MlsError> {
        let mut reader = Reader::new(public, "key package");
        let (_version, code) = (reader.u16()?, reader.u16()?);
        MlsSuite::of_code(code).ok_or(MlsError::UnknownVersion("key package"))
    }

    /// Checks a key package before it is used to add `account`'s member: suite, signatures, capabilities, certificate,
    /// freshness at `now` (milliseconds).
    ///
    /// # Errors
    /// [`MlsError`].
    pub fn inspect(
        public: &[u8],
        account: &AccountCertificate,
        now: u64,
    ) -> Result<InspectedKeyPackage, MlsError> {
        let package = read(public)?;
        let certificate = leaf_certificate(package.leaf_node())?;
        certificate.verify(account).map_err(MlsError::Certificate)?;
        let last_resort = match certificate.purpose {
            Purpose::KeyPackage => false,
            Purpose::LastResort => true,
            Purpose::Conversation => {
                return Err(MlsError::Certificate(Error::WrongOwner("leaf certificate")));
            }
        };
        if !certificate.is_fresh(now) {
            return Err(MlsError::NotFresh);
        }
        Ok(InspectedKeyPackage {
            id: reference(&package, &crypto()?)?,
            certificate,
            last_resort,
            suite: suite_of(&package)?,
        })
    }
}

/// Reads a key package and checks its signatures and suite.
pub(super) fn read(public: &[u8]) -> Result<MlsKeyPackage, MlsError> {
    if public.len() > MAX_KEY_PACKAGE {
        return Err(MlsError::Malformed("key package"));
    }
    KeyPackage::suite(public)?; // what the library does not know, it takes for damage
    let package = profile::read::<KeyPackageIn>(public, "key package")?
        .validate(&crypto()?, ProtocolVersion::Mls10)
        .map_err(MlsError::refused)?;
    if *package.leaf_node().capabilities() != capabilities(suite_of(&package)?) {
        return Err(MlsError::Forbidden("other capabilities"));
    }
    if package.extensions().iter().next().is_some() {
        return Err(MlsError::Forbidden("a key package extension"));
    }
    Ok(package)
}

fn suite_of(package: &MlsKeyPackage) -> Result<MlsSuite, MlsError> {
    MlsSuite::of(package.ciphersuite()).ok_or(MlsError::UnknownVersion("key package"))
}

pub(super) fn reference(
    package: &MlsKeyPackage,
    crypto: &impl openmls_traits::crypto::OpenMlsCrypto,
) -> Result<Hash32, MlsError> {
    let reference = package.hash_ref(crypto).map_err(MlsError::refused)?;
    Hash32::from_slice(reference.as_slice()).map_err(|_| MlsError::Malformed("key package"))
}

/// The private entries, leaf key and certificate of a key package's vault record.
pub(super) fn open_record(
    record: &[u8],
) -> Result<(Values, SigningKey, LeafCertificate), MlsError> {
    let record: Record = record::read_of_suite(record, "key package record")?;
    let certificate = LeafCertificate::decode(&record.certificate)?;
    let (values, leaf) = record::import(record.private)?;
    if leaf.public() != certificate.leaf {
        return Err(MlsError::WrongState);
    }
    Ok((values, leaf, certificate))
}
