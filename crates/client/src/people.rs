//! People: certificates checked against pins, leaf certificates, names.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::{
    identity::{
        AccountCertificate, LeafCertificate, Pin, PinVerdict, Roster, Succession,
        follow_successions,
    },
    signing::PublicKey,
};
use protocol::{
    Bytes, Hash32, MemberId, decode, encode,
    limits::SUCCESSIONS_MAX,
    methods::{account::OrganisationRole, people::Person},
};
use serde::{Deserialize, Serialize};

use crate::{
    Engine, Failure, Space, Store, Update,
    view::{IdentityChange, PersonView},
};

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
    pub(crate) unreadable: BTreeSet<MemberId>,
    /// When everybody was looked up last.
    pub(crate) refreshed: Option<Millis>,
    /// Look-ups were refused: not before this time again.
    pub(crate) held: Option<ambient::Millis>,
    /// Account certificates that stand under a pinned root.
    roster: BTreeMap<(MemberId, u32), AccountCertificate>,
    /// When a generation became known, if it was since this device was started.
    learned: BTreeMap<(MemberId, u32), Millis>,
    /// A newest certificate whose root is not the pinned one.
    pub(crate) changed: BTreeMap<MemberId, Changed>,
    /// The newest certificate of one's own under another root, for which the account key held here has vouched.
    pub(crate) heir: Option<AccountCertificate>,
    /// People seen in the directory, not pinned: their newest certificates.
    pub(crate) seen: BTreeMap<MemberId, AccountCertificate>,
    /// Verified leaf certificates of this run; all of them are in the store.
    pub(crate) leaves: BTreeMap<Hash32, LeafCertificate>,
    /// Leaf certificates that wait for their member's account certificate.
    pub(crate) offered: BTreeMap<Hash32, LeafCertificate>,
    /// Leaf certificates that the server does not have or that do not verify.
    pub(crate) refused: BTreeSet<Hash32>,
    pub(crate) unknown: BTreeSet<MemberId>,
    /// Key generations (0 = any) of people that are needed, and whether a question was sent since: only its answer counts.
    needed: BTreeMap<(MemberId, u32), bool>,
    /// Those that an answer did not bring: until when they are not asked for again.
    lacking: BTreeMap<(MemberId, u32), Millis>,
    /// What the server said last of people: whether they are admins of the organisation, and suspended.
    standing: BTreeMap<MemberId, (bool, bool)>,
    /// People to be pinned as soon as their certificates come, because a conversation needs them.
    pub(crate) wanted: BTreeSet<MemberId>,
    /// Who invited this member, until the registration is done.
    inviter: Option<(AccountCertificate, u64)>,
    /// The invitation that is being made.
    pub(crate) inviting: Option<(protocol::InvitationId, e2ee::invitation::Invitation)>,
}

/// Another identity than the pinned one.
pub(crate) struct Changed {
    pub(crate) certificate: AccountCertificate,
    pub(crate) cause: IdentityChange,
    /// The roots that lead from the pinned one to it, where each has vouched for the next.
    pub(crate) passed: Vec<PublicKey>,
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
        let certificate = self.roster.get(&(member, generation))?;
        self.vouched(certificate).then(|| certificate.clone())
    }
}

/// The same people, for what is found in the history of a group: identities of before count as well of which the server alone
/// says that they were theirs, while the safety number was not compared.
pub(crate) struct OfBefore<'a>(&'a People);

impl Roster for OfBefore<'_> {
    fn certificate(&self, member: MemberId, generation: u32) -> Option<AccountCertificate> {
        self.0.roster.get(&(member, generation)).cloned()
    }
}

/// A certificate that the server does not have is asked for again after this time.
const LACKING_MS: Millis = 10 * 60_000;

/// A commit may have been under way while its members' newer keys became known here: for so long after that it is not
/// judged by them.
const GRACE_MS: Millis = 60_000;

