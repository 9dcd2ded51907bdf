//! Bad input and misuse against the real server: each gets a typed error or a refusal, and two members who talk
//! meanwhile notice nothing. docs/testing.md says which test covers which line.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod conversations;
mod floods;
mod frames;
mod guessing;
mod names;
mod sessions;
mod tickets;

use common::{FAST, Server, Wire, direct, invite, now, set_up};
use protocol::{ConversationId, ErrorCode, Event, Method, WireError};
use tempfile::TempDir;
use testkit::Member;

/// A server with an administrator, and two others who talk.
struct World {
    server: Server,
    anna: (Member, Wire),
    talkers: Vec<(Member, Wire)>,
    talk: ConversationId,
    said: u64,
    _folder: TempDir,
}

impl World {
    async fn start() -> Self {
        Self::start_with(FAST).await
    }

    async fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&folder.path().join("data"), options);
        let mut anna = set_up(&server, "anna").await;
        let mut talkers = Vec::new();
        for (seed, name) in [(2, "ben"), (3, "cem")] {
            talkers.push(invite(&server, (&mut anna.0, &mut anna.1), seed, name).await);
        }
        let certificates: Vec<_> = talkers.iter().map(|(m, _)| m.certificate.clone()).collect();
        for (member, _) in &mut talkers {
            certificates.iter().for_each(|c| member.learn(c));
        }
        let talk = direct(&mut talkers).await;
        let mut world = Self {
            server,
            anna,
            talkers,
            talk,
            said: 0,
            _folder: folder,
        };
        world.talk_on().await;
        world
    }

    /// The two write to each other, on the connections that they have had from the beginning.
    async fn talk_on(&mut self) {
        for author in 0..2 {
            self.said += 1;
            let text = format!("undisturbed {}", self.said);
            let (member, wire) = &mut self.talkers[author];
            let send = member.seal(self.talk, &text, now());
            let accepted = wire.call(&send).await.unwrap();
            assert_eq!(
                accepted.seq,
                self.said + 1,
                "nothing else came into their log"
            );
            for (member, wire) in &mut self.talkers {
                let entry = wire
                    .event_like(|event| match event {
                        Event::Entry(new) if new.entry.message == Some(send.message) => {
                            Some(new.entry)
                        }
                        Event::Resync | Event::Goodbye(_) => panic!("disturbed"),
                        _ => None,
                    })
                    .await;
                assert_eq!(member.follow(&entry).as_deref(), Some(text.as_str()));
            }
        }
    }

    async fn guest(&self) -> Wire {
        Wire::connect(&self.server).await
    }

    async fn signed_in(&self) -> Wire {
        common::signed_in(&self.server, &self.anna.0).await
    }
}

/// What a request is refused with.
async fn refusal<M: Method>(wire: &mut Wire, params: &M) -> WireError {
    match wire.call(params).await {
        Ok(_) => panic!("{} was accepted", M::NAME),
        Err(error) => {
            assert!(!error.message.is_empty(), "a person can act on it");
            error
        }
    }
}

async fn code<M: Method>(wire: &mut Wire, params: &M) -> ErrorCode {
    refusal(wire, params).await.code
}
