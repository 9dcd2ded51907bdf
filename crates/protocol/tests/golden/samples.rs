//! Values of every type, the same for ever.

use protocol::{
    Bytes, Hash32,
    events::{DeviceSignedIn, Hello, RecordChange, RepairAsked, ServerState, VaultChanged},
    limits::Limits,
    methods::{
        account::{
            InvitationCreated, InvitationInfo, NewDevice, OrganisationRole, RegisterFinish,
            RegisterStart, RegisterStarted, ResumeSession, SignInFinish, SignInStart,
            SignInStarted, SignedIn, Stretching, Ticket,
        },
        conversations::{
            Accepted, AskRepair, CommitConversation, CreateConversation, Declare, Entries, Entry,
            GetEntries, NewWelcome, Receipt, Receipts, Repair, RestartConversation, SendMessage,
            Tree, Welcome, kind as entry_kind,
        },
        own_account::ForgottenRequest,
        people::{
            Certificates, ClaimedKeyPackage, KeyPackagesLeft, NewKeyPackage, People, Person,
            ResetMark,
        },
        sync::{ConversationSummary, Cursor, StartSync, SyncStarted},
        vault::{
            HeadPut, Heads, Manifest, ManifestLine, Record, RecordDelete, RecordName, RecordPut,
            Records, VaultWrite, VaultWritten, kind,
        },
    },
};

pub const TIME: u64 = 1_767_225_600_123;

/// Any id type: sixteen bytes that count up from `first`.
pub fn id<T: From16>(first: u8) -> T {
    T::from16(std::array::from_fn(|i| first.wrapping_add(i as u8)))
}

pub trait From16 {
    fn from16(bytes: [u8; 16]) -> Self;
}

macro_rules! from16 {
    ($($id:ident),*) => { $(impl From16 for protocol::$id { fn from16(bytes: [u8; 16]) -> Self { Self(bytes) } })* };
}
from16!(
    InstanceId,
    IncarnationId,
    MemberId,
    DeviceId,
    ConversationId,
    MessageId,
    InvitationId
);

pub fn hash(first: u8) -> Hash32 {
    Hash32(std::array::from_fn(|i| first.wrapping_add(i as u8)))
}

pub fn bytes(first: u8, len: usize) -> Bytes {
    (0..len).map(|i| first.wrapping_add(i as u8)).collect()
}

pub fn set_up() -> Ticket {
    Ticket::SetUp {
        code: "7K3F-0000-ABCD-EFGH".into(),
    }
}

fn stretching() -> Stretching {
    Stretching {
        memory_kib: 65_536,
        passes: 3,
        lanes: 1,
    }
}

fn device() -> NewDevice {
    NewDevice {
        device: id(4),
        name: "Söner’s laptop".into(),
        signing_key: bytes(5, 32),
        wrap_key: bytes(6, 60),
    }
}

pub fn invitation_info() -> InvitationInfo {
    InvitationInfo {
        organisation: "Café 🦊".into(),
        inviter: bytes(0x11, 70),
        expires: TIME,
    }
}

pub fn register_start() -> RegisterStart {
    RegisterStart {
        ticket: Ticket::Invitation {
            secret: bytes(0x51, 16),
        },
        member: id(1),
        request: bytes(0x21, 32),
    }
}

pub fn register_started() -> RegisterStarted {
    RegisterStarted {
        response: bytes(0x22, 64),
        stretching_floor: stretching(),
    }
}

pub fn register_finish() -> RegisterFinish {
    RegisterFinish {
        ticket: Ticket::Invitation {
            secret: bytes(0x51, 16),
        },
        member: id(1),
        upload: bytes(0x23, 192),
        stretching: stretching(),
        certificate: bytes(0x24, 80),
        device: device(),
        vault: vault_write(),
        key_packages: key_packages(),
        organisation: None,
    }
}

pub fn signed_in() -> SignedIn {
    SignedIn {
        member: id(1),
        certificate: bytes(0x24, 80),
        role: OrganisationRole::Admin,
        organisation: "Café 🦊".into(),
        waiting: false,
    }
}

pub fn sign_in_start() -> SignInStart {
    SignInStart {
        login_name: "søren".into(),
        ke1: bytes(0x25, 96),
    }
}

pub fn sign_in_started() -> SignInStarted {
    SignInStarted {
        attempt: 3,
        ke2: bytes(0x26, 320),
        stretching: stretching(),
    }
}

pub fn sign_in_finish() -> SignInFinish {
    SignInFinish {
        attempt: 3,
        ke3: bytes(0x27, 64),
        device: device(),
    }
}

pub fn resume() -> ResumeSession {
    ResumeSession {
        device: id(4),
        proof: bytes(0x28, 64),
    }
}

pub fn invitation_created() -> InvitationCreated {
    InvitationCreated {
        expires: TIME,
        addresses: vec!["chat.example:7443".into(), "[fe80::1]:7443".into()],
        ca: hash(0x54),
    }
}