/// The same people, for what is made or comes in now: leaves must be of the newest key generation that is known.
pub(crate) struct Newest<'a> {
    people: &'a People,
    /// Generations that became known after this time are not judged by.
    known_by: Millis,
}

impl Roster for Newest<'_> {
    fn certificate(&self, member: MemberId, generation: u32) -> Option<AccountCertificate> {
        self.people.certificate(member, generation)
    }

    fn newest_generation(&self, member: MemberId) -> Option<u32> {
        let newest = self.people.newest(member)?.generation;
        let learned = self.people.learned.get(&(member, newest));
        (learned.copied().unwrap_or(0) <= self.known_by).then_some(newest)
    }
}

impl People {
    pub(crate) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        for (key, value) in store.range(Space::People, &[], &[0xff; 17], usize::MAX, false)? {
            let Ok(member) = MemberId::from_slice(&key) else {
                continue;
            };
            let stored: Stored = decode(&value)?;
            self.pins.insert(member, Pin::kept(&stored.pin)?);
            for bytes in stored.certificates {
                let certificate = AccountCertificate::kept(&bytes)?;
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

    /// Whether more than the server's word stands behind a certificate of the roster.
    fn vouched(&self, certificate: &AccountCertificate) -> bool {
        let pin = self.pins.get(&certificate.member);
        pin.is_none_or(|pin| pin.vouches_for(certificate))
    }

    /// For what is found in the history.
    pub(crate) fn of_before(&self) -> OfBefore<'_> {
        OfBefore(self)
    }

    /// Whether a leaf that was taken while the server's word was enough counts no more: the safety number was compared since.
    pub(crate) fn is_given_up(&self, leaf: &LeafCertificate) -> bool {
        let verified = self.pins.get(&leaf.member).is_some_and(|pin| pin.verified);
        verified && !self.is_known(leaf.member, leaf.generation)
    }

    /// For a commit that is made here: strictly the newest generation that is known.
    pub(crate) fn to_commit(&self) -> Newest<'_> {
        Newest {
            people: self,
            known_by: Millis::MAX,
        }
    }

