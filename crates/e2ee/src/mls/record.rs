//! The vault's MLS state record: the private entries, and the member's own GroupInfo to check the public tree against.

use openmls::prelude::{
    MlsGroup, MlsMessageBodyIn, ProposalStore, PublicGroup, RatchetTreeIn,
    group_info::VerifiableGroupInfo,
};
use openmls_traits::{OpenMlsProvider, storage::StorageProvider};
use protocol::Hash32;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::{Zeroize, Zeroizing};

use super::{
    Conversation, MlsError,
    profile::{self, MlsSuite, join_config, read_message},
    provider::Provider,
    store::{self, StoreError, Values},
};
use crate::{
    identity::LeafCertificate,
    signing::SigningKey,
    suite::{VERSION, from_msgpack_of, to_msgpack},
};

/// One private entry: `[key bin, value bin]`. Wiped when dropped.
#[derive(Serialize, Deserialize)]
pub(super) struct PrivateEntry(ByteBuf, ByteBuf);

impl Drop for PrivateEntry {
    fn drop(&mut self) {
        self.1.zeroize();
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    v: u8,
    suite: u16,
    epoch: u64,
    #[serde(with = "serde_bytes")]
    group_info: Vec<u8>,
    private: Vec<PrivateEntry>,
    seq: u64,
    transcript: Hash32,
    #[serde(with = "serde_bytes")]
    certificate: Vec<u8>,
    /// Absent when it is `epoch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_epoch: Option<u64>,
    /// Absent when it is the group's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_restart: Option<u32>,
}

/// A point of the log that an MLS state record belongs to: the log is followed from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The seq; the record's epoch began at this entry, or begins after it.
    pub seq: u64,
    /// The transcript hash after that entry.
    pub transcript: Hash32,
    /// The epoch in force after that entry: the state's own, or the one before when the author of a commit could not
    /// know yet where in the log it would stand; or that of the old group, when the author founded the conversation anew.
    pub log_epoch: u64,
    /// The restart number in force there: the state's own, or an earlier one under the same condition.
    pub log_restart: u32,
}

/// The private entries of a store, and the leaf's seed as one more.
pub(super) fn export(values: &Values, leaf: &SigningKey) -> Vec<PrivateEntry> {
    let entry = |key: &[u8], value: &[u8]| {
        PrivateEntry(ByteBuf::from(key.to_vec()), ByteBuf::from(value.to_vec()))
    };
    let mut entries: Vec<_> = store::private(values).map(|(k, v)| entry(k, v)).collect();
    entries.push(entry(&store::leaf_key_name(), &leaf.seed()[..]));
    entries
}

/// The reverse of [`export`]. Public entries are not taken from a record.
pub(super) fn import(entries: Vec<PrivateEntry>) -> Result<(Values, SigningKey), MlsError> {
    let mut values = Values::new();
    for mut entry in entries {
        if !store::is_private(&entry.0) {
            return Err(MlsError::WrongState);
        }
        let value = Zeroizing::new(std::mem::take(&mut entry.1).into_vec());
        values.insert(std::mem::take(&mut entry.0).into_vec(), value);
    }
    let seed = values
        .remove(&store::leaf_key_name())
        .ok_or(MlsError::WrongState)?;
    let seed = <&[u8; 32]>::try_from(seed.as_slice()).map_err(|_| MlsError::WrongState)?;
    Ok((values, SigningKey::from_seed(seed)))
}

/// Reads a record that names the suite of its group, or of its key package.
pub(super) fn read_of_suite<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, MlsError> {
    let known = |suite| MlsSuite::from_number(suite).is_some();
    Ok(from_msgpack_of(bytes, what, known)?)
}

/// Reads a MLS GroupInfo.
pub(super) fn read_group_info(bytes: &[u8]) -> Result<VerifiableGroupInfo, MlsError> {
    match read_message(bytes, "group info")? {
        MlsMessageBodyIn::GroupInfo(info) => Ok(info),
        _ => Err(MlsError::Malformed("group info")),
    }
}

/// Checks a tree against a GroupInfo and stores it as the public half of a group.
pub(super) fn load_public<
    S: StorageProvider<{ openmls_traits::storage::CURRENT_VERSION }, Error = StoreError>,
