//! A member played by hand, of keys and frames alone: for what an honest client never does.

use client::Command;
use e2ee::{
    identity::{AccountCertificate, AccountKey, RootIdentity},
    invitation::Invitation,
    repair::RepairRequest,
};
use protocol::{
    Bytes, ConversationId, MemberId, Method, Request, ServerFrame, WireError, decode, encode,
    events::Hello,
    methods::{
        account::Ticket,
        conversations::{Entry, GetEntries, GetWelcome},
        people::{ClaimKeyPackage, ClaimedKeyPackage, GetPeople},
        vault::GetManifest,
    },
};
use rand::RngCore;
use storage::conversations::Repair;
use testkit::{Change, Member, Newcomer};

use crate::{play::Play, server::settle};

/// A member with a connection of their own, without engine.
pub struct Puppet {
    /// Their keys.
    pub member: Member,
    /// Their login name.
    pub name: String,
    link: (gateway::Connection, gateway::Outbox),
    next: u64,
}

impl Puppet {
    /// Registers a member of this name.
    pub async fn register(play: &mut Play, name: &str) -> Self {
        let invitation = Invitation::decode(&play.invitation().await).unwrap();
        let ticket = Ticket::Invitation {
            secret: Bytes::copy_from_slice(invitation.secret()),
        };
        let mut link = play.world.server.connect().unwrap();
        let hello = link.1.try_next().unwrap();
        let hello = decode::<ServerFrame>(&hello).unwrap().data.unwrap();
        let instance = decode::<Hello>(&hello).unwrap().instance;
        let seed = play.world.chance.next_u64();
        let mut newcomer = Newcomer::new(seed, instance, name, name);
        let (start, registration) = newcomer.start(&ticket);
        let mut calls = Calls {
            link: &mut link,
            next: 1,
        };
        let started = calls.ask(&start).await.unwrap();
        let now = play.world.now();
        let (finish, member) = newcomer.finish(&ticket, registration, &started, None, now);
        calls.ask(&finish).await.unwrap();
        let next = calls.next;
        Self {
            member,
            name: name.to_owned(),
            link,
            next,
        }
    }

    /// Asks the server.
    ///
    /// # Errors
    /// What the server refuses with.
    pub async fn ask<M: Method>(&mut self, params: &M) -> Result<M::Reply, WireError> {
        let mut calls = Calls {
            link: &mut self.link,
            next: self.next,
        };
        let answer = calls.ask(params).await;
        self.next = calls.next;
        answer
    }

    /// Whether the server takes no more requests of this device: it has ended the connection, and this one did not get in.
    pub async fn is_turned_away<M: Method>(&mut self, params: &M) -> bool {
        let request = encode(&Request::new(self.next, params));
        self.next += 1;
        self.link.0.receive(request).await.is_err()
    }

    /// A certificate of this member under their own names, by any root, for a new account key.
    pub fn certified_by(&mut self, root: &RootIdentity, generation: u32) -> AccountCertificate {
        let account = AccountKey::generate(&mut self.member.rng, generation);
        let old = &self.member.certificate;
        root.certify(
            old.instance,
            self.member.member,
            &old.login_name,
            &old.display_name,
            &account.public(),
            generation,
        )
        .unwrap()
    }

    /// Gets to know somebody.
    pub async fn meet(&mut self, member: MemberId) {
        let members = vec![member];
        let found = self.ask(&GetPeople { members }).await.unwrap();
        for bytes in &found.people[0].certificates {
            let certificate = AccountCertificate::decode(bytes).unwrap();
            self.member.learn(&certificate);
        }
    }

    /// Takes over what other devices of this member have written to the vault.
    pub async fn read_vault(&mut self) {
        let listed = self.ask(&GetManifest {}).await.unwrap();
        self.member.vault.adopt(&listed);
    }

    /// Writes a pin record with any content.
    pub async fn write_pin(&mut self, of: MemberId, plaintext: &[u8], now: u64) {
        let write = self.member.write_pin(of.as_bytes(), plaintext, now);
        self.ask(&write).await.unwrap();
    }

    /// Makes a direct conversation with somebody.
    pub async fn open_direct(&mut self, other: MemberId, now: u64) -> ConversationId {
        self.meet(other).await;
        let package = self.claim(other).await;
        let id = self.member.conversation_id();
        let create = self.member.found_direct(id, other, package, now);
        self.ask(&create).await.unwrap();
        self.follow(id, 1).await;
        id
    }

