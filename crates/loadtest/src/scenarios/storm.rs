//! All sessions are cut at the same moment, and all come back at once, without the jitter that real clients have.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use client_native::Dialer;
use protocol::methods::sync::Cursor;
use tokio::time::{Instant, sleep};

use crate::{
    error::Error,
    figures::Durations,
    process::{Meter, cpu_per_thousand},
    run::Test,
    session::{OPENING, Session, Someone, in_parallel},
};

/// A session that was not let in tries again after this, as clients do (docs/protocol.md, section 3).
const AGAIN: Duration = Duration::from_secs(2);
/// Attempts of one session before the test is given up.
const ATTEMPTS: usize = 30;

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    let count = test.options.storm.max(1);
    test.needs_connections(count)?;
    // half of the members at least have a conversation to be synced
    test.pairs((count / 4).min(test.options.pairs)).await?;
    let members = test.crowd.up_to(count).await?;
    let dialer = test.dialer();
    let member = |n: usize| members[n % members.len()].clone();
    let opening = (0..count).map(|n| first(dialer.clone(), member(n)));
    let opening: Vec<_> = opening.collect();
    let sessions = in_parallel(OPENING, opening.into_iter()).await?;
    let cursors: Vec<_> = sessions
        .iter()
        .map(|(_, cursors)| cursors.clone())
        .collect();

    let refused = Arc::new(AtomicUsize::new(0));
    let meter = Meter::start(test.process)?;
    let begun = Instant::now();
    drop(sessions);
    let back = cursors.into_iter().enumerate();
    let back = back.map(|(n, c)| again(dialer.clone(), member(n), c, begun, refused.clone()));
    let back: Vec<_> = back.collect();
    let done = in_parallel(count, back.into_iter()).await?;
    let cpu = meter.read()?;
    let mut durations = Durations::default();
    let mut resumed = 0;
    let mut open = Vec::with_capacity(count);
    for (session, took) in done {
        durations.add(took);
        resumed += usize::from(session.is_resumed());
        open.push(session);
    }

    let mut figures = test.figures(format!("reconnect-storm, {count} sessions"));
    figures.durations("synced after", &mut durations);
    let all = durations.quantile(1.0) / 1000.0;
    figures.add("sessions/s", count as f64 / all);
    let refused = refused.load(Ordering::Relaxed);
    figures.add("attempts that failed", refused as f64);
    figures.add("TLS handshakes resumed", resumed as f64);
    cpu_per_thousand(&mut figures, cpu, "sessions", count);
    drop(open);
    Ok(())
}

async fn first(dialer: Arc<Dialer>, member: Someone) -> Result<(Session, Vec<Cursor>), Error> {
    let (session, started) = Session::synced(&dialer, &member, Vec::new()).await?;
    let cursors = started.changed.iter().map(|summary| Cursor {
        conversation: summary.conversation,
        seq: summary.head_seq,
    });
    Ok((session, cursors.collect()))
}

async fn again(
    dialer: Arc<Dialer>,
    member: Someone,
    cursors: Vec<Cursor>,
    begun: Instant,
    refused: Arc<AtomicUsize>,
) -> Result<(Session, Duration), Error> {
    for _ in 1..ATTEMPTS {
        match Session::synced(&dialer, &member, cursors.clone()).await {
            Ok((session, _)) => return Ok((session, begun.elapsed())),
            Err(Error::Link(_) | Error::Closed(_) | Error::Slow { .. }) => {
                refused.fetch_add(1, Ordering::Relaxed);
                sleep(AGAIN).await;
            }
            Err(error) => return Err(error),
        }
    }
    let (session, _) = Session::synced(&dialer, &member, cursors).await?;
    Ok((session, begun.elapsed()))
}
