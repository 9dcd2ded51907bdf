//! Where nothing leads back, and whether that was meant.

use client::{Command, view::ItemBody};
use protocol::{
    ConversationId,
    methods::{conversations::kind, vault},
};
use simulation::{
    play::Play,
    story::{fresh_device, pass, say, story},
};

use super::{SOON, change_keys, lie_about_entries, scroll_back, texts, unverified};

/// A group of the first two, in which newcomers see nothing of before.
async fn group(play: &mut Play) -> ConversationId {
    let (a, b) = (play.members[0].devices[0], play.members[1].id);
    let made = Command::CreateGroup {
        title: String::new(),
        members: vec![b],
    };
    play.world.command(a, made).await;
    pass(&mut play.world, SOON).await;
    let rows = play.world.engine(a).conversations();
    rows.iter().find(|row| !row.direct).unwrap().conversation
}

/// By this device the third member is added.
async fn add_third(play: &mut Play, by: usize, conversation: ConversationId) {
    let members = vec![play.members[2].id];
    let add = Command::AddMembers {
        conversation,
        members,
    };
    play.world.command(by, add).await;
    pass(&mut play.world, SOON).await;
}

/// Two epochs in which something is said, and a third in which somebody is there who reads nothing of before.
async fn with_a_cut(seed: u64) -> (Play, ConversationId) {
    let mut play = Play::begin(seed, 3).await;
    let id = group(&mut play).await;
    let a = play.members[0].devices[0];
    say(&mut play, 0, id, "one").await;
    pass(&mut play.world, SOON).await;
    change_keys(&mut play, a, id).await;
    say(&mut play, 1, id, "two").await;
    pass(&mut play.world, SOON).await;
    add_third(&mut play, a, id).await;
    say(&mut play, 2, id, "three").await;
    pass(&mut play.world, SOON).await;
    (play, id)
}

/// The server drops the link beside a commit for a device that comes later, and below that somebody was added who was not to
/// read what was before. To whom the whole history belongs, the client tells that something is missing; it passes for no cut.
#[test]
fn a03_a_link_dropped_before_a_cut_is_told() {
    story(async {
        let (mut play, id) = with_a_cut(420).await;
        let fresh = play.world.devices.len();
        lie_about_entries(&mut play, fresh, |entry| {
            if entry.kind == kind::COMMIT && entry.epoch == 1 {
                assert!(entry.link.take().is_some());
            }
        });
        assert_eq!(fresh_device(&mut play, 1).await, fresh);
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), ["two", "three"]);
        assert_eq!(unverified(&play, fresh, id), 1);
        // whoever was added reads from then on, and is alarmed by nothing
        play.world.lie = None;
        let third = play.members[2].devices[0];
        assert_eq!(texts(&play, third, id), ["three"]);
        let newcomer = fresh_device(&mut play, 2).await;
        scroll_back(&mut play, newcomer, id).await;
        for device in [third, newcomer] {
            assert_eq!(texts(&play, device, id), ["three"]);
            assert_eq!(unverified(&play, device, id), 0);
        }
    });
}

/// The server keeps back what the vault holds of the time before a cut. The client knows from the signed list that it is there:
/// the person is told that messages are missing.
#[test]
fn a03_a_withheld_secret_of_before_a_cut_is_told() {
    story(async {
        let (mut play, id) = with_a_cut(421).await;
        let fresh = play.world.devices.len();
        play.world
            .losing
            .insert(fresh, &[vault::kind::SEGMENT_HEAD]);
        assert_eq!(fresh_device(&mut play, 1).await, fresh);
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), ["three"]);
        assert_eq!(unverified(&play, fresh, id), 2, "one and two");
    });
}

/// The server drops the link beside the commit that gave somebody a new leaf. That is no cut where the identity stayed the same:
/// a device that comes later tells that something is missing.
#[test]
fn a03_a_link_dropped_from_a_repair_is_told() {
    story(async {
        let mut play = Play::begin(422, 2).await;
        let id = group(&mut play).await;
        say(&mut play, 0, id, "one").await;
        pass(&mut play.world, SOON).await;
        // the second member's state is lost, and they get a new leaf
        play.world.crash_device(play.members[1].devices[0]);
        let lost = play.world.devices.len();
        play.world.losing.insert(lost, &[vault::kind::MLS_STATE]);
        fresh_device(&mut play, 1).await;
        pass(&mut play.world, 60_000).await;
        play.world.losing.clear();
        say(&mut play, 0, id, "two").await;
        pass(&mut play.world, SOON).await;
        let restored = |play: &Play, device: usize| {
            let bodies = super::bodies(play, device, id).into_iter();
            bodies
                .filter(|b| matches!(b, ItemBody::Members { restored, .. } if !restored.is_empty()))
                .count()
        };
        let a = play.members[0].devices[0];
        assert_eq!(restored(&play, a), 1);
        let fresh = play.world.devices.len();
        lie_about_entries(&mut play, fresh, |entry| {
            if entry.kind == kind::COMMIT && entry.epoch == 1 {
                assert!(entry.link.take().is_some());
            }
        });
        assert_eq!(fresh_device(&mut play, 0).await, fresh);
        scroll_back(&mut play, fresh, id).await;
        assert_eq!(texts(&play, fresh, id), ["two"]);
        assert_eq!(unverified(&play, fresh, id), 1);
    });
}

/// A device was away while another one of its member made an epoch of its own, others made more, and a cut was made on top. From
/// what the vault has kept it opens everything between as well.
#[test]
fn a01_who_was_away_over_a_cut_opens_everything_before_it() {
    story(async {
        let mut play = Play::begin(423, 3).await;
        let id = group(&mut play).await;
        let (phone, b) = (play.members[0].devices[0], play.members[1].devices[0]);
        let laptop = fresh_device(&mut play, 0).await;
        say(&mut play, 1, id, "one").await;
        pass(&mut play.world, SOON).await;
        play.world.crash_device(phone);
        change_keys(&mut play, laptop, id).await;
        say(&mut play, 1, id, "two").await;
        pass(&mut play.world, SOON).await;
        change_keys(&mut play, b, id).await;
        say(&mut play, 1, id, "three").await;
        pass(&mut play.world, SOON).await;
        add_third(&mut play, laptop, id).await;
        say(&mut play, 1, id, "four").await;
        pass(&mut play.world, SOON).await;
        play.world.start_device(phone).await;
        pass(&mut play.world, SOON).await;
        assert_eq!(texts(&play, phone, id), ["one", "two", "three", "four"]);
        assert_eq!(unverified(&play, phone, id), 0);
        play.heal_and_check().await;
    });
}
