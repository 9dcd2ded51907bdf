//! Sessions that are signed in and synced, and do nothing.

use std::{sync::Arc, time::Duration};

use client_native::Dialer;
use protocol::methods::account::Ping;
use tokio::time::{Instant, sleep};

use crate::{
    error::Error,
    process::{Meter, cpu_per_thousand},
    run::Test,
    session::{OPENING, Session, Someone, in_parallel},
};

/// How long the sessions are left alone before the memory is read.
const SETTLE: Duration = Duration::from_secs(1);
/// How long what idleness costs is measured.
const REST: Duration = Duration::from_secs(5);

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    let count = test.options.sessions.max(1);
    test.needs_connections(count)?;
    let fresh = test
        .process
        .map(|process| process.resident_kb())
        .transpose()?;
    let members = test.options.idle_members.unwrap_or(count).clamp(1, count);
    let members = test.crowd.up_to(members).await?;
    sleep(SETTLE).await;
    let before = test
        .process
        .map(|process| process.resident_kb())
        .transpose()?;

    let meter = Meter::start(test.process)?;
    let begun = Instant::now();
    let dialer = test.dialer();
    let opening: Vec<_> = (0..count)
        .map(|n| open(dialer.clone(), members[n % members.len()].clone()))
        .collect();
    let mut sessions = in_parallel(OPENING, opening.into_iter()).await?;
    let opened = begun.elapsed().as_secs_f64();
    let cpu = meter.read()?;
    sleep(SETTLE).await;
    let with = test
        .process
        .map(|process| process.resident_kb())
        .transpose()?;
    let resting = Meter::start(test.process)?;
    sleep(REST).await;
    let rest = resting.read()?;
    // they were all there the whole time
    for session in &mut sessions {
        session.call(&Ping {}).await?;
    }
    drop(sessions);

    let mut figures = test.figures(format!("idle, {count} sessions"));
    figures.add("members", members.len() as f64);
    figures.add("opened and synced, sessions/s", count as f64 / opened);
    cpu_per_thousand(&mut figures, cpu, "sessions opened", count);
    if let (Some(fresh), Some(before), Some(with)) = (fresh, before, with) {
        figures.add(
            "server, memory before registering them, MB",
            fresh as f64 / 1024.0,
        );
        figures.add("server, memory before opening, MB", before as f64 / 1024.0);
        figures.add("server, memory with the sessions, MB", with as f64 / 1024.0);
        let each = |base: u64| with.saturating_sub(base) as f64 / count as f64;
        figures.add("server, memory per session, KB", each(before));
        figures.add(
            "server, the same with what registering left, KB",
            each(fresh),
        );
    }
    if let Some(rest) = rest {
        figures.add(
            "server, CPU ms a second",
            rest * 1000.0 / REST.as_secs_f64(),
        );
    }
    Ok(())
}

async fn open(dialer: Arc<Dialer>, member: Someone) -> Result<Session, Error> {
    let (session, _) = Session::synced(&dialer, &member, Vec::new()).await?;
    Ok(session)
}
