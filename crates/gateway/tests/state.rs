//! What the server can do, and that nobody is left with an old word about it.
#![allow(clippy::unwrap_used, missing_docs)]

mod fakes;

use std::sync::{Arc, Mutex};

use ambient::{Clock, Millis};
use fakes::World;
use gateway::{Config, Gateway};
use protocol::{Event, events::ServerState};

/// A clock of which somebody who asks it the time makes something happen.
#[derive(Default)]
struct Meddling(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Clock for Meddling {
    fn now(&self) -> Millis {
        if let Some(meddle) = self.0.lock().unwrap().take() {
            meddle();
        }
        1_000_000
    }
}

fn read_only(reason: &str) -> ServerState {
    ServerState::ReadOnly {
        reason: reason.into(),
    }
}

async fn told(client: &mut fakes::Client) -> ServerState {
    match client.event().await {
        Event::State(changed) => changed.state,
        other => panic!("no state: {other:?}"),
    }
}

#[tokio::test]
async fn a_change_while_hello_is_made_reaches_who_connects() {
    let clock = Arc::new(Meddling::default());
    let world = World::with_clock(Config::default(), clock.clone()).await;
    let meddle = |gateway: &Arc<Gateway>, reason: Option<&str>| {
        let (gateway, reason) = (Arc::clone(gateway), reason.map(str::to_owned));
        *clock.0.lock().unwrap() = Some(Box::new(move || gateway.set_read_only(reason)));
    };
    meddle(&world.gateway, Some("the disk is full"));
    let mut first = world.connect();
    assert_eq!(first.hello().await.state, ServerState::Ready);
    assert_eq!(told(&mut first).await, read_only("the disk is full"));
    meddle(&world.gateway, None);
    let mut second = world.connect();
    assert_eq!(second.hello().await.state, read_only("the disk is full"));
    for client in [&mut first, &mut second] {
        assert_eq!(told(client).await, ServerState::Ready);
        assert!(client.nothing_waits(), "told once");
    }
}
