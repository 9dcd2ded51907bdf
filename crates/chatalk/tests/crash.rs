//! kill -9 under load, again and again: what was acknowledged is there afterwards, once, in one log without gaps.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::{BTreeMap, HashMap, HashSet};

use client::Command;
use common::{Endpoint, FAST, Person, Server, Wire, entries, founded, passphrase, signed_in};
use protocol::{
    ConversationId, MessageId, ServerFrame, decode,
    methods::conversations::{Accepted, SendMessage},
};
use testkit::Member;
use tokio::sync::{mpsc, watch};

/// How often the server is killed.
const KILLS: u64 = 12;
/// Unanswered messages of each member.
const IN_FLIGHT: usize = 24;
/// Texts that each person writes between two kills.
const TEXTS: usize = 6;

/// What a member knows of their messages.
#[derive(Default)]
struct Ledger {
    /// Answered, with the place in the log.
    accepted: HashMap<MessageId, u64>,
    /// Not answered, in order of sending.
    open: BTreeMap<u64, SendMessage>,
    /// Sent, never answered, and not sent again, as by a client that died.
    given_up: HashSet<MessageId>,
    texts: HashMap<MessageId, String>,
}

/// Which server process runs; none while there is none. `over` = send nothing new.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Now {
    running: Option<u64>,
    over: bool,
}

struct Sender {
    member: Member,
    conversation: ConversationId,
    ledger: Ledger,
    count: u64,
    requests: HashMap<u64, u64>,
}

impl Sender {
    async fn post(&mut self, wire: &mut Wire, number: u64) -> bool {
        let send = self.ledger.open[&number].clone();
        let Some(id) = wire.post(&send).await else {
            return false;
        };
        self.requests.insert(id, number);
        true
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        let text = format!("{} {}", self.member.member, self.count);
        let send = self.member.seal(self.conversation, &text, 1);
        self.ledger.texts.insert(send.message, text);
        self.ledger.open.insert(self.count, send);
        self.count
    }

    fn answered(&mut self, frame: &ServerFrame) -> bool {
        let Some(number) = frame.id.and_then(|id| self.requests.remove(&id)) else {
            return false;
        };
        let accepted: Accepted = decode(frame.ok.as_ref().expect("accepted")).unwrap();
        let send = self.ledger.open.remove(&number).unwrap();
        let before = self.ledger.accepted.insert(send.message, accepted.seq);
        assert_eq!(before, None);
        true
    }

    /// Sends on one connection until it ends or all is said and answered; true then.
    async fn talk(
        &mut self,
        wire: &mut Wire,
        now: &watch::Receiver<Now>,
        acks: &mpsc::UnboundedSender<()>,
    ) -> bool {
        self.requests.clear();
        // What has no answer is sent again as it was, but for a fifth, which a dead client would not send again.
        let open: Vec<u64> = self.ledger.open.keys().copied().collect();
        for number in open {
            if number % 5 == 0 {
                let send = self.ledger.open.remove(&number).unwrap();
                self.ledger.given_up.insert(send.message);
            } else if !self.post(wire, number).await {
                return false;
            }
        }
        loop {
            while self.requests.len() < IN_FLIGHT && !now.borrow().over {
                let number = self.next();
                if !self.post(wire, number).await {
                    return false;
                }
            }
            if self.ledger.open.is_empty() {
                return true;
            }
            let Some(frame) = wire.next().await else {
                return false;
            };
            if self.answered(&frame) {
                let _ = acks.send(());
            }
        }
    }

