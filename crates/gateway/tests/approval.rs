//! A device that waits to be let in, over connections: what it may ask, what it hears, and when that ends.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;
mod real;

use e2ee::device::DeviceKeys;
use fakes::Client;
use protocol::{
    Bytes, DeviceId, ErrorCode, Event, Hash32, MemberId, Method,
    methods::{
        account::{Ping, ResumeSession, SignInFinish, SignedIn},
        approval::{
            AskApproval, ClaimApproval, DenyApproval, GetApproval, GrantApproval, RevealApproval,
        },
        own_account::{ListDevices, SignOutDevices, StartProof},
        people::FindPeople,
        sync::StartSync,
        vault::{GetManifest, GetRecords},
    },
};
use real::{Server, server};
use storage::StorageError;
use testkit::{Member, SigningIn};

async fn require(server: &Server, member: MemberId) {
    storage::write::<_, StorageError>(server.storage.as_ref(), move |unit| {
        unit.set_approval_required(member, true)
    })
    .await
    .unwrap();
}

async fn sign_in(server: &Server, member: &Member) -> (Client, DeviceKeys, SignedIn) {
    let mut client = server.connect();
    let hello = client.hello().await;
    let (start, signing_in) = SigningIn::start(5, "anna", &member.passphrase);
    let started = client.ask(&start).await.unwrap();
    let (ke3, device, keys) = signing_in
        .finish(&started.ke2, started.stretching, hello.instance)
        .unwrap();
    let finish = SignInFinish {
        attempt: started.attempt,
        ke3,
        device,
    };
    let signed_in = client.ask(&finish).await.unwrap();
    (client, keys, signed_in)
}

async fn refused<M: Method>(client: &mut Client, params: &M) -> Option<ErrorCode>
where
    M::Reply: std::fmt::Debug,
{
    client.ask(params).await.err().map(|error| error.code)
}

fn start_sync() -> StartSync {
    StartSync {
        incarnation: None,
        cursors: vec![],
    }
}

/// Everything but what it needs is refused, whatever is sent.
async fn may_do_nothing_else(client: &mut Client, device: DeviceId, other: DeviceId) {
    let needed = Some(ErrorCode::ApprovalNeeded);
    assert_eq!(refused(client, &GetManifest {}).await, needed);
    assert_eq!(refused(client, &GetRecords { names: vec![] }).await, needed);
    assert_eq!(refused(client, &start_sync()).await, needed);
    assert_eq!(refused(client, &ListDevices {}).await, needed);
    let query = String::new();
    assert_eq!(
        refused(client, &FindPeople { query, limit: 1 }).await,
        needed
    );
    let ke1 = Bytes::from(vec![0; 96]);
    assert_eq!(refused(client, &StartProof { ke1 }).await, needed);
    let (commitment, nonce) = (Hash32([1; 32]), Hash32([2; 32]));
    let claim = ClaimApproval {
        device,
        commitment,
        nonce,
    };
    assert_eq!(refused(client, &claim).await, needed);
    let grant = GrantApproval {
        device,
        commitment,
        sealed: Bytes::new(),
    };
    assert_eq!(refused(client, &grant).await, needed);
    assert_eq!(refused(client, &DenyApproval { device }).await, needed);
    let out = |devices| SignOutDevices { devices };
    assert_eq!(refused(client, &out(vec![other])).await, needed);
    assert_eq!(refused(client, &out(vec![device, other])).await, needed);
    assert_eq!(refused(client, &Ping {}).await, None);
}

#[tokio::test]
async fn a_device_that_waits_asks_for_approval_alone_until_it_is_let_in() {
    let server = server().await;
    let (mut laptop, anna) = server.set_up().await;
    require(&server, anna.member).await;
    let (mut phone, keys, signed_in) = sign_in(&server, &anna).await;
    assert!(signed_in.waiting);
    let device = keys.id();
    may_do_nothing_else(&mut phone, device, anna.device_id()).await;
    let commitment = Hash32([1; 32]);
    phone.ask(&AskApproval { commitment }).await.unwrap();
    // (its own event comes before the reply, where this client passes events over)
    assert!(matches!(laptop.event().await, Event::ApprovalChanged(of) if of.device == device));
    let nonce = Hash32([2; 32]);
    let claim = ClaimApproval {
        device,
        commitment,
        nonce,
    };
    laptop.ask(&claim).await.unwrap();
    assert!(matches!(phone.event().await, Event::ApprovalChanged(_)));
    let state = phone.ask(&GetApproval {}).await.unwrap();
    assert_eq!(state.claim.map(|claim| claim.by), Some(anna.device_id()));
    phone
        .ask(&RevealApproval { nonce: commitment })
        .await
        .unwrap();
    // another connection of the same device waits as well
    let mut again = server.connect();
    let hello = again.hello().await;
    let proof = keys.session_proof(
        hello.instance,
        hello.incarnation,
        hello.challenge.as_bytes(),
    );
    let resume = ResumeSession {
        device,
        proof: Bytes::copy_from_slice(&proof),
    };
    assert!(again.ask(&resume).await.unwrap().waiting);
    may_do_nothing_else(&mut again, device, anna.device_id()).await;
    let sealed = Bytes::from_static(b"sealed");
    let grant = GrantApproval {
        device,
        commitment,
        sealed: sealed.clone(),
    };
    laptop.ask(&grant).await.unwrap();
    // the database is the truth of it, and the connection learns it when it asks
    assert_eq!(
        phone.ask(&GetApproval {}).await.unwrap().sealed,
        Some(sealed)
    );
    phone.ask(&GetManifest {}).await.unwrap();
    phone.sync().await;
    laptop.ask(&ListDevices {}).await.unwrap();
}

#[tokio::test]
async fn a_device_that_is_refused_is_told_and_its_connection_ends() {
    let server = server().await;
    let (mut laptop, anna) = server.set_up().await;
    require(&server, anna.member).await;
    let (mut phone, keys, _) = sign_in(&server, &anna).await;
    let device = keys.id();
    laptop.ask(&DenyApproval { device }).await.unwrap();
    let frames = phone.until_the_end().await;
    let events: Vec<_> = frames.into_iter().filter_map(|frame| frame.event).collect();
    assert_eq!(events, ["approval_changed", "goodbye"]);
}