    /// For a commit that comes in now.
    pub(crate) fn to_judge(&self, now: Millis) -> Newest<'_> {
        Newest {
            people: self,
            known_by: now.saturating_sub(GRACE_MS),
        }
    }

    pub(crate) fn is_unknown(&self, member: MemberId) -> bool {
        self.unknown.contains(&member) || self.unreadable.contains(&member)
    }

    /// A certificate is needed.
    pub(crate) fn needs(&mut self, member: MemberId, generation: u32) {
        self.needed.entry((member, generation)).or_insert(false);
    }

    /// The server is asked now what it has of somebody.
    pub(crate) fn asked(&mut self, member: MemberId) {
        let of = (member, 0)..=(member, u32::MAX);
        self.needed
            .range_mut(of)
            .for_each(|(_, asked)| *asked = true);
    }

    /// The server has told what it has of somebody: what it did not bring is not to be had for now. An answer to what was asked
    /// before something was needed says nothing of that.
    pub(crate) fn answered(&mut self, member: MemberId, now: Millis) {
        let of = (member, 0)..=(member, u32::MAX);
        let needed = self.needed.range(of);
        let needed: Vec<_> = needed.map(|(key, asked)| (*key, *asked)).collect();
        for (key, asked) in needed {
            if self.is_known(key.0, key.1) {
                self.needed.remove(&key);
                self.lacking.remove(&key);
            } else if asked {
                self.needed.remove(&key);
                self.lacking.insert(key, now.saturating_add(LACKING_MS));
            }
        }
    }

    /// Whether a certificate of this generation (0 = any) is here.
    pub(crate) fn is_known(&self, member: MemberId, generation: u32) -> bool {
        match generation {
            0 => self.newest(member).is_some(),
            generation => self.certificate(member, generation).is_some(),
        }
    }

    /// Whether the server was asked for it a while ago, and does not have it, or nothing vouches for what it has.
    pub(crate) fn lacks(&self, member: MemberId, generation: u32, now: Millis) -> bool {
        let until = self.lacking.get(&(member, generation));
        until.is_some_and(|until| *until > now)
    }

    /// Another identity counts now: what it leads to may be had.
    pub(crate) fn ask_again(&mut self) {
        self.lacking.clear();
    }

    /// The root that a person compares: the one that is offered now, where it is another than the pinned one.
    pub(crate) fn root_to_compare(&self, member: MemberId) -> Option<PublicKey> {
        let pinned = self.pins.get(&member)?.root();
        let offered = self.changed.get(&member);
        Some(offered.map_or(pinned, |changed| changed.certificate.root))
    }

    /// How it came that somebody's identity has changed.
    pub(crate) fn change_of(&self, member: MemberId) -> Option<IdentityChange> {
        self.changed.get(&member).map(|changed| changed.cause)
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
        self.unreadable.remove(&member);
        self.pin_versions.insert(member, version);
    }

    pub(crate) fn pin_unreadable(&mut self, member: MemberId, version: u64) {
        self.unreadable.insert(member);
        self.pin_versions.insert(member, version);
    }

    /// Whether the vault's pin may be written over: not if this version can't read it.
    pub(crate) fn pin_is_writable(&self, member: MemberId) -> bool {
        !self.unreadable.contains(&member)
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

    /// Takes certificates that the pin vouches for; the newest is always one of the pinned root.
    fn add_to_roster(
        &mut self,
        member: MemberId,
        certificates: Vec<AccountCertificate>,
        now: Millis,
    ) {
        let Some(pin) = self.pins.get(&member) else {
            return;
        };
        let counts = |c: &AccountCertificate| pin.vouches_for(c) || pin.claims(c);
        for certificate in certificates.into_iter().filter(counts) {
            let key = (member, certificate.generation);
            let taken = self.roster.get(&key);
            if certificate.root != pin.root() && taken.is_some_and(|c| c.root == pin.root()) {
                continue;
            }
            if !pin.vouches_for(&certificate) && taken.is_some_and(|c| pin.vouches_for(c)) {
                continue;
            }
            if taken.is_none() {
                self.learned.insert(key, now);
            }
            self.roster.insert(key, certificate);
        }
    }

    /// After a change of the pin: forgets certificates that it does not vouch for.
    pub(crate) fn trim_roster(&mut self, member: MemberId) {
        if let Some(pin) = self.pins.get(&member) {
            self.roster
                .retain(|(m, _), c| *m != member || pin.vouches_for(c) || pin.claims(c));
        }
    }

    pub(crate) fn nobody(&mut self, member: MemberId) {
        self.unknown.insert(member);
    }

    pub(crate) fn trust_own(&mut self, certificate: &AccountCertificate, now: Millis) {
        let key = (certificate.member, certificate.generation);
        if self.roster.insert(key, certificate.clone()).is_none() {
            self.learned.insert(key, now);
        }
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
        self.shown(member)
            .map_or_else(|| "…".to_owned(), shown_name)
    }

    pub(crate) fn view(&self, member: MemberId) -> Option<PersonView> {
        let certificate = self.shown(member)?;
        let (admin, suspended) = self.standing.get(&member).copied().unwrap_or_default();
        Some(PersonView {
            member,
            login_name: certificate.login_name.clone(),
            display_name: self.name(member),
            identity_changed: self.has_changed(member),
            change: self.change_of(member),
            verified: self.pins.get(&member).is_some_and(|pin| pin.verified)
                && !self.has_changed(member),
            admin,
            suspended,
        })
    }
}

/// The name that a person is shown by.
pub(crate) fn shown_name(certificate: &AccountCertificate) -> String {
    if certificate.display_name.is_empty() {
        certificate.login_name.clone()
    } else {
        certificate.display_name.clone()
    }
}

