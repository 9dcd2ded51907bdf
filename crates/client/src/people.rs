//! People: certificates checked against pins, leaf certificates, names.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::identity::{AccountCertificate, LeafCertificate, Pin, PinVerdict, Roster};
use protocol::{
    Bytes, Hash32, MemberId, decode, encode,
    methods::people::{FindPeople, GetPeople, People as Found, Person},
};
use serde::{Deserialize, Serialize};

use crate::{Doing, Engine, Failure, Space, Store, Update, pending::Pending, view::PersonView};

#[derive(Default)]
pub(crate) struct People {
    pub(crate) pins: BTreeMap<MemberId, Pin>,
    /// Pins whose mark of verification was set or taken back here, and not written yet.
    pub(crate) decided: BTreeSet<MemberId>,
    /// Pins that the vault does not hold yet.
    pub(crate) unsaved_pins: BTreeSet<MemberId>,
    /// Pins as they are on their way to the vault.
    pub(crate) sent_pins: BTreeMap<MemberId, Pin>,
    /// Version of each pin's vault record that this device has read or written: nothing is written over others.
    pin_versions: BTreeMap<MemberId, u64>,
    /// Pins in the vault that this version can't read: these people are not pinned anew.
    unreadable: BTreeSet<MemberId>,
    /// Look-ups were refused: not before this time again.
    pub(crate) held: Option<ambient::Millis>,
    /// Account certificates that stand under a pinned root.
    pub(crate) roster: BTreeMap<(MemberId, u32), AccountCertificate>,
    /// A newest certificate whose root is not the pinned one.
    pub(crate) changed: BTreeMap<MemberId, AccountCertificate>,
    /// People seen in the directory, not pinned: their newest certificates.
    seen: BTreeMap<MemberId, AccountCertificate>,
    /// Verified leaf certificates of this run; all of them are in the store.
    pub(crate) leaves: BTreeMap<Hash32, LeafCertificate>,
    /// Leaf certificates that wait for their member's account certificate.
    pub(crate) offered: BTreeMap<Hash32, LeafCertificate>,
    /// Leaf certificates that the server does not have or that do not verify.
    pub(crate) refused: BTreeSet<Hash32>,
    unknown: BTreeSet<MemberId>,
    /// People to be pinned as soon as their certificates come, because a conversation needs them.
    wanted: BTreeSet<MemberId>,
    /// Who invited this member, until the registration is done.
    inviter: Option<(AccountCertificate, u64)>,
    /// The invitation that is being made.
    pub(crate) inviting: Option<(protocol::InvitationId, e2ee::invitation::Invitation)>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    pin: Bytes,
    certificates: Vec<Bytes>,
    unsaved: bool,
    version: u64,
    #[serde(default)]
    decided: bool,
}

impl Roster for People {
    fn certificate(&self, member: MemberId, generation: u32) -> Option<AccountCertificate> {
        self.roster.get(&(member, generation)).cloned()
    }
}

