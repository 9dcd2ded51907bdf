//! Storage for one MLS client of one conversation: a small in-memory map, private and public entries apart.
//!
//! A store holds one group, so keys need no group id. Values are MessagePack maps with byte strings as `bin`, about a
//! quarter of what JSON takes. Proposals by reference and pre-shared keys are not part of the profile: they cannot even
//! be stored.

use std::{cell::RefCell, collections::BTreeMap};

use openmls_traits::storage::{CURRENT_VERSION as V, StorageProvider, traits};
use protocol::msgpack;
use rmp_serde::config::BytesMode;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// The entries of a store: keys are a label byte and, for some, more bytes. Wiped when dropped.
pub(super) type Values = BTreeMap<Vec<u8>, Zeroizing<Vec<u8>>>;

const TREE: u8 = 1;
const CONTEXT: u8 = 2;
const INTERIM_TRANSCRIPT: u8 = 3;
const CONFIRMATION_TAG: u8 = 4;
const JOIN_CONFIG: u8 = 5;
/// Labels from here on are private.
const FIRST_PRIVATE: u8 = 16;
const GROUP_STATE: u8 = 16;
const EPOCH_SECRETS: u8 = 17;
const OWN_LEAF_INDEX: u8 = 18;
const MESSAGE_SECRETS: u8 = 19;
const RESUMPTION: u8 = 20;
const EPOCH_KEYS: u8 = 21;
const KEY_PACKAGE: u8 = 22;
const LEAF_KEY: u8 = 24;

/// What went wrong in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A value could not be encoded.
    #[error("an entry of the MLS state cannot be written")]
    Encode,
    /// A stored value could not be read.
    #[error("an entry of the MLS state cannot be read")]
    Decode,
    /// Not part of the profile.
    #[error("proposals by reference and pre-shared keys are not stored")]
    NotInProfile,
}

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Default)]
pub(super) struct Store(RefCell<Values>);

impl Store {
    pub(super) fn new(values: Values) -> Self {
        Self(RefCell::new(values))
    }

    pub(super) fn into_values(self) -> Values {
        self.0.into_inner()
    }

    /// Founders would keep 32 old resumption secrets whatever their configuration says; joiners keep none.
    pub(super) fn keep_no_resumption_secrets(&self) -> Result<()> {
        #[derive(Serialize)]
        struct None {
            max_number_of_secrets: usize,
            resumption_psk: [(); 0],
            cursor: usize,
        }
        let none = None {
            max_number_of_secrets: 0,
            resumption_psk: [],
            cursor: 0,
        };
        self.put(RESUMPTION, &(), &none)
    }

    fn put(
        &self,
        label: u8,
        key: &impl Serialize,
        value: &(impl Serialize + ?Sized),
    ) -> Result<()> {
        // Room at once, so that growing leaves no copies of secrets behind.
        let mut out = Zeroizing::new(Vec::with_capacity(8 * 1024));
        let mut writer = rmp_serde::Serializer::new(&mut *out)
            .with_struct_map()
            .with_bytes(BytesMode::ForceIterables);
        value
            .serialize(&mut writer)
            .map_err(|_| StoreError::Encode)?;
        self.0.borrow_mut().insert(name(label, key)?, out);
        Ok(())
    }

    fn get<T: DeserializeOwned>(&self, label: u8, key: &impl Serialize) -> Result<Option<T>> {
        let values = self.0.borrow();
        let Some(bytes) = values.get(&name(label, key)?) else {
            return Ok(None);
        };
        msgpack::from_slice(bytes, crate::suite::DEPTH)
            .map(Some)
            .map_err(|_| StoreError::Decode)
    }

    fn remove(&self, label: u8, key: &impl Serialize) -> Result<()> {
        self.0.borrow_mut().remove(&name(label, key)?);
        Ok(())
    }
}

fn name(label: u8, key: &impl Serialize) -> Result<Vec<u8>> {
    let mut name = vec![label];
    let key = rmp_serde::to_vec(key).map_err(|_| StoreError::Encode)?;
    if key != [NIL] {
        name.extend_from_slice(&key);
    }
    Ok(name)
}

/// MessagePack's nil, which `()` is written as.
const NIL: u8 = 0xc0;

/// The entries that nobody else may have.
pub(super) fn private(values: &Values) -> impl Iterator<Item = (&Vec<u8>, &Zeroizing<Vec<u8>>)> {
    values.iter().filter(|(key, _)| is_private(key))
}