/// The succession statements that the server shows of somebody, the newest ones; what is none is left out.
fn statements(person: &Person) -> Vec<Succession> {
    let newest = person.successions.iter().rev().take(SUCCESSIONS_MAX);
    newest
        .filter_map(|said| Succession::decode(said).ok())
        .collect()
}

impl Changed {
    /// Another identity than `known`, and what is to be believed of how that came: that a device has confirmed it is
    /// verified here; that an admin has reset the access is the server's word.
    fn from(
        known: &AccountCertificate,
        newest: AccountCertificate,
        certificates: &[AccountCertificate],
        person: &Person,
    ) -> Self {
        let way = follow_successions(known, &newest, certificates, &statements(person));
        // by a reset all is the server's word, also whether there was more than one
        let between = (known.generation + 1)..newest.generation;
        let between = certificates
            .iter()
            .filter(|c| person.reset.is_some() && between.contains(&c.generation))
            .map(|c| c.root);
        let cause = match (&way, person.reset) {
            (Some(_), _) => IdentityChange::Confirmed,
            (None, Some(_)) => IdentityChange::Reset,
            (None, None) => IdentityChange::Unknown,
        };
        Self {
            certificate: newest,
            cause,
            passed: way.unwrap_or_else(|| between.collect()),
        }
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn load_own_certificate(&mut self) {
        if let Some(own) = &self.own {
            self.people.trust_own(&own.certificate, self.now);
        }
    }

    /// Takes what the directory says of a person; the pin decides what of it counts.
    pub(crate) fn take_person(&mut self, person: &Person) -> Result<(), Failure> {
        if self.own.is_none() {
            return Ok(());
        }
        self.people.unknown.remove(&person.member);
        self.request_is(person.member, person.forgotten.as_ref());
        self.take_standing(person);
        let Some(own) = &self.own else { return Ok(()) };
        let (instance, me) = (own.instance, own.member);
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
            return self.take_own(&newest, certificates, &statements(person));
        }
        let Some(pin) = self.people.pins.get_mut(&person.member) else {
            self.people.seen.insert(person.member, newest);
            self.remember_unpinned(person.member, certificates);
            return Ok(());
        };
        match pin.check(&newest) {
            PinVerdict::RootChanged => {
                let changed = Changed::from(&pin.certificate, newest, &certificates, person);
                self.identity_is(person.member, changed);
                return Ok(());
            }
            PinVerdict::OlderGeneration => {
                return Err(Failure::Unverified("an old certificate of a person".into()));
            }
            PinVerdict::Same => {}
            _ => {
                pin.follow(&newest)?;
                self.people.unsaved_pins.insert(person.member);
                self.tell(Update::Conversations);
            }
        }
        self.add_to_roster(person.member, certificates);
        Ok(())
    }

    /// Who is what in the organisation is the server's word: it decides what they may ask it.
    fn take_standing(&mut self, person: &Person) {
        let standing = (person.role == OrganisationRole::Admin, person.suspended);
        let before = self.people.standing.insert(person.member, standing);
        if before.is_some_and(|before| before != standing) {
            self.tell(Update::Conversations);
        }
        let member = person.member;
        if let Some(own) = self.own.as_mut().filter(|own| own.member == member)
            && own.role != person.role
        {
            own.role = person.role;
            self.save_own();
            self.tell(Update::SignedIn { member });
        }
    }

    /// Somebody has another identity than the pinned one: told when it is new, or is known of otherwise.
    fn identity_is(&mut self, member: MemberId, changed: Changed) {
        let told = self.people.changed.get(&member);
        let same = told.is_some_and(|told| {
            (told.certificate.root, told.cause) == (changed.certificate.root, changed.cause)
        });
        let cause = changed.cause;
        self.people.changed.insert(member, changed);
        // once in every run: look-ups that find the same again are no news to who has put it off
        if !same {
            self.tell(Update::Conversations);
            self.tell(Update::IdentityChanged(member, cause));
        }
    }

