//! Commits that the server takes and nobody can follow, and conversations founded anew because of them.

use client::view::ItemBody;
use protocol::ConversationId;
use simulation::{
    Puppet,
    play::Play,
    story::{direct, fresh_device, pass, say, story},
};

use super::{
    SOON, bodies,
    commits::{spoilt, update},
    group_with_eve, row, scroll_back, texts,
};

/// Time in which a conversation is founded anew, if nobody has to be asked (ms).
const ANEW: u64 = 60_000;

/// Eve's app sends a commit whose membership tag is broken.
async fn wedge(play: &mut Play, eve: &mut Puppet, id: ConversationId) {
    let mut commit = eve.member.change(id, update(), play.world.now());
    commit.commit = spoilt(&commit.commit);
    eve.ask(&commit).await.unwrap();
    pass(&mut play.world, SOON).await;
}

/// Somebody signs in on a new device, which begins with nothing, and scrolls back as far as it goes.
async fn fresh(play: &mut Play, member: usize, id: ConversationId) -> usize {
    let device = fresh_device(play, member).await;
    scroll_back(play, device, id).await;
    device
}

/// A changed app sends a commit with a broken membership tag, which the server can't check. Nobody can follow it: all say so,
/// and the owner's app founds the group anew without her. What was written before stays readable, on old and fresh devices; what
/// waited is sent. People see who could not read whose change, and who founded it anew without whom.
#[test]
fn a05_a_group_that_nobody_can_follow_goes_on_without_who_broke_it() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(421, 3).await;
        let other = direct(&mut play, 0, 1).await;
        let devices = [0, 1, 2].map(|n| play.members[n].devices[0]);
        say(&mut play, 0, id, "before").await;
        pass(&mut play.world, SOON).await;
        wedge(&mut play, &mut eve, id).await;
        for device in devices {
            let shown = row(&play, device, id);
            assert!(shown.stuck.is_some() && !shown.broken, "{shown:?}");
            assert_eq!(shown.stuck.unwrap().by, "eve");
        }
        say(&mut play, 1, id, "waits").await;
        pass(&mut play.world, SOON).await;
        say(&mut play, 0, other, "here we are safe").await;
        pass(&mut play.world, ANEW).await;
        for (n, device) in devices.into_iter().enumerate() {
            let shown = row(&play, device, id);
            assert!(shown.stuck.is_none() && shown.ready && !shown.broken, "{shown:?}");
            assert_eq!(shown.members.len(), 3, "without Eve");
            assert_eq!(texts(&play, device, id), ["before", "waits"], "{n}");
            let bodies = bodies(&play, device, id);
            let complaints = bodies.iter().filter(|b| matches!(b, ItemBody::Complaint { about: Some(_) }));
            assert_eq!(complaints.count(), 3);
            let out = vec!["eve".to_owned()];
            let anew = ItemBody::Restarted { complaint: true, out };
            assert!(bodies.contains(&anew), "{bodies:?}");
        }
        say(&mut play, 2, id, "after").await;
        pass(&mut play.world, SOON).await;
        let fresh = fresh(&mut play, 1, id).await;
        for device in [devices[0], devices[1], fresh] {
            assert_eq!(texts(&play, device, id), ["before", "waits", "after"]);
        }
        assert_eq!(texts(&play, devices[1], other), ["here we are safe"]);
        play.heal_and_check().await;
    });
}
