//! Ties the state to a terminal and an engine.

mod terminal;
mod worker;

use std::{path::PathBuf, time::Duration};

use ambient::{Clock as _, SystemClock};
use anyhow::Context as _;
use client_native::Folder;
use tokio::sync::mpsc;

use crate::{
    app::{App, Effect, Entry, Event},
    calendar::Zone,
    clean,
    draw::draw,
    texts::{Language, Text, folder_problem},
    theme::Theme,
};
use terminal::{Screen, asked_to_end};
use worker::Worker;

/// Events that wait to be taken in; more make their senders wait.
const EVENTS: usize = 256;
/// How long quitting may take at most.
const GOODBYE: Duration = Duration::from_secs(3);

/// What `chatalk chat` is started with.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Address of the server: https://HOST:PORT
    #[arg(long, value_name = "ADDRESS", env = "CHATALK_SERVER")]
    pub server: Option<String>,
    /// Fingerprint of the server's certificate authority, as its terminal shows it: 64 hexadecimal digits, or six words
    #[arg(long, value_name = "HEX|WORDS", num_args = 1..=8)]
    pub fingerprint: Vec<String>,
    /// Folder for keys and messages of this device
    #[arg(long, value_name = "DIR", env = "CHATALK_FOLDER")]
    pub folder: Option<PathBuf>,
    /// Invitation link
    #[arg(long, value_name = "LINK")]
    pub invitation: Option<String>,
    /// Language: en or fr (default: that of the environment)
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// Cheapest key stretching; for tests only
    #[arg(long, hide = true)]
    pub test_stretching: bool,
}

/// Runs the terminal client until the person quits.
///
/// # Errors
/// When there is no terminal, or an argument can't be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let language = Language::choose(args.language.as_deref(), |name| std::env::var(name).ok());
    let folder = args.folder.as_ref().map_or_else(Folder::usual, Folder::new);
    let entry = entry(args, &folder, language)?;
    let config = if args.test_stretching {
        client::Config::cheapest()
    } else {
        client::Config::production()
    };
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let app = App::new(
        language,
        Zone::Local,
        Theme { colour },
        SystemClock.now(),
        entry,
    );
    let worker = Worker::new(folder, config, language);
    // a thread of its own: the caller may be inside a runtime
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let ended = runtime.block_on(show(app, worker));
        // a name may be being looked up; nothing waits for it
        runtime.shutdown_background();
        ended
    });
    match thread.join() {
        Ok(ended) => ended,
        // the panic was printed already, on a terminal in order
        Err(_) => anyhow::bail!("{}", language.say(Text::FailStopped)),
    }
}

fn entry(args: &Args, folder: &Folder, language: Language) -> anyhow::Result<Entry> {
    let known = folder
        .known()
        .map_err(|error| anyhow::anyhow!("{}", folder_problem(language, &error)))?;
    let server = args
        .server
        .as_deref()
        .map(str::parse)
        .transpose()
        .with_context(|| language.say(Text::ServerBad))?;
    let pin = (!args.fingerprint.is_empty())
        .then(|| args.fingerprint.join(" ").parse())
        .transpose()
        .with_context(|| language.say(Text::FingerprintBad))?;
    Ok(Entry {
        known,
        server,
        pin,
        invitation: args.invitation.clone(),
        device_name: device_name(language),
    })
}

/// The machine's name, so that its owner recognises it.
fn device_name(language: Language) -> String {
    let name = std::fs::read_to_string("/etc/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .map(|name| clean::fit(name.trim(), 40))
        .filter(|name| !name.is_empty());
    match name {
        Some(name) => language.fill(Text::DeviceOn, &[&name]),
        None => language.say(Text::Device).to_owned(),
    }
}

async fn show(mut app: App, worker: Worker) -> anyhow::Result<()> {
    let mut screen = Screen::open().with_context(|| app.language.say(Text::NeedsTerminal))?;
    let (to_app, mut events) = mpsc::channel(EVENTS);
    let (effects, to_do) = mpsc::unbounded_channel();
    app.on(Event::Resize(screen.size().0, screen.size().1));
    terminal::listen(to_app.clone());
    let worker = tokio::spawn(worker.run(to_do, to_app));
    let ended = converse(&mut app, &mut screen, &mut events, &effects).await;
    // the terminal first: it must not look stuck while the engine says goodbye
    drop(screen);
    drop(effects);
    drop(events);
    // it has its time; what is not done by then is in the outbox
    let _ = tokio::time::timeout(GOODBYE, worker).await;
    ended
}

async fn converse(
    app: &mut App,
    screen: &mut Screen,
    events: &mut mpsc::Receiver<Event>,
    effects: &mpsc::UnboundedSender<Effect>,
) -> anyhow::Result<()> {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut end = std::pin::pin!(asked_to_end());
    loop {
        for effect in app.take_effects() {
            if matches!(effect, Effect::Quit) {
                return Ok(());
            }
            // an error means that the worker ended, which it told
            let _ = effects.send(effect);
        }
        screen.draw(|frame| draw(app, frame))?;
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => app.on(event),
                None => return Ok(()),
            },
            _ = second.tick() => app.on(Event::Tick(SystemClock.now())),
            () = &mut end => return Ok(()),
        }
        // what came together is drawn once
        for _ in 0..EVENTS {
            match events.try_recv() {
                Ok(event) => app.on(event),
                Err(_) => break,
            }
        }
    }
}
