//! The flow of a connection: order, back-pressure, fan-out, slow consumers.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use std::{sync::Arc, time::Duration};

use bus::{Bus, Hint, Notice, Topic};
use fakes::{Client, FakeAccounts, World, device, member_of, message};
use gateway::{Config, Direction, FrameTap};
use protocol::{
    Bytes, ConversationId, ErrorCode, Event, MessageId, Request, ServerFrame, encode,
    events::{ConversationGone, KeyPackagesLow},
    methods::{account::Ping, conversations::SendMessage, people::FindPeople, sync::StartSync},
};

const HERE: ConversationId = ConversationId([9; 16]);
const THERE: ConversationId = ConversationId([10; 16]);

/// A numbered event.
fn frame(number: u32) -> Bytes {
    encode(&ServerFrame::event(&KeyPackagesLow { left: number }))
}

fn notice(topic: Topic, number: u32) -> Notice {
    Notice {
        topic,
        frame: frame(number),
        hint: Hint::None,
    }
}

async fn number(client: &mut Client) -> u32 {
    match client.event().await {
        Event::KeyPackagesLow(low) => low.left,
        other => panic!("{other:?}"),
    }
}

/// Lets the fan-out carry what was published.
async fn carried() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn sends_of_one_connection_run_together_and_arrive_in_order() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    for n in 0..64 {
        client.send(&message(n)).await;
    }
    let arrived = world.conversations.arrived.lock().unwrap().clone();
    let expected: Vec<MessageId> = (0..64).map(|n| MessageId([n; 16])).collect();
    assert_eq!(arrived, expected, "all at work before any is answered");
    world.conversations.gate.add_permits(64);
    for n in 1..=64 {
        let frame = client.frame().await;
        assert!(frame.ok.is_some() && frame.id.is_some(), "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_not_read_from_and_loses_no_reply() {
    let mut config = Config::default();
    config.limits.requests_in_flight = 4;
    let world = World::new(config).await;
    world.conversations.gate.add_permits(1000);
    let mut client = world.sign_in(device(1, 1)).await;
    for n in 0..4 {
        client.send(&message(n)).await;
    }
    let fifth = encode(&Request::new(100, &message(5)));
    let Client {
        mut connection,
        mut outbox,
        ..
    } = client;
    let blocked = connection.receive(fifth.clone());
    assert!(
        tokio::time::timeout(Duration::from_secs(5), blocked)
            .await
            .is_err()
    );
    assert_eq!(world.conversations.arrived.lock().unwrap().len(), 4);
    outbox.next().await.unwrap();
    connection.receive(fifth).await.unwrap();
    let mut replies = 0;
    for _ in 0..4 {
        let frame: ServerFrame = protocol::decode(&outbox.next().await.unwrap()).unwrap();
        assert!(frame.ok.is_some());
        replies += 1;
    }
    assert_eq!(replies, 4);
}

#[tokio::test(start_paused = true)]
async fn large_replies_wait_in_smaller_numbers() {
    let accounts = Arc::new(FakeAccounts {
        people_bytes: 1_000_000,
        ..FakeAccounts::default()
    });
    let world = World::with_accounts(Config::default(), accounts).await;
    let mut client = world.sign_in(device(1, 1)).await;
    let find = FindPeople {
        query: String::new(),
        limit: 1,
    };
    for _ in 0..8 {
        client.send(&find).await;
    }
    let ninth = client.connection.receive(encode(&Request::new(100, &find)));
    assert!(
        tokio::time::timeout(Duration::from_secs(5), ninth)
            .await
            .is_err()
    );
    assert_eq!(world.gateway.counts().requests, 1 + 8);
}

#[tokio::test]
async fn events_reach_exactly_those_whom_they_concern() {
    let world = World::new(Config::default()).await;
    world.member_of_conversation(device(1, 1), HERE);
    world.member_of_conversation(device(2, 1), HERE);
    let mut phone = world.live(device(1, 1)).await;
    let mut laptop = world.live(device(1, 2)).await;
    let mut colleague = world.live(device(2, 1)).await;
    let mut stranger = world.live(device(3, 1)).await;
    let mut not_live = world.sign_in(device(1, 3)).await;
    world.bus.publish(notice(Topic::Conversation(HERE), 1));
    world
        .bus
        .publish(notice(Topic::Member(member_of(device(1, 1))), 2));
    world.bus.publish(notice(Topic::Everyone, 3));
    for client in [&mut phone, &mut laptop] {
        assert_eq!(number(client).await, 1);
        assert_eq!(number(client).await, 2);
        assert_eq!(number(client).await, 3);
    }
    assert_eq!(number(&mut colleague).await, 1);
    assert_eq!(number(&mut colleague).await, 3);
    assert_eq!(number(&mut stranger).await, 3);
    carried().await;
    for client in [
        &mut phone,
        &mut laptop,
        &mut colleague,
        &mut stranger,
        &mut not_live,
    ] {
        assert!(client.nothing_waits());
    }
}

#[tokio::test]
async fn one_frame_is_shared_by_all() {
    let world = World::new(Config::default()).await;
    let mut one = world.live(device(1, 1)).await;
    let mut two = world.live(device(2, 1)).await;
    let sent = notice(Topic::Everyone, 1);
    world.bus.publish(sent.clone());
    let (a, b) = (
        one.outbox.next().await.unwrap(),
        two.outbox.next().await.unwrap(),
    );
    assert_eq!(a.as_ptr(), sent.frame.as_ptr());
    assert_eq!(b.as_ptr(), sent.frame.as_ptr());
}

#[tokio::test]
async fn joining_and_leaving_move_the_subscription() {
    let world = World::new(Config::default()).await;
    let mut client = world.live(device(1, 1)).await;
    let member = Topic::Member(member_of(device(1, 1)));
    world.bus.publish(notice(Topic::Conversation(HERE), 1));
    world.bus.publish(Notice {
        hint: Hint::Joined(HERE),
        ..notice(member, 2)
    });
    assert_eq!(number(&mut client).await, 2);
    world.bus.publish(notice(Topic::Conversation(HERE), 3));
    assert_eq!(number(&mut client).await, 3);
    let gone = encode(&ServerFrame::event(&ConversationGone {
        conversation: HERE,
    }));
    world.bus.publish(Notice {
        topic: member,
        frame: gone,
        hint: Hint::Left(HERE),
    });
    assert!(matches!(client.event().await, Event::ConversationGone(_)));
    world.bus.publish(notice(Topic::Conversation(HERE), 4));
    world.bus.publish(notice(member, 5));
    assert_eq!(number(&mut client).await, 5, "number 4 was not for it");
}

#[tokio::test]
async fn nothing_falls_between_subscribing_and_reading() {
    let world = World::new(Config::default()).await;
    world.member_of_conversation(device(1, 1), HERE);
    world.member_of_conversation(device(1, 1), THERE);
    let mut client = world.sign_in(device(1, 1)).await;
    let member = Topic::Member(member_of(device(1, 1)));
    // While the list is read, the member leaves one conversation: the list is old.
    let bus = world.bus.clone();
    *world.conversations.during_list.lock().unwrap() = Some(Box::new(move || {
        bus.publish(Notice {
            hint: Hint::Left(THERE),
            ..notice(member, 1)
        });
    }));
    // While the state is read, an entry is written.
    let bus = world.bus.clone();
    *world.conversations.during_sync.lock().unwrap() = Some(Box::new(move || {
        bus.publish(notice(Topic::Conversation(HERE), 2));
        bus.publish(notice(Topic::Conversation(THERE), 3));
        bus.publish(notice(member, 4));
    }));
    let start = protocol::methods::sync::StartSync {
        incarnation: None,
        cursors: vec![],
    };
    client.send(&start).await;
    let mut events = Vec::new();
    while events.len() < 3 {
        let frame = client.frame().await;
        if let Some(name) = frame.event {
            let Event::KeyPackagesLow(low) = Event::decode(&name, &frame.data.unwrap()).unwrap()
            else {
                panic!("{name}");
            };
            events.push(low.left);
        }
    }
    assert_eq!(events, [1, 2, 4]);
}

#[tokio::test]
async fn a_new_sync_puts_the_subscription_right() {
    let world = World::new(Config::default()).await;
    world.member_of_conversation(device(1, 1), HERE);
    let mut client = world.live(device(1, 1)).await;
    // Meanwhile, unheard (the bus may lose notices), the member moved from one conversation to another.
    world
        .conversations
        .lists
        .lock()
        .unwrap()
        .insert(member_of(device(1, 1)), vec![THERE]);
    client.sync().await;
    world.bus.publish(notice(Topic::Conversation(HERE), 1));
    world.bus.publish(notice(Topic::Conversation(THERE), 2));
    assert_eq!(number(&mut client).await, 2);
}

#[tokio::test]
async fn a_signed_out_device_ends_and_the_others_stay() {
    let world = World::new(Config::default()).await;
    let mut phone = world.sign_in(device(1, 1)).await;
    let mut laptop = world.live(device(1, 2)).await;
    world.bus.publish(Notice {
        topic: Topic::Member(member_of(device(1, 1))),
        frame: frame(1),
        hint: Hint::SignedOut(device(1, 1)),
    });
    let frames = phone.until_the_end().await;
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].event.as_deref(), Some("goodbye"));
    assert_eq!(number(&mut laptop).await, 1);
    laptop.ask(&Ping {}).await.unwrap();
}

