//! Registering and signing in when names are taken and answers get lost.
#![allow(clippy::unwrap_used)]

use client::{Command, Doing, Failure, NewAccount, Update, view::InviterView};
use e2ee::passphrase;
use protocol::{ErrorCode, MemberId, decode, encode, methods::account::InvitationInfo};
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
    register_with(play, device, &invitation, name).await;
    device
}

async fn register_with(play: &mut Play, device: usize, invitation: &str, name: &str) {
    let invitation = invitation.to_owned();
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

/// What a device was told of invitations that it asked about, in order.
fn looked_at(play: &Play, device: usize) -> Vec<Result<InviterView, Failure>> {
    let updates = play.world.devices[device].updates.iter();
    let answers = updates.filter_map(|update| match update {
        Update::InvitedBy(inviter) => Some(Ok(inviter.clone())),
        Update::Failed {
            doing: Doing::CheckingInvitation,
            failure,
        } => Some(Err(failure.clone())),
        _ => None,
    });
    answers.collect()
}

async fn look_at(play: &mut Play, device: usize, invitation: &str) {
    let invitation = invitation.to_owned();
    let look = Command::CheckInvitation { invitation };
    play.world.command(device, look).await;
}

#[test]
fn an_invitation_says_who_made_it_before_it_is_used() {
    story(async {
        let mut play = Play::begin(47, 1).await;
        let link = play.invitation().await;
        let device = play.world.add_device(1).await;
        look_at(&mut play, device, &format!("  {link}\n")).await;
        pass(&mut play.world, 10_000).await;
        let inviter = looked_at(&play, device).remove(0).unwrap();
        let admin = play.world.engine(play.members[0].devices[0]).me().unwrap();
        assert_eq!(inviter.display_name, admin.display_name);
        assert_eq!(inviter.login_name, admin.login_name);
        let server = play.world.engine(device).server().unwrap();
        assert_eq!(inviter.organisation, server.organisation);
        assert!(inviter.expires > play.world.now());
        assert!(!format!("{inviter:?}").contains(&admin.login_name));
        // it can still be used, once; a member has no use for one
        register_with(&mut play, device, &link, "newcomer").await;
        pass(&mut play.world, 20_000).await;
        assert!(play.world.engine(device).me().is_some());
        look_at(&mut play, device, &link).await;
        let other = play.world.add_device(2).await;
        look_at(&mut play, other, &link).await;
        pass(&mut play.world, 10_000).await;
        let last = |device| looked_at(&play, device).pop().unwrap().unwrap_err();
        assert_eq!(last(device), Failure::AlreadySignedIn);
        assert!(last(other).is(ErrorCode::InvitationInvalid));
    });
}

#[test]
fn an_invitation_is_looked_at_when_there_is_a_connection() {
    story(async {
        let mut play = Play::begin(48, 1).await;
        let (first, second) = (play.invitation().await, play.invitation().await);
        play.world.crash_server().await;
        let device = play.world.add_device(1).await;
        pass(&mut play.world, 5_000).await;
        look_at(&mut play, device, "https://localhost:1/i#garbled").await;
        assert_eq!(looked_at(&play, device), [Err(Failure::Invitation)]);
        look_at(&mut play, device, &first).await;
        look_at(&mut play, device, &second).await;
        pass(&mut play.world, 10_000).await;
        assert_eq!(looked_at(&play, device).len(), 1, "it waits");
        // the answer is lost with the connection: asked again on the next one
        play.world.server.start().await;
        lose_answer(&mut play, device, "invitations.check");
        pass(&mut play.world, 5_000).await;
        play.world.cut(device);
        pass(&mut play.world, 20_000).await;
        let answers = looked_at(&play, device);
        assert_eq!(answers.len(), 2, "one answer, to the one asked about last");
        assert!(answers[1].is_ok());
        // expired
        let admin = play.members[0].devices[0];
        play.world.crash_device(admin);
        play.world.crash_device(device);
        pass(&mut play.world, 8 * 24 * 3_600_000).await;
        play.world.start_device(admin).await;
        play.world.start_device(device).await;
        look_at(&mut play, device, &second).await;
        pass(&mut play.world, 10_000).await;
        let last = looked_at(&play, device).pop().unwrap();
        assert!(last.unwrap_err().is(ErrorCode::InvitationInvalid));
    });
}

#[test]
fn an_inviter_other_than_the_one_in_the_link_is_not_shown() {
    story(async {
        let mut play = Play::begin(49, 2).await;
        let link = play.invitation().await;
        // the server shows somebody else's certificate
        let other = play.members[1].id;
        let certificate = storage::read(play.world.server.storage(), move |reader| {
            reader.account(other)
        });
        let account: Option<storage::accounts::Account> = certificate.await.unwrap();
        let shown = account.unwrap().certificate;
        play.world.lie = Some(Box::new(move |_, name, mut frame| {
            if let (true, Some(ok)) = (name == "invitations.check", &frame.ok) {
                let mut info: InvitationInfo = decode(ok).unwrap();
                info.inviter = shown.clone();
                frame.ok = Some(encode(&info));
            }
            Some(frame)
        }));
        let device = play.world.add_device(2).await;
        look_at(&mut play, device, &link).await;
        pass(&mut play.world, 10_000).await;
        let refused = looked_at(&play, device).remove(0);
        assert!(matches!(refused, Err(Failure::Unverified(_))));
    });
}
