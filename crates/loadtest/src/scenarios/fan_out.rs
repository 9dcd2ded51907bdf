//! One author writes to a group; every member has a session that counts.

use std::time::Duration;

use protocol::{
    ConversationId,
    methods::{
        conversations::CommitConversation,
        people::{ClaimKeyPackage, ClaimedKeyPackage},
    },
};
use testkit::Change;
use tokio::sync::watch;

use crate::{
    crowd::now,
    error::Error,
    pairs::{acquaint, follow},
    process::cpu_per_thousand,
    run::Test,
    scenarios::direct::used,
    session::{OPENING, Session, Someone, in_parallel, lock},
    talk::{Author, Listener, Pace, Tally, Window},
};

/// Members that one commit adds.
const CHUNK: usize = 20;
/// The easy load: a message every so often.
const CALM: Duration = Duration::from_millis(100);

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    let members = test.crowd.up_to(test.options.group.max(2)).await?;
    test.needs_connections(members.len())?;
    let Some((author, others)) = members.split_first() else {
        return Ok(());
    };
    let conversation = found(test, author, others).await?;
    let (dialer, text) = (test.dialer(), test.options.text_bytes);
    let mut author = Author::new(dialer.clone(), author.clone(), conversation, text).await?;
    let jobs: Vec<_> = others
        .iter()
        .map(|m| Listener::new(dialer.clone(), m.clone()))
        .collect();
    let mut listeners = in_parallel(OPENING, jobs.into_iter()).await?;

    let most = test.options.group_in_flight.max(1);
    let loads = [
        (
            format!("{} messages/s", 1000 / CALM.as_millis()),
            Pace::Every(CALM),
        ),
        (format!("{most} in flight"), Pace::InFlight(most)),
    ];
    for (name, pace) in loads {
        let load = format!("fan-out to {} sessions, {name}", members.len());
        (author, listeners) = measure(test, load, author, listeners, pace).await?;
    }
    Ok(())
}

async fn measure(
    test: &mut Test,
    load: String,
    author: Author,
    listeners: Vec<Listener>,
    pace: Pace,
) -> Result<(Author, Vec<Listener>), Error> {
    let sessions = listeners.len();
    let window = Window::starting(test.window());
    let cpu = tokio::spawn(used(test.process, window.from, window.until));
    let (last, told) = watch::channel(None);
    let jobs = listeners
        .into_iter()
        .map(move |l| l.listen(window, told.clone()));
    let counting = tokio::spawn(in_parallel(sessions, jobs));
    let (author, mut tally) = author.write(pace, window).await?;
    // nobody listens any more only when counting has failed, which is told below
    let _ = last.send(Some(tally.newest));
    let mut listeners = Vec::with_capacity(sessions);
    let mut heard = Tally::default();
    for (listener, counted) in counting.await?? {
        listeners.push(listener);
        heard.add(counted);
    }
    let missing = (tally.sent * sessions).saturating_sub(heard.heard);
    tally.delivered += heard.delivered;
    tally.resyncs += heard.resyncs;
    let cpu = cpu.await??;

    let seconds = window.seconds();
    let mut figures = test.figures(load);
    figures.add(
        "sent and acknowledged, messages/s",
        tally.acknowledged as f64 / seconds,
    );
    figures.durations("acknowledged after", &mut tally.acknowledgements);
    figures.add("deliveries/s", tally.delivered as f64 / seconds);
    figures.durations("delivered after", &mut heard.deliveries);
    figures.add("missing deliveries", missing as f64);
    figures.add("refused with a time to wait", tally.refused as f64);
    figures.add("resyncs", tally.resyncs as f64);
    if let Some(cpu) = cpu {
        figures.add("server, cores busy", cpu / seconds);
    }
    cpu_per_thousand(&mut figures, cpu, "deliveries", tally.delivered);
    Ok((author, listeners))
}

/// A group made by hand: claimed key packages, a founding commit, and one commit for each chunk of members. Those added
/// need not join: they get its entries, and open none.
async fn found(
    test: &Test,
    founder: &Someone,
    others: &[Someone],
) -> Result<ConversationId, Error> {
    let mut session = Session::resume(&test.dialer(), founder).await?;
    let id = lock(founder).conversation_id();
    for (n, chunk) in others.chunks(CHUNK).enumerate() {
        let mut claims = Vec::new();
        for other in chunk {
            acquaint(founder, other);
            let member = lock(other).member;
            claims.push(ClaimKeyPackage { member });
        }
        let packages = session.call_all(&claims).await?;
        let members = claims.iter().map(|claim| claim.member);
        let add: Vec<_> = members.zip(packages).collect();
        if n == 0 {
            let create = lock(founder).found_group(id, add, now());
            session.call(&create).await?;
        } else {
            let commit = grow(founder, id, add);
            session.call(&commit).await?;
        }
        follow(&mut session, founder, id, n as u64 + 1).await?;
    }
    Ok(id)
}

fn grow(
    founder: &Someone,
    id: ConversationId,
    add: Vec<(protocol::MemberId, ClaimedKeyPackage)>,
) -> CommitConversation {
    let change = Change {
        add,
        cut: true,
        ..Change::default()
    };
    lock(founder).change(id, change, now())
}
