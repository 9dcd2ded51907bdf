//! `chatalk serve`: wires database, services and gateway together and runs them until a signal comes.

mod certificates;
mod data;
mod options;
mod signals;
mod start;
mod tap;
mod words;

use std::{io::IsTerminal, sync::Arc, time::Duration};

use ambient::SystemClock;
use anyhow::Result;
use gateway::server;
use tokio::runtime::Builder;
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

pub use options::Options;

use certificates::Certificates;
use start::Running;

/// Sessions get so long to read their goodbye and what was at work for them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs the server; returns after SIGTERM or SIGINT.
pub fn run(options: Options) -> Result<()> {
    start_log(&options.log)?;
    raise_file_limit();
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(options))
}

/// Begins to log on standard error.
fn start_log(filter: &str) -> Result<()> {
    // At this level the WebSocket library writes whole frames, and so the tickets in them: never, whatever is asked.
    let no_frames = filter_fn(|about| {
        *about.level() < LevelFilter::TRACE || !about.target().starts_with("tungstenite")
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false);
    tracing_subscriber::registry()
        .with(EnvFilter::try_new(filter)?)
        .with(no_frames)
        .with(lines)
        .init();
    Ok(())
}

async fn serve(options: Options) -> Result<()> {
    // From here on a signal ends it in good order, also between what is printed and what is served.
    let stop = signals::end()?;
    let folder = options.folder()?;
    let listener = options.bind().await?;
    let port = listener.local_addr()?.port();
    // The database first: it keeps a second server out of the folder.
    let storage = data::open(&folder)?;
    let certificates = Certificates::prepare(&options, &folder, &SystemClock)?;
    let addresses = certificates.addresses(&options, port);
    let running = start::start(&options, &folder, storage, addresses, &certificates).await?;
    words::tell(&options, &folder, port, &certificates, &running)?;
    let Running { gateway, tasks, .. } = running;
    let renewal = tokio::spawn(certificates::renew(
        options,
        folder,
        Arc::clone(&certificates.current),
    ));
    let tls = gateway::tls::server_config(Arc::clone(&certificates.current))?;
    server::serve(listener, tls, Arc::clone(&gateway), stop).await;
    tracing::info!("ending");
    gateway.shut_down(PATIENCE).await;
    renewal.abort();
    for task in tasks {
        task.abort();
    }
    Ok(())
}

/// Each session is an open file; many systems allow few until they are asked.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "raising the limit of open files");
        }
    }
}