/// Whether an entry of this key is private.
pub(super) fn is_private(key: &[u8]) -> bool {
    key.first().is_some_and(|label| *label >= FIRST_PRIVATE)
}

/// The key under which the leaf's signature seed is kept beside what the MLS client stores.
pub(super) fn leaf_key_name() -> Vec<u8> {
    vec![LEAF_KEY]
}

macro_rules! group_entry {
    ($label:expr, $set:ident <$($a:ident: $ta:ident),+> $value:ident) => {
        fn $set<$($a: traits::$ta<V>),+>(&self, _: &GroupId, value: &$value) -> Result<()> {
            self.put($label, &(), value)
        }
    };
}

macro_rules! group_read {
    ($label:expr, $get:ident <$($a:ident: $ta:ident),+> $value:ident) => {
        fn $get<$($a: traits::$ta<V>),+>(&self, _: &GroupId) -> Result<Option<$value>> {
            self.get($label, &())
        }
    };
}

macro_rules! group_delete {
    ($($label:expr, $delete:ident;)+) => { $(
        fn $delete<GroupId: traits::GroupId<V>>(&self, _: &GroupId) -> Result<()> {
            self.remove($label, &())
        }
    )+ };
}

macro_rules! refused {
    ($($name:ident <$($a:ident: $ta:ident),+> ($($arg:ty),+);)+) => { $(
        fn $name<$($a: traits::$ta<V>),+>(&self, $(_: $arg),+) -> Result<()> {
            Err(StoreError::NotInProfile)
        }
    )+ };
}

macro_rules! nothing {
    ($($name:ident <$($a:ident: $ta:ident),+> ($($arg:ty),+) -> $out:ty;)+) => { $(
        fn $name<$($a: traits::$ta<V>),+>(&self, $(_: $arg),+) -> Result<$out> {
            Ok(Default::default())
        }
    )+ };
}

impl StorageProvider<V> for Store {
    type Error = StoreError;

    group_entry!(JOIN_CONFIG, write_mls_join_config<GroupId: GroupId, T: MlsGroupJoinConfig> T);
    group_entry!(TREE, write_tree<GroupId: GroupId, T: TreeSync> T);
    group_entry!(INTERIM_TRANSCRIPT, write_interim_transcript_hash<GroupId: GroupId, T: InterimTranscriptHash> T);
    group_entry!(CONTEXT, write_context<GroupId: GroupId, T: GroupContext> T);
    group_entry!(CONFIRMATION_TAG, write_confirmation_tag<GroupId: GroupId, T: ConfirmationTag> T);
    group_entry!(GROUP_STATE, write_group_state<T: GroupState, GroupId: GroupId> T);
    group_entry!(MESSAGE_SECRETS, write_message_secrets<GroupId: GroupId, T: MessageSecrets> T);
    group_entry!(RESUMPTION, write_resumption_psk_store<GroupId: GroupId, T: ResumptionPskStore> T);
    group_entry!(OWN_LEAF_INDEX, write_own_leaf_index<GroupId: GroupId, T: LeafNodeIndex> T);
    group_entry!(EPOCH_SECRETS, write_group_epoch_secrets<GroupId: GroupId, T: GroupEpochSecrets> T);

    group_read!(JOIN_CONFIG, mls_group_join_config<GroupId: GroupId, T: MlsGroupJoinConfig> T);
    group_read!(TREE, tree<GroupId: GroupId, T: TreeSync> T);
    group_read!(INTERIM_TRANSCRIPT, interim_transcript_hash<GroupId: GroupId, T: InterimTranscriptHash> T);
    group_read!(CONTEXT, group_context<GroupId: GroupId, T: GroupContext> T);
    group_read!(CONFIRMATION_TAG, confirmation_tag<GroupId: GroupId, T: ConfirmationTag> T);
    group_read!(GROUP_STATE, group_state<T: GroupState, GroupId: GroupId> T);
    group_read!(MESSAGE_SECRETS, message_secrets<GroupId: GroupId, T: MessageSecrets> T);
    group_read!(RESUMPTION, resumption_psk_store<GroupId: GroupId, T: ResumptionPskStore> T);
    group_read!(OWN_LEAF_INDEX, own_leaf_index<GroupId: GroupId, T: LeafNodeIndex> T);
    group_read!(EPOCH_SECRETS, group_epoch_secrets<GroupId: GroupId, T: GroupEpochSecrets> T);

