//! An admin removes somebody from a group whose members are all online: how soon everybody is past it, and that whoever was removed
//! hears nothing of what is said next.

use std::time::Duration;

use client::Command;
use protocol::{ConversationId, MemberId};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    error::Error,
    figures::Durations,
    process::{Meter, cpu_per_thousand},
    real::{Device, Running},
    run::Test,
};

/// Cores tell when anything happens; between that they are left alone, so that looking costs no time of theirs.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Cores that register at the same time.
const AT_ONCE: usize = 8;

/// Somebody in the group.
type Member = (MemberId, Running);

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    let count = test.options.online.max(3);
    test.needs_connections(count)?;
    let mut members = register(test, count).await?;
    let Some((_, mut owner)) = members.pop() else {
        return Ok(());
    };
    let group = found(&mut owner, &mut members).await?;
    let Some((out, removed)) = members.pop() else {
        return Ok(());
    };

    let meter = Meter::start(test.process)?;
    let begun = Instant::now();
    let remove = Command::RemoveMember {
        conversation: group,
        member: out,
    };
    owner.command(remove).await?;
    let mut past = JoinSet::new();
    let all = members.into_iter().map(|(_, other)| other);
    let all: Vec<_> = all.chain([owner]).collect();
    for mut one in all {
        past.spawn(async move {
            one.until_told("the removal", LOOK_AGAIN, move |engine| {
                let here = engine.conversation(group);
                here.is_some_and(|here| here.members.iter().all(|one| one.member != out))
            })
            .await
            .map(|()| (begun.elapsed(), one))
        });
    }
    let mut durations = Durations::default();
    let mut rest = Vec::new();
    while let Some(one) = past.join_next().await {
        let (took, one) = one??;
        durations.add(took);
        rest.push(one);
    }
    let cpu = meter.read()?;
    let last = begun.elapsed();
    says(&mut rest, group).await?;
    let heard = removed.texts(group).await?;
    if heard > 0 {
        return Err(Error::Core(
            "somebody who was removed heard what was said next".to_owned(),
        ));
    }
    let mut figures = test.figures(format!("removal, {count} members online"));
    figures.durations("a member is past it after", &mut durations);
    figures.add("all are past it after, ms", last.as_secs_f64() * 1000.0);
    cpu_per_thousand(&mut figures, cpu, "members", count);
    rest.push(removed);
    for one in rest {
        one.switch_off().await?;
    }
    Ok(())
}

/// So many members, each with a core that is online.
async fn register(test: &mut Test, count: usize) -> Result<Vec<Member>, Error> {
    let invitations = test.crowd.invitations(count).await?;
    let mut members = Vec::new();
    for some in invitations.chunks(AT_ONCE) {
        let mut jobs = JoinSet::new();
        for invitation in some {
            let invitation = invitation.clone();
            let (peer, name) = (test.peer.clone(), test.crowd.name());
            jobs.spawn(async move {
                let mut running = Device::new(peer).switch_on()?;
                let member = running.register(&invitation, name).await?;
                Ok::<_, Error>((member, running))
            });
        }
        while let Some(made) = jobs.join_next().await {
            members.push(made??);
        }
    }
    Ok(members)
}

/// A group of all of them.
async fn found(owner: &mut Running, others: &mut [Member]) -> Result<ConversationId, Error> {
    let create = Command::CreateGroup {
        title: "Desk".to_owned(),
        members: others.iter().map(|(member, _)| *member).collect(),
    };
    owner.command(create).await?;
    let count = others.len() + 1;
    owner
        .until("the group", move |engine| whole(engine, count))
        .await?;
    for (_, other) in others {
        other
            .until_told("the group to be joined", LOOK_AGAIN, move |engine| {
                whole(engine, count)
            })
            .await?;
    }
    let groups = owner.query(|engine| engine.conversations()).await?;
    let group = groups.first().map(|group| group.conversation);
    group.ok_or_else(|| Error::Core("the group is gone".to_owned()))
}

fn whole<S: client::Store>(engine: &client::Engine<S>, members: usize) -> bool {
    let there = engine.conversations();
    let whole = |one: &client::view::ConversationView| one.ready && one.members.len() == members;
    there.len() == 1 && there.iter().all(whole) && engine.is_idle()
}

/// One says something, and all others hear it.
async fn says(all: &mut [Running], group: ConversationId) -> Result<(), Error> {
    let Some((author, others)) = all.split_first_mut() else {
        return Ok(());
    };
    let text = "what is said next".to_owned();
    let say = Command::SendText {
        conversation: group,
        text,
    };
    author.command(say).await?;
    for other in others {
        other
            .until_told("what is said next", LOOK_AGAIN, move |engine| {
                let here = engine.conversation(group);
                here.is_some_and(|here| here.last.is_some())
            })
            .await?;
    }
    Ok(())
}
