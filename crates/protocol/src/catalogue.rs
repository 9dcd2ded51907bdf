//! Every method and every event of the protocol, in one place: for the description of frames and for tests.

use crate::{
    error::ErrorCode,
    events::{
        ApprovalChanged, BackupMark, ConversationChanged, ConversationGone, DeviceSignedIn,
        DevicesChanged, ForgottenChanged, Goodbye, Hello, KeyPackagesLow, NewEntry, NewReceipt,
        PassphraseChanged, PersonChanged, RecoveryChanged, RepairAsked, Resync, StateChanged,
        VaultChanged,
    },
    frame::{DecodeError, EventData, Method, decode},
    methods::{
        account::{
            CheckInvitation, CheckReset, CreateInvitation, Ping, Recover, RegisterFinish,
            RegisterStart, ResumeSession, RevokeInvitation, SignInFinish, SignInStart,
        },
        approval::{
            AskApproval, ClaimApproval, DenyApproval, GetApproval, GiveUpApproval, GrantApproval,
            RevealApproval,
        },
        conversations::{
            AskRepair, CommitConversation, CreateConversation, Declare, GetEntries, GetReceipts,
            GetTree, GetWelcome, PutReceipt, RestartConversation, SendMessage,
        },
        own_account::{
            ApproveForgotten, AskForgotten, CancelForgotten, CloseAccount, FinishPassphrase,
            ListDevices, Rename, ReplaceRoot, ResetMember, SetRecovery, SignOutDevices,
            StartPassphrase, StartProof,
        },
        people::{
            ClaimKeyPackage, CloseAccountOf, FindPeople, GetCertificates, GetPeople,
            PublishKeyPackages, SetOrganisationRole, Suspend,
        },
        sync::StartSync,
        vault::{GetHeads, GetManifest, GetRecords, VaultWrite},
    },
};

/// Checks that bytes decode as one type.
pub type Check = fn(&[u8]) -> Result<(), DecodeError>;

/// A method.
#[derive(Debug, Clone, Copy)]
pub struct MethodInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// Whether it needs a signed-in session.
    pub signed_in: bool,
    /// Whether bytes are its parameters.
    pub check_params: Check,
    /// Whether bytes are its result.
    pub check_reply: Check,
}

/// An event.
#[derive(Debug, Clone, Copy)]
pub struct EventInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// Whether bytes are its data.
    pub check_data: Check,
}

const fn method<M: Method>() -> MethodInfo {
    MethodInfo {
        name: M::NAME,
        signed_in: M::SIGNED_IN,
        check_params: |bytes| decode::<M>(bytes).map(drop),
        check_reply: |bytes| decode::<M::Reply>(bytes).map(drop),
    }
}

const fn event<E: EventData>() -> EventInfo {
    EventInfo {
        name: E::NAME,
        check_data: |bytes| decode::<E>(bytes).map(drop),
    }
}

/// Every method.
pub const METHODS: &[MethodInfo] = &[
    method::<Ping>(),
    method::<CheckInvitation>(),
    method::<CheckReset>(),
    method::<RegisterStart>(),
    method::<RegisterFinish>(),
    method::<SignInStart>(),
    method::<SignInFinish>(),
    method::<Recover>(),
    method::<ResumeSession>(),
    method::<CreateInvitation>(),
    method::<RevokeInvitation>(),
    method::<StartProof>(),
    method::<StartPassphrase>(),
    method::<FinishPassphrase>(),
    method::<SetRecovery>(),
    method::<Rename>(),
    method::<CloseAccount>(),
    method::<AskForgotten>(),
    method::<ApproveForgotten>(),
    method::<CancelForgotten>(),
    method::<ReplaceRoot>(),
    method::<ResetMember>(),
    method::<ListDevices>(),
    method::<SignOutDevices>(),
    method::<AskApproval>(),
    method::<GetApproval>(),
    method::<RevealApproval>(),
    method::<ClaimApproval>(),
    method::<GiveUpApproval>(),
    method::<GrantApproval>(),
    method::<DenyApproval>(),
    method::<FindPeople>(),
    method::<GetPeople>(),
    method::<Suspend>(),
    method::<SetOrganisationRole>(),
    method::<CloseAccountOf>(),
    method::<GetCertificates>(),
    method::<PublishKeyPackages>(),
    method::<ClaimKeyPackage>(),
    method::<VaultWrite>(),
    method::<GetManifest>(),
    method::<GetHeads>(),
    method::<GetRecords>(),
    method::<StartSync>(),
    method::<CreateConversation>(),
    method::<CommitConversation>(),
    method::<RestartConversation>(),
    method::<Declare>(),
    method::<SendMessage>(),
    method::<GetEntries>(),
    method::<GetTree>(),
    method::<GetWelcome>(),
    method::<AskRepair>(),
    method::<PutReceipt>(),
    method::<GetReceipts>(),
];

/// Every event.
pub const EVENTS: &[EventInfo] = &[
    event::<Hello>(),
    event::<NewEntry>(),
    event::<ConversationChanged>(),
    event::<ConversationGone>(),
    event::<RepairAsked>(),
    event::<NewReceipt>(),
    event::<VaultChanged>(),
    event::<DeviceSignedIn>(),
    event::<DevicesChanged>(),
    event::<PassphraseChanged>(),
    event::<RecoveryChanged>(),
    event::<ForgottenChanged>(),
    event::<ApprovalChanged>(),
    event::<PersonChanged>(),
    event::<KeyPackagesLow>(),
    event::<StateChanged>(),
    event::<Resync>(),
    event::<BackupMark>(),
    event::<Goodbye>(),
];

/// Every error code.
pub const ERRORS: &[ErrorCode] = ErrorCode::ALL;

/// The method of that name.
#[must_use]
pub fn find_method(name: &str) -> Option<&'static MethodInfo> {
    METHODS.iter().find(|method| method.name == name)
}

/// The event of that name.
#[must_use]
pub fn find_event(name: &str) -> Option<&'static EventInfo> {
    EVENTS.iter().find(|event| event.name == name)
}
