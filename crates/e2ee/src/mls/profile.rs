//! The fixed choices of the profile: suite, capabilities, extensions, ids, configuration.

use openmls::prelude::{
    BasicCredential, Capabilities, Credential, CredentialType, CredentialWithKey, Extension,
    ExtensionType, Extensions, GroupContext, GroupId, LeafNode, Lifetime, MlsGroupJoinConfig,
    MlsMessageBodyIn, MlsMessageIn, PURE_PLAINTEXT_WIRE_FORMAT_POLICY, ProtocolVersion,
    RequiredCapabilitiesExtension, UnknownExtension,
};
use openmls::treesync::LeafNodeSource;
use openmls_traits::types::Ciphersuite;
use protocol::ConversationId;
use tls_codec::{Deserialize, Serialize};

use super::MlsError;
use crate::{identity::LeafCertificate, policy::Policy};

/// A suite of conversations, in the order of their numbers: they go over to higher ones only. The app knows one; tests know a
/// second, to go over to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MlsSuite {
    /// Number 1: `MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519`.
    #[default]
    XWing,
    /// Number 2, for tests alone: `MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519`. It is weaker, and never in a program.
    #[cfg(any(test, feature = "second-suite"))]
    X25519,
}

impl MlsSuite {
    /// All that this program knows.
    pub const KNOWN: &[Self] = &[
        Self::XWing,
        #[cfg(any(test, feature = "second-suite"))]
        Self::X25519,
    ];

    /// Its number in our formats.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::XWing => crate::suite::SUITE,
            #[cfg(any(test, feature = "second-suite"))]
            Self::X25519 => 2,
        }
    }

    /// The suite of this number, if it is known.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        let mut known = Self::KNOWN.iter();
        known.find(|suite| suite.number() == number).copied()
    }

    pub(super) fn mls(self) -> Ciphersuite {
        match self {
            Self::XWing => Ciphersuite::MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519,
            #[cfg(any(test, feature = "second-suite"))]
            Self::X25519 => Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
        }
    }

    /// The suite that MLS calls this, if it is known.
    pub(super) fn of(mls: Ciphersuite) -> Option<Self> {
        Self::of_code(u16::from(mls))
    }

    /// The same by MLS's own number.
    pub(super) fn of_code(code: u16) -> Option<Self> {
        let mut known = Self::KNOWN.iter();
        known.find(|suite| u16::from(suite.mls()) == code).copied()
    }
}

const POLICY: u16 = 0xF0A1;
/// The largest MLS message or tree that is read, in bytes.
pub(super) const MAX_MESSAGE: usize = 8 * 1024 * 1024;

pub(super) fn capabilities(suite: MlsSuite) -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[suite.mls()]),
        Some(&[ExtensionType::Unknown(POLICY)]),
        Some(&[]),
        Some(&[CredentialType::Basic]),
    )
}

/// For ever: the MLS library judges lifetimes by the system's clock whenever a tree is loaded, so one leaf that expires
/// (or one wrong clock) would lock every member out. Freshness is the certificate's date.
pub(super) fn lifetime() -> Lifetime {
    Lifetime::init(0, u64::MAX)
}

pub(super) fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .number_of_resumption_psks(0)
        .use_ratchet_tree_extension(false)
        .build()
}

fn required() -> RequiredCapabilitiesExtension {
    RequiredCapabilitiesExtension::new(&[ExtensionType::Unknown(POLICY)], &[], &[])
}

pub(super) fn extensions(policy: &Policy) -> Result<Extensions<GroupContext>, MlsError> {
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required()),
        Extension::Unknown(POLICY, UnknownExtension(policy.encode())),
    ])
    .map_err(MlsError::refused)
}

/// The policy in a group context, which holds nothing else but the required capabilities.
pub(super) fn policy_of(context: &GroupContext) -> Result<Policy, MlsError> {
    if MlsSuite::of(context.ciphersuite()).is_none() {
        return Err(MlsError::UnknownVersion("MLS suite"));
    }
    let mut policy = None;
    let mut required_found = false;
    for extension in context.extensions().iter() {
        match extension {
            Extension::RequiredCapabilities(found) if *found == required() => required_found = true,
            Extension::Unknown(POLICY, UnknownExtension(bytes)) => {
                policy = Some(Policy::decode(bytes)?);
            }
            _ => return Err(MlsError::Forbidden("another group context extension")),
        }
    }
    let policy = policy.ok_or(MlsError::Malformed("group context"))?;
    if !required_found || context.group_id() != &group_id(policy.conversation, policy.restart) {
        return Err(MlsError::Malformed("group context"));
    }
    Ok(policy)
}

pub(super) fn group_id(conversation: ConversationId, restart: u32) -> GroupId {
    let id = [&conversation.as_bytes()[..], &restart.to_be_bytes()].concat();
    GroupId::from_slice(&id)
}

pub(super) fn credential(certificate: &LeafCertificate) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(certificate.bytes().to_vec()).into(),
        signature_key: certificate.leaf.as_bytes().to_vec().into(),
    }
}

/// The certificate that a credential is, if it is one and certifies this signature key. Its own signature is not checked
/// here.
pub(super) fn certificate_of(
    credential: &Credential,
    signature_key: &[u8],
) -> Result<LeafCertificate, MlsError> {
    if credential.credential_type() != CredentialType::Basic {
        return Err(MlsError::Forbidden("another credential type"));
    }
    let certificate = LeafCertificate::decode(credential.serialized_content())?;
    if certificate.leaf.as_bytes() != signature_key {
        return Err(MlsError::Certificate(crate::Error::WrongOwner(
            "leaf certificate",
        )));
    }
    Ok(certificate)
}

/// What the profile asks of every leaf, and the certificate it carries.
pub(super) fn leaf_certificate(leaf: &LeafNode) -> Result<LeafCertificate, MlsError> {
    let fits = |suite: &MlsSuite| *leaf.capabilities() == capabilities(*suite);
    if !MlsSuite::KNOWN.iter().any(fits) {
        return Err(MlsError::Forbidden("other capabilities"));
    }
    if leaf.extensions().iter().next().is_some() {
        return Err(MlsError::Forbidden("a leaf extension"));
    }
    if let LeafNodeSource::KeyPackage(found) = leaf.leaf_node_source()
        && *found != lifetime()
    {
        return Err(MlsError::Forbidden("a leaf that expires"));
    }
    certificate_of(leaf.credential(), leaf.signature_key().as_slice())
}

/// Reads exactly one MLS message.
pub(super) fn read_message(bytes: &[u8], what: &'static str) -> Result<MlsMessageBodyIn, MlsError> {
    Ok(read::<MlsMessageIn>(bytes, what)?.extract())
}

/// Reads exactly one TLS-encoded value.
pub(super) fn read<T: Deserialize>(bytes: &[u8], what: &'static str) -> Result<T, MlsError> {
    if bytes.len() > MAX_MESSAGE {
        return Err(MlsError::Malformed(what));
    }
    let mut rest = bytes;
    let value = T::tls_deserialize(&mut rest).map_err(|_| MlsError::Malformed(what))?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(MlsError::Malformed(what))
    }
}

pub(super) fn write(value: &impl Serialize) -> Result<Vec<u8>, MlsError> {
    value.tls_serialize_detached().map_err(MlsError::refused)
}
