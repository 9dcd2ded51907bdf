//! The list of golden frames.

use std::fmt::Debug;

use protocol::{
    Bytes, ErrorCode, EventData, Method, Request, ServerFrame, WireError, decode, details, encode,
    events::{
        BackupMark, ConversationChanged, ConversationGone, Goodbye, KeyPackagesLow, NewEntry,
        NewReceipt, Resync, ServerState, StateChanged,
    },
    methods::{
        Done,
        account::{
            CheckInvitation, CreateInvitation, Ping, RegisterFinish, RegisterStart,
            RevokeInvitation,
        },
        conversations::{
            AskRepair, CommitConversation, CreateConversation, Declare, GetEntries, GetReceipts,
            GetTree, GetWelcome, PutReceipt, RestartConversation, SendMessage, Welcome,
        },
        people::{ClaimKeyPackage, FindPeople, GetCertificates, GetPeople, PublishKeyPackages},
        sync::StartSync,
        vault::{GetHeads, GetManifest, GetRecords, VaultWrite},
    },
};

use crate::{approval, own_account, samples as s};

/// A check of bytes.
pub type Check = Box<dyn Fn(&[u8])>;

/// One frame, its file's name, and a check that the bytes (or richer ones) mean what they should.
pub struct Case {
    pub name: String,
    pub bytes: Vec<u8>,
    pub check: Check,
}

pub fn request<M>(name: &str, params: M) -> Case
where
    M: Method + PartialEq + Debug + 'static,
{
    let bytes = encode(&Request::new(7, &params)).to_vec();
    let check = move |bytes: &[u8]| {
        let frame: Request = decode(bytes).unwrap();
        assert_eq!((frame.id, frame.method.as_str()), (7, M::NAME));
        assert_eq!(decode::<M>(&frame.params).as_ref(), Ok(&params));
    };
    Case {
        name: format!("request-{}{name}", M::NAME),
        bytes,
        check: Box::new(check),
    }
}

pub fn reply<M>(name: &str, result: M::Reply) -> Case
where
    M: Method,
    M::Reply: PartialEq + Debug + 'static,
{
    let bytes = encode(&ServerFrame::ok(7, &result)).to_vec();
    let check = move |bytes: &[u8]| {
        let frame: ServerFrame = decode(bytes).unwrap();
        assert_eq!(frame.id, Some(7));
        assert!(frame.err.is_none() && frame.event.is_none() && frame.data.is_none());
        assert_eq!(decode::<M::Reply>(&frame.ok.unwrap()).as_ref(), Ok(&result));
    };
    Case {
        name: format!("reply-{}{name}", M::NAME),
        bytes,
        check: Box::new(check),
    }
}

pub fn event<E>(name: &str, data: E) -> Case
where
    E: EventData + PartialEq + Debug + 'static,
{
    let bytes = encode(&ServerFrame::event(&data)).to_vec();
    let check = move |bytes: &[u8]| {
        let frame: ServerFrame = decode(bytes).unwrap();
        assert!(frame.id.is_none() && frame.ok.is_none() && frame.err.is_none());
        assert_eq!(frame.event.as_deref(), Some(E::NAME));
        assert_eq!(decode::<E>(&frame.data.unwrap()).as_ref(), Ok(&data));
    };
    Case {
        name: format!("event-{}{name}", E::NAME),
        bytes,
        check: Box::new(check),
    }
}

fn error(name: &str, id: Option<u64>, error: WireError) -> Case {
    let bytes = encode(&ServerFrame::err(id, error.clone())).to_vec();
    let details = error.data.clone();
    let check = move |bytes: &[u8]| {
        let mut frame: ServerFrame = decode(bytes).unwrap();
        assert_eq!(frame.id, id);
        if let Some(known) = &details {
            // unknown fields may have been added inside: compare what is known
            let err = frame.err.as_mut().unwrap();
            same_details(err.code, known, err.data.as_ref().unwrap());
            err.data = Some(known.clone());
        }
        assert_eq!(frame.err.as_ref(), Some(&error));
    };
    Case {
        name: format!("error-{name}"),
        bytes,
        check: Box::new(check),
    }
}

