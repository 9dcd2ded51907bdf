//! What one account or address may make the server do and hold, and that the others do not notice.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use fakes::{Client, World, device, member_of, message};
use gateway::{Config, Rate};
use protocol::{
    Bytes, ConversationId, ErrorCode, InstanceId, Method, Request, encode,
    limits::VAULT_BYTES_MAX,
    methods::{
        account::{CheckInvitation, Ping},
        conversations::{CommitConversation, CreateConversation, GetTree, GetWelcome, PutReceipt},
        vault::{GetManifest, RecordName, RecordPut, VaultWrite},
    },
};

fn create() -> CreateConversation {
    CreateConversation {
        conversation: ConversationId([1; 16]),
        group_info: Bytes::new(),
        commit: Bytes::new(),
        welcomes: vec![],
        vault: VaultWrite::default(),
    }
}

fn commit(n: u8) -> CommitConversation {
    CommitConversation {
        conversation: ConversationId([n; 16]),
        epoch: 1,
        commit: Bytes::new(),
        welcomes: vec![],
        link: None,
        vault: VaultWrite::default(),
    }
}

fn tree() -> GetTree {
    GetTree {
        conversation: ConversationId([1; 16]),
        epoch: 1,
        restart: None,
    }
}

async fn code<M: Method>(client: &mut Client, params: &M) -> ErrorCode {
    client.ask(params).await.err().unwrap().code
}

#[tokio::test]
async fn work_on_trees_is_limited_for_each_account() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let mut phone = world.sign_in(device(1, 2)).await;
    let mut other = world.sign_in(device(2, 1)).await;
    for n in 0..25 {
        // The services here know nobody: what they say shows that it came to them.
        let welcome = GetWelcome {
            conversation: ConversationId([1; 16]),
        };
        assert_eq!(code(&mut client, &create()).await, ErrorCode::NotAMember);
        assert_eq!(code(&mut phone, &commit(n)).await, ErrorCode::NotAMember);
        assert_eq!(code(&mut client, &tree()).await, ErrorCode::NotAMember);
        assert_eq!(code(&mut phone, &welcome).await, ErrorCode::NotAMember);
    }
    for client in [&mut client, &mut phone] {
        let limited = client.ask(&tree()).await.unwrap_err();
        assert_eq!(
            (limited.code, limited.retry_after_ms),
            (ErrorCode::RateLimited, Some(200))
        );
        assert_eq!(code(client, &create()).await, ErrorCode::RateLimited);
        client.ask(&GetManifest {}).await.unwrap();
    }
    assert_eq!(code(&mut other, &create()).await, ErrorCode::NotAMember);
    world.clock.advance(1000);
    for _ in 0..5 {
        assert_eq!(code(&mut client, &tree()).await, ErrorCode::NotAMember);
    }
    assert_eq!(code(&mut client, &tree()).await, ErrorCode::RateLimited);
}

