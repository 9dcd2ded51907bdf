//! A member's vault as one of their devices knows it.

use std::collections::BTreeMap;

use e2ee::{
    identity::AccountKey,
    vault::{Head, Manifest, RecordKind, RecordName, VaultKeys, seal_record},
};
use protocol::{
    Bytes, ConversationId, Hash32, InstanceId, MemberId,
    methods::vault::{
        HeadPut, Manifest as Listed, ManifestLine, RecordDelete, RecordName as WireName, RecordPut,
        VaultWrite,
    },
};
use rand_chacha::ChaCha20Rng;

/// Keys, versions and head of a vault. Gives writes whose heads follow each other; where one may be refused, keep a
/// clone from before.
#[derive(Clone)]
pub struct Vault {
    instance: InstanceId,
    member: MemberId,
    pub(crate) keys: VaultKeys,
    manifest: Manifest,
    versions: BTreeMap<RecordName, u64>,
    head: Option<Head>,
}

/// A write in the making.
#[derive(Default)]
pub(crate) struct Draft {
    puts: Vec<(RecordName, u64, Vec<u8>)>,
    deletes: Vec<RecordName>,
    joined: Vec<ConversationId>,
}

impl Draft {
    pub(crate) fn delete(&mut self, name: RecordName) {
        self.deletes.push(name);
    }

    pub(crate) fn joined(&mut self, id: ConversationId) {
        self.joined.push(id);
    }

    /// A record that is sealed in its own way (wraps, root).
    pub(crate) fn put_sealed(&mut self, vault: &Vault, name: RecordName, bytes: Vec<u8>) {
        let version = vault.version(&name) + 1;
        self.puts.push((name, version, bytes));
    }

    /// A record sealed under the vault key.
    pub(crate) fn put(
        &mut self,
        vault: &Vault,
        rng: &mut ChaCha20Rng,
        name: RecordName,
        plaintext: &[u8],
    ) {
        let version = vault.version(&name) + 1;
        self.put_at(vault, rng, name, version, plaintext);
    }

    /// The same at a version of its own (MLS states: the epoch).
    pub(crate) fn put_at(
        &mut self,
        vault: &Vault,
        rng: &mut ChaCha20Rng,
        name: RecordName,
        version: u64,
        plaintext: &[u8],
    ) {
        let sealed =
            seal_record(&vault.keys, vault.member, &name, version, plaintext, rng).unwrap();
        self.puts.push((name, version, sealed));
    }
}

impl Vault {
    pub(crate) fn new(instance: InstanceId, member: MemberId, keys: VaultKeys) -> Self {
        Self {
            instance,
            member,
            keys,
            manifest: Manifest::new(),
            versions: BTreeMap::new(),
            head: None,
        }
    }

    fn version(&self, name: &RecordName) -> u64 {
        self.versions.get(name).copied().unwrap_or(0)
    }

    /// Number of the newest head.
    #[must_use]
    pub fn head_number(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.number)
    }

    /// Takes over what the server lists: another device of the member has written.
    pub fn adopt(&mut self, listed: &Listed) {
        let head = listed.head.as_ref().unwrap();
        self.head = Some(Head::decode(head).unwrap());
        self.manifest = Manifest::new();
        self.versions.clear();
        for line in &listed.records {
            let kind = RecordKind::try_from(line.name.kind).unwrap();
            let name = RecordName::new(kind, &line.name.id);
            self.versions.insert(name.clone(), line.version);
            self.manifest.insert(name, line.version, line.hash);
        }
    }

    /// The list as a server gives it that has taken all writes.
    #[must_use]
    pub fn listed(&self) -> Listed {
        let line = |(name, version, hash): (&RecordName, u64, &Hash32)| ManifestLine {
            name: wire(name),
            version,
            hash: *hash,
        };
        let head = self.head.as_ref().map(Head::bytes);
        Listed {
            head: head.map(Bytes::copy_from_slice),
            records: self.manifest.entries().map(line).collect(),
        }
    }

    /// The write of a draft, signed. The vault counts on its being accepted.
    pub(crate) fn write(&mut self, account: &AccountKey, draft: Draft, now: u64) -> VaultWrite {
        let expected_head = self.head_number();
        let mut write = VaultWrite {
            joined: draft.joined,
            ..VaultWrite::default()
        };
        for (name, version, bytes) in draft.puts {
            self.manifest.apply(&name, version, Some(&bytes));
            write.puts.push(RecordPut {
                expected: self.version(&name),
                version,
                name: wire(&name),
                bytes: bytes.into(),
            });
            self.versions.insert(name, version);
        }
        for name in draft.deletes {
            self.manifest.apply(&name, 0, None);
            write.deletes.push(RecordDelete {
                expected: self.versions.remove(&name).unwrap_or(0),
                name: wire(&name),
            });
        }
        let manifest = self.manifest.hash();
        let head = match &self.head {
            Some(head) => head.next(account, manifest, now).unwrap(),
            None => Head::first(account, self.instance, self.member, manifest, now),
        };
        write.head = Some(HeadPut {
            expected: expected_head,
            bytes: Bytes::copy_from_slice(head.bytes()),
        });
        self.head = Some(head);
        write
    }
}

fn wire(name: &RecordName) -> WireName {
    WireName {
        kind: name.kind as u8,
        id: Bytes::copy_from_slice(&name.id),
    }
}

/// The record of a conversation's MLS state.
pub(crate) fn state_name(id: ConversationId, restart: u32) -> RecordName {
    let id = [id.as_bytes().as_slice(), &restart.to_be_bytes()].concat();
    RecordName::new(RecordKind::MlsState, &id)
}
