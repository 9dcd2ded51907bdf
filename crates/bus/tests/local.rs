//! The contract of the bus, on the bus inside one process.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use bus::{Bus, Delivery, Hint, LocalBus, Notice, Topic};
use bytes::Bytes;

async fn fixture() -> Arc<dyn Bus> {
    Arc::new(LocalBus::new())
}

bus::contract_tests!(fixture);

fn notice(n: u32) -> Notice {
    Notice {
        topic: Topic::Everyone,
        frame: Bytes::copy_from_slice(&n.to_be_bytes()),
        hint: Hint::None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_waiting_subscriber_wakes_for_every_publisher() {
    let bus = LocalBus::new();
    let mut subscription = bus.subscribe(100_000);
    subscription.topics.add(Topic::Everyone);
    for publisher in 0..8u32 {
        let bus = bus.clone();
        tokio::spawn(async move {
            for n in 0..1000 {
                bus.publish(notice(publisher * 1000 + n));
                tokio::task::yield_now().await;
            }
        });
    }
    let mut next = [0u32; 8];
    for _ in 0..8000 {
        let Some(Delivery::Notice(notice)) = subscription.deliveries.recv().await else {
            panic!("lost or ended");
        };
        let n = u32::from_be_bytes(notice.frame[..].try_into().unwrap());
        let of = &mut next[(n / 1000) as usize];
        assert_eq!(n % 1000, *of, "each publisher's own order");
        *of += 1;
    }
}

#[tokio::test]
async fn a_frame_is_shared_not_copied() {
    let bus = LocalBus::new();
    let mut subscription = bus.subscribe(1);
    subscription.topics.add(Topic::Everyone);
    let sent = notice(1);
    let address = sent.frame.as_ptr();
    bus.publish(sent);
    let Some(Delivery::Notice(got)) = subscription.deliveries.recv().await else {
        panic!("lost or ended");
    };
    assert_eq!(got.frame.as_ptr(), address);
}

#[tokio::test]
async fn a_receive_that_is_given_up_loses_nothing() {
    let bus = LocalBus::new();
    let mut subscription = bus.subscribe(2);
    subscription.topics.add(Topic::Everyone);
    tokio::select! {
        biased;
        _ = subscription.deliveries.recv() => panic!("nothing was published"),
        () = std::future::ready(()) => {}
    }
    bus.publish(notice(7));
    assert_eq!(
        subscription.deliveries.recv().await,
        Some(Delivery::Notice(notice(7)))
    );
}