pub fn people() -> People {
    let person = |first, role| Person {
        member: id(first),
        certificates: vec![bytes(first, 75), bytes(first, 76)],
        role,
        suspended: false,
        successions: vec![],
        reset: None,
        forgotten: None,
    };
    People {
        people: vec![
            person(1, OrganisationRole::Admin),
            person(2, OrganisationRole::Member),
            person(3, OrganisationRole::Guest),
        ],
    }
}

/// Somebody whose root was followed by another, whose access was reset once, and who has forgotten their passphrase.
pub fn people_with_ways_back() -> People {
    let mut people = people();
    let person = &mut people.people[1];
    person.successions = vec![bytes(0x61, 90), bytes(0x62, 90)];
    person.reset = Some(ResetMark {
        by: id(1),
        at: TIME,
    });
    person.forgotten = Some(forgotten(None));
    people
}

pub fn forgotten(approved: Option<u64>) -> ForgottenRequest {
    ForgottenRequest {
        device: id(4),
        name: "Söner’s laptop".into(),
        asked: TIME,
        ready: TIME + 86_400_000,
        approved,
    }
}

pub fn certificates() -> Certificates {
    Certificates {
        certificates: vec![bytes(0x31, 90)],
    }
}

pub fn key_packages() -> Vec<NewKeyPackage> {
    vec![
        NewKeyPackage {
            id: hash(0x32),
            package: bytes(0x33, 100),
            last_resort: false,
        },
        NewKeyPackage {
            id: hash(0x34),
            package: bytes(0x35, 100),
            last_resort: true,
        },
    ]
}

pub fn left() -> KeyPackagesLeft {
    KeyPackagesLeft { left: 30 }
}

pub fn claimed() -> ClaimedKeyPackage {
    ClaimedKeyPackage {
        id: hash(0x32),
        package: bytes(0x33, 100),
    }
}

pub fn record_name() -> RecordName {
    RecordName {
        kind: kind::MLS_STATE,
        id: bytes(9, 20),
    }
}

pub fn vault_write() -> VaultWrite {
    VaultWrite {
        head: Some(HeadPut {
            expected: 40,
            bytes: bytes(0x41, 180),
        }),
        puts: vec![RecordPut {
            name: record_name(),
            expected: 0,
            version: 300,
            bytes: bytes(0x42, 64),
        }],
        deletes: vec![RecordDelete {
            name: RecordName {
                kind: kind::KEY_PACKAGE,
                id: bytes(0x32, 32),
            },
            expected: 1,
        }],
        joined: vec![id(9)],
    }
}

pub fn vault_written() -> VaultWritten {
    VaultWritten { head: 41 }
}

pub fn heads() -> Heads {
    Heads {
        heads: vec![bytes(0x91, 183), bytes(0x92, 183)],
    }
}

pub fn manifest() -> Manifest {
    let line = |kind, id, version| ManifestLine {
        name: RecordName { kind, id },
        version,
        hash: hash(0x43),
    };
    Manifest {
        head: Some(bytes(0x41, 180)),
        records: vec![
            line(kind::WRAPS, Bytes::new(), 2),
            line(kind::MLS_STATE, bytes(9, 20), 300),
        ],
    }
}

pub fn records() -> Records {
    Records {
        records: vec![Record {
            name: record_name(),
            version: 300,
            bytes: bytes(0x42, 64),
        }],
        more: true,
    }
}

pub fn start_sync() -> StartSync {
    StartSync {
        incarnation: Some(id(0x71)),
        cursors: vec![Cursor {
            conversation: id(9),
            seq: 70_000,
        }],
    }
}

pub fn summary() -> ConversationSummary {
    ConversationSummary {
        conversation: id(9),
        restart: 0,
        direct: true,
        members: vec![id(1), id(2)],
        epoch: 300,
        head_seq: 70_001,
        first_seq: 1,
        welcome: false,
        repairs: vec![],
    }
}

pub fn summary_with_repair() -> ConversationSummary {
    let asked = repair_asked();
    ConversationSummary {
        direct: false,
        repairs: vec![Repair {
            member: asked.member,
            request: asked.request,
            package: asked.package,
        }],
        ..summary()
    }
}

pub fn ask_repair() -> AskRepair {
    AskRepair {
        conversation: id(9),
        request: bytes(0x70, 159),
        package: bytes(0x71, 200),
        vault: vault_write(),
    }
}

pub fn repair_asked() -> RepairAsked {
    RepairAsked {
        conversation: id(9),
        member: id(2),
        request: bytes(0x70, 159),
        package: bytes(0x71, 200),
    }
}

pub fn sync_started() -> SyncStarted {
    SyncStarted {
        snapshot_needed: false,
        changed: vec![summary()],
        gone: vec![id(10)],
        vault_head: 41,
        key_packages_left: 29,
        backup_mark: 12,
    }
}

fn welcomes() -> Vec<NewWelcome> {
    vec![NewWelcome {
        member: id(2),
        key_package: hash(0x32),
        welcome: bytes(0x62, 120),
    }]
}

pub fn create() -> CreateConversation {
    CreateConversation {
        conversation: id(9),
        group_info: bytes(0x63, 150),
        commit: bytes(0x64, 140),
        welcomes: welcomes(),
        vault: vault_write(),
    }
}

