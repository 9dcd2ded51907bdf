//! A member signs a lost device out: a new vault key, new key packages, and a new leaf in every conversation.

use client::Command;
use protocol::MemberId;
use tokio::time::Instant;

use crate::{
    error::Error,
    figures::Durations,
    process::{Meter, cpu_per_thousand},
    real::{Device, Running, new_passphrase},
    run::Test,
};

/// Conversations with one and the same: the server gives out that few key packages of somebody to one member in an hour.
const WITH_ONE: usize = 15;

pub(crate) async fn run(test: &mut Test) -> Result<(), Error> {
    let count = test.options.conversations.max(1);
    let mut invitations = test.crowd.invitations(1 + count.div_ceil(WITH_ONE)).await?;
    let first = invitations.remove(0);
    let name = test.crowd.name();
    let passphrase = new_passphrase();
    let own = Device::new(test.peer.clone());
    let lost = Device::new(test.peer.clone());
    let mut own = own.switch_on()?;
    own.register_with(&first, name.clone(), passphrase.clone())
        .await?;
    let mut made = 0;
    let mut others = Vec::new();
    for invitation in &invitations {
        let mut other = Device::new(test.peer.clone()).switch_on()?;
        let member = other.register(invitation, test.crowd.name()).await?;
        let more = WITH_ONE.min(count - made);
        talk(&mut own, &mut other, member, (made, more)).await?;
        made += more;
        others.push(other);
    }

    let mut lost = lost.switch_on()?;
    let sign_in = Command::SignIn {
        login_name: name,
        passphrase,
        device_name: "lost".to_owned(),
    };
    lost.command(sign_in).await?;
    lost.until("a sign-in", move |engine| {
        engine.conversations().len() == count && engine.is_idle()
    })
    .await?;
    lost.switch_off().await?;

    let meter = Meter::start(test.process)?;
    let begun = Instant::now();
    own.command(Command::SignOutOthers).await?;
    own.until("a change of keys to begin", |engine| {
        engine.changing_keys().is_some()
    })
    .await?;
    let mut out = Durations::default();
    out.add(begun.elapsed());
    own.until("all keys to be changed", |engine| {
        engine.changing_keys().is_none() && engine.is_idle()
    })
    .await?;
    let mut done = Durations::default();
    done.add(begun.elapsed());
    let cpu = meter.read()?;
    let mut figures = test.figures(format!("sign-out, {count} conversations"));
    figures.durations("the device is out after", &mut out);
    figures.durations("all keys are changed after", &mut done);
    cpu_per_thousand(&mut figures, cpu, "conversations", count);
    own.switch_off().await?;
    for other in others {
        other.switch_off().await?;
    }
    Ok(())
}

/// Conversations of the two, one after the other, until both have all of them: `made` are there before.
async fn talk(
    own: &mut Running,
    other: &mut Running,
    member: MemberId,
    (made, count): (usize, usize),
) -> Result<(), Error> {
    let find = Command::OpenDirect { member };
    own.command(find).await?;
    for n in 1..=count {
        if n > 1 {
            let create = Command::CreateGroup {
                title: format!("Desk {n}"),
                members: vec![member],
            };
            own.command(create).await?;
        }
        own.until("a conversation to be made", move |engine| {
            let there = engine.conversations();
            there.len() == made + n && there.iter().all(|one| one.ready) && engine.is_idle()
        })
        .await?;
    }
    other
        .until("all conversations to be joined", move |engine| {
            let there = engine.conversations();
            there.len() == count && there.iter().all(|one| one.ready) && engine.is_idle()
        })
        .await
}