    /// Joins a conversation by the Welcome that waits, together with these.
    pub async fn join(&mut self, id: ConversationId, with: &[MemberId], now: u64) {
        for member in with {
            self.meet(*member).await;
        }
        let welcome = self.ask(&GetWelcome { conversation: id }).await.unwrap();
        let write = self.member.join(id, &welcome, now);
        self.ask(&write).await.unwrap();
        self.follow(id, welcome.seq + 1).await;
    }

    /// Offers key packages of this member.
    pub async fn offer_key_packages(&mut self, now: u64) {
        let publish = self.member.publish(2, true, now);
        self.ask(&publish).await.unwrap();
    }

    /// A key package of somebody.
    pub async fn claim(&mut self, member: MemberId) -> ClaimedKeyPackage {
        self.ask(&ClaimKeyPackage { member }).await.unwrap()
    }

    /// The server lies: as if this member had asked for a new leaf by this key package. No client takes the request for theirs.
    pub async fn pretend_asked(
        &self,
        play: &Play,
        id: ConversationId,
        of: MemberId,
        package: &ClaimedKeyPackage,
    ) {
        let time = play.world.now();
        let request = RepairRequest {
            instance: self.member.instance,
            conversation: id,
            restart: 0,
            member: of,
            key_package: package.id,
            time,
        };
        let repair = Repair {
            member: of,
            time,
            request: request.sign(&self.member.account).into(),
            package: package.package.clone(),
        };
        let written = storage::write(play.world.server.storage(), move |unit| {
            unit.put_repair(id, &repair)
        });
        written.await.unwrap();
    }

    /// Commits to a conversation, and follows it.
    pub async fn commit(&mut self, id: ConversationId, change: Change, now: u64) {
        let from = self.seq(id).await;
        let commit = self.member.change(id, change, now);
        self.ask(&commit).await.unwrap();
        self.follow(id, from + 1).await;
    }

    async fn seq(&mut self, id: ConversationId) -> u64 {
        self.entries(id, 1).await.last().map_or(0, |e| e.seq)
    }

    /// Follows the log from `from` on; gives the texts in it.
    pub async fn follow(&mut self, id: ConversationId, from: u64) -> Vec<String> {
        let entries = self.entries(id, from).await;
        entries
            .iter()
            .filter_map(|entry| self.member.follow(entry))
            .collect()
    }

    /// Says something; gives where it stands.
    pub async fn say(&mut self, id: ConversationId, text: &str, now: u64) -> u64 {
        let message = self.member.seal(id, text, now);
        self.ask(&message).await.unwrap().seq
    }

    /// The log from `from` on.
    pub async fn entries(&mut self, conversation: ConversationId, from: u64) -> Vec<Entry> {
        let params = GetEntries {
            conversation,
            from,
            limit: 200,
            commits_only: false,
        };
        self.ask(&params).await.unwrap().entries
    }

    /// An engine signs in to this member's account on a new device, which is given.
    pub async fn sign_in(&self, play: &mut Play) -> usize {
        let device = play.world.add_device(usize::MAX).await;
        let sign_in = Command::SignIn {
            login_name: self.name.clone(),
            passphrase: self.member.passphrase.clone(),
            device_name: "an engine".to_owned(),
        };
        play.world.command(device, sign_in).await;
        crate::story::pass(&mut play.world, 20_000).await;
        device
    }
}

struct Calls<'a> {
    link: &'a mut (gateway::Connection, gateway::Outbox),
    next: u64,
}

impl Calls<'_> {
    async fn ask<M: Method>(&mut self, params: &M) -> Result<M::Reply, WireError> {
        let id = self.next;
        self.next += 1;
        let request = encode(&Request::new(id, params));
        self.link.0.receive(request).await.unwrap();
        settle().await;
        while let Some(frame) = self.link.1.try_next() {
            let frame: ServerFrame = decode(&frame).unwrap();
            if frame.id == Some(id) {
                return match (frame.ok, frame.err) {
                    (Some(ok), _) => Ok(decode(&ok).unwrap()),
                    (None, error) => Err(error.unwrap()),
                };
            }
        }
        panic!("no answer to {}", M::NAME);
    }
}
