//! Finding people, their certificates and key packages.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Done, account::OrganisationRole, method, own_account::ForgottenRequest, vault::VaultWrite,
};
use crate::ids::{Hash32, MemberId};

/// A person, as the directory knows them. Apps show names from the certificate only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub member: MemberId,
    /// Account certificates of all key generations, the newest last.
    pub certificates: Vec<Bytes>,
    /// Role in the organisation.
    pub role: OrganisationRole,
    /// An admin has suspended them: they can't sign in, and read and write nothing, until that is taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Statements by which one root identity followed another (`docs/crypto.md` section 3), the newest last, at most
    /// [`crate::limits::SUCCESSIONS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successions: Vec<Bytes>,
    /// The newest reset of their access by an admin, if there was one. The server's word alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<ResetMark>,
    /// They have forgotten their passphrase and ask for approval. Told to admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<ForgottenRequest>,
}

/// Who reset somebody's access, and when it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetMark {
    /// Which admin.
    pub by: MemberId,
    /// When (ms since 1970).
    pub at: u64,
}

/// Finds people whose login or display name has a word that starts so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindPeople {
    /// Beginning of a name; empty = everybody, in order of name.
    pub query: String,
    /// At most so many (up to [`crate::limits::LOOKUP_MAX`]).
    pub limit: u32,
}

/// People found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// In order of login name.
    pub people: Vec<Person>,
}
method!(FindPeople, "people.find", signed_in: true, People);

/// Looks people up by id; unknown ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetPeople {
    /// Who.
    pub members: Vec<MemberId>,
}
method!(GetPeople, "people.get", signed_in: true, People);

/// Suspends a member, or no longer. For admins; not of themselves, nor of other admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspend {
    /// Whom.
    pub member: MemberId,
    /// Suspended from now on, or no longer.
    pub suspended: bool,
}
method!(Suspend, "people.suspend", signed_in: true, Done);

/// Closes a member's account, as [`super::own_account::CloseAccount`] does one's own. For admins; not of other admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAccountOf {
    /// Whose.
    pub member: MemberId,
}
method!(CloseAccountOf, "people.close", signed_in: true, Done);

/// Makes a member an admin of the organisation, or an ordinary member again. For admins; not of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetOrganisationRole {
    /// Whom.
    pub member: MemberId,
    /// [`OrganisationRole::Admin`] or [`OrganisationRole::Member`].
    pub role: OrganisationRole,
}
method!(SetOrganisationRole, "people.role", signed_in: true, Done);

/// Looks leaf certificates up by name; unknown ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetCertificates {
    /// Names (`docs/crypto.md` section 3).
    pub names: Vec<Hash32>,
}

/// Leaf certificates found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates {
    /// Each as it was signed.
    pub certificates: Vec<Bytes>,
}
method!(GetCertificates, "people.certificates", signed_in: true, Certificates);

/// A key package to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKeyPackage {
    /// Its MLS hash reference.
    pub id: Hash32,
    /// The key package.
    pub package: Bytes,
    /// Served when no other is left, and not used up.
    pub last_resort: bool,
}

/// Publishes key packages together with their private parts in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishKeyPackages {
    /// Packages.
    pub packages: Vec<NewKeyPackage>,
    /// The vault write that holds their private parts.
    pub vault: VaultWrite,
    /// In the same step withdraws all that the member published before, the last-resort one included; the vault write
    /// may then delete their private parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdraw_all: bool,
}

/// What is in store after publishing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPackagesLeft {
    /// Unclaimed packages, without the last-resort one.
    pub left: u32,
}
method!(PublishKeyPackages, "key_packages.publish", signed_in: true, KeyPackagesLeft);

/// Claims one key package of a member, to add them to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimKeyPackage {
    /// Whose.
    pub member: MemberId,
}

/// A claimed key package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedKeyPackage {
    /// Its hash reference.
    pub id: Hash32,
    /// The key package.
    pub package: Bytes,
}
method!(ClaimKeyPackage, "key_packages.claim", signed_in: true, ClaimedKeyPackage);
