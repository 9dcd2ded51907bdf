//! People with the real client: engine, SQLite store, driver.

use std::{path::PathBuf, time::Duration};

use client::{
    Command, Config, Engine, NewAccount, Update,
    view::{ConnectionView, ItemBody},
};
use client_native::{Folder, Handle, Peer, SqliteStore};
use e2ee::passphrase::{self, Passphrase};
use protocol::{ConversationId, MemberId};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::Server;

/// Longer than anything takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Person {
    pub handle: Handle<Engine<SqliteStore>>,
    updates: mpsc::Receiver<Update>,
    pub peer: Peer,
    folder: PathBuf,
    name: String,
}

/// A passphrase as typed.
pub fn passphrase(typed: &str) -> Passphrase {
    passphrase::prepare(typed).unwrap()
}

fn account(name: &str, passphrase: &Passphrase) -> NewAccount {
    NewAccount {
        login_name: name.to_owned(),
        display_name: String::new(),
        passphrase: passphrase.clone(),
        device_name: "a device".to_owned(),
    }
}

impl Person {
    /// Opens a folder of theirs with the client.
    pub fn open(server: &Server, folder: impl Into<PathBuf>, name: &str) -> Self {
        Self::open_at(server, server.port, folder, name)
    }

    /// The same with the server behind another port.
    pub fn open_at(server: &Server, port: u16, folder: impl Into<PathBuf>, name: &str) -> Self {
        let folder = folder.into();
        let peer = Peer {
            addresses: vec![format!("127.0.0.1:{port}").parse().unwrap()],
            authority: match server.fingerprint.parse().unwrap() {
                client_native::Pin::Whole(fingerprint) => fingerprint,
                client_native::Pin::Words(_) => unreachable!(),
            },
        };
        let (handle, updates) = Folder::new(&folder)
            .start(peer.clone(), Config::cheapest())
            .unwrap();
        Self {
            handle,
            updates,
            peer,
            folder,
            name: name.to_owned(),
        }
    }

    /// Closes it, and gives the folder.
    pub async fn close(self) -> PathBuf {
        self.handle.stop().await;
        self.folder
    }

    pub async fn command(&self, command: Command) {
        self.handle.command(command).await.unwrap();
    }

