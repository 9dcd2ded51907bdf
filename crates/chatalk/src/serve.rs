//! `chatalk serve`: wires database, services and gateway together and runs them until a signal comes.

mod browser;
mod certificates;
mod data;
mod options;
mod qr;
mod signals;
mod start;
mod tap;
mod web;
mod words;

use std::{io::IsTerminal, sync::Arc, time::Duration};

use ambient::SystemClock;
use anyhow::Result;
use gateway::server::{self, Site};
use tokio::{net::TcpListener, runtime::Builder, task::JoinHandle};
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

pub use options::Options;

use certificates::Certificates;
use start::Running;
use words::Told;

/// Sessions get so long to read their goodbye and what was at work for them.
const PATIENCE: Duration = Duration::from_secs(5);

/// The usual port of HTTPS.
const HTTPS: u16 = 443;

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
    let local = options.bind_local().await?;
    let port = listener.local_addr()?.port();
    // The database first: it keeps a second server out of the folder.
    let storage = data::open(&folder)?;
    let certificates = Certificates::prepare(&options, &folder, &SystemClock)?;
    let addresses = certificates.addresses(&options, port);
    let running = start::start(&options, &folder, storage, addresses, &certificates).await?;
    let local_port = local.first().map(TcpListener::local_addr).transpose()?;
    let told = Told::new(
        &folder,
        port,
        local_port.map(|address| address.port()),
        &certificates,
        &running,
    );
    words::tell(&options, &told)?;
    if let Some(first_run) = told.first_run() {
        browser::open(&options, &first_run);
    }
    let Running {
        gateway, mut tasks, ..
    } = running;
    let site = Site {
        gateway: Arc::clone(&gateway),
        web: Arc::new(web::app()),
    };
    tasks.extend(serve_local(local, &site));
    // Browsers keep it for the whole host with all ports: where the certificate is a real one and the port is the usual one.
    let strict_transport = options.cert.is_some() && port == HTTPS;
    tasks.push(tokio::spawn(certificates::renew(
        options,
        folder,
        Arc::clone(&certificates.current),
    )));
    let tls = gateway::tls::server_config(Arc::clone(&certificates.current))?;
    server::serve(listener, tls, site, strict_transport, stop).await;
    tracing::info!("ending");
    for task in tasks {
        task.abort();
    }
    gateway.shut_down(PATIENCE).await;
    Ok(())
}

/// The entrance for browsers on this machine.
fn serve_local(listeners: Vec<TcpListener>, site: &Site) -> Vec<JoinHandle<()>> {
    let serve = |listener| {
        let site = site.clone();
        tokio::spawn(async move {
            if let Err(error) = server::serve_local(listener, site, std::future::pending()).await {
                tracing::error!(%error, "serving http://localhost");
            }
        })
    };
    listeners.into_iter().map(serve).collect()
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
