//! What every bus must do, as tests to run on each: `bus::contract_tests!(fixture)`.
//!
//! A remote bus may take its time; so that something did *not* come is seen by what came instead.

use std::sync::Arc;

use bytes::Bytes;
use protocol::{ConversationId, MemberId};

use crate::{Bus, Delivery, Hint, Notice, Topic, WAITING_BYTES_MAX};

/// Makes a test of each function of this module. `$fixture` is an `async fn() -> Arc<dyn Bus>`; the caller has `tokio`
/// with its macros.
#[macro_export]
macro_rules! contract_tests {
    ($fixture:path) => {
        $crate::contract_tests!($fixture:
            topics_choose, order_is_kept, every_subscriber_gets_it, twice_added_is_once, removed_is_silent,
            full_is_told_once, large_frames_fill_it_too, loss_is_told_again, publishing_never_waits, frames_are_shared_unchanged,
            dropped_halves_disturb_nobody, ends_with_the_bus);
    };
    ($fixture:path: $($name:ident),*) => {
        $(#[tokio::test]
        async fn $name() {
            $crate::contract::$name($fixture().await).await;
        })*
    };
}

fn about(topic: Topic, text: &str) -> Notice {
    Notice {
        topic,
        frame: Bytes::copy_from_slice(text.as_bytes()),
        hint: Hint::None,
    }
}

fn conversation(n: u8) -> Topic {
    Topic::Conversation(ConversationId([n; 16]))
}

fn got(topic: Topic, text: &str) -> Option<Delivery> {
    Some(Delivery::Notice(about(topic, text)))
}

/// Only what is about one's topics comes; the kinds of topics are apart even when the bytes of their ids are equal.
pub async fn topics_choose(bus: Arc<dyn Bus>) {
    let mut a = bus.subscribe(10);
    let member = Topic::Member(MemberId([1; 16]));
    a.topics.add(member);
    a.topics.add(Topic::Everyone);
    bus.publish(about(conversation(1), "not for a"));
    bus.publish(about(Topic::Member(MemberId([2; 16])), "nor this"));
    bus.publish(about(member, "for a"));
    bus.publish(about(Topic::Everyone, "for all"));
    assert_eq!(a.deliveries.recv().await, got(member, "for a"));
    assert_eq!(a.deliveries.recv().await, got(Topic::Everyone, "for all"));
    assert_eq!(a.deliveries.try_recv(), None);
}

/// Notices of one publisher come in the order of publishing, whatever their topics.
pub async fn order_is_kept(bus: Arc<dyn Bus>) {
    let mut a = bus.subscribe(1000);
    for n in 0..4 {
        a.topics.add(conversation(n));
    }
    for n in 0..400u32 {
        bus.publish(about(conversation((n % 4) as u8), &n.to_string()));
    }
    for n in 0..400u32 {
        let expected = got(conversation((n % 4) as u8), &n.to_string());
        assert_eq!(a.deliveries.recv().await, expected);
    }
}

/// Each subscriber of a topic gets its notices.
pub async fn every_subscriber_gets_it(bus: Arc<dyn Bus>) {
    let mut all: Vec<_> = (0..3).map(|_| bus.subscribe(10)).collect();
    for one in &all {
        one.topics.add(conversation(1));
    }
    bus.publish(about(conversation(1), "x"));
    for one in &mut all {
        assert_eq!(one.deliveries.recv().await, got(conversation(1), "x"));
    }
}

/// A topic that is added twice is delivered once, and gone after one removal.
pub async fn twice_added_is_once(bus: Arc<dyn Bus>) {
    let mut a = bus.subscribe(10);
    a.topics.add(conversation(1));
    a.topics.add(conversation(1));
    a.topics.add(conversation(2));
    bus.publish(about(conversation(1), "once"));
    bus.publish(about(conversation(2), "next"));
    assert_eq!(a.deliveries.recv().await, got(conversation(1), "once"));
    assert_eq!(a.deliveries.recv().await, got(conversation(2), "next"));
    a.topics.remove(conversation(1));
    bus.publish(about(conversation(1), "gone"));
    bus.publish(about(conversation(2), "still"));
    assert_eq!(a.deliveries.recv().await, got(conversation(2), "still"));
}

/// A removed topic brings nothing more to this subscriber, and changes nothing for another.
pub async fn removed_is_silent(bus: Arc<dyn Bus>) {
    let mut a = bus.subscribe(10);
    let mut b = bus.subscribe(10);
    for one in [&a, &b] {
        one.topics.add(conversation(1));
        one.topics.add(Topic::Everyone);
    }
    a.topics.remove(conversation(1));
    a.topics.remove(conversation(7)); // never added: nothing
    bus.publish(about(conversation(1), "b only"));
    bus.publish(about(Topic::Everyone, "both"));
    assert_eq!(a.deliveries.recv().await, got(Topic::Everyone, "both"));
    assert_eq!(b.deliveries.recv().await, got(conversation(1), "b only"));
    assert_eq!(b.deliveries.recv().await, got(Topic::Everyone, "both"));
}

async fn until_lost(subscription: &mut crate::Subscription) -> usize {
    let mut notices = 0;
    while let Some(delivery) = subscription.deliveries.recv().await {
        if delivery == Delivery::Lost {
            return notices;
        }
        notices += 1;
    }
    panic!("ended without telling the loss");
}

