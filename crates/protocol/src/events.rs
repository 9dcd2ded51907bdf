//! What the server sends by itself.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    frame::EventData,
    ids::{ConversationId, DeviceId, Hash32, IncarnationId, InstanceId, MemberId},
    limits::Limits,
    methods::{
        conversations::{Entry, Receipt},
        sync::ConversationSummary,
        vault::{RecordName, VaultWrite},
    },
};

macro_rules! event {
    ($data:ty, $name:literal) => {
        impl EventData for $data {
            const NAME: &'static str = $name;
        }
    };
}

/// What the server can do at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ServerState {
    /// No member yet: registration needs the set-up code.
    SetUp,
    /// Everything works.
    Ready,
    /// Reading works, writing does not.
    ReadOnly {
        /// Why, for a person.
        reason: String,
    },
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// First frame on every connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version.
    pub protocol: u16,
    /// Which instance.
    pub instance: InstanceId,
    /// Which life of it.
    pub incarnation: IncarnationId,
    /// Version of the server's program.
    pub server: String,
    /// Name of the organisation; empty before set-up.
    pub organisation: String,
    /// Fresh random bytes for `session.resume`.
    pub challenge: Hash32,
    /// Capabilities: the names of the modules that are switched on.
    pub capabilities: Vec<String>,
    /// Limits in force.
    pub limits: Limits,
    /// Server's time (ms since 1970).
    pub time: u64,
    /// What works now.
    pub state: ServerState,
}
event!(Hello, "hello");

/// A new entry in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// The entry.
    pub entry: Entry,
}
event!(NewEntry, "entry");

/// The member was added to a conversation, or its summary changed in a way that entries don't tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationChanged {
    /// How it stands now.
    pub summary: ConversationSummary,
}
event!(ConversationChanged, "conversation");

/// The member was removed from a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationGone {
    /// Which.
    pub conversation: ConversationId,
}
event!(ConversationGone, "conversation_gone");

/// A member asks for a new leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairAsked {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub member: MemberId,
    /// Their signed request.
    pub request: Bytes,
    /// The key package that it names.
    pub package: Bytes,
}
event!(RepairAsked, "repair_asked");

/// Somebody's cursor moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReceipt {
    /// The sealed cursor.
    pub receipt: Receipt,
}
event!(NewReceipt, "receipt");

/// One record of the vault changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChange {
    /// Which.
    pub name: RecordName,
    /// New version; 0 = deleted.
    pub version: u64,
}

/// Another device of the member wrote the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultChanged {
    /// Number of the head that stands now.
    pub head: u64,
    /// What changed.
    pub changes: Vec<RecordChange>,
}
event!(VaultChanged, "vault");

impl VaultChanged {
    /// What a write changes, without the records themselves; `head` is the number that stands after it.
    #[must_use]
    pub fn by(write: &VaultWrite, head: u64) -> Self {
        let put = write.puts.iter().map(|put| (&put.name, put.version));
        let deleted = write.deletes.iter().map(|delete| (&delete.name, 0));
        let changes = put.chain(deleted).map(|(name, version)| RecordChange {
            name: name.clone(),
            version,
        });
        Self {
            head,
            changes: changes.collect(),
        }
    }
}

/// A device has signed in to this member's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSignedIn {
    /// Which.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// When (ms since 1970).
    pub time: u64,
}
event!(DeviceSignedIn, "device_signed_in");

/// The list of this member's signed-in devices has changed: one was signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicesChanged {}
event!(DevicesChanged, "devices_changed");

/// This member's passphrase was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassphraseChanged {
    /// When (ms since 1970).
    pub time: u64,
}
event!(PassphraseChanged, "passphrase_changed");

/// This member's recovery code was made, replaced or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryChanged {
    /// When (ms since 1970).
    pub time: u64,
}
event!(RecoveryChanged, "recovery_changed");

/// A member's request for a new passphrase in the place of a forgotten one was made, approved, cancelled or used: one's own
/// (`devices.list` tells it) or, to admins, anybody's (`people.get` does).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenChanged {
    /// Whose.
    pub member: MemberId,
}
event!(ForgottenChanged, "forgotten_changed");