#[tokio::test]
async fn receipts_are_limited_in_each_conversation() {
    let config = Config {
        modules: vec!["receipts".into()],
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let receipt = |n: u8| PutReceipt {
        conversation: ConversationId([n; 16]),
        epoch: 1,
        body: Bytes::new(),
    };
    for n in [1, 2] {
        for _ in 0..5 {
            client.ask(&receipt(n)).await.unwrap();
        }
        let limited = client.ask(&receipt(n)).await.unwrap_err();
        assert_eq!(
            (limited.code, limited.retry_after_ms),
            (ErrorCode::RateLimited, Some(1000))
        );
    }
    world.clock.advance(1000);
    client.ask(&receipt(1)).await.unwrap();
}

#[tokio::test]
async fn limits_are_announced() {
    let config = Config {
        changes: Rate::per_second(7),
        guests_per_address: 9,
        ..Config::default()
    };
    let guest_frame_bytes = config.guest_frame_bytes;
    let world = World::new(config).await;
    let limits = world.connect().hello().await.limits;
    assert_eq!(limits.changes_per_second, Some(7));
    assert_eq!(limits.guests_per_address, Some(9));
    assert_eq!(limits.guest_requests_per_second, Some(50));
    assert_eq!(limits.receipts_per_second, Some(50));
    assert_eq!(limits.guest_frame_bytes, Some(guest_frame_bytes));
    assert_eq!(limits.vault_bytes, Some(VAULT_BYTES_MAX));
}

#[test]
fn a_registration_has_room_before_sign_in() {
    // Its bulk are key packages with their private parts: 30, and the last-resort one.
    let newcomer = testkit::Newcomer::new(1, InstanceId([1; 16]), "anna", "Anna");
    let publish = newcomer.into_member().publish(30, true, 1_790_000_000_000);
    let bytes = encode(&Request::new(1, &publish)).len();
    let most = Config::default().guest_frame_bytes as usize;
    assert!(bytes < most / 2, "{bytes}");
}

/// A request whose frame has about so many bytes.
fn large(bytes: usize) -> VaultWrite {
    VaultWrite {
        puts: vec![RecordPut {
            name: RecordName {
                kind: 8,
                id: Bytes::new(),
            },
            expected: 0,
            version: 1,
            bytes: Bytes::from(vec![0; bytes]),
        }],
        ..VaultWrite::default()
    }
}

#[tokio::test]
async fn a_guests_frame_is_smaller_than_a_members() {
    let world = World::new(Config::default()).await;
    let whole = world.connect().hello().await.limits;
    let (guests, members) = (whole.guest_frame_bytes.unwrap(), whole.frame_bytes);
    assert!(guests < members);
    let mut member = world.sign_in(device(1, 1)).await;
    member.ask(&large(guests as usize)).await.unwrap();
    let mut guest = world.connect();
    guest.hello().await;
    let fits = CheckInvitation {
        secret: Bytes::from(vec![0; guests as usize - 100]),
    };
    assert_eq!(code(&mut guest, &fits).await, ErrorCode::InvitationInvalid);
    let beyond = CheckInvitation {
        secret: Bytes::from(vec![0; guests as usize]),
    };
    let frame = encode(&Request::new(9, &beyond));
    assert!(guest.connection.receive(frame).await.is_err());
    let frames = guest.until_the_end().await;
    assert_eq!(frames[0].err.as_ref().unwrap().code, ErrorCode::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn large_requests_at_work_are_few_on_each_connection() {
    let mut config = Config::default();
    config.limits.frame_bytes = 64_000;
    let world = World::new(config).await;
    let mut client = world.sign_in(device(1, 1)).await;
    // A thousand bytes for each of 64 slots: these take 31 each.
    let mut send = message(1);
    send.body = Bytes::from(vec![0; 30_500]);
    for _ in 0..2 {
        client.send(&send).await;
    }
    let third = client.connection.receive(encode(&Request::new(9, &send)));
    let waited = tokio::time::timeout(std::time::Duration::from_secs(5), third).await;
    assert!(waited.is_err(), "not read before an answer was");
    assert_eq!(world.conversations.arrived.lock().unwrap().len(), 2);
    world.conversations.gate.add_permits(1);
    client.frame().await;
    client.ask(&Ping {}).await.unwrap();
}

#[tokio::test]
async fn bytes_at_work_are_bounded_for_each_account_and_in_all() {
    let config = Config {
        request_bytes_per_account: 100_000,
        request_bytes: 150_000,
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut send = message(1);
    send.body = Bytes::from(vec![0; 60_000]);
    let mut laptop = world.sign_in(device(1, 1)).await;
    let mut phone = world.sign_in(device(1, 2)).await;
    let mut other = world.sign_in(device(2, 1)).await;
    let mut third = world.sign_in(device(3, 1)).await;
    laptop.send(&send).await;
    let busy = phone.ask(&send).await.unwrap_err();
    assert_eq!(
        (busy.code, busy.retry_after_ms, busy.retryable),
        (ErrorCode::Busy, Some(250), true)
    );
    other.send(&send).await;
    assert_eq!(code(&mut third, &send).await, ErrorCode::Busy);
    // Small requests find their way.
    world.conversations.gate.add_permits(10);
    third.ask(&message(2)).await.unwrap();
    laptop.frame().await;
    other.frame().await;
    phone.ask(&send).await.unwrap();
    assert_eq!(world.gateway.counts().busy, 2);
    assert_eq!(member_of(device(1, 1)), member_of(device(1, 2)));
}