/// A subscriber that does not receive loses what does not fit, is told so once, in its place, and goes on.
pub async fn full_is_told_once(bus: Arc<dyn Bus>) {
    let mut slow = bus.subscribe(4);
    let mut quick = bus.subscribe(100);
    for one in [&slow, &quick] {
        one.topics.add(conversation(1));
    }
    for n in 0..20 {
        bus.publish(about(conversation(1), &n.to_string()));
    }
    for n in 0..20 {
        let expected = got(conversation(1), &n.to_string());
        assert_eq!(
            quick.deliveries.recv().await,
            expected,
            "another loses nothing"
        );
    }
    for n in 0..4 {
        assert_eq!(
            slow.deliveries.recv().await,
            got(conversation(1), &n.to_string())
        );
    }
    assert_eq!(slow.deliveries.recv().await, Some(Delivery::Lost));
    bus.publish(about(conversation(1), "later"));
    assert_eq!(slow.deliveries.recv().await, got(conversation(1), "later"));
    assert_eq!(slow.deliveries.try_recv(), None);
}

/// Frames wait up to so many bytes, however few they are; one alone may be larger.
pub async fn large_frames_fill_it_too(bus: Arc<dyn Bus>) {
    let mut slow = bus.subscribe(1000);
    slow.topics.add(conversation(1));
    let large = |size| Notice {
        frame: Bytes::from(vec![1; size]),
        ..about(conversation(1), "")
    };
    let notice = large(WAITING_BYTES_MAX / 8);
    for _ in 0..20 {
        bus.publish(notice.clone());
    }
    assert_eq!(until_lost(&mut slow).await, 8);
    bus.publish(large(WAITING_BYTES_MAX + 1));
    bus.publish(about(conversation(1), "one more"));
    assert_eq!(until_lost(&mut slow).await, 1, "alone it fits");
    bus.publish(notice.clone());
    assert_eq!(slow.deliveries.recv().await, Some(Delivery::Notice(notice)));
}

/// Each gap is told, where it is.
pub async fn loss_is_told_again(bus: Arc<dyn Bus>) {
    let mut slow = bus.subscribe(2);
    slow.topics.add(conversation(1));
    for _ in 0..3 {
        for _ in 0..5 {
            bus.publish(about(conversation(1), "x"));
        }
        assert_eq!(until_lost(&mut slow).await, 2);
    }
    assert_eq!(slow.deliveries.try_recv(), None);
}

/// However much nobody receives, publishing returns.
pub async fn publishing_never_waits(bus: Arc<dyn Bus>) {
    let mut slow = bus.subscribe(1);
    slow.topics.add(Topic::Everyone);
    for _ in 0..20_000 {
        bus.publish(about(Topic::Everyone, "x"));
    }
    assert_eq!(until_lost(&mut slow).await, 1);
}

/// Frame and hint arrive as they were published.
pub async fn frames_are_shared_unchanged(bus: Arc<dyn Bus>) {
    let mut a = bus.subscribe(10);
    let member = MemberId([9; 16]);
    a.topics.add(Topic::Member(member));
    let hints = [
        Hint::Joined(ConversationId([3; 16])),
        Hint::Left(ConversationId([4; 16])),
        Hint::SignedOut(protocol::DeviceId([5; 16])),
        Hint::None,
    ];
    for hint in hints {
        let notice = Notice {
            topic: Topic::Member(member),
            frame: Bytes::from(vec![0xff; 70_000]),
            hint,
        };
        bus.publish(notice.clone());
        assert_eq!(a.deliveries.recv().await, Some(Delivery::Notice(notice)));
    }
}

/// A subscriber that goes, whole or in part, disturbs nobody.
pub async fn dropped_halves_disturb_nobody(bus: Arc<dyn Bus>) {
    let mut stays = bus.subscribe(10);
    stays.topics.add(conversation(1));
    let whole = bus.subscribe(1);
    whole.topics.add(conversation(1));
    let deaf = bus.subscribe(1);
    deaf.topics.add(conversation(1));
    let topics_only = deaf.topics;
    drop(deaf.deliveries);
    drop(whole);
    bus.publish(about(conversation(1), "1"));
    topics_only.remove(conversation(1));
    drop(topics_only);
    bus.publish(about(conversation(1), "2"));
    assert_eq!(stays.deliveries.recv().await, got(conversation(1), "1"));
    assert_eq!(stays.deliveries.recv().await, got(conversation(1), "2"));
}

/// Deliveries end when the bus ends, after what was published before.
pub async fn ends_with_the_bus(bus: Arc<dyn Bus>) {
    let mut a = bus.subscribe(10);
    let mut without_topics = bus.subscribe(10);
    a.topics.add(Topic::Everyone);
    bus.publish(about(Topic::Everyone, "last"));
    drop(bus);
    assert_eq!(a.deliveries.recv().await, got(Topic::Everyone, "last"));
    assert_eq!(a.deliveries.recv().await, None);
    assert_eq!(without_topics.deliveries.recv().await, None);
    a.topics.add(conversation(1)); // of no effect, and no panic
}
