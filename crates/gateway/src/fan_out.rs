//! From the bus to the connections: one subscription for the whole gateway, each frame encoded once and shared.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use bus::{Delivery, Hint, Notice, Topic, Topics};
use protocol::{Bytes, ConversationId, DeviceId};

use crate::{
    lock,
    session::{Shared, Who},
};

struct Place {
    shared: Arc<Shared>,
    who: Option<Who>,
    /// `sync.start` was called: events flow.
    live: bool,
    topics: HashSet<Topic>,
    /// How many `sync.start` are at work, and what hints said since the first of them began: which conversations the
    /// member joined (true) and left. The list that a sync reads may be older than they are.
    syncs: u32,
    since: Vec<(ConversationId, bool)>,
    /// How often notices were lost. A sync that began before a loss may have read a list that a lost notice changed.
    losses: u32,
}

/// A `sync.start` at work.
#[derive(Clone, Copy)]
pub(crate) struct Begun(u32);

#[derive(Default)]
struct Table {
    places: HashMap<u64, Place>,
    /// Which connections follow a topic; those of [`Topic::Everyone`] are all that are live.
    followers: HashMap<Topic, Vec<u64>>,
}

pub(crate) struct FanOut {
    topics: Box<dyn Topics>,
    table: Mutex<Table>,
}

impl FanOut {
    pub(crate) fn new(topics: Box<dyn Topics>) -> Self {
        topics.add(Topic::Everyone);
        Self {
            topics,
            table: Mutex::default(),
        }
    }

    pub(crate) fn enter(&self, shared: Arc<Shared>) {
        let place = Place {
            shared,
            who: None,
            live: false,
            topics: HashSet::new(),
            syncs: 0,
            since: Vec::new(),
            losses: 0,
        };
        lock(&self.table).places.insert(place.shared.number, place);
    }

    pub(crate) fn leave(&self, number: u64) {
        let mut table = lock(&self.table);
        let Some(place) = table.places.remove(&number) else {
            return;
        };
        for topic in &place.topics {
            self.strike(&mut table, number, *topic);
        }
        drop(table);
        drop(place);
    }

    /// From now on the connection hears that its device is signed out; events wait for [`FanOut::begin_sync`].
    pub(crate) fn signed_in(&self, number: u64, who: Who) {
        let mut table = lock(&self.table);
        if let Some(place) = table.places.get_mut(&number) {
            place.who = Some(who);
            self.follow(&mut table, number, Topic::Member(who.member));
        }
    }

    /// From now on the connection gets its member's events, and of joins and leaves it is noted that they came after.
    /// [`FanOut::end_sync`] must follow.
    pub(crate) fn begin_sync(&self, number: u64) -> Begun {
        let mut begun = Begun(0);
        if let Some(place) = lock(&self.table).places.get_mut(&number) {
            place.live = true;
            place.syncs += 1;
            begun = Begun(place.losses);
        }
        begun
    }

    /// From now on the connection gets the events of exactly these conversations, read since [`FanOut::begin_sync`],
    /// and what hints changed since. It stays as it was when they could not be read (None), and when notices were lost
    /// meanwhile: the client has then been told to sync again.
    pub(crate) fn end_sync(
        &self,
        number: u64,
        begun: Begun,
        conversations: Option<Vec<ConversationId>>,
    ) {
        let mut table = lock(&self.table);
        let Some(place) = table.places.get_mut(&number) else {
            return;
        };
        if let Some(read) = conversations.filter(|_| place.losses == begun.0) {
            let mut wanted: HashSet<ConversationId> = read.into_iter().collect();
            for (id, joined) in &place.since {
                if *joined {
                    wanted.insert(*id);
                } else {
                    wanted.remove(id);
                }
            }
            let gone: Vec<ConversationId> = place
                .topics
                .iter()
                .filter_map(|topic| match topic {
                    Topic::Conversation(id) if !wanted.contains(id) => Some(*id),
                    _ => None,
                })
                .collect();
            for id in gone {
                self.unfollow(&mut table, number, Topic::Conversation(id));
            }
            for id in wanted {
                self.follow(&mut table, number, Topic::Conversation(id));
            }
        }
        if let Some(place) = table.places.get_mut(&number) {
            place.syncs -= 1;
            if place.syncs == 0 {
                place.since = Vec::new();
            }
        }
    }

    /// The devices of all connections.
    pub(crate) fn devices(&self) -> Vec<DeviceId> {
        let table = lock(&self.table);
        let who = table.places.values().filter_map(|place| place.who);
        who.map(|who| who.device).collect()
    }

