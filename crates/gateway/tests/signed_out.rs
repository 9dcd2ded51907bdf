//! Devices that are signed out while they are connected, or just connect: whatever comes in between, their sessions end.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use std::sync::atomic::Ordering;

use bus::{Bus, Hint, Notice, Topic};
use fakes::{Client, World, device, member_of, message};
use gateway::Config;
use protocol::{
    Bytes, ErrorCode, ServerFrame, encode,
    events::KeyPackagesLow,
    methods::{account::Ping, people::FindPeople},
};

const PHONE: u8 = 1;
const LAPTOP: u8 = 2;

/// The phone is signed out.
fn sign_out() -> Notice {
    Notice {
        topic: Topic::Member(member_of(device(1, PHONE))),
        frame: Bytes::new(),
        hint: Hint::SignedOut(device(1, PHONE)),
    }
}

/// Lets the fan-out carry what was published.
async fn carried() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// More at once than a subscription of four holds: what is published after it is lost.
fn flood(world: &World) {
    for left in 0..20 {
        world.bus.publish(Notice {
            topic: Topic::Everyone,
            frame: encode(&ServerFrame::event(&KeyPackagesLow { left })),
            hint: Hint::None,
        });
    }
}

/// What comes until the end: names of events and codes of refusals.
async fn until_the_end(client: &mut Client) -> Vec<String> {
    let frames = client.until_the_end().await.into_iter();
    let word = |frame: ServerFrame| match (frame.event, frame.err) {
        (Some(event), _) => event,
        (None, Some(error)) => error.code.code().to_owned(),
        (None, None) => "ok".to_owned(),
    };
    frames.map(word).collect()
}

#[tokio::test]
async fn what_is_at_work_is_refused_and_nothing_more_is_taken() {
    let world = World::new(Config::default()).await;
    let mut phone = world.live(device(1, PHONE)).await;
    let mut laptop = world.live(device(1, LAPTOP)).await;
    phone.send(&message(1)).await;
    phone.send(&message(2)).await;
    let theirs = laptop.send(&message(3)).await;
    world.bus.publish(sign_out());
    carried().await;
    let next = encode(&protocol::Request::new(100, &Ping {}));
    assert!(phone.connection.receive(next).await.is_err());
    world.conversations.gate.add_permits(3);
    assert_eq!(
        until_the_end(&mut phone).await,
        ["goodbye", "session_refused", "session_refused"]
    );
    let sent = laptop.reply::<protocol::methods::conversations::SendMessage>(theirs);
    sent.await.unwrap();
}

#[tokio::test]
async fn a_sign_out_that_was_lost_on_the_bus_is_found() {
    let config = Config {
        waiting_notices: 4,
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut phone = world.live(device(1, PHONE)).await;
    let mut laptop = world.live(device(1, LAPTOP)).await;
    world.accounts.out.lock().unwrap().push(device(1, PHONE));
    flood(&world);
    world.bus.publish(sign_out());
    carried().await;
    let words = until_the_end(&mut phone).await;
    assert_eq!(words.last().unwrap(), "goodbye");
    laptop.ask(&Ping {}).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_is_found_also_when_the_database_is_away_at_first() {
    let config = Config {
        waiting_notices: 4,
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut phone = world.live(device(1, PHONE)).await;
    world.accounts.out.lock().unwrap().push(device(1, PHONE));
    world.accounts.failures.store(3, Ordering::SeqCst);
    flood(&world);
    let words = until_the_end(&mut phone).await;
    assert_eq!(words.last().unwrap(), "goodbye");
    assert_eq!(world.accounts.failures.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn who_is_signed_out_before_the_connection_listens_does_not_get_in() {
    let world = World::new(Config::default()).await;
    world.accounts.out.lock().unwrap().push(device(1, PHONE));
    let mut phone = world.connect();
    let refused = phone.resume(device(1, PHONE)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SessionRefused);
    assert!(until_the_end(&mut phone).await.is_empty(), "it has ended");
    world.sign_in(device(1, LAPTOP)).await;
}

#[tokio::test]
async fn who_is_signed_out_while_the_connection_listens_does_not_get_in() {
    let world = World::new(Config::default()).await;
    let bus = world.bus.clone();
    let hook = move || bus.publish(sign_out());
    *world.accounts.during_signed_out.lock().unwrap() = Some(Box::new(hook));
    let mut phone = world.connect();
    let refused = phone.resume(device(1, PHONE)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SessionRefused);
    let find = encode(&protocol::Request::new(
        100,
        &FindPeople {
            query: String::new(),
            limit: 1,
        },
    ));
    assert!(phone.connection.receive(find).await.is_err());
    assert!(until_the_end(&mut phone).await.is_empty(), "it has ended");
}

#[tokio::test]
async fn when_nobody_knows_whether_it_is_signed_out_it_does_not_get_in() {
    let world = World::new(Config::default()).await;
    world.accounts.failures.store(1, Ordering::SeqCst);
    let mut phone = world.connect();
    let refused = phone.resume(device(1, PHONE)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Internal);
    assert!(until_the_end(&mut phone).await.is_empty(), "it has ended");
    world.sign_in(device(1, PHONE)).await;
}
