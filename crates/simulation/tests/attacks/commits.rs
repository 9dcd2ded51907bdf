//! Commits: forged, broken, beyond rights, from outside.

use client::{Command, Doing, Failure, Update, view::Role};
use e2ee::{
    identity::{AccountKey, RootIdentity},
    mls::KeyPackage,
};
use protocol::{
    Bytes, ConversationId, ErrorCode,
    methods::{conversations::SendMessage, people::ClaimedKeyPackage},
};
use simulation::{
    Forged, Puppet,
    play::Play,
    story::{pass, story, was_told},
};
use testkit::Change;

use super::{SOON, group_with_eve, overhear, overheard, row};

pub(super) fn update() -> Change {
    Change {
        update: true,
        ..Change::default()
    }
}

/// Nothing goes on in a conversation that does not verify, and the person is told so when they write.
pub(super) async fn stands_still(play: &mut Play, device: usize, id: ConversationId, why: &str) {
    assert!(row(play, device, id).broken);
    assert!(was_told(&play.world, device, why), "{why}");
    overhear(play);
    play.world.devices[device].updates.clear();
    let text = "into the void".to_owned();
    let said = Command::SendText {
        conversation: id,
        text,
    };
    play.world.command(device, said).await;
    pass(&mut play.world, SOON).await;
    let told = play.world.devices[device].updates.iter().any(|update| {
        matches!(
            update,
            Update::Failed {
                doing: Doing::Sending,
                failure: Failure::Unverified(_) | Failure::Outdated
            }
        )
    });
    assert!(told, "the person hears that it was not sent");
    let sent: Vec<SendMessage> = overheard(play, device);
    assert!(sent.iter().all(|s| s.conversation != id));
}

pub(super) fn spoilt(bytes: &[u8]) -> Bytes {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.into()
}

/// A changed app invites by a Welcome that does not open, which the server can't see. Who was invited asks for a new leaf and is
/// shown that their access is being restored; nothing can be written there until somebody does it.
#[test]
fn a05_a_welcome_that_does_not_open_joins_nothing() {
    story(async {
        let mut play = Play::begin(422, 1).await;
        let mut eve = Puppet::register(&mut play, "eve").await;
        let (a, alice) = (play.members[0].devices[0], play.members[0].id);
        eve.meet(alice).await;
        let package = eve.claim(alice).await;
        let id = eve.member.conversation_id();
        let now = play.world.now();
        let mut create = eve.member.found_direct(id, alice, package, now);
        create.welcomes[0].welcome = spoilt(&create.welcomes[0].welcome);
        eve.ask(&create).await.unwrap();
        pass(&mut play.world, SOON).await;
        let shown = row(&play, a, id);
        assert!(shown.restoring && !shown.ready, "{shown:?}");
        let text = "hello?".to_owned();
        let said = Command::SendText {
            conversation: id,
            text,
        };
        overhear(&mut play);
        play.world.command(a, said).await;
        pass(&mut play.world, SOON).await;
        assert!(overheard::<SendMessage>(&play, a).is_empty());
    });
}

/// The server says that somebody else made a commit. The leaf that signed is not theirs: refused, and nobody is shown to
/// have done what they did not.
#[test]
fn a06_a_commit_under_another_members_name_is_refused() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(423, 2).await;
        let (a, bob) = (play.members[0].devices[0], play.members[1].id);
        let commit = eve.member.change(id, update(), play.world.now());
        let forged = Forged::commit(bob, commit.epoch, commit.commit, commit.link);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        stands_still(&mut play, a, id, "somebody else than its stated author").await;
    });
}

/// A group admin adds "somebody" by a key package that they made themselves, certified by a root of their own. The server
/// refuses it; where it does not, all clients do, and the person is not shown as a member.
#[test]
fn a06_a_leaf_that_another_root_certifies_is_refused() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(424, 1).await;
        let mut victim = Puppet::register(&mut play, "victim").await;
        let a = play.members[0].devices[0];
        let role = Command::SetRole {
            conversation: id,
            member: eve.member.member,
            role: Role::GroupAdmin,
        };
        let seen = eve.entries(id, 1).await.last().unwrap().seq;
        play.world.command(a, role).await;
        pass(&mut play.world, SOON).await;
        eve.follow(id, seen + 1).await;
        let (carl, now) = (victim.member.member, play.world.now());
        let root = RootIdentity::generate(&mut eve.member.rng);
        let account = AccountKey::generate(&mut eve.member.rng, 1);
        let instance = eve.member.instance;
        let public = account.public();
        let false_one = root.certify(instance, carl, "victim", "victim", &public, 1);
        eve.member.learn(&false_one.unwrap());
        let rng = &mut eve.member.rng;
        let made = KeyPackage::generate(rng, &account, instance, carl, now, false).unwrap();
        let package = ClaimedKeyPackage {
            id: made.id,
            package: made.public.into(),
        };
        let add = Change {
            add: vec![(carl, package)],
            ..Change::default()
        };
        let commit = eve.member.change(id, add, now);
        let refused = eve.ask(&commit).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::CommitRefused);
        let forged = Forged::commit(eve.member.member, commit.epoch, commit.commit, commit.link);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        stands_still(&mut play, a, id, "not certified").await;
        let members = row(&play, a, id).members;
        assert!(members.iter().all(|m| m.member != carl));
        assert_eq!(victim.member.certificate.member, carl);
        victim.read_vault().await;
    });
}

