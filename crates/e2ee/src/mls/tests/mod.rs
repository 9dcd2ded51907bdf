//! The life of conversations, from both sides: members who keep to the rules, and those who do not.

mod attacks;
mod chain;
mod life;
mod races;
mod restart;
mod rfc9420;
mod rights;
mod stored;
mod timed;

use std::collections::BTreeMap;

use protocol::{ConversationId, DeviceId, Hash32, InstanceId, MemberId, MessageId};
use rand_chacha::ChaCha20Rng;

use super::{
    Change, CommitContext, Conversation, Expected, KeyPackage, NewKeyPackage, Prepared, Processed,
    public::{Checked, PublicConversation},
};
use crate::{
    content::{Body, BodyKind, Seen},
    identity::{AccountCertificate, AccountKey, RootIdentity},
    policy::{Departures, Policy},
    testing::rng,
};

pub(super) const INSTANCE: InstanceId = InstanceId([1; 16]);
pub(super) const CHAT: ConversationId = ConversationId([2; 16]);
pub(super) const NOW: u64 = 1_795_000_000_000;
pub(super) const CONTEXT: CommitContext = CommitContext {
    seen_seq: 7,
    seen_hash: Hash32([7; 32]),
    vault_head: 3,
    device: DeviceId([9; 16]),
};

pub(super) fn nobody_left() -> Departures {
    Departures::default()
}

pub(super) struct Person {
    pub(super) id: MemberId,
    pub(super) root: RootIdentity,
    pub(super) account: AccountKey,
}

/// People who know each other, and one source of randomness.
pub(super) struct World {
    pub(super) rng: ChaCha20Rng,
    pub(super) people: Vec<Person>,
    pub(super) roster: BTreeMap<(MemberId, u32), AccountCertificate>,
}

impl World {
    pub(super) fn new(people: u8) -> Self {
        let mut world = Self {
            rng: rng(5),
            people: Vec::new(),
            roster: BTreeMap::new(),
        };
        for n in 0..people {
            let root = RootIdentity::generate(&mut world.rng);
            let account = AccountKey::generate(&mut world.rng, 1);
            let id = MemberId([n + 10; 16]);
            world.people.push(Person { id, root, account });
            world.certify(usize::from(n));
        }
        world
    }

    /// Publishes the certificate of somebody's present account key.
    pub(super) fn certify(&mut self, n: usize) {
        let p = &self.people[n];
        let (public, generation) = (p.account.public(), p.account.generation());
        let certificate = p
            .root
            .certify(INSTANCE, p.id, "name", "Name", &public, generation);
        self.roster.insert((p.id, generation), certificate.unwrap());
    }

    pub(super) fn id(&self, n: usize) -> MemberId {
        self.people[n].id
    }

    pub(super) fn package(&mut self, n: usize) -> NewKeyPackage {
        let p = &self.people[n];
        KeyPackage::generate(&mut self.rng, &p.account, INSTANCE, p.id, NOW, false).unwrap()
    }

    pub(super) fn direct_policy(&self) -> Policy {
        Policy::direct(INSTANCE, CHAT, self.id(0), self.id(1))
    }

    pub(super) fn group_policy(&self) -> Policy {
        Policy::group(INSTANCE, CHAT, self.id(0))
    }

    pub(super) fn found(&mut self, policy: &Policy) -> (Conversation, PublicConversation) {
        let p = &self.people[0];
        let founded = Conversation::found(&mut self.rng, &p.account, p.id, policy, NOW).unwrap();
        let info = &founded.group_info;
        let server = PublicConversation::found(info, CHAT, INSTANCE, p.id, &self.roster).unwrap();
        (founded.conversation, server)
    }

    pub(super) fn prepare(
        &mut self,
        from: &Conversation,
        change: &Change<'_>,
        keep_link: bool,
    ) -> Prepared {
        self.try_prepare(from, change, keep_link).unwrap()
    }

    pub(super) fn try_prepare(
        &mut self,
        from: &Conversation,
        change: &Change<'_>,
        keep_link: bool,
    ) -> Result<Prepared, super::MlsError> {
        from.prepare(&mut self.rng, change, CONTEXT, keep_link, &self.roster, NOW)
    }

    pub(super) fn expected(&self, n: usize) -> Expected {
        Expected {
            instance: INSTANCE,
            conversation: CHAT,
            restart: 0,
            me: self.id(n),
        }
    }

    pub(super) fn check(
        &self,
        server: &PublicConversation,
        commit: &[u8],
        author: usize,
    ) -> Result<Checked, super::MlsError> {
        server.check_commit(commit, self.id(author), &self.roster, &nobody_left())
    }

    pub(super) fn process(
        &self,
        member: &Conversation,
        commit: &[u8],
        author: usize,
    ) -> Result<Processed, super::MlsError> {
        member.process(commit, self.id(author), &self.roster, &nobody_left())
    }

    pub(super) fn join(
        &self,
        n: usize,
        welcome: &[u8],
        server: &PublicConversation,
        package: &NewKeyPackage,
    ) -> Result<Conversation, super::MlsError> {
        let tree = server.tree().unwrap();
        let expected = self.expected(n);
        Conversation::join(welcome, &tree, &package.record, expected, &self.roster)
    }

    /// A conversation of these people, all in epoch 1.
    pub(super) fn group(&mut self, size: usize) -> (Vec<Conversation>, PublicConversation) {
        let policy = self.group_policy();
        self.conversation(&policy, size)
    }

    /// The same between two.
    pub(super) fn pair(&mut self) -> (Vec<Conversation>, PublicConversation) {
        let policy = self.direct_policy();
        self.conversation(&policy, 2)
    }

    fn conversation(
        &mut self,
        policy: &Policy,
        size: usize,
    ) -> (Vec<Conversation>, PublicConversation) {
        let (founder, server) = self.found(policy);
        let packages: Vec<_> = (1..size).map(|n| self.package(n)).collect();
        let add = packages.iter().enumerate();
        let change = Change {
            add: add
                .map(|(n, p)| (self.id(n + 1), p.public.clone()))
                .collect(),
            ..Change::default()
        };
        let made = self.prepare(&founder, &change, false);
        let server = self.check(&server, &made.commit, 0).unwrap().next;
        let mut all = vec![made.next];
        for (n, (member, id, welcome)) in made.welcomes.iter().enumerate() {
            assert_eq!((*member, *id), (self.id(n + 1), packages[n].id));
            all.push(self.join(n + 1, welcome, &server, &packages[n]).unwrap());
        }
        (all, server)
    }
}

pub(super) fn text(text: &str) -> Body {
    let seen = Seen {
        seq: 4,
        hash: Hash32([4; 32]),
    };
    let mut body = Body::new(
        MessageId([5; 16]),
        BodyKind::Text,
        NOW,
        seen,
        DeviceId([9; 16]),
        3,
    );
    body.text = Some(text.into());
    body
}

/// Everybody is in the same epoch with the same secret, and reads everybody.
pub(super) fn agree(world: &mut World, all: &[Conversation], server: &PublicConversation) {
    for from in all {
        let sealed = from.seal_message(&mut world.rng, &text("hello")).unwrap();
        for to in all {
            assert_eq!(to.epoch(), server.epoch());
            assert_eq!(to.members(), server.members());
            assert_eq!(to.policy(), server.policy());
            assert_eq!(to.tree().unwrap(), server.tree().unwrap());
            assert_eq!(to.epoch_secret(), all[0].epoch_secret());
            let opened = to.open_message(from.me(), &sealed).unwrap();
            assert_eq!(opened.body.text.as_deref(), Some("hello"));
        }
    }
}