impl People {
    pub(crate) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        for (key, value) in store.range(Space::People, &[], &[0xff; 17], usize::MAX, false)? {
            let Ok(member) = MemberId::from_slice(&key) else {
                continue;
            };
            let stored: Stored = decode(&value)?;
            self.pins.insert(member, Pin::decode(&stored.pin)?);
            for bytes in stored.certificates {
                let certificate = AccountCertificate::decode(&bytes)?;
                self.roster
                    .insert((member, certificate.generation), certificate);
            }
            self.pin_versions.insert(member, stored.version);
            if stored.unsaved {
                self.unsaved_pins.insert(member);
            }
            if stored.decided {
                self.decided.insert(member);
            }
        }
        Ok(())
    }

    pub(crate) fn is_unknown(&self, member: MemberId) -> bool {
        self.unknown.contains(&member) || self.unreadable.contains(&member)
    }

    pub(crate) fn has_changed(&self, member: MemberId) -> bool {
        self.changed.contains_key(&member)
    }

    pub(crate) fn pin(&self, member: MemberId) -> Option<&Pin> {
        self.pins.get(&member)
    }

    /// Version of the pin's vault record that this device knows the contents of; 0 = none.
    pub(crate) fn pin_version(&self, member: MemberId) -> u64 {
        self.pin_versions.get(&member).copied().unwrap_or(0)
    }

    pub(crate) fn pin_is_at(&mut self, member: MemberId, version: u64) {
        self.pin_versions.insert(member, version);
    }

    pub(crate) fn pin_unreadable(&mut self, member: MemberId, version: u64) {
        self.unreadable.insert(member);
        self.pin_versions.insert(member, version);
    }

    pub(crate) fn offer(&mut self, leaf: LeafCertificate) {
        self.offered.insert(leaf.name(), leaf);
    }

    pub(crate) fn missing(&mut self, name: Hash32) {
        self.refused.insert(name);
    }

    /// The inviter is a first contact: the invitation carries the root's fingerprint, which has been compared.
    pub(crate) fn pin_inviter(&mut self, certificate: &AccountCertificate, now: u64) {
        self.inviter = Some((certificate.clone(), now));
    }

    pub(crate) fn save_inviter(&mut self) {
        if let Some((certificate, now)) = self.inviter.take() {
            let member = certificate.member;
            self.pins.insert(member, Pin::first(&certificate, now));
            self.roster
                .insert((member, certificate.generation), certificate);
            self.unsaved_pins.insert(member);
        }
    }

    pub(crate) fn nobody(&mut self, member: MemberId) {
        self.unknown.insert(member);
    }

    pub(crate) fn trust_own(&mut self, certificate: &AccountCertificate) {
        self.roster.insert(
            (certificate.member, certificate.generation),
            certificate.clone(),
        );
    }

    pub(crate) fn newest(&self, member: MemberId) -> Option<&AccountCertificate> {
        self.roster
            .range((member, 0)..=(member, u32::MAX))
            .next_back()
            .map(|(_, certificate)| certificate)
    }

    fn shown(&self, member: MemberId) -> Option<&AccountCertificate> {
        self.newest(member).or_else(|| self.seen.get(&member))
    }

    pub(crate) fn name(&self, member: MemberId) -> String {
        self.shown(member).map_or_else(
            || "…".to_owned(),
            |c| {
                if c.display_name.is_empty() {
                    c.login_name.clone()
                } else {
                    c.display_name.clone()
                }
            },
        )
    }

    pub(crate) fn view(&self, member: MemberId) -> Option<PersonView> {
        let certificate = self.shown(member)?;
        Some(PersonView {
            member,
            login_name: certificate.login_name.clone(),
            display_name: self.name(member),
            identity_changed: self.has_changed(member),
            verified: self.pins.get(&member).is_some_and(|pin| pin.verified)
                && !self.has_changed(member),
        })
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn load_own_certificate(&mut self) {
        if let Some(own) = &self.own {
            self.people.trust_own(&own.certificate);
        }
    }

    /// Takes what the directory says of a person; the pin decides what of it counts.
    pub(crate) fn take_person(&mut self, person: &Person) -> Result<(), Failure> {
        let Some(own) = &self.own else { return Ok(()) };
        let (instance, me) = (own.instance, own.member);
        self.people.unknown.remove(&person.member);
        let mut certificates = Vec::new();
        for bytes in &person.certificates {
            let certificate = AccountCertificate::decode(bytes)?;
            certificate.verify_for(instance, person.member)?;
            certificates.push(certificate);
        }
        // the newest is the last; generations rise across roots too (docs/crypto.md, section 3)
        let Some(newest) = certificates.last().cloned() else {
            return Err(Failure::Unverified("a person without certificate".into()));
        };
        if person.member == me {
            for certificate in certificates {
                if !self.own_root_is(&certificate) {
                    let reason = "the server shows another identity under your name";
                    return Err(Failure::Unverified(reason.into()));
                }
                self.people.trust_own(&certificate);
            }
            return Ok(());
        }
        let Some(pin) = self.people.pins.get_mut(&person.member) else {
            self.people.seen.insert(person.member, newest);
            self.remember_unpinned(person.member, certificates);
            return Ok(());
        };
        match pin.check(&newest) {
            PinVerdict::RootChanged => {
                self.people.changed.insert(person.member, newest);
                self.tell(Update::IdentityChanged(person.member));
                return Ok(());
            }
            PinVerdict::OlderGeneration => {
                return Err(Failure::Unverified("an old certificate of a person".into()));
            }
            PinVerdict::Same => {}
            _ => {
                pin.follow(&newest)?;
                self.people.unsaved_pins.insert(person.member);
            }
        }
        self.add_to_roster(person.member, certificates);
        Ok(())
    }

    fn own_root_is(&self, certificate: &AccountCertificate) -> bool {
        self.own
            .as_ref()
            .is_some_and(|own| own.certificate.root == certificate.root)
    }

    fn remember_unpinned(&mut self, member: MemberId, certificates: Vec<AccountCertificate>) {
        if !self.people.unreadable.contains(&member) && self.people.wanted.remove(&member) {
            if let Some(newest) = certificates.last() {
                let pin = Pin::first(newest, self.now);
                self.people.pins.insert(member, pin);
                self.people.unsaved_pins.insert(member);
            }
            self.add_to_roster(member, certificates);
        }
    }

    pub(crate) fn add_to_roster(
        &mut self,
        member: MemberId,
        certificates: Vec<AccountCertificate>,
    ) {
        let Some(root) = self.people.pins.get(&member).map(Pin::root) else {
            return;
        };
        for certificate in certificates {
            if certificate.root == root {
                self.people
                    .roster
                    .insert((member, certificate.generation), certificate);
            }
        }
        self.save_person(member);
    }

    /// A pin from the vault, at sign-in.
    pub(crate) fn take_pin(&mut self, member: MemberId, pin: Pin) {
        let mut pin = pin;
        let before = self.people.pins.get(&member).cloned();
        let unsaved = self.people.unsaved_pins.remove(&member);
        if let Some(mine) = before {
            if mine.root() == pin.root() {
                let behind = pin.certificate.generation < mine.certificate.generation;
                let decided = self.people.decided.contains(&member);
                if behind || (decided && mine.verified != pin.verified) {
                    let certificate = if behind {
                        mine.certificate
                    } else {
                        pin.certificate
                    };
                    pin = Pin {
                        certificate,
                        first_seen: pin.first_seen.min(mine.first_seen),
                        verified: if decided { mine.verified } else { pin.verified },
                    };
                    self.people.unsaved_pins.insert(member);
                }
            } else {
                self.people.roster.retain(|(m, _), _| *m != member);
                self.people.decided.remove(&member);
                if unsaved {
                    // seen here under another root than another device had pinned: the person decides
                    self.people.changed.insert(member, mine.certificate);
                    self.tell(Update::IdentityChanged(member));
                }
            }
        }
        let certificate = pin.certificate.clone();
        self.people.pins.insert(member, pin);
        self.add_to_roster(member, vec![certificate]);
        self.save_person(member);
    }

    pub(crate) fn save_person(&mut self, member: MemberId) {
        let Some(pin) = self.people.pins.get(&member) else {
            return;
        };
        let stored = Stored {
            pin: Bytes::copy_from_slice(&pin.encode()),
            certificates: self
                .people
                .roster
                .range((member, 0)..=(member, u32::MAX))
                .map(|(_, c)| Bytes::copy_from_slice(c.bytes()))
                .collect(),
            unsaved: self.people.unsaved_pins.contains(&member),
            version: self.people.pin_version(member),
            decided: self.people.decided.contains(&member),
        };
        self.batch.put(
            Space::People,
            member.as_bytes().to_vec(),
            encode(&stored).to_vec(),
        );
        self.batch.durable = true;
    }

    /// Makes sure that a person's certificate of this generation (0 = any) is in the roster; asks for it if not.
    pub(crate) fn want_person(&mut self, member: MemberId, generation: u32) -> bool {
        let known = if generation == 0 {
            self.people.newest(member).is_some()
        } else {
            self.people.certificate(member, generation).is_some()
        };
        if known {
            return true;
        }
        self.people.wanted.insert(member);
        let question = Pending::People(vec![member]);
        let hopeless =
            self.people.unknown.contains(&member) || self.people.unreadable.contains(&member);
        if !hopeless && !self.lookups_held() && !self.is_asking(&question) {
            self.request(
                &GetPeople {
                    members: vec![member],
                },
                question,
            );
        }
        false
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