    group_delete! {
        JOIN_CONFIG, delete_group_config;
        TREE, delete_tree;
        INTERIM_TRANSCRIPT, delete_interim_transcript_hash;
        CONTEXT, delete_context;
        CONFIRMATION_TAG, delete_confirmation_tag;
        GROUP_STATE, delete_group_state;
        MESSAGE_SECRETS, delete_message_secrets;
        RESUMPTION, delete_all_resumption_psk_secrets;
        OWN_LEAF_INDEX, delete_own_leaf_index;
        EPOCH_SECRETS, delete_group_epoch_secrets;
    }

    fn write_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<V>,
        Epoch: traits::EpochKey<V>,
        Pair: traits::HpkeKeyPair<V>,
    >(
        &self,
        _: &GroupId,
        epoch: &Epoch,
        leaf_index: u32,
        pairs: &[Pair],
    ) -> Result<()> {
        self.put(EPOCH_KEYS, &(epoch, leaf_index), pairs)
    }

    fn encryption_epoch_key_pairs<
        GroupId: traits::GroupId<V>,
        Epoch: traits::EpochKey<V>,
        Pair: traits::HpkeKeyPair<V>,
    >(
        &self,
        _: &GroupId,
        epoch: &Epoch,
        leaf_index: u32,
    ) -> Result<Vec<Pair>> {
        Ok(self
            .get(EPOCH_KEYS, &(epoch, leaf_index))?
            .unwrap_or_default())
    }

    fn delete_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<V>,
        Epoch: traits::EpochKey<V>,
    >(
        &self,
        _: &GroupId,
        epoch: &Epoch,
        leaf_index: u32,
    ) -> Result<()> {
        self.remove(EPOCH_KEYS, &(epoch, leaf_index))
    }

    fn write_key_package<Ref: traits::HashReference<V>, Package: traits::KeyPackage<V>>(
        &self,
        reference: &Ref,
        package: &Package,
    ) -> Result<()> {
        self.put(KEY_PACKAGE, reference, package)
    }

    fn key_package<Ref: traits::HashReference<V>, Package: traits::KeyPackage<V>>(
        &self,
        reference: &Ref,
    ) -> Result<Option<Package>> {
        self.get(KEY_PACKAGE, reference)
    }

    fn delete_key_package<Ref: traits::HashReference<V>>(&self, reference: &Ref) -> Result<()> {
        self.remove(KEY_PACKAGE, reference)
    }

    refused! {
        append_own_leaf_node<GroupId: GroupId, T: LeafNode>(&GroupId, &T);
        queue_proposal<GroupId: GroupId, R: ProposalRef, T: QueuedProposal>(&GroupId, &R, &T);
        write_signature_key_pair<K: SignaturePublicKey, T: SignatureKeyPair>(&K, &T);
        write_encryption_key_pair<K: EncryptionKey, T: HpkeKeyPair>(&K, &T);
        write_psk<K: PskId, T: PskBundle>(&K, &T);
    }

    nothing! {
        own_leaf_nodes<GroupId: GroupId, T: LeafNode>(&GroupId) -> Vec<T>;
        queued_proposal_refs<GroupId: GroupId, R: ProposalRef>(&GroupId) -> Vec<R>;
        queued_proposals<GroupId: GroupId, R: ProposalRef, T: QueuedProposal>(&GroupId) -> Vec<(R, T)>;
        signature_key_pair<K: SignaturePublicKey, T: SignatureKeyPair>(&K) -> Option<T>;
        encryption_key_pair<T: HpkeKeyPair, K: EncryptionKey>(&K) -> Option<T>;
        psk<T: PskBundle, K: PskId>(&K) -> Option<T>;
        remove_proposal<GroupId: GroupId, R: ProposalRef>(&GroupId, &R) -> ();
        delete_own_leaf_nodes<GroupId: GroupId>(&GroupId) -> ();
        clear_proposal_queue<GroupId: GroupId, R: ProposalRef>(&GroupId) -> ();
        delete_signature_key_pair<K: SignaturePublicKey>(&K) -> ();
        delete_encryption_key_pair<K: EncryptionKey>(&K) -> ();
        delete_psk<K: PskId>(&K) -> ();
    }
}