pub fn commit() -> CommitConversation {
    CommitConversation {
        conversation: id(9),
        epoch: 299,
        commit: bytes(0x64, 140),
        welcomes: welcomes(),
        link: Some(bytes(0x65, 83)),
        vault: vault_write(),
    }
}

pub fn restart() -> RestartConversation {
    RestartConversation {
        conversation: id(9),
        restart: 1,
        epoch: 300,
        statement: bytes(0x68, 420),
        group_info: bytes(0x63, 150),
        commit: bytes(0x64, 140),
        welcomes: welcomes(),
        vault: vault_write(),
    }
}

pub fn declare() -> Declare {
    Declare {
        conversation: id(9),
        epoch: 300,
        kind: entry_kind::LEAVE,
        statement: bytes(0x68, 250),
    }
}

pub fn send() -> SendMessage {
    SendMessage {
        conversation: id(9),
        restart: 0,
        message: id(0x66),
        epoch: 300,
        body: bytes(0x67, 260),
        expiry: TIME,
        quiet: true,
        timed: false,
    }
}

pub fn send_timed() -> SendMessage {
    SendMessage {
        quiet: false,
        timed: true,
        ..send()
    }
}

pub fn accepted() -> Accepted {
    Accepted {
        seq: 70_001,
        time: TIME,
    }
}

pub fn get_entries() -> GetEntries {
    GetEntries {
        conversation: id(9),
        from: 69_900,
        limit: 200,
        commits_only: true,
    }
}

pub fn message_entry() -> Entry {
    Entry {
        conversation: id(9),
        restart: 0,
        seq: 70_001,
        kind: entry_kind::MESSAGE,
        sender: id(1),
        epoch: 300,
        time: TIME,
        expiry: 0,
        quiet: false,
        timed: false,
        message: Some(id(0x66)),
        body_hash: hash(0x68),
        body: Some(bytes(0x67, 260)),
        link: None,
    }
}

pub fn commit_entry() -> Entry {
    Entry {
        kind: entry_kind::COMMIT,
        epoch: 299,
        message: None,
        body: Some(bytes(0x64, 140)),
        link: Some(bytes(0x65, 83)),
        ..message_entry()
    }
}

pub fn timed_entry() -> Entry {
    Entry {
        expiry: TIME,
        timed: true,
        ..message_entry()
    }
}

pub fn emptied_entry() -> Entry {
    Entry {
        kind: 200,
        body: None,
        expiry: TIME,
        quiet: true,
        ..message_entry()
    }
}

pub fn entries() -> Entries {
    Entries {
        before: hash(0x69),
        entries: vec![message_entry(), commit_entry(), emptied_entry()],
        head_seq: 70_003,
    }
}

pub fn tree() -> Tree {
    Tree {
        tree: bytes(0x6A, 300),
    }
}

pub fn welcome() -> Welcome {
    Welcome {
        welcome: bytes(0x62, 120),
        key_package: hash(0x32),
        tree: bytes(0x6A, 300),
        epoch: 300,
        seq: 70_000,
        transcript: hash(0x6B),
        restart: 0,
    }
}

pub fn receipt() -> Receipt {
    Receipt {
        conversation: id(9),
        member: id(2),
        epoch: 300,
        body: bytes(0x61, 40),
    }
}

pub fn receipts() -> Receipts {
    Receipts {
        receipts: vec![receipt()],
    }
}

pub fn hello(state: ServerState) -> Hello {
    Hello {
        protocol: 1,
        instance: id(0x70),
        incarnation: id(0x71),
        server: "0.1.0".into(),
        organisation: "Café 🦊".into(),
        challenge: hash(0x72),
        capabilities: vec!["receipts".into()],
        limits: Limits {
            frame_bytes: 4_194_304,
            body_bytes: 65_536,
            requests_in_flight: 64,
            requests_per_second: 200,
            messages_per_second: 100,
            sign_ins_per_hour: 30,
            connections_per_address: 1000,
            conversation_members: 1000,
            heartbeat_ms: 25_000,
            guest_frame_bytes: None,
            guest_requests_per_second: None,
            guests_per_address: None,
            changes_per_second: None,
            receipts_per_second: None,
            vault_bytes: None,
        },
        time: TIME,
        state,
    }
}

/// With the limits that servers of the first version did not announce.
pub fn hello_of_all_limits() -> Hello {
    let mut hello = hello(ServerState::Ready);
    hello.limits = Limits {
        guest_frame_bytes: Some(1_048_576),
        guest_requests_per_second: Some(50),
        guests_per_address: Some(500),
        changes_per_second: Some(5),
        receipts_per_second: Some(50),
        vault_bytes: Some(268_435_456),
        ..hello.limits
    };
    hello
}

pub fn vault_changed() -> VaultChanged {
    VaultChanged {
        head: 41,
        changes: vec![RecordChange {
            name: record_name(),
            version: 300,
        }],
    }
}

pub fn device_signed_in() -> DeviceSignedIn {
    DeviceSignedIn {
        device: id(4),
        name: "Söner’s laptop".into(),
        time: TIME,
    }
}