    /// Ends the connections of these devices, which were signed out.
    pub(crate) fn sign_out(&self, devices: &[DeviceId]) {
        for place in lock(&self.table).places.values() {
            if place.who.is_some_and(|who| devices.contains(&who.device)) {
                place.shared.sign_out();
            }
        }
    }

    /// All connections.
    pub(crate) fn all(&self) -> Vec<Arc<Shared>> {
        let table = lock(&self.table);
        table
            .places
            .values()
            .map(|p| Arc::clone(&p.shared))
            .collect()
    }

    /// Queues a frame for all connections, signed in or not.
    pub(crate) fn tell_all(&self, frame: &Bytes) {
        for place in lock(&self.table).places.values() {
            place.shared.event(frame);
        }
    }

    pub(crate) fn deliver(&self, delivery: &Delivery) {
        let mut table = lock(&self.table);
        match delivery {
            Delivery::Notice(notice) => self.notice(&mut table, notice),
            Delivery::Lost => self.lost(&mut table),
        }
    }

    /// All are told to sync again. That somebody was removed from a conversation may be among what was lost: until
    /// they have synced, nobody hears of any.
    fn lost(&self, table: &mut Table) {
        tracing::warn!("events were lost on the bus: all connections are told to resync");
        for place in table.places.values_mut().filter(|p| p.live) {
            place.losses += 1;
            place.topics.retain(|topic| !of_conversation(topic));
            place.shared.queue.make_stale();
        }
        table.followers.retain(|topic, _| {
            let kept = !of_conversation(topic);
            if !kept {
                self.topics.remove(*topic);
            }
            kept
        });
    }

    fn notice(&self, table: &mut Table, notice: &Notice) {
        // Before the frame, so that what a client fetches because of the frame is not older than what it then hears.
        self.hint(table, notice);
        if notice.frame.is_empty() {
            return;
        }
        if notice.topic == Topic::Everyone {
            for place in table.places.values().filter(|p| p.live) {
                place.shared.event(&notice.frame);
            }
            return;
        }
        for number in table.followers.get(&notice.topic).into_iter().flatten() {
            if let Some(place) = table.places.get(number).filter(|p| p.live) {
                place.shared.event(&notice.frame);
            }
        }
    }

    fn hint(&self, table: &mut Table, notice: &Notice) {
        if notice.hint == Hint::None {
            return;
        }
        let followers = table
            .followers
            .get(&notice.topic)
            .cloned()
            .unwrap_or_default();
        for number in followers {
            let Some(place) = table.places.get_mut(&number) else {
                continue;
            };
            match notice.hint {
                Hint::Joined(id) if place.live => {
                    place.note(id, true);
                    self.follow(table, number, Topic::Conversation(id));
                }
                Hint::Left(id) => {
                    place.note(id, false);
                    self.unfollow(table, number, Topic::Conversation(id));
                }
                Hint::SignedOut(device) if place.who.is_some_and(|w| w.device == device) => {
                    place.shared.sign_out();
                }
                // whoever is live gets it as everybody does
                Hint::Waits(device)
                    if !place.live && place.who.is_some_and(|w| w.device == device) =>
                {
                    place.shared.event(&notice.frame);
                }
                Hint::Ended => place.shared.sign_out(),
                Hint::None | Hint::Joined(_) | Hint::SignedOut(_) | Hint::Waits(_) => {}
            }
        }
    }

    fn follow(&self, table: &mut Table, number: u64, topic: Topic) {
        let Some(place) = table.places.get_mut(&number) else {
            return;
        };
        if !place.topics.insert(topic) {
            return;
        }
        let followers = table.followers.entry(topic).or_default();
        followers.push(number);
        if followers.len() == 1 {
            self.topics.add(topic);
        }
    }

    fn unfollow(&self, table: &mut Table, number: u64, topic: Topic) {
        let follows = table
            .places
            .get_mut(&number)
            .is_some_and(|place| place.topics.remove(&topic));
        if follows {
            self.strike(table, number, topic);
        }
    }

    /// Takes the connection out of the topic's list.
    fn strike(&self, table: &mut Table, number: u64, topic: Topic) {
        let Some(followers) = table.followers.get_mut(&topic) else {
            return;
        };
        if let Some(at) = followers.iter().position(|n| *n == number) {
            followers.swap_remove(at);
        }
        if followers.is_empty() {
            table.followers.remove(&topic);
            self.topics.remove(topic);
        }
    }
}

fn of_conversation(topic: &Topic) -> bool {
    matches!(topic, Topic::Conversation(_))
}

impl Place {
    fn note(&mut self, id: ConversationId, joined: bool) {
        if self.syncs > 0 {
            self.since.push((id, joined));
        }
    }
}
