//! Real client cores that were away while messages were written to them.

use std::{sync::Arc, time::Duration};

use client_native::Dialer;
use e2ee::{identity::AccountCertificate, invitation::Invitation};
use protocol::{
    ConversationId, MemberId,
    methods::people::{ClaimKeyPackage, GetPeople},
};
use tokio::time::Instant;

use crate::{
    crowd::now,
    error::Error,
    figures::Durations,
    pairs::follow,
    process::{Meter, cpu_per_thousand},
    real::Device,
    run::Test,
    session::{Session, Someone, in_parallel, lock},
};

/// A device that is off, and how far the log of its conversation has gone meanwhile.
struct Away {
    device: Device,
    conversation: ConversationId,
    head: u64,
}

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    let cores = test.options.cores.max(1);
    let missed = test.options.missed;
    let writers = test.crowd.members(cores).await?;
    let invitations = test.crowd.invitations(cores).await?;
    let mut jobs = Vec::new();
    for (writer, invitation) in writers.into_iter().zip(invitations) {
        let name = test.crowd.name();
        let text = "x".repeat(test.options.text_bytes);
        let device = Device::new(test.peer.clone());
        let dialer = test.dialer();
        jobs.push(async move {
            let (conversation, mut session) =
                meet(&device, &dialer, &writer, &invitation, name).await?;
            let head = write(&mut session, &writer, conversation, &text, missed).await?;
            Ok(Away {
                device,
                conversation,
                head,
            })
        });
    }
    let away = in_parallel(cores, jobs.into_iter()).await?;

    let meter = Meter::start(test.process)?;
    let took = in_parallel(cores, away.into_iter().map(come_back)).await?;
    let cpu = meter.read()?;
    let mut durations = Durations::default();
    let mut opened = 0;
    for (took, texts) in took {
        durations.add(took);
        opened += texts;
    }

    // all began at the same moment
    let longest = durations.quantile(1.0) / 1000.0;
    let messages = cores * missed;
    let load = format!("catch-up, {cores} client cores, {missed} messages each");
    let mut figures = test.figures(load);
    figures.durations("caught up after", &mut durations);
    figures.add(
        "fetched, checked and opened, messages/s",
        messages as f64 / longest,
    );
    figures.add("messages not opened", messages as f64 - opened as f64);
    cpu_per_thousand(&mut figures, cpu, "messages", messages);
    Ok(())
}

/// The device registers; the writer founds a direct conversation with its member; the device joins and is switched off.
async fn meet(
    device: &Device,
    dialer: &Arc<Dialer>,
    writer: &Someone,
    invitation: &Invitation,
    name: String,
) -> Result<(ConversationId, Session), Error> {
    let mut running = device.switch_on()?;
    let member = running.register(invitation, name).await?;
    let mut session = Session::resume(dialer, writer).await?;
    let certificate = certificate(&mut session, member).await?;
    let package = session.call(&ClaimKeyPackage { member }).await?;
    let (id, create) = {
        let mut writer = lock(writer);
        writer.learn(&certificate);
        let id = writer.conversation_id();
        (id, writer.found_direct(id, member, package, now()))
    };
    session.call(&create).await?;
    follow(&mut session, writer, id, 1).await?;
    running
        .until("a conversation to be joined", move |engine| {
            let joined = engine
                .followed()
                .iter()
                .any(|(c, seq, _)| *c == id && *seq >= 1);
            joined && engine.is_idle()
        })
        .await?;
    running.switch_off().await?;
    Ok((id, session))
}

async fn certificate(session: &mut Session, member: MemberId) -> Result<AccountCertificate, Error> {
    let members = vec![member];
    let people = session.call(&GetPeople { members }).await?.people;
    let newest = people.first().and_then(|person| person.certificates.last());
    newest
        .and_then(|bytes| AccountCertificate::decode(bytes).ok())
        .ok_or_else(|| Error::Core("its certificate can't be read".to_owned()))
}

/// Seals and sends so many messages, each its own; gives the seq of the last.
async fn write(
    session: &mut Session,
    writer: &Someone,
    conversation: ConversationId,
    text: &str,
    count: usize,
) -> Result<u64, Error> {
    let sealed: Vec<_> = {
        let mut writer = lock(writer);
        let seal = |_| writer.seal(conversation, text, now());
        (0..count).map(seal).collect()
    };
    let accepted = session.call_all(&sealed).await?;
    Ok(accepted
        .iter()
        .map(|accepted| accepted.seq)
        .max()
        .unwrap_or(1))
}

/// From switching the device on until it has followed the log to its end and nothing is under way; and how many messages
/// it then has opened: that a log was followed does not say so by itself.
async fn come_back(away: Away) -> Result<(Duration, usize), Error> {
    let begun = Instant::now();
    let mut running = away.device.switch_on()?;
    let Away {
        conversation, head, ..
    } = away;
    running
        .until("missed messages", move |engine| {
            let there =
                |(id, seq, _): &(ConversationId, u64, _)| *id == conversation && *seq >= head;
            engine.followed().iter().any(there) && engine.is_idle()
        })
        .await?;
    let took = begun.elapsed();
    let texts = running.texts(conversation).await?;
    running.switch_off().await?;
    Ok((took, texts))
}