    /// What the directory says of oneself: certificates of the own root, or of one's earlier ones. Another root counts if the
    /// account key that is held here has vouched for it; then the vault tells the rest.
    fn take_own(
        &mut self,
        newest: &AccountCertificate,
        certificates: Vec<AccountCertificate>,
        successions: &[Succession],
    ) -> Result<(), Failure> {
        let Some(own) = &self.own else { return Ok(()) };
        let known = own.certificate.clone();
        let former = own.former.clone();
        if newest.root != known.root {
            let way = follow_successions(&known, newest, &certificates, successions);
            if way.is_none() {
                let reason = "the server shows another identity under your name";
                return Err(Failure::Unverified(reason.into()));
            }
            self.people.heir = Some(newest.clone());
            self.vault_is_stale(true);
            return Ok(());
        }
        for certificate in certificates {
            let is_former =
                former.contains(&certificate.root) && certificate.generation < known.generation;
            if certificate.root != known.root && !is_former {
                continue; // of before a reset, or made up: nothing is believed of it
            }
            // of the generation in force the vault says which: the server may show an earlier name
            if certificate.generation != known.generation {
                self.people.trust_own(&certificate, self.now);
            }
        }
        Ok(())
    }

    fn remember_unpinned(&mut self, member: MemberId, certificates: Vec<AccountCertificate>) {
        if !self.people.unreadable.contains(&member) && self.people.wanted.remove(&member) {
            if let Some(newest) = certificates.last() {
                let mut pin = Pin::first(newest, self.now);
                // of whom one meets for the first time the server says which roots they had: so what they wrote is shown
                let roots: Vec<PublicKey> = certificates.iter().map(|c| c.root).collect();
                pin.claim_roots(&roots);
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
        let now = self.now;
        self.people.add_to_roster(member, certificates, now);
        self.save_person(member);
    }

    /// A pin from the vault, at sign-in.
    pub(crate) fn take_pin(&mut self, member: MemberId, pin: Pin) {
        let mut pin = pin;
        let before = self.people.pins.get(&member).cloned();
        let unsaved = self.people.unsaved_pins.remove(&member);
        let decided = self.people.decided.contains(&member);
        match before {
            Some(mine) if mine.root() == pin.root() => {
                let read = pin.clone();
                if pin.certificate.generation < mine.certificate.generation {
                    pin.certificate = mine.certificate;
                }
                // what was decided here and not written yet counts; otherwise what stands in the vault
                if decided {
                    pin.set_verified(mine.verified);
                }
                pin.remember_roots(&mine.former);
                pin.claim_roots(&mine.claimed);
                if pin != read {
                    self.people.unsaved_pins.insert(member);
                }
                pin.first_seen = pin.first_seen.min(mine.first_seen);
            }
            // seen here under another root than another device had pinned: the person decides
            Some(mine) if unsaved => {
                self.people.decided.remove(&member);
                let changed = Changed {
                    certificate: mine.certificate,
                    cause: IdentityChange::Unknown,
                    passed: Vec::new(),
                };
                self.identity_is(member, changed);
            }
            _ => {}
        }
        let certificate = pin.certificate.clone();
        self.people.pins.insert(member, pin);
        let accepted = |changed: &mut Changed| changed.certificate.root == certificate.root;
        if let Some(entry) = self.people.changed.get_mut(&member)
            && accepted(entry)
        {
            self.people.changed.remove(&member); // another device has accepted it
            self.identity_settled();
        }
        self.people.trim_roster(member);
        self.add_to_roster(member, vec![certificate]);
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
            // one that can't be read is looked at again at every start: by a newer app perhaps
            version: if self.people.pin_is_writable(member) {
                self.people.pin_version(member)
            } else {
                0
            },
            decided: self.people.decided.contains(&member),
        };
        self.batch.put(
            Space::People,
            member.as_bytes().to_vec(),
            encode(&stored).to_vec(),
        );
        self.batch.durable = true;
    }
}

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