>(
    provider: &impl OpenMlsProvider<StorageProvider = S>,
    tree: RatchetTreeIn,
    info: VerifiableGroupInfo,
) -> Result<PublicGroup, MlsError> {
    let (group, _) = PublicGroup::from_external(
        provider.crypto(),
        provider.storage(),
        tree,
        info,
        ProposalStore::new(),
    )
    .map_err(MlsError::refused)?;
    Ok(group)
}

impl Conversation {
    /// The plaintext of the vault's MLS state record, whose version is the epoch. `seq` and `transcript` stand after the
    /// entry that began this epoch.
    #[must_use]
    pub fn record(&self, seq: u64, transcript: Hash32) -> Zeroizing<Vec<u8>> {
        self.record_at(Anchor {
            seq,
            transcript,
            log_epoch: self.epoch(),
            log_restart: self.restart(),
        })
    }

    /// The same for any point of the log.
    #[must_use]
    pub fn record_at(&self, anchor: Anchor) -> Zeroizing<Vec<u8>> {
        let Anchor {
            seq,
            transcript,
            log_epoch,
            log_restart,
        } = anchor;
        let anew = log_restart != self.restart();
        to_msgpack(&Record {
            v: VERSION,
            suite: self.suite().number(),
            epoch: self.epoch(),
            group_info: self.group_info.clone(),
            private: export(&self.values, &self.leaf),
            seq,
            transcript,
            certificate: self.own_certificate().bytes().to_vec(),
            log_epoch: (anew || log_epoch != self.epoch()).then_some(log_epoch),
            log_restart: anew.then_some(log_restart),
        })
    }

    /// Restores a conversation from its vault record and the tree of that epoch, which the server keeps. Gives also the
    /// seq and the transcript hash at which the epoch began.
    ///
    /// # Errors
    /// [`MlsError::Malformed`], [`MlsError::UnknownVersion`]; [`MlsError::Refused`] for another tree than the one the
    /// member signed; [`MlsError::WrongState`] when the private entries do not belong to it.
    pub fn restore(record: &[u8], tree: &[u8]) -> Result<(Self, u64, Hash32), MlsError> {
        let (conversation, anchor) = Self::restore_at(record, tree)?;
        Ok((conversation, anchor.seq, anchor.transcript))
    }

    /// The same with the epoch in force at that point of the log.
    ///
    /// # Errors
    /// As [`Self::restore`]; also [`MlsError::WrongState`] for an epoch that is neither the state's nor the one before.
    pub fn restore_at(record: &[u8], tree: &[u8]) -> Result<(Self, Anchor), MlsError> {
        let record: Record = read_of_suite(record, "MLS state")?;
        let certificate = LeafCertificate::decode(&record.certificate)?;
        let tree = profile::read::<RatchetTreeIn>(tree, "tree")?;
        let info = read_group_info(&record.group_info)?;
        let group_id = info.group_id().clone();
        let (values, leaf) = import(record.private)?;
        let provider = Provider::new(values)?;
        load_public(&provider, tree, info)?;
        provider
            .storage()
            .write_mls_join_config(&group_id, &join_config())
            .map_err(MlsError::refused)?;
        let group = MlsGroup::load(provider.storage(), &group_id)
            .map_err(MlsError::refused)?
            .ok_or(MlsError::WrongState)?;
        let conversation = Self::assemble(&group, provider, leaf, Some(record.group_info))?;
        let suite = conversation.suite().number();
        let is = (conversation.epoch(), suite, conversation.own_certificate());
        if is != (record.epoch, record.suite, &certificate) {
            return Err(MlsError::WrongState);
        }
        let log_epoch = record.log_epoch.unwrap_or(record.epoch);
        let log_restart = record.log_restart.unwrap_or(conversation.restart());
        let fits = match record.log_restart {
            Some(before) => before < conversation.restart() && record.epoch == 1,
            None => log_epoch <= record.epoch && record.epoch - log_epoch <= 1,
        };
        if !fits {
            return Err(MlsError::WrongState);
        }
        let anchor = Anchor {
            seq: record.seq,
            transcript: record.transcript,
            log_epoch,
            log_restart,
        };
        Ok((conversation, anchor))
    }
}