fn same_details(code: ErrorCode, known: &Bytes, found: &Bytes) {
    match code {
        ErrorCode::DirectExists => {
            assert_eq!(decode::<details::DirectExists>(known), decode(found));
        }
        ErrorCode::VaultConflict => {
            assert_eq!(decode::<details::VaultConflict>(known), decode(found));
        }
        ErrorCode::EpochMoved => {
            assert_eq!(decode::<details::EpochMoved>(known), decode(found));
        }
        other => panic!("{other:?} has no details"),
    }
}

/// Every golden frame.
pub fn all() -> Vec<Case> {
    [
        account(),
        own_account::cases(),
        approval::cases(),
        crate::members::cases(),
        people_and_vault(),
        conversations(),
        events(),
        errors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn account() -> Vec<Case> {
    vec![
        request("", Ping {}),
        reply::<Ping>("", Done {}),
        request(
            "",
            CheckInvitation {
                secret: s::bytes(0x51, 16),
            },
        ),
        reply::<CheckInvitation>("", s::invitation_info()),
        request(
            "-set_up",
            RegisterStart {
                ticket: s::set_up(),
                ..s::register_start()
            },
        ),
        request("-invitation", s::register_start()),
        reply::<RegisterStart>("", s::register_started()),
        request("", s::register_finish()),
        request(
            "-first",
            RegisterFinish {
                ticket: s::set_up(),
                organisation: Some("Café 🦊".into()),
                ..s::register_finish()
            },
        ),
        reply::<RegisterFinish>("", s::signed_in()),
        request("", s::sign_in_start()),
        reply::<protocol::methods::account::SignInStart>("", s::sign_in_started()),
        request("", s::sign_in_finish()),
        reply::<protocol::methods::account::SignInFinish>("", s::signed_in()),
        request("", s::resume()),
        reply::<protocol::methods::account::ResumeSession>("", s::signed_in()),
        request(
            "",
            CreateInvitation {
                invitation: s::id(0x52),
                secret_hash: s::hash(0x53),
            },
        ),
        reply::<CreateInvitation>("", s::invitation_created()),
        request(
            "",
            RevokeInvitation {
                invitation: s::id(0x52),
            },
        ),
        reply::<RevokeInvitation>("", Done {}),
    ]
}

fn people_and_vault() -> Vec<Case> {
    vec![
        request(
            "",
            FindPeople {
                query: "søren".into(),
                limit: 20,
            },
        ),
        reply::<FindPeople>("", s::people()),
        request(
            "",
            GetPeople {
                members: vec![s::id(1), s::id(2)],
            },
        ),
        reply::<GetPeople>("", s::people()),
        request(
            "",
            GetCertificates {
                names: vec![s::hash(3)],
            },
        ),
        reply::<GetCertificates>("", s::certificates()),
        request(
            "",
            PublishKeyPackages {
                packages: s::key_packages(),
                vault: s::vault_write(),
                withdraw_all: false,
            },
        ),
        reply::<PublishKeyPackages>("", s::left()),
        request("", ClaimKeyPackage { member: s::id(2) }),
        reply::<ClaimKeyPackage>("", s::claimed()),
        request("", s::vault_write()),
        request("-empty", VaultWrite::default()),
        reply::<VaultWrite>("", s::vault_written()),
        request("", GetManifest {}),
        reply::<GetManifest>("", s::manifest()),
        request(
            "",
            GetHeads {
                from: 7,
                limit: 1000,
            },
        ),
        reply::<GetHeads>("", s::heads()),
        request(
            "",
            GetRecords {
                names: vec![s::record_name()],
            },
        ),
        reply::<GetRecords>("", s::records()),
        request("", s::start_sync()),
        request(
            "-fresh",
            StartSync {
                incarnation: None,
                cursors: vec![],
            },
        ),
        reply::<StartSync>("", s::sync_started()),
    ]
}

fn conversations() -> Vec<Case> {
    vec![
        request("", s::create()),
        reply::<CreateConversation>("", s::accepted()),
        request("", s::commit()),
        request(
            "-cut",
            CommitConversation {
                link: None,
                ..s::commit()
            },
        ),
        reply::<CommitConversation>("", s::accepted()),
        request("", s::restart()),
        reply::<RestartConversation>("", s::accepted()),
        request("", s::declare()),
        reply::<Declare>("", s::accepted()),
        request("", s::ask_repair()),
        reply::<AskRepair>("", Done {}),
        request("", s::send()),
        request("-timed", s::send_timed()),
        request(
            "-restarted",
            SendMessage {
                restart: 2,
                ..s::send()
            },
        ),
        reply::<SendMessage>("", s::accepted()),
        request("", s::get_entries()),
        reply::<GetEntries>("", s::entries()),
        request(
            "",
            GetTree {
                conversation: s::id(9),
                epoch: 300,
                restart: None,
            },
        ),
        request(
            "-restarted",
            GetTree {
                conversation: s::id(9),
                epoch: 300,
                restart: Some(1),
            },
        ),
        reply::<GetTree>("", s::tree()),
        request(
            "",
            GetWelcome {
                conversation: s::id(9),
            },
        ),
        reply::<GetWelcome>("", s::welcome()),
        reply::<GetWelcome>(
            "-restarted",
            Welcome {
                restart: 2,
                ..s::welcome()
            },
        ),
        request(
            "",
            PutReceipt {
                conversation: s::id(9),
                epoch: 300,
                body: s::bytes(0x61, 40),
            },
        ),
        reply::<PutReceipt>("", Done {}),
        request(
            "",
            GetReceipts {
                conversation: s::id(9),
            },
        ),
        reply::<GetReceipts>("", s::receipts()),
    ]
}

fn events() -> Vec<Case> {
    vec![
        event("", s::hello(ServerState::Ready)),
        event("-set_up", s::hello(ServerState::SetUp)),
        event("-limits", s::hello_of_all_limits()),
        event(
            "",
            NewEntry {
                entry: s::message_entry(),
            },
        ),
        event(
            "-commit",
            NewEntry {
                entry: s::commit_entry(),
            },
        ),
        event(
            "-timed",
            NewEntry {
                entry: s::timed_entry(),
            },
        ),
        event(
            "-without_body",
            NewEntry {
                entry: s::emptied_entry(),
            },
        ),
        event("", s::repair_asked()),
        event(
            "-repair",
            ConversationChanged {
                summary: s::summary_with_repair(),
            },
        ),
        event(
            "",
            ConversationChanged {
                summary: s::summary(),
            },
        ),
        event(
            "",
            ConversationGone {
                conversation: s::id(9),
            },
        ),
        event(
            "",
            NewReceipt {
                receipt: s::receipt(),
            },
        ),
        event("", s::vault_changed()),
        event("", s::device_signed_in()),
        event("", KeyPackagesLow { left: 3 }),
        event(
            "-read_only",
            StateChanged {
                state: ServerState::ReadOnly {
                    reason: "The disk is full.".into(),
                },
            },
        ),
        event(
            "-ready",
            StateChanged {
                state: ServerState::Ready,
            },
        ),
        event(
            "-set_up",
            StateChanged {
                state: ServerState::SetUp,
            },
        ),
        event("", Resync {}),
        event("", BackupMark { number: 12 }),
        event(
            "",
            Goodbye {
                reason: "The server restarts.".into(),
                reconnect_after_ms: 2000,
            },
        ),
    ]
}

fn errors() -> Vec<Case> {
    // messages may be worded anew, so golden frames have their own
    let plain = |code: ErrorCode| WireError {
        message: "What happened.".into(),
        ..WireError::new(code)
    };
    let mut cases: Vec<Case> = ErrorCode::ALL
        .iter()
        .map(|&code| error(code.code(), Some(7), plain(code)))
        .collect();
    cases.push(error(
        "bad_frame-without_id",
        None,
        plain(ErrorCode::BadFrame),
    ));
    cases.push(error(
        "busy-after",
        Some(7),
        plain(ErrorCode::Busy).after(250),
    ));
    for (code, data) in [
        (
            ErrorCode::DirectExists,
            encode(&details::DirectExists {
                conversation: s::id(9),
            }),
        ),
        (
            ErrorCode::VaultConflict,
            encode(&details::VaultConflict { head: 41 }),
        ),
        (
            ErrorCode::EpochMoved,
            encode(&details::EpochMoved {
                epoch: 301,
                head_seq: 70_000,
            }),
        ),
    ] {
        cases.push(error(
            &format!("{}-data", code.code()),
            Some(7),
            plain(code).with_data(data),
        ));
    }
    cases
}