#[tokio::test]
async fn a_slow_consumer_is_told_to_resync_once_and_keeps_its_replies() {
    let config = Config {
        waiting_events: 10,
        ..Config::default()
    };
    let world = World::new(config).await;
    world.conversations.gate.add_permits(10);
    let mut slow = world.live(device(1, 1)).await;
    let mut quick = world.live(device(2, 1)).await;
    let id = slow.send(&message(1)).await;
    for n in 0..100 {
        world.bus.publish(notice(Topic::Everyone, n));
        assert_eq!(number(&mut quick).await, n, "others are not disturbed");
    }
    carried().await;
    slow.reply::<SendMessage>(id).await.unwrap();
    assert_eq!(slow.event().await, Event::Resync);
    assert!(matches!(slow.event().await, Event::State(_)));
    assert!(slow.nothing_waits(), "what waited was dropped");
    world.bus.publish(notice(Topic::Everyone, 1000));
    assert_eq!(number(&mut slow).await, 1000);
    assert_eq!(world.gateway.counts().resyncs, 1);
}

#[tokio::test]
async fn waiting_events_are_bounded_in_bytes_but_one_always_may_wait() {
    let config = Config {
        waiting_bytes: 1000,
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut client = world.live(device(1, 1)).await;
    let large = Notice {
        frame: Bytes::from(vec![1; 5000]),
        ..notice(Topic::Everyone, 1)
    };
    world.bus.publish(large.clone());
    carried().await;
    assert_eq!(client.outbox.next().await.unwrap().len(), 5000);
    world.bus.publish(large.clone());
    world.bus.publish(large);
    carried().await;
    assert_eq!(client.event().await, Event::Resync);
}

#[tokio::test]
async fn losing_notices_on_the_bus_makes_everybody_resync() {
    let config = Config {
        waiting_notices: 4,
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut one = world.live(device(1, 1)).await;
    let mut two = world.live(device(2, 1)).await;
    let mut guest = world.connect();
    guest.hello().await;
    // More at once than the subscription holds: the carrier does not run in between.
    for n in 0..20 {
        world.bus.publish(notice(Topic::Everyone, n));
    }
    carried().await;
    for client in [&mut one, &mut two] {
        assert_eq!(client.event().await, Event::Resync);
        assert!(matches!(client.event().await, Event::State(_)));
    }
    assert!(guest.nothing_waits());
}

#[tokio::test]
async fn after_a_loss_nobody_hears_of_conversations_before_a_new_sync() {
    let config = Config {
        waiting_notices: 4,
        ..Config::default()
    };
    let world = World::new(config).await;
    world.member_of_conversation(device(1, 1), HERE);
    world.member_of_conversation(device(1, 1), THERE);
    let mut removed = world.live(device(1, 1)).await;
    let member = Topic::Member(member_of(device(1, 1)));
    // Among what is lost: that the member was removed.
    for n in 0..4 {
        world.bus.publish(notice(member, n));
    }
    world.bus.publish(Notice {
        hint: Hint::Left(HERE),
        ..notice(member, 4)
    });
    let lists = || world.conversations.lists.lock().unwrap();
    lists().insert(member_of(device(1, 1)), vec![THERE]);
    carried().await;
    assert_eq!(removed.event().await, Event::Resync);
    assert!(matches!(removed.event().await, Event::State(_)));
    // A client that does not obey hears nothing more but what is its own.
    world.bus.publish(notice(Topic::Conversation(HERE), 5));
    world.bus.publish(notice(member, 6));
    assert_eq!(number(&mut removed).await, 6);
    // One that does hears what it should.
    removed.sync().await;
    world.bus.publish(notice(Topic::Conversation(HERE), 7));
    world.bus.publish(notice(Topic::Conversation(THERE), 8));
    assert_eq!(number(&mut removed).await, 8);
}

#[tokio::test]
async fn a_sync_that_began_before_a_loss_subscribes_to_nothing() {
    let config = Config {
        waiting_notices: 4,
        ..Config::default()
    };
    let world = World::new(config).await;
    world.member_of_conversation(device(1, 1), HERE);
    let mut client = world.sign_in(device(1, 1)).await;
    let member = Topic::Member(member_of(device(1, 1)));
    // While the list is read, the member is removed, and the notice is lost: the list is old.
    let bus = world.bus.clone();
    *world.conversations.during_list.lock().unwrap() = Some(Box::new(move || {
        for n in 0..4 {
            bus.publish(notice(member, n));
        }
        bus.publish(Notice {
            hint: Hint::Left(HERE),
            ..notice(member, 4)
        });
    }));
    client.sync().await;
    assert_eq!(client.event().await, Event::Resync);
    assert!(matches!(client.event().await, Event::State(_)));
    world.bus.publish(notice(Topic::Conversation(HERE), 5));
    world.bus.publish(notice(member, 6));
    assert_eq!(number(&mut client).await, 6);
    client.sync().await;
    world.bus.publish(notice(Topic::Conversation(HERE), 7));
    assert_eq!(number(&mut client).await, 7);
}

#[tokio::test]
async fn a_device_signed_out_unheard_ends_at_its_next_sync_and_after_a_loss() {
    let config = Config {
        waiting_notices: 4,
        ..Config::default()
    };
    let world = World::new(config).await;
    let sign_out = |device| world.accounts.out.lock().unwrap().push(device);
    // Between the look at the device and the subscription: nobody tells this connection.
    let mut late = world.sign_in(device(1, 1)).await;
    sign_out(device(1, 1));
    let start = StartSync {
        incarnation: None,
        cursors: vec![],
    };
    late.send(&start).await;
    let frames = late.until_the_end().await;
    assert_eq!(frames[0].event.as_deref(), Some("goodbye"));
    let refused = frames[1].err.as_ref().unwrap();
    assert_eq!(refused.code, ErrorCode::SessionRefused);
    // The notice is lost: it need not ask for anything.
    let mut silent = world.live(device(2, 1)).await;
    let mut stays = world.live(device(2, 2)).await;
    sign_out(device(2, 1));
    for n in 0..20 {
        world.bus.publish(notice(Topic::Everyone, n));
    }
    let frames = silent.until_the_end().await;
    assert_eq!(frames.last().unwrap().event.as_deref(), Some("goodbye"));
    assert_eq!(stays.event().await, Event::Resync);
    stays.sync().await;
}

#[tokio::test]
async fn a_dropped_half_ends_the_other_and_its_subscriptions() {
    let world = World::new(Config::default()).await;
    world.member_of_conversation(device(1, 1), HERE);
    let Client {
        mut connection,
        outbox,
        ..
    } = world.live(device(1, 1)).await;
    drop(outbox);
    let ping = encode(&Request::new(1, &Ping {}));
    assert!(connection.receive(ping).await.is_err());
    let Client {
        connection,
        mut outbox,
        ..
    } = world.live(device(1, 1)).await;
    drop(connection);
    world.bus.publish(notice(Topic::Conversation(HERE), 1));
    assert!(outbox.next().await.is_none());
    drop(outbox);
    assert_eq!(world.gateway.connection_count(), (1, 0));
}

#[tokio::test]
async fn a_request_survives_the_connection_that_sent_it() {
    let world = World::new(Config::default()).await;
    let mut client = world.sign_in(device(1, 1)).await;
    client.send(&message(1)).await;
    drop(client);
    assert_eq!(
        world.gateway.connection_count().0,
        1,
        "its request is at work"
    );
    world.conversations.gate.add_permits(1);
    carried().await;
    assert_eq!(world.gateway.connection_count().0, 0);
}

#[derive(Default)]
struct Seen(std::sync::Mutex<Vec<(Direction, Vec<u8>)>>);

impl FrameTap for Seen {
    fn frame(&self, _: u64, direction: Direction, frame: &[u8]) {
        self.0.lock().unwrap().push((direction, frame.to_vec()));
    }
}

#[tokio::test]
async fn the_tap_sees_each_frame_both_ways() {
    let seen = Arc::new(Seen::default());
    let config = Config {
        tap: Some(seen.clone()),
        ..Config::default()
    };
    let world = World::new(config).await;
    let mut client = world.live(device(1, 1)).await;
    world.bus.publish(notice(Topic::Everyone, 1));
    number(&mut client).await;
    let seen = seen.0.lock().unwrap();
    let directions: Vec<Direction> = seen.iter().map(|(direction, _)| *direction).collect();
    use Direction::{In, Out};
    assert_eq!(directions, [Out, In, Out, In, Out, Out]);
    assert_eq!(seen[5].1, frame(1));
}
