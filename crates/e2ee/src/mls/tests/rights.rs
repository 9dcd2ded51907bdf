//! Commits that MLS accepts and the rights do not: refused by their maker, by the server, and by every member.

use super::*;
use crate::{
    mls::MlsError,
    policy::{History, Policy, RightsError, Role},
};

/// Refused when made honestly; and if made in spite of it, by server and members.
fn refused_everywhere(
    world: &mut World,
    all: &[Conversation],
    server: &PublicConversation,
    author: usize,
    change: &Change<'_>,
    with: RightsError,
) {
    let expected = Some(MlsError::Rights(with));
    assert_eq!(
        world.try_prepare(&all[author], change, true).err(),
        expected
    );
    let commit = attacks::forced(world, &all[author], change);
    assert_eq!(world.check(server, &commit, author).err(), expected);
    for (n, member) in all.iter().enumerate().filter(|(n, _)| *n != author) {
        assert_eq!(
            world.process(member, &commit, author).err(),
            expected,
            "member {n}"
        );
    }
}

test_everywhere! {
    fn plain_members_neither_add_nor_remove_nor_govern() {
        let mut world = World::new(4);
        let (all, server) = world.group(3);
        let package = world.package(3).public;
        let add = Change { add: vec![(world.id(3), package)], ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 1, &add, RightsError::Role);
        let remove = Change { remove: vec![world.id(2)], ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 1, &remove, RightsError::Role);
        let mut policy = all[0].policy().clone();
        policy.roles.insert(world.id(1), Role::Owner);
        let raise = Change { policy: Some(policy), ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 1, &raise, RightsError::Role);
        let remove = Change { remove: vec![world.id(0)], ..Change::default() };
        assert!(world.try_prepare(&all[1], &remove, true).is_err());
    }

    fn plain_members_change_no_timer_and_no_rules() {
        let mut world = World::new(3);
        let (all, server) = world.group(3);
        let changes: [fn(&mut Policy); 3] = [
            |policy| policy.timer_s = 86_400,
            |policy| policy.announcements = true,
            |policy| policy.history = History::All,
        ];
        for change in changes {
            let mut policy = all[0].policy().clone();
            change(&mut policy);
            let change = Change { policy: Some(policy), ..Change::default() };
            refused_everywhere(&mut world, &all, &server, 1, &change, RightsError::Role);
        }
    }

    fn admins_do_not_rise_above_themselves_and_never_all_go() {
        let mut world = World::new(3);
        let (mut all, mut server) = world.group(3);
        let mut policy = all[0].policy().clone();
        policy.roles.insert(world.id(1), Role::GroupAdmin);
        let made = world.prepare(&all[0], &Change { policy: Some(policy.clone()), ..Change::default() }, true);
        server = world.check(&server, &made.commit, 0).unwrap().next;
        all[1] = world.process(&all[1], &made.commit, 0).unwrap().next.unwrap();
        all[2] = world.process(&all[2], &made.commit, 0).unwrap().next.unwrap();
        all[0] = made.next;
        agree(&mut world, &all, &server);
        let mut raised = policy.clone();
        raised.roles.insert(world.id(1), Role::Owner);
        let change = Change { policy: Some(raised), ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 1, &change, RightsError::AboveSelf);
        let change = Change { remove: vec![world.id(0)], ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 1, &change, RightsError::AboveSelf);
        let mut nobody = policy.clone();
        nobody.roles.clear();
        let change = Change { policy: Some(nobody), ..Change::default() };
        assert_eq!(
            world.try_prepare(&all[0], &change, true).err(),
            Some(MlsError::Rights(RightsError::NoAdmin))
        );
    }

    fn ids_and_kind_never_change() {
        let mut world = World::new(2);
        let (all, server) = world.group(2);
        let mut instance = all[0].policy().clone();
        instance.instance = InstanceId([9; 16]);
        let change = Change { policy: Some(instance), ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 0, &change, RightsError::Fixed);
        let mut moved = all[0].policy().clone();
        moved.restart = 1;
        let change = Change { policy: Some(moved), ..Change::default() };
        assert!(world.try_prepare(&all[0], &change, true).is_err());
    }

    fn direct_conversations_keep_their_two_members() {
        let mut world = World::new(3);
        let (all, server) = world.pair();
        let package = world.package(2).public;
        let change = Change { add: vec![(world.id(2), package)], ..Change::default() };
        refused_everywhere(&mut world, &all, &server, 0, &change, RightsError::Direct);
        let change = Change { remove: vec![world.id(1)], ..Change::default() };
        assert_eq!(
            world.try_prepare(&all[0], &change, true).err().map(|e| matches!(e, MlsError::Rights(_) | MlsError::Malformed(_))),
            Some(true)
        );
    }

    fn whoever_left_may_be_removed_by_anybody_and_a_successor_follows() {
        let mut world = World::new(3);
        let (all, server) = world.group(3);
        let departures = Departures { left: vec![world.id(0)], successor: Some(world.id(2)) };
        let change = Change { remove: vec![world.id(0)], departures: departures.clone(), ..Change::default() };
        let made = world.prepare(&all[1], &change, true);
        assert_eq!(made.next.policy().role_of(world.id(2)), Role::GroupAdmin);
        let author = world.id(1);
        let checked = server.check_commit(&made.commit, author, &world.roster, &departures).unwrap();
        let followed = all[2].process(&made.commit, author, &world.roster, &departures).unwrap();
        let members = [made.next, followed.next.unwrap()];
        agree(&mut world, &members, &checked.next);
        // Who knows of no departure refuses.
        assert!(world.check(&server, &made.commit, 1).is_err());
        assert!(world.process(&all[2], &made.commit, 1).is_err());
    }

    fn founders_must_be_admins_and_the_only_member() {
        let mut world = World::new(2);
        let mut policy = world.group_policy();
        policy.roles = BTreeMap::from([(world.id(1), Role::Owner)]);
        let p = &world.people[0];
        let founded = Conversation::found(&mut world.rng, &p.account, p.id, &policy, NOW);
        assert!(founded.is_err());
        let policy = world.group_policy();
        let p = &world.people[0];
        let founded = Conversation::found(&mut world.rng, &p.account, p.id, &policy, NOW).unwrap();
        let info = &founded.group_info;
        let taken = |chat, instance, founder| {
            PublicConversation::found(info, chat, instance, founder, &world.roster).map(|_| ())
        };
        assert_eq!(taken(CHAT, INSTANCE, world.id(0)), Ok(()));
        assert_eq!(taken(ConversationId([9; 16]), INSTANCE, world.id(0)), Err(MlsError::WrongConversation));
        assert_eq!(taken(CHAT, InstanceId([9; 16]), world.id(0)), Err(MlsError::WrongConversation));
        assert_eq!(taken(CHAT, INSTANCE, world.id(1)), Err(MlsError::WrongAuthor));
    }
}

#[test]
fn what_is_said_out_of_order_or_twice_is_refused() {
    use crate::{
        mls::{Said, check::CommitData},
        policy::Role,
    };
    let (a, b) = (MemberId([1; 16]), MemberId([2; 16]));
    let read = |said: Said| {
        let data = CommitData {
            c_n: Hash32([3; 32]),
            context: CONTEXT,
            said,
        };
        CommitData::decode(&data.encode()).map(|read| read == data)
    };
    let added = |added| Said {
        added,
        ..Said::default()
    };
    let removed = |removed| Said {
        removed,
        ..Said::default()
    };
    let roles = |roles: [MemberId; 2]| Said {
        roles: roles.map(|member| (member, Role::Member)).to_vec(),
        ..Said::default()
    };
    assert_eq!(read(added(vec![a, b])), Ok(true));
    assert_eq!(read(removed(vec![a, b])), Ok(true));
    assert_eq!(read(roles([a, b])), Ok(true));
    for said in [
        added(vec![b, a]),
        added(vec![a, a]),
        removed(vec![b, a]),
        roles([b, a]),
        roles([a, a]),
    ] {
        assert!(read(said).is_err());
    }
}
