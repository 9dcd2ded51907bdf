//! Carries out effects, in order, beside the screen: the engine may take seconds, and the screen must not wait.

use ambient::SystemRandom;
use client::{Config, Engine, Update, view::ConversationView};
use client_native::{Folder, Handle, Peer, SqliteStore, Stopped, probe};
use tokio::sync::mpsc;

use crate::{
    app::{Effect, Event, News, Snapshot},
    texts::{Language, folder_problem},
};

type Running = Handle<Engine<SqliteStore>>;

/// Owns the engine's handle.
pub(super) struct Worker {
    folder: Folder,
    config: Config,
    language: Language,
    running: Option<Running>,
}

fn snapshot(engine: &Engine<SqliteStore>) -> Snapshot {
    Snapshot {
        me: engine.me(),
        organisation: engine.organisation(),
        set_up: engine.is_set_up(),
        connection: engine.connection(),
        conversations: in_sight(engine.conversations()),
        settings: engine.settings(),
        changed: engine.changed_identities(),
        news: news(engine),
    }
}

/// The newest comes last.
fn news(engine: &Engine<SqliteStore>) -> Vec<News> {
    let recovery = engine.recovery_changed().map(News::Recovery);
    let passphrase = engine.passphrase_changed().map(News::Passphrase);
    let sign_ins = engine.notices().into_iter();
    let sign_ins = sign_ins.map(|notice| News::SignIn {
        device: notice.device,
        name: notice.name,
        time: notice.time,
    });
    let others = recovery.into_iter().chain(passphrase);
    others.chain(sign_ins).collect()
}

/// Whom a person looks for comes back with `/talk`.
fn in_sight(mut conversations: Vec<ConversationView>) -> Vec<ConversationView> {
    conversations.retain(|row| !row.hidden);
    conversations
}

impl Worker {
    pub(super) fn new(folder: Folder, config: Config, language: Language) -> Self {
        Self {
            folder,
            config,
            language,
            running: None,
        }
    }

    /// Works until there is nothing more to come, then stops the engine.
    pub(super) async fn run(
        mut self,
        mut effects: mpsc::UnboundedReceiver<Effect>,
        events: mpsc::Sender<Event>,
    ) {
        while let Some(effect) = effects.recv().await {
            let answer = match self.carry_out(effect, &events).await {
                Ok(answer) => answer,
                Err(Stopped) => Some(Event::Stopped),
            };
            if let Some(answer) = answer
                && events.send(answer).await.is_err()
            {
                break;
            }
        }
        if let Some(running) = self.running {
            running.stop().await;
        }
    }

    async fn carry_out(
        &mut self,
        effect: Effect,
        events: &mpsc::Sender<Event>,
    ) -> Result<Option<Event>, Stopped> {
        let effect = match effect {
            Effect::Probe(address, pin) => {
                let shown = probe(&address, pin).await;
                return Ok(Some(Event::Probed(address, shown)));
            }
            Effect::Start(peer) => return Ok(Some(self.start(peer, events).await)),
            Effect::Remember(peer) => {
                let kept = self.folder.remember(&peer);
                let failed = kept
                    .err()
                    .map(|error| folder_problem(self.language, &error));
                return Ok(failed.map(Event::Failed));
            }
            Effect::NewPassphrase(language) => {
                let mut rng = ambient::generator(&SystemRandom);
                let made = e2ee::passphrase::generate(&mut rng, language.words());
                return Ok(Some(Event::Passphrase(made)));
            }
            Effect::NewRecoveryCode => {
                let mut rng = ambient::generator(&SystemRandom);
                let made = e2ee::recovery::RecoveryCode::generate(&mut rng);
                return Ok(Some(Event::RecoveryCode(made)));
            }
            other => other,
        };
        match &self.running {
            Some(running) => Self::ask(running, effect).await,
            None => Ok(None),
        }
    }

    async fn ask(running: &Running, effect: Effect) -> Result<Option<Event>, Stopped> {
        Ok(match effect {
            Effect::Command(command) => {
                running.command(command).await?;
                None
            }
            Effect::Snapshot => {
                let shown = running.query(snapshot).await?;
                Some(Event::Snapshot(Box::new(shown)))
            }
            Effect::Load {
                conversation,
                limit,
            } => {
                let page = running
                    .query(move |engine| engine.timeline(conversation, None, limit))
                    .await?;
                Some(Event::Page(conversation, page))
            }
            Effect::Safety(member) => {
                let (number, verified) = running
                    .query(move |engine| {
                        let person = engine.person(member);
                        let verified = person.is_some_and(|person| person.verified);
                        (engine.safety_number(member), verified)
                    })
                    .await?;
                Some(Event::Safety(member, number, verified))
            }
            Effect::Who(members) => {
                let people = running
                    .query(move |engine| {
                        let people = members.into_iter();
                        people.filter_map(|member| engine.person(member)).collect()
                    })
                    .await?;
                Some(Event::Who(people))
            }
            _ => None,
        })
    }

    async fn start(&mut self, peer: Peer, events: &mpsc::Sender<Event>) -> Event {
        let (folder, config) = (self.folder.clone(), self.config.clone());
        let started = tokio::task::spawn_blocking(move || folder.start(peer, config)).await;
        let (running, updates) = match started {
            Ok(Ok(running)) => running,
            Ok(Err(error)) => return Event::NotStarted(folder_problem(self.language, &error)),
            Err(error) => return Event::NotStarted(error.to_string()),
        };
        tokio::spawn(hand_on(updates, events.clone()));
        tokio::spawn(watch_problem(running.clone(), events.clone()));
        self.running = Some(running);
        Event::Started
    }
}

async fn hand_on(mut updates: mpsc::Receiver<Update>, events: mpsc::Sender<Event>) {
    while let Some(update) = updates.recv().await {
        if events.send(Event::Update(update)).await.is_err() {
            return;
        }
    }
    // nobody may listen any more: then the app is quitting
    let _ = events.send(Event::Stopped).await;
}

async fn watch_problem(running: Running, events: mpsc::Sender<Event>) {
    let mut problem = running.problem();
    // the handle would keep the driver running
    drop(running);
    while problem.changed().await.is_ok() {
        let now = problem.borrow_and_update().clone();
        if events.send(Event::Problem(now)).await.is_err() {
            return;
        }
    }
}