/// The approval of a sign-in stands otherwise now: that device asks, is claimed, has shown its nonce, is let in, or waits no
/// longer. To devices that are signed in (`devices.list` tells more) and to the waiting one itself (`approval.state`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalChanged {
    /// The waiting device.
    pub device: DeviceId,
}
event!(ApprovalChanged, "approval_changed");

/// Somebody's account certificate is another now: this member's, or that of who shares a conversation with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonChanged {
    /// Whose.
    pub member: MemberId,
}
event!(PersonChanged, "person_changed");

/// Few key packages are left: publish more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPackagesLow {
    /// Unclaimed packages left.
    pub left: u32,
}
event!(KeyPackagesLow, "key_packages_low");

/// What the server can do has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChanged {
    /// The new state.
    pub state: ServerState,
}
event!(StateChanged, "state");

/// This connection was too slow and events were dropped: call `sync.start` again with the cursors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {}
event!(Resync, "resync");

/// A backup was taken: everything up to now is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMark {
    /// Its number, rising.
    pub number: u64,
}
event!(BackupMark, "backup_mark");

/// The server is about to close this connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// For a person.
    pub reason: String,
    /// Come back after this many milliseconds, with jitter.
    pub reconnect_after_ms: u32,
}
event!(Goodbye, "goodbye");

/// Any event, decoded. Unknown names are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // each is documented at its data
pub enum Event {
    Hello(Box<Hello>),
    Entry(NewEntry),
    Conversation(ConversationChanged),
    ConversationGone(ConversationGone),
    RepairAsked(RepairAsked),
    Receipt(NewReceipt),
    Vault(VaultChanged),
    DeviceSignedIn(DeviceSignedIn),
    DevicesChanged,
    PassphraseChanged(PassphraseChanged),
    RecoveryChanged(RecoveryChanged),
    ForgottenChanged(ForgottenChanged),
    ApprovalChanged(ApprovalChanged),
    PersonChanged(PersonChanged),
    KeyPackagesLow(KeyPackagesLow),
    State(StateChanged),
    Resync,
    BackupMark(BackupMark),
    Goodbye(Goodbye),
    Unknown(String),
}

impl Event {
    /// Decodes an event by its name.
    ///
    /// # Errors
    /// When a known event's data is malformed.
    pub fn decode(name: &str, data: &Bytes) -> Result<Self, crate::frame::DecodeError> {
        use crate::frame::decode;
        Ok(match name {
            Hello::NAME => Self::Hello(Box::new(decode(data)?)),
            NewEntry::NAME => Self::Entry(decode(data)?),
            ConversationChanged::NAME => Self::Conversation(decode(data)?),
            ConversationGone::NAME => Self::ConversationGone(decode(data)?),
            RepairAsked::NAME => Self::RepairAsked(decode(data)?),
            NewReceipt::NAME => Self::Receipt(decode(data)?),
            VaultChanged::NAME => Self::Vault(decode(data)?),
            DeviceSignedIn::NAME => Self::DeviceSignedIn(decode(data)?),
            DevicesChanged::NAME => Self::DevicesChanged,
            PassphraseChanged::NAME => Self::PassphraseChanged(decode(data)?),
            RecoveryChanged::NAME => Self::RecoveryChanged(decode(data)?),
            ForgottenChanged::NAME => Self::ForgottenChanged(decode(data)?),
            ApprovalChanged::NAME => Self::ApprovalChanged(decode(data)?),
            PersonChanged::NAME => Self::PersonChanged(decode(data)?),
            KeyPackagesLow::NAME => Self::KeyPackagesLow(decode(data)?),
            StateChanged::NAME => Self::State(decode(data)?),
            Resync::NAME => Self::Resync,
            BackupMark::NAME => Self::BackupMark(decode(data)?),
            Goodbye::NAME => Self::Goodbye(decode(data)?),
            other => Self::Unknown(other.to_owned()),
        })
    }
}