    /// Comes back after each kill, until it is over.
    async fn run(
        mut self,
        server: Endpoint,
        mut now: watch::Receiver<Now>,
        acks: mpsc::UnboundedSender<()>,
    ) -> Self {
        loop {
            now.wait_for(|now| now.running.is_some()).await.unwrap();
            let seen = now.borrow().running;
            if let Ok(mut wire) = Wire::try_connect_to(&server).await {
                let proof = self
                    .member
                    .resume(wire.hello.incarnation, wire.hello.challenge);
                let resumed = wire.post(&proof).await.is_some()
                    && wire.next().await.is_some_and(|f| f.ok.is_some());
                if resumed && self.talk(&mut wire, &now, &acks).await {
                    return self;
                }
            }
            now.wait_for(|now| now.running.is_none() || now.running != seen)
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_keeps_what_it_acknowledged_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("data"), FAST);

    // Two people with real clients, in a direct conversation.
    let mut dora = Person::open(&server, folder.path().join("dora"), "dora");
    let words = passphrase("a wordy phrase of dora's");
    dora.set_up(server.set_up_code.as_ref().unwrap(), &words)
        .await;
    let mut emil = Person::open(&server, folder.path().join("emil"), "emil");
    emil.register(&dora.invite().await, &passphrase("and one of emil's own"))
        .await;
    let direct = dora.talk_to("emil").await;
    assert_eq!(emil.ready().await, direct);

    // Three members of a group who send without waiting for answers.
    let (members, group) = crowd(&server, &mut dora).await;
    let (tell, now) = watch::channel(Now {
        running: Some(0),
        over: false,
    });
    let (acks, mut acked) = mpsc::unbounded_channel();
    let senders: Vec<_> = members
        .into_iter()
        .map(|(member, _)| {
            let sender = Sender {
                member,
                conversation: group,
                ledger: Ledger::default(),
                count: 0,
                requests: HashMap::new(),
            };
            tokio::spawn(sender.run(server.endpoint(), now.clone(), acks.clone()))
        })
        .collect();

    let mut said = [Vec::new(), Vec::new()];
    for kill in 1..=KILLS {
        for n in 0..TEXTS {
            for (person, texts, name) in [(&dora, 0, "dora"), (&emil, 1, "emil")] {
                let text = format!("{name} {kill}.{n}");
                person.say(direct, &text).await;
                said[texts].push(text);
            }
        }
        let changer = if kill % 2 == 0 { &dora } else { &emil };
        changer
            .command(Command::UpdateKeys {
                conversation: direct,
            })
            .await;
        // It dies in the middle of things: after so many more answers, with others on their way.
        for _ in 0..20 + 13 * kill {
            acked.recv().await.unwrap();
        }
        server.kill();
        tell.send_replace(Now {
            running: None,
            over: false,
        });
        server.start_again();
        let over = kill == KILLS;
        tell.send_replace(Now {
            running: Some(kill),
            over,
        });
    }
    let mut done = Vec::new();
    for sender in senders {
        done.push(sender.await.unwrap());
    }
    the_group_is_whole(&server, group, &mut done).await;
    let both = dora.texts(direct, said[0].len() + said[1].len()).await;
    assert_eq!(emil.texts(direct, both.len()).await, both);
    for said in &said {
        let of_one: Vec<_> = both.iter().filter(|text| said.contains(text)).collect();
        assert_eq!(
            of_one,
            said.iter().collect::<Vec<_>>(),
            "in order, each once"
        );
    }
    assert_eq!(both.len(), said[0].len() + said[1].len());
    a_fresh_device_reads_it_all(&server, folder.path().join("fresh"), &words, &both).await;
    the_database_is_sound(server);
}

/// Three members of a group, invited by a person.
async fn crowd(server: &Server, admin: &mut Person) -> (Vec<(Member, Wire)>, ConversationId) {
    let mut members = Vec::new();
    for (seed, name) in [(1, "anna"), (2, "ben"), (3, "cem")] {
        members.push(common::invited(server, &admin.invite().await, seed, name).await);
    }
    let known: Vec<_> = members.iter().map(|(m, _)| m.certificate.clone()).collect();
    for (member, _) in &mut members {
        known
            .iter()
            .for_each(|certificate| member.learn(certificate));
    }
    let group = founded(&mut members).await;
    (members, group)
}

async fn the_group_is_whole(server: &Server, group: ConversationId, senders: &mut [Sender]) {
    let mut wire = signed_in(server, &senders[0].member).await;
    let log = entries(&mut wire, group, 1).await;
    let mut places: HashMap<MessageId, u64> = HashMap::new();
    for (i, entry) in log.iter().enumerate() {
        assert_eq!(entry.seq, i as u64 + 1, "no gap, nothing twice");
        if let Some(message) = entry.message {
            assert_eq!(places.insert(message, entry.seq), None, "once");
        }
    }
    let mut expected = 0;
    for sender in senders.iter() {
        let ledger = &sender.ledger;
        assert!(ledger.accepted.len() > 100, "there was load");
        for (message, seq) in &ledger.accepted {
            assert_eq!(places.get(message), Some(seq), "acknowledged means there");
        }
        expected += ledger.accepted.len();
        expected += ledger
            .given_up
            .iter()
            .filter(|m| places.contains_key(m))
            .count();
    }
    assert_eq!(places.len(), expected, "nothing that nobody sent");
    // Everybody opens everything, in the same order, with the same transcript.
    let texts: HashMap<MessageId, String> = senders
        .iter()
        .flat_map(|s| s.ledger.texts.clone())
        .collect();
    for sender in senders.iter_mut() {
        for entry in &log[1..] {
            let text = sender.member.follow(entry);
            assert_eq!(text, entry.message.map(|message| texts[&message].clone()));
        }
    }
    let transcripts: HashSet<_> = senders.iter().map(|s| s.member.transcript(group)).collect();
    assert_eq!(transcripts.len(), 1);
}

async fn a_fresh_device_reads_it_all(
    server: &Server,
    folder: std::path::PathBuf,
    words: &e2ee::passphrase::Passphrase,
    texts: &[String],
) {
    let mut fresh = Person::open(server, folder, "dora");
    fresh.sign_in(words).await;
    let direct = fresh.ready().await;
    assert_eq!(fresh.all_texts(direct, texts.len()).await, texts);
}

fn the_database_is_sound(mut server: Server) {
    server.stop();
    let database =
        rusqlite::Connection::open(server.folder.join(storage_sqlite::DATABASE_FILE)).unwrap();
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}