    /// Waits until the engine shows something.
    pub async fn until<R: Send + 'static>(
        &mut self,
        what: &str,
        read: impl Fn(&Engine<SqliteStore>) -> Option<R> + Clone + Send + 'static,
    ) -> R {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.handle.query(read.clone()).await.unwrap() {
                return found;
            }
            match timeout_at(deadline, self.updates.recv()).await {
                Ok(Some(update)) => self.heard(&update),
                other => panic!("{} waits for {what}: {other:?}", self.name),
            }
        }
    }

    /// Waits for an update.
    pub async fn told<R>(&mut self, what: &str, pick: impl Fn(Update) -> Option<R>) -> R {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match timeout_at(deadline, self.updates.recv()).await {
                Ok(Some(update)) => {
                    let text = format!("{update:?}");
                    match pick(update) {
                        Some(found) => return found,
                        None if text.starts_with("Failed") => panic!("{}: {text}", self.name),
                        None => {}
                    }
                }
                other => panic!("{} waits for {what}: {other:?}", self.name),
            }
        }
    }

    fn heard(&self, update: &Update) {
        if let Update::Failed { .. } = update {
            panic!("{}: {update:?}", self.name);
        }
    }

    async fn signed_in(&mut self) -> MemberId {
        let signed_in = |update| match update {
            Update::SignedIn { member } => Some(member),
            _ => None,
        };
        let member = self.told("being signed in", signed_in).await;
        self.online().await;
        member
    }

    /// Waits until everything is caught up with.
    pub async fn online(&mut self) {
        let online = |engine: &Engine<SqliteStore>| {
            (engine.connection() == ConnectionView::Online).then_some(())
        };
        self.until("being online", online).await;
    }

    /// Waits until the connection is known to be gone.
    pub async fn offline(&mut self) {
        let offline = |engine: &Engine<SqliteStore>| match engine.connection() {
            ConnectionView::Offline { .. } => Some(()),
            _ => None,
        };
        self.until("being offline", offline).await;
    }

    /// Waits for this many rows of any kind that have their place in the log.
    pub async fn items(&mut self, conversation: ConversationId, count: usize) {
        self.until("rows", move |engine| {
            let page = engine.timeline(conversation, None, 100_000).unwrap();
            let placed = page.items.iter().filter(|item| item.seq.is_some());
            (placed.count() >= count).then_some(())
        })
        .await;
    }

    pub async fn set_up(&mut self, code: &str, passphrase: &Passphrase) -> MemberId {
        let account = account(&self.name, passphrase);
        self.command(Command::SetUp {
            code: code.to_owned(),
            organisation: "Example".to_owned(),
            account,
        })
        .await;
        self.signed_in().await
    }

    pub async fn invite(&mut self) -> String {
        self.command(Command::Invite).await;
        self.told("an invitation", |update| match update {
            Update::Invitation { link, .. } => Some(link),
            _ => None,
        })
        .await
    }

    pub async fn register(&mut self, link: &str, passphrase: &Passphrase) -> MemberId {
        let account = account(&self.name, passphrase);
        self.command(Command::Register {
            invitation: link.to_owned(),
            account,
        })
        .await;
        self.signed_in().await
    }

    pub async fn sign_in(&mut self, passphrase: &Passphrase) -> MemberId {
        self.command(Command::SignIn {
            login_name: self.name.clone(),
            passphrase: passphrase.clone(),
            device_name: "another device".to_owned(),
        })
        .await;
        self.signed_in().await
    }

    /// Finds somebody by name and opens the direct conversation with them.
    pub async fn talk_to(&mut self, name: &str) -> ConversationId {
        self.command(Command::FindPeople {
            query: name.to_owned(),
        })
        .await;
        let name = name.to_owned();
        let member = self
            .told("people", |update| match update {
                Update::People(people) => {
                    let found = people.iter().find(|person| person.login_name == name);
                    found.map(|person| person.member)
                }
                _ => None,
            })
            .await;
        self.command(Command::OpenDirect { member }).await;
        self.told("the conversation", |update| match update {
            Update::Opened(id) => Some(id),
            _ => None,
        })
        .await
    }

    pub async fn say(&self, conversation: ConversationId, text: &str) {
        self.command(Command::SendText {
            conversation,
            text: text.to_owned(),
        })
        .await;
    }

    /// Waits until a conversation is there and can be written in.
    pub async fn ready(&mut self) -> ConversationId {
        self.until("a conversation", |engine| {
            let ready = engine.conversations().into_iter().find(|c| c.ready);
            ready.map(|c| c.conversation)
        })
        .await
    }

    /// Waits for this many texts that have their place in the log, and gives them all.
    pub async fn texts(&mut self, conversation: ConversationId, count: usize) -> Vec<String> {
        let what = format!("{count} texts");
        self.until(&what, move |engine| {
            let texts = texts(engine, conversation);
            (texts.len() >= count).then_some(texts)
        })
        .await
    }

    /// The same, fetching what is older from the server where the store does not have it.
    pub async fn all_texts(&mut self, conversation: ConversationId, count: usize) -> Vec<String> {
        self.command(Command::LoadOlder { conversation }).await;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (texts, older) = self
                .handle
                .query(move |engine| {
                    let page = engine.timeline(conversation, None, 100_000).unwrap();
                    (texts(engine, conversation), page.older_on_server)
                })
                .await
                .unwrap();
            if texts.len() >= count {
                return texts;
            }
            if older {
                self.command(Command::LoadOlder { conversation }).await;
            }
            match timeout_at(deadline, self.updates.recv()).await {
                Ok(Some(update)) => self.heard(&update),
                _ => panic!("{} has {} of {count} texts", self.name, texts.len()),
            }
        }
    }
}

/// Texts of the log, in its order.
fn texts(engine: &Engine<SqliteStore>, conversation: ConversationId) -> Vec<String> {
    let page = engine.timeline(conversation, None, 100_000).unwrap();
    let placed = page.items.into_iter().filter(|item| item.seq.is_some());
    placed
        .filter_map(|item| match item.body {
            ItemBody::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}
