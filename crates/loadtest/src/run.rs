//! Runs what was asked for.

use std::{fs, sync::Arc, time::Duration};

use client_native::{Dialer, Fingerprint, Peer, probe};
use serde_json::json;

use crate::{
    crowd::{Crowd, now},
    error::Error,
    figures::{Figure, Figures, Report},
    machine,
    options::{Options, Scenario},
    pairs::{self, Pair},
    process::Process,
    scenarios,
    session::Session,
};

/// What the scenarios share.
pub(crate) struct Test {
    pub(crate) options: Options,
    pub(crate) crowd: Crowd,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) process: Option<Process>,
    pub(crate) peer: Peer,
    /// Connections that the server allows from here.
    pub(crate) connections: usize,
    pub(crate) figures: Vec<Figure>,
}

impl Test {
    pub(crate) fn dialer(&self) -> Arc<Dialer> {
        Arc::clone(&self.crowd.dialer)
    }

    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(u64::from(self.options.seconds))
    }

    /// Pairs of members, as many as there can be up to `count`, at least one.
    pub(crate) async fn pairs(&mut self, count: usize) -> Result<Vec<Pair>, Error> {
        let members = self.crowd.up_to(2 * count).await?.len();
        let count = count.min(members / 2).max(1);
        pairs::make(&mut self.crowd, &mut self.pairs, count).await?;
        Ok(self.pairs[..count].to_vec())
    }

    /// Where the figures of a load go.
    pub(crate) fn figures(&mut self, load: impl Into<String>) -> Figures<'_> {
        Figures {
            load: load.into(),
            into: &mut self.figures,
        }
    }

    /// Refuses a scenario that needs more connections than the server gives to one address.
    pub(crate) fn needs_connections(&self, count: usize) -> Result<(), Error> {
        if count <= self.connections {
            return Ok(());
        }
        Err(Error::Limit(format!(
            "the server allows {} connections of one address, and this needs {count}: start it with \
             --connections-per-address {count}",
            self.connections
        )))
    }
}

/// Measures a running instance.
///
/// # Errors
/// [`Error`]. What was measured until then is lost.
pub async fn run(options: Options) -> Result<Report, Error> {
    let began = now();
    raise_file_limit();
    let mut machine = machine::describe(options.server_pid);
    machine::moment(&mut machine, "before", &options.disk)?;
    let authority = probe(&options.server, Some(options.fingerprint.clone())).await?;
    let dialer = Dialer::new(options.server.clone(), authority)?;
    let hello = Session::open(&dialer).await?.hello;
    let mut test = test(options, dialer, authority).await?;
    test.connections = hello.limits.connections_per_address as usize;
    for scenario in test.options.scenarios() {
        match scenario {
            Scenario::Idle => scenarios::idle::run(&mut test).await?,
            Scenario::Direct => scenarios::direct::run(&mut test).await?,
            Scenario::FanOut => scenarios::fan_out::run(&mut test).await?,
            Scenario::CatchUp => scenarios::catch_up::run(&mut test).await?,
            Scenario::SignOut => scenarios::sign_out::run(&mut test).await?,
            Scenario::Removal => scenarios::removal::run(&mut test).await?,
            Scenario::ReconnectStorm => scenarios::storm::run(&mut test).await?,
        }
    }
    machine::moment(&mut machine, "after", &test.options.disk)?;
    let report = Report {
        loadtest: env!("CARGO_PKG_VERSION").to_owned(),
        server: hello.server,
        began,
        machine,
        parameters: parameters(&test.options),
        notes: test.options.note.clone(),
        figures: test.figures,
    };
    if let Some(path) = &test.options.json {
        let text = serde_json::to_string_pretty(&report).unwrap_or_default();
        fs::write(path, text + "\n").map_err(Error::io(path.display().to_string()))?;
    }
    Ok(report)
}

async fn test(options: Options, dialer: Dialer, authority: Fingerprint) -> Result<Test, Error> {
    let process = options.server_pid.map(Process);
    let mut figures = Vec::new();
    let mut first = Figures {
        load: "start".to_owned(),
        into: &mut figures,
    };
    for given in &options.figure {
        let (name, value) = given.split_once('=').unwrap_or((given, ""));
        let value = value
            .parse()
            .map_err(|_| Error::Limit(format!("--figure {given}: give NAME=NUMBER")))?;
        first.add(name, value);
    }
    if let Some(process) = process {
        let mb = process.resident_kb()? as f64 / 1024.0;
        first.add("server, memory before anything, MB", mb);
    }
    Ok(Test {
        peer: Peer {
            addresses: vec![options.server.clone()],
            authority,
        },
        crowd: Crowd::new(dialer, &options).await?,
        pairs: Vec::new(),
        process,
        connections: 0,
        figures,
        options,
    })
}

fn parameters(options: &Options) -> serde_json::Value {
    let scenarios: Vec<_> = options
        .scenarios()
        .into_iter()
        .map(Scenario::name)
        .collect();
    json!({
        "scenarios": scenarios,
        "seconds": options.seconds,
        "text_bytes": options.text_bytes,
        "in_flight": options.in_flight,
        "pairs": options.pairs,
        "group": options.group,
        "group_in_flight": options.group_in_flight,
        "missed": options.missed,
        "cores": options.cores,
        "conversations": options.conversations,
        "online": options.online,
        "storm": options.storm,
        "sessions": options.sessions,
        "idle_members": options.idle_members,
    })
}

/// Each session is an open file; many systems allow few until they are asked.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // where it is not allowed, opening the sessions will say so
    let _ = setrlimit(Resource::Nofile, limit);
}
