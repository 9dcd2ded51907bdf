//! Registering and signing in when names are taken and answers get lost.
#![allow(clippy::unwrap_used)]

use client::{Command, Doing, NewAccount, Update};
use e2ee::passphrase;
use protocol::{ErrorCode, MemberId};
use simulation::{
    Faults,
    play::{Member, Play},
    story::{pass, story},
};

/// Somebody with an invitation asks for an account of this name, on a device of their own.
async fn register(play: &mut Play, name: &str) -> usize {
    let faults = std::mem::take(&mut play.world.faults);
    pass(&mut play.world, 60_000).await; // who invites may have been cut off
    let invitation = play.invitation().await;
    play.world.faults = faults;
    let device = play.world.add_device(play.members.len()).await;
    let account = NewAccount {
        login_name: name.to_owned(),
        display_name: "Somebody".to_owned(),
        passphrase: passphrase::prepare("a staple for the battery").unwrap(),
        device_name: "their device".to_owned(),
    };
    let register = Command::Register {
        invitation,
        account,
    };
    play.world.command(device, register).await;
    device
}

fn refusals(play: &Play, device: usize) -> Vec<(Doing, bool)> {
    let told = play.world.devices[device].updates.iter();
    told.filter_map(|update| match update {
        Update::Failed { doing, failure } => Some((*doing, failure.is(ErrorCode::NameTaken))),
        _ => None,
    })
    .collect()
}

/// The answer to the first request of this name never comes.
fn lose_answer(play: &mut Play, device: usize, name: &'static str) {
    let mut lost = false;
    play.world.lie = Some(Box::new(move |to, asked, frame| {
        let this = to == device && asked == name && !lost;
        lost |= this;
        (!this).then_some(frame)
    }));
}

async fn devices(play: &Play, member: MemberId) -> usize {
    let devices = storage::read(play.world.server.storage(), move |reader| {
        reader.devices(member)
    });
    let devices: Vec<_> = devices.await.unwrap();
    devices.len()
}

#[test]
fn a_name_that_is_taken_is_said_to_be_taken() {
    story(async {
        let mut play = Play::begin(41, 1).await;
        let device = register(&mut play, "member0").await;
        pass(&mut play.world, 20_000).await;
        assert_eq!(refusals(&play, device), [(Doing::Registering, true)]);
        assert!(play.world.engine(device).me().is_none());
    });
}

#[test]
fn a_registration_whose_answer_is_lost_ends_signed_in_on_one_device() {
    story(async {
        let mut play = Play::begin(42, 1).await;
        let device = play.world.devices.len();
        lose_answer(&mut play, device, "account.register_finish");
        assert_eq!(register(&mut play, "newcomer").await, device);
        pass(&mut play.world, 120_000).await;
        assert_eq!(refusals(&play, device), []);
        let me = play.world.engine(device).me().unwrap();
        assert_eq!(me.login_name, "newcomer");
        assert_eq!(devices(&play, me.member).await, 1, "the same device");
        assert!(play.world.engine(device).is_idle());
    });
}

#[test]
fn a_refused_name_is_said_to_be_taken_although_the_answer_was_lost() {
    story(async {
        let mut play = Play::begin(43, 1).await;
        let device = play.world.devices.len();
        lose_answer(&mut play, device, "account.register_finish");
        register(&mut play, "member0").await;
        pass(&mut play.world, 120_000).await;
        assert_eq!(refusals(&play, device), [(Doing::Registering, true)]);
        assert!(play.world.engine(device).me().is_none());
    });
}

#[test]
fn a_sign_in_whose_answer_is_lost_makes_one_device() {
    story(async {
        let mut play = Play::begin(44, 1).await;
        let Member {
            name,
            passphrase,
            id,
            ..
        } = &play.members[0];
        let (id, sign_in) = (
            *id,
            Command::SignIn {
                login_name: name.clone(),
                passphrase: passphrase.clone(),
                device_name: "second".to_owned(),
            },
        );
        let device = play.world.add_device(0).await;
        lose_answer(&mut play, device, "account.sign_in_finish");
        play.world.command(device, sign_in).await;
        pass(&mut play.world, 120_000).await;
        assert!(play.world.engine(device).is_idle());
        assert_eq!(devices(&play, id).await, 2, "the first one and this one");
    });
}

#[test]
fn registering_through_a_bad_network_ends_well() {
    story(async {
        let mut play = Play::begin(45, 1).await;
        play.world.faults = Faults {
            delay_ms: 300,
            lost: 100,
            repeated: 50,
            cut: 100,
        };
        for n in 0..6 {
            let device = register(&mut play, &format!("newcomer{n}")).await;
            pass(&mut play.world, 600_000).await;
            assert_eq!(refusals(&play, device), []);
            let me = play.world.engine(device).me().unwrap().member;
            assert_eq!(devices(&play, me).await, 1);
        }
        assert_eq!(play.world.alarms, []);
    });
}
