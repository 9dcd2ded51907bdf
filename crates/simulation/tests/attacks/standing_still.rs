//! Groups that stand still because of a commit that nobody can follow: who leaves meanwhile, and who can't be taken along.

use client::{Command, view::ItemBody};
use e2ee::{
    identity::{AccountKey, RootIdentity},
    passphrase::prepare,
};
use protocol::{Bytes, ConversationId, MemberId, methods::conversations::kind};
use simulation::{
    Puppet,
    play::Play,
    story::{direct, lie_about_person, pass, say, story},
};

use super::{
    SOON, bodies,
    commits::{spoilt, update},
    group_with_eve,
    restarts::ANEW,
    row, texts,
};

const HOUR: u64 = 3_600_000;

async fn wedge(play: &mut Play, eve: &mut Puppet, id: ConversationId) {
    let mut commit = eve.member.change(id, update(), play.world.now());
    commit.commit = spoilt(&commit.commit);
    eve.ask(&commit).await.unwrap();
    pass(&mut play.world, SOON).await;
}

/// No key package of somebody is to be had any more: they have been away for long, say.
async fn no_key_packages(play: &Play, member: MemberId) {
    let withdrawn =
        storage::write::<_, storage::StorageError>(play.world.server.storage(), move |unit| {
            unit.withdraw_key_packages(member)
        });
    withdrawn.await.unwrap();
}

fn is_in(play: &Play, device: usize, id: ConversationId, member: MemberId) -> bool {
    let members = row(play, device, id).members;
    members.iter().any(|m| m.member == member)
}

/// Of one member no key package is to be had. The group goes on without her, which everybody is shown; when she is back, her app
/// gives new key packages, and the owner's app adds her again by itself.
#[test]
fn a05_who_can_not_be_taken_along_is_let_in_later() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(500, 3).await;
        let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let carla = play.members[2].id;
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        play.world.crash_device(devices[2]);
        no_key_packages(&play, carla).await;
        wedge(&mut play, &mut eve, id).await;
        pass(&mut play.world, ANEW).await;
        for device in [devices[0], devices[1]] {
            assert!(row(&play, device, id).stuck.is_none());
            assert!(!is_in(&play, device, id, carla));
            let named = bodies(&play, device, id)
                .into_iter()
                .any(|body| matches!(body, ItemBody::Restarted { out, .. } if out.len() == 2));
            assert!(named, "Eve, and Carla");
        }
        say(&mut play, 1, id, "without her").await;
        pass(&mut play.world, 2 * HOUR).await;
        assert!(!is_in(&play, devices[0], id, carla), "there are none yet");
        play.world.start_device(devices[2]).await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, devices[2], id).gone);
        pass(&mut play.world, 2 * HOUR).await;
        say(&mut play, 1, id, "with her").await;
        pass(&mut play.world, SOON).await;
        for device in devices {
            assert!(is_in(&play, device, id, carla), "{device}");
        }
        assert_eq!(texts(&play, devices[2], id), ["before", "with her"]);
        play.heal_and_check().await;
    });
}

/// In a direct conversation nobody is left out: it waits for the other's key packages.
#[test]
fn a05_of_two_both_are_waited_for() {
    story(async {
        let mut play = Play::begin(501, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, alice) = (play.members[0].devices[0], play.members[0].id);
        let id = eve.open_direct(alice, play.world.now()).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, 2).await;
        no_key_packages(&play, eve.member.member).await;
        wedge(&mut play, &mut eve, id).await;
        pass(&mut play.world, 10 * ANEW).await;
        assert!(row(&play, a, id).stuck.is_some());
        let log = play.world.log(id).await;
        assert!(log.iter().all(|e| e.kind != kind::RESTART));
        eve.offer_key_packages(play.world.now()).await;
        pass(&mut play.world, 2 * ANEW).await;
        assert!(row(&play, a, id).stuck.is_none());
        eve.join(id, &[alice], play.world.now()).await;
    });
}

/// Who is in a group that stands still can go, and is not in the new one.
#[test]
fn a05_who_leaves_a_group_that_stands_still_is_not_taken_along() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(502, 3).await;
        let [a, b, c] = [0, 1, 2].map(|n| play.members[n].devices[0]);
        let bob = play.members[1].id;
        let other = direct(&mut play, 0, 1).await;
        play.world.crash_device(a);
        wedge(&mut play, &mut eve, id).await;
        assert!(row(&play, b, id).stuck.is_some());
        play.world
            .command(b, Command::LeaveGroup { conversation: id })
            .await;
        pass(&mut play.world, SOON).await;
        let his = row(&play, b, id);
        assert!(his.gone && his.left, "{his:?}");
        assert!(row(&play, c, id).stuck.is_some_and(|s| !s.alone));
        play.world.start_device(a).await;
        pass(&mut play.world, 2 * ANEW).await;
        say(&mut play, 2, id, "after").await;
        pass(&mut play.world, SOON).await;
        for device in [a, c] {
            assert!(row(&play, device, id).stuck.is_none());
            assert!(!is_in(&play, device, id, bob));
            assert_eq!(texts(&play, device, id), ["after"]);
        }
        say(&mut play, 1, other, "elsewhere I am").await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, a, other), ["elsewhere I am"]);
    });
}

/// Somebody has made newer keys while the owner was away and the group stood still: her app asks for them first, and takes them
/// along. Another identity it does not take along: that is looked at by people first.
#[test]
fn a05_whose_keys_are_newer_by_now_is_taken_along() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(503, 3).await;
        let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        play.world.crash_device(devices[0]);
        wedge(&mut play, &mut eve, id).await;
        let new = prepare("tired violin market").unwrap();
        let change = Command::ChangePassphrase {
            old: play.members[1].passphrase.clone(),
            new: new.clone(),
            may_be_known: true,
        };
        play.world.command(devices[1], change).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(
            play.world.engine(devices[1]).changing_keys(),
            None,
            "nothing waits for it"
        );
        play.members[1].passphrase = new;
        play.members[1].keys_changed = true;
        play.world.start_device(devices[0]).await;
        pass(&mut play.world, 2 * ANEW).await;
        say(&mut play, 1, id, "after").await;
        pass(&mut play.world, SOON).await;
        for device in devices {
            assert_eq!(texts(&play, device, id), ["before", "after"], "{device}");
        }
        play.heal_and_check().await;
    });
    story(async {
        let (mut play, mut eve, id) = group_with_eve(504, 3).await;
        let (a, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let bob = play.members[1].id;
        play.world.crash_device(a);
        wedge(&mut play, &mut eve, id).await;
        let root = RootIdentity::generate(&mut eve.member.rng);
        let account = AccountKey::generate(&mut eve.member.rng, 2);
        let instance = eve.member.instance;
        let other = root.certify(instance, bob, "member1", "Member 1", &account.public(), 2);
        let other = Bytes::copy_from_slice(other.unwrap().bytes());
        play.world.crash_device(b);
        lie_about_person(&mut play, bob, move |person| {
            person.certificates.push(other.clone());
        });
        play.world.start_device(a).await;
        pass(&mut play.world, SOON).await;
        assert!(row(&play, a, id).identity_changed);
        let member = bob;
        let accept = Command::AcceptIdentity {
            member,
            number: None,
        };
        play.world.command(a, accept).await;
        pass(&mut play.world, 3 * ANEW).await;
        let log = play.world.log(id).await;
        assert!(log.iter().all(|e| e.kind != kind::RESTART));
        assert!(row(&play, a, id).stuck.is_some_and(|s| s.by_itself));
    });
}