/// A member renews their leaf by an account key that their root never certified (a thief with a leaf, say). The server
/// refuses it; where it does not, all clients do.
#[test]
fn a06_a_new_leaf_by_an_uncertified_key_is_refused() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(425, 1).await;
        let a = play.members[0].devices[0];
        let now = play.world.now();
        let account = AccountKey::generate(&mut eve.member.rng, 1);
        let root = RootIdentity::generate(&mut eve.member.rng);
        let (instance, me) = (eve.member.instance, eve.member.member);
        let false_one = root.certify(instance, me, "eve", "eve", &account.public(), 1);
        eve.member.learn(&false_one.unwrap());
        eve.member.account = account;
        let commit = eve.member.change(id, update(), now);
        let refused = eve.ask(&commit).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::CommitRefused);
        let forged = Forged::commit(me, commit.epoch, commit.commit, commit.link);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        stands_still(&mut play, a, id, "not certified").await;
    });
}

/// A plain member removes another, pretending that they left. Roles and leaves stand in the log, so the server refuses
/// it; where it does not, all clients do, and the removed one is still shown as a member.
#[test]
fn a07_who_has_no_right_to_removes_nobody() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(426, 2).await;
        let (a, bob) = (play.members[0].devices[0], play.members[1].id);
        let remove = Change {
            remove: vec![bob],
            left: vec![bob],
            ..Change::default()
        };
        let commit = eve.member.change(id, remove, play.world.now());
        let refused = eve.ask(&commit).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::CommitRefused);
        let forged = Forged::commit(eve.member.member, commit.epoch, commit.commit, commit.link);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        stands_still(&mut play, a, id, "").await;
        let members = row(&play, a, id).members;
        assert!(members.iter().any(|m| m.member == bob));
        let b = play.members[1].devices[0];
        let his = row(&play, b, id);
        assert!(his.broken && !his.gone, "he is not shown as removed");
    });
}

/// Somebody commits from outside the tree, as MLS would allow: such a commit does not know the secret that it closes, and
/// would make a stolen identity enough. The server refuses it; where it does not, all clients do.
#[test]
fn a13_a_commit_from_outside_is_refused() {
    story(async {
        let (mut play, mut eve, id) = group_with_eve(427, 1).await;
        let a = play.members[0].devices[0];
        let mut commit = eve.member.change(id, update(), play.world.now());
        commit.commit = from_outside(&commit.commit);
        let refused = eve.ask(&commit).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::CommitRefused);
        assert!(refused.message.contains("only members commit"), "{refused}");
        let forged = Forged::commit(eve.member.member, commit.epoch, commit.commit, commit.link);
        play.world.forge(id, forged).await;
        pass(&mut play.world, SOON).await;
        stands_still(&mut play, a, id, "only members commit").await;
    });
}

/// The same commit by `new_member_commit` (RFC 9420, section 6): no leaf index, no membership tag.
fn from_outside(commit: &[u8]) -> Bytes {
    const SENDER: usize = 4 + 1 + 20 + 8; // version, wire format, group id, epoch
    const TAG: usize = 1 + 32;
    assert_eq!(commit[SENDER], 1, "a member");
    let mut outside = commit[..commit.len() - TAG].to_vec();
    outside[SENDER] = 4;
    outside.drain(SENDER + 1..SENDER + 5);
    outside.into()
}

/// Two admins remove at the same time; by the winner's commit the leaf that the loser meant has become somebody else's. The
/// loser's client makes its removal anew from member ids: whoever took the leaf stays.
#[test]
fn a25_a_removal_that_lost_its_race_hits_nobody_else() {
    story(async {
        let mut play = Play::begin(428, 4).await;
        let [a, b] = [0, 1].map(|n| play.members[n].devices[0]);
        let [bob, carl, dora] = [1, 2, 3].map(|n| play.members[n].id);
        let create = Command::CreateGroup {
            title: String::new(),
            members: vec![bob, carl],
        };
        play.world.command(a, create).await;
        pass(&mut play.world, SOON).await;
        let id = play.world.engine(a).conversations()[0].conversation;
        let role = Command::SetRole {
            conversation: id,
            member: bob,
            role: Role::GroupAdmin,
        };
        play.world.command(a, role).await;
        pass(&mut play.world, SOON).await;
        let remove = || Command::RemoveMember {
            conversation: id,
            member: carl,
        };
        play.world.stall(b, 2 * SOON);
        play.world.command(b, remove()).await;
        play.world.command(a, remove()).await;
        pass(&mut play.world, SOON / 2).await;
        let add = Command::AddMembers {
            conversation: id,
            members: vec![dora],
        };
        play.world.command(a, add).await;
        pass(&mut play.world, 6 * SOON).await;
        for device in [a, b] {
            let members = row(&play, device, id).members;
            assert!(members.iter().any(|m| m.member == dora));
            assert!(members.iter().all(|m| m.member != carl));
        }
        play.heal_and_check().await;
    });
}
