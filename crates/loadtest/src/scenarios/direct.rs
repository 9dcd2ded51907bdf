//! Pairs write to each other; every member has so many messages waiting for their acknowledgement.

use tokio::time::{Instant, sleep_until};

use crate::{
    error::Error,
    process::{Meter, Process, cpu_per_thousand},
    run::Test,
    session::{OPENING, in_parallel},
    talk::{Author, Pace, Tally, Window},
};

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    for in_flight in test.options.in_flight.clone() {
        measure(test, in_flight.max(2)).await?;
    }
    Ok(())
}

async fn measure(test: &mut Test, in_flight: usize) -> Result<(), Error> {
    let pairs = test
        .pairs(test.options.pairs.clamp(1, in_flight / 2))
        .await?;
    let each = (in_flight / (2 * pairs.len())).max(1);
    test.needs_connections(2 * pairs.len())?;
    let (dialer, text) = (test.dialer(), test.options.text_bytes);
    let members = pairs.iter().flat_map(|pair| {
        let both = pair.members.iter().cloned();
        both.map(|member| (pair.conversation, member))
    });
    let jobs: Vec<_> = members
        .map(|(id, member)| Author::new(dialer.clone(), member, id, text))
        .collect();
    let authors = in_parallel(OPENING, jobs.into_iter()).await?;

    let sessions = authors.len();
    let body = authors.first().map_or(0, Author::body_bytes);
    let window = Window::starting(test.window());
    let cpu = tokio::spawn(used(test.process, window.from, window.until));
    let jobs = authors
        .into_iter()
        .map(|author| author.write(Pace::InFlight(each), window));
    let mut tally = Tally::default();
    // all at the same time
    for (_, counted) in in_parallel(sessions, jobs).await? {
        tally.add(counted);
    }
    let cpu = cpu.await??;

    let load = format!("direct, {} in flight", each * sessions);
    let seconds = window.seconds();
    let mut figures = test.figures(load);
    figures.add("sessions", sessions as f64);
    figures.add("sealed body, bytes", body as f64);
    figures.add(
        "acknowledged, messages/s",
        tally.acknowledged as f64 / seconds,
    );
    figures.durations("acknowledged after", &mut tally.acknowledgements);
    figures.add("delivered, entries/s", tally.delivered as f64 / seconds);
    figures.durations("at the other after", &mut tally.deliveries);
    figures.add("refused with a time to wait", tally.refused as f64);
    figures.add("resyncs", tally.resyncs as f64);
    if let Some(cpu) = cpu {
        figures.add("server, cores busy", cpu / seconds);
    }
    cpu_per_thousand(&mut figures, cpu, "messages", tally.acknowledged);
    Ok(())
}

/// Processor time of the server between two moments.
pub(crate) async fn used(
    process: Option<Process>,
    from: Instant,
    until: Instant,
) -> Result<Option<f64>, Error> {
    sleep_until(from).await;
    let meter = Meter::start(process)?;
    sleep_until(until).await;
    meter.read()
}
