//! Looking people up: by id when a conversation needs them, by name when a person asks, now and then for new names.

use ambient::Millis;
use protocol::{
    MemberId,
    limits::LOOKUP_MAX,
    methods::people::{FindPeople, GetPeople, People as Found},
};

use crate::{Doing, Engine, Failure, Store, Update, pending::Pending};

/// People are looked up again after this time, at a new connection.
const REFRESH_MS: Millis = 3_600_000;

impl<S: Store> Engine<S> {
    /// Makes sure that a person's certificate of this generation (0 = any) is in the roster; asks for it if not.
    pub(crate) fn want_person(&mut self, member: MemberId, generation: u32) -> bool {
        if self.people.is_known(member, generation) {
            return true;
        }
        self.people.wanted.insert(member);
        let question = Pending::People(vec![member]);
        let hopeless =
            self.people.is_unknown(member) || self.people.lacks(member, generation, self.now);
        if !hopeless {
            self.people.needs(member, generation);
        }
        if !hopeless && !self.lookups_held() && !self.is_asking(&question) {
            self.people.asked(member);
            self.request(
                &GetPeople {
                    members: vec![member],
                },
                question,
            );
        }
        false
    }

    /// Somebody's names or keys are others now.
    pub(crate) fn person_changed(&mut self, member: MemberId) {
        let known = self.people.pins.contains_key(&member)
            || self.people.seen.contains_key(&member)
            || member == self.my_id();
        if known {
            self.look_up(member);
        }
    }

    /// Asks for somebody anew, whatever is known of them.
    pub(crate) fn look_up(&mut self, member: MemberId) {
        if self.connection.synced() {
            let members = vec![member];
            self.request(
                &GetPeople {
                    members: members.clone(),
                },
                Pending::People(members),
            );
        }
    }

    /// Whoever changed their names while this device was away: asked for now and then.
    pub(crate) fn refresh_people(&mut self) {
        let fresh = |at: Millis| self.now < at.saturating_add(REFRESH_MS);
        if self.people.refreshed.is_some_and(fresh) {
            return;
        }
        self.people.refreshed = Some(self.now);
        let known: Vec<MemberId> = self.people.pins.keys().copied().collect();
        for members in known.chunks(LOOKUP_MAX) {
            let members = members.to_vec();
            let params = GetPeople {
                members: members.clone(),
            };
            self.request(&params, Pending::People(members));
        }
    }

    pub(crate) fn find(&mut self, query: String) -> Result<(), Failure> {
        if !self.connection.synced() {
            return Err(Failure::Offline);
        }
        self.request(&FindPeople { query, limit: 50 }, Pending::Find);
        Ok(())
    }

    pub(crate) fn found(&mut self, result: Result<Found, Failure>) {
        match result {
            Ok(found) => {
                for person in &found.people {
                    self.meet(person);
                }
                let me = self.my_id();
                let views = found
                    .people
                    .iter()
                    .filter(|p| p.member != me)
                    .filter_map(|p| self.people.view(p.member))
                    .collect();
                self.tell(Update::People(views));
            }
            Err(failure) => self.fail(Doing::Finding, failure),
        }
    }

    pub(crate) fn lookups_held(&self) -> bool {
        self.people.held.is_some_and(|at| at > self.now)
    }
}
